/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the children found, by module, and what of it the client gets: the
 * diagnostics of a file are those of all modules that it is part of.
 */
#include <string.h>

#include "json-parts.h"
#include "lsp.h"

/* Publishing */

/* The URI of @path as the client has it; a new string. */
static json_t *uri_of(struct wq_lsp *lsp, struct wq_arena *arena,
		      const char *path)
{
	const struct wq_lsp_document *document =
		wq_lsp_document_at(&lsp->documents, path);

	return wq_json_text(arena, document ? document->uri
					    : wq_lsp_path_uri(arena, path));
}

static bool has(json_t *list, json_t *wanted)
{
	json_t *value;
	size_t i;

	json_array_foreach(list, i, value)
		if (json_equal(value, wanted))
			return true;
	return false;
}

static void publish(struct wq_lsp *lsp, const char *path)
{
	const struct wq_lsp_document *document =
		wq_lsp_document_at(&lsp->documents, path);
	struct wq_arena *arena = wq_arena_new();
	json_t *list = json_array(), *module, *value, *params;
	const char *name;
	size_t i;

	json_object_foreach(lsp->modules, name, module)
		json_array_foreach(json_object_get(json_object_get(module,
						"diagnostics"), path), i, value)
			if (!has(list, value))
				json_array_append(list, value);
	params = json_pack("{s:o, s:o}", "uri", uri_of(lsp, arena, path),
			   "diagnostics", list);
	if (document)
		json_object_set_new(params, "version",
				    json_integer(document->version));
	wq_lsp_notify(lsp, "textDocument/publishDiagnostics", params);
	wq_arena_free(arena);
}

void wq_lsp_results_take(struct wq_lsp *lsp, json_t *result)
{
	const char *name = json_string_value(json_object_get(result, "module"));
	json_t *new_ones = json_object_get(result, "diagnostics");
	json_t *old, *old_ones, *value, *changed = json_object();
	const char *path;
	json_t *file;
	size_t i;

	if (!name || !new_ones)
		goto free_changed;
	old = json_incref(json_object_get(lsp->modules, name));
	old_ones = json_object_get(old, "diagnostics");
	json_object_set(lsp->modules, name, result);
	json_object_foreach(old_ones, path, value)
		if (!json_equal(value, json_object_get(new_ones, path)))
			json_object_set_new(changed, path, json_null());
	json_object_foreach(new_ones, path, value)
		if (!json_equal(value, json_object_get(old_ones, path)))
			json_object_set_new(changed, path, json_null());
	/* Who has a file open is told that it is clean, in which version. */
	json_array_foreach(json_object_get(result, "files"), i, file)
		if (wq_lsp_document_at(&lsp->documents,
				       json_string_value(file)))
			json_object_set_new(changed, json_string_value(file),
					    json_null());
	json_object_foreach(changed, path, value)
		publish(lsp, path);
	json_decref(old);
free_changed:
	json_decref(changed);
}

static bool has_open_file(const struct wq_lsp *lsp, json_t *module)
{
	json_t *file;
	size_t i;

	json_array_foreach(json_object_get(module, "files"), i, file)
		if (wq_lsp_document_at(&lsp->documents,
				       json_string_value(file)))
			return true;
	return false;
}

void wq_lsp_results_forget(struct wq_lsp *lsp)
{
	json_t *module, *value;
	const char *name, *path;
	void *next;

	json_object_foreach_safe(lsp->modules, next, name, module) {
		if (has_open_file(lsp, module))
			continue;
		json_incref(module);
		json_object_del(lsp->modules, name);
		json_object_foreach(json_object_get(module, "diagnostics"),
				    path, value)
			publish(lsp, path);
		json_decref(module);
	}
}

/* Places */

static struct wq_lsp_document *document_of(struct wq_lsp *lsp, json_t *params)
{
	json_t *item = json_object_get(params, "textDocument");
	const char *uri = json_string_value(json_object_get(item, "uri"));

