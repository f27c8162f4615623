/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: ignore=missing-destroy,unchecked-alloc */
/* check: fixits */
/*
 * delayed-not-covered: the cancel goes before the queue's destruction where
 * the item can be named there, and no line is changed that is more than that.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

void touch_hardware(void);

static void handler(struct work_struct *work)
{
	touch_hardware();
}

/* The queue and the item in one object. */

struct named {
	struct workqueue_struct *wq;
	struct delayed_work timeout;
};

void bad_named_open(struct named *named)
{
	named->wq = alloc_workqueue("named", 0, 0);
	INIT_DELAYED_WORK(&named->timeout, handler);
}

void bad_named_kick(struct named *named)
{
	queue_delayed_work(named->wq, &named->timeout, HZ);	/* expect: delayed-not-covered */
}

void bad_named_close(struct named *named)
{
	if (named->wq) {
		destroy_workqueue(named->wq);
		named->wq = NULL;
	}
}

/* At file scope. */

static struct workqueue_struct *own_wq;
static DECLARE_DELAYED_WORK(item, handler);

int bad_item_kick(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	if (!own_wq)
		return -ENOMEM;
	return queue_delayed_work(own_wq, &item, HZ);	/* expect: delayed-not-covered */
}

void bad_item_close(void)
{
	destroy_workqueue(own_wq);
}

/* A line before it would be under no test, or between test and call. */

struct tested {
	struct workqueue_struct *wq;
	struct delayed_work timeout;
};

void bad_tested_open(struct tested *tested)
{
	tested->wq = alloc_workqueue("tested", 0, 0);
	INIT_DELAYED_WORK(&tested->timeout, handler);
}

void bad_tested_kick(struct tested *tested)
{
	queue_delayed_work(tested->wq, &tested->timeout, HZ);	/* expect: delayed-not-covered */
}

void bad_tested_close(struct tested *tested)
{
	if (tested->wq)
		destroy_workqueue(tested->wq);
}

/* One of several: which is not said. */

struct many {
	struct workqueue_struct *wq;
	struct {
		struct delayed_work timeout;
	} of[4];
};

void bad_many_open(struct many *many, int i)
{
	many->wq = alloc_workqueue("many", 0, 0);
	INIT_DELAYED_WORK(&many->of[i].timeout, handler);
	queue_delayed_work(many->wq, &many->of[i].timeout, HZ);	/* expect: delayed-not-covered */
}

void bad_many_close(struct many *many)
{
	destroy_workqueue(many->wq);
}
