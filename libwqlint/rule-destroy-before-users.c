/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * destroy-before-users: after destroy_workqueue(), on the same way, something
 * can still queue on the queue: a call, a timer, a work item with a delay, an
 * interrupt that is shut off only then.
 *
 * Not seen: what other threads do, and interrupts that devres frees.
 */
#include <string.h>

#include "own-queue.h"
#include "paths.h"
#include "rule.h"

extern const struct wq_rule wq_rule_destroy_before_users;

enum user_kind {
	USER_CALL,		/* queues there itself */
	USER_DELAYED,		/* an item whose timer may still queue it */
	USER_WORK,		/* an item of another queue, whose handler does */
	USER_TIMER,
	USER_INTERRUPT,
};

struct search {
	const struct wq_own_queue *queue;
	const struct wq_event *destroy;
	enum user_kind kind;
	const struct wq_event *later;	/* that uses it or shuts a user off */
	const struct wq_event *use;	/* that queues on it */
	const char *what;		/* the item or handler, or NULL */
};

static bool is_reset(const struct wq_event *event, void *data)
{
	const struct search *search = data;

	return wq_own_queue_is_set(search->queue, event);
}

static bool queues_on_it(const struct wq_event *event, void *data)
{
	struct search *search = data;

	if (event->kind != WQ_EVENT_QUEUE || !event->function ||
	    !wq_own_queue_is_value(search->queue, event->queue) ||
	    wq_own_queue_is_tested_by(search->queue, event))
		return false;
	search->use = event;
	return true;
}

/* In a function that is called: not under a condition that may forbid it. */
static bool surely_queues(const struct wq_event *event, void *data)
{
	return !event->nr_conditions && queues_on_it(event, data);
}

/* Is @use of @work, with a delay, on the queue? */
static bool is_delayed_there(const struct search *search,
			     const struct wq_use *use)
{
	const struct wq_event *event = use->event;

	return event->kind == WQ_EVENT_QUEUE && event->function &&
	       event->delay && event->delay->kind != WQ_EXPR_NULL &&
	       wq_own_queue_is_value(search->queue, event->queue);
}

struct stopping {
	const struct wq_program *program;
	const struct wq_work *work;
};

static bool stops_work(const struct wq_event *event, void *data)
{
	const struct stopping *stopping = data;
	unsigned int i;

	if (!wq_event_waits_for_work(event) &&
	    event->kind != WQ_EVENT_CANCEL_WORK &&
	    event->kind != WQ_EVENT_DISABLE_WORK)
		return false;
	for (i = 0; i < stopping->work->nr_uses; i++)
		if (stopping->work->uses[i]->event == event)
			return true;
	return false;
}

/* Is @work cancelled before the destroy, by the function or what it calls? */
static bool is_stopped_before(const struct search *search,
			      const struct wq_work *work)
{
	const struct wq_function *function = search->destroy->function;
	struct stopping stopping = { search->queue->program, work };
	unsigned int i;

	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event == search->destroy)
			break;
		if (stops_work(event, &stopping) ||
		    wq_walk_call_to_waits(stopping.program, event, stops_work,
					  &stopping))
			return true;
	}
	return false;
}

/* Can @work get onto the queue after the destroy, until it is cancelled? */
static bool work_comes_back(struct search *search, const struct wq_work *work)
{
	unsigned int i;
	bool elsewhere = true;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_use *use = work->uses[i];

		if (is_delayed_there(search, use)) {
			search->kind = USER_DELAYED;
			search->use = use->event;
			return true;
		}
		if (use->event->kind == WQ_EVENT_QUEUE &&
		    wq_own_queue_may_be(search->queue, use))
			elsewhere = false;
	}
	/* The destroy waited for those that are on the queue itself. */
	for (i = 0; elsewhere && i < work->nr_handlers; i++)
		if (wq_walk_events(search->queue->program, work->handlers[i],
				   queues_on_it, search)) {
			search->kind = USER_WORK;
			return true;
		}
	return false;
}

static bool cancels_user(struct search *search, const struct wq_event *event)
{
	const struct wq_program *program = search->queue->program;
	unsigned int i, j;

	if (event->kind != WQ_EVENT_CANCEL_WORK_SYNC &&
	    event->kind != WQ_EVENT_DISABLE_WORK_SYNC)
		return false;
	for (i = 0; i < program->nr_works; i++) {
		const struct wq_work *work = &program->works[i];

		for (j = 0; j < work->nr_uses; j++)
			if (work->uses[j]->event == event)
				break;
		if (j == work->nr_uses || is_stopped_before(search, work) ||
		    !work_comes_back(search, work))
			continue;
		search->what = work->item->name;
		return true;
	}
	return false;
}

