/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a source says about headers before it says anything else: which it
 * includes, and whether it defines macros that they could see.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prefix-headers.h"

/*
 * Macros that change messages only. Headers' own messages are not looked at.
 */
static const char *const harmless[] = {
	"DEBUG", "KMSG_COMPONENT", "VERBOSE_DEBUG", "dev_fmt", "pr_fmt", NULL
};

static bool is_harmless(const char *name, size_t bytes)
{
	const char *const *known;

	for (known = harmless; *known; known++)
		if (strlen(*known) == bytes && !memcmp(*known, name, bytes))
			return true;
	return false;
}

static const char *skip_spaces(const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

/* The directive's name at @text, after "#"; moves behind it and spaces. */
static bool is_directive(const char **text, const char *name)
{
	const char *at = skip_spaces(*text);
	size_t bytes = strlen(name);

	if (*at != '#')
		return false;
	at = skip_spaces(at + 1);
	if (strncmp(at, name, bytes) || isalnum((unsigned char)at[bytes]))
		return false;
	*text = skip_spaces(at + bytes);
	return true;
}

static void add_header(struct wq_arena *arena, struct wq_headers *headers,
		       const char *text)
{
	const char *end = strchr(text, '>');

	if (*text != '<' || !end)
		return;
	headers->names = wq_arena_grow(arena, headers->names, headers->count,
				       sizeof(*headers->names));
	headers->names[headers->count++] =
		wq_arena_intern_bytes(arena, text + 1,
				      (size_t)(end - text - 1));
}

static bool defines_other(const char *line)
{
	size_t bytes = 0;

	if (!is_directive(&line, "define") && !is_directive(&line, "undef"))
		return false;
	while (isalnum((unsigned char)line[bytes]) || line[bytes] == '_')
		bytes++;
	return !is_harmless(line, bytes);
}

int wq_headers_read(struct wq_arena *arena, const char *path,
		    struct wq_headers *headers)
{
	FILE *in = fopen(path, "re");
	bool defines = false;
	char *line = NULL;
	size_t size = 0;

	memset(headers, 0, sizeof(*headers));
	if (!in)
		return -1;
	/* After the first function or initialiser it is something else. */
	while (getline(&line, &size, in) > 0 && !strchr(line, '{')) {
		const char *text = line;

		if (is_directive(&text, "include")) {
			headers->defines_before |= defines;
			add_header(arena, headers, text);
		} else {
			defines |= defines_other(line);
		}
	}
	free(line);
	fclose(in);
	return 0;
}
