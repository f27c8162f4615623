/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An own queue as a member of the struct that a device of the driver is:
 * allocated directly after its memory, destroyed before that is freed, and
 * named where an item is queued by the object that is at hand there. What is
 * not as clear as that is for a queue of the whole module.
 */
#include <string.h>

#include "fix-own-queue.h"
#include "fix-place.h"
#include "resolve.h"

#define MEMBER	"wq"

struct member {
	struct wq_conversion *conversion;
	struct wq_fix *fix;
	const char *type;		/* tag of the struct */
	const char *object;		/* its name where the flush is */
	struct wq_text *text;		/* that defines it */
	unsigned int open;		/* the brace of its definition */
	const struct wq_event *alloc;
	const char *release;		/* "kfree" */
};

/* The brace of the only "struct @type {" in @text, or WQ_NO_TOKEN. */
static unsigned int find_struct(const struct wq_text *text, const char *type)
{
	const struct wq_tokens *tokens = text->tokens;
	unsigned int i, found = WQ_NO_TOKEN;

	for (i = 0; i + 2 < tokens->count; i++) {
		if (tokens->list[i].depth || !wq_token_is(tokens, i, "struct") ||
		    !wq_token_is(tokens, i + 1, type) ||
		    !wq_token_is(tokens, i + 2, "{"))
			continue;
		if (found != WQ_NO_TOKEN || tokens->list[i].branch)
			return WQ_NO_TOKEN;
		found = i + 2;
	}
	return found;
}

/* The only member "struct TYPE *name;" of the struct at @open, or NULL. */
static const char *pointer_member(struct wq_fix *fix,
				  const struct wq_tokens *tokens,
				  unsigned int open, const char *type)
{
	unsigned int close = wq_token_closing(tokens, open, true), i;
	const char *found = NULL;

	for (i = open; i + 4 < close; i++) {
		if (!wq_token_is(tokens, i, "struct") ||
		    !wq_token_is(tokens, i + 1, type) ||
		    !wq_token_is(tokens, i + 2, "*") ||
		    !wq_token_is(tokens, i + 4, ";"))
			continue;
		if (found || tokens->list[i].branch ||
		    tokens->list[i].depth != tokens->list[open].depth + 1)
			return NULL;
		found = wq_token_text(fix->fixer->arena, tokens, i + 3);
	}
	return found;
}

/* The tag in "struct TAG *@name" in @body or its parameters, or NULL. */
static const char *type_of(struct wq_fix *fix, const struct wq_body *body,
			   const char *name)
{
	const struct wq_tokens *tokens = body->tokens;
	unsigned int i, start = body->open;
	const char *found = NULL;

	while (start && !wq_token_is(tokens, start, body->name))
		start--;
	for (i = start; i + 3 < body->close; i++) {
		if (!wq_token_is(tokens, i, "struct") ||
		    !wq_token_is(tokens, i + 2, "*") ||
		    !wq_token_is(tokens, i + 3, name))
			continue;
		if (found)
			return NULL;
		found = wq_token_text(fix->fixer->arena, tokens, i + 1);
	}
	return found;
}

/* "&foo->work" at @argument: the name "foo", or NULL. */
static const char *container_at(struct wq_fix *fix,
				const struct wq_tokens *tokens,
				unsigned int argument)
{
	if (argument == WQ_NO_TOKEN || !wq_token_is(tokens, argument, "&") ||
	    !wq_token_is_a(tokens, argument + 1, WQ_TOKEN_NAME) ||
	    !wq_token_is(tokens, argument + 2, "->"))
		return NULL;
	return wq_token_text(fix->fixer->arena, tokens, argument + 1);
}

