#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `wqlint run` of many units: a compiler reads the headers that many units need
# once, and compiles these units in processes that it forks. It must find what
# it finds without that, in each unit.

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
	for i in $(seq 10 3 40); do
		entries "drv/u$i.c" "drv/u$((i + 1)).c" "drv/u$((i + 2)).c" \
			>few.json
		run_on few.json
		cat found >>found.few
		expect_no_text asked 'wqlint-serve'
	done
	expect_equal "$(sort found.all)" "$(sort found.few)" \
		"what is found in few at a time"
}

# asked_for FILE: how the unit was compiled by itself; a line for each time.
asked_for() {
	grep -- "-S .*$1\|$1 .*-S " asked.all
}

# servers FILE: the commands of compilers that serve.
servers() {
	grep -- '-wqlint-serve ' "$1"
}

# How many units were compiled by themselves.
asked_alone() {
	grep -c -- '-S .*/u[0-9]*\.c\|/u[0-9]*\.c .*-S ' asked
}

is_used() {
	expect_equal "$(servers asked.all | wc -l)" 1 "compilers that serve"
	servers asked.all >serving
	expect_no_text serving '-DKBUILD_'
	expect_equal "$(asked_for drv/u10.c)" "" "how u10.c was compiled by itself"
	expect_equal "$(asked_for drv/u41.c)" "" "how u41.c was compiled by itself"
}

is_not_used() {
	asked_for drv/u40.c >defines
	expect_text defines '-DKBUILD_MODNAME' 1
}

tried_again() {
	asked_for drv/u42.c >again
	expect_text again '-DKBUILD_MODNAME' 1
}

nothing_left() {
	mkdir left
	TMPDIR=$tmp/left run_on all.json
	expect_equal "$(ls left)" "" "what is left in TMPDIR"
}

# Each unit has its own value of what its header needs, in a directory that only
# it has; the header is named alike.
own_words() {
	local i

	mkdir -p own
	for i in $(seq 10 29); do
		mkdir "own/inc$i"
		echo "static void work_in_$i(void *w) { }" >"own/inc$i/mine.h"
		source_file "$i"
		sed -i -e '1i #include <mine.h>' -e '2d' "drv/u$i.c"
		sed "s,flush_workqueue,work_in_$i(KBUILD_MODNAME); &," "drv/u$i.c" \
			>"own/u$i.c"
	done
	entries own/u*.c | jq -c 'map((.file | capture("u(?<n>[0-9]+)")) as $u |
		.arguments |= .[:-4] + ["-include", "linux/types.h",
			"-Iown/inc" + $u.n] + .[-4:])' >own.json
	run_on own.json
	cp asked asked.all
	expect_equal "$(jq -r .file found | sort)" "$(seq -f 'own/u%.0f.c' 10 29)" \
		"files with a finding"
	expect_equal "$(servers asked | wc -l)" 1 "compilers that serve"
	expect_no_text asked 'own/u'
}

# A header that all others include has a macro of the name of what this unit
# calls.
hidden_function() {
	local i

	mkdir -p hides/inc
	printf '%s\n' '#ifndef PICK_H' '#define PICK_H' \
		'#define pick(wq) system_wq' '#endif' >hides/inc/pick.h
	for i in $(seq 10 29); do
		source_file "$i"
		sed 's,<linux/slab.h>,<pick.h>,' "drv/u$i.c" >"hides/u$i.c"
	done
	source_file 30
	sed -e 's/^void stop(void)/void stop(struct workqueue_struct *(*pick)(int))/' \
		-e 's/flush_workqueue(system_wq)/flush_workqueue(pick(1))/' \
		drv/u30.c >hides/u30.c
	entries hides/u*.c | jq -c --arg inc "-I$tmp/hides/inc" \
		'map(.arguments |= .[:1] + [$inc] + .[1:])' >hides.json
	run_on hides.json
	expect_equal "$(jq -r .file found | sort)" "$(seq -f 'hides/u%.0f.c' 10 29)" \
		"files with a finding"
	expect_equal "$(servers asked | wc -l)" 1 "compilers that serve"
	expect_equal "$(asked_alone)" 1 "units compiled alone"
}

