/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_PLATFORM_DEVICE_H
#define _LINUX_PLATFORM_DEVICE_H

#include <linux/device.h>
#include <linux/module.h>

#ifndef WQLINT_KERNEL
#define WQLINT_KERNEL 601
#endif

struct platform_device {
	const char *name;
	int id;
	struct device dev;
};

struct platform_driver {
	int (*probe)(struct platform_device *pdev);
#if WQLINT_KERNEL < 612
	int (*remove)(struct platform_device *pdev);
#else
	void (*remove)(struct platform_device *pdev);
#endif
	void (*shutdown)(struct platform_device *pdev);
	struct device_driver driver;
};

int __platform_driver_register(struct platform_driver *driver,
			       struct module *owner);
void platform_driver_unregister(struct platform_driver *driver);
int platform_get_irq(struct platform_device *pdev, unsigned int index);

static inline void *platform_get_drvdata(const struct platform_device *pdev)
{
	return dev_get_drvdata(&pdev->dev);
}

static inline void platform_set_drvdata(struct platform_device *pdev,
					void *data)
{
	dev_set_drvdata(&pdev->dev, data);
}

#define platform_driver_register(driver)				\
	__platform_driver_register(driver, THIS_MODULE)

#define module_platform_driver(drv)					\
	static int __init drv##_init(void)				\
	{								\
		return platform_driver_register(&drv);			\
	}								\
	module_init(drv##_init);					\
	static void __exit drv##_exit(void)				\
	{								\
		platform_driver_unregister(&drv);			\
	}								\
	module_exit(drv##_exit)

#endif
