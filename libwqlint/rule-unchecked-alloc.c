/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unchecked-alloc: a queue is used before anybody has asked whether there was
 * memory for it; or nobody ever asks.
 *
 * Not seen: what a helper that returns the queue leaves to its callers.
 */
#include <string.h>

#include "own-queue.h"
#include "paths.h"
#include "rule.h"
#include "source.h"

extern const struct wq_rule wq_rule_unchecked_alloc;

struct search {
	const struct wq_own_queue *queue;
	const struct wq_event *use;	/* of the queue that is not there */
};

static bool needs_queue(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_QUEUE || wq_event_waits_for_queue(event);
}

/* Does @event happen only when a test came out that nobody understands? */
static bool is_decided(const struct wq_event *event)
{
	unsigned int i;

	for (i = 0; i < event->nr_conditions; i++)
		if (event->conditions[i].left->kind == WQ_EXPR_LOCAL)
			return true;
	return false;
}

static bool uses_it(const struct search *search, const struct wq_event *event)
{
	return needs_queue(event) && event->function &&
	       wq_own_queue_is_value(search->queue, event->queue) &&
	       !wq_own_queue_is_tested_by(search->queue, event);
}

/* In a function that is called: on every way through it. */
static bool always_uses_it(const struct wq_event *event, void *data)
{
	struct search *search = data;

	if (!event->always || !uses_it(search, event))
		return false;
	search->use = event;
	return true;
}

static bool sets_it(const struct wq_event *event, void *data)
{
	const struct search *search = data;

	return wq_own_queue_is_set(search->queue, event) &&
	       !(event->value->kind == WQ_EXPR_RESULT &&
		 event->value->event == search->queue->alloc);
}

/* The use of a queue that is NULL, or what makes it another one. */
static bool stops(const struct wq_event *event, void *data)
{
	struct search *search = data;
	const struct wq_program *program = search->queue->program;

	if (sets_it(event, data) || wq_walk_call(program, event, sets_it, data))
		return true;
	if (uses_it(search, event)) {
		if (!is_decided(event))
			search->use = event;
		return true;
	}
	return event->kind == WQ_EVENT_CALL && event->always &&
	       wq_walk_call(program, event, always_uses_it, data);
}

static bool is_result(const struct wq_expr *value, void *data)
{
	const struct search *search = data;

	return wq_own_queue_is_value(search->queue, value);
}

/* A use of the queue on a way on which it was not tested, or was NULL. */
static const struct wq_event *find_early_use(const struct wq_own_queue *queue)
{
	struct search search = { .queue = queue };
	struct wq_paths paths = {
		.program = queue->program, .start = queue->alloc,
		.began = WQ_BEGAN_FAILED, .stops = stops,
		.is_result = is_result, .data = &search,
	};

	wq_paths_follow(&paths);
	return search.use;
}

static bool is_tested_in(const struct wq_own_queue *queue,
			 const struct wq_function *function)
{
	unsigned int i;

	for (i = 0; i < function->nr_blocks; i++)
		if (function->blocks[i].left &&
		    wq_own_queue_mentions(queue, function->blocks[i].left))
			return true;
	for (i = 0; i < function->nr_events; i++)
		if (wq_own_queue_is_tested_by(queue, function->events[i]))
			return true;
	return false;
}

static bool is_destroy(const struct wq_event *event, void *data)
{
	return event->kind == WQ_EVENT_DESTROY_QUEUE &&
	       wq_own_queue_is_value(data, event->queue);
}

static bool is_alloc(const struct wq_event *event, void *data)
{
	return event == ((const struct wq_own_queue *)data)->alloc;
}

/*
 * "if (foo->wq) destroy_workqueue(foo->wq);" is in a teardown for what was
 * set up only in part. It does not help who queues.
 */
static bool only_tears_down(const struct wq_own_queue *queue,
			    const struct wq_function *function)
{
	unsigned int i;

	for (i = 0; i < function->nr_events; i++)
		if (is_destroy(function->events[i], (void *)queue))
			return !wq_walk_events(queue->program, function,
					       is_alloc, (void *)queue);
	return false;
}

/* Does its block end with a test that nobody understands? */
static bool may_be_tested_at_once(const struct wq_event *alloc)
{
	const struct wq_function *function = alloc->function;
	unsigned int i, j;

	for (i = 0; i < function->nr_blocks; i++) {
		const struct wq_block *block = &function->blocks[i];

		for (j = 0; j < block->nr_events; j++)
			if (function->events[block->first_event + j] == alloc)
				return block->nr_edges > 1 && !block->left;
	}
	return true;	/* no control flow: nobody knows */
}

/* Is the queue's pointer tested nowhere, and given to nobody who could? */
static bool is_never_tested(const struct wq_own_queue *queue)
{
	const struct wq_program *program = queue->program;
	unsigned int i, j;

	if (!queue->slot || !program->complete ||
	    !wq_own_queue_is_private(queue) ||
	    may_be_tested_at_once(queue->alloc))
		return false;
	for (i = 0; i < program->nr_units; i++) {
		const struct wq_unit *unit = program->units[i];

		if (!wq_own_queue_is_named_in(queue, unit))
			continue;
		for (j = 0; j < unit->nr_functions; j++)
			if (is_tested_in(queue, unit->functions[j]) &&
			    !only_tears_down(queue, unit->functions[j]))
				return false;
	}
	return !wq_own_queue_is_given_away(queue);
}

