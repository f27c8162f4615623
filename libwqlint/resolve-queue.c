/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which queues a pointer may hold: through stores, arguments and return
 * values, with the steps on the way.
 */
#include <string.h>

#include "address.h"
#include "api.h"

bool wq_is_system_queue(const char *name)
{
	return wq_system_queue_find(name) != NULL;
}

struct queue_search {
	const struct wq_program *program;
	struct wq_queue_alternative *list, **end;
	unsigned int count;
	const char *slots[WQ_MAX_DEPTH];	/* being looked up: cycles end */
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
	if (search->count == WQ_MAX_FOUND)
		return;
	search->count++;
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
	if (!count || search->nr_slots == WQ_MAX_DEPTH) {
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
	struct wq_address pointer = wq_address_peel(search->program, address,
						    context);

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
	const struct wq_expr *arg = wq_argument_of(search->program, param,
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
	if (!callee || !wq_program_spend(search->program,
					 callee->nr_events / 64)) {
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

	if (!wq_program_spend(search->program, 1))
		return;
	if (!expr || trail.depth >= WQ_MAX_DEPTH ||
	    search->nr_visits++ >= WQ_MAX_VISITS) {
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
