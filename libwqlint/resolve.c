/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values of a program. An address is peeled into a root and the members
 * walked from it; the outermost struct with a name and the members below it
 * are its identity, because two functions that reach the same member through
 * different pointers mean the same member.
 */
#include <string.h>

#include "api.h"
#include "resolve.h"

#define MAX_STEPS	16
#define MAX_DEPTH	12
#define MAX_ALTERNATIVES 32
#define MAX_VISITS	2000	/* of values, while looking for one */

bool wq_is_system_queue(const char *name)
{
	return wq_system_queue_find(name) != NULL;
}

/* An address: where it starts, and the steps from there, innermost first. */
struct address {
	const struct wq_expr *root;
	const struct wq_context *context;	/* of the root */
	const struct wq_expr *steps[MAX_STEPS];
	unsigned int nr_steps;
};

/* The argument that @param stands for in @context, or NULL. */
static const struct wq_expr *argument_of(const struct wq_program *program,
					 const struct wq_expr *param,
					 const struct wq_context *context)
{
	const struct wq_event *call = context ? context->call : NULL;

	if (!call || param->number < 0 || param->number >= call->nr_args ||
	    !call->function || !call->callee ||
	    wq_program_function(program, call->function->unit,
				call->callee) != param->function)
		return NULL;
	return call->args[param->number];
}

static bool is_work_inside(const struct wq_expr *step)
{
	return step->kind == WQ_EXPR_FIELD && step->type &&
	       !strcmp(step->name, "work") &&
	       (!strcmp(step->type, "delayed_work") ||
		!strcmp(step->type, "rcu_work") ||
		!strcmp(step->type, "execute_work"));
}

/* Split @expr into root and steps; parameters are replaced in @context. */
static struct address peel(const struct wq_program *program,
			   const struct wq_expr *expr,
			   const struct wq_context *context)
{
	struct address address = { .context = context };
	const struct wq_expr *next;
	unsigned int depth;

	for (depth = 0; depth < 4 * MAX_STEPS; depth++) {
		next = NULL;
		if (expr->kind == WQ_EXPR_FIELD || expr->kind == WQ_EXPR_INDEX) {
			if (is_work_inside(expr) && !address.nr_steps) {
				expr = expr->base;
				continue;
			}
			if (address.nr_steps == MAX_STEPS)
				break;
			address.steps[address.nr_steps++] = expr;
			next = expr->base;
		} else if (expr->kind == WQ_EXPR_PARAM) {
			next = argument_of(program, expr, address.context);
			if (next)
				address.context = address.context->up;
		} else if (expr->kind == WQ_EXPR_OUTER && expr->name) {
			/* container_of() of a member that is known. */
			const struct wq_expr *inner = expr->base;

			if (inner->kind == WQ_EXPR_PARAM)
				inner = argument_of(program, inner,
						    address.context);
			if (inner && inner->kind == WQ_EXPR_FIELD &&
			    inner->type && expr->type && inner->name &&
			    !strcmp(inner->type, expr->type) &&
			    !strcmp(inner->name, expr->name)) {
				if (inner != expr->base)
					address.context = address.context->up;
				next = inner->base;
			}
		}
		if (!next)
			break;
		expr = next;
	}
	address.root = expr;
	return address;
}

/* Names of the members from the outermost step inwards, dots between. */
static const char *join_steps(const struct wq_program *program,
			      const struct address *address,
			      unsigned int outermost)
{
	const char *path = "";
	unsigned int i;

	for (i = outermost + 1; i-- > 0;) {
		if (address->steps[i]->kind != WQ_EXPR_FIELD)
			continue;
		path = *path ? wq_arena_printf(program->arena, "%s.%s", path,
					       address->steps[i]->name)
			     : address->steps[i]->name;
	}
	return path;
}

/* The outermost step that is a member of a struct with a name, or -1. */
static int outermost_typed(const struct address *address)
{
	unsigned int i;

	for (i = address->nr_steps; i-- > 0;)
		if (address->steps[i]->kind == WQ_EXPR_FIELD)
			return address->steps[i]->type ? (int)i : -1;
	return -1;
}

