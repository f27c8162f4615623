/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What several report formats need; report.c has it.
 */
#ifndef WQ_REPORT_PARTS_H
#define WQ_REPORT_PARTS_H

#include "report.h"

#define WQ_TAB_STOP 8

struct wq_report_counts {
	unsigned int level[WQ_ERROR + 1];	/* by enum wq_level */
	unsigned int nr_modules;		/* that have findings */
};

/* Count the findings by level, and their modules. */
struct wq_report_counts wq_report_count(const struct wq_findings *findings);

/* Flush @out. Returns 0, or a negative errno when any write to it failed. */
int wq_report_finish(FILE *out);

/* "file:line:column" with what is known of it, without a colon at the end. */
void wq_report_place(FILE *out, struct wq_location where, unsigned int column);

/*
 * The column at which a terminal shows byte @column_bytes (from 1) of
 * @line: tab stops are WQ_TAB_STOP apart and a UTF-8 sequence is one column.
 */
unsigned int wq_report_display_column(const char *line,
				      unsigned int column_bytes);

/*
 * Is related place @number another than the finding's own? That one's line
 * is there already.
 */
bool wq_report_is_elsewhere(const struct wq_finding *finding,
			    unsigned int number);

/* The name of @rule for brackets: its id, or checkpatch's form of it. */
const char *wq_report_rule_name(struct wq_findings *findings,
				const struct wq_rule *rule,
				const struct wq_report_options *options);

#endif
