/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts of version 4 that are wrong, and those of version 3, which say the
 * same in more words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "full-unit.h"

/* A unit with that in it after a good beginning of each kind. */
static void expect_unit_refused(const char *counts, const char *records,
				const char *cause)
{
	struct wq_arena *arena = wq_arena_new();
	unsigned int i, nr_records = 9;

	for (i = 0; records[i]; i++)
		nr_records += records[i] == '\n';
	expect_refused(wq_arena_printf(arena,
		"wqlint-facts 4\nunit source=a.c\n"
		"s a.c\nt foo @0\nc %s\nn f\nn g\nf 0 @0:1:1 sd p1\nN\n"
		"e k0 @0:2:3m c1 v0\n%send %u\n", counts, records, nr_records),
		cause);
	wq_arena_free(arena);
}

/* Room for one more of each. */
static void expect_record_refused(const char *record, const char *cause)
{
	char line[2000];

	snprintf(line, sizeof(line), "%s\n", record);
	expect_unit_refused("3 2 2 2", line, cause);
}

static void test_bad_records(void **state)
{
	(void)state;
	expect_record_refused("future key=1", "unknown record");
	expect_record_refused("function name=h", "unknown record");
	expect_record_refused("", "unknown record");
	expect_record_refused("  ", "unknown record");
	expect_record_refused("z 1", "unknown record");
	expect_record_refused("unit source=a.c", "unit twice");
	expect_record_refused("s %4", "broken escape");
	expect_record_refused("s a b", "bad record");
	expect_record_refused("t foo", "type twice");
	expect_record_refused("t bar @1", "number out of range");
	expect_record_refused("t bar x", "bad record");
	expect_record_refused("q wq x", "bad record");
	expect_record_refused("n", "bad record");
	expect_record_refused("n %zz", "broken escape");
	expect_record_refused("n a b", "bad record");
	expect_record_refused("c 1 1 1 1", "counts twice");
	expect_record_refused("f 0", "function twice");
	expect_record_refused("f 2", "number out of range");
	expect_record_refused("f -", "bad record");
	expect_record_refused("f 1 p1025", "number out of range");
	expect_record_refused("f 1 S3", "number out of range");
	expect_record_refused("f 1 r2", "number out of range");
	expect_record_refused("f 1 @1:1:1", "bad location");
	expect_record_refused("f 1 @0:1", "bad location");
	expect_record_refused("f 1 x", "bad record");
	expect_record_refused("b 0", "bad record");
	expect_record_refused("b 0 ", "bad flow");
	expect_record_refused("b 1 1:1", "number out of range");
	expect_record_refused("b 0 2:", "bad flow");
	expect_record_refused("b 0 1:1/z1", "bad flow");
}

static void test_bad_events(void **state)
{
	(void)state;
	expect_record_refused("e", "bad record");
	expect_record_refused("e *", "unknown kind of event");
	expect_record_refused("e k1", "number out of range");
	expect_record_refused("e k4294967296", "bad record");
	expect_record_refused("e k0 c2", "number out of range");
	expect_record_refused("e k0 v1", "number out of range");
	expect_record_refused("e k0 v", "bad record");
	expect_record_refused("e k0 a0,1", "number out of range");
	expect_record_refused("e k0 a0,", "bad record");
	expect_record_refused("e k0 n99999999999999999999", "bad record");
	expect_record_refused("e k0 @9999999999:1:1", "bad location");
	expect_record_refused("e k0 z", "bad record");
	expect_record_refused("e f0 v0", "event without function or operand");
	expect_record_refused("= 0 1", "number out of range");
	expect_record_refused("! 0", "bad record");
	expect_record_refused("v 0 2", "number out of range");
}

static void test_bad_exprs(void **state)
{
	(void)state;
	expect_record_refused("N", "expression twice");
	expect_record_refused("L", "bad record");
	expect_record_refused("L 1", "number out of range");
	expect_record_refused("G 2", "number out of range");
	expect_record_refused("G 1 x", "bad record");
	expect_record_refused("V 0", "bad record");
	expect_record_refused("P 1 0", "number out of range");
	expect_record_refused("P 0 -1", "number out of range");
	expect_record_refused("P 0 1024", "number out of range");
	expect_record_refused("M 0 - 1", "expression without name");
	expect_record_refused("M 0 1", "bad record");
	expect_record_refused("I 0", "bad record");
	expect_record_refused("C", "bad record");
	expect_record_refused("R 2", "number out of range");
	expect_record_refused("A 0", "expression twice");
	expect_record_refused("A 0,0,", "bad record");
}

