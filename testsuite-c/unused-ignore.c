/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: command */
/* Comments that silence something, and that no longer do. */
#include <linux/workqueue.h>

void ok_used(void)
{
	/* wqlint: ignore flush-system-wq -- nobody else is up */
	flush_scheduled_work();
}

void bad_corrected(struct work_struct *work)
{
	/* wqlint: ignore flush-system-wq -- nobody else is up */ /* expect: unused-ignore */
	flush_work(work);
}

void bad_half_used(void)
{
	/* wqlint: ignore destroy-system-wq flush-system-wq -- one is gone */ /* expect: unused-ignore */
	flush_scheduled_work();
}

/* wqlint: ignore flush-system-wq -- there is no more code */ /* expect: unused-ignore */
