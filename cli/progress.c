/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Progress: rate and time left are those of the whole step so far.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "progress.h"

#define SECONDS_BETWEEN	0.2

double wq_seconds_since(const struct timespec *begin)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begin->tv_sec) +
	       (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

void wq_step_end(struct timespec *begin, bool verbose, const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (verbose)
		wq_msg("%.1f s: %s", wq_seconds_since(begin), text);
	clock_gettime(CLOCK_MONOTONIC, begin);
	wq_signals_check();
}

void wq_progress_begin(struct wq_progress *progress, const char *what,
		       unsigned int count)
{
	memset(progress, 0, sizeof(*progress));
	progress->what = what;
	progress->count = count;
	progress->is_terminal = isatty(STDERR_FILENO);
	clock_gettime(CLOCK_MONOTONIC, &progress->begin);
}

static void show(const struct wq_progress *progress)
{
	double seconds = wq_seconds_since(&progress->begin);
	double rate = progress->done / (seconds > 0 ? seconds : 1);
	unsigned int left = rate > 0
		? (unsigned int)((progress->count - progress->done) / rate)
		: 0;

	fprintf(stderr, "\r%u of %u %s, %.1f/s, %u:%02u left\033[K",
		progress->done, progress->count, progress->what, rate,
		left / 60, left % 60);
	fflush(stderr);
}

void wq_progress_step(struct wq_progress *progress)
{
	progress->done++;
	if (!progress->is_terminal ||
	    (progress->shown.tv_sec &&
	     wq_seconds_since(&progress->shown) < SECONDS_BETWEEN))
		return;
	show(progress);
	clock_gettime(CLOCK_MONOTONIC, &progress->shown);
}

void wq_progress_end(struct wq_progress *progress)
{
	if (progress->is_terminal && progress->shown.tv_sec)
		fputs("\r\033[K", stderr);
}
