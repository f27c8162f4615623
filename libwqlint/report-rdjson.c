/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reviewdog's diagnostic format, one DiagnosticResult: reviewdog -f=rdjson
 * makes review comments of it. Columns count bytes, an end is exclusive.
 */
#include <string.h>

#include "json-parts.h"
#include "report-parts.h"

struct rdjson {
	struct wq_arena *arena;
	struct wq_sources *sources;
	const struct wq_report_options *options;
};

static const char *const severities[] = {
	[WQ_CHECK] = "INFO", [WQ_WARNING] = "WARNING", [WQ_ERROR] = "ERROR",
};

static json_t *position(unsigned int line, unsigned int column_bytes)
{
	json_t *value = json_pack("{s:i}", "line", (int)line);

	if (column_bytes)
		json_object_set_new(value, "column",
				    json_integer((json_int_t)column_bytes));
	return value;
}

/* @bytes from @where on. */
static json_t *range(struct wq_location where, size_t bytes)
{
	json_t *value = json_pack("{s:o}", "start",
				  position(where.line, where.column_bytes));

	if (where.column_bytes)
		json_object_set_new(value, "end",
				    position(where.line, where.column_bytes +
					     (unsigned int)bytes));
	return value;
}

static json_t *location(const struct rdjson *report, struct wq_location where)
{
	const char *line = wq_source_line(report->sources,
					  report->options->directory,
					  where.file, where.line);
	json_t *value = json_pack("{s:o}", "path",
				  wq_json_text(report->arena, where.file ?
					       where.file : "<unknown>"));

	if (where.line)
		json_object_set_new(value, "range",
			range(where, wq_report_word_bytes(line,
							  where.column_bytes)));
	return value;
}

static json_t *suggestions(const struct rdjson *report,
			   const struct wq_finding *finding)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < finding->suggestion.nr_edits; i++) {
		const struct wq_edit *edit = &finding->suggestion.edits[i];

		/* A comment can change only the file that it is on. */
		if (!wq_report_same_file(edit->where, finding->where)) {
			json_array_clear(list);
			break;
		}
		json_array_append_new(list, json_pack("{s:o, s:o}",
			"range", range(edit->where, strlen(edit->old_text)),
			"text", wq_json_text(report->arena, edit->new_text)));
	}
	return list;
}

static json_t *related(const struct rdjson *report,
		       const struct wq_finding *finding)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < finding->nr_related; i++)
		json_array_append_new(list, json_pack("{s:o, s:o}",
			"message", wq_json_text(report->arena,
						finding->related[i].message),
			"location", location(report,
					     finding->related[i].where)));
	return list;
}

/* The message has all that a reader needs who sees nothing else. */
static const char *message_of(const struct rdjson *report,
			      const struct wq_finding *finding)
{
	const char *module = finding->module ?
		wq_arena_printf(report->arena, "\nModule %s.",
				finding->module) : "";

	return finding->suggestion.text ?
	       wq_arena_printf(report->arena, "%s\n%s%s", finding->message,
			       finding->suggestion.text, module) :
	       wq_arena_printf(report->arena, "%s%s", finding->message,
			       module);
}

static json_t *diagnostic(const struct rdjson *report,
			  const struct wq_finding *finding)
{
	return json_pack("{s:o, s:o, s:s, s:{s:s}, s:o, s:o}",
			 "message", wq_json_text(report->arena,
						 message_of(report, finding)),
			 "location", location(report, finding->where),
			 "severity", severities[finding->level],
			 "code", "value", finding->rule->id,
			 "suggestions", suggestions(report, finding),
			 "relatedLocations", related(report, finding));
}

static int print(FILE *out, struct wq_findings *findings,
		 const struct wq_report_options *options)
{
	const struct rdjson report = {
		.arena = findings->arena,
		.sources = wq_sources_new(),
		.options = options,
	};
	json_t *list = json_array();
	unsigned int i;
	int err;

	for (i = 0; i < findings->count; i++)
		json_array_append_new(list, diagnostic(&report,
						       findings->list[i]));
	err = wq_json_print(out, json_pack("{s:{s:s}, s:o}", "source", "name",
					   "wqlint", "diagnostics", list),
			    JSON_INDENT(1));
	wq_sources_free(report.sources);
	return err ? err : wq_report_finish(out);
}

const struct wq_report wq_report_rdjson = {
	.name = "rdjson",
	.print = print,
};
