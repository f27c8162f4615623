/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A unified diff from the changes themselves: which lines differ is known,
 * and needs no search.
 */
#include <string.h>

#include "edit.h"

#define CONTEXT	3

/* Whole lines of both sides, from 0, the end excluded. */
struct range {
	unsigned int old_start, old_end, new_start, new_end;
};

struct lines {
	const char *bytes;
	size_t nr_bytes;
	size_t *starts;
	unsigned int count;
};

static void split(struct wq_arena *arena, struct lines *lines,
		  const char *bytes, size_t nr_bytes)
{
	size_t at = 0;

	lines->bytes = bytes;
	lines->nr_bytes = nr_bytes;
	while (at < nr_bytes) {
		const char *end = memchr(bytes + at, '\n', nr_bytes - at);

		lines->starts = wq_arena_grow(arena, lines->starts,
					      lines->count,
					      sizeof(*lines->starts));
		lines->starts[lines->count++] = at;
		at = end ? (size_t)(end - bytes) + 1 : nr_bytes;
	}
}

static size_t line_bytes(const struct lines *lines, unsigned int number)
{
	return (number + 1 < lines->count ? lines->starts[number + 1]
					  : lines->nr_bytes) -
	       lines->starts[number];
}

static bool same_line(const struct lines *a, unsigned int i,
		      const struct lines *b, unsigned int j)
{
	size_t bytes = line_bytes(a, i);

	return bytes == line_bytes(b, j) &&
	       !memcmp(a->bytes + a->starts[i], b->bytes + b->starts[j], bytes);
}

/*
 * The longest common subsequence of the lines of a piece. Both sides are
 * short: a piece is lines next to each other that changes touch.
 */
static unsigned int *table_of(struct wq_arena *arena, const struct lines *a,
			      const struct lines *b, const struct range *range)
{
	unsigned int rows = range->old_end - range->old_start;
	unsigned int columns = range->new_end - range->new_start, i, j;
	unsigned int *table = wq_arena_alloc(arena, ((size_t)rows + 1) *
						    (columns + 1) *
						    sizeof(*table));

	for (i = rows; i-- > 0; )
		for (j = columns; j-- > 0; ) {
			unsigned int *here = &table[i * (columns + 1) + j];
			unsigned int down = here[columns + 1], right = here[1];

			if (same_line(a, range->old_start + i,
				      b, range->new_start + j))
				*here = here[columns + 2] + 1;
			else
				*here = down > right ? down : right;
		}
	return table;
}

struct diff {
	struct wq_arena *arena;
	struct lines old, new;
	struct range *ranges;		/* that differ */
	unsigned int nr_ranges;
};

static void add_range(struct diff *diff, struct range range)
{
	struct range *last = diff->nr_ranges
			     ? &diff->ranges[diff->nr_ranges - 1] : NULL;

	if (range.old_start == range.old_end && range.new_start == range.new_end)
		return;
	if (last && last->old_end == range.old_start &&
	    last->new_end == range.new_start) {
		last->old_end = range.old_end;
		last->new_end = range.new_end;
		return;
	}
	diff->ranges = wq_arena_grow(diff->arena, diff->ranges, diff->nr_ranges,
				     sizeof(*diff->ranges));
	diff->ranges[diff->nr_ranges++] = range;
}

/* Find what differs in a piece that begins and ends anywhere. */
static void compare_piece(struct diff *diff, struct range piece)
{
	unsigned int columns = piece.new_end - piece.new_start;
	unsigned int i = 0, j = 0, rows = piece.old_end - piece.old_start;
	const unsigned int *table = table_of(diff->arena, &diff->old,
					     &diff->new, &piece);

	while (i < rows || j < columns) {
		unsigned int old = piece.old_start + i;
		unsigned int new = piece.new_start + j;

		if (i < rows && j < columns &&
		    same_line(&diff->old, old, &diff->new, new)) {
			i++;
			j++;
		} else if (j < columns &&
			   (i == rows ||
			    table[i * (columns + 1) + j + 1] >
			    table[(i + 1) * (columns + 1) + j])) {
			add_range(diff, (struct range){ old, old, new, new + 1 });
			j++;
		} else {
			add_range(diff, (struct range){ old, old + 1, new, new });
			i++;
		}
	}
}

