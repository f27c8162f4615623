/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts as text: see doc/facts-format.md. Names come first, then functions,
 * expressions and events, so that a reader needs one pass and meets only one
 * number that it has not seen: the event of which an expression is the result.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "facts.h"
#include "table.h"

struct writer {
	FILE *out;
	const struct wq_unit *unit;
	const char **files;	/* interned names, in the order first used */
	unsigned int nr_files;
	struct wq_table names;	/* text -> its number */
	const char **name_list;
	unsigned int nr_names;
	unsigned int nr_records;
	/* Expressions that nothing names are not written: 0, else number + 1. */
	unsigned int *numbers;
	unsigned int nr_exprs;	/* that are written */
};

static void put_char(struct writer *writer, char byte)
{
	putc_unlocked(byte, writer->out);
}

static void put_value(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte <= ' ' || byte == '%' || byte == ',' || byte >= 0x7f)
			fprintf(out, "%%%02X", byte);
		else
			putc_unlocked(byte, out);
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

/* There are millions of them in the objects of a kernel. */
static void put_number(struct writer *writer, unsigned int number)
{
	char digits[sizeof(number) * 3], *digit = digits + sizeof(digits);

	do
		*--digit = (char)('0' + number % 10);
	while (number /= 10);
	fwrite_unlocked(digit, 1, (size_t)(digits + sizeof(digits) - digit),
			writer->out);
}

static void put_long(struct writer *writer, long long number)
{
	fprintf(writer->out, "%lld", number);
}

/* A field with a number: a blank, its letter if it has one, the number. */
static void put_field(struct writer *writer, const char *letter,
		      unsigned int number)
{
	put_char(writer, ' ');
	if (*letter)
		put_char(writer, *letter);
	put_number(writer, number);
}

static unsigned int name_number(struct writer *writer, const char *text)
{
	struct wq_arena *arena = writer->unit->arena;
	struct wq_key key = wq_key_of(text);
	const struct wq_entry *entry = wq_table_find(&writer->names, key);
	unsigned int *number;

	if (entry && entry->count)
		return *(const unsigned int *)entry->list;
	number = wq_table_add(arena, &writer->names, key, sizeof(*number));
	*number = writer->nr_names;
	writer->name_list = wq_arena_grow(arena, writer->name_list,
					  writer->nr_names,
					  sizeof(*writer->name_list));
	writer->name_list[writer->nr_names++] = text;
	return *number;
}

/* The same with the number of a name; nothing for NULL. */
static void put_name(struct writer *writer, const char *letter,
		     const char *text)
{
	if (text)
		put_field(writer, letter, name_number(writer, text));
}

static void put_name_or_none(struct writer *writer, const char *text)
{
	if (text)
		put_name(writer, "", text);
	else
		fputs_unlocked(" -", writer->out);
}

static void put_expr(struct writer *writer, const char *letter,
		     const struct wq_expr *expr)
{
	if (expr)
		put_field(writer, letter, writer->numbers[expr->index] - 1);
}

static void put_exprs(struct writer *writer, const char *letter,
		      const struct wq_expr *const *list, unsigned int count)
{
	unsigned int i;

	if (!count)
		return;
	put_expr(writer, letter, list[0]);
	for (i = 1; i < count; i++) {
		put_char(writer, ',');
		put_number(writer, writer->numbers[list[i]->index] - 1);
	}
}

static void begin(struct writer *writer, char letter)
{
	put_char(writer, letter);
	writer->nr_records++;
}

static void end(struct writer *writer)
{
	put_char(writer, '\n');
}

static unsigned int file_number(struct writer *writer, const char *file)
{
	unsigned int i = writer->nr_files;

	/* Mostly the file that was named last, or the first. */
	while (i--)
		if (writer->files[i] == file)
			return i;
	writer->files = wq_arena_grow(writer->unit->arena, writer->files,
				      writer->nr_files, sizeof(*writer->files));
	writer->files[writer->nr_files] = file;
	return writer->nr_files++;
}

static void put_location(struct writer *writer, struct wq_location where)
{
	if (!where.file)
		return;
	put_field(writer, "@", file_number(writer, where.file));
	put_char(writer, ':');
	put_number(writer, where.line);
	put_char(writer, ':');
	put_number(writer, where.column_bytes);
	if (where.in_macro)
		put_char(writer, 'm');
}

/* Letters, in one field, of the flags that are set. */
static void put_flags(struct writer *writer, const char *letters,
		      const bool *flags)
{
	bool any = false;

	for (; *letters; letters++, flags++) {
		if (!*flags)
			continue;
		if (!any)
			put_char(writer, ' ');
		put_char(writer, *letters);
		any = true;
	}
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
	fprintf(writer->out, " rest=%zu\n", rest);
}

