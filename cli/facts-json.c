/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts for other programs. Expressions are texts, as in the readable form.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* Null for NULL, and for what is no UTF-8. */
static json_t *text(const char *string)
{
	json_t *value = string ? json_string(string) : NULL;

	return value ? value : json_null();
}

static void set_place(json_t *object, struct wq_location where)
{
	json_object_set_new(object, "file", text(where.file));
	json_object_set_new(object, "line", json_integer(where.line));
	json_object_set_new(object, "column",
			    json_integer(where.column_bytes));
}

static json_t *expr(struct wq_arena *arena, const struct wq_expr *value)
{
	return value ? text(wq_expr_text(arena, value)) : json_null();
}

static json_t *exprs(struct wq_arena *arena, const struct wq_expr *const *list,
		     unsigned int count)
{
	json_t *array = json_array();
	unsigned int i;

	for (i = 0; i < count; i++)
		json_array_append_new(array, expr(arena, list[i]));
	return array;
}

static json_t *conditions(struct wq_arena *arena, const struct wq_event *event)
{
	json_t *array = json_array();
	unsigned int i;

	for (i = 0; i < event->nr_conditions; i++) {
		const struct wq_condition *one = &event->conditions[i];

		json_array_append_new(array, json_pack("{s:o, s:s, s:o}",
			"left", expr(arena, one->left),
			"relation", one->relation == WQ_EQUAL ? "==" : "!=",
			"right", expr(arena, one->right)));
	}
	return array;
}

static json_t *event_object(struct wq_arena *arena,
			    const struct wq_event *event)
{
	json_t *object = json_object();

	json_object_set_new(object, "kind",
			    text(wq_event_kind_name(event->kind)));
	set_place(object, event->where);
	json_object_set_new(object, "callee", text(event->callee));
	json_object_set_new(object, "queue", expr(arena, event->queue));
	json_object_set_new(object, "work", expr(arena, event->work));
	json_object_set_new(object, "object", expr(arena, event->object));
	json_object_set_new(object, "value", expr(arena, event->value));
	json_object_set_new(object, "delay", expr(arena, event->delay));
	json_object_set_new(object, "arguments",
			    exprs(arena, event->args, event->nr_args));
	json_object_set_new(object, "type", text(event->type));
	json_object_set_new(object, "number", json_integer(event->number));
	json_object_set_new(object, "delayed", json_boolean(event->delayed));
	json_object_set_new(object, "always", json_boolean(event->always));
	json_object_set_new(object, "managed", json_boolean(event->managed));
	json_object_set_new(object, "conditions", conditions(arena, event));
	json_object_set_new(object, "held",
			    exprs(arena, event->held, event->nr_held));
	return object;
}

static const char *section_name(enum wq_section section)
{
	return section == WQ_INIT_TEXT ? "init" :
	       section == WQ_EXIT_TEXT ? "exit" : "text";
}

static json_t *function_object(struct wq_arena *arena,
			       const struct wq_function *function)
{
	json_t *object = json_object(), *roles = json_array();
	json_t *events = json_array();
	unsigned int i;

	json_object_set_new(object, "name", text(function->name));
	set_place(object, function->where);
	json_object_set_new(object, "static",
			    json_boolean(function->is_static));
	json_object_set_new(object, "section",
			    text(section_name(function->section)));
	for (i = 0; i < function->nr_roles; i++)
		json_array_append_new(roles, text(function->roles[i]));
	json_object_set_new(object, "roles", roles);
	for (i = 0; i < function->nr_events; i++)
		json_array_append_new(events,
				      event_object(arena,
						   function->events[i]));
	json_object_set_new(object, "events", events);
	return object;
}

static json_t *unit_object(struct wq_arena *arena, const struct wq_unit *unit)
{
	json_t *object = json_object(), *functions = json_array();
	json_t *initialisers = json_array();
	unsigned int i;

	json_object_set_new(object, "source", text(unit->source));
	json_object_set_new(object, "object", text(unit->object));
	json_object_set_new(object, "directory", text(unit->directory));
	json_object_set_new(object, "compiler", text(unit->compiler));
	json_object_set_new(object, "module", text(wq_unit_module(unit)));
	json_object_set_new(object, "is_module",
			    json_boolean(unit->is_module));
	json_object_set_new(object, "schedule_queue",
			    text(unit->schedule_queue));
	for (i = 0; i < unit->nr_functions; i++)
		if (unit->functions[i]->is_defined)
			json_array_append_new(functions,
				function_object(arena, unit->functions[i]));
	json_object_set_new(object, "functions", functions);
	for (i = 0; i < unit->nr_events; i++)
		if (!unit->events[i]->function)
			json_array_append_new(initialisers,
				event_object(arena, unit->events[i]));
	json_object_set_new(object, "initialisers", initialisers);
	return object;
}

int wq_facts_print_json(const struct wq_unit *unit)
{
	struct wq_arena *arena = wq_arena_new();
	json_t *object = unit_object(arena, unit);
	int err = 0;

	errno = 0;
	if (json_dumpf(object, stdout, JSON_COMPACT) || putchar('\n') == EOF)
		err = errno ? -errno : -EIO;
	json_decref(object);
	wq_arena_free(arena);
	return err;
}
