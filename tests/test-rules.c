/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rules on small programs built by hand: one file, and the two files of
 * a module, which only together show a Step 4 oversight.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "facts-builder.h"
#include "rule.h"

/*
 * A driver of two files. a.c allocates the queue, binds the handler of
 * foo.work and tears down; b.c queues foo.work. What the tests vary is what
 * it is queued on and who waits for it.
 */
struct driver {
	struct wq_unit *a, *b;	/* b may be a */
	struct wq_function *probe, *remove, *handler;	/* of a */
	struct wq_function *interrupt;			/* of b */
	struct wq_program *program;
	struct wq_findings *findings;
};

static struct driver new_driver(bool two_files)
{
	struct driver driver = { .a = new_unit("a.c", "mod") };
	struct wq_unit *a = driver.a;

	driver.b = two_files ? new_unit("b.c", "mod") : a;
	driver.probe = define(a, "probe", 1);
	driver.remove = define(a, "remove", 1);
	driver.handler = define(a, "static_handler", 1);
	driver.interrupt = define(driver.b, "interrupt", 1);
	wq_function_add_role(driver.remove, "platform_driver.remove");
	add_store(a, driver.probe, foo_member(a, driver.probe, "wq"),
		  add_alloc(a, driver.probe));
	add_init(a, driver.probe, foo_member(a, driver.probe, "work"),
		 driver.handler);
	return driver;
}

/* foo->work on @queue of b.c, in b.c. */
static struct wq_event *queue_in_b(struct driver *driver,
				   const struct wq_expr *queue)
{
	return add_queue_work(driver->b, driver->interrupt, queue,
			      foo_member(driver->b, driver->interrupt,
					 "work"));
}

static struct wq_event *destroy_in_a(struct driver *driver)
{
	return add_destroy(driver->a, driver->remove,
			   foo_wq(driver->a, driver->remove));
}

static struct wq_event *free_in_a(struct driver *driver)
{
	struct wq_event *event = add(driver->a, driver->remove, WQ_EVENT_FREE,
				     "kfree");

	event->object = wq_expr_param(driver->a, driver->remove, 0);
	event->type = "foo";
	return event;
}

static void lint(struct driver *driver, bool complete, bool strict)
{
	struct wq_unit *units[] = { driver->a, driver->b };
	struct wq_selection selection = { .strict = strict };

	/* Most of these drivers have a queue only to wait for, or no exit. */
	assert_null(wq_selection_parse(driver->a->arena, "idle-queue,missing-destroy",
				       &selection.ignored));
	driver->program = join(units, driver->a == driver->b ? 1 : 2,
			       complete);
	driver->findings = wq_findings_new();
	wq_rules_run(driver->program, &selection, driver->findings);
}

static void drop(struct driver *driver)
{
	wq_findings_free(driver->findings);
	wq_program_free(driver->program);
	if (driver->b != driver->a)
		wq_unit_free(driver->b);
	wq_unit_free(driver->a);
}

static void expect_silence(struct driver *driver)
{
	unsigned int i;

	for (i = 0; i < driver->findings->count; i++)
		print_error("%s\n", driver->findings->list[i]->message);
	assert_int_equal(driver->findings->count, 0);
	drop(driver);
}

/* Exactly one finding: @rule where @event is. */
static const struct wq_finding *expect_one(const struct driver *driver,
					   const char *rule,
					   const struct wq_event *event)
{
	const struct wq_finding *finding;

	assert_int_equal(driver->findings->count, 1);
	finding = driver->findings->list[0];
	assert_string_equal(finding->rule->id, rule);
	assert_string_equal(finding->where.file, event->where.file);
	assert_int_equal(finding->where.line, event->where.line);
	assert_string_equal(finding->function, event->function->name);
	assert_string_equal(finding->module, "mod");
	return finding;
}

/* Is @event among the places that explain @finding? */
static bool is_related(const struct wq_finding *finding,
		       const struct wq_event *event)
{
	unsigned int i;

	for (i = 0; i < finding->nr_related; i++)
		if (!strcmp(finding->related[i].where.file,
			    event->where.file) &&
		    finding->related[i].where.line == event->where.line)
			return true;
	return false;
}

