#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# wqlint fix and the life of queues: on the way out, tested, waited for, and by
# their new names.

# shellcheck source=tests/fix-lib.sh
. "${srcdir:-.}/tests/fix-lib.sh"

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

# What the queue is in is freed on the way out.
before_the_free() {
	one_input missing-destroy-returns.c --types=missing-destroy
	expect_equal "$status" 1 "exit status"
	expect_text "$tmp/err" 'not fixed:' 1
	expect_text "$tmp/err" ':[0-9]+: what the queue is in may be freed here already' 1
	expect_equal "$(hunk '^.	ret = start_hardware\(tail')" " 	ret = start_hardware(tail);
-	if (ret)
+	if (ret) {
+		destroy_workqueue(tail->wq);
 		kfree(tail);
+	}
 	return ret;
 }
 " "one statement"
	expect_text "$tmp/patch" '^\+	if \(ret < 0\) \{' 1
	expect_equal "$(hunk '^.	if \(ret\) \{$' | sed '1,/show_hardware/d')" \
"+		destroy_workqueue(block->wq);
 		kfree(block);
 		return ret;
 	}" "a block"
	expect_text "$tmp/patch" '^\+.*block->wq' 1
	expect_no_text "$tmp/patch" 'later'
}

# Its queue is destroyed in the end: one more wait there would not help.
wait_on_failure() {
	one_input missing-destroy-returns.c --types=uncancelled-work
	expect_equal "$(cat "$tmp/patch")" "" "the patch"
	expect_text "$tmp/err" 'waits for it, and where another wait is needed is not clear' 4
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
	one_input deprecated-queue.c --types=deprecated-queue --commit-message
	expect_text "$tmp/patch" '^create_workqueue\(\) is deprecated' 1
	expect_text "$tmp/patch" '^create_singlethread_workqueue\(\) is deprecated' 1
	expect_text "$tmp/patch" '^The flags are those that it stands for' 1
	expect_equal "$(grep -v ':41: .*: a handler on it waits' "$tmp/err")" "" "stderr"
	expect_text "$tmp/patch" 'alloc_ordered_workqueue\("%s", WQ_MEM_RECLAIM,' 2
	expect_text "$tmp/patch" '^\+					       name\);' 1
	strict=
}

# Who listens came with the queue, and teardown ends that first.
together() {
	refused ':32: elsewhere release_listener.. comes before the queue is destroyed' \
		--types=missing-destroy <<'END'
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct listener { int id; };
int init_listener(struct listener *listener);
void release_listener(struct listener *listener);
int start_line(struct platform_device *pdev);

struct no_radio {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct listener listener;
};

static int no_start(struct no_radio *radio)
{
	int ret = init_listener(&radio->listener);

	if (ret)
		return ret;
	radio->wq = alloc_workqueue("radio", 0, 0);
	if (!radio->wq)
		return -ENOMEM;
	return 0;
}

static void no_stop(struct no_radio *radio)
{
	/* it queues */
	release_listener(&radio->listener);
	destroy_workqueue(radio->wq);
}

static int no_probe(struct platform_device *pdev)
{
	struct no_radio *radio = kzalloc(sizeof(*radio), GFP_KERNEL);
	int ret;

	if (!radio)
		return -ENOMEM;
	ret = no_start(radio);
	if (ret)
		goto free_radio;
	ret = start_line(pdev);
	if (ret)
		goto free_radio;
	platform_set_drvdata(pdev, radio);
	return 0;
free_radio:
	kfree(radio);
	return ret;
}

static int no_remove(struct platform_device *pdev)
{
	struct no_radio *radio = platform_get_drvdata(pdev);

	no_stop(radio);
	kfree(radio);
	return 0;
}

struct platform_driver no_driver = {
	.probe = no_probe,
	.remove = no_remove,
};
END
	# a listener that was there before is none of the queue's
	sed -i -e 's/= init_listener(&radio->listener)/= 0/' "$work/no.c"
	database no.c no
	fix --types=missing-destroy
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	expect_text "$tmp/patch" '^\+	destroy_workqueue\(radio->wq\);' 1
}

# Without __WQ_LEGACY the kernel would warn of this wait.
hidden_wait() {
	strict=strict
	refused ':10: a handler on it waits here for a queue without' \
		--types=deprecated-queue <<'END'
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *no_wq, *no_other;
static void no_other_handler(struct work_struct *work)
{
}
static void no_handler(struct work_struct *work)
{
	flush_workqueue(no_other);
}
static DECLARE_WORK(no_work, no_handler);
static DECLARE_WORK(no_other_work, no_other_handler);

int no_start(void)
{
	no_wq = create_workqueue("no");
	no_other = alloc_workqueue("other", 0, 0);
	if (!no_wq || !no_other)
		return -ENOMEM;
	queue_work(no_wq, &no_work);
	queue_work(no_other, &no_other_work);
	return 0;
}

void no_stop(void)
{
	destroy_workqueue(no_wq);
	destroy_workqueue(no_other);
}
END
	strict=
}

