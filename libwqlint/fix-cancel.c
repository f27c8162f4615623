/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A wait for one work item before what it is in goes away: next to the wait
 * for its sibling, in place of a cancel that does not wait, else directly
 * before the object is freed or at the end of the module's exit function.
 *
 * Only where the wait may sleep, and where no lock is held that the handler
 * takes. When each element of an array has the item, the wait is a loop.
 */
#include <limits.h>
#include <string.h>

#include "fix-array.h"
#include "fix-place.h"
#include "resolve.h"

/* Is @name, which points to an object, one of an array of them here? */
static bool is_array(const struct wq_tokens *tokens, unsigned int token,
		     const char *name)
{
	unsigned int i, start = wq_fix_function_start(tokens, token);

	for (i = start; i < wq_token_closing(tokens, start, true); i++)
		if (wq_token_is(tokens, i, name) &&
		    wq_token_is(tokens, i + 1, "["))
			return true;
	return false;
}

/* The wait that is written, in @function. */
struct wait {
	const struct wq_work *work;
	const struct wq_function *function;
	const char *variable;		/* of the object; NULL: at file scope */
	const struct wq_array *array;	/* whose elements have it, or NULL */
};

/* The tag of the struct that the variable of @wait's object points to. */
static const char *type_of_object(const struct wait *wait)
{
	return wait->array ? wait->array->owner : wait->work->item->type;
}

/* "<indent>cancel_work_sync(...);", or a loop of it, for @token. */
static const char *wait_text(struct wq_fix *fix, const struct wait *wait,
			     unsigned int token, const char *indent)
{
	const struct wq_item *item = wait->work->item;
	const char *call = wq_cancel_call(wait->work);
	struct wq_arena *arena = fix->fixer->arena;
	struct wq_loop loop;

	if (wait->array)
		return wq_array_name(fix, wait->array, wait->function, token,
				     wait->variable ? wait->variable
						    : wait->array->root, &loop)
		       ? wq_loop_text(arena, &loop, call, indent) : NULL;
	if (!wait->variable)
		return wq_arena_printf(arena, "%s%s(&%s);", indent, call,
				       item->name);
	return wq_arena_printf(arena, "%s%s(&%s->%s);", indent, call,
			       wait->variable, item->member);
}

/* It, on lines before the one of @token. */
static bool insert_before(struct wq_fix *fix, const struct wait *wait,
			  struct wq_text *text, unsigned int token)
{
	const char *lines;
	size_t offset = text->tokens->list[token].offset;
	size_t start = wq_line_start(text->tokens, offset);

	if (strspn(text->bytes + start, "\t ") < offset - start ||
	    !wq_fix_begins_statement(text, token))
		return wq_fix_refuse(fix, "%s:%u: the statement before which the wait belongs depends on a condition",
				     text->name, text->tokens->list[token].line);
	lines = wait_text(fix, wait, token,
			  wq_arena_printf(fix->fixer->arena, "%.*s",
					  (int)(offset - start),
					  text->bytes + start));
	if (lines)
		wq_edits_add(&fix->edits, text, start, 0,
			     wq_arena_printf(fix->fixer->arena, "%s\n",
					     lines));
	return lines;
}

/*
 * What "kfree(foo);" or "kfree(foo->ports);", with its name at @token, says
 * that the object of @wait is called, or NULL.
 */
static const char *freed_object(struct wq_fix *fix, const struct wait *wait,
				const struct wq_text *text, unsigned int token)
{
	const struct wq_tokens *tokens = text->tokens;
	struct wq_arena *arena = fix->fixer->arena;
	unsigned int close = wq_token_closing(tokens, token + 1, false);
	const char *freed, *variable;
	struct wq_body body;

	if (!wq_token_is_a(tokens, token + 2, WQ_TOKEN_NAME) ||
	    !wq_token_is(tokens, close + 1, ";"))
		return NULL;
	variable = wq_token_text(arena, tokens, token + 2);
	freed = wq_array_text(arena, tokens, token + 2, close);
	if (!wait->array || !wait->array->is_pointer)
		return close == token + 3 ? variable : NULL;
	if (strcmp(freed, wq_arena_printf(arena, "%s%s", variable,
					  wait->array->path)) ||
	    !wq_fix_body(fix, wait->function, &body))
		return NULL;
	freed = wq_array_tag_of(fix, &body, variable);
	return freed && wait->array->owner && !strcmp(freed, wait->array->owner)
	       ? variable : NULL;
}

