#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The main job on the sample module, testsuite-c/sample: exactly the two
# mistakes that are marked in it, wherever and however it is run.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

sample=$srcdir/testsuite-c/sample

# run ARG...: wqlint run; sets "status", and $tmp/out and $tmp/err.
run() {
	"$WQLINT" run --root="${root:-$srcdir}" "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# marked FILE: "LINE RULE" of each line of code after a comment with "Wrong:".
marked() {
	awk '/Wrong:/ { wrong = 1 }
	     wrong && /^\t[a-z]/ {
		print NR, /flush_/ ? "flush-system-wq" : "unflushed-work"
		wrong = 0
	     }' "$1"
}

# expect_marked: the findings in $tmp/out are those that are marked.
expect_marked() {
	expect_equal "$status" 1 "exit status"
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	sed -nE 's,^testsuite-c/sample/device\.c:([0-9]+):[0-9]+: warning: .*\[([a-z-]+)\]$,\1 \2,p' \
		"$tmp/out" >"$tmp/got"
	expect_equal "$(cat "$tmp/got")" "$(marked "$sample/device.c")" \
		"the list of findings"
	expect_text "$tmp/out" ': (warning|error): ' 2
	expect_text "$tmp/out" '^wqlint: 2 warnings in 1 module$' 1
}

both_found() {
	expect_equal "$(marked "$sample/device.c" | wc -l)" 2 "marked lines"
	expect_equal "$(marked "$sample/queue.c")" "" "marks in queue.c"
	cd "$srcdir" || return
	run -p "$database"
	expect_marked
	cp "$tmp/out" "$tmp/expected"
}

# What the readme shows is what there is to see.
readme() {
	sed -n '/^\$ \.\/bootstrap lint$/,/^```$/p' "$srcdir/README.md" |
		sed '1d;$d' >"$tmp/shown"
	expect diff "$tmp/shown" "$tmp/expected"
}

elsewhere() {
	mkdir -p "$tmp/a b"
	cd "$tmp/a b" || return
	for path in "$database" "$tmp" ..; do
		run -p "$path"
		expect_marked
	done
	cd "$tmp" || return
	run
	expect_marked
}

jobs_and_order() {
	for number in 1 2 16; do
		run -p "$database" -j "$number"
		expect diff "$tmp/expected" "$tmp/out"
	done
	jq reverse "$database" >"$tmp/reversed.json"
	run -p "$tmp/reversed.json"
	expect diff "$tmp/expected" "$tmp/out"
}

# One file alone shows what one file can show.
one_file() {
	run -p "$database" "$sample/device.c"
	expect_equal "$status" 1 "exit status"
	expect_text "$tmp/out" ': warning: ' 1
	expect_text "$tmp/out" '\[flush-system-wq\]$' 1
	run -p "$database" "$sample/queue.c"
	expect_equal "$status" 0 "exit status"
	expect_text "$tmp/out" ': warning: ' 0
}

formats() {
	local lines

	lines=$(marked "$sample/device.c" | cut -d' ' -f1 | xargs)
	run -p "$database" --format=json
	expect_equal "$(jq -s -c 'map(select(.rule)) | map([.line, .rule, .module])' "$tmp/out")" \
		"$(marked "$sample/device.c" |
		   jq -R -s -c 'split("\n")[:-1] | map(split(" ") |
				[(.[0] | tonumber), .[1], "sample/sample"])')" \
		"the list of findings"
	run -p "$database" --format=sarif
	expect_equal "$(jq -c '.runs[].results | map(.locations[0].physicalLocation.region.startLine)' "$tmp/out")" \
		"$(jq -R -c 'split(" ") | map(tonumber)' <<<"$lines")" "lines"
	run -p "$database" --format=gcc
	expect_equal "$(sed -n 's/^.*device\.c:\([0-9]*\):.* warning: .*\[wqlint:.*/\1/p' "$tmp/out" | xargs)" \
		"$lines" "lines"
	run -p "$database" --format=checkpatch --show-types
	expect_text "$tmp/out" '^WARNING:(FLUSH_SYSTEM_WQ|UNFLUSHED_WORK): ' 2
	run -p "$database" --types=unflushed-work
	expect_text "$tmp/out" ': warning: ' 1
	run -p "$database" --ignore=UNFLUSHED_WORK,flush-system-wq
	expect_equal "$status" 0 "exit status"
}

# A copy with both mistakes corrected as the suggestions say.
corrected() {
	local copy=$tmp/copy

	mkdir -p "$copy"
	cp -R "$srcdir/testsuite-c" "$copy"
	chmod -R u+w "$copy"
	sed -i -e 's/schedule_work(&sample->report)/queue_work(sample->wq, \&sample->report)/' \
		-e 's/flush_scheduled_work()/flush_work(\&sample->reset)/' \
		"$copy/testsuite-c/sample/device.c"
	"$copy/testsuite-c/sample/make-compdb" "$TARGET_GCC" "$tmp" \
		>"$copy/compile_commands.json"
	root=$copy run -p "$copy" --strict
	expect_equal "$status" 0 "exit status"
	expect_equal "$(cat "$tmp/out")" "wqlint: no findings" "what is said"
	expect_equal "$(cat "$tmp/err")" "" "stderr"
}

# A build with the plugin sees what is in one file, and wqlint says no more.
plain_build() {
	cd "$srcdir" || return
	jq -r '.[].command' "$database" >"$tmp/commands"
	while read -r command; do
		eval "$command -Wall -fplugin=\"\$WQLINT_PLUGIN\"" || problem "$command"
	done <"$tmp/commands" >"$tmp/err" 2>&1
	expect_text "$tmp/err" ': (warning|error): ' 1
	expect_text "$tmp/err" 'device\.c:.*\[wqlint:flush-system-wq\]' 1
	expect [ -s "$tmp/device.o" ]
}

leaves_nothing() {
	expect_equal "$(find "$srcdir/testsuite-c" "$tmp" -newer "$tmp/start" -type f \
		\( -name '*.wqfacts' -o -name '*.s' -o -name 'a.out' \))" \
		"" "what was left"
	expect [ ! -e "$srcdir/lint-sample/device.o" ]
}

database=$tmp/compile_commands.json
"$sample/make-compdb" "$TARGET_GCC" "$tmp" >"$database"
touch "$tmp/start"

test_that "both mistakes, nothing else" both_found
test_that "the example of the readme" readme
test_that "from other directories" elsewhere
test_that "one file" one_file
if command -v jq >/dev/null; then
	test_that "jobs and order" jobs_and_order
	test_that "formats" formats
	test_that "a build with the plugin" plain_build
else
	skip_test "jobs and order, formats, a build" "no jq"
fi
test_that "corrected" corrected
test_that "nothing is left behind" leaves_nothing
tap_end
