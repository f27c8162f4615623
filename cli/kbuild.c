/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Kbuild left beside the objects: which objects make a module. Kbuild
 * writes their names to foo.mod, relative to where make ran, and the source
 * of foo.o to .foo.o.cmd.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

/* Of what Kbuild wrote; the largest .mod file has some 40 KiB. */
#define MAX_BYTES	((off_t)16 << 20)

struct membership {
	const char *module;
	const struct wq_unit *unit;
	const char *stem;		/* of the unit's object */
};

struct kbuild {
	struct wq_arena *arena;
	struct wq_inputs *inputs;
	const char **mods;		/* absolute names of .mod files */
	unsigned int nr_mods;
	const struct wq_unit *unit;	/* whose modules are listed */
	const char *stem;		/* of its object */
	struct membership *list;
	unsigned int count;
};

/* "dir/.tmp_foo.o", which CONFIG_MODVERSIONS compiles to, as "foo". */
static const char *stem_of(struct wq_arena *arena, const char *path)
{
	const char *name = wq_path_name(path);
	size_t length;

	if (!strncmp(name, ".tmp_", 5))
		name += 5;
	length = strlen(name);
	if (length > 2 && name[length - 2] == '.' &&
	    strchr("oc", name[length - 1]))
		length -= 2;
	return wq_arena_printf(arena, "%.*s", (int)length, name);
}

static const char *stem_of_unit(struct wq_arena *arena,
				const struct wq_unit *unit)
{
	return stem_of(arena, unit->object && *unit->object ? unit->object
							    : unit->source);
}

static void add_membership(const char *module, void *context)
{
	struct kbuild *kbuild = context;
	struct membership *membership;

	kbuild->list = wq_arena_grow(kbuild->arena, kbuild->list,
				     kbuild->count, sizeof(*kbuild->list));
	membership = &kbuild->list[kbuild->count++];
	membership->module = module;
	membership->unit = kbuild->unit;
	membership->stem = kbuild->stem;
}

static int compare_memberships(const void *left, const void *right)
{
	const struct membership *a = left, *b = right;

	return strcmp(a->module, b->module);
}

/* Kbuild's name-fix: a module's name has no dashes where it is a macro's. */
static bool same_name(const char *a, const char *b, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (a[i] != b[i] && !(strchr("-_", a[i]) && a[i] &&
				      strchr("-_", b[i]) && b[i]))
			return false;
	return true;
}

/* Is the .mod file @path that of @module, a path or only a name? */
static bool is_mod_of(const char *path, const char *module)
{
	size_t stem = strlen(path) - strlen(".mod"), length = strlen(module);

	return length < stem && path[stem - length - 1] == '/' &&
	       same_name(path + stem - length, module, length);
}

/*
 * The .mod file of @module where @unit was compiled, or NULL. Kernels before
 * 6.3 tell the compiler only the name of a module, not its directory; that
 * is mostly the object's, and a dash has become an underscore.
 */
static const char *find_mod_of_unit(struct wq_arena *arena, const char *module,
				    const struct wq_unit *unit)
{
	const char *object = unit->object ? unit->object : "", *path;
	int length = strchr(module, '/') ? 0
					 : (int)(wq_path_name(object) - object);
	char *name = strcpy(wq_arena_alloc(arena, strlen(module) + 1),
			    module), *dash;
	bool is_new = true;

	if (!unit->directory || *unit->directory != '/')
		return NULL;
	while (is_new) {
		path = wq_path_absolute(arena, unit->directory,
					wq_arena_printf(arena, "%.*s%s.mod",
							length, object, name));
		if (!access(path, R_OK))
			return path;
		is_new = false;
		for (dash = name; length && (dash = strchr(dash, '_'));) {
			*dash = '-';
			is_new = true;
		}
	}
	return NULL;
}

/* The .mod file of the @module that @unit is part of, or NULL. */
static const char *find_mod(const struct kbuild *kbuild, const char *module,
			    const struct wq_unit *unit)
{
	const char *found = find_mod_of_unit(kbuild->arena, module, unit);
	unsigned int i;

	if (found)
		return found;
	/* The tree may have been moved since, or only the name be known. */
	for (i = 0; i < kbuild->nr_mods; i++)
		if (is_mod_of(kbuild->mods[i], module)) {
			if (found && strcmp(found, kbuild->mods[i]))
				return NULL;
			found = kbuild->mods[i];
		}
	return found;
}

FILE *wq_kbuild_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode) ||
	    status.st_size > MAX_BYTES) {
		close(fd);
		return NULL;
	}
	return fdopen(fd, "r");
}

const char **wq_kbuild_objects(struct wq_arena *arena, const char *path)
{
	FILE *in = wq_kbuild_open(path);
	const char **objects = NULL;
	unsigned int count = 0;
	char word[4096];
	size_t length;

	while (in && fscanf(in, "%4095s", word) == 1) {
		length = strlen(word);
		/* Older kernels list undefined symbols, too. */
		if (length < 3 || strcmp(word + length - 2, ".o"))
			continue;
		objects = wq_arena_grow(arena, objects, count,
					sizeof(*objects));
		objects[count++] = wq_arena_copy(arena, word);
	}
	if (in)
		fclose(in);
	objects = wq_arena_grow(arena, objects, count, sizeof(*objects));
	objects[count] = NULL;
	return objects;
}

