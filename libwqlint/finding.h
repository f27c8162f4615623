/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Findings: what rules say and reports print. A set of findings owns all of
 * its strings; locations point into the units they came from and live as
 * long as those.
 */
#ifndef WQ_FINDING_H
#define WQ_FINDING_H

#include <stdbool.h>

#include "unit.h"

struct wq_rule;

/* checkpatch's ERROR, WARNING and CHECK; CHECK is shown only with --strict. */
enum wq_level { WQ_CHECK, WQ_WARNING, WQ_ERROR };

/* A place that explains the finding, in the order it is to be read. */
struct wq_related {
	struct wq_location where;
	const char *message;
	const char *function;	/* in which it is, or NULL */
};

/*
 * A change of source text: on @where's line, the @old_bytes bytes from
 * @where's column on are @old_text and become @new_text. An empty old_text
 * inserts. new_text never has a newline unless column is 1 and old_text is
 * empty (whole lines inserted).
 */
struct wq_edit {
	struct wq_location where;
	const char *old_text;
	const char *new_text;
};

struct wq_suggestion {
	int step;		/* of the announcement, 0 to 5; -1: none */
	const char *text;	/* one sentence, or NULL */
	struct wq_edit *edits;	/* together; none when not safe */
	unsigned int nr_edits;
};

/* Who said that a finding is not to be shown. */
enum wq_silence { WQ_NOT_SILENCED, WQ_SILENCED_BY_COMMENT, WQ_SILENCED_BY_BASELINE };

struct wq_finding {
	const struct wq_rule *rule;
	enum wq_level level;
	struct wq_location where;
	const char *function;	/* or NULL */
	const char *module;	/* or NULL */
	const char *message;	/* one line, without level and rule id */
	const char *queue;	/* such as "system_wq", or NULL */
	const char *work;	/* such as "struct foo.work", or NULL */
	struct wq_related *related;	/* witness and other places */
	unsigned int nr_related;
	unsigned int nr_path;	/* so many of them are events of one flow */
	struct wq_suggestion suggestion;
	enum wq_silence silence;
	const char *silence_reason;	/* the comment's words, or NULL */
	const char *fingerprint;	/* or NULL: not made yet */
	unsigned int order;	/* in which it was added */
};

struct wq_findings {
	struct wq_arena *arena;
	struct wq_finding **list;
	unsigned int count;
};

struct wq_findings *wq_findings_new(void);
void wq_findings_free(struct wq_findings *findings);	/* NULL is fine */

/*
 * Add a finding of @rule at @where; @message in printf form. The level is
 * the rule's; the rest is empty and can be set by the caller.
 */
struct wq_finding *wq_findings_add(struct wq_findings *findings,
				   const struct wq_rule *rule,
				   struct wq_location where,
				   const char *message, ...)
	__attribute__((format(printf, 4, 5)));

/* Append a related place; @message in printf form. */
void wq_finding_relate(struct wq_findings *findings,
		       struct wq_finding *finding, struct wq_location where,
		       const char *function, const char *message, ...)
	__attribute__((format(printf, 5, 6)));

/* Append an edit to the finding's suggestion; texts are copied. */
void wq_finding_edit(struct wq_findings *findings, struct wq_finding *finding,
		     struct wq_location where, const char *old_text,
		     const char *new_text);

/*
 * Bring into the order of reports (file, line, column, rule) and drop
 * findings of the same rule at the same place, keeping the first added.
 */
void wq_findings_sort(struct wq_findings *findings);

/* Move all findings of @from, which becomes empty, into @into. */
void wq_findings_merge(struct wq_findings *into, struct wq_findings *from);

struct wq_sources;

/*
 * Give each finding a text that stays the same when lines move: 16 hex digits
 * of a hash over rule, file, function, the line's text without white space,
 * queue and work item, and for all but the first finding of which these are
 * equal its number. Findings are sorted. Relative names are below @directory.
 * A source that cannot be read counts as an empty line.
 */
void wq_findings_fingerprint(struct wq_findings *findings,
			     struct wq_sources *sources, const char *directory);

/* @line without white space: indentation and wrapping change, code does not. */
const char *wq_text_without_space(struct wq_arena *arena, const char *line);

/* Drop the findings that are silenced. Returns how many those were. */
unsigned int wq_findings_drop_silenced(struct wq_findings *findings);

#endif
