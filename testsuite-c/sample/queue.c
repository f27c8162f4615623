/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The workqueue of the sample driver and the work items that run on it.
 *
 * Nothing in this file is wrong. What is wrong is what device.c does with
 * the work item "report": only the two files together show it.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/workqueue.h>

#include "sample.h"

#define POLL_INTERVAL msecs_to_jiffies(500)

static void sample_convert(struct work_struct *work)
{
	struct sample_dev *sample = container_of(work, struct sample_dev,
						 convert);

	mutex_lock(&sample->lock);
	sample->value++;
	mutex_unlock(&sample->lock);
}

static void sample_poll(struct work_struct *work)
{
	struct sample_dev *sample = container_of(to_delayed_work(work),
						 struct sample_dev, poll);

	queue_work(sample->wq, &sample->convert);
	queue_delayed_work(sample->wq, &sample->poll, POLL_INTERVAL);
}

static void sample_report(struct work_struct *work)
{
	struct sample_dev *sample = container_of(work, struct sample_dev,
						 report);

	mutex_lock(&sample->lock);
	dev_info(sample->dev, "%u conversions, %u errors\n", sample->value,
		 sample->nr_errors);
	mutex_unlock(&sample->lock);
}

int sample_queue_start(struct sample_dev *sample)
{
	sample->wq = alloc_workqueue("sample", 0, 0);
	if (!sample->wq)
		return -ENOMEM;

	INIT_WORK(&sample->convert, sample_convert);
	INIT_WORK(&sample->report, sample_report);
	INIT_DELAYED_WORK(&sample->poll, sample_poll);
	queue_delayed_work(sample->wq, &sample->poll, POLL_INTERVAL);
	return 0;
}

/*
 * Destroying the queue waits for everything that is queued on it. It does
 * not wait for a delayed work item whose timer still runs, so "poll" is
 * cancelled first.
 */
void sample_queue_stop(struct sample_dev *sample)
{
	cancel_delayed_work_sync(&sample->poll);
	destroy_workqueue(sample->wq);
}
