/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A wait for one work item before what it is in goes away: next to the wait
 * for its sibling, in place of a cancel that does not wait, else directly
 * before the object is freed or at the end of the module's exit function.
 *
 * Only where the wait may sleep, and where no lock is held that the handler
 * takes.
 */
#include <string.h>

#include "fix.h"
#include "resolve.h"

/* Names that begin an atomic section, and those that end it. */
static int atomic_step(const struct wq_tokens *tokens, unsigned int token)
{
	static const char *const begins[] = {
		"spin_lock", "raw_spin_lock", "read_lock", "write_lock",
		"rcu_read_lock", "local_bh_disable", "local_irq_disable",
		"local_irq_save", "preempt_disable", "netif_tx_lock",
	};
	static const char *const ends[] = {
		"spin_unlock", "raw_spin_unlock", "read_unlock", "write_unlock",
		"rcu_read_unlock", "local_bh_enable", "local_irq_enable",
		"local_irq_restore", "preempt_enable", "netif_tx_unlock",
	};
	const struct wq_token *name = &tokens->list[token];
	const char *text = tokens->text + name->offset;
	size_t i;

	if (name->kind != WQ_TOKEN_NAME || !wq_token_is(tokens, token + 1, "("))
		return 0;
	for (i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		if (!strncmp(text, ends[i], strlen(ends[i])))
			return -1;
		if (!strncmp(text, begins[i], strlen(begins[i])) &&
		    name->bytes != strlen("spin_lock_init"))
			return 1;
	}
	return 0;
}

/* The token of the brace that begins the function around @token. */
static unsigned int function_start(const struct wq_tokens *tokens,
				   unsigned int token)
{
	while (token && !(wq_token_is(tokens, token, "{") &&
			  !tokens->list[token].depth))
		token--;
	return token;
}

static bool may_be_atomic(const struct wq_tokens *tokens, unsigned int token)
{
	unsigned int i;
	int level = 0;

	for (i = function_start(tokens, token); i < token; i++) {
		level += atomic_step(tokens, i);
		if (level < 0)
			level = 0;
	}
	return level > 0;
}

static bool is_in_function(const struct wq_event *event, void *data)
{
	return event->function == data;
}

/* Does a handler of @work get into @function, where it would wait for itself? */
static bool handler_gets_to(struct wq_fix *fix, const struct wq_work *work,
			    const struct wq_function *function)
{
	unsigned int i;

	for (i = 0; i < work->nr_handlers; i++)
		if (wq_walk_events(fix->fixer->program, work->handlers[i],
				   is_in_function, (void *)function))
			return true;
	return false;
}

bool wq_fix_can_wait_at(struct wq_fix *fix, const struct wq_work *work,
			const struct wq_event *event,
			const struct wq_text *text, unsigned int token)
{
	unsigned int i;

	if (!event->function || wq_work_is_handler(work, event->function))
		return wq_fix_refuse(fix, "the object goes in the handler itself");
	if (handler_gets_to(fix, work, event->function))
		return wq_fix_refuse(fix, "the handler of %s calls %s(), and would wait for itself",
				     work->item->name, event->function->name);
	for (i = 0; i < work->nr_handlers; i++) {
		const char *lock = wq_fix_contended_lock(fix->fixer->program,
							 event,
							 work->handlers[i]);

		if (lock)
			return wq_fix_refuse(fix, "%s is held at %s:%u, and the handler of %s takes it: wait after it is released",
					     lock, event->where.file,
					     event->where.line,
					     work->item->name);
	}
	if (may_be_atomic(text->tokens, token))
		return wq_fix_refuse(fix, "%s:%u: a spinlock may be held here, and the wait sleeps",
				     text->name, text->tokens->list[token].line);
	return true;
}

static bool begins_statement(const struct wq_text *text, unsigned int token)
{
	return token && (wq_token_is(text->tokens, token - 1, ";") ||
			 wq_token_is(text->tokens, token - 1, "{") ||
			 wq_token_is(text->tokens, token - 1, "}") ||
			 wq_token_is(text->tokens, token - 1, ":"));
}

/* "<indent>cancel_work_sync(@item);" on a line before the one of @token. */
static bool insert_before(struct wq_fix *fix, const struct wq_work *work,
			  struct wq_text *text, unsigned int token,
			  const char *item)
{
	size_t offset = text->tokens->list[token].offset;
	size_t start = wq_line_start(text->tokens, offset);

	if (strspn(text->bytes + start, "\t ") < offset - start ||
	    !begins_statement(text, token))
		return wq_fix_refuse(fix, "%s:%u: the statement before which the wait belongs depends on a condition",
				     text->name, text->tokens->list[token].line);
	wq_edits_add(&fix->edits, text, start, 0,
		     wq_arena_printf(fix->fixer->arena, "%.*s%s(%s);\n",
				     (int)(offset - start), text->bytes + start,
				     wq_cancel_call(work), item));
	return true;
}

static bool is_freed_by_name(const struct wq_text *text, unsigned int token)
{
	return wq_token_is_a(text->tokens, token + 2, WQ_TOKEN_NAME) &&
	       wq_token_is(text->tokens, token + 3, ")") &&
	       wq_token_is(text->tokens, token + 4, ";");
}

