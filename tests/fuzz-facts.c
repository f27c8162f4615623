/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A fuzz target for all that reads what others wrote: facts as text, and
 * objects and archives that hold them. What is read is judged by all rules,
 * written again, and must read the same.
 *
 * tests/fuzz.sh builds it with clang and libFuzzer. With -DSTANDALONE it is
 * a program that runs the files it is given once, for other compilers.
 */
#include <ar.h>
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "facts.h"
#include "object.h"
#include "program.h"
#include "rule.h"
#include "source.h"

#define MAX_UNITS	4

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nr_bytes);

struct received {
	struct wq_unit *units[MAX_UNITS];
	unsigned int count;
};

static void receive(struct wq_unit *unit, void *context)
{
	struct received *received = context;

	if (received->count < MAX_UNITS)
		received->units[received->count++] = unit;
	else
		wq_unit_free(unit);
}

static void hear_error(unsigned int line, const char *cause, void *context)
{
	(void)line;
	(void)context;
	if (!cause || !*cause || strchr(cause, '\n'))
		abort();
}

static void drop(struct received *received)
{
	while (received->count)
		wq_unit_free(received->units[--received->count]);
}

/* What was written must read again, and then be written so again. */
static void write_and_read(const struct wq_unit *unit)
{
	struct received again = { .count = 0 };
	struct wq_arena *arena = wq_arena_new();
	const char *text = wq_facts_text(arena, unit);

	wq_facts_read(text, strlen(text), receive, hear_error, &again);
	if (again.count != 1 ||
	    strcmp(text, wq_facts_text(arena, again.units[0]))) {
		fprintf(stderr, "does not read as it is written:\n%s", text);
		abort();
	}
	drop(&again);
	wq_arena_free(arena);
}

static void judge(const struct received *received, bool complete)
{
	struct wq_selection selection = { .strict = true };
	struct wq_findings *findings = wq_findings_new();
	struct wq_program *program = wq_program_new();
	struct wq_sources *sources = wq_sources_new();
	unsigned int i;

	for (i = 0; i < received->count; i++)
		wq_program_add(program, received->units[i]);
	program->complete |= complete;
	program->sources = sources;
	wq_program_link(program);
	wq_rules_run(program, &selection, findings);
	wq_findings_free(findings);
	wq_program_free(program);
	wq_sources_free(sources);
}

/* A file without a name in which the input is. */
static void read_as_file(const uint8_t *bytes, size_t nr_bytes,
			 struct received *received)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	char path[64];

	if (fd < 0 || write(fd, bytes, nr_bytes) != (ssize_t)nr_bytes) {
		perror("memfd");
		exit(2);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	wq_object_read(path, receive, hear_error, received);
	close(fd);
}

static bool begins_with(const uint8_t *bytes, size_t nr_bytes,
			const char *magic)
{
	return nr_bytes >= strlen(magic) &&
	       !memcmp(bytes, magic, strlen(magic));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nr_bytes)
{
	struct received received = { .count = 0 };
	unsigned int i;

	if (begins_with(bytes, nr_bytes, ELFMAG) ||
	    begins_with(bytes, nr_bytes, ARMAG) ||
	    begins_with(bytes, nr_bytes, "!<thin>\n"))
		read_as_file(bytes, nr_bytes, &received);
	else
		wq_facts_read((const char *)bytes, nr_bytes, receive,
			      hear_error, &received);
	for (i = 0; i < received.count; i++)
		write_and_read(received.units[i]);
	if (received.count) {
		judge(&received, false);
		judge(&received, true);
	}
	drop(&received);
	return 0;
}

#ifndef STANDALONE
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t nr_bytes, size_t max_bytes);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t nr_bytes,
			       size_t max_bytes, unsigned int seed);

/* Replace one number, which mostly names another record then. */
static void change_number(uint8_t *bytes, size_t nr_bytes, unsigned int seed)
{
	size_t i, nr_digits = 0, wanted;

	for (i = 0; i < nr_bytes; i++)
		nr_digits += bytes[i] >= '0' && bytes[i] <= '9';
	wanted = nr_digits ? seed / 16 % nr_digits : 1;
	for (i = 0; i < nr_bytes; i++)
		if (bytes[i] >= '0' && bytes[i] <= '9' && !wanted--)
			bytes[i] = (uint8_t)('0' + seed / 7 % 10);
}

/* What a unit of version 4 has to say about the records of its @text. */
static void put_counts(FILE *out, const char *text)
{
	unsigned int counts[4] = { 0 };
	const char *line;

	for (line = text; line && strncmp(line, "end ", 4);
	     line = strchr(line, '\n')) {
		line += *line == '\n';
		if (*line && strchr("nfe", *line) && line[1] == ' ')
			counts[*line == 'n' ? 0 : *line == 'f' ? 1 : 3]++;
		else if (*line && strchr(wq_expr_letters, *line))
			counts[2]++;
	}
	fprintf(out, "c %u %u %u %u\n", counts[0], counts[1], counts[2],
		counts[3]);
}

/*
 * A unit with another number of records than it says is refused before
 * anything is done with it, so that almost every mutation would be; most are
 * to get further.
 */
static size_t correct_counts(uint8_t *bytes, size_t nr_bytes,
			     size_t max_bytes)
{
	char *text = NULL, *line = strndup((const char *)bytes, nr_bytes);
	char *next = line;
	unsigned int count = 0;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	while (next && *next) {
		char *record = strsep(&next, "\n");

		if (!strncmp(record, "end ", 4))
			fprintf(out, "end %u\n", count);
		else if (!strncmp(record, "c ", 2))
			put_counts(out, next);
		else
			fprintf(out, "%s\n", record);
		count = strncmp(record, "wqlint-facts ", 13) ? count + 1 : 0;
	}
	fclose(out);
	if (size <= max_bytes) {
		memcpy(bytes, text, size);
		nr_bytes = size;
	}
	free(text);
	free(line);
	return nr_bytes;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t nr_bytes,
			       size_t max_bytes, unsigned int seed)
{
	if (seed % 4)
		nr_bytes = LLVMFuzzerMutate(bytes, nr_bytes, max_bytes);
	else
		change_number(bytes, nr_bytes, seed);
	if (seed % 8 && begins_with(bytes, nr_bytes, "wqlint-facts "))
		nr_bytes = correct_counts(bytes, nr_bytes, max_bytes);
	return nr_bytes;
}
#else
static void run_file(const char *path)
{
	FILE *in = fopen(path, "re");
	uint8_t *bytes = NULL;
	size_t nr_bytes = 0, got = 1;

	if (!in) {
		perror(path);
		exit(2);
	}
	while (got) {
		bytes = realloc(bytes, nr_bytes + 65536);
		if (!bytes)
			exit(3);
		got = fread(bytes + nr_bytes, 1, 65536, in);
		nr_bytes += got;
	}
	fclose(in);
	/* Exactly as large as it is, so that reading beyond it is seen. */
	bytes = realloc(bytes, nr_bytes ? nr_bytes : 1);
	LLVMFuzzerTestOneInput(bytes, nr_bytes);
	free(bytes);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		run_file(argv[i]);
	printf("%d inputs\n", argc - 1);
	return 0;
}
#endif
