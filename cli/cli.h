/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command. A subcommand is one file cmd-<name>.c that exports one
 * const struct wq_command, and one row in wqlint.c.
 */
#ifndef WQ_CLI_H
#define WQ_CLI_H

#include <stdbool.h>
#include <sys/types.h>

#include "arena.h"
#include "report.h"
#include "rule.h"

enum wq_exit {
	WQ_EXIT_CLEAN,
	WQ_EXIT_FINDINGS,	/* at or above --fail-level */
	WQ_EXIT_ERROR,		/* usage, input, or a unit not linted */
	WQ_EXIT_INTERNAL,
};

/* Groups of options; a command accepts some. See options.c. */
#define WQ_OPTIONS_SELECT	0x01	/* which rules */
#define WQ_OPTIONS_REPORT	0x02	/* how findings are shown and judged */
#define WQ_OPTIONS_FORMAT	0x04
#define WQ_OPTIONS_CC		0x08
#define WQ_OPTIONS_RUN		0x10
#define WQ_OPTIONS_KCFLAGS	0x20
#define WQ_OPTIONS_EXPLAIN	0x40
#define WQ_OPTIONS_FACTS	0x80
#define WQ_OPTIONS_GENERAL	0x100	/* every command accepts these */
#define WQ_OPTIONS_COMPDB	0x200
#define WQ_OPTIONS_PLUGIN	0x400
#define WQ_OPTIONS_AUDIT	0x800
#define WQ_OPTIONS_JOBS		0x1000
#define WQ_OPTIONS_FIX		0x2000
#define WQ_OPTIONS_LSP		0x4000
#define WQ_OPTIONS_DIFF		0x8000
#define WQ_OPTIONS_CACHE	0x10000

/* The value of --fail-level=never; the others are enum wq_level. */
#define WQ_FAIL_NEVER (WQ_ERROR + 1)

struct wq_command;
struct wq_baseline;

/* What is done with the baseline. */
enum wq_baseline_use { WQ_BASELINE_SILENCE, WQ_BASELINE_WRITE, WQ_BASELINE_CHECK };

/* The command line. Strings live as long as @arena or the process. */
struct wq_options {
	struct wq_arena *arena;
	const struct wq_command *command;
	const struct wq_report *report;
	struct wq_report_options print;
	struct wq_selection selection;
	int fail_level;
	bool help, version, list_types, no_summary, no_config;
	bool no_werror, markdown, raw;
	bool prepare, no_cache, all_units, verbose;	/* audit */
	bool fails_by_default;		/* no --fail-level was given */
	bool system;			/* plugin: for all users */
	const char *output;		/* -o, or NULL */
	const char *compiler;		/* --cc, or NULL */
	const char *database;		/* -p, or NULL */
	bool has_format;		/* --format was given */
	bool each;			/* diff: by commit or patch */
	const char *work;		/* --work, or NULL */
	const char *root;		/* --root, absolute, or NULL */
	enum wq_baseline_use baseline_use;
	const char *baseline_path;	/* --baseline, or NULL */
	struct wq_baseline *baseline;	/* what is in it, or NULL */
	const char *config_path;	/* being parsed, or NULL */
	unsigned long long configured_ignored;	/* by .wqlint.conf alone */
	bool configured_only;		/* selection.only is .wqlint.conf's */
	int choice;			/* enum wq_fix_choice */
	bool in_place, commit_message;
	bool fixes;			/* lines in commit messages */
	unsigned int jobs;		/* -j, or 0 */
	bool after_dashes;		/* args stood after "--" */
	char **args;			/* what is no option, ended by NULL */
	unsigned int nr_args;
};

struct wq_command {
	const char *name;
	const char *synopsis;		/* what follows "wqlint <name>" */
	const char *summary;		/* one line, no full stop */
	unsigned int options;		/* groups that it accepts */
	/*
	 * The first argument that is none of our options begins another
	 * program's command line.
	 */
	bool ends_in_command;
	enum wq_exit (*run)(struct wq_options *options);
};

