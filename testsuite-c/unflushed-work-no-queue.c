/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unflushed-work: a module without a queue of its own never began the
 * conversion that this rule is about, so Step 4 cannot be forgotten here.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(item, handler);

void ok_no_own_queue(void)
{
	schedule_work(&item);
}

void ok_queue_of_the_caller(struct workqueue_struct *wq)
{
	flush_workqueue(wq);
}

MODULE_LICENSE("GPL");
