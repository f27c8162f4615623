/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts of one translation unit: the container. Expressions are hash-consed,
 * so that comparing two of one unit is comparing pointers.
 */
#include <string.h>

#include "unit.h"

static const char *const expr_kind_names[WQ_NR_EXPR_KINDS] = {
	[WQ_EXPR_UNKNOWN] = "unknown", [WQ_EXPR_NULL] = "null",
	[WQ_EXPR_CONST] = "const", [WQ_EXPR_STRING] = "string",
	[WQ_EXPR_FUNC] = "func",
	[WQ_EXPR_GLOBAL] = "global", [WQ_EXPR_LOCAL] = "local",
	[WQ_EXPR_PARAM] = "param", [WQ_EXPR_RESULT] = "result",
	[WQ_EXPR_FIELD] = "field", [WQ_EXPR_INDEX] = "index",
	[WQ_EXPR_OUTER] = "outer", [WQ_EXPR_LOAD] = "load",
	[WQ_EXPR_ANY] = "any",
};

static const char *const event_kind_names[WQ_NR_EVENT_KINDS] = {
	[WQ_EVENT_QUEUE] = "queue",
	[WQ_EVENT_FLUSH_QUEUE] = "flush-queue",
	[WQ_EVENT_DRAIN_QUEUE] = "drain-queue",
	[WQ_EVENT_DESTROY_QUEUE] = "destroy-queue",
	[WQ_EVENT_ALLOC_QUEUE] = "alloc-queue",
	[WQ_EVENT_FLUSH_WORK] = "flush-work",
	[WQ_EVENT_CANCEL_WORK] = "cancel-work",
	[WQ_EVENT_CANCEL_WORK_SYNC] = "cancel-work-sync",
	[WQ_EVENT_DISABLE_WORK] = "disable-work",
	[WQ_EVENT_DISABLE_WORK_SYNC] = "disable-work-sync",
	[WQ_EVENT_ENABLE_WORK] = "enable-work",
	[WQ_EVENT_INIT_WORK] = "init-work",
	[WQ_EVENT_STORE] = "store",
	[WQ_EVENT_ALLOC] = "alloc", [WQ_EVENT_FREE] = "free",
	[WQ_EVENT_LOCK] = "lock", [WQ_EVENT_UNLOCK] = "unlock",
	[WQ_EVENT_PUT] = "put", [WQ_EVENT_GET] = "get",
	[WQ_EVENT_SIGNAL] = "signal", [WQ_EVENT_WAIT] = "wait",
	[WQ_EVENT_CALL] = "call", [WQ_EVENT_RETURN] = "return",
};

const char wq_expr_letters[] = "UNCSFGVPRMIOLA";
const char wq_event_letters[] = "qfdxaFcCeEnismrlupgowkt";

const char *wq_expr_kind_name(enum wq_expr_kind kind)
{
	return (unsigned int)kind < WQ_NR_EXPR_KINDS ? expr_kind_names[kind]
						     : NULL;
}

const char *wq_event_kind_name(enum wq_event_kind kind)
{
	return (unsigned int)kind < WQ_NR_EVENT_KINDS ? event_kind_names[kind]
						      : NULL;
}

struct wq_unit *wq_unit_new_in(struct wq_arena *arena, const char *source)
{
	struct wq_unit *unit = wq_arena_alloc(arena, sizeof(*unit));

	unit->arena = arena;
	unit->source = wq_arena_intern(arena, source);
	return unit;
}

struct wq_unit *wq_unit_new(const char *source)
{
	struct wq_unit *unit = wq_unit_new_in(wq_arena_new(), source);

	unit->owns_arena = true;
	return unit;
}

void wq_unit_free(struct wq_unit *unit)
{
	if (unit && unit->owns_arena)
		wq_arena_free(unit->arena);
}

const char *wq_unit_string(struct wq_unit *unit, const char *text)
{
	return wq_arena_intern(unit->arena, text);
}

