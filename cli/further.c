/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From programs of which a rule has something to say, or could have, to the
 * words by which other units of the module could change that:
 *
 * - a function that has to do with an open work item or its object, or that
 *   calls such a function: a unit that names it shows who else gets there, and
 *   with what;
 * - a function that the item's handler calls and no unit defines yet;
 * - the struct that the item is in, and what its handler signals, together
 *   with a word of letting go or waiting.
 *
 * Besides, who calls a function that allocates a queue, as it may fail later.
 *
 * A unit that registers the module's functions is needed in any case.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "digest.h"
#include "further.h"
#include "judge.h"
#include "rule.h"

/* Among a module's words: other units can matter. No identifier. */
#define OPEN	"(open)"

struct noting {
	struct wq_further *further;
	const struct wq_program *program;
	struct wq_arena *arena;
	const char **modules;		/* of the program's units */
	unsigned int nr_modules;
	struct wq_table known;		/* functions that were found */
	const struct wq_function **functions;
	unsigned int nr_functions;
	bool is_any_open;		/* a finding is about no single item */
};

static bool has_word(const struct wq_table *table, const char *word,
		     const char *module)
{
	struct wq_entry *entry = wq_table_find(table, (struct wq_key){
						word, module });

	return entry && entry->count;
}

static bool add_word(struct wq_further *further, struct wq_table *table,
		     const char *word, const char *module)
{
	struct wq_key key = { wq_arena_intern(further->arena, word), module };

	if (has_word(table, key.name, module))
		return false;
	wq_table_add(further->arena, table, key, sizeof(char));
	wq_table_add(further->arena, &further->modules, wq_key_of(module),
		     sizeof(char));
	return true;
}

/* How many words there are of @module. */
static unsigned int count_words(const struct wq_further *further,
				const char *module)
{
	struct wq_entry *entry = wq_table_find(&further->modules,
					       wq_key_of(module));

	return entry ? entry->count : 0;
}

static void note_word(struct noting *noting, struct wq_table *table,
		      const char *word)
{
	unsigned int i;

	for (i = 0; word && i < noting->nr_modules; i++)
		add_word(noting->further, table, word, noting->modules[i]);
}

/* Functions */

static void note_function(struct noting *noting,
			  const struct wq_function *function)
{
	struct wq_key key;
	struct wq_entry *entry;

	if (!function)
		return;
	key = (struct wq_key){ function->name,
			       function->is_static ? function->unit->source
						   : NULL };
	entry = wq_table_find(&noting->known, key);
	if (entry && entry->count)
		return;
	wq_table_add(noting->arena, &noting->known, key, sizeof(char));
	noting->functions = wq_arena_grow(noting->arena, noting->functions,
					  noting->nr_functions,
					  sizeof(*noting->functions));
	noting->functions[noting->nr_functions++] = function;
}

static void note_use(struct noting *noting, const struct wq_use *use)
{
	const struct wq_context *context = use->context;

	note_function(noting, use->event->function);
	for (; context; context = context->up)
		if (context->call)
			note_function(noting, context->call->function);
}

/* Whoever calls one of them is one of them; note the names in @table. */
static void note_callers(struct noting *noting, struct wq_table *table)
{
	const struct wq_event *const *calls;
	unsigned int i, j, count;

	for (i = 0; i < noting->nr_functions; i++) {
		calls = wq_program_callers(noting->program,
					   noting->functions[i], &count);
		for (j = 0; j < count; j++)
			note_function(noting, calls[j]->function);
	}
	for (i = 0; i < noting->nr_functions; i++)
		if (!noting->functions[i]->is_static ||
		    !noting->functions[i]->in_main_file)
			note_word(noting, table, noting->functions[i]->name);
	noting->nr_functions = 0;
	memset(&noting->known, 0, sizeof(noting->known));
}

/* What a handler gets to */

static const char *member_of(const struct wq_expr *object)
{
	while (object && object->kind == WQ_EXPR_INDEX)
		object = object->base;
	return object && object->kind == WQ_EXPR_FIELD ? object->name : NULL;
}

static void note_reached(const struct wq_reach *reach, void *context)
{
	const struct wq_event *event = reach->event;
	struct noting *noting = context;
	const char *member;

	switch (event->kind) {
	case WQ_EVENT_CALL:
		if (event->callee && event->function &&
		    !wq_program_function(noting->program,
					 event->function->unit, event->callee))
			note_word(noting, &noting->further->definitions,
				  event->callee);
		break;
	case WQ_EVENT_SIGNAL:
	case WQ_EVENT_PUT:
		member = member_of(event->object);
		note_word(noting, &noting->further->objects, member);
		if (member)
			wq_table_add(noting->arena, &noting->known,
				     (struct wq_key){ member, "." },
				     sizeof(char));
		break;
	default:
		break;
	}
}

