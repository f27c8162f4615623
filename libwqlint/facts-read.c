/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts from text: units and their lines. A unit with anything wrong in it
 * is left out as a whole, and reading goes on with the next.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "facts-reader.h"

static void report_error(struct wq_reader *reader)
{
	if (reader->tail.text) {
		reader->gave_up = true;
		return;
	}
	reader->nr_errors++;
	reader->error(reader->line, reader->cause, reader->context);
}

/* Stop reading the current unit; say why when there is a cause. */
static void drop_unit(struct wq_reader *reader)
{
	if (reader->cause)
		report_error(reader);
	wq_unit_free(reader->unit);
	reader->unit = NULL;
	reader->cause = NULL;
}

static void start_unit(struct wq_reader *reader, const char *version)
{
	const char *end;
	long long number;

	if (reader->unit) {
		wq_reader_fail(reader, "truncated: a new unit begins before the end");
		drop_unit(reader);
	}
	if (!wq_reader_number(version, reader->line_end, &number, &end) ||
	    end != reader->line_end || number < 1) {
		wq_reader_fail(reader, "broken version");
		report_error(reader);
	} else if (number > WQ_FACTS_VERSION) {
		wq_reader_fail(reader, "written by a newer wqlint");
		report_error(reader);
	} else {
		reader->unit = reader->arena
			? wq_unit_new_in(reader->arena, "") : wq_unit_new("");
	}
	reader->version = (unsigned int)number;
	reader->cause = NULL;
	reader->first_line = reader->line;
	reader->rest = reader->unit_bytes = 0;
	reader->nr_files = 0;
	reader->names = NULL;
	reader->nr_names = reader->max_names = 0;
	reader->nr_records = 0;
}

/* Does @event have what everybody takes for granted in its kind? */
static bool is_whole(const struct wq_event *event)
{
	switch (event->kind) {
	case WQ_EVENT_QUEUE:
		return event->function && event->queue && event->work;
	case WQ_EVENT_FLUSH_QUEUE:
	case WQ_EVENT_DRAIN_QUEUE:
	case WQ_EVENT_DESTROY_QUEUE:
		return event->function && event->queue;
	case WQ_EVENT_FLUSH_WORK:
	case WQ_EVENT_CANCEL_WORK:
	case WQ_EVENT_CANCEL_WORK_SYNC:
	case WQ_EVENT_DISABLE_WORK:
	case WQ_EVENT_DISABLE_WORK_SYNC:
	case WQ_EVENT_ENABLE_WORK:
		return event->function && event->work;
	case WQ_EVENT_INIT_WORK:
		return event->work && event->value;
	case WQ_EVENT_STORE:
		return event->object && event->value;
	case WQ_EVENT_RETURN:
		return event->value;
	default:
		return true;
	}
}

static void check_events(struct wq_reader *reader)
{
	unsigned int i;

	for (i = 0; i < reader->unit->nr_events; i++)
		if (!is_whole(reader->unit->events[i]))
			wq_reader_fail(reader, "event without function or operand");
}

static struct wq_place *make_place(const struct wq_reader *reader)
{
	struct wq_place *place = wq_arena_alloc(reader->unit->arena,
						sizeof(*place));

	place->offset = reader->begin - reader->text;
	place->bytes = reader->unit_bytes;
	place->line = reader->first_line;
	return place;
}

/* The header ends before @end; the unit has so many bytes. */
static void set_header(struct wq_reader *reader, const char *end, size_t bytes)
{
	reader->unit_bytes = bytes;
	reader->unit->hash = wq_hash_quickly(reader->begin,
					     (size_t)(end - reader->begin));
}

/* Of many units only the headers are there: each takes what it needs. */
static void keep_types(struct wq_reader *reader)
{
	struct wq_unit *unit = reader->unit;

	if (unit->nr_types)
		unit->types = wq_arena_copy_of(unit->arena, reader->types,
					       unit->nr_types *
					       sizeof(*unit->types));
}