/* "kfree(foo);" gets a wait for &foo->work before it. */
static bool before_free(struct wq_fix *fix, const struct wq_work *work,
			const struct wq_event *event)
{
	struct wq_text *text;
	unsigned int token;
	const char *item;

	if (!event->callee || !event->type || !work->item->type ||
	    strcmp(event->type, work->item->type))
		return wq_fix_refuse(fix, "where the object is freed it has another type");
	text = wq_fix_call(fix, event->where, event->callee, &token);
	if (!text)
		return false;
	if (!is_freed_by_name(text, token))
		return wq_fix_refuse(fix, "%s:%u: what is freed has no plain name",
				     event->where.file, event->where.line);
	if (!wq_fix_can_wait_at(fix, work, event, text, token))
		return false;
	item = wq_arena_printf(fix->fixer->arena, "&%s->%s",
			       wq_token_text(fix->fixer->arena, text->tokens,
					     token + 2), work->item->member);
	return insert_before(fix, work, text, token, item);
}

/* The suggestion's own edits: beside the sibling, or with _sync. */
static bool take_suggestion(struct wq_fix *fix, const struct wq_work *work)
{
	const struct wq_suggestion *suggestion = &fix->finding->suggestion;
	const struct wq_program *program = fix->fixer->program;
	const struct wq_event *place = NULL;
	struct wq_text *text;
	unsigned int i, token;
	size_t offset = 0, bytes;

	/* Another edit may be for another kind of fix. */
	if (suggestion->nr_edits != 1 ||
	    !strstr(suggestion->edits->new_text, wq_cancel_call(work)))
		return wq_fix_refuse(fix, "no wait for a sibling shows the place");
	for (i = 0; i < program->nr_uses; i++)
		if (program->uses[i].event->where.line ==
		    suggestion->edits->where.line &&
		    program->uses[i].event->where.file &&
		    !strcmp(program->uses[i].event->where.file,
			    suggestion->edits->where.file) &&
		    program->uses[i].event->function)
			place = program->uses[i].event;
	if (!place || !place->callee)
		return wq_fix_refuse(fix, "the place is not certain");
	text = wq_fix_call(fix, place->where, place->callee, &token);
	if (!text || !wq_fix_can_wait_at(fix, work, place, text, token))
		return false;
	for (i = 1; i < suggestion->edits->where.line; i++)
		offset = wq_line_end(text->tokens, offset);
	offset += suggestion->edits->where.column_bytes - 1;
	bytes = strlen(suggestion->edits->old_text);
	if (offset + bytes > text->nr_bytes ||
	    memcmp(text->bytes + offset, suggestion->edits->old_text, bytes) ||
	    (!bytes && !begins_statement(text, token)))
		return wq_fix_refuse(fix, "the sibling's wait depends on a condition");
	wq_edits_add(&fix->edits, text, offset, bytes,
		     suggestion->edits->new_text);
	return true;
}

static void describe(struct wq_fix *fix, const struct wq_work *work,
		     const char *where)
{
	fix->subject = wq_arena_printf(fix->fixer->arena, "Wait for %s %s",
				       work->item->name, where);
	fix->text = wq_arena_printf(fix->fixer->arena,
		"Nothing waits for %s, so its handler can still run when what "
		"it is in is gone. Call %s() %s.", work->item->name,
		wq_cancel_call(work), where);
}

/* The variable "struct TYPE *name" that the body declares, or NULL. */
static const char *variable_in(struct wq_fix *fix, const struct wq_body *body,
			       const char *type)
{
	unsigned int i;

	for (i = body->open + 1; i + 4 < body->close; i++)
		if (wq_token_is(body->tokens, i, "struct") &&
		    wq_token_is(body->tokens, i + 1, type) &&
		    wq_token_is(body->tokens, i + 2, "*") &&
		    wq_token_is_a(body->tokens, i + 3, WQ_TOKEN_NAME) &&
		    body->tokens->list[i].depth ==
		    body->tokens->list[body->open].depth + 1)
			return wq_token_text(fix->fixer->arena, body->tokens,
					     i + 3);
	return NULL;
}

