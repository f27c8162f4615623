/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Headers that many compile commands read, compiled once. Most of the time
 * that linting a unit takes is its headers' (doc/validation.md), and GCC can
 * load them as a precompiled header.
 *
 * Commands share one when their options are the same, but for the names that
 * Kbuild gives to each unit; which headers are worth it is asked of some of
 * them with -M. A unit that defines a macro before its last #include could
 * see other headers, and does without. So does one that does not compile
 * with it: the caller tries again.
 */
#ifndef WQ_PREFIX_H
#define WQ_PREFIX_H

#include "cli.h"

struct wq_prefixes;

/*
 * Precompile what is worth it for @count commands, @jobs at a time, in
 * @directory, which is the caller's to remove. NULL: nothing is. Takes some
 * seconds; SIGINT and the like that are pending end it early.
 */
struct wq_prefixes *wq_prefixes_new(struct wq_arena *arena,
				    const struct wq_compile *compiles,
				    unsigned int count, unsigned int jobs,
				    const char *directory);

/*
 * @command, the lint form of command @number, with its prefix; NULL when it
 * has none. Writes a header to @slot, a directory of this command alone.
 */
const char *const *wq_prefixes_apply(const struct wq_prefixes *prefixes,
				     struct wq_arena *arena,
				     unsigned int number,
				     const char *const *command,
				     const char *slot);

#endif
