/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: strict ignore=missing-destroy,unchecked-alloc */
/*
 * redundant-flush: destroy_workqueue() drains the queue; with something
 * between the two the flush can have a meaning of its own.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct session {
	struct workqueue_struct *wq, *other_wq;
	struct work_struct work, other;
};

void stop_hardware(void);

static void handler(struct work_struct *work)
{
	stop_hardware();
}

void start(struct session *session)
{
	session->wq = alloc_workqueue("session", 0, 0);
	session->other_wq = alloc_workqueue("other", 0, 0);
	INIT_WORK(&session->work, handler);
	INIT_WORK(&session->other, handler);
	queue_work(session->wq, &session->work);
	queue_work(session->other_wq, &session->other);
}

void bad_both(struct session *session)
{
	flush_workqueue(session->wq);	/* expect: redundant-flush */
	destroy_workqueue(session->wq);
	if (session->other_wq) {
		drain_workqueue(session->other_wq);	/* expect: redundant-flush */
		destroy_workqueue(session->other_wq);
	}
}

/* Something is stopped once the work is done. */
void ok_stop_between(struct session *session)
{
	flush_workqueue(session->wq);
	stop_hardware();
	destroy_workqueue(session->wq);
}

void ok_free_between(struct session *session, void *buffer)
{
	flush_workqueue(session->wq);
	kfree(buffer);
	destroy_workqueue(session->wq);
}

/* Two queues. */
void ok_other_queue(struct session *session)
{
	flush_workqueue(session->wq);
	destroy_workqueue(session->other_wq);
}

/* The flush is needed where the queue stays. */
void ok_only_when_last(struct session *session, bool last)
{
	flush_workqueue(session->wq);
	if (last)
		destroy_workqueue(session->wq);
}

void ok_other_object(struct session *session, struct session *next)
{
	flush_workqueue(session->wq);
	destroy_workqueue(next->wq);
}
