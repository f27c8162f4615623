/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint check: the rules at module scope, over what a build or a lint run
 * left: objects with a note, archives, facts files, whole directories.
 */
#include <string.h>

#include "cli.h"

static enum wq_exit check_units(struct wq_options *options,
				const struct wq_inputs *inputs)
{
	const char *base = wq_inputs_base(options, inputs);
	struct wq_modules *modules = wq_modules_new(options, base);
	enum wq_exit status;

	wq_inputs_add(inputs, modules);
	/* Nobody knows which modules what could not be read is part of. */
	wq_modules_judge(modules, !inputs->nr_wrong);
	status = wq_modules_report(modules, inputs->nr_wrong > 0);
	wq_modules_free(modules);
	return status;
}

static enum wq_exit run(struct wq_options *options)
{
	struct wq_inputs inputs;

	if (!options->nr_args) {
		wq_msg("check: an object, directory or facts file is missing "
		       "(see wqlint check --help)");
		return WQ_EXIT_ERROR;
	}
	wq_inputs_read(options->arena, options->args, options->nr_args,
		       &inputs);
	if (!inputs.count && !inputs.nr_wrong)
		wq_msg("%s: nothing in it has facts; those are made by make KCFLAGS=\"$(wqlint kcflags) -fplugin-arg-wqlint-facts=object\"",
		       options->args[0]);
	return inputs.count ? check_units(options, &inputs) : WQ_EXIT_ERROR;
}

const struct wq_command wq_command_check = {
	.name = "check",
	.synopsis = "[OPTION...] OBJECT|DIRECTORY|FACTS...",
	.summary = "judge the modules whose facts a build left",
	.options = WQ_OPTIONS_SELECT | WQ_OPTIONS_REPORT | WQ_OPTIONS_FORMAT,
	.run = run,
};
