/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of the reader of facts share: facts-read.c finds units and
 * records, facts-fields.c splits a record, facts-record.c makes of it what
 * it stands for. The text is neither copied nor changed.
 */
#ifndef WQ_FACTS_READER_H
#define WQ_FACTS_READER_H

#include "facts.h"

#define WQ_MAX_FIELDS	16

/*
 * Far more than the largest unit of a kernel has: 1106 functions, 1575
 * events, 2294 expressions, 12 variables, 8 conditions. Beyond them, who
 * follows facts would take forever.
 */
#define WQ_MAX_PARAMS		1024
#define WQ_MAX_FUNCTIONS	16384
#define WQ_MAX_TYPES		16384
#define WQ_MAX_FILES		4096
#define WQ_MAX_QUEUES		1024
#define WQ_MAX_EVENTS		32768
#define WQ_MAX_EXPRS		65536
#define WQ_MAX_ROLES		256
#define WQ_MAX_PER_EVENT	256
#define WQ_MAX_BLOCKS		16384	/* of a function; and edges of a block */
#define WQ_MAX_LIST		256	/* of expressions */
/* Three for each expression, and some for all else. */
#define WQ_MAX_NAMES		(4 * WQ_MAX_EXPRS)

/* The words and keys that a record can have; see facts-fields.c. */
enum wq_word {
	WQ_WORD_UNIT, WQ_WORD_FILE, WQ_WORD_TYPE, WQ_WORD_QUEUE,
	WQ_WORD_FUNCTION, WQ_WORD_EVENT, WQ_WORD_EXPR, WQ_WORD_OPERANDS,
	WQ_WORD_CONDITION, WQ_WORD_VARIABLE, WQ_WORD_FLOW,
	WQ_NR_WORDS
};

enum wq_key {
	WQ_KEY_ALLOCATED, WQ_KEY_ALWAYS, WQ_KEY_ANY, WQ_KEY_ARGS, WQ_KEY_AT,
	WQ_KEY_BASE, WQ_KEY_BASENAME, WQ_KEY_BLOCKS, WQ_KEY_CALLEE, WQ_KEY_COMPILER,
	WQ_KEY_DEFINED, WQ_KEY_DELAY, WQ_KEY_DELAYED, WQ_KEY_DIFFERS,
	WQ_KEY_DIRECTORY, WQ_KEY_EVENT, WQ_KEY_FIELD_TYPE, WQ_KEY_FILE,
	WQ_KEY_FUNCTION, WQ_KEY_HELD, WQ_KEY_HOLDS, WQ_KEY_IDLE,
	WQ_KEY_INLINE, WQ_KEY_KIND, WQ_KEY_LEFT, WQ_KEY_MAIN, WQ_KEY_MANAGED,
	WQ_KEY_MODFILE, WQ_KEY_MODNAME, WQ_KEY_MODULE, WQ_KEY_NAME,
	WQ_KEY_NUMBER, WQ_KEY_OBJECT, WQ_KEY_PARAMS, WQ_KEY_QUEUE,
	WQ_KEY_REST, WQ_KEY_RIGHT, WQ_KEY_ROLES, WQ_KEY_SCHEDULE_QUEUE, WQ_KEY_SECTION,
	WQ_KEY_SOURCE, WQ_KEY_STATIC, WQ_KEY_TAG, WQ_KEY_TAKEN, WQ_KEY_TYPE,
	WQ_KEY_VALUE, WQ_KEY_WORK,
	WQ_NR_KEYS
};

/* A value, still escaped; it does not end with NUL. */
struct wq_value {
	const char *text, *end;
};

/* A word of the format, with its first eight bytes as one number. */
struct wq_token {
	const char *text, *end;
	uint64_t head;
};

/* Names and their numbers, by a hash: filled when first asked. */
#define WQ_LOOKUP_BITS	8

struct wq_lookup {
	const char *(*name)(int number);
	int count;		/* less than half of the slots */
	bool is_filled;
	struct {
		uint64_t head;
		unsigned int bytes;	/* 0: an empty slot */
		int number;
	} slots[1 << WQ_LOOKUP_BITS];
};

struct wq_reader {
	const char *next, *end;
	const char *nul;		/* the first NUL in the rest, or NULL */
	const char *percent;		/* the first %, or the end */
	const char *last_newline;	/* of the text, or NULL */
	const char *begin, *line_end;	/* of the unit, of the line */
	const char *text;		/* all of it */
	unsigned int line, first_line;	/* being read; of the unit */
	struct wq_arena *arena;		/* for units, or NULL: one for each */
	bool headers_only;
	/* Of the text only the first part is here, and the last bytes. */
	struct wq_value tail;
	bool gave_up;			/* that was not enough */
	size_t text_bytes;		/* all of it */
	size_t rest;			/* that the unit has after its record */
	const char *rest_begin;
	size_t unit_bytes;		/* without its last newline, or 0 */
	struct wq_unit *unit;		/* being read, or NULL */
	const char **files;		/* this, and types: used again */
	unsigned int nr_files, max_files;
	struct wq_type *types;		/* of headers only: until they end */
	unsigned int max_types;
	const char **names;		/* from version 4 */
	unsigned int nr_names, max_names;
	unsigned int version;		/* of the unit */
	unsigned int nr_records;
	enum wq_word word;		/* of the record */
	struct wq_value values[WQ_NR_KEYS];
	uint64_t present;		/* bits: which keys there are */
	bool escaped;			/* a value may be: the line has a % */
	char *unescaped;		/* the last value that had to be */
	size_t unescaped_size;
	const char *cause;		/* what is wrong, or NULL */
	unsigned int nr_errors;
	wq_unit_fn receive;
	wq_facts_error_fn error;
	void *context;
};

