/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Units joined into a program: names found once, then looked up by hash.
 * What each queue and work item operand is comes after that, in use.c.
 */
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "resolve.h"
#include "source.h"
#include "table.h"
#include "use.h"

struct wq_index {
	struct wq_table functions;		/* name -> struct wq_function * */
	struct wq_table callers;		/* function -> struct wq_event * */
	struct wq_table mentions;		/* function -> events with its address */
	struct wq_table stores;		/* slot -> struct wq_store */
	struct wq_table embeddings;	/* tag -> struct wq_expr * (FIELD) */
	struct wq_table owners;		/* tag -> bool, filled when asked */
	unsigned int nr_stores;
	struct {
		const struct wq_event **list;
		unsigned int count;
	} events[WQ_NR_EVENT_KINDS];
	struct answer *answers;		/* what names stand for; by a hash */
	size_t nr_answers;
};

/* What wq_program_function() found last for a unit and a name. */
struct answer {
	const struct wq_unit *unit;
	const char *name;		/* the pointer, not the text */
	const struct wq_function *function;
};

struct wq_program *wq_program_new(void)
{
	struct wq_arena *arena = wq_arena_new();
	struct wq_program *program = wq_arena_alloc(arena, sizeof(*program));

	program->arena = arena;
	program->index = wq_arena_alloc(arena, sizeof(*program->index));
	program->effort = wq_arena_alloc(arena, sizeof(*program->effort));
	program->effort->left = WQ_MAX_EFFORT;
	program->own_queues = wq_arena_alloc(arena,
					     sizeof(*program->own_queues));
	program->found = wq_arena_alloc(arena, sizeof(*program->found));
	return program;
}

bool wq_program_spend(const struct wq_program *program, unsigned int count)
{
	if (program->effort->left < count)
		program->effort->too_large = true;
	else
		program->effort->left -= count;
	return !program->effort->too_large;
}

void wq_program_free(struct wq_program *program)
{
	if (program)
		wq_arena_free(program->arena);
}

void wq_program_add(struct wq_program *program, const struct wq_unit *unit)
{
	program->units = wq_arena_grow(program->arena, program->units,
				       program->nr_units,
				       sizeof(*program->units));
	program->units[program->nr_units++] = unit;
	if (!program->module)
		program->module = wq_unit_module(unit);
	if (wq_unit_is_whole_module(unit))
		program->complete = true;
}

const char *wq_unit_module(const struct wq_unit *unit)
{
	if (unit->modfile && *unit->modfile)
		return unit->modfile;
	if (unit->modname && *unit->modname)
		return unit->modname;
	return unit->object && *unit->object ? unit->object : unit->source;
}

/* Is @name, of @bytes bytes, one of the modules in "dir/a:b"? */
static bool is_module_of(const char *modules, const char *name, size_t bytes)
{
	size_t length;

	for (; *modules; modules += length + (modules[length] == ':')) {
		length = strcspn(modules, ":");
		if (length == bytes && !strncmp(modules, name, bytes))
			return true;
	}
	return false;
}

bool wq_units_share_module(const struct wq_unit *a, const struct wq_unit *b)
{
	const char *left = wq_unit_module(a), *right = wq_unit_module(b);
	const char *name, *slash = strrchr(left, '/');
	size_t directory = slash ? (size_t)(slash + 1 - left) : 0, length;

	if (!strcmp(left, right))
		return true;
	if ((!strchr(left, ':') && !strchr(right, ':')) ||
	    strncmp(left, right, directory))
		return false;
	for (name = left + directory; *name;
	     name += length + (name[length] == ':')) {
		length = strcspn(name, ":");
		if (is_module_of(right + directory, name, length))
			return true;
	}
	return false;
}

bool wq_unit_is_whole_module(const struct wq_unit *unit)
{
	return unit->is_module && unit->modname && unit->basename &&
	       !strcmp(unit->modname, unit->basename);
}

/* Static functions of two units may share a name: the unit's source tells. */
static struct wq_key name_key(const struct wq_unit *unit, const char *name,
			      bool is_static)
{
	return (struct wq_key){ name, is_static ? unit->source : NULL };
}

static struct wq_key function_key(const struct wq_function *function)
{
	return name_key(function->unit, function->name, function->is_static);
}

