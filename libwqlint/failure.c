/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ways out of a function that fail after a work item was queued, and that
 * nothing on them waits for. What follows is walked block by block; a call
 * of a function that waits stops the way, whether or not it waits on each of
 * its own ways, and so does a test that decides whether there is a wait.
 */
#include <string.h>

#include "judge.h"
#include "resolve.h"

#define MAX_UP		4	/* callers above the one that queues */
#define MAX_WAITS	64	/* of one work item */
#define NR_OUTCOMES	4
#define MAX_BLOCKS	2048

/* What the call that a way begins with returned. */
enum began { BEGAN_ANY, BEGAN_FAILED, BEGAN_SUCCEEDED };

/* What a way has met. */
struct way {
	const struct wq_event *failed;	/* the last call that failed */
	const struct wq_event *freed;	/* of what the item is in */
};

struct search {
	const struct wq_program *program;
	const struct wq_work *work;
	const struct wq_event *waits[MAX_WAITS];
	unsigned int nr_waits;
	bool waits_by_callback;	/* a core's call can lead to a wait */
	struct wq_failure *failure;
};

/* The way through one function from an event on. */
struct walk {
	const struct search *search;
	const struct wq_function *function;
	const struct wq_event *start;
	enum began began;
	unsigned char *seen;	/* a bit for each outcome, by block */
	unsigned int budget;
	bool goes_on;		/* a way ends that is no failure */
	struct way failure;	/* the way of the first that is */
	bool fails;
};

static bool is_wait(const struct wq_event *event, void *data)
{
	const struct search *search = data;
	unsigned int i;

	if (wq_event_waits_for_queue(event))
		return true;
	for (i = 0; i < search->nr_waits; i++)
		if (search->waits[i] == event)
			return true;
	return false;
}

