/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reports: one struct wq_report per output format, one file each. They
 * print a sorted set of findings; none decides anything.
 */
#ifndef WQ_REPORT_H
#define WQ_REPORT_H

#include <stdio.h>

#include "finding.h"
#include "rule.h"

/* How to print; checkpatch's names where the meaning is the same. */
struct wq_report_options {
	bool terse;		/* one line per finding */
	bool emacs;		/* text that M-x compile understands */
	bool show_types;	/* the rule in checkpatch's form */
	bool summary;		/* a last line with counts */
	bool color;
	const char *directory;	/* base of relative file names, or NULL */
	unsigned int nr_files;	/* linted, for the last line; 0: unknown */
	bool incomplete;	/* something could not be looked at */
	unsigned int nr_silenced;	/* findings that are not shown */
	unsigned int nr_stale;		/* entries of the baseline */
};

struct wq_report {
	const char *name;	/* for --format= */
	bool is_for_builds;	/* names files as the compiler beside it does */
	bool shows_silenced;	/* says of each finding whether it is */
	/*
	 * Print @findings to @out. Returns 0 or a negative errno when
	 * writing failed (the caller names the file).
	 */
	int (*print)(FILE *out, struct wq_findings *findings,
		     const struct wq_report_options *options);
};

extern const struct wq_report wq_report_text;
extern const struct wq_report wq_report_checkpatch;
extern const struct wq_report wq_report_gcc;
extern const struct wq_report wq_report_json;
extern const struct wq_report wq_report_sarif;
extern const struct wq_report wq_report_rdjson;
extern const struct wq_report wq_report_gitlab;
extern const struct wq_report wq_report_html;

/* All reports, ended by NULL. */
extern const struct wq_report *const wq_reports[];

/* The report called @name, or NULL. */
const struct wq_report *wq_report_find(const char *name);

#endif
