#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# wqlint in other tools' builds, each the real program: ccache, distcc and
# icecream on the loopback interface, and compile databases for clangd.
# doc/builds.md says what is tested here. Kbuild: tests/out-of-tree.sh.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

PATH=$PATH:/usr/sbin:/sbin
plugin=$tmp/plugin/wqlint.so
mkdir "$tmp/plugin" && cp "$WQLINT_PLUGIN" "$plugin" || exit 1
daemons=()
trap 'kill "${daemons[@]}" 2>/dev/null; rm -rf "$tmp"' EXIT

# start COMMAND...: in the background, until the test ends.
start() {
	"$@" >"$tmp/daemon.out" 2>&1 &
	daemons+=($!)
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local turns=$(($1 * 5))

	shift
	until "$@" >/dev/null 2>&1; do
		[ $((turns--)) -gt 0 ] || return 1
		sleep 0.2
	done
}

is_open() {
	(exec 5<>"/dev/tcp/127.0.0.1/$1")
}

# A port on which nothing listens.
free_port() {
	local port

	for port in $(shuf -i 20000-30000 -n 50); do
		is_open "$port" 2>/dev/null || { echo "$port"; return; }
	done
}

# build LAUNCHER OUTPUT [FLAG...]: m.c with facts in the object.
build() {
	local launcher=$1 output=$2

	shift 2
	rm -f "$output"
	# shellcheck disable=SC2086
	(cd "$tmp" && $launcher $TARGET_GCC "${kernel_flags[@]}" -O2 "-fplugin=$plugin" \
		-fplugin-arg-wqlint-facts=object "$@" -c -o "$output" m.c) >"$tmp/out" 2>"$tmp/err"
	status=$?
	expect_status 0
}

# The findings of wqlint check on an object.
findings() {
	"$WQLINT" check "$1" 2>&1
}

# ---- ccache ----

