/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a function has labels that undo, from the last deed back to the
 * first, the new one goes between those of what came after and before it:
 * above the label that the failure of the same call leads to. Elsewhere the
 * call comes before each return that fails, or, when these are many and
 * alike, they share a new label.
 */
#include <string.h>

#include "fix-leak.h"

#define MAX_EXITS	64
#define MANY_EXITS	3	/* that are worth a label */

struct plan {
	const struct wq_undo *undo;
	const struct wq_ways *ways;
	struct wq_fix *fix;
	const struct wq_tokens *tokens;
	unsigned int returns[MAX_EXITS], gotos[MAX_EXITS];	/* that leak */
	unsigned int nr_returns, nr_gotos;
	unsigned int place;	/* the label or return above which it goes */
	const char *label;	/* new, for gotos of what is at the place */
};

static bool is(const struct plan *plan, unsigned int token, const char *text)
{
	return wq_token_is(plan->tokens, token, text);
}

static unsigned int line_of(const struct plan *plan, unsigned int token)
{
	return plan->tokens->list[token].line;
}

/* Is it done from token @first to before @end on the way to @exit? */
static bool is_done_between(const struct plan *plan, unsigned int first,
			    unsigned int end, unsigned int exit)
{
	unsigned int i, block;

	for (i = first; i < end; i++) {
		if (!plan->undo->is_done_at(plan->undo, i))
			continue;
		block = wq_ways_block(plan->ways, i);
		if (exit > block &&
		    exit < wq_token_closing(plan->tokens, block, true))
			return true;
	}
	return false;
}

/* Where a way that goes on at the top level at @token ends. */
static unsigned int end_of_way(const struct plan *plan, unsigned int token)
{
	unsigned int end = wq_ways_return(plan->ways, token);

	return end == WQ_NO_TOKEN ? plan->ways->body.close : end;
}

/* Is there something between the label and the return that it leads to? */
static bool only_returns(const struct plan *plan, unsigned int label)
{
	return is(plan, label + 2, "return");
}

static bool is_behind_success(const struct plan *plan, unsigned int label)
{
	return plan->ways->last != WQ_NO_TOKEN && label > plan->ways->last;
}

static bool add_goto(struct plan *plan, unsigned int token)
{
	unsigned int label = wq_ways_label(plan->ways, token);
	unsigned int end;

	if (label == WQ_NO_TOKEN || label < token)
		return wq_fix_refuse(plan->fix, "%s:%u: where this goto leads to is not understood",
				     plan->ways->body.text->name,
				     line_of(plan, token));
	end = end_of_way(plan, label);
	if (is_done_between(plan, label, end, end))
		return true;
	if (!is_behind_success(plan, label)) {
		/* As good as a return, when it does not mean success. */
		if (!only_returns(plan, label) ||
		    wq_ways_is_plain(plan->ways, token))
			return wq_fix_refuse(plan->fix, "%s:%u: this leads to where the function also ends well",
					     plan->ways->body.text->name,
					     line_of(plan, token));
		plan->returns[plan->nr_returns++] = token;
		return true;
	}
	plan->gotos[plan->nr_gotos++] = token;
	return true;
}

