/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two halves of the SARIF report: results in report-sarif.c, rules in
 * sarif-rules.c.
 */
#ifndef WQ_SARIF_PARTS_H
#define WQ_SARIF_PARTS_H

#include "json-parts.h"
#include "rule.h"

/* SARIF's word for @level. */
const char *wq_sarif_level(enum wq_level level);

/* {"text": ...}: @text, in which SARIF would take braces for a placeholder. */
json_t *wq_sarif_message(struct wq_arena *arena, const char *text);

/* All rules, as reportingDescriptor objects in the order of wq_rules. */
json_t *wq_sarif_rules(struct wq_arena *arena);

/* The place of @rule in that list, or -1. */
int wq_sarif_rule_index(const struct wq_rule *rule);

#endif
