/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_DEVICE_H
#define _LINUX_DEVICE_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>

struct module;
struct device;

struct dev_pm_ops {
	int (*suspend)(struct device *dev);
	int (*resume)(struct device *dev);
};

struct device_driver {
	const char *name;
	struct module *owner;
	const struct dev_pm_ops *pm;
};

struct device {
	struct device *parent;
	struct device_driver *driver;
	void *driver_data;
};

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

void *devm_kzalloc(struct device *dev, size_t size, gfp_t flags);
int devm_add_action(struct device *dev, void (*action)(void *), void *data);

static inline int devm_add_action_or_reset(struct device *dev,
					   void (*action)(void *), void *data)
{
	int err = devm_add_action(dev, action, data);

	if (err)
		action(data);
	return err;
}

__printf(2, 3) void _dev_info(const struct device *dev, const char *fmt, ...);
#define dev_info(dev, fmt, args...) _dev_info(dev, fmt, ##args)

#endif
