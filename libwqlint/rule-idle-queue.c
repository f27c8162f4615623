/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idle-queue: the module allocates a queue of its own and waits for it or
 * destroys it, and nothing is ever queued on it: Step 4 forgotten altogether,
 * or a queue that nobody needs any more.
 *
 * Only a queue of which every use is seen: its pointer is kept where the
 * module alone can read it, and is given to nobody.
 */
#include <string.h>

#include "judge.h"
#include "resolve.h"
#include "rule.h"

extern const struct wq_rule wq_rule_idle_queue;

struct search {
	const struct wq_program *program;
	const struct wq_event *alloc;
	const struct wq_item *slot;	/* where its pointer is kept */
	const struct wq_use *waiter;	/* flush, drain or destroy */
};

/* The one place that the result of @alloc is stored to, or NULL. */
static const struct wq_item *find_slot(const struct wq_program *program,
				       const struct wq_event *alloc)
{
	const struct wq_item *slot = NULL, *found;
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++) {
			const struct wq_event *event =
				program->units[i]->events[j];

			if (event->kind != WQ_EVENT_STORE ||
			    event->value->kind != WQ_EXPR_RESULT ||
			    event->value->event != alloc)
				continue;
			found = wq_resolve_item(program, event->object, NULL);
			if (slot || !found || found->next || !found->key ||
			    found->ambiguous || found->on_stack)
				return NULL;
			slot = found;
		}
	return slot;
}

/* Could @expr name @slot? The last member that it names is then the same. */
static bool may_name(const struct wq_item *slot, const struct wq_expr *expr)
{
	size_t length = strlen(slot->name), tail;

	if ((expr->kind != WQ_EXPR_FIELD && expr->kind != WQ_EXPR_GLOBAL) ||
	    !expr->name)
		return false;
	tail = strlen(expr->name);
	return tail <= length &&
	       !memcmp(slot->name + length - tail, expr->name, tail);
}

/* Does @expr read the pointer in @slot, or name its place? */
static bool mentions(const struct search *search, const struct wq_expr *expr,
		     unsigned int depth)
{
	const struct wq_item *item;
	unsigned int i;

	if (!expr || !depth)
		return false;
	if (expr->kind == WQ_EXPR_RESULT)
		return expr->event == search->alloc;
	if (may_name(search->slot, expr)) {
		item = wq_resolve_item(search->program, expr, NULL);
		if (item && item->key && !item->next &&
		    wq_item_may_alias(item, search->slot))
			return true;
	}
	for (i = 0; i < expr->nr_alternatives; i++)
		if (mentions(search, expr->alternatives[i], depth - 1))
			return true;
	return mentions(search, expr->base, depth - 1);
}

/* Functions of the API that look at a queue and put nothing on it. */
static bool only_tunes(const char *callee)
{
	static const char *const names[] = {
		"apply_workqueue_attrs", "workqueue_congested",
		"workqueue_set_max_active", "workqueue_set_min_active",
	};
	size_t i;

	for (i = 0; callee && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(callee, names[i]))
			return true;
	return false;
}

/* Is the queue's pointer given to somebody, or kept in a second place? */
static bool gives_away(const struct search *search,
		       const struct wq_event *event)
{
	unsigned int i;

	if (event->kind == WQ_EVENT_STORE)
		return mentions(search, event->value, 8) &&
		       !(event->value->kind == WQ_EXPR_RESULT &&
			 event->value->event == search->alloc);
	if (event->kind == WQ_EVENT_RETURN)
		return mentions(search, event->value, 8);
	if (event->kind != WQ_EVENT_CALL || only_tunes(event->callee))
		return false;
	for (i = 0; i < event->nr_args; i++)
		if (mentions(search, event->args[i], 8))
			return true;
	return mentions(search, event->object, 8) ||
	       mentions(search, event->value, 8);
}

/* Is anything queued on it, or on a queue that it could be? */
static bool is_used(const struct search *search, const struct wq_use *use)
{
	const struct wq_queue_alternative *queue;

	if (use->event->kind != WQ_EVENT_QUEUE)
		return false;
	for (queue = use->queues; queue; queue = queue->next)
		if (queue->kind == WQ_QUEUE_UNKNOWN ||
		    (queue->kind == WQ_QUEUE_OWN &&
		     !wq_location_compare(&queue->alloc->where,
					  &search->alloc->where)))
			return true;
	return mentions(search, use->event->queue, 8);
}

