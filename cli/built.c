/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compile commands that a build left: Kbuild writes the command of foo.o to
 * .foo.o.cmd beside it, to see later whether foo.o must be made again. They
 * are taken only when all of them are there and nothing that decides on them
 * has changed since. What is wanted of a doubtful build is said, and a dry
 * run has the answer.
 */
#include <fts.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "digest.h"
#include "table.h"

/* The file that was changed last of those that commands depend on. */
struct newest {
	struct timespec time;
	const char *path;		/* as seen from the tree; NULL: none */
};

struct built {
	struct wq_arena *arena;
	const struct wq_kernel *tree;
	struct wq_commands commands;
	struct wq_table directories;	/* struct newest of each, by its name */
	struct wq_table objects;	/* that have a command, by their names */
	const char *cause;		/* why they cannot be taken, or NULL */
};

/* The first cause is enough. */
static void note_cause(struct built *built, const char *cause)
{
	if (!built->cause)
		built->cause = cause;
}

static void note_missing(struct built *built, const char *path)
{
	note_cause(built, wq_arena_printf(built->arena, "it has no %s", path));
}

/* The directory that @path is in, "" at the top. */
static const char *directory_of(struct built *built, const char *path)
{
	const char *name = wq_path_name(path);

	return wq_arena_printf(built->arena, "%.*s",
			       name > path ? (int)(name - path - 1) : 0, path);
}

/* The whole name of what a command file or a list calls @path. */
static const char *whole_name(struct built *built, const char *path)
{
	return wq_path_absolute(built->arena, built->tree->build, path);
}

static bool exists(struct built *built, const char *path)
{
	return !access(whole_name(built, path), F_OK);
}

/* What commands depend on */

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec
				      : a->tv_nsec > b->tv_nsec;
}

/* Look at @path, which may not be there, too. */
static void add_file(struct built *built, struct newest *newest,
		     const char *base, const char *path)
{
	struct stat status;

	path = wq_path_absolute(built->arena, base, path);
	if (stat(path, &status) || !S_ISREG(status.st_mode) ||
	    (newest->path && !is_later(&status.st_mtim, &newest->time)))
		return;
	newest->time = status.st_mtim;
	newest->path = wq_path_below(base, path);
}

static void add_glob(struct built *built, struct newest *newest,
		     const char *pattern)
{
	glob_t found;
	size_t i;

	pattern = wq_arena_printf(built->arena, "%s/%s", built->tree->source,
				  pattern);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		add_file(built, newest, built->tree->source,
			 found.gl_pathv[i]);
	globfree(&found);
}

/* What all commands depend on. */
static void add_common_files(struct built *built, struct newest *newest)
{
	add_file(built, newest, built->tree->build,
		 "include/config/auto.conf");
	add_glob(built, newest, "scripts/Makefile.*");
	add_glob(built, newest, "scripts/Kbuild.include");
	add_glob(built, newest, "arch/*/Makefile*");
}

/*
 * What the commands of objects in @directory, "" for the top, depend on: its
 * makefile, those of the directories above, and the configuration.
 */
static struct newest *newest_of(struct built *built, const char *directory)
{
	struct wq_entry *entry = wq_table_find(&built->directories,
					       wq_key_of(directory));
	struct newest newest = { .path = NULL }, *kept;
	const char *prefix = *directory ? "/" : "";

	if (entry && entry->count)
		return entry->list;
	if (*directory)
		newest = *newest_of(built, directory_of(built, directory));
	else
		add_common_files(built, &newest);
	add_file(built, &newest, built->tree->source,
		 wq_arena_printf(built->arena, "%s%sMakefile", directory,
				 prefix));
	add_file(built, &newest, built->tree->source,
		 wq_arena_printf(built->arena, "%s%sKbuild", directory,
				 prefix));
	kept = wq_table_add(built->arena, &built->directories,
			    wq_key_of(wq_arena_intern(built->arena, directory)),
			    sizeof(*kept));
	*kept = newest;
	return kept;
}

/* One file */

/* As it was before it was written for make: $$ is $, and $(pound) is #. */
static void unescape(char *text)
{
	static const char pound[] = "$(pound)";
	char *end = text;

	while (*text) {
		if (!strncmp(text, pound, strlen(pound))) {
			*end++ = '#';
			text += strlen(pound);
		} else if ((text[0] == '$' && text[1] == '$') ||
			   (text[0] == '\\' && text[1] == '#')) {
			*end++ = text[1] == '$' ? '$' : '#';
			text += 2;
		} else {
			*end++ = *text++;
		}
	}
	*end = '\0';
}

