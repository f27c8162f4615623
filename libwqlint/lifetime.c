/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What functions do, with all that they call: what a handler lets go last,
 * which locks it takes, and which functions are teardown.
 */
#include <string.h>

#include "judge.h"
#include "resolve.h"

#define MAX_CALL_DEPTH	8

/* Walking what a function does */

struct walk {
	const struct wq_program *program;
	const struct wq_function *stack[MAX_CALL_DEPTH];
	unsigned int depth;
	unsigned int budget;	/* of events, for graphs without end */
	wq_event_fn fn;
	void *data;
};

static bool walk(struct walk *state, const struct wq_function *function)
{
	const struct wq_function *callee;
	unsigned int i;

	for (i = 0; i < state->depth; i++)
		if (state->stack[i] == function)
			return false;
	if (state->depth == MAX_CALL_DEPTH)
		return false;
	if (!wq_program_spend(state->program, 1 + function->nr_events / 64))
		return false;
	state->stack[state->depth++] = function;
	for (i = 0; i < function->nr_events && state->budget; i++) {
		const struct wq_event *event = function->events[i];

		state->budget--;
		if (state->fn(event, state->data))
			return true;
		if (event->kind != WQ_EVENT_CALL || !event->callee ||
		    event->managed)
			continue;
		callee = wq_program_function(state->program, function->unit,
					     event->callee);
		if (callee && walk(state, callee))
			return true;
	}
	state->depth--;
	return false;
}

bool wq_walk_events(const struct wq_program *program,
		    const struct wq_function *function, wq_event_fn fn,
		    void *data)
{
	struct walk state = {
		.program = program, .budget = 20000, .fn = fn, .data = data,
	};

	return walk(&state, function);
}

static bool walk_handlers(const struct wq_program *program,
			  const struct wq_work *work, wq_event_fn fn,
			  void *data)
{
	unsigned int i;

	for (i = 0; i < work->nr_handlers; i++)
		if (wq_walk_events(program, work->handlers[i], fn, data))
			return true;
	return false;
}

static bool is_queue_wait(const struct wq_event *event, void *data)
{
	(void)data;
	return wq_event_waits_for_queue(event);
}

bool wq_work_flushes(const struct wq_program *program,
		     const struct wq_work *work)
{
	return walk_handlers(program, work, is_queue_wait, NULL);
}

struct lock_search {
	const struct wq_program *program;
	const char *lock;
};

static bool takes_lock(const struct wq_event *event, void *data)
{
	const struct lock_search *search = data;
	const char *slot;

	if (event->kind != WQ_EVENT_LOCK || !event->object)
		return false;
	slot = wq_resolve_slot(search->program, event->object, NULL);
	return slot && !strcmp(slot, search->lock);
}

bool wq_function_takes(const struct wq_program *program,
		       const struct wq_function *function, const char *lock)
{
	struct lock_search search = { program, lock };

	return wq_walk_events(program, function, takes_lock, &search);
}

/* What a handler does last */

struct let_go {
	const struct wq_program *program;
	const struct wq_work *work;
	bool frees_container;	/* seen while walking */
	bool puts_other;	/* a reference on what the container points to */
	const char *reason;
};

/* Is @expr the address of a struct @tag, or of something inside one? */
static bool is_inside(const struct wq_expr *expr, const char *tag)
{
	for (; expr && (expr->kind == WQ_EXPR_FIELD ||
			expr->kind == WQ_EXPR_INDEX); expr = expr->base)
		if (expr->type && tag && !strcmp(expr->type, tag))
			return true;
	return expr && expr->kind == WQ_EXPR_OUTER && expr->type && tag &&
	       !strcmp(expr->type, tag);
}

/* Is @expr a pointer that a struct @tag holds? */
static bool is_held_by(const struct wq_expr *expr, const char *tag)
{
	while (expr && (expr->kind == WQ_EXPR_FIELD ||
			expr->kind == WQ_EXPR_INDEX))
		expr = expr->base;
	return expr && expr->kind == WQ_EXPR_LOAD && is_inside(expr->base, tag);
}

