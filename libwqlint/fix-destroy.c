/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * missing-destroy: destroy_workqueue() on the ways out on which probe or init
 * fails, in the function that fails; by the helper that does that elsewhere
 * if there is one.
 */
#include <string.h>

#include "fix-destroy.h"
#include "paths.h"

static bool is_one_of(const unsigned int *tokens, unsigned int count,
		      unsigned int token)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (tokens[i] == token)
			return true;
	return false;
}

static bool is_done_at(const struct wq_undo *undo, unsigned int token)
{
	const struct wq_destroy *destroy = undo->data;

	return is_one_of(destroy->done, destroy->nr_done, token);
}

static bool is_gone_at(const struct wq_undo *undo, unsigned int token)
{
	const struct wq_destroy *destroy = undo->data;

	return is_one_of(destroy->gone, destroy->nr_gone, token);
}

static bool ends_user_at(const struct wq_undo *undo, unsigned int token)
{
	const struct wq_destroy *destroy = undo->data;

	return is_one_of(destroy->users, destroy->nr_users, token);
}

/* Who may still queue on it */

static bool queues_on_it(const struct wq_event *event, void *data)
{
	const struct wq_destroy *destroy = data;
	const struct wq_program *program = destroy->fix->fixer->program;
	unsigned int i;

	if (event->kind != WQ_EVENT_QUEUE)
		return false;
	for (i = 0; i < program->nr_uses; i++)
		if (program->uses[i].event == event &&
		    wq_own_queue_may_be(&destroy->queue, &program->uses[i]))
			return true;
	return false;
}

bool wq_hands_on_user(const struct wq_event *event, void *data)
{
	const struct wq_destroy *destroy = data;
	const struct wq_program *program = destroy->fix->fixer->program;
	const struct wq_function *function;
	unsigned int i;

	if (event->kind != WQ_EVENT_CALL)
		return false;
	for (i = 0; i < event->nr_args; i++) {
		if (event->args[i]->kind != WQ_EXPR_FUNC)
			continue;
		function = wq_program_function(program, event->args[i]->unit,
					       event->args[i]->name);
		if (function && wq_walk_events(program, function, queues_on_it,
					       data))
			return true;
	}
	return false;
}

bool wq_queue_gets_late(const struct wq_event *event, void *data)
{
	return queues_on_it(event, data) && event->delay &&
	       event->delay->kind != WQ_EXPR_NULL;
}

#define MAX_UP	8	/* calls between the function and what is set up */

/* Has @event happened, in the function or below, when the queue is there? */
static bool is_before(const struct wq_destroy *destroy,
		      const struct wq_event *event, unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (!event->function)
		return false;
	/* As written: the body of a loop is far behind in order of flow. */
	if (event->function == destroy->start->function)
		return wq_location_compare(&event->where,
					   &destroy->start->where) <= 0;
	callers = wq_program_callers(destroy->fix->fixer->program,
				     event->function, &count);
	for (i = 0; depth && i < count; i++)
		if (is_before(destroy, callers[i], depth - 1))
			return true;
	return false;
}

/* Is an item put on it with a delay in the function or what it calls? */
static bool check_delays(struct wq_destroy *destroy)
{
	const struct wq_function *function = destroy->start->function;
	unsigned int i;

	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (wq_queue_gets_late(event, destroy) ||
		    wq_walk_call(destroy->fix->fixer->program, event,
				 wq_queue_gets_late, destroy))
			return wq_fix_refuse(destroy->fix, "%s:%u: an item is queued on it here with a delay: cancel that first",
					     event->where.file,
					     event->where.line);
	}
	return true;
}

/* What was there before the queue, or came with it, goes after it. */
static bool check_users(struct wq_destroy *destroy)
{
	const struct wq_program *program = destroy->fix->fixer->program;
	const struct wq_event *const *calls;
	unsigned int count, i;

	calls = wq_program_events(program, WQ_EVENT_CALL, &count);
	for (i = 0; i < count; i++)
		if (calls[i]->function && wq_hands_on_user(calls[i], destroy) &&
		    is_before(destroy, calls[i], MAX_UP))
			return wq_fix_refuse(destroy->fix, "%s:%u: what is set up here can still queue on it when %s() fails",
					     calls[i]->where.file,
					     calls[i]->where.line,
					     destroy->start->function->name);
	return true;
}

