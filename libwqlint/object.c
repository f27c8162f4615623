/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts out of a file: the note of an ELF object, read with libelf, or a
 * facts file.
 */
#include <ar.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object-reader.h"

#define FACTS_MAGIC "wqlint-facts "
#define THIN_MAGIC "!<thin>\n"

/* All facts of an allmodconfig kernel are a tenth of this. */
#define MAX_TEXT_BYTES	((off_t)1 << 30)
#define MAX_DEPTH	8

void wq_objects_error(unsigned int line, const char *cause, void *context)
{
	struct wq_objects *objects = context;
	char *text = NULL;
	int length = 0;

	objects->nr_wrong++;
	if (objects->member && line)
		length = asprintf(&text, "member %s: line %u of the facts: %s",
				  objects->member, line, cause);
	else if (objects->member)
		length = asprintf(&text, "member %s: %s", objects->member,
				  cause);
	if (text && length > 0)
		objects->error(0, text, objects->context);
	else
		objects->error(line, cause, objects->context);
	free(text);
}

static void pass_unit(struct wq_unit *unit, void *context)
{
	struct wq_objects *objects = context;

	if (unit->place) {
		unit->place->path = wq_arena_intern(objects->arena,
						    objects->path);
		unit->place->name = wq_arena_intern(objects->arena,
						    objects->name);
		unit->place->member = wq_arena_intern(objects->arena,
						      objects->member);
		unit->place->offset += objects->offset;
	}
	objects->receive(unit, objects->context);
}

/* @text is at @offset from objects->offset. */
static void read_facts(struct wq_objects *objects, const char *text,
		       size_t bytes, off_t offset)
{
	off_t saved = objects->offset;

	objects->offset += offset;
	if (objects->arena)
		wq_facts_scan(objects->arena, text, bytes, pass_unit,
			      wq_objects_error, objects);
	else
		wq_facts_read(text, bytes, pass_unit, wq_objects_error,
			      objects);
	objects->offset = saved;
}

void wq_objects_complain(struct wq_objects *objects, const char *cause)
{
	wq_objects_error(0, cause, objects);
}

bool wq_read_at(int fd, void *buffer, size_t bytes, off_t offset)
{
	char *to = buffer;
	ssize_t got;

	while (bytes && (got = pread(fd, to, bytes, offset)) > 0) {
		to += got;
		offset += got;
		bytes -= (size_t)got;
	}
	return !bytes;
}

/* Objects */

/* What is in an object, besides facts. */
struct contents {
	bool has_note;
	bool is_module;		/* modpost's struct module */
};

static void read_note(struct wq_objects *objects, Elf_Scn *section,
		      const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);

	if (!data || data->d_size < header->sh_size ||
	    (!data->d_buf && header->sh_size)) {
		wq_objects_complain(objects, "the facts are cut short");
		return;
	}
	do {
		if (data->d_buf)
			read_facts(objects, data->d_buf, data->d_size,
				   (off_t)header->sh_offset + data->d_off);
	} while ((data = elf_getdata(section, data)));
}

static void read_section(struct wq_objects *objects, Elf *elf, size_t names,
			 Elf_Scn *section, struct contents *contents)
{
	const char *name;
	GElf_Shdr header;

	if (!gelf_getshdr(section, &header)) {
		wq_objects_complain(objects, elf_errmsg(-1));
		return;
	}
	name = elf_strptr(elf, names, header.sh_name);
	if (name && !strcmp(name, ".gnu.linkonce.this_module"))
		contents->is_module = true;
	if (!name || strcmp(name, WQ_FACTS_SECTION))
		return;
	contents->has_note = true;
	read_note(objects, section, &header);
}

/* An object that is cut short has lost its section headers, which come last. */
static bool is_cut_short(const GElf_Ehdr *header, off_t size)
{
	return header->e_shoff > (GElf_Off)size ||
	       (GElf_Off)header->e_shnum * header->e_shentsize >
		       (GElf_Off)size - header->e_shoff;
}

static const char *why_no_note(const GElf_Ehdr *header,
			       const struct contents *contents)
{
	if (header->e_type == ET_REL && contents->is_module)
		return "has no facts: the kernel's linker script drops them when it makes a .ko; name the .o files or the facts instead";
	if (header->e_type != ET_REL)
		return "has no facts: the linker drops them from vmlinux and from programs; name the .o files or the facts instead";
	return "has no facts (compile it with -fplugin-arg-wqlint-facts=object)";
}

/*
 * @elf may be NULL, when libelf made nothing of the file. @why is set to what
 * to say when no facts are there.
 */
