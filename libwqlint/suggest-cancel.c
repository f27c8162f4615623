/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the wait for a work item belongs: next to that for its sibling,
 * or in place of the call that cancels and does not wait.
 */
#include <ctype.h>
#include <string.h>

#include "resolve.h"
#include "source.h"
#include "suggest.h"

/* "cancel_work(&" becomes "cancel_work_sync(&" where that is the text. */
static void edit_weak(const struct wq_program *program,
		      struct wq_findings *findings, struct wq_finding *finding,
		      const struct wq_event *weak)
{
	const char *old = wq_arena_printf(program->arena, "%s(", weak->callee);

	/* In an interrupt, or under a lock, it must not wait. */
	if (!weak->function || weak->nr_held ||
	    !wq_function_tears_down(program, weak->function, NULL))
		return;
	if (wq_source_is(program->sources, weak->function->unit->directory,
			 weak->where, old))
		wq_finding_edit(findings, finding, weak->where, old,
				wq_arena_printf(program->arena, "%s_sync(",
						weak->callee));
}

/* Length of the name that @text begins with. */
static size_t name_bytes(const char *text)
{
	size_t bytes = 0;

	while (isalnum((unsigned char)text[bytes]) || text[bytes] == '_')
		bytes++;
	return bytes;
}

/*
 * The sibling's line, "<tab>cancel_work_sync(&foo->other);" and nothing
 * else, with the call and the member that this item needs; NULL when the
 * text is anything else.
 */
static const char *line_beside(const struct wq_program *program,
			       const struct wq_work *work,
			       const struct wq_use *sibling, const char *line)
{
	const char *member = sibling->items ? sibling->items->member : NULL;
	const char *text = line, *arrow;
	size_t indent, call;

	if (!member || !work->item->member || strchr(work->item->member, '.'))
		return NULL;
	indent = strspn(text, "\t ");
	text += indent;
	call = name_bytes(text);
	if (call != strlen(sibling->event->callee) ||
	    strncmp(text, sibling->event->callee, call) ||
	    strncmp(text + call, "(&", 2))
		return NULL;
	text += call + 2;
	arrow = text + name_bytes(text);
	if (arrow == text || strncmp(arrow, "->", 2) ||
	    strncmp(arrow + 2, member, strlen(member)) ||
	    strcmp(arrow + 2 + strlen(member), ");"))
		return NULL;
	return wq_arena_printf(program->arena, "%.*s%s(&%.*s->%s);\n",
			       (int)indent, line, wq_cancel_call(work),
			       (int)(arrow - text), text, work->item->member);
}

struct queueing {
	const struct wq_work *work;
};

static bool queues_it(const struct wq_event *event, void *data)
{
	const struct queueing *search = data;
	unsigned int i;

	for (i = 0; i < search->work->nr_uses; i++)
		if (event->kind == WQ_EVENT_QUEUE &&
		    search->work->uses[i]->event == event)
			return true;
	return false;
}

/* Does the handler of what @sibling waits for queue @work? */
static bool is_queued_by(const struct wq_program *program,
			 const struct wq_work *work,
			 const struct wq_use *sibling)
{
	struct queueing search = { work };
	unsigned int i, j;

	for (i = 0; i < program->nr_works; i++) {
		const struct wq_work *other = &program->works[i];

		if (!sibling->items || other == work ||
		    !wq_item_may_alias(other->item, sibling->items))
			continue;
		for (j = 0; j < other->nr_handlers; j++)
			if (wq_walk_events(program, other->handlers[j],
					   queues_it, &search))
				return true;
	}
	return false;
}

static void edit_beside(const struct wq_program *program,
			struct wq_findings *findings,
			struct wq_finding *finding, const struct wq_work *work,
			const struct wq_use *sibling)
{
	const struct wq_event *event = sibling->event;
	struct wq_location where = event->where;
	const char *line, *text;

	line = wq_source_line(program->sources,
			      event->function->unit->directory, where.file,
			      where.line);
	text = line ? line_beside(program, work, sibling, line) : NULL;
	if (!text)
		return;
	where.column_bytes = 1;
	/* The last that can queue it ends first. */
	where.line += is_queued_by(program, work, sibling);
	wq_finding_edit(findings, finding, where, "", text);
}

void wq_suggest_cancel(const struct wq_program *program,
		       struct wq_findings *findings,
		       struct wq_finding *finding, const struct wq_work *work,
		       const struct wq_use *sibling,
		       const struct wq_event *weak)
{
	finding->suggestion.step = 0;
	if (sibling)
		wq_finding_relate(findings, finding, sibling->event->where,
				  sibling->event->function->name,
				  "%s() here waits for %s only",
				  sibling->event->callee,
				  sibling->items ? sibling->items->name
						 : "another item");
	finding->suggestion.text = wq_arena_printf(findings->arena,
		weak ? "%s() %s instead, after the last place that can queue "
		       "it again, and before its object goes"
		     : "%s() %s after the last place that can queue it, and "
		       "before its object goes",
		wq_cancel_call(work), finding->work);
	if (!program->sources || wq_wait_objection(program, work))
		return;
	if (weak && !wq_place_objection(program, work, weak))
		edit_weak(program, findings, finding, weak);
	else if (!weak && sibling && !sibling->context &&
		 !wq_place_objection(program, work, sibling->event))
		edit_beside(program, findings, finding, work, sibling);
}
