/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Headers first: what a scan finds and what it leaves to the second reading.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "full-unit.h"
#include "object.h"

/* As read_bytes() does. */
static struct received scan_bytes(struct wq_arena *arena, const char *text,
				  size_t bytes)
{
	struct received received = { .nr_units = 0 };
	char *copy = malloc(bytes ? bytes : 1);
	unsigned int count;

	assert_non_null(copy);
	memcpy(copy, text, bytes);
	count = wq_facts_scan(arena, copy, bytes, receive, hear_error,
			      &received);
	free(copy);
	assert_int_equal(count, received.nr_errors);
	return received;
}

static struct received scan_text(struct wq_arena *arena, const char *text)
{
	return scan_bytes(arena, text, strlen(text));
}

static void test_header(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	const char *text = wq_arena_printf(arena, "%s%s",
					   full_text(arena, "a.c"),
					   full_text(arena, "b.c"));
	struct received headers = scan_text(arena, text);
	struct received whole = read_text(text);
	unsigned int i;

	(void)state;
	assert_int_equal(headers.nr_units, 2);
	for (i = 0; i < 2; i++) {
		const struct wq_unit *unit = headers.units[i];

		assert_string_equal(unit->source, whole.units[i]->source);
		assert_string_equal(unit->modfile, "mod");
		assert_true(unit->is_module);
		assert_false(unit->is_idle);
		assert_int_equal(unit->nr_types, whole.units[i]->nr_types);
		assert_int_equal(unit->nr_public_queues,
				 whole.units[i]->nr_public_queues);
		assert_int_equal(unit->nr_functions, 0);
		assert_int_equal(unit->nr_events, 0);
		assert_true(unit->hash != headers.units[!i]->hash);
		assert_null(whole.units[i]->place);
	}
	drop(&whole);
	wq_arena_free(arena);
}

/* The place is that of this unit, and of nothing else. */
static void test_place(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	const char *first = full_text(arena, "a.c");
	const char *second = full_text(arena, "b.c");
	struct received headers = scan_text(arena, wq_arena_printf(arena, "%s%s",
								   first,
								   second));
	const struct wq_place *place = headers.units[1]->place;

	(void)state;
	assert_int_equal(place->offset, strlen(first));
	assert_int_equal(place->bytes, strlen(second) - 1);
	assert_int_equal(headers.units[0]->place->line, 1);
	assert_true(place->line > 1);
	assert_null(place->path);
	wq_arena_free(arena);
}

/* A scan finds every truncation that a reader of the whole finds. */
static void test_truncated_anywhere(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	const char *text = wq_arena_printf(arena, "%s%s",
					   full_text(arena, "a.c"),
					   full_text(arena, "b.c"));
	size_t bytes;

	(void)state;
	for (bytes = 0; bytes <= strlen(text); bytes++) {
		struct received whole = read_bytes(text, bytes);
		struct received headers = scan_bytes(arena, text, bytes);

		assert_int_equal(headers.nr_errors, whole.nr_errors);
		assert_int_equal(headers.nr_units, whole.nr_units);
		drop(&whole);
	}
	wq_arena_free(arena);
}

/* Between two good units, each of which must still arrive. */
static void expect_scan_refuses(const char *bad, const char *cause,
				unsigned int line)
{
	struct wq_arena *arena = wq_arena_new();
	const char *good = "wqlint-facts 2\nunit source=a.c\nend 1\n";
	struct received received = scan_text(arena, wq_arena_printf(arena,
						"%s%s%s", good, bad, good));

	assert_int_equal(received.nr_errors, 1);
	assert_int_equal(received.nr_units, 2);
	assert_string_equal(received.cause, cause);
	assert_int_equal(received.line, 3 + line);
	wq_arena_free(arena);
}

static void test_refused(void **state)
{
	(void)state;
	expect_scan_refuses("wqlint-facts 99\nunit source=a.c\nend 1\n",
			    "written by a newer wqlint", 1);
	expect_scan_refuses("wqlint-facts 2\nunit source=a.c\nfunction name=f\n"
			    "function name=g\nend 2\n",
			    "truncated: records are missing", 5);
	expect_scan_refuses("wqlint-facts 2\nunit source=a.c\nfunction name=f\n"
			    "end 3\n", "truncated: records are missing", 4);
	expect_scan_refuses("wqlint-facts 2\nunit source=a.c\nfunction name=f\n",
			    "truncated: a new unit begins before the end", 4);
	expect_scan_refuses("wqlint-facts 2\nfunction name=f\nend 1\n",
			    "unit without source", 3);
	expect_scan_refuses("wqlint-facts 2\nunit source=a.c\ntype main=1\n"
			    "function name=f\nend 3\n", "type without tag", 3);
	expect_scan_refuses("wqlint-facts 2\nunit source=a.c\nbang\nend 2\n",
			    "unknown record", 3);
}

static void test_nul_in_body(void **state)
{
	static const char text[] = "wqlint-facts 2\nunit source=a.c\n"
				   "function name=f\nevent\0\nend 3\n"
				   "wqlint-facts 2\nunit source=a.c\nend 1\n";
	struct wq_arena *arena = wq_arena_new();
	struct received received = scan_bytes(arena, text, sizeof(text) - 1);

	(void)state;
	assert_int_equal(received.nr_errors, 1);
	assert_int_equal(received.nr_units, 1);
	assert_string_equal(received.cause, "a NUL byte in the text");
	assert_int_equal(received.line, 4);
	wq_arena_free(arena);
}