/* The queue where @event queues an item, "foo->wq", or NULL. */
static const char *queue_at(const struct member *member,
			    const struct wq_event *event)
{
	struct wq_fix *fix = member->fix;
	const char *container, *type, *pointer;
	unsigned int token, open;
	struct wq_text *text;
	struct wq_body body;

	if (!event->callee || strncmp(event->callee, "schedule_", 9))
		return NULL;
	text = wq_fix_call(fix, event->where, event->callee, &token);
	if (!text || !wq_fix_body(fix, event->function, &body) ||
	    body.text != text)
		return NULL;
	container = container_at(fix, text->tokens,
		wq_fix_argument(text->tokens, token,
				strstr(event->callee, "_on") != NULL));
	type = container ? type_of(fix, &body, container) : NULL;
	if (type && !strcmp(type, member->type))
		return wq_arena_printf(fix->fixer->arena, "%s->" MEMBER,
				       container);
	open = type ? find_struct(member->text, type) : WQ_NO_TOKEN;
	pointer = open == WQ_NO_TOKEN ? NULL
		: pointer_member(fix, member->text->tokens, open, member->type);
	return pointer ? wq_arena_printf(fix->fixer->arena, "%s->%s->" MEMBER,
					 container, pointer) : NULL;
}

/* Everything on the queue, and its flush, on that of the object. */
static bool convert_uses(struct member *member)
{
	struct wq_conversion *conversion = member->conversion;
	const char *queue;
	unsigned int i;

	for (i = 0; i < conversion->program->nr_uses; i++) {
		const struct wq_use *use = &conversion->program->uses[i];
		bool flushes = wq_conversion_flushes(conversion, use);

		if ((!flushes && !wq_conversion_queues(conversion, use)) ||
		    wq_conversion_saw(conversion, i))
			continue;
		if (flushes && use != conversion->flush)
			return wq_fix_refuse(member->fix, "there are several flushes");
		if (flushes && !wq_conversion_can_wait(conversion, use->event))
			return false;
		queue = flushes
			? wq_arena_printf(member->fix->fixer->arena,
					  "%s->" MEMBER, member->object)
			: queue_at(member, use->event);
		if (!queue)
			return wq_fix_refuse(member->fix, "%s:%u: the object is not at hand",
					     use->event->where.file,
					     use->event->where.line);
		if (!wq_fix_queueing(member->fix, use->event, conversion->name,
				     queue))
			return false;
		conversion->nr_calls += !flushes;
	}
	return true;
}

/* Is there a kernel-doc comment directly before token @number? */
static bool is_documented(const struct wq_tokens *tokens, unsigned int number)
{
	size_t end = tokens->list[number].offset;
	size_t start = number ? tokens->list[number - 1].offset +
				tokens->list[number - 1].bytes : 0;

	return memmem(tokens->text + start, end - start, "/**", 3);
}

/* Step 1: below the last work item, else at the end. */
static bool declare_member(struct member *member)
{
	const struct wq_tokens *tokens = member->text->tokens;
	unsigned int close = wq_token_closing(tokens, member->open, true), i;
	unsigned int after = close - 1;

	for (i = member->open + 1; i < close; i++) {
		if (wq_token_is(tokens, i, MEMBER))
			return wq_fix_refuse(member->fix, "struct %s has a member " MEMBER,
					     member->type);
		if ((wq_token_is(tokens, i, "work_struct") ||
		     wq_token_is(tokens, i, "delayed_work")) &&
		    wq_token_is(tokens, i + 2, ";") &&
		    tokens->list[i].depth == tokens->list[close].depth + 1)
			after = i + 2;
	}
	if (is_documented(tokens, member->open - 2))
		return wq_fix_refuse(member->fix, "struct %s has a comment for kernel-doc, which lists its members",
				     member->type);
	if (!wq_token_is(tokens, close + 1, ";") ||
	    tokens->list[after].branch)
		return wq_fix_refuse(member->fix, "struct %s is laid out by hand",
				     member->type);
	wq_edits_add(&member->fix->edits, member->text,
		     wq_line_end(tokens, tokens->list[after].offset), 0,
		     "\tstruct workqueue_struct *" MEMBER ";\n");
	return true;
}

