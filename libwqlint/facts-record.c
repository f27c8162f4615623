/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One record of facts. Nothing in the text is trusted: every number is
 * checked against what was read before it.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts-reader.h"

/* A number from 0 to @limit - 1, or -1 when @key is not there. */
static inline int get_index(struct wq_reader *reader, enum wq_key key,
			    unsigned int limit)
{
	long long number;

	if (!wq_reader_has(reader, key))
		return -1;
	number = wq_reader_get_number(reader, key);
	if (number < 0 || number >= limit || number > INT_MAX) {
		wq_reader_fail(reader, "number out of range");
		return -1;
	}
	return (int)number;
}

static const struct wq_expr *get_expr(struct wq_reader *reader, enum wq_key key)
{
	int i = get_index(reader, key, reader->unit->nr_exprs);

	return i < 0 ? NULL : reader->unit->exprs[i];
}

static unsigned int get_exprs(struct wq_reader *reader, enum wq_key key,
			      const struct wq_expr **list)
{
	struct wq_value value = reader->values[key];
	unsigned int count = 0;
	long long number;

	if (!wq_reader_has(reader, key))
		return 0;
	while (value.text < value.end) {
		if (count == WQ_MAX_LIST ||
		    !wq_reader_number(value.text, value.end, &number,
				      &value.text) || number < 0 ||
		    number >= reader->unit->nr_exprs ||
		    (value.text < value.end && *value.text != ',')) {
			wq_reader_fail(reader, "bad list of expressions");
			return 0;
		}
		list[count++] = reader->unit->exprs[number];
		if (value.text < value.end)
			value.text++;
	}
	return count;
}

/* The number that @value begins with, which is moved behind it and @after. */
static bool next_number(struct wq_value *value, char after,
			unsigned int *number)
{
	long long found;

	if (!wq_reader_number(value->text, value->end, &found, &value->text) ||
	    found < 0 || found > INT_MAX)
		return false;
	*number = (unsigned int)found;
	return !after || (value->text < value->end && *value->text++ == after);
}

static struct wq_location get_location(struct wq_reader *reader)
{
	struct wq_location where = { NULL, 0, 0, false, 0 };
	struct wq_value value = reader->values[WQ_KEY_AT];
	unsigned int file;

	if (!wq_reader_has(reader, WQ_KEY_AT))
		return where;
	if (!next_number(&value, ':', &file) || file >= reader->nr_files ||
	    !next_number(&value, ':', &where.line) ||
	    !next_number(&value, 0, &where.column_bytes) ||
	    (value.text < value.end &&
	     (value.end - value.text != 2 || memcmp(value.text, ":m", 2)))) {
		wq_reader_fail(reader, "bad location");
		where.line = where.column_bytes = 0;
		return where;
	}
	where.file = reader->files[file];
	where.in_macro = value.text < value.end;
	return where;
}

static void read_unit(struct wq_reader *reader)
{
	struct wq_unit *unit = reader->unit;

	if (*unit->source) {
		wq_reader_fail(reader, "unit twice");
		return;
	}
	unit->source = wq_reader_text(reader, WQ_KEY_SOURCE);
	if (!unit->source)
		wq_reader_fail(reader, "unit without source");
	unit->object = wq_reader_text(reader, WQ_KEY_OBJECT);
	unit->directory = wq_reader_text(reader, WQ_KEY_DIRECTORY);
	unit->compiler = wq_reader_text(reader, WQ_KEY_COMPILER);
	unit->modname = wq_reader_text(reader, WQ_KEY_MODNAME);
	unit->modfile = wq_reader_text(reader, WQ_KEY_MODFILE);
	unit->basename = wq_reader_text(reader, WQ_KEY_BASENAME);
	unit->schedule_queue = wq_reader_text(reader, WQ_KEY_SCHEDULE_QUEUE);
	unit->is_module = wq_reader_flag(reader, WQ_KEY_MODULE);
	unit->is_idle = wq_reader_flag(reader, WQ_KEY_IDLE);
	reader->rest = (size_t)wq_reader_get_number(reader, WQ_KEY_REST);
	reader->rest_begin = reader->next;
}

