/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the command line names, as units: objects, archives, facts files, and
 * all of them below a directory.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "object.h"

/* What is wrong with one file fills no more of a screen than this. */
#define MAX_LINES_PER_FILE	10

struct collection {
	struct wq_arena *arena;
	struct wq_inputs *inputs;
	struct wq_objects *objects;
	const char *path;
	unsigned int nr_lines;		/* about path */
	const char **mods;		/* .mod files in directories */
	unsigned int nr_mods;
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
	struct collection *collection = context;

	if (collection->nr_lines++ >= MAX_LINES_PER_FILE)
		return;
	if (line)
		wq_msg("%s: line %u of the facts: %s", collection->path, line,
		       cause);
	else
		wq_msg("%s: %s", collection->path, cause);
}

static void read_file(struct collection *collection, const char *path,
		      bool required)
{
	collection->path = path;
	collection->nr_lines = 0;
	collection->inputs->nr_wrong +=
		wq_objects_read(collection->objects, path, required);
	if (collection->nr_lines > MAX_LINES_PER_FILE)
		wq_msg("%s: and %u more of that kind", path,
		       collection->nr_lines - MAX_LINES_PER_FILE);
}

/* Directories */

static bool ends_in(const char *name, const char *suffix)
{
	size_t length = strlen(name), suffix_length = strlen(suffix);

	return length > suffix_length &&
	       !strcmp(name + length - suffix_length, suffix);
}

static bool is_regular(const char *path, unsigned char type)
{
	struct stat status;

	if (type != DT_LNK && type != DT_UNKNOWN)
		return type == DT_REG;
	return !stat(path, &status) && S_ISREG(status.st_mode);
}

/* In a directory the name decides, and most objects may have no facts. */
static void visit_file(struct collection *collection, const char *path,
		       const char *name, unsigned char type)
{
	if (ends_in(name, ".wqfacts") || ends_in(name, ".o") ||
	    ends_in(name, ".a")) {
		if (is_regular(path, type))
			read_file(collection, path, false);
	} else if (ends_in(name, ".mod") && is_regular(path, type)) {
		collection->mods = wq_arena_grow(collection->arena,
						 collection->mods,
						 collection->nr_mods,
						 sizeof(*collection->mods));
		collection->mods[collection->nr_mods++] =
			wq_path_resolve(collection->arena, path);
	}
}

static int compare_entries(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_no_dot(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/* Symbolic links to directories are not followed: they may lead back. */
static bool is_own_directory(const char *path, unsigned char type)
{
	struct stat status;

	if (type != DT_UNKNOWN)
		return type == DT_DIR;
	return !lstat(path, &status) && S_ISDIR(status.st_mode);
}

/*
 * Not fts: that asks for the status of every file, and a build directory has
 * a hundred thousand.
 */
static void read_directory(struct collection *collection, const char *path)
{
	const char *slash = ends_in(path, "/") || !strcmp(path, "/") ? ""
								     : "/";
	struct dirent **entries;
	int i, count = scandir(path, &entries, is_no_dot, compare_entries);
	const char *below;

	if (count < 0) {
		wq_msg("%s: %s", path, strerror(errno));
		collection->inputs->nr_wrong++;
		return;
	}
	for (i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		below = wq_arena_printf(collection->arena, "%s%s%s",
						path, slash, name);
		if (is_own_directory(below, entries[i]->d_type))
			read_directory(collection, below);
		else
			visit_file(collection, below, name,
				   entries[i]->d_type);
		free(entries[i]);
	}
	free(entries);
}

/* Units */

static int compare_texts(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a ? a : "", b ? b : "");
}

static int compare_units(const void *left, const void *right)
{
	const struct wq_unit *a = *(struct wq_unit *const *)left;
	const struct wq_unit *b = *(struct wq_unit *const *)right;
	int order = compare_texts(a->source, b->source);

	if (!order)
		order = compare_texts(a->object, b->object);
	if (!order)
		order = compare_texts(a->directory, b->directory);
	if (!order)
		order = compare_texts(a->modfile, b->modfile);
	if (!order)
		order = compare_texts(a->modname, b->modname);
	return order ? order : (a->hash > b->hash) - (a->hash < b->hash);
}

/* What a scan did not look at decides between units that look the same. */
static void look_closer(struct wq_inputs *inputs)
{
	struct wq_unit **units = inputs->units;
	unsigned int start, end, i;

	for (start = 0; start < inputs->count; start = end) {
		for (end = start + 1; end < inputs->count; end++)
			if (compare_units(&units[start], &units[end]))
				break;
		for (i = start; end - start > 1 && i < end; i++)
			units[i]->hash = wq_place_hash(units[i]->place);
		if (end - start > 1)
			qsort(units + start, end - start, sizeof(*units),
			      compare_units);
	}
}

/*
 * An object's facts are also in what was linked from it. Facts of the same
 * text are one unit, wherever they were; and no order of arguments or of a
 * directory is seen in what follows.
 */
static void sort_units(struct wq_inputs *inputs)
{
	unsigned int i, count = 0;

	if (!inputs->count)
		return;
	qsort(inputs->units, inputs->count, sizeof(*inputs->units),
	      compare_units);
	look_closer(inputs);
	for (i = 1; i < inputs->count; i++)
		if (compare_units(&inputs->units[count], &inputs->units[i]))
			inputs->units[++count] = inputs->units[i];
	inputs->count = count + 1;
}

static bool is_directory(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

void wq_inputs_read(struct wq_arena *arena, char **paths,
		    unsigned int nr_paths, struct wq_inputs *inputs)
{
	struct collection collection = { .arena = arena, .inputs = inputs };
	unsigned int i;

	memset(inputs, 0, sizeof(*inputs));
	collection.objects = wq_objects_new(receive, complain, &collection);
	wq_objects_scan(collection.objects, arena);
	/* First what must have facts, as no file is read twice. */
	for (i = 0; i < nr_paths; i++)
		if (!is_directory(paths[i]))
			read_file(&collection, paths[i], true);
	for (i = 0; i < nr_paths; i++)
		if (is_directory(paths[i]))
			read_directory(&collection, paths[i]);
	wq_objects_free(collection.objects);
	sort_units(inputs);
	wq_kbuild_find_incomplete(arena, inputs, collection.mods,
				  collection.nr_mods);
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

static const char *source_of(struct wq_arena *arena, const void *context,
			     unsigned int number)
{
	const struct wq_inputs *inputs = context;
	const struct wq_unit *unit = inputs->units[number];

	return wq_path_absolute(arena, unit->directory ? unit->directory : "/",
				unit->source);
}

const char *wq_inputs_base(struct wq_options *options,
			   const struct wq_inputs *inputs)
{
	return wq_tree_base(options,
			    wq_inputs_directory(options->arena, inputs),
			    source_of, inputs, inputs->count);
}

void wq_inputs_add(const struct wq_inputs *inputs, struct wq_modules *modules)
{
	unsigned int i;

	for (i = 0; i < inputs->count; i++)
		wq_modules_add(modules, inputs->units[i],
			       directory_of(inputs->units[i]));
	for (i = 0; i < inputs->nr_incomplete; i++)
		wq_modules_add_missing(modules, inputs->incomplete[i]);
}
