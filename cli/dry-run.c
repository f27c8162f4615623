/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compile commands by a dry run of make. KCFLAGS gets a flag that no build
 * has: so each command of the kernel's own C sources differs from the one of
 * an earlier build and is printed, and nothing else has that flag.
 */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache.h"
#include "children.h"
#include "commands.h"

#define MARK	"-DWQLINT_DRY_RUN"
#define KIND	"commands"
#define FORMAT	"2"		/* of what is in such an entry */

struct dry_run {
	struct wq_arena *arena;
	const struct wq_kernel *tree;
	struct wq_commands commands;
	char *line;			/* being read */
	size_t length, size;
};

/* Lines */

/* Take the mark out of @argv. */
static void remove_mark(const char *const *argv)
{
	const char **into = (const char **)argv, *const *from;

	for (from = argv; *from; from++)
		if (strcmp(*from, MARK))
			*into++ = *from;
	*into = NULL;
}

/* A line that ends in a backslash goes on in the next one. */
static void add_byte(struct dry_run *run, char byte)
{
	if (byte == '\n' && run->length &&
	    run->line[run->length - 1] == '\\') {
		run->line[run->length - 1] = ' ';
		return;
	}
	if (run->length + 1 >= run->size) {
		size_t size = run->size ? 2 * run->size : 65536;
		char *line = realloc(run->line, size);

		if (!line)
			return;
		run->line = line;
		run->size = size;
	}
	run->line[run->length++] = byte;
	if (byte != '\n')
		return;
	run->line[run->length - 1] = '\0';
	wq_commands_add_line(&run->commands, run->line);
	run->length = 0;
}

static void receive(void *context, const char *text, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i++)
		add_byte(context, text[i]);
}

/* make */

static const char *const *dry_run_command(struct dry_run *run,
					  const char *const *targets,
					  unsigned int jobs)
{
	const char *flags = getenv("KCFLAGS");
	const char *args[64] = {
		"-n", "-k", "-Otarget",
		wq_arena_printf(run->arena, "-j%u", jobs),
		wq_arena_printf(run->arena, "KCFLAGS=%s%s" MARK,
				flags ? flags : "", flags ? " " : ""),
	};
	unsigned int count = 5;

	while (*targets && count < 63)
		args[count++] = *targets++;
	return wq_kernel_make(run->arena, run->tree, args);
}

/* The first line of what make complained about, or NULL. */
static const char *first_complaint(struct wq_arena *arena, const char *text)
{
	const char *found = strstr(text, "*** ");

	if (!found)
		found = text;
	return *found ? wq_arena_printf(arena, "%.*s",
					(int)strcspn(found, "\n"), found)
		      : NULL;
}

/*
 * make may well fail: what a link step needs is not there. It counts what
 * it would have compiled.
 */
static int run_make(struct dry_run *run, const char *const *targets,
		    unsigned int jobs)
{
	struct wq_spawn spawn = {
		.argv = dry_run_command(run, targets, jobs),
		.errors = wq_spawn_output(),
	};
	const char *complaint;
	int status;

	if (spawn.errors < 0) {
		wq_msg("%s: %s", wq_path_temporary(), strerror(-spawn.errors));
		return -1;
	}
	status = wq_child_read(&spawn, receive, run);
	complaint = first_complaint(run->arena,
				    wq_spawn_text(run->arena, spawn.errors));
	if (status >= 0 && run->commands.count)
		return 0;
	if (status < 0)
		wq_msg("cannot run make: %s", strerror(-status));
	else
		wq_msg("%s: the dry run of make %s has no command that compiles C%s%s",
		       run->tree->build, targets[0], complaint ? ": " : "",
		       complaint ? complaint : "");
	return -1;
}

/* What decides which commands make prints */

static bool is_makefile(const char *name)
{
	size_t length = strlen(name);

	return !strncmp(name, "Makefile", 8) || !strncmp(name, "Kbuild", 6) ||
	       (length > 3 && !strcmp(name + length - 3, ".mk"));
}

static int compare_entries(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void add_makefiles(struct wq_digesting *digesting,
			  struct wq_file_digests *files, const char *source)
{
	char *paths[] = { (char *)source, NULL };
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT,
			     compare_entries);
	const struct wq_digest *digest;
	FTSENT *entry;

	while (walk && (entry = fts_read(walk))) {
		if (entry->fts_info == FTS_D && entry->fts_level &&
		    *entry->fts_name == '.')
			fts_set(walk, entry, FTS_SKIP);
		if (entry->fts_info == FTS_D || !is_makefile(entry->fts_name))
			continue;
		digest = wq_file_digest(files, "/", entry->fts_path);
		wq_digest_add_text(digesting, entry->fts_path);
		if (digest)
			wq_digest_add(digesting, digest, sizeof(*digest));
	}
	if (walk)
		fts_close(walk);
}

