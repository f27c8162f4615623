/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: strict */
/*
 * destroy-before-users: what can queue on a queue that was destroyed.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

/* An item with a delay, cancelled too late. */

struct bad_poll {
	struct workqueue_struct *wq;
	struct delayed_work poll;
};

static void bad_poll_handler(struct work_struct *work)
{
	struct bad_poll *poll = container_of(work, struct bad_poll, poll.work);

	queue_delayed_work(poll->wq, &poll->poll, HZ);
}

int bad_poll_init(struct bad_poll *poll)
{
	poll->wq = alloc_workqueue("poll", 0, 0);
	if (!poll->wq)
		return -ENOMEM;
	INIT_DELAYED_WORK(&poll->poll, bad_poll_handler);
	queue_delayed_work(poll->wq, &poll->poll, HZ);
	return 0;
}

void bad_poll_exit(struct bad_poll *poll)
{
	destroy_workqueue(poll->wq);	/* expect: destroy-before-users */
	cancel_delayed_work_sync(&poll->poll);
}

/* An item of another queue, whose handler queues on this one. */

struct bad_chain {
	struct workqueue_struct *wq;
	struct work_struct first, second;
};

static void bad_chain_second(struct work_struct *work)
{
}

static void bad_chain_first(struct work_struct *work)
{
	struct bad_chain *chain = container_of(work, struct bad_chain, first);

	queue_work(chain->wq, &chain->second);
}

int bad_chain_init(struct bad_chain *chain)
{
	chain->wq = alloc_workqueue("chain", 0, 0);
	if (!chain->wq)
		return -ENOMEM;
	INIT_WORK(&chain->first, bad_chain_first);
	INIT_WORK(&chain->second, bad_chain_second);
	schedule_work(&chain->first);
	return 0;
}

void bad_chain_exit(struct bad_chain *chain)
{
	destroy_workqueue(chain->wq);	/* expect: destroy-before-users */
	cancel_work_sync(&chain->first);
}

/* A call that queues there. */

