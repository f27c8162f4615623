/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * missing-destroy: queues that nothing destroys, and ways out of probe and
 * init on which nothing does.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct line;
int start_line(struct line *line);
int open_line(struct line *line);
void stop_line(struct line *line);

/* Never destroyed. */

struct bad_lamp {
	struct workqueue_struct *wq;
	struct work_struct work;
};

static void bad_lamp_work(struct work_struct *work)
{
}

static int bad_lamp_probe(struct platform_device *pdev)
{
	struct bad_lamp *lamp = devm_kzalloc(&pdev->dev, sizeof(*lamp),
					     GFP_KERNEL);

	if (!lamp)
		return -ENOMEM;
	INIT_WORK(&lamp->work, bad_lamp_work);
	lamp->wq = alloc_workqueue("lamp", 0, 0);	/* expect: missing-destroy */
	if (!lamp->wq)
		return -ENOMEM;
	queue_work(lamp->wq, &lamp->work);
	platform_set_drvdata(pdev, lamp);
	return 0;
}

static int bad_lamp_remove(struct platform_device *pdev)
{
	struct bad_lamp *lamp = platform_get_drvdata(pdev);

	cancel_work_sync(&lamp->work);
	return 0;
}

static struct platform_driver bad_lamp_driver = {
	.probe = bad_lamp_probe,
	.remove = bad_lamp_remove,
};

/* Two queues: without memory for the second one, the first one stays. */

struct bad_pair {
	struct workqueue_struct *first, *second;
	struct work_struct work;
};

static int bad_pair_probe(struct platform_device *pdev)
{
	struct bad_pair *pair = devm_kzalloc(&pdev->dev, sizeof(*pair),
					     GFP_KERNEL);

	if (!pair)
		return -ENOMEM;
	INIT_WORK(&pair->work, bad_lamp_work);
	pair->first = alloc_workqueue("first", 0, 0);	/* expect: missing-destroy */
	if (!pair->first)
		return -ENOMEM;
	pair->second = alloc_workqueue("second", 0, 0);
	if (!pair->second)
		return -ENOMEM;
	queue_work(pair->first, &pair->work);
	queue_work(pair->second, &pair->work);
	platform_set_drvdata(pdev, pair);
	return 0;
}

static int bad_pair_remove(struct platform_device *pdev)
{
	struct bad_pair *pair = platform_get_drvdata(pdev);

	destroy_workqueue(pair->first);
	destroy_workqueue(pair->second);
	return 0;
}

static struct platform_driver bad_pair_driver = {
	.probe = bad_pair_probe,
	.remove = bad_pair_remove,
};

/* A helper allocates; its caller fails after that, past the label. */

struct bad_port {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct line *line;
};

static int bad_port_setup(struct bad_port *port)
{
	INIT_WORK(&port->work, bad_lamp_work);
	port->wq = alloc_workqueue("port", 0, 0);	/* expect: missing-destroy */
	if (!port->wq)
		return -ENOMEM;
	return 0;
}

static int bad_port_probe(struct platform_device *pdev)
{
	struct bad_port *port = kzalloc(sizeof(*port), GFP_KERNEL);
	int ret;

	if (!port)
		return -ENOMEM;
	ret = bad_port_setup(port);
	if (ret)
		goto err_free;
	ret = start_line(port->line);
	if (ret)
		goto err_free;
	ret = open_line(port->line);
	if (ret)
		goto err_destroy;
	queue_work(port->wq, &port->work);
	platform_set_drvdata(pdev, port);
	return 0;

err_destroy:
	destroy_workqueue(port->wq);
err_free:
	kfree(port);
	return ret;
}

static int bad_port_remove(struct platform_device *pdev)
{
	struct bad_port *port = platform_get_drvdata(pdev);

	destroy_workqueue(port->wq);
	kfree(port);
	return 0;
}

static struct platform_driver bad_port_driver = {
	.probe = bad_port_probe,
	.remove = bad_port_remove,
};

/* Nobody but a local variable knows it. */

void bad_local(struct work_struct *work, struct line *line)
{
	struct workqueue_struct *wq = alloc_workqueue("x", 0, 0);	/* expect: missing-destroy */

	if (!wq)
		return;
	if (start_line(line))
		return;
	queue_work(wq, work);
	destroy_workqueue(wq);
}

/* Every way out destroys it: labels, a test of the pointer, a helper. */

struct ok_labels {
	struct workqueue_struct *first, *second;
	struct work_struct work;
	struct line *line;
};

static void ok_labels_cleanup(struct ok_labels *labels)
{
	if (labels->first)
		destroy_workqueue(labels->first);
	if (labels->second)
		destroy_workqueue(labels->second);
}

static int ok_labels_probe(struct platform_device *pdev)
{
	struct ok_labels *labels = kzalloc(sizeof(*labels), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!labels)
		return -ENOMEM;
	INIT_WORK(&labels->work, bad_lamp_work);
	labels->first = alloc_workqueue("first", 0, 0);
	labels->second = alloc_workqueue("second", 0, 0);
	if (!labels->first || !labels->second)
		goto err;
	queue_work(labels->first, &labels->work);
	queue_work(labels->second, &labels->work);
	ret = start_line(labels->line);
	if (ret)
		goto err;
	platform_set_drvdata(pdev, labels);
	return 0;
err:
	ok_labels_cleanup(labels);
	kfree(labels);
	return ret;
}

