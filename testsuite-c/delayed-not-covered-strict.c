/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: strict ignore=missing-destroy,unchecked-alloc */
/*
 * delayed-not-covered with "strict": items that only handlers put off, on
 * some ways. Who waits for the end of that may do so by other means.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

bool is_busy(void);

struct port {
	struct workqueue_struct *wq;
	struct delayed_work retry, later;
	struct work_struct work;
};

static void bad_retry(struct work_struct *work)
{
	struct port *port = container_of(work, struct port, retry.work);

	if (is_busy())
		queue_delayed_work(port->wq, &port->retry, 1);	/* expect: delayed-not-covered */
}

/* In a function that two handlers share. */
static void poll_once(struct port *port)
{
	if (is_busy())
		queue_delayed_work(port->wq, &port->later, 1);	/* expect: delayed-not-covered */
}

static void bad_later(struct work_struct *work)
{
	poll_once(container_of(work, struct port, later.work));
}

static void ok_work(struct work_struct *work)
{
	poll_once(container_of(work, struct port, work));
}

struct port *open_port(void)
{
	struct port *port = kzalloc(sizeof(*port), GFP_KERNEL);

	if (!port)
		return NULL;
	port->wq = alloc_workqueue("port", 0, 0);
	INIT_DELAYED_WORK(&port->retry, bad_retry);
	INIT_DELAYED_WORK(&port->later, bad_later);
	INIT_WORK(&port->work, ok_work);
	queue_delayed_work(port->wq, &port->retry, 0);
	queue_work(port->wq, &port->work);
	return port;
}

void close_port(struct port *port)
{
	destroy_workqueue(port->wq);
	kfree(port);
}
