#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The library, the command and the C tests with AddressSanitizer and
# UndefinedBehaviorSanitizer, in a copy of the sources: any report fails.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

log=$tmp/log
# Leaks count: an arena that is not freed is a mistake as well.
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

# Under a debugger or in some containers nobody may trace, and the leak
# checker ends every program.
echo 'int main(void) { return 0; }' >"$tmp/empty.c"
gcc -fsanitize=address,undefined -o "$tmp/empty" "$tmp/empty.c" 2>"$log" ||
	skip_all "gcc has no sanitizers here"
"$tmp/empty" >"$log" 2>&1 || ASAN_OPTIONS=${ASAN_OPTIONS/detect_leaks=1/detect_leaks=0}
"$tmp/empty" >"$log" 2>&1 || skip_all "programs with sanitizers do not run here"

# -O1: the tests read for minutes of facts at -O0, and -O2 takes as long to
# compile.
build() {
	copy_sources || return
	cd "$copy" || return
	expect ./configure --quiet --enable-sanitizers CFLAGS="-g -O1" \
		--with-target-gcc="$TARGET_GCC"
	# shellcheck disable=SC2046
	make_in_copy libwqlint/rule-table.def cli/wqlint $(programs)
}

programs() {
	for file in "$srcdir"/tests/test-*.c; do
		file=${file##*/}
		echo "tests/${file%.c}"
	done
}

# no_report FILE...: what the sanitizers say, and "not ok".
no_report() {
	for file; do
		expect_no_text "$file" 'Sanitizer|runtime error:|^not ok'
	done
}

c_test() {
	cd "$copy" || return
	srcdir=$copy CMOCKA_MESSAGE_OUTPUT=TAP "$1" >"$log" 2>&1
	expect_equal $? 0 "exit status"
	no_report "$log"
	expect_text "$log" '^ok '
}

# wqlint STATUS ARG...
wqlint() {
	"$copy/cli/wqlint" "${@:2}" >"$tmp/out" 2>"$tmp/err"
	expect_equal $? "$1" "exit status of wqlint ${*:2}"
	no_report "$tmp/out" "$tmp/err"
}

commands() {
	local format

	"$srcdir/testsuite-c/sample/make-compdb" "$TARGET_GCC" "$tmp" \
		>"$tmp/compile_commands.json"
	for format in text checkpatch gcc json; do
		wqlint 1 run -p "$tmp" "--format=$format" --strict
	done
	wqlint 2 run -p "$tmp/none"
	wqlint 2 run -p "$one_finding"
	wqlint 2 run --types=no-such-rule
	wqlint 1 cc -- "$TARGET_GCC" "${kernel_flags[@]}" -c "$one_finding"
	wqlint 0 cc -- "$TARGET_GCC" "${kernel_flags[@]}" -c "$clean_file"
	wqlint 0 rules
	wqlint 0 explain --markdown
	wqlint 0 kcflags
	wqlint 0 --help
	wqlint 2 facts
	wqlint 2 facts "$tmp/none"
	wqlint 2 facts "$one_finding"
}

# Facts of all inputs, as files and as objects, whole and cut.
facts() {
	mkdir "$tmp/facts"
	for file in "$srcdir"/testsuite-c/*.c "$srcdir"/testsuite-c/sample/*.c; do
		mapfile -t flags < <(input_flags "$file")
		lint "@facts=$tmp/facts" @facts=object -c -o "$tmp/facts/m.o" \
			"${flags[@]}" "$file"
		expect_status 0
		wqlint 0 facts "$tmp/facts/m.o"
	done
	wqlint 0 facts "$tmp"/facts/*.wqfacts
	expect_text "$tmp/out" flush
	head -c 1000 "$tmp/facts/m.o" >"$tmp/facts/cut.o"
	head -c 300 "$(find "$tmp/facts" -name '*.wqfacts' | head -n 1)" \
		>"$tmp/facts/cut"
	wqlint 2 facts "$tmp/facts/cut.o"
	wqlint 2 facts "$tmp/facts/cut"
	for archive in rc rcT; do
		(cd "$tmp/facts" && ar "$archive" "$archive.a" m.o cut.o)
		wqlint 2 facts "$tmp/facts/$archive.a"
		expect_text "$tmp/out" '^unit '
		wqlint 2 check "$tmp/facts/$archive.a"
	done
	wqlint 2 check "$tmp/facts"
	rm "$tmp"/facts/cut* "$tmp"/facts/*.a
	wqlint 1 check "$tmp/facts" --format=json
	echo "sample/queue.o sample/more.o" >"$tmp/facts/sample.mod"
	wqlint 1 check "$tmp/facts" --strict
}

# Before and after a commit, and a patch of it.
changes() {
	local tree=$tmp/tree
	git=(git -C "$tree" -c user.name=t -c user.email=t)

	mkdir "$tree" && cp "$clean_file" "$tree/m.c"
	printf '[{"directory": "%s", "file": "m.c", "command": "%s -O2 -I%s -c m.c"}]' "$tree" \
		"$TARGET_GCC -nostdinc -D__KERNEL__ -DKBUILD_MODNAME='\\\"m\\\"' -DKBUILD_MODFILE='\\\"m\\\"'" \
		"$srcdir/testsuite-c/include" >"$tree/compile_commands.json"
	"${git[@]}" init -q && "${git[@]}" add m.c && "${git[@]}" commit -q -m one
	cp "$one_finding" "$tree/m.c"
	"${git[@]}" commit -q -a -m two
	cd "$tree" || return
	wqlint 1 diff --each HEAD^..HEAD
	wqlint 0 diff --no-cache --format=sarif HEAD
	"${git[@]}" format-patch -q -1
	"${git[@]}" checkout -q HEAD^
	# shellcheck disable=SC2094 # nothing writes to it
	wqlint 1 diff - <0001-two.patch
	wqlint 2 diff - <m.c
}

# The language server, through all of its own test.
server() {
	WQLINT=$copy/cli/wqlint bash "$srcdir/tests/lsp.sh" >"$log" 2>&1
	expect_equal $? 0 "exit status"
	no_report "$log"
}

test_that "build with sanitizers" build
if [ "$tap_failed" -eq 0 ]; then
	for program in $(programs); do
		test_that "${program##*/}" c_test "$program"
	done
	test_that "commands" commands
	test_that "facts" facts
	test_that "changes" changes
	test_that "language server" server
fi
tap_end
