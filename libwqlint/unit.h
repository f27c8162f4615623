/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts of one translation unit: what its functions do with workqueues and
 * work items, in a form that knows nothing about GCC.
 *
 * A unit owns every string, expression, function and event added to it; all
 * of them die with wq_unit_free(). Strings given to a wq_unit_*() function
 * are copied. Out of memory ends the program, so that no result is NULL for
 * that reason. Not thread-safe.
 *
 * Who makes units: plugin/ from GIMPLE, facts-read.c from a facts file or a
 * note, and the unit tests by hand.
 */
#ifndef WQ_UNIT_H
#define WQ_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

struct wq_place;
struct wq_unit;
struct wq_function;
struct wq_event;

/* A place in a source file. Line and column count from 1; 0 is unknown. */
struct wq_location {
	const char *file;		/* as the compiler names it, or NULL */
	unsigned int line;
	unsigned int column_bytes;
	bool in_macro;			/* the text is a use of a macro */
	unsigned int handle;		/* the producer's own; 0 from a file */
};

/*
 * What an expression can be. The first group are values and addresses that
 * stand for themselves, the second are made from a base expression.
 */
enum wq_expr_kind {
	WQ_EXPR_UNKNOWN,
	WQ_EXPR_NULL,		/* a null pointer */
	WQ_EXPR_CONST,		/* an integer: number */
	WQ_EXPR_STRING,		/* a string literal: name */
	WQ_EXPR_FUNC,		/* the address of function name */
	WQ_EXPR_GLOBAL,		/* the address of file-scope object name */
	WQ_EXPR_LOCAL,		/* the address of function's local name */
	WQ_EXPR_PARAM,		/* function's parameter, number from 0 */
	WQ_EXPR_RESULT,		/* what the call in event returned */

	WQ_EXPR_FIELD,		/* the address of base->name, in struct type */
	WQ_EXPR_INDEX,		/* the address of base[number], -1: any */
	WQ_EXPR_OUTER,		/* container_of(base, struct type, name) */
	WQ_EXPR_LOAD,		/* what is stored at address base */
	WQ_EXPR_ANY,		/* one of alternatives */
	WQ_NR_EXPR_KINDS
};

/*
 * Far more than source code has; whoever follows expressions recurses. A
 * deeper one is WQ_EXPR_UNKNOWN.
 */
#define WQ_MAX_EXPR_DEPTH	1000
/*
 * The same for the number of expressions that one is made of, each as often
 * as it is on a way: alternatives of alternatives make it grow fast.
 */
#define WQ_MAX_EXPR_SIZE	4096

/* Immutable; equal expressions of one unit are one object. */
struct wq_expr {
	enum wq_expr_kind kind;
	unsigned int index;		/* position in the unit */
	unsigned int depth;		/* 1 more than what it is made of */
	unsigned int size;		/* 1 more than all that it is made of */
	const struct wq_unit *unit;
	const char *name;		/* OUTER: may hold dots; may be NULL */
	const char *type;		/* FIELD, OUTER: tag of the struct */
	const char *field_type;		/* FIELD: tag of the field, or NULL */
	long long number;
	const struct wq_function *function;	/* LOCAL, PARAM */
	const struct wq_event *event;		/* RESULT */
	const struct wq_expr *base;
	const struct wq_expr *const *alternatives;	/* ANY */
	unsigned int nr_alternatives;
	bool is_static;			/* FUNC, GLOBAL: internal linkage */
};

/*
 * Events. The operands each kind has are named in struct wq_event.
 * "Wait" below means that the call returns only after the work has run.
 */
