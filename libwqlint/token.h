/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tokens of a C source file as it is written, not as the preprocessor
 * leaves it: what an edit may touch is decided on them. Comments are no
 * tokens, and a preprocessor line is one.
 */
#ifndef WQ_TOKEN_H
#define WQ_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

enum wq_token_kind {
	WQ_TOKEN_NAME,
	WQ_TOKEN_NUMBER,
	WQ_TOKEN_STRING,	/* and a character */
	WQ_TOKEN_MARK,		/* one character, or "->" */
	WQ_TOKEN_DIRECTIVE,	/* a line from its '#' on, and what continues it */
};

struct wq_token {
	enum wq_token_kind kind;
	size_t offset, bytes;
	unsigned int line;	/* from 1 */
	/*
	 * Which branch of which #if it is in; 0 is none. The guard around a
	 * whole header counts as none.
	 */
	unsigned int branch;
	unsigned int depth;	/* of braces around it; a brace is outside */
};

struct wq_tokens {
	const char *text;
	size_t bytes;
	struct wq_token *list;
	unsigned int count;
};

#define WQ_NO_TOKEN	((unsigned int)-1)

/* Split @text of @bytes bytes, which must live as long as the result. */
struct wq_tokens *wq_tokens_new(struct wq_arena *arena, const char *text,
				size_t bytes);

/* Is token @number there, and spelled @text? */
bool wq_token_is(const struct wq_tokens *tokens, unsigned int number,
		 const char *text);

/* Is it there, and of @kind? */
bool wq_token_is_a(const struct wq_tokens *tokens, unsigned int number,
		   enum wq_token_kind kind);

/* Is it a mark of one character, one of @marks? */
bool wq_token_is_one_of(const struct wq_tokens *tokens, unsigned int number,
			const char *marks);

/* Token @number as a string in @arena. */
const char *wq_token_text(struct wq_arena *arena,
			  const struct wq_tokens *tokens, unsigned int number);

/* The token that begins at line @line, byte @column_bytes, or WQ_NO_TOKEN. */
unsigned int wq_token_at(const struct wq_tokens *tokens, unsigned int line,
			 unsigned int column_bytes);

/*
 * The bracket that closes the one that token @number is, or WQ_NO_TOKEN;
 * also when a preprocessor conditional is between them, unless @across.
 */
unsigned int wq_token_closing(const struct wq_tokens *tokens,
			      unsigned int number, bool across);

/* Is the name @name a token anywhere? */
bool wq_tokens_have(const struct wq_tokens *tokens, const char *name);

/* Is token @number the directive #@name? */
bool wq_token_is_directive(const struct wq_tokens *tokens, unsigned int number,
			   const char *name);

/* Where the line of byte @offset begins, and where the next one does. */
size_t wq_line_start(const struct wq_tokens *tokens, size_t offset);
size_t wq_line_end(const struct wq_tokens *tokens, size_t offset);

#endif
