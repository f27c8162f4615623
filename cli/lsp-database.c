/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which compile database a file is in, and by which command it is compiled.
 * What was read is kept until the file changes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lsp.h"
#include "source.h"

#define NAME	"compile_commands.json"

static bool is_file(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISREG(status.st_mode);
}

/* NAME in the directory of @path or the nearest one above it, or NULL. */
static const char *find_above(struct wq_arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/'), *name;

	while (slash) {
		name = wq_arena_printf(arena, "%.*s/" NAME,
				       (int)(slash - path), path);
		if (is_file(name))
			return name;
		do
			slash = slash > path ? slash - 1 : NULL;
		while (slash && *slash != '/');
	}
	return NULL;
}

static const char *find_name(struct wq_lsp_databases *databases,
			     struct wq_arena *arena, const char *path)
{
	const char *name;
	struct stat status;

	if (databases->given) {
		name = databases->given;
		if (!stat(name, &status) && S_ISDIR(status.st_mode))
			name = wq_arena_printf(arena, "%s/" NAME, name);
		return name;
	}
	name = find_above(arena, path);
	if (!name && databases->root) {
		name = wq_arena_printf(arena, "%s/" NAME, databases->root);
		if (!is_file(name))
			name = NULL;
	}
	return name;
}

static void free_database(struct wq_lsp_database *database)
{
	free(database->path);
	wq_arena_free(database->arena);
	free(database);
}

static struct wq_lsp_database *read_database(const char *path,
					     const struct stat *status)
{
	struct wq_lsp_database *database = calloc(1, sizeof(*database));
	struct wq_arena *arena = wq_arena_new();
	unsigned int i;

	if (!database)
		abort();
	database->arena = arena;
	database->path = strdup(path);
	database->changed = status->st_mtim;
	database->bytes = status->st_size;
	if (wq_compdb_read(arena, path, &database->compdb)) {
		free_database(database);
		return NULL;
	}
	database->sources = wq_arena_alloc(arena, (database->compdb.count + 1) *
						  sizeof(*database->sources));
	database->modules = wq_arena_alloc(arena, (database->compdb.count + 1) *
						  sizeof(*database->modules));
	for (i = 0; i < database->compdb.count; i++) {
		const struct wq_compile *compile =
			&database->compdb.compiles[i];

		database->sources[i] = wq_path_absolute(arena,
							compile->directory,
							compile->source);
		database->modules[i] = wq_command_modules(arena, compile);
	}
	return database;
}

static bool is_current(const struct wq_lsp_database *database,
		       const struct stat *status)
{
	return database->bytes == status->st_size &&
	       database->changed.tv_sec == status->st_mtim.tv_sec &&
	       database->changed.tv_nsec == status->st_mtim.tv_nsec;
}

struct wq_lsp_database *
wq_lsp_database_for(struct wq_lsp_databases *databases, struct wq_arena *arena,
		    const char *path, const char **name)
{
	struct wq_lsp_database **link, *database;
	struct stat status;

	*name = find_name(databases, arena, path);
	if (!*name || stat(*name, &status))
		return NULL;
	for (link = &databases->first; (database = *link);
	     link = &database->next)
		if (!strcmp(database->path, *name))
			break;
	if (database && is_current(database, &status))
		return database;
	if (database) {
		*link = database->next;
		free_database(database);
	}
	database = read_database(*name, &status);
	if (database) {
		database->next = databases->first;
		databases->first = database;
	}
	return database;
}

void wq_lsp_databases_free(struct wq_lsp_databases *databases)
{
	struct wq_lsp_database *database;

	while ((database = databases->first)) {
		databases->first = database->next;
		free_database(database);
	}
}

/* Commands */

/* The length of the directory that @a and @b have in common. */
static size_t common_directory(const char *a, const char *b)
{
	size_t i, length = 0;

	for (i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '/')
			length = i + 1;
	return length;
}

/*
 * How near @source is to the header @path: first by the directory, then by
 * whether it names the header, then by how its own name begins.
 */
static size_t nearness(struct wq_sources *sources, const char *source,
		       const char *path)
{
	const char *a = wq_path_name(source), *b = wq_path_name(path);
	size_t common = common_directory(source, path), same = 0;
	bool is_beside = common == (size_t)(b - path) &&
			 common == (size_t)(a - source);

	while (a[same] && a[same] == b[same] && same < 255)
		same++;
	if (is_beside)
		same += wq_source_mentions(sources, NULL, source, b) << 8;
	return common << 10 | (size_t)is_beside << 9 | same;
}

unsigned int wq_lsp_database_find(struct wq_lsp_database *database,
				  const char *path)
{
	const char *name = wq_path_name(path);
	unsigned int i, best = WQ_LSP_NO_COMMAND;
	struct wq_sources *sources;
	size_t near, nearest = 0;

	for (i = 0; i < database->compdb.count; i++)
		if (!strcmp(wq_path_name(database->sources[i]), name) &&
		    (!strcmp(database->sources[i], path) ||
		     !strcmp(wq_path_resolve(database->arena,
					     database->sources[i]), path)))
			return i;
	if (wq_path_is_c_source(path))
		return WQ_LSP_NO_COMMAND;
	sources = wq_sources_new();
	for (i = 0; i < database->compdb.count; i++) {
		near = nearness(sources, database->sources[i], path);
		if (near > nearest) {
			nearest = near;
			best = i;
		}
	}
	wq_sources_free(sources);
	return best;
}
