dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl
dnl WQ_GCC_PLUGIN: find the plugin directory of $TARGET_GCC, and prove that a
dnl plugin compiles against its headers. Sets and substitutes
dnl
dnl   GCC_PLUGIN_DIR       where that compiler looks for -fplugin=NAME
dnl   GCC_PLUGIN_VERSION   its version as it says it itself (12, or 12.2.0)
dnl
dnl Ends configure with one line that names what to install otherwise. A look
dnl for the file alone is not enough: headers are there without gmp's, and
dnl bullseye ships a set that cannot be compiled at all.

AC_DEFUN([WQ_GCC_PLUGIN], [
AC_REQUIRE([AC_PROG_CXX])
AC_MSG_CHECKING([whether $TARGET_GCC is GCC])
_WQ_TARGET_IS_GCC
AC_MSG_RESULT([yes])

GCC_PLUGIN_DIR=`$TARGET_GCC -print-file-name=plugin 2>/dev/null`
GCC_PLUGIN_VERSION=`$TARGET_GCC -dumpversion 2>/dev/null`
_WQ_PLUGIN_PACKAGE

AC_MSG_CHECKING([for the plugin headers of $TARGET_GCC])
AS_IF([test ! -f "$GCC_PLUGIN_DIR/include/gcc-plugin.h"],
	[AC_MSG_RESULT([no])
	 AC_MSG_ERROR([the plugin headers of $TARGET_GCC are missing: install the package $wq_plugin_package])])
AC_MSG_RESULT([$GCC_PLUGIN_DIR/include])
_WQ_PLUGIN_PROBE
AC_SUBST([GCC_PLUGIN_DIR])
AC_SUBST([GCC_PLUGIN_VERSION])
])

dnl clang says gcc in its options and defines __GNUC__, so both are asked for.
AC_DEFUN([_WQ_TARGET_IS_GCC], [
AS_IF([wq_macros=`$TARGET_GCC -E -dM -x c /dev/null 2>conftest.err`], [],
	[AC_MSG_RESULT([it does not run])
	 cat conftest.err >&AS_MESSAGE_LOG_FD
	 AC_MSG_ERROR([the target compiler $TARGET_GCC does not run: install it, or name another with --with-target-gcc=CMD])])
AS_CASE([$wq_macros],
	[*__clang__* | *__INTEL_COMPILER*], [wq_is_gcc=no],
	[*__GNUC__*], [wq_is_gcc=yes],
	[wq_is_gcc=no])
AS_IF([test $wq_is_gcc = no],
	[AC_MSG_RESULT([no])
	 AC_MSG_ERROR([the target compiler $TARGET_GCC is not GCC, which alone loads GCC plugins: name one with --with-target-gcc=CMD])])
])

dnl Debian's name of the package with the headers. The package of a cross
dnl compiler ends in its machine, where names allow no underscore.
AC_DEFUN([_WQ_PLUGIN_PACKAGE], [
wq_gcc_major=`AS_ECHO(["$GCC_PLUGIN_VERSION"]) | sed 's/@<:@^0-9@:>@.*//'`
wq_plugin_package=gcc-$wq_gcc_major-plugin-dev
wq_target_machine=`$TARGET_GCC -dumpmachine 2>/dev/null`
wq_host_machine=`$CXX -dumpmachine 2>/dev/null | sed 's/-pc-/-/; s/-unknown-/-/'`
AS_IF([test "$wq_target_machine" != "$wq_host_machine"],
	[wq_plugin_package=$wq_plugin_package-`AS_ECHO(["$wq_target_machine"]) | tr _ -`])
])

dnl The headers the plugin includes, in the order that GCC wants.
AC_DEFUN([_WQ_PLUGIN_PROBE], [
AC_MSG_CHECKING([whether $CXX compiles a plugin against them])
AC_LANG_PUSH([C++])
AC_LANG_CONFTEST([AC_LANG_SOURCE([[
#define INCLUDE_VECTOR
#define INCLUDE_MEMORY
#include "gcc-plugin.h"
#include "plugin-version.h"
#include "tree.h"
#include "gimple.h"
#include "diagnostic.h"
int plugin_is_GPL_compatible;
static_assert(__cplusplus >= 201703L, "the plugin is C++17");
const int major_version = GCCPLUGIN_VERSION_MAJOR;
]])])
rm -f conftest.$ac_objext
AS_IF([$CXX $CPPFLAGS -isystem "$GCC_PLUGIN_DIR/include" -std=gnu++17 -fno-rtti -fno-exceptions -fPIC -c conftest.$ac_ext -o conftest.$ac_objext 2>conftest.err],
	[AC_MSG_RESULT([yes])],
	[AC_MSG_RESULT([no])
	 cat conftest.err >&AS_MESSAGE_LOG_FD
	 _WQ_PLUGIN_PROBE_FAILED])
rm -f conftest.err conftest.$ac_objext conftest.$ac_ext
AC_LANG_POP([C++])
])

AC_DEFUN([_WQ_PLUGIN_PROBE_FAILED], [
wq_missing=`sed -n 's/.*fatal error: \(.*\): No such file or directory.*/\1/p;
		    s/.*fatal error: .\(.*\). file not found.*/\1/p' conftest.err | sed 1q`
AS_CASE([$wq_missing],
	[*gmp.h], [AC_MSG_ERROR([gmp.h is missing, which the plugin headers of $TARGET_GCC include: install the package libgmp-dev])],
	[*i386-cpuinfo.h], [AC_MSG_ERROR([$wq_plugin_package lacks $wq_missing (a known fault of Debian bullseye's GCC 10.2): use a newer GCC and its plugin package, with --with-target-gcc=CMD])],
	[?*], [AC_MSG_ERROR([$wq_missing is missing from the plugin headers of $TARGET_GCC: install the package $wq_plugin_package again])])
AC_MSG_ERROR([$CXX does not compile the plugin headers of $TARGET_GCC as C++17: see config.log, or name another C++ compiler with CXX=CMD])
])
