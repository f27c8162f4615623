/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus.h"

/* A helper in another file of the module that gets only the item. */
void bus_stop(struct work_struct *work)
{
	cancel_work_sync(work);
}

void bus_quiesce(void)
{
	flush_workqueue(system_long_wq);	/* expect: flush-system-wq */
}

void bus_dev_free(struct bus_dev *dev)
{
	bus_stop(&dev->ok_reset_work);
	kfree(dev);
}
EXPORT_SYMBOL_GPL(bus_dev_free);
