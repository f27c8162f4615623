/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * uncancelled-work: a work item is queued, and nothing in the module ever
 * waits for it, although what it is in is freed, or the module's code goes.
 * The handler then runs on freed memory: remove() without
 * cancel_work_sync().
 *
 * Where the module has a queue of its own that it waits for, the same fault
 * is unflushed-work's. What levels W and C are right in: doc/validation.md.
 */
#include <string.h>

#include "judge.h"
#include "resolve.h"
#include "rule.h"
#include "suggest.h"

extern const struct wq_rule wq_rule_uncancelled_work;

static const char *function_name(const struct wq_event *event)
{
	return event->function ? event->function->name : NULL;
}

static void relate_queuer(const struct wq_program *program,
			  struct wq_findings *findings,
			  struct wq_finding *finding, const struct wq_use *use)
{
	struct wq_queuer queuer;

	if (!wq_use_find_queuer(program, use, &queuer))
		return;
	if (queuer.handed)
		wq_finding_relate(findings, finding, queuer.handed->where,
				  function_name(queuer.handed),
				  "%s() leads there: it is given to %s() here",
				  queuer.function->name, queuer.handed->callee);
	else
		wq_finding_relate(findings, finding, queuer.function->where,
				  queuer.function->name,
				  "%s() leads there: it is %s",
				  queuer.function->name, queuer.role);
}

static void relate_end(struct wq_findings *findings,
		       struct wq_finding *finding, const struct wq_end *end)
{
	static const char *const messages[] = {
		[WQ_END_HANDLER] = "only the handler frees the object, and "
				   "nothing waits for that",
		[WQ_END_FREE] = "the object it is in is freed here",
		[WQ_END_OWNER] = "the object it is in is part of the one that "
				 "%s() is about here, and freed with it",
		[WQ_END_DEVICE] = "the object it is in comes from %s() here: "
				  "it is freed when the driver is unbound",
		[WQ_END_TEARDOWN] = "the object it is in is freed here",
	};

	if (end->event)
		wq_finding_relate(findings, finding, end->event->where,
				  function_name(end->event),
				  messages[end->kind], end->event->callee);
	else if (end->function)
		wq_finding_relate(findings, finding, end->function->where,
				  end->function->name, "the module and its "
				  "handler's code go after %s()",
				  end->function->name);
}

/* cancel_work() and the like: there, and no wait. */
static const struct wq_event *weak_cancel(const struct wq_work *work)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++)
		if (work->uses[i]->event->kind == WQ_EVENT_CANCEL_WORK ||
		    work->uses[i]->event->kind == WQ_EVENT_DISABLE_WORK)
			return work->uses[i]->event;
	return NULL;
}

/* A wait that is there, and that does not count; see wq_work_waiter(). */
static const struct wq_event *idle_wait(const struct wq_work *work)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++)
		if (wq_event_waits_for_work(work->uses[i]->event) &&
		    work->uses[i]->event->function)
			return work->uses[i]->event;
	return NULL;
}

/*
 * Is it seen that the object goes, and not by the handler's own doing? That
 * teardown waits for a sibling, or cancels this item without waiting, shows
 * that it goes as well.
 */
static bool is_certain(const struct wq_end *end, bool is_beside_a_wait)
{
	switch (end->kind) {
	case WQ_END_OWNER:
	case WQ_END_DEVICE:
	case WQ_END_TEARDOWN:
	case WQ_END_MODULE:
		return true;
	case WQ_END_HANDLER:
		return false;
	default:
		return is_beside_a_wait;
	}
}

