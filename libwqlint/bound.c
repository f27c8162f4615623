/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Has a work item its handler whenever somebody may wait for it? The kernel
 * warns of a wait for one that was never initialised: __flush_work() of
 * kernel/workqueue.c.
 */
#include <string.h>

#include "judge.h"
#include "paths.h"

#define MAX_CALLERS_UP	4

const struct wq_event *wq_work_init(const struct wq_work *work)
{
	const struct wq_event *found = NULL;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->kind != WQ_EVENT_INIT_WORK)
			continue;
		if (found || !event->function)
			return NULL;
		found = event;
	}
	return found;
}

static bool allocates(const struct wq_function *function, const char *type)
{
	unsigned int i;

	for (i = 0; type && i < function->nr_events; i++)
		if (function->events[i]->kind == WQ_EVENT_ALLOC &&
		    function->events[i]->type &&
		    !strcmp(function->events[i]->type, type))
			return true;
	return false;
}

/*
 * Does @event happen whenever the function that sets up the object, a struct
 * @type, ends well?
 */
static bool is_sure(const struct wq_program *program,
		    const struct wq_event *event, const char *type,
		    unsigned int depth)
{
	const struct wq_function *function = event->function;
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (wq_event_is_optional(program, event))
		return false;
	if (!depth || function->nr_roles || wq_function_sets_up(function) ||
	    allocates(function, type))
		return true;
	callers = wq_program_callers(program, function, &count);
	for (i = 0; i < count; i++)
		if (callers[i]->function &&
		    is_sure(program, callers[i], type, depth - 1))
			return true;
	return !count;
}

static bool is_event(const struct wq_event *event, void *data)
{
	return event == data;
}

/* Does @function, or one that calls it, get to @init? */
static bool gets_to(const struct wq_program *program,
		    const struct wq_function *function,
		    const struct wq_event *init, unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (wq_walk_events(program, function, is_event, (void *)init))
		return true;
	callers = wq_program_callers(program, function, &count);
	for (i = 0; depth && i < count; i++)
		if (callers[i]->function &&
		    gets_to(program, callers[i]->function, init, depth - 1))
			return true;
	return false;
}

const struct wq_function *wq_work_unbound_alloc(const struct wq_program *program,
						const struct wq_work *work)
{
	const struct wq_event *init = wq_work_init(work);
	const char *type = work->item->type;
	const struct wq_event *const *allocs;
	const struct wq_function *found = NULL;
	unsigned int i, count;

	allocs = wq_program_events(program, WQ_EVENT_ALLOC, &count);
	for (i = 0; init && type && i < count; i++) {
		if (!allocs[i]->type || strcmp(allocs[i]->type, type) ||
		    !allocs[i]->function)
			continue;
		if (gets_to(program, allocs[i]->function, init, MAX_CALLERS_UP))
			return NULL;
		found = allocs[i]->function;
	}
	return found;
}

/* Is there something in teardown that takes the item to be bound already? */
static bool is_taken_for_bound(const struct wq_program *program,
			       const struct wq_work *work,
			       const struct wq_event *init)
{
	const struct wq_use *wait = wq_work_waited_sibling(program, work);
	const struct wq_work *sibling = wait ? wq_work_beside(program, work,
							      wait->event)
					     : NULL;
	const struct wq_event *beside = sibling ? wq_work_init(sibling) : NULL;
	unsigned int i;

	if (beside && wq_events_share_block(init, beside))
		return true;
	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->kind == WQ_EVENT_CANCEL_WORK && event->function &&
		    wq_function_tears_down(program, event->function, NULL))
			return true;
	}
	return false;
}

const char *wq_bind_objection(const struct wq_program *program,
			      const struct wq_work *work)
{
	const struct wq_event *init = wq_work_init(work);

	/* Of arrays each loop is asked whether it binds all: fix-array.c. */
	if (!init || wq_work_is_in_array(work) ||
	    is_taken_for_bound(program, work, init))
		return NULL;
	if (!is_sure(program, init, work->item->type, MAX_CALLERS_UP))
		return wq_arena_printf(program->arena, "%s gets its handler at %s:%u, which not every way comes by: a wait for one that has none is a warning",
				       work->item->name, init->where.file,
				       init->where.line);
	return NULL;
}

/* "driver.probe" and "driver.remove", of one ops table: what it is called. */
static const char *const pairs[][2] = {
	{ "attach", "detach" }, { "bind", "unbind" }, { "init", "exit" },
	{ "module_init", "module_exit" }, { "open", "close" },
	{ "probe", "disconnect" }, { "probe", "remove" },
	{ "probe", "remove_new" }, { "probe_new", "remove" },
	{ "start", "stop" },
};

/* Are these the roles of what begins and what ends the same? */
static bool is_pair(const char *begin, const char *end)
{
	const char *first = strrchr(begin, '.'), *last = strrchr(end, '.');
	size_t i, prefix = first ? (size_t)(first - begin) + 1 : 0;

	if (prefix != (last ? (size_t)(last - end) + 1 : 0) ||
	    strncmp(begin, end, prefix))
		return false;
	for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (!strcmp(begin + prefix, pairs[i][0]) &&
		    !strcmp(end + prefix, pairs[i][1]))
			return true;
	return false;
}

/* Does @end run after @begin, by the role of either or of a caller? */
static bool ends_what_began(const struct wq_program *program,
			    const struct wq_function *begin,
			    const struct wq_function *end, unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, j, count;

	for (i = 0; i < begin->nr_roles; i++)
		for (j = 0; j < end->nr_roles; j++)
			if (is_pair(begin->roles[i], end->roles[j]))
				return true;
	callers = wq_program_callers(program, begin, &count);
	for (i = 0; depth && i < count; i++)
		if (callers[i]->function &&
		    ends_what_began(program, callers[i]->function, end,
				    depth - 1))
			return true;
	callers = wq_program_callers(program, end, &count);
	for (i = 0; depth && i < count; i++)
		if (callers[i]->function &&
		    ends_what_began(program, begin, callers[i]->function,
				    depth - 1))
			return true;
	return false;
}

bool wq_work_is_bound_by(const struct wq_program *program,
			 const struct wq_work *work,
			 const struct wq_function *end)
{
	const struct wq_event *init = wq_work_init(work);

	return init && ends_what_began(program, init->function, end,
				       MAX_CALLERS_UP);
}
