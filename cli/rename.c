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
				  const char *directory, const char *file)
{
	struct known_name *slot;

	/* "<built-in>" and its like are no files. */
	if (!file || file[0] == '<')
		return file;
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

/* The few files of one unit, by the pointers to their old names. */
#define NR_RECENT	64

struct recent {
	struct wq_renames *renames;
	const char *directory;
	struct {
		const char *old, *new;
	} slots[NR_RECENT];
};

static const char *rename_file(struct recent *recent, const char *file)
{
	size_t hash = (size_t)file * (size_t)0x9e3779b97f4a7c15ULL;
	unsigned int i = (unsigned int)(hash >> 58) % NR_RECENT;

	if (recent->slots[i].old != file) {
		recent->slots[i].old = file;
		recent->slots[i].new = name_from_base(recent->renames,
						      recent->directory, file);
	}
	return recent->slots[i].new;
}

void wq_unit_rename_files(struct wq_renames *renames, struct wq_unit *unit,
			  const char *directory)
{
	struct recent recent = { .renames = renames };
	unsigned int i;

	recent.directory = wq_arena_intern(renames->arena, directory);
	for (i = 0; i < unit->nr_functions; i++)
		unit->functions[i]->where.file =
			rename_file(&recent, unit->functions[i]->where.file);
	for (i = 0; i < unit->nr_events; i++)
		unit->events[i]->where.file =
			rename_file(&recent, unit->events[i]->where.file);
	for (i = 0; i < unit->nr_types; i++)
		unit->types[i].file = rename_file(&recent,
						  unit->types[i].file);
	unit->source = rename_file(&recent, unit->source);
	unit->directory = renames->directory;
}
