/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Starting a compiler, and catching what it says.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "serving.h"

/* More than this of one compiler's messages helps nobody. */
#define OUTPUT_BYTES (64 * 1024)

/*
 * GCC writes dependency files where the first say; ccache is of no use here;
 * the rest is for a make that is not to know the one that may run us.
 */
static bool is_left_out(const char *variable, const struct wq_spawn *spawn)
{
	static const char *const names[] = {
		"DEPENDENCIES_OUTPUT=", "SUNPRO_DEPENDENCIES=",
		"CCACHE_DISABLE=", "MAKEFLAGS=", "MFLAGS=", "GNUMAKEFLAGS=",
		"MAKELEVEL=", "KBUILD_OUTPUT=", "KBUILD_EXTMOD=",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(variable, names[i], strlen(names[i])))
			return true;
	if (spawn->in_english && !strncmp(variable, "LC_ALL=", 7))
		return true;
	return spawn->temporary && !strncmp(variable, "TMPDIR=", 7);
}

static char **make_environment(struct wq_arena *arena,
			       const struct wq_spawn *spawn)
{
	char **from, **list;
	size_t count = 0;

	for (from = environ; *from; from++)
		count++;
	list = wq_arena_alloc(arena, (count + 4) * sizeof(*list));
	count = 0;
	for (from = environ; *from; from++)
		if (!is_left_out(*from, spawn))
			list[count++] = *from;
	list[count++] = (char *)wq_arena_copy(arena, "CCACHE_DISABLE=1");
	if (spawn->in_english)
		list[count++] = (char *)wq_arena_copy(arena, "LC_ALL=C");
	if (spawn->temporary)
		list[count++] = (char *)wq_arena_printf(arena, "TMPDIR=%s",
							spawn->temporary);
	return list;
}

static void set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, pipe;

	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	posix_spawnattr_init(attributes);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &pipe);
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
				 POSIX_SPAWN_SETSIGDEF |
				 POSIX_SPAWN_SETPGROUP);
}

static void set_files(posix_spawn_file_actions_t *actions,
		      const struct wq_spawn *spawn)
{
	if (!spawn->keep_stdin)
		posix_spawn_file_actions_addopen(actions, 0, spawn->input ?
						 spawn->input : "/dev/null",
						 O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(actions, spawn->output, 1);
	posix_spawn_file_actions_adddup2(actions, spawn->errors ?
					 spawn->errors : spawn->output, 2);
	if (!spawn->socket)
		return;
	posix_spawn_file_actions_adddup2(actions, spawn->socket,
					 WQ_SERVING_SOCKET);
	/* They are what the compiler opens for nothing else. */
	posix_spawn_file_actions_addopen(actions, WQ_SERVING_DEPENDENCIES,
					 "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(actions, WQ_SERVING_UNIT,
					 "/dev/null", O_WRONLY, 0);
}

pid_t wq_spawn(const struct wq_spawn *spawn)
{
	struct wq_arena *arena = wq_arena_new();
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid;
	int err;

	set_attributes(&attributes);
	posix_spawn_file_actions_init(&actions);
	set_files(&actions, spawn);
	if (spawn->directory)
		posix_spawn_file_actions_addchdir_np(&actions,
						     spawn->directory);
	err = posix_spawnp(&pid, spawn->argv[0], &actions, &attributes,
			   (char *const *)spawn->argv,
			   make_environment(arena, spawn));
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	wq_arena_free(arena);
	return err ? -err : pid;
}

int wq_spawn_output(void)
{
	struct wq_arena *arena = wq_arena_new();
	char *path = (char *)wq_arena_printf(arena, "%s/wqlint-XXXXXX",
					     wq_path_temporary());
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0)
		fd = -errno;
	else
		unlink(path);
	wq_arena_free(arena);
	return fd;
}

const char *wq_spawn_text(struct wq_arena *arena, int output)
{
	char *text = wq_arena_alloc(arena, OUTPUT_BYTES + 1);
	ssize_t got, done = 0;

	while (done < OUTPUT_BYTES &&
	       (got = pread(output, text + done, OUTPUT_BYTES - done,
			    done)) > 0)
		done += got;
	text[done] = '\0';
	close(output);
	return text;
}
