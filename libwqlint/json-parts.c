/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the reports in JSON share.
 */
#include <errno.h>
#include <string.h>

#include "json-parts.h"

json_t *wq_json_text(struct wq_arena *arena, const char *text)
{
	json_t *value;
	char *copy, *c;

	if (!text)
		return json_null();
	value = json_string(text);
	if (value)
		return value;
	copy = wq_arena_alloc(arena, strlen(text) + 1);
	strcpy(copy, text);
	for (c = copy; *c; c++)
		if ((unsigned char)*c > 0x7f)
			*c = '?';
	return json_string(copy);
}

int wq_json_print(FILE *out, json_t *value, size_t flags)
{
	int err = 0;

	if (!value)
		return -ENOMEM;
	errno = 0;
	if (json_dumpf(value, out, flags) || fputc('\n', out) == EOF)
		err = errno ? -errno : -EIO;
	json_decref(value);
	return err;
}
