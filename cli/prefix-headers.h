/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WQ_PREFIX_HEADERS_H
#define WQ_PREFIX_HEADERS_H

#include "cli.h"

/* The begin of a source file. */
struct wq_headers {
	const char **names;	/* of #include <...>, interned in the arena */
	unsigned int count;
	bool defines_before;	/* a macro, before one of them */
};

/* Read the source at @path. Returns 0, or -1 when it cannot be read. */
int wq_headers_read(struct wq_arena *arena, const char *path,
		    struct wq_headers *headers);

#endif
