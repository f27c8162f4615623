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
	basic_block bb;		/* where it happens */
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

/* gimple-hooks.cc */

/*
 * Does @bb end with the test of alloc_hooks()? The two calls that are one are
 * stored in @calls.
 */
bool wq_find_hooked_calls (basic_block bb, gimple *calls[2]);

/* gimple-outcomes.cc */

typedef hash_map<edge, enum wq_outcome> wq_outcome_map;

/*
 * Say at the edges where the value that is returned by @out is chosen, or a
 * test has told what it is, what it means. The last such edge of a way decides.
 */
void wq_find_outcomes (edge out, tree value, wq_outcome_map *outcomes);

/* gimple-paths.cc */

/* A test of a value against 0 that came out true. */
struct wq_tested_value {
	tree value;		/* or NULL: no such test */
	enum wq_test test;	/* what then holds */
};

/* What is known at the true edge of the test that @bb ends with. */
struct wq_tested_value wq_test_of_block (basic_block bb);

/* What holds when @test does not. */
enum wq_test wq_opposite_test (enum wq_test test);

/*
 * "p->clk = get (); if (IS_ERR (p->clk))": nothing is optimised yet, and the
 * test loads what was just stored. The value that was stored, or @value.
 */
tree wq_stored_value (tree value);

/*
 * Is it worth knowing on which ways through the function its events are?
 * @about_work: one is about a queue or a work item.
 */
bool wq_paths_matter (struct wq_body *body, vec<wq_placed_event> &placed,
		      bool about_work);

/* Add the blocks of the function; needs dominators. */
void wq_add_paths (struct wq_body *body, vec<wq_placed_event> &placed,
		   const int *order, int nr_blocks, bool about_work);

/* The outermost of the macros wanted that @location is in, or NULL. */
const char *wq_macro_around (location_t location,
			     bool (*is_wanted) (const char *));

#endif
