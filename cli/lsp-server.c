/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The protocol: what a message is, when it may come, and what answers it.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "json-parts.h"
#include "lsp.h"

/* Error codes of JSON-RPC and of the language server protocol. */
enum {
	PARSE_ERROR = -32700,
	INVALID_REQUEST = -32600,
	METHOD_NOT_FOUND = -32601,
	INVALID_PARAMS = -32602,
	NOT_INITIALIZED = -32002,
	REQUEST_CANCELLED = -32800,
};

/* How long nothing must be typed before the text is linted. */
#define DEBOUNCE_MS	300

struct wq_lsp_method {
	const char *name;
	bool is_request;
	/* The result; notifications return NULL. */
	json_t *(*act)(struct wq_lsp *lsp, json_t *params);
	bool needs_lint;		/* waits until the document is linted */
};

/* Sending */

static void send_message(struct wq_lsp *lsp, json_t *message)
{
	json_object_set_new(message, "jsonrpc", json_string("2.0"));
	wq_lsp_output_add(&lsp->output, message);
}

void wq_lsp_notify(struct wq_lsp *lsp, const char *method, json_t *params)
{
	send_message(lsp, json_pack("{s:s, s:o}", "method", method, "params",
				    params));
}

void wq_lsp_log(struct wq_lsp *lsp, bool show, int type, const char *text)
{
	struct wq_arena *arena = wq_arena_new();

	wq_lsp_notify(lsp, show ? "window/showMessage" : "window/logMessage",
		      json_pack("{s:i, s:o}", "type", type, "message",
				wq_json_text(arena, text)));
	wq_arena_free(arena);
}

/* @result is let go of, @id is not. */
static void answer(struct wq_lsp *lsp, json_t *id, json_t *result)
{
	send_message(lsp, json_pack("{s:O, s:o}", "id", id, "result", result));
}

__attribute__((format(printf, 4, 5)))
static void answer_error(struct wq_lsp *lsp, json_t *id, int code,
			 const char *format, ...)
{
	struct wq_arena *arena = wq_arena_new();
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* A method's name may have been cut within a character. */
	send_message(lsp, json_pack("{s:o, s:{s:i, s:o}}", "id",
				    id ? json_incref(id) : json_null(),
				    "error", "code", code, "message",
				    wq_json_text(arena, text)));
	wq_arena_free(arena);
}

void wq_lsp_refuse(struct wq_lsp *lsp, const char *why)
{
	answer_error(lsp, NULL, PARSE_ERROR, "%s", why);
}

/* Life */

static bool client_has(json_t *params, const char *group, const char *name)
{
	json_t *capabilities = json_object_get(params, "capabilities");

	return json_is_true(json_object_get(json_object_get(capabilities,
							    group), name));
}

static bool client_counts_bytes(json_t *params)
{
	json_t *capabilities = json_object_get(params, "capabilities");
	json_t *list = json_object_get(json_object_get(capabilities, "general"),
				       "positionEncodings"), *name;
	size_t i;

	json_array_foreach(list, i, name)
		if (json_is_string(name) &&
		    !strcmp(json_string_value(name), "utf-8"))
			return true;
	return false;
}

static const char *find_root(struct wq_arena *arena, json_t *params)
{
	const char *uri = json_string_value(json_object_get(params, "rootUri"));
	const char *path = json_string_value(json_object_get(params,
							     "rootPath"));
	char *decoded = uri ? wq_lsp_uri_path(uri) : NULL;

	if (decoded)
		path = decoded;
	path = path && *path == '/' ? wq_path_resolve(arena, path) : NULL;
	path = wq_arena_copy(arena, path);
	free(decoded);
	return path;
}

