/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts as text. Events come before expressions, which may name them (the
 * result of a call), and operands after both, so that a reader needs one
 * pass and never meets a number that it has not seen.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "facts.h"

struct writer {
	FILE *out;
	const struct wq_unit *unit;
	const char **files;	/* interned names, in the order first used */
	unsigned int nr_files;
	unsigned int nr_records;
	/* Expressions that nothing names are not written: 0, else number + 1. */
	unsigned int *numbers;
};

static void put_value(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte <= ' ' || byte == '%' || byte == ',' || byte >= 0x7f)
			fprintf(out, "%%%02X", byte);
		else
			putc(byte, out);
	}
}

static void put_text(struct writer *writer, const char *key, const char *text)
{
	if (!text)
		return;
	fprintf(writer->out, " %s=", key);
	put_value(writer->out, text);
}

static void put_flag(struct writer *writer, const char *key, bool value)
{
	if (value)
		fprintf(writer->out, " %s=1", key);
}

static void put_number(struct writer *writer, const char *key, long long value)
{
	if (value)
		fprintf(writer->out, " %s=%lld", key, value);
}

static void put_expr(struct writer *writer, const char *key,
		     const struct wq_expr *expr)
{
	if (expr)
		fprintf(writer->out, " %s=%u", key,
			writer->numbers[expr->index] - 1);
}

static void put_exprs(struct writer *writer, const char *key,
		      const struct wq_expr *const *list, unsigned int count)
{
	unsigned int i;

	if (!count)
		return;
	fprintf(writer->out, " %s=", key);
	for (i = 0; i < count; i++)
		fprintf(writer->out, "%s%u", i ? "," : "",
			writer->numbers[list[i]->index] - 1);
}

static void begin(struct writer *writer, const char *word)
{
	fputs(word, writer->out);
	writer->nr_records++;
}

static void end(struct writer *writer)
{
	putc('\n', writer->out);
}

static int find_file(const struct writer *writer, const char *file)
{
	unsigned int i;

	for (i = 0; i < writer->nr_files; i++)
		if (writer->files[i] == file)
			return (int)i;
	return -1;
}

static void put_file(struct writer *writer, const char *file)
{
	if (!file || find_file(writer, file) >= 0)
		return;
	writer->files = wq_arena_grow(writer->unit->arena, writer->files,
				      writer->nr_files, sizeof(*writer->files));
	writer->files[writer->nr_files++] = file;
	begin(writer, "file");
	put_text(writer, "name", file);
	end(writer);
}

static void put_location(struct writer *writer, struct wq_location where)
{
	if (!where.file)
		return;
	fprintf(writer->out, " at=%d:%u:%u%s", find_file(writer, where.file),
		where.line, where.column_bytes, where.in_macro ? ":m" : "");
}

/* @rest: bytes that follow. */
static void write_unit(struct writer *writer, size_t rest)
{
	const struct wq_unit *unit = writer->unit;

	fputs("unit", writer->out);
	put_text(writer, "source", unit->source);
	put_text(writer, "object", unit->object);
	put_text(writer, "directory", unit->directory);
	put_text(writer, "compiler", unit->compiler);
	put_text(writer, "modname", unit->modname);
	put_text(writer, "modfile", unit->modfile);
	put_text(writer, "basename", unit->basename);
	put_text(writer, "schedule-queue", unit->schedule_queue);
	put_flag(writer, "module", unit->is_module);
	put_flag(writer, "idle", unit->is_idle);
	put_number(writer, "rest", (long long)rest);
	end(writer);
}

static void write_function(struct writer *writer,
			   const struct wq_function *function)
{
	unsigned int i;

	begin(writer, "function");
	put_text(writer, "name", function->name);
	put_location(writer, function->where);
	put_flag(writer, "static", function->is_static);
	put_flag(writer, "defined", function->is_defined);
	put_flag(writer, "inline", function->is_inline);
	put_flag(writer, "main", function->in_main_file);
	put_flag(writer, "taken", function->address_taken);
	put_number(writer, "section", function->section);
	put_number(writer, "params", function->nr_params);
	for (i = 0; i < function->nr_roles; i++) {
		fputs(i ? "," : " roles=", writer->out);
		put_value(writer->out, function->roles[i]);
	}
	end(writer);
}

static void write_event(struct writer *writer, const struct wq_event *event)
{
	begin(writer, "event");
	put_text(writer, "kind", wq_event_kind_name(event->kind));
	if (event->function)
		fprintf(writer->out, " function=%u", event->function->index);
	put_location(writer, event->where);
	put_text(writer, "callee", event->callee);
	put_text(writer, "type", event->type);
	put_number(writer, "number", event->number);
	put_flag(writer, "delayed", event->delayed);
	put_flag(writer, "always", event->always);
	put_flag(writer, "managed", event->managed);
	end(writer);
}