/* flush-system-wq */

static void test_flush(void **state)
{
	struct driver driver = new_driver(false);
	const struct wq_finding *finding;
	struct wq_event *flush;

	(void)state;
	flush = add_flush(driver.a, driver.remove,
			  shared_queue(driver.a, "system_long_wq"));
	lint(&driver, false, false);
	finding = expect_one(&driver, "flush-system-wq", flush);
	assert_int_equal(finding->level, WQ_WARNING);
	assert_string_equal(finding->queue, "system_long_wq");
	assert_non_null(strstr(finding->message, "waits for all work"));
	/* One file does not show what the others queue. */
	assert_int_equal(finding->suggestion.step, 0);
	assert_non_null(strstr(finding->suggestion.text, "in this file"));
	drop(&driver);
}

static void test_flush_own(void **state)
{
	struct driver driver = new_driver(false);

	(void)state;
	queue_in_b(&driver, foo_wq(driver.b, driver.interrupt));
	add_flush(driver.a, driver.remove, foo_wq(driver.a, driver.remove));
	add_flush(driver.a, driver.remove, wq_expr_unknown(driver.a));
	destroy_in_a(&driver);
	lint(&driver, true, true);
	expect_silence(&driver);
}

/* Stored in one function, flushed in another: the way is shown. */
static void test_flush_alias(void **state)
{
	struct driver driver = new_driver(false);
	const struct wq_finding *finding;
	struct wq_event *store, *flush;

	(void)state;
	store = add_store(driver.a, driver.probe,
			  foo_member(driver.a, driver.probe, "alias"),
			  shared_queue(driver.a, "system_wq"));
	flush = add_flush(driver.a, driver.remove,
			  wq_expr_load(driver.a, foo_member(driver.a,
							    driver.remove,
							    "alias")));
	lint(&driver, false, false);
	finding = expect_one(&driver, "flush-system-wq", flush);
	assert_int_equal(finding->nr_path, 2);
	assert_int_equal(finding->nr_related, 2);
	assert_true(is_related(finding, store));
	assert_string_equal(finding->related[0].message,
			    "system_wq is stored in struct foo.alias here");
	assert_string_equal(finding->related[1].message, "flushed here");
	drop(&driver);
}

/* if (foo->wq != system_wq) flush: the test rules it out. */
static void test_flush_guarded(void **state)
{
	struct driver driver = new_driver(false);
	const struct wq_expr *wq = foo_wq(driver.a, driver.remove);
	struct wq_condition own = {
		wq, WQ_NOT_EQUAL, shared_queue(driver.a, "system_wq"),
	};
	struct wq_event *flush;

	(void)state;
	add_store(driver.a, driver.probe,
		  foo_member(driver.a, driver.probe, "wq"),
		  shared_queue(driver.a, "system_wq"));
	flush = add_flush(driver.a, driver.remove, wq);
	wq_event_add_condition(driver.a, flush, own);
	lint(&driver, true, true);
	expect_silence(&driver);
}

/* Own or shared, and nothing decides: it may wait. */
static void test_flush_may(void **state)
{
	struct driver driver = new_driver(false);
	struct wq_event *flush;

	(void)state;
	add_store(driver.a, driver.probe,
		  foo_member(driver.a, driver.probe, "wq"),
		  shared_queue(driver.a, "system_wq"));
	flush = add_flush(driver.a, driver.remove,
			  foo_wq(driver.a, driver.remove));
	lint(&driver, false, false);
	assert_non_null(strstr(expect_one(&driver, "flush-system-wq",
					  flush)->message, "may wait"));
	drop(&driver);
}

/* A known item is on it, and a variable to name it with is at hand. */
static void test_flush_suggests_item(void **state)
{
	struct driver driver = new_driver(true);
	const struct wq_finding *finding;
	struct wq_event *flush;

	(void)state;
	queue_in_b(&driver, shared_queue(driver.b, "system_wq"));
	flush = add_flush(driver.a, driver.remove,
			  shared_queue(driver.a, "system_wq"));
	wq_event_add_variable(driver.a, flush, "foo", "foo");
	lint(&driver, true, false);
	finding = expect_one(&driver, "flush-system-wq", flush);
	assert_int_equal(finding->suggestion.step, 0);
	assert_non_null(strstr(finding->suggestion.text,
			       "flush_work(&foo->work)"));
	drop(&driver);
}

