/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: fixits */
/*
 * flush-system-wq: what the compiler offers to change. Waiting for the work
 * items that are meant takes the place of the call where it stands for
 * itself; a macro, an alias or a lock is for a person to change.
 *
 * Removed calls and more than one item need lines of their own, without the
 * comment that says what is expected: tests/emission.sh has those.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

struct fix_dev {
	struct mutex lock;
	struct work_struct work;
	struct delayed_work poll;
	struct work_struct locked;
};

static void fix_handler(struct work_struct *work)
{
}

/* On system_wq: one item of the file's own. */
static DECLARE_WORK(fix_item, fix_handler);

void ok_queue_item(void)
{
	schedule_work(&fix_item);
}

void bad_named(void)
{
	flush_workqueue(system_wq);	/* expect: flush-system-wq */
}

int bad_scheduled(int busy)
{
	if (busy)
		flush_scheduled_work();	/* expect: flush-system-wq */
	return busy;
}

void bad_spaces(void)
{
	flush_workqueue( system_wq );	/* expect: flush-system-wq */
}

/* Other modules call this one, and nobody here knows what they queue. */
void bad_exported(void)
{
	flush_scheduled_work();	/* expect: flush-system-wq */
}
EXPORT_SYMBOL_GPL(bad_exported);

#define FIX_SYNC() flush_scheduled_work()

void bad_in_macro_body(void)
{
	FIX_SYNC();	/* expect: flush-system-wq */
}

#define FIX_CALL(call) call

void bad_in_macro_argument(void)
{
	FIX_CALL(flush_workqueue(system_wq));	/* expect: flush-system-wq */
}

void bad_alias(void)
{
	struct workqueue_struct *wq = system_wq;

	flush_workqueue(wq);	/* expect: flush-system-wq */
}

/* On system_long_wq: a member, which only a pointer at hand can name. */

void ok_queue_member(struct fix_dev *dev)
{
	INIT_WORK(&dev->work, fix_handler);
	queue_work(system_long_wq, &dev->work);
}

void bad_member(struct fix_dev *dev)
{
	flush_workqueue(system_long_wq);	/* expect: flush-system-wq */
	dev->work.func = NULL;
}

void bad_no_pointer(void)
{
	flush_workqueue(system_long_wq);	/* expect: flush-system-wq */
}

struct fix_dev *fix_find_dev(int nr);

void bad_pointer_not_yet_set(int nr)
{
	struct fix_dev *dev = NULL;

	flush_workqueue(system_long_wq);	/* expect: flush-system-wq */
	if (nr)
		dev = fix_find_dev(nr);
	if (dev)
		dev->work.func = NULL;
}

void bad_pointer_no_longer_set(int nr)
{
	struct fix_dev *dev = fix_find_dev(nr);

	dev->work.func = NULL;
	dev = NULL;
	flush_workqueue(system_long_wq);	/* expect: flush-system-wq */
}

void bad_pointer_set(int nr)
{
	struct fix_dev *dev = fix_find_dev(nr);

	if (!dev)
		return;
	flush_workqueue(system_long_wq);	/* expect: flush-system-wq */
}

/* On system_unbound_wq: an item with a delay. */

void ok_queue_delayed(struct fix_dev *fix)
{
	INIT_DELAYED_WORK(&fix->poll, fix_handler);
	queue_delayed_work(system_unbound_wq, &fix->poll, HZ);
}

void bad_delayed(struct fix_dev *fix)
{
	flush_workqueue(system_unbound_wq);	/* expect: flush-system-wq */
	mutex_init(&fix->lock);
}

/* On system_highpri_wq: an item whose handler takes the lock held here. */

static void fix_locked(struct work_struct *work)
{
	struct fix_dev *dev = container_of(work, struct fix_dev, locked);

	mutex_lock(&dev->lock);
	mutex_unlock(&dev->lock);
}

void ok_queue_locked(struct fix_dev *dev)
{
	INIT_WORK(&dev->locked, fix_locked);
	queue_work(system_highpri_wq, &dev->locked);
}

void bad_under_lock(struct fix_dev *dev)
{
	mutex_lock(&dev->lock);
	flush_workqueue(system_highpri_wq);	/* expect: flush-system-wq */
	mutex_unlock(&dev->lock);
}
