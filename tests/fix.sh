#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# wqlint fix: each input of testsuite-c whose findings it can fix is patched,
# compiled with -Werror and linted again, and so is the sample module and a
# module that needs a queue of its own; what it must refuse, it refuses.

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

inputs() {
	local file

	nr_proved=0
	for file in "$work"/testsuite-c/*.c; do
		file=${file#"$work/"}
		mapfile -t flags < <(input_flags "$srcdir/$file")
		database "$file" "$(basename "$file" .c | tr - _)" "${flags[@]}"
		strict=$(sed -n '1,10s/^\/\* args:.*\(strict\).*/\1/p' "$srcdir/$file")
		# With an own queue Step 4 is judged, too, and one item of the
		# first cannot be waited for: a lock is held. In the second one
		# is on two shared queues.
		case $file in
		*flush-system-wq-fixits.c | *deprecated-queue-702.c)
			proved "$file" --step0 ;;
		*) proved "$file" ;;
		esac
		sed 's/^/# /' "$tmp/err" >>"$tmp/refused"
	done
	strict=
	[ "$nr_proved" -ge "$1" ] || problem "$nr_proved findings fixed, not $1"
}

sample() {
	{ entry testsuite-c/sample/device.c sample
	  entry testsuite-c/sample/queue.c sample; } | jq -s . >"$work/db.json"
	nr_proved=0
	proved sample
	expect_equal "$nr_proved" 2 "number of fixed findings"
	expect_equal "$status" 0 "exit status"
	expect_text "$tmp/patch" '^\+	queue_work\(sample->wq, &sample->report\);' 1
	expect_text "$tmp/patch" '^-	flush_scheduled_work\(\);' 1
}

# ---- a module that needs a queue of its own: requests without a name ----

own_module() {
	mkdir -p "$work/own"
	cat >"$work/own/own.h" <<'END'
#ifndef OWN_H
#define OWN_H
int own_queue(int value);
extern int own_debug;
#endif
END
	cat >"$work/own/main.c" <<'END'
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/workqueue.h>
#include "own.h"

int own_debug;
int own_register(void);
int own_prepare(void);
void own_unprepare(void);
void own_unregister(void);

static int __init own_init(void)
{
	int ret;

	ret = own_prepare();
	if (ret)
		return ret;

	ret = own_register();
	if (ret)
		goto err_unprepare;
	return 0;

err_unprepare:
	own_unprepare();
	return ret;
}

static void __exit own_exit(void)
{
	own_unregister();
	flush_scheduled_work();
	own_unprepare();
}

module_init(own_init);
module_exit(own_exit);
MODULE_LICENSE("GPL");
END
	cat >"$work/own/request.c" <<'END'
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "own.h"

struct own_request {
	struct work_struct work;
	int value;
};

static void own_work(struct work_struct *work)
{
	kfree(container_of(work, struct own_request, work));
}

/* schedule_work() in a comment is nobody's business */
int own_queue(int value)
{
	struct own_request *request = kzalloc(sizeof(*request), GFP_KERNEL);

	if (!request)
		return -ENOMEM;
	request->value = value;
	INIT_WORK(&request->work, own_work);
	schedule_work(&request->work);
	return 0;
}
END
	{ entry own/main.c own/own; entry own/request.c own/own; } |
		jq -s . >"$work/db.json"
}

own_queue() {
	own_module
	nr_proved=0
	proved own
	expect_equal "$nr_proved" 1 "number of fixed findings"
	expect_text "$tmp/patch" '^\+extern struct workqueue_struct \*own_wq;' 1
	expect_text "$tmp/patch" '^\+	own_wq = alloc_workqueue\("own_wq", 0, 0\);' 1
	expect_text "$tmp/patch" '^\+		goto err_destroy_own_wq;' 1
	expect_text "$tmp/patch" '^\+	destroy_workqueue\(own_wq\);' 2
	expect_text "$tmp/patch" '^\+	queue_work\(own_wq, &request->work\);' 1
	expect_text "$tmp/patch" '^\+	flush_workqueue\(own_wq\);' 1
}

not_compiled() {
	own_module
	cat >>"$work/own/request.c" <<'END'
#ifdef CONFIG_NEVER
void own_never(struct work_struct *work)
{
	schedule_work(work);
}
#endif
END
	fix
	expect_equal "$status" 1 "exit status"
	expect_equal "$(cat "$tmp/patch")" "" "patch"
	expect_text "$tmp/err" 'not fixed: own/request.c:[0-9]+: this call is not compiled' 1
}

