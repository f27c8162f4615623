/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Three modules: a bus (bus.c, bus-teardown.c), a driver that uses it
 * (driver.c), and another that uses only its queue (stranger.c).
 */
#ifndef JOIN_BUS_H
#define JOIN_BUS_H

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct bus_dev {
	struct work_struct ok_scan_work;	/* the driver cancels it */
	struct work_struct bad_event_work;	/* nobody waits for it */
	struct work_struct ok_reset_work;	/* bus-teardown.c cancels it */
	struct work_struct ok_driver_work;	/* the driver initialises it */
};

struct bus_dev *bus_dev_new(void);
void bus_dev_event(struct bus_dev *dev);
void bus_dev_free(struct bus_dev *dev);
void bus_stop(struct work_struct *work);
void bus_quiesce(void);

extern struct workqueue_struct *bus_wq;

#endif
