#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# wqlint fix: each input of testsuite-c whose findings it can fix is patched,
# compiled with -Werror and linted again, and so is the sample module and a
# module that needs a queue of its own; what it must refuse, it refuses.

# shellcheck source=tests/fix-lib.sh
. "${srcdir:-.}/tests/fix-lib.sh"

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

	# what is returned is computed
	own_module
	sed -i '0,/^		return ret;/s//		return ret > 0 ? 0 : ret;/
		s/^	own_unregister.*/	if (!own_debug)\n		return;\n&/' "$work/own/main.c"
	nr_proved=0
	proved computed
	expect_equal "$nr_proved" 1 "number of fixed findings"
	expect_text "$tmp/patch" '^\+		ret = ret > 0 \? 0 : ret;' 1
	expect_text "$tmp/patch" '^\+			destroy_workqueue\(own_wq\);' 1
	expect_text "$tmp/patch" '^\+	if \(!own_debug\) \{' 1
}

# A queue of each device: the item is in a part that points to it.
member_module() {
	cat >"$work/no.c" <<'END'
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct own_device;

struct own_pipe {
	struct own_device *device;
	struct work_struct work;
};

/* one device */
struct own_device {
	struct own_pipe pipes[4];
	struct work_struct reset;
	int value;
};

void own_stop(struct own_device *own);
void own_use(struct own_device *own, int value);

static void own_pipe_work(struct work_struct *work)
{
	struct own_pipe *pipe = container_of(work, struct own_pipe, work);

	own_use(pipe->device, 1);
}

static void own_reset(struct work_struct *work)
{
	own_use(container_of(work, struct own_device, reset), 2);
}

void own_complete(struct own_pipe *pipe)
{
	schedule_work(&pipe->work);
}

void own_failed(struct own_device *own)
{
	schedule_work(&own->reset);
}

static int own_probe(struct platform_device *pdev)
{
	struct own_device *own;
	int i;

	own = kzalloc(sizeof(*own), GFP_KERNEL);
	if (!own)
		return -ENOMEM;

	for (i = 0; i < 4; i++) {
		own->pipes[i].device = own;
		INIT_WORK(&own->pipes[i].work, own_pipe_work);
	}
	INIT_WORK(&own->reset, own_reset);
	platform_set_drvdata(pdev, own);
	return 0;
}

static int own_remove(struct platform_device *pdev)
{
	struct own_device *own = platform_get_drvdata(pdev);

	own_stop(own);
	flush_scheduled_work();
	kfree(own);
	return 0;
}

static struct platform_driver own_driver = {
	.probe = own_probe,
	.remove = own_remove,
};
module_platform_driver(own_driver);
END
	database no.c own
}

member_queue() {
	member_module
	nr_proved=0
	cp "$work/no.c" "$tmp/kept.c"
	proved member --own-queue
	expect_equal "$nr_proved" 1 "number of fixed findings"
	cp "$tmp/kept.c" "$work/no.c"
	# less would do: the items have names, those of the pipes in a loop
	fix
	expect_text "$tmp/patch" '^\+		flush_work\(&own->pipes\[i\].work\);' 1
	fix --own-queue
	expect_text "$tmp/patch" '^\+	struct workqueue_struct \*wq;' 1
	expect_text "$tmp/patch" '^\+	own->wq = alloc_workqueue\("own", 0, 0\);' 1
	expect_text "$tmp/patch" '^\+		kfree\(own\);' 1
	expect_text "$tmp/patch" '^\+		return -ENOMEM;' 1
	expect_text "$tmp/patch" '^\+	queue_work\(pipe->device->wq, &pipe->work\);' 1
	expect_text "$tmp/patch" '^\+	queue_work\(own->wq, &own->reset\);' 1
	expect_text "$tmp/patch" '^\+	flush_workqueue\(own->wq\);' 1
	expect_text "$tmp/patch" '^\+	destroy_workqueue\(own->wq\);' 1
}