/* Its handler takes the lock that is held here: no wait at this place. */
static void test_flush_under_lock(void **state)
{
	struct driver driver = new_driver(true);
	const struct wq_finding *finding;
	const struct wq_expr *mutex;
	struct wq_event *flush;

	(void)state;
	add(driver.a, driver.handler, WQ_EVENT_LOCK, "mutex_lock")->object =
		foo_member(driver.a, driver.handler, "lock");
	queue_in_b(&driver, shared_queue(driver.b, "system_wq"));
	flush = add_flush(driver.a, driver.remove,
			  shared_queue(driver.a, "system_wq"));
	mutex = foo_member(driver.a, driver.remove, "lock");
	wq_event_set_held(driver.a, flush, &mutex, 1);
	wq_event_add_variable(driver.a, flush, "foo", "foo");
	lint(&driver, true, false);
	finding = expect_one(&driver, "flush-system-wq", flush);
	assert_non_null(strstr(finding->message, "struct foo.lock is held"));
	assert_non_null(strstr(finding->suggestion.text,
			       "after struct foo.lock is released"));
	drop(&driver);
}

/* destroy-system-wq */

static void test_destroy(void **state)
{
	struct driver driver = new_driver(false);
	struct wq_event *destroy;

	(void)state;
	destroy = add_destroy(driver.a, driver.remove,
			      shared_queue(driver.a, "system_wq"));
	lint(&driver, false, false);
	assert_int_equal(expect_one(&driver, "destroy-system-wq",
				    destroy)->level, WQ_ERROR);
	drop(&driver);
}

static void test_destroy_own(void **state)
{
	struct driver driver = new_driver(false);

	(void)state;
	destroy_in_a(&driver);
	lint(&driver, true, true);
	expect_silence(&driver);
}

/* mixed-queues */

static void test_mixed(void **state)
{
	struct driver driver = new_driver(true);
	const struct wq_finding *finding;
	struct wq_event *shared, *own, *destroy;

	(void)state;
	own = add_queue_work(driver.a, driver.probe,
			     foo_wq(driver.a, driver.probe),
			     foo_member(driver.a, driver.probe, "work"));
	shared = queue_in_b(&driver, shared_queue(driver.b, "system_wq"));
	destroy = destroy_in_a(&driver);
	lint(&driver, true, false);
	finding = expect_one(&driver, "mixed-queues", shared);
	assert_int_equal(finding->level, WQ_WARNING);
	assert_string_equal(finding->work, "struct foo.work");
	assert_string_equal(finding->queue, "system_wq");
	assert_int_equal(finding->suggestion.step, 4);
	assert_true(is_related(finding, own));
	assert_true(is_related(finding, destroy));
	drop(&driver);
}

/* One place or the other, by configuration. */
static void test_mixed_by_choice(void **state)
{
	struct driver driver = new_driver(false);
	const struct wq_expr *flag = wq_expr_load(driver.a,
		foo_member(driver.a, driver.interrupt, "own"));
	struct wq_condition yes = { flag, WQ_NOT_EQUAL,
				    wq_expr_null(driver.a) };
	struct wq_condition no = { flag, WQ_EQUAL, wq_expr_null(driver.a) };

	(void)state;
	wq_event_add_condition(driver.a,
		queue_in_b(&driver, foo_wq(driver.b, driver.interrupt)), yes);
	wq_event_add_condition(driver.a,
		queue_in_b(&driver, shared_queue(driver.b, "system_wq")), no);
	destroy_in_a(&driver);
	lint(&driver, true, true);
	expect_silence(&driver);
}

