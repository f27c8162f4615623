/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which compile database a file is in, and the commands of its module. A
 * kernel's database takes long to read: that is the child's part, and the
 * server keeps what it selected until the database changes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json-parts.h"
#include "lsp.h"

static bool is_file(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISREG(status.st_mode);
}

/* The one in the directory of @path or the nearest one above it, or NULL. */
static const char *find_above(struct wq_arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/'), *name;

	while (slash) {
		name = wq_arena_printf(arena, "%.*s/" WQ_LSP_DATABASE,
				       (int)(slash - path), path);
		if (is_file(name))
			return name;
		do
			slash = slash > path ? slash - 1 : NULL;
		while (slash && *slash != '/');
	}
	return NULL;
}

const char *wq_lsp_database_find(const struct wq_lsp_databases *databases,
				 struct wq_arena *arena, const char *path,
				 struct stat *status)
{
	const char *name = databases->given;

	if (name && !stat(name, status) && S_ISDIR(status->st_mode))
		name = wq_arena_printf(arena, "%s/" WQ_LSP_DATABASE, name);
	if (!name)
		name = find_above(arena, path);
	if (!name && databases->root)
		name = wq_arena_printf(arena, "%s/" WQ_LSP_DATABASE,
				       databases->root);
	return name && !stat(name, status) ? name : NULL;
}

/* What was selected */

static bool is_of(const struct wq_lsp_selection *selection, const char *name,
		  const struct stat *status)
{
	return selection->bytes == status->st_size &&
	       selection->changed.tv_sec == status->st_mtim.tv_sec &&
	       selection->changed.tv_nsec == status->st_mtim.tv_nsec &&
	       !strcmp(selection->database, name);
}

const struct wq_lsp_selection *
wq_lsp_selection_find(struct wq_lsp_databases *databases, const char *name,
		      const struct stat *status, const char *path)
{
	struct wq_lsp_selection **link = &databases->first, *selection;

	while ((selection = *link)) {
		if (strcmp(selection->path, path)) {
			link = &selection->next;
			continue;
		}
		if (is_of(selection, name, status))
			return selection;
		*link = selection->next;
		wq_arena_free(selection->arena);
	}
	return NULL;
}

void wq_lsp_databases_free(struct wq_lsp_databases *databases)
{
	struct wq_lsp_selection *selection;

	while ((selection = databases->first)) {
		databases->first = selection->next;
		wq_arena_free(selection->arena);
	}
}

json_t *wq_lsp_selection_json(const struct wq_lsp_selection *selection)
{
	struct wq_arena *arena = selection->arena;
	json_t *units = json_array(), *words;
	const char *const *arg;
	unsigned int i;

	for (i = 0; i < selection->units.count; i++) {
		const struct wq_compile *compile =
			&selection->units.compiles[i];

		words = json_array();
		for (arg = compile->argv; *arg; arg++)
			json_array_append_new(words, wq_json_text(arena, *arg));
		json_array_append_new(units, json_pack("{s:o, s:o, s:o}",
			"directory", wq_json_text(arena, compile->directory),
			"file", wq_json_text(arena, compile->source),
			"arguments", words));
	}
	return json_pack("{s:o, s:o, s:I, s:I, s:I, s:i, s:i, s:o, s:o}",
		"path", wq_json_text(arena, selection->path),
		"database", wq_json_text(arena, selection->database),
		"seconds", (json_int_t)selection->changed.tv_sec,
		"nanoseconds", (json_int_t)selection->changed.tv_nsec,
		"bytes", (json_int_t)selection->bytes,
		"own", selection->own == WQ_LSP_NO_COMMAND
		       ? -1 : (int)selection->own,
		"nr_own", (int)selection->nr_own,
		"modules", wq_json_text(arena, selection->modules),
		"selection", units);
}

static const char *text_of(struct wq_arena *arena, json_t *line,
			   const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return wq_arena_copy(arena, text ? text : "");
}

static json_int_t number_of(json_t *line, const char *key)
{
	return json_integer_value(json_object_get(line, key));
}

/* The sources of the units, absolute. */
static void name_sources(struct wq_lsp_selection *selection)
{
	unsigned int i;

	selection->sources = wq_arena_alloc(selection->arena,
		(selection->units.count + 1) * sizeof(*selection->sources));
	for (i = 0; i < selection->units.count; i++)
		selection->sources[i] = wq_path_absolute(selection->arena,
			selection->units.compiles[i].directory,
			selection->units.compiles[i].source);
}

const struct wq_lsp_selection *
wq_lsp_selection_take(struct wq_lsp_databases *databases, json_t *line)
{
	struct wq_arena *arena = wq_arena_new();
	struct wq_lsp_selection *selection = wq_arena_alloc(arena,
							    sizeof(*selection));
	json_int_t own = number_of(line, "own");

	selection->arena = arena;
	selection->path = text_of(arena, line, "path");
	selection->database = text_of(arena, line, "database");
	selection->modules = text_of(arena, line, "modules");
	selection->changed.tv_sec = (time_t)number_of(line, "seconds");
	selection->changed.tv_nsec = (long)number_of(line, "nanoseconds");
	selection->bytes = (off_t)number_of(line, "bytes");
	selection->own = own < 0 ? WQ_LSP_NO_COMMAND : (unsigned int)own;
	selection->nr_own = (unsigned int)number_of(line, "nr_own");
	selection->units.path = selection->database;
	if (wq_compdb_parse(arena, json_object_get(line, "selection"),
			    &selection->units)) {
		wq_arena_free(arena);
		return NULL;
	}
	name_sources(selection);
	selection->next = databases->first;
	databases->first = selection;
	return selection;
}
