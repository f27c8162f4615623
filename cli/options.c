/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options. Their names are checkpatch's where the meaning is the same; one
 * row here is all that a new option needs.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "baseline.h"
#include "fix.h"

enum value { NO_VALUE, WITH_VALUE, MAYBE_VALUE };

struct option {
	char letter;			/* or 0 */
	const char *name;		/* or NULL */
	enum value value;
	const char *value_name;
	unsigned int groups;
	const char *help;
	/* Returns 0, or -1 after a message. @value may be NULL if MAYBE. */
	int (*set)(struct wq_options *options, const char *value);
	size_t flag;			/* without set: where the bool is */
};

#define SET(function) .set = function
#define FLAG(member) .flag = offsetof(struct wq_options, member)

static int set_format(struct wq_options *options, const char *value)
{
	options->report = wq_report_find(value);
	if (!options->report)
		wq_msg("unknown format '%s' (see wqlint --help for those that there are)",
		       value);
	options->has_format = true;
	return options->report ? 0 : -1;
}

static int add_rules(struct wq_options *options, const char *value,
		     unsigned long long *mask)
{
	const char *unknown = wq_selection_parse(options->arena, value, mask);

	if (unknown)
		wq_msg("unknown rule '%s' (see wqlint rules)", unknown);
	return unknown ? -1 : 0;
}

/* The command line wins over .wqlint.conf, in which the same may stand. */
static int set_types(struct wq_options *options, const char *value)
{
	struct wq_selection *selection = &options->selection;
	unsigned long long rules = 0;

	if (add_rules(options, value, &rules))
		return -1;
	if (options->config_path) {
		options->configured_only = true;
	} else {
		if (options->configured_only)
			selection->only = 0;
		options->configured_only = false;
		selection->ignored &= ~(rules & options->configured_ignored);
	}
	selection->only |= rules;
	return 0;
}

static int set_ignore(struct wq_options *options, const char *value)
{
	unsigned long long rules = 0;

	if (add_rules(options, value, &rules))
		return -1;
	options->selection.ignored |= rules;
	if (options->config_path)
		options->configured_ignored |= rules;
	else
		options->configured_ignored &= ~rules;
	return 0;
}

/* In .wqlint.conf a name begins where that file is. */
static const char *configured_path(struct wq_options *options,
				   const char *path)
{
	const char *config = options->config_path;

	if (!config || path[0] == '/')
		return path;
	return wq_arena_printf(options->arena, "%.*s%s",
			       (int)(wq_path_name(config) - config), config,
			       path);
}

static int set_baseline(struct wq_options *options, const char *value)
{
	options->baseline_path = configured_path(options, value);
	if (options->baseline_use == WQ_BASELINE_WRITE)
		return 0;
	options->baseline = wq_baseline_read(options->arena,
					     options->baseline_path);
	return options->baseline ? 0 : -1;
}

static bool terminal_has_color(void)
{
	const char *terminal = getenv("TERM"), *none = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (!none || !*none) && terminal &&
	       strcmp(terminal, "dumb");
}

static int set_color(struct wq_options *options, const char *value)
{
	if (!value || !strcmp(value, "always"))
		options->print.color = true;
	else if (!strcmp(value, "never"))
		options->print.color = false;
	else if (!strcmp(value, "auto"))
		options->print.color = terminal_has_color();
	else {
		wq_msg("--color is always, never or auto, not '%s'", value);
		return -1;
	}
	return 0;
}

static int set_fail_level(struct wq_options *options, const char *value)
{
	static const char *const names[] = {
		[WQ_CHECK] = "check", [WQ_WARNING] = "warning",
		[WQ_ERROR] = "error", [WQ_FAIL_NEVER] = "never",
	};
	int i;

	for (i = WQ_CHECK; i <= WQ_FAIL_NEVER; i++)
		if (!strcmp(value, names[i])) {
			options->fail_level = i;
			options->fails_by_default = false;
			return 0;
		}
	wq_msg("--fail-level is error, warning, check or never, not '%s'",
	       value);
	return -1;
}

