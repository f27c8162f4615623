/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * uninitialised-work: an item is queued, and no unit of the complete module
 * initialises it. Exact, or silent: an initialisation that cannot be named,
 * an address that is given away, or memory that is copied as a whole could
 * be the missing one.
 */
#include <string.h>

#include "judge.h"
#include "resolve.h"
#include "rule.h"

extern const struct wq_rule wq_rule_uninitialised_work;

/* Could an initialisation that is seen be of @item? */
static bool may_be_initialised(const struct wq_program *program,
			       const struct wq_item *wanted)
{
	const struct wq_item *item;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		if (program->uses[i].event->kind != WQ_EVENT_INIT_WORK)
			continue;
		for (item = program->uses[i].items; item; item = item->next)
			if (!item->key || item->ambiguous ||
			    wq_item_may_alias(item, wanted) ||
			    /* array[i] and *pointer: which member? */
			    (wanted->type && item->type && item->element != -1
			     && !strcmp(item->type, wanted->type)))
				return true;
	}
	return false;
}

/*
 * Is the same member of the same struct initialised anywhere, whatever the
 * struct is part of? What is around it may not be seen in a helper.
 */
static bool helper_may_initialise(const struct wq_program *program,
				  const struct wq_expr *queued)
{
	const struct wq_event *const *events;
	unsigned int i, count;

	if (queued->kind != WQ_EXPR_FIELD || !queued->type)
		return false;
	events = wq_program_events(program, WQ_EVENT_INIT_WORK, &count);
	for (i = 0; i < count; i++) {
		const struct wq_expr *work = events[i]->work;

		if (work && work->kind == WQ_EXPR_FIELD && work->type &&
		    !strcmp(work->name, queued->name) &&
		    !strcmp(work->type, queued->type))
			return true;
	}
	return false;
}

/*
 * Does the program set up objects like that of @wanted? Where it initialises
 * no item of a struct that a header defines, another module does that, and is
 * not here.
 */
static bool sets_up(const struct wq_program *program,
		    const struct wq_item *wanted)
{
	const struct wq_item *item;
	unsigned int i;

	if (wanted->is_confined || !wanted->type)
		return true;
	for (i = 0; i < program->nr_uses; i++) {
		if (program->uses[i].event->kind != WQ_EVENT_INIT_WORK)
			continue;
		for (item = program->uses[i].items; item; item = item->next)
			if (item->type && !strcmp(item->type, wanted->type))
				return true;
	}
	return false;
}

static const struct wq_use *first_queueing(const struct wq_work *work)
{
	const struct wq_use *first = NULL;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_use *use = work->uses[i];

		if (use->event->kind != WQ_EVENT_QUEUE || use->context ||
		    use->items->next)
			continue;
		if (!first || wq_location_compare(&use->event->where,
						  &first->event->where) < 0)
			first = use;
	}
	return first;
}

static void check_work(const struct wq_program *program,
		       struct wq_findings *findings,
		       const struct wq_work *work)
{
	const struct wq_use *use = first_queueing(work);
	struct wq_finding *finding;

	/* An object that can be named elsewhere may be another module's. */
	if (work->item->type ? work->item->instance != NULL
			     : !work->item->is_confined)
		return;
	if (!use || work->nr_handlers || work->foreign_handler ||
	    work->escapes || !work->is_confined || work->item->on_stack ||
	    may_be_initialised(program, work->item) ||
	    helper_may_initialise(program, use->event->work) ||
	    !sets_up(program, work->item))
		return;
	finding = wq_findings_add(findings, &wq_rule_uninitialised_work,
				  use->event->where,
				  "%s is queued here, and nothing in the "
				  "module initialises it", work->item->name);
	finding->function = wq_arena_copy(findings->arena,
					  use->event->function->name);
	finding->work = wq_arena_copy(findings->arena, work->item->name);
	finding->suggestion.step = -1;
	finding->suggestion.text = wq_arena_printf(findings->arena,
		"%s(%s, handler) where its object is set up",
		work->delayed ? "INIT_DELAYED_WORK" : "INIT_WORK",
		work->item->name);
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	unsigned int i;

	if (!program->complete)
		return;
	for (i = 0; i < program->nr_works; i++)
		check_work(program, findings, &program->works[i]);
}

const struct wq_rule wq_rule_uninitialised_work = {
	.id = "uninitialised-work",
	.level = WQ_ERROR,
	.summary = "a work item is queued that nothing initialises",
	.why =
"A work item without INIT_WORK() has no handler: in memory from kzalloc() the\n"
"worker calls a NULL pointer, and __queue_work() warns (\"WARN_ON(\n"
"!list_empty(&work->entry))\" in kernel/workqueue.c) as its list head was\n"
"never set up; a delayed work item without timer set-up warns in\n"
"__queue_delayed_work(). Often the initialisation was removed, or is of\n"
"another member.\n",
	.limits =
"Judged only when every unit of the module is seen. Silent where the item\n"
"could be initialised out of sight: its address is passed to code that is not\n"
"seen, its struct is defined outside the module, the module initialises no\n"
"other item of a struct that a header defines, or the module initialises an\n"
"item that cannot be named (through a pointer of unknown origin, in an array,\n"
"in a struct that is embedded in several others).\n",
	.wrong =
"struct foo *foo = kzalloc(sizeof(*foo), GFP_KERNEL);\n"
"...\n"
"schedule_work(&foo->reset_work);\n",
	.right =
"struct foo *foo = kzalloc(sizeof(*foo), GFP_KERNEL);\n"
"...\n"
"INIT_WORK(&foo->reset_work, foo_reset);\n"
"...\n"
"schedule_work(&foo->reset_work);\n",
	.check = check,
};