static void report(const struct wq_program *program,
		   struct wq_findings *findings, const struct wq_work *work,
		   const struct wq_use *use, const char *queue,
		   const struct wq_end *end)
{
	const struct wq_event *event = use->event, *weak = weak_cancel(work);
	const struct wq_event *wait = idle_wait(work);
	const struct wq_use *sibling = wq_work_waited_sibling(program, work);
	const struct wq_function *handler = work->handlers[0];
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_uncancelled_work,
				  event->where,
				  weak ? "%s is queued on %s, and %s() does "
					 "not wait for its handler"
				  : wait ? "%s is queued on %s, and only %s() "
					   "waits for it, which need not run "
					   "before its object goes"
				       : "%s is queued on %s, and nothing "
					 "cancels or waits for it",
				  work->item->name, queue,
				  weak ? weak->callee
				  : wait ? wait->function->name : "");
	if (!is_certain(end, sibling || weak))
		finding->level = WQ_CHECK;
	finding->function = wq_arena_copy(findings->arena,
					  event->function->name);
	finding->queue = wq_arena_copy(findings->arena, queue);
	finding->work = wq_arena_copy(findings->arena, work->item->name);
	relate_queuer(program, findings, finding, use);
	wq_finding_relate(findings, finding, handler->where, handler->name,
			  "%s() is its handler", handler->name);
	relate_end(findings, finding, end);
	if (weak)
		wq_finding_relate(findings, finding, weak->where,
				  function_name(weak), "%s() here lets a "
				  "running handler run", weak->callee);
	wq_suggest_cancel(program, findings, finding, work, sibling, weak);
}

/* Of built-in code only what is seen to go can go. */
static bool may_go(const struct wq_program *program,
		   const struct wq_work *work, const struct wq_end *end)
{
	return (end->kind != WQ_END_UNKNOWN && end->kind != WQ_END_HANDLER) ||
	       wq_program_can_unload(program, work->handlers[0]->unit);
}

/* There is a wait, but not for what queues the item after it. */
static void report_requeue(struct wq_findings *findings,
			   const struct wq_work *work,
			   const struct wq_requeue *requeue)
{
	const struct wq_event *wait = requeue->wait;
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_uncancelled_work,
				  wait->where, "%s() here is too early for "
				  "%s: %s() can queue it again", wait->callee,
				  work->item->name, requeue->handler->name);
	finding->level = WQ_CHECK;
	finding->function = wq_arena_copy(findings->arena,
					  wait->function->name);
	finding->work = wq_arena_copy(findings->arena, work->item->name);
	wq_finding_relate(findings, finding, requeue->request->where,
			  function_name(requeue->request),
			  "%s() is given to %s() here",
			  requeue->handler->name, requeue->request->callee);
	if (requeue->freed)
		wq_finding_relate(findings, finding, requeue->freed->where,
				  function_name(requeue->freed),
				  "the interrupt is freed only here");
	finding->suggestion.step = 0;
	finding->suggestion.text = wq_arena_copy(findings->arena,
		requeue->freed ? "free the interrupt first"
		: "the interrupt is freed after this function: cancel in a "
		  "devm_add_action() from before the interrupt was "
		  "requested, or disable_irq() first");
}

static void check_requeue(const struct wq_program *program,
			  struct wq_findings *findings,
			  const struct wq_work *work)
{
	struct wq_requeue requeue;

	if (wq_work_is_known(work) && !wq_work_lets_go(program, work) &&
	    wq_work_find_requeue(program, work, &requeue))
		report_requeue(findings, work, &requeue);
}

/* There is a wait, but not on the way on which a probe fails. */
static void relate_failure(struct wq_findings *findings,
			   struct wq_finding *finding,
			   const struct wq_failure *failure)
{
	wq_finding_relate(findings, finding, failure->failed->where,
			  function_name(failure->failed),
			  "when %s() fails here, %s() ends without a wait",
			  failure->failed->callee ? failure->failed->callee
						  : "the call",
			  failure->function->name);
	if (failure->end.kind == WQ_END_FREE ||
	    failure->end.kind == WQ_END_TEARDOWN)
		wq_finding_relate(findings, finding, failure->end.event->where,
				  function_name(failure->end.event),
				  failure->is_guess
				  ? "who called %s() can free the object it is "
				    "in here"
				  : "the object it is in is freed here",
				  failure->function->name);
	else if (failure->end.event)
		wq_finding_relate(findings, finding, failure->end.event->where,
				  function_name(failure->end.event),
				  "the object it is in comes from %s() here: "
				  "it is freed when %s() fails",
				  failure->end.event->callee,
				  failure->function->name);
	if (failure->wait)
		wq_finding_relate(findings, finding, failure->wait->where,
				  function_name(failure->wait),
				  "%s() here waits for it", failure->wait->callee);
}

