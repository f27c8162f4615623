/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unflushed-work: Step 4 forgotten for one work item. The module waits for
 * its own queue, this item is only ever queued on a shared one, and nothing
 * waits for the item before its memory or its code goes away.
 *
 * Judged only when everybody who could wait for the item is seen.
 */
#include <string.h>

#include "judge.h"
#include "resolve.h"
#include "rule.h"
#include "suggest.h"

extern const struct wq_rule wq_rule_unflushed_work;

/* Where the object with the item is freed, or NULL. */
static const struct wq_event *find_free(const struct wq_program *program,
					const struct wq_work *work)
{
	unsigned int i, j;

	for (i = 0; work->item->type && i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++) {
			const struct wq_event *event =
				program->units[i]->events[j];

			if (event->kind == WQ_EVENT_FREE && event->type &&
			    !strcmp(event->type, work->item->type))
				return event;
		}
	return NULL;
}

static void relate_places(const struct wq_program *program,
			  struct wq_findings *findings,
			  struct wq_finding *finding,
			  const struct wq_work *work,
			  const struct wq_use *waiter,
			  const struct wq_event *managed)
{
	const struct wq_event *freed = find_free(program, work);

	wq_finding_relate(findings, finding, work->handlers[0]->where,
			  work->handlers[0]->name, "%s() is its handler",
			  work->handlers[0]->name);
	if (waiter)
		wq_finding_relate(findings, finding, waiter->event->where,
				  waiter->event->function->name,
				  "%s() here waits for %s only",
				  waiter->event->callee,
				  wq_own_queue_name(program, waiter));
	else if (managed)
		wq_finding_relate(findings, finding, managed->where,
				  managed->function ? managed->function->name
						    : NULL,
				  "only this queue is waited for, when the "
				  "device goes away");
	if (freed)
		wq_finding_relate(findings, finding, freed->where,
				  freed->function ? freed->function->name
						  : NULL,
				  "the object it is in is freed here");
}

static void report(const struct wq_program *program,
		   struct wq_findings *findings, const struct wq_work *work,
		   const struct wq_use *use, const char *queue)
{
	const struct wq_event *event = use->event, *managed = NULL;
	const struct wq_use *waiter = wq_nearest_queue_waiter(program, work);
	const struct wq_use *flush = wq_work_shared_flush(program, work, queue, false);
	struct wq_finding *finding;

	if (!waiter)
		wq_queue_waiter(program, NULL, work->handlers[0]->unit,
				&managed);
	finding = wq_findings_add(findings, &wq_rule_unflushed_work,
				  event->where,
				  flush ? "%s is queued on %s, and only a "
					  "flush that can miss it waits for it"
					: "%s is queued on %s, and nothing "
					  "waits for it: the module waits "
					  "only for its own queue",
				  work->item->name, queue);
	finding->function = wq_arena_copy(findings->arena,
					  event->function->name);
	finding->queue = wq_arena_copy(findings->arena, queue);
	finding->work = wq_arena_copy(findings->arena, work->item->name);
	/* A reader must find out whether the other ways out need it. */
	if (flush && (!wq_work_has_delay(work) ||
		      wq_work_is_hurried(work, flush->event)))
		finding->level = WQ_CHECK;
	if (flush)
		wq_finding_relate(findings, finding, flush->event->where,
				  flush->event->function->name,
				  wq_work_has_delay(work) &&
				  !wq_work_is_hurried(work, flush->event)
				  ? "%s() here does not wait for its timer"
				  : "%s() here is not on every way out",
				  flush->event->callee);
	relate_places(program, findings, finding, work, waiter, managed);
	if (waiter)
		wq_suggest_own_queue(program, findings, finding, work, use,
				     waiter);
}

static void check_work(const struct wq_program *program,
		       struct wq_findings *findings,
		       const struct wq_work *work)
{
	const struct wq_use *first;
	struct wq_shared shared = { .queue = NULL };

	if (wq_work_is_known(work) && wq_work_module_waits(program, work) &&
	    wq_work_is_only_on_shared(program, work, &first, &shared) &&
	    !wq_work_may_be_queued_elsewhere(program, work) &&
	    !wq_work_waiter(program, work) &&
	    !wq_work_shared_flush(program, work, shared.queue->name, true) &&
	    !wq_work_lets_go(program, work))
		report(program, findings, work, first, shared.names);
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	unsigned int i;

	for (i = 0; i < program->nr_works; i++)
		check_work(program, findings, &program->works[i]);
}

const struct wq_rule wq_rule_unflushed_work = {
	.id = "unflushed-work",
	.level = WQ_WARNING,
	.summary = "a work item on a shared workqueue that nothing waits for",
	.why =
"The module was converted to its own workqueue and waits for that one only,\n"
"but this work item is still queued on a shared queue: an oversight in Step 4\n"
"of the announcement, \"Replace e.g. schedule_work() call with corresponding\n"
"queue_work() call throughout your module\". When the module unloads or the\n"
"object is freed, the item can still be pending or its handler running: a\n"
"use-after-free. \"Since an oversight in Step 4 results in breakage, I think\n"
"that this conversion should be carefully handled.\"\n",
	.limits =
"Judged only when everybody who could wait for the item is seen: an item that\n"
"other files can name needs the whole module (wqlint run), and an item whose\n"
"address is given away is not judged. Not reported: an item that anything\n"
"flushes or cancels synchronously, one whose handler is in another module,\n"
"drops a reference on its object, ends in module_put() or signals what another\n"
"function waits for, and one on a shared queue that is flushed (that is\n"
"flush-system-wq's). Modules without an own queue are not judged.\n",
	.wrong =
"schedule_work(&foo->work);\n"
"...\n"
"destroy_workqueue(foo->wq);\n"
"kfree(foo);\n",
	.right =
"schedule_work(&foo->work);\n"
"...\n"
"cancel_work_sync(&foo->work);\n"
"destroy_workqueue(foo->wq);\n"
"kfree(foo);\n",
	.check = check,
};
