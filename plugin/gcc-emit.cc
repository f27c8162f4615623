/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Findings as GCC's own diagnostics: a warning with the rule's id in the
 * text, related places as notes or as a path, edits as fix-it hints.
 *
 * Nothing here may print in another way: -fdiagnostics-format=json and
 * sarif-stderr would break.
 */
#include "translate.h"

/* The place @column_bytes of the line that @handle is in, or unknown. */
static location_t
location_at (location_t handle, unsigned int line, unsigned int column_bytes)
{
	const line_map *map;
	location_t place;
	expanded_location check;

	if (IS_ADHOC_LOC (handle))
		handle = get_location_from_adhoc_loc (line_table, handle);
	map = linemap_lookup (line_table, handle);
	if (!map || linemap_macro_expansion_map_p (map))
		return UNKNOWN_LOCATION;
	place = linemap_position_for_line_and_column
			(line_table, linemap_check_ordinary (map), line,
			 column_bytes);
	/* A very long file or line has no columns. */
	check = expand_location (place);
	if (check.line != (int) line || check.column != (int) column_bytes)
		return UNKNOWN_LOCATION;
	return place;
}

static bool
add_edit (rich_location *where, const struct wq_edit *edit)
{
	size_t old_bytes = strlen (edit->old_text);
	location_t start = location_at (edit->where.handle, edit->where.line,
					edit->where.column_bytes);
	location_t finish;

	if (start == UNKNOWN_LOCATION)
		return false;
	if (!old_bytes) {
		where->add_fixit_insert_before (start, edit->new_text);
		return true;
	}
	finish = location_at (edit->where.handle, edit->where.line,
			      edit->where.column_bytes + old_bytes - 1);
	if (finish == UNKNOWN_LOCATION)
		return false;
	where->add_fixit_replace (source_range::from_locations (start, finish),
				  edit->new_text);
	return true;
}

/*
 * Columns and text of preprocessed input are not those of the file that it
 * names: no hints then.
 */
static bool
is_preprocessed (void)
{
	const char *name = num_in_fnames ? in_fnames[0] : "";
	size_t length = strlen (name);
	unsigned int i;

	if (length > 2 && !strcmp (name + length - 2, ".i"))
		return true;
	for (i = 0; i < save_decoded_options_count; i++)
		if (save_decoded_options[i].opt_index == OPT_fpreprocessed ||
		    save_decoded_options[i].opt_index == OPT_save_temps)
			return true;
	return false;
}

/* Do @a and @b change the same text? Two insertions do not. */
static bool
overlap (const struct wq_edit *a, const struct wq_edit *b)
{
	unsigned int a_first = a->where.column_bytes;
	unsigned int b_first = b->where.column_bytes;
	size_t a_bytes = strlen (a->old_text), b_bytes = strlen (b->old_text);

	return a->where.file && b->where.file &&
	       !strcmp (a->where.file, b->where.file) &&
	       a->where.line == b->where.line && a_bytes + b_bytes &&
	       a_first <= b_first + b_bytes && b_first <= a_first + a_bytes;
}

/*
 * GCC dies of a patch that changes one text twice: the graver finding may,
 * of equals the first.
 */
static bool
is_edited_elsewhere (const struct wq_findings *findings, unsigned int index,
		     const struct wq_edit *edit)
{
	unsigned int i, j;

	for (i = 0; i < findings->count; i++) {
		const struct wq_finding *other = findings->list[i];

		if (i == index || other->level < findings->list[index]->level ||
		    (i > index && other->level == findings->list[index]->level))
			continue;
		for (j = 0; j < other->suggestion.nr_edits; j++)
			if (overlap (edit, &other->suggestion.edits[j]))
				return true;
	}
	return false;
}

/* Is @edit a new line, which comes before the one that it is at? */
static bool
is_new_line (const struct wq_edit *edit)
{
	size_t bytes = strlen (edit->new_text);

	return !*edit->old_text && bytes && edit->new_text[bytes - 1] == '\n';
}

/* Is there an edit of line @line of @file, and does one change its text? */
static bool
is_line_edited (const struct wq_findings *findings, const char *file,
		unsigned int line, bool *changed)
{
	unsigned int i, j;
	bool found = false;

	for (i = 0; i < findings->count; i++)
		for (j = 0; j < findings->list[i]->suggestion.nr_edits; j++) {
			const struct wq_edit *edit =
				&findings->list[i]->suggestion.edits[j];

			if (edit->where.line != line || !edit->where.file ||
			    strcmp (edit->where.file, file))
				continue;
			found = true;
			*changed |= !is_new_line (edit);
		}
	return found;
}

