/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unflushed-work: work items on a shared queue in a module that waits for
 * its own queue, each of which somebody does wait for, or whose handler
 * keeps its object and the module alive.
 */
#include <linux/completion.h>
#include <linux/devm-helpers.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

void touch_hardware(void);

static void handler(struct work_struct *work)
{
	touch_hardware();
}

static DECLARE_WORK(ok_own_item, handler);

/* Cancelled in a helper that takes any work item */

struct ok_stopped {
	struct work_struct work;
};

static noinline void ok_stop(struct work_struct *work)
{
	touch_hardware();
	cancel_work_sync(work);
}

void ok_stopped_kick(struct ok_stopped *stopped)
{
	INIT_WORK(&stopped->work, handler);
	schedule_work(&stopped->work);
}

void ok_stopped_close(struct ok_stopped *stopped)
{
	ok_stop(&stopped->work);
	kfree(stopped);
}

/* Cancelled in a callback that takes void *: first the object, then the item */

struct ok_managed {
	struct delayed_work dwork;
	struct work_struct work;
};

static void ok_managed_cancel(void *data)
{
	struct ok_managed *managed = data;

	cancel_delayed_work_sync(&managed->dwork);
}

static void ok_managed_cancel_item(void *data)
{
	cancel_work_sync(data);
}

int ok_managed_probe(struct device *dev)
{
	struct ok_managed *managed;
	int err;

	managed = devm_kzalloc(dev, sizeof(*managed), GFP_KERNEL);
	if (!managed)
		return -ENOMEM;

	dev_set_drvdata(dev, managed);
	INIT_DELAYED_WORK(&managed->dwork, handler);
	INIT_WORK(&managed->work, handler);
	err = devm_add_action(dev, ok_managed_cancel, managed);
	if (err)
		return err;
	return devm_add_action_or_reset(dev, ok_managed_cancel_item,
					&managed->work);
}

void ok_managed_kick(struct ok_managed *managed)
{
	schedule_delayed_work(&managed->dwork, HZ);
	schedule_work(&managed->work);
}

struct ok_auto {
	struct work_struct work;
	struct delayed_work dwork;
};

int ok_auto_probe(struct device *dev, struct ok_auto *automatic)
{
	int err;

	err = devm_work_autocancel(dev, &automatic->work, handler);
	if (err)
		return err;
	return devm_delayed_work_autocancel(dev, &automatic->dwork, handler);
}

void ok_auto_kick(struct ok_auto *automatic)
{
	schedule_work(&automatic->work);
	schedule_delayed_work(&automatic->dwork, HZ);
}

/* Cancelled by the handler of another item, which is on the own queue */

struct ok_pair {
	struct work_struct stop;
	struct work_struct work;
};

static void ok_pair_stop(struct work_struct *work)
{
	struct ok_pair *pair = container_of(work, struct ok_pair, stop);

	cancel_work_sync(&pair->work);
}

void ok_pair_kick(struct ok_pair *pair)
{
	INIT_WORK(&pair->stop, ok_pair_stop);
	INIT_WORK(&pair->work, handler);
	schedule_work(&pair->work);
}

void ok_pair_close(struct ok_pair *pair)
{
	queue_work(own_wq, &pair->stop);
	flush_workqueue(own_wq);
	kfree(pair);
}

/* The module cannot go before the handler is done. */

struct ok_held {
	struct work_struct work;
};

static void ok_held_run(struct work_struct *work)
{
	struct ok_held *held = container_of(work, struct ok_held, work);

	touch_hardware();
	kfree(held);
	module_put(THIS_MODULE);
}

void ok_held_kick(void)
{
	struct ok_held *held;

	if (!try_module_get(THIS_MODULE))
		return;
	held = kzalloc(sizeof(*held), GFP_ATOMIC);
	if (!held) {
		module_put(THIS_MODULE);
		return;
	}
	INIT_WORK(&held->work, ok_held_run);
	schedule_work(&held->work);
}

/* The handler signals a completion, and teardown waits for this one. */

struct ok_signal {
	struct work_struct work;
	struct completion done;
};

static void ok_signal_run(struct work_struct *work)
{
	struct ok_signal *signal = container_of(work, struct ok_signal, work);

	touch_hardware();
	complete(&signal->done);
}

void ok_signal_kick(struct ok_signal *signal)
{
	init_completion(&signal->done);
	INIT_WORK(&signal->work, ok_signal_run);
	schedule_work(&signal->work);
}

