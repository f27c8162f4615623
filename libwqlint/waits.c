/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who queues a work item, who waits for it, and when what it is in goes
 * away: what the rules about missing waits have in common.
 */
#include <string.h>

#include "judge.h"
#include "resolve.h"

bool wq_work_is_handler(const struct wq_work *work,
			const struct wq_function *function)
{
	unsigned int i;

	for (i = 0; i < work->nr_handlers; i++)
		if (work->handlers[i] == function)
			return true;
	return false;
}

/* An item that only its own handler queues never runs at all. */
static bool is_ever_started(const struct wq_work *work)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++)
		if (work->uses[i]->event->kind == WQ_EVENT_QUEUE &&
		    !wq_work_is_handler(work, work->uses[i]->event->function))
			return true;
	return false;
}

bool wq_work_is_only_on_shared(const struct wq_program *program,
			       const struct wq_work *work,
			       const struct wq_use **first,
			       struct wq_shared *first_shared)
{
	struct wq_shared shared;
	unsigned int i;

	*first = NULL;
	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_use *use = work->uses[i];

		if (use->event->kind != WQ_EVENT_QUEUE)
			continue;
		if (!use->event->function ||
		    !wq_use_is_shared(program, use, &shared) || shared.may)
			return false;
		if (*first && wq_location_compare(&(*first)->event->where,
						  &use->event->where) < 0)
			continue;
		*first = use;
		*first_shared = shared;
	}
	return *first && is_ever_started(work);
}

bool wq_work_may_be_queued_elsewhere(const struct wq_program *program,
				     const struct wq_work *work)
{
	const struct wq_item *item;
	struct wq_shared shared;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		/* On a shared queue it would be no news. */
		if (use->event->kind != WQ_EVENT_QUEUE ||
		    (wq_use_is_shared(program, use, &shared) && !shared.may))
			continue;
		for (item = use->items; item; item = item->next)
			if ((!item->key || item->ambiguous) &&
			    wq_item_may_alias(item, work->item))
				return true;
	}
	return false;
}

bool wq_work_is_hurried(const struct wq_work *work,
			const struct wq_event *flush)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->function != flush->function ||
		    event->index > flush->index)
			continue;
		if (event->kind == WQ_EVENT_CANCEL_WORK ||
		    (event->kind == WQ_EVENT_QUEUE && event->delay &&
		     event->delay->kind == WQ_EXPR_NULL))
			return true;
	}
	return false;
}

const struct wq_use *wq_work_shared_flush(const struct wq_program *program,
					  const struct wq_work *work,
					  const char *queue, bool covers)
{
	const struct wq_use *found = NULL;
	struct wq_shared shared;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (use->event->kind != WQ_EVENT_FLUSH_QUEUE &&
		    use->event->kind != WQ_EVENT_DRAIN_QUEUE)
			continue;
		if (covers && (!use->event->always ||
			       (wq_work_has_delay(work) &&
				!wq_work_is_hurried(work, use->event))))
			continue;
		if (!wq_use_is_shared(program, use, &shared) || shared.may ||
		    strcmp(shared.queue->name, queue) ||
		    !wq_function_tears_down(program, use->event->function,
					    work->item->type))
			continue;
		/* The one that was meant for this item, if there is one. */
		if (!found || wq_work_is_hurried(work, use->event))
			found = use;
	}
	return found;
}

/* The end of what holds an item */

/*
 * Built-in code whose devices cannot be unbound either:
 * platform_driver_probe() sets suppress_bind_attrs (drivers/base/platform.c).
 */
static bool stays_bound(const struct wq_unit *unit)
{
	unsigned int i;

	if (unit->is_module)
		return false;
	for (i = 0; i < unit->nr_events; i++)
		if (unit->events[i]->callee &&
		    (!strcmp(unit->events[i]->callee,
			     "__platform_driver_probe") ||
		     !strcmp(unit->events[i]->callee,
			     "platform_driver_probe")))
			return true;
	return false;
}

/* A free in the function that allocates is on its way out after an error. */
static bool allocates(const struct wq_function *function, const char *type)
{
	unsigned int i;

	for (i = 0; i < function->nr_events; i++)
		if (function->events[i]->kind == WQ_EVENT_ALLOC &&
		    function->events[i]->type &&
		    !strcmp(function->events[i]->type, type))
			return true;
	return false;
}

/* How well @event, about a struct of the item's type, shows the end. */
static enum wq_end_kind end_kind(const struct wq_program *program,
				 const struct wq_work *work,
				 const struct wq_event *event)
{
	if (event->kind == WQ_EVENT_ALLOC && event->managed)
		return event->function && stays_bound(event->function->unit)
		       ? WQ_END_UNKNOWN : WQ_END_DEVICE;
	if (event->kind == WQ_EVENT_ALLOC && event->object)
		return WQ_END_OWNER;
	if (event->kind != WQ_EVENT_FREE || !event->function ||
	    allocates(event->function, event->type))
		return WQ_END_UNKNOWN;
	if (wq_work_is_handler(work, event->function))
		return WQ_END_HANDLER;
	return wq_function_tears_down(program, event->function, NULL)
	       ? WQ_END_TEARDOWN : WQ_END_FREE;
}

