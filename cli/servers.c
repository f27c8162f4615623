/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "groups.h"
#include "requests.h"
#include "servers.h"
#include "serving.h"

/*
 * What a compiler may allocate: for headers, and with a unit. This keeps it
 * below 300 MiB of memory with what is not counted, such as its program.
 */
#define HEADER_BYTES	((rlim_t)200 << 20)
#define UNIT_BYTES	((rlim_t)265 << 20)

/*
 * Which headers are read: those that so many of a hundred units name, but two
 * at least. More is better as long as they do not contradict each other and
 * there is memory for them; so less is tried after a failure. What is read for
 * many parts of the tree is a burden to the units that do not name it.
 */
static const struct extent {
	unsigned int of_part, of_parts;
} extents[] = { { 4, 30 }, { 15, 50 }, { 40, 80 } };
#define NR_EXTENTS (sizeof(extents) / sizeof(extents[0]))

#define MAX_GENERATIONS	8	/* of compilers that fork others */

struct server {
	const struct wq_group *group;
	struct server *around;		/* of the part around, or NULL */
	unsigned int number;
	unsigned int left;		/* units that are not done with */
	unsigned int extent;		/* NR_EXTENTS: given up */
	bool runs;
	pid_t pid;			/* 0: the parent's child */
	int socket;
};

struct wq_servers {
	struct wq_arena *arena;
	const struct wq_compile *compiles;
	struct server *servers;
	unsigned int count;
	struct server **of;		/* by command, or NULL */
	const char *const **macros;	/* as struct wq_groups has them */
	bool dependencies;
	const char *directory;
};

static void add_server(struct wq_servers *all, const struct wq_group *group)
{
	struct server *server = &all->servers[all->count];
	unsigned int i;

	server->group = group;
	server->number = all->count++;
	server->left = group->nr_units;
	for (i = 0; i < server->number; i++)
		if (all->servers[i].group == group->parent)
			server->around = &all->servers[i];
	for (i = 0; i < group->nr_members; i++)
		all->of[group->members[i]] = server;
}

struct wq_servers *wq_servers_new(struct wq_arena *arena,
				  const struct wq_compile *compiles,
				  unsigned int count, bool dependencies,
				  const char *directory)
{
	struct wq_groups groups = wq_groups_find(arena, compiles, count);
	struct wq_servers *all;
	unsigned int i;

	if (!groups.count)
		return NULL;
	all = wq_arena_alloc(arena, sizeof(*all));
	*all = (struct wq_servers){
		.arena = arena, .compiles = compiles,
		.dependencies = dependencies, .directory = directory,
		.macros = groups.macros,
		.of = wq_arena_alloc(arena, count * sizeof(struct server *)),
		.servers = wq_arena_alloc(arena, groups.count *
					  sizeof(struct server)),
	};
	for (i = 0; i < groups.count; i++)
		add_server(all, groups.list[i]);
	return all;
}

const unsigned int *wq_servers_order(const struct wq_servers *servers,
				     struct wq_arena *arena,
				     unsigned int count)
{
	unsigned int *order = wq_arena_alloc(arena, (count + 1) *
					     sizeof(*order));
	unsigned int done = 0, i, j;

	for (i = 0; servers && i < servers->count; i++) {
		const struct wq_group *group = servers->servers[i].group;

		for (j = 0; j < group->nr_members; j++)
			order[done++] = group->members[j];
	}
	for (i = 0; i < count; i++)
		if (!servers || !servers->of[i])
			order[done++] = i;
	return order;
}

/* The headers that @server is to read, ended by NULL. */
static const char *const *choose_headers(const struct wq_servers *all,
					 const struct server *server)
{
	const struct wq_group *group = server->group;
	const struct extent *extent = &extents[server->extent];
	unsigned int least = group->nr_units * (group->has_parts
		? extent->of_parts : extent->of_part) / 100, i;
	struct wq_words words = { .arena = all->arena };

	for (i = 0; i < group->nr_headers; i++)
		if (group->headers[i].units >= least)
			wq_words_add(&words, group->headers[i].name);
	return wq_words_end(&words);
}

