#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# wqlint fix: where in teardown it puts a wait, by what means, and where it
# refuses to, because the wait would come too early, too late or never.

# shellcheck source=tests/fix-lib.sh
. "${srcdir:-.}/tests/fix-lib.sh"

# device_module PROBE REMOVE [BEFORE]: a driver whose interrupt queues an item,
# with these lines in its functions and before them.
device_module() {
	cat >"$work/no.c" <<END
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct no_device {
	struct work_struct work, other;
	struct mutex lock;
	void *base;
};

void touch(struct no_device *no);
void iounmap(void *base);
void no_close(struct no_device *no);
void no_unregister(struct no_device *no);
$3
static void no_work(struct work_struct *work)
{
	touch(container_of(work, struct no_device, work));
}

static irqreturn_t no_irq(int irq, void *data)
{
	struct no_device *no = data;

	schedule_work(&no->work);
	return IRQ_HANDLED;
}

static int no_probe(struct platform_device *pdev)
{
	struct no_device *no;
	int ret;

	$1
	platform_set_drvdata(pdev, no);
	return ret;
}

static int no_remove(struct platform_device *pdev)
{
	struct no_device *no = platform_get_drvdata(pdev);

	$2
	return 0;
}

static struct platform_driver no_driver = {
	.probe = no_probe,
	.remove = no_remove,
};
module_platform_driver(no_driver);
END
	database no.c no
}

plain_probe='no = kzalloc(sizeof(*no), GFP_KERNEL);
	if (!no)
		return -ENOMEM;
	INIT_WORK(&no->work, no_work);
	ret = request_irq(5, no_irq, 0, "no", no);'

before_means() {
	device_module "$plain_probe" 'free_irq(5, no);
	mutex_destroy(&no->lock);
	iounmap(no->base);
	kfree(no);' 'void mutex_destroy(struct mutex *lock);'
	fixed ' 	*free_irq.5, no.;[|]\+ *cancel_work_sync\(&no->work\);[|] +mutex_destroy'
	# the interrupt may queue it after its means went
	device_module "$plain_probe" 'iounmap(no->base);
	free_irq(5, no);
	kfree(no);'
	not_fixed 'goes back and forth: iounmap\(\) at line [0-9]+ .* free_irq\(\) at line'
	# nobody knows what it does
	device_module "$plain_probe" 'free_irq(5, no);
	no_close(no);
	kfree(no);'
	not_fixed 'goes back and forth: no_close\(\)'
	# one statement does both
	device_module "$plain_probe" 'if (no->base) {
		no_unregister(no);
		iounmap(no->base);
	}
	kfree(no);'
	not_fixed 'one statement may stop who queues the item'
}

one_of_many() {
	device_module "$plain_probe" 'free_irq(5, no);
	touch(&no[1]);
	kfree(no);'
	not_fixed 'no is an array, and each element has the item'
	device_module "$plain_probe" 'free_irq(5, no);
	if (no)
		touch(no);
	kfree(no);'
	not_fixed 'no may be NULL here'
}

bound_late() {
	device_module 'no = kzalloc(sizeof(*no), GFP_KERNEL);
	if (!no)
		return -ENOMEM;
	ret = request_irq(5, no_irq, 0, "no", no);' 'free_irq(5, no);
	kfree(no);'
	sed -i 's/^	schedule_work(&no->work);/	INIT_WORK(\&no->work, no_work);\n&/' "$work/no.c"
	not_fixed 'gets its handler only where it is queued'
}

beside_sibling() {
	local handler='static void no_other(struct work_struct *work)
{
	schedule_work(\&container_of(work, struct no_device, other)->work);
}
'

	device_module "$plain_probe
	INIT_WORK(&no->other, no_other);" 'free_irq(5, no);
	cancel_work_sync(&no->other);
	kfree(no);' 'static void no_other(struct work_struct *work);'
	sed -i "s/^static int no_probe/${handler//$'\n'/\\n}\n&/
		s/^	schedule_work(&no->work);/	schedule_work(\&no->other);/" "$work/no.c"
	fixed ' +cancel_work_sync\(&no->other\);[|]\+ *cancel_work_sync\(&no->work\);'
	# beside it, but only in some configurations
	device_module "$plain_probe
	INIT_WORK(&no->other, no_work);" 'free_irq(5, no);
#ifndef CONFIG_NEVER
	cancel_work_sync(&no->other);
#endif
	kfree(no);'
	sed -i "s/^	schedule_work(&no->work);/&\\n	schedule_work(\\&no->other);/" "$work/no.c"
	fixed '#endif[|]\+ *cancel_work_sync\(&no->work\);'
}

