/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * uncancelled-work: what counts as waiting for an item, however far away it
 * is, and what only looks like it.
 */
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

void touch_hardware(void);

static void handler(struct work_struct *work)
{
	touch_hardware();
}

/* Cancelled by the handler of another item that is waited for. */

struct ok_chain {
	struct work_struct first;
	struct work_struct last;
};

static void ok_chain_last(struct work_struct *work)
{
	struct ok_chain *chain = container_of(work, struct ok_chain, last);

	cancel_work_sync(&chain->first);
}

void ok_chain_open(struct ok_chain *chain)
{
	INIT_WORK(&chain->first, handler);
	INIT_WORK(&chain->last, ok_chain_last);
	schedule_work(&chain->first);
}

void ok_chain_close(struct ok_chain *chain)
{
	schedule_work(&chain->last);
	flush_work(&chain->last);
	kfree(chain);
}

/* Cancelled by a helper that gets only the item. */

struct ok_helped {
	struct work_struct work;
};

static void ok_stop(struct work_struct *work)
{
	cancel_work_sync(work);
}

void ok_helped_open(struct ok_helped *helped)
{
	INIT_WORK(&helped->work, handler);
	schedule_work(&helped->work);
}

void ok_helped_close(struct ok_helped *helped)
{
	ok_stop(&helped->work);
	kfree(helped);
}

/* Cancelled through an index, and in a loop over a list. */

struct ok_port {
	struct list_head list;
	struct work_struct work;
};

struct ok_hub {
	struct list_head ports;
	struct work_struct works[4];
};

void ok_hub_open(struct ok_hub *hub, struct ok_port *port)
{
	INIT_WORK(&hub->works[0], handler);
	INIT_WORK(&port->work, handler);
	schedule_work(&hub->works[0]);
	schedule_work(&port->work);
}

void ok_hub_close(struct ok_hub *hub)
{
	struct ok_port *port;
	int i;

	for (i = 0; i < 4; i++)
		cancel_work_sync(&hub->works[i]);
	list_for_each_entry(port, &hub->ports, list) {
		cancel_work_sync(&port->work);
		kfree(port);
	}
	kfree(hub);
}

/* Cancelled through a pointer that is kept elsewhere. */

struct ok_pointed {
	struct work_struct work;
};

static struct work_struct *ok_current;

void ok_pointed_open(struct ok_pointed *pointed)
{
	INIT_WORK(&pointed->work, handler);
	ok_current = &pointed->work;
	schedule_work(&pointed->work);
}

void ok_pointed_close(struct ok_pointed *pointed)
{
	cancel_work_sync(ok_current);
	kfree(pointed);
}

/* The handler ends in module_put(), of a reference taken before. */

struct ok_module {
	struct work_struct work;
};

static void ok_module_handler(struct work_struct *work)
{
	kfree(container_of(work, struct ok_module, work));
	module_put(THIS_MODULE);
}

void ok_module_event(void)
{
	struct ok_module *event;

	if (!try_module_get(THIS_MODULE))
		return;
	event = kzalloc(sizeof(*event), GFP_KERNEL);
	if (!event) {
		module_put(THIS_MODULE);
		return;
	}
	INIT_WORK(&event->work, ok_module_handler);
	schedule_work(&event->work);
}

/* On the stack, and flushed by the same function. */

struct ok_request {
	struct work_struct work;
};

void ok_on_stack(void)
{
	struct ok_request request;

	INIT_WORK_ONSTACK(&request.work, handler);
	schedule_work(&request.work);
	flush_work(&request.work);
}

/* The caller's item: whose it is, and who waits for it, is not seen. */

void ok_callers_item(struct work_struct *work)
{
	schedule_work(work);
}
EXPORT_SYMBOL_GPL(ok_callers_item);

/* A core gets the item, and may wait for it. */

struct ok_registered {
	struct work_struct work;
};

void core_register_work(struct work_struct *work);

void ok_registered_open(struct ok_registered *registered)
{
	INIT_WORK(&registered->work, handler);
	core_register_work(&registered->work);
	schedule_work(&registered->work);
}

void ok_registered_close(struct ok_registered *registered)
{
	kfree(registered);
}

/* Only looks like waiting: another item of the same name, another struct. */

struct bad_other {
	struct work_struct work;
};

struct ok_other {
	struct work_struct work;
};

void bad_other_open(struct bad_other *bad, struct ok_other *ok)
{
	INIT_WORK(&bad->work, handler);
	INIT_WORK(&ok->work, handler);
	schedule_work(&bad->work);		/* expect: uncancelled-work */
	schedule_work(&ok->work);
}

