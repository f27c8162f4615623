/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * missing-destroy: one return for success and failure, which a test before it
 * has told apart. What becomes of each is in tests/fix-queues.sh.
 */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

int start_hardware(void *data);
int watch_hardware(void *data);
void show_hardware(void *data);

static void do_nothing(struct work_struct *work)
{
}

/* What failed is freed, and its queue is not. */

struct bad_tail {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static int bad_tail_probe(struct platform_device *pdev)
{
	struct bad_tail *tail = kzalloc(sizeof(*tail), GFP_KERNEL);
	int ret;

	if (!tail)
		return -ENOMEM;
	INIT_WORK(&tail->work, do_nothing);
	tail->wq = alloc_workqueue("tail", 0, 0);	/* expect: missing-destroy */
	if (!tail->wq) {
		kfree(tail);
		return -ENOMEM;
	}
	queue_work(tail->wq, &tail->work);	/* expect: uncancelled-work */
	platform_set_drvdata(pdev, tail);
	ret = start_hardware(tail);
	if (ret)
		kfree(tail);
	return ret;
}

static int bad_tail_remove(struct platform_device *pdev)
{
	struct bad_tail *tail = platform_get_drvdata(pdev);

	destroy_workqueue(tail->wq);
	kfree(tail);
	return 0;
}

static struct platform_driver bad_tail_driver = {
	.probe = bad_tail_probe,
	.remove = bad_tail_remove,
};

/* Two tests of it, and the second is the one that goes on. */

struct bad_twice {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static int bad_twice_probe(struct platform_device *pdev)
{
	struct bad_twice *twice = kzalloc(sizeof(*twice), GFP_KERNEL);
	int ret;

	if (!twice)
		return -ENOMEM;
	INIT_WORK(&twice->work, do_nothing);
	twice->wq = alloc_workqueue("twice", 0, 0);	/* expect: missing-destroy */
	if (!twice->wq) {
		kfree(twice);
		return -ENOMEM;
	}
	queue_work(twice->wq, &twice->work);	/* expect: uncancelled-work */
	platform_set_drvdata(pdev, twice);
	ret = start_hardware(twice);
	if (!ret)
		ret = watch_hardware(twice);
	if (ret < 0)
		kfree(twice);
	return ret;
}

static int bad_twice_remove(struct platform_device *pdev)
{
	struct bad_twice *twice = platform_get_drvdata(pdev);

	destroy_workqueue(twice->wq);
	kfree(twice);
	return 0;
}

static struct platform_driver bad_twice_driver = {
	.probe = bad_twice_probe,
	.remove = bad_twice_remove,
};

/* Freed where it has failed, and the way ends there; the label ends well. */

struct bad_block {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static int bad_block_probe(struct platform_device *pdev)
{
	struct bad_block *block = kzalloc(sizeof(*block), GFP_KERNEL);
	int ret;

	if (!block)
		return -ENOMEM;
	INIT_WORK(&block->work, do_nothing);
	block->wq = alloc_workqueue("block", 0, 0);	/* expect: missing-destroy */
	if (!block->wq) {
		kfree(block);
		return -ENOMEM;
	}
	queue_work(block->wq, &block->work);	/* expect: uncancelled-work */
	platform_set_drvdata(pdev, block);
	ret = start_hardware(block);
	if (ret) {
		show_hardware(block);
		kfree(block);
		return ret;
	}
	if (watch_hardware(block))
		goto out;
	return 0;

out:
	show_hardware(block);
	return 0;
}

static int bad_block_remove(struct platform_device *pdev)
{
	struct bad_block *block = platform_get_drvdata(pdev);

	destroy_workqueue(block->wq);
	kfree(block);
	return 0;
}

static struct platform_driver bad_block_driver = {
	.probe = bad_block_probe,
	.remove = bad_block_remove,
};

/* Freed, and then the ways go on together for a while: no patch. */

struct bad_later {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static int bad_later_probe(struct platform_device *pdev)
{
	struct bad_later *later = kzalloc(sizeof(*later), GFP_KERNEL);
	int ret;

	if (!later)
		return -ENOMEM;
	INIT_WORK(&later->work, do_nothing);
	later->wq = alloc_workqueue("later", 0, 0);	/* expect: missing-destroy */
	if (!later->wq) {
		kfree(later);
		return -ENOMEM;
	}
	queue_work(later->wq, &later->work);	/* expect: uncancelled-work */
	platform_set_drvdata(pdev, later);
	ret = start_hardware(later);
	if (ret)
		kfree(later);
	show_hardware(pdev);
	return ret;
}

static int bad_later_remove(struct platform_device *pdev)
{
	struct bad_later *later = platform_get_drvdata(pdev);

	destroy_workqueue(later->wq);
	kfree(later);
	return 0;
}

static struct platform_driver bad_later_driver = {
	.probe = bad_later_probe,
	.remove = bad_later_remove,
};

/* The way that fails destroys it. */

struct ok_tail {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static int ok_tail_probe(struct platform_device *pdev)
{
	struct ok_tail *tail = kzalloc(sizeof(*tail), GFP_KERNEL);
	int ret;

	if (!tail)
		return -ENOMEM;
	INIT_WORK(&tail->work, do_nothing);
	tail->wq = alloc_workqueue("tail", 0, 0);
	if (!tail->wq) {
		kfree(tail);
		return -ENOMEM;
	}
	queue_work(tail->wq, &tail->work);
	platform_set_drvdata(pdev, tail);
	ret = start_hardware(tail);
	if (ret) {
		destroy_workqueue(tail->wq);
		kfree(tail);
	}
	return ret;
}

static int ok_tail_remove(struct platform_device *pdev)
{
	struct ok_tail *tail = platform_get_drvdata(pdev);

	destroy_workqueue(tail->wq);
	kfree(tail);
	return 0;
}

static struct platform_driver ok_tail_driver = {
	.probe = ok_tail_probe,
	.remove = ok_tail_remove,
};

/* Two tests of one result: what has failed passes both as a failure. */

struct ok_shown {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static int ok_shown_probe(struct platform_device *pdev)
{
	struct ok_shown *shown = kzalloc(sizeof(*shown), GFP_KERNEL);
	int ret;

	if (!shown)
		return -ENOMEM;
	INIT_WORK(&shown->work, do_nothing);
	shown->wq = alloc_workqueue("shown", 0, 0);
	if (!shown->wq) {
		kfree(shown);
		return -ENOMEM;
	}
	queue_work(shown->wq, &shown->work);
	platform_set_drvdata(pdev, shown);
	ret = start_hardware(shown);
	if (ret < 0)
		destroy_workqueue(shown->wq);
	if (ret >= 0)
		show_hardware(shown);
	else
		kfree(shown);
	return ret;
}

static int ok_shown_remove(struct platform_device *pdev)
{
	struct ok_shown *shown = platform_get_drvdata(pdev);

	destroy_workqueue(shown->wq);
	kfree(shown);
	return 0;
}

static struct platform_driver ok_shown_driver = {
	.probe = ok_shown_probe,
	.remove = ok_shown_remove,
};

static int returns_init(void)
{
	bad_tail_driver.probe(NULL);
	bad_twice_driver.probe(NULL);
	bad_block_driver.probe(NULL);
	bad_later_driver.probe(NULL);
	ok_tail_driver.probe(NULL);
	return ok_shown_driver.probe(NULL);
}
module_init(returns_init);

static void returns_exit(void)
{
}
module_exit(returns_exit);