	return uri ? wq_lsp_document_find(&lsp->documents, uri) : NULL;
}

static json_int_t number(json_t *position, const char *key)
{
	return json_integer_value(json_object_get(position, key));
}

/* Is position @a not after @b? */
static bool is_before(json_t *a, json_t *b)
{
	json_int_t left = number(a, "line"), right = number(b, "line");

	if (left != right)
		return left < right;
	return number(a, "character") <= number(b, "character");
}

/* Do the ranges touch? */
static bool touches(json_t *a, json_t *b)
{
	return is_before(json_object_get(a, "start"),
			 json_object_get(b, "end")) &&
	       is_before(json_object_get(b, "start"),
			 json_object_get(a, "end"));
}

static bool is_of(json_t *entry, const struct wq_lsp_document *document)
{
	const char *path = json_string_value(json_object_get(entry, "path"));

	return path && document->path && !strcmp(path, document->path);
}

/* Code actions */

/* Are all texts that @changes are for still those? */
static bool is_current(struct wq_lsp *lsp, json_t *changes)
{
	json_t *change, *version;
	size_t i;

	json_array_foreach(changes, i, change) {
		const struct wq_lsp_document *document = wq_lsp_document_at(
			&lsp->documents, json_string_value(
				json_object_get(change, "path")));

		version = json_object_get(change, "version");
		if (document ? !json_is_integer(version) ||
			       json_integer_value(version) != document->version
			     : json_is_integer(version))
			return false;
	}
	return true;
}

static json_t *workspace_edit(struct wq_lsp *lsp, struct wq_arena *arena,
			      json_t *changes)
{
	json_t *list = json_array(), *map = json_object(), *change, *uri;
	size_t i;

	json_array_foreach(changes, i, change) {
		uri = uri_of(lsp, arena, json_string_value(
				json_object_get(change, "path")));
		json_object_set(map, json_string_value(uri),
				json_object_get(change, "edits"));
		json_array_append_new(list, json_pack("{s:{s:o, s:O}, s:O}",
			"textDocument", "uri", uri, "version",
			json_object_get(change, "version"),
			"edits", json_object_get(change, "edits")));
	}
	if (lsp->has_versions) {
		json_decref(map);
		return json_pack("{s:o}", "documentChanges", list);
	}
	json_decref(list);
	return json_pack("{s:o}", "changes", map);
}

/* Does the client want to see actions of this kind? */
static bool wants_fixes(json_t *params)
{
	json_t *only = json_object_get(json_object_get(params, "context"),
				       "only"), *kind;
	size_t i;

	json_array_foreach(only, i, kind)
		if (json_is_string(kind) &&
		    (!*json_string_value(kind) ||
		     !strcmp(json_string_value(kind), "quickfix")))
			return true;
	return !json_array_size(only);
}

static void add_actions(struct wq_lsp *lsp, struct wq_arena *arena,
			json_t *params, json_t *actions, json_t *list)
{
	const struct wq_lsp_document *document = document_of(lsp, params);
	json_t *action, *diagnostic, *changes;
	size_t i;

	json_array_foreach(actions, i, action) {
		diagnostic = json_object_get(action, "diagnostic");
		changes = json_object_get(action, "changes");
		if (!is_of(action, document) ||
		    !touches(json_object_get(params, "range"),
			     json_object_get(diagnostic, "range")) ||
		    !is_current(lsp, changes))
			continue;
		json_array_append_new(list, json_pack(
			"{s:O, s:s, s:[O], s:b, s:o}",
			"title", json_object_get(action, "title"),
			"kind", "quickfix", "diagnostics", diagnostic,
			"isPreferred", 1,
			"edit", workspace_edit(lsp, arena, changes)));
	}
}

