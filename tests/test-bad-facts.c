/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text that is not facts any more: a unit is refused as a whole, whatever is
 * wrong with it, and the units around it still arrive.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "full-unit.h"

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

static void test_bad_frame(void **state)
{
	(void)state;
	expect_refused("wqlint-facts 99\nunit source=a.c\nend 1\n",
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
	expect_record_refused("unit source=a.c", "unit twice");
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
	expect_record_refused("flow function=0", "bad flow");
	expect_record_refused("flow blocks=1:", "bad flow");
	expect_record_refused("flow function=0 blocks=", "bad flow");
	expect_record_refused("flow function=0 blocks=0:1;0:", "bad flow");
	expect_record_refused("flow function=0 blocks=2:", "bad flow");
	expect_record_refused("flow function=0 blocks=1:2", "bad flow");
	expect_record_refused("flow function=0 blocks=1:1x", "bad flow");
	expect_record_refused("flow function=0 blocks=1:1./z0", "bad flow");
	expect_record_refused("flow function=0 blocks=1:1/z1", "bad flow");
	expect_record_refused("flow function=0 blocks=1:1/x0", "bad flow");
	expect_record_refused("flow function=0 blocks=1:1\n"
			      "flow function=0 blocks=1:1", "bad flow");
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

/*
 * A unit in which @format, a record with a place for a number, comes @count
 * times after @first.
 */
static char *repeated(const char *first, const char *format,
		      unsigned int count)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	unsigned int i, nr_first = 0;

	for (i = 0; first[i]; i++)
		nr_first += first[i] == '\n';
	fprintf(out, "wqlint-facts 1\nunit source=many.c\n%s", first);
	for (i = 0; i < count; i++) {
		fprintf(out, format, i);
		putc('\n', out);
	}
	fprintf(out, "end %u\n", 1 + nr_first + count);
	fclose(out);
	return text;
}

static void expect_limit(const char *first, const char *format,
			 unsigned int limit)
{
	char *text = repeated(first, format, limit);
	struct received received = read_text(text);

	assert_int_equal(received.nr_units, 1);
	drop(&received);
	free(text);
	text = repeated(first, format, limit + 1);
	expect_refused(text, "too many records");
	free(text);
}

static void test_absurd_counts(void **state)
{
	static const char flush[] =
		"function name=f defined=1\n"
		"event kind=flush-queue function=0\n"
		"expr kind=null\n"
		"operands event=0 queue=0\n";

	(void)state;
	expect_limit("", "function name=f%u", 16384);
	expect_limit("", "type tag=t%u", 16384);
	expect_limit("", "file name=f%u", 4096);
	expect_limit("", "event kind=call number=%u", 32768);
	expect_limit("", "expr kind=const number=%u", 65536);
	expect_limit(flush, "condition event=0 left=0 right=0 x=%u", 256);
	expect_limit(flush, "variable event=0 name=n%u type=t", 256);
	expect_record_refused("operands event=0 value=0\n"
			      "operands event=0 value=0", "operands twice");
}

static void test_absurd_roles(void **state)
{
	char record[5000] = "function name=g roles=r0";
	unsigned int i;

	(void)state;
	for (i = 1; i <= 256; i++)
		sprintf(record + strlen(record), ",r%u", i);
	expect_record_refused(record, "too many records");
}

/* Each is one of two that lead to the one before: 2 to the power of 60 ways. */
static void test_absurd_alternatives(void **state)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	unsigned int i;

	(void)state;
	fputs("wqlint-facts 1\nunit source=ways.c\n"
	      "function name=f defined=1\n"
	      "event kind=queue function=0 callee=queue_work\n"
	      "expr kind=global name=g\n", out);
	for (i = 0; i < 60; i++)
		fprintf(out, "expr kind=load base=%u\n"
			"expr kind=any any=%u,%u\n", 2 * i, 2 * i, 2 * i + 1);
	fputs("operands event=0 queue=120 work=120\nend 125\n", out);
	fclose(out);
	expect_refused(text, "expression too large");
	free(text);
}

/* The most alternatives that the queue of any use has. */
static unsigned int most_queues(const struct wq_program *program)
{
	const struct wq_queue_alternative *queue;
	unsigned int i, count, most = 0;

	for (i = 0; i < program->nr_uses; i++) {
		count = 0;
		for (queue = program->uses[i].queues; queue; queue = queue->next)
			count++;
		if (count > most)
			most = count;
	}
	return most;
}

