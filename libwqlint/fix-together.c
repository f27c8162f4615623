/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * missing-destroy: what a function sets up together with a queue. Teardown
 * that ends it before the queue knows why: often it can queue. Destroying the
 * queue alone, in a caller that fails, would leave it there.
 */
#include <string.h>

#include "fix-destroy.h"

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Are @a and @b, of different functions, the same member or variable? */
static bool is_same_place(const struct wq_expr *a, const struct wq_expr *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case WQ_EXPR_FIELD:
		return same_text(a->type, b->type) && same_text(a->name, b->name);
	case WQ_EXPR_GLOBAL:
		return same_text(a->name, b->name);
	case WQ_EXPR_LOAD:
		return is_same_place(a->base, b->base);
	default:
		return false;
	}
}

/* Does the function that allocates call something with what @end is about? */
static bool is_set_up_beside(const struct wq_destroy *destroy,
			     const struct wq_event *end)
{
	const struct wq_function *function = destroy->queue.alloc->function;
	unsigned int i;

	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event->kind == WQ_EVENT_CALL && event->nr_args &&
		    is_same_place(event->args[0], end->args[0]))
			return true;
	}
	return false;
}

const struct wq_event *wq_ended_before_queue(const struct wq_destroy *destroy)
{
	const struct wq_event *elsewhere = destroy->elsewhere;
	unsigned int i;

	if (!elsewhere || !elsewhere->function || !destroy->queue.alloc->function)
		return NULL;
	for (i = 0; i < elsewhere->function->nr_events; i++) {
		const struct wq_event *event = elsewhere->function->events[i];

		if (event->kind == WQ_EVENT_CALL && event->callee &&
		    event->nr_args && wq_is_core_teardown(event->callee) &&
		    wq_location_compare(&event->where, &elsewhere->where) < 0 &&
		    is_set_up_beside(destroy, event))
			return event;
	}
	return NULL;
}
