/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * uninitialised-work: an item is queued that nothing in the module
 * initialises.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static void handler(struct work_struct *work)
{
}

struct bad_dev {
	struct work_struct reset_work;
	struct delayed_work poll_work;
	struct work_struct forgotten_work;
	struct delayed_work forgotten_poll;
};

void bad_setup(struct bad_dev *dev)
{
	INIT_WORK(&dev->reset_work, handler);
	INIT_DELAYED_WORK(&dev->poll_work, handler);
}

void bad_event(struct bad_dev *dev)
{
	schedule_work(&dev->reset_work);
	schedule_delayed_work(&dev->poll_work, HZ);
	schedule_work(&dev->forgotten_work);		/* expect: uninitialised-work */
	schedule_delayed_work(&dev->forgotten_poll, HZ);	/* expect: uninitialised-work */
}

void bad_teardown(struct bad_dev *dev)
{
	cancel_work_sync(&dev->reset_work);
	cancel_delayed_work_sync(&dev->poll_work);
	cancel_work_sync(&dev->forgotten_work);
	cancel_delayed_work_sync(&dev->forgotten_poll);
}

/* Initialised by a helper, and in a static initialiser. */

struct ok_dev {
	struct work_struct work;
};

static void ok_init_work(struct work_struct *work, work_func_t fn)
{
	INIT_WORK(work, fn);
}

void ok_setup(struct ok_dev *dev)
{
	ok_init_work(&dev->work, handler);
}

static DECLARE_WORK(ok_static, handler);

static struct ok_dev ok_object = {
	.work = __WORK_INITIALIZER(ok_object.work, handler),
};

void ok_event(struct ok_dev *dev)
{
	schedule_work(&dev->work);
	schedule_work(&ok_static);
	schedule_work(&ok_object.work);
}

void ok_teardown(struct ok_dev *dev)
{
	cancel_work_sync(&dev->work);
	cancel_work_sync(&ok_static);
	cancel_work_sync(&ok_object.work);
}

/* Given to code that is not seen, and may initialise it. */

struct ok_handed {
	struct work_struct work;
};

void core_prepare(struct work_struct *work);

void ok_handed_setup(struct ok_handed *handed)
{
	core_prepare(&handed->work);
}

void ok_handed_event(struct ok_handed *handed)
{
	schedule_work(&handed->work);
}

/* execute_in_process_context() initialises what it queues. */

struct ok_executed {
	struct execute_work work;
};

void ok_executed_event(struct ok_executed *executed)
{
	execute_in_process_context(handler, &executed->work);
}

void ok_executed_teardown(struct ok_executed *executed)
{
	flush_work(&executed->work.work);
}

/* An item of somebody else. */

extern struct work_struct core_item;

void ok_core_item(void)
{
	schedule_work(&core_item);
}

MODULE_LICENSE("GPL");
