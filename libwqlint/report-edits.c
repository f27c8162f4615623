/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a line looks when the edits of a suggestion are made.
 */
#include <string.h>

#include "report-parts.h"

bool wq_report_same_line(const struct wq_edit *edit,
			 const struct wq_edit *other)
{
	return edit->where.line == other->where.line &&
	       wq_report_same_file(edit->where, other->where);
}

/* The rightmost edit of @of's line that @done does not have yet, or NULL. */
static const struct wq_edit *next_edit(const struct wq_suggestion *suggestion,
				       const struct wq_edit *of,
				       const struct wq_edit *done)
{
	const struct wq_edit *edit, *next = NULL;
	unsigned int i;

	for (i = 0; i < suggestion->nr_edits; i++) {
		edit = &suggestion->edits[i];
		if (!wq_report_same_line(edit, of))
			continue;
		if (done && edit->where.column_bytes >=
			    done->where.column_bytes)
			continue;
		if (!next || edit->where.column_bytes >
			     next->where.column_bytes)
			next = edit;
	}
	return next;
}

const char *wq_report_edited_line(struct wq_arena *arena,
				  const struct wq_suggestion *suggestion,
				  const struct wq_edit *of, const char *line)
{
	const struct wq_edit *edit = NULL;

	/* From right to left, so that columns stay true. */
	while ((edit = next_edit(suggestion, of, edit))) {
		size_t start = edit->where.column_bytes - 1;
		size_t length = strlen(edit->old_text);

		if (!edit->where.column_bytes || start > strlen(line) ||
		    strncmp(line + start, edit->old_text, length))
			return NULL;
		line = wq_arena_printf(arena, "%.*s%s%s", (int)start, line,
				       edit->new_text, line + start + length);
	}
	return line;
}
