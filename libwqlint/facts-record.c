/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One record of facts. Nothing in the text is trusted: every number is
 * checked against what was read before it.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "facts-reader.h"

/*
 * Far more than the largest unit of a kernel has: 1106 functions, 1575
 * events, 2294 expressions, 12 variables, 8 conditions. Beyond them, who
 * follows facts would take forever.
 */
#define MAX_PARAMS	1024
#define MAX_FUNCTIONS	16384
#define MAX_TYPES	16384
#define MAX_FILES	4096
#define MAX_QUEUES	1024
#define MAX_EVENTS	32768
#define MAX_EXPRS	65536
#define MAX_ROLES	256
#define MAX_PER_EVENT	256

bool wq_reader_fail(struct wq_reader *reader, const char *cause)
{
	if (!reader->cause)
		reader->cause = cause;
	return false;
}

/* Undo put_value() in place; false when an escape is broken. */
static bool unescape(char *text)
{
	char *to = strchr(text, '%');

	if (!to)
		return true;
	for (text = to; *text; text++) {
		char digits[3] = "", *end;

		if (*text != '%') {
			*to++ = *text;
			continue;
		}
		strncpy(digits, text + 1, 2);
		*to = (char)strtol(digits, &end, 16);
		if (end != digits + 2 || !*to)
			return false;
		to++;
		text += 2;
	}
	*to = '\0';
	return true;
}

static char *find_field(struct wq_reader *reader, const char *key)
{
	unsigned int i;

	/* The first byte tells most keys apart, and needs no call. */
	for (i = 0; i < reader->nr_fields; i++)
		if (reader->fields[i].key[0] == key[0] &&
		    !strcmp(reader->fields[i].key, key))
			return reader->fields[i].value;
	return NULL;
}

/* The text of @key in the unit's arena, or NULL when it is not there. */
static const char *get_text(struct wq_reader *reader, const char *key)
{
	char *value = find_field(reader, key);

	if (!value)
		return NULL;
	if (!unescape(value)) {
		wq_reader_fail(reader, "broken escape");
		return "";
	}
	return wq_unit_string(reader->unit, value);
}

bool wq_reader_number(const char *text, long long *number, char **end)
{
	const char *digit = text;
	long long value = 0;

	/* Most are small and positive, and strtoll() does more than they need. */
	while (*digit >= '0' && *digit <= '9' && digit - text < 18)
		value = value * 10 + (*digit++ - '0');
	if (digit != text && (*digit < '0' || *digit > '9')) {
		*number = value;
		*end = (char *)digit;
		return true;
	}
	errno = 0;
	*number = strtoll(text, end, 10);
	return *end != text && !errno;
}

static long long get_number(struct wq_reader *reader, const char *key)
{
	char *value = find_field(reader, key), *end;
	long long number;

	if (!value)
		return 0;
	if (!wq_reader_number(value, &number, &end) || *end) {
		wq_reader_fail(reader, "not a number");
		return 0;
	}
	return number;
}

/* A number from 0 to @limit - 1, or -1 when @key is not there. */
static int get_index(struct wq_reader *reader, const char *key,
		     unsigned int limit)
{
	long long number = get_number(reader, key);

	if (!find_field(reader, key))
		return -1;
	if (number < 0 || number >= limit || number > INT_MAX) {
		wq_reader_fail(reader, "number out of range");
		return -1;
	}
	return (int)number;
}

static bool get_flag(struct wq_reader *reader, const char *key)
{
	return get_number(reader, key) == 1;
}

static const struct wq_expr *get_expr(struct wq_reader *reader, const char *key)
{
	int i = get_index(reader, key, reader->unit->nr_exprs);

	return i < 0 ? NULL : reader->unit->exprs[i];
}

#define MAX_LIST 256

static unsigned int get_exprs(struct wq_reader *reader, const char *key,
			      const struct wq_expr **list)
{
	char *value = find_field(reader, key);
	unsigned int count = 0;
	long long number;

	while (value && *value) {
		if (count == MAX_LIST ||
		    !wq_reader_number(value, &number, &value) || number < 0 ||
		    number >= reader->unit->nr_exprs ||
		    (*value && *value != ',')) {
			wq_reader_fail(reader, "bad list of expressions");
			return 0;
		}
		list[count++] = reader->unit->exprs[number];
		if (*value == ',')
			value++;
	}
	return count;
}