/* "kfree(foo);" gets a wait for &foo->work before it. */
static bool before_free(struct wq_fix *fix, struct wait *wait,
			const struct wq_event *event)
{
	const struct wq_item *object = wait->work->item;
	struct wq_text *text;
	unsigned int token;

	if (!event->callee || !event->type || !object->type ||
	    strcmp(event->type, object->type))
		return wq_fix_refuse(fix, "where the object is freed it has another type");
	text = wq_fix_call(fix, event->where, event->callee, &token);
	if (!text)
		return false;
	wait->function = event->function;
	wait->variable = freed_object(fix, wait, text, token);
	if (!wait->variable)
		return wq_fix_refuse(fix, "%s:%u: what is freed has no plain name",
				     event->where.file, event->where.line);
	if (!wait->array && is_array(text->tokens, token, wait->variable))
		return wq_fix_refuse(fix, "%s:%u: %s is an array, and each element has the item",
				     text->name, event->where.line,
				     wait->variable);
	token = wq_fix_place(fix, event->function, text, token,
			     wait->variable);
	return token != WQ_NO_TOKEN &&
	       wq_fix_can_wait_at(fix, wait->work, event, text, token) &&
	       wq_fix_wait_is_sound(fix, wait->work, event->function, text,
				    token, false) &&
	       insert_before(fix, wait, text, token);
}

/* The item as its own struct calls it. */
static const char *short_name(const struct wq_work *work)
{
	return work->item->type && work->item->member ? work->item->member
						      : work->item->name;
}

static void describe(struct wq_fix *fix, const struct wait *wait,
		     const char *where)
{
	const char *name = short_name(wait->work);
	struct wq_arena *arena = fix->fixer->arena;

	fix->subject = wq_arena_printf(arena, "Wait for %s in %s()", name,
				       fix->place->name);
	fix->text = wq_arena_printf(arena,
		"The handler of %s can still run when what it is in is gone. "
		"Call %s() %sin %s(), %s.", name, wq_cancel_call(wait->work),
		wait->array ? "for each element of its array " : "",
		fix->place->name, where);
}

/* Where the list of parameters begins. */
static unsigned int parameters_of(const struct wq_body *body)
{
	unsigned int i;

	for (i = body->open; i && !wq_token_is(body->tokens, i, body->name); i--)
		;
	return i;
}

/* "struct TYPE *name" among the parameters or declared by the body, or NULL. */
static const char *variable_in(struct wq_fix *fix, const struct wq_body *body,
			       const char *type)
{
	unsigned int outside = body->tokens->list[body->open].depth, i;

	for (i = parameters_of(body); i + 4 < body->close; i++)
		if (wq_token_is(body->tokens, i, "struct") &&
		    wq_token_is(body->tokens, i + 1, type) &&
		    wq_token_is(body->tokens, i + 2, "*") &&
		    wq_token_is_a(body->tokens, i + 3, WQ_TOKEN_NAME) &&
		    !wq_token_is(body->tokens, i + 4, "(") &&
		    body->tokens->list[i].depth <= outside + 1)
			return wq_token_text(fix->fixer->arena, body->tokens,
					     i + 3);
	return NULL;
}

/* "if (!foo) return;": there is nothing to tear down. */
static bool is_guard(const struct wq_tokens *tokens, unsigned int token)
{
	return token > 5 && wq_token_is(tokens, token - 1, ")") &&
	       wq_token_is_a(tokens, token - 2, WQ_TOKEN_NAME) &&
	       wq_token_is(tokens, token - 3, "!") &&
	       wq_token_is(tokens, token - 4, "(") &&
	       wq_token_is(tokens, token - 5, "if");
}

/* Has the function one way out: no return but the last, and guards? */
static bool has_one_exit(const struct wq_body *body, unsigned int *last)
{
	unsigned int i;

	*last = body->close;
	for (i = body->open + 1; i < body->close; i++) {
		if (body->tokens->list[i].branch !=
		    body->tokens->list[body->open].branch)
			return false;
		if (wq_token_is(body->tokens, i, "return") &&
		    is_guard(body->tokens, i))
			continue;
		if (wq_token_is(body->tokens, i, "return") &&
		    *last == body->close)
			*last = i;
		else if (wq_token_is(body->tokens, i, "return") ||
			 wq_token_is(body->tokens, i, "goto"))
			return false;
	}
	for (i = *last; i < body->close; i++)
		if (wq_token_is(body->tokens, i, ";"))
			return i + 1 == body->close;
	return true;
}

/* Where the function gives memory back: a wait is too late after it. */
static unsigned int first_free(const struct wq_function *function,
			       const struct wq_body *body)
{
	unsigned int i, token;

	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event->kind != WQ_EVENT_FREE && event->kind != WQ_EVENT_PUT)
			continue;
		token = wq_token_at(body->tokens, event->where.line,
				    event->where.column_bytes);
		return token;
	}
	return body->close;
}

