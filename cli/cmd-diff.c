/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint diff: the findings that a change brings. The modules that it touches
 * are linted before and after: a removed cancel makes a line wrong that
 * nobody touched.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit.h"
#include "brought.h"
#include "change.h"
#include "children.h"
#include "failures.h"
#include "kernel.h"
#include "progress.h"
#include "touched.h"

/* A state, as what it has other than the working tree. */
struct tree {
	struct wq_shadow_file *files;
	unsigned int count;
};

struct run {
	struct wq_options *options;
	struct wq_arena *arena;
	struct wq_git git;
	struct wq_change change;
	struct wq_compdb database;
	struct wq_touched touched;
	struct wq_audit common;		/* what all audits have in common */
	struct wq_shadow *shadow;
	const char *base;		/* names are seen from there */
	struct tree *trees;		/* of each state */
	struct tree *tree;		/* that is being judged */
	const struct wq_git_file *step;	/* what differs from the one before */
	unsigned int nr_step;
	struct wq_known *known;		/* of the state before it */
	struct wq_failures *failures;	/* the same */
	struct timespec begin;		/* of the step */
	bool is_incomplete;
	struct wq_table said;		/* messages, each said once */
};

#define end_step(run, ...) \
	wq_step_end(&(run)->begin, (run)->options->verbose, __VA_ARGS__)

/* Commands */

static bool is_there(const char *directory, const char *name)
{
	struct wq_arena *scratch = wq_arena_new();
	bool found = !access(wq_arena_printf(scratch, "%s/%s", directory,
					     name), R_OK);

	wq_arena_free(scratch);
	return found;
}

/* A database where there is one, else the dry run of a configured kernel. */
static int find_commands(struct run *run)
{
	static const char *const all[] = { "vmlinux", "modules", NULL };
	const char *path = run->options->database ? run->options->database
						  : run->git.top;
	struct wq_kernel kernel;
	struct stat status;
	bool cached;

	if (stat(path, &status) || !S_ISDIR(status.st_mode) ||
	    is_there(path, "compile_commands.json"))
		return wq_compdb_read(run->arena, path, &run->database);
	if (!is_there(path, ".config")) {
		wq_msg("%s: has no compile_commands.json, and is no configured kernel: name either with -p",
		       path);
		return -1;
	}
	return wq_kernel_open(run->arena, path, false, &kernel) ||
	       wq_dry_run(run->arena, &kernel, all, run->common.jobs,
			  run->common.cache, wq_file_digests_new(run->arena),
			  &run->database, &cached) ? -1 : 0;
}

/* Files */

static const char *in_tree(struct run *run, const char *path)
{
	return path ? wq_arena_printf(run->arena, "%s/%s", run->git.top, path)
		    : NULL;
}

static void add_touched(struct run *run, const char *path,
			const char *old_path)
{
	struct wq_touched *touched = &run->touched;
	unsigned int i;

	path = in_tree(run, path);
	old_path = in_tree(run, old_path);
	for (i = 0; i < touched->count; i++)
		if (!strcmp(touched->files[i].path, path)) {
			if (old_path)
				touched->files[i].old_path = old_path;
			return;
		}
	touched->files = wq_arena_grow(run->arena, touched->files,
				       touched->count,
				       sizeof(*touched->files));
	touched->files[touched->count++] = (struct wq_touched_file){
		.path = path, .old_path = old_path,
	};
}

/* All files that two states that follow one another do not have in common. */
static int find_touched(struct run *run)
{
	const struct wq_change *change = &run->change;
	const struct wq_git_file *files;
	unsigned int i, j, count;

	run->touched.arena = run->arena;
	run->touched.root = run->git.top;
	for (i = 1; i < change->count; i++) {
		files = wq_git_compare(&run->git, change->states[i - 1].tree,
				       change->states[i].tree, true, &count);
		if (!files) {
			wq_msg("diff: %s", run->git.complaint);
			return -1;
		}
		for (j = 0; j < count; j++) {
			add_touched(run, files[j].path, files[j].old_path);
			if (files[j].old_path)
				add_touched(run, files[j].old_path, NULL);
		}
	}
	return 0;
}

