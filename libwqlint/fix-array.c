/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An item of each element of an array, as it is written where it is bound:
 *
 *	for (i = 0; i < foo->nr; i++)
 *		INIT_WORK(&foo->ports[i].work, foo_work);
 *
 * or through a pointer to the element that the body of the loop sets.
 */
#include <string.h>

#include "fix-array.h"

/* The index into the array that the address @expr goes through, or NULL. */
static const struct wq_expr *index_of(const struct wq_expr *expr)
{
	for (; expr && (expr->kind == WQ_EXPR_FIELD ||
			expr->kind == WQ_EXPR_INDEX); expr = expr->base)
		if (expr->kind == WQ_EXPR_INDEX)
			return expr;
	return NULL;
}

const char *wq_array_text(struct wq_arena *arena, const struct wq_tokens *tokens,
			  unsigned int from, unsigned int to)
{
	const char *text = "";

	for (; from < to; from++)
		text = wq_arena_printf(arena, "%s%s", text,
				       wq_token_text(arena, tokens, from));
	return text;
}

const char *wq_array_tag_of(struct wq_fix *fix, const struct wq_body *body,
			    const char *name)
{
	const struct wq_tokens *tokens = body->tokens;
	unsigned int i = body->open;

	while (i && !wq_token_is(tokens, i, body->name))
		i--;
	for (; i + 3 < body->close; i++)
		if (wq_token_is(tokens, i, "struct") &&
		    wq_token_is(tokens, i + 2, "*") &&
		    wq_token_is(tokens, i + 3, name))
			return wq_token_text(fix->fixer->arena, tokens, i + 1);
	return NULL;
}

unsigned int wq_array_body_end(const struct wq_tokens *tokens,
			       unsigned int close)
{
	unsigned int i = close + 1;

	if (wq_token_is(tokens, i, "{"))
		return wq_token_closing(tokens, i, true);
	for (; i < tokens->count && !wq_token_is(tokens, i, ";"); i++)
		if (wq_token_is(tokens, i, "{") || wq_token_is(tokens, i, "}"))
			return WQ_NO_TOKEN;
	return i < tokens->count ? i : WQ_NO_TOKEN;
}

/* The only call that binds the item of @work, or NULL. */
static const struct wq_event *only_init(struct wq_fix *fix,
					const struct wq_work *work)
{
	const struct wq_event *found = NULL, *event;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		event = work->uses[i]->event;
		if (event->kind != WQ_EVENT_INIT_WORK || event == found)
			continue;
		if (found || !event->function || !event->callee) {
			wq_fix_refuse(fix, "%s is an element of an array, and is bound in several places",
				      work->item->name);
			return NULL;
		}
		found = event;
	}
	if (!found)
		wq_fix_refuse(fix, "%s is an element of an array, and where it is bound is not seen",
			      work->item->name);
	else if (work->nr_uses && !index_of(found->work))
		wq_fix_refuse(fix, "%s:%u: %s is an element of an array, and no loop binds each of them",
			      found->where.file, found->where.line,
			      work->item->name);
	else
		return found;
	return NULL;
}

static bool has_no_loop(struct wq_fix *fix, const struct wq_array *array)
{
	return wq_fix_refuse(fix, "%s:%u: the item is an element of an array, and no plain loop binds each of them",
			     array->body.text->name,
			     array->body.tokens->list[array->item].line);
}

/* The loop whose body @array's item is in, under no condition in it. */
static bool find_loop(struct wq_fix *fix, struct wq_array *array)
{
	const struct wq_tokens *tokens = array->body.tokens;
	unsigned int close = array->item - 1, open, nesting = 0;
	unsigned int depth = tokens->list[array->item].depth;

	if (!wq_token_is(tokens, close, ")")) {
		while (close > array->body.open &&
		       !(wq_token_is(tokens, close, "{") &&
			 tokens->list[close].depth + 1 == depth))
			close--;
		/* One that ends with ")" before it depends on a condition. */
		if (wq_token_is(tokens, array->item - 1, "else"))
			return has_no_loop(fix, array);
		close--;
	}
	for (open = close; open > array->body.open; open--)
		if (wq_token_is(tokens, open, ")"))
			nesting++;
		else if (wq_token_is(tokens, open, "(") && !--nesting)
			break;
	if (!wq_token_is(tokens, close, ")") ||
	    !wq_token_is(tokens, open - 1, "for"))
		return has_no_loop(fix, array);
	array->loop = open - 1;
	array->end = wq_array_body_end(tokens, close);
	if (array->end == WQ_NO_TOKEN || array->end < array->item)
		return has_no_loop(fix, array);
	return true;
}