static void end_unit(struct wq_reader *reader, const char *count)
{
	long long number;
	const char *end;

	if (!wq_reader_number(count, reader->line_end, &number, &end) ||
	    end != reader->line_end || number != reader->nr_records)
		wq_reader_fail(reader, "truncated: records are missing");
	else if (!*reader->unit->source)
		wq_reader_fail(reader, "unit without source");
	check_events(reader);
	if (reader->unit->nr_functions < reader->unit->max_functions ||
	    reader->unit->nr_events < reader->unit->max_events)
		wq_reader_fail(reader, "truncated: records are missing");
	/* More follows what is here: it will be read again, with the rest. */
	if (reader->tail.text && reader->end != reader->tail.end)
		reader->gave_up = true;
	if (reader->cause || reader->gave_up) {
		drop_unit(reader);
		return;
	}
	if (reader->headers_only) {
		if (!reader->unit_bytes)
			set_header(reader, reader->line_end,
				   (size_t)(reader->line_end - reader->begin));
		reader->unit->place = make_place(reader);
		keep_types(reader);
	}
	reader->receive(reader->unit, reader->context);
	reader->unit = NULL;
}

static bool begins_with(const char *line, const char *end, const char *prefix,
			size_t bytes)
{
	return (size_t)(end - line) >= bytes && !memcmp(line, prefix, bytes);
}

/*
 * The last line of the unit when it is as long as its record says, or NULL;
 * @stop is set to where it ends.
 */
static const char *find_last_line(const struct wq_reader *reader,
				  const char **stop)
{
	size_t before = (size_t)(reader->rest_begin - reader->text);
	const char *begin = reader->next, *newline;

	if (!reader->rest || reader->nul ||
	    reader->rest > reader->text_bytes - before)
		return NULL;
	if (!reader->tail.text) {
		*stop = reader->rest_begin + reader->rest;
	} else {
		if (before + reader->rest != reader->text_bytes)
			return NULL;
		begin = reader->tail.text;
		*stop = reader->tail.end;
	}
	if (*stop - begin < 2 || (*stop)[-1] != '\n')
		return NULL;
	newline = memrchr(begin, '\n', (size_t)(*stop - 1 - begin));
	return newline && begins_with(newline + 1, *stop, "end ", 4)
	       ? newline + 1 : NULL;
}

/* Move to the unit's last line if it is where the unit's record says. */
static bool skip_to_last_line(struct wq_reader *reader, const char *body)
{
	const char *stop, *line = find_last_line(reader, &stop), *end;
	long long number;

	if (!line || !wq_reader_number(line + 4, stop, &number, &end) ||
	    number < reader->nr_records || number > INT_MAX)
		return false;
	set_header(reader, body, (size_t)(reader->rest_begin - reader->begin) +
				 reader->rest - 1);
	reader->line += (unsigned int)number - reader->nr_records;
	reader->nr_records = (unsigned int)number;
	reader->next = line;
	if (reader->tail.text)
		reader->end = stop;
	return true;
}

/* Count lines up to the one that ends the unit or has a NUL in it. */
static void skip_body(struct wq_reader *reader, const char *body)
{
	const char *line = reader->next, *next = line, *end = reader->end;

	if (skip_to_last_line(reader, body))
		return;
	for (; line < end; line = next) {
		if ((*line == 'e' && begins_with(line, end, "end ", 4)) ||
		    (*line == 'w' && begins_with(line, end, "wqlint-facts ",
						 13)))
			break;
		next = memchr(line, '\n', (size_t)(end - line));
		next = next ? next + 1 : end;
		if (reader->nul && reader->nul < next)
			break;
		reader->line++;
		reader->nr_records++;
	}
	reader->next = line;
}

/* A record of words and keys; from version 4 only a unit has one. */
static void read_long(struct wq_reader *reader, const char *line)
{
	if (!wq_reader_split(reader, line))
		return;
	if (reader->version >= 4 && reader->word != WQ_WORD_UNIT)
		wq_reader_fail(reader, "unknown record");
	else if (!reader->headers_only)
		wq_reader_record(reader);
	else if (reader->word >= WQ_WORD_FUNCTION)
		skip_body(reader, line);
	else if (reader->word != WQ_WORD_FILE)
		wq_reader_record(reader);
}

