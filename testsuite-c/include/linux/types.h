/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The basic types of kernel code, as far as the lint inputs use them.
 *
 * All headers below testsuite-c/include are stand-ins: they let the inputs
 * and the sample module compile without a kernel tree and declare only what
 * those use. What wqlint looks at (the members of struct work_struct, which
 * calls are inlines and which are macros) has the shape of the real header.
 */
#ifndef _LINUX_TYPES_H
#define _LINUX_TYPES_H

#define NULL ((void *)0)
#define true 1
#define false 0

typedef _Bool bool;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef __SIZE_TYPE__ size_t;
typedef unsigned int gfp_t;

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	long counter;
} atomic_long_t;

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

#endif
