dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl
dnl WQ_GCC_PLUGINS: for each compiler of the list $TARGET_GCCS (commas between
dnl them) find its plugin directory, and prove that a plugin compiles against
dnl its headers. Sets and substitutes
dnl
dnl   TARGET_GCC           the first of them, and of that one
dnl   GCC_PLUGIN_DIR       where it looks for -fplugin=NAME
dnl   GCC_PLUGIN_VERSION   its version as it says it itself (12, or 12.2.0)
dnl   GCC_PLUGIN_ID        the directory of its plugin: MACHINE/VERSION-HASH
dnl   OTHER_GCCS           the others, commas between them
dnl   OTHER_GCC_IDS        their directories, spaces between them
dnl
dnl Ends configure with one line that names what to install otherwise. A look
dnl for the file alone is not enough: headers are there without gmp's, and
dnl bullseye ships a set that cannot be compiled at all.

AC_DEFUN([WQ_GCC_PLUGINS], [
AC_REQUIRE([AC_PROG_CXX])
AC_REQUIRE([AC_PROG_SED])
wq_ids= OTHER_GCCS= OTHER_GCC_IDS=
wq_saved_IFS=$IFS
IFS=,
for TARGET_GCC in $TARGET_GCCS; do
	IFS=$wq_saved_IFS
	test -n "$TARGET_GCC" || continue
	_WQ_GCC_PLUGIN
	AS_CASE([" $wq_ids "],
		[*" $wq_id "*], [AC_MSG_NOTICE([$TARGET_GCC is a compiler that was named before])
				 continue],
		["  "], [wq_first_gcc=$TARGET_GCC
			 GCC_PLUGIN_DIR=$wq_plugin_dir
			 GCC_PLUGIN_VERSION=$wq_plugin_version
			 GCC_PLUGIN_ID=$wq_id],
		[OTHER_GCCS=$OTHER_GCCS${OTHER_GCCS:+,}$TARGET_GCC
		 OTHER_GCC_IDS="$OTHER_GCC_IDS${OTHER_GCC_IDS:+ }$wq_id"])
	wq_ids="$wq_ids $wq_id"
done
IFS=$wq_saved_IFS
AS_IF([test -z "$wq_ids"],
	[AC_MSG_ERROR([--with-target-gcc wants compiler commands, with commas between them])])
TARGET_GCC=$wq_first_gcc
AC_SUBST([TARGET_GCC])
AC_SUBST([GCC_PLUGIN_DIR])
AC_SUBST([GCC_PLUGIN_VERSION])
AC_SUBST([GCC_PLUGIN_ID])
AC_SUBST([TARGET_GCCS])
AC_SUBST([OTHER_GCCS])
AC_SUBST([OTHER_GCC_IDS])
])

dnl One of them: sets wq_plugin_dir, wq_plugin_version and wq_id.
AC_DEFUN([_WQ_GCC_PLUGIN], [
AC_MSG_CHECKING([whether $TARGET_GCC is GCC])
_WQ_TARGET_IS_GCC
AC_MSG_RESULT([yes])

wq_plugin_dir=`$TARGET_GCC -print-file-name=plugin 2>/dev/null`
wq_plugin_version=`$TARGET_GCC -dumpversion 2>/dev/null`
_WQ_PLUGIN_PACKAGE

AC_MSG_CHECKING([for the plugin headers of $TARGET_GCC])
AS_IF([test ! -f "$wq_plugin_dir/include/gcc-plugin.h"],
	[AC_MSG_RESULT([no])
	 AC_MSG_ERROR([the plugin headers of $TARGET_GCC are missing: install the package $wq_plugin_package])])
AC_MSG_RESULT([$wq_plugin_dir/include])
_WQ_PLUGIN_PROBE
AS_IF([wq_id=`"$srcdir/plugin/gcc-directory" "$TARGET_GCC"`], [],
	[AC_MSG_ERROR([$TARGET_GCC -v does not say what it is])])
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
wq_gcc_major=`AS_ECHO(["$wq_plugin_version"]) | sed 's/@<:@^0-9@:>@.*//'`
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
AS_IF([$CXX $CPPFLAGS -isystem "$wq_plugin_dir/include" -std=gnu++17 -fno-rtti -fno-exceptions -fPIC -c conftest.$ac_ext -o conftest.$ac_objext 2>conftest.err],
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
