/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint cc: one compile command. Kbuild's CHECK= gives flags and a file
 * but no compiler, and flags for sparse among them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* Does the command begin with a compiler, rather than a flag or a source? */
static bool names_compiler(const struct wq_options *options)
{
	const char *first = options->args[0];

	return first[0] != '-' && !wq_path_is_c_source(first);
}

/*
 * A part of a build's output, like sparse: one line per finding, whole lines
 * with make -j, no totals. A finding does not end the build unless asked for.
 */
static void become_checker(struct wq_options *options)
{
	options->print.summary = false;
	options->print.terse = true;
	if (options->fails_by_default)
		options->fail_level = WQ_FAIL_NEVER;
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static const char *const *compile_command(struct wq_options *options)
{
	const char *const *args = (const char *const *)options->args;
	const char *compiler = options->compiler;

	if (names_compiler(options)) {
		if (!compiler)
			return args;
		args++;
	} else {
		args = wq_command_without_sparse(options->arena, args);
		become_checker(options);
		if (!compiler)
			compiler = wq_plugin_kbuild_compiler();
	}
	return wq_command_join(options->arena, compiler, args);
}

static enum wq_exit lint_sources(struct wq_options *options,
				 const char *const *argv,
				 const char *const *sources,
				 const char *directory)
{
	struct wq_compile *compiles;
	unsigned int count = 0, i;

	while (sources[count])
		count++;
	if (!count) {
		wq_msg("no C source in the compile command");
		return WQ_EXIT_ERROR;
	}
	compiles = wq_arena_alloc(options->arena, count * sizeof(*compiles));
	for (i = 0; i < count; i++) {
		compiles[i].directory = directory;
		compiles[i].source = sources[i];
		compiles[i].argv = argv;
	}
	return wq_lint(options, compiles, count, directory, false);
}

static enum wq_exit run(struct wq_options *options)
{
	const char *const *argv;
	enum wq_exit status;
	char *directory;

	if (!options->nr_args) {
		wq_msg("cc: a compile command is missing (see wqlint cc "
		       "--help)");
		return WQ_EXIT_ERROR;
	}
	directory = getcwd(NULL, 0);
	if (!directory) {
		wq_msg("the working directory: %s", strerror(errno));
		return WQ_EXIT_ERROR;
	}
	/* Beside GCC's own messages: names as its messages have them. */
	if (!options->root && options->report->is_for_builds)
		options->root = wq_arena_copy(options->arena, directory);
	argv = compile_command(options);
	status = lint_sources(options, argv,
			      wq_command_sources(options->arena, argv),
			      directory);
	free(directory);
	return status;
}

const struct wq_command wq_command_cc = {
	.name = "cc",
	.synopsis = "[OPTION...] [--] [COMPILER] FLAG... FILE.c",
	.summary = "lint one compile command; also as make C=1 "
		   "CHECK=\"wqlint cc\"",
	.options = WQ_OPTIONS_SELECT | WQ_OPTIONS_REPORT | WQ_OPTIONS_FORMAT |
		   WQ_OPTIONS_CC,
	.ends_in_command = true,
	.run = run,
};
