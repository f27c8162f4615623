/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of a unit decides with which others it must be judged: the structs
 * with work items and the queues that it shares with other units.
 */
#include <string.h>

#include "api.h"
#include "unit.h"

void wq_unit_add_public_queue(struct wq_unit *unit, const char *name,
			      bool is_allocated)
{
	struct wq_public_queue *queue;
	unsigned int i;

	for (i = 0; i < unit->nr_public_queues; i++) {
		queue = &unit->public_queues[i];
		if (!strcmp(queue->name, name)) {
			queue->is_allocated |= is_allocated;
			return;
		}
	}
	unit->public_queues = wq_arena_grow(unit->arena, unit->public_queues,
					    unit->nr_public_queues,
					    sizeof(*unit->public_queues));
	queue = &unit->public_queues[unit->nr_public_queues++];
	queue->name = wq_unit_string(unit, name);
	queue->is_allocated = is_allocated;
}

static bool is_work_tag(const char *tag)
{
	return tag && (!strcmp(tag, "work_struct") ||
		       !strcmp(tag, "delayed_work") ||
		       !strcmp(tag, "rcu_work"));
}

/* The struct that field @expr is of has to do with work, as far as is seen. */
static void mark_holder(struct wq_unit *unit, const struct wq_expr *expr)
{
	struct wq_type *type = expr->kind == WQ_EXPR_FIELD && expr->type
		? (struct wq_type *)wq_unit_find_type(unit, expr->type) : NULL;

	if (type)
		type->holds_work = true;
}

static void mark_holders(struct wq_unit *unit)
{
	unsigned int i;

	for (i = 0; i < unit->nr_exprs; i++)
		if (unit->exprs[i]->kind == WQ_EXPR_FIELD &&
		    is_work_tag(unit->exprs[i]->field_type))
			mark_holder(unit, unit->exprs[i]);
}

static bool allocates_queue(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_STORE && event->value &&
	       event->value->kind == WQ_EXPR_RESULT &&
	       event->value->event->kind == WQ_EVENT_ALLOC_QUEUE;
}

/* The module's queue is in a struct: who else queues on it? */
static void mark_queue_holder(struct wq_unit *unit,
			      const struct wq_event *event)
{
	if (event->queue && event->queue->kind == WQ_EXPR_LOAD)
		mark_holder(unit, event->queue->base);
	if (allocates_queue(event) && event->object)
		mark_holder(unit, event->object);
}

/* The variable that other units can name, at @address, or NULL. */
static const char *public_name(const struct wq_expr *address)
{
	if (!address || address->kind != WQ_EXPR_GLOBAL ||
	    address->is_static || wq_system_queue_find(address->name))
		return NULL;
	return address->name;
}

static void add_public_queues(struct wq_unit *unit,
			      const struct wq_event *event)
{
	const char *name = event->queue && event->queue->kind == WQ_EXPR_LOAD
			   ? public_name(event->queue->base) : NULL;

	if (name)
		wq_unit_add_public_queue(unit, name, false);
	if (!allocates_queue(event))
		return;
	name = public_name(event->object);
	if (name)
		wq_unit_add_public_queue(unit, name, true);
}

/* "ops->remove = foo_remove" says the same as a static initialiser. */
static void add_assigned_role(struct wq_unit *unit,
			      const struct wq_event *event)
{
	const struct wq_expr *to = event->object;
	struct wq_function *function;

	if (event->kind != WQ_EVENT_STORE || !event->function || !to ||
	    to->kind != WQ_EXPR_FIELD || !to->type || !event->value ||
	    event->value->kind != WQ_EXPR_FUNC)
		return;
	function = wq_unit_find_function(unit, event->value->name);
	if (function)
		wq_function_add_role(function,
				     wq_arena_printf(unit->arena, "%s.%s",
						     to->type, to->name));
}

void wq_unit_summarise(struct wq_unit *unit)
{
	unsigned int i;

	unit->is_idle = true;
	for (i = 0; i < unit->nr_events; i++) {
		add_assigned_role(unit, unit->events[i]);
		if (unit->events[i]->kind < WQ_EVENT_STORE)
			unit->is_idle = false;
		add_public_queues(unit, unit->events[i]);
		mark_queue_holder(unit, unit->events[i]);
	}
	mark_holders(unit);
}
