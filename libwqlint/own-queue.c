/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a queue's pointer is kept and who gets it.
 */
#include <string.h>

#include "own-queue.h"

#define MAX_DEPTH 8	/* of an expression that may name the queue */

enum answer { UNKNOWN, NO, YES };

/* Several rules ask the same of all events, most of which name no queue. */
struct wq_queue_answers {
	enum answer is_given_away;
	unsigned int last_unit;		/* that was asked about */
	enum answer is_named_in[];	/* by the number of the unit */
};

static bool is_result(const struct wq_own_queue *queue,
		      const struct wq_expr *expr)
{
	return expr && expr->kind == WQ_EXPR_RESULT &&
	       expr->event == queue->alloc;
}

static bool may_be_result(const struct wq_own_queue *queue,
			  const struct wq_expr *expr)
{
	unsigned int i;

	if (!expr || expr->kind != WQ_EXPR_ANY)
		return is_result(queue, expr);
	for (i = 0; i < expr->nr_alternatives; i++)
		if (is_result(queue, expr->alternatives[i]))
			return true;
	return false;
}

void wq_own_queue_find(struct wq_own_queue *queue,
		       const struct wq_program *program,
		       const struct wq_event *alloc)
{
	const struct wq_function *function = alloc->function;
	const struct wq_item *slot;
	unsigned int i, count = 0;

	memset(queue, 0, sizeof(*queue));
	queue->program = program;
	queue->alloc = alloc;
	queue->answers = wq_arena_alloc(program->arena,
		sizeof(*queue->answers) + program->nr_units *
		sizeof(*queue->answers->is_named_in));
	for (i = 0; function && i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event->kind != WQ_EVENT_STORE ||
		    !may_be_result(queue, event->value))
			continue;
		queue->is_kept = true;
		slot = wq_resolve_item(program, event->object, NULL);
		if (count++ || !slot || slot->next || !slot->key ||
		    slot->ambiguous || slot->on_stack)
			slot = NULL;
		queue->slot = slot;
	}
}

const char *wq_own_queue_text(const struct wq_own_queue *queue)
{
	return queue->slot ? queue->slot->name : "the queue";
}

/*
 * Could @address name @slot? The last member that it names is then the same,
 * and that is quicker to see than what it stands for.
 */
static bool may_name(const struct wq_item *slot, const struct wq_expr *address)
{
	size_t length, tail;

	if (address->kind == WQ_EXPR_INDEX)
		return true;
	if ((address->kind != WQ_EXPR_FIELD &&
	     address->kind != WQ_EXPR_GLOBAL) || !address->name)
		return false;
	length = strlen(slot->name);
	tail = strlen(address->name);
	return tail <= length &&
	       !memcmp(slot->name + length - tail, address->name, tail);
}

static bool names_slot(const struct wq_own_queue *queue,
		       const struct wq_expr *address)
{
	const struct wq_item *item;

	if (!queue->slot || !may_name(queue->slot, address))
		return false;
	item = wq_resolve_item(queue->program, address, NULL);
	return item && item->key && !item->next &&
	       wq_item_may_alias(item, queue->slot);
}

static enum answer *find_answer(const struct wq_own_queue *queue,
				const struct wq_unit *unit)
{
	const struct wq_program *program = queue->program;
	struct wq_queue_answers *answers = queue->answers;
	unsigned int i;

	/* Who asks goes from unit to unit. */
	for (i = 0; i < program->nr_units; i++) {
		if (program->units[answers->last_unit] == unit)
			return &answers->is_named_in[answers->last_unit];
		answers->last_unit = (answers->last_unit + 1) %
				     program->nr_units;
	}
	return NULL;
}

bool wq_own_queue_is_named_in(const struct wq_own_queue *queue,
			      const struct wq_unit *unit)
{
	enum answer *answer = find_answer(queue, unit);
	unsigned int i;

	if (!answer)
		return true;
	if (*answer == UNKNOWN) {
		*answer = NO;
		for (i = 0; i < unit->nr_exprs && *answer == NO; i++)
			if (is_result(queue, unit->exprs[i]) ||
			    names_slot(queue, unit->exprs[i]))
				*answer = YES;
	}
	return *answer == YES;
}

static bool is_slot(const struct wq_own_queue *queue,
		    const struct wq_expr *address)
{
	return wq_own_queue_is_named_in(queue, address->unit) &&
	       names_slot(queue, address);
}

static bool mentions(const struct wq_own_queue *queue,
		     const struct wq_expr *expr, unsigned int depth)
{
	unsigned int i;

	if (!expr || !depth)
		return false;
	if (expr->kind == WQ_EXPR_RESULT)
		return expr->event == queue->alloc;
	if (names_slot(queue, expr))
		return true;
	for (i = 0; i < expr->nr_alternatives; i++)
		if (mentions(queue, expr->alternatives[i], depth - 1))
			return true;
	return mentions(queue, expr->base, depth - 1);
}

