/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: fixits */
/*
 * mixed-queues: the place that uses the shared queue is moved to the
 * module's own, here a variable of the file.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *fix_wq;

static void fix_handler(struct work_struct *work)
{
}

static DECLARE_WORK(fix_item, fix_handler);
static DECLARE_DELAYED_WORK(fix_delayed, fix_handler);
static DECLARE_WORK(fix_named, fix_handler);

void ok_own(void)
{
	queue_work(fix_wq, &fix_item);
	queue_delayed_work(fix_wq, &fix_delayed, 0);
	queue_work(fix_wq, &fix_named);
}

void bad_shared(void)
{
	schedule_work(&fix_item);	/* expect: mixed-queues */
}

/* A timer that nothing stops would outlive the queue: for a person. */
int bad_shared_result(void)
{
	return schedule_delayed_work(&fix_delayed, HZ);	/* expect: mixed-queues */
}

/* Which queue is meant stands in the call: for a person. */
void bad_named(void)
{
	queue_work(system_long_wq, &fix_named);	/* expect: mixed-queues */
}

static int __init ok_init(void)
{
	fix_wq = alloc_workqueue("fix", 0, 0);
	return fix_wq ? 0 : -ENOMEM;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	destroy_workqueue(fix_wq);
}
module_exit(ok_exit);
