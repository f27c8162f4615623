/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * missing-destroy: the module allocates a queue that nothing destroys, or
 * that is not destroyed on a way on which its probe or init function fails.
 *
 * Not seen: a queue that a helper returns, and one of which the pointer is
 * kept in several places.
 */
#include <string.h>

#include "queue-leak.h"
#include "rule.h"

extern const struct wq_rule wq_rule_missing_destroy;

static struct wq_finding *add(struct wq_findings *findings,
			      const struct wq_own_queue *queue,
			      const char *message)
{
	const struct wq_event *alloc = queue->alloc;
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_missing_destroy,
				  alloc->where, "%s", message);
	finding->function = wq_arena_copy(findings->arena,
					  alloc->function->name);
	finding->queue = wq_arena_copy(findings->arena,
				       wq_own_queue_text(queue));
	finding->suggestion.step = 3;
	return finding;
}

static void report_never(struct wq_findings *findings,
			 const struct wq_own_queue *queue)
{
	struct wq_finding *finding;

	finding = add(findings, queue, wq_arena_printf(findings->arena,
		      "nothing ever destroys %s, which is allocated here",
		      wq_own_queue_text(queue)));
	finding->suggestion.text =
		"Step 3: destroy_workqueue() it when its owner goes away";
}

static void report_leak(struct wq_findings *findings,
			const struct wq_own_queue *queue,
			const struct wq_queue_leak *leak)
{
	const struct wq_event *alloc = queue->alloc;
	struct wq_finding *finding;

	finding = add(findings, queue, wq_arena_printf(findings->arena,
		      queue->is_kept
		      ? "%s, which is allocated here, is not destroyed when "
			"%s() fails later"
		      : "%s, which is allocated here, is not destroyed on a "
			"way out of %s()", wq_own_queue_text(queue),
		      leak->function->name));
	if (leak->failed)
		wq_finding_relate(findings, finding, leak->failed->where,
				  leak->failed->function->name,
				  "when %s() fails here",
				  leak->failed->callee ? leak->failed->callee
						       : "what is called");
	if (leak->freed)
		wq_finding_relate(findings, finding, leak->freed->where,
				  leak->freed->function->name,
				  "struct %s is freed here", queue->slot->type);
	wq_finding_relate(findings, finding, leak->function->where,
			  leak->function->name, "%s() returns without "
			  "destroy_workqueue()", leak->function->name);
	finding->nr_path = finding->nr_related;
	/* The same test may decide that what fails is not called. */
	if (leak->is_guarded)
		finding->level = WQ_CHECK;
	if (leak->destroy)
		wq_finding_relate(findings, finding, leak->destroy->where,
				  leak->destroy->function->name,
				  "it is destroyed here otherwise");
	finding->suggestion.text = alloc->function == leak->function
		? "Step 3: destroy_workqueue() it on that way out"
		: "Step 3: destroy_workqueue() it on that way out, in the "
		  "function that fails or the one that allocates";
}

static void check_queue(const struct wq_own_queue *queue, void *data)
{
	struct wq_queue_leak leak;

	if (wq_own_queue_is_never_destroyed(queue))
		report_never(data, queue);
	else if (wq_own_queue_find_leak(queue, &leak))
		report_leak(data, queue, &leak);
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	wq_for_each_own_queue(program, check_queue, findings);
}

const struct wq_rule wq_rule_missing_destroy = {
	.id = "missing-destroy",
	.level = WQ_WARNING,
	.summary = "an allocated workqueue that is not destroyed",
	.why =
"A workqueue that is allocated and not destroyed stays: its memory, its entry\n"
"in sysfs, and with WQ_MEM_RECLAIM its rescuer thread. A driver that is bound\n"
"again, or whose probe is deferred and tried again, leaks one each time; work\n"
"that is still on it runs in code that was unloaded. Step 3 of the\n"
"announcement is \"Add destroy_workqueue() call in the module's __exit\n"
"function\", and the same on the ways out on which the init or probe function\n"
"fails after it allocated the queue: neither __exit nor remove() is called\n"
"then.\n",
	.limits =
"Never destroyed: judged when every unit of a module that can be unloaded is\n"
"seen, and the pointer is kept in one variable or struct of the module and\n"
"given to nobody. Leaks on the way out: a probe function, the init function of\n"
"a module, or one that frees the struct that the queue is kept in, fails after\n"
"the allocation succeeded, in the same function or up to four callers above,\n"
"and neither destroys the queue nor calls anything that may. A call of a\n"
"function that can destroy it counts as if it always did. Not reported: queues\n"
"that devres destroys, built-in code that cannot go away, and queues in structs\n"
"of other modules.\n",
	.wrong =
"foo->wq = alloc_workqueue(\"foo\", 0, 0);\n"
"if (!foo->wq)\n"
"	return -ENOMEM;\n"
"ret = foo_register(foo);\n"
"if (ret)\n"
"	return ret;\n",
	.right =
"foo->wq = alloc_workqueue(\"foo\", 0, 0);\n"
"if (!foo->wq)\n"
"	return -ENOMEM;\n"
"ret = foo_register(foo);\n"
"if (ret) {\n"
"	destroy_workqueue(foo->wq);\n"
"	return ret;\n"
"}\n",
	.check = check,
};
