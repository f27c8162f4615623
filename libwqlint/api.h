/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kernel's functions do, as a table. Argument numbers count from
 * 0, -1 is "none". Source of every row: include/linux/workqueue.h of Linux
 * 5.10 to 7.2 unless api.c says otherwise.
 */
#ifndef WQ_API_H
#define WQ_API_H

#include "unit.h"

enum wq_api_flags {
	WQ_API_DELAYED = 1,	/* the work item is a struct delayed_work */
	WQ_API_SCHEDULES = 2,	/* the queue is the one of schedule_work() */
	WQ_API_MANAGED = 4,	/* undone when the device goes (devm, drmm) */
	WQ_API_RTNL = 8,	/* the lock is rtnl_mutex */
	WQ_API_SAME_ITEM = 16,	/* returns the same work item, other type */
	WQ_API_CALLBACK = 32,	/* calls object with value, at some time */
};

struct wq_api {
	const char *name;
	enum wq_event_kind effect;
	signed char queue, work, delay;
	signed char object;	/* what is freed, locked, put, ... */
	signed char value;	/* ALLOC_QUEUE: name; callbacks: data */
	signed char flags_arg;	/* ALLOC_QUEUE: WQ_* flags */
	unsigned char flags;	/* enum wq_api_flags */
};

/* The row of function @name, or NULL. */
const struct wq_api *wq_api_find(const char *name);

/*
 * Is @name a macro of the API that users know, so that it is the name to
 * print for what its body calls (flush_workqueue, INIT_WORK, ...)?
 */
bool wq_api_is_macro(const char *name);

/* Flags of alloc_workqueue() that never changed, Linux 5.10 to 7.2. */
#define WQ_FLAG_UNBOUND		(1 << 1)
#define WQ_FLAG_FREEZABLE	(1 << 2)
#define WQ_FLAG_MEM_RECLAIM	(1 << 3)
#define WQ_FLAG_HIGHPRI		(1 << 4)
#define WQ_FLAG_PERCPU		(1 << 8)	/* since it exists */
#define WQ_FLAG_ORDERED		(1 << 17)
#define WQ_FLAG_LEGACY		(1 << 18)

/* A queue that the whole kernel shares; include/linux/workqueue.h. */
struct wq_system_queue {
	const char *name;
	const char *flags;	/* of an own queue in its place */
	bool per_cpu;		/* needs WQ_PERCPU where the kernel has it */
	bool since_percpu;	/* exists only where WQ_PERCPU does */
};

/* The row of queue @name, or NULL when it is no shared queue. */
const struct wq_system_queue *wq_system_queue_find(const char *name);

#endif
