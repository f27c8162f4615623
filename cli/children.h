/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Child processes, many at once, and what becomes of them when a signal ends
 * the program: children are stopped, temporary directories go, and the
 * program dies of the signal, so that a shell says 130 for Ctrl-C.
 */
#ifndef WQ_CHILDREN_H
#define WQ_CHILDREN_H

#include "cli.h"

/*
 * From here on SIGINT, SIGTERM, SIGHUP and SIGQUIT wait until they are asked
 * for; those that the caller ignores (nohup) stay ignored. Pairs nest. The
 * last wq_signals_release() lets a signal that waits end the program.
 */
void wq_signals_hold(void);
void wq_signals_release(void);

/* Die here if a held signal waits. For between two long steps. */
void wq_signals_check(void);

/*
 * A new directory PREFIX-XXXXXX in @parent, without symlinks in its name. It
 * goes with wq_temporary_remove(), and when a held signal ends the program.
 * NULL after a message.
 */
const char *wq_temporary_make(struct wq_arena *arena, const char *parent);
void wq_temporary_remove(const char *path);

/* Remove all files in directory @path, not those in directories below. */
void wq_directory_empty(const char *path);

/*
 * @count children, at most @jobs at a time. Each runs with a directory of its
 * own as TMPDIR, which is emptied after @finish.
 */
struct wq_children {
	struct wq_arena *arena;
	unsigned int count, jobs;
	void *context;
	/*
	 * Called first, with a directory for what all children need; it goes
	 * when they have ended. May be NULL.
	 */
	void (*begin)(void *context, const char *directory);
	/*
	 * Fill @spawn for child @number; what is in @scratch lives until it
	 * was started. False: there is nothing to run, and no @finish. Or
	 * have it done by somebody else, with what it says to spawn->output,
	 * and leave in *@answer a descriptor that can be read when it ended:
	 * one byte WQ_SERVED, which is status 0, or the end.
	 */
	bool (*prepare)(void *context, unsigned int number,
			const char *directory, struct wq_arena *scratch,
			struct wq_spawn *spawn, int *answer);
	/* It could not be started: a negative errno. */
	void (*fail)(void *context, unsigned int number, const char *program,
		     int err);
	/*
	 * It ended. @output, what it said, is to be closed. True: prepare it
	 * once more.
	 */
	bool (*finish)(void *context, unsigned int number,
		       const char *directory, int status, int output);
	/* A signal ends the program; may be NULL. */
	void (*stop)(void *context);
};

/*
 * Run them all. Returns 0, or -1 after a message. A held signal does not
 * return: the children and all temporaries are gone when the program dies.
 */
int wq_children_run(const struct wq_children *children);

/*
 * Run @spawn, whose output is set here, and hand what it prints to @receive
 * piece by piece. Returns its status as waitpid() does, or a negative errno.
 * Signals are held, and treated as wq_children_run() does.
 */
int wq_child_read(const struct wq_spawn *spawn,
		  void (*receive)(void *context, const char *text,
				  size_t bytes),
		  void *context);

#endif
