/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What earlier runs found out, below $XDG_CACHE_HOME/wqlint, by name. A name
 * is a digest of all that an entry depends on, so that an entry is never
 * changed, and two runs that write the same one write the same. An entry is
 * renamed into its place when it is whole and says what its content must be:
 * what a crash left is no entry. Those used least recently go when there is
 * too much.
 */
#ifndef WQ_CACHE_H
#define WQ_CACHE_H

#include "digest.h"

struct wq_cache;

/*
 * Open the cache, and make a directory for this run in it, which is a
 * wq_temporary (children.h). @keep false: all of it is in that directory.
 * NULL after a message. @plugin is what makes facts.
 */
struct wq_cache *wq_cache_open(struct wq_arena *arena, bool keep);

/* Make room, and remove the run's directory. NULL is fine. */
void wq_cache_close(struct wq_cache *cache);

/* This run's directory. It is on the file system of the entries. */
const char *wq_cache_run_directory(const struct wq_cache *cache);

/*
 * The content of entry @name of @kind, a word; NULL when there is none. Freed
 * by the caller. @path, if not NULL, gets the name of a file that has it from
 * offset *@offset on, whatever becomes of the cache, until it is closed.
 */
char *wq_cache_load(struct wq_cache *cache, const struct wq_digest *name,
		    const char *kind, size_t *bytes, const char **path,
		    size_t *offset);

/* Make an entry. That it cannot be written is said once, and no error. */
void wq_cache_store(struct wq_cache *cache, const struct wq_digest *name,
		    const char *kind, const char *text, size_t bytes);

#endif