static int set_compiler(struct wq_options *options, const char *value)
{
	const char *const *words = wq_command_split(options->arena, value);

	if (!words || !words[0]) {
		wq_msg("--cc needs a compiler command, not '%s'", value);
		return -1;
	}
	options->compiler = value;
	return 0;
}

static int set_database(struct wq_options *options, const char *value)
{
	options->database = value;
	return 0;
}

static int set_output(struct wq_options *options, const char *value)
{
	options->output = value;
	return 0;
}

static int set_work(struct wq_options *options, const char *value)
{
	options->work = value;
	return 0;
}

static int set_root(struct wq_options *options, const char *value)
{
	char *path = realpath(configured_path(options, value), NULL);

	if (!path) {
		wq_msg("--root=%s: %s", value, strerror(errno));
		return -1;
	}
	options->root = wq_arena_copy(options->arena, path);
	free(path);
	return 0;
}

static int set_jobs(struct wq_options *options, const char *value)
{
	unsigned long jobs;
	char *end;

	errno = 0;
	jobs = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno || !jobs ||
	    jobs > 4096) {
		wq_msg("-j needs a number from 1 to 4096, not '%s'", value);
		return -1;
	}
	options->jobs = (unsigned int)jobs;
	return 0;
}

static int choose(struct wq_options *options, enum wq_fix_choice choice)
{
	if (options->choice && options->choice != (int)choice) {
		wq_msg("only one of --step0, --cancel and --own-queue");
		return -1;
	}
	options->choice = choice;
	return 0;
}

static int set_step0(struct wq_options *options, const char *value)
{
	(void)value;
	return choose(options, WQ_FIX_STEP0);
}

static int set_cancel(struct wq_options *options, const char *value)
{
	(void)value;
	return choose(options, WQ_FIX_CANCEL);
}

static int set_own_queue(struct wq_options *options, const char *value)
{
	(void)value;
	return choose(options, WQ_FIX_OWN_QUEUE);
}

static int set_fixes(struct wq_options *options, const char *value)
{
	(void)value;
	options->fixes = options->commit_message = true;
	return 0;
}

