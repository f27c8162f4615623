/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flags: -DWQLINT_KERNEL=612 */
/*
 * flush-system-wq on 6.12: the new queues are there besides the old ones,
 * and the kernel's own warning at build time does not know them.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, handler);
static DECLARE_WORK(shared_item, handler);

void bad_new_queues(void)
{
	flush_workqueue(system_percpu_wq);	/* expect: flush-system-wq */
	flush_workqueue(system_dfl_wq);	/* expect: flush-system-wq */
	flush_workqueue(system_bh_wq);	/* expect: flush-system-wq */
	drain_workqueue(system_bh_highpri_wq);	/* expect: flush-system-wq */
}

void bad_old_queues(void)
{
	flush_workqueue(system_wq);	/* expect: flush-system-wq */
	flush_workqueue(system_unbound_wq);	/* expect: flush-system-wq */
	flush_scheduled_work();	/* expect: flush-system-wq */
}

void bad_either(int bound)
{
	struct workqueue_struct *wq = bound ? system_percpu_wq : system_dfl_wq;

	flush_workqueue(wq);	/* expect: flush-system-wq */
}

void ok_disable(void)
{
	schedule_work(&shared_item);
	disable_work_sync(&shared_item);
}

void ok_own_queue(void)
{
	enable_and_queue_work(own_wq, &own_item);
	flush_workqueue(own_wq);
}

static int __init ok_init(void)
{
	own_wq = alloc_ordered_workqueue("own", WQ_FREEZABLE);
	return own_wq ? 0 : -ENOMEM;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
