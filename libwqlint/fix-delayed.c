/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * delayed-not-covered: the cancel of a delayed work item before its queue is
 * flushed or destroyed. When devres destroys it, that is after remove.
 */
#include <string.h>

#include "fix.h"

/* The flush or destroy that the finding is about, or NULL: by devres. */
static const struct wq_use *find_waiter(const struct wq_fix *fix)
{
	const struct wq_program *program = fix->fixer->program;
	unsigned int i, j;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		for (j = 0; j < fix->finding->nr_related; j++)
			if (use->event->function &&
			    wq_event_waits_for_queue(use->event) &&
			    !wq_location_compare(&use->event->where,
						 &fix->finding->related[j].where))
				return use;
	}
	return NULL;
}

/* Where @waiter is. */
struct place {
	const struct wq_use *waiter;
	struct wq_text *text;
	const struct wq_tokens *tokens;
	unsigned int token, close;	/* its name and its last bracket */
};

/*
 * "foo->" of "foo->wq", the argument, when @member is what follows; nothing
 * in it is done twice. NULL: any other text.
 */
static const char *object_of(struct wq_fix *fix, const struct place *place,
			     const char *member)
{
	const struct wq_tokens *tokens = place->tokens;
	size_t start = tokens->list[place->token + 2].offset;
	size_t bytes = tokens->list[place->close].offset - start;
	size_t tail = strlen(member);
	unsigned int i;

	for (i = place->token + 2; i < place->close; i++)
		if (!wq_token_is_a(tokens, i, WQ_TOKEN_NAME) &&
		    !wq_token_is(tokens, i, "->") && !wq_token_is(tokens, i, "."))
			return NULL;
	if (bytes < tail + 2 ||
	    memcmp(tokens->text + start + bytes - tail, member, tail) ||
	    !strchr(">.", tokens->text[start + bytes - tail - 1]))
		return NULL;
	return wq_arena_printf(fix->fixer->arena, "%.*s", (int)(bytes - tail),
			       tokens->text + start);
}

/* The item's address as text at @place, or NULL. */
static const char *name_at(struct wq_fix *fix, const struct wq_work *work,
			   const struct place *place)
{
	const struct wq_item *item = work->item, *slot;
	const char *object;

	if (item->element >= 0 || item->ambiguous || place->waiter->context)
		return NULL;
	if (!item->type)
		return wq_tokens_have(place->tokens, item->name) &&
		       work->handlers[0]->unit ==
		       place->waiter->event->function->unit
		       ? wq_arena_printf(fix->fixer->arena, "&%s", item->name)
		       : NULL;
	slot = wq_queue_slot(fix->fixer->program, place->waiter);
	/* A dot may hide an element of an array. */
	if (!item->member || strchr(item->member, '.') || item->instance ||
	    !slot || slot->next || !slot->type || slot->instance ||
	    slot->element >= 0 || strcmp(slot->type, item->type))
		return NULL;
	object = object_of(fix, place, slot->member);
	return object ? wq_arena_printf(fix->fixer->arena, "&%s%s", object,
					item->member) : NULL;
}

static bool is_statement(const struct place *place, unsigned int token)
{
	const struct wq_tokens *tokens = place->tokens;
	size_t offset = tokens->list[token].offset;
	size_t start = wq_line_start(tokens, offset);

	return wq_token_is(tokens, place->close + 1, ";") &&
	       strspn(tokens->text + start, "\t ") >= offset - start &&
	       (wq_token_is(tokens, token - 1, ";") ||
		wq_token_is(tokens, token - 1, "{") ||
		wq_token_is(tokens, token - 1, "}") ||
		wq_token_is(tokens, token - 1, ":"));
}

/* The flush of the same queue right before @place, or the place itself. */
static unsigned int before_flush(const struct place *place)
{
	const struct wq_tokens *tokens = place->tokens;
	unsigned int length = place->close + 2 - place->token, i;
	unsigned int flush = place->token - length;

	if (place->token <= length ||
	    (!wq_token_is(tokens, flush, "flush_workqueue") &&
	     !wq_token_is(tokens, flush, "drain_workqueue")))
		return place->token;
	for (i = 1; i < length; i++) {
		const struct wq_token *one = &tokens->list[flush + i];
		const struct wq_token *two = &tokens->list[place->token + i];

		if (one->bytes != two->bytes ||
		    memcmp(tokens->text + one->offset,
			   tokens->text + two->offset, one->bytes))
			return place->token;
	}
	return is_statement(place, flush) ? flush : place->token;
}

