/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reclaim-flush: the handler of a work item on a WQ_MEM_RECLAIM queue waits
 * for a queue without that flag, or for a work item on one.
 *
 * This is check_flush_dependency() of kernel/workqueue.c, which warns at run
 * time: the waiting worker is not on a queue of create_workqueue() and the
 * like (__WQ_LEGACY), and what it waits for is not being cancelled.
 */
#include <string.h>

#include "api.h"
#include "core-edges.h"
#include "deprecated.h"
#include "judge.h"
#include "resolve.h"
#include "rule.h"

extern const struct wq_rule wq_rule_reclaim_flush;

struct search {
	const struct wq_program *program;
	struct wq_findings *findings;
	const struct wq_work *work;
	const struct wq_function *handler;
	const struct wq_use *queued;	/* on a WQ_MEM_RECLAIM queue */
	bool may;	/* what may be without the flag is enough */
};

enum reclaim { UNKNOWN, WITHOUT, LEGACY, WITH };

static enum reclaim reclaim_of(const struct wq_queue_alternative *queue)
{
	long long flags;

	if (queue->kind == WQ_QUEUE_SYSTEM)
		return WITHOUT;
	if (queue->kind != WQ_QUEUE_OWN || queue->alloc->number < 0)
		return UNKNOWN;
	flags = queue->alloc->number;
	if (!(flags & WQ_FLAG_MEM_RECLAIM))
		return WITHOUT;
	return flags & WQ_FLAG_LEGACY ? LEGACY : WITH;
}

/* What all queues are that @queues may be; UNKNOWN when they differ. */
static enum reclaim all_are(const struct wq_queue_alternative *queue)
{
	enum reclaim found = UNKNOWN, one;

	for (; queue; queue = queue->next) {
		if (queue->kind == WQ_QUEUE_NULL)
			continue;
		one = reclaim_of(queue);
		if (one == UNKNOWN || (found != UNKNOWN && one != found))
			return UNKNOWN;
		found = one;
	}
	return found;
}

static bool may_be_without(const struct wq_queue_alternative *queue)
{
	for (; queue; queue = queue->next)
		if (reclaim_of(queue) == WITHOUT)
			return true;
	return false;
}

/* A wait for @queues is one for a queue without the flag. */
static bool are_without(const struct search *search,
			const struct wq_queue_alternative *queues)
{
	return search->may ? may_be_without(queues)
			   : all_are(queues) == WITHOUT;
}

/* The use that puts @work on a queue without the flag, or NULL. */
static const struct wq_use *queued_without(const struct search *search,
					   const struct wq_work *work)
{
	const struct wq_use *found = NULL;
	unsigned int i;

	if (!search->may && (!work->is_confined || work->escapes))
		return NULL;
	for (i = 0; i < work->nr_uses; i++) {
		if (work->uses[i]->event->kind != WQ_EVENT_QUEUE)
			continue;
		if (are_without(search, work->uses[i]->queues))
			found = found ? found : work->uses[i];
		else if (!search->may)
			return NULL;
	}
	return found;
}

/* The same for the one item @item. */
static const struct wq_use *item_without(const struct search *search,
					 const struct wq_item *item)
{
	const struct wq_program *program = search->program;
	const struct wq_use *found = NULL;
	unsigned int i;

	if (!item || item->next || !item->key || item->ambiguous)
		return NULL;
	for (i = 0; i < program->nr_works && !found; i++)
		if (wq_item_same(program->works[i].item, item))
			found = queued_without(search, &program->works[i]);
	return found;
}

static const char *queue_text(const struct wq_program *program,
			      const struct wq_use *use)
{
	struct wq_shared shared;

	if (wq_use_is_shared(program, use, &shared) && !shared.may)
		return shared.names;
	return wq_own_queue_name(program, use);
}

static const struct wq_event *alloc_of(const struct wq_queue_alternative *queue)
{
	for (; queue; queue = queue->next)
		if (queue->kind == WQ_QUEUE_OWN)
			return queue->alloc;
	return NULL;
}

static void relate_alloc(struct search *search, struct wq_finding *finding,
			 const struct wq_queue_alternative *queues,
			 const char *what)
{
	const struct wq_event *alloc = alloc_of(queues);

	if (alloc)
		wq_finding_relate(search->findings, finding, alloc->where,
				  alloc->function ? alloc->function->name : NULL,
				  "allocated %s WQ_MEM_RECLAIM here", what);
}