/* "ret = -ENOMEM; return ret;" and what always returns an error. */
static bool is_certain_failure(const struct plan *plan, unsigned int token)
{
	static const char *const names[] = {
		"dev_err_probe", "ERR_PTR", "ERR_CAST", "NULL",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (is(plan, token + 1, names[i]))
			return true;
	return is(plan, token + 1, ";") ||
	       (is(plan, token - 1, ";") && is(plan, token - 3, "-") &&
		is(plan, token - 4, "=") && is(plan, token + 2, ";"));
}

static enum wq_fix_outcome outcome_of(const struct plan *plan,
				      unsigned int token)
{
	if (is(plan, token, "goto") || is_certain_failure(plan, token))
		return WQ_FIX_FAILS;
	return wq_fix_outcome(plan->fix, &plan->ways->body, token);
}

static bool add_return(struct plan *plan, unsigned int token)
{
	enum wq_fix_outcome outcome = outcome_of(plan, token);

	if (outcome == WQ_FIX_SUCCEEDS)
		return true;
	if (wq_ways_is_conditional(plan->ways, token))
		return wq_fix_refuse(plan->fix, "%s:%u: this way out is in conditional compilation",
				     plan->ways->body.text->name,
				     line_of(plan, token));
	if (outcome == WQ_FIX_ODD)
		return wq_fix_refuse(plan->fix, "%s:%u: what %s() returns here is not understood",
				     plan->ways->body.text->name,
				     line_of(plan, token),
				     plan->ways->body.name);
	plan->returns[plan->nr_returns++] = token;
	return true;
}

/* The ways out that leak, up to the one that ends well. */
static bool find_exits(struct plan *plan)
{
	const struct wq_ways *ways = plan->ways;
	unsigned int end = ways->last == WQ_NO_TOKEN ? ways->body.close
						     : ways->last + 1;
	unsigned int i;

	for (i = ways->after; i < end; i++) {
		bool is_goto = is(plan, i, "goto");

		if (!is_goto && !is(plan, i, "return"))
			continue;
		if (is_done_between(plan, ways->after, i, i) ||
		    (i == ways->last && is_goto))
			continue;
		if (plan->nr_returns == MAX_EXITS || plan->nr_gotos == MAX_EXITS)
			return wq_fix_refuse(plan->fix, "%s() has too many ways out",
					     ways->body.name);
		if (!(is_goto ? add_goto(plan, i) : add_return(plan, i)))
			return false;
	}
	return true;
}

/* Labels */

static bool refuse_order(struct plan *plan, unsigned int token)
{
	return wq_fix_refuse(plan->fix, "%s:%u: the labels of %s() are not in the order of what they undo",
			     plan->ways->body.text->name,
			     line_of(plan, token), plan->ways->body.name);
}

/* The label of the call's own failure, or the return that all labels reach. */
static bool find_place(struct plan *plan)
{
	const struct wq_ways *ways = plan->ways;
	unsigned int own = ways->own_exit, i;

	if (own != WQ_NO_TOKEN && is(plan, own, "goto")) {
		plan->place = wq_ways_label(ways, own);
		if (plan->place == WQ_NO_TOKEN ||
		    !is_behind_success(plan, plan->place))
			return wq_fix_refuse(plan->fix, "%s:%u: this leads to where the function also ends well",
					     ways->body.text->name,
					     line_of(plan, own));
		return true;
	}
	for (i = ways->body.open; i < ways->statement; i++)
		if (is(plan, i, "goto"))
			return wq_fix_refuse(plan->fix, "%s:%u: before the allocation something is undone on failure, and with it nothing is",
					     ways->body.text->name,
					     line_of(plan, i));
	plan->place = wq_ways_return(ways, ways->last + 1);
	if (plan->place == WQ_NO_TOKEN ||
	    wq_ways_return(ways, plan->place + 1) != WQ_NO_TOKEN)
		return wq_fix_refuse(plan->fix, "the labels of %s() do not lead to one return",
				     ways->body.name);
	return true;
}

/* Does a way from @label reach the place? */
static bool falls_through(const struct plan *plan, unsigned int label)
{
	unsigned int i;

	for (i = label; i < plan->place; i++)
		if ((is(plan, i, "goto") || is(plan, i, "return")) &&
		    wq_ways_is_plain(plan->ways, i))
			return false;
	return true;
}

/* Does the statement at @token do it, and nothing else, up to before @end? */
static bool only_does_it(const struct plan *plan, unsigned int token,
			 unsigned int end)
{
	unsigned int close;

	if (is(plan, token, "if")) {
		close = wq_token_closing(plan->tokens, token + 1, false);
		token = close == WQ_NO_TOKEN ? close : close + 1;
	}
	return plan->undo->is_done_at(plan->undo, token) &&
	       is(plan, token + 1, "(") &&
	       wq_token_closing(plan->tokens, token + 1, false) + 2 == end;
}

/* Is there a label for it already, above the place, that was not gone to? */
static bool use_old_label(struct plan *plan)
{
	unsigned int i, colon = plan->place - 1;
	const struct wq_token *label;

	while (colon > plan->ways->last && !is(plan, colon, ":"))
		colon--;
	label = &plan->tokens->list[colon - 1];
	if (colon <= plan->ways->last ||
	    !only_does_it(plan, colon + 1, plan->place))
		return false;
	for (i = 0; i < plan->nr_gotos; i++)
		if (wq_ways_label(plan->ways, plan->gotos[i]) != plan->place)
			return false;
	plan->label = wq_arena_printf(plan->fix->fixer->arena, "%.*s",
				      (int)label->bytes,
				      plan->tokens->text + label->offset);
	return true;
}

static bool check_order(struct plan *plan)
{
	const struct wq_ways *ways = plan->ways;
	unsigned int i, label;

	/* What fails before, and what ends well, must not pass the place. */
	for (i = ways->body.open; i <= ways->last; i++) {
		if (i == ways->statement)
			i = ways->last;
		if (!is(plan, i, "goto"))
			continue;
		label = wq_ways_label(ways, i);
		if (label == WQ_NO_TOKEN || label < plan->place)
			return refuse_order(plan, i);
	}
	for (i = ways->last; i < plan->place; i++) {
		if (plan->undo->is_gone_at(plan->undo, i))
			return refuse_order(plan, i);
		if (plan->undo->is_done_at(plan->undo, i))
			return wq_fix_refuse(plan->fix, "%s:%u: other ways out have it done here, and then pass where it is missing",
					     ways->body.text->name,
					     line_of(plan, i));
	}
	for (; i < ways->body.close; i++)
		if (plan->undo->ends_user_at(plan->undo, i))
			return wq_fix_refuse(plan->fix, "%s:%u: elsewhere this comes before the queue is destroyed, and here it would come after",
					     ways->body.text->name,
					     line_of(plan, i));
	return true;
}

/* A name in the style of the label at the place. */
static const char *new_label(struct plan *plan)
{
	static const char *const prefixes[] = {
		"err_", "error_", "fail_", "out_", "exit_",
	};
	const char *old = plan->tokens->text +
			  plan->tokens->list[plan->place].offset;
	const char *prefix = "", *name;
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (!strncmp(old, prefixes[i], strlen(prefixes[i])))
			prefix = prefixes[i];
	name = wq_arena_printf(plan->fix->fixer->arena, "%sdestroy_%s", prefix,
			       plan->undo->name);
	if (wq_tokens_have(plan->tokens, name))
		wq_fix_refuse(plan->fix, "%s is a name already", name);
	return name;
}

static bool redirect(struct plan *plan)
{
	unsigned int i, label;

	for (i = 0; i < plan->nr_gotos; i++) {
		label = wq_ways_label(plan->ways, plan->gotos[i]);
		if (label > plan->place || !falls_through(plan, label))
			return refuse_order(plan, plan->gotos[i]);
		if (label < plan->place)
			continue;
		if (!plan->label)
			plan->label = new_label(plan);
		label = plan->gotos[i] + 1;
		if (wq_ways_is_conditional(plan->ways, label))
			return wq_fix_refuse(plan->fix, "%s:%u: this way out is in conditional compilation",
					     plan->ways->body.text->name,
					     line_of(plan, label));
		wq_edits_add(&plan->fix->edits, plan->ways->body.text,
			     plan->tokens->list[label].offset,
			     plan->tokens->list[label].bytes, plan->label);
	}
	return !plan->fix->refusal;
}

static bool begins_line(const struct plan *plan, unsigned int token)
{
	size_t offset = plan->tokens->list[token].offset;
	size_t start = wq_line_start(plan->tokens, offset);

	return strspn(plan->tokens->text + start, "\t ") >= offset - start;
}

static bool insert_at_place(struct plan *plan)
{
	const struct wq_token *above = &plan->tokens->list[plan->place - 1];
	size_t start = wq_line_start(plan->tokens,
				     plan->tokens->list[plan->place].offset);
	bool is_return = is(plan, plan->place, "return");
	struct wq_arena *arena = plan->fix->fixer->arena;
	const char *lines;

	if (!begins_line(plan, plan->place))
		return wq_fix_refuse(plan->fix, "%s:%u: the label is not alone on its line",
				     plan->ways->body.text->name,
				     line_of(plan, plan->place));
	lines = wq_arena_printf(arena, "\t%s;\n", plan->undo->call);
	if (plan->label)
		lines = wq_arena_printf(arena, "%s%s:\n%s%s",
			wq_ways_indent(plan->ways, plan->place), plan->label,
			lines, start >= 2 && plan->tokens->text[start - 2] == '\n'
			? "\n" : "");
	else if (!is_return && wq_token_is(plan->tokens, plan->place - 1, ":"))
		return refuse_order(plan, plan->place);
	else
		/* The end of the paragraph above, comments and all. */
		start = wq_line_end(plan->tokens, above->offset);
	wq_edits_add(&plan->fix->edits, plan->ways->body.text, start, 0, lines);
	return true;
}

/* Returns */

static unsigned int end_of(const struct plan *plan, unsigned int token)
{
	while (!is(plan, token, ";"))
		token++;
	return token;
}

static const char *text_from(const struct plan *plan, unsigned int first,
			     unsigned int end)
{
	const struct wq_token *last = &plan->tokens->list[end];
	size_t start = plan->tokens->list[first].offset;

	return wq_arena_printf(plan->fix->fixer->arena, "%.*s",
			       (int)(last->offset + last->bytes - start),
			       plan->tokens->text + start);
}

/* @lines instead of the statement at @token, in braces if it had none. */
static bool replace_exit(struct plan *plan, unsigned int token,
			 const char *lines)
{
	const struct wq_ways *ways = plan->ways;
	unsigned int end = end_of(plan, token), before = token - 1;
	const struct wq_token *last = &plan->tokens->list[end];
	size_t start = wq_line_start(plan->tokens,
				     plan->tokens->list[token].offset);
	bool is_bare = is(plan, before, ")");
	const char *head = wq_ways_indent(ways, before), *open;

	if (!begins_line(plan, token) || is(plan, before, "else") ||
	    is(plan, end + 1, "else") || (!is_bare && !is(plan, before, ";") &&
	     !is(plan, before, "{") && !is(plan, before, "}")) ||
	    plan->tokens->text[last->offset + 1] != '\n')
		return wq_fix_refuse(plan->fix, "%s:%u: what is around this way out is not understood",
				     ways->body.text->name, line_of(plan, token));
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
static const char *error_variable(struct plan *plan)
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

static bool undo_before(struct plan *plan, unsigned int token)
{
	struct wq_arena *arena = plan->fix->fixer->arena;
	const char *indent = wq_ways_indent(plan->ways, token);
	const char *exit = text_from(plan, token, end_of(plan, token));
	const char *name;

	switch (outcome_of(plan, token)) {
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
static bool are_alike(const struct plan *plan)
{
	unsigned int i;

	for (i = 0; i < plan->nr_returns; i++) {
		unsigned int token = plan->returns[i];

		if (!is(plan, token, "return") || !is(plan, token + 2, ";") ||
		    outcome_of(plan, token) != WQ_FIX_FAILS ||
		    strcmp(wq_token_text(plan->fix->fixer->arena, plan->tokens,
					 token + 1),
			   wq_token_text(plan->fix->fixer->arena, plan->tokens,
					 plan->returns[0] + 1)))
			return false;
	}
	return true;
}

/* A label at the end of the function, of which the last return ends well. */
static bool share_label(struct plan *plan)
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

static bool fix_returns(struct plan *plan)
{
	const struct wq_ways *ways = plan->ways;
	unsigned int i;

	if (plan->nr_returns >= MANY_EXITS && !plan->nr_gotos &&
	    are_alike(plan) && ways->last != WQ_NO_TOKEN &&
	    is(plan, ways->last, "return") &&
	    outcome_of(plan, ways->last) == WQ_FIX_SUCCEEDS &&
	    end_of(plan, ways->last) + 1 == ways->body.close)
		return share_label(plan);
	for (i = 0; i < plan->nr_returns; i++)
		if (!undo_before(plan, plan->returns[i]))
			return false;
	return true;
}

bool wq_fix_undo(struct wq_undo *undo)
{
	struct plan plan = {
		.undo = undo, .ways = undo->ways, .fix = undo->ways->fix,
		.tokens = undo->ways->body.tokens,
	};

	if (!find_exits(&plan))
		return false;
	undo->is_needed |= plan.nr_gotos || plan.nr_returns;
	if (plan.nr_gotos) {
		if (!find_place(&plan))
			return false;
		if (use_old_label(&plan) ? !redirect(&plan) :
		    !check_order(&plan) || !redirect(&plan) ||
		    !insert_at_place(&plan))
			return false;
	}
	return fix_returns(&plan);
}
