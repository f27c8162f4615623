/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unchecked-alloc: queues that are used before anybody asks whether they are
 * there, or that nobody asks about.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

int start_hardware(void);

static void do_nothing(struct work_struct *work)
{
}

/* Nobody asks; somebody else queues. */

struct bad_never {
	struct workqueue_struct *wq;
	struct work_struct work;
};

void bad_never_poke(struct bad_never *never)
{
	queue_work(never->wq, &never->work);
}

int bad_never_init(struct bad_never *never)
{
	INIT_WORK(&never->work, do_nothing);
	never->wq = alloc_workqueue("never", 0, 0);	/* expect: unchecked-alloc */
	return 0;
}

/* The teardown's test is for what was set up in part: no help. */
void bad_never_exit(struct bad_never *never)
{
	if (never->wq)
		destroy_workqueue(never->wq);
}

/* Used first, tested after that. */

struct bad_early {
	struct workqueue_struct *wq;
	struct work_struct work;
};

int bad_early_init(struct bad_early *early)
{
	INIT_WORK(&early->work, do_nothing);
	early->wq = alloc_workqueue("early", 0, 0);	/* expect: unchecked-alloc */
	queue_work(early->wq, &early->work);
	if (!early->wq)
		return -ENOMEM;
	return 0;
}

void bad_early_exit(struct bad_early *early)
{
	destroy_workqueue(early->wq);
}

/* The way out of a failed allocation destroys what is not there. */

struct bad_label {
	struct workqueue_struct *wq;
	struct work_struct work;
};

int bad_label_init(struct bad_label *label)
{
	int ret = -ENOMEM;

	INIT_WORK(&label->work, do_nothing);
	label->wq = alloc_workqueue("label", 0, 0);	/* expect: unchecked-alloc */
	if (!label->wq)
		goto err;
	queue_work(label->wq, &label->work);
	ret = start_hardware();
	if (ret)
		goto err;
	return 0;
err:
	destroy_workqueue(label->wq);
	return ret;
}

void bad_label_exit(struct bad_label *label)
{
	destroy_workqueue(label->wq);
}

/* In a variable, and in a function that is called. */

static struct workqueue_struct *bad_static_wq;
static struct work_struct bad_static_work;

static void bad_static_start(void)
{
	queue_work(bad_static_wq, &bad_static_work);
}

int bad_static_init(void)
{
	INIT_WORK(&bad_static_work, do_nothing);
	bad_static_wq = alloc_workqueue("static", 0, 0);	/* expect: unchecked-alloc */
	bad_static_start();
	return 0;
}

void bad_static_exit(void)
{
	destroy_workqueue(bad_static_wq);
}

/* Stored, and tested later; also with others. */

struct ok_later {
	struct workqueue_struct *wq, *other;
	struct work_struct work;
};

int ok_later_init(struct ok_later *later)
{
	later->wq = alloc_workqueue("later", 0, 0);
	later->other = alloc_workqueue("other", 0, 0);
	INIT_WORK(&later->work, do_nothing);
	if (!later->wq || !later->other)
		goto err;
	queue_work(later->wq, &later->work);
	queue_work(later->other, &later->work);
	return 0;
err:
	if (later->wq)
		destroy_workqueue(later->wq);
	if (later->other)
		destroy_workqueue(later->other);
	return -ENOMEM;
}

void ok_later_exit(struct ok_later *later)
{
	destroy_workqueue(later->wq);
	destroy_workqueue(later->other);
}

/* Tested by the caller. */

struct ok_caller {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static void ok_caller_alloc(struct ok_caller *caller)
{
	caller->wq = alloc_workqueue("caller", 0, 0);
}

int ok_caller_init(struct ok_caller *caller)
{
	INIT_WORK(&caller->work, do_nothing);
	ok_caller_alloc(caller);
	if (!caller->wq)
		return -ENOMEM;
	queue_work(caller->wq, &caller->work);
	return 0;
}

void ok_caller_exit(struct ok_caller *caller)
{
	destroy_workqueue(caller->wq);
}

/* Tested where it is used. */

struct ok_user {
	struct workqueue_struct *wq;
	struct work_struct work;
};

void ok_user_poke(struct ok_user *user)
{
	if (user->wq)
		queue_work(user->wq, &user->work);
}

int ok_user_init(struct ok_user *user)
{
	INIT_WORK(&user->work, do_nothing);
	user->wq = alloc_workqueue("user", 0, 0);
	return 0;
}

void ok_user_exit(struct ok_user *user)
{
	if (user->wq)
		destroy_workqueue(user->wq);
}

/* Another queue takes its place. */

struct ok_replaced {
	struct workqueue_struct *wq;
	struct delayed_work work;
};

int ok_replaced_init(struct ok_replaced *replaced)
{
	struct workqueue_struct *wq = alloc_workqueue("replaced", 0, 0);

	INIT_DELAYED_WORK(&replaced->work, do_nothing);
	if (!wq) {
		start_hardware();
		return 0;
	}
	replaced->wq = wq;
	queue_delayed_work(replaced->wq, &replaced->work, 0);
	return 0;
}

void ok_replaced_exit(struct ok_replaced *replaced)
{
	if (!replaced->wq)
		return;
	cancel_delayed_work_sync(&replaced->work);
	destroy_workqueue(replaced->wq);
}
