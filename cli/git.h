/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What diff asks of git. All states of the sources, the working tree's too,
 * become tree objects, so that any two can be compared. The repository is only
 * read: new objects and indexes are in a directory of our own.
 */
#ifndef WQ_GIT_H
#define WQ_GIT_H

#include "cli.h"

/* Names are absolute. */
struct wq_git {
	struct wq_arena *arena;
	const char *top;		/* of the working tree */
	const char *temporary;
	const char *objects;		/* of the repository */
	const char *index;		/* ours, in which patches are applied */
	const char *complaint;		/* what the last call failed with */
};

/* A file that two trees do not have in common. */
struct wq_git_file {
	const char *path;		/* below the top */
	const char *old_path;		/* before it was renamed, or NULL */
	bool is_there;			/* in the second tree */
	bool was_there;			/* in the first one, as @path */
};

/*
 * The repository of the working directory; @temporary is a directory to write
 * to. Returns 0, or -1 after a message.
 */
int wq_git_open(struct wq_arena *arena, const char *temporary,
		struct wq_git *git);

/* The names of these are object names. NULL: see git->complaint. */
const char *wq_git_commit(struct wq_git *git, const char *revision);
const char *wq_git_tree(struct wq_git *git, const char *commit);
const char *wq_git_merge_base(struct wq_git *git, const char *a,
			      const char *b);

/* 1A2B3C4D5E6F ("SUBJECT") */
const char *wq_git_label(struct wq_git *git, const char *commit);

/*
 * The commits of @from..@to along first parents, oldest first, ended by NULL.
 */
const char *const *wq_git_commits(struct wq_git *git, const char *from,
				  const char *to);

/* What git has in its index of the working tree, as it is there now. */
const char *wq_git_working_tree(struct wq_git *git);

/* The tree that the patch in @file makes of the last one of these two. */
const char *wq_git_apply(struct wq_git *git, const char *file);

/* Split the mails in @file; their names, ended by NULL. */
const char *const *wq_git_split(struct wq_git *git, const char *file);

/* The patch in @mail, as a file; *@subject is the mail's, or NULL. */
const char *wq_git_unpack(struct wq_git *git, const char *mail,
			  const char **subject);

/*
 * In what tree @to differs from tree @from: *@count files, no submodules, in
 * the order of their names. With @renames a file that moved is one. NULL: see
 * git->complaint.
 */
const struct wq_git_file *wq_git_compare(struct wq_git *git, const char *from,
					 const char *to, bool renames,
					 unsigned int *count);

/* Write those of @files that are there to @directory. Returns 0 or -1. */
int wq_git_export(struct wq_git *git, const char *tree,
		  const struct wq_git_file *files, unsigned int count,
		  const char *directory);

#endif
