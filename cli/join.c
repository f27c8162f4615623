/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which modules must be judged together. A library module and its users
 * share a struct: one initialises a work item, the other queues or cancels
 * it, and neither alone tells the truth. So modules are joined that name
 * members of one struct that holds a work item, when it is defined beside
 * the sources of one of them (a struct of include/ is nobody's own), and
 * those that share an exported queue.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* One module's mention of something that modules can have in common. */
struct mention {
	const char *key;		/* "struct TAG@FILE", "queue NAME" */
	unsigned int module;
	bool holds_work;		/* it is worth joining for */
	bool is_owner;
};

struct join {
	struct wq_arena *arena;
	struct mention *mentions;
	unsigned int nr_mentions;
	unsigned int *parents;		/* of modules: a forest */
};

static void add_mention(struct join *join, const char *key,
			unsigned int module, bool holds_work, bool is_owner)
{
	join->mentions = wq_arena_grow(join->arena, join->mentions,
				       join->nr_mentions,
				       sizeof(*join->mentions));
	join->mentions[join->nr_mentions++] = (struct mention) {
		.key = key, .module = module, .holds_work = holds_work,
		.is_owner = is_owner,
	};
}

/* Is @directory @top or below it? Both relative to the same directory. */
static bool is_below(const char *directory, const char *top)
{
	size_t bytes = strlen(top);

	return !strncmp(directory, top, bytes) &&
	       (!directory[bytes] || directory[bytes] == '/' || !bytes);
}

static const char *directory_of(struct wq_arena *arena, const char *path)
{
	const char *name = wq_path_name(path);

	return wq_arena_printf(arena, "%.*s",
			       name > path ? (int)(name - path - 1) : 0, path);
}

static void mention_types(struct join *join, const struct wq_unit *unit,
			  unsigned int module)
{
	const char *directory = directory_of(join->arena, unit->source);
	unsigned int i;

	for (i = 0; i < unit->nr_types; i++) {
		const struct wq_type *type = &unit->types[i];

		if (type->in_main_file || !type->file)
			continue;
		add_mention(join, wq_arena_printf(join->arena, "struct %s@%s",
						  type->tag, type->file),
			    module, type->holds_work,
			    is_below(directory_of(join->arena, type->file),
				     directory));
	}
}

static void mention_queues(struct join *join, const struct wq_unit *unit,
			   unsigned int module)
{
	unsigned int i;

	for (i = 0; i < unit->nr_public_queues; i++)
		add_mention(join, wq_arena_printf(join->arena, "queue %s",
						  unit->public_queues[i].name),
			    module, true, unit->public_queues[i].is_allocated);
}

static int compare_mentions(const void *left, const void *right)
{
	const struct mention *a = left, *b = right;
	int order = strcmp(a->key, b->key);

	return order ? order : (a->module > b->module) -
			       (a->module < b->module);
}

static unsigned int root_of(struct join *join, unsigned int module)
{
	while (join->parents[module] != module) {
		join->parents[module] = join->parents[join->parents[module]];
		module = join->parents[module];
	}
	return module;
}

static void unite(struct join *join, unsigned int a, unsigned int b)
{
	a = root_of(join, a);
	b = root_of(join, b);
	/* The smaller number leads, whatever the order of joining. */
	if (a < b)
		join->parents[b] = a;
	else
		join->parents[a] = b;
}

static void unite_mentions(struct join *join, unsigned int start,
			   unsigned int end)
{
	bool holds_work = false, has_owner = false;
	unsigned int i;

	for (i = start; i < end; i++) {
		holds_work |= join->mentions[i].holds_work;
		has_owner |= join->mentions[i].is_owner;
	}
	for (i = start + 1; holds_work && has_owner && i < end; i++)
		unite(join, join->mentions[start].module,
		      join->mentions[i].module);
}

unsigned int *wq_join_modules(struct wq_arena *arena,
			      const struct wq_join_member *members,
			      unsigned int count, unsigned int nr_modules)
{
	struct join join = { .arena = arena };
	unsigned int i, start, end;

	join.parents = wq_arena_alloc(arena, (nr_modules + 1) *
					     sizeof(*join.parents));
	for (i = 0; i < nr_modules; i++)
		join.parents[i] = i;
	for (i = 0; i < count; i++)
		if (members[i].unit) {
			mention_types(&join, members[i].unit,
				      members[i].module);
			mention_queues(&join, members[i].unit,
				       members[i].module);
		}
	if (join.nr_mentions)
		qsort(join.mentions, join.nr_mentions, sizeof(*join.mentions),
		      compare_mentions);
	for (start = 0; start < join.nr_mentions; start = end) {
		end = start + 1;
		while (end < join.nr_mentions &&
		       !strcmp(join.mentions[start].key,
			       join.mentions[end].key))
			end++;
		unite_mentions(&join, start, end);
	}
	for (i = 0; i < nr_modules; i++)
		join.parents[i] = root_of(&join, i);
	return join.parents;
}
