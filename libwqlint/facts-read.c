/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts from text: units and their lines. A unit with anything wrong in it
 * is left out as a whole, and reading goes on with the next.
 */
#include <stdlib.h>
#include <string.h>

#include "facts-reader.h"

static void report_error(struct wq_reader *reader)
{
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
	reader->cause = NULL;
	reader->first_line = reader->line;
	reader->files = NULL;
	reader->nr_files = 0;
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
	place->bytes = (size_t)(reader->line_end - reader->begin);
	place->line = reader->first_line;
	return place;
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
	if (reader->cause) {
		drop_unit(reader);
		return;
	}
	if (reader->headers_only) {
		reader->unit->place = make_place(reader);
		reader->unit->hash = wq_hash_quickly(reader->begin,
						     reader->unit->place->bytes);
	}
	reader->receive(reader->unit, reader->context);
	reader->unit = NULL;
}

static bool begins_with(const char *line, const char *end, const char *prefix,
			size_t bytes)
{
	return (size_t)(end - line) >= bytes && !memcmp(line, prefix, bytes);
}

static unsigned int count_lines(const char *text, const char *end)
{
	uint64_t word, sums;
	size_t lines = 0;
	unsigned int i;

	while (end - text >= 255 * 8) {
		for (i = 0, sums = 0; i < 255; i++, text += 8) {
			memcpy(&word, text, sizeof(word));
			/* The top bit of each byte that is a newline. */
			word ^= WQ_EACH_BYTE('\n');
			word = ~(((word & WQ_EACH_BYTE(0x7f)) +
				  WQ_EACH_BYTE(0x7f)) |
				 word | WQ_EACH_BYTE(0x7f));
			sums += word >> 7;
		}
		for (; sums; sums >>= 8)
			lines += sums & 0xff;
	}
	for (; text < end; text++)
		lines += *text == '\n';
	return (unsigned int)lines;
}

/*
 * Most texts are one unit: then its end is the last line, and says how many
 * there are. Move there if so.
 */
static bool skip_to_last_line(struct wq_reader *reader)
{
	const char *end = reader->end, *line;
	unsigned int nr_lines;
	long long number;

	if (reader->begin != reader->text || reader->nul ||
	    end - reader->next < 2 || end[-1] != '\n')
		return false;
	line = memrchr(reader->next, '\n', (size_t)(end - 1 - reader->next));
	line = line ? line + 1 : reader->next;
	if (!begins_with(line, end, "end ", 4) ||
	    !wq_reader_number(line + 4, end, &number, &end))
		return false;
	nr_lines = count_lines(reader->next, line);
	if (reader->nr_records + (long long)nr_lines != number)
		return false;
	reader->line += nr_lines;
	reader->nr_records += nr_lines;
	reader->next = line;
	return true;
}

/* Count lines up to the one that ends the unit or has a NUL in it. */
static void skip_body(struct wq_reader *reader)
{
	const char *line = reader->next, *next = line, *end = reader->end;

	if (skip_to_last_line(reader))
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

static void read_record(struct wq_reader *reader, const char *line)
{
	reader->nr_records++;
	if (!reader->cause && wq_reader_split(reader, line)) {
		if (!reader->headers_only)
			wq_reader_record(reader);
		else if (reader->word >= WQ_WORD_FUNCTION)
			skip_body(reader);
		else if (reader->word != WQ_WORD_FILE)
			wq_reader_record(reader);
	}
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

static unsigned int read_text(struct wq_reader reader, const char *text,
			      size_t bytes)
{
	reader.text = reader.next = text;
	reader.end = text + bytes;
	reader.percent = NULL;
	reader.nul = bytes ? memchr(text, '\0', bytes) : NULL;
	read_all(&reader);
	free(reader.unescaped);
	return reader.nr_errors;
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
	return read_text((struct wq_reader){ .arena = arena,
					     .receive = receive, .error = error,
					     .context = context }, text, bytes);
}

unsigned int wq_facts_scan(struct wq_arena *arena, const char *text,
			   size_t bytes, wq_unit_fn receive,
			   wq_facts_error_fn error, void *context)
{
	return read_text((struct wq_reader){ .arena = arena,
					     .headers_only = true,
					     .receive = receive, .error = error,
					     .context = context }, text, bytes);
}