/* Somebody waits for the item itself: level C, with --strict only. */
static void test_mixed_and_cancelled(void **state)
{
	struct driver driver = new_driver(true);
	struct wq_event *shared;

	(void)state;
	queue_in_b(&driver, foo_wq(driver.b, driver.interrupt));
	shared = queue_in_b(&driver, shared_queue(driver.b, "system_wq"));
	destroy_in_a(&driver);
	add_cancel(driver.a, driver.remove,
		   foo_member(driver.a, driver.remove, "work"));
	lint(&driver, true, true);
	assert_int_equal(expect_one(&driver, "mixed-queues", shared)->level,
			 WQ_CHECK);
	wq_findings_free(driver.findings);
	wq_program_free(driver.program);
	lint(&driver, true, false);
	expect_silence(&driver);
}

/* unflushed-work: the Step 4 oversight */

static struct wq_event *add_oversight(struct driver *driver)
{
	struct wq_event *shared;

	shared = queue_in_b(driver, shared_queue(driver->b, "system_wq"));
	destroy_in_a(driver);
	return shared;
}

static void test_oversight(void **state)
{
	struct driver driver = new_driver(true);
	const struct wq_finding *finding;
	struct wq_event *shared, *freed;

	(void)state;
	shared = add_oversight(&driver);
	freed = free_in_a(&driver);
	lint(&driver, true, false);
	finding = expect_one(&driver, "unflushed-work", shared);
	assert_int_equal(finding->level, WQ_WARNING);
	assert_string_equal(finding->work, "struct foo.work");
	assert_string_equal(finding->queue, "system_wq");
	assert_int_equal(finding->suggestion.step, 4);
	assert_true(is_related(finding, freed));
	drop(&driver);
}

/* A third file may hold the cancel. */
static void test_oversight_incomplete(void **state)
{
	struct driver driver = new_driver(true);

	(void)state;
	add_oversight(&driver);
	free_in_a(&driver);
	lint(&driver, false, true);
	expect_silence(&driver);
}

/* Neither file alone shows it: no cancel here, no own queue there. */
static void test_oversight_alone(void **state)
{
	struct driver driver = new_driver(true);
	struct wq_selection selection = { .strict = true };
	struct wq_findings *findings = wq_findings_new();
	struct wq_unit *units[] = { driver.a, driver.b };
	unsigned int i;

	(void)state;
	add_oversight(&driver);
	for (i = 0; i < 2; i++) {
		struct wq_program *program = join(&units[i], 1, false);

		wq_rules_run(program, &selection, findings);
		wq_program_free(program);
	}
	driver.findings = findings;
	expect_silence(&driver);
}

static void test_oversight_cancelled(void **state)
{
	struct driver driver = new_driver(true);

	(void)state;
	add_oversight(&driver);
	add_cancel(driver.a, driver.remove,
		   foo_member(driver.a, driver.remove, "work"));
	lint(&driver, true, true);
	expect_silence(&driver);
}

/* cancel_work() does not wait for a handler that runs. */
static void test_oversight_cancelled_not_sync(void **state)
{
	struct driver driver = new_driver(true);
	struct wq_event *shared = add_oversight(&driver);

	(void)state;
	add(driver.a, driver.remove, WQ_EVENT_CANCEL_WORK,
	    "cancel_work")->work = foo_member(driver.a, driver.remove, "work");
	lint(&driver, true, false);
	expect_one(&driver, "unflushed-work", shared);
	drop(&driver);
}

/* All converted: nothing to say. */
static void test_no_oversight(void **state)
{
	struct driver driver = new_driver(true);

	(void)state;
	queue_in_b(&driver, foo_wq(driver.b, driver.interrupt));
	destroy_in_a(&driver);
	free_in_a(&driver);
	lint(&driver, true, true);
	expect_silence(&driver);
}

/* The handler is another module's: so is the item. */
static void test_oversight_foreign(void **state)
{
	struct driver driver = new_driver(true);

	(void)state;
	driver.handler->is_defined = false;
	add_oversight(&driver);
	lint(&driver, true, true);
	expect_silence(&driver);
}

/* The handler drops a reference on the object: that is who frees it. */
static void test_oversight_reference(void **state)
{
	struct driver driver = new_driver(true);

	(void)state;
	add(driver.a, driver.handler, WQ_EVENT_PUT, "kref_put")->object =
		member(driver.a,
		       wq_expr_outer(driver.a, wq_expr_param(driver.a,
							     driver.handler, 0),
				     "foo", "work"), "foo", "ref");
	add_oversight(&driver);
	lint(&driver, true, true);
	expect_silence(&driver);
}

