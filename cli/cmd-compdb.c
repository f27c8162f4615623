/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint compdb: a compile database that clangd and its like can read. What a
 * build with GCC plugins leaves in it makes clang load them, which fails, so
 * that no file has any diagnostics but that one. All else of an entry stays
 * as it is, the form of its command included. For a kernel that has no
 * database, one is made.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache.h"
#include "children.h"
#include "kernel.h"
#include "replace.h"

static bool is_plugin_flag(const char *word)
{
	return !strncmp(word, "-fplugin=", strlen("-fplugin=")) ||
	       !strncmp(word, "-fplugin-arg-", strlen("-fplugin-arg-"));
}

/* @command without plugins, or NULL when a quote in it is not closed. */
static const char *clean_text(struct wq_arena *arena, const char *command)
{
	char *clean = wq_arena_alloc(arena, strlen(command) + 1);
	char *word = wq_arena_alloc(arena, strlen(command) + 1);
	char *end = clean;

	for (;;) {
		size_t blanks = strspn(command, " \t\n\r\f\v");
		const char *rest;
		char *into = word;

		if (!command[blanks])
			return clean;
		rest = wq_command_copy_word(command + blanks, &into);
		if (!rest)
			return NULL;
		if (!is_plugin_flag(word)) {
			memcpy(end, command, (size_t)(rest - command));
			end += rest - command;
		}
		command = rest;
	}
}

static int clean_arguments(json_t *list)
{
	size_t i = 0;

	if (!json_is_array(list))
		return -1;
	while (i < json_array_size(list)) {
		const char *word = json_string_value(json_array_get(list, i));

		if (!word)
			return -1;
		if (is_plugin_flag(word))
			json_array_remove(list, i);
		else
			i++;
	}
	return 0;
}

/* Returns NULL, or what is wrong with @entry. */
static const char *clean_entry(struct wq_arena *arena, json_t *entry)
{
	json_t *arguments = json_object_get(entry, "arguments");
	const char *command = json_string_value(json_object_get(entry,
								"command"));
	const char *clean;

	if (!json_is_object(entry))
		return "is no object";
	if (arguments && clean_arguments(arguments))
		return "\"arguments\" is no list of strings";
	if (!command)
		return arguments ? NULL : "has no command";
	clean = clean_text(arena, command);
	if (!clean)
		return "\"command\" has a quote that is not closed";
	json_object_set_new(entry, "command", json_string(clean));
	return NULL;
}

/* Returns the cleaned list, or NULL after a message. */
static json_t *read_database(struct wq_options *options, const char *path)
{
	json_error_t error;
	json_t *list = json_load_file(path, 0, &error), *entry;
	const char *cause;
	size_t i;

	if (!list) {
		if (access(path, R_OK))
			wq_msg("%s: %s", path, strerror(errno));
		else
			wq_msg("%s: line %d: is no valid JSON: %s", path,
			       error.line > 0 ? error.line : 1, error.text);
		return NULL;
	}
	if (!json_is_array(list)) {
		wq_msg("%s: is no list of compile commands", path);
		json_decref(list);
		return NULL;
	}
	json_array_foreach(list, i, entry) {
		cause = clean_entry(options->arena, entry);
		if (!cause)
			continue;
		wq_msg("%s: entry %zu: %s", path, i + 1, cause);
		json_decref(list);
		return NULL;
	}
	return list;
}

/* What is to be written: either a list that was read, or commands. */
struct result {
	struct wq_arena *arena;
	json_t *list;
	struct wq_compdb database;
};

/*
 * How flags begin that kernels give to GCC and that clang takes for an error,
 * of no meaning to who only reads the source. Not all machines' are here.
 */
static const char *const flags_of_gcc[] = {
	"-Wp,-M", "-fasan-shadow-offset=", "-fconserve-stack",
	"-fdiagnostics-show-context", "-femit-struct-debug-baseonly",
	"-flive-patching", "-fmin-function-alignment=",
	"-fno-allow-store-data-races", "-fno-code-hoisting", "-fno-ipa-",
	"-fno-partial-inlining", "-fno-tree-", "-fno-var-tracking",
	"-fplugin", "-fsanitize=bounds-strict", "-fstrict-flex-arrays",
	"-ftrivial-auto-var-init=",
	"-fzero-call-used-regs=", "-mabi=lp64", "-maccumulate-outgoing-args",
	"-mapcs", "-mcall-aixdesc", "-mfunction-return=", "-mhotpatch",
	"-mindirect-branch", "-mlow-precision-", "-mmanual-endbr",
	"-mno-pic-data-is-text-relative", "-mno-pointers-to-nested-functions",
	"-mno-readonly-in-sdata", "-mno-sched-prolog", "-mno-thumb-interwork",
	"-mnop-mcount", "-mpreferred-stack-boundary=", "-mprofile-kernel",
	"-mrecord-mcount", "-mspeculate-indirect-jumps",
	"-mstack-protector-guard-symbol=", "-mtraceback=", "-mwarn-", NULL
};

/* With -Werror, clang's opinion of the other flags would be an error. */
static bool is_for_clang(const char *flag)
{
	const char *const *other;

	for (other = flags_of_gcc; *other; other++)
		if (!strncmp(flag, *other, strlen(*other)))
			return false;
	return strcmp(flag, "-Werror");
}

