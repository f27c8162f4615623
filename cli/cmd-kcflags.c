/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint kcflags: the flags that load the plugin, for
 * make KCFLAGS="$(wqlint kcflags)". Prints nothing that would not work.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* "NAME=A,B" with the rules that are in @mask, or NULL. */
static const char *rules_argument(struct wq_arena *arena, const char *name,
				  unsigned long long mask)
{
	const char *text = NULL;
	unsigned int i;

	for (i = 0; wq_rules[i]; i++)
		if (mask & (1ULL << i))
			text = text ? wq_arena_printf(arena, "%s,%s", text,
						      wq_rules[i]->id) :
			       wq_arena_printf(arena, "%s=%s", name,
					       wq_rules[i]->id);
	return text;
}

/* The plugin's arguments for @options; ended by NULL. */
static const char *const *plugin_arguments(const struct wq_options *options)
{
	const char *const all[] = {
		rules_argument(options->arena, "types",
			       options->selection.only),
		rules_argument(options->arena, "ignore",
			       options->selection.ignored),
		options->selection.strict ? "strict" : NULL,
		options->no_werror ? "no-werror" : NULL,
	};
	const size_t nr_all = sizeof(all) / sizeof(all[0]);
	const char **kept = wq_arena_alloc(options->arena,
					   (nr_all + 1) * sizeof(*kept));
	size_t i, count = 0;

	for (i = 0; i < nr_all; i++)
		if (all[i])
			kept[count++] = all[i];
	return kept;
}

/* The program that a compiler command runs in the end, or NULL. */
static const char *compiler_of(struct wq_options *options)
{
	const char *command = options->compiler ? options->compiler :
			      wq_plugin_compiler();
	const char *const *argv = wq_command_split(options->arena, command);

	return argv ? wq_command_compiler(argv)[0] : NULL;
}

/* A plugin that loads, or NULL after a message. */
static const char *find_plugin(struct wq_options *options,
			       const char *const *args)
{
	const char *compiler = compiler_of(options);
	const struct wq_plugin_pick *pick;

	if (!compiler) {
		wq_msg("there is no compiler to ask");
		return NULL;
	}
	pick = wq_plugins_pick(wq_plugins_new(options->arena, args), compiler,
			       NULL);
	if (!pick->plugin)
		wq_msg("%s", pick->refusal);
	else if (strpbrk(pick->plugin, " \t\n'\"\\$"))
		wq_msg("%s: make cannot pass a path with such characters",
		       pick->plugin);
	else
		return pick->plugin;
	return NULL;
}

static enum wq_exit run(struct wq_options *options)
{
	const char *const *args = plugin_arguments(options);
	const char *plugin;

	if (options->nr_args) {
		wq_msg("kcflags takes no argument '%s'", options->args[0]);
		return WQ_EXIT_ERROR;
	}
	plugin = find_plugin(options, args);
	if (!plugin)
		return WQ_EXIT_ERROR;
	printf("-fplugin=%s", plugin);
	for (; *args; args++)
		printf(" -fplugin-arg-wqlint-%s", *args);
	putchar('\n');
	return WQ_EXIT_CLEAN;
}

const struct wq_command wq_command_kcflags = {
	.name = "kcflags",
	.synopsis = "[OPTION...]",
	.summary = "print the flags for make KCFLAGS=\"$(wqlint kcflags)\"",
	.options = WQ_OPTIONS_SELECT | WQ_OPTIONS_CC | WQ_OPTIONS_KCFLAGS,
	.run = run,
};
