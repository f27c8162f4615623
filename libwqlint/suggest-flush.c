/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Suggestions for a flush of a shared queue. The order is the announcement's:
 * Step 0 asks whether the flush is needed at all, and most conversions
 * upstream ended there.
 */
#include <ctype.h>
#include <string.h>

#include "api.h"
#include "resolve.h"
#include "source.h"
#include "suggest.h"
#include "suggest-items.h"

/* Edits */

bool wq_call_stands_alone(const struct wq_program *program,
			  struct wq_location where, const char *directory,
			  const char *call)
{
	const char *line, *end;
	unsigned int number;

	line = wq_source_line(program->sources, directory, where.file,
			      where.line);
	if (!line || strspn(line, "\t ") + 1 != where.column_bytes)
		return false;
	end = line + where.column_bytes - 1 + strlen(call);
	if (strcmp(end, ";"))
		return false;
	for (number = where.line - 1; number; number--) {
		size_t length;

		line = wq_source_line(program->sources, directory, where.file,
				      number);
		if (!line)
			return false;
		length = strlen(line);
		while (length && isspace((unsigned char)line[length - 1]))
			length--;
		/* What ends in a comment may end in "if (x)" before it. */
		if (length)
			return strchr(";{}", line[length - 1]) &&
			       !strstr(line, "//");
	}
	return false;
}

/*
 * The text of a call that names the queue in plain sight, when that is what
 * stands at @use; NULL when the queue came through a variable or a macro.
 */
static const char *plain_call(const struct wq_program *program,
			      const struct wq_use *use, const char *name)
{
	const struct wq_event *event = use->event;
	const char *directory, *text;

	if (!program->sources || !event->function || !event->callee ||
	    use->context)
		return NULL;
	directory = event->function->unit->directory;
	text = !strcmp(event->callee, "flush_scheduled_work")
		? "flush_scheduled_work()"
		: wq_arena_printf(program->arena, "%s(%s)", event->callee,
				  name);
	return wq_source_is(program->sources, directory, event->where, text)
	       ? text : NULL;
}

static const char *wait_call(const struct wq_program *program,
			     const struct wq_work *work, const char *expression)
{
	return wq_arena_printf(program->arena, "%s(%s)", wq_flush_call(work),
			       expression);
}

void wq_add_removal(const struct wq_program *program,
		    struct wq_findings *findings, struct wq_finding *finding,
		    const char *directory, const char *call)
{
	struct wq_location where = finding->where;
	const char *line = wq_source_line(program->sources, directory,
					  where.file, where.line);
	int indent = (int)where.column_bytes - 1;

	where.column_bytes = 1;
	wq_finding_edit(findings, finding, where,
			wq_arena_printf(findings->arena, "%.*s%s;", indent,
					line, call), "");
}

/* One wait replaces the call; the others become lines before it. */
static void add_waits(const struct wq_program *program,
		      struct wq_findings *findings, struct wq_finding *finding,
		      const struct wq_event *flush,
		      const struct wq_queued *queued, const char *call)
{
	struct wq_location line_start = finding->where;
	const char *line = wq_source_line(program->sources,
					  flush->function->unit->directory,
					  finding->where.file,
					  finding->where.line);
	unsigned int i, last = queued->count - 1;

	line_start.column_bytes = 1;
	for (i = 0; i < last; i++)
		wq_finding_edit(findings, finding, line_start, "",
			wq_arena_printf(program->arena, "%.*s%s;\n",
					(int)finding->where.column_bytes - 1,
					line, wait_call(program,
							queued->works[i],
							queued->names[i])));
	wq_finding_edit(findings, finding, finding->where, call,
			wait_call(program, queued->works[last],
				  queued->names[last]));
}

/* Texts */

/*
 * "foo_lock is released at FILE:LINE", for a lock that may be held at @flush
 * and that a handler takes; or NULL.
 */
static const char *lock_to_release(const struct wq_program *program,
				   const struct wq_event *flush,
				   const struct wq_queued *queued)
{
	struct wq_contention contention;
	unsigned int i;

	for (i = 0; i < queued->nr_shown; i++)
		if (wq_event_contends(program, flush, queued->works[i],
				      &contention))
			return wq_arena_printf(program->arena,
				"%s is released%s", contention.lock,
				!contention.released ? "" :
				wq_arena_printf(program->arena, " at %s:%u",
					contention.released->where.file,
					contention.released->where.line));
	return NULL;
}

/* Two names for what people take for one queue; Linux 6.12 and later. */
static bool is_twin(const char *name)
{
	return !strcmp(name, "system_wq") || !strcmp(name, "system_percpu_wq");
}