enum wq_event_kind {
	WQ_EVENT_QUEUE,		/* puts work on queue, now or after delay;
				 * with a value also binds that handler */
	WQ_EVENT_FLUSH_QUEUE,	/* waits for all work on queue */
	WQ_EVENT_DRAIN_QUEUE,
	WQ_EVENT_DESTROY_QUEUE,
	WQ_EVENT_ALLOC_QUEUE,	/* value: name; number: flags */
	WQ_EVENT_FLUSH_WORK,	/* waits for work */
	WQ_EVENT_CANCEL_WORK,	/* does not wait for a running handler */
	WQ_EVENT_CANCEL_WORK_SYNC,
	WQ_EVENT_DISABLE_WORK,	/* as CANCEL_WORK, and refuses queueing */
	WQ_EVENT_DISABLE_WORK_SYNC,
	WQ_EVENT_ENABLE_WORK,
	WQ_EVENT_INIT_WORK,	/* binds work to its handler in value */
	WQ_EVENT_STORE,		/* *object = value, where either matters */
	WQ_EVENT_ALLOC,		/* returns memory for a struct type */
	WQ_EVENT_FREE,		/* object is freed */
	WQ_EVENT_LOCK,		/* object is the lock */
	WQ_EVENT_UNLOCK,
	WQ_EVENT_PUT,		/* drops a reference on object */
	WQ_EVENT_GET,		/* takes a reference on object */
	WQ_EVENT_SIGNAL,	/* completes or wakes up object */
	WQ_EVENT_WAIT,		/* waits for object (completion, wait queue) */
	WQ_EVENT_CALL,		/* any other call: args */
	WQ_EVENT_RETURN,	/* returns value */
	WQ_NR_EVENT_KINDS
};

/* A test that is known to have come out so wherever the event happens. */
enum wq_relation { WQ_EQUAL, WQ_NOT_EQUAL };

struct wq_condition {
	const struct wq_expr *left;
	enum wq_relation relation;
	const struct wq_expr *right;	/* NULL pointer and 0 are WQ_EXPR_NULL */
};

/* A variable that can be named in the source text where the event is. */
struct wq_variable {
	const char *name;
	const char *type;	/* tag of the struct that it points to */
};

struct wq_event {
	enum wq_event_kind kind;
	unsigned int index;			/* position in the unit */
	const struct wq_function *function;	/* NULL: static initialiser */
	struct wq_location where;
	const char *callee;		/* as the source spells it, or NULL */
	const struct wq_expr *queue;
	const struct wq_expr *work;	/* CALL: the work item passed on */
	const struct wq_expr *object;
	const struct wq_expr *value;
	const struct wq_expr *delay;	/* QUEUE: NULL when not delayed */
	const struct wq_expr *const *args;	/* CALL */
	unsigned int nr_args;
	const char *type;	/* FREE, ALLOC: tag of the struct, or NULL */
	long long number;
	bool delayed;		/* the work item is a struct delayed_work */
	bool always;		/* on every path through the function */
	bool managed;		/* devm/drmm: undone when the device goes */
	const struct wq_condition *conditions;
	unsigned int nr_conditions;
	const struct wq_expr *const *held;	/* locks held for certain */
	unsigned int nr_held;
	const struct wq_variable *variables;	/* flush, drain, queue */
	unsigned int nr_variables;
};

/*
 * Control flow of a function: blocks of events, in the order of the
 * function's events (reverse post-order: a block comes before those that it
 * leads to, but for loops).
 */

/* What the function has returned for certain when it ends after an edge. */
enum wq_outcome {
	WQ_OUTCOME_NONE,	/* the edge does not decide */
	WQ_OUTCOME_SUCCESS,	/* 0, or a pointer to something */
	WQ_OUTCOME_FAILURE,	/* an error number, NULL, ERR_PTR() */
	WQ_OUTCOME_UNKNOWN	/* decided, by what is not known */
};

struct wq_edge {
	unsigned int to;	/* a block; nr_blocks: the function returns */
	enum wq_outcome outcome;
};

/* "left OP 0", or IS_ERR(left), which is WQ_TEST_NEGATIVE. */
enum wq_test {
	WQ_TEST_NONE,		/* not understood, or no test */
	WQ_TEST_ZERO,
	WQ_TEST_NONZERO,
	WQ_TEST_NEGATIVE,
	WQ_TEST_NOT_NEGATIVE
};

struct wq_block {
	unsigned int first_event, nr_events;	/* in function->events */
	const struct wq_edge *edges;
	unsigned int nr_edges;
	enum wq_test test;	/* edges[0] is taken when it holds */
	const struct wq_expr *left;	/* what is tested, or NULL */
};

enum wq_section { WQ_TEXT, WQ_INIT_TEXT, WQ_EXIT_TEXT };

