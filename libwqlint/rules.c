/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of rules, made from wq_rules in Makefile.am, and their runner.
 */
#include <ctype.h>
#include <string.h>

#include "rule.h"

#define WQ_RULE(name) extern const struct wq_rule wq_rule_##name;
#include "rule-table.def"
#undef WQ_RULE

const struct wq_rule *const wq_rules[] = {
#define WQ_RULE(name) &wq_rule_##name,
#include "rule-table.def"
#undef WQ_RULE
	NULL
};

const char *wq_level_name(enum wq_level level)
{
	static const char *const names[] = {
		[WQ_CHECK] = "CHECK", [WQ_WARNING] = "WARNING",
		[WQ_ERROR] = "ERROR",
	};

	return names[level];
}

static char in_type_name(char byte)
{
	return byte == '-' ? '_' : (char)toupper((unsigned char)byte);
}

const char *wq_rule_type_name(struct wq_arena *arena,
			      const struct wq_rule *rule)
{
	char *name = (char *)wq_arena_copy(arena, rule->id), *byte;

	for (byte = name; *byte; byte++)
		*byte = in_type_name(*byte);
	return name;
}

static bool is_name_of(const struct wq_rule *rule, const char *name,
		       size_t length)
{
	size_t i;

	if (strlen(rule->id) != length)
		return false;
	for (i = 0; i < length; i++)
		if (name[i] != in_type_name(rule->id[i]))
			break;
	return i == length || !strncmp(rule->id, name, length);
}

const struct wq_rule *wq_rule_find(const char *name, size_t length)
{
	unsigned int i;

	for (i = 0; wq_rules[i]; i++)
		if (is_name_of(wq_rules[i], name, length))
			return wq_rules[i];
	return NULL;
}

static unsigned int rule_number(const struct wq_rule *rule)
{
	unsigned int i;

	for (i = 0; wq_rules[i] != rule; i++)
		;
	return i;
}

const char *wq_selection_parse(struct wq_arena *arena, const char *list,
			       unsigned long long *mask)
{
	size_t length;

	for (;; list += length + 1) {
		const struct wq_rule *rule;

		length = strcspn(list, ",");
		rule = wq_rule_find(list, length);
		if (!rule)
			return wq_arena_printf(arena, "%.*s", (int)length,
					       list);
		*mask |= 1ULL << rule_number(rule);
		if (!list[length])
			return NULL;
	}
}

static bool is_selected(const struct wq_selection *selection,
			unsigned int number)
{
	if (selection->only && !(selection->only >> number & 1))
		return false;
	return !(selection->ignored >> number & 1);
}

bool wq_selection_has(const struct wq_selection *selection,
		      const struct wq_rule *rule)
{
	return is_selected(selection, rule_number(rule));
}

static void drop_below(struct wq_findings *findings, enum wq_level level)
{
	unsigned int i, kept = 0;

	for (i = 0; i < findings->count; i++)
		if (findings->list[i]->level >= level)
			findings->list[kept++] = findings->list[i];
	findings->count = kept;
}

/* The module of the unit whose source is @file, else the program's. */
static const char *module_at(const struct wq_program *program,
			     const char *file)
{
	unsigned int i;

	for (i = 0; file && i < program->nr_units; i++)
		if (!strcmp(program->units[i]->source, file))
			return wq_unit_module(program->units[i]);
	return program->module;
}

void wq_rules_run(const struct wq_program *program,
		  const struct wq_selection *selection,
		  struct wq_findings *findings)
{
	unsigned int i, before = findings->count;

	for (i = 0; wq_rules[i] && !program->effort->too_large; i++)
		if (wq_rules[i]->check && is_selected(selection, i))
			wq_rules[i]->check(program, findings);
	/* What was found before that was noticed is as doubtful as the rest. */
	if (program->effort->too_large)
		findings->count = before;
	for (i = 0; i < findings->count; i++)
		if (!findings->list[i]->module)
			findings->list[i]->module = wq_arena_copy(
				findings->arena,
				module_at(program, findings->list[i]->where.file));
	if (!selection->strict)
		drop_below(findings, WQ_WARNING);
	wq_findings_sort(findings);
}
