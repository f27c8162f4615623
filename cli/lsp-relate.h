/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A library and its users look wrong alone: see join.c, which judges them
 * together when they are there.
 */
#ifndef WQ_LSP_RELATE_H
#define WQ_LSP_RELATE_H

#include "audit.h"
#include "lsp.h"

/*
 * Want the units of modules beside the document's own that may have to be
 * judged with it, by what the facts of its units say that others can share.
 * Marks all units of these modules in @is_related.
 */
void wq_lsp_relate(struct wq_arena *arena,
		   const struct wq_lsp_selection *selection,
		   struct wq_audit *audit, bool *is_related);

#endif
