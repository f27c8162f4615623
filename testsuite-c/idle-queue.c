/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idle-queue: an own queue that the module waits for or destroys, and on
 * which nothing in it is ever queued.
 */
#include <linux/devm-helpers.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static void handler(struct work_struct *work)
{
}

/* Step 4 forgotten altogether: the items stayed on the shared queue. */

static struct workqueue_struct *bad_wq;
static DECLARE_WORK(item, handler);

void bad_kick(void)
{
	schedule_work(&item);
}

int bad_create(void)
{
	bad_wq = alloc_workqueue("bad", 0, 0);	/* expect: idle-queue */
	return bad_wq ? 0 : -ENOMEM;
}

void bad_destroy(void)
{
	flush_work(&item);
	destroy_workqueue(bad_wq);
}

/* In a struct of this file. */

struct bad_dev {
	struct workqueue_struct *wq;
	struct work_struct work;
};

int bad_dev_setup(struct bad_dev *dev)
{
	INIT_WORK(&dev->work, handler);
	dev->wq = alloc_ordered_workqueue("bad_dev", 0);	/* expect: idle-queue */
	return dev->wq ? 0 : -ENOMEM;
}

void bad_dev_teardown(struct bad_dev *dev)
{
	flush_workqueue(dev->wq);
	cancel_work_sync(&dev->work);
	destroy_workqueue(dev->wq);
}

/* Queued on, directly and through a helper. */

static struct workqueue_struct *ok_wq;
static DECLARE_WORK(ok_item, handler);

static void ok_put_on(struct workqueue_struct *wq, struct work_struct *work)
{
	queue_work(wq, work);
}

void ok_kick(void)
{
	ok_put_on(ok_wq, &ok_item);
}

int ok_create(void)
{
	ok_wq = alloc_workqueue("ok", 0, 0);
	return ok_wq ? 0 : -ENOMEM;
}

void ok_destroy(void)
{
	destroy_workqueue(ok_wq);
}

/* A core gets it, and queues there what it likes. */

struct ok_core_dev {
	struct workqueue_struct *wq;
};

void core_register(struct workqueue_struct *wq);

int ok_core_setup(struct ok_core_dev *dev)
{
	dev->wq = alloc_workqueue("core", 0, 0);
	if (!dev->wq)
		return -ENOMEM;
	core_register(dev->wq);
	return 0;
}

void ok_core_teardown(struct ok_core_dev *dev)
{
	destroy_workqueue(dev->wq);
}

/* Exported: other modules queue on it. */

struct workqueue_struct *ok_exported_wq;
EXPORT_SYMBOL_GPL(ok_exported_wq);

int ok_exported_create(void)
{
	ok_exported_wq = alloc_workqueue("exported", 0, 0);
	return ok_exported_wq ? 0 : -ENOMEM;
}

void ok_exported_destroy(void)
{
	destroy_workqueue(ok_exported_wq);
}

/* Given to whoever asks. */

static struct workqueue_struct *ok_asked_wq;

struct workqueue_struct *ok_asked(void)
{
	return ok_asked_wq;
}
EXPORT_SYMBOL_GPL(ok_asked);

int ok_asked_create(void)
{
	ok_asked_wq = alloc_workqueue("asked", 0, 0);
	return ok_asked_wq ? 0 : -ENOMEM;
}

void ok_asked_destroy(void)
{
	destroy_workqueue(ok_asked_wq);
}

/* Kept in a second place, from which it is used. */

struct ok_queue {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static struct workqueue_struct *ok_shared_wq;

int ok_shared_create(struct ok_queue *queue)
{
	ok_shared_wq = alloc_workqueue("shared", 0, 0);
	if (!ok_shared_wq)
		return -ENOMEM;
	queue->wq = ok_shared_wq;
	INIT_WORK(&queue->work, handler);
	return 0;
}

void ok_shared_kick(struct ok_queue *queue)
{
	queue_work(queue->wq, &queue->work);
}

void ok_shared_destroy(void)
{
	destroy_workqueue(ok_shared_wq);
}

MODULE_LICENSE("GPL");
