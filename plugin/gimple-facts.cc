/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts of the unit: its names, its functions and their roles, its static
 * initialisers. The functions' bodies are gimple-events.cc's.
 */
#include "translate.h"

struct wq_location
wq_locate (location_t location)
{
	struct wq_location where = {};
	location_t point;
	expanded_location place;

	if (location < RESERVED_LOCATION_COUNT)
		return where;
	point = linemap_resolve_location (line_table, location,
					  LRK_MACRO_EXPANSION_POINT, NULL);
	place = expand_location (point);
	where.file = place.file;
	where.line = place.line > 0 ? (unsigned int) place.line : 0;
	where.column_bytes = place.column > 0 ? (unsigned int) place.column : 0;
	where.in_macro = from_macro_expansion_at (location);
	where.handle = (unsigned int) point;
	return where;
}

bool
wq_in_main_file (location_t location)
{
	expanded_location place = expand_location (location);

	return place.file && main_input_filename &&
	       !strcmp (place.file, main_input_filename);
}

struct wq_function *
wq_function_of (struct wq_translation *translation, tree fndecl)
{
	struct wq_function **known = translation->functions.get (fndecl);
	struct wq_function *function;

	if (known)
		return *known;
	function = wq_unit_function (translation->unit,
				     wq_decl_name (fndecl, translation->unit));
	function->is_static = !TREE_PUBLIC (fndecl);
	translation->functions.put (fndecl, function);
	return function;
}

bool
wq_is_translated (struct wq_translation *translation, tree fndecl)
{
	return translation->relevant.contains (fndecl);
}

static bool
has_gimple (tree fndecl)
{
	struct function *fn = DECL_STRUCT_FUNCTION (fndecl);

	return fn && fn->cfg && gimple_in_ssa_p (fn);
}

/* An inline of workqueue.h itself: the table knows what it does. */
static bool
is_api_inline (tree fndecl)
{
	return DECL_NAME (fndecl) &&
	       wq_api_find (IDENTIFIER_POINTER (DECL_NAME (fndecl))) &&
	       !wq_in_main_file (DECL_SOURCE_LOCATION (fndecl));
}

/* What decides whether anybody has to wait for a handler. */
static bool
lets_go (enum wq_event_kind effect)
{
	return effect == WQ_EVENT_PUT || effect == WQ_EVENT_SIGNAL ||
	       effect == WQ_EVENT_FREE;
}

static bool
touches_work (gimple *stmt)
{
	const char *name = wq_callee_name (stmt);
	unsigned int i;

	if (name) {
		const struct wq_api *api = wq_api_find (name);

		if (api && (api->effect < WQ_EVENT_STORE ||
			    api->flags & WQ_API_CALLBACK ||
			    lets_go (api->effect)))
			return true;
	}
	for (i = 0; i < gimple_num_ops (stmt); i++) {
		tree op = gimple_op (stmt, i);

		if (op && (wq_is_queue_pointer (TREE_TYPE (op)) ||
			   wq_is_work_pointer (TREE_TYPE (op))))
			return true;
	}
	return false;
}

/* Is an inline of a header worth translating, for itself or its callees? */
static bool
is_relevant (struct wq_translation *translation, tree fndecl)
{
	basic_block bb;

	FOR_EACH_BB_FN (bb, DECL_STRUCT_FUNCTION (fndecl))
		for (gimple_stmt_iterator gsi = gsi_start_bb (bb);
		     !gsi_end_p (gsi); gsi_next (&gsi)) {
			gimple *stmt = gsi_stmt (gsi);
			tree callee = is_gimple_call (stmt)
				      ? gimple_call_fndecl (stmt) : NULL_TREE;

			if (touches_work (stmt) ||
			    (callee && translation->relevant.contains (callee)))
				return true;
		}
	return false;
}

/*
 * A kernel unit drags in hundreds of header inlines. Those that touch no
 * queue and no work item, and call none that does, are left out.
 */