static unsigned int line_of(const struct lines *lines, size_t offset)
{
	unsigned int low = 0, high = lines->count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (lines->starts[middle] <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : 0;
}

/* How many bytes longer the changes before byte @offset make the file. */
static size_t growth_before(const struct wq_edits *edits,
			    const struct wq_text *text, size_t offset)
{
	size_t growth = 0;		/* modulo 2^64: it may be negative */
	unsigned int i;

	for (i = 0; i < edits->count; i++)
		if (edits->list[i].text == text &&
		    edits->list[i].offset < offset)
			growth += strlen(edits->list[i].new_text) -
				  edits->list[i].bytes;
	return growth;
}

static unsigned int line_number(const struct lines *lines, size_t offset)
{
	return offset >= lines->nr_bytes ? lines->count
					 : line_of(lines, offset);
}

/*
 * The lines that changes touch, the one after a change at its end included,
 * so that a piece ends in the same bytes on both sides.
 */
static bool *touched_lines(struct diff *diff, const struct wq_edits *edits,
			   const struct wq_text *text)
{
	bool *touched = wq_arena_alloc(diff->arena, diff->old.count + 1);
	unsigned int i;

	for (i = 0; i < edits->count; i++) {
		const struct wq_change *change = &edits->list[i];
		unsigned int first, last;

		if (change->text != text)
			continue;
		first = line_of(&diff->old, change->offset);
		last = line_of(&diff->old, change->offset + change->bytes);
		memset(touched + first, true, last - first + 1);
	}
	return touched;
}

static void compare(struct diff *diff, const struct wq_edits *edits,
		    const struct wq_text *text)
{
	const bool *touched = touched_lines(diff, edits, text);
	unsigned int line;

	for (line = 0; line < diff->old.count; line++) {
		struct range piece = { .old_start = line };
		size_t start = diff->old.starts[line], end;

		if (!touched[line])
			continue;
		while (line < diff->old.count && touched[line])
			line++;
		end = line < diff->old.count ? diff->old.starts[line]
					     : diff->old.nr_bytes + 1;
		piece.old_end = line;
		piece.new_start = line_number(&diff->new, start +
					growth_before(edits, text, start));
		piece.new_end = line_number(&diff->new, end +
					growth_before(edits, text, end));
		compare_piece(diff, piece);
	}
}

static void print_lines(FILE *out, char mark, const struct lines *lines,
			unsigned int from, unsigned int to)
{
	for (; from < to; from++) {
		size_t bytes = line_bytes(lines, from);
		const char *text = lines->bytes + lines->starts[from];

		putc(mark, out);
		fwrite(text, 1, bytes, out);
		if (text[bytes - 1] != '\n')
			fputs("\n\\ No newline at end of file\n", out);
	}
}

static void print_side(FILE *out, unsigned int start, unsigned int count)
{
	/* Of an empty side the line before it is said. */
	fprintf(out, "%u", count ? start + 1 : start);
	if (count != 1)
		fprintf(out, ",%u", count);
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static void print_hunk(FILE *out, const struct diff *diff, unsigned int first,
		       unsigned int last)
{
	const struct range *ranges = diff->ranges;
	unsigned int before = least(ranges[first].old_start, CONTEXT);
	unsigned int after = least(diff->old.count - ranges[last].old_end,
				   CONTEXT), i;
	unsigned int old = ranges[first].old_start - before;
	unsigned int new = ranges[first].new_start - before;

	fputs("@@ -", out);
	print_side(out, old, ranges[last].old_end + after - old);
	fputs(" +", out);
	print_side(out, new, ranges[last].new_end + after - new);
	fputs(" @@\n", out);
	for (i = first; i <= last; i++) {
		print_lines(out, ' ', &diff->old, old, ranges[i].old_start);
		print_lines(out, '-', &diff->old, ranges[i].old_start,
			    ranges[i].old_end);
		print_lines(out, '+', &diff->new, ranges[i].new_start,
			    ranges[i].new_end);
		old = ranges[i].old_end;
	}
	print_lines(out, ' ', &diff->old, old, old + after);
}

static void print_text(FILE *out, const struct wq_edits *edits,
		       const struct wq_text *text)
{
	struct diff diff = { .arena = edits->arena };
	unsigned int first, last;
	const char *bytes;
	size_t nr_bytes;

	bytes = wq_edits_apply(edits, text, &nr_bytes);
	split(diff.arena, &diff.old, text->bytes, text->nr_bytes);
	split(diff.arena, &diff.new, bytes, nr_bytes);
	compare(&diff, edits, text);
	if (!diff.nr_ranges)
		return;
	fprintf(out, "--- a/%s\n+++ b/%s\n", text->name, text->name);
	for (first = 0; first < diff.nr_ranges; first = last + 1) {
		for (last = first; last + 1 < diff.nr_ranges &&
		     diff.ranges[last + 1].old_start <=
		     diff.ranges[last].old_end + 2 * CONTEXT; last++)
			;
		print_hunk(out, &diff, first, last);
	}
}

void wq_edits_print(FILE *out, const struct wq_edits *edits)
{
	const struct wq_text **texts;
	unsigned int count, i;

	texts = wq_edits_texts(edits, &count);
	for (i = 0; i < count; i++)
		print_text(out, edits, texts[i]);
}