static bool is_main_type(const struct wq_unit *unit, const char *tag)
{
	const struct wq_type *type = wq_unit_find_type(unit, tag);

	return type && type->in_main_file;
}

/* Carry a struct that is part of exactly one other on to that one. */
static void extend(const struct wq_program *program, struct wq_item *item)
{
	unsigned int depth, count;

	for (depth = 0; depth < 4; depth++) {
		const struct wq_expr *outer =
			wq_program_embedding(program, item->type, &count);

		if (count > 1)
			item->ambiguous = true;
		if (!outer || !outer->type)
			return;
		item->type = outer->type;
		item->member = wq_arena_printf(program->arena, "%s.%s",
					       outer->name, item->member);
	}
}

static void name_typed(const struct wq_program *program,
		       const struct address *address, int outermost,
		       struct wq_item *item)
{
	const struct wq_unit *unit = address->root->unit;

	item->type = address->steps[outermost]->type;
	item->member = join_steps(program, address, (unsigned int)outermost);
	if (!item->instance)
		extend(program, item);
	item->name = wq_arena_printf(program->arena, "struct %s.%s",
				     item->type, item->member);
	item->is_confined = is_main_type(unit, item->type);
	item->key = item->is_confined
		? wq_arena_printf(program->arena, "%s@%s", item->name,
				  unit->source)
		: item->name;
}

/* An object with a name, or an unnamed struct's member in one. */
static void name_object(const struct wq_program *program,
			const struct address *address, struct wq_item *item)
{
	const struct wq_expr *root = address->root;
	const char *path = address->nr_steps
		? join_steps(program, address, address->nr_steps - 1) : "";

	item->name = *path ? wq_arena_printf(program->arena, "%s.%s",
					     root->name, path) : root->name;
	item->is_confined = root->is_static || root->kind == WQ_EXPR_LOCAL;
	item->key = item->name;
	if (root->kind == WQ_EXPR_LOCAL)
		item->key = wq_arena_printf(program->arena, "%s:%s@%s",
					    root->function->name, item->name,
					    root->function->unit->source);
	else if (root->is_static)
		item->key = wq_arena_printf(program->arena, "%s@%s",
					    item->name,
					    root->unit->source);
}

/* Fill @item for memory whose address does not have to be looked up. */
static void name_address(const struct wq_program *program,
			 const struct address *address, struct wq_item *item)
{
	int outermost = outermost_typed(address);
	bool is_object = address->root->kind == WQ_EXPR_GLOBAL ||
			 address->root->kind == WQ_EXPR_LOCAL;
	unsigned int i;

	item->element = -1;
	for (i = 0; i < address->nr_steps; i++)
		if (address->steps[i]->kind == WQ_EXPR_INDEX)
			item->element = address->steps[i]->number;
	item->on_stack = address->root->kind == WQ_EXPR_LOCAL;
	if (is_object)
		item->instance = address->root->name;
	if (outermost >= 0)
		name_typed(program, address, outermost, item);
	else if (is_object)
		name_object(program, address, item);
}

const char *wq_resolve_slot(const struct wq_program *program,
			    const struct wq_expr *expr,
			    const struct wq_context *context)
{
	struct address address = peel(program, expr, context);
	struct wq_item item = { .key = NULL };

	name_address(program, &address, &item);
	return item.key;
}

bool wq_expr_needs_context(const struct wq_program *program,
			   const struct wq_expr *expr)
{
	struct address address;
	unsigned int i, count;
	int outermost;

	if (!expr)
		return false;
	switch (expr->kind) {
	case WQ_EXPR_LOAD:
		return wq_expr_needs_context(program, expr->base);
	case WQ_EXPR_ANY:
		for (i = 0; i < expr->nr_alternatives; i++)
			if (wq_expr_needs_context(program,
						  expr->alternatives[i]))
				return true;
		return false;
	case WQ_EXPR_RESULT:
		if (!expr->event->function || !expr->event->callee ||
		    !wq_program_function(program, expr->event->function->unit,
					 expr->event->callee))
			return false;
		for (i = 0; i < expr->event->nr_args; i++)
			if (expr->event->args[i]->kind == WQ_EXPR_PARAM)
				return true;
		return false;
	default:
		break;
	}
	address = peel(program, expr, NULL);
	if (address.root->kind != WQ_EXPR_PARAM)
		return false;
	outermost = outermost_typed(&address);
	if (outermost < 0)
		return true;
	wq_program_embedding(program, address.steps[outermost]->type, &count);
	return count > 0;
}