/* The number at *@text, which is moved behind it and @after. */
static bool next_number(char **text, char after, unsigned int *number)
{
	long long value;

	if (**text < '0' || **text > '9' ||
	    !wq_reader_number(*text, &value, text) || value > INT_MAX ||
	    (after && *(*text)++ != after))
		return false;
	*number = (unsigned int)value;
	return true;
}

static struct wq_location get_location(struct wq_reader *reader)
{
	struct wq_location where = { NULL, 0, 0, false, 0 };
	char *value = find_field(reader, "at");
	unsigned int file;

	if (!value)
		return where;
	if (!next_number(&value, ':', &file) || file >= reader->nr_files ||
	    !next_number(&value, ':', &where.line) ||
	    !next_number(&value, 0, &where.column_bytes) ||
	    (*value && strcmp(value, ":m"))) {
		wq_reader_fail(reader, "bad location");
		where.line = where.column_bytes = 0;
		return where;
	}
	where.file = reader->files[file];
	where.in_macro = *value;
	return where;
}

static void read_unit(struct wq_reader *reader)
{
	struct wq_unit *unit = reader->unit;

	if (*unit->source) {
		wq_reader_fail(reader, "unit twice");
		return;
	}
	unit->source = get_text(reader, "source");
	if (!unit->source)
		wq_reader_fail(reader, "unit without source");
	unit->object = get_text(reader, "object");
	unit->directory = get_text(reader, "directory");
	unit->compiler = get_text(reader, "compiler");
	unit->modname = get_text(reader, "modname");
	unit->modfile = get_text(reader, "modfile");
	unit->basename = get_text(reader, "basename");
	unit->schedule_queue = get_text(reader, "schedule-queue");
	unit->is_module = get_flag(reader, "module");
	unit->is_idle = get_flag(reader, "idle");
}

/* Has @count reached @limit? Then there is no room for one more. */
static bool is_full(struct wq_reader *reader, unsigned int count,
		    unsigned int limit)
{
	return count >= limit && !wq_reader_fail(reader, "too many records");
}

static void read_file(struct wq_reader *reader)
{
	const char *name = get_text(reader, "name");

	if (!name) {
		wq_reader_fail(reader, "file without name");
		return;
	}
	if (is_full(reader, reader->nr_files, MAX_FILES))
		return;
	reader->files = wq_arena_grow(reader->unit->arena, reader->files,
				      reader->nr_files,
				      sizeof(*reader->files));
	reader->files[reader->nr_files++] = name;
}

static void read_type(struct wq_reader *reader)
{
	const char *tag = get_text(reader, "tag");
	struct wq_unit *unit = reader->unit;

	if (!tag) {
		wq_reader_fail(reader, "type without tag");
		return;
	}
	if (wq_unit_find_type(unit, tag)) {
		wq_reader_fail(reader, "type twice");
		return;
	}
	if (is_full(reader, unit->nr_types, MAX_TYPES))
		return;
	wq_unit_add_type(unit, tag, get_text(reader, "file"),
			 get_flag(reader, "main"));
	unit->types[unit->nr_types - 1].holds_work = get_flag(reader, "holds");
}

static void read_queue(struct wq_reader *reader)
{
	const char *name = get_text(reader, "name");

	if (is_full(reader, reader->unit->nr_public_queues, MAX_QUEUES))
		return;
	if (name)
		wq_unit_add_public_queue(reader->unit, name,
					 get_flag(reader, "allocated"));
	else
		wq_reader_fail(reader, "queue without name");
}

static void read_roles(struct wq_reader *reader, struct wq_function *function)
{
	char *role = find_field(reader, "roles"), *next;

	for (; role && *role; role = next) {
		next = strchr(role, ',');
		if (next)
			*next++ = '\0';
		if (!unescape(role)) {
			wq_reader_fail(reader, "broken escape");
			return;
		}
		if (is_full(reader, function->nr_roles, MAX_ROLES))
			return;
		wq_function_add_role(function, role);
	}
}

static void read_function(struct wq_reader *reader)
{
	const char *name = get_text(reader, "name");
	struct wq_function *function;
	long long section = get_number(reader, "section");
	long long params = get_number(reader, "params");

	if (!name || section < WQ_TEXT || section > WQ_EXIT_TEXT ||
	    params < 0 || params > MAX_PARAMS) {
		wq_reader_fail(reader, "bad function");
		return;
	}
	if (is_full(reader, reader->unit->nr_functions, MAX_FUNCTIONS))
		return;
	if (wq_unit_find_function(reader->unit, name)) {
		wq_reader_fail(reader, "function twice");
		return;
	}
	function = wq_unit_function(reader->unit, name);
	function->where = get_location(reader);
	function->is_static = get_flag(reader, "static");
	function->is_defined = get_flag(reader, "defined");
	function->is_inline = get_flag(reader, "inline");
	function->in_main_file = get_flag(reader, "main");
	function->address_taken = get_flag(reader, "taken");
	function->section = (enum wq_section)section;
	function->nr_params = (unsigned int)params;
	read_roles(reader, function);
}

