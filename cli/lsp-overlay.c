/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GCC looks for #include "foo.h" in the directory of the file that says so,
 * by the name by which it was opened. So a copy finds what is in the overlay
 * beside it first, and all else through -iquote; a symlink in the overlay to
 * a header that did not change finds the one that did.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "lsp-overlay.h"

bool wq_lsp_is_unsaved(const struct wq_lsp_document *document)
{
	size_t bytes;
	char *text = wq_file_read(document->path, &bytes);
	bool same = text && bytes == document->bytes &&
		    !memcmp(text, document->text, bytes);

	free(text);
	return !same;
}

/* The name of @path in the overlay, whose directory is made. */
static char *place_for(struct wq_lsp_overlay *overlay, const char *path)
{
	char *place = (char *)wq_arena_printf(overlay->arena, "%s%s",
					      overlay->directory, path);
	char *slash = place + strlen(overlay->directory);

	mkdir(overlay->directory, 0700);
	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		mkdir(place, 0700);
		*slash = '/';
	}
	return place;
}

static bool write_text(const char *place,
		       const struct wq_lsp_document *document)
{
	FILE *out;
	bool written;

	/* it may be a symlink to the file that did not change */
	unlink(place);
	out = fopen(place, "we");
	if (!out)
		return false;
	written = fwrite(document->text, 1, document->bytes, out) ==
		  document->bytes;
	return !fclose(out) && written;
}

static const char *directory_of(struct wq_arena *arena, const char *path)
{
	return wq_arena_printf(arena, "%.*s",
			       (int)(wq_path_name(path) - path - 1), path);
}

static void link_headers(struct wq_lsp_overlay *overlay, const char *directory)
{
	struct dirent *entry;
	DIR *stream = opendir(directory);

	while (stream && (entry = readdir(stream))) {
		size_t length = strlen(entry->d_name);
		const char *path;

		if (length < 3 || strcmp(entry->d_name + length - 2, ".h"))
			continue;
		path = wq_arena_printf(overlay->arena, "%s/%s", directory,
				       entry->d_name);
		if (symlink(path, place_for(overlay, path)))
			break;
	}
	if (stream)
		closedir(stream);
}

void wq_lsp_overlay_add_header(struct wq_lsp_overlay *overlay,
			       const struct wq_lsp_document *document)
{
	const char *directory = directory_of(overlay->arena, document->path);
	unsigned int i;

	for (i = 0; i < overlay->nr_directories; i++)
		if (!strcmp(overlay->directories[i], directory))
			break;
	if (i == overlay->nr_directories) {
		overlay->directories = wq_arena_grow(overlay->arena,
			overlay->directories, overlay->nr_directories,
			sizeof(*overlay->directories));
		overlay->directories[overlay->nr_directories++] = directory;
		link_headers(overlay, directory);
	}
	write_text(place_for(overlay, document->path), document);
}

/* Compile commands */

/* The directory that @arg, -I and its like, adds, or NULL. */
static const char *searched_directory(const char *const *arg)
{
	static const char *const flags[] = { "-I", "-iquote", "-isystem" };
	size_t i, length;

	for (i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		length = strlen(flags[i]);
		if (!strncmp(*arg, flags[i], length))
			return (*arg)[length] ? *arg + length : arg[1];
	}
	return NULL;
}

/* Where -I says that headers are: those of the overlay come first. */
static void add_searched(struct wq_lsp_overlay *overlay, struct wq_words *words,
			 const struct wq_compile *compile,
			 const char *const *arg)
{
	const char *directory = searched_directory(arg);
	unsigned int i;

	if (!directory)
		return;
	directory = wq_path_absolute(overlay->arena, compile->directory,
				     directory);
	for (i = 0; i < overlay->nr_directories; i++) {
		if (strcmp(overlay->directories[i], directory))
			continue;
		wq_words_add(words, wq_arena_printf(overlay->arena, "-I%s%s",
						overlay->directory,
						directory));
	}
}

bool wq_lsp_overlay_add_source(struct wq_lsp_overlay *overlay,
			       const char *path,
			       const struct wq_lsp_document *document,
			       struct wq_compile *compile)
{
	const char *place = place_for(overlay, path);
	struct wq_words words = { .arena = overlay->arena };
	const char *const *arg;
	unsigned int i;

	if (document ? !write_text(place, document) : symlink(path, place))
		return false;
	arg = wq_command_compiler(compile->argv);
	wq_words_add(&words, *arg++);
	wq_words_add(&words, "-iquote");
	wq_words_add(&words, directory_of(overlay->arena, path));
	for (i = 0; i < overlay->nr_directories; i++) {
		wq_words_add(&words, "-iquote");
		wq_words_add(&words, overlay->directories[i]);
	}
	for (; *arg; arg++) {
		add_searched(overlay, &words, compile, arg);
		wq_words_add(&words, strcmp(*arg, compile->source) ? *arg
								  : place);
	}
	compile->argv = wq_words_end(&words);
	compile->source = place;
	return true;
}