static json_t *initialize(struct wq_lsp *lsp, json_t *params)
{
	json_t *workspace = json_object_get(json_object_get(params,
					"capabilities"), "workspace");

	lsp->state = WQ_LSP_RUNNING;
	lsp->databases.root = find_root(lsp->options->arena, params);
	lsp->utf8 = client_counts_bytes(params);
	lsp->has_progress = client_has(params, "window", "workDoneProgress");
	lsp->has_versions = json_is_true(json_object_get(
		json_object_get(workspace, "workspaceEdit"),
		"documentChanges"));
	return json_pack("{s:{s:s, s:{s:b, s:i, s:{s:b}}, s:b, s:{s:[s]}},"
			 " s:{s:s, s:s}}",
			 "capabilities",
			 "positionEncoding", lsp->utf8 ? "utf-8" : "utf-16",
			 "textDocumentSync", "openClose", 1, "change", 2,
			 "save", "includeText", 0,
			 "hoverProvider", 1,
			 "codeActionProvider", "codeActionKinds", "quickfix",
			 "serverInfo", "name", "wqlint",
			 "version", WQLINT_VERSION);
}

/* Take *@link out of the list. */
static void free_waiting(struct wq_lsp_waiting **link)
{
	struct wq_lsp_waiting *waiting = *link;

	*link = waiting->next;
	json_decref(waiting->id);
	json_decref(waiting->params);
	free(waiting);
}

static json_t *shut_down(struct wq_lsp *lsp, json_t *params)
{
	(void)params;
	lsp->state = WQ_LSP_SHUT_DOWN;
	wq_lsp_job_cancel(lsp);
	while (lsp->waiting) {
		answer_error(lsp, lsp->waiting->id, REQUEST_CANCELLED,
			     "the server shuts down");
		free_waiting(&lsp->waiting);
	}
	return json_null();
}

static json_t *leave(struct wq_lsp *lsp, json_t *params)
{
	(void)params;
	lsp->is_done = true;
	lsp->status = lsp->state == WQ_LSP_SHUT_DOWN ? WQ_EXIT_CLEAN
						     : WQ_EXIT_FINDINGS;
	return NULL;
}

/* Documents */

static const char *uri_of(json_t *params)
{
	json_t *document = json_object_get(params, "textDocument");

	return json_string_value(json_object_get(document, "uri"));
}

/* Lint @document in @delay milliseconds; what runs for it is too late. */
static void lint_soon(struct wq_lsp *lsp, struct wq_lsp_document *document,
		      int delay)
{
	if (!document->path)
		return;
	document->due = wq_lsp_now() + delay;
	if (document->in_job)
		wq_lsp_job_cancel(lsp);
}

static json_t *did_open(struct wq_lsp *lsp, json_t *params)
{
	json_t *item = json_object_get(params, "textDocument");
	json_t *text = json_object_get(item, "text");
	const char *uri = uri_of(params);

	if (!uri || !json_is_string(text)) {
		wq_lsp_log(lsp, false, 1, "didOpen has no uri or no text");
		return NULL;
	}
	lint_soon(lsp, wq_lsp_document_open(&lsp->documents, uri,
			json_integer_value(json_object_get(item, "version")),
			json_string_value(text), json_string_length(text)), 0);
	return NULL;
}

/* The open document of @params, or NULL after a message. */
static struct wq_lsp_document *find_open(struct wq_lsp *lsp, json_t *params,
					 const char *method)
{
	const char *uri = uri_of(params);
	struct wq_lsp_document *document =
		uri ? wq_lsp_document_find(&lsp->documents, uri) : NULL;
	char text[256];

	if (document)
		return document;
	snprintf(text, sizeof(text), "%s: no such document is open", method);
	wq_lsp_log(lsp, false, 1, text);
	return NULL;
}

static json_t *did_change(struct wq_lsp *lsp, json_t *params)
{
	struct wq_lsp_document *document = find_open(lsp, params, "didChange");
	json_t *item = json_object_get(params, "textDocument");
	const char *why;

	if (!document)
		return NULL;
	why = wq_lsp_document_change(document,
				     json_object_get(params, "contentChanges"),
				     lsp->utf8);
	if (why) {
		wq_lsp_log(lsp, false, 1, why);
		return NULL;
	}
	document->version = json_integer_value(json_object_get(item,
							       "version"));
	lint_soon(lsp, document, DEBOUNCE_MS);
	return NULL;
}

