/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The container of facts (strings, expressions, functions, events) and the
 * table of the kernel's API.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "unit.h"

static const struct wq_location nowhere;

static struct wq_location at(const char *file, unsigned int line)
{
	return (struct wq_location) { .file = file, .line = line };
}

/* Memory and strings */

static void test_arena_alloc(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	unsigned char *bytes;
	size_t i, j;

	(void)state;
	for (i = 1; i < 2000; i += 7) {
		bytes = wq_arena_alloc(arena, i);
		assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
		for (j = 0; j < i; j++)
			assert_int_equal(bytes[j], 0);
		memset(bytes, 0xff, i);
	}
	bytes = wq_arena_alloc(arena, 10 * 1024 * 1024);
	assert_int_equal(bytes[10 * 1024 * 1024 - 1], 0);
	wq_arena_free(arena);
	wq_arena_free(NULL);
}

static void test_arena_grow(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	unsigned int *array = NULL, *first = NULL, i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		array = wq_arena_grow(arena, array, i, sizeof(*array));
		array[i] = i;
		if (!i)
			first = array;
	}
	for (i = 0; i < 1000; i++)
		assert_int_equal(array[i], i);
	/* Somebody may still hold an old array. */
	assert_int_equal(*first, 0);
	wq_arena_free(arena);
}

static void test_arena_text(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	char text[] = "system_wq", number[16];
	const char *interned = wq_arena_intern(arena, text);
	unsigned int i;

	(void)state;
	assert_ptr_not_equal(interned, text);
	assert_ptr_equal(wq_arena_intern(arena, text), interned);
	assert_ptr_not_equal(wq_arena_copy(arena, text), interned);
	assert_string_equal(wq_arena_copy(arena, text), text);
	assert_null(wq_arena_intern(arena, NULL));
	assert_null(wq_arena_copy(arena, NULL));
	assert_string_equal(wq_arena_printf(arena, "%s.%u", text, 7U),
			    "system_wq.7");
	text[0] = 'S';
	assert_ptr_not_equal(wq_arena_intern(arena, text), interned);
	for (i = 0; i < 10000; i++) {
		snprintf(number, sizeof(number), "%u", i);
		wq_arena_intern(arena, number);
	}
	assert_ptr_equal(wq_arena_intern(arena, "system_wq"), interned);
	assert_ptr_equal(wq_arena_intern(arena, "77"),
			 wq_arena_intern(arena, "77"));
	wq_arena_free(arena);
}

/* Names of facts files and fingerprints depend on it: FNV-1a's own vectors. */
static void test_hash(void **state)
{
	(void)state;
	assert_true(wq_hash("") == 0xcbf29ce484222325);
	assert_true(wq_hash("a") == 0xaf63dc4c8601ec8c);
	assert_true(wq_hash("foobar") == 0x85944171f73967e8);
}

/* Expressions */

/* One expression of each shape, in which no two are equal. */
static unsigned int make_exprs(struct wq_unit *unit,
			       const struct wq_expr **list)
{
	struct wq_function *f = wq_unit_function(unit, "f");
	struct wq_function *g = wq_unit_function(unit, "g");
	const struct wq_expr *base = wq_expr_param(unit, f, 0), *pair[2];
	unsigned int n = 0;

	list[n++] = base;
	list[n++] = wq_expr_param(unit, f, 1);
	list[n++] = wq_expr_param(unit, g, 0);
	list[n++] = wq_expr_unknown(unit);
	list[n++] = wq_expr_null(unit);
	list[n++] = wq_expr_const(unit, 0);
	list[n++] = wq_expr_const(unit, -1);
	list[n++] = wq_expr_string(unit, "x");
	list[n++] = wq_expr_func(unit, "x", false);
	list[n++] = wq_expr_func(unit, "x", true);
	list[n++] = wq_expr_global(unit, "x", false);
	list[n++] = wq_expr_global(unit, "x", true);
	list[n++] = wq_expr_global(unit, "y", true);
	list[n++] = wq_expr_local(unit, f, "x");
	list[n++] = wq_expr_local(unit, g, "x");
	list[n++] = wq_expr_result(unit, unit->events[0]);
	list[n++] = wq_expr_result(unit, unit->events[1]);
	list[n++] = wq_expr_field(unit, base, "foo", "work", NULL);
	list[n++] = wq_expr_field(unit, base, "foo", "work", "work_struct");
	list[n++] = wq_expr_field(unit, base, "bar", "work", NULL);
	list[n++] = wq_expr_field(unit, base, NULL, "work", NULL);
	list[n++] = wq_expr_field(unit, base, "foo", "work2", NULL);
	list[n++] = wq_expr_index(unit, base, -1);
	list[n++] = wq_expr_index(unit, base, 0);
	list[n++] = wq_expr_outer(unit, base, "foo", "work");
	list[n++] = wq_expr_outer(unit, base, "foo", NULL);
	list[n++] = wq_expr_load(unit, base);
	list[n++] = wq_expr_load(unit, wq_expr_load(unit, base));
	pair[0] = list[0];
	pair[1] = list[1];
	list[n++] = wq_expr_any(unit, pair, 2);
	pair[1] = list[2];
	list[n++] = wq_expr_any(unit, pair, 2);
	return n;
}

