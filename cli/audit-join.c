/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the units of an audit to modules: first only those that name the API;
 * where these leave something open, the others of their modules, too. See
 * candidates.c.
 */
#include <string.h>

#include "audit.h"
#include "includers.h"

static void add_name(const char *name, void *context)
{
	struct wq_module_set *set = context;

	wq_set_add(set->arena, &set->names, name);
}

void wq_module_set_add(struct wq_module_set *set, const char *names)
{
	wq_module_names(set->arena, names, add_name, set);
}

struct question {
	struct wq_module_set *set;
	bool is_found;
};

static void ask_name(const char *name, void *context)
{
	struct question *question = context;

	question->is_found |= wq_set_has(&question->set->names, name);
}

bool wq_module_set_has(struct wq_module_set *set, const char *names)
{
	struct question question = { .set = set };

	wq_module_names(set->arena, names, ask_name, &question);
	return question.is_found;
}

struct wq_modules *wq_audit_modules(struct wq_audit *audit,
				    struct wq_options *options,
				    const char *base)
{
	struct wq_modules *modules = wq_modules_new(options, base);

	if (audit->shadow)
		wq_modules_read_from(modules, wq_shadow_path(audit->shadow,
							     options->arena,
							     base));
	wq_audit_add(audit, modules, options->arena);
	return modules;
}

struct joining {
	struct wq_further *further;
	struct wq_audit_programs *counts;
};

/* Does a rule have anything to say, or could one if more were seen? */
static void note_candidate(const struct wq_program *program, void *context)
{
	struct joining *joining = context;
	bool has_findings, is_settled;

	wq_further_note(joining->further, program, &has_findings, &is_settled);
	joining->counts->count++;
	joining->counts->nr_with_findings += has_findings;
	joining->counts->nr_unsettled += !is_settled;
}

/* The name of the file that has @unit's source. */
static const char *source_of(const struct wq_audit *audit,
			     const struct wq_audit_unit *unit)
{
	const char *path = wq_path_absolute(audit->arena,
					    unit->compile->directory,
					    unit->compile->source);

	return audit->shadow ? wq_shadow_path(audit->shadow, audit->arena,
					      path) : path;
}

unsigned int wq_audit_want_more(struct wq_audit *audit,
				const struct wq_options *options,
				const char *base,
				struct wq_audit_programs *counts)
{
	struct joining joining = { &audit->further, counts };
	struct wq_options scratch = *options;
	struct wq_modules *modules;
	unsigned int i, count = 0;

	memset(counts, 0, sizeof(*counts));
	audit->further.arena = audit->arena;
	scratch.arena = wq_arena_new();
	modules = wq_audit_modules(audit, &scratch, base);
	wq_modules_join(modules, true, note_candidate, &joining);
	wq_modules_free(modules);
	wq_arena_free(scratch.arena);
	for (i = 0; i < audit->count; i++) {
		struct wq_audit_unit *unit = &audit->units[i];

		if (!unit->choice.is_relevant || unit->is_wanted)
			continue;
		unit->is_wanted = wq_further_needs(&audit->further,
						   source_of(audit, unit),
						   &unit->choice);
		count += unit->is_wanted;
	}
	return count;
}