/* Queues */

struct queue_search {
	const struct wq_program *program;
	struct wq_queue_alternative *list, **end;
	unsigned int count;
	const char *slots[MAX_DEPTH];	/* being looked up: cycles end */
	unsigned int nr_slots;
	unsigned int nr_visits;
};

/* What a value met on its way; the innermost (last) step is kept first. */
struct trail {
	const struct wq_step *steps;
	const struct wq_event *store;	/* whose conditions hold, or NULL */
	unsigned int depth;
};

static struct trail step_on(const struct queue_search *search,
			    struct trail trail, const struct wq_event *event)
{
	struct wq_step *step = wq_arena_alloc(search->program->arena,
					      sizeof(*step));

	step->event = event;
	step->next = trail.steps;
	trail.steps = step;
	trail.depth++;
	if (event->kind == WQ_EVENT_STORE)
		trail.store = event;
	return trail;
}

static void add_queue(struct queue_search *search, enum wq_queue_kind kind,
		      const char *name, const struct wq_event *alloc,
		      struct trail trail)
{
	struct wq_queue_alternative *alternative;

	for (alternative = search->list; alternative;
	     alternative = (struct wq_queue_alternative *)alternative->next)
		if (alternative->kind == kind && alternative->name == name &&
		    alternative->alloc == alloc &&
		    (alternative->steps ? alternative->steps->event : NULL) ==
		    (trail.steps ? trail.steps->event : NULL))
			return;
	if (search->count++ == MAX_ALTERNATIVES)
		return;
	alternative = wq_arena_alloc(search->program->arena,
				     sizeof(*alternative));
	alternative->kind = kind;
	alternative->name = name;
	alternative->alloc = alloc;
	alternative->steps = trail.steps;
	alternative->store = trail.store;
	*search->end = alternative;
	search->end = (struct wq_queue_alternative **)&alternative->next;
}

static void find_queues(struct queue_search *search,
			const struct wq_expr *expr,
			const struct wq_context *context, struct trail trail);

/* kernel/workqueue.c itself allocates the shared queues: there they are own. */
static bool is_system_variable(const struct queue_search *search,
			       const struct wq_expr *address)
{
	unsigned int count;

	if (address->kind != WQ_EXPR_GLOBAL || address->is_static ||
	    !wq_is_system_queue(address->name))
		return false;
	wq_program_stores(search->program, address->name, &count);
	return !count;
}

typedef void (*follow_fn)(struct queue_search *search,
			  const struct wq_expr *expr,
			  const struct wq_context *context,
			  struct trail trail);

/* Go on with @follow at each value that is stored in @slot. */
static void find_stored(struct queue_search *search, const char *slot,
			struct trail trail, follow_fn follow)
{
	const struct wq_store *stores = NULL;
	unsigned int i, count = 0;

	for (i = 0; slot && i < search->nr_slots; i++)
		if (!strcmp(search->slots[i], slot))
			return;
	if (slot)
		stores = wq_program_stores(search->program, slot, &count);
	if (!count || search->nr_slots == MAX_DEPTH) {
		add_queue(search, WQ_QUEUE_UNKNOWN, slot, NULL, trail);
		return;
	}
	search->slots[search->nr_slots++] = slot;
	for (i = 0; i < count; i++)
		follow(search, stores[i].event->value, stores[i].context,
		       step_on(search, trail, stores[i].event));
	search->nr_slots--;
}

