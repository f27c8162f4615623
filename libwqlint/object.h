/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The facts note of an ELF object, read with libelf.
 */
#ifndef WQ_OBJECT_H
#define WQ_OBJECT_H

#include "facts.h"

/*
 * Read the facts in @path: an ELF object with a WQ_FACTS_SECTION, or a
 * facts file. Units and errors are handed over as wq_facts_read() does;
 * line 0 is for what concerns the whole file. Returns the number of things
 * that were wrong; a file that cannot be read or has no facts is one.
 */
unsigned int wq_object_read(const char *path, wq_unit_fn receive,
			    wq_facts_error_fn error, void *context);

#endif
