/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loop that waits for the item of each element, in a function that has a
 * variable to count with or gets one.
 */
#include <string.h>

#include "fix-array.h"

static const char *head_of(struct wq_arena *arena, const struct wq_array *array,
			   const char *root, const char *index)
{
	const char *bound = array->bound;

	if (array->bound_kind == WQ_BOUND_SIZE)
		bound = wq_arena_printf(arena, "ARRAY_SIZE(%s%s)", root,
					array->path);
	else if (array->bound_kind == WQ_BOUND_MEMBER)
		bound = wq_arena_printf(arena, "%s%s", root, array->bound);
	return wq_arena_printf(arena, "for (%s = 0; %s < %s; %s++)", index,
			       index, bound, index);
}

static bool is_variable(const struct wq_tokens *tokens, unsigned int token,
			const char *name)
{
	return wq_token_is(tokens, token, name) &&
	       !wq_token_is(tokens, token - 1, ".") &&
	       !wq_token_is(tokens, token - 1, "->");
}

/* Does the declaration that begins at @token have a type to count with? */
static bool counts(const struct wq_tokens *tokens, unsigned int token)
{
	static const char *const types[] = {
		"int", "unsigned", "u32", "size_t", "long",
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (wq_token_is(tokens, token, types[i]))
			return true;
	return false;
}

/* Is @name one of the variables that @body begins with, to count with? */
static bool is_declared(const struct wq_body *body, unsigned int first,
			const char *name)
{
	const struct wq_tokens *tokens = body->tokens;
	unsigned int i, start = body->open + 1;

	for (i = start; i < first; i++) {
		if (wq_token_is(tokens, i - 1, ";"))
			start = i;
		if (wq_token_is(tokens, i, name))
			return counts(tokens, start) &&
			       (wq_token_is(tokens, i + 1, ",") ||
				wq_token_is(tokens, i + 1, ";") ||
				wq_token_is(tokens, i + 1, "=")) &&
			       !wq_token_is(tokens, i - 1, "*");
	}
	return false;
}

/* The last token of "for (name = ...) ..." that begins at @token. */
static unsigned int end_of_loop(const struct wq_tokens *tokens,
				unsigned int token, const char *name)
{
	unsigned int close;

	if (!wq_token_is(tokens, token, "for") ||
	    !wq_token_is(tokens, token + 2, name) ||
	    !wq_token_is(tokens, token + 3, "="))
		return WQ_NO_TOKEN;
	close = wq_token_closing(tokens, token + 1, true);
	return close == WQ_NO_TOKEN ? close : wq_array_body_end(tokens, close);
}

/*
 * Does @name only count in loops of @body that begin by setting it, none of
 * which @place is in? What it holds between them is then nobody's.
 */
static bool only_counts(const struct wq_body *body, unsigned int first,
			unsigned int place, const char *name)
{
	unsigned int i, end;

	for (i = first; i < body->close; i++) {
		end = end_of_loop(body->tokens, i, name);
		if (end == WQ_NO_TOKEN) {
			if (is_variable(body->tokens, i, name))
				return false;
			continue;
		}
		if (place > i && place <= end)
			return false;
		i = end;
	}
	return true;
}

/* Is @name nothing in the function, its parameters included? */
static bool is_free(const struct wq_body *body, const char *name)
{
	unsigned int i = body->open;

	while (i && !wq_token_is(body->tokens, i, body->name))
		i--;
	for (; i < body->close; i++)
		if (is_variable(body->tokens, i, name))
			return false;
	return true;
}

/* Declare @name below the other variables of @body. */
static bool declare(struct wq_fix *fix, const struct wq_body *body,
		    unsigned int first, const char *type, const char *name)
{
	const struct wq_tokens *tokens = body->tokens;
	size_t at = wq_line_end(tokens, tokens->list[first - 1].offset);

	if (tokens->list[first].kind == WQ_TOKEN_DIRECTIVE ||
	    tokens->list[first].line == tokens->list[first - 1].line)
		return wq_fix_refuse(fix, "%s() has no place to declare a variable",
				     body->name);
	wq_edits_add(&fix->edits, body->text, at, 0,
		     wq_arena_printf(fix->fixer->arena, "\t%s %s;\n", type,
				     name));
	if (first - 1 == body->open && tokens->text[at] != '\n')
		wq_edits_add(&fix->edits, body->text, at, 0, "\n");
	return true;
}

/* A variable of @body to count with at @place, an old or a new one. */
static const char *find_index(struct wq_fix *fix, const struct wq_array *array,
			      const struct wq_body *body, unsigned int place)
{
	const char *const names[] = { array->index, "i", "j", "k", "n" };
	unsigned int first = wq_fix_after_declarations(body);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (is_declared(body, first, names[i]) &&
		    only_counts(body, first, place, names[i]))
			return names[i];
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (is_free(body, names[i]))
			return declare(fix, body, first, array->type, names[i])
			       ? names[i] : NULL;
	wq_fix_refuse(fix, "%s() has no name for a variable that counts",
		      body->name);
	return NULL;
}

/* "if (foo->ports)" and "if (!foo->ports)": there may be none. */
static bool is_tested(const struct wq_array *array, const struct wq_body *body,
		      struct wq_arena *arena, const char *root)
{
	const char *text = wq_arena_printf(arena, "%s%s", root, array->path);
	const struct wq_tokens *tokens = body->tokens;
	unsigned int i, from, to;

	for (i = body->open; i < body->close; i++) {
		if (!wq_token_is(tokens, i, "if") &&
		    !wq_token_is(tokens, i, "&") && !wq_token_is(tokens, i, "|"))
			continue;
		from = i + 1;
		while (wq_token_is(tokens, from, "(") ||
		       wq_token_is(tokens, from, "!"))
			from++;
		for (to = from; to < from + 6 && !wq_token_is(tokens, to, ")") &&
		     !wq_token_is(tokens, to, "&") &&
		     !wq_token_is(tokens, to, "|"); to++)
			;
		if (!strcmp(wq_array_text(arena, tokens, from, to), text))
			return true;
	}
	return false;
}

/* Can the text of the bound stand in @text? */
static bool is_known_in(struct wq_fix *fix, const struct wq_array *array,
			struct wq_text *text)
{
	return text == array->body.text ||
	       (array->owner && (array->bound_kind != WQ_BOUND_CONSTANT ||
				 !wq_fix_name_is_new(fix, text,
						     array->bound)));
}

bool wq_array_name(struct wq_fix *fix, const struct wq_array *array,
		   const struct wq_function *function, unsigned int token,
		   const char *root, struct wq_loop *loop)
{
	struct wq_arena *arena = fix->fixer->arena;
	const char *index;
	struct wq_body body;

	if (!wq_fix_body(fix, function, &body))
		return false;
	if (!is_known_in(fix, array, body.text))
		return wq_fix_refuse(fix, "%s is not seen to be known in %s",
				     array->bound, body.text->name);
	if (array->is_pointer && is_tested(array, &body, arena, root))
		return wq_fix_refuse(fix, "%s%s may be NULL in %s()", root,
				     array->path, body.name);
	index = wq_array_is_set_up_at(fix, array, function)
		? find_index(fix, array, &body, token) : NULL;
	if (!index)
		return false;
	loop->head = head_of(arena, array, root, index);
	loop->item = wq_arena_printf(arena, "&%s%s[%s]%s", root, array->path,
				     index, array->rest);
	return true;
}

const char *wq_loop_text(struct wq_arena *arena, const struct wq_loop *loop,
			 const char *call, const char *indent)
{
	return wq_arena_printf(arena, "%s%s\n%s\t%s(%s);", indent, loop->head,
			       indent, call, loop->item);
}

/* Is @name something at file scope that stands above @token? */
static bool is_above(const struct wq_tokens *tokens, unsigned int token,
		     const char *name)
{
	unsigned int i;

	for (i = 0; i < token; i++)
		if (wq_token_is(tokens, i, name) && !tokens->list[i].depth)
			return true;
	return false;
}

bool wq_array_name_at(struct wq_fix *fix, const struct wq_work *work,
		      const struct wq_event *event, struct wq_loop *loop)
{
	struct wq_array array;
	struct wq_text *text;
	unsigned int token;
	const char *root;

	if (!event->callee || !wq_array_find(fix, work, &array))
		return false;
	text = wq_fix_call(fix, event->where, event->callee, &token);
	if (!text)
		return false;
	root = array.owner ? wq_event_variable(event, array.owner) : array.root;
	if (!root || (!array.owner && (text != array.body.text ||
				       !is_above(text->tokens, token, root))))
		return wq_fix_refuse(fix, "%s() has no variable for what %s%s is in",
				     event->function->name, array.root,
				     array.path);
	if (text->tokens->list[token].branch ||
	    (!wq_token_is(text->tokens, token - 1, ";") &&
	     !wq_token_is(text->tokens, token - 1, "{") &&
	     !wq_token_is(text->tokens, token - 1, "}")))
		return wq_fix_refuse(fix, "the call is no statement of its own, and a loop would take its place");
	return wq_array_name(fix, &array, event->function, token, root, loop);
}
