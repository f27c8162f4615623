/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idle-queue: the module allocates a queue of its own and waits for it or
 * destroys it, and nothing is ever queued on it: Step 4 forgotten altogether,
 * or a queue that nobody needs any more.
 *
 * Only a queue of which every use is seen: its pointer is kept where the
 * module alone can read it, and is given to nobody.
 */
#include "own-queue.h"
#include "rule.h"

extern const struct wq_rule wq_rule_idle_queue;

struct search {
	const struct wq_program *program;
	struct wq_own_queue queue;
	const struct wq_use *waiter;	/* flush, drain or destroy */
};

static bool is_idle(struct search *search)
{
	const struct wq_program *program = search->program;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (use->event->kind == WQ_EVENT_QUEUE &&
		    wq_own_queue_may_be(&search->queue, use))
			return false;
		if (!search->waiter && wq_event_waits_for_queue(use->event) &&
		    wq_use_may_be_own(use, search->queue.alloc))
			search->waiter = use;
	}
	if (wq_own_queue_is_given_away(&search->queue))
		return false;
	return search->waiter || search->queue.alloc->managed;
}

/* A use that queues on a shared queue: perhaps what was forgotten. */
static const struct wq_use *first_shared(const struct wq_program *program)
{
	const struct wq_use *first = NULL;
	struct wq_shared shared;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (use->event->kind == WQ_EVENT_QUEUE &&
		    wq_use_is_shared(program, use, &shared) &&
		    (!first || wq_location_compare(&use->event->where,
						   &first->event->where) < 0))
			first = use;
	}
	return first;
}

static void report(const struct search *search, struct wq_findings *findings)
{
	const struct wq_use *shared = first_shared(search->program);
	const struct wq_event *alloc = search->queue.alloc;
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_idle_queue, alloc->where,
				  "nothing is ever queued on %s, which is "
				  "allocated here", search->queue.slot->name);
	finding->function = wq_arena_copy(findings->arena,
					  alloc->function->name);
	finding->queue = wq_arena_copy(findings->arena, search->queue.slot->name);
	if (search->waiter)
		wq_finding_relate(findings, finding,
				  search->waiter->event->where,
				  search->waiter->event->function->name,
				  "%s() here has nothing to wait for",
				  search->waiter->event->callee);
	if (shared)
		wq_finding_relate(findings, finding, shared->event->where,
				  shared->event->function->name,
				  "the module queues on a shared queue here");
	finding->suggestion.step = shared ? 4 : -1;
	finding->suggestion.text = shared
		? "Step 4: queue the module's work items on it, or remove it"
		: "remove it, or use it";
}

static void check_queue(const struct wq_own_queue *queue, void *data)
{
	struct search search = { queue->program, *queue, NULL };

	if (queue->slot && wq_own_queue_is_private(queue) && is_idle(&search))
		report(&search, data);
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	wq_for_each_own_queue(program, check_queue, findings);
}

const struct wq_rule wq_rule_idle_queue = {
	.id = "idle-queue",
	.level = WQ_WARNING,
	.summary = "an own workqueue on which nothing is ever queued",
	.why =
"A module that allocates its own queue, flushes it and queues nothing on it\n"
"waits for nothing: its work items are still on a shared queue. Step 4 of the\n"
"announcement, \"Replace e.g. schedule_work() call with corresponding\n"
"queue_work() call throughout your module\", was forgotten altogether, or the\n"
"queue's last user is gone and it only costs memory (and a thread, with\n"
"WQ_MEM_RECLAIM).\n",
	.limits =
"Only queues of which every use is seen: the pointer is in a static variable\n"
"or in a struct of the module, all units of the module are there, and it is\n"
"never passed on, returned or kept in a second place. Exported queues, and\n"
"those handed to a core, are not judged.\n",
	.wrong =
"foo_wq = alloc_workqueue(\"foo\", 0, 0);\n"
"...\n"
"schedule_work(&foo->work);\n"
"...\n"
"destroy_workqueue(foo_wq);\n",
	.right =
"foo_wq = alloc_workqueue(\"foo\", 0, 0);\n"
"...\n"
"queue_work(foo_wq, &foo->work);\n"
"...\n"
"destroy_workqueue(foo_wq);\n",
	.check = check,
};
