/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the two parts of the reader of facts share: facts-read.c finds units
 * and records, facts-record.c reads one record.
 */
#ifndef WQ_FACTS_READER_H
#define WQ_FACTS_READER_H

#include "facts.h"

#define WQ_MAX_FIELDS	16

struct wq_field {
	const char *key;
	char *value;		/* still escaped */
};

struct wq_reader {
	const char *next, *end;
	const char *begin, *line_end;	/* of the unit, of the line */
	unsigned int line;
	struct wq_unit *unit;		/* being read, or NULL */
	const char **files;
	unsigned int nr_files;
	unsigned int nr_records;
	struct wq_field fields[WQ_MAX_FIELDS];
	unsigned int nr_fields;
	const char *cause;		/* what is wrong, or NULL */
	unsigned int nr_errors;
	wq_unit_fn receive;
	wq_facts_error_fn error;
	void *context;
};

/* Remember the first thing that is wrong with the unit; always false. */
bool wq_reader_fail(struct wq_reader *reader, const char *cause);

/* A decimal number at @text; @end is set behind it. */
bool wq_reader_number(const char *text, long long *number, char **end);

/* Read the record @word, whose fields are in @reader; false: unknown word. */
bool wq_reader_record(struct wq_reader *reader, const char *word);

#endif
