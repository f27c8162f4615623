/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts as text: what is written can be read again, and text that is not
 * facts any more is refused as a whole, whatever is wrong with it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facts-builder.h"
#include "facts.h"
#include "object.h"
#include "rule.h"

/* What the reader handed over. */
struct received {
	struct wq_unit *units[8];
	unsigned int nr_units;
	unsigned int nr_errors;
	unsigned int line;	/* of the first error */
	char cause[128];	/* of the first error */
};

static void receive(struct wq_unit *unit, void *context)
{
	struct received *received = context;

	assert_true(received->nr_units < 8);
	received->units[received->nr_units++] = unit;
}

static void hear_error(unsigned int line, const char *cause, void *context)
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
static struct received read_bytes(const char *text, size_t bytes)
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

static struct received read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void drop(struct received *received)
{
	unsigned int i;

	for (i = 0; i < received->nr_units; i++)
		wq_unit_free(received->units[i]);
	received->nr_units = 0;
}

/* Use all that a unit says, as a command would. */
static void judge(struct wq_unit *unit)
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

static void fill_unit(struct wq_unit *unit)
{
	unit->object = "out dir/a.o";
	unit->directory = "/tmp/k=v,%41\t\xc3\xa4";
	unit->compiler = "gcc 12.2.0";
	unit->schedule_queue = "system_wq";
	wq_unit_add_type(unit, "foo", true);
	wq_unit_add_type(unit, "bar", false);
}

static struct wq_function *fill_function(struct wq_unit *unit)
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

static const struct wq_expr *any_of(struct wq_unit *unit,
				    const struct wq_expr *a,
				    const struct wq_expr *b)
{
	const struct wq_expr *pair[] = { a, b };

	return wq_expr_any(unit, pair, 2);
}

static void fill_events(struct wq_unit *unit, struct wq_function *f)
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
static void fill_call(struct wq_unit *unit, struct wq_function *f)
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

static struct wq_unit *full_unit(const char *source)
{
	struct wq_unit *unit = new_unit(source, "mod");
	struct wq_function *f;
	struct wq_event *event;

	fill_unit(unit);
	f = fill_function(unit);
	fill_events(unit, f);
	fill_call(unit, f);
	wq_unit_function(unit, "only_declared");
	event = add(unit, NULL, WQ_EVENT_INIT_WORK, "DECLARE_WORK");
	event->work = event->value = wq_expr_global(unit, "item", true);
	/* Nothing names it: it is not written. */
	wq_expr_string(unit, "unused");
	return unit;
}

static const char *full_text(struct wq_arena *arena, const char *source)
{
	struct wq_unit *unit = full_unit(source);
	const char *text = wq_facts_text(arena, unit);

	wq_unit_free(unit);
	return text;
}

/* Reading back */

static void test_round_trip(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	const char *text = full_text(arena, "a.c");
	struct received received = read_text(text);

	(void)state;
	assert_int_equal(received.nr_errors, 0);
	assert_int_equal(received.nr_units, 1);
	assert_string_equal(wq_facts_text(arena, received.units[0]), text);
	judge(received.units[0]);
	drop(&received);
	wq_arena_free(arena);
}

/* Equal texts could both have lost the same thing. */
static void test_nothing_is_lost(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	struct received received = read_text(full_text(arena, "a.c"));
	const struct wq_unit *unit = received.units[0];
	const struct wq_event *event;

	(void)state;
	assert_int_equal(received.nr_units, 1);
	assert_string_equal(unit->directory, "/tmp/k=v,%41\t\xc3\xa4");
	assert_string_equal(unit->modfile, "mod");
	assert_true(unit->is_module);
	assert_int_equal(unit->nr_types, 2);
	assert_int_equal(unit->nr_functions, 2);
	assert_int_equal(unit->functions[0]->section, WQ_EXIT_TEXT);
	assert_string_equal(unit->functions[0]->roles[1], "odd,role%.x");
	assert_true(unit->functions[0]->where.in_macro);
	assert_int_equal(unit->nr_events, WQ_NR_EVENT_KINDS + 1);
	event = unit->events[WQ_EVENT_QUEUE];
	assert_true(event->number == INT64_MIN);
	assert_true(event->delay->number == -7);
	assert_true(event->delayed && event->always && event->managed);
	event = unit->events[WQ_EVENT_ALLOC_QUEUE];
	assert_string_equal(event->value->name, "a name, 100% \"odd\"\n");
	event = unit->events[WQ_EVENT_CALL];
	assert_int_equal(event->nr_args, WQ_NR_EXPR_KINDS);
	assert_int_equal(event->nr_held, 2);
	assert_int_equal(event->nr_conditions, 2);
	assert_int_equal(event->conditions[0].relation, WQ_NOT_EQUAL);
	assert_int_equal(event->nr_variables, 2);
	assert_string_equal(event->where.file, "include/x.h");
	assert_null(unit->events[WQ_EVENT_RETURN]->where.file);
	assert_null(unit->events[WQ_NR_EVENT_KINDS]->function);
	drop(&received);
	wq_arena_free(arena);
}

