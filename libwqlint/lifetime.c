/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What functions do, with all that they call: what a handler lets go last,
 * and which locks it takes.
 */
#include <string.h>

#include "core-edges.h"
#include "judge.h"
#include "resolve.h"

#define MAX_CALL_DEPTH	8
#define MAX_SIGNAL_DEPTH 3
#define MAX_EVENTS	20000

/* Walking what a function does */

struct walk {
	const struct wq_program *program;
	const struct wq_function *stack[MAX_CALL_DEPTH];
	unsigned int depth, max_depth;
	unsigned int budget;	/* of events, for graphs without end */
	bool only_waits;	/* nothing else is of interest to fn */
	wq_event_fn fn;
	void *data;
};

static bool walk(struct walk *state, const struct wq_function *function);

/* A core's function that calls back what the program has given it. */
static bool walk_core(struct walk *state, const char *name)
{
	const struct wq_program *program = state->program;
	const char *slot;
	unsigned int number, i, j;

	for (number = 0; (slot = wq_core_edge(name, number)); number++)
		for (i = 0; i < program->nr_units; i++)
			for (j = 0; j < program->units[i]->nr_functions; j++) {
				const struct wq_function *function =
					program->units[i]->functions[j];

				if (function->nr_roles &&
				    wq_function_has_role(function, slot) &&
				    walk(state, function))
					return true;
			}
	return false;
}

static bool walk(struct walk *state, const struct wq_function *function)
{
	const struct wq_function *callee;
	unsigned int i;

	if (state->only_waits && !wq_function_may_wait(state->program, function))
		return false;
	for (i = 0; i < state->depth; i++)
		if (state->stack[i] == function)
			return false;
	if (state->depth == state->max_depth)
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
		if (callee && callee->is_defined ? walk(state, callee)
						 : walk_core(state,
							     event->callee))
			return true;
	}
	state->depth--;
	return false;
}

static bool walk_to_depth(const struct wq_program *program,
			  const struct wq_function *function,
			  unsigned int max_depth, wq_event_fn fn, void *data)
{
	struct walk state = {
		.program = program, .max_depth = max_depth,
		.budget = MAX_EVENTS,
		.fn = fn, .data = data,
	};

	return walk(&state, function);
}

static bool walk_call(struct walk *state, const struct wq_event *call)
{
	const struct wq_function *callee;

	if (call->kind != WQ_EVENT_CALL || !call->callee || !call->function ||
	    call->managed)
		return false;
	callee = wq_program_function(state->program, call->function->unit,
				     call->callee);
	return callee && callee->is_defined ? walk(state, callee)
					    : walk_core(state, call->callee);
}

bool wq_walk_call(const struct wq_program *program,
		  const struct wq_event *call, wq_event_fn fn, void *data)
{
	struct walk state = {
		.program = program, .max_depth = MAX_CALL_DEPTH,
		.budget = MAX_EVENTS, .fn = fn, .data = data,
	};

	return walk_call(&state, call);
}

bool wq_walk_call_to_waits(const struct wq_program *program,
			   const struct wq_event *call, wq_event_fn fn,
			   void *data)
{
	struct walk state = {
		.program = program, .max_depth = MAX_CALL_DEPTH,
		.budget = MAX_EVENTS, .fn = fn, .data = data,
		.only_waits = true,
	};

	return walk_call(&state, call);
}

bool wq_walk_events(const struct wq_program *program,
		    const struct wq_function *function, wq_event_fn fn,
		    void *data)
{
	return walk_to_depth(program, function, MAX_CALL_DEPTH, fn, data);
}

