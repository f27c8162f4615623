/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus.h"

static void stranger_handler(struct work_struct *work)
{
}

/* On the bus's queue here, on a shared one there: bus_exit() misses it. */
static DECLARE_WORK(stranger_item, stranger_handler);

void stranger_kick(void)
{
	queue_work(bus_wq, &stranger_item);
}

void stranger_kick_later(void)
{
	schedule_work(&stranger_item);		/* expect: mixed-queues */
}

static int __init stranger_init(void)
{
	return 0;
}

static void __exit stranger_exit(void)
{
	flush_workqueue(bus_wq);
}

module_init(stranger_init);
module_exit(stranger_exit);
MODULE_LICENSE("GPL");
