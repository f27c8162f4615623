/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The language server. One process keeps the protocol (lsp-server.c) and
 * never waits for anything but poll(); what takes long is done by a child
 * that is forked for it (lsp-job.c, lsp-lint.c), which knows all that the
 * server knows and answers with lines of JSON that are ready for the client.
 */
#ifndef WQ_LSP_H
#define WQ_LSP_H

#include <jansson.h>
#include <stdio.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "cli.h"

/* Bytes that come and go, in memory of malloc(). Zero is empty. */
struct wq_lsp_bytes {
	char *text;
	size_t start, end, size;	/* what counts is [start, end) */
};

void wq_lsp_bytes_add(struct wq_lsp_bytes *bytes, const char *text,
		      size_t count);
void wq_lsp_bytes_drop(struct wq_lsp_bytes *bytes, size_t count);
void wq_lsp_bytes_free(struct wq_lsp_bytes *bytes);

/*
 * read() once and add. Returns the number of bytes, 0 at the end, or a
 * negative errno.
 */
ssize_t wq_lsp_bytes_read(struct wq_lsp_bytes *bytes, int fd);

/* lsp-framing.c: messages behind headers, as the base protocol has them. */

/* A larger message is refused: no source is as large. */
#define WQ_LSP_MAX_MESSAGE	((unsigned long long)64 << 20)

struct wq_lsp_input {
	struct wq_lsp_bytes bytes;
	unsigned long long to_skip;	/* of a message that was refused */
	bool is_lost;			/* looking for the next header */
};

enum wq_lsp_next { WQ_LSP_MORE, WQ_LSP_MESSAGE, WQ_LSP_REFUSED };

/*
 * The next message: *@text of *@count bytes, valid until bytes are added, or
 * why there is none at a place where one should be, in *@text.
 */
enum wq_lsp_next wq_lsp_input_next(struct wq_lsp_input *input,
				   const char **text, size_t *count);

/* Append @message, which is let go of, with its header to @output. */
void wq_lsp_output_add(struct wq_lsp_bytes *output, json_t *message);

/* lsp-text.c: places in texts, and names of files. */

/*
 * The byte offset of @line and @character (from 0, in UTF-16 units or, with
 * @utf8, bytes) in @text. What is behind the end of a line or of the text is
 * that end.
 */
size_t wq_lsp_offset(const char *text, size_t bytes, json_int_t line,
		     json_int_t character, bool utf8);

/* The position of byte @offset of @text: a new object. */
json_t *wq_lsp_position(const char *text, size_t bytes, size_t offset,
			bool utf8);

/* Two of them. */
json_t *wq_lsp_range(const char *text, size_t bytes, size_t offset,
		     size_t count, bool utf8);

/* The file that @uri names, in memory of malloc(), or NULL: it names none. */
char *wq_lsp_uri_path(const char *uri);

/* "file://" and @path (absolute), in @arena. */
const char *wq_lsp_path_uri(struct wq_arena *arena, const char *path);

/* lsp-documents.c: what the client has open. */

struct wq_lsp_document {
	char *uri;			/* as the client spells it */
	char *path;			/* without symlinks; NULL: no C file */
	char *text;			/* with a NUL after it */
	size_t bytes;
	json_int_t version;
	unsigned int serial;		/* counts changes and saves */
	unsigned int linted;		/* the serial that was linted last */
	unsigned int in_job;		/* and the one that is being linted */
	long long due;			/* in ms, when to lint; 0: not now */
	struct wq_lsp_document *next;
};

struct wq_lsp_documents {
	struct wq_lsp_document *first;
};

/* NULL: it is not open. */
struct wq_lsp_document *
wq_lsp_document_find(const struct wq_lsp_documents *documents,
		     const char *uri);
struct wq_lsp_document *
wq_lsp_document_at(const struct wq_lsp_documents *documents, const char *path);

/* Open or replace; @text is copied. */
struct wq_lsp_document *
wq_lsp_document_open(struct wq_lsp_documents *documents, const char *uri,
		     json_int_t version, const char *text, size_t bytes);
void wq_lsp_document_close(struct wq_lsp_documents *documents,
			   const char *uri);

/*
 * Apply "contentChanges". Returns NULL, or why they are none; the text is
 * then as it was.
 */
const char *wq_lsp_document_change(struct wq_lsp_document *document,
				   json_t *changes, bool utf8);

/* lsp-database.c, lsp-select.c: the commands of a file's module. */

#define WQ_LSP_DATABASE		"compile_commands.json"
#define WQ_LSP_NO_COMMAND	((unsigned int)-1)

struct wq_lsp_selection {
	struct wq_arena *arena;		/* of all of it */
	const char *path;		/* for which file */
	const char *database;		/* out of this one, */
	struct timespec changed;	/* as it was then */
	off_t bytes;
	struct wq_compdb units;
	const char **sources;		/* of each, absolute */
	const char *modules;		/* as wq_module_names() takes them */
	unsigned int own;		/* unit, or WQ_LSP_NO_COMMAND */
	unsigned int nr_own;		/* units of its modules: the first */
	struct wq_lsp_selection *next;
};

struct wq_lsp_databases {
	struct wq_lsp_selection *first;
	const char *given;		/* -p, or NULL */
	const char *root;		/* the client's, or NULL */
};

/*
 * The name of the database for @path, in @arena: the one given, else the
 * nearest above it, else the root's. NULL: there is none.
 */
