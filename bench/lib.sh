# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the benchmarks share: real compile commands, and paired measurement.
#
# Two ways to treat each unit, A and B, run one directly after the other, in
# an order that alternates from round to round, so that a slow minute of the
# machine hits both. What counts is the CPU time, user and system, of the
# compiler and its children.

top=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
srcdir=$top
# shellcheck source=tests/lib.sh
. "$top/tests/lib.sh"

tree=
rounds=5
plugin=$top/plugin/wqlint.so
units=$top/tests/kernel-6.1.units
arguments=
control=
database=
count=100

bench_usage() {
	cat <<-END
	Usage: ${0##*/} [OPTION...]

	$1

	  --tree DIR      a configured and prepared kernel tree [linux-source-6.1,
	                  allmodconfig, as the tests use it, in ~/.cache]
	  --rounds N      pairs of runs of each unit [$rounds]
	  --plugin SO     the plugin [$plugin]
	  --units FILE    list of the objects [$units]
	  --database FILE take the compile commands of this compile_commands.json
	                  instead of those of the tree's objects; nothing is
	                  written to the tree
	  --count N       of those, N that are as far apart as can be [$count]
	  --args 'A...'   more arguments for the plugin, such as facts=object
	  --control       measure A against A, to see how much is noise

	The compiler is \$TARGET_GCC [gcc]. Exit status: 0, or 2 when something
	cannot be measured.
	END
}

fail() {
	echo "${0##*/}: $*" >&2
	exit 2
}

# What went wrong, by the output in $tmp/log, on one line.
first_error() {
	grep -m 1 -E 'error: |\*\*\* ' "$tmp/log" || tail -n 1 "$tmp/log"
}

# bench_options SUMMARY ARGUMENT...
bench_options() {
	local summary=$1

	shift
	while [ $# -gt 0 ]; do
		case $1 in
		-h|--help) bench_usage "$summary"; exit 0 ;;
		--control) control=1; shift; continue ;;
		--tree|--rounds|--plugin|--units|--args|--database|--count) ;;
		*) fail "unknown option '$1' (see --help)" ;;
		esac
		[ $# -gt 1 ] || fail "$1 needs a value"
		case $1 in
		--tree) tree=$2 ;;
		--rounds) rounds=$2 ;;
		--plugin) plugin=$2 ;;
		--units) units=$2 ;;
		--args) arguments=$2 ;;
		--database) database=$2 ;;
		--count) count=$2 ;;
		esac
		shift 2
	done
	[[ $rounds =~ ^[1-9][0-9]*$ ]] || fail "--rounds $rounds: not a number"
	[ -f "$plugin" ] || fail "there is no plugin '$plugin'"
	[[ $count =~ ^[1-9][0-9]*$ ]] || fail "--count $count: not a number"
	plugin=$(realpath "$plugin")
	[ -z "$database" ] || { read_database; return; }
	mapfile -t objects < <(sed '/^#/d' "$units")
	[ ${#objects[@]} -gt 0 ] || fail "no objects in '$units'"
}

# Sets objects and $tmp/commands, a line "FILE COMMAND" for each, in the
# directory that all of them are in.
read_database() {
	jq -r --argjson count "$count" '
		(length / $count | if . < 1 then 1 else . end) as $step |
		[range(0; length; $step) | floor] as $picks | . as $all |
		$picks[] | $all[.] | [.file, .command, .directory] | @tsv' \
		"$database" >"$tmp/entries" 2>"$tmp/log" ||
		fail "$database: $(tail -n 1 "$tmp/log")"
	tree=$(cut -f 3 "$tmp/entries" | sort -u)
	[ -d "$tree" ] || fail "$database: not all commands are of one directory"
	cut -f 1,2 "$tmp/entries" >"$tmp/commands"
	mapfile -t objects < <(cut -f 1 "$tmp/commands")
}

# The plugin's flags for the arguments $1 and those of --args.
plugin_flags() {
	local argument

	printf -- '-fplugin=%s' "$plugin"
	for argument in no-werror $1 $arguments; do
		printf -- ' -fplugin-arg-wqlint-%s' "$argument"
	done
}

# Sets tree and goes there. An object's compile command is in the file that
# Kbuild leaves beside it, so what was never built is built.
bench_tree() {
	local object missing=()

	if [ -z "$tree" ]; then
		reason=$(WQLINT_KERNEL_TREE='' kernel_unavailable)
		[ -z "$reason" ] || fail "$reason"
		WQLINT_KERNEL_TREE='' kernel_prepare >"$tmp/log" 2>&1 ||
			fail "cannot make $kernel_tree ready: $(first_error)"
		tree=$kernel_tree
	fi
	cd "$tree" || fail "no tree '$tree'"
	[ -z "$database" ] || return 0
	for object in "${objects[@]}"; do
		[ -f "$(command_file "$object")" ] || missing+=("$object")
	done
	[ ${#missing[@]} -eq 0 ] && return
	run_make "$PWD" -j"$jobs" "${missing[@]}" >"$tmp/log" 2>&1 ||
		fail "cannot build in $PWD: $(first_error)"
}

command_file() {
	echo "${1%/*}/.${1##*/}.cmd"
}

# The compile command of an object, without what comes after it (objtool),
# what it leaves beside the object, its output and any wqlint of that build.
compile_command() {
	if [ -n "$database" ]; then
		awk -F '\t' -v file="$1" '$1 == file { print $2; exit }' "$tmp/commands"
	else
		# shellcheck disable=SC2016 # make's $, not the shell's
		sed 's/^[^=]*:= //; s/ ; .*//; s/\$(pound)/#/g; s/\$\$/$/g; 1q' \
			"$(command_file "$1")"
	fi | sed '
		s/ -Wp,-MM\?D,[^ ]*//
		s/ -fplugin=[^ ]*wqlint\.so//
		s/ -fplugin-arg-wqlint-[^ ]*//g
		s/ -c -o [^ ]* / /'
}

# measure COMMAND: one run; "CPU-SECONDS KIB" to stdout.
measure() {
	local TIMEFORMAT='%3U %3S' wrapper=()

	[ -x /usr/bin/time ] && wrapper=(/usr/bin/time -o "$tmp/rss" -f %M)
	echo 0 >"$tmp/rss"
	{ time eval "${pin[*]} ${wrapper[*]} $1" >"$tmp/log" 2>&1; } 2>"$tmp/cpu" ||
		return 1
	awk '{ cpu = $1 + $2; getline kib <rss; print cpu, kib }' rss="$tmp/rss" "$tmp/cpu"
}

# measure_pair OBJECT ROUND A B: two lines "OBJECT ROUND VARIANT CPU KIB".
measure_pair() {
	local order=(A B) variant line

	[ $(($2 % 2)) -eq 0 ] || order=(B A)
	for variant in "${order[@]}"; do
		if [ "$variant" = A ]; then
			line=$(measure "$3")
		else
			line=$(measure "$4")
		fi || fail "$1, $variant: $(first_error)"
		echo "$1 $2 $variant $line"
	done
}

# With a database: the units that compile. Headers that only a build makes are
# not there for some.
keep_what_compiles() {
	local object kept=()

	for object in "${objects[@]}"; do
		if eval "$(compile_command "$object") -fsyntax-only" >"$tmp/log" 2>&1; then
			kept+=("$object")
		else
			echo "${0##*/}: $object left out: $(first_error)" >&2
		fi
	done
	objects=("${kept[@]}")
}

# Units, then the totals. A ratio of medians is what one slow run cannot move.
summarise() {
	sort -k1,1 -k3,3 -k4,4n "$tmp/results" | awk -v name_a="$1" -v name_b="$2" '
	function median(variant,    n) {
		n = count[variant]
		return (value[variant, int((n + 1) / 2)] + value[variant, int(n / 2) + 1]) / 2
	}
	function end_unit(    a, b) {
		if (unit == "")
			return
		a = median("A"); b = median("B")
		printf "%8.3f %8.3f %7.3f %+9d  %s\n", a, b, b / a,
			peak["B"] - peak["A"], unit
		medians_a += a; medians_b += b
		rss += peak["B"] - peak["A"]; nr_units++
		delete count; delete peak
	}
	BEGIN {
		print "A: " name_a
		print "B: " name_b
		print "median CPU seconds, peak RSS of B less that of A in KiB"
		printf "%8s %8s %7s %9s  %s\n", "A", "B", "B/A", "RSS", "unit"
	}
	$1 != unit { end_unit(); unit = $1 }
	{
		value[$3, ++count[$3]] = $4
		total[$3] += $4; round[$2, $3] += $4; rounds[$2]
		if ($5 > peak[$3])
			peak[$3] = $5
	}
	END {
		end_unit()
		low = 1e9
		for (r in rounds) {
			ratio = round[r, "B"] / round[r, "A"]
			low = ratio < low ? ratio : low
			high = ratio > high ? ratio : high
		}
		printf "%d units, A %.1f s, B %.1f s of medians\n", nr_units, medians_a, medians_b
		printf "ratio of the sums of medians  %.4f\n", medians_b / medians_a
		printf "ratio of the sums of all runs %.4f (rounds: %.4f to %.4f)\n",
			total["B"] / total["A"], low, high
		printf "mean difference of peak RSS   %+d KiB\n", rss / nr_units
	}'
}

# bench_run A-NAME A-FLAGS B-NAME B-FLAGS: flags are put after the compiler's
# own, the source's name included.
bench_run() {
	local round object command b_name=$3 b_flags=$4

	if [ -n "$control" ]; then
		b_name="the same, as control" b_flags=$2
	fi
	[ -z "$database" ] || keep_what_compiles
	[ ${#objects[@]} -gt 0 ] || fail "no unit compiles"
	pin=()
	command -v taskset >/dev/null && pin=(taskset -c $((jobs - 1)))
	for round in $(seq "$rounds"); do
		for object in "${objects[@]}"; do
			command=$(compile_command "$object")
			measure_pair "$object" "$round" "$command $2" "$command $b_flags"
		done
		echo "${0##*/}: round $round of $rounds" >&2
	done >"$tmp/results"
	summarise "$1" "$b_name"
}

export LC_ALL=C
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 2' HUP INT TERM
