/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command's entry: finds the subcommand, answers what all have in
 * common, and sees that nothing printed is lost unnoticed.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const struct wq_command *const commands[] = {
	&wq_command_cc,
	&wq_command_run,
	&wq_command_audit,
	&wq_command_check,
	&wq_command_diff,
	&wq_command_baseline,
	&wq_command_fix,
	&wq_command_lsp,
	&wq_command_facts,
	&wq_command_rules,
	&wq_command_explain,
	&wq_command_kcflags,
	&wq_command_plugin,
	&wq_command_compdb,
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char *msg_origin;

void wq_msg_set_origin(const char *origin)
{
	msg_origin = origin;
}

void wq_msg(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "wqlint: %s", msg_origin ? msg_origin : "");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void wq_print_types(struct wq_arena *arena)
{
	const struct wq_rule *const *rule;
	const char **names = NULL;
	unsigned int count = 0, i;

	for (rule = wq_rules; *rule; rule++) {
		names = wq_arena_grow(arena, names, count, sizeof(*names));
		names[count++] = wq_rule_type_name(arena, *rule);
	}
	if (count)
		qsort(names, count, sizeof(*names), compare_names);
	printf("#\tMessage type\n\n");
	for (i = 0; i < count; i++)
		printf("%u\t%s\n", i + 1, names[i]);
}

static void print_usage(void)
{
	size_t i;

	printf("Usage: wqlint COMMAND [OPTION...] [ARGUMENT...]\n\n"
	       "Lints users of Linux kernel workqueues.\n\nCommands:\n");
	for (i = 0; i < NR_COMMANDS; i++)
		printf("  %-20s %s\n", commands[i]->name,
		       commands[i]->summary);
	printf("\nOptions of every command:\n");
	wq_options_print(WQ_OPTIONS_GENERAL);
	printf("\nSee wqlint COMMAND --help, and wqlint(1).\n");
}

static void print_command_usage(const struct wq_command *command)
{
	printf("Usage: wqlint %s %s\n\n%c%s.\n\nOptions:\n", command->name,
	       command->synopsis, command->summary[0] - 'a' + 'A',
	       command->summary + 1);
	wq_options_print(command->options | WQ_OPTIONS_GENERAL);
}

const struct wq_command *wq_command_find(const char *name)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

enum wq_exit wq_command_run_parsed(struct wq_options *options)
{
	if (options->version)
		printf("wqlint %s\n", WQLINT_VERSION);
	else if (options->help && options->command)
		print_command_usage(options->command);
	else if (options->help)
		print_usage();
	else if (options->list_types)
		wq_print_types(options->arena);
	else if (options->command)
		return options->command->run(options);
	else {
		wq_msg("a command is missing (see wqlint --help)");
		return WQ_EXIT_ERROR;
	}
	return WQ_EXIT_CLEAN;
}

static enum wq_exit run_arguments(struct wq_arena *arena, char **argv)
{
	struct wq_options options = { .arena = arena };
	const struct wq_command *command = NULL;

	if (*argv && **argv != '-') {
		command = wq_command_find(*argv);
		if (!command) {
			wq_msg("unknown command '%s' (see wqlint --help)",
			       *argv);
			return WQ_EXIT_ERROR;
		}
		argv++;
	}
	if (wq_options_parse(&options, command, argv))
		return WQ_EXIT_ERROR;
	return wq_command_run_parsed(&options);
}

/*
 * A file that is opened later must not become stdout or stderr because the
 * caller closed those. Writing to what is opened here fails, as it should.
 */
static void occupy_standard_files(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", O_RDONLY) < 0)
			exit(WQ_EXIT_INTERNAL);
}

/* Why standard output is not whole, or 0. */
static int output_error(void)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	/* When an earlier write failed, its cause is forgotten: ask again. */
	if (!errno) {
		clearerr(stdout);
		putchar('\n');
		fflush(stdout);
	}
	return errno ? errno : EIO;
}

/*
 * Each program of a kernel takes some memory and gives it back. Not to the
 * system: fresh pages cost more than what is done with them.
 */
static void keep_memory(void)
{
	wq_arena_keep_memory();
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

int main(int argc, char **argv)
{
	struct wq_arena *arena;
	enum wq_exit status;
	int error;

	keep_memory();
	arena = wq_arena_new();
	occupy_standard_files();
	/* A reader that went away is an output error like any other. */
	signal(SIGPIPE, SIG_IGN);
	status = run_arguments(arena, argc ? argv + 1 : argv);
	error = output_error();
	if (error && status < WQ_EXIT_ERROR) {
		wq_msg("cannot write to standard output: %s", strerror(error));
		status = WQ_EXIT_ERROR;
	}
	wq_arena_free(arena);
	return (int)status;
}
