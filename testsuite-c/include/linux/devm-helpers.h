/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_DEVM_HELPERS_H
#define _LINUX_DEVM_HELPERS_H

#include <linux/device.h>
#include <linux/workqueue.h>

static inline void devm_work_drop(void *work)
{
	cancel_work_sync(work);
}

static inline int devm_work_autocancel(struct device *dev,
				       struct work_struct *work,
				       work_func_t handler)
{
	INIT_WORK(work, handler);
	return devm_add_action(dev, devm_work_drop, work);
}

static inline void devm_delayed_work_drop(void *dwork)
{
	cancel_delayed_work_sync(dwork);
}

static inline int devm_delayed_work_autocancel(struct device *dev,
					       struct delayed_work *dwork,
					       work_func_t handler)
{
	INIT_DELAYED_WORK(dwork, handler);
	return devm_add_action(dev, devm_delayed_work_drop, dwork);
}

#endif
