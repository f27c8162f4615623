/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The top of the source tree: names of files in reports are seen from there,
 * wherever the objects are and wherever the command is run.
 */
#include <unistd.h>

#include "cli.h"

/* So many directories of sources are asked about, not all of a kernel's. */
#define MAX_DIRECTORIES	64

static bool has(struct wq_arena *arena, const char *directory,
		const char *name)
{
	return !access(wq_arena_printf(arena, "%s/%s", directory, name), F_OK);
}

/* A checkout of git's, or an unpacked kernel. */
static bool is_top(struct wq_arena *arena, const char *directory)
{
	return has(arena, directory, ".git") ||
	       (has(arena, directory, "MAINTAINERS") &&
		has(arena, directory, "Kbuild"));
}

static const char *parent_of(struct wq_arena *arena, const char *path)
{
	const char *name = wq_path_name(path);

	return name > path + 1 ?
	       wq_arena_printf(arena, "%.*s", (int)(name - path - 1), path) :
	       NULL;
}

const char *wq_tree_top(struct wq_arena *arena, const char *directory)
{
	while (directory && !is_top(arena, directory))
		directory = parent_of(arena, directory);
	return directory;
}

const char *wq_tree_base(struct wq_options *options, const char *base,
			 wq_tree_file_fn file_of, const void *context,
			 unsigned int count)
{
	struct wq_arena *arena = options->arena;
	const char *directory, *top, *last = NULL;
	unsigned int i, nr_asked = 0;

	if (options->root)
		return options->root;
	for (i = 0; i < count && nr_asked < MAX_DIRECTORIES; i++) {
		directory = parent_of(arena, file_of(arena, context, i));
		if (!directory)
			continue;
		directory = wq_arena_intern(arena, directory);
		if (directory == last)
			continue;
		last = directory;
		nr_asked++;
		top = wq_tree_top(arena, directory);
		if (top)
			return top;
	}
	return base;
}
