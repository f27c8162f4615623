/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file beside another, and rename().
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replace.h"

/* The mode that @path has, or that a new file would have. */
static mode_t mode_of(const char *path)
{
	struct stat status;
	mode_t mask;

	if (!stat(path, &status))
		return status.st_mode & 07777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

int wq_replace_begin(struct wq_replacement *replacement,
		     struct wq_arena *arena, const char *path, mode_t mode)
{
	char *resolved = realpath(path, NULL);
	int fd, err;

	replacement->path = wq_arena_copy(arena, resolved ? resolved : path);
	free(resolved);
	replacement->mode = mode ? mode : mode_of(replacement->path);
	replacement->name = (char *)wq_arena_printf(arena, "%s.XXXXXX",
						    replacement->path);
	fd = mkostemp(replacement->name, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	replacement->out = fdopen(fd, "w");
	if (replacement->out)
		return 0;
	err = -errno;
	close(fd);
	unlink(replacement->name);
	return err;
}

int wq_replace_end(struct wq_replacement *replacement, int err)
{
	FILE *out = replacement->out;

	errno = 0;
	if (!err && (fflush(out) || ferror(out) ||
		     fchmod(fileno(out), replacement->mode) ||
		     fsync(fileno(out))))
		err = errno ? -errno : -EIO;
	if (fclose(out) && !err)
		err = -errno;
	if (!err && rename(replacement->name, replacement->path))
		err = -errno;
	if (err)
		unlink(replacement->name);
	return err;
}
