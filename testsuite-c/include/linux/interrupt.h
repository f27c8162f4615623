/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_INTERRUPT_H
#define _LINUX_INTERRUPT_H

#include <linux/device.h>

typedef enum {
	IRQ_NONE,
	IRQ_HANDLED,
	IRQ_WAKE_THREAD = 2,
} irqreturn_t;

typedef irqreturn_t (*irq_handler_t)(int irq, void *data);

int __must_check request_threaded_irq(unsigned int irq, irq_handler_t handler,
				      irq_handler_t thread, unsigned long flags,
				      const char *name, void *data);
int __must_check devm_request_threaded_irq(struct device *dev, unsigned int irq,
					   irq_handler_t handler,
					   irq_handler_t thread,
					   unsigned long flags,
					   const char *name, void *data);
const void *free_irq(unsigned int irq, void *data);

static inline int __must_check request_irq(unsigned int irq,
					   irq_handler_t handler,
					   unsigned long flags,
					   const char *name, void *data)
{
	return request_threaded_irq(irq, handler, NULL, flags, name, data);
}

static inline int __must_check devm_request_irq(struct device *dev,
						unsigned int irq,
						irq_handler_t handler,
						unsigned long flags,
						const char *name, void *data)
{
	return devm_request_threaded_irq(dev, irq, handler, NULL, flags, name,
					 data);
}

#endif
