/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint fix: from findings to one unified diff per module. What it cannot
 * do safely is refused, with the reason.
 */
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli.h"
#include "fix-output.h"
#include "ignore.h"
#include "object.h"

struct fixing {
	struct wq_options *options;
	struct wq_texts texts;
	const char *const *wanted;	/* modules, files, findings */
	unsigned int nr_wanted;
	const struct wq_inputs *inputs;	/* or NULL: linted just now */
	struct timespec started;
	struct wq_patch *patches, **last;
	struct wq_findings *findings;	/* all that were judged; owner */
	unsigned int nr_refused, nr_matched;
};

/* Selection */

static bool is_file(const char *wanted, const char *file)
{
	size_t bytes = strlen(wanted), length = strlen(file);

	return length >= bytes && !strcmp(file + length - bytes, wanted) &&
	       (length == bytes || file[length - bytes - 1] == '/');
}

/* "FILE", "FILE:LINE", "MODULE" or a fingerprint. */
static bool is_wanted_by(struct fixing *fixing, const char *wanted,
			 const struct wq_finding *finding)
{
	struct wq_arena *arena = fixing->options->arena;
	const char *file = finding->where.file ? finding->where.file : "";
	const char *place = wq_arena_printf(arena, "%s:%u", file,
					    finding->where.line);
	const char *module = finding->module ? finding->module : "";

	return is_file(wanted, file) || is_file(wanted, place) ||
	       !strcmp(wanted, module) ||
	       !strcmp(wanted, wq_path_name(module)) ||
	       (finding->fingerprint && !strcmp(wanted, finding->fingerprint));
}

static bool is_wanted(struct fixing *fixing, const struct wq_finding *finding)
{
	unsigned int i;

	for (i = 0; i < fixing->nr_wanted; i++)
		if (is_wanted_by(fixing, fixing->wanted[i], finding))
			return true;
	return !fixing->nr_wanted;
}

