/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unflushed-work: work items on a shared queue that are not this module's to
 * judge, or that code which is not seen here may wait for.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(ok_own_item, handler);

/* Handed to code that is not here: it may wait. */

void core_register_work(struct work_struct *work);
void core_unregister_work(struct work_struct *work);

struct ok_registered {
	struct work_struct work;
};

void ok_registered_start(struct ok_registered *registered)
{
	INIT_WORK(&registered->work, handler);
	core_register_work(&registered->work);
	schedule_work(&registered->work);
}

void ok_registered_stop(struct ok_registered *registered)
{
	core_unregister_work(&registered->work);
	kfree(registered);
}

/* The handler, and with it the item, belongs to other code. */

void core_handler(struct work_struct *work);

struct ok_foreign {
	struct work_struct work;
};

void ok_foreign_kick(struct ok_foreign *foreign)
{
	INIT_WORK(&foreign->work, core_handler);
	schedule_work(&foreign->work);
}

extern struct work_struct core_item;

void ok_item_of_others(void)
{
	schedule_work(&core_item);
}

void ok_item_of_the_caller(struct work_struct *work)
{
	schedule_work(work);
}
EXPORT_SYMBOL_GPL(ok_item_of_the_caller);

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	if (!own_wq)
		return -ENOMEM;
	queue_work(own_wq, &ok_own_item);
	return 0;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