/* @array with room for one more than @count; @max is how many it has. */
static void *make_room(void *array, unsigned int count, unsigned int *max,
		       size_t element_bytes)
{
	if (count < *max)
		return array;
	*max = *max ? *max * 2 : 64;
	array = realloc(array, *max * element_bytes);
	if (!array) {
		fputs("wqlint: out of memory\n", stderr);
		exit(3);
	}
	return array;
}

void wq_reader_add_file(struct wq_reader *reader, const char *name)
{
	if (wq_reader_is_full(reader, reader->nr_files, WQ_MAX_FILES))
		return;
	reader->files = make_room(reader->files, reader->nr_files,
				  &reader->max_files, sizeof(*reader->files));
	reader->files[reader->nr_files++] = name;
}

static void read_file(struct wq_reader *reader)
{
	const char *name = wq_reader_text(reader, WQ_KEY_NAME);

	if (!name) {
		wq_reader_fail(reader, "file without name");
		return;
	}
	wq_reader_add_file(reader, name);
}

struct wq_type *wq_reader_new_type(struct wq_reader *reader, const char *tag)
{
	struct wq_unit *unit = reader->unit;
	struct wq_type *type;

	if (wq_reader_is_full(reader, unit->nr_types, WQ_MAX_TYPES))
		return NULL;
	if (reader->headers_only) {
		reader->types = make_room(reader->types, unit->nr_types,
					  &reader->max_types,
					  sizeof(*reader->types));
		type = &reader->types[unit->nr_types++];
		*type = (struct wq_type){ .tag = tag };
		return type;
	}
	type = wq_unit_new_type(unit, tag);
	if (!type)
		wq_reader_fail(reader, "type twice");
	return type;
}

static void read_type(struct wq_reader *reader)
{
	const char *tag = wq_reader_text(reader, WQ_KEY_TAG);
	struct wq_type *type;

	if (!tag) {
		wq_reader_fail(reader, "type without tag");
		return;
	}
	type = wq_reader_new_type(reader, tag);
	if (!type)
		return;
	type->file = wq_reader_text(reader, WQ_KEY_FILE);
	type->in_main_file = wq_reader_flag(reader, WQ_KEY_MAIN);
	type->holds_work = wq_reader_flag(reader, WQ_KEY_HOLDS);
}

static void read_queue(struct wq_reader *reader)
{
	const char *name = wq_reader_text(reader, WQ_KEY_NAME);

	if (wq_reader_is_full(reader, reader->unit->nr_public_queues, WQ_MAX_QUEUES))
		return;
	if (name)
		wq_unit_add_public_queue(reader->unit, name,
					 wq_reader_flag(reader, WQ_KEY_ALLOCATED));
	else
		wq_reader_fail(reader, "queue without name");
}

static void read_roles(struct wq_reader *reader, struct wq_function *function)
{
	struct wq_value roles = reader->values[WQ_KEY_ROLES], role;

	if (!wq_reader_has(reader, WQ_KEY_ROLES))
		return;
	for (; roles.text < roles.end; roles.text = role.end + 1) {
		role = roles;
		while (role.text < roles.end && *role.text != ',')
			role.text++;
		role = (struct wq_value){ roles.text, role.text };
		if (wq_reader_is_full(reader, function->nr_roles, WQ_MAX_ROLES))
			return;
		wq_function_add_role(function,
				     wq_reader_intern(reader, role,
						      reader->escaped));
		if (role.end == roles.end)
			break;
	}
}

