/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The baseline: findings that were there when somebody began to look, and
 * that are not to be shown. An entry is known by its fingerprint; the rest of
 * it is for people, and for saying what is stale.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "baseline.h"
#include "replace.h"
#include "json-parts.h"

#define VERSION	1

struct entry {
	const char *fingerprint, *file, *message;
	const struct wq_rule *rule;
	enum wq_level level;
	bool used;
};

struct wq_baseline {
	const char *path;
	struct entry *entries;
	unsigned int count;
};

static const char *const level_names[] = {
	[WQ_CHECK] = "check", [WQ_WARNING] = "warning", [WQ_ERROR] = "error",
};

/* Reading */

static bool find_level(const char *name, enum wq_level *level)
{
	int i;

	for (i = WQ_CHECK; name && i <= WQ_ERROR; i++)
		if (!strcmp(name, level_names[i])) {
			*level = (enum wq_level)i;
			return true;
		}
	return false;
}

/* Returns NULL, or what is wrong with @value. */
static const char *read_entry(struct wq_arena *arena, json_t *value,
			      struct entry *entry)
{
	const char *fingerprint, *rule, *file, *level, *message;

	if (json_unpack(value, "{s:s, s:s, s:s, s:s, s:s}",
			"fingerprint", &fingerprint, "rule", &rule,
			"level", &level, "file", &file, "message", &message))
		return "is no finding: fingerprint, rule, level, file or message is missing";
	entry->rule = wq_rule_find(rule, strlen(rule));
	if (!entry->rule)
		return wq_arena_printf(arena, "unknown rule '%s'", rule);
	if (!find_level(level, &entry->level))
		return wq_arena_printf(arena, "unknown level '%s'", level);
	entry->fingerprint = wq_arena_copy(arena, fingerprint);
	entry->file = wq_arena_copy(arena, file);
	entry->message = wq_arena_copy(arena, message);
	return NULL;
}

static int read_entries(struct wq_arena *arena, json_t *root,
			struct wq_baseline *baseline)
{
	json_t *list = json_object_get(root, "findings");
	json_t *version = json_object_get(root, "version");
	const char *problem;
	size_t i;

	if (!json_is_array(list) || !json_is_integer(version)) {
		wq_msg("%s: is no baseline: it has no version and findings",
		       baseline->path);
		return -1;
	}
	if (json_integer_value(version) != VERSION) {
		wq_msg("%s: is a baseline of version %lld, not %d",
		       baseline->path,
		       (long long)json_integer_value(version), VERSION);
		return -1;
	}
	baseline->entries = wq_arena_alloc(arena, (json_array_size(list) + 1) *
						  sizeof(*baseline->entries));
	for (i = 0; i < json_array_size(list); i++) {
		problem = read_entry(arena, json_array_get(list, i),
				     &baseline->entries[i]);
		if (problem) {
			wq_msg("%s: entry %zu: %s", baseline->path, i + 1,
			       problem);
			return -1;
		}
	}
	baseline->count = (unsigned int)i;
	return 0;
}

struct wq_baseline *wq_baseline_read(struct wq_arena *arena, const char *path)
{
	struct wq_baseline *baseline = wq_arena_alloc(arena,
						      sizeof(*baseline));
	json_error_t error;
	json_t *root;
	FILE *file;
	int err;

	baseline->path = wq_arena_copy(arena, path);
	file = fopen(path, "re");
	if (!file) {
		wq_msg("%s: %s", path, strerror(errno));
		return NULL;
	}
	root = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
	fclose(file);
	if (!root) {
		wq_msg("%s: line %d: is no valid JSON: %s", path, error.line,
		       error.text);
		return NULL;
	}
	err = read_entries(arena, root, baseline);
	json_decref(root);
	return err ? NULL : baseline;
}

/* Using */

static void apply(struct wq_baseline *baseline,
		  struct wq_findings *findings)
{
	unsigned int i, j;

	for (i = 0; i < findings->count; i++) {
		struct wq_finding *finding = findings->list[i];

		for (j = 0; j < baseline->count && !finding->silence; j++)
			if (!strcmp(baseline->entries[j].fingerprint,
				    finding->fingerprint)) {
				baseline->entries[j].used = true;
				finding->silence = WQ_SILENCED_BY_BASELINE;
			}
	}
}

