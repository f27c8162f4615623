/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cache: files DIRECTORY/xx/NAME.KIND that begin with a line that says
 * what the digest of the rest is. Files of a run are in DIRECTORY/run; what a
 * run left that was killed is removed by a later one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cache.h"
#include "children.h"

#define MAGIC		"wqlint-cache 1 "
#define HEADER_BYTES	(sizeof(MAGIC) - 1 + 32 + 1)
#define DEFAULT_BYTES	((unsigned long long)2 << 30)
#define LOCK		"lock"

struct wq_cache {
	struct wq_arena *arena;
	const char *directory, *run;
	int lock;			/* held while the run lives */
	unsigned int nr_links;
	unsigned int nr_stored;
	bool keep;
	bool complained;
};

/* mkdir -p. Returns 0 or a negative errno. */
static int make_directory(const char *path)
{
	char *copy = strdup(path), *slash;
	int err = copy ? 0 : -ENOMEM;

	for (slash = copy; slash && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(copy, 0777);
		*slash = '/';
	}
	if (!err && mkdir(path, 0700) && errno != EEXIST)
		err = -errno;
	free(copy);
	return err;
}

/* Where the cache is, or NULL: there is no home. */
static const char *find_directory(struct wq_arena *arena)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	/* The specification: a relative path is to be ignored. */
	if (cache && *cache == '/')
		return wq_arena_printf(arena, "%s/wqlint", cache);
	if (home && *home == '/')
		return wq_arena_printf(arena, "%s/.cache/wqlint", home);
	return NULL;
}

