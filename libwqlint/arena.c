/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bump allocation in blocks, and interned strings on top of it.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arena.h"

/* Blocks grow with the arena, from the one size to the other, by two. */
#define MIN_BLOCK_BYTES	((size_t)8 * 1024)
#define MAX_BLOCK_BYTES	((size_t)1024 * 1024)
#define NR_BLOCK_SIZES	8
#define ALIGNMENT	16

struct block {
	struct block *next;
	size_t used, size;
	bool is_kept;		/* when the arena is freed */
	bool is_used;		/* was freed before: it is not zero */
	char bytes[] __attribute__((aligned(ALIGNMENT)));
};

struct name {
	const char *text;
	uint32_t hash;
	uint32_t bytes;
};

struct wq_arena {
	struct block *blocks;
	struct name *names;	/* open hash table of interned strings */
	size_t nr_names, nr_slots;
};

static void *allocate_or_die(size_t bytes)
{
	void *memory = calloc(1, bytes);

	if (!memory) {
		fputs("wqlint: out of memory\n", stderr);
		exit(3);
	}
	return memory;
}

/*
 * Blocks that are free again, by size; and the rest of the region that new
 * ones are cut from. A fault for each page of all that a kernel's
 * facts take costs more than half of what reading them does.
 */
#define REGION_BYTES	((size_t)64 * 1024 * 1024)
#define HUGE_PAGE_BYTES	((size_t)2 * 1024 * 1024)

static struct {
	bool is_used;
	char *next, *end;
	struct block *free[NR_BLOCK_SIZES];
} kept;

void wq_arena_keep_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
	kept.is_used = true;
#endif
}

/* Memory that is zero; NULL when there is no more. */
static void *cut_from_region(size_t bytes)
{
	size_t mapped = REGION_BYTES + HUGE_PAGE_BYTES;
	char *region;

	if ((size_t)(kept.end - kept.next) < bytes) {
		region = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			      -1, 0);
		if (region == MAP_FAILED)
			return NULL;
		kept.end = region + mapped;
		region += HUGE_PAGE_BYTES -
			  (uintptr_t)region % HUGE_PAGE_BYTES;
		kept.next = region;
		madvise(region, REGION_BYTES, MADV_HUGEPAGE);
	}
	kept.next += bytes;
	return kept.next - bytes;
}

/* The number of that size of a block, or of a larger one. */
static unsigned int size_class(size_t bytes)
{
	unsigned int class = 0;

	while (MIN_BLOCK_BYTES << class < bytes)
		class++;
	return class;
}

/* With room for @size bytes. */
static struct block *new_block(size_t size)
{
	size_t bytes = sizeof(struct block) + size;
	unsigned int class = size_class(bytes);
	struct block *block = NULL;

	if (kept.is_used && class < NR_BLOCK_SIZES) {
		bytes = MIN_BLOCK_BYTES << class;
		block = kept.free[class];
		if (block)
			kept.free[class] = block->next;
		else
			block = cut_from_region(bytes);
		if (block)
			block->is_kept = true;
	}
	if (!block)
		block = allocate_or_die(bytes);
	block->size = bytes - sizeof(*block);
	block->used = 0;
	return block;
}

static void free_block(struct block *block)
{
	unsigned int class;

	if (!block->is_kept) {
		free(block);
		return;
	}
	block->is_used = true;
	class = size_class(sizeof(*block) + block->size);
	block->next = kept.free[class];
	kept.free[class] = block;
}

struct wq_arena *wq_arena_new(void)
{
	return allocate_or_die(sizeof(struct wq_arena));
}

void wq_arena_free(struct wq_arena *arena)
{
	struct block *block, *next;

	if (!arena)
		return;
	for (block = arena->blocks; block; block = next) {
		next = block->next;
		free_block(block);
	}
	free(arena->names);
	free(arena);
}

