/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What queue a pointer may hold, over one unit and over two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "facts-builder.h"

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

/* Two units */

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
		cmocka_unit_test(test_two_units_static_functions),
		cmocka_unit_test(test_two_units_queue),
		cmocka_unit_test(test_two_units_call),
		cmocka_unit_test(test_conditions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