/* By the first @bytes and the last 32 alone. */
static struct received scan_ends(struct wq_arena *arena, const char *text,
				 size_t bytes, bool expected)
{
	struct received received = { .nr_units = 0 };
	size_t all = strlen(text);
	char *first = malloc(bytes), *tail = malloc(32);

	assert_non_null(first);
	assert_non_null(tail);
	memcpy(first, text, bytes);
	memcpy(tail, text + all - 32, 32);
	assert_int_equal(wq_facts_scan_ends(arena, first, bytes, tail, 32, all,
					    receive, &received), expected);
	free(first);
	free(tail);
	assert_int_equal(received.nr_units, expected);
	return received;
}

static void test_ends(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	const char *text = full_text(arena, "a.c");
	size_t header = (size_t)(strstr(text, "\nc ") - text);
	struct received whole = scan_text(arena, text), ends;

	(void)state;
	ends = scan_ends(arena, text, header + 10, true);
	assert_int_equal(ends.units[0]->nr_types, whole.units[0]->nr_types);
	assert_int_equal(ends.units[0]->place->bytes, strlen(text) - 1);
	assert_true(ends.units[0]->hash == whole.units[0]->hash);
	/* not all of the header, a unit more, a byte less, a bad header */
	scan_ends(arena, text, header - 10, false);
	scan_ends(arena, wq_arena_printf(arena, "%s%s", text, text),
		  header + 10, false);
	/* not the first unit either, which would come again with the rest */
	scan_ends(arena, wq_arena_printf(arena, "%s%s", text, text),
		  strlen(text) + 10, false);
	scan_ends(arena, wq_arena_printf(arena, "%s%s", text, text),
		  strlen(text) + header + 10, false);
	scan_ends(arena, wq_arena_printf(arena, "%.*s", (int)strlen(text) - 1,
					 text), header + 10, false);
	scan_ends(arena, wq_arena_printf(arena, "wqlint-facts 2\nbang\n%s",
					 text), header + 10, false);
	wq_arena_free(arena);
}

/* Where the length is wrong, lines are counted. */
static void test_wrong_length(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	struct received received;

	(void)state;
	received = scan_text(arena, "wqlint-facts 2\nunit source=a.c rest=21\n"
				    "function name=f\nend 2\n"
				    "wqlint-facts 2\nunit source=b.c rest=-1\n"
				    "function name=f\nend 2\n"
				    "wqlint-facts 2\nunit source=c.c rest=22\n"
				    "function name=f\nend 2\n"
				    "wqlint-facts 2\nunit source=d.c rest=22\n"
				    "function name=f\nend 2\n");
	assert_int_equal(received.nr_errors, 0);
	assert_int_equal(received.nr_units, 4);
	assert_int_equal(received.units[3]->place->line, 13);
	assert_int_equal(received.units[2]->place->bytes,
			 received.units[3]->place->bytes);
	wq_arena_free(arena);
}

/* The second reading */

struct reading {
	char path[32];
	struct wq_arena *arena;
	struct received received;
};

static void start_reading(struct reading *reading, const char *text)
{
	struct wq_objects *objects;
	int fd;

	memset(reading, 0, sizeof(*reading));
	strcpy(reading->path, "/tmp/test-scan-XXXXXX");
	reading->arena = wq_arena_new();
	fd = mkstemp(reading->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	objects = wq_objects_new(receive, hear_error, &reading->received);
	wq_objects_scan(objects, reading->arena);
	assert_int_equal(wq_objects_read(objects, reading->path, true), 0);
	wq_objects_free(objects);
}

static struct wq_unit *read_again(struct reading *reading, unsigned int i)
{
	return wq_place_read(reading->received.units[i]->place, reading->arena,
			     hear_error, &reading->received);
}

static void end_reading(struct reading *reading)
{
	wq_arena_free(reading->arena);
	unlink(reading->path);
}

static void test_second_reading(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	const char *second = full_text(arena, "b.c");
	struct reading reading;
	struct wq_unit *unit;

	(void)state;
	start_reading(&reading, wq_arena_printf(arena, "%s%s",
						full_text(arena, "a.c"), second));
	assert_int_equal(reading.received.nr_units, 2);
	unit = read_again(&reading, 1);
	assert_non_null(unit);
	assert_string_equal(wq_facts_text(arena, unit), second);
	assert_int_equal(truncate(reading.path, 10), 0);
	assert_null(read_again(&reading, 0));
	assert_string_equal(reading.received.cause, "cannot be read to its end");
	end_reading(&reading);
	wq_arena_free(arena);
}

/* A good header and a bad body: found late, and others are not harmed. */
static void test_late_corruption(void **state)
{
	struct reading reading;

	(void)state;
	start_reading(&reading,
		      "wqlint-facts 2\nunit source=a.c\nfunction name=f\n"
		      "end 2\n"
		      "wqlint-facts 2\nunit source=b.c\nfunction name=f\n"
		      "event kind=explode\nend 3\n"
		      "wqlint-facts 2\nunit source=c.c\nfunction name=f\n"
		      "end 2\n");
	assert_int_equal(reading.received.nr_units, 3);
	assert_non_null(read_again(&reading, 0));
	assert_null(read_again(&reading, 1));
	assert_int_equal(reading.received.nr_errors, 1);
	assert_string_equal(reading.received.cause, "unknown kind of event");
	assert_int_equal(reading.received.line, 8);
	assert_non_null(read_again(&reading, 2));
	assert_int_equal(reading.received.nr_errors, 1);
	end_reading(&reading);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_truncated_anywhere),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nul_in_body),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_wrong_length),
		cmocka_unit_test(test_second_reading),
		cmocka_unit_test(test_late_corruption),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
