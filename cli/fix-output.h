/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of the changes of a module: a diff, a commit message before
 * it, or the files themselves.
 */
#ifndef WQ_FIX_OUTPUT_H
#define WQ_FIX_OUTPUT_H

#include "cli.h"
#include "fix.h"

/* The changes of one module. */
struct wq_patch {
	const char *module;
	struct wq_edits edits;
	const struct wq_fix **fixes;
	unsigned int nr_fixes;
	struct wq_patch *next;
};

/*
 * A commit message: what, why, and nothing that is not known; with "Fixes:"
 * lines by the history of @directory, when that is not NULL.
 */
void wq_patch_print_message(struct wq_arena *arena, FILE *out,
			    const struct wq_patch *patch,
			    const char *directory);

/* Change the files. Returns 0, or -1 after messages. */
int wq_patch_write(const struct wq_patch *patch);

/* fix-history.c */

/* Has @directory a history to ask? Returns 0, or -1 after a message. */
int wq_history_check(struct wq_arena *arena, const char *directory);

/*
 * "Fixes: <12 digits> ("subject")" of the commit that the line @where of a
 * file below @directory is of; NULL after a message when none is known.
 */
const char *wq_history_fixes(struct wq_arena *arena, const char *directory,
			     const struct wq_location *where);

#endif
