/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: fixits */
/*
 * uncancelled-work: the wait goes next to that for a sibling, or in place of
 * the call that cancels without waiting.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

void touch_hardware(void);

static void handler(struct work_struct *work)
{
	touch_hardware();
}

struct fix_dev {
	struct work_struct tx_work;
	struct work_struct after_tx_work;
	struct work_struct rx_work;
	struct delayed_work poll_work;
	struct delayed_work weak_work;
};

/* What queues another is waited for first. */
static void tx_handler(struct work_struct *work)
{
	struct fix_dev *dev = container_of(work, struct fix_dev, tx_work);

	schedule_work(&dev->after_tx_work);		/* expect: uncancelled-work */
}

static int fix_probe(struct platform_device *pdev)
{
	struct fix_dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return -ENOMEM;
	INIT_WORK(&dev->tx_work, tx_handler);
	INIT_WORK(&dev->after_tx_work, handler);
	INIT_WORK(&dev->rx_work, handler);
	INIT_DELAYED_WORK(&dev->poll_work, handler);
	INIT_DELAYED_WORK(&dev->weak_work, handler);
	platform_set_drvdata(pdev, dev);
	schedule_work(&dev->tx_work);
	schedule_work(&dev->rx_work);			/* expect: uncancelled-work */
	schedule_delayed_work(&dev->weak_work, HZ);	/* expect: uncancelled-work */
	return 0;
}

static int fix_remove(struct platform_device *pdev)
{
	struct fix_dev *dev = platform_get_drvdata(pdev);

	cancel_delayed_work(&dev->weak_work);
	cancel_work_sync(&dev->tx_work);
	kfree(dev);
	return 0;
}

static struct platform_driver fix_driver = {
	.probe = fix_probe,
	.remove = fix_remove,
};
module_platform_driver(fix_driver);

/* A wait for what takes the lock that the caller holds: for a person. */

struct lock_dev {
	struct mutex lock;
	struct delayed_work locked;
};

static void lock_handler(struct work_struct *work)
{
	struct lock_dev *dev = container_of(work, struct lock_dev, locked.work);

	mutex_lock(&dev->lock);
	touch_hardware();
	mutex_unlock(&dev->lock);
}

static int lock_probe(struct platform_device *pdev)
{
	struct lock_dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return -ENOMEM;
	INIT_DELAYED_WORK(&dev->locked, lock_handler);
	platform_set_drvdata(pdev, dev);
	schedule_delayed_work(&dev->locked, HZ);	/* expect: uncancelled-work */
	return 0;
}

static noinline void lock_stop(struct lock_dev *dev)
{
	cancel_delayed_work(&dev->locked);
}

static int lock_remove(struct platform_device *pdev)
{
	struct lock_dev *dev = platform_get_drvdata(pdev);

	mutex_lock(&dev->lock);
	lock_stop(dev);
	mutex_unlock(&dev->lock);
	kfree(dev);
	return 0;
}

struct platform_driver lock_driver = {
	.probe = lock_probe,
	.remove = lock_remove,
};

MODULE_LICENSE("GPL");