/* What is stored at @address, which is a value itself. */
static void find_loaded(struct queue_search *search,
			const struct wq_expr *address,
			const struct wq_context *context, struct trail trail)
{
	struct address pointer = peel(search->program, address, context);

	/* A parameter may be the address of the variable itself. */
	if (!pointer.nr_steps) {
		address = pointer.root;
		context = pointer.context;
	}
	if (is_system_variable(search, address))
		add_queue(search, WQ_QUEUE_SYSTEM,
			  wq_system_queue_find(address->name)->name, NULL,
			  trail);
	else if (address->kind == WQ_EXPR_LOAD)		/* **pointer */
		find_stored(search, wq_resolve_slot(search->program,
						    address->base, context),
			    trail, find_loaded);
	else
		find_stored(search, wq_resolve_slot(search->program, address,
						    context),
			    trail, find_queues);
}

static void find_argument(struct queue_search *search,
			  const struct wq_expr *param,
			  const struct wq_context *context, struct trail trail)
{
	const struct wq_expr *arg = argument_of(search->program, param,
						context);
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (arg) {
		find_queues(search, arg, context->up,
			    step_on(search, trail, context->call));
		return;
	}
	if (context || wq_program_is_open(search->program, param->function))
		add_queue(search, WQ_QUEUE_UNKNOWN, NULL, NULL, trail);
	if (context)
		return;
	callers = wq_program_callers(search->program, param->function, &count);
	for (i = 0; i < count; i++)
		if (param->number < callers[i]->nr_args)
			find_queues(search, callers[i]->args[param->number],
				    NULL, step_on(search, trail, callers[i]));
}

static void find_returned(struct queue_search *search,
			  const struct wq_event *call,
			  const struct wq_context *context, struct trail trail)
{
	const struct wq_function *callee = NULL;
	struct wq_context *inner;
	unsigned int i;

	if (call->kind == WQ_EVENT_ALLOC_QUEUE) {
		add_queue(search, WQ_QUEUE_OWN, NULL, call, trail);
		return;
	}
	if (call->callee && !strcmp(call->callee, "ERR_PTR")) {
		add_queue(search, WQ_QUEUE_NULL, NULL, NULL, trail);
		return;
	}
	if (call->function && call->callee && call->kind == WQ_EVENT_CALL)
		callee = wq_program_function(search->program,
					     call->function->unit,
					     call->callee);
	if (!callee) {
		add_queue(search, WQ_QUEUE_UNKNOWN, NULL, NULL, trail);
		return;
	}
	inner = wq_arena_alloc(search->program->arena, sizeof(*inner));
	inner->call = call;
	inner->up = context;
	for (i = 0; i < callee->nr_events; i++)
		if (callee->events[i]->kind == WQ_EVENT_RETURN)
			find_queues(search, callee->events[i]->value, inner,
				    step_on(search, trail, callee->events[i]));
}

static void find_queues(struct queue_search *search,
			const struct wq_expr *expr,
			const struct wq_context *context, struct trail trail)
{
	unsigned int i;

	if (!expr || trail.depth >= MAX_DEPTH ||
	    search->nr_visits++ >= MAX_VISITS) {
		add_queue(search, WQ_QUEUE_UNKNOWN, NULL, NULL, trail);
		return;
	}
	switch (expr->kind) {
	case WQ_EXPR_NULL:
	case WQ_EXPR_CONST:
		add_queue(search, WQ_QUEUE_NULL, NULL, NULL, trail);
		break;
	case WQ_EXPR_LOAD:
		find_loaded(search, expr->base, context, trail);
		break;
	case WQ_EXPR_PARAM:
		find_argument(search, expr, context, trail);
		break;
	case WQ_EXPR_RESULT:
		find_returned(search, expr->event, context, trail);
		break;
	case WQ_EXPR_ANY:
		for (i = 0; i < expr->nr_alternatives; i++)
			find_queues(search, expr->alternatives[i], context,
				    trail);
		break;
	default:
		add_queue(search, WQ_QUEUE_UNKNOWN, NULL, NULL, trail);
	}
}

