/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which units must be looked at again when files change: those of modules of
 * which a unit is or includes one of the files, and of modules that these are
 * judged with. A finding can be anywhere in a module.
 */
#ifndef WQ_TOUCHED_H
#define WQ_TOUCHED_H

#include "cli.h"
#include "includers.h"
#include "select.h"

struct wq_touched_file {
	const char *path;		/* absolute */
	const char *old_path;		/* before it was renamed, or NULL */
	bool is_compiled;		/* or included: set by wq_touched_find() */
};

/* What a file is in a state that is not the one of the tree. */
struct wq_touched_text {
	const char *path;		/* absolute */
	const char *content;		/* the file that has it */
};

/* Made by the caller: arena, root (absolute), files and texts. */
struct wq_touched {
	struct wq_arena *arena;
	const char *root;
	struct wq_touched_file *files;
	unsigned int count;
	struct wq_touched_text *texts;	/* also of files not touched */
	unsigned int nr_texts;
	struct wq_includers *includers;
	struct wq_table reached;	/* the files, and who includes them */
	struct wq_table naming;		/* files that name the API in a state */
	struct wq_compdb units;
	struct wq_choice *choices;	/* of each unit */
};

/*
 * Find the units among @database. A file that the database knows only by its
 * other name has the command of that.
 */
void wq_touched_find(struct wq_touched *touched,
		     const struct wq_compdb *database);

/*
 * Call @fn for each directory in which an #include with ".." could lead to one
 * of the files.
 */
void wq_touched_directories(struct wq_touched *touched,
			    void (*fn)(const char *directory, void *context),
			    void *context);

#endif