/* "if (!foo)" or "if (foo == NULL)" at @token; what follows it, or 0. */
static unsigned int after_null_test(const struct wq_tokens *tokens,
				    unsigned int token, const char *object)
{
	if (!wq_token_is(tokens, token, "if") ||
	    !wq_token_is(tokens, token + 1, "("))
		return 0;
	if (wq_token_is(tokens, token + 2, "!") &&
	    wq_token_is(tokens, token + 3, object) &&
	    wq_token_is(tokens, token + 4, ")"))
		return token + 5;
	if (wq_token_is(tokens, token + 2, object) &&
	    wq_token_is(tokens, token + 3, "=") &&
	    wq_token_is(tokens, token + 4, "=") &&
	    wq_token_is(tokens, token + 5, "NULL") &&
	    wq_token_is(tokens, token + 6, ")"))
		return token + 7;
	return 0;
}

/* The lines of the statements from @from to @to, less than a block. */
static const char *lines_of(struct wq_fix *fix, const struct wq_tokens *tokens,
			    unsigned int from, unsigned int to)
{
	size_t start = wq_line_start(tokens, tokens->list[from].offset);
	size_t end = wq_line_end(tokens, tokens->list[to].offset);

	return wq_arena_printf(fix->fixer->arena, "%.*s", (int)(end - start),
			       tokens->text + start);
}

/* "foo = kzalloc(...); if (!foo) ..." as it is written. */
struct birth {
	struct wq_body body;
	const char *object;
	unsigned int first, last;	/* tokens of what a failure does */
	unsigned int end;		/* of the test */
};

/* The variable that the call at @token sets in a statement of its own. */
static const char *variable_of(struct member *member, const struct wq_body *body,
			       unsigned int token)
{
	const struct wq_tokens *tokens = body->tokens;
	unsigned int close = wq_token_closing(tokens, token + 1, false);

	if (wq_token_is(tokens, token - 1, "=") &&
	    wq_token_is_a(tokens, token - 2, WQ_TOKEN_NAME) &&
	    (wq_token_is(tokens, token - 3, ";") ||
	     wq_token_is(tokens, token - 3, "{") ||
	     wq_token_is(tokens, token - 3, "}")) &&
	    wq_token_is(tokens, close + 1, ";") &&
	    tokens->list[token].depth == tokens->list[body->open].depth + 1)
		return wq_token_text(member->fix->fixer->arena, tokens,
				     token - 2);
	wq_fix_refuse(member->fix, "%s() does not keep the object in a variable",
		      body->name);
	return NULL;
}

static bool find_birth(struct member *member, struct birth *birth)
{
	struct wq_body *body = &birth->body;
	const struct wq_tokens *tokens;
	unsigned int token, test;

	if (!wq_fix_body(member->fix, member->alloc->function, body) ||
	    !wq_fix_call(member->fix, member->alloc->where,
			 member->alloc->callee, &token))
		return false;
	tokens = body->tokens;
	birth->object = variable_of(member, body, token);
	if (!birth->object)
		return false;
	test = wq_token_closing(tokens, token + 1, false) + 2;
	birth->first = after_null_test(tokens, test, birth->object);
	if (birth->first && wq_token_is(tokens, birth->first, "{")) {
		birth->end = wq_token_closing(tokens, birth->first, false);
		birth->first++;
		birth->last = birth->end - 1;
	} else if (birth->first) {
		for (birth->end = birth->first;
		     birth->end < body->close &&
		     !wq_token_is(tokens, birth->end, ";"); birth->end++)
			;
		birth->last = birth->end;
	}
	return (birth->first && birth->end < body->close &&
		!tokens->list[test].branch &&
		tokens->list[birth->first].line != tokens->list[test].line) ||
	       wq_fix_refuse(member->fix, "%s() does not test the object in plain text",
			     body->name);
}

