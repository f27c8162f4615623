/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flush-system-wq: each call that waits for a queue of the whole kernel, and
 * the code that looks much like it. How such a queue reaches the call from
 * further away is in flush-system-wq-shapes.c.
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

/* Neither a shared queue nor the start of the name of one. */
static struct workqueue_struct *system_wq2;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, handler);
static DECLARE_WORK(shared_item, handler);
static DECLARE_DELAYED_WORK(shared_delayed, handler);

/* Each queue, each call */

void bad_each_queue(void)
{
	flush_workqueue(system_wq);		/* expect: flush-system-wq */
	flush_workqueue(system_highpri_wq);	/* expect: flush-system-wq */
	flush_workqueue(system_long_wq);	/* expect: flush-system-wq */
	flush_workqueue(system_unbound_wq);	/* expect: flush-system-wq */
	flush_workqueue(system_freezable_wq);	/* expect: flush-system-wq */
	flush_workqueue(system_power_efficient_wq);	/* expect: flush-system-wq */
	flush_workqueue(system_freezable_power_efficient_wq);	/* expect: flush-system-wq */
}

void bad_flush_scheduled(void)
{
	flush_scheduled_work();	/* expect: flush-system-wq */
}

void bad_drain(void)
{
	drain_workqueue(system_unbound_wq);	/* expect: flush-system-wq */
}

void bad_internal_name(void)
{
	__flush_workqueue(system_long_wq);	/* expect: flush-system-wq */
}

/* Places where the call can stand */

void bad_conditional(int busy)
{
	if (busy)
		flush_scheduled_work();	/* expect: flush-system-wq */
}

void bad_in_loop(int count)
{
	while (count--)
		flush_workqueue(system_wq);	/* expect: flush-system-wq */
}

#define DRIVER_SYNC() flush_scheduled_work()

void bad_in_driver_macro(void)
{
	DRIVER_SYNC();	/* expect: flush-system-wq */
}

#define DRIVER_FLUSH(queue)						\
	do {								\
		flush_workqueue(queue);					\
	} while (0)

void bad_as_macro_argument(void)
{
	DRIVER_FLUSH(system_wq);	/* expect: flush-system-wq */
}

void bad_over_two_lines(void)
{
	flush_workqueue(	/* expect: flush-system-wq */
		system_freezable_power_efficient_wq);
}

/* The test is of another queue than the one that is flushed. */
void bad_wrong_test(struct workqueue_struct *wq)
{
	if (wq != system_wq)
		flush_workqueue(system_long_wq);	/* expect: flush-system-wq */
}

struct late_test {
	struct workqueue_struct *wq;
};

void bad_store_before_test(struct late_test *late)
{
	late->wq = system_wq;
}

void bad_only_when_shared(struct late_test *late)
{
	if (late->wq == system_wq)
		flush_workqueue(late->wq);	/* expect: flush-system-wq */
}

struct other_test {
	struct workqueue_struct *wq;
};

void bad_store_before_other_test(struct other_test *other)
{
	other->wq = system_wq;
}

void bad_test_of_other_shared_queue(struct other_test *other)
{
	if (other->wq != system_long_wq)
		flush_workqueue(other->wq);	/* expect: flush-system-wq */
}

/* Through the address of the variable that holds the queue */

static noinline void flush_behind(struct workqueue_struct **queue)
{
	flush_workqueue(*queue);	/* expect: flush-system-wq */
}

void bad_address_of_variable(void)
{
	flush_behind(&system_wq);
}

/* Waiting for one work item is the recommended way. */

void ok_one_item(void)
{
	schedule_work(&shared_item);
	flush_work(&shared_item);
}

void ok_cancel_one_item(void)
{
	cancel_work_sync(&shared_item);
}

void ok_one_delayed_item(void)
{
	schedule_delayed_work(&shared_delayed, HZ);
	flush_delayed_work(&shared_delayed);
	cancel_delayed_work_sync(&shared_delayed);
}

/* An own queue */

void ok_own_queue(void)
{
	queue_work(own_wq, &own_item);
	flush_workqueue(own_wq);
}

