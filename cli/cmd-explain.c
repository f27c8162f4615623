/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint explain: all that there is to say about a rule. doc/rules.md is
 * what --markdown prints.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"

#define WIDTH 76

/* Print the lines of @text, each after @indent. */
static void print_indented(const char *text, const char *indent)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		printf("%s%.*s\n", length ? indent : "", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static void print_wrapped(const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t length = strcspn(text, " \n");

		if (column && column + 1 + length > WIDTH) {
			putchar('\n');
			column = 0;
		}
		if (length)
			column += (size_t)printf("%s%.*s", column ? " " : "  ",
						 (int)length, text);
		text += length;
		/* An empty line, or a line of its own such as a list's. */
		if (*text == '\n' && (text[1] == '\n' || text[1] == ' ' ||
				      text[1] == '-')) {
			putchar('\n');
			column = 0;
			if (text[1] == '\n')
				putchar('\n');
		}
		text += *text != '\0';
	}
	if (column)
		putchar('\n');
}

static void print_text(struct wq_arena *arena, const struct wq_rule *rule)
{
	printf("%s: %s\n", rule->id, rule->summary);
	printf("Level %s, checkpatch's form %s\n", wq_level_name(rule->level),
	       wq_rule_type_name(arena, rule));
	printf("\nWhy it matters:\n");
	print_wrapped(rule->why);
	printf("\nWhat it does not see, and what keeps it silent:\n");
	print_wrapped(rule->limits);
	printf("\nWrong:\n");
	print_indented(rule->wrong, "    ");
	printf("\nRight:\n");
	print_indented(rule->right, "    ");
	printf("\nTo silence it: --ignore=%s, or in a build\n"
	       "    -fplugin-arg-wqlint-ignore=%s\n", rule->id, rule->id);
	if (rule->check)
		printf("One finding: on its line or alone on the line above,\n"
		       "    /* wqlint: ignore %s -- REASON */\n", rule->id);
}

static void print_block(const char *title, const char *code)
{
	printf("\n%s:\n\n```c\n", title);
	print_indented(code, "");
	printf("```\n");
}

static void print_rule_markdown(struct wq_arena *arena,
				const struct wq_rule *rule)
{
	printf("\n## %s\n\n", rule->id);
	printf("Level %s, in checkpatch's form `%s`: %s.\n",
	       wq_level_name(rule->level), wq_rule_type_name(arena, rule),
	       rule->summary);
	printf("\n### Why it matters\n\n");
	print_indented(rule->why, "");
	printf("\n### What it does not see, and what keeps it silent\n\n");
	print_indented(rule->limits, "");
	printf("\n### Example\n");
	print_block("Wrong", rule->wrong);
	print_block("Right", rule->right);
	printf("\n### To silence it\n\n"
	       "`--ignore=%s` for the command,\n"
	       "`-fplugin-arg-wqlint-ignore=%s` for the plugin.\n",
	       rule->id, rule->id);
	if (rule->check)
		printf("One finding: `/* wqlint: ignore %s -- REASON */` on its "
		       "line, or alone\non the line above.\n", rule->id);
}

static void print_markdown(struct wq_arena *arena)
{
	const struct wq_rule *const *rule;

	printf("<!-- The output of `wqlint explain --markdown`: the text is in "
	       "libwqlint/rule-*.c. -->\n"
	       "# The rules of wqlint\n\n"
	       "| rule | level | it |\n| --- | --- | --- |\n");
	for (rule = wq_rules; *rule; rule++)
		printf("| [%s](#%s) | %s | %s |\n", (*rule)->id, (*rule)->id,
		       wq_level_name((*rule)->level), (*rule)->summary);
	printf("\nCHECK findings are shown with `--strict` only.\n");
	for (rule = wq_rules; *rule; rule++)
		print_rule_markdown(arena, *rule);
}

static enum wq_exit run(struct wq_options *options)
{
	const struct wq_rule *rule;
	unsigned int i;

	if (options->markdown && !options->nr_args) {
		print_markdown(options->arena);
		return WQ_EXIT_CLEAN;
	}
	if (!options->nr_args) {
		wq_msg("explain: a rule is missing (see wqlint rules)");
		return WQ_EXIT_ERROR;
	}
	for (i = 0; i < options->nr_args; i++) {
		const char *name = options->args[i];

		rule = wq_rule_find(name, strlen(name));
		if (!rule) {
			wq_msg("unknown rule '%s' (see wqlint rules)", name);
			return WQ_EXIT_ERROR;
		}
		if (i)
			putchar('\n');
		if (options->markdown)
			print_rule_markdown(options->arena, rule);
		else
			print_text(options->arena, rule);
	}
	return WQ_EXIT_CLEAN;
}

const struct wq_command wq_command_explain = {
	.name = "explain",
	.synopsis = "RULE... | --markdown",
	.summary = "say all about a rule: why, limits, wrong and right",
	.options = WQ_OPTIONS_EXPLAIN,
	.run = run,
};