static bool is_idle(struct search *search)
{
	const struct wq_program *program = search->program;
	unsigned int i, j;

	for (i = 0; i < program->nr_uses; i++) {
		if (is_used(search, &program->uses[i]))
			return false;
		if (!search->waiter &&
		    wq_event_waits_for_queue(program->uses[i].event) &&
		    wq_use_may_be_own(&program->uses[i], search->alloc))
			search->waiter = &program->uses[i];
	}
	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++)
			if (gives_away(search, program->units[i]->events[j]))
				return false;
	return search->waiter || search->alloc->managed;
}

/* A use that queues on a shared queue: perhaps what was forgotten. */
static const struct wq_use *first_shared(const struct wq_program *program)
{
	const struct wq_use *first = NULL;
	struct wq_shared shared;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (use->event->kind == WQ_EVENT_QUEUE &&
		    wq_use_is_shared(program, use, &shared) &&
		    (!first || wq_location_compare(&use->event->where,
						   &first->event->where) < 0))
			first = use;
	}
	return first;
}

static void report(const struct search *search, struct wq_findings *findings)
{
	const struct wq_use *shared = first_shared(search->program);
	const struct wq_event *alloc = search->alloc;
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_idle_queue, alloc->where,
				  "nothing is ever queued on %s, which is "
				  "allocated here", search->slot->name);
	finding->function = wq_arena_copy(findings->arena,
					  alloc->function->name);
	finding->queue = wq_arena_copy(findings->arena, search->slot->name);
	if (search->waiter)
		wq_finding_relate(findings, finding,
				  search->waiter->event->where,
				  search->waiter->event->function->name,
				  "%s() here has nothing to wait for",
				  search->waiter->event->callee);
	if (shared)
		wq_finding_relate(findings, finding, shared->event->where,
				  shared->event->function->name,
				  "the module queues on a shared queue here");
	finding->suggestion.step = shared ? 4 : -1;
	finding->suggestion.text = shared
		? "Step 4: queue the module's work items on it, or remove it"
		: "remove it, or use it";
}

/* Could code outside the program read the pointer? */
static bool is_private(const struct wq_program *program,
		       const struct wq_item *slot)
{
	return slot->is_confined ||
	       (program->complete &&
		(!slot->type || wq_type_is_own(program, slot->type)));
}

static void check_alloc(const struct wq_program *program,
			struct wq_findings *findings,
			const struct wq_event *alloc)
{
	struct search search = { .program = program, .alloc = alloc };

	search.slot = alloc->function ? find_slot(program, alloc) : NULL;
	if (search.slot && is_private(program, search.slot) &&
	    is_idle(&search))
		report(&search, findings);
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++)
			if (program->units[i]->events[j]->kind ==
			    WQ_EVENT_ALLOC_QUEUE)
				check_alloc(program, findings,
					    program->units[i]->events[j]);
}

const struct wq_rule wq_rule_idle_queue = {
	.id = "idle-queue",
	.level = WQ_WARNING,
	.summary = "an own workqueue on which nothing is ever queued",
	.why =
"A module that allocates its own queue, flushes it and queues nothing on it\n"
"waits for nothing: its work items are still on a shared queue. Step 4 of the\n"
"announcement, \"Replace e.g. schedule_work() call with corresponding\n"
"queue_work() call throughout your module\", was forgotten altogether, or the\n"
"queue's last user is gone and it only costs memory (and a thread, with\n"
"WQ_MEM_RECLAIM).\n",
	.limits =
"Only queues of which every use is seen: the pointer is in a static variable\n"
"or in a struct of the module, all units of the module are there, and it is\n"
"never passed on, returned or kept in a second place. Exported queues, and\n"
"those handed to a core, are not judged.\n",
	.wrong =
"foo_wq = alloc_workqueue(\"foo\", 0, 0);\n"
"...\n"
"schedule_work(&foo->work);\n"
"...\n"
"destroy_workqueue(foo_wq);\n",
	.right =
"foo_wq = alloc_workqueue(\"foo\", 0, 0);\n"
"...\n"
"queue_work(foo_wq, &foo->work);\n"
"...\n"
"destroy_workqueue(foo_wq);\n",
	.check = check,
};
