/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which work item an address is, and whether two are the same; which
 * conditions cannot hold together.
 */
#include <string.h>

#include "address.h"

struct item_search {
	const struct wq_program *program;
	struct wq_item *list;
	unsigned int count;
	unsigned int nr_visits;
};

static void add_item(struct item_search *search, const struct wq_item *found)
{
	struct wq_item *item;

	for (item = search->list; item; item = (struct wq_item *)item->next)
		if (item->key == found->key ||
		    (item->key && found->key &&
		     !strcmp(item->key, found->key) &&
		     item->element == found->element))
			return;
	if (search->count == WQ_MAX_FOUND)
		return;
	search->count++;
	item = wq_arena_alloc(search->program->arena, sizeof(*item));
	*item = *found;
	item->next = search->list;
	search->list = item;
}

static void find_items(struct item_search *search, const struct wq_expr *expr,
		       const struct wq_context *context, unsigned int depth);

/* A pointer to a work item that was stored somewhere. */
static void find_stored_items(struct item_search *search,
			      const struct wq_expr *address,
			      const struct wq_context *context,
			      unsigned int depth)
{
	const char *slot = wq_resolve_slot(search->program, address, context);
	struct wq_item unknown = { .element = -1 };
	const struct wq_store *stores = NULL;
	unsigned int i, count = 0;

	if (slot)
		stores = wq_program_stores(search->program, slot, &count);
	if (!count)
		add_item(search, &unknown);
	for (i = 0; i < count; i++)
		find_items(search, stores[i].event->value, stores[i].context,
			   depth + 1);
}

static void find_returned_items(struct item_search *search,
				const struct wq_event *call,
				const struct wq_context *context,
				unsigned int depth)
{
	struct wq_context *inner = wq_arena_alloc(search->program->arena,
						  sizeof(*inner));
	const struct wq_function *callee = NULL;
	struct wq_item unknown = { .element = -1 };
	unsigned int i;

	inner->call = call;
	inner->up = context;
	if (call->function && call->callee)
		callee = wq_program_function(search->program,
					     call->function->unit,
					     call->callee);
	if (!callee || !wq_program_spend(search->program,
					 callee->nr_events / 64))
		add_item(search, &unknown);
	for (i = 0; callee && i < callee->nr_events; i++)
		if (callee->events[i]->kind == WQ_EVENT_RETURN)
			find_items(search, callee->events[i]->value, inner,
				   depth + 1);
}

static void find_passed_items(struct item_search *search,
			      const struct wq_address *address,
			      unsigned int depth)
{
	const struct wq_event *const *callers;
	const struct wq_expr *param = address->root;
	struct wq_item unknown = { .element = -1 };
	unsigned int i, count;

	callers = wq_program_callers(search->program, param->function, &count);
	if (!count || address->context ||
	    wq_program_is_open(search->program, param->function))
		add_item(search, &unknown);
	if (address->context)
		return;
	for (i = 0; i < count; i++)
		if (param->number < callers[i]->nr_args)
			find_items(search, callers[i]->args[param->number],
				   NULL, depth + 1);
}

static void find_items(struct item_search *search, const struct wq_expr *expr,
		       const struct wq_context *context, unsigned int depth)
{
	struct wq_address address = wq_address_peel(search->program, expr,
						    context);
	struct wq_item item = { .element = -1 };
	unsigned int i;

	wq_address_name(search->program, &address, &item);
	if (!wq_program_spend(search->program, 1))
		return;
	if (item.key || depth >= WQ_MAX_DEPTH || address.nr_steps ||
	    search->nr_visits++ >= WQ_MAX_VISITS) {
		add_item(search, &item);
		return;
	}
	switch (address.root->kind) {
	case WQ_EXPR_NULL:
		break;
	case WQ_EXPR_ANY:
		for (i = 0; i < address.root->nr_alternatives; i++)
			find_items(search, address.root->alternatives[i],
				   address.context, depth + 1);
		break;
	case WQ_EXPR_LOAD:
		find_stored_items(search, address.root->base, address.context,
				  depth);
		break;
	case WQ_EXPR_RESULT:
		find_returned_items(search, address.root->event,
				    address.context, depth);
		break;
	case WQ_EXPR_PARAM:
		find_passed_items(search, &address, depth);
		break;
	default:
		add_item(search, &item);
	}
}

