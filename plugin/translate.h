/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GIMPLE to facts. A translation is of one unit; a body is one function of
 * it (or its static initialisers). Neither keeps a tree after the pass.
 */
#ifndef WQ_TRANSLATE_H
#define WQ_TRANSLATE_H

#include "gcc-compat.h"

struct wq_translation {
	struct wq_unit *unit;
	/* Where the facts' locations are: wq_location.handle is GCC's. */
	hash_map<tree, struct wq_function *> functions;
	/* Header inlines worth a look: they touch queues or work items. */
	hash_set<tree> relevant;
};

struct wq_body {
	struct wq_translation *translation;
	struct wq_unit *unit;
	struct wq_function *function;	/* NULL: static initialisers */
	struct function *fn;		/* NULL: static initialisers */
	hash_map<tree, const struct wq_expr *> values;
	hash_map<gimple *, struct wq_event *> results;
	unsigned int budget;		/* statements left for one value */
	bool cut;			/* a cycle was cut in this value */

	wq_body (struct wq_translation *t, struct wq_function *f,
		 struct function *c)
		: translation (t), unit (t->unit), function (f), fn (c),
		  budget (0), cut (false) {}
};

/* gimple-values.cc */

/* What a pointer or integer operand may be; never NULL. */
const struct wq_expr *wq_value (struct wq_body *body, tree operand);

/* The address of a variable, member, element or *pointer; never NULL. */
const struct wq_expr *wq_address (struct wq_body *body, tree reference);

/* The address of member @field of the struct at @base. */
const struct wq_expr *wq_member (struct wq_body *body,
				 const struct wq_expr *base, tree record,
				 tree field);

/* Tag of a struct or union (or of a typedef of one that has no tag), or NULL. */
const char *wq_struct_tag (tree type);

/* Is @type a pointer to struct workqueue_struct; to a kind of work item? */
bool wq_is_queue_pointer (tree type);
bool wq_is_work_pointer (tree type);

/* A name that is never NULL: the declaration's, or one made from its uid. */
const char *wq_decl_name (tree decl, struct wq_unit *unit);

/* gimple-facts.cc */

/* The facts' function of @fndecl, added when it is new. */
struct wq_function *wq_function_of (struct wq_translation *translation,
				    tree fndecl);

/* Is there, or will there be, a body of @fndecl in the facts? */
bool wq_is_translated (struct wq_translation *translation, tree fndecl);

/* Where the user wrote it: macros are resolved to where they are used. */
struct wq_location wq_locate (location_t location);

/* Is @location in the main source file, not in an included one? */
bool wq_in_main_file (location_t location);

/*
 * Take @name for a macro that the command line defines as @value (NULL: as
 * nothing). Both must live on. False: there are too many.
 */
bool wq_give_macro (const char *name, const char *value);

/* Facts of the whole unit, which must be in SSA form. The caller frees. */
struct wq_unit *wq_translate_unit (void);

/* gimple-events.cc */

/* Append the events of a function that is in SSA form. */
void wq_translate_body (struct wq_translation *translation,
			struct wq_function *function, struct function *fn);

/* The name of the called function; NULL when it has none. */
const char *wq_callee_name (const gimple *call);

/* wqlint-plugin.cc */

/* From here on facts go to a file in @directory, which must live on. */
void wq_keep_facts_in (const char *directory);

/* serve.cc */

/* Serve where the source says so; @plugin is the plugin's name. */
void wq_serve_begin (const char *plugin);

/* @text, a string of the unit, with its own name where headers had none. */
const char *wq_served_string (const char *text);

/* The compilation is over: does not return when it was one of those served. */
void wq_serve_end (void);

/* gcc-emit.cc */

/* Findings as warnings of the compiler; @no_werror keeps them warnings. */
void wq_emit (struct wq_findings *findings, bool no_werror);

#endif
