/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which commands share a precompiled header, what is in it, and the commands
 * that make and use it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "prefix.h"
#include "prefix-headers.h"
#include "table.h"

/* A prefix costs as much as it saves for about this many units. */
#define MIN_UNITS	24
#define NR_SAMPLES	6	/* of a group, asked for their headers */
#define MIN_INCLUDES	3	/* sources that name a header themselves */

/*
 * What a compiler may allocate that makes one: when it saves it, it needs more
 * than twice its size. This keeps it below 300 MiB of memory.
 */
#define MAX_DATA_BYTES	((rlim_t)310 << 20)

/*
 * Which headers are taken: those that so many of the samples read, and of
 * these so many parts of PARTS, the most popular ones. More is better as long
 * as they do not contradict each other; so less is tried after a failure.
 */
#define PARTS		4
static const struct extent {
	unsigned int min_samples, parts;
} extents[] = { { 2, 4 }, { 3, 3 }, { 5, 4 }, { 5, 2 } };

struct command {
	const char *const *argv;	/* without what is the unit's own */
	const char *key;		/* argv as text, with the directory */
	struct wq_headers headers;
	struct group *group;		/* or NULL */
};

/* Commands with one key, and perhaps in one part of the tree. */
struct group {
	const char *name;
	unsigned int *members;		/* numbers of commands */
	unsigned int nr_members;
	unsigned int number;
	const char *path;		/* of the prefix */
	struct wq_table counts;		/* samples that read each header */
	bool is_made;
	struct group *next;
};

struct wq_prefixes {
	struct wq_arena *arena;
	const struct wq_compile *compiles;
	struct command *commands;
	unsigned int count;
	struct group *groups;
	const char *directory;
	unsigned int jobs;
};

/* Is @word one of the macros by which Kbuild tells units apart? */
static bool is_own_macro(const char *word)
{
	return !strncmp(word, "-DKBUILD_", 9) ||
	       !strncmp(word, "-D__KBUILD_", 11);
}

/* Does @word load our plugin, which has no name here, or give it something? */
static bool is_for_plugin(const char *word)
{
	return !strcmp(word, "-fplugin=") ||
	       !strncmp(word, "-fplugin-arg-wqlint-", 20);
}

/*
 * The arguments that can matter to headers: without the unit's names, and
 * without the directories that are searched after the common ones, which end
 * where Kbuild's first -include stands.
 */
static const char *const *shared_arguments(struct wq_arena *arena,
					   const char *const *lint,
					   const char *source)
{
	const char **kept = NULL;
	unsigned int count = 0;
	bool included = false;

	for (; *lint; lint++) {
		included |= !strcmp(*lint, "-include");
		if (is_own_macro(*lint) || !strcmp(*lint, source) ||
		    is_for_plugin(*lint) ||
		    !strcmp(*lint, "-S") || !strncmp(*lint, "-W", 2) ||
		    (included && !strncmp(*lint, "-I", 2) && (*lint)[2]))
			continue;
		if (!strcmp(*lint, "-o") || (included && !strcmp(*lint, "-I"))) {
			lint++;
			continue;
		}
		kept = wq_arena_grow(arena, kept, count, sizeof(*kept));
		kept[count++] = *lint;
	}
	kept = wq_arena_grow(arena, kept, count, sizeof(*kept));
	kept[count] = NULL;
	return kept;
}

static const char *text_of(struct wq_arena *arena, const char *directory,
			   const char *const *argv)
{
	const char *text = directory;

	for (; *argv; argv++)
		text = wq_arena_printf(arena, "%s %s", text, *argv);
	return text;
}

/* The first @depth directories of @source: a part of the tree. */
static const char *part_of(struct wq_arena *arena, const char *source,
			   unsigned int depth)
{
	const char *end = source;

	while (depth-- && (end = strchr(end, '/')))
		end++;
	return end ? wq_arena_printf(arena, "%.*s", (int)(end - source), source)
		   : NULL;
}

/* Number the members of each key, and of each key and part of the tree. */
static void count_members(struct wq_prefixes *prefixes, struct wq_table *table,
			  unsigned int number, unsigned int depth)
{
	const struct command *command = &prefixes->commands[number];
	const char *part = part_of(prefixes->arena,
				   prefixes->compiles[number].source, depth);
	unsigned int *member;

	if (!part)
		return;
	member = wq_table_add(prefixes->arena, table,
			      (struct wq_key){ part, command->key },
			      sizeof(*member));
	*member = number;
}

