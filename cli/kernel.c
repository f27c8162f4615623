/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A configured kernel. What it was configured for is in .config: its first
 * lines have the name of the architecture, and CONFIG_CC_VERSION_TEXT is what
 * the compiler said, which begins with the compiler's name.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "digest.h"
#include "kernel.h"

struct config {
	const char *arch;		/* or NULL */
	const char *version;		/* of the compiler, or NULL */
	bool is_clang;
};

/* The value between the quotes of a line KEY="VALUE". */
static const char *quoted(struct wq_arena *arena, const char *line)
{
	const char *value = strchr(line, '"');

	return value ? wq_arena_printf(arena, "%.*s",
				       (int)strcspn(value + 1, "\"\n"),
				       value + 1) : NULL;
}

/* "# Linux/arm64 6.1.192 Kernel Configuration" is among the first lines. */
static void read_config_line(struct wq_arena *arena, const char *line,
			     struct config *config)
{
	static const char text[] = "CONFIG_CC_VERSION_TEXT=";
	static const char title[] = "# Linux/";

	if (!strncmp(line, title, strlen(title)) && !config->arch)
		config->arch = wq_arena_printf(arena, "%.*s",
			(int)strcspn(line + strlen(title), " \n"),
			line + strlen(title));
	else if (!strncmp(line, text, strlen(text)))
		config->version = quoted(arena, line);
	else if (!strncmp(line, "CONFIG_CC_IS_CLANG=y", 20))
		config->is_clang = true;
}

static int read_config(struct wq_arena *arena, const char *path,
		       struct config *config)
{
	size_t bytes;
	char *text = wq_file_read(path, &bytes), *line;

	memset(config, 0, sizeof(*config));
	if (!text)
		return -1;
	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (*line)
			read_config_line(arena, line, config);
	}
	free(text);
	return 0;
}

/*
 * The source of an O= build: the link "source" of modules' builds, else what
 * the Makefile there includes.
 */
static const char *find_source(struct wq_arena *arena, const char *build)
{
	const char *makefile = wq_arena_printf(arena, "%s/Makefile", build);
	const char *link = wq_arena_printf(arena, "%s/source", build);
	const char *source = build;
	size_t bytes;
	char *text = wq_file_read(makefile, &bytes), *found;

	found = text ? strstr(text, "\ninclude /") : NULL;
	if (text && (!strncmp(text, "VERSION =", 9) ||
		     strstr(text, "\nVERSION =")))
		source = build;
	else if (found)
		source = wq_path_absolute(arena,
			wq_arena_printf(arena, "%.*s",
					(int)strcspn(found + 9, "\n"),
					found + 9), "..");
	else if (!access(link, X_OK))
		source = link;
	free(text);
	return wq_path_resolve(arena, source);
}

static void set_compiler(struct wq_arena *arena, struct wq_kernel *tree,
			 const struct config *config)
{
	size_t length = config->version ? strcspn(config->version, " ") : 0;
	const char *name = wq_arena_printf(arena, "%.*s", (int)length,
					   config->version ? config->version
							   : "");
	const char *gcc = strstr(name, "gcc");

	tree->arch = config->arch;
	tree->cross = "";
	if (gcc && gcc > name && gcc[-1] == '-')
		tree->cross = wq_arena_printf(arena, "%.*s",
					      (int)(gcc - name), name);
	if (*name && strcmp(name, wq_arena_printf(arena, "%sgcc",
						  tree->cross)))
		tree->compiler = name;
}

