/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * .wqlint.conf, in the manner of .checkpatch.conf: options as on the command
 * line, "#" begins a comment. The one that is nearest, from the working
 * directory up to the top of the source tree; the build directory of a kernel
 * made with O= knows its tree by a link "source".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define NAME	".wqlint.conf"

static const char *find_in(struct wq_arena *arena, const char *directory)
{
	const char *path = wq_arena_printf(arena, "%s/" NAME, directory);

	return access(path, F_OK) ? NULL : path;
}

/* From @directory up to its tree's top; only itself where there is no top. */
static const char *find_above(struct wq_arena *arena, const char *directory)
{
	const char *top = wq_tree_top(arena, directory);
	const char *path = find_in(arena, directory), *name;

	while (!path && top && strcmp(directory, top)) {
		name = wq_path_name(directory);
		directory = wq_arena_printf(arena, "%.*s",
					    (int)(name - directory - 1),
					    directory);
		path = find_in(arena, directory);
	}
	return path;
}

const char *wq_config_find(struct wq_arena *arena)
{
	char *directory = getcwd(NULL, 0);
	const char *path = NULL;

	if (directory) {
		path = find_above(arena, directory);
		if (!path)
			path = find_above(arena, wq_path_resolve(arena,
				wq_arena_printf(arena, "%s/source",
						directory)));
	}
	free(directory);
	return path;
}

/* The words of @line up to a comment, each with its line's number. */
static void add_words(struct wq_arena *arena, struct wq_config *config,
		      char *line, unsigned int number)
{
	char *word, *rest = NULL;

	for (word = strtok_r(line, " \t\r\n", &rest); word && *word != '#';
	     word = strtok_r(NULL, " \t\r\n", &rest)) {
		config->words = wq_arena_grow(arena, config->words,
					      config->count,
					      sizeof(*config->words));
		config->lines = wq_arena_grow(arena, config->lines,
					      config->count,
					      sizeof(*config->lines));
		config->words[config->count] = (char *)wq_arena_copy(arena, word);
		config->lines[config->count++] = number;
	}
}

int wq_config_read(struct wq_arena *arena, const char *path,
		   struct wq_config *config)
{
	FILE *file = fopen(path, "re");
	unsigned int number = 0;
	char *line = NULL;
	size_t bytes = 0;
	int err;

	memset(config, 0, sizeof(*config));
	config->path = path;
	errno = 0;
	while (file && getline(&line, &bytes, file) >= 0)
		add_words(arena, config, line, ++number);
	err = !file || ferror(file) ? errno : 0;
	if (file)
		fclose(file);
	free(line);
	if (err) {
		wq_msg("%s: %s", path, strerror(err));
		return -1;
	}
	/* ended by NULL */
	config->words = wq_arena_grow(arena, config->words, config->count,
				      sizeof(*config->words));
	config->words[config->count] = NULL;
	return 0;
}
