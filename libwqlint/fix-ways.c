/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ways out of a function, on its tokens.
 */
#include <string.h>

#include "fix-ways.h"

static unsigned int top_depth(const struct wq_ways *ways)
{
	return ways->body.tokens->list[ways->body.open].depth + 1;
}

static bool is(const struct wq_ways *ways, unsigned int token, const char *text)
{
	return wq_token_is(ways->body.tokens, token, text);
}

static bool is_jump(const struct wq_ways *ways, unsigned int token)
{
	return is(ways, token, "goto") || is(ways, token, "return");
}

/* The name of a label at the top level? */
static bool is_label(const struct wq_ways *ways, unsigned int token)
{
	return wq_token_is_a(ways->body.tokens, token, WQ_TOKEN_NAME) &&
	       is(ways, token + 1, ":") && !is(ways, token, "default") &&
	       ways->body.tokens->list[token].depth == top_depth(ways) &&
	       (is(ways, token - 1, ";") || is(ways, token - 1, "}") ||
		is(ways, token - 1, "{") || is(ways, token - 1, ":"));
}

unsigned int wq_ways_label(const struct wq_ways *ways, unsigned int token)
{
	const struct wq_tokens *tokens = ways->body.tokens;
	const struct wq_token *name = &tokens->list[token + 1];
	unsigned int i;

	for (i = ways->body.open + 1; i < ways->body.close; i++)
		if (is_label(ways, i) && tokens->list[i].bytes == name->bytes &&
		    !memcmp(tokens->text + tokens->list[i].offset,
			    tokens->text + name->offset, name->bytes))
			return i;
	return WQ_NO_TOKEN;
}

bool wq_ways_is_exit(const struct wq_ways *ways, unsigned int token)
{
	return is(ways, token, "return") ||
	       (is(ways, token, "goto") &&
		wq_ways_label(ways, token) != WQ_NO_TOKEN);
}

unsigned int wq_ways_block(const struct wq_ways *ways, unsigned int token)
{
	unsigned int depth = ways->body.tokens->list[token].depth;

	while (token > ways->body.open &&
	       !(is(ways, token, "{") &&
		 ways->body.tokens->list[token].depth + 1 == depth))
		token--;
	return token;
}

bool wq_ways_is_plain(const struct wq_ways *ways, unsigned int token)
{
	return ways->body.tokens->list[token].depth == top_depth(ways) &&
	       !is(ways, token - 1, ")") && !is(ways, token - 1, "else") &&
	       !is(ways, token - 1, "do");
}

unsigned int wq_ways_return(const struct wq_ways *ways, unsigned int token)
{
	for (; token < ways->body.close; token++)
		if (is(ways, token, "return") && wq_ways_is_plain(ways, token))
			return token;
	return WQ_NO_TOKEN;
}

/* The ; that ends the statement at @token, brackets skipped. */
static unsigned int end_of_statement(const struct wq_ways *ways,
				     unsigned int token)
{
	for (; token < ways->body.close; token++) {
		if (is(ways, token, ";"))
			return token;
		if (is(ways, token, "(") || is(ways, token, "{") ||
		    is(ways, token, "[")) {
			token = wq_token_closing(ways->body.tokens, token, true);
			if (token == WQ_NO_TOKEN)
				break;
		}
	}
	return WQ_NO_TOKEN;
}

static unsigned int start_of_statement(const struct wq_ways *ways)
{
	unsigned int token = ways->call;

	while (token > ways->body.open + 1 && !is(ways, token - 1, ";") &&
	       !is(ways, token - 1, "{") && !is(ways, token - 1, "}") &&
	       ways->body.tokens->list[token - 1].kind != WQ_TOKEN_DIRECTIVE &&
	       !(is(ways, token - 1, ":") && is_label(ways, token - 2)))
		token--;
	return token;
}

/*
 * The goto or return that ends the statement or block at @token, which must
 * be the way out of a failed call; what follows is stored in @after.
 */
