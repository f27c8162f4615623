/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Units that were compiled in different directories name the same header
 * differently: here they learn to speak alike. Most units of a kernel name
 * the same headers, so each new name is made once.
 */
#include <string.h>

#include "cli.h"

/* @old as the compiler named it that ran in @directory; both are interned. */
struct known_name {
	const char *directory, *old;
	const char *new;		/* NULL: an empty slot */
};

struct wq_renames {
	struct wq_arena *arena;
	const char *base;
	const char *directory;		/* where it really is */
	const char *overlay;		/* or NULL */
	struct known_name *slots;
	unsigned int nr_slots, nr_used;
};

struct wq_renames *wq_renames_new(struct wq_arena *arena, const char *base)
{
	struct wq_renames *renames = wq_arena_alloc(arena, sizeof(*renames));

	renames->arena = arena;
	renames->base = renames->directory = wq_arena_intern(arena, base);
	return renames;
}

void wq_renames_read_from(struct wq_renames *renames, const char *directory)
{
	renames->directory = wq_arena_intern(renames->arena, directory);
}

void wq_renames_set_overlay(struct wq_renames *renames, const char *overlay)
{
	renames->overlay = overlay;
}

/* @file, absolute, without the overlay. */
static const char *without_overlay(const struct wq_renames *renames,
				   const char *file)
{
	const char *below = renames->overlay
		? wq_path_below(renames->overlay, file) : file;

	return below == file ? file : below - 1;
}

static struct known_name *find_slot(const struct wq_renames *renames,
				    const char *directory, const char *old)
{
	size_t hash = ((size_t)directory * 31 + (size_t)old) *
		      (size_t)0x9e3779b97f4a7c15ULL >> 32;
	struct known_name *slot;

	for (;; hash++) {
		slot = &renames->slots[hash & (renames->nr_slots - 1)];
		if (!slot->new ||
		    (slot->directory == directory && slot->old == old))
			return slot;
	}
}

static void grow(struct wq_renames *renames)
{
	struct known_name *slots = renames->slots;
	unsigned int i, nr_slots = renames->nr_slots;

	renames->nr_slots = nr_slots ? nr_slots * 2 : 256;
	renames->slots = wq_arena_alloc(renames->arena, renames->nr_slots *
							sizeof(*slots));
	for (i = 0; i < nr_slots; i++)
		if (slots[i].new)
			*find_slot(renames, slots[i].directory, slots[i].old) =
				slots[i];
}

/* @file as the compiler named it, as seen from the base. */
static const char *name_from_base(struct wq_renames *renames,
				  const struct wq_unit *unit,
				  const char *directory, const char *file)
{
	struct known_name *slot;

	/* "<built-in>" and its like are no files. */
	if (!file || file[0] == '<')
		return file;
	if (unit->arena != renames->arena)
		file = wq_arena_intern(renames->arena, file);
	if (renames->nr_used * 2 >= renames->nr_slots)
		grow(renames);
	slot = find_slot(renames, directory, file);
	if (!slot->new) {
		slot->directory = directory;
		slot->old = file;
		slot->new = wq_arena_intern(renames->arena, wq_path_below(
			renames->base, without_overlay(renames,
				wq_path_absolute(renames->arena, directory,
						 file))));
		renames->nr_used++;
	}
	return slot->new;
}

/* Locations of one file come in runs. */
struct run {
	const struct wq_unit *unit;
	const char *directory;
	const char *old, *new;
};

static void rename_location(struct wq_renames *renames, struct run *run,
			    struct wq_location *where)
{
	if (!run->old || where->file != run->old) {
		run->old = where->file;
		run->new = name_from_base(renames, run->unit, run->directory,
					  where->file);
	}
	where->file = run->new;
}

void wq_unit_rename_files(struct wq_renames *renames, struct wq_unit *unit,
			  const char *directory)
{
	struct run run = { .unit = unit };
	unsigned int i;

	directory = wq_arena_intern(renames->arena, directory);
	run.directory = directory;
	for (i = 0; i < unit->nr_functions; i++)
		rename_location(renames, &run, &unit->functions[i]->where);
	for (i = 0; i < unit->nr_events; i++)
		rename_location(renames, &run, &unit->events[i]->where);
	for (i = 0; i < unit->nr_types; i++)
		unit->types[i].file = name_from_base(renames, unit, directory,
						     unit->types[i].file);
	unit->source = name_from_base(renames, unit, directory, unit->source);
	unit->directory = renames->directory;
}
