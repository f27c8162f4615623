/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In the child: the units of a module, compiled or from the cache, joined and
 * judged. First with what is there at once, then with all that names the
 * API, then with the rest where that could change anything.
 */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "children.h"
#include "further.h"
#include "json-parts.h"
#include "lsp-overlay.h"
#include "lsp-relate.h"
#include "lsp-report.h"
#include "select.h"

struct linting {
	struct wq_lsp_lint *lint;
	struct wq_options options;	/* with an arena of its own */
	struct wq_arena *arena;
	const struct wq_lsp_selection *selection;
	struct wq_compdb units;		/* of the module */
	const char **sources;		/* of each, absolute */
	struct wq_audit audit;
	struct wq_lsp_overlay overlay;
	const char *base;
	json_t *headers;		/* of the module that are open */
	bool has_header;		/* one of them is not saved */
	bool *is_unsaved;		/* by unit: it was compiled as such */
	bool *is_related;		/* by unit: of a module to be judged */
	struct wq_further further;	/* what other units could change */
};

static void send_line(struct linting *linting, json_t *line)
{
	wq_json_print(linting->lint->out, line, JSON_COMPACT);
	fflush(linting->lint->out);
}

/* The same commands with the compiler of --cc. */
static void take_units(struct linting *linting)
{
	const struct wq_compdb *units = &linting->selection->units;
	struct wq_compile *compiles = wq_arena_alloc(linting->arena,
		(units->count + 1) * sizeof(*compiles));
	unsigned int i;

	for (i = 0; i < units->count; i++) {
		compiles[i] = units->compiles[i];
		if (linting->options.compiler)
			compiles[i].argv = wq_command_join(linting->arena,
				linting->options.compiler,
				compiles[i].argv + 1);
	}
	linting->units = *units;
	linting->units.compiles = compiles;
	linting->sources = linting->selection->sources;
}

/* What the server does not know it learns. Returns 0, or -1 after a message. */
static int select_units(struct linting *linting)
{
	struct wq_lsp_lint *lint = linting->lint;

	linting->selection = lint->selection;
	if (!linting->selection) {
		linting->selection = wq_lsp_selection_make(linting->arena,
			lint->database, &lint->status, lint->document->path);
		if (!linting->selection)
			return -1;
		send_line(linting, wq_lsp_selection_json(linting->selection));
	}
	if (linting->selection->own == WQ_LSP_NO_COMMAND)
		return -1;
	take_units(linting);
	return 0;
}

static const char *source_of(struct wq_arena *arena, const void *context,
			     unsigned int number)
{
	(void)arena;
	return ((const struct linting *)context)->sources[number];
}

/* Which of them first: those that name the API, and those being edited. */
static void choose_units(struct linting *linting)
{
	struct wq_audit *audit = &linting->audit;
	unsigned int count = linting->units.count, i;
	struct wq_choice *choices = wq_arena_alloc(linting->arena, (count + 1) *
						   sizeof(*choices));

	wq_select_units(linting->arena, &linting->units, choices);
	audit->units = wq_arena_alloc(linting->arena, (count + 1) *
				      sizeof(*audit->units));
	audit->count = count;
	linting->is_unsaved = wq_arena_alloc(linting->arena, count + 1);
	linting->is_related = wq_arena_alloc(linting->arena, count + 1);
	for (i = 0; i < count; i++) {
		audit->units[i].compile = &linting->units.compiles[i];
		audit->units[i].choice = choices[i];
		linting->is_related[i] = i < linting->selection->nr_own;
		audit->units[i].is_wanted = choices[i].names_api &&
					    linting->is_related[i];
	}
}

/* Unsaved texts */

/* The open document that source @path is, by name or without symlinks. */
static const struct wq_lsp_document *document_of(struct linting *linting,
						 const char *path)
{
	const struct wq_lsp_documents *documents =
		&linting->lint->lsp->documents;
	const struct wq_lsp_document *document =
		wq_lsp_document_at(documents, path);

	return document ? document
			: wq_lsp_document_at(documents,
					     wq_path_resolve(linting->arena,
							     path));
}

