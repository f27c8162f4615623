#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The command: options, exit statuses, formats, bad input; cc and run with the
# real compiler and plugin. The output is TAP. Environment: see Makefile.am.

srcdir=$(cd "${srcdir:-.}" && pwd)
wqlint=${WQLINT:-./cli/wqlint}
gcc=${TARGET_GCC:-gcc}
include=$srcdir/testsuite-c/include
nr=0
failed=0

LC_ALL=C
export LC_ALL
unset GCC_COLORS WQLINT_CC

if ! command -v "${gcc%% *}" >/dev/null; then
	echo "1..0 # SKIP no compiler '$gcc'"
	exit 77
fi

tmp=$(cd "$(mktemp -d)" && pwd -P) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$tmp/work" "$tmp/temporary" || exit 1
cd "$tmp/work" || exit 1
export TMPDIR=$tmp/temporary

# ---- a test is: t NAME, run STATUS COMMAND..., expectations, and the next t ----

name=
end() {
	[ -n "$name" ] || return
	nr=$((nr + 1))
	if [ -s "$tmp/why" ]; then
		failed=$((failed + 1))
		echo "not ok $nr - $name"
		{ cat "$tmp/why"; echo "stdout:"; head -n 20 "$tmp/out"
		  echo "stderr:"; head -n 20 "$tmp/err"; } | sed 's/^/# /'
	else
		echo "ok $nr - $name"
	fi
}

t() {
	end
	name=$1
	: >"$tmp/why"
}

why() {
	echo "$*" >>"$tmp/why"
}

# run STATUS COMMAND...; also: nothing may be left in TMPDIR
run() {
	local expected=$1 status
	shift
	command_line=$*
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	[ $status -eq "$expected" ] || why "status $status, not $expected: $command_line"
	[ -z "$(ls -A "$TMPDIR")" ] || why "left in TMPDIR: $(ls -A "$TMPDIR")"
}

out() { grep -qF -e "$1" "$tmp/out" || why "stdout lacks '$1': $command_line"; }
err() { grep -qF -e "$1" "$tmp/err" || why "stderr lacks '$1': $command_line"; }
no_out() { ! grep -qF -e "$1" "$tmp/out" || why "stdout has '$1': $command_line"; }
out_lines() { [ "$(wc -l <"$tmp/out")" -eq "$1" ] || why "stdout has not $1 lines: $command_line"; }
err_lines() { [ "$(wc -l <"$tmp/err")" -eq "$1" ] || why "stderr has not $1 lines: $command_line"; }

# A refusal: status 2, nothing on stdout, one line that says TEXT.
refused() {
	local text=$1
	shift
	run 2 "$@"
	out_lines 0
	err_lines 1
	err "$text"
}

# ---- inputs ----

cat >flush.c <<'END'
#include <linux/workqueue.h>

void stop(void);

void stop(void)
{
	flush_scheduled_work();
}
END
cat >clean.c <<'END'
int nothing(void);

int nothing(void)
{
	return 0;
}
END
cat >broken.c <<'END'
int broken(void)
{
	return undeclared;
}
END

# shellcheck disable=SC2206 # the compiler may be "ccache gcc"
compiler=($gcc)
flags=(-O2 -std=gnu11 -nostdinc "-I$include" -D__KERNEL__ -DMODULE)
names=('-DKBUILD_BASENAME="flush"' '-DKBUILD_MODNAME="flush"')

