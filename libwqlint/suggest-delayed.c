/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Edits around a wait for a queue in teardown: the cancel that a delayed
 * work item needs before it, and a flush that is not needed.
 */
#include <string.h>

#include "source.h"
#include "suggest.h"

/* The text of the call at @event, "name(...)" up to the ";" , or NULL. */
static const char *call_text(const struct wq_program *program,
			     const struct wq_event *event)
{
	const char *directory, *line, *call;
	size_t bytes;

	if (!program->sources || !event->function || !event->callee ||
	    !event->where.column_bytes)
		return NULL;
	directory = event->function->unit->directory;
	if (!wq_source_is(program->sources, directory, event->where,
			  wq_arena_printf(program->arena, "%s(",
					  event->callee)))
		return NULL;
	line = wq_source_line(program->sources, directory, event->where.file,
			      event->where.line);
	call = line + event->where.column_bytes - 1;
	bytes = strlen(call);
	if (bytes < 2 || strcmp(call + bytes - 2, ");") ||
	    strcspn(call, ";") != bytes - 1)
		return NULL;
	call = wq_arena_printf(program->arena, "%.*s", (int)bytes - 1, call);
	return wq_call_stands_alone(program, event->where, directory, call)
	       ? call : NULL;
}

void wq_suggest_removal(const struct wq_program *program,
			struct wq_findings *findings,
			struct wq_finding *finding,
			const struct wq_event *event)
{
	const char *call = call_text(program, event);

	if (call)
		wq_add_removal(program, findings, finding,
			       event->function->unit->directory, call);
}

/* "foo" of "destroy_workqueue(foo->wq)"; NULL: any other text. */
static const char *object_in(const struct wq_program *program,
			     const char *call, const char *member)
{
	const char *argument = strchr(call, '(') + 1;
	size_t bytes = strlen(argument);
	const char *tail = wq_arena_printf(program->arena, "->%s)", member);

	if (bytes <= strlen(tail) ||
	    strcmp(argument + bytes - strlen(tail), tail))
		return NULL;
	bytes -= strlen(tail);
	/* A name or members of one: nothing that is done twice. */
	if (strcspn(argument, "()+- ,*&") < bytes)
		return NULL;
	return wq_arena_printf(program->arena, "%.*s", (int)bytes, argument);
}

/* The item as it can be named where @waiter is, or NULL. */
static const char *name_there(const struct wq_program *program,
			      const struct wq_work *work,
			      const struct wq_use *waiter, const char *call)
{
	const struct wq_item *slot = wq_queue_slot(program, waiter);
	const char *object;

	if (work->item->element >= 0 || work->item->ambiguous ||
	    (work->item->type && !work->item->member))
		return NULL;
	if (!work->item->type)
		return work->handlers[0]->unit == waiter->event->function->unit
		       ? work->item->name : NULL;
	/* A dot may hide an element of an array. */
	if (strchr(work->item->member, '.') ||
	    !slot || !slot->type || !slot->member || slot->next ||
	    slot->instance || work->item->instance || slot->element >= 0 ||
	    strcmp(slot->type, work->item->type))
		return NULL;
	object = object_in(program, call, slot->member);
	return object ? wq_arena_printf(program->arena, "%s->%s", object,
					work->item->member) : NULL;
}

static void edit_before(const struct wq_program *program,
			struct wq_findings *findings,
			struct wq_finding *finding, const struct wq_work *work,
			const struct wq_use *waiter)
{
	const struct wq_event *event = waiter->event;
	struct wq_location where = event->where;
	const char *call = call_text(program, event);
	const char *name, *line;

	if (!call || waiter->context || event->nr_held)
		return;
	name = name_there(program, work, waiter, call);
	if (!name)
		return;
	line = wq_source_line(program->sources,
			      event->function->unit->directory, where.file,
			      where.line);
	where.column_bytes = 1;
	wq_finding_edit(findings, finding, where, "",
			wq_arena_printf(program->arena, "%.*s%s(&%s);\n",
					(int)strspn(line, "\t "), line,
					wq_cancel_call(work), name));
}

void wq_suggest_delayed(const struct wq_program *program,
			struct wq_findings *findings,
			struct wq_finding *finding, const struct wq_work *work,
			const struct wq_use *waiter)
{
	finding->suggestion.step = 0;
	finding->suggestion.text = wq_arena_printf(findings->arena,
		"%s() %s before its queue is %s, after the last place that can "
		"queue it", wq_cancel_call(work), finding->work,
		!waiter || waiter->event->kind == WQ_EVENT_DESTROY_QUEUE
		? "destroyed" : "flushed");
	if (waiter)
		edit_before(program, findings, finding, work, waiter);
}