static bool walk_handlers(const struct wq_program *program,
			  const struct wq_work *work, unsigned int max_depth,
			  wq_event_fn fn, void *data)
{
	unsigned int i;

	for (i = 0; i < work->nr_handlers; i++)
		if (walk_to_depth(program, work->handlers[i], max_depth, fn,
				  data))
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
	struct walk state = {
		.program = program, .max_depth = MAX_CALL_DEPTH,
		.fn = is_queue_wait, .only_waits = true,
	};
	unsigned int i;

	for (i = 0; i < work->nr_handlers; i++) {
		state.depth = 0;
		state.budget = MAX_EVENTS;
		if (walk(&state, work->handlers[i]))
			return true;
	}
	return false;
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

/*
 * What @work is in has the struct that the rules know it by, and those that
 * its handlers get by container_of(work, ...): a core's struct that is
 * embedded in the driver's.
 */
#define MAX_TAGS 4

struct containers {
	const char *tags[MAX_TAGS];
	unsigned int count;
};

struct let_go {
	const struct wq_program *program;
	const struct wq_work *work;
	struct containers containers;
	bool frees_container;	/* seen while walking */
	bool puts_other;	/* a reference on what the container points to */
	bool puts_owner;	/* on the object that the container is part of */
	const char *reason;
};

static bool is_container(const struct containers *containers, const char *tag)
{
	unsigned int i;

	for (i = 0; tag && i < containers->count; i++)
		if (!strcmp(containers->tags[i], tag))
			return true;
	return false;
}

static void add_container(struct containers *containers, const char *tag)
{
	if (tag && containers->count < MAX_TAGS &&
	    !is_container(containers, tag))
		containers->tags[containers->count++] = tag;
}

static void find_containers(const struct wq_work *work,
			    struct containers *containers)
{
	unsigned int i, j;

	containers->count = 0;
	add_container(containers, work->item->type);
	for (i = 0; i < work->nr_handlers; i++) {
		const struct wq_unit *unit = work->handlers[i]->unit;

		for (j = 0; j < unit->nr_exprs; j++) {
			const struct wq_expr *expr = unit->exprs[j];

			if (expr->kind == WQ_EXPR_OUTER &&
			    expr->base->kind == WQ_EXPR_PARAM &&
			    !expr->base->number &&
			    expr->base->function == work->handlers[i])
				add_container(containers, expr->type);
		}
	}
}

/* Is @expr the address of one of @containers, or of something inside it? */
static bool is_inside(const struct containers *containers,
		      const struct wq_expr *expr)
{
	for (; expr && (expr->kind == WQ_EXPR_FIELD ||
			expr->kind == WQ_EXPR_INDEX); expr = expr->base)
		if (is_container(containers, expr->type))
			return true;
	return expr && expr->kind == WQ_EXPR_OUTER &&
	       is_container(containers, expr->type);
}

/* Is @expr a pointer that one of @containers holds? */
static bool is_held_by(const struct containers *containers,
		       const struct wq_expr *expr)
{
	while (expr && (expr->kind == WQ_EXPR_FIELD ||
			expr->kind == WQ_EXPR_INDEX))
		expr = expr->base;
	return expr && expr->kind == WQ_EXPR_LOAD &&
	       is_inside(containers, expr->base);
}

/*
 * Does @function, or what it calls itself, queue @work? Then it is a request
 * that waits for its answer.
 */
static bool starts(const struct wq_program *program,
		   const struct wq_work *work,
		   const struct wq_function *function)
{
	const struct wq_event *const *callers;
	unsigned int i, j, count;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->kind != WQ_EVENT_QUEUE || !event->function)
			continue;
		if (event->function == function)
			return true;
		callers = wq_program_callers(program, event->function, &count);
		for (j = 0; j < count; j++)
			if (callers[j]->function == function)
				return true;
	}
	return false;
}

/* Does teardown, or who asked for it, wait for what @signal signals? */
static bool is_waited_for(const struct wq_program *program,
			  const struct wq_work *work,
			  const struct wq_event *signal)
{
	const char *slot = signal->object
		? wq_resolve_slot(program, signal->object, NULL) : NULL;
	const struct wq_event *const *waits;
	unsigned int i, count;

	waits = wq_program_events(program, WQ_EVENT_WAIT, &count);
	for (i = 0; slot && i < count && wq_program_spend(program, 1); i++) {
		const char *waited = waits[i]->object
			? wq_resolve_slot(program, waits[i]->object, NULL)
			: NULL;

		if (waited && !strcmp(waited, slot) &&
		    (starts(program, work, waits[i]->function) ||
		     wq_function_tears_down(program, waits[i]->function,
					    work->item->type)))
			return true;
	}
	return false;
}

static void notice_put(struct let_go *state, const struct wq_expr *object)
{
	if (is_inside(&state->containers, object))
		state->reason = "its handler drops a reference on the object "
				"it is in";
	else if (is_held_by(&state->containers, object))
		state->puts_other = true;
}

static bool is_put(const struct wq_event *event, void *data)
{
	(void)data;
	return event->kind == WQ_EVENT_PUT;
}