void ok_own_queue_with_similar_name(void)
{
	flush_workqueue(system_wq2);
	drain_workqueue(system_wq2);
}

void ok_shadowed_name(void)
{
	struct workqueue_struct *system_wq = own_wq;

	flush_workqueue(system_wq);
}

struct named_member {
	struct workqueue_struct *system_wq;
};

void ok_member_of_that_name(struct named_member *named)
{
	named->system_wq = own_wq;
	flush_workqueue(named->system_wq);
}

void ok_queue_of_the_caller(struct workqueue_struct *wq)
{
	flush_workqueue(wq);
}

/* Members named like queues that are none */

struct reader {
	wait_queue_head_t read_wq;
	struct work_struct event_wq;
	bool ready;
};

static void reader_event(struct work_struct *work)
{
	struct reader *reader = container_of(work, struct reader, event_wq);

	reader->ready = true;
	wake_up(&reader->read_wq);
}

void ok_wait_queue_and_work_item(struct reader *reader)
{
	init_waitqueue_head(&reader->read_wq);
	INIT_WORK(&reader->event_wq, reader_event);
	schedule_work(&reader->event_wq);
	wait_event(reader->read_wq, READ_ONCE(reader->ready));
	flush_work(&reader->event_wq);
}

/* A shared queue may be here, but the flush does not happen then. */

struct compared {
	struct workqueue_struct *wq;
};

void ok_choose_for_compared(struct compared *compared, bool own)
{
	compared->wq = own ? own_wq : system_wq;
}

void ok_flush_unless_shared(struct compared *compared)
{
	if (compared->wq != system_wq)
		flush_workqueue(compared->wq);
}

void ok_return_when_shared(struct compared *compared)
{
	if (compared->wq == system_wq)
		return;
	flush_workqueue(compared->wq);
}

struct flagged {
	struct workqueue_struct *wq;
	bool own;
};

void ok_choose_for_flagged(struct flagged *flagged, bool own)
{
	flagged->own = own;
	if (!flagged->own)
		flagged->wq = system_wq;
	else
		flagged->wq = own_wq;
}

void ok_flush_when_own(struct flagged *flagged)
{
	if (flagged->own)
		flush_workqueue(flagged->wq);
}

/* Only names */

static noinline void schedule_flush(struct reader *reader)
{
	reader->ready = false;
}

static noinline void driver_flush_scheduled_work(void)
{
	flush_work(&shared_item);
}

void ok_wrappers_with_such_names(struct reader *reader)
{
	schedule_flush(reader);
	driver_flush_scheduled_work();
}

void ok_other_mechanism(struct kthread_worker *worker,
			struct kthread_work *work)
{
	kthread_queue_work(worker, work);
	kthread_flush_work(work);
	kthread_flush_worker(worker);
}

const char *ok_text(void)
{
	/* flush_scheduled_work() was here; flush_workqueue(system_wq); too. */
	return "flush_scheduled_work(); flush_workqueue(system_wq);";
}

/* Code that is not there */

void ok_dead_code(void)
{
	if (0)
		flush_scheduled_work();
#if 0
	flush_workqueue(system_wq);
#endif
}

#define HAVE_SLOW_BUS 0

void ok_configured_off(void)
{
	if (HAVE_SLOW_BUS && own_wq)
		flush_workqueue(system_wq);
}

/* Using a shared queue without waiting for all of it */

struct user {
	struct workqueue_struct *wq;
	struct work_struct work;
};

void ok_only_queue(struct user *user)
{
	user->wq = system_unbound_wq;
	INIT_WORK(&user->work, handler);
	queue_work(user->wq, &user->work);
	cancel_work_sync(&user->work);
}

bool ok_only_compare(struct user *user)
{
	return user->wq == system_unbound_wq;
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	if (!own_wq)
		return -ENOMEM;

	system_wq2 = alloc_ordered_workqueue("own2", 0);
	if (!system_wq2) {
		destroy_workqueue(own_wq);
		return -ENOMEM;
	}
	queue_work(system_wq2, &own_item);
	return 0;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	cancel_work_sync(&own_item);
	destroy_workqueue(system_wq2);
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
