/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Would a wait at a place do what it is there for, and no harm? Not when the
 * interrupt that queues the item is freed only later, not when the object that
 * its handler works with has gone before, not when the item need not have a
 * handler by then, and not when the handler may never end.
 */
#include <string.h>

#include "fix-place.h"

#define MAX_CALLERS_UP	3

static bool ends_irq(const struct wq_event *event, void *data)
{
	(void)data;
	return wq_event_ends_irq(event);
}

/* Has the interrupt ended before @place, in its function or in its callers? */
static bool is_irq_over(const struct wq_program *program,
			const struct wq_event *place, unsigned int depth)
{
	const struct wq_function *function = place->function;
	const struct wq_event *const *callers;
	unsigned int i, count;

	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event->kind == WQ_EVENT_CALL &&
		    wq_location_compare(&event->where, &place->where) < 0 &&
		    (ends_irq(event, NULL) ||
		     wq_walk_call(program, event, ends_irq, NULL)))
			return true;
	}
	callers = wq_program_callers(program, function, &count);
	for (i = 0; depth && i < count; i++)
		if (callers[i]->function &&
		    is_irq_over(program, callers[i], depth - 1))
			return true;
	return false;
}

/* Is @expr the pointer that is kept in the same member as @member's? */
static bool is_same_member(const struct wq_expr *expr,
			   const struct wq_expr *member)
{
	for (; expr; expr = expr->base)
		if (expr->kind == WQ_EXPR_LOAD &&
		    expr->base->kind == WQ_EXPR_FIELD && expr->base->type &&
		    expr->base->name && !strcmp(expr->base->type, member->type) &&
		    !strcmp(expr->base->name, member->name))
			return true;
	return false;
}

/* "foo->psy", a pointer in a member: the member, or NULL. */
static const struct wq_expr *member_of(const struct wq_expr *arg)
{
	return arg->kind == WQ_EXPR_LOAD && arg->base->kind == WQ_EXPR_FIELD &&
	       arg->base->type && arg->base->name ? arg->base : NULL;
}

static bool uses_member(const struct wq_event *event, void *data)
{
	unsigned int i;

	if (event->kind == WQ_EVENT_FREE || event->kind == WQ_EVENT_PUT)
		return is_same_member(event->object, data);
	for (i = 0; event->kind == WQ_EVENT_CALL && i < event->nr_args; i++)
		if (is_same_member(event->args[i], data))
			return true;
	return false;
}

/* Does another call free what is in @member, so that "unregister" does not? */
static bool is_freed_apart(const struct wq_program *program,
			   const struct wq_event *unregister,
			   const struct wq_expr *member)
{
	static const enum wq_event_kind kinds[] = {
		WQ_EVENT_CALL, WQ_EVENT_FREE, WQ_EVENT_PUT,
	};
	const struct wq_event *const *events;
	unsigned int i, j, count;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		events = wq_program_events(program, kinds[i], &count);
		for (j = 0; j < count; j++)
			if (events[j] != unregister && events[j]->callee &&
			    (wq_name_has_word(events[j]->callee, "free") ||
			     wq_name_has_word(events[j]->callee, "put")) &&
			    uses_member(events[j], (void *)member))
				return true;
	}
	return false;
}

/* By its name: is what @call is given gone after it, if nobody else has it? */
static bool may_end_object(const struct wq_event *call)
{
	return call->callee && !wq_name_has_word(call->callee, "notifier") &&
	       (wq_name_has_word(call->callee, "unregister") ||
		wq_name_has_word(call->callee, "remove"));
}

/* The call before @place that ends an object that a handler works with. */
static const struct wq_event *ends_before(const struct wq_program *program,
					  const struct wq_work *work,
					  const struct wq_event *place)
{
	const struct wq_function *function = place->function;
	unsigned int i, j;

	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];
		const struct wq_expr *member;

		if (event->kind != WQ_EVENT_CALL || !event->nr_args ||
		    !may_end_object(event) ||
		    wq_location_compare(&event->where, &place->where) >= 0)
			continue;
		member = member_of(event->args[0]);
		for (j = 0; member && j < work->nr_handlers; j++)
			if (wq_walk_events(program, work->handlers[j],
					   uses_member, (void *)member) &&
			    !is_freed_apart(program, event, member))
				return event;
	}
	return NULL;
}

/* Is the item initialised only in some configurations? */
static bool is_bound_by_option(struct wq_fix *fix, const struct wq_work *work)
{
	const struct wq_event *init = wq_work_init(work);
	const struct wq_text *text = init && init->where.file
		? wq_text_open(fix->fixer->texts, init->where.file) : NULL;
	unsigned int token = text ? wq_token_at(text->tokens, init->where.line,
						init->where.column_bytes)
				  : WQ_NO_TOKEN;

	return token != WQ_NO_TOKEN && text->tokens->list[token].branch;
}

