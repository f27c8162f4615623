/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The documents that the client has open: their text is the client's, saved
 * or not.
 */
#include <stdlib.h>
#include <string.h>

#include "lsp.h"

/* realpath(), also of a file that is not there yet. */
static char *resolve(char *path)
{
	char *real = realpath(path, NULL);

	if (!real)
		return path;
	free(path);
	return real;
}

static bool is_c_file(const char *path)
{
	size_t length = strlen(path);

	return length > 2 && path[length - 2] == '.' &&
	       (path[length - 1] == 'c' || path[length - 1] == 'h');
}

static char *path_of(const char *uri)
{
	char *path = wq_lsp_uri_path(uri);

	if (path && !is_c_file(path)) {
		free(path);
		return NULL;
	}
	return path ? resolve(path) : NULL;
}

struct wq_lsp_document *
wq_lsp_document_find(const struct wq_lsp_documents *documents, const char *uri)
{
	struct wq_lsp_document *document = documents->first;

	while (document && strcmp(document->uri, uri))
		document = document->next;
	return document;
}

struct wq_lsp_document *
wq_lsp_document_at(const struct wq_lsp_documents *documents, const char *path)
{
	struct wq_lsp_document *document = documents->first;

	while (document && (!document->path || strcmp(document->path, path)))
		document = document->next;
	return document;
}

/* A copy of @count bytes with a NUL after them. */
static char *copy(const char *text, size_t count)
{
	char *bytes = malloc(count + 1);

	if (!bytes)
		abort();
	memcpy(bytes, text, count);
	bytes[count] = '\0';
	return bytes;
}

struct wq_lsp_document *
wq_lsp_document_open(struct wq_lsp_documents *documents, const char *uri,
		     json_int_t version, const char *text, size_t bytes)
{
	struct wq_lsp_document *document = wq_lsp_document_find(documents, uri);

	if (!document) {
		document = calloc(1, sizeof(*document));
		if (!document)
			abort();
		document->uri = copy(uri, strlen(uri));
		document->path = path_of(uri);
		document->next = documents->first;
		documents->first = document;
	}
	free(document->text);
	document->text = copy(text, bytes);
	document->bytes = bytes;
	document->version = version;
	document->serial++;
	return document;
}

void wq_lsp_document_close(struct wq_lsp_documents *documents, const char *uri)
{
	struct wq_lsp_document **link = &documents->first, *document;

	while (*link && strcmp((*link)->uri, uri))
		link = &(*link)->next;
	document = *link;
	if (!document)
		return;
	*link = document->next;
	free(document->uri);
	free(document->path);
	free(document->text);
	free(document);
}

/* A text on its way. */
struct text {
	char *bytes;
	size_t count;
};

/* The offset of the position @key of @range, or -1. */
static ssize_t offset_of(const struct text *text, json_t *range,
			 const char *key, bool utf8)
{
	json_t *position = json_object_get(range, key);
	json_t *line = json_object_get(position, "line");
	json_t *character = json_object_get(position, "character");

	if (!json_is_integer(line) || !json_is_integer(character) ||
	    json_integer_value(line) < 0 || json_integer_value(character) < 0)
		return -1;
	return (ssize_t)wq_lsp_offset(text->bytes, text->count,
				      json_integer_value(line),
				      json_integer_value(character), utf8);
}

static const char *apply(struct text *text, json_t *change, bool utf8)
{
	json_t *new_text = json_object_get(change, "text");
	json_t *range = json_object_get(change, "range");
	ssize_t start = 0, end = (ssize_t)text->count;
	size_t added;
	char *bytes;

	if (!json_is_string(new_text))
		return "a change has no text";
	if (range) {
		start = offset_of(text, range, "start", utf8);
		end = offset_of(text, range, "end", utf8);
		if (start < 0 || end < start)
			return "a change has no valid range";
	}
	added = json_string_length(new_text);
	bytes = malloc((size_t)start + added + text->count - (size_t)end + 1);
	if (!bytes)
		abort();
	memcpy(bytes, text->bytes, (size_t)start);
	memcpy(bytes + start, json_string_value(new_text), added);
	memcpy(bytes + start + added, text->bytes + end,
	       text->count - (size_t)end + 1);
	text->count += added - (size_t)(end - start);
	free(text->bytes);
	text->bytes = bytes;
	return NULL;
}

const char *wq_lsp_document_change(struct wq_lsp_document *document,
				   json_t *changes, bool utf8)
{
	struct text text = { .count = document->bytes };
	const char *why = NULL;
	json_t *change;
	size_t i;

	if (!json_is_array(changes))
		return "contentChanges is no list";
	text.bytes = copy(document->text, document->bytes);
	json_array_foreach(changes, i, change) {
		why = apply(&text, change, utf8);
		if (why) {
			free(text.bytes);
			return why;
		}
	}
	free(document->text);
	document->text = text.bytes;
	document->bytes = text.count;
	document->serial++;
	return NULL;
}