/*
 * Split @line, "cmd_OBJECT := COMMAND" or, since Linux 6.2, "savedcmd_OBJECT :=
 * COMMAND". Returns the object, or NULL when it is something else.
 */
static const char *split_line(char *line, char **command)
{
	static const char saved[] = "saved", key[] = "cmd_", is[] = " := ";
	char *end = strstr(line, is);

	if (!strncmp(line, saved, strlen(saved)))
		line += strlen(saved);
	if (!end || strncmp(line, key, strlen(key)))
		return NULL;
	*end = '\0';
	*command = end + strlen(is);
	unescape(*command);
	return line + strlen(key);
}

/*
 * Is the command that was added last, from @path, as make would print it?
 * @object says whose makefile has it: "drivers/foo/../bar/baz.o" is of foo.
 */
static void check_command(struct built *built, const char *path,
			  const char *object, const struct stat *status)
{
	const struct wq_kernel_command *command =
		&built->commands.list[built->commands.count - 1];
	const struct newest *newest = newest_of(built,
						directory_of(built, object));

	if (newest->path && is_later(&newest->time, &status->st_mtim))
		note_cause(built, wq_arena_printf(built->arena,
						  "%s is older than %s", path,
						  newest->path));
	else if (!exists(built, command->source))
		note_cause(built, wq_arena_printf(built->arena, "%s is gone",
						  command->source));
}

/*
 * @line is the first one of @path, "drivers/foo/.bar.o.cmd". That has the
 * command of drivers/foo/bar.o, or it is of another build, which has its
 * directory in this one.
 */
static void take_line(struct built *built, const char *path, char *line,
		      const struct stat *status)
{
	const char *name = wq_path_name(path), *object, *whole;
	unsigned int count = built->commands.count;
	char *command;

	object = split_line(line, &command);
	whole = wq_arena_printf(built->arena, "%.*s%.*s", (int)(name - path),
				path, (int)(strlen(name) - strlen("..cmd")),
				name + 1);
	whole = whole_name(built, whole);
	if (!object || strcmp(whole_name(built, object), whole))
		return;
	wq_commands_add_line(&built->commands, command);
	if (built->commands.count == count)
		return;
	wq_table_add(built->arena, &built->objects, wq_key_of(whole),
		     sizeof(char));
	check_command(built, path, object, status);
}

static void take_file(struct built *built, const char *path)
{
	FILE *in = wq_kbuild_open(whole_name(built, path));
	struct stat status;
	char *line = NULL;
	size_t size = 0;

	if (!in)
		return;
	if (!fstat(fileno(in), &status) && getline(&line, &size, in) > 0) {
		line[strcspn(line, "\n")] = '\0';
		take_line(built, path, line, &status);
	}
	free(line);
	fclose(in);
}

/* Directories */

/* Objects of modpost are none of a source that people write. */
static bool is_command_file(const char *name)
{
	size_t length = strlen(name);

	return *name == '.' && length > strlen("..o.cmd") &&
	       !strcmp(name + length - strlen(".o.cmd"), ".o.cmd") &&
	       (length < strlen(".mod.o.cmd") ||
		strcmp(name + length - strlen(".mod.o.cmd"), ".mod.o.cmd"));
}

/* Programs for the build itself, and other builds. */
static bool is_skipped(struct built *built, const char *path)
{
	return *wq_path_name(path) == '.' || !strcmp(path, "scripts") ||
	       !strcmp(path, "tools") || !strcmp(path, "Documentation") ||
	       exists(built, wq_arena_printf(built->arena, "%s/.config",
					     path));
}

/* Take the files of @directory, "" for the top, and of those below. */
static void walk(struct built *built, const char *directory)
{
	const char *top = whole_name(built, directory);
	char *paths[] = { (char *)top, NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT,
			    NULL);
	const char *path;
	FTSENT *entry;

	while (fts && !built->cause && (entry = fts_read(fts))) {
		path = wq_path_below(built->tree->build, entry->fts_path);
		if (entry->fts_info == FTS_D && entry->fts_level &&
		    is_skipped(built, path))
			fts_set(fts, entry, FTS_SKIP);
		else if (entry->fts_info != FTS_D &&
			 is_command_file(entry->fts_name))
			take_file(built, path);
	}
	if (fts)
		fts_close(fts);
}

