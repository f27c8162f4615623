#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Facts from several machines: the report says nothing of where the facts of
# a unit were, in which file, and in which order they were named.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

# Relative, so that the report has no names of the directory above.
cd "$srcdir" || exit 1

# facts_of FILE MODULE: of one unit, as Kbuild compiles it.
facts_of() {
	# shellcheck disable=SC2046,SC2086 # they are words
	$TARGET_GCC -O2 -std=gnu11 -nostdinc -Itestsuite-c/include -Itestsuite-c \
		-fno-strict-aliasing -fno-common -D__KERNEL__ -DMODULE \
		-DKBUILD_BASENAME="\"$(basename "$1" .c | tr - _)\"" \
		-DKBUILD_MODNAME="\"$(basename "$2" | tr - _)\"" \
		-DKBUILD_MODFILE="\"$2\"" -w -S -o /dev/null \
		-fplugin="$WQLINT_PLUGIN" -fplugin-arg-wqlint-lint-only \
		-fplugin-arg-wqlint-facts="$tmp/all" \
		$(sed -n '1,10s,^/\* flags: \(.*\) \*/$,\1,p' "$1") "$1" ||
		problem "$1 does not compile"
}

# The sample and the bus are modules of several units.
facts() {
	local file module nr=0

	mkdir "$tmp/all"
	for file in testsuite-c/*.c testsuite-c/sample/*.c testsuite-c/join/*.c; do
		module=$(sed -n '1,10s,^/\* module: part-of \([^ ]*\) \*/$,\1,p' "$file")
		case $file in
		*/sample/*) module=testsuite/sample ;;
		*/join/bus*) module=join/bus ;;
		*/join/*) module=join/$(basename "$file" .c) ;;
		*) module=testsuite/${module:-$(basename "$file" .c)} ;;
		esac
		facts_of "$file" "$module"
		nr=$((nr + 1))
	done
	expect_equal "$(find "$tmp/all" -name '*.wqfacts' | wc -l)" "$nr" "facts files"
}

# check NAME ARG...: stdout, stderr and status of one format to $tmp/NAME.
check() {
	local name=$1

	shift
	"$WQLINT" check --strict "--format=$format" "$@" \
		>"$tmp/$name.out" 2>"$tmp/$name.err"
	echo "status $?" >>"$tmp/$name.err"
}

# same_report WHAT ARG...: as of all facts in one directory.
same_report() {
	local what=$1

	shift
	check split "$@"
	cmp -s "$tmp/whole.out" "$tmp/split.out" &&
		cmp -s "$tmp/whole.err" "$tmp/split.err" && return
	problem "$format differs: $what"
	diff "$tmp/whole.out" "$tmp/split.out" | head -n 10
	diff "$tmp/whole.err" "$tmp/split.err" | head -n 10
}

# split FILE-OF-NAMES: dealt out to the machines a to d, one after the other,
# so that units of one module are on several.
split() {
	local file nr=0 machines=(a b c d)

	rm -rf "$tmp"/[abcd]
	mkdir "$tmp"/{a,b,c,d}
	while read -r file; do
		cp "$tmp/all/$file" "$tmp/${machines[nr++ % 4]}/" ||
			problem "cannot copy $file"
	done <"$1"
	for file in a b c d; do
		[ -n "$(ls "$tmp/$file")" ] || problem "$file has no facts"
	done
}

# All orders of the arguments, one line each.
orders() {
	local a b c d

	for a in a b c d; do for b in a b c d; do for c in a b c d; do
		for d in a b c d; do
			[ "$(printf '%s\n' $a $b $c $d | sort -u | wc -l)" -ne 4 ] ||
				echo "$a $b $c $d"
		done
	done; done; done
}

four_ways() {
	local order machine arguments names=$1

	split "$names"
	check whole "$tmp/all"
	[ -s "$tmp/whole.out" ] || problem "no report"
	expect_text "$tmp/whole.err" '^status 1$' 1
	while read -r order; do
		arguments=()
		for machine in $order; do
			arguments+=("$tmp/$machine")
		done
		same_report "$order" "${arguments[@]}"
	done < <(orders)
}

# A machine may send one file, a member of an archive, or what others sent.
other_forms() {
	check whole "$tmp/all"
	cat "$tmp"/a/*.wqfacts >"$tmp/a.text"
	same_report "units of one machine in one file" \
		"$tmp/d" "$tmp/a.text" "$tmp/c" "$tmp/b"
	rm -f "$tmp/b.a"
	ar rc "$tmp/b.a" "$tmp"/b/*.wqfacts
	same_report "an archive" "$tmp/b.a" "$tmp/c" "$tmp/d" "$tmp/a.text"
	same_report "the same unit from two machines" \
		"$tmp/c" "$tmp/all" "$tmp/a.text" "$tmp/b.a"
	same_report "files by name" "$tmp"/d/*.wqfacts "$tmp"/a/*.wqfacts \
		"$tmp"/c/*.wqfacts "$tmp"/b/*.wqfacts
	mkdir -p "$tmp/above"
	cp -r "$tmp"/[abcd] "$tmp/above"
	same_report "directories in a directory" "$tmp/above"
}

# It matters which facts are there: the comparison can fail.
not_without() {
	check whole "$tmp/all"
	check split "$tmp/a" "$tmp/b" "$tmp/c"
	if cmp -s "$tmp/whole.out" "$tmp/split.out"; then
		problem "a machine is missing, and the report is the same"
	fi
}

test_that "the units compile" facts
find "$tmp/all" -name "*.wqfacts" -printf "%f\n" | sort >"$tmp/sorted"
shuf --random-source="$WQLINT" "$tmp/sorted" >"$tmp/shuffled"

formats=$("$WQLINT" check --help |
	  sed -n 's/^ *--format=NAME *\(.*\) \[text\]$/\1/p' | sed 's/ or /, /; s/,//g')
for format in $formats; do
	test_that "$format: split four ways, in any order" four_ways "$tmp/sorted"
	test_that "$format: and dealt out otherwise" four_ways "$tmp/shuffled"
	test_that "$format: in other files" other_forms
	test_that "$format: each machine matters" not_without
done
format=json
test_that "there are formats" expect_text <(echo "$formats") 'text.*json'
tap_end