/* Append @element to an array member of something in @unit. */
static void append(struct wq_unit *unit, void *array, unsigned int *count,
		   const void *element, size_t element_bytes)
{
	void *old, *bigger;

	memcpy(&old, array, sizeof(old));
	bigger = wq_arena_grow(unit->arena, old, *count, element_bytes);
	memcpy((char *)bigger + *count * element_bytes, element, element_bytes);
	memcpy(array, &bigger, sizeof(bigger));
	++*count;
}

/* The same, of an array of pointers that has room for @room at least. */
static inline void append_pointer(struct wq_unit *unit, void *array,
				  unsigned int *count, unsigned int room,
				  const void *element)
{
	const void **list;

	memcpy(&list, array, sizeof(list));
	if (*count >= room && !(*count & (*count - 1))) {
		list = wq_arena_grow(unit->arena, list, *count, sizeof(*list));
		memcpy(array, &list, sizeof(list));
	}
	list[(*count)++] = element;
}

/* An array is as long as if it had grown to @count elements one by one. */
static unsigned int round_up(unsigned int count)
{
	unsigned int room = 1;

	while (room < count)
		room *= 2;
	return room;
}

static void *new_array(struct wq_unit *unit, unsigned int count)
{
	return wq_arena_alloc(unit->arena, round_up(count) * sizeof(void *));
}

static void set_function_slots(struct wq_unit *unit, unsigned int count);
static void set_expr_slots(struct wq_unit *unit, unsigned int count);

void wq_unit_reserve(struct wq_unit *unit, unsigned int nr_functions,
		     unsigned int nr_exprs, unsigned int nr_events)
{
	unit->functions = new_array(unit, nr_functions);
	unit->max_functions = nr_functions;
	set_function_slots(unit, round_up(nr_functions * 2 + 1));
	unit->exprs = new_array(unit, nr_exprs);
	unit->max_exprs = nr_exprs;
	set_expr_slots(unit, round_up(nr_exprs * 2 + 1));
	unit->events = new_array(unit, nr_events);
	unit->max_events = nr_events;
	unit->all_events = wq_arena_alloc(unit->arena, (size_t)nr_events *
						sizeof(*unit->all_events));
}

struct wq_block *wq_unit_blocks(struct wq_unit *unit, unsigned int count)
{
	return wq_arena_alloc(unit->arena,
			      round_up(count) * sizeof(struct wq_block));
}

struct wq_event *wq_unit_event(const struct wq_unit *unit, unsigned int number)
{
	return &unit->all_events[number];
}

static size_t pointer_hash(const void *pointer)
{
	return (size_t)pointer * (size_t)0x9e3779b97f4a7c15ULL >> 32;
}

/* Where @name, interned, is or would be among the slots for functions. */
static struct wq_function **function_slot(const struct wq_unit *unit,
					  const char *name)
{
	size_t i = pointer_hash(name) & (unit->nr_function_slots - 1);

	while (unit->function_slots[i] && unit->function_slots[i]->name != name)
		i = (i + 1) & (unit->nr_function_slots - 1);
	return &unit->function_slots[i];
}

/* @count is a power of two. */
static void set_function_slots(struct wq_unit *unit, unsigned int count)
{
	unsigned int i;

	unit->nr_function_slots = count;
	unit->function_slots = wq_arena_alloc(unit->arena,
					      unit->nr_function_slots *
					      sizeof(*unit->function_slots));
	for (i = 0; i < unit->nr_functions; i++)
		*function_slot(unit, unit->functions[i]->name) =
			unit->functions[i];
}

struct wq_function *wq_unit_find_function(const struct wq_unit *unit,
					  const char *name)
{
	const char *interned;

	if (!unit->nr_function_slots)
		return NULL;
	interned = wq_arena_find(unit->arena, name);
	return interned ? *function_slot(unit, interned) : NULL;
}

struct wq_function *wq_unit_new_function(struct wq_unit *unit,
					 const char *name)
{
	struct wq_function **slot, *function;

	if (unit->nr_functions * 2 >= unit->nr_function_slots)
		set_function_slots(unit, unit->nr_function_slots
				   ? unit->nr_function_slots * 2 : 64);
	slot = function_slot(unit, name);
	if (*slot)
		return NULL;
	function = wq_arena_alloc(unit->arena, sizeof(*function));
	function->unit = unit;
	function->index = unit->nr_functions;
	function->name = name;
	*slot = function;
	append_pointer(unit, &unit->functions, &unit->nr_functions,
		       unit->max_functions, function);
	return function;
}