static struct wq_digest name_of(struct dry_run *run,
				struct wq_file_digests *files,
				const char *const *targets)
{
	static const char *const configuration[] = {
		"include/config/auto.conf", "scripts/Kbuild.include",
		"scripts/Makefile.build", "scripts/Makefile.lib", NULL
	};
	struct wq_digesting *digesting = wq_digest_begin();
	const char *const *text = dry_run_command(run, targets, 1);
	const struct wq_digest *digest;

	wq_digest_add_text(digesting, WQLINT_VERSION " " FORMAT);
	for (; *text; text++)
		wq_digest_add_text(digesting, *text);
	for (text = configuration; *text; text++) {
		digest = wq_file_digest(files, run->tree->build, *text);
		if (digest)
			wq_digest_add(digesting, digest, sizeof(*digest));
	}
	add_makefiles(digesting, files, run->tree->source);
	return wq_digest_end(digesting);
}

/*
 * Three lines per command: object, source, command. As digests say that they
 * are what was written, they are not looked at closely.
 */
static bool load(struct dry_run *run, struct wq_cache *cache,
		 const struct wq_digest *name)
{
	size_t bytes;
	char *text = wq_cache_load(cache, name, KIND, &bytes, NULL, NULL);
	char *line = text, *lines[3], *end;
	const char *const *argv;
	unsigned int i;

	while (line && *line) {
		for (i = 0; line && i < 3; i++) {
			lines[i] = line;
			end = strchr(line, '\n');
			if (end)
				*end = '\0';
			line = end ? end + 1 : NULL;
		}
		argv = i == 3 ? wq_command_split(run->arena, lines[2]) : NULL;
		if (argv && *argv)
			wq_commands_add(&run->commands,
					wq_arena_intern(run->arena, lines[0]),
					wq_arena_intern(run->arena, lines[1]),
					argv);
	}
	free(text);
	return run->commands.count > 0;
}

/*
 * Write @word for a shell, in quotes where it needs some, and a blank to @into,
 * if that is not NULL. Returns how many bytes these are.
 */
static size_t quote(char *into, const char *word)
{
	bool plain = *word && !word[strcspn(word, " \t'\"\\$`*?[]{}()<>|&;#~!")];
	size_t bytes = 0;

#define PUT(byte) do { if (into) into[bytes] = (byte); bytes++; } while (0)
	if (!plain)
		PUT('\'');
	for (; *word; word++) {
		if (*word == '\'') {
			PUT('\'');
			PUT('\\');
			PUT('\'');
		}
		PUT(*word);
	}
	if (!plain)
		PUT('\'');
	PUT(' ');
#undef PUT
	return bytes;
}

/* The same for the three lines of @command. */
static size_t write_entry(char *into, const struct wq_kernel_command *command)
{
	size_t output = strlen(command->output) + 1;
	size_t bytes = output + strlen(command->source) + 1;
	const char *const *word;

	if (into)
		sprintf(into, "%s\n%s\n", command->output, command->source);
	for (word = command->argv; *word; word++)
		bytes += quote(into ? into + bytes : NULL, *word);
	if (into)
		into[bytes - 1] = '\n';
	return bytes;
}

/* Some 70 MB for a kernel, so that memory is taken once. */
static void store(struct dry_run *run, struct wq_cache *cache,
		  const struct wq_digest *name)
{
	const struct wq_kernel_command *list = run->commands.list;
	size_t bytes = 0, end = 0;
	unsigned int i;
	char *text;

	for (i = 0; i < run->commands.count; i++)
		bytes += write_entry(NULL, &list[i]);
	text = malloc(bytes + 1);
	if (!text)
		return;
	for (i = 0; i < run->commands.count; i++)
		end += write_entry(text + end, &list[i]);
	wq_cache_store(cache, name, KIND, text, bytes);
	free(text);
}

int wq_dry_run(struct wq_arena *arena, const struct wq_kernel *tree,
	       const char *const *targets, unsigned int jobs,
	       struct wq_cache *cache, struct wq_file_digests *files,
	       struct wq_compdb *database, bool *cached)
{
	struct dry_run run = {
		.arena = arena, .tree = tree,
		.commands = { .arena = arena, .mark = MARK },
	};
	struct wq_digest name;
	unsigned int i;
	int err = 0;

	memset(database, 0, sizeof(*database));
	*cached = false;
	if (cache) {
		name = name_of(&run, files, targets);
		*cached = load(&run, cache, &name);
	}
	if (!*cached) {
		err = run_make(&run, targets, jobs);
		free(run.line);
	}
	wq_commands_finish(&run.commands, tree, database);
	if (!*cached && !err && cache)
		store(&run, cache, &name);
	for (i = 0; i < run.commands.count; i++)
		remove_mark(run.commands.list[i].argv);
	return err;
}
