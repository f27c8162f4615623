/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What "wqlint diff" is asked about: states of the sources, one after another.
 */
#ifndef WQ_CHANGE_H
#define WQ_CHANGE_H

#include "git.h"

struct wq_state {
	const char *label;		/* what made it of the one before */
	const char *tree;		/* an object name */
};

struct wq_change {
	struct wq_state *states;	/* the first is before the change */
	unsigned int count;		/* at least 2 */
	const char *working_tree;	/* an object name */
};

/*
 * Read the change that @argument names: a revision, a range, "-" for patches
 * on standard input; NULL is HEAD. @each: with the states between. Returns 0,
 * or -1 after a message.
 */
int wq_change_read(struct wq_git *git, const char *argument, bool each,
		   struct wq_change *change);

#endif
