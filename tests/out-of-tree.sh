#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A module of two files, tests/out-of-tree, against the installed headers of a
# distribution's kernel: with the plugin in the build, and as CHECK=.
#
#	out-of-tree.sh
#
# Environment: that of lib.sh, and
#	srcdir		top of the source tree (default: .)
#	WQLINT		the command (default: ./cli/wqlint)
#	WQLINT_PLUGIN	the plugin that the command shall use
#	WQLINT_HEADERS	a kernel's build directory (default: the newest of
#			/usr/src/linux-headers-* and /lib/modules/*/build)
#
# The output is TAP.

srcdir=${srcdir:-.}
wqlint=$(realpath -m "${WQLINT:-cli/wqlint}")
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"
source=$srcdir/tests/out-of-tree

find_headers() {
	local directory

	for directory in ${WQLINT_HEADERS:+"$WQLINT_HEADERS"} \
			 /usr/src/linux-headers-* /lib/modules/*/build; do
		[ -f "$directory/include/config/auto.conf" ] || continue
		echo "$directory"
		[ -z "${WQLINT_HEADERS-}" ] || break
	done | sort -V | tail -n 1
}

# The flags in a kernel's configuration are those of one major version of GCC.
gcc_of_headers() {
	sed -n 's/^CONFIG_GCC_VERSION=\([0-9]*\)[0-9]\{4\}$/\1/p' \
		"$headers/include/config/auto.conf"
}

headers=$(find_headers)
[ -n "$headers" ] || skip_all "no headers of a kernel: install the package linux-headers-amd64"
# shellcheck disable=SC2086 # the compiler may be "ccache gcc"
major=$($kernel_gcc -dumpversion 2>/dev/null) || skip_all "no compiler '$kernel_gcc'"
major=${major%%.*}
[ "$major" = "$(gcc_of_headers)" ] ||
	skip_all "$headers is for GCC $(gcc_of_headers), '$kernel_gcc' is GCC $major"

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# module NAME ARGUMENT...: makes a fresh copy $tmp/NAME; says so in NAME.log.
module() {
	local name=$1

	shift
	cp -r "$source" "$tmp/$name" && chmod -R u+w "$tmp/$name" &&
	run_make "$headers" M="$tmp/$name" "$@" modules >"$tmp/$name.log" 2>&1
}

# The findings that the sources want: FILE:LINE: ID.
expectations() {
	(cd "$source" && grep -no '/\* expect: [a-z-]* \*/' ./*.c) |
		sed 's,^\./,,; s,/\* expect: ,,; s, \*/$,,; s,:\([a-z-]*\)$,: \1,' | sort
}

# The findings in a build's output, whatever stands before the files' names.
findings() {
	sed -n 's,^\(.*/\)\?\([^/:]*:[0-9]*\):[0-9]*: warning: .*\[\(wqlint:\)\?\([a-z-]*\)\]$,\2: \4,p' \
		"$1" | sort
}

# test_findings NAME WHAT
test_findings() {
	diff <(expectations) <(findings "$tmp/$1.log") >"$tmp/why" && return
	cat "$tmp/$1.log" >>"$tmp/why"
	return 1
}

# has_note FILE
has_note() {
	readelf -SW "$1" | grep -q ' \.discard\.wqlint '
}

test_note() {
	local ko=$tmp/plugin/wqlint_lamp.ko

	has_note "$tmp/plugin/lamp-main.o" && has_note "$tmp/plugin/lamp-blink.o"
	tap $? "facts=object leaves a note in both objects"
	[ -f "$ko" ] && ! has_note "$ko"
	tap $? "the module itself has no note"
}

# What is to be checked is what the compiler made, not what the linker left.
test_check() {
	local ko=$tmp/plugin/wqlint_lamp.ko

	"$wqlint" check "$ko" >"$tmp/why" 2>&1
	[ $? -eq 2 ] && [ "$(wc -l <"$tmp/why")" -eq 1 ] &&
		grep -q "^wqlint: $ko: has no facts: the kernel's linker script drops them when it makes a .ko; name the .o files or the facts instead$" "$tmp/why"
	tap $? "wqlint check says so of the module" "$tmp/why"
	"$wqlint" check --format=gcc "$tmp/plugin" >"$tmp/check.log" 2>"$tmp/why"
	[ $? -eq 1 ] && [ ! -s "$tmp/why" ]
	tap $? "wqlint check on its directory" "$tmp/why"
	test_findings check
	tap $? "it finds what the sources expect" "$tmp/why"
	"$wqlint" check "$tmp/plugin/lamp-main.o" >"$tmp/out" 2>"$tmp/why"
	grep -q 'not complete.*no facts of .*lamp-blink\.o$' "$tmp/why"
	tap $? "one object alone is no complete module" "$tmp/why"
}

echo "# against $headers"
if ! flags=$("$wqlint" kcflags 2>"$tmp/why"); then
	tap 1 "wqlint kcflags" "$tmp/why"
	tap_end
fi
module plain
tap $? "the module builds" "$tmp/plain.log"
module plugin KCFLAGS="$flags -fplugin-arg-wqlint-facts=object"
tap $? "the module builds with the plugin" "$tmp/plugin.log"
test_findings plugin
tap $? "the plugin finds what the sources expect" "$tmp/why"
test_note
test_check

# check NAME ARGUMENT...: make in the module "plain" with wqlint as checker.
check() {
	local name=$1

	shift
	run_make "$headers" M="$tmp/plain" -j2 CHECK="$wqlint cc" "$@" modules \
		>"$tmp/$name.log" 2>&1
}

# The names and times of the objects of "plain".
objects() {
	find "$tmp/plain" -name '*.o' -printf '%f %T@\n' | sort
}

# C=2 checks every file, also those that need no compilation, and C=1 those
# that are compiled. A finding is one line and does not end make.
test_checker() {
	local before

	before=$(objects)
	check check2 C=2
	tap $? "C=2 CHECK=\"wqlint cc\" -j2" "$tmp/check2.log"
	test_findings check2
	tap $? "it finds the same" "$tmp/why"
	[ "$(grep -c -e '\[[a-z-]*\]$' -e 'note:' -e '^ *[0-9]* |' "$tmp/check2.log")" \
		-eq "$(expectations | wc -l)" ]
	tap $? "one line per finding" "$tmp/check2.log"
	[ "$(objects)" = "$before" ]
	tap $? "no object was made again"
	check check1 C=1
	[ $? -eq 0 ] && [ -z "$(findings "$tmp/check1.log")" ]
	tap $? "C=1 checks nothing when nothing is compiled" "$tmp/check1.log"
	touch "$tmp"/plain/*.c
	check check1 C=1
	tap $? "C=1 CHECK=\"wqlint cc\" -j2" "$tmp/check1.log"
	test_findings check1
	tap $? "it finds the same" "$tmp/why"
	touch "$tmp"/plain/*.c
	! check failing C=1 CHECK="$wqlint cc --fail-level=warning"
	tap $? "--fail-level ends make" "$tmp/failing.log"
}

# Without a plugin that fits there are no flags, and the build is as ever.
test_no_plugin() {
	flags=$(WQLINT_PLUGIN=$tmp/no/wqlint.so "$wqlint" kcflags 2>"$tmp/why")
	[ $? -eq 2 ] && [ -z "$flags" ] && [ "$(wc -l <"$tmp/why")" -eq 1 ]
	tap $? "kcflags without a plugin prints nothing" "$tmp/why"
	module without KCFLAGS="$flags"
	tap $? "the module builds without it" "$tmp/without.log"
}

test_checker
test_no_plugin
tap_end
