/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What queue a pointer may hold and which work item an address is, over one
 * unit and over two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "facts-builder.h"

/* One unit and its program, for tests that need no more. */
struct one {
	struct wq_unit *unit;
	struct wq_program *program;
};

static struct one one_unit(void)
{
	return (struct one) { .unit = new_unit("a.c", "mod") };
}

static void link_one(struct one *one)
{
	one->program = join(&one->unit, 1, true);
}

static void drop_one(struct one *one)
{
	wq_program_free(one->program);
	wq_unit_free(one->unit);
}

/* "system_wq own null ?": the queues in words, an own one as OWN@LINE. */
static const char *queue_words(const struct wq_program *program,
			       const struct wq_queue_alternative *queue)
{
	const char *text = "";

	for (; queue; queue = queue->next) {
		const char *word = "?";

		if (queue->kind == WQ_QUEUE_SYSTEM)
			word = queue->name;
		else if (queue->kind == WQ_QUEUE_NULL)
			word = "null";
		else if (queue->kind == WQ_QUEUE_OWN)
			word = wq_arena_printf(program->arena, "own@%u",
					       queue->alloc->where.line);
		text = wq_arena_printf(program->arena, "%s%s%s", text,
				       *text ? " " : "", word);
	}
	return text;
}

static void expect_queues(const struct one *one, const struct wq_expr *expr,
			  const char *expected)
{
	assert_string_equal(queue_words(one->program,
					wq_resolve_queue(one->program, expr,
							 NULL)), expected);
}

/* The use that @event became; the event must have become only one. */
static const struct wq_use *use_of(const struct wq_program *program,
				   const struct wq_event *event)
{
	const struct wq_use *found = NULL;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++)
		if (program->uses[i].event == event) {
			assert_null(found);
			found = &program->uses[i];
		}
	assert_non_null(found);
	return found;
}

static const struct wq_item *item_of(const struct wq_program *program,
				     const struct wq_event *event)
{
	const struct wq_item *item = use_of(program, event)->items;

	assert_non_null(item);
	assert_null(item->next);
	return item;
}

/* Queues */

static void test_constants(void **state)
{
	struct one one = one_unit();
	struct wq_unit *unit = one.unit;

	(void)state;
	link_one(&one);
	expect_queues(&one, shared_queue(unit, "system_wq"), "system_wq");
	expect_queues(&one, shared_queue(unit, "system_dfl_wq"),
		      "system_dfl_wq");
	expect_queues(&one, shared_queue(unit, "other_wq"), "?");
	expect_queues(&one, wq_expr_null(unit), "null");
	expect_queues(&one, wq_expr_unknown(unit), "?");
	/* A file's own variable of that name is not the kernel's. */
	expect_queues(&one, wq_expr_load(unit, wq_expr_global(unit,
			      "system_wq", true)), "?");
	drop_one(&one);
}

static void test_member(void **state)
{
	struct one one = one_unit();
	struct wq_function *probe = define(one.unit, "probe", 1);
	struct wq_function *remove = define(one.unit, "remove", 1);
	const struct wq_queue_alternative *queue;
	struct wq_event *store;

	(void)state;
	store = add_store(one.unit, probe, foo_member(one.unit, probe, "wq"),
			  shared_queue(one.unit, "system_long_wq"));
	link_one(&one);
	queue = wq_resolve_queue(one.program, foo_wq(one.unit, remove), NULL);
	assert_string_equal(queue_words(one.program, queue),
			    "system_long_wq");
	assert_ptr_equal(queue->store, store);
	assert_non_null(queue->steps);
	assert_ptr_equal(queue->steps->event, store);
	assert_null(queue->steps->next);
	/* Another member, the same member of another struct. */
	expect_queues(&one, wq_expr_load(one.unit, foo_member(one.unit, remove,
							      "wq2")), "?");
	expect_queues(&one, wq_expr_load(one.unit,
		      member(one.unit, wq_expr_param(one.unit, remove, 0),
			     "bar", "wq")), "?");
	drop_one(&one);
}

