/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which work item an address is, over one unit and over two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "facts-builder.h"

static const struct wq_item *item_of(const struct wq_program *program,
				     const struct wq_event *event)
{
	const struct wq_item *item = use_of(program, event)->items;

	assert_non_null(item);
	assert_null(item->next);
	return item;
}

/* Two functions reach the same member through pointers of their own. */
static void test_same_member(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 1);
	struct wq_function *g = define(one.unit, "g", 1);
	struct wq_event *queue, *cancel, *other;
	const struct wq_item *item;

	(void)state;
	queue = add_queue_work(one.unit, f, wq_expr_unknown(one.unit),
			       foo_member(one.unit, f, "work"));
	cancel = add_cancel(one.unit, g, foo_member(one.unit, g, "work"));
	other = add_cancel(one.unit, g, foo_member(one.unit, g, "other"));
	link_one(&one);
	item = item_of(one.program, queue);
	assert_string_equal(item->name, "struct foo.work");
	assert_string_equal(item->type, "foo");
	assert_string_equal(item->member, "work");
	assert_true(wq_item_same(item, item_of(one.program, cancel)));
	assert_false(wq_item_same(item, item_of(one.program, other)));
	assert_false(wq_item_may_alias(item, item_of(one.program, other)));
	assert_int_equal(one.program->nr_works, 2);
	drop_one(&one);
}

/* container_of(work, struct foo, work)->work is that work again. */
static void test_container_of(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 1);
	struct wq_function *handler = define(one.unit, "static_handler", 1);
	const struct wq_expr *work = foo_member(one.unit, f, "work"), *outer;
	struct wq_event *queue, *again, *sibling;

	(void)state;
	queue = add_queue_work(one.unit, f, wq_expr_unknown(one.unit), work);
	outer = wq_expr_outer(one.unit, wq_expr_param(one.unit, handler, 0),
			      "foo", "work");
	again = add_queue_work(one.unit, handler, wq_expr_unknown(one.unit),
			       member(one.unit, outer, "foo", "work"));
	sibling = add_queue_work(one.unit, handler, wq_expr_unknown(one.unit),
				 member(one.unit, outer, "foo", "other"));
	link_one(&one);
	assert_true(wq_item_same(item_of(one.program, queue),
				 item_of(one.program, again)));
	assert_string_equal(item_of(one.program, sibling)->name,
			    "struct foo.other");
	drop_one(&one);
}

/* container_of(&global.work, ...)->other is a member of that global. */
static void test_container_of_known(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 0);
	const struct wq_expr *global = wq_expr_global(one.unit, "the_foo",
						      true);
	const struct wq_expr *work = member(one.unit, global, "foo", "work");
	struct wq_event *event;

	(void)state;
	event = add_cancel(one.unit, f, member(one.unit,
			   wq_expr_outer(one.unit, work, "foo", "work"),
			   "foo", "other"));
	link_one(&one);
	assert_string_equal(item_of(one.program, event)->instance, "the_foo");
	assert_string_equal(item_of(one.program, event)->member, "other");
	drop_one(&one);
}

/* A wrapper struct: of one user, it is that user's item. */
static void test_embedded_once(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 1);
	struct wq_function *helper = define(one.unit, "helper", 1);
	struct wq_event *whole, *inner;
	const struct wq_expr *tx;

	(void)state;
	tx = wq_expr_field(one.unit, wq_expr_param(one.unit, f, 0), "foo",
			   "tx", "channel");
	whole = add_cancel(one.unit, f, member(one.unit, tx, "channel",
					       "work"));
	inner = add_cancel(one.unit, helper,
			   member(one.unit, wq_expr_load(one.unit,
				  wq_expr_global(one.unit, "current_channel",
						 false)), "channel", "work"));
	link_one(&one);
	assert_string_equal(item_of(one.program, whole)->name,
			    "struct foo.tx.work");
	assert_string_equal(item_of(one.program, inner)->name,
			    "struct foo.tx.work");
	assert_true(wq_item_same(item_of(one.program, whole),
				 item_of(one.program, inner)));
	drop_one(&one);
}

