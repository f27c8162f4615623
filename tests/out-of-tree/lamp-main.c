/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Its switch work is on a shared queue; all of that queue is flushed for it.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "lamp.h"

static struct lamp *the_lamp;

static void lamp_switch(struct work_struct *work)
{
	struct lamp *lamp = container_of(work, struct lamp, switch_work);

	lamp->lit = !lamp->lit;
}

static int bad_set(const char *value, const struct kernel_param *param)
{
	if (!the_lamp)
		return -ENODEV;
	schedule_work(&the_lamp->switch_work);
	flush_scheduled_work();		/* expect: flush-system-wq */
	return 0;
}

static int ok_get(char *buffer, const struct kernel_param *param)
{
	if (!the_lamp)
		return -ENODEV;
	/* one work item on a shared queue: the recommended way */
	flush_work(&the_lamp->switch_work);
	return sprintf(buffer, "%d\n", the_lamp->lit);
}

static const struct kernel_param_ops lit_ops = {
	.set = bad_set,
	.get = ok_get,
};
module_param_cb(lit, &lit_ops, NULL, 0644);

static int __init lamp_init(void)
{
	struct lamp *lamp = kzalloc(sizeof(*lamp), GFP_KERNEL);
	int err;

	if (!lamp)
		return -ENOMEM;
	INIT_WORK(&lamp->switch_work, lamp_switch);
	err = lamp_blink_init(lamp);
	if (err) {
		kfree(lamp);
		return err;
	}
	the_lamp = lamp;
	return 0;
}
module_init(lamp_init);

static void __exit lamp_exit(void)
{
	struct workqueue_struct *queue = system_long_wq;

	lamp_blink_settle(the_lamp);
	cancel_work_sync(&the_lamp->switch_work);
	flush_workqueue(queue);		/* expect: flush-system-wq */
	lamp_blink_exit(the_lamp);
	kfree(the_lamp);
}
module_exit(lamp_exit);

MODULE_DESCRIPTION("out-of-tree module of wqlint's tests");
MODULE_LICENSE("GPL");
