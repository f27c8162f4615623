/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which findings a change brings: those that it has no counterpart of before.
 */
#ifndef WQ_BROUGHT_H
#define WQ_BROUGHT_H

#include "finding.h"
#include "git.h"

/* The findings of one state. It owns copies of all that it has. */
struct wq_known;

/*
 * Remember @findings, whose fingerprints are made and whose files are below
 * @directory.
 */
struct wq_known *wq_known_new(const struct wq_findings *findings,
			      const char *directory);
void wq_known_free(struct wq_known *known);	/* NULL is fine */

/*
 * Drop those of @findings that were there @before; @after is the same set,
 * remembered. @files says which were renamed.
 */
void wq_known_drop(struct wq_known *before, struct wq_known *after,
		   const struct wq_git_file *files, unsigned int nr_files,
		   struct wq_findings *findings);

#endif
