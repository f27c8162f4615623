/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bad-ignore: a comment for wqlint that says nothing it understands. Found
 * by ignore.c, which reads the comments when findings are reported.
 */
#include "rule.h"

const struct wq_rule wq_rule_bad_ignore = {
	.id = "bad-ignore",
	.level = WQ_ERROR,
	.summary = "a comment for wqlint that is wrong",
	.why =
"A comment that begins with \"wqlint:\" is meant to silence a finding. One that\n"
"names no rule, or a rule that there is not, does not do that, and one without\n"
"a reason leaves the next reader to find out whether it was right.\n",
	.limits =
"Only the sources of units that use workqueues are looked at, and headers not\n"
"at all. The plugin does not report it: the command does.\n",
	.wrong =
"/* wqlint: ignore flush-sytem-wq -- the core is the only user here */\n"
"flush_scheduled_work();\n",
	.right =
"/* wqlint: ignore flush-system-wq -- the core is the only user here */\n"
"flush_scheduled_work();\n",
};
