/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_REFCOUNT_H
#define _LINUX_REFCOUNT_H

#include <linux/types.h>

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

static inline void refcount_set(refcount_t *count, int value)
{
	__atomic_store_n(&count->refs.counter, value, __ATOMIC_RELAXED);
}

static inline void refcount_inc(refcount_t *count)
{
	__atomic_fetch_add(&count->refs.counter, 1, __ATOMIC_RELAXED);
}

static inline bool refcount_dec_and_test(refcount_t *count)
{
	return __atomic_sub_fetch(&count->refs.counter, 1,
				  __ATOMIC_ACQ_REL) == 0;
}

#endif
