/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Edits: exact byte ranges of files and what replaces them, checked against
 * the bytes that are there; and what becomes of the files, as a unified diff
 * or in place. Texts and edits live as long as the arena.
 */
#ifndef WQ_EDIT_H
#define WQ_EDIT_H

#include <stdio.h>
#include <time.h>

#include "token.h"

/* One source file, read once. */
struct wq_text {
	const char *name;	/* as the facts and the diff have it */
	const char *path;	/* where it is */
	const char *bytes;	/* with a NUL after them */
	size_t nr_bytes;
	struct timespec changed;
	const struct wq_tokens *tokens;
	struct wq_text *next;
};

/* The files that were asked for, below one directory. */
struct wq_texts {
	struct wq_arena *arena;
	const char *directory;	/* of relative names; absolute */
	const char *overlay;	/* as wq_sources_set_overlay() has it, or NULL */
	struct wq_text *list;
};

/*
 * The file @name, or NULL when it cannot be read or holds a NUL; the tokens
 * are made on first use.
 */
struct wq_text *wq_text_open(struct wq_texts *texts, const char *name);

struct wq_change {
	const struct wq_text *text;
	size_t offset, bytes;	/* that go */
	const char *new_text;	/* that comes in their place */
	unsigned int order;	/* in which it was added */
};

struct wq_edits {
	struct wq_arena *arena;
	struct wq_change *list;
	unsigned int count;
};

/* Replace @bytes bytes at @offset; 0 bytes: insert before it. */
void wq_edits_add(struct wq_edits *edits, const struct wq_text *text,
		  size_t offset, size_t bytes, const char *new_text);

/*
 * Add all of @from to @into. The same change twice is one. Returns NULL, or
 * the first change of @from that overlaps one of @into; nothing is added
 * then.
 */
const struct wq_change *wq_edits_merge(struct wq_edits *into,
				       const struct wq_edits *from);

/* @text after the changes of @edits; the length is stored in @bytes. */
const char *wq_edits_apply(const struct wq_edits *edits,
			   const struct wq_text *text, size_t *bytes);

/* The files that @edits change, sorted by name; the count is in @count. */
const struct wq_text **wq_edits_texts(const struct wq_edits *edits,
				      unsigned int *count);

/* udiff.c: print the changes of @edits as one unified diff, -p1. */
void wq_edits_print(FILE *out, const struct wq_edits *edits);

/*
 * Write the file that @text is anew: whole, by renaming, so that an
 * interrupted write leaves the old one. One that changed since it was read
 * is refused with -ESTALE. Returns 0 or a negative errno.
 */
int wq_edits_write(const struct wq_edits *edits, const struct wq_text *text);

#endif
