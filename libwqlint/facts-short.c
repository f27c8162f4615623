/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records of version 4: a letter, then fields with a blank before each. A
 * kernel has millions of them, so each byte is looked at once, and a name is
 * interned where it is defined, not where it is used.
 *
 * Nothing here looks for the end of the text: a record ends with a newline,
 * which is neither a digit nor a part of a name.
 */
#include <limits.h>
#include <string.h>

#include "facts-reader.h"

/* Where the next byte of a record is. */
struct cursor {
	const char *next;
};

static inline bool take(struct cursor *at, char byte)
{
	if (*at->next != byte)
		return false;
	at->next++;
	return true;
}

static inline bool take_number(struct cursor *at, unsigned int *number)
{
	const char *digit = at->next;
	unsigned int value = 0, next;
	size_t bytes;

	while ((next = (unsigned int)(unsigned char)*digit - '0') < 10) {
		value = value * 10 + next;
		digit++;
	}
	*number = value;
	bytes = (size_t)(digit - at->next);
	at->next = digit;
	return bytes - 1 < 9;	/* from 1 to 9 digits */
}

static bool take_long(struct wq_reader *reader, struct cursor *at,
		      long long *number)
{
	return wq_reader_any_number(at->next, reader->last_newline, number,
				    &at->next);
}

/* A number of something that there are @limit of. */
static inline bool take_index(struct wq_reader *reader, struct cursor *at,
			      unsigned int limit, unsigned int *number)
{
	if (!take_number(at, number))
		return false;
	return *number < limit ||
	       wq_reader_fail(reader, "number out of range");
}

/* The same for what it is the number of. */
static inline bool take_name(struct wq_reader *reader, struct cursor *at,
			     const char **name)
{
	unsigned int number;

	if (!take_index(reader, at, reader->nr_names, &number))
		return false;
	*name = reader->names[number];
	return true;
}

static inline bool take_function(struct wq_reader *reader, struct cursor *at,
				 const struct wq_function **function)
{
	unsigned int number;

	if (!take_index(reader, at, reader->unit->nr_functions, &number))
		return false;
	*function = reader->unit->functions[number];
	return true;
}

static inline bool take_expr(struct wq_reader *reader, struct cursor *at,
			     const struct wq_expr **expr)
{
	unsigned int number;

	if (!take_index(reader, at, reader->unit->nr_exprs, &number))
		return false;
	*expr = reader->unit->exprs[number];
	return true;
}

static bool take_exprs(struct wq_reader *reader, struct cursor *at,
		       const struct wq_expr **list, unsigned int *count)
{
	*count = 0;
	do {
		if (*count == WQ_MAX_LIST)
			return wq_reader_fail(reader,
					      "bad list of expressions");
		if (!take_expr(reader, at, &list[*count]))
			return false;
		++*count;
	} while (take(at, ','));
	return true;
}

/* FILE:LINE:COLUMN, and m where a macro is used. */
static bool take_location(struct wq_reader *reader, struct cursor *at,
			  struct wq_location *where)
{
	unsigned int file;

	if (!take_number(at, &file) || file >= reader->nr_files ||
	    !take(at, ':') || !take_number(at, &where->line) ||
	    !take(at, ':') || !take_number(at, &where->column_bytes))
		return wq_reader_fail(reader, "bad location");
	where->file = reader->files[file];
	where->in_macro = take(at, 'm');
	return true;
}

/*
 * A text as such, up to the next blank or the end of the record. Most of the
 * names in headers are of no interest to anybody, and those of a kernel fill
 * a large table: there they are not interned.
 */
static bool take_text(struct wq_reader *reader, struct cursor *at,
		      const char **text)
{
	struct wq_value value = { at->next, NULL };
	bool escaped;

	value.end = wq_reader_find_blank(reader, at->next, &escaped);
	at->next = value.end;
	if (reader->headers_only && !escaped)
		*text = wq_arena_copy_bytes(reader->unit->arena, value.text,
					    (size_t)(value.end - value.text));
	else
		*text = wq_reader_intern(reader, value, escaped);
	return !reader->cause;
}

/* The header */

static bool read_file(struct wq_reader *reader, struct cursor *at)
{
	const char *name;

	if (!take(at, ' ') || !take_text(reader, at, &name))
		return false;
	wq_reader_add_file(reader, name);
	return !reader->cause;
}

