/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: strict ignore=missing-destroy,unchecked-alloc */
/* check: fixits */
/*
 * deprecated-queue on 6.1: create_*workqueue(). What came later is none of
 * this kernel's.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

struct session {
	struct workqueue_struct *one, *two, *three, *four, *five;
	struct work_struct work;
};

static void handler(struct work_struct *work)
{
}

void bad_create(struct session *session, const char *name)
{
	session->one = create_workqueue("one");	/* expect: deprecated-queue */
	session->two = create_singlethread_workqueue(name);	/* expect: deprecated-queue */
	session->three = create_freezable_workqueue("three");	/* expect: deprecated-queue */
	session->four = create_singlethread_workqueue("four%%");	/* expect: deprecated-queue */
}

/* Without __WQ_LEGACY the kernel warns of this wait: no fix-it. */
void unregister_netdev(void *dev);

static void waiting_handler(struct work_struct *work)
{
	unregister_netdev(work);
}

static DECLARE_WORK(waiting_work, waiting_handler);
static struct workqueue_struct *six;

void bad_create_that_hides_a_wait(void)
{
	six = create_workqueue("six");	/* expect: deprecated-queue */
	queue_work(six, &waiting_work);
	destroy_workqueue(six);
}

/* A core that sets the flags itself knows what it does. */
void ok_alloc(struct session *session)
{
	session->five = alloc_workqueue("five", __WQ_LEGACY | WQ_MEM_RECLAIM,
					1);
	session->one = alloc_workqueue("one", 0, 0);
	session->two = alloc_ordered_workqueue("two", 0);
}

void ok_queues(struct session *session)
{
	INIT_WORK(&session->work, handler);
	queue_work(system_wq, &session->work);
	queue_work(system_unbound_wq, &session->work);
	schedule_work(&session->work);
	cancel_work_sync(&session->work);
}
