/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mixed-queues: one work item goes to the own queue in one place and to a
 * shared queue in another, and only the own queue is waited for.
 *
 * Expected at the call that queues on the shared queue: this is the one that
 * Step 4 of the conversion forgot. Which items are one and the same is the
 * subject of mixed-queues-identity.c.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

void touch_hardware(void);

static void handler(struct work_struct *work)
{
	touch_hardware();
}

/* A static work item */

static DECLARE_WORK(bad_item, handler);

void bad_item_slow_path(void)
{
	queue_work(own_wq, &bad_item);
}

void bad_item_fast_path(void)
{
	schedule_work(&bad_item);	/* expect: mixed-queues */
}

/* Item and queue are members, and each object has its own queue. */

struct bad_port {
	struct workqueue_struct *wq;
	struct work_struct work;
};

int bad_port_open(struct bad_port *port)
{
	port->wq = alloc_workqueue("port", 0, 0);
	if (!port->wq)
		return -ENOMEM;
	INIT_WORK(&port->work, handler);
	return 0;
}

void bad_port_receive(struct bad_port *port)
{
	queue_work(port->wq, &port->work);
}

void bad_port_error(struct bad_port *port)
{
	schedule_work(&port->work);	/* expect: mixed-queues */
}

void bad_port_close(struct bad_port *port)
{
	destroy_workqueue(port->wq);
	kfree(port);
}

/* The handler queues itself again, on the wrong queue. */

struct bad_poller {
	struct delayed_work poll;
	bool stop;
};

static void bad_poll(struct work_struct *work)
{
	struct bad_poller *poller = container_of(to_delayed_work(work),
						 struct bad_poller, poll);

	touch_hardware();
	if (!poller->stop)
		schedule_delayed_work(&poller->poll, HZ);	/* expect: mixed-queues */
}

void bad_poller_start(struct bad_poller *poller)
{
	INIT_DELAYED_WORK(&poller->poll, bad_poll);
	queue_delayed_work(own_wq, &poller->poll, HZ);
}

/* Again, in one step from the item to its owner */

struct bad_watch {
	int id;
	struct delayed_work check;
};

static void bad_watch_check(struct work_struct *work)
{
	struct bad_watch *watch = container_of(work, struct bad_watch,
					       check.work);

	if (watch->id)
		mod_delayed_work(system_wq, &watch->check, HZ);	/* expect: mixed-queues */
}

void bad_watch_start(struct bad_watch *watch)
{
	INIT_DELAYED_WORK(&watch->check, bad_watch_check);
	queue_delayed_work(own_wq, &watch->check, 0);
}

/* Through a helper that takes any work item */

struct bad_kicked {
	struct work_struct work;
};

static noinline void bad_kick(struct work_struct *work)
{
	touch_hardware();
	schedule_work(work);	/* expect: mixed-queues */
}

void bad_kicked_start(struct bad_kicked *kicked)
{
	INIT_WORK(&kicked->work, handler);
	queue_work(own_wq, &kicked->work);
}

void bad_kicked_again(struct bad_kicked *kicked)
{
	bad_kick(&kicked->work);
}

/* Inside a wrapper struct */

struct bad_tagged_work {
	struct work_struct work;
	int tag;
};

struct bad_channel {
	struct bad_tagged_work rx;
};

void bad_channel_start(struct bad_channel *channel)
{
	INIT_WORK(&channel->rx.work, handler);
	queue_work(own_wq, &channel->rx.work);
}

void bad_channel_timeout(struct bad_channel *channel)
{
	channel->rx.tag = 1;
	schedule_work(&channel->rx.work);	/* expect: mixed-queues */
}

/* The shared queue comes through a variable. */

struct bad_alias {
	struct work_struct work;
};

void bad_alias_start(struct bad_alias *alias)
{
	INIT_WORK(&alias->work, handler);
	queue_work(own_wq, &alias->work);
}

void bad_alias_urgent(struct bad_alias *alias)
{
	struct workqueue_struct *wq = system_highpri_wq;

	touch_hardware();
	queue_work(wq, &alias->work);	/* expect: mixed-queues */
}

/* Both calls in one function */

struct bad_both {
	struct work_struct work;
};

void bad_both_start(struct bad_both *both)
{
	INIT_WORK(&both->work, handler);
	queue_work(own_wq, &both->work);
	touch_hardware();
	schedule_work(&both->work);	/* expect: mixed-queues */
}

