/* SPDX-License-Identifier: GPL-3.0-or-later */
/* KBUILD_MODNAME and, for a module, MODULE come from the command line. */
#ifndef _LINUX_MODULE_H
#define _LINUX_MODULE_H

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>

struct module;

bool try_module_get(struct module *module);
void __module_get(struct module *module);
void module_put(struct module *module);

#define __module_note(tag, text)					\
	static const char __modinfo_##tag[] __used __section(".modinfo") =	\
		#tag "=" text

#define MODULE_LICENSE(text)		__module_note(license, text)
#define MODULE_DESCRIPTION(text)	__module_note(description, text)
#define MODULE_AUTHOR(text)		__module_note(author, text)

#define EXPORT_SYMBOL_GPL(symbol)					\
	static const void *const __addressable_##symbol __used		\
		__section(".export") = &symbol

#ifdef MODULE

extern struct module __this_module;
#define THIS_MODULE (&__this_module)

/* The loader looks up two fixed names: both become aliases. */
#define module_init(initfn)						\
	int init_module(void) __copy(initfn)				\
		__attribute__((alias(#initfn)))
#define module_exit(exitfn)						\
	void cleanup_module(void) __copy(exitfn)			\
		__attribute__((alias(#exitfn)))

#else

#define THIS_MODULE ((struct module *)0)

#define module_init(initfn)						\
	static const initcall_t __initcall_##initfn __used		\
		__section(".initcall6.init") = initfn
#define module_exit(exitfn)						\
	static const exitcall_t __exitcall_##exitfn __used		\
		__section(".exitcall.exit") = exitfn

#endif

#endif