json_t *wq_lsp_results_actions(struct wq_lsp *lsp, json_t *params)
{
	struct wq_arena *arena;
	json_t *list = json_array(), *module;
	const char *name;

	if (!document_of(lsp, params) || !wants_fixes(params))
		return list;
	arena = wq_arena_new();
	json_object_foreach(lsp->modules, name, module)
		add_actions(lsp, arena, params,
			    json_object_get(module, "actions"), list);
	wq_arena_free(arena);
	return list;
}

/* Hovers */

static bool in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* The name at @position, in @arena; *@range is where it is. */
static const char *word_at(struct wq_lsp *lsp, struct wq_arena *arena,
			   const struct wq_lsp_document *document,
			   json_t *position, json_t **range)
{
	size_t start = wq_lsp_offset(document->text, document->bytes,
				     number(position, "line"),
				     number(position, "character"), lsp->utf8);
	size_t end = start;

	while (start && in_word(document->text[start - 1]))
		start--;
	while (in_word(document->text[end]))
		end++;
	if (start == end)
		return NULL;
	*range = wq_lsp_range(document->text, document->bytes, start,
			      end - start, lsp->utf8);
	return wq_arena_printf(arena, "%.*s", (int)(end - start),
			       document->text + start);
}

static json_t *hover(json_t *text, json_t *range)
{
	return json_pack("{s:{s:s, s:o}, s:O}", "contents", "kind",
			 "markdown", "value", text, "range", range);
}

static const char *text_of(json_t *module, json_t *name)
{
	json_t *texts = json_object_get(module, "texts");
	const char *text = json_string_value(json_object_get(texts,
					json_string_value(name)));

	return text ? text : "";
}

/* The texts of all that have @word as the last part of their name. */
static json_t *hover_of_word(struct wq_arena *arena, json_t *module,
			     const char *word, json_t *range)
{
	json_t *list = json_object_get(json_object_get(module, "names"), word);
	const char *text = NULL;
	json_t *name;
	size_t i;

	json_array_foreach(list, i, name)
		text = wq_arena_printf(arena, "%s%s%s", text ? text : "",
				       text ? "\n\n" : "",
				       text_of(module, name));
	return text ? hover(wq_json_text(arena, text), range) : NULL;
}

/* A call at @position that a work item or a queue is in. */
static json_t *hover_of_call(struct wq_arena *arena, json_t *module,
			     const struct wq_lsp_document *document,
			     json_t *position)
{
	json_t *entry, *range;
	size_t i;

	json_array_foreach(json_object_get(module, "hovers"), i, entry) {
		range = json_object_get(entry, "range");
		if (is_of(entry, document) &&
		    is_before(json_object_get(range, "start"), position) &&
		    is_before(position, json_object_get(range, "end")))
			return hover(wq_json_text(arena, text_of(module,
					json_object_get(entry, "name"))),
				     range);
	}
	return NULL;
}

static bool is_part_of(json_t *module, const struct wq_lsp_document *document)
{
	json_t *file;
	size_t i;

	json_array_foreach(json_object_get(module, "files"), i, file)
		if (!strcmp(json_string_value(file), document->path))
			return true;
	return false;
}

json_t *wq_lsp_results_hover(struct wq_lsp *lsp, json_t *params)
{
	const struct wq_lsp_document *document = document_of(lsp, params);
	json_t *position = json_object_get(params, "position");
	json_t *module, *range = NULL, *found = NULL;
	struct wq_arena *arena;
	const char *name, *word;

	if (!document || !document->path)
		return json_null();
	arena = wq_arena_new();
	word = word_at(lsp, arena, document, position, &range);
	json_object_foreach(lsp->modules, name, module) {
		if (found || !is_part_of(module, document))
			continue;
		/* A call says more exactly which of that name is meant. */
		found = hover_of_call(arena, module, document, position);
		if (!found && word)
			found = hover_of_word(arena, module, word, range);
	}
	json_decref(range);
	wq_arena_free(arena);
	return found ? found : json_null();
}