/* Write what state @number has other than the working tree. */
static int export_state(struct run *run, unsigned int number)
{
	const char *name = run->change.states[number].tree;
	const char *directory = wq_arena_printf(run->arena, "%s/state-%u",
						run->git.temporary, number);
	struct tree *tree = &run->trees[number];
	const struct wq_git_file *files;
	unsigned int i;

	files = wq_git_compare(&run->git, run->change.working_tree, name,
			       false, &tree->count);
	if (!files || mkdir(directory, 0700) ||
	    wq_git_export(&run->git, name, files, tree->count, directory)) {
		wq_msg("diff: %s", run->git.complaint ? run->git.complaint
						      : strerror(errno));
		return -1;
	}
	tree->files = wq_arena_alloc(run->arena, (tree->count + 1) *
				     sizeof(*tree->files));
	for (i = 0; i < tree->count; i++) {
		tree->files[i].path = files[i].path;
		if (files[i].is_there)
			tree->files[i].content = wq_arena_printf(run->arena,
					"%s/%s", directory, files[i].path);
	}
	return 0;
}

static void add_texts(struct run *run, const struct tree *tree)
{
	struct wq_touched *touched = &run->touched;
	unsigned int i;

	for (i = 0; i < tree->count; i++) {
		if (!tree->files[i].content)
			continue;
		touched->texts = wq_arena_grow(run->arena, touched->texts,
					       touched->nr_texts,
					       sizeof(*touched->texts));
		touched->texts[touched->nr_texts++] = (struct wq_touched_text){
			in_tree(run, tree->files[i].path),
			tree->files[i].content,
		};
	}
}

static int export_states(struct run *run)
{
	unsigned int i;

	run->trees = wq_arena_alloc(run->arena, run->change.count *
				    sizeof(*run->trees));
	/* Where nothing is touched, nothing is judged. */
	for (i = 0; run->touched.count && i < run->change.count; i++) {
		if (export_state(run, i))
			return -1;
		add_texts(run, &run->trees[i]);
	}
	end_step(run, "%u files touched in %u states", run->touched.count,
		 run->change.count);
	return 0;
}

/* Messages */

static void say_once(struct run *run, const char *text)
{
	run->is_incomplete = true;
	if (wq_set_add(run->arena, &run->said, text))
		wq_msg("%s", text);
}

/* A source that names the API and of which nobody knows how to compile it. */
static void report_unknown(struct run *run)
{
	unsigned int i;

	for (i = 0; i < run->touched.count; i++) {
		const struct wq_touched_file *file = &run->touched.files[i];

		if (!file->is_compiled && wq_path_is_c_source(file->path) &&
		    wq_set_has(&run->touched.naming, file->path))
			say_once(run, wq_arena_printf(run->arena,
				"%s: not linted: %s has no command that compiles it",
				wq_path_below(run->base, file->path),
				run->database.path));
	}
}

/* States */

static void open_directory(const char *directory, void *context)
{
	struct run *run = context;

	if (run->shadow && wq_shadow_open(run->shadow, directory))
		run->shadow = NULL;
}

/* Let the shadow be the state, which is not the working tree. */
static int set_shadow(struct run *run)
{
	if (!run->shadow) {
		run->shadow = wq_shadow_new(run->arena, run->git.top,
			wq_arena_printf(run->arena, "%s/tree",
					run->git.temporary));
		wq_touched_directories(&run->touched, open_directory, run);
	}
	return run->shadow ? wq_shadow_set(run->shadow, run->tree->files,
					   run->tree->count) : -1;
}

/* A unit whose source this state does not have is no part of it. */
static bool has_source(struct run *run, const struct wq_audit *audit,
		       const struct wq_compile *compile)
{
	const char *path = wq_path_absolute(run->arena, compile->directory,
					    compile->source);

	return !wq_set_has(&run->touched.reached, path) ||
	       !access(audit->shadow ? wq_shadow_path(audit->shadow,
						      run->arena, path)
				     : path, F_OK);
}

