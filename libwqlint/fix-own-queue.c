/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The announcement's Steps 1 to 5: a queue of the module's own for all that
 * it has on the shared queue that it flushes.
 *
 * When the items belong to another module than the flush, the queue belongs
 * to the one that the other calls into, and is exported.
 */
#include <string.h>

#include "api.h"
#include "fix-own-queue.h"
#include "resolve.h"
#include "suggest.h"

static bool is_on(const struct wq_conversion *conversion, const struct wq_use *use)
{
	const struct wq_queue_alternative *queue;

	for (queue = use->queues; queue; queue = queue->next)
		if (queue->kind == WQ_QUEUE_SYSTEM &&
		    !strcmp(queue->name, conversion->name))
			return true;
	return false;
}

bool wq_conversion_queues(const struct wq_conversion *conversion,
			  const struct wq_use *use)
{
	return use->event->kind == WQ_EVENT_QUEUE && use->event->function &&
	       is_on(conversion, use);
}

bool wq_conversion_flushes(const struct wq_conversion *conversion,
		     const struct wq_use *use)
{
	return (use->event->kind == WQ_EVENT_FLUSH_QUEUE ||
		use->event->kind == WQ_EVENT_DRAIN_QUEUE) &&
	       use->event->function && is_on(conversion, use);
}

/* Does @unit's module call a function of @callee's module? */
static bool calls_into(const struct wq_program *program,
		       const struct wq_unit *unit,
		       const struct wq_unit *callee)
{
	const struct wq_function *function;
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++) {
		const struct wq_unit *from = program->units[i];

		if (!wq_units_share_module(from, unit))
			continue;
		for (j = 0; j < from->nr_events; j++) {
			const struct wq_event *event = from->events[j];

			if (event->kind != WQ_EVENT_CALL || !event->callee)
				continue;
			function = wq_program_function(program, from,
						       event->callee);
			if (function && function->is_defined &&
			    wq_units_share_module(function->unit, callee))
				return true;
		}
	}
	return false;
}

typedef bool (*is_use_fn)(const struct wq_conversion *conversion,
			  const struct wq_use *use);

/* Has @unit's module a use of that kind? */
static bool has_use(const struct wq_conversion *conversion,
		    const struct wq_unit *unit, is_use_fn is_use)
{
	unsigned int i;

	for (i = 0; i < conversion->program->nr_uses; i++)
		if (is_use(conversion, &conversion->program->uses[i]) &&
		    wq_units_share_module(conversion->program->uses[i].event
						->function->unit, unit))
			return true;
	return false;
}

/*
 * Is @unit part of the modules that the new queue is for? Beside a library
 * these are those that call into it and have only items, for which the
 * library waited, or only a flush, which can only be about its items. One
 * that has both gets a queue of its own.
 */
static bool is_ours(const struct wq_conversion *conversion,
		    const struct wq_unit *unit)
{
	if (wq_units_share_module(unit, conversion->home))
		return true;
	return conversion->is_library &&
	       has_use(conversion, unit, wq_conversion_queues) !=
	       has_use(conversion, unit, wq_conversion_flushes) &&
	       calls_into(conversion->program, unit, conversion->home);
}

/* Has another module items that only this one waits for? */
static bool serves_others(struct wq_conversion *conversion)
{
	unsigned int i;

	conversion->is_library = true;
	for (i = 0; i < conversion->program->nr_uses; i++) {
		const struct wq_use *use = &conversion->program->uses[i];

		if ((wq_conversion_queues(conversion, use) ||
		     wq_conversion_flushes(conversion, use)) &&
		    !wq_units_share_module(use->event->function->unit,
					   conversion->home) &&
		    is_ours(conversion, use->event->function->unit))
			return true;
	}
	return false;
}

