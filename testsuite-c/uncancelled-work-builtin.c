/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flags: -UMODULE */
/*
 * uncancelled-work in built-in code: it stays for ever, and so do its static
 * work items. An object that teardown frees is another matter.
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

static DECLARE_WORK(ok_item, handler);

void ok_static_item(void)
{
	schedule_work(&ok_item);
}

struct bad_dev {
	struct work_struct work;
};

static int bad_probe(struct platform_device *pdev)
{
	struct bad_dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return -ENOMEM;
	INIT_WORK(&dev->work, handler);
	platform_set_drvdata(pdev, dev);
	schedule_work(&dev->work);		/* expect: uncancelled-work */
	return 0;
}

static int bad_remove(struct platform_device *pdev)
{
	struct bad_dev *dev = platform_get_drvdata(pdev);

	kfree(dev);
	return 0;
}

static struct platform_driver bad_driver = {
	.probe = bad_probe,
	.remove = bad_remove,
};

static int __init example_init(void)
{
	return platform_driver_register(&bad_driver);
}

module_init(example_init);
MODULE_LICENSE("GPL");
