/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * missing-destroy of a queue that nothing destroys: at the end of what undoes
 * the function that allocates it, remove() for probe() and the module's exit
 * for its init function, when all that can queue on it is stopped; before its
 * struct is freed. A driver that has probe() alone leaves it to devres.
 */
#include <string.h>

#include "fix-destroy.h"
#include "paths.h"

#define MAX_UP	4	/* callers between probe and the allocation */

/* The one function that @function is run by, itself or not, with a role. */
static const struct wq_function *find_root(const struct wq_program *program,
					   const struct wq_function *function,
					   bool *is_optional)
{
	const struct wq_event *const *callers;
	unsigned int count, depth;

	for (depth = 0; depth < MAX_UP; depth++) {
		callers = wq_program_callers(program, function, &count);
		if (function->nr_roles)
			return count ? NULL : function;
		if (count != 1 || !callers[0]->function)
			return NULL;
		*is_optional |= wq_event_is_optional(program, callers[0]);
		function = callers[0]->function;
	}
	return NULL;
}

/* Does @role say the same ops as @other, up to the dot? */
static bool is_same_ops(const char *role, const char *other)
{
	const char *dot = strrchr(role, '.');

	return dot && !strncmp(role, other, (size_t)(dot - role) + 1);
}

static bool undoes(const struct wq_function *function,
		   const struct wq_function *root)
{
	unsigned int i;

	if (wq_function_has_role(root, "module_init"))
		return wq_function_has_role(function, "module_exit");
	for (i = 0; i < function->nr_roles; i++)
		if (is_same_ops(function->roles[i], root->roles[0]) &&
		    wq_function_has_teardown_role(function))
			return true;
	return false;
}

/* The queue as it is named in @function, or NULL; the body is in the ways. */
static const char *name_in(struct wq_destroy *destroy,
			   const struct wq_function *function)
{
	const struct wq_item *slot = destroy->queue.slot;
	struct wq_fix try = { .fixer = destroy->fix->fixer };

	destroy->ways.fix = destroy->fix;
	if (function->where.in_macro ||
	    !wq_fix_body(&try, function, &destroy->ways.body) ||
	    (!slot->type && slot->is_confined &&
	     function->unit != destroy->queue.alloc->function->unit))
		return NULL;
	destroy->ways.statement = destroy->ways.body.close;
	return wq_queue_there(destroy);
}

/*
 * What undoes @root and can name the queue; NULL: nothing, or several, whose
 * number is in @count. A module of several drivers has a remove for each.
 */
static const struct wq_function *find_undo(struct wq_destroy *destroy,
					   const struct wq_function *root,
					   unsigned int *count)
{
	const struct wq_program *program = destroy->fix->fixer->program;
	const struct wq_function *found = NULL;
	unsigned int i, j, nr_named = 0;

	*count = 0;
	for (i = 0; i < program->nr_units; i++)
		for (j = 0; wq_units_share_module(program->units[i], root->unit) &&
		     j < program->units[i]->nr_functions; j++) {
			const struct wq_function *function =
				program->units[i]->functions[j];

			if (!function->is_defined || !undoes(function, root) ||
			    wq_function_only_sleeps(program, function))
				continue;
			++*count;
			if (!name_in(destroy, function))
				continue;
			found = function;
			nr_named++;
		}
	return nr_named == 1 ? found : NULL;
}

/* Is an item on the queue late, and does nobody wait for that? */
static bool check_delays(struct wq_destroy *destroy)
{
	const struct wq_program *program = destroy->fix->fixer->program;
	unsigned int i, j;

	for (i = 0; i < program->nr_works; i++) {
		const struct wq_work *work = &program->works[i];

		for (j = 0; j < work->nr_uses; j++)
			if (wq_queue_gets_late(work->uses[j]->event, destroy) &&
			    !wq_work_waiter(program, work))
				return wq_fix_refuse(destroy->fix, "%s is queued on it with a delay, and nothing cancels it: do that first",
						     work->item->name);
	}
	return true;
}

/* Can a core queue on it, to which the driver is something with ops? */
static bool is_used_by_ops(struct wq_destroy *destroy)
{
	const struct wq_program *program = destroy->fix->fixer->program;
	struct wq_queuer queuer;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++)
		if (program->uses[i].event->kind == WQ_EVENT_QUEUE &&
		    wq_own_queue_may_be(&destroy->queue, &program->uses[i]) &&
		    wq_use_find_queuer(program, &program->uses[i], &queuer) &&
		    queuer.role && strstr(queuer.role, "_ops.") &&
		    !wq_function_only_sleeps(program, queuer.function))
			return true;
	return false;
}

/* Does devres stop who can queue on it, after the driver's own teardown? */
static bool check_managed(struct wq_destroy *destroy)
{
	const struct wq_program *program = destroy->fix->fixer->program;
	bool by_ops = is_used_by_ops(destroy);
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++) {
			const struct wq_event *event =
				program->units[i]->events[j];

			if (event->function && event->callee &&
			    !strncmp(event->callee, "devm_", 5) &&
			    ((by_ops && strstr(event->callee, "register")) ||
			     wq_hands_on_user(event, destroy)))
				return wq_fix_refuse(destroy->fix, "%s:%u: what %s() sets up can queue on it until devres ends that",
						     event->where.file,
						     event->where.line,
						     event->callee);
		}
	return true;
}