# A doubt is enough: other modules could queue an item of this struct, too.
possible_wait() {
	strict=strict
	cat >"$work/no.h" <<'END'
#include <linux/module.h>
#include <linux/workqueue.h>

struct no_device {
	struct work_struct stop_work, inject_work;
};
END
	refused ':10: a handler on it waits here for a queue without' \
		--types=deprecated-queue <<'END'
#include "no.h"

static struct workqueue_struct *no_wq;

static void no_stop_handler(struct work_struct *work)
{
	struct no_device *no = container_of(work, struct no_device,
					    stop_work);

	flush_work(&no->inject_work);
}

static void no_inject_handler(struct work_struct *work)
{
}

int no_start(struct no_device *no)
{
	INIT_WORK(&no->stop_work, no_stop_handler);
	INIT_WORK(&no->inject_work, no_inject_handler);
	no_wq = create_singlethread_workqueue("no");
	return no_wq ? 0 : -ENOMEM;
}

void no_inject(struct no_device *no)
{
	schedule_work(&no->inject_work);
}

void no_stop(struct no_device *no)
{
	queue_work(no_wq, &no->stop_work);
}
END
	# an item that is on the queue, too, in its turn
	sed -i 's/schedule_work(/queue_work(no_wq, /' "$work/no.c"
	database no.c no
	fix --types=deprecated-queue
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	expect_text "$tmp/patch" 'alloc_ordered_workqueue\("no", WQ_MEM_RECLAIM\);' 1
	strict=
}

# The same in a core, which calls back before it waits: unregister_netdev()
# and, through ndo_stop, phylink_stop().
core_wait() {
	strict=strict
	refused ':17: a handler on it waits here for a queue without' \
		--types=deprecated-queue <<'END'
#include <linux/module.h>
#include <linux/workqueue.h>

struct net_device;
struct net_device_ops {
	int (*ndo_open)(struct net_device *dev);
	int (*ndo_stop)(struct net_device *dev);
};
void dev_close(struct net_device *dev);
void phylink_start(struct net_device *dev);
void phylink_stop(struct net_device *dev);

static struct workqueue_struct *no_wq;
static struct net_device *no_dev;
static int no_ndo_stop(struct net_device *dev)
{
	phylink_stop(dev);
	return 0;
}
const struct net_device_ops no_ops = { .ndo_stop = no_ndo_stop };

static void no_handler(struct work_struct *work)
{
	dev_close(no_dev);
}
static DECLARE_WORK(no_work, no_handler);

int no_start(void)
{
	no_wq = create_singlethread_workqueue("no");
	if (!no_wq)
		return -ENOMEM;
	queue_work(no_wq, &no_work);
	return 0;
}

void no_stop(void)
{
	destroy_workqueue(no_wq);
}
END
	# a handler that leads to no wait
	sed -i -e 's/dev_close(no_dev)/phylink_start(no_dev)/' "$work/no.c"
	database no.c no
	fix --types=deprecated-queue
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	expect_text "$tmp/patch" 'alloc_ordered_workqueue\("no", WQ_MEM_RECLAIM\);' 1
	strict=
}

# Flags that are too long for a line are broken, a name is not.
long_flags() {
	strict=strict
	cat >"$work/no.c" <<'END'
#include <linux/module.h>
#include <linux/workqueue.h>

#define NO_NAME "no"

struct workqueue_struct *no_first_workqueue, *no_other_workqueue;

int no_start(void)
{
	no_first_workqueue = create_freezable_workqueue("no_first_workqueue");
	if (!no_first_workqueue)
		return -ENOMEM;
	no_other_workqueue = create_freezable_workqueue(NO_NAME);
	return no_other_workqueue ? 0 : -ENOMEM;
}
END
	database no.c no
	fix --types=deprecated-queue
	grep '^+	' "$tmp/patch" >"$tmp/added"
	expect_equal "$(cat "$tmp/added")" \
"+	no_first_workqueue = alloc_workqueue(\"no_first_workqueue\",
+					     WQ_FREEZABLE | WQ_UNBOUND |
+					     WQ_MEM_RECLAIM, 1);
+	no_other_workqueue = alloc_workqueue(\"%s\",
+					     WQ_FREEZABLE | WQ_UNBOUND |
+					     WQ_MEM_RECLAIM, 1, NO_NAME);" "added lines"
	strict=
}

test_that "ways out: labels, returns, a helper" ways_out
test_that "before what the queue is in is freed" before_the_free
test_that "no wait in remove for what a failing probe lacks" wait_on_failure
test_that "a label that is there already, and remove" old_label
test_that "a way out in conditional compilation is refused" conditional_way
test_that "an allocation that nobody tests" untested
test_that "the label that the neighbours use" untested_label
test_that "delayed items are cancelled before their queue goes" late_items
test_that "a flush before destroy_workqueue(), and its braces" redundant
test_that "a comment goes with what it is about" comments
test_that "what came with the queue must go with it" together
test_that "create_*workqueue()" new_names
test_that "a wait that create_*workqueue() hides is refused" hidden_wait
test_that "so is one that may be" possible_wait
test_that "so is one in a core" core_wait
test_that "create_freezable_workqueue() gets lines of 80 columns" long_flags
tap_end