# What is not clear about the object is for a queue of the module.
member_unclear() {
	member_module
	sed -i 's/^	int value;/&\n	int wq;/' "$work/no.c"
	fix --own-queue
	expect_text "$tmp/patch" '^\+static struct workqueue_struct \*own_wq;' 1
	member_module
	sed -i 's/^void own_failed.*/struct own_device *own_make(void)\n{\n	return kzalloc(sizeof(struct own_device), GFP_KERNEL);\n}\n\n&/' "$work/no.c"
	fix --own-queue
	expect_text "$tmp/patch" '^\+static struct workqueue_struct \*own_wq;' 1
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

# git_own WORD...: in the module's own repository, by nobody in particular.
git_own() {
	git -C "$work" -c user.name=n -c user.email=n@example.org \
		-c commit.gpgsign=false -c init.defaultBranch=main "$@"
}

fixes_lines() {
	local commit

	own_module
	# Whatever the build directory is in, this is no repository.
	export GIT_CEILING_DIRECTORIES=$tmp
	fix --fixes
	expect_equal "$status" 2 "exit status"
	expect_equal "$(cat "$tmp/patch")" "" "patch"
	expect_equal "$(wc -l <"$tmp/err")" 1 "lines of errors"
	expect_text "$tmp/err" '^wqlint: fix: --fixes: .*not a git repository' 1

	git_own init -q
	fix --fixes
	expect_equal "$status" 2 "exit status"
	expect_text "$tmp/err" 'a git repository without a commit' 1
	git_own add own/own.h own/request.c
	git_own commit -q -m 'own: "requests" first'
	fix --fixes
	expect_equal "$status" 0 "exit status"
	expect_text "$tmp/err" 'own/main.c:[0-9]+: no Fixes: line: no such path' 1
	expect_no_text "$tmp/patch" '^Fixes:'

	git_own add own/main.c
	fix --fixes
	expect_text "$tmp/err" 'no Fixes: line: the line is not committed' 1

	git_own commit -q -m 'own: wait for requests'
	commit=$(git_own rev-parse HEAD | cut -c1-12)
	sed -i '1i /* not committed */' "$work/own/main.c"
	fix --fixes
	expect_equal "$(cat "$tmp/err")" "" "errors"
	expect_equal "$(grep '^Fixes:' "$tmp/patch")" \
		"Fixes: $commit (\"own: wait for requests\")" "line"
	(cd "$work" && expect git apply --check "$tmp/patch")

	git_own clone -q --depth 1 "file://$work" "$tmp/shallow"
	rm -rf "$work/.git"
	mv "$tmp/shallow/.git" "$work"
	rm -rf "$tmp/shallow"
	fix --fixes
	expect_text "$tmp/err" 'no Fixes: line: the history does not reach' 1
	expect_no_text "$tmp/patch" '^Fixes:'
	rm -rf "$work/.git"
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

# ---- what must be refused ----

under_lock() {
	refused 'no_lock is held at no.c:21, and the handler of no_work takes it: wait after it is released at no.c:22' <<'END'
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

# The lock is the caller's, whose function is about no queue at all.
under_lock_of_caller() {
	refused 'no_lock is held at no.c:[0-9]+, and the handler of no_work takes it: wait after it is released at no.c:28' <<'END'
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

void no_wait(void)
{
	flush_scheduled_work();
}

void no_stop(int how)
{
	mutex_lock(&no_lock);
	if (how)
		no_wait();
	mutex_unlock(&no_lock);
}
END
}

# advice: what a report says about the flush in the database.
advice() {
	"$WQLINT" run -p "$work/db.json" --fail-level=never --format=json |
		jq -r 'select(.rule == "flush-system-wq") | .suggestion.text'
}

# A report says the same as the refusal, and names the later place.
advice_under_lock() {
	under_lock_of_caller
	advice >"$tmp/advice"
	expect_text "$tmp/advice" 'only after no_lock is released at no.c:28: a handler takes it' 1
}

# What is cancelled on the way is not waited for twice, and it is said so.
waited_before() {
	cat >"$work/no.c" <<'END'
#include <linux/module.h>
#include <linux/workqueue.h>

static void no_handler(struct work_struct *work)
{
}
static DECLARE_WORK(no_work, no_handler);
static DECLARE_DELAYED_WORK(no_later, no_handler);

static int no_init(void)
{
	schedule_work(&no_work);
	schedule_delayed_work(&no_later, HZ);
	return 0;
}

static void no_exit(void)
{
	cancel_work_sync(&no_work);
	flush_scheduled_work();
}
module_init(no_init);
module_exit(no_exit);
END
	database no.c no
	advice >"$tmp/advice"
	expect_text "$tmp/advice" 'queues there: flush_delayed_work\(&no_later\);' 1
	sed -i 's/^	flush_scheduled_work/	cancel_delayed_work_sync(\&no_later);\n&/' "$work/no.c"
	advice >"$tmp/advice"
	expect_text "$tmp/advice" 'has been waited for before: remove the call' 1
	fix --commit-message
	expect_text "$tmp/patch" '^What this module queues on system_wq has been waited for before' 1
	expect_no_text "$tmp/patch" 'is ever queued'
	expect_text "$tmp/patch" '^-	flush_scheduled_work\(\);' 1
}

# ndo_stop() runs with the lock of all net devices held.
under_rtnl() {
	refused 'rtnl_mutex is held at no.c:[0-9]+, and the handler of no_work takes it' <<'END'
#include <linux/module.h>
#include <linux/workqueue.h>

void rtnl_lock(void);
void rtnl_unlock(void);
struct net_device;
struct net_device_ops {
	int (*ndo_open)(struct net_device *dev);
	int (*ndo_stop)(struct net_device *dev);
};

static void no_handler(struct work_struct *work)
{
	rtnl_lock();
	rtnl_unlock();
}
static DECLARE_WORK(no_work, no_handler);

static int no_open(struct net_device *dev)
{
	schedule_work(&no_work);
	return 0;
}

static int no_stop(struct net_device *dev)
{
	flush_scheduled_work();
	return 0;
}

const struct net_device_ops no_ops = {
	.ndo_open = no_open,
	.ndo_stop = no_stop,
};
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

test_that "inputs of testsuite-c are fixed" inputs 127
echo "# $nr_proved findings fixed"
test_that "the sample module is fixed" sample
test_that "a queue of the module's own, over three files" own_queue
test_that "a queue of each device" member_queue
test_that "and of the module, where the device is not clear" member_unclear
test_that "a call that is not compiled is not overlooked" not_compiled
test_that "an init function that returns in #if is refused" conditional_init
test_that "--commit-message" message
test_that "--fixes" fixes_lines
test_that "--in-place" in_place
test_that "--in-place that is interrupted leaves the old file" in_place_fails
test_that "a file that changed since it was linted is refused" stale
test_that "no wait where a lock is held that the handler takes" under_lock
test_that "nor where a caller holds it" under_lock_of_caller
test_that "nor does a report advise it" advice_under_lock
test_that "nor in ndo_stop() for what takes rtnl" under_rtnl
test_that "what was cancelled is not waited for twice" waited_before
test_that "a call in a macro is refused" in_macro
test_that "--step0, --cancel, and what to fix" choices
sort "$tmp/refused" | sed -E 's/^# .*not fixed: /# refused: /; s/[a-z0-9/.-]+:[0-9]+/FILE/' | sort | uniq -c | sed 's/^ */# /'
tap_end