/* A cancel of the wrapper's item, whichever it is, may be this one's. */
static void test_oversight_ambiguous(void **state)
{
	struct driver driver = new_driver(true);
	const struct wq_expr *item = wq_expr_load(driver.a,
		wq_expr_global(driver.a, "some_work", false));

	(void)state;
	add_oversight(&driver);
	add_cancel(driver.a, driver.remove, item);
	lint(&driver, true, true);
	expect_silence(&driver);
}

/* The runner */

static void test_rule_names(void **state)
{
	static const char *const ids[] = {
		"flush-system-wq", "destroy-system-wq", "mixed-queues",
		"unflushed-work",
	};
	struct wq_arena *arena = wq_arena_new();
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		const struct wq_rule *rule = wq_rule_find(ids[i],
							  strlen(ids[i]));
		const char *type;

		assert_non_null(rule);
		assert_string_equal(rule->id, ids[i]);
		type = wq_rule_type_name(arena, rule);
		assert_ptr_equal(wq_rule_find(type, strlen(type)), rule);
	}
	assert_string_equal(wq_rule_type_name(arena, wq_rules[0]),
			    "FLUSH_SYSTEM_WQ");
	assert_null(wq_rule_find("flush-system", 12));
	assert_null(wq_rule_find("flush_system_wq", 15));
	assert_null(wq_rule_find("FLUSH-SYSTEM-WQ", 15));
	assert_null(wq_rule_find("", 0));
	wq_arena_free(arena);
}

/* What explain and doc/rules.md need of each rule. */
static void test_rule_texts(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; wq_rules[i]; i++) {
		const struct wq_rule *rule = wq_rules[i];

		/* Comments are no business of a program's. */
		assert_int_equal(rule->check != NULL,
				 rule != &wq_rule_bad_ignore &&
				 rule != &wq_rule_unused_ignore);
		assert_true(*rule->summary && *rule->why && *rule->limits &&
			    *rule->wrong && *rule->right);
		assert_null(strchr(rule->summary, '\n'));
		assert_true(rule->summary[strlen(rule->summary) - 1] != '.');
	}
	assert_in_range(i, 4, 64);
	assert_string_equal(wq_level_name(WQ_CHECK), "CHECK");
	assert_string_equal(wq_level_name(WQ_WARNING), "WARNING");
	assert_string_equal(wq_level_name(WQ_ERROR), "ERROR");
}

static void test_selection_parse(void **state)
{
	struct wq_arena *arena = wq_arena_new();
	unsigned long long mask = 0;

	(void)state;
	assert_null(wq_selection_parse(arena, "flush-system-wq", &mask));
	assert_int_equal(mask, 1);
	assert_null(wq_selection_parse(arena, "UNFLUSHED_WORK,mixed-queues",
				       &mask));
	assert_int_equal(mask, 1 | 4 | 8);
	mask = 0;
	assert_string_equal(wq_selection_parse(arena,
			    "mixed-queues,no-such-rule,x", &mask),
			    "no-such-rule");
	assert_string_equal(wq_selection_parse(arena, "", &mask), "");
	assert_string_equal(wq_selection_parse(arena, "mixed-queues,", &mask),
			    "");
	assert_string_equal(wq_selection_parse(arena, "mixed-queues ", &mask),
			    "mixed-queues ");
	wq_arena_free(arena);
}

static unsigned int count_with(const struct wq_program *program,
			       struct wq_selection selection)
{
	struct wq_findings *findings = wq_findings_new();
	unsigned int count;

	wq_rules_run(program, &selection, findings);
	count = findings->count;
	wq_findings_free(findings);
	return count;
}