/* kernel/time/timer.c, hrtimer.c, kernel/irq/manage.c */
static const char *const timer_ends[] = {
	"del_timer", "del_timer_sync", "hrtimer_cancel", "timer_delete",
	"timer_delete_sync", "timer_shutdown", "timer_shutdown_sync",
};
static const char *const interrupt_requests[] = {
	"request_any_context_irq", "request_irq", "request_threaded_irq",
};

static bool handler_queues(struct search *search, const struct wq_expr *arg)
{
	const struct wq_function *handler = arg->kind == WQ_EXPR_FUNC
		? wq_program_function(search->queue->program, arg->unit,
				      arg->name) : NULL;

	if (!handler || !wq_walk_events(search->queue->program, handler,
					queues_on_it, search))
		return false;
	search->what = handler->name;
	return true;
}

/* Does @event give timer @timer a handler that queues there? */
static bool binds_timer(struct search *search, const struct wq_event *event,
			const char *timer)
{
	const struct wq_expr *object = event->object;
	const char *slot;
	unsigned int i;

	if (event->kind == WQ_EVENT_STORE && object &&
	    object->kind == WQ_EXPR_FIELD && object->name &&
	    !strcmp(object->name, "function")) {
		slot = wq_resolve_slot(search->queue->program, object->base,
				       NULL);
		return slot && !strcmp(slot, timer) &&
		       handler_queues(search, event->value);
	}
	if (event->kind != WQ_EVENT_CALL || event->nr_args < 2)
		return false;
	slot = wq_resolve_slot(search->queue->program, event->args[0], NULL);
	for (i = 1; slot && !strcmp(slot, timer) && i < event->nr_args; i++)
		if (handler_queues(search, event->args[i]))
			return true;
	return false;
}

/* The slot of the timer that @event stops, or NULL. */
static const char *stopped_timer(const struct wq_program *program,
				 const struct wq_event *event)
{
	if (event->kind != WQ_EVENT_CALL || !event->nr_args ||
	    !WQ_IS_ONE_OF(event->callee, timer_ends))
		return NULL;
	return wq_resolve_slot(program, event->args[0], NULL);
}

struct timer_stop {
	const struct wq_program *program;
	const char *timer;
};

static bool stops_same(const struct wq_event *event, void *data)
{
	const struct timer_stop *stop = data;
	const char *timer = stopped_timer(stop->program, event);

	return timer && !strcmp(timer, stop->timer);
}

/* Is @timer stopped before the destroy, by the function or what it calls? */
static bool is_timer_stopped_before(const struct search *search,
				    const char *timer)
{
	const struct wq_function *function = search->destroy->function;
	struct timer_stop stop = { search->queue->program, timer };
	unsigned int i;

	for (i = 0; i < function->nr_events &&
	     function->events[i] != search->destroy; i++)
		if (stops_same(function->events[i], &stop) ||
		    wq_walk_call(stop.program, function->events[i], stops_same,
				 &stop))
			return true;
	return false;
}

static bool stops_timer(struct search *search, const struct wq_event *event)
{
	const struct wq_program *program = search->queue->program;
	const char *timer = stopped_timer(program, event);
	unsigned int i, j;

	if (!timer || is_timer_stopped_before(search, timer))
		return false;
	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++)
			if (binds_timer(search, program->units[i]->events[j],
					timer)) {
				search->kind = USER_TIMER;
				return true;
			}
	return false;
}

static bool is_free_irq(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_CALL && event->callee &&
	       !strcmp(event->callee, "free_irq");
}

/*
 * Which of several interrupts a free_irq() is about is not known: when one is
 * freed before the destroy, that may be the one. An error path of the
 * function that requests it may not have it.
 */
static bool may_be_off(const struct search *search,
		       const struct wq_event *request)
{
	const struct wq_function *function = search->destroy->function;
	unsigned int i;

	if (request->function == function)
		return true;
	for (i = 0; i < function->nr_events; i++)
		if (is_free_irq(function->events[i]) &&
		    function->events[i]->index < search->destroy->index)
			return true;
	return false;
}

static bool frees_interrupt(struct search *search,
			    const struct wq_event *event)
{
	const struct wq_program *program = search->queue->program;
	unsigned int i, j, k;

	if (!is_free_irq(event))
		return false;
	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++) {
			const struct wq_event *request =
				program->units[i]->events[j];

			if (request->kind != WQ_EVENT_CALL ||
			    !WQ_IS_ONE_OF(request->callee, interrupt_requests) ||
			    may_be_off(search, request))
				continue;
			for (k = 0; k < request->nr_args; k++)
				if (handler_queues(search, request->args[k])) {
					search->kind = USER_INTERRUPT;
					return true;
				}
		}
	return false;
}

