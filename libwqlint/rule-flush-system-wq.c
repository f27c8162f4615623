/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flush-system-wq: waits for work that other drivers queued.
 *
 * Every way in which a shared queue reaches the call counts: members,
 * parameters, return values, file-scope variables. Not reported: a queue
 * that a test around the call rules out, or that comes from where this
 * program cannot see.
 */
#include "judge.h"
#include "resolve.h"
#include "rule.h"
#include "suggest.h"

extern const struct wq_rule wq_rule_flush_system_wq;

static const char *step_text(const struct wq_program *program,
			     const struct wq_event *event, const char *name)
{
	const struct wq_item *slot;

	if (event->kind == WQ_EVENT_CALL)
		return wq_arena_printf(program->arena, "passed to %s() here",
				       event->callee);
	if (event->kind == WQ_EVENT_RETURN)
		return wq_arena_printf(program->arena, "returned by %s() here",
				       event->function->name);
	slot = wq_resolve_item(program, event->object, NULL);
	return wq_arena_printf(program->arena, "%s is stored in %s here", name,
			       slot && slot->name ? slot->name : "a variable");
}

/* Stored here, passed here, flushed here. */
static void relate_steps(const struct wq_program *program,
			 struct wq_findings *findings,
			 struct wq_finding *finding,
			 const struct wq_queue_alternative *queue,
			 const struct wq_event *flush)
{
	const struct wq_step *step;

	for (step = queue->steps; step; step = step->next)
		wq_finding_relate(findings, finding, step->event->where,
				  step->event->function
				  ? step->event->function->name : NULL, "%s",
				  step_text(program, step->event, queue->name));
	if (!queue->steps)
		return;
	wq_finding_relate(findings, finding, flush->where,
			  flush->function->name, "%s here",
			  flush->kind == WQ_EVENT_DRAIN_QUEUE ? "drained"
							      : "flushed");
	finding->nr_path = finding->nr_related;
}

static const char *held_lock(const struct wq_program *program,
			     const struct wq_event *event)
{
	const struct wq_item *lock;

	if (!event->nr_held)
		return NULL;
	lock = wq_resolve_item(program, event->held[0], NULL);
	return lock ? lock->name : NULL;
}

static void report(const struct wq_program *program,
		   struct wq_findings *findings, const struct wq_use *use,
		   const struct wq_shared *shared)
{
	const struct wq_event *event = use->event;
	const char *lock = held_lock(program, event);
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_flush_system_wq,
				  event->where,
				  "%s() %s for all work that the kernel has on "
				  "%s, and can deadlock%s%s%s",
				  event->callee, shared->may ? "may wait"
							     : "waits",
				  shared->names, lock ? "; " : "",
				  lock ? lock : "", lock ? " is held here" : "");
	finding->function = wq_arena_copy(findings->arena,
					  event->function->name);
	finding->queue = wq_arena_copy(findings->arena, shared->names);
	relate_steps(program, findings, finding, shared->queue, event);
	wq_suggest_for_flush(program, findings, finding, use,
			     shared->queue->name);
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	struct wq_shared shared;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if ((use->event->kind == WQ_EVENT_FLUSH_QUEUE ||
		     use->event->kind == WQ_EVENT_DRAIN_QUEUE) &&
		    use->event->function &&
		    wq_use_is_shared(program, use, &shared) &&
		    !(shared.may && shared.guarded))
			report(program, findings, use, &shared);
	}
}

const struct wq_rule wq_rule_flush_system_wq = {
	.id = "flush-system-wq",
	.level = WQ_WARNING,
	.summary = "flushes or drains a workqueue that the whole kernel shares",
	.why =
"A flush of system_wq and its siblings waits for the work of strangers. When\n"
"any of that work needs a lock that the caller holds, or when the caller runs\n"
"in a work handler itself, the kernel deadlocks. include/linux/workqueue.h:\n"
"\"It's very easy to get into trouble if you don't take great care. Either of\n"
"the following situations will lead to deadlock: One of the work items\n"
"currently on the workqueue needs to acquire a lock held by your code or its\n"
"caller. Your code is running in the context of a work routine.\" and:\n"
"\"Please stop calling this function! A conversion to stop flushing\n"
"system-wide workqueues is in progress.\" The kernel's own compile-time\n"
"warning sees only a literal queue name; this rule follows the queue through\n"
"variables, members, parameters and return values.\n",
	.limits =
"A queue that comes from another module, through the address of a variable\n"
"passed to a function that is called by pointer, or as an integer, is not\n"
"followed. A flush is not reported where a test around it in its function\n"
"rules the shared queue out (wq != system_wq), or where the queue may be\n"
"another and any test decides whether it is flushed.\n"
"Waiting for one work item on a shared queue is the recommended way and is\n"
"never reported. Static functions that nothing calls are not compiled and\n"
"not seen.\n",
	.wrong =
"static void foo_remove(struct foo *foo)\n"
"{\n"
"	flush_scheduled_work();\n"
"	kfree(foo);\n"
"}\n",
	.right =
"static void foo_remove(struct foo *foo)\n"
"{\n"
"	cancel_work_sync(&foo->work);\n"
"	kfree(foo);\n"
"}\n",
	.check = check,
};
