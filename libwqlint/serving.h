/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the command and a compiler that serves say to each other. Such a
 * compiler reads headers that many units read, as its standard input says, and
 * stops at "#pragma wqlint serve". There the plugin forks a process for each
 * unit that it is asked for, which goes on as the compiler of that unit alone;
 * or one that reads more headers, to serve in its turn.
 *
 * A request is one message on a socket of type SOCK_SEQPACKET, in words that
 * end with NUL:
 *
 *	source, directory of the facts file, file for the dependencies or "",
 *	then options -Iname and -Dname=value, and macros -Uname that headers
 *	must not have named, as the source defines them before its own
 *
 * With it go two descriptors: where messages are printed, and a pipe to which
 * one byte is written, WQ_SERVED, when the facts are complete and nothing was
 * wrong. That the pipe is closed without it is the answer to all else. Or
 *
 *	"", then names of headers
 *
 * with the socket, twice, on which the new process is to be asked.
 */
#ifndef WQ_SERVING_H
#define WQ_SERVING_H

#define WQ_SERVING_SOCKET	3	/* descriptor, of the compiler */

/* Of what a unit writes to -MF, with the name to give to that option. */
#define WQ_SERVING_DEPENDENCIES	4
#define WQ_SERVING_DEPENDENCIES_PATH "/proc/self/fd/4"

/*
 * A file to read after the pragma, and a descriptor of it. It has the unit's
 * own macros and WQ_SERVING_MACRO, which is the unit's name; or the headers to
 * read, and then WQ_SERVING_AGAIN is defined, for another such pragma.
 */
#define WQ_SERVING_UNIT		5
#define WQ_SERVING_UNIT_PATH	"/proc/self/fd/5"
#define WQ_SERVING_MACRO	"WQLINT_UNIT"
#define WQ_SERVING_AGAIN	"WQLINT_AGAIN"

/*
 * What KBUILD_MODNAME is where headers use it, as no unit is known then. In
 * facts of a unit it is the unit's.
 */
#define WQ_SERVING_MODNAME	"wqlint-modname"

#define WQ_SERVING_BYTES	65536	/* of the longest request */
#define WQ_SERVED		'.'

#endif
