/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GitLab's code quality report, a part of Code Climate's format: what it
 * shows in a merge request is what is in this list and not in the one of the
 * target branch, by fingerprint.
 */
#include "json-parts.h"
#include "report-parts.h"

static const char *const severities[] = {
	[WQ_CHECK] = "info", [WQ_WARNING] = "major", [WQ_ERROR] = "critical",
};

static json_t *location(struct wq_arena *arena, struct wq_location where)
{
	return json_pack("{s:o, s:{s:i}}",
			 "path", wq_json_text(arena, where.file ? where.file :
							    "<unknown>"),
			 "lines", "begin", where.line ? (int)where.line : 1);
}

/* What is said of the other places and the module, in Markdown. */
static const char *body(struct wq_arena *arena,
			const struct wq_finding *finding)
{
	const char *text = finding->suggestion.text ?
			   finding->suggestion.text : finding->message;
	unsigned int i;

	if (finding->module)
		text = wq_arena_printf(arena, "%s\n\nModule `%s`.", text,
				       finding->module);
	for (i = 0; i < finding->nr_related; i++)
		text = wq_arena_printf(arena, "%s\n%s* `%s:%u` %s", text,
				       i ? "" : "\n",
				       finding->related[i].where.file ?
				       finding->related[i].where.file : "",
				       finding->related[i].where.line,
				       finding->related[i].message);
	return text;
}

static json_t *issue(struct wq_arena *arena, const struct wq_finding *finding)
{
	json_t *others = json_array();
	unsigned int i;

	for (i = 0; i < finding->nr_related; i++)
		json_array_append_new(others, location(arena,
						finding->related[i].where));
	return json_pack("{s:s, s:o, s:s, s:[s], s:o, s:s, s:o, s:{s:o}, s:o}",
			 "type", "issue",
			 "description", wq_json_text(arena, finding->message),
			 "check_name", finding->rule->id,
			 "categories", "Bug Risk",
			 "fingerprint", wq_json_text(arena,
						     finding->fingerprint),
			 "severity", severities[finding->level],
			 "location", location(arena, finding->where),
			 "content", "body", wq_json_text(arena,
							 body(arena, finding)),
			 "other_locations", others);
}

static int print(FILE *out, struct wq_findings *findings,
		 const struct wq_report_options *options)
{
	json_t *list = json_array();
	unsigned int i;
	int err;

	(void)options;
	for (i = 0; i < findings->count; i++)
		json_array_append_new(list, issue(findings->arena,
						  findings->list[i]));
	err = wq_json_print(out, list, JSON_INDENT(1));
	return err ? err : wq_report_finish(out);
}

const struct wq_report wq_report_gitlab = {
	.name = "gitlab",
	.print = print,
};