const struct wq_item *wq_resolve_item(const struct wq_program *program,
				      const struct wq_expr *expr,
				      const struct wq_context *context)
{
	struct item_search search = { .program = program };

	if (expr)
		find_items(&search, expr, context, 0);
	return search.list;
}

const struct wq_expr *wq_resolve_function(const struct wq_program *program,
					  const struct wq_expr *expr,
					  const struct wq_context *context)
{
	unsigned int depth;

	for (depth = 0; expr && depth < WQ_MAX_DEPTH; depth++) {
		if (expr->kind == WQ_EXPR_FUNC)
			return expr;
		if (expr->kind != WQ_EXPR_PARAM)
			return NULL;
		expr = wq_argument_of(program, expr, context);
		context = context ? context->up : NULL;
	}
	return NULL;
}

static bool instances_differ(const struct wq_item *a, const struct wq_item *b)
{
	if (a->instance && b->instance && strcmp(a->instance, b->instance))
		return true;
	return a->element >= 0 && b->element >= 0 && a->element != b->element;
}

bool wq_item_same(const struct wq_item *a, const struct wq_item *b)
{
	return a && b && a->key && b->key && !a->ambiguous && !b->ambiguous &&
	       !strcmp(a->key, b->key) && !instances_differ(a, b);
}

/* Is "work" the last part of "tx.work"? */
static bool is_tail(const char *tail, const char *path)
{
	size_t tail_bytes = strlen(tail), path_bytes = strlen(path);

	return tail_bytes < path_bytes &&
	       path[path_bytes - tail_bytes - 1] == '.' &&
	       !strcmp(path + path_bytes - tail_bytes, tail);
}

bool wq_item_may_alias(const struct wq_item *a, const struct wq_item *b)
{
	if (!a || !b)
		return false;
	if (!a->key || !b->key)
		return true;
	if (!strcmp(a->key, b->key))
		return !instances_differ(a, b);
	if (!a->member || !b->member)
		return false;
	return (a->ambiguous && is_tail(a->member, b->member)) ||
	       (b->ambiguous && is_tail(b->member, a->member));
}

/* Conditions */

static const char *tested_slot(const struct wq_program *program,
			       const struct wq_expr *expr)
{
	return expr->kind == WQ_EXPR_LOAD
	       ? wq_resolve_slot(program, expr->base, NULL) : NULL;
}

static bool same_operand(const struct wq_program *program,
			 const struct wq_expr *a, const struct wq_expr *b)
{
	const char *slot_a, *slot_b;

	if (a == b)
		return true;
	if (a->kind != b->kind)
		return false;
	if (a->kind == WQ_EXPR_NULL)
		return true;
	if (a->kind == WQ_EXPR_CONST)
		return a->number == b->number;
	slot_a = tested_slot(program, a);
	slot_b = tested_slot(program, b);
	return slot_a && slot_b && !strcmp(slot_a, slot_b);
}

bool wq_condition_contradicts(const struct wq_program *program,
			      const struct wq_condition *a,
			      const struct wq_condition *b)
{
	if (!same_operand(program, a->left, b->left))
		return false;
	if (same_operand(program, a->right, b->right))
		return a->relation != b->relation;
	/* x == 1 and x == 2; x == 1 and x == 0 */
	return a->relation == WQ_EQUAL && b->relation == WQ_EQUAL &&
	       (a->right->kind == WQ_EXPR_CONST ||
		a->right->kind == WQ_EXPR_NULL) &&
	       (b->right->kind == WQ_EXPR_CONST ||
		b->right->kind == WQ_EXPR_NULL);
}
