/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One pass over the tree finds all #include lines; they are kept by the last
 * part of the name that they include, so that who includes a file is a look
 * into a table.
 */
#include <ctype.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "includers.h"

struct include {
	const char *file;		/* that it is in; absolute */
	const char *name;		/* what it includes, as written */
	bool is_quoted;
};

struct wq_includers {
	struct wq_arena *arena;
	struct wq_table by_name;	/* of struct include */
	struct wq_table directories;	/* of -I */
	struct wq_table forced;		/* files of -include */
	const struct wq_compdb *database;
	const char **of_macros;
	unsigned int nr_of_macros;
};

bool wq_set_has(const struct wq_table *set, const char *name)
{
	const struct wq_entry *entry = wq_table_find(set, wq_key_of(name));

	return entry && entry->count;
}

bool wq_set_add(struct wq_arena *arena, struct wq_table *set, const char *name)
{
	if (wq_set_has(set, name))
		return false;
	wq_table_add(arena, set, wq_key_of(wq_arena_intern(arena, name)),
		     sizeof(char));
	return true;
}

/* Reading */

static void add_include(struct wq_includers *includers, const char *file,
			const char *at)
{
	char end = *at == '<' ? '>' : '"';
	const char *close = at + 1 + strcspn(at + 1, ">\"\n");
	struct include *include;
	const char *name;

	if (isalpha((unsigned char)*at) || *at == '_') {
		includers->of_macros = wq_arena_grow(includers->arena,
			includers->of_macros, includers->nr_of_macros,
			sizeof(*includers->of_macros));
		includers->of_macros[includers->nr_of_macros++] = file;
		return;
	}
	if ((*at != '<' && *at != '"') || *close != end)
		return;
	name = wq_arena_intern_bytes(includers->arena, at + 1,
				     (size_t)(close - at - 1));
	include = wq_table_add(includers->arena, &includers->by_name,
			       wq_key_of(wq_path_name(name)),
			       sizeof(*include));
	*include = (struct include){
		.file = file, .name = name, .is_quoted = end == '"',
	};
}

/* Is before @at on its line a '#', and nothing else? Comments have more. */
static bool is_directive(const char *text, const char *at)
{
	while (at > text && strchr(" \t", at[-1]))
		at--;
	if (at == text || *--at != '#')
		return false;
	while (at > text && strchr(" \t", at[-1]))
		at--;
	return at == text || at[-1] == '\n';
}

/* The lines "# include NAME" of @text. */
static void find_includes(struct wq_includers *includers, const char *file,
			  const char *text, size_t bytes)
{
	const char *end = text + bytes, *at = text;

	while ((at = memmem(at, (size_t)(end - at), "include", 7))) {
		bool found = is_directive(text, at);

		at += 7;
		if (found)
			add_include(includers, file, at + strspn(at, " \t"));
	}
}

void wq_includers_add(struct wq_includers *includers, const char *path,
		      const char *content)
{
	size_t bytes;
	char *text = wq_file_read(content, &bytes);

	if (text)
		find_includes(includers,
			      wq_arena_intern(includers->arena, path), text,
			      bytes);
	free(text);
}

static bool is_c_text(const char *name)
{
	static const char *const suffixes[] = { ".c", ".h", ".inc" };
	const char *dot = strrchr(name, '.');
	size_t i;

	for (i = 0; dot && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (!strcmp(dot, suffixes[i]))
			return true;
	return false;
}

static void read_tree(struct wq_includers *includers, const char *root)
{
	char *paths[] = { (char *)root, NULL };
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT,
			     NULL);
	FTSENT *entry;

	while (walk && (entry = fts_read(walk))) {
		if (entry->fts_info == FTS_D && entry->fts_level &&
		    *entry->fts_name == '.')
			fts_set(walk, entry, FTS_SKIP);
		if (entry->fts_info != FTS_D && is_c_text(entry->fts_name))
			wq_includers_add(includers, entry->fts_path,
					 entry->fts_path);
	}
	if (walk)
		fts_close(walk);
}

/* Flags */

static void add_flag(struct wq_includers *includers, struct wq_table *set,
		     const char *directory, const char *path)
{
	wq_set_add(includers->arena, set,
		   wq_path_absolute(includers->arena, directory, path));
}

/* The value of @flag at @arg, in it or the next one; NULL: it is not there. */
static const char *value_of(const char *const *arg, const char *flag)
{
	size_t length = strlen(flag);

	if (strncmp(*arg, flag, length))
		return NULL;
	return (*arg)[length] ? *arg + length : arg[1];
}

/* Where the commands look for headers. They have most arguments in common. */
static void read_flags(struct wq_includers *includers)
{
	static const char *const flags[] = {
		"-I", "-isystem", "-iquote", "-idirafter"
	};
	const struct wq_compile *compile = includers->database->compiles;
	const struct wq_compile *end = compile + includers->database->count;
	struct wq_table seen = { .slots = NULL };
	const char *const *arg, *value;
	size_t i;

	for (; compile < end; compile++)
		for (arg = compile->argv; *arg; arg++) {
			struct wq_key key = { *arg, compile->directory };
			const struct wq_entry *entry;

			if (**arg != '-' || (*arg)[1] < 'I' || (*arg)[1] > 'i')
				continue;
			entry = (*arg)[2] ? wq_table_find(&seen, key) : NULL;
			if (entry && entry->count)
				continue;
			wq_table_add(includers->arena, &seen, key,
				     sizeof(char));
			for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
				value = value_of(arg, flags[i]);
				if (value)
					add_flag(includers,
						 &includers->directories,
						 compile->directory, value);
			}
		}
}

