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

/* Columns of the text from @start, a line's, to @end, as a terminal shows it. */
unsigned int wq_fix_width(const char *start, const char *end);

/* Tabs and blanks up to column @columns. */
const char *wq_fix_blanks(struct wq_arena *arena, unsigned int columns);

#endif