static void take_units(struct run *run, struct wq_audit *audit)
{
	const struct wq_compdb *units = &run->touched.units;
	unsigned int i;

	audit->units = wq_arena_alloc(run->arena, (units->count + 1) *
				      sizeof(*audit->units));
	for (i = 0; i < units->count; i++) {
		const struct wq_choice *choice = &run->touched.choices[i];

		if (has_source(run, audit, &units->compiles[i]))
			audit->units[audit->count++] = (struct wq_audit_unit){
				.compile = &units->compiles[i],
				.choice = *choice,
				.is_wanted = choice->is_relevant &&
					     choice->names_api,
			};
	}
}

/* The files of the step from the state before, and who includes them. */
static void find_reached(struct run *run, struct wq_table *reached)
{
	unsigned int i;

	for (i = 0; i < run->nr_step; i++) {
		wq_includers_find(run->touched.includers,
				  in_tree(run, run->step[i].path), reached);
		if (run->step[i].old_path)
			wq_includers_find(run->touched.includers,
					  in_tree(run, run->step[i].old_path),
					  reached);
	}
}

/* The findings of run->tree; NULL after a message. */
static struct wq_modules *judge(struct run *run, struct wq_audit *audit)
{
	struct wq_table reached = { .slots = NULL };
	struct wq_audit_programs programs;
	struct wq_modules *modules;

	*audit = run->common;
	if (run->tree->count && set_shadow(run))
		return NULL;
	audit->shadow = run->tree->count ? run->shadow : NULL;
	audit->files = wq_file_digests_new(run->arena);
	take_units(run, audit);
	find_reached(run, &reached);
	wq_failures_repeat(run->failures, audit, &reached);
	do {
		if (wq_audit_gather(audit))
			return NULL;
	} while (wq_audit_want_more(audit, run->options, run->base, &programs));
	end_step(run, "%u units compiled, %u from the cache",
		 audit->nr_compiled, audit->nr_cached);
	modules = wq_audit_modules(audit, run->options, run->base);
	wq_modules_judge(modules, true);
	wq_findings_drop_silenced(wq_modules_findings(modules));
	return modules;
}

/* Where the state that is judged has the sources. */
static const char *directory_of(const struct run *run)
{
	return run->tree->count ? wq_shadow_path(run->shadow, run->arena,
						 run->base) : run->base;
}

/* Keep what state @number brings, and remember what it has. */
static void drop_known(struct run *run, unsigned int number,
		       const struct wq_audit *audit,
		       struct wq_findings *findings)
{
	struct wq_known *known = wq_known_new(findings, directory_of(run));
	unsigned int i;

	if (number) {
		wq_known_drop(run->known, known, run->step, run->nr_step,
			      findings);
		wq_failures_drop(run->failures, audit, findings);
	}
	wq_known_free(run->known);
	run->known = known;
	wq_failures_note(run->failures, audit);
	if (wq_failures_text(run->failures))
		say_once(run, wq_failures_text(run->failures));
	for (i = 0; i < findings->count && run->options->each; i++)
		findings->list[i]->message = wq_arena_printf(findings->arena,
			"%s, since %s", findings->list[i]->message,
			run->change.states[number].label);
}

static int find_step(struct run *run, unsigned int number)
{
	const struct wq_state *states = run->change.states;

	if (!number)
		return 0;
	run->step = wq_git_compare(&run->git, states[number - 1].tree,
				   states[number].tree, true, &run->nr_step);
	if (!run->step)
		wq_msg("diff: %s", run->git.complaint);
	return run->step ? 0 : -1;
}

/* *@status becomes that of the report. Returns 0, or -1 after a message. */
static int judge_state(struct run *run, unsigned int number,
		       enum wq_exit *status)
{
	struct wq_modules *modules;
	struct wq_audit audit;

