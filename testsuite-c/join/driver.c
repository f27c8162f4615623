/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus.h"

static struct bus_dev *dev;

static void driver_work(struct work_struct *work)
{
}

static int __init driver_init(void)
{
	dev = bus_dev_new();
	if (!dev)
		return -ENOMEM;
	INIT_WORK(&dev->ok_driver_work, driver_work);
	return 0;
}

static void __exit driver_exit(void)
{
	cancel_work_sync(&dev->ok_scan_work);
	cancel_work_sync(&dev->ok_driver_work);
	bus_dev_free(dev);
}

module_init(driver_init);
module_exit(driver_exit);
MODULE_LICENSE("GPL");
