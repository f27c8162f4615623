/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * self-flush: a handler waits for its own work item, or for the queue that it
 * runs on. Neither ends before the handler does: it sleeps for ever.
 *
 * The item and the queue must be the handler's own for certain. Another
 * object's item of the same kind is not.
 */
#include <string.h>

#include "judge.h"
#include "rule.h"

extern const struct wq_rule wq_rule_self_flush;

struct search {
	const struct wq_program *program;
	struct wq_findings *findings;
	const struct wq_work *work;
	const struct wq_function *handler;
};

/* Where @work is put on the queue that @reach waits for, or NULL. */
static const struct wq_use *queued_there(const struct search *search,
					 const struct wq_reach *reach,
					 bool *everywhere)
{
	const struct wq_use *found = NULL;
	unsigned int i;

	*everywhere = true;
	for (i = 0; i < search->work->nr_uses; i++) {
		const struct wq_use *use = search->work->uses[i];

		if (use->event->kind != WQ_EVENT_QUEUE)
			continue;
		if (!wq_reach_is_own_queue(search->program, search->work,
					   search->handler, reach, use))
			*everywhere = false;
		else if (!found)
			found = use;
	}
	return found;
}

static const char *queue_text(const struct search *search,
			      const struct wq_use *use)
{
	struct wq_shared shared;

	if (wq_use_is_shared(search->program, use, &shared) && !shared.may)
		return shared.names;
	return wq_own_queue_name(search->program, use);
}

/*
 * A function that others call as well may know who it runs for by a flag of
 * the object: "if (!test_bit(RESETTING, &foo->flags))" around the wait. The
 * handler itself knows who it is.
 */
static bool is_guarded(const struct wq_reach *reach)
{
	unsigned int i;

	for (i = 0; reach->context && i < reach->event->nr_conditions; i++) {
		const struct wq_condition *condition =
			&reach->event->conditions[i];

		if (condition->left->kind == WQ_EXPR_LOCAL ||
		    (condition->left->kind == WQ_EXPR_LOAD &&
		     (condition->right->kind == WQ_EXPR_NULL ||
		      condition->right->kind == WQ_EXPR_CONST)))
			return true;
	}
	return false;
}

static void finish(struct search *search, struct wq_finding *finding,
		   const struct wq_reach *reach, bool always)
{
	struct wq_findings *findings = search->findings;

	if (!always)
		finding->level = WQ_WARNING;
	finding->function = wq_arena_copy(findings->arena,
					  reach->event->function->name);
	finding->work = wq_arena_copy(findings->arena,
				      search->work->item->name);
	wq_relate_reach(findings, finding, search->handler, reach);
	finding->suggestion.step = -1;
}

static void report_item(struct search *search, const struct wq_reach *reach)
{
	struct wq_finding *finding;

	finding = wq_findings_add(search->findings, &wq_rule_self_flush,
				  reach->event->where,
				  "%s() waits for %s, whose handler %s() is "
				  "running it: a deadlock",
				  reach->event->callee,
				  search->work->item->name,
				  search->handler->name);
	finish(search, finding, reach, reach->always);
	finding->suggestion.text = "cancel without waiting, or wait from "
		"outside the handler; where both call this, ask "
		"current_work()";
}

static void report_queue(struct search *search, const struct wq_reach *reach,
			 const struct wq_use *queued, bool everywhere)
{
	const char *queue = queue_text(search, queued);
	struct wq_finding *finding;

	finding = wq_findings_add(search->findings, &wq_rule_self_flush,
				  reach->event->where,
				  "%s() waits for %s, on which %s() %sruns as "
				  "the handler of %s: a deadlock",
				  reach->event->callee, queue,
				  search->handler->name,
				  everywhere ? "" : "sometimes ",
				  search->work->item->name);
	finding->queue = wq_arena_copy(search->findings->arena, queue);
	finish(search, finding, reach, reach->always && everywhere);
	wq_finding_relate(search->findings, finding, queued->event->where,
			  queued->event->function
			  ? queued->event->function->name : NULL,
			  "it is queued there here");
	finding->suggestion.text = "wait for the other work items by name, or "
		"from outside the handler; an item that must wait for the "
		"queue belongs on another one";
}

static void check_event(const struct wq_reach *reach, void *data)
{
	struct search *search = data;
	const struct wq_use *queued;
	bool everywhere;

	if (is_guarded(reach))
		return;
	if (wq_event_waits_for_work(reach->event)) {
		if (wq_reach_is_own_item(search->program, search->work,
					 search->handler, reach))
			report_item(search, reach);
	} else if (wq_event_waits_for_queue(reach->event)) {
		queued = queued_there(search, reach, &everywhere);
		if (queued)
			report_queue(search, reach, queued, everywhere);
	}
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	struct search search = { .program = program, .findings = findings };
	unsigned int i, j;

	for (i = 0; i < program->nr_works; i++) {
		search.work = &program->works[i];
		for (j = 0; j < search.work->nr_handlers; j++) {
			search.handler = search.work->handlers[j];
			wq_for_each_reached_wait(program, search.handler,
						 check_event, &search);
		}
	}
}

const struct wq_rule wq_rule_self_flush = {
	.id = "self-flush",
	.level = WQ_ERROR,
	.summary = "a handler waits for itself, or for the queue it runs on",
	.why =
"flush_work(), cancel_work_sync() and their kind return when the handler has\n"
"returned. A handler that calls one for its own work item waits for itself, for\n"
"ever; so does one that flushes, drains or destroys the queue it runs on, as its\n"
"own item is among those that \"were queued on entry\" (kernel/workqueue.c on\n"
"flush_workqueue(): \"This function sleeps until all work items which were queued\n"
"on entry have finished execution\"). The worker never comes back, and everybody\n"
"who waits for the item or the queue hangs with it. It is mostly an error path:\n"
"the handler calls the function that stops the device, and that cancels the\n"
"handler.\n",
	.limits =
"Calls are followed through the module, not through function pointers. The item\n"
"or the queue must be the handler's own for certain: reached by container_of()\n"
"from the handler's argument, or at file scope. What is reached through a stored\n"
"pointer may be another object's and is not reported. Not reported either: a\n"
"function that asks current_work(), a way that a constant argument rules out,\n"
"and a wait in a function that the handler calls when the wait depends on a test\n"
"of a variable (such a flag mostly says that the handler itself is the caller).\n"
"Level WARNING when there is a way through the handler without the wait, or when\n"
"the item is also queued elsewhere.\n",
	.wrong =
"static void foo_stop(struct foo *foo)\n"
"{\n"
"	cancel_delayed_work_sync(&foo->poll);\n"
"}\n"
"\n"
"static void foo_poll(struct work_struct *work)\n"
"{\n"
"	struct foo *foo = container_of(work, struct foo, poll.work);\n"
"\n"
"	if (foo_read(foo) < 0)\n"
"		foo_stop(foo);\n"
"}\n",
	.right =
"static void foo_poll(struct work_struct *work)\n"
"{\n"
"	struct foo *foo = container_of(work, struct foo, poll.work);\n"
"\n"
"	if (foo_read(foo) < 0)\n"
"		return;\n"
"	schedule_delayed_work(&foo->poll, HZ);\n"
"}\n",
	.check = check,
};
