/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deprecated-queue: create_workqueue() and its kind; and, where the kernel at
 * hand has their successors, the old names of shared queues, and allocations
 * that say neither WQ_PERCPU nor WQ_UNBOUND.
 *
 * That a kernel has the successors shows in a module that uses any of them,
 * itself or through what include/linux/workqueue.h makes of its calls.
 */
#include <ctype.h>
#include <string.h>

#include "api.h"
#include "deprecated.h"
#include "judge.h"
#include "rule.h"
#include "source.h"

extern const struct wq_rule wq_rule_deprecated_queue;

static bool is_percpu_queue(const struct wq_expr *expr)
{
	const struct wq_system_queue *queue;

	if (expr->kind != WQ_EXPR_GLOBAL || expr->is_static)
		return false;
	queue = wq_system_queue_find(expr->name);
	return queue && queue->since_percpu;
}

/* Does @unit show that its kernel has WQ_PERCPU and what came with it? */
static bool shows_successors(const struct wq_unit *unit)
{
	unsigned int i;

	for (i = 0; i < unit->nr_exprs; i++)
		if (is_percpu_queue(unit->exprs[i]))
			return true;
	for (i = 0; i < unit->nr_events; i++)
		if (unit->events[i]->kind == WQ_EVENT_ALLOC_QUEUE &&
		    unit->events[i]->number > 0 &&
		    (unit->events[i]->number & WQ_FLAG_PERCPU))
			return true;
	return false;
}

bool wq_program_has_percpu(const struct wq_program *program)
{
	unsigned int i;

	for (i = 0; i < program->nr_units; i++)
		if (shows_successors(program->units[i]))
			return true;
	return false;
}

static void finish(struct wq_findings *findings, struct wq_finding *finding,
		   const struct wq_event *event, const char *advice)
{
	finding->function = wq_arena_copy(findings->arena,
					  event->function->name);
	finding->suggestion.step = -1;
	finding->suggestion.text = advice;
}

void wq_create_successor(const struct wq_event *alloc, bool percpu,
			 const char **name, const char **flags)
{
	*name = "alloc_workqueue";
	if (alloc->number & WQ_FLAG_ORDERED) {
		*name = "alloc_ordered_workqueue";
		*flags = "WQ_MEM_RECLAIM";
	} else if (alloc->number & WQ_FLAG_FREEZABLE) {
		*flags = "WQ_FREEZABLE | WQ_UNBOUND | WQ_MEM_RECLAIM, 1";
	} else {
		*flags = percpu ? "WQ_PERCPU | WQ_MEM_RECLAIM, 1"
				: "WQ_MEM_RECLAIM, 1";
	}
}

/* Length of the literal "..." without % that @text is until its ")", or 0. */
static size_t literal_bytes(const char *text)
{
	size_t bytes;

	if (*text != '"')
		return 0;
	bytes = 1 + strcspn(text + 1, "\"%\\");
	return text[bytes] == '"' && text[bytes + 1] == ')' ? bytes + 1 : 0;
}

static void edit_create(const struct wq_program *program,
			struct wq_findings *findings,
			struct wq_finding *finding,
			const struct wq_event *alloc, const char *name,
			const char *flags)
{
	const char *directory = alloc->function->unit->directory;
	const char *old = wq_arena_printf(program->arena, "%s(", alloc->callee);
	const char *line, *text;
	size_t literal;

	if (!program->sources ||
	    !wq_source_is(program->sources, directory, alloc->where, old))
		return;
	line = wq_source_line(program->sources, directory, alloc->where.file,
			      alloc->where.line);
	text = line + alloc->where.column_bytes - 1 + strlen(old);
	literal = literal_bytes(text);
	if (literal)
		wq_finding_edit(findings, finding, alloc->where,
			wq_arena_printf(program->arena, "%s%.*s)", old,
					(int)literal, text),
			wq_arena_printf(program->arena, "%s(%.*s, %s)", name,
					(int)literal, text, flags));
	else if (*text && *text != ')')
		wq_finding_edit(findings, finding, alloc->where, old,
			wq_arena_printf(program->arena, "%s(\"%%s\", %s, ",
					name, flags));
}

bool wq_alloc_is_create(const struct wq_event *alloc)
{
	return alloc->number >= 0 && (alloc->number & WQ_FLAG_LEGACY) &&
	       alloc->callee &&
	       !strncmp(alloc->callee, "create_", strlen("create_"));
}

static void check_create(const struct wq_program *program,
			 struct wq_findings *findings,
			 const struct wq_event *alloc, bool percpu)
{
	const char *name, *flags;
	struct wq_finding *finding;
	struct wq_location wait;

	wq_create_successor(alloc, percpu, &name, &flags);
	finding = wq_findings_add(findings, &wq_rule_deprecated_queue,
				  alloc->where, "%s() is deprecated: use %s()",
				  alloc->callee, name);
	finish(findings, finding, alloc, wq_arena_printf(findings->arena,
		"%s(\"%%s\", %s, name), without WQ_MEM_RECLAIM where memory "
		"reclaim does not need the queue", name, flags));
	if (!wq_create_hides_wait(program, alloc, &wait))
		edit_create(program, findings, finding, alloc, name, flags);
}

