/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In the child: the command of a file, and those of its module's other units,
 * out of a whole compile database.
 */
#include <string.h>

#include "lsp.h"
#include "source.h"

struct selecting {
	struct wq_arena *arena;
	struct wq_compdb database;
	const char **sources;		/* absolute, of each command */
	const char **names;		/* of the modules */
	unsigned int nr_names;
	bool is_found;
};

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
	if (is_beside && wq_source_mentions(sources, NULL, source, b))
		same += 256;
	return common << 10 | (size_t)is_beside << 9 | same;
}

static unsigned int find_nearest(struct selecting *selecting, const char *path)
{
	struct wq_sources *sources = wq_sources_new();
	unsigned int i, best = WQ_LSP_NO_COMMAND;
	size_t near, nearest = 0;

	for (i = 0; i < selecting->database.count; i++) {
		near = nearness(sources, selecting->sources[i], path);
		if (near > nearest) {
			nearest = near;
			best = i;
		}
	}
	wq_sources_free(sources);
	/* One of another tree is not compiled as this one's sources are. */
	if (best != WQ_LSP_NO_COMMAND &&
	    wq_path_below(selecting->database.compiles[best].directory,
			  path) == path)
		return WQ_LSP_NO_COMMAND;
	return best;
}

/* The command of @path, or of a header's nearest source. */
static unsigned int find_own(struct selecting *selecting, const char *path)
{
	const char *name = wq_path_name(path);
	unsigned int i;

	for (i = 0; i < selecting->database.count; i++)
		if (!strcmp(wq_path_name(selecting->sources[i]), name) &&
		    (!strcmp(selecting->sources[i], path) ||
		     !strcmp(wq_path_resolve(selecting->arena,
					     selecting->sources[i]), path)))
			return i;
	return wq_path_is_c_source(path) ? WQ_LSP_NO_COMMAND
					 : find_nearest(selecting, path);
}

static void want(const char *name, void *context)
{
	struct selecting *selecting = context;

	selecting->names = wq_arena_grow(selecting->arena, selecting->names,
					 selecting->nr_names,
					 sizeof(*selecting->names));
	selecting->names[selecting->nr_names++] = name;
}

static void look(const char *name, void *context)
{
	struct selecting *selecting = context;
	unsigned int i;

	for (i = 0; i < selecting->nr_names; i++)
		selecting->is_found |= !strcmp(selecting->names[i], name);
}

/* Keep the commands of the modules that command @own is of. */
static void keep_modules(struct selecting *selecting, unsigned int own,
			 struct wq_lsp_selection *selection)
{
	const struct wq_compdb *database = &selecting->database;
	struct wq_arena *arena = selecting->arena;
	unsigned int count = database->count, i;

	selection->modules = wq_command_modules(arena,
						&database->compiles[own]);
	wq_module_names(arena, selection->modules, want, selecting);
	selection->units.compiles = wq_arena_alloc(arena, (count + 1) *
		sizeof(*selection->units.compiles));
	selection->sources = wq_arena_alloc(arena, (count + 1) *
					    sizeof(*selection->sources));
	for (i = 0; i < count; i++) {
		unsigned int number = selection->units.count;

		selecting->is_found = i == own;
		wq_module_names(arena, wq_command_modules(arena,
				&database->compiles[i]), look, selecting);
		if (!selecting->is_found)
			continue;
		if (i == own)
			selection->own = number;
		selection->units.compiles[number] = database->compiles[i];
		selection->sources[number] = selecting->sources[i];
		selection->units.count++;
	}
}

struct wq_lsp_selection *
wq_lsp_selection_make(struct wq_arena *arena, const char *name,
		      const struct stat *status, const char *path)
{
	struct wq_lsp_selection *selection = wq_arena_alloc(arena,
							    sizeof(*selection));
	struct selecting selecting = { .arena = arena };
	unsigned int i, own;

	if (wq_compdb_read(arena, name, &selecting.database))
		return NULL;
	selecting.sources = wq_arena_alloc(arena, (selecting.database.count +
						   1) *
						  sizeof(*selecting.sources));
	for (i = 0; i < selecting.database.count; i++)
		selecting.sources[i] = wq_path_absolute(arena,
			selecting.database.compiles[i].directory,
			selecting.database.compiles[i].source);
	selection->arena = arena;
	selection->path = path;
	selection->database = selection->units.path = name;
	selection->changed = status->st_mtim;
	selection->bytes = status->st_size;
	selection->own = WQ_LSP_NO_COMMAND;
	own = find_own(&selecting, path);
	if (own != WQ_LSP_NO_COMMAND)
		keep_modules(&selecting, own, selection);
	return selection;
}
