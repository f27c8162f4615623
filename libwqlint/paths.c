/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ways through a function, block by block. A block is met again only with
 * another outcome, when there was something to note before it, or when the
 * last test came out otherwise.
 */
#include <string.h>

#include "paths.h"

#define NR_OUTCOMES	4
#define MAX_BLOCKS	2048	/* of a function that is followed */

struct walk {
	struct wq_paths *paths;
	const struct wq_function *function;
	unsigned long long *seen;	/* a bit for each state of a way, by block */
	unsigned int budget;
};

static bool stops(const struct walk *walk, const struct wq_event *event)
{
	return walk->paths->stops(event, walk->paths->data);
}

/* The events of @block from number @first on; false: the way stops there. */
static bool pass_events(const struct walk *walk, const struct wq_block *block,
			unsigned int first, struct wq_way *way)
{
	unsigned int i;

	for (i = first; i < block->first_event + block->nr_events; i++) {
		const struct wq_event *event = walk->function->events[i];

		if (event == way->tested)
			way->holds = WQ_TEST_NONE;
		/* Queued once more: that is a way of its own. */
		if (event == walk->paths->start)
			return false;
		if (stops(walk, event))
			return false;
		if (walk->paths->notes &&
		    walk->paths->notes(event, walk->paths->data))
			way->noted = event;
	}
	return true;
}

/* The call whose result @block tests, or NULL. */
static const struct wq_event *tested_call(const struct wq_block *block)
{
	return block->left && block->left->kind == WQ_EXPR_RESULT
	       ? block->left->event : NULL;
}

/* Does @call return a pointer, as far as the program shows its function? */
static bool returns_pointer(const struct walk *walk,
			    const struct wq_event *call)
{
	const struct wq_function *callee = NULL;
	unsigned int i;

	if (call->kind == WQ_EVENT_ALLOC || call->kind == WQ_EVENT_ALLOC_QUEUE)
		return true;
	if (call->kind == WQ_EVENT_CALL && call->callee && call->function)
		callee = wq_program_function(walk->paths->program,
					     call->function->unit,
					     call->callee);
	for (i = 0; callee && i < callee->nr_events; i++)
		if (callee->events[i]->kind == WQ_EVENT_RETURN)
			return true;
	return false;
}

/* Does the way out @number of a test of what @call returned mean that it failed? */
static bool means_failure(const struct walk *walk, const struct wq_block *block,
			  unsigned int number, const struct wq_event *call)
{
	bool holds = number == 0;

	/* NULL, or ERR_PTR() where IS_ERR() is asked. */
	if (returns_pointer(walk, call))
		return holds == (block->test == WQ_TEST_ZERO ||
				 block->test == WQ_TEST_NEGATIVE);
	return holds == (block->test == WQ_TEST_NONZERO ||
			 block->test == WQ_TEST_NEGATIVE);
}

/*
 * Can the result of @call say that it failed? A bool, or a number of things,
 * says who knows what.
 */
static bool is_error_result(const struct walk *walk,
			    const struct wq_event *call)
{
	const struct wq_function *callee = NULL;
	unsigned int i, j;

	if (call->kind == WQ_EVENT_CALL && call->callee && call->function)
		callee = wq_program_function(walk->paths->program,
					     call->function->unit,
					     call->callee);
	if (!callee || !callee->nr_blocks)
		return true;
	for (i = 0; i < callee->nr_blocks; i++)
		for (j = 0; j < callee->blocks[i].nr_edges; j++)
			if (callee->blocks[i].edges[j].outcome)
				return true;
	return false;
}

/* Does @block test what the first call returned? */
static bool tests_start(const struct walk *walk, const struct wq_block *block)
{
	if (!block->left || block->test == WQ_TEST_NONE)
		return false;
	return tested_call(block) == walk->paths->start ||
	       (walk->paths->is_result &&
		walk->paths->is_result(block->left, walk->paths->data));
}

/*
 * Was the same tested on every way to the start, with the other outcome?
 */
static bool contradicts_start(const struct walk *walk,
			      const struct wq_block *block, unsigned int number)
{
	const struct wq_event *start = walk->paths->start;
	bool is_zero;
	unsigned int i;

	if (block->test != WQ_TEST_ZERO && block->test != WQ_TEST_NONZERO)
		return false;
	is_zero = (number == 0) == (block->test == WQ_TEST_ZERO);
	for (i = 0; i < start->nr_conditions; i++)
		if (start->conditions[i].left == block->left &&
		    start->conditions[i].right->kind == WQ_EXPR_NULL)
			return is_zero !=
			       (start->conditions[i].relation == WQ_EQUAL);
	return false;
}

