/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * C as far as it takes to tell comments from code and literals, and the words
 * of the comments that are for us.
 */
#include <ctype.h>
#include <string.h>

#include "ignore-scan.h"

struct scan {
	struct wq_arena *arena;
	struct wq_ignore *first, **end;
	struct wq_ignore **waiting;	/* for the next line with code */
	unsigned int nr_waiting;
	unsigned int line;
	struct wq_ignore *open;		/* whose reason goes on, or NULL */
	bool in_comment;		/* of the kind that spans lines */
	bool goes_on;			/* a line comment that \ continues */
	bool has_code;			/* the line, up to where we are */
};

static const char *skip_space(const char *text, const char *end)
{
	while (text < end && isspace((unsigned char)*text))
		text++;
	return text;
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static size_t word_length(const char *text, const char *end)
{
	const char *start = text;

	while (text < end && in_word(*text) &&
	       !(text[0] == '-' && text + 1 < end && text[1] == '-'))
		text++;
	return (size_t)(text - start);
}

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && !strncmp(text, word, length);
}

/* Take the rules up to "--" or the end. Returns where that is. */
static const char *take_rules(struct scan *scan, struct wq_ignore *ignore,
			      const char *text, const char *end)
{
	for (;;) {
		const struct wq_rule *rule;
		size_t length;

		text = skip_space(text, end);
		if (text < end && *text == ',') {
			text++;
			continue;
		}
		length = word_length(text, end);
		if (!length)
			return text;
		rule = wq_rule_find(text, length);
		if (!rule && !ignore->problem)
			ignore->problem = wq_arena_printf(scan->arena,
				"the comment names no rule: '%.*s' (see wqlint rules)",
				(int)length, text);
		text += length;
		if (!rule)
			continue;
		ignore->rules = wq_arena_grow(scan->arena, ignore->rules,
					      ignore->nr_rules,
					      sizeof(*ignore->rules));
		ignore->rules[ignore->nr_rules++].rule = rule;
	}
}

static void take_reason(struct scan *scan, struct wq_ignore *ignore,
			const char *text, const char *end)
{
	if (end - text >= 2 && !strncmp(text, "--", 2))
		text = skip_space(text + 2, end);
	else
		end = text;
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	if (end > text)
		ignore->reason = wq_arena_printf(scan->arena, "%.*s",
						 (int)(end - text), text);
	else if (!ignore->problem)
		ignore->problem = "the comment gives no reason: write -- and the reason after the rules";
}

/*
 * What follows WQ_IGNORE_WORD, up to @end. Without a rule that it knows the
 * comment silences nothing; the other problems do not hinder it.
 */
static void parse(struct scan *scan, struct wq_ignore *ignore,
		  const char *text, const char *end)
{
	size_t length;

	text = skip_space(text, end);
	length = word_length(text, end);
	if (!is_word(text, length, "ignore")) {
		ignore->problem = wq_arena_printf(scan->arena,
			"the comment says '%.*s' after wqlint:, which is not ignore",
			(int)length, text);
		return;
	}
	text = take_rules(scan, ignore, text + length, end);
	if (!ignore->nr_rules && !ignore->problem)
		ignore->problem = "the comment names no rule: write it after ignore";
	take_reason(scan, ignore, text, end);
}

/* A reason can be as long as its comment. */
static void add_to_reason(struct scan *scan, const char *text, const char *end)
{
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	if (scan->open && scan->open->reason && end > text)
		scan->open->reason = wq_arena_printf(scan->arena, "%s %.*s",
						     scan->open->reason,
						     (int)(end - text), text);
}

/* A line of a comment, from @text to @end, of the line that is @line. */
static void take_comment(struct scan *scan, const char *line, const char *text,
			 const char *end)
{
	struct wq_ignore *ignore;

	text = skip_space(text, end);
	while (text < end && (*text == '*' || *text == '/'))
		text++;
	text = skip_space(text, end);
	if ((size_t)(end - text) < strlen(WQ_IGNORE_WORD) ||
	    strncmp(text, WQ_IGNORE_WORD, strlen(WQ_IGNORE_WORD))) {
		add_to_reason(scan, text, end);
		return;
	}
	ignore = wq_arena_alloc(scan->arena, sizeof(*ignore));
	ignore->line = scan->line;
	ignore->column_bytes = (unsigned int)(text - line) + 1;
	parse(scan, ignore, text + strlen(WQ_IGNORE_WORD), end);
	scan->open = ignore;
	*scan->end = ignore;
	scan->end = &ignore->next;
	if (scan->has_code) {
		ignore->about = scan->line;
		return;
	}
	scan->waiting = wq_arena_grow(scan->arena, scan->waiting,
				      scan->nr_waiting, sizeof(*scan->waiting));
	scan->waiting[scan->nr_waiting++] = ignore;
}

static void meet_code(struct scan *scan)
{
	scan->has_code = true;
	while (scan->nr_waiting)
		scan->waiting[--scan->nr_waiting]->about = scan->line;
}

/* Past the literal that begins at @text; it ends with the line at last. */
static const char *skip_literal(const char *text)
{
	char quote = *text++;

	for (; *text && *text != quote; text++)
		if (*text == '\\' && text[1])
			text++;
	return *text ? text + 1 : text;
}

/* A comment that was begun, on @line from @text on; returns its end. */
static const char *pass_comment(struct scan *scan, const char *line,
				const char *text)
{
	const char *end = strstr(text, "*/");

	scan->in_comment = !end;
	take_comment(scan, line, text, end ? end : text + strlen(text));
	if (end)
		scan->open = NULL;
	return end ? end + 2 : text + strlen(text);
}

static void pass_line_comment(struct scan *scan, const char *line,
			      const char *text)
{
	size_t length = strlen(text);

	scan->goes_on = length && text[length - 1] == '\\';
	take_comment(scan, line, text, text + length - scan->goes_on);
	if (!scan->goes_on)
		scan->open = NULL;
}

static void pass_line(struct scan *scan, const char *line)
{
	const char *text = line;

	scan->has_code = false;
	if (scan->goes_on) {
		pass_line_comment(scan, line, text);
		return;
	}
	if (scan->in_comment)
		text = pass_comment(scan, line, text);
	while (*text) {
		if (!strncmp(text, "/*", 2)) {
			text = pass_comment(scan, line, text + 2);
		} else if (!strncmp(text, "//", 2)) {
			pass_line_comment(scan, line, text + 2);
			return;
		} else if (isspace((unsigned char)*text)) {
			text++;
		} else {
			meet_code(scan);
			text = *text == '"' || *text == '\'' ?
			       skip_literal(text) : text + 1;
		}
	}
}

struct wq_ignore *wq_ignore_scan(struct wq_arena *arena,
				 struct wq_sources *sources,
				 const char *directory, const char *file)
{
	struct scan scan = { .arena = arena };
	const char *const *lines;
	unsigned int i, count;

	scan.end = &scan.first;
	lines = wq_source_lines(sources, directory, file, &count);
	for (i = 0; i < count; i++) {
		scan.line = i + 1;
		pass_line(&scan, lines[i]);
	}
	return scan.first;
}
