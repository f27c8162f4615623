/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_ALLOC_TAG_H
#define _LINUX_ALLOC_TAG_H

#include <linux/types.h>

static inline bool mem_alloc_profiling_enabled(void)
{
	return false;
}

void alloc_tag_save(void);
void alloc_tag_restore(void);

/* One allocation in the source is two calls, one of which is folded later. */
#define alloc_hooks_tag(call)						\
({									\
	typeof(call) _result;						\
									\
	if (mem_alloc_profiling_enabled()) {				\
		alloc_tag_save();					\
		_result = call;						\
		alloc_tag_restore();					\
	} else {							\
		_result = call;						\
	}								\
	_result;							\
})

#define alloc_hooks(call) alloc_hooks_tag(call)

#endif
