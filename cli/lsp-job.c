/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One child at a time that lints a document's module. It is forked, so that
 * it has the documents as they are now; what it says comes through two pipes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lsp.h"

long long wq_lsp_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The document that is due first, or NULL. */
static struct wq_lsp_document *next_document(const struct wq_lsp *lsp)
{
	struct wq_lsp_document *document, *next = NULL;

	for (document = lsp->documents.first; document;
	     document = document->next)
		if (document->due && (!next || document->due < next->due))
			next = document;
	return next;
}

int wq_lsp_job_timeout(const struct wq_lsp *lsp)
{
	const struct wq_lsp_document *next = next_document(lsp);
	long long left;

	if (!next || lsp->job.pid || lsp->state != WQ_LSP_RUNNING)
		return -1;
	left = next->due - wq_lsp_now();
	return left > 0 ? (int)left : 0;
}

/* The child */

static void be_child(struct wq_lsp_lint *lint, int results, int errors)
{
	int nothing = open("/dev/null", O_RDWR);

	/* Not the client's: it must not read from there, or write. */
	dup2(nothing, STDIN_FILENO);
	dup2(nothing, STDOUT_FILENO);
	dup2(errors, STDERR_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	lint->out = fdopen(results, "w");
	if (lint->out)
		wq_lsp_lint(lint);
	if (!lint->out || fclose(lint->out))
		_exit(WQ_EXIT_INTERNAL);
	fflush(stderr);
	/* The server's memory is the server's. */
	_exit(WQ_EXIT_CLEAN);
}

/* Returns whether a child could be started. */
static bool begin(struct wq_lsp *lsp, struct wq_lsp_lint *lint)
{
	struct wq_lsp_job *job = &lsp->job;
	struct wq_lsp_document *document;
	int results[2], errors[2];

	if (pipe2(results, O_CLOEXEC))
		return false;
	if (pipe2(errors, O_CLOEXEC)) {
		close(results[0]);
		close(results[1]);
		return false;
	}
	fflush(NULL);
	job->pid = fork();
	if (!job->pid)
		be_child(lint, results[1], errors[1]);
	close(results[1]);
	close(errors[1]);
	if (job->pid < 0) {
		job->pid = 0;
		close(results[0]);
		close(errors[0]);
		return false;
	}
	job->results = results[0];
	job->errors = errors[0];
	job->uri = strdup(lint->document->uri);
	job->is_cancelled = job->is_unwanted = false;
	job->has_selection = lint->selection;
	/* It sees the others as they are now, too. */
	for (document = lsp->documents.first; document;
	     document = document->next)
		document->in_job = document->serial;
	return true;
}

/*
 * Nothing can be linted: say so, and do not try again before it changes.
 * @show: not only in the log, where nobody may look, but once.
 */
static void give_up(struct wq_lsp *lsp, struct wq_lsp_document *document,
		    bool show, const char *why)
{
	struct wq_arena *arena = wq_arena_new();

	wq_lsp_log(lsp, show && !lsp->has_said_no_database, 2,
		   wq_arena_printf(arena, "wqlint: %s: not linted: %s",
				   document->path, why));
	lsp->has_said_no_database |= show;
	document->linted = document->serial;
	wq_lsp_answer_waiting(lsp);
	wq_arena_free(arena);
}

void wq_lsp_job_start(struct wq_lsp *lsp)
{
	struct wq_lsp_document *document = next_document(lsp);
	struct wq_lsp_lint lint = { .lsp = lsp, .document = document };
	struct wq_arena *arena;

	if (lsp->job.pid || lsp->state != WQ_LSP_RUNNING || !document ||
	    document->due > wq_lsp_now())
		return;
	document->due = 0;
	arena = wq_arena_new();
	lint.database = wq_lsp_database_find(&lsp->databases, arena,
					     document->path, &lint.status);
	if (lint.database)
		lint.selection = wq_lsp_selection_find(&lsp->databases,
						       lint.database,
						       &lint.status,
						       document->path);
	if (!lint.database)
		give_up(lsp, document, true, "no " WQ_LSP_DATABASE
			" in its directory or above (wqlint compdb makes one for a configured kernel)");
	else if (lint.selection && lint.selection->own == WQ_LSP_NO_COMMAND)
		give_up(lsp, document, false, wq_arena_printf(arena,
			"no command of %s compiles it", lint.database));
	else if (!begin(lsp, &lint))
		give_up(lsp, document, false, "no child can be started");
	wq_arena_free(arena);
}

/* Progress */

static void report_progress(struct wq_lsp *lsp, json_t *value)
{
	wq_lsp_notify(lsp, "$/progress",
		      json_pack("{s:s, s:o}", "token", lsp->job.progress,
				"value", value));
}

static void begin_progress(struct wq_lsp *lsp, const char *module)
{
	char token[32];

	snprintf(token, sizeof(token), "wqlint-%u", ++lsp->nr_requests);
	lsp->job.progress = strdup(token);
	wq_lsp_output_add(&lsp->output, json_pack(
		"{s:s, s:s, s:s, s:{s:s}}", "jsonrpc", "2.0", "id", token,
		"method", "window/workDoneProgress/create",
		"params", "token", token));
	report_progress(lsp, json_pack("{s:s, s:s+, s:b, s:i}", "kind",
				       "begin", "title", "wqlint: ",
				       module, "cancellable", 1,
				       "percentage", 0));
}

static void take_progress(struct wq_lsp *lsp, json_t *line)
{
	int done = (int)json_integer_value(json_object_get(line, "done"));
	int count = (int)json_integer_value(json_object_get(line, "count"));
	char text[64];

	const char *module = json_string_value(json_object_get(line, "module"));

	if (!lsp->has_progress || count <= 0 || !module)
		return;
	if (!lsp->job.progress)
		begin_progress(lsp, module);
	snprintf(text, sizeof(text), "%d of %d files", done, count);
	report_progress(lsp, json_pack("{s:s, s:s, s:i}", "kind", "report",
				       "message", text, "percentage",
				       (int)(100LL * done / count)));
}

static void end_progress(struct wq_lsp *lsp)
{
	if (!lsp->job.progress)
		return;
	report_progress(lsp, json_pack("{s:s}", "kind", "end"));
	free(lsp->job.progress);
	lsp->job.progress = NULL;
}

/* What it says */

/* The documents that @files names were linted as they were then. */
static void note_linted(struct wq_lsp *lsp, json_t *files)
{
	struct wq_lsp_document *document;
	json_t *file;
	size_t i;

	json_array_foreach(files, i, file) {
		document = wq_lsp_document_at(&lsp->documents,
					      json_string_value(file));
		if (!document || document->in_job != document->serial)
			continue;
		document->linted = document->in_job;
		document->due = 0;
	}
}

static void take_line(struct wq_lsp *lsp, const char *text, size_t bytes)
{
	json_t *line = json_loadb(text, bytes, 0, NULL);
	const struct wq_lsp_selection *selection;

	if (json_object_get(line, "count")) {
		take_progress(lsp, line);
	} else if (json_object_get(line, "selection")) {
		selection = wq_lsp_selection_take(&lsp->databases, line);
		lsp->job.has_selection = selection;
		/* It will be found to have no command. */
		lsp->job.is_cancelled |= selection &&
			selection->own == WQ_LSP_NO_COMMAND;
	} else if (line) {
		note_linted(lsp, json_object_get(line, "files"));
		wq_lsp_results_take(lsp, line);
		wq_lsp_answer_waiting(lsp);
	}
	json_decref(line);
}

/* Hand the whole lines in @bytes to @fn. */
static void take_lines(struct wq_lsp *lsp, struct wq_lsp_bytes *bytes,
		       void (*fn)(struct wq_lsp *lsp, const char *text,
				  size_t bytes))
{
	const char *text, *end;

	while (bytes->end > bytes->start) {
		text = bytes->text + bytes->start;
		end = memchr(text, '\n', bytes->end - bytes->start);
		if (!end)
			break;
		fn(lsp, text, (size_t)(end - text));
		wq_lsp_bytes_drop(bytes, (size_t)(end - text) + 1);
	}
}

static void take_message(struct wq_lsp *lsp, const char *text, size_t bytes)
{
	char *line = strndup(text, bytes);

	if (line)
		wq_lsp_log(lsp, false, strstr(line, "not linted") ? 2 : 3,
			   line);
	free(line);
}

/*
 * What the child was for is done, and what it could not lint need not be
 * tried again before it changes; or it has to be begun anew.
 */
static void settle(struct wq_lsp *lsp)
{
	const struct wq_lsp_job *job = &lsp->job;
	struct wq_lsp_document *document;

	for (document = lsp->documents.first; document;
	     document = document->next) {
		document->in_job = 0;
		if (strcmp(document->uri, job->uri) || document->due)
			continue;
		if (job->is_cancelled && !job->is_unwanted)
			document->due = wq_lsp_now();
		else if (!job->is_cancelled && !job->has_selection)
			give_up(lsp, document, true,
				"its " WQ_LSP_DATABASE " cannot be read");
		else
			document->linted = document->serial;
	}
	wq_lsp_answer_waiting(lsp);
}

static void end(struct wq_lsp *lsp)
{
	struct wq_lsp_job *job = &lsp->job;
	int status = 0;

	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(job->results);
	close(job->errors);
	if (status && !job->is_cancelled) {
		wq_lsp_log(lsp, false, 1, "the child that lints has failed");
		job->is_unwanted = job->is_cancelled = true;
	}
	end_progress(lsp);
	wq_lsp_bytes_free(&job->from);
	wq_lsp_bytes_free(&job->said);
	job->pid = 0;
	settle(lsp);
	free(job->uri);
	job->uri = NULL;
}

void wq_lsp_job_receive(struct wq_lsp *lsp, bool results, bool errors)
{
	struct wq_lsp_job *job = &lsp->job;
	ssize_t got = 1;

	if (errors && wq_lsp_bytes_read(&job->said, job->errors) > 0 &&
	    !job->is_cancelled)
		take_lines(lsp, &job->said, take_message);
	if (!results)
		return;
	got = wq_lsp_bytes_read(&job->from, job->results);
	if (got == -EINTR)
		return;
	if (got > 0 && !job->is_cancelled)
		take_lines(lsp, &job->from, take_line);
	if (got > 0)
		return;
	while (wq_lsp_bytes_read(&job->said, job->errors) > 0)
		;
	if (!job->is_cancelled)
		take_lines(lsp, &job->said, take_message);
	end(lsp);
}

void wq_lsp_job_cancel(struct wq_lsp *lsp)
{
	if (!lsp->job.pid || lsp->job.is_cancelled)
		return;
	lsp->job.is_cancelled = true;
	kill(lsp->job.pid, SIGTERM);
}

void wq_lsp_job_stop(struct wq_lsp *lsp)
{
	if (!lsp->job.pid)
		return;
	wq_lsp_job_cancel(lsp);
	end(lsp);
}
