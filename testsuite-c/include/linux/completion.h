/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_COMPLETION_H
#define _LINUX_COMPLETION_H

#include <linux/wait.h>

struct completion {
	unsigned int done;
	wait_queue_head_t wait;
};

void init_completion(struct completion *done);
void wait_for_completion(struct completion *done);
void complete(struct completion *done);
void complete_all(struct completion *done);

#endif