static bool read_type(struct wq_reader *reader, struct cursor *at)
{
	struct wq_type *type;
	unsigned int file;
	const char *tag;

	if (!take(at, ' ') || !take_text(reader, at, &tag))
		return false;
	type = wq_reader_new_type(reader, tag);
	while (type && *at->next != '\n') {
		if (!take(at, ' '))
			return false;
		if (take(at, '@')) {
			if (!take_index(reader, at, reader->nr_files, &file))
				return false;
			type->file = reader->files[file];
			continue;
		}
		type->in_main_file = take(at, 'm');
		type->holds_work = take(at, 'h');
	}
	return type;
}

static bool read_queue(struct wq_reader *reader, struct cursor *at)
{
	const char *name;

	if (!take(at, ' ') || !take_text(reader, at, &name) ||
	    wq_reader_is_full(reader, reader->unit->nr_public_queues,
			      WQ_MAX_QUEUES))
		return false;
	wq_unit_add_public_queue(reader->unit, name,
				 take(at, ' ') && take(at, 'a'));
	return true;
}

/* The body */

/*
 * How many there are of what follows. Nothing is allocated for more than
 * there can be in the text.
 */
static bool read_counts(struct wq_reader *reader, struct cursor *at)
{
	static const unsigned int limits[] = {
		WQ_MAX_NAMES, WQ_MAX_FUNCTIONS, WQ_MAX_EXPRS, WQ_MAX_EVENTS
	};
	size_t bytes = (size_t)(reader->end - at->next);
	unsigned int counts[4], i;

	if (reader->names)
		return wq_reader_fail(reader, "counts twice");
	for (i = 0; i < 4; i++) {
		if (!take(at, ' ') || !take_number(at, &counts[i]))
			return false;
		if (counts[i] > limits[i])
			return wq_reader_fail(reader, "too many records");
		if (counts[i] > bytes)
			return wq_reader_fail(reader, "truncated: records are missing");
	}
	reader->max_names = counts[0];
	reader->names = wq_arena_alloc(reader->unit->arena,
				       (counts[0] + 1) * sizeof(char *));
	wq_unit_reserve(reader->unit, counts[1], counts[2], counts[3]);
	return true;
}

static bool read_name(struct wq_reader *reader, struct cursor *at)
{
	if (wq_reader_is_full(reader, reader->nr_names, reader->max_names) ||
	    !take(at, ' ') ||
	    !take_text(reader, at, &reader->names[reader->nr_names]))
		return false;
	reader->nr_names++;
	return true;
}

static bool read_role(struct wq_reader *reader, struct cursor *at,
		      struct wq_function *function)
{
	const char *role;

	if (!take_name(reader, at, &role) ||
	    wq_reader_is_full(reader, function->nr_roles, WQ_MAX_ROLES))
		return false;
	wq_function_add_role(function, role);
	return true;
}

static bool read_function_field(struct wq_reader *reader, struct cursor *at,
				struct wq_function *function)
{
	unsigned int section;

	switch (*at->next++) {
	case ' ':
		return true;
	case '@':
		return take_location(reader, at, &function->where);
	case 's':
		return function->is_static = true;
	case 'd':
		return function->is_defined = true;
	case 'i':
		return function->is_inline = true;
	case 'm':
		return function->in_main_file = true;
	case 't':
		return function->address_taken = true;
	case 'S':
		if (!take_index(reader, at, WQ_EXIT_TEXT + 1, &section))
			return false;
		function->section = (enum wq_section)section;
		return true;
	case 'p':
		return take_index(reader, at, WQ_MAX_PARAMS + 1,
				  &function->nr_params);
	case 'r':
		return read_role(reader, at, function);
	default:
		return false;
	}
}

static bool read_function(struct wq_reader *reader, struct cursor *at)
{
	struct wq_function *function;
	const char *name;

	if (wq_reader_is_full(reader, reader->unit->nr_functions,
			      reader->unit->max_functions) ||
	    !take(at, ' ') || !take_name(reader, at, &name))
		return false;
	function = wq_unit_new_function(reader->unit, name);
	if (!function)
		return wq_reader_fail(reader, "function twice");
	while (*at->next != '\n')
		if (!read_function_field(reader, at, function))
			return false;
	return true;
}

/* A blank and a name, or "-" for none. */
static bool take_optional_name(struct wq_reader *reader, struct cursor *at,
			       const char **name)
{
	return take(at, ' ') && (take(at, '-') || take_name(reader, at, name));
}