static void add_group(struct wq_prefixes *prefixes, const char *part,
		      const char *key, unsigned int number)
{
	struct group *group;

	for (group = prefixes->groups; group; group = group->next)
		if (!strcmp(group->name, part) &&
		    !strcmp(prefixes->commands[group->members[0]].key, key))
			break;
	if (!group) {
		group = wq_arena_alloc(prefixes->arena, sizeof(*group));
		group->name = part;
		group->number = prefixes->groups
				? prefixes->groups->number + 1 : 0;
		group->next = prefixes->groups;
		prefixes->groups = group;
	}
	group->members = wq_arena_grow(prefixes->arena, group->members,
				       group->nr_members,
				       sizeof(*group->members));
	group->members[group->nr_members++] = number;
	prefixes->commands[number].group = group;
}

/* The smallest part of the tree with enough commands, for each. */
static void find_groups(struct wq_prefixes *prefixes)
{
	struct wq_table table = { .slots = NULL };
	unsigned int i, depth;

	for (i = 0; i < prefixes->count; i++)
		for (depth = 0; prefixes->commands[i].key && depth < 4; depth++)
			count_members(prefixes, &table, i, depth);
	for (i = 0; i < prefixes->count; i++) {
		const char *key = prefixes->commands[i].key;

		for (depth = 4; key && depth--;) {
			const char *part = part_of(prefixes->arena, prefixes->
						   compiles[i].source, depth);
			struct wq_entry *entry = part ? wq_table_find(&table,
					(struct wq_key){ part, key }) : NULL;

			if (entry && entry->count >= MIN_UNITS) {
				add_group(prefixes, part, key, i);
				break;
			}
		}
	}
}

/* Sources with what they say of headers; without a key: no prefix. */
static void read_commands(struct wq_prefixes *prefixes)
{
	unsigned int i;

	for (i = 0; i < prefixes->count; i++) {
		const struct wq_compile *compile = &prefixes->compiles[i];
		struct command *command = &prefixes->commands[i];
		const char *path = wq_path_absolute(prefixes->arena,
						    compile->directory,
						    compile->source);

		if (!strcmp(compile->source, "-") ||
		    wq_headers_read(prefixes->arena, path,
				    &command->headers) ||
		    command->headers.defines_before)
			continue;
		command->argv = shared_arguments(prefixes->arena,
			wq_command_lint(prefixes->arena, compile, "", "",
					false),
			compile->source);
		command->key = wq_arena_intern(prefixes->arena,
			text_of(prefixes->arena, compile->directory,
				command->argv));
	}
}

/* Running compilers */

struct job {
	const char *const *argv;
	const char *directory;
	rlim_t data_bytes;		/* that it may allocate, or 0 */
	pid_t pid;
	int output;
};

static void start_job(struct wq_prefixes *prefixes, struct job *job)
{
	struct wq_spawn spawn = {
		.argv = job->argv, .directory = job->directory,
		.temporary = prefixes->directory,
		.output = wq_spawn_output(),
	};
	const struct rlimit limit = { job->data_bytes, job->data_bytes };

	job->output = spawn.output;
	job->pid = spawn.output < 0 ? -1 : wq_spawn(&spawn);
	/* The driver has not started the compiler proper yet. */
	if (job->pid > 0 && job->data_bytes)
		prlimit(job->pid, RLIMIT_DATA, &limit, NULL);
}

/* Was the job a success? */
static bool end_job(struct job *job)
{
	int status = -1;

	if (job->pid > 0)
		while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
			;
	if (job->output >= 0)
		close(job->output);
	return job->pid > 0 && !status;
}

/* Is the caller to end? It looks itself, soon. */
static bool is_over(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t pending;
	size_t i;

	sigpending(&pending);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (sigismember(&pending, ends[i]) == 1)
			return true;
	return false;
}

/* Run @count jobs, as many at a time as allowed; which were a success. */
static void run_jobs(struct wq_prefixes *prefixes, struct job *jobs,
		     unsigned int count, bool *done)
{
	unsigned int next = 0, i;

	for (i = 0; i < count; i++) {
		while (next < count && next < i + prefixes->jobs && !is_over())
			start_job(prefixes, &jobs[next++]);
		done[i] = i < next && end_job(&jobs[i]);
	}
}

/* @words and then @more, both ended by NULL. */
static const char *const *append(struct wq_arena *arena,
				 const char *const *words,
				 const char *const *more)
{
	const char **all;
	size_t count = 0, added = 0, i;

	while (words[count])
		count++;
	while (more[added])
		added++;
	all = wq_arena_alloc(arena, (count + added + 1) * sizeof(*all));
	for (i = 0; i < count; i++)
		all[i] = words[i];
	for (i = 0; i < added; i++)
		all[count + i] = more[i];
	return all;
}

/* Which headers */

static const char *sample_path(const struct wq_prefixes *prefixes,
			       const struct group *group, unsigned int number)
{
	return wq_arena_printf(prefixes->arena, "%s/prefix%u.%u.d",
			       prefixes->directory, group->number, number);
}

