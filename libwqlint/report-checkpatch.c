/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What scripts/checkpatch.pl -f prints, for tools that read that. It knows
 * no second place of a finding: those become NOTE lines, which --terse and
 * checkpatch's readers leave out.
 */
#include "report-parts.h"
#include "source.h"

struct checkpatch_report {
	FILE *out;
	struct wq_findings *findings;
	struct wq_sources *sources;
	const struct wq_report_options *options;
};

static const char *const level_colors[] = {
	[WQ_CHECK] = "\033[32m", [WQ_WARNING] = "\033[33m",
	[WQ_ERROR] = "\033[31m",
};

static const char *file_name(struct wq_location where)
{
	return where.file ? where.file : "<unknown>";
}

static void print_head(const struct checkpatch_report *report,
		       const struct wq_finding *finding)
{
	const struct wq_report_options *options = report->options;

	if (options->color)
		fputs(level_colors[finding->level], report->out);
	if (options->terse || options->emacs)
		fprintf(report->out, "%s:%u: ", file_name(finding->where),
			finding->where.line);
	fprintf(report->out, "%s:", wq_level_name(finding->level));
	if (options->show_types)
		fprintf(report->out, "%s%s:",
			options->color ? "\033[34m" : "",
			wq_report_rule_name(report->findings, finding->rule,
					    options));
	fprintf(report->out, "%s %s\n", options->color ? "\033[0m" : "",
		finding->message);
}

static void print_note(const struct checkpatch_report *report,
		       struct wq_location where, const char *text)
{
	fputs("NOTE: ", report->out);
	wq_report_place(report->out, where, 0);
	fprintf(report->out, ": %s\n", text);
}

static void print_body(const struct checkpatch_report *report,
		       const struct wq_finding *finding)
{
	struct wq_location where = finding->where;
	const char *line = wq_source_line(report->sources,
					  report->options->directory,
					  where.file, where.line);
	unsigned int i;

	fprintf(report->out, "#%u: FILE: %s:%u:\n", where.line,
		file_name(where), where.line);
	if (line)
		fprintf(report->out, "+%s\n", line);
	for (i = 0; i < finding->nr_related; i++)
		if (wq_report_is_elsewhere(finding, i))
			print_note(report, finding->related[i].where,
				   finding->related[i].message);
	if (finding->suggestion.text)
		print_note(report, where, finding->suggestion.text);
	if (finding->module)
		fprintf(report->out, "NOTE: in module %s\n", finding->module);
	fputc('\n', report->out);
}

static void print_total(const struct checkpatch_report *report)
{
	struct wq_report_counts counts = wq_report_count(report->findings);

	fprintf(report->out, "total: %u errors, %u warnings, %u checks",
		counts.level[WQ_ERROR], counts.level[WQ_WARNING],
		counts.level[WQ_CHECK]);
	if (report->options->nr_files)
		fprintf(report->out, ", %u files checked",
			report->options->nr_files);
	fputc('\n', report->out);
}

static int print(FILE *out, struct wq_findings *findings,
		 const struct wq_report_options *options)
{
	const struct checkpatch_report report = {
		.out = out,
		.findings = findings,
		.sources = wq_sources_new(),
		.options = options,
	};
	unsigned int i;

	for (i = 0; i < findings->count; i++) {
		print_head(&report, findings->list[i]);
		if (!options->terse)
			print_body(&report, findings->list[i]);
	}
	if (options->summary)
		print_total(&report);
	wq_sources_free(report.sources);
	return wq_report_finish(out);
}

const struct wq_report wq_report_checkpatch = {
	.name = "checkpatch",
	.is_for_builds = true,
	.print = print,
};
