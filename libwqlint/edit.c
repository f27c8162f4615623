/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files, changes of their bytes, and the files after the changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edit.h"
#include "replace.h"

/* No source is as large. */
#define MAX_BYTES	((off_t)64 << 20)

static char *read_file(struct wq_arena *arena, const char *path,
		       struct stat *status)
{
	/* A name can be that of a FIFO: opening it must not wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *bytes = NULL;
	ssize_t got = 0;
	size_t done = 0;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, status) && S_ISREG(status->st_mode) &&
	    status->st_size <= MAX_BYTES) {
		bytes = wq_arena_alloc(arena, (size_t)status->st_size + 1);
		while (done < (size_t)status->st_size &&
		       (got = read(fd, bytes + done,
				   (size_t)status->st_size - done)) > 0)
			done += (size_t)got;
		if (done < (size_t)status->st_size || memchr(bytes, 0, done))
			bytes = NULL;
	}
	close(fd);
	return bytes;
}

/* What stands for @path, or that file. */
static char *read_current(const struct wq_texts *texts, const char *path,
			  struct stat *status)
{
	char *bytes = NULL;

	if (texts->overlay)
		bytes = read_file(texts->arena,
				  wq_arena_printf(texts->arena, "%s%s",
						  texts->overlay, path),
				  status);
	return bytes ? bytes : read_file(texts->arena, path, status);
}

struct wq_text *wq_text_open(struct wq_texts *texts, const char *name)
{
	struct wq_text *text;
	struct stat status;