/* Join @unit and run the rules: is it too large to be judged? */
static bool is_too_large(struct wq_unit *unit)
{
	struct wq_program *program = join(&unit, 1, true);
	struct wq_selection selection = { .strict = true };
	struct wq_findings *findings = wq_findings_new();
	bool too_large;

	wq_rules_run(program, &selection, findings);
	too_large = program->effort->too_large;
	assert_in_range(most_queues(program), 0, 32);
	if (too_large)
		assert_int_equal(findings->count, 0);
	wq_findings_free(findings);
	wq_program_free(program);
	return too_large;
}

/* @count flushes, each of one queue that is stored @count times. */
static char *many_stores(unsigned int count)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	unsigned int i;

	fputs("wqlint-facts 1\nunit source=stores.c\n"
	      "function name=f defined=1\n", out);
	for (i = 0; i < count; i++)
		fputs("event kind=store function=0\n"
		      "event kind=flush-queue function=0\n", out);
	fputs("expr kind=global name=wq static=1\nexpr kind=load base=0\n"
	      "expr kind=global name=system_wq\nexpr kind=load base=2\n", out);
	for (i = 0; i < count; i++)
		fprintf(out, "operands event=%u object=0 value=3\n"
			"operands event=%u queue=1\n", 2 * i, 2 * i + 1);
	fprintf(out, "end %u\n", 6 + 4 * count);
	fclose(out);
	return text;
}

/*
 * @count work items whose one handler signals @count times, and @count waits
 * for something else: who asks what each handler lets go looks at all of them.
 */
static char *many_signals(unsigned int count)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	unsigned int i;

	fputs("wqlint-facts 1\nunit source=m.c modname=m basename=m module=1\n"
	      "function name=f defined=1 static=1 roles=module_exit\n"
	      "function name=h defined=1 static=1\n", out);
	for (i = 0; i < count; i++)
		fputs("event kind=queue function=0\n"
		      "event kind=init-work function=0\n"
		      "event kind=signal function=1\n"
		      "event kind=wait function=0\n", out);
	fputs("expr kind=global name=system_wq\nexpr kind=load base=0\n"
	      "expr kind=func static=1 name=h\n"
	      "expr kind=global static=1 name=done\n"
	      "expr kind=global static=1 name=other\n", out);
	for (i = 0; i < count; i++)
		fprintf(out, "expr kind=global static=1 name=w%u\n", i);
	for (i = 0; i < count; i++)
		fprintf(out, "operands event=%u queue=1 work=%u\n"
			"operands event=%u work=%u value=2\n"
			"operands event=%u object=3\n"
			"operands event=%u object=4\n", 4 * i, i + 5,
			4 * i + 1, i + 5, 4 * i + 2, 4 * i + 3);
	fprintf(out, "end %u\n", 8 + 9 * count);
	fclose(out);
	return text;
}

static void expect_effort(char *text, bool too_large)
{
	struct received received = read_text(text);

	assert_int_equal(received.nr_units, 1);
	assert_int_equal(is_too_large(received.units[0]), too_large);
	drop(&received);
	free(text);
}

/* Facts may be right one by one and yet take forever to be followed. */
static void test_absurd_effort(void **state)
{
	(void)state;
	expect_effort(many_stores(10), false);
	expect_effort(many_stores(100), false);
	expect_effort(many_stores(16000), true);
	expect_effort(many_signals(10), false);
	expect_effort(many_signals(2000), true);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_truncated_anywhere),
		cmocka_unit_test(test_bad_frame),
		cmocka_unit_test(test_bad_records),
		cmocka_unit_test(test_bad_numbers),
		cmocka_unit_test(test_bad_exprs),
		cmocka_unit_test(test_missing_operands),
		cmocka_unit_test(test_absurd_lists),
		cmocka_unit_test(test_absurd_depth),
		cmocka_unit_test(test_absurd_counts),
		cmocka_unit_test(test_absurd_roles),
		cmocka_unit_test(test_absurd_alternatives),
		cmocka_unit_test(test_absurd_effort),
		cmocka_unit_test(test_nul_bytes),
		cmocka_unit_test(test_random_damage),
		cmocka_unit_test(test_error_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