/* Does a source of the module name the header @path? */
static bool is_named(struct linting *linting, const char *path)
{
	struct wq_sources *sources = wq_sources_new();
	bool found = false;
	unsigned int i;

	for (i = 0; i < linting->units.count && !found; i++)
		found = wq_source_mentions(sources, NULL, linting->sources[i],
					   wq_path_name(path));
	wq_sources_free(sources);
	return found;
}

/* Find the open headers of the module, and add those that are not saved. */
static void add_headers(struct linting *linting)
{
	const struct wq_lsp_document *document;

	for (document = linting->lint->lsp->documents.first; document;
	     document = document->next) {
		if (!document->path || wq_path_is_c_source(document->path) ||
		    (document != linting->lint->document &&
		     !is_named(linting, document->path)))
			continue;
		json_array_append_new(linting->headers,
			wq_json_text(linting->arena, document->path));
		if (!wq_lsp_is_unsaved(document))
			continue;
		wq_lsp_overlay_add_header(&linting->overlay, document);
		linting->has_header = true;
	}
}

struct kept {
	struct linting *linting;
	unsigned int *numbers;		/* of units */
};

/* Facts of a text that is not saved are of no use to anybody later. */
static const char *keep(void *context, unsigned int number, const char *path,
			const char *directory)
{
	struct kept *kept = context;
	struct linting *linting = kept->linting;
	struct wq_audit_unit *unit =
		&linting->audit.units[kept->numbers[number]];
	const char *name = wq_arena_printf(linting->arena, "%s/%u.unsaved",
		wq_cache_run_directory(linting->audit.cache),
		kept->numbers[number]);
	size_t bytes;
	char *text = wq_file_read(path, &bytes);
	FILE *out = text ? fopen(name, "we") : NULL;
	bool written = out && fwrite(text, 1, bytes, out) == bytes;

	(void)directory;
	if (out && fclose(out))
		written = false;
	free(text);
	if (written)
		unit->path = name;
	return written ? NULL : "its facts cannot be kept";
}

/* Is a text of unit @number not as it is in its file? */
static bool must_be_overlaid(const struct linting *linting, unsigned int number,
			     const struct wq_lsp_document *document, bool all)
{
	if (linting->is_unsaved[number] || !linting->is_related[number])
		return false;
	if (document && wq_lsp_is_unsaved(document))
		return true;
	return linting->has_header &&
	       (number == linting->selection->own || document ||
		(all && linting->audit.units[number].is_wanted));
}

/*
 * Compile the units whose text, or a header's, is not saved: those that are
 * open, or @all. Returns 0, or -1 after a message.
 */
static int compile_unsaved(struct linting *linting, bool all)
{
	struct wq_audit *audit = &linting->audit;
	struct kept kept = { .linting = linting };
	struct wq_keeper keeper = { .context = &kept, .keep = keep };
	struct wq_compile *compiles;
	struct wq_result *results;
	unsigned int i, count = 0;
	int err;

	compiles = wq_arena_alloc(linting->arena, (audit->count + 1) *
						  sizeof(*compiles));
	kept.numbers = wq_arena_alloc(linting->arena, (audit->count + 1) *
						      sizeof(*kept.numbers));
	for (i = 0; i < audit->count; i++) {
		const char *source = linting->sources[i];
		const struct wq_lsp_document *document =
			document_of(linting, source);

		if (!must_be_overlaid(linting, i, document, all))
			continue;
		compiles[count] = *audit->units[i].compile;
		if (!wq_lsp_overlay_add_source(&linting->overlay, source,
					       document, &compiles[count]))
			continue;
		audit->units[i].is_wanted = audit->units[i].is_tried = true;
		/* What the cache had is of the file. */
		audit->units[i].path = NULL;
		audit->units[i].offset = 0;
		linting->is_unsaved[i] = true;
		kept.numbers[count++] = i;
	}
	results = wq_arena_alloc(linting->arena, (count + 1) *
						 sizeof(*results));
	err = count ? wq_compile_all(linting->arena, compiles, count,
				     audit->jobs, audit->plugins, &keeper,
				     results) : 0;
	for (i = 0; !err && i < count; i++) {
		audit->units[kept.numbers[i]].cause = results[i].cause;
		audit->units[kept.numbers[i]].output = results[i].output;
	}
	return err;
}

