/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The call before each return that leaks, and before what it names is freed
 * on the way there; or a label that many such returns share.
 */
#include <string.h>

#include "fix-leak-plan.h"

#define MANY_EXITS	3	/* that are worth a label */

/* "ret = -ENOMEM; return ret;" and what always returns an error. */
static bool is_certain_failure(const struct wq_leak *plan, unsigned int token)
{
	static const char *const names[] = {
		"dev_err_probe", "ERR_PTR", "ERR_CAST", "NULL",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (wq_leak_is(plan, token + 1, names[i]))
			return true;
	return wq_leak_is(plan, token + 1, ";") ||
	       (wq_leak_is(plan, token - 1, ";") && wq_leak_is(plan, token - 3, "-") &&
		wq_leak_is(plan, token - 4, "=") && wq_leak_is(plan, token + 2, ";"));
}

enum wq_fix_outcome wq_leak_outcome(const struct wq_leak *plan,
				    unsigned int token)
{
	if (wq_leak_is(plan, token, "goto") || is_certain_failure(plan, token))
		return WQ_FIX_FAILS;
	return wq_fix_outcome(plan->fix, &plan->ways->body, token);
}

bool wq_leak_begins_line(const struct wq_leak *plan, unsigned int token)
{
	size_t offset = plan->tokens->list[token].offset;
	size_t start = wq_line_start(plan->tokens, offset);

	return strspn(plan->tokens->text + start, "\t ") >= offset - start;
}

static unsigned int end_of(const struct wq_leak *plan, unsigned int token)
{
	while (!wq_leak_is(plan, token, ";"))
		token++;
	return token;
}

static const char *text_from(const struct wq_leak *plan, unsigned int first,
			     unsigned int end)
{
	const struct wq_token *last = &plan->tokens->list[end];
	size_t start = plan->tokens->list[first].offset;

	return wq_arena_printf(plan->fix->fixer->arena, "%.*s",
			       (int)(last->offset + last->bytes - start),
			       plan->tokens->text + start);
}

/* @lines instead of the statement at @token, in braces if it had none. */
static bool replace_exit(struct wq_leak *plan, unsigned int token,
			 const char *lines)
{
	const struct wq_ways *ways = plan->ways;
	unsigned int end = end_of(plan, token), before = token - 1;
	const struct wq_token *last = &plan->tokens->list[end];
	size_t start = wq_line_start(plan->tokens,
				     plan->tokens->list[token].offset);
	bool is_bare = wq_leak_is(plan, before, ")");
	const char *head = wq_ways_indent(ways, before), *open;

	if (!wq_leak_begins_line(plan, token) || wq_leak_is(plan, before, "else") ||
	    wq_leak_is(plan, end + 1, "else") || (!is_bare && !wq_leak_is(plan, before, ";") &&
	     !wq_leak_is(plan, before, "{") && !wq_leak_is(plan, before, "}")) ||
	    plan->tokens->text[last->offset + 1] != '\n')
		return wq_fix_refuse(plan->fix, "%s:%u: what is around this way out is not understood",
				     ways->body.text->name,
				     wq_leak_line(plan, token));
	if (is_bare) {
		/* The if may have begun lines above. */
		for (open = plan->tokens->text + plan->tokens->list[token].offset;
		     open > plan->tokens->text && strncmp(open, "if (", 4); open--)
			;
		head = wq_arena_printf(plan->fix->fixer->arena, "%.*s",
			(int)strspn(plan->tokens->text +
				    wq_line_start(plan->tokens, (size_t)
						  (open - plan->tokens->text)),
				    "\t "),
			plan->tokens->text + wq_line_start(plan->tokens,
				(size_t)(open - plan->tokens->text)));
		wq_edits_add(&plan->fix->edits, ways->body.text,
			     plan->tokens->list[before].offset + 1, 0, " {");
		lines = wq_arena_printf(plan->fix->fixer->arena, "%s\n%s}",
					lines, head);
	}
	wq_edits_add(&plan->fix->edits, ways->body.text, start,
		     last->offset + 1 - start, lines);
	return true;
}

/* "int ret;" where the function has no such variable. */
static const char *error_variable(struct wq_leak *plan)
{
	const struct wq_ways *ways = plan->ways;
	unsigned int first = ways->body.open + 1;
	const char *name;
	size_t at;

	name = wq_fix_error_variable(plan->fix, &ways->body, ways->after);
	if (name)
		return name;
	at = wq_line_end(plan->tokens, plan->tokens->list[first - 1].offset);
	/* The first statement is the call: there are no declarations. */
	wq_edits_add(&plan->fix->edits, ways->body.text, at, 0,
		     ways->statement == first ? "\tint ret;\n\n"
					      : "\tint ret;\n");
	return "ret";
}

/* Does the statement at @token free what the call names, as a whole? */
static bool is_alone(const struct wq_leak *plan, unsigned int token)
{
	return wq_leak_is(plan, token - 1, ";") || wq_leak_is(plan, token - 1, "{") ||
	       wq_leak_is(plan, token - 1, "}");
}

/* Is @close the end of "if (ret)" or "if (ret < 0)", of what @exit returns? */
static bool is_test_of_exit(const struct wq_leak *plan, unsigned int close,
			    unsigned int exit)
{
	const struct wq_token *list = plan->tokens->list;
	unsigned int name = close - 1;

	if (wq_leak_is(plan, name, "0") && wq_leak_is(plan, name - 1, "<"))
		name -= 2;
	return wq_leak_is(plan, close, ")") && wq_leak_is(plan, name - 1, "(") &&
	       wq_leak_is(plan, name - 2, "if") && wq_leak_is(plan, exit + 2, ";") &&
	       list[name].bytes == list[exit + 1].bytes &&
	       !memcmp(plan->tokens->text + list[name].offset,
		       plan->tokens->text + list[exit + 1].offset,
		       list[name].bytes);
}

/*
 * "if (ret) kfree(foo); return ret;": is it freed at @gone only when @exit
 * fails, and then directly before?
 */
static bool is_freed_by_test(const struct wq_leak *plan, unsigned int gone,
			     unsigned int exit)
{
	unsigned int block = wq_ways_block(plan->ways, gone);

	if (is_test_of_exit(plan, gone - 1, exit))
		return end_of(plan, gone) + 1 == exit;
	return is_alone(plan, gone) && is_test_of_exit(plan, block - 1, exit) &&
	       wq_token_closing(plan->tokens, block, true) + 1 == exit;
}

/*
 * Where what the call names is freed on the way to the exit at @token, so
 * that the call has to come before: stored in @gone, or WQ_NO_TOKEN. False
 * after a refusal.
 */
static bool find_gone(struct wq_leak *plan, unsigned int token,
		      unsigned int *gone)
{
	const struct wq_ways *ways = plan->ways;
	unsigned int i, block;

	*gone = WQ_NO_TOKEN;
	for (i = ways->after; i < token; i++) {
		if (!plan->undo->is_gone_at(plan->undo, i))
			continue;
		block = wq_ways_block(ways, i);
		if (wq_token_closing(plan->tokens, block, true) < token &&
		    wq_ways_exit(ways, block) != WQ_NO_TOKEN)
			continue;	/* on another way */
		if (is_freed_by_test(plan, i, token) ||
		    (block == wq_ways_block(ways, token) && is_alone(plan, i) &&
		     wq_leak_outcome(plan, token) == WQ_FIX_FAILS)) {
			*gone = i;
			return true;
		}
		return wq_fix_refuse(plan->fix, "%s:%u: what the queue is in may be freed here already",
				     ways->body.text->name,
				     wq_leak_line(plan, i));
	}
	return true;
}

/* The call before the statement at @token that frees what it names. */
static bool undo_before_free(struct wq_leak *plan, unsigned int token)
{
	const char *indent = wq_ways_indent(plan->ways, token);

	return replace_exit(plan, token,
		wq_arena_printf(plan->fix->fixer->arena, "%s%s;\n%s%s", indent,
				plan->undo->call, indent,
				text_from(plan, token, end_of(plan, token))));
}

static bool undo_before(struct wq_leak *plan, unsigned int token)
{
	struct wq_arena *arena = plan->fix->fixer->arena;
	const char *indent = wq_ways_indent(plan->ways, token);
	const char *exit = text_from(plan, token, end_of(plan, token));
	const char *name;
	unsigned int gone;

	if (!find_gone(plan, token, &gone))
		return false;
	if (gone != WQ_NO_TOKEN)
		return undo_before_free(plan, gone);
	switch (wq_leak_outcome(plan, token)) {
	case WQ_FIX_FAILS:
		return replace_exit(plan, token, wq_arena_printf(arena,
			"%s%s;\n%s%s", indent, plan->undo->call, indent, exit));
	case WQ_FIX_MAY_FAIL:
		return replace_exit(plan, token, wq_arena_printf(arena,
			"%sif (%s)\n%s\t%s;\n%s%s", indent,
			wq_token_text(arena, plan->tokens, token + 1), indent,
			plan->undo->call, indent, exit));
	default:
		name = error_variable(plan);
		return replace_exit(plan, token, wq_arena_printf(arena,
			"%s%s = %s\n%sif (%s)\n%s\t%s;\n%sreturn %s;", indent,
			name, text_from(plan, token + 1, end_of(plan, token)),
			indent, name, indent, plan->undo->call, indent, name));
	}
}

/* Do all that leak return one and the same variable, and fail? */
static bool are_alike(struct wq_leak *plan)
{
	unsigned int i;

	for (i = 0; i < plan->nr_returns; i++) {
		unsigned int token = plan->returns[i], gone;

		if (!find_gone(plan, token, &gone) || gone != WQ_NO_TOKEN ||
		    !wq_leak_is(plan, token, "return") || !wq_leak_is(plan, token + 2, ";") ||
		    wq_leak_outcome(plan, token) != WQ_FIX_FAILS ||
		    strcmp(wq_token_text(plan->fix->fixer->arena, plan->tokens,
					 token + 1),
			   wq_token_text(plan->fix->fixer->arena, plan->tokens,
					 plan->returns[0] + 1)))
			return false;
	}
	return true;
}

/* A label at the end of the function, of which the last return ends well. */
static bool share_label(struct wq_leak *plan)
{
	const struct wq_ways *ways = plan->ways;
	struct wq_arena *arena = plan->fix->fixer->arena;
	const char *name = wq_arena_printf(arena, "err_destroy_%s",
					   plan->undo->name);
	unsigned int i;

	if (wq_tokens_have(plan->tokens, name))
		return wq_fix_refuse(plan->fix, "%s is a name already", name);
	for (i = 0; i < plan->nr_returns; i++)
		wq_edits_add(&plan->fix->edits, ways->body.text,
			     plan->tokens->list[plan->returns[i]].offset,
			     plan->tokens->list[plan->returns[i] + 2].offset + 1 -
			     plan->tokens->list[plan->returns[i]].offset,
			     wq_arena_printf(arena, "goto %s;", name));
	wq_edits_add(&plan->fix->edits, ways->body.text,
		     plan->tokens->list[ways->body.close].offset, 0,
		     wq_arena_printf(arena, "\n%s:\n\t%s;\n\treturn %s;\n",
				     name, plan->undo->call,
				     wq_token_text(arena, plan->tokens,
						   plan->returns[0] + 1)));
	return true;
}

bool wq_leak_fix_returns(struct wq_leak *plan)
{
	const struct wq_ways *ways = plan->ways;
	unsigned int i;

	if (plan->nr_returns >= MANY_EXITS && !plan->nr_gotos &&
	    are_alike(plan) && ways->last != WQ_NO_TOKEN &&
	    wq_leak_is(plan, ways->last, "return") &&
	    wq_leak_outcome(plan, ways->last) == WQ_FIX_SUCCEEDS &&
	    end_of(plan, ways->last) + 1 == ways->body.close)
		return share_label(plan);
	for (i = 0; i < plan->nr_returns; i++)
		if (!undo_before(plan, plan->returns[i]))
			return false;
	return true;
}