static void
find_relevant (struct wq_translation *translation)
{
	auto_vec<tree> candidates;
	struct cgraph_node *node;
	bool changed = true;
	unsigned int i, round;

	FOR_EACH_FUNCTION_WITH_GIMPLE_BODY (node) {
		if (!has_gimple (node->decl) || is_api_inline (node->decl))
			continue;
		if (wq_in_main_file (DECL_SOURCE_LOCATION (node->decl)))
			translation->relevant.add (node->decl);
		else
			candidates.safe_push (node->decl);
	}
	for (round = 0; changed && round < 8; round++) {
		changed = false;
		for (i = 0; i < candidates.length (); i++)
			if (!translation->relevant.contains (candidates[i]) &&
			    is_relevant (translation, candidates[i])) {
				translation->relevant.add (candidates[i]);
				changed = true;
			}
	}
}

static enum wq_section
section_of (tree fndecl)
{
	const char *name = DECL_SECTION_NAME (fndecl);

	if (name && !strncmp (name, ".init", 5))
		return WQ_INIT_TEXT;
	if (name && !strncmp (name, ".exit", 5))
		return WQ_EXIT_TEXT;
	return WQ_TEXT;
}

static void
declare_function (struct wq_translation *translation, struct cgraph_node *node)
{
	struct wq_function *function = wq_function_of (translation, node->decl);
	tree parm;

	function->where = wq_locate (DECL_SOURCE_LOCATION (node->decl));
	function->where.file = wq_unit_string (translation->unit,
					       function->where.file);
	function->is_defined = true;
	function->is_inline = DECL_DECLARED_INLINE_P (node->decl);
	function->in_main_file = wq_in_main_file
					(DECL_SOURCE_LOCATION (node->decl));
	function->address_taken = node->address_taken;
	function->section = section_of (node->decl);
	for (parm = DECL_ARGUMENTS (node->decl); parm; parm = DECL_CHAIN (parm))
		function->nr_params++;
}

/* Static initialisers */

static void
add_role (struct wq_translation *translation, tree fndecl, const char *tag,
	  const char *field)
{
	struct wq_function *function = wq_function_of (translation, fndecl);

	function->address_taken = true;
	if (tag && !strcmp (tag, "kernel_symbol")) {
		wq_function_add_role (function, "exported");
		return;
	}
	wq_function_add_role (function,
			      wq_arena_printf (translation->unit->arena,
					       "%s.%s", tag ? tag : "",
					       field ? field : ""));
}

static void walk_initialiser (struct wq_body *body, tree var,
			      const struct wq_expr *address, tree value);

/* The value of one member of a struct of type @record at @address. */
static void
walk_member (struct wq_body *body, tree var, const struct wq_expr *address,
	     tree record, tree field, tree value)
{
	const char *tag = wq_struct_tag (record);
	const char *name = DECL_NAME (field)
			   ? IDENTIFIER_POINTER (DECL_NAME (field)) : NULL;
	struct wq_event *event;
	tree target;

	STRIP_NOPS (value);
	if (TREE_CODE (value) != ADDR_EXPR && TREE_CODE (value) != CONSTRUCTOR
	    && TREE_CODE (value) != FUNCTION_DECL)
		return;
	target = TREE_CODE (value) == ADDR_EXPR ? TREE_OPERAND (value, 0)
						: value;
	if (TREE_CODE (target) != FUNCTION_DECL) {
		walk_initialiser (body, var,
				  wq_member (body, address, record, field),
				  value);
		return;
	}
	if (!tag || strcmp (tag, "work_struct") || !name ||
	    strcmp (name, "func")) {
		add_role (body->translation, target, tag, name);
		return;
	}
	event = wq_unit_add_event (body->unit, NULL, WQ_EVENT_INIT_WORK,
				   wq_locate (DECL_SOURCE_LOCATION (var)));
	event->work = address;
	event->value = wq_address (body, target);
	wq_function_of (body->translation, target)->address_taken = true;
}

