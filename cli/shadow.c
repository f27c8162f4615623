/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A directory of links beside a source tree. The kernel follows a link before
 * the ".." behind it, so that "../x.h" in a directory that is a link would be
 * the tree's x.h: such directories have to be opened.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "includers.h"
#include "shadow.h"

struct wq_shadow {
	struct wq_arena *arena;
	const char *root, *top;
	const char *root_name, *top_name;	/* as in facts */
	struct wq_table opened;		/* directories, below the root */
	const struct wq_shadow_file *files;
	unsigned int count;
};

/* @path as facts have it: doc/facts-format.md. */
static const char *name_in_facts(struct wq_arena *arena, const char *path)
{
	char *text = wq_arena_alloc(arena, 3 * strlen(path) + 1), *end = text;

	for (; *path; path++) {
		if (isgraph((unsigned char)*path) && *path != '%' &&
		    *path != ',')
			*end++ = *path;
		else
			end += sprintf(end, "%%%02X", (unsigned char)*path);
	}
	return text;
}

static int complain(const char *path)
{
	wq_msg("%s: %s", path, strerror(errno));
	return -1;
}

/* Fill the new directory @into with links to what is in @from, if anything. */
static int fill(const char *from, const char *into)
{
	struct wq_arena *scratch = wq_arena_new();
	DIR *stream = opendir(from);
	struct dirent *entry;
	int err = 0;

	while (stream && !err && (entry = readdir(stream))) {
		const char *name = entry->d_name;

		if (!strcmp(name, ".") || !strcmp(name, ".."))
			continue;
		if (symlink(wq_arena_printf(scratch, "%s/%s", from, name),
			    wq_arena_printf(scratch, "%s/%s", into, name)))
			err = complain(into);
	}
	if (stream)
		closedir(stream);
	wq_arena_free(scratch);
	return err;
}

/* Open @directory, below the root, and all above it. */
static int open_below(struct wq_shadow *shadow, const char *directory)
{
	const char *name = wq_path_name(directory);
	const char *into = wq_arena_printf(shadow->arena, "%s/%s",
					   shadow->top, directory);
	struct stat status;

	if (!*directory || wq_set_has(&shadow->opened, directory))
		return 0;
	if (open_below(shadow, name == directory ? "" :
		       wq_arena_printf(shadow->arena, "%.*s",
				       (int)(name - directory - 1),
				       directory)))
		return -1;
	wq_set_add(shadow->arena, &shadow->opened, directory);
	if (!lstat(into, &status) && unlink(into))
		return complain(into);
	if (mkdir(into, 0700))
		return complain(into);
	return fill(wq_arena_printf(shadow->arena, "%s/%s", shadow->root,
				    directory), into);
}

struct wq_shadow *wq_shadow_new(struct wq_arena *arena, const char *root,
				const char *directory)
{
	struct wq_shadow *shadow = wq_arena_alloc(arena, sizeof(*shadow));

	shadow->arena = arena;
	shadow->root = root;
	shadow->top = directory;
	shadow->root_name = name_in_facts(arena, root);
	shadow->top_name = name_in_facts(arena, directory);
	if (mkdir(directory, 0700)) {
		complain(directory);
		return NULL;
	}
	return fill(root, directory) ? NULL : shadow;
}

int wq_shadow_open(struct wq_shadow *shadow, const char *directory)
{
	const char *below = wq_path_below(shadow->root, directory);

	return below == directory ? 0 : open_below(shadow, below);
}

/* Let @path below the shadow be a link to @content, or nothing. */
static int put(struct wq_shadow *shadow, const char *path, const char *content)
{
	const char *into = wq_arena_printf(shadow->arena, "%s/%s", shadow->top,
					   path);

	if (unlink(into) && errno != ENOENT)
		return complain(into);
	return content && symlink(content, into) ? complain(into) : 0;
}

int wq_shadow_set(struct wq_shadow *shadow,
		  const struct wq_shadow_file *files, unsigned int count)
{
	struct wq_arena *arena = shadow->arena;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < shadow->count; i++) {
		const char *path = shadow->files[i].path;
		const char *old = wq_arena_printf(arena, "%s/%s",
						  shadow->root, path);

		err = put(shadow, path, access(old, F_OK) ? NULL : old);
	}
	for (i = 0; !err && i < count; i++) {
		const char *name = wq_path_name(files[i].path);

		err = wq_shadow_open(shadow, wq_arena_printf(arena, "%s/%.*s",
			shadow->root, name == files[i].path ? 0 :
			(int)(name - files[i].path - 1), files[i].path));
		if (!err)
			err = put(shadow, files[i].path, files[i].content);
	}
	shadow->files = files;
	shadow->count = count;
	return err;
}

