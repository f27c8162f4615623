/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: ignore=missing-destroy,unchecked-alloc */
/*
 * delayed-not-covered: flush_workqueue() and destroy_workqueue() know nothing
 * of a timer that has not put its item on the queue yet.
 */
#include <linux/completion.h>
#include <linux/interrupt.h>

#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

void touch_hardware(void);
bool is_busy(void);

static struct workqueue_struct *own_wq;

static void handler(struct work_struct *work)
{
	touch_hardware();
}

/* At file scope. */

static DECLARE_DELAYED_WORK(bad_item, handler);

void bad_item_kick(void)
{
	queue_delayed_work(own_wq, &bad_item, HZ);	/* expect: delayed-not-covered */
}

/* In an object; the delay is computed. */

struct session {
	struct workqueue_struct *wq;
	struct delayed_work bad_timeout;
	struct delayed_work bad_flushed;
	struct delayed_work bad_cancelled;
	struct delayed_work bad_poll;
	struct delayed_work ok_cancelled;
	struct delayed_work ok_flushed;
	struct delayed_work ok_stopped;
	struct delayed_work ok_hurried;
	struct delayed_work ok_at_once;
	struct delayed_work ok_retry;
	struct delayed_work ok_done;
	struct completion done;
	struct work_struct ok_plain;
};

void bad_timeout_kick(struct session *session, unsigned int ms)
{
	mod_delayed_work(session->wq, &session->bad_timeout,	/* expect: delayed-not-covered */
			 msecs_to_jiffies(ms));
}

/* What waits for the work_struct in it leaves the timer. */
void bad_waits(struct session *session)
{
	queue_delayed_work(session->wq, &session->bad_flushed, HZ);	/* expect: delayed-not-covered */
	queue_delayed_work(session->wq, &session->bad_cancelled, HZ);	/* expect: delayed-not-covered */
}

/* Its handler puts it off, for ever. */
static void bad_poll_handler(struct work_struct *work)
{
	struct session *session = container_of(work, struct session,
					       bad_poll.work);

	touch_hardware();
	queue_delayed_work(session->wq, &session->bad_poll, HZ);	/* expect: delayed-not-covered */
}

/* The delay comes from the caller. */
static void kick(struct session *session, struct delayed_work *work,
		 unsigned long delay)
{
	queue_delayed_work(session->wq, work, delay);
}

/* Tries again until it is done: seen with "strict" only. */
static void ok_retry_handler(struct work_struct *work)
{
	struct session *session = container_of(work, struct session,
					       ok_retry.work);

	if (is_busy())
		queue_delayed_work(session->wq, &session->ok_retry, 1);
}

/* Teardown waits for what the handler says at its end. */
static void ok_done_handler(struct work_struct *work)
{
	struct session *session = container_of(work, struct session,
					       ok_done.work);

	complete(&session->done);
}

struct session *open_session(void)
{
	struct session *session = kzalloc(sizeof(*session), GFP_KERNEL);

	if (!session)
		return NULL;
	session->wq = alloc_workqueue("session", 0, 0);
	if (!session->wq) {
		kfree(session);
		return NULL;
	}
	init_completion(&session->done);
	INIT_DELAYED_WORK(&session->bad_timeout, handler);
	INIT_DELAYED_WORK(&session->bad_flushed, handler);
	INIT_DELAYED_WORK(&session->bad_cancelled, handler);
	INIT_DELAYED_WORK(&session->bad_poll, bad_poll_handler);
	INIT_DELAYED_WORK(&session->ok_cancelled, handler);
	INIT_DELAYED_WORK(&session->ok_flushed, handler);
	INIT_DELAYED_WORK(&session->ok_stopped, handler);
	INIT_DELAYED_WORK(&session->ok_hurried, handler);
	INIT_DELAYED_WORK(&session->ok_at_once, handler);
	INIT_DELAYED_WORK(&session->ok_retry, ok_retry_handler);
	INIT_DELAYED_WORK(&session->ok_done, ok_done_handler);
	INIT_WORK(&session->ok_plain, handler);
	queue_delayed_work(session->wq, &session->bad_poll, 0);
	queue_delayed_work(session->wq, &session->ok_cancelled, HZ);
	queue_delayed_work(session->wq, &session->ok_flushed, HZ);
	queue_delayed_work(session->wq, &session->ok_stopped, HZ);
	queue_delayed_work(session->wq, &session->ok_hurried, HZ);
	queue_delayed_work(session->wq, &session->ok_retry, 0);
	queue_delayed_work(session->wq, &session->ok_done, HZ);
	kick(session, &session->ok_at_once, 0);
	queue_work(session->wq, &session->ok_plain);
	return session;
}

static void stop_timers(struct session *session)
{
	cancel_delayed_work(&session->ok_stopped);
}

void close_session(struct session *session)
{
	wait_for_completion(&session->done);
	cancel_delayed_work_sync(&session->ok_cancelled);
	flush_delayed_work(&session->ok_flushed);
	flush_work(&session->bad_flushed.work);
	cancel_work_sync(&session->bad_cancelled.work);
	stop_timers(session);
	mod_delayed_work(session->wq, &session->ok_hurried, 0);
	destroy_workqueue(session->wq);
	kfree(session);
}

/* On a shared queue it is another rule's. */

static DECLARE_DELAYED_WORK(ok_on_shared, handler);

void ok_on_shared_kick(void)
{
	schedule_delayed_work(&ok_on_shared, HZ);	/* expect: unflushed-work */
}

/* A queue that nothing waits for says nothing of its items. */

static struct workqueue_struct *forgotten_wq;
static DECLARE_DELAYED_WORK(ok_no_teardown, handler);

void ok_no_teardown_kick(void)
{
	forgotten_wq = alloc_workqueue("forgotten", 0, 0);
	queue_delayed_work(forgotten_wq, &ok_no_teardown, HZ);
}

static int __init own_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	return own_wq ? 0 : -ENOMEM;
}
module_init(own_init);

static void __exit own_exit(void)
{
	flush_workqueue(own_wq);
	destroy_workqueue(own_wq);
}
module_exit(own_exit);
