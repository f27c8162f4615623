/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint check: the rules at module scope, over what a build or a lint run
 * left: objects with a note, archives, facts files, whole directories.
 */
#include <string.h>

#include "cli.h"

static const char *directory_of(const struct wq_unit *unit)
{
	return unit->directory && *unit->directory == '/' ? unit->directory
							   : "/";
}

static const char *common_directory(struct wq_options *options,
				    const struct wq_inputs *inputs)
{
	const char *base = directory_of(inputs->units[0]);
	unsigned int i;

	for (i = 1; i < inputs->count; i++)
		if (strcmp(base, directory_of(inputs->units[i])))
			base = wq_path_common(options->arena, base,
					      directory_of(inputs->units[i]));
	return base;
}

static enum wq_exit check_units(struct wq_options *options,
				const struct wq_inputs *inputs)
{
	struct wq_modules *modules = wq_modules_new(options);
	const char *base = common_directory(options, inputs);
	enum wq_exit status;
	unsigned int i;

	for (i = 0; i < inputs->count; i++) {
		struct wq_unit *unit = inputs->units[i];

		wq_unit_rename_files(options->arena, unit, directory_of(unit),
				     base);
		wq_modules_add(modules, wq_unit_module(unit), unit);
	}
	for (i = 0; i < inputs->nr_incomplete; i++)
		wq_modules_add(modules, inputs->incomplete[i], NULL);
	/* Nobody knows which modules what could not be read is part of. */
	wq_modules_judge(modules, !inputs->nr_wrong);
	status = wq_modules_report(modules, base, inputs->nr_wrong > 0);
	wq_modules_free(modules);
	return status;
}

static enum wq_exit run(struct wq_options *options)
{
	struct wq_inputs inputs;
	enum wq_exit status;

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
	status = inputs.count ? check_units(options, &inputs) : WQ_EXIT_ERROR;
	wq_inputs_free(&inputs);
	return status;
}

const struct wq_command wq_command_check = {
	.name = "check",
	.synopsis = "[OPTION...] OBJECT|DIRECTORY|FACTS...",
	.summary = "judge the modules whose facts a build left",
	.options = WQ_OPTIONS_SELECT | WQ_OPTIONS_REPORT | WQ_OPTIONS_FORMAT,
	.run = run,
};