static void read_function(struct wq_reader *reader)
{
	const char *name = wq_reader_text(reader, WQ_KEY_NAME);
	struct wq_function *function;
	long long section = wq_reader_get_number(reader, WQ_KEY_SECTION);
	long long params = wq_reader_get_number(reader, WQ_KEY_PARAMS);

	if (!name || section < WQ_TEXT || section > WQ_EXIT_TEXT ||
	    params < 0 || params > WQ_MAX_PARAMS) {
		wq_reader_fail(reader, "bad function");
		return;
	}
	if (wq_reader_is_full(reader, reader->unit->nr_functions, WQ_MAX_FUNCTIONS))
		return;
	function = wq_unit_new_function(reader->unit, name);
	if (!function) {
		wq_reader_fail(reader, "function twice");
		return;
	}
	function->where = get_location(reader);
	function->is_static = wq_reader_flag(reader, WQ_KEY_STATIC);
	function->is_defined = wq_reader_flag(reader, WQ_KEY_DEFINED);
	function->is_inline = wq_reader_flag(reader, WQ_KEY_INLINE);
	function->in_main_file = wq_reader_flag(reader, WQ_KEY_MAIN);
	function->address_taken = wq_reader_flag(reader, WQ_KEY_TAKEN);
	function->section = (enum wq_section)section;
	function->nr_params = (unsigned int)params;
	read_roles(reader, function);
}

static int find_kind(const struct wq_reader *reader, struct wq_lookup *kinds)
{
	if (!wq_reader_has(reader, WQ_KEY_KIND))
		return -1;
	return wq_reader_lookup(reader, kinds, reader->values[WQ_KEY_KIND]);
}

static const char *event_name(int kind)
{
	return wq_event_kind_name((enum wq_event_kind)kind);
}

static const char *expr_name(int kind)
{
	return wq_expr_kind_name((enum wq_expr_kind)kind);
}

static struct wq_lookup event_kinds = {
	.name = event_name, .count = WQ_NR_EVENT_KINDS
};
static struct wq_lookup expr_kinds = {
	.name = expr_name, .count = WQ_NR_EXPR_KINDS
};

static struct wq_function *get_function(struct wq_reader *reader)
{
	int i = get_index(reader, WQ_KEY_FUNCTION, reader->unit->nr_functions);

	return i < 0 ? NULL : reader->unit->functions[i];
}

static void read_event(struct wq_reader *reader)
{
	int kind = find_kind(reader, &event_kinds);
	struct wq_event *event;

	if (kind < 0) {
		wq_reader_fail(reader, "unknown kind of event");
		return;
	}
	if (wq_reader_is_full(reader, reader->unit->nr_events, WQ_MAX_EVENTS))
		return;
	event = wq_unit_new_event(reader->unit, get_function(reader),
				  (enum wq_event_kind)kind,
				  get_location(reader));
	event->callee = wq_reader_text(reader, WQ_KEY_CALLEE);
	event->type = wq_reader_text(reader, WQ_KEY_TYPE);
	event->number = wq_reader_get_number(reader, WQ_KEY_NUMBER);
	event->delayed = wq_reader_flag(reader, WQ_KEY_DELAYED);
	event->always = wq_reader_flag(reader, WQ_KEY_ALWAYS);
	event->managed = wq_reader_flag(reader, WQ_KEY_MANAGED);
}

/* Has @expr what its kind must have to make sense? */
static bool check_expr(struct wq_reader *reader, const struct wq_expr *expr)
{
	switch (expr->kind) {
	case WQ_EXPR_STRING:
	case WQ_EXPR_FUNC:
	case WQ_EXPR_GLOBAL:
		return expr->name ||
		       wq_reader_fail(reader, "expression without name");
	case WQ_EXPR_LOCAL:
		return (expr->name && expr->function) ||
		       wq_reader_fail(reader, "local without name or function");
	case WQ_EXPR_PARAM:
		return expr->function ||
		       wq_reader_fail(reader, "parameter without function");
	case WQ_EXPR_RESULT:
		return expr->event ||
		       wq_reader_fail(reader, "result without event");
	case WQ_EXPR_FIELD:
		if (!expr->name)
			return wq_reader_fail(reader, "expression without name");
		/* fall through */
	case WQ_EXPR_INDEX:
	case WQ_EXPR_OUTER:
	case WQ_EXPR_LOAD:
		return expr->base ||
		       wq_reader_fail(reader, "expression without base");
	default:
		return true;
	}
}

#define KIND(kind)	(1U << WQ_EXPR_##kind)
#define HAS_LINKAGE	(KIND(FUNC) | KIND(GLOBAL))
#define HAS_NAME	(HAS_LINKAGE | KIND(STRING) | KIND(LOCAL) | HAS_TYPE)
#define HAS_TYPE	(KIND(FIELD) | KIND(OUTER))
#define HAS_NUMBER	(KIND(CONST) | KIND(PARAM) | KIND(INDEX))
#define HAS_FUNCTION	(KIND(LOCAL) | KIND(PARAM))
#define HAS_BASE	(HAS_TYPE | KIND(INDEX) | KIND(LOAD))

