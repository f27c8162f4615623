/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program is one or more units judged together: one unit inside the
 * compiler, all units of a module in the command. It resolves what the
 * units only name: which queues a pointer may hold, which work item an
 * address is, through members, parameters and return values.
 *
 * Life: wq_program_new(), wq_program_add() for each unit, wq_program_link()
 * once, then only reading, then wq_program_free(). Units are borrowed and
 * must outlive the program.
 */
#ifndef WQ_PROGRAM_H
#define WQ_PROGRAM_H

#include "unit.h"

struct wq_sources;

/*
 * A call on the way from where a value is known to where it is used. A
 * NULL call is a caller that the program does not show.
 */
struct wq_context {
	const struct wq_event *call;
	const struct wq_context *up;	/* the caller's own caller, or NULL */
};

/* How a value got to where it is used; first step first. */
struct wq_step {
	const struct wq_event *event;	/* STORE, CALL or RETURN */
	const struct wq_step *next;
};

enum wq_queue_kind {
	WQ_QUEUE_UNKNOWN,	/* another unit, the caller or the core knows */
	WQ_QUEUE_NULL,
	WQ_QUEUE_SYSTEM,	/* shared by the whole kernel: name */
	WQ_QUEUE_OWN,		/* allocated in this program: alloc */
};

/* One of the queues that a queue pointer may hold. */
struct wq_queue_alternative {
	enum wq_queue_kind kind;
	const char *name;		/* SYSTEM: its variable */
	const struct wq_event *alloc;	/* OWN */
	const struct wq_step *steps;	/* how it got here, or NULL */
	const struct wq_event *store;	/* the first of steps, or NULL */
	const struct wq_queue_alternative *next;
};

/*
 * Which work item an address is. Two uses are the same item when the keys
 * are equal, neither is ambiguous and the instances do not differ.
 */
struct wq_item {
	const char *key;	/* equal for equal items, or NULL: unknown */
	const char *name;	/* for people: "struct foo.work", "my_work" */
	const char *instance;	/* the variable it is in, or NULL: any */
	long long element;	/* of an array, or -1: any */
	const char *type;	/* outermost struct, or NULL */
	const char *member;	/* path below type: "dwork", "tx.work" */
	bool ambiguous;		/* could be part of several larger structs */
	bool on_stack;
	bool is_confined;	/* only this unit can name it */
	const struct wq_item *next;	/* other alternatives */
};

/*
 * An event on queues or work items with its operands resolved. An event in
 * a helper whose operand is a parameter gives one use per call that reaches
 * it; context then says which.
 */
struct wq_use {
	const struct wq_event *event;
	const struct wq_context *context;	/* NULL: the event's own function */
	const struct wq_queue_alternative *queues;	/* NULL: no operand */
	const struct wq_item *items;			/* NULL: no operand */
};

/* What binds, queues and waits for one work item of a program. */
struct wq_work {
	const struct wq_item *item;	/* of the first use */
	const struct wq_use **uses;	/* of this very item, unit by unit */
	unsigned int nr_uses;
	const struct wq_function **handlers;	/* that INIT_WORK binds */
	unsigned int nr_handlers;
	bool foreign_handler;	/* bound to a function no unit defines */
	bool delayed;
	bool escapes;		/* its address goes where nobody can follow */
	bool is_confined;	/* no unit outside the program can name it */
	struct wq_answers *answers;	/* to what rules ask again and again */
};

struct wq_answers {
	bool knows_reason;
	const char *reason;	/* of wq_work_lets_go(), or NULL */
};

