/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * uncancelled-work: what counts as waiting for an item, however far away it
 * is, and what only looks like it.
 */
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

void touch_hardware(void);

static void handler(struct work_struct *work)
{
	touch_hardware();
}

/* Cancelled by the handler of another item that is waited for. */

struct ok_chain {
	struct work_struct first;
	struct work_struct last;
};

static void ok_chain_last(struct work_struct *work)
{
	struct ok_chain *chain = container_of(work, struct ok_chain, last);

	cancel_work_sync(&chain->first);
}

void ok_chain_open(struct ok_chain *chain)
{
	INIT_WORK(&chain->first, handler);
	INIT_WORK(&chain->last, ok_chain_last);
	schedule_work(&chain->first);
}

void ok_chain_close(struct ok_chain *chain)
{
	schedule_work(&chain->last);
	flush_work(&chain->last);
	kfree(chain);
}

/* Cancelled by a helper that gets only the item. */

struct ok_helped {
	struct work_struct work;
};

static void ok_stop(struct work_struct *work)
{
	cancel_work_sync(work);
}

void ok_helped_open(struct ok_helped *helped)
{
	INIT_WORK(&helped->work, handler);
	schedule_work(&helped->work);
}

void ok_helped_close(struct ok_helped *helped)
{
	ok_stop(&helped->work);
	kfree(helped);
}

/* Cancelled through an index, and in a loop over a list. */

struct ok_port {
	struct list_head list;
	struct work_struct work;
};

struct ok_hub {
	struct list_head ports;
	struct work_struct works[4];
};

void ok_hub_open(struct ok_hub *hub, struct ok_port *port)
{
	INIT_WORK(&hub->works[0], handler);
	INIT_WORK(&port->work, handler);
	schedule_work(&hub->works[0]);
	schedule_work(&port->work);
}

void ok_hub_close(struct ok_hub *hub)
{
	struct ok_port *port;
	int i;

	for (i = 0; i < 4; i++)
		cancel_work_sync(&hub->works[i]);
	list_for_each_entry(port, &hub->ports, list) {
		cancel_work_sync(&port->work);
		kfree(port);
	}
	kfree(hub);
}

/* Cancelled through a pointer that is kept elsewhere. */

struct ok_pointed {
	struct work_struct work;
};

static struct work_struct *ok_current;

void ok_pointed_open(struct ok_pointed *pointed)
{
	INIT_WORK(&pointed->work, handler);
	ok_current = &pointed->work;
	schedule_work(&pointed->work);
}

void ok_pointed_close(struct ok_pointed *pointed)
{
	cancel_work_sync(ok_current);
	kfree(pointed);
}

/* The handler ends in module_put(), of a reference taken before. */

struct ok_module {
	struct work_struct work;
};

static void ok_module_handler(struct work_struct *work)
{
	kfree(container_of(work, struct ok_module, work));
	module_put(THIS_MODULE);
}

void ok_module_event(void)
{
	struct ok_module *event;

	if (!try_module_get(THIS_MODULE))
		return;
	event = kzalloc(sizeof(*event), GFP_KERNEL);
	if (!event) {
		module_put(THIS_MODULE);
		return;
	}
	INIT_WORK(&event->work, ok_module_handler);
	schedule_work(&event->work);
}

/* On the stack, and flushed by the same function. */

struct ok_request {
	struct work_struct work;
};

void ok_on_stack(void)
{
	struct ok_request request;

	INIT_WORK_ONSTACK(&request.work, handler);
	schedule_work(&request.work);
	flush_work(&request.work);
}

/* The caller's item: whose it is, and who waits for it, is not seen. */

void ok_callers_item(struct work_struct *work)
{
	schedule_work(work);
}
EXPORT_SYMBOL_GPL(ok_callers_item);

/* A core gets the item, and may wait for it. */

struct ok_registered {
	struct work_struct work;
};

void core_register_work(struct work_struct *work);

void ok_registered_open(struct ok_registered *registered)
{
	INIT_WORK(&registered->work, handler);
	core_register_work(&registered->work);
	schedule_work(&registered->work);
}

void ok_registered_close(struct ok_registered *registered)
{
	kfree(registered);
}

/* Only looks like waiting: another item of the same name, another struct. */

struct bad_other {
	struct work_struct work;
};

struct ok_other {
	struct work_struct work;
};

void bad_other_open(struct bad_other *bad, struct ok_other *ok)
{
	INIT_WORK(&bad->work, handler);
	INIT_WORK(&ok->work, handler);
	schedule_work(&bad->work);		/* expect: uncancelled-work */
	schedule_work(&ok->work);
}

static void bad_other_close(struct bad_other *bad, struct ok_other *ok)
{
	cancel_work_sync(&ok->work);
	kfree(ok);
	kfree(bad);
}

/* Waiting for the interrupt and the timer that queue it is not enough. */

struct bad_irq {
	struct timer_list timer;
	struct work_struct work;
};

static irqreturn_t bad_irq_handler(int irq, void *data)
{
	struct bad_irq *bad = data;

	schedule_work(&bad->work);		/* expect: uncancelled-work */
	return IRQ_HANDLED;
}

int bad_irq_open(struct bad_irq *bad)
{
	INIT_WORK(&bad->work, handler);
	return request_irq(1, bad_irq_handler, 0, "bad", bad);
}

static void bad_irq_close(struct bad_irq *bad)
{
	free_irq(1, bad);
	del_timer_sync(&bad->timer);
	kfree(bad);
}

/* Looking whether it is pending is not waiting. */

struct bad_polled {
	struct work_struct work;
};

void bad_polled_open(struct bad_polled *bad)
{
	INIT_WORK(&bad->work, handler);
	schedule_work(&bad->work);		/* expect: uncancelled-work */
}

static void bad_polled_close(struct bad_polled *bad)
{
	if (cancel_work(&bad->work))
		touch_hardware();
	kfree(bad);
}

static struct bad_other *bad_other;
static struct ok_other *ok_other;
static struct bad_irq *bad_irq;
static struct bad_polled *bad_polled;

static void __exit example_exit(void)
{
	bad_other_close(bad_other, ok_other);
	bad_irq_close(bad_irq);
	bad_polled_close(bad_polled);
}

module_exit(example_exit);
MODULE_LICENSE("GPL");
