/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The set of findings: adding, merging, the order of reports, fingerprints.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"
#include "rule.h"
#include "source.h"

struct wq_findings *wq_findings_new(void)
{
	struct wq_arena *arena = wq_arena_new();
	struct wq_findings *findings = wq_arena_alloc(arena, sizeof(*findings));

	findings->arena = arena;
	return findings;
}

void wq_findings_free(struct wq_findings *findings)
{
	if (findings)
		wq_arena_free(findings->arena);
}

static const char *format_text(struct wq_arena *arena, const char *format,
			       va_list args)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return "";
	text = wq_arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, args);
	return text;
}

static void append(struct wq_findings *findings, struct wq_finding *finding)
{
	findings->list = wq_arena_grow(findings->arena, findings->list,
				       findings->count,
				       sizeof(*findings->list));
	finding->order = findings->count;
	findings->list[findings->count++] = finding;
}

struct wq_finding *wq_findings_add(struct wq_findings *findings,
				   const struct wq_rule *rule,
				   struct wq_location where,
				   const char *message, ...)
{
	struct wq_finding *finding;
	va_list args;

	finding = wq_arena_alloc(findings->arena, sizeof(*finding));
	finding->rule = rule;
	finding->level = rule->level;
	finding->where = where;
	finding->suggestion.step = -1;
	va_start(args, message);
	finding->message = format_text(findings->arena, message, args);
	va_end(args);
	append(findings, finding);
	return finding;
}

void wq_finding_relate(struct wq_findings *findings,
		       struct wq_finding *finding, struct wq_location where,
		       const char *function, const char *message, ...)
{
	struct wq_related *related;
	va_list args;

	finding->related = wq_arena_grow(findings->arena, finding->related,
					 finding->nr_related,
					 sizeof(*finding->related));
	related = &finding->related[finding->nr_related++];
	related->where = where;
	related->function = wq_arena_copy(findings->arena, function);
	va_start(args, message);
	related->message = format_text(findings->arena, message, args);
	va_end(args);
}

void wq_finding_edit(struct wq_findings *findings, struct wq_finding *finding,
		     struct wq_location where, const char *old_text,
		     const char *new_text)
{
	struct wq_suggestion *suggestion = &finding->suggestion;
	struct wq_edit *edit;

	suggestion->edits = wq_arena_grow(findings->arena, suggestion->edits,
					  suggestion->nr_edits,
					  sizeof(*suggestion->edits));
	edit = &suggestion->edits[suggestion->nr_edits++];
	edit->where = where;
	edit->old_text = wq_arena_copy(findings->arena, old_text);
	edit->new_text = wq_arena_copy(findings->arena, new_text);
}

/* Texts that may be NULL; NULL comes first. */
static int compare_texts(const char *a, const char *b)
{
	if (!a || !b)
		return (a ? 1 : 0) - (b ? 1 : 0);
	return strcmp(a, b);
}

static int compare_numbers(unsigned int a, unsigned int b)
{
	return (a > b) - (a < b);
}

static int compare_places(const struct wq_finding *a,
			  const struct wq_finding *b)
{
	int order = compare_texts(a->where.file, b->where.file);

	if (!order)
		order = compare_numbers(a->where.line, b->where.line);
	if (!order)
		order = compare_numbers(a->where.column_bytes,
					b->where.column_bytes);
	if (!order)
		order = compare_texts(a->rule->id, b->rule->id);
	return order;
}

static int compare_findings(const void *left, const void *right)
{
	const struct wq_finding *a = *(const struct wq_finding *const *)left;
	const struct wq_finding *b = *(const struct wq_finding *const *)right;
	int order = compare_places(a, b);

	return order ? order : compare_numbers(a->order, b->order);
}

void wq_findings_sort(struct wq_findings *findings)
{
	unsigned int i, kept = 0;

	if (!findings->count)
		return;
	qsort(findings->list, findings->count, sizeof(*findings->list),
	      compare_findings);
	for (i = 1; i < findings->count; i++)
		if (compare_places(findings->list[kept], findings->list[i]))
			findings->list[++kept] = findings->list[i];
	findings->count = kept + 1;
}

/*
 * Everything but rules is copied, so that the units that @from was made of
 * may go afterwards.
 */
static void move_location(struct wq_arena *arena, struct wq_location *where)
{
	where->file = wq_arena_intern(arena, where->file);
}

