#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Findings as the compiler's own diagnostics: text, paths, fix-it hints, JSON,
# SARIF; under -Werror and -w; selected by the plugin's arguments.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

# One file with a finding of each rule: lines 32 to 35 and, strict, 36.
all_rules=$tmp/all.c
cat >"$all_rules" <<'END'
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(mixed, handler);
static DECLARE_WORK(unflushed, handler);
static DECLARE_WORK(cancelled, handler);

static int __init start(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	if (!own_wq) return -ENOMEM; else queue_work(own_wq, &mixed);
	queue_work(own_wq, &cancelled);
	return 0;
}
module_init(start);

static void __exit stop(void)
{
	cancel_work_sync(&cancelled);
	destroy_workqueue(own_wq);
}
module_exit(stop);

void bad(void)
{
	flush_workqueue(system_long_wq);
	destroy_workqueue(system_long_wq);
	schedule_work(&mixed);
	schedule_work(&unflushed);
	schedule_work(&cancelled);
}
END

# Each way in which a queue gets to a flush from elsewhere.
alias_file=$tmp/alias.c
cat >"$alias_file" <<'END'
#include <linux/compiler.h>
#include <linux/workqueue.h>

struct foo {
	struct workqueue_struct *wq;
};

static noinline void wait_for(struct workqueue_struct *wq)
{
	drain_workqueue(wq);
}

static noinline struct workqueue_struct *pick(void)
{
	return system_unbound_wq;
}

void probe(struct foo *foo)
{
	foo->wq = system_long_wq;
}

void remove(struct foo *foo)
{
	flush_workqueue(foo->wq);
	wait_for(system_wq);
	flush_workqueue(pick());
}
END

# expect_rules FILE LEVEL:LINE:RULE...: these and no others, in this order.
expect_rules() {
	local wanted

	wanted=$(printf '%s\n' "${@:2}")
	sed -nE 's,^[^:]*:([0-9]+):[0-9]+: ([a-z]+): .*\[wqlint:([a-z-]+)\].*,\2:\1:\3,p' \
		"$1" >"$tmp/got"
	expect_equal "$(cat "$tmp/got")" "$wanted" "the list of findings"
}

rule_ids() {
	lint -c -o "$tmp/all.o" "$all_rules"
	expect_status 0
	expect_rules "$tmp/err" warning:32:flush-system-wq \
		warning:33:destroy-system-wq warning:34:mixed-queues \
		warning:35:unflushed-work
	# nothing that is no diagnostic of the compiler
	sed -nE '/^ *([0-9]+ )?\|/!p' "$tmp/err" >"$tmp/lines"
	expect_equal "$(grep -cvE "^$all_rules:[0-9]+:[0-9]+: (warning|note): |: In function " "$tmp/lines")" \
		0 "number of other lines"
}

# ---- -Werror and -w ----

werror() {
	rm -f "$tmp/all.o"
	lint -Werror -c -o "$tmp/all.o" "$all_rules"
	expect_status 1
	expect_rules "$tmp/err" error:32:flush-system-wq \
		error:33:destroy-system-wq error:34:mixed-queues \
		error:35:unflushed-work
	expect_text "$tmp/err" 'all warnings being treated as errors' 1
	expect [ ! -e "$tmp/all.o" ]
	lint -Werror -c -o "$tmp/m.o" "$clean_file"
	expect_status 0
}

no_werror() {
	lint @no-werror -Werror -c -o "$tmp/all.o" "$all_rules"
	expect_status 0
	expect_findings 4
	expect_text "$tmp/err" ': error: ' 0
	expect [ -s "$tmp/all.o" ]
	# and the compiler's own warnings are errors as before
	{ cat "$one_finding"; echo 'static int unused;'; } >"$tmp/unused.c"
	lint @no-werror -Werror -Wall -c -o "$tmp/m.o" "$tmp/unused.c"
	expect_status 1
	expect_text "$tmp/err" 'error: .*unused' 1
	expect_text "$tmp/err" 'warning: .*\[wqlint:' 1
	lint @no-werror -Werror=implicit-int -c -o "$tmp/m.o" "$one_finding"
	expect_status 0
}

first_error_only() {
	lint -Werror -Wfatal-errors -c -o "$tmp/all.o" "$all_rules"
	expect_status 1
	expect_findings 1
	lint -Werror -fmax-errors=2 -c -o "$tmp/all.o" "$all_rules"
	expect_status 1
	expect_findings 2
}

