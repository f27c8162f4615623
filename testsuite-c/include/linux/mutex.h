/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_MUTEX_H
#define _LINUX_MUTEX_H

#include <linux/list.h>
#include <linux/spinlock.h>

struct mutex {
	atomic_long_t owner;
	spinlock_t wait_lock;
	struct list_head wait_list;
};

#define DEFINE_MUTEX(name)						\
	struct mutex name = { .wait_list = LIST_HEAD_INIT((name).wait_list) }

void mutex_init(struct mutex *lock);
void mutex_lock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);

#endif
