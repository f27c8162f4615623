/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hash table of lists.
 */
#include <stdbool.h>
#include <string.h>

#include "table.h"

uint64_t wq_key_hash(struct wq_key key)
{
	uint64_t hash = wq_hash_quickly(key.name, strlen(key.name));

	return key.source ? hash * 31 + wq_hash_quickly(key.source,
							strlen(key.source))
			  : hash;
}

static bool same_key(struct wq_key a, struct wq_key b)
{
	return (a.name == b.name || !strcmp(a.name, b.name)) &&
	       (a.source == b.source ||
		(a.source && b.source && !strcmp(a.source, b.source)));
}

static struct wq_entry *find_slot(const struct wq_table *table,
				  struct wq_key key, uint64_t hash)
{
	size_t i = (size_t)hash & (table->nr_slots - 1);

	while (table->slots[i].key.name &&
	       (table->slots[i].hash != hash ||
		!same_key(table->slots[i].key, key)))
		i = (i + 1) & (table->nr_slots - 1);
	return &table->slots[i];
}

struct wq_entry *wq_table_find_hashed(const struct wq_table *table,
				      struct wq_key key, uint64_t hash)
{
	return table->nr_slots ? find_slot(table, key, hash) : NULL;
}

struct wq_entry *wq_table_find(const struct wq_table *table, struct wq_key key)
{
	return table->nr_slots ? find_slot(table, key, wq_key_hash(key))
			       : NULL;
}

static void grow_table(struct wq_arena *arena, struct wq_table *table)
{
	struct wq_table bigger = {
		.nr_slots = table->nr_slots ? table->nr_slots * 2 : 64,
		.nr_used = table->nr_used,
	};
	unsigned int i;

	bigger.slots = wq_arena_alloc(arena, bigger.nr_slots *
					     sizeof(*bigger.slots));
	for (i = 0; i < table->nr_slots; i++)
		if (table->slots[i].key.name)
			*find_slot(&bigger, table->slots[i].key,
				   table->slots[i].hash) = table->slots[i];
	*table = bigger;
}

void *wq_table_add_hashed(struct wq_arena *arena, struct wq_table *table,
			  struct wq_key key, uint64_t hash,
			  size_t element_bytes)
{
	struct wq_entry *entry;

	if (table->nr_used * 2 >= table->nr_slots)
		grow_table(arena, table);
	entry = find_slot(table, key, hash);
	if (!entry->key.name) {
		entry->key = key;
		entry->hash = hash;
		table->nr_used++;
	}
	entry->list = wq_arena_grow(arena, entry->list, entry->count,
				    element_bytes);
	return (char *)entry->list + entry->count++ * element_bytes;
}

void *wq_table_add(struct wq_arena *arena, struct wq_table *table,
		   struct wq_key key, size_t element_bytes)
{
	return wq_table_add_hashed(arena, table, key, wq_key_hash(key),
				   element_bytes);
}