no_warnings() {
	for options in -w "-w -Werror" "-w -fdiagnostics-generate-patch"; do
		# shellcheck disable=SC2086
		lint $options -c -o "$tmp/all.o" "$all_rules"
		expect_status 0
		expect_equal "$(cat "$tmp/err")" "" "what -w leaves"
	done
}

# ---- selection ----

# selected "ARGUMENT..." RULE...
selected() {
	# shellcheck disable=SC2086
	lint $1 -c -o "$tmp/all.o" "$all_rules"
	expect_status 0
	expect_rules "$tmp/err" "${@:2}"
}

# ---- explanations ----

aliases() {
	lint -c -o "$tmp/m.o" -fdiagnostics-path-format=separate-events \
		"$alias_file"
	expect_status 0
	expect_rules "$tmp/err" warning:10:flush-system-wq \
		warning:25:flush-system-wq warning:27:flush-system-wq
	expect_text "$tmp/err" ':20:[0-9]+: note: \(1\) system_long_wq is stored in struct foo\.wq here' 1
	expect_text "$tmp/err" ':25:[0-9]+: note: \(2\) flushed here' 1
	expect_text "$tmp/err" ':26:[0-9]+: note: \(1\) passed to wait_for\(\) here' 1
	expect_text "$tmp/err" ':10:[0-9]+: note: \(2\) drained here' 1
	expect_text "$tmp/err" ':15:[0-9]+: note: \(1\) returned by pick\(\) here' 1
	lint -c -o "$tmp/m.o" -fdiagnostics-path-format=inline-events \
		"$alias_file"
	expect_status 0
	expect_text "$tmp/err" '\(1\) passed to wait_for\(\) here' 1
	lint -c -o "$tmp/m.o" -fdiagnostics-path-format=none "$alias_file"
	expect_status 0
	expect_findings 3
}

related_places() {
	lint @types=mixed-queues,unflushed-work -c -o "$tmp/all.o" "$all_rules"
	expect_text "$tmp/err" ':17:[0-9]+: note: queued on own_wq here' 1
	expect_text "$tmp/err" ':26:[0-9]+: note: destroy_workqueue\(\) here does not wait for system_wq' 1
	expect_text "$tmp/err" ':6:[0-9]+: note: handler\(\) is its handler' 1
	expect_text "$tmp/err" ': note: Step 4: ' 2
}

# A header is one of us, unless it is a system's.
in_header() {
	mkdir -p "$tmp/inc"
	printf 'static inline void sync(void)\n{\n\tflush_scheduled_work();\n}\n' \
		>"$tmp/inc/sync.h"
	printf '#include <linux/workqueue.h>\n#include "sync.h"\nvoid f(void)\n{\n\tsync();\n}\n' \
		>"$tmp/use.c"
	lint "-I$tmp/inc" -c -o "$tmp/m.o" "$tmp/use.c"
	expect_status 0
	expect_text "$tmp/err" 'inc/sync\.h:3:.*\[wqlint:flush-system-wq\]' 1
	lint -isystem "$tmp/inc" -c -o "$tmp/m.o" "$tmp/use.c"
	expect_status 0
	expect_equal "$(cat "$tmp/err")" "" "what is said of a system header"
}

# ---- fix-it hints ----

