/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plugin: where it is, and whether a compiler takes it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"

const char *wq_plugin_compiler(void)
{
	const char *compiler = getenv("WQLINT_CC");

	return compiler && *compiler ? compiler : WQLINT_TARGET_GCC;
}

/* The plugin of the build tree that this program is in, or NULL. */
static const char *plugin_beside(struct wq_arena *arena)
{
	const char *self = wq_path_resolve(arena, "/proc/self/exe");
	const char *path = wq_path_absolute(arena, self,
					    "../../plugin/wqlint.so");

	return access(path, R_OK) ? NULL : path;
}

const char *wq_plugin_find(struct wq_arena *arena)
{
	const char *path = getenv("WQLINT_PLUGIN");

	if (!path || !*path)
		path = plugin_beside(arena);
	if (!path)
		path = WQLINT_PLUGIN_PATH;
	if (access(path, R_OK)) {
		wq_msg("%s: cannot use the plugin: %s", path, strerror(errno));
		return NULL;
	}
	/* The compiler may run in another directory. */
	return wq_path_resolve(arena, path);
}

/* The text of the first error that a compiler printed, on one line. */
static const char *first_error(struct wq_arena *arena, const char *output)
{
	const char *error = strstr(output, "error: ");

	error = error ? error + strlen("error: ") : output;
	error += strspn(error, "\n");
	return wq_arena_printf(arena, "%.*s", (int)strcspn(error, "\n"),
			       error);
}

static const char *const *probe_command(struct wq_arena *arena,
					const char *compiler,
					const char *plugin,
					const char *const *args)
{
	const char *const fixed[] = {
		compiler, "-S", "-o", "/dev/null",
		wq_arena_printf(arena, "-fplugin=%s", plugin),
	};
	const size_t nr_fixed = sizeof(fixed) / sizeof(fixed[0]);
	size_t count = 0, i;
	const char **argv;

	while (args[count])
		count++;
	argv = wq_arena_alloc(arena, (nr_fixed + count + 4) * sizeof(*argv));
	memcpy(argv, fixed, sizeof(fixed));
	for (i = 0; i < count; i++)
		argv[nr_fixed + i] = wq_arena_printf(
			arena, "-fplugin-arg-wqlint-%s", args[i]);
	argv[nr_fixed + count] = "-x";
	argv[nr_fixed + count + 1] = "c";
	argv[nr_fixed + count + 2] = "/dev/null";
	return argv;
}

const char *wq_plugin_refusal(struct wq_arena *arena, const char *compiler,
			      const char *directory, const char *plugin,
			      const char *const *args)
{
	struct wq_spawn spawn = {
		.argv = probe_command(arena, compiler, plugin, args),
		.directory = directory,
	};
	int output = wq_spawn_output(), status = 0;
	const char *text;
	pid_t pid;

	if (output < 0)
		return wq_arena_printf(arena, "%s: %s", wq_path_temporary(),
				       strerror(-output));
	spawn.output = output;
	pid = wq_spawn(&spawn);
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	text = wq_spawn_text(arena, output);
	if (pid < 0)
		return wq_arena_printf(arena, "cannot run %s: %s", compiler,
				       strerror(-pid));
	if (!status)
		return NULL;
	return wq_arena_printf(arena, "%s cannot load %s: %s", compiler,
			       plugin, *text ? first_error(arena, text) :
			       "it says nothing about why");
}
