/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <linux/types.h>

#define GFP_ATOMIC 0x20u
#define GFP_KERNEL 0xcc0u

void *kmalloc(size_t size, gfp_t flags);
void *kzalloc(size_t size, gfp_t flags);
void *kcalloc(size_t count, size_t size, gfp_t flags);
void kfree(const void *object);

#endif
