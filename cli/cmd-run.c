/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint run: the units of a compile database, module by module.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* Is @file the source of @compile? @path is @file without symlinks. */
static bool is_source_of(struct wq_options *options,
			 const struct wq_compile *compile, const char *file,
			 const char *path)
{
	const char *source;

	/* Asking the system about every unit of a kernel takes long. */
	if (strcmp(wq_path_name(compile->source), wq_path_name(file)) &&
	    strcmp(wq_path_name(compile->source), wq_path_name(path)))
		return false;
	source = wq_path_absolute(options->arena, compile->directory,
				  compile->source);
	return !strcmp(source, path) ||
	       !strcmp(wq_path_resolve(options->arena, source), path);
}

/*
 * Mark the commands that compile @file: a path, or else a name as the
 * database has it. Returns their number.
 */
static unsigned int mark(struct wq_options *options,
			 const struct wq_compdb *database, const char *file,
			 bool *wanted)
{
	const char *path = wq_path_resolve(options->arena, file);
	unsigned int i, found = 0;

	for (i = 0; i < database->count; i++)
		if (is_source_of(options, &database->compiles[i], file,
				 path)) {
			wanted[i] = true;
			found++;
		}
	if (found)
		return found;
	for (i = 0; i < database->count; i++)
		if (!strcmp(database->compiles[i].source, file)) {
			wanted[i] = true;
			found++;
		}
	return found;
}

/* Reduce @database to the files named on the command line. */
static int select_files(struct wq_options *options, struct wq_compdb *database)
{
	bool *wanted = wq_arena_alloc(options->arena, database->count + 1);
	unsigned int i, kept = 0;

	for (i = 0; i < options->nr_args; i++)
		if (!mark(options, database, options->args[i], wanted)) {
			wq_msg("%s: not in %s", options->args[i],
			       database->path);
			return -1;
		}
	for (i = 0; i < database->count; i++)
		if (wanted[i])
			database->compiles[kept++] = database->compiles[i];
	database->count = kept;
	return 0;
}

/* Give every command the compiler of --cc. */
static void replace_compiler(struct wq_options *options,
			     struct wq_compdb *database)
{
	unsigned int i;

	for (i = 0; i < database->count; i++)
		database->compiles[i].argv =
			wq_command_join(options->arena, options->compiler,
					database->compiles[i].argv + 1);
}

static const char *common_directory(struct wq_options *options,
				    const struct wq_compdb *database)
{
	const char *base = database->compiles[0].directory;
	unsigned int i;

	for (i = 1; i < database->count; i++)
		if (strcmp(base, database->compiles[i].directory))
			base = wq_path_common(options->arena, base,
					      database->compiles[i].directory);
	return base;
}

int wq_run_read(struct wq_options *options, struct wq_compdb *database,
		const char **base)
{
	if (wq_compdb_read(options->arena,
			   options->database ? options->database : ".",
			   database))
		return -1;
	if (!database->count) {
		wq_msg("%s: has no compile command of a C source",
		       database->path);
		return -1;
	}
	*base = common_directory(options, database);
	if (options->compiler)
		replace_compiler(options, database);
	return 0;
}

/* Does @wanted name the source or the module of @compile? */
static bool is_named(struct wq_options *options,
		     const struct wq_compile *compile, const char *wanted)
{
	const char *module = wq_command_modules(options->arena, compile);
	size_t bytes = strcspn(wanted, ":"), length = strlen(compile->source);

	if (!strcmp(module, wanted) || !strcmp(wq_path_name(module), wanted))
		return true;
	return length >= bytes &&
	       !strncmp(compile->source + length - bytes, wanted, bytes) &&
	       (length == bytes || compile->source[length - bytes - 1] == '/');
}

void wq_run_select_modules(struct wq_options *options,
			   struct wq_compdb *database,
			   const char *const *wanted, unsigned int nr_wanted)
{
	const char **modules = NULL;
	unsigned int i, j, nr_modules = 0, kept = 0;

	for (i = 0; i < nr_wanted; i++) {
		unsigned int before = nr_modules;

		for (j = 0; j < database->count; j++) {
			if (!is_named(options, &database->compiles[j],
				      wanted[i]))
				continue;
			modules = wq_arena_grow(options->arena, modules,
						nr_modules, sizeof(*modules));
			modules[nr_modules++] = wq_command_modules(options->arena,
						&database->compiles[j]);
		}
		if (before == nr_modules)
			return;
	}
	for (i = 0; i < database->count; i++) {
		const char *module = wq_command_modules(options->arena,
						       &database->compiles[i]);

		for (j = 0; j < nr_modules; j++)
			if (!strcmp(modules[j], module))
				break;
		if (j < nr_modules)
			database->compiles[kept++] = database->compiles[i];
	}
	database->count = kept;
}

static enum wq_exit run(struct wq_options *options)
{
	struct wq_compdb database;
	const char *base;

	if (wq_run_read(options, &database, &base))
		return WQ_EXIT_ERROR;
	if (options->nr_args && select_files(options, &database))
		return WQ_EXIT_ERROR;
	return wq_lint(options, database.compiles, database.count, base,
		       !options->nr_args);
}

const struct wq_command wq_command_run = {
	.name = "run",
	.synopsis = "[OPTION...] [-p PATH] [FILE...]",
	.summary = "lint the units of a compile_commands.json",
	.options = WQ_OPTIONS_SELECT | WQ_OPTIONS_REPORT | WQ_OPTIONS_FORMAT |
		   WQ_OPTIONS_CC | WQ_OPTIONS_RUN,
	.run = run,
};