/* What the compiler reads. Returns its name, or NULL. */
static const char *write_input(const struct wq_servers *all,
			       const struct server *server)
{
	const char *path = wq_arena_printf(all->arena, "%s/server%u.c",
					   all->directory, server->number);
	const char *const *headers = choose_headers(all, server);
	FILE *out = fopen(path, "we");
	unsigned int i;

	if (!out)
		return NULL;
	/* Messages in inline functions need a name. */
	fputs("#define KBUILD_MODNAME \"" WQ_SERVING_MODNAME "\"\n", out);
	for (; *headers; headers++)
		fprintf(out, "#include <%s>\n", *headers);
	for (i = 0; i < MAX_GENERATIONS; i++)
		fputs("#undef " WQ_SERVING_AGAIN "\n#pragma wqlint serve\n"
		      "#include \"" WQ_SERVING_UNIT_PATH "\"\n"
		      "#ifdef " WQ_SERVING_AGAIN "\n", out);
	for (i = 0; i < MAX_GENERATIONS; i++)
		fputs("#endif\n", out);
	fputs("#include " WQ_SERVING_MACRO "\n", out);
	return fclose(out) ? NULL : path;
}

static const char *const *server_command(const struct wq_servers *all,
					 const struct server *server,
					 const char *plugin)
{
	struct wq_words words = { .arena = all->arena };
	const char *const *word;

	for (word = server->group->argv; *word; word++)
		wq_words_add(&words, *word);
	wq_words_add(&words, wq_arena_printf(all->arena, "-fplugin=%s",
					     plugin));
	wq_words_add(&words, "-fplugin-arg-wqlint-lint-only");
	wq_words_add(&words, "-fplugin-arg-wqlint-serve");
	if (all->dependencies) {
		wq_words_add(&words, "-MD");
		wq_words_add(&words, "-MF");
		wq_words_add(&words, WQ_SERVING_DEPENDENCIES_PATH);
	}
	wq_words_add(&words, "-S");
	wq_words_add(&words, "-o");
	wq_words_add(&words, "/dev/null");
	wq_words_add(&words, "-x");
	wq_words_add(&words, "c");
	wq_words_add(&words, "-");
	return wq_words_end(&words);
}

/* Starting and ending */

/* Start a compiler on its end of a socket. */
static bool start_compiler(struct wq_servers *all, struct server *server,
			   const char *plugin, int socket)
{
	const struct rlimit limit = { HEADER_BYTES, UNIT_BYTES };
	struct wq_spawn spawn = {
		.argv = server_command(all, server, plugin),
		.directory = server->group->directory,
		.temporary = all->directory,
		.input = write_input(all, server),
		.socket = socket,
	};

	if (!spawn.input)
		return false;
	spawn.output = open("/dev/null", O_WRONLY | O_CLOEXEC);
	server->pid = spawn.output < 0 ? -1 : wq_spawn(&spawn);
	if (spawn.output >= 0)
		close(spawn.output);
	/* The driver has not started the compiler proper yet. */
	if (server->pid > 0)
		prlimit(server->pid, RLIMIT_DATA, &limit, NULL);
	return server->pid > 0;
}

/* Have it forked by @parent, which runs. */
static bool start_child(struct wq_servers *all, struct server *server,
			struct server *parent, int socket)
{
	const int files[] = { socket, socket };
	struct wq_request request;
	bool sent = wq_request_headers(&request, choose_headers(all, server)) &&
		    wq_request_send(&request, parent->socket, files);

	free(request.text);
	server->pid = 0;
	return sent;
}

/* It ends when it has read what was sent, or has ended. */
static void finish(struct server *server)
{
	if (!server->runs)
		return;
	server->runs = false;
	close(server->socket);
	if (server->pid)
		while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR)
			;
}

static bool is_below(const struct server *server, const struct server *above)
{
	while (server && server != above)
		server = server->around;
	return server != NULL;
}