/* Whose queue is it to be? */
static bool find_home(struct wq_conversion *conversion)
{
	const struct wq_unit *unit = conversion->flush->event->function->unit;
	const struct wq_unit *owner = NULL;
	unsigned int i;

	conversion->home = unit;
	for (i = 0; i < conversion->program->nr_uses; i++) {
		const struct wq_use *use = &conversion->program->uses[i];

		if (!wq_conversion_queues(conversion, use))
			continue;
		if (wq_units_share_module(use->event->function->unit, unit))
			continue;
		/* Prefer one that this module calls into. */
		if (!owner || !calls_into(conversion->program, unit, owner))
			owner = use->event->function->unit;
	}
	if (has_use(conversion, unit, wq_conversion_queues)) {
		conversion->is_library = owner && serves_others(conversion);
		return true;
	}
	if (!owner)
		return wq_fix_refuse(conversion->fix, "nothing is queued on %s here",
				     conversion->name);
	if (serves_others(conversion))
		return true;
	conversion->home = owner;
	return calls_into(conversion->program, unit, owner) ||
	       wq_fix_refuse(conversion->fix, "the items on %s belong to module %s, which this one has nothing to do with",
			     conversion->name, wq_unit_module(owner));
}

static const char *short_name(struct wq_arena *arena,
			      const struct wq_unit *unit)
{
	const char *module = wq_unit_module(unit);
	const char *slash = strrchr(module, '/'), *from;
	char *name;
	size_t i;

	from = slash ? slash + 1 : module;
	name = (char *)wq_arena_copy(arena, from);
	for (i = 0; name[i]; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
			    name[i]))
			name[i] = '_';
	return name;
}

static bool add_text(struct wq_conversion *conversion, const struct wq_text *text)
{
	unsigned int i;

	for (i = 0; i < conversion->nr_texts; i++)
		if (conversion->texts[i] == text)
			return true;
	if (conversion->nr_texts == MAX_TEXTS)
		return wq_fix_refuse(conversion->fix, "too many files would change");
	conversion->texts[conversion->nr_texts++] = text;
	return true;
}

/* The functions of the home module that come first and last, if any. */
static void find_roles(struct wq_conversion *conversion)
{
	unsigned int i, j;

	for (i = 0; i < conversion->program->nr_units; i++) {
		const struct wq_unit *unit = conversion->program->units[i];

		if (!wq_units_share_module(unit, conversion->home))
			continue;
		for (j = 0; j < unit->nr_functions; j++) {
			const struct wq_function *function = unit->functions[j];

			/* init_module() is another name of the same. */
			if (!function->is_defined)
				continue;
			if (wq_function_has_role(function, "module_init"))
				conversion->queue.init = function;
			if (wq_function_has_role(function, "module_exit"))
				conversion->queue.exit = function;
		}
	}
}

/* A name that no file of the module knows. */
static bool find_name(struct wq_conversion *conversion)
{
	static const char *const endings[] = { "_wq", "_event_wq", "_work_wq" };
	struct wq_fix *fix = conversion->fix;
	unsigned int i, j;

	for (i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		const char *name = wq_arena_printf(fix->fixer->arena, "%s%s",
			conversion->queue.module, endings[i]);
		bool is_new = true;

		for (j = 0; is_new && j < conversion->program->nr_units; j++) {
			const struct wq_unit *unit = conversion->program->units[j];
			struct wq_text *text;

			if (!is_ours(conversion, unit))
				continue;
			text = wq_text_open(fix->fixer->texts, unit->source);
			is_new = !text || wq_fix_name_is_new(fix, text, name);
		}
		if (is_new) {
			conversion->queue.variable = name;
			conversion->queue.label = name;
			return true;
		}
	}
	return wq_fix_refuse(fix, "every name for a queue is taken");
}

bool wq_conversion_saw(const struct wq_conversion *conversion, unsigned int number)
{
	unsigned int i;

	/* One place gives several uses when its item is a parameter. */
	for (i = 0; i < number; i++)
		if (conversion->program->uses[i].event ==
		    conversion->program->uses[number].event ||
		    (conversion->program->uses[i].event->kind ==
		     conversion->program->uses[number].event->kind &&
		     !wq_location_compare(&conversion->program->uses[i].event->where,
					  &conversion->program->uses[number].event->where)))
			return true;
	return false;
}

struct reach {
	const struct wq_event *flush;
};

static bool reaches(const struct wq_event *event, void *data)
{
	const struct reach *reach = data;

	return event == reach->flush;
}

