/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From units to one report: join units by module, and modules that belong
 * together, run the rules on each program, print, judge. Where the units come from is lint.c's (compile
 * commands) and cmd-check.c's (objects and facts files).
 */
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "object.h"
#include "source.h"

/* A unit as part of a module; an object that modules share is several. */
struct member {
	const char *module;
	struct wq_unit *unit;		/* NULL: there is one, but no facts */
	unsigned int number;		/* in which it was added */
};

struct wq_modules {
	struct wq_options *options;
	struct member *members;
	unsigned int nr_members, nr_units;
	struct wq_unit *unit;		/* being added */
	unsigned int nr_too_large;	/* modules that were not judged */
	const char *base;
	const char *directory;		/* in which names begin */
	struct wq_renames *renames;
	const char *path;		/* being read */
	unsigned int nr_wrong;
	struct wq_sources *sources;
	struct wq_findings *findings;
	struct wq_ignores *ignores;
};

struct wq_modules *wq_modules_new(struct wq_options *options, const char *base)
{
	struct wq_modules *modules = wq_arena_alloc(options->arena,
						    sizeof(*modules));

	modules->options = options;
	modules->base = modules->directory = base;
	modules->renames = wq_renames_new(options->arena, base);
	modules->sources = wq_sources_new();
	modules->findings = wq_findings_new();
	modules->ignores = wq_ignores_new(modules->sources, base);
	return modules;
}

void wq_modules_read_from(struct wq_modules *modules, const char *directory)
{
	wq_ignores_free(modules->ignores);
	modules->ignores = wq_ignores_new(modules->sources, directory);
	modules->directory = directory;
	wq_renames_read_from(modules->renames, directory);
}

void wq_modules_free(struct wq_modules *modules)
{
	wq_ignores_free(modules->ignores);
	wq_findings_free(modules->findings);
	wq_sources_free(modules->sources);
}

void wq_modules_set_overlay(struct wq_modules *modules, const char *overlay)
{
	wq_renames_set_overlay(modules->renames, overlay);
	wq_sources_set_overlay(modules->sources, overlay);
}

static void add_member(const char *module, void *context)
{
	struct wq_modules *modules = context;
	struct wq_arena *arena = modules->options->arena;
	struct member *member;

	modules->members = wq_arena_grow(arena, modules->members,
					 modules->nr_members,
					 sizeof(*modules->members));
	member = &modules->members[modules->nr_members++];
	member->module = module;
	member->unit = modules->unit;
	member->number = modules->nr_members;
}

void wq_module_names(struct wq_arena *arena, const char *names,
		     void (*fn)(const char *name, void *context), void *context)
{
	const char *name = wq_path_name(names);
	int prefix = (int)(name - names);
	size_t length;

	if (!strchr(name, ':')) {
		fn(names, context);
		return;
	}
	for (; *name; name += length + (name[length] == ':')) {
		length = strcspn(name, ":");
		if (length)
			fn(wq_arena_printf(arena, "%.*s%.*s", prefix, names,
					   (int)length, name), context);
	}
}

/*
 * A unit that Kbuild gave no name belongs with the others of the object that
 * ld -r made of them.
 */
static void name_by_object(struct wq_unit *unit, const struct wq_place *place)
{
	size_t length = place && place->path ? strlen(place->path) : 0;

	if (!unit->modfile && !unit->modname && !place->member &&
	    length > 2 && !strcmp(place->path + length - 2, ".o"))
		unit->object = wq_unit_string(unit, place->path);
}

void wq_modules_add(struct wq_modules *modules, struct wq_unit *unit,
		    const char *directory)
{
	if (unit->place)
		name_by_object(unit, unit->place);
	wq_unit_rename_files(modules->renames, unit, directory);
	if (unit->place)
		unit->place->directory = directory;
	modules->nr_units++;
	modules->unit = unit;
	wq_module_names(modules->options->arena, wq_unit_module(unit),
			add_member, modules);
}

void wq_modules_add_missing(struct wq_modules *modules, const char *names)
{
	modules->unit = NULL;
	wq_module_names(modules->options->arena, names, add_member, modules);
}

static int compare_members(const void *left, const void *right)
{
	const struct member *a = left, *b = right;
	int order = strcmp(a->module, b->module);

	return order ? order : (a->number > b->number) -
			       (a->number < b->number);
}

