/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changing one call from a shared queue to another.
 */
#ifndef WQ_FIX_CALL_H
#define WQ_FIX_CALL_H

#include "fix.h"

/*
 * Make @event, which queues on or flushes shared queue @name, use @queue, an
 * expression. Returns the file, or NULL after a refusal.
 */
struct wq_text *wq_fix_queueing(struct wq_fix *fix,
				const struct wq_event *event, const char *name,
				const char *queue);

/* The first token of argument @number of the call whose name is @callee. */
unsigned int wq_fix_argument(const struct wq_tokens *tokens,
			     unsigned int callee, unsigned int number);

#endif
