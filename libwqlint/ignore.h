/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Comments of source files that silence findings:
 *
 *	flush_scheduled_work();	// wqlint: ignore flush-system-wq -- why
 *
 * Code before the comment: it is about that line. Otherwise it is about the
 * next line that has code. They are read from the source when findings are
 * reported, so that facts know nothing of them.
 */
#ifndef WQ_IGNORE_H
#define WQ_IGNORE_H

#include "finding.h"
#include "rule.h"
#include "source.h"

struct wq_ignores;

/*
 * Comments in @sources, whose relative names are below @directory; both are
 * borrowed.
 */
struct wq_ignores *wq_ignores_new(struct wq_sources *sources,
				  const char *directory);
void wq_ignores_free(struct wq_ignores *ignores);	/* NULL is fine */

/*
 * @file of @module was linted: its comments are judged. @complete: all rules
 * could find there what is to be found.
 */
void wq_ignores_add_file(struct wq_ignores *ignores, const char *file,
			 const char *module, bool complete);

/* Silence the findings that a comment is about. */
void wq_ignores_apply(struct wq_ignores *ignores,
		      struct wq_findings *findings);

/*
 * After wq_ignores_apply(): add a finding for each comment that is wrong
 * (bad-ignore), and for each that silences nothing although its rules were
 * run (unused-ignore). @findings are to be sorted afterwards.
 */
void wq_ignores_judge(struct wq_ignores *ignores,
		      const struct wq_selection *selection,
		      struct wq_findings *findings);

/* Was @file added, each time as complete? */
bool wq_ignores_has_complete(const struct wq_ignores *ignores,
			     const char *file);

#endif
