/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A call that goes: a statement of its own, with its line if that is all of
 * it. What is left reads as if it had never been there.
 */
#include <string.h>

#include "fix.h"

/* The call at @token, to its ";" at @last, and the text around it. */
struct removal {
	struct wq_fix *fix;
	struct wq_text *text;
	const struct wq_tokens *tokens;
	unsigned int token, last;
};

static const struct wq_token *token_of(const struct removal *removal,
				       unsigned int number)
{
	return &removal->tokens->list[number];
}

/* Is nothing but blanks before token @number on its line? */
static bool begins_line(const struct removal *removal, unsigned int number)
{
	size_t offset = token_of(removal, number)->offset;
	size_t start = wq_line_start(removal->tokens, offset);

	return strspn(removal->text->bytes + start, "\t ") >= offset - start;
}

/* Is nothing but blanks and a comment after token @number on its line? */
static bool ends_line(const struct removal *removal, unsigned int number)
{
	const struct wq_token *token = token_of(removal, number);
	const char *rest = removal->text->bytes + token->offset + token->bytes;
	const char *end;

	rest += strspn(rest, "\t ");
	if (!strncmp(rest, "//", 2))
		return true;
	end = strncmp(rest, "/*", 2) ? NULL : strstr(rest + 2, "*/");
	if (end && !memchr(rest, '\n', (size_t)(end - rest)))
		rest = end + 2 + strspn(end + 2, "\t ");
	return *rest == '\n';
}

/* A label must have a statement after it. */
static bool is_statement(const struct removal *removal)
{
	const struct wq_tokens *tokens = removal->tokens;
	unsigned int token = removal->token, i;

	if (!token || !wq_token_is(tokens, removal->last, ";") ||
	    !begins_line(removal, token))
		return false;
	for (i = token + 2; i < removal->last - 1; i++)
		if (wq_token_is(tokens, i, "("))
			return false;	/* a call has an effect */
	return wq_token_is(tokens, token - 1, ";") ||
	       wq_token_is(tokens, token - 1, "{") ||
	       wq_token_is(tokens, token - 1, "}") ||
	       token_of(removal, token - 1)->kind == WQ_TOKEN_DIRECTIVE ||
	       (wq_token_is(tokens, token - 1, ":") &&
		!wq_token_is(tokens, removal->last + 1, "}"));
}

/* Where the comment on lines of its own above the call begins; 0: none. */
static size_t comment_above(const struct removal *removal)
{
	const char *bytes = removal->text->bytes, *line;
	size_t end = wq_line_start(removal->tokens,
				   token_of(removal, removal->token)->offset);
	size_t before = token_of(removal, removal->token - 1)->offset;
	size_t start = end;

	/* No token is between: what is there is a comment, or nothing. */
	while (start && wq_line_start(removal->tokens, start - 1) > before) {
		start = wq_line_start(removal->tokens, start - 1);
		line = bytes + start + strspn(bytes + start, "\t ");
		if (*line == '\n')
			return 0;
		if (!strncmp(line, "/*", 2) || !strncmp(line, "//", 2))
			return start;
	}
	return 0;
}

/* What is on the line after the call's: nothing, or the end of the block? */
static bool ends_paragraph(const struct removal *removal)
{
	const char *next = removal->text->bytes +
		wq_line_end(removal->tokens,
			    token_of(removal, removal->last)->offset);

	next += strspn(next, "\t ");
	return *next == '\n' || *next == '}';
}

/* Is the next statement, right below, the one that @name is called in? */
static bool is_followed_by(const struct removal *removal, const char *name)
{
	return wq_token_is(removal->tokens, removal->last + 1, name) &&
	       token_of(removal, removal->last + 1)->line ==
	       token_of(removal, removal->last)->line + 1;
}

/* The keyword whose condition or head ends at @close, or WQ_NO_TOKEN. */
static unsigned int keyword_of(const struct wq_tokens *tokens,
			       unsigned int close)
{
	unsigned int open = close, nesting = 0;

	for (; open; open--)
		if (wq_token_is(tokens, open, ")"))
			nesting++;
		else if (wq_token_is(tokens, open, "(") && !--nesting)
			break;
	if (!open || (!wq_token_is(tokens, open - 1, "if") &&
		      !wq_token_is(tokens, open - 1, "for") &&
		      !wq_token_is(tokens, open - 1, "while")))
		return WQ_NO_TOKEN;
	return open - 1;
}

/*
 * "if (x) {" that is left with one statement on one line needs no braces,
 * unless an else has or had some.
 */