static const struct option table[] = {
	{ 0, "in-place", NO_VALUE, NULL, WQ_OPTIONS_FIX,
	  "change the files instead of printing a diff",
	  FLAG(in_place) },
	{ 0, "commit-message", NO_VALUE, NULL, WQ_OPTIONS_FIX,
	  "print a commit message before each diff",
	  FLAG(commit_message) },
	{ 0, "fixes", NO_VALUE, NULL, WQ_OPTIONS_FIX,
	  "the same with Fixes: lines, by git blame",
	  SET(set_fixes) },
	{ 0, "step0", NO_VALUE, NULL, WQ_OPTIONS_FIX,
	  "no own queue: remove the flush, or wait for items by name",
	  SET(set_step0) },
	{ 0, "cancel", NO_VALUE, NULL, WQ_OPTIONS_FIX,
	  "cancel items by name, and wait for them",
	  SET(set_cancel) },
	{ 0, "own-queue", NO_VALUE, NULL, WQ_OPTIONS_FIX,
	  "Steps 1 to 5, also where less would do",
	  SET(set_own_queue) },
	{ 'p', NULL, WITH_VALUE, "PATH", WQ_OPTIONS_RUN,
	  "compile_commands.json, or the directory it is in [.]",
	  SET(set_database) },
	{ 'p', NULL, WITH_VALUE, "PATH", WQ_OPTIONS_LSP,
	  "that compile_commands.json, or directory, for all files",
	  SET(set_database) },
	{ 'p', NULL, WITH_VALUE, "PATH", WQ_OPTIONS_AUDIT,
	  "take compile_commands.json, and neither a build nor a dry run",
	  SET(set_database) },
	{ 'p', NULL, WITH_VALUE, "PATH", WQ_OPTIONS_DIFF,
	  "compile_commands.json, or a configured kernel [top of the tree]",
	  SET(set_database) },
	{ 0, "each", NO_VALUE, NULL, WQ_OPTIONS_DIFF,
	  "say which commit or patch brings each finding",
	  FLAG(each) },
	{ 0, "prepare", NO_VALUE, NULL, WQ_OPTIONS_AUDIT | WQ_OPTIONS_COMPDB,
	  "run make prepare where it is due",
	  FLAG(prepare) },
	{ 0, "no-cache", NO_VALUE, NULL,
	  WQ_OPTIONS_CACHE | WQ_OPTIONS_COMPDB | WQ_OPTIONS_LSP,
	  "neither use nor keep what was found out before",
	  FLAG(no_cache) },
	{ 0, "all-units", NO_VALUE, NULL, WQ_OPTIONS_AUDIT,
	  "compile all units of the modules that name the API",
	  FLAG(all_units) },
	{ 'v', "verbose", NO_VALUE, NULL, WQ_OPTIONS_CACHE,
	  "say how long each step took",
	  FLAG(verbose) },
	{ 'j', NULL, WITH_VALUE, "N", WQ_OPTIONS_RUN | WQ_OPTIONS_JOBS,
	  "compile N units at a time [number of processors]",
	  SET(set_jobs) },
	{ 0, "cc", WITH_VALUE, "CMD", WQ_OPTIONS_CC,
	  "the compiler to use, such as gcc-12",
	  SET(set_compiler) },
	{ 'p', NULL, WITH_VALUE, "PATH", WQ_OPTIONS_COMPDB,
	  "compile_commands.json, or the directory it is in [.]",
	  SET(set_database) },
	{ 'o', NULL, WITH_VALUE, "FILE", WQ_OPTIONS_COMPDB,
	  "write there, which may be the file that is read [standard output]",
	  SET(set_output) },
	{ 0, "system", NO_VALUE, NULL, WQ_OPTIONS_PLUGIN,
	  "build: for all users, below " WQLINT_STATE_DIRECTORY,
	  FLAG(system) },
	{ 0, "work", WITH_VALUE, "NAME", WQ_OPTIONS_FACTS,
	  "all that is known of work item STRUCT.MEMBER or VARIABLE",
	  SET(set_work) },
	{ 0, "format", WITH_VALUE, "NAME", WQ_OPTIONS_FORMAT,
	  "text, checkpatch, gcc, json, sarif, rdjson, gitlab or html [text]",
	  SET(set_format) },
	{ 0, "types", WITH_VALUE, "A,B", WQ_OPTIONS_SELECT,
	  "report only these rules",
	  SET(set_types) },
	{ 0, "ignore", WITH_VALUE, "A,B", WQ_OPTIONS_SELECT,
	  "do not report these rules",
	  SET(set_ignore) },
	{ 0, "strict", NO_VALUE, NULL, WQ_OPTIONS_SELECT,
	  "report findings of level CHECK, too",
	  FLAG(selection.strict) },
	{ 0, "no-werror", NO_VALUE, NULL, WQ_OPTIONS_KCFLAGS,
	  "findings stay warnings under -Werror",
	  FLAG(no_werror) },
	{ 0, "fail-level", WITH_VALUE, "LEVEL", WQ_OPTIONS_REPORT,
	  "least level for exit status 1: error, warning, check or never "
	  "[warning]",
	  SET(set_fail_level) },
	{ 0, "baseline", WITH_VALUE, "FILE",
	  WQ_OPTIONS_REPORT | WQ_OPTIONS_LSP,
	  "do not show the findings that are in FILE",
	  SET(set_baseline) },
	{ 0, "no-config", NO_VALUE, NULL, WQ_OPTIONS_SELECT | WQ_OPTIONS_REPORT,
	  "do not read .wqlint.conf",
	  FLAG(no_config) },
	{ 0, "root", WITH_VALUE, "DIR", WQ_OPTIONS_REPORT | WQ_OPTIONS_LSP,
	  "name files as seen from DIR [top of the source tree]",
	  SET(set_root) },
	{ 0, "terse", NO_VALUE, NULL, WQ_OPTIONS_REPORT,
	  "one line per finding",
	  FLAG(print.terse) },
	{ 0, "emacs", NO_VALUE, NULL, WQ_OPTIONS_REPORT,
	  "begin with file:line, also in checkpatch's format",
	  FLAG(print.emacs) },
	{ 0, "showfile", NO_VALUE, NULL, WQ_OPTIONS_REPORT,
	  "the same",
	  FLAG(print.emacs) },
	{ 0, "show-types", NO_VALUE, NULL, WQ_OPTIONS_REPORT,
	  "show rules in checkpatch's form",
	  FLAG(print.show_types) },
	{ 0, "no-summary", NO_VALUE, NULL, WQ_OPTIONS_REPORT,
	  "no last line with counts",
	  FLAG(no_summary) },
	{ 'q', "quiet", NO_VALUE, NULL, WQ_OPTIONS_REPORT,
	  "the same",
	  FLAG(no_summary) },
	{ 0, "color", MAYBE_VALUE, "WHEN", WQ_OPTIONS_REPORT,
	  "always, never or auto [auto]",
	  SET(set_color) },
	{ 0, "markdown", NO_VALUE, NULL, WQ_OPTIONS_EXPLAIN,
	  "all rules as Markdown",
	  FLAG(markdown) },
	{ 0, "raw", NO_VALUE, NULL, WQ_OPTIONS_FACTS,
	  "in the form in which facts are kept",
	  FLAG(raw) },
	{ 0, "list-types", NO_VALUE, NULL, WQ_OPTIONS_GENERAL,
	  "list the rules in checkpatch's form",
	  FLAG(list_types) },
	{ 'h', "help", NO_VALUE, NULL, WQ_OPTIONS_GENERAL,
	  "show this help",
	  FLAG(help) },
	{ 0, "version", NO_VALUE, NULL, WQ_OPTIONS_GENERAL,
	  "show the version",
	  FLAG(version) },
};

