/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_TIMER_H
#define _LINUX_TIMER_H

#include <linux/kernel.h>

struct timer_list {
	struct hlist_node entry;
	unsigned long expires;
	void (*function)(struct timer_list *timer);
	u32 flags;
};

#define TIMER_DEFERRABLE	0x00080000u
#define TIMER_IRQSAFE		0x00200000u

#define __TIMER_INITIALIZER(handler, timer_flags)			\
	{ .function = (handler), .flags = (timer_flags) }

void init_timer_key(struct timer_list *timer,
		    void (*function)(struct timer_list *timer),
		    unsigned int flags, const char *name, void *key);
int mod_timer(struct timer_list *timer, unsigned long expires);
int del_timer(struct timer_list *timer);
int timer_delete_sync(struct timer_list *timer);
static inline int del_timer_sync(struct timer_list *timer)
{
	return timer_delete_sync(timer);
}

#define timer_setup(timer, function, flags)				\
	init_timer_key((timer), (function), (flags), #timer, NULL)
#define from_timer(var, timer, member)					\
	container_of(timer, typeof(*var), member)

#endif
