/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses. An address is peeled into a root and the members walked from
 * it; the outermost struct with a name and the members below it are its
 * identity, because two functions that reach the same member through
 * different pointers mean the same member.
 */
#include <string.h>

#include "address.h"

const struct wq_expr *wq_argument_of(const struct wq_program *program,
				     const struct wq_expr *param,
				     const struct wq_context *context)
{
	const struct wq_event *call = context ? context->call : NULL;

	if (!call || param->number < 0 || param->number >= call->nr_args ||
	    !call->function || !call->callee ||
	    wq_program_function(program, call->function->unit,
				call->callee) != param->function)
		return NULL;
	return call->args[param->number];
}

static bool is_work_inside(const struct wq_expr *step)
{
	return step->kind == WQ_EXPR_FIELD && step->type &&
	       !strcmp(step->name, "work") &&
	       (!strcmp(step->type, "delayed_work") ||
		!strcmp(step->type, "rcu_work") ||
		!strcmp(step->type, "execute_work"));
}

/* container_of() undone: the base of the member that @outer starts from. */
static const struct wq_expr *inside_out(const struct wq_program *program,
					const struct wq_expr *outer,
					struct wq_address *address)
{
	const struct wq_expr *inner = outer->base;

	if (inner->kind == WQ_EXPR_PARAM)
		inner = wq_argument_of(program, inner, address->context);
	if (!inner || inner->kind != WQ_EXPR_FIELD || !inner->type ||
	    !outer->type || !outer->name || strcmp(inner->type, outer->type) ||
	    strcmp(inner->name, outer->name))
		return NULL;
	if (inner != outer->base)
		address->context = address->context->up;
	return inner->base;
}

/*
 * Private memory of another struct's object (hostdata[], drv_priv[]) that is
 * used as a struct of its own: the member around it is no part of the path.
 */
static bool is_other_struct(const struct wq_expr *field)
{
	const struct wq_expr *around = field->base;

	while (around->kind == WQ_EXPR_INDEX)
		around = around->base;
	return field->kind == WQ_EXPR_FIELD && field->type &&
	       around->kind == WQ_EXPR_FIELD && around->type &&
	       (!around->field_type || strcmp(around->field_type, field->type));
}

/* One step from @expr towards the root, or NULL when @expr is the root. */
static const struct wq_expr *towards_root(const struct wq_program *program,
					  const struct wq_expr *expr,
					  struct wq_address *address)
{
	const struct wq_expr *next = NULL;

	switch (expr->kind) {
	case WQ_EXPR_FIELD:
	case WQ_EXPR_INDEX:
		if (is_work_inside(expr) && !address->nr_steps)
			return expr->base;
		if (address->nr_steps == WQ_MAX_STEPS)
			return NULL;
		address->steps[address->nr_steps++] = expr;
		if (is_other_struct(expr))
			return NULL;
		return expr->base;
	case WQ_EXPR_PARAM:
		next = wq_argument_of(program, expr, address->context);
		if (next)
			address->context = address->context->up;
		return next;
	case WQ_EXPR_OUTER:
		return inside_out(program, expr, address);
	default:
		return NULL;
	}
}

struct wq_address wq_address_peel(const struct wq_program *program,
				  const struct wq_expr *expr,
				  const struct wq_context *context)
{
	struct wq_address address = { .context = context };
	const struct wq_expr *next = expr;
	unsigned int depth;

	for (depth = 0; next && depth < 4 * WQ_MAX_STEPS; depth++) {
		expr = next;
		next = towards_root(program, expr, &address);
	}
	address.root = expr;
	return address;
}

/* Names of the members from the outermost step inwards, dots between. */
static const char *join_steps(const struct wq_program *program,
			      const struct wq_address *address,
			      unsigned int outermost)
{
	const char *path = "";
	unsigned int i;

	for (i = outermost + 1; i-- > 0;) {
		if (address->steps[i]->kind != WQ_EXPR_FIELD)
			continue;
		path = *path ? wq_arena_printf(program->arena, "%s.%s", path,
					       address->steps[i]->name)
			     : address->steps[i]->name;
	}
	return path;
}

/* The outermost step that is a member of a struct with a name, or -1. */
static int outermost_typed(const struct wq_address *address)
{
	unsigned int i;

	for (i = address->nr_steps; i-- > 0;)
		if (address->steps[i]->kind == WQ_EXPR_FIELD)
			return address->steps[i]->type ? (int)i : -1;
	return -1;
}

/*
 * The step to name the memory by: the outermost, but not beyond a struct
 * that is defined outside the program. What is in that belongs to whoever
 * defines it, and other modules embed it in structs of their own.
 */
static int naming_step(const struct wq_program *program,
		       const struct wq_address *address)
{
	int outermost = outermost_typed(address), i;

	for (i = 0; i < outermost; i++) {
		const struct wq_expr *step = address->steps[i];

		if (step->kind == WQ_EXPR_FIELD && step->type &&
		    !wq_type_is_own(program, step->type))
			return i;
	}
	return outermost;
}

