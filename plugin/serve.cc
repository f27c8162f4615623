/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One compiler for many units: libwqlint/serving.h says what it is asked.
 *
 * The parser has read the headers and is at the pragma. A process that is
 * forked there has all of them, and shares their memory until it writes to it;
 * it takes the unit's own macros and directories, and its name, and returns
 * to the parser, whose next line includes the unit.
 *
 * Functions of the C front end are weak: lto1, which has none, must be able to
 * load the plugin.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "translate.h"
extern "C" {
#include "serving.h"
}

extern void c_register_pragma (const char *, const char *,
			       pragma_handler_1arg) __attribute__ ((weak));
extern cpp_buffer *cpp_get_buffer (cpp_reader *) __attribute__ ((weak));
extern struct _cpp_file *cpp_get_file (cpp_buffer *) __attribute__ ((weak));
/* Of this name in GCC 9 to 15, of the other in 16. */
extern cpp_dir *cpp_get_dir (struct _cpp_file *) __attribute__ ((weak));
extern cpp_dir *_cpp_get_file_dir (struct _cpp_file *) __attribute__ ((weak));
extern cpp_reader *parse_in __attribute__ ((weak));

/* To whom the process of a unit says that all went well, or -1. */
static int status_pipe = -1;

/* A directory that -I names, as the preprocessor has it, or NULL. */
static cpp_dir *user_directory;

static char request[WQ_SERVING_BYTES];

/* The unit's KBUILD_MODNAME, without quotes, or NULL. */
static char *modname;

/* Is there something that may mean another thing without other's headers? */
static bool is_doubtful;

/*
 * "toupper_t toupper" as a parameter: a macro toupper() of a header that only
 * other units include takes the place of what it calls.
 */
static bool
is_hidden_function (tree decl)
{
	tree type = TREE_TYPE (decl);

	return DECL_NAME (decl) && POINTER_TYPE_P (type) &&
	       FUNC_OR_METHOD_TYPE_P (TREE_TYPE (type)) &&
	       cpp_macro_p (CPP_HASHNODE (GCC_IDENT_TO_HT_IDENT
					  (DECL_NAME (decl))));
}

static bool
hides_function (tree block)
{
	tree decl;

	for (; block && TREE_CODE (block) == BLOCK; block = BLOCK_CHAIN (block)) {
		for (decl = BLOCK_VARS (block); decl; decl = DECL_CHAIN (decl))
			if (VAR_P (decl) && is_hidden_function (decl))
				return true;
		if (hides_function (BLOCK_SUBBLOCKS (block)))
			return true;
	}
	return false;
}

static void
note_function (void *event, void *)
{
	tree fndecl = (tree) event, decl;

	if (status_pipe < 0 || TREE_CODE (fndecl) != FUNCTION_DECL)
		return;
	for (decl = DECL_ARGUMENTS (fndecl); decl; decl = DECL_CHAIN (decl))
		is_doubtful |= is_hidden_function (decl);
	is_doubtful |= hides_function (DECL_INITIAL (fndecl));
}

const char *
wq_served_string (const char *text)
{
	const char *at = modname ? strstr (text, WQ_SERVING_MODNAME) : NULL;
	char *start, *whole;

	if (!at)
		return text;
	start = xstrndup (text, (size_t) (at - text));
	whole = concat (start, modname, at + strlen (WQ_SERVING_MODNAME), NULL);
	free (start);
	return whole;
}

/* Of the first header that was found in such a directory. */
static void
note_directory (void *, void *)
{
	cpp_buffer *buffer = cpp_get_buffer (parse_in);
	struct _cpp_file *file = buffer ? cpp_get_file (buffer) : NULL;
	cpp_dir *directory = !file ? NULL
			     : cpp_get_dir ? cpp_get_dir (file)
					   : _cpp_get_file_dir (file);

	if (!user_directory && directory && directory->name &&
	    *directory->name && !directory->sysp)
		user_directory = directory;
}

/* Search @name after all directories that -I named so far. */
static bool
add_directory (char *name)
{
	cpp_dir *last = user_directory, *added;

	if (!last)
		return false;
	while (last->next && !last->next->sysp)
		last = last->next;
	added = XCNEW (cpp_dir);
	added->name = name;
	added->len = strlen (name);
	added->user_supplied_p = true;
	added->next = last->next;
	last->next = added;
	return true;
}

/* What comes before the unit: its own macros, and its name. */
static bool
add_macro (FILE *out, char *text)
{
	char *equals = strchr (text, '=');

	if (equals)
		*equals++ = '\0';
	fprintf (out, "#undef %s\n#define %s %s\n", text, text,
		 equals ? equals : "1");
	if (!strcmp (text, "KBUILD_MODNAME") && equals && *equals == '"' &&
	    strlen (equals) > 2)
		modname = xstrndup (equals + 1, strlen (equals) - 2);
	return wq_give_macro (text, equals);
}

/* What the front end would have found on the command line of @source. */
static void
become (char *source)
{
	const char *base = lbasename (source), *dot = strrchr (base, '.');

	main_input_filename = source;
	/* GCC 9 and 10 name it after the output. */
	if (GCCPLUGIN_VERSION_MAJOR >= 11)
		aux_base_name = xstrndup (base, dot ? (size_t) (dot - base)
						    : strlen (base));
}

/* A word of the request, and the next one's place. */
static char *
next_word (char **at, const char *end)
{
	char *word = *at;

	if (word == end)
		return NULL;
	*at += strlen (word) + 1;
	return word;
}

/* Have @file as descriptor @number. */
static bool
move_file (int file, int number)
{
	bool done = file >= 0 && dup2 (file, number) == number;

	if (file >= 0)
		close (file);
	return done;
}

