/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flush-system-wq: the twelve shapes in which a shared queue reaches a flush.
 *
 * Each shape has its own types, variables and helpers: what a member or a
 * variable may hold is collected over the whole unit, so shared ones would
 * let one shape feed the other. Next to each stands the same with own queues.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;
static struct workqueue_struct *spare_wq;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, handler);

void touch_hardware(void);

/* 1: named directly */

void bad_direct(void)
{
	flush_workqueue(system_wq);	/* expect: flush-system-wq */
}

void ok_direct(void)
{
	flush_workqueue(own_wq);
}

/* 2: copied to a local */

void bad_local(void)
{
	struct workqueue_struct *wq = system_wq;

	flush_workqueue(wq);	/* expect: flush-system-wq */
}

void ok_local(void)
{
	struct workqueue_struct *wq = own_wq;

	flush_workqueue(wq);
}

/* 3: to a local across a call */

void bad_local_across_call(void)
{
	struct workqueue_struct *wq = system_highpri_wq;

	touch_hardware();
	flush_workqueue(wq);	/* expect: flush-system-wq */
}

void ok_local_across_call(void)
{
	struct workqueue_struct *wq = own_wq;

	touch_hardware();
	flush_workqueue(wq);
}

/* 4: into a member, flushed in the same function */

struct bad_near {
	struct workqueue_struct *wq;
};

void bad_member_same_function(struct bad_near *near)
{
	near->wq = system_long_wq;
	touch_hardware();
	flush_workqueue(near->wq);	/* expect: flush-system-wq */
}

struct ok_near {
	struct workqueue_struct *wq;
};

void ok_member_same_function(struct ok_near *near)
{
	near->wq = own_wq;
	touch_hardware();
	flush_workqueue(near->wq);
}

/* 5: a member stored in one function and flushed in another */

struct bad_far {
	int id;
	struct workqueue_struct *wq;
};

void bad_member_store(struct bad_far *far)
{
	far->wq = system_unbound_wq;
}

void bad_member_flush(struct bad_far *far)
{
	flush_workqueue(far->wq);	/* expect: flush-system-wq */
}

struct ok_far {
	int id;
	struct workqueue_struct *wq;
};

void ok_member_store(struct ok_far *far)
{
	far->wq = own_wq;
}

void ok_member_flush(struct ok_far *far)
{
	flush_workqueue(far->wq);
}

/* 6: the conditional operator */

void bad_ternary(int fast)
{
	flush_workqueue(fast ? system_highpri_wq : system_wq);	/* expect: flush-system-wq */
}

void bad_ternary_may(int own)
{
	flush_workqueue(own ? own_wq : system_wq);	/* expect: flush-system-wq */
}

void ok_ternary(int fast)
{
	flush_workqueue(fast ? own_wq : spare_wq);
}

/* 7: two branches that meet */

void bad_phi(int slow)
{
	struct workqueue_struct *wq;

	if (slow) {
		touch_hardware();
		wq = system_long_wq;
	} else {
		wq = system_wq;
	}
	touch_hardware();
	flush_workqueue(wq);	/* expect: flush-system-wq */
}

void bad_phi_may(int slow)
{
	struct workqueue_struct *wq = own_wq;

	if (slow) {
		touch_hardware();
		wq = system_long_wq;
	}
	flush_workqueue(wq);	/* expect: flush-system-wq */
}

void ok_phi(int slow)
{
	struct workqueue_struct *wq = own_wq;

	if (slow) {
		touch_hardware();
		wq = spare_wq;
	}
	flush_workqueue(wq);
}

/* 8: passed to a static noinline function */

static noinline void bad_flush_given(struct workqueue_struct *wq)
{
	touch_hardware();
	flush_workqueue(wq);	/* expect: flush-system-wq */
}

void bad_passed_noinline(void)
{
	bad_flush_given(system_wq);
}

static noinline void ok_flush_given(struct workqueue_struct *wq)
{
	touch_hardware();
	flush_workqueue(wq);
}

void ok_passed_noinline(void)
{
	ok_flush_given(own_wq);
}

/* 9: passed to an inline function */

static inline void bad_flush_inline(struct workqueue_struct *wq)
{
	flush_workqueue(wq);	/* expect: flush-system-wq */
}

void bad_passed_inline(void)
{
	bad_flush_inline(system_freezable_wq);
}

static inline void ok_flush_inline(struct workqueue_struct *wq)
{
	flush_workqueue(wq);
}

void ok_passed_inline(void)
{
	ok_flush_inline(own_wq);
}

/* 10: through a static variable */

static struct workqueue_struct *bad_current_wq;

void bad_static_store(void)
{
	bad_current_wq = system_power_efficient_wq;
}

void bad_static_flush(void)
{
	flush_workqueue(bad_current_wq);	/* expect: flush-system-wq */
}

static struct workqueue_struct *ok_current_wq;

void ok_static_store(void)
{
	ok_current_wq = own_wq;
}

void ok_static_flush(void)
{
	flush_workqueue(ok_current_wq);
}

/* 11: returned by a helper */

static noinline struct workqueue_struct *bad_pick(void)
{
	touch_hardware();
	return system_unbound_wq;
}

void bad_returned(void)
{
	flush_workqueue(bad_pick());	/* expect: flush-system-wq */
}

static noinline struct workqueue_struct *ok_pick(void)
{
	touch_hardware();
	return own_wq;
}

void ok_returned(void)
{
	flush_workqueue(ok_pick());
}

/* 12: through the other calls that wait */

void bad_other_calls(void)
{
	drain_workqueue(system_wq);	/* expect: flush-system-wq */
	__flush_workqueue(system_wq);	/* expect: flush-system-wq */
}

void ok_other_calls(void)
{
	drain_workqueue(own_wq);
	__flush_workqueue(own_wq);
}

/* Several shapes in a row */

struct bad_chain {
	struct workqueue_struct *wq;
};

static noinline struct workqueue_struct *bad_chain_wq(struct bad_chain *chain)
{
	return chain->wq;
}

static noinline void bad_chain_flush(struct workqueue_struct *wq)
{
	flush_workqueue(wq);	/* expect: flush-system-wq */
}

static noinline void bad_chain_pass(struct workqueue_struct *wq)
{
	touch_hardware();
	bad_chain_flush(wq);
}

void bad_chain_store(struct bad_chain *chain, struct workqueue_struct *wq)
{
	if (!wq)
		wq = system_wq;
	chain->wq = wq;
}

void bad_chain_sync(struct bad_chain *chain)
{
	bad_chain_pass(bad_chain_wq(chain));
}

struct ok_chain {
	struct workqueue_struct *wq;
};

static noinline struct workqueue_struct *ok_chain_wq(struct ok_chain *chain)
{
	return chain->wq;
}

static noinline void ok_chain_flush(struct workqueue_struct *wq)
{
	flush_workqueue(wq);
}

void ok_chain_store(struct ok_chain *chain)
{
	chain->wq = own_wq;
}

void ok_chain_sync(struct ok_chain *chain)
{
	ok_chain_flush(ok_chain_wq(chain));
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	if (!own_wq)
		return -ENOMEM;

	spare_wq = alloc_workqueue("spare", WQ_UNBOUND, 0);
	if (!spare_wq) {
		destroy_workqueue(own_wq);
		return -ENOMEM;
	}
	queue_work(own_wq, &own_item);
	queue_work(spare_wq, &own_item);
	return 0;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	cancel_work_sync(&own_item);
	destroy_workqueue(spare_wq);
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
