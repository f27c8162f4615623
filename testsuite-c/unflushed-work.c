/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unflushed-work: the module got its own queue and waits for it, but this
 * work item is still queued on a shared queue only, and nothing waits for it.
 *
 * Expected at the first call that queues the item. What counts as waiting is
 * the subject of unflushed-work-waits.c.
 */
#include <linux/completion.h>
#include <linux/interrupt.h>
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

void ok_own_item_kick(void)
{
	queue_work(own_wq, &ok_own_item);
}

/* A static item: the module's text goes away under its handler. */

static DECLARE_WORK(bad_item, handler);

void bad_item_kick(void)
{
	schedule_work(&bad_item);	/* expect: unflushed-work */
}

/* One finding per item: it names the other places itself. */
void bad_item_kick_again(void)
{
	schedule_work(&bad_item);
}

static DECLARE_DELAYED_WORK(bad_delayed_item, handler);

void bad_delayed_item_kick(void)
{
	queue_delayed_work(system_long_wq, &bad_delayed_item, HZ);	/* expect: unflushed-work */
}

/* A member: the object is freed under its handler. */

struct bad_session {
	unsigned int nr_events;
	struct work_struct event_work;
};

static void bad_session_event(struct work_struct *work)
{
	struct bad_session *session = container_of(work, struct bad_session,
						   event_work);

	session->nr_events++;
}

static irqreturn_t bad_session_irq(int irq, void *data)
{
	struct bad_session *session = data;

	schedule_work(&session->event_work);	/* expect: unflushed-work */
	return IRQ_HANDLED;
}

struct bad_session *bad_session_open(unsigned int irq)
{
	struct bad_session *session;

	session = kzalloc(sizeof(*session), GFP_KERNEL);
	if (!session)
		return NULL;
	INIT_WORK(&session->event_work, bad_session_event);
	if (request_irq(irq, bad_session_irq, 0, "session", session)) {
		kfree(session);
		return NULL;
	}
	return session;
}

void bad_session_close(struct bad_session *session, unsigned int irq)
{
	free_irq(irq, session);
	flush_workqueue(own_wq);
	kfree(session);
}

/* The handler queues its item again, for ever. */

struct bad_poller {
	struct delayed_work poll;
};

static void bad_poll(struct work_struct *work)
{
	struct bad_poller *poller = container_of(work, struct bad_poller,
						 poll.work);

	touch_hardware();
	schedule_delayed_work(&poller->poll, HZ);	/* expect: unflushed-work */
}

void bad_poller_start(struct bad_poller *poller)
{
	INIT_DELAYED_WORK(&poller->poll, bad_poll);
	schedule_delayed_work(&poller->poll, 0);
}

/* The cancel of a sibling is where the missing one belongs. */

struct bad_link {
	struct work_struct up_work;
	struct work_struct down_work;
};

void bad_link_change(struct bad_link *link, bool up)
{
	if (up)
		schedule_work(&link->up_work);
	else
		schedule_work(&link->down_work);	/* expect: unflushed-work */
}

void bad_link_init(struct bad_link *link)
{
	INIT_WORK(&link->up_work, handler);
	INIT_WORK(&link->down_work, handler);
}

void bad_link_close(struct bad_link *link)
{
	cancel_work_sync(&link->up_work);
	kfree(link);
}

/* Without _sync nothing waits for a handler that runs. */

struct bad_cancelled {
	struct work_struct work;
	struct delayed_work dwork;
};

void bad_cancelled_kick(struct bad_cancelled *cancelled)
{
	INIT_WORK(&cancelled->work, handler);
	INIT_DELAYED_WORK(&cancelled->dwork, handler);
	schedule_work(&cancelled->work);	/* expect: unflushed-work */
	schedule_delayed_work(&cancelled->dwork, HZ);	/* expect: unflushed-work */
}

void bad_cancelled_close(struct bad_cancelled *cancelled)
{
	cancel_work(&cancelled->work);
	cancel_delayed_work(&cancelled->dwork);
	kfree(cancelled);
}

/* Signals a completion, but teardown waits for another one. */

struct bad_request {
	struct work_struct work;
	struct completion done;
	struct completion idle;
};

static void bad_request_run(struct work_struct *work)
{
	struct bad_request *request = container_of(work, struct bad_request,
						   work);

	complete(&request->done);
}

void bad_request_start(struct bad_request *request)
{
	init_completion(&request->done);
	init_completion(&request->idle);
	INIT_WORK(&request->work, bad_request_run);
	queue_work(system_unbound_wq, &request->work);	/* expect: unflushed-work */
}

void bad_request_free(struct bad_request *request)
{
	wait_for_completion(&request->idle);
	kfree(request);
}

/* Through a helper that takes any work item */

struct bad_kicked {
	struct work_struct work;
};

static noinline void bad_kick(struct work_struct *work)
{
	touch_hardware();
	schedule_work(work);	/* expect: unflushed-work */
}

void bad_kicked_start(struct bad_kicked *kicked)
{
	INIT_WORK(&kicked->work, handler);
	bad_kick(&kicked->work);
}

void bad_kicked_close(struct bad_kicked *kicked)
{
	kfree(kicked);
}

/* Cancelled, so it may stay on the shared queue. */

struct ok_cancelled {
	struct work_struct work;
	struct delayed_work dwork;
};

void ok_cancelled_kick(struct ok_cancelled *cancelled)
{
	INIT_WORK(&cancelled->work, handler);
	INIT_DELAYED_WORK(&cancelled->dwork, handler);
	schedule_work(&cancelled->work);
	schedule_delayed_work(&cancelled->dwork, HZ);
}

void ok_cancelled_close(struct ok_cancelled *cancelled)
{
	cancel_work_sync(&cancelled->work);
	cancel_delayed_work_sync(&cancelled->dwork);
	kfree(cancelled);
}

static DECLARE_WORK(ok_item, handler);

void ok_item_kick(void)
{
	schedule_work(&ok_item);
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	return own_wq ? 0 : -ENOMEM;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	flush_work(&ok_item);
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