#define NR_OPTIONS (sizeof(table) / sizeof(table[0]))

void wq_options_print(unsigned int groups)
{
	size_t i;

	for (i = 0; i < NR_OPTIONS; i++) {
		const struct option *option = &table[i];
		char text[64];
		int used = 0;

		if (!(option->groups & groups))
			continue;
		if (option->letter)
			used = snprintf(text, sizeof(text), "-%c%s",
					option->letter,
					option->name ? ", " : "");
		if (option->name)
			used += snprintf(text + used,
					 sizeof(text) - (size_t)used, "--%s",
					 option->name);
		if (option->value != NO_VALUE)
			snprintf(text + used, sizeof(text) - (size_t)used,
				 option->value == MAYBE_VALUE ? "[=%s]" :
				 option->name ? "=%s" : " %s",
				 option->value_name);
		printf("  %-20s %s\n", text, option->help);
	}
}

/*
 * Find the option that @argument is, and where its value begins in it (NULL:
 * not in it).
 */
static const struct option *find_option(const char *argument,
					unsigned int groups,
					const char **value)
{
	size_t i;

	for (i = 0; i < NR_OPTIONS; i++) {
		const struct option *option = &table[i];
		size_t length = option->name ? strlen(option->name) : 0;

		if (!(option->groups & groups))
			continue;
		*value = NULL;
		if (length && !strncmp(argument, "--", 2) &&
		    !strncmp(argument + 2, option->name, length)) {
			if (!argument[2 + length])
				return option;
			*value = argument + 2 + length + 1;
			if (argument[2 + length] == '=')
				return option;
		}
		*value = NULL;
		if (option->letter && argument[0] == '-' &&
		    argument[1] == option->letter) {
			if (!argument[2])
				return option;
			*value = argument + 2;
			if (option->value != NO_VALUE)
				return option;
		}
	}
	return NULL;
}

/* Apply @option. @argv is moved when the value is the next argument. */
static int apply(struct wq_options *options, const struct option *option,
		 const char *value, char ***argv)
{
	const char *argument = **argv;

	if (option->value == NO_VALUE && value) {
		wq_msg("--%s takes no value", option->name);
		return -1;
	}
	if (option->value == WITH_VALUE && !value) {
		value = *++*argv;
		if (!value) {
			--*argv;
			wq_msg("%s needs a value", argument);
			return -1;
		}
	}
	if (option->set)
		return option->set(options, value);
	*(bool *)((char *)options + option->flag) = true;
	return 0;
}

static bool has_dashes(char **argv)
{
	for (; *argv; argv++)
		if (!strcmp(*argv, "--"))
			return true;
	return false;
}

