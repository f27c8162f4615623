/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which compiler is it? By what it says itself: the lines of "gcc -v" that
 * tell target, configuration and version. They are what GCC compares when it
 * loads a plugin, so that a plugin for a compiler is in a directory named
 * after them. plugin/gcc-directory does the same for make.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "cli.h"

/* The line of @text that begins with @start, without the newline, or NULL. */
static const char *find_line(struct wq_arena *arena, const char *text,
			     const char *start)
{
	size_t length = strlen(start);

	for (; text; text = strchr(text, '\n'), text = text ? text + 1 : NULL)
		if (!strncmp(text, start, length))
			return wq_arena_printf(arena, "%.*s",
					       (int)strcspn(text, "\n"), text);
	return NULL;
}

/* The checksum that cksum(1) prints. */
static unsigned int checksum(const char *text)
{
	size_t length = strlen(text), i, rest = length;
	unsigned int crc = 0;
	unsigned char byte;
	int bit;

	for (i = 0; i < length || rest; i++) {
		if (i < length) {
			byte = (unsigned char)text[i];
		} else {
			byte = rest & 0xff;
			rest >>= 8;
		}
		crc ^= (unsigned int)byte << 24;
		for (bit = 0; bit < 8; bit++)
			crc = crc & 0x80000000U ? crc << 1 ^ 0x04c11db7U :
						  crc << 1;
	}
	return ~crc;
}

int wq_spawn_wait(struct wq_arena *arena, struct wq_spawn *spawn,
		  const char **text)
{
	int status = 0;
	pid_t pid;

	*text = "";
	spawn->output = wq_spawn_output();
	if (spawn->output < 0)
		return spawn->output;
	pid = wq_spawn(spawn);
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	*text = wq_spawn_text(arena, spawn->output);
	return pid < 0 ? pid : status;
}

const char *wq_compiler_identify(struct wq_arena *arena, const char *program,
				 const char *directory,
				 struct wq_compiler *compiler)
{
	const char *const argv[] = { program, "-v", NULL };
	struct wq_spawn spawn = {
		.argv = argv, .directory = directory, .in_english = true,
	};
	const char *text, *target, *configured, *version;
	int status = wq_spawn_wait(arena, &spawn, &text);

	if (status < 0)
		return wq_arena_printf(arena, "cannot run %s: %s", program,
				       strerror(-status));
	target = find_line(arena, text, "Target: ");
	configured = find_line(arena, text, "Configured with: ");
	version = find_line(arena, text, "gcc version ");
	if (status || !target || !version)
		return wq_arena_printf(arena, "%s is not GCC, which alone "
				       "loads GCC plugins", program);
	compiler->program = program;
	compiler->identity = wq_arena_printf(arena, "%s\n%s%s%s\n", target,
					     configured ? configured : "",
					     configured ? "\n" : "", version);
	compiler->machine = target + strlen("Target: ");
	version += strlen("gcc version ");
	compiler->version = wq_arena_printf(arena, "%.*s",
					    (int)strcspn(version, " "),
					    version);
	compiler->id = wq_arena_printf(arena, "%s/%s-%08x", compiler->machine,
				       compiler->version,
				       checksum(compiler->identity));
	return NULL;
}
