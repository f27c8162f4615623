/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which functions can get to a wait: found once, from the waits upwards, as
 * most of what a handler or a failing function calls has none below it, and
 * several rules would walk through all of that for each work item.
 */
#include "core-edges.h"
#include "judge.h"

struct wq_may_wait {
	const struct wq_function **list;	/* who can */
	unsigned int count;
	const struct wq_function **slots;	/* the same, by a hash */
	size_t nr_slots;			/* a power of two, or 0 */
	bool by_core;		/* one of them may be called by a core */
};

static const struct wq_function **find_slot(const struct wq_may_wait *set,
					    const struct wq_function *function)
{
	size_t i = (uintptr_t)function * 0x9e3779b97f4a7c15ULL >> 32;

	for (;; i++) {
		i &= set->nr_slots - 1;
		if (!set->slots[i] || set->slots[i] == function)
			return &set->slots[i];
	}
}

static void grow(struct wq_arena *arena, struct wq_may_wait *set)
{
	unsigned int i;

	set->nr_slots = set->nr_slots ? set->nr_slots * 2 : 32;
	set->slots = wq_arena_alloc(arena,
				    set->nr_slots * sizeof(*set->slots));
	for (i = 0; i < set->count; i++)
		*find_slot(set, set->list[i]) = set->list[i];
}

static void add(struct wq_arena *arena, struct wq_may_wait *set,
		const struct wq_function *function)
{
	const struct wq_function **slot;

	if (!function)
		return;
	if (set->count * 2 >= set->nr_slots)
		grow(arena, set);
	slot = find_slot(set, function);
	if (*slot)
		return;
	*slot = function;
	set->list = wq_arena_grow(arena, set->list, set->count,
				  sizeof(*set->list));
	set->list[set->count++] = function;
}

static void add_those_with(const struct wq_program *program,
			   struct wq_may_wait *set, enum wq_event_kind kind)
{
	const struct wq_event *const *events;
	unsigned int i, count;

	events = wq_program_events(program, kind, &count);
	for (i = 0; i < count; i++)
		add(program->arena, set, events[i]->function);
}

static void add_callers(const struct wq_program *program,
			struct wq_may_wait *set,
			const struct wq_function *function)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	callers = wq_program_callers(program, function, &count);
	for (i = 0; i < count; i++)
		add(program->arena, set, callers[i]->function);
}

/* Who calls a function of a core that calls the program back. */
static void add_callers_of_cores(const struct wq_program *program,
				 struct wq_may_wait *set)
{
	const struct wq_event *const *calls;
	unsigned int i, count;

	calls = wq_program_events(program, WQ_EVENT_CALL, &count);
	for (i = 0; i < count; i++)
		if (calls[i]->callee && wq_core_edge(calls[i]->callee, 0))
			add(program->arena, set, calls[i]->function);
}

static struct wq_may_wait *find_all(const struct wq_program *program)
{
	static const enum wq_event_kind kinds[] = {
		WQ_EVENT_FLUSH_QUEUE, WQ_EVENT_DRAIN_QUEUE,
		WQ_EVENT_DESTROY_QUEUE, WQ_EVENT_FLUSH_WORK,
		WQ_EVENT_CANCEL_WORK, WQ_EVENT_CANCEL_WORK_SYNC,
		WQ_EVENT_DISABLE_WORK, WQ_EVENT_DISABLE_WORK_SYNC,
	};
	struct wq_may_wait *set = wq_arena_alloc(program->arena, sizeof(*set));
	unsigned int i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		add_those_with(program, set, kinds[i]);
	for (i = 0; i < set->count; i++) {
		add_callers(program, set, set->list[i]);
		if (set->by_core || !set->list[i]->nr_roles)
			continue;
		set->by_core = true;
		add_callers_of_cores(program, set);
	}
	return set;
}

bool wq_function_may_wait(const struct wq_program *program,
			  const struct wq_function *function)
{
	struct wq_may_wait **set = &program->found->may_wait;

	if (!*set)
		*set = find_all(program);
	return (*set)->nr_slots && *find_slot(*set, function) == function;
}
