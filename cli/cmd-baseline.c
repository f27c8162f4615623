/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint baseline: run another command, and write its findings to the
 * baseline, or compare them with it.
 */
#include <string.h>

#include "cli.h"

static enum wq_exit run(struct wq_options *options)
{
	struct wq_options inner = { .arena = options->arena };
	const struct wq_command *command;

	if (!options->nr_args) {
		wq_msg("baseline: write or check is missing (see wqlint baseline --help)");
		return WQ_EXIT_ERROR;
	}
	if (!strcmp(options->args[0], "write")) {
		inner.baseline_use = WQ_BASELINE_WRITE;
	} else if (!strcmp(options->args[0], "check")) {
		inner.baseline_use = WQ_BASELINE_CHECK;
	} else {
		wq_msg("baseline: '%s' is neither write nor check",
		       options->args[0]);
		return WQ_EXIT_ERROR;
	}
	if (options->nr_args < 2) {
		wq_msg("baseline %s: the command that finds is missing, such as run",
		       options->args[0]);
		return WQ_EXIT_ERROR;
	}
	command = wq_command_find(options->args[1]);
	if (!command || !(command->options & WQ_OPTIONS_FORMAT) ||
	    !(command->options & WQ_OPTIONS_REPORT)) {
		wq_msg("baseline %s: '%s' is no command that reports findings",
		       options->args[0], options->args[1]);
		return WQ_EXIT_ERROR;
	}
	if (wq_options_parse(&inner, command, options->args + 2))
		return WQ_EXIT_ERROR;
	return wq_command_run_parsed(&inner);
}

const struct wq_command wq_command_baseline = {
	.name = "baseline",
	.synopsis = "write|check COMMAND [OPTION...] [ARGUMENT...]",
	.summary = "keep known findings in a file, so that only new ones are "
		   "shown",
	.ends_in_command = true,
	.run = run,
};