static void test_empty_unit(void **state)
{
	struct wq_unit *unit = wq_unit_new("a.c");
	struct received received;

	(void)state;
	received = read_text(wq_facts_text(unit->arena, unit));
	assert_int_equal(received.nr_units, 1);
	assert_int_equal(received.nr_errors, 0);
	assert_null(received.units[0]->modname);
	assert_false(received.units[0]->is_module);
	drop(&received);
	wq_unit_free(unit);
}

/* As ld -r leaves them; sections may be padded with empty lines. */
static void test_several_units(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	const char *text = wq_arena_printf(arena, "%s\n%s\n\n%s",
					   full_text(arena, "a.c"),
					   full_text(arena, "b.c"),
					   full_text(arena, "c.c"));
	struct received received = read_text(text);

	(void)state;
	assert_int_equal(received.nr_errors, 0);
	assert_int_equal(received.nr_units, 3);
	assert_string_equal(received.units[0]->source, "a.c");
	assert_string_equal(received.units[2]->source, "c.c");
	drop(&received);
	received = read_text("");
	assert_int_equal(received.nr_errors + received.nr_units, 0);
	wq_arena_free(arena);
}

/* Bad facts */

/* Is a text cut to @bytes whole? Its last newline does not matter. */
static bool is_boundary(const char *text, size_t first_bytes, size_t bytes)
{
	return !bytes || bytes + 1 >= strlen(text) ||
	       bytes == first_bytes || bytes + 1 == first_bytes;
}

static void test_truncated_anywhere(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	const char *first = full_text(arena, "a.c");
	const char *text = wq_arena_printf(arena, "%s%s", first,
					   full_text(arena, "b.c"));
	size_t bytes, first_bytes = strlen(first);

	(void)state;
	for (bytes = 0; bytes <= strlen(text); bytes++) {
		struct received received = read_bytes(text, bytes);

		assert_int_equal(received.nr_errors,
				 !is_boundary(text, first_bytes, bytes));
		assert_int_equal(received.nr_units,
				 (bytes + 1 >= first_bytes) +
				 (bytes + 1 >= strlen(text)));
		drop(&received);
	}
	wq_arena_free(arena);
}

/* Between two good units, each of which must still arrive. */
static void expect_refused(const char *bad, const char *cause)
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

static void test_bad_frame(void **state)
{
	(void)state;
	expect_refused("wqlint-facts 2\nunit source=a.c\nend 1\n",
		       "written by a newer wqlint");
	expect_refused("wqlint-facts 99999999999999999999\nunit source=a.c\n"
		       "end 1\n", "broken version");
	expect_refused("wqlint-facts 0\nunit source=a.c\nend 1\n",
		       "broken version");
	expect_refused("wqlint-facts 1x\nend 0\n", "broken version");
	expect_refused("wqlint-facts \nend 0\n", "broken version");
	expect_refused("wqlint-facts 1\nunit source=a.c\nend 2\n",
		       "truncated: records are missing");
	expect_refused("wqlint-facts 1\nunit source=a.c\nend 0\n",
		       "truncated: records are missing");
	expect_refused("wqlint-facts 1\nunit source=a.c\nend x\n",
		       "truncated: records are missing");
	expect_refused("wqlint-facts 1\nunit source=a.c\nend -1\n",
		       "truncated: records are missing");
	expect_refused("wqlint-facts 1\nunit source=a.c\n",
		       "truncated: a new unit begins before the end");
	expect_refused("wqlint-facts 1\nend 0\n", "unit without source");
	expect_refused("wqlint-facts 1\nunit source=\nend 1\n",
		       "unit without source");
	expect_refused("garbage\nmore garbage\n", "text that is no facts");
	expect_refused("\x7f" "ELF\x02\x01\n", "text that is no facts");
}

