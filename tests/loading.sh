#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How the plugin is loaded: by the right and the wrong compiler, with good and
# bad arguments, in every mode of the compiler, on whole and broken input.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

# expect_one_error: no more is said than is to be said, but what GCC adds.
expect_one_error() {
	sed -i '/error: failed to initialize plugin/d' "$tmp/err"
	expect_text "$tmp/err" 'error: ' 1
}

loads() {
	lint -c -o "$tmp/m.o" "$one_finding"
	expect_status 0
	expect_findings 1
	expect_text "$tmp/err" 'm\.c:5:.*\[wqlint:flush-system-wq\]' 1
	expect [ -s "$tmp/m.o" ]
	lint -c -o "$tmp/m.o" "$clean_file"
	expect_status 0
	expect_equal "$(cat "$tmp/err")" "" "what is said of a clean file"
}

# ---- arguments ----

# refused REGEX ARGUMENT: one error, which says what is wrong; no object.
refused() {
	rm -f "$tmp/refused.o"
	lint "$2" -c -o "$tmp/refused.o" "$one_finding"
	expect_status 1
	expect_text "$tmp/err" "$1" 1
	expect_one_error
	expect_findings 0
	expect [ ! -e "$tmp/refused.o" ]
}

argument_order() {
	compile -fplugin-arg-wqlint-strict "-fplugin=$WQLINT_PLUGIN" -c \
		-o "$tmp/m.o" "$one_finding"
	expect_status 1
}

# ---- who loads ----

# A file that is there and no plugin; a plugin that is not there.
no_plugin() {
	echo text >"$tmp/wqlint.so"
	for plugin in "$tmp/wqlint.so" "$tmp/none/wqlint.so" "$tmp"; do
		compile "-fplugin=$plugin" -c -o "$tmp/m.o" "$one_finding"
		expect_status 1
		expect_text "$tmp/err" 'error: .*plugin' 1
		expect_findings 0
	done
}

# Exits 0 and prints the first compiler that is not of the target's version.
other_gcc() {
	local major number

	# shellcheck disable=SC2086
	major=$($TARGET_GCC -dumpversion)
	major=${major%%.*}
	for number in 11 12 10 13 14 15 16 9; do
		[ "$number" != "$major" ] && command -v "gcc-$number" && return
	done
	return 1
}

# The plugin says what is wrong, or else GCC, where it lacks a function that the
# plugin calls: that comes before the plugin has a word.
wrong_compiler() {
	local built loading refusal

	# shellcheck disable=SC2086
	built=$($TARGET_GCC -dumpfullversion) loading=$($1 -dumpfullversion)
	rm -f "$tmp/wrong.o"
	$1 "${kernel_flags[@]}" "-fplugin=$WQLINT_PLUGIN" -c \
		-o "$tmp/wrong.o" "$one_finding" 2>"$tmp/err"
	status=$?
	expect_status 1
	refusal="wqlint was built for gcc ${built%.*}.* gcc ${loading%.*}"
	[ "${built%%.*}" -lt 13 ] || refusal+="|cannot load plugin .*: undefined symbol: "
	expect_text "$tmp/err" "$refusal" 1
	expect_one_error
	expect_findings 0
	expect [ ! -e "$tmp/wrong.o" ]
}

loaded_twice() {
	lint "-fplugin=$WQLINT_PLUGIN" -c -o "$tmp/m.o" "$one_finding"
	expect_status 0
	expect_findings 1
}

version_and_help() {
	local cc1

	lint -v -c -o "$tmp/m.o" "$one_finding"
	expect_status 0
	expect_text "$tmp/err" '^ *wqlint: +[0-9]+(\.[0-9]+)*'
	# shellcheck disable=SC2086
	cc1=$($TARGET_GCC -print-prog-name=cc1)
	"$cc1" --help "-fplugin=$WQLINT_PLUGIN" >"$tmp/out" 2>&1
	expect_text "$tmp/out" 'facts=object\|DIR'
	for name in types ignore strict no-werror lint-only; do
		expect_text "$tmp/out" "^ +$name"
	done
}

