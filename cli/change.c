/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * States of the sources: commits, the working tree, and what patches make of
 * it.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change.h"
#include "digest.h"

static void add_state(struct wq_git *git, struct wq_change *change,
		      const char *label, const char *tree)
{
	change->states = wq_arena_grow(git->arena, change->states,
				       change->count, sizeof(*change->states));
	change->states[change->count++] = (struct wq_state){ label, tree };
}

static int complain(const struct wq_git *git, const char *what)
{
	wq_msg("%s: %s", what, git->complaint);
	return -1;
}

/* Commits */

static const char *find_commit(struct wq_git *git, const char *revision)
{
	const char *commit = wq_git_commit(git, *revision ? revision : "HEAD");

	if (!commit)
		wq_msg("%s: is no commit that git knows",
		       *revision ? revision : "HEAD");
	return commit;
}

static int add_commit(struct wq_git *git, struct wq_change *change,
		      const char *commit)
{
	const char *tree = wq_git_tree(git, commit);

	if (!tree)
		return complain(git, commit);
	add_state(git, change, wq_git_label(git, commit), tree);
	return 0;
}

static int add_commits(struct wq_git *git, struct wq_change *change,
		       const char *from, const char *to)
{
	const char *const *commits = wq_git_commits(git, from, to);

	if (!commits)
		return complain(git, to);
	for (; *commits; commits++)
		if (add_commit(git, change, *commits))
			return -1;
	return 0;
}

/*
 * @argument is A..B, or A for what the working tree has since A. When both
 * have gone on, what only A has is no part of the change. A shallow clone has
 * no common commit to begin at: then A itself has to do.
 */
static int read_commits(struct wq_git *git, const char *argument, bool each,
			struct wq_change *change)
{
	const char *dots = strstr(argument, ".."), *from, *to, *base;

	from = find_commit(git, dots ? wq_arena_printf(git->arena, "%.*s",
				(int)(dots - argument), argument) : argument);
	to = from ? find_commit(git, dots ? dots + 2 + (dots[2] == '.') : "")
		  : NULL;
	if (!to)
		return -1;
	base = wq_git_merge_base(git, from, to);
	if (!base)
		base = from;
	if (add_commit(git, change, base))
		return -1;
	if (each && add_commits(git, change, base, to))
		return -1;
	if (dots && (!each || change->count == 1))
		return add_commit(git, change, to);
	if (!dots)
		add_state(git, change, "the working tree",
			  change->working_tree);
	return 0;
}

/* Patches */

/* All of standard input, in a file that is returned; NULL after a message. */
static const char *save_input(struct wq_git *git)
{
	const char *path = wq_arena_printf(git->arena, "%s/input",
					   git->temporary);
	FILE *out = fopen(path, "we");
	char buffer[65536];
	ssize_t got = 0;
	int err = 0;

	while (out && (got = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, (size_t)got, out);
	if (!out || got < 0 || ferror(out))
		err = errno;
	if (out && fclose(out) && !err)
		err = errno;
	if (!err)
		return path;
	wq_msg("standard input: %s", strerror(err));
	return NULL;
}

/* "Subject: " or an mbox's "From ", but not the "Index: " of a diff. */
static bool is_mail(const char *text)
{
	size_t length = 0;

	if (!strncmp(text, "From ", 5))
		return true;
	while (isalpha((unsigned char)text[length]) || text[length] == '-')
		length++;
	return length && text[length] == ':' && strncmp(text, "Index:", 6) &&
	       strncmp(text, "---", 3);
}

static bool has_diff(const char *text)
{
	return !strncmp(text, "diff ", 5) || !strncmp(text, "--- ", 4) ||
	       strstr(text, "\ndiff ") || strstr(text, "\n--- ");
}

/* Add what @file, a patch, makes of the last state. */
static int add_patch(struct wq_git *git, struct wq_change *change,
		     const char *label, const char *file)
{
	const char *tree = wq_git_apply(git, file);

	if (!tree) {
		wq_msg("%s does not apply: %s", label, git->complaint);
		return -1;
	}
	add_state(git, change, label, tree);
	return 0;
}

static int add_mails(struct wq_git *git, struct wq_change *change,
		     const char *file)
{
	const char *const *mail = wq_git_split(git, file);

	if (!mail)
		return complain(git, "standard input");
	for (; *mail; mail++) {
		const char *subject, *patch, *label;
		size_t bytes;
		char *text;
		int err = 0;

		patch = wq_git_unpack(git, *mail, &subject);
		if (!patch)
			return complain(git, "standard input");
		text = wq_file_read(patch, &bytes);
		label = wq_arena_printf(git->arena, "patch %u (\"%s\")",
					change->count,
					subject ? subject : "no subject");
		/* else it is the cover letter, or an answer */
		if (text && has_diff(text))
			err = add_patch(git, change, label, patch);
		free(text);
		if (err)
			return -1;
	}
	return 0;
}

/* Between the first state and the last one there need be no others. */
static void drop_between(struct wq_change *change)
{
	change->states[1] = change->states[change->count - 1];
	change->count = 2;
}

static int read_patches(struct wq_git *git, bool each,
			struct wq_change *change)
{
	const char *file = save_input(git);
	size_t bytes;
	char *text = file ? wq_file_read(file, &bytes) : NULL;
	int err = 0;

	if (!text)
		return -1;
	add_state(git, change, "the working tree", change->working_tree);
	if (is_mail(text))
		err = add_mails(git, change, file);
	else if (has_diff(text))
		err = add_patch(git, change, "the patch", file);
	free(text);
	if (!err && change->count == 1) {
		wq_msg("standard input: there is no patch in it");
		err = -1;
	}
	if (!err && !each)
		drop_between(change);
	return err;
}

int wq_change_read(struct wq_git *git, const char *argument, bool each,
		   struct wq_change *change)
{
	memset(change, 0, sizeof(*change));
	change->working_tree = wq_git_working_tree(git);
	if (!change->working_tree)
		return complain(git, git->top);
	if (argument && !strcmp(argument, "-"))
		return read_patches(git, each, change);
	return read_commits(git, argument ? argument : "HEAD", each, change);
}
