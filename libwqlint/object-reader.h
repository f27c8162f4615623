/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of the reader of files share: object.c opens files and
 * reads objects, archive.c finds the members of archives.
 */
#ifndef WQ_OBJECT_READER_H
#define WQ_OBJECT_READER_H

#include <sys/types.h>

#include "object.h"

/* A file that was met, by whatever name. */
struct seen_file {
	dev_t device;
	ino_t inode;
	bool is_there;		/* else an empty slot */
	bool has_facts;		/* or something was wrong, which was said */
};

struct wq_objects {
	wq_unit_fn receive;
	wq_facts_error_fn error;
	void *context;
	struct wq_arena *arena;	/* NULL: units are read whole */
	const char *name, *path;	/* what to read; the file that is open */
	off_t offset;		/* in it, of the object or facts being read */
	char *text;		/* of the last file of facts */
	size_t text_size;
	struct seen_file *seen;	/* a hash table, of a power of two */
	size_t nr_seen, nr_slots;
	const char *member;	/* of an archive, being read; or NULL */
	unsigned int depth;	/* of thin archives in thin archives */
	unsigned int nr_wrong;
};

/* Report @cause at @line; @context is a struct wq_objects. */
void wq_objects_error(unsigned int line, const char *cause, void *context);

/* Report @cause, of the member or the file that is being read. */
void wq_objects_complain(struct wq_objects *objects, const char *cause);

/* Read exactly @bytes of @fd from @offset; false when there is less. */
bool wq_read_at(int fd, void *buffer, size_t bytes, off_t offset);

/*
 * The three ways to facts. Each returns whether there were any, good or bad;
 * what is wrong is reported.
 */
bool wq_objects_read_file(struct wq_objects *objects, const char *path);
bool wq_objects_read_memory(struct wq_objects *objects, char *bytes,
			    size_t nr_bytes);
bool wq_objects_read_archive(struct wq_objects *objects, const char *path,
			     int fd, off_t size, bool thin);

#endif
