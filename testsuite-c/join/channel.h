/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <linux/workqueue.h>

struct channel {
	struct workqueue_struct *wq;
	struct workqueue_struct *idle_wq;
	void *priv;
};

#endif