/* cancel_work() and cancel_delayed_work() do not wait for a handler. */

struct bad_cancel {
	struct delayed_work dwork;
};

void bad_cancel_start(struct bad_cancel *cancel)
{
	INIT_DELAYED_WORK(&cancel->dwork, handler);
	queue_delayed_work(own_wq, &cancel->dwork, HZ);
}

void bad_cancel_soon(struct bad_cancel *cancel)
{
	schedule_delayed_work(&cancel->dwork, 1);	/* expect: mixed-queues */
}

void bad_cancel_stop(struct bad_cancel *cancel)
{
	cancel_delayed_work(&cancel->dwork);
	flush_workqueue(own_wq);
}

/* Somebody waits for the item itself. */

struct ok_cancelled {
	struct work_struct work;
};

void ok_cancelled_start(struct ok_cancelled *cancelled)
{
	INIT_WORK(&cancelled->work, handler);
	queue_work(own_wq, &cancelled->work);
}

void ok_cancelled_error(struct ok_cancelled *cancelled)
{
	schedule_work(&cancelled->work);
}

void ok_cancelled_stop(struct ok_cancelled *cancelled)
{
	cancel_work_sync(&cancelled->work);
}

static DECLARE_DELAYED_WORK(ok_flushed_item, handler);

void ok_flushed_start(void)
{
	queue_delayed_work(own_wq, &ok_flushed_item, HZ);
}

void ok_flushed_error(void)
{
	schedule_delayed_work(&ok_flushed_item, HZ);
}

void ok_flushed_stop(void)
{
	flush_delayed_work(&ok_flushed_item);
}

/* The configuration decides, and the item is on one of them only. */

struct ok_choice {
	struct workqueue_struct *own;
	struct work_struct work;
};

int ok_choice_open(struct ok_choice *choice, bool own)
{
	INIT_WORK(&choice->work, handler);
	if (!own)
		return 0;
	choice->own = alloc_workqueue("choice", 0, 0);
	return choice->own ? 0 : -ENOMEM;
}

void ok_choice_kick(struct ok_choice *choice)
{
	if (choice->own)
		queue_work(choice->own, &choice->work);
	else
		schedule_work(&choice->work);
}

void ok_choice_close(struct ok_choice *choice)
{
	if (choice->own)
		destroy_workqueue(choice->own);
}

/* A bit decides, and what it says is nobody's business here. */
struct ok_bit {
	unsigned long flags;
	struct work_struct work;
};

void ok_bit_open(struct ok_bit *bit)
{
	INIT_WORK(&bit->work, handler);
}

void ok_bit_kick(struct ok_bit *bit)
{
	if (bit->flags & 4)
		queue_work(own_wq, &bit->work);
	else
		schedule_work(&bit->work);
}

struct ok_chosen {
	struct workqueue_struct *own;
	struct work_struct work;
};

int ok_chosen_open(struct ok_chosen *chosen, bool own)
{
	INIT_WORK(&chosen->work, handler);
	if (!own)
		return 0;
	chosen->own = alloc_workqueue("chosen", 0, 0);
	return chosen->own ? 0 : -ENOMEM;
}

void ok_chosen_kick(struct ok_chosen *chosen)
{
	struct workqueue_struct *wq = chosen->own ? chosen->own : system_wq;

	queue_work(wq, &chosen->work);
}

void ok_chosen_close(struct ok_chosen *chosen)
{
	if (chosen->own)
		destroy_workqueue(chosen->own);
}

/* On a shared queue on purpose: the handler waits for the own queue. */

struct ok_recovery {
	struct work_struct recover;
};

static void ok_recover(struct work_struct *work)
{
	touch_hardware();
	flush_workqueue(own_wq);	/* expect: self-flush */
}

void ok_recovery_start(struct ok_recovery *recovery)
{
	INIT_WORK(&recovery->recover, ok_recover);
	schedule_work(&recovery->recover);
}

void ok_recovery_early(struct ok_recovery *recovery)
{
	queue_work(own_wq, &recovery->recover);
}

/* Right all along */

static DECLARE_WORK(ok_item, handler);

void ok_own_everywhere(void)
{
	queue_work(own_wq, &ok_item);
}

void ok_own_everywhere_else(void)
{
	queue_work_on(0, own_wq, &ok_item);
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