static bool has_ended(const struct server *server)
{
	struct pollfd file = { .fd = server->socket };

	return server->runs && poll(&file, 1, 0) == 1 &&
	       (file.revents & POLLHUP);
}

/*
 * @server ended, or what forked it did, as its headers do not fit: that one
 * has less the next time. What it was to fork ended with it.
 */
static void give_up(struct wq_servers *all, struct server *server)
{
	struct server *ended = server, *around;
	unsigned int i;

	for (around = server->around; around; around = around->around)
		if (has_ended(around))
			ended = around;
	for (i = all->count; i--;)
		if (is_below(&all->servers[i], ended))
			finish(&all->servers[i]);
	ended->extent++;
}

/* The smallest part around that of @server that can be served, or NULL. */
static struct server *parent_of(const struct server *server)
{
	struct server *parent = server->around;

	while (parent && parent->extent == NR_EXTENTS)
		parent = parent->around;
	return parent;
}

/* Start @server, by its parent when there is one, which runs. */
static bool start_one(struct wq_servers *all, struct server *server,
		      struct server *parent, const char *plugin)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return false;
	server->socket = ends[0];
	server->runs = parent ? start_child(all, server, parent,
							 ends[1])
			      : start_compiler(all, server, plugin, ends[1]);
	close(ends[1]);
	if (!server->runs)
		close(ends[0]);
	return server->runs;
}

/* The same, and what it is a part of. False: it cannot be served. */
static bool start(struct wq_servers *all, struct server *server,
		  const char *plugin)
{
	while (!server->runs && server->extent < NR_EXTENTS) {
		struct server *parent = parent_of(server);

		if (parent && !start(all, parent, plugin))
			continue;
		if (start_one(all, server, parent, plugin))
			break;
		if (parent)
			give_up(all, parent);
		else
			server->extent = NR_EXTENTS;
	}
	return server->runs;
}

/* Requests */

/* Send @request to @server, or to what is started in its place. */
static bool ask(struct wq_servers *all, struct server *server,
		const char *plugin, const struct wq_request *request,
		const int files[2])
{
	while (start(all, server, plugin)) {
		if (wq_request_send(request, server->socket, files))
			return true;
		give_up(all, server);
	}
	return false;
}

/* So that those after @server have read their headers when they are asked. */
static void start_next(struct wq_servers *all, struct server *server,
		       const char *plugin)
{
	const char *compiler = server->group->argv[0];
	unsigned int ahead = 2;

	while (ahead && ++server < all->servers + all->count) {
		if (!server->group->nr_members)
			continue;
		ahead--;
		if (!strcmp(server->group->argv[0], compiler))
			start(all, server, plugin);
	}
}

int wq_servers_ask(struct wq_servers *servers, unsigned int number,
		   const char *plugin, const char *const *command,
		   const char *slot, int output)
{
	struct server *server = servers ? servers->of[number] : NULL;
	struct wq_request request;
	int ends[2];

	if (!server || pipe2(ends, O_CLOEXEC))
		return -1;
	if (wq_request_unit(&request, servers->compiles[number].source,
			    command, servers->macros[number], slot,
			    servers->dependencies) &&
	    ask(servers, server, plugin, &request,
		(const int []){ output, ends[1] })) {
		start_next(servers, server, plugin);
	} else {
		close(ends[0]);
		ends[0] = -1;
	}
	close(ends[1]);
	free(request.text);
	return ends[0];
}

void wq_servers_leave(struct wq_servers *servers, unsigned int number)
{
	struct server *server = servers ? servers->of[number] : NULL;

	for (; server; server = server->around)
		if (!--server->left)
			finish(server);
}

void wq_servers_stop(struct wq_servers *servers)
{
	unsigned int i;

	/* A compiler and all that it forked are one process group. */
	for (i = 0; servers && i < servers->count; i++)
		if (servers->servers[i].runs && servers->servers[i].pid)
			kill(-servers->servers[i].pid, SIGKILL);
	for (i = 0; servers && i < servers->count; i++)
		finish(&servers->servers[i]);
}