struct bad_call {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static void bad_call_notify(struct bad_call *call)
{
	queue_work(call->wq, &call->work);
}

int bad_call_init(struct bad_call *call)
{
	call->wq = alloc_workqueue("call", 0, 0);
	if (!call->wq)
		return -ENOMEM;
	INIT_WORK(&call->work, bad_chain_second);
	return 0;
}

void bad_call_exit(struct bad_call *call)
{
	destroy_workqueue(call->wq);	/* expect: destroy-before-users */
	bad_call_notify(call);
}

/* An interrupt that is freed only then: level CHECK. */

struct bad_irq {
	struct workqueue_struct *wq;
	struct work_struct work;
	int irq;
};

static irqreturn_t bad_irq_handler(int irq, void *data)
{
	struct bad_irq *b = data;

	queue_work(b->wq, &b->work);
	return IRQ_HANDLED;
}

int bad_irq_init(struct bad_irq *b)
{
	b->wq = alloc_workqueue("irq", 0, 0);
	if (!b->wq)
		return -ENOMEM;
	INIT_WORK(&b->work, bad_chain_second);
	return request_irq(b->irq, bad_irq_handler, 0, "irq", b);
}

void bad_irq_exit(struct bad_irq *b)
{
	destroy_workqueue(b->wq);	/* expect: destroy-before-users */
	free_irq(b->irq, b);
}

/* A timer whose function queues there is stopped only after. */

struct bad_timer {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct timer_list timer;
};

static void bad_timer_expired(struct timer_list *timer)
{
	struct bad_timer *b = from_timer(b, timer, timer);

	queue_work(b->wq, &b->work);
}

int bad_timer_init(struct bad_timer *b)
{
	b->wq = alloc_workqueue("timer", 0, 0);
	if (!b->wq)
		return -ENOMEM;
	INIT_WORK(&b->work, bad_chain_second);
	timer_setup(&b->timer, bad_timer_expired, 0);
	mod_timer(&b->timer, HZ);
	return 0;
}

void bad_timer_exit(struct bad_timer *b)
{
	destroy_workqueue(b->wq);	/* expect: destroy-before-users */
	del_timer_sync(&b->timer);
}

/* It is stopped before; another one has nothing to do with the queue. */

struct ok_timer {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct timer_list timer, other;
	int ticks;
};

static void ok_timer_expired(struct timer_list *timer)
{
	struct ok_timer *ok = from_timer(ok, timer, timer);

	queue_work(ok->wq, &ok->work);
}

static void ok_timer_ticks(struct timer_list *timer)
{
	struct ok_timer *ok = from_timer(ok, timer, other);

	ok->ticks++;
}

int ok_timer_init(struct ok_timer *ok)
{
	ok->wq = alloc_workqueue("timer", 0, 0);
	if (!ok->wq)
		return -ENOMEM;
	INIT_WORK(&ok->work, bad_chain_second);
	timer_setup(&ok->timer, ok_timer_expired, 0);
	timer_setup(&ok->other, ok_timer_ticks, 0);
	mod_timer(&ok->timer, HZ);
	mod_timer(&ok->other, HZ);
	return 0;
}

void ok_timer_exit(struct ok_timer *ok)
{
	del_timer_sync(&ok->timer);
	destroy_workqueue(ok->wq);
	del_timer_sync(&ok->other);
}

/* Twice, so that nobody need know on which way it was armed. */
void ok_timer_twice(struct ok_timer *ok)
{
	del_timer_sync(&ok->timer);
	destroy_workqueue(ok->wq);
	del_timer_sync(&ok->timer);
}

/* The right order. */

struct ok_order {
	struct workqueue_struct *wq;
	struct delayed_work poll;
};

static void ok_order_handler(struct work_struct *work)
{
}

int ok_order_init(struct ok_order *order)
{
	order->wq = alloc_workqueue("order", 0, 0);
	if (!order->wq)
		return -ENOMEM;
	INIT_DELAYED_WORK(&order->poll, ok_order_handler);
	queue_delayed_work(order->wq, &order->poll, HZ);
	return 0;
}

void ok_order_exit(struct ok_order *order)
{
	cancel_delayed_work_sync(&order->poll);
	destroy_workqueue(order->wq);
	cancel_delayed_work_sync(&order->poll);
}

/* Without a delay the destroy has waited for it. */

struct ok_drained {
	struct workqueue_struct *wq;
	struct work_struct work;
};

int ok_drained_init(struct ok_drained *drained)
{
	drained->wq = alloc_workqueue("drained", 0, 0);
	if (!drained->wq)
		return -ENOMEM;
	INIT_WORK(&drained->work, ok_order_handler);
	queue_work(drained->wq, &drained->work);
	return 0;
}

void ok_drained_exit(struct ok_drained *drained)
{
	destroy_workqueue(drained->wq);
	cancel_work_sync(&drained->work);
}

/* A new queue is there again. */

struct ok_reset {
	struct workqueue_struct *wq;
	struct work_struct work;
};

int ok_reset(struct ok_reset *reset)
{
	INIT_WORK(&reset->work, ok_order_handler);
	destroy_workqueue(reset->wq);
	reset->wq = alloc_workqueue("reset", 0, 0);
	if (!reset->wq)
		return -ENOMEM;
	queue_work(reset->wq, &reset->work);
	return 0;
}

/* One object after the other. */

struct ok_each {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct ok_each *next;
};

int ok_each_init(struct ok_each *each)
{
	each->wq = alloc_workqueue("each", 0, 0);
	INIT_WORK(&each->work, ok_order_handler);
	return each->wq ? 0 : -ENOMEM;
}

void ok_each_exit(struct ok_each *each)
{
	for (; each; each = each->next) {
		queue_work(each->wq, &each->work);
		destroy_workqueue(each->wq);
	}
}
