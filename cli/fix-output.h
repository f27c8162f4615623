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

/* A commit message: what, why, and nothing that is not known. */
void wq_patch_print_message(struct wq_arena *arena, FILE *out,
			    const struct wq_patch *patch);

/* Change the files. Returns 0, or -1 after messages. */
int wq_patch_write(const struct wq_patch *patch);

#endif