static json_t *did_save(struct wq_lsp *lsp, json_t *params)
{
	struct wq_lsp_document *document = find_open(lsp, params, "didSave");

	if (document) {
		document->serial++;
		lint_soon(lsp, document, 0);
	}
	return NULL;
}

static json_t *did_close(struct wq_lsp *lsp, json_t *params)
{
	struct wq_lsp_document *document = find_open(lsp, params, "didClose");

	if (!document)
		return NULL;
	if (document->in_job)
		wq_lsp_job_cancel(lsp);
	wq_lsp_document_close(&lsp->documents, uri_of(params));
	/* What was not saved is gone: the others see the file again. */
	for (document = lsp->documents.first; document;
	     document = document->next)
		lint_soon(lsp, document, 0);
	wq_lsp_results_forget(lsp);
	wq_lsp_answer_waiting(lsp);
	return NULL;
}

static json_t *ignore(struct wq_lsp *lsp, json_t *params)
{
	(void)lsp;
	(void)params;
	return NULL;
}

/* Requests that wait */

static bool is_settled(struct wq_lsp *lsp, json_t *params)
{
	const char *uri = uri_of(params);
	struct wq_lsp_document *document =
		uri ? wq_lsp_document_find(&lsp->documents, uri) : NULL;

	return !document || !document->path ||
	       document->linted == document->serial;
}

static void wait_for_lint(struct wq_lsp *lsp,
			  const struct wq_lsp_method *method, json_t *id,
			  json_t *params)
{
	struct wq_lsp_waiting *waiting = calloc(1, sizeof(*waiting)), **last;

	if (!waiting)
		abort();
	waiting->id = json_incref(id);
	waiting->params = json_incref(params);
	waiting->method = method;
	for (last = &lsp->waiting; *last; last = &(*last)->next)
		;
	*last = waiting;
}

void wq_lsp_answer_waiting(struct wq_lsp *lsp)
{
	struct wq_lsp_waiting **link = &lsp->waiting, *waiting;

	while ((waiting = *link)) {
		if (!is_settled(lsp, waiting->params)) {
			link = &waiting->next;
			continue;
		}
		answer(lsp, waiting->id,
		       waiting->method->act(lsp, waiting->params));
		free_waiting(link);
	}
}

static json_t *cancel(struct wq_lsp *lsp, json_t *params)
{
	json_t *id = json_object_get(params, "id");
	struct wq_lsp_waiting **link;

	for (link = &lsp->waiting; id && *link; link = &(*link)->next)
		if (json_equal((*link)->id, id)) {
			answer_error(lsp, id, REQUEST_CANCELLED, "cancelled");
			free_waiting(link);
			break;
		}
	return NULL;
}

/* The user does not want to wait for what is being compiled. */
static json_t *cancel_progress(struct wq_lsp *lsp, json_t *params)
{
	const char *token = json_string_value(json_object_get(params, "token"));

	if (!token || !lsp->job.progress || strcmp(token, lsp->job.progress))
		return NULL;
	lsp->job.is_unwanted = true;
	wq_lsp_job_cancel(lsp);
	return NULL;
}

static const struct wq_lsp_method methods[] = {
	{ "initialize", true, initialize, false },
	{ "shutdown", true, shut_down, false },
	{ "textDocument/codeAction", true, wq_lsp_results_actions, true },
	{ "textDocument/hover", true, wq_lsp_results_hover, true },
	{ "initialized", false, ignore, false },
	{ "exit", false, leave, false },
	{ "textDocument/didOpen", false, did_open, false },
	{ "textDocument/didChange", false, did_change, false },
	{ "textDocument/didSave", false, did_save, false },
	{ "textDocument/didClose", false, did_close, false },
	{ "$/cancelRequest", false, cancel, false },
	{ "window/workDoneProgress/cancel", false, cancel_progress, false },
};

static const struct wq_lsp_method *find_method(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (!strcmp(methods[i].name, name))
			return &methods[i];
	return NULL;
}

/* Receiving */

