/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <linux/types.h>

#define GFP_ATOMIC 0x20u
#define GFP_KERNEL 0xcc0u

void *kmalloc(size_t size, gfp_t flags);

#if defined(WQLINT_KERNEL) && WQLINT_KERNEL >= 702

#include <linux/alloc_tag.h>

void *_kmalloc_noprof(size_t size, gfp_t flags, int token);

static inline void *_kzalloc_noprof(size_t size, gfp_t flags, int token)
{
	return _kmalloc_noprof(size, flags, token);
}

#define kzalloc(size, flags) alloc_hooks(_kzalloc_noprof(size, flags, 0))
#define kzalloc_obj(object)						\
({									\
	const size_t _size = sizeof(object);				\
									\
	(typeof(object) *)kzalloc(_size, GFP_KERNEL);			\
})

#else

void *kzalloc(size_t size, gfp_t flags);

#endif

void *kcalloc(size_t count, size_t size, gfp_t flags);
void kfree(const void *object);

#endif
