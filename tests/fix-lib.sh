# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the tests of wqlint fix share; sourced.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

command -v patch >/dev/null || skip_all "no patch"
command -v jq >/dev/null || skip_all "no jq"
command -v git >/dev/null || skip_all "no git"

# A copy of the inputs: nothing writes to the sources.
work=$tmp/work
mkdir -p "$work/lint-sample"
cp -r "$srcdir/testsuite-c" "$work"
chmod -R u+w "$work"

# entry FILE MODULE FLAG...: an entry of a compile database in $work.
entry() {
	local file=$1 module=$2 words

	shift 2
	words=("${TARGET_GCC}" -O2 -std=gnu11 -nostdinc -I testsuite-c/include
		-I testsuite-c -D__KERNEL__ -DMODULE "-DKBUILD_MODNAME=\"$module\""
		"-DKBUILD_BASENAME=\"$(basename "$file" .c)\""
		"-DKBUILD_MODFILE=\"$module\"" "$@" -c -o /dev/null "$file")
	jq -n --arg file "$file" --arg dir "$work" \
		'{directory: $dir, file: $file, arguments: $ARGS.positional}' \
		--args -- "${words[@]}"
}

# database FILE MODULE [FLAG...]: of one file.
database() {
	entry "$@" | jq -s . >"$work/db.json"
}

# compile_all: the units of the database, with their own flags and -Werror.
compile_all() {
	local words

	while read -r words; do
		mapfile -t words < <(jq -r '.[]' <<<"$words")
		(cd "$work" && ${words[0]} "${words[@]:1}" -Werror) || return
	done < <(jq -c '.[].arguments' "$work/db.json")
}

# findings OUT: what is found in the database, without lines and without what
# is said about comments or silenced by them; level CHECK, too, when $strict.
findings() {
	"$WQLINT" run -p "$work/db.json" ${strict:+--strict} \
		--fail-level=never --format=json |
		jq -r 'select((.suppressed or (.rule | endswith("-ignore"))) | not) |
			[.rule, .file, .function, .queue, .work] | @tsv' | sort >"$1"
}

# fix ARG...: sets "status", $tmp/patch and $tmp/err.
fix() {
	"$WQLINT" fix -p "$work/db.json" ${strict:+--strict} "$@" >"$tmp/patch" 2>"$tmp/err"
	status=$?
}

# proved NAME [ARG...]: fixes all of the database, and it holds.
proved() {
	local name=$1 count

	shift
	findings "$tmp/before"
	fix "$@"
	[ "$status" -le 1 ] || problem "$name: status $status: $(cat "$tmp/err")"
	[ -s "$tmp/patch" ] || return
	(cd "$work" && git apply --check "$tmp/patch") || problem "$name: git apply"
	(cd "$work" && patch -s -p1 -F0 --no-backup-if-mismatch <"$tmp/patch") ||
		problem "$name: patch -p1"
	compile_all || problem "$name: does not compile"
	findings "$tmp/after"
	count=$(wc -l <"$tmp/err")
	[ "$(wc -l <"$tmp/after")" -le "$count" ] ||
		problem "$name: $count refused, but still: $(cat "$tmp/after")"
	[ -z "$(comm -13 "$tmp/before" "$tmp/after")" ] ||
		problem "$name: new: $(comm -13 "$tmp/before" "$tmp/after")"
	grep -q '[[:blank:]]$' <(grep '^+' "$tmp/patch" | grep -v '^+++') &&
		problem "$name: blanks at the end of a line"
	nr_proved=$((nr_proved + $(wc -l <"$tmp/before") - $(wc -l <"$tmp/after")))
}

# fixed CONTEXT: what is found in no.c is fixed, and what is added, with the text
# around it, is CONTEXT, an extended regular expression of lines joined by "|".
# The file is as before then.
fixed() {
	cp "$work/no.c" "$tmp/kept.c"
	nr_proved=0
	proved no
	expect_equal "$nr_proved" 1 "number of fixed findings"
	expect_text <(tr '\n\t' '| ' <"$tmp/patch") "$1" 1
	cp "$tmp/kept.c" "$work/no.c"
}

# not_fixed CAUSE [ARG...]: nothing is, for CAUSE, an extended regular expression.
not_fixed() {
	fix "${@:2}"
	expect_equal "$status" 1 "exit status"
	expect_equal "$(cat "$tmp/patch")" "" "patch"
	expect_text "$tmp/err" "not fixed: .*$1" 1
}

# refused CAUSE [ARG...]: the same for the source on standard input.
refused() {
	cat >"$work/no.c"
	database no.c no
	not_fixed "$@"
}