bool wq_own_queue_mentions(const struct wq_own_queue *queue,
			   const struct wq_expr *expr)
{
	return expr && wq_own_queue_is_named_in(queue, expr->unit) &&
	       mentions(queue, expr, MAX_DEPTH);
}

bool wq_own_queue_is_value(const struct wq_own_queue *queue,
			   const struct wq_expr *expr)
{
	return is_result(queue, expr) ||
	       (expr && expr->kind == WQ_EXPR_LOAD &&
		is_slot(queue, expr->base));
}

bool wq_own_queue_is_set(const struct wq_own_queue *queue,
			 const struct wq_event *event)
{
	return event->kind == WQ_EVENT_STORE && event->object &&
	       is_slot(queue, event->object);
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

bool wq_own_queue_is_given(const struct wq_own_queue *queue,
			   const struct wq_event *event)
{
	unsigned int i;

	if (event->kind == WQ_EVENT_STORE)
		return wq_own_queue_mentions(queue, event->value) &&
		       !is_result(queue, event->value);
	if (event->kind == WQ_EVENT_RETURN)
		return wq_own_queue_mentions(queue, event->value);
	if (event->kind != WQ_EVENT_CALL || only_tunes(event->callee))
		return false;
	for (i = 0; i < event->nr_args; i++)
		if (wq_own_queue_mentions(queue, event->args[i]))
			return true;
	return wq_own_queue_mentions(queue, event->object) ||
	       wq_own_queue_mentions(queue, event->value);
}

static bool is_given_in(const struct wq_own_queue *queue,
			const struct wq_unit *unit)
{
	unsigned int i;

	if (!wq_own_queue_is_named_in(queue, unit))
		return false;
	for (i = 0; i < unit->nr_events; i++)
		if (wq_own_queue_is_given(queue, unit->events[i]))
			return true;
	return false;
}

bool wq_own_queue_is_given_away(const struct wq_own_queue *queue)
{
	enum answer *answer = &queue->answers->is_given_away;
	unsigned int i;

	if (*answer == UNKNOWN) {
		*answer = NO;
		for (i = 0; i < queue->program->nr_units && *answer == NO; i++)
			if (is_given_in(queue, queue->program->units[i]))
				*answer = YES;
	}
	return *answer == YES;
}

bool wq_own_queue_may_be(const struct wq_own_queue *queue,
			 const struct wq_use *use)
{
	const struct wq_queue_alternative *alternative;

	for (alternative = use->queues; alternative;
	     alternative = alternative->next)
		if (alternative->kind == WQ_QUEUE_UNKNOWN ||
		    (alternative->kind == WQ_QUEUE_OWN &&
		     !wq_location_compare(&alternative->alloc->where,
					  &queue->alloc->where)))
			return true;
	return wq_own_queue_mentions(queue, use->event->queue);
}

bool wq_own_queue_is_private(const struct wq_own_queue *queue)
{
	const struct wq_item *slot = queue->slot;

	if (!slot)
		return !queue->is_kept;
	return slot->is_confined ||
	       (queue->program->complete &&
		(!slot->type || wq_type_is_own(queue->program, slot->type)));
}

bool wq_own_queue_is_tested_by(const struct wq_own_queue *queue,
			       const struct wq_event *event)
{
	unsigned int i;

	for (i = 0; i < event->nr_conditions; i++)
		if (wq_own_queue_is_value(queue, event->conditions[i].left) ||
		    wq_own_queue_is_value(queue, event->conditions[i].right))
			return true;
	return false;
}

/* Found once for all rules. */
static void find_all(const struct wq_program *program)
{
	struct wq_own_queues *queues = program->own_queues;
	const struct wq_event *const *allocs;
	unsigned int i, count;

	allocs = wq_program_events(program, WQ_EVENT_ALLOC_QUEUE, &count);
	queues->list = wq_arena_alloc(program->arena,
				      count * sizeof(*queues->list));
	for (i = 0; i < count; i++)
		if (allocs[i]->function)
			wq_own_queue_find(&queues->list[queues->count++],
					  program, allocs[i]);
	queues->are_known = true;
}

void wq_for_each_own_queue(const struct wq_program *program,
			   void (*fn)(const struct wq_own_queue *queue,
				      void *data), void *data)
{
	unsigned int i;

	if (!program->own_queues->are_known)
		find_all(program);
	for (i = 0; i < program->own_queues->count; i++)
		fn(&program->own_queues->list[i], data);
}

bool wq_alloc_is_first_deed(const struct wq_event *alloc)
{
	const struct wq_function *function = alloc->function;
	unsigned int i;

	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event->index >= alloc->index)
			return true;
		if (event->kind != WQ_EVENT_INIT_WORK &&
		    event->kind != WQ_EVENT_STORE &&
		    !(event->kind == WQ_EVENT_ALLOC && event->managed))
			return false;
	}
	return false;
}