/* Does @use stop the timer of @work, or make it end at once? It may. */
static bool may_hurry(const struct wq_use *use, const struct wq_work *work)
{
	const struct wq_event *event = use->event;
	const struct wq_item *item;

	if (event->kind != WQ_EVENT_CANCEL_WORK &&
	    event->kind != WQ_EVENT_DISABLE_WORK &&
	    !(event->kind == WQ_EVENT_QUEUE && event->delay &&
	      event->delay->kind == WQ_EXPR_NULL))
		return false;
	for (item = use->items; item; item = item->next)
		if (wq_item_may_alias(item, work->item))
			return true;
	return false;
}

/*
 * Is @work left with a timer when the queue is destroyed? Nobody waits for it
 * by name, cancels it or makes it run at once. A shared queue survives that,
 * as an own one does not.
 */
static bool leaves_timer(const struct wq_conversion *conversion,
			 const struct wq_work *work)
{
	const struct wq_program *program = conversion->program;
	bool has_timer = false;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_event *event = work->uses[i]->event;

		has_timer |= event->kind == WQ_EVENT_QUEUE && event->delay &&
			     event->delay->kind != WQ_EXPR_NULL;
	}
	if (!has_timer || wq_work_waiter(program, work))
		return false;
	for (i = 0; i < program->nr_uses; i++)
		if (may_hurry(&program->uses[i], work))
			return false;
	return true;
}

/* The flush waits for the handlers of what is converted. */
bool wq_conversion_can_wait(struct wq_conversion *conversion, const struct wq_event *flush)
{
	struct reach reach = { flush };
	const char *objection;
	unsigned int i, j, k;

	for (i = 0; i < conversion->program->nr_works; i++) {
		const struct wq_work *work = &conversion->program->works[i];
		bool converted = false;

		for (j = 0; j < work->nr_uses; j++)
			converted |= wq_conversion_queues(conversion, work->uses[j]) &&
				     is_ours(conversion, work->uses[j]->event->function->unit);
		if (converted && leaves_timer(conversion, work))
			return wq_fix_refuse(conversion->fix, "%s is delayed, and nothing stops its timer before an own queue would be destroyed: cancel_delayed_work_sync() it first",
					     work->item->name);
		for (k = 0; converted && k < work->nr_handlers; k++)
			if (wq_walk_events(conversion->program,
					   work->handlers[k], reaches, &reach))
				return wq_fix_refuse(conversion->fix, "%s(), the handler of %s, gets to the flush, which would wait for itself",
						     work->handlers[k]->name,
						     work->item->name);
		objection = converted ? wq_lock_objection(conversion->program,
							  work, flush) : NULL;
		if (objection)
			return wq_fix_refuse(conversion->fix, "%s", objection);
	}
	return true;
}

/* What @text includes decides, or, when that is part of a unit, the unit. */
static bool add_includer(struct wq_conversion *conversion,
			 const struct wq_use *use, const struct wq_text *text)
{
	const char *source = use->event->function->unit->source;
	size_t length = strlen(text->name);
	const struct wq_text *unit;

	if (strcmp(source, text->name) && !strcmp(text->name + length - 2, ".c")) {
		unit = wq_text_open(conversion->fix->fixer->texts, source);
		if (unit)
			text = unit;
	}
	return add_text(conversion, text);
}

static bool convert_calls(struct wq_conversion *conversion)
{
	unsigned int i;

	for (i = 0; i < conversion->program->nr_uses; i++) {
		const struct wq_use *use = &conversion->program->uses[i];
		struct wq_text *text;

		if ((!wq_conversion_queues(conversion, use) &&
		     !wq_conversion_flushes(conversion, use)) ||
		    !is_ours(conversion, use->event->function->unit) ||
		    wq_conversion_saw(conversion, i))
			continue;
		if (wq_conversion_flushes(conversion, use) && !wq_conversion_can_wait(conversion, use->event))
			return false;
		text = wq_fix_queueing(conversion->fix, use->event,
				       conversion->name,
				       conversion->queue.variable);
		if (!text || !add_includer(conversion, use, text))
			return false;
		conversion->nr_calls += wq_conversion_queues(conversion, use);
	}
	return true;
}

static bool is_a_use(const struct wq_conversion *conversion,
		     const struct wq_text *text, unsigned int token)
{
	const struct wq_token *name = &text->tokens->list[token];
	unsigned int column = (unsigned int)(name->offset -
			wq_line_start(text->tokens, name->offset)) + 1;
	unsigned int i;

	for (i = 0; i < conversion->program->nr_uses; i++) {
		const struct wq_location *where =
			&conversion->program->uses[i].event->where;

		if (where->line == name->line &&
		    where->column_bytes == column &&
		    !strcmp(where->file, text->name))
			return true;
	}
	return false;
}

