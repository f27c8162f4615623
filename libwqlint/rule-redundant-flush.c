/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * redundant-flush: a flush or drain of a queue with nothing between it and
 * the queue's destruction, which drains the queue itself.
 */
#include "judge.h"
#include "resolve.h"
#include "rule.h"
#include "suggest.h"

extern const struct wq_rule wq_rule_redundant_flush;

/* What comes right after @event in its function, or NULL. */
static const struct wq_event *next_event(const struct wq_event *event)
{
	const struct wq_function *function = event->function;
	unsigned int i;

	for (i = 0; i + 1 < function->nr_events; i++)
		if (function->events[i] == event)
			return function->events[i + 1];
	return NULL;
}

static bool same_condition(const struct wq_condition *a,
			   const struct wq_condition *b)
{
	return a->left == b->left && a->right == b->right &&
	       a->relation == b->relation;
}

static bool holds_at(const struct wq_condition *condition,
		     const struct wq_event *event)
{
	unsigned int i;

	for (i = 0; i < event->nr_conditions; i++)
		if (same_condition(condition, &event->conditions[i]))
			return true;
	return false;
}

/* Do @a and @b happen under the same tests? */
static bool same_conditions(const struct wq_event *a, const struct wq_event *b)
{
	unsigned int i;

	if (a->always != b->always || a->nr_conditions != b->nr_conditions)
		return false;
	for (i = 0; i < a->nr_conditions; i++)
		if (!holds_at(&a->conditions[i], b))
			return false;
	return true;
}

/* The destruction of the very queue that @flush waits for, right after it. */
static const struct wq_event *find_destroy(const struct wq_event *flush)
{
	const struct wq_event *next;

	if ((flush->kind != WQ_EVENT_FLUSH_QUEUE &&
	     flush->kind != WQ_EVENT_DRAIN_QUEUE) || !flush->function ||
	    !flush->queue || flush->queue->kind == WQ_EXPR_UNKNOWN)
		return NULL;
	next = next_event(flush);
	return next && next->kind == WQ_EVENT_DESTROY_QUEUE &&
	       next->queue == flush->queue && same_conditions(flush, next) &&
	       next->where.file == flush->where.file &&
	       next->where.line > flush->where.line
	       ? next : NULL;
}

/* Flushing or destroying a shared queue is wrong for other reasons. */
static bool is_shared(const struct wq_event *flush)
{
	return flush->queue->kind == WQ_EXPR_LOAD &&
	       flush->queue->base->kind == WQ_EXPR_GLOBAL &&
	       !flush->queue->base->is_static &&
	       wq_is_system_queue(flush->queue->base->name);
}

static const char *queue_name(const struct wq_program *program,
			      const struct wq_event *flush)
{
	const struct wq_item *slot = NULL;

	if (flush->queue->kind == WQ_EXPR_LOAD)
		slot = wq_resolve_item(program, flush->queue->base, NULL);
	return slot && slot->name ? slot->name : "the queue";
}

static void check_event(const struct wq_program *program,
			struct wq_findings *findings,
			const struct wq_event *flush)
{
	const struct wq_event *destroy = find_destroy(flush);
	struct wq_finding *finding;

	if (!destroy || is_shared(flush))
		return;
	finding = wq_findings_add(findings, &wq_rule_redundant_flush,
				  flush->where, "%s() right before "
				  "destroy_workqueue(), which drains %s itself",
				  flush->callee, queue_name(program, flush));
	finding->function = wq_arena_copy(findings->arena,
					  flush->function->name);
	finding->queue = wq_arena_copy(findings->arena,
				       queue_name(program, flush));
	wq_finding_relate(findings, finding, destroy->where,
			  destroy->function->name, "%s() here drains and "
			  "destroys it", destroy->callee);
	finding->suggestion.step = -1;
	finding->suggestion.text = "remove the call";
	wq_suggest_removal(program, findings, finding, flush);
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++)
			check_event(program, findings,
				    program->units[i]->events[j]);
}

const struct wq_rule wq_rule_redundant_flush = {
	.id = "redundant-flush",
	.level = WQ_CHECK,
	.summary = "a flush right before destroy_workqueue(), which drains",
	.why =
"destroy_workqueue() begins with drain_workqueue() (kernel/workqueue.c: \"drain it\n"
"before proceeding with destruction\", \"All work currently pending will be done\n"
"first\"), which flushes the queue until it is empty. A flush or a drain right\n"
"before it adds nothing but the impression that something needs it.\n",
	.limits =
"Level CHECK (--strict): the code is right. Only a call directly before, under the\n"
"same conditions and for the same expression; with anything in between that\n"
"could queue or stop something the flush has a meaning of its own.\n",
	.wrong =
"flush_workqueue(foo->wq);\n"
"destroy_workqueue(foo->wq);\n",
	.right =
"destroy_workqueue(foo->wq);\n",
	.check = check,
};