const struct wq_queue_alternative *wq_resolve_queue(
	const struct wq_program *program, const struct wq_expr *expr,
	const struct wq_context *context)
{
	struct queue_search search = { .program = program };
	struct trail trail = { .steps = NULL };

	search.end = &search.list;
	find_queues(&search, expr, context, trail);
	/* A cycle of stores with nothing that starts it. */
	if (!search.list)
		add_queue(&search, WQ_QUEUE_UNKNOWN, NULL, NULL, trail);
	return search.list;
}

/* Work items */

struct item_search {
	const struct wq_program *program;
	struct wq_item *list;
	unsigned int count;
	unsigned int nr_visits;
};

static void add_item(struct item_search *search, const struct wq_item *found)
{
	struct wq_item *item;

	for (item = search->list; item; item = (struct wq_item *)item->next)
		if (item->key == found->key ||
		    (item->key && found->key &&
		     !strcmp(item->key, found->key) &&
		     item->element == found->element))
			return;
	if (search->count++ == MAX_ALTERNATIVES)
		return;
	item = wq_arena_alloc(search->program->arena, sizeof(*item));
	*item = *found;
	item->next = search->list;
	search->list = item;
}

static void find_items(struct item_search *search, const struct wq_expr *expr,
		       const struct wq_context *context, unsigned int depth);

/* A pointer to a work item that was stored somewhere. */
static void find_stored_items(struct item_search *search,
			      const struct wq_expr *address,
			      const struct wq_context *context,
			      unsigned int depth)
{
	const char *slot = wq_resolve_slot(search->program, address, context);
	struct wq_item unknown = { .element = -1 };
	const struct wq_store *stores = NULL;
	unsigned int i, count = 0;

	if (slot)
		stores = wq_program_stores(search->program, slot, &count);
	if (!count)
		add_item(search, &unknown);
	for (i = 0; i < count; i++)
		find_items(search, stores[i].event->value, stores[i].context,
			   depth + 1);
}

static void find_returned_items(struct item_search *search,
				const struct wq_event *call,
				const struct wq_context *context,
				unsigned int depth)
{
	struct wq_context *inner = wq_arena_alloc(search->program->arena,
						  sizeof(*inner));
	const struct wq_function *callee = NULL;
	struct wq_item unknown = { .element = -1 };
	unsigned int i;

	inner->call = call;
	inner->up = context;
	if (call->function && call->callee)
		callee = wq_program_function(search->program,
					     call->function->unit,
					     call->callee);
	if (!callee)
		add_item(search, &unknown);
	for (i = 0; callee && i < callee->nr_events; i++)
		if (callee->events[i]->kind == WQ_EVENT_RETURN)
			find_items(search, callee->events[i]->value, inner,
				   depth + 1);
}

static void find_passed_items(struct item_search *search,
			      const struct address *address,
			      unsigned int depth)
{
	const struct wq_event *const *callers;
	const struct wq_expr *param = address->root;
	struct wq_item unknown = { .element = -1 };
	unsigned int i, count;

	callers = wq_program_callers(search->program, param->function, &count);
	if (!count || address->context ||
	    wq_program_is_open(search->program, param->function))
		add_item(search, &unknown);
	if (address->context)
		return;
	for (i = 0; i < count; i++)
		if (param->number < callers[i]->nr_args)
			find_items(search, callers[i]->args[param->number],
				   NULL, depth + 1);
}

static void find_items(struct item_search *search, const struct wq_expr *expr,
		       const struct wq_context *context, unsigned int depth)
{
	struct address address = peel(search->program, expr, context);
	struct wq_item item = { .element = -1 };
	unsigned int i;

	name_address(search->program, &address, &item);
	if (item.key || depth >= MAX_DEPTH || address.nr_steps ||
	    search->nr_visits++ >= MAX_VISITS) {
		add_item(search, &item);
		return;
	}
	switch (address.root->kind) {
	case WQ_EXPR_NULL:
		break;
	case WQ_EXPR_ANY:
		for (i = 0; i < address.root->nr_alternatives; i++)
			find_items(search, address.root->alternatives[i],
				   address.context, depth + 1);
		break;
	case WQ_EXPR_LOAD:
		find_stored_items(search, address.root->base, address.context,
				  depth);
		break;
	case WQ_EXPR_RESULT:
		find_returned_items(search, address.root->event,
				    address.context, depth);
		break;
	case WQ_EXPR_PARAM:
		find_passed_items(search, &address, depth);
		break;
	default:
		add_item(search, &item);
	}
}

