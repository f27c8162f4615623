/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a loop that binds items binds all of them before anybody can wait
 * for them: on the way from the probe or init function to the loop's end
 * nothing leaves but with an error.
 */
#include <string.h>

#include "fix-array.h"

/* "return NULL;" and calls whose result is an error. */
static bool returns_error(const struct wq_tokens *tokens, unsigned int token)
{
	static const char *const errors[] = {
		"ERR_CAST", "ERR_PTR", "NULL", "dev_err_probe",
	};
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (wq_token_is(tokens, token + 1, errors[i]))
			return true;
	return false;
}

/* Where the label is that the goto @token leads to, or WQ_NO_TOKEN. */
static unsigned int label_of(struct wq_fix *fix, const struct wq_body *body,
			     unsigned int token)
{
	const char *name = wq_token_text(fix->fixer->arena, body->tokens,
					 token + 1);
	unsigned int i;

	for (i = token + 2; i < body->close; i++)
		if (wq_token_is(body->tokens, i, name) &&
		    wq_token_is(body->tokens, i + 1, ":"))
			return i;
	return WQ_NO_TOKEN;
}

/* "ret = -ENOMEM; ... goto out;", all in one block? @value is "ret". */
static bool sets_error(const struct wq_tokens *tokens, unsigned int token,
		       const char *value)
{
	unsigned int depth = tokens->list[token].depth;

	while (token-- > 1 && tokens->list[token].depth >= depth &&
	       !wq_token_is(tokens, token, "{"))
		if (wq_token_is(tokens, token, "=") &&
		    wq_token_is(tokens, token - 1, value))
			return tokens->list[token].depth == depth &&
			       (wq_token_is(tokens, token + 1, "-") ||
				wq_token_is(tokens, token + 1, "PTR_ERR"));
	return false;
}

/* Can the function do well when it leaves by the goto or return @token? */
static bool may_succeed(struct wq_fix *fix, const struct wq_body *body,
			unsigned int token)
{
	unsigned int label = token;
	const char *value;

	if (wq_token_is(body->tokens, token, "goto")) {
		label = label_of(fix, body, token);
		if (label == WQ_NO_TOKEN)
			return true;
		while (label < body->close &&
		       !wq_token_is(body->tokens, label, "return"))
			label++;
		if (label == body->close)
			return true;
	}
	if (returns_error(body->tokens, label))
		return false;
	switch (wq_fix_outcome(fix, body, label)) {
	case WQ_FIX_FAILS:
		return false;
	case WQ_FIX_MAY_FAIL:
		value = wq_token_text(fix->fixer->arena, body->tokens,
				      label + 1);
		return label == token ||
		       (!sets_error(body->tokens, token, value) &&
			!wq_fix_is_after_test(body->tokens, token, value));
	default:
		return true;
	}
}

/* Does all of @part, from the start of the function, run or fail? */
static bool runs_through(struct wq_fix *fix, const struct wq_array_part *part)
{
	const struct wq_body *body = &part->body;
	unsigned int i;

	for (i = body->open + 1; i < part->end; i++)
		if ((wq_token_is(body->tokens, i, "return") ||
		     wq_token_is(body->tokens, i, "goto")) &&
		    may_succeed(fix, body, i))
			return wq_fix_refuse(fix, "%s:%u: %s() may end well here, before the items of the array are bound",
					     body->text->name,
					     body->tokens->list[i].line,
					     body->name);
	return true;
}

/* The loop itself: is each element reached, and in any configuration? */
static bool binds_all(struct wq_fix *fix, const struct wq_array *array)
{
	const struct wq_tokens *tokens = array->body.tokens;
	const struct wq_token *open = &tokens->list[array->body.open];
	unsigned int head = wq_token_closing(tokens, array->loop + 1, false), i;

	if (tokens->list[array->loop].depth != open->depth + 1 ||
	    wq_token_is(tokens, array->loop - 1, ")") ||
	    wq_token_is(tokens, array->loop - 1, "else"))
		return wq_fix_refuse(fix, "%s:%u: the loop that binds the items of the array depends on a condition",
				     array->body.text->name,
				     tokens->list[array->loop].line);
	for (i = array->loop; i <= array->end; i++) {
		if (tokens->list[i].branch != open->branch)
			return wq_fix_refuse(fix, "%s:%u: the loop that binds the items of the array depends on the configuration",
					     array->body.text->name,
					     tokens->list[array->loop].line);
		if (wq_token_is(tokens, i, "break") ||
		    (i < array->item && wq_token_is(tokens, i, "continue")) ||
		    ((wq_token_is(tokens, i, "goto") ||
		      wq_token_is(tokens, i, "return")) &&
		     may_succeed(fix, &array->body, i)))
			return wq_fix_refuse(fix, "%s:%u: the loop may end before the items of all elements are bound",
					     array->body.text->name,
					     tokens->list[i].line);
		if (i > head && wq_token_is(tokens, i, array->index) &&
		    !wq_token_is(tokens, i - 1, "->") &&
		    !wq_token_is(tokens, i - 1, ".") &&
		    wq_array_is_written(tokens, i))
			return wq_fix_refuse(fix, "%s:%u: the loop's index is changed in it",
					     array->body.text->name,
					     tokens->list[i].line);
	}
	return true;
}

