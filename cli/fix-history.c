/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Fixes:" lines, by git: the commit that the line of a finding is of.
 */
#include <string.h>
#include <sys/wait.h>

#include "fix-output.h"

/*
 * Run git with @words, ended by NULL, in @directory: what it says, or NULL and
 * why not in @error, "" when git does not say.
 */
static const char *run_git(struct wq_arena *arena, const char *directory,
			   const char *const *words, const char **error)
{
	const char *argv[16] = { "git", "--no-pager" }, *text = "";
	struct wq_spawn spawn = {
		.argv = argv, .directory = directory, .in_english = true,
	};
	unsigned int i;
	int status;

	for (i = 0; words[i]; i++)
		argv[i + 2] = words[i];
	status = wq_spawn_wait(arena, &spawn, &text);
	if (status < 0)
		*error = wq_arena_printf(arena, "git: %s", strerror(-status));
	else if (WIFEXITED(status) && !WEXITSTATUS(status))
		return text;
	else if (!strncmp(text, "fatal: ", 7))
		*error = wq_arena_printf(arena, "%.*s",
					 (int)strcspn(text + 7, "\n"), text + 7);
	else
		*error = "";
	return NULL;
}

int wq_history_check(struct wq_arena *arena, const char *directory)
{
	static const char *const words[] = {
		"rev-parse", "--verify", "--quiet", "HEAD^{commit}", NULL,
	};
	const char *error = NULL;

	if (run_git(arena, directory, words, &error))
		return 0;
	wq_msg("fix: --fixes: %s: %s", directory,
	       *error ? error : "a git repository without a commit");
	return -1;
}

/* The commit that git blame names for the line @where, or NULL. */
static const char *blamed(struct wq_arena *arena, const char *directory,
			  const struct wq_location *where, const char **error)
{
	const char *lines = wq_arena_printf(arena, "%u,%u", where->line,
					    where->line);
	const char *const words[] = {
		"blame", "--root", "-w", "--porcelain", "-L", lines, "--",
		where->file, NULL,
	};
	const char *text = run_git(arena, directory, words, error);
	size_t bytes;

	if (!text)
		return NULL;
	bytes = strspn(text, "0123456789abcdef");
	if (bytes < 40 || text[bytes] != ' ')
		*error = "git blame says nothing of it";
	else if (strspn(text, "0") == bytes)
		*error = "the line is not committed";
	else
		return wq_arena_printf(arena, "%.*s", (int)bytes, text);
	return NULL;
}

/* Is a commit without parents perhaps only where a shallow clone was cut? */
static bool is_cut_off(struct wq_arena *arena, const char *directory)
{
	static const char *const words[] = {
		"rev-parse", "--is-shallow-repository", NULL,
	};
	const char *error;
	const char *text = run_git(arena, directory, words, &error);

	return !text || strncmp(text, "false", 5);
}

const char *wq_history_fixes(struct wq_arena *arena, const char *directory,
			     const struct wq_location *where)
{
	const char *error = NULL, *commit, *line, *parents;

	commit = blamed(arena, directory, where, &error);
	if (commit) {
		const char *const words[] = {
			"log", "-1", "--no-show-signature", "--abbrev=12",
			"--format=%p%nFixes: %h (\"%s\")", commit, NULL,
		};

		parents = run_git(arena, directory, words, &error);
		line = parents ? strchr(parents, '\n') : NULL;
		if (line && (line != parents || !is_cut_off(arena, directory)))
			return wq_arena_printf(arena, "%.*s",
					       (int)strcspn(line + 1, "\n"),
					       line + 1);
		if (parents)
			error = "the history does not reach back to the line's commit";
	}
	wq_msg("%s:%u: no Fixes: line: %s", where->file, where->line, error);
	return NULL;
}