static void report(struct search *search, const struct wq_reach *reach,
		   const char *what, const struct wq_queue_alternative *queues,
		   const struct wq_use *other)
{
	const char *own = wq_own_queue_name(search->program, search->queued);
	struct wq_findings *findings = search->findings;
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_reclaim_flush,
				  reach->event->where,
				  "%s() waits for %s, without WQ_MEM_RECLAIM, "
				  "in a handler on %s, which has it",
				  reach->event->callee, what, own);
	finding->function = wq_arena_copy(findings->arena,
					  reach->event->function->name);
	finding->queue = wq_arena_copy(findings->arena, own);
	finding->work = wq_arena_copy(findings->arena,
				      search->work->item->name);
	wq_relate_reach(findings, finding, search->handler, reach);
	wq_finding_relate(findings, finding, search->queued->event->where,
			  search->queued->event->function
			  ? search->queued->event->function->name : NULL,
			  "%s is queued on %s here", search->work->item->name,
			  own);
	relate_alloc(search, finding, search->queued->queues, "with");
	if (other)
		wq_finding_relate(findings, finding, other->event->where,
				  other->event->function
				  ? other->event->function->name : NULL,
				  "what it waits for is queued here");
	relate_alloc(search, finding, queues, "without");
	finding->suggestion.step = -1;
	finding->suggestion.text = "where memory reclaim needs the handler, "
		"what it waits for needs a queue with WQ_MEM_RECLAIM, too; "
		"otherwise the handler's queue does not need the flag";
}

/* Nothing was queued on it yet, and there is nothing to wait for. */
static bool is_undone(const struct wq_event *destroy,
		      const struct wq_queue_alternative *queues)
{
	const struct wq_event *alloc = alloc_of(queues);

	return destroy->kind == WQ_EVENT_DESTROY_QUEUE && alloc &&
	       alloc->function == destroy->function;
}

/* kernel/workqueue.c: these wait with flush_work() for items on system_wq. */
static bool runs_on_shared(const struct wq_event *event)
{
	static const char *const names[] = {
		"schedule_on_each_cpu", "work_on_cpu", "work_on_cpu_key",
		"work_on_cpu_safe", "work_on_cpu_safe_key",
	};
	size_t i;

	/* Nearly all calls are of others. */
	if (!event->callee || (*event->callee != 's' && *event->callee != 'w'))
		return false;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(event->callee, names[i]))
			return true;
	return false;
}

static void check_event(const struct wq_reach *reach, void *data)
{
	struct search *search = data;
	const struct wq_event *event = reach->event;
	const struct wq_queue_alternative *queues;
	const struct wq_use *other;

	if (event->kind == WQ_EVENT_CALL && runs_on_shared(event)) {
		report(search, reach, "a work item of a shared queue", NULL,
		       NULL);
	} else if (wq_event_waits_for_queue(event) && event->queue) {
		queues = wq_resolve_queue(search->program, event->queue,
					  reach->context);
		if (are_without(search, queues) && !is_undone(event, queues))
			report(search, reach, "a queue", queues, NULL);
	} else if (event->kind == WQ_EVENT_FLUSH_WORK && event->work) {
		other = item_without(search,
				     wq_resolve_item(search->program,
						     event->work,
						     reach->context));
		if (other)
			report(search, reach,
			       wq_arena_printf(search->program->arena,
					       "%s on %s", other->items->name,
					       queue_text(search->program,
							  other)),
			       other->queues, other);
	}
}

/* A use that puts @work on a queue that certainly has the flag, or NULL. */
static const struct wq_use *queued_with(const struct wq_work *work)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++)
		if (work->uses[i]->event->kind == WQ_EVENT_QUEUE &&
		    all_are(work->uses[i]->queues) == WITH)
			return work->uses[i];
	return NULL;
}

static void check_work(struct search *search, const struct wq_work *work,
		       const struct wq_use *queued)
{
	unsigned int i;

	search->work = work;
	search->queued = queued;
	for (i = 0; i < work->nr_handlers; i++) {
		search->handler = work->handlers[i];
		wq_for_each_reached(search->program, search->handler,
				    check_event, search);
	}
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	struct search search = { .program = program, .findings = findings };
	const struct wq_use *queued;
	unsigned int i;

	for (i = 0; i < program->nr_works; i++) {
		queued = queued_with(&program->works[i]);
		if (queued)
			check_work(&search, &program->works[i], queued);
	}
}

