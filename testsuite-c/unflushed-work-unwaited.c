/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: types=unflushed-work */
/*
 * unflushed-work: an own queue that the module never waits for. Whatever is
 * wrong here, it is not that the wait misses the item on the shared queue.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, handler);
static DECLARE_WORK(shared_item, handler);

void ok_never_waited_for(void)
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

MODULE_LICENSE("GPL");
