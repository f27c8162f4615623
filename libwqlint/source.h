/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of source files: what is really at a place, before anything offers
 * to change it. Files are read once and kept.
 */
#ifndef WQ_SOURCE_H
#define WQ_SOURCE_H

#include <stdbool.h>

#include "unit.h"

struct wq_sources;

struct wq_sources *wq_sources_new(void);
void wq_sources_free(struct wq_sources *sources);	/* NULL is fine */

/*
 * Before the first file is read: one that is below @overlay by its absolute
 * name, such as "OVERLAY/home/me/foo.c", is read instead of that one.
 */
void wq_sources_set_overlay(struct wq_sources *sources, const char *overlay);

/* What was set, or NULL. */
const char *wq_sources_overlay(const struct wq_sources *sources);

/*
 * Line @line (from 1) of @file without its newline; relative names are
 * looked up below @directory when it is not NULL. Owned by @sources; NULL
 * when the file cannot be read or has fewer lines.
 */
const char *wq_source_line(struct wq_sources *sources, const char *directory,
			   const char *file, unsigned int line);

/*
 * All lines of @file, *@count of them, or NULL when it cannot be read. Owned
 * by @sources.
 */
const char *const *wq_source_lines(struct wq_sources *sources,
				   const char *directory, const char *file,
				   unsigned int *count);

/*
 * Is @text on a line of @file? For looking through many files: nothing is kept of
 * one that does not have it. False when the file cannot be read.
 */
bool wq_source_mentions(struct wq_sources *sources, const char *directory,
			const char *file, const char *text);

/*
 * The directory of @path without "." and "x/.." in it, "" for the current
 * one; in @arena. A text operation: no file system is asked.
 */
const char *wq_source_directory(struct wq_arena *arena, const char *path);

/* Is @text exactly what stands at @where? False when in doubt. */
bool wq_source_is(struct wq_sources *sources, const char *directory,
		  struct wq_location where, const char *text);

#endif
