/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The units of an audit, and their facts: from the cache, or by compiling.
 */
#ifndef WQ_AUDIT_H
#define WQ_AUDIT_H

#include "cache.h"
#include "cli.h"
#include "further.h"
#include "select.h"
#include "shadow.h"
#include "table.h"

struct wq_audit_unit {
	const struct wq_compile *compile;
	struct wq_choice choice;
	bool is_wanted;
	bool is_tried;			/* it has facts, or a cause */
	const char *path;		/* of a file with its facts, or NULL */
	size_t offset;			/* where they begin in it */
	const char *cause;		/* why there are no facts */
	const char *output;		/* what the compiler said, or NULL */
	struct wq_digest key;		/* of its command */
};

struct wq_audit {
	struct wq_arena *arena;
	struct wq_cache *cache;
	struct wq_file_digests *files;
	struct wq_plugins *plugins;
	const struct wq_shadow *shadow;	/* where sources are; NULL: in place */
	unsigned int jobs;
	struct wq_audit_unit *units;
	unsigned int count;
	unsigned int nr_compiled, nr_cached;
	struct wq_further further;	/* empty at first */
	/* Who else hears how far wq_audit_gather() is, or NULL. */
	void (*progress)(void *context, unsigned int done, unsigned int count);
	void *context;
};

/*
 * Get the facts of all units that are wanted and were not tried. Returns 0,
 * or -1 after a message.
 */
int wq_audit_gather(struct wq_audit *audit);

/* The same, but only from the cache: what is not there is not tried. */
void wq_audit_recall(struct wq_audit *audit);

/*
 * The header of @unit's facts, in @arena, with the place of the rest. NULL:
 * there are none.
 */
struct wq_unit *wq_audit_scan(const struct wq_audit_unit *unit,
			      struct wq_arena *arena);

/* Add what is known of the wanted units to @modules; headers are in @arena. */
void wq_audit_add(const struct wq_audit *audit, struct wq_modules *modules,
		  struct wq_arena *arena);

/* Why there are no facts, with the compiler's first error, on one line. */
const char *wq_audit_cause(struct wq_arena *arena,
			   const struct wq_audit_unit *unit);
/* audit-join.c */

/* Modules by name. */
struct wq_module_set {
	struct wq_arena *arena;
	struct wq_table names;
};

/* @names is as wq_module_names() takes it. */
void wq_module_set_add(struct wq_module_set *set, const char *names);
bool wq_module_set_has(struct wq_module_set *set, const char *names);

/*
 * What is known of the units of @audit that are wanted, as modules whose
 * files are named as seen from @base. Freed by the caller.
 */
struct wq_modules *wq_audit_modules(struct wq_audit *audit,
				    struct wq_options *options,
				    const char *base);

struct wq_audit_programs {
	unsigned int count, nr_with_findings, nr_unsettled;
};

/*
 * Want units that could change what is known of modules by those that are
 * wanted, and have their facts. Returns how many these are; when they have
 * theirs, others may matter. @counts says what was found.
 */
unsigned int wq_audit_want_more(struct wq_audit *audit,
				const struct wq_options *options,
				const char *base,
				struct wq_audit_programs *counts);

#endif