const struct wq_expr *wq_reader_expr(struct wq_reader *reader,
				     struct wq_expr *expr)
{
	unsigned int expected = reader->unit->nr_exprs;
	const struct wq_expr *made;

	if (expr->kind == WQ_EXPR_PARAM &&
	    (expr->number < 0 || expr->number >= WQ_MAX_PARAMS))
		wq_reader_fail(reader, "number out of range");
	if (expr->base && (expr->base->depth == WQ_MAX_EXPR_DEPTH ||
			   expr->base->size == WQ_MAX_EXPR_SIZE))
		wq_reader_fail(reader, "expression too deep");
	if (!check_expr(reader, expr) || reader->cause)
		return NULL;
	made = expr->kind == WQ_EXPR_ANY
	       ? wq_expr_any(reader->unit, expr->alternatives,
			     expr->nr_alternatives)
	       : wq_unit_expr(reader->unit, expr);
	if (made->kind == WQ_EXPR_UNKNOWN && expr->kind != WQ_EXPR_UNKNOWN)
		wq_reader_fail(reader, "expression too large");
	else if (made->index != expected)
		wq_reader_fail(reader, "expression twice");
	return made;
}

/* What an expression of its kind has; nothing else is kept. */
static void get_parts(struct wq_reader *reader, struct wq_expr *expr)
{
	unsigned int parts = 1U << expr->kind;
	int event;

	if (parts & HAS_NAME)
		expr->name = wq_reader_text(reader, WQ_KEY_NAME);
	if (parts & HAS_LINKAGE)
		expr->is_static = wq_reader_flag(reader, WQ_KEY_STATIC);
	if (parts & HAS_TYPE)
		expr->type = wq_reader_text(reader, WQ_KEY_TYPE);
	if (expr->kind == WQ_EXPR_FIELD)
		expr->field_type = wq_reader_text(reader, WQ_KEY_FIELD_TYPE);
	if (parts & HAS_NUMBER)
		expr->number = wq_reader_get_number(reader, WQ_KEY_NUMBER);
	if (parts & HAS_FUNCTION)
		expr->function = get_function(reader);
	if (parts & HAS_BASE)
		expr->base = get_expr(reader, WQ_KEY_BASE);
	if (expr->kind != WQ_EXPR_RESULT)
		return;
	event = get_index(reader, WQ_KEY_EVENT, reader->unit->nr_events);
	if (event >= 0)
		expr->event = reader->unit->events[event];
}

static void read_expr(struct wq_reader *reader)
{
	const struct wq_expr *any[WQ_MAX_LIST];
	int kind = find_kind(reader, &expr_kinds);
	struct wq_expr expr = { .kind = (enum wq_expr_kind)kind };

	if (kind < 0) {
		wq_reader_fail(reader, "unknown kind of expression");
		return;
	}
	if (wq_reader_is_full(reader, reader->unit->nr_exprs, WQ_MAX_EXPRS))
		return;
	get_parts(reader, &expr);
	if (expr.kind == WQ_EXPR_ANY) {
		expr.alternatives = any;
		expr.nr_alternatives = get_exprs(reader, WQ_KEY_ANY, any);
	}
	wq_reader_expr(reader, &expr);
}

static struct wq_event *get_event(struct wq_reader *reader)
{
	int i = get_index(reader, WQ_KEY_EVENT, reader->unit->nr_events);

	if (i < 0) {
		wq_reader_fail(reader, "record without event");
		return NULL;
	}
	return reader->unit->events[i];
}

