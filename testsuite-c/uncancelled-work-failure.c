/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * uncancelled-work: an item that remove() waits for, and that probe leaves
 * queued when it fails after that.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct fan;
int register_fan(struct fan *fan);
int start_fan(struct fan *fan);
void unregister_fan(struct fan *fan);
void touch_hardware(void);

/* Devres frees it when probe fails. */

struct bad_fan {
	struct delayed_work poll_work;
	struct fan *fan;
};

static void bad_fan_poll(struct work_struct *work)
{
	touch_hardware();
}

static int bad_fan_probe(struct platform_device *pdev)
{
	struct bad_fan *fan = devm_kzalloc(&pdev->dev, sizeof(*fan),
					   GFP_KERNEL);
	int ret;

	if (!fan)
		return -ENOMEM;
	INIT_DELAYED_WORK(&fan->poll_work, bad_fan_poll);
	platform_set_drvdata(pdev, fan);
	schedule_delayed_work(&fan->poll_work, HZ);	/* expect: uncancelled-work */
	ret = register_fan(fan->fan);
	if (ret)
		return ret;
	return 0;
}

static int bad_fan_remove(struct platform_device *pdev)
{
	struct bad_fan *fan = platform_get_drvdata(pdev);

	unregister_fan(fan->fan);
	cancel_delayed_work_sync(&fan->poll_work);
	return 0;
}

static struct platform_driver bad_fan_driver = {
	.probe = bad_fan_probe,
	.remove = bad_fan_remove,
};

/* Probe frees it itself, below a label; a helper queues it. */

struct bad_pump {
	struct work_struct start_work;
	struct fan *fan;
};

static void bad_pump_start(struct work_struct *work)
{
	touch_hardware();
}

static int bad_pump_setup(struct bad_pump *pump)
{
	int ret;

	INIT_WORK(&pump->start_work, bad_pump_start);
	schedule_work(&pump->start_work);		/* expect: uncancelled-work */
	ret = start_fan(pump->fan);
	if (ret < 0)
		return ret;
	return 0;
}

static int bad_pump_probe(struct platform_device *pdev)
{
	struct bad_pump *pump = kzalloc(sizeof(*pump), GFP_KERNEL);
	int ret;

	if (!pump)
		return -ENOMEM;
	platform_set_drvdata(pdev, pump);
	ret = bad_pump_setup(pump);
	if (ret)
		goto free_pump;
	ret = register_fan(pump->fan);
	if (ret)
		goto cancel_work;
	return 0;
cancel_work:
	cancel_work_sync(&pump->start_work);
free_pump:
	kfree(pump);
	return ret;
}

static int bad_pump_remove(struct platform_device *pdev)
{
	struct bad_pump *pump = platform_get_drvdata(pdev);

	cancel_work_sync(&pump->start_work);
	kfree(pump);
	return 0;
}

static struct platform_driver bad_pump_driver = {
	.probe = bad_pump_probe,
	.remove = bad_pump_remove,
};

/* Each failure after it was queued is undone, by label, if, and helper. */

struct ok_fan {
	struct delayed_work poll_work;
	struct delayed_work idle_work;
	struct work_struct late_work;
	struct fan *fan;
	bool polls;
};

static void ok_fan_poll(struct work_struct *work)
{
	touch_hardware();
}

static void ok_fan_stop(struct ok_fan *fan)
{
	cancel_delayed_work_sync(&fan->idle_work);
}

static int ok_fan_probe(struct platform_device *pdev)
{
	struct ok_fan *fan = devm_kzalloc(&pdev->dev, sizeof(*fan),
					  GFP_KERNEL);
	int ret;

	if (!fan)
		return -ENOMEM;
	INIT_DELAYED_WORK(&fan->poll_work, ok_fan_poll);
	INIT_DELAYED_WORK(&fan->idle_work, ok_fan_poll);
	INIT_WORK(&fan->late_work, ok_fan_poll);
	platform_set_drvdata(pdev, fan);
	ret = start_fan(fan->fan);
	if (ret)
		return ret;		/* nothing is queued yet */
	schedule_delayed_work(&fan->idle_work, HZ);
	if (fan->polls)
		schedule_delayed_work(&fan->poll_work, HZ);
	ret = register_fan(fan->fan);
	if (ret)
		goto stop;
	schedule_work(&fan->late_work);	/* and nothing fails after this */
	return 0;
stop:
	if (fan->polls)
		cancel_delayed_work_sync(&fan->poll_work);
	ok_fan_stop(fan);
	return ret;
}