	for (text = texts->list; text; text = text->next)
		if (!strcmp(text->name, name))
			return text->bytes ? text : NULL;
	text = wq_arena_alloc(texts->arena, sizeof(*text));
	text->name = wq_arena_copy(texts->arena, name);
	text->path = name[0] == '/' ? text->name
		     : wq_arena_printf(texts->arena, "%s/%s", texts->directory,
				       name);
	text->next = texts->list;
	texts->list = text;
	text->bytes = read_current(texts, text->path, &status);
	if (!text->bytes)
		return NULL;
	text->nr_bytes = (size_t)status.st_size;
	text->changed = status.st_mtim;
	text->tokens = wq_tokens_new(texts->arena, text->bytes,
				     text->nr_bytes);
	return text;
}

void wq_edits_add(struct wq_edits *edits, const struct wq_text *text,
		  size_t offset, size_t bytes, const char *new_text)
{
	struct wq_change *change;

	edits->list = wq_arena_grow(edits->arena, edits->list, edits->count,
				    sizeof(*edits->list));
	change = &edits->list[edits->count];
	change->text = text;
	change->offset = offset;
	change->bytes = bytes;
	change->new_text = wq_arena_copy(edits->arena, new_text);
	change->order = edits->count++;
}

static bool is_same(const struct wq_change *a, const struct wq_change *b)
{
	return a->text == b->text && a->offset == b->offset &&
	       a->bytes == b->bytes && !strcmp(a->new_text, b->new_text);
}

/* The name that "\tint name;\n" declares, with the end of that, or NULL. */
static const char *declared_name(const struct wq_change *change)
{
	const char *text = change->new_text, *end = strstr(text, ";\n");
	const char *name = strrchr(text, ' ');

	return *text == '\t' && end && !end[2] && name && name < end &&
	       !strpbrk(text, "=()*,") ? name + 1 : NULL;
}

/* Do both declare one variable, with different types? */
static bool declare_same(const struct wq_change *a, const struct wq_change *b)
{
	const char *name_a = declared_name(a), *name_b = declared_name(b);

	return a->offset == b->offset && !a->bytes && !b->bytes && name_a &&
	       name_b && !strcmp(name_a, name_b);
}

/* Insertions at one place follow one another, and at an edge are outside. */
static bool overlaps(const struct wq_change *a, const struct wq_change *b)
{
	if (a->text != b->text)
		return false;
	return declare_same(a, b) ||
	       (a->offset < b->offset + b->bytes &&
		b->offset < a->offset + a->bytes);
}

const struct wq_change *wq_edits_merge(struct wq_edits *into,
				       const struct wq_edits *from)
{
	unsigned int old_count = into->count, i, j;

	for (i = 0; i < from->count; i++)
		for (j = 0; j < old_count; j++)
			if (overlaps(&from->list[i], &into->list[j]) &&
			    !is_same(&from->list[i], &into->list[j]))
				return &from->list[i];
	for (i = 0; i < from->count; i++) {
		const struct wq_change *change = &from->list[i];

		for (j = 0; j < old_count; j++)
			if (is_same(change, &into->list[j]))
				break;
		if (j == old_count)
			wq_edits_add(into, change->text, change->offset,
				     change->bytes, change->new_text);
	}
	return NULL;
}

static int compare_changes(const void *left, const void *right)
{
	const struct wq_change *a = left, *b = right;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	/* What is inserted at a place comes before what replaces it. */
	if (!a->bytes != !b->bytes)
		return a->bytes ? 1 : -1;
	return (a->order > b->order) - (a->order < b->order);
}

static struct wq_change *changes_of(const struct wq_edits *edits,
				    const struct wq_text *text,
				    unsigned int *count)
{
	struct wq_change *list = wq_arena_alloc(edits->arena,
						(edits->count + 1) *
						sizeof(*list));
	unsigned int i;

	*count = 0;
	for (i = 0; i < edits->count; i++)
		if (edits->list[i].text == text)
			list[(*count)++] = edits->list[i];
	qsort(list, *count, sizeof(*list), compare_changes);
	return list;
}

const char *wq_edits_apply(const struct wq_edits *edits,
			   const struct wq_text *text, size_t *bytes)
{
	size_t length = text->nr_bytes, from = 0, to = 0;
	struct wq_change *list;
	unsigned int count, i;
	char *result;

	list = changes_of(edits, text, &count);
	for (i = 0; i < count; i++)
		length += strlen(list[i].new_text);
	result = wq_arena_alloc(edits->arena, length + 1);
	for (i = 0; i < count; i++) {
		size_t new_bytes = strlen(list[i].new_text);

		memcpy(result + to, text->bytes + from, list[i].offset - from);
		to += list[i].offset - from;
		memcpy(result + to, list[i].new_text, new_bytes);
		to += new_bytes;
		from = list[i].offset + list[i].bytes;
	}
	memcpy(result + to, text->bytes + from, text->nr_bytes - from);
	*bytes = to + text->nr_bytes - from;
	return result;
}

static int compare_texts(const void *left, const void *right)
{
	return strcmp((*(const struct wq_text *const *)left)->name,
		      (*(const struct wq_text *const *)right)->name);
}

const struct wq_text **wq_edits_texts(const struct wq_edits *edits,
				      unsigned int *count)
{
	const struct wq_text **list = wq_arena_alloc(edits->arena,
						     (edits->count + 1) *
						     sizeof(*list));
	unsigned int i, j;

	*count = 0;
	for (i = 0; i < edits->count; i++) {
		for (j = 0; j < *count; j++)
			if (list[j] == edits->list[i].text)
				break;
		if (j == *count)
			list[(*count)++] = edits->list[i].text;
	}
	qsort(list, *count, sizeof(*list), compare_texts);
	return list;
}

/* Is the file still what was read? */
static bool is_unchanged(const struct wq_edits *edits,
			 const struct wq_text *text, struct stat *status)
{
	const char *bytes = read_file(edits->arena, text->path, status);

	return bytes && (size_t)status->st_size == text->nr_bytes &&
	       !memcmp(bytes, text->bytes, text->nr_bytes);
}

int wq_edits_write(const struct wq_edits *edits, const struct wq_text *text)
{
	struct wq_replacement file;
	struct stat status;
	const char *bytes;
	size_t count;
	int err;

	if (!is_unchanged(edits, text, &status))
		return access(text->path, F_OK) ? -errno : -ESTALE;
	bytes = wq_edits_apply(edits, text, &count);
	err = wq_replace_begin(&file, edits->arena, text->path, 0);
	if (err)
		return err;
	fwrite(bytes, 1, count, file.out);
	return wq_replace_end(&file, 0);
}