static int refuse(const struct wq_options *options, const char *argument)
{
	const char *name = options->command ? options->command->name : NULL;

	wq_msg("unknown option '%s' (see wqlint %s%s--help)", argument,
	       name ? name : "", name ? " " : "");
	return -1;
}

static void set_defaults(struct wq_options *options)
{
	options->report = &wq_report_text;
	options->print.color = terminal_has_color();
	options->fail_level = WQ_WARNING;
	options->fails_by_default = true;
}

/* "--no-strict" and its like: off, where .wqlint.conf has it on. */
static bool take_negated(struct wq_options *options, const char *argument,
			 unsigned int groups)
{
	const struct option *option;
	const char *value;

	if (strncmp(argument, "--no-", 5))
		return false;
	option = find_option(wq_arena_printf(options->arena, "--%s",
					     argument + 5), groups, &value);
	if (!option || option->set || value ||
	    !(option->groups & (WQ_OPTIONS_SELECT | WQ_OPTIONS_REPORT)))
		return false;
	*(bool *)((char *)options + option->flag) = false;
	return true;
}

/* What .wqlint.conf may have: nothing that names a program to run. */
#define CONFIGURED	(WQ_OPTIONS_SELECT | WQ_OPTIONS_REPORT | \
			 WQ_OPTIONS_FORMAT)

/*
 * Apply the words of @config. One file is for all commands: an option that
 * @groups do not have is left out.
 */
static int apply_config(struct wq_options *options,
			const struct wq_config *config, unsigned int groups)
{
	char **word;

	for (word = config->words; *word; word++) {
		unsigned int line = config->lines[word - config->words];
		const char *value;
		const struct option *option = find_option(*word, CONFIGURED,
							  &value);

		wq_msg_set_origin(wq_arena_printf(options->arena, "%s:%u: ",
						  config->path, line));
		if (!option) {
			wq_msg("'%s' is no option that can be here", *word);
			return -1;
		}
		if (!(option->groups & groups)) {
			if (option->value == WITH_VALUE && !value && word[1])
				word++;
		} else if (apply(options, option, value, &word)) {
			return -1;
		}
	}
	return 0;
}

static bool says_no_config(char **argv)
{
	for (; *argv && strcmp(*argv, "--"); argv++)
		if (!strcmp(*argv, "--no-config"))
			return true;
	return false;
}

static int read_config(struct wq_options *options, unsigned int groups,
		       char **argv)
{
	struct wq_config config;
	int err;

	if (!(groups & CONFIGURED & ~WQ_OPTIONS_FORMAT) ||
	    says_no_config(argv))
		return 0;
	options->config_path = wq_config_find(options->arena);
	if (!options->config_path)
		return 0;
	err = wq_config_read(options->arena, options->config_path, &config);
	if (!err)
		err = apply_config(options, &config, groups);
	wq_msg_set_origin(NULL);
	options->config_path = NULL;
	return err;
}

int wq_options_parse(struct wq_options *options,
		     const struct wq_command *command, char **argv)
{
	unsigned int groups = WQ_OPTIONS_GENERAL |
			      (command ? command->options : 0);
	/* Before a "--" everything is ours. */
	bool ends_in_command = command && command->ends_in_command &&
			       !has_dashes(argv);
	const struct option *option;
	char **args = argv;
	const char *value;

	options->command = command;
	set_defaults(options);
	options->args = args;
	if (read_config(options, groups, argv))
		return -1;
	for (; *argv; argv++) {
		if (!strcmp(*argv, "--")) {
			options->after_dashes = true;
			argv++;
			break;
		}
		option = find_option(*argv, groups, &value);
		if (option) {
			if (apply(options, option, value, &argv))
				return -1;
		} else if (take_negated(options, *argv, groups)) {
			continue;
		} else if (ends_in_command) {
			break;
		} else if (**argv == '-' && (*argv)[1]) {
			return refuse(options, *argv);
		} else if (command && command->ends_in_command) {
			wq_msg("'%s' before --: only options of wqlint are "
			       "there", *argv);
			return -1;
		} else {
			*args++ = *argv;
		}
	}
	while (*argv)
		*args++ = *argv++;
	*args = NULL;
	options->nr_args = (unsigned int)(args - options->args);
	options->print.summary = !options->no_summary;
	return 0;
}
