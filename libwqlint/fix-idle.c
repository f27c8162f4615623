/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idle-queue: Step 4 was forgotten altogether, so the work items that are on
 * a shared queue and belong to the own one go there. A queue that has none is
 * for somebody to remove.
 */
#include <string.h>

#include "fix.h"
#include "own-queue.h"

struct idle {
	struct wq_fix *fix;
	struct wq_own_queue queue;
	const struct wq_use *waiter;	/* flush, drain or destroy */
};

static bool is_alloc(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_ALLOC_QUEUE;
}

static const struct wq_use *find_waiter(const struct idle *idle)
{
	const struct wq_program *program = idle->fix->fixer->program;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++)
		if (wq_event_waits_for_queue(program->uses[i].event) &&
		    program->uses[i].event->function &&
		    wq_use_may_be_own(&program->uses[i], idle->queue.alloc))
			return &program->uses[i];
	return NULL;
}

/* In the struct that has the queue, or beside it at file scope. */
static bool belongs(const struct idle *idle, const struct wq_work *work)
{
	const struct wq_item *slot = idle->queue.slot;

	if (!work->nr_handlers || !slot || !slot->type != !work->item->type)
		return false;
	if (slot->type)
		return !strcmp(slot->type, work->item->type);
	return work->handlers[0]->unit == idle->queue.alloc->function->unit;
}

static bool is_on_shared(const struct idle *idle, const struct wq_work *work)
{
	struct wq_shared shared;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++)
		if (work->uses[i]->event->kind == WQ_EVENT_QUEUE &&
		    wq_use_is_shared(idle->fix->fixer->program, work->uses[i],
				     &shared))
			return true;
	return false;
}

bool wq_fix_idle_queue(struct wq_fix *fix)
{
	const struct wq_program *program = fix->fixer->program;
	const struct wq_event *alloc = wq_fix_event(fix, is_alloc);
	struct idle idle = { .fix = fix };
	unsigned int i, count = 0;

	if (!alloc)
		return wq_fix_refuse(fix, "the allocation is not seen");
	wq_own_queue_find(&idle.queue, program, alloc);
	idle.waiter = find_waiter(&idle);
	if (!idle.waiter)
		return wq_fix_refuse(fix, "nobody waits for the queue");
	for (i = 0; i < program->nr_works; i++) {
		const struct wq_work *work = &program->works[i];

		if (!belongs(&idle, work) || !is_on_shared(&idle, work))
			continue;
		if (!wq_fix_queue(fix, work, idle.waiter))
			return false;
		count++;
	}
	if (!count)
		return wq_fix_refuse(fix, "no work item beside it is on a shared queue: remove %s, or see what it is for",
				     wq_own_queue_text(&idle.queue));
	fix->subject = wq_arena_printf(fix->fixer->arena, "Use %s",
				       wq_own_queue_text(&idle.queue));
	fix->text = wq_arena_printf(fix->fixer->arena,
		"Nothing is ever queued on %s, and %s() in %s() has nothing to "
		"wait for: the work items beside it are on a shared workqueue. "
		"Queue them on it.", wq_own_queue_text(&idle.queue),
		idle.waiter->event->callee, idle.waiter->event->function->name);
	return true;
}
