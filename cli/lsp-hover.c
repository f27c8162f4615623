/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is known of the work items and queues of a program, as Markdown: for
 * the calls that are about them, and by the last part of their names for
 * wherever else that stands.
 */
#include <string.h>

#include "json-parts.h"
#include "judge.h"
#include "lsp-report.h"

/* A text on its way; lines are added at its end. */
struct hover {
	struct wq_lsp_report *report;
	const struct wq_program *program;
	const char *text;
};

/* "- queue on system_wq by schedule_work(), in foo(), [foo.c:12](...)" */
static void add_line(const struct wq_work_line *line, void *context)
{
	struct hover *hover = context;
	struct wq_lsp_report *report = hover->report;
	const char *file = line->where.file ? line->where.file : "?";

	hover->text = wq_arena_printf(report->arena,
		"%s\n- %s%s%s%s%s: [%s:%u](%s#L%u)", hover->text, line->kind,
		*line->text ? " " : "", line->text,
		line->function ? ", in " : "",
		line->function ? line->function : "", wq_path_name(file),
		line->where.line,
		wq_lsp_path_uri(report->arena,
				wq_lsp_report_path(report, file)),
		line->where.line);
}

static void add_remark(struct hover *hover, const char *remark)
{
	hover->text = wq_arena_printf(hover->report->arena, "%s\n\n%s",
				      hover->text, remark);
}

static const char *work_text(struct hover *hover, const struct wq_work *work)
{
	const char *reason = wq_work_lets_go(hover->program, work);

	hover->text = wq_arena_printf(hover->report->arena,
		"**work item %s**%s\n", work->item->name,
		work->delayed ? " (delayed)" : "");
	wq_work_describe(hover->report->arena, hover->program, work, add_line,
			 hover);
	if (reason)
		add_remark(hover, reason);
	if (!wq_work_is_known(work))
		add_remark(hover, "not everybody who can use it is seen");
	return hover->text;
}

/* Does a queue of @use have the name @name? */
static bool is_about(const struct hover *hover, const struct wq_use *use,
		     const char *name)
{
	return use->queues &&
	       !strcmp(wq_queue_text(hover->report->arena, hover->program, use),
		       name);
}

static const char *queue_text(struct hover *hover, const char *name)
{
	const struct wq_program *program = hover->program;
	const struct wq_event *last = NULL;
	unsigned int i;

	hover->text = wq_arena_printf(hover->report->arena,
				      "**workqueue %s**\n", name);
	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];
		const struct wq_event *event = use->event;
		struct wq_work_line line = {
			.where = event->where,
			.function = event->function ? event->function->name
						    : NULL,
			.kind = wq_event_kind_name(event->kind),
			.text = use->items && use->items->name
				? use->items->name : "",
		};

		if (event == last || !is_about(hover, use, name))
			continue;
		last = event;
		add_line(&line, hover);
	}
	return hover->text;
}

/* "work" of "struct foo.tx.work", "my_wq" of "my_wq". */
static const char *last_part(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

/* Of items of one name all are told. */
static void add_name(struct wq_lsp_report *report, const char *name,
		     const char *text)
{
	const char *word = last_part(name), *known;

	known = json_string_value(json_object_get(report->names, word));
	if (known && strstr(known, text))
		return;
	if (known)
		text = wq_arena_printf(report->arena, "%s\n\n%s", known, text);
	json_object_set_new(report->names, word,
			    wq_json_text(report->arena, text));
}

/* For the call at @event, its arguments included. */
static void add_call(struct wq_lsp_report *report, const struct wq_event *event,
		     const char *text)
{
	const struct wq_text *source = event->where.file
		? wq_text_open(&report->texts, event->where.file) : NULL;
	unsigned int token = source
		? wq_token_at(source->tokens, event->where.line,
			      event->where.column_bytes) : WQ_NO_TOKEN, end;
	const struct wq_token *list;

	if (token == WQ_NO_TOKEN)
		return;
	list = source->tokens->list;
	end = wq_token_is(source->tokens, token + 1, "(")
		? wq_token_closing(source->tokens, token + 1, true)
		: WQ_NO_TOKEN;
	if (end == WQ_NO_TOKEN)
		end = token;
	json_array_append_new(report->hovers, json_pack("{s:o, s:o, s:o}",
		"path", wq_json_text(report->arena,
			wq_lsp_report_path(report, event->where.file)),
		"range", wq_lsp_range(source->bytes, source->nr_bytes,
				      list[token].offset,
				      list[end].offset + list[end].bytes -
				      list[token].offset, report->lsp->utf8),
		"text", wq_json_text(report->arena, text)));
}

static void add_works(struct hover *hover)
{
	const struct wq_program *program = hover->program;
	unsigned int i, j;

	for (i = 0; i < program->nr_works; i++) {
		const struct wq_work *work = &program->works[i];
		const char *text;

		if (!work->item->name)
			continue;
		text = work_text(hover, work);
		add_name(hover->report, work->item->name, text);
		for (j = 0; j < work->nr_uses; j++)
			if (!j || work->uses[j]->event !=
				  work->uses[j - 1]->event)
				add_call(hover->report, work->uses[j]->event,
					 text);
	}
}

/* Calls that are about a queue and no item of it. */
static void add_queues(struct hover *hover)
{
	const struct wq_program *program = hover->program;
	const struct wq_event *last = NULL;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];
		const char *name, *text;

		if (!use->queues || use->event == last)
			continue;
		last = use->event;
		name = wq_queue_text(hover->report->arena, program, use);
		text = queue_text(hover, name);
		if (!strchr(last_part(name), ' '))
			add_name(hover->report, name, text);
		if (!use->items)
			add_call(hover->report, use->event, text);
	}
}

void wq_lsp_report_hovers(struct wq_lsp_report *report,
			  const struct wq_program *program)
{
	struct hover hover = { .report = report, .program = program };

	add_works(&hover);
	add_queues(&hover);
}
