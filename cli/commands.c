/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compile commands among the other commands of a recipe.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"

static bool has_argument(const char *const *argv, const char *wanted)
{
	for (; *argv; argv++)
		if (!strcmp(*argv, wanted))
			return true;
	return false;
}

void wq_commands_add(struct wq_commands *commands, const char *output,
		     const char *source, const char *const *argv)
{
	commands->list = wq_arena_grow(commands->arena, commands->list,
				       commands->count,
				       sizeof(*commands->list));
	commands->list[commands->count++] = (struct wq_kernel_command){
		.output = output, .source = source, .argv = argv,
	};
}

/* Add the command @text if it compiles one C source to an object. */
static void add_text(struct wq_commands *commands, const char *text)
{
	const char *const *argv = wq_command_split(commands->arena, text);
	const char *const *sources;
	const char *output;

	if (!argv || !*argv || !has_argument(argv, "-c"))
		return;
	output = wq_command_output(argv);
	sources = wq_command_sources(commands->arena, argv);
	if (!output || !sources[0] || sources[1] || !strcmp(sources[0], "-"))
		return;
	wq_commands_add(commands, output, sources[0], argv);
}

/* The end of the command at @text: ; & | or the end, not in quotes. */
static char *command_end(char *text)
{
	char quote = 0;

	for (; *text; text++) {
		if (quote == '\'' ? *text == '\'' : quote && *text == quote)
			quote = 0;
		else if (*text == '\\' && quote != '\'' && text[1])
			text++;
		else if (!quote && (*text == '\'' || *text == '"'))
			quote = *text;
		else if (!quote && strchr(";&|", *text))
			break;
	}
	return text;
}

void wq_commands_add_line(struct wq_commands *commands, char *line)
{
	char *end, rest;

	if (!strstr(line, commands->mark))
		return;
	for (; *line; line = rest ? end + 1 : end) {
		end = command_end(line);
		rest = *end;
		*end = '\0';
		line += strspn(line, " \t");
		if (strstr(line, commands->mark))
			add_text(commands, line);
	}
}

/* Parallel makes print in any order, and one object is compiled once. */

static int compare_commands(const void *left, const void *right)
{
	const struct wq_kernel_command *a = left, *b = right;

	return strcmp(a->output, b->output);
}

static void sort_commands(struct wq_commands *commands)
{
	struct wq_kernel_command *list = commands->list;
	unsigned int i, count = 0;

	if (!commands->count)
		return;
	qsort(list, commands->count, sizeof(*list), compare_commands);
	for (i = 1; i < commands->count; i++)
		if (compare_commands(&list[count], &list[i]))
			list[++count] = list[i];
	commands->count = count + 1;
}

void wq_commands_finish(struct wq_commands *commands,
			const struct wq_kernel *tree,
			struct wq_compdb *database)
{
	unsigned int i;

	sort_commands(commands);
	database->path = tree->build;
	database->compiles = wq_arena_alloc(commands->arena,
					    (commands->count + 1) *
					    sizeof(*database->compiles));
	for (i = 0; i < commands->count; i++)
		database->compiles[i] = (struct wq_compile){
			.directory = tree->build,
			.source = commands->list[i].source,
			.argv = commands->list[i].argv,
		};
	database->count = database->nr_entries = commands->count;
}

const char *const *wq_kernel_directories(struct wq_arena *arena,
					 const struct wq_kernel *tree,
					 char **names)
{
	static const char *const all[] = { "", NULL };
	const char **directories = NULL, *path;
	unsigned int count = 0;
	struct stat status;

	for (; *names; names++) {
		path = wq_path_absolute(arena, tree->source, *names);
		if (stat(path, &status) || !S_ISDIR(status.st_mode) ||
		    !strcmp(path, tree->source))
			return all;
		directories = wq_arena_grow(arena, directories, count,
					    sizeof(*directories));
		directories[count++] = wq_arena_printf(arena, "%s/",
			wq_path_below(tree->source, path));
	}
	if (!count)
		return all;
	directories = wq_arena_grow(arena, directories, count,
				    sizeof(*directories));
	directories[count] = NULL;
	return directories;
}

/* What make builds of @directories: the goals of its command line. */
static const char *const *targets_of(const char *const *directories)
{
	static const char *const all[] = { "vmlinux", "modules", NULL };

	return **directories ? directories : all;
}

int wq_kernel_commands(struct wq_arena *arena, const struct wq_kernel *tree,
		       const char *const *directories, unsigned int jobs,
		       struct wq_cache *cache, struct wq_file_digests *files,
		       struct wq_compdb *database, bool *cached)
{
	const char *const *targets = targets_of(directories);
	const char *cause;

	*cached = false;
	if (wq_built_commands(arena, tree, directories, database, &cause)) {
		wq_msg("compile commands: the .cmd files of a build");
		return 0;
	}
	if (wq_dry_run(arena, tree, targets, jobs, cache, files, database,
		       cached))
		return -1;
	wq_msg("compile commands: %s of make %s%s%s%s%s%s",
	       *cached ? "an earlier dry run" : "a dry run", targets[0],
	       targets[1] ? " " : "", !targets[1] ? "" :
	       **directories ? "..." : targets[1],
	       cause ? " (not of the build: " : "", cause ? cause : "",
	       cause ? ")" : "");
	return 0;
}
