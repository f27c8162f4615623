/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: fixits */
/*
 * flush-system-wq: no change is offered where the module queues work items
 * that have no name here, or may have none to wait for.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

/* Whose item is it? Removing the flush would not wait for it. */
void ok_queue_any(struct work_struct *work)
{
	schedule_work(work);
}

void bad_somebodys_item(void)
{
	flush_scheduled_work();	/* expect: flush-system-wq */
}

/* The item is known, but perhaps there is no object at the time. */
struct lamp {
	struct work_struct work;
};

static struct lamp *the_lamp;

static void lamp_work(struct work_struct *work)
{
}

void ok_set_lamp(struct lamp *lamp)
{
	INIT_WORK(&lamp->work, lamp_work);
	the_lamp = lamp;
}

void ok_switch(void)
{
	if (the_lamp)
		queue_work(system_long_wq, &the_lamp->work);
}

void bad_lamp_may_be_off(void)
{
	flush_workqueue(system_long_wq);	/* expect: flush-system-wq */
}

MODULE_LICENSE("GPL");
