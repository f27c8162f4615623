/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of a module with several files would share. */
#ifndef UNFLUSHED_WORK_PART_H
#define UNFLUSHED_WORK_PART_H

#include <linux/workqueue.h>

struct shared_dev {
	struct work_struct work;
};

extern struct work_struct shared_item;

void other_file_attach(void *context);

#endif
