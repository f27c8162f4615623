/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unflushed-work: flushes of shared queues that do not cover the item,
 * because it is on another queue, its timer may be pending, or the flush
 * happens only sometimes.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;
static bool debug;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, handler);
static DECLARE_WORK(long_item, handler);
static DECLARE_WORK(freezable_item, handler);
static DECLARE_DELAYED_WORK(delayed_item, handler);
static DECLARE_DELAYED_WORK(hurried_item, handler);
static DECLARE_DELAYED_WORK(stopped_item, handler);

void bad_other_queue(void)
{
	queue_work(own_wq, &own_item);
	queue_work(system_long_wq, &long_item);	/* expect: unflushed-work */
}

/* Its timer is forced, or stopped, before the flush. */
void ok_no_timer(void)
{
	schedule_delayed_work(&hurried_item, HZ);
	schedule_delayed_work(&stopped_item, HZ);
}

void bad_pending_timer(void)
{
	schedule_delayed_work(&delayed_item, HZ);	/* expect: unflushed-work */
}

/* Level CHECK: whether the other ways out need it is for a reader to say. */
void ok_sometimes(void)
{
	queue_work(system_freezable_wq, &freezable_item);
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	return own_wq ? 0 : -ENOMEM;
}
module_init(ok_init);

static void __exit bad_exit(void)
{
	mod_delayed_work(system_wq, &hurried_item, 0);
	cancel_delayed_work(&stopped_item);
	flush_scheduled_work();	/* expect: flush-system-wq */
	if (debug)
		flush_workqueue(system_freezable_wq);	/* expect: flush-system-wq */
	destroy_workqueue(own_wq);
}
module_exit(bad_exit);

void bad_set_debug(bool on)
{
	debug = on;
}

MODULE_LICENSE("GPL");
