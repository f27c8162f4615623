/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "groups.h"
#include "requests.h"
#include "serving.h"

static FILE *begin_request(struct wq_request *request)
{
	*request = (struct wq_request){ .text = NULL };
	return open_memstream(&request->text, &request->bytes);
}

static void write_word(FILE *out, const char *word)
{
	fwrite(word, 1, strlen(word) + 1, out);
}

static bool end_request(struct wq_request *request, FILE *out)
{
	return !fclose(out) && request->bytes < WQ_SERVING_BYTES;
}

bool wq_request_unit(struct wq_request *request, const char *source,
		     const char *const *command, const char *const *macros,
		     const char *directory, bool dependencies)
{
	struct wq_arena *arena = wq_arena_new();
	const char *const *own = wq_group_own_words(arena, command);
	FILE *out = begin_request(request);
	/* It is to stand in quotes there, and macros in a line. */
	bool good = out && !strpbrk(source, "\"\\\n");

	if (!out)
		goto free_arena;
	write_word(out, source);
	write_word(out, directory);
	write_word(out, dependencies ? wq_arena_printf(arena, "%s/%s",
						directory, WQ_DEPENDENCIES)
				     : "");
	for (; *own; own++) {
		good &= !strchr(*own, '\n');
		write_word(out, *own);
	}
	for (; *macros; macros++)
		write_word(out, wq_arena_printf(arena, "-U%s", *macros));
	good &= end_request(request, out);
free_arena:
	wq_arena_free(arena);
	return good;
}

bool wq_request_headers(struct wq_request *request,
			const char *const *headers)
{
	FILE *out = begin_request(request);

	if (!out)
		return false;
	write_word(out, "");
	for (; *headers; headers++)
		write_word(out, *headers);
	return end_request(request, out);
}

bool wq_request_send(const struct wq_request *request, int socket,
		     const int files[2])
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec part = { request->text, request->bytes };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *sent = CMSG_FIRSTHDR(&message);

	sent->cmsg_level = SOL_SOCKET;
	sent->cmsg_type = SCM_RIGHTS;
	sent->cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(sent), files, 2 * sizeof(int));
	return sendmsg(socket, &message, MSG_NOSIGNAL) ==
	       (ssize_t)request->bytes;
}
