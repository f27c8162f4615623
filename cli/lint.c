/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From compile commands to one report: compile, join units by module, run
 * the rules on each module, print, judge.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "source.h"

/* A compile command as part of a module; a shared object is several. */
struct member {
	const char *module;
	unsigned int number;		/* of the command */
};

struct linting {
	struct wq_options *options;
	struct wq_arena *arena;
	const struct wq_compile *compiles;
	unsigned int count;
	const char *base;
	bool whole;
	struct wq_result *results;
	struct member *members;
	unsigned int nr_members;
	struct wq_sources *sources;
	struct wq_findings *findings;
};

/* @file as the compiler named it in @directory, as seen from the base. */
static const char *name_from_base(struct linting *lint, struct wq_unit *unit,
				  const char *directory, const char *file)
{
	/* "<built-in>" and its like are no files. */
	if (!file || file[0] == '<')
		return file;
	file = wq_path_absolute(lint->arena, directory, file);
	return wq_unit_string(unit, wq_path_below(lint->base, file));
}

struct renaming {
	struct linting *lint;
	struct wq_unit *unit;
	const char *directory;
	const char *old, *new;		/* the last one: files repeat */
};

static void rename_location(struct renaming *names, struct wq_location *where)
{
	if (!names->old || where->file != names->old) {
		names->old = where->file;
		names->new = name_from_base(names->lint, names->unit,
					    names->directory, where->file);
	}
	where->file = names->new;
}

/* Make units that were compiled in different directories speak alike. */
static void rename_files(struct linting *lint, struct wq_unit *unit,
			 const struct wq_compile *compile)
{
	struct renaming names = {
		.lint = lint,
		.unit = unit,
		.directory = compile->directory,
	};
	unsigned int i;

	for (i = 0; i < unit->nr_functions; i++)
		rename_location(&names, &unit->functions[i]->where);
	for (i = 0; i < unit->nr_events; i++)
		rename_location(&names, &unit->events[i]->where);
	for (i = 0; i < unit->nr_types; i++)
		unit->types[i].file = name_from_base(lint, unit,
						     compile->directory,
						     unit->types[i].file);
	unit->source = name_from_base(lint, unit, compile->directory,
				      unit->source);
	unit->directory = wq_unit_string(unit, lint->base);
}

/* The value of the last -o, or NULL. */
static const char *output_of(const struct wq_compile *compile)
{
	const char *const *arg;
	const char *output = NULL;

	for (arg = compile->argv; *arg; arg++)
		if (!strncmp(*arg, "-o", 2))
			output = (*arg)[2] ? *arg + 2 : arg[1];
	return output;
}

static void add_member(struct linting *lint, const char *module,
		       unsigned int number)
{
	struct member *member;

	lint->members = wq_arena_grow(lint->arena, lint->members,
				      lint->nr_members,
				      sizeof(*lint->members));
	member = &lint->members[lint->nr_members++];
	member->module = module;
	member->number = number;
}

/*
 * Kbuild writes "dir/a:b" for an object of the modules dir/a and dir/b.
 */
static void add_to_modules(struct linting *lint, const char *modules,
			   unsigned int number)
{
	const char *name = wq_path_name(modules);
	int prefix = (int)(name - modules);
	size_t length;

	if (!strchr(name, ':')) {
		add_member(lint, modules, number);
		return;
	}
	for (; *name; name += length + (name[length] == ':')) {
		length = strcspn(name, ":");
		if (length)
			add_member(lint,
				   wq_arena_printf(lint->arena, "%.*s%.*s",
						   prefix, modules,
						   (int)length, name),
				   number);
	}
}

/* The module of a command that gave no unit, by its flags alone. */
static const char *module_of_command(struct linting *lint,
				     const struct wq_compile *compile)
{
	struct wq_unit *unit = wq_unit_new(compile->source);
	const char *module;

	unit->modfile = wq_command_macro(lint->arena, compile->argv,
					 "KBUILD_MODFILE");
	unit->modname = wq_command_macro(lint->arena, compile->argv,
					 "KBUILD_MODNAME");
	module = wq_arena_copy(lint->arena, wq_unit_module(unit));
	wq_unit_free(unit);
	return module;
}

