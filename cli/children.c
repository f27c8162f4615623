/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many children at once. Each slot has a directory of its own for what the
 * child writes and its temporary files; all of them go in the end, also when
 * a signal ends the program: signals are taken from a queue, between two
 * looks at the children, never in the middle of something.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "serving.h"

struct slot {
	bool is_used;
	pid_t pid;			/* 0: somebody else does it */
	int answer;			/* where that one says so, or -1 */
	int output;
	unsigned int number;		/* of the child */
	const char *directory;
};

struct running {
	const struct wq_children *children;
	struct slot *slots;
	struct pollfd *files;		/* signals, and an answer per slot */
	unsigned int nr_slots, nr_running;
};

#define MAX_TEMPORARIES 8

/* A process has one signal mask, so this is its state and nobody else's. */
static sigset_t held_signals, old_signals;
static unsigned int nr_holds;
static const char *temporaries[MAX_TEMPORARIES];

static int remove_one(const char *path, const struct stat *status, int type,
		      struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	remove(path);
	return 0;
}

static void remove_tree(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *wq_temporary_make(struct wq_arena *arena, const char *parent)
{
	char *base = (char *)wq_arena_printf(arena, "%s/wqlint-XXXXXX",
					     parent);
	const char *path;
	unsigned int i;

	if (!mkdtemp(base)) {
		wq_msg("cannot make a directory in %s: %s", parent,
		       strerror(errno));
		return NULL;
	}
	path = wq_path_resolve(arena, base);
	for (i = 0; i < MAX_TEMPORARIES; i++)
		if (!temporaries[i]) {
			temporaries[i] = path;
			break;
		}
	return path;
}

void wq_temporary_remove(const char *path)
{
	unsigned int i;

	remove_tree(path);
	for (i = 0; i < MAX_TEMPORARIES; i++)
		if (temporaries[i] == path)
			temporaries[i] = NULL;
}

void wq_directory_empty(const char *path)
{
	struct dirent *entry;
	DIR *stream = opendir(path);

	while (stream && (entry = readdir(stream)))
		unlinkat(dirfd(stream), entry->d_name, 0);
	if (stream)
		closedir(stream);
}

/* End as if @number had not been held. */
static void die_of(int number)
{
	unsigned int i;

	for (i = 0; i < MAX_TEMPORARIES; i++)
		if (temporaries[i])
			remove_tree(temporaries[i]);
	signal(number, SIG_DFL);
	raise(number);
	sigprocmask(SIG_SETMASK, &old_signals, NULL);
	_exit(128 + number);
}

void wq_signals_hold(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action;
	size_t i;

	if (nr_holds++)
		return;
	sigemptyset(&held_signals);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (!sigaction(ends[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			sigaddset(&held_signals, ends[i]);
	/* Ignored, it would make children vanish before they are asked. */
	signal(SIGCHLD, SIG_DFL);
	sigaddset(&held_signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &held_signals, &old_signals);
}

void wq_signals_check(void)
{
	static const struct timespec now;
	int number;

	while ((number = sigtimedwait(&held_signals, NULL, &now)) > 0)
		if (number != SIGCHLD)
			die_of(number);
}

void wq_signals_release(void)
{
	if (--nr_holds)
		return;
	wq_signals_check();
	sigprocmask(SIG_SETMASK, &old_signals, NULL);
}

static int make_slots(struct running *running, const char *temporary)
{
	struct wq_arena *arena = running->children->arena;
	unsigned int i;

	running->slots = wq_arena_alloc(arena, running->nr_slots *
					       sizeof(*running->slots));
	for (i = 0; i < running->nr_slots; i++) {
		struct slot *slot = &running->slots[i];

		slot->directory = wq_arena_printf(arena, "%s/%u", temporary, i);
		if (mkdir(slot->directory, 0700)) {
			wq_msg("cannot make %s: %s", slot->directory,
			       strerror(errno));
			return -1;
		}
	}
	return 0;
}

static void stop_children(struct running *running)
{
	const struct wq_children *children = running->children;
	unsigned int i;

	for (i = 0; i < running->nr_slots; i++)
		if (running->slots[i].is_used && running->slots[i].pid)
			kill(-running->slots[i].pid, SIGTERM);
	for (i = 0; i < running->nr_slots; i++)
		if (running->slots[i].is_used && running->slots[i].pid) {
			waitpid(running->slots[i].pid, NULL, 0);
			/* what the driver started and did not wait for */
			kill(-running->slots[i].pid, SIGKILL);
		}
	if (children->stop)
		children->stop(children->context);
}

/* The child of @slot, from @spawn or from who answers. False: there is none. */
static bool begin(struct running *running, struct slot *slot,
		  unsigned int number, struct wq_arena *scratch,
		  struct wq_spawn *spawn)
{
	const struct wq_children *children = running->children;
	pid_t pid = 0;

	slot->answer = -1;
	if (!children->prepare(children->context, number, slot->directory,
			       scratch, spawn, &slot->answer))
		return false;
	if (slot->answer < 0)
		pid = spawn->output < 0 ? spawn->output : wq_spawn(spawn);
	if (pid < 0) {
		children->fail(children->context, number, spawn->argv[0], pid);
		return false;
	}
	slot->pid = pid;
	return true;
}

static void start(struct running *running, struct slot *slot,
		  unsigned int number)
{
	struct wq_arena *scratch = wq_arena_new();
	struct wq_spawn spawn = {
		.temporary = slot->directory, .output = wq_spawn_output(),
	};

	if (begin(running, slot, number, scratch, &spawn)) {
		slot->is_used = true;
		slot->output = spawn.output;
		slot->number = number;
		running->nr_running++;
	} else if (spawn.output >= 0) {
		close(spawn.output);
	}
	wq_arena_free(scratch);
}

static void finish(struct running *running, struct slot *slot, int status)
{
	const struct wq_children *children = running->children;
	bool again = children->finish(children->context, slot->number,
				      slot->directory, status, slot->output);

	wq_directory_empty(slot->directory);
	slot->is_used = false;
	running->nr_running--;
	if (again)
		start(running, slot, slot->number);
}

static void reap(struct running *running)
{
	unsigned int i;
	int status;

	for (i = 0; i < running->nr_slots; i++)
		if (running->slots[i].is_used && running->slots[i].pid &&
		    waitpid(running->slots[i].pid, &status, WNOHANG) > 0)
			finish(running, &running->slots[i], status);
}

static void take_answer(struct running *running, struct slot *slot)
{
	char answer = 0;
	bool served = read(slot->answer, &answer, 1) == 1 &&
		      answer == WQ_SERVED;

	close(slot->answer);
	finish(running, slot, served ? 0 : 1 << 8);
}

/* A held signal that is to end the program, or 0. */
static int read_signal(int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info) ||
	    info.ssi_signo == SIGCHLD)
		return 0;
	return (int)info.ssi_signo;
}

/* Wait until one ends, or more. */
static void wait_for_one(struct running *running)
{
	struct pollfd *files = running->files;
	unsigned int i;
	int number;

	for (i = 0; i < running->nr_slots; i++)
		files[1 + i].fd = running->slots[i].is_used &&
				  !running->slots[i].pid
			? running->slots[i].answer : -1;
	if (poll(files, running->nr_slots + 1, -1) < 0)
		return;
	if (files[0].revents) {
		number = read_signal(files[0].fd);
		if (number) {
			stop_children(running);
			die_of(number);
		}
		reap(running);
	}
	for (i = 0; i < running->nr_slots; i++)
		if (files[1 + i].fd >= 0 && files[1 + i].revents)
			take_answer(running, &running->slots[i]);
}

static void run_all(struct running *running)
{
	unsigned int count = running->children->count, next = 0, i;

	while (next < count || running->nr_running) {
		for (i = 0; i < running->nr_slots; i++)
			while (!running->slots[i].is_used && next < count)
				start(running, &running->slots[i], next++);
		if (running->nr_running)
			wait_for_one(running);
	}
}

/* Where held signals and answers are heard. Returns 0, or -1 after a message. */
static int make_files(struct running *running)
{
	struct pollfd *files = wq_arena_alloc(running->children->arena,
					      (running->nr_slots + 1) *
					      sizeof(*files));
	unsigned int i;

	for (i = 0; i <= running->nr_slots; i++)
		files[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	files[0].fd = signalfd(-1, &held_signals, SFD_CLOEXEC);
	running->files = files;
	if (files[0].fd >= 0)
		return 0;
	wq_msg("cannot wait for signals: %s", strerror(errno));
	return -1;
}

int wq_children_run(const struct wq_children *children)
{
	struct running running = {
		.children = children,
		.nr_slots = children->jobs < children->count ? children->jobs
							     : children->count,
	};
	const char *temporary;
	int err = -1;

	wq_signals_hold();
	temporary = wq_temporary_make(children->arena, wq_path_temporary());
	if (temporary) {
		err = make_slots(&running, temporary) || make_files(&running)
			? -1 : 0;
		if (!err && children->begin)
			children->begin(children->context, temporary);
		if (!err) {
			run_all(&running);
			close(running.files[0].fd);
		}
		wq_temporary_remove(temporary);
	}
	wq_signals_release();
	return err;
}

/* One child whose output is read */

static void stop_child(pid_t pid)
{
	kill(-pid, SIGTERM);
	waitpid(pid, NULL, 0);
	kill(-pid, SIGKILL);
}

static void read_output(pid_t pid, int from, int signals,
			void (*receive)(void *context, const char *text,
					size_t bytes),
			void *context)
{
	struct pollfd files[] = { { .fd = from, .events = POLLIN },
				  { .fd = signals, .events = POLLIN } };
	static char buffer[65536];
	ssize_t got = 1;
	int number;

	while (got) {
		if (poll(files, 2, -1) < 0)
			continue;
		number = files[1].revents ? read_signal(signals) : 0;
		if (number) {
			stop_child(pid);
			die_of(number);
		}
		if (!files[0].revents)
			continue;
		got = read(from, buffer, sizeof(buffer));
		if (got > 0)
			receive(context, buffer, (size_t)got);
		else if (got < 0 && errno != EINTR)
			break;
	}
}

int wq_child_read(const struct wq_spawn *spawn,
		  void (*receive)(void *context, const char *text,
				  size_t bytes),
		  void *context)
{
	struct wq_spawn child = *spawn;
	int ends[2], signals, status = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	wq_signals_hold();
	signals = signalfd(-1, &held_signals, SFD_CLOEXEC);
	child.output = ends[1];
	pid = signals < 0 ? -errno : wq_spawn(&child);
	close(ends[1]);
	if (pid > 0) {
		read_output(pid, ends[0], signals, receive, context);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
	if (signals >= 0)
		close(signals);
	wq_signals_release();
	return pid > 0 ? status : pid;
}