/* What a wait at @token would be, to ask which locks are held there. */
static struct wq_event place_at(const struct wq_function *function,
				const struct wq_body *body, unsigned int token)
{
	struct wq_event place = {
		.kind = WQ_EVENT_CALL, .function = function,
		.where = function->where, .index = UINT_MAX,
	};
	unsigned int i;

	place.where.line = body->tokens->list[token].line;
	for (i = 0; i < function->nr_events; i++)
		if (function->events[i]->where.line >= place.where.line &&
		    function->events[i]->index < place.index)
			place.index = function->events[i]->index;
	return place;
}

/*
 * At the end of @function, before what it returns: all that it stops is
 * stopped by then, and what goes after it is still there.
 */
static bool at_end_of(struct wq_fix *fix, struct wait *wait,
		      const struct wq_function *function, bool owned)
{
	const char *type = wait->work->item->type ? type_of_object(wait) : NULL;
	unsigned int last, freed, token;
	struct wq_event place;
	struct wq_body body;
	const char *lines;

	if (function->where.in_macro)
		return wq_fix_refuse(fix, "%s() is made by a macro",
				     function->name);
	if (!wq_fix_body(fix, function, &body))
		return false;
	wait->function = function;
	wait->variable = type ? variable_in(fix, &body, type) : NULL;
	if (type && !wait->variable)
		return wq_fix_refuse(fix, "%s() has no variable for the object",
				     function->name);
	if (!has_one_exit(&body, &last))
		return wq_fix_refuse(fix, "%s() has several ways out",
				     function->name);
	freed = first_free(function, &body);
	if (freed == WQ_NO_TOKEN || (owned && freed == body.close))
		return wq_fix_refuse(fix, "where %s() frees the object is not in plain text",
				     function->name);
	token = wq_fix_place(fix, function, body.text,
			     freed < last ? freed : last, wait->variable);
	if (token == WQ_NO_TOKEN)
		return false;
	place = place_at(function, &body, token);
	if (!wq_fix_can_wait_at(fix, wait->work, &place, body.text, token) ||
	    !wq_fix_wait_is_sound(fix, wait->work, function, body.text, token,
				  false))
		return false;
	if (token != body.close)
		return insert_before(fix, wait, body.text, token);
	if (!wq_fix_begins_statement(body.text, token) ||
	    body.text->bytes[body.tokens->list[token].offset - 1] != '\n')
		return wq_fix_refuse(fix, "%s() ends in an odd way",
				     function->name);
	lines = wait_text(fix, wait, token, "\t");
	if (lines)
		wq_edits_add(&fix->edits, body.text,
			     body.tokens->list[token].offset, 0,
			     wq_arena_printf(fix->fixer->arena, "%s\n",
					     lines));
	return lines;
}

/* Device-managed, or part of what another allocation made. */
static bool in_remove(struct wq_fix *fix, struct wait *wait,
		      const struct wq_end *end)
{
	const struct wq_function *function = wq_fix_remove_function(fix,
								    wait->work);

	if (!function)
		return false;
	if (!wait->work->item->type || !type_of_object(wait))
		return wq_fix_refuse(fix, "the item has no object");
	return at_end_of(fix, wait, function, end->kind == WQ_END_OWNER);
}

/* Of a file-scope item that the file of the exit function defines. */
static bool in_module_exit(struct wq_fix *fix, struct wait *wait,
			   const struct wq_function *function)
{
	const struct wq_work *work = wait->work;

	/* A static variable of a function has the function in its name. */
	if (wait->array
	    ? wait->array->owner ||
	      wait->array->function->unit != function->unit
	    : work->item->type || !work->item->is_confined ||
	      strchr(work->item->name, '.') ||
	      !work->nr_handlers || work->handlers[0]->unit != function->unit)
		return wq_fix_refuse(fix, "%s() cannot name the item",
				     function->name);
	/* Its handler works with something, which then is a device's. */
	if (wq_fix_has_remove(fix, work))
		return wq_fix_refuse(fix, "the handler may work with a device that has gone before %s() ends",
				     function->name);
	return at_end_of(fix, wait, function, false);
}

/* Why the end of the object is no place for a wait. */
static const char *end_text(const struct wq_end *end)
{
	switch (end->kind) {
	case WQ_END_HANDLER:
		return "the handler itself frees the object";
	case WQ_END_FREE:
		return "the object is freed in a function that is not seen to be teardown";
	default:
		return "where the object goes is not seen";
	}
}