const char *wq_lsp_database_find(const struct wq_lsp_databases *databases,
				 struct wq_arena *arena, const char *path,
				 struct stat *status);

/* What is known already, or NULL; what is out of date is forgotten. */
const struct wq_lsp_selection *
wq_lsp_selection_find(struct wq_lsp_databases *databases, const char *name,
		      const struct stat *status, const char *path);
void wq_lsp_databases_free(struct wq_lsp_databases *databases);

/* Modules; the functions are for wq_module_names(), with these as context. */
struct wq_lsp_names {
	struct wq_arena *arena;
	const char **list;
	unsigned int count;
	bool is_found;			/* one that was looked for */
};

void wq_lsp_names_add(const char *name, void *context);
void wq_lsp_names_look(const char *name, void *context);

/*
 * Read the database @name, which takes its time. A header gets the commands
 * of the nearest source, one that names it if any does. NULL after a message.
 */
struct wq_lsp_selection *
wq_lsp_selection_make(struct wq_arena *arena, const char *name,
		      const struct stat *status, const char *path);

/* From the child to the server, which keeps it; NULL: it is none. */
json_t *wq_lsp_selection_json(const struct wq_lsp_selection *selection);
const struct wq_lsp_selection *
wq_lsp_selection_take(struct wq_lsp_databases *databases, json_t *line);

/* lsp-server.c */

enum wq_lsp_state { WQ_LSP_NEW, WQ_LSP_RUNNING, WQ_LSP_SHUT_DOWN };

/* A request that waits for the document to be linted. */
struct wq_lsp_waiting {
	json_t *id, *params;
	const struct wq_lsp_method *method;
	struct wq_lsp_waiting *next;
};

/* A child that lints. */
struct wq_lsp_job {
	pid_t pid;			/* 0: there is none */
	int results, errors;		/* pipes from it */
	struct wq_lsp_bytes from, said;
	char *uri;			/* for whom it lints */
	bool has_selection;
	bool is_cancelled;		/* to be begun again */
	bool is_unwanted;		/* and not to be begun again */
	char *progress;			/* the token, or NULL: none is shown */
};

struct wq_lsp {
	struct wq_options *options;
	enum wq_lsp_state state;
	struct wq_lsp_input input;
	struct wq_lsp_bytes output;
	struct wq_lsp_documents documents;
	struct wq_lsp_databases databases;
	struct wq_lsp_job job;
	struct wq_lsp_waiting *waiting;
	json_t *modules;		/* results, by module */
	bool utf8;			/* positions count bytes */
	bool has_progress;		/* the client shows it */
	bool has_versions;		/* and takes documentChanges */
	bool has_said_no_database;
	unsigned int nr_requests;	/* ours */
	bool is_done;			/* "exit", or the client is gone */
	enum wq_exit status;
};

void wq_lsp_init(struct wq_lsp *lsp, struct wq_options *options);
void wq_lsp_free(struct wq_lsp *lsp);

/* Act on one message. */
void wq_lsp_receive(struct wq_lsp *lsp, const char *text, size_t bytes);

/* Say why a message could not even be read. */
void wq_lsp_refuse(struct wq_lsp *lsp, const char *why);

/* Send a notification; @params is let go of. */
void wq_lsp_notify(struct wq_lsp *lsp, const char *method, json_t *params);

/* window/logMessage, or with @show window/showMessage: 2 is a warning. */
void wq_lsp_log(struct wq_lsp *lsp, bool show, int type, const char *text);

/* Answer the requests that need not wait any longer. */
void wq_lsp_answer_waiting(struct wq_lsp *lsp);

/* lsp-job.c */

/* Milliseconds of a clock that does not jump. */
long long wq_lsp_now(void);

/* Start a child for the document that is due, if none runs. */
void wq_lsp_job_start(struct wq_lsp *lsp);

/* When to call wq_lsp_job_start() again, in ms from now; -1: not needed. */
int wq_lsp_job_timeout(const struct wq_lsp *lsp);

/* Take what the child has to say; poll() has said that there is something. */
void wq_lsp_job_receive(struct wq_lsp *lsp, bool results, bool errors);

/* End the child, whose results nobody wants any more. */
void wq_lsp_job_cancel(struct wq_lsp *lsp);

/* The same, and wait until it is gone. */
void wq_lsp_job_stop(struct wq_lsp *lsp);

/* lsp-results.c: what the children found. */

/* Keep a result, and publish the diagnostics that changed. */
void wq_lsp_results_take(struct wq_lsp *lsp, json_t *result);

/* Drop the results of modules of which nothing is open any more. */
void wq_lsp_results_forget(struct wq_lsp *lsp);

/* The code actions for "params", and what is known at a position, or null. */
json_t *wq_lsp_results_actions(struct wq_lsp *lsp, json_t *params);
json_t *wq_lsp_results_hover(struct wq_lsp *lsp, json_t *params);

/* lsp-lint.c: in the child. */

struct wq_lsp_lint {
	struct wq_lsp *lsp;
	const struct wq_lsp_document *document;
	const char *database;
	struct stat status;		/* of that */
	const struct wq_lsp_selection *selection;	/* or NULL: not known */
	FILE *out;			/* for lines of JSON */
};

/* Lint and write results to @lint->out. */
void wq_lsp_lint(struct wq_lsp_lint *lint);

#endif
