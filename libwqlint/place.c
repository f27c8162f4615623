/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All of a unit of which the header was read before. The file may have
 * changed meanwhile, and what was not looked at then may be wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "object-reader.h"

struct second_reading {
	struct wq_objects objects;	/* who hears of errors */
	const struct wq_place *place;
	struct wq_unit *unit;
};

static void receive(struct wq_unit *unit, void *context)
{
	struct second_reading *reading = context;

	reading->unit = unit;
}

static void pass_error(unsigned int line, const char *cause, void *context)
{
	struct second_reading *reading = context;

	wq_objects_error(line + reading->place->line - 1, cause,
			 &reading->objects);
}

/* The text, which the caller frees; NULL and errno when it cannot be read. */
static char *read_text(const struct wq_place *place)
{
	int fd = open(place->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text;

	if (fd < 0)
		return NULL;
	text = malloc(place->bytes + 1);
	errno = 0;
	if (text && !wq_read_at(fd, text, place->bytes, place->offset)) {
		free(text);
		text = NULL;
	}
	close(fd);
	return text;
}

uint64_t wq_place_hash(const struct wq_place *place)
{
	char *text = read_text(place);
	uint64_t hash = text ? wq_hash_quickly(text, place->bytes) : 0;

	free(text);
	return hash;
}

struct wq_unit *wq_place_read(const struct wq_place *place,
			      struct wq_arena *arena, wq_facts_error_fn error,
			      void *context)
{
	struct second_reading reading = {
		.objects = { .error = error, .context = context,
			     .member = place->member },
		.place = place,
	};
	char *text = read_text(place);

	if (!text) {
		wq_objects_complain(&reading.objects, errno ? strerror(errno) :
				    "cannot be read to its end");
		return NULL;
	}
	wq_facts_read_into(arena, text, place->bytes, receive, pass_error,
			   &reading);
	free(text);
	if (!reading.unit && !reading.objects.nr_wrong)
		wq_objects_complain(&reading.objects,
				    "the facts have changed meanwhile");
	return reading.unit;
}
