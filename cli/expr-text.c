/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Expressions of facts as a kernel developer would write them. They come
 * from files, so neither their depth nor their size is to be trusted.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

#define TEXT_BYTES 400
#define MAX_DEPTH 24

struct writer {
	char text[TEXT_BYTES];
	size_t used;
	unsigned int depth;
};

static void write_value(struct writer *writer, const struct wq_expr *expr);
static void write_object(struct writer *writer, const struct wq_expr *address);

__attribute__((format(printf, 2, 3)))
static void put(struct writer *writer, const char *format, ...)
{
	size_t room = TEXT_BYTES - writer->used;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(writer->text + writer->used, room, format, args);
	va_end(args);
	if (length > 0)
		writer->used += (size_t)length < room ? (size_t)length :
				room - 1;
}

static bool is_full(const struct writer *writer)
{
	return writer->used >= TEXT_BYTES - 1;
}

static const char *name_of(const struct wq_expr *expr)
{
	return expr->name ? expr->name : "?";
}

/* Is @expr the address of something that has a name of its own? */
static bool is_address(const struct wq_expr *expr)
{
	return expr->kind == WQ_EXPR_GLOBAL || expr->kind == WQ_EXPR_LOCAL ||
	       expr->kind == WQ_EXPR_FIELD || expr->kind == WQ_EXPR_INDEX;
}

static void write_field(struct writer *writer, const struct wq_expr *expr)
{
	if (is_address(expr->base)) {
		write_object(writer, expr->base);
		put(writer, ".%s", name_of(expr));
	} else {
		write_value(writer, expr->base);
		put(writer, "->%s", name_of(expr));
	}
}

static void write_index(struct writer *writer, const struct wq_expr *expr)
{
	if (is_address(expr->base))
		write_object(writer, expr->base);
	else
		write_value(writer, expr->base);
	if (expr->number < 0)
		put(writer, "[]");
	else
		put(writer, "[%lld]", expr->number);
}

/* What is at @address. */
static void write_object(struct writer *writer, const struct wq_expr *address)
{
	if (is_full(writer) || writer->depth >= MAX_DEPTH) {
		put(writer, "...");
		return;
	}
	writer->depth++;
	switch (address->kind) {
	case WQ_EXPR_GLOBAL:
	case WQ_EXPR_LOCAL:
		put(writer, "%s", name_of(address));
		break;
	case WQ_EXPR_FIELD:
		write_field(writer, address);
		break;
	case WQ_EXPR_INDEX:
		write_index(writer, address);
		break;
	default:
		put(writer, "*");
		write_value(writer, address);
	}
	writer->depth--;
}

static void write_any(struct writer *writer, const struct wq_expr *expr)
{
	unsigned int i;

	put(writer, "(");
	for (i = 0; i < expr->nr_alternatives && !is_full(writer); i++) {
		if (i)
			put(writer, " or ");
		write_value(writer, expr->alternatives[i]);
	}
	put(writer, ")");
}

static void write_outer(struct writer *writer, const struct wq_expr *expr)
{
	put(writer, "container_of(");
	write_value(writer, expr->base);
	put(writer, ", struct %s, %s)", expr->type ? expr->type : "?",
	    name_of(expr));
}

static void write_kind(struct writer *writer, const struct wq_expr *expr)
{
	switch (expr->kind) {
	case WQ_EXPR_NULL:
		put(writer, "NULL");
		break;
	case WQ_EXPR_CONST:
		put(writer, "%lld", expr->number);
		break;
	case WQ_EXPR_STRING:
		put(writer, "\"%s\"", name_of(expr));
		break;
	case WQ_EXPR_FUNC:
		put(writer, "%s", name_of(expr));
		break;
	case WQ_EXPR_PARAM:
		put(writer, "arg%lld", expr->number);
		break;
	case WQ_EXPR_RESULT:
		put(writer, "%s()", expr->event && expr->event->callee ?
		    expr->event->callee : "?");
		break;
	case WQ_EXPR_LOAD:
		write_object(writer, expr->base);
		break;
	case WQ_EXPR_OUTER:
		write_outer(writer, expr);
		break;
	case WQ_EXPR_ANY:
		write_any(writer, expr);
		break;
	default:
		if (is_address(expr)) {
			put(writer, "&");
			write_object(writer, expr);
		} else {
			put(writer, "?");
		}
	}
}

static void write_value(struct writer *writer, const struct wq_expr *expr)
{
	if (is_full(writer) || writer->depth >= MAX_DEPTH) {
		put(writer, "...");
		return;
	}
	writer->depth++;
	write_kind(writer, expr);
	writer->depth--;
}

const char *wq_expr_text(struct wq_arena *arena, const struct wq_expr *expr)
{
	struct writer writer = { .used = 0 };

	if (!expr)
		return "?";
	writer.text[0] = '\0';
	write_value(&writer, expr);
	/* The member's type says what the text of its base cannot. */
	if (expr->kind == WQ_EXPR_LOAD)
		expr = expr->base;
	if (expr->kind == WQ_EXPR_FIELD && expr->type)
		return wq_arena_printf(arena, "%s of struct %s", writer.text,
				       expr->type);
	return wq_arena_copy(arena, writer.text);
}
