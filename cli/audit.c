/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts of units. Two entries of the cache are about a unit: under the digest
 * of its command the files that it read last, and under the digest of the
 * command and of what is in these files its facts.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit.h"
#include "children.h"
#include "facts.h"
#include "progress.h"
#include "serving.h"

#define FILES	"files"
#define FACTS	"facts"

/* Names of entries */

/* What @compiler, a program, is now: another one is another size or date. */
static void add_program(struct wq_arena *arena, struct wq_digesting *digesting,
			const char *compiler)
{
	const char *path = compiler, *from = getenv("PATH");
	struct stat status;
	size_t length;

	while (!strchr(path, '/') && from && *from) {
		length = strcspn(from, ":");
		path = wq_arena_printf(arena, "%.*s/%s", (int)length, from,
				       compiler);
		if (!access(path, X_OK))
			break;
		path = compiler;
		from += length + (from[length] == ':');
	}
	path = wq_path_resolve(arena, path);
	wq_digest_add_text(digesting, path);
	if (stat(path, &status))
		return;
	wq_digest_add(digesting, &status.st_size, sizeof(status.st_size));
	wq_digest_add(digesting, &status.st_mtim, sizeof(status.st_mtim));
}

/* The content of other plugins: they may change the types that ours sees. */
static void add_plugins(struct wq_audit *audit, struct wq_digesting *digesting,
			const struct wq_compile *compile)
{
	static const char flag[] = "-fplugin=";
	const char *const *arg;
	const struct wq_digest *digest;

	for (arg = compile->argv; *arg; arg++) {
		if (strncmp(*arg, flag, strlen(flag)))
			continue;
		digest = wq_file_digest(audit->files, compile->directory,
					*arg + strlen(flag));
		if (digest)
			wq_digest_add(digesting, digest, sizeof(*digest));
	}
}

static struct wq_digest key_of_unit(struct wq_audit *audit,
				    const struct wq_compile *compile)
{
	struct wq_digesting *digesting = wq_digest_begin();
	const char *const *args = wq_command_compiler(compile->argv);
	const struct wq_plugin_pick *pick = wq_plugins_pick(audit->plugins,
						args[0], compile->directory);
	const struct wq_digest *plugin = pick->plugin
		? wq_file_digest(audit->files, "/", pick->plugin) : NULL;
	struct wq_arena *scratch = wq_arena_new();
	int version = WQ_FACTS_VERSION;

	wq_digest_add_text(digesting, WQLINT_VERSION);
	wq_digest_add(digesting, &version, sizeof(version));
	if (plugin)
		wq_digest_add(digesting, plugin, sizeof(*plugin));
	add_program(scratch, digesting, args[0]);
	add_plugins(audit, digesting, compile);
	wq_digest_add_text(digesting, compile->directory);
	wq_digest_add_text(digesting, compile->source);
	args = wq_command_for_lint(scratch, args, compile->source);
	for (; *args; args++)
		wq_digest_add_text(digesting, *args);
	wq_arena_free(scratch);
	return wq_digest_end(digesting);
}

/* The content of @path, as a unit names it that is compiled in @directory. */
static const struct wq_digest *digest_of(struct wq_audit *audit,
					 const char *directory,
					 const char *path)
{
	const struct wq_shadow *shadow = audit->shadow;
	struct wq_arena *scratch;
	const struct wq_digest *digest;

	if (!shadow)
		return wq_file_digest(audit->files, directory, path);
	scratch = wq_arena_new();
	digest = wq_file_digest(audit->files,
				wq_shadow_path(shadow, scratch, directory),
				wq_shadow_name(shadow, scratch, directory,
					       path));
	wq_arena_free(scratch);
	return digest;
}

/* The name of the facts, by @list: one file per line. False: one is gone. */
static bool name_of_facts(struct wq_audit *audit,
			  const struct wq_audit_unit *unit, char *list,
			  struct wq_digest *name)
{
	struct wq_digesting *digesting = wq_digest_begin();
	const struct wq_digest *digest;
	char *line, *end;
	bool all = true;

	wq_digest_add(digesting, &unit->key, sizeof(unit->key));
	for (line = list; all && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		digest = digest_of(audit, unit->compile->directory, line);
		*end = '\n';
		wq_digest_add(digesting, line, (size_t)(end - line));
		if (digest)
			wq_digest_add(digesting, digest, sizeof(*digest));
		all = digest != NULL;
	}
	*name = wq_digest_end(digesting);
	return all;
}

