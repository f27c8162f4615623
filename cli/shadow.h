/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Another state of a source tree beside it: a tree of links to the files of
 * the first one, in which some files are others. Where nothing needs to be
 * other, a link stands for a whole directory. The tree itself is only read.
 *
 * What is found out in a shadow is told as if it had been found out in the
 * tree: so both share one cache.
 */
#ifndef WQ_SHADOW_H
#define WQ_SHADOW_H

#include "cli.h"

struct wq_shadow;

/* A file that differs from the tree's. */
struct wq_shadow_file {
	const char *path;		/* below the tree */
	const char *content;		/* an absolute name; NULL: it is not there */
};

/*
 * A shadow of the directory @root, in @directory, which must not be there and
 * is the caller's to remove. Both are absolute. NULL after a message.
 */
struct wq_shadow *wq_shadow_new(struct wq_arena *arena, const char *root,
				const char *directory);

/*
 * Let the absolute @directory be no link: ".." from it must lead to the
 * shadow. What is not below the tree is fine, too. Returns 0 or -1 after a
 * message.
 */
int wq_shadow_open(struct wq_shadow *shadow, const char *directory);

/*
 * Let @files differ from the tree, and nothing else. Names are borrowed until
 * the next call. Returns 0 or -1 after a message.
 */
int wq_shadow_set(struct wq_shadow *shadow,
		  const struct wq_shadow_file *files, unsigned int count);

/* What has the absolute name @path in the tree; itself if it is elsewhere. */
const char *wq_shadow_path(const struct wq_shadow *shadow,
			   struct wq_arena *arena, const char *path);

/*
 * What has the name @path for a command that runs in @directory. A relative
 * one stays where the command runs in the shadow itself.
 */
const char *wq_shadow_name(const struct wq_shadow *shadow,
			   struct wq_arena *arena, const char *directory,
			   const char *path);

/* @compile as it has to be to compile the shadow's source. In @arena. */
struct wq_compile wq_shadow_compile(const struct wq_shadow *shadow,
				    struct wq_arena *arena,
				    const struct wq_compile *compile);

/*
 * Call the tree by its name again in @text, of *@bytes, which is freed. The
 * result is the caller's to free; NULL when there is too little memory. The
 * second one is for the facts of one unit.
 */
char *wq_shadow_restore(const struct wq_shadow *shadow, char *text,
			size_t *bytes);
char *wq_shadow_restore_facts(const struct wq_shadow *shadow, char *text,
			      size_t *bytes);

#endif
