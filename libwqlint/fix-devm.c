/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A work item that devres cancels: devm_work_autocancel() in place of
 * INIT_WORK(). That is the fix where a driver has no remove function, and
 * where an interrupt that is freed by devres queues the item: the item is
 * bound before the interrupt is requested, so that it is cancelled after the
 * interrupt is freed.
 */
#include <string.h>

#include "fix-call.h"
#include "resolve.h"

#define HEADER "linux/devm-helpers.h"

static const struct {
	const char *plain, *managed;
} calls[] = {
	{ "INIT_WORK", "devm_work_autocancel" },
	{ "INIT_DELAYED_WORK", "devm_delayed_work_autocancel" },
};

/* The only place that binds @work, or NULL. */
static const struct wq_event *only_init(const struct wq_work *work)
{
	const struct wq_event *found = NULL;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->kind != WQ_EVENT_INIT_WORK || event == found)
			continue;
		if (found)
			return NULL;
		found = event;
	}
	return found && found->function ? found : NULL;
}

/* Does a call of @name get something that devres does not give back? */
static bool acquires(const char *name)
{
	static const char *const words[] = {
		"add", "alloc", "create", "enable", "get", "init", "kmalloc",
		"kzalloc", "on", "open", "probe", "register", "request", "up",
	};
	/* Only names for what is there already. */
	static const char *const harmless[] = {
		"devm_", "dev_get_", "device_get_match", "of_device_get_match",
		"of_get_", "of_match",
		"i2c_get_", "mutex_init", "platform_get_", "spi_get_",
		"spin_lock_init", "init_completion", "init_waitqueue_head",
		"device_property_", "to_",
	};
	size_t i;

	for (i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (!strncmp(name, harmless[i], strlen(harmless[i])))
			return false;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (wq_name_has_word(name, words[i]))
			return true;
	return false;
}

/* May the function return at @token with nothing but the error number? */
static bool may_return_at(struct wq_fix *fix, const struct wq_body *body,
			  unsigned int token)
{
	const struct wq_tokens *tokens = body->tokens;
	unsigned int i;

	for (i = body->open + 1; i < token; i++) {
		if (wq_token_is(tokens, i, "goto"))
			return wq_fix_refuse(fix, "%s() has something to undo where the item is bound",
					     body->name);
		if (wq_token_is_a(tokens, i, WQ_TOKEN_NAME) &&
		    wq_token_is(tokens, i + 1, "(") &&
		    acquires(wq_token_text(fix->fixer->arena, tokens, i)))
			return wq_fix_refuse(fix, "%s:%u: %s() may get something that would have to be undone when the item cannot be bound",
					     body->text->name,
					     tokens->list[i].line,
					     wq_token_text(fix->fixer->arena,
							   tokens, i));
	}
	return true;
}

/* The text of argument @number of the call at @token, in one line; or NULL. */
static const char *argument_text(struct wq_fix *fix,
				 const struct wq_tokens *tokens,
				 unsigned int token, unsigned int number)
{
	unsigned int close = wq_token_closing(tokens, token + 1, true), last;
	unsigned int first = wq_fix_argument(tokens, token, number);
	unsigned int next = wq_fix_argument(tokens, token, number + 1);
	size_t start, end;

	if (first == WQ_NO_TOKEN || close == WQ_NO_TOKEN || first >= close)
		return NULL;
	last = next == WQ_NO_TOKEN ? close - 1 : next - 2;
	start = tokens->list[first].offset;
	end = tokens->list[last].offset + tokens->list[last].bytes;
	if (memchr(tokens->text + start, '\n', end - start))
		return NULL;
	return wq_arena_printf(fix->fixer->arena, "%.*s", (int)(end - start),
			       tokens->text + start);
}

/* The device in "devm_kzalloc(&pdev->dev, ...)". */
static const char *device_of(struct wq_fix *fix, const struct wq_body *body,
			     const struct wq_event *alloc)
{
	unsigned int token;

	if (!alloc->callee || strncmp(alloc->callee, "devm_k", 6) ||
	    !wq_fix_call(fix, alloc->where, alloc->callee, &token))
		return NULL;
	return argument_text(fix, body->tokens, token, 0);
}

/* "#include <linux/devm-helpers.h>", in its order where there is one. */
static bool include_helpers(struct wq_fix *fix, struct wq_text *text)
{
	const char *line = "#include <" HEADER ">";
	const struct wq_tokens *tokens = text->tokens;
	unsigned int i, last = WQ_NO_TOKEN;

	for (i = 0; i < tokens->count && !wq_token_is(tokens, i, "{"); i++) {
		const struct wq_token *token = &tokens->list[i];

		if (!wq_token_is_directive(tokens, i, "include") ||
		    token->branch ||
		    strncmp(tokens->text + token->offset, line, 16))
			continue;
		if (!strncmp(tokens->text + token->offset, line, strlen(line)))
			return true;
		if (last == WQ_NO_TOKEN ||
		    strncmp(tokens->text + token->offset, line,
			    token->bytes) < 0)
			last = i;
	}
	if (last == WQ_NO_TOKEN)
		return wq_fix_refuse(fix, "%s includes no header of linux/",
				     text->name);
	wq_edits_add(&fix->edits, text,
		     wq_line_end(tokens, tokens->list[last].offset), 0,
		     wq_arena_printf(fix->fixer->arena, "%s\n", line));
	return true;
}

/* Is the interrupt that queues @work, if any, requested after @init? */
static bool comes_before_irq(struct wq_fix *fix, const struct wq_work *work,
			     const struct wq_event *init)
{
	const struct wq_event *irq = wq_work_managed_irq(fix->fixer->program,
							 work);

	if (!irq || (irq->function == init->function &&
		     irq->index > init->index))
		return true;
	return wq_fix_refuse(fix, "%s:%u: the interrupt is not seen to be requested after the item is bound",
			     irq->where.file, irq->where.line);
}

/* Which of "calls" binds it at @token, alone in its statement? */
static const char *managed_call(struct wq_fix *fix, const struct wq_body *body,
				unsigned int token)
{
	const struct wq_tokens *tokens = body->tokens;
	unsigned int close;
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (token == WQ_NO_TOKEN ||
		    !wq_token_is(tokens, token, calls[i].plain))
			continue;
		close = wq_token_closing(tokens, token + 1, false);
		if (tokens->list[token].branch || close == WQ_NO_TOKEN ||
		    tokens->list[token].depth !=
		    tokens->list[body->open].depth + 1 ||
		    !wq_token_is(tokens, close + 1, ";") ||
		    !(wq_token_is(tokens, token - 1, ";") ||
		      wq_token_is(tokens, token - 1, "}")))
			break;
		return calls[i].managed;
	}
	wq_fix_refuse(fix, "where the item is bound is no statement of its own");
	return NULL;
}

