/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts out of files: notes in ELF objects, archives of objects, facts files.
 */
#ifndef WQ_OBJECT_H
#define WQ_OBJECT_H

#include "facts.h"

/*
 * Files that are being read. One is read once, whatever its names are, so
 * that an object that is named, in a directory and a member of several thin
 * archives costs, and gives, no more than one.
 */
struct wq_objects;

/*
 * Units and errors are handed over as wq_facts_read() does; line 0 is for
 * what concerns a whole file. What concerns a member of an archive begins
 * with "member NAME: ".
 */
struct wq_objects *wq_objects_new(wq_unit_fn receive, wq_facts_error_fn error,
				  void *context);
void wq_objects_free(struct wq_objects *objects);	/* NULL is fine */

/*
 * From now on scan units as wq_facts_scan() does, in @arena. Each has a place
 * from which wq_place_read() reads all of it.
 */
void wq_objects_scan(struct wq_objects *objects, struct wq_arena *arena);

/*
 * Read the unit at @place, in @arena. NULL when it cannot be read, which is
 * handed to @error.
 */
struct wq_unit *wq_place_read(const struct wq_place *place,
			      struct wq_arena *arena, wq_facts_error_fn error,
			      void *context);

/* A hash of the whole text at @place; 0 when it cannot be read. */
uint64_t wq_place_hash(const struct wq_place *place);

/*
 * Read the facts in @path: a relocatable ELF object, also one that ld -r
 * made, with a WQ_FACTS_SECTION; an archive of such objects, thin or not; or
 * a facts file. Returns the number of things that were wrong, each handed
 * to the error function. A file without facts is one when @required; so is
 * an archive none of whose members has any.
 */
unsigned int wq_objects_read(struct wq_objects *objects, const char *path,
			     bool required);

/* The same for one file alone, of which facts are required. */
unsigned int wq_object_read(const char *path, wq_unit_fn receive,
			    wq_facts_error_fn error, void *context);

#endif
