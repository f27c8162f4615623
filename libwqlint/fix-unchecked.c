/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unchecked-alloc: the test right after the allocation, and the way out that
 * the neighbours take: a return where they return and nothing must be undone,
 * or the label of what fails next, which undoes what came before.
 */
#include <string.h>

#include "fix-ways.h"
#include "own-queue.h"
#include "paths.h"

struct test {
	struct wq_fix *fix;
	struct wq_own_queue queue;
	struct wq_ways ways;
	const char *result;	/* "foo->wq" */
};

static bool is(const struct test *test, unsigned int token, const char *text)
{
	return wq_token_is(test->ways.body.tokens, token, text);
}

static bool has_goto(const struct test *test)
{
	unsigned int i;

	for (i = test->ways.body.open; i < test->ways.body.close; i++)
		if (is(test, i, "goto"))
			return true;
	return false;
}

/* Is there memory that devres does not free before the allocation? */
static bool has_memory(const struct test *test)
{
	const struct wq_event *alloc = test->queue.alloc;
	unsigned int i;

	for (i = 0; i < alloc->function->nr_events; i++) {
		const struct wq_event *event = alloc->function->events[i];

		if (wq_location_compare(&event->where, &alloc->where) < 0 &&
		    !event->managed &&
		    (event->kind == WQ_EVENT_ALLOC ||
		     event->kind == WQ_EVENT_ALLOC_QUEUE))
			return true;
	}
	return false;
}

/* Does the function only return wherever it has failed before? */
static bool only_returned(const struct test *test)
{
	const struct wq_ways *ways = &test->ways;
	bool found = false;
	unsigned int i;

	for (i = ways->body.open; i < ways->statement; i++) {
		if (!is(test, i, "return"))
			continue;
		found = true;
		if (wq_fix_outcome(test->fix, &ways->body, i) != WQ_FIX_FAILS)
			return false;
	}
	return found && !has_goto(test) && !has_memory(test);
}

/* Is the queue destroyed in the tokens from @first to before @end? */
static bool destroys_between(const struct test *test, unsigned int first,
			     unsigned int end)
{
	const struct wq_program *program = test->fix->fixer->program;
	unsigned int i, token;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_event *event = program->uses[i].event;

		if (event->kind != WQ_EVENT_DESTROY_QUEUE ||
		    event->function != test->queue.alloc->function ||
		    !wq_own_queue_may_be(&test->queue, &program->uses[i]))
			continue;
		token = wq_token_at(test->ways.body.tokens, event->where.line,
				    event->where.column_bytes);
		if (token == WQ_NO_TOKEN || (token >= first && token < end))
			return true;
	}
	return false;
}

/* The end of the statement at the top level that begins at @token. */
static unsigned int end_of_first(const struct test *test, unsigned int token)
{
	const struct wq_tokens *tokens = test->ways.body.tokens;

	for (; token < test->ways.body.close; token++) {
		if (is(test, token, "(") || is(test, token, "{")) {
			bool is_block = is(test, token, "{");

			token = wq_token_closing(tokens, token, true);
			if (token == WQ_NO_TOKEN || is_block)
				return token;
		} else if (is(test, token, ";")) {
			return token;
		}
	}
	return WQ_NO_TOKEN;
}

/*
 * The goto of what is called directly after the allocation and can fail:
 * "ret = foo_start(foo); if (ret) goto err;". What it undoes is what was
 * there before.
 */
static unsigned int next_goto(const struct test *test)
{
	unsigned int end = end_of_first(test, test->ways.after), i;

	if (end == WQ_NO_TOKEN)
		return end;
	if (!is(test, test->ways.after, "if")) {
		if (!is(test, end + 1, "if"))
			return WQ_NO_TOKEN;
		end = end_of_first(test, end + 1);
	}
	for (i = test->ways.after; end != WQ_NO_TOKEN && i <= end; i++)
		if (is(test, i, "goto"))
			return i;
	return WQ_NO_TOKEN;
}

/* The label that undoes what was before the allocation, or WQ_NO_TOKEN. */
static unsigned int find_label(const struct test *test)
{
	const struct wq_ways *ways = &test->ways;
	unsigned int token = next_goto(test), label, end;

	if (token == WQ_NO_TOKEN || ways->last == WQ_NO_TOKEN)
		return WQ_NO_TOKEN;
	label = wq_ways_label(ways, token);
	if (label == WQ_NO_TOKEN || label < ways->last)
		return WQ_NO_TOKEN;
	end = wq_ways_return(ways, label);
	if (end == WQ_NO_TOKEN)
		return WQ_NO_TOKEN;
	if (!destroys_between(test, label, end))
		return label;
	/* "err_wq: destroy_workqueue(wq); err_free:": the one below. */
	token = end_of_first(test, label + 2);
	if (token == WQ_NO_TOKEN || !is(test, token + 2, ":") ||
	    destroys_between(test, token, end))
		return WQ_NO_TOKEN;
	return token + 1;
}

