/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words, keys and values of one record of facts. A kernel has millions
 * of them: nothing is copied before it is known to be new.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "facts-reader.h"

static const char *word_name(int word)
{
	static const char *const names[WQ_NR_WORDS] = {
		[WQ_WORD_UNIT] = "unit", [WQ_WORD_FILE] = "file",
		[WQ_WORD_TYPE] = "type", [WQ_WORD_QUEUE] = "queue",
		[WQ_WORD_FUNCTION] = "function", [WQ_WORD_EVENT] = "event",
		[WQ_WORD_EXPR] = "expr", [WQ_WORD_OPERANDS] = "operands",
		[WQ_WORD_CONDITION] = "condition",
		[WQ_WORD_VARIABLE] = "variable",
		[WQ_WORD_FLOW] = "flow",
	};

	return names[word];
}

static const char *key_name(int key)
{
	static const char *const names[WQ_NR_KEYS] = {
		[WQ_KEY_ALLOCATED] = "allocated", [WQ_KEY_ALWAYS] = "always",
		[WQ_KEY_ANY] = "any", [WQ_KEY_ARGS] = "args",
		[WQ_KEY_AT] = "at", [WQ_KEY_BASE] = "base",
		[WQ_KEY_BASENAME] = "basename", [WQ_KEY_BLOCKS] = "blocks",
		[WQ_KEY_CALLEE] = "callee",
		[WQ_KEY_COMPILER] = "compiler", [WQ_KEY_DEFINED] = "defined",
		[WQ_KEY_DELAY] = "delay", [WQ_KEY_DELAYED] = "delayed",
		[WQ_KEY_DIFFERS] = "differs", [WQ_KEY_DIRECTORY] = "directory",
		[WQ_KEY_EVENT] = "event", [WQ_KEY_FIELD_TYPE] = "field-type",
		[WQ_KEY_FILE] = "file", [WQ_KEY_FUNCTION] = "function",
		[WQ_KEY_HELD] = "held", [WQ_KEY_HOLDS] = "holds",
		[WQ_KEY_IDLE] = "idle", [WQ_KEY_INLINE] = "inline",
		[WQ_KEY_KIND] = "kind", [WQ_KEY_LEFT] = "left",
		[WQ_KEY_MAIN] = "main", [WQ_KEY_MANAGED] = "managed",
		[WQ_KEY_MODFILE] = "modfile", [WQ_KEY_MODNAME] = "modname",
		[WQ_KEY_MODULE] = "module", [WQ_KEY_NAME] = "name",
		[WQ_KEY_NUMBER] = "number", [WQ_KEY_OBJECT] = "object",
		[WQ_KEY_PARAMS] = "params", [WQ_KEY_QUEUE] = "queue",
		[WQ_KEY_REST] = "rest", [WQ_KEY_RIGHT] = "right", [WQ_KEY_ROLES] = "roles",
		[WQ_KEY_SCHEDULE_QUEUE] = "schedule-queue",
		[WQ_KEY_SECTION] = "section", [WQ_KEY_SOURCE] = "source",
		[WQ_KEY_STATIC] = "static", [WQ_KEY_TAG] = "tag",
		[WQ_KEY_TAKEN] = "taken", [WQ_KEY_TYPE] = "type",
		[WQ_KEY_VALUE] = "value", [WQ_KEY_WORK] = "work",
	};

	return names[key];
}

_Static_assert(WQ_NR_KEYS <= 64, "reader->present has a bit for each key");

bool wq_reader_fail(struct wq_reader *reader, const char *cause)
{
	if (!reader->cause)
		reader->cause = cause;
	return false;
}

