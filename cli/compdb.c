/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compile_commands.json: a list of objects with "directory", "file" and
 * either "command" (one string) or "arguments" (a list of them).
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

struct reader {
	struct wq_arena *arena;
	struct wq_compdb *database;
	const char *directory;		/* of the file: base of relative ones */
	const char *last_directory;	/* as written, and resolved */
	const char *last_resolved;
	unsigned int entry;		/* from 1 */
};

__attribute__((format(printf, 2, 3)))
static int complain(const struct reader *reader, const char *format, ...)
{
	va_list args;
	char text[256];

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	wq_msg("%s: entry %u: %s", reader->database->path, reader->entry,
	       text);
	return -1;
}

/* The string @key of @entry, or NULL after a message. */
static const char *get_string(const struct reader *reader, json_t *entry,
			      const char *key)
{
	json_t *value = json_object_get(entry, key);

	if (!value)
		complain(reader, "\"%s\" is missing", key);
	else if (!json_is_string(value))
		complain(reader, "\"%s\" is no string", key);
	else if (!*json_string_value(value))
		complain(reader, "\"%s\" is empty", key);
	else
		return json_string_value(value);
	return NULL;
}

static const char *const *get_arguments(const struct reader *reader,
					json_t *list)
{
	size_t count = json_array_size(list), i;
	const char **argv;

	if (!json_is_array(list)) {
		complain(reader, "\"arguments\" is no list");
		return NULL;
	}
	argv = wq_arena_alloc(reader->arena, (count + 1) * sizeof(*argv));
	for (i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text) {
			complain(reader, "\"arguments\" has an element that "
				 "is no string");
			return NULL;
		}
		argv[i] = wq_arena_copy(reader->arena, text);
	}
	return argv;
}

static const char *const *get_command(const struct reader *reader,
				      json_t *entry)
{
	json_t *list = json_object_get(entry, "arguments");
	const char *const *argv;
	const char *text;

	if (list) {
		argv = get_arguments(reader, list);
	} else if (!json_object_get(entry, "command")) {
		complain(reader, "\"command\" and \"arguments\" are missing");
		return NULL;
	} else {
		text = get_string(reader, entry, "command");
		argv = text ? wq_command_split(reader->arena, text) : NULL;
		if (text && !argv)
			complain(reader, "\"command\" has a quote that is "
				 "not closed");
	}
	if (argv && !argv[0]) {
		complain(reader, "the command is empty");
		return NULL;
	}
	return argv;
}

/* Entries of one directory follow one another: ask the system once. */
static const char *resolve_directory(struct reader *reader, const char *name)
{
	if (!reader->last_directory || strcmp(reader->last_directory, name)) {
		reader->last_directory = wq_arena_copy(reader->arena, name);
		reader->last_resolved = wq_path_resolve(reader->arena,
			wq_path_absolute(reader->arena, reader->directory,
					 name));
	}
	return reader->last_resolved;
}

/*
 * The source as it is in the command: its "file" may be absolute where that
 * is relative, as the kernel's gen_compile_commands.py has it.
 */
static const char *find_source(const struct reader *reader,
			       const struct wq_compile *compile,
			       const char *file)
{
	const char *const *sources = wq_command_sources(reader->arena,
							compile->argv);
	const char *path = wq_path_absolute(reader->arena, compile->directory,
					    file);
	const char *const *source;

	for (source = sources; *source; source++)
		if (!strcmp(*source, file))
			return *source;
	for (source = sources; *source; source++)
		if (!strcmp(wq_path_absolute(reader->arena, compile->directory,
					     *source), path))
			return *source;
	/* One, by way of a symlink perhaps, can only be that. */
	return sources[0] && !sources[1] ? sources[0]
					 : wq_arena_copy(reader->arena, file);
}

static int read_entry(struct reader *reader, json_t *entry)
{
	struct wq_compdb *database = reader->database;
	const char *directory, *file;
	struct wq_compile *compile;

	if (!json_is_object(entry))
		return complain(reader, "is no object");
	file = get_string(reader, entry, "file");
	directory = file ? get_string(reader, entry, "directory") : NULL;
	if (!directory)
		return -1;
	compile = &database->compiles[database->count];
	compile->argv = get_command(reader, entry);
	if (!compile->argv)
		return -1;
	if (!wq_path_is_c_source(file))
		return 0;
	compile->directory = resolve_directory(reader, directory);
	compile->source = find_source(reader, compile, file);
	database->count++;
	return 0;
}

static int read_entries(struct reader *reader, json_t *list)
{
	struct wq_compdb *database = reader->database;
	unsigned int i;

	if (!json_is_array(list)) {
		wq_msg("%s: is no list of compile commands", database->path);
		return -1;
	}
	database->nr_entries = (unsigned int)json_array_size(list);
	database->compiles = wq_arena_alloc(reader->arena,
					    (database->nr_entries + 1) *
					    sizeof(*database->compiles));
	for (i = 0; i < database->nr_entries; i++) {
		reader->entry = i + 1;
		if (read_entry(reader, json_array_get(list, i)))
			return -1;
	}
	return 0;
}

int wq_compdb_parse(struct wq_arena *arena, json_t *list,
		    struct wq_compdb *database)
{
	struct reader reader = {
		.arena = arena, .database = database, .directory = "/",
	};

	return read_entries(&reader, list);
}

static json_t *load(const char *path)
{
	FILE *stream = fopen(path, "re");
	json_error_t error;
	json_t *list;

	if (!stream) {
		wq_msg("%s: %s", path, strerror(errno));
		return NULL;
	}
	list = json_loadf(stream, 0, &error);
	if (ferror(stream))
		wq_msg("%s: %s", path, strerror(errno));
	else if (!list)
		wq_msg("%s: line %d: is no valid JSON: %s", path,
		       error.line > 0 ? error.line : 1, error.text);
	fclose(stream);
	return list;
}

int wq_compdb_read(struct wq_arena *arena, const char *path,
		   struct wq_compdb *database)
{
	struct reader reader = { .arena = arena, .database = database };
	struct stat status;
	json_t *list;
	int err;

	memset(database, 0, sizeof(*database));
	if (!stat(path, &status) && S_ISDIR(status.st_mode))
		path = wq_arena_printf(arena, "%s/compile_commands.json",
				       path);
	database->path = path;
	list = load(path);
	if (!list)
		return -1;
	reader.directory = wq_path_absolute(arena,
					    wq_path_resolve(arena, path),
					    "..");
	err = read_entries(&reader, list);
	json_decref(list);
	return err;
}