static void make_sample(struct wq_prefixes *prefixes, struct group *group,
			unsigned int number, struct job *job)
{
	unsigned int member = group->members[group->nr_members /
					     NR_SAMPLES * number];
	const struct wq_compile *compile = &prefixes->compiles[member];
	const char *const more[] = {
		"-M", "-MF", sample_path(prefixes, group, number), NULL
	};
	const char *const *lint = wq_command_lint(prefixes->arena, compile,
						  "", "", false);
	const char **words = NULL;
	unsigned int count = 0;

	for (; *lint; lint++) {
		if (is_for_plugin(*lint) || !strcmp(*lint, "-S"))
			continue;
		words = wq_arena_grow(prefixes->arena, words, count,
				      sizeof(*words));
		words[count++] = *lint;
	}
	words = wq_arena_grow(prefixes->arena, words, count, sizeof(*words));
	words[count] = NULL;
	job->argv = append(prefixes->arena, words, more);
	job->directory = compile->directory;
}

/* "./include/linux/slab.h" is called <linux/slab.h>; NULL: it is not known. */
static const char *header_name(struct wq_arena *arena, char *path)
{
	char *found = NULL, *next = path;

	while ((next = strstr(next, "include/"))) {
		if (next == path || next[-1] == '/')
			found = next + strlen("include/");
		next += strlen("include/");
	}
	return found ? wq_arena_find(arena, found) : NULL;
}

/* Count each known header in the rule that -M wrote to @path. */
static void count_headers(struct wq_prefixes *prefixes, const char *path,
			  struct wq_table *counts)
{
	FILE *in = fopen(path, "re");
	char *line = NULL, *word, *rest;
	size_t size = 0;

	while (in && getline(&line, &size, in) > 0)
		for (word = strtok_r(line, " \\\n", &rest); word;
		     word = strtok_r(NULL, " \\\n", &rest)) {
			const char *name = header_name(prefixes->arena, word);

			if (name)
				wq_table_add(prefixes->arena, counts,
					     wq_key_of(name), 1);
		}
	free(line);
	if (in)
		fclose(in);
	unlink(path);
}

struct header {
	const char *name;
	unsigned int includes;	/* how many sources name it */
};

static int compare_headers(const void *a, const void *b)
{
	const struct header *one = a, *other = b;

	if (one->includes != other->includes)
		return one->includes > other->includes ? -1 : 1;
	return strcmp(one->name, other->name);
}

/*
 * Write the header that is to be compiled, to @extent. Those that most sources
 * name come first: they need no others before them.
 */
static bool write_prefix(const struct wq_prefixes *prefixes,
			 const struct wq_table *includes,
			 const struct extent *extent, const struct group *group)
{
	struct header *headers = NULL;
	unsigned int i, count = 0;
	FILE *out;

	for (i = 0; i < includes->nr_slots; i++) {
		const struct wq_entry *named = &includes->slots[i];
		const struct wq_entry *read = named->count >= MIN_INCLUDES
			? wq_table_find(&group->counts, named->key) : NULL;

		if (!read || read->count < extent->min_samples)
			continue;
		headers = wq_arena_grow(prefixes->arena, headers, count,
					sizeof(*headers));
		headers[count++] = (struct header){ named->key.name,
						    named->count };
	}
	out = count ? fopen(group->path, "we") : NULL;
	if (!out)
		return false;
	qsort(headers, count, sizeof(*headers), compare_headers);
	/* Messages in inline functions need a name. */
	fputs("#define KBUILD_MODNAME \"wqlint\"\n", out);
	for (i = 0; i < count * extent->parts / PARTS; i++)
		fprintf(out, "#include <%s>\n", headers[i].name);
	return !fclose(out);
}

static void make_job(struct wq_prefixes *prefixes, struct group *group,
		     struct job *job)
{
	const struct command *first = &prefixes->commands[group->members[0]];
	const char *const more[] = {
		"-w", "-x", "c-header", group->path, "-o",
		wq_arena_printf(prefixes->arena, "%s.gch", group->path),
		/* for -fpch-deps of those who use it */
		"-MD", "-MF",
		wq_arena_printf(prefixes->arena, "%s.d", group->path), NULL
	};

	job->data_bytes = MAX_DATA_BYTES;
	job->argv = append(prefixes->arena, first->argv, more);
	job->directory = prefixes->compiles[group->members[0]].directory;
}

/* How often a source names each header. */
static void count_includes(struct wq_prefixes *prefixes,
			   struct wq_table *includes)
{
	unsigned int i, j;

	for (i = 0; i < prefixes->count; i++)
		for (j = 0; prefixes->commands[i].key &&
		     j < prefixes->commands[i].headers.count; j++)
			wq_table_add(prefixes->arena, includes,
				     wq_key_of(prefixes->commands[i]
					       .headers.names[j]), 1);
}

