/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: fixits */
/*
 * unflushed-work: the call that Step 4 forgot becomes one that uses the
 * module's own queue, where the source text says how to name it.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct fix_port {
	struct workqueue_struct *wq;
	struct work_struct rx;
	struct work_struct tx;
	struct work_struct in_macro;
	struct work_struct through_pointer;
	struct delayed_work poll;
	struct delayed_work on_cpu;
};

static void fix_handler(struct work_struct *work)
{
}

int ok_start(struct fix_port *port)
{
	port->wq = alloc_workqueue("fix", 0, 0);
	if (!port->wq)
		return -ENOMEM;
	INIT_WORK(&port->rx, fix_handler);
	INIT_WORK(&port->tx, fix_handler);
	INIT_WORK(&port->in_macro, fix_handler);
	INIT_WORK(&port->through_pointer, fix_handler);
	INIT_DELAYED_WORK(&port->poll, fix_handler);
	INIT_DELAYED_WORK(&port->on_cpu, fix_handler);
	return 0;
}

void ok_receive(struct fix_port *port)
{
	queue_work(port->wq, &port->rx);
}

void bad_transmit(struct fix_port *p)
{
	schedule_work(&p->tx);	/* expect: unflushed-work */
}

/* A timer that nothing stops would outlive the queue: for a person. */
void bad_poll(struct fix_port *port)
{
	schedule_delayed_work(&port->poll, HZ);	/* expect: unflushed-work */
}

/* There is no call with these arguments in another order: for a person. */
void bad_on_cpu(struct fix_port *port)
{
	schedule_delayed_work_on(0, &port->on_cpu, HZ);	/* expect: unflushed-work */
}

#define FIX_KICK(port) schedule_work(&(port)->in_macro)

void bad_kick(struct fix_port *port)
{
	FIX_KICK(port);	/* expect: unflushed-work */
}

void bad_through_pointer(struct fix_port *port)
{
	struct work_struct *work = &port->through_pointer;

	schedule_work(work);	/* expect: unflushed-work */
}

/* One after the other: the rest would wait for it. For a person. */

struct fix_line {
	struct workqueue_struct *wq;
	struct work_struct first, second;
};

int ok_create_line(struct fix_line *line)
{
	line->wq = alloc_ordered_workqueue("line", 0);
	if (!line->wq)
		return -ENOMEM;
	INIT_WORK(&line->first, fix_handler);
	INIT_WORK(&line->second, fix_handler);
	queue_work(line->wq, &line->first);
	return 0;
}

void bad_second(struct fix_line *line)
{
	schedule_work(&line->second);	/* expect: unflushed-work */
}

void ok_stop_line(struct fix_line *line)
{
	destroy_workqueue(line->wq);
	kfree(line);
}

void ok_stop(struct fix_port *port)
{
	destroy_workqueue(port->wq);
	kfree(port);
}
