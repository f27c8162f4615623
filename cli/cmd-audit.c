/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint audit: a whole configured kernel, or a part of it, without a build.
 *
 * Units that name the API are compiled first. They alone show where rules
 * could have something to say; of the modules where they do, the other units
 * that could change it are compiled, too, and all is judged again, until there
 * are no more of these. See candidates.c and further.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit.h"
#include "children.h"
#include "progress.h"
#include "kernel.h"

struct run {
	struct wq_options *options;
	struct wq_arena *arena;
	struct wq_kernel tree;
	struct wq_compdb database;
	struct wq_audit audit;
	struct timespec begin;		/* of the step */
	struct wq_module_set wanted;	/* by the arguments */
};

/* Signals are looked at here. */
#define end_step(run, ...) \
	wq_step_end(&(run)->begin, (run)->options->verbose, __VA_ARGS__)

/* Compile commands */

static int find_commands(struct run *run)
{
	bool cached = false;
	int err;

	if (run->options->database) {
		err = wq_compdb_read(run->arena, run->options->database,
				     &run->database);
		if (!err)
			wq_msg("compile commands: %s", run->database.path);
	} else {
		err = wq_kernel_commands(run->arena, &run->tree,
			wq_kernel_directories(run->arena, &run->tree,
					      run->options->args + 1),
			run->audit.jobs, run->audit.cache, run->audit.files,
			&run->database, &cached);
	}
	if (!err)
		end_step(run, "%u compile commands%s", run->database.count,
			 cached ? " (cached)" : "");
	return err;
}

/* Units */

static bool is_same_name(const char *a, const char *b, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (a[i] != b[i] && !(a[i] == '-' && b[i] == '_') &&
		    !(a[i] == '_' && b[i] == '-'))
			return false;
	return true;
}

struct match {
	struct run *run;
	const struct wq_audit_unit *unit;
	const char *wanted;		/* a name from the command line */
	const char *directory;		/* that it is, or that it is in; or NULL */
	bool is_directory;
	bool is_found;
};

/* Directory of the unit's source, as seen from the top of the tree. */
static const char *directory_of(struct run *run,
				const struct wq_audit_unit *unit)
{
	const char *source = wq_path_absolute(run->arena,
		unit->compile->directory, unit->compile->source);
	const char *path = wq_path_below(run->tree.source, source);
	const char *name = wq_path_name(path);

	return wq_arena_printf(run->arena, "%.*s",
			       name > path ? (int)(name - path - 1) : 0, path);
}

static void match_module(const char *module, void *context)
{
	struct match *match = context;
	const char *wanted = wq_path_name(match->wanted);
	size_t length = strlen(wanted);

	module = wq_path_name(module);
	if (length > 3 && !strcmp(wanted + length - 3, ".ko"))
		length -= 3;
	if (strlen(module) == length && is_same_name(module, wanted, length))
		match->is_found = true;
}

static bool is_matched(struct match *match)
{
	const char *directory = directory_of(match->run, match->unit);
	size_t length = match->directory ? strlen(match->directory) : 0;

	match->is_found = false;
	if (match->is_directory)
		return !strncmp(directory, match->directory, length) &&
		       (!directory[length] || directory[length] == '/' ||
			!length);
	if (match->directory && strcmp(directory, match->directory))
		return false;
	wq_module_names(match->run->arena, match->unit->choice.modules,
			match_module, match);
	return match->is_found;
}

/* Note the modules that @name means. Returns -1 after a message. */
static int note_modules(struct run *run, const char *name)
{
	struct match match = { .run = run, .wanted = name };
	const char *path = wq_path_absolute(run->arena, run->tree.source,
					    name), *slash;
	bool found = false;
	struct stat status;
	unsigned int i;

	match.is_directory = !stat(path, &status) && S_ISDIR(status.st_mode);
	match.directory = wq_path_below(run->tree.source, path);
	if (!strcmp(path, run->tree.source))
		match.directory = "";
	slash = strrchr(match.directory, '/');
	if (!match.is_directory)
		match.directory = slash ? wq_arena_printf(run->arena, "%.*s",
				(int)(slash - match.directory),
				match.directory) : NULL;
	for (i = 0; i < run->audit.count; i++) {
		match.unit = &run->audit.units[i];
		if (!is_matched(&match))
			continue;
		found = true;
		wq_module_set_add(&run->wanted, match.unit->choice.modules);
	}
	if (!found)
		wq_msg("%s: no compile command is of such a %s", name,
		       match.is_directory ? "directory" : "module");
	return found ? 0 : -1;
}