/* "if (foo->wq)" directly before the call that has the same argument. */
static bool is_tested(const struct place *place)
{
	const struct wq_tokens *tokens = place->tokens;
	unsigned int length = place->close - place->token, i;
	unsigned int open = place->token - length;

	if (place->token <= length || !wq_token_is(tokens, open - 1, "if") ||
	    wq_token_is(tokens, open - 2, "else") ||
	    wq_token_is(tokens, place->close + 2, "else") ||
	    tokens->list[place->token].line !=
	    tokens->list[place->token - 1].line + 1)
		return false;
	for (i = 0; i < length; i++) {
		const struct wq_token *one = &tokens->list[open + i];
		const struct wq_token *two = &tokens->list[place->token + 1 + i];

		if (one->bytes != two->bytes ||
		    memcmp(tokens->text + one->offset,
			   tokens->text + two->offset, one->bytes))
			return false;
	}
	return true;
}

/* The cancel on a line of its own, and braces where it is the second one. */
static bool insert(struct wq_fix *fix, const struct wq_work *work,
		   const struct place *place, const char *item)
{
	const struct wq_tokens *tokens = place->tokens;
	unsigned int token = before_flush(place);
	const struct wq_token *end = &tokens->list[place->close + 1];
	const struct wq_token *test = &tokens->list[place->token - 1];
	bool is_bare = !is_statement(place, token);
	size_t offset, start;
	int blanks;

	if (is_bare && (!is_tested(place) ||
			tokens->text[end->offset + 1] != '\n'))
		return wq_fix_refuse(fix, "%s:%u: the call before which it must be cancelled depends on a condition",
				     place->text->name,
				     tokens->list[token].line);
	offset = tokens->list[token].offset;
	start = wq_line_start(tokens, offset);
	blanks = (int)(offset - start);
	wq_edits_add(&fix->edits, place->text, start, 0,
		     wq_arena_printf(fix->fixer->arena, "%.*s%s(%s);\n", blanks,
				     tokens->text + start,
				     wq_cancel_call(work), item));
	if (!is_bare)
		return true;
	wq_edits_add(&fix->edits, place->text, test->offset + 1, 0, " {");
	wq_edits_add(&fix->edits, place->text, end->offset + 1, 0,
		     wq_arena_printf(fix->fixer->arena, "\n%.*s}", blanks - 1,
				     tokens->text + start));
	return true;
}

static bool queues_it(const struct wq_event *event, void *data)
{
	const struct wq_work *work = data;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++)
		if (work->uses[i]->event == event)
			return event->kind == WQ_EVENT_QUEUE;
	return false;
}

/* Does devres stop who queues @work, when the driver has cancelled it? */
static bool check_managed(struct wq_fix *fix, const struct wq_work *work)
{
	const struct wq_program *program = fix->fixer->program;
	const struct wq_function *handler;
	const struct wq_event *const *calls;
	unsigned int count, i, j;

	calls = wq_program_events(program, WQ_EVENT_CALL, &count);
	for (i = 0; i < count; i++)
		for (j = 0; calls[i]->callee && j < calls[i]->nr_args &&
		     !strncmp(calls[i]->callee, "devm_", 5); j++) {
			if (calls[i]->args[j]->kind != WQ_EXPR_FUNC)
				continue;
			handler = wq_program_function(program,
						      calls[i]->args[j]->unit,
						      calls[i]->args[j]->name);
			if (handler && wq_walk_events(program, handler,
						      queues_it, (void *)work))
				return wq_fix_refuse(fix, "%s:%u: what %s() sets up can queue it again until devres ends that",
						     calls[i]->where.file,
						     calls[i]->where.line,
						     calls[i]->callee);
		}
	return true;
}

bool wq_fix_delayed_item(struct wq_fix *fix)
{
	const struct wq_work *work = wq_fix_work(fix);
	struct place place = { .waiter = find_waiter(fix) };
	const struct wq_event *event;
	const char *item;

	if (!work)
		return false;
	if (!place.waiter)
		return wq_fix_cancel(fix, work);
	event = place.waiter->event;
	place.text = wq_fix_call(fix, event->where, event->callee, &place.token);
	if (!place.text)
		return false;
	place.tokens = place.text->tokens;
	place.close = wq_token_closing(place.tokens, place.token + 1, false);
	item = name_at(fix, work, &place);
	if (!item)
		return wq_fix_refuse(fix, "%s has no plain name at %s:%u, where its queue is %s",
				     work->item->name, event->where.file,
				     event->where.line,
				     event->kind == WQ_EVENT_DESTROY_QUEUE
				     ? "destroyed" : "flushed");
	if (!check_managed(fix, work) ||
	    !wq_fix_can_wait_at(fix, work, event, place.text, place.token) ||
	    !insert(fix, work, &place, item))
		return false;
	fix->subject = wq_arena_printf(fix->fixer->arena,
				       "Cancel %s before its queue goes",
				       work->item->name);
	fix->text = wq_arena_printf(fix->fixer->arena,
		"%s is queued with a delay, and %s() in %s() does not wait for "
		"its timer, which may then expire and queue it. Call %s() "
		"before that.", work->item->name, event->callee,
		event->function->name, wq_cancel_call(work));
	return true;
}
