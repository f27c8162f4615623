/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many compilers at once. Each slot has a directory of its own for the facts
 * file and the compiler's temporary files; all of them go in the end, also
 * when a signal ends the program: signals are taken from a queue, between
 * two looks at the children, never in the middle of something.
 */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "object.h"
#include "prefix.h"

struct slot {
	pid_t pid;			/* 0: free */
	int output;
	unsigned int number;		/* of the command */
	bool has_prefix;		/* a precompiled header */
	const char *directory;
};

struct compilation {
	struct wq_arena *arena;
	const struct wq_compile *compiles;
	unsigned int count;
	struct wq_plugins *plugins;
	struct wq_result *results;
	const char *temporary;
	struct wq_prefixes *prefixes;	/* or NULL */
	struct slot *slots;
	unsigned int nr_slots, nr_running;
	sigset_t signals, old_signals;
};

static int remove_one(const char *path, const struct stat *status, int type,
		      struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	remove(path);
	return 0;
}

static void remove_tree(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int make_directories(struct compilation *run)
{
	char *base = (char *)wq_arena_printf(run->arena, "%s/wqlint-XXXXXX",
					     wq_path_temporary());
	unsigned int i;

	if (!mkdtemp(base)) {
		wq_msg("cannot make a directory in %s: %s",
		       wq_path_temporary(), strerror(errno));
		return -1;
	}
	run->temporary = wq_path_resolve(run->arena, base);
	for (i = 0; i < run->nr_slots; i++) {
		struct slot *slot = &run->slots[i];

		slot->directory = wq_arena_printf(run->arena, "%s/%u",
						  run->temporary, i);
		if (mkdir(slot->directory, 0700)) {
			wq_msg("cannot make %s: %s", slot->directory,
			       strerror(errno));
			remove_tree(run->temporary);
			return -1;
		}
	}
	return 0;
}

/*
 * From here on the signals wait until they are asked for. Those that the
 * caller ignores (nohup) stay ignored.
 */
static void hold_signals(struct compilation *run)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action;
	size_t i;

	sigemptyset(&run->signals);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (!sigaction(ends[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			sigaddset(&run->signals, ends[i]);
	/* Ignored, it would make children vanish before they are asked. */
	signal(SIGCHLD, SIG_DFL);
	sigaddset(&run->signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &run->signals, &run->old_signals);
}

static void stop_children(struct compilation *run)
{
	unsigned int i;

	for (i = 0; i < run->nr_slots; i++)
		if (run->slots[i].pid)
			kill(-run->slots[i].pid, SIGTERM);
	for (i = 0; i < run->nr_slots; i++)
		if (run->slots[i].pid) {
			waitpid(run->slots[i].pid, NULL, 0);
			/* what the driver started and did not wait for */
			kill(-run->slots[i].pid, SIGKILL);
		}
}

/* End as if @number had not been held. */
static void die_of(struct compilation *run, int number)
{
	stop_children(run);
	remove_tree(run->temporary);
	signal(number, SIG_DFL);
	raise(number);
	sigprocmask(SIG_SETMASK, &run->old_signals, NULL);
	_exit(WQ_EXIT_ERROR);
}

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

/* Start @command in @slot. Returns NULL, or why that cannot be. */
static const char *start_command(struct compilation *run, struct slot *slot,
				 const struct wq_compile *compile,
				 const char *const *command)
{
	struct wq_spawn spawn = {
		.argv = command,
		.directory = compile->directory,
		.temporary = slot->directory,
		.keep_stdin = !strcmp(compile->source, "-"),
	};
	pid_t pid;

	spawn.output = wq_spawn_output();
	pid = spawn.output < 0 ? spawn.output : wq_spawn(&spawn);
	if (pid > 0) {
		slot->pid = pid;
		slot->output = spawn.output;
		run->nr_running++;
		return NULL;
	}
	if (spawn.output >= 0)
		close(spawn.output);
	return wq_arena_printf(run->arena, "cannot run %s: %s", command[0],
			       strerror(-pid));
}

/*
 * The same for @compile, with the plugin that fits its compiler. @prefix: use
 * a precompiled header, if there is one.
 */
static const char *start_compile(struct compilation *run, struct slot *slot,
				 unsigned int number, bool prefix)
{
	const struct wq_compile *compile = &run->compiles[number];
	const char *const *command, *const *prefixed = NULL;
	const char *cause = obstacle(run, compile);
	const struct wq_plugin_pick *pick;
	struct wq_arena *scratch;

	if (cause)
		return cause;
	pick = wq_plugins_pick(run->plugins,
			       wq_command_compiler(compile->argv)[0],
			       compile->directory);
	if (!pick->plugin)
		return pick->refusal;
	scratch = wq_arena_new();
	command = wq_command_lint(scratch, compile, pick->plugin,
				  slot->directory);
	if (prefix)
		prefixed = wq_prefixes_apply(run->prefixes, scratch, number,
					     command, slot->directory);
	slot->has_prefix = prefixed != NULL;
	cause = start_command(run, slot, compile,
			      prefixed ? prefixed : command);
	wq_arena_free(scratch);
	return cause;
}

static void start(struct compilation *run, struct slot *slot,
		  unsigned int number, bool prefix)
{
	slot->number = number;
	slot->has_prefix = false;
	run->results[number].cause = start_compile(run, slot, number, prefix);
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

static void read_facts(struct compilation *run, struct slot *slot,
		       struct wq_result *result)
{
	const char *path = find_facts(run->arena, slot->directory);

	if (!path) {
		result->cause = "the plugin wrote no facts";
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

static void empty_directory(const char *path)
{
	struct dirent *entry;
	DIR *stream = opendir(path);

	while (stream && (entry = readdir(stream)))
		unlinkat(dirfd(stream), entry->d_name, 0);
	if (stream)
		closedir(stream);
}

static void finish(struct compilation *run, struct slot *slot, int status)
{
	struct wq_result *result = &run->results[slot->number];

	/* It may be the other headers' fault. */
	if (status && slot->has_prefix) {
		close(slot->output);
		empty_directory(slot->directory);
		slot->pid = 0;
		run->nr_running--;
		start(run, slot, slot->number, false);
		return;
	}
	if (status) {
		result->output = wq_spawn_text(run->arena, slot->output);
		result->cause = failure(run->arena, status, result->output);
	} else {
		close(slot->output);
		read_facts(run, slot, result);
	}
	empty_directory(slot->directory);
	slot->pid = 0;
	run->nr_running--;
}

static void reap(struct compilation *run)
{
	unsigned int i;
	int status;

	for (i = 0; i < run->nr_slots; i++)
		if (run->slots[i].pid &&
		    waitpid(run->slots[i].pid, &status, WNOHANG) > 0)
			finish(run, &run->slots[i], status);
}

static void run_all(struct compilation *run)
{
	unsigned int next = 0, i;
	int number;

	while (next < run->count || run->nr_running) {
		for (i = 0; i < run->nr_slots; i++)
			while (!run->slots[i].pid && next < run->count)
				start(run, &run->slots[i], next++, true);
		if (!run->nr_running)
			continue;
		number = sigwaitinfo(&run->signals, NULL);
		if (number == SIGCHLD)
			reap(run);
		else if (number > 0)
			die_of(run, number);
	}
}

int wq_compile_all(struct wq_arena *arena, const struct wq_compile *compiles,
		   unsigned int count, unsigned int jobs,
		   struct wq_plugins *plugins,
		   struct wq_result *results)
{
	struct compilation run = {
		.arena = arena,
		.compiles = compiles,
		.count = count,
		.plugins = plugins,
		.results = results,
		.nr_slots = jobs < count ? jobs : count,
	};

	run.slots = wq_arena_alloc(arena, run.nr_slots * sizeof(*run.slots));
	hold_signals(&run);
	if (make_directories(&run)) {
		sigprocmask(SIG_SETMASK, &run.old_signals, NULL);
		return -1;
	}
	run.prefixes = wq_prefixes_new(arena, compiles, count, jobs,
				       run.temporary);
	run_all(&run);
	remove_tree(run.temporary);
	sigprocmask(SIG_SETMASK, &run.old_signals, NULL);
	return 0;
}