/* A block twice as large as the last, or one for those @bytes alone. */
static struct block *add_block(struct wq_arena *arena, size_t bytes)
{
	const struct block *last = arena->blocks;
	size_t size = last ? (last->size + sizeof(*last)) * 2
			   : MIN_BLOCK_BYTES;
	struct block *block;

	if (size > MAX_BLOCK_BYTES)
		size = MAX_BLOCK_BYTES;
	size -= sizeof(*block);
	block = new_block(size < bytes ? bytes : size);
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

static inline __attribute__((always_inline)) void *
allocate(struct wq_arena *arena, size_t bytes, size_t alignment)
{
	struct block *block = arena->blocks;
	size_t start;

	if (!block)
		block = add_block(arena, bytes);
	start = (block->used + alignment - 1) & ~(alignment - 1);
	if (start + bytes > block->size) {
		block = add_block(arena, bytes);
		start = 0;
	}
	block->used = start + bytes;
	return block->bytes + start;
}

void *wq_arena_alloc(struct wq_arena *arena, size_t bytes)
{
	void *memory = allocate(arena, bytes, ALIGNMENT);

	return arena->blocks->is_used ? memset(memory, 0, bytes) : memory;
}

void *wq_arena_copy_of(struct wq_arena *arena, const void *original,
		       size_t bytes)
{
	return memcpy(allocate(arena, bytes, ALIGNMENT), original, bytes);
}

const char *wq_arena_copy(struct wq_arena *arena, const char *text)
{
	return text ? wq_arena_copy_bytes(arena, text, strlen(text)) : NULL;
}

const char *wq_arena_copy_bytes(struct wq_arena *arena, const char *text,
				size_t bytes)
{
	char *copy = allocate(arena, bytes + 1, 1);

	copy[bytes] = '\0';
	return memcpy(copy, text, bytes);
}

/*
 * Most texts are made of others, "%s.%s", and there are many: printf() takes
 * longer for each than all else that is done with it. Writes to @to, or only
 * counts when that is NULL; false: @format has more than strings.
 */
static bool join_strings(char *to, size_t *bytes, const char *format,
			 va_list args)
{
	const char *part;
	size_t length;

	for (*bytes = 0; *format; *bytes += length) {
		part = format;
		length = strcspn(format, "%");
		format += length;
		if (!length) {
			if (format[1] != 's')
				return false;
			part = va_arg(args, const char *);
			if (!part)
				return false;
			length = strlen(part);
			format += 2;
		}
		if (to)
			memcpy(to + *bytes, part, length);
	}
	return true;
}

const char *wq_arena_printf(struct wq_arena *arena, const char *format, ...)
{
	size_t bytes;
	va_list args;
	bool simple;
	char *text;
	int length;

	va_start(args, format);
	simple = join_strings(NULL, &bytes, format, args);
	va_end(args);
	if (simple) {
		text = wq_arena_alloc(arena, bytes + 1);
		va_start(args, format);
		join_strings(text, &bytes, format, args);
		va_end(args);
		return text;
	}
	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		return "";
	text = wq_arena_alloc(arena, (size_t)length + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}

uint64_t wq_hash_bytes(const char *text, size_t bytes)
{
	uint64_t hash = 14695981039346656037ULL;

	for (; bytes; text++, bytes--)
		hash = (hash ^ (unsigned char)*text) * 1099511628211ULL;
	return hash;
}

uint64_t wq_hash(const char *text)
{
	return wq_hash_bytes(text, strlen(text));
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 32;
}

static uint64_t load(const char *text, size_t bytes)
{
	uint64_t word = 0;

	memcpy(&word, text, bytes);
	return word;
}

/* Up to eight bytes, read twice rather than one by one. */
static uint64_t short_word(const char *text, size_t bytes)
{
	if (bytes >= 4)
		return load(text, 4) << 32 ^ load(text + bytes - 4, 4);
	if (!bytes)
		return 0;
	return (uint64_t)(unsigned char)text[0] << 16 |
	       (uint64_t)(unsigned char)text[bytes / 2] << 8 |
	       (unsigned char)text[bytes - 1];
}

uint64_t wq_hash_quickly(const char *text, size_t bytes)
{
	uint64_t hash = bytes, lane[4] = { 1, 2, 3, 4 };
	unsigned int i;

	/* Four at a time do not wait for each other. */
	if (bytes >= 64) {
		for (; bytes >= 32; bytes -= 32, text += 32)
			for (i = 0; i < 4; i++)
				lane[i] = mix(lane[i], load(text + 8 * i, 8));
		for (i = 0; i < 4; i++)
			hash = mix(hash, lane[i]);
	}
	for (; bytes > 8; bytes -= 8, text += 8)
		hash = mix(hash, load(text, 8));
	return mix(hash, short_word(text, bytes));
}

/* memcmp() by its two ends, which are most of a name or all of it. */
static inline bool is_same(const char *a, const char *b, size_t bytes)
{
	if (bytes < 4)
		return !memcmp(a, b, bytes);
	if (bytes < 8)
		return load(a, 4) == load(b, 4) &&
		       load(a + bytes - 4, 4) == load(b + bytes - 4, 4);
	if (load(a, 8) != load(b, 8) ||
	    load(a + bytes - 8, 8) != load(b + bytes - 8, 8))
		return false;
	return bytes <= 16 || !memcmp(a + 8, b + 8, bytes - 16);
}

static struct name *find_name(struct name *names, size_t nr_slots,
			      const char *text, size_t bytes, uint32_t hash)
{
	size_t i = hash & (nr_slots - 1);

	while (names[i].text &&
	       (names[i].hash != hash || names[i].bytes != bytes ||
		!is_same(names[i].text, text, bytes)))
		i = (i + 1) & (nr_slots - 1);
	return &names[i];
}

static void grow_names(struct wq_arena *arena)
{
	size_t nr_slots = arena->nr_slots ? arena->nr_slots * 2 : 64;
	struct name *names = allocate_or_die(nr_slots * sizeof(*names));
	size_t i, to;

	for (i = 0; i < arena->nr_slots; i++) {
		if (!arena->names[i].text)
			continue;
		to = arena->names[i].hash & (nr_slots - 1);
		while (names[to].text)
			to = (to + 1) & (nr_slots - 1);
		names[to] = arena->names[i];
	}
	free(arena->names);
	arena->names = names;
	arena->nr_slots = nr_slots;
}

const char *wq_arena_intern_bytes(struct wq_arena *arena, const char *text,
				  size_t bytes)
{
	uint32_t hash = (uint32_t)wq_hash_quickly(text, bytes);
	struct name *name;

	if (arena->nr_names * 2 >= arena->nr_slots)
		grow_names(arena);
	name = find_name(arena->names, arena->nr_slots, text, bytes, hash);
	if (!name->text) {
		*name = (struct name){ wq_arena_copy_bytes(arena, text, bytes),
				       hash, (uint32_t)bytes };
		arena->nr_names++;
	}
	return name->text;
}

const char *wq_arena_intern(struct wq_arena *arena, const char *text)
{
	return text ? wq_arena_intern_bytes(arena, text, strlen(text)) : NULL;
}

const char *wq_arena_find(const struct wq_arena *arena, const char *text)
{
	size_t bytes = strlen(text);

	if (!arena->nr_slots)
		return NULL;
	return find_name(arena->names, arena->nr_slots, text, bytes,
			 (uint32_t)wq_hash_quickly(text, bytes))->text;
}

void *wq_arena_grow(struct wq_arena *arena, void *array, size_t count,
		    size_t element_bytes)
{
	void *bigger;
	size_t bytes = count * element_bytes;

	if (count & (count - 1))
		return array;
	if (!count)
		return wq_arena_alloc(arena, element_bytes);
	bigger = allocate(arena, bytes * 2, ALIGNMENT);
	memset((char *)bigger + bytes, 0, bytes);
	return memcpy(bigger, array, bytes);
}