/* Items */

static void note_work(struct noting *noting, const struct wq_work *work)
{
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++)
		note_use(noting, work->uses[i]);
	for (i = 0; i < work->nr_handlers; i++) {
		note_function(noting, work->handlers[i]);
		wq_for_each_reached(noting->program, work->handlers[i],
				    note_reached, noting);
	}
	if (!work->item->type)
		return;
	note_word(noting, &noting->further->objects, work->item->type);
	wq_table_add(noting->arena, &noting->known,
		     (struct wq_key){ work->item->type, "struct" },
		     sizeof(char));
}

static bool is_known(const struct noting *noting, const char *name,
		     const char *what)
{
	return name && has_word(&noting->known, name, what);
}

/* Functions about the objects of open items, and about what they signal. */
static void note_events(struct noting *noting)
{
	unsigned int i, j;

	for (i = 0; i < noting->program->nr_units; i++) {
		const struct wq_unit *unit = noting->program->units[i];

		for (j = 0; j < unit->nr_events; j++) {
			const struct wq_event *event = unit->events[j];

			if ((event->kind < WQ_EVENT_STORE &&
			     noting->is_any_open) ||
			    (event->kind == WQ_EVENT_FREE &&
			     is_known(noting, event->type, "struct")) ||
			    ((event->kind == WQ_EVENT_SIGNAL ||
			      event->kind == WQ_EVENT_PUT ||
			      event->kind == WQ_EVENT_WAIT) &&
			     is_known(noting, member_of(event->object), ".")))
				note_function(noting, event->function);
		}
	}
}

static bool has_finding(const struct wq_findings *findings,
			const struct wq_work *work)
{
	unsigned int i;

	for (i = 0; i < findings->count; i++)
		if (!findings->list[i]->rule->needs_only_users &&
		    findings->list[i]->work && work->item->name &&
		    !strcmp(findings->list[i]->work, work->item->name))
			return true;
	return false;
}

static void note_module(const char *name, void *context)
{
	struct noting *noting = context;
	unsigned int i;

	name = wq_arena_intern(noting->further->arena, name);
	for (i = 0; i < noting->nr_modules; i++)
		if (noting->modules[i] == name)
			return;
	noting->modules = wq_arena_grow(noting->arena, noting->modules,
					noting->nr_modules,
					sizeof(*noting->modules));
	noting->modules[noting->nr_modules++] = name;
}

/*
 * An item that is waited for can be queued again by an interrupt handler,
 * which another unit registers (requeue.c).
 */
static void note_interrupts(struct noting *noting)
{
	const struct wq_program *program = noting->program;
	unsigned int i, j;

	for (i = 0; i < program->nr_works; i++) {
		const struct wq_work *work = &program->works[i];

		if (!wq_work_waiter(program, work))
			continue;
		for (j = 0; j < work->nr_uses; j++)
			if (work->uses[j]->event->kind == WQ_EVENT_QUEUE)
				note_use(noting, work->uses[j]);
	}
	note_callers(noting, &noting->further->interrupts);
}

/*
 * Who calls a function that allocates a queue may fail after it and leave the
 * queue (queue-leak.c).
 */
static void note_queues(struct noting *noting)
{
	const struct wq_event *const *allocs;
	unsigned int i, count;

	allocs = wq_program_events(noting->program, WQ_EVENT_ALLOC_QUEUE,
				   &count);
	for (i = 0; i < count; i++)
		if (!allocs[i]->managed)
			note_function(noting, allocs[i]->function);
	note_callers(noting, &noting->further->uses);
}

static void note_program(struct noting *noting,
			 const struct wq_findings *findings)
{
	const struct wq_program *program = noting->program;
	unsigned int i;

	for (i = 0; i < program->nr_works; i++)
		if (has_finding(findings, &program->works[i]) ||
		    !wq_work_is_settled(program, &program->works[i]))
			note_work(noting, &program->works[i]);
	for (i = 0; i < program->nr_uses; i++)
		if (!wq_use_is_settled(&program->uses[i]))
			note_use(noting, &program->uses[i]);
	note_events(noting);
	note_callers(noting, &noting->further->uses);
	note_word(noting, &noting->further->uses, OPEN);
}