static unsigned int exit_of_block(const struct wq_ways *ways, unsigned int token,
				  unsigned int *after)
{
	const struct wq_tokens *tokens = ways->body.tokens;
	unsigned int close, found = WQ_NO_TOKEN, end;

	if (!is(ways, token, "{")) {
		end = end_of_statement(ways, token);
		*after = end + 1;
		return end != WQ_NO_TOKEN && is_jump(ways, token) ? token
								  : WQ_NO_TOKEN;
	}
	close = wq_token_closing(tokens, token, true);
	if (close == WQ_NO_TOKEN)
		return WQ_NO_TOKEN;
	*after = close + 1;
	for (end = token + 1; end < close; end++)
		if (is_jump(ways, end))
			found = end;
	return found != WQ_NO_TOKEN &&
	       tokens->list[found].depth == tokens->list[token].depth + 1 &&
	       (is(ways, found - 1, ";") || is(ways, found - 1, "{") ||
		is(ways, found - 1, "}")) &&
	       end_of_statement(ways, found) == close - 1 ? found : WQ_NO_TOKEN;
}

unsigned int wq_ways_exit(const struct wq_ways *ways, unsigned int open)
{
	unsigned int after;

	return exit_of_block(ways, open, &after);
}

/* Does the condition from @open to @close name the last name of the result? */
static bool is_test_of(const struct wq_ways *ways, unsigned int open,
		       unsigned int close, unsigned int name)
{
	const struct wq_token *wanted = &ways->body.tokens->list[name];
	unsigned int i;

	for (i = open; i < close; i++) {
		const struct wq_token *one = &ways->body.tokens->list[i];

		if (one->bytes == wanted->bytes &&
		    !memcmp(ways->body.tokens->text + one->offset,
			    ways->body.tokens->text + wanted->offset,
			    one->bytes))
			return true;
	}
	return false;
}

/* The test of the call's result: around it, or the statement after it. */
static bool find_test(struct wq_ways *ways)
{
	const struct wq_tokens *tokens = ways->body.tokens;
	unsigned int open, close, block;

	if (is(ways, ways->statement, "if")) {
		open = ways->statement + 1;
	} else {
		open = ways->after + 1;
		if (!is(ways, ways->after, "if") ||
		    !is(ways, ways->call - 1, "=") ||
		    !is_test_of(ways, open,
				wq_token_closing(tokens, open, true),
				ways->call - 2))
			return true;	/* nobody tests it */
	}
	close = wq_token_closing(tokens, open, true);
	if (close == WQ_NO_TOKEN)
		return false;
	block = close + 1;
	ways->own_exit = exit_of_block(ways, block, &ways->after);
	return ways->own_exit != WQ_NO_TOKEN && !is(ways, ways->after, "else");
}

bool wq_ways_is_conditional(const struct wq_ways *ways, unsigned int token)
{
	const struct wq_token *list = ways->body.tokens->list;

	return list[token].branch != list[ways->body.open].branch;
}

/* Do the labels, and what leads to them at the top level, always stand? */
static bool has_conditionals(const struct wq_ways *ways)
{
	unsigned int i;

	for (i = ways->statement; i < ways->body.close; i++)
		if (wq_ways_is_conditional(ways, i) &&
		    (is_label(ways, i) ||
		     (is_jump(ways, i) && wq_ways_is_plain(ways, i))))
			return true;
	return wq_ways_is_conditional(ways, ways->statement);
}

bool wq_ways_find(struct wq_fix *fix, const struct wq_event *event,
		  struct wq_ways *ways)
{
	struct wq_text *text;
	unsigned int i;