static void test_member_stored_twice(void **state)
{
	struct one one = one_unit();
	struct wq_function *probe = define(one.unit, "probe", 1);
	const struct wq_expr *slot = foo_member(one.unit, probe, "wq");

	(void)state;
	add_store(one.unit, probe, slot, add_alloc(one.unit, probe));
	add_store(one.unit, probe, slot, shared_queue(one.unit, "system_wq"));
	add_store(one.unit, probe, slot, wq_expr_null(one.unit));
	link_one(&one);
	expect_queues(&one, wq_expr_load(one.unit, slot),
		      "own@1 system_wq null");
	drop_one(&one);
}

static void test_phi(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 0);
	const struct wq_expr *list[] = {
		shared_queue(one.unit, "system_wq"), add_alloc(one.unit, f),
		shared_queue(one.unit, "system_long_wq"),
		shared_queue(one.unit, "system_wq"),
	};

	(void)state;
	link_one(&one);
	expect_queues(&one, wq_expr_any(one.unit, list, 4),
		      "system_wq own@1 system_long_wq");
	drop_one(&one);
}

/* Each caller gives the queue it gives: one use per call. */
static void test_parameter(void **state)
{
	struct one one = one_unit();
	struct wq_function *helper = define(one.unit, "static_helper", 1);
	struct wq_function *caller = define(one.unit, "caller", 0);
	struct wq_event *flush, *first, *second;

	(void)state;
	flush = add_flush(one.unit, helper, wq_expr_param(one.unit, helper, 0));
	first = add_call(one.unit, caller, "static_helper",
			 shared_queue(one.unit, "system_wq"));
	second = add_call(one.unit, caller, "static_helper",
			  add_alloc(one.unit, caller));
	link_one(&one);
	assert_int_equal(one.program->nr_uses, 2);
	assert_ptr_equal(one.program->uses[0].event, flush);
	assert_ptr_equal(one.program->uses[0].context->call, first);
	assert_string_equal(queue_words(one.program,
					one.program->uses[0].queues),
			    "system_wq");
	assert_ptr_equal(one.program->uses[0].queues->steps->event, first);
	assert_ptr_equal(one.program->uses[1].context->call, second);
	assert_string_equal(queue_words(one.program,
					one.program->uses[1].queues), "own@3");
	drop_one(&one);
}

/* Through two functions; the outer one is called from two places. */
static void test_parameter_of_parameter(void **state)
{
	struct one one = one_unit();
	struct wq_function *inner = define(one.unit, "static_inner", 1);
	struct wq_function *outer = define(one.unit, "static_outer", 1);
	struct wq_function *caller = define(one.unit, "caller", 0);
	const struct wq_step *step;

	(void)state;
	add_flush(one.unit, inner, wq_expr_param(one.unit, inner, 0));
	add_call(one.unit, outer, "static_inner",
		 wq_expr_param(one.unit, outer, 0));
	add_call(one.unit, caller, "static_outer",
		 shared_queue(one.unit, "system_wq"));
	add_call(one.unit, caller, "static_outer",
		 shared_queue(one.unit, "system_long_wq"));
	link_one(&one);
	assert_int_equal(one.program->nr_uses, 2);
	assert_string_equal(queue_words(one.program,
					one.program->uses[0].queues),
			    "system_wq");
	assert_string_equal(queue_words(one.program,
					one.program->uses[1].queues),
			    "system_long_wq");
	step = one.program->uses[1].queues->steps;
	assert_int_equal(step->event->where.line, 4);
	assert_int_equal(step->next->event->where.line, 2);
	drop_one(&one);
}

