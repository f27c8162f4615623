/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions that several rules ask of a program.
 */
#ifndef WQ_JUDGE_H
#define WQ_JUDGE_H

#include "program.h"

/* Which queues of the whole kernel a use may be about. */
struct wq_shared {
	const struct wq_queue_alternative *queue;	/* the first */
	const char *names;	/* "system_wq" or "system_wq or system_long_wq" */
	bool may;		/* it can also be another queue */
	bool guarded;		/* something decides, and it was not understood */
};

/*
 * Is @use's queue one that the kernel shares? Tests around the use that rule
 * a queue out are considered.
 */
bool wq_use_is_shared(const struct wq_program *program,
		      const struct wq_use *use, struct wq_shared *shared);

/* Is @use's queue for certain one that this program allocated? */
const struct wq_event *wq_use_own_queue(const struct wq_use *use);

/* May @use's queue be the one allocated at @alloc? */
bool wq_use_may_be_own(const struct wq_use *use, const struct wq_event *alloc);

/* Flush, drain or destroy: returns only after all work on a queue has run. */
bool wq_event_waits_for_queue(const struct wq_event *event);

/*
 * The use that waits for all work of the queue allocated at @alloc: flush,
 * drain or destroy; or NULL. When @alloc is NULL, of any own queue that the
 * module of @unit waits for. A managed queue is destroyed with its device:
 * *@managed is then set, when not NULL.
 */
const struct wq_use *wq_queue_waiter(const struct wq_program *program,
				     const struct wq_event *alloc,
				     const struct wq_unit *unit,
				     const struct wq_event **managed);

/* Does the module that binds @work's handler wait for a queue of its own? */
bool wq_work_module_waits(const struct wq_program *program,
			  const struct wq_work *work);

/*
 * As wq_queue_waiter() of any own queue, and the nearest to @work: a queue
 * in the same struct, else one at file scope, else any.
 */
const struct wq_use *wq_nearest_queue_waiter(const struct wq_program *program,
					     const struct wq_work *work);

/*
 * The use that waits for @work itself, or may: flush_work(),
 * cancel_work_sync() and the like; or NULL.
 */
const struct wq_use *wq_work_waiter(const struct wq_program *program,
				    const struct wq_work *work);

/* Another work item than @work that @event is about, or NULL. */
const struct wq_work *wq_work_beside(const struct wq_program *program,
				     const struct wq_work *work,
				     const struct wq_event *event);

/* The only variable of struct @type that can be named at @event, or NULL. */
const char *wq_event_variable(const struct wq_event *event, const char *type);

/* Is @work in the elements of an array, so that there are many of it? */
bool wq_work_is_in_array(const struct wq_work *work);

/* flush_work(), cancel_work_sync() and the like: waits for one item. */
bool wq_event_waits_for_work(const struct wq_event *event);

/* waits.c */

/* Is @function one of the handlers that are bound to @work? */
bool wq_work_is_handler(const struct wq_work *work,
			const struct wq_function *function);

/*
 * Is @work queued, and only ever on shared queues for certain? One that its
 * own handler alone queues is not: nothing starts it. The first
 * place (in source order) is stored in @first, what it may be in
 * @first_shared.
 */
bool wq_work_is_only_on_shared(const struct wq_program *program,
			       const struct wq_work *work,
			       const struct wq_use **first,
			       struct wq_shared *first_shared);

/* Could a queueing of an item that nobody can name be about @work? */
bool wq_work_may_be_queued_elsewhere(const struct wq_program *program,
				     const struct wq_work *work);

/*
 * A flush or drain of shared queue @queue in teardown, or NULL; with
 * @covers only one that waits for @work on every way out.
 */
const struct wq_use *wq_work_shared_flush(const struct wq_program *program,
					  const struct wq_work *work,
					  const char *queue, bool covers);

