/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open addressing by the address of an interned string.
 */
#include "names.h"

static struct wq_name *find_slot(const struct wq_names *names,
				 const char *name)
{
	uint64_t hash = (uint64_t)(uintptr_t)name * 0x9e3779b97f4a7c15ULL;
	size_t i = (size_t)(hash >> 32) & (names->nr_slots - 1);

	while (names->slots[i].name && names->slots[i].name != name)
		i = (i + 1) & (names->nr_slots - 1);
	return &names->slots[i];
}

int wq_names_find(const struct wq_names *names, const char *name)
{
	const struct wq_name *slot;

	if (!names->nr_slots)
		return -1;
	slot = find_slot(names, name);
	return slot->name ? (int)slot->number : -1;
}

static void grow(struct wq_arena *arena, struct wq_names *names)
{
	struct wq_names bigger = {
		.nr_slots = names->nr_slots ? names->nr_slots * 2 : 16,
		.count = names->count,
	};
	unsigned int i;

	bigger.slots = wq_arena_alloc(arena, bigger.nr_slots *
					     sizeof(*bigger.slots));
	for (i = 0; i < names->nr_slots; i++)
		if (names->slots[i].name)
			*find_slot(&bigger, names->slots[i].name) =
				names->slots[i];
	*names = bigger;
}

void wq_names_add(struct wq_arena *arena, struct wq_names *names,
		  const char *name, unsigned int number)
{
	if (names->count * 2 >= names->nr_slots)
		grow(arena, names);
	*find_slot(names, name) = (struct wq_name){ name, number };
	names->count++;
}
