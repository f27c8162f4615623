/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A search for the API in the text of sources and of the headers that they
 * include by "name". Comments count, too: what is too much costs time only.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit.h"
#include "digest.h"
#include "program.h"
#include "select.h"
#include "table.h"

struct text {
	const char *path;
	bool is_there;
	bool is_header;
	bool names;		/* a type, function or macro of the API */
	const char **includes;
	unsigned int nr_includes;
	const char **inlines;	/* functions and macros in which it calls */
	unsigned int nr_inlines;
};

struct selection {
	struct wq_arena *arena;
	struct wq_arena *scratch;	/* for one unit */
	struct wq_table texts;
};

static bool is_word_byte(char byte)
{
	return isalnum((unsigned char)byte) || byte == '_';
}

static bool contains(const char *word, size_t bytes, const char *part)
{
	return memmem(word, bytes, part, strlen(part)) != NULL;
}

/* VERB...work or VERB..._work_SOMETHING, such as mod_delayed_work_on. */
static bool is_call(const char *word, size_t bytes)
{
	static const char *const verbs[] = {
		"schedule", "queue", "flush", "cancel", "disable", "enable",
		"INIT", "DECLARE", "mod_", "drain",
	};
	size_t i;

	if (contains(word, bytes, "execute_in_process"))
		return true;
	if (contains(word, bytes, "workqueue"))
		return !contains(word, bytes, "workqueue_struct");
	if (!contains(word, bytes, "_work") && !contains(word, bytes, "_WORK"))
		return false;
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (contains(word, bytes, verbs[i]))
			return true;
	return false;
}

static bool is_type(const char *word, size_t bytes)
{
	if (bytes > 10 && !strncmp(word, "system_", 7) &&
	    contains(word, bytes, "_wq"))
		return true;
	return contains(word, bytes, "work_struct") ||
	       contains(word, bytes, "delayed_work") ||
	       contains(word, bytes, "rcu_work") ||
	       contains(word, bytes, "workqueue");
}

/* The line that @at is on, from the first that does not continue another. */
static const char *logical_line(const char *text, const char *at)
{
	for (;;) {
		while (at > text && at[-1] != '\n')
			at--;
		if (at - text < 2 || at[-2] != '\\')
			return at;
		at--;
	}
}

/*
 * The function or macro of a header that the text at @at is in: that of the
 * #define, else of the nearest line above that begins with a word and has a
 * parenthesis. "" when it is in none.
 */
static const char *enclosing(struct wq_arena *arena, const char *text,
			     const char *at)
{
	const char *line = logical_line(text, at), *end, *open;
	size_t bytes;

	if (!strncmp(line, "#define", 7)) {
		line += 7 + strspn(line + 7, " \t");
		for (bytes = 0; is_word_byte(line[bytes]); bytes++)
			;
		return wq_arena_intern_bytes(arena, line, bytes);
	}
	for (;;) {
		end = line + strcspn(line, "\n");
		open = is_word_byte(*line) ? memchr(line, '(',
						    (size_t)(end - line))
					   : NULL;
		if (open)
			break;
		if (line == text)
			return "";
		line = logical_line(text, line - 1);
	}
	for (end = open; end > line && !is_word_byte(end[-1]);)
		end--;
	for (line = end; line > text && is_word_byte(line[-1]);)
		line--;
	return wq_arena_intern_bytes(arena, line, (size_t)(end - line));
}

static void add_inline(struct wq_arena *arena, struct text *found,
		       const char *name)
{
	unsigned int i;

	for (i = 0; i < found->nr_inlines; i++)
		if (found->inlines[i] == name)
			return;
	found->inlines = wq_arena_grow(arena, found->inlines,
				       found->nr_inlines,
				       sizeof(*found->inlines));
	found->inlines[found->nr_inlines++] = name;
}

/* Look at the identifier around each @part of @text. */
static void search(struct wq_arena *arena, struct text *found,
		   const char *text, size_t bytes, const char *part)
{
	const char *end = text + bytes, *at = text, *first, *last;

	while ((at = memmem(at, (size_t)(end - at), part, strlen(part)))) {
		for (first = at; first > text && is_word_byte(first[-1]);)
			first--;
		for (last = at; last < end && is_word_byte(*last);)
			last++;
		at = last;
		found->names |= is_type(first, (size_t)(last - first)) ||
				is_call(first, (size_t)(last - first));
		if (!found->is_header && found->names)
			return;
		if (found->is_header && last[strspn(last, " \t")] == '(' &&
		    is_call(first, (size_t)(last - first)))
			add_inline(arena, found,
				   enclosing(arena, text, first));
	}
}

/* #include "NAME" */
static void find_includes(struct wq_arena *arena, struct text *found,
			  const char *text)
{
	static const char word[] = "include";
	const char *at = text, *line, *name;
	size_t length;

	while ((at = strstr(at, word))) {
		for (line = at; line > text && strchr(" \t", line[-1]);)
			line--;
		name = at + strlen(word) + strspn(at + strlen(word), " \t");
		at += strlen(word);
		if (line == text || line[-1] != '#' || *name != '"')
			continue;
		length = strcspn(++name, "\"\n");
		found->includes = wq_arena_grow(arena, found->includes,
						found->nr_includes,
						sizeof(*found->includes));
		found->includes[found->nr_includes++] =
			wq_arena_printf(arena, "%.*s", (int)length, name);
	}
}

/*
 * What is in the file @path, absolute, which is a source or a header; read
 * once.
 */
