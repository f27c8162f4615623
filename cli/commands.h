/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The compile commands of a kernel's C sources, out of what make prints or
 * has written down. Text is split into words here as a shell would, and never
 * given to one.
 */
#ifndef WQ_COMMANDS_H
#define WQ_COMMANDS_H

#include "kernel.h"

/* A command, and what it is known by. */
struct wq_kernel_command {
	const char *output;
	const char *source;
	const char *const *argv;
};

/* Zeroed but for the first two it is empty. */
struct wq_commands {
	struct wq_arena *arena;
	const char *mark;		/* an argument that all of them have */
	struct wq_kernel_command *list;
	unsigned int count;
};

/*
 * Add the commands in @line that compile one C source to an object and have
 * the mark. @line, of which any number are separated by ; & or |, is changed.
 */
void wq_commands_add_line(struct wq_commands *commands, char *line);

/* Add one that was read before. All is kept. */
void wq_commands_add(struct wq_commands *commands, const char *output,
		     const char *source, const char *const *argv);

/*
 * Put them in the order of their objects' names, an object once, and fill
 * @database: commands that run where @tree is built. @database needs nothing
 * more of @commands than the arena.
 */
void wq_commands_finish(struct wq_commands *commands,
			const struct wq_kernel *tree,
			struct wq_compdb *database);

#endif
