/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * delayed-not-covered: a delayed work item is put on a queue of the module's
 * own, and only the flush or destruction of that queue waits for it. That
 * waits for what is on the queue; an item whose timer still runs is not yet.
 *
 * One that is on a shared queue is unflushed-work's, uncancelled-work's or,
 * when on both, mixed-queues'.
 */
#include <string.h>

#include "address.h"
#include "judge.h"
#include "rule.h"
#include "suggest.h"

extern const struct wq_rule wq_rule_delayed_not_covered;

static const char *function_name(const struct wq_event *event)
{
	return event->function ? event->function->name : NULL;
}

/* Can the delay of @use be other than 0? */
static bool is_late(const struct wq_program *program, const struct wq_use *use)
{
	const struct wq_expr *delay = use->event->delay;
	const struct wq_context *context = use->context;

	while (delay && delay->kind == WQ_EXPR_PARAM && context) {
		delay = wq_argument_of(program, delay, context);
		context = context->up;
	}
	return delay && delay->kind != WQ_EXPR_NULL;
}

/* The first use that puts @work on an own queue after a delay, or NULL. */
static const struct wq_use *find_late(const struct wq_program *program,
				      const struct wq_work *work)
{
	const struct wq_use *first = NULL;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_use *use = work->uses[i];

		if (use->event->kind != WQ_EVENT_QUEUE ||
		    !use->event->function || !is_late(program, use) ||
		    !wq_use_own_queue(use))
			continue;
		if (!first || wq_location_compare(&use->event->where,
						  &first->event->where) < 0)
			first = use;
	}
	return first;
}

/* Is it on a shared queue as well? Then mixed-queues says so. */
static bool is_mixed(const struct wq_program *program,
		     const struct wq_work *work)
{
	struct wq_shared shared;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++)
		if (work->uses[i]->event->kind == WQ_EVENT_QUEUE &&
		    wq_use_is_shared(program, work->uses[i], &shared) &&
		    !shared.may)
			return true;
	return false;
}

static bool is_handler(const struct wq_program *program,
		       const struct wq_function *function)
{
	unsigned int i;

	for (i = 0; i < program->nr_works; i++)
		if (wq_work_is_handler(&program->works[i], function))
			return true;
	return false;
}

/* Is @function a handler, or a part of handlers and of nothing else? */
static bool runs_in_handlers(const struct wq_program *program,
			     const struct wq_function *function)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (is_handler(program, function))
		return true;
	if (wq_program_is_open(program, function))
		return false;
	callers = wq_program_callers(program, function, &count);
	for (i = 0; i < count; i++)
		if (!callers[i]->function ||
		    !is_handler(program, callers[i]->function))
			return false;
	return count;
}

/*
 * Do only handlers put @work off, and not always? Then it tries again, and
 * who waits for the end of that may do so by other means.
 */
static bool only_retries(const struct wq_program *program,
			 const struct wq_work *work)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->kind != WQ_EVENT_QUEUE || !event->function ||
		    !is_late(program, work->uses[i]))
			continue;
		if (event->always ||
		    !runs_in_handlers(program, event->function))
			return false;
	}
	return true;
}

/* flush_work(&dw->work) and cancel_work_sync(&dw->work) leave the timer. */
static bool leaves_timer(const struct wq_use *use, const struct wq_work *work)
{
	return !use->event->delayed && use->items && !use->items->next &&
	       wq_item_same(use->items, work->item);
}

/* Does @event stop a timer, or make it end at once? */
static bool hurries(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_CANCEL_WORK ||
	       event->kind == WQ_EVENT_DISABLE_WORK ||
	       (event->kind == WQ_EVENT_QUEUE && event->callee &&
		!strncmp(event->callee, "mod_delayed_work",
			 strlen("mod_delayed_work")) &&
		event->delay && event->delay->kind == WQ_EXPR_NULL);
}

/*
 * Is there anything that ends the timer of @work, or may, but for sleep? The
 * call that leaves it running is stored in @weak.
 */
static bool is_covered(const struct wq_program *program,
		       const struct wq_work *work, const struct wq_use **weak)
{
	const struct wq_item *item;
	unsigned int i;

	*weak = NULL;
	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];
		bool waits = wq_event_waits_for_work(use->event);

		if (!use->event->function ||
		    (!waits && !hurries(use->event)) ||
		    wq_function_only_sleeps(program, use->event->function))
			continue;
		for (item = use->items; item; item = item->next)
			if (wq_item_may_alias(item, work->item))
				break;
		if (!item)
			continue;
		if (!leaves_timer(use, work))
			return true;
		*weak = use;
	}
	return false;
}