/* Judging */

static void report_program(const struct wq_program *program, void *context)
{
	struct wq_lsp_report *report = context;
	bool has_findings, is_settled;

	wq_further_note(report->further, program, &has_findings, &is_settled);
	wq_lsp_report_fixes(report, program);
	wq_lsp_report_hovers(report, program);
}

/* Sources that were linted, and open headers that they may include. */
static json_t *list_files(struct linting *linting)
{
	json_t *files = json_array();
	unsigned int i;

	for (i = 0; i < linting->selection->nr_own; i++)
		if (linting->audit.units[i].path)
			json_array_append_new(files, wq_json_text(
				linting->arena, wq_path_resolve(linting->arena,
						linting->sources[i])));
	json_array_extend(files, linting->headers);
	return files;
}

/*
 * The line for the server. @is_whole: all units that name the API were looked
 * at. What others could change is noted in linting->further.
 */
static json_t *judge(struct linting *linting, bool is_whole)
{
	struct wq_lsp_report report = {
		.lsp = linting->lint->lsp, .arena = linting->arena,
		.base = linting->base, .further = &linting->further,
	};
	struct wq_modules *modules = wq_modules_new(&linting->options,
						    linting->base);
	json_t *line;

	wq_modules_set_overlay(modules, linting->overlay.directory);
	wq_audit_add(&linting->audit, modules, linting->arena);
	report.sources.overlay = linting->overlay.directory;
	wq_lsp_report_init(&report);
	wq_modules_judge(modules, is_whole);
	report.findings = wq_modules_findings(modules);
	wq_modules_use_baseline(modules);
	wq_lsp_report_findings(&report);
	wq_modules_join(modules, is_whole, report_program, &report);
	line = wq_lsp_report_line(&report, linting->selection->modules,
				  list_files(linting));
	wq_lsp_report_free(&report);
	wq_modules_free(modules);
	return line;
}

static void report_failures(struct linting *linting)
{
	unsigned int i;

	for (i = 0; i < linting->audit.count; i++) {
		const struct wq_audit_unit *unit = &linting->audit.units[i];

		if (unit->is_wanted && unit->cause)
			wq_msg("%s: not linted: %s",
			       wq_path_below(linting->base,
					     linting->sources[i]),
			       wq_audit_cause(linting->arena, unit));
	}
}

static void show_progress(void *context, unsigned int done, unsigned int count)
{
	struct linting *linting = context;

	json_t *module = wq_json_text(linting->arena,
				      linting->selection->modules);

	send_line(linting, json_pack("{s:i, s:i, s:o}", "done", (int)done,
				     "count", (int)count, "module", module));
}

/* Is a unit wanted that nobody has tried to compile? */
static bool lacks_units(const struct wq_audit *audit)
{
	unsigned int i;

	for (i = 0; i < audit->count; i++)
		if (audit->units[i].is_wanted && !audit->units[i].is_tried)
			return true;
	return false;
}

/* Want what could change what was found. Returns whether there is any. */
static bool want_further(struct linting *linting)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < linting->audit.count; i++) {
		struct wq_audit_unit *unit = &linting->audit.units[i];

		if (unit->is_wanted || !linting->is_related[i] ||
		    !unit->choice.is_relevant)
			continue;
		unit->is_wanted = wq_further_needs(&linting->further,
						   linting->sources[i],
						   &unit->choice);
		any |= unit->is_wanted;
	}
	return any;
}