static void write_function(struct writer *writer,
			   const struct wq_function *function)
{
	const bool flags[] = {
		function->is_static, function->is_defined,
		function->is_inline, function->in_main_file,
		function->address_taken,
	};
	unsigned int i;

	begin(writer, 'f');
	put_name(writer, "", function->name);
	put_location(writer, function->where);
	put_flags(writer, "sdimt", flags);
	if (function->section)
		put_field(writer, "S", function->section);
	if (function->nr_params)
		put_field(writer, "p", function->nr_params);
	for (i = 0; i < function->nr_roles; i++)
		put_name(writer, "r", function->roles[i]);
	end(writer);
}

static void write_expr(struct writer *writer, const struct wq_expr *expr)
{
	begin(writer, wq_expr_letters[expr->kind]);
	if (expr->function)
		put_field(writer, "", expr->function->index);
	if (expr->event)
		put_field(writer, "", expr->event->index);
	put_expr(writer, "", expr->base);
	switch (expr->kind) {
	case WQ_EXPR_CONST:
	case WQ_EXPR_PARAM:
	case WQ_EXPR_INDEX:
		put_char(writer, ' ');
		put_long(writer, expr->number);
		break;
	case WQ_EXPR_FIELD:
	case WQ_EXPR_OUTER:
		put_name_or_none(writer, expr->name);
		put_name_or_none(writer, expr->type);
		put_name(writer, "", expr->field_type);
		break;
	default:
		put_name(writer, "", expr->name);
		put_flags(writer, "s", &expr->is_static);
		put_exprs(writer, "", expr->alternatives,
			  expr->nr_alternatives);
	}
	end(writer);
}

/* What is known of an event, besides its operands, in records after it. */
static void write_conditions(struct writer *writer,
			     const struct wq_event *event)
{
	unsigned int i;

	for (i = 0; i < event->nr_conditions; i++) {
		const struct wq_condition *condition = &event->conditions[i];

		begin(writer, condition->relation == WQ_NOT_EQUAL ? '!' : '=');
		put_expr(writer, "", condition->left);
		put_expr(writer, "", condition->right);
		end(writer);
	}
	for (i = 0; i < event->nr_variables; i++) {
		begin(writer, 'v');
		put_name(writer, "", event->variables[i].name);
		put_name(writer, "", event->variables[i].type);
		end(writer);
	}
}

static void write_event(struct writer *writer, const struct wq_event *event)
{
	const bool flags[] = { event->delayed, event->always, event->managed };

	begin(writer, 'e');
	put_char(writer, ' ');
	put_char(writer, wq_event_letters[event->kind]);
	if (event->function)
		put_number(writer, event->function->index);
	put_location(writer, event->where);
	put_name(writer, "c", event->callee);
	put_name(writer, "t", event->type);
	if (event->number) {
		fputs_unlocked(" n", writer->out);
		put_long(writer, event->number);
	}
	put_flags(writer, "DAM", flags);
	put_expr(writer, "q", event->queue);
	put_expr(writer, "w", event->work);
	put_expr(writer, "o", event->object);
	put_expr(writer, "v", event->value);
	put_expr(writer, "d", event->delay);
	put_exprs(writer, "a", event->args, event->nr_args);
	put_exprs(writer, "h", event->held, event->nr_held);
	end(writer);
	write_conditions(writer, event);
}

/* The letters of outcomes and tests, in the order of their enums. */
static void write_block(struct writer *writer, const struct wq_block *block)
{
	static const char *const outcomes[] = { "", "s", "f", "u" };
	unsigned int i;

	put_number(writer, block->nr_events);
	put_char(writer, ':');
	for (i = 0; i < block->nr_edges; i++) {
		if (i)
			put_char(writer, '.');
		put_number(writer, block->edges[i].to);
		fputs_unlocked(outcomes[block->edges[i].outcome], writer->out);
	}
	if (block->left) {
		put_char(writer, '/');
		put_char(writer, "?znlg"[block->test]);
		put_number(writer, writer->numbers[block->left->index] - 1);
	}
}