	memset(ways, 0, sizeof(*ways));
	ways->fix = fix;
	ways->own_exit = ways->last = WQ_NO_TOKEN;
	if (!event->callee || event->function->where.in_macro)
		return wq_fix_refuse(fix, "%s() is made by a macro",
				     event->function->name);
	if (!wq_fix_body(fix, event->function, &ways->body))
		return false;
	text = wq_fix_call(fix, event->where, event->callee, &ways->call);
	if (!text)
		return false;
	if (text != ways->body.text || ways->call < ways->body.open ||
	    ways->call > ways->body.close)
		return wq_fix_refuse(fix, "the call is not in %s() as it is written",
				     event->function->name);
	ways->statement = start_of_statement(ways);
	if (!wq_ways_is_plain(ways, ways->statement) ||
	    is(ways, ways->statement, "return") ||
	    is(ways, ways->statement, "for") ||
	    is(ways, ways->statement, "while"))
		return wq_fix_refuse(fix, "%s:%u: the call depends on a condition, or is in a loop",
				     event->where.file, event->where.line);
	ways->end = is(ways, ways->statement, "if")
		? wq_token_closing(ways->body.tokens, ways->statement + 1, true)
		: end_of_statement(ways, ways->statement);
	ways->after = ways->end + 1;
	if (ways->end == WQ_NO_TOKEN || !find_test(ways))
		return wq_fix_refuse(fix, "%s:%u: what happens when the call fails is not understood",
				     event->where.file, event->where.line);
	if (has_conditionals(ways))
		return wq_fix_refuse(fix, "%s() has ways out in conditional compilation",
				     event->function->name);
	for (i = ways->after; i < ways->body.close; i++)
		if (is_jump(ways, i) && wq_ways_is_plain(ways, i)) {
			ways->last = i;
			break;
		}
	return true;
}

const char *wq_ways_result(const struct wq_ways *ways)
{
	const struct wq_tokens *tokens = ways->body.tokens;
	unsigned int first = ways->call - 1;

	if (!is(ways, first, "="))
		return NULL;
	while (first > ways->statement &&
	       (wq_token_is_a(tokens, first - 1, WQ_TOKEN_NAME) ||
		is(ways, first - 1, "->") || is(ways, first - 1, ".")))
		first--;
	/* "struct workqueue_struct *wq =" ends there, "a[i].wq =" is none. */
	if (is(ways, first - 1, "]") || is(ways, first - 1, ")"))
		return NULL;
	return wq_arena_printf(ways->fix->fixer->arena, "%.*s",
		(int)(tokens->list[ways->call - 2].offset +
		      tokens->list[ways->call - 2].bytes -
		      tokens->list[first].offset),
		tokens->text + tokens->list[first].offset);
}

const char *wq_ways_variable(const struct wq_ways *ways, const char *type)
{
	const struct wq_tokens *tokens = ways->body.tokens;
	unsigned int i = ways->body.open, found = WQ_NO_TOKEN;

	/* From the head of the function on. */
	while (i && !is(ways, i - 1, "}") && !is(ways, i - 1, ";") &&
	       tokens->list[i - 1].kind != WQ_TOKEN_DIRECTIVE)
		i--;
	for (; i + 4 < ways->statement; i++) {
		if (!is(ways, i, "struct") || !is(ways, i + 1, type) ||
		    !is(ways, i + 2, "*") ||
		    !wq_token_is_a(tokens, i + 3, WQ_TOKEN_NAME) ||
		    is(ways, i + 4, "(") ||
		    tokens->list[i].depth > top_depth(ways))
			continue;
		if (found != WQ_NO_TOKEN)
			return NULL;
		found = i + 3;
	}
	return found == WQ_NO_TOKEN ? NULL
	       : wq_token_text(ways->fix->fixer->arena, tokens, found);
}

const char *wq_ways_indent(const struct wq_ways *ways, unsigned int token)
{
	const struct wq_tokens *tokens = ways->body.tokens;
	size_t start = wq_line_start(tokens, tokens->list[token].offset);

	return wq_arena_printf(ways->fix->fixer->arena, "%.*s",
			       (int)strspn(tokens->text + start, "\t "),
			       tokens->text + start);
}
