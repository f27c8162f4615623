/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses of a program taken apart: what resolve-*.c share.
 */
#ifndef WQ_ADDRESS_H
#define WQ_ADDRESS_H

#include "resolve.h"

#define WQ_MAX_STEPS	16	/* members walked from a root */
#define WQ_MAX_DEPTH	12	/* of values that lead to values */
#define WQ_MAX_FOUND	32	/* alternatives that one value may have */
#define WQ_MAX_VISITS	2000	/* of values, while looking for one */

/* An address: where it starts, and the steps from there, innermost first. */
struct wq_address {
	const struct wq_expr *root;
	const struct wq_context *context;	/* of the root */
	const struct wq_expr *steps[WQ_MAX_STEPS];
	unsigned int nr_steps;
};

/* The argument that @param stands for in @context, or NULL. */
const struct wq_expr *wq_argument_of(const struct wq_program *program,
				     const struct wq_expr *param,
				     const struct wq_context *context);

/* Split @expr into root and steps; parameters are replaced in @context. */
struct wq_address wq_address_peel(const struct wq_program *program,
				  const struct wq_expr *expr,
				  const struct wq_context *context);

/*
 * Fill @item, which is zeroed, for memory whose address does not have to be
 * looked up; its key stays NULL when it has no name.
 */
void wq_address_name(const struct wq_program *program,
		     const struct wq_address *address, struct wq_item *item);

#endif