/* Records after a good beginning: 1 file, 1 function, 1 event, 1 expr. */
static void expect_record_refused(const char *record, const char *cause)
{
	struct wq_arena *arena = wq_arena_new();

	expect_refused(wq_arena_printf(arena,
		"wqlint-facts 1\n"
		"unit source=a.c\n"
		"file name=a.c\n"
		"function name=f at=0:1:1 static=1 defined=1 params=1\n"
		"event kind=call function=0 at=0:2:3 callee=g\n"
		"expr kind=null\n"
		"%s\nend 6\n", record), cause);
	wq_arena_free(arena);
}

static void test_bad_records(void **state)
{
	(void)state;
	expect_record_refused("future key=1", "unknown record");
	expect_record_refused("", "unknown record");
	expect_record_refused("  ", "unknown record");
	expect_record_refused("file", "file without name");
	expect_record_refused("file name", "bad record");
	expect_record_refused("file name=%4", "broken escape");
	expect_record_refused("file name=%zz", "broken escape");
	expect_record_refused("file name=%00", "broken escape");
	expect_record_refused("unit object=a.o", "unit without source");
	expect_record_refused("type main=1", "type without tag");
	expect_record_refused("function params=1", "bad function");
	expect_record_refused("function name=f", "function twice");
	expect_record_refused("function name=g params=-1", "bad function");
	expect_record_refused("function name=g params=2000", "bad function");
	expect_record_refused("function name=g section=3", "bad function");
	expect_record_refused("function name=g section=-1", "bad function");
	expect_record_refused("function name=g static=yes", "not a number");
	expect_record_refused("function name=g roles=a,%", "broken escape");
	expect_record_refused("condition event=0 left=0", "bad condition");
	expect_record_refused("condition left=0 right=0",
			      "record without event");
	expect_record_refused("operands value=0", "record without event");
	expect_record_refused("variable event=0 name=x", "bad variable");
	expect_record_refused("event callee=g", "unknown kind of event");
	expect_record_refused("event kind=explode", "unknown kind of event");
	expect_record_refused("file a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 "
			      "k=1 l=1 m=1 n=1 o=1 p=1 q=1", "bad record");
}

static void test_bad_numbers(void **state)
{
	(void)state;
	expect_record_refused("event kind=call function=1",
			      "number out of range");
	expect_record_refused("event kind=call function=-1",
			      "number out of range");
	expect_record_refused("event kind=call function=4294967296",
			      "number out of range");
	expect_record_refused("event kind=call function=", "not a number");
	expect_record_refused("event kind=call function=0x", "not a number");
	expect_record_refused("event kind=call number=99999999999999999999",
			      "not a number");
	expect_record_refused("operands event=1 value=0",
			      "number out of range");
	expect_record_refused("operands event=0 value=1",
			      "number out of range");
	expect_record_refused("operands event=0 queue=-1",
			      "number out of range");
	expect_record_refused("event kind=call at=1:1:1", "bad location");
	expect_record_refused("event kind=call at=-1:1:1", "bad location");
	expect_record_refused("event kind=call at=0:1", "bad location");
	expect_record_refused("event kind=call at=0:1:1:x", "bad location");
	expect_record_refused("event kind=call at=0:1:1:mm", "bad location");
	expect_record_refused("event kind=call at=", "bad location");
}

static void test_bad_exprs(void **state)
{
	(void)state;
	expect_record_refused("expr", "unknown kind of expression");
	expect_record_refused("expr kind=what", "unknown kind of expression");
	expect_record_refused("expr kind=null", "expression twice");
	expect_record_refused("expr kind=load", "expression without base");
	expect_record_refused("expr kind=load base=1", "number out of range");
	expect_record_refused("expr kind=load base=2", "number out of range");
	expect_record_refused("expr kind=field base=0 type=foo",
			      "expression without name");
	expect_record_refused("expr kind=global", "expression without name");
	expect_record_refused("expr kind=local name=x",
			      "local without name or function");
	expect_record_refused("expr kind=local function=0",
			      "local without name or function");
	expect_record_refused("expr kind=param number=0",
			      "parameter without function");
	expect_record_refused("expr kind=param function=9",
			      "number out of range");
	expect_record_refused("expr kind=param function=0 number=-1",
			      "number out of range");
	expect_record_refused("expr kind=result", "result without event");
	expect_record_refused("expr kind=result event=1",
			      "number out of range");
	expect_record_refused("expr kind=any any=0", "expression twice");
	expect_record_refused("expr kind=any any=0,1",
			      "bad list of expressions");
	expect_record_refused("expr kind=any any=0,-1",
			      "bad list of expressions");
	expect_record_refused("expr kind=any any=0;0",
			      "bad list of expressions");
}

