/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions that several rules ask of a program.
 */
#include <string.h>

#include "judge.h"
#include "resolve.h"

int wq_location_compare(const struct wq_location *a,
			const struct wq_location *b)
{
	int order = strcmp(a->file ? a->file : "", b->file ? b->file : "");

	if (order)
		return order;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column_bytes != b->column_bytes)
		return a->column_bytes < b->column_bytes ? -1 : 1;
	return 0;
}

/* Tests around a use */

static const char *system_name(const struct wq_expr *expr)
{
	return expr->kind == WQ_EXPR_LOAD &&
	       expr->base->kind == WQ_EXPR_GLOBAL && !expr->base->is_static &&
	       wq_is_system_queue(expr->base->name) ? expr->base->name : NULL;
}

static bool same_pointer(const struct wq_program *program,
			 const struct wq_expr *a, const struct wq_expr *b)
{
	const char *slot_a, *slot_b;

	if (a == b)
		return true;
	if (a->kind != WQ_EXPR_LOAD || b->kind != WQ_EXPR_LOAD)
		return false;
	slot_a = wq_resolve_slot(program, a->base, NULL);
	slot_b = wq_resolve_slot(program, b->base, NULL);
	return slot_a && slot_b && !strcmp(slot_a, slot_b);
}

/* Does "the use's queue is (not) system_x" follow from @condition? */
static bool rules_out(const struct wq_program *program,
		      const struct wq_condition *condition,
		      const struct wq_use *use, const char *name)
{
	const struct wq_expr *other = condition->left;
	const char *tested = system_name(condition->right);

	if (!tested) {
		tested = system_name(condition->left);
		other = condition->right;
	}
	if (!tested || !same_pointer(program, other, use->event->queue))
		return false;
	return (condition->relation == WQ_EQUAL) != !strcmp(tested, name);
}

/* "if (!p->wq) p->wq = system_wq": the test no longer holds after it. */
static bool is_changed_by(const struct wq_program *program,
			  const struct wq_condition *condition,
			  const struct wq_event *store)
{
	const char *tested, *changed;

	if (condition->left->kind != WQ_EXPR_LOAD || !store->object)
		return false;
	tested = wq_resolve_slot(program, condition->left->base, NULL);
	changed = wq_resolve_slot(program, store->object, NULL);
	return tested && changed && !strcmp(tested, changed);
}

static bool contradicts_any(const struct wq_program *program,
			    const struct wq_condition *condition,
			    const struct wq_queue_alternative *queue)
{
	const struct wq_event *store = queue->store;
	unsigned int i;

	for (i = 0; store && i < store->nr_conditions; i++)
		if (!is_changed_by(program, &store->conditions[i], store) &&
		    wq_condition_contradicts(program, condition,
					     &store->conditions[i]))
			return true;
	return false;
}

static bool event_excludes(const struct wq_program *program,
			   const struct wq_event *event,
			   const struct wq_use *use,
			   const struct wq_queue_alternative *queue)
{
	unsigned int i;

	for (i = 0; i < event->nr_conditions; i++)
		if (contradicts_any(program, &event->conditions[i], queue) ||
		    (queue->kind == WQ_QUEUE_SYSTEM &&
		     rules_out(program, &event->conditions[i], use,
			       queue->name)))
			return true;
	return false;
}

/* Is @queue impossible where @use happens? */
static bool is_excluded(const struct wq_program *program,
			const struct wq_use *use,
			const struct wq_queue_alternative *queue)
{
	const struct wq_context *context;

	if (event_excludes(program, use->event, use, queue))
		return true;
	for (context = use->context; context; context = context->up)
		if (context->call &&
		    event_excludes(program, context->call, use, queue))
			return true;
	return false;
}

/* A test of anything but whether the queue is there at all. */
static bool has_guard(const struct wq_program *program,
		      const struct wq_event *event,
		      const struct wq_expr *queue)
{
	unsigned int i;

	for (i = 0; i < event->nr_conditions; i++) {
		const struct wq_condition *condition = &event->conditions[i];

		/* LOCAL: a test of which only the outcome is known. */
		if ((condition->left->kind == WQ_EXPR_LOAD ||
		     condition->left->kind == WQ_EXPR_LOCAL) &&
		    !same_pointer(program, condition->left, queue) &&
		    !system_name(condition->right) &&
		    !system_name(condition->left))
			return true;
	}
	return false;
}