/*
 * Does @flush's function see to it, before @flush, that @work is pending on
 * no timer: cancels it, or queues it without delay?
 */
bool wq_work_is_hurried(const struct wq_work *work,
			const struct wq_event *flush);

/* How what a work item is in goes away; the higher, the better known. */
enum wq_end_kind {
	WQ_END_UNKNOWN,
	WQ_END_HANDLER,		/* freed by the item's handler */
	WQ_END_FREE,		/* freed somewhere: event */
	WQ_END_OWNER,		/* part of another object: event allocates */
	WQ_END_DEVICE,		/* device-managed: event allocates */
	WQ_END_TEARDOWN,	/* freed by teardown: event */
	WQ_END_MODULE,		/* static: with the module; function */
};

struct wq_end {
	enum wq_end_kind kind;
	const struct wq_event *event;
	const struct wq_function *function;
};

void wq_work_find_end(const struct wq_program *program,
		      const struct wq_work *work, struct wq_end *end);

/* Where the device-managed memory that @work is in comes from, or NULL. */
const struct wq_event *wq_work_managed_alloc(const struct wq_program *program,
					     const struct wq_work *work);

/*
 * A wait in teardown for another item of the same struct (of the same file
 * for items at file scope), or NULL: the place where @work's is missing.
 */
const struct wq_use *wq_work_waited_sibling(const struct wq_program *program,
					    const struct wq_work *work);

/* Through whom code outside the module gets to where an item is queued. */
struct wq_queuer {
	const struct wq_function *function;
	const struct wq_event *handed;	/* request_irq() and the like, or NULL */
	const char *role;		/* "net_device_ops.ndo_open", or NULL */
};

bool wq_use_find_queuer(const struct wq_program *program,
			const struct wq_use *use, struct wq_queuer *queuer);

/* requeue.c */

/*
 * A wait for a work item in a teardown function that comes too early: an
 * interrupt handler can queue it again.
 */
struct wq_requeue {
	const struct wq_event *wait;
	const struct wq_event *request;	/* of the interrupt */
	const struct wq_function *handler;	/* of the interrupt */
	const struct wq_event *freed;	/* free_irq(); NULL: by devres */
};

bool wq_work_find_requeue(const struct wq_program *program,
			  const struct wq_work *work,
			  struct wq_requeue *requeue);

/*
 * The request of a managed interrupt whose handler queues @work: devres frees
 * it after the remove function; or NULL.
 */
const struct wq_event *wq_work_managed_irq(const struct wq_program *program,
					   const struct wq_work *work);

/* The request of an interrupt whose handler queues @work, or NULL. */
const struct wq_event *wq_work_irq(const struct wq_program *program,
				   const struct wq_work *work);

/* free_irq(), disable_irq() and the like: its handler runs no more. */
bool wq_event_ends_irq(const struct wq_event *event);

/* failure.c */

/*
 * A way on which a work item was queued, and then a probe or init function
 * fails, or the object is freed, while nothing waits for the item.
 */
struct wq_failure {
	const struct wq_use *use;		/* that queues it */
	const struct wq_function *function;	/* that fails */
	const struct wq_event *failed;	/* the call that fails first */
	const struct wq_event *wait;	/* elsewhere; NULL: nowhere */
	bool is_guess;			/* other modules may free the object */
	struct wq_end end;
};

bool wq_work_find_failure(const struct wq_program *program,
			  const struct wq_work *work,
			  struct wq_failure *failure);

/* teardown.c */

/* Is @name, which may be NULL, one of the @count @names? */
bool wq_name_is_one_of(const char *name, const char *const *names,
		       size_t count);
#define WQ_IS_ONE_OF(name, names) \
	wq_name_is_one_of(name, names, sizeof(names) / sizeof(*(names)))

/* Is @word one of the words of @name that underscores part? */
bool wq_name_has_word(const char *name, const char *word);

/*
 * By its name: does a core let go with function @name of what it was given,
 * and perhaps call back for it?
 */