/*
 * GCC's patch is wrong where a new line is before one that stays and a line
 * that changes follows: it has that first (print_run_of_changed_lines()).
 */
static bool
is_above_change (const struct wq_findings *findings,
		 const struct wq_edit *edit)
{
	unsigned int line = edit->where.line;
	bool changed = false;

	if (!is_new_line (edit) || !edit->where.file)
		return false;
	is_line_edited (findings, edit->where.file, line, &changed);
	if (changed)
		return false;
	while (!changed && is_line_edited (findings, edit->where.file, ++line,
					   &changed))
		;
	return changed;
}

/* All edits or none: half a change is worse than no change. */
static bool
can_edit (const struct wq_findings *findings, unsigned int index)
{
	const struct wq_finding *finding = findings->list[index];
	unsigned int i;

	if (!finding->suggestion.nr_edits || is_preprocessed ())
		return false;
	for (i = 0; i < finding->suggestion.nr_edits; i++) {
		const struct wq_edit *edit = &finding->suggestion.edits[i];
		gcc_rich_location trial (finding->where.handle);

		if (!edit->where.handle ||
		    is_edited_elsewhere (findings, index, edit) ||
		    is_above_change (findings, edit) ||
		    !add_edit (&trial, edit) ||
		    trial.seen_impossible_fixit_p ())
			return false;
	}
	return true;
}

static void
add_edits (rich_location *where, const struct wq_findings *findings,
	   unsigned int index)
{
	const struct wq_finding *finding = findings->list[index];
	unsigned int i;

	if (!can_edit (findings, index))
		return;
	for (i = 0; i < finding->suggestion.nr_edits; i++)
		add_edit (where, &finding->suggestion.edits[i]);
}

static bool
same_place (struct wq_location a, struct wq_location b)
{
	return a.file && b.file && !strcmp (a.file, b.file) &&
	       a.line == b.line && a.column_bytes == b.column_bytes;
}

/* Related places from @first on, and the suggestion. */
static void
add_notes (const struct wq_finding *finding, unsigned int first)
{
	unsigned int i;

	for (i = first; i < finding->nr_related; i++) {
		const struct wq_related *related = &finding->related[i];

		if (related->where.handle &&
		    !same_place (related->where, finding->where))
			inform (related->where.handle, "%s", related->message);
	}
	if (finding->suggestion.text)
		inform (finding->where.handle, "%s", finding->suggestion.text);
}

static bool
warn (rich_location *where, const struct wq_finding *finding)
{
	return warning_at (where, 0, "%s [wqlint:%s]", finding->message,
			   finding->rule->id);
}

#if WQ_HAVE_DIAGNOSTIC_PATH
/* Related places as events of one path: stored here, passed here, ... */
static bool
warn_with_path (rich_location *where, const struct wq_finding *finding)
{
	wq_path events;
	unsigned int i;

	for (i = 0; i < finding->nr_path; i++)
		events.path.add_event (finding->related[i].where.handle,
				       NULL_TREE, 0, "%s",
				       finding->related[i].message);
	where->set_path (&events.path);
	return warn (where, finding);
}
#else
static bool
warn_with_path (rich_location *where, const struct wq_finding *finding)
{
	return warn (where, finding);
}
#endif

/* A path pays when it has more than the place itself. */
static bool
has_path (const struct wq_finding *finding)
{
	unsigned int i;

	if (!WQ_HAVE_DIAGNOSTIC_PATH || finding->nr_path < 2)
		return false;
	for (i = 0; i < finding->nr_path; i++)
		if (!finding->related[i].where.handle)
			return false;
	return true;
}

static void
emit_one (const struct wq_findings *findings, unsigned int index)
{
	const struct wq_finding *finding = findings->list[index];
	auto_diagnostic_group group;
	gcc_rich_location where (finding->where.handle);
	bool with_path = has_path (finding), shown;
	char *prefix;

	add_edits (&where, findings, index);
	if (with_path) {
		prefix = wq_take_prefix ();
		shown = warn_with_path (&where, finding);
		if (prefix)
			wq_restore_prefix (prefix);
	} else {
		shown = warn (&where, finding);
	}
	if (shown)
		add_notes (finding, with_path ? finding->nr_path : 0);
}

void
wq_emit (struct wq_findings *findings, bool no_werror)
{
	bool werror = wq_get_werror ();
	unsigned int i;

	if (no_werror)
		wq_set_werror (false);
	for (i = 0; i < findings->count; i++)
		emit_one (findings, i);
	wq_set_werror (werror);
}
