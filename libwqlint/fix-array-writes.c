/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether the bound of a loop that binds items, and the array, stay what they
 * are: all that writes a member of that name comes before the loop. The
 * compiler's facts have no integers, so that the text is read.
 */
#include <string.h>

#include "fix-array.h"

/* The name that the chain "a->b.c" begins with which ends with @token. */
static unsigned int chain_start(const struct wq_tokens *tokens,
				unsigned int token)
{
	while (token > 1 && (wq_token_is(tokens, token - 1, "->") ||
			     wq_token_is(tokens, token - 1, ".")) &&
	       wq_token_is_a(tokens, token - 2, WQ_TOKEN_NAME))
		token -= 2;
	return token;
}

bool wq_array_is_written(const struct wq_tokens *tokens, unsigned int token)
{
	unsigned int start = chain_start(tokens, token);

	if (wq_token_is(tokens, token + 1, "="))
		return !wq_token_is(tokens, token + 2, "=");
	if (wq_token_is_one_of(tokens, token + 1, "+-*/%|&^") &&
	    wq_token_is(tokens, token + 2, "="))
		return true;
	if ((wq_token_is_one_of(tokens, token + 1, "+") &&
	     wq_token_is_one_of(tokens, token + 2, "+")) ||
	    (wq_token_is_one_of(tokens, token + 1, "-") &&
	     wq_token_is_one_of(tokens, token + 2, "-")) ||
	    (wq_token_is_one_of(tokens, start - 1, "+") &&
	     wq_token_is_one_of(tokens, start - 2, "+")) ||
	    (wq_token_is_one_of(tokens, start - 1, "-") &&
	     wq_token_is_one_of(tokens, start - 2, "-")))
		return true;
	/* Its address goes somewhere. */
	return wq_token_is(tokens, start - 1, "&") &&
	       wq_token_is_one_of(tokens, start - 2, "(,=") &&
	       !wq_token_is(tokens, token + 1, "[");
}

/* Is "x->name" with that x a member of another struct than the owner? */
static bool is_of_other(const struct wq_array_chain *chain,
			const struct wq_tokens *tokens, unsigned int token)
{
	unsigned int start = chain_start(tokens, token), i;
	const char *name;

	/* "{ .name = 1 }" */
	if (start == token)
		return wq_token_is_one_of(tokens, token - 2, "{,") ||
		       wq_token_is_a(tokens, token - 2, WQ_TOKEN_DIRECTIVE);
	if (start + 2 != token)
		return false;
	name = wq_token_text(chain->fix->fixer->arena, tokens, start);
	for (i = start; i-- > 3;)
		if (wq_token_is(tokens, i, name) &&
		    wq_token_is(tokens, i - 1, "*") &&
		    wq_token_is(tokens, i - 3, "struct"))
			return !wq_token_is(tokens, i - 2,
					    chain->array->owner);
	return false;
}

/* The function of the program that line @line of @text is in, or NULL. */
static const struct wq_function *function_at(const struct wq_array_chain *chain,
					     const struct wq_text *text,
					     unsigned int line)
{
	const struct wq_program *program = chain->fix->fixer->program;
	const struct wq_function *found = NULL;
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_functions; j++) {
			const struct wq_function *function =
				program->units[i]->functions[j];

			if (function->is_defined && function->where.file &&
			    !strcmp(function->where.file, text->name) &&
			    function->where.line <= line &&
			    (!found ||
			     function->where.line > found->where.line))
				found = function;
		}
	return found;
}

/* Is token @token of @text on the way to the loop? */
static bool is_in_chain(const struct wq_array_chain *chain, const struct wq_text *text,
			unsigned int token)
{
	unsigned int i;

	for (i = 0; i < chain->nr_parts; i++)
		if (chain->parts[i].body.text == text &&
		    token > chain->parts[i].body.open &&
		    token < chain->parts[i].end)
			return true;
	return false;
}

/* The same, or in a function that is called only there. */
static bool comes_before(const struct wq_array_chain *chain, const struct wq_text *text,
			 unsigned int token)
{
	const struct wq_program *program = chain->fix->fixer->program;
	const struct wq_event *const *callers;
	const struct wq_function *function;
	unsigned int count;

	if (is_in_chain(chain, text, token))
		return true;
	function = function_at(chain, text, text->tokens->list[token].line);
	if (!function || function->nr_roles || function->address_taken)
		return false;
	callers = wq_program_callers(program, function, &count);
	if (count != 1 || !callers[0]->where.file)
		return false;
	text = wq_text_open(chain->fix->fixer->texts, callers[0]->where.file);
	if (!text)
		return false;
	token = wq_token_at(text->tokens, callers[0]->where.line,
			    callers[0]->where.column_bytes);
	return token != WQ_NO_TOKEN && is_in_chain(chain, text, token);
}

/* Is member @name written in @text only before the loop? Counts the writes. */
static bool keeps_in(struct wq_array_chain *chain, const struct wq_text *text,
		     const char *name, unsigned int *nr_writes)
{
	const struct wq_tokens *tokens = text->tokens;
	unsigned int i;

	for (i = 3; i < tokens->count; i++) {
		if (!wq_token_is(tokens, i, name) ||
		    (!wq_token_is(tokens, i - 1, "->") &&
		     !wq_token_is(tokens, i - 1, ".")) ||
		    !wq_array_is_written(tokens, i) || is_of_other(chain, tokens, i))
			continue;
		++*nr_writes;
		if (!comes_before(chain, text, i))
			return wq_fix_refuse(chain->fix, "%s:%u: %s may change here, after the loop that binds the items of the array",
					     text->name, tokens->list[i].line,
					     name);
	}
	return true;
}

/* Is member @name written before the loop, and only there? */
static bool keeps_member(struct wq_array_chain *chain, const char *name,
			 unsigned int *nr_writes)
{
	const struct wq_program *program = chain->fix->fixer->program;
	const struct wq_text *text;
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++) {
		for (j = 0; j < i; j++)
			if (!strcmp(program->units[i]->source,
				    program->units[j]->source))
				break;
		if (j < i)
			continue;
		text = wq_text_open(chain->fix->fixer->texts,
				    program->units[i]->source);
		if (text && !keeps_in(chain, text, name, nr_writes))
			return false;
	}
	return true;
}

bool wq_array_keeps(struct wq_array_chain *chain, const char *path)
{
	const struct wq_fix *fix = chain->fix;
	unsigned int nr_writes = 0;
	const char *name = path;
	size_t bytes;

	if (!wq_type_is_own(fix->fixer->program, chain->array->owner))
		return wq_fix_refuse(chain->fix, "others know struct %s, too, and may change %s",
				     chain->array->owner, path + 2);
	while (name[strspn(name, "->.")]) {
		name += strspn(name, "->.");
		bytes = strcspn(name, ".");
		if (!keeps_member(chain, wq_arena_printf(fix->fixer->arena,
							 "%.*s", (int)bytes,
							 name), &nr_writes))
			return false;
		name += bytes;
	}
	return nr_writes ||
	       wq_fix_refuse(chain->fix, "where %s gets its value is not seen",
			     path + 2);
}
