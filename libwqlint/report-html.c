/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One page for people who were not there: what was found, counted by rule
 * and by subsystem, then every finding, module by module, and what the rules
 * mean.
 */
#include <stdlib.h>
#include <string.h>

#include "html-parts.h"
#include "report-parts.h"
#include "source.h"

#define CONTEXT	2	/* lines before and after the one in question */

struct html {
	FILE *out;
	struct wq_findings *findings;
	struct wq_sources *sources;
	const struct wq_report_options *options;
};

static const char *const level_words[] = {
	[WQ_CHECK] = "check", [WQ_WARNING] = "warning", [WQ_ERROR] = "error",
};

static void text(const struct html *report, const char *words)
{
	wq_html_text(report->out, words);
}

static const char *source_line(const struct html *report,
			       struct wq_location where, unsigned int line)
{
	return wq_source_line(report->sources, report->options->directory,
			      where.file, line);
}

/* Counting */

struct count {
	const char *name;		/* interned */
	unsigned int level[WQ_ERROR + 1];
};

struct counts {
	struct count *list;
	unsigned int count;
};

static void count_one(const struct html *report, struct counts *counts,
		      const char *name, enum wq_level level)
{
	struct wq_arena *arena = report->findings->arena;
	unsigned int i;

	name = wq_arena_intern(arena, name);
	for (i = 0; i < counts->count; i++)
		if (counts->list[i].name == name)
			break;
	if (i == counts->count) {
		counts->list = wq_arena_grow(arena, counts->list, counts->count,
					     sizeof(*counts->list));
		counts->list[counts->count++].name = name;
	}
	counts->list[i].level[level]++;
}

static unsigned int sum(const struct count *count)
{
	return count->level[WQ_ERROR] + count->level[WQ_WARNING] +
	       count->level[WQ_CHECK];
}

