/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page of the HTML report: its frame, and text that is safe in it.
 */
#ifndef WQ_HTML_PARTS_H
#define WQ_HTML_PARTS_H

#include <stdio.h>

#include "rule.h"

/* Print @text so that it is text: markup and control characters escaped. */
void wq_html_text(FILE *out, const char *text);

/* The page up to its first heading, and its end. */
void wq_html_begin(FILE *out, const char *title);
void wq_html_end(FILE *out);

/* What there is to say about @rule, with the anchor "rule-<id>". */
void wq_html_rule(FILE *out, const struct wq_rule *rule);

#endif