/* Is @name called before @end in its function, or before the calls of that? */
static bool is_called_before(const struct wq_destroy *destroy,
			     const char *name, const struct wq_event *end,
			     unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	for (i = 0; i < end->function->nr_events; i++) {
		const struct wq_event *event = end->function->events[i];

		if (event->callee && !strcmp(event->callee, name) &&
		    wq_location_compare(&event->where, &end->where) < 0)
			return true;
	}
	callers = wq_program_callers(destroy->fix->fixer->program,
				     end->function, &count);
	for (i = 0; depth && i < count; i++)
		if (callers[i]->function &&
		    callers[i]->function != destroy->start->function &&
		    is_called_before(destroy, name, callers[i], depth - 1))
			return true;
	return false;
}

/* Does teardown call the same before it destroys the queue? */
static bool comes_before_destroy(const struct wq_destroy *destroy,
				 const struct wq_event *call)
{
	return destroy->elsewhere && call->kind == WQ_EVENT_CALL &&
	       call->callee && wq_is_core_teardown(call->callee) &&
	       is_called_before(destroy, call->callee, destroy->elsewhere,
				MAX_UP);
}

bool wq_frees_slot(const struct wq_event *event, void *data)
{
	const struct wq_item *slot = ((const struct wq_destroy *)data)->queue.slot;

	return event->kind == WQ_EVENT_FREE && event->type && slot &&
	       slot->type && !strcmp(event->type, slot->type);
}

/* Where in the function the queue is destroyed, or out of reach. */
static bool find_places(struct wq_destroy *destroy)
{
	const struct wq_function *function = destroy->start->function;
	unsigned int i, token;

	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event->where.file != function->where.file &&
		    strcmp(event->where.file, function->where.file))
			continue;
		token = wq_token_at(destroy->ways.body.tokens, event->where.line,
				    event->where.column_bytes);
		if (destroy->nr_done == WQ_MAX_PLACES ||
		    destroy->nr_gone == WQ_MAX_PLACES ||
		    destroy->nr_users == WQ_MAX_PLACES)
			return wq_fix_refuse(destroy->fix, "%s() does too much",
					     function->name);
		if (wq_own_queue_may_go(&destroy->queue, event))
			destroy->done[destroy->nr_done++] = token;
		if (comes_before_destroy(destroy, event))
			destroy->users[destroy->nr_users++] = token;
		if (wq_frees_slot(event, destroy) ||
		    wq_walk_call(destroy->fix->fixer->program, event,
				 wq_frees_slot, destroy))
			destroy->gone[destroy->nr_gone++] = token;
	}
	return true;
}

/* Does @event only end the queue, or what is on it? */
static bool only_ends(const struct wq_destroy *destroy,
		      const struct wq_event *event)
{
	switch (event->kind) {
	case WQ_EVENT_FLUSH_QUEUE:
	case WQ_EVENT_DRAIN_QUEUE:
	case WQ_EVENT_FLUSH_WORK:
	case WQ_EVENT_CANCEL_WORK:
	case WQ_EVENT_CANCEL_WORK_SYNC:
		return true;
	case WQ_EVENT_STORE:
		return event->value && event->value->kind == WQ_EXPR_NULL;
	case WQ_EVENT_DESTROY_QUEUE:
		return wq_own_queue_is_value(&destroy->queue, event->queue);
	default:
		return false;
	}
}

/* Is @function a helper that destroys the queue and does nothing else? */
static bool is_helper(const struct wq_destroy *destroy,
		      const struct wq_function *function)
{
	bool destroys = false;
	unsigned int i;

	if (!function->is_defined || function->section == WQ_EXIT_TEXT ||
	    function->nr_roles || function->nr_params > 1)
		return false;
	for (i = 0; i < function->nr_events; i++) {
		if (!only_ends(destroy, function->events[i]))
			return false;
		destroys |= function->events[i]->kind == WQ_EVENT_DESTROY_QUEUE;
	}
	return destroys;
}

