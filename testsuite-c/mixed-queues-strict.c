/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: strict */
/*
 * mixed-queues with "strict": an item on two queues is worth a look even
 * where somebody waits for the item itself, or where it may be on purpose.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

void touch_hardware(void);

static void handler(struct work_struct *work)
{
	touch_hardware();
}

struct bad_cancelled {
	struct work_struct work;
};

void bad_cancelled_start(struct bad_cancelled *cancelled)
{
	INIT_WORK(&cancelled->work, handler);
	queue_work(own_wq, &cancelled->work);
}

void bad_cancelled_error(struct bad_cancelled *cancelled)
{
	schedule_work(&cancelled->work);	/* expect: mixed-queues */
}

void bad_cancelled_stop(struct bad_cancelled *cancelled)
{
	cancel_work_sync(&cancelled->work);
}

static DECLARE_DELAYED_WORK(bad_flushed_item, handler);

void bad_flushed_start(void)
{
	queue_delayed_work(own_wq, &bad_flushed_item, HZ);
}

void bad_flushed_error(void)
{
	schedule_delayed_work(&bad_flushed_item, HZ);	/* expect: mixed-queues */
}

void bad_flushed_stop(void)
{
	flush_delayed_work(&bad_flushed_item);
}

struct bad_recovery {
	struct work_struct recover;
};

static void bad_recover(struct work_struct *work)
{
	touch_hardware();
	flush_workqueue(own_wq);	/* expect: self-flush */
}

void bad_recovery_start(struct bad_recovery *recovery)
{
	INIT_WORK(&recovery->recover, bad_recover);
	schedule_work(&recovery->recover);	/* expect: mixed-queues */
}

void bad_recovery_early(struct bad_recovery *recovery)
{
	queue_work(own_wq, &recovery->recover);
}

/* Of two items, one on each queue: not even worth a look. */

struct ok_own {
	struct work_struct work;
};

struct ok_shared {
	struct work_struct work;
};

void ok_own_start(struct ok_own *own)
{
	INIT_WORK(&own->work, handler);
	queue_work(own_wq, &own->work);
}

void ok_shared_start(struct ok_shared *shared)
{
	INIT_WORK(&shared->work, handler);
	schedule_work(&shared->work);
}

void ok_shared_stop(struct ok_shared *shared)
{
	cancel_work_sync(&shared->work);
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	return own_wq ? 0 : -ENOMEM;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
