/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which comments there are in a file, what each is about, and what becomes of
 * findings and comments when they meet.
 */
#include <ctype.h>
#include <string.h>

#include "ignore.h"
#include "ignore-scan.h"

struct file {
	const char *name;		/* interned */
	const char *module;
	bool linted, complete;
	bool scanned;
	struct wq_ignore *ignores;
	struct file *next;
};

struct wq_ignores {
	struct wq_arena *arena;
	struct wq_sources *sources;
	const char *directory;
	struct file *files, **end;
};

struct wq_ignores *wq_ignores_new(struct wq_sources *sources,
				  const char *directory)
{
	struct wq_arena *arena = wq_arena_new();
	struct wq_ignores *ignores = wq_arena_alloc(arena, sizeof(*ignores));

	ignores->arena = arena;
	ignores->sources = sources;
	ignores->directory = wq_arena_copy(arena, directory);
	ignores->end = &ignores->files;
	return ignores;
}

void wq_ignores_free(struct wq_ignores *ignores)
{
	if (ignores)
		wq_arena_free(ignores->arena);
}

/* Two of one name are possible: which one finds is the same. */
static struct file *add_file(struct wq_ignores *ignores, const char *name)
{
	struct file *file = wq_arena_alloc(ignores->arena, sizeof(*file));

	file->name = name;
	file->complete = true;
	*ignores->end = file;
	ignores->end = &file->next;
	return file;
}

static struct file *find_file(struct wq_ignores *ignores, const char *name)
{
	struct file *file;

	name = wq_arena_intern(ignores->arena, name);
	for (file = ignores->files; file; file = file->next)
		if (file->name == name)
			return file;
	return add_file(ignores, name);
}

static void scan(struct wq_ignores *ignores, struct file *file)
{
	if (file->scanned)
		return;
	file->scanned = true;
	if (wq_source_mentions(ignores->sources, ignores->directory,
			       file->name, WQ_IGNORE_WORD))
		file->ignores = wq_ignore_scan(ignores->arena, ignores->sources,
					       ignores->directory, file->name);
}

void wq_ignores_add_file(struct wq_ignores *ignores, const char *name,
			 const char *module, bool complete)
{
	struct file *file = find_file(ignores, name);

	if (!file->linted)
		file->module = wq_arena_copy(ignores->arena, module);
	file->linted = true;
	file->complete = file->complete && complete;
}

bool wq_ignores_has_complete(const struct wq_ignores *ignores,
			     const char *name)
{
	const struct file *file;

	for (file = ignores->files; file; file = file->next)
		if (!strcmp(file->name, name))
			return file->linted && file->complete;
	return false;
}

static void apply_file(struct file *file, struct wq_findings *findings,
		       struct wq_finding *finding)
{
	struct wq_ignore *ignore;
	unsigned int i;

	for (ignore = file->ignores; ignore; ignore = ignore->next)
		for (i = 0; i < ignore->nr_rules; i++)
			if (ignore->about == finding->where.line &&
			    ignore->rules[i].rule == finding->rule) {
				ignore->rules[i].used = true;
				finding->silence = WQ_SILENCED_BY_COMMENT;
				finding->silence_reason = wq_arena_copy(
					findings->arena, ignore->reason);
			}
}

void wq_ignores_apply(struct wq_ignores *ignores, struct wq_findings *findings)
{
	unsigned int i;

	for (i = 0; i < findings->count; i++) {
		struct wq_finding *finding = findings->list[i];
		struct file *file;

		if (!finding->where.file || !finding->where.line)
			continue;
		file = find_file(ignores, finding->where.file);
		scan(ignores, file);
		apply_file(file, findings, finding);
	}
}

static void add(const struct file *file, const struct wq_ignore *ignore,
		struct wq_findings *findings, const struct wq_rule *rule,
		const char *message)
{
	const struct wq_location where = {
		.file = wq_arena_copy(findings->arena, file->name),
		.line = ignore->line, .column_bytes = ignore->column_bytes,
	};
	struct wq_finding *finding = wq_findings_add(findings, rule, where,
						     "%s", message);

	finding->module = wq_arena_copy(findings->arena, file->module);
}

static void judge_ignore(const struct file *file,
			 const struct wq_ignore *ignore,
			 const struct wq_selection *selection,
			 struct wq_findings *findings)
{
	struct wq_arena *arena = findings->arena;
	unsigned int i;

	if (ignore->problem) {
		if (wq_selection_has(selection, &wq_rule_bad_ignore))
			add(file, ignore, findings, &wq_rule_bad_ignore,
			    ignore->problem);
		return;
	}
	if (!file->complete || !selection->strict ||
	    !wq_selection_has(selection, &wq_rule_unused_ignore))
		return;
	for (i = 0; i < ignore->nr_rules; i++)
		if (!ignore->rules[i].used &&
		    wq_selection_has(selection, ignore->rules[i].rule))
			add(file, ignore, findings, &wq_rule_unused_ignore,
			    wq_arena_printf(arena, "the comment silences nothing: there is no %s %s",
					    ignore->rules[i].rule->id,
					    ignore->about ? wq_arena_printf(arena, "on line %u", ignore->about)
							  : "after it"));
}

void wq_ignores_judge(struct wq_ignores *ignores,
		      const struct wq_selection *selection,
		      struct wq_findings *findings)
{
	const struct wq_ignore *ignore;
	struct file *file;

	for (file = ignores->files; file; file = file->next) {
		if (!file->linted)
			continue;
		scan(ignores, file);
		for (ignore = file->ignores; ignore; ignore = ignore->next)
			judge_ignore(file, ignore, selection, findings);
	}
}
