/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that dies at once: facts, programs and findings each own an arena,
 * so that no rule ever frees anything.
 *
 * Running out of memory ends the program with one line on stderr; no
 * function here returns NULL for that reason.
 */
#ifndef WQ_ARENA_H
#define WQ_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct wq_arena;

/*
 * From now on keep the memory of arenas that are freed for others, and take
 * it from the system in large pages: for who makes thousands of arenas.
 */
void wq_arena_keep_memory(void);

/* A new, empty arena. The caller frees it with wq_arena_free(). */
struct wq_arena *wq_arena_new(void);

/* Free the arena and all that was allocated from it. NULL is fine. */
void wq_arena_free(struct wq_arena *arena);

/* @bytes zeroed bytes, aligned for any type, that live as long as @arena. */
void *wq_arena_alloc(struct wq_arena *arena, size_t bytes);

/* A copy of @bytes bytes, aligned for any type. */
void *wq_arena_copy_of(struct wq_arena *arena, const void *original,
		       size_t bytes);

/* A copy of @text in @arena; NULL stays NULL. */
const char *wq_arena_copy(struct wq_arena *arena, const char *text);

/* The same of @bytes bytes, none of which is NUL. */
const char *wq_arena_copy_bytes(struct wq_arena *arena, const char *text,
				size_t bytes);

/* printf() into @arena; the result is never NULL. */
const char *wq_arena_printf(struct wq_arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * One copy per distinct string: two results of the same arena are the same
 * pointer exactly when the texts are equal. NULL stays NULL.
 */
const char *wq_arena_intern(struct wq_arena *arena, const char *text);

/* The same for @bytes bytes, none of which is NUL, and that need not end so. */
const char *wq_arena_intern_bytes(struct wq_arena *arena, const char *text,
				  size_t bytes);

/* What wq_arena_intern() would return, or NULL when there is none yet. */
const char *wq_arena_find(const struct wq_arena *arena, const char *text);

/*
 * Make room for one more element in an array of an arena. @count is the
 * number in use; the array grows when it is a power of two (or 0). The old
 * array stays valid and unchanged. Returns the array to use from now on.
 */
void *wq_arena_grow(struct wq_arena *arena, void *array, size_t count,
		    size_t element_bytes);

/* FNV-1a, 64 bits: names of facts files, hash tables, fingerprints. */
uint64_t wq_hash(const char *text);
uint64_t wq_hash_bytes(const char *text, size_t bytes);

/* A word that has @byte in each of its bytes. */
#define WQ_EACH_BYTE(byte)	(0x0101010101010101ULL * (unsigned char)(byte))

/* Quicker, and different on other machines: not for what is stored. */
uint64_t wq_hash_quickly(const char *text, size_t bytes);

#endif