struct wq_function {
	const struct wq_unit *unit;
	unsigned int index;		/* position in the unit */
	const char *name;
	struct wq_location where;
	bool is_static;
	bool is_defined;		/* a body was seen */
	bool is_inline;
	bool in_main_file;		/* not in an included file */
	bool address_taken;
	enum wq_section section;
	unsigned int nr_params;
	/*
	 * What the function is to others: "module_init", "module_exit",
	 * "exported" (EXPORT_SYMBOL), or "TAG.FIELD" for each initialiser that stores its address, such as
	 * "platform_driver.remove".
	 */
	const char *const *roles;
	unsigned int nr_roles;
	const struct wq_event *const *events;	/* in order of control flow */
	unsigned int nr_events;
	/* The control flow, where it can matter; else nr_blocks is 0. */
	struct wq_block *blocks;
	unsigned int nr_blocks;
	uint64_t key_hash;		/* program.c's own */
};

/* How a unit sees a struct that holds a work item or a queue. */
struct wq_type {
	const char *tag;
	const char *file;	/* that defines it, or NULL */
	bool in_main_file;	/* no other unit can name its members */
	bool holds_work;	/* the unit names a work item or queue in it */
};

/* A file-scope queue that other units, and perhaps modules, can name. */
struct wq_public_queue {
	const char *name;
	bool is_allocated;	/* by this unit */
};

struct wq_unit {
	struct wq_arena *arena;
	bool owns_arena;
	const char *source;		/* main source file */
	const char *object;		/* output of the compiler, or NULL */
	const char *directory;		/* where the compiler ran, or NULL */
	const char *compiler;		/* "gcc 12.2.0", or NULL */
	const char *modname;		/* KBUILD_MODNAME, or NULL */
	const char *modfile;		/* KBUILD_MODFILE, or NULL */
	const char *basename;		/* KBUILD_BASENAME, or NULL */
	const char *schedule_queue;	/* queue behind schedule_work(), or NULL */
	bool is_module;			/* built with -DMODULE */
	uint64_t hash;			/* of its header, when it was scanned */
	struct wq_place *place;		/* of that, when not all was read */
	struct wq_function **functions;
	unsigned int nr_functions;
	struct wq_event **events;
	unsigned int nr_events;
	struct wq_expr **exprs;
	unsigned int nr_exprs;
	struct wq_type *types;
	unsigned int nr_types;
	/* What is known before the events are read; wq_unit_summarise(). */
	bool is_idle;			/* no event is about a queue or item */
	struct wq_public_queue *public_queues;
	unsigned int nr_public_queues;
	/* Room that was made for all of them; the arrays are as long. */
	struct wq_event *all_events;
	unsigned int max_functions, max_events, max_exprs;
	struct wq_function **function_slots;	/* hash tables; unit.c's own */
	unsigned int nr_function_slots;
	struct wq_expr_slot *expr_slots;
	unsigned int nr_expr_slots;
	unsigned int *type_slots;	/* number in types + 1, or 0 */
	unsigned int nr_type_slots;
};

/* A unit for @source; all other members are empty and can be set. */
struct wq_unit *wq_unit_new(const char *source);
void wq_unit_free(struct wq_unit *unit);	/* NULL is fine */

/* The same in @arena, with which it dies: wq_unit_free() does nothing. */
struct wq_unit *wq_unit_new_in(struct wq_arena *arena, const char *source);

/* A copy of @text that lives as long as @unit. */
const char *wq_unit_string(struct wq_unit *unit, const char *text);

/*
 * The function @name. A static one is distinct from others of that name
 * only by the unit. Returns the same object for the same name.
 */
struct wq_function *wq_unit_function(struct wq_unit *unit, const char *name);

/* The same, or NULL when no such function was added. */
struct wq_function *wq_unit_find_function(const struct wq_unit *unit,
					  const char *name);

/*
 * For a reader, which has interned all strings in the unit's arena already:
 * a new function or type, NULL when there is one of that name; an event; and
 * the one expression that is equal to @wanted.
 */
struct wq_function *wq_unit_new_function(struct wq_unit *unit,
					 const char *name);
struct wq_type *wq_unit_new_type(struct wq_unit *unit, const char *tag);
struct wq_event *wq_unit_new_event(struct wq_unit *unit,
				   struct wq_function *function,
				   enum wq_event_kind kind,
				   struct wq_location where);
const struct wq_expr *wq_unit_expr(struct wq_unit *unit,
				   const struct wq_expr *wanted);

/*
 * Make room in a new unit for so many at once. wq_unit_event() is then an
 * event, by its number, that may still have to be made.
 */
void wq_unit_reserve(struct wq_unit *unit, unsigned int nr_functions,
		     unsigned int nr_exprs, unsigned int nr_events);
struct wq_event *wq_unit_event(const struct wq_unit *unit,
			       unsigned int number);

