# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What the shell tests have in common; sourced by them. A test is a function
# that says what it expects; test_that runs it and prints its line of TAP:
#
#	test_that "NAME" FUNCTION [ARG...]
#
# Each expect_* that does not hold is a problem that is shown, and the
# function goes on. At the end of a script: tap_end (lib.sh).
#
# Environment, as the makefile sets it:
#	srcdir		top of the source tree (default: .)
#	builddir	top of the build tree (default: .)
#	WQLINT		the command (default: cli/wqlint of the build)
#	WQLINT_PLUGIN	the plugin (default: plugin/wqlint.so of the build)
#	TARGET_GCC	the compiler that loads the plugin (default: gcc)

: "${builddir:=.}" "${TARGET_GCC:=gcc}"
# Tests change the directory.
srcdir=$(cd "${srcdir:-.}" && pwd) || exit 1
WQLINT=$(realpath -m "${WQLINT:-$builddir/cli/wqlint}")
WQLINT_PLUGIN=$(realpath -m "${WQLINT_PLUGIN:-$builddir/plugin/wqlint.so}")
export srcdir WQLINT WQLINT_PLUGIN TARGET_GCC

# Texts and colours of the caller's taste must not reach what is compared.
export LC_ALL=C
unset GCC_COLORS GCC_EXTRA_DIAGNOSTIC_OUTPUT GCC_URLS SOURCE_DATE_EPOCH
unset CCC_OVERRIDE_OPTIONS CPATH C_INCLUDE_PATH

# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"

command -v "${TARGET_GCC%% *}" >/dev/null ||
	skip_all "no compiler '$TARGET_GCC'"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

problem() {
	echo "$*"
	nr_problems=$((nr_problems + 1))
}

# expect COMMAND...: it must succeed.
expect() {
	"$@" || problem "failed: $*"
}

# expect_text FILE REGEX [COUNT]: COUNT lines match, or any number but none.
expect_text() {
	local count

	count=$(grep -acE -e "$2" "$1")
	[ "$count" -eq "${3:-$count}" ] && [ "$count" -gt 0 ] && return
	[ "${3:-1}" -eq 0 ] && [ "$count" -eq 0 ] && return
	problem "$count lines match '$2', not ${3:-some}, in:"
	head -n 40 "$1"
}

expect_no_text() {
	expect_text "$1" "$2" 0
}

# expect_equal GOT WANTED WHAT
expect_equal() {
	[ "$1" = "$2" ] || problem "$3 is '$1', not '$2'"
}

test_that() {
	local name=$1

	shift
	nr_problems=0
	"$@" >"$tmp/problems" 2>&1
	tap "$nr_problems" "$name" "$tmp/problems"
}

# skip_test NAME REASON
skip_test() {
	tap 0 "$1 # SKIP $2"
}

# ---- compiling ----

# As Kbuild compiles a file of a module that is only this file.
kernel_flags=(-std=gnu11 -nostdinc "-I$srcdir/testsuite-c/include" -D__KERNEL__
	-DMODULE '-DKBUILD_BASENAME="m"' '-DKBUILD_MODNAME="m"'
	'-DKBUILD_MODFILE="m"' -fno-strict-aliasing -fno-common
	-fdiagnostics-color=never -fmessage-length=0)

# compile ARG...: sets "status", and $tmp/out and $tmp/err to what was said.
compile() {
	# shellcheck disable=SC2086 # the compiler may be "ccache gcc"
	$TARGET_GCC "${kernel_flags[@]}" "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# lint ARG...: the same with the plugin; -fplugin-arg-wqlint- is added to
# arguments that begin with "@".
lint() {
	local arguments=(-O2 "-fplugin=$WQLINT_PLUGIN") argument

	for argument; do
		arguments+=("${argument/#@/-fplugin-arg-wqlint-}")
	done
	compile "${arguments[@]}"
}

# input_flags FILE: what an input of testsuite-c says it needs.
input_flags() {
	echo "-I$srcdir/testsuite-c"
	sed -n '1,10s,^/\* flags: \(.*\) \*/$,\1,p' "$1" | tr ' ' '\n'
}

# expect_status STATUS: of the last compile; a crash is always a problem.
expect_status() {
	[ "$status" -eq "$1" ] ||
		problem "exit status $status, not $1; stderr:" "$(cat "$tmp/err")"
	expect_no_text "$tmp/err" 'internal compiler error|Segmentation fault'
}

# expect_findings COUNT: as warnings or errors of the last compile.
expect_findings() {
	expect_text "$tmp/err" ': (warning|error): .*\[wqlint:' "$1"
}

# ---- another build ----

# copy_sources: sets "copy" to the sources, ready for configure, without what
# builds left in them. The source tree may be read-only.
copy_sources() {
	copy=$tmp/wqlint
	rm -rf "$copy"
	mkdir "$copy"
	if ! (cd "$srcdir" && tar -c --exclude=./.git --exclude=./lint-sample \
		--exclude='./wqlint-*' --exclude='*.o' --exclude='*.a' \
		--exclude='*.so' --exclude='*.log' --exclude='*.trs' \
		--exclude=./config.status --exclude=./Makefile \
		--exclude=.deps --exclude=./cli/wqlint .) |
	     tar -x -C "$copy" --no-same-owner || ! chmod -R u+w "$copy"; then
		problem "no copy of the sources"
		return 1
	fi
	[ -x "$copy/configure" ] || expect autoreconf --force --install "$copy"
}

# make_in_copy TARGET...: not as a part of the make that runs the tests.
make_in_copy() {
	expect env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS \
		make -s -C "$copy" -j"$jobs" "$@"
}

# ---- input ----

# What tests compile most: one finding, in line 5, with a fix-it.
one_finding=$tmp/m.c
cat >"$one_finding" <<END
#include <linux/workqueue.h>

void remove(void)
{
	flush_scheduled_work();
}
END
clean_file=$tmp/clean.c
cat >"$clean_file" <<END
#include <linux/workqueue.h>

void remove(struct work_struct *work)
{
	flush_work(work);
}
END
