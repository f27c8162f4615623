/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events whose operands are parameters are carried to the calls that know
 * more; what the operands are is then resolved once, and grouped by item.
 */
#include <string.h>

#include "resolve.h"
#include "source.h"
#include "use.h"

#define MAX_CALL_DEPTH	6
#define MAX_CONTEXTS	128

struct enumeration {
	const struct wq_program *program;
	const struct wq_event *event;
	wq_context_fn fn;
	void *data;
	unsigned int count;
};

/*
 * A chain of calls is found from the event outwards, but a context begins
 * with the innermost call and goes up: each call gets its place in the
 * chain before its caller is known, and a copy when there are several.
 */
struct chain {
	const struct wq_event *calls[MAX_CALL_DEPTH];
	unsigned int nr_calls;
	bool from_outside;	/* and then a caller that is not shown */
};

static const struct wq_context *make_context(const struct wq_program *program,
					     const struct chain *chain)
{
	struct wq_context *context = NULL, *inner;
	unsigned int i;

	if (chain->from_outside)
		context = wq_arena_alloc(program->arena, sizeof(*context));
	for (i = chain->nr_calls; i-- > 0;) {
		inner = wq_arena_alloc(program->arena, sizeof(*inner));
		inner->call = chain->calls[i];
		inner->up = context;
		context = inner;
	}
	return context;
}

static void report_chain(struct enumeration *enumeration, struct chain chain,
			 bool from_outside)
{
	chain.from_outside = from_outside;
	if (enumeration->count++ < MAX_CONTEXTS)
		enumeration->fn(enumeration->event,
				make_context(enumeration->program, &chain),
				enumeration->data);
}

static bool call_needs_context(const struct wq_program *program,
			       const struct wq_event *call)
{
	unsigned int i;

	for (i = 0; i < call->nr_args; i++)
		if (wq_expr_needs_context(program, call->args[i]))
			return true;
	return false;
}

static void enumerate(struct enumeration *enumeration, struct chain chain,
		      const struct wq_function *function)
{
	const struct wq_program *program = enumeration->program;
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (!wq_program_spend(program, 1))
		return;
	callers = wq_program_callers(program, function, &count);
	if (!count || chain.nr_calls == MAX_CALL_DEPTH ||
	    wq_program_is_open(program, function))
		report_chain(enumeration, chain, true);
	if (chain.nr_calls == MAX_CALL_DEPTH)
		return;
	for (i = 0; i < count && enumeration->count < MAX_CONTEXTS; i++) {
		struct chain longer = chain;

		longer.calls[longer.nr_calls++] = callers[i];
		if (callers[i]->function &&
		    call_needs_context(program, callers[i]))
			enumerate(enumeration, longer, callers[i]->function);
		else
			report_chain(enumeration, longer, false);
	}
}

void wq_for_each_context(const struct wq_program *program,
			 const struct wq_event *event, wq_context_fn fn,
			 void *data)
{
	struct enumeration enumeration = {
		.program = program, .event = event, .fn = fn, .data = data,
	};

	enumerate(&enumeration, (struct chain){ .nr_calls = 0 },
		  event->function);
}

/* Uses */

static bool is_use(const struct wq_event *event)
{
	return event->kind <= WQ_EVENT_INIT_WORK &&
	       event->kind != WQ_EVENT_ALLOC_QUEUE;
}

static void add_use(const struct wq_event *event,
		    const struct wq_context *context, void *data)
{
	struct wq_program *program = data;
	struct wq_use *use;

	if (program->nr_uses == WQ_MAX_USES)
		program->effort->too_large = true;
	if (program->effort->too_large)
		return;
	program->uses = wq_arena_grow(program->arena, program->uses,
				      program->nr_uses,
				      sizeof(*program->uses));
	use = &program->uses[program->nr_uses++];
	use->event = event;
	use->context = context;
	use->queues = event->queue ? wq_resolve_queue(program, event->queue,
						      context) : NULL;
	use->items = event->work ? wq_resolve_item(program, event->work,
						   context) : NULL;
}

