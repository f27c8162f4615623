/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Allocations since Linux 6.10: alloc_hooks() of include/linux/alloc_tag.h
 * makes two calls out of one, for kernels that count what is allocated by
 * whom:
 *
 *	if (mem_alloc_profiling_enabled ())
 *		_res = alloc_workqueue_noprof (...);
 *	else
 *		_res = alloc_workqueue_noprof (...);
 *
 * They are one event, at the test, and have one result.
 */
#include "translate.h"
#include "flow.h"
#include "api.h"

#define MAX_CHAIN	4	/* blocks from the test to the call */

static bool
is_hook (const char *macro)
{
	return !strcmp (macro, "alloc_hooks_tag");
}

static bool
allocates (gimple *stmt)
{
	const char *name = is_gimple_call (stmt) ? wq_callee_name (stmt) : NULL;
	const struct wq_api *api = name ? wq_api_find (name) : NULL;

	return api && (api->effect == WQ_EVENT_ALLOC ||
		       api->effect == WQ_EVENT_ALLOC_QUEUE);
}

/* The first call that allocates on the way from @bb, which does not fork. */
static gimple *
allocation_from (basic_block bb)
{
	unsigned int i;

	for (i = 0; i < MAX_CHAIN; i++) {
		for (gimple_stmt_iterator gsi = gsi_start_bb (bb);
		     !gsi_end_p (gsi); gsi_next (&gsi))
			if (allocates (gsi_stmt (gsi)))
				return gsi_stmt (gsi);
		if (!single_succ_p (bb) || !single_pred_p (single_succ (bb)) ||
		    single_succ (bb)->index < NUM_FIXED_BLOCKS)
			break;
		bb = single_succ (bb);
	}
	return NULL;
}

bool
wq_find_hooked_calls (basic_block bb, gimple *calls[2])
{
	gimple_stmt_iterator gsi = gsi_last_bb (bb);
	gcond *cond = gsi_end_p (gsi) ? NULL : dyn_cast <gcond *> (gsi_stmt (gsi));
	unsigned int i;

	if (!cond || EDGE_COUNT (bb->succs) != 2 ||
	    !wq_macro_around (gimple_location (cond), is_hook))
		return false;
	for (i = 0; i < 2; i++) {
		basic_block to = EDGE_SUCC (bb, i)->dest;

		if (to->index < NUM_FIXED_BLOCKS || !single_pred_p (to))
			return false;
		calls[i] = allocation_from (to);
	}
	return calls[0] && calls[1] && calls[0] != calls[1] &&
	       gimple_call_fndecl (calls[0]) == gimple_call_fndecl (calls[1]);
}
