/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The workqueue interface, in the shape that the compiler meets.
 *
 * WQLINT_KERNEL picks the kernel whose shape it is: 510, 601 (default), 612
 * or 702. Left out: lockdep keys, debug objects, and the attribute that makes
 * the compiler itself warn about some direct flushes, which would only add
 * its warnings to the ones under test.
 */
#ifndef _LINUX_WORKQUEUE_H
#define _LINUX_WORKQUEUE_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/timer.h>

#ifndef WQLINT_KERNEL
#define WQLINT_KERNEL 601
#endif

struct device;
struct workqueue_struct;
struct work_struct;

typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	atomic_long_t data;
	struct list_head entry;
	work_func_t func;
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq;
	int cpu;
};

struct rcu_work {
	struct work_struct work;
	struct rcu_head rcu;
	struct workqueue_struct *wq;
};

enum {
	WQ_BH = 1 << 0,
	WQ_UNBOUND = 1 << 1,
	WQ_FREEZABLE = 1 << 2,
	WQ_MEM_RECLAIM = 1 << 3,
	WQ_HIGHPRI = 1 << 4,
	WQ_CPU_INTENSIVE = 1 << 5,
	WQ_SYSFS = 1 << 6,
	WQ_POWER_EFFICIENT = 1 << 7,
#if WQLINT_KERNEL >= 612
	WQ_PERCPU = 1 << 8,
#endif
	__WQ_ORDERED = 1 << 17,
	__WQ_LEGACY = 1 << 18,

	WORK_CPU_UNBOUND = 64,
};

/* The queues that the whole kernel shares. */
extern struct workqueue_struct *system_wq;
extern struct workqueue_struct *system_highpri_wq;
extern struct workqueue_struct *system_long_wq;
extern struct workqueue_struct *system_unbound_wq;
extern struct workqueue_struct *system_freezable_wq;
extern struct workqueue_struct *system_power_efficient_wq;
extern struct workqueue_struct *system_freezable_power_efficient_wq;
#if WQLINT_KERNEL >= 612
extern struct workqueue_struct *system_percpu_wq;
extern struct workqueue_struct *system_dfl_wq;
extern struct workqueue_struct *system_bh_wq;
extern struct workqueue_struct *system_bh_highpri_wq;
#endif
#if WQLINT_KERNEL >= 702
extern struct workqueue_struct *system_dfl_long_wq;
#endif

/* Which of them the schedule_*() calls use. */
#if WQLINT_KERNEL >= 702
#define __schedule_wq system_percpu_wq
#else
#define __schedule_wq system_wq
#endif

/* Initialising a work item */

static inline void __init_work(struct work_struct *work, int onstack)
{
	(void)work;
	(void)onstack;
}

static inline void destroy_work_on_stack(struct work_struct *work)
{
	(void)work;
}

static inline void destroy_delayed_work_on_stack(struct delayed_work *dwork)
{
	(void)dwork;
}

void delayed_work_timer_fn(struct timer_list *timer);

#define WORK_DATA_INIT() { 0x1fL << 5 }

#define __INIT_WORK(item, handler, onstack)				\
	do {								\
		__init_work((item), (onstack));				\
		(item)->data = (atomic_long_t)WORK_DATA_INIT();		\
		INIT_LIST_HEAD(&(item)->entry);				\
		(item)->func = (handler);				\
	} while (0)

#define __INIT_DELAYED_WORK(item, handler, timer_flags, onstack)	\
	do {								\
		__INIT_WORK(&(item)->work, (handler), (onstack));	\
		timer_setup(&(item)->timer, delayed_work_timer_fn,	\
			    (timer_flags) | TIMER_IRQSAFE);		\
	} while (0)

#define INIT_WORK(item, handler) __INIT_WORK((item), (handler), 0)
#define INIT_WORK_ONSTACK(item, handler) __INIT_WORK((item), (handler), 1)
#define INIT_DELAYED_WORK(item, handler)				\
	__INIT_DELAYED_WORK(item, handler, 0, 0)
#define INIT_DELAYED_WORK_ONSTACK(item, handler)			\
	__INIT_DELAYED_WORK(item, handler, 0, 1)
