#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What reads the work of others, and what judges it, on inputs that nobody
# made on purpose: tests/fuzz-facts.c with clang's libFuzzer and sanitizers,
# from tests/fuzz-corpus and from facts of our own inputs. Where clang has no
# libFuzzer, the inputs are at least run once, built with gcc's sanitizers.
#
# Environment, besides that of expect.sh:
#	WQLINT_FUZZ_SECONDS	how long to fuzz (default: 30)
#	WQLINT_FUZZ_CORPUS	a directory that keeps what was found to be new

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

seconds=${WQLINT_FUZZ_SECONDS:-30}
corpus=$tmp/corpus
found=${WQLINT_FUZZ_CORPUS:-$tmp/found}
log=$tmp/log
builddir=$(cd "$builddir" && pwd)
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99
export UBSAN_OPTIONS=print_stacktrace=1

# seeds: facts, objects and archives of a few inputs, and what is kept by hand.
seeds() {
	mkdir -p "$corpus" "$found"
	cp "$srcdir"/tests/fuzz-corpus/* "$corpus"
	for file in "$srcdir"/testsuite-c/{mixed-queues,unflushed-work,flush-system-wq-shapes}.c \
		    "$srcdir"/testsuite-c/sample/*.c; do
		mapfile -t flags < <(input_flags "$file")
		lint "@facts=$corpus" @facts=object -w "${flags[@]}" -c \
			-o "$corpus/$(basename "$file" .c).o" "$file"
		expect_status 0
	done
	cd "$corpus" || return
	expect ar rc normal.a device.o queue.o
	expect ar rcT thin.a device.o queue.o
	expect ld -r -o composite.o device.o queue.o
	expect strip --strip-debug ./*.o
}

# build COMPILER FLAG...: $tmp/fuzz.
build() {
	local sources=()

	for file in "$srcdir"/libwqlint/*.c; do
		[[ $file = */report*.c || $file = */*-parts.c || $file = */sarif-*.c ]] || sources+=("$file")
	done
	"$@" -g -O1 -std=gnu11 -Wall -Wextra -D_GNU_SOURCE= \
		-D_FILE_OFFSET_BITS=64 "-I$srcdir/libwqlint" \
		"-I$builddir/libwqlint" "$srcdir/tests/fuzz-facts.c" \
		"${sources[@]}" -lelf -o "$tmp/fuzz" >"$log" 2>&1 ||
		problem "it does not build:" "$(tail -n 20 "$log")"
}

# run_fuzz ARG...: nothing may be said but that it went well.
run_fuzz() {
	cd "$tmp" || return
	"$tmp/fuzz" "$@" >"$log" 2>&1
	expect_equal $? 0 "exit status"
	grep -A 30 -E 'ERROR:|runtime error:|does not read|^SUMMARY|Test unit' "$log" |
		head -n 60
}

once() {
	run_fuzz "$corpus"/*
}

fuzz() {
	run_fuzz "-max_total_time=$seconds" -timeout=10 -rss_limit_mb=2048 \
		-max_len=8192 "-dict=$srcdir/tests/fuzz-facts.dict" \
		-print_final_stats=1 "$found" "$corpus"
	sed -n 's/^stat::number_of_executed_units: */# executed: /p' "$log" \
		>"$tmp/executed"
}

# can_build COMPILER FLAG...: and run what was built, leak checks and all.
can_build() {
	echo 'int LLVMFuzzerTestOneInput(const char *bytes, unsigned long n) { return !bytes && n; }' \
		>"$tmp/empty.c"
	[[ $* = *fuzzer* ]] || echo 'int main(void) { return 0; }' >>"$tmp/empty.c"
	"$@" -o "$tmp/empty" "$tmp/empty.c" >"$log" 2>&1 || return
	"$tmp/empty" -runs=1 >"$log" 2>&1 && return
	# Where nobody may trace, the leak checker ends every program.
	ASAN_OPTIONS=${ASAN_OPTIONS/detect_leaks=1/detect_leaks=0}
	"$tmp/empty" -runs=1 >"$log" 2>&1
}

sanitizers=-fsanitize=address,undefined
for clang in clang clang-{19,18,17,16,15,14}; do
	command -v "$clang" >/dev/null &&
		can_build "$clang" "$sanitizers,fuzzer" && break
	clang=
done

if [ -n "$clang" ]; then
	test_that "build with $clang" build "$clang" "$sanitizers,fuzzer" \
		-fno-sanitize-recover=undefined
elif can_build gcc "$sanitizers"; then
	test_that "build with gcc" build gcc -DSTANDALONE "$sanitizers" \
		-fno-sanitize-recover=undefined
else
	skip_all "neither clang with libFuzzer nor gcc with sanitizers: install clang and libclang-rt-14-dev"
fi
[ "$tap_failed" -eq 0 ] || tap_end
test_that "inputs of our own" seeds
test_that "each input once" once
if [ -n "$clang" ]; then
	test_that "$seconds seconds of others" fuzz
	cat "$tmp/executed"
else
	skip_test "others" "no clang with libFuzzer: install clang and libclang-rt-14-dev"
fi
tap_end