/* Make the prefixes that are not made yet, to @extent. */
static void make(struct wq_prefixes *prefixes, const struct wq_table *includes,
		 const struct extent *extent)
{
	unsigned int nr_groups = prefixes->groups->number + 1, i, count = 0;
	struct group **made = wq_arena_alloc(prefixes->arena, nr_groups *
					     sizeof(*made));
	struct job *jobs = wq_arena_alloc(prefixes->arena, nr_groups *
					  sizeof(*jobs));
	bool *done = wq_arena_alloc(prefixes->arena, nr_groups);
	struct group *group;

	for (group = prefixes->groups; group; group = group->next) {
		if (group->is_made ||
		    !write_prefix(prefixes, includes, extent, group))
			continue;
		make_job(prefixes, group, &jobs[count]);
		made[count++] = group;
	}
	run_jobs(prefixes, jobs, count, done);
	for (i = 0; i < count; i++)
		made[i]->is_made = done[i];
}

static void build(struct wq_prefixes *prefixes)
{
	unsigned int nr_groups = prefixes->groups->number + 1, i, count = 0;
	struct job *jobs = wq_arena_alloc(prefixes->arena, nr_groups *
					  NR_SAMPLES * sizeof(*jobs));
	bool *done = wq_arena_alloc(prefixes->arena, nr_groups * NR_SAMPLES);
	struct wq_table includes = { .slots = NULL };
	struct group *group;

	for (group = prefixes->groups; group; group = group->next)
		for (i = 0; i < NR_SAMPLES; i++)
			make_sample(prefixes, group, i, &jobs[count++]);
	run_jobs(prefixes, jobs, count, done);
	count_includes(prefixes, &includes);
	for (group = prefixes->groups; group; group = group->next) {
		for (i = 0; i < NR_SAMPLES; i++)
			count_headers(prefixes, sample_path(prefixes, group, i),
				      &group->counts);
		group->path = wq_arena_printf(prefixes->arena, "%s/prefix%u.h",
					      prefixes->directory,
					      group->number);
	}
	for (i = 0; i < sizeof(extents) / sizeof(extents[0]); i++)
		make(prefixes, &includes, &extents[i]);
}

struct wq_prefixes *wq_prefixes_new(struct wq_arena *arena,
				    const struct wq_compile *compiles,
				    unsigned int count, unsigned int jobs,
				    const char *directory)
{
	struct wq_prefixes *prefixes;

	if (count < MIN_UNITS)
		return NULL;
	prefixes = wq_arena_alloc(arena, sizeof(*prefixes));
	*prefixes = (struct wq_prefixes){
		.arena = arena, .compiles = compiles, .count = count,
		.jobs = jobs ? jobs : 1, .directory = directory,
		.commands = wq_arena_alloc(arena, count *
					   sizeof(*prefixes->commands)),
	};
	read_commands(prefixes);
	find_groups(prefixes);
	if (!prefixes->groups)
		return NULL;
	build(prefixes);
	return prefixes;
}

/* What Kbuild told this unit about itself, as a header. */
static bool write_own_macros(const char *path, const char *const *command)
{
	FILE *out = fopen(path, "we");

	if (!out)
		return false;
	fputs("#undef KBUILD_MODNAME\n", out);
	for (; *command; command++)
		if (is_own_macro(*command)) {
			const char *name = *command + 2;
			const char *equals = strchr(name, '=');

			fprintf(out, "#define %.*s %s\n",
				(int)(equals ? equals - name
					     : (long)strlen(name)),
				name, equals ? equals + 1 : "1");
		}
	return !fclose(out);
}

const char *const *wq_prefixes_apply(const struct wq_prefixes *prefixes,
				     struct wq_arena *arena,
				     unsigned int number,
				     const char *const *command,
				     const char *slot)
{
	const struct group *group = prefixes ? prefixes->commands[number].group
					     : NULL;
	const char *path = wq_arena_printf(arena, "%s/unit.h", slot);
	const char *const *arg;
	const char **words;
	unsigned int count = 0, nr_words = 0;

	if (!group || !group->is_made || !write_own_macros(path, command))
		return NULL;
	while (command[nr_words])
		nr_words++;
	words = wq_arena_alloc(arena, (2 * nr_words + 6) * sizeof(*words));
	words[count++] = *command++;
	words[count++] = "-include";
	words[count++] = group->path;
	words[count++] = "-include";
	words[count++] = path;
	for (arg = command; *arg; arg++) {
		if (!strcmp(*arg, "-include") && arg[1])
			arg++;		/* the prefix has it */
		else if (!is_own_macro(*arg))
			words[count++] = *arg;
	}
	/* After the plugin that they are for. */
	for (arg = command; *arg; arg++)
		if (is_own_macro(*arg))
			words[count++] = wq_arena_printf(arena,
				"-fplugin-arg-wqlint-macro-%s", *arg + 2);
	return words;
}