/* Can the edge be taken, by what is known of the first call's result? */
static bool is_possible(const struct walk *walk, const struct wq_block *block,
			unsigned int number)
{
	if (walk->paths->began == WQ_BEGAN_ANY || !block->left)
		return true;
	if (!tests_start(walk, block))
		return !contradicts_start(walk, block, number);
	if (!is_error_result(walk, walk->paths->start))
		return false;
	return means_failure(walk, block, number, walk->paths->start) ==
	       (walk->paths->began == WQ_BEGAN_FAILED);
}

/* What holds after the way out @number of @block's test. */
static enum wq_test holds_after(const struct wq_block *block,
				unsigned int number)
{
	static const enum wq_test opposite[] = {
		[WQ_TEST_NONE] = WQ_TEST_NONE,
		[WQ_TEST_ZERO] = WQ_TEST_NONZERO,
		[WQ_TEST_NONZERO] = WQ_TEST_ZERO,
		[WQ_TEST_NEGATIVE] = WQ_TEST_NOT_NEGATIVE,
		[WQ_TEST_NOT_NEGATIVE] = WQ_TEST_NEGATIVE,
	};

	return number ? opposite[block->test] : block->test;
}

/* Can both hold of one value? NEGATIVE is IS_ERR_OR_NULL() of a pointer, too. */
static bool exclude_each_other(enum wq_test one, enum wq_test other,
			       bool is_pointer)
{
	if (one > other)
		return exclude_each_other(other, one, is_pointer);
	return (one == WQ_TEST_ZERO && other == WQ_TEST_NONZERO) ||
	       (one == WQ_TEST_NEGATIVE && other == WQ_TEST_NOT_NEGATIVE) ||
	       (one == WQ_TEST_ZERO && other == WQ_TEST_NEGATIVE &&
		!is_pointer);
}

/*
 * The way out @number of the test of what @call returned: false when the way
 * has met another answer before.
 */
static bool pass_test(const struct walk *walk, const struct wq_block *block,
		      unsigned int number, const struct wq_event *call,
		      struct wq_way *way)
{
	enum wq_test holds = holds_after(block, number);

	if (way->tested == call &&
	    exclude_each_other(way->holds, holds, returns_pointer(walk, call)))
		return false;
	way->tested = call;
	way->holds = holds;
	if (means_failure(walk, block, number, call))
		way->failed = call;
	return true;
}

#define LOOP_DEPTH	4	/* blocks of a loop's body that are looked at */
#define MAX_TESTS	4	/* of one condition, joined by && or || */

static bool is_loop(const struct walk *walk, unsigned int number)
{
	unsigned int i, j;

	for (i = number; i < walk->function->nr_blocks; i++)
		for (j = 0; j < walk->function->blocks[i].nr_edges; j++)
			if (walk->function->blocks[i].edges[j].to == number)
				return true;
	return false;
}

/* Does block @number stop the way, or one soon after it? */
static bool leads_to_stop(const struct walk *walk, unsigned int number,
			  unsigned int depth, unsigned int tests)
{
	const struct wq_block *block;
	unsigned int i;

	if (number >= walk->function->nr_blocks || !depth || !tests)
		return false;
	block = &walk->function->blocks[number];
	for (i = 0; i < block->nr_events; i++)
		if (stops(walk, walk->function->events[block->first_event + i]))
			return true;
	if (block->nr_events || block->nr_edges < 2)
		depth--;
	for (i = 0; depth && i < block->nr_edges; i++)
		if (block->edges[i].to > number &&
		    is_possible(walk, block, i) &&
		    leads_to_stop(walk, block->edges[i].to, depth, tests - 1))
			return true;
	return false;
}

/*
 * "if (foo->polls) cancel_work_sync(...)", or a loop over several: what was
 * decided before the start decides here whether the way stops. Then it is
 * taken to stop.
 */