/*
 * Steps 2 and 3 where the object is allocated. When there is no queue, the
 * function does what it does when there is no object, with the object freed.
 */
static bool allocate_member(struct member *member)
{
	struct wq_arena *arena = member->fix->fixer->arena;
	const struct wq_tokens *tokens;
	const char *object, *forget;
	struct birth birth;

	if (!find_birth(member, &birth))
		return false;
	tokens = birth.body.tokens;
	object = birth.object;
	/* What returns forgets a local variable. */
	forget = wq_token_is(tokens, birth.first, "return") &&
		 !wq_token_is(tokens, birth.first + 1, object) &&
		 type_of(member->fix, &birth.body, object)
		? "" : wq_arena_printf(arena, "\t\t%s = NULL;\n", object);
	wq_edits_add(&member->fix->edits, birth.body.text,
		     wq_line_end(tokens, tokens->list[birth.end].offset), 0,
		     wq_arena_printf(arena,
			"\n\t%s->" MEMBER " = alloc_workqueue(\"%s\", %s, 0);\n"
			"\tif (!%s->" MEMBER ") {\n"
			"\t\t%s(%s);\n"
			"%s%s\t}\n", object, member->conversion->queue.module,
			member->conversion->queue.flags, object,
			member->release, object, forget,
			lines_of(member->fix, tokens, birth.first,
				 birth.last)));
	return true;
}

/* May the queue be destroyed where @event frees the object? */
static bool may_destroy_at(struct member *member, const struct wq_event *event)
{
	const struct wq_program *program = member->fix->fixer->program;
	const char *objection;
	unsigned int i, j;

	if (event->function == member->alloc->function)
		return true;
	if (!wq_function_tears_down(program, event->function, NULL))
		return wq_fix_refuse(member->fix, "%s() is not seen to be teardown",
				     event->function->name);
	for (i = 0; i < program->nr_works; i++) {
		const struct wq_work *work = &program->works[i];
		bool converted = false;

		for (j = 0; j < work->nr_uses; j++)
			converted |= wq_conversion_queues(member->conversion,
							  work->uses[j]);
		objection = converted ? wq_place_objection(program, work,
							   event) : NULL;
		if (objection)
			return wq_fix_refuse(member->fix, "%s", objection);
	}
	return true;
}

/* "kfree(foo);" gets the end of the queue before it. */
static bool destroy_member(struct member *member, const struct wq_event *event)
{
	struct wq_fix *fix = member->fix;
	const struct wq_tokens *tokens;
	struct wq_text *text;
	const char *object;
	unsigned int token;
	size_t start;

	if (!event->callee || strcmp(event->callee, member->release) ||
	    !may_destroy_at(member, event))
		return wq_fix_refuse(fix, "the object is freed in another way");
	text = wq_fix_call(fix, event->where, event->callee, &token);
	if (!text)
		return false;
	tokens = text->tokens;
	if (!wq_token_is_a(tokens, token + 2, WQ_TOKEN_NAME) ||
	    !wq_token_is(tokens, token + 3, ")") ||
	    !wq_token_is(tokens, token + 4, ";"))
		return wq_fix_refuse(fix, "what is freed has no plain name");
	object = wq_token_text(fix->fixer->arena, tokens, token + 2);
	if (event->function != member->alloc->function)
		token = wq_fix_place(fix, event->function, text, token, object);
	if (token == WQ_NO_TOKEN)
		return false;
	start = wq_line_start(tokens, tokens->list[token].offset);
	if (!(wq_token_is(tokens, token - 1, ";") ||
	      wq_token_is(tokens, token - 1, "{") ||
	      wq_token_is(tokens, token - 1, "}") ||
	      wq_token_is(tokens, token - 1, ":")))
		return wq_fix_refuse(fix, "the object is freed under a condition");
	wq_edits_add(&fix->edits, text, start, 0,
		     wq_arena_printf(fix->fixer->arena,
				     "%.*sdestroy_workqueue(%s->" MEMBER ");\n",
				     (int)(tokens->list[token].offset - start),
				     tokens->text + start, object));
	return true;
}