static bool is_sleep(const struct wq_tokens *tokens, unsigned int token)
{
	static const char *const names[] = {
		"fsleep", "msleep", "msleep_interruptible", "ssleep",
		"schedule_timeout_interruptible",
		"schedule_timeout_uninterruptible", "usleep_range",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (wq_token_is(tokens, token, names[i]))
			return true;
	return false;
}

/* The last token of the loop that begins at @token, or WQ_NO_TOKEN. */
static unsigned int end_of_loop(const struct wq_tokens *tokens,
				unsigned int token)
{
	unsigned int body = token + 1;

	if (!wq_token_is(tokens, token, "while") &&
	    !wq_token_is(tokens, token, "for") &&
	    !wq_token_is(tokens, token, "do"))
		return WQ_NO_TOKEN;
	if (wq_token_is(tokens, body, "("))
		body = wq_token_closing(tokens, body, true) + 1;
	if (wq_token_is(tokens, body, "{"))
		return wq_token_closing(tokens, body, true);
	while (body < tokens->count && !wq_token_is(tokens, body, ";"))
		body++;
	return body;
}

/* Where the handler sleeps again and again, for something to come. */
static unsigned int polls_at(const struct wq_body *body)
{
	unsigned int i, j, end;

	for (i = body->open; i < body->close; i++) {
		end = end_of_loop(body->tokens, i);
		for (j = i; end != WQ_NO_TOKEN && j < end; j++)
			if (is_sleep(body->tokens, j))
				return j;
	}
	return WQ_NO_TOKEN;
}

static bool handler_ends(struct wq_fix *fix, const struct wq_work *work)
{
	unsigned int i, token;
	struct wq_body body;

	for (i = 0; i < work->nr_handlers; i++) {
		if (work->handlers[i]->where.in_macro)
			continue;
		if (!wq_fix_body(fix, work->handlers[i], &body)) {
			fix->refusal = NULL;
			continue;
		}
		token = polls_at(&body);
		if (token != WQ_NO_TOKEN)
			return wq_fix_refuse(fix, "%s:%u: the handler sleeps here until something comes, which teardown may have stopped",
					     body.text->name,
					     body.tokens->list[token].line);
	}
	return true;
}

/* Has the item its handler whenever @function waits for it? */
static bool is_bound_before(struct wq_fix *fix, const struct wq_work *work,
			    const struct wq_function *function)
{
	const struct wq_program *program = fix->fixer->program;
	const struct wq_function *alloc;

	if (is_bound_by_option(fix, work))
		return wq_fix_refuse(fix, "%s:%u: %s is initialised only in some configurations",
				     wq_work_init(work)->where.file,
				     wq_work_init(work)->where.line,
				     work->item->name);
	alloc = wq_work_unbound_alloc(program, work);
	if (alloc && !wq_work_is_bound_by(program, work, function))
		return wq_fix_refuse(fix, "%s gets its handler at %s:%u, and %s() does not come by when it allocates the object: a wait for one that has none is a warning",
				     work->item->name,
				     wq_work_init(work)->where.file,
				     wq_work_init(work)->where.line,
				     alloc->name);
	return true;
}

bool wq_fix_wait_is_sound(struct wq_fix *fix, const struct wq_work *work,
			  const struct wq_function *function,
			  const struct wq_text *text, unsigned int token,
			  bool is_cancelled)
{
	const struct wq_program *program = fix->fixer->program;
	const struct wq_event *irq = wq_work_irq(program, work), *end;
	struct wq_event place = {
		.kind = WQ_EVENT_CALL, .function = function,
		.where = {
			.file = function->where.file,
			.line = text->tokens->list[token].line,
			.column_bytes = 1,
		},
	};

	if ((!is_cancelled && !is_bound_before(fix, work, function)) ||
	    !handler_ends(fix, work))
		return false;
	if (irq && !is_irq_over(program, &place, MAX_CALLERS_UP))
		return wq_fix_refuse(fix, "%s:%u: the interrupt that queues %s is not seen to be freed before %s:%u",
				     irq->where.file, irq->where.line,
				     work->item->name, text->name,
				     place.where.line);
	end = ends_before(program, work, &place);
	if (end)
		return wq_fix_refuse(fix, "%s:%u: %s() may let go of what the handler works with, and stop who queues the item",
				     end->where.file, end->where.line,
				     end->callee);
	return true;
}
