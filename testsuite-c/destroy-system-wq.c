/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * destroy-system-wq: destroying a queue that the whole kernel uses.
 */
/* args: ignore=idle-queue */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

static void handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, handler);

void touch_hardware(void);

void bad_direct(void)
{
	destroy_workqueue(system_wq);	/* expect: destroy-system-wq */
}

void bad_local(void)
{
	struct workqueue_struct *wq = system_unbound_wq;

	touch_hardware();
	destroy_workqueue(wq);	/* expect: destroy-system-wq */
}

/* A member that only ever holds a shared queue */

struct bad_port {
	struct workqueue_struct *wq;
};

void bad_port_open(struct bad_port *port)
{
	port->wq = system_long_wq;
}

void bad_port_close(struct bad_port *port)
{
	destroy_workqueue(port->wq);	/* expect: destroy-system-wq */
}

/* A member that may hold one: nothing asks which before it is destroyed. */

struct bad_choice {
	struct workqueue_struct *wq;
};

int bad_choice_open(struct bad_choice *choice, bool own)
{
	if (!own) {
		choice->wq = system_wq;
		return 0;
	}
	choice->wq = alloc_workqueue("choice", 0, 0);
	return choice->wq ? 0 : -ENOMEM;
}

void bad_choice_close(struct bad_choice *choice)
{
	destroy_workqueue(choice->wq);	/* expect: destroy-system-wq */
}

/* The fallback for a failed allocation is the same. */

struct bad_fallback {
	struct workqueue_struct *wq;
};

void bad_fallback_open(struct bad_fallback *fallback)
{
	fallback->wq = alloc_workqueue("fallback", 0, 0);
	if (!fallback->wq)
		fallback->wq = system_wq;
}

void bad_fallback_close(struct bad_fallback *fallback)
{
	if (fallback->wq)
		destroy_workqueue(fallback->wq);	/* expect: destroy-system-wq */
}

static noinline void bad_release(struct workqueue_struct *wq)
{
	touch_hardware();
	destroy_workqueue(wq);	/* expect: destroy-system-wq */
}

void bad_passed(void)
{
	bad_release(system_highpri_wq);
}

/* The same choice, and the teardown asks. */

struct ok_compared {
	struct workqueue_struct *wq;
};

int ok_compared_open(struct ok_compared *compared, bool own)
{
	if (!own) {
		compared->wq = system_wq;
		return 0;
	}
	compared->wq = alloc_workqueue("compared", 0, 0);
	return compared->wq ? 0 : -ENOMEM;
}

void ok_compared_close(struct ok_compared *compared)
{
	if (compared->wq != system_wq)
		destroy_workqueue(compared->wq);
}

void ok_compared_close_early(struct ok_compared *compared)
{
	if (!compared->wq || compared->wq == system_wq)
		return;
	destroy_workqueue(compared->wq);
}

struct ok_flagged {
	struct workqueue_struct *wq;
	bool own;
};

int ok_flagged_open(struct ok_flagged *flagged)
{
	if (!flagged->own) {
		flagged->wq = system_wq;
		return 0;
	}
	flagged->wq = alloc_workqueue("flagged", 0, 0);
	return flagged->wq ? 0 : -ENOMEM;
}

void ok_flagged_close(struct ok_flagged *flagged)
{
	if (flagged->own)
		destroy_workqueue(flagged->wq);
}

/* The same with a bit of a word, of which only the outcome is known */
struct ok_bit {
	struct workqueue_struct *wq;
	unsigned long flags;
};

int ok_bit_open(struct ok_bit *bit)
{
	if (bit->flags & 4)
		bit->wq = alloc_workqueue("bit", 0, 0);
	else
		bit->wq = system_wq;
	return bit->wq ? 0 : -ENOMEM;
}

void ok_bit_close(struct ok_bit *bit)
{
	if (bit->flags & 4)
		destroy_workqueue(bit->wq);
}

/* Own queues */

struct ok_port {
	struct workqueue_struct *wq;
	struct work_struct work;
};

int ok_port_open(struct ok_port *port)
{
	port->wq = alloc_ordered_workqueue("port", 0);
	if (!port->wq)
		return -ENOMEM;
	INIT_WORK(&port->work, handler);
	queue_work(port->wq, &port->work);
	return 0;
}

void ok_port_close(struct ok_port *port)
{
	destroy_workqueue(port->wq);
}

void ok_one_item(struct ok_port *port)
{
	flush_work(&port->work);
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	if (!own_wq)
		return -ENOMEM;
	queue_work(own_wq, &own_item);
	return 0;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