/* Where the object begins and ends: one allocation, and every free. */
static bool follow_life(struct member *member)
{
	const struct wq_program *program = member->fix->fixer->program;
	const struct wq_event *const *events;
	unsigned int i, count, nr_frees = 0;

	events = wq_program_events(program, WQ_EVENT_ALLOC, &count);
	for (i = 0; i < count; i++) {
		if (!events[i]->type || strcmp(events[i]->type, member->type))
			continue;
		if (member->alloc)
			return wq_fix_refuse(member->fix, "struct %s is allocated in several places",
					     member->type);
		member->alloc = events[i];
	}
	if (!member->alloc || !member->alloc->callee ||
	    !member->alloc->function || member->alloc->managed ||
	    strncmp(member->alloc->callee, "k", 1))
		return wq_fix_refuse(member->fix, "struct %s is not seen to be allocated",
				     member->type);
	member->release = "kfree";
	if (!allocate_member(member))
		return false;
	events = wq_program_events(program, WQ_EVENT_FREE, &count);
	for (i = 0; i < count; i++) {
		if (!events[i]->type || strcmp(events[i]->type, member->type))
			continue;
		if (!events[i]->function || !destroy_member(member, events[i]))
			return false;
		nr_frees++;
	}
	return nr_frees || wq_fix_refuse(member->fix, "struct %s is not seen to be freed",
					 member->type);
}

/* The one struct of the driver's that is at hand where the flush is. */
static bool find_object(struct member *member)
{
	const struct wq_event *flush = member->conversion->flush->event;
	unsigned int i;

	member->text = wq_fix_text(member->fix, flush->where.file);
	member->open = WQ_NO_TOKEN;
	for (i = 0; member->text && i < flush->nr_variables; i++) {
		unsigned int open = find_struct(member->text,
						flush->variables[i].type);

		if (open == WQ_NO_TOKEN)
			continue;
		if (member->open != WQ_NO_TOKEN)
			return wq_fix_refuse(member->fix, "several objects are at hand");
		member->open = open;
		member->type = flush->variables[i].type;
		member->object = flush->variables[i].name;
	}
	return member->open != WQ_NO_TOKEN ||
	       wq_fix_refuse(member->fix, "no object is at hand");
}

static void describe(struct member *member)
{
	struct wq_conversion *conversion = member->conversion;
	struct wq_fix *fix = member->fix;

	fix->subject = wq_arena_printf(fix->fixer->arena,
				       "Use an own workqueue instead of %s",
				       conversion->name);
	fix->text = wq_arena_printf(fix->fixer->arena,
		"Give struct %s a workqueue with the flags that %s has, queue "
		"there what this module queued on %s (%u call%s), and let %s() "
		"flush that. It is allocated with the object in %s(), and "
		"destroyed before that is freed.", member->type,
		conversion->name, conversion->name, conversion->nr_calls,
		conversion->nr_calls == 1 ? "" : "s",
		conversion->flush->event->function->name,
		member->alloc->function->name);
}

bool wq_fix_member_queue(struct wq_conversion *conversion)
{
	struct member member = {
		.conversion = conversion, .fix = conversion->fix,
	};
	unsigned int nr_edits = conversion->fix->edits.count;

	if (find_object(&member) && follow_life(&member) &&
	    convert_uses(&member) && wq_conversion_sees_all(conversion) &&
	    declare_member(&member)) {
		describe(&member);
		return true;
	}
	conversion->fix->edits.count = nr_edits;
	conversion->nr_calls = 0;
	return wq_fix_refuse(conversion->fix, "no object of the driver is clear enough for a queue");
}