/* Say that @function is known to others as @role; twice is once. */
void wq_function_add_role(struct wq_function *function, const char *role);

/* Is @role one of the roles of @function? */
bool wq_function_has_role(const struct wq_function *function,
			  const char *role);

/*
 * Append an event; the caller fills its operands. @function NULL is for
 * static initialisers. Events of one function come in order of control flow.
 */
struct wq_event *wq_unit_add_event(struct wq_unit *unit,
				   struct wq_function *function,
				   enum wq_event_kind kind,
				   struct wq_location where);

/*
 * Append a block with the next @nr_events of @function's events, and to the
 * last block an edge, whose outcome and destination are not checked.
 */
struct wq_block *wq_function_add_block(struct wq_function *function,
				       unsigned int nr_events);
void wq_function_add_edge(struct wq_function *function, struct wq_edge edge);

/* For a reader: room for @count blocks of a function, all zero. */
struct wq_block *wq_unit_blocks(struct wq_unit *unit, unsigned int count);

/* Copies of arrays of operands into @event. */
void wq_event_set_args(struct wq_unit *unit, struct wq_event *event,
		       const struct wq_expr *const *args, unsigned int count);
void wq_event_set_held(struct wq_unit *unit, struct wq_event *event,
		       const struct wq_expr *const *locks, unsigned int count);
void wq_event_add_condition(struct wq_unit *unit, struct wq_event *event,
			    struct wq_condition condition);
void wq_event_add_variable(struct wq_unit *unit, struct wq_event *event,
			   const char *name, const char *type);

/*
 * Remember that struct @tag is defined in @file (NULL: unknown), and whether
 * that is the main source file. The first answer for a tag stays.
 */
void wq_unit_add_type(struct wq_unit *unit, const char *tag, const char *file,
		      bool in_main_file);
const struct wq_type *wq_unit_find_type(const struct wq_unit *unit,
					const char *tag);

/*
 * Say in @unit, whose events are all there, what a reader must know to
 * decide with which other units to judge it, and whether at all.
 */
void wq_unit_summarise(struct wq_unit *unit);

/* Remember that @unit uses queue @name, which other units can name. */
void wq_unit_add_public_queue(struct wq_unit *unit, const char *name,
			      bool is_allocated);

/* Expressions. Names and tags are copied; NULL for a tag that has no name. */
const struct wq_expr *wq_expr_unknown(struct wq_unit *unit);
const struct wq_expr *wq_expr_null(struct wq_unit *unit);
const struct wq_expr *wq_expr_const(struct wq_unit *unit, long long number);
const struct wq_expr *wq_expr_string(struct wq_unit *unit, const char *text);
const struct wq_expr *wq_expr_func(struct wq_unit *unit, const char *name,
				   bool is_static);
const struct wq_expr *wq_expr_global(struct wq_unit *unit, const char *name,
				     bool is_static);
const struct wq_expr *wq_expr_local(struct wq_unit *unit,
				    const struct wq_function *function,
				    const char *name);
const struct wq_expr *wq_expr_param(struct wq_unit *unit,
				    const struct wq_function *function,
				    unsigned int number);
const struct wq_expr *wq_expr_result(struct wq_unit *unit,
				     const struct wq_event *event);
const struct wq_expr *wq_expr_field(struct wq_unit *unit,
				    const struct wq_expr *base,
				    const char *type, const char *name,
				    const char *field_type);
const struct wq_expr *wq_expr_index(struct wq_unit *unit,
				    const struct wq_expr *base,
				    long long number);
const struct wq_expr *wq_expr_outer(struct wq_unit *unit,
				    const struct wq_expr *base,
				    const char *type, const char *name);
const struct wq_expr *wq_expr_load(struct wq_unit *unit,
				   const struct wq_expr *base);

/* One of @count; a single or repeated alternative is that alternative. */
const struct wq_expr *wq_expr_any(struct wq_unit *unit,
				  const struct wq_expr *const *alternatives,
				  unsigned int count);

/* The word for a kind in facts files; NULL when @kind is out of range. */
const char *wq_expr_kind_name(enum wq_expr_kind kind);
const char *wq_event_kind_name(enum wq_event_kind kind);

/* Their letters there, by kind. */
extern const char wq_expr_letters[WQ_NR_EXPR_KINDS + 1];
extern const char wq_event_letters[WQ_NR_EVENT_KINDS + 1];

#endif