/* Flush, drain or destroy of the queue allocated at @alloc in teardown. */
static const struct wq_use *find_waiter(const struct wq_program *program,
					const struct wq_work *work,
					const struct wq_event *alloc)
{
	const struct wq_use *found = NULL;
	int rank, best = -1;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];
		const struct wq_event *event = use->event;

		if (!wq_event_waits_for_queue(event) || !event->function ||
		    event->function == alloc->function ||
		    event->function->section == WQ_INIT_TEXT ||
		    !wq_use_may_be_own(use, alloc) ||
		    !wq_function_tears_down(program, event->function,
					    work->item->type) ||
		    wq_function_only_sleeps(program, event->function))
			continue;
		rank = 2 * (event->kind == WQ_EVENT_DESTROY_QUEUE) +
		       wq_function_has_teardown_role(event->function);
		if (rank > best) {
			best = rank;
			found = use;
		}
	}
	return found;
}

static void report(const struct wq_program *program,
		   struct wq_findings *findings, const struct wq_work *work,
		   const struct wq_use *late, const struct wq_use *waiter,
		   const struct wq_use *weak)
{
	const char *queue = wq_own_queue_name(program, late);
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_delayed_not_covered,
				  late->event->where,
				  "%s is queued on %s with a delay, and %s() "
				  "does not wait for its timer",
				  work->item->name, queue,
				  weak ? weak->event->callee :
				  waiter ? waiter->event->callee
					 : "destroy_workqueue");
	if (only_retries(program, work))
		finding->level = WQ_CHECK;
	finding->function = wq_arena_copy(findings->arena,
					  late->event->function->name);
	finding->queue = wq_arena_copy(findings->arena, queue);
	finding->work = wq_arena_copy(findings->arena, work->item->name);
	wq_finding_relate(findings, finding, work->handlers[0]->where,
			  work->handlers[0]->name, "%s() is its handler",
			  work->handlers[0]->name);
	if (weak)
		wq_finding_relate(findings, finding, weak->event->where,
				  function_name(weak->event),
				  "%s() here leaves a running timer alone",
				  weak->event->callee);
	if (waiter)
		wq_finding_relate(findings, finding, waiter->event->where,
				  function_name(waiter->event),
				  waiter->event->kind == WQ_EVENT_DESTROY_QUEUE
				  ? "%s() here: the timer then queues it on a "
				    "queue that is gone"
				  : "%s() here waits only for what is on the "
				    "queue", waiter->event->callee);
	wq_suggest_delayed(program, findings, finding, work, waiter);
}

static void check_work(const struct wq_program *program,
		       struct wq_findings *findings,
		       const struct wq_work *work)
{
	const struct wq_use *late, *waiter, *weak;
	const struct wq_event *alloc;

	if (!work->delayed || !wq_work_is_known(work) ||
	    is_mixed(program, work))
		return;
	late = find_late(program, work);
	if (!late)
		return;
	alloc = wq_use_own_queue(late);
	waiter = find_waiter(program, work, alloc);
	if ((waiter || alloc->managed) &&
	    !is_covered(program, work, &weak) &&
	    !wq_work_lets_go(program, work))
		report(program, findings, work, late, waiter, weak);
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	unsigned int i;

	for (i = 0; i < program->nr_works; i++)
		check_work(program, findings, &program->works[i]);
}

const struct wq_rule wq_rule_delayed_not_covered = {
	.id = "delayed-not-covered",
	.level = WQ_WARNING,
	.summary = "a delayed work item that only the flush of a queue waits for",
	.why =
"queue_delayed_work() starts a timer; the item is on the queue only when that\n"
"has expired. flush_workqueue() \"sleeps until all work items which were queued on\n"
"entry have finished execution\", drain_workqueue() \"until the workqueue becomes\n"
"empty\", and destroy_workqueue() drains (kernel/workqueue.c): none of them knows\n"
"of a timer that still runs. It expires later and puts the item on a queue that\n"
"was freed, or runs a handler on an object that was.\n",
	.limits =
"Judged for items on a queue that the module allocated, when every unit of the\n"
"module is seen and no other module can name the item. Not reported: an item that\n"
"cancel_delayed_work_sync() or flush_delayed_work() is called for anywhere but in\n"
"suspend, also cancel_delayed_work() and mod_delayed_work(wq, w, 0), as a flush\n"
"then waits for the handler; an item whose handler drops a reference or signals\n"
"what teardown waits for. flush_work() and cancel_work_sync() of the work_struct\n"
"in it leave the timer and do not count. Level CHECK (--strict): an item that\n"
"only handlers put off, on some ways: they try again. Items on shared queues are\n"
"uncancelled-work's, unflushed-work's or, when on both, mixed-queues'.\n",
	.wrong =
"queue_delayed_work(foo->wq, &foo->poll, HZ);\n"
"...\n"
"destroy_workqueue(foo->wq);\n"
"kfree(foo);\n",
	.right =
"queue_delayed_work(foo->wq, &foo->poll, HZ);\n"
"...\n"
"cancel_delayed_work_sync(&foo->poll);\n"
"destroy_workqueue(foo->wq);\n"
"kfree(foo);\n",
	.check = check,
};
