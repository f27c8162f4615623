/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unflushed-work: the module waits for all of the same shared queue before
 * it goes. The item is covered; how is the business of flush-system-wq.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, handler);
static DECLARE_WORK(shared_item, handler);

void ok_waited_for_with_all_others(void)
{
	queue_work(own_wq, &own_item);
	schedule_work(&shared_item);
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	return own_wq ? 0 : -ENOMEM;
}
module_init(ok_init);

static void __exit bad_exit(void)
{
	flush_scheduled_work();	/* expect: flush-system-wq */
	destroy_workqueue(own_wq);
}
module_exit(bad_exit);

MODULE_LICENSE("GPL");