struct wq_function *wq_unit_function(struct wq_unit *unit, const char *name)
{
	struct wq_function *function;

	name = wq_arena_intern(unit->arena, name);
	function = wq_unit_new_function(unit, name);
	return function ? function : *function_slot(unit, name);
}

bool wq_function_has_role(const struct wq_function *function, const char *role)
{
	unsigned int i;

	for (i = 0; i < function->nr_roles; i++)
		if (!strcmp(function->roles[i], role))
			return true;
	return false;
}

void wq_function_add_role(struct wq_function *function, const char *role)
{
	struct wq_unit *unit = (struct wq_unit *)function->unit;

	if (wq_function_has_role(function, role))
		return;
	role = wq_arena_intern(unit->arena, role);
	append_pointer(unit, &function->roles, &function->nr_roles, 0, role);
}

struct wq_event *wq_unit_new_event(struct wq_unit *unit,
				   struct wq_function *function,
				   enum wq_event_kind kind,
				   struct wq_location where)
{
	struct wq_event *event = unit->nr_events < unit->max_events
		? wq_unit_event(unit, unit->nr_events)
		: wq_arena_alloc(unit->arena, sizeof(*event));

	event->kind = kind;
	event->index = unit->nr_events;
	event->function = function;
	event->where = where;
	append_pointer(unit, &unit->events, &unit->nr_events, unit->max_events,
		       event);
	if (function)
		append_pointer(unit, &function->events, &function->nr_events, 0,
			       event);
	return event;
}

struct wq_event *wq_unit_add_event(struct wq_unit *unit,
				   struct wq_function *function,
				   enum wq_event_kind kind,
				   struct wq_location where)
{
	where.file = wq_arena_intern(unit->arena, where.file);
	return wq_unit_new_event(unit, function, kind, where);
}

static const struct wq_expr *const *copy_exprs(struct wq_unit *unit,
					       const struct wq_expr *const *list,
					       unsigned int count)
{
	return count ? wq_arena_copy_of(unit->arena, list,
					count * sizeof(*list)) : NULL;
}

struct wq_block *wq_function_add_block(struct wq_function *function,
				       unsigned int nr_events)
{
	const struct wq_block *last;
	struct wq_block *block;

	function->blocks = wq_arena_grow(function->unit->arena,
					 function->blocks, function->nr_blocks,
					 sizeof(*function->blocks));
	block = &function->blocks[function->nr_blocks++];
	memset(block, 0, sizeof(*block));
	last = function->nr_blocks > 1 ? block - 1 : NULL;
	block->first_event = last ? last->first_event + last->nr_events : 0;
	block->nr_events = nr_events;
	return block;
}

void wq_function_add_edge(struct wq_function *function, struct wq_edge edge)
{
	struct wq_block *block = &function->blocks[function->nr_blocks - 1];
	struct wq_edge *edges = wq_arena_grow(function->unit->arena,
					      (void *)block->edges,
					      block->nr_edges, sizeof(*edges));

	edges[block->nr_edges++] = edge;
	block->edges = edges;
}

void wq_event_set_args(struct wq_unit *unit, struct wq_event *event,
		       const struct wq_expr *const *args, unsigned int count)
{
	event->args = copy_exprs(unit, args, count);
	event->nr_args = count;
}

void wq_event_set_held(struct wq_unit *unit, struct wq_event *event,
		       const struct wq_expr *const *locks, unsigned int count)
{
	event->held = copy_exprs(unit, locks, count);
	event->nr_held = count;
}

void wq_event_add_condition(struct wq_unit *unit, struct wq_event *event,
			    struct wq_condition condition)
{
	append(unit, &event->conditions, &event->nr_conditions, &condition,
	       sizeof(condition));
}

void wq_event_add_variable(struct wq_unit *unit, struct wq_event *event,
			   const char *name, const char *type)
{
	struct wq_variable variable = {
		.name = wq_arena_intern(unit->arena, name),
		.type = wq_arena_intern(unit->arena, type),
	};

	append(unit, &event->variables, &event->nr_variables, &variable,
	       sizeof(variable));
}