struct wq_program {
	struct wq_arena *arena;
	const struct wq_unit **units;
	unsigned int nr_units;
	const char *module;	/* name, or NULL */
	/*
	 * Every unit of the module is here. A single unit whose
	 * KBUILD_BASENAME is its KBUILD_MODNAME is a whole module (Kbuild:
	 * a composite object cannot contain a file of its own name); the
	 * command sets it when it has seen all units of a module.
	 */
	bool complete;
	struct wq_use *uses;
	unsigned int nr_uses;
	struct wq_work *works;
	unsigned int nr_works;
	struct wq_sources *sources;	/* borrowed; NULL: suggest no edits */
	struct wq_effort *effort;
	struct wq_own_queues *own_queues;	/* own-queue.c's own */
	struct wq_found *found;
	struct wq_index *index;	/* program.c's own */
};

/*
 * What a program may cost. Rules ask every use about every other; the largest
 * module of a kernel has 655 uses and takes an effort of 54000. What takes
 * more than this is nothing that a compiler made, and is not judged at all.
 */
#define WQ_MAX_USES		8192
#define WQ_MAX_STORES		65536
#define WQ_MAX_EFFORT		4000000	/* values and calls followed */

/* What is found when somebody asks, and then kept. */
struct wq_found {
	struct wq_may_wait *may_wait;	/* may-wait.c's own; NULL: not yet */
	const struct wq_unit **suspending;	/* teardown.c's own */
	unsigned int nr_suspending;
	bool knows_suspending;
};

struct wq_own_queues {
	struct wq_own_queue *list;
	unsigned int count;
	bool are_known;		/* somebody asked */
};

struct wq_effort {
	unsigned int left;
	bool too_large;		/* rules see nothing of the program */
};

/* Account for @count steps; false when there were too many. */
bool wq_program_spend(const struct wq_program *program, unsigned int count);

struct wq_program *wq_program_new(void);
void wq_program_free(struct wq_program *program);	/* NULL is fine */
void wq_program_add(struct wq_program *program, const struct wq_unit *unit);
void wq_program_link(struct wq_program *program);

/*
 * The name of the module that @unit belongs to: KBUILD_MODFILE, else
 * KBUILD_MODNAME, else its object, else its source. Never NULL.
 */
const char *wq_unit_module(const struct wq_unit *unit);

/* Do @a and @b belong to one module? An object can be of several. */
bool wq_units_share_module(const struct wq_unit *a, const struct wq_unit *b);

/*
 * Can the code of @unit go away: is it built as a module, and not one that
 * has an init function and, as far as all its units show, no exit function?
 */
bool wq_program_can_unload(const struct wq_program *program,
			   const struct wq_unit *unit);

/* Is @unit alone a whole module? See wq_program.complete. */
bool wq_unit_is_whole_module(const struct wq_unit *unit);

/*
 * The function that a name in @unit stands for: its own static one or the
 * program's; NULL when no unit of the program defines it.
 */
const struct wq_function *wq_program_function(const struct wq_program *program,
					      const struct wq_unit *unit,
					      const char *name);

/* All events of kind @kind, unit by unit; the count is stored in @count. */
const struct wq_event *const *wq_program_events(
	const struct wq_program *program, enum wq_event_kind kind,
	unsigned int *count);

/* The stores to the memory named @slot; the count is stored in @count. */
struct wq_store {
	const struct wq_event *event;
	const struct wq_context *context;
};
const struct wq_store *wq_program_stores(const struct wq_program *program,
					 const char *slot,
					 unsigned int *count);

/*
 * The one member "struct outer.member" that has type struct @tag; NULL when
 * there is none or more than one, which @count then tells.
 */
const struct wq_expr *wq_program_embedding(const struct wq_program *program,
					   const char *tag,
					   unsigned int *count);

/* The calls of @function by name; the count is stored in @count. */
const struct wq_event *const *wq_program_callers(
	const struct wq_program *program, const struct wq_function *function,
	unsigned int *count);

/*
 * Is struct @tag the program's own? One that a header elsewhere defines can
 * be known to other modules, such as the core that it belongs to.
 */
bool wq_type_is_own(const struct wq_program *program, const char *tag);

/* Can code that the program does not show call @function? */
bool wq_program_is_open(const struct wq_program *program,
			const struct wq_function *function);

#endif