#define INIT_DEFERRABLE_WORK(item, handler)				\
	__INIT_DELAYED_WORK(item, handler, TIMER_DEFERRABLE, 0)
#define INIT_RCU_WORK(item, handler) INIT_WORK(&(item)->work, (handler))

#define __WORK_INITIALIZER(item, handler) {				\
	.data = WORK_DATA_INIT(),					\
	.entry = LIST_HEAD_INIT((item).entry),				\
	.func = (handler),						\
}

#define __DELAYED_WORK_INITIALIZER(item, handler, timer_flags) {	\
	.work = __WORK_INITIALIZER((item).work, (handler)),		\
	.timer = __TIMER_INITIALIZER(delayed_work_timer_fn,		\
				     (timer_flags) | TIMER_IRQSAFE),	\
}

#define DECLARE_WORK(name, handler)					\
	struct work_struct name = __WORK_INITIALIZER(name, handler)
#define DECLARE_DELAYED_WORK(name, handler)				\
	struct delayed_work name =					\
		__DELAYED_WORK_INITIALIZER(name, handler, 0)
#define DECLARE_DEFERRABLE_WORK(name, handler)				\
	struct delayed_work name =					\
		__DELAYED_WORK_INITIALIZER(name, handler, TIMER_DEFERRABLE)

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

#define work_pending(item) ((item)->data.counter & 1)
#define delayed_work_pending(item) work_pending(&(item)->work)

/* Queueing */

bool queue_work_on(int cpu, struct workqueue_struct *wq,
		   struct work_struct *work);
bool queue_work_node(int node, struct workqueue_struct *wq,
		     struct work_struct *work);
bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq,
			   struct delayed_work *dwork, unsigned long delay);
bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq,
			 struct delayed_work *dwork, unsigned long delay);
bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork);
struct execute_work {
	struct work_struct work;
};

int execute_in_process_context(work_func_t fn, struct execute_work *ew);
int schedule_on_each_cpu(work_func_t func);
long work_on_cpu(int cpu, long (*func)(void *), void *arg);

static inline bool queue_work(struct workqueue_struct *wq,
			      struct work_struct *work)
{
	return queue_work_on(WORK_CPU_UNBOUND, wq, work);
}

static inline bool queue_delayed_work(struct workqueue_struct *wq,
				      struct delayed_work *dwork,
				      unsigned long delay)
{
	return queue_delayed_work_on(WORK_CPU_UNBOUND, wq, dwork, delay);
}

static inline bool mod_delayed_work(struct workqueue_struct *wq,
				    struct delayed_work *dwork,
				    unsigned long delay)
{
	return mod_delayed_work_on(WORK_CPU_UNBOUND, wq, dwork, delay);
}

static inline bool schedule_work_on(int cpu, struct work_struct *work)
{
	return queue_work_on(cpu, __schedule_wq, work);
}

static inline bool schedule_work(struct work_struct *work)
{
	return queue_work(__schedule_wq, work);
}

static inline bool schedule_delayed_work_on(int cpu,
					    struct delayed_work *dwork,
					    unsigned long delay)
{
	return queue_delayed_work_on(cpu, __schedule_wq, dwork, delay);
}

static inline bool schedule_delayed_work(struct delayed_work *dwork,
					 unsigned long delay)
{
	return queue_delayed_work(__schedule_wq, dwork, delay);
}

/* The item whose handler runs this, or NULL. */
struct work_struct *current_work(void);

/* Waiting for one work item */

bool flush_work(struct work_struct *work);
bool flush_delayed_work(struct delayed_work *dwork);
bool flush_rcu_work(struct rcu_work *rwork);
bool cancel_work(struct work_struct *work);
bool cancel_work_sync(struct work_struct *work);
bool cancel_delayed_work(struct delayed_work *dwork);
bool cancel_delayed_work_sync(struct delayed_work *dwork);

#if WQLINT_KERNEL >= 612
bool disable_work(struct work_struct *work);
bool disable_work_sync(struct work_struct *work);
bool enable_work(struct work_struct *work);
bool disable_delayed_work(struct delayed_work *dwork);
bool disable_delayed_work_sync(struct delayed_work *dwork);
bool enable_delayed_work(struct delayed_work *dwork);

