/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: strict */
/*
 * uncancelled-work, level CHECK: waits that come before the interrupt that
 * queues the item is freed, and objects whose end is not seen.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

void touch_hardware(void);
void disable_irq(unsigned int irq);

static void handler(struct work_struct *work)
{
	touch_hardware();
}

/* The interrupt goes with the device, after remove(). */

struct bad_managed {
	struct work_struct work;
};

static irqreturn_t bad_managed_irq(int irq, void *data)
{
	struct bad_managed *bad = data;

	schedule_work(&bad->work);
	return IRQ_HANDLED;
}

static int bad_managed_probe(struct platform_device *pdev)
{
	struct bad_managed *bad = devm_kzalloc(&pdev->dev, sizeof(*bad),
					       GFP_KERNEL);

	if (!bad)
		return -ENOMEM;
	INIT_WORK(&bad->work, handler);
	platform_set_drvdata(pdev, bad);
	return devm_request_irq(&pdev->dev, 1, bad_managed_irq, 0, "bad", bad);
}

static int bad_managed_remove(struct platform_device *pdev)
{
	struct bad_managed *bad = platform_get_drvdata(pdev);

	cancel_work_sync(&bad->work);		/* expect: uncancelled-work */
	return 0;
}

static struct platform_driver bad_managed_driver = {
	.probe = bad_managed_probe,
	.remove = bad_managed_remove,
};

/* Freed by hand, after the wait. */

struct bad_order {
	struct work_struct work;
};

static irqreturn_t bad_order_irq(int irq, void *data)
{
	struct bad_order *bad = data;

	schedule_work(&bad->work);
	return IRQ_HANDLED;
}

static int bad_order_probe(struct platform_device *pdev)
{
	struct bad_order *bad = kzalloc(sizeof(*bad), GFP_KERNEL);

	if (!bad)
		return -ENOMEM;
	INIT_WORK(&bad->work, handler);
	platform_set_drvdata(pdev, bad);
	return request_irq(2, bad_order_irq, 0, "bad", bad);
}

static int bad_order_remove(struct platform_device *pdev)
{
	struct bad_order *bad = platform_get_drvdata(pdev);

	cancel_work_sync(&bad->work);		/* expect: uncancelled-work */
	free_irq(2, bad);
	kfree(bad);
	return 0;
}

static struct platform_driver bad_order_driver = {
	.probe = bad_order_probe,
	.remove = bad_order_remove,
};

/* In the right order; and one that is disabled before. */

struct ok_order {
	struct work_struct work;
	struct work_struct managed_work;
};

static irqreturn_t ok_order_irq(int irq, void *data)
{
	struct ok_order *ok = data;

	schedule_work(&ok->work);
	return IRQ_HANDLED;
}

static irqreturn_t ok_managed_irq(int irq, void *data)
{
	struct ok_order *ok = data;

	schedule_work(&ok->managed_work);
	return IRQ_HANDLED;
}

static int ok_order_probe(struct platform_device *pdev)
{
	struct ok_order *ok = devm_kzalloc(&pdev->dev, sizeof(*ok), GFP_KERNEL);
	int err;

	if (!ok)
		return -ENOMEM;
	INIT_WORK(&ok->work, handler);
	INIT_WORK(&ok->managed_work, handler);
	platform_set_drvdata(pdev, ok);
	err = devm_request_irq(&pdev->dev, 4, ok_managed_irq, 0, "ok", ok);
	if (err)
		return err;
	return request_irq(3, ok_order_irq, 0, "ok", ok);
}

static int ok_order_remove(struct platform_device *pdev)
{
	struct ok_order *ok = platform_get_drvdata(pdev);

	free_irq(3, ok);
	cancel_work_sync(&ok->work);
	disable_irq(4);
	cancel_work_sync(&ok->managed_work);
	return 0;
}

static struct platform_driver ok_order_driver = {
	.probe = ok_order_probe,
	.remove = ok_order_remove,
};

/* Only the handler frees the object: the module's text is what goes. */

struct bad_event {
	struct work_struct work;
};

static void bad_event_handler(struct work_struct *work)
{
	kfree(container_of(work, struct bad_event, work));
	touch_hardware();
}

void bad_event_send(void)
{
	struct bad_event *event = kzalloc(sizeof(*event), GFP_KERNEL);

	if (!event)
		return;
	INIT_WORK(&event->work, bad_event_handler);
	schedule_work(&event->work);		/* expect: uncancelled-work */
}

static int __init example_init(void)
{
	platform_driver_register(&bad_managed_driver);
	platform_driver_register(&ok_order_driver);
	return platform_driver_register(&bad_order_driver);
}

static void __exit example_exit(void)
{
	platform_driver_unregister(&bad_order_driver);
	platform_driver_unregister(&ok_order_driver);
	platform_driver_unregister(&bad_managed_driver);
}

module_init(example_init);
module_exit(example_exit);

/* Who registers it frees it, in another module. */

struct dial_ops;
int register_dial(const struct dial_ops *ops);
void bump(void);

struct bad_dial {
	struct delayed_work turn_work;
	const struct dial_ops *ops;
};

static void bad_dial_turn(struct work_struct *work)
{
	bump();
}

int bad_dial_register(struct bad_dial *dial);
int bad_dial_register(struct bad_dial *dial)
{
	int ret;

	INIT_DELAYED_WORK(&dial->turn_work, bad_dial_turn);
	schedule_delayed_work(&dial->turn_work, HZ);	/* expect: uncancelled-work */
	ret = register_dial(dial->ops);
	if (ret)
		return ret;
	return 0;
}
EXPORT_SYMBOL_GPL(bad_dial_register);

void bad_dial_free(struct bad_dial *dial);
void bad_dial_free(struct bad_dial *dial)
{
	kfree(dial);
}
EXPORT_SYMBOL_GPL(bad_dial_free);

void bad_dial_unregister(struct bad_dial *dial);
void bad_dial_unregister(struct bad_dial *dial)
{
	cancel_delayed_work_sync(&dial->turn_work);
}
EXPORT_SYMBOL_GPL(bad_dial_unregister);

/* The same, and not called so that it could be the object's first call. */

struct ok_cache {
	struct work_struct shrink_work;
	const struct dial_ops *ops;
};

static void ok_cache_shrink(struct work_struct *work)
{
	bump();
}

int ok_cache_insert(struct ok_cache *cache);
int ok_cache_insert(struct ok_cache *cache)
{
	INIT_WORK(&cache->shrink_work, ok_cache_shrink);
	schedule_work(&cache->shrink_work);
	if (register_dial(cache->ops))
		return -EBUSY;
	return 0;
}
EXPORT_SYMBOL_GPL(ok_cache_insert);

void ok_cache_free(struct ok_cache *cache);
void ok_cache_free(struct ok_cache *cache)
{
	cancel_work_sync(&cache->shrink_work);
	kfree(cache);
}
EXPORT_SYMBOL_GPL(ok_cache_free);

MODULE_LICENSE("GPL");
