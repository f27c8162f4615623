/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which work items a module has on a shared queue, and how they are named
 * where it is flushed.
 */
#ifndef WQ_SUGGEST_ITEMS_H
#define WQ_SUGGEST_ITEMS_H

#include "judge.h"

#define WQ_MAX_ITEMS	4	/* waiting for more by name is no improvement */

/* The work items of this module that are queued on one shared queue. */
struct wq_queued {
	const struct wq_work *works[WQ_MAX_ITEMS];
	const char *names[WQ_MAX_ITEMS];	/* as an expression, or NULL */
	const char *loops[WQ_MAX_ITEMS];	/* that it stands in, or NULL */
	const struct wq_use *uses[WQ_MAX_ITEMS];
	unsigned int count, nr_shown;
	unsigned int nr_waited;	/* that the function has waited for before */
	bool all_nameable;
	bool has_loop;	/* one is in each element of an array */
	bool certain;	/* so much that an edit is safe */
};

/* Find the items on shared queue @name, as seen from @flush. */
void wq_queued_find(const struct wq_program *program,
		    const struct wq_event *flush, const char *name,
		    struct wq_queued *queued);

#endif
