/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compilers that read the headers of a group of units once (groups.h) and
 * compile the units in processes that they fork (libwqlint/serving.h).
 * Headers of others could contradict a unit: who is told that one could not
 * be compiled tries again without.
 */
#ifndef WQ_SERVERS_H
#define WQ_SERVERS_H

#include "cli.h"

struct wq_servers;

/*
 * Find what is worth it for @count commands. None runs yet. @directory, which
 * is the caller's to remove, is for what they need. With @dependencies they
 * write WQ_DEPENDENCIES as wq_command_lint() has it. NULL: nothing is.
 */
struct wq_servers *wq_servers_new(struct wq_arena *arena,
				  const struct wq_compile *compiles,
				  unsigned int count, bool dependencies,
				  const char *directory);

/*
 * The numbers of all commands in the order in which they are to be compiled,
 * @count of them; @servers may be NULL.
 */
const unsigned int *wq_servers_order(const struct wq_servers *servers,
				     struct wq_arena *arena,
				     unsigned int count);

/*
 * Have @number compiled, of which @command is the lint form, with facts into
 * @slot and messages to @output. Returns a descriptor that can be read when
 * it has ended: one byte WQ_SERVED, or the end. -1: there is no server.
 */
int wq_servers_ask(struct wq_servers *servers, unsigned int number,
		   const char *plugin, const char *const *command,
		   const char *slot, int output);

/* @number is done with, whether it was asked for or not. */
void wq_servers_leave(struct wq_servers *servers, unsigned int number);

/* All of them end at once, with what they are at. @servers may be NULL. */
void wq_servers_stop(struct wq_servers *servers);

#endif
