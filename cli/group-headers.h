/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WQ_GROUP_HEADERS_H
#define WQ_GROUP_HEADERS_H

#include "groups.h"
#include "headers.h"

/*
 * Fill in the headers of each group, and the macros of each of the @count
 * commands, by @sources: what the source of each says.
 */
void wq_group_headers_find(struct wq_header_files *files,
			   struct wq_source_headers *const *sources,
			   unsigned int count, struct wq_groups *groups);

#endif