const struct wq_item *wq_resolve_item(const struct wq_program *program,
				      const struct wq_expr *expr,
				      const struct wq_context *context)
{
	struct item_search search = { .program = program };

	if (expr)
		find_items(&search, expr, context, 0);
	return search.list;
}

const struct wq_expr *wq_resolve_function(const struct wq_program *program,
					  const struct wq_expr *expr,
					  const struct wq_context *context)
{
	unsigned int depth;

	for (depth = 0; expr && depth < MAX_DEPTH; depth++) {
		if (expr->kind == WQ_EXPR_FUNC)
			return expr;
		if (expr->kind != WQ_EXPR_PARAM)
			return NULL;
		expr = argument_of(program, expr, context);
		context = context ? context->up : NULL;
	}
	return NULL;
}

static bool instances_differ(const struct wq_item *a, const struct wq_item *b)
{
	if (a->instance && b->instance && strcmp(a->instance, b->instance))
		return true;
	return a->element >= 0 && b->element >= 0 && a->element != b->element;
}

bool wq_item_same(const struct wq_item *a, const struct wq_item *b)
{
	return a && b && a->key && b->key && !a->ambiguous && !b->ambiguous &&
	       !strcmp(a->key, b->key) && !instances_differ(a, b);
}

/* Is "work" the last part of "tx.work"? */
static bool is_tail(const char *tail, const char *path)
{
	size_t tail_bytes = strlen(tail), path_bytes = strlen(path);

	return tail_bytes < path_bytes &&
	       path[path_bytes - tail_bytes - 1] == '.' &&
	       !strcmp(path + path_bytes - tail_bytes, tail);
}

bool wq_item_may_alias(const struct wq_item *a, const struct wq_item *b)
{
	if (!a || !b)
		return false;
	if (!a->key || !b->key)
		return true;
	if (!strcmp(a->key, b->key))
		return !instances_differ(a, b);
	if (!a->member || !b->member)
		return false;
	return (a->ambiguous && is_tail(a->member, b->member)) ||
	       (b->ambiguous && is_tail(b->member, a->member));
}

/* Conditions */

static const char *tested_slot(const struct wq_program *program,
			       const struct wq_expr *expr)
{
	return expr->kind == WQ_EXPR_LOAD
	       ? wq_resolve_slot(program, expr->base, NULL) : NULL;
}

static bool same_operand(const struct wq_program *program,
			 const struct wq_expr *a, const struct wq_expr *b)
{
	const char *slot_a, *slot_b;

	if (a == b)
		return true;
	if (a->kind != b->kind)
		return false;
	if (a->kind == WQ_EXPR_NULL)
		return true;
	if (a->kind == WQ_EXPR_CONST)
		return a->number == b->number;
	slot_a = tested_slot(program, a);
	slot_b = tested_slot(program, b);
	return slot_a && slot_b && !strcmp(slot_a, slot_b);
}

bool wq_condition_contradicts(const struct wq_program *program,
			      const struct wq_condition *a,
			      const struct wq_condition *b)
{
	if (!same_operand(program, a->left, b->left))
		return false;
	if (same_operand(program, a->right, b->right))
		return a->relation != b->relation;
	/* x == 1 and x == 2; x == 1 and x == 0 */
	return a->relation == WQ_EQUAL && b->relation == WQ_EQUAL &&
	       (a->right->kind == WQ_EXPR_CONST ||
		a->right->kind == WQ_EXPR_NULL) &&
	       (b->right->kind == WQ_EXPR_CONST ||
		b->right->kind == WQ_EXPR_NULL);
}
