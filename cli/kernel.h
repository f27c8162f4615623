/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A configured kernel: where its parts are, and how its make is run. Its
 * compile commands by a dry run: nothing is built, and nothing is written
 * to the tree.
 */
#ifndef WQ_KERNEL_H
#define WQ_KERNEL_H

#include "cli.h"

/* All names are absolute and without symlinks. */
struct wq_kernel {
	const char *build;	/* where .config is, and where make runs */
	const char *source;	/* the same but for O= */
	const char *arch;	/* ARCH as configured, or NULL: as make does */
	const char *cross;	/* CROSS_COMPILE as configured, or "" */
	const char *compiler;	/* CC, where it is another than cross's gcc */
};

/*
 * Look at the kernel that was configured in @path, and see that it is ready:
 * `make prepare` was run since it was configured, by the compiler that is
 * installed. With @prepare that is run where it is due; it says so. Returns
 * 0, or -1 after a message.
 */
int wq_kernel_open(struct wq_arena *arena, const char *path, bool prepare,
		 struct wq_kernel *tree);

/* The command "make ARGUMENT..." for @tree, with what configured it. */
const char *const *wq_kernel_make(struct wq_arena *arena,
				const struct wq_kernel *tree,
				const char *const *args);

/* dry-run.c */

struct wq_cache;
struct wq_file_digests;

/*
 * The compile commands of all C sources that make @targets (ended by NULL)
 * compiles in @tree, built already or not, in the order of their objects'
 * names. Those of an earlier run are taken from @cache (NULL: none) when no
 * makefile has changed and the tree is configured as it was then; *@cached
 * says so. @jobs: how many makes run at a time. Returns 0, or -1 after a
 * message.
 */
int wq_dry_run(struct wq_arena *arena, const struct wq_kernel *tree,
	       const char *const *targets, unsigned int jobs,
	       struct wq_cache *cache, struct wq_file_digests *files,
	       struct wq_compdb *database, bool *cached);

/* built.c */

/*
 * The same of all C sources in @directories ("" is all, "drivers/foo/" a
 * part; ended by NULL), as a build of @tree left them. False: they are
 * not what make would do now, or not all; *@cause says why, and is NULL when
 * nothing was ever built there.
 */
bool wq_built_commands(struct wq_arena *arena, const struct wq_kernel *tree,
		       const char *const *directories,
		       struct wq_compdb *database, const char **cause);

/* commands.c */

/*
 * The directories with all that @names (ended by NULL) name, as the functions
 * above and below take them: what is no directory is a module, which may be
 * anywhere.
 */
const char *const *wq_kernel_directories(struct wq_arena *arena,
					 const struct wq_kernel *tree,
					 char **names);

/*
 * From a build where that will do, and else by a dry run. It says from where
 * in one line. Returns 0, or -1 after a message.
 */
int wq_kernel_commands(struct wq_arena *arena, const struct wq_kernel *tree,
		       const char *const *directories, unsigned int jobs,
		       struct wq_cache *cache, struct wq_file_digests *files,
		       struct wq_compdb *database, bool *cached);

#endif