/* Is all there? */

static bool is_known(struct built *built, const char *whole)
{
	struct wq_entry *entry = wq_table_find(&built->objects,
					       wq_key_of(whole));

	return entry && entry->count;
}

/*
 * Is there a command for @object, or does it need none, as it is no C? It may
 * be in a directory that was not walked: "drivers/foo/../bar/baz.o".
 */
static bool has_command(struct built *built, const char *object)
{
	const char *whole = whole_name(built, object);
	const char *name = wq_path_name(whole);
	const char *path = wq_arena_printf(built->arena, "%.*s.%s.cmd",
					   (int)(name - whole), whole, name);

	if (is_known(built, whole))
		return true;
	take_file(built, wq_path_below(built->tree->build, path));
	return is_known(built, whole) || wq_kbuild_is_other_language(path);
}

/* Have all objects of @module, "drivers/foo/bar.ko", been made? */
static void check_module(struct built *built, const char *module)
{
	const char *dot = strrchr(wq_path_name(module), '.');
	const char *mod = wq_arena_printf(built->arena, "%.*s.mod",
		(int)(dot ? dot - module : (long)strlen(module)), module);
	const char **objects;

	if (!exists(built, mod)) {
		note_missing(built, mod);
		return;
	}
	objects = wq_kbuild_objects(built->arena, whole_name(built, mod));
	for (; *objects && !built->cause; objects++)
		if (!has_command(built, *objects))
			note_missing(built, wq_arena_printf(built->arena,
							    "command of %s",
							    *objects));
}

/* @path lists modules, "drivers/foo/bar.ko", before Linux 5.3 below kernel/. */
static void check_modules(struct built *built, const char *path)
{
	FILE *in = wq_kbuild_open(whole_name(built, path));
	static const char top[] = "kernel/";
	char *line = NULL;
	size_t size = 0;

	while (in && !built->cause && getline(&line, &size, in) > 0) {
		const char *module = line;

		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(module, top, strlen(top)) &&
		    !exists(built, module))
			module += strlen(top);
		if (*module)
			check_module(built, module);
	}
	if (!in)
		note_missing(built, path);
	free(line);
	if (in)
		fclose(in);
}

static bool has_modules(struct built *built)
{
	size_t bytes;
	char *text = wq_file_read(whole_name(built, "include/config/auto.conf"),
				  &bytes);
	bool has = text && strstr(text, "CONFIG_MODULES=y");

	free(text);
	return has;
}

/*
 * Is the build of @directory, "" or "drivers/foo/", complete? Kbuild makes
 * built-in.a and modules.order of a directory when all objects in it are made.
 * One that has modules only has no built-in.a; that is known for certain when
 * the whole kernel was linked.
 */
static void check_directory(struct built *built, const char *directory)
{
	const char *archive = wq_arena_printf(built->arena, "%sbuilt-in.a",
					      directory);

	if (!exists(built, "vmlinux") &&
	    (!*directory || !exists(built, archive)))
		note_missing(built, *directory ? archive : "vmlinux");
	else if (has_modules(built))
		check_modules(built, wq_arena_printf(built->arena,
						     "%smodules.order",
						     directory));
}

bool wq_built_commands(struct wq_arena *arena, const struct wq_kernel *tree,
		       const char *const *directories,
		       struct wq_compdb *database, const char **cause)
{
	struct built built = {
		.arena = arena, .tree = tree,
		.commands = { .arena = arena, .mark = "-D__KERNEL__" },
	};
	const char *flags = getenv("KCFLAGS");
	const char *const *directory;

	memset(database, 0, sizeof(*database));
	for (directory = directories; *directory; directory++)
		walk(&built, *directory);
	/* They are for a dry run; a build may have had others. */
	if (flags && *flags)
		note_cause(&built, "KCFLAGS is set");
	for (directory = directories; *directory && built.commands.count;
	     directory++)
		check_directory(&built, *directory);
	*cause = built.commands.count ? built.cause : NULL;
	if (built.cause || !built.commands.count)
		return false;
	wq_commands_finish(&built.commands, tree, database);
	return true;
}
