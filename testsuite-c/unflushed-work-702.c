/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flags: -DWQLINT_KERNEL=702 */
/*
 * unflushed-work on 7.2, where schedule_work() uses system_percpu_wq: a flush
 * of system_wq, which once was the same queue, covers nothing any more.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, handler);
static DECLARE_WORK(bad_item, handler);
static DECLARE_WORK(bad_mixed_item, handler);
static DECLARE_WORK(ok_item, handler);
static DECLARE_DELAYED_WORK(ok_delayed_item, handler);

void bad_wrong_twin_is_flushed(void)
{
	schedule_work(&bad_item);	/* expect: unflushed-work */
}

void bad_on_both(bool urgent)
{
	queue_work(own_wq, &bad_mixed_item);
	if (urgent)
		schedule_work(&bad_mixed_item);	/* expect: mixed-queues */
}

void ok_disabled_on_exit(void)
{
	queue_work(own_wq, &own_item);
	schedule_work(&ok_item);
	schedule_delayed_work(&ok_delayed_item, HZ);
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", WQ_PERCPU, 0);
	return own_wq ? 0 : -ENOMEM;
}
module_init(ok_init);

static void __exit bad_exit(void)
{
	flush_workqueue(system_wq);	/* expect: flush-system-wq */
	disable_work_sync(&ok_item);
	disable_delayed_work_sync(&ok_delayed_item);
	destroy_workqueue(own_wq);
}
module_exit(bad_exit);

MODULE_LICENSE("GPL");
