/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What sources say about headers before they say anything else, by their text.
 */
#ifndef WQ_HEADERS_H
#define WQ_HEADERS_H

#include "cli.h"
#include "table.h"

/* The begin of a source file. */
struct wq_source_headers {
	const char **names;	/* of #include <...>, interned in the arena */
	unsigned int count;
	const char **locals;	/* of #include "...", as paths */
	unsigned int nr_locals;
	const char **macros;	/* defined or not, before one of them */
	unsigned int nr_macros;
	unsigned int visit;	/* the last one that came here */
};

/* Files that were read already. Only @arena is set at first. */
struct wq_header_files {
	struct wq_arena *arena;
	struct wq_table table;
	unsigned int visit;
};

/* The source at @path; NULL when it cannot be read. */
struct wq_source_headers *wq_headers_read(struct wq_header_files *files,
				   const char *path);

struct wq_header_visitor {
	void *context;
	void (*header)(void *context, const char *name);
	void (*macro)(void *context, const char *name);
};

/*
 * Tell @visitor the headers that @headers name, themselves or by the files
 * beside them that they include, in order, and macros that these could see.
 * One may be told more than once.
 */
void wq_headers_visit(struct wq_header_files *files,
		      struct wq_source_headers *headers,
		      const struct wq_header_visitor *visitor);

/* Can the header at @path be read, and twice as well as once? */
bool wq_header_is_guarded(const char *path);

#endif