static void test_selection(void **state)
{
	struct driver driver = new_driver(false);

	(void)state;
	add_flush(driver.a, driver.remove,
		  shared_queue(driver.a, "system_wq"));
	add_destroy(driver.a, driver.remove,
		    shared_queue(driver.a, "system_wq"));
	lint(&driver, false, false);
	assert_int_equal(driver.findings->count, 2);
#define COUNT(...) \
	count_with(driver.program, (struct wq_selection) { __VA_ARGS__ })
	assert_int_equal(COUNT(.only = 1), 1);
	assert_int_equal(COUNT(.only = 2), 1);
	assert_int_equal(COUNT(.only = 1 | 2), 2);
	assert_int_equal(COUNT(.only = 4), 0);
	assert_int_equal(COUNT(.ignored = 1), 1);
	assert_int_equal(COUNT(.ignored = 1 | 2), 0);
	assert_int_equal(COUNT(.only = 1, .ignored = 1), 0);
#undef COUNT
	drop(&driver);
}

/* By file, line and column, whatever the order of files and rules. */
static void test_order(void **state)
{
	struct driver driver = new_driver(true);
	struct wq_unit *reversed[] = { driver.b, driver.a };
	struct wq_selection selection = { .strict = false };
	struct wq_findings *findings = wq_findings_new();
	unsigned int i;

	(void)state;
	add_destroy(driver.a, driver.remove,
		    shared_queue(driver.a, "system_wq"));
	add_flush(driver.a, driver.remove, shared_queue(driver.a, "system_wq"));
	add_flush(driver.b, driver.interrupt,
		  shared_queue(driver.b, "system_wq"));
	lint(&driver, false, false);
	wq_program_free(driver.program);
	driver.program = join(reversed, 2, false);
	wq_rules_run(driver.program, &selection, findings);
	assert_int_equal(driver.findings->count, 3);
	assert_int_equal(findings->count, 3);
	for (i = 0; i < 3; i++) {
		assert_ptr_equal(findings->list[i]->rule,
				 driver.findings->list[i]->rule);
		assert_int_equal(findings->list[i]->where.line,
				 driver.findings->list[i]->where.line);
	}
	assert_string_equal(findings->list[0]->rule->id, "destroy-system-wq");
	assert_string_equal(findings->list[1]->where.file, "a.c");
	assert_string_equal(findings->list[2]->where.file, "b.c");
	wq_findings_free(findings);
	drop(&driver);
}

/* What the compiler found and the command finds again is one finding. */
static void test_merge(void **state)
{
	struct driver driver = new_driver(false);
	struct wq_findings *all = wq_findings_new();
	struct wq_selection selection = { .strict = false };
	struct wq_event *flush;

	(void)state;
	flush = add_flush(driver.a, driver.remove,
			  shared_queue(driver.a, "system_wq"));
	lint(&driver, false, false);
	wq_findings_merge(all, driver.findings);
	assert_int_equal(driver.findings->count, 0);
	wq_rules_run(driver.program, &selection, driver.findings);
	wq_findings_merge(all, driver.findings);
	assert_int_equal(all->count, 2);
	wq_findings_sort(all);
	wq_findings_free(driver.findings);
	driver.findings = all;
	/* It owns its texts now. */
	assert_string_equal(expect_one(&driver, "flush-system-wq",
				       flush)->queue, "system_wq");
	drop(&driver);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_flush_own),
		cmocka_unit_test(test_flush_alias),
		cmocka_unit_test(test_flush_guarded),
		cmocka_unit_test(test_flush_may),
		cmocka_unit_test(test_flush_suggests_item),
		cmocka_unit_test(test_flush_under_lock),
		cmocka_unit_test(test_destroy),
		cmocka_unit_test(test_destroy_own),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_mixed_by_choice),
		cmocka_unit_test(test_mixed_and_cancelled),
		cmocka_unit_test(test_oversight),
		cmocka_unit_test(test_oversight_incomplete),
		cmocka_unit_test(test_oversight_alone),
		cmocka_unit_test(test_oversight_cancelled),
		cmocka_unit_test(test_oversight_cancelled_not_sync),
		cmocka_unit_test(test_no_oversight),
		cmocka_unit_test(test_oversight_foreign),
		cmocka_unit_test(test_oversight_reference),
		cmocka_unit_test(test_oversight_ambiguous),
		cmocka_unit_test(test_rule_names),
		cmocka_unit_test(test_rule_texts),
		cmocka_unit_test(test_selection_parse),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_merge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
