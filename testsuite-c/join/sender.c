/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/module.h>
#include "channel.h"

static void send(struct work_struct *work)
{
}

static DECLARE_WORK(message, send);

void sender_start(struct channel *channel)
{
	queue_work(channel->wq, &message);
}

void sender_stop(struct channel *channel)
{
	cancel_work_sync(&message);
}
