# SPDX-License-Identifier: GPL-3.0-or-later
#
# How a plugin of GCC is compiled and linked: for Makefile.am and plugin.mk.
wq_plugin_cxxflags = -std=gnu++17 -fno-rtti -fno-exceptions -fPIC \
	-fvisibility=hidden
# nothing of libstdc++ is used, so it is not to be loaded either
wq_plugin_ldflags = -shared -Wl,--as-needed
