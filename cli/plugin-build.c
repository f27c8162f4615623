/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plugin for one more compiler, from the sources that are installed with
 * the command: plugin/plugin.mk, run by make in a temporary directory. Only
 * what the compiler has loaded is put in place, by renaming.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "children.h"
#include "replace.h"

static const char *setting(const char *variable, const char *otherwise)
{
	const char *value = getenv(variable);

	return value && *value ? value : otherwise;
}

/* Debian's name for the package with the plugin headers of @compiler. */
static const char *headers_package(struct wq_arena *arena,
				   const struct wq_compiler *compiler)
{
	const char *major = wq_arena_printf(arena, "gcc-%.*s-plugin-dev",
					    (int)strcspn(compiler->version,
							 "."),
					    compiler->version);
	struct wq_compiler host;
	char *machine, *c;
	const char *const *cc = wq_command_split(arena, WQLINT_HOST_CC);

	if (!wq_compiler_identify(arena, wq_command_compiler(cc)[0], NULL,
				  &host) &&
	    !strcmp(host.machine, compiler->machine))
		return major;
	machine = (char *)wq_arena_copy(arena, compiler->machine);
	for (c = machine; *c; c++)
		if (*c == '_')
			*c = '-';
	return wq_arena_printf(arena, "%s-%s", major, machine);
}

/* Returns 0, or -1 after a message that says what to install. */
static int check_headers(struct wq_arena *arena,
			 const struct wq_compiler *compiler)
{
	const char *const argv[] = { compiler->program,
				     "-print-file-name=plugin", NULL };
	struct wq_spawn spawn = { .argv = argv, .in_english = true };
	const char *text, *path;

	if (!wq_spawn_wait(arena, &spawn, &text)) {
		path = wq_arena_printf(arena, "%.*s/include/gcc-plugin.h",
				       (int)strcspn(text, "\n"), text);
		if (!access(path, R_OK))
			return 0;
	}
	wq_msg("the plugin headers of %s are missing: install the package %s",
	       compiler->program, headers_package(arena, compiler));
	return -1;
}

/* What make said of the first thing that went wrong. */
static const char *make_error(struct wq_arena *arena, const char *text)
{
	const char *error = strstr(text, "error: ");

	if (strstr(text, "gmp.h: No such file"))
		return "gmp.h is missing, which the plugin headers include: "
		       "install the package libgmp-dev";
	if (!error)
		error = text;
	return wq_arena_printf(arena, "%.*s", (int)strcspn(error, "\n"),
			       error);
}

/* Returns 0, or -1 after a message. */
static int run_make(struct wq_arena *arena, const struct wq_compiler *compiler,
		    const char *sources, const char *out)
{
	const char *const argv[] = {
		"make", "-s", "-f",
		wq_arena_printf(arena, "%s/plugin/plugin.mk", sources),
		wq_arena_printf(arena, "SRC=%s", sources),
		wq_arena_printf(arena, "OUT=%s", out),
		"VERSION=" WQLINT_VERSION,
		wq_arena_printf(arena, "TARGET_GCC=%s", compiler->program),
		wq_arena_printf(arena, "CC=%s", setting("CC", WQLINT_HOST_CC)),
		wq_arena_printf(arena, "CXX=%s",
				setting("CXX", WQLINT_HOST_CXX)),
		NULL
	};
	struct wq_spawn spawn = { .argv = argv, .in_english = true };
	const char *text;
	int status = wq_spawn_wait(arena, &spawn, &text);

	if (status < 0)
		wq_msg("cannot run make: %s", strerror(-status));
	else if (status)
		wq_msg("the plugin for %s cannot be built: %s",
		       compiler->program, make_error(arena, text));
	return status ? -1 : 0;
}

static int make_directories(struct wq_arena *arena, const char *path)
{
	char *copy = (char *)wq_arena_copy(arena, path), *slash;

	for (slash = copy + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(copy, 0755) && errno != EEXIST ? -errno : 0;
}

static int copy_stream(FILE *in, FILE *out)
{
	char buffer[65536];
	size_t got;

	while ((got = fread(buffer, 1, sizeof(buffer), in)))
		if (fwrite(buffer, 1, got, out) != got)
			return -errno;
	return ferror(in) ? -EIO : 0;
}

/* Make @to of @from, or of @text when that is NULL, whole or not at all. */
static int put(struct wq_arena *arena, const char *from, const char *text,
	       const char *to)
{
	struct wq_replacement file;
	FILE *in = from ? fopen(from, "re") :
			  fmemopen((char *)text, strlen(text), "r");
	int err = in ? wq_replace_begin(&file, arena, to, 0644) : -errno;

	if (!err)
		err = wq_replace_end(&file, copy_stream(in, file.out));
	if (in)
		fclose(in);
	return err;
}

/* Returns the plugin's path, or NULL after a message. */
static const char *install(struct wq_arena *arena,
			   const struct wq_compiler *compiler,
			   const char *built, const char *directory)
{
	const char *place = wq_arena_printf(arena, "%s/%s", directory,
					    compiler->id);
	const char *plugin = wq_arena_printf(arena, "%s/wqlint.so", place);
	int err = make_directories(arena, place);

	if (!err)
		err = put(arena, NULL, compiler->identity,
			  wq_arena_printf(arena, "%s/compiler", place));
	if (!err)
		err = put(arena, built, NULL, plugin);
	if (!err)
		return plugin;
	wq_msg("cannot install the plugin in %s: %s", place, strerror(-err));
	return NULL;
}

static const char *build_in(struct wq_arena *arena,
			    const struct wq_compiler *compiler,
			    const char *sources, const char *out,
			    const char *directory)
{
	static const char *const no_args[] = { NULL };
	const char *built = wq_arena_printf(arena, "%s/wqlint.so", out);
	const char *refusal;

	if (run_make(arena, compiler, sources, out))
		return NULL;
	refusal = wq_plugin_refusal(arena, compiler->program, NULL, built,
				    no_args);
	if (!refusal)
		return install(arena, compiler, built, directory);
	wq_msg("the plugin was built, but %s", refusal);
	return NULL;
}

const char *wq_plugin_build(struct wq_arena *arena,
			    const struct wq_compiler *compiler,
			    const char *directory)
{
	const char *sources = setting("WQLINT_SOURCES", WQLINT_SOURCES);
	const char *plugin, *out;

	sources = wq_path_resolve(arena, sources);
	if (access(wq_arena_printf(arena, "%s/plugin/plugin.mk", sources),
		   R_OK)) {
		wq_msg("%s: the sources of the plugin are not there: %s",
		       sources, strerror(errno));
		return NULL;
	}
	if (check_headers(arena, compiler))
		return NULL;
	out = wq_temporary_make(arena, wq_path_temporary());
	if (!out)
		return NULL;
	plugin = build_in(arena, compiler, sources, out, directory);
	wq_temporary_remove(out);
	return plugin;
}