static void check_alloc(const struct wq_program *program,
			struct wq_findings *findings,
			const struct wq_event *alloc, bool percpu)
{
	struct wq_finding *finding;

	if (alloc->number < 0 || !alloc->callee)
		return;
	if (wq_alloc_is_create(alloc)) {
		check_create(program, findings, alloc, percpu);
		return;
	}
	if (!percpu || (alloc->number & (WQ_FLAG_UNBOUND | WQ_FLAG_PERCPU)))
		return;
	finding = wq_findings_add(findings, &wq_rule_deprecated_queue,
				  alloc->where, "%s() with neither WQ_PERCPU "
				  "nor WQ_UNBOUND", alloc->callee);
	finish(findings, finding, alloc, "say WQ_PERCPU, which it is now, or "
	       "WQ_UNBOUND where the work may run on any CPU");
}

const char *wq_new_queue_name(const char *name)
{
	if (!strcmp(name, "system_wq"))
		return "system_percpu_wq";
	return strcmp(name, "system_unbound_wq") ? NULL : "system_dfl_wq";
}

static const char *old_name_in(const struct wq_expr *value)
{
	if (!value || value->kind != WQ_EXPR_LOAD ||
	    value->base->kind != WQ_EXPR_GLOBAL || value->base->is_static ||
	    !wq_new_queue_name(value->base->name))
		return NULL;
	return value->base->name;
}

const char *wq_event_old_queue(const struct wq_event *event)
{
	const struct wq_api *api = event->callee ? wq_api_find(event->callee)
						 : NULL;

	if (api && (api->flags & WQ_API_SCHEDULES))
		return NULL;
	return event->kind == WQ_EVENT_STORE ? old_name_in(event->value)
					     : old_name_in(event->queue);
}

static bool is_word_byte(char byte)
{
	return isalnum((unsigned char)byte) || byte == '_';
}

/* The one place of the word @name on @event's line becomes @new_text. */
static void edit_name(const struct wq_program *program,
		      struct wq_findings *findings, struct wq_finding *finding,
		      const struct wq_event *event, const char *name,
		      const char *new_text)
{
	struct wq_location where = event->where;
	const char *line, *found;

	if (!program->sources)
		return;
	line = wq_source_line(program->sources,
			      event->function->unit->directory, where.file,
			      where.line);
	found = line ? strstr(line, name) : NULL;
	if (!found || strstr(found + 1, name) || strchr(line, '"') ||
	    (found > line && is_word_byte(found[-1])) ||
	    is_word_byte(found[strlen(name)]))
		return;
	where.column_bytes = found - line + 1;
	wq_finding_edit(findings, finding, where, name, new_text);
}

static void check_name(const struct wq_program *program,
		       struct wq_findings *findings,
		       const struct wq_event *event)
{
	const char *name = wq_event_old_queue(event);
	struct wq_finding *finding;

	if (!name)
		return;
	finding = wq_findings_add(findings, &wq_rule_deprecated_queue,
				  event->where, "%s is the old name of %s",
				  name, wq_new_queue_name(name));
	finding->queue = wq_arena_copy(findings->arena, name);
	finish(findings, finding, event, wq_arena_printf(findings->arena,
		"%s, in all uses of the work item together: the two names are "
		"of separate queues", wq_new_queue_name(name)));
	edit_name(program, findings, finding, event, name, wq_new_queue_name(name));
}

static void check(const struct wq_program *program,
		  struct wq_findings *findings)
{
	bool percpu = wq_program_has_percpu(program);
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++) {
			const struct wq_event *event =
				program->units[i]->events[j];

			if (!event->function)
				continue;
			if (event->kind == WQ_EVENT_ALLOC_QUEUE)
				check_alloc(program, findings, event, percpu);
			else if (percpu)
				check_name(program, findings, event);
		}
}

const struct wq_rule wq_rule_deprecated_queue = {
	.id = "deprecated-queue",
	.level = WQ_CHECK,
	.needs_only_users = true,
	.summary = "an old way to get a workqueue, where there is a new one",
	.why =
"Documentation/core-api/workqueue.rst: \"The original ``create_*workqueue()``\n"
"functions are deprecated and scheduled for removal.\" They set WQ_MEM_RECLAIM,\n"
"and so keep a rescuer thread, whether memory reclaim needs the queue or not,\n"
"and __WQ_LEGACY, which turns the kernel's check of what its handlers wait for\n"
"off. Kernels that have WQ_PERCPU want every allocation to say it or\n"
"WQ_UNBOUND, and warn at run time where it does not; of system_wq their\n"
"include/linux/workqueue.h says: \"use system_percpu_wq, this will be removed\".\n"
"system_unbound_wq is system_dfl_wq there. Linux 7.2 warns of whoever queues on\n"
"the old two.\n",
	.limits =
"Level CHECK (--strict): these work. The second and third kind is reported only\n"
"where the kernel has the successors, which shows in a module that uses one of\n"
"them, or calls schedule_work() where that uses system_percpu_wq; a module that\n"
"uses nothing but old names in such a kernel is not judged. Allocations whose\n"
"flags are no constant are not. The old names are separate queues: an item that\n"
"is queued on both, or a flush of the old queue, must move together. There is no\n"
"fix where a handler on the queue may wait for one without WQ_MEM_RECLAIM, itself\n"
"or in unregister_netdev() and a few others: without __WQ_LEGACY the kernel would\n"
"warn of that. Waits in functions of other modules are not seen.\n",
	.wrong =
"foo->wq = create_singlethread_workqueue(\"foo\");\n",
	.right =
"foo->wq = alloc_ordered_workqueue(\"foo\", 0);\n",
	.check = check,
};
