/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 128 bits that tell contents apart. Not against those who make collisions
 * on purpose: they could write to the cache directly.
 */
#ifndef WQ_DIGEST_H
#define WQ_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

struct wq_digest {
	unsigned char bytes[16];
};

/* A digest in the making, of any number of texts in their order. */
struct wq_digesting;

struct wq_digesting *wq_digest_begin(void);

/* Add @bytes bytes, and their number: "ab" and "c" are not "a" and "bc". */
void wq_digest_add(struct wq_digesting *digesting, const void *data,
		   size_t bytes);
void wq_digest_add_text(struct wq_digesting *digesting, const char *text);

/* Frees @digesting. */
struct wq_digest wq_digest_end(struct wq_digesting *digesting);

struct wq_digest wq_digest_of(const void *data, size_t bytes);
bool wq_digest_equal(const struct wq_digest *a, const struct wq_digest *b);

/* 32 hexadecimal digits. */
const char *wq_digest_text(struct wq_arena *arena,
			   const struct wq_digest *digest);

/* Digests of files' contents; each is read once. */
struct wq_file_digests;

struct wq_file_digests *wq_file_digests_new(struct wq_arena *arena);

/* Of @path below @directory. NULL: it cannot be read. */
const struct wq_digest *wq_file_digest(struct wq_file_digests *files,
				       const char *directory,
				       const char *path);

/* All of the file @path, which is then @bytes long; NULL: errno. Freed by
 * the caller. */
char *wq_file_read(const char *path, size_t *bytes);

#endif
