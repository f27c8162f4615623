/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SARIF 2.1.0: one log, one run. Names of files are relative to %SRCROOT%,
 * whose place is not said, so that the same tree gives the same log
 * everywhere. Columns count UTF-16 units, as is the default.
 */
#include <ctype.h>
#include <string.h>

#include "report-parts.h"
#include "sarif-parts.h"

/* What GitHub takes of a run, and shows of a result. */
#define MAX_RESULTS	25000
#define MAX_RELATED	100
#define MAX_FLOW	1000

struct sarif {
	struct wq_arena *arena;
	struct wq_sources *sources;
	const struct wq_report_options *options;
};

static const char *source_line(const struct sarif *report,
			       struct wq_location where)
{
	return wq_source_line(report->sources, report->options->directory,
			      where.file, where.line);
}

/* @path as a URI: what is not plain ASCII is percent-encoded. */
static const char *uri_text(struct wq_arena *arena, const char *path)
{
	char *text = wq_arena_alloc(arena, strlen(path) * 3 + 1), *end = text;

	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if ((c < 0x80 && isalnum(c)) || strchr("-._~/+@", c))
			*end++ = (char)c;
		else
			end += sprintf(end, "%%%02X", c);
	}
	*end = '\0';
	return text;
}

static json_t *artifact(const struct sarif *report, const char *file)
{
	const char *uri = uri_text(report->arena, file);

	if (file[0] == '/')
		return json_pack("{s:o}", "uri", wq_json_text(report->arena,
			wq_arena_printf(report->arena, "file://%s", uri)));
	return json_pack("{s:s, s:s}", "uri", uri, "uriBaseId", "%SRCROOT%");
}

/* The column in UTF-16 units of byte @column_bytes of @line. */
static unsigned int utf16_column(const char *line, unsigned int column_bytes)
{
	unsigned int i, column = 1;

	for (i = 1; line && i < column_bytes && line[i - 1]; i++) {
		unsigned char c = (unsigned char)line[i - 1];

		if ((c & 0xc0) != 0x80)
			column += c >= 0xf0 ? 2 : 1;
	}
	return line ? column : column_bytes;
}

/* @bytes from @where on. */
static json_t *region(const struct sarif *report, struct wq_location where,
		      size_t bytes)
{
	const char *line = source_line(report, where);
	json_t *value = json_pack("{s:i}", "startLine", (int)where.line);
	unsigned int end = where.column_bytes + (unsigned int)bytes;

	if (!where.column_bytes)
		return value;
	json_object_set_new(value, "startColumn",
		json_integer(utf16_column(line, where.column_bytes)));
	json_object_set_new(value, "endColumn",
			    json_integer(utf16_column(line, end)));
	return value;
}

static json_t *physical(const struct sarif *report, struct wq_location where)
{
	const char *line = source_line(report, where);
	json_t *value;

	value = json_pack("{s:o}", "artifactLocation",
			  artifact(report, where.file));
	if (!where.line)
		return value;
	json_object_set_new(value, "region", region(report, where,
		wq_report_word_bytes(line, where.column_bytes)));
	if (line)
		json_object_set_new(value, "contextRegion",
			json_pack("{s:i, s:{s:o}}", "startLine",
				  (int)where.line, "snippet", "text",
				  wq_json_text(report->arena, line)));
	return value;
}

/* A location object; what is not known of it is not in it. */
static json_t *location(const struct sarif *report, struct wq_location where,
			const char *message)
{
	json_t *value = json_object();

	if (where.file)
		json_object_set_new(value, "physicalLocation",
				    physical(report, where));
	if (message)
		json_object_set_new(value, "message",
				    wq_sarif_message(report->arena, message));
	return value;
}

static void add_logical(const struct sarif *report, json_t *list,
			const char *name, const char *kind)
{
	if (name)
		json_array_append_new(list, json_pack("{s:o, s:s}",
			"name", wq_json_text(report->arena, name),
			"kind", kind));
}

static json_t *own_location(const struct sarif *report,
			    const struct wq_finding *finding)
{
	json_t *value = location(report, finding->where, NULL);
	json_t *logical = json_array();

	add_logical(report, logical, finding->function, "function");
	add_logical(report, logical, finding->module, "module");
	json_object_set_new(value, "logicalLocations", logical);
	return value;
}

static json_t *related(const struct sarif *report,
		       const struct wq_finding *finding)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < finding->nr_related && i < MAX_RELATED; i++) {
		json_t *value = location(report, finding->related[i].where,
					 finding->related[i].message);

		json_object_set_new(value, "id", json_integer((json_int_t)i));
		json_array_append_new(list, value);
	}
	return list;
}

/* The places that are one flow, in order, and the finding's own at its end. */
static json_t *code_flow(const struct sarif *report,
			 const struct wq_finding *finding)
{
	unsigned int count = finding->nr_path, i;
	json_t *list = json_array();

	for (i = 0; i < count && i < MAX_FLOW - 1; i++)
		json_array_append_new(list, json_pack("{s:o}", "location",
			location(report, finding->related[i].where,
				 finding->related[i].message)));
	if (wq_report_is_elsewhere(finding, count - 1))
		json_array_append_new(list, json_pack("{s:o}", "location",
			location(report, finding->where, finding->message)));
	return json_pack("{s:[{s:o}]}", "threadFlows", "locations", list);
}