/* The record with the counts is what memory is taken for. */
static void test_bad_counts(void **state)
{
	char list[2000] = "e k0 a0";
	unsigned int i;

	(void)state;
	expect_unit_refused("2 2 1 1", "", "truncated: records are missing");
	expect_unit_refused("2 1 1 2", "", "truncated: records are missing");
	expect_unit_refused("2 1 1 2", "R 1\n", "too many records");
	expect_unit_refused("2 1 2 2", "R 1\n",
			    "truncated: records are missing");
	expect_unit_refused("1 1 1 1", "", "too many records");
	expect_unit_refused("2 0 1 1", "", "too many records");
	expect_unit_refused("2 1 0 1", "", "too many records");
	expect_unit_refused("2 1 1 0", "", "too many records");
	expect_unit_refused("2 1 1", "", "bad record");
	expect_unit_refused("2 1 1 32769", "", "too many records");
	expect_unit_refused("2 16385 1 1", "", "too many records");
	expect_unit_refused("2 1 65537 1", "", "too many records");
	expect_unit_refused("262145 1 1 1", "", "too many records");
	expect_unit_refused("2 1 1 30000", "",
			    "truncated: records are missing");
	for (i = 0; i < 256; i++)
		strcat(list, ",0");
	expect_record_refused(list, "bad list of expressions");
	expect_refused("wqlint-facts 4\nunit source=a.c\nn f\nend 2\n",
		       "too many records");
	expect_refused("wqlint-facts 4\nunit source=a.c\n= 0 0\nend 2\n",
		       "record without event");
}

static void test_limits(void **state)
{
	static const struct {
		const char *first, *record;
		unsigned int limit;
	} rows[] = {
		{ "s f%u\n", "s f%u\n", 4096 },
		{ "t t%u\n", "t t%u\n", 16384 },
		{ "q q%u\n", "q q%u\n", 1024 },
		{ "c 1 0 1 1\nn x\nN\ne k\n= 0 0\n", "= 0 0\n", 256 },
		{ "c 1 0 1 1\nn x\nN\ne k\nv 0 0\n", "v 0 0\n", 256 },
	};
	unsigned int i, j, more, nr_records;
	struct received received;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (more = 0; more < 2; more++) {
			char *text = NULL;
			size_t bytes;
			FILE *out = open_memstream(&text, &bytes);

			fputs("wqlint-facts 4\nunit source=a.c\n", out);
			fprintf(out, rows[i].first, 0);
			for (j = 1; j < rows[i].limit + more; j++)
				fprintf(out, rows[i].record, j);
			fflush(out);
			for (nr_records = 0, j = 0; j < bytes; j++)
				nr_records += text[j] == '\n';
			fprintf(out, "end %u\n", nr_records - 1);
			fclose(out);
			received = read_text(text);
			assert_int_equal(received.nr_units, !more);
			if (more)
				assert_string_equal(received.cause,
						    "too many records");
			drop(&received);
			free(text);
		}
}

/* The first line that is wrong is named, among those read at one go. */
static void test_error_line(void **state)
{
	static const char with_nul[] = "wqlint-facts 4\nunit source=a.c\n"
				       "c 2 1 0 0\nn f\nn \0\nf 0\nend 5\n";
	struct received received = read_text(
		"wqlint-facts 4\nunit source=a.c\nc 2 1 0 0\nn f\nn g\n"
		"f 2\nf 3\nend 6\n");

	(void)state;
	assert_int_equal(received.nr_errors, 1);
	assert_int_equal(received.line, 6);
	received = read_bytes(with_nul, sizeof(with_nul) - 1);
	assert_int_equal(received.nr_errors, 1);
	assert_int_equal(received.line, 5);
	assert_string_equal(received.cause, "a NUL byte in the text");
}

/* Version 3, of objects that an older plugin made */