/* Has every call of the function such a test? */
static bool callers_guard(const struct wq_program *program,
			  const struct wq_function *function,
			  const struct wq_expr *queue)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	callers = wq_program_callers(program, function, &count);
	for (i = 0; i < count; i++)
		if (!has_guard(program, callers[i], queue))
			return false;
	return count && !wq_program_is_open(program, function);
}

static void add_name(const struct wq_program *program,
		     struct wq_shared *shared, const char *name)
{
	if (!shared->names)
		shared->names = name;
	else if (!strstr(shared->names, name))
		shared->names = wq_arena_printf(program->arena, "%s or %s",
						shared->names, name);
}

bool wq_use_is_shared(const struct wq_program *program,
		      const struct wq_use *use, struct wq_shared *shared)
{
	const struct wq_queue_alternative *queue;

	memset(shared, 0, sizeof(*shared));
	for (queue = use->queues; queue; queue = queue->next) {
		if (queue->kind == WQ_QUEUE_NULL ||
		    is_excluded(program, use, queue))
			continue;
		if (queue->kind != WQ_QUEUE_SYSTEM) {
			shared->may = true;
			continue;
		}
		if (!shared->queue)
			shared->queue = queue;
		add_name(program, shared, queue->name);
	}
	shared->guarded = has_guard(program, use->event, use->event->queue) ||
			  (use->event->function &&
			   callers_guard(program, use->event->function,
					 use->event->queue));
	return shared->queue != NULL;
}

const struct wq_event *wq_use_own_queue(const struct wq_use *use)
{
	const struct wq_queue_alternative *queue;
	const struct wq_event *alloc = NULL;

	for (queue = use->queues; queue; queue = queue->next) {
		if (queue->kind == WQ_QUEUE_OWN)
			alloc = queue->alloc;
		else if (queue->kind != WQ_QUEUE_NULL)
			return NULL;
	}
	return alloc;
}

bool wq_use_may_be_own(const struct wq_use *use, const struct wq_event *alloc)
{
	const struct wq_queue_alternative *queue;

	for (queue = use->queues; queue; queue = queue->next)
		if (queue->kind == WQ_QUEUE_OWN &&
		    (!alloc || !wq_location_compare(&queue->alloc->where,
						    &alloc->where)))
			return true;
	return false;
}

bool wq_event_waits_for_queue(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_FLUSH_QUEUE ||
	       event->kind == WQ_EVENT_DRAIN_QUEUE ||
	       event->kind == WQ_EVENT_DESTROY_QUEUE;
}

static const struct wq_event *managed_queue(const struct wq_program *program,
					    const struct wq_event *alloc,
					    const struct wq_unit *unit)
{
	const struct wq_event *const *allocs;
	unsigned int i, count;

	if (alloc)
		return alloc->managed ? alloc : NULL;
	allocs = wq_program_events(program, WQ_EVENT_ALLOC_QUEUE, &count);
	for (i = 0; i < count; i++)
		if (allocs[i]->managed && allocs[i]->function &&
		    wq_units_share_module(allocs[i]->function->unit, unit))
			return allocs[i];
	return NULL;
}

const struct wq_use *wq_queue_waiter(const struct wq_program *program,
				     const struct wq_event *alloc,
				     const struct wq_unit *unit,
				     const struct wq_event **managed)
{
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++)
		if (wq_event_waits_for_queue(program->uses[i].event) &&
		    wq_use_may_be_own(&program->uses[i], alloc) &&
		    (alloc ||
		     wq_units_share_module(program->uses[i].event->function
						->unit, unit)))
			return &program->uses[i];
	if (managed)
		*managed = managed_queue(program, alloc, unit);
	return NULL;
}

bool wq_work_module_waits(const struct wq_program *program,
			  const struct wq_work *work)
{
	const struct wq_event *managed = NULL;

	return work->nr_handlers &&
	       (wq_queue_waiter(program, NULL, work->handlers[0]->unit,
				&managed) || managed);
}

static int nearness(const struct wq_item *slot, const struct wq_work *work)
{
	if (!slot)
		return 0;
	if (!slot->type)
		return 2;
	return work->item->type && !strcmp(slot->type, work->item->type) ? 3 : 1;
}

const struct wq_use *wq_nearest_queue_waiter(const struct wq_program *program,
					     const struct wq_work *work)
{
	const struct wq_use *best = NULL;
	int rank, best_rank = -1;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (!wq_event_waits_for_queue(use->event) ||
		    !wq_use_may_be_own(use, NULL) || !work->nr_handlers ||
		    !wq_units_share_module(use->event->function->unit,
					   work->handlers[0]->unit))
			continue;
		rank = nearness(wq_queue_slot(program, use), work);
		if (rank > best_rank) {
			best_rank = rank;
			best = use;
		}
	}
	return best;
}

