/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that are written whole or not at all: a new one is made beside the
 * old, and takes its place when all of it is on the disk.
 */
#ifndef WQ_REPLACE_H
#define WQ_REPLACE_H

#include <stdio.h>
#include <sys/types.h>

#include "arena.h"

struct wq_replacement {
	const char *path;	/* symbolic links resolved: they stay */
	char *name;		/* of the new file */
	mode_t mode;
	FILE *out;		/* to be written to */
};

/*
 * Begin a new file for @path. @mode 0: that of the old file, or what a new one
 * gets by the umask. Names are in @arena. Returns 0 or a negative errno;
 * when 0, wq_replace_end() must follow.
 */
int wq_replace_begin(struct wq_replacement *replacement,
		     struct wq_arena *arena, const char *path, mode_t mode);

/*
 * Let the new file take its place; when @err, what the caller knows of, is
 * not 0, drop it. Returns @err or what went wrong, a negative errno, or 0.
 */
int wq_replace_end(struct wq_replacement *replacement, int err);

#endif