static const char old_text[] =
	"wqlint-facts 3\n"
	"unit source=a.c modname=m basename=a module=1\n"
	"file name=a.c\n"
	"type tag=foo file=a.c main=1 holds=1\n"
	"type tag=bar file=b%20r.h\n"
	"queue name=wq allocated=1\n"
	"function name=f at=0:1:5:m static=1 defined=1 main=1 taken=1 section=2 params=2 roles=module_exit,x.y\n"
	"event kind=alloc-queue function=0 at=0:2:2 callee=alloc_workqueue number=-3 always=1\n"
	"event kind=store function=0\n"
	"event kind=queue function=0 delayed=1 managed=1\n"
	"event kind=call function=0 callee=g type=foo\n"
	"expr kind=param number=1 function=0\n"
	"expr kind=field name=work type=foo field-type=work_struct base=0\n"
	"expr kind=global name=wq\n"
	"expr kind=load base=2\n"
	"expr kind=result event=0\n"
	"expr kind=null\n"
	"expr kind=any any=4,5\n"
	"expr kind=func name=f static=1\n"
	"expr kind=index number=-1 base=2\n"
	"operands event=1 object=2 value=4\n"
	"operands event=2 queue=3 work=1 delay=5\n"
	"operands event=3 args=6,7,8,0 held=2\n"
	"condition event=2 left=3 differs=1 right=5\n"
	"variable event=2 name=v type=foo\n"
	"flow function=0 blocks=2:1.2f/z4;2:2s\n"
	"end 25\n";

static const char new_text[] =
	"wqlint-facts 4\n"
	"unit source=a.c modname=m basename=a module=1 rest=325\n"
	"s a.c\n"
	"s b%20r.h\n"
	"t foo @0 mh\n"
	"t bar @1\n"
	"q wq a\n"
	"c 10 1 9 4\n"
	"n f\nn module_exit\nn x.y\nn work\nn foo\nn work_struct\nn wq\n"
	"n alloc_workqueue\nn v\nn g\n"
	"f 0 @0:1:5m sdmt S2 p2 r1 r2\n"
	"P 0 1\nM 0 3 4 5\nG 6\nL 2\nR 0\nN\nA 4,5\nF 0 s\nI 2 -1\n"
	"e a0 @0:2:2 c7 n-3 A\n"
	"e s0 o2 v4\n"
	"e q0 DM q3 w1 d5\n"
	"! 3 5\n"
	"v 8 4\n"
	"e k0 c9 t4 a6,7,8,0 h2\n"
	"b 0 2:1.2f/z4;2:2s\n"
	"end 34\n";

static void test_old_is_new(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	struct received old = read_text(old_text), new = read_text(new_text);

	(void)state;
	assert_int_equal(old.nr_units, 1);
	assert_int_equal(new.nr_units, 1);
	assert_string_equal(wq_facts_text(arena, old.units[0]), new_text);
	assert_string_equal(wq_facts_text(arena, new.units[0]), new_text);
	judge(old.units[0]);
	judge(new.units[0]);
	drop(&old);
	drop(&new);
	wq_arena_free(arena);
}

/* Neither version survives a cut, nor is a byte read beyond it. */
static void expect_cuts_found(const char *text)
{
	size_t bytes;

	for (bytes = 1; bytes < strlen(text) - 1; bytes++) {
		struct received received = read_bytes(text, bytes);

		assert_int_equal(received.nr_units, 0);
		assert_int_equal(received.nr_errors, 1);
	}
}

static void test_cut_anywhere(void **state)
{
	(void)state;
	expect_cuts_found(old_text);
	expect_cuts_found(new_text);
}

/* Whatever a byte becomes, what is accepted reads as it is written. */
static void expect_damage_survived(const char *text)
{
	char *copy = strdup(text);
	size_t i, bytes = strlen(text);
	static const char others[] = "\n 0,-@%aN9";
	const char *other;

	assert_non_null(copy);
	for (i = 0; i < bytes; i++)
		for (other = others; *other; other++) {
			struct received received, again;
			struct wq_arena *arena = wq_arena_new();

			copy[i] = *other;
			received = read_bytes(copy, bytes);
			copy[i] = text[i];
			if (received.nr_units == 1) {
				const char *written = wq_facts_text(
					arena, received.units[0]);

				again = read_text(written);
				assert_int_equal(again.nr_units, 1);
				assert_string_equal(written, wq_facts_text(
					arena, again.units[0]));
				judge(again.units[0]);
				drop(&again);
			}
			drop(&received);
			wq_arena_free(arena);
		}
	free(copy);
}

static void test_damage(void **state)
{
	(void)state;
	expect_damage_survived(old_text);
	expect_damage_survived(new_text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_records),
		cmocka_unit_test(test_bad_events),
		cmocka_unit_test(test_bad_exprs),
		cmocka_unit_test(test_bad_counts),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_error_line),
		cmocka_unit_test(test_old_is_new),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
