/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GCC's own diagnostic lines, for tools that read a build's output. The
 * column is the one GCC prints: where a terminal shows the byte.
 */
#include "report-parts.h"
#include "source.h"

struct gcc_report {
	FILE *out;
	struct wq_sources *sources;
	const struct wq_report_options *options;
};

/* GCC has no level below a warning that stands for itself. */
static const char *const level_words[] = {
	[WQ_CHECK] = "warning", [WQ_WARNING] = "warning", [WQ_ERROR] = "error",
};

static void print_place(const struct gcc_report *report,
			struct wq_location where)
{
	unsigned int column = where.column_bytes;
	const char *line = wq_source_line(report->sources,
					  report->options->directory,
					  where.file, where.line);

	if (line && column)
		column = wq_report_display_column(line, column);
	wq_report_place(report->out, where, column);
}

static void print_note(const struct gcc_report *report,
		       struct wq_location where, const char *text)
{
	print_place(report, where);
	fprintf(report->out, ": note: %s\n", text);
}

static void print_finding(const struct gcc_report *report,
			  struct wq_findings *findings,
			  const struct wq_finding *finding)
{
	unsigned int i;

	print_place(report, finding->where);
	fprintf(report->out, ": %s: %s [wqlint:%s]\n",
		level_words[finding->level], finding->message,
		wq_report_rule_name(findings, finding->rule, report->options));
	if (report->options->terse)
		return;
	for (i = 0; i < finding->nr_related; i++)
		if (wq_report_is_elsewhere(finding, i))
			print_note(report, finding->related[i].where,
				   finding->related[i].message);
	if (finding->suggestion.text)
		print_note(report, finding->where, finding->suggestion.text);
}

static int print(FILE *out, struct wq_findings *findings,
		 const struct wq_report_options *options)
{
	const struct gcc_report report = {
		.out = out,
		.sources = wq_sources_new(),
		.options = options,
	};
	unsigned int i;

	for (i = 0; i < findings->count; i++) {
		if (!options->terse)
			wq_report_function(out, findings, i);
		print_finding(&report, findings, findings->list[i]);
	}
	wq_sources_free(report.sources);
	return wq_report_finish(out);
}

const struct wq_report wq_report_gcc = {
	.name = "gcc",
	.is_for_builds = true,
	.print = print,
};