static bool read_elf(struct wq_objects *objects, Elf *elf, off_t size,
		     const char **why)
{
	struct contents contents = { .has_note = false };
	Elf_Scn *section = NULL;
	GElf_Ehdr header;
	size_t names;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header)) {
		wq_objects_complain(objects, "is a broken object");
		return false;
	}
	if (is_cut_short(&header, size)) {
		wq_objects_complain(objects, "the object is cut short");
		return false;
	}
	if (elf_getshdrstrndx(elf, &names)) {
		wq_objects_complain(objects, elf_errmsg(-1));
		return false;
	}
	while ((section = elf_nextscn(elf, section)))
		read_section(objects, elf, names, section, &contents);
	*why = why_no_note(&header, &contents);
	return contents.has_note;
}

static bool read_elf_file(struct wq_objects *objects, int fd, off_t size,
			  const char **why)
{
	bool has_facts;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	has_facts = read_elf(objects, elf, size, why);
	elf_end(elf);
	return has_facts;
}

bool wq_objects_read_memory(struct wq_objects *objects, char *bytes,
			    size_t nr_bytes)
{
	const char *why;
	bool has_facts;
	Elf *elf;

	if (nr_bytes >= strlen(FACTS_MAGIC) &&
	    !memcmp(bytes, FACTS_MAGIC, strlen(FACTS_MAGIC))) {
		read_facts(objects, bytes, nr_bytes, 0);
		return true;
	}
	if (nr_bytes < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG)) {
		wq_objects_complain(objects, "is neither an object, an archive nor a facts file");
		return false;
	}
	elf_version(EV_CURRENT);
	elf = elf_memory(bytes, nr_bytes);
	has_facts = read_elf(objects, elf, (off_t)nr_bytes, &why);
	elf_end(elf);
	return has_facts;
}

/* Files */

/* Room for @bytes bytes in objects->text, which stays as it is. */
static bool make_room(struct wq_objects *objects, size_t bytes)
{
	char *bigger;

	if (bytes <= objects->text_size)
		return true;
	bigger = realloc(objects->text, bytes * 2);
	if (!bigger) {
		wq_objects_complain(objects, strerror(ENOMEM));
		return false;
	}
	objects->text = bigger;
	objects->text_size = bytes * 2;
	return true;
}

/* The end of a unit, "end COUNT", and of the line before it. */
#define TAIL_BYTES	32

/* Scan one unit by its first @known bytes and its last; false: read it all. */
static bool scan_ends(struct wq_objects *objects, int fd, off_t size,
		      size_t known)
{
	char tail[TAIL_BYTES];

	return objects->arena && size - (off_t)known > TAIL_BYTES &&
	       wq_read_at(fd, tail, TAIL_BYTES, size - TAIL_BYTES) &&
	       wq_facts_scan_ends(objects->arena, objects->text, known, tail,
				  TAIL_BYTES, (size_t)size, pass_unit, objects);
}

/* @known bytes of the facts are there already. */
static bool read_text(struct wq_objects *objects, int fd, off_t size,
		      size_t known)
{
	size_t rest = (size_t)size - known;

	if (scan_ends(objects, fd, size, known))
		return true;
	if (size > MAX_TEXT_BYTES)
		wq_objects_complain(objects, "is too large");
	else if (!make_room(objects, (size_t)size))
		return true;
	else if (!wq_read_at(fd, objects->text + known, rest, (off_t)known))
		wq_objects_complain(objects, "cannot be read to its end");
	else
		read_facts(objects, objects->text, (size_t)size, 0);
	return true;
}

/* Enough for most headers, and not much to read of an object. */
#define FIRST_BYTES	((off_t)4 * 1024)

static bool read_contents(struct wq_objects *objects, const char *path, int fd,
			  off_t size, const char **why)
{
	size_t known = (size_t)(size < FIRST_BYTES ? size : FIRST_BYTES);
	const char *magic;

	*why = "has no facts in it";
	if (!make_room(objects, FIRST_BYTES))
		return false;
	if (!wq_read_at(fd, objects->text, known, 0)) {
		wq_objects_complain(objects, "cannot be read");
		return false;
	}
	magic = objects->text;
	if (known < strlen(FACTS_MAGIC))
		memset(objects->text + known, 0, strlen(FACTS_MAGIC) - known);
	if (!memcmp(magic, FACTS_MAGIC, strlen(FACTS_MAGIC)))
		return read_text(objects, fd, size, known);
	if (!memcmp(magic, ELFMAG, SELFMAG))
		return read_elf_file(objects, fd, size, why);
	if (!memcmp(magic, ARMAG, SARMAG) || !memcmp(magic, THIN_MAGIC, SARMAG)) {
		*why = "no member of the archive has facts (compile them with -fplugin-arg-wqlint-facts=object)";
		return wq_objects_read_archive(objects, path, fd, size,
					       !memcmp(magic, THIN_MAGIC,
						       SARMAG));
	}
	wq_objects_complain(objects,
			    "is neither an object, an archive nor a facts file");
	return false;
}