# ---- facts ----

facts_unwritable() {
	for directory in "$one_finding/x" "$tmp/no such"; do
		lint "@facts=$directory" -c -o "$tmp/unwritable.o" "$one_finding"
		expect_status 1
		expect_text "$tmp/err" "error: wqlint: cannot write '$directory/m\.c-[0-9a-f]{16}\.wqfacts': (Not a directory|No such file or directory)" 1
		# the finding is no less true for that
		expect_findings 1
		expect_text "$tmp/err" 'error: ' 1
		expect [ ! -e "$directory" ]
		expect [ ! -e "$tmp/unwritable.o" ]
	done
}

# A limit on the size of files is a disk that is full.
facts_disk_full() {
	mkdir -p "$tmp/full"
	# shellcheck disable=SC2086
	(
		ulimit -f 0
		trap '' XFSZ
		$TARGET_GCC "${kernel_flags[@]}" "-fplugin=$WQLINT_PLUGIN" \
			"-fplugin-arg-wqlint-facts=$tmp/full" -S -o /dev/null \
			"$one_finding" 2>&1
	) | cat >"$tmp/err"
	status=${PIPESTATUS[0]}
	expect_status 1
	expect_text "$tmp/err" "error: wqlint: cannot write .*: File too large" 1
	expect_equal "$(ls -A "$tmp/full")" "" "what is left in the directory"
}