quote() {
	local text=${1//\\/\\\\}
	printf '"%s"' "${text//\"/\\\"}"
}

# entry DIRECTORY FILE ARGUMENT...: an element of a compile database
entry() {
	local separator=
	printf '{"directory": %s, "file": %s, "arguments": [' "$(quote "$1")" "$(quote "$2")"
	shift 2
	for argument in "$@"; do
		printf '%s%s' "$separator" "$(quote "$argument")"
		separator=', '
	done
	printf ']}'
}

# database FILE ENTRY...
database() {
	local file=$1 separator='['
	shift
	{
		for element in "$@"; do
			printf '%s\n%s' "$separator" "$element"
			separator=,
		done
		printf ']\n'
	} >"$file"
}

# ---- options ----

t "--version and --help"
run 0 "$wqlint" --version; out "wqlint "; out_lines 1; err_lines 0
run 0 "$wqlint" --help; out "Usage: wqlint"; out kcflags; err_lines 0
for command in cc run check fix facts rules explain kcflags plugin compdb; do
	run 0 "$wqlint" $command --help; out "Usage: wqlint $command"; err_lines 0
	run 0 "$wqlint" $command -h; out "Usage: wqlint $command"
done

t "usage errors are one line and status 2"
refused "a command is missing" "$wqlint"
refused "unknown command 'frob'" "$wqlint" frob
refused "unknown option '--frob'" "$wqlint" --frob
refused "unknown option '--frob'" "$wqlint" run --frob
refused "unknown option '-x'" "$wqlint" run -x
refused "unknown option '--markdown'" "$wqlint" run --markdown
refused "unknown option '--form=gcc'" "$wqlint" run --form=gcc
refused "--format needs a value" "$wqlint" run --format
refused "unknown format 'xml'" "$wqlint" run --format=xml
refused "--fail-level is" "$wqlint" run --fail-level=fatal
refused "--color is" "$wqlint" run --color=sometimes
refused "-j needs a number" "$wqlint" run -j 0
refused "-j needs a number" "$wqlint" run -j many
refused "-j needs a number" "$wqlint" run -j-1
refused "--strict takes no value" "$wqlint" run --strict=yes
refused "rules takes no argument" "$wqlint" rules flush-system-wq

t "an unknown rule is an error that names it"
refused "unknown rule 'no-such-rule'" "$wqlint" run --ignore=flush-system-wq,no-such-rule
refused "unknown rule 'NO_SUCH'" "$wqlint" run --types NO_SUCH
refused "unknown rule 'nothing'" "$wqlint" explain nothing
refused "unknown rule ''" "$wqlint" run --ignore=

t "rules, --list-types"
run 0 "$wqlint" rules; out flush-system-wq; out unflushed-work; out WARNING; err_lines 0
run 0 "$wqlint" --list-types; out "#	Message type"; out "FLUSH_SYSTEM_WQ"; err_lines 0
grep -q '^1	[A-Z_]*$' "$tmp/out" || why "no list in checkpatch's form"

t "explain"
run 0 "$wqlint" explain flush-system-wq; out "Wrong:"; out "--ignore=flush-system-wq"
cp "$tmp/out" "$tmp/lower"
run 0 "$wqlint" explain FLUSH_SYSTEM_WQ
cmp -s "$tmp/out" "$tmp/lower" || why "the two spellings differ"
run 0 "$wqlint" explain --markdown
for rule in $("$wqlint" rules | sed 's/ .*//'); do out "## $rule"; done
refused "a rule is missing" "$wqlint" explain

# ---- kcflags ----

t "kcflags"
run 0 "$wqlint" kcflags; out_lines 1; err_lines 0; out "-fplugin=$WQLINT_PLUGIN"
run 0 "$wqlint" kcflags --strict --no-werror --ignore=FLUSH_SYSTEM_WQ,mixed-queues --types=unflushed-work
out "-fplugin-arg-wqlint-strict"; out "-fplugin-arg-wqlint-no-werror"
out "-fplugin-arg-wqlint-ignore=flush-system-wq,mixed-queues"
out "-fplugin-arg-wqlint-types=unflushed-work"
# shellcheck disable=SC2046 # they are several words
run 0 "${compiler[@]}" "${flags[@]}" "${names[@]}" $(cat "$tmp/out") -S -o /dev/null flush.c
# shellcheck disable=SC2046
run 0 "${compiler[@]}" "${flags[@]}" "${names[@]}" $("$wqlint" kcflags) -S -o /dev/null flush.c
err "[wqlint:flush-system-wq]"

t "kcflags prints nothing that would not work"
refused "/nonexistent/wqlint.so" env WQLINT_PLUGIN=/nonexistent/wqlint.so "$wqlint" kcflags
refused "cannot load" env WQLINT_PLUGIN="$tmp/work/flush.c" "$wqlint" kcflags
refused "false cannot load" "$wqlint" kcflags --cc=false
refused "no-such-gcc" "$wqlint" kcflags --cc=no-such-gcc
refused "no-such-gcc" env WQLINT_CC=no-such-gcc "$wqlint" kcflags
refused "--cc needs a compiler" "$wqlint" kcflags --cc=
refused "takes no argument" "$wqlint" kcflags x
cp "$WQLINT_PLUGIN" "$tmp/work/with space.so"
refused "make cannot pass" env WQLINT_PLUGIN="$tmp/work/with space.so" "$wqlint" kcflags

# ---- cc ----

t "cc with a compile command"
run 1 "$wqlint" cc -- "${compiler[@]}" "${flags[@]}" "${names[@]}" -c -o flush.o flush.c
out "flush.c:7:2: warning: "; out "[flush-system-wq]"; out "    7 |         flush_scheduled_work();"
out "wqlint: 1 warning in 1 module"; err_lines 0
cp "$tmp/out" "$tmp/first"
run 1 "$wqlint" cc "${compiler[@]}" "${flags[@]}" "${names[@]}" -c -o flush.o flush.c
cmp -s "$tmp/out" "$tmp/first" || why "differs without --"
run 1 "$wqlint" cc --cc="$gcc" -- no-such-gcc "${flags[@]}" "${names[@]}" -c flush.c
cmp -s "$tmp/out" "$tmp/first" || why "differs with --cc"
[ ! -e flush.o ] || why "it wrote flush.o"
run 0 "$wqlint" cc -- "${compiler[@]}" -c clean.c; out "wqlint: no findings"

t "cc as Kbuild's CHECK"
sparse=(-D__linux__ -Dlinux -D__STDC__ -Dunix -D__unix__ -Wbitwise -Wno-return-void
	-Wno-unknown-attribute -D__CHECKER__ --arch=x86 -mlittle-endian -Wsparse-error
	-Waddress-space -fdiagnostic-prefix -fmax-warnings=unlimited)
run 0 "$wqlint" cc --format=gcc --cc="$gcc" "${sparse[@]}" -Wp,-MMD,./.flush.o.d \
	"${flags[@]}" "${names[@]}" flush.c
out "flush.c:7:9: warning: "; out "[wqlint:flush-system-wq]"; out_lines 1; err_lines 0
[ ! -e .flush.o.d ] || why "it wrote a dependency file"
run 0 "$wqlint" cc --cc="$gcc" "${sparse[@]}" "${flags[@]}" "${names[@]}" flush.c
out "flush.c:7:2: warning: "; out_lines 1; err_lines 0
run 1 "$wqlint" cc --cc="$gcc" --fail-level=warning "${sparse[@]}" "${flags[@]}" "${names[@]}" flush.c
run 0 env WQLINT_CC="$gcc" "$wqlint" cc -- "${flags[@]}" "${names[@]}" flush.c
out_lines 1
# Kbuild's own compiler, which it exports
run 0 env SRCARCH=x86 CC="$gcc" "$wqlint" cc "${flags[@]}" "${names[@]}" flush.c
out_lines 1
refused "cannot run no-such-gcc" env SRCARCH=x86 CC=no-such-gcc "$wqlint" cc "${flags[@]}" flush.c
run 0 env CC=no-such-gcc "$wqlint" cc --cc="$gcc" "${flags[@]}" "${names[@]}" flush.c
run 0 "$wqlint" cc --cc="$gcc" clean.c; out_lines 0; err_lines 0

t "cc reads stdin"
"$wqlint" cc -- "${compiler[@]}" "${flags[@]}" "${names[@]}" -x c - <flush.c >"$tmp/out" 2>"$tmp/err"
[ $? -eq 1 ] || why "status"
command_line="cc -x c -"
out "<stdin>:7:2: warning:"

t "cc with several sources"
echo "int declared(void);" >declared.c
run 1 "$wqlint" cc -- "${compiler[@]}" "${flags[@]}" -include declared.c flush.c clean.c -o program other.o
out "flush.c:7:2: warning"

t "cc that cannot lint"
refused "a compile command is missing" "$wqlint" cc
refused "no C source" "$wqlint" cc -- "${compiler[@]}" -c start.S
refused "unknown option '--frob'" "$wqlint" cc --frob -- "${compiler[@]}" -c clean.c
refused "'clean.c' before --" "$wqlint" cc clean.c -- "${compiler[@]}" -c clean.c
refused "gone.c: not linted: No such file" "$wqlint" cc -- "${compiler[@]}" -c gone.c
refused "clean.c: not linted: cannot run no-such-gcc" "$wqlint" cc -- no-such-gcc -c clean.c
refused "clean.c: not linted: false cannot load" "$wqlint" cc -- false -c clean.c
refused "/nonexistent/wqlint.so" env WQLINT_PLUGIN=/nonexistent/wqlint.so \
	"$wqlint" cc -- "${compiler[@]}" -c clean.c
run 2 "$wqlint" cc -- "${compiler[@]}" -c broken.c
out_lines 0; err "'undeclared' undeclared"
[ "$(tail -n 1 "$tmp/err")" = "wqlint: broken.c: not linted: it does not compile" ] ||
	why "the last line does not say so"
refused "cannot make a directory" env TMPDIR=/nonexistent \
	"$wqlint" cc -- "${compiler[@]}" -c clean.c

t "exit status: findings, --fail-level, findings that are not wanted"
lint_flush=("$wqlint" cc -q -- "${compiler[@]}" "${flags[@]}" "${names[@]}" flush.c)
with() { run "$1" "$wqlint" cc "${@:2}" "${lint_flush[@]:2}"; }
with 1; with 1 --fail-level=check; with 1 --fail-level=warning
with 0 --fail-level=error; out "[flush-system-wq]"
with 0 --fail-level=never; out "[flush-system-wq]"
with 0 --ignore=flush-system-wq; out_lines 0
with 0 --ignore FLUSH_SYSTEM_WQ,mixed-queues; out_lines 0
with 0 --types=mixed-queues; out_lines 0
with 1 --types=mixed-queues --types=FLUSH_SYSTEM_WQ
with 0 --ignore=flush-system-wq --types=flush-system-wq
run 2 "$wqlint" cc -- "${compiler[@]}" "${flags[@]}" flush.c broken.c
out "[flush-system-wq]"; err "broken.c: not linted"

t "formats and checkpatch's options"
with 1 --terse; out_lines 1
with 1 --terse --show-types; out "[FLUSH_SYSTEM_WQ]"
with 1 --format=gcc; out "flush.c:7:9: warning: "; out "[wqlint:flush-system-wq]"
with 1 --format=checkpatch; out "#7: FILE: flush.c:7:"; out "+	flush_scheduled_work();"
head -n 1 "$tmp/out" | grep -q '^WARNING: ' || why "no head line"
with 1 --format checkpatch --show-types; out "WARNING:FLUSH_SYSTEM_WQ: "
with 1 --format=checkpatch --terse; out "flush.c:7: WARNING: "; out_lines 1
with 1 --format=checkpatch --emacs; out "flush.c:7: WARNING: "; out "#7: FILE: flush.c:7:"
run 1 "$wqlint" cc --format=checkpatch "${lint_flush[@]:3}"
out "total: 0 errors, 1 warnings, 0 checks, 1 files checked"
with 1 --format=json; out_lines 1; out '"rule":"flush-system-wq"'; out '"suppressed":false'
with 1 --color=always; grep -q "$(printf '\033')" "$tmp/out" || why "no color"
with 1 --color; grep -q "$(printf '\033')" "$tmp/out" || why "no color"
with 1 --color=auto; ! grep -q "$(printf '\033')" "$tmp/out" || why "color in a file"
if command -v jq >/dev/null; then
	with 1 --format=json
	jq -e '.file == "flush.c" and .line == 7 and .column == 2 and .function == "stop" and
	       .module == "flush" and .queue == "system_wq" and (.fingerprint | length) == 16 and
	       (.related | type) == "array"' "$tmp/out" >/dev/null || why "JSON keys"
fi

t "flags that write files"
before=$(ls -A)
run 1 env DEPENDENCIES_OUTPUT="$tmp/work/deps" SUNPRO_DEPENDENCIES="$tmp/work/sun" \
	"$wqlint" cc -- "${compiler[@]}" "${flags[@]}" "${names[@]}" \
	-c -o out.o -MD -MF f.d -MT t -MQ q -MP -MMD -Wp,-MD,w.d -Wp,-MMD,w2.d -save-temps=obj \
	-save-temps -g -gsplit-dwarf -fcallgraph-info=su,da -fstack-usage -fdump-tree-all \
	-fdump-ipa-cgraph --coverage -fprofile-arcs -ftest-coverage -fopt-info-all=opt.txt \
	-fsave-optimization-record -dumpdir d -dumpbase b -aux-info aux flush.c
out "flush.c:7:2"
[ "$before" = "$(ls -A)" ] || why "new files: $(ls -A)"
for mode in -S -E -M -MM -fsyntax-only; do
	run 1 "$wqlint" cc -- "${compiler[@]}" "${flags[@]}" "${names[@]}" $mode flush.c
done
[ "$before" = "$(ls -A)" ] || why "new files: $(ls -A)"

t "a command that loads the plugin already"
run 1 "$wqlint" cc -- "${compiler[@]}" "${flags[@]}" "${names[@]}" -fplugin="$WQLINT_PLUGIN" \
	-fplugin-arg-wqlint-ignore=flush-system-wq -fplugin-arg-wqlint-facts=/nonexistent -c flush.c
run 1 "$wqlint" cc -- "${compiler[@]}" "${flags[@]}" "${names[@]}" -Werror -fplugin=wqlint -c flush.c
run 1 "$wqlint" cc -- ccache "${compiler[@]}" "${flags[@]}" "${names[@]}" -c flush.c

# ---- run ----

sample=$srcdir/testsuite-c/sample
sample_entry() {
	entry "$sample" "$1.c" "${compiler[@]}" "${flags[@]}" '-DKBUILD_MODNAME="sample"' \
		"-DKBUILD_BASENAME=\"$1\"" -Wp,-MMD,./."$1".o.d -c -o "$1.o" "$1.c"
}
database compile_commands.json "$(sample_entry device)" "$(sample_entry queue)"

t "run: what two files show together"
run 1 "$wqlint" run; err_lines 0
out "device.c:"; out "[flush-system-wq]"; out "[unflushed-work]"; out "queue.c:"
out "wqlint: 2 warnings in 1 module"
cp "$tmp/out" "$tmp/first"
for variant in "-p ." "-p compile_commands.json" "-pcompile_commands.json" "-p $PWD -j1" "-j 8"; do
	# shellcheck disable=SC2086 # several words
	run 1 "$wqlint" run $variant
	cmp -s "$tmp/out" "$tmp/first" || why "differs with $variant"
done
[ ! -e "$sample/device.o" ] || why "it wrote an object"

t "run: a FILE, and a module that is not complete"
run 1 "$wqlint" run "$sample/device.c"; out "[flush-system-wq]"; no_out "[unflushed-work]"
run 1 "$wqlint" run device.c; out "[flush-system-wq]"; no_out "[unflushed-work]"
run 0 "$wqlint" run queue.c --terse -q; out_lines 0; err_lines 0
refused "gone.c: not in ./compile_commands.json" "$wqlint" run gone.c
database other.json "$(sample_entry device)" \
	"$(entry "$PWD" broken.c "${compiler[@]}" '-DKBUILD_MODNAME="sample"' -c broken.c)"
run 2 "$wqlint" run -p other.json
out "[flush-system-wq]"; no_out "[unflushed-work]"; err "broken.c: not linted: it does not compile"

t "run: command strings, relative directories, other languages"
mkdir -p one two
cp flush.c one/same.c
cp flush.c two/same.c
cat >mixed.json <<END
[{"directory": "one", "file": "same.c", "command": "$gcc  -O2 '-std=gnu11' \"-nostdinc\" -I$include -D__KERNEL__ -DKBUILD_MODNAME='\"a\\\\b\"' -DNAME=\\\\\"x\\\\ y\\\\\" -c same.c"},
 {"directory": "$PWD/two", "file": "$PWD/two/same.c", "command": "$gcc -nostdinc -I$include -D__KERNEL__ -c same.c -o same.o"},
 {"directory": "$PWD", "file": "start.S", "command": "$gcc -c start.S"},
 {"directory": "$PWD", "file": "lib.rs", "arguments": ["rustc", "lib.rs"]}]
END
run 1 "$wqlint" run --terse -p mixed.json
err_lines 0; out "one/same.c:7:2: warning"; out "two/same.c:7:2: warning"
database none.json "$(entry "$PWD" start.S gcc -c start.S)"
refused "none.json: has no compile command of a C source" "$wqlint" run -p none.json
echo '[]' >none.json
refused "none.json: has no compile command of a C source" "$wqlint" run -p none.json

t "run: an object of two modules is reported once"
database shared.json "$(entry "$PWD" flush.c "${compiler[@]}" "${flags[@]}" \
	'-DKBUILD_MODFILE="drivers/a:b"' '-DKBUILD_BASENAME="flush"' -c flush.c)"
run 1 "$wqlint" run --terse -q -p shared.json; out_lines 1

t "run: bad compile databases"
# bad TEXT JSON
bad() {
	echo "$2" >bad.json
	refused "$1" "$wqlint" run -p bad.json
}
refused "/nonexistent: No such file" "$wqlint" run -p /nonexistent
refused "one/compile_commands.json: No such file" "$wqlint" run -p one
bad "bad.json: line 2: is no valid JSON" "["
bad "is no valid JSON" ""
bad "is no valid JSON" "[]]"
bad "bad.json: is no list" "{}"
bad "bad.json: entry 1: is no object" '[7]'
good=$(entry "$PWD" clean.c "${compiler[@]}" -c clean.c)
bad 'bad.json: entry 2: "file" is missing' "[$good, {\"directory\": \"/\", \"command\": \"gcc\"}]"
bad 'bad.json: entry 1: "directory" is missing' '[{"file": "a.c", "command": "gcc"}]'
bad 'bad.json: entry 1: "command" and "arguments" are missing' '[{"file": "a.c", "directory": "/"}]'
bad 'bad.json: entry 1: "file" is no string' '[{"file": 1, "directory": "/", "command": "gcc"}]'
bad 'bad.json: entry 1: "file" is empty' '[{"file": "", "directory": "/", "command": "gcc"}]'
bad 'bad.json: entry 1: "arguments" is no list' '[{"file": "a.c", "directory": "/", "arguments": "gcc"}]'
bad 'bad.json: entry 1: "arguments" has an element' '[{"file": "a.c", "directory": "/", "arguments": [1]}]'
bad 'bad.json: entry 1: the command is empty' '[{"file": "a.c", "directory": "/", "arguments": []}]'
bad 'bad.json: entry 1: the command is empty' '[{"file": "a.c", "directory": "/", "command": " "}]'
bad 'bad.json: entry 1: "command" has a quote' '[{"file": "a.c", "directory": "/", "command": "gcc \u0027x"}]'

t "run: units that cannot be linted"
database units.json "$(entry "$PWD" gone.c "${compiler[@]}" -c gone.c)" "$good" \
	"$(entry /nonexistent clean.c "${compiler[@]}" -c clean.c)" \
	"$(entry "$PWD" flush.c no-such-gcc -c flush.c)"
run 2 "$wqlint" run -p units.json
err_lines 3; out_lines 0
err "gone.c: not linted: No such file or directory"
err "clean.c: not linted: /nonexistent: No such file or directory"
err "flush.c: not linted: cannot run no-such-gcc: No such file or directory"
run 0 "$wqlint" run -q --cc="$gcc" -p units.json clean.c
other=$(command -v gcc-11 || command -v clang)
if [ -n "$other" ] && ! "$wqlint" kcflags --cc="$other" >/dev/null 2>&1; then
	database unfit.json "$(entry "$PWD" clean.c "$other" -c clean.c)"
	refused "clean.c: not linted: $other cannot load" "$wqlint" run -p unfit.json
fi

# ---- output and signals ----

t "output that cannot be written"
for command in "rules" "--help" "explain --markdown" "run -q" "run --format=json" "kcflags" "--version"; do
	# shellcheck disable=SC2086 # several words
	"$wqlint" $command >/dev/full 2>"$tmp/err"
	[ $? -eq 2 ] || why "status with /dev/full: $command"
	err_lines 1; err "No space left on device"
	# shellcheck disable=SC2086
	"$wqlint" $command >&- 2>"$tmp/err"
	[ $? -eq 2 ] || why "status with closed stdout: $command"
	err_lines 1
done
"$wqlint" run 2>"$tmp/err" | true
[ "${PIPESTATUS[0]}" -eq 2 ] || why "status with a reader that is gone"
err_lines 1; err "Broken pipe"
run 0 env TMPDIR="$TMPDIR" "$wqlint" run -q --fail-level=never

t "a signal leaves nothing behind"
cat >slow-gcc <<END
#!/bin/sh
case "\$*" in
*"-x c /dev/null") exec $gcc "\$@" ;;
esac
echo \$\$ >"$tmp/started.new"
mv "$tmp/started.new" "$tmp/started"
exec sleep 60
END
chmod +x slow-gcc
for signal in TERM HUP; do
	rm -f "$tmp/started"
	# nohup's children ignore SIGHUP, and this shell cannot change that.
	env --default-signal=$signal "$wqlint" cc -- ./slow-gcc "${flags[@]}" -c clean.c \
		>"$tmp/out" 2>"$tmp/err" &
	pid=$!
	for _ in $(seq 200); do
		[ -e "$tmp/started" ] && break
		sleep 0.05
	done
	kill -$signal $pid
	wait $pid 2>/dev/null
	status=$?
	[ $status -eq $((128 + $(kill -l $signal))) ] || why "status $status after SIG$signal"
	[ -z "$(ls -A "$TMPDIR")" ] || why "left in TMPDIR after SIG$signal"
	! kill -0 "$(cat "$tmp/started")" 2>/dev/null || why "the compiler still runs after SIG$signal"
