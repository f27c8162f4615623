/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One queue that a program allocates: where its pointer is kept, and which
 * events have to do with it. For rules about the life of a queue.
 */
#ifndef WQ_OWN_QUEUE_H
#define WQ_OWN_QUEUE_H

#include "judge.h"
#include "resolve.h"

struct wq_own_queue {
	const struct wq_program *program;
	const struct wq_event *alloc;
	/* The one place that its pointer is kept in; NULL: none, or several. */
	const struct wq_item *slot;
	bool is_kept;		/* it is stored somewhere */
	struct wq_queue_answers *answers;	/* what was asked before */
};

void wq_own_queue_find(struct wq_own_queue *queue,
		       const struct wq_program *program,
		       const struct wq_event *alloc);

/* For people: "struct foo.wq", or "the queue". */
const char *wq_own_queue_text(const struct wq_own_queue *queue);

/* Does any expression of @unit do what follows? */
bool wq_own_queue_is_named_in(const struct wq_own_queue *queue,
			      const struct wq_unit *unit);

/* Does @expr read the queue's pointer, or name the place it is kept in? */
bool wq_own_queue_mentions(const struct wq_own_queue *queue,
			   const struct wq_expr *expr);

/* Is the value of @expr the queue's pointer, as far as the slot says? */
bool wq_own_queue_is_value(const struct wq_own_queue *queue,
			   const struct wq_expr *expr);

/* Does @event store a value to the queue's slot? */
bool wq_own_queue_is_set(const struct wq_own_queue *queue,
			 const struct wq_event *event);

/* Does @event give the pointer to somebody, or keep it in a second place? */
bool wq_own_queue_is_given(const struct wq_own_queue *queue,
			   const struct wq_event *event);

/* The same of any event of the program. */
bool wq_own_queue_is_given_away(const struct wq_own_queue *queue);

/* Could @use's queue be this one, even if only because nobody knows? */
bool wq_own_queue_may_be(const struct wq_own_queue *queue,
			 const struct wq_use *use);

/* Can nothing outside the program read the pointer from its slot? */
bool wq_own_queue_is_private(const struct wq_own_queue *queue);

/* Is one of the conditions of @event a test of the queue's pointer? */
bool wq_own_queue_is_tested_by(const struct wq_own_queue *queue,
			       const struct wq_event *event);

/* Is there nothing before the allocation that a return would not undo? */
bool wq_alloc_is_first_deed(const struct wq_event *alloc);

/* Call @fn for each queue that @program allocates in a function. */
void wq_for_each_own_queue(const struct wq_program *program,
			   void (*fn)(const struct wq_own_queue *queue,
				      void *data), void *data);

#endif