# Which of two remove functions: the one of the probe that binds the item.
two_removes() {
	device_module "$plain_probe" 'free_irq(5, no);'
	sed -i 's/kzalloc(/devm_kzalloc(\&pdev->dev, /' "$work/no.c"
	cat >>"$work/no.c" <<'END'

static int no_other_remove(struct platform_device *pdev)
{
	touch(platform_get_drvdata(pdev));
	return 0;
}

struct no_other_ops {
	int (*remove)(struct platform_device *pdev);
};

struct no_other_ops no_other_ops = {
	.remove = no_other_remove,
};
END
	fixed 'free_irq\(5, no\);[|]\+ *cancel_work_sync\(&no->work\);[|] +return 0;'
}

managed_probe='no = devm_kzalloc(&pdev->dev, sizeof(*no), GFP_KERNEL);
	if (!no)
		return -ENOMEM;
	INIT_WORK(&no->work, no_work);
	ret = devm_request_irq(&pdev->dev, 5, no_irq, 0, "no", no);'

by_devres() {
	mkdir -p "$work/include/linux"
	cp "$work/testsuite-c/include/linux/devm-helpers.h" "$work/include/linux"
	device_module "$managed_probe" 'no_unregister(no);'
	fixed '\+ *ret = devm_work_autocancel\(&pdev->dev, &no->work, no_work\);[|]\+ *if \(ret\)[|]\+ *return ret;[|] +ret = devm_request_irq'
	expect_text "$tmp/patch" '^\+#include <linux/devm-helpers.h>$' 1
	# the error path would have something to undo
	device_module "${managed_probe/INIT_WORK/no->base = ioremap(5);
	INIT_WORK}" 'no_unregister(no);' 'void *ioremap(int number);
int no_register(void);'
	sed -i 's/ioremap(5);/&\n	no_register();/' "$work/no.c"
	not_fixed 'no_register\(\) may get something that would have to be undone'
	rm -r "$work/include"
	device_module "$managed_probe" 'no_unregister(no);'
	not_fixed 'this kernel has no devm_work_autocancel\(\)'
}

# Step 4 on queues that are there.
existing_queues() {
	local probe='no = kzalloc(sizeof(*no), GFP_KERNEL);
	if (!no)
		return -ENOMEM;
	INIT_WORK(&no->work, no_work);
	INIT_WORK(&no->other, no_work);
	no->base = QUEUE;
	queue_work(no->base, &no->other);
	ret = request_irq(5, no_irq, 0, "no", no);'
	local remove='free_irq(5, no);
	destroy_workqueue(no->base);
	kfree(no);'

	device_module "${probe/QUEUE/alloc_workqueue(\"no\", 0, 0)}" "$remove"
	sed -i 's/void \*base;/struct workqueue_struct *base;/' "$work/no.c"
	fixed '\+ *queue_work\(no->base, &no->work\);'
	device_module "${probe/QUEUE/alloc_ordered_workqueue(\"no\", 0)}" "$remove"
	sed -i 's/void \*base;/struct workqueue_struct *base;/' "$work/no.c"
	fix
	expect_no_text "$tmp/patch" 'queue_work\(no->base, &no->work\)'
}

# The interrupt can queue it again after a wait that is too early.
before_the_irq() {
	device_module "$plain_probe" 'touch(no);
	kfree(no);'
	not_fixed 'the interrupt that queues .* is not seen to be freed before'
	device_module "$plain_probe" 'touch(no);
	no_shut(no);
	kfree(no);' 'static void no_shut(struct no_device *no)
{
	free_irq(5, no);
}'
	fixed 'no_shut.no.;[|]\+ *cancel_work_sync\(&no->work\);[|] +kfree'
}

