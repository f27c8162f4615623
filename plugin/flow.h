/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the control flow of a function says about its events.
 */
#ifndef WQ_FLOW_H
#define WQ_FLOW_H

#include "translate.h"

struct wq_placed_event {
	struct wq_event *event;
	gimple *stmt;
};

/*
 * Add to each event where it matters: the tests that came out in one way
 * wherever it happens, whether every path has it, the locks held, and the
 * variables that can be named there. @order is the function's blocks in
 * reverse post-order.
 */
void wq_flow_facts (struct wq_body *body, vec<wq_placed_event> &placed,
		    const int *order, int nr_blocks);

/* Is @def, an assignment, "value = !other"? */
bool wq_is_negation (gimple *def);

/* gimple-paths.cc */

/*
 * Is it worth knowing on which ways through the function its events are?
 * @about_work: one is about a queue or a work item.
 */
bool wq_paths_matter (struct wq_body *body, vec<wq_placed_event> &placed,
		      bool about_work);

/* Add the blocks of the function; needs dominators. */
void wq_add_paths (struct wq_body *body, vec<wq_placed_event> &placed,
		   const int *order, int nr_blocks, bool about_work);

/* The outermost macro of the workqueue API that @location is in, or NULL. */
const char *wq_api_macro_around (location_t location);

#endif