static bool insert(struct test *test, const char *way_out)
{
	const struct wq_tokens *tokens = test->ways.body.tokens;
	size_t end = tokens->list[test->ways.end].offset + 1;
	size_t line = wq_line_end(tokens, end);

	/* A comment after it belongs to it. */
	if (tokens->list[test->ways.after].offset < line)
		return wq_fix_refuse(test->fix, "%s:%u: something follows the allocation on its line",
				     test->ways.body.text->name,
				     tokens->list[test->ways.end].line);
	wq_edits_add(&test->fix->edits, test->ways.body.text, line, 0,
		     wq_arena_printf(test->fix->fixer->arena, "\tif (!%s)%s",
				     test->result, way_out));
	return true;
}

/* With the error number, if the labels' return gives one. */
static bool go_to(struct test *test, unsigned int label)
{
	struct wq_arena *arena = test->fix->fixer->arena;
	const struct wq_ways *ways = &test->ways;
	const char *name = wq_token_text(arena, ways->body.tokens, label);
	const char *variable = wq_fix_error_variable(test->fix, &ways->body,
						     ways->statement);
	unsigned int end = wq_ways_return(ways, label);

	if (variable && is(test, end + 1, variable))
		return insert(test, wq_arena_printf(arena,
			" {\n\t\t%s = -ENOMEM;\n\t\tgoto %s;\n\t}\n", variable,
			name));
	if (is(test, end + 1, "-"))
		return insert(test, wq_arena_printf(arena, "\n\t\tgoto %s;\n",
						    name));
	return wq_fix_refuse(test->fix, "what %s() returns from its labels is not understood",
			     ways->body.name);
}

/* "!foo->wq" or "foo->wq ==" further down, or WQ_NO_TOKEN. */
static unsigned int later_test(const struct test *test)
{
	const struct wq_tokens *tokens = test->ways.body.tokens;
	size_t bytes = strlen(test->result);
	unsigned int i;

	for (i = test->ways.after; i < test->ways.body.close; i++) {
		const char *text = tokens->text + tokens->list[i].offset;

		if (!wq_token_is_a(tokens, i, WQ_TOKEN_NAME) ||
		    strncmp(text, test->result, bytes))
			continue;
		if (is(test, i - 1, "!") || !strncmp(text + bytes, " ==", 3))
			return i;
	}
	return WQ_NO_TOKEN;
}

static bool fix_test(struct test *test)
{
	const struct wq_event *alloc = test->queue.alloc;
	unsigned int label;

	label = later_test(test);
	if (label != WQ_NO_TOKEN)
		return wq_fix_refuse(test->fix, "%s:%u: it is tested here, after it was used: move the test",
				     test->ways.body.text->name,
				     test->ways.body.tokens->list[label].line);
	if (test->ways.own_exit != WQ_NO_TOKEN)
		return wq_fix_refuse(test->fix, "%s is tested, and used in spite of that",
				     test->result);
	if (wq_alloc_is_first_deed(alloc) || only_returned(test))
		return insert(test, "\n\t\treturn -ENOMEM;\n");
	label = find_label(test);
	if (label != WQ_NO_TOKEN)
		return go_to(test, label);
	return wq_fix_refuse(test->fix, "which label of %s() undoes what comes before the allocation is not clear",
			     alloc->function->name);
}

static bool is_alloc(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_ALLOC_QUEUE;
}

bool wq_fix_unchecked_alloc(struct wq_fix *fix)
{
	struct test test = { .fix = fix };
	const struct wq_event *alloc = wq_fix_event(fix, is_alloc);

	if (!alloc)
		return wq_fix_refuse(fix, "the allocation is not seen");
	wq_own_queue_find(&test.queue, fix->fixer->program, alloc);
	if (!wq_function_returns_error(alloc->function))
		return wq_fix_refuse(fix, "%s() returns no error number: who calls it must learn of the failure in another way",
				     alloc->function->name);
	if (!wq_ways_find(fix, alloc, &test.ways))
		return false;
	test.result = wq_ways_result(&test.ways);
	if (!test.result)
		return wq_fix_refuse(fix, "where the queue goes is not there in plain text");
	if (is(&test, test.ways.statement, "struct"))
		return wq_fix_refuse(fix, "it is allocated in its declaration, and others may follow");
	if (!fix_test(&test))
		return false;
	fix->subject = wq_arena_printf(fix->fixer->arena,
				       "Test whether %s was allocated",
				       wq_own_queue_text(&test.queue));
	fix->text = wq_arena_printf(fix->fixer->arena,
		"%s() returns NULL when there is no memory, and %s() goes on "
		"with that. Fail instead.", alloc->callee,
		alloc->function->name);
	return true;
}
