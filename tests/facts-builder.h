/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts by hand: short ways to write down what a driver does. Shared by the
 * tests of facts, resolution and rules; what one test wants beyond this it
 * sets in the event that it gets back.
 *
 * Every event has a line of its own, the number in which it was added, so
 * that a test can name the place it expects. Include cmocka's header first.
 */
#ifndef FACTS_BUILDER_H
#define FACTS_BUILDER_H

#include <string.h>

#include "program.h"
#include "resolve.h"

/* A file of module @module; NULL: of none. */
static inline struct wq_unit *new_unit(const char *source, const char *module)
{
	struct wq_unit *unit = wq_unit_new(source);

	unit->is_module = module != NULL;
	unit->modname = wq_unit_string(unit, module);
	unit->modfile = unit->modname;
	unit->basename = wq_unit_string(unit, source);
	return unit;
}

static inline struct wq_location next_line(const struct wq_unit *unit)
{
	return (struct wq_location) {
		.file = unit->source, .line = unit->nr_events + 1,
		.column_bytes = 2,
	};
}

/* A function with a body; name it static_... to make it static. */
static inline struct wq_function *define(struct wq_unit *unit,
					 const char *name,
					 unsigned int nr_params)
{
	struct wq_function *function = wq_unit_function(unit, name);

	function->is_defined = true;
	function->in_main_file = true;
	function->nr_params = nr_params;
	function->is_static = !strncmp(name, "static_", 7);
	function->where = next_line(unit);
	return function;
}

static inline struct wq_event *add(struct wq_unit *unit,
				   struct wq_function *function,
				   enum wq_event_kind kind, const char *callee)
{
	struct wq_event *event = wq_unit_add_event(unit, function, kind,
						   next_line(unit));

	event->callee = wq_unit_string(unit, callee);
	return event;
}

static inline struct wq_event *add_store(struct wq_unit *unit,
					 struct wq_function *function,
					 const struct wq_expr *address,
					 const struct wq_expr *value)
{
	struct wq_event *event = add(unit, function, WQ_EVENT_STORE, NULL);

	event->object = address;
	event->value = value;
	return event;
}

static inline struct wq_event *add_return(struct wq_unit *unit,
					  struct wq_function *function,
					  const struct wq_expr *value)
{
	struct wq_event *event = add(unit, function, WQ_EVENT_RETURN, NULL);

	event->value = value;
	return event;
}

/* A call of @callee with one argument, or none when it is NULL. */
static inline struct wq_event *add_call(struct wq_unit *unit,
					struct wq_function *function,
					const char *callee,
					const struct wq_expr *argument)
{
	struct wq_event *event = add(unit, function, WQ_EVENT_CALL, callee);

	wq_event_set_args(unit, event, &argument, argument ? 1 : 0);
	return event;
}

/* queue = alloc_workqueue("name", 0, 0): the result is the new queue. */
static inline const struct wq_expr *add_alloc(struct wq_unit *unit,
					      struct wq_function *function)
{
	struct wq_event *event = add(unit, function, WQ_EVENT_ALLOC_QUEUE,
				     "alloc_workqueue");

	event->value = wq_expr_string(unit, "name");
	return wq_expr_result(unit, event);
}

static inline struct wq_event *add_queue_work(struct wq_unit *unit,
					      struct wq_function *function,
					      const struct wq_expr *queue,
					      const struct wq_expr *work)
{
	struct wq_event *event = add(unit, function, WQ_EVENT_QUEUE,
				     "queue_work");

	event->queue = queue;
	event->work = work;
	return event;
}

static inline struct wq_event *add_flush(struct wq_unit *unit,
					 struct wq_function *function,
					 const struct wq_expr *queue)
{
	struct wq_event *event = add(unit, function, WQ_EVENT_FLUSH_QUEUE,
				     "flush_workqueue");

	event->queue = queue;
	event->always = true;
	return event;
}

static inline struct wq_event *add_destroy(struct wq_unit *unit,
					   struct wq_function *function,
					   const struct wq_expr *queue)
{
	struct wq_event *event = add(unit, function, WQ_EVENT_DESTROY_QUEUE,
				     "destroy_workqueue");

	event->queue = queue;
	event->always = true;
	return event;
}

static inline struct wq_event *add_cancel(struct wq_unit *unit,
					  struct wq_function *function,
					  const struct wq_expr *work)
{
	struct wq_event *event = add(unit, function, WQ_EVENT_CANCEL_WORK_SYNC,
				     "cancel_work_sync");

	event->work = work;
	return event;
}

/* INIT_WORK(work, handler), where the handler is a static function here. */
static inline struct wq_event *add_init(struct wq_unit *unit,
					struct wq_function *function,
					const struct wq_expr *work,
					struct wq_function *handler)
{
	struct wq_event *event = add(unit, function, WQ_EVENT_INIT_WORK,
				     "INIT_WORK");

	handler->address_taken = true;
	event->work = work;
	event->value = wq_expr_func(unit, handler->name, handler->is_static);
	return event;
}

/* The value of a queue that the whole kernel shares, such as system_wq. */
static inline const struct wq_expr *shared_queue(struct wq_unit *unit,
						 const char *name)
{
	return wq_expr_load(unit, wq_expr_global(unit, name, false));
}

/* &base->member, in struct @tag. */
static inline const struct wq_expr *member(struct wq_unit *unit,
					   const struct wq_expr *base,
					   const char *tag, const char *name)
{
	return wq_expr_field(unit, base, tag, name, NULL);
}

/* &p->member in struct foo, where p is the first parameter of @function. */
static inline const struct wq_expr *foo_member(struct wq_unit *unit,
					       struct wq_function *function,
					       const char *name)
{
	return member(unit, wq_expr_param(unit, function, 0), "foo", name);
}

/* p->wq */
static inline const struct wq_expr *foo_wq(struct wq_unit *unit,
					   struct wq_function *function)
{
	return wq_expr_load(unit, foo_member(unit, function, "wq"));
}

/* The program of @count units, complete as the command makes it. */
static inline struct wq_program *join(struct wq_unit *const *units,
				      unsigned int count, bool complete)
{
	struct wq_program *program = wq_program_new();
	unsigned int i;

	for (i = 0; i < count; i++)
		wq_program_add(program, units[i]);
	program->complete = complete;
	wq_program_link(program);
	return program;
}

/* One unit and its program, for tests that need no more. */
struct one {
	struct wq_unit *unit;
	struct wq_program *program;
};

static inline struct one one_unit(void)
{
	return (struct one) { .unit = new_unit("a.c", "mod") };
}

static inline void link_one(struct one *one)
{
	one->program = join(&one->unit, 1, true);
}

static inline void drop_one(struct one *one)
{
	wq_program_free(one->program);
	wq_unit_free(one->unit);
}

/* The use that @event became; the event must have become only one. */
static inline const struct wq_use *use_of(const struct wq_program *program,
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

/* Two units of a module, each with a function. */
struct two {
	struct wq_unit *units[2];
	struct wq_function *functions[2];
	struct wq_program *program;
};

static inline struct two two_units(void)
{
	struct two two = {
		.units = { new_unit("a.c", "mod"), new_unit("b.c", "mod") },
	};

	two.functions[0] = define(two.units[0], "in_a", 1);
	two.functions[1] = define(two.units[1], "in_b", 1);
	return two;
}

static inline void drop_two(struct two *two)
{
	wq_program_free(two->program);
	wq_unit_free(two->units[0]);
	wq_unit_free(two->units[1]);
}

#endif
