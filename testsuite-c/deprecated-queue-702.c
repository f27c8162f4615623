/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flags: -DWQLINT_KERNEL=702 */
/* args: strict ignore=missing-destroy,unchecked-alloc */
/* check: fixits */
/*
 * deprecated-queue on 7.2: the old names of shared queues, and allocations
 * that say neither WQ_PERCPU nor WQ_UNBOUND.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

struct session {
	struct workqueue_struct *wq, *old;
	struct work_struct work, other;
};

static void handler(struct work_struct *work)
{
}

void bad_names(struct session *session)
{
	INIT_WORK(&session->work, handler);
	INIT_WORK(&session->other, handler);
	queue_work(system_wq, &session->work);	/* expect: deprecated-queue */
	queue_work(system_unbound_wq, &session->other);	/* expect: deprecated-queue */
	session->old = system_wq;	/* expect: deprecated-queue */
	cancel_work_sync(&session->work);
	cancel_work_sync(&session->other);
}

void bad_alloc(struct session *session)
{
	session->wq = alloc_workqueue("wq", WQ_MEM_RECLAIM, 0);	/* expect: deprecated-queue */
}

void bad_create(struct session *session)
{
	session->wq = create_workqueue("wq");	/* expect: deprecated-queue */
}

void ok_names(struct session *session)
{
	schedule_work(&session->work);
	queue_work(system_percpu_wq, &session->work);
	queue_work(system_dfl_wq, &session->other);
	queue_work(system_long_wq, &session->other);
}

void ok_alloc(struct session *session, unsigned int flags)
{
	session->wq = alloc_workqueue("wq", WQ_PERCPU, 0);
	session->wq = alloc_workqueue("wq", WQ_UNBOUND | WQ_HIGHPRI, 0);
	session->wq = alloc_ordered_workqueue("wq", 0);
	session->wq = alloc_workqueue("wq", flags, 0);
}

/* Renaming it makes it wait for what schedule_work() queues. */
void bad_flush(void)
{
	flush_workqueue(system_wq);	/* expect: flush-system-wq, deprecated-queue */
}
