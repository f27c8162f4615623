#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Real input: objects of linux-source-6.1, allmodconfig, once without and once
# with the plugin. They are those that flush a shared queue, found by a text
# search, and those of tests/kernel-6.1.units. Every flush must be found, the
# code must stay the same, and the findings are those of
# tests/kernel-6.1.expected.
#
#	kernel-6.1.sh
#
# Environment: that of lib.sh, and
#	srcdir		top of the source tree (default: .)
#	WQLINT_PLUGIN	the plugin (default: ./plugin/wqlint.so)
#	WQLINT		the command (default: ./cli/wqlint)
#	WQLINT_UPDATE	when set, write tests/kernel-6.1.expected anew. A line of
#			it is LABEL RULE FILE: SOURCE-TEXT, for there are several
#			point releases of 6.1. LABEL is a reader's judgement,
#			right, wrong or arguable; new lines get unread.
#
# The output is TAP.

srcdir=${srcdir:-.}
plugin=$(realpath -m "${WQLINT_PLUGIN:-plugin/wqlint.so}")
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"
expected=$srcdir/tests/kernel-6.1.expected
wqlint=$(realpath -m "${WQLINT:-cli/wqlint}")

reason=$(kernel_unavailable)
[ -z "$reason" ] || skip_all "$reason"

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp" "$kernel_cache/copy"' EXIT
trap 'exit 1' HUP INT TERM

# The kernel's latent_entropy plugin makes random constants, another set in
# each build, unless it is given a seed.
plain_flags=-frandom-seed=wqlint
plugin_flags="$plain_flags -fplugin=$plugin"
plugin_flags+=" -fplugin-arg-wqlint-no-werror -fplugin-arg-wqlint-facts=object"

# without_comments FILE: keeps the lines' numbers. A string with a comment's
# beginning in it would mislead it; the files at hand have none.
without_comments() {
	awk '{
		text = ""
		while (length($0)) {
			if (inside) {
				end = index($0, "*/")
				if (!end)
					break
				$0 = substr($0, end + 2)
				inside = 0
			} else if (match($0, /\/\*|\/\//)) {
				text = text substr($0, 1, RSTART - 1) " "
				inside = substr($0, RSTART, 2) == "/*"
				if (!inside)
					break
				$0 = substr($0, RSTART + 2)
			} else {
				text = text $0
				break
			}
		}
		print text
	}' "$1"
}

# Every flush of a shared queue that the text of the tree names: FILE:LINE.
search_flushes() {
	local pattern='\b(flush_scheduled_work *\( *\)|(__)?(flush|drain)_workqueue *\( *system_[a-z_]*wq *\))'
	local file

	grep -rlE --include='*.c' "$pattern" . | sed 's,^\./,,' | sort |
	while read -r file; do
		without_comments "$file" | grep -nE "$pattern" |
			sed "s,^\([0-9]*\):.*,$file:\1,"
	done
}