static void drop_braces(const struct removal *removal)
{
	const struct wq_tokens *tokens = removal->tokens;
	unsigned int open = removal->token - 1, call = removal->last + 1;
	unsigned int keyword, end, close;
	size_t start;

	if (open < 2 || !wq_token_is(tokens, open, "{") ||
	    !wq_token_is(tokens, open - 1, ")") ||
	    !wq_token_is_a(tokens, call, WQ_TOKEN_NAME) ||
	    !wq_token_is(tokens, call + 1, "("))
		return;
	keyword = keyword_of(tokens, open - 1);
	end = wq_token_closing(tokens, call + 1, false);
	close = end + 2;
	if (keyword == WQ_NO_TOKEN || end == WQ_NO_TOKEN ||
	    !wq_token_is(tokens, end + 1, ";") ||
	    !wq_token_is(tokens, close, "}") ||
	    wq_token_is(tokens, close + 1, "else") ||
	    wq_token_is(tokens, keyword - 1, "else") ||
	    token_of(removal, keyword)->line != token_of(removal, open)->line ||
	    token_of(removal, call)->line != token_of(removal, end)->line ||
	    token_of(removal, close)->line != token_of(removal, end)->line + 1 ||
	    token_of(removal, call)->line != token_of(removal, open)->line + 2 ||
	    !begins_line(removal, close) || !ends_line(removal, close))
		return;
	start = token_of(removal, open - 1)->offset + 1;
	wq_edits_add(&removal->fix->edits, removal->text, start,
		     token_of(removal, open)->offset + 1 - start, "");
	start = wq_line_start(tokens, token_of(removal, close)->offset);
	wq_edits_add(&removal->fix->edits, removal->text, start,
		     wq_line_end(tokens, start) - start, "");
}

/* A removed line leaves no two empty lines, and none beside a brace. */
static void remove_lines(const struct removal *removal, size_t start, size_t end)
{
	const char *bytes = removal->text->bytes;

	if (start >= 2 && bytes[start - 1] == '\n' && bytes[end - 1] == '\n') {
		size_t next = end + strspn(bytes + end, "\t ");

		if (bytes[end] == '\n' && (bytes[start - 2] == '\n' ||
					   bytes[start - 2] == '{'))
			end++;
		else if (bytes[next] == '}' && bytes[start - 2] == '\n')
			start--;
	}
	wq_edits_add(&removal->fix->edits, removal->text, start, end - start,
		     "");
}

bool wq_fix_remove_call(struct wq_fix *fix, const struct wq_event *event)
{
	struct removal removal = { .fix = fix };
	size_t start, end, comment;

	removal.text = wq_fix_call(fix, event->where, event->callee,
				   &removal.token);
	if (!removal.text)
		return false;
	removal.tokens = removal.text->tokens;
	removal.last = wq_token_closing(removal.tokens, removal.token + 1,
					false) + 1;
	if (!is_statement(&removal))
		return wq_fix_refuse(fix, "%s:%u: the call is no statement of its own: whoever removes it must look at what is around it",
				     event->where.file, event->where.line);
	start = token_of(&removal, removal.token)->offset;
	end = token_of(&removal, removal.last)->offset + 1;
	comment = comment_above(&removal);
	/* What is right below may be what the comment is about, too. */
	if (comment && !ends_paragraph(&removal) &&
	    !is_followed_by(&removal, "destroy_workqueue"))
		return wq_fix_refuse(fix, "%s:%u: a comment above the call is about it, and perhaps about what follows",
				     event->where.file, event->where.line);
	if (!ends_line(&removal, removal.last)) {
		wq_edits_add(&fix->edits, removal.text, start, end - start, "");
		return true;
	}
	drop_braces(&removal);
	remove_lines(&removal, comment && ends_paragraph(&removal)
		     ? comment : wq_line_start(removal.tokens, start),
		     wq_line_end(removal.tokens, end));
	return true;
}

static bool is_flush(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_FLUSH_QUEUE ||
	       event->kind == WQ_EVENT_DRAIN_QUEUE;
}

bool wq_fix_redundant_flush(struct wq_fix *fix)
{
	const struct wq_event *flush = wq_fix_event(fix, is_flush);
	struct wq_arena *arena = fix->fixer->arena;

	if (!flush || !flush->callee)
		return wq_fix_refuse(fix, "the call has no name");
	if (!wq_fix_remove_call(fix, flush))
		return false;
	fix->subject = wq_arena_printf(arena, "Remove a redundant %s()",
				       flush->callee);
	fix->text = wq_arena_printf(arena,
		"destroy_workqueue() drains the queue itself, so the %s() right "
		"before it in %s() adds nothing. Remove the call.",
		flush->callee, flush->function->name);
	return true;
}
