/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mixed-queues: one work item is queued on the module's own queue in one
 * place and on a shared queue in another, so that the flush of the own queue
 * misses it.
 *
 * Both places must be about the same item for certain, and both queues must
 * be certain. A choice by configuration (the two places exclude each other)
 * is no defect. Level C where somebody waits for the item itself, or where
 * its handler flushes a queue and so cannot be on it.
 */
#include "judge.h"
#include "resolve.h"
#include "rule.h"
#include "suggest.h"

extern const struct wq_rule wq_rule_mixed_queues;

/* The initialisation of @item in the same function before @use, or NULL. */
static const struct wq_event *own_init(const struct wq_work *work,
				       const struct wq_use *use)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->kind == WQ_EVENT_INIT_WORK && event->function &&
		    event->function == use->event->function &&
		    event->index < use->event->index)
			return event;
	}
	return NULL;
}

/* Initialised anew before each: then it is another item each time. */
static bool separate_lives(const struct wq_work *work, const struct wq_use *a,
			   const struct wq_use *b)
{
	const struct wq_event *init_a = own_init(work, a);
	const struct wq_event *init_b = own_init(work, b);

	return init_a && init_b && init_a != init_b;
}

static bool exclude_each_other(const struct wq_program *program,
			       const struct wq_use *a, const struct wq_use *b)
{
	unsigned int i, j;

	for (i = 0; i < a->event->nr_conditions; i++)
		for (j = 0; j < b->event->nr_conditions; j++)
			if (wq_condition_contradicts(program,
						     &a->event->conditions[i],
						     &b->event->conditions[j]))
				return true;
	return false;
}

static bool same_item(const struct wq_use *a, const struct wq_use *b)
{
	return a->items && !a->items->next && b->items && !b->items->next &&
	       wq_item_same(a->items, b->items);
}

/* A use that queues @work on an own queue that is waited for, or NULL. */
static const struct wq_use *find_own(const struct wq_program *program,
				     const struct wq_work *work,
				     const struct wq_use *shared)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_use *use = work->uses[i];
		const struct wq_event *alloc, *managed = NULL;

		if (use->event->kind != WQ_EVENT_QUEUE ||
		    !same_item(use, shared) ||
		    exclude_each_other(program, use, shared) ||
		    separate_lives(work, use, shared))
			continue;
		alloc = wq_use_own_queue(use);
		if (alloc && (wq_queue_waiter(program, alloc, NULL, &managed) ||
			      managed))
			return use;
	}
	return NULL;
}

static void relate_places(const struct wq_program *program,
			  struct wq_findings *findings,
			  struct wq_finding *finding,
			  const struct wq_use *own)
{
	const struct wq_event *managed = NULL;
	const struct wq_use *waiter = wq_queue_waiter(program,
						      wq_use_own_queue(own),
						      NULL, &managed);

	wq_finding_relate(findings, finding, own->event->where,
			  own->event->function ? own->event->function->name
					       : NULL,
			  "queued on %s here", wq_own_queue_name(program, own));
	if (waiter)
		wq_finding_relate(findings, finding, waiter->event->where,
				  waiter->event->function->name,
				  "%s() here does not wait for %s",
				  waiter->event->callee, finding->queue);
}

static void report(const struct wq_program *program,
		   struct wq_findings *findings, const struct wq_work *work,
		   const struct wq_use *use, const struct wq_use *own,
		   const char *queue)
{
	const struct wq_event *event = use->event;
	const struct wq_use *waiter = wq_work_waiter(program, work);
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_mixed_queues, event->where,
				  "%s is queued on %s here and on %s "
				  "elsewhere, whose flush misses it",
				  work->item->name, queue,
				  wq_own_queue_name(program, own));
	finding->function = wq_arena_copy(findings->arena,
					  event->function->name);
	finding->queue = wq_arena_copy(findings->arena, queue);
	finding->work = wq_arena_copy(findings->arena, work->item->name);
	relate_places(program, findings, finding, own);
	if (waiter) {
		finding->level = WQ_CHECK;
		wq_finding_relate(findings, finding, waiter->event->where,
				  waiter->event->function
				  ? waiter->event->function->name : NULL,
				  "%s() here waits for the item itself",
				  waiter->event->callee);
	} else if (wq_work_flushes(program, work)) {
		finding->level = WQ_CHECK;
		wq_finding_relate(findings, finding,
				  work->handlers[0]->where,
				  work->handlers[0]->name,
				  "%s() waits for a queue, perhaps the reason",
				  work->handlers[0]->name);
		return;
	}
	wq_suggest_own_queue(program, findings, finding, work, use, own);
}

static void check_work(const struct wq_program *program,
		       struct wq_findings *findings,
		       const struct wq_work *work)
{
	unsigned int i;

	if (!wq_work_is_known(work) || work->nr_handlers > 1 ||
	    wq_work_lets_go(program, work))
		return;
	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_use *use = work->uses[i], *own;
		struct wq_shared shared;

		if (use->event->kind != WQ_EVENT_QUEUE ||
		    !use->event->function ||
		    !wq_use_is_shared(program, use, &shared) || shared.may)
			continue;
		own = find_own(program, work, use);
		if (own)
			report(program, findings, work, use, own, shared.names);
	}
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	unsigned int i;

	for (i = 0; i < program->nr_works; i++)
		check_work(program, findings, &program->works[i]);
}

const struct wq_rule wq_rule_mixed_queues = {
	.id = "mixed-queues",
	.level = WQ_WARNING,
	.summary = "one work item is queued on the own and on a shared workqueue",
	.why =
"flush_workqueue() and destroy_workqueue() wait for what is on that queue.\n"
"A work item that some places put on the module's own queue and others on\n"
"system_wq is missed by them whenever it is on the other one: Step 4 of the\n"
"announcement, \"Replace e.g. schedule_work() call with corresponding\n"
"queue_work() call throughout your module\", was done in some places only.\n"
"Its handler can then run after its memory or its code is gone.\n",
	.limits =
"Both places must name the same item and their queue for certain: an item\n"
"reached through a pointer of unknown origin, or a struct that is embedded in\n"
"several others, is not judged. An item that other files can name is judged\n"
"when all files of the module are seen (wqlint run). Not reported: a choice\n"
"by configuration, an item whose handler drops a reference or signals what\n"
"teardown waits for. With --strict (level CHECK): an item that somebody waits\n"
"for itself, and one whose handler flushes a queue.\n",
	.wrong =
"queue_work(foo->wq, &foo->work);\n"
"...\n"
"schedule_work(&foo->work);\n"
"...\n"
"destroy_workqueue(foo->wq);\n"
"kfree(foo);\n",
	.right =
"queue_work(foo->wq, &foo->work);\n"
"...\n"
"queue_work(foo->wq, &foo->work);\n"
"...\n"
"destroy_workqueue(foo->wq);\n"
"kfree(foo);\n",
	.check = check,
};