# object_of FILE: what the file is compiled into; some files are included by
# their neighbour.
object_of() {
	local includer

	includer=$(grep -lE "^#include \"(.*/)?${1##*/}\"" "${1%/*}"/*.c | head -n 1)
	includer=${includer:-$1}
	echo "${includer%.c}.o"
}

# build NAME FLAGS: all objects, to $tmp/NAME; what make says, to $tmp/NAME.log.
# In the tree they have the same paths both times, as code has paths in it.
build() {
	local start=$SECONDS

	xargs rm -f <"$tmp/objects"
	# shellcheck disable=SC2046
	run_make "$kernel_tree" -j"$jobs" KCFLAGS="$2" $(cat "$tmp/objects") \
		>"$tmp/$1.log" 2>&1
	tap $? "$(wc -l <"$tmp/objects") objects compile, $1" "$tmp/$1.log"
	echo "# $((SECONDS - start)) s"
	mkdir "$tmp/$1"
	xargs cp --parents -t "$tmp/$1" <"$tmp/objects" 2>>"$tmp/$1.log"
	cat include/generated/bounds.h include/generated/asm-offsets.h \
		>"$tmp/$1.headers"
}

# findings LOG: RULE FILE LINE, one per line; a header's finding comes with
# each object that includes it.
findings() {
	sed -n 's/^\([^: ]*\):\([0-9]*\):[0-9]*: warning: .*\[wqlint:\([a-z-]*\)\]$/\3 \1 \2/p' \
		"$1" | sort -u
}

# Other warnings than findings, or errors, that only the build with the plugin
# has. Parallel compilers mix their lines, so only their first lines count.
test_other_messages() {
	local log

	for log in without with; do
		grep -E '(warning|error|internal compiler error): ' "$tmp/$log.log" |
			grep -v '\[wqlint:[a-z-]*\]$' | sort >"$tmp/$log.messages"
	done
	comm -13 "$tmp/without.messages" "$tmp/with.messages" >"$tmp/why"
	tap_empty "the plugin brings no other warning and no error" "$tmp/why"
}

test_flushes_found() {
	findings "$tmp/with.log" | awk '
		NR == FNR { sub(/:[0-9]+$/, ""); of_interest[$0]; next }
		$1 == "flush-system-wq" && $2 in of_interest { print $2 ":" $3 }
	' "$tmp/flushes" - | sort >"$tmp/found"
	sort "$tmp/flushes" | diff - "$tmp/found" >"$tmp/why"
	tap $? "exactly the flushes of shared queues are found" "$tmp/why"
	sed 's/^/# flushes a shared queue: /' "$tmp/flushes"
}

# Without the note the whole file must be the same, not only its code.
test_same_objects() {
	local object

	while read -r object; do
		objcopy -R .discard.wqlint "$tmp/with/$object" "$tmp/a.o" &&
		objcopy "$tmp/without/$object" "$tmp/b.o" &&
		cmp -s "$tmp/a.o" "$tmp/b.o" || echo "$object"
	done <"$tmp/objects" >"$tmp/why" 2>&1
	tap_empty "but for the note the objects are the same" "$tmp/why"
}

# The kernel makes headers from assembler text, in which the note is too.
test_same_headers() {
	diff "$tmp/without.headers" "$tmp/with.headers" >"$tmp/why"
	tap $? "headers made from assembler text are the same" "$tmp/why"
}

# In readelf's table a section that is not allocated has no flag "A".
test_notes() {
	local object

	while read -r object; do
		readelf -SW "$tmp/with/$object" |
			grep -qE ' \.discard\.wqlint +PROGBITS( +[0-9a-f]+){4} +0 +0 +1$' ||
			echo "$object"
	done <"$tmp/objects" >"$tmp/why" 2>&1
	tap_empty "each object has a note that is not allocated" "$tmp/why"
}

# As Kbuild links the objects of a module.
test_linked_notes() {
	local objects

	mapfile -t objects < <(sed 2q "$tmp/objects")
	(
		cd "$tmp/with" || exit
		ld -r -o "$tmp/linked.o" "${objects[@]}" &&
		readelf -p .discard.wqlint "$tmp/linked.o" >"$tmp/linked" &&
		for object in "${objects[@]}"; do
			grep -qF " source=${object%.o}.c " "$tmp/linked" ||
				echo "there is no note of $object"
		done
	) >"$tmp/why" 2>&1
	tap_empty "ld -r keeps both notes" "$tmp/why"
}

# RULE FILE: SOURCE-TEXT of each finding; to descriptor 3 a comment with its
# line.
list_findings() {
	local rule file line text

	while read -r rule file line; do
		text=$(sed -n "${line}s/[[:space:]]\+/ /gp" "$file" | sed 's/^ //; s/ $//')
		echo "# $file:$line: $rule: $text" >&3
		echo "$rule $file: $text"
	done | sort
}

update_expected() {
	{
		sed '/^#/!d' "$expected" 2>/dev/null
		awk 'FILENAME == ARGV[1] { label = $1; sub(/^[^ ]+ /, ""); known[$0] = label; next }
			{ print ($0 in known ? known[$0] : "unread"), $0 }' \
			<(sed '/^#/d' "$expected" 2>/dev/null) "$tmp/listed"
	} >"$tmp/expected"
	cp "$tmp/expected" "$expected"
}

test_findings_expected() {
	findings "$tmp/with.log" | list_findings 3>&1 >"$tmp/listed"
	[ -z "${WQLINT_UPDATE-}" ] || update_expected
	sed '/^#/d; s/^[a-z]* //' "$expected" | diff - "$tmp/listed" >"$tmp/why"
	tap $? "the findings are those of kernel-6.1.expected" "$tmp/why"
}

# No build is needed, and one that is there is not in the way: all units of
# drivers/rapidio, whose objects were partly built just now.
test_audit() {
	local status

	XDG_CACHE_HOME=$tmp/cache "$wqlint" audit "$kernel_tree" drivers/rapidio \
		>"$tmp/audit" 2>"$tmp/why"
	status=$?
	cat "$tmp/audit" >>"$tmp/why"
	[ "$status" -eq 1 ] &&
		grep -q '^drivers/rapidio/devices/tsi721\.c:.*\[flush-system-wq\]$' "$tmp/audit" &&
		! grep -q 'not linted' "$tmp/why"
	tap $? "wqlint audit of drivers/rapidio" "$tmp/why"
}

if [ ! -f "$plugin" ]; then
	echo "there is no plugin '$plugin'" >"$tmp/why"
	tap 1 "plugin exists" "$tmp/why"
	tap_end
fi
start=$SECONDS
if ! kernel_prepare >"$tmp/prepare.log" 2>&1; then
	tap 1 "a kernel tree can be made ready" "$tmp/prepare.log"
	tap_end
fi
echo "# tree ready after $((SECONDS - start)) s: $kernel_tree"
srcdir=$(realpath "$srcdir")
expected=$srcdir/tests/kernel-6.1.expected
cd "$kernel_tree" || exit 1

search_flushes >"$tmp/flushes"
[ -s "$tmp/flushes" ]
tap $? "the tree has flushes of shared queues"
{
	sed 's/:[0-9]*$//' "$tmp/flushes" | while read -r file; do
		object_of "$file"
	done
	kernel_units
} | sort -u >"$tmp/objects"

build without "$plain_flags"
build with "$plugin_flags"
[ "$tap_failed" -eq 0 ] || tap_end
test_flushes_found
test_findings_expected
test_other_messages
test_same_objects
test_same_headers
test_notes
test_linked_notes
test_audit
tap_end
