/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A tokenizer for C as it is written. It does not have to understand what it
 * reads, only never to take a comment, a string or a macro for code.
 */
#include <ctype.h>
#include <string.h>

#include "token.h"

struct splitting {
	struct wq_arena *arena;
	struct wq_tokens *tokens;
	size_t at;
	unsigned int line, depth;
	bool at_line_start;
	/* Branches of #if around; the innermost last. */
	unsigned int *branches;
	unsigned int nr_branches, nr_seen;
};

static int peek(const struct splitting *split, size_t ahead)
{
	return split->at + ahead < split->tokens->bytes
	       ? (unsigned char)split->tokens->text[split->at + ahead] : -1;
}

static void step(struct splitting *split)
{
	if (split->tokens->text[split->at] == '\n') {
		split->line++;
		split->at_line_start = true;
	}
	split->at++;
}

/* To what comes after a comment; false where there is none. */
static bool skip_comment(struct splitting *split)
{
	if (peek(split, 0) != '/')
		return false;
	if (peek(split, 1) == '/') {
		while (peek(split, 0) >= 0 && peek(split, 0) != '\n')
			step(split);
		return true;
	}
	if (peek(split, 1) != '*')
		return false;
	split->at += 2;
	while (peek(split, 0) >= 0 &&
	       !(peek(split, 0) == '*' && peek(split, 1) == '/'))
		step(split);
	split->at += split->at + 2 <= split->tokens->bytes ? 2 : 0;
	return true;
}

static void skip_blanks(struct splitting *split)
{
	for (;;) {
		if (peek(split, 0) == '\\' && peek(split, 1) == '\n') {
			bool before = split->at_line_start;

			split->at++;
			step(split);
			split->at_line_start = before;
		} else if (isspace(peek(split, 0))) {
			step(split);
		} else if (!skip_comment(split)) {
			return;
		}
	}
}

static void skip_quoted(struct splitting *split)
{
	int quote = peek(split, 0);

	split->at++;
	while (peek(split, 0) >= 0 && peek(split, 0) != quote &&
	       peek(split, 0) != '\n') {
		if (peek(split, 0) == '\\' && peek(split, 1) >= 0)
			step(split);
		step(split);
	}
	if (peek(split, 0) == quote)
		split->at++;
}

/* A comment on it may go on over lines, and so may the line itself. */
static void skip_directive(struct splitting *split)
{
	while (peek(split, 0) >= 0 && peek(split, 0) != '\n') {
		if (peek(split, 0) == '\\' && peek(split, 1) == '\n') {
			split->at++;
			step(split);
		} else if (peek(split, 0) == '"' || peek(split, 0) == '\'') {
			skip_quoted(split);
		} else if (!skip_comment(split)) {
			split->at++;
		}
	}
}

static bool directive_is(const char *text, size_t bytes, const char *name)
{
	size_t length = strlen(name), blanks;

	if (!bytes || *text != '#')
		return false;
	blanks = 1;
	while (blanks < bytes && (text[blanks] == ' ' || text[blanks] == '\t'))
		blanks++;
	text += blanks;
	bytes -= blanks;
	return bytes >= length && !strncmp(text, name, length) &&
	       (bytes == length || !(isalnum((unsigned char)text[length]) ||
				     text[length] == '_'));
}

/* "#ifndef X" as the first token, and "#define X" after it: 0 for it. */
static bool is_guard(const struct splitting *split, const struct wq_token *token)
{
	const char *text = split->tokens->text;

	return split->tokens->count == 1 &&
	       directive_is(text + token->offset, token->bytes, "ifndef");
}

static void enter_branch(struct splitting *split, bool is_none)
{
	split->branches = wq_arena_grow(split->arena, split->branches,
					split->nr_branches,
					sizeof(*split->branches));
	split->branches[split->nr_branches++] = is_none ? 0 : ++split->nr_seen;
}

static void follow_directive(struct splitting *split,
			     const struct wq_token *token)
{
	const char *text = split->tokens->text + token->offset;

	if (directive_is(text, token->bytes, "if") ||
	    directive_is(text, token->bytes, "ifdef") ||
	    directive_is(text, token->bytes, "ifndef")) {
		enter_branch(split, is_guard(split, token));
	} else if (!split->nr_branches) {
		return;
	} else if (directive_is(text, token->bytes, "endif")) {
		split->nr_branches--;
	} else if (directive_is(text, token->bytes, "else") ||
		   directive_is(text, token->bytes, "elif")) {
		split->nr_branches--;
		enter_branch(split, false);
	}
}

static bool is_name_start(int c)
{
	return isalpha(c) || c == '_' || c == '$' || c >= 0x80;
}

static enum wq_token_kind skip_token(struct splitting *split)
{
	int c = peek(split, 0);