/* Of two, it may be either: nothing is the same, both may be. */
static void test_embedded_twice(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 1);
	const struct wq_expr *foo = wq_expr_param(one.unit, f, 0);
	const struct wq_expr *channel = wq_expr_load(one.unit,
		wq_expr_global(one.unit, "current_channel", false));
	struct wq_event *tx, *rx, *inner;

	(void)state;
	tx = add_cancel(one.unit, f, member(one.unit,
			wq_expr_field(one.unit, foo, "foo", "tx", "channel"),
			"channel", "work"));
	rx = add_cancel(one.unit, f, member(one.unit,
			wq_expr_field(one.unit, foo, "foo", "rx", "channel"),
			"channel", "work"));
	inner = add_cancel(one.unit, f, member(one.unit, channel, "channel",
					       "work"));
	link_one(&one);
	assert_false(wq_item_same(item_of(one.program, tx),
				  item_of(one.program, rx)));
	assert_false(wq_item_may_alias(item_of(one.program, tx),
				       item_of(one.program, rx)));
	assert_true(item_of(one.program, inner)->ambiguous);
	assert_false(wq_item_same(item_of(one.program, inner),
				  item_of(one.program, tx)));
	assert_true(wq_item_may_alias(item_of(one.program, inner),
				      item_of(one.program, tx)));
	assert_true(wq_item_may_alias(item_of(one.program, rx),
				      item_of(one.program, inner)));
	drop_one(&one);
}

/* Where a caller shows the outer path, the wrapper is no longer in doubt. */
static void test_embedded_twice_in_context(void **state)
{
	struct one one = one_unit();
	struct wq_function *helper = define(one.unit, "static_helper", 1);
	struct wq_function *f = define(one.unit, "f", 1);
	const struct wq_expr *foo = wq_expr_param(one.unit, f, 0);

	(void)state;
	add_cancel(one.unit, helper, member(one.unit,
		   wq_expr_param(one.unit, helper, 0), "channel", "work"));
	add_call(one.unit, f, "static_helper",
		 wq_expr_field(one.unit, foo, "foo", "tx", "channel"));
	add_call(one.unit, f, "static_helper",
		 wq_expr_field(one.unit, foo, "foo", "rx", "channel"));
	link_one(&one);
	assert_int_equal(one.program->nr_uses, 2);
	assert_string_equal(one.program->uses[0].items->name,
			    "struct foo.tx.work");
	assert_false(one.program->uses[0].items->ambiguous);
	assert_string_equal(one.program->uses[1].items->name,
			    "struct foo.rx.work");
	drop_one(&one);
}

/* Two objects of one type are two items; a pointer may be to either. */
static void test_static_objects(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 1);
	struct wq_event *a, *b, *any, *plain, *other;

	(void)state;
	a = add_cancel(one.unit, f, member(one.unit,
		       wq_expr_global(one.unit, "foo_a", true), "foo", "work"));
	b = add_cancel(one.unit, f, member(one.unit,
		       wq_expr_global(one.unit, "foo_b", true), "foo", "work"));
	any = add_cancel(one.unit, f, foo_member(one.unit, f, "work"));
	plain = add_cancel(one.unit, f, wq_expr_global(one.unit, "item", true));
	other = add_cancel(one.unit, f, wq_expr_global(one.unit, "item2",
						       true));
	link_one(&one);
	assert_false(wq_item_same(item_of(one.program, a),
				  item_of(one.program, b)));
	assert_false(wq_item_may_alias(item_of(one.program, a),
				       item_of(one.program, b)));
	assert_true(wq_item_may_alias(item_of(one.program, a),
				      item_of(one.program, any)));
	assert_string_equal(item_of(one.program, plain)->name, "item");
	assert_null(item_of(one.program, plain)->type);
	assert_false(wq_item_same(item_of(one.program, plain),
				  item_of(one.program, other)));
	drop_one(&one);
}

