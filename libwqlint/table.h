/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hash table from a key to one growing list. It is empty when it is zeroed,
 * and what it needs is in the arena that is given to wq_table_add().
 */
#ifndef WQ_TABLE_H
#define WQ_TABLE_H

#include "arena.h"

/*
 * What lists are found by: a name, and for what only one unit can name also
 * the source of the unit. Both must live as long as the table.
 */
struct wq_key {
	const char *name;
	const char *source;		/* or NULL */
};

struct wq_entry {
	struct wq_key key;
	uint64_t hash;
	void *list;
	unsigned int count;
};

struct wq_table {
	struct wq_entry *slots;
	unsigned int nr_slots, nr_used;
};

/* The key of what only its name tells from others. */
static inline struct wq_key wq_key_of(const char *name)
{
	return (struct wq_key){ name, NULL };
}

/* The list of @key; NULL, or of no elements, when there is none. */
struct wq_entry *wq_table_find(const struct wq_table *table,
			       struct wq_key key);

/* One more element in the list of @key, zeroed. */
void *wq_table_add(struct wq_arena *arena, struct wq_table *table,
		   struct wq_key key, size_t element_bytes);

/* The same for who keeps the hash of a key that is needed again and again. */
uint64_t wq_key_hash(struct wq_key key);
struct wq_entry *wq_table_find_hashed(const struct wq_table *table,
				      struct wq_key key, uint64_t hash);
void *wq_table_add_hashed(struct wq_arena *arena, struct wq_table *table,
			  struct wq_key key, uint64_t hash,
			  size_t element_bytes);

#endif
