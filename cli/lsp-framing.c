/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The base protocol: headers, an empty line, and as many bytes of JSON as
 * Content-Length says. Nothing that comes in ends the server: what is no
 * header is skipped up to the next one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lsp.h"

#define MAX_HEADER	4096
#define LENGTH		"Content-Length:"
#define TYPE		"Content-Type:"

/* Bytes */

static void make_room(struct wq_lsp_bytes *bytes, size_t count)
{
	size_t used = bytes->end - bytes->start;
	char *text;

	if (bytes->start && bytes->size - bytes->end < count) {
		memmove(bytes->text, bytes->text + bytes->start, used);
		bytes->start = 0;
		bytes->end = used;
	}
	if (bytes->size - bytes->end >= count)
		return;
	bytes->size = (used + count) * 2;
	text = realloc(bytes->text, bytes->size);
	if (!text)
		abort();
	bytes->text = text;
}

void wq_lsp_bytes_add(struct wq_lsp_bytes *bytes, const char *text,
		      size_t count)
{
	make_room(bytes, count);
	memcpy(bytes->text + bytes->end, text, count);
	bytes->end += count;
}

void wq_lsp_bytes_drop(struct wq_lsp_bytes *bytes, size_t count)
{
	bytes->start += count;
	if (bytes->start == bytes->end)
		bytes->start = bytes->end = 0;
}

void wq_lsp_bytes_free(struct wq_lsp_bytes *bytes)
{
	free(bytes->text);
	memset(bytes, 0, sizeof(*bytes));
}

ssize_t wq_lsp_bytes_read(struct wq_lsp_bytes *bytes, int fd)
{
	ssize_t got;

	make_room(bytes, 65536);
	got = read(fd, bytes->text + bytes->end, 65536);
	if (got < 0)
		return -errno;
	bytes->end += (size_t)got;
	return got;
}

/* Input */

/* Where the headers end that begin at @text, or 0: they do not yet. */
static size_t headers_length(const char *text, size_t count)
{
	size_t from = 0, length;
	const char *end;

	while ((end = memchr(text + from, '\n', count - from))) {
		length = (size_t)(end - text) - from;
		if (!length || (length == 1 && text[from] == '\r'))
			return (size_t)(end - text) + 1;
		from = (size_t)(end - text) + 1;
	}
	return 0;
}

/* Only "utf-8", and "utf8" for old clients, may be said. */
static bool is_known_type(const char *value, size_t count)
{
	const char *charset = memmem(value, count, "charset=", 8);

	if (!charset)
		return true;
	count -= (size_t)(charset + 8 - value);
	charset += 8;
	return (count >= 5 && !strncasecmp(charset, "utf-8", 5)) ||
	       (count >= 4 && !strncasecmp(charset, "utf8", 4));
}

static bool parse_length(const char *value, const char *end,
			 unsigned long long *length)
{
	bool any = false;

	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	for (*length = 0; value < end && *value >= '0' && *value <= '9';
	     value++) {
		any = true;
		*length = *length * 10 + (unsigned int)(*value - '0');
		/* Nobody sends that much: it is no length. */
		if (*length > (unsigned long long)1 << 40)
			return false;
	}
	while (value < end && strchr(" \t\r", *value))
		value++;
	return any && value == end;
}

/* Read the headers. Returns NULL, or what is wrong with them. */
static const char *parse_headers(const char *text, size_t count,
				 unsigned long long *length)
{
	const char *end, *last = text + count;
	bool has_length = false;

	for (; text < last; text = end + 1) {
		end = memchr(text, '\n', (size_t)(last - text));
		if (!strncasecmp(text, LENGTH, strlen(LENGTH))) {
			has_length = parse_length(text + strlen(LENGTH), end,
						  length);
			if (!has_length)
				return "Content-Length is no number of bytes";
		} else if (!strncasecmp(text, TYPE, strlen(TYPE)) &&
			   !is_known_type(text, (size_t)(end - text))) {
			return "Content-Type has a charset that is not utf-8";
		} else if (end > text && *text != '\r' &&
			   !memchr(text, ':', (size_t)(end - text))) {
			return "a line is no header";
		}
	}
	return has_length ? NULL : "Content-Length is missing";
}

/* Drop what is before the next header. Returns whether there is one. */
static bool find_header(struct wq_lsp_bytes *bytes)
{
	size_t count = bytes->end - bytes->start;
	const char *text = bytes->text + bytes->start;
	const char *found = count ? memmem(text, count, LENGTH,
					   strlen(LENGTH)) : NULL;

	if (found)
		wq_lsp_bytes_drop(bytes, (size_t)(found - text));
	else if (count >= strlen(LENGTH))
		wq_lsp_bytes_drop(bytes, count - strlen(LENGTH) + 1);
	return found;
}

static enum wq_lsp_next refuse(struct wq_lsp_input *input, size_t skipped,
			       const char *why, const char **text)
{
	wq_lsp_bytes_drop(&input->bytes, skipped);
	input->is_lost = true;
	*text = why;
	return WQ_LSP_REFUSED;
}

/* Drop bytes of a refused message. Returns whether all of it is gone. */
static bool skip(struct wq_lsp_input *input)
{
	size_t count = input->bytes.end - input->bytes.start;

	if (count > input->to_skip)
		count = (size_t)input->to_skip;
	wq_lsp_bytes_drop(&input->bytes, count);
	input->to_skip -= count;
	return !input->to_skip;
}

enum wq_lsp_next wq_lsp_input_next(struct wq_lsp_input *input,
				   const char **text, size_t *count)
{
	struct wq_lsp_bytes *bytes = &input->bytes;
	unsigned long long length;
	size_t headers, there;
	const char *why;

	if (!skip(input) || (input->is_lost && !find_header(bytes)))
		return WQ_LSP_MORE;
	input->is_lost = false;
	there = bytes->end - bytes->start;
	headers = there ? headers_length(bytes->text + bytes->start, there) : 0;
	if (headers > MAX_HEADER || (!headers && there > MAX_HEADER))
		return refuse(input, headers ? headers : there,
			      "the header is too long", text);
	if (!headers)
		return WQ_LSP_MORE;
	why = parse_headers(bytes->text + bytes->start, headers, &length);
	if (why)
		return refuse(input, headers, why, text);
	if (length > WQ_LSP_MAX_MESSAGE) {
		wq_lsp_bytes_drop(bytes, headers);
		input->to_skip = length;
		*text = "the message is too large";
		return WQ_LSP_REFUSED;
	}
	if (there - headers < length)
		return WQ_LSP_MORE;
	*text = bytes->text + bytes->start + headers;
	*count = (size_t)length;
	/* The bytes stay where they are until more are added. */
	bytes->start += headers + (size_t)length;
	return WQ_LSP_MESSAGE;
}

/* Output */

static int add(const char *text, size_t count, void *context)
{
	wq_lsp_bytes_add(context, text, count);
	return 0;
}

void wq_lsp_output_add(struct wq_lsp_bytes *output, json_t *message)
{
	struct wq_lsp_bytes body = { 0 };
	char header[64];

	if (message && !json_dump_callback(message, add, &body, JSON_COMPACT)) {
		snprintf(header, sizeof(header), LENGTH " %zu\r\n\r\n",
			 body.end);
		wq_lsp_bytes_add(output, header, strlen(header));
		wq_lsp_bytes_add(output, body.text, body.end);
	}
	wq_lsp_bytes_free(&body);
	json_decref(message);
}