static void bad_other_close(struct bad_other *bad, struct ok_other *ok)
{
	cancel_work_sync(&ok->work);
	kfree(ok);
	kfree(bad);
}

/* Waiting for the interrupt and the timer that queue it is not enough. */

struct bad_irq {
	struct timer_list timer;
	struct work_struct work;
};

static irqreturn_t bad_irq_handler(int irq, void *data)
{
	struct bad_irq *bad = data;

	schedule_work(&bad->work);		/* expect: uncancelled-work */
	return IRQ_HANDLED;
}

int bad_irq_open(struct bad_irq *bad)
{
	INIT_WORK(&bad->work, handler);
	return request_irq(1, bad_irq_handler, 0, "bad", bad);
}

static void bad_irq_close(struct bad_irq *bad)
{
	free_irq(1, bad);
	del_timer_sync(&bad->timer);
	kfree(bad);
}

/* Waiting for it when the system goes to sleep is not enough either. */

struct bad_sleeper {
	struct work_struct work;
};

static int bad_sleeper_probe(struct platform_device *pdev)
{
	struct bad_sleeper *bad = devm_kzalloc(&pdev->dev, sizeof(*bad),
					       GFP_KERNEL);

	if (!bad)
		return -ENOMEM;
	INIT_WORK(&bad->work, handler);
	platform_set_drvdata(pdev, bad);
	schedule_work(&bad->work);		/* expect: uncancelled-work */
	return 0;
}

static int bad_sleeper_suspend(struct device *dev)
{
	struct bad_sleeper *bad = dev_get_drvdata(dev);

	cancel_work_sync(&bad->work);
	return 0;
}

static const struct dev_pm_ops bad_sleeper_pm = {
	.suspend = bad_sleeper_suspend,
};

static struct platform_driver bad_sleeper_driver = {
	.probe = bad_sleeper_probe,
	.driver = { .pm = &bad_sleeper_pm },
};

/* A port's shutdown() is not the system's. */

struct port_ops {
	int (*startup)(struct device *dev);
	void (*shutdown)(struct device *dev);
};

struct ok_port_data {
	struct work_struct work;
};

static int ok_port_startup(struct device *dev)
{
	struct ok_port_data *data = dev_get_drvdata(dev);

	INIT_WORK(&data->work, handler);
	schedule_work(&data->work);
	return 0;
}

static void ok_port_shutdown(struct device *dev)
{
	struct ok_port_data *data = dev_get_drvdata(dev);

	cancel_work_sync(&data->work);
}

static void ok_port_free(struct ok_port_data *data)
{
	kfree(data);
}

const struct port_ops ok_port_ops = {
	.startup = ok_port_startup,
	.shutdown = ok_port_shutdown,
};

/* Who asks for it waits for its answer. */

struct ok_asked {
	struct completion done;
	struct work_struct work;
};

static void ok_asked_handler(struct work_struct *work)
{
	complete(&container_of(work, struct ok_asked, work)->done);
}

void ok_asked_ask(struct ok_asked *asked)
{
	INIT_WORK(&asked->work, ok_asked_handler);
	schedule_work(&asked->work);
	wait_for_completion(&asked->done);
}

static void ok_asked_free(struct ok_asked *asked)
{
	kfree(asked);
}

/* Looking whether it is pending is not waiting. */

struct bad_polled {
	struct work_struct work;
};

void bad_polled_open(struct bad_polled *bad)
{
	INIT_WORK(&bad->work, handler);
	schedule_work(&bad->work);		/* expect: uncancelled-work */
}

static void bad_polled_close(struct bad_polled *bad)
{
	if (cancel_work(&bad->work))
		touch_hardware();
	kfree(bad);
}

static struct bad_other *bad_other;
static struct ok_other *ok_other;
static struct bad_irq *bad_irq;
static struct bad_polled *bad_polled;
static struct ok_port_data *ok_port_data;
static struct ok_asked *ok_asked;

static int __init example_init(void)
{
	return platform_driver_register(&bad_sleeper_driver);
}

static void __exit example_exit(void)
{
	bad_other_close(bad_other, ok_other);
	bad_irq_close(bad_irq);
	bad_polled_close(bad_polled);
	ok_port_free(ok_port_data);
	ok_asked_free(ok_asked);
	platform_driver_unregister(&bad_sleeper_driver);
}

module_init(example_init);
module_exit(example_exit);
MODULE_LICENSE("GPL");