/* Remember the first thing that is wrong with the unit; always false. */
bool wq_reader_fail(struct wq_reader *reader, const char *cause);

/* A decimal number at @text, before @limit; @end is set behind it. */
bool wq_reader_any_number(const char *text, const char *limit,
			  long long *number, const char **end);

/* The same, quickly for those of few digits, as most are. */
static inline bool wq_reader_number(const char *text, const char *limit,
				    long long *number, const char **end)
{
	const char *digit = text;
	unsigned int value = 0;

	while (digit < limit && digit - text < 9 && *digit >= '0' &&
	       *digit <= '9')
		value = value * 10 + (unsigned int)(*digit++ - '0');
	if (digit == text || digit - text == 9)
		return wq_reader_any_number(text, limit, number, end);
	*number = value;
	*end = digit;
	return true;
}

/*
 * Split the record from @line to the end of the line into reader->word and
 * the fields; false after a failure.
 */
bool wq_reader_split(struct wq_reader *reader, const char *line);

/*
 * The first byte from @text on that is no part of a text, such as a blank or a
 * newline; there is one. Whether there are escapes before it is stored.
 */
const char *wq_reader_find_blank(const struct wq_reader *reader,
				 const char *text, bool *escaped);

/* Which of the names is @text, a part of the line, or -1. */
int wq_reader_lookup(const struct wq_reader *reader,
		     struct wq_lookup *lookup, struct wq_value text);

/*
 * A field of the record: whether it is there; its text, interned in the unit's
 * arena, or NULL; a number, or 0; whether it is 1. Wrong ones fail.
 */
static inline bool wq_reader_has(const struct wq_reader *reader,
				 enum wq_key key)
{
	return reader->present >> key & 1;
}

const char *wq_reader_intern(struct wq_reader *reader, struct wq_value value,
			     bool escaped);
long long wq_reader_parse_number(struct wq_reader *reader,
				 struct wq_value value);

/* Most fields are not there, and nothing is called for those. */
static inline const char *wq_reader_text(struct wq_reader *reader,
					 enum wq_key key)
{
	return wq_reader_has(reader, key)
	       ? wq_reader_intern(reader, reader->values[key],
				  reader->escaped) : NULL;
}

static inline long long wq_reader_get_number(struct wq_reader *reader,
					     enum wq_key key)
{
	return wq_reader_has(reader, key)
	       ? wq_reader_parse_number(reader, reader->values[key]) : 0;
}

static inline bool wq_reader_flag(struct wq_reader *reader, enum wq_key key)
{
	return wq_reader_get_number(reader, key) == 1;
}

/* Make what the record stands for. */
void wq_reader_record(struct wq_reader *reader);

/* Has @count reached @limit? Then there is no room for one more: a failure. */
static inline bool wq_reader_is_full(struct wq_reader *reader,
				     unsigned int count, unsigned int limit)
{
	return count >= limit && !wq_reader_fail(reader, "too many records");
}

/*
 * Parts of the unit, checked, after which reader->cause may be set; @expr
 * is copied. A type is NULL after a failure, and so may an expression be.
 */
void wq_reader_add_file(struct wq_reader *reader, const char *name);
struct wq_type *wq_reader_new_type(struct wq_reader *reader, const char *tag);
const struct wq_expr *wq_reader_expr(struct wq_reader *reader,
				     struct wq_expr *expr);

/* The blocks of @function, which may be NULL; false after a failure. */
bool wq_reader_flow(struct wq_reader *reader, struct wq_function *function,
		    struct wq_value blocks);

/* Is there a record of version 4 at @line: one letter, then its fields? */
static inline bool wq_reader_is_short(const struct wq_reader *reader,
				      const char *line)
{
	return reader->version >= 4 && reader->end - line > 1 &&
	       (line[1] == ' ' || line[1] == '\n');
}

/* Is it one of the header of a unit? */
bool wq_short_is_header(const char *line);

/*
 * Read the short records from @line on, or only that one if the reader reads
 * headers; the reader is left before the next line. One that the text ends in
 * is not read: the unit is cut short.
 */
void wq_reader_read_short(struct wq_reader *reader, const char *line);

#endif