/* Is @name called or declared above the function that is changed? */
static bool is_known_above(const struct wq_destroy *destroy, const char *name)
{
	unsigned int i;

	for (i = 0; i < destroy->ways.body.open; i++)
		if (wq_token_is(destroy->ways.body.tokens, i, name) &&
		    wq_token_is(destroy->ways.body.tokens, i + 1, "("))
			return true;
	return false;
}

/* Does the file name it at all? A header declares it then. */
static bool can_call(const struct wq_destroy *destroy,
		     const struct wq_function *helper)
{
	if (helper->unit == destroy->start->function->unit &&
	    helper->in_main_file)
		return is_known_above(destroy, helper->name);
	return !helper->is_static &&
	       wq_tokens_have(destroy->ways.body.tokens, helper->name);
}

/*
 * "foo" of "foo_init(foo)" or "foo_init(foo, name)", when the first argument
 * is no call; NULL: any other text.
 */
static const char *first_argument(const struct wq_destroy *destroy,
				  unsigned int call)
{
	const struct wq_tokens *tokens = destroy->ways.body.tokens;
	unsigned int i;

	for (i = call + 2; i < tokens->count && !wq_token_is(tokens, i, ",") &&
	     !wq_token_is(tokens, i, ")"); i++)
		if (!wq_token_is_a(tokens, i, WQ_TOKEN_NAME) &&
		    !wq_token_is(tokens, i, "->") &&
		    !wq_token_is(tokens, i, ".") && !wq_token_is(tokens, i, "&"))
			return NULL;
	if (i == call + 2 || i == tokens->count)
		return NULL;
	return wq_arena_printf(destroy->fix->fixer->arena, "%.*s",
			       (int)(tokens->list[i].offset -
				     tokens->list[call + 2].offset),
			       tokens->text + tokens->list[call + 2].offset);
}

/* Is @helper called with @argument anywhere in the file? */
static bool is_called_with(const struct wq_destroy *destroy, const char *helper,
			   const char *argument)
{
	const struct wq_tokens *tokens = destroy->ways.body.tokens;
	const char *other;
	unsigned int i;

	for (i = 0; i < tokens->count; i++) {
		if (!wq_token_is(tokens, i, helper) ||
		    !wq_token_is(tokens, i + 1, "("))
			continue;
		other = first_argument(destroy, i);
		if (other && !strcmp(other, argument))
			return true;
	}
	return false;
}

static const struct wq_function *find_helper(const struct wq_destroy *destroy)
{
	const struct wq_program *program = destroy->fix->fixer->program;
	const struct wq_function *found = NULL;
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_functions; j++) {
			const struct wq_function *function =
				program->units[i]->functions[j];

			if (!is_helper(destroy, function) ||
			    !can_call(destroy, function))
				continue;
			if (found)
				return NULL;
			found = function;
		}
	return found;
}

static const char *call_helper(const struct wq_destroy *destroy)
{
	const struct wq_function *helper = find_helper(destroy);
	const char *argument = first_argument(destroy, destroy->ways.call);

	if (!helper ||
	    (helper->nr_params &&
	     (!argument || !is_called_with(destroy, helper->name, argument))))
		return NULL;
	return wq_arena_printf(destroy->fix->fixer->arena, "%s(%s)",
			       helper->name, helper->nr_params ? argument : "");
}

const char *wq_queue_there(const struct wq_destroy *destroy)
{
	const struct wq_item *slot = destroy->queue.slot;
	const char *variable;

	if (!slot || slot->element >= 0 || slot->ambiguous || slot->next)
		return NULL;
	if (!slot->type)
		return !strchr(slot->name, '.') &&
		       wq_tokens_have(destroy->ways.body.tokens, slot->name)
		       ? slot->name : NULL;
	variable = wq_ways_variable(&destroy->ways, slot->type);
	return variable && slot->member
		? wq_arena_printf(destroy->fix->fixer->arena, "%s->%s",
				  variable, slot->member) : NULL;
}

static const char *destroy_call(const struct wq_destroy *destroy)
{
	const char *queue, *helper;

	if (destroy->start == destroy->queue.alloc) {
		queue = wq_ways_result(&destroy->ways);
	} else {
		helper = call_helper(destroy);
		if (helper)
			return helper;
		queue = wq_queue_there(destroy);
	}
	return queue ? wq_arena_printf(destroy->fix->fixer->arena,
				       "destroy_workqueue(%s)", queue) : NULL;
}

