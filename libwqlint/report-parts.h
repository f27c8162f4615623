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

/* How many bytes the word of code at byte @column_bytes of @line has, or 0. */
unsigned int wq_report_word_bytes(const char *line, unsigned int column_bytes);

/*
 * Print a line that says in which function of which module finding @number
 * is, in GCC's manner, when it is another than that of the one before.
 */
void wq_report_function(FILE *out, const struct wq_findings *findings,
			unsigned int number);

bool wq_report_same_line(const struct wq_edit *edit,
			 const struct wq_edit *other);

/*
 * @line with the edits made that are on the line of @of, in @arena; NULL
 * when the source is not what the edits were made for.
 */
const char *wq_report_edited_line(struct wq_arena *arena,
				  const struct wq_suggestion *suggestion,
				  const struct wq_edit *of, const char *line);

bool wq_report_same_file(struct wq_location a, struct wq_location b);

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
