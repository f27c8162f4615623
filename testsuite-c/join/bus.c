/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus.h"

void touch_hardware(void);

struct workqueue_struct *bus_wq;
EXPORT_SYMBOL_GPL(bus_wq);

static void bus_work(struct work_struct *work)
{
	touch_hardware();
}

struct bus_dev *bus_dev_new(void)
{
	struct bus_dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	INIT_WORK(&dev->ok_scan_work, bus_work);
	INIT_WORK(&dev->bad_event_work, bus_work);
	INIT_WORK(&dev->ok_reset_work, bus_work);
	return dev;
}
EXPORT_SYMBOL_GPL(bus_dev_new);

void bus_dev_event(struct bus_dev *dev)
{
	schedule_work(&dev->ok_scan_work);
	schedule_work(&dev->bad_event_work);	/* expect: unflushed-work */
	schedule_work(&dev->ok_reset_work);
	schedule_work(&dev->ok_driver_work);
}
EXPORT_SYMBOL_GPL(bus_dev_event);

/* bus-teardown.c flushes the queue that this is on. */
static DECLARE_WORK(ok_quiesced, bus_work);

void bus_rescan(void)
{
	queue_work(system_long_wq, &ok_quiesced);
}
EXPORT_SYMBOL_GPL(bus_rescan);

static int __init bus_init(void)
{
	bus_wq = alloc_workqueue("bus", 0, 0);
	return bus_wq ? 0 : -ENOMEM;
}

static void __exit bus_exit(void)
{
	bus_quiesce();
	destroy_workqueue(bus_wq);
}

module_init(bus_init);
module_exit(bus_exit);
MODULE_LICENSE("GPL");