static bool is_core_flush(const struct wq_event *event, void *data)
{
	struct wq_location *where = data;

	if (event->kind != WQ_EVENT_CALL || !event->callee ||
	    !wq_core_flushes(event->callee))
		return false;
	*where = event->where;
	return true;
}

/*
 * The same for a core's function that waits. The rule does not ask that: the
 * core often finds nothing to wait for.
 */
static bool waits_in_core(const struct wq_program *program,
			  const struct wq_work *work, struct wq_location *where)
{
	unsigned int i;

	for (i = 0; i < work->nr_handlers; i++)
		if (wq_walk_events(program, work->handlers[i], is_core_flush,
				   where))
			return true;
	return false;
}

/* A use that puts @work on what may be the queue that @alloc makes, or NULL. */
static const struct wq_use *queued_on(const struct wq_work *work,
				      const struct wq_event *alloc)
{
	const struct wq_queue_alternative *queue;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		if (work->uses[i]->event->kind != WQ_EVENT_QUEUE)
			continue;
		for (queue = work->uses[i]->queues; queue; queue = queue->next)
			if (queue->kind == WQ_QUEUE_OWN &&
			    !wq_location_compare(&queue->alloc->where,
						 &alloc->where))
				return work->uses[i];
	}
	return NULL;
}

bool wq_create_hides_wait(const struct wq_program *program,
			  const struct wq_event *alloc,
			  struct wq_location *where)
{
	struct search search = {
		.program = program, .findings = wq_findings_new(), .may = true,
	};
	const struct wq_use *queued;
	unsigned int i;
	bool found = false;

	for (i = 0; i < program->nr_works && !found; i++) {
		queued = queued_on(&program->works[i], alloc);
		if (!queued)
			continue;
		check_work(&search, &program->works[i], queued);
		if (search.findings->count)
			*where = search.findings->list[0]->where;
		found = search.findings->count ||
			waits_in_core(program, &program->works[i], where);
	}
	wq_findings_free(search.findings);
	return found;
}

const struct wq_rule wq_rule_reclaim_flush = {
	.id = "reclaim-flush",
	.level = WQ_WARNING,
	.summary = "a WQ_MEM_RECLAIM worker waits for a queue without the flag",
	.why =
"A queue with WQ_MEM_RECLAIM has a rescuer thread, so that its work goes on when\n"
"no memory is left for a new worker. Its handlers lose that promise when they\n"
"wait for work on a queue without a rescuer: that may never get a worker, and\n"
"whoever reclaims memory waits for ever. kernel/workqueue.c checks it at run\n"
"time, in check_flush_dependency(): \"verify that %current is not reclaiming\n"
"memory or running on a workqueue which doesn't have %WQ_MEM_RECLAIM as that can\n"
"break forward-progress guarantee leading to a deadlock\", and warns \"workqueue:\n"
"WQ_MEM_RECLAIM ... is flushing !WQ_MEM_RECLAIM ...\", but only when there is\n"
"something to wait for at that moment. Here the flags of the allocations are\n"
"compared.\n",
	.limits =
"Both queues must be certain: the flags of an allocation constant, an item on\n"
"queues without the flag only. The shared queues have no WQ_MEM_RECLAIM. Exempt\n"
"as in the kernel: handlers on a queue of create_workqueue() and its kind, and\n"
"cancel_*_sync(), which kernels before Linux 6.1 checked, too. Not reported: the\n"
"destruction of a queue by the function that allocated it (nothing is on it),\n"
"and functions that ask current_work(). Calls are followed through the module,\n"
"not through function pointers. The kernel's other half, a task that reclaims\n"
"memory itself (PF_MEMALLOC), is not looked for.\n",
	.wrong =
"foo->wq = alloc_workqueue(\"foo\", WQ_MEM_RECLAIM, 0);\n"
"foo->io_wq = alloc_workqueue(\"foo_io\", 0, 0);\n"
"...\n"
"static void foo_reset(struct work_struct *work)		/* on foo->wq */\n"
"{\n"
"	struct foo *foo = container_of(work, struct foo, reset);\n"
"\n"
"	flush_workqueue(foo->io_wq);\n"
"}\n",
	.right =
"foo->wq = alloc_workqueue(\"foo\", WQ_MEM_RECLAIM, 0);\n"
"foo->io_wq = alloc_workqueue(\"foo_io\", WQ_MEM_RECLAIM, 0);\n",
	.check = check,
};
