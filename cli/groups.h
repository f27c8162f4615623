/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which compile commands can share a compiler, and which headers it is to read
 * for them. Most of the time that linting a unit takes is its headers'
 * (doc/validation.md).
 *
 * The commands of a group have the same options, but for the names that Kbuild
 * gives to each unit, and are of one part of the tree. Larger parts are groups
 * of groups. A unit that defines a macro before its last #include could see
 * other headers: only the compiler knows whether they name that macro.
 */
#ifndef WQ_GROUPS_H
#define WQ_GROUPS_H

#include "cli.h"
#include "table.h"

struct wq_group_header {
	const char *name;		/* as in #include <name> */
	unsigned int units;		/* of the group, that name it */
	double position;		/* among those that a unit names */
};

struct wq_group {
	const char *part;		/* of the tree; "" is all of it */
	const char *key;		/* what options they share, as text */
	const char *directory;
	const char *const *argv;	/* the same as words, ended by NULL */
	unsigned int *members;		/* numbers of commands, in order */
	unsigned int nr_members;
	unsigned int nr_units;		/* members, here and in parts of it */
	bool has_parts;			/* which are groups, too */
	struct wq_group *parent;	/* of the same options, or NULL */
	struct wq_table named;		/* headers, while they are counted */
	/* In the order in which units have them. */
	struct wq_group_header *headers;
	unsigned int nr_headers;
};

struct wq_groups {
	struct wq_group **list;		/* parents before their parts */
	unsigned int count;
	/* By command: macros that headers must not name, ended by NULL. */
	const char *const **macros;
};

/*
 * The groups of @count commands. All is in @arena; @compiles must live as
 * long.
 */
struct wq_groups wq_groups_find(struct wq_arena *arena,
				const struct wq_compile *compiles,
				unsigned int count);

/*
 * Those of @command that only this unit has: its macros, and the directories
 * that it searches after the common ones.
 */
const char *const *wq_group_own_words(struct wq_arena *arena,
				      const char *const *command);

#endif
