/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint facts: what the plugin saw, for those who ask why there is a
 * finding, or why there is none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "object.h"

struct facts_printer {
	const struct wq_options *options;
	const char *path;
	unsigned int nr_units;
	int err;			/* of writing */
};

static void print_place(struct wq_location where)
{
	printf("%s", where.file ? where.file : "?");
	if (where.line)
		printf(":%u", where.line);
	if (where.line && where.column_bytes)
		printf(":%u", where.column_bytes);
}

static void print_operand(struct wq_arena *arena, const char *name,
			  const struct wq_expr *expr)
{
	if (expr)
		printf(", %s %s", name, wq_expr_text(arena, expr));
}

static void print_list(struct wq_arena *arena, const char *name,
		       const struct wq_expr *const *list, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		printf("%s%s", i ? ", " : name, wq_expr_text(arena, list[i]));
}

static void print_marks(const struct wq_event *event)
{
	if (event->type)
		printf(", of struct %s", event->type);
	if (event->kind == WQ_EVENT_ALLOC_QUEUE)
		printf(", flags %#llx", (unsigned long long)event->number);
	if (event->delayed)
		printf(", delayed");
	if (event->always)
		printf(", always");
	if (event->managed)
		printf(", managed");
}

static void print_conditions(struct wq_arena *arena,
			     const struct wq_event *event)
{
	unsigned int i;

	for (i = 0; i < event->nr_conditions; i++) {
		const struct wq_condition *condition = &event->conditions[i];

		printf("%s%s %s %s", i ? " and " : ", if ",
		       wq_expr_text(arena, condition->left),
		       condition->relation == WQ_EQUAL ? "==" : "!=",
		       wq_expr_text(arena, condition->right));
	}
}

static void print_event(struct wq_arena *arena, const struct wq_event *event)
{
	printf("\t");
	print_place(event->where);
	printf(": %s", wq_event_kind_name(event->kind));
	if (event->callee)
		printf(" by %s()", event->callee);
	print_operand(arena, "work", event->work);
	print_operand(arena, "queue", event->queue);
	print_operand(arena, "object", event->object);
	print_operand(arena, event->kind == WQ_EVENT_INIT_WORK ? "handler" :
		      event->kind == WQ_EVENT_ALLOC_QUEUE ? "name" : "value",
		      event->value);
	print_operand(arena, "delay", event->delay);
	print_marks(event);
	print_list(arena, ", arguments ", event->args, event->nr_args);
	print_conditions(arena, event);
	print_list(arena, ", holding ", event->held, event->nr_held);
	putchar('\n');
}

static void print_function(struct wq_arena *arena,
			   const struct wq_function *function)
{
	unsigned int i;

	printf("%sfunction %s (", function->is_static ? "static " : "",
	       function->name);
	print_place(function->where);
	printf(")%s%s",
	       function->section == WQ_INIT_TEXT ? ", __init" :
	       function->section == WQ_EXIT_TEXT ? ", __exit" : "",
	       function->address_taken ? ", address taken" : "");
	for (i = 0; i < function->nr_roles; i++)
		printf(", %s", function->roles[i]);
	putchar('\n');
	for (i = 0; i < function->nr_events; i++)
		print_event(arena, function->events[i]);
}

static int compare_functions(const void *left, const void *right)
{
	const struct wq_function *a = *(const struct wq_function *const *)left;
	const struct wq_function *b = *(const struct wq_function *const *)right;

	if (a->where.file && b->where.file &&
	    strcmp(a->where.file, b->where.file))
		return strcmp(a->where.file, b->where.file);
	return (a->where.line > b->where.line) -
	       (a->where.line < b->where.line);
}

/* The compiler visits callees first; people read from the top. */
static void print_functions(struct wq_arena *arena, const struct wq_unit *unit)
{
	size_t bytes = (unit->nr_functions + 1) * sizeof(*unit->functions);
	struct wq_function **list = wq_arena_alloc(arena, bytes);
	unsigned int i, count = 0;

	for (i = 0; i < unit->nr_functions; i++)
		if (unit->functions[i]->is_defined)
			list[count++] = unit->functions[i];
	qsort(list, count, sizeof(*list), compare_functions);
	for (i = 0; i < count; i++)
		print_function(arena, list[i]);
}

static void print_unit(const struct wq_unit *unit)
{
	struct wq_arena *arena = wq_arena_new();
	unsigned int i;

	printf("unit %s\n", unit->source);
	printf("module %s%s\n", wq_unit_module(unit),
	       unit->is_module ? "" : " (built in)");
	if (unit->object)
		printf("object %s\n", unit->object);
	if (unit->directory)
		printf("directory %s\n", unit->directory);
	if (unit->compiler)
		printf("compiler %s\n", unit->compiler);
	if (unit->schedule_queue)
		printf("schedule_work() uses %s\n", unit->schedule_queue);
	print_functions(arena, unit);
	for (i = 0; i < unit->nr_events; i++)
		if (!unit->events[i]->function)
			break;
	if (i < unit->nr_events)
		printf("initialisers\n");
	for (; i < unit->nr_events; i++)
		if (!unit->events[i]->function)
			print_event(arena, unit->events[i]);
	wq_arena_free(arena);
}

static void receive(struct wq_unit *unit, void *context)
{
	struct facts_printer *printer = context;

	if (printer->options->raw)
		fputs(wq_facts_text(unit->arena, unit), stdout);
	else if (printer->options->report == &wq_report_json)
		printer->err = wq_facts_print_json(unit);
	else
		print_unit(unit);
	printer->nr_units++;
	wq_unit_free(unit);
}

static void complain(unsigned int line, const char *cause, void *context)
{
	const struct facts_printer *printer = context;

	if (line)
		wq_msg("%s: line %u of the facts: %s", printer->path, line,
		       cause);
	else
		wq_msg("%s: %s", printer->path, cause);
}

static enum wq_exit run(struct wq_options *options)
{
	struct facts_printer printer = { .options = options };
	unsigned int i, nr_wrong = 0;

	if (options->report != &wq_report_text &&
	    options->report != &wq_report_json) {
		wq_msg("facts have the formats text and json, not %s",
		       options->report->name);
		return WQ_EXIT_ERROR;
	}
	if (options->work)
		return wq_facts_print_work(options);
	if (!options->nr_args) {
		wq_msg("facts: a file is missing (see wqlint facts --help)");
		return WQ_EXIT_ERROR;
	}
	for (i = 0; i < options->nr_args; i++) {
		printer.path = options->args[i];
		nr_wrong += wq_object_read(printer.path, receive, complain,
					   &printer);
	}
	if (printer.err) {
		wq_msg("cannot write to standard output: %s",
		       strerror(-printer.err));
		return WQ_EXIT_ERROR;
	}
	return nr_wrong ? WQ_EXIT_ERROR : WQ_EXIT_CLEAN;
}

const struct wq_command wq_command_facts = {
	.name = "facts",
	.synopsis = "[--raw] [--format=text|json] [--work=NAME] FILE...",
	.summary = "print the facts in objects and facts files",
	.options = WQ_OPTIONS_FORMAT | WQ_OPTIONS_FACTS,
	.run = run,
};
