/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is written at a place that a change is about: its file, a call, the
 * body of a function with its declarations and the ways it returns. The
 * compiler needs it, too, for the advice on arrays.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fix.h"

bool wq_fix_refuse(struct wq_fix *fix, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!fix->refusal)
		fix->refusal = wq_arena_copy(fix->fixer->arena, text);
	return false;
}

static bool is_generated(const struct wq_text *text)
{
	unsigned int i;

	for (i = 0; i < text->tokens->count; i++)
		if (wq_token_is_directive(text->tokens, i, "line"))
			return true;
	/* What generators write on the first lines. */
	return memmem(text->bytes, text->nr_bytes < 2000 ? text->nr_bytes : 2000,
		      "DO NOT EDIT", 11) ||
	       memmem(text->bytes, text->nr_bytes < 2000 ? text->nr_bytes : 2000,
		      "utomatically generated", 22);
}

struct wq_text *wq_fix_text(struct wq_fix *fix, const char *name)
{
	struct wq_text *text = name ? wq_text_open(fix->fixer->texts, name)
				    : NULL;

	if (!text)
		wq_fix_refuse(fix, "%s cannot be read", name ? name : "a file");
	else if (memchr(text->bytes, '\r', text->nr_bytes))
		wq_fix_refuse(fix, "%s has lines that end in CR LF", name);
	else if (is_generated(text))
		wq_fix_refuse(fix, "%s is generated", name);
	else
		return text;
	return NULL;
}

struct wq_text *wq_fix_call(struct wq_fix *fix, struct wq_location where,
			    const char *callee, unsigned int *token)
{
	struct wq_text *text = wq_fix_text(fix, where.file);

	if (!text)
		return NULL;
	*token = wq_token_at(text->tokens, where.line, where.column_bytes);
	if (*token != WQ_NO_TOKEN && wq_token_is(text->tokens, *token, callee) &&
	    wq_token_is(text->tokens, *token + 1, "(") &&
	    wq_token_closing(text->tokens, *token + 1, false) != WQ_NO_TOKEN)
		return text;
	wq_fix_refuse(fix, "%s:%u: the call of %s() is not there in plain text: it is in a macro or has a conditional in it",
		      where.file, where.line, callee);
	return NULL;
}

bool wq_fix_body(struct wq_fix *fix, const struct wq_function *function,
		 struct wq_body *body)
{
	unsigned int token, end;

	body->name = function->name;
	body->text = wq_fix_text(fix, function->where.file);
	if (!body->text)
		return false;
	body->tokens = body->text->tokens;
	token = wq_token_at(body->tokens, function->where.line,
			    function->where.column_bytes);
	if (token == WQ_NO_TOKEN ||
	    !wq_token_is(body->tokens, token, function->name) ||
	    !wq_token_is(body->tokens, token + 1, "("))
		return wq_fix_refuse(fix, "%s:%u: %s() is not there in plain text",
				     function->where.file, function->where.line,
				     function->name);
	end = wq_token_closing(body->tokens, token + 1, false);
	body->open = end + 1;
	if (end == WQ_NO_TOKEN || !wq_token_is(body->tokens, body->open, "{"))
		return wq_fix_refuse(fix, "%s() has no plain body",
				     function->name);
	body->close = wq_token_closing(body->tokens, body->open, true);
	return body->close != WQ_NO_TOKEN ||
	       wq_fix_refuse(fix, "%s() has no end", function->name);
}

