/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deprecated-queue: create_*() becomes alloc_*() with the same flags, and a
 * shared queue gets its new name in all of the module at once, as the two
 * names are of separate queues.
 */
#include <string.h>

#include "deprecated.h"
#include "fix-call.h"

#define MAX_COLUMNS	80

/* The text of the tokens from @first to before @end. */
static const char *text_of(struct wq_fix *fix, const struct wq_text *text,
			   unsigned int first, unsigned int end)
{
	const struct wq_token *last = &text->tokens->list[end - 1];
	size_t start = text->tokens->list[first].offset;

	return wq_arena_printf(fix->fixer->arena, "%.*s",
			       (int)(last->offset + last->bytes - start),
			       text->bytes + start);
}

/* Is token @number a string that printf() would print as it is? */
static bool is_plain_string(const struct wq_tokens *tokens, unsigned int number)
{
	return wq_token_is_a(tokens, number, WQ_TOKEN_STRING) &&
	       tokens->text[tokens->list[number].offset] == '"' &&
	       !memchr(tokens->text + tokens->list[number].offset, '%',
		       tokens->list[number].bytes);
}

/* A call as it is written, line by line. */
struct call_text {
	struct wq_arena *arena;
	const char *text;
	size_t first;	/* column of the first argument: of later lines, too */
	size_t column;
};

static void append(struct call_text *call, const char *text, size_t bytes)
{
	call->text = wq_arena_printf(call->arena, "%s%.*s", call->text,
				     (int)bytes, text);
	call->column += bytes;
}

static void break_line(struct call_text *call)
{
	call->text = wq_arena_printf(call->arena, "%s\n%s", call->text,
				     wq_fix_blanks(call->arena,
						   (unsigned int)call->first));
	call->column = call->first;
}

/* Bytes of "FLAG | FLAG |" at @flags that fit on the line, or 0. */
static size_t bytes_that_fit(const struct call_text *call, const char *flags)
{
	size_t bytes = 0, next;
	const char *bar;

	for (bar = strstr(flags, " |"); bar; bar = strstr(bar + 1, " |")) {
		next = (size_t)(bar - flags) + strlen(" |");
		if (call->column + next > MAX_COLUMNS)
			break;
		bytes = next;
	}
	return bytes;
}

/* Flags are broken behind a "|" when they are too long for a line. */
static void append_argument(struct call_text *call, const char *argument,
			    size_t bytes_behind)
{
	size_t bytes;

	while (call->column + strlen(argument) + bytes_behind > MAX_COLUMNS &&
	       !strncmp(argument, "WQ_", 3) &&
	       (bytes = bytes_that_fit(call, argument))) {
		append(call, argument, bytes);
		break_line(call);
		argument += bytes + 1;
	}
	append(call, argument, strlen(argument));
}

/*
 * The call of @name with the @count @arguments instead, on as many lines as it
 * takes.
 */
static void replace_call(struct wq_fix *fix, struct wq_text *text,
			 unsigned int token, const char *name,
			 const char *const *arguments, unsigned int count)
{
	const struct wq_tokens *tokens = text->tokens;
	unsigned int close = wq_token_closing(tokens, token + 1, false), i;
	size_t start = tokens->list[token].offset;
	size_t end = tokens->list[close].offset + 1;
	const char *line = text->bytes + wq_line_start(tokens, start);
	const char *rest = strchrnul(text->bytes + end, '\n');
	struct call_text call = { .arena = fix->fixer->arena };
	size_t behind;

	call.text = wq_arena_printf(call.arena, "%s(", name);
	call.first = wq_fix_width(line, text->bytes + start) +
		     strlen(call.text);
	call.column = call.first;
	for (i = 0; i < count; i++) {
		/* Its comma, or all that is behind the call. */
		behind = 1;
		if (i + 1 == count)
			behind += (size_t)(rest - text->bytes) - end;
		if (i && call.column + 1 + strlen(arguments[i]) + behind >
			 MAX_COLUMNS)
			break_line(&call);
		else if (i)
			append(&call, " ", 1);
		append_argument(&call, arguments[i], behind);
		append(&call, i + 1 < count ? "," : ")", 1);
	}
	wq_edits_add(&fix->edits, text, start, end - start, call.text);
}