conditional_init() {
	own_module
	sed -i 's/^	ret = own_register/#ifndef X\n&/; s/^	return 0;/#endif\n&/
		s/goto err_unprepare/return ret/' "$work/own/main.c"
	fix
	expect_equal "$status" 1 "exit status"
	expect_equal "$(cat "$tmp/patch")" "" "patch"
	expect_text "$tmp/err" 'returns in conditional compilation' 1
}

message() {
	own_module
	fix --commit-message
	expect_text "$tmp/patch" '^own: Use an own workqueue instead of system_wq$' 1
	expect_text "$tmp/patch" '^---$' 1
	expect_no_text <(sed '/^---$/q' "$tmp/patch") '.{73}'
	(cd "$work" && expect git apply --check "$tmp/patch")
}

in_place() {
	own_module
	fix
	cp -r "$work/own" "$tmp/patched"
	(cd "$tmp/patched" && expect patch -s -p2 <"$tmp/patch")
	fix --in-place
	expect_equal "$status" 0 "exit status"
	expect_equal "$(cat "$tmp/patch")" "" "stdout"
	expect diff -r "$tmp/patched" "$work/own"
	expect_equal "$(find "$work/own" -name '*wqlint*')" "" "what is left behind"
}

# own_facts: sets "facts" to a directory with facts of the module.
own_facts() {
	local unit

	own_module
	facts=$tmp/facts
	rm -rf "$facts"
	mkdir "$facts"
	for unit in main request; do
		(cd "$work" && compile -O2 -fplugin="$WQLINT_PLUGIN" \
			-fplugin-arg-wqlint-facts="$facts" -UKBUILD_MODNAME \
			'-DKBUILD_MODNAME="own"' -UKBUILD_MODFILE \
			'-DKBUILD_MODFILE="own/own"' -c -o /dev/null "own/$unit.c")
	done
}

# Writing is cut short by the limit on file sizes, which not even root escapes.
in_place_fails() {
	own_facts
	cp -r "$work/own" "$tmp/old"
	(trap '' XFSZ; ulimit -f 0
	 "$WQLINT" fix --in-place "$facts" 2>&1; echo "status $?") |
		cat >"$tmp/out"
	expect_text "$tmp/out" '^status 2$' 1
	expect_text "$tmp/out" 'own/main.c: not written: File too large' 1
	expect diff -r "$tmp/old" "$work/own"
}

stale() {
	own_facts
	"$WQLINT" fix "$facts" >"$tmp/patch" 2>"$tmp/err"
	expect_equal $? 0 "exit status"
	expect_text "$tmp/patch" '^\+\+\+ ' 3
	touch -d '+1 minute' "$work/own/request.c"
	"$WQLINT" fix "$facts" >"$tmp/patch" 2>"$tmp/err"
	expect_equal $? 1 "exit status"
	expect_equal "$(cat "$tmp/patch")" "" "patch"
	expect_text "$tmp/err" 'not fixed: own/request.c changed after it was linted' 1
}

# ---- queues: on the way out, tested, waited for, and by their new names ----

# one_input FILE: fix prints the patch of one input of testsuite-c.
one_input() {
	cp "$srcdir/testsuite-c/$1" "$work/testsuite-c/"
	chmod u+w "$work/testsuite-c/$1"
	database "testsuite-c/$1" "$(basename "$1" .c | tr - _)"
	fix "${@:2}"
}

# hunk REGEX: the lines after the first one that matches, up to an empty one.
hunk() {
	sed -nE "/$1/,/^.?\$/p" "$tmp/patch"
}

ways_out() {
	one_input missing-destroy-ways.c --types=missing-destroy
	expect_equal "$status" 1 "exit status"
	expect_text "$tmp/err" 'not fixed:' 1
	expect_text "$tmp/err" ':234: what is set up here can still queue on it' 1
	expect_equal "$(hunk '^.err_destroy_wq:')" "+err_destroy_wq:
+	destroy_workqueue(labels->wq);
+" "the new label"
	expect_equal "$(hunk '^.out_stop:')" " out_stop:
 	stop_hardware(through);
+	destroy_workqueue(through->wq);
 out_free:
 	kfree(through);
 	return ret;
@@ -141,16 +145,20 @@
 " "what all fall through"
	expect_text "$tmp/patch" '^\+		goto err_destroy_bad_many_wq;' 3
	expect_equal "$(hunk '^.err_destroy_bad')" "+err_destroy_bad_many_wq:
+	destroy_workqueue(bad_many_wq);
+	return ret;
 }
 " "the label that many share"
	expect_text "$tmp/patch" '^\+		bad_call_cleanup\(\);' 2
	expect_text "$tmp/patch" '^\+	ret = enable_hardware\(pdev\);' 1
}