/* Of the key, computed once. */
static uint64_t function_hash(const struct wq_function *function)
{
	if (!function->key_hash)
		((struct wq_function *)function)->key_hash =
			wq_key_hash(function_key(function));
	return function->key_hash;
}

static const struct wq_function *find_function(const struct wq_program *program,
					       const struct wq_unit *unit,
					       const char *name)
{
	const struct wq_function *own = wq_unit_find_function(unit, name);
	const struct wq_function *const *list;
	struct wq_entry *entry;
	unsigned int i;

	if (own && (own->is_defined || own->is_static))
		return own->is_defined ? own : NULL;
	entry = wq_table_find(&program->index->functions, wq_key_of(name));
	if (!entry || !entry->count)
		return NULL;
	/* Two modules may use one name: nearest first. */
	list = entry->list;
	for (i = 0; i < entry->count; i++)
		if (!strcmp(wq_unit_module(list[i]->unit),
			    wq_unit_module(unit)))
			return list[i];
	return list[0];
}

/*
 * The same calls are asked about again and again. Names are parts of units,
 * and stay where they are.
 */
const struct wq_function *wq_program_function(const struct wq_program *program,
					      const struct wq_unit *unit,
					      const char *name)
{
	size_t hash = ((size_t)unit * 31 + (size_t)name) *
		      (size_t)0x9e3779b97f4a7c15ULL >> 32;
	struct answer *answer;

	if (!program->index->nr_answers)
		return find_function(program, unit, name);
	answer = &program->index->answers[hash &
					  (program->index->nr_answers - 1)];
	if (answer->unit != unit || answer->name != name) {
		answer->unit = unit;
		answer->name = name;
		answer->function = find_function(program, unit, name);
	}
	return answer->function;
}

const struct wq_event *const *wq_program_events(
	const struct wq_program *program, enum wq_event_kind kind,
	unsigned int *count)
{
	*count = program->index->events[kind].count;
	return program->index->events[kind].list;
}

const struct wq_event *const *wq_program_callers(
	const struct wq_program *program, const struct wq_function *function,
	unsigned int *count)
{
	struct wq_entry *entry = wq_table_find_hashed(
		&program->index->callers, function_key(function),
		function_hash(function));

	*count = entry ? entry->count : 0;
	return entry ? entry->list : NULL;
}

const struct wq_store *wq_program_stores(const struct wq_program *program,
					 const char *slot, unsigned int *count)
{
	struct wq_entry *entry = wq_table_find(&program->index->stores,
					 wq_key_of(slot));

	*count = entry ? entry->count : 0;
	return entry ? entry->list : NULL;
}

const struct wq_expr *wq_program_embedding(const struct wq_program *program,
					   const char *tag,
					   unsigned int *count)
{
	struct wq_entry *entry = wq_table_find(&program->index->embeddings,
					 wq_key_of(tag));

	*count = entry ? entry->count : 0;
	return *count == 1 ? ((const struct wq_expr **)entry->list)[0] : NULL;
}

/* devm_add_action() and the like: a call of its object, with its data. */
static bool is_callback(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_CALL && event->object &&
	       event->object->kind == WQ_EXPR_FUNC;
}

/*
 * Is all that is done with @function's address to give it to
 * devm_add_action()? Then its callers are known.
 */
static bool is_only_callback(const struct wq_program *program,
			     const struct wq_function *function)
{
	const struct wq_event *const *callers;
	struct wq_entry *entry;
	unsigned int i, count;

	if (!function->is_static || function->nr_roles)
		return false;
	entry = wq_table_find(&program->index->mentions,
			      function_key(function));
	if (entry && entry->count)
		return false;
	callers = wq_program_callers(program, function, &count);
	for (i = 0; i < count; i++)
		if (is_callback(callers[i]))
			return true;
	return false;
}

bool wq_program_is_open(const struct wq_program *program,
			const struct wq_function *function)
{
	unsigned int i;

	if (function->address_taken && !is_only_callback(program, function))
		return true;
	if (!function->is_static && !function->is_inline)
		return !program->complete;
	for (i = 0; i < function->nr_roles; i++)
		if (strcmp(function->roles[i], "module_init") &&
		    strcmp(function->roles[i], "module_exit"))
			return true;
	return false;
}

