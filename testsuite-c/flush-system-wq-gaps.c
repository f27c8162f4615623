/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flush-system-wq: shapes that are known and not followed yet.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

/* Through a function that is called by pointer */

struct sync_ops {
	void (*sync)(struct workqueue_struct *wq);
};

static void sync_all(struct workqueue_struct *wq)
{
	flush_workqueue(wq);	/* expect-missed: flush-system-wq */
}

const struct sync_ops sync_ops = {
	.sync = sync_all,
};

void bad_call_by_pointer(const struct sync_ops *ops)
{
	ops->sync(system_wq);
}

/* As a number */

void bad_integer(unsigned long *slot)
{
	slot[0] = (unsigned long)system_wq;
}

void bad_integer_back(unsigned long *slot)
{
	flush_workqueue((struct workqueue_struct *)slot[0]);	/* expect-missed: flush-system-wq */
}

MODULE_LICENSE("GPL");