/* The document's own unit at once, whatever else has to be compiled. */
static int gather_first(struct linting *linting)
{
	struct wq_audit *audit = &linting->audit, alone = *audit;
	struct wq_audit_unit *own = &audit->units[linting->selection->own];

	own->is_wanted = true;
	wq_audit_recall(audit);
	if (own->is_tried)
		return 0;
	alone.units = own;
	alone.count = 1;
	alone.progress = NULL;
	return wq_audit_gather(&alone);
}

/* Does the document not compile, or another one that is open? */
static bool edited_unit_fails(struct linting *linting)
{
	unsigned int i;

	for (i = 0; i < linting->audit.count; i++)
		if (linting->audit.units[i].cause &&
		    (i == linting->selection->own ||
		     document_of(linting, linting->sources[i])))
			return true;
	return false;
}

static void relate(struct linting *linting)
{
	wq_lsp_relate(linting->arena, linting->selection, &linting->audit,
		      linting->is_related);
}

/* All units that name the API, of the module and of those related to it. */
static int gather_users(struct linting *linting)
{
	struct wq_audit *audit = &linting->audit;

	if (compile_unsaved(linting, true) || wq_audit_gather(audit))
		return -1;
	/* There are more facts now that can tell what is related. */
	relate(linting);
	return compile_unsaved(linting, true) || wq_audit_gather(audit) ? -1
									: 0;
}

/*
 * What other units could change is not said before they were looked at: it
 * would come and go while somebody types.
 */
static int judge_whole(struct linting *linting)
{
	struct wq_audit *audit = &linting->audit;
	json_t *line = judge(linting, true);

	while (want_further(linting)) {
		json_decref(line);
		wq_audit_recall(audit);
		if (lacks_units(audit))
			send_line(linting, judge(linting, false));
		if (wq_audit_gather(audit))
			return -1;
		line = judge(linting, true);
	}
	send_line(linting, line);
	return 0;
}

static int lint_stages(struct linting *linting)
{
	struct wq_audit *audit = &linting->audit;

	if (compile_unsaved(linting, false) || gather_first(linting))
		return -1;
	/* What was found before stays until there is something newer. */
	if (edited_unit_fails(linting))
		return 0;
	relate(linting);
	wq_audit_recall(audit);
	if (lacks_units(audit) || linting->has_header) {
		send_line(linting, judge(linting, false));
		if (gather_users(linting))
			return -1;
	}
	return judge_whole(linting);
}

static void lint_units(struct linting *linting)
{
	static const char *const args[] = { "lint-only", NULL };
	struct wq_audit *audit = &linting->audit;

	linting->base = wq_tree_base(&linting->options,
		linting->units.compiles[linting->selection->own].directory,
		source_of, linting, linting->units.count);
	audit->arena = linting->arena;
	audit->plugins = wq_plugins_new(linting->arena, args);
	audit->jobs = linting->options.jobs ? linting->options.jobs
					    : wq_default_jobs();
	audit->files = wq_file_digests_new(linting->arena);
	audit->progress = show_progress;
	audit->context = linting;
	audit->cache = wq_cache_open(linting->arena,
				     !linting->options.no_cache);
	if (!audit->cache)
		return;
	linting->overlay.arena = linting->arena;
	linting->overlay.directory = wq_arena_printf(linting->arena,
		"%s/unsaved", wq_cache_run_directory(audit->cache));
	choose_units(linting);
	add_headers(linting);
	if (!lint_stages(linting))
		report_failures(linting);
	wq_cache_close(audit->cache);
}

void wq_lsp_lint(struct wq_lsp_lint *lint)
{
	struct linting linting = {
		.lint = lint, .options = *lint->lsp->options,
		.arena = wq_arena_new(), .headers = json_array(),
	};

	linting.options.arena = linting.further.arena = linting.arena;
	wq_signals_hold();
	if (!select_units(&linting))
		lint_units(&linting);
	wq_signals_release();
	json_decref(linting.headers);
	wq_arena_free(linting.arena);
}
