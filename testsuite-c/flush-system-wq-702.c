/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flags: -DWQLINT_KERNEL=702 */
/*
 * flush-system-wq on 7.2: schedule_work() uses system_percpu_wq, system_wq
 * still exists, is another queue and is not named in the kernel's own
 * warning. An allocation in the source is two calls for the compiler.
 */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, handler);

void bad_new_queues(void)
{
	flush_workqueue(system_percpu_wq);	/* expect: flush-system-wq */
	flush_workqueue(system_dfl_wq);	/* expect: flush-system-wq */
	flush_workqueue(system_dfl_long_wq);	/* expect: flush-system-wq */
	flush_scheduled_work();	/* expect: flush-system-wq */
}

void bad_old_queues(void)
{
	flush_workqueue(system_wq);	/* expect: flush-system-wq */
	flush_workqueue(system_unbound_wq);	/* expect: flush-system-wq */
	flush_workqueue(system_bh_wq);	/* expect: flush-system-wq */
}

struct bad_dev {
	struct workqueue_struct *wq;
};

void bad_fall_back(struct bad_dev *dev)
{
	dev->wq = system_dfl_wq;
}

void bad_flush_fall_back(struct bad_dev *dev)
{
	flush_workqueue(dev->wq);	/* expect: flush-system-wq */
}

struct ok_dev {
	struct workqueue_struct *wq;
	struct workqueue_struct *ordered;
	struct work_struct work;
};

int ok_managed(struct platform_device *pdev, struct ok_dev *dev)
{
	dev->wq = devm_alloc_workqueue(&pdev->dev, "managed", WQ_PERCPU, 0);
	if (!dev->wq)
		return -ENOMEM;

	dev->ordered = devm_alloc_ordered_workqueue(&pdev->dev, "ordered", 0);
	if (!dev->ordered)
		return -ENOMEM;

	INIT_WORK(&dev->work, handler);
	queue_work(dev->wq, &dev->work);
	queue_work(dev->ordered, &dev->work);
	return 0;
}

void ok_flush_managed(struct ok_dev *dev)
{
	flush_workqueue(dev->wq);
	flush_workqueue(dev->ordered);
	cancel_work_sync(&dev->work);
}

void ok_own_queue(void)
{
	queue_work(own_wq, &own_item);
	flush_workqueue(own_wq);
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", WQ_PERCPU, 0);
	return own_wq ? 0 : -ENOMEM;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