/* Whose structs */

static bool is_at_or_below(const char *directory, const char *top)
{
	size_t bytes = strlen(top);

	if (!bytes)
		return *directory != '/' && strncmp(directory, "..", 2);
	return !strncmp(directory, top, bytes) &&
	       (!directory[bytes] || directory[bytes] == '/');
}

static bool is_own(const struct wq_program *program, const char *tag)
{
	const struct wq_type *type = NULL;
	const char *directory;
	unsigned int i;

	for (i = 0; i < program->nr_units && !type; i++)
		type = wq_unit_find_type(program->units[i], tag);
	if (!type || !type->file)
		return true;
	directory = wq_source_directory(program->arena, type->file);
	for (i = 0; i < program->nr_units; i++)
		if (is_at_or_below(directory,
				   wq_source_directory(program->arena,
						       program->units[i]->source)))
			return true;
	return false;
}

bool wq_type_is_own(const struct wq_program *program, const char *tag)
{
	struct wq_key key = wq_key_of(tag);
	struct wq_entry *entry = wq_table_find(&program->index->owners, key);
	bool *known;

	if (entry && entry->count)
		return ((bool *)entry->list)[0];
	known = wq_table_add(program->arena, &program->index->owners, key,
			     sizeof(*known));
	*known = is_own(program, tag);
	return *known;
}

/* Indices */

static void add_pointer(struct wq_arena *arena, struct wq_table *table,
			struct wq_key key, const void *pointer)
{
	*(const void **)wq_table_add(arena, table, key, sizeof(pointer)) =
		pointer;
}

static void index_functions(struct wq_program *program,
			    const struct wq_unit *unit)
{
	unsigned int i;

	for (i = 0; i < unit->nr_functions; i++)
		if (unit->functions[i]->is_defined &&
		    !unit->functions[i]->is_static)
			add_pointer(program->arena, &program->index->functions,
				    wq_key_of(unit->functions[i]->name),
				    unit->functions[i]);
}

static void index_event(struct wq_program *program,
			const struct wq_event *event)
{
	const struct wq_event **list = program->index->events[event->kind].list;
	unsigned int count = program->index->events[event->kind].count++;

	list = wq_arena_grow(program->arena, list, count, sizeof(*list));
	list[count] = event;
	program->index->events[event->kind].list = list;
}

/* Half as many answers as there are events, or a bit more. */
static void index_events(struct wq_program *program)
{
	unsigned int i, j, nr_events = 0;

	for (i = 0; i < program->nr_units; i++) {
		const struct wq_unit *unit = program->units[i];

		nr_events += unit->nr_events;
		for (j = 0; j < unit->nr_events; j++)
			index_event(program, unit->events[j]);
	}
	program->index->nr_answers = 64;
	while (program->index->nr_answers < nr_events / 2)
		program->index->nr_answers *= 2;
	program->index->answers = wq_arena_alloc(program->arena,
		program->index->nr_answers * sizeof(struct answer));
}

static void index_callers(struct wq_program *program,
			  const struct wq_unit *unit)
{
	unsigned int i;

	for (i = 0; i < unit->nr_events; i++) {
		const struct wq_event *event = unit->events[i];
		const struct wq_function *callee;

		if (event->kind != WQ_EVENT_CALL || !event->callee)
			continue;
		callee = wq_program_function(program, unit, event->callee);
		if (callee)
			*(const struct wq_event **)wq_table_add_hashed(
				program->arena, &program->index->callers,
				function_key(callee), function_hash(callee),
				sizeof(event)) = event;
	}
}

static void index_mention(struct wq_program *program,
			  const struct wq_event *event,
			  const struct wq_expr *expr)
{
	if (expr && expr->kind == WQ_EXPR_FUNC && expr->is_static)
		add_pointer(program->arena, &program->index->mentions,
			    name_key(expr->unit, expr->name, true), event);
}

/* Where the address of a static function goes, but for callbacks. */
static void index_mentions(struct wq_program *program,
			   const struct wq_unit *unit)
{
	unsigned int i, j;

	for (i = 0; i < unit->nr_events; i++) {
		const struct wq_event *event = unit->events[i];

		if (!is_callback(event))
			index_mention(program, event, event->object);
		index_mention(program, event, event->value);
		for (j = 0; j < event->nr_args; j++)
			index_mention(program, event, event->args[j]);
	}
}

