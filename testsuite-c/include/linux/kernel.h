/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_KERNEL_H
#define _LINUX_KERNEL_H

#include <linux/compiler.h>
#include <linux/types.h>

#define HZ 250
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define offsetof(type, member) __builtin_offsetof(type, member)

/*
 * Through void *, like the real one: the compiler then shows a subtraction
 * of bytes and a cast, and no member access from which to read the owner.
 */
#define container_of(pointer, type, member) ({				\
	void *__member = (void *)(pointer);				\
	((type *)(__member - offsetof(type, member))); })

extern unsigned long volatile jiffies;

unsigned long msecs_to_jiffies(unsigned int ms);
unsigned long round_jiffies_relative(unsigned long delay);
void msleep(unsigned int ms);

__printf(1, 2) int _printk(const char *fmt, ...);
#define printk(fmt, args...) _printk(fmt, ##args)
#define pr_info(fmt, args...) printk("6" fmt, ##args)

#endif