static int ok_fan_remove(struct platform_device *pdev)
{
	struct ok_fan *fan = platform_get_drvdata(pdev);

	cancel_work_sync(&fan->late_work);
	cancel_delayed_work_sync(&fan->poll_work);
	ok_fan_stop(fan);
	return 0;
}

static struct platform_driver ok_fan_driver = {
	.probe = ok_fan_probe,
	.remove = ok_fan_remove,
};

/* Devres cancels it, on every way out. */

struct ok_lamp {
	struct delayed_work blink_work;
	struct fan *fan;
};

static void ok_lamp_blink(struct work_struct *work)
{
	touch_hardware();
}

static void ok_lamp_stop(void *data)
{
	struct ok_lamp *lamp = data;

	cancel_delayed_work_sync(&lamp->blink_work);
}

static int ok_lamp_probe(struct platform_device *pdev)
{
	struct ok_lamp *lamp = devm_kzalloc(&pdev->dev, sizeof(*lamp),
					    GFP_KERNEL);
	int ret;

	if (!lamp)
		return -ENOMEM;
	INIT_DELAYED_WORK(&lamp->blink_work, ok_lamp_blink);
	ret = devm_add_action_or_reset(&pdev->dev, ok_lamp_stop, lamp);
	if (ret)
		return ret;
	schedule_delayed_work(&lamp->blink_work, HZ);
	return register_fan(lamp->fan);
}

static struct platform_driver ok_lamp_driver = {
	.probe = ok_lamp_probe,
};

/* A function that fails, but what the item is in lives on. */

struct ok_heater {
	struct work_struct warm_work;
	struct fan *fan;
};

static void ok_heater_warm(struct work_struct *work)
{
	touch_hardware();
}

int ok_heater_open(struct ok_heater *heater);
int ok_heater_open(struct ok_heater *heater)
{
	schedule_work(&heater->warm_work);
	return register_fan(heater->fan);
}

static int ok_heater_probe(struct platform_device *pdev)
{
	struct ok_heater *heater = devm_kzalloc(&pdev->dev, sizeof(*heater),
						GFP_KERNEL);

	if (!heater)
		return -ENOMEM;
	INIT_WORK(&heater->warm_work, ok_heater_warm);
	platform_set_drvdata(pdev, heater);
	return 0;
}

static int ok_heater_remove(struct platform_device *pdev)
{
	struct ok_heater *heater = platform_get_drvdata(pdev);

	cancel_work_sync(&heater->warm_work);
	return 0;
}

static struct platform_driver ok_heater_driver = {
	.probe = ok_heater_probe,
	.remove = ok_heater_remove,
};

/* What a helper queues only when a bool parameter is false. */

struct bad_mill {
	struct work_struct stop_work;
	struct fan *fan;
	bool runs;
};

static void bad_mill_stop(struct work_struct *work)
{
	touch_hardware();
}

static int bad_mill_run(struct bad_mill *mill, bool runs)
{
	mill->runs = runs;
	if (!runs)
		schedule_work(&mill->stop_work);	/* expect: uncancelled-work */
	return 0;
}

static int bad_mill_probe(struct platform_device *pdev)
{
	struct bad_mill *mill = kzalloc(sizeof(*mill), GFP_KERNEL);
	int ret;

	if (!mill)
		return -ENOMEM;
	platform_set_drvdata(pdev, mill);
	INIT_WORK(&mill->stop_work, bad_mill_stop);
	bad_mill_run(mill, false);
	ret = register_fan(mill->fan);
	if (ret) {
		kfree(mill);
		return ret;
	}
	return 0;
}