static int find_kind(const char *name, const char *(*kind_name)(int), int limit)
{
	int kind;

	for (kind = 0; name && kind < limit; kind++) {
		const char *known = kind_name(kind);

		if (known[0] == name[0] && !strcmp(known, name))
			return kind;
	}
	return -1;
}

static const char *event_name(int kind)
{
	return wq_event_kind_name((enum wq_event_kind)kind);
}

static const char *expr_name(int kind)
{
	return wq_expr_kind_name((enum wq_expr_kind)kind);
}

static struct wq_function *get_function(struct wq_reader *reader)
{
	int i = get_index(reader, "function", reader->unit->nr_functions);

	return i < 0 ? NULL : reader->unit->functions[i];
}

static void read_event(struct wq_reader *reader)
{
	int kind = find_kind(find_field(reader, "kind"), event_name,
			     WQ_NR_EVENT_KINDS);
	struct wq_event *event;

	if (kind < 0) {
		wq_reader_fail(reader, "unknown kind of event");
		return;
	}
	if (is_full(reader, reader->unit->nr_events, MAX_EVENTS))
		return;
	event = wq_unit_add_event(reader->unit, get_function(reader),
				  (enum wq_event_kind)kind,
				  get_location(reader));
	event->callee = get_text(reader, "callee");
	event->type = get_text(reader, "type");
	event->number = get_number(reader, "number");
	event->delayed = get_flag(reader, "delayed");
	event->always = get_flag(reader, "always");
	event->managed = get_flag(reader, "managed");
}

/* What an expression of @kind must have to make sense. */
static bool check_expr(struct wq_reader *reader, enum wq_expr_kind kind,
		       const char *name, bool has_function, bool has_event,
		       bool has_base)
{
	switch (kind) {
	case WQ_EXPR_STRING:
	case WQ_EXPR_FUNC:
	case WQ_EXPR_GLOBAL:
		return name || wq_reader_fail(reader, "expression without name");
	case WQ_EXPR_LOCAL:
		return (name && has_function) ||
		       wq_reader_fail(reader, "local without name or function");
	case WQ_EXPR_PARAM:
		return has_function ||
		       wq_reader_fail(reader, "parameter without function");
	case WQ_EXPR_RESULT:
		return has_event || wq_reader_fail(reader, "result without event");
	case WQ_EXPR_FIELD:
		if (!name)
			return wq_reader_fail(reader, "expression without name");
		/* fall through */
	case WQ_EXPR_INDEX:
	case WQ_EXPR_OUTER:
	case WQ_EXPR_LOAD:
		return has_base || wq_reader_fail(reader, "expression without base");
	default:
		return true;
	}
}

static const struct wq_expr *make_expr(struct wq_reader *reader,
				       enum wq_expr_kind kind)
{
	struct wq_unit *unit = reader->unit;
	const struct wq_expr *base = get_expr(reader, "base");
	const struct wq_expr *any[MAX_LIST];
	const struct wq_function *function = get_function(reader);
	int event = get_index(reader, "event", unit->nr_events);
	const char *name = get_text(reader, "name");
	const char *type = get_text(reader, "type");
	long long number = get_number(reader, "number");
	bool is_static = get_flag(reader, "static");