/* Does anything in the program wait for what @signal signals? */
static bool is_waited_for(const struct wq_program *program,
			  const struct wq_event *signal)
{
	const char *slot = signal->object
		? wq_resolve_slot(program, signal->object, NULL) : NULL;
	unsigned int i, j;

	for (i = 0; slot && i < program->nr_units &&
	     wq_program_spend(program, program->units[i]->nr_events / 64); i++)
		for (j = 0; j < program->units[i]->nr_events; j++) {
			const struct wq_event *event =
				program->units[i]->events[j];
			const char *waited;

			if (event->kind != WQ_EVENT_WAIT || !event->object)
				continue;
			waited = wq_resolve_slot(program, event->object, NULL);
			if (waited && !strcmp(waited, slot))
				return true;
		}
	return false;
}

static bool notice(const struct wq_event *event, void *data)
{
	struct let_go *state = data;
	const char *tag = state->work->item->type;

	switch (event->kind) {
	case WQ_EVENT_PUT:
		if (event->callee && !strcmp(event->callee, "module_put"))
			state->reason = "its handler ends in module_put()";
		else if (is_inside(event->object, tag))
			state->reason = "its handler drops a reference on "
					"the object it is in";
		else if (is_held_by(event->object, tag))
			state->puts_other = true;
		break;
	case WQ_EVENT_SIGNAL:
		if (is_waited_for(state->program, event))
			state->reason = "its handler signals what another "
					"function waits for";
		break;
	case WQ_EVENT_FREE:
		if (event->type && tag && !strcmp(event->type, tag))
			state->frees_container = true;
		break;
	default:
		break;
	}
	return state->reason != NULL;
}

const char *wq_work_lets_go(const struct wq_program *program,
			    const struct wq_work *work)
{
	struct let_go state = { .program = program, .work = work };

	walk_handlers(program, work, notice, &state);
	if (state.reason)
		return state.reason;
	if (state.frees_container && state.puts_other)
		return "its handler frees the object it is in and drops a "
		       "reference that object holds";
	if (!program->can_unload && (!work->item->type || state.frees_container))
		return "this code is built in and cannot go away";
	return NULL;
}

/* Teardown */

/* Members of ops tables through which a device or object goes away. */
static bool is_teardown_slot(const char *role)
{
	static const char *const slots[] = {
		"cleanup", "deinit", "destroy", "detach", "disconnect", "dtor",
		"exit", "fini", "ndo_uninit", "release", "remove",
		"remove_new", "unbind", "uninit",
	};
	const char *slot = strrchr(role, '.');
	size_t i;

	slot = slot ? slot + 1 : role;
	for (i = 0; i < sizeof(slots) / sizeof(*slots); i++)
		if (!strcmp(slot, slots[i]))
			return true;
	return !strcmp(role, "module_exit");
}

static bool is_teardown_root(const struct wq_function *function,
			     const char *type)
{
	unsigned int i;

	if (function->section == WQ_EXIT_TEXT)
		return true;
	for (i = 0; i < function->nr_roles; i++)
		if (is_teardown_slot(function->roles[i]))
			return true;
	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event->kind == WQ_EVENT_DESTROY_QUEUE ||
		    (event->kind == WQ_EVENT_FREE && type && event->type &&
		     !strcmp(event->type, type)))
			return true;
	}
	return false;
}

typedef bool (*function_test)(const struct wq_function *function,
			      const char *type);

/* Does @test hold for @function, its callers, theirs, up to a depth? */
static bool holds_upwards(const struct wq_program *program,
			  const struct wq_function *function,
			  function_test test, const char *type,
			  unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (test(function, type))
		return true;
	callers = wq_program_callers(program, function, &count);
	for (i = 0; depth && i < count; i++)
		if (callers[i]->function &&
		    holds_upwards(program, callers[i]->function, test, type,
				  depth - 1))
			return true;
	return false;
}

bool wq_function_tears_down(const struct wq_program *program,
			    const struct wq_function *function,
			    const char *type)
{
	return holds_upwards(program, function, is_teardown_root, type, 4);
}

static bool is_exported(const struct wq_function *function, const char *type)
{
	(void)type;
	return wq_function_has_role(function, "exported");
}

bool wq_function_is_exported(const struct wq_program *program,
			     const struct wq_function *function)
{
	return holds_upwards(program, function, is_exported, NULL, 4);
}