static int bad_mill_remove(struct platform_device *pdev)
{
	struct bad_mill *mill = platform_get_drvdata(pdev);

	bad_mill_run(mill, true);
	cancel_work_sync(&mill->stop_work);
	kfree(mill);
	return 0;
}

static struct platform_driver bad_mill_driver = {
	.probe = bad_mill_probe,
	.remove = bad_mill_remove,
};

/* Probe passes true. */

struct ok_mill {
	struct work_struct stop_work;
	struct fan *fan;
	bool runs;
};

static void ok_mill_stop(struct work_struct *work)
{
	touch_hardware();
}

static int ok_mill_run(struct ok_mill *mill, bool runs)
{
	mill->runs = runs;
	if (!runs)
		schedule_work(&mill->stop_work);
	return 0;
}

static int ok_mill_probe(struct platform_device *pdev)
{
	struct ok_mill *mill = kzalloc(sizeof(*mill), GFP_KERNEL);
	int ret;

	if (!mill)
		return -ENOMEM;
	platform_set_drvdata(pdev, mill);
	INIT_WORK(&mill->stop_work, ok_mill_stop);
	ok_mill_run(mill, true);
	ret = register_fan(mill->fan);
	if (ret) {
		kfree(mill);
		return ret;
	}
	return 0;
}

static int ok_mill_remove(struct platform_device *pdev)
{
	struct ok_mill *mill = platform_get_drvdata(pdev);

	ok_mill_run(mill, false);
	cancel_work_sync(&mill->stop_work);
	kfree(mill);
	return 0;
}

static struct platform_driver ok_mill_driver = {
	.probe = ok_mill_probe,
	.remove = ok_mill_remove,
};

/* What may queue it is called before it is bound, too: not then. */

struct ok_late {
	struct work_struct work;
	struct fan *fan;
};

static void ok_late_work(struct work_struct *work)
{
	touch_hardware();
}

static int ok_late_note(struct ok_late *late)
{
	if (late->work.func)
		schedule_work(&late->work);
	return 0;
}

static int ok_late_probe(struct platform_device *pdev)
{
	struct ok_late *late = kzalloc(sizeof(*late), GFP_KERNEL);
	int ret;

	if (!late)
		return -ENOMEM;
	ok_late_note(late);
	ret = register_fan(late->fan);
	if (ret) {
		kfree(late);
		return ret;
	}
	INIT_WORK(&late->work, ok_late_work);
	platform_set_drvdata(pdev, late);
	return 0;
}

static int ok_late_remove(struct platform_device *pdev)
{
	struct ok_late *late = platform_get_drvdata(pdev);

	ok_late_note(late);
	cancel_work_sync(&late->work);
	kfree(late);
	return 0;
}

static struct platform_driver ok_late_driver = {
	.probe = ok_late_probe,
	.remove = ok_late_remove,
};

/* The module's code goes when its init function fails. */

static void bad_beat(struct work_struct *work)
{
	touch_hardware();
}

static DECLARE_DELAYED_WORK(bad_beat_work, bad_beat);

static int __init fans_init(void)
{
	int ret;

	schedule_delayed_work(&bad_beat_work, HZ);	/* expect: uncancelled-work */
	ret = platform_driver_register(&bad_fan_driver);
	if (ret)
		return ret;
	ret = platform_driver_register(&bad_pump_driver);
	if (ret)
		goto cancel_beat;
	platform_driver_register(&ok_fan_driver);
	platform_driver_register(&ok_lamp_driver);
	platform_driver_register(&ok_heater_driver);
	platform_driver_register(&bad_mill_driver);
	platform_driver_register(&ok_mill_driver);
	platform_driver_register(&ok_late_driver);
	return 0;
cancel_beat:
	cancel_delayed_work_sync(&bad_beat_work);
	return ret;
}

static void __exit fans_exit(void)
{
	cancel_delayed_work_sync(&bad_beat_work);
}

module_init(fans_init);
module_exit(fans_exit);