/* The edits of one file, that of edit @first. */
static json_t *change(const struct sarif *report,
		      const struct wq_suggestion *suggestion,
		      unsigned int first)
{
	const struct wq_edit *edits = suggestion->edits;
	json_t *list = json_array();
	unsigned int i;

	for (i = first; i < suggestion->nr_edits; i++) {
		if (!wq_report_same_file(edits[i].where, edits[first].where))
			continue;
		json_array_append_new(list, json_pack("{s:o, s:{s:o}}",
			"deletedRegion", region(report, edits[i].where,
						strlen(edits[i].old_text)),
			"insertedContent", "text",
			wq_json_text(report->arena, edits[i].new_text)));
	}
	return json_pack("{s:o, s:o}", "artifactLocation",
			 artifact(report, edits[first].where.file),
			 "replacements", list);
}

static json_t *fix(const struct sarif *report,
		   const struct wq_suggestion *suggestion)
{
	json_t *list = json_array();
	unsigned int i, j;

	for (i = 0; i < suggestion->nr_edits; i++) {
		for (j = 0; j < i; j++)
			if (wq_report_same_file(suggestion->edits[i].where,
						suggestion->edits[j].where))
				break;
		if (j == i)
			json_array_append_new(list, change(report, suggestion,
							   i));
	}
	return json_pack("{s:o, s:o}", "description",
			 wq_sarif_message(report->arena, suggestion->text ?
					  suggestion->text : "Change this"),
			 "artifactChanges", list);
}

static json_t *suppressions(const struct sarif *report,
			    const struct wq_finding *finding)
{
	json_t *list = json_array(), *value;

	/* Empty is not the same as missing: nobody suppressed it. */
	if (!finding->silence)
		return list;
	value = json_pack("{s:s, s:s}", "kind",
			  finding->silence == WQ_SILENCED_BY_COMMENT ?
			  "inSource" : "external", "status", "accepted");
	if (finding->silence_reason)
		json_object_set_new(value, "justification",
				    wq_json_text(report->arena,
						 finding->silence_reason));
	json_array_append_new(list, value);
	return list;
}

static json_t *properties(const struct sarif *report,
			  const struct wq_finding *finding)
{
	return json_pack("{s:o, s:o, s:o, s:o}",
		"module", wq_json_text(report->arena, finding->module),
		"function", wq_json_text(report->arena, finding->function),
		"queue", wq_json_text(report->arena, finding->queue),
		"work", wq_json_text(report->arena, finding->work));
}

/* The message with what to do: GitHub shows no fix. */
static const char *message_of(const struct sarif *report,
			      const struct wq_finding *finding)
{
	return finding->suggestion.text ?
	       wq_arena_printf(report->arena, "%s.\n%s.", finding->message,
			       finding->suggestion.text) : finding->message;
}

static json_t *result(const struct sarif *report,
		      const struct wq_finding *finding)
{
	int index = wq_sarif_rule_index(finding->rule);
	json_t *value = json_pack("{s:s, s:s, s:o, s:[o], s:o, s:o, s:o}",
		"ruleId", finding->rule->id,
		"level", wq_sarif_level(finding->level),
		"message", wq_sarif_message(report->arena,
					    message_of(report, finding)),
		"locations", own_location(report, finding),
		"relatedLocations", related(report, finding),
		"suppressions", suppressions(report, finding),
		"properties", properties(report, finding));

	if (index >= 0)
		json_object_set_new(value, "ruleIndex", json_integer(index));
	if (finding->fingerprint)
		json_object_set_new(value, "partialFingerprints",
				    json_pack("{s:s}", "wqlint/v1",
					      finding->fingerprint));
	if (finding->nr_path)
		json_object_set_new(value, "codeFlows", json_pack("[o]",
			code_flow(report, finding)));
	if (finding->suggestion.nr_edits)
		json_object_set_new(value, "fixes", json_pack("[o]",
			fix(report, &finding->suggestion)));
	return value;
}

/*
 * How the run went. A log that GitHub would refuse whole is cut, and says so.
 */
static json_t *invocation(const struct sarif *report, unsigned int nr_left_out)
{
	json_t *notes = json_array();

	if (nr_left_out)
		json_array_append_new(notes, json_pack("{s:s, s:o}",
			"level", "warning",
			"message", wq_sarif_message(report->arena,
				wq_arena_printf(report->arena,
					"%u findings were left out: a run has no more than %u",
					nr_left_out, MAX_RESULTS))));
	return json_pack("{s:b, s:o}", "executionSuccessful",
			 !report->options->incomplete,
			 "toolExecutionNotifications", notes);
}

static json_t *log_of(const struct sarif *report,
		      const struct wq_findings *findings)
{
	json_t *results = json_array();
	unsigned int i;

	for (i = 0; i < findings->count && i < MAX_RESULTS; i++)
		json_array_append_new(results, result(report,
						      findings->list[i]));
	return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:[o],"
			 " s:{s:{s:{s:s}}}, s:s, s:o}]}",
		"$schema", "https://json.schemastore.org/sarif-2.1.0.json",
		"version", "2.1.0",
		"runs", "tool", "driver",
			"name", "wqlint",
			"semanticVersion", WQLINT_VERSION,
			"rules", wq_sarif_rules(report->arena),
		"invocations", invocation(report, findings->count - i),
		"originalUriBaseIds", "%SRCROOT%", "description",
			"text", "The top of the source tree.",
		"columnKind", "utf16CodeUnits",
		"results", results);
}

static int print(FILE *out, struct wq_findings *findings,
		 const struct wq_report_options *options)
{
	const struct sarif report = {
		.arena = findings->arena,
		.sources = wq_sources_new(),
		.options = options,
	};
	int err = wq_json_print(out, log_of(&report, findings), JSON_INDENT(1));

	wq_sources_free(report.sources);
	return err ? err : wq_report_finish(out);
}

const struct wq_report wq_report_sarif = {
	.name = "sarif",
	.shows_silenced = true,
	.print = print,
};
