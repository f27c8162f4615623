/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A unit with every kind of expression and event in it, and a reader that
 * remembers what it was handed. Include cmocka's header first.
 */
#ifndef FULL_UNIT_H
#define FULL_UNIT_H

#include <stdio.h>
#include <stdlib.h>

#include "facts-builder.h"
#include "facts.h"
#include "rule.h"

/* What the reader handed over. */
struct received {
	struct wq_unit *units[8];
	unsigned int nr_units;
	unsigned int nr_errors;
	unsigned int line;	/* of the first error */
	char cause[128];	/* of the first error */
};

static inline void receive(struct wq_unit *unit, void *context)
{
	struct received *received = context;

	assert_true(received->nr_units < 8);
	received->units[received->nr_units++] = unit;
}

static inline void hear_error(unsigned int line, const char *cause, void *context)
{
	struct received *received = context;

	if (received->nr_errors++)
		return;
	received->line = line;
	snprintf(received->cause, sizeof(received->cause), "%s", cause);
}

/*
 * Read a copy that ends where it ends, so that the sanitizer sees a byte
 * read beyond it.
 */
static inline struct received read_bytes(const char *text, size_t bytes)
{
	struct received received = { .nr_units = 0 };
	char *copy = malloc(bytes ? bytes : 1);
	unsigned int count;

	assert_non_null(copy);
	memcpy(copy, text, bytes);
	count = wq_facts_read(copy, bytes, receive, hear_error, &received);
	free(copy);
	assert_int_equal(count, received.nr_errors);
	return received;
}

static inline struct received read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static inline void drop(struct received *received)
{
	unsigned int i;

	for (i = 0; i < received->nr_units; i++)
		wq_unit_free(received->units[i]);
	received->nr_units = 0;
}

/* Use all that a unit says, as a command would. */
static inline void judge(struct wq_unit *unit)
{
	struct wq_program *program = join(&unit, 1, true);
	struct wq_selection selection = { .strict = true };
	struct wq_findings *findings = wq_findings_new();

	wq_rules_run(program, &selection, findings);
	assert_non_null(wq_facts_text(program->arena, unit));
	wq_findings_free(findings);
	wq_program_free(program);
}

/* A unit with everything in it */

static inline void fill_unit(struct wq_unit *unit)
{
	unit->object = "out dir/a.o";
	unit->directory = "/tmp/k=v,%41\t\xc3\xa4";
	unit->compiler = "gcc 12.2.0";
	unit->schedule_queue = "system_wq";
	wq_unit_add_type(unit, "foo", "a.c", true);
	wq_unit_add_type(unit, "bar", "include/b a r.h", false);
}

static inline struct wq_function *fill_function(struct wq_unit *unit)
{
	struct wq_function *f = define(unit, "static_remove", 3);

	f->is_inline = true;
	f->address_taken = true;
	f->section = WQ_EXIT_TEXT;
	f->where.in_macro = true;
	wq_function_add_role(f, "module_exit");
	wq_function_add_role(f, "odd,role%.x");
	return f;
}

static inline const struct wq_expr *any_of(struct wq_unit *unit,
					   const struct wq_expr *a,
					   const struct wq_expr *b)
{
	const struct wq_expr *pair[] = { a, b };

	return wq_expr_any(unit, pair, 2);
}

static inline void fill_events(struct wq_unit *unit, struct wq_function *f)
{
	const struct wq_expr *p = wq_expr_param(unit, f, 2);
	struct wq_event *event;
	int kind;

	for (kind = 0; kind < WQ_NR_EVENT_KINDS; kind++) {
		event = add(unit, f, kind, wq_event_kind_name(kind));
		event->queue = event->work = event->object = event->value = p;
	}
	event = unit->events[WQ_EVENT_QUEUE];
	event->queue = wq_expr_load(unit, member(unit, p, "foo", "wq"));
	event->work = wq_expr_index(unit, wq_expr_field(unit, p, "foo",
							"works", "item"), 3);
	event->delay = wq_expr_const(unit, -7);
	event->delayed = event->always = event->managed = true;
	event->number = INT64_MIN;
	event = unit->events[WQ_EVENT_FREE];
	event->type = wq_unit_string(unit, "foo");
	event->object = wq_expr_outer(unit, p, "foo", "a.b");
	event = unit->events[WQ_EVENT_ALLOC_QUEUE];
	event->value = wq_expr_string(unit, "a name, 100% \"odd\"\n");
	event->number = 1 << 17;
	event = unit->events[WQ_EVENT_STORE];
	event->object = wq_expr_global(unit, "queue", true);
	event->value = any_of(unit, shared_queue(unit, "system_wq"),
			      wq_expr_result(unit, unit->events
					     [WQ_EVENT_ALLOC_QUEUE]));
}

