/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Running git. What it would write goes to an index and an object directory
 * of our own, which sees the repository's objects as alternates do.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "children.h"
#include "digest.h"
#include "git.h"

#define MAX_ARGS	16
/* So many names fit on any command line. */
#define MAX_NAMES	256

struct text {
	char *bytes;
	size_t length, size;
};

static void receive(void *context, const char *piece, size_t bytes)
{
	struct text *text = context;

	if (text->length + bytes + 1 > text->size) {
		size_t size = 2 * (text->length + bytes + 1);
		char *more = realloc(text->bytes, size);

		if (!more)
			return;
		text->bytes = more;
		text->size = size;
	}
	memcpy(text->bytes + text->length, piece, bytes);
	text->length += bytes;
}

/* The first line that git complains with, less its "fatal: ". */
static const char *complaint_of(struct wq_arena *arena, const char *text)
{
	static const char *const words[] = { "fatal: ", "error: ", "usage: " };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strncmp(text, words[i], strlen(words[i])))
			text += strlen(words[i]);
	return *text ? wq_arena_printf(arena, "%.*s",
				       (int)strcspn(text, "\n"), text)
		     : "git failed";
}

/* Run @argv. What it says becomes *@output, in the arena, *@bytes long. */
static int run(struct wq_git *git, const char *const *argv,
	       const char **output, size_t *bytes)
{
	struct wq_spawn spawn = {
		.argv = argv, .in_english = true,
		.errors = wq_spawn_output(),
	};
	struct text text = { NULL, 0, 0 };
	const char *errors;
	char *copy;
	int status;

	if (spawn.errors < 0) {
		git->complaint = strerror(-spawn.errors);
		return -1;
	}
	status = wq_child_read(&spawn, receive, &text);
	errors = wq_spawn_text(git->arena, spawn.errors);
	if (status)
		git->complaint = status < 0
			? wq_arena_printf(git->arena, "cannot run %s: %s",
					  argv[0], strerror(-status))
			: complaint_of(git->arena, errors);
	copy = wq_arena_alloc(git->arena, text.length + 1);
	if (text.length)
		memcpy(copy, text.bytes, text.length);
	copy[text.length] = '\0';
	free(text.bytes);
	*output = copy;
	if (bytes)
		*bytes = text.length;
	return status ? -1 : 0;
}

/* Run git with @args, ended by NULL, and with @index. */
static int run_git(struct wq_git *git, const char *index,
		   const char *const *args, const char **output,
		   size_t *bytes)
{
	const char *argv[MAX_ARGS + MAX_NAMES + 16] = { "env" };
	unsigned int count = 1;

	argv[count++] = "GIT_OPTIONAL_LOCKS=0";
	if (git->objects) {
		argv[count++] = wq_arena_printf(git->arena,
			"GIT_INDEX_FILE=%s/%s", git->temporary, index);
		argv[count++] = wq_arena_printf(git->arena,
			"GIT_OBJECT_DIRECTORY=%s/objects", git->temporary);
		argv[count++] = wq_arena_printf(git->arena,
			"GIT_ALTERNATE_OBJECT_DIRECTORIES=%s", git->objects);
	}
	argv[count++] = "git";
	argv[count++] = "-c";
	argv[count++] = "core.fsmonitor=false";
	if (git->top) {
		argv[count++] = "-C";
		argv[count++] = git->top;
	}
	while (*args)
		argv[count++] = *args++;
	argv[count] = NULL;
	return run(git, argv, output, bytes);
}

/* The one line that git prints; NULL when it fails. */
static const char *ask(struct wq_git *git, const char *const *args)
{
	const char *output;

	if (run_git(git, "index", args, &output, NULL))
		return NULL;
	return wq_arena_printf(git->arena, "%.*s",
			       (int)strcspn(output, "\n"), output);
}

#define ASK(git, ...) \
	ask(git, (const char *const []){ __VA_ARGS__, NULL })