# cached WHAT: the last compilation was a hit (1) or a miss (0).
cached() {
	local what

	what=$(ccache --print-stats | awk '
		/^(direct|preprocessed)_cache_hit\t/ { hits += $2 }
		/^cache_miss\t/ { misses = $2 }
		END { print hits ? "hit" : misses ? "miss" : "none" }')
	expect_equal "$what" "$1" "$2"
	ccache -z >/dev/null
}

ccache_fresh() {
	export CCACHE_DIR=$tmp/ccache
	unset CCACHE_COMPILERCHECK CCACHE_COMMENTS CCACHE_DISABLE CCACHE_NODIRECT
	rm -rf "$CCACHE_DIR"
	ccache -z >/dev/null
	build ccache "$tmp/first.o"
	expect_findings 1
	cached miss "the first compilation"
}

# The finding of the build and the facts of the object are there again.
ccache_hit() {
	ccache_fresh
	build ccache "$tmp/second.o"
	cached hit "the second compilation"
	expect_findings 1
	expect cmp "$tmp/first.o" "$tmp/second.o"
	expect_equal "$(findings "$tmp/second.o")" "$(findings "$tmp/first.o")" "check"
	expect [ "$(findings "$tmp/second.o" | grep -c 'flush-system-wq')" -eq 1 ]
}

# What the plugin is told, and what it is, is part of the key.
ccache_key() {
	ccache_fresh
	build ccache "$tmp/second.o" -fplugin-arg-wqlint-strict
	cached miss "with another argument"
	touch -d '2001-01-01' "$plugin"
	build ccache "$tmp/second.o"
	cached miss "with a plugin of another time"
	export CCACHE_COMPILERCHECK=content
	build ccache "$tmp/second.o"
	cached miss "with another setting"
	touch "$plugin"
	build ccache "$tmp/second.o"
	cached hit "by content, with a plugin of another time"
	printf '\0' >>"$plugin"
	build ccache "$tmp/second.o"
	cached miss "by content, with another plugin"
}

# A comment may be for wqlint; ccache leaves comments out of its key.
ccache_comments() {
	ccache_fresh
	cp "$one_finding" "$tmp/kept.c"
	echo '/* a comment that was not there */' >>"$one_finding"
	build ccache "$tmp/second.o"
	cached hit "with another comment"
	ccache -C >/dev/null
	export CCACHE_COMMENTS=1
	build ccache "$tmp/second.o"
	cached miss "with an empty cache"
	echo '/* and one more */' >>"$one_finding"
	build ccache "$tmp/second.o"
	cached miss "with CCACHE_COMMENTS and another comment"
	cp "$tmp/kept.c" "$one_finding"
}

# ---- distcc ----

# The server refuses plugins, and the client compiles here: nothing is lost.
distcc_refuses() {
	local port

	port=$(free_port)
	start distccd --no-detach --daemon --listen 127.0.0.1 --allow 127.0.0.1 --port "$port" \
		--jobs 2 --enable-tcp-insecure --log-stderr --verbose
	wait_for 10 is_open "$port" || { problem "no distccd"; cat "$tmp/daemon.out"; }
	export DISTCC_HOSTS=127.0.0.1:$port DISTCC_DIR=$tmp/distcc
	mkdir -p "$DISTCC_DIR"
	expect distcc $TARGET_GCC -O2 -c -o "$tmp/plain.o" -x c - <<<'int x;'
	cp "$clean_file" "$tmp/remote.c"
	expect env DISTCC_FALLBACK=0 distcc $TARGET_GCC "${kernel_flags[@]}" -c \
		-o "$tmp/plain.o" "$tmp/remote.c"
	# the daemon writes when the client is served
	wait_for 10 grep -q COMPILE_OK "$tmp/daemon.out"
	expect_text "$tmp/daemon.out" 'COMPILE_OK' 1
	build "env DISTCC_VERBOSE=0 distcc" "$tmp/distcc.o"
	expect_findings 1
	wait_for 10 grep -q -e -fplugin= "$tmp/daemon.out"
	expect_text "$tmp/daemon.out" '-fplugin='
	expect_text "$tmp/daemon.out" 'COMPILE_OK' 1
	build "" "$tmp/local.o"
	expect_equal "$(findings "$tmp/distcc.o")" "$(findings "$tmp/local.o")" "check"
	rm -f "$tmp/distcc.o"
	(cd "$tmp" && DISTCC_FALLBACK=0 distcc $TARGET_GCC "${kernel_flags[@]}" \
		"-fplugin=$plugin" -c -o distcc.o m.c) >"$tmp/err" 2>&1
	expect_equal $? 116 "exit status without fallback"
	expect [ ! -e "$tmp/distcc.o" ]
}

# ---- icecream ----

# Why it cannot run here, or nothing.
icecream_obstacle() {
	local program

	for program in icecc iceccd icecc-scheduler unshare; do
		command -v $program >/dev/null || { echo "no $program"; return; }
	done
	[ "$(id -u)" -eq 0 ] || { echo "iceccd changes its root directory: run it as root"; return; }
	id icecc >/dev/null 2>&1 || { echo "there is no user icecc"; return; }
	unshare -m true 2>/dev/null || { echo "no namespace of mounts"; return; }
	chroot / true 2>/dev/null || echo "no chroot"
}

# Icecream gives no job to a machine that has much to do, which one that runs
# tests has. So the daemon sees a /proc/stat of ours, of a machine at rest.
idle_stat() {
	local idle=1000

	while sleep 0.5; do
		idle=$((idle + 1000))
		echo "cpu  1000 0 1000 $idle 0 0 0 0 0 0" >"$1"
	done
}

icecream_start() {
	local scheduler daemon

	ice=$tmp/ice
	mkdir "$ice" && chown icecc "$ice" && chmod 755 "$tmp"
	scheduler=$(free_port) daemon=$(free_port)
	cp /proc/stat "$tmp/stat"
	idle_stat "$tmp/stat" & daemons+=($!)
	export ICECC_TESTS=1
	start icecc-scheduler -i lo -n wqlint-$$ -p "$scheduler" -l "$ice/scheduler.log" -vvv
	ICECC_TEST_SOCKET=$ice/client.socket start iceccd -s "localhost:$scheduler" \
		-n wqlint-$$ -N client -m 2 --no-remote -b "$ice/client" -l "$ice/client.log" -vvv
	# shellcheck disable=SC2016 # the other shell's
	ICECC_TEST_SOCKET=$ice/server.socket start unshare -m \
		sh -c 'mount --bind "$1" /proc/stat && shift && exec "$@"' sh "$tmp/stat" \
		iceccd -s "localhost:$scheduler" -n wqlint-$$ -N server -m 2 -p "$daemon" \
		-b "$ice/server" -l "$ice/server.log" -vvv
	wait_for 40 grep -q 'login server' "$ice/scheduler.log" &&
		wait_for 40 grep -q 'login client' "$ice/scheduler.log"
}

# icecream_build OUTPUT [FLAG...]: on the other machine.
icecream_build() {
	build "env ICECC_TEST_SOCKET=$ice/client.socket ICECC_TEST_REMOTEBUILD=1
		ICECC_PREFERRED_HOST=server ICECC_DEBUG=debug ICECC_LOGFILE=$ice/icecc.log
		$icecream_setting timeout 120 icecc" "$@"
}

# The plugin goes with the compiler to the other machine, and its facts come
# back in the object.
icecream_ships() {
	icecream_start || { problem "no icecream"; cat "$tmp/daemon.out" "$ice"/*.log; return; }
	build "" "$tmp/local.o"
	icecream_setting=ICECC_CARET_WORKAROUND=0
	# the other machine learns from the text where the sources are
	icecream_build "$tmp/ice.o" -fworking-directory
	expect_findings 1
	expect_text "$ice/server.log" "remote compile arguments: .*-fplugin=$plugin" 1
	expect_text "$ice/server.log" 'Remote compilation completed with exit code 0' 1
	expect_text "$ice/client.log" "get_native_env .*:$plugin\)"
	expect_no_text "$ice/icecc.log" 'recompiling locally|building myself'
	expect_equal "$(findings "$tmp/ice.o")" "$(findings "$tmp/local.o")" "check"
	# a unit with a warning is compiled again here, unless told otherwise
	: >"$ice/icecc.log"
	icecream_setting=
	icecream_build "$tmp/ice.o"
	expect_findings 1
	expect_text "$ice/icecc.log" ' command needs stdout/stderr workaround, recompiling locally$'
	expect_equal "$(findings "$tmp/ice.o")" "$(findings "$tmp/local.o")" "check"
}

# ---- compile databases ----

# What a build with the plugin leaves: both forms, and quotes that must stay.
dirty_database() {
	mkdir -p "$tmp/db"
	cp "$one_finding" "$tmp/db/a.c"
	cp "$clean_file" "$tmp/db/b.c"
	cat >"$tmp/db/compile_commands.json" <<-JSON
	[{"directory": "$tmp/db", "file": "a.c", "output": "a.o",
	  "command": "gcc -std=gnu11 -I$srcdir/testsuite-c/include  -fplugin=$plugin '-DTEXT=\\"a b\\"' -fplugin-arg-wqlint-facts=object \"-fplugin=./other.so\" -c -o a.o a.c"},
	 {"directory": "$tmp/db", "file": "b.c", "arguments": ["gcc", "-std=gnu11",
	  "-I$srcdir/testsuite-c/include", "-fplugin=$plugin",
	  "-fplugin-arg-wqlint-strict", "-D", "X=a b", "-c", "b.c"]}]
	JSON
}

compdb_cleans() {
	dirty_database
	cat >"$tmp/wanted" <<-JSON
	[
	  {
	    "directory": "$tmp/db",
	    "file": "a.c",
	    "output": "a.o",
	    "command": "gcc -std=gnu11 -I$srcdir/testsuite-c/include '-DTEXT=\\"a b\\"' -c -o a.o a.c"
	  },
	  {
	    "directory": "$tmp/db",
	    "file": "b.c",
	    "arguments": [
	      "gcc",
	      "-std=gnu11",
	      "-I$srcdir/testsuite-c/include",
	      "-D",
	      "X=a b",
	      "-c",
	      "b.c"
	    ]
	  }
	]
	JSON
	"$WQLINT" compdb -p "$tmp/db" >"$tmp/out" 2>"$tmp/err"
	expect_equal $? 0 "exit status"
	expect diff "$tmp/wanted" "$tmp/out"
	(cd "$tmp/db" && "$WQLINT" compdb -o "$tmp/clean.json")
	expect cmp "$tmp/out" "$tmp/clean.json"
	# in place, with the mode that the file has, and a second time
	chmod 640 "$tmp/db/compile_commands.json"
	"$WQLINT" compdb -p "$tmp/db/compile_commands.json" -o "$tmp/db/compile_commands.json"
	"$WQLINT" compdb -p "$tmp/db" -o "$tmp/db/compile_commands.json"
	expect cmp "$tmp/out" "$tmp/db/compile_commands.json"
	expect_equal "$(stat -c %a "$tmp/db/compile_commands.json")" 640 "mode"
	expect_equal "$(ls "$tmp/db")" "$(printf 'a.c\nb.c\ncompile_commands.json')" "files"
}

# compdb_refuses TEXT CONTENT: one line, status 2, and the file as it was.
compdb_refuses() {
	printf '%s' "$2" >"$tmp/bad.json"
	cp "$tmp/bad.json" "$tmp/bad.kept"
	"$WQLINT" compdb -p "$tmp/bad.json" -o "$tmp/bad.json" >"$tmp/out" 2>"$tmp/err"
	expect_equal $? 2 "exit status"
	expect_equal "$(cat "$tmp/out")" "" "stdout"
	expect_equal "$(wc -l <"$tmp/err")" 1 "lines on stderr"
	expect_text "$tmp/err" "^wqlint: $tmp/bad.json: $1" 1
	expect cmp "$tmp/bad.json" "$tmp/bad.kept"
}

compdb_bad_input() {
	compdb_refuses 'line 1: is no valid JSON: ' '['
	compdb_refuses 'is no list of compile commands' '{}'
	compdb_refuses 'entry 1: is no object' '[1]'
	compdb_refuses 'entry 2: has no command' '[{"command": "gcc a.c"}, {}]'
	compdb_refuses 'entry 1: "command" has a quote that is not closed' '[{"command": "gcc \"a.c"}]'
	compdb_refuses 'entry 1: "arguments" is no list of strings' '[{"arguments": ["gcc", 1]}]'
	compdb_refuses 'entry 1: "arguments" is no list of strings' '[{"arguments": "gcc"}]'
	rm "$tmp/bad.json"
	"$WQLINT" compdb -p "$tmp/bad.json" 2>"$tmp/err"
	expect_equal $? 2 "exit status"
	expect_text "$tmp/err" 'bad.json: No such file' 1
	"$WQLINT" compdb -p "$tmp/db" -o "$tmp/none/out.json" 2>"$tmp/err"
	expect_equal $? 2 "exit status"
	expect_text "$tmp/err" "cannot write $tmp/none/out.json: No such file" 1
	"$WQLINT" compdb -p "$tmp/db" >/dev/full 2>"$tmp/err"
	expect_equal $? 2 "exit status"
	expect_text "$tmp/err" 'cannot write to standard output: No space' 1
	expect_equal "$(find "$tmp/db" -name '*.json.*')" "" "temporary files"
}

# The clang that a plugin reaches loads it and fails; clangd passes it on.
compdb_clangd() {
	dirty_database
	clangd --check="$tmp/db/a.c" --compile-commands-dir="$tmp/db" >"$tmp/out" 2>&1
	expect_text "$tmp/out" "-load $plugin"
	printf 'CompileFlags:\n  Remove: [-fplugin=*, -fplugin-arg-*]\n' >"$tmp/db/.clangd"
	clangd --check="$tmp/db/a.c" --compile-commands-dir="$tmp/db" >"$tmp/out" 2>&1
	expect_text "$tmp/out" 'All checks completed, 0 errors' 1
	expect_no_text "$tmp/out" '-load '
	rm "$tmp/db/.clangd"
	"$WQLINT" compdb -p "$tmp/db" -o "$tmp/db/compile_commands.json"
	for file in a b; do
		timeout 60 clangd --check="$tmp/db/$file.c" --compile-commands-dir="$tmp/db" \
			>"$tmp/out" 2>&1
		expect_equal $? 0 "exit status of clangd"
		expect_text "$tmp/out" 'All checks completed, 0 errors' 1
		expect_text "$tmp/out" 'Loaded compilation database from' 1
		expect_no_text "$tmp/out" 'plugin|-load '
	done
}

compdb_clang() {
	local command

	dirty_database
	command=$(jq -r '.[1].arguments | @sh' "$tmp/db/compile_commands.json")
	(cd "$tmp/db" && eval "clang ${command#\'gcc\'} -fsyntax-only") >"$tmp/out" 2>&1 &&
		problem "clang took the plugin of GCC"
	expect_text "$tmp/out" 'unable to load plugin' 1
	command=$("$WQLINT" compdb -p "$tmp/db" | jq -r '.[1].arguments | @sh')
	(cd "$tmp/db" && eval "clang ${command#\'gcc\'} -fsyntax-only") >"$tmp/out" 2>&1 ||
		problem "clang refuses a clean command: $(cat "$tmp/out")"
}

# test_with PROGRAM NAME FUNCTION
test_with() {
	if command -v "$1" >/dev/null; then
		test_that "$2" "$3"
	else
		skip_test "$2" "no $1"
	fi
}

test_with ccache "ccache: findings and facts on a hit" ccache_hit
test_with ccache "ccache: the plugin and its arguments are in the key" ccache_key
test_with ccache "ccache: comments" ccache_comments
test_with distccd "distcc: refuses the plugin, compiles here" distcc_refuses
reason=$(icecream_obstacle)
if [ -z "$reason" ]; then
	test_that "icecream: the plugin is shipped" icecream_ships
else
	skip_test "icecream: the plugin is shipped" "$reason"
fi
test_that "compdb: both forms, in place" compdb_cleans
test_that "compdb: bad input" compdb_bad_input
test_with clangd "compdb: clangd" compdb_clangd
test_with clang "compdb: clang" compdb_clang
tap_end
