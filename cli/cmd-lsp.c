/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wqlint lsp: a language server. This is its loop, which waits for the
 * client, the child that lints, and the clock.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lsp.h"

enum { FROM_CLIENT, TO_CLIENT, RESULTS, ERRORS, NR_FILES };

/* What a pipe that poll() calls writable takes without waiting. */
#define MAX_WRITE	4096

static void read_client(struct wq_lsp *lsp)
{
	ssize_t got = wq_lsp_bytes_read(&lsp->input.bytes, STDIN_FILENO);
	enum wq_lsp_next next;
	const char *text;
	size_t bytes;

	if (got == -EINTR || got == -EAGAIN)
		return;
	/* Whoever is gone without "exit" needs no answer. */
	if (got <= 0)
		lsp->is_done = true;
	while (!lsp->is_done &&
	       (next = wq_lsp_input_next(&lsp->input, &text, &bytes)) !=
	       WQ_LSP_MORE)
		if (next == WQ_LSP_MESSAGE)
			wq_lsp_receive(lsp, text, bytes);
		else
			wq_lsp_refuse(lsp, text);
}

static void write_client(struct wq_lsp *lsp)
{
	size_t count = lsp->output.end - lsp->output.start;
	ssize_t put = write(STDOUT_FILENO, lsp->output.text + lsp->output.start,
			    count < MAX_WRITE ? count : MAX_WRITE);

	if (put > 0)
		wq_lsp_bytes_drop(&lsp->output, (size_t)put);
	else if (put < 0 && errno != EINTR && errno != EAGAIN)
		lsp->is_done = true;
}

static void step(struct wq_lsp *lsp)
{
	struct pollfd files[NR_FILES] = {
		[FROM_CLIENT] = { .fd = STDIN_FILENO, .events = POLLIN },
		[TO_CLIENT] = { .fd = -1, .events = POLLOUT },
		[RESULTS] = { .fd = -1, .events = POLLIN },
		[ERRORS] = { .fd = -1, .events = POLLIN },
	};

	wq_lsp_job_start(lsp);
	if (lsp->output.end > lsp->output.start)
		files[TO_CLIENT].fd = STDOUT_FILENO;
	if (lsp->job.pid) {
		files[RESULTS].fd = lsp->job.results;
		files[ERRORS].fd = lsp->job.errors;
	}
	if (poll(files, NR_FILES, wq_lsp_job_timeout(lsp)) < 0)
		return;
	if (files[TO_CLIENT].revents)
		write_client(lsp);
	if (files[RESULTS].revents || files[ERRORS].revents)
		wq_lsp_job_receive(lsp, files[RESULTS].revents,
				   files[ERRORS].revents);
	if (files[FROM_CLIENT].revents && !lsp->is_done)
		read_client(lsp);
}

/* What was answered before "exit" is still sent. */
static void flush_output(struct wq_lsp *lsp)
{
	struct pollfd file = { .fd = STDOUT_FILENO, .events = POLLOUT };

	lsp->is_done = false;
	while (!lsp->is_done && lsp->output.end > lsp->output.start &&
	       poll(&file, 1, 1000) > 0)
		write_client(lsp);
}

static enum wq_exit run(struct wq_options *options)
{
	struct wq_lsp lsp;

	if (options->nr_args) {
		wq_msg("lsp takes no argument '%s'", options->args[0]);
		return WQ_EXIT_ERROR;
	}
	wq_lsp_init(&lsp, options);
	while (!lsp.is_done)
		step(&lsp);
	flush_output(&lsp);
	wq_lsp_free(&lsp);
	return lsp.status;
}

const struct wq_command wq_command_lsp = {
	.name = "lsp",
	.synopsis = "[OPTION...] [-p PATH]",
	.summary = "serve an editor, by the language server protocol",
	.options = WQ_OPTIONS_SELECT | WQ_OPTIONS_LSP | WQ_OPTIONS_JOBS |
		   WQ_OPTIONS_CC,
	.run = run,
};
