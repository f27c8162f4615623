/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commit messages, and files in place.
 */
#include <errno.h>
#include <string.h>

#include "fix-output.h"

#define WIDTH	72

/* @text in lines of at most WIDTH columns where words allow it. */
static void print_wrapped(FILE *out, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (column && column + 1 + word > WIDTH) {
			putc('\n', out);
			column = 0;
		} else if (column) {
			putc(' ', out);
			column++;
		}
		fwrite(text, 1, word, out);
		column += word;
		text += word;
		text += strspn(text, " ");
	}
	putc('\n', out);
}

/* "dir/foo/foo" is "foo" in the subject. */
static const char *area_of(const struct wq_patch *patch)
{
	return wq_path_name(patch->module);
}

static bool said_before(const struct wq_patch *patch, unsigned int number)
{
	unsigned int i;

	for (i = 0; i < number; i++)
		if (!strcmp(patch->fixes[i]->text, patch->fixes[number]->text))
			return true;
	return false;
}

static const char *why(struct wq_arena *arena, const struct wq_finding *finding)
{
	if (strcmp(finding->rule->id, "flush-system-wq"))
		return wq_arena_printf(arena, "%s.", finding->message);
	return wq_arena_printf(arena,
		"%s() flushes %s, on which the whole kernel queues work: "
		"it waits for the work of strangers, and deadlocks when "
		"some of that needs a lock that the caller holds.",
		finding->function, finding->queue);
}

/* The same for each of several findings is said once. */
static void print_why(struct wq_arena *arena, FILE *out,
		      const struct wq_patch *patch, unsigned int number)
{
	const char *text = why(arena, patch->fixes[number]->finding);
	unsigned int i;

	for (i = 0; i < number; i++)
		if (!strcmp(why(arena, patch->fixes[i]->finding), text))
			return;
	putc('\n', out);
	print_wrapped(out, text);
}

/* One line for each commit. */
static void print_fixes(struct wq_arena *arena, FILE *out,
			const struct wq_patch *patch, const char *directory)
{
	const char **lines = wq_arena_alloc(arena, patch->nr_fixes *
					    sizeof(*lines));
	unsigned int i, j;

	for (i = 0; i < patch->nr_fixes; i++) {
		lines[i] = wq_history_fixes(arena, directory,
					    &patch->fixes[i]->finding->where);
		for (j = 0; lines[i] && j < i; j++)
			if (lines[j] && !strcmp(lines[i], lines[j]))
				break;
		if (lines[i] && j == i)
			fprintf(out, "%s\n", lines[i]);
	}
}

void wq_patch_print_message(struct wq_arena *arena, FILE *out,
			    const struct wq_patch *patch,
			    const char *directory)
{
	unsigned int i;

	fprintf(out, "%s: %s\n", area_of(patch), patch->fixes[0]->subject);
	for (i = 0; i < patch->nr_fixes; i++) {
		print_why(arena, out, patch, i);
		if (said_before(patch, i))
			continue;
		putc('\n', out);
		print_wrapped(out, patch->fixes[i]->text);
	}
	fprintf(out, "\nFound by wqlint.\n");
	if (directory) {
		putc('\n', out);
		print_fixes(arena, out, patch, directory);
	}
	fprintf(out, "---\n");
}

int wq_patch_write(const struct wq_patch *patch)
{
	const struct wq_text **texts;
	unsigned int count, i;
	int err, failed = 0;

	texts = wq_edits_texts(&patch->edits, &count);
	for (i = 0; i < count; i++) {
		err = wq_edits_write(&patch->edits, texts[i]);
		if (!err)
			continue;
		failed = -1;
		wq_msg("%s: not written: %s", texts[i]->name,
		       err == -ESTALE ? "it changed meanwhile"
				      : strerror(-err));
	}
	return failed;
}