static void test_expr_consing(void **state)
{
	struct wq_unit *unit = wq_unit_new("a.c");
	const struct wq_expr *first[64], *again[64];
	unsigned int i, j, count;

	(void)state;
	wq_unit_add_event(unit, NULL, WQ_EVENT_CALL, nowhere);
	wq_unit_add_event(unit, NULL, WQ_EVENT_CALL, nowhere);
	count = make_exprs(unit, first);
	for (i = 0; i < count; i++)
		for (j = 0; j < i; j++)
			assert_ptr_not_equal(first[i], first[j]);
	/* Enough others that the table grows several times. */
	for (i = 1; i < 5000; i++)
		wq_expr_const(unit, i);
	assert_int_equal(make_exprs(unit, again), count);
	for (i = 0; i < count; i++)
		assert_ptr_equal(first[i], again[i]);
	for (i = 0; i < unit->nr_exprs; i++) {
		assert_int_equal(unit->exprs[i]->index, i);
		assert_ptr_equal(unit->exprs[i]->unit, unit);
	}
	wq_unit_free(unit);
}

static void test_expr_members(void **state)
{
	struct wq_unit *unit = wq_unit_new("a.c");
	char tag[] = "foo", name[] = "work", type[] = "work_struct";
	const struct wq_expr *base = wq_expr_null(unit);
	const struct wq_expr *field = wq_expr_field(unit, base, tag, name,
						    type);

	(void)state;
	memset(tag, 'x', 3);
	memset(name, 'x', 4);
	memset(type, 'x', 11);
	assert_int_equal(field->kind, WQ_EXPR_FIELD);
	assert_ptr_equal(field->base, base);
	assert_string_equal(field->type, "foo");
	assert_string_equal(field->name, "work");
	assert_string_equal(field->field_type, "work_struct");
	assert_int_equal(wq_expr_index(unit, base, -1)->number, -1);
	assert_true(wq_expr_global(unit, "x", true)->is_static);
	assert_true(wq_expr_const(unit, INT64_MIN)->number == INT64_MIN);
	wq_unit_free(unit);
}

static void test_expr_any(void **state)
{
	struct wq_unit *unit = wq_unit_new("a.c");
	const struct wq_expr *list[17], *any;
	unsigned int i;

	(void)state;
	for (i = 0; i < 17; i++)
		list[i] = wq_expr_const(unit, i);
	assert_ptr_equal(wq_expr_any(unit, list, 0), wq_expr_unknown(unit));
	assert_ptr_equal(wq_expr_any(unit, list, 1), list[0]);
	any = wq_expr_any(unit, list, 16);
	assert_int_equal(any->nr_alternatives, 16);
	assert_ptr_not_equal(any->alternatives, list);
	assert_ptr_equal(any->alternatives[15], list[15]);
	/* More than can be kept: it may be anything. */
	assert_ptr_equal(wq_expr_any(unit, list, 17), wq_expr_unknown(unit));

	list[1] = list[0];
	assert_ptr_equal(wq_expr_any(unit, list, 2), list[0]);
	any = wq_expr_any(unit, list, 3);
	assert_int_equal(any->nr_alternatives, 2);
	assert_ptr_equal(any->alternatives[1], list[2]);
	wq_unit_free(unit);
}

