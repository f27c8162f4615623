/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Queues that nothing destroys, and ways out on which nothing does.
 */
#ifndef WQ_QUEUE_LEAK_H
#define WQ_QUEUE_LEAK_H

#include "own-queue.h"

#define WQ_MAX_LEAK_CALLS	5

/* A way from the allocation of a queue to where it can no longer be reached. */
struct wq_queue_leak {
	const struct wq_function *function;	/* that fails */
	/*
	 * The allocation and the calls that lead to it, to that in the
	 * function. It is in the function of calls[turn] that something
	 * fails after it; those that follow fail because of that.
	 */
	const struct wq_event *calls[WQ_MAX_LEAK_CALLS];
	unsigned int nr_calls, turn;
	const struct wq_event *failed;	/* the call that fails, or NULL */
	const struct wq_event *freed;	/* what it is kept in, or NULL */
	const struct wq_event *destroy;	/* on other ways, or NULL */
	bool is_guarded;	/* a caller allocates only when something holds */
};

/* In a module that can go: is there nothing that may destroy @queue? */
bool wq_own_queue_is_never_destroyed(const struct wq_own_queue *queue);

bool wq_own_queue_find_leak(const struct wq_own_queue *queue,
			    struct wq_queue_leak *leak);

/* May @queue be destroyed, or be somebody else's, when @event is over? */
bool wq_own_queue_may_go(const struct wq_own_queue *queue,
			 const struct wq_event *event);

#endif