# Files of one name in two directories keep apart; the same file is the same.
facts_directory() {
	mkdir -p "$tmp/facts" "$tmp/sub"
	cp "$one_finding" "$tmp/sub/m.c"
	for file in "$one_finding" "$tmp/sub/m.c" "$one_finding"; do
		lint "@facts=$tmp/facts" -S -o /dev/null "$file"
		expect_status 0
	done
	expect_equal "$(find "$tmp/facts" -type f | wc -l)" 2 "number of files"
	for file in "$tmp"/facts/*; do
		expect_text "$file" '^wqlint-facts 4$' 1
		expect_text "$file" '^end [0-9]+$' 1
		expect_text "$file" '^e f[0-9]+ '
	done
}

# The note is all that is new in the object.
facts_in_object() {
	compile -O2 -c -o "$tmp/plain.o" "$one_finding"
	expect_status 0
	lint @facts=object -c -o "$tmp/noted.o" "$one_finding"
	expect_status 0
	objcopy -O binary -j .discard.wqlint --set-section-flags \
		.discard.wqlint=alloc "$tmp/noted.o" "$tmp/note"
	expect_text "$tmp/note" '^wqlint-facts 4$' 1
	expect_text "$tmp/note" '^end [0-9]+$' 1
	objcopy -R .discard.wqlint "$tmp/noted.o" "$tmp/without.o"
	for object in plain without; do
		objdump -s -r -j .text -j .rodata -j .data "$tmp/$object.o" |
			sed 1,3d >"$tmp/$object.dump"
	done
	expect cmp "$tmp/plain.dump" "$tmp/without.dump"
	expect_text "$tmp/plain.dump" 'R_.*flush'
}

# ---- lint-only ----

lint_only() {
	rm -f "$tmp/m.s"
	lint @lint-only -S -o /dev/null "$one_finding"
	expect_status 0
	expect_findings 1
	lint @lint-only -S -o /dev/null "$clean_file"
	expect_status 0
	expect_equal "$(cat "$tmp/err")" "" "what is said of a clean file"
	(cd "$tmp" && lint @lint-only -S -o /dev/null "$one_finding")
	expect [ ! -e "$tmp/m.s" ]
	lint @lint-only @facts="$tmp/lint-facts" -S -o /dev/null "$one_finding"
	expect_status 1
}

# An empty object that looks like a compiled one would be a trap.
lint_only_object() {
	rm -f "$tmp/lint.o"
	lint @lint-only -c -o "$tmp/lint.o" "$clean_file"
	expect_status 1
	expect_text "$tmp/err" 'lint-only makes no code; use -S -o /dev/null' 1
	expect [ ! -e "$tmp/lint.o" ]
}

# Every state can follow every other: values run in circles without end.
state_machine() {
	local from to

	{
		echo '#include <linux/workqueue.h>'
		echo 'struct state { struct state *next; int s; struct work_struct w; };'
		echo 'void run(struct state *p)'
		echo '{'
		for from in $(seq 24); do
			echo "l$from: p = p->next; schedule_work(&p->w); switch (p->s) {"
			for to in $(seq 24); do
				echo "case $to: goto l$to;"
			done
			echo 'default: return; }'
		done
		echo '}'
	} >"$tmp/states.c"
	timeout 30 "$TARGET_GCC" -O2 -std=gnu11 -I "$srcdir/testsuite-c/include" \
		-D__KERNEL__ -fplugin="$WQLINT_PLUGIN" -c -o /dev/null \
		"$tmp/states.c" >"$tmp/err" 2>&1
	status=$?
	expect_status 0
}

lint_only_werror() {
	lint @lint-only -Werror -S -o /dev/null "$one_finding"
	expect_status 1
	expect_text "$tmp/err" ': error: .*\[wqlint:flush-system-wq\]' 1
	lint @lint-only @no-werror -Werror -S -o /dev/null "$one_finding"
	expect_status 0
	expect_text "$tmp/err" ': warning: .*\[wqlint:flush-system-wq\]' 1
	lint @lint-only -Werror -S -o /dev/null "$clean_file"
	expect_status 0
}

# The compiler's own warnings and errors are as they were.
lint_only_keeps_errors() {
	printf 'int f(void)\n{\n\tint unused;\n\treturn g;\n}\n' >"$tmp/bad.c"
	lint @lint-only -S -o /dev/null "$tmp/bad.c"
	expect_status 1
	expect_text "$tmp/err" "error: 'g' undeclared" 1
	printf 'int f(void)\n{\n\tint unused;\n\treturn 1;\n}\n' >"$tmp/bad.c"
	lint @lint-only -Wall -S -o /dev/null "$tmp/bad.c"
	expect_status 0
	expect_text "$tmp/err" "warning: unused variable" 1
	lint @lint-only -Wall -Werror -S -o /dev/null "$tmp/bad.c"
	expect_status 1
}

# ---- input ----

# broken TEXT: the compiler's errors, no finding, no crash.
broken() {
	{ cat "$one_finding"; printf '%s\n' "$1"; } >"$tmp/broken.c"
	for argument in -Wall @lint-only @facts=object "@facts=$tmp"; do
		lint "$argument" -c -o "$tmp/broken.o" "$tmp/broken.c"
		expect_status 1
		expect_findings 0
		expect_text "$tmp/err" 'error: '
		expect_equal "$(find "$tmp" -maxdepth 1 -name 'broken*facts')" \
			"" "facts of a broken unit"
	done
}

preprocessed() {
	compile -E -o "$tmp/m.i" "$one_finding"
	for argument in "$tmp/m.i" "-xcpp-output $tmp/m.i"; do
		# shellcheck disable=SC2086
		lint -fdiagnostics-generate-patch -c -o "$tmp/m.o" $argument
		expect_status 0
		expect_findings 1
		expect_text "$tmp/err" 'm\.c:5:.*wqlint' 1
		expect_no_text "$tmp/err" '^(---|\+\+\+) '
	done
}

save_temps() {
	(cd "$tmp" && lint -save-temps -fdiagnostics-generate-patch -c \
		-o "$tmp/m.o" "$one_finding"; exit "$status")
	status=$?
	expect_status 0
	expect_findings 1
	expect_no_text "$tmp/err" '^(---|\+\+\+) '
}

standard_input() {
	lint -c -o "$tmp/m.o" -x c - <"$one_finding"
	expect_status 0
	expect_findings 1
}

# What bison and its like write: the text is not in the file named.
line_directives() {
	{ echo '#line 100 "/nowhere/grammar.y"'; cat "$one_finding"; } >"$tmp/y.c"
	lint -fdiagnostics-generate-patch -c -o "$tmp/m.o" "$tmp/y.c"
	expect_status 0
	expect_text "$tmp/err" 'grammar\.y:104:.*wqlint' 1
	expect_no_text "$tmp/err" '^(---|\+\+\+) '
}

odd_input() {
	: >"$tmp/empty.c"
	echo '/* nothing */' >"$tmp/comment.c"
	printf 'int x;' >"$tmp/no-newline.c"
	printf '\t.text\n\t.globl f\nf:\n' >"$tmp/assembler.S"
	cp "$one_finding" "$tmp/a name, 100%.c"
	for file in empty.c comment.c no-newline.c assembler.S; do
		for argument in -Wall @facts=object "@facts=$tmp/facts"; do
			lint "$argument" -c -o "$tmp/odd.o" "$tmp/$file"
			expect_status 0
			expect_findings 0
		done
	done
	lint @facts=object -c -o "$tmp/odd.o" "$tmp/a name, 100%.c"
	expect_status 0
	expect_findings 1
}

