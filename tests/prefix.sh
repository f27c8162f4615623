#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `wqlint run` of many units: headers that most read are compiled once. It
# must find what it finds without that, in each unit.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

mkdir "$tmp/drv"
cd "$tmp" || exit 1

# The compiler, which writes down what it is asked.
cat >cc <<CC
#!/bin/sh
printf '%s\n' "\$*" >>"$tmp/asked"
exec $TARGET_GCC "\$@"
CC
chmod +x cc

# source NUMBER [LINE...]: drv/uNUMBER.c with the LINEs before its headers; it
# flushes a shared queue in line 99.
source_file() {
	local file=drv/u$1.c

	shift
	{
		printf '%s\n' "$@"
		echo '#include <linux/module.h>'
		echo '#include <linux/slab.h>'
		echo '#include <linux/workqueue.h>'
		echo '#include <linux/platform_device.h>'
	} >"$file"
	while [ "$(wc -l <"$file")" -lt 96 ]; do echo; done >>"$file"
	{
		echo 'void stop(void);'
		echo 'void stop(void) {'
		echo '	flush_workqueue(system_wq);'
		echo '}'
	} >>"$file"
}

# entries FILE...: a compile database.
entries() {
	local file name separator='['

	for file; do
		name=$(basename "$file" .c)
		printf '%s{"directory": "%s", "file": "%s", "arguments": [' \
			"$separator" "$tmp" "$file"
		printf '"%s", ' "$tmp/cc" -O2 -std=gnu11 -nostdinc \
			"-I$srcdir/testsuite-c/include" -D__KERNEL__ -DMODULE \
			"-DKBUILD_BASENAME=\\\"$name\\\"" \
			"-DKBUILD_MODNAME=\\\"$name\\\"" \
			"-DKBUILD_MODFILE=\\\"drv/$name\\\"" \
			"-D__KBUILD_MODNAME=kmod_$name"
		printf '"-c", "-o", "%s.o", "%s"]}' "$name" "$file"
		separator=,
	done
	echo ']'
}

# run_on DATABASE: its findings to $tmp/found, what was asked to $tmp/asked.
run_on() {
	: >asked
	"$WQLINT" run -p "$1" --format=json --fail-level=never \
		>found 2>err
	expect_equal $? 0 "exit status"
	expect_equal "$(cat err)" "" "stderr"
}

for i in $(seq 10 39); do source_file "$i"; done
# What its headers would see is not what the others' do.
source_file 40 '#define HZ 77'
# Messages do not matter.
source_file 41 '#define pr_fmt(fmt) "u: " fmt'
# kzalloc() is its own; it does not read slab.h.
source_file 42
sed -i -e 's,#include <linux/slab.h>,static inline void kzalloc(void) { },' \
	drv/u42.c

same_findings() {
	entries drv/u*.c >all.json
	run_on all.json
	cp found found.all
	cp asked asked.all
	expect_equal "$(jq -r '"\(.file) \(.line) \(.rule) \(.module)"' found |
		sort)" "$(for i in $(seq 10 42); do
			echo "drv/u$i.c 99 flush-system-wq drv/u$i"
		done)" "findings"
	: >found.few
	for i in 1 2 3 4; do
		entries drv/u"$i"*.c >few.json
		run_on few.json
		cat found >>found.few
		expect_no_text asked 'c-header'
	done
	expect_equal "$(sort found.all)" "$(sort found.few)" \
		"what is found in few at a time"
}

# asked_for NUMBER: how the unit was compiled; a line for each time.
asked_for() {
	grep -- "-S .*drv/u$1.c\|drv/u$1.c .*-S " asked.all
}

is_used() {
	expect_equal "$(grep -c -- '-x c-header' asked.all)" 1 "headers compiled"
	asked_for 10 >ten
	expect_text ten '-include [^ ]*/prefix0.h' 1
	expect_no_text ten '-DKBUILD_'
	asked_for 41 >harmless
	expect_text harmless 'prefix0.h' 1
}

is_not_used() {
	asked_for 40 >defines
	expect_text defines '-DKBUILD_MODNAME' 1
	expect_no_text defines 'prefix0.h'
}

tried_again() {
	asked_for 42 >again
	expect_text again 'prefix0.h' 1
	expect_text again '-DKBUILD_MODNAME' 1
}

nothing_left() {
	mkdir left
	TMPDIR=$tmp/left run_on all.json
	expect_equal "$(ls left)" "" "what is left in TMPDIR"
}

test_that "the same findings as without" same_findings
test_that "headers are compiled once" is_used
test_that "a macro before the headers" is_not_used
test_that "a unit that does not compile with other headers" tried_again
test_that "nothing is left behind" nothing_left
tap_end