/* A function whose address is taken may be called by anybody. */
static void test_parameter_from_outside(void **state)
{
	struct one one = one_unit();
	struct wq_function *helper = define(one.unit, "static_helper", 1);
	struct wq_function *caller = define(one.unit, "caller", 0);

	(void)state;
	helper->address_taken = true;
	add_flush(one.unit, helper, wq_expr_param(one.unit, helper, 0));
	add_call(one.unit, caller, "static_helper",
		 shared_queue(one.unit, "system_wq"));
	link_one(&one);
	assert_int_equal(one.program->nr_uses, 2);
	assert_string_equal(queue_words(one.program,
					one.program->uses[0].queues), "?");
	assert_string_equal(queue_words(one.program,
					one.program->uses[1].queues),
			    "system_wq");
	drop_one(&one);
}

static void test_returned(void **state)
{
	struct one one = one_unit();
	struct wq_function *pick = define(one.unit, "static_pick", 0);
	struct wq_function *caller = define(one.unit, "caller", 0);
	const struct wq_queue_alternative *queue;
	struct wq_event *call, *returned;

	(void)state;
	returned = add_return(one.unit, pick,
			      shared_queue(one.unit, "system_wq"));
	add_return(one.unit, pick, add_alloc(one.unit, pick));
	call = add_call(one.unit, caller, "static_pick", NULL);
	link_one(&one);
	queue = wq_resolve_queue(one.program, wq_expr_result(one.unit, call),
				 NULL);
	assert_string_equal(queue_words(one.program, queue),
			    "system_wq own@2");
	assert_ptr_equal(queue->steps->event, returned);
	call = add_call(one.unit, caller, "somewhere_else", NULL);
	expect_queues(&one, wq_expr_result(one.unit, call), "?");
	drop_one(&one);
}

/* pick(wq) { return wq; }: the argument of this very call. */
static void test_returned_parameter(void **state)
{
	struct one one = one_unit();
	struct wq_function *pick = define(one.unit, "static_pick", 1);
	struct wq_function *caller = define(one.unit, "caller", 0);
	struct wq_event *first, *second;

	(void)state;
	add_return(one.unit, pick, wq_expr_param(one.unit, pick, 0));
	first = add_call(one.unit, caller, "static_pick",
			 shared_queue(one.unit, "system_wq"));
	second = add_call(one.unit, caller, "static_pick",
			  shared_queue(one.unit, "system_long_wq"));
	link_one(&one);
	expect_queues(&one, wq_expr_result(one.unit, first), "system_wq");
	expect_queues(&one, wq_expr_result(one.unit, second),
		      "system_long_wq");
	drop_one(&one);
}

/* a->wq = b->wq and b->wq = a->wq, with and without a beginning. */
static void test_cycle_of_stores(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 1);
	const struct wq_expr *a = wq_expr_global(one.unit, "a", true);
	const struct wq_expr *b = wq_expr_global(one.unit, "b", true);
	const struct wq_expr *c = wq_expr_global(one.unit, "c", true);

	(void)state;
	add_store(one.unit, f, a, wq_expr_load(one.unit, b));
	add_store(one.unit, f, b, wq_expr_load(one.unit, a));
	add_store(one.unit, f, b, shared_queue(one.unit, "system_wq"));
	add_store(one.unit, f, c, wq_expr_load(one.unit, c));
	link_one(&one);
	expect_queues(&one, wq_expr_load(one.unit, a), "system_wq");
	expect_queues(&one, wq_expr_load(one.unit, b), "system_wq");
	expect_queues(&one, wq_expr_load(one.unit, c), "?");
	drop_one(&one);
}

