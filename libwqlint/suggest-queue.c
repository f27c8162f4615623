/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Step 4: the call that queues on a shared queue, on the own one instead.
 */
#include <ctype.h>
#include <string.h>

#include "resolve.h"
#include "source.h"
#include "suggest.h"

/* The call of the own queue that does the same, and how the text begins. */
static const struct {
	const char *shared, *own;
} same_calls[] = {
	{ "schedule_work(", "queue_work(" },
	{ "schedule_delayed_work(", "queue_delayed_work(" },
};

/*
 * The own queue as C text at @use: a file-scope variable of the unit, or
 * the member of the same object as the work item, which the source text
 * names ("&port->work" gives "port->wq").
 */
static const char *queue_expression(const struct wq_program *program,
				    const struct wq_use *use,
				    const struct wq_use *own,
				    const char *argument)
{
	const struct wq_expr *queue = own->event->queue;
	const struct wq_item *slot, *item = use->items;
	const char *arrow;
	size_t member_bytes;

	if (!queue || queue->kind != WQ_EXPR_LOAD || !item)
		return NULL;
	slot = wq_queue_slot(program, own);
	if (!slot)
		return NULL;
	if (!slot->type)
		return queue->base->unit == use->event->function->unit &&
		       slot->is_confined ? slot->name : NULL;
	if (!item->type || !item->member || strcmp(slot->type, item->type) ||
	    *argument != '&')
		return NULL;
	member_bytes = strlen(item->member);
	arrow = strstr(argument, "->");
	if (!arrow || strncmp(arrow + 2, item->member, member_bytes) ||
	    isalnum((unsigned char)arrow[2 + member_bytes]) ||
	    arrow[2 + member_bytes] == '_')
		return NULL;
	return wq_arena_printf(program->arena, "%.*s->%s",
			       (int)(arrow - argument - 1), argument + 1,
			       slot->member);
}

static void edit_call(const struct wq_program *program,
		      struct wq_findings *findings, struct wq_finding *finding,
		      const struct wq_use *use, const struct wq_use *own)
{
	const struct wq_event *event = use->event;
	const char *directory = event->function->unit->directory, *line, *queue;
	size_t i;

	line = wq_source_line(program->sources, directory, event->where.file,
			      event->where.line);
	for (i = 0; line && i < sizeof(same_calls) / sizeof(*same_calls); i++) {
		const char *shared = same_calls[i].shared;

		if (!wq_source_is(program->sources, directory, event->where,
				  shared))
			continue;
		queue = queue_expression(program, use, own,
					 line + event->where.column_bytes - 1 +
					 strlen(shared));
		if (queue)
			wq_finding_edit(findings, finding, event->where, shared,
					wq_arena_printf(program->arena,
							"%s%s, ",
							same_calls[i].own,
							queue));
	}
}

/* Are both functions' files in one directory? */
static bool share_directory(const struct wq_event *one,
			    const struct wq_event *other)
{
	const char *a = one->where.file, *b = other->where.file;
	const char *end = a ? strrchr(a, '/') : NULL;
	size_t bytes = end ? (size_t)(end - a) + 1 : 0;

	return a && b && !strncmp(a, b, bytes) && !strchr(b + bytes, '/');
}

/*
 * A queue of another object is no place for the item, nor is one of another
 * part of a big module.
 */
static bool belongs_on(const struct wq_program *program,
		       const struct wq_work *work, const struct wq_use *use,
		       const struct wq_use *own)
{
	const struct wq_item *slot = wq_queue_slot(program, own);

	if (!slot)
		return false;
	return slot->type ? work->item->type &&
			    !strcmp(slot->type, work->item->type)
			  : share_directory(use->event, own->event);
}

void wq_suggest_own_queue(const struct wq_program *program,
			  struct wq_findings *findings,
			  struct wq_finding *finding,
			  const struct wq_work *work,
			  const struct wq_use *use, const struct wq_use *own)
{
	bool frees_itself = wq_work_frees_itself(program, work);

	if (!belongs_on(program, work, use, own) ||
	    wq_queue_objection(program, work, own)) {
		finding->suggestion.step = 0;
		finding->suggestion.text = frees_itself
			? wq_suggest_queue_of_own(findings, finding)
			: wq_arena_printf(findings->arena,
					  "%s() %s before it goes away",
					  wq_cancel_call(work), finding->work);
		return;
	}
	finding->suggestion.step = 4;
	finding->suggestion.text = wq_arena_printf(findings->arena,
		frees_itself ? "Step 4: queue %s on %s here: its handler frees it, so that nobody can cancel it"
			     : "Step 4: queue %s on %s here, or %s() it before it goes away",
		finding->work, wq_own_queue_name(program, own),
		wq_cancel_call(work));
	if (program->sources && use->event->function && !use->context)
		edit_call(program, findings, finding, use, own);
}
