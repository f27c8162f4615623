/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the reports in JSON share. Values are jansson's and the caller's,
 * strings are made in the arena that is given.
 */
#ifndef WQ_JSON_PARTS_H
#define WQ_JSON_PARTS_H

#include <jansson.h>
#include <stdio.h>

#include "finding.h"
#include "source.h"

/*
 * @text, or null. jansson takes valid UTF-8 only: in other text non-ASCII
 * bytes become '?'.
 */
json_t *wq_json_text(struct wq_arena *arena, const char *text);

/*
 * Print @value, which may be NULL when there was no memory for it, and a
 * newline, and let go of it. Returns 0 or a negative errno.
 */
int wq_json_print(FILE *out, json_t *value, size_t flags);

#endif
