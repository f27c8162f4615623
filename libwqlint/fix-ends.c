/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which function runs when the object of a work item goes: of several, that
 * of the ops table whose probe function binds the item.
 */
#include <string.h>

#include "fix.h"

/* A function that a core calls when something of the module goes; how many. */
static const struct wq_function *any_remove(const struct wq_program *program,
					    const struct wq_work *work,
					    unsigned int *count)
{
	const struct wq_function *found = NULL;
	unsigned int i, j;

	*count = 0;
	for (i = 0; work->nr_handlers && i < program->nr_units; i++) {
		const struct wq_unit *unit = program->units[i];

		if (!wq_units_share_module(unit, work->handlers[0]->unit))
			continue;
		for (j = 0; j < unit->nr_functions; j++) {
			const struct wq_function *function = unit->functions[j];

			if (!function->is_defined ||
			    !wq_function_has_teardown_role(function) ||
			    wq_function_has_role(function, "module_exit") ||
			    wq_function_only_sleeps(program, function))
				continue;
			++*count;
			found = function;
		}
	}
	return found;
}

/* The role of @function with which a device begins, "foo_driver.probe". */
static const char *probe_role(const struct wq_function *function)
{
	static const char *const slots[] = {
		".attach", ".bind", ".probe", ".probe_new",
	};
	unsigned int i;

	for (i = 0; i < function->nr_roles; i++) {
		const char *dot = strrchr(function->roles[i], '.');

		if (dot && WQ_IS_ONE_OF(dot, slots))
			return function->roles[i];
	}
	return NULL;
}

#define MAX_CALLERS_UP	3

/* The only such function that calls @function, or is it; NULL: none. */
static const struct wq_function *probe_above(const struct wq_program *program,
					     const struct wq_function *function,
					     unsigned int depth)
{
	const struct wq_function *found = NULL, *above;
	const struct wq_event *const *callers;
	unsigned int count, i;

	if (probe_role(function))
		return function;
	callers = wq_program_callers(program, function, &count);
	for (i = 0; depth && i < count; i++) {
		above = callers[i]->function
			? probe_above(program, callers[i]->function, depth - 1)
			: NULL;
		if (found && above != found)
			return NULL;
		found = above;
	}
	return found;
}

/* Where @work is bound, by the only probe function; NULL: not seen. */
static const struct wq_function *probe_of(const struct wq_program *program,
					  const struct wq_work *work)
{
	const struct wq_function *found = NULL, *probe;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		if (event->kind != WQ_EVENT_INIT_WORK || !event->function)
			continue;
		probe = probe_above(program, event->function, MAX_CALLERS_UP);
		if (!probe || (found && probe != found))
			return NULL;
		found = probe;
	}
	return found;
}

/* Is @function the other end of what begins as @role, "foo_driver.probe"? */
static bool is_end_of(const struct wq_function *function, const char *role)
{
	static const char *const slots[] = {
		".detach", ".disconnect", ".remove", ".remove_new", ".unbind",
	};
	size_t bytes = (size_t)(strrchr(role, '.') - role);
	unsigned int i;

	for (i = 0; i < function->nr_roles; i++)
		if (!strncmp(function->roles[i], role, bytes) &&
		    WQ_IS_ONE_OF(function->roles[i] + bytes, slots))
			return true;
	return false;
}

/* The remove function of the probe function that binds @work, or NULL. */
static const struct wq_function *remove_of_probe(const struct wq_program *program,
						 const struct wq_work *work)
{
	const struct wq_function *probe = probe_of(program, work);
	const struct wq_function *found = NULL;
	unsigned int i;

	for (i = 0; probe && i < probe->unit->nr_functions; i++) {
		const struct wq_function *function = probe->unit->functions[i];

		if (!function->is_defined ||
		    !is_end_of(function, probe_role(probe)))
			continue;
		if (found)
			return NULL;
		found = function;
	}
	return found;
}

bool wq_fix_has_remove(struct wq_fix *fix, const struct wq_work *work)
{
	unsigned int count;

	any_remove(fix->fixer->program, work, &count);
	return count;
}

const struct wq_function *wq_fix_remove_function(struct wq_fix *fix,
						 const struct wq_work *work)
{
	const struct wq_function *function;
	unsigned int count;

	function = remove_of_probe(fix->fixer->program, work);
	if (function)
		return function;
	function = any_remove(fix->fixer->program, work, &count);
	if (count == 1)
		return function;
	wq_fix_refuse(fix, count ? "there are several functions that end something, and which ends this object is not seen"
			  : "there is no remove function");
	return NULL;
}