static int ok_labels_remove(struct platform_device *pdev)
{
	struct ok_labels *labels = platform_get_drvdata(pdev);

	ok_labels_cleanup(labels);
	kfree(labels);
	return 0;
}

static struct platform_driver ok_labels_driver = {
	.probe = ok_labels_probe,
	.remove = ok_labels_remove,
};

/* An array of queues; the loop that destroys them can be empty. */

#define NR_RINGS 4

struct ok_rings {
	struct workqueue_struct *wqs[NR_RINGS];
	struct work_struct work;
	struct line *line;
	int count;
};

static int ok_rings_probe(struct platform_device *pdev)
{
	struct ok_rings *rings = devm_kzalloc(&pdev->dev, sizeof(*rings),
					      GFP_KERNEL);
	int i, ret = -ENOMEM;

	if (!rings)
		return -ENOMEM;
	INIT_WORK(&rings->work, bad_lamp_work);
	for (i = 0; i < rings->count; i++) {
		rings->wqs[i] = alloc_workqueue("ring", 0, 0);
		if (!rings->wqs[i])
			goto err;
		queue_work(rings->wqs[i], &rings->work);
	}
	ret = start_line(rings->line);
	if (ret)
		goto err;
	return 0;
err:
	for (i = 0; i < rings->count; i++)
		if (rings->wqs[i])
			destroy_workqueue(rings->wqs[i]);
	return ret;
}

static struct platform_driver ok_rings_driver = {
	.probe = ok_rings_probe,
};

/* Devres destroys it. */

struct ok_managed {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct line *line;
};

static void ok_managed_destroy(void *data)
{
	struct ok_managed *managed = data;

	destroy_workqueue(managed->wq);
}

static int ok_managed_probe(struct platform_device *pdev)
{
	struct ok_managed *managed = devm_kzalloc(&pdev->dev, sizeof(*managed),
						  GFP_KERNEL);
	int ret;

	if (!managed)
		return -ENOMEM;
	INIT_WORK(&managed->work, bad_lamp_work);
	managed->wq = alloc_workqueue("managed", 0, 0);
	if (!managed->wq)
		return -ENOMEM;
	ret = devm_add_action_or_reset(&pdev->dev, ok_managed_destroy, managed);
	if (ret)
		return ret;
	queue_work(managed->wq, &managed->work);
	return start_line(managed->line);
}

static struct platform_driver ok_managed_driver = {
	.probe = ok_managed_probe,
};

/* The struct is not gone: the next open finds the queue there. */

struct ok_kept {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct line *line;
};

int ok_kept_open(struct ok_kept *kept)
{
	INIT_WORK(&kept->work, bad_lamp_work);
	if (!kept->wq)
		kept->wq = alloc_workqueue("kept", 0, 0);
	if (!kept->wq)
		return -ENOMEM;
	queue_work(kept->wq, &kept->work);
	return start_line(kept->line);
}

void ok_kept_free(struct ok_kept *kept)
{
	destroy_workqueue(kept->wq);
	kfree(kept);
}

/* Who gets the pointer may destroy it. */

void hand_over(struct line *line, struct workqueue_struct *wq);

int ok_given(struct work_struct *work, struct line *line)
{
	struct workqueue_struct *wq = alloc_workqueue("given", 0, 0);

	if (!wq)
		return -ENOMEM;
	queue_work(wq, work);
	hand_over(line, wq);
	return start_line(line);
}

/* A bool says true when all went well. */

struct ok_bool {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct line *line;
};

static bool ok_bool_setup(struct ok_bool *b)
{
	INIT_WORK(&b->work, bad_lamp_work);
	b->wq = alloc_workqueue("bool", 0, 0);
	if (!b->wq)
		return false;
	queue_work(b->wq, &b->work);
	return true;
}

static int ok_bool_probe(struct platform_device *pdev)
{
	struct ok_bool *b = devm_kzalloc(&pdev->dev, sizeof(*b), GFP_KERNEL);

	if (!b)
		return -ENOMEM;
	if (!ok_bool_setup(b))
		return -ENOMEM;
	platform_set_drvdata(pdev, b);
	return 0;
}

static int ok_bool_remove(struct platform_device *pdev)
{
	struct ok_bool *b = platform_get_drvdata(pdev);

	destroy_workqueue(b->wq);
	return 0;
}

static struct platform_driver ok_bool_driver = {
	.probe = ok_bool_probe,
	.remove = ok_bool_remove,
};

static int missing_destroy_init(void)
{
	bad_lamp_driver.probe(NULL);
	bad_pair_driver.probe(NULL);
	bad_port_driver.probe(NULL);
	ok_labels_driver.probe(NULL);
	ok_rings_driver.probe(NULL);
	ok_managed_driver.probe(NULL);
	return ok_bool_driver.probe(NULL);
}
module_init(missing_destroy_init);

static void missing_destroy_exit(void)
{
}
module_exit(missing_destroy_exit);
