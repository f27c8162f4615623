/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How far a long step is: on a terminal one line of stderr, which is gone
 * afterwards. Nothing where stderr is no terminal.
 */
#ifndef WQ_PROGRESS_H
#define WQ_PROGRESS_H

#include <stdbool.h>
#include <time.h>

struct wq_progress {
	const char *what;		/* "units" */
	unsigned int done, count;
	struct timespec begin, shown;
	bool is_terminal;
};

void wq_progress_begin(struct wq_progress *progress, const char *what,
		       unsigned int count);
void wq_progress_step(struct wq_progress *progress);
void wq_progress_end(struct wq_progress *progress);

/* Seconds from @begin to now. */
double wq_seconds_since(const struct timespec *begin);

/*
 * A step that began at *@begin is over, and the next one begins: with
 * @verbose say how long it took, and what came of it. Held signals are looked
 * at here.
 */
void wq_step_end(struct timespec *begin, bool verbose, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
