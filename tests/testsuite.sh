#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs every lint input, testsuite-c/*.c, through the compiler with the plugin
# and compares the findings with the expectations written in the inputs.
#
#	testsuite.sh [FILE...]
#
# Environment:
#	srcdir		top of the source tree (default: .)
#	WQLINT_PLUGIN	the plugin (default: ./wqlint.so)
#	WQLINT		the command (default: ./cli/wqlint)
#	TARGET_GCC	the compiler that loads it (default: gcc)
#
# In an input, at the end of a line:
#	/* expect: ID */	this finding must be on this line
#	/* expect-missed: ID */	a known gap: it must not be found yet
# and in its first lines, each alone on a line:
#	/* flags: FLAG... */	more compiler flags
#	/* args: ARG... */	plugin arguments, without -fplugin-arg-wqlint-
#	/* module: part-of M */	one of several files of the module M
#	/* check: fixits */	the fix-its make FILE.fixed of the input
#	/* check: command */	it is the command that finds, given the whole
#				module, and not the plugin
#
# The output is TAP. Without a compiler the exit status is 77 (skipped).

srcdir=${srcdir:-.}
plugin=${WQLINT_PLUGIN:-./wqlint.so}
wqlint=${WQLINT:-./cli/wqlint}
gcc=${TARGET_GCC:-gcc}
inputs=$srcdir/testsuite-c
nr=0
failed=0

LC_ALL=C
export LC_ALL

# GCC_COLORS and friends of the caller must not reach the text we parse.
unset GCC_COLORS GCC_EXTRA_DIAGNOSTIC_OUTPUT

if ! command -v "${gcc%% *}" >/dev/null 2>&1; then
	echo "1..0 # SKIP no compiler '$gcc'"
	exit 77
fi

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# report STATUS NAME: one TAP line, and $tmp/why as its explanation.
report() {
	nr=$((nr + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $nr - $2"
	else
		failed=$((failed + 1))
		echo "not ok $nr - $2"
		sed 's/^/# /' "$tmp/why"
	fi
}

# header KEY FILE: the words after "KEY:" in the input's first lines.
header() {
	sed -n "1,10s,^/\* $1: \(.*\) \*/\$,\1,p" "$2" | tr '\n' ' '
}

# compile OUTPUT LEVEL FILE [FLAG...]: as Kbuild compiles a module's file.
compile() {
	c_out=$1 c_level=$2 c_file=$3
	shift 3
	c_base=$(basename "$c_file" .c)
	c_fixed=$(echo "$c_base" | tr - _)
	c_module=$(header module "$c_file" | sed -n 's/^part-of \([^ ]*\) $/\1/p')
	# The compiler may be "ccache gcc", and the flags are several words.
	# shellcheck disable=SC2046,SC2086
	$gcc "$c_level" -std=gnu11 -nostdinc -I"$inputs/include" -I"$inputs" \
		-fno-strict-aliasing -fno-common -fno-delete-null-pointer-checks \
		-fdiagnostics-color=never -fmessage-length=0 \
		-Wall -Wextra -Wno-unused-parameter \
		-D__KERNEL__ -DMODULE -DKBUILD_BASENAME="\"$c_fixed\"" \
		-DKBUILD_MODNAME="\"${c_module:-$c_fixed}\"" \
		-DKBUILD_MODFILE="\"testsuite/${c_module:-$c_base}\"" \
		"$@" $(header flags "$c_file") \
		-c -o /dev/null "$c_file" >"$c_out" 2>&1
}

# lint OUTPUT LEVEL FILE [FLAG...]: the same, with the plugin.
lint() {
	l_out=$1 l_level=$2 l_file=$3
	shift 3
	# shellcheck disable=SC2046
	compile "$l_out" "$l_level" "$l_file" -fplugin="$plugin" \
		$(printf '%s\n' $(header args "$l_file") |
		  sed -n 's/^./-fplugin-arg-wqlint-&/p') "$@"
}

# compare FILE OUTPUT: as multisets of (line, ID); differences go to stdout.
compare() {
	awk -v main="$1" '
	function expectations(word, into,    text, nr_ids, ids, i) {
		if (!match($0, "/\\* " word ": [^*]*\\*/"))
			return
		text = substr($0, RSTART + length(word) + 5,
			      RLENGTH - length(word) - 7)
		nr_ids = split(text, ids, /[ ,]+/)
		for (i = 1; i <= nr_ids; i++)
			if (ids[i] != "") {
				into[FNR " " ids[i]]++
				all[FNR " " ids[i]]
			}
	}
	FNR == NR {
		expectations("expect", wanted)
		expectations("expect-missed", gap)
		next
	}
	match($0, /: (warning|error): .*\[wqlint:[a-z-]+\]/) {
		where = substr($0, 1, RSTART - 1)
		id = $0
		sub(/.*\[wqlint:/, "", id)
		sub(/\].*/, "", id)
		sub(/:[0-9]+$/, "", where)
		line = file = where
		sub(/.*:/, "", line)
		sub(/:[0-9]+$/, "", file)
		key = (file == main ? "" : file ":") line " " id
		found[key]++
		all[key]
		next
	}
	/: (warning|error|fatal error|internal compiler error): / {
		print "not a finding: " $0
	}
	END {
		for (key in all) {
			split(key, part, " ")
			text = "line " part[1] ": " part[2]
			if (key in gap && found[key] > 0)
				print text " is found now: make it expect"
			else if (found[key] < wanted[key])
				print text " is missing"
			else if (found[key] > wanted[key])
				print text " is not expected"
		}
	}' "$1" "$2"
}

# lint_whole OUTPUT LEVEL FILE: the command, with the facts of the plugin. It
# looks for comments in the source. Its status is 1 when it finds something.
lint_whole() {
	rm -rf "$tmp/facts"
	mkdir "$tmp/facts"
	lint "$1" "$2" "$3" -fplugin-arg-wqlint-facts="$tmp/facts" || return
	# Nothing is below that root: names are whole, and then as in FILE.
	"$wqlint" check -q --no-config --strict --format=gcc --root="$tmp/facts" \
		"$tmp/facts" >"$tmp/whole" 2>&1
	w_status=$?
	w_path=$(cd "$(dirname "$3")" && pwd)/$(basename "$3")
	sed "s,^$w_path:,$3:," "$tmp/whole" >"$1"
	[ "$w_status" -gt 1 ] || return 0
	return "$w_status"
}

test_findings() {
	case " $(header check "$1")" in
	*" command "*) lint_whole "$tmp/out" "$2" "$1" ;;
	*) lint "$tmp/out" "$2" "$1" ;;
	esac
	status=$?
	compare "$1" "$tmp/out" | sort -t' ' -k2n >"$tmp/why"
	if [ "$status" -ne 0 ]; then
		echo "the compiler ended with status $status:"
		head -n 20 "$tmp/out"
	fi >>"$tmp/why"
	[ ! -s "$tmp/why" ]
	report $? "$(basename "$1") $2"
}

