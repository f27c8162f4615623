/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Step 4 of one call: schedule_work(&x) becomes queue_work(wq, &x), and a
 * queue that is named in plain text another one.
 */
#include <string.h>

#include "fix-call.h"

static const struct {
	const char *shared, *own;
	bool has_cpu;			/* before the work item */
} calls[] = {
	{ "schedule_work", "queue_work", false },
	{ "schedule_delayed_work", "queue_delayed_work", false },
	{ "schedule_work_on", "queue_work_on", true },
	{ "schedule_delayed_work_on", "queue_delayed_work_on", true },
};

unsigned int wq_fix_argument(const struct wq_tokens *tokens,
			     unsigned int callee, unsigned int number)
{
	unsigned int close = wq_token_closing(tokens, callee + 1, true), i;

	for (i = callee + 2; number && i < close; i++) {
		if (wq_token_is(tokens, i, ",") && !--number)
			return i + 1;
		if (wq_token_is(tokens, i, "(") || wq_token_is(tokens, i, "[") ||
		    wq_token_is(tokens, i, "{"))
			i = wq_token_closing(tokens, i, true);
	}
	return number ? WQ_NO_TOKEN : i;
}

unsigned int wq_fix_width(const char *start, const char *end)
{
	unsigned int columns = 0;

	for (; start < end; start++)
		columns = *start == '\t' ? (columns | 7) + 1 : columns + 1;
	return columns;
}

const char *wq_fix_blanks(struct wq_arena *arena, unsigned int columns)
{
	const char *text = "";
	unsigned int i;

	for (i = 0; i < columns / 8; i++)
		text = wq_arena_printf(arena, "%s\t", text);
	return wq_arena_printf(arena, "%s%.*s", text, (int)(columns % 8),
			       "       ");
}

/* The call at @token with @callee, and @queue before argument @before. */
static void replace_call(struct wq_fix *fix, struct wq_text *text,
			 unsigned int token, const char *callee,
			 const char *queue, unsigned int before)
{
	const struct wq_tokens *tokens = text->tokens;
	const struct wq_token *name = &tokens->list[token];
	struct wq_arena *arena = fix->fixer->arena;
	const char *line = text->bytes + wq_line_start(tokens, name->offset);
	const char *end = strchrnul(line, '\n'), *separator = " ";
	unsigned int column = wq_fix_width(line, text->bytes + name->offset);
	size_t growth = strlen(callee) - name->bytes + strlen(queue) + 2;

	/* A line that was short enough stays so. */
	if (wq_fix_width(line, end) <= 80 && wq_fix_width(line, end) + growth > 80)
		separator = wq_arena_printf(arena, "\n%s",
			wq_fix_blanks(arena, column + (unsigned int)strlen(callee) + 1));
	wq_edits_add(&fix->edits, text, name->offset, name->bytes, callee);
	wq_edits_add(&fix->edits, text, tokens->list[before].offset, 0,
		     wq_arena_printf(arena, "%s,%s", queue, separator));
}

/* A shared queue in plain text among the arguments of @callee. */
static bool replace_name(struct wq_fix *fix, struct wq_text *text,
			 unsigned int token, const char *name,
			 const char *queue)
{
	const struct wq_tokens *tokens = text->tokens;
	unsigned int close = wq_token_closing(tokens, token + 1, false), i;

	for (i = token + 2; i < close; i++)
		if (wq_token_is(tokens, i, name) &&
		    (wq_token_is(tokens, i - 1, "(") ||
		     wq_token_is(tokens, i - 1, ",")) &&
		    (wq_token_is(tokens, i + 1, ",") ||
		     wq_token_is(tokens, i + 1, ")"))) {
			wq_edits_add(&fix->edits, text, tokens->list[i].offset,
				     tokens->list[i].bytes, queue);
			return true;
		}
	return wq_fix_refuse(fix, "%s:%u: %s reaches the call through a variable",
			     text->name, tokens->list[token].line, name);
}

struct wq_text *wq_fix_queueing(struct wq_fix *fix,
				const struct wq_event *event, const char *name,
				const char *queue)
{
	struct wq_text *text;
	unsigned int token;
	size_t i;

	if (!event->callee) {
		wq_fix_refuse(fix, "an item is queued in a way that has no name");
		return NULL;
	}
	text = wq_fix_call(fix, event->where, event->callee, &token);
	if (!text)
		return NULL;
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (!strcmp(event->callee, calls[i].shared)) {
			replace_call(fix, text, token, calls[i].own, queue,
				     wq_fix_argument(text->tokens, token,
						     calls[i].has_cpu));
			return text;
		}
	if (!strcmp(event->callee, "flush_scheduled_work")) {
		unsigned int close = token + 2;

		wq_edits_add(&fix->edits, text,
			     text->tokens->list[token].offset,
			     text->tokens->list[close].offset + 1 -
			     text->tokens->list[token].offset,
			     wq_arena_printf(fix->fixer->arena,
					     "flush_workqueue(%s)", queue));
		return text;
	}
	return replace_name(fix, text, token, name, queue) ? text : NULL;
}
