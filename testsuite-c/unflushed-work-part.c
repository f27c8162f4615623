/* SPDX-License-Identifier: GPL-3.0-or-later */
/* module: part-of other */
/*
 * unflushed-work in one of several files of a module: an item that the other
 * files can reach may be cancelled there, so only the module as a whole can
 * tell. An item that no other file can name is judged here.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "unflushed-work-part.h"

static struct workqueue_struct *own_wq;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, handler);

/* The struct is in a header. */

void ok_struct_of_header(struct shared_dev *dev)
{
	INIT_WORK(&dev->work, handler);
	schedule_work(&dev->work);
}

/* The variable is not static. */

struct work_struct shared_item = __WORK_INITIALIZER(shared_item, handler);

void ok_global_item(void)
{
	schedule_work(&shared_item);
}

/* The struct is of this file, but the object goes to another one. */

struct handed_out {
	struct work_struct work;
};

void ok_handed_out(void)
{
	struct handed_out *object = kzalloc(sizeof(*object), GFP_KERNEL);

	if (!object)
		return;
	INIT_WORK(&object->work, handler);
	other_file_attach(&object->work);
	schedule_work(&object->work);
}

/* Only this file can name these. */

static DECLARE_WORK(bad_item, handler);

void bad_static_item(void)
{
	schedule_work(&bad_item);	/* expect: unflushed-work */
}

struct kept {
	struct kept *next;
	struct work_struct work;
};

static struct kept *kept_objects;

void bad_kept_object(void)
{
	struct kept *kept = kzalloc(sizeof(*kept), GFP_KERNEL);

	if (!kept)
		return;
	kept->next = kept_objects;
	kept_objects = kept;
	INIT_WORK(&kept->work, handler);
	schedule_work(&kept->work);	/* expect: unflushed-work */
}

void bad_free_kept_objects(void)
{
	struct kept *kept;

	flush_workqueue(own_wq);
	while (kept_objects) {
		kept = kept_objects;
		kept_objects = kept->next;
		kfree(kept);
	}
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	if (!own_wq)
		return -ENOMEM;
	queue_work(own_wq, &own_item);
	return 0;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