/* Where a file is, or would be. */
static struct seen_file *seen_slot(const struct wq_objects *objects,
				   dev_t device, ino_t inode)
{
	size_t i = (size_t)((inode ^ device) * 0x9e3779b97f4a7c15ULL >> 32);
	struct seen_file *slot;

	for (;; i++) {
		slot = &objects->seen[i & (objects->nr_slots - 1)];
		if (!slot->is_there ||
		    (slot->inode == inode && slot->device == device))
			return slot;
	}
}

static void grow_seen(struct wq_objects *objects)
{
	struct seen_file *old = objects->seen;
	size_t i, nr_old = objects->nr_slots;

	objects->nr_slots = nr_old ? nr_old * 2 : 64;
	objects->seen = calloc(objects->nr_slots, sizeof(*old));
	if (!objects->seen) {
		fputs("wqlint: out of memory\n", stderr);
		exit(3);
	}
	for (i = 0; i < nr_old; i++)
		if (old[i].is_there)
			*seen_slot(objects, old[i].device, old[i].inode) =
				old[i];
	free(old);
}

/*
 * The file of that @status; @is_new: it was not there. It is before it is
 * read, so that a thin archive that contains itself has an end.
 */
static struct seen_file *see(struct wq_objects *objects,
			     const struct stat *status, bool *is_new)
{
	struct seen_file *slot;

	if (objects->nr_seen * 2 >= objects->nr_slots)
		grow_seen(objects);
	slot = seen_slot(objects, status->st_dev, status->st_ino);
	*is_new = !slot->is_there;
	if (*is_new) {
		*slot = (struct seen_file){ status->st_dev, status->st_ino,
					    true, false };
		objects->nr_seen++;
	}
	return slot;
}

static bool read_open_file(struct wq_objects *objects, const char *path,
			   int fd, const char **why)
{
	unsigned int before = objects->nr_wrong;
	struct stat status;
	bool is_new, has_facts;

	if (fstat(fd, &status)) {
		wq_objects_complain(objects, strerror(errno));
		return false;
	}
	if (!S_ISREG(status.st_mode)) {
		wq_objects_complain(objects, S_ISDIR(status.st_mode) ?
				    strerror(EISDIR) : "is not a regular file");
		return false;
	}
	has_facts = see(objects, &status, &is_new)->has_facts;
	if (is_new) {
		has_facts = read_contents(objects, path, fd, status.st_size,
					  why) || objects->nr_wrong > before;
		/* Others may have been seen meanwhile. */
		see(objects, &status, &is_new)->has_facts = has_facts;
	}
	return has_facts;
}

static bool read_path(struct wq_objects *objects, const char *path,
		      const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *saved = objects->path;
	off_t saved_offset = objects->offset;
	bool has_facts;

	if (fd < 0) {
		wq_objects_complain(objects, strerror(errno));
		return false;
	}
	objects->path = path;
	objects->offset = 0;
	has_facts = read_open_file(objects, path, fd, why);
	objects->path = saved;
	objects->offset = saved_offset;
	close(fd);
	return has_facts;
}

bool wq_objects_read_file(struct wq_objects *objects, const char *path)
{
	const char *why;
	bool has_facts;

	if (objects->depth == MAX_DEPTH) {
		wq_objects_complain(objects, "too many archives in archives");
		return false;
	}
	objects->depth++;
	has_facts = read_path(objects, path, &why);
	objects->depth--;
	return has_facts;
}

struct wq_objects *wq_objects_new(wq_unit_fn receive, wq_facts_error_fn error,
				  void *context)
{
	struct wq_objects *objects = calloc(1, sizeof(*objects));

	if (!objects) {
		fputs("wqlint: out of memory\n", stderr);
		exit(3);
	}
	objects->receive = receive;
	objects->error = error;
	objects->context = context;
	return objects;
}

void wq_objects_free(struct wq_objects *objects)
{
	if (!objects)
		return;
	free(objects->seen);
	free(objects->text);
	free(objects);
}

void wq_objects_scan(struct wq_objects *objects, struct wq_arena *arena)
{
	objects->arena = arena;
}

unsigned int wq_objects_read(struct wq_objects *objects, const char *path,
			     bool required)
{
	unsigned int before = objects->nr_wrong;
	const char *why = "has no facts";

	objects->name = path;
	if (!read_path(objects, path, &why) && required &&
	    objects->nr_wrong == before)
		wq_objects_complain(objects, why);
	return objects->nr_wrong - before;
}

unsigned int wq_object_read(const char *path, wq_unit_fn receive,
			    wq_facts_error_fn error, void *context)
{
	struct wq_objects *objects = wq_objects_new(receive, error, context);
	unsigned int nr_wrong = wq_objects_read(objects, path, true);

	wq_objects_free(objects);
	return nr_wrong;
}
