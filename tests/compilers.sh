#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The right plugin for each compiler: an installation for two of them, plugins
# for others built from the installed sources, and compilers that none fits.
# Also cross compilers: the same findings, whatever the machine.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

plugin_of_build=$WQLINT_PLUGIN
unset WQLINT_PLUGIN WQLINT_CC WQLINT_SOURCES CC CXX
export XDG_DATA_HOME=$tmp/data

# has_headers COMMAND: can a plugin be built for it?
has_headers() {
	command -v "$1" >/dev/null &&
		[ -f "$("$1" -print-file-name=plugin)/include/gcc-plugin.h" ]
}

# run COMMAND...: sets "status", $tmp/out and $tmp/err.
run() {
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}

# refused REGEX COMMAND...: nothing on stdout, one line on stderr, status 2.
refused() {
	local regex=$1

	shift
	run "$@"
	expect_equal "$status" 2 "exit status"
	expect_equal "$(cat "$tmp/out")" "" "stdout"
	expect_equal "$(wc -l <"$tmp/err")" 1 "lines on stderr"
	expect_text "$tmp/err" "$regex" 1
}

# compiles_with FLAGS: that compiler takes the flags and warns once.
compiles_with() {
	local gcc=$1

	shift
	$gcc "${kernel_flags[@]}" -O2 "$@" -c -o "$tmp/m.o" "$one_finding" 2>"$tmp/err"
	expect_equal $? 0 "exit status of $gcc $*"
	expect_findings 1
}

# ---- an installation ----

install_for() {
	local compilers=$1

	cd "$copy" || return
	expect ./configure --quiet --prefix="$tmp/inst" --with-target-gcc="$compilers"
	make_in_copy
	make_in_copy install
	wqlint=$tmp/inst/bin/wqlint
}

# Its own directory for each: MACHINE/VERSION-HASH.
installed() {
	local compiler id

	for compiler; do
		id=$("$srcdir/plugin/gcc-directory" "$compiler")
		expect [ -f "$tmp/inst/lib/wqlint/plugin/$id/wqlint.so" ]
		expect_text "$tmp/inst/lib/wqlint/plugin/$id/compiler" '^gcc version [0-9]' 1
		run "$wqlint" kcflags --cc="$compiler"
		expect_equal "$status" 0 "exit status"
		expect_equal "$(cat "$tmp/err")" "" "stderr"
		expect_equal "$(cat "$tmp/out")" \
			"-fplugin=$tmp/inst/lib/wqlint/plugin/$id/wqlint.so" "flags"
		compiles_with "$compiler" "$(cat "$tmp/out")"
	done
	expect_equal "$(find "$tmp/inst" -name wqlint.so | wc -l)" $# "number of plugins"
}

listed() {
	run "$wqlint" plugin list --cc="$1"
	expect_equal "$status" 0 "exit status"
	expect_text "$tmp/out" '^[* ] /.*/wqlint\.so: GCC [0-9.]+ .* for x86_64-linux-gnu$' "$2"
	expect_text "$tmp/out" "^\* /.*: GCC $("$1" -dumpfullversion) " 1
}

launcher() {
	run "$wqlint" kcflags --cc="ccache $1"
	expect_equal "$status" 0 "exit status"
	compiles_with "$1" "$(cat "$tmp/out")"
}

uninstalled() {
	make_in_copy uninstall
	expect_equal "$(find "$tmp/inst" -type f)" "" "what is left"
}

# ---- compilers that none fits ----