/* Without a name from Kbuild nobody knows what else is in the module. */
static bool has_module_name(const struct wq_unit *unit)
{
	return unit->modfile || unit->modname;
}

/* Members of one program, which may be several modules: see join.c. */
struct group {
	const struct member **members;
	unsigned int count;
};

/* An object that two modules of one program share is one unit of it. */
static bool is_known_unit(const struct group *group, unsigned int number)
{
	unsigned int i;

	if (!strchr(wq_unit_module(group->members[number]->unit), ':'))
		return false;
	for (i = 0; i < number; i++)
		if (group->members[i]->unit == group->members[number]->unit)
			return true;
	return false;
}

static void judge(struct wq_modules *modules, const struct wq_program *program)
{
	struct wq_findings *findings = wq_findings_new();
	unsigned int i;

	wq_rules_run(program, &modules->options->selection, findings);
	wq_findings_merge(modules->findings, findings);
	wq_findings_free(findings);
	for (i = 0; i < program->nr_units; i++)
		if (!program->units[i]->is_idle)
			wq_ignores_add_file(modules->ignores,
					    program->units[i]->source,
					    wq_unit_module(program->units[i]),
					    program->complete &&
					    !program->effort->too_large);
}

static void complain(unsigned int line, const char *cause, void *context)
{
	struct wq_modules *modules = context;

	modules->nr_wrong++;
	if (line)
		wq_msg("%s: line %u of the facts: %s", modules->path, line,
		       cause);
	else
		wq_msg("%s: %s", modules->path, cause);
}

/* Is @whole, read again, still what @unit was when it was scanned? */
static bool has_header_of(const struct wq_unit *whole,
			  const struct wq_unit *unit)
{
	return !strcmp(wq_unit_module(whole), wq_unit_module(unit)) &&
	       whole->is_idle == unit->is_idle &&
	       whole->nr_types == unit->nr_types &&
	       whole->nr_public_queues == unit->nr_public_queues;
}

/* All of @unit, in @arena if it has to be read; NULL when it cannot be. */
static const struct wq_unit *read_whole(struct wq_modules *modules,
					struct wq_arena *arena,
					const struct wq_unit *unit)
{
	struct wq_unit *whole;

	if (!unit->place)
		return unit;
	modules->path = unit->place->name;
	whole = wq_place_read(unit->place, arena, complain, modules);
	if (whole)
		name_by_object(whole, unit->place);
	if (whole && !has_header_of(whole, unit)) {
		complain(0, "the facts have changed meanwhile", modules);
		return NULL;
	}
	if (whole)
		wq_unit_rename_files(modules->renames, whole,
				     unit->place->directory);
	return whole;
}

/* Add all units of @group to @program. Returns whether it is complete. */
static bool add_units(struct wq_modules *modules, struct wq_arena *arena,
		      const struct group *group, struct wq_program *program)
{
	const struct wq_unit *unit;
	bool complete = true;
	unsigned int i;

	for (i = 0; i < group->count; i++) {
		const struct member *member = group->members[i];

		if (!member->unit) {
			complete = false;
			continue;
		}
		complete = complete && has_module_name(member->unit);
		if (is_known_unit(group, i))
			continue;
		unit = read_whole(modules, arena, member->unit);
		if (unit)
			wq_program_add(program, unit);
		else
			complete = false;
	}
	return complete;
}

/* No event is about a queue or a work item, so no rule has anything to say. */
static bool is_idle(const struct group *group)
{
	unsigned int i;

	for (i = 0; i < group->count; i++)
		if (group->members[i]->unit && !group->members[i]->unit->is_idle)
			return false;
	return true;
}

static void join_group(struct wq_modules *modules, const struct group *group,
		       bool whole, wq_program_fn fn, void *context)
{
	struct wq_program *program;
	struct wq_arena *arena;

	if (is_idle(group))
		return;
	program = wq_program_new();
	arena = wq_arena_new();
	program->module = group->members[0]->module;
	program->sources = modules->sources;
	if (add_units(modules, arena, group, program) && whole)
		program->complete = true;
	if (program->nr_units) {
		wq_program_link(program);
		if (fn)
			fn(program, context);
		else
			judge(modules, program);
	}
	if (program->effort->too_large) {
		wq_msg("%s: not judged: its facts are larger than those of any module",
		       program->module);
		modules->nr_too_large++;
	}
	wq_program_free(program);
	wq_arena_free(arena);
}