static bool take_parts(struct wq_reader *reader, struct cursor *at,
		       struct wq_expr *expr)
{
	unsigned int event;

	switch (expr->kind) {
	case WQ_EXPR_CONST:
		return take_long(reader, at, &expr->number);
	case WQ_EXPR_STRING:
		return take_name(reader, at, &expr->name);
	case WQ_EXPR_FUNC:
	case WQ_EXPR_GLOBAL:
		if (!take_name(reader, at, &expr->name))
			return false;
		expr->is_static = take(at, ' ');
		return !expr->is_static || take(at, 's');
	case WQ_EXPR_LOCAL:
		return take_function(reader, at, &expr->function) &&
		       take(at, ' ') && take_name(reader, at, &expr->name);
	case WQ_EXPR_PARAM:
		return take_function(reader, at, &expr->function) &&
		       take(at, ' ') && take_long(reader, at, &expr->number);
	case WQ_EXPR_RESULT:
		if (!take_index(reader, at, reader->unit->max_events, &event))
			return false;
		expr->event = wq_unit_event(reader->unit, event);
		return true;
	case WQ_EXPR_FIELD:
		return take_expr(reader, at, &expr->base) &&
		       take_optional_name(reader, at, &expr->name) &&
		       take_optional_name(reader, at, &expr->type) &&
		       (*at->next == '\n' ||
			take_optional_name(reader, at, &expr->field_type));
	case WQ_EXPR_INDEX:
		return take_expr(reader, at, &expr->base) && take(at, ' ') &&
		       take_long(reader, at, &expr->number);
	case WQ_EXPR_OUTER:
		return take_expr(reader, at, &expr->base) &&
		       take_optional_name(reader, at, &expr->name) &&
		       take_optional_name(reader, at, &expr->type);
	case WQ_EXPR_LOAD:
		return take_expr(reader, at, &expr->base);
	default:
		return false;
	}
}

static bool read_expr(struct wq_reader *reader, struct cursor *at,
		      enum wq_expr_kind kind)
{
	const struct wq_expr *any[WQ_MAX_LIST];
	struct wq_expr expr = { .kind = kind };
	bool fine;

	if (wq_reader_is_full(reader, reader->unit->nr_exprs,
			      reader->unit->max_exprs))
		return false;
	if (kind == WQ_EXPR_UNKNOWN || kind == WQ_EXPR_NULL) {
		fine = true;
	} else if (!take(at, ' ')) {
		return false;
	} else if (kind == WQ_EXPR_ANY) {
		expr.alternatives = any;
		fine = take_exprs(reader, at, any, &expr.nr_alternatives);
	} else {
		fine = take_parts(reader, at, &expr);
	}
	if (fine)
		wq_reader_expr(reader, &expr);
	return fine && !reader->cause;
}

static bool take_args(struct wq_reader *reader, struct cursor *at,
		      struct wq_event *event)
{
	const struct wq_expr *list[WQ_MAX_LIST];
	unsigned int count;

	if (!take_exprs(reader, at, list, &count))
		return false;
	wq_event_set_args(reader->unit, event, list, count);
	return true;
}

static bool take_held(struct wq_reader *reader, struct cursor *at,
		      struct wq_event *event)
{
	const struct wq_expr *list[WQ_MAX_LIST];
	unsigned int count;

	if (!take_exprs(reader, at, list, &count))
		return false;
	wq_event_set_held(reader->unit, event, list, count);
	return true;
}

static bool read_event_field(struct wq_reader *reader, struct cursor *at,
			     struct wq_event *event)
{
	switch (*at->next++) {
	case ' ':
		return true;
	case '@':
		return take_location(reader, at, &event->where);
	case 'c':
		return take_name(reader, at, &event->callee);
	case 't':
		return take_name(reader, at, &event->type);
	case 'n':
		return take_long(reader, at, &event->number);
	case 'D':
		return event->delayed = true;
	case 'A':
		return event->always = true;
	case 'M':
		return event->managed = true;
	case 'q':
		return take_expr(reader, at, &event->queue);
	case 'w':
		return take_expr(reader, at, &event->work);
	case 'o':
		return take_expr(reader, at, &event->object);
	case 'v':
		return take_expr(reader, at, &event->value);
	case 'd':
		return take_expr(reader, at, &event->delay);
	case 'a':
		return take_args(reader, at, event);
	case 'h':
		return take_held(reader, at, event);
	default:
		return false;
	}
}