/* Each calls the other, and itself, with what it was given. */
static void test_recursion(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "static_f", 1);
	struct wq_function *g = define(one.unit, "static_g", 1);
	struct wq_function *caller = define(one.unit, "caller", 0);
	unsigned int i;

	(void)state;
	add_flush(one.unit, f, wq_expr_param(one.unit, f, 0));
	add_call(one.unit, f, "static_g", wq_expr_param(one.unit, f, 0));
	add_call(one.unit, f, "static_f", wq_expr_param(one.unit, f, 0));
	add_call(one.unit, g, "static_f", wq_expr_param(one.unit, g, 0));
	add_return(one.unit, g, wq_expr_result(one.unit,
		   add_call(one.unit, g, "static_g",
			    wq_expr_param(one.unit, g, 0))));
	add_call(one.unit, caller, "static_f",
		 shared_queue(one.unit, "system_wq"));
	link_one(&one);
	/* It ends, and no way round makes another queue of it. */
	assert_in_range(one.program->nr_uses, 1, 1000);
	for (i = 0; i < one.program->nr_uses; i++)
		assert_true(one.program->uses[i].queues->kind ==
			    WQ_QUEUE_SYSTEM ||
			    one.program->uses[i].queues->kind ==
			    WQ_QUEUE_UNKNOWN);
	drop_one(&one);
}

/* store(&p->wq, queue): the slot itself is a parameter. */
static void test_stored_through_parameter(void **state)
{
	struct one one = one_unit();
	struct wq_function *set = define(one.unit, "static_set", 2);
	struct wq_function *probe = define(one.unit, "probe", 1);
	const struct wq_expr *args[2];
	struct wq_event *call;

	(void)state;
	add_store(one.unit, set, wq_expr_param(one.unit, set, 0),
		  wq_expr_param(one.unit, set, 1));
	call = add(one.unit, probe, WQ_EVENT_CALL, "static_set");
	args[0] = foo_member(one.unit, probe, "wq");
	args[1] = shared_queue(one.unit, "system_wq");
	wq_event_set_args(one.unit, call, args, 2);
	link_one(&one);
	expect_queues(&one, foo_wq(one.unit, probe), "system_wq");
	drop_one(&one);
}

/* Work items */

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
	struct wq_event *outer, *inner, *named;

	(void)state;
	outer = add_cancel(one.unit, f, dwork);
	inner = add_cancel(one.unit, f, member(one.unit, dwork, "delayed_work",
					       "work"));
	/* Only in the kernel's own structs. */
	named = add_cancel(one.unit, f, member(one.unit, dwork, "my_work",
					       "work"));
	link_one(&one);
	assert_true(wq_item_same(item_of(one.program, outer),
				 item_of(one.program, inner)));
	assert_string_equal(item_of(one.program, outer)->name,
			    "struct foo.dwork");
	assert_string_equal(item_of(one.program, named)->name,
			    "struct foo.dwork.work");
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

struct two {
	struct wq_unit *units[2];
	struct wq_function *functions[2];
	struct wq_program *program;
};

static struct two two_units(void)
{
	struct two two = {
		.units = { new_unit("a.c", "mod"), new_unit("b.c", "mod") },
	};

	two.functions[0] = define(two.units[0], "in_a", 1);
	two.functions[1] = define(two.units[1], "in_b", 1);
	return two;
}

static void drop_two(struct two *two)
{
	wq_program_free(two->program);
	wq_unit_free(two->units[0]);
	wq_unit_free(two->units[1]);
}

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
	wq_unit_add_type(two.units[0], "foo", true);
	wq_unit_add_type(two.units[1], "foo", true);
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

/* Static functions of one name: each call is of the own one. */
static void test_two_units_static_functions(void **state)
{
	struct two two = two_units();
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct wq_unit *unit = two.units[i];
		struct wq_function *helper = define(unit, "static_helper", 1);

		add_flush(unit, helper, wq_expr_param(unit, helper, 0));
		add_call(unit, two.functions[i], "static_helper",
			 shared_queue(unit, i ? "system_long_wq"
					      : "system_wq"));
	}
	two.program = join(two.units, 2, true);
	assert_int_equal(two.program->nr_uses, 2);
	assert_string_equal(queue_words(two.program,
					two.program->uses[0].queues),
			    "system_wq");
	assert_string_equal(queue_words(two.program,
					two.program->uses[1].queues),
			    "system_long_wq");
	drop_two(&two);
}

