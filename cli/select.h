/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which units can matter, by their text: a module of which no source, and no
 * header of its own, names the workqueue API has no queue and no work item.
 */
#ifndef WQ_SELECT_H
#define WQ_SELECT_H

#include "cli.h"

struct wq_choice {
	const char *modules;	/* as wq_module_names() takes them */
	bool is_relevant;	/* some unit of one of the modules names the API */
	unsigned int nr_words;	/* that further.c looked for; 0 at first */
	bool names_api;		/* the unit itself does, or what it includes */
};

/* Fill @choices, one for each compile command of @database. */
void wq_select_units(struct wq_arena *arena, const struct wq_compdb *database,
		     struct wq_choice *choices);

/*
 * Call @fn for each header of a module, not of the whole kernel, that names
 * the API and that @compile's source includes, directly or not.
 */
void wq_select_headers(const struct wq_compile *compile,
		       void (*fn)(const char *path, void *context),
		       void *context);

/* Does the text of the file @path name the API? */
bool wq_select_file(const char *path);

#endif
