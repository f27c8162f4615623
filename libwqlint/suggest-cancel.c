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

/* Where the name of the last member of @path, "tx.work", begins. */
static const char *last_member(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

/* Are @a and @b members of one struct: "tx.work" and "tx.other"? */
static bool are_in_one_struct(const char *a, const char *b)
{
	size_t bytes = (size_t)(last_member(a) - a);

	return bytes == (size_t)(last_member(b) - b) && !strncmp(a, b, bytes);
}

/* The only call that binds the item @item, or NULL. */
static const struct wq_event *binds(const struct wq_program *program,
				    const struct wq_item *item)
{
	const struct wq_event *found = NULL, *event;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		event = program->uses[i].event;
		if (event->kind != WQ_EVENT_INIT_WORK || event == found ||
		    !wq_item_may_alias(program->uses[i].items, item))
			continue;
		if (found)
			return NULL;
		found = event;
	}
	return found;
}

/*
 * Is each element of an array that has the one item bound to a handler
 * bound to one for the other as well, under the same conditions?
 */
static bool are_bound_together(const struct wq_program *program,
			       const struct wq_item *one,
			       const struct wq_item *other)
{
	const struct wq_event *a = binds(program, one);
	const struct wq_event *b = binds(program, other);
	unsigned int i;

	if (!a || !b || !a->function || a->function != b->function ||
	    a->nr_conditions != b->nr_conditions)
		return false;
	for (i = 0; i < a->nr_conditions; i++)
		if (a->conditions[i].left != b->conditions[i].left ||
		    a->conditions[i].relation != b->conditions[i].relation ||
		    a->conditions[i].right != b->conditions[i].right)
			return false;
	return true;
}

/*
 * Where the member that @text, "foo->ports[i].other);", ends with begins;
 * NULL when the text is anything else, such as one certain element.
 */
static const char *member_in(const char *text, const char *member)
{
	size_t bytes = strlen(member);
	const char *end = strchr(text, ')');
	const char *at;

	if (!end || strcmp(end, ");") || (size_t)(end - text) < bytes + 2)
		return NULL;
	for (at = text; at < end; at++)
		if (!isalnum((unsigned char)*at) && !strchr("_.->[]", *at))
			return NULL;
		else if (*at == '[' && isdigit((unsigned char)at[1]))
			return NULL;
	at = end - bytes;
	return !strncmp(at, member, bytes) && strchr(".>", at[-1]) ? at : NULL;
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
	const struct wq_item *item = work->item, *other = sibling->items;
	const char *text = line, *member;
	size_t indent, call;

	if (!other || !other->member || !item->member || !item->type ||
	    !other->type || strcmp(item->type, other->type) ||
	    !are_in_one_struct(item->member, other->member) ||
	    (wq_work_is_in_array(work) &&
	     !are_bound_together(program, item, other)))
		return NULL;
	indent = strspn(text, "\t ");
	text += indent;
	call = name_bytes(text);
	if (call != strlen(sibling->event->callee) ||
	    strncmp(text, sibling->event->callee, call) ||
	    strncmp(text + call, "(&", 2))
		return NULL;
	text += call + 2;
	member = member_in(text, last_member(other->member));
	if (!member)
		return NULL;
	return wq_arena_printf(program->arena, "%.*s%s(&%.*s%s);\n",
			       (int)indent, line, wq_cancel_call(work),
			       (int)(member - text), text,
			       last_member(item->member));
}

