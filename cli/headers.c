/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which headers a source includes, and which macros it defines that they could
 * see.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "headers.h"

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

/* The name between @text and @end, or NULL. */
static const char *quoted(struct wq_arena *arena, const char *text, char end)
{
	const char *last = strchr(text, end);

	return last ? wq_arena_intern_bytes(arena, text, (size_t)(last - text))
		    : NULL;
}

static void add_name(struct wq_arena *arena, const char ***names,
		     unsigned int *count, const char *name)
{
	if (!name)
		return;
	*names = wq_arena_grow(arena, *names, *count, sizeof(**names));
	(*names)[(*count)++] = name;
}

/* @text is what comes after #include, in the file at @path. */
static void add_include(struct wq_arena *arena, struct wq_source_headers *headers,
			const char *path, const char *text)
{
	const char *name;

	if (*text == '<') {
		add_name(arena, &headers->names, &headers->count,
			 quoted(arena, text + 1, '>'));
	} else if (*text == '"') {
		name = quoted(arena, text + 1, '"');
		if (name && name[0] != '/')
			name = wq_arena_printf(arena, "%.*s%s",
				(int)(wq_path_name(path) - path), path, name);
		add_name(arena, &headers->locals, &headers->nr_locals, name);
	}
}

/* The macro that @line defines or undefines, or NULL. */
static const char *other_macro(struct wq_arena *arena, const char *line)
{
	size_t bytes = 0;

	if (!is_directive(&line, "define") && !is_directive(&line, "undef"))
		return NULL;
	while (isalnum((unsigned char)line[bytes]) || line[bytes] == '_')
		bytes++;
	return is_harmless(line, bytes) ? NULL
					: wq_arena_copy_bytes(arena, line,
							      bytes);
}

/* Macros that no #include follows do not matter, and some files have many. */
static void add_macros(struct wq_arena *arena, struct wq_source_headers *headers,
		       struct wq_words *since)
{
	unsigned int i;

	for (i = 0; i < since->count; i++)
		add_name(arena, &headers->macros, &headers->nr_macros,
			 wq_arena_intern(arena, since->list[i]));
	since->count = 0;
}

static void read_begin(struct wq_arena *arena, struct wq_source_headers *headers,
		       const char *path, FILE *in)
{
	struct wq_arena *scratch = wq_arena_new();
	struct wq_words since = { .arena = scratch };
	const char *macro;
	char *line = NULL;
	size_t size = 0;

	/* After the first function or initialiser it is something else. */
	while (getline(&line, &size, in) > 0 && !strchr(line, '{')) {
		const char *text = line;

		if (is_directive(&text, "include")) {
			add_macros(arena, headers, &since);
			add_include(arena, headers, path, text);
		} else {
			macro = other_macro(scratch, line);
			if (macro)
				wq_words_add(&since, macro);
		}
	}
	free(line);
	wq_arena_free(scratch);
}

struct wq_source_headers *wq_headers_read(struct wq_header_files *files,
				   const char *path)
{
	struct wq_key key = wq_key_of(path);
	struct wq_entry *entry = wq_table_find(&files->table, key);
	struct wq_source_headers **known, *headers = NULL;
	FILE *in;

	if (entry && entry->count)
		return *(struct wq_source_headers **)entry->list;
	in = fopen(path, "re");
	if (in) {
		headers = wq_arena_alloc(files->arena, sizeof(*headers));
		read_begin(files->arena, headers, path, in);
		fclose(in);
	}
	known = wq_table_add(files->arena, &files->table, key, sizeof(*known));
	*known = headers;
	return headers;
}

static void visit(struct wq_header_files *files, struct wq_source_headers *headers,
		  const struct wq_header_visitor *visitor)
{
	unsigned int i;

	if (!headers || headers->visit == files->visit)
		return;
	headers->visit = files->visit;
	for (i = 0; i < headers->nr_macros; i++)
		visitor->macro(visitor->context, headers->macros[i]);
	for (i = 0; i < headers->count; i++)
		visitor->header(visitor->context, headers->names[i]);
	for (i = 0; i < headers->nr_locals; i++)
		visit(files, wq_headers_read(files, headers->locals[i]),
		      visitor);
}

void wq_headers_visit(struct wq_header_files *files,
		      struct wq_source_headers *headers,
		      const struct wq_header_visitor *visitor)
{
	files->visit++;
	visit(files, headers, visitor);
}

bool wq_header_is_guarded(const char *path)
{
	FILE *in = fopen(path, "re");
	const char *text = "";
	char *line = NULL;
	bool guarded;
	size_t size = 0;

	if (!in)
		return false;
	while (*text != '#' && getline(&line, &size, in) > 0)
		text = skip_spaces(line);
	guarded = is_directive(&text, "ifndef") ||
		  (is_directive(&text, "if") && !strncmp(text, "!defined", 8)) ||
		  (is_directive(&text, "pragma") && !strncmp(text, "once", 4));
	free(line);
	fclose(in);
	return guarded;
}
