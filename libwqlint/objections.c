/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What speaks against a wait, or against another queue: asked before anything
 * is advised or written, be it by the compiler, a report or a patch.
 */
#include <string.h>

#include "judge.h"

const char *wq_lock_objection(const struct wq_program *program,
			      const struct wq_work *work,
			      const struct wq_event *event)
{
	struct wq_contention contention;

	if (!wq_event_contends(program, event, work, &contention))
		return NULL;
	return wq_arena_printf(program->arena, "%s is held at %s:%u, and the handler of %s takes it: wait after it is released%s",
			       contention.lock, event->where.file,
			       event->where.line, work->item->name,
			       !contention.released ? "" :
			       wq_arena_printf(program->arena, " at %s:%u",
				       contention.released->where.file,
				       contention.released->where.line));
}

static bool is_in_function(const struct wq_event *event, void *data)
{
	return event->function == data;
}

const char *wq_place_objection(const struct wq_program *program,
			       const struct wq_work *work,
			       const struct wq_event *event)
{
	unsigned int i;

	if (!event->function || wq_work_is_handler(work, event->function))
		return "the place is in the handler itself";
	for (i = 0; i < work->nr_handlers; i++)
		if (wq_walk_events(program, work->handlers[i], is_in_function,
				   (void *)event->function))
			return wq_arena_printf(program->arena, "the handler of %s calls %s(), and would wait for itself",
					       work->item->name,
					       event->function->name);
	return wq_lock_objection(program, work, event);
}

bool wq_function_sets_up(const struct wq_function *function)
{
	return function->section == WQ_INIT_TEXT ||
	       wq_function_has_role(function, "module_init") ||
	       wq_function_has_slot(function, "attach") ||
	       wq_function_has_slot(function, "bind") ||
	       wq_function_has_slot(function, "probe") ||
	       wq_function_has_slot(function, "probe_new");
}

/*
 * Is @work given its handler only where it is queued, and then? A wait for one
 * that never was is a warning in the kernel's log.
 */
static bool is_bound_late(const struct wq_work *work)
{
	unsigned int i, j, nr_bound = 0, nr_late = 0;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->kind != WQ_EVENT_INIT_WORK || !event->function)
			continue;
		nr_bound++;
		for (j = 0; j < work->nr_uses; j++)
			if (work->uses[j]->event->kind == WQ_EVENT_QUEUE &&
			    work->uses[j]->event->function == event->function)
				break;
		nr_late += j < work->nr_uses && !wq_function_sets_up(event->function);
	}
	return nr_bound && nr_late == nr_bound;
}

/*
 * Another item that nothing waits for, and that a call may queue which is
 * also about @work; or NULL.
 */
static const struct wq_work *queued_with(const struct wq_program *program,
					 const struct wq_work *work)
{
	const struct wq_item *item;
	unsigned int i, j;

	for (i = 0; i < work->nr_uses; i++) {
		if (work->uses[i]->event->kind != WQ_EVENT_QUEUE)
			continue;
		item = work->uses[i]->items;
		for (; item; item = item->next)
			for (j = 0; item->key && j < program->nr_works; j++)
				if (&program->works[j] != work &&
				    program->works[j].item->key &&
				    !strcmp(program->works[j].item->key,
					    item->key) &&
				    !wq_work_waiter(program,
						    &program->works[j]))
					return &program->works[j];
	}
	return NULL;
}

const char *wq_wait_objection(const struct wq_program *program,
			      const struct wq_work *work)
{
	const struct wq_work *other = queued_with(program, work);

	if (other)
		return wq_arena_printf(program->arena, "the same call may queue %s, which nothing waits for either",
				       other->item->name);
	if (is_bound_late(work))
		return wq_arena_printf(program->arena, "%s gets its handler only where it is queued: a wait for one that never was is a warning",
				       work->item->name);
	return wq_bind_objection(program, work);
}

/* Queues that run one item after the other; __WQ_ORDERED of workqueue.h. */
#define ORDERED	(1 << 17)

#define MAX_CALLERS_UP	3

/* Does @function run only when the module goes, or fails to come? */
static bool ends_module(const struct wq_program *program,
			const struct wq_function *function, unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int count, i;

	if (function->section != WQ_TEXT ||
	    wq_function_has_role(function, "module_exit") ||
	    wq_function_has_role(function, "module_init"))
		return true;
	callers = wq_program_callers(program, function, &count);
	if (!depth || !count || function->nr_roles)
		return false;
	for (i = 0; i < count; i++)
		if (!callers[i]->function ||
		    !ends_module(program, callers[i]->function, depth - 1))
			return false;
	return true;
}

/* Is the queue of @alloc waited for while the module stays? */
static bool is_waited_for(const struct wq_program *program,
			  const struct wq_event *alloc)
{
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (wq_event_waits_for_queue(use->event) &&
		    use->event->function && wq_use_may_be_own(use, alloc) &&
		    !ends_module(program, use->event->function,
				 MAX_CALLERS_UP))
			return true;
	}
	return false;
}

static bool waits(const struct wq_event *event, void *data)
{
	(void)data;
	return wq_event_waits_for_work(event) ||
	       wq_event_waits_for_queue(event) || event->kind == WQ_EVENT_WAIT;
}

const char *wq_queue_objection(const struct wq_program *program,
			       const struct wq_work *work,
			       const struct wq_use *own)
{
	const struct wq_event *alloc = wq_use_own_queue(own);
	struct wq_end end;
	unsigned int i;

	if (!alloc)
		return "where the own queue is allocated is not seen";
	if (wq_work_has_delay(work))
		return "a delayed item on the own queue would still have a timer that nothing stops";
	if (alloc->number & ORDERED)
		return wq_arena_printf(program->arena, "the own queue runs one item after the other, and the others would wait for %s",
				       work->item->name);
	for (i = 0; i < work->nr_handlers; i++)
		if (wq_walk_events(program, work->handlers[i], waits, NULL))
			return "the handler waits for something that the own queue may have to do";
	wq_work_find_end(program, work, &end);
	if (work->item->type && end.kind != WQ_END_HANDLER &&
	    !is_waited_for(program, alloc))
		return wq_arena_printf(program->arena, "the own queue is waited for only when the module goes, and the object of %s goes earlier",
				       work->item->name);
	return NULL;
}