/* Deeper than anybody writes: unknown, so that whoever follows it returns. */
static void test_expr_depth(void **state)
{
	struct wq_unit *unit = wq_unit_new("a.c");
	const struct wq_expr *expr = wq_expr_null(unit), *pair[2];
	unsigned int i;

	(void)state;
	for (i = 1; i < WQ_MAX_EXPR_DEPTH; i++)
		expr = wq_expr_load(unit, expr);
	assert_int_equal(expr->kind, WQ_EXPR_LOAD);
	assert_int_equal(expr->depth, WQ_MAX_EXPR_DEPTH);
	pair[0] = expr;
	pair[1] = wq_expr_null(unit);
	assert_ptr_equal(wq_expr_load(unit, expr), wq_expr_unknown(unit));
	assert_ptr_equal(wq_expr_any(unit, pair, 2), wq_expr_unknown(unit));
	wq_unit_free(unit);
}

/* Functions, events, types */

static void test_functions(void **state)
{
	struct wq_unit *unit = wq_unit_new("a.c");
	char name[] = "probe";
	struct wq_function *probe = wq_unit_function(unit, name);
	struct wq_function *remove = wq_unit_function(unit, "remove");

	(void)state;
	name[0] = 'x';
	assert_string_equal(probe->name, "probe");
	assert_ptr_equal(wq_unit_function(unit, "probe"), probe);
	assert_ptr_equal(wq_unit_find_function(unit, "remove"), remove);
	assert_null(wq_unit_find_function(unit, "prob"));
	assert_int_equal(unit->nr_functions, 2);
	assert_int_equal(remove->index, 1);
	assert_ptr_equal(remove->unit, unit);
	assert_false(remove->is_defined);
	wq_unit_free(unit);
	wq_unit_free(NULL);
}

static void test_roles(void **state)
{
	struct wq_unit *unit = wq_unit_new("a.c");
	struct wq_function *function = wq_unit_function(unit, "remove");

	(void)state;
	assert_false(wq_function_has_role(function, "module_exit"));
	wq_function_add_role(function, "module_exit");
	wq_function_add_role(function, "platform_driver.remove");
	wq_function_add_role(function, "module_exit");
	assert_int_equal(function->nr_roles, 2);
	assert_string_equal(function->roles[0], "module_exit");
	assert_true(wq_function_has_role(function, "platform_driver.remove"));
	assert_false(wq_function_has_role(function, "platform_driver"));
	wq_unit_free(unit);
}

static void test_events(void **state)
{
	struct wq_unit *unit = wq_unit_new("a.c");
	struct wq_function *f = wq_unit_function(unit, "f");
	struct wq_function *g = wq_unit_function(unit, "g");
	char file[] = "a.h";
	struct wq_event *first, *other, *second, *initialiser;

	(void)state;
	first = wq_unit_add_event(unit, f, WQ_EVENT_QUEUE, at(file, 3));
	other = wq_unit_add_event(unit, g, WQ_EVENT_CALL, nowhere);
	second = wq_unit_add_event(unit, f, WQ_EVENT_RETURN, nowhere);
	initialiser = wq_unit_add_event(unit, NULL, WQ_EVENT_INIT_WORK,
					nowhere);
	file[0] = 'x';
	assert_string_equal(first->where.file, "a.h");
	assert_int_equal(first->where.line, 3);
	assert_null(other->where.file);
	assert_int_equal(unit->nr_events, 4);
	assert_int_equal(second->index, 2);
	assert_int_equal(f->nr_events, 2);
	assert_ptr_equal(f->events[0], first);
	assert_ptr_equal(f->events[1], second);
	assert_ptr_equal(g->events[0], other);
	assert_null(initialiser->function);
	assert_ptr_equal(unit->events[3], initialiser);
	wq_unit_free(unit);
}

static void test_event_lists(void **state)
{
	struct wq_unit *unit = wq_unit_new("a.c");
	struct wq_event *event = wq_unit_add_event(unit, NULL, WQ_EVENT_CALL,
						   nowhere);
	const struct wq_expr *null = wq_expr_null(unit);
	const struct wq_expr *list[2] = { null, wq_expr_unknown(unit) };
	struct wq_condition condition = { null, WQ_NOT_EQUAL, null };
	unsigned int i;

	(void)state;
	wq_event_set_args(unit, event, list, 2);
	wq_event_set_held(unit, event, list, 1);
	list[0] = NULL;
	assert_int_equal(event->nr_args, 2);
	assert_ptr_equal(event->args[0], null);
	assert_int_equal(event->nr_held, 1);
	assert_ptr_equal(event->held[0], null);
	wq_event_set_args(unit, event, list, 0);
	assert_int_equal(event->nr_args, 0);
	for (i = 0; i < 9; i++)
		wq_event_add_condition(unit, event, condition);
	assert_int_equal(event->nr_conditions, 9);
	assert_int_equal(event->conditions[8].relation, WQ_NOT_EQUAL);
	wq_event_add_variable(unit, event, "foo", "foo_dev");
	assert_int_equal(event->nr_variables, 1);
	assert_string_equal(event->variables[0].name, "foo");
	assert_string_equal(event->variables[0].type, "foo_dev");
	wq_unit_free(unit);
}