	run->tree = &run->trees[number];
	modules = find_step(run, number) ? NULL : judge(run, &audit);
	if (!modules)
		return -1;
	end_step(run, "%s: %u findings", run->change.states[number].label,
		 wq_modules_findings(modules)->count);
	drop_known(run, number, &audit, wq_modules_findings(modules));
	*status = number ? wq_modules_report(modules, run->is_incomplete)
			 : WQ_EXIT_CLEAN;
	wq_modules_free(modules);
	return 0;
}

static enum wq_exit judge_states(struct run *run)
{
	enum wq_exit worst = WQ_EXIT_CLEAN, status;
	unsigned int i;

	run->failures = wq_failures_new(run->arena, run->base);
	for (i = 0; i < run->change.count; i++) {
		if (judge_state(run, i, &status)) {
			worst = WQ_EXIT_ERROR;
			break;
		}
		if (status > worst)
			worst = status;
	}
	wq_known_free(run->known);
	return worst;
}

static enum wq_exit diff(struct run *run)
{
	struct wq_options *options = run->options;
	static const char *const args[] = { "lint-only", NULL };
	const char *temporary;

	run->common = (struct wq_audit){
		.arena = run->arena,
		.plugins = wq_plugins_new(run->arena, args),
		.jobs = options->jobs ? options->jobs : wq_default_jobs(),
		.cache = wq_cache_open(run->arena, !options->no_cache),
	};
	if (!run->common.cache)
		return WQ_EXIT_ERROR;
	temporary = wq_arena_printf(run->arena, "%s/diff",
				wq_cache_run_directory(run->common.cache));
	if (mkdir(temporary, 0700)) {
		wq_msg("%s: %s", temporary, strerror(errno));
		return WQ_EXIT_ERROR;
	}
	if (wq_git_open(run->arena, temporary, &run->git) ||
	    wq_change_read(&run->git, options->args[0], options->each,
			   &run->change) ||
	    find_touched(run) || export_states(run))
		return WQ_EXIT_ERROR;
	run->base = options->root ? options->root : run->git.top;
	if (run->touched.count) {
		if (find_commands(run))
			return WQ_EXIT_ERROR;
		end_step(run, "%u compile commands", run->database.count);
		wq_touched_find(&run->touched, &run->database);
		end_step(run, "%u units of modules that are touched",
			 run->touched.units.count);
		report_unknown(run);
	}
	return judge_states(run);
}

/* One line per finding, unless something else was asked for. */
static int set_format(struct wq_options *options)
{
	if (!options->has_format) {
		options->report = &wq_report_text;
		options->print.terse = true;
	}
	options->print.summary = false;
	if (!options->each || options->report == &wq_report_text ||
	    options->report == &wq_report_gcc ||
	    options->report == &wq_report_checkpatch ||
	    options->report == &wq_report_json)
		return 0;
	wq_msg("--each prints a report per commit: the format can be text, gcc, checkpatch or json, not %s",
	       options->report->name);
	return -1;
}

static enum wq_exit run_diff(struct wq_options *options)
{
	struct run run = { .options = options, .arena = options->arena };
	enum wq_exit status;

	if (options->nr_args > 1) {
		wq_msg("diff: one revision, range or -, not %u of them",
		       options->nr_args);
		return WQ_EXIT_ERROR;
	}
	if (set_format(options))
		return WQ_EXIT_ERROR;
	clock_gettime(CLOCK_MONOTONIC, &run.begin);
	wq_signals_hold();
	status = diff(&run);
	wq_cache_close(run.common.cache);
	wq_signals_release();
	return status;
}

const struct wq_command wq_command_diff = {
	.name = "diff",
	.synopsis = "[OPTION...] [REVISION|RANGE|-]",
	.summary = "report the findings that a change brings",
	.options = WQ_OPTIONS_SELECT | WQ_OPTIONS_REPORT | WQ_OPTIONS_FORMAT |
		   WQ_OPTIONS_DIFF | WQ_OPTIONS_CACHE | WQ_OPTIONS_JOBS,
	.run = run_diff,
};