static void suggest_removal(const struct wq_program *program,
			    struct wq_findings *findings,
			    struct wq_finding *finding,
			    const struct wq_use *use, const char *name,
			    const struct wq_queued *here)
{
	const struct wq_event *flush = use->event;
	const char *call = plain_call(program, use, name);
	const char *twin = flush->function->unit->schedule_queue;
	const char *directory = flush->function->unit->directory;
	struct wq_queued queued;

	finding->suggestion.step = 0;
	if (is_twin(name) && twin && strcmp(twin, name)) {
		wq_queued_find(program, flush, twin, &queued);
		if (queued.count) {
			finding->suggestion.text = wq_arena_printf(
				findings->arena,
				"schedule_work() uses %s in this kernel: this "
				"flush of %s does not wait for it at all",
				twin, name);
			return;
		}
	}
	if (!program->complete) {
		finding->suggestion.text = wq_arena_printf(findings->arena,
			here->nr_waited
			? "Step 0: what this file queues on %s has been waited "
			  "for before; where nothing else of the module is "
			  "there, remove the call"
			: "Step 0: nothing in this file is ever queued on %s; "
			  "where that is true of the whole module, remove the "
			  "call", name);
		return;
	}
	if (wq_function_is_exported(program, flush->function)) {
		finding->suggestion.text = wq_arena_printf(findings->arena,
			here->nr_waited
			? "Step 0: what this module queues on %s has been "
			  "waited for before; where the modules that call %s() "
			  "queue nothing there, remove the call"
			: "Step 0: nothing in this module is ever queued on %s; "
			  "where the modules that call %s() queue nothing there "
			  "either, remove the call", name,
			flush->function->name);
		return;
	}
	finding->suggestion.text = wq_arena_printf(findings->arena,
		here->nr_waited
		? "Step 0: what this module queues on %s has been waited for "
		  "before: remove the call"
		: "Step 0: nothing in this module is ever queued on %s: remove "
		  "the call", name);
	if (call && here->certain &&
	    wq_call_stands_alone(program, finding->where, directory, call))
		wq_add_removal(program, findings, finding, directory, call);
}

static const char *list_waits(const struct wq_program *program,
			      const struct wq_queued *queued)
{
	const char *text = "";
	unsigned int i;

	for (i = 0; i < queued->count; i++)
		text = wq_arena_printf(program->arena, "%s%s%s%s%s", text,
				       i ? ", " : "",
				       queued->loops[i] ? queued->loops[i] : "",
				       queued->loops[i] ? " " : "",
				       wait_call(program, queued->works[i],
						 queued->names[i]));
	return text;
}

static void suggest_waits(const struct wq_program *program,
			  struct wq_findings *findings,
			  struct wq_finding *finding,
			  const struct wq_use *use, const char *name,
			  const struct wq_queued *queued)
{
	const char *call = plain_call(program, use, name);
	const char *lock = lock_to_release(program, use->event, queued);

	finding->suggestion.step = 0;
	if (lock) {
		finding->suggestion.text = wq_arena_printf(findings->arena,
			"Step 0: wait for the module's own work items, but "
			"only after %s: a handler takes it",
			lock);
		return;
	}
	finding->suggestion.text = wq_arena_printf(findings->arena,
		"Step 0: wait only for what this %s queues there: %s; "
		"cancel_*_sync() where the work need not run any more",
		program->complete ? "module" : "file",
		list_waits(program, queued));
	/* A loop needs a variable, too: that is for wqlint fix. */
	if (call && queued->certain && !queued->has_loop &&
	    (queued->count == 1 ||
	     wq_call_stands_alone(program, finding->where,
			  use->event->function->unit->directory, call)))
		add_waits(program, findings, finding, use->event, queued, call);
}

const char *wq_own_queue_flags(const struct wq_program *program,
			       const struct wq_event *flush, const char *name)
{
	const struct wq_system_queue *row = wq_system_queue_find(name);
	const char *schedule_queue = flush->function->unit->schedule_queue;
	bool has_percpu = row->since_percpu ||
		(schedule_queue && !strcmp(schedule_queue, "system_percpu_wq"));

	if (!row->per_cpu || !has_percpu)
		return row->flags;
	return strcmp(row->flags, "0")
	       ? wq_arena_printf(program->arena, "%s | WQ_PERCPU", row->flags)
	       : "WQ_PERCPU";
}

static void suggest_steps(const struct wq_program *program,
			  struct wq_findings *findings,
			  struct wq_finding *finding,
			  const struct wq_use *use, const char *name,
			  const struct wq_queued *queued)
{
	const char *lock = lock_to_release(program, use->event, queued);
	unsigned int i;

	finding->suggestion.step = 1;
	finding->suggestion.text = wq_arena_printf(findings->arena,
		"Steps 1 to 5: give the module its own queue, "
		"alloc_workqueue(\"...\", %s, 0), put %u work item%s on it "
		"instead of %s, and flush that queue %s%s%s",
		wq_own_queue_flags(program, use->event, name), queued->count,
		queued->count == 1 ? "" : "s", name,
		lock ? "only after " : "here", lock ? lock : "",
		lock ? ": a handler takes it" : "");
	for (i = 0; i < queued->nr_shown; i++) {
		const struct wq_event *event = queued->uses[i]->event;

		wq_finding_relate(findings, finding, event->where,
				  event->function ? event->function->name
						  : NULL,
				  "%s is queued on %s here",
				  queued->works[i]->item->name, name);
	}
}

void wq_suggest_for_flush(const struct wq_program *program,
			  struct wq_findings *findings,
			  struct wq_finding *finding,
			  const struct wq_use *use, const char *name)
{
	struct wq_queued queued;
	unsigned int i;

	wq_queued_find(program, use->event, name, &queued);
	for (i = 0; i < queued.nr_shown; i++)
		if (wq_work_is_handler(queued.works[i], use->event->function)) {
			finding->suggestion.step = 0;
			finding->suggestion.text = wq_arena_printf(
				findings->arena,
				"Step 0: this runs in the handler of %s, which "
				"is on %s itself: the call waits for itself, "
				"remove it", queued.works[i]->item->name, name);
			return;
		}
	if (!queued.count)
		suggest_removal(program, findings, finding, use, name,
				&queued);
	else if (queued.all_nameable)
		suggest_waits(program, findings, finding, use, name, &queued);
	else
		suggest_steps(program, findings, finding, use, name, &queued);
}
