/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which locks are held at a place: what the compiler saw of the function, and
 * what its callers, whom it did not follow so far, do before and after the
 * call.
 */
#include <string.h>

#include "judge.h"
#include "resolve.h"
#include "source.h"

#define MAX_CALLERS_UP	6

static bool is_lock(const struct wq_program *program,
		    const struct wq_event *event, enum wq_event_kind kind,
		    const char *lock)
{
	const char *slot;

	if (event->kind != kind || !event->object)
		return false;
	slot = wq_resolve_slot(program, event->object, NULL);
	return slot && !strcmp(slot, lock);
}

/* The lock events of @lock on the line of @event's function, in order. */
static int step_on_line(const struct wq_program *program,
			const struct wq_function *function, unsigned int line,
			const char *lock)
{
	unsigned int i;

	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event->where.line != line)
			continue;
		if (is_lock(program, event, WQ_EVENT_LOCK, lock))
			return 1;
		if (is_lock(program, event, WQ_EVENT_UNLOCK, lock))
			return -1;
	}
	return 0;
}

/* How far @line is indented; 0 for what stands at the margin: labels, #if. */
static unsigned int indent_of(const char *line)
{
	unsigned int columns = 0;

	for (; *line == ' ' || *line == '\t'; line++)
		columns = *line == '\t' ? (columns | 7) + 1 : columns + 1;
	return *line && *line != '#' && columns > 1 ? columns : 0;
}

/*
 * May @lock be held at @event? Facts have no order of what a function does
 * that is about no queue, so that this goes by the lines above @event: what
 * is indented deeper than what leads to it is another way, which as a rule
 * fails and returns.
 */
static bool is_between(const struct wq_program *program,
		       const struct wq_event *event, const char *lock)
{
	const struct wq_function *function = event->function;
	unsigned int line, count, indent, deepest;
	const char *const *lines;
	int step;

	lines = program->sources && event->where.file && function->where.file &&
		!strcmp(event->where.file, function->where.file)
		? wq_source_lines(program->sources, function->unit->directory,
				  event->where.file, &count) : NULL;
	if (!lines || !event->where.line || event->where.line > count)
		return false;
	deepest = indent_of(lines[event->where.line - 1]);
	for (line = event->where.line - 1; line > function->where.line; line--) {
		indent = indent_of(lines[line - 1]);
		if (!indent || indent > deepest)
			continue;
		deepest = indent;
		step = step_on_line(program, function, line, lock);
		if (step)
			return step > 0;
	}
	return false;
}

/* Operations that their core calls with the lock of all net devices held. */
static bool runs_under_rtnl(const struct wq_function *function)
{
	static const char *const with[] = {
		"ethtool_ops.", "net_device_ops.", "rtnl_link_ops.",
	};
	static const char *const without[] = {
		"net_device_ops.ndo_get_stats", "net_device_ops.ndo_get_stats64",
		"net_device_ops.ndo_select_queue",
		"net_device_ops.ndo_start_xmit",
		"net_device_ops.ndo_tx_timeout",
	};
	unsigned int i;
	size_t j;

	for (i = 0; i < function->nr_roles; i++) {
		if (WQ_IS_ONE_OF(function->roles[i], without))
			continue;
		for (j = 0; j < sizeof(with) / sizeof(*with); j++)
			if (!strncmp(function->roles[i], with[j],
				     strlen(with[j])))
				return true;
	}
	return false;
}

/* Where @slot is released after @event, in its function; or NULL. */
static const struct wq_event *release_after(const struct wq_program *program,
					    const struct wq_event *event,
					    const char *slot)
{
	const struct wq_function *function = event->function;
	unsigned int i;

	for (i = 0; function && i < function->nr_events; i++)
		if (function->events[i]->index > event->index &&
		    is_lock(program, function->events[i], WQ_EVENT_UNLOCK,
			    slot))
			return function->events[i];
	return NULL;
}

/* Does @handler take the lock @object, which is held at @event? */
static bool contends_for(const struct wq_program *program,
			 const struct wq_event *event,
			 const struct wq_expr *object,
			 const struct wq_function *handler,
			 struct wq_contention *contention)
{
	const char *slot = wq_resolve_slot(program, object, NULL);
	const struct wq_item *item;

	if (!slot || !wq_function_takes(program, handler, slot))
		return false;
	item = wq_resolve_item(program, object, NULL);
	contention->lock = item && item->name ? item->name : slot;
	contention->released = release_after(program, event, slot);
	return true;
}

/* In @event's own function. */
static bool contends_here(const struct wq_program *program,
			  const struct wq_event *event,
			  const struct wq_function *handler,
			  struct wq_contention *contention)
{
	const struct wq_function *function = event->function;
	const char *slot;
	unsigned int i;

	for (i = 0; i < event->nr_held; i++)
		if (contends_for(program, event, event->held[i], handler,
				 contention))
			return true;
	for (i = 0; function && i < function->nr_events; i++) {
		const struct wq_event *other = function->events[i];

		if (other->kind != WQ_EVENT_LOCK || !other->object)
			continue;
		slot = wq_resolve_slot(program, other->object, NULL);
		if (slot && is_between(program, event, slot) &&
		    contends_for(program, event, other->object, handler,
				 contention))
			return true;
	}
	if (!function || !runs_under_rtnl(function) ||
	    !wq_function_takes(program, handler, "rtnl_mutex"))
		return false;
	contention->lock = "rtnl_mutex";
	return true;
}

static bool contends_above(const struct wq_program *program,
			   const struct wq_event *event,
			   const struct wq_function *handler,
			   struct wq_contention *contention,
			   unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int count, i;

	if (contends_here(program, event, handler, contention))
		return true;
	if (!depth || !event->function)
		return false;
	callers = wq_program_callers(program, event->function, &count);
	for (i = 0; i < count; i++)
		if (contends_above(program, callers[i], handler, contention,
				   depth - 1))
			return true;
	return false;
}

bool wq_event_contends(const struct wq_program *program,
		       const struct wq_event *event,
		       const struct wq_work *work,
		       struct wq_contention *contention)
{
	unsigned int i;

	memset(contention, 0, sizeof(*contention));
	for (i = 0; i < work->nr_handlers; i++)
		if (contends_above(program, event, work->handlers[i],
				   contention, MAX_CALLERS_UP))
			return true;
	return false;
}
