/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ways out of a function as they are written, from a call on that gets
 * something to what must give it back: returns, gotos, and the labels at the
 * end. Only what is in plain sight; anything else is refused.
 */
#ifndef WQ_FIX_WAYS_H
#define WQ_FIX_WAYS_H

#include "fix.h"

struct wq_ways {
	struct wq_fix *fix;
	struct wq_body body;
	unsigned int call;	/* the token of the call's name */
	unsigned int statement;	/* the first token of its statement */
	unsigned int end;	/* the ";" of it, or the ")" of its if */
	unsigned int after;	/* the first token after it and its test */
	unsigned int own_exit;	/* where it has failed: goto or return; or none */
	unsigned int last;	/* the return or goto that ends well, or none */
};

/*
 * The ways from @event, a call at the top level of its function and not in a
 * loop. False after a refusal.
 */
bool wq_ways_find(struct wq_fix *fix, const struct wq_event *event,
		  struct wq_ways *ways);

/* Is token @token a return, or a goto of a label that is seen? */
bool wq_ways_is_exit(const struct wq_ways *ways, unsigned int token);

/* The label that the goto @token is to, a name and a ":", or WQ_NO_TOKEN. */
unsigned int wq_ways_label(const struct wq_ways *ways, unsigned int token);

/* The goto or return that the block of the { at @open ends with, or WQ_NO_TOKEN. */
unsigned int wq_ways_exit(const struct wq_ways *ways, unsigned int open);

/* The { of the block that @token is in. */
unsigned int wq_ways_block(const struct wq_ways *ways, unsigned int token);

/* The first return at the top level from @token on, or WQ_NO_TOKEN. */
unsigned int wq_ways_return(const struct wq_ways *ways, unsigned int token);

/* Is @token at the top level of the function, and under no condition? */
bool wq_ways_is_plain(const struct wq_ways *ways, unsigned int token);

/* Is @token compiled only when some option is set? */
bool wq_ways_is_conditional(const struct wq_ways *ways, unsigned int token);

/* "foo->wq" of "foo->wq = call(...)", or NULL. */
const char *wq_ways_result(const struct wq_ways *ways);

/* A variable or parameter of the function, "struct @type *name", or NULL. */
const char *wq_ways_variable(const struct wq_ways *ways, const char *type);

/* What is before the first token of @token's line: its indentation. */
const char *wq_ways_indent(const struct wq_ways *ways, unsigned int token);

#endif
