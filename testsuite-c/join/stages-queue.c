/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/errno.h>
#include <linux/workqueue.h>
#include "stages.h"

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(item, handler);
static DECLARE_WORK(bad_item, handler);
static struct workqueue_struct *ok_wq, *bad_wq;

void stages_exit(int stage)
{
	if (stage != 1)
		destroy_workqueue(ok_wq);
}

void bad_stages_exit(int stage)
{
	if (stage != 1)
		destroy_workqueue(bad_wq);
}

int stages_setup(void)
{
	ok_wq = alloc_workqueue("ok", 0, 0);
	if (!ok_wq)
		return -ENOMEM;
	queue_work(ok_wq, &item);
	return 0;
}

int bad_stages_setup(void)
{
	bad_wq = alloc_workqueue("bad", 0, 0);	/* expect: missing-destroy */
	if (!bad_wq)
		return -ENOMEM;
	queue_work(bad_wq, &bad_item);
	return 0;
}