/* Files of -include: every unit of the same command line reads them. */
static void read_forced(struct wq_includers *includers)
{
	const struct wq_compile *compile = includers->database->compiles;
	const struct wq_compile *end = compile + includers->database->count;
	const char *const *arg, *last[8] = { NULL };
	unsigned int next = 0, i;

	for (; compile < end; compile++)
		for (arg = compile->argv; *arg; arg++) {
			if (strcmp(*arg, "-include") &&
			    strcmp(*arg, "-imacros"))
				continue;
			if (!*++arg)
				break;
			for (i = 0; i < 8 && last[i] != *arg; i++)
				;
			if (i < 8)
				continue;
			last[next++ % 8] = *arg;
			add_flag(includers, &includers->forced,
				 compile->directory, *arg);
		}
}

static bool is_below(const char *path, const char *root)
{
	return !strcmp(path, root) || wq_path_below(root, path) != path;
}

struct wq_includers *wq_includers_new(struct wq_arena *arena, const char *root,
				      const struct wq_compdb *database)
{
	struct wq_includers *includers = wq_arena_alloc(arena,
							sizeof(*includers));
	struct wq_table seen = { .slots = NULL };
	unsigned int i;

	includers->arena = arena;
	includers->database = database;
	read_tree(includers, root);
	for (i = 0; i < database->count; i++) {
		const char *directory = database->compiles[i].directory;

		if (!is_below(directory, root) &&
		    wq_set_add(arena, &seen, directory))
			read_tree(includers, directory);
	}
	read_flags(includers);
	read_forced(includers);
	return includers;
}

/* Finding */

/* @name without the "." and ".." that it begins with. */
static const char *without_dots(const char *name)
{
	while (!strncmp(name, "./", 2) || !strncmp(name, "../", 3))
		name = strchr(name, '/') + 1;
	return name;
}

/* Can @include be of @path? */
static bool is_of(struct wq_includers *includers,
		  const struct include *include, const char *path)
{
	const char *name = include->name, *local;
	size_t length = strlen(path), bytes;

	if (include->is_quoted) {
		local = wq_path_absolute(includers->arena,
			wq_path_absolute(includers->arena, include->file,
					 ".."), name);
		if (!strcmp(local, path))
			return true;
		if (!access(local, F_OK))
			return false;
	}
	if (name != without_dots(name)) {
		/* From a directory of -I: which one does not matter. */
		name = without_dots(name);
		bytes = strlen(name);
		return length > bytes && path[length - bytes - 1] == '/' &&
		       !strcmp(path + length - bytes, name);
	}
	bytes = strlen(name);
	if (length <= bytes || path[length - bytes - 1] != '/' ||
	    strcmp(path + length - bytes, name))
		return false;
	return wq_set_has(&includers->directories,
			  wq_arena_intern_bytes(includers->arena, path,
						length - bytes - 1));
}

static void find_forced(struct wq_includers *includers, struct wq_table *found)
{
	unsigned int i;

	for (i = 0; i < includers->database->count; i++) {
		const struct wq_compile *compile =
			&includers->database->compiles[i];

		wq_set_add(includers->arena, found,
			   wq_path_absolute(includers->arena,
					    compile->directory,
					    compile->source));
	}
}

/* Includers of each are added to the list behind it until there are no more. */
void wq_includers_find(struct wq_includers *includers, const char *path,
		       struct wq_table *found)
{
	const char **list = NULL;
	unsigned int count = 0, next, i;

	if (!wq_set_add(includers->arena, found, path))
		return;
	list = wq_arena_grow(includers->arena, list, count, sizeof(*list));
	list[count++] = path;
	for (next = 0; next < count; next++) {
		const struct wq_entry *entry = wq_table_find(
			&includers->by_name,
			wq_key_of(wq_path_name(list[next])));
		const struct include *includes = entry ? entry->list : NULL;

		if (wq_set_has(&includers->forced, list[next]))
			find_forced(includers, found);
		for (i = 0; entry && i < entry->count; i++) {
			if (wq_set_has(found, includes[i].file) ||
			    !is_of(includers, &includes[i], list[next]))
				continue;
			wq_set_add(includers->arena, found, includes[i].file);
			list = wq_arena_grow(includers->arena, list, count,
					     sizeof(*list));
			list[count++] = includes[i].file;
		}
	}
}

void wq_includers_of_macros(const struct wq_includers *includers,
			    void (*fn)(const char *path, void *context),
			    void *context)
{
	unsigned int i;

	for (i = 0; i < includers->nr_of_macros; i++)
		fn(includers->of_macros[i], context);
}