static void test_array_elements(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 1);
	const struct wq_expr *array = foo_member(one.unit, f, "works");
	struct wq_event *first, *second, *some;

	(void)state;
	first = add_cancel(one.unit, f, wq_expr_index(one.unit, array, 0));
	second = add_cancel(one.unit, f, wq_expr_index(one.unit, array, 1));
	some = add_cancel(one.unit, f, wq_expr_index(one.unit, array, -1));
	link_one(&one);
	assert_false(wq_item_same(item_of(one.program, first),
				  item_of(one.program, second)));
	assert_false(wq_item_may_alias(item_of(one.program, first),
				       item_of(one.program, second)));
	assert_true(wq_item_may_alias(item_of(one.program, first),
				      item_of(one.program, some)));
	assert_true(wq_item_may_alias(item_of(one.program, some),
				      item_of(one.program, second)));
	drop_one(&one);
}

/* &foo->dwork and &foo->dwork.work are one item; so with rcu_work. */
static void test_work_inside(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 1);
	const struct wq_expr *dwork = foo_member(one.unit, f, "dwork");
	const struct wq_expr *typed = wq_expr_field(one.unit,
						    wq_expr_param(one.unit, f, 0),
						    "foo", "own", "my_work");
	struct wq_event *outer, *inner, *named, *other;

	(void)state;
	outer = add_cancel(one.unit, f, dwork);
	inner = add_cancel(one.unit, f, member(one.unit, dwork, "delayed_work",
					       "work"));
	/* Only in the kernel's own structs. */
	named = add_cancel(one.unit, f, member(one.unit, typed, "my_work",
					       "work"));
	/* Private memory of foo that is used as a struct of its own. */
	other = add_cancel(one.unit, f, member(one.unit, dwork, "private",
					       "item"));
	link_one(&one);
	assert_string_equal(item_of(one.program, other)->name,
			    "struct private.item");
	assert_true(wq_item_same(item_of(one.program, outer),
				 item_of(one.program, inner)));
	assert_string_equal(item_of(one.program, outer)->name,
			    "struct foo.dwork");
	assert_string_equal(item_of(one.program, named)->name,
			    "struct foo.own.work");
	drop_one(&one);
}

static void test_on_stack(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 0);
	struct wq_function *g = define(one.unit, "g", 0);
	struct wq_event *in_f, *in_g;

	(void)state;
	in_f = add_cancel(one.unit, f, wq_expr_local(one.unit, f, "work"));
	in_g = add_cancel(one.unit, g, wq_expr_local(one.unit, g, "work"));
	link_one(&one);
	assert_true(item_of(one.program, in_f)->on_stack);
	assert_false(wq_item_may_alias(item_of(one.program, in_f),
				       item_of(one.program, in_g)));
	drop_one(&one);
}

/* A helper that is given the item: one use per caller, each its own item. */
static void test_item_parameter(void **state)
{
	struct one one = one_unit();
	struct wq_function *helper = define(one.unit, "static_helper", 1);
	struct wq_function *f = define(one.unit, "f", 1);

	(void)state;
	add_queue_work(one.unit, helper, wq_expr_unknown(one.unit),
		       wq_expr_param(one.unit, helper, 0));
	add_call(one.unit, f, "static_helper", foo_member(one.unit, f, "a"));
	add_call(one.unit, f, "static_helper", foo_member(one.unit, f, "b"));
	link_one(&one);
	assert_int_equal(one.program->nr_uses, 2);
	assert_string_equal(one.program->uses[0].items->name, "struct foo.a");
	assert_string_equal(one.program->uses[1].items->name, "struct foo.b");
	assert_int_equal(one.program->nr_works, 2);
	drop_one(&one);
}

