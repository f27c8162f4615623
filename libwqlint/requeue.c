/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Waits that come too early: an interrupt handler can queue the work item
 * again after teardown has cancelled it, because the interrupt is freed only
 * later, by the same function or by devres after it.
 */
#include <string.h>

#include "judge.h"

/* Who registers an interrupt handler; kernel/irq/manage.c, devres.c. */
static const char *const managed_requests[] = {
	"devm_request_any_context_irq", "devm_request_irq",
	"devm_request_threaded_irq",
};

static const char *const plain_requests[] = {
	"request_any_context_irq", "request_irq", "request_threaded_irq",
};

static const char *const shut_offs[] = {
	"devm_free_irq", "disable_irq", "disable_irq_nosync",
	"synchronize_irq",
};

struct queueing {
	const struct wq_work *work;
};

static bool queues_it(const struct wq_event *event, void *data)
{
	const struct queueing *search = data;
	unsigned int i;

	if (event->kind != WQ_EVENT_QUEUE)
		return false;
	for (i = 0; i < search->work->nr_uses; i++)
		if (search->work->uses[i]->event == event)
			return true;
	return false;
}

/* The interrupt handler in @request that leads to a queueing of @work. */
static const struct wq_function *queueing_handler(
	const struct wq_program *program, const struct wq_work *work,
	const struct wq_event *request)
{
	struct queueing search = { work };
	unsigned int i;

	for (i = 0; i < request->nr_args; i++) {
		const struct wq_expr *arg = request->args[i];
		const struct wq_function *handler;

		if (arg->kind != WQ_EXPR_FUNC)
			continue;
		handler = wq_program_function(program, arg->unit, arg->name);
		if (handler && wq_walk_events(program, handler, queues_it,
					      &search))
			return handler;
	}
	return NULL;
}

static bool is_shut_off(const struct wq_event *event, void *data)
{
	(void)data;
	return event->kind == WQ_EVENT_CALL &&
	       WQ_IS_ONE_OF(event->callee, shut_offs);
}

/* Is an interrupt shut off by name before @wait, in the same function? */
static bool is_shut_off_before(const struct wq_program *program,
			       const struct wq_event *wait)
{
	const struct wq_function *function = wait->function;
	unsigned int i;

	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event->index >= wait->index ||
		    event->kind != WQ_EVENT_CALL || !event->callee)
			continue;
		if (is_shut_off(event, NULL) ||
		    wq_walk_call(program, event, is_shut_off, NULL))
			return true;
	}
	return false;
}

static bool frees_irq(const struct wq_event *event, void *data)
{
	(void)data;
	return event->kind == WQ_EVENT_CALL && event->callee &&
	       !strcmp(event->callee, "free_irq");
}

/* free_irq(), or a call that leads to it, after @wait in the same function. */
static const struct wq_event *later_free(const struct wq_program *program,
					 const struct wq_event *wait)
{
	const struct wq_function *function = wait->function, *callee;
	unsigned int i;

	for (i = 0; i < function->nr_events; i++) {
		const struct wq_event *event = function->events[i];

		if (event->index <= wait->index ||
		    event->kind != WQ_EVENT_CALL || !event->callee)
			continue;
		callee = wq_program_function(program, function->unit,
					     event->callee);
		/*
		 * Not through a core: between unregister_netdev() and the
		 * free_irq() of ndo_stop() the device is down.
		 */
		if (frees_irq(event, NULL) ||
		    (callee && wq_walk_events(program, callee, frees_irq,
					      NULL)))
			return event;
	}
	return NULL;
}

/* The last wait for @work in a teardown function, when all are there. */
static const struct wq_event *last_wait(const struct wq_program *program,
					const struct wq_work *work)
{
	const struct wq_event *last = NULL;
	unsigned int i;

	for (i = 0; i < work->nr_uses; i++) {
		const struct wq_use *use = work->uses[i];
		const struct wq_context *context;

		if (!wq_event_waits_for_work(use->event) ||
		    !use->event->function)
			continue;
		for (context = use->context; context; context = context->up)
			if (!context->call || context->call->managed)
				return NULL;
		if (!wq_function_has_teardown_role(use->event->function))
			continue;
		if (!last || use->event->index > last->index)
			last = use->event;
	}
	if (last && is_shut_off_before(program, last))
		return NULL;
	return last;
}

/* The request of an interrupt whose @handler queues @work, or NULL. */
static const struct wq_event *find_request(const struct wq_program *program,
					   const struct wq_work *work,
					   bool also_plain,
					   const struct wq_function **handler)
{
	unsigned int i, j;

	for (i = 0; i < program->nr_units; i++)
		for (j = 0; j < program->units[i]->nr_events; j++) {
			const struct wq_event *event =
				program->units[i]->events[j];

			if (event->kind != WQ_EVENT_CALL ||
			    !(WQ_IS_ONE_OF(event->callee, managed_requests) ||
			      (also_plain &&
			       WQ_IS_ONE_OF(event->callee, plain_requests))))
				continue;
			*handler = queueing_handler(program, work, event);
			if (*handler)
				return event;
		}
	return NULL;
}

bool wq_work_find_requeue(const struct wq_program *program,
			  const struct wq_work *work,
			  struct wq_requeue *requeue)
{
	memset(requeue, 0, sizeof(*requeue));
	requeue->wait = last_wait(program, work);
	if (!requeue->wait)
		return false;
	requeue->freed = later_free(program, requeue->wait);
	requeue->request = find_request(program, work, requeue->freed != NULL,
					&requeue->handler);
	return requeue->request;
}

const struct wq_event *wq_work_managed_irq(const struct wq_program *program,
					   const struct wq_work *work)
{
	const struct wq_function *handler;

	return find_request(program, work, false, &handler);
}

const struct wq_event *wq_work_irq(const struct wq_program *program,
				   const struct wq_work *work)
{
	const struct wq_function *handler;

	return find_request(program, work, true, &handler);
}

bool wq_event_ends_irq(const struct wq_event *event)
{
	return is_shut_off(event, NULL) || frees_irq(event, NULL);
}
