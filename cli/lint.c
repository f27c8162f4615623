/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From compile commands to one report: compile, and let modules.c join and
 * judge what the compiler saw.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

struct linting {
	struct wq_options *options;
	struct wq_arena *arena;
	const struct wq_compile *compiles;
	unsigned int count;
	const char *base;
	struct wq_result *results;
	struct wq_modules *modules;
};

static void sort_out_units(struct linting *lint)
{
	unsigned int i;

	for (i = 0; i < lint->count; i++) {
		const struct wq_compile *compile = &lint->compiles[i];
		struct wq_unit *unit = lint->results[i].unit;

		if (!unit) {
			wq_modules_add_missing(lint->modules,
					       wq_command_modules(lint->arena,
								 compile));
			continue;
		}
		/* What it says is where the lint run wrote to. */
		unit->object = wq_unit_string(unit, wq_command_output(compile->argv));
		wq_modules_add(lint->modules, unit, compile->directory);
	}
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

unsigned int wq_default_jobs(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors > 0 ? (unsigned int)processors : 1;
}

static const char *source_of(struct wq_arena *arena, const void *context,
			     unsigned int number)
{
	const struct wq_compile *compile = context;

	compile += number;
	return wq_path_absolute(arena, compile->directory, compile->source);
}

/* Compile, and sort the units by module. Returns 0, or -1 after a message. */
static int lint_units(struct linting *lint)
{
	static const char *const args[] = { "lint-only", NULL };
	struct wq_options *options = lint->options;

	lint->base = wq_tree_base(options, lint->base, source_of,
				  lint->compiles, lint->count);
	lint->results = wq_arena_alloc(lint->arena,
				       lint->count * sizeof(*lint->results));
	if (wq_compile_all(lint->arena, lint->compiles, lint->count,
			   options->jobs ? options->jobs : wq_default_jobs(),
			   wq_plugins_new(lint->arena, args), NULL,
			   lint->results))
		return -1;
	lint->modules = wq_modules_new(options, lint->base);
	sort_out_units(lint);
	return 0;
}

static void free_units(struct linting *lint)
{
	unsigned int i;

	for (i = 0; i < lint->count; i++)
		wq_unit_free(lint->results[i].unit);
	wq_modules_free(lint->modules);
}

enum wq_exit wq_lint(struct wq_options *options,
		     const struct wq_compile *compiles, unsigned int count,
		     const char *base, bool whole)
{
	struct linting lint = {
		.options = options, .arena = options->arena,
		.compiles = compiles, .count = count, .base = base,
	};
	unsigned int nr_failures;
	enum wq_exit status;

	if (lint_units(&lint))
		return WQ_EXIT_ERROR;
	wq_modules_judge(lint.modules, whole);
	nr_failures = report_failures(&lint);
	status = wq_modules_report(lint.modules, nr_failures > 0);
	free_units(&lint);
	return status;
}

int wq_lint_each(struct wq_options *options, const struct wq_compile *compiles,
		 unsigned int count, const char **base, wq_program_fn fn,
		 void *context, bool *incomplete)
{
	struct linting lint = {
		.options = options, .arena = options->arena,
		.compiles = compiles, .count = count, .base = *base,
	};

	if (lint_units(&lint))
		return -1;
	*base = lint.base;
	wq_modules_join(lint.modules, true, fn, context);
	*incomplete = report_failures(&lint) > 0;
	free_units(&lint);
	return 0;
}
