/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which change fits a finding, and what no change may do.
 */
#include <string.h>

#include "fix-array.h"
#include "resolve.h"
#include "rule.h"
#include "suggest-items.h"

const struct wq_event *wq_fix_event(const struct wq_fix *fix,
				    bool (*is_it)(const struct wq_event *event))
{
	const struct wq_program *program = fix->fixer->program;
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++) {
			const struct wq_event *event =
				program->units[i]->events[j];

			if (event->function && is_it(event) &&
			    !wq_location_compare(&event->where,
						 &fix->finding->where))
				return event;
		}
	return NULL;
}

/* The use that @finding is about, of one of the @nr_kinds @kinds. */
static const struct wq_use *use_of(const struct wq_fix *fix,
				   const enum wq_event_kind *kinds,
				   unsigned int nr_kinds)
{
	const struct wq_program *program = fix->fixer->program;
	unsigned int i, j;

	for (i = 0; i < program->nr_uses; i++)
		for (j = 0; j < nr_kinds; j++)
			if (program->uses[i].event->kind == kinds[j] &&
			    !wq_location_compare(&program->uses[i].event->where,
						 &fix->finding->where))
				return &program->uses[i];
	return NULL;
}

/*
 * Can the arguments of the call go? A local variable that nothing else reads
 * would be left behind.
 */
static bool can_drop_arguments(struct wq_fix *fix, const struct wq_event *event)
{
	const struct wq_expr *queue = event->queue;
	struct wq_text *text;
	unsigned int token;

	text = wq_fix_call(fix, event->where, event->callee, &token);
	if (!text)
		return false;
	if (wq_token_closing(text->tokens, token + 1, false) == token + 3 &&
	    queue && (queue->kind != WQ_EXPR_LOAD ||
		      queue->base->kind != WQ_EXPR_GLOBAL))
		return wq_fix_refuse(fix, "nothing of the module is on %s, but the queue is in a variable that may be left without use",
				     fix->finding->queue);
	return true;
}

static const char *name_list(struct wq_arena *arena,
			     const struct wq_queued *queued)
{
	const char *text = "";
	unsigned int i;

	for (i = 0; i < queued->count; i++)
		text = wq_arena_printf(arena, "%s%s%s", text,
				       !i ? "" : i + 1 < queued->count ? ", "
				       : " and ", queued->works[i]->item->name);
	return text;
}

static bool remove_flush(struct wq_fix *fix, const struct wq_use *use,
			 const char *name, const struct wq_queued *queued)
{
	struct wq_arena *arena = fix->fixer->arena;

	if (!fix->fixer->program->complete)
		return wq_fix_refuse(fix, "not all units of the module were linted: another may have something on the queue");
	if (wq_function_is_exported(fix->fixer->program, use->event->function))
		return wq_fix_refuse(fix, "nothing of the module is on the queue, but other modules call this function, and they may have something there");
	if (!queued->certain)
		return wq_fix_refuse(fix, "something is queued on a queue that is not known, and may be this one");
	if (use->context)
		return wq_fix_refuse(fix, "which queue is flushed depends on the caller");
	if (!can_drop_arguments(fix, use->event) ||
	    !wq_fix_remove_call(fix, use->event))
		return false;
	fix->subject = wq_arena_printf(arena, "Do not flush %s", name);
	fix->text = wq_arena_printf(arena,
		"%s, so there is "
		"nothing that %s() in %s() has to wait for. Remove the call.",
		wq_arena_printf(arena, queued->nr_waited
			? "What this module queues on %s has been waited for before"
			: "Nothing in this module is ever queued on %s", name),
		use->event->callee, use->event->function->name);
	return true;
}

static bool is_safe_to_wait(struct wq_fix *fix, const struct wq_use *use,
			    const struct wq_queued *queued)
{
	const char *objection;
	unsigned int i;

	for (i = 0; i < queued->nr_shown; i++) {
		objection = wq_lock_objection(fix->fixer->program,
					      queued->works[i], use->event);
		if (objection)
			return wq_fix_refuse(fix, "%s", objection);
	}
	return true;
}