static bool guards_stop(const struct walk *walk, const struct wq_block *block)
{
	const struct wq_event *call = tested_call(block);
	unsigned int number = (unsigned int)(block - walk->function->blocks);
	unsigned int i, depth;

	if (block->nr_edges < 2 || tests_start(walk, block) ||
	    (call && call->index >= walk->paths->start->index))
		return false;
	depth = is_loop(walk, number) ? LOOP_DEPTH : 1;
	for (i = 0; i < block->nr_edges; i++)
		if (leads_to_stop(walk, block->edges[i].to, depth, MAX_TESTS))
			return true;
	return false;
}

/* How well a way shows that it is taken, and where the object goes. */
static unsigned int clearness(const struct wq_way *way)
{
	return (way->failed ? 2 : 0) + (way->noted ? 1 : 0);
}

static void end_way(struct walk *walk, enum wq_outcome outcome,
		    const struct wq_way *way, bool at_once)
{
	/* "return foo_start(foo);" */
	if (outcome == WQ_OUTCOME_UNKNOWN && walk->paths->began == WQ_BEGAN_FAILED &&
	    at_once)
		outcome = WQ_OUTCOME_FAILURE;
	if (outcome != WQ_OUTCOME_FAILURE) {
		walk->paths->goes_on = true;
	} else if (!walk->paths->fails ||
		   clearness(way) > clearness(&walk->paths->failure)) {
		walk->paths->fails = true;
		walk->paths->failure = *way;
	}
}

static void pass_block(struct walk *walk, unsigned int number,
		       enum wq_outcome outcome, struct wq_way way,
		       unsigned int first_event);

static void leave_block(struct walk *walk, const struct wq_block *block,
			enum wq_outcome outcome, struct wq_way way)
{
	const struct wq_event *call = tested_call(block);
	unsigned int i;

	for (i = 0; i < block->nr_edges; i++) {
		const struct wq_edge *edge = &block->edges[i];
		enum wq_outcome next = edge->outcome ? edge->outcome : outcome;
		struct wq_way longer = way;

		if (!is_possible(walk, block, i))
			continue;
		if (call && call->index > walk->paths->start->index &&
		    !pass_test(walk, block, i, call, &longer))
			continue;
		if (edge->to >= walk->function->nr_blocks)
			end_way(walk, next, &longer,
				!block->nr_events ||
				walk->function->events[block->first_event +
					block->nr_events - 1] == walk->paths->start);
		else
			pass_block(walk, edge->to, next, longer,
				   walk->function->blocks[edge->to].first_event);
	}
}

/* The bit in walk.seen of the state that a way is in. */
static unsigned long long state_bit(enum wq_outcome outcome, const struct wq_way *way)
{
	unsigned int state = (unsigned int)way->holds;

	state = 2 * state + (way->noted ? 1 : 0);
	return 1ull << (state * NR_OUTCOMES + outcome);
}

