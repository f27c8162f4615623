/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The report for people: one line per place as compilers print it (columns
 * count bytes), the source line below it, and what to do about it.
 */
#include <ctype.h>
#include <string.h>

#include "report-parts.h"
#include "source.h"

struct text_report {
	FILE *out;
	struct wq_findings *findings;
	struct wq_sources *sources;
	const struct wq_report_options *options;
};

#define BOLD	"1"
#define RED	"1;31"
#define GREEN	"1;32"
#define MAGENTA	"1;35"
#define CYAN	"1;36"

static const struct {
	const char *word, *color;
} levels[] = {
	[WQ_CHECK] = { "check", CYAN },
	[WQ_WARNING] = { "warning", MAGENTA },
	[WQ_ERROR] = { "error", RED },
};

static void color(const struct text_report *report, const char *code)
{
	if (report->options->color)
		fprintf(report->out, "\033[%sm", code ? code : "");
}

static const char *source_line(const struct text_report *report,
			       struct wq_location where)
{
	return wq_source_line(report->sources, report->options->directory,
			      where.file, where.line);
}

/* Tabs become spaces, and nothing of a source file controls the terminal. */
static void print_source(const struct text_report *report, const char *line)
{
	unsigned int column = 0;

	for (; *line; line++) {
		unsigned char c = (unsigned char)*line;

		if (c == '\t') {
			do
				fputc(' ', report->out);
			while (++column % WQ_TAB_STOP);
			continue;
		}
		fputc(iscntrl(c) ? '?' : c, report->out);
		if ((c & 0xc0) != 0x80)		/* no continuation byte */
			column++;
	}
}

static void print_excerpt(const struct text_report *report,
			  struct wq_location where)
{
	const char *line = source_line(report, where);
	unsigned int length;

	if (!line)
		return;
	fprintf(report->out, "%5u | ", where.line);
	print_source(report, line);
	fputc('\n', report->out);
	length = wq_report_word_bytes(line, where.column_bytes);
	if (!length)
		return;
	fprintf(report->out, "      | %*s",
		(int)wq_report_display_column(line, where.column_bytes) - 1,
		"");
	color(report, GREEN);
	fputc('^', report->out);
	while (--length)
		fputc('~', report->out);
	color(report, NULL);
	fputc('\n', report->out);
}

static void print_place(const struct text_report *report,
			struct wq_location where, const char *word,
			const char *word_color)
{
	color(report, BOLD);
	wq_report_place(report->out, where, where.column_bytes);
	fputc(':', report->out);
	color(report, NULL);
	fputc(' ', report->out);
	color(report, word_color);
	fprintf(report->out, "%s:", word);
	color(report, NULL);
}

static void print_note(const struct text_report *report,
		       struct wq_location where, const char *text)
{
	print_place(report, where, "note", CYAN);
	fprintf(report->out, " %s\n", text);
}

static void print_changed(const struct text_report *report, char sign,
			  const char *text, size_t length)
{
	color(report, sign == '-' ? RED : GREEN);
	fprintf(report->out, "    %c | ", sign);
	print_source(report, wq_arena_printf(report->findings->arena, "%.*s",
					     (int)length, text));
	color(report, NULL);
	fputc('\n', report->out);
}

/* How a line looks with the edits made that are on the line of @of. */
static void print_edited(const struct text_report *report,
			 const struct wq_suggestion *suggestion,
			 const struct wq_edit *of)
{
	const char *line = source_line(report, of->where);
	const char *edited = line && of->where.file ?
			     wq_report_edited_line(report->findings->arena,
						   suggestion, of, line) : NULL;
	size_t kept;

	if (!edited)
		return;
	kept = strlen(line);
	if (strlen(edited) > kept && edited[strlen(edited) - kept - 1] == '\n' &&
	    !strcmp(edited + strlen(edited) - kept, line))
		/* whole lines before one that stays */
		edited = wq_arena_printf(report->findings->arena, "%.*s",
					 (int)(strlen(edited) - kept), edited);
	else
		print_changed(report, '-', line, kept);
	while (*edited) {
		size_t length = strcspn(edited, "\n");

		print_changed(report, '+', edited, length);
		edited += length + (edited[length] == '\n');
	}
}

static void print_edits(const struct text_report *report,
			const struct wq_suggestion *suggestion)
{
	unsigned int i, j;

	for (i = 0; i < suggestion->nr_edits; i++) {
		for (j = 0; j < i; j++)
			if (wq_report_same_line(&suggestion->edits[j],
				    &suggestion->edits[i]))
				break;
		if (j == i)
			print_edited(report, suggestion,
				     &suggestion->edits[i]);
	}
}

static void print_finding(const struct text_report *report,
			  const struct wq_finding *finding)
{
	const struct wq_suggestion *suggestion = &finding->suggestion;
	unsigned int i;

	print_place(report, finding->where, levels[finding->level].word,
		    levels[finding->level].color);
	fprintf(report->out, " %s [%s]\n", finding->message,
		wq_report_rule_name(report->findings, finding->rule,
				    report->options));
	if (report->options->terse)
		return;
	print_excerpt(report, finding->where);
	for (i = 0; i < finding->nr_related; i++) {
		if (!wq_report_is_elsewhere(finding, i))
			continue;
		print_note(report, finding->related[i].where,
			   finding->related[i].message);
		print_excerpt(report, finding->related[i].where);
	}
	if (suggestion->text)
		print_note(report, finding->where, suggestion->text);
	print_edits(report, suggestion);
}

static void print_summary(const struct text_report *report)
{
	struct wq_report_counts counts = wq_report_count(report->findings);
	const char *comma = "";
	int level;

	fputs("wqlint: ", report->out);
	if (!report->findings->count)
		fputs("no findings", report->out);
	for (level = WQ_ERROR; level >= WQ_CHECK; level--) {
		if (!counts.level[level])
			continue;
		fprintf(report->out, "%s%u %s%s", comma, counts.level[level],
			levels[level].word, counts.level[level] > 1 ? "s" : "");
		comma = ", ";
	}
	if (counts.nr_modules)
		fprintf(report->out, " in %u module%s", counts.nr_modules,
			counts.nr_modules > 1 ? "s" : "");
	if (report->options->nr_silenced)
		fprintf(report->out, " (and %u silenced)",
			report->options->nr_silenced);
	if (report->options->nr_stale)
		fprintf(report->out, ", and the baseline has %u stale entr%s",
			report->options->nr_stale,
			report->options->nr_stale > 1 ? "ies" : "y");
	fputc('\n', report->out);
}

static int print(FILE *out, struct wq_findings *findings,
		 const struct wq_report_options *options)
{
	const struct text_report report = {
		.out = out,
		.findings = findings,
		.sources = wq_sources_new(),
		.options = options,
	};
	unsigned int i;

	for (i = 0; i < findings->count; i++) {
		if (!options->terse)
			wq_report_function(out, findings, i);
		print_finding(&report, findings->list[i]);
	}
	if (options->summary)
		print_summary(&report);
	wq_sources_free(report.sources);
	return wq_report_finish(out);
}

const struct wq_report wq_report_text = {
	.name = "text",
	.is_for_builds = true,
	.print = print,
};
