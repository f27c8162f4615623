/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which files include a file, by the text of a whole tree. That is more than
 * really do: #if is not looked at, and <name> may be any file of that name
 * below a directory that some command has as -I. It is never less, but for an
 * #include of a macro.
 */
#ifndef WQ_INCLUDERS_H
#define WQ_INCLUDERS_H

#include "cli.h"
#include "table.h"

struct wq_includers;

/*
 * Read all C sources and headers below @root, and below the directories that
 * the commands of @database run in. In @arena.
 */
struct wq_includers *wq_includers_new(struct wq_arena *arena, const char *root,
				      const struct wq_compdb *database);

/* Let the file @path, absolute, also include what the text in @content does. */
void wq_includers_add(struct wq_includers *includers, const char *path,
		      const char *content);

/*
 * Add the absolute @path, and each file that includes it, directly or not, to
 * @found, in which an entry has one char.
 */
void wq_includers_find(struct wq_includers *includers, const char *path,
		       struct wq_table *found);

/* Call @fn for each file that has an #include of a macro. */
void wq_includers_of_macros(const struct wq_includers *includers,
			    void (*fn)(const char *path, void *context),
			    void *context);

/* Is @name in @set, and before that was it not? For tables of chars. */
bool wq_set_has(const struct wq_table *set, const char *name);
bool wq_set_add(struct wq_arena *arena, struct wq_table *set,
		const char *name);

#endif
