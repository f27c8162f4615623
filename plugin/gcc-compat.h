/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GCC's headers, and everything that differs between GCC 9 and 16. No other
 * file includes a GCC header or tests the version.
 */
#ifndef WQ_GCC_COMPAT_H
#define WQ_GCC_COMPAT_H

/* GCC 16's own headers need these before gcc-plugin.h. */
#define INCLUDE_VECTOR
#define INCLUDE_MEMORY
#define INCLUDE_STRING

#include "gcc-plugin.h"
#include "plugin-version.h"
#include "backend.h"
#include "tree.h"
#include "gimple.h"
#include "ssa.h"
#include "gimple-iterator.h"
#include "tree-cfg.h"
#include "cfganal.h"
#include "dominance.h"
#include "cgraph.h"
#include "tree-pass.h"
#include "context.h"
#include "options.h"
#include "opts.h"
#include "toplev.h"
#include "c-family/c-pragma.h"
#include "output.h"
#include "diagnostic.h"
#include "gcc-rich-location.h"

#if GCCPLUGIN_VERSION_MAJOR >= 16
#include "tree-logical-location.h"
#endif
#if GCCPLUGIN_VERSION_MAJOR >= 15
#include "simple-diagnostic-path.h"
#elif GCCPLUGIN_VERSION_MAJOR >= 10
#include "diagnostic-path.h"
#endif

extern "C" {
#include "api.h"
#include "facts.h"
#include "ignore.h"
#include "judge.h"
#include "program.h"
#include "rule.h"
#include "source.h"
}

/* GCC 9 cannot attach a path to a diagnostic. */
#define WQ_HAVE_DIAGNOSTIC_PATH (GCCPLUGIN_VERSION_MAJOR >= 10)

/* The printer that path events are formatted with. */
static inline pretty_printer *
wq_reference_printer (void)
{
#if GCCPLUGIN_VERSION_MAJOR >= 15
	return global_dc->get_reference_printer ();
#else
	return global_dc->printer;
#endif
}

/* Are warnings errors? And the other way: say that they are, or are not. */
static inline bool
wq_get_werror (void)
{
#if GCCPLUGIN_VERSION_MAJOR >= 14
	return global_dc->warning_as_error_requested_p ();
#else
	return global_dc->warning_as_error_requested;
#endif
}

static inline void
wq_set_werror (bool value)
{
#if GCCPLUGIN_VERSION_MAJOR >= 14
	global_dc->set_warning_as_error_requested (value);
#else
	global_dc->warning_as_error_requested = value;
#endif
}

/*
 * GCC before 15 leaves the last warning's prefix in the printer that path
 * events are formatted with; it must be empty meanwhile.
 */
static inline char *
wq_take_prefix (void)
{
	return pp_take_prefix (wq_reference_printer ());
}

static inline void
wq_restore_prefix (char *prefix)
{
	pp_set_prefix (wq_reference_printer (), prefix);
}

#if WQ_HAVE_DIAGNOSTIC_PATH
#if GCCPLUGIN_VERSION_MAJOR >= 16
struct wq_path {
	tree_logical_location_manager manager;
	simple_diagnostic_path path;

	wq_path () : path (manager, wq_reference_printer ()) {}
};
#else
struct wq_path {
	simple_diagnostic_path path;

	wq_path () : path (wq_reference_printer ()) {}
};
#endif
#endif

#endif
