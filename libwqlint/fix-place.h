/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Places for a wait in functions that tear down.
 */
#ifndef WQ_FIX_PLACE_H
#define WQ_FIX_PLACE_H

#include "fix.h"

/*
 * The first token of the statement before which a wait belongs that is to
 * come before @token, in the same block of @function: nothing between them
 * stops who queues the item, and nothing before it lets go of what the
 * handler may use. @variable, if not NULL, is the object and set by then.
 * WQ_NO_TOKEN after a refusal.
 */
unsigned int wq_fix_place(struct wq_fix *fix,
			  const struct wq_function *function,
			  const struct wq_text *text, unsigned int token,
			  const char *variable);

/*
 * The call after the statement at @token of @function in which a core calls
 * the driver back, so that it stops what it began; or WQ_NO_TOKEN.
 */
unsigned int wq_fix_called_back_after(struct wq_fix *fix,
				  const struct wq_function *function,
				  const struct wq_text *text,
				  unsigned int token);

/*
 * fix-beside.c: what is advised when nothing waits for @work, also where the
 * finding's own advice is another queue; and its edit, if it is a wait.
 * False: a refusal.
 */
const struct wq_suggestion *wq_fix_suggestion(struct wq_fix *fix,
					      const struct wq_work *work);
bool wq_fix_take(struct wq_fix *fix, const struct wq_work *work,
		 const struct wq_suggestion *suggestion);

/*
 * fix-sound.c: would a wait before @token of @function be in time, and what
 * its handler works with still be there? Where the item @is_cancelled already
 * it is taken to have a handler. False: a refusal.
 */
bool wq_fix_wait_is_sound(struct wq_fix *fix, const struct wq_work *work,
			  const struct wq_function *function,
			  const struct wq_text *text, unsigned int token,
			  bool is_cancelled);

/* Can a statement come before @token, with and without what an #if has? */
bool wq_fix_begins_statement(const struct wq_text *text, unsigned int token);

/* The token of the brace that begins the function around @token. */
unsigned int wq_fix_function_start(const struct wq_tokens *tokens,
				   unsigned int token);

#endif
