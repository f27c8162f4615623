/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: ignore=missing-destroy,unchecked-alloc */
/*
 * self-flush: a handler that waits for its own item, or for the queue that it
 * runs on, and many that only seem to.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

int touch_hardware(void);

struct device_state {
	struct workqueue_struct *wq, *other_wq;
	struct work_struct reset;
	struct work_struct report;
	struct delayed_work poll;
	struct device_state *parent;
	bool stopping;
};

/* In the handler itself. */

static void bad_own_item(struct work_struct *work)
{
	cancel_work_sync(work);	/* expect: self-flush */
}

static DECLARE_WORK(bad_item, bad_own_item);

void bad_item_kick(void)
{
	schedule_work(&bad_item);
}

static struct work_struct bad_named;

static void bad_by_name(struct work_struct *work)
{
	flush_work(&bad_named);	/* expect: self-flush */
}

void bad_by_name_kick(void)
{
	INIT_WORK(&bad_named, bad_by_name);
	schedule_work(&bad_named);
}

/* To stop before it starts anew, on both ways. */
static void bad_poll(struct work_struct *work)
{
	struct device_state *state = container_of(work, struct device_state,
						  poll.work);

	if (touch_hardware()) {
		cancel_delayed_work_sync(&state->poll);	/* expect: self-flush */
		schedule_delayed_work(&state->poll, HZ);
	} else {
		cancel_delayed_work_sync(to_delayed_work(work));	/* expect: self-flush */
		schedule_delayed_work(&state->poll, 10 * HZ);
	}
}

/* Through calls; the argument says that it waits. */

static void stop(struct device_state *state, bool wait)
{
	if (wait)
		cancel_work_sync(&state->reset);	/* expect: self-flush */
}

static void bad_give_up(struct device_state *state)
{
	stop(state, true);
}

static void bad_reset(struct work_struct *work)
{
	struct device_state *state = container_of(work, struct device_state,
						  reset);

	if (touch_hardware())
		bad_give_up(state);
}

/* The queue it runs on, in the same object. */

static void bad_report(struct work_struct *work)
{
	struct device_state *state = container_of(work, struct device_state,
						  report);

	flush_workqueue(state->other_wq);
	flush_workqueue(state->wq);	/* expect: self-flush */
}

void bad_start(struct device_state *state)
{
	state->wq = alloc_workqueue("state", 0, 0);
	state->other_wq = alloc_workqueue("other", 0, 0);
	INIT_WORK(&state->reset, bad_reset);
	INIT_WORK(&state->report, bad_report);
	INIT_DELAYED_WORK(&state->poll, bad_poll);
	schedule_work(&state->reset);
	queue_work(state->wq, &state->report);
	queue_work(state->other_wq, &bad_item);
	schedule_delayed_work(&state->poll, HZ);
}

/* A queue at file scope, destroyed by what runs on it. */

static struct workqueue_struct *bad_wq;

static void bad_last(struct work_struct *work)
{
	drain_workqueue(bad_wq);	/* expect: self-flush */
	destroy_workqueue(bad_wq);	/* expect: self-flush */
}

static DECLARE_WORK(bad_last_item, bad_last);

int bad_last_kick(void)
{
	bad_wq = alloc_workqueue("bad", 0, 0);
	if (!bad_wq)
		return -1;
	return queue_work(bad_wq, &bad_last_item);
}

/* What only looks like it. */

struct ok_device {
	struct workqueue_struct *wq, *other_wq;
	struct work_struct work, other, asks, flagged, far;
	struct work_struct each[4];
	struct delayed_work delayed;
	struct ok_device *parent;
	unsigned int flags;
};

/* Without waiting. */
static void ok_no_wait(struct work_struct *work)
{
	struct ok_device *device = container_of(work, struct ok_device,
						delayed.work);

	cancel_delayed_work(&device->delayed);
}

/* Another item of the object, another queue. */
static void ok_other_item(struct work_struct *work)
{
	struct ok_device *device = container_of(work, struct ok_device, work);

	cancel_work_sync(&device->other);
	flush_workqueue(device->other_wq);
}

/* The same item, in another object; and that object's queue. */
static void ok_other_object(struct work_struct *work)
{
	struct ok_device *device = container_of(work, struct ok_device, far);

	cancel_work_sync(&device->parent->far);
	flush_workqueue(device->parent->wq);
}

/* A function that asks who it runs for. */
static void ok_stop_asking(struct ok_device *device)
{
	if (current_work() != &device->asks)
		cancel_work_sync(&device->asks);
}

static void ok_asking(struct work_struct *work)
{
	ok_stop_asking(container_of(work, struct ok_device, asks));
}

/* One that knows by a flag, which the handler sets. */
static void ok_stop_flagged(struct ok_device *device)
{
	if (!(device->flags & 1))
		cancel_work_sync(&device->flagged);
}

static void ok_flagged(struct work_struct *work)
{
	struct ok_device *device = container_of(work, struct ok_device,
						flagged);

	device->flags |= 1;
	ok_stop_flagged(device);
}

/* One that is told. */
static void ok_stop_told(struct ok_device *device, bool wait)
{
	if (wait)
		cancel_work_sync(&device->other);
}

static void ok_told(struct work_struct *work)
{
	ok_stop_told(container_of(work, struct ok_device, other), false);
}

/* One of several: which one is not known. */
static void ok_one_of_many(struct work_struct *work)
{
	struct ok_device *device = dev_get_drvdata(NULL);
	unsigned int i;

	for (i = 0; i < 4; i++)
		cancel_work_sync(&device->each[i]);
}

void ok_start(struct ok_device *device, unsigned int i)
{
	device->wq = alloc_workqueue("ok", 0, 0);
	device->other_wq = alloc_workqueue("ok_other", 0, 0);
	INIT_WORK(&device->work, ok_other_item);
	INIT_WORK(&device->other, ok_told);
	INIT_WORK(&device->asks, ok_asking);
	INIT_WORK(&device->flagged, ok_flagged);
	INIT_WORK(&device->far, ok_other_object);
	INIT_WORK(&device->each[i], ok_one_of_many);
	INIT_DELAYED_WORK(&device->delayed, ok_no_wait);
	queue_work(device->wq, &device->work);
	queue_work(device->wq, &device->far);
	queue_work(device->wq, &device->other);
	queue_work(device->wq, &device->asks);
	queue_work(device->wq, &device->flagged);
	queue_work(device->other_wq, &device->each[i]);
	queue_delayed_work(device->wq, &device->delayed, 0);
}

void ok_stop(struct ok_device *device)
{
	ok_stop_asking(device);
	ok_stop_flagged(device);
	ok_stop_told(device, true);
	cancel_work_sync(&device->work);
	cancel_work_sync(&device->far);
	cancel_delayed_work_sync(&device->delayed);
	destroy_workqueue(device->wq);
	destroy_workqueue(device->other_wq);
}

void bad_stop(struct device_state *state)
{
	stop(state, true);
	cancel_delayed_work_sync(&state->poll);
	cancel_work_sync(&state->report);
	cancel_work_sync(&bad_item);
	cancel_work_sync(&bad_named);
	destroy_workqueue(state->wq);
	destroy_workqueue(state->other_wq);
}