/* Names of functions with which a core lets go of what it was given. */
static bool is_core_teardown(const char *name)
{
	static const char *const words[] = {
		"cleanup", "close", "del", "delete", "destroy", "detach",
		"disable", "disconnect", "exit", "free", "put", "release",
		"remove", "shutdown", "stop", "suspend", "unbind",
		"unregister",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (wq_name_has_word(name, words[i]))
			return true;
	return false;
}

/* May the work item be waited for when @event is over? */
static bool stops(const struct search *search, const struct wq_event *event)
{
	const struct wq_function *callee;

	if (is_wait(event, (void *)search))
		return true;
	if (event->kind != WQ_EVENT_CALL)
		return false;
	if (!event->callee)
		return search->waits_by_callback;
	callee = wq_program_function(search->program, event->function->unit,
				     event->callee);
	if (wq_walk_call(search->program, event, is_wait, (void *)search))
		return true;
	return !(callee && callee->is_defined) && search->waits_by_callback &&
	       is_core_teardown(event->callee);
}

static bool frees(const struct wq_event *event, void *data)
{
	const struct search *search = data;
	const char *tag = search->work->item->type;

	return event->kind == WQ_EVENT_FREE && tag && event->type &&
	       !strcmp(event->type, tag);
}

static bool leads_to_free(const struct search *search,
			  const struct wq_event *event)
{
	return frees(event, (void *)search) ||
	       wq_walk_call(search->program, event, frees, (void *)search);
}

/* The events of @block from number @first on; false: the way stops there. */
static bool pass_events(const struct walk *walk, const struct wq_block *block,
			unsigned int first, struct way *way)
{
	unsigned int i;

	for (i = first; i < block->first_event + block->nr_events; i++) {
		const struct wq_event *event = walk->function->events[i];

		/* Queued once more: that is a way of its own. */
		if (event == walk->start)
			return false;
		if (stops(walk->search, event))
			return false;
		if (leads_to_free(walk->search, event))
			way->freed = event;
	}
	return true;
}

/* The call whose result @block tests, or NULL. */
static const struct wq_event *tested_call(const struct wq_block *block)
{
	return block->left && block->left->kind == WQ_EXPR_RESULT
	       ? block->left->event : NULL;
}

/* Does the way out @number of a test of a call mean that the call failed? */
static bool means_failure(const struct wq_block *block, unsigned int number)
{
	const struct wq_event *call = tested_call(block);
	bool holds = number == 0;

	if (call->kind == WQ_EVENT_ALLOC || call->kind == WQ_EVENT_ALLOC_QUEUE)
		return holds == (block->test == WQ_TEST_ZERO ||
				 block->test == WQ_TEST_NEGATIVE);
	return holds == (block->test == WQ_TEST_NONZERO ||
			 block->test == WQ_TEST_NEGATIVE);
}

/* Can the edge be taken, by what is known of the first call's result? */
static bool is_possible(const struct walk *walk, const struct wq_block *block,
			unsigned int number)
{
	if (walk->began == BEGAN_ANY || tested_call(block) != walk->start)
		return true;
	return means_failure(block, number) == (walk->began == BEGAN_FAILED);
}

/* "if (foo->polls) cancel_work_sync(...)": is a wait there all that is asked? */
static bool guards_wait(const struct walk *walk, const struct wq_block *block)
{
	const struct wq_event *call = tested_call(block);
	unsigned int i, j;

	if (block->nr_edges < 2 ||
	    (call && call->index >= walk->start->index))
		return false;
	for (i = 0; i < block->nr_edges; i++) {
		const struct wq_block *next;

		if (block->edges[i].to >= walk->function->nr_blocks)
			continue;
		next = &walk->function->blocks[block->edges[i].to];
		for (j = 0; j < next->nr_events; j++)
			if (stops(walk->search, walk->function->events
				  [next->first_event + j]))
				return true;
	}
	return false;
}

/* How well a way shows that it is taken, and where the object goes. */
static unsigned int clearness(const struct way *way)
{
	return (way->failed ? 2 : 0) + (way->freed ? 1 : 0);
}

static void end_way(struct walk *walk, enum wq_outcome outcome,
		    const struct way *way, bool at_once)
{
	/* "return foo_start(foo);" */
	if (outcome == WQ_OUTCOME_UNKNOWN && walk->began == BEGAN_FAILED &&
	    at_once)
		outcome = WQ_OUTCOME_FAILURE;
	if (outcome != WQ_OUTCOME_FAILURE) {
		walk->goes_on = true;
	} else if (!walk->fails ||
		   clearness(way) > clearness(&walk->failure)) {
		walk->fails = true;
		walk->failure = *way;
	}
}

static void pass_block(struct walk *walk, unsigned int number,
		       enum wq_outcome outcome, struct way way,
		       unsigned int first_event);

static void leave_block(struct walk *walk, const struct wq_block *block,
			enum wq_outcome outcome, struct way way)
{
	const struct wq_event *call = tested_call(block);
	unsigned int i;

	for (i = 0; i < block->nr_edges; i++) {
		const struct wq_edge *edge = &block->edges[i];
		enum wq_outcome next = edge->outcome ? edge->outcome : outcome;
		struct way longer = way;

		if (!is_possible(walk, block, i))
			continue;
		if (call && call->index > walk->start->index &&
		    means_failure(block, i))
			longer.failed = call;
		if (edge->to >= walk->function->nr_blocks)
			end_way(walk, next, &longer,
				!block->nr_events ||
				walk->function->events[block->first_event +
					block->nr_events - 1] == walk->start);
		else
			pass_block(walk, edge->to, next, longer,
				   walk->function->blocks[edge->to].first_event);
	}
}

static void pass_block(struct walk *walk, unsigned int number,
		       enum wq_outcome outcome, struct way way,
		       unsigned int first_event)
{
	const struct wq_block *block = &walk->function->blocks[number];
	unsigned char bit = (unsigned char)
			    (1u << (outcome + (way.freed ? NR_OUTCOMES : 0)));
	bool is_first = first_event != block->first_event;

	if (!is_first) {
		if (walk->seen[number] & bit || !walk->budget)
			return;
		walk->seen[number] |= bit;
		walk->budget--;
	}
	if (!pass_events(walk, block, first_event, &way) ||
	    guards_wait(walk, block))
		return;
	leave_block(walk, block, outcome, way);
}

static const struct wq_block *block_of(const struct wq_function *function,
				       const struct wq_event *event)
{
	unsigned int i, j;

	for (i = 0; i < function->nr_blocks; i++)
		for (j = 0; j < function->blocks[i].nr_events; j++)
			if (function->events[function->blocks[i].first_event +
					     j] == event)
				return &function->blocks[i];
	return NULL;
}

/* All ways from @start on to the end of its function. */
static bool walk_from(const struct search *search, struct walk *walk,
		      const struct wq_event *start, enum began began)
{
	const struct wq_function *function = start->function;
	const struct wq_block *block = block_of(function, start);
	unsigned int event;

	memset(walk, 0, sizeof(*walk));
	if (!block || function->nr_blocks > MAX_BLOCKS ||
	    !wq_program_spend(search->program, function->nr_blocks))
		return false;
	*walk = (struct walk){
		.search = search, .function = function, .start = start,
		.began = began, .budget = 4 * MAX_BLOCKS,
		.seen = wq_arena_alloc(search->program->arena,
				       function->nr_blocks),
	};
	event = block->first_event;
	while (function->events[event] != start)
		event++;
	pass_block(walk, (unsigned int)(block - function->blocks),
		   WQ_OUTCOME_NONE, (struct way){ NULL, NULL }, event + 1);
	return walk->fails || walk->goes_on;
}

static bool has_slot(const struct wq_function *function, const char *slot)
{
	unsigned int i;

	for (i = 0; i < function->nr_roles; i++) {
		const char *dot = strrchr(function->roles[i], '.');

		if (dot && !strcmp(dot + 1, slot))
			return true;
	}
	return false;
}

/* When this function fails, is what the item is in gone after it? */
static bool is_end(struct search *search, const struct wq_function *function,
		   const struct way *way)
{
	struct wq_end *end = &search->failure->end;

	if (way->freed) {
		end->kind = WQ_END_FREE;
		end->event = way->freed;
		return true;
	}
	if (!search->work->item->type) {
		end->kind = WQ_END_MODULE;
		end->function = function;
		return wq_function_has_role(function, "module_init") &&
		       function->unit->is_module;
	}
	wq_work_find_end(search->program, search->work, end);
	if (end->kind != WQ_END_DEVICE)
		end->event = wq_work_managed_alloc(search->program,
						   search->work);
	return (end->kind == WQ_END_DEVICE || end->event) &&
	       (has_slot(function, "probe") || has_slot(function, "probe_new"));
}

static bool follow(struct search *search, const struct wq_event *start,
		   const struct wq_context *context, enum began began,
		   unsigned int depth);

static bool follow_up(struct search *search, const struct wq_event *call,
		      const struct wq_context *context,
		      const struct walk *walk, unsigned int depth)
{
	if (!call || !call->function || call->managed)
		return false;
	return (walk->fails &&
		follow(search, call, context, BEGAN_FAILED, depth)) ||
	       (walk->goes_on &&
		follow(search, call, context, BEGAN_SUCCEEDED, depth));
}

/* @start left the item queued: is there an end without a wait? */
static bool follow(struct search *search, const struct wq_event *start,
		   const struct wq_context *context, enum began began,
		   unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;
	struct walk walk;

	if (!walk_from(search, &walk, start, began))
		return false;
	if (walk.fails && walk.failure.failed)
		search->failure->failed = walk.failure.failed;
	/* Some test said so: what it means for the item is not known. */
	if (walk.fails && search->failure->failed &&
	    is_end(search, start->function, &walk.failure)) {
		search->failure->function = start->function;
		return true;
	}
	if (!depth)
		return false;
	if (context)
		return follow_up(search, context->call, context->up, &walk,
				 depth - 1);
	callers = wq_program_callers(search->program, start->function, &count);
	for (i = 0; i < count; i++)
		if (follow_up(search, callers[i], NULL, &walk, depth - 1))
			return true;
	return false;
}

/* Who is run by the driver core or the module loader only: no callback. */
static bool is_unbound_only(const struct wq_function *function)
{
	unsigned int i;

	for (i = 0; i < function->nr_roles; i++) {
		const char *role = function->roles[i];
		const char *dot = strrchr(role, '.');

		if (strcmp(role, "module_exit") &&
		    !(dot && dot - role > 7 &&
		      !strncmp(dot - 7, "_driver", 7)))
			return false;
	}
	return function->nr_roles || !function->address_taken;
}

static bool is_called_back(const struct wq_program *program,
			   const struct wq_function *function,
			   unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (!is_unbound_only(function))
		return true;
	callers = wq_program_callers(program, function, &count);
	for (i = 0; depth && i < count; i++)
		if (callers[i]->function &&
		    is_called_back(program, callers[i]->function, depth - 1))
			return true;
	return false;
}

/* Is it waited for by devres, on every way out of a probe? */
static bool is_managed(const struct wq_program *program,
		       const struct wq_use *use)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (use->event->managed || !use->event->function)
		return true;
	callers = wq_program_callers(program, use->event->function, &count);
	for (i = 0; i < count; i++)
		if (callers[i]->managed)
			return true;
	return false;
}

