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

bool wq_fix_queue(struct wq_fix *fix, const struct wq_work *work,
		  const struct wq_use *own)
{
	const struct wq_program *program = fix->fixer->program;
	const struct wq_item *slot = wq_queue_slot(program, own);
	struct wq_shared shared;
	unsigned int i, count = 0;
	const char *objection;

	if (!slot)
		return wq_fix_refuse(fix, "the own queue has no name");
	objection = wq_queue_objection(program, work, own);
	if (objection)
		return wq_fix_refuse(fix, "%s", objection);
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
