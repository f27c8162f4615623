/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Uses of queues and work items with their operands resolved, and the work
 * items that they are about. Part of wq_program_link().
 */
#ifndef WQ_USE_H
#define WQ_USE_H

#include "program.h"

typedef void (*wq_context_fn)(const struct wq_event *event,
			      const struct wq_context *context, void *data);

/*
 * Call @fn once per way in which @event's function is called, with that
 * context, as far up as the event's operands depend on parameters. When
 * code that the program does not show can call the function, one context
 * stands for it. Contexts are owned by @program.
 */
void wq_for_each_context(const struct wq_program *program,
			 const struct wq_event *event, wq_context_fn fn,
			 void *data);

/* Fill program->uses and program->works. */
void wq_program_find_uses(struct wq_program *program);
void wq_program_find_works(struct wq_program *program);

#endif