static void test_types(void **state)
{
	struct wq_unit *unit = wq_unit_new("a.c");

	(void)state;
	assert_null(wq_unit_find_type(unit, "foo"));
	wq_unit_add_type(unit, "foo", "a.c", true);
	wq_unit_add_type(unit, "bar", NULL, false);
	wq_unit_add_type(unit, "foo", "foo.h", false);
	assert_int_equal(unit->nr_types, 2);
	assert_true(wq_unit_find_type(unit, "foo")->in_main_file);
	assert_string_equal(wq_unit_find_type(unit, "foo")->file, "a.c");
	assert_false(wq_unit_find_type(unit, "bar")->in_main_file);
	assert_null(wq_unit_find_type(unit, "bar")->file);
	wq_unit_free(unit);
}

/* A kind without a word, or two with the same, could not be read back. */
static void test_kind_names(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < WQ_NR_EXPR_KINDS; i++) {
		assert_non_null(wq_expr_kind_name(i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(wq_expr_kind_name(i),
						wq_expr_kind_name(j));
	}
	for (i = 0; i < WQ_NR_EVENT_KINDS; i++) {
		assert_non_null(wq_event_kind_name(i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(wq_event_kind_name(i),
						wq_event_kind_name(j));
	}
	assert_null(wq_expr_kind_name(WQ_NR_EXPR_KINDS));
	assert_null(wq_event_kind_name(WQ_NR_EVENT_KINDS));
	assert_null(wq_event_kind_name((enum wq_event_kind)-1));
}

/* The kernel's API */

/* The name in a row of the table in api.c, or NULL. */
static char *row_name(char *line)
{
	char *name = strchr(line, '"'), *end;

	if (line[0] != '\t' || line[1] < 'A' || line[1] > 'Z' || !name)
		return NULL;
	end = strchr(++name, '"');
	if (end)
		*end = '\0';
	return name;
}

/*
 * A row in the wrong place is there and cannot be found. The rows are read
 * from the source, as only the search itself is visible from outside.
 */
static void test_api_is_sorted(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], line[512], last[64] = "", *name;
	unsigned int count = 0;
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/libwqlint/api.c",
		 srcdir ? srcdir : ".");
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) && !strstr(line, "apis[] = {"))
		;
	while (fgets(line, sizeof(line), file) && strcmp(line, "};\n")) {
		name = row_name(line);
		if (!name)
			continue;
		assert_true(strcmp(last, name) < 0);
		assert_non_null(wq_api_find(name));
		assert_string_equal(wq_api_find(name)->name, name);
		snprintf(last, sizeof(last), "%s", name);
		count++;
	}
	fclose(file);
	assert_in_range(count, 100, 1000);
}

