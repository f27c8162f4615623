/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What join.c joins modules for, looked for in the text of the sources beside
 * the document's: structs with a work item that a header beside them defines,
 * and queues that other units can name. Text finds too much at worst; join.c
 * decides.
 */
#include <string.h>

#include "lsp-relate.h"
#include "source.h"

struct relating {
	struct wq_arena *arena;
	const struct wq_lsp_selection *selection;
	struct wq_audit *audit;
	const char **shared;		/* names, interned */
	unsigned int nr_shared;
	struct wq_lsp_names modules;	/* with a unit that mentions one */
};

static void add_shared(struct relating *relating, const char *name)
{
	unsigned int i;

	name = wq_arena_intern(relating->arena, name);
	for (i = 0; i < relating->nr_shared; i++)
		if (relating->shared[i] == name)
			return;
	relating->shared = wq_arena_grow(relating->arena, relating->shared,
					 relating->nr_shared,
					 sizeof(*relating->shared));
	relating->shared[relating->nr_shared++] = name;
}

/* Is the header @file, absolute, in the directory of @source, or below it? */
static bool is_beside(const char *file, const char *source)
{
	return !strncmp(file, source, (size_t)(wq_path_name(source) - source));
}

static void collect(struct relating *relating, unsigned int number)
{
	const struct wq_audit_unit *unit = &relating->audit->units[number];
	struct wq_unit *scanned = wq_audit_scan(unit, relating->arena);
	unsigned int i;

	for (i = 0; scanned && i < scanned->nr_types; i++) {
		const struct wq_type *type = &scanned->types[i];

		if (type->holds_work && !type->in_main_file && type->file &&
		    is_beside(wq_path_absolute(relating->arena,
					       unit->compile->directory,
					       type->file),
			      relating->selection->sources[number]))
			add_shared(relating, type->tag);
	}
	for (i = 0; scanned && i < scanned->nr_public_queues; i++)
		add_shared(relating, scanned->public_queues[i].name);
}

static bool mentions_any(struct relating *relating,
			 struct wq_sources *sources, const char *source)
{
	unsigned int i;

	for (i = 0; i < relating->nr_shared; i++)
		if (wq_source_mentions(sources, NULL, source,
				       relating->shared[i]))
			return true;
	return false;
}

static void find_modules(struct relating *relating)
{
	struct wq_sources *sources = wq_sources_new();
	unsigned int i;

	for (i = relating->selection->nr_own; i < relating->audit->count; i++)
		if (relating->audit->units[i].choice.names_api &&
		    mentions_any(relating, sources,
				 relating->selection->sources[i]))
			wq_module_names(relating->arena,
				relating->audit->units[i].choice.modules,
				wq_lsp_names_add, &relating->modules);
	wq_sources_free(sources);
}

void wq_lsp_relate(struct wq_arena *arena,
		   const struct wq_lsp_selection *selection,
		   struct wq_audit *audit, bool *is_related)
{
	struct relating relating = {
		.arena = arena, .selection = selection, .audit = audit,
		.modules.arena = arena,
	};
	unsigned int i;

	for (i = 0; i < selection->nr_own; i++)
		if (audit->units[i].path)
			collect(&relating, i);
	if (relating.nr_shared)
		find_modules(&relating);
	for (i = selection->nr_own; i < audit->count; i++) {
		relating.modules.is_found = false;
		wq_module_names(arena, audit->units[i].choice.modules,
				wq_lsp_names_look, &relating.modules);
		is_related[i] = relating.modules.is_found;
		audit->units[i].is_wanted |= is_related[i] &&
			audit->units[i].choice.names_api;
	}
}