static inline bool enable_and_queue_work(struct workqueue_struct *wq,
					 struct work_struct *work)
{
	if (!enable_work(work))
		return false;
	queue_work(wq, work);
	return true;
}
#endif

/* Waiting for a whole queue */

void drain_workqueue(struct workqueue_struct *wq);

#if WQLINT_KERNEL < 600

void flush_workqueue(struct workqueue_struct *wq);

static inline void flush_scheduled_work(void)
{
	flush_workqueue(system_wq);
}

#else

void __flush_workqueue(struct workqueue_struct *wq);
void __warn_flushing_systemwide_wq(void);

#define __wq_is(queue, shared)						\
	(__builtin_constant_p((queue) == (shared)) && (queue) == (shared))

#if WQLINT_KERNEL < 702
#define __wq_is_shared(queue)						\
	(__wq_is(queue, system_wq) ||					\
	 __wq_is(queue, system_highpri_wq) ||				\
	 __wq_is(queue, system_long_wq) ||				\
	 __wq_is(queue, system_unbound_wq) ||				\
	 __wq_is(queue, system_freezable_wq) ||				\
	 __wq_is(queue, system_power_efficient_wq) ||			\
	 __wq_is(queue, system_freezable_power_efficient_wq))
#else
#define __wq_is_shared(queue)						\
	(__wq_is(queue, system_percpu_wq) ||				\
	 __wq_is(queue, system_highpri_wq) ||				\
	 __wq_is(queue, system_long_wq) ||				\
	 __wq_is(queue, system_dfl_long_wq) ||				\
	 __wq_is(queue, system_dfl_wq) ||				\
	 __wq_is(queue, system_freezable_wq) ||				\
	 __wq_is(queue, system_power_efficient_wq) ||			\
	 __wq_is(queue, system_freezable_power_efficient_wq))
#endif

/* Every flush carries the tests, and mostly a dead call, along. */
#define flush_workqueue(queue)						\
({									\
	struct workqueue_struct *_wq = (queue);				\
									\
	if (__wq_is_shared(_wq))					\
		__warn_flushing_systemwide_wq();			\
	__flush_workqueue(_wq);						\
})

#define flush_scheduled_work()						\
({									\
	if (WQLINT_KERNEL >= 612)					\
		__warn_flushing_systemwide_wq();			\
	__flush_workqueue(__schedule_wq);				\
})

#endif

/* Allocating and destroying a queue */

void destroy_workqueue(struct workqueue_struct *wq);

#if WQLINT_KERNEL < 702

__printf(1, 4) struct workqueue_struct *
alloc_workqueue(const char *fmt, unsigned int flags, int max_active, ...);

#define __WQ_CREATE 0

#else

__printf(1, 4) struct workqueue_struct *
alloc_workqueue_noprof(const char *fmt, unsigned int flags, int max_active,
		       ...);
__printf(2, 5) struct workqueue_struct *
devm_alloc_workqueue_noprof(struct device *dev, const char *fmt,
			    unsigned int flags, int max_active, ...);

#include <linux/alloc_tag.h>

#define alloc_workqueue(args...) alloc_hooks(alloc_workqueue_noprof(args))
#define devm_alloc_workqueue(args...)					\
	alloc_hooks(devm_alloc_workqueue_noprof(args))
#define devm_alloc_ordered_workqueue(dev, fmt, flags, args...)		\
	devm_alloc_workqueue(dev, fmt, WQ_UNBOUND | __WQ_ORDERED | (flags), \
			     1, ##args)

#define __WQ_CREATE WQ_PERCPU

#endif

#define alloc_ordered_workqueue(fmt, flags, args...)			\
	alloc_workqueue(fmt, WQ_UNBOUND | __WQ_ORDERED | (flags), 1, ##args)
#define create_workqueue(name)						\
	alloc_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM | __WQ_CREATE, 1, \
			(name))
#define create_freezable_workqueue(name)				\
	alloc_workqueue("%s", __WQ_LEGACY | WQ_FREEZABLE | WQ_UNBOUND |	\
			WQ_MEM_RECLAIM, 1, (name))
#define create_singlethread_workqueue(name)				\
	alloc_ordered_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM, name)

#endif