/* The text has no NUL in it, so it cannot run past the end of @name. */
static bool is_name(const char *name, const char *text, const char *end)
{
	for (; text < end; name++, text++)
		if (*name != *text)
			return false;
	return !*name;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define WORDS_AT_ONCE	1
#else
#define WORDS_AT_ONCE	0
#endif

/* Where @stop is in the eight bytes of @word, from 0; 8: nowhere. */
static inline unsigned int position(uint64_t word, char stop)
{
	word ^= WQ_EACH_BYTE(stop);
	word = (word - WQ_EACH_BYTE(1)) & ~word & WQ_EACH_BYTE(0x80);
	return word ? (unsigned int)__builtin_ctzll(word) / 8 : 8;
}

/*
 * The word at @text, up to @stop or @end, which is the line's. Up to @limit
 * bytes can be read.
 */
static inline struct wq_token next_token(const char *text, const char *end,
					 const char *limit, char stop)
{
	struct wq_token token = { text, text, 0 };
	unsigned int bytes;

	if (WORDS_AT_ONCE && limit - text >= 8) {
		memcpy(&token.head, text, sizeof(token.head));
		bytes = position(token.head, stop);
		if (bytes > (size_t)(end - text))
			bytes = (unsigned int)(end - text);
		token.end = text + bytes;
		if (bytes < 8)
			token.head &= ((uint64_t)1 << 8 * bytes) - 1;
		if (bytes < 8)
			return token;
	}
	for (; token.end < end && *token.end != stop; token.end++)
		if (token.end - text < 8)
			token.head |= (uint64_t)(unsigned char)*token.end
				      << 8 * (token.end - text);
	return token;
}

/* The slot that @token is in, or the empty one where it would be. */
static inline size_t find_slot(const struct wq_lookup *lookup,
			       struct wq_token token)
{
	unsigned int bytes = (unsigned int)(token.end - token.text);
	size_t i = token.head * 0x9e3779b97f4a7c15ULL >> (64 - WQ_LOOKUP_BITS);

	/* Names of up to eight bytes are compared as numbers. */
	while (lookup->slots[i].bytes &&
	       (lookup->slots[i].head != token.head ||
		lookup->slots[i].bytes != bytes ||
		(bytes > sizeof(token.head) &&
		 !is_name(lookup->name(lookup->slots[i].number), token.text,
			  token.end))))
		i = (i + 1) % (1 << WQ_LOOKUP_BITS);
	return i;
}

static void fill_lookup(struct wq_lookup *lookup)
{
	struct wq_token token;
	size_t slot;
	int i;

	for (i = 0; i < lookup->count; i++) {
		const char *name = lookup->name(i), *end = name + strlen(name);

		token = next_token(name, end, end, ' ');
		slot = find_slot(lookup, token);
		lookup->slots[slot].head = token.head;
		lookup->slots[slot].bytes = (unsigned int)(end - name);
		lookup->slots[slot].number = i;
	}
	lookup->is_filled = true;
}

static inline int look_up(struct wq_lookup *lookup, struct wq_token token)
{
	size_t slot;

	if (!lookup->is_filled)
		fill_lookup(lookup);
	slot = find_slot(lookup, token);
	return lookup->slots[slot].bytes ? lookup->slots[slot].number : -1;
}

int wq_reader_lookup(const struct wq_reader *reader,
		     struct wq_lookup *lookup, struct wq_value text)
{
	return look_up(lookup, next_token(text.text, text.end, reader->end,
					  ' '));
}

static struct wq_lookup words = { .name = word_name, .count = WQ_NR_WORDS };
static struct wq_lookup keys = { .name = key_name, .count = WQ_NR_KEYS };

static const char *skip_blanks(const char *text, const char *end)
{
	while (text < end && *text == ' ')
		text++;
	return text;
}

/* The end of the value at @text. */
static inline const char *find_blank(const char *text, const char *end,
				     const char *limit)
{
	uint64_t word;
	unsigned int bytes;

	while (WORDS_AT_ONCE && limit - text >= 8) {
		memcpy(&word, text, sizeof(word));
		bytes = position(word, ' ');
		if (bytes >= (size_t)(end - text))
			return end;
		text += bytes;
		if (bytes < 8)
			return text;
	}
	while (text < end && *text != ' ')
		text++;
	return text;
}

/* Are there bytes up to a blank among the eight of @word? At their top bits. */
static inline uint64_t find_blanks(uint64_t word)
{
	return (word - WQ_EACH_BYTE(' ' + 1)) & ~word & WQ_EACH_BYTE(0x80);
}

const char *wq_reader_find_blank(const struct wq_reader *reader,
				 const char *text, bool *escaped)
{
	uint64_t word, blanks;

	*escaped = false;
	while (WORDS_AT_ONCE && reader->end - text >= 8) {
		memcpy(&word, text, sizeof(word));
		blanks = find_blanks(word);
		if (position(word, '%') < 8)
			break;
		if (blanks)
			return text + __builtin_ctzll(blanks) / 8;
		text += sizeof(word);
	}
	for (; (unsigned char)*text > ' '; text++)
		*escaped |= *text == '%';
	return text;
}

/*
 * Records of a kind look alike: which key came last after that one? @state
 * is the word of a record and the key before, and is moved on.
 */
#define NR_STATES	(WQ_NR_KEYS + 1)

static struct guess {
	uint64_t head, mask;	/* "key=", or its first eight bytes */
	unsigned char bytes;	/* of the key; 0: none yet */
	unsigned char key;
} guesses[(WQ_NR_WORDS + 1) * NR_STATES];

/* A key of more than eight bytes is never guessed, as nothing compares it. */
static void remember(struct guess *guess, struct wq_token token, int key)
{
	size_t bytes = (size_t)(token.end - token.text);

	if (bytes > sizeof(token.head))
		return;
	guess->head = token.head;
	guess->mask = ~(uint64_t)0;
	if (bytes < sizeof(token.head)) {
		guess->head |= (uint64_t)'=' << 8 * bytes;
		guess->mask >>= 8 * (sizeof(token.head) - 1 - bytes);
	}
	guess->bytes = (unsigned char)bytes;
	guess->key = (unsigned char)key;
}

/* Is "key=" of @guess at @text, all of it before @end? */
static inline bool is_right(const struct guess *guess, const char *text,
			    const char *end)
{
	uint64_t head;

	if (!WORDS_AT_ONCE || end - text <= 8 || !guess->bytes)
		return false;
	memcpy(&head, text, sizeof(head));
	return !((head ^ guess->head) & guess->mask) &&
	       text[guess->bytes] == '=';
}

/* The key at @text, or -1; @key_end is set to where its "=" is, or @end. */
static inline int find_key(const char *text, const char *end,
			   const char *limit, struct guess *guess,
			   const char **key_end)
{
	struct wq_token token;
	int found;

	if (is_right(guess, text, end)) {
		*key_end = text + guess->bytes;
		return guess->key;
	}
	token = next_token(text, end, limit, '=');
	*key_end = token.end;
	if (token.end == end)
		return -1;
	found = look_up(&keys, token);
	if (found >= 0)
		remember(guess, token, found);
	return found;
}

/* "key=value" at @text; returns where it ends, or NULL when it is not one. */
static const char *split_field(struct wq_reader *reader, const char *text,
			       struct guess *guesses_of_word,
			       unsigned int *before)
{
	const char *end = reader->line_end, *key_end;
	int found = find_key(text, end, reader->end, &guesses_of_word[*before],
			     &key_end);
	struct wq_value value;

	if (key_end == end)
		return NULL;
	value.text = key_end + 1;
	value.end = find_blank(value.text, end, reader->end);
	if (found < 0)
		return memchr(text, ' ', (size_t)(key_end - text)) ? NULL
								   : value.end;
	*before = (unsigned int)found;
	if (!wq_reader_has(reader, (enum wq_key)found)) {
		reader->values[found] = value;
		reader->present |= (uint64_t)1 << found;
	}
	return value.end;
}

static void look_for_escapes(struct wq_reader *reader, const char *line)
{
	if (reader->percent < line) {
		reader->percent = memchr(line, '%',
					 (size_t)(reader->end - line));
		if (!reader->percent)
			reader->percent = reader->end;
	}
	reader->escaped = reader->percent < reader->line_end;
}

bool wq_reader_split(struct wq_reader *reader, const char *line)
{
	const char *end = reader->line_end;
	struct wq_token word = next_token(skip_blanks(line, end), end,
					  reader->end, ' ');
	int found = look_up(&words, word);
	struct guess *of_word = &guesses[(found < 0 ? WQ_NR_WORDS : found) *
					 NR_STATES];
	unsigned int nr_fields = 0, before = WQ_NR_KEYS;

	look_for_escapes(reader, line);
	reader->present = 0;
	for (line = skip_blanks(word.end, end); line < end;
	     line = skip_blanks(line, end)) {
		line = nr_fields++ < WQ_MAX_FIELDS
			? split_field(reader, line, of_word, &before) : NULL;
		if (!line)
			return wq_reader_fail(reader, "bad record");
	}
	if (found < 0)
		return wq_reader_fail(reader, "unknown record");
	reader->word = (enum wq_word)found;
	return true;
}

/* Values */

static int digit_of(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Undo put_value(); a value of nothing when an escape is broken. */
static struct wq_value unescape(struct wq_reader *reader,
				struct wq_value value)
{
	size_t bytes = (size_t)(value.end - value.text) + 1;
	struct wq_value none = { NULL, NULL };
	char *to;

	if (bytes > reader->unescaped_size) {
		free(reader->unescaped);
		reader->unescaped = malloc(bytes);
		if (!reader->unescaped) {
			fputs("wqlint: out of memory\n", stderr);
			exit(3);
		}
		reader->unescaped_size = bytes;
	}
	for (to = reader->unescaped; value.text < value.end; value.text++) {
		int high, low;

		if (*value.text != '%') {
			*to++ = *value.text;
			continue;
		}
		if (value.end - value.text < 3)
			return none;
		high = digit_of(value.text[1]);
		low = digit_of(value.text[2]);
		if (high < 0 || low < 0 || !(high | low))
			return none;
		*to++ = (char)(high << 4 | low);
		value.text += 2;
	}
	return (struct wq_value){ reader->unescaped, to };
}

const char *wq_reader_intern(struct wq_reader *reader, struct wq_value value,
			     bool escaped)
{
	if (escaped)
		value = unescape(reader, value);
	if (!value.text) {
		wq_reader_fail(reader, "broken escape");
		return "";
	}
	return wq_arena_intern_bytes(reader->unit->arena, value.text,
				     (size_t)(value.end - value.text));
}

bool wq_reader_any_number(const char *text, const char *limit,
			  long long *number, const char **end)
{
	bool negative = text < limit && *text == '-';
	unsigned long long value = 0;
	const char *digit = text + negative;

	if (digit == limit || *digit < '0' || *digit > '9')
		return false;
	for (; digit < limit && *digit >= '0' && *digit <= '9'; digit++) {
		if (value > (unsigned long long)LLONG_MAX / 10)
			return false;
		value = value * 10 + (unsigned int)(*digit - '0');
	}
	if (value > (unsigned long long)LLONG_MAX + negative)
		return false;
	*number = negative ? (long long)-value : (long long)value;
	*end = digit;
	return true;
}

long long wq_reader_parse_number(struct wq_reader *reader,
				 struct wq_value value)
{
	long long number;

	if (!wq_reader_number(value.text, value.end, &number, &value.text) ||
	    value.text != value.end) {
		wq_reader_fail(reader, "not a number");
		return 0;
	}
	return number;
}