static void write_expr(struct writer *writer, const struct wq_expr *expr)
{
	begin(writer, "expr");
	put_text(writer, "kind", wq_expr_kind_name(expr->kind));
	put_flag(writer, "static", expr->is_static);
	put_text(writer, "name", expr->name);
	put_text(writer, "type", expr->type);
	put_text(writer, "field-type", expr->field_type);
	put_number(writer, "number", expr->number);
	if (expr->function)
		fprintf(writer->out, " function=%u", expr->function->index);
	if (expr->event)
		fprintf(writer->out, " event=%u", expr->event->index);
	put_expr(writer, "base", expr->base);
	put_exprs(writer, "any", expr->alternatives, expr->nr_alternatives);
	end(writer);
}

static void write_conditions(struct writer *writer,
			     const struct wq_event *event)
{
	unsigned int i;

	for (i = 0; i < event->nr_conditions; i++) {
		const struct wq_condition *condition = &event->conditions[i];

		begin(writer, "condition");
		fprintf(writer->out, " event=%u", event->index);
		put_expr(writer, "left", condition->left);
		put_flag(writer, "differs", condition->relation == WQ_NOT_EQUAL);
		put_expr(writer, "right", condition->right);
		end(writer);
	}
}

static void write_operands(struct writer *writer, const struct wq_event *event)
{
	unsigned int i;

	if (event->queue || event->work || event->object || event->value ||
	    event->delay || event->nr_args || event->nr_held) {
		begin(writer, "operands");
		fprintf(writer->out, " event=%u", event->index);
		put_expr(writer, "queue", event->queue);
		put_expr(writer, "work", event->work);
		put_expr(writer, "object", event->object);
		put_expr(writer, "value", event->value);
		put_expr(writer, "delay", event->delay);
		put_exprs(writer, "args", event->args, event->nr_args);
		put_exprs(writer, "held", event->held, event->nr_held);
		end(writer);
	}
	write_conditions(writer, event);
	for (i = 0; i < event->nr_variables; i++) {
		begin(writer, "variable");
		fprintf(writer->out, " event=%u", event->index);
		put_text(writer, "name", event->variables[i].name);
		put_text(writer, "type", event->variables[i].type);
		end(writer);
	}
}

/* The letters of outcomes and tests, in the order of their enums. */
static void write_block(struct writer *writer, const struct wq_block *block)
{
	static const char *const outcomes[] = { "", "s", "f", "u" };
	unsigned int i;

	fprintf(writer->out, "%u:", block->nr_events);
	for (i = 0; i < block->nr_edges; i++)
		fprintf(writer->out, "%s%u%s", i ? "." : "",
			block->edges[i].to, outcomes[block->edges[i].outcome]);
	if (block->left)
		fprintf(writer->out, "/%c%u", "?znlg"[block->test],
			writer->numbers[block->left->index] - 1);
}

static void write_flow(struct writer *writer,
		       const struct wq_function *function)
{
	unsigned int i;

	if (!function->nr_blocks)
		return;
	begin(writer, "flow");
	fprintf(writer->out, " function=%u blocks=", function->index);
	for (i = 0; i < function->nr_blocks; i++) {
		if (i)
			putc(';', writer->out);
		write_block(writer, &function->blocks[i]);
	}
	end(writer);
}

static void mark(struct writer *writer, const struct wq_expr *expr)
{
	unsigned int i;

	for (; expr && !writer->numbers[expr->index]; expr = expr->base) {
		writer->numbers[expr->index] = 1;
		for (i = 0; i < expr->nr_alternatives; i++)
			mark(writer, expr->alternatives[i]);
	}
}

static void mark_operands(struct writer *writer, const struct wq_event *event)
{
	unsigned int i;

	mark(writer, event->queue);
	mark(writer, event->work);
	mark(writer, event->object);
	mark(writer, event->value);
	mark(writer, event->delay);
	for (i = 0; i < event->nr_args; i++)
		mark(writer, event->args[i]);
	for (i = 0; i < event->nr_held; i++)
		mark(writer, event->held[i]);
	for (i = 0; i < event->nr_conditions; i++) {
		mark(writer, event->conditions[i].left);
		mark(writer, event->conditions[i].right);
	}
}

