/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a handler gets to by calls, and whether that is about its own work
 * item: expressions are followed through the arguments of each call, back to
 * the handler's parameter.
 */
#include <string.h>

#include "address.h"
#include "finding.h"
#include "judge.h"

#define MAX_CALL_DEPTH	8
#define MAX_EVENTS	20000
#define MAX_MATCH_DEPTH	16

/* Events reached */

struct walk {
	const struct wq_program *program;
	wq_reach_fn fn;
	void *data;
	unsigned int budget;
	bool only_waits;	/* fn is called for nothing else */
};

static const struct wq_expr *value_in(const struct wq_program *program,
				      const struct wq_expr *expr,
				      const struct wq_context *context)
{
	while (expr && expr->kind == WQ_EXPR_PARAM && context) {
		expr = wq_argument_of(program, expr, context);
		context = context->up;
	}
	return expr;
}

static bool is_number(const struct wq_expr *expr)
{
	return expr && (expr->kind == WQ_EXPR_NULL ||
			expr->kind == WQ_EXPR_CONST);
}

static long long number_of(const struct wq_expr *expr)
{
	return expr->kind == WQ_EXPR_CONST ? expr->number : 0;
}

/* "if (may_sleep)" in a function that is called with false. */
static bool is_false(const struct wq_program *program,
		     const struct wq_condition *condition,
		     const struct wq_context *context)
{
	const struct wq_expr *left, *right;

	left = value_in(program, condition->left, context);
	right = value_in(program, condition->right, context);
	return is_number(left) && is_number(right) &&
	       (number_of(left) == number_of(right)) !=
	       (condition->relation == WQ_EQUAL);
}

static bool is_impossible(const struct wq_program *program,
			  const struct wq_event *event,
			  const struct wq_context *context)
{
	unsigned int i;

	for (i = 0; i < event->nr_conditions; i++)
		if (is_false(program, &event->conditions[i], context))
			return true;
	return false;
}

/* Does @function ask which work item it runs for? Then it knows better. */
static bool asks_who_runs(const struct wq_function *function)
{
	const char *callee;
	unsigned int i;

	for (i = 0; i < function->nr_events; i++) {
		callee = function->events[i]->callee;
		if (callee && *callee == 'c' && !strcmp(callee, "current_work"))
			return true;
	}
	return false;
}

static bool is_on_the_way(const struct wq_function *function,
			  const struct wq_context *context)
{
	for (; context; context = context->up)
		if (context->call->function == function)
			return true;
	return false;
}

static void walk_function(struct walk *walk, const struct wq_function *function,
			  const struct wq_context *context, bool always,
			  unsigned int depth);

static void walk_call(struct walk *walk, const struct wq_event *call,
		      const struct wq_context *context, bool always,
		      unsigned int depth)
{
	const struct wq_function *callee;
	struct wq_context *inner;

	if (!call->callee || call->managed || !depth)
		return;
	callee = wq_program_function(walk->program, call->function->unit,
				     call->callee);
	if (!callee || callee == call->function ||
	    is_on_the_way(callee, context))
		return;
	inner = wq_arena_alloc(walk->program->arena, sizeof(*inner));
	inner->call = call;
	inner->up = context;
	walk_function(walk, callee, inner, always && call->always, depth - 1);
}

static bool is_wait(const struct wq_event *event)
{
	return wq_event_waits_for_work(event) ||
	       wq_event_waits_for_queue(event);
}

/* Is @event one for walk->fn, or can it lead to one? */
static bool matters(const struct walk *walk, const struct wq_event *event)
{
	const struct wq_function *callee;

	if (!walk->only_waits || is_wait(event))
		return true;
	if (event->kind != WQ_EVENT_CALL || !event->callee)
		return false;
	callee = wq_program_function(walk->program, event->function->unit,
				     event->callee);
	return callee && wq_function_may_wait(walk->program, callee);
}

static void walk_function(struct walk *walk, const struct wq_function *function,
			  const struct wq_context *context, bool always,
			  unsigned int depth)
{
	unsigned int i;

	if (asks_who_runs(function) ||
	    !wq_program_spend(walk->program, 1 + function->nr_events / 64))
		return;
	for (i = 0; i < function->nr_events && walk->budget; i++) {
		const struct wq_event *event = function->events[i];
		struct wq_reach reach = {
			.event = event, .context = context,
			.always = always && event->always,
		};

		walk->budget--;
		if (!matters(walk, event) ||
		    is_impossible(walk->program, event, context))
			continue;
		if (!walk->only_waits || is_wait(event))
			walk->fn(&reach, walk->data);
		if (event->kind == WQ_EVENT_CALL)
			walk_call(walk, event, context, always, depth);
	}
}

void wq_for_each_reached(const struct wq_program *program,
			 const struct wq_function *handler, wq_reach_fn fn,
			 void *data)
{
	struct walk walk = {
		.program = program, .fn = fn, .data = data,
		.budget = MAX_EVENTS,
	};

	walk_function(&walk, handler, NULL, true, MAX_CALL_DEPTH);
}

void wq_for_each_reached_wait(const struct wq_program *program,
			      const struct wq_function *handler,
			      wq_reach_fn fn, void *data)
{
	struct walk walk = {
		.program = program, .fn = fn, .data = data,
		.budget = MAX_EVENTS, .only_waits = true,
	};

	if (wq_function_may_wait(program, handler))
		walk_function(&walk, handler, NULL, true, MAX_CALL_DEPTH);
}

