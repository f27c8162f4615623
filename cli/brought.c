/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Findings before and after a change, in pairs. Fingerprints pair what only
 * moved within its function. What is left on both sides is paired by less and
 * less: code that moved elsewhere, a line that was changed around the same
 * mistake, an item whose struct has another name now. A pair is one before
 * and one after, so that the second of two equal mistakes is new.
 */
#include <string.h>

#include "brought.h"
#include "source.h"

#define RULE		0x01		/* always */
#define FINGERPRINT	0x02
#define FILE_NAME	0x04
#define FUNCTION	0x08
#define LINE		0x10		/* its text without white space */
#define ITEM		0x20		/* work item and queue */

static const unsigned int steps[] = {
	RULE | FINGERPRINT,
	RULE | FILE_NAME | FUNCTION | LINE | ITEM,	/* the file is renamed */
	RULE | LINE | ITEM,
	RULE | FILE_NAME | FUNCTION | ITEM,
	RULE | FILE_NAME | FUNCTION | LINE,
};

struct known_finding {
	const struct wq_finding *finding;
	const char *line;
	bool is_paired;
};

struct wq_known {
	struct wq_findings *findings;	/* copies */
	struct known_finding *list;
	unsigned int count;
};

/* wq_findings_merge() empties what it copies from. */
static struct wq_findings *copy(const struct wq_findings *findings)
{
	struct wq_findings *copied = wq_findings_new(), from = *findings;

	wq_findings_merge(copied, &from);
	return copied;
}

struct wq_known *wq_known_new(const struct wq_findings *findings,
			      const char *directory)
{
	struct wq_findings *copied = copy(findings);
	struct wq_arena *arena = copied->arena;
	struct wq_known *known = wq_arena_alloc(arena, sizeof(*known));
	struct wq_sources *sources = wq_sources_new();
	unsigned int i;

	known->findings = copied;
	known->count = copied->count;
	known->list = wq_arena_alloc(arena, (known->count + 1) *
					    sizeof(*known->list));
	for (i = 0; i < known->count; i++) {
		const struct wq_finding *finding = copied->list[i];
		const char *line = wq_source_line(sources, directory,
						  finding->where.file,
						  finding->where.line);

		known->list[i].finding = finding;
		known->list[i].line = wq_text_without_space(arena,
							    line ? line : "");
	}
	wq_sources_free(sources);
	return known;
}

void wq_known_free(struct wq_known *known)
{
	if (known)
		wq_findings_free(known->findings);
}

struct renames {
	const struct wq_git_file *files;
	unsigned int count;
};

/* Is @old, a name before the change, @new after it? */
static bool is_same_file(const struct renames *renames, const char *old,
			 const char *new)
{
	unsigned int i;

	if (!old || !new)
		return old == new;
	for (i = 0; i < renames->count; i++)
		if (renames->files[i].old_path &&
		    !strcmp(renames->files[i].old_path, old))
			return !strcmp(renames->files[i].path, new);
	return !strcmp(old, new);
}

static bool is_same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool is_pair(const struct renames *renames, unsigned int by,
		    const struct known_finding *before,
		    const struct known_finding *after)
{
	const struct wq_finding *old = before->finding, *new = after->finding;

	return old->rule == new->rule &&
	       (!(by & FINGERPRINT) ||
		is_same(old->fingerprint, new->fingerprint)) &&
	       (!(by & LINE) || !strcmp(before->line, after->line)) &&
	       (!(by & FUNCTION) || is_same(old->function, new->function)) &&
	       (!(by & ITEM) || (is_same(old->work, new->work) &&
				 is_same(old->queue, new->queue))) &&
	       (!(by & FILE_NAME) || is_same_file(renames, old->where.file,
						  new->where.file));
}

static void pair_by(const struct renames *renames, unsigned int by,
		    struct wq_known *before, struct wq_known *after)
{
	unsigned int i, j;

	for (i = 0; i < after->count; i++)
		for (j = 0; j < before->count && !after->list[i].is_paired; j++)
			if (!before->list[j].is_paired &&
			    is_pair(renames, by, &before->list[j],
				    &after->list[i])) {
				before->list[j].is_paired = true;
				after->list[i].is_paired = true;
			}
}

void wq_known_drop(struct wq_known *before, struct wq_known *after,
		   const struct wq_git_file *files, unsigned int nr_files,
		   struct wq_findings *findings)
{
	const struct renames renames = { files, nr_files };
	unsigned int i, kept = 0;
	size_t step;

	for (step = 0; step < sizeof(steps) / sizeof(steps[0]); step++)
		pair_by(&renames, steps[step], before, after);
	for (i = 0; i < findings->count; i++)
		if (!after->list[i].is_paired)
			findings->list[kept++] = findings->list[i];
	findings->count = kept;
	/* In the next step it is what was before. */
	for (i = 0; i < after->count; i++)
		after->list[i].is_paired = false;
}
