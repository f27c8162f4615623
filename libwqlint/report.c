/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of report formats, and what several of them need.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "report-parts.h"

const struct wq_report *const wq_reports[] = {
	&wq_report_text,
	&wq_report_checkpatch,
	&wq_report_gcc,
	&wq_report_json,
	&wq_report_sarif,
	&wq_report_rdjson,
	&wq_report_gitlab,
	&wq_report_html,
	NULL
};

const struct wq_report *wq_report_find(const char *name)
{
	const struct wq_report *const *report;

	for (report = wq_reports; *report; report++)
		if (!strcmp((*report)->name, name))
			return *report;
	return NULL;
}

static bool has_module(const struct wq_findings *findings, unsigned int end,
		       const char *module)
{
	unsigned int i;

	for (i = 0; i < end; i++)
		if (findings->list[i]->module &&
		    !strcmp(findings->list[i]->module, module))
			return true;
	return false;
}

struct wq_report_counts wq_report_count(const struct wq_findings *findings)
{
	struct wq_report_counts counts = { .nr_modules = 0 };
	unsigned int i;

	for (i = 0; i < findings->count; i++) {
		const char *module = findings->list[i]->module;

		counts.level[findings->list[i]->level]++;
		if (module && !has_module(findings, i, module))
			counts.nr_modules++;
	}
	return counts;
}

int wq_report_finish(FILE *out)
{
	errno = 0;
	if (!fflush(out) && !ferror(out))
		return 0;
	return errno ? -errno : -EIO;
}

void wq_report_place(FILE *out, struct wq_location where, unsigned int column)
{
	fputs(where.file ? where.file : "<unknown>", out);
	if (!where.line)
		return;
	fprintf(out, ":%u", where.line);
	if (column)
		fprintf(out, ":%u", column);
}

unsigned int wq_report_display_column(const char *line,
				      unsigned int column_bytes)
{
	unsigned int i, column = 1;

	for (i = 1; i < column_bytes && line[i - 1]; i++) {
		unsigned char c = (unsigned char)line[i - 1];

		if (c == '\t')
			column += WQ_TAB_STOP - (column - 1) % WQ_TAB_STOP;
		else if ((c & 0xc0) != 0x80)	/* no continuation byte */
			column++;
	}
	return column;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

void wq_report_function(FILE *out, const struct wq_findings *findings,
			unsigned int number)
{
	const struct wq_finding *finding = findings->list[number];
	const struct wq_finding *before = number ?
					  findings->list[number - 1] : NULL;

	if (!finding->function && !finding->module)
		return;
	if (before && same_text(before->function, finding->function) &&
	    same_text(before->module, finding->module) &&
	    wq_report_same_file(before->where, finding->where))
		return;
	fprintf(out, "%s: In ", finding->where.file ? finding->where.file :
						      "<unknown>");
	if (finding->function)
		fprintf(out, "function '%s'%s", finding->function,
			finding->module ? " of " : "");
	if (finding->module)
		fprintf(out, "module '%s'", finding->module);
	fputs(":\n", out);
}

unsigned int wq_report_word_bytes(const char *line, unsigned int column_bytes)
{
	unsigned int length = 1;

	if (!line || !column_bytes || column_bytes > strlen(line))
		return 0;
	line += column_bytes - 1;
	while (isalnum((unsigned char)line[length]) || line[length] == '_')
		length++;
	return length;
}

bool wq_report_same_file(struct wq_location a, struct wq_location b)
{
	return a.file && b.file && !strcmp(a.file, b.file);
}

bool wq_report_is_elsewhere(const struct wq_finding *finding,
			    unsigned int number)
{
	const struct wq_location *a = &finding->where;
	const struct wq_location *b = &finding->related[number].where;

	return a->line != b->line || a->column_bytes != b->column_bytes ||
	       !a->file || !b->file || strcmp(a->file, b->file);
}

const char *wq_report_rule_name(struct wq_findings *findings,
				const struct wq_rule *rule,
				const struct wq_report_options *options)
{
	return options->show_types ?
	       wq_rule_type_name(findings->arena, rule) : rule->id;
}
