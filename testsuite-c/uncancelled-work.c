/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * uncancelled-work: a work item that nothing waits for before what it is in
 * is freed, in a module without a queue of its own.
 *
 * Expected at the first call that queues the item.
 */
#include <linux/completion.h>
#include <linux/devm-helpers.h>
#include <linux/interrupt.h>
#include <linux/kref.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

void touch_hardware(void);

/* The textbook: remove() frees the object. */

struct bad_lamp {
	struct work_struct blink_work;
	struct delayed_work poll_work;
	struct work_struct ok_report_work;
};

static void bad_lamp_blink(struct work_struct *work)
{
	touch_hardware();
}

static void bad_lamp_poll(struct work_struct *work)
{
	struct bad_lamp *lamp = container_of(work, struct bad_lamp,
					     poll_work.work);

	touch_hardware();
	schedule_delayed_work(&lamp->poll_work, HZ);	/* expect: uncancelled-work */
}

static irqreturn_t bad_lamp_irq(int irq, void *data)
{
	struct bad_lamp *lamp = data;

	schedule_work(&lamp->blink_work);		/* expect: uncancelled-work */
	schedule_work(&lamp->ok_report_work);
	return IRQ_HANDLED;
}

static int bad_lamp_probe(struct platform_device *pdev)
{
	struct bad_lamp *lamp = kzalloc(sizeof(*lamp), GFP_KERNEL);

	if (!lamp)
		return -ENOMEM;
	INIT_WORK(&lamp->blink_work, bad_lamp_blink);
	INIT_WORK(&lamp->ok_report_work, bad_lamp_blink);
	INIT_DELAYED_WORK(&lamp->poll_work, bad_lamp_poll);
	platform_set_drvdata(pdev, lamp);
	schedule_delayed_work(&lamp->poll_work, HZ);
	return request_irq(1, bad_lamp_irq, 0, "lamp", lamp);
}

static int bad_lamp_remove(struct platform_device *pdev)
{
	struct bad_lamp *lamp = platform_get_drvdata(pdev);

	free_irq(1, lamp);
	/* The pending timer goes, a running handler stays. */
	cancel_delayed_work(&lamp->poll_work);
	cancel_work_sync(&lamp->ok_report_work);
	kfree(lamp);
	return 0;
}

static struct platform_driver bad_lamp_driver = {
	.probe = bad_lamp_probe,
	.remove = bad_lamp_remove,
};

/* Device-managed: no free to be seen. */

struct bad_fan {
	struct work_struct work;
};

static void bad_fan_work(struct work_struct *work)
{
	touch_hardware();
}

static irqreturn_t bad_fan_irq(int irq, void *data)
{
	struct bad_fan *fan = data;

	schedule_work(&fan->work);			/* expect: uncancelled-work */
	return IRQ_HANDLED;
}

static int bad_fan_probe(struct platform_device *pdev)
{
	struct bad_fan *fan = devm_kzalloc(&pdev->dev, sizeof(*fan), GFP_KERNEL);

	if (!fan)
		return -ENOMEM;
	INIT_WORK(&fan->work, bad_fan_work);
	return devm_request_irq(&pdev->dev, 2, bad_fan_irq, 0, "fan", fan);
}

static struct platform_driver bad_fan_driver = {
	.probe = bad_fan_probe,
};

/* Device-managed, and cancelled by a managed action or helper. */

struct ok_fan {
	struct work_struct work;
	struct work_struct other_work;
};

static void ok_fan_cancel(void *data)
{
	struct ok_fan *fan = data;

	cancel_work_sync(&fan->work);
}

static void ok_fan_work(struct work_struct *work)
{
	touch_hardware();
}

static irqreturn_t ok_fan_irq(int irq, void *data)
{
	struct ok_fan *fan = data;

	schedule_work(&fan->work);
	schedule_work(&fan->other_work);
	return IRQ_HANDLED;
}

static int ok_fan_probe(struct platform_device *pdev)
{
	struct ok_fan *fan = devm_kzalloc(&pdev->dev, sizeof(*fan), GFP_KERNEL);
	int err;

	if (!fan)
		return -ENOMEM;
	INIT_WORK(&fan->work, ok_fan_work);
	err = devm_add_action_or_reset(&pdev->dev, ok_fan_cancel, fan);
	if (err)
		return err;
	err = devm_work_autocancel(&pdev->dev, &fan->other_work, ok_fan_work);
	if (err)
		return err;
	return devm_request_irq(&pdev->dev, 3, ok_fan_irq, 0, "fan", fan);
}

static struct platform_driver ok_fan_driver = {
	.probe = ok_fan_probe,
};

/* The handler holds a reference on the object. */

struct ok_session {
	struct kref kref;
	struct work_struct work;
};

static void ok_session_release(struct kref *kref)
{
	kfree(container_of(kref, struct ok_session, kref));
}

static void ok_session_work(struct work_struct *work)
{
	struct ok_session *session = container_of(work, struct ok_session,
						  work);

	touch_hardware();
	kref_put(&session->kref, ok_session_release);
}

void ok_session_event(struct ok_session *session)
{
	kref_get(&session->kref);
	if (!schedule_work(&session->work))
		kref_put(&session->kref, ok_session_release);
}

void ok_session_open(struct ok_session *session)
{
	kref_init(&session->kref);
	INIT_WORK(&session->work, ok_session_work);
}

/* Teardown waits for what the handler signals last. */

struct ok_probe {
	struct completion done;
	struct work_struct work;
};

static void ok_probe_work(struct work_struct *work)
{
	struct ok_probe *probe = container_of(work, struct ok_probe, work);

	touch_hardware();
	complete(&probe->done);
}

void ok_probe_start(struct ok_probe *probe)
{
	init_completion(&probe->done);
	INIT_WORK(&probe->work, ok_probe_work);
	schedule_work(&probe->work);
}

void ok_probe_stop(struct ok_probe *probe)
{
	wait_for_completion(&probe->done);
	kfree(probe);
}

/* Static items: the module's text goes. */

static void bad_text_handler(struct work_struct *work)
{
	touch_hardware();
}

static DECLARE_WORK(bad_text, bad_text_handler);
static DECLARE_WORK(ok_text, bad_text_handler);

void bad_text_kick(void)
{
	schedule_work(&bad_text);			/* expect: uncancelled-work */
	schedule_work(&ok_text);
}

static int __init example_init(void)
{
	platform_driver_register(&bad_fan_driver);
	platform_driver_register(&ok_fan_driver);
	return platform_driver_register(&bad_lamp_driver);
}

static void __exit example_exit(void)
{
	platform_driver_unregister(&bad_lamp_driver);
	platform_driver_unregister(&ok_fan_driver);
	platform_driver_unregister(&bad_fan_driver);
	cancel_work_sync(&ok_text);
}

module_init(example_init);
module_exit(example_exit);
MODULE_LICENSE("GPL");
