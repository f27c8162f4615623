/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Old ways to get a queue, and what to write instead: for the rule
 * deprecated-queue and its fix.
 */
#ifndef WQ_DEPRECATED_H
#define WQ_DEPRECATED_H

#include "program.h"

/* Does @program show that its kernel has WQ_PERCPU and what came with it? */
bool wq_program_has_percpu(const struct wq_program *program);

/* Is @alloc a create_workqueue() or its kind? */
bool wq_alloc_is_create(const struct wq_event *alloc);

/*
 * What include/linux/workqueue.h makes of the create_*() that @alloc is, in
 * new words: the function and what follows the format, "FLAGS, 1" or "FLAGS".
 */
void wq_create_successor(const struct wq_event *alloc, bool percpu,
			 const char **name, const char **flags);

/*
 * rule-reclaim-flush.c: does a handler on the queue that create_*() @alloc
 * makes wait, at @where, for a queue without WQ_MEM_RECLAIM, or call a core
 * that may? The kernel does not warn of that while the queue has __WQ_LEGACY.
 */
bool wq_create_hides_wait(const struct wq_program *program,
			  const struct wq_event *alloc,
			  struct wq_location *where);

/* The new name of shared queue @name, or NULL when it is no old one. */
const char *wq_new_queue_name(const char *name);

/*
 * The old name by which @event uses a shared queue, or NULL; the source
 * itself says it, not what a schedule_*() is made of.
 */
const char *wq_event_old_queue(const struct wq_event *event);

#endif
