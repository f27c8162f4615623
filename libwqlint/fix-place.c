/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where in a teardown function a wait belongs: after what stops the item from
 * being queued, and before what its handler may use goes. Nothing of a driver
 * is known but what its functions are called and what they free, so that a
 * function that does one after the other, again and again, is refused.
 */
#include <string.h>

#include "core-edges.h"
#include "fix-place.h"

#define MAX_WALK	3

/* What a call may do to a work item that is about to be waited for. */
enum effect {
	STOPS = 1,		/* may stop who queues it */
	RELEASES = 2,		/* may let go of what its handler uses */
};

/* Is one of these words in @name? */
#define HAS_WORD_OF(name, words) \
	has_word_of(name, words, sizeof(words) / sizeof(*(words)))

static bool has_word_of(const char *name, const char *const *words,
			size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (wq_name_has_word(name, words[i]))
			return true;
	return false;
}

static bool is_neutral(const char *name)
{
	/* Of lists and the like; of what no handler works with. */
	static const char *const prefixes[] = {
		"cpu_latency_qos_", "dev_", "device_init_wakeup", "device_set_wakeup",
		"device_wakeup", "hlist_", "ida_", "idr_", "list_",
		"mutex_unlock", "netdev_", "of_node_put", "pr_", "rtnl_unlock",
		"xa_",
	};
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static unsigned int effect_of_name(const char *name)
{
	/* Without these a handler cannot work; the rest just does nothing. */
	static const char *const means[] = {
		"clk", "pci", "regulator", "regulators", "runtime",
	};
	static const char *const stopping[] = {
		"cancel", "del_timer", "deregister", "detach", "disconnect",
		"drain", "flush", "free_irq", "hangup", "kill", "kthread_stop",
		"quiesce", "remove", "shutdown", "stop",
		"suspend", "synchronize_irq", "timer_delete", "unbind",
		"unregister",
	};
	static const char *const releasing[] = {
		"destroy", "firmware", "free", "iounmap", "kfree", "kvfree",
		"put", "region", "regions", "unmap", "unprepare", "vfree",
	};
	static const char *const either[] = {
		"cleanup", "close", "delete", "exit", "fini", "release",
		"uninit",
	};

	if (is_neutral(name))
		return 0;
	if (wq_name_has_word(name, "disable"))
		return HAS_WORD_OF(name, means) ? RELEASES : STOPS;
	if (HAS_WORD_OF(name, stopping))
		return STOPS;
	/* snd_card_free() and the like: the driver is called back. */
	if (wq_core_edge(name, 0))
		return STOPS | RELEASES;
	if (HAS_WORD_OF(name, releasing))
		return RELEASES;
	return HAS_WORD_OF(name, either) ? STOPS | RELEASES : 0;
}

/* Is what @event frees memory of its own function, such as a message? */
static bool is_own_memory(const struct wq_event *event)
{
	unsigned int i;

	for (i = 0; i < event->function->nr_events; i++)
		if (event->function->events[i]->kind == WQ_EVENT_ALLOC)
			return true;
	return false;
}

static unsigned int effect_of(const struct wq_program *program,
			      const struct wq_unit *unit, const char *name,
			      unsigned int depth);

static unsigned int effect_of_event(const struct wq_program *program,
				    const struct wq_event *event,
				    unsigned int depth)
{
	switch (event->kind) {
	case WQ_EVENT_FREE:
	case WQ_EVENT_PUT:
		return is_own_memory(event) ? 0 : RELEASES;
	case WQ_EVENT_DESTROY_QUEUE:
		return STOPS | RELEASES;
	case WQ_EVENT_CALL:
		return event->callee ? effect_of(program, event->function->unit,
						 event->callee, depth) : 0;
	default:
		return wq_event_waits_for_work(event) ? STOPS : 0;
	}
}

/* Of a call of @name: by what it does where that is seen, or by its name. */
static unsigned int effect_of(const struct wq_program *program,
			      const struct wq_unit *unit, const char *name,
			      unsigned int depth)
{
	const struct wq_function *function = wq_program_function(program, unit,
								 name);
	unsigned int effect = 0, i;

	if (!function || !function->is_defined)
		return effect_of_name(name);
	for (i = 0; depth && i < function->nr_events; i++)
		effect |= effect_of_event(program, function->events[i],
					  depth - 1);
	return effect ? effect : effect_of_name(name);
}

/* The first token of the statement of the block @open that @token is in. */
static unsigned int statement_of(const struct wq_tokens *tokens,
				 unsigned int open, unsigned int token)
{
	unsigned int depth = tokens->list[open].depth + 1;
	int nr_open = 0;	/* of brackets: a for has semicolons in them */

	for (; token > open + 1; token--) {
		nr_open += wq_token_is(tokens, token, ")");
		nr_open -= wq_token_is(tokens, token, "(");
		if (tokens->list[token].depth == depth && nr_open <= 0 &&
		    (wq_token_is(tokens, token - 1, ";") ||
		     wq_token_is(tokens, token - 1, "}")) &&
		    !wq_token_is(tokens, token, "else"))
			return token;
	}
	return open + 1;
}

/* The innermost brace that is open at @token. */
static unsigned int block_of(const struct wq_tokens *tokens,
			     unsigned int token)
{
	/* A brace is outside of what it closes. */
	unsigned int depth = tokens->list[token].depth +
			     wq_token_is(tokens, token, "}");

	while (token && !(wq_token_is(tokens, token, "{") &&
			  tokens->list[token].depth < depth))
		token--;
	return token;
}

/* Is @name assigned to, or declared, between @from and @to? */
static bool is_set_between(const struct wq_tokens *tokens, unsigned int from,
			   unsigned int to, const char *name)
{
	unsigned int i;

	for (i = from; i < to; i++)
		if (wq_token_is(tokens, i, name) &&
		    !wq_token_is(tokens, i - 1, ".") &&
		    !wq_token_is(tokens, i - 1, "->") &&
		    wq_token_is(tokens, i + 1, "=") &&
		    !wq_token_is(tokens, i + 2, "="))
			return true;
	return false;
}

/* "if (foo) ...": it may be NULL beside that. */
static bool is_tested_between(const struct wq_tokens *tokens,
			      unsigned int from, unsigned int to,
			      const char *name)
{
	unsigned int i;

	for (i = from; i < to; i++)
		if (wq_token_is(tokens, i, "if") &&
		    wq_token_is(tokens, i + 2, name) &&
		    (wq_token_is(tokens, i + 3, ")") ||
		     wq_token_is(tokens, i + 3, "&")))
			return true;
	return false;
}

static const char *name_at(struct wq_fix *fix, const struct wq_tokens *tokens,
			   unsigned int token)
{
	return wq_token_text(fix->fixer->arena, tokens, token);
}

static bool is_call(const struct wq_tokens *tokens, unsigned int token)
{
	return wq_token_is_a(tokens, token, WQ_TOKEN_NAME) &&
	       wq_token_is(tokens, token + 1, "(");
}

/* Calls between @from and @to, in the order of the text. */
struct calls {
	unsigned int first;	/* that releases something, or WQ_NO_TOKEN */
	unsigned int later;	/* the last that stops something after it */
};

static void look_at_calls(struct wq_fix *fix, const struct wq_function *function,
			  const struct wq_tokens *tokens, unsigned int from,
			  unsigned int to, struct calls *calls)
{
	unsigned int effect, i;

	calls->first = calls->later = WQ_NO_TOKEN;
	for (i = from; i < to; i++) {
		if (!is_call(tokens, i))
			continue;
		effect = effect_of(fix->fixer->program, function->unit,
				   name_at(fix, tokens, i), MAX_WALK);
		if (effect & RELEASES && calls->first == WQ_NO_TOKEN)
			calls->first = i;
		if (effect & STOPS && calls->first != WQ_NO_TOKEN)
			calls->later = i;
	}
}

static bool stops_between(struct wq_fix *fix,
			  const struct wq_function *function,
			  const struct wq_tokens *tokens, unsigned int from,
			  unsigned int to)
{
	unsigned int i;

	for (i = from; i < to; i++)
		if (is_call(tokens, i) &&
		    effect_of(fix->fixer->program, function->unit,
			      name_at(fix, tokens, i), MAX_WALK) & STOPS)
			return true;
	return false;
}

unsigned int wq_fix_place(struct wq_fix *fix,
			  const struct wq_function *function,
			  const struct wq_text *text, unsigned int token,
			  const char *variable)
{
	const struct wq_tokens *tokens = text->tokens;
	unsigned int open = block_of(tokens, token), place = token;
	struct calls calls;

	look_at_calls(fix, function, tokens, open + 1, token, &calls);
	if (calls.later != WQ_NO_TOKEN) {
		wq_fix_refuse(fix, "%s() goes back and forth: %s() at line %u may let go of what the handler uses, and %s() at line %u may stop who queues the item only after it",
			      function->name,
			      name_at(fix, tokens, calls.first),
			      tokens->list[calls.first].line,
			      name_at(fix, tokens, calls.later),
			      tokens->list[calls.later].line);
		return WQ_NO_TOKEN;
	}
	if (calls.first != WQ_NO_TOKEN) {
		place = statement_of(tokens, open, calls.first);
		if (stops_between(fix, function, tokens, place, calls.first)) {
			wq_fix_refuse(fix, "%s:%u: one statement may stop who queues the item, and let go of what the handler uses",
				      text->name, tokens->list[place].line);
			return WQ_NO_TOKEN;
		}
	}
	if (variable && is_set_between(tokens, place, token, variable)) {
		wq_fix_refuse(fix, "%s:%u: %s is not set before the handler's means go",
			      text->name, tokens->list[place].line, variable);
		return WQ_NO_TOKEN;
	}
	if (variable && is_tested_between(tokens, open + 1, token, variable)) {
		wq_fix_refuse(fix, "%s:%u: %s may be NULL here", text->name,
			      tokens->list[token].line, variable);
		return WQ_NO_TOKEN;
	}
	return place;
}

unsigned int wq_fix_called_back_after(struct wq_fix *fix,
				  const struct wq_function *function,
				  const struct wq_text *text,
				  unsigned int token)
{
	const struct wq_tokens *tokens = text->tokens;
	unsigned int start = wq_fix_function_start(tokens, token);
	unsigned int end = wq_token_closing(tokens, start, true);
	const struct wq_function *callee;
	const char *name;

	while (token < end && !wq_token_is(tokens, token, ";"))
		token++;
	for (; token < end; token++) {
		if (!is_call(tokens, token))
			continue;
		name = name_at(fix, tokens, token);
		callee = wq_program_function(fix->fixer->program,
					     function->unit, name);
		if (!(callee && callee->is_defined) && wq_core_edge(name, 0))
			return token;
	}
	return WQ_NO_TOKEN;
}