# apply FILE [ARG...]: the hints to a copy $tmp/fixed/NAME, which must compile
# and have no finding left.
apply() {
	local fixed=$tmp/fixed/${1##*/}

	mkdir -p "$tmp/fixed"
	cp "$1" "$fixed"
	lint -fdiagnostics-generate-patch -c -o "$tmp/m.o" "$@"
	expect_status 0
	sed -n '/^--- /,$p' "$tmp/err" >"$tmp/patch"
	expect [ -s "$tmp/patch" ]
	expect patch -s --no-backup-if-mismatch "$fixed" "$tmp/patch"
	expect_text "$tmp/patch" '^\+.*[[:space:]]$' 0
	lint -Werror -Wall -c -o "$tmp/m.o" "${@:2}" "$fixed"
	expect_status 0
	expect_findings 0
}

# Nothing of this module is ever on the queue.
fix_remove() {
	cat >"$tmp/gone.c" <<'END'
#include <linux/workqueue.h>

void remove(int *busy)
{
	*busy = 0;
	flush_scheduled_work();
	*busy = 1;
	if (*busy)
		*busy = 2;
	flush_workqueue(system_long_wq);
}
END
	apply "$tmp/gone.c"
	expect_text "$tmp/fixed/gone.c" flush 0
	expect_text "$tmp/fixed/gone.c" 'busy = ' 3
}

# The destruction drains the queue itself.
fix_redundant() {
	cat >"$tmp/twice.c" <<'END'
#include <linux/workqueue.h>

struct foo {
	struct workqueue_struct *wq, *other;
};

void remove(struct foo *foo)
{
	if (foo->wq) {
		flush_workqueue(foo->wq);
		destroy_workqueue(foo->wq);
	}
	drain_workqueue(foo->other);
	destroy_workqueue(foo->other);
}
END
	apply "$tmp/twice.c" @strict
	expect_text "$tmp/fixed/twice.c" 'flush|drain' 0
	expect_text "$tmp/fixed/twice.c" 'destroy' 2
}

# Removed or doubled there, the syntax would be another one.
fix_not_alone() {
	cat >"$tmp/if.c" <<'END'
#include <linux/workqueue.h>

int remove(int busy)
{
	if (busy)
		flush_scheduled_work();
	else
		flush_workqueue(system_long_wq);
	for (; busy; busy--)
		flush_scheduled_work();
	{ flush_scheduled_work(); }
	busy++; flush_scheduled_work();
	return busy;
}
END
	lint -fdiagnostics-generate-patch -c -o "$tmp/m.o" "$tmp/if.c"
	expect_status 0
	expect_findings 5
	expect_no_text "$tmp/err" '^(---|\+\+\+) '
}

# Hints of several rules side by side, one of them in a macro, which has none;
# the command changes the same.
fix_queues() {
	mkdir -p "$tmp/queues/facts" "$tmp/queues/hinted"
	cat >"$tmp/queues/queues.c" <<'END'
#include <linux/module.h>
#include <linux/workqueue.h>

#define NEW_QUEUE(name) create_workqueue(name)

struct foo {
	struct workqueue_struct *wq, *old;
	struct work_struct work;
	struct delayed_work late;
};

static void handler(struct work_struct *work)
{
}

int create(struct foo *foo)
{
	INIT_WORK(&foo->work, handler);
	INIT_DELAYED_WORK(&foo->late, handler);
	foo->wq = create_singlethread_workqueue("foo");
	return 0;
}

int create_old(struct foo *foo)
{
	foo->old = NEW_QUEUE("old");
	return foo->old ? 0 : -ENOMEM;
}

void use(struct foo *foo)
{
	queue_work(foo->wq, &foo->work);
	queue_work(foo->old, &foo->work);
	queue_delayed_work(foo->wq, &foo->late, HZ);
}

void destroy(struct foo *foo)
{
	flush_workqueue(foo->old);
	destroy_workqueue(foo->old);
	destroy_workqueue(foo->wq);
}
END
	(cd "$tmp/queues" &&
	 lint -fdiagnostics-generate-patch @strict @facts=facts \
		-UKBUILD_MODNAME '-DKBUILD_MODNAME="queues"' \
		-UKBUILD_BASENAME '-DKBUILD_BASENAME="queues"' \
		-c -o "$tmp/m.o" queues.c
	 expect_status 0)
	expect_findings 5
	cp "$tmp/queues/queues.c" "$tmp/queues/hinted"
	sed -n '/^--- /,$p' "$tmp/err" >"$tmp/patch"
	expect patch -s "$tmp/queues/hinted/queues.c" "$tmp/patch"
	lint -Werror -c -o "$tmp/m.o" "$tmp/queues/hinted/queues.c"
	expect_status 0
	"$WQLINT" fix --strict "$tmp/queues/facts" >"$tmp/patch" 2>"$tmp/fix-err"
	expect_text "$tmp/fix-err" 'queues.c:26: deprecated-queue: not fixed:' 1
	expect_text "$tmp/fix-err" 'not fixed:' 1
	expect patch -s "$tmp/queues/queues.c" "$tmp/patch"
	expect diff -B "$tmp/queues/hinted/queues.c" "$tmp/queues/queues.c"
	expect_text "$tmp/queues/queues.c" '^	if \(!foo->wq\)' 1
}

# GCC gets a patch wrong in which a new line is above one that stays, and the
# one below that changes: the new line has no hint then.
fix_adjacent() {
	cat >"$tmp/adjacent.c" <<'END'
#include <linux/module.h>
#include <linux/workqueue.h>

struct foo {
	struct workqueue_struct *wq, *old;
	struct work_struct work;
	struct delayed_work late;
};

static void handler(struct work_struct *work)
{
}

void use(struct foo *foo)
{
	INIT_WORK(&foo->work, handler);
	INIT_DELAYED_WORK(&foo->late, handler);
	foo->wq = alloc_workqueue("foo", 0, 0);
	foo->old = alloc_workqueue("old", 0, 0);
	queue_work(foo->old, &foo->work);
	queue_delayed_work(foo->wq, &foo->late, HZ);
}

void destroy(struct foo *foo)
{
	destroy_workqueue(foo->wq);
	flush_workqueue(foo->old);
	destroy_workqueue(foo->old);
}
END
	lint -fdiagnostics-generate-patch @strict @ignore=unchecked-alloc \
		-c -o "$tmp/m.o" "$tmp/adjacent.c"
	expect_findings 2
	sed -n '/^--- /,$p' "$tmp/err" >"$tmp/patch"
	expect patch -s "$tmp/adjacent.c" "$tmp/patch"
	expect_text "$tmp/adjacent.c" 'flush_workqueue' 0
	expect_text "$tmp/adjacent.c" 'cancel_delayed_work_sync' 0
}

# Several items: one line each.
fix_several() {
	cat >"$tmp/several.c" <<'END'
#include <linux/workqueue.h>

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(first, handler);
static DECLARE_DELAYED_WORK(second, handler);

void queue(void)
{
	schedule_work(&first);
	schedule_delayed_work(&second, 1);
}

void remove(int *busy)
{
	if (*busy) {
		flush_scheduled_work();
	}
}
END
	apply "$tmp/several.c"
	expect_text "$tmp/fixed/several.c" $'^\t\tflush_work\\(&first\\);$' 1
	expect_text "$tmp/fixed/several.c" $'^\t\tflush_delayed_work\\(&second\\);$' 1
}

# Columns are bytes where they must be, and the line's end is its own.
fix_odd_lines() {
	cat >"$tmp/odd.c" <<'END'
#include <linux/workqueue.h>

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(item, handler);

void remove(void)
{
	/* äöü€ */	schedule_work(&item); /* ß */ flush_scheduled_work();	/* € */
}
END
	apply "$tmp/odd.c"
	expect_text "$tmp/fixed/odd.c" '/\* ß \*/ flush_work\(&item\);.*€ ' 1
}

# never_fixed: hints are for text that stands where it is changed.
never_fixed() {
	cat >"$tmp/macro.c" <<'END'
#include <linux/workqueue.h>

#define SYNC() flush_scheduled_work()
#define SYNC_LINES() do {		\
	flush_workqueue(system_wq);	\
} while (0)
#define CALL(call) call
#define QUEUE system_wq

void remove(void)
{
	SYNC();
	SYNC_LINES();
	CALL(flush_scheduled_work());
	CALL(flush_workqueue(system_wq));
	flush_workqueue(QUEUE);
	flush_workqueue(
		system_wq);
}
END
	lint -fdiagnostics-generate-patch -fdiagnostics-parseable-fixits -c \
		-o "$tmp/m.o" "$tmp/macro.c"
	expect_status 0
	expect_findings 6
	expect_no_text "$tmp/err" '^(---|\+\+\+|fix-it:)'
}