bool wq_event_waits_for_work(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_FLUSH_WORK ||
	       event->kind == WQ_EVENT_CANCEL_WORK_SYNC ||
	       event->kind == WQ_EVENT_DISABLE_WORK_SYNC;
}

/* "Wait for the last one, then queue it again": the item is pending after it. */
static bool is_queued_after(const struct wq_work *work,
			    const struct wq_event *wait)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->kind == WQ_EVENT_QUEUE && event->always &&
		    event->function == wait->function &&
		    event->index > wait->index)
			return true;
	}
	return false;
}

const struct wq_use *wq_work_waiter(const struct wq_program *program,
				    const struct wq_work *work)
{
	const struct wq_item *item;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (!wq_event_waits_for_work(use->event) ||
		    is_queued_after(work, use->event) ||
		    (use->event->function &&
		     wq_function_only_sleeps(program, use->event->function)))
			continue;
		for (item = use->items; item; item = item->next)
			if (wq_item_may_alias(item, work->item))
				return use;
	}
	return NULL;
}

bool wq_work_is_known(const struct wq_work *work)
{
	return work->is_confined && work->nr_handlers && !work->foreign_handler
	       && !work->escapes && !work->item->on_stack;
}

/* Names */

const struct wq_item *wq_queue_slot(const struct wq_program *program,
				    const struct wq_use *use)
{
	const struct wq_expr *queue = use->event->queue;
	const struct wq_item *slot;

	if (!queue || queue->kind != WQ_EXPR_LOAD)
		return NULL;
	slot = wq_resolve_item(program, queue->base, use->context);
	return slot && slot->name ? slot : NULL;
}

const char *wq_own_queue_name(const struct wq_program *program,
			      const struct wq_use *use)
{
	const struct wq_item *slot = wq_queue_slot(program, use);

	return slot ? slot->name : "the module's own queue";
}

static bool is_rcu_work(const struct wq_work *work)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++)
		if (work->uses[i]->event->callee &&
		    !strcmp(work->uses[i]->event->callee, "queue_rcu_work"))
			return true;
	return false;
}

bool wq_work_has_delay(const struct wq_work *work)
{
	return work->delayed || is_rcu_work(work);
}

/*
 * Is the item a struct delayed_work, so that its address needs the calls for
 * those? Also one that is only ever queued without a delay.
 */
static bool is_delayed_work(const struct wq_work *work)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->kind == WQ_EVENT_INIT_WORK && event->callee &&
		    (strstr(event->callee, "DELAYED") ||
		     strstr(event->callee, "DEFERRABLE")))
			return true;
	}
	return work->delayed;
}

const char *wq_flush_call(const struct wq_work *work)
{
	if (is_rcu_work(work))
		return "flush_rcu_work";
	return is_delayed_work(work) ? "flush_delayed_work" : "flush_work";
}

const char *wq_cancel_call(const struct wq_work *work)
{
	if (is_rcu_work(work))
		return "flush_rcu_work";
	return is_delayed_work(work) ? "cancel_delayed_work_sync"
				     : "cancel_work_sync";
}

bool wq_work_is_in_array(const struct wq_work *work)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_expr *expr = work->uses[i]->event->work;

		for (; expr && (expr->kind == WQ_EXPR_FIELD ||
				expr->kind == WQ_EXPR_INDEX);
		     expr = expr->base)
			if (expr->kind == WQ_EXPR_INDEX)
				return true;
	}
	return false;
}

const struct wq_work *wq_work_beside(const struct wq_program *program,
				     const struct wq_work *work,
				     const struct wq_event *event)
{
	unsigned int i, j;

	for (i = 0; i < program->nr_works; i++)
		for (j = 0; j < program->works[i].nr_uses; j++)
			if (program->works[i].uses[j]->event == event &&
			    &program->works[i] != work)
				return &program->works[i];
	return NULL;
}

const char *wq_event_variable(const struct wq_event *event, const char *type)
{
	const char *name = NULL;
	unsigned int i;

	for (i = 0; i < event->nr_variables; i++) {
		if (strcmp(event->variables[i].type, type))
			continue;
		if (name)
			return NULL;
		name = event->variables[i].name;
	}
	return name;
}
