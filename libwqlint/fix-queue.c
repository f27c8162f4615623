/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Step 4 where the module has a queue of its own already: every queueing of
 * one work item on it.
 */
#include <string.h>

#include "fix-call.h"
#include "resolve.h"

/*
 * The own queue as text at the call at @token: "port->wq" for the argument
 * "&port->work", or the variable at file scope.
 */
static const char *expression_at(struct wq_fix *fix, const struct wq_text *text,
				 unsigned int argument,
				 const struct wq_work *work,
				 const struct wq_item *slot)
{
	const struct wq_tokens *tokens = text->tokens;
	unsigned int i, end;

	if (!slot->type)
		return wq_tokens_have(tokens, slot->name) ? slot->name : NULL;
	if (!work->item->type || strcmp(slot->type, work->item->type) ||
	    strchr(work->item->member, '.') || strchr(slot->member, '.') ||
	    !wq_token_is(tokens, argument, "&"))
		return NULL;
	for (end = argument + 1; end < tokens->count; end++)
		if (wq_token_is(tokens, end, ",") || wq_token_is(tokens, end, ")"))
			break;
	if (end - argument < 4 || end >= tokens->count ||
	    !wq_token_is(tokens, end - 1, work->item->member))
		return NULL;
	for (i = argument + 1; i < end; i++)
		if (wq_token_is(tokens, i, "("))
			return NULL;
	return wq_arena_printf(fix->fixer->arena, "%.*s%s",
		(int)(tokens->list[end - 1].offset -
		      tokens->list[argument + 1].offset),
		text->bytes + tokens->list[argument + 1].offset, slot->member);
}

static bool convert(struct wq_fix *fix, const struct wq_work *work,
		    const struct wq_use *use, const struct wq_item *slot,
		    const char *name)
{
	const struct wq_event *event = use->event;
	unsigned int token, number;
	const char *expression;
	struct wq_text *text;

	if (use->context || !event->callee)
		return wq_fix_refuse(fix, "%s:%u: which item is queued depends on the caller",
				     event->where.file, event->where.line);
	text = wq_fix_call(fix, event->where, event->callee, &token);
	if (!text)
		return false;
	number = !strncmp(event->callee, "queue_", 6);
	expression = expression_at(fix, text,
				   wq_fix_argument(text->tokens, token, number),
				   work, slot);
	if (!expression)
		return wq_fix_refuse(fix, "%s:%u: the own queue has no name here",
				     event->where.file, event->where.line);
	return wq_fix_queueing(fix, event, name, expression) != NULL;
}

static bool waits(const struct wq_event *event, void *data)
{
	(void)data;
	return wq_event_waits_for_work(event) ||
	       wq_event_waits_for_queue(event) || event->kind == WQ_EVENT_WAIT;
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

/* Would @own's queue keep @work's handler from running too late, and only that? */
static bool fits(struct wq_fix *fix, const struct wq_work *work,
		 const struct wq_use *own)
{
	const struct wq_event *alloc = wq_use_own_queue(own);
	struct wq_end end;

	if (!alloc)
		return wq_fix_refuse(fix, "where the own queue is allocated is not seen");
	if (alloc->number & ORDERED)
		return wq_fix_refuse(fix, "the own queue runs one item after the other, and the others would wait for %s",
				     work->item->name);
	wq_work_find_end(fix->fixer->program, work, &end);
	if (work->item->type && end.kind != WQ_END_HANDLER &&
	    !is_waited_for(fix->fixer->program, alloc))
		return wq_fix_refuse(fix, "the own queue is waited for only when the module goes, and the object of %s goes earlier",
				     work->item->name);
	return true;
}

bool wq_fix_queue(struct wq_fix *fix, const struct wq_work *work,
		  const struct wq_use *own)
{
	const struct wq_program *program = fix->fixer->program;
	const struct wq_item *slot = wq_queue_slot(program, own);
	struct wq_shared shared;
	unsigned int i, count = 0;

	if (!slot)
		return wq_fix_refuse(fix, "the own queue has no name");
	if (wq_work_has_delay(work))
		return wq_fix_refuse(fix, "a delayed item on the own queue would still have a timer that nothing stops");
	if (!fits(fix, work, own))
		return false;
	for (i = 0; i < work->nr_handlers; i++)
		if (wq_walk_events(program, work->handlers[i], waits, NULL))
			return wq_fix_refuse(fix, "the handler waits for something that the own queue may have to do");
	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_use *use = work->uses[i];

		if (use->event->kind != WQ_EVENT_QUEUE ||
		    !wq_use_is_shared(program, use, &shared))
			continue;
		if (shared.may || !use->event->function)
			return wq_fix_refuse(fix, "which queue it is on is not certain");
		if (!convert(fix, work, use, slot, shared.queue->name))
			return false;
		count++;
	}
	if (!count)
		return wq_fix_refuse(fix, "no call queues it on a shared queue");
	fix->subject = wq_arena_printf(fix->fixer->arena, "Queue %s on %s",
				       work->item->name, slot->name);
	fix->text = wq_arena_printf(fix->fixer->arena,
		"The module waits for %s with %s() in %s(), but %s is queued on "
		"a shared workqueue, so nothing waits for it before its memory "
		"or code goes away. Queue it on %s.", slot->name,
		own->event->callee, own->event->function->name,
		work->item->name, slot->name);
	return true;
}