static void read_operands(struct wq_reader *reader)
{
	struct wq_event *event = get_event(reader);
	const struct wq_expr *list[WQ_MAX_LIST];

	if (!event)
		return;
	if (event->queue || event->work || event->object || event->value ||
	    event->delay || event->nr_args || event->nr_held) {
		wq_reader_fail(reader, "operands twice");
		return;
	}
	event->queue = get_expr(reader, WQ_KEY_QUEUE);
	event->work = get_expr(reader, WQ_KEY_WORK);
	event->object = get_expr(reader, WQ_KEY_OBJECT);
	event->value = get_expr(reader, WQ_KEY_VALUE);
	event->delay = get_expr(reader, WQ_KEY_DELAY);
	wq_event_set_args(reader->unit, event, list,
			  get_exprs(reader, WQ_KEY_ARGS, list));
	wq_event_set_held(reader->unit, event, list,
			  get_exprs(reader, WQ_KEY_HELD, list));
}

static void read_condition(struct wq_reader *reader)
{
	struct wq_event *event = get_event(reader);
	struct wq_condition condition = {
		.left = get_expr(reader, WQ_KEY_LEFT),
		.relation = wq_reader_flag(reader, WQ_KEY_DIFFERS) ? WQ_NOT_EQUAL
							: WQ_EQUAL,
		.right = get_expr(reader, WQ_KEY_RIGHT),
	};

	if (!event || !condition.left || !condition.right)
		wq_reader_fail(reader, "bad condition");
	else if (!wq_reader_is_full(reader, event->nr_conditions, WQ_MAX_PER_EVENT))
		wq_event_add_condition(reader->unit, event, condition);
}

static void read_variable(struct wq_reader *reader)
{
	struct wq_event *event = get_event(reader);
	const char *name = wq_reader_text(reader, WQ_KEY_NAME);
	const char *type = wq_reader_text(reader, WQ_KEY_TYPE);

	if (!event || !name || !type)
		wq_reader_fail(reader, "bad variable");
	else if (!wq_reader_is_full(reader, event->nr_variables, WQ_MAX_PER_EVENT))
		wq_event_add_variable(reader->unit, event, name, type);
}

/* Which of @letters is next? From 0, and moves on; -1: none. */
/* The flow of one function, being read. */
struct flow {
	const char *at, *end;
	struct wq_edge *edges;		/* the next */
	unsigned int nr_events;		/* in the blocks so far */
	unsigned int last_to;		/* the largest number that one leads to */
};

static inline bool take_byte(struct flow *flow, char byte)
{
	if (flow->at == flow->end || *flow->at != byte)
		return false;
	flow->at++;
	return true;
}

/* There are more of them than of anything else: most have a digit or two. */
static inline bool take_number(struct flow *flow, unsigned int *number)
{
	struct wq_value value = { flow->at, flow->end };
	unsigned int digit, next;

	if (flow->end - flow->at > 2) {
		digit = (unsigned int)(unsigned char)flow->at[0] - '0';
		next = (unsigned int)(unsigned char)flow->at[1] - '0';
		if (digit < 10 && next >= 10) {
			*number = digit;
			flow->at++;
			return true;
		}
		if (digit < 10 && (flow->at[2] < '0' || flow->at[2] > '9')) {
			*number = digit * 10 + next;
			flow->at += 2;
			return true;
		}
	}
	if (!next_number(&value, 0, number))
		return false;
	flow->at = value.text;
	return true;
}

static enum wq_outcome take_outcome(struct flow *flow)
{
	if (take_byte(flow, 's'))
		return WQ_OUTCOME_SUCCESS;
	if (take_byte(flow, 'f'))
		return WQ_OUTCOME_FAILURE;
	return take_byte(flow, 'u') ? WQ_OUTCOME_UNKNOWN : WQ_OUTCOME_NONE;
}

/* The edges of one block, each a number and perhaps an outcome. */
static bool read_edges(struct flow *flow, struct wq_block *block)
{
	struct wq_edge *edge = flow->edges;

	block->edges = edge;
	while (flow->at < flow->end && *flow->at != ';' && *flow->at != '/') {
		if ((block->nr_edges && !take_byte(flow, '.')) ||
		    block->nr_edges == WQ_MAX_BLOCKS ||
		    !take_number(flow, &edge->to))
			return false;
		if (edge->to > flow->last_to)
			flow->last_to = edge->to;
		edge->outcome = take_outcome(flow);
		edge++;
		block->nr_edges++;
	}
	flow->edges = edge;
	return true;
}