/* "i = 0; i < BOUND; i++" between the brackets; BOUND is [*from, *to). */
static bool read_head(struct wq_fix *fix, struct wq_array *array,
		      unsigned int *from, unsigned int *to)
{
	const struct wq_tokens *tokens = array->body.tokens;
	unsigned int open = array->loop + 1, step, close;

	array->index = wq_token_text(fix->fixer->arena, tokens, open + 1);
	close = wq_token_closing(tokens, open, false);
	if (close == WQ_NO_TOKEN ||
	    !wq_token_is_a(tokens, open + 1, WQ_TOKEN_NAME) ||
	    !wq_token_is(tokens, open + 2, "=") ||
	    !wq_token_is(tokens, open + 3, "0") ||
	    !wq_token_is(tokens, open + 4, ";") ||
	    !wq_token_is(tokens, open + 5, array->index) ||
	    !wq_token_is(tokens, open + 6, "<"))
		return wq_fix_refuse(fix, "%s:%u: the loop that binds the items does not count from 0 to less than a bound",
				     array->body.text->name,
				     tokens->list[array->loop].line);
	*from = *to = open + 7;
	while (*to < close && !wq_token_is(tokens, *to, ";"))
		++*to;
	step = *to + 1;
	if (close == step + 3 &&
	    ((wq_token_is(tokens, step, array->index) &&
	      wq_token_is(tokens, step + 1, "+") &&
	      wq_token_is(tokens, step + 2, "+")) ||
	     (wq_token_is(tokens, step, "+") &&
	      wq_token_is(tokens, step + 1, "+") &&
	      wq_token_is(tokens, step + 2, array->index))))
		return true;
	return wq_fix_refuse(fix, "%s:%u: the loop that binds the items does not go on by 1",
			     array->body.text->name,
			     tokens->list[array->loop].line);
}

/* The type of the index, which the function declares. */
static bool read_type(struct wq_fix *fix, struct wq_array *array)
{
	const struct wq_tokens *tokens = array->body.tokens;
	unsigned int i, start = array->body.open;

	for (i = array->body.open + 1; i < array->loop; i++) {
		if (wq_token_is(tokens, i - 1, ";") ||
		    wq_token_is(tokens, i - 1, "{"))
			start = i;
		if (!wq_token_is(tokens, i, array->index) ||
		    wq_token_is(tokens, i - 1, "*") ||
		    wq_token_is(tokens, i - 1, "."))
			continue;
		array->type = wq_token_is(tokens, start, "int") ? "int" :
			wq_token_is(tokens, start, "unsigned") ||
			wq_token_is(tokens, start, "u32") ||
			wq_token_is(tokens, start, "size_t")
			? "unsigned int" : NULL;
		if (array->type)
			return true;
		break;
	}
	return wq_fix_refuse(fix, "%s:%u: the index %s of the loop is no local int",
			     array->body.text->name,
			     tokens->list[array->loop].line, array->index);
}

/*
 * The tokens between @from and @to as "ROOT PATH [ index ] REST"; the address
 * of it when @rest follows it.
 */
static bool read_path(struct wq_fix *fix, struct wq_array *array,
		      unsigned int from, unsigned int to, const char *rest)
{
	const struct wq_tokens *tokens = array->body.tokens;
	struct wq_arena *arena = fix->fixer->arena;
	unsigned int open = from + 1;

	while (open < to && !wq_token_is(tokens, open, "[") &&
	       !wq_token_is(tokens, open, "+"))
		open++;
	if (!wq_token_is_a(tokens, from, WQ_TOKEN_NAME) || open + 1 >= to ||
	    !wq_token_is(tokens, open + 1, array->index))
		return has_no_loop(fix, array);
	array->root = wq_token_text(arena, tokens, from);
	array->path = wq_array_text(arena, tokens, from + 1, open);
	if (wq_token_is(tokens, open, "["))
		array->rest = wq_arena_printf(arena, "%s%s",
			wq_array_text(arena, tokens, open + 3, to), rest);
	else
		array->rest = rest;
	if (wq_token_is(tokens, open, "[") ? !wq_token_is(tokens, open + 2, "]")
					   : !*rest || open + 2 != to)
		return has_no_loop(fix, array);
	if (strstr(array->rest, "->"))
		return wq_fix_refuse(fix, "the elements of %s%s are pointers, and some may be NULL",
				     array->root, array->path);
	if (strpbrk(array->rest, "[(+") || strpbrk(array->path, "[(+"))
		return has_no_loop(fix, array);
	return true;
}

