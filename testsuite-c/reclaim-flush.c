/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: ignore=missing-destroy,unchecked-alloc */
/*
 * reclaim-flush: a handler on a WQ_MEM_RECLAIM queue waits for a queue
 * without it, or for an item on one. What kernel/workqueue.c lets pass,
 * passes here, too.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *reclaim_wq;
static struct workqueue_struct *other_reclaim_wq;
static struct workqueue_struct *plain_wq;
static struct workqueue_struct *legacy_wq;
static struct workqueue_struct *either_wq;

void touch_hardware(void);

static void leaf(struct work_struct *work)
{
	touch_hardware();
}

static DECLARE_WORK(on_shared, leaf);
static DECLARE_WORK(on_plain, leaf);
static DECLARE_WORK(on_reclaim, leaf);
static DECLARE_WORK(on_both, leaf);

int start(bool reclaim)
{
	reclaim_wq = alloc_workqueue("reclaim", WQ_MEM_RECLAIM, 0);
	other_reclaim_wq = alloc_ordered_workqueue("other", WQ_MEM_RECLAIM);
	plain_wq = alloc_workqueue("plain", WQ_UNBOUND, 0);
	legacy_wq = create_workqueue("legacy");
	either_wq = alloc_workqueue("either", reclaim ? WQ_MEM_RECLAIM : 0, 0);
	schedule_work(&on_shared);
	queue_work(plain_wq, &on_plain);
	queue_work(other_reclaim_wq, &on_reclaim);
	queue_work(other_reclaim_wq, &on_both);
	queue_work(plain_wq, &on_both);
	return 0;
}

/* A queue; an item; of its own or of the whole kernel. */

static void wait_for_plain(void)
{
	flush_workqueue(plain_wq);	/* expect: reclaim-flush */
}

static void bad(struct work_struct *work)
{
	wait_for_plain();
	flush_work(&on_plain);	/* expect: reclaim-flush */
	flush_work(&on_shared);	/* expect: reclaim-flush */
	schedule_on_each_cpu(leaf);	/* expect: reclaim-flush */
}

static DECLARE_WORK(bad_item, bad);

void bad_kick(void)
{
	queue_work(reclaim_wq, &bad_item);
}

/* The same on the same queue is another rule's; with the flag it is fine. */
static void ok_with_flag(struct work_struct *work)
{
	flush_workqueue(other_reclaim_wq);
	flush_work(&on_reclaim);
	flush_work(&on_both);
	flush_workqueue(legacy_wq);
	flush_workqueue(either_wq);
	touch_hardware();
}

static DECLARE_WORK(ok_with_flag_item, ok_with_flag);

/* Cancelling waits only for what runs already. */
static void ok_cancel(struct work_struct *work)
{
	cancel_work_sync(&on_plain);
	cancel_work_sync(&on_shared);
}

static DECLARE_WORK(ok_cancel_item, ok_cancel);

/* Nothing is on a queue that goes before anybody saw it. */
static void ok_undo(struct work_struct *work)
{
	struct workqueue_struct *wq = alloc_workqueue("short", 0, 0);

	if (!wq)
		return;
	touch_hardware();
	destroy_workqueue(wq);
}

static DECLARE_WORK(ok_undo_item, ok_undo);

static void ok_asks(struct work_struct *work)
{
	if (current_work() != work)
		flush_workqueue(plain_wq);
}

static DECLARE_WORK(ok_asks_item, ok_asks);

void ok_kick(void)
{
	queue_work(reclaim_wq, &ok_with_flag_item);
	queue_work(reclaim_wq, &ok_cancel_item);
	queue_work(reclaim_wq, &ok_undo_item);
	queue_work(reclaim_wq, &ok_asks_item);
}

/* Not from a queue with the flag, or from one of create_workqueue(). */

static void ok_from_elsewhere(struct work_struct *work)
{
	flush_work(&on_plain);
}

static DECLARE_WORK(ok_from_legacy, ok_from_elsewhere);
static DECLARE_WORK(ok_from_shared, ok_from_elsewhere);
static DECLARE_WORK(ok_from_either, ok_from_elsewhere);

void ok_kick_elsewhere(void)
{
	queue_work(legacy_wq, &ok_from_legacy);
	schedule_work(&ok_from_shared);
	queue_work(either_wq, &ok_from_either);
}

void ok_from_no_handler(void)
{
	cancel_work_sync(&bad_item);
	flush_work(&ok_with_flag_item);
	flush_work(&ok_cancel_item);
	flush_work(&ok_undo_item);
	flush_work(&ok_asks_item);
	flush_work(&ok_from_legacy);
	flush_work(&ok_from_shared);
	flush_work(&ok_from_either);
	flush_work(&on_plain);
	flush_work(&on_shared);
	destroy_workqueue(plain_wq);
	destroy_workqueue(reclaim_wq);
	destroy_workqueue(other_reclaim_wq);
	destroy_workqueue(legacy_wq);
	destroy_workqueue(either_wq);
}
