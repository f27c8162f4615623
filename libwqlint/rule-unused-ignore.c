/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unused-ignore: a comment for wqlint that silences nothing. Found by
 * ignore.c, which reads the comments when findings are reported.
 */
#include "rule.h"

const struct wq_rule wq_rule_unused_ignore = {
	.id = "unused-ignore",
	.level = WQ_CHECK,
	.summary = "a comment for wqlint that silences nothing",
	.why =
"A comment outlives what it was about: the code was corrected or moved. What\n"
"is left of it misleads the reader, and would silence the next mistake on that\n"
"line.\n",
	.limits =
"Only where the whole module was linted, and only for rules that were run:\n"
"without that nobody knows whether there is something to silence. Headers are\n"
"not looked at. The plugin does not report it: the command does.\n",
	.wrong =
"/* wqlint: ignore flush-system-wq -- the core is the only user here */\n"
"cancel_work_sync(&foo->work);\n",
	.right =
"cancel_work_sync(&foo->work);\n",
};