const char *const *wq_kernel_make(struct wq_arena *arena,
				const struct wq_kernel *tree,
				const char *const *args)
{
	const char *all[8] = { "make", "-C", tree->build };
	unsigned int count = 3;
	const char **argv, *const *arg;

	if (tree->arch)
		all[count++] = wq_arena_printf(arena, "ARCH=%s", tree->arch);
	if (*tree->cross)
		all[count++] = wq_arena_printf(arena, "CROSS_COMPILE=%s",
					       tree->cross);
	if (tree->compiler)
		all[count++] = wq_arena_printf(arena, "CC=%s",
					       tree->compiler);
	for (arg = args; *arg; arg++)
		;
	argv = wq_arena_alloc(arena, (count + (size_t)(arg - args) + 1) *
			      sizeof(*argv));
	memcpy(argv, all, count * sizeof(*argv));
	memcpy(argv + count, args, (size_t)(arg - args) * sizeof(*argv));
	return argv;
}

/* Is @path there, and not older than @reference? */
static bool is_newer(const char *path, const struct stat *reference)
{
	struct stat status;

	return !stat(path, &status) &&
	       (status.st_mtim.tv_sec > reference->st_mtim.tv_sec ||
		(status.st_mtim.tv_sec == reference->st_mtim.tv_sec &&
		 status.st_mtim.tv_nsec >= reference->st_mtim.tv_nsec));
}

struct text {
	char bytes[4096];
	size_t length;
};

static void keep_text(void *context, const char *piece, size_t bytes)
{
	struct text *text = context;

	if (bytes > sizeof(text->bytes) - 1 - text->length)
		bytes = sizeof(text->bytes) - 1 - text->length;
	memcpy(text->bytes + text->length, piece, bytes);
	text->length += bytes;
}

/* What the compiler of @tree says of itself, in one line. */
static const char *ask_version(struct wq_arena *arena,
			       const struct wq_kernel *tree)
{
	const char *const argv[] = {
		tree->compiler ? tree->compiler :
			wq_arena_printf(arena, "%sgcc", tree->cross),
		"--version", NULL
	};
	struct wq_spawn spawn = { .argv = argv };
	struct text text = { .length = 0 };

	if (wq_child_read(&spawn, keep_text, &text) < 0)
		return NULL;
	return wq_arena_printf(arena, "%.*s",
			       (int)strcspn(text.bytes, "\n"), text.bytes);
}

/* Kbuild squeezes and drops some characters of the compiler's line. */
static bool same_version(const char *a, const char *b)
{
	for (;;) {
		while (*a && strchr(" #$()'\"", *a))
			a++;
		while (*b && strchr(" #$()'\"", *b))
			b++;
		if (*a != *b || !*a)
			return *a == *b;
		a++;
		b++;
	}
}

/*
 * Why make would configure anew, or NULL: a file that it made the configuration
 * from is newer or gone. It does so even when it is to say only what it would
 * do, and a failure takes what was there. @text is auto.conf.cmd, the names
 * are between "deps_config := \\" and an empty line.
 */
static const char *changed_kconfig(struct wq_arena *arena,
				   const struct wq_kernel *tree, char *text,
				   const struct stat *configured)
{
	char *word, *rest, *end = strstr(text, "\n\n");
	struct stat status;

	if (end)
		*end = '\0';
	for (word = strtok_r(text, " \t\\\n", &rest); word;
	     word = strtok_r(NULL, " \t\\\n", &rest)) {
		const char *path = wq_path_absolute(arena, tree->source, word);

		if (!strstr(word, "Kconfig"))
			continue;
		if (stat(path, &status))
			return wq_arena_printf(arena, "%s is gone", word);
		if (status.st_mtime > configured->st_mtime)
			return wq_arena_printf(arena, "%s is newer than its configuration",
					       word);
	}
	return NULL;
}

/* The same of all that auto.conf is made from. */
static const char *why_make_configures(struct wq_arena *arena,
				       const struct wq_kernel *tree,
				       const struct stat *config)
{
	static const char commands[] = "include/config/auto.conf.cmd";
	const char *path = wq_arena_printf(arena, "%s/%s", tree->build,
					   commands);
	const char *cause = NULL;
	struct stat status;
	size_t bytes;
	char *text;

	if (stat(path, &status))
		return wq_arena_printf(arena, "it has no %s", commands);
	if (!is_newer(path, config))
		return wq_arena_printf(arena, "%s is older than .config",
				       commands);
	text = wq_file_read(path, &bytes);
	if (text)
		cause = changed_kconfig(arena, tree, text, &status);
	free(text);
	return cause;
}