static bool is_gone(struct wq_arena *arena, const char *base,
		    const char *file)
{
	return access(file[0] == '/' ? file :
		      wq_arena_printf(arena, "%s/%s", base,
				      file), F_OK) && errno == ENOENT;
}

/*
 * An entry is of no use any more when its rule was run over its whole module
 * and found nothing, or when its file is gone.
 */
static bool is_stale(const struct entry *entry,
		     const struct wq_options *options,
		     const struct wq_ignores *ignores, const char *base)
{
	const struct wq_selection *selection = &options->selection;

	if (entry->used || !wq_selection_has(selection, entry->rule) ||
	    (entry->level == WQ_CHECK && !selection->strict))
		return false;
	return wq_ignores_has_complete(ignores, entry->file) ||
	       is_gone(options->arena, base, entry->file);
}

/* Where the baseline is: --baseline, else at the top of the tree. */
static const char *path_of(const struct wq_options *options, const char *base)
{
	return options->baseline_path ? options->baseline_path :
	       wq_arena_printf(options->arena, "%s/.wqlint-baseline.json",
			       base);
}

int wq_baseline_use(struct wq_options *options, struct wq_findings *findings,
		    const struct wq_ignores *ignores, const char *base)
{
	bool check = options->baseline_use == WQ_BASELINE_CHECK;
	struct wq_baseline *baseline = options->baseline;
	unsigned int i, nr_stale = 0;

	if (check && !baseline)
		baseline = wq_baseline_read(options->arena,
					    path_of(options, base));
	if (!baseline)
		return check ? -1 : 0;
	apply(baseline, findings);
	for (i = 0; i < baseline->count; i++) {
		const struct entry *entry = &baseline->entries[i];

		if (!is_stale(entry, options, ignores, base))
			continue;
		nr_stale++;
		if (check)
			wq_msg("%s: stale: %s: %s [%s]", baseline->path,
			       entry->file, entry->message, entry->rule->id);
	}
	return (int)nr_stale;
}

/* Writing */

static int print_entry(FILE *out, struct wq_arena *arena,
		       const struct wq_finding *finding, bool is_first)
{
	char *text;
	json_t *value = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}",
		"fingerprint", finding->fingerprint,
		"rule", finding->rule->id,
		"level", level_names[finding->level],
		"file", wq_json_text(arena, finding->where.file ?
				     finding->where.file : ""),
		"function", wq_json_text(arena, finding->function),
		"message", wq_json_text(arena, finding->message));

	text = value ? json_dumps(value, 0) : NULL;
	json_decref(value);
	if (!text)
		return -ENOMEM;
	fprintf(out, "%s  %s", is_first ? "\n" : ",\n", text);
	free(text);
	return 0;
}

/* One finding per line: what changes is seen in a diff. */
static int print_baseline(FILE *out, struct wq_findings *findings,
			  unsigned int *count)
{
	unsigned int i;
	int err = 0;

	fprintf(out, "{\"version\": %d, \"findings\": [", VERSION);
	for (i = 0; i < findings->count && !err; i++)
		if (findings->list[i]->silence != WQ_SILENCED_BY_COMMENT)
			err = print_entry(out, findings->arena,
					  findings->list[i], !(*count)++);
	fputs("\n]}\n", out);
	return err;
}

/* All of it or nothing: the file is made beside its place and renamed. */
static int write_file(struct wq_arena *arena, const char *path,
		      struct wq_findings *findings, unsigned int *count)
{
	struct wq_replacement file;
	int err = wq_replace_begin(&file, arena, path, 0);

	*count = 0;
	if (!err)
		err = wq_replace_end(&file, print_baseline(file.out, findings,
							   count));
	if (err)
		wq_msg("%s: cannot write the baseline: %s", path,
		       strerror(-err));
	return err ? -1 : 0;
}

/* Nothing is taken for all that there is when not all was looked at. */
enum wq_exit wq_baseline_save(struct wq_options *options,
			      struct wq_findings *findings, const char *base,
			      bool incomplete)
{
	const char *path = path_of(options, base);
	unsigned int count;

	if (incomplete) {
		wq_msg("%s: not written: not everything was looked at", path);
		return WQ_EXIT_ERROR;
	}
	if (write_file(options->arena, path, findings, &count))
		return WQ_EXIT_ERROR;
	wq_msg("%s: %u finding%s", path, count, count == 1 ? "" : "s");
	return WQ_EXIT_CLEAN;
}
