/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flags: -DWQLINT_KERNEL=510 */
/*
 * flush-system-wq on kernels up to 5.17: flush_workqueue() is a function and
 * flush_scheduled_work() an inline one, whose body in the header is not the
 * user's mistake.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, handler);

struct bad_dev {
	struct workqueue_struct *wq;
};

void bad_flush_scheduled(void)
{
	flush_scheduled_work();	/* expect: flush-system-wq */
}

void bad_flush_scheduled_again(int busy)
{
	if (busy)
		flush_scheduled_work();	/* expect: flush-system-wq */
}

void bad_direct(void)
{
	flush_workqueue(system_wq);	/* expect: flush-system-wq */
}

void bad_drain(void)
{
	drain_workqueue(system_long_wq);	/* expect: flush-system-wq */
}

void bad_store(struct bad_dev *dev)
{
	dev->wq = system_long_wq;
}

void bad_flush_stored(struct bad_dev *dev)
{
	flush_workqueue(dev->wq);	/* expect: flush-system-wq */
}

void ok_own_queue(void)
{
	queue_work(own_wq, &own_item);
	flush_workqueue(own_wq);
}

static int __init ok_init(void)
{
	own_wq = create_singlethread_workqueue("own");
	return own_wq ? 0 : -ENOMEM;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
