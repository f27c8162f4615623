#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The documents say what the rules say, and each rule has its test.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

# print FILE ARG...: what the command prints, which must succeed.
print() {
	expect "$WQLINT" "${@:2}" >"$1" 2>"$tmp/err"
	expect_equal "$(cat "$tmp/err")" "" "stderr"
}

# The texts are in libwqlint/rule-*.c; to write the document anew:
#	wqlint explain --markdown >doc/rules.md
rules_md() {
	print "$tmp/rules.md" explain --markdown
	expect diff -u "$srcdir/doc/rules.md" "$tmp/rules.md"
}

rule_files() {
	local wanted

	wanted=$(for file in "$srcdir"/libwqlint/rule-*.c; do
			file=${file##*/rule-}
			echo "${file%.c}"
		 done | sort)
	expect_equal "$(sort "$tmp/ids")" "$wanted" "the list of rules"
}

# documented ID
documented() {
	local type

	type=$(tr a-z- A-Z_ <<<"$1")
	expect_text "$srcdir/doc/rules.md" "^## $1\$" 1
	expect_text "$srcdir/README.md" "\b$1\b"
	expect [ -f "$srcdir/testsuite-c/$1.c" ]
	print "$tmp/explained" explain "$1"
	expect_text "$tmp/explained" "^$1: " 1
	print "$tmp/explained-type" explain "$type"
	expect cmp "$tmp/explained" "$tmp/explained-type"
	expect_text "$tmp/explained" "\b$type\b"
	print "$tmp/types" rules --list-types
	expect_text "$tmp/types" "[[:space:]]$type\$" 1
}

print "$tmp/list" rules
sed -nE 's/^([a-z]+(-[a-z]+)+)[[:space:]].*/\1/p' "$tmp/list" >"$tmp/ids"

test_that "doc/rules.md is what wqlint explain --markdown prints" rules_md
test_that "each rule-ID.c is a rule" rule_files
while read -r id; do
	test_that "$id is documented and tested" documented "$id"
done <"$tmp/ids"
tap_end
