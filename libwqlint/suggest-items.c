/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The work items of a module on a shared queue, with the expressions that
 * name them at the place of a flush.
 */
#include <string.h>

#include "fix-array.h"
#include "resolve.h"
#include "source.h"
#include "suggest-items.h"

static bool is_on_queue(const struct wq_use *use, const char *name)
{
	const struct wq_queue_alternative *queue;

	for (queue = use->queues; queue; queue = queue->next)
		if (queue->kind == WQ_QUEUE_SYSTEM && !strcmp(queue->name, name))
			return true;
	return false;
}

static const struct wq_use *use_on_queue(const struct wq_work *work,
					 const char *name)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++)
		if (work->uses[i]->event->kind == WQ_EVENT_QUEUE &&
		    is_on_queue(work->uses[i], name))
			return work->uses[i];
	return NULL;
}

/* Does @use come earlier in the file that @event is in? */
static bool is_above(const struct wq_use *use, const struct wq_event *event)
{
	const struct wq_location *where = &use->event->where;

	return where->file && event->where.file &&
	       !strcmp(where->file, event->where.file) &&
	       where->line < event->where.line;
}

/* The file-scope object that the address of @use's item starts from. */
static const struct wq_expr *file_scope_root(const struct wq_use *use)
{
	const struct wq_expr *expr = use->event->work;

	while (expr && expr->kind == WQ_EXPR_FIELD)
		expr = expr->base;
	if (expr && expr->kind == WQ_EXPR_LOAD)
		expr = expr->base;
	return expr && expr->kind == WQ_EXPR_GLOBAL ? expr : NULL;
}

/*
 * The item by a file-scope object that was used for it further up, so that
 * the name is known at @event. A pointer there can be NULL: *@certain is
 * false then.
 */
static const char *file_scope_expression(const struct wq_program *program,
					 const struct wq_work *work,
					 const struct wq_event *event,
					 bool *certain)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_use *use = work->uses[i];
		const struct wq_expr *root = file_scope_root(use);

		if (!root || use->context || !is_above(use, event))
			continue;
		if (!work->item->type)
			return wq_arena_printf(program->arena, "&%s",
					       work->item->name);
		if (use->items && use->items->instance)
			return wq_arena_printf(program->arena, "&%s.%s",
					       root->name, work->item->member);
		*certain = false;
		return wq_arena_printf(program->arena, "&%s->%s", root->name,
				       work->item->member);
	}
	return NULL;
}

/* The address of @work as C text that compiles at @event, or NULL. */
static const char *item_expression(const struct wq_program *program,
				   const struct wq_work *work,
				   const struct wq_event *event, bool *certain)
{
	const struct wq_item *item = work->item;
	const char *variable;

	if (item->element >= 0 || item->on_stack)
		return NULL;
	variable = item->type ? wq_event_variable(event, item->type) : NULL;
	if (variable)
		return wq_arena_printf(program->arena, "&%s->%s", variable,
				       item->member);
	return file_scope_expression(program, work, event, certain);
}

/* The same for an item of each element of an array, in a loop. */
static const char *each_expression(const struct wq_program *program,
				   const struct wq_work *work,
				   const struct wq_event *event,
				   const char **head)
{
	struct wq_texts texts = { .arena = program->arena };
	struct wq_fixer fixer = {
		.arena = program->arena, .program = program, .texts = &texts,
	};
	struct wq_fix fix = {
		.fixer = &fixer, .edits.arena = program->arena,
	};
	struct wq_loop loop;

	if (!program->sources || !event->function)
		return NULL;
	texts.directory = event->function->unit->directory;
	texts.overlay = wq_sources_overlay(program->sources);
	if (!texts.directory || !wq_array_name_at(&fix, work, event, &loop))
		return NULL;
	*head = loop.head;
	return loop.item;
}

struct free_search {
	const char *type;
};

static bool frees_type(const struct wq_event *event, void *data)
{
	const struct free_search *search = data;

	return event->kind == WQ_EVENT_FREE && event->type &&
	       !strcmp(event->type, search->type);
}

/* Allocated per request: the handler frees the object that the item is in. */
static bool frees_itself(const struct wq_program *program,
			 const struct wq_work *work)
{
	struct free_search search = { work->item->type };
	unsigned int i;

	for (i = 0; search.type && i < work->nr_handlers; i++)
		if (wq_walk_events(program, work->handlers[i], frees_type,
				   &search))
			return true;
	return false;
}

/* The same call has waited for it before: twice is not needed. */
static bool is_waited_before(const struct wq_work *work,
			     const struct wq_event *flush)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->kind == WQ_EVENT_CANCEL_WORK_SYNC && event->always &&
		    event->function == flush->function &&
		    event->function->unit == flush->function->unit &&
		    event->index < flush->index)
			return true;
	}
	return false;
}

static bool is_unknown(const struct wq_use *use)
{
	const struct wq_queue_alternative *queue;

	for (queue = use->queues; queue; queue = queue->next)
		if (queue->kind == WQ_QUEUE_UNKNOWN)
			return true;
	return false;
}

/* Items that have no name, on the queue or on one that is not known. */
static void find_unnamed(const struct wq_program *program, const char *name,
			 struct wq_queued *queued)
{
	const struct wq_item *item;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (use->event->kind != WQ_EVENT_QUEUE)
			continue;
		queued->certain &= !is_unknown(use);
		for (item = use->items; item; item = item->next)
			if (is_on_queue(use, name) &&
			    (!item->key || item->ambiguous)) {
				queued->all_nameable = false;
				queued->count++;
				break;
			}
	}
}

void wq_queued_find(const struct wq_program *program,
		    const struct wq_event *flush, const char *name,
		    struct wq_queued *queued)
{
	unsigned int i;

	memset(queued, 0, sizeof(*queued));
	queued->all_nameable = true;
	queued->certain = program->complete &&
			  !wq_function_is_exported(program, flush->function);
	find_unnamed(program, name, queued);
	for (i = 0; i < program->nr_works; i++) {
		const struct wq_work *work = &program->works[i];
		const struct wq_use *use = use_on_queue(work, name);
		const char *text = NULL, *head = NULL;

		if (!use || work->item->on_stack)
			continue;
		if (is_waited_before(work, flush)) {
			queued->nr_waited++;
			continue;
		}
		if (!frees_itself(program, work))
			text = wq_work_is_in_array(work)
			       ? each_expression(program, work, flush, &head)
			       : item_expression(program, work, flush,
						 &queued->certain);
		queued->has_loop |= head != NULL;
		queued->all_nameable &= text && queued->nr_shown < WQ_MAX_ITEMS;
		if (queued->nr_shown < WQ_MAX_ITEMS) {
			queued->works[queued->nr_shown] = work;
			queued->names[queued->nr_shown] = text;
			queued->loops[queued->nr_shown] = head;
			queued->uses[queued->nr_shown++] = use;
		}
		queued->count++;
	}
}
