/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The baseline: a file with the fingerprints of findings that are not to be
 * shown.
 */
#ifndef WQ_BASELINE_H
#define WQ_BASELINE_H

#include "cli.h"
#include "ignore.h"

struct wq_baseline;

/* The baseline at @path, in @arena; NULL after a message. */
struct wq_baseline *wq_baseline_read(struct wq_arena *arena,
				     const char *path);

/*
 * Silence what the baseline of @options has, which for WQ_BASELINE_CHECK is
 * read here when none was named. Returns the number of entries that are
 * stale, each said for WQ_BASELINE_CHECK, or -1 after a message.
 */
int wq_baseline_use(struct wq_options *options, struct wq_findings *findings,
		    const struct wq_ignores *ignores, const char *base);

/*
 * Write the findings that no comment silences to the baseline of @options,
 * or leave it as it was and say why, as when the run was @incomplete.
 */
enum wq_exit wq_baseline_save(struct wq_options *options,
			      struct wq_findings *findings, const char *base,
			      bool incomplete);

#endif
