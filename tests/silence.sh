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

# ---- the baseline ----

baseline=$tmp/comments/known.json

write_baseline() {
	expect_run 0 baseline write run -p "$tmp/comments" --baseline="$baseline"
	expect_equal "$(cat "$tmp/out")" "" "stdout"
}

known() {
	with_comments
	write_baseline
	expect_text "$tmp/err" "^wqlint: $baseline: 1 finding\$" 1
	# the finding that no comment silences, on a line of its own
	expect_equal "$(jq -c '[.version, (.findings | map([.rule, .file, .function]))]' "$baseline")" \
		'[1,[["flush-system-wq","m.c","c"]]]' "the baseline"
	expect_equal "$(wc -l <"$baseline")" 3 "number of lines"
	expect_run 0 run -p "$tmp/comments" --baseline="$baseline"
	expect_text "$tmp/out" '^wqlint: no findings \(and 3 silenced\)$' 1
	expect_run 0 check "$tmp/comments" --baseline="$baseline" --format=json
	expect_equal "$(jq -s -c 'map(.suppressed)' "$tmp/out")" '[true,true,true]' "suppressed"
	expect_run 0 run -p "$tmp/comments" --baseline="$baseline" --format=sarif
	expect_equal "$(jq -c '[.runs[0].results[].suppressions[0].kind]' "$tmp/out")" \
		'["inSource","inSource","external"]' "kinds"
	expect_run 0 baseline check run -p "$tmp/comments" --baseline="$baseline"
	expect_equal "$(cat "$tmp/err")" "" "stderr"
}

# Lines move and are indented anew; the second finding of a line is not the
# first, and what is new is shown.
moved() {
	with_comments
	write_baseline
	sed -i '5s/.*/\n\n   &\nvoid d(void) { flush_workqueue(system_wq); }/' "$tmp/comments/m.c"
	expect_run 1 run -p "$tmp/comments" --baseline="$baseline"
	expect_text "$tmp/out" 'm\.c:8:.*\[flush-system-wq\]$' 1
	expect_text "$tmp/out" '\[flush-system-wq\]$' 1
	expect_run 1 baseline check run -p "$tmp/comments" --baseline="$baseline"
	sed -i '7s/flush_scheduled_work();/& &/' "$tmp/comments/m.c"
	expect_run 1 run -p "$tmp/comments" --baseline="$baseline"
	expect_text "$tmp/out" 'm\.c:7:.*\[flush-system-wq\]$' 2
}

stale() {
	with_comments
	write_baseline
	sed -i 5d "$tmp/comments/m.c"
	expect_run 0 run -p "$tmp/comments" --baseline="$baseline"
	expect_text "$tmp/out" 'and the baseline has 1 stale entry$' 1
	expect_run 1 baseline check run -p "$tmp/comments" --baseline="$baseline"
	expect_text "$tmp/err" "^wqlint: $baseline: stale: m\.c: flush_scheduled_work\(\) .*\[flush-system-wq\]\$" 1
	expect_equal "$(wc -l <"$tmp/err")" 1 "number of lines"
	# nobody looked
	expect_run 0 baseline check run -p "$tmp/comments" --baseline="$baseline" --types=idle-queue
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	jq -c '.findings[0].file = "gone.c"' "$baseline" >"$tmp/gone.json"
	expect_run 1 baseline check run -p "$tmp/comments" --baseline="$tmp/gone.json"
	jq -c '.findings[0].file = "compile_commands.json"' "$baseline" >"$tmp/other.json"
	expect_run 0 baseline check run -p "$tmp/comments" --baseline="$tmp/other.json"
	# written anew it is in order
	write_baseline
	expect_run 0 baseline check run -p "$tmp/comments" --baseline="$baseline"
}

# Without --baseline it is at the top of the tree.
default_place() {
	with_comments
	mkdir -p "$tmp/comments/.git"
	expect_run 2 baseline check run -p "$tmp/comments"
	expect_text "$tmp/err" "comments/\.wqlint-baseline\.json: No such file" 1
	cd / || return
	expect_run 0 baseline write run -p "$tmp/comments"
	expect [ -f "$tmp/comments/.wqlint-baseline.json" ]
	expect_run 0 baseline check run -p "$tmp/comments"
	rm -r "$tmp/comments/.git" "$tmp/comments/.wqlint-baseline.json"
}

# bad_baseline TEXT WORDS
bad_baseline() {
	echo "$2" >"$tmp/bad.json"
	expect_run 2 run -p "$tmp/comments" --baseline="$tmp/bad.json"
	expect_equal "$(wc -l <"$tmp/err")" 1 "number of lines"
	expect_equal "$(cat "$tmp/out")" "" "stdout"
	expect_text "$tmp/err" "^wqlint: $tmp/bad\.json: $1" 1
}

wrong_baseline() {
	local entry='"fingerprint": "a", "level": "error", "file": "m.c", "message": "m"'

	with_comments
	bad_baseline 'line [12]: is no valid JSON' '{'
	bad_baseline 'is no baseline' '[]'
	bad_baseline 'is no baseline' '{"version": 1}'
	bad_baseline 'is a baseline of version 2, not 1' '{"version": 2, "findings": []}'
	bad_baseline 'entry 1: is no finding' '{"version": 1, "findings": [7]}'
	bad_baseline "entry 1: unknown rule 'x'" "{\"version\": 1, \"findings\": [{$entry, \"rule\": \"x\"}]}"
	bad_baseline "entry 1: unknown level 'x'" \
		"{\"version\": 1, \"findings\": [{${entry/error/x}, \"rule\": \"idle-queue\"}]}"
	expect_run 2 run -p "$tmp/comments" --baseline=/nonexistent
	for words in "" frob write "write frob" "write rules" "check facts"; do
		# shellcheck disable=SC2086 # several words
		expect_run 2 baseline $words
		expect_equal "$(wc -l <"$tmp/err")" 1 "number of lines"
	done
}

