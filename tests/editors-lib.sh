# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the tests with editors share: the sample module to be edited, wqlint in
# PATH, and the texts of doc/editors.md. Sourced after expect.sh.

export XDG_CACHE_HOME=$tmp/cache XDG_CONFIG_HOME=$tmp/config
export XDG_DATA_HOME=$tmp/share XDG_STATE_HOME=$tmp/state HOME=$tmp

mkdir "$tmp/bin"
ln -s "$WQLINT" "$tmp/bin/wqlint"
PATH=$tmp/bin:$PATH

tree=$(realpath "$tmp")/tree
device=$tree/testsuite-c/sample/device.c
new_tree() {
	rm -rf "$tree"
	mkdir "$tree"
	cp -R "$srcdir/testsuite-c" "$tree"
	chmod -R u+w "$tree"
	"$tree/testsuite-c/sample/make-compdb" "$TARGET_GCC" "$tmp/objects" \
		>"$tree/compile_commands.json"
}

# documented LANGUAGE N: the N'th block of LANGUAGE in doc/editors.md.
documented() {
	awk -v fence="\`\`\`$1" -v number="$2" '
		/^```/ { inside = $0 == fence && !inside && !--number; next }
		inside' "$srcdir/doc/editors.md"
}