static void sort_out_units(struct linting *lint)
{
	unsigned int i;

	for (i = 0; i < lint->count; i++) {
		const struct wq_compile *compile = &lint->compiles[i];
		struct wq_unit *unit = lint->results[i].unit;

		if (!unit) {
			add_to_modules(lint, module_of_command(lint, compile),
				       i);
			continue;
		}
		rename_files(lint, unit, compile);
		/* What it says is where the lint run wrote to. */
		unit->object = wq_unit_string(unit, output_of(compile));
		add_to_modules(lint, wq_unit_module(unit), i);
	}
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

static void judge_module(struct linting *lint, const struct member *members,
			 unsigned int count)
{
	struct wq_findings *findings = wq_findings_new();
	struct wq_program *program = wq_program_new();
	bool complete = lint->whole;
	unsigned int i;

	program->module = members[0].module;
	program->sources = lint->sources;
	for (i = 0; i < count; i++) {
		struct wq_unit *unit = lint->results[members[i].number].unit;

		if (unit)
			wq_program_add(program, unit);
		complete = complete && unit && has_module_name(unit);
	}
	if (complete)
		program->complete = true;
	if (program->nr_units) {
		wq_program_link(program);
		wq_rules_run(program, &lint->options->selection, findings);
	}
	wq_findings_merge(lint->findings, findings);
	wq_findings_free(findings);
	wq_program_free(program);
}

static void judge_modules(struct linting *lint)
{
	unsigned int start, end;

	qsort(lint->members, lint->nr_members, sizeof(*lint->members),
	      compare_members);
	for (start = 0; start < lint->nr_members; start = end) {
		end = start + 1;
		while (end < lint->nr_members &&
		       !strcmp(lint->members[start].module,
			       lint->members[end].module))
			end++;
		judge_module(lint, lint->members + start, end - start);
	}
	wq_findings_sort(lint->findings);
}

/* What could not be linted, in the order of the commands. */
static unsigned int report_failures(struct linting *lint)
{
	unsigned int i, nr_failures = 0;

	for (i = 0; i < lint->count; i++) {
		const struct wq_result *result = &lint->results[i];
		const struct wq_compile *compile = &lint->compiles[i];
		const char *file;

		if (!result->cause)
			continue;
		nr_failures++;
		file = wq_path_absolute(lint->arena, compile->directory,
					compile->source);
		fputs(result->output ? result->output : "", stderr);
		wq_msg("%s: not linted: %s", wq_path_below(lint->base, file),
		       result->cause);
	}
	return nr_failures;
}

static bool must_fail(const struct linting *lint)
{
	unsigned int i;

	for (i = 0; i < lint->findings->count; i++)
		if ((int)lint->findings->list[i]->level >=
		    lint->options->fail_level)
			return true;
	return false;
}

static enum wq_exit report(struct linting *lint)
{
	struct wq_report_options print = lint->options->print;
	unsigned int nr_failures = report_failures(lint);
	int err;

	print.directory = lint->base;
	print.nr_files = lint->count - nr_failures;
	/* Nothing may look clean that nobody looked at. */
	if (nr_failures && !lint->findings->count)
		print.summary = false;
	err = lint->options->report->print(stdout, lint->findings, &print);
	if (err) {
		wq_msg("cannot write the report: %s", strerror(-err));
		return WQ_EXIT_ERROR;
	}
	if (nr_failures)
		return WQ_EXIT_ERROR;
	return must_fail(lint) ? WQ_EXIT_FINDINGS : WQ_EXIT_CLEAN;
}

static unsigned int default_jobs(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors > 0 ? (unsigned int)processors : 1;
}

enum wq_exit wq_lint(struct wq_options *options,
		     const struct wq_compile *compiles, unsigned int count,
		     const char *base, bool whole)
{
	struct linting lint = {
		.options = options,
		.arena = options->arena,
		.compiles = compiles,
		.count = count,
		.base = base,
		.whole = whole,
	};
	const char *plugin = wq_plugin_find(lint.arena);
	enum wq_exit status;
	unsigned int i;

	if (!plugin)
		return WQ_EXIT_ERROR;
	lint.results = wq_arena_alloc(lint.arena, count * sizeof(*lint.results));
	if (wq_compile_all(lint.arena, compiles, count,
			   options->jobs ? options->jobs : default_jobs(),
			   plugin, lint.results))
		return WQ_EXIT_ERROR;
	lint.sources = wq_sources_new();
	lint.findings = wq_findings_new();
	sort_out_units(&lint);
	judge_modules(&lint);
	status = report(&lint);
	for (i = 0; i < count; i++)
		wq_unit_free(lint.results[i].unit);
	wq_findings_free(lint.findings);
	wq_sources_free(lint.sources);
	return status;
}