/* Left by module_init(), EXPORT_SYMBOL() and their like; mark_linkage(). */
static bool
is_linkage_variable (struct wq_translation *translation, tree var)
{
	const char *name = wq_decl_name (var, translation->unit);

	return !strncmp (name, "__exitcall_", 11) ||
	       !strncmp (name, "__initcall_", 11) ||
	       strstr (name, "__addressable_");
}

static void
walk_address (struct wq_body *body, tree var, const struct wq_expr *address,
	      tree value)
{
	tree target = TREE_OPERAND (value, 0);
	struct wq_event *event;

	if (TREE_CODE (target) == FUNCTION_DECL) {
		if (!is_linkage_variable (body->translation, var))
			add_role (body->translation, target, NULL,
				  wq_decl_name (var, body->unit));
		return;
	}
	if (!wq_is_work_pointer (TREE_TYPE (value)) &&
	    !wq_is_queue_pointer (TREE_TYPE (TREE_TYPE (value))))
		return;
	event = wq_unit_add_event (body->unit, NULL, WQ_EVENT_STORE,
				   wq_locate (DECL_SOURCE_LOCATION (var)));
	event->object = address;
	event->value = wq_value (body, value);
}

/* Arrays of plain numbers can be huge and tell nothing. */
static bool
may_hold_facts (tree type)
{
	while (TREE_CODE (type) == ARRAY_TYPE)
		type = TREE_TYPE (type);
	return RECORD_OR_UNION_TYPE_P (type) || POINTER_TYPE_P (type);
}

static void
walk_initialiser (struct wq_body *body, tree var,
		  const struct wq_expr *address, tree value)
{
	tree type = TREE_TYPE (value), index, element;
	unsigned HOST_WIDE_INT i;

	STRIP_NOPS (value);
	if (TREE_CODE (value) == ADDR_EXPR)
		walk_address (body, var, address, value);
	if (TREE_CODE (value) != CONSTRUCTOR || !may_hold_facts (type))
		return;
	FOR_EACH_CONSTRUCTOR_ELT (CONSTRUCTOR_ELTS (value), i, index, element) {
		if (!element)
			continue;
		if (index && TREE_CODE (index) == FIELD_DECL)
			walk_member (body, var, address,
				     TYPE_MAIN_VARIANT (type), index, element);
		else
			walk_initialiser (body, var,
					  wq_expr_index (body->unit, address,
							 (long long) i),
					  element);
	}
}

/*
 * Built-in code has no init_module(): module_exit() leaves a pointer in
 * .exitcall.exit, module_init() one that keeps the function addressable
 * (include/linux/init.h); so does EXPORT_SYMBOL() (include/linux/export.h).
 */
static void
mark_linkage (struct wq_translation *translation, tree var)
{
	const char *name = wq_decl_name (var, translation->unit);
	tree value = DECL_INITIAL (var);
	struct wq_function *function;

	STRIP_NOPS (value);
	if (TREE_CODE (value) != ADDR_EXPR ||
	    TREE_CODE (TREE_OPERAND (value, 0)) != FUNCTION_DECL)
		return;
	if (!is_linkage_variable (translation, var))
		return;
	function = wq_function_of (translation, TREE_OPERAND (value, 0));
	function->address_taken = true;
	if (!strncmp (name, "__exitcall_", 11))
		wq_function_add_role (function, "module_exit");
	else if (!strncmp (name, "__initcall_", 11) ||
		 section_of (TREE_OPERAND (value, 0)) == WQ_INIT_TEXT)
		wq_function_add_role (function, "module_init");
	else
		wq_function_add_role (function, "exported");
}

static void
translate_initialisers (struct wq_translation *translation)
{
	struct wq_body body (translation, NULL, NULL);
	struct varpool_node *node;

	FOR_EACH_VARIABLE (node) {
		tree value = DECL_INITIAL (node->decl);

		if (!value || value == error_mark_node ||
		    !may_hold_facts (TREE_TYPE (node->decl)))
			continue;
		mark_linkage (translation, node->decl);
		walk_initialiser (&body, node->decl,
				  wq_address (&body, node->decl), value);
	}
}