/* Has the function one way out: no return but the last statement? */
static bool has_one_exit(const struct wq_body *body, unsigned int *last)
{
	unsigned int i;

	*last = body->close;
	for (i = body->open + 1; i < body->close; i++) {
		if (body->tokens->list[i].branch !=
		    body->tokens->list[body->open].branch)
			return false;
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

/*
 * At the end of @function, before what it returns: all that it stops is
 * stopped by then, and what goes after it is still there. @item NULL: the
 * member of the variable that the function has for the object.
 */
static bool at_end_of(struct wq_fix *fix, const struct wq_work *work,
		      const struct wq_function *function, const char *item,
		      bool owned)
{
	unsigned int last, freed, token;
	const char *variable;
	struct wq_body body;

	if (function->where.in_macro || !function->nr_events)
		return wq_fix_refuse(fix, "%s() is made by a macro or does nothing",
				     function->name);
	if (!wq_fix_body(fix, function, &body))
		return false;
	variable = item ? NULL : variable_in(fix, &body, work->item->type);
	if (!item && !variable)
		return wq_fix_refuse(fix, "%s() has no variable for the object",
				     function->name);
	if (!has_one_exit(&body, &last))
		return wq_fix_refuse(fix, "%s() has several ways out",
				     function->name);
	freed = first_free(function, &body);
	if (freed == WQ_NO_TOKEN || (owned && freed == body.close))
		return wq_fix_refuse(fix, "where %s() frees the object is not in plain text",
				     function->name);
	token = freed < last ? freed : last;
	if (!wq_fix_can_wait_at(fix, work, function->events[function->nr_events - 1],
			 body.text, token))
		return false;
	if (!item)
		item = wq_arena_printf(fix->fixer->arena, "&%s->%s", variable,
				       work->item->member);
	if (token != body.close)
		return insert_before(fix, work, body.text, token, item);
	if (!begins_statement(body.text, token) ||
	    body.text->bytes[body.tokens->list[token].offset - 1] != '\n')
		return wq_fix_refuse(fix, "%s() ends in an odd way",
				     function->name);
	wq_edits_add(&fix->edits, body.text, body.tokens->list[token].offset, 0,
		     wq_arena_printf(fix->fixer->arena, "\t%s(%s);\n",
				     wq_cancel_call(work), item));
	return true;
}

/* The only function that the core calls when a device of the module goes. */
static const struct wq_function *remove_function(const struct wq_program *program,
						 const struct wq_work *work)
{
	const struct wq_function *found = NULL;
	unsigned int i, j;

	for (i = 0; work->nr_handlers && i < program->nr_units; i++) {
		const struct wq_unit *unit = program->units[i];

		if (!wq_units_share_module(unit, work->handlers[0]->unit))
			continue;
		for (j = 0; j < unit->nr_functions; j++) {
			const struct wq_function *function = unit->functions[j];

			if (!function->is_defined ||
			    !wq_function_has_teardown_role(function) ||
			    wq_function_has_role(function, "module_exit") ||
			    wq_function_only_sleeps(program, function))
				continue;
			if (found)
				return NULL;
			found = function;
		}
	}
	return found;
}

/* Device-managed, or part of what another allocation made. */
static bool in_remove(struct wq_fix *fix, const struct wq_work *work,
		      const struct wq_end *end)
{
	const struct wq_function *function =
		remove_function(fix->fixer->program, work);

	if (!function || !work->item->type)
		return wq_fix_refuse(fix, "there is no remove function, or there are several");
	return at_end_of(fix, work, function, NULL, end->kind == WQ_END_OWNER);
}

/* Of a file-scope item that the file of the exit function defines. */
static bool in_module_exit(struct wq_fix *fix, const struct wq_work *work,
			   const struct wq_function *function)
{
	/* A static variable of a function has the function in its name. */
	if (work->item->type || !work->item->is_confined ||
	    strchr(work->item->name, '.') ||
	    !work->nr_handlers || work->handlers[0]->unit != function->unit)
		return wq_fix_refuse(fix, "%s() cannot name the item",
				     function->name);
	return at_end_of(fix, work, function,
			 wq_arena_printf(fix->fixer->arena, "&%s",
					 work->item->name), false);
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

bool wq_fix_cancel(struct wq_fix *fix, const struct wq_work *work)
{
	const struct wq_program *program = fix->fixer->program;
	const struct wq_use *waiter;
	const char *reason;
	struct wq_end end;

	if (take_suggestion(fix, work)) {
		describe(fix, work, *fix->finding->suggestion.edits->old_text
			 ? "where it is cancelled" : "beside its sibling");
		return true;
	}
	reason = fix->refusal;
	fix->refusal = NULL;
	fix->edits.count = 0;
	if (work->item->element >= 0 || !has_plain_path(fix, work))
		return wq_fix_refuse(fix, "%s is an element of an array",
				     work->item->name);
	waiter = wq_work_waiter(program, work);
	if (waiter)
		return wq_fix_refuse(fix, "%s:%u waits for it, and where another wait is needed is not clear",
				     waiter->event->where.file,
				     waiter->event->where.line);
	wq_work_find_end(program, work, &end);
	if (end.kind == WQ_END_TEARDOWN ||
	    (end.kind == WQ_END_FREE && end.event && end.event->function &&
	     wq_function_tears_down(program, end.event->function, NULL))) {
		if (!before_free(fix, work, end.event))
			return false;
		describe(fix, work, "before its object is freed");
		return true;
	}
	if (end.kind == WQ_END_OWNER || end.kind == WQ_END_DEVICE) {
		if (!in_remove(fix, work, &end))
			return false;
		describe(fix, work, "when the device goes");
		return true;
	}
	if (end.kind == WQ_END_MODULE) {
		if (!in_module_exit(fix, work, end.function))
			return false;
		describe(fix, work, "before the module goes");
		return true;
	}
	return wq_fix_refuse(fix, "%s, and %s", reason, end_text(&end));
}