static void move_related(struct wq_arena *arena, struct wq_finding *finding)
{
	const struct wq_related *old = finding->related;
	unsigned int i;

	finding->related = NULL;
	for (i = 0; i < finding->nr_related; i++) {
		struct wq_related *copy;

		finding->related = wq_arena_grow(arena, finding->related, i,
						 sizeof(*finding->related));
		copy = &finding->related[i];
		*copy = old[i];
		move_location(arena, &copy->where);
		copy->function = wq_arena_copy(arena, copy->function);
		copy->message = wq_arena_copy(arena, copy->message);
	}
}

static void move_suggestion(struct wq_arena *arena,
			    struct wq_suggestion *suggestion)
{
	const struct wq_edit *old = suggestion->edits;
	unsigned int i;

	suggestion->text = wq_arena_copy(arena, suggestion->text);
	suggestion->edits = NULL;
	for (i = 0; i < suggestion->nr_edits; i++) {
		struct wq_edit *copy;

		suggestion->edits = wq_arena_grow(arena, suggestion->edits, i,
						  sizeof(*suggestion->edits));
		copy = &suggestion->edits[i];
		*copy = old[i];
		move_location(arena, &copy->where);
		copy->old_text = wq_arena_copy(arena, copy->old_text);
		copy->new_text = wq_arena_copy(arena, copy->new_text);
	}
}

static void move_finding(struct wq_findings *into,
			 const struct wq_finding *old)
{
	struct wq_arena *arena = into->arena;
	struct wq_finding *finding = wq_arena_alloc(arena, sizeof(*finding));

	*finding = *old;
	move_location(arena, &finding->where);
	finding->function = wq_arena_copy(arena, old->function);
	finding->module = wq_arena_copy(arena, old->module);
	finding->message = wq_arena_copy(arena, old->message);
	finding->queue = wq_arena_copy(arena, old->queue);
	finding->work = wq_arena_copy(arena, old->work);
	finding->silence_reason = wq_arena_copy(arena, old->silence_reason);
	finding->fingerprint = wq_arena_copy(arena, old->fingerprint);
	move_related(arena, finding);
	move_suggestion(arena, &finding->suggestion);
	append(into, finding);
}

void wq_findings_merge(struct wq_findings *into, struct wq_findings *from)
{
	unsigned int i;

	for (i = 0; i < from->count; i++)
		move_finding(into, from->list[i]);
	from->list = NULL;
	from->count = 0;
}

const char *wq_text_without_space(struct wq_arena *arena, const char *line)
{
	char *text = wq_arena_alloc(arena, strlen(line) + 1), *end = text;

	for (; *line; line++)
		if (!isspace((unsigned char)*line))
			*end++ = *line;
	*end = '\0';
	return text;
}

static const char *identity(struct wq_arena *arena,
			    const struct wq_finding *finding, const char *line)
{
	const char *const parts[] = {
		finding->where.file, finding->function,
		line ? wq_text_without_space(arena, line) : NULL, finding->queue,
		finding->work,
	};
	const char *text = finding->rule->id;
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		text = wq_arena_printf(arena, "%s\n%s", text,
				       parts[i] ? parts[i] : "");
	return text;
}

void wq_findings_fingerprint(struct wq_findings *findings,
			     struct wq_sources *sources, const char *directory)
{
	struct wq_arena *arena = wq_arena_new();
	const char **texts = wq_arena_alloc(arena, (findings->count + 1) *
						   sizeof(*texts));
	unsigned int i, j, nth;

	for (i = 0; i < findings->count; i++) {
		struct wq_finding *finding = findings->list[i];
		const char *text;

		text = identity(arena, finding,
				wq_source_line(sources, directory,
					       finding->where.file,
					       finding->where.line));
		texts[i] = wq_arena_intern(arena, text);
		/* One function can make the same mistake twice. */
		for (j = 0, nth = 0; j < i; j++)
			nth += texts[j] == texts[i];
		if (nth)
			text = wq_arena_printf(arena, "%s\n%u", text, nth);
		finding->fingerprint = wq_arena_printf(findings->arena,
						       "%016" PRIx64,
						       wq_hash(text));
	}
	wq_arena_free(arena);
}

unsigned int wq_findings_drop_silenced(struct wq_findings *findings)
{
	unsigned int i, kept = 0, dropped;

	for (i = 0; i < findings->count; i++)
		if (!findings->list[i]->silence)
			findings->list[kept++] = findings->list[i];
	dropped = findings->count - kept;
	findings->count = kept;
	return dropped;
}