/* Lock the directory of a run. Returns the descriptor, or -1. */
static int lock_run(struct wq_arena *arena, const char *run, int flags)
{
	int fd = open(wq_arena_printf(arena, "%s/" LOCK, run),
		      O_RDWR | O_CLOEXEC | flags, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* One that has no lock yet may be a run that is just about to begin. */
static void remove_dead_run(struct wq_arena *arena, const char *run)
{
	struct stat status;
	int fd = lock_run(arena, run, 0);

	if (fd >= 0 || (errno == ENOENT && !stat(run, &status) &&
			status.st_mtime + 3600 < time(NULL)))
		wq_temporary_remove(run);
	if (fd >= 0)
		close(fd);
}

static void remove_dead_runs(struct wq_arena *arena, const char *runs)
{
	struct dirent *entry;
	DIR *stream = opendir(runs);

	while (stream && (entry = readdir(stream)))
		if (*entry->d_name != '.')
			remove_dead_run(arena,
					wq_arena_printf(arena, "%s/%s", runs,
							entry->d_name));
	if (stream)
		closedir(stream);
}

struct wq_cache *wq_cache_open(struct wq_arena *arena, bool keep)
{
	struct wq_cache *cache = wq_arena_alloc(arena, sizeof(*cache));
	const char *directory = keep ? find_directory(arena) : NULL, *runs;
	int err;

	cache->arena = arena;
	runs = directory ? wq_arena_printf(arena, "%s/run", directory) : NULL;
	err = runs ? make_directory(runs) : 0;
	if (err) {
		wq_msg("%s: cannot use the cache: %s", runs, strerror(-err));
		runs = NULL;
	} else if (runs) {
		remove_dead_runs(arena, runs);
	}
	cache->run = wq_temporary_make(arena, runs ? runs
						   : wq_path_temporary());
	if (!cache->run)
		return NULL;
	cache->lock = lock_run(arena, cache->run, O_CREAT);
	cache->directory = runs ? directory : cache->run;
	cache->keep = runs != NULL;
	return cache;
}

const char *wq_cache_run_directory(const struct wq_cache *cache)
{
	return cache->run;
}

static const char *entry_path(struct wq_cache *cache, struct wq_arena *arena,
			      const struct wq_digest *name, const char *kind)
{
	const char *text = wq_digest_text(arena, name);

	return wq_arena_printf(arena, "%s/%.2s/%s.%s", cache->directory, text,
			       text + 2, kind);
}

/* Does @text of @bytes bytes say of itself what it is? */
static bool is_entry(struct wq_arena *arena, const char *text, size_t bytes)
{
	struct wq_digest digest;

	if (bytes < HEADER_BYTES || text[HEADER_BYTES - 1] != '\n' ||
	    memcmp(text, MAGIC, strlen(MAGIC)))
		return false;
	digest = wq_digest_of(text + HEADER_BYTES, bytes - HEADER_BYTES);
	return !memcmp(text + strlen(MAGIC), wq_digest_text(arena, &digest),
		       32);
}

/* A second name of the file @path, which stays when the first one goes. */
static const char *hold(struct wq_cache *cache, const char *path)
{
	const char *name = wq_arena_printf(cache->arena, "%s/%u.facts",
					   cache->run, cache->nr_links++);

	return link(path, name) ? wq_arena_copy(cache->arena, path) : name;
}

char *wq_cache_load(struct wq_cache *cache, const struct wq_digest *name,
		    const char *kind, size_t *bytes, const char **path,
		    size_t *offset)
{
	struct wq_arena *scratch = wq_arena_new();
	const char *entry = entry_path(cache, scratch, name, kind);
	char *text = wq_file_read(entry, bytes);

	if (text && !is_entry(scratch, text, *bytes)) {
		free(text);
		text = NULL;
	}
	if (text) {
		utimensat(AT_FDCWD, entry, NULL, 0);
		if (path)
			*path = hold(cache, entry);
		if (offset)
			*offset = HEADER_BYTES;
		*bytes -= HEADER_BYTES;
		memmove(text, text + HEADER_BYTES, *bytes + 1);
	}
	wq_arena_free(scratch);
	return text;
}

static int write_file(const char *path, const char *header, const char *text,
		      size_t bytes)
{
	FILE *out = fopen(path, "we");
	int err;

	if (!out)
		return -errno;
	fputs(header, out);
	fwrite(text, 1, bytes, out);
	err = ferror(out) ? -EIO : 0;
	if (fclose(out) && !err)
		err = -errno;
	return err;
}

void wq_cache_store(struct wq_cache *cache, const struct wq_digest *name,
		    const char *kind, const char *text, size_t bytes)
{
	struct wq_arena *scratch = wq_arena_new();
	struct wq_digest digest = wq_digest_of(text, bytes);
	const char *entry = entry_path(cache, scratch, name, kind);
	const char *temporary = wq_arena_printf(scratch, "%s/new", cache->run);
	int err = write_file(temporary, wq_arena_printf(scratch, MAGIC "%s\n",
				wq_digest_text(scratch, &digest)),
			     text, bytes);

	if (!err && rename(temporary, entry)) {
		mkdir(wq_path_absolute(scratch, entry, ".."), 0700);
		err = rename(temporary, entry) ? -errno : 0;
	}
	if (err && !cache->complained)
		wq_msg("%s: cannot write to the cache: %s", cache->directory,
		       strerror(-err));
	cache->complained |= err != 0;
	cache->nr_stored++;
	wq_arena_free(scratch);
}

/* Size */

struct file {
	const char *path;
	struct timespec used;
	unsigned long long bytes;
};

struct listing {
	struct wq_arena *arena;
	struct file *files;
	unsigned int count;
	unsigned long long bytes;
};

/* $WQLINT_CACHE_SIZE, in bytes or with K, M or G. */
static unsigned long long size_limit(void)
{
	const char *text = getenv("WQLINT_CACHE_SIZE");
	unsigned long long limit;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return DEFAULT_BYTES;
	limit = strtoull(text, &end, 10);
	switch (*end) {
	case 'G': case 'g': return limit << 30;
	case 'M': case 'm': return limit << 20;
	case 'K': case 'k': return limit << 10;
	default: return limit;
	}
}

static void list_files(struct listing *listing, const char *directory)
{
	struct dirent *entry;
	DIR *stream = opendir(directory);
	struct stat status;
	struct file *file;

	while (stream && (entry = readdir(stream))) {
		if (*entry->d_name == '.' ||
		    fstatat(dirfd(stream), entry->d_name, &status,
			    AT_SYMLINK_NOFOLLOW) || !S_ISREG(status.st_mode))
			continue;
		listing->files = wq_arena_grow(listing->arena, listing->files,
					       listing->count,
					       sizeof(*listing->files));
		file = &listing->files[listing->count++];
		file->path = wq_arena_printf(listing->arena, "%s/%s",
					     directory, entry->d_name);
		file->used = status.st_mtim;
		file->bytes = (unsigned long long)status.st_blocks * 512;
		listing->bytes += file->bytes;
	}
	if (stream)
		closedir(stream);
}

static int compare_files(const void *left, const void *right)
{
	const struct file *a = left, *b = right;

	if (a->used.tv_sec != b->used.tv_sec)
		return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
	return (a->used.tv_nsec > b->used.tv_nsec) -
	       (a->used.tv_nsec < b->used.tv_nsec);
}

/* Down to nine tenths, so that not every run has to look. */
static void make_room(const char *directory)
{
	struct listing listing = { .arena = wq_arena_new() };
	unsigned long long limit = size_limit();
	unsigned int i;

	for (i = 0; i < 256; i++)
		list_files(&listing, wq_arena_printf(listing.arena, "%s/%02x",
						     directory, i));
	if (listing.bytes > limit) {
		qsort(listing.files, listing.count, sizeof(*listing.files),
		      compare_files);
		for (i = 0; i < listing.count &&
			    listing.bytes > limit - limit / 10; i++) {
			unlink(listing.files[i].path);
			listing.bytes -= listing.files[i].bytes;
		}
	}
	wq_arena_free(listing.arena);
}

void wq_cache_close(struct wq_cache *cache)
{
	if (!cache)
		return;
	if (cache->keep && cache->nr_stored)
		make_room(cache->directory);
	wq_temporary_remove(cache->run);
	if (cache->lock >= 0)
		close(cache->lock);
}
