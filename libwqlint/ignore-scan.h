/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The comments of one file that begin with WQ_IGNORE_WORD; ignore.h says what
 * they are for.
 */
#ifndef WQ_IGNORE_SCAN_H
#define WQ_IGNORE_SCAN_H

#include "rule.h"
#include "source.h"

#define WQ_IGNORE_WORD	"wqlint:"

struct wq_ignored_rule {
	const struct wq_rule *rule;
	bool used;
};

struct wq_ignore {
	unsigned int line, column_bytes;	/* where the word is */
	unsigned int about;		/* line; 0: none has code after it */
	struct wq_ignored_rule *rules;
	unsigned int nr_rules;
	const char *reason;		/* or NULL */
	const char *problem;		/* what is wrong with it, or NULL */
	struct wq_ignore *next;
};

/* The comments of @file in order, in @arena. */
struct wq_ignore *wq_ignore_scan(struct wq_arena *arena,
				 struct wq_sources *sources,
				 const char *directory, const char *file);

#endif
