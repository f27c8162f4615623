/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An imaginary lamp: switched by requests, blinking on its own queue.
 */
#ifndef WQLINT_LAMP_H
#define WQLINT_LAMP_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct lamp {
	struct work_struct switch_work;
	struct delayed_work blink_work;
	/* a name that looks like a shared queue, of the module's own */
	struct workqueue_struct *system_wq;
	bool lit;
};

int lamp_blink_init(struct lamp *lamp);
void lamp_blink_exit(struct lamp *lamp);
void lamp_blink_settle(struct lamp *lamp);

#endif
