/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_COMPILER_H
#define _LINUX_COMPILER_H

#define __section(name)		__attribute__((__section__(name)))
#define __used			__attribute__((__used__))
#define __maybe_unused		__attribute__((__unused__))
#define __cold			__attribute__((__cold__))
#define __copy(symbol)		__attribute__((__copy__(symbol)))
#define __printf(fmt, args)	__attribute__((__format__(__printf__, fmt, args)))
#define __must_check		__attribute__((__warn_unused_result__))
#define __always_inline		inline __attribute__((__always_inline__))
#define noinline		__attribute__((__noinline__))

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile typeof(x) *)&(x) = (value))

#endif
