/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plugin that fits a compiler. A directory of plugins holds
 * MACHINE/VERSION-HASH/wqlint.so. One with the compiler's own hash comes
 * first, then those for other builds of the same release, which its own check
 * lets through. What is found counts only when the compiler has loaded it.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* Answers that were given before. */
struct answer {
	const char *compiler, *directory;
	struct wq_plugin_pick pick;
	struct answer *next;
};

struct wq_plugins {
	struct wq_arena *arena;
	const char *const *args;
	struct answer *answers;
};

/* A search: tries plugins until one loads. */
struct search {
	struct wq_arena *arena;
	const struct wq_compiler *compiler;
	const char *directory;
	const char *const *args;
	const char *plugin;		/* that fits, or NULL */
	const char *refusal;		/* of the first that does not */
};

const char *wq_plugin_user_directory(struct wq_arena *arena)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (data && data[0] == '/')
		return wq_arena_printf(arena, "%s/wqlint/%s/plugin", data,
				       WQLINT_VERSION);
	if (home && home[0] == '/')
		return wq_arena_printf(arena, "%s/.local/share/wqlint/%s/plugin",
				       home, WQLINT_VERSION);
	return NULL;
}

const char *wq_plugin_system_directory(void)
{
	return WQLINT_STATE_DIRECTORY "/" WQLINT_VERSION "/plugin";
}

const char *wq_plugin_build_tree(struct wq_arena *arena)
{
	const char *self = wq_path_resolve(arena, "/proc/self/exe");
	const char *path = wq_path_absolute(arena, self, "../../plugin");
	const char *plugin = wq_arena_printf(arena, "%s/wqlint.so", path);

	return access(plugin, R_OK) ? NULL : path;
}

const char *const *wq_plugin_directories(struct wq_arena *arena)
{
	const char **list = wq_arena_alloc(arena, 5 * sizeof(*list));
	const char *tree = wq_plugin_build_tree(arena);
	const char *user = wq_plugin_user_directory(arena);
	size_t count = 0;

	if (tree)
		list[count++] = wq_arena_printf(arena, "%s/for", tree);
	if (user)
		list[count++] = user;
	list[count++] = wq_plugin_system_directory();
	list[count++] = WQLINT_PLUGIN_DIRECTORY;
	list[count] = NULL;
	return list;
}

static void try_plugin(struct search *search, const char *path)
{
	const char *refusal;

	if (search->plugin || access(path, R_OK))
		return;
	path = wq_path_resolve(search->arena, path);
	refusal = wq_plugin_refusal(search->arena, search->compiler->program,
				    search->directory, path, search->args);
	if (!refusal)
		search->plugin = path;
	else if (!search->refusal)
		search->refusal = refusal;
}

/* Is @name, VERSION-HASH, of the same major and minor version? */
static bool is_same_release(const char *name, const char *version)
{
	const char *dot = strchr(version, '.');
	size_t length = dot ? (size_t)(dot + 1 - version) +
			      strcspn(dot + 1, ".") : strlen(version);

	return !strncmp(name, version, length) && name[length] &&
	       strchr(".-", name[length]);
}

/* The others for the compiler's release in @directory. */
static void try_release(struct search *search, const char *directory)
{
	const char *machine = wq_arena_printf(search->arena, "%s/%s",
					      directory,
					      search->compiler->machine);
	struct dirent **list;
	int count = scandir(machine, &list, NULL, alphasort), i;

	for (i = 0; i < count; i++) {
		if (is_same_release(list[i]->d_name,
				    search->compiler->version))
			try_plugin(search, wq_arena_printf(search->arena,
					"%s/%s/wqlint.so", machine,
					list[i]->d_name));
		free(list[i]);
	}
	if (count >= 0)
		free(list);
}

static void try_all(struct search *search)
{
	const char *const *list = wq_plugin_directories(search->arena);
	const char *tree = wq_plugin_build_tree(search->arena);
	const char *const *directory;

	for (directory = list; *directory; directory++)
		try_plugin(search, wq_arena_printf(search->arena,
						   "%s/%s/wqlint.so",
						   *directory,
						   search->compiler->id));
	/* The first of a build tree's is where automake puts it. */
	if (tree)
		try_plugin(search, wq_arena_printf(search->arena,
						   "%s/wqlint.so", tree));
	for (directory = list; *directory; directory++)
		try_release(search, *directory);
}

/* $WQLINT_PLUGIN, which is taken or refused as it is. */
static struct wq_plugin_pick pick_given(struct wq_plugins *plugins,
					const char *path,
					const char *compiler,
					const char *directory)
{
	struct wq_plugin_pick pick = { NULL, NULL };

	if (access(path, R_OK)) {
		pick.refusal = wq_arena_printf(plugins->arena,
					       "%s: cannot use the plugin: %s",
					       path, strerror(errno));
		return pick;
	}
	/* The compiler may run in another directory. */
	path = wq_path_resolve(plugins->arena, path);
	pick.refusal = wq_plugin_refusal(plugins->arena, compiler, directory,
					 path, plugins->args);
	if (!pick.refusal)
		pick.plugin = path;
	return pick;
}

static struct wq_plugin_pick pick_plugin(struct wq_plugins *plugins,
					 const char *program,
					 const char *directory)
{
	const char *given = getenv("WQLINT_PLUGIN");
	struct wq_plugin_pick pick = { NULL, NULL };
	struct wq_compiler compiler;
	struct search search = {
		.arena = plugins->arena,
		.compiler = &compiler,
		.directory = directory,
		.args = plugins->args,
	};

	if (given && *given)
		return pick_given(plugins, given, program, directory);
	pick.refusal = wq_compiler_identify(plugins->arena, program,
					    directory, &compiler);
	if (pick.refusal)
		return pick;
	try_all(&search);
	pick.plugin = search.plugin;
	if (!search.plugin)
		pick.refusal = search.refusal ? search.refusal :
			wq_arena_printf(plugins->arena, "there is no plugin "
				"for %s (GCC %s for %s): make it with wqlint "
				"plugin build --cc=%s", program,
				compiler.version, compiler.machine, program);
	return pick;
}

struct wq_plugins *wq_plugins_new(struct wq_arena *arena,
				  const char *const *args)
{
	struct wq_plugins *plugins = wq_arena_alloc(arena, sizeof(*plugins));

	plugins->arena = arena;
	plugins->args = args;
	return plugins;
}

const struct wq_plugin_pick *wq_plugins_pick(struct wq_plugins *plugins,
					     const char *compiler,
					     const char *directory)
{
	struct answer *answer;

	/* Only the name of a program that is not searched for depends on it. */
	if (!strchr(compiler, '/') || compiler[0] == '/')
		directory = NULL;
	for (answer = plugins->answers; answer; answer = answer->next)
		if (!strcmp(answer->compiler, compiler) &&
		    (!directory || !strcmp(answer->directory, directory)))
			return &answer->pick;
	answer = wq_arena_alloc(plugins->arena, sizeof(*answer));
	answer->compiler = wq_arena_copy(plugins->arena, compiler);
	answer->directory = wq_arena_copy(plugins->arena, directory);
	answer->pick = pick_plugin(plugins, answer->compiler,
				   answer->directory);
	answer->next = plugins->answers;
	plugins->answers = answer;
	return &answer->pick;
}