/* The first thing after the destroy that shows that it came too early. */
static bool stops(const struct wq_event *event, void *data)
{
	struct search *search = data;
	const struct wq_program *program = search->queue->program;

	/* Round a loop: that is the queue of another object. */
	if (search->later || event->index < search->destroy->index)
		return true;
	if (is_reset(event, data) ||
	    wq_walk_call(program, event, is_reset, data))
		return true;
	if (queues_on_it(event, data) ||
	    wq_walk_call(program, event, surely_queues, data))
		search->kind = USER_CALL;
	else if (!cancels_user(search, event) && !stops_timer(search, event) &&
		 !frees_interrupt(search, event))
		return false;
	search->later = event;
	return true;
}

static bool is_result(const struct wq_expr *value, void *data)
{
	const struct search *search = data;

	return wq_own_queue_is_value(search->queue, value);
}

static void relate(struct wq_findings *findings, struct wq_finding *finding,
		   const struct search *search)
{
	const struct wq_event *later = search->later, *use = search->use;
	static const char *const texts[] = {
		[USER_CALL] = "%s() is called after that%s%s",
		[USER_DELAYED] = "%s() stops the timer of %s%s only here",
		[USER_WORK] = "%s() stops %s%s only here",
		[USER_TIMER] = "%s() stops the timer of %s%s only here",
		[USER_INTERRUPT] = "%s() shuts off %s%s only here",
	};

	wq_finding_relate(findings, finding, later->where,
			  later->function->name, texts[search->kind],
			  later->callee, search->what ? search->what : "",
			  search->kind >= USER_TIMER ? "()" : "");
	finding->nr_path = finding->nr_related;
	if (use != later)
		wq_finding_relate(findings, finding, use->where,
				  use->function->name,
				  "%s() here queues on it", use->callee);
}

static void report(struct wq_findings *findings, const struct search *search)
{
	const char *name = wq_own_queue_text(search->queue);
	const struct wq_event *destroy = search->destroy;
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_destroy_before_users,
				  destroy->where, "%s is destroyed here, and "
				  "%s can still queue on it", name,
				  search->kind == USER_CALL ? "what is called "
				  "later" : search->what);
	finding->function = wq_arena_copy(findings->arena,
					  destroy->function->name);
	finding->queue = wq_arena_copy(findings->arena, name);
	/* The device may be quiet by then. */
	if (search->kind == USER_INTERRUPT)
		finding->level = WQ_CHECK;
	relate(findings, finding, search);
	finding->suggestion.step = 5;
	finding->suggestion.text = wq_arena_printf(findings->arena,
		"Step 5: destroy it after %s() in %s()",
		search->later->callee, search->later->function->name);
}

static void check_destroy(const struct wq_own_queue *queue,
			  const struct wq_use *use,
			  struct wq_findings *findings)
{
	struct search search = { .queue = queue, .destroy = use->event };
	struct wq_paths paths = {
		.program = queue->program, .start = use->event,
		.began = WQ_BEGAN_ANY, .stops = stops,
		.is_result = is_result, .data = &search,
	};

	if (!use->event->function || use->context ||
	    wq_use_own_queue(use) != queue->alloc)
		return;
	wq_paths_follow(&paths);
	if (search.later && search.use)
		report(findings, &search);
}

static void check_queue(const struct wq_own_queue *queue, void *data)
{
	const struct wq_program *program = queue->program;
	unsigned int i;

	for (i = 0; queue->slot && i < program->nr_uses; i++)
		if (program->uses[i].event->kind == WQ_EVENT_DESTROY_QUEUE)
			check_destroy(queue, &program->uses[i], data);
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	wq_for_each_own_queue(program, check_queue, findings);
}

const struct wq_rule wq_rule_destroy_before_users = {
	.id = "destroy-before-users",
	.level = WQ_WARNING,
	.summary = "a workqueue that is destroyed before its last user",
	.why =
"destroy_workqueue() waits for what is on the queue and then frees it.\n"
"kernel/workqueue.c: \"Safely destroy a workqueue. All work currently pending\n"
"will be done first.\" A delayed work item whose timer is still running is not\n"
"on the queue yet; neither is what a timer, an interrupt handler or another\n"
"work item will queue. When they do, queue_work() works on freed memory.\n"
"Cancel and shut off all that can queue first, and destroy the queue last.\n",
	.limits =
"Looks at what follows destroy_workqueue() in the same function: a call that\n"
"queues on it (also by way of a core that calls back), cancel_*_sync() of a\n"
"delayed work item that is queued on it with a delay, or of an item of another\n"
"queue whose handler queues on it, and the end of a timer whose handler does;\n"
"all unless the item was cancelled before, too. Level CHECK (--strict): an\n"
"interrupt whose handler queues on it, and that is freed only then; the device\n"
"may be quiet by that time. Only queues whose pointer is kept in one place.\n",
	.wrong =
"destroy_workqueue(foo->wq);\n"
"cancel_delayed_work_sync(&foo->poll);\n",
	.right =
"cancel_delayed_work_sync(&foo->poll);\n"
"destroy_workqueue(foo->wq);\n",
	.check = check,
};
