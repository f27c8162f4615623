#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What keeps a finding from being shown: comments, the baseline, .wqlint.conf.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

command -v jq >/dev/null || skip_all "no jq"

# run ARG...: wqlint; sets "status", and $tmp/out and $tmp/err.
run() {
	"$WQLINT" "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# expect_run STATUS ARG...
expect_run() {
	run "${@:2}"
	[ "$status" -eq "$1" ] ||
		problem "exit status $status, not $1: ${*:2}" "$(cat "$tmp/out" "$tmp/err")"
}

# module DIR: stdin becomes the module DIR/m.c, with facts and a database.
module() {
	mkdir -p "$1"
	cat >"$1/m.c"
	printf '%s\n' "$TARGET_GCC" -O2 "${kernel_flags[@]}" -c m.c |
		jq -R -s --arg directory "$(cd "$1" && pwd)" \
			'[{$directory, file: "m.c", arguments: split("\n")[:-1]}]' \
			>"$1/compile_commands.json"
	(cd "$1" && lint @facts=object -c m.c)
}

# ---- comments ----

with_comments() {
	module "$tmp/comments" <<-END
	#include <linux/workqueue.h>
	void a(void) { flush_scheduled_work(); } /* wqlint: ignore flush-system-wq -- why a */
	/* wqlint: ignore FLUSH_SYSTEM_WQ -- why b */
	void b(void) { flush_scheduled_work(); }
	void c(void) { flush_scheduled_work(); }
	END
}

comments() {
	with_comments
	for command in "run -p $tmp/comments" "check $tmp/comments"; do
		# shellcheck disable=SC2086 # several words
		expect_run 1 $command
		expect_text "$tmp/out" 'm\.c:5:.*\[flush-system-wq\]$' 1
		expect_text "$tmp/out" '\[[a-z-]+\]$' 1
		expect_text "$tmp/out" '^wqlint: 1 warning in 1 module \(and 2 silenced\)$' 1
		# shellcheck disable=SC2086
		expect_run 1 $command --format=json
		expect_equal "$(jq -s -c 'map([.line, .suppressed])' "$tmp/out")" \
			"[[2,true],[4,true],[5,false]]" "what is suppressed"
	done
	cd "$tmp/comments" || return
	lint -c m.c
	expect_findings 1
	expect_text "$tmp/err" '^m\.c:5:.*\[wqlint:flush-system-wq\]' 1
}

# The exit status is that of what is not silenced.
all_silenced() {
	with_comments
	sed -i 5d "$tmp/comments/m.c"
	expect_run 0 run -p "$tmp/comments"
	expect_text "$tmp/out" '^wqlint: no findings \(and 2 silenced\)$' 1
	expect_run 0 run -p "$tmp/comments" --strict
	expect_run 0 run -p "$tmp/comments" --format=json
	expect_equal "$(wc -l <"$tmp/out")" 2 "number of lines"
}

# Facts do not know of comments: only the source of today counts.
added_later() {
	with_comments
	sed -i '5s,$, // wqlint: ignore flush-system-wq -- why c,' "$tmp/comments/m.c"
	expect_run 0 check "$tmp/comments"
	sed -i 's,/\* wqlint.*,,' "$tmp/comments/m.c"
	expect_run 1 check "$tmp/comments"
	expect_text "$tmp/out" '\[flush-system-wq\]$' 2
	rm "$tmp/comments/m.c"
	expect_run 1 check "$tmp/comments"
	expect_text "$tmp/out" '\[flush-system-wq\]$' 3
}

wrong_comment() {
	with_comments
	sed -i 's/FLUSH_SYSTEM_WQ/FLUSH_SYSTEM/' "$tmp/comments/m.c"
	expect_run 1 run -p "$tmp/comments" --fail-level=error
	expect_text "$tmp/out" "m\.c:3:4: error: the comment names no rule: 'FLUSH_SYSTEM' .*\[bad-ignore\]" 1
	expect_run 0 run -p "$tmp/comments" --fail-level=error --ignore=bad-ignore
}

# Only where everything was looked at is a comment known to be of no use.
unused() {
	with_comments
	sed -i '2s/flush_scheduled_work()//' "$tmp/comments/m.c"
	expect_run 1 run -p "$tmp/comments"
	expect_no_text "$tmp/out" 'unused-ignore'
	expect_run 1 run -p "$tmp/comments" --strict
	expect_text "$tmp/out" "m\.c:2:.*: check: .*\[unused-ignore\]" 1
	expect_run 0 run -p "$tmp/comments" --strict --types=mixed-queues,unused-ignore
	expect_run 1 run -p "$tmp/comments" --strict --ignore=unused-ignore
	expect_no_text "$tmp/out" 'unused-ignore'
	cd "$tmp/comments" || return
	sed -i "s/KBUILD_MODNAME=\\\\\"m/&n/; s/KBUILD_MODFILE=\\\\\"m/&n/" compile_commands.json
	expect_run 1 run --strict m.c
	expect_no_text "$tmp/out" 'unused-ignore'
}

test_that "comments" comments
test_that "all findings silenced" all_silenced
test_that "comments that came later" added_later
test_that "a comment that is wrong" wrong_comment
test_that "a comment that silences nothing" unused
tap_end