/* Few units name as many types: a short list needs no table. */
#define MAX_TYPES_WITHOUT_SLOTS	16

/* Where @tag, interned, is or would be among the slots for types. */
static unsigned int *type_slot(const struct wq_unit *unit, const char *tag)
{
	size_t i = pointer_hash(tag) & (unit->nr_type_slots - 1);

	while (unit->type_slots[i] &&
	       unit->types[unit->type_slots[i] - 1].tag != tag)
		i = (i + 1) & (unit->nr_type_slots - 1);
	return &unit->type_slots[i];
}

static void grow_type_slots(struct wq_unit *unit)
{
	unsigned int i;

	unit->nr_type_slots = unit->nr_type_slots ? unit->nr_type_slots * 2
						  : 4 * MAX_TYPES_WITHOUT_SLOTS;
	unit->type_slots = wq_arena_alloc(unit->arena, unit->nr_type_slots *
						sizeof(*unit->type_slots));
	for (i = 0; i < unit->nr_types; i++)
		*type_slot(unit, unit->types[i].tag) = i + 1;
}

static struct wq_type *find_type(const struct wq_unit *unit, const char *tag)
{
	unsigned int i;

	if (unit->nr_type_slots) {
		i = *type_slot(unit, tag);
		return i ? &unit->types[i - 1] : NULL;
	}
	for (i = 0; i < unit->nr_types; i++)
		if (unit->types[i].tag == tag)
			return &unit->types[i];
	return NULL;
}

const struct wq_type *wq_unit_find_type(const struct wq_unit *unit,
					const char *tag)
{
	const char *interned = wq_arena_find(unit->arena, tag);

	return interned ? find_type(unit, interned) : NULL;
}

struct wq_type *wq_unit_new_type(struct wq_unit *unit, const char *tag)
{
	struct wq_type type = { .tag = tag };

	if (find_type(unit, tag))
		return NULL;
	append(unit, &unit->types, &unit->nr_types, &type, sizeof(type));
	if (unit->nr_types > MAX_TYPES_WITHOUT_SLOTS) {
		if (unit->nr_types * 2 >= unit->nr_type_slots)
			grow_type_slots(unit);
		*type_slot(unit, tag) = unit->nr_types;
	}
	return &unit->types[unit->nr_types - 1];
}

void wq_unit_add_type(struct wq_unit *unit, const char *tag, const char *file,
		      bool in_main_file)
{
	struct wq_type *type = wq_unit_new_type(
		unit, wq_arena_intern(unit->arena, tag));

	if (type) {
		type->file = wq_arena_intern(unit->arena, file);
		type->in_main_file = in_main_file;
	}
}

/* Expressions */

/* Among the others of its unit, by a hash; number is from 1, 0: empty. */
struct wq_expr_slot {
	uint32_t hash, number;
};

static uint64_t part(const void *pointer, uint64_t factor)
{
	return (uint64_t)(uintptr_t)pointer * factor;
}

/* The parts do not wait for each other. */
static uint32_t expr_hash(const struct wq_expr *expr)
{
	uint64_t hash = part(expr->name, 0x9e3779b97f4a7c15ULL) +
			part(expr->type, 0xbf58476d1ce4e5b9ULL) +
			part(expr->function, 0x94d049bb133111ebULL) +
			part(expr->event, 0xd6e8feb86659fd93ULL) +
			part(expr->base, 0xff51afd7ed558ccdULL) +
			((uint64_t)expr->number * 32 + (uint64_t)expr->kind) *
				0xc4ceb9fe1a85ec53ULL;
	unsigned int i;

	for (i = 0; i < expr->nr_alternatives; i++)
		hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15ULL +
		       part(expr->alternatives[i], 0xbf58476d1ce4e5b9ULL);
	return (uint32_t)((hash ^ hash >> 29) * 0x9e3779b97f4a7c15ULL >> 32);
}

