/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_WAIT_H
#define _LINUX_WAIT_H

#include <linux/list.h>
#include <linux/spinlock.h>

typedef struct wait_queue_head {
	spinlock_t lock;
	struct list_head head;
} wait_queue_head_t;

void init_waitqueue_head(wait_queue_head_t *queue);
void wake_up(wait_queue_head_t *queue);
void __wait_on(wait_queue_head_t *queue);

#define wait_event(queue, condition)					\
	do {								\
		while (!(condition))					\
			__wait_on(&(queue));				\
	} while (0)

#endif
