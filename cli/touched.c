/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From files to units. What is too much costs time and nothing else: units
 * that do not change have their facts in the cache.
 */
#include <string.h>

#include "audit.h"
#include "touched.h"

struct finding_units {
	struct wq_touched *touched;
	struct wq_compdb all;		/* with what renames add */
	const char **sources;		/* of each, absolute */
	struct wq_table by_source;	/* of numbers in it */
	struct wq_module_set modules;
	struct wq_table shared;		/* headers of the modules, and users */
};

static void add_source(struct finding_units *find, unsigned int number)
{
	const struct wq_compile *compile = &find->all.compiles[number];
	struct wq_arena *arena = find->touched->arena;

	find->sources[number] = wq_path_absolute(arena, compile->directory,
						 compile->source);
	*(unsigned int *)wq_table_add(arena, &find->by_source,
				      wq_key_of(find->sources[number]),
				      sizeof(unsigned int)) = number;
}

static const struct wq_entry *find_source(const struct finding_units *find,
					  const char *path)
{
	const struct wq_entry *entry = wq_table_find(&find->by_source,
						     wq_key_of(path));

	return entry && entry->count ? entry : NULL;
}

/* The command of @known for the file @path, which another state has. */
static struct wq_compile rename_source(struct wq_arena *arena,
				       const struct wq_compile *known,
				       const char *path)
{
	struct wq_compile compile = *known;
	size_t count = 0;
	const char **argv;

	while (known->argv[count])
		count++;
	argv = wq_arena_alloc(arena, (count + 1) * sizeof(*argv));
	for (count = 0; known->argv[count]; count++)
		argv[count] = strcmp(known->argv[count], known->source)
			? known->argv[count] : path;
	compile.argv = argv;
	compile.source = path;
	return compile;
}

static void add_renamed(struct finding_units *find, const char *known,
			const char *path)
{
	const struct wq_entry *entry = find_source(find, known);
	struct wq_arena *arena = find->touched->arena;

	if (!entry || find_source(find, path))
		return;
	find->all.compiles[find->all.count] = rename_source(arena,
		&find->all.compiles[*(unsigned int *)entry->list],
		wq_arena_copy(arena, path));
	add_source(find, find->all.count++);
}

/* All commands, and those of files by their other names. */
static void read_commands(struct finding_units *find,
			  const struct wq_compdb *database)
{
	struct wq_touched *touched = find->touched;
	size_t most = database->count + touched->count + 1;
	unsigned int i;

	find->all = *database;
	find->all.compiles = wq_arena_alloc(touched->arena, most *
					    sizeof(*find->all.compiles));
	if (database->count)
		memcpy(find->all.compiles, database->compiles,
		       database->count * sizeof(*find->all.compiles));
	find->sources = wq_arena_alloc(touched->arena,
				       most * sizeof(*find->sources));
	for (i = 0; i < database->count; i++)
		add_source(find, i);
	for (i = 0; i < touched->count; i++) {
		const struct wq_touched_file *file = &touched->files[i];

		if (!file->old_path)
			continue;
		add_renamed(find, file->path, file->old_path);
		add_renamed(find, file->old_path, file->path);
	}
}

static void reach(struct finding_units *find)
{
	struct wq_touched *touched = find->touched;
	unsigned int i;

	for (i = 0; i < touched->count; i++) {
		struct wq_touched_file *file = &touched->files[i];
		unsigned int before = touched->reached.nr_used;
		bool known = wq_set_has(&touched->reached, file->path);

		wq_includers_find(touched->includers, file->path,
				  &touched->reached);
		file->is_compiled = known || find_source(find, file->path) ||
				    touched->reached.nr_used > before + 1;
	}
}

static void add_user(const char *path, void *context)
{
	struct finding_units *find = context;

	wq_includers_find(find->touched->includers, path, &find->shared);
}

/* The modules of what was reached, and those that share a header of theirs. */
static void find_modules(struct finding_units *find)
{
	struct wq_touched *touched = find->touched;
	unsigned int i;

	for (i = 0; i < find->all.count; i++) {
		const struct wq_compile *compile = &find->all.compiles[i];

		if (!wq_set_has(&touched->reached, find->sources[i]))
			continue;
		wq_module_set_add(&find->modules,
				  wq_command_modules(touched->arena, compile));
		wq_select_headers(compile, add_user, find);
	}
	for (i = 0; i < find->all.count; i++)
		if (wq_set_has(&find->shared, find->sources[i]))
			wq_module_set_add(&find->modules,
				wq_command_modules(touched->arena,
						   &find->all.compiles[i]));
}

static void take_units(struct finding_units *find)
{
	struct wq_touched *touched = find->touched;
	unsigned int i;

	touched->units.path = find->all.path;
	touched->units.compiles = wq_arena_alloc(touched->arena,
		(find->all.count + 1) * sizeof(*find->all.compiles));
	for (i = 0; i < find->all.count; i++)
		if (wq_module_set_has(&find->modules, wq_command_modules(
				touched->arena, &find->all.compiles[i])))
			touched->units.compiles[touched->units.count++] =
				find->all.compiles[i];
	touched->units.nr_entries = touched->units.count;
}

