/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which modules must be judged together. A library module and its users
 * share a struct: one initialises a work item, the other queues or cancels
 * it, and neither alone tells the truth. So modules are joined that name
 * members of one struct that holds a work item or a queue, when it is defined
 * beside the sources of one of them (a struct of include/ is nobody's own),
 * and those that share an exported queue.
 */
#include <limits.h>
#include <string.h>

#include "cli.h"

#define NOBODY	UINT_MAX

/* What modules can have in common, "struct TAG" of FILE or "queue NAME". */
struct shared {
	const char *name;
	const char *file;		/* NULL: a queue */
	bool has_owner;
	unsigned int module;		/* the first that mentions it */
	unsigned int next;		/* number in the list + 1, or 0 */
};

#define NR_BUCKETS	4096

struct join {
	struct wq_arena *arena;
	struct shared *list;		/* only what is worth joining for */
	unsigned int count;
	unsigned int buckets[NR_BUCKETS];
	unsigned int *parents;		/* of modules: a forest */
};

/* Most of what is looked for is not there, and few buckets have two. */
static unsigned int *bucket_of(struct join *join, const char *name)
{
	return &join->buckets[wq_hash_quickly(name, strlen(name)) %
			      NR_BUCKETS];
}

static bool is_same_file(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static struct shared *find_shared(struct join *join, const char *name,
				  const char *file)
{
	unsigned int i = *bucket_of(join, name);

	for (; i; i = join->list[i - 1].next)
		if (!strcmp(join->list[i - 1].name, name) &&
		    is_same_file(join->list[i - 1].file, file))
			return &join->list[i - 1];
	return NULL;
}

static void add_shared(struct join *join, const char *name, const char *file)
{
	unsigned int *bucket;

	if (find_shared(join, name, file))
		return;
	bucket = bucket_of(join, name);
	join->list = wq_arena_grow(join->arena, join->list, join->count,
				   sizeof(*join->list));
	join->list[join->count++] = (struct shared){
		.name = name, .file = file, .next = *bucket,
		.module = NOBODY,
	};
	*bucket = join->count;
}

/* Other units can name it, and it is the file's that defines it. */
static bool is_shareable(const struct wq_type *type)
{
	return !type->in_main_file && type->file;
}

/* First what any unit says is worth joining for: the rest is far more. */
static void collect(struct join *join, const struct wq_unit *unit)
{
	unsigned int i;

	for (i = 0; i < unit->nr_types; i++)
		if (unit->types[i].holds_work && is_shareable(&unit->types[i]))
			add_shared(join, unit->types[i].tag,
				   unit->types[i].file);
	for (i = 0; i < unit->nr_public_queues; i++)
		add_shared(join, unit->public_queues[i].name, NULL);
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

typedef void (*mention_fn)(struct join *join, struct shared *shared,
			   unsigned int module, bool is_owner);

static void notice_owner(struct join *join, struct shared *shared,
			 unsigned int module, bool is_owner)
{
	(void)join;
	(void)module;
	shared->has_owner |= is_owner;
}

static void unite_users(struct join *join, struct shared *shared,
			unsigned int module, bool is_owner)
{
	(void)is_owner;
	if (!shared->has_owner)
		return;
	if (shared->module == NOBODY)
		shared->module = module;
	else
		unite(join, shared->module, module);
}

/* Call @fn for all that @unit of @module mentions. */
static void for_each_mention(struct join *join, const struct wq_unit *unit,
			     unsigned int module, mention_fn fn)
{
	const char *top = NULL;
	struct shared *shared;
	unsigned int i;

	for (i = 0; i < unit->nr_types; i++) {
		const struct wq_type *type = &unit->types[i];

		shared = is_shareable(type) ? find_shared(join, type->tag,
							  type->file) : NULL;
		if (!shared)
			continue;
		if (!top)
			top = directory_of(join->arena, unit->source);
		fn(join, shared, module,
		   !shared->has_owner &&
		   is_below(directory_of(join->arena, type->file), top));
	}
	for (i = 0; i < unit->nr_public_queues; i++)
		fn(join, find_shared(join, unit->public_queues[i].name, NULL),
		   module, unit->public_queues[i].is_allocated);
}

static void mention_all(struct join *join, const struct wq_join_member *members,
			unsigned int count, mention_fn fn)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (members[i].unit)
			for_each_mention(join, members[i].unit,
					 members[i].module, fn);
}

unsigned int *wq_join_modules(struct wq_arena *arena,
			      const struct wq_join_member *members,
			      unsigned int count, unsigned int nr_modules)
{
	struct join *join = wq_arena_alloc(arena, sizeof(*join));
	unsigned int i;

	join->arena = arena;
	join->parents = wq_arena_alloc(arena, (nr_modules + 1) *
					      sizeof(*join->parents));
	for (i = 0; i < nr_modules; i++)
		join->parents[i] = i;
	for (i = 0; i < count; i++)
		if (members[i].unit)
			collect(join, members[i].unit);
	mention_all(join, members, count, notice_owner);
	mention_all(join, members, count, unite_users);
	for (i = 0; i < nr_modules; i++)
		join->parents[i] = root_of(join, i);
	return join->parents;
}
