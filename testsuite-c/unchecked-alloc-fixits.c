/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: fixits */
/*
 * unchecked-alloc: the test that is missing, where a return undoes nothing.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

int start_hardware(void *data);

static void do_nothing(struct work_struct *work)
{
}

struct simple {
	struct workqueue_struct *wq;
	struct work_struct work;
	int data;
};

void simple_poke(struct simple *simple)
{
	queue_work(simple->wq, &simple->work);
}

int bad_simple_init(struct simple *simple)
{
	INIT_WORK(&simple->work, do_nothing);
	simple->wq = alloc_workqueue("simple", 0, 0);	/* expect: unchecked-alloc */
	return 0;
}


void simple_exit(struct simple *simple)
{
	destroy_workqueue(simple->wq);
}