/* One command of a kernel. Owned by the caller; NULL: it is no UTF-8. */
static json_t *entry_of(struct wq_arena *arena,
			const struct wq_compile *compile)
{
	json_t *arguments = json_array();
	const char *const *arg;

	for (arg = compile->argv; *arg; arg++)
		if (is_for_clang(*arg) &&
		    json_array_append_new(arguments, json_string(*arg)))
			break;
	if (*arg) {
		json_decref(arguments);
		return NULL;
	}
	return json_pack("{ss ss so}", "directory", compile->directory, "file",
			 wq_path_absolute(arena, compile->directory,
					  compile->source),
			 "arguments", arguments);
}

/* There are 20,000 of them: one at a time, and each on a line. */
static int dump_commands(struct wq_arena *arena,
			 const struct wq_compdb *database, FILE *stream)
{
	const char *before = "[\n";
	unsigned int i;
	json_t *entry;
	int err = 0;

	for (i = 0; i < database->count && !err; i++) {
		entry = entry_of(arena, &database->compiles[i]);
		if (!entry) {
			errno = EILSEQ;
			return -1;
		}
		fputs(before, stream);
		before = ",\n";
		err = json_dumpf(entry, stream, JSON_PRESERVE_ORDER);
		json_decref(entry);
	}
	fputs("\n]", stream);
	return err;
}

/* Returns 0 or a negative errno. */
static int write_stream(const struct result *result, FILE *stream)
{
	int err;

	errno = 0;
	err = result->list ? json_dumpf(result->list, stream, JSON_INDENT(2) |
					JSON_PRESERVE_ORDER)
			   : dump_commands(result->arena, &result->database,
					   stream);
	if (err || putc('\n', stream) == EOF || fflush(stream))
		return errno ? -errno : -EIO;
	return 0;
}

/* A file beside @path takes its place when it is whole: 0 or -errno. */
static int write_file(const struct result *result, const char *path)
{
	struct wq_replacement file;
	int err = wq_replace_begin(&file, result->arena, path, 0);

	return err ? err : wq_replace_end(&file, write_stream(result,
							      file.out));
}

static enum wq_exit write_result(const struct result *result,
				 const char *output)
{
	/* A symbolic link stays one. */
	int err = output ? write_file(result, wq_path_resolve(result->arena,
							      output))
			 : write_stream(result, stdout);

	if (!err)
		return WQ_EXIT_CLEAN;
	wq_msg("cannot write %s: %s", output ? output : "to standard output",
	       strerror(-err));
	return WQ_EXIT_ERROR;
}

static bool is_directory(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

/* Clean the database that there is. */
static enum wq_exit run_file(struct wq_options *options)
{
	const char *path = options->database ? options->database : ".";
	struct result result = { .arena = options->arena };
	enum wq_exit status;

	if (is_directory(path))
		path = wq_arena_printf(options->arena,
				       "%s/compile_commands.json", path);
	result.list = read_database(options, path);
	if (!result.list)
		return WQ_EXIT_ERROR;
	status = write_result(&result, options->output);
	json_decref(result.list);
	return status;
}

/* The kernel in the first argument, which has directories of the others. */
static int open_kernel(struct wq_options *options, struct wq_kernel *tree)
{
	char **names = options->args + 1;

	if (wq_kernel_open(options->arena, options->args[0], options->prepare,
			   tree))
		return -1;
	while (*names && is_directory(wq_path_absolute(options->arena,
						       tree->source, *names)))
		names++;
	if (*names)
		wq_msg("%s: is no directory of the kernel", *names);
	return *names ? -1 : 0;
}

/* Make one of the kernel in the first argument, or of parts of it. */
static enum wq_exit run_kernel(struct wq_options *options)
{
	struct result result = { .arena = options->arena };
	enum wq_exit status = WQ_EXIT_ERROR;
	struct wq_cache *cache = NULL;
	struct wq_kernel tree;
	bool cached;

	wq_signals_hold();
	if (!open_kernel(options, &tree))
		cache = wq_cache_open(options->arena, !options->no_cache);
	if (cache &&
	    !wq_kernel_commands(options->arena, &tree,
				wq_kernel_directories(options->arena, &tree,
						      options->args + 1),
				wq_default_jobs(), cache,
				wq_file_digests_new(options->arena),
				&result.database, &cached))
		status = write_result(&result, options->output);
	wq_cache_close(cache);
	wq_signals_release();
	return status;
}

static enum wq_exit run(struct wq_options *options)
{
	if (!options->nr_args)
		return run_file(options);
	if (!options->database)
		return run_kernel(options);
	wq_msg("compdb takes -p %s or a kernel, not both", options->database);
	return WQ_EXIT_ERROR;
}

const struct wq_command wq_command_compdb = {
	.name = "compdb",
	.synopsis = "[-p PATH | KBUILD_DIR [SUBDIR...]] [-o FILE]",
	.summary = "write a compile database without GCC plugins, for clangd",
	.options = WQ_OPTIONS_COMPDB,
	.run = run,
};