/* The indentation of the line at @offset, when nothing but it is before. */
static const char *indent_at(struct wq_arena *arena, const struct wq_text *text,
			     size_t offset)
{
	size_t start = wq_line_start(text->tokens, offset);

	if (strspn(text->bytes + start, "\t ") < offset - start)
		return NULL;
	return wq_arena_printf(arena, "%.*s", (int)(offset - start),
			       text->bytes + start);
}

/* The wait for item @number, in place of the call @flush; no ";" after it. */
static const char *wait_text(struct wq_fix *fix, const struct wq_event *flush,
			     const struct wq_queued *queued,
			     unsigned int number, const char *indent)
{
	const struct wq_work *work = queued->works[number];
	struct wq_arena *arena = fix->fixer->arena;
	const char *call = fix->fixer->choice == WQ_FIX_CANCEL
		? wq_cancel_call(work) : wq_flush_call(work), *text;
	struct wq_loop loop;

	if (!queued->loops[number])
		return wq_arena_printf(arena, "%s(%s)", call,
				       queued->names[number]);
	if (!wq_array_name_at(fix, work, flush, &loop))
		return NULL;
	text = wq_loop_text(arena, &loop, call, indent) + strlen(indent);
	return wq_arena_printf(arena, "%.*s", (int)strlen(text) - 1, text);
}

static bool wait_by_name(struct wq_fix *fix, const struct wq_use *use,
			 const char *name, const struct wq_queued *queued)
{
	struct wq_arena *arena = fix->fixer->arena;
	bool cancel = fix->fixer->choice == WQ_FIX_CANCEL;
	const struct wq_event *flush = use->event;
	const char *calls = "", *indent, *wait;
	unsigned int token, end, i;
	struct wq_text *text;
	size_t offset;

	text = wq_fix_call(fix, flush->where, flush->callee, &token);
	if (!text || !is_safe_to_wait(fix, use, queued))
		return false;
	offset = text->tokens->list[token].offset;
	end = wq_token_closing(text->tokens, token + 1, false);
	indent = indent_at(arena, text, offset);
	if ((queued->count > 1 || queued->has_loop) &&
	    (!indent || !token ||
	     (!wq_token_is(text->tokens, token - 1, ";") &&
	      !wq_token_is(text->tokens, token - 1, "{") &&
	      !wq_token_is(text->tokens, token - 1, "}"))))
		return wq_fix_refuse(fix, "the call is no statement of its own, and %u calls would take its place",
				     queued->count);
	for (i = 0; i < queued->count; i++) {
		wait = wait_text(fix, flush, queued, i, indent);
		if (!wait)
			return false;
		calls = wq_arena_printf(arena, "%s%s%s", calls,
			i ? wq_arena_printf(arena, ";\n%s", indent) : "",
			wait);
	}
	wq_edits_add(&fix->edits, text, offset,
		     text->tokens->list[end].offset + 1 - offset, calls);
	fix->subject = wq_arena_printf(arena, "Do not flush %s", name);
	fix->text = wq_arena_printf(arena,
		"All that this module has on %s where %s() flushes it is %s. "
		"%s, and not for the work of strangers.", name,
		flush->function->name, name_list(arena, queued),
		cancel ? "Cancel it and wait for it alone"
		       : "Wait for it alone");
	return true;
}

static bool fix_flush(struct wq_fix *fix)
{
	static const enum wq_event_kind kinds[] = {
		WQ_EVENT_FLUSH_QUEUE, WQ_EVENT_DRAIN_QUEUE,
	};
	const struct wq_use *use = use_of(fix, kinds, 2);
	const char *name = fix->finding->queue;
	struct wq_queued queued;

	if (!use || !name || strchr(name, ' '))
		return wq_fix_refuse(fix, "which queue is flushed is not certain");
	wq_queued_find(fix->fixer->program, use->event, name, &queued);
	if (fix->fixer->choice == WQ_FIX_OWN_QUEUE)
		return wq_fix_own_queue(fix, use, name);
	if (!queued.count)
		return remove_flush(fix, use, name, &queued);
	/* An uncertain name: a pointer that can be NULL, an item unseen. */
	if (queued.all_nameable &&
	    (queued.certain || (fix->fixer->program->complete &&
				wq_function_is_exported(fix->fixer->program,
							use->event->function))))
		return wait_by_name(fix, use, name, &queued);
	if (fix->fixer->choice != WQ_FIX_BEST)
		return wq_fix_refuse(fix, "the items on %s cannot all be named here", name);
	return wq_fix_own_queue(fix, use, name);
}

