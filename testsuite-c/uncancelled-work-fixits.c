/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: fixits */
/*
 * uncancelled-work: the wait goes next to that for a sibling, or in place of
 * the call that cancels without waiting.
 */
#include <linux/module.h>
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
	struct work_struct rx_work;
	struct delayed_work poll_work;
	struct delayed_work weak_work;
};

static int fix_probe(struct platform_device *pdev)
{
	struct fix_dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return -ENOMEM;
	INIT_WORK(&dev->tx_work, handler);
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

MODULE_LICENSE("GPL");
