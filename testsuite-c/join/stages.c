/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A module whose init function undoes through a function of another file that
 * gets no pointer.
 */
#include <linux/module.h>
#include "stages.h"

int register_stages(void);

static int __init stages_init(void)
{
	int ret = stages_setup();

	if (ret < 0)
		return ret;
	ret = bad_stages_setup();
	if (ret < 0) {
		stages_exit(0);
		return ret;
	}
	ret = register_stages();
	if (ret < 0)
		stages_exit(0);
	return ret;
}
module_init(stages_init);

static void __exit stages_cleanup(void)
{
	bad_stages_exit(0);
	stages_exit(0);
}
module_exit(stages_cleanup);
