/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a compiler that serves is asked: messages as libwqlint/serving.h has
 * them.
 */
#ifndef WQ_REQUESTS_H
#define WQ_REQUESTS_H

#include "cli.h"

/* A message on its way. The owner frees its text. */
struct wq_request {
	char *text;			/* words, each ended by NUL */
	size_t bytes;
};

/*
 * To compile @source, of which @command is the lint form, if no header named
 * one of @macros, ended by NULL: facts and, with @dependencies,
 * WQ_DEPENDENCIES go to @directory. False: there is no request for it.
 */
bool wq_request_unit(struct wq_request *request, const char *source,
		     const char *const *command, const char *const *macros,
		     const char *directory, bool dependencies);

/* To fork one that reads @headers, ended by NULL. False: there is no memory. */
bool wq_request_headers(struct wq_request *request,
			const char *const *headers);

/* Send it with two descriptors. False: who was to read it has ended. */
bool wq_request_send(const struct wq_request *request, int socket,
		     const int files[2]);

#endif
