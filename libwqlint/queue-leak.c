/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Queues that are not destroyed: nowhere, or not when a probe or init
 * function fails after the allocation.
 */
#include <string.h>

#include "api.h"
#include "paths.h"
#include "queue-leak.h"

#define MAX_UP	(WQ_MAX_LEAK_CALLS - 1)	/* callers above who allocates */

struct search {
	const struct wq_own_queue *queue;
	bool by_callback;	/* what destroys it can be called by a core */
	bool by_release;	/* the release of an object destroys it */
	bool by_exit_only;	/* only the module's exit function destroys it */
	struct wq_queue_leak *leak;
};

/* destroy_workqueue(), also as the callback of devm_add_action(). */
static bool is_destroy_call(const struct wq_event *event)
{
	const struct wq_api *api;

	if (event->kind == WQ_EVENT_DESTROY_QUEUE)
		return true;
	api = event->kind == WQ_EVENT_CALL && event->managed && event->callee
	      ? wq_api_find(event->callee) : NULL;
	return api && api->effect == WQ_EVENT_DESTROY_QUEUE;
}

/* May @event, in itself, destroy the queue? */
static bool destroys(const struct wq_event *event, void *data)
{
	const struct search *search = data;
	const struct wq_own_queue *queue = search->queue;
	const struct wq_use *uses = queue->program->uses;
	unsigned int i;

	if (!is_destroy_call(event))
		return false;
	if (event->kind == WQ_EVENT_CALL)
		return true;
	for (i = 0; i < queue->program->nr_uses; i++)
		if (uses[i].event == event &&
		    wq_own_queue_may_be(queue, &uses[i]))
			return true;
	return false;
}

/* Does function @name, of what @unit sees, lead to a destroy? */
static bool function_destroys(const struct search *search,
			      const struct wq_unit *unit, const char *name)
{
	const struct wq_program *program = search->queue->program;
	const struct wq_function *function = wq_program_function(program, unit,
								 name);

	return function && wq_walk_events(program, function, destroys,
					  (void *)search);
}

/* A callback that is handed on with its object, and destroys the queue. */
static bool hands_on(const struct search *search, const struct wq_event *event)
{
	const struct wq_unit *unit = event->function->unit;
	unsigned int i;

	if (event->managed && event->callee)
		return function_destroys(search, unit, event->callee);
	for (i = 0; i < event->nr_args; i++)
		if (event->args[i]->kind == WQ_EXPR_FUNC &&
		    function_destroys(search, unit, event->args[i]->name))
			return true;
	return false;
}

/* Can a core call what destroys the queue while @event happens? */
static bool calls_back(const struct search *search,
		       const struct wq_event *event)
{
	const struct wq_function *callee;

	if (!search->by_callback)
		return false;
	if (event->kind == WQ_EVENT_PUT)
		return true;
	if (event->kind != WQ_EVENT_CALL)
		return false;
	if (!event->callee)
		return true;
	callee = wq_program_function(search->queue->program,
				     event->function->unit, event->callee);
	return !(callee && callee->is_defined) &&
	       wq_is_core_teardown(event->callee);
}

static bool may_let_go(const struct wq_event *event, void *data)
{
	const struct search *search = data;

	return destroys(event, data) || calls_back(search, event) ||
	       (event->kind == WQ_EVENT_CALL && event->function &&
		hands_on(search, event));
}

/* May the queue be destroyed, or be somebody else's, when @event is over? */
static bool stops(const struct wq_event *event, void *data)
{
	const struct search *search = data;

	return may_let_go(event, data) ||
	       wq_own_queue_is_given(search->queue, event) ||
	       wq_walk_call(search->queue->program, event, may_let_go, data);
}

static bool frees(const struct wq_event *event, void *data)
{
	const struct search *search = data;
	const struct wq_item *slot = search->queue->slot;

	return event->kind == WQ_EVENT_FREE && event->type && slot &&
	       slot->type && !strcmp(event->type, slot->type);
}

static bool allocates(const struct wq_event *event, void *data)
{
	const struct search *search = data;

	const struct wq_item *slot = search->queue->slot;

	return event->kind == WQ_EVENT_ALLOC && event->type && slot &&
	       slot->type && !strcmp(event->type, slot->type);
}

/* A function that frees what it has just allocated itself frees another one. */
static bool frees_what_it_got(const struct wq_event *event, void *data)
{
	unsigned int i;

	if (!frees(event, data))
		return false;
	for (i = 0; i < event->function->nr_events; i++)
		if (allocates(event->function->events[i], data))
			return false;
	return true;
}

static bool leads_to_free(const struct wq_event *event, void *data)
{
	const struct search *search = data;

	return frees(event, data) ||
	       wq_walk_call(search->queue->program, event, frees_what_it_got,
			    data);
}

static bool is_result(const struct wq_expr *value, void *data)
{
	const struct search *search = data;

	return wq_own_queue_is_value(search->queue, value);
}

static bool is_allocated_anywhere(const struct search *search)
{
	const struct wq_program *program = search->queue->program;
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++)
			if (allocates(program->units[i]->events[j],
				      (void *)search))
				return true;
	return false;
}

/* Does a probe that fails lose what the queue is kept in? */
static bool is_lost_by_probe(const struct search *search,
			     const struct wq_function *probe)
{
	const struct wq_own_queue *queue = search->queue;

	if (!wq_function_has_slot(probe, "probe") && !wq_function_has_slot(probe, "probe_new"))
		return false;
	if (!queue->slot->type)
		return !search->by_exit_only;
	return wq_walk_events(queue->program, probe, allocates,
			      (void *)search) ||
	       !is_allocated_anywhere(search);
}

