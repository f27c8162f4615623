/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compile commands: splitting them, and making them lint. A lint run uses a
 * command's flags as they are, less those that write files or stop the
 * compiler before or after the point where the plugin works.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum match {
	EXACT,		/* the argument alone */
	PREFIX,		/* and whatever follows in the same argument */
	VALUE,		/* a value follows in the same or the next argument */
};

struct flag {
	const char *text;
	enum match match;
};

/* What a lint run leaves out; tables end with a NULL text. */
static const struct flag flags_that_write[] = {
	{ "-c", EXACT }, { "-S", EXACT }, { "-E", EXACT },
	{ "--compile", EXACT }, { "--assemble", EXACT },
	{ "--preprocess", EXACT }, { "-fsyntax-only", EXACT },
	{ "-o", VALUE }, { "--output=", PREFIX }, { "--output", VALUE },
	{ "-M", EXACT }, { "-MM", EXACT }, { "-MD", EXACT },
	{ "-MMD", EXACT }, { "-MG", EXACT }, { "-MP", EXACT },
	{ "-MF", VALUE }, { "-MT", VALUE }, { "-MQ", VALUE },
	{ "-MJ", VALUE }, { "-Wp,-M", PREFIX },
	{ "-save-temps", PREFIX }, { "--save-temps", PREFIX },
	{ "-dumpbase-ext", VALUE }, { "-dumpbase", VALUE },
	{ "-dumpdir", VALUE }, { "-aux-info", VALUE }, { "-da", EXACT },
	{ "-gsplit-dwarf", EXACT }, { "-fdump-", PREFIX },
	{ "-fcallgraph-info", PREFIX }, { "-fstack-usage", EXACT },
	{ "-ftest-coverage", EXACT }, { "--coverage", EXACT },
	{ "-coverage", EXACT }, { "-fopt-info", PREFIX },
	{ "-fsave-optimization-record", EXACT },
	{ "-fcompare-debug", PREFIX },
	{ "-fdiagnostics-format=", PREFIX },
	{ "-fdiagnostics-add-output=", PREFIX },
	{ "-fdiagnostics-set-output=", PREFIX },
	{ "-fplugin-arg-wqlint-", PREFIX },
	{ NULL, EXACT }
};

/* Other flags with a value that can be an argument of its own. */
static const struct flag flags_with_value[] = {
	{ "-include", VALUE }, { "-imacros", VALUE }, { "-isystem", VALUE },
	{ "-idirafter", VALUE }, { "-iquote", VALUE }, { "-iprefix", VALUE },
	{ "-iwithprefixbefore", VALUE }, { "-iwithprefix", VALUE },
	{ "-isysroot", VALUE }, { "-imultilib", VALUE },
	{ "-Xpreprocessor", VALUE }, { "-Xassembler", VALUE },
	{ "-Xlinker", VALUE }, { "--param", VALUE }, { "-wrapper", VALUE },
	{ "-I", VALUE }, { "-D", VALUE }, { "-U", VALUE }, { "-A", VALUE },
	{ "-x", VALUE }, { "-B", VALUE }, { "-L", VALUE }, { "-l", VALUE },
	{ "-T", VALUE }, { "-u", VALUE }, { "-z", VALUE }, { "-e", VALUE },
	{ NULL, EXACT }
};

/* What sparse knows and GCC refuses. Warnings are left out before. */
static const struct flag flags_of_sparse[] = {
	{ "-D__CHECKER__", PREFIX }, { "--arch=", PREFIX },
	{ "-fdiagnostic-prefix", PREFIX }, { "-fmax-warnings=", PREFIX },
	{ "-fmax-errors=unlimited", EXACT }, { "-fmemcpy-max-count=", PREFIX },
	{ "-fdump-ir", PREFIX }, { "-gcc-base-dir", VALUE },
	{ "-multiarch-dir", VALUE }, { "-vcompound", EXACT },
	{ "-vdead", EXACT }, { "-vdomtree", EXACT }, { "-ventry", EXACT },
	{ NULL, EXACT }
};

/* Programs that run the compiler that follows them. */
static const char *const launchers[] = {
	"ccache", "sccache", "distcc", "icecc", "icerun", "colorgcc", NULL
};

/* How many arguments the flag at @args takes when @table has it, else 0. */
static unsigned int match_flag(const struct flag *table,
			       const char *const *args)
{
	/* Most arguments are none of them, and there are millions. */
	for (; table->text; table++) {
		size_t length;

		if (args[0][0] != table->text[0] ||
		    args[0][1] != table->text[1])
			continue;
		length = strlen(table->text);
		if (strncmp(args[0], table->text, length))
			continue;
		if (table->match == VALUE && !args[0][length])
			return args[1] ? 2 : 1;
		if (table->match != EXACT || !args[0][length])
			return 1;
	}
	return 0;
}