/* "port = &foo->ports[i];" in the loop, and "&port->work". */
static bool read_pointer(struct wq_fix *fix, struct wq_array *array,
			 unsigned int from, unsigned int to)
{
	const struct wq_tokens *tokens = array->body.tokens;
	struct wq_arena *arena = fix->fixer->arena;
	const char *name = wq_token_text(arena, tokens, from), *rest;
	unsigned int i, set = WQ_NO_TOKEN, end, nr_set = 0;

	for (i = array->loop; i < array->end; i++)
		if (wq_token_is(tokens, i, name) &&
		    !wq_token_is(tokens, i - 1, "->") &&
		    !wq_token_is(tokens, i - 1, ".") &&
		    wq_token_is(tokens, i + 1, "=") &&
		    !wq_token_is(tokens, i + 2, "=")) {
			set = i + 2;
			nr_set++;
		}
	if (nr_set != 1 || set > array->item ||
	    tokens->list[set].depth != tokens->list[array->item].depth)
		return has_no_loop(fix, array);
	for (end = set; end < array->item && !wq_token_is(tokens, end, ";");
	     end++)
		;
	rest = wq_arena_printf(arena, ".%s",
			       wq_array_text(arena, tokens, from + 2, to));
	/* &foo->ports[i], or foo->ports + i */
	if (wq_token_is(tokens, set, "&"))
		set++;
	else if (wq_token_is(tokens, end - 1, "]"))
		return wq_fix_refuse(fix, "the elements of %s are pointers, and some may be NULL",
				     wq_array_text(arena, tokens, set, end - 3));
	return read_path(fix, array, set, end, rest);
}

/* The address that is given to the call of @array's item. */
static bool read_item(struct wq_fix *fix, struct wq_array *array)
{
	const struct wq_tokens *tokens = array->body.tokens;
	unsigned int from = array->item + 2, to = from;

	while (to < array->end && !wq_token_is(tokens, to, ","))
		to++;
	if (wq_token_is(tokens, from + 2, "->") &&
	    wq_token_is(tokens, from, "&")) {
		unsigned int i;

		for (i = from; i < to && !wq_token_is(tokens, i, "["); i++)
			;
		if (i == to)
			return read_pointer(fix, array, from + 1, to);
	}
	if (!wq_token_is(tokens, from, "&"))
		return has_no_loop(fix, array);
	return read_path(fix, array, from + 1, to, "");
}

/* What the root is: a pointer to a struct, or something at file scope. */
static bool read_root(struct wq_fix *fix, struct wq_array *array,
		      const struct wq_event *init)
{
	const struct wq_expr *expr = index_of(init->work);

	array->is_pointer = expr->base->kind == WQ_EXPR_LOAD;
	array->owner = wq_array_tag_of(fix, &array->body, array->root);
	if (array->owner && !strncmp(array->path, "->", 2) &&
	    !strstr(array->path + 2, "->"))
		return true;
	for (expr = expr->base; expr && (expr->kind == WQ_EXPR_FIELD ||
					 expr->kind == WQ_EXPR_LOAD);
	     expr = expr->base)
		;
	if (!array->owner && expr && expr->kind == WQ_EXPR_GLOBAL &&
	    expr->is_static && !strstr(array->path, "->") &&
	    !strcmp(expr->name, array->root))
		return true;
	return wq_fix_refuse(fix, "%s:%u: the array %s%s is neither at file scope nor a member of an object at hand",
			     array->body.text->name,
			     array->body.tokens->list[array->loop].line,
			     array->root, array->path);
}

static bool is_upper_case(const char *name)
{
	return !name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")];
}

enum meaning { NOTHING, CONSTANT, OTHER };

/* What the #define that token @number is makes of @name. */
static enum meaning macro_at(const struct wq_tokens *tokens,
			     unsigned int number, const char *name)
{
	const char *line = tokens->text + tokens->list[number].offset;
	size_t bytes = strlen(name);

	line += strcspn(line, "e") + strlen("efine");
	line += strspn(line, "\t ");
	if (strncmp(line, name, bytes) || !strchr("\t (", line[bytes]))
		return NOTHING;
	/* What it stands for may be a variable after all. */
	line += bytes;
	return strcspn(line, "abcdefghijklmnopqrstuvwxyz>") <
	       strcspn(line, "/\n") ? OTHER : CONSTANT;
}

