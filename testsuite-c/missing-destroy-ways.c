/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * missing-destroy: ways out in the styles that functions have. What becomes
 * of each is in tests/fix-queues.sh.
 */
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

int start_hardware(void *data);
int enable_hardware(void *data);
void stop_hardware(void *data);

static void do_nothing(struct work_struct *work)
{
}

/* Labels: the new one is between what came before and what came after. */

struct bad_labels {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static int bad_labels_probe(struct platform_device *pdev)
{
	struct bad_labels *labels;
	int ret;

	labels = kzalloc(sizeof(*labels), GFP_KERNEL);
	if (!labels)
		return -ENOMEM;
	INIT_WORK(&labels->work, do_nothing);

	labels->wq = alloc_workqueue("labels", 0, 0);	/* expect: missing-destroy */
	if (!labels->wq) {
		ret = -ENOMEM;
		goto err_free;
	}

	ret = start_hardware(labels);
	if (ret)
		goto err_free;

	ret = enable_hardware(labels);
	if (ret)
		goto err_stop;

	queue_work(labels->wq, &labels->work);
	platform_set_drvdata(pdev, labels);
	return 0;

err_stop:
	stop_hardware(labels);

err_free:
	kfree(labels);
	return ret;
}

static int bad_labels_remove(struct platform_device *pdev)
{
	struct bad_labels *labels = platform_get_drvdata(pdev);

	destroy_workqueue(labels->wq);
	kfree(labels);
	return 0;
}

static struct platform_driver bad_labels_driver = {
	.probe = bad_labels_probe,
	.remove = bad_labels_remove,
};

/* All that fails falls through the place: no label is needed. */

struct bad_through {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static int bad_through_probe(struct platform_device *pdev)
{
	struct bad_through *through;
	int ret = -ENOMEM;

	through = kzalloc(sizeof(*through), GFP_KERNEL);
	if (!through)
		return -ENOMEM;
	INIT_WORK(&through->work, do_nothing);

	through->wq = alloc_workqueue("through", 0, 0);	/* expect: missing-destroy */
	if (!through->wq)
		goto out_free;

	start_hardware(through);
	ret = enable_hardware(through);
	if (ret)
		goto out_stop;

	queue_work(through->wq, &through->work);
	platform_set_drvdata(pdev, through);
	return 0;

out_stop:
	stop_hardware(through);
out_free:
	kfree(through);
	return ret;
}

static int bad_through_remove(struct platform_device *pdev)
{
	struct bad_through *through = platform_get_drvdata(pdev);

	destroy_workqueue(through->wq);
	kfree(through);
	return 0;
}

static struct platform_driver bad_through_driver = {
	.probe = bad_through_probe,
	.remove = bad_through_remove,
};

/* Many returns that are alike share a label. */

static struct workqueue_struct *bad_many_wq;
static DECLARE_WORK(bad_many_work, do_nothing);

static int bad_many_probe(struct platform_device *pdev)
{
	int ret;

	bad_many_wq = alloc_workqueue("many", 0, 0);	/* expect: missing-destroy */
	if (!bad_many_wq)
		return -ENOMEM;

	ret = start_hardware(pdev);
	if (ret)
		return ret;
	ret = enable_hardware(pdev);
	if (ret)
		return ret;
	ret = start_hardware(NULL);
	if (ret)
		return ret;

	queue_work(bad_many_wq, &bad_many_work);
	return 0;
}

static int bad_many_remove(struct platform_device *pdev)
{
	destroy_workqueue(bad_many_wq);
	return 0;
}

static struct platform_driver bad_many_driver = {
	.probe = bad_many_probe,
	.remove = bad_many_remove,
};

/* What a call returns decides; a helper destroys it. */

static struct workqueue_struct *bad_call_wq;
static DECLARE_WORK(bad_call_work, do_nothing);

static int bad_call_setup(void)
{
	bad_call_wq = alloc_workqueue("call", 0, 0);	/* expect: missing-destroy */
	if (!bad_call_wq)
		return -ENOMEM;
	queue_work(bad_call_wq, &bad_call_work);
	return 0;
}

static void bad_call_cleanup(void)
{
	cancel_work_sync(&bad_call_work);
	destroy_workqueue(bad_call_wq);
}

static int bad_call_probe(struct platform_device *pdev)
{
	int ret = bad_call_setup();

	if (ret)
		return ret;
	ret = start_hardware(pdev);
	if (ret)
		return ret;
	return enable_hardware(pdev);
}

static int bad_call_remove(struct platform_device *pdev)
{
	bad_call_cleanup();
	return 0;
}

static struct platform_driver bad_call_driver = {
	.probe = bad_call_probe,
	.remove = bad_call_remove,
};

/* The interrupt is there before the queue: it would queue on what is gone. */

struct bad_irq {
	struct workqueue_struct *wq;
	struct work_struct work;
	int irq;
};

static irqreturn_t bad_irq_handler(int irq, void *data)
{
	struct bad_irq *b = data;

	queue_work(b->wq, &b->work);
	return IRQ_HANDLED;
}

static int bad_irq_probe(struct platform_device *pdev)
{
	struct bad_irq *b = devm_kzalloc(&pdev->dev, sizeof(*b), GFP_KERNEL);
	int ret;

	if (!b)
		return -ENOMEM;
	INIT_WORK(&b->work, do_nothing);
	ret = devm_request_irq(&pdev->dev, b->irq, bad_irq_handler, 0, "irq", b);
	if (ret)
		return ret;
	b->wq = alloc_workqueue("irq", 0, 0);	/* expect: missing-destroy */
	if (!b->wq)
		return -ENOMEM;
	ret = start_hardware(b);
	if (ret)
		return ret;
	platform_set_drvdata(pdev, b);
	return 0;
}

static int bad_irq_remove(struct platform_device *pdev)
{
	struct bad_irq *b = platform_get_drvdata(pdev);

	destroy_workqueue(b->wq);
	return 0;
}

static struct platform_driver bad_irq_driver = {
	.probe = bad_irq_probe,
	.remove = bad_irq_remove,
};

/* One label for all, in the order of nothing. */

struct ok_one {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static int ok_one_probe(struct platform_device *pdev)
{
	struct ok_one *one = kzalloc(sizeof(*one), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!one)
		return -ENOMEM;
	INIT_WORK(&one->work, do_nothing);
	one->wq = alloc_workqueue("one", 0, 0);
	if (!one->wq)
		goto err;
	ret = start_hardware(one);
	if (ret)
		goto err;
	queue_work(one->wq, &one->work);
	platform_set_drvdata(pdev, one);
	return 0;
err:
	if (one->wq)
		destroy_workqueue(one->wq);
	kfree(one);
	return ret;
}

static int ok_one_remove(struct platform_device *pdev)
{
	struct ok_one *one = platform_get_drvdata(pdev);

	destroy_workqueue(one->wq);
	kfree(one);
	return 0;
}

static struct platform_driver ok_one_driver = {
	.probe = ok_one_probe,
	.remove = ok_one_remove,
};

static int ways_init(void)
{
	bad_labels_driver.probe(NULL);
	bad_through_driver.probe(NULL);
	bad_many_driver.probe(NULL);
	bad_call_driver.probe(NULL);
	bad_irq_driver.probe(NULL);
	return ok_one_driver.probe(NULL);
}
module_init(ways_init);

static void ways_exit(void)
{
}
module_exit(ways_exit);