bool wq_is_core_teardown(const char *name);

/*
 * Can a core call @function, directly or not, at other times than when a
 * driver is unbound or a module unloaded?
 */
bool wq_function_is_called_back(const struct wq_program *program,
				const struct wq_function *function);

/*
 * Does @function run when the module or one of its devices goes away: is it
 * a teardown function, called by one, or does it destroy a queue or free a
 * struct @type (when that is not NULL) itself?
 */
bool wq_function_tears_down(const struct wq_program *program,
			    const struct wq_function *function,
			    const char *type);

/* Is @function the member @slot ("probe") of an ops table of any type? */
bool wq_function_has_slot(const struct wq_function *function, const char *slot);

/* Is @function itself a .remove, .disconnect or the like, or module_exit? */
bool wq_function_has_teardown_role(const struct wq_function *function);

/*
 * Can other modules get into @function: is it exported, or called by a
 * function that is?
 */
bool wq_function_is_exported(const struct wq_program *program,
			     const struct wq_function *function);

/*
 * Does @function run only when the system goes to sleep, wakes up or shuts
 * down? What it waits for is not waited for when a driver is unbound.
 */
bool wq_function_only_sleeps(const struct wq_program *program,
			     const struct wq_function *function);

/* may-wait.c */

/*
 * May @function, or what it calls, get to an event that waits for a queue or
 * a work item, or cancels one? Quick to say. False is certain; true may be
 * wrong.
 */
bool wq_function_may_wait(const struct wq_program *program,
			  const struct wq_function *function);

/* reach.c */

/* An event that a handler gets to, by calls that the program shows. */
struct wq_reach {
	const struct wq_event *event;
	const struct wq_context *context;	/* NULL: in the handler itself */
	bool always;	/* on every way through the handler */
};

typedef void (*wq_reach_fn)(const struct wq_reach *reach, void *data);

/*
 * Call @fn for each event that @handler reaches, up to a depth. Left out are
 * ways that a constant argument rules out, and functions that ask
 * current_work() which item they run for.
 */
void wq_for_each_reached(const struct wq_program *program,
			 const struct wq_function *handler, wq_reach_fn fn,
			 void *data);

/* Only those that wait for a queue or a work item. */
void wq_for_each_reached_wait(const struct wq_program *program,
			      const struct wq_function *handler,
			      wq_reach_fn fn, void *data);

/* Is @reach, in @work's @handler, for certain about the very item that runs? */
bool wq_reach_is_own_item(const struct wq_program *program,
			  const struct wq_work *work,
			  const struct wq_function *handler,
			  const struct wq_reach *reach);

/*
 * Is the queue of @reach for certain the same as that of @queued, which put
 * @work there?
 */
bool wq_reach_is_own_queue(const struct wq_program *program,
			   const struct wq_work *work,
			   const struct wq_function *handler,
			   const struct wq_reach *reach,
			   const struct wq_use *queued);

/* Relate the handler and the calls on the way to @reach. */
struct wq_findings;
struct wq_finding;
void wq_relate_reach(struct wq_findings *findings, struct wq_finding *finding,
		     const struct wq_function *handler,
		     const struct wq_reach *reach);

/* lifetime.c */

/*
 * Why teardown need not wait for @work's handler, in a few words, or NULL:
 * it drops a reference, signals what teardown waits for, and so on.
 */
const char *wq_work_lets_go(const struct wq_program *program,
			    const struct wq_work *work);

/*
 * May @work be judged from what the program shows: who binds its handler,
 * and everybody who could wait for it?
 */
bool wq_work_is_known(const struct wq_work *work);

/*
 * Call @fn for each event of @function and of what it calls, up to a depth,
 * until @fn returns true; returns whether it did.
 */
typedef bool (*wq_event_fn)(const struct wq_event *event, void *data);
bool wq_walk_events(const struct wq_program *program,
		    const struct wq_function *function, wq_event_fn fn,
		    void *data);

