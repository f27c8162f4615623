/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ways on which a work item was queued, and then a function fails, and its
 * callers with it, while nothing waits for the item.
 */
#include <string.h>

#include "judge.h"
#include "paths.h"
#include "resolve.h"

#define MAX_UP		4	/* callers above the one that queues */
#define MAX_WAITS	64	/* of one work item */
#define NR_ANSWERS	256	/* remembered at a time */

struct search {
	const struct wq_program *program;
	const struct wq_work *work;
	const struct wq_event *waits[MAX_WAITS];
	unsigned int nr_waits;
	bool waits_by_callback;	/* a core's call can lead to a wait */
	struct wq_failure *failure;
	/* Whether a function leads to a wait, where its address hashes to. */
	struct answer {
		const struct wq_function *function;
		bool waits;
	} answers[NR_ANSWERS];
};

static bool is_wait(const struct wq_event *event, void *data)
{
	const struct search *search = data;
	unsigned int i;

	if (wq_event_waits_for_queue(event))
		return true;
	for (i = 0; i < search->nr_waits; i++)
		if (search->waits[i] == event)
			return true;
	return false;
}

/* Does what @call calls lead to a wait? @callee is it, or NULL: a core's. */
static bool leads_to_wait(struct search *search, const struct wq_event *call,
			  const struct wq_function *callee)
{
	struct answer *answer = &search->answers[(uintptr_t)callee /
						 sizeof(*callee) % NR_ANSWERS];

	if (!callee)
		return wq_walk_call_to_waits(search->program, call, is_wait,
					     search);
	if (answer->function != callee) {
		answer->function = callee;
		answer->waits = wq_walk_call_to_waits(search->program, call,
						      is_wait, search);
	}
	return answer->waits;
}

/* May the work item be waited for when @event is over? */
static bool stops(const struct wq_event *event, void *data)
{
	struct search *search = data;
	const struct wq_function *callee;

	/* Who waits for a completion or a bit may wait for the handler's. */
	if (is_wait(event, data) || event->kind == WQ_EVENT_WAIT)
		return true;
	if (event->kind != WQ_EVENT_CALL)
		return false;
	if (!event->callee)
		return search->waits_by_callback;
	callee = wq_program_function(search->program, event->function->unit,
				     event->callee);
	if (leads_to_wait(search, event, callee))
		return true;
	return !(callee && callee->is_defined) && search->waits_by_callback &&
	       wq_is_core_teardown(event->callee);
}

static bool frees(const struct wq_event *event, void *data)
{
	const struct search *search = data;
	const char *tag = search->work->item->type;

	return event->kind == WQ_EVENT_FREE && tag && event->type &&
	       !strcmp(event->type, tag);
}

/*
 * Is what the item is in gone after @event? Far below, and where a reference
 * is dropped, it can be another one that is freed, or none.
 */
static bool leads_to_free(const struct wq_event *event, void *data)
{
	const struct search *search = data;
	const struct wq_function *callee;
	unsigned int i;

	if (frees(event, data))
		return true;
	if (event->kind != WQ_EVENT_CALL || !event->callee || event->managed)
		return false;
	callee = wq_program_function(search->program, event->function->unit,
				     event->callee);
	for (i = 0; callee && i < callee->nr_events; i++)
		if (frees(callee->events[i], data))
			return wq_is_core_teardown(event->callee) &&
			       !wq_name_has_word(event->callee, "put");
	return false;
}

/* What has failed here, by its name: bringing an object to life? */
static bool is_setup(const char *name)
{
	static const char *const words[] = {
		"add", "attach", "init", "probe", "register", "setup",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (wq_name_has_word(name, words[i]))
			return true;
	return false;
}

/*
 * Do other modules that call this function free the object, with another
 * function that they can call, when it fails?
 */
static bool is_end_of_others(struct search *search,
			     const struct wq_function *function)
{
	struct wq_end *end = &search->failure->end;

	if (!wq_function_has_role(function, "exported") ||
	    !is_setup(function->name))
		return false;
	wq_work_find_end(search->program, search->work, end);
	search->failure->is_guess =
		(end->kind == WQ_END_FREE || end->kind == WQ_END_TEARDOWN) &&
		wq_function_is_exported(search->program, end->event->function);
	return search->failure->is_guess;
}

/* When this function fails, is what the item is in gone after it? */
static bool is_end(struct search *search, const struct wq_function *function,
		   const struct wq_way *way)
{
	struct wq_end *end = &search->failure->end;

	if (way->noted) {
		end->kind = WQ_END_FREE;
		end->event = way->noted;
		return true;
	}
	if (!search->work->item->type) {
		end->kind = WQ_END_MODULE;
		end->function = function;
		return wq_function_has_role(function, "module_init") &&
		       function->unit->is_module;
	}
	if (is_end_of_others(search, function))
		return true;
	end->kind = WQ_END_DEVICE;
	end->event = wq_work_managed_alloc(search->program, search->work);
	return end->event && (wq_function_has_slot(function, "probe") ||
			      wq_function_has_slot(function, "probe_new"));
}

static bool follow(struct search *search, const struct wq_event *start,
		   const struct wq_context *context, enum wq_began began,
		   unsigned int depth);

static bool returns_pointer(const struct wq_function *function)
{
	unsigned int i;

	for (i = 0; i < function->nr_events; i++)
		if (function->events[i]->kind == WQ_EVENT_RETURN)
			return true;
	return false;
}

static bool follow_up(struct search *search, const struct wq_event *start,
		      const struct wq_event *call,
		      const struct wq_context *context,
		      const struct wq_paths *paths, unsigned int depth)
{
	if (!call || !call->function || call->managed ||
	    !wq_paths_reach(search->program, start, call))
		return false;
	/* Who gets NULL may have been told that there is nothing to do. */
	if (returns_pointer(start->function))
		return false;
	return (paths->fails &&
		follow(search, call, context, WQ_BEGAN_FAILED, depth)) ||
	       (paths->goes_on &&
		follow(search, call, context, WQ_BEGAN_SUCCEEDED, depth));
}

/*
 * Does the function give the item its handler only after @start? Then @start
 * did not queue it.
 */
static bool is_bound_later(const struct search *search,
			   const struct wq_event *start)
{
	const struct wq_work *work = search->work;
	bool found = false;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->kind != WQ_EVENT_INIT_WORK ||
		    event->function != start->function)
			continue;
		if (event->index < start->index)
			return false;
		found = true;
	}
	return found;
}

