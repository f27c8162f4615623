/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: command */
/* Comments that are meant for wqlint, right and wrong ones. */
#include <linux/workqueue.h>

void ok_same_line(void)
{
	flush_scheduled_work();	/* wqlint: ignore flush-system-wq -- nobody else is up */
}

void ok_line_above(void)
{
	/* wqlint: ignore FLUSH_SYSTEM_WQ -- nobody else is up */
	flush_scheduled_work();
}

void ok_long_reason(void)
{
	/*
	 * wqlint: ignore flush-system-wq -- nobody else
	 * is up, and these lines are about the next one that has code.
	 */

	// and so is this one
	flush_scheduled_work();
	destroy_workqueue(system_wq);	/* expect: destroy-system-wq */
}

void ok_several_rules(void)
{
	/* wqlint: ignore flush-system-wq destroy-system-wq -- on one line */
	flush_scheduled_work(); destroy_workqueue(system_wq);
}

void ok_line_comment(void)
{
	flush_scheduled_work();	// wqlint: ignore flush-system-wq -- as above
}

/* It says wqlint: in the middle, so it is not one. */
const char *ok_literal(void)
{
	return "/* wqlint: ignore nothing";
}

void bad_other_line(void)
{
	int i = 0;	/* wqlint: ignore flush-system-wq -- this line only */ /* expect: unused-ignore */

	(void)i;
	flush_scheduled_work();	/* expect: flush-system-wq */
}

void bad_other_rule(void)
{
	/* wqlint: ignore mixed-queues -- the wrong rule */ /* expect: unused-ignore */
	flush_scheduled_work();	/* expect: flush-system-wq */
}

void bad_unknown_rule(void)
{
	/* wqlint: ignore flush-sytem-wq -- a typing error */ /* expect: bad-ignore */
	flush_scheduled_work();	/* expect: flush-system-wq */
}

void bad_one_unknown(void)
{
	/* wqlint: ignore flush-system-wq, frob -- one is right */ /* expect: bad-ignore */
	flush_scheduled_work();
}

void bad_no_reason(void)
{
	/* wqlint: ignore flush-system-wq */ /* expect: bad-ignore */
	flush_scheduled_work();
}

void bad_no_rule(void)
{
	flush_scheduled_work();	/* wqlint: ignore -- all of it */ /* expect: bad-ignore flush-system-wq */
}

void bad_word(void)
{
	flush_scheduled_work();	/* wqlint: ingore flush-system-wq -- x */ /* expect: bad-ignore flush-system-wq */
}
