/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * destroy-system-wq: destroys a queue that the whole kernel uses.
 */
#include "judge.h"
#include "rule.h"

extern const struct wq_rule wq_rule_destroy_system_wq;

static void report(struct wq_findings *findings, const struct wq_use *use,
		   const struct wq_shared *shared)
{
	const struct wq_event *event = use->event;
	const struct wq_step *step;
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_destroy_system_wq,
				  event->where,
				  "%s() %sdestroys %s, which the whole kernel "
				  "uses", event->callee,
				  shared->may ? "may be given and then " : "",
				  shared->names);
	if (shared->may)
		finding->level = WQ_WARNING;	/* not on every run */
	finding->function = wq_arena_copy(findings->arena,
					  event->function->name);
	finding->queue = wq_arena_copy(findings->arena, shared->names);
	for (step = shared->queue->steps; step; step = step->next)
		wq_finding_relate(findings, finding, step->event->where,
				  step->event->function
				  ? step->event->function->name : NULL,
				  "%s comes from here", shared->queue->name);
	finding->suggestion.step = 3;
	finding->suggestion.text = shared->may
		? "Step 3: destroy the queue only where this module allocated it"
		: "Step 3: remove the call; destroy only what this module "
		  "allocated";
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	struct wq_shared shared;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (use->event->kind == WQ_EVENT_DESTROY_QUEUE &&
		    use->event->function &&
		    wq_use_is_shared(program, use, &shared) &&
		    !(shared.may && shared.guarded))
			report(findings, use, &shared);
	}
}

const struct wq_rule wq_rule_destroy_system_wq = {
	.id = "destroy-system-wq",
	.level = WQ_ERROR,
	.summary = "destroys a workqueue that the whole kernel shares",
	.why =
"destroy_workqueue() frees the queue. system_wq and its siblings are created\n"
"once at boot (kernel/workqueue.c, workqueue_init_early()) and used by\n"
"everybody; after their destruction the next schedule_work() anywhere in the\n"
"kernel uses freed memory.\n",
	.limits =
"As for flush-system-wq: a queue that comes from another module is not\n"
"followed, and a call under a test in its function that may decide the queue\n"
"is not reported. Where the queue only may be a shared one the level is\n"
"WARNING. The compiler prints findings of both levels as warnings.\n",
	.wrong =
"static int foo_probe(struct foo *foo)\n"
"{\n"
"	foo->wq = alloc_workqueue(\"foo\", 0, 0);\n"
"	if (!foo->wq)\n"
"		foo->wq = system_wq;\n"
"	return 0;\n"
"}\n"
"\n"
"static void foo_remove(struct foo *foo)\n"
"{\n"
"	destroy_workqueue(foo->wq);\n"
"}\n",
	.right =
"static void foo_remove(struct foo *foo)\n"
"{\n"
"	if (foo->wq != system_wq)\n"
"		destroy_workqueue(foo->wq);\n"
"}\n",
	.check = check,
};