static bool event_needs_context(const struct wq_program *program,
				const struct wq_event *event)
{
	return event->function &&
	       (wq_expr_needs_context(program, event->queue) ||
		wq_expr_needs_context(program, event->work) ||
		((event->kind == WQ_EVENT_INIT_WORK ||
		  event->kind == WQ_EVENT_QUEUE) &&
		 wq_expr_needs_context(program, event->value)));
}

void wq_program_find_uses(struct wq_program *program)
{
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++) {
			const struct wq_event *event =
				program->units[i]->events[j];

			if (!is_use(event))
				continue;
			if (event_needs_context(program, event))
				wq_for_each_context(program, event, add_use,
						    program);
			else
				add_use(event, NULL, program);
		}
}

/* Work items */

static struct wq_work *find_work(const struct wq_program *program,
				 const struct wq_item *item)
{
	unsigned int i;

	for (i = 0; i < program->nr_works; i++)
		if (!strcmp(program->works[i].item->key, item->key) &&
		    program->works[i].item->element == item->element)
			return &program->works[i];
	return NULL;
}

static struct wq_work *work_of(struct wq_program *program,
			       const struct wq_item *item)
{
	struct wq_work *work = find_work(program, item);

	if (work)
		return work;
	program->works = wq_arena_grow(program->arena, program->works,
				       program->nr_works,
				       sizeof(*program->works));
	work = &program->works[program->nr_works++];
	work->item = item;
	work->answers = wq_arena_alloc(program->arena,
				       sizeof(*work->answers));
	work->is_confined = item->is_confined ||
			    (program->complete &&
			     (!item->type || wq_type_is_own(program, item->type)));
	return work;
}

static void add_handler(struct wq_program *program, struct wq_work *work,
			const struct wq_use *use)
{
	const struct wq_expr *name = wq_resolve_function(program,
							 use->event->value,
							 use->context);
	const struct wq_function *handler = NULL;
	unsigned int i;

	if (name)
		handler = wq_program_function(program, name->unit, name->name);
	if (!handler) {
		work->foreign_handler = true;
		return;
	}
	for (i = 0; i < work->nr_handlers; i++)
		if (work->handlers[i] == handler)
			return;
	work->handlers = wq_arena_grow(program->arena, work->handlers,
				       work->nr_handlers,
				       sizeof(*work->handlers));
	work->handlers[work->nr_handlers++] = handler;
}

static void add_work_use(struct wq_program *program, const struct wq_use *use,
			 const struct wq_item *item)
{
	struct wq_work *work;

	if (program->nr_works == WQ_MAX_USES)
		program->effort->too_large = true;
	if (!item->key || item->ambiguous || program->effort->too_large)
		return;
	work = work_of(program, item);
	work->uses = wq_arena_grow(program->arena, work->uses, work->nr_uses,
				   sizeof(*work->uses));
	work->uses[work->nr_uses++] = use;
	work->delayed |= use->event->delayed;
	if (use->event->kind == WQ_EVENT_INIT_WORK ||
	    (use->event->kind == WQ_EVENT_QUEUE && use->event->value))
		add_handler(program, work, use);
}

/* Functions that look at a work item and neither keep nor run it. */
static bool only_looks(const char *callee)
{
	static const char *const names[] = {
		"destroy_delayed_work_on_stack", "destroy_work_on_stack",
		"test_bit", "workqueue_congested",
	};
	size_t i;

	for (i = 0; callee && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(callee, names[i]))
			return true;
	return false;
}

static void mark_escapes(struct wq_program *program,
			 const struct wq_event *call)
{
	const struct wq_item *item;
	struct wq_work *work;

	if (call->kind != WQ_EVENT_CALL || !call->work || !call->function ||
	    only_looks(call->callee) ||
	    (call->callee && wq_program_function(program, call->function->unit,
						 call->callee)))
		return;
	for (item = wq_resolve_item(program, call->work, NULL); item;
	     item = item->next) {
		work = item->key ? find_work(program, item) : NULL;
		if (work)
			work->escapes = true;
	}
}

void wq_program_find_works(struct wq_program *program)
{
	const struct wq_item *item;
	unsigned int i, j;

	for (i = 0; i < program->nr_uses; i++)
		for (item = program->uses[i].items; item; item = item->next)
			add_work_use(program, &program->uses[i], item);
	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++)
			mark_escapes(program, program->units[i]->events[j]);
}