# Is it bound whenever the device is there?
bound_sometimes() {
	local gone='free_irq(5, no);
	kfree(no);'

	device_module "$plain_probe" "$gone"
	sed -i 's/^	INIT_WORK(/	if (pdev->id)\n&/' "$work/no.c"
	not_fixed 'which not every way comes by'
	device_module "$plain_probe" "$gone"
	sed -i 's/^	INIT_WORK(.*/#ifndef NO_OPTION\n&\n#endif/' "$work/no.c"
	not_fixed 'is initialised only in some configurations'
	# by another function than the one that allocates
	device_module "$plain_probe" "$gone" 'static void no_work(struct work_struct *work);
void no_bind(struct no_device *no)
{
	INIT_WORK_OF(&no->work, no_work);
}'
	sed -i '/^	INIT_WORK(/d; s/INIT_WORK_OF/INIT_WORK/' "$work/no.c"
	not_fixed 'no_probe\(\) does not come by when it allocates'
}

# A device that ends before the module does, and with it what a handler uses.
after_the_device() {
	cat >"$work/no.c" <<-'END'
	#include <linux/module.h>
	#include <linux/platform_device.h>
	#include <linux/slab.h>
	#include <linux/workqueue.h>

	void touch(void *data);
	static void *no_data;

	static void no_work(struct work_struct *work)
	{
		touch(no_data);
	}
	static DECLARE_WORK(no_item, no_work);

	static int no_probe(struct platform_device *pdev)
	{
		no_data = pdev;
		schedule_work(&no_item);
		return 0;
	}

	static int no_remove(struct platform_device *pdev)
	{
		no_data = NULL;
		return 0;
	}

	static struct platform_driver no_driver = {
		.probe = no_probe,
		.remove = no_remove,
	};

	static int __init no_init(void)
	{
		return platform_driver_register(&no_driver);
	}

	static void __exit no_exit(void)
	{
		platform_driver_unregister(&no_driver);
	}
	module_init(no_init);
	module_exit(no_exit);
	END
	database no.c no
	not_fixed 'the handler may work with a device that has gone before no_exit\(\) ends'
}

# The handler works with what was given to an unregister function.
after_its_means() {
	local handler='struct supply;
struct no_holder { struct supply *supply; struct work_struct work; };
void supply_changed(struct supply *supply);
void supply_unregister(struct supply *supply);
void supply_free(struct supply *supply);'

	cat >"$work/no.c" <<-END
	#include <linux/module.h>
	#include <linux/platform_device.h>
	#include <linux/slab.h>
	#include <linux/workqueue.h>

	$handler

	static void no_work(struct work_struct *work)
	{
		struct no_holder *no = container_of(work, struct no_holder, work);

		supply_changed(no->supply);
	}

	static int no_probe(struct platform_device *pdev)
	{
		struct no_holder *no = kzalloc(sizeof(*no), GFP_KERNEL);

		if (!no)
			return -ENOMEM;
		INIT_WORK(&no->work, no_work);
		schedule_work(&no->work);
		platform_set_drvdata(pdev, no);
		return 0;
	}

	static int no_remove(struct platform_device *pdev)
	{
		struct no_holder *no = platform_get_drvdata(pdev);

		supply_unregister(no->supply);
		kfree(no);
		return 0;
	}

	static struct platform_driver no_driver = {
		.probe = no_probe,
		.remove = no_remove,
	};
	module_platform_driver(no_driver);
	END
	database no.c no
	not_fixed 'supply_unregister\(\) may let go of what the handler works with'
	# What has a call of its own to free it is there until then.
	sed -i 's/^kfree(no);$/supply_free(no->supply);\n&/' "$work/no.c"
	fixed 'supply_unregister.*[|]\+ *cancel_work_sync\(&no->work\);[|] +supply_free'
	# A handler that waits for what teardown has ended.
	sed -i 's/^supply_changed(no->supply);$/while (!no->supply)\n\tmsleep(10);/
		s/^void supply_free/void msleep(unsigned int ms);\n&/' "$work/no.c"
	not_fixed 'the handler sleeps here until something comes'
}

test_that "a wait before the means of the handler go" before_means
test_that "not for one of many, or none" one_of_many
test_that "not for what may have no handler" bound_late
test_that "not before the interrupt that queues it is freed" before_the_irq
test_that "not for what is bound in some cases only" bound_sometimes
test_that "not where the device of the handler has gone" after_the_device
test_that "not where its means have gone, or it may never end" after_its_means
test_that "after the wait for the sibling that queues it" beside_sibling
test_that "the remove function of the probe function" two_removes
test_that "by devres" by_devres
test_that "not on a queue that runs one after the other" existing_queues
tap_end
