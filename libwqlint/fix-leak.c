/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a function has labels that undo, from the last deed back to the
 * first, the new one goes between those of what came after and before it:
 * above the label that the failure of the same call leads to. Elsewhere the
 * call comes before each return that fails, or, when these are many and
 * alike, they share a new label.
 */
#include <string.h>

#include "fix-leak-plan.h"

/* Is it done from token @first to before @end on the way to @exit? */
static bool is_done_between(const struct wq_leak *plan, unsigned int first,
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
static unsigned int end_of_way(const struct wq_leak *plan, unsigned int token)
{
	unsigned int end = wq_ways_return(plan->ways, token);

	return end == WQ_NO_TOKEN ? plan->ways->body.close : end;
}

/* Is there something between the label and the return that it leads to? */
static bool only_returns(const struct wq_leak *plan, unsigned int label)
{
	return wq_leak_is(plan, label + 2, "return");
}

static bool is_behind_success(const struct wq_leak *plan, unsigned int label)
{
	return plan->ways->last != WQ_NO_TOKEN && label > plan->ways->last;
}

/* "return 0;", where remove() or so then does it. */
static bool ends_well(const struct wq_leak *plan, unsigned int end)
{
	return wq_leak_is(plan, end, "return") &&
	       wq_leak_is(plan, end + 1, "0") && wq_leak_is(plan, end + 2, ";");
}

static bool add_goto(struct wq_leak *plan, unsigned int token)
{
	unsigned int label = wq_ways_label(plan->ways, token);
	unsigned int end;

	if (label == WQ_NO_TOKEN || label < token)
		return wq_fix_refuse(plan->fix, "%s:%u: where this goto leads to is not understood",
				     plan->ways->body.text->name,
				     wq_leak_line(plan, token));
	end = end_of_way(plan, label);
	if (is_done_between(plan, label, end, end) || ends_well(plan, end))
		return true;
	if (!is_behind_success(plan, label)) {
		/* As good as a return, when it does not mean success. */
		if (!only_returns(plan, label) ||
		    wq_ways_is_plain(plan->ways, token))
			return wq_fix_refuse(plan->fix, "%s:%u: this leads to where the function also ends well",
					     plan->ways->body.text->name,
					     wq_leak_line(plan, token));
		plan->returns[plan->nr_returns++] = token;
		return true;
	}
	plan->gotos[plan->nr_gotos++] = token;
	return true;
}

static bool add_return(struct wq_leak *plan, unsigned int token)
{
	enum wq_fix_outcome outcome = wq_leak_outcome(plan, token);

	if (outcome == WQ_FIX_SUCCEEDS)
		return true;
	if (wq_ways_is_conditional(plan->ways, token))
		return wq_fix_refuse(plan->fix, "%s:%u: this way out is in conditional compilation",
				     plan->ways->body.text->name,
				     wq_leak_line(plan, token));
	if (outcome == WQ_FIX_ODD)
		return wq_fix_refuse(plan->fix, "%s:%u: what %s() returns here is not understood",
				     plan->ways->body.text->name,
				     wq_leak_line(plan, token),
				     plan->ways->body.name);
	plan->returns[plan->nr_returns++] = token;
	return true;
}

/* The ways out that leak, up to the one that ends well. */
static bool find_exits(struct wq_leak *plan)
{
	const struct wq_ways *ways = plan->ways;
	unsigned int end = ways->last == WQ_NO_TOKEN ? ways->body.close
						     : ways->last + 1;
	unsigned int i;

	for (i = ways->after; i < end; i++) {
		bool is_goto = wq_leak_is(plan, i, "goto");

		if (!is_goto && !wq_leak_is(plan, i, "return"))
			continue;
		if (is_done_between(plan, ways->after, i, i) ||
		    (i == ways->last && is_goto))
			continue;
		if (plan->nr_returns == WQ_MAX_EXITS || plan->nr_gotos == WQ_MAX_EXITS)
			return wq_fix_refuse(plan->fix, "%s() has too many ways out",
					     ways->body.name);
		if (!(is_goto ? add_goto(plan, i) : add_return(plan, i)))
			return false;
	}
	return true;
}

/* Labels */

static bool refuse_order(struct wq_leak *plan, unsigned int token)
{
	return wq_fix_refuse(plan->fix, "%s:%u: the labels of %s() are not in the order of what they undo",
			     plan->ways->body.text->name,
			     wq_leak_line(plan, token), plan->ways->body.name);
}

/* The label of the call's own failure, or the return that all labels reach. */
static bool find_place(struct wq_leak *plan)
{
	const struct wq_ways *ways = plan->ways;
	unsigned int own = ways->own_exit, i;

	if (own != WQ_NO_TOKEN && wq_leak_is(plan, own, "goto")) {
		plan->place = wq_ways_label(ways, own);
		if (plan->place == WQ_NO_TOKEN ||
		    !is_behind_success(plan, plan->place))
			return wq_fix_refuse(plan->fix, "%s:%u: this leads to where the function also ends well",
					     ways->body.text->name,
					     wq_leak_line(plan, own));
		return true;
	}
	for (i = ways->body.open; i < ways->statement; i++)
		if (wq_leak_is(plan, i, "goto"))
			return wq_fix_refuse(plan->fix, "%s:%u: before the allocation something is undone on failure, and with it nothing is",
					     ways->body.text->name,
					     wq_leak_line(plan, i));
	plan->place = wq_ways_return(ways, ways->last + 1);
	if (plan->place == WQ_NO_TOKEN ||
	    wq_ways_return(ways, plan->place + 1) != WQ_NO_TOKEN)
		return wq_fix_refuse(plan->fix, "the labels of %s() do not lead to one return",
				     ways->body.name);
	return true;
}

/* Does a way from @label reach the place? */
static bool falls_through(const struct wq_leak *plan, unsigned int label)
{
	unsigned int i;

	for (i = label; i < plan->place; i++)
		if ((wq_leak_is(plan, i, "goto") || wq_leak_is(plan, i, "return")) &&
		    wq_ways_is_plain(plan->ways, i))
			return false;
	return true;
}

/* Does the statement at @token do it, and nothing else, up to before @end? */
static bool only_does_it(const struct wq_leak *plan, unsigned int token,
			 unsigned int end)
{
	unsigned int close;

	if (wq_leak_is(plan, token, "if")) {
		close = wq_token_closing(plan->tokens, token + 1, false);
		token = close == WQ_NO_TOKEN ? close : close + 1;
	}
	return plan->undo->is_done_at(plan->undo, token) &&
	       wq_leak_is(plan, token + 1, "(") &&
	       wq_token_closing(plan->tokens, token + 1, false) + 2 == end;
}

/* Is there a label for it already, above the place, that was not gone to? */
static bool use_old_label(struct wq_leak *plan)
{
	unsigned int i, colon = plan->place - 1;
	const struct wq_token *label;

	while (colon > plan->ways->last && !wq_leak_is(plan, colon, ":"))
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

static bool check_order(struct wq_leak *plan)
{
	const struct wq_ways *ways = plan->ways;
	unsigned int i, label;

	/* What fails before, and what ends well, must not pass the place. */
	for (i = ways->body.open; i <= ways->last; i++) {
		if (i == ways->statement)
			i = ways->last;
		if (!wq_leak_is(plan, i, "goto"))
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
					     wq_leak_line(plan, i));
	}
	for (; i < ways->body.close; i++)
		if (plan->undo->ends_user_at(plan->undo, i))
			return wq_fix_refuse(plan->fix, "%s:%u: elsewhere this comes before the queue is destroyed, and here it would come after",
					     ways->body.text->name,
					     wq_leak_line(plan, i));
	return true;
}

/* A name in the style of the label at the place. */
static const char *new_label(struct wq_leak *plan)
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

static bool redirect(struct wq_leak *plan)
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
					     wq_leak_line(plan, label));
		wq_edits_add(&plan->fix->edits, plan->ways->body.text,
			     plan->tokens->list[label].offset,
			     plan->tokens->list[label].bytes, plan->label);
	}
	return !plan->fix->refusal;
}

static bool insert_at_place(struct wq_leak *plan)
{
	const struct wq_token *above = &plan->tokens->list[plan->place - 1];
	size_t start = wq_line_start(plan->tokens,
				     plan->tokens->list[plan->place].offset);
	bool is_return = wq_leak_is(plan, plan->place, "return");
	struct wq_arena *arena = plan->fix->fixer->arena;
	const char *lines;

	if (!wq_leak_begins_line(plan, plan->place))
		return wq_fix_refuse(plan->fix, "%s:%u: the label is not alone on its line",
				     plan->ways->body.text->name,
				     wq_leak_line(plan, plan->place));
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

bool wq_fix_undo(struct wq_undo *undo)
{
	struct wq_leak plan = {
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
	return wq_leak_fix_returns(&plan);
}