/* The first event that queues on it for certain. */
static const struct wq_event *find_any_use(const struct wq_own_queue *queue)
{
	const struct wq_event *first = NULL;
	unsigned int i;

	for (i = 0; i < queue->program->nr_uses; i++) {
		const struct wq_use *use = &queue->program->uses[i];

		if (use->event->kind != WQ_EVENT_QUEUE || !use->event->function
		    || wq_use_own_queue(use) != queue->alloc)
			continue;
		if (!first || wq_location_compare(&use->event->where,
						  &first->where) < 0)
			first = use->event;
	}
	return first;
}

/* Edits */

/* Is there nothing in the rest of a line, or one whole comment? */
static bool ends_line(const char *rest)
{
	const char *end;

	rest += strspn(rest, "\t ");
	if (!*rest)
		return true;
	end = strncmp(rest, "/*", 2) ? NULL : strstr(rest + 2, "*/");
	return end && !end[2 + strspn(end + 2, "\t ")];
}

/* "<tab>foo->wq = alloc_workqueue(...);" on one line, and nothing else. */
static void suggest_test(const struct wq_own_queue *queue,
			 struct wq_findings *findings,
			 struct wq_finding *finding)
{
	const struct wq_event *alloc = queue->alloc;
	struct wq_location where = alloc->where;
	const char *line, *equals, *end;
	size_t indent;

	if (!queue->program->sources || !alloc->always || !alloc->callee ||
	    !wq_alloc_is_first_deed(alloc) || !wq_function_returns_error(alloc->function))
		return;
	line = wq_source_line(queue->program->sources,
			      alloc->function->unit->directory, where.file,
			      where.line);
	indent = line ? strspn(line, "\t") : 0;
	equals = line ? strstr(line, " = ") : NULL;
	end = equals ? strstr(equals, ");") : NULL;
	if (indent != 1 || !end || !ends_line(end + 2) ||
	    strncmp(equals + 3, alloc->callee, strlen(alloc->callee)) ||
	    strcspn(line + indent, " (,*") != (size_t)(equals - line) - indent)
		return;
	where.line++;
	where.column_bytes = 1;
	/* A fix-it of GCC inserts one line. */
	wq_finding_edit(findings, finding, where, "",
			wq_arena_printf(findings->arena, "\tif (!%.*s)\n",
					(int)(equals - line - 1), line + 1));
	wq_finding_edit(findings, finding, where, "",
			"\t\treturn -ENOMEM;\n");
}

static void report(struct wq_findings *findings,
		   const struct wq_own_queue *queue,
		   const struct wq_event *use, bool is_early)
{
	const struct wq_event *alloc = queue->alloc;
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &wq_rule_unchecked_alloc,
				  alloc->where, is_early
				  ? "%s, which is allocated here, is used on a "
				    "way on which it can be NULL"
				  : "nothing tests whether %s, which is "
				    "allocated here, is NULL",
				  wq_own_queue_text(queue));
	finding->function = wq_arena_copy(findings->arena,
					  alloc->function->name);
	finding->queue = wq_arena_copy(findings->arena,
				       wq_own_queue_text(queue));
	wq_finding_relate(findings, finding, use->where, use->function->name,
			  "%s() here uses it", use->callee);
	finding->suggestion.step = 2;
	finding->suggestion.text =
		"Step 2: test it for NULL after the allocation, and fail";
	if (!is_early)
		suggest_test(queue, findings, finding);
}

static void check_queue(const struct wq_own_queue *queue, void *data)
{
	const struct wq_event *use = find_early_use(queue);

	if (use) {
		report(data, queue, use, is_tested_in(queue,
						      queue->alloc->function));
		return;
	}
	use = is_never_tested(queue) ? find_any_use(queue) : NULL;
	if (use)
		report(data, queue, use, false);
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	wq_for_each_own_queue(program, check_queue, findings);
}

const struct wq_rule wq_rule_unchecked_alloc = {
	.id = "unchecked-alloc",
	.level = WQ_WARNING,
	.summary = "an allocated workqueue that is used without a NULL check",
	.why =
"alloc_workqueue() returns NULL when there is no memory, when the rescuer\n"
"thread of a queue with WQ_MEM_RECLAIM cannot be made, or (before Linux 6.4)\n"
"when the kthread of it was interrupted by a signal. kernel/workqueue.c:\n"
"\"Return: Pointer to the allocated workqueue on success, %NULL on failure.\"\n"
"queue_work(), flush_workqueue() and destroy_workqueue() do not test what they\n"
"are given: the kernel dies in them, later and elsewhere. Step 2 of the\n"
"announcement: \"Add alloc_workqueue() call in the module's __init function,\n"
"with NULL check\".\n",
	.limits =
"A use before the test: on a way through the function that allocates, or in a\n"
"function that this one calls on that way and that always uses the queue. No\n"
"test at all: judged when every unit of the module is seen, and the pointer is\n"
"kept in one variable or struct of the module and given to nobody. IS_ERR() of\n"
"the pointer counts as a test, though it is the wrong one. A queue that a helper\n"
"returns is not judged.\n",
	.wrong =
"foo->wq = alloc_workqueue(\"foo\", 0, 0);\n"
"queue_work(foo->wq, &foo->work);\n",
	.right =
"foo->wq = alloc_workqueue(\"foo\", 0, 0);\n"
"if (!foo->wq)\n"
"	return -ENOMEM;\n"
"queue_work(foo->wq, &foo->work);\n",
	.check = check,
};