# Thousands of steps from pointer to pointer, and of blocks.
long_function() {
	{
		echo '#include <linux/workqueue.h>'
		echo 'struct s { struct s *next; struct workqueue_struct *wq; };'
		echo 'void f(struct s *p) {'
		yes 'p = p->next;' | head -n 20000
		echo 'flush_workqueue(p->wq); }'
		echo 'void g(struct s *p, int n) {'
		yes 'if (n--) p = p->next; else flush_workqueue(p->wq);' |
			head -n 2000
		echo '}'
	} >"$tmp/long.c"
	lint @facts="$tmp/facts" @lint-only -S -o /dev/null "$tmp/long.c"
	expect_status 0
	expect_findings 0
}

several_inputs() {
	cp "$one_finding" "$tmp/second.c"
	(cd "$tmp" && lint @facts=object -c m.c second.c clean.c; exit "$status")
	status=$?
	expect_status 0
	expect_findings 2
}

# ---- modes of the compiler ----

# with_option OPTION...: the finding is there whatever the options.
with_option() {
	lint "$@" -c -o "$tmp/m.o" "$one_finding"
	expect_status 0
	expect_findings 1
}

no_code() {
	lint -E -o "$tmp/out.i" "$one_finding"
	expect_status 0
	expect_findings 0
	expect_text "$tmp/out.i" '__flush_workqueue'
	lint -M "$one_finding"
	expect_status 0
	expect_text "$tmp/out" '^m\.o:'
	lint -fsyntax-only "$one_finding"
	expect_status 0
	expect_findings 0
}

dependencies() {
	lint -Wp,-MMD,"$tmp/m.d" -c -o "$tmp/m.o" "$one_finding"
	expect_status 0
	expect_findings 1
	expect_text "$tmp/m.d" 'workqueue\.h'
}

precompiled_header() {
	mkdir -p "$tmp/pch"
	cat >"$tmp/pch/all.h" <<-END
	#include <linux/workqueue.h>
	static inline void all_flush(void) { flush_scheduled_work(); }
	END
	printf '#include "all.h"\nvoid f(void)\n{\n\tall_flush();\n\tflush_scheduled_work();\n}\n' \
		>"$tmp/pch/use.c"
	lint -o "$tmp/pch/all.h.gch" "$tmp/pch/all.h"
	expect_status 0
	expect_findings 0
	lint -H -c -o "$tmp/m.o" "$tmp/pch/use.c"
	expect_status 0
	expect_text "$tmp/err" '^! .*all\.h\.gch' 1
	expect_findings 2
}