# Parts of the tree have headers of their own, which contradict each other.
parts() {
	local part i

	mkdir -p parts/inc
	for part in a b; do
		mkdir "parts/$part"
		printf '%s\n' "#ifndef H_$part" "#define H_$part" \
			"typedef struct { int $part; } part_t;" '#endif' \
			>"parts/inc/$part.h"
		for i in $(seq 10 17); do
			source_file "$i"
			sed -e "s,<linux/slab.h>,<$part.h>," -e "98a part_t p = {" \
				-e "98a .$part = 1 };" "drv/u$i.c" >"parts/$part/u$i.c"
		done
	done
	entries parts/[ab]/u*.c | jq -c --arg inc "-I$tmp/parts/inc" \
		'map(.arguments |= .[:1] + [$inc] + .[1:])' >parts.json
	run_on parts.json
	expect_equal "$(jq -r .file found | sort)" "$(ls parts/[ab]/u*.c)" \
		"files with a finding"
	# What was asked before the headers of both were known not to fit.
	[ "$(asked_alone)" -le 6 ] || problem "$(asked_alone) compiled alone"
}

# In one part, by turns: less headers are read then.
contradiction() {
	mkdir parts/c
	cp parts/a/u1[0-3].c parts/c
	for i in 4 5 6 7; do cp "parts/b/u1$i.c" parts/c; done
	entries parts/c/u*.c | jq -c --arg inc "-I$tmp/parts/inc" \
		'map(.arguments |= .[:1] + [$inc] + .[1:])' >parts.json
	run_on parts.json
	expect_equal "$(jq -r .file found | sort)" "$(ls parts/c/u*.c)" \
		"files with a finding"
}

# A compiler that is told to serve, and ends.
broken_server() {
	sed "2i case \"\$*\" in *-wqlint-serve*) $1 ;; esac" cc >cc.broken
	chmod +x cc.broken
	sed "s,$tmp/cc\",$tmp/cc.broken\",g" all.json >broken.json
	run_on broken.json
	expect_equal "$(jq -r .file found | sort)" \
		"$(for i in $(seq 10 42); do echo "drv/u$i.c"; done)" \
		"files with a finding"
}

# Ctrl-C while one compiler reads headers.
interrupted() {
	local pid i

	sed "2i case \"\$*\" in *-wqlint-serve*) echo \$\$ >$tmp/server; sleep 60 ;; esac" \
		cc >cc.slow
	chmod +x cc.slow
	sed "s,$tmp/cc\",$tmp/cc.slow\",g" all.json >slow.json
	mkdir -p left
	TMPDIR=$tmp/left "$WQLINT" run -p slow.json >found 2>err &
	pid=$!
	for i in $(seq 100); do [ -s server ] && break; sleep 0.1; done
	kill -TERM "$pid"
	wait "$pid"
	expect_equal $? 143 "exit status"
	expect_equal "$(ls left)" "" "what is left in TMPDIR"
	kill -0 "$(cat server)" 2>/dev/null && problem "the compiler still runs"
}

test_that "the same findings as without" same_findings
test_that "one compiler reads the headers" is_used
test_that "a macro before the headers" is_not_used
test_that "a unit that does not compile with other headers" tried_again
test_that "nothing is left behind" nothing_left
test_that "a compiler that ends" broken_server 'exit 1'
test_that "a compiler that ends well" broken_server 'exit 0'
test_that "nothing runs on after a signal" interrupted
test_that "what only one unit has" own_words
test_that "a macro that only others have" hidden_function
test_that "parts of the tree" parts
test_that "headers that contradict each other" contradiction
tap_end
