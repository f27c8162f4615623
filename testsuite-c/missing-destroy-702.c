/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flags: -DWQLINT_KERNEL=702 */
/*
 * missing-destroy on 7.2, where one allocation in the source is two calls of
 * which one is made.
 */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

int start_hardware(void *data);

static void do_nothing(struct work_struct *work)
{
}

struct bad_pump {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static int bad_pump_probe(struct platform_device *pdev)
{
	struct bad_pump *pump = kzalloc_obj(*pump);
	int ret;

	if (!pump)
		return -ENOMEM;
	INIT_WORK(&pump->work, do_nothing);
	pump->wq = alloc_workqueue("pump", WQ_PERCPU, 0);	/* expect: missing-destroy */
	if (!pump->wq) {
		kfree(pump);
		return -ENOMEM;
	}
	platform_set_drvdata(pdev, pump);
	ret = start_hardware(pump);
	if (ret) {
		kfree(pump);
		return ret;
	}
	queue_work(pump->wq, &pump->work);
	return 0;
}

static void bad_pump_remove(struct platform_device *pdev)
{
	struct bad_pump *pump = platform_get_drvdata(pdev);

	destroy_workqueue(pump->wq);
	kfree(pump);
}

static struct platform_driver bad_pump_driver = {
	.probe = bad_pump_probe,
	.remove = bad_pump_remove,
};

/* There is no queue where the allocation has failed. */

struct ok_valve {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static struct ok_valve *ok_valve_make(void)
{
	struct ok_valve *valve = kzalloc(sizeof(*valve), GFP_KERNEL);
	struct workqueue_struct *wq;
	int ret;

	if (!valve)
		return NULL;
	INIT_WORK(&valve->work, do_nothing);
	wq = alloc_workqueue("valve", WQ_PERCPU, 1);
	if (!wq) {
		kfree(valve);
		return NULL;
	}
	ret = start_hardware(valve);
	if (ret < 0) {
		destroy_workqueue(wq);
		kfree(valve);
		return NULL;
	}
	valve->wq = wq;
	queue_work(wq, &valve->work);
	return valve;
}

void ok_valve_free(struct ok_valve *valve)
{
	destroy_workqueue(valve->wq);
	kfree(valve);
}

static int pumps_init(void)
{
	bad_pump_driver.probe(NULL);
	return ok_valve_make() ? 0 : -ENOMEM;
}
module_init(pumps_init);

static void pumps_exit(void)
{
}
module_exit(pumps_exit);