/* Changes */

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec > b->tv_sec ||
	       (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

static bool is_header(const char *name)
{
	size_t length = strlen(name);

	return length > 2 && !strcmp(name + length - 2, ".h");
}

/* Is @text, of @module, younger than the facts that were made from it? */
static bool is_stale(const struct fixing *fixing, const struct wq_text *text,
		     const char *module)
{
	struct stat status;
	unsigned int i;

	if (!fixing->inputs)
		return is_later(&text->changed, &fixing->started);
	for (i = 0; i < fixing->inputs->count; i++) {
		const struct wq_unit *unit = fixing->inputs->units[i];

		if (strcmp(unit->source, text->name) &&
		    !(is_header(text->name) &&
		      !strcmp(wq_unit_module(unit), module)))
			continue;
		if (unit->place && unit->place->name &&
		    !stat(unit->place->name, &status) &&
		    is_later(&text->changed, &status.st_mtim))
			return true;
	}
	return false;
}

static struct wq_patch *patch_for(struct fixing *fixing, const char *module)
{
	struct wq_patch *patch;

	for (patch = fixing->patches; patch; patch = patch->next)
		if (!strcmp(patch->module, module))
			return patch;
	patch = wq_arena_alloc(fixing->options->arena, sizeof(*patch));
	patch->module = wq_arena_copy(fixing->options->arena, module);
	patch->edits.arena = fixing->options->arena;
	*fixing->last = patch;
	fixing->last = &patch->next;
	return patch;
}

/* Another module's patch that changes a file of @edits, or NULL. */
static const struct wq_patch *other_patch(const struct fixing *fixing,
					  const struct wq_patch *own,
					  const struct wq_edits *edits)
{
	const struct wq_patch *patch;
	unsigned int i, j;

	for (patch = fixing->patches; patch; patch = patch->next)
		for (i = 0; patch != own && i < patch->edits.count; i++)
			for (j = 0; j < edits->count; j++)
				if (edits->list[j].text ==
				    patch->edits.list[i].text)
					return patch;
	return NULL;
}

static void check_texts(struct fixing *fixing, struct wq_fix *fix,
			const char *module)
{
	unsigned int i;

	for (i = 0; i < fix->edits.count; i++) {
		const struct wq_text *text = fix->edits.list[i].text;

		if (text->name[0] == '/')
			wq_fix_refuse(fix, "%s is not below %s, where the compiler ran",
				      text->name, fixing->texts.directory);
		else if (is_stale(fixing, text, module))
			wq_fix_refuse(fix, "%s changed after it was linted",
				      text->name);
	}
}

static void take(struct fixing *fixing, struct wq_fix *fix)
{
	const struct wq_finding *finding = fix->finding;
	const char *module = finding->module ? finding->module : "";
	struct wq_arena *arena = fixing->options->arena;
	const struct wq_change *conflict;
	const struct wq_patch *other;
	struct wq_patch *patch;

	check_texts(fixing, fix, module);
	patch = patch_for(fixing, module);
	other = other_patch(fixing, patch, &fix->edits);
	if (other)
		wq_fix_refuse(fix, "the patch of module %s changes the same file: apply that first, and lint again",
			      other->module);
	if (!fix->refusal) {
		conflict = wq_edits_merge(&patch->edits, &fix->edits);
		if (conflict)
			wq_fix_refuse(fix, "another finding's fix changes %s at the same place",
				      conflict->text->name);
	}
	if (fix->refusal) {
		fixing->nr_refused++;
		wq_msg("%s:%u: %s: not fixed: %s", finding->where.file,
		       finding->where.line, finding->rule->id, fix->refusal);
		return;
	}
	patch->fixes = wq_arena_grow(arena, patch->fixes, patch->nr_fixes,
				     sizeof(*patch->fixes));
	patch->fixes[patch->nr_fixes++] = fix;
}

static bool is_alloc(const struct wq_event *event)
{
	return event->kind == WQ_EVENT_ALLOC_QUEUE;
}

/*
 * Does a change of any patch begin where the finding is? Other words for an
 * allocation change nothing about its queue.
 */
static bool is_done(const struct fixing *fixing, const struct wq_fix *fix)
{
	const struct wq_finding *finding = fix->finding;
	const struct wq_patch *patch;
	unsigned int i, token;

	if (wq_fix_event(fix, is_alloc))
		return false;
	for (patch = fixing->patches; patch; patch = patch->next)
		for (i = 0; i < patch->edits.count; i++) {
			const struct wq_change *change = &patch->edits.list[i];
			const struct wq_tokens *tokens = change->text->tokens;

			if (strcmp(change->text->name, finding->where.file))
				continue;
			token = wq_token_at(tokens, finding->where.line,
					    finding->where.column_bytes);
			if (token != WQ_NO_TOKEN && change->bytes &&
			    change->offset <= tokens->list[token].offset &&
			    change->offset + change->bytes >
			    tokens->list[token].offset)
				return true;
		}
	return false;
}

/* What a comment silences needs no fix. */
static void drop_silenced(const struct fixing *fixing,
			  const struct wq_program *program,
			  struct wq_findings *findings)
{
	struct wq_ignores *ignores;

	wq_findings_fingerprint(findings, program->sources,
				fixing->texts.directory);
	ignores = wq_ignores_new(program->sources, fixing->texts.directory);
	wq_ignores_apply(ignores, findings);
	wq_ignores_free(ignores);
	wq_findings_drop_silenced(findings);
}

static void fix_program(const struct wq_program *program, void *context)
{
	struct fixing *fixing = context;
	struct wq_fixer fixer = {
		.arena = fixing->options->arena, .program = program,
		.texts = &fixing->texts, .choice = fixing->options->choice,
	};
	struct wq_findings *findings = wq_findings_new();
	unsigned int i, first = fixing->findings->count, count;
	struct wq_fix **fixes;

	wq_rules_run(program, &fixing->options->selection, findings);
	drop_silenced(fixing, program, findings);
	wq_findings_merge(fixing->findings, findings);
	wq_findings_free(findings);
	count = fixing->findings->count - first;
	fixes = wq_arena_alloc(fixer.arena, (count + 1) * sizeof(*fixes));
	for (i = 0; i < count; i++) {
		const struct wq_finding *finding =
			fixing->findings->list[first + i];

		if (!is_wanted(fixing, finding))
			continue;
		fixing->nr_matched++;
		fixes[i] = wq_fix_make(&fixer, finding);
	}
	/* First what changes a whole module: it may fix other findings, too. */
	for (i = 0; i < count; i++)
		if (fixes[i] && fixes[i]->is_wide && !fixes[i]->refusal &&
		    !is_done(fixing, fixes[i])) {
			take(fixing, fixes[i]);
			fixes[i] = NULL;
		}
	for (i = 0; i < count; i++)
		if (fixes[i] && (!fixes[i]->is_wide || fixes[i]->refusal) &&
		    !is_done(fixing, fixes[i]))
			take(fixing, fixes[i]);
}

/* Output */

static enum wq_exit finish(struct fixing *fixing, bool incomplete)
{
	const struct wq_options *options = fixing->options;
	const struct wq_patch *patch;
	bool failed = false;

	if (fixing->nr_wanted && !fixing->nr_matched) {
		wq_msg("fix: no finding is of %s", fixing->wanted[0]);
		return WQ_EXIT_ERROR;
	}
	for (patch = fixing->patches; patch; patch = patch->next) {
		if (!patch->nr_fixes)
			continue;
		if (options->commit_message)
			wq_patch_print_message(options->arena, stdout, patch,
					       options->fixes
					       ? fixing->texts.directory
					       : NULL);
		if (options->in_place)
			failed |= wq_patch_write(patch) != 0;
		else
			wq_edits_print(stdout, &patch->edits);
	}
	if (incomplete || failed)
		return WQ_EXIT_ERROR;
	return fixing->nr_refused ? WQ_EXIT_FINDINGS : WQ_EXIT_CLEAN;
}

/* Inputs */

static enum wq_exit fix_inputs(struct fixing *fixing, char **paths,
			       unsigned int nr_paths)
{
	struct wq_options *options = fixing->options;
	struct wq_modules *modules;
	struct wq_inputs inputs;
	enum wq_exit status;

	wq_inputs_read(options->arena, paths, nr_paths, &inputs);
	if (!inputs.count) {
		if (!inputs.nr_wrong)
			wq_msg("%s: nothing in it has facts", paths[0]);
		return WQ_EXIT_ERROR;
	}
	fixing->inputs = &inputs;
	fixing->texts.directory = wq_inputs_base(options, &inputs);
	if (options->fixes &&
	    wq_history_check(options->arena, fixing->texts.directory))
		return WQ_EXIT_ERROR;
	modules = wq_modules_new(options, fixing->texts.directory);
	wq_inputs_add(&inputs, modules);
	wq_modules_join(modules, !inputs.nr_wrong, fix_program, fixing);
	status = finish(fixing, inputs.nr_wrong || wq_modules_nr_wrong(modules));
	wq_modules_free(modules);
	return status;
}

static enum wq_exit fix_database(struct fixing *fixing)
{
	struct wq_compdb database;
	bool incomplete;

	if (wq_run_read(fixing->options, &database, &fixing->texts.directory))
		return WQ_EXIT_ERROR;
	if (fixing->options->fixes &&
	    wq_history_check(fixing->options->arena, fixing->texts.directory))
		return WQ_EXIT_ERROR;
	if (fixing->nr_wanted)
		wq_run_select_modules(fixing->options, &database,
				      fixing->wanted, fixing->nr_wanted);
	if (!database.count) {
		wq_msg("fix: %s: no such module, file or finding in %s",
		       fixing->wanted[0], database.path);
		return WQ_EXIT_ERROR;
	}
	if (wq_lint_each(fixing->options, database.compiles, database.count,
			 &fixing->texts.directory, fix_program, fixing,
			 &incomplete))
		return WQ_EXIT_ERROR;
	return finish(fixing, incomplete);
}

/* What is in the file system and no C file is to be read, the rest wanted. */
static bool is_input(const char *argument)
{
	struct stat status;

	return !wq_path_is_c_source(argument) && !is_header(argument) &&
	       !stat(argument, &status);
}

static enum wq_exit run(struct wq_options *options)
{
	struct fixing fixing = { .options = options, .last = &fixing.patches };
	unsigned int i, nr_paths = 0;
	const char **wanted;
	enum wq_exit status;
	char **paths;

	clock_gettime(CLOCK_REALTIME, &fixing.started);
	paths = wq_arena_alloc(options->arena,
			       (options->nr_args + 1) * sizeof(*paths));
	wanted = wq_arena_alloc(options->arena,
				(options->nr_args + 1) * sizeof(*wanted));
	for (i = 0; i < options->nr_args; i++)
		if (!options->database && is_input(options->args[i]))
			paths[nr_paths++] = options->args[i];
		else
			wanted[fixing.nr_wanted++] = options->args[i];
	fixing.wanted = wanted;
	fixing.texts.arena = options->arena;
	fixing.findings = wq_findings_new();
	status = nr_paths ? fix_inputs(&fixing, paths, nr_paths)
			  : fix_database(&fixing);
	wq_findings_free(fixing.findings);
	return status;
}

const struct wq_command wq_command_fix = {
	.name = "fix",
	.synopsis = "[OPTION...] [-p PATH | OBJECT|DIRECTORY|FACTS...] [MODULE|FILE[:LINE]|FINDING...]",
	.summary = "print patches for findings",
	.options = WQ_OPTIONS_SELECT | WQ_OPTIONS_CC | WQ_OPTIONS_RUN |
		   WQ_OPTIONS_FIX,
	.run = run,
};