/* Which units there are, and which are to be compiled first. */
static int choose_units(struct run *run)
{
	struct wq_audit *audit = &run->audit;
	unsigned int count = run->database.count, i, nr_relevant = 0,
		     nr_wanted = 0;
	struct wq_choice *choices = wq_arena_alloc(run->arena, (count + 1) *
						   sizeof(*choices));

	wq_select_units(run->arena, &run->database, choices);
	audit->units = wq_arena_alloc(run->arena, (count + 1) *
				      sizeof(*audit->units));
	audit->count = count;
	for (i = 0; i < count; i++) {
		audit->units[i].compile = &run->database.compiles[i];
		audit->units[i].choice = choices[i];
	}
	for (i = 1; i < run->options->nr_args; i++)
		if (note_modules(run, run->options->args[i]))
			return -1;
	for (i = 0; i < count; i++) {
		struct wq_audit_unit *unit = &audit->units[i];

		if (run->options->nr_args > 1 &&
		    !wq_module_set_has(&run->wanted, unit->choice.modules))
			unit->choice.is_relevant = false;
		unit->is_wanted = unit->choice.is_relevant &&
			(unit->choice.names_api || run->options->all_units);
		nr_relevant += unit->choice.is_relevant;
		nr_wanted += unit->is_wanted;
	}
	if (!nr_relevant)
		wq_msg("none of %u units is of a module that names the API",
		       count);
	end_step(run, "selection: %u of %u units are of modules that name the API, %u do so themselves",
		 nr_relevant, count, nr_wanted);
	return 0;
}

static unsigned int want_more(struct run *run)
{
	struct wq_audit_programs programs;
	unsigned int count;

	count = wq_audit_want_more(&run->audit, run->options, run->tree.source,
				   &programs);
	end_step(run, "join: of %u programs %u have findings, %u could have more; further units: %u",
		 programs.count, programs.nr_with_findings,
		 programs.nr_unsettled, count);
	return count;
}

static int gather(struct run *run, const char *which)
{
	unsigned int nr_compiled = run->audit.nr_compiled;
	unsigned int nr_cached = run->audit.nr_cached;
	int err = wq_audit_gather(&run->audit);

	end_step(run, "%s units: %u compiled, %u from the cache", which,
		 run->audit.nr_compiled - nr_compiled,
		 run->audit.nr_cached - nr_cached);
	return err;
}

/* Reporting */

static unsigned int report_failures(struct run *run)
{
	unsigned int i, nr_failures = 0;

	for (i = 0; i < run->audit.count; i++) {
		const struct wq_audit_unit *unit = &run->audit.units[i];
		const char *source;

		if (!unit->is_wanted || !unit->cause)
			continue;
		source = wq_path_absolute(run->arena, unit->compile->directory,
					  unit->compile->source);
		wq_msg("%s: not linted: %s",
		       wq_path_below(run->tree.source, source),
		       wq_audit_cause(run->arena, unit));
		nr_failures++;
	}
	return nr_failures;
}

/* "drivers/net" of drivers/net/ethernet/foo.c. */
static const char *subsystem_of(struct wq_arena *arena, const char *file)
{
	const char *first = file ? strchr(file, '/') : NULL;
	const char *second = first ? strchr(first + 1, '/') : NULL;

	if (!first)
		return "(top)";
	if (!second)
		second = first;
	return wq_arena_intern_bytes(arena, file, (size_t)(second - file));
}

struct tally {
	const char *name;
	unsigned int counts[WQ_ERROR + 1];
};

static int compare_tallies(const void *left, const void *right)
{
	return strcmp(((const struct tally *)left)->name,
		      ((const struct tally *)right)->name);
}

static struct tally *count_one(struct wq_arena *arena, struct tally *tallies,
			       unsigned int *count, const char *name,
			       enum wq_level level)
{
	unsigned int i;

	for (i = 0; i < *count && strcmp(tallies[i].name, name); i++)
		;
	if (i == *count) {
		tallies = wq_arena_grow(arena, tallies, *count,
					sizeof(*tallies));
		tallies[(*count)++] = (struct tally){ .name = name };
	}
	tallies[i].counts[level]++;
	return tallies;
}

