/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of files.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

const char *wq_path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool wq_path_is_c_source(const char *path)
{
	size_t length = strlen(path);

	return length > 2 && !strcmp(path + length - 2, ".c");
}

const char *wq_path_temporary(void)
{
	const char *directory = getenv("TMPDIR");

	return directory && *directory ? directory : "/tmp";
}

const char *wq_path_resolve(struct wq_arena *arena, const char *path)
{
	char *resolved = realpath(path, NULL);
	const char *copy = wq_arena_copy(arena, resolved ? resolved : path);

	free(resolved);
	return copy;
}

const char *wq_path_absolute(struct wq_arena *arena, const char *directory,
			     const char *path)
{
	const char *from = path[0] == '/' ? path :
			   wq_arena_printf(arena, "%s/%s", directory, path);
	char *into = wq_arena_alloc(arena, strlen(from) + 2), *end = into;

	while (*from) {
		size_t length;

		from += strspn(from, "/");
		length = strcspn(from, "/");
		if (length == 2 && !strncmp(from, "..", 2)) {
			while (end > into && *--end != '/')
				;
		} else if (length && !(length == 1 && *from == '.')) {
			*end++ = '/';
			memcpy(end, from, length);
			end += length;
		}
		from += length;
	}
	if (end == into)
		*end++ = '/';
	*end = '\0';
	return into;
}

const char *wq_path_below(const char *base, const char *path)
{
	size_t length = strlen(base);

	if (strncmp(path, base, length) || path[length] != '/')
		return path;
	return path + length + 1;
}

const char *wq_path_common(struct wq_arena *arena, const char *a,
			   const char *b)
{
	size_t i, last = 0;

	for (i = 0; ; i++) {
		if ((!a[i] || a[i] == '/') && (!b[i] || b[i] == '/'))
			last = i;
		if (!a[i] || a[i] != b[i])
			break;
	}
	return last ? wq_arena_printf(arena, "%.*s", (int)last, a) : "/";
}