/* Allocated and stored in one file, through a function of the other. */
static void test_two_units_queue(void **state)
{
	struct two two = two_units();
	const struct wq_expr *slot = foo_member(two.units[0], two.functions[0],
						"wq");
	struct wq_event *flush;

	(void)state;
	add_store(two.units[0], two.functions[0], slot,
		  add_alloc(two.units[0], two.functions[0]));
	flush = add_flush(two.units[1], two.functions[1],
			  foo_wq(two.units[1], two.functions[1]));
	two.program = join(two.units, 2, true);
	assert_string_equal(queue_words(two.program,
					use_of(two.program, flush)->queues),
			    "own@1");
	drop_two(&two);
}

/* A global function of the other file: without it, nobody knows. */
static void test_two_units_call(void **state)
{
	struct two two = two_units();
	struct wq_program *alone;
	struct wq_event *call;

	(void)state;
	add_return(two.units[0], two.functions[0],
		   shared_queue(two.units[0], "system_wq"));
	wq_unit_function(two.units[1], "in_a");
	call = add_call(two.units[1], two.functions[1], "in_a", NULL);
	two.program = join(two.units, 2, true);
	alone = join(&two.units[1], 1, false);
	assert_string_equal(queue_words(two.program,
		wq_resolve_queue(two.program,
				 wq_expr_result(two.units[1], call), NULL)),
		"system_wq");
	assert_string_equal(queue_words(alone,
		wq_resolve_queue(alone, wq_expr_result(two.units[1], call),
				 NULL)), "?");
	wq_program_free(alone);
	drop_two(&two);
}

/* Conditions */

static void test_conditions(void **state)
{
	struct one one = one_unit();
	struct wq_function *f = define(one.unit, "f", 1);
	struct wq_function *g = define(one.unit, "g", 1);
	const struct wq_expr *flag_f = wq_expr_load(one.unit,
		foo_member(one.unit, f, "flag"));
	const struct wq_expr *flag_g = wq_expr_load(one.unit,
		foo_member(one.unit, g, "flag"));
	const struct wq_expr *null = wq_expr_null(one.unit);
	const struct wq_expr *one_ = wq_expr_const(one.unit, 1);
	const struct wq_expr *two_ = wq_expr_const(one.unit, 2);
	struct wq_condition set = { flag_f, WQ_NOT_EQUAL, null };
	struct wq_condition clear = { flag_g, WQ_EQUAL, null };
	struct wq_condition is_one = { flag_g, WQ_EQUAL, one_ };
	struct wq_condition is_two = { flag_f, WQ_EQUAL, two_ };
	struct wq_condition not_two = { flag_f, WQ_NOT_EQUAL, two_ };

	(void)state;
	link_one(&one);
	assert_true(wq_condition_contradicts(one.program, &set, &clear));
	assert_true(wq_condition_contradicts(one.program, &is_one, &is_two));
	assert_true(wq_condition_contradicts(one.program, &is_one, &clear));
	assert_true(wq_condition_contradicts(one.program, &is_two, &not_two));
	assert_false(wq_condition_contradicts(one.program, &set, &set));
	assert_false(wq_condition_contradicts(one.program, &is_one, &not_two));
	assert_false(wq_condition_contradicts(one.program, &set, &is_two));
	drop_one(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_member),
		cmocka_unit_test(test_member_stored_twice),
		cmocka_unit_test(test_phi),
		cmocka_unit_test(test_parameter),
		cmocka_unit_test(test_parameter_of_parameter),
		cmocka_unit_test(test_parameter_from_outside),
		cmocka_unit_test(test_returned),
		cmocka_unit_test(test_returned_parameter),
		cmocka_unit_test(test_cycle_of_stores),
		cmocka_unit_test(test_recursion),
		cmocka_unit_test(test_stored_through_parameter),
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
		cmocka_unit_test(test_two_units_static_functions),
		cmocka_unit_test(test_two_units_queue),
		cmocka_unit_test(test_two_units_call),
		cmocka_unit_test(test_conditions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