# pretend NAME COMMAND [OPTION ANSWER]...: a compiler that answers otherwise.
pretend() {
	local file=$tmp/$1 real=$2

	shift 2
	{
		echo '#!/bin/bash'
		echo 'case "$*" in'
		while [ $# -gt 1 ]; do
			printf '%q) %s; exit ;;\n' "$1" "$2"
			shift 2
		done
		echo 'esac'
		echo "exec $real \"\$@\""
	} >"$file"
	chmod +x "$file"
}

no_fit() {
	refused "^wqlint: there is no plugin for $1 \(GCC 12\.[0-9.]* for [a-z0-9-]*\): make it with wqlint plugin build --cc=$1\$" \
		"$wqlint" kcflags --cc="$1"
	refused "m\.c: not linted: there is no plugin for $1" \
		"$wqlint" cc -- "$1" "${kernel_flags[@]}" -c "$one_finding"
	run "$wqlint" plugin list --cc="$1"
	expect_equal "$status" 2 "exit status"
	expect_text "$tmp/err" "^wqlint: there is no plugin for $1 " 1
	expect_no_text "$tmp/out" '^\*'
}

not_gcc() {
	pretend clang-like gcc -v 'echo "clang version 14.0.6" >&2'
	refused "clang-like is not GCC" "$wqlint" kcflags --cc="$tmp/clang-like"
	refused "clang-like is not GCC" "$wqlint" plugin build --cc="$tmp/clang-like"
	refused "cannot run no-such-gcc: No such file" "$wqlint" kcflags --cc=no-such-gcc
	refused "cannot run no-such-gcc: No such file" "$wqlint" plugin build --cc=no-such-gcc
}

# A distribution's rebuild: another hash, the same release and machine.
rebuild() {
	pretend rebuilt-gcc "$TARGET_GCC" -v "$TARGET_GCC -v 2>&1 | sed 's/Debian/Rebuild/' >&2"
	run "$wqlint" kcflags --cc="$tmp/rebuilt-gcc"
	expect_equal "$status" 0 "exit status"
	compiles_with "$tmp/rebuilt-gcc" "$(cat "$tmp/out")"
}

# What is there is not what its directory says.
wrong_plugin() {
	local id place kept=$tmp/kept.so

	id=$("$srcdir/plugin/gcc-directory" "$TARGET_GCC")
	place=$tmp/inst/lib/wqlint/plugin/$id/wqlint.so
	cp "$place" "$kept"
	echo "no plugin" >"$place"
	refused "cannot load .*/wqlint\.so: " "$wqlint" kcflags
	cp "$(find "$tmp/inst" -name wqlint.so ! -path "$place")" "$place"
	refused 'cannot load .*: wqlint was built for gcc .* and cannot be loaded by gcc ' \
		"$wqlint" kcflags
	rm "$place"
	refused 'there is no plugin for ' "$wqlint" kcflags
	cp "$kept" "$place"
	run "$wqlint" kcflags
	expect_equal "$status" 0 "exit status"
}

# ---- building one ----

missing_headers() {
	pretend bare-gcc "$TARGET_GCC" -print-file-name=plugin 'echo plugin'
	refused 'the plugin headers of .*/bare-gcc are missing: install the package gcc-12-plugin-dev$' \
		"$wqlint" plugin build --cc="$tmp/bare-gcc"
	pretend bare-cross "$TARGET_GCC" -print-file-name=plugin 'echo plugin' \
		-v "$TARGET_GCC -v 2>&1 | sed 's/x86_64-linux-gnu/riscv64_x-linux-gnu/' >&2"
	refused 'install the package gcc-12-plugin-dev-riscv64-x-linux-gnu$' \
		"$wqlint" plugin build --cc="$tmp/bare-cross"
}

# A build that fails leaves nothing, and a plugin that was there stays.
failing_build() {
	mkdir "$tmp/temporary"
	refused 'the plugin for .* cannot be built: ' env TMPDIR="$tmp/temporary" CXX=false \
		"$wqlint" plugin build
	refused 'sources of the plugin are not there' env WQLINT_SOURCES="$tmp/none" \
		"$wqlint" plugin build
	echo text >"$tmp/file"
	refused 'cannot install the plugin in .*: Not a directory' \
		env XDG_DATA_HOME="$tmp/file" TMPDIR="$tmp/temporary" "$wqlint" plugin build
	expect_equal "$(find "$tmp/temporary" -mindepth 1)" "" "left in TMPDIR"
	expect [ ! -e "$XDG_DATA_HOME" ]
	refused "list or build is wanted, not 'remove'" "$wqlint" plugin remove
	refused "list or build is wanted" "$wqlint" plugin
	refused "build takes no argument 'x'" "$wqlint" plugin build x
}

build_for() {
	local plugin

	run "$wqlint" plugin build --cc="$1"
	expect_equal "$status" 0 "exit status"
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	plugin=$(cat "$tmp/out")
	expect_equal "$plugin" \
		"$XDG_DATA_HOME/wqlint/$version/plugin/$("$srcdir/plugin/gcc-directory" "$1")/wqlint.so" \
		"the plugin's place"
	run "$wqlint" kcflags --cc="$1"
	expect_equal "$status" 0 "exit status"
	expect_equal "$(cat "$tmp/out")" "-fplugin=$plugin" "flags"
	compiles_with "$1" "-fplugin=$plugin"
}

# All lint inputs, at -O2 and -O0.
same_findings() {
	local plugin

	plugin=$("$wqlint" kcflags --cc="$1")
	TARGET_GCC=$1 WQLINT_PLUGIN=${plugin#-fplugin=} bash "$srcdir/tests/testsuite.sh" \
		>"$tmp/output" 2>&1
	expect_equal $? 0 "exit status"
	expect_no_text "$tmp/output" '^not ok'
	expect_text "$tmp/output" '^ok .* flush-system-wq\.c -O2$' 1
}

# One database, a compiler of its own for each unit.
mixed_database() {
	local compiler separator='[' number=0

	mkdir -p "$tmp/mixed"
	for compiler; do
		number=$((number + 1))
		cp "$one_finding" "$tmp/mixed/unit$number.c"
		printf '%s\n{"directory": "%s", "file": "unit%d.c", "arguments": ["%s"' \
			"$separator" "$tmp/mixed" $number "$compiler"
		printf ', "%s"' "${kernel_flags[@]//\"/\\\"}" -O2 -c "unit$number.c"
		printf ']}'
		separator=,
	done >"$tmp/mixed/compile_commands.json"
	echo ']' >>"$tmp/mixed/compile_commands.json"
	run "$wqlint" run --format=gcc -p "$tmp/mixed"
	expect_equal "$status" 1 "exit status"
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	expect_text "$tmp/out" '^unit[0-9]\.c:5:.*\[wqlint:flush-system-wq\]$' $#
}

# ---- main ----

case $(${TARGET_GCC} -v 2>&1) in
*"Target: x86_64-linux-gnu"*"gcc version 12."*) ;;
*) skip_all "the texts are those of GCC 12 for x86_64, not of '$TARGET_GCC'" ;;
esac
has_headers gcc-11 || skip_all "no gcc-11 with plugin headers: install gcc-11-plugin-dev"
copy_sources >"$tmp/output" 2>&1 || skip_all "$(cat "$tmp/output")"
version=$("$WQLINT" --version | cut -d ' ' -f 2)
test_that "an installation for $TARGET_GCC and gcc-11" install_for "$TARGET_GCC,gcc-11"
test_that "a plugin for each" installed "$TARGET_GCC" gcc-11
test_that "plugin list" listed gcc-11 2
test_that "a compiler behind ccache" launcher gcc-11
test_that "a rebuild of the same release" rebuild
test_that "not GCC, or not there" not_gcc
test_that "a wrong plugin in the right place" wrong_plugin
test_that "plugin build: missing headers" missing_headers
test_that "plugin build that fails" failing_build
known=("$TARGET_GCC" gcc-11)
for cross in aarch64-linux-gnu-gcc-12 arm-linux-gnueabihf-gcc-12; do
	if ! has_headers "$cross"; then
		skip_test "$cross" "no compiler, or no plugin headers"
		continue
	fi
	known+=("$cross")
	test_that "$cross: none fits" no_fit "$cross"
	test_that "$cross: plugin build" build_for "$cross"
	test_that "$cross: the findings of testsuite-c" same_findings "$cross"
done
test_that "a database of ${#known[@]} compilers" mixed_database "${known[@]}"
test_that "uninstall" uninstalled
[ -f "$plugin_of_build" ]
tap $? "the plugin of the build is untouched"
tap_end