/* Why `make prepare` is due, or NULL. */
static const char *why_not_ready(struct wq_arena *arena,
				 const struct wq_kernel *tree,
				 const struct config *config)
{
	static const char *const made[] = {
		"include/config/auto.conf", "include/generated/autoconf.h",
		"include/generated/utsrelease.h",
	};
	const char *path = wq_arena_printf(arena, "%s/.config", tree->build);
	const char *version, *cause;
	struct stat status;
	size_t i;

	if (stat(path, &status))
		return wq_arena_printf(arena, "it has no .config");
	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		path = wq_arena_printf(arena, "%s/%s", tree->build, made[i]);
		if (access(path, R_OK))
			return wq_arena_printf(arena, "it has no %s", made[i]);
		if (!i && !is_newer(path, &status))
			return wq_arena_printf(arena,
				"%s is older than .config", made[i]);
	}
	cause = why_make_configures(arena, tree, &status);
	if (cause)
		return cause;
	version = config->version ? ask_version(arena, tree) : NULL;
	if (version && *version && !same_version(version, config->version))
		return wq_arena_printf(arena, "it was configured with \"%s\", "
				       "and the compiler is now \"%s\"",
				       config->version, version);
	return NULL;
}

static void show(void *context, const char *text, size_t bytes)
{
	(void)context;
	fwrite(text, 1, bytes, stderr);
}

static int run_prepare(struct wq_arena *arena, const struct wq_kernel *tree)
{
	static const char *const args[] = {
		"olddefconfig", "prepare", "modules_prepare", NULL
	};
	struct wq_spawn spawn = { .argv = wq_kernel_make(arena, tree, args) };
	int status;

	wq_msg("%s: running make prepare", tree->build);
	status = wq_child_read(&spawn, show, NULL);
	if (!status)
		return 0;
	wq_msg("%s: make prepare failed%s%s", tree->build,
	       status < 0 ? ": " : "", status < 0 ? strerror(-status) : "");
	return -1;
}

int wq_kernel_open(struct wq_arena *arena, const char *path, bool prepare,
		 struct wq_kernel *tree)
{
	struct config config;
	const char *cause;

	memset(tree, 0, sizeof(*tree));
	tree->build = wq_path_resolve(arena, path);
	if (access(wq_arena_printf(arena, "%s/Makefile", tree->build), R_OK) ||
	    read_config(arena, wq_arena_printf(arena, "%s/.config",
					       tree->build), &config)) {
		wq_msg("%s: is not a configured kernel: it has no Makefile or no .config",
		       path);
		return -1;
	}
	tree->source = find_source(arena, tree->build);
	if (access(wq_arena_printf(arena, "%s/Kconfig", tree->source), R_OK)) {
		wq_msg("%s: has no sources of a kernel (there is no %s/Kconfig): headers for modules are not enough",
		       path, tree->source);
		return -1;
	}
	if (config.is_clang) {
		wq_msg("%s: is configured for clang, which cannot load a plugin of GCC: configure a copy with CC=gcc",
		       path);
		return -1;
	}
	set_compiler(arena, tree, &config);
	cause = why_not_ready(arena, tree, &config);
	if (cause && prepare) {
		if (run_prepare(arena, tree))
			return -1;
		read_config(arena, wq_arena_printf(arena, "%s/.config",
						   tree->build), &config);
		cause = why_not_ready(arena, tree, &config);
	}
	if (!cause)
		return 0;
	wq_msg("%s: is not ready: %s; run make prepare there, or give --prepare",
	       path, cause);
	return -1;
}
