/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small driver to try wqlint on: a converter that raises an interrupt for
 * each finished conversion. It was moved from the shared workqueue to one of
 * its own, and two things were forgotten on the way. Run
 *
 *	./bootstrap lint
 *
 * from the top of wqlint's source tree to see them found.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

struct sample_dev {
	struct device *dev;
	unsigned int irq;
	unsigned int value;
	unsigned int nr_errors;
	struct mutex lock;

	struct workqueue_struct *wq;	/* owned by queue.c */
	struct work_struct convert;	/* on wq, queued by both files */
	struct delayed_work poll;	/* on wq, queues itself again */
	struct work_struct report;	/* meant for wq */
	struct work_struct reset;	/* on the shared queue, on purpose */
};

int sample_queue_start(struct sample_dev *sample);
void sample_queue_stop(struct sample_dev *sample);

#endif