static void read_record(struct wq_reader *reader, const char *line)
{
	reader->nr_records++;
	if (!reader->cause && !wq_reader_is_short(reader, line))
		read_long(reader, line);
	else if (!reader->cause && reader->headers_only &&
		 !wq_short_is_header(line))
		skip_body(reader, line);
	else if (!reader->cause)
		wq_reader_read_short(reader, line);
	if (reader->cause)
		drop_unit(reader);
}

/* The next line, up to reader->line_end, or NULL at the end. */
static const char *next_line(struct wq_reader *reader)
{
	const char *line = reader->next, *end;

	if (line == reader->end)
		return NULL;
	end = memchr(line, '\n', (size_t)(reader->end - line));
	reader->line_end = end ? end : reader->end;
	reader->next = end ? end + 1 : reader->end;
	reader->line++;
	if (reader->nul && reader->nul < reader->line_end) {
		wq_reader_fail(reader, "a NUL byte in the text");
		reader->nul = memchr(reader->next, '\0',
				     (size_t)(reader->end - reader->next));
	}
	return line;
}

static void read_all(struct wq_reader *reader)
{
	bool outside = false;	/* skipping the rest of a unit left out */
	const char *line;

	while ((line = next_line(reader))) {
		if (begins_with(line, reader->line_end, "wqlint-facts ", 13)) {
			start_unit(reader, line + 13);
			reader->begin = line;
			outside = !reader->unit;
		} else if (reader->unit &&
			   begins_with(line, reader->line_end, "end ", 4)) {
			end_unit(reader, line + 4);
		} else if (reader->unit) {
			read_record(reader, line);
			outside = !reader->unit;
		} else if (!outside && line != reader->line_end) {
			wq_reader_fail(reader, "text that is no facts");
			report_error(reader);
			outside = true;
		}
		if (!reader->unit)
			reader->cause = NULL;
	}
	if (reader->unit) {
		wq_reader_fail(reader, "truncated: no end");
		drop_unit(reader);
	}
}

static unsigned int read_text(struct wq_reader *reader, const char *text,
			      size_t bytes)
{
	reader->text = reader->next = text;
	reader->end = text + bytes;
	reader->percent = NULL;
	reader->last_newline = bytes ? memrchr(text, '\n', bytes) : NULL;
	reader->nul = bytes ? memchr(text, '\0', bytes) : NULL;
	if (!reader->text_bytes)
		reader->text_bytes = bytes;
	read_all(reader);
	free(reader->unescaped);
	free(reader->files);
	free(reader->types);
	return reader->nr_errors;
}

unsigned int wq_facts_read(const char *text, size_t bytes, wq_unit_fn receive,
			   wq_facts_error_fn error, void *context)
{
	return wq_facts_read_into(NULL, text, bytes, receive, error, context);
}

unsigned int wq_facts_read_into(struct wq_arena *arena, const char *text,
				size_t bytes, wq_unit_fn receive,
				wq_facts_error_fn error, void *context)
{
	struct wq_reader reader = {
		.arena = arena, .receive = receive, .error = error,
		.context = context,
	};

	return read_text(&reader, text, bytes);
}

unsigned int wq_facts_scan(struct wq_arena *arena, const char *text,
			   size_t bytes, wq_unit_fn receive,
			   wq_facts_error_fn error, void *context)
{
	struct wq_reader reader = {
		.arena = arena, .headers_only = true, .receive = receive,
		.error = error, .context = context,
	};

	return read_text(&reader, text, bytes);
}

bool wq_facts_scan_ends(struct wq_arena *arena, const char *text, size_t bytes,
			const char *tail, size_t tail_bytes, size_t text_bytes,
			wq_unit_fn receive, void *context)
{
	struct wq_reader reader = {
		.arena = arena, .headers_only = true, .receive = receive,
		.context = context, .text_bytes = text_bytes,
		.tail = { tail, tail + tail_bytes },
	};

	read_text(&reader, text, bytes);
	return !reader.gave_up;
}
