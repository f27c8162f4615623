/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What failed in one state, for the next one.
 */
#include <string.h>

#include "failures.h"
#include "includers.h"

struct failure {
	const char *source;		/* absolute */
	const char *cause;
};

struct wq_failures {
	struct wq_arena *arena;
	const char *base;
	struct failure *list;
	unsigned int count;
	struct wq_table by_source;	/* of struct failure */
	struct wq_module_set modules;
};

struct wq_failures *wq_failures_new(struct wq_arena *arena, const char *base)
{
	struct wq_failures *failures = wq_arena_alloc(arena,
						      sizeof(*failures));

	failures->arena = arena;
	failures->base = base;
	return failures;
}

static const char *source_of(struct wq_arena *arena,
			     const struct wq_audit_unit *unit)
{
	return wq_path_absolute(arena, unit->compile->directory,
				unit->compile->source);
}

void wq_failures_note(struct wq_failures *failures,
		      const struct wq_audit *audit)
{
	struct wq_arena *arena = failures->arena;
	unsigned int i;

	*failures = (struct wq_failures){
		.arena = arena, .base = failures->base,
		.modules = { .arena = arena },
	};
	for (i = 0; i < audit->count; i++) {
		const struct wq_audit_unit *unit = &audit->units[i];
		struct failure failure;

		if (!unit->is_wanted || !unit->cause)
			continue;
		failure.source = source_of(arena, unit);
		failure.cause = wq_audit_cause(arena, unit);
		failures->list = wq_arena_grow(arena, failures->list,
					       failures->count,
					       sizeof(*failures->list));
		failures->list[failures->count++] = failure;
		*(struct failure *)wq_table_add(arena, &failures->by_source,
						wq_key_of(failure.source),
						sizeof(failure)) = failure;
		wq_module_set_add(&failures->modules, unit->choice.modules);
	}
}

const char *wq_failures_text(const struct wq_failures *failures)
{
	const struct failure *first = failures->list;
	const char *more = "";

	if (!failures->count)
		return NULL;
	if (failures->count > 1)
		more = wq_arena_printf(failures->arena, ", and %u more",
				       failures->count - 1);
	return wq_arena_printf(failures->arena, "%s: not linted: %s%s",
			       wq_path_below(failures->base, first->source),
			       first->cause, more);
}

void wq_failures_repeat(const struct wq_failures *failures,
			struct wq_audit *audit, const struct wq_table *reached)
{
	unsigned int i;

	for (i = 0; failures->count && i < audit->count; i++) {
		struct wq_audit_unit *unit = &audit->units[i];
		const char *source = source_of(audit->arena, unit);
		const struct wq_entry *entry =
			wq_table_find(&failures->by_source, wq_key_of(source));

		if (!entry || !entry->count || wq_set_has(reached, source))
			continue;
		unit->is_tried = true;
		unit->cause = ((const struct failure *)entry->list)->cause;
	}
}

void wq_failures_drop(struct wq_failures *failures,
		      const struct wq_audit *audit,
		      struct wq_findings *findings)
{
	struct wq_table dropped = { .slots = NULL };
	unsigned int i, kept = 0;

	for (i = 0; failures->count && i < audit->count; i++) {
		const struct wq_audit_unit *unit = &audit->units[i];

		if (wq_module_set_has(&failures->modules, unit->choice.modules))
			wq_set_add(failures->arena, &dropped,
				   wq_path_below(failures->base,
						 source_of(failures->arena,
							   unit)));
	}
	for (i = 0; i < findings->count; i++)
		if (!wq_set_has(&dropped, findings->list[i]->where.file ?
				findings->list[i]->where.file : ""))
			findings->list[kept++] = findings->list[i];
	findings->count = kept;
}
