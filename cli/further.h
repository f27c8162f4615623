/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which units that do not name the API can change what rules say of a module:
 * a choice by words, made of what the units that do name it show. See
 * candidates.c for what such units can show at all.
 */
#ifndef WQ_FURTHER_H
#define WQ_FURTHER_H

#include "program.h"
#include "select.h"
#include "table.h"

/* Words by module, all in arena. Empty when zeroed but for the arena. */
struct wq_further {
	struct wq_arena *arena;
	struct wq_table uses;		/* a unit with such a word is needed */
	struct wq_table definitions;	/* one that defines such a function */
	struct wq_table objects;	/* one that also lets go, or waits */
	struct wq_table modules;	/* how many words there are of each */
	struct wq_table interrupts;	/* one that also requests interrupts */
};

/*
 * Note the words of @program, when it is open: when a rule has something to
 * say that other units could change (*@has_findings), or could have if more
 * was seen (*@is_settled is false).
 */
void wq_further_note(struct wq_further *further,
		     const struct wq_program *program, bool *has_findings,
		     bool *is_settled);

/*
 * Is the unit of @choice, with the source @path, needed for one of its
 * modules? False, too, when the source cannot be read, and when no word came
 * since the last time that it was asked.
 */
bool wq_further_needs(struct wq_further *further, const char *path,
		      struct wq_choice *choice);

#endif
