/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Look-alikes: everything here waits for the module's own queue.
 */
#include "lamp.h"

static void lamp_blink(struct work_struct *work)
{
	struct lamp *lamp = container_of(to_delayed_work(work), struct lamp,
					 blink_work);

	lamp->lit = !lamp->lit;
	queue_delayed_work(lamp->system_wq, &lamp->blink_work, HZ);
}

/* A name alone makes no flush of a shared queue. */
static noinline void lamp_flush_scheduled_work(struct workqueue_struct *queue)
{
	flush_workqueue(queue);
}

int lamp_blink_init(struct lamp *lamp)
{
	lamp->system_wq = alloc_workqueue("lamp", 0, 0);
	if (!lamp->system_wq)
		return -ENOMEM;
	INIT_DELAYED_WORK(&lamp->blink_work, lamp_blink);
	queue_delayed_work(lamp->system_wq, &lamp->blink_work, HZ);
	return 0;
}

void lamp_blink_settle(struct lamp *lamp)
{
	flush_workqueue(lamp->system_wq);
	lamp_flush_scheduled_work(lamp->system_wq);
}

void lamp_blink_exit(struct lamp *lamp)
{
	cancel_delayed_work_sync(&lamp->blink_work);
	destroy_workqueue(lamp->system_wq);
}
