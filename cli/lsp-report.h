/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From findings and programs to one line of JSON for the server:
 *
 *	module, files	of which it is, and what was linted for it
 *	diagnostics	by path
 *	actions		path, diagnostic, title, changes of files
 *	hovers		path, range, and of what there is a text for that
 *	texts		what is known of "struct foo.work", by the name
 *	names		which names end in "work": a list
 */
#ifndef WQ_LSP_REPORT_H
#define WQ_LSP_REPORT_H

#include "edit.h"
#include "finding.h"
#include "lsp.h"
#include "program.h"

struct wq_lsp_report {
	struct wq_lsp *lsp;
	struct wq_arena *arena;
	const char *base;		/* of relative names */
	struct wq_texts sources;	/* as the client has them */
	const struct wq_findings *findings;
	json_t *diagnostics, *actions, *hovers, *texts, *names;
	struct wq_further *further;	/* what other units could change */
};

void wq_lsp_report_init(struct wq_lsp_report *report);

/* The line, of which the caller owns a reference. */
json_t *wq_lsp_report_line(struct wq_lsp_report *report, const char *module,
			   json_t *files);
void wq_lsp_report_free(struct wq_lsp_report *report);

/* @name of a file, absolute. */
const char *wq_lsp_report_path(struct wq_lsp_report *report, const char *name);

/*
 * The range of @count bytes at @where, 0: of the word there; NULL when the
 * file cannot be read.
 */
json_t *wq_lsp_report_range(struct wq_lsp_report *report,
			    struct wq_location where, size_t count);

/* Diagnostics of all findings; those that are silenced are left out. */
void wq_lsp_report_findings(struct wq_lsp_report *report);

/* Changes for the findings of @program; what is refused is left out. */
void wq_lsp_report_fixes(struct wq_lsp_report *report,
			 const struct wq_program *program);

/* lsp-hover.c: what is known of the items and queues of @program. */
void wq_lsp_report_hovers(struct wq_lsp_report *report,
			  const struct wq_program *program);

#endif
