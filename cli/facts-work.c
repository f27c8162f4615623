/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint facts --work: one work item as the rules see it, by file and line:
 * where it is initialised, queued on what, waited for, and freed.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "judge.h"
#include "resolve.h"

struct work_printer {
	struct wq_options *options;
	const struct wq_work *work;	/* being printed */
	unsigned int nr_works;
};

/* Is "struct foo.a.work" meant by "foo.a.work", or by "struct foo.a.work"? */
static bool is_meant(const char *name, const char *wanted)
{
	if (!strcmp(name, wanted))
		return true;
	return !strncmp(name, "struct ", 7) && !strcmp(name + 7, wanted);
}

/* Is @expr the address of what @wanted, "TAG.MEMBER", names? */
static bool is_member(const struct wq_expr *expr, const char *wanted)
{
	size_t bytes;

	if (expr->kind != WQ_EXPR_FIELD || !expr->type)
		return false;
	bytes = strlen(expr->type);
	return !strncmp(expr->type, wanted, bytes) && wanted[bytes] == '.' &&
	       !strcmp(expr->name, wanted + bytes + 1);
}

/*
 * The name by which the rules know @wanted: an item in a struct that is part
 * of exactly one other has the name of that one.
 */
static const char *known_name(const struct wq_program *program,
			      const char *wanted)
{
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_exprs; j++) {
			const struct wq_expr *expr =
				program->units[i]->exprs[j];
			const struct wq_item *item;

			if (!is_member(expr, wanted))
				continue;
			item = wq_resolve_item(program, expr, NULL);
			if (item && item->name)
				return item->name;
		}
	return wanted;
}

const char *wq_queue_text(struct wq_arena *arena,
			  const struct wq_program *program,
			  const struct wq_use *use)
{
	const struct wq_queue_alternative *queue;
	const char *text = NULL, *name;

	for (queue = use->queues; queue; queue = queue->next) {
		switch (queue->kind) {
		case WQ_QUEUE_SYSTEM: name = queue->name; break;
		case WQ_QUEUE_OWN:
			name = wq_own_queue_name(program, use);
			break;
		case WQ_QUEUE_NULL: continue;
		default: name = "a queue that is not known"; break;
		}
		if (!text)
			text = name;
		else if (!strstr(text, name))
			text = wq_arena_printf(arena, "%s or %s", text, name);
	}
	return text ? text : "no queue";
}

/* Where the item is used, and what is said of it as a whole. */
struct describing {
	struct wq_arena *arena;
	const struct wq_program *program;
	wq_work_line_fn fn;
	void *context;
};

static void say(struct describing *describing, struct wq_location where,
		const struct wq_function *function, const char *kind,
		const char *text)
{
	struct wq_work_line line = {
		.where = where, .kind = kind, .text = text,
		.function = function ? function->name : NULL,
	};

	describing->fn(&line, describing->context);
}

static void say_use(struct describing *describing, const struct wq_use *use)
{
	struct wq_arena *arena = describing->arena;
	const struct wq_event *event = use->event;
	const char *text = "";

	if (event->kind == WQ_EVENT_QUEUE)
		text = wq_arena_printf(arena, "on %s by %s()",
				       wq_queue_text(arena, describing->program,
						     use),
				       event->callee ? event->callee : "?");
	else if (event->kind == WQ_EVENT_INIT_WORK && event->value->name)
		text = wq_arena_printf(arena, "handler %s()",
				       event->value->name);
	else if (event->callee)
		text = wq_arena_printf(arena, "by %s()", event->callee);
	say(describing, event->where, event->function,
	    wq_event_kind_name(event->kind), text);
}

static void say_end(struct describing *describing, const struct wq_work *work)
{
	struct wq_end end;
	unsigned int i;

	for (i = 0; i < work->nr_handlers; i++)
		say(describing, work->handlers[i]->where, NULL, "handler",
		    work->handlers[i]->name);
	wq_work_find_end(describing->program, work, &end);
	if (end.event)
		say(describing, end.event->where, end.event->function,
		    wq_event_kind_name(end.event->kind),
		    end.event->callee ? end.event->callee : "");
	else if (end.function)
		say(describing, end.function->where, NULL, "module exit",
		    end.function->name);
}

void wq_work_describe(struct wq_arena *arena, const struct wq_program *program,
		      const struct wq_work *work, wq_work_line_fn fn,
		      void *context)
{
	struct describing describing = {
		.arena = arena, .program = program, .fn = fn,
		.context = context,
	};
	unsigned int i;

	/* Each call of a helper makes a use: its line is one. */
	for (i = 0; i < work->nr_uses; i++)
		if (!i || work->uses[i]->event != work->uses[i - 1]->event)
			say_use(&describing, work->uses[i]);
	say_end(&describing, work);
}

static void print_line(const struct wq_work_line *line, void *context)
{
	const struct work_printer *printer = context;
	const char *file = line->where.file;
	json_t *value;

	if (printer->options->report != &wq_report_json) {
		printf("\t%s:%u:%u: %s%s%s%s%s\n", file ? file : "?",
		       line->where.line, line->where.column_bytes, line->kind,
		       *line->text ? " " : "", line->text,
		       line->function ? ", in " : "",
		       line->function ? line->function : "");
		return;
	}
	value = json_pack("{s:s, s:s, s:s?, s:i, s:i, s:s?, s:s}",
			  "work", printer->work->item->name, "kind",
			  line->kind, "file", file,
			  "line", (int)line->where.line, "column",
			  (int)line->where.column_bytes, "function",
			  line->function, "text", line->text);
	if (value) {
		json_dumpf(value, stdout, JSON_COMPACT);
		putchar('\n');
	}
	json_decref(value);
}

static void print_judgement(const struct wq_program *program,
			    const struct wq_work *work)
{
	const char *reason = wq_work_lets_go(program, work);

	if (reason)
		printf("\t%s\n", reason);
	if (!wq_work_is_known(work))
		printf("\tnot everybody who can use it is seen\n");
}

static void print_works(const struct wq_program *program, void *context)
{
	struct work_printer *printer = context;
	const char *wanted = known_name(program, printer->options->work);
	unsigned int i;

	for (i = 0; i < program->nr_works; i++) {
		const struct wq_work *work = &program->works[i];

		if (!is_meant(work->item->name, wanted))
			continue;
		printer->nr_works++;
		if (printer->options->report != &wq_report_json)
			printf("work item %s%s, module %s\n", work->item->name,
			       work->delayed ? " (delayed)" : "",
			       program->module);
		printer->work = work;
		wq_work_describe(printer->options->arena, program, work,
				 print_line, printer);
		if (printer->options->report != &wq_report_json)
			print_judgement(program, work);
	}
}

enum wq_exit wq_facts_print_work(struct wq_options *options)
{
	struct work_printer printer = { .options = options };
	struct wq_modules *modules;
	struct wq_inputs inputs;
	bool failed;

	wq_inputs_read(options->arena, options->args, options->nr_args,
		       &inputs);
	failed = inputs.nr_wrong;
	if (inputs.count) {
		modules = wq_modules_new(options,
					 wq_inputs_directory(options->arena,
							     &inputs));
		wq_inputs_add(&inputs, modules);
		wq_modules_join(modules, true, print_works, &printer);
		failed |= wq_modules_nr_wrong(modules) > 0;
		wq_modules_free(modules);
	}
	if (!printer.nr_works)
		wq_msg("--work %s: no such work item in these facts",
		       options->work);
	return failed || !printer.nr_works ? WQ_EXIT_ERROR : WQ_EXIT_CLEAN;
}
