/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A struct that holds queues and no item: another module queues on one. */
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "channel.h"

int channel_open(struct channel *channel)
{
	channel->wq = alloc_workqueue("channel", 0, 0);
	if (!channel->wq)
		return -ENOMEM;
	channel->idle_wq = alloc_workqueue("idle", 0, 0);	/* expect: idle-queue */
	if (!channel->idle_wq) {
		destroy_workqueue(channel->wq);
		return -ENOMEM;
	}
	return 0;
}
EXPORT_SYMBOL(channel_open);

void channel_close(struct channel *channel)
{
	destroy_workqueue(channel->idle_wq);
	destroy_workqueue(channel->wq);
	kfree(channel);
}
EXPORT_SYMBOL(channel_close);