/*
 * Carry a struct that is part of exactly one other on to that one. Returns
 * the unit that knows the struct it ends with.
 */
static const struct wq_unit *extend(const struct wq_program *program,
				    struct wq_item *item,
				    const struct wq_unit *unit)
{
	unsigned int depth, count;

	for (depth = 0; depth < 4 && wq_type_is_own(program, item->type);
	     depth++) {
		const struct wq_expr *outer =
			wq_program_embedding(program, item->type, &count);

		if (count > 1)
			item->ambiguous = true;
		if (!outer || !outer->type)
			return unit;
		unit = outer->unit;
		item->type = outer->type;
		item->member = wq_arena_printf(program->arena, "%s.%s",
					       outer->name, item->member);
	}
	return unit;
}

static void name_typed(const struct wq_program *program,
		       const struct wq_address *address, int outermost,
		       struct wq_item *item)
{
	const struct wq_unit *unit = address->root->unit;
	const struct wq_type *type;
	const char *file;

	item->type = address->steps[outermost]->type;
	item->member = join_steps(program, address, (unsigned int)outermost);
	if (!item->instance)
		unit = extend(program, item, unit);
	item->name = wq_arena_printf(program->arena, "struct %s.%s",
				     item->type, item->member);
	/* Structs of two drivers may share a tag: the file tells. */
	type = wq_unit_find_type(unit, item->type);
	item->is_confined = type && type->in_main_file;
	file = !type ? NULL : type->file ? type->file
			    : type->in_main_file ? unit->source : NULL;
	item->key = file ? wq_arena_printf(program->arena, "%s@%s",
					   item->name, file)
			 : item->name;
}

/* An object with a name, or an unnamed struct's member in one. */
static void name_object(const struct wq_program *program,
			const struct wq_address *address, struct wq_item *item)
{
	const struct wq_expr *root = address->root;
	const char *path = address->nr_steps
		? join_steps(program, address, address->nr_steps - 1) : "";

	item->name = *path ? wq_arena_printf(program->arena, "%s.%s",
					     root->name, path) : root->name;
	item->is_confined = root->is_static || root->kind == WQ_EXPR_LOCAL;
	item->key = item->name;
	if (root->kind == WQ_EXPR_LOCAL)
		item->key = wq_arena_printf(program->arena, "%s:%s@%s",
					    root->function->name, item->name,
					    root->function->unit->source);
	else if (root->is_static)
		item->key = wq_arena_printf(program->arena, "%s@%s",
					    item->name,
					    root->unit->source);
}

void wq_address_name(const struct wq_program *program,
		     const struct wq_address *address, struct wq_item *item)
{
	int outermost = naming_step(program, address);
	bool is_object = address->root->kind == WQ_EXPR_GLOBAL ||
			 address->root->kind == WQ_EXPR_LOCAL;
	unsigned int i;

	item->element = -1;
	for (i = 0; i < address->nr_steps; i++)
		if (address->steps[i]->kind == WQ_EXPR_INDEX)
			item->element = address->steps[i]->number;
	item->on_stack = address->root->kind == WQ_EXPR_LOCAL;
	if (is_object)
		item->instance = address->root->name;
	if (outermost >= 0)
		name_typed(program, address, outermost, item);
	else if (is_object)
		name_object(program, address, item);
}

const char *wq_resolve_slot(const struct wq_program *program,
			    const struct wq_expr *expr,
			    const struct wq_context *context)
{
	struct wq_address address = wq_address_peel(program, expr, context);
	struct wq_item item = { .key = NULL };

	if (!wq_program_spend(program, 1))
		return NULL;
	wq_address_name(program, &address, &item);
	return item.key;
}

bool wq_expr_needs_context(const struct wq_program *program,
			   const struct wq_expr *expr)
{
	struct wq_address address;
	unsigned int i, count;
	int outermost;

	if (!expr)
		return false;
	switch (expr->kind) {
	case WQ_EXPR_LOAD:
		return wq_expr_needs_context(program, expr->base);
	case WQ_EXPR_ANY:
		for (i = 0; i < expr->nr_alternatives; i++)
			if (wq_expr_needs_context(program,
						  expr->alternatives[i]))
				return true;
		return false;
	case WQ_EXPR_RESULT:
		if (!expr->event->function || !expr->event->callee ||
		    !wq_program_function(program, expr->event->function->unit,
					 expr->event->callee))
			return false;
		for (i = 0; i < expr->event->nr_args; i++)
			if (expr->event->args[i]->kind == WQ_EXPR_PARAM)
				return true;
		return false;
	default:
		break;
	}
	address = wq_address_peel(program, expr, NULL);
	if (address.root->kind != WQ_EXPR_PARAM)
		return false;
	outermost = outermost_typed(&address);
	if (outermost < 0)
		return true;
	wq_program_embedding(program, address.steps[outermost]->type, &count);
	return count > 0;
}