static void print_tallies(const char *title, struct tally *tallies,
			  unsigned int count)
{
	unsigned int i;

	qsort(tallies, count, sizeof(*tallies), compare_tallies);
	fprintf(stderr, "%-32s %7s %7s %7s\n", title, "error", "warning",
		"check");
	for (i = 0; i < count; i++)
		fprintf(stderr, "%-32s %7u %7u %7u\n", tallies[i].name,
			tallies[i].counts[WQ_ERROR],
			tallies[i].counts[WQ_WARNING],
			tallies[i].counts[WQ_CHECK]);
}

/* Findings per rule and per subsystem. */
static void summarise(struct run *run, const struct wq_findings *findings)
{
	struct tally *rules = NULL, *subsystems = NULL;
	unsigned int nr_rules = 0, nr_subsystems = 0, i;

	for (i = 0; i < findings->count; i++) {
		const struct wq_finding *finding = findings->list[i];

		rules = count_one(run->arena, rules, &nr_rules,
				  finding->rule->id, finding->level);
		subsystems = count_one(run->arena, subsystems, &nr_subsystems,
				       subsystem_of(run->arena,
						    finding->where.file),
				       finding->level);
	}
	if (!findings->count)
		return;
	print_tallies("rule", rules, nr_rules);
	print_tallies("subsystem", subsystems, nr_subsystems);
}

static enum wq_exit report(struct run *run)
{
	struct wq_modules *modules = wq_audit_modules(&run->audit, run->options,
						      run->tree.source);
	const struct wq_findings *findings;
	unsigned int nr_failures;
	enum wq_exit status;

	wq_modules_judge(modules, true);
	findings = wq_modules_findings(modules);
	end_step(run, "join: %u findings", findings->count);
	nr_failures = report_failures(run);
	status = wq_modules_report(modules, nr_failures > 0);
	fflush(stdout);
	if (!run->options->no_summary)
		summarise(run, findings);
	if (nr_failures)
		wq_msg("incomplete: %u unit%s not linted", nr_failures,
		       nr_failures > 1 ? "s were" : " was");
	wq_modules_free(modules);
	end_step(run, "report");
	return status;
}

static enum wq_exit audit(struct run *run)
{
	static const char *const args[] = { "lint-only", NULL };
	struct wq_audit *audit = &run->audit;

	audit->arena = run->arena;
	audit->plugins = wq_plugins_new(run->arena, args);
	audit->jobs = run->options->jobs ? run->options->jobs
					 : wq_default_jobs();
	audit->files = wq_file_digests_new(run->arena);
	audit->cache = wq_cache_open(run->arena, !run->options->no_cache);
	if (!audit->cache || find_commands(run) || choose_units(run) ||
	    gather(run, "first"))
		return WQ_EXIT_ERROR;
	/* Each makes more of the module known; so others may matter, too. */
	while (!run->options->all_units && want_more(run))
		if (gather(run, "further"))
			return WQ_EXIT_ERROR;
	return report(run);
}

static enum wq_exit run_audit(struct wq_options *options)
{
	struct run run = {
		.options = options, .arena = options->arena,
		.wanted = { .arena = options->arena },
	};
	enum wq_exit status;

	if (!options->nr_args) {
		wq_msg("audit: the directory of a configured kernel is missing (see wqlint audit --help)");
		return WQ_EXIT_ERROR;
	}
	clock_gettime(CLOCK_MONOTONIC, &run.begin);
	wq_signals_hold();
	status = wq_kernel_open(run.arena, options->args[0], options->prepare,
			      &run.tree) ? WQ_EXIT_ERROR : audit(&run);
	wq_cache_close(run.audit.cache);
	wq_signals_release();
	return status;
}

const struct wq_command wq_command_audit = {
	.name = "audit",
	.synopsis = "[OPTION...] KBUILD_DIR [SUBDIR|MODULE...]",
	.summary = "lint a configured kernel, without a build",
	.options = WQ_OPTIONS_SELECT | WQ_OPTIONS_REPORT | WQ_OPTIONS_FORMAT |
		   WQ_OPTIONS_AUDIT | WQ_OPTIONS_CACHE | WQ_OPTIONS_JOBS,
	.run = run_audit,
};
