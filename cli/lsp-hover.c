/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is known of the work items and queues of a program, as Markdown: each
 * has one text, which is shown for the calls that are about it, and for the
 * last part of its name wherever else that stands.
 */
#include <string.h>

#include "json-parts.h"
#include "judge.h"
#include "lsp-report.h"

/* Who wants to know more asks facts --work. */
#define MAX_LINES	40

/* A text on its way; lines are added at its end. */
struct hover {
	struct wq_lsp_report *report;
	const struct wq_program *program;
	const char **queues;		/* of each use, or NULL */
	const char *text;
	unsigned int nr_lines;
};

/* "- queue on system_wq by schedule_work(), in foo: [foo.c:12](...)" */
static void add_line(const struct wq_work_line *line, void *context)
{
	struct hover *hover = context;
	struct wq_lsp_report *report = hover->report;
	const char *file = line->where.file ? line->where.file : "?";

	if (hover->nr_lines++ >= MAX_LINES)
		return;
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

static void begin_text(struct hover *hover, const char *kind, const char *name,
		       const char *remark)
{
	hover->text = wq_arena_printf(hover->report->arena, "**%s %s**%s\n",
				      kind, name, remark);
	hover->nr_lines = 0;
}

static void add_remark(struct hover *hover, const char *remark)
{
	hover->text = wq_arena_printf(hover->report->arena, "%s\n\n%s",
				      hover->text, remark);
}

static bool is_told(const struct hover *hover, const char *name)
{
	return json_object_get(hover->report->texts, name);
}

/* Keep the text as that of @name, and note by which word it is found. */
static void end_text(struct hover *hover, const char *name)
{
	json_t *names = hover->report->names;
	const char *dot = strrchr(name, '.');
	const char *word = dot ? dot + 1 : name;

	if (hover->nr_lines > MAX_LINES)
		add_remark(hover, wq_arena_printf(hover->report->arena,
				"and %u more", hover->nr_lines - MAX_LINES));
	json_object_set_new(hover->report->texts, name,
			    wq_json_text(hover->report->arena, hover->text));
	/* "my_wq or system_wq" is no word. */
	if (strchr(word, ' '))
		return;
	if (!json_object_get(names, word))
		json_object_set_new(names, word, json_array());
	json_array_append_new(json_object_get(names, word),
			      wq_json_text(hover->report->arena, name));
}

/* The call at @event, its arguments included, is about @name. */
static void add_call(struct wq_lsp_report *report, const struct wq_event *event,
		     const char *name)
{
	const struct wq_text *source = event->where.file
		? wq_text_open(&report->sources, event->where.file)
		: NULL;
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
		"name", wq_json_text(report->arena, name)));
}

/* Work items */

static void tell_work(struct hover *hover, const struct wq_work *work)
{
	const char *reason = wq_work_lets_go(hover->program, work);

	begin_text(hover, "work item", work->item->name,
		   work->delayed ? " (delayed)" : "");
	wq_work_describe(hover->report->arena, hover->program, work, add_line,
			 hover);
	if (reason)
		add_remark(hover, reason);
	if (!wq_work_is_known(work))
		add_remark(hover, "not everybody who can use it is seen");
	end_text(hover, work->item->name);
}

static void add_works(struct hover *hover)
{
	const struct wq_program *program = hover->program;
	unsigned int i, j;

	for (i = 0; i < program->nr_works; i++) {
		const struct wq_work *work = &program->works[i];

		if (!work->item->name)
			continue;
		if (!is_told(hover, work->item->name))
			tell_work(hover, work);
		for (j = 0; j < work->nr_uses; j++)
			if (!j || work->uses[j]->event !=
				  work->uses[j - 1]->event)
				add_call(hover->report, work->uses[j]->event,
					 work->item->name);
	}
}

/* Queues */

static void tell_queue(struct hover *hover, const char *name)
{
	const struct wq_program *program = hover->program;
	const struct wq_event *last = NULL;
	unsigned int i;

	begin_text(hover, "workqueue", name, "");
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

		if (event == last || !hover->queues[i] ||
		    strcmp(hover->queues[i], name))
			continue;
		last = event;
		add_line(&line, hover);
	}
	end_text(hover, name);
}

static void add_queues(struct hover *hover)
{
	const struct wq_program *program = hover->program;
	struct wq_arena *arena = hover->report->arena;
	const struct wq_event *last = NULL;
	unsigned int i;

	hover->queues = wq_arena_alloc(arena, (program->nr_uses + 1) *
					      sizeof(*hover->queues));
	for (i = 0; i < program->nr_uses; i++)
		if (program->uses[i].queues)
			hover->queues[i] = wq_queue_text(arena, program,
							 &program->uses[i]);
	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_use *use = &program->uses[i];

		if (!use->queues || use->event == last)
			continue;
		last = use->event;
		if (!is_told(hover, hover->queues[i]))
			tell_queue(hover, hover->queues[i]);
		/* Calls that are about an item, too, are shown that. */
		if (!use->items)
			add_call(hover->report, use->event, hover->queues[i]);
	}
}

void wq_lsp_report_hovers(struct wq_lsp_report *report,
			  const struct wq_program *program)
{
	struct hover hover = { .report = report, .program = program };

	add_works(&hover);
	add_queues(&hover);
}
