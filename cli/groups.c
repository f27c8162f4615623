/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "group-headers.h"

/* To read headers once takes as long as a unit saves for about this many. */
#define MIN_UNITS	4

#define MAX_DEPTH	4	/* of a part of the tree, in directories */

struct finding_groups {
	struct wq_arena *arena;
	const struct wq_compile *compiles;
	const char **keys;		/* by command, or NULL: in no group */
	struct wq_table options;	/* argv, by key */
	struct wq_source_headers **sources;	/* by command, or NULL */
	unsigned int count;
	struct wq_header_files files;
	struct wq_groups groups;
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
 * Directories that are searched after the common ones, which end where
 * Kbuild's first -include stands, do not matter to what is shared. Kbuild
 * writes no blank after -I.
 */
static bool is_own_directory(const char *word, bool included)
{
	return included && !strncmp(word, "-I", 2) && word[2];
}

const char *const *wq_group_own_words(struct wq_arena *arena,
				      const char *const *command)
{
	struct wq_words words = { .arena = arena };
	bool included = false;

	for (; *command; command++) {
		included |= !strcmp(*command, "-include");
		if (is_own_macro(*command) ||
		    is_own_directory(*command, included))
			wq_words_add(&words, *command);
	}
	return wq_words_end(&words);
}

static const char *const *shared_words(struct wq_arena *arena,
				       const char *const *lint,
				       const char *source)
{
	struct wq_words words = { .arena = arena };
	bool included = false;

	for (; *lint; lint++) {
		included |= !strcmp(*lint, "-include");
		if (!strcmp(*lint, "-o"))
			lint++;
		else if (!is_own_macro(*lint) && !is_for_plugin(*lint) &&
			 !is_own_directory(*lint, included) &&
			 strcmp(*lint, source) && strcmp(*lint, "-S") &&
			 strncmp(*lint, "-W", 2))
			wq_words_add(&words, *lint);
	}
	return wq_words_end(&words);
}

/* @directory and @argv as one text. */
static const char *text_of(struct wq_arena *arena, const char *directory,
			   const char *const *argv)
{
	size_t bytes = strlen(directory) + 1;
	const char *const *word;
	char *text, *end;

	for (word = argv; *word; word++)
		bytes += strlen(*word) + 1;
	text = wq_arena_alloc(arena, bytes);
	end = stpcpy(text, directory);
	for (word = argv; *word; word++) {
		*end++ = ' ';
		end = stpcpy(end, *word);
	}
	return text;
}

/*
 * The key with the text @text, of the options @argv. Nearly all commands have
 * one that is known.
 */
static const char *key_of(struct finding_groups *all, const char *text,
			  const char *const *argv)
{
	const char *key = wq_arena_find(all->arena, text);
	struct wq_words words = { .arena = all->arena };
	const char *const **options;

	if (key)
		return key;
	key = wq_arena_intern(all->arena, text);
	for (; *argv; argv++)
		wq_words_add(&words, *argv);
	options = wq_table_add(all->arena, &all->options, wq_key_of(key),
			       sizeof(*options));
	*options = wq_words_end(&words);
	return key;
}

static void read_command(struct finding_groups *all, unsigned int number)
{
	const struct wq_compile *compile = &all->compiles[number];
	const char *const *argv;
	struct wq_arena *scratch;

	if (!strcmp(compile->source, "-"))
		return;
	all->sources[number] = wq_headers_read(&all->files,
		wq_path_absolute(all->arena, compile->directory,
				 compile->source));
	if (!all->sources[number])
		return;
	scratch = wq_arena_new();
	argv = shared_words(scratch, wq_command_lint(scratch, compile, "", "",
						     false), compile->source);
	all->keys[number] = key_of(all, text_of(scratch, compile->directory,
						argv), argv);
	wq_arena_free(scratch);
}

/* Parts of the tree */

/* The first @depth directories of @source, or NULL: it has fewer. */
static const char *part_of(struct wq_arena *arena, const char *source,
			   unsigned int depth)
{
	const char *end = source;

	while (depth-- && (end = strchr(end, '/')))
		end++;
	return end ? wq_arena_intern_bytes(arena, source,
					   (size_t)(end - source))
		   : NULL;
}

/* Number the members of each key, and of each key and part of the tree. */
static void count_members(struct finding_groups *all, struct wq_table *table,
			  unsigned int number)
{
	unsigned int depth;

	for (depth = 0; depth <= MAX_DEPTH; depth++) {
		const char *part = part_of(all->arena,
					   all->compiles[number].source,
					   depth);

		if (part)
			wq_table_add(all->arena, table,
				     (struct wq_key){
					part, all->keys[number] }, 1);
	}
}

static struct wq_group *find_group(const struct finding_groups *all,
				   const char *part, const char *key)
{
	unsigned int i;

	for (i = all->groups.count; i--;)
		if (all->groups.list[i]->part == part &&
		    all->groups.list[i]->key == key)
			return all->groups.list[i];
	return NULL;
}

/* The group of @part with the options of command @number. */
static struct wq_group *get_group(struct finding_groups *all, const char *part,
				  unsigned int number)
{
	const char *key = all->keys[number];
	struct wq_groups *groups = &all->groups;
	struct wq_group *group = find_group(all, part, key);

	if (group)
		return group;
	group = wq_arena_alloc(all->arena, sizeof(*group));
	group->part = part;
	group->key = key;
	group->directory = all->compiles[number].directory;
	group->argv = *(const char *const **)
		wq_table_find(&all->options, wq_key_of(key))->list;
	groups->list = wq_arena_grow(all->arena, groups->list, groups->count,
				     sizeof(struct wq_group *));
	groups->list[groups->count++] = group;
	return group;
}

static void add_member(struct finding_groups *all, const char *part,
		       unsigned int number)
{
	struct wq_group *group = get_group(all, part, number);

	group->members = wq_arena_grow(all->arena, group->members,
				       group->nr_members,
				       sizeof(*group->members));
	group->members[group->nr_members++] = number;
}

/* The smallest part of the tree with enough commands, for each. */
static void find_parts(struct finding_groups *all)
{
	struct wq_table table = { .slots = NULL };
	unsigned int i, depth;

	for (i = 0; i < all->count; i++)
		if (all->keys[i])
			count_members(all, &table, i);
	for (i = 0; i < all->count; i++) {
		const char *key = all->keys[i];

		for (depth = MAX_DEPTH + 1; key && depth--;) {
			const char *part = part_of(all->arena,
						   all->compiles[i].source,
						   depth);
			struct wq_entry *entry = part ? wq_table_find(&table,
					(struct wq_key){ part, key }) : NULL;

			if (entry && entry->count >= MIN_UNITS) {
				add_member(all, part, i);
				break;
			}
		}
	}
}

/* The part of the tree that @part is in, or NULL. */
static const char *part_around(struct wq_arena *arena, const char *part)
{
	size_t bytes = strlen(part);

	if (!bytes)
		return NULL;
	for (bytes--; bytes && part[bytes - 1] != '/'; bytes--)
		;
	return wq_arena_intern_bytes(arena, part, bytes);
}

/* Larger parts, of which more than one smaller part has a group. */
static void add_parents(struct finding_groups *all)
{
	unsigned int count = all->groups.count, i;
	struct wq_table table = { .slots = NULL };
	const char *part;

	for (i = 0; i < count; i++)
		for (part = all->groups.list[i]->part; part;
		     part = part_around(all->arena, part))
			wq_table_add(all->arena, &table, (struct wq_key){
				     part, all->groups.list[i]->key }, 1);
	for (i = 0; i < count; i++) {
		struct wq_group *group = all->groups.list[i];
		unsigned int below = 1;

		for (part = group->part;
		     (part = part_around(all->arena, part));) {
			struct wq_entry *entry = wq_table_find(&table,
				(struct wq_key){ part, group->key });

			if (entry->count > below)
				get_group(all, part, group->members[0]);
			below = entry->count;
		}
	}
}

/* By options, and parts after what they are a part of. */
static int compare_groups(const void *a, const void *b)
{
	const struct wq_group *one = *(struct wq_group *const *)a;
	const struct wq_group *other = *(struct wq_group *const *)b;
	int order = strcmp(one->key, other->key);

	return order ? order : strcmp(one->part, other->part);
}

static void link_groups(struct finding_groups *all)
{
	unsigned int i;

	qsort(all->groups.list, all->groups.count, sizeof(struct wq_group *),
	      compare_groups);
	for (i = 0; i < all->groups.count; i++) {
		struct wq_group *group = all->groups.list[i], *around;
		const char *part = group->part;

		while (!group->parent &&
		       (part = part_around(all->arena, part)))
			group->parent = find_group(all, part, group->key);
		if (group->parent)
			group->parent->has_parts = true;
		for (around = group; around; around = around->parent)
			around->nr_units += group->nr_members;
	}
}

struct wq_groups wq_groups_find(struct wq_arena *arena,
				const struct wq_compile *compiles,
				unsigned int count)
{
	struct finding_groups all = {
		.arena = arena, .compiles = compiles, .count = count,
		.files = { .arena = arena },
		.keys = wq_arena_alloc(arena, (count + 1) * sizeof(char *)),
		.sources = wq_arena_alloc(arena, (count + 1) *
					  sizeof(struct wq_source_headers *)),
	};
	unsigned int i;

	if (count < MIN_UNITS)
		return all.groups;
	for (i = 0; i < count; i++)
		read_command(&all, i);
	find_parts(&all);
	add_parents(&all);
	link_groups(&all);
	wq_group_headers_find(&all.files, all.sources, count, &all.groups);
	return all.groups;
}