	if (c == '#' && split->at_line_start) {
		skip_directive(split);
		return WQ_TOKEN_DIRECTIVE;
	}
	if (is_name_start(c)) {
		while (is_name_start(peek(split, 0)) || isdigit(peek(split, 0)))
			split->at++;
		return WQ_TOKEN_NAME;
	}
	if (isdigit(c)) {
		while (isalnum(peek(split, 0)) || peek(split, 0) == '.' ||
		       peek(split, 0) == '_')
			split->at++;
		return WQ_TOKEN_NUMBER;
	}
	if (c == '"' || c == '\'') {
		skip_quoted(split);
		return WQ_TOKEN_STRING;
	}
	split->at += c == '-' && peek(split, 1) == '>' ? 2 : 1;
	return WQ_TOKEN_MARK;
}

static void add_token(struct splitting *split)
{
	struct wq_tokens *tokens = split->tokens;
	struct wq_token *token;
	char c = tokens->text[split->at];

	tokens->list = wq_arena_grow(split->arena, tokens->list, tokens->count,
				     sizeof(*tokens->list));
	token = &tokens->list[tokens->count++];
	token->offset = split->at;
	token->line = split->line;
	token->branch = split->nr_branches
			? split->branches[split->nr_branches - 1] : 0;
	token->kind = skip_token(split);
	split->at_line_start = false;
	token->bytes = split->at - token->offset;
	if (token->kind == WQ_TOKEN_DIRECTIVE)
		follow_directive(split, token);
	if (token->kind == WQ_TOKEN_MARK && c == '}' && split->depth)
		split->depth--;
	token->depth = split->depth;
	if (token->kind == WQ_TOKEN_MARK && c == '{')
		split->depth++;
}

struct wq_tokens *wq_tokens_new(struct wq_arena *arena, const char *text,
				size_t bytes)
{
	struct wq_tokens *tokens = wq_arena_alloc(arena, sizeof(*tokens));
	struct splitting split = {
		.arena = arena, .tokens = tokens, .line = 1,
		.at_line_start = true,
	};

	tokens->text = text;
	tokens->bytes = bytes;
	for (skip_blanks(&split); peek(&split, 0) >= 0; skip_blanks(&split))
		add_token(&split);
	return tokens;
}

bool wq_token_is(const struct wq_tokens *tokens, unsigned int number,
		 const char *text)
{
	const struct wq_token *token;

	if (number >= tokens->count)
		return false;
	token = &tokens->list[number];
	return token->bytes == strlen(text) &&
	       !memcmp(tokens->text + token->offset, text, token->bytes);
}

bool wq_token_is_a(const struct wq_tokens *tokens, unsigned int number,
		   enum wq_token_kind kind)
{
	return number < tokens->count && tokens->list[number].kind == kind;
}

bool wq_token_is_one_of(const struct wq_tokens *tokens, unsigned int number,
			const char *marks)
{
	return wq_token_is_a(tokens, number, WQ_TOKEN_MARK) &&
	       tokens->list[number].bytes == 1 &&
	       strchr(marks, tokens->text[tokens->list[number].offset]);
}

const char *wq_token_text(struct wq_arena *arena,
			  const struct wq_tokens *tokens, unsigned int number)
{
	const struct wq_token *token = &tokens->list[number];

	return wq_arena_printf(arena, "%.*s", (int)token->bytes,
			       tokens->text + token->offset);
}

size_t wq_line_start(const struct wq_tokens *tokens, size_t offset)
{
	while (offset && tokens->text[offset - 1] != '\n')
		offset--;
	return offset;
}

size_t wq_line_end(const struct wq_tokens *tokens, size_t offset)
{
	while (offset < tokens->bytes && tokens->text[offset] != '\n')
		offset++;
	return offset < tokens->bytes ? offset + 1 : offset;
}

unsigned int wq_token_at(const struct wq_tokens *tokens, unsigned int line,
			 unsigned int column_bytes)
{
	unsigned int low = 0, high = tokens->count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (tokens->list[middle].line < line)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < tokens->count && tokens->list[low].line == line; low++) {
		size_t offset = tokens->list[low].offset;

		if (offset - wq_line_start(tokens, offset) + 1 == column_bytes)
			return low;
	}
	return WQ_NO_TOKEN;
}

unsigned int wq_token_closing(const struct wq_tokens *tokens,
			      unsigned int number, bool across)
{
	unsigned int nesting = 0, i;

	for (i = number; i < tokens->count; i++) {
		const struct wq_token *token = &tokens->list[i];
		char c = tokens->text[token->offset];

		if (!across && token->branch != tokens->list[number].branch)
			return WQ_NO_TOKEN;
		if (token->kind != WQ_TOKEN_MARK)
			continue;
		if (strchr("([{", c))
			nesting++;
		else if (strchr(")]}", c) && --nesting == 0)
			return i;
	}
	return WQ_NO_TOKEN;
}

bool wq_tokens_have(const struct wq_tokens *tokens, const char *name)
{
	unsigned int i;

	for (i = 0; i < tokens->count; i++)
		if (tokens->list[i].kind == WQ_TOKEN_NAME &&
		    wq_token_is(tokens, i, name))
			return true;
	return false;
}

bool wq_token_is_directive(const struct wq_tokens *tokens, unsigned int number,
			   const char *name)
{
	return wq_token_is_a(tokens, number, WQ_TOKEN_DIRECTIVE) &&
	       directive_is(tokens->text + tokens->list[number].offset,
			    tokens->list[number].bytes, name);
}