/* At the end of the function that undoes */

/* The last return, or the brace; false: there are others. */
static bool find_end(const struct wq_body *body, unsigned int *end)
{
	unsigned int i;

	*end = body->close;
	for (i = body->open + 1; i < body->close; i++)
		if (wq_token_is(body->tokens, i, "return") ||
		    wq_token_is(body->tokens, i, "goto")) {
			if (*end != body->close)
				return false;
			*end = i;
		}
	if (*end == body->close)
		return true;
	for (i = *end; !wq_token_is(body->tokens, i, ";"); i++)
		;
	return i + 1 == body->close &&
	       body->tokens->list[*end].depth ==
	       body->tokens->list[body->open].depth + 1 &&
	       !wq_token_is(body->tokens, *end - 1, ")");
}

/* Where the struct goes before that, or @end. */
static unsigned int before_free(struct wq_destroy *destroy,
				const struct wq_function *function,
				const struct wq_body *body, unsigned int end)
{
	unsigned int i, token;

	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event->kind != WQ_EVENT_PUT &&
		    !wq_frees_slot(event, destroy) &&
		    !wq_walk_call(destroy->fix->fixer->program, event,
				  wq_frees_slot, destroy))
			continue;
		token = wq_token_at(body->tokens, event->where.line,
				    event->where.column_bytes);
		return token < end ? token : end;
	}
	return end;
}

static bool destroy_in(struct wq_destroy *destroy,
		       const struct wq_function *function, bool is_optional)
{
	struct wq_fix *fix = destroy->fix;
	const char *name = name_in(destroy, function);
	const struct wq_body body = destroy->ways.body;
	unsigned int end;
	size_t start;

	if (!find_end(&body, &end))
		return wq_fix_refuse(fix, "%s() has several ways out",
				     function->name);
	end = before_free(destroy, function, &body, end);
	start = wq_line_start(body.tokens, body.tokens->list[end].offset);
	if (body.tokens->list[end - 1].line == body.tokens->list[end].line ||
	    body.tokens->list[end].depth > body.tokens->list[body.open].depth + 1 ||
	    wq_token_is(body.tokens, end - 1, ")") ||
	    body.tokens->list[end].branch != body.tokens->list[body.open].branch)
		return wq_fix_refuse(fix, "%s:%u: how %s() ends is not understood",
				     body.text->name,
				     body.tokens->list[end].line,
				     function->name);
	/* Before the empty line that is before a return. */
	if (start >= 2 && body.tokens->text[start - 2] == '\n')
		start = wq_line_end(body.tokens,
				    body.tokens->list[end - 1].offset);
	wq_edits_add(&fix->edits, body.text, start, 0,
		     wq_arena_printf(fix->fixer->arena, is_optional
				     ? "\tif (%s)\n\t\tdestroy_workqueue(%s);\n"
				     : "\tdestroy_workqueue(%s);\n", name, name));
	return true;
}

/* Is the struct all zero when there is no queue? */
static bool is_zeroed(const struct wq_destroy *destroy)
{
	const struct wq_program *program = destroy->fix->fixer->program;
	const struct wq_item *slot = destroy->queue.slot;
	const struct wq_event *const *allocs;
	unsigned int count, i;
	bool found = false;

	if (!slot->type)
		return true;
	allocs = wq_program_events(program, WQ_EVENT_ALLOC, &count);
	for (i = 0; i < count; i++) {
		if (!allocs[i]->type || strcmp(allocs[i]->type, slot->type))
			continue;
		if (!allocs[i]->callee || !strstr(allocs[i]->callee, "zalloc"))
			return false;
		found = true;
	}
	return found;
}

bool wq_fix_never_destroyed(struct wq_destroy *destroy)
{
	const struct wq_event *alloc = destroy->queue.alloc;
	const struct wq_program *program = destroy->fix->fixer->program;
	struct wq_fix *fix = destroy->fix;
	bool is_optional = wq_event_is_optional(program, alloc);
	const struct wq_function *root, *undo;
	unsigned int count;

	root = find_root(program, alloc->function, &is_optional);
	if (!root || !destroy->queue.slot)
		return wq_fix_refuse(fix, "when its owner goes is not seen");
	undo = find_undo(destroy, root, &count);
	if (!undo)
		return wq_fix_refuse(fix, count ? "what undoes %s() cannot name the queue"
				     : "there is no function that undoes %s()",
				     root->name);
	if (is_optional && !is_zeroed(destroy))
		return wq_fix_refuse(fix, "%s() goes on without the queue, too: where it is NULL is not clear",
				     root->name);
	if (!check_delays(destroy) || !check_managed(destroy) ||
	    !destroy_in(destroy, undo, is_optional))
		return false;
	fix->subject = wq_arena_printf(fix->fixer->arena, "Destroy %s",
				       wq_own_queue_text(&destroy->queue));
	fix->text = wq_arena_printf(fix->fixer->arena,
		"Nothing destroys %s, which %s() allocates. Do that in %s(), "
		"when all that can queue on it is stopped.",
		wq_own_queue_text(&destroy->queue), alloc->function->name,
		undo->name);
	return true;
}