const struct wq_work *wq_fix_work(struct wq_fix *fix)
{
	const struct wq_program *program = fix->fixer->program;
	const char *name = fix->finding->work;
	const struct wq_work *found = NULL;
	unsigned int i, count = 0;

	for (i = 0; name && i < program->nr_works; i++)
		if (program->works[i].item->name &&
		    !strcmp(program->works[i].item->name, name)) {
			found = &program->works[i];
			count++;
		}
	if (count == 1)
		return found;
	wq_fix_refuse(fix, "several work items have that name");
	return NULL;
}

/* Step 4: on the own queue, else a wait by name. */
static bool fix_step4(struct wq_fix *fix)
{
	const struct wq_program *program = fix->fixer->program;
	const struct wq_work *work = wq_fix_work(fix);
	const char *queue, *wait;
	const struct wq_use *own;

	if (!work)
		return false;
	own = wq_nearest_queue_waiter(program, work);
	if (!own || fix->fixer->choice == WQ_FIX_CANCEL)
		return wq_fix_cancel(fix, work);
	if (wq_fix_queue(fix, work, own))
		return true;
	if (fix->fixer->choice == WQ_FIX_OWN_QUEUE)
		return false;
	queue = fix->refusal;
	fix->refusal = NULL;
	fix->edits.count = 0;
	if (wq_fix_cancel(fix, work))
		return true;
	wait = fix->refusal;
	fix->refusal = NULL;
	return wq_fix_refuse(fix, "not on the own queue: %s; and no wait by name: %s",
			     queue, wait);
}

static bool fix_uncancelled(struct wq_fix *fix)
{
	const struct wq_work *work = wq_fix_work(fix);

	return work && wq_fix_cancel(fix, work);
}

static const struct {
	const char *rule;
	bool (*make)(struct wq_fix *fix);
} kinds_of_fixes[] = {
	{ "delayed-not-covered", wq_fix_delayed_item },
	{ "deprecated-queue", wq_fix_deprecated_queue },
	{ "flush-system-wq", fix_flush },
	{ "idle-queue", wq_fix_idle_queue },
	{ "missing-destroy", wq_fix_missing_destroy },
	{ "mixed-queues", fix_step4 },
	{ "redundant-flush", wq_fix_redundant_flush },
	{ "uncancelled-work", fix_uncancelled },
	{ "unchecked-alloc", wq_fix_unchecked_alloc },
	{ "unflushed-work", fix_step4 },
};

bool wq_fix_is_known(const struct wq_rule *rule)
{
	size_t i;

	for (i = 0; i < sizeof(kinds_of_fixes) / sizeof(*kinds_of_fixes); i++)
		if (!strcmp(rule->id, kinds_of_fixes[i].rule))
			return true;
	return false;
}

struct wq_fix *wq_fix_make(struct wq_fixer *fixer,
			   const struct wq_finding *finding)
{
	struct wq_fix *fix = wq_arena_alloc(fixer->arena, sizeof(*fix));
	bool done = false;
	size_t i;

	fix->fixer = fixer;
	fix->finding = finding;
	fix->edits.arena = fixer->arena;
	for (i = 0; i < sizeof(kinds_of_fixes) / sizeof(*kinds_of_fixes); i++)
		if (!strcmp(finding->rule->id, kinds_of_fixes[i].rule))
			done = kinds_of_fixes[i].make(fix);
	if (!wq_fix_is_known(finding->rule))
		wq_fix_refuse(fix, "there is no fix for findings of this rule");
	if (!done) {
		fix->edits.count = 0;
		wq_fix_refuse(fix, "no safe change was found");
	}
	return fix;
}