static void number_exprs(struct writer *writer)
{
	const struct wq_unit *unit = writer->unit;
	unsigned int i, j, next = 1;

	writer->numbers = wq_arena_alloc(unit->arena, (unit->nr_exprs + 1) *
						      sizeof(*writer->numbers));
	for (i = 0; i < unit->nr_events; i++)
		mark_operands(writer, unit->events[i]);
	for (i = 0; i < unit->nr_functions; i++)
		for (j = 0; j < unit->functions[i]->nr_blocks; j++)
			mark(writer, unit->functions[i]->blocks[j].left);
	for (i = 0; i < unit->nr_exprs; i++)
		if (writer->numbers[i])
			writer->numbers[i] = next++;
}

static void write_header(struct writer *writer)
{
	const struct wq_unit *unit = writer->unit;
	unsigned int i;

	for (i = 0; i < unit->nr_functions; i++)
		put_file(writer, unit->functions[i]->where.file);
	for (i = 0; i < unit->nr_events; i++)
		put_file(writer, unit->events[i]->where.file);
	for (i = 0; i < unit->nr_types; i++) {
		begin(writer, "type");
		put_text(writer, "tag", unit->types[i].tag);
		put_text(writer, "file", unit->types[i].file);
		put_flag(writer, "main", unit->types[i].in_main_file);
		put_flag(writer, "holds", unit->types[i].holds_work);
		end(writer);
	}
	for (i = 0; i < unit->nr_public_queues; i++) {
		begin(writer, "queue");
		put_text(writer, "name", unit->public_queues[i].name);
		put_flag(writer, "allocated",
			 unit->public_queues[i].is_allocated);
		end(writer);
	}
}

static void write_body(struct writer *writer)
{
	const struct wq_unit *unit = writer->unit;
	unsigned int i;

	for (i = 0; i < unit->nr_functions; i++)
		write_function(writer, unit->functions[i]);
	for (i = 0; i < unit->nr_events; i++)
		write_event(writer, unit->events[i]);
	for (i = 0; i < unit->nr_exprs; i++)
		if (writer->numbers[i])
			write_expr(writer, unit->exprs[i]);
	for (i = 0; i < unit->nr_events; i++)
		write_operands(writer, unit->events[i]);
	for (i = 0; i < unit->nr_functions; i++)
		write_flow(writer, unit->functions[i]);
	fprintf(writer->out, "end %u\n", writer->nr_records);
}

static void out_of_memory(void)
{
	fputs("wqlint: out of memory\n", stderr);
	exit(3);
}

/* All but the first two lines; the caller frees it. */
static char *write_rest(struct writer *writer, size_t *bytes)
{
	char *rest = NULL;

	writer->out = open_memstream(&rest, bytes);
	if (!writer->out)
		out_of_memory();
	writer->nr_records = 1;
	write_header(writer);
	write_body(writer);
	if (fclose(writer->out))
		out_of_memory();
	return rest;
}

const char *wq_facts_text(struct wq_arena *arena, const struct wq_unit *unit)
{
	struct writer writer = { .unit = unit };
	size_t rest_bytes = 0, bytes = 0;
	char *buffer = NULL, *rest;
	const char *text;

	wq_unit_summarise((struct wq_unit *)unit);
	number_exprs(&writer);
	rest = write_rest(&writer, &rest_bytes);
	writer.out = open_memstream(&buffer, &bytes);
	if (!writer.out)
		out_of_memory();
	fprintf(writer.out, "wqlint-facts %d\n", WQ_FACTS_VERSION);
	write_unit(&writer, rest_bytes);
	fwrite(rest, 1, rest_bytes, writer.out);
	if (fclose(writer.out))
		out_of_memory();
	text = wq_arena_copy(arena, buffer);
	free(buffer);
	free(rest);
	return text;
}

/* The name of a file beside @path that no other process writes. */
static const char *temporary_name(struct wq_arena *arena, const char *path)
{
	return wq_arena_printf(arena, "%s.%ld.tmp", path, (long)getpid());
}

int wq_facts_write_file(const struct wq_unit *unit, const char *path)
{
	struct wq_arena *arena = wq_arena_new();
	const char *text = wq_facts_text(arena, unit);
	const char *temporary = temporary_name(arena, path);
	FILE *out;
	int err = 0;

	out = fopen(temporary, "we");
	if (!out) {
		err = -errno;
		goto free_arena;
	}
	errno = 0;
	if (fputs(text, out) < 0)
		err = errno ? -errno : -EIO;
	if (fclose(out) && !err)
		err = -errno;
	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
free_arena:
	wq_arena_free(arena);
	return err;
}