static bool read_event(struct wq_reader *reader, struct cursor *at)
{
	const struct wq_function *function = NULL;
	const char *letter;
	struct wq_event *event;

	if (wq_reader_is_full(reader, reader->unit->nr_events,
			      reader->unit->max_events) || !take(at, ' '))
		return false;
	letter = memchr(wq_event_letters, *at->next++, WQ_NR_EVENT_KINDS);
	if (!letter)
		return wq_reader_fail(reader, "unknown kind of event");
	if (*at->next != ' ' && *at->next != '\n' &&
	    !take_function(reader, at, &function))
		return false;
	event = wq_unit_new_event(reader->unit, (struct wq_function *)function,
				  (enum wq_event_kind)
				  (letter - wq_event_letters),
				  (struct wq_location){ .file = NULL });
	while (*at->next != '\n')
		if (!read_event_field(reader, at, event))
			return false;
	return true;
}

/* The event that conditions and variables come behind. */
static struct wq_event *last_event(struct wq_reader *reader)
{
	const struct wq_unit *unit = reader->unit;

	if (!unit->nr_events)
		wq_reader_fail(reader, "record without event");
	return unit->nr_events ? unit->events[unit->nr_events - 1] : NULL;
}

static bool read_condition(struct wq_reader *reader, struct cursor *at,
			   enum wq_relation relation)
{
	struct wq_condition condition = { .relation = relation };
	struct wq_event *event = last_event(reader);

	if (!event || wq_reader_is_full(reader, event->nr_conditions,
					WQ_MAX_PER_EVENT) ||
	    !take(at, ' ') || !take_expr(reader, at, &condition.left) ||
	    !take(at, ' ') || !take_expr(reader, at, &condition.right))
		return false;
	wq_event_add_condition(reader->unit, event, condition);
	return true;
}

static bool read_variable(struct wq_reader *reader, struct cursor *at)
{
	struct wq_event *event = last_event(reader);
	const char *name, *type;

	if (!event || wq_reader_is_full(reader, event->nr_variables,
					WQ_MAX_PER_EVENT) ||
	    !take(at, ' ') || !take_name(reader, at, &name) ||
	    !take(at, ' ') || !take_name(reader, at, &type))
		return false;
	wq_event_add_variable(reader->unit, event, name, type);
	return true;
}

static bool read_flow(struct wq_reader *reader, struct cursor *at)
{
	const struct wq_function *function;
	struct wq_value blocks;

	if (!take(at, ' ') || !take_function(reader, at, &function) ||
	    !take(at, ' '))
		return false;
	blocks.text = at->next;
	blocks.end = memchr(at->next, '\n', (size_t)(reader->last_newline + 1 -
						     at->next));
	at->next = blocks.end;
	return wq_reader_flow(reader, (struct wq_function *)function, blocks);
}

bool wq_short_is_header(const char *line)
{
	return *line == 's' || *line == 't' || *line == 'q';
}

static bool read_letter(struct wq_reader *reader, struct cursor *at)
{
	char letter = *at->next++;
	const char *kind;

	switch (letter) {
	case 's':
		return read_file(reader, at);
	case 't':
		return read_type(reader, at);
	case 'q':
		return read_queue(reader, at);
	case 'c':
		return read_counts(reader, at);
	case 'n':
		return read_name(reader, at);
	case 'f':
		return read_function(reader, at);
	case 'e':
		return read_event(reader, at);
	case '=':
		return read_condition(reader, at, WQ_EQUAL);
	case '!':
		return read_condition(reader, at, WQ_NOT_EQUAL);
	case 'v':
		return read_variable(reader, at);
	case 'b':
		return read_flow(reader, at);
	}
	kind = memchr(wq_expr_letters, letter, WQ_NR_EXPR_KINDS);
	if (!kind)
		return wq_reader_fail(reader, "unknown record");
	return read_expr(reader, at,
			 (enum wq_expr_kind)(kind - wq_expr_letters));
}

void wq_reader_read_short(struct wq_reader *reader, const char *line)
{
	struct cursor at = { line };

	while (at.next < reader->last_newline) {
		if (!read_letter(reader, &at) || *at.next != '\n') {
			wq_reader_fail(reader, "bad record");
			return;
		}
		reader->next = ++at.next;
		/* Where a NUL is, who reads lines will say. */
		if (reader->headers_only || reader->nul ||
		    at.next >= reader->last_newline ||
		    !wq_reader_is_short(reader, at.next))
			return;
		reader->line++;
		reader->nr_records++;
	}
}