static bool fix_create(struct wq_fix *fix, const struct wq_event *alloc)
{
	struct wq_arena *arena = fix->fixer->arena;
	const char *name, *flags, *argument;
	unsigned int token, close;
	struct wq_location wait;
	struct wq_text *text;

	text = wq_fix_call(fix, alloc->where, alloc->callee, &token);
	if (!text)
		return false;
	close = wq_token_closing(text->tokens, token + 1, false);
	if (close == token + 2 ||
	    wq_fix_argument(text->tokens, token, 1) != WQ_NO_TOKEN)
		return wq_fix_refuse(fix, "%s() has not one argument",
				     alloc->callee);
	if (wq_create_hides_wait(fix->fixer->program, alloc, &wait))
		return wq_fix_refuse(fix, "%s:%u: a handler on it waits here for a queue without WQ_MEM_RECLAIM, and the kernel would warn of that: see whether the queue needs the flag",
				     wait.file, wait.line);
	wq_create_successor(alloc, wq_program_has_percpu(fix->fixer->program),
			    &name, &flags);
	argument = text_of(fix, text, token + 2, close);
	if (close == token + 3 && is_plain_string(text->tokens, token + 2))
		replace_call(fix, text, token, name,
			     (const char *[]){ argument, flags }, 2);
	else
		replace_call(fix, text, token, name,
			     (const char *[]){ "\"%s\"", flags, argument }, 3);
	fix->subject = wq_arena_printf(arena, "Use %s()", name);
	fix->text = "The flags are those that it stands for, but for "
		    "__WQ_LEGACY, which turns the check of flush dependencies "
		    "off.";
	return true;
}

/* "FLAG | FLAG", and nothing that binds less. */
static bool is_plain_flags(const struct wq_tokens *tokens, unsigned int first,
			   unsigned int end)
{
	unsigned int i;

	for (i = first; i < end; i++)
		if (!wq_token_is_a(tokens, i, WQ_TOKEN_NAME) &&
		    !wq_token_is(tokens, i, "|"))
			return false;
	return end > first;
}

/* alloc_workqueue() with neither WQ_PERCPU nor WQ_UNBOUND has WQ_PERCPU. */
static bool fix_flags(struct wq_fix *fix, const struct wq_event *alloc)
{
	const struct wq_tokens *tokens;
	unsigned int token, first, end;
	struct wq_text *text;

	text = wq_fix_call(fix, alloc->where, alloc->callee, &token);
	if (!text)
		return false;
	tokens = text->tokens;
	first = wq_fix_argument(tokens, token, 1);
	end = first == WQ_NO_TOKEN ? first : wq_fix_argument(tokens, token, 2);
	if (end == WQ_NO_TOKEN || strcmp(alloc->callee, "alloc_workqueue"))
		return wq_fix_refuse(fix, "the flags are not there in plain text");
	end--;
	if (end == first + 1 && wq_token_is(tokens, first, "0"))
		wq_edits_add(&fix->edits, text, tokens->list[first].offset, 1,
			     "WQ_PERCPU");
	else if (is_plain_flags(tokens, first, end))
		wq_edits_add(&fix->edits, text,
			     tokens->list[end - 1].offset +
			     tokens->list[end - 1].bytes, 0, " | WQ_PERCPU");
	else
		return wq_fix_refuse(fix, "the flags are no plain list");
	fix->subject = "Say WQ_PERCPU";
	fix->text = "alloc_workqueue() warns of queues with neither WQ_PERCPU "
		    "nor WQ_UNBOUND. Say WQ_PERCPU, which it is now.";
	return true;
}

