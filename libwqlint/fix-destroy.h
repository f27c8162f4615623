/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the fixes of missing-destroy share: fix-destroy.c for ways out,
 * fix-never.c for queues that nothing destroys, fix-together.c.
 */
#ifndef WQ_FIX_DESTROY_H
#define WQ_FIX_DESTROY_H

#include "fix-leak.h"
#include "queue-leak.h"

#define WQ_MAX_PLACES	128	/* of events in one function */

struct wq_destroy {
	struct wq_fix *fix;
	struct wq_own_queue queue;
	struct wq_ways ways;
	const struct wq_event *start;
	const struct wq_event *elsewhere;	/* where it is destroyed, or NULL */
	/* Tokens where it is destroyed, its struct freed, a user stopped. */
	unsigned int done[WQ_MAX_PLACES], gone[WQ_MAX_PLACES];
	unsigned int users[WQ_MAX_PLACES];
	unsigned int nr_done, nr_gone, nr_users;
};

/* The queue where the function of destroy->ways can name it, or NULL. */
const char *wq_queue_there(const struct wq_destroy *destroy);

/* For wq_walk_events(); @data is the struct wq_destroy. */

/* Is what the queue's pointer is kept in freed by @event? */
bool wq_frees_slot(const struct wq_event *event, void *data);

/* Is an item put on the queue after a delay? */
bool wq_queue_gets_late(const struct wq_event *event, void *data);

/* Is a function handed on, to an interrupt or timer, that queues on it? */
bool wq_hands_on_user(const struct wq_event *event, void *data);

/*
 * fix-together.c: what the function that destroys the queue elsewhere ends
 * before it, and that came with the queue: a call, or NULL.
 */
const struct wq_event *wq_ended_before_queue(const struct wq_destroy *destroy);

/* Where the function that allocates is undone. False after a refusal. */
bool wq_fix_never_destroyed(struct wq_destroy *destroy);

#endif