bool wq_kbuild_is_other_language(const char *path)
{
	FILE *in = wq_kbuild_open(path);
	char *line = NULL;
	size_t size = 0;
	bool other = false;
	ssize_t length;

	while (in && (length = getline(&line, &size, in)) > 0) {
		if (strncmp(line, "source_", 7))
			continue;
		line[strcspn(line, "\n")] = '\0';
		other = !wq_path_is_c_source(line);
		break;
	}
	free(line);
	if (in)
		fclose(in);
	return other;
}

/* Assembly and Rust have no facts, and use no work items from C's view. */
static bool is_other_language(struct wq_arena *arena, const char *mod,
			      const char *object)
{
	const char *name = wq_path_name(object), *path;
	int top = (int)strlen(mod);

	/* Relative to one of the directories that the .mod file is in. */
	do {
		while (top && mod[--top] != '/')
			;
		path = wq_arena_printf(arena, "%.*s/%.*s.%s.cmd", top, mod,
				       (int)(name - object), object, name);
		if (*object == '/')
			path = wq_arena_printf(arena, "%.*s.%s.cmd",
					       (int)(name - object), object,
					       name);
		if (!access(path, R_OK))
			return wq_kbuild_is_other_language(path);
	} while (top && *object != '/');
	return false;
}

/*
 * Facts name an object by what the compiler knew, which may be no more than
 * its name without directory. So objects are told by name, and counted.
 */
static bool has_unit(const struct membership *members, unsigned int count,
		     const char *const *stems, unsigned int which)
{
	unsigned int i, nr_units = 0, nr_objects = 1;

	for (i = 0; i < which; i++)
		nr_objects += !strcmp(stems[i], stems[which]);
	for (i = 0; i < count; i++)
		nr_units += !strcmp(members[i].stem, stems[which]);
	return nr_units >= nr_objects;
}

/* The names of @objects, ended by NULL, without directories and ".o". */
static const char **stems_of(struct wq_arena *arena, const char *const *objects)
{
	const char **stems;
	unsigned int i, count = 0;

	while (objects[count])
		count++;
	stems = wq_arena_alloc(arena, (count + 1) * sizeof(*stems));
	for (i = 0; i < count; i++)
		stems[i] = stem_of(arena, objects[i]);
	return stems;
}

static void check_module(struct kbuild *kbuild,
			 const struct membership *members, unsigned int count)
{
	struct wq_inputs *inputs = kbuild->inputs;
	const char *module = members[0].module, *missing = NULL;
	const char **objects, **stems;
	const char *mod = find_mod(kbuild, module, members[0].unit);
	unsigned int i, nr_missing = 0;

	if (!mod)
		return;
	objects = wq_kbuild_objects(kbuild->arena, mod);
	stems = stems_of(kbuild->arena, objects);
	for (i = 0; objects[i]; i++) {
		if (has_unit(members, count, stems, i) ||
		    is_other_language(kbuild->arena, mod, objects[i]))
			continue;
		if (!nr_missing++)
			missing = objects[i];
	}
	if (!nr_missing)
		return;
	wq_msg("%s: not complete, so only what its parts show is reported: "
	       "there are no facts of %s%s", module, missing,
	       nr_missing > 1 ? wq_arena_printf(kbuild->arena,
						" and %u more object%s",
						nr_missing - 1,
						nr_missing > 2 ? "s" : "")
			      : "");
	inputs->incomplete = wq_arena_grow(kbuild->arena, inputs->incomplete,
					   inputs->nr_incomplete,
					   sizeof(*inputs->incomplete));
	inputs->incomplete[inputs->nr_incomplete++] = module;
}

void wq_kbuild_find_incomplete(struct wq_arena *arena,
			       struct wq_inputs *inputs, const char **mods,
			       unsigned int nr_mods)
{
	struct kbuild kbuild = {
		.arena = arena, .inputs = inputs, .mods = mods,
		.nr_mods = nr_mods,
	};
	unsigned int i, start, end;

	for (i = 0; i < inputs->count; i++) {
		kbuild.unit = inputs->units[i];
		kbuild.stem = stem_of_unit(arena, kbuild.unit);
		wq_module_names(arena, wq_unit_module(kbuild.unit),
				add_membership, &kbuild);
	}
	if (kbuild.count)
		qsort(kbuild.list, kbuild.count, sizeof(*kbuild.list),
		      compare_memberships);
	for (start = 0; start < kbuild.count; start = end) {
		end = start + 1;
		while (end < kbuild.count &&
		       !strcmp(kbuild.list[start].module,
			       kbuild.list[end].module))
			end++;
		check_module(&kbuild, kbuild.list + start, end - start);
	}
}