/* When @function fails, is the queue out of reach? */
static bool is_end(const struct search *search,
		   const struct wq_function *function,
		   const struct wq_way *way)
{
	if (way->noted)
		return true;
	if (wq_function_has_role(function, "module_init"))
		return function->unit->is_module;
	return is_lost_by_probe(search, function);
}

static bool follow(struct search *search, const struct wq_event *start,
		   enum wq_began began, unsigned int depth)
{
	const struct wq_program *program = search->queue->program;
	const struct wq_event *const *callers;
	bool was_guarded = search->leak->is_guarded;
	unsigned int i, count;
	struct wq_paths paths = {
		.program = program, .start = start, .began = began,
		.stops = stops, .notes = leads_to_free,
		.is_result = start == search->queue->alloc ? is_result : NULL,
		.data = search,
	};

	if (!wq_paths_follow(&paths))
		return false;
	search->leak->calls[MAX_UP - depth] = start;
	search->leak->nr_calls = MAX_UP - depth + 1;
	if (began == WQ_BEGAN_SUCCEEDED)
		search->leak->turn = MAX_UP - depth;
	search->leak->is_guarded |= start != search->queue->alloc &&
				    wq_event_is_optional(program, start);
	if (paths.fails && paths.failure.failed)
		search->leak->failed = paths.failure.failed;
	/* Only a local variable knew it. */
	if (!search->queue->is_kept) {
		search->leak->function = start->function;
		return true;
	}
	if (paths.fails && is_end(search, start->function, &paths.failure)) {
		search->leak->function = start->function;
		search->leak->freed = paths.failure.noted;
		return true;
	}
	callers = wq_program_callers(program, start->function, &count);
	for (i = 0; depth && i < count; i++) {
		if (!callers[i]->function || callers[i]->managed ||
		    !wq_paths_reach(program, start, callers[i]))
			continue;
		if ((paths.fails && follow(search, callers[i], WQ_BEGAN_FAILED,
					   depth - 1)) ||
		    (paths.goes_on &&
		     follow(search, callers[i], WQ_BEGAN_SUCCEEDED,
			    depth - 1)))
			return true;
	}
	search->leak->is_guarded = was_guarded;
	return false;
}

/* Is @function run by the module's exit function only? */
static bool is_exit_only(const struct wq_program *program,
			 const struct wq_function *function,
			 unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (function->section == WQ_EXIT_TEXT ||
	    wq_function_has_role(function, "module_exit"))
		return true;
	callers = wq_program_callers(program, function, &count);
	for (i = 0; i < count; i++) {
		if (!depth || !callers[i]->function)
			return false;
		if (callers[i]->function->section != WQ_INIT_TEXT &&
		    !is_exit_only(program, callers[i]->function, depth - 1))
			return false;
	}
	return count && !function->nr_roles;
}

/*
 * Is @function the release of an object, or run by one? When probe fails,
 * the object is released all the same, by devres or with its last reference.
 */
static bool is_run_by_release(const struct wq_program *program,
			      const struct wq_function *function,
			      unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	for (i = 0; i < function->nr_roles; i++) {
		const char *dot = strrchr(function->roles[i], '.');

		if (dot && (wq_name_has_word(dot + 1, "release") ||
			    wq_name_has_word(dot + 1, "destructor")))
			return true;
	}
	callers = wq_program_callers(program, function, &count);
	for (i = 0; depth && i < count; i++)
		if (callers[i]->function &&
		    is_run_by_release(program, callers[i]->function, depth - 1))
			return true;
	return false;
}

/* Who may destroy the queue; NULL: nobody. */
static const struct wq_event *find_destroys(struct search *search)
{
	const struct wq_program *program = search->queue->program;
	const struct wq_event *first = NULL;
	unsigned int i;

	search->by_exit_only = true;
	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (use->event->kind != WQ_EVENT_DESTROY_QUEUE ||
		    !use->event->function ||
		    !wq_own_queue_may_be(search->queue, use))
			continue;
		if (!first)
			first = use->event;
		search->by_callback |= wq_function_is_called_back(program,
							use->event->function);
		search->by_release |= is_run_by_release(program,
							use->event->function, 4);
		search->by_exit_only &= is_exit_only(program,
						     use->event->function, 4);
	}
	return first;
}

bool wq_own_queue_find_leak(const struct wq_own_queue *queue,
			    struct wq_queue_leak *leak)
{
	struct search search = { .queue = queue, .leak = leak };

	memset(leak, 0, sizeof(*leak));
	if (queue->alloc->managed || (queue->is_kept && !queue->slot))
		return false;
	leak->destroy = find_destroys(&search);
	leak->is_guarded = false;
	return !search.by_release && follow(&search, queue->alloc, WQ_BEGAN_SUCCEEDED, MAX_UP);
}

bool wq_own_queue_may_go(const struct wq_own_queue *queue,
			 const struct wq_event *event)
{
	struct search search = { .queue = queue };

	find_destroys(&search);
	return stops(event, &search);
}

bool wq_own_queue_is_never_destroyed(const struct wq_own_queue *queue)
{
	const struct wq_program *program = queue->program;
	struct search search = { .queue = queue };

	return program->complete && !queue->alloc->managed &&
	       wq_own_queue_is_private(queue) &&
	       wq_program_can_unload(program, queue->alloc->function->unit) &&
	       !find_destroys(&search) && !wq_own_queue_is_given_away(queue);
}