static void pass_block(struct walk *walk, unsigned int number,
		       enum wq_outcome outcome, struct wq_way way,
		       unsigned int first_event)
{
	const struct wq_block *block = &walk->function->blocks[number];
	unsigned long long bit = state_bit(outcome, &way);
	bool is_first = first_event != block->first_event;

	if (!is_first) {
		if (walk->seen[number] & bit || !walk->budget)
			return;
		walk->seen[number] |= bit;
		walk->budget--;
	}
	if (!pass_events(walk, block, first_event, &way) ||
	    guards_stop(walk, block))
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

/* "if (!foo_setup(foo)) return -EINVAL;", where foo_setup() returns a bool. */
static bool is_answer_tested(const struct walk *walk,
			     const struct wq_block *block)
{
	const struct wq_event *start = walk->paths->start;
	unsigned int end = block->first_event + block->nr_events;

	return block->nr_edges > 1 && !block->left &&
	       walk->function->events[end - 1] == start &&
	       !is_error_result(walk, start);
}

bool wq_paths_follow(struct wq_paths *paths)
{
	const struct wq_function *function = paths->start->function;
	const struct wq_block *block = block_of(function, paths->start);
	struct walk walk = {
		.paths = paths, .function = function, .budget = 4 * MAX_BLOCKS,
	};
	unsigned int event;

	paths->goes_on = paths->fails = false;
	memset(&paths->failure, 0, sizeof(paths->failure));
	if (!block || function->nr_blocks > MAX_BLOCKS ||
	    !wq_program_spend(paths->program, function->nr_blocks) ||
	    (paths->began != WQ_BEGAN_ANY && is_answer_tested(&walk, block)))
		return false;
	walk.seen = wq_arena_alloc(paths->program->arena,
				   function->nr_blocks * sizeof(*walk.seen));
	event = block->first_event;
	while (function->events[event] != paths->start)
		event++;
	pass_block(&walk, (unsigned int)(block - function->blocks),
		   WQ_OUTCOME_NONE, (struct wq_way){ .holds = WQ_TEST_NONE },
		   event + 1);
	return paths->fails || paths->goes_on;
}

/* Is the edge @number out of @block never taken with @call's arguments? */
static bool is_excluded(const struct wq_block *block, unsigned int number,
			const struct wq_event *call)
{
	const struct wq_expr *arg;
	bool is_zero;

	if (!block->left || block->left->kind != WQ_EXPR_PARAM ||
	    block->left->number < 0 ||
	    (unsigned long long)block->left->number >= call->nr_args ||
	    (block->test != WQ_TEST_ZERO && block->test != WQ_TEST_NONZERO))
		return false;
	arg = call->args[block->left->number];
	is_zero = arg->kind == WQ_EXPR_NULL ||
		  (arg->kind == WQ_EXPR_CONST && !arg->number);
	if (!is_zero && arg->kind != WQ_EXPR_CONST)
		return false;
	return (number == 0) != (is_zero == (block->test == WQ_TEST_ZERO));
}

bool wq_paths_reach(const struct wq_program *program,
		    const struct wq_event *event, const struct wq_event *call)
{
	const struct wq_function *function = event->function;
	const struct wq_block *to = block_of(function, event), *block;
	unsigned int i, j;
	bool *reached;
	bool changed = true;

	if (!to || function->nr_blocks > MAX_BLOCKS)
		return true;
	reached = wq_arena_alloc(program->arena, function->nr_blocks);
	reached[0] = true;
	while (changed && wq_program_spend(program, function->nr_blocks)) {
		changed = false;
		for (i = 0; i < function->nr_blocks; i++) {
			block = &function->blocks[i];
			for (j = 0; reached[i] && j < block->nr_edges; j++) {
				unsigned int next = block->edges[j].to;

				if (next == function->nr_blocks ||
				    reached[next] ||
				    is_excluded(block, j, call))
					continue;
				reached[next] = changed = true;
			}
		}
	}
	return reached[to - function->blocks];
}

/* Does a way from block @number end well that does not pass @avoided? */
static bool ends_well(const struct wq_function *function, unsigned int number,
		      const struct wq_block *avoided, enum wq_outcome outcome,
		      unsigned char *seen)
{
	const struct wq_block *block = &function->blocks[number];
	unsigned char bit = (unsigned char)(1u << outcome);
	unsigned int i;

	if (block == avoided || seen[number] & bit)
		return false;
	seen[number] |= bit;
	for (i = 0; i < block->nr_edges; i++) {
		const struct wq_edge *edge = &block->edges[i];
		enum wq_outcome next = edge->outcome ? edge->outcome : outcome;

		if (edge->to >= function->nr_blocks
		    ? next != WQ_OUTCOME_FAILURE
		    : ends_well(function, edge->to, avoided, next, seen))
			return true;
	}
	return false;
}

bool wq_event_is_optional(const struct wq_program *program,
			  const struct wq_event *event)
{
	const struct wq_function *function = event->function;
	const struct wq_block *block = block_of(function, event);

	return block && function->nr_blocks <= MAX_BLOCKS &&
	       wq_program_spend(program, function->nr_blocks) &&
	       ends_well(function, 0, block, WQ_OUTCOME_NONE,
			 wq_arena_alloc(program->arena, function->nr_blocks));
}

bool wq_events_share_block(const struct wq_event *one,
			   const struct wq_event *other)
{
	const struct wq_block *block = one->function == other->function
				       ? block_of(one->function, one) : NULL;

	return block && block == block_of(other->function, other);
}

bool wq_function_returns_error(const struct wq_function *function)
{
	bool known = false;
	unsigned int i, j;

	for (i = 0; i < function->nr_events; i++)
		if (function->events[i]->kind == WQ_EVENT_RETURN)
			return false;
	for (i = 0; i < function->nr_blocks; i++)
		for (j = 0; j < function->blocks[i].nr_edges; j++)
			known |= function->blocks[i].edges[j].outcome ==
				 WQ_OUTCOME_SUCCESS;
	return known;
}
