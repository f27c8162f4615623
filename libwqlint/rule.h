/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A rule is one file rule-<id>.c with one struct wq_rule, and one row in
 * Makefile.am. It reads a program (one unit, one module or more; it never
 * asks which) and adds findings.
 */
#ifndef WQ_RULE_H
#define WQ_RULE_H

#include <stdbool.h>

#include "finding.h"
#include "program.h"

struct wq_rule {
	const char *id;		/* kebab-case, says what is wrong */
	enum wq_level level;
	const char *summary;	/* one line, no full stop */
	/* The texts of `wqlint explain` and doc/rules.md; plain text. */
	const char *why;	/* why it bites, with the kernel's words */
	const char *limits;	/* what it does not see, what silences it */
	const char *wrong;	/* a small example, C */
	const char *right;	/* the same, corrected */
	/*
	 * No unit that does not name the API can change what it says: for
	 * such a finding wqlint audit need not see all of a module.
	 */
	bool needs_only_users;
	/* NULL: it is about comments, which ignore.c reads. */
	void (*check)(const struct wq_program *program,
		      struct wq_findings *findings);
};

/* Those that ignore.c reports. */
extern const struct wq_rule wq_rule_bad_ignore, wq_rule_unused_ignore;

/* All rules in the order of the list in Makefile.am, ended by NULL. */
extern const struct wq_rule *const wq_rules[];

/*
 * The rule called @name in either spelling (flush-system-wq or
 * FLUSH_SYSTEM_WQ) of @length bytes, or NULL.
 */
const struct wq_rule *wq_rule_find(const char *name, size_t length);

/* @rule's id as checkpatch spells it (FLUSH_SYSTEM_WQ), in @arena. */
const char *wq_rule_type_name(struct wq_arena *arena,
			      const struct wq_rule *rule);

/* "ERROR", "WARNING" or "CHECK". */
const char *wq_level_name(enum wq_level level);

/* Which rules are wanted: checkpatch's --types, --ignore and --strict. */
struct wq_selection {
	unsigned long long only;	/* bit i: rule i; 0 means all */
	unsigned long long ignored;
	bool strict;			/* findings of level WQ_CHECK, too */
};

/*
 * Add the comma-separated rule ids of @list to @mask. Returns NULL, or the
 * first name that is no rule, as a copy in @arena.
 */
const char *wq_selection_parse(struct wq_arena *arena, const char *list,
			       unsigned long long *mask);

/* Is @rule among those that are wanted? Its level is another question. */
bool wq_selection_has(const struct wq_selection *selection,
		      const struct wq_rule *rule);

/*
 * Run the selected rules over @program, and sort what they find. Findings
 * below the wanted level are left out.
 */
void wq_rules_run(const struct wq_program *program,
		  const struct wq_selection *selection,
		  struct wq_findings *findings);

#endif