/* Is @event in the unit of the first use of @work? */
static bool is_near_to(const struct wq_work *work, const struct wq_event *event)
{
	return event->function && work->nr_uses &&
	       work->uses[0]->event->function &&
	       event->function->unit == work->uses[0]->event->function->unit;
}

/* Of ends that are shown equally well, one in the unit of the item counts. */
static void find_object_end(const struct wq_program *program,
			    const struct wq_work *work, struct wq_end *end)
{
	static const enum wq_event_kind kinds[] = {
		WQ_EVENT_FREE, WQ_EVENT_ALLOC,
	};
	const struct wq_event *const *events;
	unsigned int i, j, count;
	enum wq_end_kind kind;
	bool is_near = false;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		events = wq_program_events(program, kinds[i], &count);
		for (j = 0; j < count; j++) {
			if (!events[j]->type ||
			    strcmp(events[j]->type, work->item->type))
				continue;
			kind = end_kind(program, work, events[j]);
			if (kind < end->kind || !kind ||
			    (kind == end->kind &&
			     (is_near || !is_near_to(work, events[j]))))
				continue;
			end->kind = kind;
			end->event = events[j];
			is_near = is_near_to(work, events[j]);
		}
	}
}

const struct wq_event *wq_work_managed_alloc(const struct wq_program *program,
					     const struct wq_work *work)
{
	const struct wq_event *const *allocs;
	unsigned int i, count;

	allocs = wq_program_events(program, WQ_EVENT_ALLOC, &count);
	for (i = 0; work->item->type && i < count; i++)
		if (allocs[i]->managed && allocs[i]->type &&
		    !strcmp(allocs[i]->type, work->item->type))
			return allocs[i];
	return NULL;
}

/* The function that runs when the module of @unit is removed, or NULL. */
static const struct wq_function *module_exit(const struct wq_program *program,
					     const struct wq_unit *unit)
{
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_functions; j++)
			if (wq_function_has_role(
				    program->units[i]->functions[j],
				    "module_exit") &&
			    wq_units_share_module(program->units[i], unit))
				return program->units[i]->functions[j];
	return NULL;
}

void wq_work_find_end(const struct wq_program *program,
		      const struct wq_work *work, struct wq_end *end)
{
	memset(end, 0, sizeof(*end));
	if (work->item->type && !work->item->instance) {
		find_object_end(program, work, end);
	} else if (work->nr_handlers) {
		end->function = module_exit(program, work->handlers[0]->unit);
		end->kind = end->function ? WQ_END_MODULE : WQ_END_UNKNOWN;
	}
}

/* Siblings */

static bool is_beside(const struct wq_work *work, const struct wq_work *other)
{
	if (work == other || !work->nr_uses || !other->nr_uses)
		return false;
	if (work->item->type)
		return other->item->type &&
		       !strcmp(work->item->type, other->item->type);
	return !other->item->type &&
	       work->uses[0]->event->where.file ==
	       other->uses[0]->event->where.file;
}

const struct wq_use *wq_work_waited_sibling(const struct wq_program *program,
					    const struct wq_work *work)
{
	unsigned int i, j;

	for (i = 0; i < program->nr_works; i++) {
		const struct wq_work *other = &program->works[i];

		if (!is_beside(work, other))
			continue;
		for (j = 0; j < other->nr_uses; j++)
			if (wq_event_waits_for_work(other->uses[j]->event) &&
			    other->uses[j]->event->function &&
			    wq_function_tears_down(program,
				other->uses[j]->event->function,
				work->item->type))
				return other->uses[j];
	}
	return NULL;
}

/* Who can still queue */

/* The call that hands @function's address on, such as request_irq(). */
static const struct wq_event *handed_to(const struct wq_program *program,
					const struct wq_function *function)
{
	unsigned int i, j, k;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++) {
			const struct wq_event *event =
				program->units[i]->events[j];

			if (event->kind != WQ_EVENT_CALL || !event->callee)
				continue;
			for (k = 0; k < event->nr_args; k++)
				if (event->args[k]->kind == WQ_EXPR_FUNC &&
				    wq_program_function(program,
					event->args[k]->unit,
					event->args[k]->name) == function)
					return event;
		}
	return NULL;
}

static bool find_root(const struct wq_program *program,
		      const struct wq_function *function,
		      struct wq_queuer *queuer, unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (function->address_taken) {
		queuer->handed = handed_to(program, function);
		if (queuer->handed || function->nr_roles) {
			queuer->function = function;
			queuer->role = function->nr_roles ? function->roles[0]
							  : NULL;
			return true;
		}
	}
	callers = wq_program_callers(program, function, &count);
	for (i = 0; depth && i < count; i++)
		if (callers[i]->function &&
		    find_root(program, callers[i]->function, queuer,
			      depth - 1))
			return true;
	return false;
}

bool wq_use_find_queuer(const struct wq_program *program,
			const struct wq_use *use, struct wq_queuer *queuer)
{
	memset(queuer, 0, sizeof(*queuer));
	return use->event->function &&
	       find_root(program, use->event->function, queuer, 4);
}
