/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Findings as diagnostics, and fixes as code actions, with places as the
 * client counts them.
 */
#include <string.h>
#include <unistd.h>

#include "fix.h"
#include "json-parts.h"
#include "lsp-report.h"
#include "report-parts.h"

/* DiagnosticTag */
enum { UNNECESSARY = 1, DEPRECATED = 2 };

static const struct {
	const char *rule;
	int tag;
} tags[] = {
	{ "deprecated-queue", DEPRECATED },
	{ "idle-queue", UNNECESSARY },
	{ "redundant-flush", UNNECESSARY },
	{ "unused-ignore", UNNECESSARY },
};

/* DiagnosticSeverity: error, warning, information */
static const int severities[] = {
	[WQ_ERROR] = 1, [WQ_WARNING] = 2, [WQ_CHECK] = 3,
};

void wq_lsp_report_init(struct wq_lsp_report *report)
{
	report->sources.arena = report->arena;
	report->sources.directory = report->base;
	report->diagnostics = json_object();
	report->actions = json_array();
	report->hovers = json_array();
	report->texts = json_object();
	report->names = json_object();
}

void wq_lsp_report_free(struct wq_lsp_report *report)
{
	json_decref(report->diagnostics);
	json_decref(report->actions);
	json_decref(report->hovers);
	json_decref(report->texts);
	json_decref(report->names);
}

json_t *wq_lsp_report_line(struct wq_lsp_report *report, const char *module,
			   json_t *files)
{
	return json_pack("{s:o, s:o, s:O, s:O, s:O, s:O, s:O}",
			 "module", wq_json_text(report->arena, module),
			 "files", files,
			 "diagnostics", report->diagnostics,
			 "actions", report->actions,
			 "hovers", report->hovers,
			 "texts", report->texts,
			 "names", report->names);
}

const char *wq_lsp_report_path(struct wq_lsp_report *report, const char *name)
{
	const char *path = wq_path_absolute(report->arena, report->base, name);
	const struct wq_lsp_documents *documents = &report->lsp->documents;

	/* The client has names without symlinks here. */
	return wq_lsp_document_at(documents, path)
		? path : wq_path_resolve(report->arena, path);
}

static json_t *path_of(struct wq_lsp_report *report, const char *name)
{
	return wq_json_text(report->arena, wq_lsp_report_path(report, name));
}

/* The offset of @where in @text; at most the length of its line. */
static size_t offset_of(const struct wq_text *text, struct wq_location where)
{
	const char *at = text->bytes, *end;
	unsigned int line;
	size_t length;

	for (line = 1; line < where.line; line++) {
		end = strchr(at, '\n');
		if (!end)
			return text->nr_bytes;
		at = end + 1;
	}
	length = strcspn(at, "\r\n");
	if (where.column_bytes && where.column_bytes - 1 < length)
		length = where.column_bytes - 1;
	else if (!where.column_bytes)
		length = strspn(at, "\t ");
	return (size_t)(at - text->bytes) + length;
}

json_t *wq_lsp_report_range(struct wq_lsp_report *report,
			    struct wq_location where, size_t count)
{
	const struct wq_text *text = where.file && where.line
		? wq_text_open(&report->sources, where.file) : NULL;
	size_t offset;

	if (!text)
		return NULL;
	offset = offset_of(text, where);
	if (!count)
		count = wq_report_word_bytes(text->bytes + offset, 1);
	return wq_lsp_range(text->bytes, text->nr_bytes, offset, count,
			    report->lsp->utf8);
}

/* Diagnostics */

static json_t *related_places(struct wq_lsp_report *report,
			      const struct wq_finding *finding)
{
	json_t *list = json_array(), *range;
	unsigned int i;

	for (i = 0; i < finding->nr_related; i++) {
		const struct wq_related *related = &finding->related[i];

		range = wq_lsp_report_range(report, related->where, 0);
		if (!range)
			continue;
		json_array_append_new(list, json_pack("{s:{s:o, s:o}, s:o}",
			"location",
			"uri", wq_json_text(report->arena, wq_lsp_path_uri(
				report->arena,
				wq_lsp_report_path(report,
						   related->where.file))),
			"range", range,
			"message", wq_json_text(report->arena,
						related->message)));
	}
	return list;
}

