/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values of a program: which queues a pointer may hold, which work item an
 * address is. Flow-insensitive for members and file-scope variables (a
 * store anywhere in the program reaches every load), exact for parameters
 * under a given context.
 */
#ifndef WQ_RESOLVE_H
#define WQ_RESOLVE_H

#include "program.h"

/* The queues that @expr may hold in @context; never NULL for a non-NULL
 * @expr (an unknown one is WQ_QUEUE_UNKNOWN). Owned by @program. */
const struct wq_queue_alternative *wq_resolve_queue(
	const struct wq_program *program, const struct wq_expr *expr,
	const struct wq_context *context);

/* The work items that address @expr may be in @context. */
const struct wq_item *wq_resolve_item(const struct wq_program *program,
				      const struct wq_expr *expr,
				      const struct wq_context *context);

/* The function whose address @expr is in @context, or NULL. */
const struct wq_expr *wq_resolve_function(const struct wq_program *program,
					  const struct wq_expr *expr,
					  const struct wq_context *context);

/*
 * A name for the memory at address @expr that is equal for equal memory:
 * "struct foo.wq", "my_wq"; NULL when it has none. Owned by @program.
 */
const char *wq_resolve_slot(const struct wq_program *program,
			    const struct wq_expr *expr,
			    const struct wq_context *context);

/* Does what @expr stands for depend on a parameter of its function? */
bool wq_expr_needs_context(const struct wq_program *program,
			   const struct wq_expr *expr);

/* Is @name a queue that the whole kernel shares, of any kernel version? */
bool wq_is_system_queue(const char *name);

/* The same item for certain; may be the same item. NULL items are never. */
bool wq_item_same(const struct wq_item *a, const struct wq_item *b);
bool wq_item_may_alias(const struct wq_item *a, const struct wq_item *b);

/* Can @a and @b not hold both? */
bool wq_condition_contradicts(const struct wq_program *program,
			      const struct wq_condition *a,
			      const struct wq_condition *b);

#endif