/* The one place of the word @name in the statement at @token, or WQ_NO_TOKEN. */
static unsigned int find_name(const struct wq_tokens *tokens,
			      unsigned int token, const char *name)
{
	unsigned int found = WQ_NO_TOKEN;

	while (token && !wq_token_is(tokens, token - 1, ";") &&
	       !wq_token_is(tokens, token - 1, "{") &&
	       !wq_token_is(tokens, token - 1, "}"))
		token--;
	for (; token < tokens->count && !wq_token_is(tokens, token, ";"); token++)
		if (wq_token_is(tokens, token, name)) {
			if (found != WQ_NO_TOKEN)
				return WQ_NO_TOKEN;
			found = token;
		}
	return found;
}

static bool rename_at(struct wq_fix *fix, const struct wq_event *event,
		      const char *name)
{
	struct wq_text *text = wq_fix_text(fix, event->where.file);
	unsigned int token;

	if (!text)
		return false;
	token = wq_token_at(text->tokens, event->where.line,
			    event->where.column_bytes);
	if (token != WQ_NO_TOKEN)
		token = find_name(text->tokens, token, name);
	if (token == WQ_NO_TOKEN)
		return wq_fix_refuse(fix, "%s:%u: %s is not there in plain text, and all places must change together",
				     event->where.file, event->where.line,
				     name);
	wq_edits_add(&fix->edits, text, text->tokens->list[token].offset,
		     text->tokens->list[token].bytes, wq_new_queue_name(name));
	return true;
}

static bool has_edit(const struct wq_fix *fix, const struct wq_text *text,
		     size_t offset)
{
	unsigned int i;

	for (i = 0; i < fix->edits.count; i++)
		if (fix->edits.list[i].text == text &&
		    fix->edits.list[i].offset == offset)
			return true;
	return false;
}

/* What the compiler did not see would be left on the old queue. */
static bool check_unseen(struct wq_fix *fix, const char *name)
{
	const struct wq_program *program = fix->fixer->program;
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++) {
		struct wq_text *text = wq_text_open(fix->fixer->texts,
						    program->units[i]->source);

		for (j = 0; text && j < text->tokens->count; j++)
			if (wq_token_is(text->tokens, j, name) &&
			    !has_edit(fix, text, text->tokens->list[j].offset))
				return wq_fix_refuse(fix, "%s:%u: this %s was not compiled or is not understood, and all places must change together",
						     text->name,
						     text->tokens->list[j].line,
						     name);
	}
	return true;
}

static bool fix_name(struct wq_fix *fix)
{
	const struct wq_program *program = fix->fixer->program;
	const char *name = fix->finding->queue;
	unsigned int i, j;

	if (!program->complete)
		return wq_fix_refuse(fix, "not all units of the module were linted, and all places of %s must change together",
				     name);
	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++) {
			const struct wq_event *event =
				program->units[i]->events[j];
			const char *old = event->function
				? wq_event_old_queue(event) : NULL;

			if (!old || strcmp(old, name))
				continue;
			if (wq_event_waits_for_queue(event))
				return wq_fix_refuse(fix, "%s:%u: it is flushed here, and the new one has more to wait for: see to the flush first",
						     event->where.file,
						     event->where.line);
			if (!rename_at(fix, event, name))
				return false;
		}
	if (!check_unseen(fix, name))
		return false;
	fix->is_wide = true;
	fix->subject = wq_arena_printf(fix->fixer->arena, "Replace %s by %s",
				       name, wq_new_queue_name(name));
	fix->text = wq_arena_printf(fix->fixer->arena,
		"%s is deprecated: %s is the new name of a queue with the same "
		"properties. They are separate queues, so all uses of it in "
		"the module move together.", name, wq_new_queue_name(name));
	return true;
}

static bool is_alloc(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_ALLOC_QUEUE;
}

bool wq_fix_deprecated_queue(struct wq_fix *fix)
{
	const struct wq_event *alloc;

	if (fix->finding->queue)
		return fix_name(fix);
	alloc = wq_fix_event(fix, is_alloc);
	if (!alloc || !alloc->callee)
		return wq_fix_refuse(fix, "the allocation has no name");
	return wq_alloc_is_create(alloc) ? fix_create(fix, alloc)
					 : fix_flags(fix, alloc);
}