/* Our index begins as a copy: so git need not read each file. */
static int copy_index(struct wq_git *git, const char *from)
{
	size_t bytes;
	char *text = wq_file_read(from, &bytes);
	FILE *out;
	int err = 0;

	if (!text)		/* a repository without any file */
		return 0;
	out = fopen(git->index, "we");
	if (!out || fwrite(text, 1, bytes, out) != bytes)
		err = -1;
	if (out && fclose(out))
		err = -1;
	free(text);
	if (err)
		wq_msg("%s: %s", git->index, strerror(errno));
	return err;
}

int wq_git_open(struct wq_arena *arena, const char *temporary,
		struct wq_git *git)
{
	const char *index, *top, *objects, *ours;

	memset(git, 0, sizeof(*git));
	git->arena = arena;
	git->temporary = temporary;
	git->index = wq_arena_printf(arena, "%s/index", temporary);
	top = ASK(git, "rev-parse", "--show-toplevel");
	if (!top || !*top) {
		wq_msg("diff: %s", top ? "this is no working tree of git" :
		       git->complaint);
		return -1;
	}
	index = ASK(git, "rev-parse", "--path-format=absolute", "--git-path",
		    "index");
	objects = ASK(git, "rev-parse", "--path-format=absolute", "--git-path",
		      "objects");
	ours = wq_arena_printf(arena, "%s/objects", temporary);
	if (!index || !objects) {
		wq_msg("diff: %s", git->complaint);
		return -1;
	}
	if (mkdir(ours, 0700)) {
		wq_msg("%s: %s", ours, strerror(errno));
		return -1;
	}
	git->top = wq_path_resolve(arena, top);
	git->objects = objects;
	return copy_index(git, index);
}

/* Names */

const char *wq_git_commit(struct wq_git *git, const char *revision)
{
	return ASK(git, "rev-parse", "--verify", "--quiet",
		   "--end-of-options",
		   wq_arena_printf(git->arena, "%s^{commit}", revision));
}

const char *wq_git_tree(struct wq_git *git, const char *commit)
{
	return ASK(git, "rev-parse", "--verify",
		   wq_arena_printf(git->arena, "%s^{tree}", commit));
}

const char *wq_git_merge_base(struct wq_git *git, const char *a, const char *b)
{
	return ASK(git, "merge-base", a, b);
}

const char *wq_git_label(struct wq_git *git, const char *commit)
{
	const char *label = ASK(git, "show", "--no-patch", "--no-show-signature",
				"--abbrev=12", "--format=%h (\"%s\")", commit);

	return label ? label : commit;
}

/* @text, with a line each, as a list. */
static const char *const *lines_of(struct wq_arena *arena, const char *text)
{
	const char **lines = NULL;
	unsigned int count = 0;

	for (;;) {
		size_t length = strcspn(text, "\n");

		lines = wq_arena_grow(arena, lines, count, sizeof(*lines));
		if (!*text)
			break;
		lines[count++] = wq_arena_printf(arena, "%.*s", (int)length,
						 text);
		text += length + (text[length] == '\n');
	}
	lines[count] = NULL;
	return lines;
}

const char *const *wq_git_commits(struct wq_git *git, const char *from,
				  const char *to)
{
	const char *const args[] = {
		"rev-list", "--reverse", "--first-parent",
		wq_arena_printf(git->arena, "%s..%s", from, to), NULL
	};
	const char *output;

	return run_git(git, "index", args, &output, NULL) ? NULL :
	       lines_of(git->arena, output);
}

/* Trees */

const char *wq_git_working_tree(struct wq_git *git)
{
	return ASK(git, "add", "--update", ":/") ? ASK(git, "write-tree")
						  : NULL;
}

const char *wq_git_apply(struct wq_git *git, const char *file)
{
	return ASK(git, "apply", "--cached", "--whitespace=nowarn", file)
	       ? ASK(git, "write-tree") : NULL;
}

/* ":OLDMODE MODE OLDOBJECT OBJECT STATUS", path, and for renames another. */
struct raw {
	const char *at, *end;
};

static const char *next_text(struct raw *raw)
{
	const char *text = raw->at;

	if (raw->at >= raw->end)
		return NULL;
	raw->at += strlen(raw->at) + 1;
	return text;
}

/* The next file, or false at the end. What is no file has no path. */
static bool next_file(struct wq_arena *arena, struct raw *raw,
		      struct wq_git_file *file)
{
	const char *head = next_text(raw), *path = next_text(raw);
	char status;