/*
 * The same for what @call calls: a function of the program, or one of a core
 * that calls back (core-edges.h).
 */
bool wq_walk_call(const struct wq_program *program,
		  const struct wq_event *call, wq_event_fn fn, void *data);

/*
 * The same, left out what cannot wait (wq_function_may_wait()): for an @fn
 * that is true only for events that wait for, or cancel, a queue or item.
 */
bool wq_walk_call_to_waits(const struct wq_program *program,
			   const struct wq_event *call, wq_event_fn fn,
			   void *data);

/* Does @work's handler wait for a queue, flush_workqueue() and the like? */
bool wq_work_flushes(const struct wq_program *program,
		     const struct wq_work *work);

/* Does @function, or what it calls, take the lock whose slot is @lock? */
bool wq_function_takes(const struct wq_program *program,
		       const struct wq_function *function, const char *lock);

/* locks.c */

/* A lock that is held where something waits, and that a handler takes. */
struct wq_contention {
	const char *lock;			/* for people */
	const struct wq_event *released;	/* after it; NULL: not seen */
};

/*
 * May a lock be held at @event, by its function, one that calls it, or the
 * core that does, that a handler of @work takes? A wait there may never end.
 */
bool wq_event_contends(const struct wq_program *program,
		       const struct wq_event *event,
		       const struct wq_work *work,
		       struct wq_contention *contention);

/*
 * Does a core call @function once per object or module, before all others: is
 * it a .probe or the like, or module_init?
 */
bool wq_function_sets_up(const struct wq_function *function);

/*
 * objections.c: why not to wait for @work, at all, at @event, or there because
 * of a lock; and why not to queue it where @own waits. Text in the program's
 * arena, or NULL when nothing is known that speaks against it.
 */
const char *wq_wait_objection(const struct wq_program *program,
			      const struct wq_work *work);
const char *wq_place_objection(const struct wq_program *program,
			       const struct wq_work *work,
			       const struct wq_event *event);
const char *wq_lock_objection(const struct wq_program *program,
			      const struct wq_work *work,
			      const struct wq_event *event);
const char *wq_queue_objection(const struct wq_program *program,
			       const struct wq_work *work,
			       const struct wq_use *own);

/*
 * bound.c: why a wait for @work may be one for an item without a handler; as
 * above.
 */
const char *wq_bind_objection(const struct wq_program *program,
			      const struct wq_work *work);

/* The one place where @work gets its handler, or NULL. */
const struct wq_event *wq_work_init(const struct wq_work *work);

/* Who allocates @work's object, and nowhere gets to wq_work_init(), or NULL. */
const struct wq_function *wq_work_unbound_alloc(const struct wq_program *program,
						const struct wq_work *work);

/*
 * Does @end end what began with the function that gives @work its handler, as
 * .remove() does of .probe()?
 */
bool wq_work_is_bound_by(const struct wq_program *program,
			 const struct wq_work *work,
			 const struct wq_function *end);

/* The variable or member that @use's own queue is in, for people. */
const char *wq_own_queue_name(const struct wq_program *program,
			      const struct wq_use *use);

/* Where @use's queue pointer is kept, or NULL. */
const struct wq_item *wq_queue_slot(const struct wq_program *program,
				    const struct wq_use *use);

/* Can @work be queued and wait for a timer, or for RCU, before it is on a queue? */
bool wq_work_has_delay(const struct wq_work *work);

/* The kernel's call that waits for @work: "flush_delayed_work" and the like. */
const char *wq_flush_call(const struct wq_work *work);

/* The call that stops it and waits; there is none for a struct rcu_work. */
const char *wq_cancel_call(const struct wq_work *work);

/* The source-order comparison of two places: <0, 0, >0. */
int wq_location_compare(const struct wq_location *a,
			const struct wq_location *b);

#endif
