/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts from text: units and their lines. A unit with anything wrong in it
 * is left out as a whole, and reading goes on with the next.
 */
#include <stdlib.h>
#include <string.h>

#include "facts-reader.h"

/* Split "word key=value ..." in place; returns the word. */
static char *split(struct wq_reader *reader, char *line)
{
	char *word = strtok_r(line, " ", &line), *token, *value;

	reader->nr_fields = 0;
	while ((token = strtok_r(NULL, " ", &line))) {
		value = strchr(token, '=');
		if (!value || reader->nr_fields == WQ_MAX_FIELDS) {
			wq_reader_fail(reader, "bad record");
			break;
		}
		*value++ = '\0';
		reader->fields[reader->nr_fields].key = token;
		reader->fields[reader->nr_fields++].value = value;
	}
	return word;
}

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
	char *end;
	long long number;

	if (reader->unit) {
		wq_reader_fail(reader, "truncated: a new unit begins before the end");
		drop_unit(reader);
	}
	if (!wq_reader_number(version, &number, &end) || *end || number < 1) {
		wq_reader_fail(reader, "broken version");
		report_error(reader);
	} else if (number > WQ_FACTS_VERSION) {
		wq_reader_fail(reader, "written by a newer wqlint");
		report_error(reader);
	} else {
		reader->unit = wq_unit_new("");
	}
	reader->cause = NULL;
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

static void end_unit(struct wq_reader *reader, const char *count)
{
	long long number;
	char *end;

	if (!wq_reader_number(count, &number, &end) || *end ||
	    number != reader->nr_records)
		wq_reader_fail(reader, "truncated: records are missing");
	else if (!*reader->unit->source)
		wq_reader_fail(reader, "unit without source");
	check_events(reader);
	if (reader->cause) {
		drop_unit(reader);
		return;
	}
	reader->unit->hash = wq_hash_bytes(reader->begin,
					   (size_t)(reader->line_end -
						    reader->begin));
	reader->receive(reader->unit, reader->context);
	reader->unit = NULL;
}

static void read_record(struct wq_reader *reader, char *line)
{
	char *word = split(reader, line);

	reader->nr_records++;
	if (!word || !wq_reader_record(reader, word))
		wq_reader_fail(reader, "unknown record");
	if (reader->cause)
		drop_unit(reader);
}

/* The next line as a string of its own in @line; false at the end. */
static bool next_line(struct wq_reader *reader, char **line, size_t *size)
{
	const char *end;
	size_t bytes;

	if (reader->next == reader->end)
		return false;
	end = memchr(reader->next, '\n', (size_t)(reader->end - reader->next));
	bytes = (size_t)((end ? end : reader->end) - reader->next);
	if (bytes + 1 > *size) {
		*size = (bytes + 1) * 2;
		free(*line);
		*line = malloc(*size);
		if (!*line) {
			fputs("wqlint: out of memory\n", stderr);
			exit(3);
		}
	}
	memcpy(*line, reader->next, bytes);
	(*line)[bytes] = '\0';
	if (strlen(*line) != bytes)
		wq_reader_fail(reader, "a NUL byte in the text");
	reader->line_end = end ? end : reader->end;
	reader->next = end ? end + 1 : reader->end;
	reader->line++;
	return true;
}

unsigned int wq_facts_read(const char *text, size_t bytes, wq_unit_fn receive,
			   wq_facts_error_fn error, void *context)
{
	struct wq_reader reader = {
		.next = text, .end = text + bytes, .receive = receive,
		.error = error, .context = context,
	};
	bool outside = false;	/* skipping the rest of a unit left out */
	char *line = NULL;
	size_t size = 0;

	while (next_line(&reader, &line, &size)) {
		if (!strncmp(line, "wqlint-facts ", 13)) {
			start_unit(&reader, line + 13);
			reader.begin = reader.line_end;
			outside = !reader.unit;
		} else if (reader.unit && !strncmp(line, "end ", 4)) {
			end_unit(&reader, line + 4);
		} else if (reader.unit) {
			read_record(&reader, line);
			outside = !reader.unit;
		} else if (!outside && *line) {
			wq_reader_fail(&reader, "text that is no facts");
			report_error(&reader);
			outside = true;
		}
		if (!reader.unit)
			reader.cause = NULL;
	}
	if (reader.unit) {
		wq_reader_fail(&reader, "truncated: no end");
		drop_unit(&reader);
	}
	free(line);
	return reader.nr_errors;
}