void wq_words_add(struct wq_words *words, const char *word)
{
	words->list = wq_arena_grow(words->arena, words->list, words->count,
				    sizeof(*words->list));
	words->list[words->count++] = word;
}

const char *const *wq_words_end(struct wq_words *words)
{
	wq_words_add(words, NULL);
	return words->list;
}

const char *wq_command_copy_word(const char *text, char **into)
{
	char *end = *into, quote = 0;

	for (; *text; text++) {
		if (quote && *text == quote) {
			quote = 0;
		} else if (!quote && (*text == '\'' || *text == '"')) {
			quote = *text;
		} else if (!quote && isspace((unsigned char)*text)) {
			break;
		} else if (*text == '\\' && text[1] && quote != '\'' &&
			   (!quote || strchr("\"\\$`\n", text[1]))) {
			if (*++text != '\n')
				*end++ = *text;
		} else {
			*end++ = *text;
		}
	}
	*end++ = '\0';
	*into = end;
	return quote ? NULL : text;
}

const char *const *wq_command_split(struct wq_arena *arena, const char *text)
{
	size_t bytes = strlen(text) + 1;
	/* Words that a kernel's 20,000 commands have in common are there once. */
	char *buffer = malloc(bytes), *end = buffer, *word;
	const char **words = malloc((bytes / 2 + 2) * sizeof(*words));
	const char **list = NULL;
	size_t count = 0;

	if (!buffer || !words)
		goto free_words;
	for (;;) {
		while (isspace((unsigned char)*text))
			text++;
		if (!*text)
			break;
		word = end;
		text = wq_command_copy_word(text, &end);
		if (!text)
			goto free_words;
		words[count++] = wq_arena_intern(arena, word);
	}
	words[count++] = NULL;
	list = wq_arena_alloc(arena, count * sizeof(*list));
	memcpy(list, words, count * sizeof(*list));
free_words:
	free(words);
	free(buffer);
	return list;
}

const char *const *wq_command_join(struct wq_arena *arena,
				   const char *compiler,
				   const char *const *args)
{
	const char *const *words = wq_command_split(arena, compiler);
	struct wq_words joined = { .arena = arena };

	for (; words && *words; words++)
		wq_words_add(&joined, *words);
	for (; *args; args++)
		wq_words_add(&joined, *args);
	return wq_words_end(&joined);
}

static bool is_source(const char *argument)
{
	return !strcmp(argument, "-") ||
	       (argument[0] != '-' && wq_path_is_c_source(argument));
}

/* An input that only the linker reads. */
static bool is_linker_input(const char *argument)
{
	const char *dot = strrchr(wq_path_name(argument), '.');

	return argument[0] != '-' && dot &&
	       (!strcmp(dot, ".o") || !strcmp(dot, ".a") ||
		!strcmp(dot, ".so"));
}

const char *const *wq_command_sources(struct wq_arena *arena,
				      const char *const *argv)
{
	struct wq_words sources = { .arena = arena };
	const char *const *arg = argv + 1;
	unsigned int taken;

	while (*argv && *arg) {
		taken = match_flag(flags_that_write, arg);
		if (!taken)
			taken = match_flag(flags_with_value, arg);
		if (!taken && is_source(*arg))
			wq_words_add(&sources, *arg);
		arg += taken ? taken : 1;
	}
	return wq_words_end(&sources);
}

/*
 * Is @arg one of the flags for sparse? Kbuild gives it CHECKFLAGS and then
 * the flags of the compiler, which begin with -Wp,-MMD. Both can have a byte
 * order; GCC knows that flag on some architectures, so that only the one
 * before is sparse's for certain.
 */
static unsigned int match_sparse(const char *const *arg, bool in_checkflags)
{
	if (!strncmp(*arg, "-W", 2))
		return strncmp(*arg, "-Wp,", 4) && strncmp(*arg, "-Wa,", 4) &&
		       strncmp(*arg, "-Wl,", 4);
	if (in_checkflags && (!strcmp(*arg, "-mlittle-endian") ||
			      !strcmp(*arg, "-mbig-endian")))
		return 1;
	return match_flag(flags_of_sparse, arg);
}

const char *const *wq_command_without_sparse(struct wq_arena *arena,
					     const char *const *args)
{
	struct wq_words kept = { .arena = arena };
	bool in_checkflags = true;

	while (*args) {
		unsigned int taken = match_sparse(args, in_checkflags);

		if (!strncmp(*args, "-Wp,-M", 6))
			in_checkflags = false;
		if (!taken)
			taken = match_flag(flags_with_value, args);
		else {
			args += taken;
			continue;
		}
		do
			wq_words_add(&kept, *args++);
		while (taken && --taken);
	}
	return wq_words_end(&kept);
}

