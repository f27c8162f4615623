/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text form of facts: one format for the note in an object and for a
 * facts file. doc/facts-format.md describes it.
 *
 * Line-oriented: "wqlint-facts 4" begins a unit, records follow, each a
 * letter and fields, "end COUNT" closes it with the number of records.
 * Several units may follow one another (ld -r concatenates notes). Bytes
 * that a name cannot hold are written as %XX.
 */
#ifndef WQ_FACTS_H
#define WQ_FACTS_H

#include <stdio.h>
#include <sys/types.h>

#include "unit.h"

#define WQ_FACTS_VERSION 4

/* The section of an object that holds facts; see kernel module.lds.S. */
#define WQ_FACTS_SECTION ".discard.wqlint"

/* Facts of @unit as text in @arena; never NULL. */
const char *wq_facts_text(struct wq_arena *arena, const struct wq_unit *unit);

/*
 * Write facts of @unit to @path, whole or not at all (a temporary file in
 * the same directory is renamed). Returns 0 or a negative errno.
 */
int wq_facts_write_file(const struct wq_unit *unit, const char *path);

/* Called per unit read; the receiver owns @unit and frees it. */
typedef void (*wq_unit_fn)(struct wq_unit *unit, void *context);

/*
 * Called per thing that is wrong: @line counts from 1 in the text, @cause
 * says what is wrong in one line and is valid only during the call.
 */
typedef void (*wq_facts_error_fn)(unsigned int line, const char *cause,
				  void *context);

/* Where the text of a unit is. */
struct wq_place {
	const char *path;	/* NULL: only in memory */
	const char *name;	/* for messages: @path, or an archive it is in */
	const char *member;	/* of that archive, for messages; or NULL */
	off_t offset;
	size_t bytes;
	unsigned int line;	/* at which it begins in its note or file */
	const char *directory;	/* for who reads the rest; NULL at first */
};

/*
 * Read all units in @text of @bytes bytes (it need not end with NUL). A
 * unit that is truncated, corrupt or of a newer version is reported through
 * @error and left out as a whole; reading goes on with the next. Returns
 * the number of units left out.
 */
unsigned int wq_facts_read(const char *text, size_t bytes,
			   wq_unit_fn receive, wq_facts_error_fn error,
			   void *context);

/* The same with units in @arena, which the receiver does not free. */
unsigned int wq_facts_read_into(struct wq_arena *arena, const char *text,
				size_t bytes, wq_unit_fn receive,
				wq_facts_error_fn error, void *context);

/*
 * The same, but of each unit only what comes before its functions and
 * events: who it is, its types and its queues. The other records are counted
 * and nothing else. Units have a place, from the beginning of @text.
 */
unsigned int wq_facts_scan(struct wq_arena *arena, const char *text,
			   size_t bytes, wq_unit_fn receive,
			   wq_facts_error_fn error, void *context);

/*
 * The same when only the first @bytes and the last @tail_bytes of @text_bytes
 * are at hand. That is enough for one unit whose header is in the first, if
 * it is as long as its record says. Returns whether it was; otherwise nothing
 * was received.
 */
bool wq_facts_scan_ends(struct wq_arena *arena, const char *text, size_t bytes,
			const char *tail, size_t tail_bytes, size_t text_bytes,
			wq_unit_fn receive, void *context);

#endif