/*
 * A function that is called foo_put(), and as far as its body is seen does
 * drop a reference. The name alone says nothing; with the item's own object,
 * or what that points to, it does.
 */
static void notice_call(struct let_go *state, const struct wq_event *event)
{
	const struct wq_function *callee;
	unsigned int i;

	if (!event->callee || !event->function || event->managed ||
	    !wq_name_has_word(event->callee, "put"))
		return;
	callee = wq_program_function(state->program, event->function->unit,
				     event->callee);
	if (callee && !wq_walk_events(state->program, callee, is_put, NULL))
		return;
	for (i = 0; i < event->nr_args && i < 2; i++)
		notice_put(state, event->args[i]);
}

/* Objects with private memory: who gives it out, and who drops the object. */
static const struct {
	const char *part, *put;
} owners[] = {
	{ "netdev_priv", "dev_put" },		/* linux/netdevice.h */
	{ "netdev_priv", "dev_put_track" },
	{ "netdev_priv", "netdev_put" },
	{ "iio_priv", "iio_device_put" },	/* linux/iio/iio.h */
	{ "shost_priv", "scsi_host_put" },	/* scsi/scsi_host.h */
};

/* Does a function drop the object whose private memory struct @tag is? */
static bool puts_owner(const struct wq_program *program, const char *tag,
		       const char *put)
{
	const struct wq_event *const *allocs;
	unsigned int i, count;
	size_t k;

	allocs = wq_program_events(program, WQ_EVENT_ALLOC, &count);
	for (k = 0; k < sizeof(owners) / sizeof(*owners); k++) {
		if (strcmp(owners[k].put, put))
			continue;
		for (i = 0; i < count; i++)
			if (allocs[i]->type && allocs[i]->callee &&
			    !strcmp(allocs[i]->type, tag) &&
			    !strcmp(allocs[i]->callee, owners[k].part))
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
		else
			notice_put(state, event->object);
		state->puts_owner |= tag && event->callee &&
				     puts_owner(state->program, tag,
						event->callee);
		break;
	case WQ_EVENT_CALL:
		notice_call(state, event);
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

/* Whose turn it is when nobody reads any more; include/linux/rcupdate.h. */
static const struct wq_function *rcu_callback(const struct wq_program *program,
					      const struct wq_event *event)
{
	static const char *const names[] = { "call_rcu", "call_rcu_hurry" };
	unsigned int i;

	if (event->kind != WQ_EVENT_CALL || !WQ_IS_ONE_OF(event->callee, names))
		return NULL;
	for (i = 0; i < event->nr_args; i++)
		if (event->args[i]->kind == WQ_EXPR_FUNC)
			return wq_program_function(program,
						   event->args[i]->unit,
						   event->args[i]->name);
	return NULL;
}

static bool notice_signal(const struct wq_event *event, void *data)
{
	struct let_go *state = data;
	const struct wq_function *callback = rcu_callback(state->program, event);
	unsigned int i;

	for (i = 0; callback && i < callback->nr_events; i++)
		notice_signal(callback->events[i], data);
	if (event->kind == WQ_EVENT_SIGNAL &&
	    is_waited_for(state->program, state->work, event))
		state->reason = "its handler signals what teardown waits for";
	return state->reason != NULL;
}

static const char *find_reason(const struct wq_program *program,
			       const struct wq_work *work)
{
	struct let_go state = { .program = program, .work = work };

	find_containers(work, &state.containers);
	walk_handlers(program, work, MAX_CALL_DEPTH, notice, &state);
	/* What is signalled far below is not the handler's own end. */
	if (!state.reason)
		walk_handlers(program, work, MAX_SIGNAL_DEPTH, notice_signal,
			      &state);
	if (state.reason)
		return state.reason;
	if (state.frees_container && state.puts_other)
		return "its handler frees the object it is in and drops a "
		       "reference that object holds";
	if (state.puts_owner)
		return "its handler drops a reference on the object that its "
		       "own is part of";
	if (work->nr_handlers && (!work->item->type || state.frees_container) &&
	    !wq_program_can_unload(program, work->handlers[0]->unit))
		return "this code is built in and cannot go away";
	return NULL;
}

const char *wq_work_lets_go(const struct wq_program *program,
			    const struct wq_work *work)
{
	struct wq_answers *answers = work->answers;

	if (!answers->knows_reason) {
		answers->reason = find_reason(program, work);
		answers->knows_reason = true;
	}
	return answers->reason;
}