/* module_init() and module_exit() of a module are aliases of the functions. */
static void
mark_module_functions (struct wq_translation *translation)
{
	struct cgraph_node *node;

	FOR_EACH_FUNCTION (node) {
		const char *name = DECL_NAME (node->decl)
				   ? IDENTIFIER_POINTER (DECL_NAME (node->decl))
				   : "";
		const char *role = !strcmp (name, "init_module") ? "module_init"
				 : !strcmp (name, "cleanup_module")
				 ? "module_exit" : NULL;
		struct cgraph_node *target = node;

		if (!role)
			continue;
		if (node->alias)
			target = node->ultimate_alias_target ();
		if (target)
			wq_function_add_role (wq_function_of (translation,
							      target->decl),
					      role);
	}
}

/* The unit's names */

/*
 * A compiler that serves many units has none of theirs on its command line.
 */
static struct given_macro {
	const char *name, *value;
} given_macros[16];
static unsigned int nr_given_macros;

bool
wq_give_macro (const char *name, const char *value)
{
	if (nr_given_macros == ARRAY_SIZE (given_macros))
		return false;
	given_macros[nr_given_macros].name = name;
	given_macros[nr_given_macros++].value = value ? value : "";
	return true;
}

/* The value of -D@name= on the command line without its quotes, or NULL. */
static const char *
command_line_macro (struct wq_unit *unit, const char *name)
{
	size_t length = strlen (name), bytes;
	const char *found = NULL;
	unsigned int i;

	for (i = 0; i < nr_given_macros; i++)
		if (!strcmp (given_macros[i].name, name))
			found = given_macros[i].value;
	for (i = 0; i < save_decoded_options_count; i++) {
		const struct cl_decoded_option *option =
			&save_decoded_options[i];

		if ((option->opt_index != OPT_D && option->opt_index != OPT_U)
		    || !option->arg || strncmp (option->arg, name, length) ||
		    (option->arg[length] && option->arg[length] != '='))
			continue;
		found = option->opt_index == OPT_D ? option->arg + length
						   : NULL;
	}
	if (!found)
		return NULL;
	found += *found == '=';
	found += *found == '"';
	bytes = strlen (found);
	if (bytes && found[bytes - 1] == '"')
		bytes--;
	return wq_unit_string (unit, wq_arena_printf (unit->arena, "%.*s",
						      (int) bytes, found));
}

static struct wq_unit *
new_unit (void)
{
	struct wq_unit *unit = wq_unit_new (main_input_filename
					    ? main_input_filename : "");

	unit->object = wq_unit_string (unit, aux_base_name);
	unit->directory = wq_unit_string (unit, get_src_pwd ());
	unit->compiler = wq_unit_string (unit,
		wq_arena_printf (unit->arena, "gcc %d.%d",
				 GCCPLUGIN_VERSION_MAJOR,
				 GCCPLUGIN_VERSION_MINOR));
	unit->modname = command_line_macro (unit, "KBUILD_MODNAME");
	unit->modfile = command_line_macro (unit, "KBUILD_MODFILE");
	unit->basename = command_line_macro (unit, "KBUILD_BASENAME");
	unit->is_module = command_line_macro (unit, "MODULE") != NULL;
	return unit;
}

struct wq_unit *
wq_translate_unit (void)
{
	struct wq_translation translation;
	struct cgraph_node *node;

	translation.unit = new_unit ();
	find_relevant (&translation);
	FOR_EACH_FUNCTION_WITH_GIMPLE_BODY (node)
		if (translation.relevant.contains (node->decl))
			declare_function (&translation, node);
	mark_module_functions (&translation);
	translate_initialisers (&translation);
	FOR_EACH_FUNCTION_WITH_GIMPLE_BODY (node)
		if (translation.relevant.contains (node->decl))
			wq_translate_body (&translation,
					   wq_function_of (&translation,
							   node->decl),
					   DECL_STRUCT_FUNCTION (node->decl));
	return translation.unit;
}
