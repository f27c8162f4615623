/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint plugin: which plugins there are, and one for another compiler.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* What is listed, and how many there were. */
struct listing {
	struct wq_arena *arena;
	const char *picked;		/* the one for --cc, or NULL */
	unsigned int count;
};

/* What is known of the compiler that the plugin in @place is for. */
static const char *described(struct listing *list, const char *place)
{
	const char *path = wq_arena_printf(list->arena, "%s/compiler", place);
	FILE *stream = fopen(path, "re");
	const char *machine = "", *version = "an unknown compiler";
	char *line = NULL;
	size_t size = 0;

	while (stream && getline(&line, &size, stream) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "Target: ", 8))
			machine = wq_arena_printf(list->arena, " for %s",
						  line + 8);
		else if (!strncmp(line, "gcc version ", 12))
			version = wq_arena_printf(list->arena, "GCC %.*s",
						  (int)strcspn(line + 12, ")"),
						  line + 12);
	}
	free(line);
	if (stream)
		fclose(stream);
	return wq_arena_printf(list->arena, "%s%s%s", version,
			       strchr(version, '(') ? ")" : "", machine);
}

/* The plugin in @place, if there is one. */
static void list_plugin(struct listing *list, const char *place)
{
	const char *path = wq_arena_printf(list->arena, "%s/wqlint.so", place);

	if (access(path, R_OK))
		return;
	list->count++;
	path = wq_path_resolve(list->arena, path);
	printf("%c %s: %s\n",
	       list->picked && !strcmp(list->picked, path) ? '*' : ' ', path,
	       described(list, place));
}

/* The plugins for @machine; those of the directory follow. */
static void list_machine(struct listing *list, const char *directory,
			 const char *machine)
{
	struct dirent **names;
	int count = scandir(wq_arena_printf(list->arena, "%s/%s", directory,
					    machine),
			    &names, NULL, alphasort), i;

	for (i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.')
			list_plugin(list, wq_arena_printf(list->arena,
					"%s/%s/%s", directory, machine,
					names[i]->d_name));
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

static void list_directory(struct listing *list, const char *directory)
{
	struct dirent **names;
	int count = scandir(directory, &names, NULL, alphasort), i;

	for (i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.')
			list_machine(list, directory, names[i]->d_name);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

/* The program of --cc, or of the default compiler, or NULL. */
static const char *program_of(struct wq_options *options)
{
	const char *command = options->compiler ? options->compiler :
			      wq_plugin_compiler();
	const char *const *argv = wq_command_split(options->arena, command);

	return argv ? wq_command_compiler(argv)[0] : NULL;
}

static enum wq_exit list_plugins(struct wq_options *options)
{
	static const char *const no_args[] = { NULL };
	const char *const *directory;
	const char *program = program_of(options);
	struct listing list = { .arena = options->arena };
	const struct wq_plugin_pick *pick;

	pick = wq_plugins_pick(wq_plugins_new(options->arena, no_args),
			       program ? program : "gcc", NULL);
	list.picked = pick->plugin;
	if (wq_plugin_build_tree(options->arena))
		list_plugin(&list, wq_plugin_build_tree(options->arena));
	for (directory = wq_plugin_directories(options->arena); *directory;
	     directory++)
		list_directory(&list, *directory);
	if (options->compiler && !pick->plugin) {
		wq_msg("%s", pick->refusal);
		return WQ_EXIT_ERROR;
	}
	if (!list.count)
		wq_msg("no plugin is installed");
	return WQ_EXIT_CLEAN;
}

static enum wq_exit build(struct wq_options *options)
{
	const char *program = program_of(options);
	const char *directory = options->system ?
		wq_plugin_system_directory() :
		wq_plugin_user_directory(options->arena);
	struct wq_compiler compiler;
	const char *cause, *plugin;

	if (!directory) {
		wq_msg("there is no home directory: use --system");
		return WQ_EXIT_ERROR;
	}
	if (!program) {
		wq_msg("there is no compiler to build for");
		return WQ_EXIT_ERROR;
	}
	cause = wq_compiler_identify(options->arena, program, NULL, &compiler);
	if (cause) {
		wq_msg("%s", cause);
		return WQ_EXIT_ERROR;
	}
	plugin = wq_plugin_build(options->arena, &compiler, directory);
	if (!plugin)
		return WQ_EXIT_ERROR;
	printf("%s\n", plugin);
	return WQ_EXIT_CLEAN;
}

static enum wq_exit run(struct wq_options *options)
{
	const char *action = options->nr_args ? options->args[0] : NULL;
	bool builds = action && !strcmp(action, "build");

	if (!action || (!builds && strcmp(action, "list"))) {
		wq_msg("plugin: list or build is wanted%s%s%s",
		       action ? ", not '" : "", action ? action : "",
		       action ? "'" : "");
		return WQ_EXIT_ERROR;
	}
	if (options->nr_args > 1) {
		wq_msg("plugin %s takes no argument '%s'", action,
		       options->args[1]);
		return WQ_EXIT_ERROR;
	}
	return builds ? build(options) : list_plugins(options);
}

const struct wq_command wq_command_plugin = {
	.name = "plugin",
	.synopsis = "list|build [OPTION...]",
	.summary = "list the plugins, or build one for another compiler",
	.options = WQ_OPTIONS_CC | WQ_OPTIONS_PLUGIN,
	.run = run,
};