static bool take_facts(struct wq_audit *audit, struct wq_audit_unit *unit,
		       const struct wq_digest *name)
{
	size_t bytes;
	char *text = wq_cache_load(audit->cache, name, FACTS, &bytes,
				   &unit->path, &unit->offset);

	free(text);
	return text != NULL;
}

/* Take the facts of @unit from the cache. Returns whether they were there. */
static bool recall(struct wq_audit *audit, struct wq_audit_unit *unit)
{
	struct wq_digest name;
	size_t bytes;
	bool known;
	char *list;

	unit->key = key_of_unit(audit, unit->compile);
	list = wq_cache_load(audit->cache, &unit->key, FILES, &bytes, NULL,
			     NULL);
	known = list && name_of_facts(audit, unit, list, &name) &&
		take_facts(audit, unit, &name);
	free(list);
	return known;
}

/* Dependencies */

/* Copy the word of a make rule at *@from to @into. False: there is none. */
static bool copy_word(const char **from, char *into)
{
	const char *text = *from;

	for (;;) {
		text += strspn(text, " \t\n");
		if (text[0] != '\\' || text[1] != '\n')
			break;
		text += 2;
	}
	if (!*text)
		return false;
	while (*text && !strchr(" \t\n", *text)) {
		if (text[0] == '\\' && text[1] == '\n')
			break;
		if ((text[0] == '\\' && text[1] && strchr(" #\\", text[1])) ||
		    (text[0] == '$' && text[1] == '$'))
			text++;
		*into++ = *text++;
	}
	*into = '\0';
	*from = text;
	return true;
}

/*
 * The files that a make rule names, one per line, but what a compiler that
 * serves was sent. In memory that the caller frees; NULL when it cannot be
 * read.
 */
static char *read_dependencies(const char *path)
{
	size_t bytes;
	char *text = wq_file_read(path, &bytes), *list, *end, *word;
	const char *from = text ? strstr(text, ": ") : NULL;

	word = malloc(text ? bytes + 1 : 1);
	list = end = malloc(text ? bytes + 2 : 1);
	if (!from || !word || !list) {
		free(list);
		list = NULL;
		goto free_text;
	}
	for (from++; copy_word(&from, word);)
		if (strcmp(word, WQ_SERVING_UNIT_PATH)) {
			end = stpcpy(end, word);
			*end++ = '\n';
		}
	*end = '\0';
free_text:
	free(word);
	free(text);
	return list;
}

/* Compiling */

/* Units that are compiled together. */
struct batch {
	struct wq_audit *audit;
	const unsigned int *numbers;	/* of units */
	struct wq_progress *progress;
};

/* Keep the facts in @path, which were made of the files in @list. */
static bool keep_facts(struct wq_audit *audit, struct wq_audit_unit *unit,
		       const char *path, char *list)
{
	struct wq_digest name;
	size_t bytes;
	char *text = wq_file_read(path, &bytes);
	bool known;

	if (text && audit->shadow)
		text = wq_shadow_restore_facts(audit->shadow, text, &bytes);
	known = text && name_of_facts(audit, unit, list, &name);
	if (known) {
		wq_cache_store(audit->cache, &name, FACTS, text, bytes);
		known = take_facts(audit, unit, &name);
	}
	if (known)
		wq_cache_store(audit->cache, &unit->key, FILES, list,
			       strlen(list));
	free(text);
	return known;
}

static const char *keep(void *context, unsigned int number, const char *path,
			const char *directory)
{
	struct batch *batch = context;
	struct wq_audit *audit = batch->audit;
	struct wq_arena *scratch = wq_arena_new();
	char *list = read_dependencies(
		wq_arena_printf(scratch, "%s/%s", directory, WQ_DEPENDENCIES));
	size_t bytes = list ? strlen(list) : 0;
	bool kept;

	if (list && audit->shadow)
		list = wq_shadow_restore(audit->shadow, list, &bytes);
	kept = list && keep_facts(audit, &audit->units[batch->numbers[number]],
				  path, list);
	audit->nr_compiled += kept;
	free(list);
	wq_arena_free(scratch);
	return kept ? NULL : "its facts cannot be kept";
}

static void progress(void *context)
{
	struct batch *batch = context;
	struct wq_audit *audit = batch->audit;

	wq_progress_step(batch->progress);
	if (audit->progress)
		audit->progress(audit->context, batch->progress->done,
				batch->progress->count);
}