static enum wq_test take_test(struct flow *flow)
{
	static const char letters[] = "znlg";
	unsigned int i;

	for (i = 0; letters[i]; i++)
		if (take_byte(flow, letters[i]))
			return (enum wq_test)(i + 1);
	return WQ_TEST_NONE;
}

/* "/z17": edges[0] is taken when expression 17 is 0; and so on. */
static bool read_test(struct wq_reader *reader, struct flow *flow,
		      struct wq_block *block)
{
	unsigned int expr;

	if (!take_byte(flow, '/'))
		return true;
	block->test = take_test(flow);
	if (block->test == WQ_TEST_NONE || !take_number(flow, &expr) ||
	    expr >= reader->unit->nr_exprs)
		return false;
	block->left = reader->unit->exprs[expr];
	return true;
}

static bool read_block(struct wq_reader *reader, struct flow *flow,
		       struct wq_function *function, struct wq_block *block)
{
	if (!take_number(flow, &block->nr_events) || !take_byte(flow, ':') ||
	    !read_edges(flow, block) || !read_test(reader, flow, block) ||
	    block->nr_events > function->nr_events - flow->nr_events)
		return false;
	block->first_event = flow->nr_events;
	flow->nr_events += block->nr_events;
	return true;
}

/* How many blocks and edges can there be in a text? */
static void count_flow(struct wq_value value, unsigned int *nr_blocks,
		       unsigned int *nr_edges)
{
	unsigned int nr_semicolons = 0, nr_dots = 0;

	for (; value.text < value.end; value.text++) {
		nr_semicolons += *value.text == ';';
		nr_dots += *value.text == '.';
	}
	*nr_blocks = nr_semicolons + 1;
	*nr_edges = nr_semicolons + nr_dots + 1;
}

/* All edges must lead somewhere, and all events be in a block. */
static bool read_blocks(struct wq_reader *reader,
			struct wq_function *function, struct wq_value value)
{
	struct flow flow = { .at = value.text, .end = value.end };
	unsigned int max_blocks, max_edges;

	count_flow(value, &max_blocks, &max_edges);
	if (max_blocks > WQ_MAX_BLOCKS)
		return false;
	function->blocks = wq_unit_blocks(reader->unit, max_blocks);
	flow.edges = wq_arena_alloc(reader->unit->arena,
				    max_edges * sizeof(*flow.edges));
	while (flow.at < flow.end) {
		if (function->nr_blocks && !take_byte(&flow, ';'))
			return false;
		if (!read_block(reader, &flow, function,
				&function->blocks[function->nr_blocks++]))
			return false;
	}
	return flow.last_to <= function->nr_blocks &&
	       flow.nr_events == function->nr_events;
}

bool wq_reader_flow(struct wq_reader *reader, struct wq_function *function,
		    struct wq_value blocks)
{
	return (function && !function->nr_blocks &&
		read_blocks(reader, function, blocks)) || wq_reader_fail(reader, "bad flow");
}

static void read_flow(struct wq_reader *reader)
{
	if (wq_reader_has(reader, WQ_KEY_BLOCKS))
		wq_reader_flow(reader, get_function(reader),
			       reader->values[WQ_KEY_BLOCKS]);
	else
		wq_reader_fail(reader, "bad flow");
}

void wq_reader_record(struct wq_reader *reader)
{
	static void (*const readers[WQ_NR_WORDS])(struct wq_reader *reader) = {
		[WQ_WORD_UNIT] = read_unit, [WQ_WORD_FILE] = read_file,
		[WQ_WORD_TYPE] = read_type, [WQ_WORD_QUEUE] = read_queue,
		[WQ_WORD_FUNCTION] = read_function,
		[WQ_WORD_EVENT] = read_event, [WQ_WORD_EXPR] = read_expr,
		[WQ_WORD_OPERANDS] = read_operands,
		[WQ_WORD_CONDITION] = read_condition,
		[WQ_WORD_VARIABLE] = read_variable,
		[WQ_WORD_FLOW] = read_flow,
	};

	readers[reader->word](reader);
}
