/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One JSON object per finding and line. Every key is always there; what is
 * not known is null. Columns count bytes from 1, 0 is unknown.
 */

#include "json-parts.h"
#include "report-parts.h"

static json_t *json_place(struct wq_arena *arena, struct wq_location where)
{
	return json_pack("{s:o, s:i, s:i}",
			 "file", wq_json_text(arena, where.file),
			 "line", (int)where.line,
			 "column", (int)where.column_bytes);
}

static json_t *json_related(struct wq_arena *arena,
			    const struct wq_finding *finding)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < finding->nr_related; i++) {
		const struct wq_related *related = &finding->related[i];
		json_t *place = json_place(arena, related->where);

		json_object_set_new(place, "message",
				    wq_json_text(arena, related->message));
		json_array_append_new(list, place);
	}
	return list;
}

static json_t *json_edits(struct wq_arena *arena,
			  const struct wq_suggestion *suggestion)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < suggestion->nr_edits; i++) {
		const struct wq_edit *edit = &suggestion->edits[i];
		json_t *place = json_place(arena, edit->where);

		json_object_set_new(place, "old",
				    wq_json_text(arena, edit->old_text));
		json_object_set_new(place, "new",
				    wq_json_text(arena, edit->new_text));
		json_array_append_new(list, place);
	}
	return list;
}

static json_t *json_suggestion(struct wq_arena *arena,
			       const struct wq_suggestion *suggestion)
{
	if (!suggestion->text && !suggestion->nr_edits)
		return json_null();
	return json_pack("{s:o, s:o, s:o}",
			 "step", suggestion->step < 0 ? json_null() :
				 json_integer(suggestion->step),
			 "text", wq_json_text(arena, suggestion->text),
			 "edits", json_edits(arena, suggestion));
}

static const char *const level_words[] = {
	[WQ_CHECK] = "check", [WQ_WARNING] = "warning", [WQ_ERROR] = "error",
};

static json_t *json_finding(struct wq_findings *findings,
			    const struct wq_finding *finding)
{
	struct wq_arena *arena = findings->arena;

	return json_pack("{s:s, s:s, s:o, s:i, s:i, s:o, s:o, s:o, s:o, s:o,"
			 " s:o, s:o, s:b, s:o}",
			 "rule", finding->rule->id,
			 "level", level_words[finding->level],
			 "file", wq_json_text(arena, finding->where.file),
			 "line", (int)finding->where.line,
			 "column", (int)finding->where.column_bytes,
			 "function", wq_json_text(arena, finding->function),
			 "module", wq_json_text(arena, finding->module),
			 "message", wq_json_text(arena, finding->message),
			 "queue", wq_json_text(arena, finding->queue),
			 "work", wq_json_text(arena, finding->work),
			 "related", json_related(arena, finding),
			 "suggestion",
				json_suggestion(arena, &finding->suggestion),
			 "suppressed", finding->silence != WQ_NOT_SILENCED,
			 "fingerprint", wq_json_text(arena, finding->fingerprint));
}

static int print(FILE *out, struct wq_findings *findings,
		 const struct wq_report_options *options)
{
	unsigned int i;
	int err = 0;

	(void)options;
	for (i = 0; i < findings->count && !err; i++)
		err = wq_json_print(out, json_finding(findings,
						      findings->list[i]),
				    JSON_COMPACT);
	return err ? err : wq_report_finish(out);
}

const struct wq_report wq_report_json = {
	.name = "json",
	.shows_silenced = true,
	.print = print,
};
