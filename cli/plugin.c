/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a compiler takes a plugin, and which compiler is meant when none is
 * named.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

const char *wq_plugin_compiler(void)
{
	const char *compiler = variable("WQLINT_CC");

	return compiler ? compiler : WQLINT_TARGET_GCC;
}

/* Kbuild exports its compiler to what CHECK= runs, but does not name it. */
const char *wq_plugin_kbuild_compiler(void)
{
	const char *compiler = variable("WQLINT_CC");

	if (!compiler && variable("SRCARCH"))
		compiler = variable("CC");
	return compiler ? compiler : WQLINT_TARGET_GCC;
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
		.in_english = true,
	};
	const char *text;
	int status = wq_spawn_wait(arena, &spawn, &text);

	if (status < 0)
		return wq_arena_printf(arena, "cannot run %s: %s", compiler,
				       strerror(-status));
	if (!status)
		return NULL;
	return wq_arena_printf(arena, "%s cannot load %s: %s", compiler,
			       plugin, *text ? first_error(arena, text) :
			       "it says nothing about why");
}