/* Every use that may wait for the item, or stops it; false: too many. */
static bool find_waits(struct search *search)
{
	const struct wq_program *program = search->program;
	const struct wq_item *item;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (!wq_event_waits_for_work(use->event) &&
		    use->event->kind != WQ_EVENT_CANCEL_WORK &&
		    use->event->kind != WQ_EVENT_DISABLE_WORK)
			continue;
		for (item = use->items; item; item = item->next)
			if (wq_item_may_alias(item, search->work->item))
				break;
		if (!item)
			continue;
		if (is_managed(program, use) || search->nr_waits == MAX_WAITS)
			return false;
		search->waits[search->nr_waits++] = use->event;
		search->waits_by_callback |=
			is_called_back(program, use->event->function, 4);
	}
	return true;
}

static bool queues(const struct wq_work *work, const struct wq_use *use)
{
	unsigned int i;

	if (use->event->kind != WQ_EVENT_QUEUE || !use->event->function)
		return false;
	for (i = 0; i < work->nr_handlers; i++)
		if (work->handlers[i] == use->event->function)
			return false;
	return true;
}

bool wq_work_find_failure(const struct wq_program *program,
			  const struct wq_work *work,
			  struct wq_failure *failure)
{
	struct search search = {
		.program = program, .work = work, .failure = failure,
	};
	unsigned int i;

	if (!find_waits(&search))
		return false;
	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_use *use = work->uses[i];

		/* What nothing ever waits for is another finding. */
		if (!queues(work, use) ||
		    (!search.nr_waits && !wq_use_own_queue(use)))
			continue;
		memset(failure, 0, sizeof(*failure));
		failure->use = use;
		if (follow(&search, use->event, use->context, BEGAN_ANY,
			   MAX_UP)) {
			failure->wait = search.nr_waits ? search.waits[0] : NULL;
			return true;
		}
	}
	return false;
}