# All or nothing: what was there stays when writing is not possible.
baseline_not_written() {
	with_comments
	write_baseline
	cp "$baseline" "$tmp/before"
	sed -i '5s/.*/nonsense/' "$tmp/comments/m.c"
	expect_run 2 baseline write run -p "$tmp/comments" --baseline="$baseline"
	expect_text "$tmp/err" 'not written: not everything was looked at' 1
	expect cmp "$baseline" "$tmp/before"
	with_comments
	expect_run 2 baseline write run -p "$tmp/comments" --baseline=/dev/full/x
	expect_run 2 baseline write run -p "$tmp/comments" --baseline=/dev/null/x
	expect_text "$tmp/err" '/dev/null/x: cannot write the baseline: Not a directory' 1
	(ulimit -f 0; trap '' XFSZ
	 "$WQLINT" baseline write check "$tmp/comments" --baseline="$baseline" 2>"$tmp/err")
	expect_equal "$?" 2 "exit status with no room"
	expect cmp "$baseline" "$tmp/before"
	expect_equal "$(find "$tmp/comments" -name 'known.json.*')" "" "what was left"
}

# ---- .wqlint.conf ----

# in_tree ARG...: wqlint in a directory below the one with .wqlint.conf
in_tree() {
	mkdir -p "$tmp/comments/.git" "$tmp/comments/below"
	cd "$tmp/comments/below" || return
	expect_run "$@"
}

config() {
	with_comments
	cat >"$tmp/comments/.wqlint.conf" <<-END
	# what this tree wants
	--strict --format=checkpatch   # several on a line
	--ignore  unused-ignore,MIXED_QUEUES
	--baseline=known.json
	END
	expect_run 0 baseline write run -p "$tmp/comments" --no-config --baseline="$baseline"
	in_tree 0 run -p "$tmp/comments"
	expect_text "$tmp/out" '^total: 0 errors, 0 warnings' 1
	in_tree 0 run -p "$tmp/comments" --format=text
	expect_text "$tmp/out" '^wqlint: no findings \(and 3 silenced\)$' 1
	in_tree 1 run -p "$tmp/comments" --no-config
	expect_text "$tmp/out" '^wqlint: 1 warning' 1
	# other commands leave out what they do not know
	in_tree 0 kcflags
	expect_text "$tmp/out" 'wqlint-ignore=mixed-queues,unused-ignore .*wqlint-strict' 1
	in_tree 0 rules
	cd / || return
	expect_run 1 run -p "$tmp/comments"
}

command_line_wins() {
	with_comments
	echo "--types=mixed-queues --ignore=flush-system-wq --strict" >"$tmp/comments/.wqlint.conf"
	in_tree 0 kcflags
	expect_text "$tmp/out" 'types=mixed-queues .*ignore=flush-system-wq .*strict' 1
	in_tree 1 run -p "$tmp/comments" --types=FLUSH_SYSTEM_WQ
	in_tree 0 kcflags --no-strict --types=idle-queue
	expect_text "$tmp/out" 'types=idle-queue' 1
	expect_no_text "$tmp/out" 'strict|mixed'
	in_tree 0 run -p "$tmp/comments" --ignore=idle-queue
	in_tree 2 run -p "$tmp/comments" --no-frob
}

# A kernel's build directory is not in its tree.
config_of_build() {
	mkdir -p "$tmp/build" "$tmp/source"
	touch "$tmp/source/MAINTAINERS" "$tmp/source/Kbuild"
	echo "--ignore=idle-queue" >"$tmp/source/.wqlint.conf"
	ln -sfn "$tmp/source" "$tmp/build/source"
	cd "$tmp/build" || return
	expect_run 0 kcflags
	expect_text "$tmp/out" 'ignore=idle-queue' 1
}

# bad_config TEXT WORDS
bad_config() {
	printf '\n%s\n' "$2" >"$tmp/comments/.wqlint.conf"
	in_tree 2 run -p "$tmp/comments"
	expect_equal "$(wc -l <"$tmp/err")" 1 "number of lines"
	expect_text "$tmp/err" "^wqlint: $tmp/comments/\.wqlint\.conf:2: $1" 1
}

wrong_config() {
	with_comments
	bad_config "unknown rule 'no-such'" "--ignore=no-such"
	bad_config "'--frob' is no option that can be here" "--frob"
	bad_config "'drivers' is no option" "drivers"
	bad_config "'--cc=sh' is no option" "--cc=sh"
	bad_config "unknown format 'x'" "--strict --format=x"
	bad_config "--types needs a value" "--types"
	bad_config "--strict takes no value" "--strict=yes"
	rm "$tmp/comments/.wqlint.conf"
	mkdir "$tmp/comments/.wqlint.conf"
	in_tree 2 run -p "$tmp/comments"
	expect_text "$tmp/err" '\.wqlint\.conf: Is a directory' 1
}

test_that "comments" comments
test_that "all findings silenced" all_silenced
test_that "comments that came later" added_later
test_that "a comment that is wrong" wrong_comment
test_that "a comment that silences nothing" unused
test_that "baseline: what is known" known
test_that "baseline: lines that moved" moved
test_that "baseline: stale entries" stale
test_that "baseline: where it is" default_place
test_that "baseline: a wrong one" wrong_baseline
test_that "baseline: all or nothing" baseline_not_written
test_that ".wqlint.conf" config
test_that ".wqlint.conf: the command line wins" command_line_wins
test_that ".wqlint.conf of a build directory" config_of_build
test_that ".wqlint.conf: a wrong one" wrong_config
tap_end