link_time() {
	cat >"$tmp/main.c" <<-END
	void remove(void);
	int main(void) { remove(); return 0; }
	END
	lint -flto -c -o "$tmp/lto1.o" "$one_finding"
	expect_status 0
	expect_findings 1
	lint -flto @facts=object -c -o "$tmp/lto2.o" "$tmp/main.c"
	expect_status 0
	lint -flto -nostdlib -r -flinker-output=nolto-rel -o "$tmp/lto.o" \
		"$tmp/lto1.o" "$tmp/lto2.o"
	expect_status 0
	expect_findings 0
	lint -flto @lint-only @strict @types=flush-system-wq -nostdlib -r \
		-flinker-output=nolto-rel -o "$tmp/lto.o" "$tmp/lto1.o" \
		"$tmp/lto2.o"
	expect_status 0
}

test_that "the plugin loads" loads

test_that "unknown argument" refused "unknown option '-fplugin-arg-wqlint-colour'" @colour=red
test_that "unknown argument without value" refused "unknown option '-fplugin-arg-wqlint-Strict'" @Strict
test_that "types without value" refused "'-fplugin-arg-wqlint-types' needs a list of rules" @types
test_that "types with empty value" refused "'-fplugin-arg-wqlint-types' needs a list of rules" @types=
test_that "ignore without value" refused "'-fplugin-arg-wqlint-ignore' needs a list of rules" @ignore
test_that "facts without value" refused "'-fplugin-arg-wqlint-facts' needs 'object' or a directory" @facts
test_that "facts with empty value" refused "'-fplugin-arg-wqlint-facts' needs" @facts=
test_that "strict with value" refused "'-fplugin-arg-wqlint-strict' takes no value" @strict=1
test_that "lint-only with value" refused "'-fplugin-arg-wqlint-lint-only' takes no value" @lint-only=yes
test_that "no-werror with value" refused "'-fplugin-arg-wqlint-no-werror' takes no value" @no-werror=1
test_that "types with unknown rule" refused "unknown rule 'no-such-rule'" @types=flush-system-wq,no-such-rule
test_that "ignore with unknown rule" refused "unknown rule 'Flush-System-Wq'" @ignore=Flush-System-Wq
test_that "argument before the plugin" argument_order

test_that "no plugin" no_plugin
if other=$(other_gcc); then
	test_that "wrong compiler: ${other##*/}" wrong_compiler "$other"
else
	skip_test "wrong compiler" "no gcc-N of another version"
fi
test_that "loaded twice" loaded_twice
test_that "version and help" version_and_help

test_that "facts directory cannot be written" facts_unwritable
test_that "facts on a full disk" facts_disk_full
test_that "facts directory" facts_directory
test_that "facts in the object" facts_in_object

test_that "lint-only" lint_only
test_that "lint-only refuses to make an object" lint_only_object
test_that "lint-only and -Werror" lint_only_werror
test_that "a state machine of many states" state_machine
test_that "lint-only keeps the compiler's diagnostics" lint_only_keeps_errors

test_that "syntax error" broken 'int f( {'
test_that "undeclared name" broken 'int f(void) { return g; }'
test_that "type error" broken 'struct a { int x; } a; int f(void) { return *a; }'
test_that "missing header" broken '#include <linux/no-such.h>'
test_that "#error" broken '#error no'
test_that "preprocessed input" preprocessed
test_that "-save-temps" save_temps
test_that "standard input" standard_input
test_that "#line" line_directives
test_that "odd input" odd_input
test_that "long function" long_function
test_that "several inputs" several_inputs

for options in -O0 -O1 -O3 -Os -Og -g -g3 -pipe -fno-inline -pg \
	-fsanitize=kernel-address -fsanitize=undefined \
	"-fprofile-arcs -ftest-coverage" -ffunction-sections \
	"-fno-diagnostics-show-caret" -ftrack-macro-expansion=0 \
	-fdirectives-only -fkeep-inline-functions; do
	# shellcheck disable=SC2086
	test_that "with $options" with_option $options
done
test_that "modes that make no code" no_code
test_that "dependencies" dependencies
test_that "precompiled header" precompiled_header
test_that "link-time optimisation" link_time
tap_end