static struct text *look(struct selection *selection, const char *path,
			 bool is_header)
{
	struct wq_entry *entry = wq_table_find(&selection->texts,
					       wq_key_of(path));
	struct text *found;
	size_t bytes;
	char *text;

	if (entry && entry->count)
		return entry->list;
	path = wq_arena_copy(selection->arena, path);
	found = wq_table_add(selection->arena, &selection->texts,
			     wq_key_of(path), sizeof(*found));
	found->path = path;
	found->is_header = is_header;
	text = wq_file_read(path, &bytes);
	if (!text)
		return found;
	found->is_there = true;
	search(selection->arena, found, text, bytes, "work");
	search(selection->arena, found, text, bytes, "WORK");
	search(selection->arena, found, text, bytes, "execute_in_process");
	search(selection->arena, found, text, bytes, "system_");
	find_includes(selection->arena, found, text);
	free(text);
	return found;
}

/* A directory that is searched for headers of the kernel, not of a module. */
static bool is_shared_directory(const char *path)
{
	size_t length = strlen(path);

	return (length >= 8 && !strcmp(path + length - 8, "/include")) ||
	       strstr(path, "/include/");
}

/* The file that #include "@name" in @includer is; NULL: none of a module. */
static struct text *find_header(struct selection *selection,
				const struct wq_compile *compile,
				const char *includer, const char *name)
{
	struct wq_arena *scratch = selection->scratch;
	const char *const *arg;
	const char *path;
	struct text *found;

	path = wq_path_absolute(scratch, wq_path_absolute(scratch, includer,
							  ".."), name);
	found = look(selection, path, true);
	for (arg = compile->argv; !found->is_there && *arg; arg++) {
		if (strncmp(*arg, "-I", 2))
			continue;
		path = (*arg)[2] ? *arg + 2 : arg[1] ? arg[1] : ".";
		path = wq_path_absolute(scratch, compile->directory, path);
		if (!is_shared_directory(path))
			found = look(selection, wq_path_absolute(scratch, path,
								 name), true);
	}
	return found->is_there && !is_shared_directory(found->path) ? found
								     : NULL;
}

/* The headers that a unit includes, directly or not. */
struct includes {
	struct text *list[256];
	unsigned int count;
};

static void find_headers(struct selection *selection,
			 const struct wq_compile *compile,
			 const struct text *text, struct includes *includes)
{
	struct text *header;
	unsigned int i, j;

	for (i = 0; i < text->nr_includes; i++) {
		header = find_header(selection, compile, text->path,
				     text->includes[i]);
		for (j = 0; header && j < includes->count; j++)
			if (includes->list[j] == header)
				header = NULL;
		if (!header || includes->count == 256)
			continue;
		includes->list[includes->count++] = header;
		find_headers(selection, compile, header, includes);
	}
}

static bool has_word(const char *text, const char *word)
{
	const char *at = text;
	size_t bytes = strlen(word);

	for (; (at = strstr(at, word)); at += bytes)
		if ((at == text || !is_word_byte(at[-1])) &&
		    !is_word_byte(at[bytes]))
			return true;
	return false;
}

/* Does @text use what the headers define with calls of the API in it? */
static bool uses_inlines(const struct text *text,
			 const struct includes *includes)
{
	unsigned int i, j;
	char *bytes = NULL;
	bool uses = false;
	size_t count;

	for (i = 0; i < includes->count && !uses; i++)
		for (j = 0; j < includes->list[i]->nr_inlines && !uses; j++) {
			const char *name = includes->list[i]->inlines[j];

			if (!bytes)
				bytes = wq_file_read(text->path, &count);
			uses = bytes && (!*name || has_word(bytes, name));
		}
	free(bytes);
	return uses;
}

/* Does @compile's unit name the API itself? *@any: does one of its headers? */
static bool names_api(struct selection *selection,
		      const struct wq_compile *compile, bool *any)
{
	const char *path = wq_path_absolute(selection->scratch,
					    compile->directory,
					    compile->source);
	struct text *text = look(selection, path, false);
	struct includes includes = { .count = 0 };
	unsigned int i;

	*any = text->names;
	if (text->names)
		return true;
	find_headers(selection, compile, text, &includes);
	for (i = 0; i < includes.count; i++)
		*any |= includes.list[i]->names;
	return *any && uses_inlines(text, &includes);
}

void wq_select_headers(const struct wq_compile *compile,
		       void (*fn)(const char *path, void *context),
		       void *context)
{
	struct wq_arena *arena = wq_arena_new();
	struct selection selection = { .arena = arena, .scratch = arena };
	struct includes includes = { .count = 0 };
	unsigned int i;

	find_headers(&selection, compile,
		     look(&selection, wq_path_absolute(arena, compile->directory,
						       compile->source), false),
		     &includes);
	for (i = 0; i < includes.count; i++)
		if (includes.list[i]->names)
			fn(includes.list[i]->path, context);
	wq_arena_free(arena);
}

bool wq_select_file(const char *path)
{
	struct wq_arena *arena = wq_arena_new();
	struct selection selection = { .arena = arena };
	bool names = look(&selection, path, false)->names;

	wq_arena_free(arena);
	return names;
}

void wq_select_units(struct wq_arena *arena, const struct wq_compdb *database,
		     struct wq_choice *choices)
{
	struct selection selection = { .arena = arena };
	struct wq_module_set relevant = { .arena = arena };
	unsigned int i;

	for (i = 0; i < database->count; i++) {
		const struct wq_compile *compile = &database->compiles[i];
		bool any;

		selection.scratch = wq_arena_new();
		choices[i].modules = wq_command_modules(arena, compile);
		choices[i].names_api = names_api(&selection, compile, &any);
		if (any)
			wq_module_set_add(&relevant, choices[i].modules);
		wq_arena_free(selection.scratch);
	}
	for (i = 0; i < database->count; i++)
		choices[i].is_relevant = wq_module_set_has(&relevant,
							   choices[i].modules);
}
