/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Units of a state that could not be linted. What is found in their modules
 * in the next state may have been there before: nobody knows.
 */
#ifndef WQ_FAILURES_H
#define WQ_FAILURES_H

#include "audit.h"

struct wq_failures;

/* Files of findings are named as seen from @base. */
struct wq_failures *wq_failures_new(struct wq_arena *arena, const char *base);

/* Note the units of @audit that have a cause, instead of earlier ones. */
void wq_failures_note(struct wq_failures *failures,
		      const struct wq_audit *audit);

/* What they are, on one line; NULL: there are none. */
const char *wq_failures_text(const struct wq_failures *failures);

/*
 * Units that failed fail again in the next state, @audit, when no file is
 * another one that is in @reached, absolute names: they need not be tried.
 */
void wq_failures_repeat(const struct wq_failures *failures,
			struct wq_audit *audit, const struct wq_table *reached);

/* Drop the findings in sources of @audit whose modules had a failure. */
void wq_failures_drop(struct wq_failures *failures,
		      const struct wq_audit *audit,
		      struct wq_findings *findings);

#endif