static bool expr_equal(const struct wq_expr *a, const struct wq_expr *b)
{
	return a->kind == b->kind && a->is_static == b->is_static &&
	       a->name == b->name && a->type == b->type &&
	       a->field_type == b->field_type && a->number == b->number &&
	       a->function == b->function && a->event == b->event &&
	       a->base == b->base &&
	       a->nr_alternatives == b->nr_alternatives &&
	       (!a->nr_alternatives ||
		!memcmp(a->alternatives, b->alternatives,
			a->nr_alternatives * sizeof(*a->alternatives)));
}

static struct wq_expr_slot *find_expr_slot(const struct wq_unit *unit,
					   const struct wq_expr *expr,
					   uint32_t hash)
{
	const struct wq_expr_slot *slots = unit->expr_slots;
	size_t i = hash & (unit->nr_expr_slots - 1);

	while (slots[i].number &&
	       (slots[i].hash != hash ||
		!expr_equal(unit->exprs[slots[i].number - 1], expr)))
		i = (i + 1) & (unit->nr_expr_slots - 1);
	return &unit->expr_slots[i];
}

/* @count is a power of two. */
static void set_expr_slots(struct wq_unit *unit, unsigned int count)
{
	const struct wq_expr_slot *old = unit->expr_slots;
	unsigned int i, nr_old = unit->nr_expr_slots;
	size_t to;

	unit->nr_expr_slots = count;
	unit->expr_slots = wq_arena_alloc(unit->arena, unit->nr_expr_slots *
						       sizeof(*old));
	for (i = 0; i < nr_old; i++) {
		to = old[i].hash & (unit->nr_expr_slots - 1);
		while (old[i].number && unit->expr_slots[to].number)
			to = (to + 1) & (unit->nr_expr_slots - 1);
		if (old[i].number)
			unit->expr_slots[to] = old[i];
	}
}

static unsigned int expr_depth(const struct wq_expr *expr)
{
	unsigned int i, depth = expr->base ? expr->base->depth : 0;

	for (i = 0; i < expr->nr_alternatives; i++)
		if (expr->alternatives[i]->depth > depth)
			depth = expr->alternatives[i]->depth;
	return depth + 1;
}

static unsigned int expr_size(const struct wq_expr *expr)
{
	unsigned int i, size = 1 + (expr->base ? expr->base->size : 0);

	for (i = 0; i < expr->nr_alternatives; i++)
		size += expr->alternatives[i]->size;
	return size;
}

const struct wq_expr *wq_unit_expr(struct wq_unit *unit,
				   const struct wq_expr *wanted)
{
	unsigned int depth = expr_depth(wanted), size = expr_size(wanted);
	uint32_t hash = expr_hash(wanted);
	struct wq_expr_slot *slot;
	struct wq_expr *expr;

	if (depth > WQ_MAX_EXPR_DEPTH || size > WQ_MAX_EXPR_SIZE)
		return wq_expr_unknown(unit);
	if (unit->nr_exprs * 2 >= unit->nr_expr_slots)
		set_expr_slots(unit, unit->nr_expr_slots
			       ? unit->nr_expr_slots * 2 : 64);
	slot = find_expr_slot(unit, wanted, hash);
	if (slot->number)
		return unit->exprs[slot->number - 1];
	expr = wq_arena_copy_of(unit->arena, wanted, sizeof(*expr));
	expr->alternatives = copy_exprs(unit, wanted->alternatives,
					wanted->nr_alternatives);
	expr->depth = depth;
	expr->size = size;
	expr->index = unit->nr_exprs;
	expr->unit = unit;
	append_pointer(unit, &unit->exprs, &unit->nr_exprs, unit->max_exprs,
		       expr);
	*slot = (struct wq_expr_slot){ hash, unit->nr_exprs };
	return expr;
}

/* The one object for @wanted, whose strings are interned here. */
static const struct wq_expr *intern_expr(struct wq_unit *unit,
					 struct wq_expr wanted)
{
	wanted.name = wq_arena_intern(unit->arena, wanted.name);
	wanted.type = wq_arena_intern(unit->arena, wanted.type);
	wanted.field_type = wq_arena_intern(unit->arena, wanted.field_type);
	return wq_unit_expr(unit, &wanted);
}