/* Rules rely on what an event of its kind always has. */
static void test_missing_operands(void **state)
{
	static const char *const kinds[] = {
		"queue", "flush-queue", "drain-queue", "destroy-queue",
		"flush-work", "cancel-work", "cancel-work-sync",
		"disable-work", "disable-work-sync", "enable-work",
		"init-work", "store", "return",
	};
	struct wq_arena *arena = wq_arena_new();
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		expect_record_refused(
			wq_arena_printf(arena, "event kind=%s function=0",
					kinds[i]),
			"event without function or operand");
	wq_arena_free(arena);
	expect_refused("wqlint-facts 1\nunit source=a.c\n"
		       "event kind=flush-queue\nexpr kind=null\n"
		       "operands event=0 queue=0\nend 4\n",
		       "event without function or operand");
}

/* A list of @count times expression 0. */
static const char *long_list(struct wq_arena *arena, unsigned int count)
{
	char *text = wq_arena_alloc(arena, 2 * (size_t)count + 64);
	unsigned int i;

	strcpy(text, "operands event=0 args=0");
	for (i = 1; i < count; i++)
		memcpy(text + strlen("operands event=0 args=0") +
		       2 * (size_t)(i - 1), ",0", 2);
	return text;
}

static void test_absurd_lists(void **state)
{
	struct wq_arena *arena = wq_arena_new();

	(void)state;
	expect_record_refused(long_list(arena, 257),
			      "bad list of expressions");
	expect_record_refused(long_list(arena, 1000000),
			      "bad list of expressions");
	wq_arena_free(arena);
}

/* A chain of @count loads, each of the one before. */
static char *deep_unit(unsigned int count)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	unsigned int i;

	fputs("wqlint-facts 1\nunit source=deep.c\n"
	      "function name=f defined=1 params=1\n"
	      "event kind=flush-queue function=0 callee=flush_workqueue\n"
	      "expr kind=param function=0\n", out);
	for (i = 0; i < count; i++)
		fprintf(out, "expr kind=load base=%u\n", i);
	fprintf(out, "operands event=0 queue=%u\nend %u\n", count, count + 5);
	fclose(out);
	return text;
}

/* Nothing that a compiler makes; what follows a chain must not run forever. */
static void test_absurd_depth(void **state)
{
	char *text = deep_unit(50);
	struct received received = read_text(text);

	(void)state;
	assert_int_equal(received.nr_units, 1);
	judge(received.units[0]);
	drop(&received);
	free(text);

	text = deep_unit(300000);
	expect_refused(text, "expression too deep");
	free(text);
}

static void test_nul_bytes(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	const char *text = full_text(arena, "a.c");
	size_t bytes = strlen(text), i;
	char *copy = wq_arena_alloc(arena, bytes);

	(void)state;
	for (i = 0; i < bytes; i += 5) {
		struct received received;

		memcpy(copy, text, bytes);
		copy[i] = '\0';
		received = read_bytes(copy, bytes);
		assert_int_equal(received.nr_units, 0);
		assert_int_equal(received.nr_errors, 1);
	}
	wq_arena_free(arena);
}

/* xorshift32: the same bytes on every machine. */
static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Replace, delete or repeat a few bytes of @text. */
static size_t damage(char *text, size_t bytes, uint32_t *seed)
{
	unsigned int i, count = 1 + next_random(seed) % 3;

	for (i = 0; i < count; i++) {
		size_t at = next_random(seed) % bytes;
		uint32_t how = next_random(seed) % 8;

		if (how < 2)
			text[at] ^= (char)(1 << next_random(seed) % 8);
		else if (how < 4)
			text[at] = (char)('0' + next_random(seed) % 10);
		else if (how < 5)
			text[at] = text[next_random(seed) % bytes];
		else if (how < 6)
			text[at] = (char)next_random(seed);
		else {
			memmove(text + at, text + at + 1, bytes - at - 1);
			bytes--;
		}
	}
	return bytes;
}

/* Most are refused; what is let through must not harm the rules. */
static void test_random_damage(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	const char *text = full_text(arena, "a.c");
	size_t bytes = strlen(text);
	char *copy = wq_arena_alloc(arena, bytes);
	unsigned int i, j, nr_refused = 0;
	uint32_t seed = 20220321;

	(void)state;
	for (i = 0; i < 6000; i++) {
		struct received received;

		memcpy(copy, text, bytes);
		received = read_bytes(copy, damage(copy, bytes, &seed));
		nr_refused += received.nr_errors != 0;
		for (j = 0; j < received.nr_units; j++)
			judge(received.units[j]);
		drop(&received);
	}
	assert_in_range(nr_refused, 2000, 5999);
	wq_arena_free(arena);
}

