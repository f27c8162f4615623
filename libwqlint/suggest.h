/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What to write instead: the suggestion of a finding, with edits where they
 * are safe. Edits are made only from source text that was read and is
 * exactly what was expected.
 */
#ifndef WQ_SUGGEST_H
#define WQ_SUGGEST_H

#include "finding.h"
#include "judge.h"

/*
 * For a flush of shared queue @name: Step 0 of the announcement first
 * (remove it, or wait for the module's own items), else an own queue.
 */
void wq_suggest_for_flush(const struct wq_program *program,
			  struct wq_findings *findings,
			  struct wq_finding *finding,
			  const struct wq_use *use, const char *name);

/*
 * The flags of alloc_workqueue() that shared queue @name has in the kernel
 * that @flush is of.
 */
const char *wq_own_queue_flags(const struct wq_program *program,
			       const struct wq_event *flush, const char *name);

/*
 * For @use, which queues @work on a shared queue, when @own is a use of the
 * module's own queue: queue it there (Step 4), or wait for it by name.
 */
void wq_suggest_own_queue(const struct wq_program *program,
			  struct wq_findings *findings,
			  struct wq_finding *finding,
			  const struct wq_work *work,
			  const struct wq_use *use, const struct wq_use *own);

/*
 * For @work, which nothing waits for: wait for it next to @sibling, a wait
 * for another item of the same object (or NULL), or in place of @weak, which
 * cancels it without waiting (or NULL).
 */
void wq_suggest_cancel(const struct wq_program *program,
		       struct wq_findings *findings,
		       struct wq_finding *finding, const struct wq_work *work,
		       const struct wq_use *sibling,
		       const struct wq_event *weak);

/* Is only the handler of @work seen to free what the item is in? */
bool wq_work_frees_itself(const struct wq_program *program,
			  const struct wq_work *work);

/* What then is left to do about @finding: text in the findings' arena. */
const char *wq_suggest_queue_of_own(struct wq_findings *findings,
				    const struct wq_finding *finding);

/*
 * For @work, a delayed item that only @waiter, the flush or destruction of
 * its queue (NULL: by devres), waits for: cancel it before that.
 */
void wq_suggest_delayed(const struct wq_program *program,
			struct wq_findings *findings,
			struct wq_finding *finding, const struct wq_work *work,
			const struct wq_use *waiter);

/* The edit that removes the call @event, a statement of its own, if it is. */
void wq_suggest_removal(const struct wq_program *program,
			struct wq_findings *findings,
			struct wq_finding *finding,
			const struct wq_event *event);

/*
 * Is @call, the source text at @where, a statement on a line of its own, so
 * that removing it, or a line before it, keeps the syntax?
 */
bool wq_call_stands_alone(const struct wq_program *program,
			  struct wq_location where, const char *directory,
			  const char *call);

/*
 * Remove @call, where @finding is, with the blanks before it, which nobody
 * wants at the end of a line.
 */
void wq_add_removal(const struct wq_program *program,
		    struct wq_findings *findings, struct wq_finding *finding,
		    const char *directory, const char *call);

#endif
