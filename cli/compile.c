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
#include "servers.h"

struct compilation {
	struct wq_arena *arena;
	const struct wq_compile *compiles;
	unsigned int count, jobs;
	struct wq_plugins *plugins;
	struct wq_result *results;
	const struct wq_keeper *keeper;	/* or NULL */
	struct wq_servers *servers;	/* or NULL */
	const unsigned int *order;	/* which command each child is */
	bool *is_served;		/* by command: it is tried with one */
	bool *was_served;		/* and did not compile */
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

	run->servers = wq_servers_new(run->arena, run->compiles, run->count,
				      run->keeper != NULL, directory);
	run->order = wq_servers_order(run->servers, run->arena, run->count);
}

static void stop(void *context)
{
	struct compilation *run = context;

	wq_servers_stop(run->servers);
}

/* The plugin that fits the compiler of @number; NULL with a cause. */
static const char *plugin_for(struct compilation *run, unsigned int number)
{
	const struct wq_compile *compile = &run->compiles[number];
	struct wq_result *result = &run->results[number];
	const struct wq_plugin_pick *pick;

	result->cause = obstacle(run, compile);
	if (result->cause)
		return NULL;
	pick = wq_plugins_pick(run->plugins,
			       wq_command_compiler(compile->argv)[0],
			       compile->directory);
	if (!pick->plugin)
		result->cause = pick->refusal;
	return pick->plugin;
}

static bool prepare(void *context, unsigned int child, const char *directory,
		    struct wq_arena *scratch, struct wq_spawn *spawn,
		    int *answer)
{
	struct compilation *run = context;
	unsigned int number = run->order[child];
	const struct wq_compile *compile = &run->compiles[number];
	const char *plugin = plugin_for(run, number);

	if (!plugin) {
		wq_servers_leave(run->servers, number);
		return false;
	}
	spawn->argv = wq_command_lint(scratch, compile, plugin, directory,
				      run->keeper != NULL);
	spawn->directory = compile->directory;
	spawn->keep_stdin = !strcmp(compile->source, "-");
	if (!run->was_served[number] && spawn->output >= 0)
		*answer = wq_servers_ask(run->servers, number, plugin,
					 spawn->argv, directory,
					 spawn->output);
	run->is_served[number] = *answer >= 0;
	return true;
}

static void fail(void *context, unsigned int child, const char *program,
		 int err)
{
	struct compilation *run = context;
	unsigned int number = run->order[child];

	run->results[number].cause =
		wq_arena_printf(run->arena, "cannot run %s: %s", program,
				strerror(-err));
	wq_servers_leave(run->servers, number);
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

static bool finish(void *context, unsigned int child, const char *directory,
		   int status, int output)
{
	struct compilation *run = context;
	unsigned int number = run->order[child];
	struct wq_result *result = &run->results[number];

	/* It may be the other headers' fault. */
	if (status && run->is_served[number]) {
		close(output);
		run->was_served[number] = true;
		return true;
	}
	wq_servers_leave(run->servers, number);
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
		.is_served = wq_arena_alloc(arena, count + 1),
		.was_served = wq_arena_alloc(arena, count + 1),
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
		.stop = stop,
	};

	return wq_children_run(&children);
}
