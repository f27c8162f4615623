/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of source files. A file is read whole on first use, split in place
 * and kept; one that cannot be read is remembered, too.
 */
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"

/* Facts may name any file; no source is as large. */
#define MAX_BYTES	((off_t)64 << 20)

struct source_file {
	const char *path;		/* interned */
	char **lines;			/* NULL: cannot be read */
	unsigned int nr_lines;
	struct source_file *next;
};

struct wq_sources {
	struct wq_arena *arena;
	struct source_file *files;	/* most recently used first */
	const char *overlay;		/* or NULL */
};

struct wq_sources *wq_sources_new(void)
{
	struct wq_arena *arena = wq_arena_new();
	struct wq_sources *sources = wq_arena_alloc(arena, sizeof(*sources));

	sources->arena = arena;
	return sources;
}

void wq_sources_free(struct wq_sources *sources)
{
	if (sources)
		wq_arena_free(sources->arena);
}

void wq_sources_set_overlay(struct wq_sources *sources, const char *overlay)
{
	sources->overlay = overlay;
}

const char *wq_sources_overlay(const struct wq_sources *sources)
{
	return sources->overlay;
}

static bool read_fully(int fd, char *text, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t got = read(fd, text + done, bytes - done);

		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

/* The text of a regular file with a NUL after it, or NULL. */
static char *read_text(struct wq_arena *arena, const char *path)
{
	/* A name can be that of a FIFO: opening it must not wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	char *text = NULL;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &status) && S_ISREG(status.st_mode) &&
	    status.st_size <= MAX_BYTES) {
		size_t bytes = (size_t)status.st_size;

		text = wq_arena_alloc(arena, bytes + 1);
		if (!read_fully(fd, text, bytes))
			text = NULL;
	}
	close(fd);
	return text;
}

/* The same of what stands for @path. */
static char *read_current(const struct wq_sources *sources,
			  struct wq_arena *arena, const char *path)
{
	char *text = NULL;

	if (sources->overlay && *path == '/')
		text = read_text(arena, wq_arena_printf(arena, "%s%s",
							sources->overlay,
							path));
	return text ? text : read_text(arena, path);
}

static void split_lines(struct wq_arena *arena, struct source_file *file,
			char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		bool last = !text[length];

		file->lines = wq_arena_grow(arena, file->lines, file->nr_lines,
					    sizeof(*file->lines));
		file->lines[file->nr_lines++] = text;
		text[length] = '\0';
		if (length && text[length - 1] == '\r')
			text[length - 1] = '\0';
		text += last ? length : length + 1;
	}
}

static struct source_file *find_file(struct wq_sources *sources,
				     const char *path)
{
	struct source_file **link, *file;
	char *text;

	path = wq_arena_intern(sources->arena, path);
	for (link = &sources->files; (file = *link); link = &file->next)
		if (file->path == path) {
			*link = file->next;
			break;
		}
	if (!file) {
		file = wq_arena_alloc(sources->arena, sizeof(*file));
		file->path = path;
		text = read_current(sources, sources->arena, path);
		if (text)
			split_lines(sources->arena, file, text);
	}
	file->next = sources->files;
	sources->files = file;
	return file;
}

const char *const *wq_source_lines(struct wq_sources *sources,
				   const char *directory, const char *file,
				   unsigned int *count)
{
	const struct source_file *source;

	*count = 0;
	if (!file)
		return NULL;
	if (directory && file[0] != '/')
		file = wq_arena_printf(sources->arena, "%s/%s", directory,
				       file);
	source = find_file(sources, file);
	*count = source->nr_lines;
	return (const char *const *)source->lines;
}

const char *wq_source_line(struct wq_sources *sources, const char *directory,
			   const char *file, unsigned int line)
{
	const char *const *lines;
	unsigned int count;

	if (!line)
		return NULL;
	lines = wq_source_lines(sources, directory, file, &count);
	return line <= count ? lines[line - 1] : NULL;
}

static const struct source_file *find_known(const struct wq_sources *sources,
					    const char *path)
{
	const struct source_file *file;

	for (file = sources->files; file; file = file->next)
		if (!strcmp(file->path, path))
			return file;
	return NULL;
}

static bool lines_have(const struct source_file *file, const char *text)
{
	unsigned int i;

	for (i = 0; i < file->nr_lines; i++)
		if (strstr(file->lines[i], text))
			return true;
	return false;
}

bool wq_source_mentions(struct wq_sources *sources, const char *directory,
			const char *file, const char *text)
{
	struct wq_arena *arena = wq_arena_new();
	const char *path = directory && file[0] != '/' ?
			   wq_arena_printf(arena, "%s/%s", directory, file) :
			   file;
	const struct source_file *known = find_known(sources, path);
	const char *whole;
	bool found;

	if (known) {
		found = lines_have(known, text);
	} else {
		whole = read_current(sources, arena, path);
		found = whole && strstr(whole, text);
	}
	wq_arena_free(arena);
	return found;
}

static bool in_identifier(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool wq_source_is(struct wq_sources *sources, const char *directory,
		  struct wq_location where, const char *text)
{
	const char *line = wq_source_line(sources, directory, where.file,
					  where.line);
	size_t start = where.column_bytes - 1, length = strlen(text);

	if (!line || !where.column_bytes || strlen(line) < start ||
	    strncmp(line + start, text, length))
		return false;
	if (!length)
		return true;
	/* Part of a longer name is another name. */
	if (start && in_identifier(text[0]) && in_identifier(line[start - 1]))
		return false;
	return !in_identifier(text[length - 1]) ||
	       !in_identifier(line[start + length]);
}

/* Drop the last component of @path, of @length bytes; returns its length. */
static size_t parent_length(const char *path, size_t length)
{
	while (length && path[length - 1] != '/')
		length--;
	return length ? length - 1 : 0;
}

static bool ends_with_parent(const char *path, size_t length)
{
	return length >= 2 && !strncmp(path + length - 2, "..", 2) &&
	       (length == 2 || path[length - 3] == '/');
}

const char *wq_source_directory(struct wq_arena *arena, const char *path)
{
	char *directory = wq_arena_alloc(arena, strlen(path) + 1);
	size_t length = 0, bytes;

	if (*path == '/')
		directory[length++] = *path++;
	for (; strchr(path, '/'); path += bytes + 1) {
		bytes = strcspn(path, "/");
		if (!bytes || (bytes == 1 && *path == '.'))
			continue;
		if (bytes == 2 && !strncmp(path, "..", 2) && length &&
		    !ends_with_parent(directory, length)) {
			length = parent_length(directory, length);
			continue;
		}
		if (length && directory[length - 1] != '/')
			directory[length++] = '/';
		memcpy(directory + length, path, bytes);
		length += bytes;
	}
	directory[length] = '\0';
	return directory;
}