/* INIT_WORK in a helper whose handler is a parameter, too. */
static void test_handler_parameter(void **state)
{
	struct one one = one_unit();
	struct wq_function *setup = define(one.unit, "static_setup", 2);
	struct wq_function *handler = define(one.unit, "static_handler", 1);
	struct wq_function *f = define(one.unit, "f", 1);
	const struct wq_expr *args[2];
	struct wq_event *event;

	(void)state;
	event = add(one.unit, setup, WQ_EVENT_INIT_WORK, "INIT_WORK");
	event->work = wq_expr_param(one.unit, setup, 0);
	event->value = wq_expr_param(one.unit, setup, 1);
	event = add(one.unit, f, WQ_EVENT_CALL, "static_setup");
	args[0] = foo_member(one.unit, f, "work");
	args[1] = wq_expr_func(one.unit, "static_handler", true);
	wq_event_set_args(one.unit, event, args, 2);
	link_one(&one);
	assert_int_equal(one.program->nr_works, 1);
	assert_int_equal(one.program->works[0].nr_handlers, 1);
	assert_ptr_equal(one.program->works[0].handlers[0], handler);
	assert_false(one.program->works[0].foreign_handler);
	drop_one(&one);
}

/* p->current = &p->work; cancel_work_sync(p->current). */
static void test_stored_item(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 1);
	const struct wq_expr *slot = foo_member(one.unit, f, "current");
	struct wq_event *event;

	(void)state;
	add_store(one.unit, f, slot, foo_member(one.unit, f, "work"));
	event = add_cancel(one.unit, f, wq_expr_load(one.unit, slot));
	link_one(&one);
	assert_string_equal(item_of(one.program, event)->name,
			    "struct foo.work");
	drop_one(&one);
}

/* Two units */

/* Cancel @expr_0 in one unit, @expr_1 in the other: one item? */
static bool are_same(struct two *two, const struct wq_expr *expr_0,
		     const struct wq_expr *expr_1)
{
	struct wq_event *a = add_cancel(two->units[0], two->functions[0],
					expr_0);
	struct wq_event *b = add_cancel(two->units[1], two->functions[1],
					expr_1);

	two->program = join(two->units, 2, true);
	return wq_item_same(item_of(two->program, a),
			    item_of(two->program, b));
}

static void test_two_units_member(void **state)
{
	struct two two = two_units();

	(void)state;
	assert_true(are_same(&two, foo_member(two.units[0], two.functions[0],
					      "work"),
			     foo_member(two.units[1], two.functions[1],
					"work")));
	assert_int_equal(two.program->nr_works, 1);
	assert_int_equal(two.program->works[0].nr_uses, 2);
	drop_two(&two);
}

/* Both main files define a struct foo of their own. */
static void test_two_units_own_types(void **state)
{
	struct two two = two_units();

	(void)state;
	wq_unit_add_type(two.units[0], "foo", NULL, true);
	wq_unit_add_type(two.units[1], "foo", NULL, true);
	assert_false(are_same(&two, foo_member(two.units[0], two.functions[0],
					       "work"),
			      foo_member(two.units[1], two.functions[1],
					 "work")));
	assert_int_equal(two.program->nr_works, 2);
	drop_two(&two);
}

static void test_two_units_extern(void **state)
{
	struct two two = two_units();

	(void)state;
	assert_true(are_same(&two, wq_expr_global(two.units[0], "item", false),
			     wq_expr_global(two.units[1], "item", false)));
	drop_two(&two);
}

static void test_two_units_static(void **state)
{
	struct two two = two_units();

	(void)state;
	assert_false(are_same(&two, wq_expr_global(two.units[0], "item", true),
			      wq_expr_global(two.units[1], "item", true)));
	drop_two(&two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_member),
		cmocka_unit_test(test_container_of),
		cmocka_unit_test(test_container_of_known),
		cmocka_unit_test(test_embedded_once),
		cmocka_unit_test(test_embedded_twice),
		cmocka_unit_test(test_embedded_twice_in_context),
		cmocka_unit_test(test_static_objects),
		cmocka_unit_test(test_array_elements),
		cmocka_unit_test(test_work_inside),
		cmocka_unit_test(test_on_stack),
		cmocka_unit_test(test_item_parameter),
		cmocka_unit_test(test_handler_parameter),
		cmocka_unit_test(test_stored_item),
		cmocka_unit_test(test_two_units_member),
		cmocka_unit_test(test_two_units_own_types),
		cmocka_unit_test(test_two_units_extern),
		cmocka_unit_test(test_two_units_static),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
