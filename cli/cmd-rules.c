/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint rules: the list.
 */
#include <stdio.h>

#include "cli.h"

static enum wq_exit run(struct wq_options *options)
{
	const struct wq_rule *const *rule;

	if (options->nr_args) {
		wq_msg("rules takes no argument '%s' (see wqlint explain)",
		       options->args[0]);
		return WQ_EXIT_ERROR;
	}
	for (rule = wq_rules; *rule; rule++)
		printf("%-24s%-8s  %s\n", (*rule)->id,
		       wq_level_name((*rule)->level), (*rule)->summary);
	return WQ_EXIT_CLEAN;
}

const struct wq_command wq_command_rules = {
	.name = "rules",
	.synopsis = "",
	.summary = "list the rules: id, level, what each says",
	.run = run,
};