/* May @method be asked for now? Answers when not. */
static bool is_time_for(struct wq_lsp *lsp, json_t *id, const char *method)
{
	bool is_first = !strcmp(method, "initialize");

	if (lsp->state == WQ_LSP_NEW && !is_first)
		answer_error(lsp, id, NOT_INITIALIZED,
			     "initialize must come before %s", method);
	else if (lsp->state == WQ_LSP_RUNNING && is_first)
		answer_error(lsp, id, INVALID_REQUEST,
			     "initialize comes once");
	else if (lsp->state == WQ_LSP_SHUT_DOWN)
		answer_error(lsp, id, INVALID_REQUEST,
			     "after shutdown there is only exit");
	else
		return true;
	return false;
}

static void receive_request(struct wq_lsp *lsp, json_t *id, const char *name,
			    json_t *params)
{
	const struct wq_lsp_method *method = find_method(name);

	if (!is_time_for(lsp, id, name))
		return;
	if (!method || !method->is_request)
		answer_error(lsp, id, METHOD_NOT_FOUND, "unknown method '%s'",
			     name);
	else if (method->needs_lint && !uri_of(params))
		answer_error(lsp, id, INVALID_PARAMS,
			     "%s needs a textDocument", name);
	else if (method->needs_lint && !is_settled(lsp, params))
		wait_for_lint(lsp, method, id, params);
	else
		answer(lsp, id, method->act(lsp, params));
}

static void receive_notification(struct wq_lsp *lsp, const char *name,
				 json_t *params)
{
	const struct wq_lsp_method *method = find_method(name);

	if (!method || method->is_request ||
	    (lsp->state != WQ_LSP_RUNNING && strcmp(name, "exit")))
		return;
	method->act(lsp, params);
}

static bool is_id(json_t *id)
{
	return json_is_string(id) || json_is_integer(id);
}

/* A response is of no interest: what we ask for can as well be refused. */
static bool is_response(json_t *message)
{
	return !json_object_get(message, "method") &&
	       (json_object_get(message, "result") ||
		json_object_get(message, "error"));
}

static void receive_object(struct wq_lsp *lsp, json_t *message)
{
	const char *version = json_string_value(json_object_get(message,
								"jsonrpc"));
	const char *method = json_string_value(json_object_get(message,
							       "method"));
	json_t *id = json_object_get(message, "id");
	json_t *params = json_object_get(message, "params");

	if (!version || strcmp(version, "2.0"))
		answer_error(lsp, is_id(id) ? id : NULL, INVALID_REQUEST,
			     "jsonrpc is not \"2.0\"");
	else if (is_response(message))
		return;
	else if (!method || (id && !is_id(id)))
		answer_error(lsp, is_id(id) ? id : NULL, INVALID_REQUEST,
			     method ? "the id is no string and no number"
				    : "the method is missing");
	else if (id)
		receive_request(lsp, id, method, params);
	else
		receive_notification(lsp, method, params);
}

void wq_lsp_receive(struct wq_lsp *lsp, const char *text, size_t bytes)
{
	json_error_t error;
	json_t *message = json_loadb(text, bytes,
				     JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

	if (!message)
		answer_error(lsp, NULL, PARSE_ERROR, "no JSON: %s",
			     error.text);
	else if (!json_is_object(message))
		answer_error(lsp, NULL, INVALID_REQUEST,
			     "the message is no object");
	else
		receive_object(lsp, message);
	json_decref(message);
}

void wq_lsp_init(struct wq_lsp *lsp, struct wq_options *options)
{
	memset(lsp, 0, sizeof(*lsp));
	lsp->options = options;
	lsp->databases.given = options->database;
	lsp->modules = json_object();
	lsp->status = WQ_EXIT_FINDINGS;
}

void wq_lsp_free(struct wq_lsp *lsp)
{
	wq_lsp_job_stop(lsp);
	while (lsp->waiting)
		free_waiting(&lsp->waiting);
	while (lsp->documents.first)
		wq_lsp_document_close(&lsp->documents,
				      lsp->documents.first->uri);
	wq_lsp_databases_free(&lsp->databases);
	wq_lsp_bytes_free(&lsp->input.bytes);
	wq_lsp_bytes_free(&lsp->output);
	json_decref(lsp->modules);
}
