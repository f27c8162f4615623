/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many compilers at once: what they are given, and what became of it. The
 * processes are children.c's.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "object.h"
#include "prefix.h"

struct compilation {
	struct wq_arena *arena;
	const struct wq_compile *compiles;
	unsigned int count, jobs;
	struct wq_plugins *plugins;
	struct wq_result *results;
	const struct wq_keeper *keeper;	/* or NULL */
	struct wq_prefixes *prefixes;	/* precompiled headers, or NULL */
	bool *has_prefix;		/* by command: it is tried with one */
	bool *had_prefix;		/* and did not compile */
};

/* Why @compile need not be tried, or NULL. */
static const char *obstacle(struct compilation *run,
			    const struct wq_compile *compile)
{
	const char *path;

	if (access(compile->directory, X_OK))
		return wq_arena_printf(run->arena, "%s: %s",
				       compile->directory, strerror(errno));
	path = compile->source[0] == '/' ? compile->source :
	       wq_arena_printf(run->arena, "%s/%s", compile->directory,
			       compile->source);
	if (strcmp(compile->source, "-") && access(path, R_OK))
		return strerror(errno);
	return NULL;
}

static void begin(void *context, const char *directory)
{
	struct compilation *run = context;

	run->prefixes = wq_prefixes_new(run->arena, run->compiles, run->count,
					run->jobs, directory);
}

/* The command, with the plugin that fits its compiler. */
static bool prepare(void *context, unsigned int number, const char *directory,
		    struct wq_arena *scratch, struct wq_spawn *spawn)
{
	struct compilation *run = context;
	const struct wq_compile *compile = &run->compiles[number];
	struct wq_result *result = &run->results[number];
	const char *const *command, *const *prefixed = NULL;
	const struct wq_plugin_pick *pick;

	result->cause = obstacle(run, compile);
	if (result->cause)
		return false;
	pick = wq_plugins_pick(run->plugins,
			       wq_command_compiler(compile->argv)[0],
			       compile->directory);
	if (!pick->plugin) {
		result->cause = pick->refusal;
		return false;
	}
	command = wq_command_lint(scratch, compile, pick->plugin, directory,
				  run->keeper != NULL);
	if (!run->had_prefix[number])
		prefixed = wq_prefixes_apply(run->prefixes, scratch, number,
					     command, directory);
	run->has_prefix[number] = prefixed != NULL;
	spawn->argv = prefixed ? prefixed : command;
	spawn->directory = compile->directory;
	spawn->keep_stdin = !strcmp(compile->source, "-");
	return true;
}

static void fail(void *context, unsigned int number, const char *program,
		 int err)
{
	struct compilation *run = context;

	run->results[number].cause =
		wq_arena_printf(run->arena, "cannot run %s: %s", program,
				strerror(-err));
}

static void receive_unit(struct wq_unit *unit, void *context)
{
	struct wq_result *result = context;

	wq_unit_free(result->unit);
	result->unit = unit;
}

static void keep_error(unsigned int line, const char *cause, void *context)
{
	struct wq_result *result = context;

	(void)line;
	(void)cause;
	result->cause = "the plugin's facts file cannot be read";
}

/* The name of the facts file in @directory, or NULL. */
static const char *find_facts(struct wq_arena *arena, const char *directory)
{
	static const char suffix[] = ".wqfacts";
	const char *path = NULL;
	struct dirent *entry;
	DIR *stream = opendir(directory);

	while (stream && !path && (entry = readdir(stream))) {
		size_t length = strlen(entry->d_name);

		if (length >= strlen(suffix) &&
		    !strcmp(entry->d_name + length - strlen(suffix), suffix))
			path = wq_arena_printf(arena, "%s/%s", directory,
					       entry->d_name);
	}
	if (stream)
		closedir(stream);
	return path;
}

static void read_facts(struct compilation *run, unsigned int number,
		       const char *directory)
{
	struct wq_result *result = &run->results[number];
	const char *path = find_facts(run->arena, directory);

	if (!path) {
		result->cause = "the plugin wrote no facts";
		return;
	}
	if (run->keeper) {
		result->cause = run->keeper->keep(run->keeper->context, number,
						  path, directory);
		return;
	}
	wq_object_read(path, receive_unit, keep_error, result);
	if (result->cause) {
		wq_unit_free(result->unit);
		result->unit = NULL;
	} else if (!result->unit) {
		result->cause = "the plugin wrote no facts";
	}
}

static const char *failure(struct wq_arena *arena, int status,
			   const char *output)
{
	if (WIFSIGNALED(status))
		return wq_arena_printf(arena, "the compiler was killed by "
				       "signal %d", WTERMSIG(status));
	if (strstr(output, "internal compiler error"))
		return "the compiler crashed";
	return "it does not compile";
}

static bool finish(void *context, unsigned int number, const char *directory,
		   int status, int output)
{
	struct compilation *run = context;
	struct wq_result *result = &run->results[number];

	/* It may be the other headers' fault. */
	if (status && run->has_prefix[number]) {
		close(output);
		run->had_prefix[number] = true;
		return true;
	}
	if (status) {
		result->output = wq_spawn_text(run->arena, output);
		result->cause = failure(run->arena, status, result->output);
	} else {
		close(output);
		read_facts(run, number, directory);
	}
	if (run->keeper && run->keeper->progress)
		run->keeper->progress(run->keeper->context);
	return false;
}

int wq_compile_all(struct wq_arena *arena, const struct wq_compile *compiles,
		   unsigned int count, unsigned int jobs,
		   struct wq_plugins *plugins, const struct wq_keeper *keeper,
		   struct wq_result *results)
{
	struct compilation run = {
		.arena = arena,
		.compiles = compiles,
		.count = count,
		.jobs = jobs,
		.plugins = plugins,
		.keeper = keeper,
		.results = results,
		.has_prefix = wq_arena_alloc(arena, count + 1),
		.had_prefix = wq_arena_alloc(arena, count + 1),
	};
	struct wq_children children = {
		.arena = arena,
		.count = count,
		.jobs = jobs,
		.context = &run,
		.begin = begin,
		.prepare = prepare,
		.fail = fail,
		.finish = finish,
	};

	return wq_children_run(&children);
}