static bool
open_dependencies (const char *path)
{
	return !*path || move_file (open (path, O_WRONLY | O_CREAT | O_TRUNC,
					  0666), WQ_SERVING_DEPENDENCIES);
}

/* The file to read after the pragma, empty, or NULL. */
static FILE *
open_unit (void)
{
	if (!move_file (memfd_create ("wqlint", 0), WQ_SERVING_UNIT))
		return NULL;
	return fdopen (WQ_SERVING_UNIT, "w");
}

/* Take all that is said of the unit @source. False: it cannot be done. */
static bool
take_unit (char *source, char *at, const char *end)
{
	char *facts = next_word (&at, end), *word;
	char *dependencies = facts ? next_word (&at, end) : NULL;
	bool done = dependencies && open_dependencies (dependencies);
	FILE *out = done ? open_unit () : NULL;

	if (!out)
		return false;
	while (done && (word = next_word (&at, end)))
		if (!strncmp (word, "-I", 2))
			done = add_directory (word + 2);
		else if (!strncmp (word, "-U", 2))
			done = !maybe_get_identifier (word + 2);
		else
			done = add_macro (out, word + 2);
	/* What the input is, the preprocessor knows better than it should. */
	fprintf (out, "#undef __BASE_FILE__\n#define __BASE_FILE__ \"%s\"\n"
		 "#define " WQ_SERVING_MACRO " \"%s\"\n", source, source);
	wq_keep_facts_in (facts);
	become (source);
	return done && !fflush (out);
}

/* In the process of a unit. It returns to the parser. */
static void
begin_unit (char *source, char *at, const char *end, const int *files)
{
	struct rlimit limit;

	close (WQ_SERVING_SOCKET);
	status_pipe = files[1];
	if (dup2 (files[0], 1) < 0 || dup2 (files[0], 2) < 0)
		_exit (FATAL_EXIT_CODE);
	close (files[0]);
	/* A unit may have more than the headers have. */
	if (!getrlimit (RLIMIT_DATA, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit (RLIMIT_DATA, &limit);
	}
	if (!take_unit (source, at, end))
		_exit (FATAL_EXIT_CODE);
}

/* In the process that reads more headers, which @at names, and then serves. */
static void
begin_server (char *at, const char *end, const int *files)
{
	FILE *out = open_unit ();
	char *word;

	close (files[1]);
	if (!move_file (files[0], WQ_SERVING_SOCKET) || !out)
		_exit (FATAL_EXIT_CODE);
	fputs ("#define " WQ_SERVING_AGAIN "\n", out);
	while ((word = next_word (&at, end)))
		fprintf (out, "#include <%s>\n", word);
	if (fflush (out))
		_exit (FATAL_EXIT_CODE);
}

/* The next request, and its descriptors. Returns its length; 0: the end. */
static size_t
receive (int *files)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE (2 * sizeof (int))];
	} control;
	struct iovec part = { request, sizeof (request) - 1 };
	struct msghdr message = {};
	struct cmsghdr *sent;
	ssize_t got;

	message.msg_iov = &part;
	message.msg_iovlen = 1;
	message.msg_control = &control;
	message.msg_controllen = sizeof (control);
	do
		got = recvmsg (WQ_SERVING_SOCKET, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	sent = CMSG_FIRSTHDR (&message);
	if (got <= 0 || !sent || sent->cmsg_type != SCM_RIGHTS ||
	    sent->cmsg_len != CMSG_LEN (2 * sizeof (int)))
		return 0;
	memcpy (files, CMSG_DATA (sent), 2 * sizeof (int));
	/* so that the last word ends in any case */
	request[got] = '\0';
	if (request[got - 1])
		return 0;
	return (size_t) got;
}

static void
begin (char *at, const char *end, const int *files)
{
	char *source = next_word (&at, end);

	if (*source)
		begin_unit (source, at, end, files);
	else
		begin_server (at, end, files);
}

/* The pragma. Only new processes return from here. */
static void
serve (cpp_reader *)
{
	int files[2];
	size_t bytes;
	pid_t pid;

	/* The headers contradict each other. */
	if (seen_error ())
		_exit (FATAL_EXIT_CODE);
	while ((bytes = receive (files))) {
		while (waitpid (-1, NULL, WNOHANG) > 0)
			;
		pid = fork ();
		if (!pid) {
			begin (request, request + bytes, files);
			return;
		}
		close (files[0]);
		close (files[1]);
	}
	/* Waited for, their time counts as that of this compiler. */
	while (waitpid (-1, NULL, 0) > 0)
		;
	_exit (SUCCESS_EXIT_CODE);
}

static void
register_pragma (void *, void *)
{
	c_register_pragma ("wqlint", "serve", serve);
}

void
wq_serve_begin (const char *plugin)
{
	if (!c_register_pragma || !cpp_get_buffer || !cpp_get_file ||
	    !(cpp_get_dir || _cpp_get_file_dir) || !&parse_in)
		return;
	register_callback (plugin, PLUGIN_PRAGMAS, register_pragma, NULL);
	register_callback (plugin, PLUGIN_INCLUDE_FILE, note_directory, NULL);
	register_callback (plugin, PLUGIN_FINISH_PARSE_FUNCTION, note_function,
			   NULL);
}

void
wq_serve_end (void)
{
	const char served = WQ_SERVED;

	if (status_pipe < 0)
		return;
	fflush (stderr);
	if (!seen_error () && !is_doubtful && write (status_pipe, &served, 1) == 1)
		_exit (SUCCESS_EXIT_CODE);
	_exit (FATAL_EXIT_CODE);
}
