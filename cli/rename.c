/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Units that were compiled in different directories name the same header
 * differently: here they learn to speak alike.
 */
#include <string.h>

#include "cli.h"

struct renaming {
	struct wq_arena *arena;
	struct wq_unit *unit;
	const char *directory, *base;
	const char *old, *new;		/* the last one: files repeat */
};

/* @file as the compiler named it, as seen from the base. */
static const char *name_from_base(struct renaming *names, const char *file)
{
	/* "<built-in>" and its like are no files. */
	if (!file || file[0] == '<')
		return file;
	file = wq_path_absolute(names->arena, names->directory, file);
	return wq_unit_string(names->unit, wq_path_below(names->base, file));
}

static void rename_location(struct renaming *names, struct wq_location *where)
{
	if (!names->old || where->file != names->old) {
		names->old = where->file;
		names->new = name_from_base(names, where->file);
	}
	where->file = names->new;
}

void wq_unit_rename_files(struct wq_arena *arena, struct wq_unit *unit,
			  const char *directory, const char *base)
{
	struct renaming names = {
		.arena = arena, .unit = unit, .directory = directory,
		.base = base,
	};
	unsigned int i;

	for (i = 0; i < unit->nr_functions; i++)
		rename_location(&names, &unit->functions[i]->where);
	for (i = 0; i < unit->nr_events; i++)
		rename_location(&names, &unit->events[i]->where);
	for (i = 0; i < unit->nr_types; i++)
		unit->types[i].file = name_from_base(&names,
						     unit->types[i].file);
	unit->source = name_from_base(&names, unit->source);
	unit->directory = wq_unit_string(unit, base);
}