/* Arguments count as in include/linux/workqueue.h. */
static const struct wq_api wanted_rows[] = {
	{ "queue_work_on", WQ_EVENT_QUEUE, 1, 2, -1, -1, -1, -1, 0 },
	{ "queue_work", WQ_EVENT_QUEUE, 0, 1, -1, -1, -1, -1, 0 },
	{ "queue_delayed_work_on", WQ_EVENT_QUEUE, 1, 2, 3, -1, -1, -1,
	  WQ_API_DELAYED },
	{ "mod_delayed_work", WQ_EVENT_QUEUE, 0, 1, 2, -1, -1, -1,
	  WQ_API_DELAYED },
	{ "schedule_work_on", WQ_EVENT_QUEUE, -1, 1, -1, -1, -1, -1,
	  WQ_API_SCHEDULES },
	{ "schedule_delayed_work", WQ_EVENT_QUEUE, -1, 0, 1, -1, -1, -1,
	  WQ_API_DELAYED | WQ_API_SCHEDULES },
	{ "flush_scheduled_work", WQ_EVENT_FLUSH_QUEUE, -1, -1, -1, -1, -1, -1,
	  WQ_API_SCHEDULES },
	{ "__flush_workqueue", WQ_EVENT_FLUSH_QUEUE, 0, -1, -1, -1, -1, -1, 0 },
	{ "drain_workqueue", WQ_EVENT_DRAIN_QUEUE, 0, -1, -1, -1, -1, -1, 0 },
	{ "destroy_workqueue", WQ_EVENT_DESTROY_QUEUE, 0, -1, -1, -1, -1, -1,
	  0 },
	{ "alloc_workqueue", WQ_EVENT_ALLOC_QUEUE, -1, -1, -1, -1, 0, 1, 0 },
	{ "cancel_work", WQ_EVENT_CANCEL_WORK, -1, 0, -1, -1, -1, -1, 0 },
	{ "cancel_delayed_work_sync", WQ_EVENT_CANCEL_WORK_SYNC, -1, 0, -1, -1,
	  -1, -1, WQ_API_DELAYED },
	{ "disable_work_sync", WQ_EVENT_DISABLE_WORK_SYNC, -1, 0, -1, -1, -1,
	  -1, 0 },
	{ "kmem_cache_free", WQ_EVENT_FREE, -1, -1, -1, 1, -1, -1, 0 },
	{ "devm_add_action_or_reset", WQ_EVENT_CALL, -1, -1, -1, 1, 2, -1,
	  WQ_API_CALLBACK | WQ_API_MANAGED },
};

static void test_api_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wanted_rows) / sizeof(*wanted_rows); i++) {
		const struct wq_api *wanted = &wanted_rows[i];
		const struct wq_api *row = wq_api_find(wanted->name);

		assert_non_null(row);
		assert_int_equal(row->effect, wanted->effect);
		assert_int_equal(row->queue, wanted->queue);
		assert_int_equal(row->work, wanted->work);
		assert_int_equal(row->delay, wanted->delay);
		assert_int_equal(row->object, wanted->object);
		assert_int_equal(row->value, wanted->value);
		assert_int_equal(row->flags_arg, wanted->flags_arg);
		assert_int_equal(row->flags, wanted->flags);
	}
}

static void test_api_other_names(void **state)
{
	(void)state;
	assert_null(wq_api_find(""));
	assert_null(wq_api_find("a"));
	assert_null(wq_api_find("queue_wor"));
	assert_null(wq_api_find("queue_works"));
	assert_null(wq_api_find("kthread_queue_work"));
	assert_null(wq_api_find("zzz"));
	assert_true(wq_api_is_macro("flush_workqueue"));
	assert_true(wq_api_is_macro("INIT_WORK"));
	assert_false(wq_api_is_macro("queue_work"));
	assert_false(wq_api_is_macro("MY_INIT_WORK"));
}

static void test_system_queues(void **state)
{
	static const char *const names[] = {
		"system_wq", "system_percpu_wq", "system_highpri_wq",
		"system_long_wq", "system_unbound_wq", "system_dfl_wq",
		"system_dfl_long_wq", "system_freezable_wq",
		"system_power_efficient_wq",
		"system_freezable_power_efficient_wq", "system_bh_wq",
		"system_bh_highpri_wq",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct wq_system_queue *row =
			wq_system_queue_find(names[i]);

		assert_non_null(row);
		assert_string_equal(row->name, names[i]);
		assert_non_null(row->flags);
	}
	assert_string_equal(wq_system_queue_find("system_unbound_wq")->flags,
			    "WQ_UNBOUND");
	assert_false(wq_system_queue_find("system_unbound_wq")->per_cpu);
	assert_true(wq_system_queue_find("system_percpu_wq")->since_percpu);
	assert_null(wq_system_queue_find("system_wq2"));
	assert_null(wq_system_queue_find("system"));
	assert_null(wq_system_queue_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena_alloc),
		cmocka_unit_test(test_arena_grow),
		cmocka_unit_test(test_arena_text),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_expr_consing),
		cmocka_unit_test(test_expr_members),
		cmocka_unit_test(test_expr_any),
		cmocka_unit_test(test_expr_depth),
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_event_lists),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_kind_names),
		cmocka_unit_test(test_api_is_sorted),
		cmocka_unit_test(test_api_rows),
		cmocka_unit_test(test_api_other_names),
		cmocka_unit_test(test_system_queues),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