done

# ---- facts ----

t "facts of objects and facts files"
run 0 "${compiler[@]}" "${flags[@]}" "${names[@]}" -w -fplugin="$WQLINT_PLUGIN" \
	-fplugin-arg-wqlint-facts=object -c -o "$tmp/flush.o" flush.c
run 0 "$wqlint" facts "$tmp/flush.o"; err_lines 0
out "unit flush.c"; out "function stop (flush.c:5:6)"; out "flush-queue by flush_scheduled_work(), queue system_wq"
run 0 "$wqlint" facts --raw "$tmp/flush.o"; out "wqlint-facts 4"
cp "$tmp/out" "$tmp/flush.wqfacts"
run 0 "$wqlint" facts --raw "$tmp/flush.wqfacts"
cmp -s "$tmp/out" "$tmp/flush.wqfacts" || why "reading and writing facts changes them"
run 0 "$wqlint" facts --format=json "$tmp/flush.o" "$tmp/flush.wqfacts"
out_lines 2; out '"kind":"flush-queue"'

t "facts that cannot be read"
head -n 3 "$tmp/flush.wqfacts" >"$tmp/cut.wqfacts"
refused "a file is missing" "$wqlint" facts
refused "formats text and json" "$wqlint" facts --format=gcc "$tmp/flush.o"
refused "$tmp/gone: No such file" "$wqlint" facts "$tmp/gone"
refused "$tmp: Is a directory" "$wqlint" facts "$tmp"
refused "neither an object, an archive nor a facts file" "$wqlint" facts flush.c
refused "has no facts" "$wqlint" facts "$wqlint"
refused "cut.wqfacts: line" "$wqlint" facts "$tmp/cut.wqfacts"
printf '\177ELFgarbage' >"$tmp/garbage.o"
refused "garbage.o" "$wqlint" facts "$tmp/garbage.o"
run 2 "$wqlint" facts "$tmp/gone" "$tmp/flush.o"; out "unit flush.c"; err_lines 1

# ---- documentation ----

t "the man page has every command and option"
man=$srcdir/doc/wqlint.1
for command in cc run check fix facts rules explain kcflags plugin compdb; do
	grep -q "^\.Ic $command\b\|^\.It .*Ic $command\b\|^\.Nm .*$command" "$man" || why "no $command in wqlint.1"
	"$wqlint" $command --help
done | grep -o -e '^  -[a-zA-Z], --[a-z0-9-]*\|^  -[a-zA-Z]\|^  --[a-z0-9-]*' | tr -d ' ' | tr , '\n' | sort -u >"$tmp/options"
while read -r option; do
	sed 's/\\-/-/g' "$man" | grep -q -e "Fl ${option#-}\b" || why "no $option in wqlint.1"
done <"$tmp/options"
[ -s "$tmp/options" ] || why "--help lists no options"

end
echo "1..$nr"
[ $failed -eq 0 ]
