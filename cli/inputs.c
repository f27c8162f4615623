/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the command line names, as units: objects, facts files, and all of
 * them below a directory.
 */
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "object.h"

struct collection {
	struct wq_arena *arena;
	struct wq_inputs *inputs;
	const char *path;
};

static void receive(struct wq_unit *unit, void *context)
{
	struct collection *collection = context;
	struct wq_inputs *inputs = collection->inputs;

	inputs->units = wq_arena_grow(collection->arena, inputs->units,
				      inputs->count, sizeof(*inputs->units));
	inputs->units[inputs->count++] = unit;
}

static void complain(unsigned int line, const char *cause, void *context)
{
	const struct collection *collection = context;

	if (line)
		wq_msg("%s: line %u of the facts: %s", collection->path, line,
		       cause);
	else
		wq_msg("%s: %s", collection->path, cause);
}

static void read_file(struct collection *collection, const char *path)
{
	collection->path = path;
	collection->inputs->nr_wrong += wq_object_read(path, receive, complain,
						       collection);
}

static bool is_facts_file(const char *path)
{
	const char *dot = strrchr(wq_path_name(path), '.');

	return dot && !strcmp(dot, ".wqfacts");
}

static int compare_entries(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void read_directory(struct collection *collection, char *path)
{
	char *paths[] = { path, NULL };
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR,
			     compare_entries);
	FTSENT *entry;

	while (walk && (entry = fts_read(walk)))
		if (entry->fts_info == FTS_F && is_facts_file(entry->fts_path))
			read_file(collection, entry->fts_path);
	if (walk)
		fts_close(walk);
}

void wq_inputs_read(struct wq_arena *arena, char **paths,
		    unsigned int nr_paths, struct wq_inputs *inputs)
{
	struct collection collection = { .arena = arena, .inputs = inputs };
	struct stat status;
	unsigned int i;

	memset(inputs, 0, sizeof(*inputs));
	for (i = 0; i < nr_paths; i++)
		if (!stat(paths[i], &status) && S_ISDIR(status.st_mode))
			read_directory(&collection, paths[i]);
		else
			read_file(&collection, paths[i]);
}

void wq_inputs_free(struct wq_inputs *inputs)
{
	unsigned int i;

	for (i = 0; i < inputs->count; i++)
		wq_unit_free(inputs->units[i]);
}

static const char *directory_of(const struct wq_unit *unit)
{
	return unit->directory && *unit->directory == '/' ? unit->directory
							   : "/";
}

const char *wq_inputs_directory(struct wq_arena *arena,
				const struct wq_inputs *inputs)
{
	const char *base = directory_of(inputs->units[0]);
	unsigned int i;

	for (i = 1; i < inputs->count; i++)
		if (strcmp(base, directory_of(inputs->units[i])))
			base = wq_path_common(arena, base,
					      directory_of(inputs->units[i]));
	return base;
}

void wq_inputs_add(struct wq_arena *arena, const struct wq_inputs *inputs,
		   struct wq_modules *modules, const char *base)
{
	unsigned int i;

	for (i = 0; i < inputs->count; i++) {
		struct wq_unit *unit = inputs->units[i];

		wq_unit_rename_files(arena, unit, directory_of(unit), base);
		wq_modules_add(modules, wq_unit_module(unit), unit);
	}
}