old_label() {
	one_input missing-destroy.c --types=missing-destroy
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	expect_text "$tmp/patch" '^\+		goto err_destroy;' 1
	expect_text "$tmp/patch" '^\+	destroy_workqueue\(lamp->wq\);' 1
	expect_text "$tmp/patch" '^\+		destroy_workqueue\(pair->first\);' 1
	expect_text "$tmp/patch" '^\+	if \(!pair->second\) \{' 1
}

# A way out that only some configurations have is not touched.
conditional_way() {
	sed 's/^	ret = enable_hardware(labels);/#ifdef X\n&/
		s/^	queue_work(labels->wq.*/#endif\n&/' \
		"$srcdir/testsuite-c/missing-destroy-ways.c" >"$work/ways.c"
	sed -i 's/^	ret = start_hardware(labels);/#ifndef X\n&/
		s/^#ifdef X/#endif\n&/' "$work/ways.c"
	database ways.c ways
	fix --types=missing-destroy
	expect_text "$tmp/err" 'ways.c:[0-9]+: this way out is in conditional' 1
	expect_no_text "$tmp/patch" 'labels->wq'
}

untested() {
	one_input unchecked-alloc.c --types=unchecked-alloc
	expect_text "$tmp/patch" '^\+	if \(!never->wq\)' 1
	expect_text "$tmp/patch" '^\+		return -ENOMEM;' 2
	expect_text "$tmp/err" ':53: .*tested here, after it was used' 1
	expect_text "$tmp/err" ':77: .*label->wq is tested, and used' 1
}

# The label of what fails next, with the error number that it returns.
untested_label() {
	cat >"$work/no.c" <<'END'
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct no {
	struct workqueue_struct *wq;
	struct work_struct work;
};

int no_start(struct no *no);

static void no_handler(struct work_struct *work)
{
}

struct no *no_device;

int no_init(void)
{
	struct no *no = kzalloc(sizeof(*no), GFP_KERNEL);
	int err;

	if (!no)
		return -ENOMEM;
	INIT_WORK(&no->work, no_handler);
	no->wq = alloc_workqueue("no", 0, 0);
	err = no_start(no);
	if (err)
		goto err_wq;
	queue_work(no->wq, &no->work);
	no_device = no;
	return 0;

err_wq:
	destroy_workqueue(no->wq);
err_free:
	kfree(no);
	return err;
}

void no_exit(struct no *no)
{
	destroy_workqueue(no->wq);
	kfree(no);
}
END
	sed -i 's/^err_free:$/err_no:/' "$work/no.c"
	database no.c no
	fix --types=unchecked-alloc
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	expect_text "$tmp/patch" '^\+		err = -ENOMEM;' 1
	expect_text "$tmp/patch" '^\+		goto err_no;' 1
}

late_items() {
	one_input delayed-not-covered-fixits.c --types=delayed-not-covered
	expect_text "$tmp/patch" '^\+	if \(tested->wq\) \{' 1
	expect_text "$tmp/patch" '^\+		cancel_delayed_work_sync\(&tested->timeout\);' 1
	expect_text "$tmp/patch" '^\+	cancel_delayed_work_sync\(&item\);' 1
	expect_text "$tmp/err" 'not fixed:' 1
	expect_text "$tmp/err" 'of.timeout has no plain name' 1
}

redundant() {
	one_input redundant-flush.c --types=redundant-flush --strict
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	expect_text "$tmp/patch" '^\+	if \(session->other_wq\)$' 1
	expect_text "$tmp/patch" '^-	\}' 1
}

# A comment goes with the call when nothing else is below it.
comments() {
	cat >"$work/no.c" <<'END'
#include <linux/module.h>
#include <linux/workqueue.h>

void no_stop(void);

void no_exit(void)
{
	no_stop();
	/*
	 * Wait for the work.
	 */
	flush_scheduled_work();
}

void no_other(void)
{
	/* Wait, and then stop. */
	flush_scheduled_work();
	no_stop();
}
END
	database no.c no
	fix
	expect_text "$tmp/patch" '^-	 \* Wait for the work' 1
	expect_no_text "$tmp/patch" 'and then stop'
	expect_text "$tmp/err" 'no.c:18: a comment above the call is about it' 1
}

new_names() {
	strict=strict
	one_input deprecated-queue.c --types=deprecated-queue
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	expect_text "$tmp/patch" 'alloc_ordered_workqueue\("%s", WQ_MEM_RECLAIM,' 2
	expect_text "$tmp/patch" '^\+					       name\);' 1
	strict=
}

# ---- what must be refused ----

refused() {
	cat >"$work/no.c"
	database no.c no
	fix "${@:2}"
	expect_equal "$status" 1 "exit status"
	expect_equal "$(cat "$tmp/patch")" "" "patch"
	expect_text "$tmp/err" "not fixed: .*$1" 1
}

under_lock() {
	refused 'is held there, and the handler of no_work takes it' <<'END'
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

static DEFINE_MUTEX(no_lock);
static void no_handler(struct work_struct *work)
{
	mutex_lock(&no_lock);
	mutex_unlock(&no_lock);
}
static DECLARE_WORK(no_work, no_handler);

void no_start(void)
{
	schedule_work(&no_work);
}

void no_stop(void)
{
	mutex_lock(&no_lock);
	flush_scheduled_work();
	mutex_unlock(&no_lock);
}
END
}

in_macro() {
	refused 'in a macro' <<'END'
#include <linux/module.h>
#include <linux/workqueue.h>

#define WAIT_FOR_ALL() flush_scheduled_work()
static void no_handler(struct work_struct *work)
{
}
static DECLARE_WORK(no_work, no_handler);

void no_start(void)
{
	schedule_work(&no_work);
}

void no_stop(void)
{
	WAIT_FOR_ALL();
}
END
}

choices() {
	cat >"$work/no.c" <<'END'
#include <linux/module.h>
#include <linux/workqueue.h>

static void no_handler(struct work_struct *work)
{
}
static DECLARE_WORK(no_work, no_handler);

void no_start(void)
{
	schedule_work(&no_work);
}

void no_stop(void)
{
	flush_scheduled_work();
}
END
	database no.c no
	fix
	expect_text "$tmp/patch" '^\+	flush_work\(&no_work\);' 1
	fix --cancel
	expect_text "$tmp/patch" '^\+	cancel_work_sync\(&no_work\);' 1
	fix --step0 --cancel
	expect_equal "$status" 2 "exit status"
	expect_text "$tmp/err" 'only one of' 1
	fix no.c:16
	expect_text "$tmp/patch" '^\+	flush_work' 1
	fix no.c:1
	expect_equal "$status" 2 "exit status"
	expect_text "$tmp/err" 'no finding is of no.c:1' 1
	fix nobody.c
	expect_equal "$status" 2 "exit status"
	expect_equal "$(cat "$tmp/patch")" "" "patch"
}

test_that "inputs of testsuite-c are fixed" inputs 128
echo "# $nr_proved findings fixed"
test_that "the sample module is fixed" sample
test_that "a queue of the module's own, over three files" own_queue
test_that "a call that is not compiled is not overlooked" not_compiled
test_that "an init function that returns in #if is refused" conditional_init
test_that "--commit-message" message
test_that "--in-place" in_place
test_that "--in-place that is interrupted leaves the old file" in_place_fails
test_that "a file that changed since it was linted is refused" stale
test_that "ways out: labels, returns, a helper" ways_out
test_that "a label that is there already, and remove" old_label
test_that "a way out in conditional compilation is refused" conditional_way
test_that "an allocation that nobody tests" untested
test_that "the label that the neighbours use" untested_label
test_that "delayed items are cancelled before their queue goes" late_items
test_that "a flush before destroy_workqueue(), and its braces" redundant
test_that "a comment goes with what it is about" comments
test_that "create_*workqueue()" new_names
test_that "no wait where a lock is held that the handler takes" under_lock
test_that "a call in a macro is refused" in_macro
test_that "--step0, --cancel, and what to fix" choices
sort "$tmp/refused" | sed -E 's/^# .*not fixed: /# refused: /; s/[a-z0-9/.-]+:[0-9]+/FILE/' | sort | uniq -c | sed 's/^ */# /'
tap_end
