/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ways through a function, from an event to its end, and what the function
 * then returns. For rules that ask what is not undone on a way that fails.
 *
 * Precision first: a call of a function that does something counts as if it
 * did so on each of its own ways.
 */
#ifndef WQ_PATHS_H
#define WQ_PATHS_H

#include "program.h"

/* What the call that the ways begin with returned. */
enum wq_began { WQ_BEGAN_ANY, WQ_BEGAN_FAILED, WQ_BEGAN_SUCCEEDED };

/* What a way has met. */
struct wq_way {
	const struct wq_event *failed;	/* the last call that failed, or NULL */
	const struct wq_event *noted;	/* the last event to be noted, or NULL */
	const struct wq_event *tested;	/* the last call that was tested */
	enum wq_test holds;		/* of what it returned; NONE: nothing */
};

struct wq_paths {
	const struct wq_program *program;
	const struct wq_event *start;	/* the ways begin after it */
	enum wq_began began;
	/* Does a way end at @event, because what is asked for is done? */
	bool (*stops)(const struct wq_event *event, void *data);
	/* Is @event worth remembering? May be NULL. */
	bool (*notes)(const struct wq_event *event, void *data);
	/*
	 * Is @value what the call that the ways begin with returned, read
	 * from where it was stored? May be NULL.
	 */
	bool (*is_result)(const struct wq_expr *value, void *data);
	void *data;
	/* What was found: */
	bool goes_on;		/* a way that does not end in a failure */
	bool fails;		/* one that does: the clearest is in failure */
	struct wq_way failure;
};

/*
 * Follow all ways that do not stop. False when there are none, or when the
 * facts have no control flow of the function.
 */
bool wq_paths_follow(struct wq_paths *paths);

/*
 * Can @event happen in its function when @call calls it? "foo_start(foo,
 * false)" goes no way on which that parameter is not 0. True when in doubt.
 */
bool wq_paths_reach(const struct wq_program *program,
		    const struct wq_event *event, const struct wq_event *call);

/* Can @event's function end well, as far as it says, without @event? */
bool wq_event_is_optional(const struct wq_program *program,
			  const struct wq_event *event);

/* Does the one event always happen where the other does? */
bool wq_events_share_block(const struct wq_event *one,
			   const struct wq_event *other);

/* Does @function return 0 or an error number? */
bool wq_function_returns_error(const struct wq_function *function);

#endif
