#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A plugin for each other GCC whose plugin headers are installed, built by the
# same host compiler, and what the tests of the plugin say of it.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

# The compilers gcc-N that are not of the target's version.
other_compilers() {
	local number version

	# shellcheck disable=SC2086
	version=$($TARGET_GCC -dumpfullversion)
	for number in {9..16}; do
		command -v "gcc-$number" >/dev/null || continue
		[ "$("gcc-$number" -dumpfullversion)" != "$version" ] || continue
		[ -f "$("gcc-$number" -print-file-name=plugin)/include/gcc-plugin.h" ] &&
			echo "gcc-$number"
	done
}

build_for() {
	cd "$copy" || return
	expect ./configure --quiet --with-target-gcc="$1"
	make_in_copy libwqlint/rule-table.def plugin/wqlint.so
}

# run_test COMPILER SCRIPT: "not ok" of another test is one here.
run_test() {
	TARGET_GCC=$1 WQLINT_PLUGIN=$copy/plugin/wqlint.so \
		bash "$srcdir/tests/$2" >"$tmp/output" 2>&1
	expect_equal $? 0 "exit status"
	expect_no_text "$tmp/output" '^not ok'
	expect_text "$tmp/output" '^ok '
}

compilers=$(other_compilers)
[ -n "$compilers" ] ||
	skip_all "no other gcc-N with plugin headers (for example gcc-11-plugin-dev)"
copy_sources >"$tmp/output" 2>&1 || skip_all "$(cat "$tmp/output")"
for compiler in $compilers; do
	test_that "$compiler: build" build_for "$compiler"
	for script in testsuite.sh loading.sh emission.sh; do
		test_that "$compiler: $script" run_test "$compiler" "$script"
	done
done
tap_end