	if (kind == WQ_EXPR_PARAM && (number < 0 || number >= MAX_PARAMS))
		wq_reader_fail(reader, "number out of range");
	if (base && (base->depth == WQ_MAX_EXPR_DEPTH ||
		     base->size == WQ_MAX_EXPR_SIZE))
		wq_reader_fail(reader, "expression too deep");
	if (!check_expr(reader, kind, name, function, event >= 0, base) ||
	    reader->cause)
		return NULL;
	switch (kind) {
	case WQ_EXPR_NULL: return wq_expr_null(unit);
	case WQ_EXPR_CONST: return wq_expr_const(unit, number);
	case WQ_EXPR_STRING: return wq_expr_string(unit, name);
	case WQ_EXPR_FUNC: return wq_expr_func(unit, name, is_static);
	case WQ_EXPR_GLOBAL: return wq_expr_global(unit, name, is_static);
	case WQ_EXPR_LOCAL: return wq_expr_local(unit, function, name);
	case WQ_EXPR_PARAM:
		return wq_expr_param(unit, function, (unsigned int)number);
	case WQ_EXPR_RESULT:
		return wq_expr_result(unit, unit->events[event]);
	case WQ_EXPR_FIELD:
		return wq_expr_field(unit, base, type, name,
				     get_text(reader, "field-type"));
	case WQ_EXPR_INDEX: return wq_expr_index(unit, base, number);
	case WQ_EXPR_OUTER: return wq_expr_outer(unit, base, type, name);
	case WQ_EXPR_LOAD: return wq_expr_load(unit, base);
	case WQ_EXPR_ANY:
		return wq_expr_any(unit, any, get_exprs(reader, "any", any));
	default: return wq_expr_unknown(unit);
	}
}

static void read_expr(struct wq_reader *reader)
{
	int kind = find_kind(find_field(reader, "kind"), expr_name,
			     WQ_NR_EXPR_KINDS);
	unsigned int expected = reader->unit->nr_exprs;
	const struct wq_expr *expr;

	if (kind < 0) {
		wq_reader_fail(reader, "unknown kind of expression");
		return;
	}
	if (is_full(reader, expected, MAX_EXPRS))
		return;
	expr = make_expr(reader, (enum wq_expr_kind)kind);
	if (expr && expr->kind == WQ_EXPR_UNKNOWN && kind != WQ_EXPR_UNKNOWN)
		wq_reader_fail(reader, "expression too large");
	else if (expr && expr->index != expected)
		wq_reader_fail(reader, "expression twice");
}

static struct wq_event *get_event(struct wq_reader *reader)
{
	int i = get_index(reader, "event", reader->unit->nr_events);

	if (i < 0) {
		wq_reader_fail(reader, "record without event");
		return NULL;
	}
	return reader->unit->events[i];
}

static void read_operands(struct wq_reader *reader)
{
	struct wq_event *event = get_event(reader);
	const struct wq_expr *list[MAX_LIST];

	if (!event)
		return;
	if (event->queue || event->work || event->object || event->value ||
	    event->delay || event->nr_args || event->nr_held) {
		wq_reader_fail(reader, "operands twice");
		return;
	}
	event->queue = get_expr(reader, "queue");
	event->work = get_expr(reader, "work");
	event->object = get_expr(reader, "object");
	event->value = get_expr(reader, "value");
	event->delay = get_expr(reader, "delay");
	wq_event_set_args(reader->unit, event, list,
			  get_exprs(reader, "args", list));
	wq_event_set_held(reader->unit, event, list,
			  get_exprs(reader, "held", list));
}

static void read_condition(struct wq_reader *reader)
{
	struct wq_event *event = get_event(reader);
	struct wq_condition condition = {
		.left = get_expr(reader, "left"),
		.relation = get_flag(reader, "differs") ? WQ_NOT_EQUAL
							: WQ_EQUAL,
		.right = get_expr(reader, "right"),
	};

	if (!event || !condition.left || !condition.right)
		wq_reader_fail(reader, "bad condition");
	else if (!is_full(reader, event->nr_conditions, MAX_PER_EVENT))
		wq_event_add_condition(reader->unit, event, condition);
}

static void read_variable(struct wq_reader *reader)
{
	struct wq_event *event = get_event(reader);
	const char *name = get_text(reader, "name");
	const char *type = get_text(reader, "type");

	if (!event || !name || !type)
		wq_reader_fail(reader, "bad variable");
	else if (!is_full(reader, event->nr_variables, MAX_PER_EVENT))
		wq_event_add_variable(reader->unit, event, name, type);
}

static const struct record {
	const char *word;
	void (*read)(struct wq_reader *reader);
} records[] = {
	{ "unit", read_unit },
	{ "file", read_file },
	{ "type", read_type },
	{ "queue", read_queue },
	{ "function", read_function },
	{ "event", read_event },
	{ "expr", read_expr },
	{ "operands", read_operands },
	{ "condition", read_condition },
	{ "variable", read_variable },
};

bool wq_reader_record(struct wq_reader *reader, const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(records) / sizeof(*records); i++)
		if (!strcmp(word, records[i].word)) {
			records[i].read(reader);
			return true;
		}
	return false;
}