/* @start left the item queued: is there an end without a wait? */
static bool follow(struct search *search, const struct wq_event *start,
		   const struct wq_context *context, enum wq_began began,
		   unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;
	struct wq_paths paths = {
		.program = search->program, .start = start, .began = began,
		.stops = stops, .notes = leads_to_free, .data = search,
	};

	if (is_bound_later(search, start) || !wq_paths_follow(&paths))
		return false;
	if (paths.fails && paths.failure.failed)
		search->failure->failed = paths.failure.failed;
	/* Without a call that fails, some test decided, and who knows why. */
	if (paths.fails && search->failure->failed &&
	    is_end(search, start->function, &paths.failure)) {
		search->failure->function = start->function;
		return true;
	}
	if (!depth)
		return false;
	if (context)
		return follow_up(search, start, context->call, context->up, &paths,
				 depth - 1);
	callers = wq_program_callers(search->program, start->function, &count);
	for (i = 0; i < count; i++)
		if (follow_up(search, start, callers[i], NULL, &paths, depth - 1))
			return true;
	return false;
}

/*
 * Who is run by the driver core, the module loader or other modules only: no
 * callback.
 */
static bool is_unbound_only(const struct wq_function *function)
{
	unsigned int i;

	for (i = 0; i < function->nr_roles; i++) {
		const char *role = function->roles[i];
		const char *dot = strrchr(role, '.');

		if (strcmp(role, "module_exit") && strcmp(role, "exported") &&
		    !(dot && dot - role > 7 &&
		      !strncmp(dot - 7, "_driver", 7)))
			return false;
	}
	return function->nr_roles || !function->address_taken;
}

static bool is_called_back(const struct wq_program *program,
			   const struct wq_function *function,
			   unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (!is_unbound_only(function))
		return true;
	callers = wq_program_callers(program, function, &count);
	for (i = 0; depth && i < count; i++)
		if (callers[i]->function &&
		    is_called_back(program, callers[i]->function, depth - 1))
			return true;
	return false;
}

bool wq_function_is_called_back(const struct wq_program *program,
				const struct wq_function *function)
{
	return is_called_back(program, function, 4);
}

/* Is it waited for by devres, on every way out of a probe? */
static bool is_managed(const struct wq_program *program,
		       const struct wq_use *use)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (use->event->managed || !use->event->function)
		return true;
	callers = wq_program_callers(program, use->event->function, &count);
	for (i = 0; i < count; i++)
		if (callers[i]->managed)
			return true;
	return false;
}

/* Every use that may wait for the item, or stops it; false: too many. */
static bool find_waits(struct search *search)
{
	const struct wq_program *program = search->program;
	const struct wq_item *item;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (!wq_event_waits_for_work(use->event) &&
		    use->event->kind != WQ_EVENT_CANCEL_WORK &&
		    use->event->kind != WQ_EVENT_DISABLE_WORK)
			continue;
		for (item = use->items; item; item = item->next)
			if (wq_item_may_alias(item, search->work->item))
				break;
		if (!item)
			continue;
		if (is_managed(program, use) || search->nr_waits == MAX_WAITS)
			return false;
		search->waits[search->nr_waits++] = use->event;
		search->waits_by_callback |=
			wq_function_is_called_back(program,
						   use->event->function);
	}
	return true;
}

static bool queues(const struct wq_work *work, const struct wq_use *use)
{
	return use->event->kind == WQ_EVENT_QUEUE && use->event->function &&
	       !wq_work_is_handler(work, use->event->function);
}

bool wq_work_find_failure(const struct wq_program *program,
			  const struct wq_work *work,
			  struct wq_failure *failure)
{
	struct search search = {
		.program = program, .work = work, .failure = failure,
	};
	unsigned int i;

	if (!find_waits(&search))
		return false;
	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_use *use = work->uses[i];

		/* What nothing ever waits for is another finding. */
		if (!queues(work, use) ||
		    (!search.nr_waits && !wq_use_own_queue(use)))
			continue;
		memset(failure, 0, sizeof(*failure));
		failure->use = use;
		if (follow(&search, use->event, use->context, WQ_BEGAN_ANY,
			   MAX_UP)) {
			failure->wait = search.nr_waits ? search.waits[0] : NULL;
			return true;
		}
	}
	return false;
}