/* Is the call @token a statement, its value, or the test of an if? */
static bool is_unconditional(const struct wq_body *body, unsigned int token)
{
	const struct wq_tokens *tokens = body->tokens;
	unsigned int start = token, i, nr_open = 0;

	if (tokens->list[token].depth != tokens->list[body->open].depth + 1 ||
	    tokens->list[token].branch != tokens->list[body->open].branch)
		return false;
	while (!wq_token_is_one_of(tokens, start - 1, ";{}:"))
		start--;
	for (i = start; i < token; i++) {
		if (wq_token_is_one_of(tokens, i, "&|?"))
			return false;
		/* What "if (x)" or the rest of "for (...; i++)" is before. */
		if (wq_token_is(tokens, i, ")") && !nr_open--)
			return false;
		nr_open += wq_token_is(tokens, i, "(");
	}
	if (wq_token_is(tokens, start, "if"))
		return nr_open;
	return !wq_token_is(tokens, start, "while") &&
	       !wq_token_is(tokens, start, "do") &&
	       !wq_token_is(tokens, start, "else");
}

static bool add_part(struct wq_array_chain *chain, const struct wq_function *function,
		     unsigned int end)
{
	struct wq_array_part *part = &chain->parts[chain->nr_parts];

	if (!wq_fix_body(chain->fix, function, &part->body))
		return false;
	part->function = function;
	part->end = end;
	chain->nr_parts++;
	return runs_through(chain->fix, part);
}

/* From the loop up to the function that a core calls first. */
static bool find_chain(struct wq_array_chain *chain)
{
	const struct wq_program *program = chain->fix->fixer->program;
	const struct wq_function *function = chain->array->function;
	unsigned int token = chain->array->loop, count;
	const struct wq_event *const *callers;
	struct wq_text *text;
	struct wq_body body;

	while (chain->nr_parts < WQ_MAX_CHAIN) {
		if (!add_part(chain, function, token))
			return false;
		if (wq_function_sets_up(function))
			return true;
		callers = wq_program_callers(program, function, &count);
		if (count != 1 || !callers[0]->function || function->nr_roles)
			break;
		text = wq_fix_call(chain->fix, callers[0]->where,
				   function->name, &token);
		function = callers[0]->function;
		if (!text || !wq_fix_body(chain->fix, function, &body) ||
		    !is_unconditional(&body, token))
			break;
	}
	return wq_fix_refuse(chain->fix, "%s() binds the items of an array, and is not seen to run once when their object begins",
			     chain->array->function->name);
}

bool wq_array_is_complete(struct wq_fix *fix, const struct wq_array *array)
{
	struct wq_array_chain chain = { .fix = fix, .array = array };

	if (!binds_all(fix, array) || !find_chain(&chain))
		return false;
	if (array->bound_kind == WQ_BOUND_MEMBER && !wq_array_keeps(&chain, array->bound))
		return false;
	/* A pointer at file scope is set as often as nobody counts. */
	if (array->is_pointer && !array->owner)
		return wq_fix_refuse(fix, "%s%s is a pointer at file scope, and can be NULL",
				     array->root, array->path);
	return !array->is_pointer || wq_array_keeps(&chain, array->path);
}

#define MAX_CALLERS	32

/*
 * Is @function @wanted, or called by it, directly or not? One with so many
 * callers that nobody wants to look is taken for it.
 */
static bool is_above(const struct wq_program *program,
		     const struct wq_function *function,
		     const struct wq_function *wanted, unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int count, i;

	if (function == wanted)
		return true;
	callers = wq_program_callers(program, function, &count);
	if (count > MAX_CALLERS)
		return true;
	for (i = 0; depth && i < count; i++)
		if (callers[i]->function &&
		    is_above(program, callers[i]->function, wanted, depth - 1))
			return true;
	return false;
}

bool wq_array_is_set_up_at(struct wq_fix *fix, const struct wq_array *array,
			   const struct wq_function *place)
{
	const struct wq_program *program = fix->fixer->program;
	const struct wq_function *function = array->function;
	const struct wq_event *const *callers;
	unsigned int count, depth;

	for (depth = 0; depth < WQ_MAX_CHAIN; depth++) {
		if (is_above(program, place, function, WQ_MAX_CHAIN))
			return wq_fix_refuse(fix, "%s() leads to %s(), and perhaps before the items of all elements are bound",
					     function->name, place->name);
		callers = wq_program_callers(program, function, &count);
		if (count != 1 || !callers[0]->function)
			break;
		function = callers[0]->function;
	}
	return true;
}
