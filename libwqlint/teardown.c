/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which functions run when a device or a module goes away, by the ops tables
 * that they are in and by who calls them; and which only when the system
 * goes to sleep.
 */
#include <string.h>

#include "judge.h"

bool wq_name_has_word(const char *name, const char *word)
{
	size_t length = strlen(word);
	const char *found = name;

	while ((found = strstr(found, word))) {
		if ((found == name || found[-1] == '_') &&
		    (!found[length] || found[length] == '_'))
			return true;
		found += length;
	}
	return false;
}

bool wq_name_is_one_of(const char *name, const char *const *names,
		       size_t count)
{
	size_t i;

	for (i = 0; name && i < count; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

bool wq_function_has_slot(const struct wq_function *function, const char *slot)
{
	unsigned int i;

	for (i = 0; i < function->nr_roles; i++) {
		const char *dot = strrchr(function->roles[i], '.');

		if (dot && !strcmp(dot + 1, slot))
			return true;
	}
	return false;
}

bool wq_is_core_teardown(const char *name)
{
	static const char *const words[] = {
		"cleanup", "close", "del", "delete", "destroy", "detach",
		"disable", "disconnect", "exit", "free", "put", "release",
		"remove", "shutdown", "stop", "suspend", "unbind",
		"unregister",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (wq_name_has_word(name, words[i]))
			return true;
	return false;
}

/* Members of ops tables through which a device or object goes away. */
static bool is_teardown_slot(const char *role)
{
	static const char *const words[] = {
		"cleanup", "deinit", "dellink", "destroy", "detach",
		"disconnect", "dtor", "dtr", "exit", "fini", "free", "kill",
		"release", "remove", "unbind", "uninit", "unregister",
	};
	const char *slot = strrchr(role, '.');
	size_t i;

	slot = slot ? slot + 1 : role;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (wq_name_has_word(slot, words[i]))
			return true;
	return false;
}

/* Those through which it is closed first, and which unregistering calls. */
static bool is_closing_slot(const char *role)
{
	const char *slot = strrchr(role, '.');

	slot = slot ? slot + 1 : role;
	return wq_name_has_word(slot, "close") || wq_name_has_word(slot, "stop");
}

bool wq_function_has_teardown_role(const struct wq_function *function)
{
	unsigned int i;

	if (function->section == WQ_EXIT_TEXT)
		return true;
	for (i = 0; i < function->nr_roles; i++)
		if (is_teardown_slot(function->roles[i]))
			return true;
	return false;
}

static bool is_teardown_root(const struct wq_function *function,
			     const char *type)
{
	unsigned int i;

	if (wq_function_has_teardown_role(function))
		return true;
	for (i = 0; i < function->nr_roles; i++)
		if (is_closing_slot(function->roles[i]))
			return true;
	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event->kind == WQ_EVENT_DESTROY_QUEUE ||
		    (event->kind == WQ_EVENT_FREE && type && event->type &&
		     !strcmp(event->type, type)))
			return true;
	}
	return false;
}

/*
 * Members of dev_pm_ops and of bus drivers for system sleep, and .shutdown.
 * So is runtime suspend, but for drivers that call pm_runtime_force_suspend()
 * on the way out.
 */
static bool is_sleep_role(const char *role)
{
	static const char *const slots[] = {
		"complete", "freeze", "freeze_late", "freeze_noirq",
		"poweroff", "poweroff_late", "poweroff_noirq", "prepare",
		"restore", "restore_early", "restore_noirq", "resume",
		"resume_early", "resume_noirq", "suspend", "suspend_late",
		"suspend_noirq", "thaw", "thaw_early", "thaw_noirq",
	};
	const char *slot = strrchr(role, '.');
	size_t i;

	/* A driver's; that of uart_ops, for one, closes a port. */
	if (slot && !strcmp(slot, ".shutdown"))
		return slot - role > 7 && !strncmp(slot - 7, "_driver", 7);
	for (i = 0; slot && i < sizeof(slots) / sizeof(*slots); i++)
		if (!strcmp(slot + 1, slots[i]))
			return true;
	return false;
}

static bool calls_force_suspend(const struct wq_unit *unit)
{
	unsigned int i;

	for (i = 0; i < unit->nr_events; i++)
		if (unit->events[i]->callee &&
		    !strcmp(unit->events[i]->callee,
			    "pm_runtime_force_suspend"))
			return true;
	return false;
}

/* Found once, as it takes a look at every event. */
static void find_suspending(const struct wq_program *program)
{
	struct wq_found *found = program->found;
	unsigned int i;

	found->suspending = wq_arena_alloc(program->arena,
		program->nr_units * sizeof(*found->suspending));
	for (i = 0; i < program->nr_units; i++)
		if (calls_force_suspend(program->units[i]))
			found->suspending[found->nr_suspending++] =
				program->units[i];
	found->knows_suspending = true;
}

/* Does the module of @unit have itself suspended on its way out? */
static bool forces_suspend(const struct wq_program *program,
			   const struct wq_unit *unit)
{
	const struct wq_found *found = program->found;
	unsigned int i;

	if (!found->knows_suspending)
		find_suspending(program);
	for (i = 0; i < found->nr_suspending; i++)
		if (wq_units_share_module(found->suspending[i], unit))
			return true;
	return false;
}

static bool only_sleeps(const struct wq_program *program,
			const struct wq_function *function, unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	for (i = 0; i < function->nr_roles; i++)
		if (!is_sleep_role(function->roles[i]) &&
		    (strcmp(function->roles[i], "dev_pm_ops.runtime_suspend") ||
		     forces_suspend(program, function->unit)))
			return false;
	if (function->address_taken && !function->nr_roles)
		return false;
	callers = wq_program_callers(program, function, &count);
	for (i = 0; i < count; i++)
		if (!depth || !callers[i]->function ||
		    !only_sleeps(program, callers[i]->function, depth - 1))
			return false;
	return count || function->nr_roles;
}

bool wq_function_only_sleeps(const struct wq_program *program,
			     const struct wq_function *function)
{
	return only_sleeps(program, function, 4);
}

typedef bool (*function_test)(const struct wq_function *function,
			      const char *type);

/* Does @test hold for @function, its callers, theirs, up to a depth? */
static bool holds_upwards(const struct wq_program *program,
			  const struct wq_function *function,
			  function_test test, const char *type,
			  unsigned int depth)
{
	const struct wq_event *const *callers;
	unsigned int i, count;

	if (test(function, type))
		return true;
	callers = wq_program_callers(program, function, &count);
	for (i = 0; depth && i < count; i++)
		if (callers[i]->function &&
		    holds_upwards(program, callers[i]->function, test, type,
				  depth - 1))
			return true;
	return false;
}

bool wq_function_tears_down(const struct wq_program *program,
			    const struct wq_function *function,
			    const char *type)
{
	return holds_upwards(program, function, is_teardown_root, type, 4);
}

static bool is_exported(const struct wq_function *function, const char *type)
{
	(void)type;
	return wq_function_has_role(function, "exported");
}

bool wq_function_is_exported(const struct wq_program *program,
			     const struct wq_function *function)
{
	return holds_upwards(program, function, is_exported, NULL, 4);
}