static void write_flow(struct writer *writer,
		       const struct wq_function *function)
{
	unsigned int i;

	if (!function->nr_blocks)
		return;
	begin(writer, 'b');
	put_field(writer, "", function->index);
	for (i = 0; i < function->nr_blocks; i++) {
		put_char(writer, i ? ';' : ' ');
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
	unsigned int i, j;

	writer->numbers = wq_arena_alloc(unit->arena, (unit->nr_exprs + 1) *
						      sizeof(*writer->numbers));
	for (i = 0; i < unit->nr_events; i++)
		mark_operands(writer, unit->events[i]);
	for (i = 0; i < unit->nr_functions; i++)
		for (j = 0; j < unit->functions[i]->nr_blocks; j++)
			mark(writer, unit->functions[i]->blocks[j].left);
	for (i = 0; i < unit->nr_exprs; i++)
		if (writer->numbers[i])
			writer->numbers[i] = ++writer->nr_exprs;
}

static void write_header(struct writer *writer)
{
	const struct wq_unit *unit = writer->unit;
	unsigned int i;

	/* Those of types that no location is in come last. */
	for (i = 0; i < unit->nr_types; i++)
		if (unit->types[i].file)
			file_number(writer, unit->types[i].file);
	for (i = 0; i < writer->nr_files; i++) {
		begin(writer, 's');
		put_char(writer, ' ');
		put_value(writer->out, writer->files[i]);
		end(writer);
	}
	for (i = 0; i < unit->nr_types; i++) {
		const struct wq_type *type = &unit->types[i];
		const bool flags[] = { type->in_main_file, type->holds_work };

		begin(writer, 't');
		put_char(writer, ' ');
		put_value(writer->out, type->tag);
		if (type->file)
			put_field(writer, "@", file_number(writer, type->file));
		put_flags(writer, "mh", flags);
		end(writer);
	}
	for (i = 0; i < unit->nr_public_queues; i++) {
		begin(writer, 'q');
		put_char(writer, ' ');
		put_value(writer->out, unit->public_queues[i].name);
		put_flags(writer, "a", &unit->public_queues[i].is_allocated);
		end(writer);
	}
}

/* How many there are of each kind, and the names that the others refer to. */
static void write_names(struct writer *writer)
{
	unsigned int i;

	begin(writer, 'c');
	put_field(writer, "", writer->nr_names);
	put_field(writer, "", writer->unit->nr_functions);
	put_field(writer, "", writer->nr_exprs);
	put_field(writer, "", writer->unit->nr_events);
	end(writer);
	for (i = 0; i < writer->nr_names; i++) {
		begin(writer, 'n');
		put_char(writer, ' ');
		put_value(writer->out, writer->name_list[i]);
		end(writer);
	}
}

static void write_body(struct writer *writer)
{
	const struct wq_unit *unit = writer->unit;
	unsigned int i;

	for (i = 0; i < unit->nr_functions; i++)
		write_function(writer, unit->functions[i]);
	for (i = 0; i < unit->nr_exprs; i++)
		if (writer->numbers[i])
			write_expr(writer, unit->exprs[i]);
	for (i = 0; i < unit->nr_events; i++)
		write_event(writer, unit->events[i]);
	for (i = 0; i < unit->nr_functions; i++)
		write_flow(writer, unit->functions[i]);
}

static void out_of_memory(void)
{
	fputs("wqlint: out of memory\n", stderr);
	exit(3);
}

/* Text that was written to memory; the caller frees the bytes. */
struct text {
	char *bytes;
	size_t nr_bytes;
};

static void open_text(struct writer *writer, struct text *text)
{
	writer->out = open_memstream(&text->bytes, &text->nr_bytes);
	if (!writer->out)
		out_of_memory();
}

static void close_text(struct writer *writer)
{
	if (fclose(writer->out))
		out_of_memory();
}

static void append_text(struct writer *writer, struct text *text)
{
	fwrite(text->bytes, 1, text->nr_bytes, writer->out);
	free(text->bytes);
}

const char *wq_facts_text(struct wq_arena *arena, const struct wq_unit *unit)
{
	/* What comes first depends on what follows: names, files, bytes. */
	struct text body = { 0 }, rest = { 0 }, all = { 0 };
	struct writer writer = { .unit = unit, .nr_records = 1 };
	const char *copy;

	wq_unit_summarise((struct wq_unit *)unit);
	number_exprs(&writer);
	open_text(&writer, &body);
	write_body(&writer);
	close_text(&writer);
	open_text(&writer, &rest);
	write_header(&writer);
	write_names(&writer);
	append_text(&writer, &body);
	fprintf(writer.out, "end %u\n", writer.nr_records);
	close_text(&writer);
	open_text(&writer, &all);
	fprintf(writer.out, "wqlint-facts %d\n", WQ_FACTS_VERSION);
	write_unit(&writer, rest.nr_bytes);
	append_text(&writer, &rest);
	close_text(&writer);
	copy = wq_arena_copy(arena, all.bytes);
	free(all.bytes);
	return copy;
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