static void report_failure(struct wq_findings *findings,
			   const struct wq_work *work,
			   const struct wq_failure *failure)
{
	const struct wq_event *event = failure->use->event;
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_uncancelled_work,
				  event->where, "%s is queued here, and nothing "
				  "waits for it when %s() fails later",
				  work->item->name, failure->function->name);
	if (failure->is_guess)
		finding->level = WQ_CHECK;
	finding->function = wq_arena_copy(findings->arena,
					  event->function->name);
	finding->work = wq_arena_copy(findings->arena, work->item->name);
	wq_finding_relate(findings, finding, work->handlers[0]->where,
			  work->handlers[0]->name, "%s() is its handler",
			  work->handlers[0]->name);
	relate_failure(findings, finding, failure);
	finding->suggestion.step = 0;
	finding->suggestion.text = wq_arena_printf(findings->arena,
		"%s() %s on that way out, or queue it when nothing can fail "
		"any more", wq_cancel_call(work), work->item->name);
}

static void check_failure(const struct wq_program *program,
			  struct wq_findings *findings,
			  const struct wq_work *work)
{
	struct wq_failure failure;

	if (wq_work_is_known(work) && !wq_work_lets_go(program, work) &&
	    wq_work_find_failure(program, work, &failure))
		report_failure(findings, work, &failure);
}

static void check_work(const struct wq_program *program,
		       struct wq_findings *findings,
		       const struct wq_work *work)
{
	struct wq_shared shared = { .queue = NULL };
	const struct wq_use *first;
	struct wq_end end;

	if (!wq_work_is_known(work) || wq_work_module_waits(program, work) ||
	    !wq_work_is_only_on_shared(program, work, &first, &shared) ||
	    wq_work_may_be_queued_elsewhere(program, work) ||
	    wq_work_waiter(program, work) ||
	    wq_work_shared_flush(program, work, shared.queue->name, true) ||
	    wq_work_lets_go(program, work))
		return;
	wq_work_find_end(program, work, &end);
	if (!may_go(program, work, &end))
		return;
	report(program, findings, work, first, shared.names, &end);
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	unsigned int i;

	for (i = 0; i < program->nr_works; i++) {
		check_work(program, findings, &program->works[i]);
		check_requeue(program, findings, &program->works[i]);
		check_failure(program, findings, &program->works[i]);
	}
}

const struct wq_rule wq_rule_uncancelled_work = {
	.id = "uncancelled-work",
	.level = WQ_WARNING,
	.summary = "a work item that nothing waits for before its object goes",
	.why =
"schedule_work() returns at once; the handler runs later, on another CPU. A\n"
"remove() or exit function that frees the object, or lets the core free it,\n"
"without cancel_work_sync() leaves a pending or running handler behind that\n"
"works on freed memory, or in code that was unloaded: a use-after-free, the\n"
"cause of many published CVEs. kernel/workqueue.c on what helps: \"On return\n"
"from this function, @work is guaranteed to be not pending or executing on\n"
"any CPU.\" cancel_work() and cancel_delayed_work() do not wait: \"this\n"
"function may be called from any context including IRQ handler\", and the\n"
"handler may still be running when they return.\n",
	.limits =
"Judged only when every unit of the module is seen, and for items that no\n"
"other module can name. Not reported: an item that anything waits for, even\n"
"if not on every path of teardown, one on a shared queue that teardown\n"
"flushes, and one whose handler drops a reference, ends in module_put() or\n"
"signals what another function waits for. A probe or init function that fails\n"
"after it queued the item is followed from the call that fails; a wait in\n"
"what it then calls counts, and so does one below a test of what was decided\n"
"before. What queues the item again after the wait is looked for among\n"
"interrupt handlers only. Level CHECK (--strict): a wait before such an\n"
"interrupt is freed (the device may be quiet by then); an object of which\n"
"only the handler's own kfree(), a kfree() outside teardown, or no end at all\n"
"is seen, unless teardown waits for another item of the object, or cancels\n"
"this one without waiting. In a module that waits for a queue of its own this\n"
"is unflushed-work.\n",
	.wrong =
"static irqreturn_t foo_irq(int irq, void *data)\n"
"{\n"
"	struct foo *foo = data;\n"
"\n"
"	schedule_work(&foo->work);\n"
"	return IRQ_HANDLED;\n"
"}\n"
"...\n"
"free_irq(foo->irq, foo);\n"
"kfree(foo);\n",
	.right =
"free_irq(foo->irq, foo);\n"
"cancel_work_sync(&foo->work);\n"
"kfree(foo);\n",
	.check = check,
};