/* Which structs are members of which others. */
static void index_embeddings(struct wq_program *program,
			     const struct wq_unit *unit)
{
	unsigned int i, j;

	for (i = 0; i < unit->nr_exprs; i++) {
		const struct wq_expr *expr = unit->exprs[i], **list;
		struct wq_entry *entry;
		bool known;

		if (expr->kind != WQ_EXPR_FIELD || !expr->field_type ||
		    !expr->type)
			continue;
		entry = wq_table_find(&program->index->embeddings,
				   wq_key_of(expr->field_type));
		list = entry ? entry->list : NULL;
		/* With two it is ambiguous, and nobody asks for the rest. */
		known = list && entry->count > 1;
		for (j = 0; list && j < entry->count && !known; j++)
			known = !strcmp(list[j]->type, expr->type) &&
				!strcmp(list[j]->name, expr->name);
		if (!known)
			add_pointer(program->arena, &program->index->embeddings,
				    wq_key_of(expr->field_type), expr);
	}
}

static void add_store(struct wq_program *program, const struct wq_event *event,
		      const struct wq_context *context)
{
	const char *slot = wq_resolve_slot(program, event->object, context);
	struct wq_store *store;

	if (!slot)
		return;
	if (program->index->nr_stores++ == WQ_MAX_STORES)
		program->effort->too_large = true;
	if (program->effort->too_large)
		return;
	store = wq_table_add(program->arena, &program->index->stores,
			     wq_key_of(slot), sizeof(*store));
	*store = (struct wq_store){ event, context };
}

static void index_store(const struct wq_event *event,
			const struct wq_context *context, void *program)
{
	add_store(program, event, context);
}

static void index_stores(struct wq_program *program,
			 const struct wq_unit *unit)
{
	unsigned int i;

	for (i = 0; i < unit->nr_events; i++) {
		const struct wq_event *event = unit->events[i];

		if (event->kind != WQ_EVENT_STORE || !event->object ||
		    !event->value)
			continue;
		if (event->function &&
		    wq_expr_needs_context(program, event->object))
			wq_for_each_context(program, event, index_store,
					    program);
		else
			add_store(program, event, NULL);
	}
}

static bool has_role(const struct wq_unit *unit, const char *role)
{
	unsigned int i;

	for (i = 0; i < unit->nr_functions; i++)
		if (wq_function_has_role(unit->functions[i], role))
			return true;
	return false;
}

/*
 * A module that has an init function and no exit function stays for good
 * (kernel/module/main.c: "If it has an init func, it must have an exit
 * func to unload").
 */
bool wq_program_can_unload(const struct wq_program *program,
			   const struct wq_unit *unit)
{
	bool init = false;
	unsigned int i;

	if (!unit->is_module)
		return false;
	for (i = 0; i < program->nr_units; i++) {
		if (!wq_units_share_module(program->units[i], unit))
			continue;
		if (has_role(program->units[i], "module_exit"))
			return true;
		init |= has_role(program->units[i], "module_init");
	}
	return !(init && program->complete);
}

static int compare_units(const void *left, const void *right)
{
	const struct wq_unit *a = *(const struct wq_unit *const *)left;
	const struct wq_unit *b = *(const struct wq_unit *const *)right;
	int order = strcmp(a->source, b->source);

	return order ? order : strcmp(a->object ? a->object : "",
				      b->object ? b->object : "");
}

void wq_program_link(struct wq_program *program)
{
	unsigned int i;

	/* What is found first must not depend on who was added first. */
	if (program->nr_units)
		qsort(program->units, program->nr_units,
		      sizeof(*program->units), compare_units);
	for (i = 0; i < program->nr_units; i++)
		index_functions(program, program->units[i]);
	index_events(program);
	for (i = 0; i < program->nr_units; i++) {
		index_callers(program, program->units[i]);
		index_mentions(program, program->units[i]);
		index_embeddings(program, program->units[i]);
	}
	for (i = 0; i < program->nr_units; i++)
		index_stores(program, program->units[i]);
	wq_program_find_uses(program);
	wq_program_find_works(program);
	if (program->effort->too_large)
		program->nr_uses = program->nr_works = 0;
}