const char *wq_shadow_path(const struct wq_shadow *shadow,
			   struct wq_arena *arena, const char *path)
{
	const char *below = wq_path_below(shadow->root, path);

	if (below != path)
		return wq_arena_printf(arena, "%s/%s", shadow->top, below);
	return strcmp(path, shadow->root) ? path : shadow->top;
}

/* How much of @arg is the name of a flag with a path behind it; 0: none. */
static size_t flag_length(const char *arg)
{
	static const char *const flags[] = {
		"-I", "-isystem", "-iquote", "-idirafter", "-include",
		"-imacros",
	};
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (!strncmp(arg, flags[i], strlen(flags[i])))
			return strlen(flags[i]);
	return 0;
}

const char *wq_shadow_name(const struct wq_shadow *shadow,
			   struct wq_arena *arena, const char *directory,
			   const char *path)
{
	const char *absolute, *mapped;

	if (*path != '/' &&
	    wq_shadow_path(shadow, arena, directory) != directory)
		return path;
	absolute = wq_path_absolute(arena, directory, path);
	mapped = wq_shadow_path(shadow, arena, absolute);
	return mapped == absolute ? path : mapped;
}

struct wq_compile wq_shadow_compile(const struct wq_shadow *shadow,
				    struct wq_arena *arena,
				    const struct wq_compile *compile)
{
	const char *const *arg = compile->argv;
	const char *directory = compile->directory, **argv;
	size_t length = 0, count = 0;

	while (arg[count])
		count++;
	argv = wq_arena_alloc(arena, (count + 1) * sizeof(*argv));
	for (count = 0; arg[count]; count++) {
		const char *text = arg[count];

		argv[count] = text;
		/* the one before was only the flag, or this is the source */
		if (length || !strcmp(text, compile->source)) {
			argv[count] = wq_shadow_name(shadow, arena, directory,
						     text);
			length = 0;
			continue;
		}
		length = flag_length(text);
		if (!length || !text[length])
			continue;
		argv[count] = wq_arena_printf(arena, "%.*s%s", (int)length,
			text, wq_shadow_name(shadow, arena, directory,
				       text + length));
		length = 0;
	}
	argv[count] = NULL;
	return (struct wq_compile){
		.directory = wq_shadow_path(shadow, arena, directory),
		.source = wq_shadow_name(shadow, arena, directory,
					 compile->source),
		.argv = argv,
	};
}

/* Append @text, with the tree in place of the shadow. */
static void print_restored(FILE *out, const char *text, size_t bytes,
			   const char *from, const char *to)
{
	const char *end = text + bytes, *at = text, *next;

	while ((next = memmem(at, (size_t)(end - at), from, strlen(from)))) {
		fwrite(at, 1, (size_t)(next - at), out);
		fputs(to, out);
		at = next + strlen(from);
	}
	fwrite(at, 1, (size_t)(end - at), out);
}

char *wq_shadow_restore(const struct wq_shadow *shadow, char *text,
			size_t *bytes)
{
	char *restored = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&restored, &length);

	if (out)
		print_restored(out, text, *bytes, shadow->top, shadow->root);
	if (out && fclose(out)) {
		free(restored);
		restored = NULL;
	}
	free(text);
	*bytes = length;
	return restored;
}

/* The line of a unit says how many bytes follow it. */
char *wq_shadow_restore_facts(const struct wq_shadow *shadow, char *text,
			      size_t *bytes)
{
	static const char key[] = " rest=";
	char *at = strstr(text, key), *line_end = at ? strchr(at, '\n') : NULL;
	char *restored = NULL, *rest = NULL;
	size_t length = 0, rest_length = 0;
	FILE *out;

	if (!line_end)
		return text;
	out = open_memstream(&rest, &rest_length);
	if (out)
		print_restored(out, line_end + 1,
			       *bytes - (size_t)(line_end + 1 - text),
			       shadow->top_name, shadow->root_name);
	if (!out || fclose(out))
		goto free_rest;
	out = open_memstream(&restored, &length);
	if (!out)
		goto free_rest;
	print_restored(out, text, (size_t)(at - text), shadow->top_name,
		       shadow->root_name);
	fprintf(out, "%s%zu", key, rest_length);
	at += strlen(key);
	at += strspn(at, "0123456789");
	print_restored(out, at, (size_t)(line_end + 1 - at),
		       shadow->top_name, shadow->root_name);
	fwrite(rest, 1, rest_length, out);
	if (fclose(out)) {
		free(restored);
		restored = NULL;
	}
	*bytes = length;
free_rest:
	free(rest);
	free(text);
	return restored;
}
