/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Places in texts: the client counts lines from 0 and, in them, UTF-16 units
 * or bytes; everybody else here counts bytes. And files as URIs.
 */
#include <stdlib.h>
#include <string.h>

#include "lsp.h"

/* How many bytes the character at @text has; a byte that is none is one. */
static size_t character_bytes(const char *text, size_t left)
{
	unsigned char first = (unsigned char)*text;
	size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 :
		       first >= 0xc0 ? 2 : 1, i;

	if (bytes > left)
		return 1;
	for (i = 1; i < bytes; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 1;
	return bytes;
}

/* In UTF-16 one outside the BMP is two units. */
static json_int_t character_units(size_t bytes, bool utf8)
{
	return utf8 ? (json_int_t)bytes : bytes == 4 ? 2 : 1;
}

static bool ends_line(char c)
{
	return c == '\n' || c == '\r';
}

/* Where the line after the one of byte @from begins; @bytes: there is none. */
static size_t next_line(const char *text, size_t bytes, size_t from)
{
	while (from < bytes && !ends_line(text[from]))
		from++;
	if (from + 1 < bytes && text[from] == '\r' && text[from + 1] == '\n')
		from++;
	return from < bytes ? from + 1 : bytes;
}

size_t wq_lsp_offset(const char *text, size_t bytes, json_int_t line,
		     json_int_t character, bool utf8)
{
	json_int_t units;
	size_t at = 0, length;

	while (line > 0 && at < bytes) {
		at = next_line(text, bytes, at);
		line--;
	}
	/* the text's last line may lack its end, and a later one is there */
	if (line > 0 || (at == bytes && at && !ends_line(text[at - 1])))
		return bytes;
	while (at < bytes && character > 0 && !ends_line(text[at])) {
		length = character_bytes(text + at, bytes - at);
		units = character_units(length, utf8);
		/* in the middle of a character: before it */
		if (units > character)
			break;
		character -= units;
		at += length;
	}
	return at;
}

json_t *wq_lsp_position(const char *text, size_t bytes, size_t offset,
			bool utf8)
{
	json_int_t line = 0, character = 0;
	size_t start = 0, next, length;

	if (offset > bytes)
		offset = bytes;
	for (;; start = next, line++) {
		next = next_line(text, bytes, start);
		if (next > offset || next == start ||
		    !ends_line(text[next - 1]))
			break;
	}
	while (start < offset) {
		length = character_bytes(text + start, bytes - start);
		character += character_units(length, utf8);
		start += length;
	}
	return json_pack("{s:I, s:I}", "line", line, "character", character);
}

json_t *wq_lsp_range(const char *text, size_t bytes, size_t offset,
		     size_t count, bool utf8)
{
	return json_pack("{s:o, s:o}",
			 "start", wq_lsp_position(text, bytes, offset, utf8),
			 "end", wq_lsp_position(text, bytes, offset + count,
						utf8));
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, c | ('A' <= c && c <= 'F'
						    ? 0x20 : 0)) : NULL;

	return found ? (int)(found - digits) : -1;
}

char *wq_lsp_uri_path(const char *uri)
{
	char *path, *to;

	if (strncmp(uri, "file://", 7))
		return NULL;
	uri += 7;
	/* an authority is of another machine, but for this one */
	if (!strncmp(uri, "localhost/", 10))
		uri += 9;
	if (*uri != '/')
		return NULL;
	path = to = malloc(strlen(uri) + 1);
	if (!path)
		abort();
	while (*uri) {
		int high = *uri == '%' ? hex_digit(uri[1]) : -1;
		int low = high >= 0 ? hex_digit(uri[2]) : -1;

		if (high == 0 && low == 0) {
			free(path);
			return NULL;
		}
		*to++ = low >= 0 ? (char)(high * 16 + low) : *uri;
		uri += low >= 0 ? 3 : 1;
	}
	*to = '\0';
	return path;
}

const char *wq_lsp_path_uri(struct wq_arena *arena, const char *path)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"-._~/";
	char *uri = wq_arena_alloc(arena, 7 + 3 * strlen(path) + 1), *to;

	to = stpcpy(uri, "file://");
	for (; *path; path++)
		if (strchr(plain, *path))
			*to++ = *path;
		else
			to += sprintf(to, "%%%02X", (unsigned char)*path);
	*to = '\0';
	return uri;
}