/* Number the modules; members are sorted by module. */
static unsigned int number_modules(const struct wq_modules *modules,
				   struct wq_join_member *numbered)
{
	const struct member *list = modules->members;
	unsigned int i, number = 0;

	for (i = 0; i < modules->nr_members; i++) {
		if (i && strcmp(list[i].module, list[i - 1].module))
			number++;
		numbered[i].unit = list[i].unit;
		numbered[i].module = number;
	}
	return modules->nr_members ? number + 1 : 0;
}

void wq_modules_join(struct wq_modules *modules, bool whole, wq_program_fn fn,
		     void *context)
{
	struct wq_arena *arena = modules->options->arena;
	unsigned int count = modules->nr_members, nr_modules, i;
	struct wq_join_member *numbered;
	struct group *groups;
	unsigned int *leaders;

	if (count)
		qsort(modules->members, count, sizeof(*modules->members),
		      compare_members);
	numbered = wq_arena_alloc(arena, (count + 1) * sizeof(*numbered));
	nr_modules = number_modules(modules, numbered);
	leaders = wq_join_modules(arena, numbered, count, nr_modules);
	groups = wq_arena_alloc(arena, (nr_modules + 1) * sizeof(*groups));
	for (i = 0; i < count; i++) {
		struct group *group = &groups[leaders[numbered[i].module]];

		group->members = wq_arena_grow(arena, group->members,
					       group->count,
					       sizeof(*group->members));
		group->members[group->count++] = &modules->members[i];
	}
	for (i = 0; i < nr_modules; i++)
		if (groups[i].count)
			join_group(modules, &groups[i], whole, fn, context);
}

void wq_modules_judge(struct wq_modules *modules, bool whole)
{
	wq_modules_join(modules, whole, NULL, NULL);
	wq_findings_sort(modules->findings);
	wq_ignores_apply(modules->ignores, modules->findings);
	wq_ignores_judge(modules->ignores, &modules->options->selection,
			 modules->findings);
	wq_findings_sort(modules->findings);
	wq_findings_fingerprint(modules->findings, modules->sources,
				modules->directory);
}

static bool must_fail(const struct wq_modules *modules)
{
	unsigned int i;

	for (i = 0; i < modules->findings->count; i++)
		if (!modules->findings->list[i]->silence &&
		    (int)modules->findings->list[i]->level >=
		    modules->options->fail_level)
			return true;
	return false;
}

struct wq_findings *wq_modules_findings(const struct wq_modules *modules)
{
	return modules->findings;
}

unsigned int wq_modules_nr_wrong(const struct wq_modules *modules)
{
	return modules->nr_wrong;
}

int wq_modules_use_baseline(struct wq_modules *modules)
{
	return wq_baseline_use(modules->options, modules->findings,
			       modules->ignores, modules->base);
}

enum wq_exit wq_modules_report(struct wq_modules *modules, bool incomplete)
{
	const struct wq_report *report = modules->options->report;
	struct wq_report_options print = modules->options->print;
	int err, nr_stale;

	incomplete |= modules->nr_too_large > 0 || modules->nr_wrong > 0;
	if (modules->options->baseline_use == WQ_BASELINE_WRITE)
		return wq_baseline_save(modules->options, modules->findings,
					modules->base, incomplete);
	nr_stale = wq_modules_use_baseline(modules);
	if (nr_stale < 0)
		return WQ_EXIT_ERROR;
	print.nr_stale = (unsigned int)nr_stale;
	print.directory = modules->directory;
	print.nr_files = modules->nr_units;
	print.incomplete = incomplete;
	/* Nothing may look clean that nobody looked at. */
	if (incomplete && !modules->findings->count)
		print.summary = false;
	if (!report->shows_silenced)
		print.nr_silenced = wq_findings_drop_silenced(modules->findings);
	err = report->print(stdout, modules->findings, &print);
	if (err) {
		wq_msg("cannot write the report: %s", strerror(-err));
		return WQ_EXIT_ERROR;
	}
	if (incomplete)
		return WQ_EXIT_ERROR;
	if (nr_stale && modules->options->baseline_use == WQ_BASELINE_CHECK)
		return WQ_EXIT_FINDINGS;
	return must_fail(modules) ? WQ_EXIT_FINDINGS : WQ_EXIT_CLEAN;
}