/* One expression of each kind is an argument of the call. */
static inline void fill_call(struct wq_unit *unit, struct wq_function *f)
{
	struct wq_event *call = unit->events[WQ_EVENT_CALL];
	const struct wq_expr *local = wq_expr_local(unit, f, "on_stack");
	const struct wq_expr *args[] = {
		wq_expr_unknown(unit), wq_expr_null(unit),
		wq_expr_const(unit, 1), wq_expr_string(unit, ""),
		wq_expr_func(unit, "handler", true),
		wq_expr_global(unit, "item", false), local,
		wq_expr_param(unit, f, 0), wq_expr_result(unit, call),
		wq_expr_field(unit, local, NULL, "work", NULL),
		wq_expr_index(unit, local, -1),
		wq_expr_outer(unit, local, NULL, NULL),
		wq_expr_load(unit, local),
		any_of(unit, local, any_of(unit, wq_expr_null(unit),
					   wq_expr_unknown(unit))),
	};
	struct wq_condition condition = { args[12], WQ_NOT_EQUAL, args[1] };
	struct wq_condition other = { args[7], WQ_EQUAL, args[2] };

	assert_int_equal(sizeof(args) / sizeof(*args), WQ_NR_EXPR_KINDS);
	wq_event_set_args(unit, call, args, WQ_NR_EXPR_KINDS);
	wq_event_set_held(unit, call, &args[5], 2);
	wq_event_add_condition(unit, call, condition);
	wq_event_add_condition(unit, call, other);
	wq_event_add_variable(unit, call, "foo", "foo_dev");
	wq_event_add_variable(unit, call, "b", "bar");
	call->where.file = wq_unit_string(unit, "include/x.h");
	call->where.in_macro = true;
	unit->events[WQ_EVENT_RETURN]->where.file = NULL;
}

/* Blocks with each outcome and each test; the last has all other events. */
static inline void fill_flow(struct wq_unit *unit, struct wq_function *f)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		struct wq_block *block = wq_function_add_block(f, 1);

		block->test = (enum wq_test)(i + 1);
		block->left = wq_expr_param(unit, f, 2);
		wq_function_add_edge(f, (struct wq_edge){ i + 1,
						(enum wq_outcome)i });
		wq_function_add_edge(f, (struct wq_edge){ 5,
						WQ_OUTCOME_FAILURE });
	}
	wq_function_add_block(f, f->nr_events - 4);
}

static inline struct wq_unit *full_unit(const char *source)
{
	struct wq_unit *unit = new_unit(source, "mod");
	struct wq_function *f;
	struct wq_event *event;

	fill_unit(unit);
	f = fill_function(unit);
	fill_events(unit, f);
	fill_call(unit, f);
	fill_flow(unit, f);
	wq_unit_function(unit, "only_declared");
	event = add(unit, NULL, WQ_EVENT_INIT_WORK, "DECLARE_WORK");
	event->work = event->value = wq_expr_global(unit, "item", true);
	/* Nothing names it: it is not written. */
	wq_expr_string(unit, "unused");
	return unit;
}

static inline const char *full_text(struct wq_arena *arena, const char *source)
{
	struct wq_unit *unit = full_unit(source);
	const char *text = wq_facts_text(arena, unit);

	wq_unit_free(unit);
	return text;
}

/* Between two good units, each of which must still arrive. */
static inline void expect_refused(const char *bad, const char *cause)
{
	struct wq_arena *arena = wq_arena_new();
	const char *good = full_text(arena, "good.c");
	struct received received = read_text(wq_arena_printf(arena, "%s%s%s",
							     good, bad, good));

	if (received.nr_errors != 1 || received.nr_units != 2 ||
	    strcmp(received.cause, cause))
		print_error("%u units, %u errors, \"%s\" (want \"%s\") for\n"
			    "%.999s", received.nr_units, received.nr_errors,
			    received.cause, cause, bad);
	assert_int_equal(received.nr_errors, 1);
	assert_int_equal(received.nr_units, 2);
	assert_string_equal(received.cause, cause);
	drop(&received);
	wq_arena_free(arena);
}

#endif
