/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a shared queue to an own one: what both kinds of own queues, those of
 * a module and those of its objects, ask.
 */
#ifndef WQ_FIX_OWN_QUEUE_H
#define WQ_FIX_OWN_QUEUE_H

#include "fix-call.h"

#define MAX_TEXTS	256

struct wq_conversion {
	struct wq_fix *fix;
	const struct wq_program *program;
	const struct wq_use *flush;
	const char *name;		/* of the shared queue */
	const struct wq_unit *home;	/* a unit of the module it belongs to */
	bool is_library;		/* others that call into it use it, too */
	struct wq_new_queue queue;
	const struct wq_text *texts[MAX_TEXTS];
	unsigned int nr_texts, nr_calls;
};

/* Does @use queue something there, or wait for all that is there? */
bool wq_conversion_queues(const struct wq_conversion *conversion,
			  const struct wq_use *use);
bool wq_conversion_flushes(const struct wq_conversion *conversion,
			   const struct wq_use *use);

/* Was the place of use @number that of one before it? */
bool wq_conversion_saw(const struct wq_conversion *conversion,
		       unsigned int number);

/* May @flush wait for what is converted? false: a refusal. */
bool wq_conversion_can_wait(struct wq_conversion *conversion,
			    const struct wq_event *flush);

/* Did the compiler see all that is queued? false: a refusal. */
bool wq_conversion_sees_all(struct wq_conversion *conversion);

/*
 * fix-member.c: a queue in each object that has the items. false: a refusal,
 * and the edits are as they were.
 */
bool wq_fix_member_queue(struct wq_conversion *conversion);

#endif