/* Compile the @count units @numbers, and note what became of them. */
static int compile(struct wq_audit *audit, const unsigned int *numbers,
		   unsigned int count, struct wq_progress *steps)
{
	struct batch batch = {
		.audit = audit, .numbers = numbers, .progress = steps,
	};
	struct wq_keeper keeper = {
		.context = &batch, .keep = keep, .progress = progress,
	};
	struct wq_arena *scratch = wq_arena_new();
	struct wq_result *results = wq_arena_alloc(audit->arena, (count + 1) *
						   sizeof(*results));
	struct wq_compile *compiles = wq_arena_alloc(scratch, (count + 1) *
						     sizeof(*compiles));
	unsigned int i;
	int err;

	for (i = 0; i < count; i++)
		compiles[i] = audit->shadow
			? wq_shadow_compile(audit->shadow, scratch,
					    audit->units[numbers[i]].compile)
			: *audit->units[numbers[i]].compile;
	err = wq_compile_all(scratch, compiles, count, audit->jobs,
			     audit->plugins, &keeper, results);
	for (i = 0; !err && i < count; i++) {
		struct wq_audit_unit *unit = &audit->units[numbers[i]];

		unit->is_tried = true;
		unit->cause = wq_arena_copy(audit->arena, results[i].cause);
		unit->output = wq_arena_copy(audit->arena, results[i].output);
	}
	wq_arena_free(scratch);
	return err;
}

static int compile_all(struct wq_audit *audit, const unsigned int *numbers,
		       unsigned int count)
{
	struct wq_progress steps;
	int err;

	wq_progress_begin(&steps, "units", count);
	if (audit->progress)
		audit->progress(audit->context, 0, count);
	err = compile(audit, numbers, count, &steps);
	wq_progress_end(&steps);
	return err;
}

void wq_audit_recall(struct wq_audit *audit)
{
	unsigned int i;

	for (i = 0; i < audit->count; i++) {
		struct wq_audit_unit *unit = &audit->units[i];

		if (!unit->is_wanted || unit->is_tried)
			continue;
		wq_signals_check();
		unit->is_tried = recall(audit, unit);
		audit->nr_cached += unit->is_tried;
	}
}

int wq_audit_gather(struct wq_audit *audit)
{
	unsigned int *numbers = wq_arena_alloc(audit->arena, (audit->count + 1)
					       * sizeof(*numbers));
	unsigned int i, count = 0;

	wq_audit_recall(audit);
	for (i = 0; i < audit->count; i++)
		if (audit->units[i].is_wanted && !audit->units[i].is_tried)
			numbers[count++] = i;
	return count ? compile_all(audit, numbers, count) : 0;
}

/* Headers of facts */

static void receive(struct wq_unit *unit, void *context)
{
	*(struct wq_unit **)context = unit;
}

static void ignore(unsigned int line, const char *cause, void *context)
{
	(void)line;
	(void)cause;
	(void)context;
}

struct wq_unit *wq_audit_scan(const struct wq_audit_unit *unit,
			      struct wq_arena *arena)
{
	struct wq_unit *scanned = NULL;
	size_t bytes;
	char *text = unit->path ? wq_file_read(unit->path, &bytes) : NULL;

	if (text && bytes > unit->offset)
		wq_facts_scan(arena, text + unit->offset, bytes - unit->offset,
			      receive, ignore, &scanned);
	free(text);
	if (scanned && scanned->place) {
		scanned->place->path = scanned->place->name = unit->path;
		scanned->place->offset += (off_t)unit->offset;
	}
	return scanned;
}

void wq_audit_add(const struct wq_audit *audit, struct wq_modules *modules,
		  struct wq_arena *arena)
{
	unsigned int i;

	for (i = 0; i < audit->count; i++) {
		const struct wq_audit_unit *unit = &audit->units[i];
		struct wq_unit *scanned;

		if (!unit->is_wanted)
			continue;
		scanned = wq_audit_scan(unit, arena);
		if (scanned)
			wq_modules_add(modules, scanned,
				       unit->compile->directory);
		else
			wq_modules_add_missing(modules, unit->choice.modules);
	}
}

const char *wq_audit_cause(struct wq_arena *arena,
			   const struct wq_audit_unit *unit)
{
	const char *error = unit->output ? strstr(unit->output, "error: ")
					 : NULL;

	return error ? wq_arena_printf(arena, "%s: %.*s", unit->cause,
				       (int)strcspn(error + 7, "\n"),
				       error + 7) : unit->cause;
}