/* The most first. */
static int compare_counts(const void *left, const void *right)
{
	const struct count *a = left, *b = right;

	if (sum(a) != sum(b))
		return sum(a) < sum(b) ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void print_counts(const struct html *report, const char *title,
			 struct counts *counts, bool are_rules)
{
	unsigned int i;

	qsort(counts->list, counts->count, sizeof(*counts->list),
	      compare_counts);
	fprintf(report->out, "<table>\n<tr><th>%s<th class=\"number\">errors"
		"<th class=\"number\">warnings<th class=\"number\">checks\n",
		title);
	for (i = 0; i < counts->count; i++) {
		const struct count *count = &counts->list[i];

		fputs("<tr><td>", report->out);
		if (are_rules)
			fprintf(report->out, "<a href=\"#rule-%s\">",
				count->name);
		text(report, count->name);
		if (are_rules)
			fputs("</a>", report->out);
		fprintf(report->out, "<td class=\"number\">%u<td class=\"number\">%u"
			"<td class=\"number\">%u\n", count->level[WQ_ERROR],
			count->level[WQ_WARNING], count->level[WQ_CHECK]);
	}
	fputs("</table>\n", report->out);
}

/* drivers/net of drivers/net/ethernet/foo/bar.c, fs/nfs of fs/nfs/x.c. */
static const char *subsystem_of(const struct html *report, const char *file)
{
	const char *slash = file && *file != '/' ? strchr(file, '/') : NULL;
	const char *second = slash ? strchr(slash + 1, '/') : NULL;

	if (second)
		slash = second;
	return slash ? wq_arena_printf(report->findings->arena, "%.*s",
				       (int)(slash - file), file) :
	       "other places";
}

static void print_summary(const struct html *report)
{
	struct counts rules = { NULL, 0 }, subsystems = { NULL, 0 };
	unsigned int i, silenced = 0;

	for (i = 0; i < report->findings->count; i++) {
		const struct wq_finding *finding = report->findings->list[i];

		if (finding->silence) {
			silenced++;
			continue;
		}
		count_one(report, &rules, finding->rule->id, finding->level);
		count_one(report, &subsystems,
			  subsystem_of(report, finding->where.file),
			  finding->level);
	}
	fprintf(report->out, "<p>%u finding%s", report->findings->count - silenced,
		report->findings->count - silenced == 1 ? "" : "s");
	if (silenced)
		fprintf(report->out, " and %u that %s silenced", silenced,
			silenced == 1 ? "is" : "are");
	fprintf(report->out, " in %u unit%s.</p>\n", report->options->nr_files,
		report->options->nr_files == 1 ? "" : "s");
	if (report->options->incomplete)
		fputs("<p class=\"error\"><span class=\"level\">Not everything could be "
		      "looked at:</span> the messages of the run say what.</p>\n",
		      report->out);
	if (!rules.count)
		return;
	fputs("<h2>By rule</h2>\n", report->out);
	print_counts(report, "rule", &rules, true);
	fputs("<h2>By subsystem</h2>\n", report->out);
	print_counts(report, "directory", &subsystems, false);
}

/* Findings */

static void print_marked(const struct html *report, const char *line,
			 unsigned int column_bytes)
{
	unsigned int bytes = wq_report_word_bytes(line, column_bytes);
	struct wq_arena *arena = report->findings->arena;

	if (!bytes) {
		text(report, line);
		return;
	}
	text(report, wq_arena_printf(arena, "%.*s", (int)column_bytes - 1,
				     line));
	fputs("<mark>", report->out);
	text(report, wq_arena_printf(arena, "%.*s", (int)bytes,
				     line + column_bytes - 1));
	fputs("</mark>", report->out);
	text(report, line + column_bytes - 1 + bytes);
}

/* The line of @where and @context lines around it. */
static void print_excerpt(const struct html *report, struct wq_location where,
			  unsigned int context)
{
	unsigned int line = where.line > context ? where.line - context : 1;

	if (!source_line(report, where, where.line))
		return;
	fputs("<pre>", report->out);
	for (; line <= where.line + context; line++) {
		const char *words = source_line(report, where, line);

		if (!words)
			break;
		fprintf(report->out, "<span class=\"dim\">%6u  </span>", line);
		if (line == where.line)
			print_marked(report, words, where.column_bytes);
		else
			text(report, words);
		fputc('\n', report->out);
	}
	fputs("</pre>\n", report->out);
}

static void print_where(const struct html *report, struct wq_location where,
			const char *function)
{
	fputs("<span class=\"where\">", report->out);
	text(report, where.file ? where.file : "<unknown>");
	if (where.line)
		fprintf(report->out, ":%u", where.line);
	if (where.line && where.column_bytes)
		fprintf(report->out, ":%u", where.column_bytes);
	if (function) {
		fputs(" in ", report->out);
		text(report, function);
		fputs("()", report->out);
	}
	fputs("</span>", report->out);
}

static void print_places(const struct html *report,
			 const struct wq_finding *finding)
{
	unsigned int i;

	fputs("<ol class=\"places\">\n", report->out);
	for (i = 0; i < finding->nr_related; i++) {
		const struct wq_related *related = &finding->related[i];

		if (!wq_report_is_elsewhere(finding, i))
			continue;
		fputs("<li>", report->out);
		text(report, related->message);
		fputs(" ", report->out);
		print_where(report, related->where, related->function);
		print_excerpt(report, related->where, 0);
	}
	fputs("</ol>\n", report->out);
}

static void print_changed(const struct html *report, char sign,
			  const char *lines)
{
	fprintf(report->out, "<span class=\"%s\">", sign == '-' ? "old" : "new");
	while (*lines) {
		size_t length = strcspn(lines, "\n");

		/* Eight columns, as the number of a line has. */
		fprintf(report->out, "     %c  ", sign);
		text(report, wq_arena_printf(report->findings->arena, "%.*s\n",
					     (int)length, lines));
		lines += length + (lines[length] == '\n');
	}
	fputs("</span>", report->out);
}

static void print_edits(const struct html *report,
			const struct wq_suggestion *suggestion)
{
	unsigned int i, j;

	fputs("<pre>", report->out);
	for (i = 0; i < suggestion->nr_edits; i++) {
		const struct wq_edit *edit = &suggestion->edits[i];
		const char *line = source_line(report, edit->where,
					       edit->where.line);
		const char *edited;

		for (j = 0; j < i; j++)
			if (wq_report_same_line(edit, &suggestion->edits[j]))
				break;
		if (j < i || !line)
			continue;
		edited = wq_report_edited_line(report->findings->arena,
					       suggestion, edit, line);
		if (!edited)
			continue;
		print_changed(report, '-', line);
		print_changed(report, '+', edited);
	}
	fputs("</pre>\n", report->out);
}

static void print_silence(const struct html *report,
			  const struct wq_finding *finding)
{
	fprintf(report->out, "<p>Silenced by %s",
		finding->silence == WQ_SILENCED_BY_COMMENT ?
		"a comment" : "the baseline");
	if (finding->silence_reason) {
		fputs(": ", report->out);
		text(report, finding->silence_reason);
	}
	fputs(".</p>\n", report->out);
}

static void print_finding(const struct html *report,
			  const struct wq_finding *finding)
{
	const char *level = level_words[finding->level];

	fprintf(report->out, "<article class=\"%s%s\">\n", level,
		finding->silence ? " silenced" : "");
	fprintf(report->out, "<span class=\"level\">%s:</span> ", level);
	text(report, finding->message);
	fprintf(report->out, " [<a href=\"#rule-%s\">%s</a>]\n<p>",
		finding->rule->id, finding->rule->id);
	print_where(report, finding->where, finding->function);
	fputs("</p>\n", report->out);
	if (finding->silence)
		print_silence(report, finding);
	print_excerpt(report, finding->where, CONTEXT);
	if (finding->nr_related)
		print_places(report, finding);
	if (finding->suggestion.text) {
		fputs("<p>", report->out);
		text(report, finding->suggestion.text);
		fputs("</p>\n", report->out);
	}
	if (finding->suggestion.nr_edits)
		print_edits(report, &finding->suggestion);
	fputs("</article>\n", report->out);
}

static const char *module_of(const struct wq_finding *finding)
{
	return finding->module ? finding->module : "";
}

/* By module; within one as they were. */
static int compare_modules(const void *left, const void *right)
{
	const struct wq_finding *a = *(const struct wq_finding *const *)left;
	const struct wq_finding *b = *(const struct wq_finding *const *)right;
	int order = strcmp(module_of(a), module_of(b));

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static void print_findings(const struct html *report)
{
	struct wq_findings *findings = report->findings;
	unsigned int i;

	for (i = 0; i < findings->count; i++)
		findings->list[i]->order = i;
	if (findings->count)
		qsort(findings->list, findings->count, sizeof(*findings->list),
		      compare_modules);
	fputs("<h2>By module</h2>\n", report->out);
	for (i = 0; i < findings->count; i++) {
		const char *module = module_of(findings->list[i]);

		if (!i || strcmp(module, module_of(findings->list[i - 1]))) {
			fputs("<h3>", report->out);
			text(report, *module ? module : "no module");
			fputs("</h3>\n", report->out);
		}
		print_finding(report, findings->list[i]);
	}
}

static void print_rules(const struct html *report)
{
	const struct wq_findings *findings = report->findings;
	unsigned int i, j;

	fputs("<h2>The rules</h2>\n", report->out);
	for (i = 0; i < findings->count; i++) {
		for (j = 0; j < i; j++)
			if (findings->list[j]->rule == findings->list[i]->rule)
				break;
		if (j == i)
			wq_html_rule(report->out, findings->list[i]->rule);
	}
}

static int print(FILE *out, struct wq_findings *findings,
		 const struct wq_report_options *options)
{
	const struct html report = {
		.out = out,
		.findings = findings,
		.sources = wq_sources_new(),
		.options = options,
	};

	wq_html_begin(out, "Workqueue findings");
	print_summary(&report);
	if (findings->count) {
		print_findings(&report);
		print_rules(&report);
	}
	wq_html_end(out);
	wq_sources_free(report.sources);
	return wq_report_finish(out);
}

const struct wq_report wq_report_html = {
	.name = "html",
	.shows_silenced = true,
	.print = print,
};
