/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hash table from interned strings to numbers. Zeroed memory is an empty
 * one; what it grows to lives in the arena that is given.
 */
#ifndef WQ_NAMES_H
#define WQ_NAMES_H

#include "arena.h"

struct wq_name {
	const char *name;
	unsigned int number;
};

struct wq_names {
	struct wq_name *slots;
	unsigned int nr_slots, count;
};

/* The number of @name, which is interned in the names' arena, or -1. */
int wq_names_find(const struct wq_names *names, const char *name);

/* Add @name, which is not in @names yet, with @number. */
void wq_names_add(struct wq_arena *arena, struct wq_names *names,
		  const char *name, unsigned int number);

#endif
