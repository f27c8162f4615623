/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts as text: what is written can be read again, and a file is written
 * whole or not at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "full-unit.h"
#include "object.h"

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
	assert_string_equal(unit->types[1].file, "include/b a r.h");
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
	assert_int_equal(unit->functions[0]->nr_blocks, 5);
	assert_int_equal(unit->functions[0]->blocks[2].test,
			 WQ_TEST_NEGATIVE);
	assert_int_equal(unit->functions[0]->blocks[3].edges[0].outcome,
			 WQ_OUTCOME_UNKNOWN);
	assert_int_equal(unit->functions[0]->blocks[4].first_event, 4);
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
		cmocka_unit_test(test_write_file),
		cmocka_unit_test(test_unwritable_file),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, make_directory,
				      remove_directory);
}