void wq_relate_reach(struct wq_findings *findings, struct wq_finding *finding,
		     const struct wq_function *handler,
		     const struct wq_reach *reach)
{
	const struct wq_context *chain[MAX_CALL_DEPTH + 1];
	const struct wq_context *context = reach->context;
	unsigned int count = 0;

	for (; context && count <= MAX_CALL_DEPTH; context = context->up)
		chain[count++] = context;
	wq_finding_relate(findings, finding, handler->where, handler->name,
			  "%s() is its handler", handler->name);
	while (count--)
		wq_finding_relate(findings, finding, chain[count]->call->where,
				  chain[count]->call->function->name,
				  "it calls %s() here",
				  chain[count]->call->callee);
}

/* Whose object */

/*
 * Is @root what container_of() makes of @handler's parameter, or that itself,
 * through the arguments of the calls?
 */
static bool comes_from_work(const struct wq_program *program,
			    const struct wq_expr *root,
			    const struct wq_context *context,
			    const struct wq_function *handler)
{
	for (;;) {
		if (root->kind == WQ_EXPR_OUTER) {
			root = root->base;
		} else if (root->kind == WQ_EXPR_PARAM && context) {
			root = wq_argument_of(program, root, context);
			context = context->up;
			if (!root)
				return false;
		} else {
			break;
		}
	}
	return root->kind == WQ_EXPR_PARAM && !root->number &&
	       root->function == handler;
}

/* "poll.work" and "poll" are one delayed work item. */
static bool same_member(const char *name, const char *member)
{
	size_t bytes = strlen(member);

	return !strncmp(name, member, bytes) &&
	       (!name[bytes] || !strcmp(name + bytes, ".work"));
}

/* container_of(work, struct delayed_work, work): still the item itself. */
static bool is_item_type(const struct wq_expr *outer)
{
	return outer->kind == WQ_EXPR_PARAM ||
	       (outer->kind == WQ_EXPR_OUTER && outer->type &&
		(!strcmp(outer->type, "delayed_work") ||
		 !strcmp(outer->type, "rcu_work")));
}

static bool has_index(const struct wq_address *address)
{
	unsigned int i;

	for (i = 0; i < address->nr_steps; i++)
		if (address->steps[i]->kind == WQ_EXPR_INDEX)
			return true;
	return false;
}

bool wq_reach_is_own_item(const struct wq_program *program,
			  const struct wq_work *work,
			  const struct wq_function *handler,
			  const struct wq_reach *reach)
{
	const struct wq_expr *expr = reach->event->work;
	const struct wq_item *item;
	struct wq_address address;

	if (!expr)
		return false;
	address = wq_address_peel(program, expr, reach->context);
	if (comes_from_work(program, address.root, address.context, handler)) {
		if (!address.nr_steps)
			return is_item_type(address.root);
		if (address.root->kind != WQ_EXPR_OUTER || has_index(&address) ||
		    !address.root->name || !work->item->member)
			return false;
		item = wq_resolve_item(program, expr, reach->context);
		return item && !item->next && wq_item_same(item, work->item) &&
		       same_member(address.root->name, work->item->member);
	}
	/* A file-scope variable. */
	item = wq_resolve_item(program, expr, reach->context);
	return item && !item->next && wq_item_same(item, work->item) &&
	       address.root->kind == WQ_EXPR_GLOBAL && !has_index(&address);
}

struct match {
	const struct wq_program *program;
	const struct wq_function *handler;
	const struct wq_work *work;
	const struct wq_expr *base;	/* of the item where it is queued */
};

/*
 * Is @here, in the handler's walk, the same pointer as @there, where the
 * item is queued? Both start from the object with the item, or from a
 * variable of the file.
 */
static bool is_same(const struct match *match, const struct wq_expr *here,
		    const struct wq_context *here_context,
		    const struct wq_expr *there,
		    const struct wq_context *there_context, unsigned int depth)
{
	const struct wq_expr *next;

	while (here->kind == WQ_EXPR_PARAM && here_context) {
		next = wq_argument_of(match->program, here, here_context);
		if (!next)
			return false;
		here = next;
		here_context = here_context->up;
	}
	while (there->kind == WQ_EXPR_PARAM && there_context) {
		next = wq_argument_of(match->program, there, there_context);
		if (!next)
			break;
		there = next;
		there_context = there_context->up;
	}
	if (there == match->base)
		return here->kind == WQ_EXPR_OUTER && here->name &&
		       match->work->item->member &&
		       same_member(here->name, match->work->item->member) &&
		       comes_from_work(match->program, here, here_context,
				       match->handler);
	if (!depth || here->kind != there->kind)
		return false;
	switch (here->kind) {
	case WQ_EXPR_GLOBAL:
		return here->is_static == there->is_static &&
		       (!here->is_static || here->unit == there->unit) &&
		       !strcmp(here->name, there->name);
	case WQ_EXPR_FIELD:
		if (!here->type || !there->type ||
		    strcmp(here->type, there->type) ||
		    strcmp(here->name, there->name))
			return false;
		/* fall through */
	case WQ_EXPR_LOAD:
		return is_same(match, here->base, here_context, there->base,
			       there_context, depth - 1);
	default:
		return false;
	}
}

bool wq_reach_is_own_queue(const struct wq_program *program,
			   const struct wq_work *work,
			   const struct wq_function *handler,
			   const struct wq_reach *reach,
			   const struct wq_use *queued)
{
	struct match match = { program, handler, work, NULL };
	struct wq_address address;

	if (!reach->event->queue || !queued->event->queue ||
	    !queued->event->work)
		return false;
	address = wq_address_peel(program, queued->event->work,
				  queued->context);
	if (address.nr_steps && !has_index(&address))
		match.base = address.root;
	return is_same(&match, reach->event->queue, reach->context,
		       queued->event->queue, queued->context,
		       MAX_MATCH_DEPTH);
}