extern const struct wq_command wq_command_cc;
extern const struct wq_command wq_command_run;
extern const struct wq_command wq_command_audit;
extern const struct wq_command wq_command_check;
extern const struct wq_command wq_command_diff;
extern const struct wq_command wq_command_facts;
extern const struct wq_command wq_command_fix;
extern const struct wq_command wq_command_lsp;
extern const struct wq_command wq_command_rules;
extern const struct wq_command wq_command_explain;
extern const struct wq_command wq_command_kcflags;
extern const struct wq_command wq_command_baseline;

/* The command called @name, or NULL. */
const struct wq_command *wq_command_find(const char *name);

/* Do what parsed @options say. */
enum wq_exit wq_command_run_parsed(struct wq_options *options);
extern const struct wq_command wq_command_plugin;
extern const struct wq_command wq_command_compdb;

/* One line on stderr, with "wqlint: " before it. */
void wq_msg(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What wq_msg() prints after that, such as a place in a file; NULL: nothing. */
void wq_msg_set_origin(const char *origin);

/* checkpatch's list of types, for --list-types. */
void wq_print_types(struct wq_arena *arena);

/* options.c */

/*
 * Parse @argv, ended by NULL, for @command into @options, which has arena
 * set and is zero otherwise. Returns 0, or -1 after a message.
 */
int wq_options_parse(struct wq_options *options,
		     const struct wq_command *command, char **argv);

/* Print the options that are in one of @groups. */
void wq_options_print(unsigned int groups);

/* paths.c: names of files, all by text alone unless said otherwise. */

/* @path below @directory (absolute) without "." and "..": absolute. */
const char *wq_path_absolute(struct wq_arena *arena, const char *directory,
			     const char *path);

/* @path, absolute, as seen from @base; itself when it is not below. */
const char *wq_path_below(const char *base, const char *path);

/* The deepest directory that contains @a and @b, both absolute. */
const char *wq_path_common(struct wq_arena *arena, const char *a,
			   const char *b);

/* The text after the last slash. */
const char *wq_path_name(const char *path);

/* Symlinks resolved by asking the system; @path itself when that fails. */
const char *wq_path_resolve(struct wq_arena *arena, const char *path);

/* Does @path end in .c? */
bool wq_path_is_c_source(const char *path);

/* Where to make temporary files: $TMPDIR, else /tmp. */
const char *wq_path_temporary(void);

/* config.c */

struct wq_config {
	const char *path;
	char **words;			/* ended by NULL */
	unsigned int *lines;		/* of each */
	unsigned int count;
};

/* The .wqlint.conf for the working directory, or NULL. */
const char *wq_config_find(struct wq_arena *arena);

/* Split the file at @path into words. Returns 0, or -1 after a message. */
int wq_config_read(struct wq_arena *arena, const char *path,
		   struct wq_config *config);

/* tree.c */

/*
 * @directory (absolute) or the nearest one above it that is the top of a
 * source tree, a checkout's or a kernel's; NULL when none is.
 */
const char *wq_tree_top(struct wq_arena *arena, const char *directory);

/* The name of source @number, absolute. */
typedef const char *(*wq_tree_file_fn)(struct wq_arena *arena,
				       const void *context,
				       unsigned int number);

/*
 * Where names of files are seen from: --root, else the top of the tree that
 * the first of @count sources is in that is in any, else @base.
 */
const char *wq_tree_base(struct wq_options *options, const char *base,
			 wq_tree_file_fn file_of, const void *context,
			 unsigned int count);

/* flags.c: compile commands, and what linting makes of them. */

struct wq_compile {
	const char *directory;		/* in which it runs: absolute */
	const char *source;		/* as the command names it */
	const char *const *argv;	/* ended by NULL; compiler first */
};

/* Words of a command on its way; zero but for the arena is none. */
struct wq_words {
	struct wq_arena *arena;
	const char **list;
	unsigned int count;
};

void wq_words_add(struct wq_words *words, const char *word);

/* All of them, ended by NULL. */
const char *const *wq_words_end(struct wq_words *words);

/* What @compiler ("ccache gcc-12", quotes as in a shell) and @args make. */
const char *const *wq_command_join(struct wq_arena *arena,
				   const char *compiler,
				   const char *const *args);

/*
 * Split @text into words as a shell does, without expansions. Returns NULL
 * when a quote is not closed. Ended by NULL.
 */
const char *const *wq_command_split(struct wq_arena *arena, const char *text);

/*
 * Copy the word at @text, unquoted, to *@into, which is moved behind it.
 * Returns what follows the word, or NULL when a quote is not closed.
 */
const char *wq_command_copy_word(const char *text, char **into);

/* @argv from its compiler on: without ccache and its like. */
const char *const *wq_command_compiler(const char *const *argv);

/*
 * The C sources in @argv, a command with its compiler; ended by NULL.
 * "-" is one.
 */
const char *const *wq_command_sources(struct wq_arena *arena,
				      const char *const *argv);

/* @args, a command without compiler, less what only sparse understands. */
const char *const *wq_command_without_sparse(struct wq_arena *arena,
					     const char *const *args);

/*
 * What lint runs keep of @argv, which begins with the compiler: its flags
 * but those that write files, and of its inputs only @source.
 */
const char *const *wq_command_for_lint(struct wq_arena *arena,
				       const char *const *argv,
				       const char *source);

/*
 * The command that lints the source of @compile and writes only the facts
 * file in @facts_directory, and with @dependencies WQ_DEPENDENCIES there.
 */
const char *const *wq_command_lint(struct wq_arena *arena,
				   const struct wq_compile *compile,
				   const char *plugin,
				   const char *facts_directory,
				   bool dependencies);

/* The value that -D gives to @macro in @argv, without quotes, or NULL. */
const char *wq_command_macro(struct wq_arena *arena, const char *const *argv,
			     const char *macro);

/* The value of the last -o in @argv, or NULL. */
const char *wq_command_output(const char *const *argv);

/*
 * The modules that the objects of @compile are part of, by its flags: what
 * wq_unit_module() would say of its unit.
 */
const char *wq_command_modules(struct wq_arena *arena,
			       const struct wq_compile *compile);

/* compdb.c */

struct json_t;

struct wq_compdb {
	const char *path;
	struct wq_compile *compiles;	/* of C sources */
	unsigned int count;
	unsigned int nr_entries;	/* of any language */
};

/*
 * Read the compile database at @path, a file or a directory that holds
 * compile_commands.json. Returns 0, or -1 after a message.
 */
int wq_compdb_read(struct wq_arena *arena, const char *path,
		   struct wq_compdb *database);

/*
 * Read the entries @list, of which the directories are absolute, into
 * @database, whose path is set. Returns 0, or -1 after a message.
 */
int wq_compdb_parse(struct wq_arena *arena, struct json_t *list,
		    struct wq_compdb *database);

/* spawn.c */

struct wq_spawn {
	const char *const *argv;
	const char *directory;		/* to run in, or NULL */
	const char *temporary;		/* its TMPDIR, or NULL */
	bool keep_stdin;		/* else it is @input */
	const char *input;		/* NULL: /dev/null */
	int socket;			/* for who is served, or 0 */
	bool in_english;		/* for who reads what it says */
	int output;			/* descriptor for stdout and stderr */
	int errors;			/* another for stderr, or 0 */
};

/*
 * Start a process, in a process group of its own and with the signals that
 * this one may have blocked unblocked. Returns its id or a negative errno.
 */
pid_t wq_spawn(const struct wq_spawn *spawn);

/* A file without a name for a wq_spawn's output, or a negative errno. */
int wq_spawn_output(void);

/* What was written to @output, as text in @arena, and close it. */
const char *wq_spawn_text(struct wq_arena *arena, int output);

/* compiler.c */

/* A GCC, by what it says of itself. */
struct wq_compiler {
	const char *program;
	const char *machine;		/* "aarch64-linux-gnu" */
	const char *version;		/* "12.2.0" */
	const char *id;			/* "MACHINE/VERSION-HASH" */
	const char *identity;		/* the lines that the hash is of */
};

/*
 * Fill @compiler by asking @program, in @directory (NULL: here). Returns
 * NULL, or why that cannot be.
 */
const char *wq_compiler_identify(struct wq_arena *arena, const char *program,
				 const char *directory,
				 struct wq_compiler *compiler);

/*
 * Run @spawn to its end; its output is *@text. Returns its wait status, or a
 * negative errno.
 */
int wq_spawn_wait(struct wq_arena *arena, struct wq_spawn *spawn,
		  const char **text);

/* plugin.c */

/* The default compiler command: $WQLINT_CC, else the one of configure. */
const char *wq_plugin_compiler(void);

/* The same for a command without compiler, that of Kbuild's CHECK=. */
const char *wq_plugin_kbuild_compiler(void);

/*
 * Load @plugin into @compiler, a program, with @args (ended by NULL) for the
 * plugin, in @directory (NULL: here). Returns NULL when that works, else why
 * it does not.
 */
const char *wq_plugin_refusal(struct wq_arena *arena, const char *compiler,
			      const char *directory, const char *plugin,
			      const char *const *args);

/* plugin-find.c */

/* The plugin that fits a compiler, absolute, or else why there is none. */
struct wq_plugin_pick {
	const char *plugin, *refusal;
};

/*
 * Plugins by compiler; each compiler is asked once. A plugin fits when the
 * compiler has loaded it with @args, which are kept.
 */
struct wq_plugins;
struct wq_plugins *wq_plugins_new(struct wq_arena *arena,
				  const char *const *args);

/* For @compiler, a program, as @directory (NULL: this one) sees it. */
const struct wq_plugin_pick *wq_plugins_pick(struct wq_plugins *plugins,
					     const char *compiler,
					     const char *directory);

/* The directory plugin/ of the build tree that this program is in, or NULL. */
const char *wq_plugin_build_tree(struct wq_arena *arena);

/* Where plugins are, in the order of a search; ended by NULL. */
const char *const *wq_plugin_directories(struct wq_arena *arena);

/* Where "plugin build" puts them: NULL when there is no home. */
const char *wq_plugin_user_directory(struct wq_arena *arena);
const char *wq_plugin_system_directory(void);

/* plugin-build.c */

/*
 * Build the plugin for @compiler from the installed sources, and put it into
 * @directory. Returns its path, or NULL after a message.
 */
const char *wq_plugin_build(struct wq_arena *arena,
			    const struct wq_compiler *compiler,
			    const char *directory);

/* compile.c */

/* What became of a compile command. */
struct wq_result {
	struct wq_unit *unit;		/* its facts; the caller frees it */
	const char *cause;		/* or why there are none */
	const char *output;		/* what the compiler said, or NULL */
};

/* Who takes facts as files, and not as units. */
struct wq_keeper {
	void *context;
	/*
	 * Command @number left its facts in @path, and in WQ_DEPENDENCIES of
	 * @directory what it read, as make rules; both are gone afterwards.
	 * What is in the parent of @directory is nobody's dependency. Returns
	 * NULL, or why they cannot be kept.
	 */
	const char *(*keep)(void *context, unsigned int number,
			    const char *path, const char *directory);
	/* A command came to its end. May be NULL. */
	void (*progress)(void *context);
};

#define WQ_DEPENDENCIES	"dependencies"

/*
 * Run the lint form of @count commands, @jobs at a time, and fill @results;
 * with @keeper, which may be NULL, their units are NULL. Leaves nothing
 * behind, also when a signal ends the program. Returns 0, or -1 after a
 * message.
 */
int wq_compile_all(struct wq_arena *arena, const struct wq_compile *compiles,
		   unsigned int count, unsigned int jobs,
		   struct wq_plugins *plugins, const struct wq_keeper *keeper,
		   struct wq_result *results);

/* modules.c */

/*
 * Units on their way to one report. Units are borrowed and must live until
 * the report; the rest dies with wq_modules_free(). Of a unit that has a
 * place only the header was read: the rest is read when its program is
 * judged, and gone afterwards.
 *
 * Files are named as seen from @base.
 */
struct wq_modules;

struct wq_modules *wq_modules_new(struct wq_options *options,
				  const char *base);
void wq_modules_free(struct wq_modules *modules);

/*
 * Before anything is added: files below @overlay stand for those of their
 * names without it (wq_sources_set_overlay()).
 */
void wq_modules_set_overlay(struct wq_modules *modules, const char *overlay);

/*
 * Read sources below @directory instead of the base: it has another state of
 * them. Before anything is added.
 */
void wq_modules_read_from(struct wq_modules *modules, const char *directory);

/*
 * Add @unit, whose compiler ran in @directory, to its module, or to several:
 * Kbuild writes "dir/a:b" for an object of the modules dir/a and dir/b.
 */
void wq_modules_add(struct wq_modules *modules, struct wq_unit *unit,
		    const char *directory);

/* Add a unit of which there are no facts: its modules are not complete. */
void wq_modules_add_missing(struct wq_modules *modules, const char *names);

/* Call @fn for each module in @names; the names live as long as @arena. */
void wq_module_names(struct wq_arena *arena, const char *names,
		     void (*fn)(const char *name, void *context),
		     void *context);

/*
 * Join the units into programs, one after another, and call @fn for each.
 * @whole: all units of each module were added. @fn NULL: run the rules.
 */
typedef void (*wq_program_fn)(const struct wq_program *program, void *context);
void wq_modules_join(struct wq_modules *modules, bool whole, wq_program_fn fn,
		     void *context);

/* What the rules found; it lives as long as @modules. */
struct wq_findings *wq_modules_findings(const struct wq_modules *modules);

/*
 * Silence what the baseline of the options has. Returns the number of stale
 * entries, or -1 after a message.
 */
int wq_modules_use_baseline(struct wq_modules *modules);

/* The units of which more than the header could not be read, each said. */
unsigned int wq_modules_nr_wrong(const struct wq_modules *modules);

/* Run the rules on each program. */
void wq_modules_judge(struct wq_modules *modules, bool whole);

/*
 * Print what was found. @incomplete: something else could not be read, which
 * makes the status WQ_EXIT_ERROR.
 */
enum wq_exit wq_modules_report(struct wq_modules *modules, bool incomplete);

/* candidates.c */

/*
 * Would @program, of which only the units are there that name the API, give
 * no finding with the others either? A rule that finds something in it says
 * no, too; that is not asked here.
 */
bool wq_program_is_settled(const struct wq_program *program);

/* What of it keeps a program from being settled: a use, or a work item. */
bool wq_use_is_settled(const struct wq_use *use);
bool wq_work_is_settled(const struct wq_program *program,
			const struct wq_work *work);

/* join.c */

struct wq_join_member {
	const struct wq_unit *unit;	/* or NULL */
	unsigned int module;		/* its number */
};

/*
 * For each of @nr_modules modules the number of the one that leads those it
 * must be judged with; its own when it stands alone. Files in @members must
 * be named as seen from one directory. In @arena.
 */
unsigned int *wq_join_modules(struct wq_arena *arena,
			      const struct wq_join_member *members,
			      unsigned int count, unsigned int nr_modules);

/* inputs.c */

/*
 * All units in the objects, archives, facts files and directories @paths,
 * each unit once, in an order of their own. Only their headers are read; they
 * live as long as the arena.
 */
struct wq_inputs {
	struct wq_unit **units;
	unsigned int count;
	unsigned int nr_wrong;	/* files or units left out, after a message */
	const char **incomplete;	/* modules of which objects are missing */
	unsigned int nr_incomplete;
};

void wq_inputs_read(struct wq_arena *arena, char **paths,
		    unsigned int nr_paths, struct wq_inputs *inputs);

/* The deepest directory that the compilers of all units ran below. */
const char *wq_inputs_directory(struct wq_arena *arena,
				const struct wq_inputs *inputs);

/* The directory that their files are named from, see wq_tree_base(). */
const char *wq_inputs_base(struct wq_options *options,
			   const struct wq_inputs *inputs);

/* Add each unit to its module. */
void wq_inputs_add(const struct wq_inputs *inputs, struct wq_modules *modules);

/* kbuild.c */

/*
 * A text that Kbuild wrote, for reading; NULL also when @path is something
 * that it does not write, such as a device.
 */
FILE *wq_kbuild_open(const char *path);

/* Does the .cmd file @path name a source that is no C? */
bool wq_kbuild_is_other_language(const char *path);

/* The objects in the .mod file @path, ended by NULL. */
const char **wq_kbuild_objects(struct wq_arena *arena, const char *path);

/*
 * Find the modules among the units of @inputs of which Kbuild made more
 * objects than there are facts of, by the .mod files where the compiler ran
 * and by @mods, absolute names of others. Each is said, and added to
 * @inputs.
 */
void wq_kbuild_find_incomplete(struct wq_arena *arena,
			       struct wq_inputs *inputs, const char **mods,
			       unsigned int nr_mods);

/* rename.c */

/* Names of files as seen from @base, which is absolute; they are in @arena. */
struct wq_renames;
struct wq_renames *wq_renames_new(struct wq_arena *arena, const char *base);

/* What begins at the base is to be read below @directory. */
void wq_renames_read_from(struct wq_renames *renames, const char *directory);

/* Names below @overlay are those of files that it stands for. */
void wq_renames_set_overlay(struct wq_renames *renames, const char *overlay);

/*
 * Make @unit speak of files as seen from the base: its source, its locations
 * and its types' files. Its compiler ran in @directory.
 */
void wq_unit_rename_files(struct wq_renames *renames, struct wq_unit *unit,
			  const char *directory);

/* lint.c */

/*
 * Lint @count compile commands and report. Names of files are printed as
 * seen from @base. @whole says that they are all that there are, so that a
 * module can be complete.
 */
enum wq_exit wq_lint(struct wq_options *options,
		     const struct wq_compile *compiles, unsigned int count,
		     const char *base, bool whole);

/* How many compilers to run at a time where nothing is said. */
unsigned int wq_default_jobs(void);

/*
 * The same up to the programs: call @fn for each. Before that *@base becomes
 * the directory that files are named from. Units that could not be linted are
 * said, and *@incomplete is set. Returns 0, or -1 after a message.
 */
int wq_lint_each(struct wq_options *options, const struct wq_compile *compiles,
		 unsigned int count, const char **base, wq_program_fn fn,
		 void *context, bool *incomplete);

/* cmd-run.c */

/*
 * Read the compile database of @options, with the compiler of --cc. The
 * directory to name files from is stored in @base. Returns 0, or -1 after a
 * message.
 */
int wq_run_read(struct wq_options *options, struct wq_compdb *database,
		const char **base);

/*
 * Reduce @database to whole modules: those in @wanted, and those that a file
 * in @wanted ("FILE" or "FILE:LINE") is part of. Anything else, such as a
 * fingerprint, may be of any module.
 */
void wq_run_select_modules(struct wq_options *options,
			   struct wq_compdb *database,
			   const char *const *wanted, unsigned int nr_wanted);

/* facts-json.c */

/* @unit as one JSON object on one line. Returns 0 or a negative errno. */
int wq_facts_print_json(const struct wq_unit *unit);

/* facts-work.c */

/*
 * Print all that is known of the work items called --work ("foo_dev.work",
 * "my_work") in the units of @options' arguments.
 */
enum wq_exit wq_facts_print_work(struct wq_options *options);

/* One thing that is known of a work item. */
struct wq_work_line {
	struct wq_location where;
	const char *function;		/* in which that is, or NULL */
	const char *kind;		/* "queue", "handler", ... */
	const char *text;		/* "on system_wq by schedule_work()" */
};

typedef void (*wq_work_line_fn)(const struct wq_work_line *line,
				void *context);

/* Call @fn for all that is known of @work; texts are in @arena. */
void wq_work_describe(struct wq_arena *arena, const struct wq_program *program,
		      const struct wq_work *work, wq_work_line_fn fn,
		      void *context);

/* The queues of @use for people, in @arena: "system_wq or struct foo.wq". */
const char *wq_queue_text(struct wq_arena *arena,
			  const struct wq_program *program,
			  const struct wq_use *use);

/* expr-text.c */

/* @expr in the manner of C, of limited length; "?" for NULL. */
const char *wq_expr_text(struct wq_arena *arena, const struct wq_expr *expr);

#endif
