/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which headers the units of a group name, and may be read for all of them.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "group-headers.h"

/* How many sources name a header; the last of them, plus one. */
struct naming {
	unsigned int count, last;
	double positions;		/* the sum of where in each, 0 to 1 */
};

struct finding_headers {
	struct wq_arena *arena;
	struct wq_header_files *files;
	struct wq_source_headers *const *sources;
	struct wq_groups *groups;
	struct wq_table good;		/* whether they are, by name and options */
};

/* What one source names. */
struct naming_of {
	struct wq_words headers, macros;
};

static void note_header(void *context, const char *name)
{
	struct naming_of *naming = context;

	wq_words_add(&naming->headers, name);
}

static void note_macro(void *context, const char *name)
{
	struct naming_of *naming = context;

	wq_words_add(&naming->macros, name);
}

/* Command @number of @group has @name at @position of its headers. */
static void count_header(struct finding_headers *all, struct wq_group *group,
			 unsigned int number, const char *name,
			 double position)
{
	struct wq_entry *entry = wq_table_find(&group->named, wq_key_of(name));
	struct naming *naming = entry && entry->count ? entry->list : NULL;

	if (!naming)
		naming = wq_table_add(all->arena, &group->named,
				      wq_key_of(name), sizeof(*naming));
	if (naming->last == number + 1)
		return;
	naming->last = number + 1;
	naming->positions += position;
	naming->count++;
}

static void count_headers(struct finding_headers *all, struct wq_group *group,
			  unsigned int number)
{
	struct naming_of naming = {
		.headers.arena = all->arena, .macros.arena = all->arena,
	};
	const struct wq_header_visitor visitor = {
		&naming, note_header, note_macro,
	};
	unsigned int i;

	wq_headers_visit(all->files, all->sources[number], &visitor);
	for (; group; group = group->parent)
		for (i = 0; i < naming.headers.count; i++)
			count_header(all, group, number,
				     naming.headers.list[i],
				     (double)i / naming.headers.count);
	all->groups->macros[number] = wq_words_end(&naming.macros);
}

/* Where the compiler finds <@name> with the options of @group, or NULL. */
static const char *find_header(struct finding_headers *all,
			       const struct wq_group *group, const char *name)
{
	const char *const *word, *path;

	for (word = group->argv; *word; word++) {
		if (strncmp(*word, "-I", 2) || !(*word)[2])
			continue;
		path = wq_path_absolute(all->arena, group->directory,
					wq_arena_printf(all->arena, "%s/%s",
							*word + 2, name));
		if (!access(path, R_OK))
			return path;
	}
	return NULL;
}

/* May it be read before units that read it, too? */
static bool is_good(struct finding_headers *all, const struct wq_group *group,
		    const char *name)
{
	struct wq_key key = { name, group->key };
	struct wq_entry *entry = wq_table_find(&all->good, key);
	const char *path;
	bool *good;

	if (entry && entry->count)
		return *(bool *)entry->list;
	path = find_header(all, group, name);
	good = wq_table_add(all->arena, &all->good, key, sizeof(*good));
	*good = path && wq_header_is_guarded(path);
	return *good;
}

static int compare_headers(const void *a, const void *b)
{
	const struct wq_group_header *one = a, *other = b;

	if (one->position != other->position)
		return one->position < other->position ? -1 : 1;
	return strcmp(one->name, other->name);
}

static void take_headers(struct finding_headers *all, struct wq_group *group)
{
	unsigned int i;

	group->headers = wq_arena_alloc(all->arena, (group->named.nr_used + 1)
					* sizeof(*group->headers));
	for (i = 0; i < group->named.nr_slots; i++) {
		const struct wq_entry *entry = &group->named.slots[i];
		const struct naming *naming = entry->list;

		if (!entry->count || naming->count < 2 ||
		    !is_good(all, group, entry->key.name))
			continue;
		group->headers[group->nr_headers++] = (struct wq_group_header){
			entry->key.name, naming->count,
			naming->positions / naming->count,
		};
	}
	qsort(group->headers, group->nr_headers, sizeof(*group->headers),
	      compare_headers);
}

void wq_group_headers_find(struct wq_header_files *files,
			   struct wq_source_headers *const *sources,
			   unsigned int count, struct wq_groups *groups)
{
	struct finding_headers all = {
		.arena = files->arena, .files = files, .sources = sources,
		.groups = groups,
	};
	unsigned int i, j;

	groups->macros = wq_arena_alloc(files->arena, (count + 1) *
					sizeof(*groups->macros));
	for (i = 0; i < groups->count; i++)
		for (j = 0; j < groups->list[i]->nr_members; j++)
			count_headers(&all, groups->list[i],
				      groups->list[i]->members[j]);
	for (i = 0; i < groups->count; i++)
		take_headers(&all, groups->list[i]);
}
