/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The members of an archive. libelf knows no thin archives, and of others it
 * does not tell one that is cut short from one that ends; so headers are
 * read here, and libelf gets the objects.
 *
 * A thin archive, such as Kbuild's built-in.a, has only the names of its
 * members, relative to its own directory.
 */
#include <ar.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object-reader.h"

/* The largest object of a kernel is far smaller, debug information and all. */
#define MAX_MEMBER_BYTES	((off_t)1 << 30)
#define MAX_NAME_TABLE_BYTES	((off_t)1 << 26)

struct archive {
	struct wq_objects *objects;
	const char *path;
	int fd;
	off_t size;
	bool thin;
	struct wq_arena *arena;
	char *names;		/* the table of long names, or NULL */
	bool has_facts;
};

/* A number of at most @bytes digits, padded with blanks; -1: it is none. */
static off_t parse_number(const char *text, size_t bytes)
{
	off_t number = 0;
	size_t i, nr_digits;

	for (i = 0; i < bytes && text[i] >= '0' && text[i] <= '9'; i++)
		number = number * 10 + (text[i] - '0');
	for (nr_digits = i; i < bytes && text[i] == ' '; i++)
		;
	return nr_digits && i == bytes ? number : -1;
}

/* "/123", and "/123:456" for a member of an archive in a thin one. */
static const char *long_name(struct archive *archive, const char *field)
{
	char *end;
	unsigned long offset = strtoul(field + 1, &end, 10);
	const char *name;

	if (end == field + 1 || !archive->names ||
	    offset >= strlen(archive->names))
		return NULL;
	name = archive->names + offset;
	end = strchrnul(name, '\n');
	if (end > name && end[-1] == '/')
		end--;
	return wq_arena_printf(archive->arena, "%.*s", (int)(end - name), name);
}

/* The name of the member at @header, or NULL when it is broken. */
static const char *member_name(struct archive *archive,
			       const struct ar_hdr *header)
{
	char field[sizeof(header->ar_name) + 1] = "";
	char *end;

	memcpy(field, header->ar_name, sizeof(header->ar_name));
	if (field[0] == '/')
		return long_name(archive, field);
	end = strchr(field, '/');
	if (!end)
		for (end = field + strlen(field);
		     end > field && end[-1] == ' '; end--)
			;
	*end = '\0';
	return wq_arena_copy(archive->arena, field);
}

/* Symbol tables and the table of names are in thin archives, too. */
static bool is_special(const struct ar_hdr *header)
{
	return !strncmp(header->ar_name, "/ ", 2) ||
	       !strncmp(header->ar_name, "// ", 3) ||
	       !strncmp(header->ar_name, "/SYM64/ ", 8);
}

static void read_names(struct archive *archive, off_t offset, off_t bytes)
{
	if (archive->names || bytes > MAX_NAME_TABLE_BYTES) {
		wq_objects_complain(archive->objects,
				    "the archive's table of names is broken");
		return;
	}
	archive->names = wq_arena_alloc(archive->arena, (size_t)bytes + 1);
	if (!wq_read_at(archive->fd, archive->names, (size_t)bytes, offset))
		wq_objects_complain(archive->objects,
				    "the archive's table of names is cut short");
}

/* A member that is a file of its own. */
static bool read_outside(struct archive *archive, const char *name)
{
	const char *slash = strrchr(archive->path, '/');

	if (*name != '/' && slash)
		name = wq_arena_printf(archive->arena, "%.*s/%s",
				       (int)(slash - archive->path),
				       archive->path, name);
	return wq_objects_read_file(archive->objects, name);
}

static bool read_copy(struct wq_objects *objects, char *copy, off_t offset,
		      off_t bytes)
{
	off_t saved = objects->offset;
	bool has_facts;

	objects->offset = offset;
	has_facts = wq_objects_read_memory(objects, copy, (size_t)bytes);
	objects->offset = saved;
	return has_facts;
}

static bool read_inside(struct archive *archive, off_t offset, off_t bytes)
{
	bool has_facts = false;
	char *copy;

	if (bytes > MAX_MEMBER_BYTES) {
		wq_objects_complain(archive->objects, "is too large");
		return false;
	}
	copy = malloc((size_t)bytes + 1);
	if (!copy)
		wq_objects_complain(archive->objects, "not enough memory");
	else if (!wq_read_at(archive->fd, copy, (size_t)bytes, offset))
		wq_objects_complain(archive->objects, "is cut short");
	else
		has_facts = read_copy(archive->objects, copy, offset, bytes);
	free(copy);
	return has_facts;
}

/* A name as it can be shown on a line. */
static const char *printable(struct wq_arena *arena, const char *name)
{
	char *copy = strcpy(wq_arena_alloc(arena, strlen(name) + 1), name);
	char *at;

	for (at = copy; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	return copy;
}

static void read_member(struct archive *archive, const struct ar_hdr *header,
			off_t offset, off_t bytes)
{
	const char *saved = archive->objects->member;
	const char *name = member_name(archive, header);

	if (!name || !*name) {
		wq_objects_complain(archive->objects,
				    "a member of the archive has no name");
		return;
	}
	archive->objects->member = saved
		? wq_arena_printf(archive->arena, "%s: member %s", saved,
				  printable(archive->arena, name))
		: printable(archive->arena, name);
	archive->has_facts |= archive->thin
		? read_outside(archive, name)
		: read_inside(archive, offset, bytes);
	archive->objects->member = saved;
}

/*
 * Read what is at @offset. Returns where the next header is; 0 when nobody
 * knows.
 */
static off_t read_at(struct archive *archive, off_t offset)
{
	struct ar_hdr header;
	off_t bytes, next = offset + (off_t)sizeof(header);
	bool inside;

	if (!wq_read_at(archive->fd, &header, sizeof(header), offset)) {
		wq_objects_complain(archive->objects,
				    "the archive is cut short");
		return 0;
	}
	bytes = parse_number(header.ar_size, sizeof(header.ar_size));
	if (bytes < 0 || memcmp(header.ar_fmag, ARFMAG, sizeof(header.ar_fmag))) {
		wq_objects_complain(archive->objects, "the archive is broken");
		return 0;
	}
	inside = !archive->thin || is_special(&header);
	if (!strncmp(header.ar_name, "// ", 3))
		read_names(archive, next, bytes);
	else if (!is_special(&header))
		read_member(archive, &header, next, bytes);
	else if (bytes > archive->size - next)
		wq_objects_complain(archive->objects,
				    "the archive is cut short");
	return inside ? next + bytes + bytes % 2 : next;
}

bool wq_objects_read_archive(struct wq_objects *objects, const char *path,
			     int fd, off_t size, bool thin)
{
	struct archive archive = {
		.objects = objects, .path = path, .fd = fd, .size = size,
		.thin = thin, .arena = wq_arena_new(),
	};
	off_t offset = SARMAG;

	while (offset && offset < size)
		offset = read_at(&archive, offset);
	wq_arena_free(archive.arena);
	return archive.has_facts;
}