# The compiler prints one diff for all hints, after the findings.
apply_fixits() {
	cp "$1" "$2" || return 1
	lint "$tmp/out" -O2 "$1" -fdiagnostics-generate-patch
	sed -n '/^--- /,$p' "$tmp/out" >"$tmp/diff"
	if [ ! -s "$tmp/diff" ] && cmp -s "$1" "$1.fixed"; then
		return 0	# none is expected
	fi
	if [ ! -s "$tmp/diff" ]; then
		echo "the compiler offers no fix-it"
		return 1
	fi
	patch -s "$2" <"$tmp/diff"
}

# Applied, the hints must give the expected text, and it must compile.
test_fixits() {
	fixed=$tmp/$(basename "$1")
	{
		apply_fixits "$1" "$fixed" &&
		diff -u "$1.fixed" "$fixed" &&
		{ compile "$tmp/out" -O2 "$fixed" || ! cat "$tmp/out"; }
	} >"$tmp/why" 2>&1
	report $? "$(basename "$1") fix-its"
}

test_input() {
	if [ ! -f "$1" ]; then
		echo "no such file: $1" >"$tmp/why"
		report 1 "$1"
		return
	fi
	test_findings "$1" -O2
	test_findings "$1" -O0
	case " $(header check "$1")" in
	*" fixits "*) test_fixits "$1" ;;
	esac
}

# Each rule needs an input that it flags and a look-alike that it does not.
test_rule() {
	input=$inputs/$1.c
	if [ ! -f "$input" ]; then
		echo "there is no testsuite-c/$1.c"
	else
		grep -q "/\* expect:[^*]*[ ,]$1[ ,]" "$input" ||
			echo "testsuite-c/$1.c expects no finding"
		grep -q '^[a-z].*[ *]ok_[a-z0-9_]*(' "$input" ||
			echo "testsuite-c/$1.c has no ok_ function"
	fi >"$tmp/why"
	[ ! -s "$tmp/why" ]
	report $? "rule $1 has its input"
}

if [ ! -f "$plugin" ]; then
	echo "there is no plugin '$plugin'" >"$tmp/why"
	report 1 "plugin exists"
	echo "1..$nr"
	exit 1
fi

if [ $# -gt 0 ]; then
	for file; do
		test_input "$file"
	done
else
	for file in "$inputs"/*.c; do
		test_input "$file"
	done
	for file in "$srcdir"/libwqlint/rule-*.c; do
		id=${file##*/rule-}
		[ -f "$file" ] && test_rule "${id%.c}"
	done
fi

echo "1..$nr"
[ "$failed" -eq 0 ]
