/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What fix-leak.c and fix-leak-returns.c share.
 */
#ifndef WQ_FIX_LEAK_PLAN_H
#define WQ_FIX_LEAK_PLAN_H

#include "fix-leak.h"

#define WQ_MAX_EXITS	64

struct wq_leak {
	const struct wq_undo *undo;
	const struct wq_ways *ways;
	struct wq_fix *fix;
	const struct wq_tokens *tokens;
	unsigned int returns[WQ_MAX_EXITS], gotos[WQ_MAX_EXITS];	/* that leak */
	unsigned int nr_returns, nr_gotos;
	unsigned int place;	/* the label or return above which it goes */
	const char *label;	/* new, for gotos of what is at the place */
};

/* Is token @token @text? */
static inline bool wq_leak_is(const struct wq_leak *plan, unsigned int token,
			      const char *text)
{
	return wq_token_is(plan->tokens, token, text);
}

static inline unsigned int wq_leak_line(const struct wq_leak *plan,
					unsigned int token)
{
	return plan->tokens->list[token].line;
}

/* What does the way out at @token say: that the function has failed? */
enum wq_fix_outcome wq_leak_outcome(const struct wq_leak *plan,
				    unsigned int token);

/* Is @token the first of its line? */
bool wq_leak_begins_line(const struct wq_leak *plan, unsigned int token);

/* Undo before each of plan->returns. False after a refusal. */
bool wq_leak_fix_returns(struct wq_leak *plan);

#endif
