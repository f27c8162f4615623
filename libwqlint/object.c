/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts out of a file: the note of an ELF object, or a facts file.
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object.h"

#define FACTS_MAGIC "wqlint-facts "

/* What a caller of wq_object_read() gave. */
struct reader {
	wq_unit_fn receive;
	wq_facts_error_fn error;
	void *context;
};

static unsigned int complain(const struct reader *reader, const char *cause)
{
	reader->error(0, cause, reader->context);
	return 1;
}

/* Hand over the facts in @section, if it is one that holds facts. */
static unsigned int read_section(const struct reader *reader, Elf *elf,
				 size_t names, Elf_Scn *section, bool *found)
{
	unsigned int nr_wrong = 0;
	Elf_Data *data = NULL;
	const char *name;
	GElf_Shdr header;

	if (!gelf_getshdr(section, &header))
		return complain(reader, elf_errmsg(-1));
	name = elf_strptr(elf, names, header.sh_name);
	if (!name || strcmp(name, WQ_FACTS_SECTION))
		return 0;
	*found = true;
	while ((data = elf_getdata(section, data)) && data->d_buf)
		nr_wrong += wq_facts_read(data->d_buf, data->d_size,
					  reader->receive, reader->error,
					  reader->context);
	return nr_wrong;
}

static unsigned int read_elf(const struct reader *reader, Elf *elf)
{
	unsigned int nr_wrong = 0;
	Elf_Scn *section = NULL;
	bool found = false;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return complain(reader, elf_errmsg(-1));
	while ((section = elf_nextscn(elf, section)))
		nr_wrong += read_section(reader, elf, names, section, &found);
	if (!found && !nr_wrong)
		return complain(reader, "has no facts (compile it with "
				"-fplugin-arg-wqlint-facts=object)");
	return nr_wrong;
}

static unsigned int read_text(const struct reader *reader, int fd, size_t bytes)
{
	char *text = malloc(bytes ? bytes : 1);
	unsigned int nr_wrong;
	size_t done = 0;
	ssize_t got = 1;

	if (!text)
		return complain(reader, strerror(ENOMEM));
	while (done < bytes && (got = read(fd, text + done, bytes - done)) > 0)
		done += (size_t)got;
	if (got < 0)
		nr_wrong = complain(reader, strerror(errno));
	else if (done < strlen(FACTS_MAGIC) ||
		 memcmp(text, FACTS_MAGIC, strlen(FACTS_MAGIC)))
		nr_wrong = complain(reader,
				    "is neither an object nor a facts file");
	else
		nr_wrong = wq_facts_read(text, done, reader->receive,
					 reader->error, reader->context);
	free(text);
	return nr_wrong;
}

static bool is_elf(int fd)
{
	char magic[SELFMAG];

	return pread(fd, magic, SELFMAG, 0) == SELFMAG &&
	       !memcmp(magic, ELFMAG, SELFMAG);
}

static unsigned int read_open_file(const struct reader *reader, int fd)
{
	unsigned int nr_wrong;
	struct stat status;
	Elf *elf;

	if (fstat(fd, &status))
		return complain(reader, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return complain(reader, S_ISDIR(status.st_mode) ?
				strerror(EISDIR) : "is not a regular file");
	if (!is_elf(fd))
		return read_text(reader, fd, (size_t)status.st_size);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		return complain(reader, elf_errmsg(-1));
	nr_wrong = read_elf(reader, elf);
	elf_end(elf);
	return nr_wrong;
}

unsigned int wq_object_read(const char *path, wq_unit_fn receive,
			    wq_facts_error_fn error, void *context)
{
	const struct reader reader = { receive, error, context };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	unsigned int nr_wrong;

	if (fd < 0)
		return complain(&reader, strerror(errno));
	nr_wrong = read_open_file(&reader, fd);
	close(fd);
	return nr_wrong;
}
