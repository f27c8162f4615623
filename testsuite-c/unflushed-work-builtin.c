/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flags: -UMODULE */
/*
 * unflushed-work in built-in code: it stays for ever, and so do its static
 * work items. An object that is freed is another matter.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, handler);
static DECLARE_WORK(item, handler);

void ok_static_item(void)
{
	queue_work(own_wq, &own_item);
	schedule_work(&item);
}

void ok_quiesce(void)
{
	flush_workqueue(own_wq);
}

struct freed {
	struct work_struct work;
};

void bad_freed_object(struct freed *freed)
{
	INIT_WORK(&freed->work, handler);
	schedule_work(&freed->work);	/* expect: unflushed-work */
}

void bad_free_object(struct freed *freed)
{
	flush_workqueue(own_wq);
	kfree(freed);
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	return own_wq ? 0 : -ENOMEM;
}
module_init(ok_init);