/* Which files name the API, in the tree or in one of the states? */
static void find_naming(struct wq_touched *touched)
{
	unsigned int i;

	for (i = 0; i < touched->count; i++)
		if (wq_select_file(touched->files[i].path))
			wq_set_add(touched->arena, &touched->naming,
				   touched->files[i].path);
	for (i = 0; i < touched->nr_texts; i++)
		if (wq_select_file(touched->texts[i].content))
			wq_set_add(touched->arena, &touched->naming,
				   touched->texts[i].path);
}

/* Those files, and who includes one that is a header. */
static void find_readers(struct wq_touched *touched, struct wq_table *readers)
{
	unsigned int i;

	for (i = 0; i < touched->naming.nr_slots; i++) {
		const struct wq_entry *slot = &touched->naming.slots[i];

		if (slot->count && wq_path_is_c_source(slot->key.name))
			wq_set_add(touched->arena, readers, slot->key.name);
		else if (slot->count)
			wq_includers_find(touched->includers, slot->key.name,
					  readers);
	}
}

/* As the text is in any state, not only in the one that is in the tree. */
static void choose(struct wq_touched *touched)
{
	struct wq_module_set relevant = { .arena = touched->arena };
	struct wq_compdb *units = &touched->units;
	struct wq_table readers = { .slots = NULL };
	unsigned int i;

	find_naming(touched);
	find_readers(touched, &readers);
	touched->choices = wq_arena_alloc(touched->arena, (units->count + 1) *
					  sizeof(*touched->choices));
	wq_select_units(touched->arena, units, touched->choices);
	for (i = 0; i < units->count; i++) {
		struct wq_choice *choice = &touched->choices[i];

		choice->names_api |= wq_set_has(&readers,
			wq_path_absolute(touched->arena,
					 units->compiles[i].directory,
					 units->compiles[i].source));
		if (choice->names_api)
			wq_module_set_add(&relevant, choice->modules);
	}
	for (i = 0; i < units->count; i++)
		touched->choices[i].is_relevant |=
			wq_module_set_has(&relevant,
					  touched->choices[i].modules);
}

void wq_touched_find(struct wq_touched *touched,
		     const struct wq_compdb *database)
{
	struct finding_units find = {
		.touched = touched, .modules = { .arena = touched->arena },
	};
	unsigned int i;

	read_commands(&find, database);
	touched->includers = wq_includers_new(touched->arena, touched->root,
					      &find.all);
	for (i = 0; i < touched->nr_texts; i++)
		wq_includers_add(touched->includers, touched->texts[i].path,
				 touched->texts[i].content);
	reach(&find);
	find_modules(&find);
	take_units(&find);
	choose(touched);
}

/* Directories */

struct walk {
	struct wq_touched *touched;
	void (*fn)(const char *directory, void *context);
	void *context;
	struct wq_table seen;
};

static void visit(struct walk *walk, const char *directory)
{
	if (wq_set_add(walk->touched->arena, &walk->seen, directory))
		walk->fn(directory, walk->context);
}

static void visit_directory_of(const char *path, void *context)
{
	struct walk *walk = context;

	visit(walk, wq_path_absolute(walk->touched->arena, path, ".."));
}

/* The directories that ".." in @path leaves, such as x of x/../y. */
static void visit_left(struct walk *walk, const char *directory,
		       const char *path)
{
	struct wq_arena *arena = walk->touched->arena;
	const char *dots;

	for (dots = strstr(path, "/.."); dots; dots = strstr(dots + 1, "/.."))
		visit(walk, wq_path_absolute(arena, directory,
			wq_arena_printf(arena, "%.*s", (int)(dots - path),
					path)));
}

/* Where commands run, and what they name. */
static void visit_commands(struct walk *walk)
{
	const struct wq_compdb *units = &walk->touched->units;
	const char *const *arg, *directory;
	unsigned int i;

	for (i = 0; i < units->count; i++) {
		directory = units->compiles[i].directory;
		visit(walk, directory);
		for (arg = units->compiles[i].argv; *arg; arg++)
			if (!strncmp(*arg, "-I", 2))
				visit_left(walk, directory, *arg + 2);
			else if (**arg != '-')
				visit_left(walk, directory, *arg);
	}
}

void wq_touched_directories(struct wq_touched *touched,
			    void (*fn)(const char *directory, void *context),
			    void *context)
{
	struct walk walk = {
		.touched = touched, .fn = fn, .context = context,
	};
	unsigned int i;

	for (i = 0; i < touched->reached.nr_slots; i++)
		if (touched->reached.slots[i].count)
			visit_directory_of(touched->reached.slots[i].key.name,
					   &walk);
	wq_includers_of_macros(touched->includers, visit_directory_of, &walk);
	visit_commands(&walk);
}