static bool has_helpers(struct wq_fix *fix, const char *call)
{
	struct wq_text *text = wq_text_open(fix->fixer->texts,
					    "include/" HEADER);

	return (text && wq_tokens_have(text->tokens, call)) ||
	       wq_fix_refuse(fix, "this kernel has no %s() that devres would call",
			     call);
}

/* "ret = devm_work_autocancel(DEVICE, &foo->work, foo_work);" and its test. */
static bool bind_managed(struct wq_fix *fix, const struct wq_body *body,
			 unsigned int token, const char *call,
			 const char *device, const char *variable)
{
	const struct wq_tokens *tokens = body->tokens;
	unsigned int close = wq_token_closing(tokens, token + 1, false);
	const char *item = argument_text(fix, tokens, token, 0);
	const char *handler = argument_text(fix, tokens, token, 1);
	struct wq_arena *arena = fix->fixer->arena;
	const char *head, *separator = " ";

	if (!item || !handler)
		return wq_fix_refuse(fix, "where the item is bound is over several lines");
	head = wq_arena_printf(arena, "\t%s = %s(%s, %s,", variable, call,
			       device, item);
	if (wq_fix_width(head, head + strlen(head)) + strlen(handler) + 3 > 80)
		separator = wq_arena_printf(arena, "\n%s",
			wq_fix_blanks(arena, 8 + (unsigned int)(
				strlen(variable) + strlen(call) + 4)));
	wq_edits_add(&fix->edits, body->text, tokens->list[token].offset,
		     tokens->list[close + 1].offset + 1 -
		     tokens->list[token].offset,
		     wq_arena_printf(arena, "%s%s%s);\n\tif (%s)\n\t\treturn %s;",
				     head + 1, separator, handler, variable,
				     variable));
	return true;
}

bool wq_fix_devm(struct wq_fix *fix, const struct wq_work *work,
		 const struct wq_event *alloc)
{
	const struct wq_event *init = only_init(work);
	const char *call, *device, *variable;
	unsigned int token;
	struct wq_body body;

	if (!init || !alloc || init->function != alloc->function)
		return wq_fix_refuse(fix, "the item is not bound where its memory is allocated");
	if (!wq_fix_body(fix, init->function, &body))
		return false;
	token = wq_token_at(body.tokens, init->where.line,
			    init->where.column_bytes);
	call = managed_call(fix, &body, token);
	if (!call || !has_helpers(fix, call) ||
	    !comes_before_irq(fix, work, init))
		return false;
	variable = wq_fix_error_variable(fix, &body, token);
	device = device_of(fix, &body, alloc);
	if (!variable || !device)
		return wq_fix_refuse(fix, "%s() has no %s for devm_work_autocancel()",
				     body.name, variable ? "device" : "variable");
	if (!may_return_at(fix, &body, token) ||
	    !bind_managed(fix, &body, token, call, device, variable) ||
	    !include_helpers(fix, body.text))
		return false;
	fix->subject = wq_arena_printf(fix->fixer->arena,
				       "Cancel %s when the device goes",
				       work->item->member);
	fix->text = wq_arena_printf(fix->fixer->arena,
		"The handler of %s can still run when what it is in is gone. "
		"Bind it with %s(), so that it is cancelled when the device "
		"goes, after what %s() requests later.", work->item->member,
		call, body.name);
	return true;
}