/* What the compiler did not see would stay on the shared queue: Step 4. */
bool wq_conversion_sees_all(struct wq_conversion *conversion)
{
	const char *schedule = conversion->flush->event->function->unit
				->schedule_queue;
	unsigned int i, j;

	if (schedule && strcmp(schedule, conversion->name))
		return true;
	for (i = 0; i < conversion->program->nr_units; i++) {
		const struct wq_unit *unit = conversion->program->units[i];
		const struct wq_text *text;

		if (!is_ours(conversion, unit))
			continue;
		text = wq_text_open(conversion->fix->fixer->texts,
				    unit->source);
		for (j = 0; text && j < text->tokens->count; j++)
			if ((wq_token_is(text->tokens, j, "schedule_work") ||
			     wq_token_is(text->tokens, j, "schedule_delayed_work")) &&
			    wq_token_is(text->tokens, j + 1, "(") &&
			    !is_a_use(conversion, text, j))
				return wq_fix_refuse(conversion->fix, "%s:%u: this call is not compiled in this configuration, so nobody knows what it is about",
						     text->name,
						     text->tokens->list[j].line);
	}
	return true;
}

static bool find_text(struct wq_conversion *conversion)
{
	struct wq_new_queue *queue = &conversion->queue;
	const char *file = NULL;
	unsigned int i;

	if (queue->init) {
		file = queue->init->where.file;
	} else {
		/* A library: where it exports something. */
		for (i = 0; i < conversion->home->nr_functions; i++)
			if (conversion->home->functions[i]->in_main_file)
				file = conversion->home->source;
		if (!conversion->program->complete)
			return wq_fix_refuse(conversion->fix, "the module's init function was not seen");
	}
	queue->text = file ? wq_fix_text(conversion->fix, file) : NULL;
	return queue->text && add_text(conversion, queue->text);
}

static bool describe(struct wq_conversion *conversion)
{
	struct wq_fix *fix = conversion->fix;
	const struct wq_new_queue *queue = &conversion->queue;

	fix->subject = wq_arena_printf(fix->fixer->arena,
				       "Use an own workqueue instead of %s",
				       conversion->name);
	fix->text = wq_arena_printf(fix->fixer->arena,
		"Allocate %s with the flags that %s has, queue there what %s "
		"queued on %s (%u call%s), and let %s() flush that%s.",
		queue->variable, conversion->name, conversion->is_library
		? "this module and those that use it" : "this module",
		conversion->name,
		conversion->nr_calls, conversion->nr_calls == 1 ? "" : "s",
		conversion->flush->event->function->name,
		queue->exit || !queue->init
			? ". Destroy it when the module goes"
			: ". The module cannot be unloaded, so the queue stays");
	return true;
}

bool wq_fix_own_queue(struct wq_fix *fix, const struct wq_use *use,
		      const char *name)
{
	struct wq_conversion conversion = {
		.fix = fix, .program = fix->fixer->program, .flush = use,
		.name = name,
	};

	if (!fix->fixer->program->complete)
		return wq_fix_refuse(fix, "not all units of the module were linted: what it queues is not known");
	if (use->context)
		return wq_fix_refuse(fix, "which queue is flushed depends on the caller");
	if (!find_home(&conversion))
		return false;
	find_roles(&conversion);
	conversion.queue.module = short_name(fix->fixer->arena,
					     conversion.home);
	conversion.queue.flags = wq_own_queue_flags(fix->fixer->program,
						    use->event, name);
	fix->is_wide = true;
	if (!conversion.is_library && wq_fix_member_queue(&conversion))
		return true;
	fix->refusal = NULL;
	return find_text(&conversion) && find_name(&conversion) &&
	       convert_calls(&conversion) && wq_conversion_sees_all(&conversion) &&
	       wq_fix_init_and_exit(fix, &conversion.queue) &&
	       add_text(&conversion, conversion.queue.text) &&
	       wq_fix_declare(fix, &conversion.queue, conversion.texts,
			      conversion.nr_texts, conversion.is_library) &&
	       describe(&conversion);
}
