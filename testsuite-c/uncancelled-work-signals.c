/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: strict */
/*
 * uncancelled-work: a handler whose end somebody waits for, and one that only
 * looks like that.
 */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

void touch_hardware(void);
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));

/* The last deed of the handler leads to a signal that teardown waits for. */

struct ok_host {
	struct completion idle;
};

struct ok_call {
	struct ok_host *host;
	struct work_struct work;
	struct rcu_head rcu;
};

static void ok_call_free(struct rcu_head *head)
{
	struct ok_call *call = container_of(head, struct ok_call, rcu);

	complete(&call->host->idle);
	kfree(call);
}

static void ok_call_work(struct work_struct *work)
{
	struct ok_call *call = container_of(work, struct ok_call, work);

	touch_hardware();
	call_rcu(&call->rcu, ok_call_free);
}

void ok_call_end(struct ok_call *call)
{
	INIT_WORK(&call->work, ok_call_work);
	schedule_work(&call->work);
}

static struct ok_host *ok_host;

/* The same, and nobody waits for that. */

struct bad_host {
	struct completion idle;
};

struct bad_call {
	struct bad_host *host;
	struct work_struct work;
	struct rcu_head rcu;
};

static void bad_call_free(struct rcu_head *head)
{
	struct bad_call *call = container_of(head, struct bad_call, rcu);

	complete(&call->host->idle);
}

static void bad_call_work(struct work_struct *work)
{
	struct bad_call *call = container_of(work, struct bad_call, work);

	touch_hardware();
	call_rcu(&call->rcu, bad_call_free);
}

static struct bad_call *bad_call;

void bad_call_end(void)
{
	INIT_WORK(&bad_call->work, bad_call_work);
	schedule_work(&bad_call->work);		/* expect: uncancelled-work */
}

static int __init signals_init(void)
{
	return 0;
}

static void __exit signals_exit(void)
{
	wait_for_completion(&ok_host->idle);
	kfree(ok_host);
	kfree(bad_call);
}

module_init(signals_init);
module_exit(signals_exit);