static bool is_keyword(const struct wq_tokens *tokens, unsigned int token)
{
	static const char *const words[] = {
		"if", "for", "while", "do", "switch", "return", "goto", "else",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (wq_token_is(tokens, token, words[i]))
			return true;
	return false;
}

/* "int ret" and "struct foo *foo" begin so. */
static bool is_declaration(const struct wq_tokens *tokens, unsigned int token)
{
	if (!wq_token_is_a(tokens, token, WQ_TOKEN_NAME) ||
	    is_keyword(tokens, token))
		return false;
	return wq_token_is_a(tokens, token + 1, WQ_TOKEN_NAME) ||
	       (wq_token_is(tokens, token + 1, "*") &&
		(wq_token_is_a(tokens, token + 2, WQ_TOKEN_NAME) ||
		 wq_token_is(tokens, token + 2, "*")));
}

unsigned int wq_fix_statement_end(const struct wq_tokens *tokens,
				  unsigned int token)
{
	for (; token < tokens->count && !wq_token_is(tokens, token, ";"); token++)
		if (wq_token_is(tokens, token, "(") ||
		    wq_token_is(tokens, token, "{") ||
		    wq_token_is(tokens, token, "[")) {
			token = wq_token_closing(tokens, token, true);
			if (token == WQ_NO_TOKEN)
				return token;
		}
	return token < tokens->count ? token : WQ_NO_TOKEN;
}

unsigned int wq_fix_after_declarations(const struct wq_body *body)
{
	unsigned int token = body->open + 1, end;

	while (is_declaration(body->tokens, token)) {
		end = wq_fix_statement_end(body->tokens, token);
		if (end == WQ_NO_TOKEN)
			break;
		token = end + 1;
	}
	return token;
}

unsigned int wq_fix_first_statement(struct wq_fix *fix,
				    const struct wq_body *body)
{
	const struct wq_tokens *tokens = body->tokens;
	unsigned int token = wq_fix_after_declarations(body), i;

	for (i = body->open + 1; i < token; i++)
		if (wq_token_is(tokens, i, "(") &&
		    !wq_token_is(tokens, i - 1, "sizeof") &&
		    wq_token_is_a(tokens, i - 1, WQ_TOKEN_NAME)) {
			wq_fix_refuse(fix, "%s() calls something in a declaration",
				      body->name);
			return WQ_NO_TOKEN;
		}
	if (token >= body->close ||
	    tokens->list[token].kind == WQ_TOKEN_DIRECTIVE) {
		wq_fix_refuse(fix, "%s() begins with a conditional or is empty",
			      body->name);
		return WQ_NO_TOKEN;
	}
	return token;
}

const char *wq_fix_error_variable(struct wq_fix *fix,
				  const struct wq_body *body,
				  unsigned int first)
{
	static const char *const names[] = {
		"ret", "err", "error", "rc", "retval", "result", "status",
		"res", "rv", "r",
	};
	unsigned int i;
	size_t j;

	(void)fix;
	for (i = body->open + 1; i < first; i++)
		for (j = 0; j < sizeof(names) / sizeof(*names); j++)
			if (wq_token_is(body->tokens, i, names[j]))
				return names[j];
	return NULL;
}

bool wq_fix_is_after_test(const struct wq_tokens *tokens, unsigned int token,
			  const char *value)
{
	unsigned int close, open, nesting = 0;

	if (wq_token_is(tokens, token - 1, ")")) {
		close = token - 1;
	} else {
		/* The block's first brace, not beyond statements with blocks. */
		for (close = token - 1; close && !wq_token_is(tokens, close, "{");
		     close--)
			if (wq_token_is(tokens, close, "}"))
				while (close && !(wq_token_is(tokens, close, "{") &&
						  tokens->list[close].depth + 1 ==
						  tokens->list[token].depth + 1))
					close--;
		if (!close || !wq_token_is(tokens, close - 1, ")"))
			return false;
		close--;
	}
	for (open = close; open; open--) {
		if (wq_token_is(tokens, open, ")"))
			nesting++;
		else if (wq_token_is(tokens, open, "(") && --nesting == 0)
			break;
	}
	if (!open || !wq_token_is(tokens, open - 1, "if"))
		return false;
	/* if (ret), if (ret < 0), if (ret != 0), if (!x), if (IS_ERR(x)) */
	return (wq_token_is(tokens, open + 1, value) &&
		(close == open + 2 || wq_token_is(tokens, open + 2, "<") ||
		 wq_token_is(tokens, open + 2, "!"))) ||
	       (wq_token_is(tokens, open + 1, "(") &&
		wq_token_is(tokens, open + 2, value) &&
		wq_token_is(tokens, open + 3, "=")) ||
	       (wq_token_is(tokens, open + 1, "unlikely") &&
		wq_token_is(tokens, open + 3, value));
}

bool wq_fix_is_error_exit(const struct wq_body *body, unsigned int token)
{
	const struct wq_tokens *tokens = body->tokens;
	unsigned int depth = tokens->list[body->open].depth + 1, i;
	bool returned = false;

	for (i = body->open + 1; i < token; i++) {
		if (tokens->list[i].depth != depth)
			continue;
		if (wq_token_is(tokens, i, "return"))
			returned = true;
		if (returned && wq_token_is_a(tokens, i, WQ_TOKEN_NAME) &&
		    wq_token_is(tokens, i + 1, ":"))
			return tokens->list[token].depth == depth;
	}
	return false;
}

/* "if (ret) { ... goto x; } return ret;" returns 0. */
static bool follows_test(const struct wq_tokens *tokens, unsigned int token,
			 const char *value)
{
	unsigned int i = token - 1;

	if (wq_token_is(tokens, i, "}")) {
		if (!wq_token_is(tokens, i - 1, ";") ||
		    !wq_token_is(tokens, i - 3, "goto"))
			return false;
		while (i && !(wq_token_is(tokens, i, "{") &&
			      tokens->list[i].depth == tokens->list[token].depth))
			i--;
	} else if (wq_token_is(tokens, i, ";") &&
		   wq_token_is(tokens, i - 2, "goto")) {
		i -= 2;
	} else {
		return false;
	}
	return i >= 4 && wq_token_is(tokens, i - 1, ")") &&
	       wq_token_is(tokens, i - 2, value) &&
	       wq_token_is(tokens, i - 3, "(") &&
	       wq_token_is(tokens, i - 4, "if");
}

enum wq_fix_outcome wq_fix_outcome(struct wq_fix *fix,
				   const struct wq_body *body,
				   unsigned int token)
{
	const struct wq_tokens *tokens = body->tokens;
	const char *value;

	if (wq_token_is(tokens, token + 1, "0") &&
	    wq_token_is(tokens, token + 2, ";"))
		return wq_fix_is_error_exit(body, token) ? WQ_FIX_ODD : WQ_FIX_SUCCEEDS;
	if (wq_token_is(tokens, token + 1, "-") &&
	    wq_token_is(tokens, token + 3, ";"))
		return WQ_FIX_FAILS;
	if (wq_token_is(tokens, token + 1, "PTR_ERR"))
		return WQ_FIX_FAILS;
	if (wq_token_is(tokens, token + 1, ";"))
		return WQ_FIX_ODD;
	if (!wq_token_is(tokens, token + 2, ";"))
		return WQ_FIX_CALL;
	if (!wq_token_is_a(tokens, token + 1, WQ_TOKEN_NAME))
		return WQ_FIX_ODD;
	value = wq_token_text(fix->fixer->arena, tokens, token + 1);
	if (wq_fix_is_after_test(tokens, token, value) || wq_fix_is_error_exit(body, token))
		return WQ_FIX_FAILS;
	return follows_test(tokens, token, value) ? WQ_FIX_SUCCEEDS : WQ_FIX_MAY_FAIL;
}