/* The line of an error is the line of the text, all units counted. */
static void test_error_line(void **state)
{
	struct received received = read_text("wqlint-facts 1\n"
					     "unit source=a.c\n"
					     "end 1\n"
					     "wqlint-facts 1\n"
					     "unit source=b.c\n"
					     "bang\n"
					     "end 2\n");

	(void)state;
	assert_int_equal(received.nr_units, 1);
	assert_int_equal(received.nr_errors, 1);
	assert_int_equal(received.line, 6);
	drop(&received);
}

/* Files */

static char directory[] = "/tmp/wqlint-test-XXXXXX";

static const char *in_directory(struct wq_arena *arena, const char *name)
{
	return wq_arena_printf(arena, "%s/%s", directory, name);
}

static unsigned int nr_files(void)
{
	unsigned int count = 0;
	struct dirent *entry;
	DIR *dir = opendir(directory);

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void test_write_file(void **state)
{
	struct wq_unit *unit = full_unit("a.c");
	const char *path = in_directory(unit->arena, "a.wqfacts");
	struct received received = { .nr_units = 0 };

	(void)state;
	assert_int_equal(wq_facts_write_file(unit, path), 0);
	assert_int_equal(wq_facts_write_file(unit, path), 0);
	assert_int_equal(nr_files(), 1);
	assert_int_equal(wq_object_read(path, receive, hear_error, &received),
			 0);
	assert_int_equal(received.nr_units, 1);
	assert_string_equal(wq_facts_text(unit->arena, received.units[0]),
			    wq_facts_text(unit->arena, unit));
	drop(&received);
	assert_int_equal(unlink(path), 0);
	wq_unit_free(unit);
}

static void test_unwritable_file(void **state)
{
	struct wq_unit *unit = full_unit("a.c");
	const char *file = in_directory(unit->arena, "file");
	const char *taken = in_directory(unit->arena, "taken");

	(void)state;
	assert_int_equal(wq_facts_write_file(unit, file), 0);
	assert_int_equal(wq_facts_write_file(unit,
			 in_directory(unit->arena, "file/a.wqfacts")),
			 -ENOTDIR);
	assert_int_equal(wq_facts_write_file(unit,
			 in_directory(unit->arena, "none/a.wqfacts")),
			 -ENOENT);
	/* Written beside it, and then it cannot take its place. */
	assert_int_equal(mkdir(taken, 0700), 0);
	assert_int_equal(wq_facts_write_file(unit, taken), -EISDIR);
	assert_int_equal(nr_files(), 2);
	assert_int_equal(rmdir(taken), 0);
	assert_int_equal(unlink(file), 0);
	wq_unit_free(unit);
}

/*
 * A limit on the size of files fails a write in the middle, as a full disk
 * does, and needs no disk of its own.
 */
static void test_full_disk(void **state)
{
	struct wq_unit *unit = full_unit("a.c");
	const char *path = in_directory(unit->arena, "a.wqfacts");
	struct rlimit unlimited, limit;
	struct stat before, after;
	int err;

	(void)state;
	assert_int_equal(wq_facts_write_file(unit, path), 0);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
	limit = unlimited;
	limit.rlim_cur = 100;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	err = wq_facts_write_file(unit, path);
	setrlimit(RLIMIT_FSIZE, &unlimited);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(err, -EFBIG);
	/* The old file is as it was, and nothing is beside it. */
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(after.st_size, before.st_size);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(nr_files(), 1);
	assert_int_equal(unlink(path), 0);
	wq_unit_free(unit);
}

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_nothing_is_lost),
		cmocka_unit_test(test_empty_unit),
		cmocka_unit_test(test_several_units),
		cmocka_unit_test(test_truncated_anywhere),
		cmocka_unit_test(test_bad_frame),
		cmocka_unit_test(test_bad_records),
		cmocka_unit_test(test_bad_numbers),
		cmocka_unit_test(test_bad_exprs),
		cmocka_unit_test(test_missing_operands),
		cmocka_unit_test(test_absurd_lists),
		cmocka_unit_test(test_absurd_depth),
		cmocka_unit_test(test_nul_bytes),
		cmocka_unit_test(test_random_damage),
		cmocka_unit_test(test_error_line),
		cmocka_unit_test(test_write_file),
		cmocka_unit_test(test_unwritable_file),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, make_directory,
				      remove_directory);
}