const struct wq_expr *wq_expr_unknown(struct wq_unit *unit)
{
	return intern_expr(unit, (struct wq_expr){ .kind = WQ_EXPR_UNKNOWN });
}

const struct wq_expr *wq_expr_null(struct wq_unit *unit)
{
	return intern_expr(unit, (struct wq_expr){ .kind = WQ_EXPR_NULL });
}

const struct wq_expr *wq_expr_const(struct wq_unit *unit, long long number)
{
	return intern_expr(unit, (struct wq_expr){
		.kind = WQ_EXPR_CONST, .number = number });
}

const struct wq_expr *wq_expr_string(struct wq_unit *unit, const char *text)
{
	return intern_expr(unit, (struct wq_expr){
		.kind = WQ_EXPR_STRING, .name = text });
}

const struct wq_expr *wq_expr_func(struct wq_unit *unit, const char *name,
				   bool is_static)
{
	return intern_expr(unit, (struct wq_expr){
		.kind = WQ_EXPR_FUNC, .name = name, .is_static = is_static });
}

const struct wq_expr *wq_expr_global(struct wq_unit *unit, const char *name,
				     bool is_static)
{
	return intern_expr(unit, (struct wq_expr){
		.kind = WQ_EXPR_GLOBAL, .name = name, .is_static = is_static });
}

const struct wq_expr *wq_expr_local(struct wq_unit *unit,
				    const struct wq_function *function,
				    const char *name)
{
	return intern_expr(unit, (struct wq_expr){
		.kind = WQ_EXPR_LOCAL, .name = name, .function = function });
}

const struct wq_expr *wq_expr_param(struct wq_unit *unit,
				    const struct wq_function *function,
				    unsigned int number)
{
	return intern_expr(unit, (struct wq_expr){
		.kind = WQ_EXPR_PARAM, .number = number,
		.function = function });
}

const struct wq_expr *wq_expr_result(struct wq_unit *unit,
				     const struct wq_event *event)
{
	return intern_expr(unit, (struct wq_expr){
		.kind = WQ_EXPR_RESULT, .event = event });
}

const struct wq_expr *wq_expr_field(struct wq_unit *unit,
				    const struct wq_expr *base,
				    const char *type, const char *name,
				    const char *field_type)
{
	return intern_expr(unit, (struct wq_expr){
		.kind = WQ_EXPR_FIELD, .base = base, .type = type,
		.name = name, .field_type = field_type });
}

const struct wq_expr *wq_expr_index(struct wq_unit *unit,
				    const struct wq_expr *base,
				    long long number)
{
	return intern_expr(unit, (struct wq_expr){
		.kind = WQ_EXPR_INDEX, .base = base, .number = number });
}

const struct wq_expr *wq_expr_outer(struct wq_unit *unit,
				    const struct wq_expr *base,
				    const char *type, const char *name)
{
	return intern_expr(unit, (struct wq_expr){
		.kind = WQ_EXPR_OUTER, .base = base, .type = type,
		.name = name });
}

const struct wq_expr *wq_expr_load(struct wq_unit *unit,
				   const struct wq_expr *base)
{
	return intern_expr(unit, (struct wq_expr){
		.kind = WQ_EXPR_LOAD, .base = base });
}

#define MAX_ALTERNATIVES 16

const struct wq_expr *wq_expr_any(struct wq_unit *unit,
				  const struct wq_expr *const *alternatives,
				  unsigned int count)
{
	const struct wq_expr *distinct[MAX_ALTERNATIVES];
	unsigned int i, j, nr_distinct = 0;

	for (i = 0; i < count; i++) {
		for (j = 0; j < nr_distinct; j++)
			if (distinct[j] == alternatives[i])
				break;
		if (j < nr_distinct)
			continue;
		if (nr_distinct == MAX_ALTERNATIVES)
			return wq_expr_unknown(unit);
		distinct[nr_distinct++] = alternatives[i];
	}
	if (!nr_distinct)
		return wq_expr_unknown(unit);
	if (nr_distinct == 1)
		return distinct[0];
	return intern_expr(unit, (struct wq_expr){
		.kind = WQ_EXPR_ANY, .alternatives = distinct,
		.nr_alternatives = nr_distinct });
}
