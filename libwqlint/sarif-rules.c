/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rules as SARIF knows them. The help is all that wqlint explain says:
 * nothing is looked up elsewhere.
 */
#include <ctype.h>
#include <string.h>

#include "sarif-parts.h"

/* GitHub cuts a description at 1,024 characters. */
#define MAX_DESCRIPTION	1000

const char *wq_sarif_level(enum wq_level level)
{
	static const char *const words[] = {
		[WQ_CHECK] = "note", [WQ_WARNING] = "warning",
		[WQ_ERROR] = "error",
	};

	return words[level];
}

json_t *wq_sarif_message(struct wq_arena *arena, const char *text)
{
	char *copy = wq_arena_alloc(arena, strlen(text) * 2 + 1), *end = copy;

	for (; *text; text++) {
		if (*text == '{' || *text == '}')
			*end++ = *text;
		*end++ = *text;
	}
	*end = '\0';
	return json_pack("{s:o}", "text", wq_json_text(arena, copy));
}

/* FlushSystemWq: SARIF wants a name that people can read and tools can sort. */
static const char *rule_name(struct wq_arena *arena, const struct wq_rule *rule)
{
	char *name = wq_arena_alloc(arena, strlen(rule->id) + 1), *end = name;
	const char *id = rule->id;

	for (; *id; id++)
		if (*id != '-')
			*end++ = id == rule->id || id[-1] == '-' ?
				 (char)toupper((unsigned char)*id) : *id;
	*end = '\0';
	return name;
}

/* As many whole sentences of @text as fit, on one line. */
static const char *description(struct wq_arena *arena, const char *text)
{
	char *copy = wq_arena_alloc(arena, strlen(text) + 1);
	size_t length = strlen(text), i;

	for (i = 0; i < length; i++)
		copy[i] = text[i] == '\n' ? ' ' : text[i];
	while (length && copy[length - 1] == ' ')
		length--;
	if (length > MAX_DESCRIPTION)
		for (length = MAX_DESCRIPTION; length > 1; length--)
			if (copy[length - 1] == '.' && copy[length] == ' ')
				break;
	copy[length] = '\0';
	return copy;
}

static json_t *help(struct wq_arena *arena, const struct wq_rule *rule)
{
	const char *silence = wq_arena_printf(arena,
		"/* wqlint: ignore %s -- REASON */", rule->id);
	const char *text = wq_arena_printf(arena,
		"%s\nWhat it does not see, and what keeps it silent:\n%s\nWrong:\n%s\nRight:\n%s\nTo silence it: %s\n",
		rule->why, rule->limits, rule->wrong, rule->right, silence);
	const char *markdown = wq_arena_printf(arena,
		"%s\n### What it does not see, and what keeps it silent\n\n%s\n### Example\n\nWrong:\n\n```c\n%s```\n\nRight:\n\n```c\n%s```\n\n### To silence it\n\n`%s`\n",
		rule->why, rule->limits, rule->wrong, rule->right, silence);

	return json_pack("{s:o, s:o}", "text", wq_json_text(arena, text),
			 "markdown", wq_json_text(arena, markdown));
}

static json_t *descriptor(struct wq_arena *arena, const struct wq_rule *rule)
{
	return json_pack("{s:s, s:s, s:{s:s}, s:{s:s}, s:o, s:{s:s},"
			 " s:{s:[s,s], s:s}}",
			 "id", rule->id,
			 "name", rule_name(arena, rule),
			 "shortDescription", "text", rule->summary,
			 "fullDescription", "text",
				description(arena, rule->why),
			 "help", help(arena, rule),
			 "defaultConfiguration", "level",
				wq_sarif_level(rule->level),
			 "properties", "tags", "linux", "workqueue",
				/* GitHub's word for the level */
				"problem.severity",
				rule->level == WQ_CHECK ? "recommendation" :
				wq_sarif_level(rule->level));
}

json_t *wq_sarif_rules(struct wq_arena *arena)
{
	const struct wq_rule *const *rule;
	json_t *list = json_array();

	for (rule = wq_rules; *rule; rule++)
		json_array_append_new(list, descriptor(arena, *rule));
	return list;
}

int wq_sarif_rule_index(const struct wq_rule *rule)
{
	int i;

	for (i = 0; wq_rules[i]; i++)
		if (wq_rules[i] == rule)
			return i;
	return -1;
}