parseable_fixits() {
	lint -fdiagnostics-parseable-fixits @types=unflushed-work -c \
		-o "$tmp/m.o" "$all_rules"
	expect_text "$tmp/err" '^fix-it:".*all\.c":\{35:2-35:16\}:"queue_work\(own_wq, "$' 1
}

# ---- for programs ----

# json JQ-EXPRESSION: must be true of all diagnostics of the last compile.
json() {
	jq -e "$1" "$tmp/json" >/dev/null || {
		problem "not true: $1"
		jq -c '.[] | del(.locations)' "$tmp/json"
	}
}

# What the last compile said in JSON: one line, from GCC 14 on many.
take_json() {
	sed -n '/^\[/,$p' "$tmp/err" | grep -v '^cc1: ' >"$tmp/json"
}

json_findings() {
	lint -fdiagnostics-format=json -c -o "$tmp/m.o" "$all_rules"
	expect_status 0
	take_json
	expect cmp "$tmp/err" "$tmp/json"
	json 'length == 4'
	json 'all(.[]; .kind == "warning")'
	json '.[0].message | endswith("[wqlint:flush-system-wq]")'
	json '.[0].locations[0].caret.line == 32'
	json '.[2].children | map(.message) | any(startswith("queued on own_wq"))'
	json '.[3].fixits == [{next: .[3].fixits[0].next,
		start: .[3].fixits[0].start, string: "queue_work(own_wq, "}]'
	json '.[3].fixits[0].start | .line == 35 and ."byte-column" == 2'
	json 'all(.[]; .children | length > 0)'
}