static bool is_launcher(const char *program)
{
	const char *const *launcher;

	for (launcher = launchers; *launcher; launcher++)
		if (!strcmp(wq_path_name(program), *launcher))
			return true;
	return false;
}

const char *const *wq_command_compiler(const char *const *argv)
{
	while (argv[0] && is_launcher(argv[0]) && argv[1] && argv[1][0] != '-')
		argv++;
	return argv;
}

/* -fplugin=wqlint, or the path of a wqlint.so. */
static bool loads_wqlint(const char *argument)
{
	const char *name;

	if (strncmp(argument, "-fplugin=", strlen("-fplugin=")))
		return false;
	name = wq_path_name(argument + strlen("-fplugin="));
	return !strcmp(name, "wqlint") || !strcmp(name, "wqlint.so");
}

/*
 * With -w none is printed, but GCC looks for its cause. What turns one off can
 * make a source compile, and -Wp, -Wa and -Wl are no warnings.
 */
static bool is_warning_flag(const char *argument)
{
	return !strncmp(argument, "-W", 2) && argument[2] &&
	       argument[3] != ',' && strncmp(argument, "-Wno-", 5);
}

/* Add what is kept of @args: of its inputs only @source. */
static void add_kept(struct wq_words *words, const char *const *args,
		     const char *source, bool warnings)
{
	while (*args) {
		unsigned int taken = match_flag(flags_that_write, args);

		if (taken || loads_wqlint(*args) ||
		    (!warnings && is_warning_flag(*args))) {
			args += taken ? taken : 1;
			continue;
		}
		taken = match_flag(flags_with_value, args);
		if (!taken && strcmp(*args, source) &&
		    (is_source(*args) || is_linker_input(*args))) {
			args++;
			continue;
		}
		do
			wq_words_add(words, *args++);
		while (taken && --taken);
	}
}

const char *const *wq_command_for_lint(struct wq_arena *arena,
				       const char *const *argv,
				       const char *source)
{
	struct wq_words words = { .arena = arena };

	wq_words_add(&words, *argv);
	add_kept(&words, argv + 1, source, true);
	return wq_words_end(&words);
}

const char *const *wq_command_lint(struct wq_arena *arena,
				   const struct wq_compile *compile,
				   const char *plugin,
				   const char *facts_directory,
				   bool dependencies)
{
	struct wq_words words = { .arena = arena };
	/* A cached or remote compiler does not bring the facts file back. */
	const char *const *args = wq_command_compiler(compile->argv);

	wq_words_add(&words, *args++);
	add_kept(&words, args, compile->source, false);
	wq_words_add(&words, "-S");
	wq_words_add(&words, "-o");
	wq_words_add(&words, "/dev/null");
	wq_words_add(&words, "-w");
	wq_words_add(&words, wq_arena_printf(arena, "-fplugin=%s", plugin));
	wq_words_add(&words, "-fplugin-arg-wqlint-lint-only");
	wq_words_add(&words,
		     wq_arena_printf(arena, "-fplugin-arg-wqlint-facts=%s",
				     facts_directory));
	if (dependencies) {
		wq_words_add(&words, "-MD");
		wq_words_add(&words, "-MF");
		wq_words_add(&words, wq_arena_printf(arena, "%s/"
						 WQ_DEPENDENCIES,
						 facts_directory));
	}
	return wq_words_end(&words);
}

const char *wq_command_macro(struct wq_arena *arena, const char *const *argv,
			     const char *macro)
{
	const char *value = NULL, *text;
	size_t length = strlen(macro);

	for (; *argv; argv++) {
		if (strncmp(*argv, "-D", 2))
			continue;
		text = (*argv)[2] ? *argv + 2 : argv[1];
		if (text && !strncmp(text, macro, length) &&
		    text[length] == '=')
			value = text + length + 1;
	}
	if (!value)
		return NULL;
	length = strlen(value);
	if (length > 1 && value[0] == '"' && value[length - 1] == '"')
		return wq_arena_printf(arena, "%.*s", (int)length - 2,
				       value + 1);
	return value;
}

const char *wq_command_output(const char *const *argv)
{
	const char *output = NULL;

	for (; *argv; argv++)
		if (!strncmp(*argv, "-o", 2))
			output = (*argv)[2] ? *argv + 2 : argv[1];
	return output;
}

const char *wq_command_modules(struct wq_arena *arena,
			       const struct wq_compile *compile)
{
	struct wq_unit *unit = wq_unit_new(compile->source);
	const char *modules;

	unit->object = wq_command_output(compile->argv);
	unit->modfile = wq_command_macro(arena, compile->argv,
					 "KBUILD_MODFILE");
	unit->modname = wq_command_macro(arena, compile->argv,
					 "KBUILD_MODNAME");
	modules = wq_arena_copy(arena, wq_unit_module(unit));
	wq_unit_free(unit);
	return modules;
}