/* "wq" of "struct foo.tx.wq", for a label. */
static const char *short_name(const struct wq_destroy *destroy)
{
	const struct wq_item *slot = destroy->queue.slot;
	const char *dot = slot ? strrchr(slot->name, '.') : NULL;

	return dot ? dot + 1 : slot ? slot->name : "wq";
}

/* In a caller: the queue is not all that there is to undo. */
static bool check_rest(struct wq_destroy *destroy)
{
	const struct wq_event *end = wq_ended_before_queue(destroy);

	if (!end || destroy->start == destroy->queue.alloc)
		return true;
	return wq_fix_refuse(destroy->fix, "%s:%u: elsewhere %s() comes before the queue is destroyed, and what it is about was set up with the queue: %s() undoes both",
			     end->where.file, end->where.line, end->callee,
			     end->function->name);
}

/* In the function of @start. */
static bool fix_function(struct wq_destroy *destroy, const struct wq_event *start,
			 struct wq_undo *undo)
{
	destroy->start = start;
	destroy->nr_done = destroy->nr_gone = destroy->nr_users = 0;
	if (!wq_ways_find(destroy->fix, start, &destroy->ways) ||
	    !find_places(destroy) || !check_delays(destroy) ||
	    !check_users(destroy) || !check_rest(destroy))
		return false;
	undo->call = destroy_call(destroy);
	if (!undo->call)
		return wq_fix_refuse(destroy->fix, "the queue has no plain name in %s()",
				     start->function->name);
	return wq_fix_undo(undo);
}

static void describe(struct wq_destroy *destroy, const struct wq_queue_leak *leak)
{
	struct wq_arena *arena = destroy->fix->fixer->arena;
	const char *queue = wq_own_queue_text(&destroy->queue), *failed = "";

	if (leak->failed && leak->failed->callee)
		failed = wq_arena_printf(arena, ", as when %s() does",
					 leak->failed->callee);
	destroy->fix->subject = wq_arena_printf(arena,
		"Destroy %s when %s() fails", queue, leak->function->name);
	destroy->fix->text = wq_arena_printf(arena,
		"%s is not destroyed when %s() fails after it was allocated%s. "
		"Destroy it on that way out.", queue, leak->function->name,
		failed);
}

/* Where something fails after the allocation, and in what calls that. */
static bool fix_leak(struct wq_destroy *destroy, const struct wq_queue_leak *leak)
{
	struct wq_undo undo = {
		.ways = &destroy->ways, .name = short_name(destroy),
		.is_done_at = is_done_at, .is_gone_at = is_gone_at,
		.ends_user_at = ends_user_at, .data = destroy,
	};
	unsigned int i;

	destroy->elsewhere = leak->destroy;
	if (leak->is_guarded ||
	    (leak->turn && wq_event_is_optional(destroy->fix->fixer->program,
						destroy->queue.alloc)))
		return wq_fix_refuse(destroy->fix, "%s() goes on without the queue, too: where it is NULL is not clear",
				     leak->function->name);
	for (i = leak->turn; i < leak->nr_calls; i++)
		if (!fix_function(destroy, leak->calls[i], &undo))
			return false;
	if (!undo.is_needed)
		return wq_fix_refuse(destroy->fix, "each way out of %s() that is in plain text does it, or ends well",
				     leak->function->name);
	describe(destroy, leak);
	return true;
}

static bool is_alloc(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_ALLOC_QUEUE;
}

bool wq_fix_missing_destroy(struct wq_fix *fix)
{
	struct wq_destroy *destroy = wq_arena_alloc(fix->fixer->arena,
						 sizeof(*destroy));
	const struct wq_event *alloc = wq_fix_event(fix, is_alloc);
	struct wq_queue_leak leak;

	if (!alloc)
		return wq_fix_refuse(fix, "the allocation is not seen");
	destroy->fix = fix;
	wq_own_queue_find(&destroy->queue, fix->fixer->program, alloc);
	if (wq_own_queue_is_never_destroyed(&destroy->queue))
		return wq_fix_never_destroyed(destroy);
	return wq_own_queue_find_leak(&destroy->queue, &leak) &&
	       fix_leak(destroy, &leak);
}