json_paths() {
	lint -fdiagnostics-format=json -c -o "$tmp/m.o" "$alias_file"
	expect_status 0
	take_json
	json 'all(.[]; .path | length == 2)'
	json '.[1].path | map(.description) ==
		["system_long_wq is stored in struct foo.wq here", "flushed here"]'
	json '.[1].path[0].location.line == 20'
}

json_werror() {
	lint -fdiagnostics-format=json -Werror -c -o "$tmp/m.o" "$all_rules"
	expect_status 1
	take_json
	json 'length == 4 and all(.[]; .kind == "error")'
	lint -fdiagnostics-format=json @lint-only @no-werror -Werror -S \
		-o /dev/null "$all_rules"
	expect_status 0
	take_json
	json 'length == 4 and all(.[]; .kind == "warning")'
}

sarif() {
	rm -f "$tmp"/*.sarif
	(cd "$tmp" && lint -fdiagnostics-format=sarif-file -c -o m.o all.c
	 exit "$status")
	status=$?
	expect_status 0
	jq -c '[.runs[0].results[] | select(.message.text | contains("[wqlint:"))]' \
		"$tmp"/*.sarif >"$tmp/json"
	json 'length == 4'
	json '.[0].locations[0].physicalLocation.region.startLine == 32'
}

# ---- again and again ----

# The same input gives the same output, byte for byte.
stable() {
	for file in "$srcdir"/testsuite-c/*.c "$all_rules" "$alias_file"; do
		mapfile -t flags < <(input_flags "$file")
		for nr in 1 2; do
			lint @strict @facts="$tmp/facts" "${flags[@]}" \
				-fdiagnostics-generate-patch \
				-S -o /dev/null "$file"
			expect_status 0
			cp "$tmp/err" "$tmp/err$nr"
			cat "$tmp"/facts/*.wqfacts >"$tmp/facts$nr"
			rm -f "$tmp"/facts/*
		done
		expect cmp "$tmp/err1" "$tmp/err2"
		expect cmp "$tmp/facts1" "$tmp/facts2"
		expect [ -s "$tmp/facts1" ]
	done
}

mkdir -p "$tmp/facts"
# shellcheck disable=SC2086
major=$($TARGET_GCC -dumpversion)
major=${major%%.*}

test_that "each rule's id" rule_ids
test_that "-Werror" werror
test_that "no-werror" no_werror
test_that "-Wfatal-errors and -fmax-errors" first_error_only
test_that "-w" no_warnings

flush=warning:32:flush-system-wq
destroy=warning:33:destroy-system-wq
mixed=warning:34:mixed-queues
unflushed=warning:35:unflushed-work
test_that "types: one" selected @types=mixed-queues $mixed
test_that "types: checkpatch's spelling" selected @types=MIXED_QUEUES $mixed
test_that "types: a list" selected @types=unflushed-work,FLUSH_SYSTEM_WQ $flush $unflushed
test_that "types: given twice" selected "@types=mixed-queues @types=unflushed-work" $mixed $unflushed
test_that "ignore: one" selected @ignore=flush-system-wq $destroy $mixed $unflushed
test_that "ignore: a list" selected @ignore=flush-system-wq,DESTROY_SYSTEM_WQ,mixed-queues $unflushed
test_that "types and ignore" selected "@types=mixed-queues,unflushed-work @ignore=mixed-queues" $unflushed
test_that "strict" selected @strict $flush $destroy $mixed $unflushed warning:36:mixed-queues
test_that "strict and types" selected "@strict @types=mixed-queues" $mixed warning:36:mixed-queues

test_that "path of an alias" aliases
test_that "related places" related_places
test_that "header" in_header

test_that "fix-it: removal" fix_remove
test_that "fix-it: a redundant flush" fix_redundant
test_that "fix-it: not a statement of its own" fix_not_alone
test_that "fix-it: several rules side by side" fix_queues
test_that "fix-it: a new line above a change" fix_adjacent
test_that "fix-it: several items" fix_several
test_that "fix-it: odd lines" fix_odd_lines
test_that "fix-it: never in macros" never_fixed
test_that "fix-it: parseable" parseable_fixits

if ! command -v jq >/dev/null; then
	skip_test "JSON" "no jq"
elif [ "$major" -ge 16 ]; then
	skip_test "JSON" "gcc $major has none"
else
	test_that "JSON" json_findings
	test_that "JSON: paths" json_paths
	test_that "JSON: -Werror" json_werror
fi
if [ "$major" -ge 13 ] && command -v jq >/dev/null; then
	test_that "SARIF" sarif
fi
test_that "two runs" stable
tap_end
