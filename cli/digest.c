/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Digests: XXH3, which reads as fast as memory does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "cli.h"
#include "digest.h"
#include "table.h"

struct wq_digesting {
	XXH3_state_t *state;
};

struct wq_digesting *wq_digest_begin(void)
{
	struct wq_digesting *digesting = malloc(sizeof(*digesting));

	if (digesting)
		digesting->state = XXH3_createState();
	if (!digesting || !digesting->state) {
		wq_msg("out of memory");
		exit(WQ_EXIT_INTERNAL);
	}
	XXH3_128bits_reset(digesting->state);
	return digesting;
}

void wq_digest_add(struct wq_digesting *digesting, const void *data,
		   size_t bytes)
{
	uint64_t length = bytes;

	XXH3_128bits_update(digesting->state, &length, sizeof(length));
	XXH3_128bits_update(digesting->state, data, bytes);
}

void wq_digest_add_text(struct wq_digesting *digesting, const char *text)
{
	wq_digest_add(digesting, text ? text : "", text ? strlen(text) : 0);
}

static struct wq_digest digest_of(XXH128_hash_t hash)
{
	XXH128_canonical_t canonical;
	struct wq_digest digest;

	XXH128_canonicalFromHash(&canonical, hash);
	memcpy(digest.bytes, canonical.digest, sizeof(digest.bytes));
	return digest;
}

struct wq_digest wq_digest_end(struct wq_digesting *digesting)
{
	struct wq_digest digest =
		digest_of(XXH3_128bits_digest(digesting->state));

	XXH3_freeState(digesting->state);
	free(digesting);
	return digest;
}

struct wq_digest wq_digest_of(const void *data, size_t bytes)
{
	return digest_of(XXH3_128bits(data, bytes));
}

bool wq_digest_equal(const struct wq_digest *a, const struct wq_digest *b)
{
	return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

const char *wq_digest_text(struct wq_arena *arena,
			   const struct wq_digest *digest)
{
	static const char digits[] = "0123456789abcdef";
	char *text = wq_arena_alloc(arena, 2 * sizeof(digest->bytes) + 1);
	size_t i;

	for (i = 0; i < sizeof(digest->bytes); i++) {
		text[2 * i] = digits[digest->bytes[i] >> 4];
		text[2 * i + 1] = digits[digest->bytes[i] & 15];
	}
	return text;
}

char *wq_file_read(const char *path, size_t *bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat status;
	char *text = NULL;
	ssize_t got;

	if (fd < 0)
		return NULL;
	*bytes = 0;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
		errno = EINVAL;
		goto close_file;
	}
	text = malloc((size_t)status.st_size + 1);
	while (text && *bytes < (size_t)status.st_size &&
	       (got = read(fd, text + *bytes,
			   (size_t)status.st_size - *bytes)) > 0)
		*bytes += (size_t)got;
	if (text)
		text[*bytes] = '\0';
close_file:
	close(fd);
	return text;
}

/* Files */

struct known_file {
	struct wq_digest digest;
	bool is_there;
};

struct wq_file_digests {
	struct wq_arena *arena;
	const char *directory;		/* of the last question */
	struct wq_table *table;		/* of that directory */
	struct wq_table directories;
};

struct wq_file_digests *wq_file_digests_new(struct wq_arena *arena)
{
	struct wq_file_digests *files = wq_arena_alloc(arena, sizeof(*files));

	files->arena = arena;
	return files;
}

static struct wq_table *table_of(struct wq_file_digests *files,
				 const char *directory)
{
	struct wq_entry *entry;

	if (files->directory && !strcmp(files->directory, directory))
		return files->table;
	files->directory = wq_arena_intern(files->arena, directory);
	entry = wq_table_find(&files->directories,
			      wq_key_of(files->directory));
	files->table = entry && entry->count ? entry->list :
		wq_table_add(files->arena, &files->directories,
			     wq_key_of(files->directory),
			     sizeof(struct wq_table));
	return files->table;
}

const struct wq_digest *wq_file_digest(struct wq_file_digests *files,
				       const char *directory, const char *path)
{
	struct wq_table *table = table_of(files, directory);
	struct wq_entry *entry = wq_table_find(table, wq_key_of(path));
	struct known_file *known;
	size_t bytes;
	char *text;

	if (entry && entry->count) {
		known = entry->list;
		return known->is_there ? &known->digest : NULL;
	}
	path = wq_arena_copy(files->arena, path);
	known = wq_table_add(files->arena, table, wq_key_of(path),
			     sizeof(*known));
	text = wq_file_read(*path == '/' ? path :
			    wq_arena_printf(files->arena, "%s/%s", directory,
					    path), &bytes);
	if (text) {
		known->digest = wq_digest_of(text, bytes);
		known->is_there = true;
	}
	free(text);
	return known->is_there ? &known->digest : NULL;
}