void ok_signal_close(struct ok_signal *signal)
{
	wait_for_completion(&signal->done);
	kfree(signal);
}

static struct completion ok_last_done;

static void ok_last_run(struct work_struct *work)
{
	touch_hardware();
	complete(&ok_last_done);
}

static DECLARE_WORK(ok_last_item, ok_last_run);

/* The handler drops the reference that queueing took. */

struct ok_counted {
	struct kref ref;
	struct work_struct work;
};

static void ok_counted_free(struct kref *ref)
{
	kfree(container_of(ref, struct ok_counted, ref));
}

static void ok_counted_run(struct work_struct *work)
{
	struct ok_counted *counted = container_of(work, struct ok_counted,
						  work);

	touch_hardware();
	kref_put(&counted->ref, ok_counted_free);
}

struct ok_counted *ok_counted_create(void)
{
	struct ok_counted *counted;

	counted = kzalloc(sizeof(*counted), GFP_KERNEL);
	if (!counted)
		return NULL;
	kref_init(&counted->ref);
	INIT_WORK(&counted->work, ok_counted_run);
	return counted;
}

void ok_counted_kick(struct ok_counted *counted)
{
	kref_get(&counted->ref);
	if (!schedule_work(&counted->work))
		kref_put(&counted->ref, ok_counted_free);
}

void ok_counted_close(struct ok_counted *counted)
{
	kref_put(&counted->ref, ok_counted_free);
}

/* On the stack, and waited for before the function returns */

struct ok_call {
	struct work_struct work;
	int result;
};

static void ok_call_run(struct work_struct *work)
{
	container_of(work, struct ok_call, work)->result = 1;
}

int ok_on_stack(void)
{
	struct ok_call call = { .result = 0 };

	INIT_WORK_ONSTACK(&call.work, ok_call_run);
	queue_work(system_unbound_wq, &call.work);
	flush_work(&call.work);
	destroy_work_on_stack(&call.work);
	return call.result;
}

/* Cancelled through a pointer that was kept elsewhere */

struct ok_listed {
	struct list_head node;
	struct work_struct *work;
};

static LIST_HEAD(ok_list);
static DECLARE_WORK(ok_listed_item, handler);

void ok_list_add(struct ok_listed *listed)
{
	listed->work = &ok_listed_item;
	list_add(&listed->node, &ok_list);
	schedule_work(&ok_listed_item);
}

void ok_list_cancel(void)
{
	struct ok_listed *listed;

	list_for_each_entry(listed, &ok_list, node)
		cancel_work_sync(listed->work);
}

struct ok_stored {
	struct work_struct work;
};

static struct work_struct *ok_table[8];

void ok_table_add(struct ok_stored *stored, int i)
{
	INIT_WORK(&stored->work, handler);
	ok_table[i] = &stored->work;
	schedule_work(&stored->work);
}

void ok_table_cancel(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ok_table); i++)
		cancel_work_sync(ok_table[i]);
}

/* In a loop over the elements of an array */

struct ok_ring {
	struct work_struct works[4];
};

void ok_ring_start(struct ok_ring *ring)
{
	INIT_WORK(&ring->works[2], handler);
	schedule_work(&ring->works[2]);
}

void ok_ring_stop(struct ok_ring *ring)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ring->works); i++)
		cancel_work_sync(&ring->works[i]);
}

/* After a grace period */

struct ok_grace {
	struct rcu_work rwork;
};

void ok_grace_kick(struct ok_grace *grace)
{
	INIT_RCU_WORK(&grace->rwork, handler);
	queue_rcu_work(system_wq, &grace->rwork);
}

void ok_grace_close(struct ok_grace *grace)
{
	flush_rcu_work(&grace->rwork);
	kfree(grace);
}

/* These calls wait for what they queue. */

static long ok_here(void *data)
{
	return data != NULL;
}

long ok_synchronous_calls(void *data)
{
	schedule_on_each_cpu(handler);
	return work_on_cpu(0, ok_here, data);
}

/* Given away through a variable of no type */
struct ok_opaque {
	struct work_struct work;
};

void other_module_takes(void *item);

void ok_opaque_start(struct ok_opaque *opaque)
{
	void *item = &opaque->work;

	INIT_WORK(&opaque->work, handler);
	other_module_takes(item);
	schedule_work(&opaque->work);
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	if (!own_wq)
		return -ENOMEM;
	queue_work(own_wq, &ok_own_item);
	init_completion(&ok_last_done);
	schedule_work(&ok_last_item);
	return 0;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	wait_for_completion(&ok_last_done);
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
