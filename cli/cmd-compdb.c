/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint compdb: a compile database that clangd and its like can read. What a
 * build with GCC plugins leaves in it makes clang load them, which fails, so
 * that no file has any diagnostics but that one. All else of an entry stays
 * as it is, the form of its command included.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "replace.h"

static bool is_plugin_flag(const char *word)
{
	return !strncmp(word, "-fplugin=", strlen("-fplugin=")) ||
	       !strncmp(word, "-fplugin-arg-", strlen("-fplugin-arg-"));
}

/* @command without plugins, or NULL when a quote in it is not closed. */
static const char *clean_text(struct wq_arena *arena, const char *command)
{
	char *clean = wq_arena_alloc(arena, strlen(command) + 1);
	char *word = wq_arena_alloc(arena, strlen(command) + 1);
	char *end = clean;

	for (;;) {
		size_t blanks = strspn(command, " \t\n\r\f\v");
		const char *rest;
		char *into = word;

		if (!command[blanks])
			return clean;
		rest = wq_command_copy_word(command + blanks, &into);
		if (!rest)
			return NULL;
		if (!is_plugin_flag(word)) {
			memcpy(end, command, (size_t)(rest - command));
			end += rest - command;
		}
		command = rest;
	}
}

static int clean_arguments(json_t *list)
{
	size_t i = 0;

	if (!json_is_array(list))
		return -1;
	while (i < json_array_size(list)) {
		const char *word = json_string_value(json_array_get(list, i));

		if (!word)
			return -1;
		if (is_plugin_flag(word))
			json_array_remove(list, i);
		else
			i++;
	}
	return 0;
}

/* Returns NULL, or what is wrong with @entry. */
static const char *clean_entry(struct wq_arena *arena, json_t *entry)
{
	json_t *arguments = json_object_get(entry, "arguments");
	const char *command = json_string_value(json_object_get(entry,
								"command"));
	const char *clean;

	if (!json_is_object(entry))
		return "is no object";
	if (arguments && clean_arguments(arguments))
		return "\"arguments\" is no list of strings";
	if (!command)
		return arguments ? NULL : "has no command";
	clean = clean_text(arena, command);
	if (!clean)
		return "\"command\" has a quote that is not closed";
	json_object_set_new(entry, "command", json_string(clean));
	return NULL;
}

/* Returns the cleaned list, or NULL after a message. */
static json_t *read_database(struct wq_options *options, const char *path)
{
	json_error_t error;
	json_t *list = json_load_file(path, 0, &error), *entry;
	const char *cause;
	size_t i;

	if (!list) {
		if (access(path, R_OK))
			wq_msg("%s: %s", path, strerror(errno));
		else
			wq_msg("%s: line %d: is no valid JSON: %s", path,
			       error.line > 0 ? error.line : 1, error.text);
		return NULL;
	}
	if (!json_is_array(list)) {
		wq_msg("%s: is no list of compile commands", path);
		json_decref(list);
		return NULL;
	}
	json_array_foreach(list, i, entry) {
		cause = clean_entry(options->arena, entry);
		if (!cause)
			continue;
		wq_msg("%s: entry %zu: %s", path, i + 1, cause);
		json_decref(list);
		return NULL;
	}
	return list;
}

/* Returns 0 or a negative errno. */
static int write_stream(json_t *list, FILE *stream)
{
	errno = 0;
	if (json_dumpf(list, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER) ||
	    putc('\n', stream) == EOF || fflush(stream))
		return errno ? -errno : -EIO;
	return 0;
}

/* A file beside @path takes its place when it is whole: 0 or -errno. */
static int write_file(struct wq_arena *arena, json_t *list, const char *path)
{
	struct wq_replacement file;
	int err = wq_replace_begin(&file, arena, path, 0);

	return err ? err : wq_replace_end(&file, write_stream(list, file.out));
}

static bool is_directory(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

static enum wq_exit run(struct wq_options *options)
{
	const char *path = options->database ? options->database : ".";
	const char *output = options->output;
	json_t *list;
	int err;

	if (options->nr_args) {
		wq_msg("compdb takes no argument '%s'", options->args[0]);
		return WQ_EXIT_ERROR;
	}
	if (is_directory(path))
		path = wq_arena_printf(options->arena,
				       "%s/compile_commands.json", path);
	list = read_database(options, path);
	if (!list)
		return WQ_EXIT_ERROR;
	/* A symbolic link stays one. */
	err = output ? write_file(options->arena, list,
				  wq_path_resolve(options->arena, output)) :
		       write_stream(list, stdout);
	json_decref(list);
	if (err) {
		wq_msg("cannot write %s: %s",
		       output ? output : "to standard output",
		       strerror(-err));
		return WQ_EXIT_ERROR;
	}
	return WQ_EXIT_CLEAN;
}

const struct wq_command wq_command_compdb = {
	.name = "compdb",
	.synopsis = "[-p PATH] [-o FILE]",
	.summary = "write a compile database without GCC plugins, for clangd",
	.options = WQ_OPTIONS_COMPDB,
	.run = run,
};