void wq_further_note(struct wq_further *further,
		     const struct wq_program *program, bool *has_findings,
		     bool *is_settled)
{
	struct wq_selection selection = { .strict = true };
	struct wq_findings *findings = wq_findings_new();
	struct noting noting = {
		.further = further, .program = program,
		.arena = wq_arena_new(),
	};
	unsigned int i;

	wq_rules_run(program, &selection, findings);
	*has_findings = false;
	for (i = 0; i < findings->count; i++) {
		if (findings->list[i]->rule->needs_only_users)
			continue;
		*has_findings = true;
		noting.is_any_open |= !findings->list[i]->work;
	}
	*is_settled = wq_program_is_settled(program);
	for (i = 0; i < program->nr_units; i++)
		wq_module_names(noting.arena,
				wq_unit_module(program->units[i]), note_module,
				&noting);
	note_interrupts(&noting);
	note_queues(&noting);
	if (*has_findings || !*is_settled)
		note_program(&noting, findings);
	wq_findings_free(findings);
	wq_arena_free(noting.arena);
}

/* Texts */

/* Without these, no unit shows that an object goes, or waits for anything. */
static bool is_letting_go(const char *word)
{
	static const char *const parts[] = {
		"free", "put", "wait", "kref_", "refcount_", "devm_", "_priv",
		"release",
	};
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(word, parts[i]))
			return true;
	return false;
}

/* module_init(), module_platform_driver(), late_initcall() and the like. */
static bool is_registration(const char *word)
{
	size_t length = strlen(word);

	if (!strncmp(word, "module_", 7))
		return !strcmp(word + 7, "init") || !strcmp(word + 7, "exit") ||
		       strstr(word + 7, "driver");
	return (length > 8 && !strcmp(word + length - 8, "initcall")) ||
	       (length > 13 && !strcmp(word + length - 13, "initcall_sync")) ||
	       !strcmp(word, "platform_driver_probe");
}

static bool is_word_byte(char byte)
{
	return isalnum((unsigned char)byte) || byte == '_';
}

/* One unit, looked at for one module. */
struct look {
	struct wq_further *further;
	const char *path;
	unsigned int nr_words;		/* of its modules */
	const char *module;
	bool is_open;			/* not only because of interrupts */
	bool names_object, lets_go;
	bool names_interrupt, requests;
	bool is_needed;
};

static void look_at_word(struct look *look, const char *word,
			 bool may_be_definition)
{
	struct wq_further *further = look->further;

	look->lets_go |= is_letting_go(word);
	look->requests |= strstr(word, "request") && strstr(word, "irq");
	look->is_needed |= look->is_open && is_registration(word);
	word = wq_arena_find(further->arena, word);
	if (!word)
		return;
	look->is_needed |= has_word(&further->uses, word, look->module) ||
		(may_be_definition && has_word(&further->definitions, word,
					       look->module));
	look->names_interrupt |= has_word(&further->interrupts, word,
					  look->module);
	look->names_object |= has_word(&further->objects, word, look->module);
}

static void look_at_text(struct look *look, char *text)
{
	char *line = text, *end, saved;

	while (*text && !look->is_needed) {
		if (!is_word_byte(*text)) {
			line = *text == '\n' ? text + 1 : line;
			text++;
			continue;
		}
		for (end = text; is_word_byte(*end); end++)
			;
		saved = *end;
		*end = '\0';
		look_at_word(look, text, is_word_byte(*line) &&
			     (saved == '(' || saved == ' '));
		*end = saved;
		look->is_needed |= (look->names_object && look->lets_go) ||
				   (look->names_interrupt && look->requests);
		text = end;
	}
}

static void count_for_module(const char *module, void *context)
{
	struct look *look = context;

	look->nr_words += count_words(look->further, module);
}

static void look_for_module(const char *module, void *context)
{
	struct look *look = context;
	size_t bytes;
	char *text;

	look->module = wq_arena_find(look->further->arena, module);
	if (look->is_needed || !look->module ||
	    !count_words(look->further, look->module))
		return;
	look->is_open = has_word(&look->further->uses, OPEN, look->module);
	text = wq_file_read(look->path, &bytes);
	if (text)
		look_at_text(look, text);
	free(text);
}

bool wq_further_needs(struct wq_further *further, const char *path,
		      struct wq_choice *choice)
{
	struct look look = { .further = further, .path = path };
	struct wq_arena *scratch = wq_arena_new();

	/* Nothing is new since the last look when the words are as many. */
	wq_module_names(scratch, choice->modules, count_for_module, &look);
	if (look.nr_words != choice->nr_words)
		wq_module_names(scratch, choice->modules, look_for_module,
				&look);
	choice->nr_words = look.nr_words;
	wq_arena_free(scratch);
	return look.is_needed;
}
