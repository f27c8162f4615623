/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is missing on ways out of a function, put there in its own style.
 */
#ifndef WQ_FIX_LEAK_H
#define WQ_FIX_LEAK_H

#include "fix-ways.h"

struct wq_undo {
	const struct wq_ways *ways;
	const char *call;	/* "destroy_workqueue(foo->wq)" */
	const char *name;	/* for a label: "wq" */
	/* Is what must be undone there undone at @token already? */
	bool (*is_done_at)(const struct wq_undo *undo, unsigned int token);
	/* Is what the call names gone after @token? */
	bool (*is_gone_at)(const struct wq_undo *undo, unsigned int token);
	/* Does what is at @token belong before the call? */
	bool (*ends_user_at)(const struct wq_undo *undo, unsigned int token);
	const void *data;
	bool is_needed;		/* set when a way out lacks it */
};

/*
 * Make each way out that fails do it; there may be none that does not. False
 * after a refusal.
 */
bool wq_fix_undo(struct wq_undo *undo);

#endif