/* What @tokens make of @name: a macro or an enumerator is a constant. */
static enum meaning meaning_in(const struct wq_tokens *tokens,
			       const char *name)
{
	enum meaning meaning;
	bool in_enum = false;
	unsigned int i;

	for (i = 0; i < tokens->count; i++) {
		if (wq_token_is_directive(tokens, i, "undef") &&
		    memmem(tokens->text + tokens->list[i].offset,
			   tokens->list[i].bytes, name, strlen(name)))
			return OTHER;
		meaning = wq_token_is_directive(tokens, i, "define")
			? macro_at(tokens, i, name) : NOTHING;
		if (meaning != NOTHING)
			return meaning;
		if (wq_token_is(tokens, i, "enum"))
			in_enum = true;
		else if (wq_token_is(tokens, i, ";"))
			in_enum = false;
		else if (in_enum && wq_token_is(tokens, i, name) &&
			 wq_token_is_one_of(tokens, i - 1, "{,") &&
			 wq_token_is_one_of(tokens, i + 1, "=,}"))
			return CONSTANT;
	}
	return NOTHING;
}

/* Is @name a macro or an enumerator, not a variable? */
static bool is_constant(struct wq_fix *fix, const struct wq_array *array,
			const char *name)
{
	struct wq_headers headers = { .count = 0 };
	enum meaning meaning = meaning_in(array->body.tokens, name);
	unsigned int i;

	wq_fix_headers(fix, array->body.text, &headers, WQ_MAX_NESTING);
	for (i = 0; meaning == NOTHING && i < headers.count; i++)
		meaning = meaning_in(headers.list[i]->tokens, name);
	return meaning == CONSTANT ||
	       (meaning == NOTHING && is_upper_case(name));
}

/* Are the tokens "foo->nr" or "foo->conf.nr", of the object of the array? */
static bool is_member(const struct wq_array *array, unsigned int from,
		      unsigned int to)
{
	const struct wq_tokens *tokens = array->body.tokens;

	if (!array->owner || !wq_token_is(tokens, from, array->root) ||
	    !wq_token_is(tokens, from + 1, "->"))
		return false;
	for (from += 2; from + 1 < to; from += 2)
		if (!wq_token_is_a(tokens, from, WQ_TOKEN_NAME) ||
		    !wq_token_is(tokens, from + 1, "."))
			return false;
	return from + 1 == to && wq_token_is_a(tokens, from, WQ_TOKEN_NAME);
}

static bool read_bound(struct wq_fix *fix, struct wq_array *array,
		       unsigned int from, unsigned int to)
{
	const struct wq_tokens *tokens = array->body.tokens;
	struct wq_arena *arena = fix->fixer->arena;
	const char *text = wq_array_text(arena, tokens, from, to);

	array->bound = text;
	if (to == from + 1 && wq_token_is_a(tokens, from, WQ_TOKEN_NUMBER)) {
		array->bound_kind = WQ_BOUND_NUMBER;
		return true;
	}
	if (to == from + 1 && wq_token_is_a(tokens, from, WQ_TOKEN_NAME) &&
	    is_constant(fix, array, text)) {
		array->bound_kind = WQ_BOUND_CONSTANT;
		return true;
	}
	if (!array->is_pointer &&
	    !strcmp(text, wq_arena_printf(arena, "ARRAY_SIZE(%s%s)",
					  array->root, array->path))) {
		array->bound_kind = WQ_BOUND_SIZE;
		return true;
	}
	if (is_member(array, from, to)) {
		array->bound = text + strlen(array->root);
		array->bound_kind = WQ_BOUND_MEMBER;
		return true;
	}
	return wq_fix_refuse(fix, "%s:%u: the bound %s of the loop that binds the items is no constant and no member of what %s is in",
			     array->body.text->name,
			     tokens->list[array->loop].line, text, array->path);
}

bool wq_array_find(struct wq_fix *fix, const struct wq_work *work,
		   struct wq_array *array)
{
	const struct wq_event *init = only_init(fix, work);
	unsigned int from = 0, to = 0;
	struct wq_text *text;

	memset(array, 0, sizeof(*array));
	if (!init)
		return false;
	array->function = init->function;
	if (!wq_fix_body(fix, init->function, &array->body))
		return false;
	text = wq_fix_call(fix, init->where, init->callee, &array->item);
	if (!text)
		return false;
	if (text != array->body.text || array->item <= array->body.open ||
	    array->item >= array->body.close)
		return has_no_loop(fix, array);
	return find_loop(fix, array) && read_head(fix, array, &from, &to) &&
	       read_type(fix, array) && read_item(fix, array) &&
	       read_root(fix, array, init) &&
	       read_bound(fix, array, from, to) &&
	       wq_array_is_complete(fix, array);
}
