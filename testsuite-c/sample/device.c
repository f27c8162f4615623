/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The device side of the sample driver: probe, remove, suspend, interrupt.
 *
 * Two mistakes are here to be found, both marked with "Wrong".
 */
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "sample.h"

static irqreturn_t sample_irq(int irq, void *data)
{
	struct sample_dev *sample = data;

	queue_work(sample->wq, &sample->convert);

	/*
	 * Wrong: this call was overlooked when the driver got its own queue
	 * (Step 4 of the conversion). sample_queue_stop() waits for
	 * sample->wq, but nothing waits for "report", which may still run
	 * when sample_remove() frees the memory it lives in.
	 */
	schedule_work(&sample->report);
	return IRQ_HANDLED;
}

static void sample_reset(struct work_struct *work)
{
	struct sample_dev *sample = container_of(work, struct sample_dev,
						 reset);

	mutex_lock(&sample->lock);
	sample->nr_errors++;
	sample->value = 0;
	mutex_unlock(&sample->lock);
}

static int sample_suspend(struct device *dev)
{
	struct sample_dev *sample = dev_get_drvdata(dev);

	cancel_delayed_work_sync(&sample->poll);

	/*
	 * Wrong: this waits for the work of every driver in the system, and
	 * deadlocks when one of them needs a lock that the caller holds. Only
	 * "reset" is meant: flush_work(&sample->reset) waits for that alone.
	 */
	flush_scheduled_work();
	return 0;
}

static int sample_resume(struct device *dev)
{
	struct sample_dev *sample = dev_get_drvdata(dev);

	/* Right: a shared queue, and sample_remove() cancels the work item. */
	schedule_work(&sample->reset);
	queue_delayed_work(sample->wq, &sample->poll, HZ);
	return 0;
}

static int sample_probe(struct platform_device *pdev)
{
	struct sample_dev *sample;
	int irq, err;

	irq = platform_get_irq(pdev, 0);
	if (irq < 0)
		return irq;

	sample = kzalloc(sizeof(*sample), GFP_KERNEL);
	if (!sample)
		return -ENOMEM;

	sample->dev = &pdev->dev;
	sample->irq = irq;
	mutex_init(&sample->lock);
	INIT_WORK(&sample->reset, sample_reset);
	platform_set_drvdata(pdev, sample);

	err = sample_queue_start(sample);
	if (err)
		goto free_sample;

	err = request_irq(sample->irq, sample_irq, 0, "sample", sample);
	if (err)
		goto stop_queue;
	return 0;

stop_queue:
	sample_queue_stop(sample);
free_sample:
	kfree(sample);
	return err;
}

static int sample_remove(struct platform_device *pdev)
{
	struct sample_dev *sample = platform_get_drvdata(pdev);

	free_irq(sample->irq, sample);
	cancel_work_sync(&sample->reset);
	sample_queue_stop(sample);
	kfree(sample);
	return 0;
}

static const struct dev_pm_ops sample_pm_ops = {
	.suspend = sample_suspend,
	.resume = sample_resume,
};

static struct platform_driver sample_driver = {
	.probe = sample_probe,
	.remove = sample_remove,
	.driver = {
		.name = "sample",
		.pm = &sample_pm_ops,
	},
};
module_platform_driver(sample_driver);

MODULE_DESCRIPTION("Sample of workqueue mistakes and of how to do it right");
MODULE_LICENSE("GPL");