/* Does what is above line @number leave the statement there without braces? */
static bool is_bare(const struct wq_program *program, const char *directory,
		    const char *file, unsigned int number)
{
	const char *line;
	size_t length;

	while (--number) {
		line = wq_source_line(program->sources, directory, file,
				      number);
		length = line ? strlen(line) : 0;
		while (length && isspace((unsigned char)line[length - 1]))
			length--;
		if (length)
			return line[length - 1] == ')' ||
			       (length >= 4 &&
				!strncmp(line + length - 4, "else", 4));
	}
	return true;
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

/* Does a handler of @other queue @work? */
static bool queues(const struct wq_program *program,
		   const struct wq_work *other, const struct wq_work *work)
{
	struct queueing search = { work };
	unsigned int i;

	for (i = 0; i < other->nr_handlers; i++)
		if (wq_walk_events(program, other->handlers[i], queues_it,
				   &search))
			return true;
	return false;
}

/* The last wait for @other in @function, or NULL. */
static const struct wq_use *last_wait_in(const struct wq_function *function,
					 const struct wq_work *other)
{
	const struct wq_use *last = NULL;
	unsigned int i;

	for (i = 0; i < other->nr_uses; i++) {
		const struct wq_event *event = other->uses[i]->event;

		if (wq_event_waits_for_work(event) &&
		    event->function == function &&
		    (!last || event->index > last->event->index))
			last = other->uses[i];
	}
	return last;
}

/*
 * The last wait in the function of @sibling's for an item whose handler queues
 * @work; NULL when there is none.
 */
static const struct wq_use *last_queuer(const struct wq_program *program,
					const struct wq_work *work,
					const struct wq_use *sibling)
{
	const struct wq_use *last = NULL, *wait;
	unsigned int i;

	for (i = 0; i < program->nr_works; i++) {
		const struct wq_work *other = &program->works[i];

		if (other == work)
			continue;
		wait = last_wait_in(sibling->event->function, other);
		if (wait && (!last || wait->event->index > last->event->index) &&
		    queues(program, other, work))
			last = wait;
	}
	return last;
}

static void edit_beside(const struct wq_program *program,
			struct wq_findings *findings,
			struct wq_finding *finding, const struct wq_work *work,
			const struct wq_use *sibling)
{
	const struct wq_use *queuer = last_queuer(program, work, sibling);
	const struct wq_event *event = queuer ? queuer->event : sibling->event;
	struct wq_location where = event->where;
	const char *line, *text;

	line = wq_source_line(program->sources,
			      event->function->unit->directory, where.file,
			      where.line);
	text = line ? line_beside(program, work, queuer ? queuer : sibling, line)
		    : NULL;
	if (!text || is_bare(program, event->function->unit->directory,
			     where.file, where.line))
		return;
	where.column_bytes = 1;
	/* The last that can queue it ends first. */
	where.line += queuer != NULL;
	wq_finding_edit(findings, finding, where, "", text);
}

bool wq_work_frees_itself(const struct wq_program *program,
			  const struct wq_work *work)
{
	struct wq_end end;

	wq_work_find_end(program, work, &end);
	return end.kind == WQ_END_HANDLER;
}

const char *wq_suggest_queue_of_own(struct wq_findings *findings,
				    const struct wq_finding *finding)
{
	return wq_arena_printf(findings->arena, "queue %s on a queue of the module's own, and flush that before what the handler uses goes: the handler frees it, so that nobody can cancel it",
			       finding->work);
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
		weak ? "%s() %s instead%s, after the last place that can queue "
		       "it again, and before its object goes"
		     : "%s() %s%s after the last place that can queue it, and "
		       "before its object goes",
		wq_cancel_call(work), finding->work,
		!wq_work_is_in_array(work) ? ""
		: weak ? ", in a loop over the elements"
		       : ", in a loop over the elements,");
	if (!weak && !sibling && wq_work_frees_itself(program, work)) {
		finding->suggestion.text = wq_suggest_queue_of_own(findings,
								   finding);
		return;
	}
	if (!program->sources || wq_wait_objection(program, work))
		return;
	if (weak && !wq_place_objection(program, work, weak))
		edit_weak(program, findings, finding, weak);
	else if (!weak && sibling && !sibling->context &&
		 !wq_place_objection(program, work, sibling->event))
		edit_beside(program, findings, finding, work, sibling);
}
