#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Modules that must be judged together: testsuite-c/join. A struct that a
# library module and its user share, an exported queue, an object that is
# part of two modules.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

inputs=$srcdir/testsuite-c/join

# compile DIRECTORY MODULE FILE...: facts of the units, as Kbuild compiles them.
compile() {
	local directory=$1 module=$2 file

	shift 2
	mkdir -p "$tmp/$directory/$module"
	for file; do
		# shellcheck disable=SC2086 # the compiler may be "ccache gcc"
		$TARGET_GCC -O2 -std=gnu11 -nostdinc -I"$srcdir/testsuite-c/include" \
			-fno-strict-aliasing -fno-common -D__KERNEL__ -DMODULE \
			-DKBUILD_BASENAME="\"${file//-/_}\"" \
			-DKBUILD_MODNAME="\"${module##*:}\"" \
			-DKBUILD_MODFILE="\"join/$module\"" \
			-w -S -o /dev/null -fplugin="$WQLINT_PLUGIN" \
			-fplugin-arg-wqlint-lint-only \
			-fplugin-arg-wqlint-facts="$tmp/$directory/$module" "$inputs/$file.c" ||
			problem "$file.c does not compile"
	done
}

# check DIRECTORY...: "FILE LINE RULE" of each finding, to $tmp/got.
check() {
	"$WQLINT" check --format=json --fail-level=never "$@" >"$tmp/out" 2>"$tmp/err"
	expect_equal $? 0 "exit status"
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	jq -r '"\(.file | sub(".*/"; "")) \(.line) \(.rule)"' "$tmp/out" | sort >"$tmp/got"
}

# The lines of FILE... that expect a finding, in the same form.
expected() {
	for file; do
		sed -nE "/expect: /{=;s/.*expect: ([a-z-]+).*/\1/p}" "$inputs/$file.c" |
			paste -d' ' - - | sed "s/^/$file.c /"
	done | sort
}

facts() {
	compile facts bus bus bus-teardown
	compile facts driver driver
	compile facts stranger stranger
	expect_equal "$(find "$tmp/facts" -name '*.wqfacts' | wc -l)" 4 "facts files"
}

together() {
	check "$tmp/facts"
	expect_equal "$(cat "$tmp/got")" "$(expected bus bus-teardown stranger)" "findings"
	expect_equal "$(jq -r 'select(.rule == "unflushed-work") | .module' "$tmp/out")" \
		join/bus "the module of the finding"
}

any_order() {
	cp "$tmp/out" "$tmp/in-order"
	check "$tmp/facts/stranger" "$tmp/facts/driver" "$tmp/facts/bus"
	expect diff "$tmp/in-order" "$tmp/out"
}

# Without its users, a library's items look as if nobody waited for them; the
# header beside its sources says that others may, but not who.
alone() {
	check "$tmp/facts/bus"
	expect_text "$tmp/got" '^bus\.c [0-9]+ unflushed-work$' 2
	check "$tmp/facts/stranger"
	expect_equal "$(cat "$tmp/got")" "" "findings"
}

# One object in two modules: reported once.
shared_object() {
	compile shared one:two bus bus-teardown
	check "$tmp/shared" "$tmp/facts/driver"
	expect_equal "$(cat "$tmp/got")" "$(expected bus bus-teardown)" "findings"
}

# What is undone by a function of another file that gets only a number.
other_file() {
	compile stages stages stages stages-queue
	check "$tmp/stages"
	expect_equal "$(cat "$tmp/got")" "$(expected stages stages-queue)" "findings"
}

# A queue in a struct that two modules share, and no item in it.
shared_queue() {
	compile channel channel channel
	compile channel sender sender
	check "$tmp/channel"
	expect_equal "$(cat "$tmp/got")" "$(expected channel sender)" "findings"
}

all_of_one_item() {
	"$WQLINT" facts --work=bus_dev.ok_reset_work "$tmp/facts" >"$tmp/out" 2>"$tmp/err"
	expect_equal $? 0 "exit status"
	expect_text "$tmp/out" '^work item struct bus_dev\.ok_reset_work, module join/bus$' 1
	expect_text "$tmp/out" 'bus\.c:[0-9]+:[0-9]+: init-work handler bus_work\(\), in bus_dev_new$' 1
	expect_text "$tmp/out" 'bus\.c:[0-9]+:[0-9]+: queue on system_wq by schedule_work\(\), in bus_dev_event$' 1
	expect_text "$tmp/out" 'bus-teardown\.c:[0-9]+:[0-9]+: cancel-work-sync by cancel_work_sync\(\), in bus_stop$' 1
	expect_text "$tmp/out" 'bus-teardown\.c:[0-9]+:[0-9]+: free kfree, in bus_dev_free$' 1
	"$WQLINT" facts --work=stranger_item --format=json "$tmp/facts" >"$tmp/out"
	expect_equal "$(jq -r 'select(.kind == "queue") | .text' "$tmp/out" | sort | head -n 1)" \
		"on bus_wq by queue_work()" "the queue in JSON"
	"$WQLINT" facts --work=bus_dev.no_such "$tmp/facts" >"$tmp/out" 2>"$tmp/err"
	expect_equal $? 2 "exit status for an unknown item"
	expect_text "$tmp/err" 'no such work item' 1
}

# Without names from Kbuild, the object that was linked says what belongs
# together.
composite() {
	local file

	for file in bus bus-teardown; do
		# shellcheck disable=SC2086 # the compiler may be "ccache gcc"
		$TARGET_GCC -O2 -std=gnu11 -nostdinc -I"$srcdir/testsuite-c/include" \
			-D__KERNEL__ -w -c -o "$tmp/$file.o" \
			-fplugin="$WQLINT_PLUGIN" -fplugin-arg-wqlint-facts=object \
			-fplugin-arg-wqlint-types=destroy-system-wq "$inputs/$file.c" ||
			problem "$file.c does not compile"
	done
	ld -r -o "$tmp/composite.o" "$tmp/bus.o" "$tmp/bus-teardown.o"
	"$WQLINT" facts --work=bus_dev.ok_reset_work "$tmp/composite.o" >"$tmp/out"
	expect_text "$tmp/out" '^work item ' 1
	expect_text "$tmp/out" 'bus\.c:.*: queue on system_wq ' 1
	expect_text "$tmp/out" 'bus-teardown\.c:.*: cancel-work-sync ' 1
	expect_text "$tmp/out" "module $tmp/composite\.o\$" 1
}

test_that "the three modules compile" facts
test_that "modules that share a struct or a queue are judged together" together
test_that "the order does not matter" any_order
test_that "a module alone" alone
test_that "an object of two modules is reported once" shared_object
test_that "undone by a function that gets no pointer" other_file
test_that "a queue in a struct that modules share" shared_queue
test_that "facts --work across files" all_of_one_item
test_that "units without names join by their object" composite
tap_end