/*
 * Does the member's path compile? A part of a part may be an element of an
 * array, or be reached by a pointer: the source must have it somewhere.
 */
static bool has_plain_path(struct wq_fix *fix, const struct wq_work *work)
{
	const char *member = work->item->member;
	unsigned int i;

	if (!member || !strchr(member, '.'))
		return true;
	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_location *where = &work->uses[i]->event->where;
		const struct wq_text *text = where->file
			? wq_text_open(fix->fixer->texts, where->file) : NULL;
		size_t offset = 0, end;
		unsigned int line;

		for (line = 1; text && line < where->line; line++)
			offset = wq_line_end(text->tokens, offset);
		end = text ? wq_line_end(text->tokens, offset) : 0;
		if (text && memmem(text->bytes + offset, end - offset, member,
				   strlen(member)))
			return true;
	}
	return wq_fix_refuse(fix, "%s is a part of a part of its object, and no code shows how to name it",
			     work->item->name);
}

/* Where the object ends as @end says; @reason: why not beside a sibling. */
static bool at_end(struct wq_fix *fix, struct wait *wait,
		   const struct wq_end *end, const char *reason)
{
	const struct wq_program *program = fix->fixer->program;

	if (end->kind == WQ_END_TEARDOWN ||
	    (end->kind == WQ_END_FREE && end->event && end->event->function &&
	     wq_function_tears_down(program, end->event->function, NULL))) {
		if (!before_free(fix, wait, end->event))
			return false;
		describe(fix, wait, "before its object is freed");
		return true;
	}
	if (end->kind == WQ_END_OWNER || end->kind == WQ_END_DEVICE) {
		if (!in_remove(fix, wait, end))
			return false;
		describe(fix, wait, "when its device goes");
		return true;
	}
	if (end->kind == WQ_END_MODULE) {
		if (!in_module_exit(fix, wait, end->function))
			return false;
		describe(fix, wait, "before the module goes");
		return true;
	}
	return wq_fix_refuse(fix, "%s, and %s", reason, end_text(end));
}

/* Who waits for the item with its queue, when it is on an own one only. */
static const struct wq_use *own_queue_waiter(const struct wq_program *program,
					     const struct wq_work *work)
{
	const struct wq_use *waiter = NULL;
	const struct wq_event *alloc;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		if (work->uses[i]->event->kind != WQ_EVENT_QUEUE)
			continue;
		alloc = wq_use_own_queue(work->uses[i]);
		waiter = alloc ? wq_queue_waiter(program, alloc, NULL, NULL)
			       : NULL;
		if (!waiter)
			return NULL;
	}
	return waiter;
}

bool wq_fix_cancel(struct wq_fix *fix, const struct wq_work *work)
{
	const struct wq_program *program = fix->fixer->program;
	const struct wq_suggestion *suggestion;
	struct wait wait = { .work = work };
	const struct wq_event *irq;
	const struct wq_use *waiter;
	struct wq_array array;
	const char *reason;
	struct wq_end end;

	reason = wq_wait_objection(program, work);
	if (reason)
		return wq_fix_refuse(fix, "%s", reason);
	suggestion = wq_fix_suggestion(fix, work);
	if (wq_fix_take(fix, work, suggestion)) {
		describe(fix, &wait, *suggestion->edits->old_text
			 ? "where it is cancelled without waiting"
			 : "beside the wait for its sibling");
		return true;
	}
	reason = fix->refusal;
	fix->refusal = NULL;
	fix->edits.count = 0;
	if (wq_work_is_in_array(work)) {
		if (!wq_array_find(fix, work, &array))
			return false;
		wait.array = &array;
	} else if (work->item->element >= 0 || !has_plain_path(fix, work)) {
		return wq_fix_refuse(fix, "%s is an element of an array",
				     work->item->name);
	}
	waiter = wq_work_waiter(program, work);
	if (!waiter)
		waiter = own_queue_waiter(program, work);
	if (waiter)
		return wq_fix_refuse(fix, "%s:%u waits for it, and where another wait is needed is not clear",
				     waiter->event->where.file,
				     waiter->event->where.line);
	wq_work_find_end(program, work, &end);
	irq = wq_work_managed_irq(program, work);
	if (end.kind == WQ_END_DEVICE && (irq || !wq_fix_has_remove(fix, work)))
		return wq_fix_devm(fix, work, end.event);
	if (irq)
		return wq_fix_refuse(fix, "%s:%u: the interrupt that queues %s is freed only after the remove function",
				     irq->where.file, irq->where.line,
				     work->item->name);
	return at_end(fix, &wait, &end, reason);
}