	memset(file, 0, sizeof(*file));
	if (!head || !path || strlen(head) < 20)
		return false;
	status = head[strcspn(head + 1, "ACDMRTUX") + 1];
	if (status == 'R' || status == 'C') {
		file->old_path = wq_arena_copy(arena, path);
		path = next_text(raw);
		if (status == 'C')
			file->old_path = NULL;
	}
	if (!path)
		return false;
	file->is_there = status != 'D';
	file->was_there = status == 'D' || status == 'M' || status == 'T';
	/* mode 160000 is a submodule */
	if (strncmp(head, ":160000", 7) && strncmp(head + 8, "160000", 6))
		file->path = wq_arena_copy(arena, path);
	return true;
}

const struct wq_git_file *wq_git_compare(struct wq_git *git, const char *from,
					 const char *to, bool renames,
					 unsigned int *count)
{
	const char *const args[] = {
		"diff-tree", "-r", "-z", "--raw", "--no-ext-diff",
		renames ? "-M" : "--no-renames", from, to, NULL
	};
	struct wq_git_file *files, file;
	const char *output;
	struct raw raw;
	size_t bytes;

	*count = 0;
	if (run_git(git, "index", args, &output, &bytes))
		return NULL;
	raw = (struct raw){ output, output + bytes };
	files = wq_arena_alloc(git->arena, sizeof(*files));
	while (next_file(git->arena, &raw, &file)) {
		if (!file.path)
			continue;
		files = wq_arena_grow(git->arena, files, *count,
				      sizeof(*files));
		files[(*count)++] = file;
	}
	return files;
}

int wq_git_export(struct wq_git *git, const char *tree,
		  const struct wq_git_file *files, unsigned int count,
		  const char *directory)
{
	const char *const read[] = { "read-tree", tree, NULL };
	const char *args[MAX_NAMES + 8] = {
		"checkout-index", "--force", "--quiet",
		wq_arena_printf(git->arena, "--prefix=%s/", directory), "--",
	};
	const char *output;
	unsigned int i, used = 5, nr_there = 0;

	for (i = 0; i < count; i++)
		nr_there += files[i].is_there;
	if (!nr_there)
		return 0;
	if (run_git(git, "export", read, &output, NULL))
		return -1;
	for (i = 0; i < count; i++) {
		if (files[i].is_there)
			args[used++] = files[i].path;
		if (used == 5 || (used < MAX_NAMES && i + 1 < count))
			continue;
		args[used] = NULL;
		if (run_git(git, "export", args, &output, NULL))
			return -1;
		used = 5;
	}
	return 0;
}

/* Mails */

const char *const *wq_git_split(struct wq_git *git, const char *file)
{
	const char *directory = wq_arena_printf(git->arena, "%s/mails",
						git->temporary);
	const char *number, **mails;
	unsigned int i, count;

	if (mkdir(directory, 0700)) {
		git->complaint = strerror(errno);
		return NULL;
	}
	number = ASK(git, "mailsplit", "-b", "-d8",
		     wq_arena_printf(git->arena, "-o%s", directory), file);
	if (!number)
		return NULL;
	count = (unsigned int)strtoul(number, NULL, 10);
	mails = wq_arena_alloc(git->arena, (count + 1) * sizeof(*mails));
	for (i = 0; i < count; i++)
		mails[i] = wq_arena_printf(git->arena, "%s/%08u", directory,
					   i + 1);
	return mails;
}

const char *wq_git_unpack(struct wq_git *git, const char *mail,
			  const char **subject)
{
	const char *patch = wq_arena_printf(git->arena, "%s.patch", mail);
	const char *const argv[] = {
		"sh", "-c", "git mailinfo \"$1.text\" \"$1.patch\" <\"$1\"",
		"sh", mail, NULL
	};
	const char *output, *line;

	*subject = NULL;
	if (run(git, argv, &output, NULL))
		return NULL;
	for (line = output; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, "Subject: ", 9))
			*subject = wq_arena_printf(git->arena, "%.*s",
				(int)strcspn(line + 9, "\n"), line + 9);
	}
	return patch;
}