static json_t *message_of(struct wq_lsp_report *report,
			  const struct wq_finding *finding)
{
	const struct wq_suggestion *suggestion = &finding->suggestion;
	const char *text = finding->message;

	if (suggestion->text)
		text = wq_arena_printf(report->arena, "%s\n%s", text,
				       suggestion->text);
	return wq_json_text(report->arena, text);
}

/* The text that explains @rule, as a URI, or NULL: it is not installed. */
static const char *document_of(struct wq_arena *arena,
			       const struct wq_rule *rule)
{
	const char *path = WQLINT_DOCUMENTATION "/rules.md";
	const char *tree = wq_plugin_build_tree(arena);

	if (access(path, R_OK) && tree)
		path = wq_arena_printf(arena, "%s/../doc/rules.md", tree);
	if (access(path, R_OK))
		return NULL;
	return wq_arena_printf(arena, "%s#%s",
			       wq_lsp_path_uri(arena,
					       wq_path_resolve(arena, path)),
			       rule->id);
}

static json_t *diagnostic(struct wq_lsp_report *report,
			  const struct wq_finding *finding)
{
	json_t *range = wq_lsp_report_range(report, finding->where, 0);
	const char *document = document_of(report->arena, finding->rule);
	json_t *value;
	size_t i;

	if (!range)
		return NULL;
	value = json_pack("{s:o, s:i, s:s, s:s, s:o, s:o}",
			  "range", range,
			  "severity", severities[finding->level],
			  "code", finding->rule->id,
			  "source", "wqlint",
			  "message", message_of(report, finding),
			  "relatedInformation",
			  related_places(report, finding));
	if (document)
		json_object_set_new(value, "codeDescription",
			json_pack("{s:o}", "href",
				  wq_json_text(report->arena, document)));
	for (i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (!strcmp(tags[i].rule, finding->rule->id))
			json_object_set_new(value, "tags",
					    json_pack("[i]", tags[i].tag));
	return value;
}

void wq_lsp_report_findings(struct wq_lsp_report *report)
{
	unsigned int i;

	for (i = 0; i < report->findings->count; i++) {
		const struct wq_finding *finding = report->findings->list[i];
		const char *path;
		json_t *value, *list;

		value = finding->silence == WQ_NOT_SILENCED
			? diagnostic(report, finding) : NULL;
		if (!value)
			continue;
		path = wq_lsp_report_path(report, finding->where.file);
		/* A name that is no UTF-8 has no place in JSON. */
		if (!json_object_get(report->diagnostics, path))
			json_object_set_new(report->diagnostics, path,
					    json_array());
		list = json_object_get(report->diagnostics, path);
		json_array_append_new(list, value);
	}
}

/* Code actions */

/* The same finding as it was judged, or NULL: it is silenced. */
static const struct wq_finding *shown(const struct wq_lsp_report *report,
				      const struct wq_finding *finding)
{
	unsigned int i;

	for (i = 0; i < report->findings->count; i++) {
		const struct wq_finding *other = report->findings->list[i];

		if (other->rule == finding->rule &&
		    other->silence == WQ_NOT_SILENCED &&
		    other->where.file && finding->where.file &&
		    !strcmp(other->where.file, finding->where.file) &&
		    other->where.line == finding->where.line &&
		    other->where.column_bytes == finding->where.column_bytes)
			return other;
	}
	return NULL;
}

/* The edits of one file, with the version of the text they are of. */
static json_t *file_change(struct wq_lsp_report *report, const char *name)
{
	const char *path = wq_lsp_report_path(report, name);
	const struct wq_lsp_document *document =
		wq_lsp_document_at(&report->lsp->documents, path);

	return json_pack("{s:o, s:o, s:[]}",
			 "path", wq_json_text(report->arena, path),
			 "version", document ? json_integer(document->version)
					     : json_null(),
			 "edits");
}

static void add_edit(json_t *change, json_t *range, json_t *new_text)
{
	json_array_append_new(json_object_get(change, "edits"),
			      json_pack("{s:o, s:o}", "range", range,
					"newText", new_text));
}

static json_t *changes_of_fix(struct wq_lsp_report *report,
			      const struct wq_edits *edits)
{
	json_t *changes = json_array(), *change;
	const struct wq_text **texts;
	unsigned int count, i, j;

	texts = wq_edits_texts(edits, &count);
	for (i = 0; i < count; i++) {
		change = file_change(report, texts[i]->name);
		for (j = 0; j < edits->count; j++) {
			const struct wq_change *edit = &edits->list[j];

			if (edit->text == texts[i])
				add_edit(change, wq_lsp_range(edit->text->bytes,
						edit->text->nr_bytes,
						edit->offset, edit->bytes,
						report->lsp->utf8),
					 wq_json_text(report->arena,
						      edit->new_text));
		}
		json_array_append_new(changes, change);
	}
	return changes;
}

/* The entry of @changes for the file @name, made when there is none. */
static json_t *change_for(struct wq_lsp_report *report, json_t *changes,
			  const char *name)
{
	const char *path = wq_lsp_report_path(report, name);
	json_t *change;
	size_t i;

	json_array_foreach(changes, i, change)
		if (!strcmp(json_string_value(json_object_get(change, "path")),
			    path))
			return change;
	change = file_change(report, name);
	json_array_append_new(changes, change);
	return change;
}

static json_t *changes_of_suggestion(struct wq_lsp_report *report,
				     const struct wq_suggestion *suggestion)
{
	json_t *changes = json_array(), *change, *range;
	unsigned int i;

	for (i = 0; i < suggestion->nr_edits; i++) {
		const struct wq_edit *edit = &suggestion->edits[i];

		range = wq_lsp_report_range(report, edit->where,
					    strlen(edit->old_text));
		if (!range) {
			json_decref(changes);
			return NULL;
		}
		/* of nothing, not of the word there */
		if (!*edit->old_text)
			json_object_set(range, "end",
					json_object_get(range, "start"));
		change = change_for(report, changes, edit->where.file);
		add_edit(change, range, wq_json_text(report->arena,
						     edit->new_text));
	}
	return changes;
}

static void add_action(struct wq_lsp_report *report,
		       const struct wq_finding *finding, const char *title,
		       json_t *changes)
{
	json_t *value = diagnostic(report, finding);

	if (!value || !json_array_size(changes)) {
		json_decref(value);
		json_decref(changes);
		return;
	}
	json_array_append_new(report->actions, json_pack("{s:o, s:o, s:o, s:o}",
		"path", path_of(report, finding->where.file),
		"title", wq_json_text(report->arena, title),
		"diagnostic", value, "changes", changes));
}

static void report_fix(struct wq_lsp_report *report, struct wq_fixer *fixer,
		       const struct wq_finding *finding)
{
	const struct wq_finding *judged = shown(report, finding);
	const struct wq_suggestion *suggestion = &finding->suggestion;
	struct wq_fix *fix;

	if (!judged)
		return;
	if (!wq_fix_is_known(finding->rule)) {
		if (suggestion->nr_edits)
			add_action(report, judged, suggestion->text
				   ? suggestion->text : finding->rule->summary,
				   changes_of_suggestion(report, suggestion));
		return;
	}
	fix = wq_fix_make(fixer, finding);
	if (!fix->refusal)
		add_action(report, judged, fix->subject ? fix->subject
			   : finding->rule->summary,
			   changes_of_fix(report, &fix->edits));
}

void wq_lsp_report_fixes(struct wq_lsp_report *report,
			 const struct wq_program *program)
{
	struct wq_fixer fixer = {
		.arena = report->arena, .program = program,
		.texts = &report->sources,
		.choice = WQ_FIX_BEST,
	};
	struct wq_findings *findings = wq_findings_new();
	unsigned int i;

	wq_rules_run(program, &report->lsp->options->selection, findings);
	for (i = 0; i < findings->count; i++)
		report_fix(report, &fixer, findings->list[i]);
	wq_findings_free(findings);
}
