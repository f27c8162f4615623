/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Of which programs need the units be seen that do not name the API? Such a
 * unit has no wait, so it cannot show that an item is waited for. It can show
 * that an object goes away, and what the callers of a helper hand to it: a
 * work item, or a queue. So a program stays one about which no rule has
 * anything to say when no rule has now, and of each item it is known which it
 * is, and that it is waited for, is put on a queue of the module, or lets its
 * object go itself; an item of which others than the module could know is
 * never judged.
 */
#include "cli.h"
#include "judge.h"

/* Does nobody know which item @use is about? */
static bool is_unknown(const struct wq_use *use)
{
	const struct wq_item *item;

	for (item = use->items; item; item = item->next)
		if (!item->key)
			return true;
	return !use->items;
}

/* Is @use's queue a shared one, or one that a caller could make shared? */
static bool may_be_shared(const struct wq_program *program,
			  const struct wq_use *use)
{
	const struct wq_queue_alternative *queue;
	struct wq_shared shared;

	for (queue = use->queues; queue; queue = queue->next)
		if (queue->kind == WQ_QUEUE_UNKNOWN)
			return true;
	return wq_use_is_shared(program, use, &shared);
}

/* Is @work queued, and on no queue that is another one for certain? */
static bool may_be_only_on_shared(const struct wq_program *program,
				  const struct wq_work *work)
{
	bool is_queued = false;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		if (work->uses[i]->event->kind != WQ_EVENT_QUEUE)
			continue;
		is_queued = true;
		if (!may_be_shared(program, work->uses[i]))
			return false;
	}
	return is_queued;
}

bool wq_use_is_settled(const struct wq_use *use)
{
	return use->event->kind != WQ_EVENT_QUEUE || !is_unknown(use);
}

bool wq_work_is_settled(const struct wq_program *program,
			const struct wq_work *work)
{
	return !wq_work_is_known(work) ||
	       !may_be_only_on_shared(program, work) ||
	       wq_work_waiter(program, work) ||
	       wq_work_lets_go(program, work);
}

bool wq_program_is_settled(const struct wq_program *program)
{
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++)
		if (!wq_use_is_settled(&program->uses[i]))
			return false;
	for (i = 0; i < program->nr_works; i++)
		if (!wq_work_is_settled(program, &program->works[i]))
			return false;
	return true;
}
