/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts that are not saved, for compilers: a directory in which they stand
 * under the absolute names of their files, with what a compiler looks for
 * beside them as symlinks.
 */
#ifndef WQ_LSP_OVERLAY_H
#define WQ_LSP_OVERLAY_H

#include "lsp.h"

struct wq_lsp_overlay {
	struct wq_arena *arena;
	const char *directory;
	const char **directories;	/* of headers that are in it */
	unsigned int nr_directories;
};

/* Is the text of @document another than that of its file? */
bool wq_lsp_is_unsaved(const struct wq_lsp_document *document);

/* Add a header, and symlinks to the other headers in its directory. */
void wq_lsp_overlay_add_header(struct wq_lsp_overlay *overlay,
			       const struct wq_lsp_document *document);

/*
 * Add the source @path, with the text of @document unless that is NULL, and
 * make *@compile compile that one. False: it cannot be written.
 */
bool wq_lsp_overlay_add_source(struct wq_lsp_overlay *overlay,
			       const char *path,
			       const struct wq_lsp_document *document,
			       struct wq_compile *compile);

#endif
