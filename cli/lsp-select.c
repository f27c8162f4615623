/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In the child: the command of a file, those of its module's other units, and
 * those of modules beside it, out of a whole compile database.
 */
#include <string.h>

#include "lsp.h"
#include "source.h"

struct selecting {
	struct wq_arena *arena;
	struct wq_compdb database;
	const char **sources;		/* absolute, of each command */
	const char **modules;
	bool *is_kept;
	struct wq_lsp_selection *selection;
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
	bool beside = common == (size_t)(b - path) &&
			 common == (size_t)(a - source);

	while (a[same] && a[same] == b[same] && same < 255)
		same++;
	if (beside && wq_source_mentions(sources, NULL, source, b))
		same += 256;
	return common << 10 | (size_t)beside << 9 | same;
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

void wq_lsp_names_add(const char *name, void *context)
{
	struct wq_lsp_names *names = context;

	names->list = wq_arena_grow(names->arena, names->list, names->count,
				    sizeof(*names->list));
	names->list[names->count++] = name;
}

void wq_lsp_names_look(const char *name, void *context)
{
	struct wq_lsp_names *names = context;
	unsigned int i;

	for (i = 0; i < names->count; i++)
		names->is_found |= !strcmp(names->list[i], name);
}

/* Keep the commands of the modules in @names. */
static void keep_modules(struct selecting *selecting, struct wq_lsp_names *names)
{
	struct wq_lsp_selection *selection = selecting->selection;
	unsigned int i;

	for (i = 0; i < selecting->database.count; i++) {
		unsigned int number = selection->units.count;

		names->is_found = false;
		wq_module_names(selecting->arena, selecting->modules[i],
				wq_lsp_names_look, names);
		if (!names->is_found || selecting->is_kept[i])
			continue;
		selecting->is_kept[i] = true;
		selection->units.compiles[number] =
			selecting->database.compiles[i];
		selection->sources[number] = selecting->sources[i];
		selection->units.count++;
	}
}

/* Is a source in the directory of one of the kept ones? */
static bool is_beside(const struct wq_lsp_selection *selection,
		      const char *source)
{
	size_t length = (size_t)(wq_path_name(source) - source);
	unsigned int i;

	for (i = 0; i < selection->nr_own; i++)
		if (common_directory(selection->sources[i], source) == length &&
		    !strchr(selection->sources[i] + length, '/'))
			return true;
	return false;
}

/* The modules of command @own, then those that have sources beside theirs. */
static void keep_commands(struct selecting *selecting, unsigned int own)
{
	struct wq_lsp_selection *selection = selecting->selection;
	struct wq_lsp_names names = { .arena = selecting->arena };
	unsigned int i;

	selection->modules = selecting->modules[own];
	wq_module_names(selecting->arena, selection->modules, wq_lsp_names_add,
			&names);
	keep_modules(selecting, &names);
	selection->nr_own = selection->units.count;
	for (i = 0; i < selection->nr_own; i++)
		if (selection->sources[i] == selecting->sources[own])
			selection->own = i;
	names.count = 0;
	for (i = 0; i < selecting->database.count; i++)
		if (!selecting->is_kept[i] &&
		    is_beside(selection, selecting->sources[i]))
			wq_module_names(selecting->arena,
					selecting->modules[i],
					wq_lsp_names_add, &names);
	keep_modules(selecting, &names);
}

/* What is asked of each command is made once. */
static void prepare(struct selecting *selecting)
{
	struct wq_arena *arena = selecting->arena;
	const struct wq_compdb *database = &selecting->database;
	size_t count = database->count + 1;
	unsigned int i;

	selecting->sources = wq_arena_alloc(arena, count *
					    sizeof(*selecting->sources));
	selecting->modules = wq_arena_alloc(arena, count *
					    sizeof(*selecting->modules));
	selecting->is_kept = wq_arena_alloc(arena, count);
	for (i = 0; i < database->count; i++) {
		const struct wq_compile *compile = &database->compiles[i];

		selecting->sources[i] = wq_path_absolute(arena,
							 compile->directory,
							 compile->source);
		selecting->modules[i] = wq_command_modules(arena, compile);
	}
}

struct wq_lsp_selection *
wq_lsp_selection_make(struct wq_arena *arena, const char *name,
		      const struct stat *status, const char *path)
{
	struct wq_lsp_selection *selection = wq_arena_alloc(arena,
							    sizeof(*selection));
	struct selecting selecting = { .arena = arena };
	unsigned int own;

	if (wq_compdb_read(arena, name, &selecting.database))
		return NULL;
	prepare(&selecting);
	selecting.selection = selection;
	selection->arena = arena;
	selection->path = path;
	selection->database = selection->units.path = name;
	selection->changed = status->st_mtim;
	selection->bytes = status->st_size;
	selection->own = WQ_LSP_NO_COMMAND;
	selection->units.compiles = wq_arena_alloc(arena,
		(selecting.database.count + 1) *
		sizeof(*selection->units.compiles));
	selection->sources = wq_arena_alloc(arena,
		(selecting.database.count + 1) * sizeof(*selection->sources));
	own = find_own(&selecting, path);
	if (own != WQ_LSP_NO_COMMAND)
		keep_commands(&selecting, own);
	return selection;
}
