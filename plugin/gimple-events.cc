/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events of one function: which statements matter, in order of control
 * flow, with their operands.
 *
 * Two passes over the statements: the first makes the events, so that the
 * second can name the result of any call, also of one further down in a
 * loop.
 */
#include "translate.h"
#include "flow.h"

#define MAX_USES	4	/* conversions of what is allocated */

const char *
wq_callee_name (const gimple *call)
{
	tree fndecl = is_gimple_call (call) ? gimple_call_fndecl (call)
					    : NULL_TREE;

	return fndecl && DECL_NAME (fndecl)
	       ? IDENTIFIER_POINTER (DECL_NAME (fndecl)) : NULL;
}

/* Calls that tell nothing about queues, work items or their containers. */
static bool
is_noise (const char *name)
{
	static const char *const prefixes[] = {
		"__builtin_", "__asan_", "__ubsan_", "__sanitizer_", "__gcov",
		"_dev_", "__dynamic_", "__fortify", "fortify_", "dev_printk",
		"__list_", "__compiletime_", "__might_", "__raw_",
	};
	static const char *const names[] = {
		"_printk", "printk", "memset", "memcpy", "memmove", "strlen",
		"snprintf", "sprintf", "scnprintf", "strcmp", "lockdep_init_map",
		"lockdep_init_map_type", "lockdep_init_map_waits",
		"INIT_LIST_HEAD", "__init_work", "__warn_printk", "__warn_flushing_systemwide_wq",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE (prefixes); i++)
		if (!strncmp (name, prefixes[i], strlen (prefixes[i])))
			return true;
	for (i = 0; i < ARRAY_SIZE (names); i++)
		if (!strcmp (name, names[i]))
			return true;
	return false;
}

/* What timer_setup() is made of; kernel/time/timer.c of 5.10 to 7.2. */
static bool
sets_up_timer (const char *name)
{
	return !strcmp (name, "init_timer_key") ||
	       !strcmp (name, "timer_init_key");
}

/* Inlines of include/linux/timer.h, in most versions. */
static bool
ends_timer (const char *name)
{
	return !strcmp (name, "del_timer") || !strcmp (name, "del_timer_sync");
}

/* Is @lhs the handler of a work item: X->func of a struct work_struct? */
static bool
is_work_handler (tree lhs)
{
	tree field, record;

	if (TREE_CODE (lhs) != COMPONENT_REF)
		return false;
	field = TREE_OPERAND (lhs, 1);
	record = TREE_TYPE (TREE_OPERAND (lhs, 0));
	return DECL_NAME (field) &&
	       !strcmp (IDENTIFIER_POINTER (DECL_NAME (field)), "func") &&
	       wq_struct_tag (record) &&
	       !strcmp (wq_struct_tag (record), "work_struct");
}

/* A pointer to a struct or a function, not to void. */
static bool
says_what (tree type)
{
	return POINTER_TYPE_P (type) && TREE_TYPE (type) &&
	       (RECORD_OR_UNION_TYPE_P (TREE_TYPE (type)) ||
		FUNC_OR_METHOD_TYPE_P (TREE_TYPE (type)));
}

/* The type that a pointer had before it was converted to void * or so. */
static tree
original_type (tree operand)
{
	unsigned int depth;

	for (depth = 0; depth < 8 && TREE_CODE (operand) == SSA_NAME; depth++) {
		gimple *def = SSA_NAME_DEF_STMT (operand);

		if (says_what (TREE_TYPE (operand)) || !def ||
		    !is_gimple_assign (def))
			break;
		if (!CONVERT_EXPR_CODE_P (gimple_assign_rhs_code (def)) &&
		    gimple_assign_rhs_code (def) != SSA_NAME &&
		    gimple_assign_rhs_code (def) != ADDR_EXPR)
			break;
		operand = gimple_assign_rhs1 (def);
	}
	return TREE_TYPE (operand);
}

/* Is it worth knowing where @rhs is stored? */
static bool
is_tracked_value (tree lhs, tree rhs)
{
	tree type = original_type (rhs);

	if (wq_is_queue_pointer (type) || wq_is_work_pointer (type) ||
	    wq_is_queue_pointer (TREE_TYPE (lhs)) ||
	    wq_is_work_pointer (TREE_TYPE (lhs)))
		return true;
	return POINTER_TYPE_P (type) && TREE_TYPE (type) &&
	       FUNC_OR_METHOD_TYPE_P (TREE_TYPE (type)) &&
	       TREE_CODE (rhs) == ADDR_EXPR;
}

/* The queue behind schedule_work() and friends: see the body of @fndecl. */
static const char *
scheduled_queue (struct wq_body *body, tree fndecl, bool schedules_work)
{
	struct function *fn = fndecl ? DECL_STRUCT_FUNCTION (fndecl) : NULL;
	basic_block bb;

	if (fn && fn->cfg)
		FOR_EACH_BB_FN (bb, fn)
			for (gimple_stmt_iterator gsi = gsi_start_bb (bb);
			     !gsi_end_p (gsi); gsi_next (&gsi)) {
				gimple *stmt = gsi_stmt (gsi);
				tree rhs;

				if (!gimple_assign_single_p (stmt))
					continue;
				rhs = gimple_assign_rhs1 (stmt);
				if (!VAR_P (rhs) || !DECL_NAME (rhs) ||
				    !wq_is_queue_pointer (TREE_TYPE (rhs)))
					continue;
				if (schedules_work)
					body->unit->schedule_queue =
						wq_unit_string (body->unit,
						IDENTIFIER_POINTER
							(DECL_NAME (rhs)));
				return IDENTIFIER_POINTER (DECL_NAME (rhs));
			}
	return body->unit->schedule_queue ? body->unit->schedule_queue
					  : "system_wq";
}

static const struct wq_expr *
argument (struct wq_body *body, gimple *call, int number)
{
	if (number < 0)
		return NULL;
	if ((unsigned int) number >= gimple_call_num_args (call))
		return wq_expr_unknown (body->unit);
	return wq_value (body, gimple_call_arg (call, number));
}

/* The arguments that are pointers; others are only counted. */
static void
fill_arguments (struct wq_body *body, struct wq_event *event, gimple *call)
{
	const struct wq_expr *args[16];
	unsigned int i, count = gimple_call_num_args (call);

	if (count > ARRAY_SIZE (args))
		count = ARRAY_SIZE (args);
	for (i = 0; i < count; i++) {
		tree arg = gimple_call_arg (call, i);

		args[i] = POINTER_TYPE_P (TREE_TYPE (arg)) ||
			  TREE_CODE (arg) == INTEGER_CST
			  ? wq_value (body, arg) : wq_expr_unknown (body->unit);
		if (!event->work && wq_is_work_pointer (original_type (arg)))
			event->work = args[i];
	}
	wq_event_set_args (body->unit, event, args, count);
}

static void
fill_queue_operand (struct wq_body *body, struct wq_event *event, gimple *call,
		    const struct wq_api *api)
{
	const char *name;

	if (api->flags & WQ_API_SCHEDULES) {
		name = scheduled_queue (body, gimple_call_fndecl (call),
					api->effect == WQ_EVENT_QUEUE);
		event->queue = wq_expr_load (body->unit,
					     wq_expr_global (body->unit, name,
							     false));
	} else if (api->queue >= 0) {
		event->queue = argument (body, call, api->queue);
	} else if (api->effect == WQ_EVENT_QUEUE) {
		event->queue = wq_expr_unknown (body->unit);
	}
}

/* The struct that a pointer given to kfree() points to, or NULL. */
static const char *
freed_type (struct wq_body *body, tree pointer)
{
	tree type = original_type (pointer);

	return POINTER_TYPE_P (type)
	       ? wq_unit_string (body->unit, wq_struct_tag (TREE_TYPE (type)))
	       : NULL;
}

/*
 * The struct that @value is converted to, by itself or where it comes out of
 * the two branches of alloc_hooks(); or NULL.
 */
static const char *
used_type (struct wq_body *body, tree value, unsigned int depth)
{
	const char *found = NULL;
	imm_use_iterator iterator;
	use_operand_p use;

	if (says_what (TREE_TYPE (value)))
		return wq_unit_string (body->unit, wq_struct_tag
				       (TREE_TYPE (TREE_TYPE (value))));
	FOR_EACH_IMM_USE_FAST (use, iterator, value) {
		gimple *stmt = USE_STMT (use);
		tree result = NULL_TREE;

		if (gimple_code (stmt) == GIMPLE_PHI)
			result = gimple_phi_result (stmt);
		else if (is_gimple_assign (stmt) && gimple_num_ops (stmt) == 2)
			result = gimple_assign_lhs (stmt);
		if (!result || found)
			continue;
		if (TREE_CODE (result) == SSA_NAME && depth)
			found = used_type (body, result, depth - 1);
		else if (says_what (TREE_TYPE (result)))
			found = wq_unit_string (body->unit, wq_struct_tag
						(TREE_TYPE (TREE_TYPE (result))));
	}
	return found;
}

/*
 * The struct that the result of @call is used as: malloc-like functions
 * return void *, which the source converts at once, or NULL.
 */
static const char *
result_type (struct wq_body *body, gimple *call)
{
	tree lhs = gimple_call_lhs (call);

	return lhs && TREE_CODE (lhs) == SSA_NAME
	       ? used_type (body, lhs, MAX_USES) : NULL;
}

static void
fill_api_operands (struct wq_body *body, struct wq_event *event, gimple *call,
		   const struct wq_api *api)
{
	tree flags;

	fill_queue_operand (body, event, call, api);
	event->work = argument (body, call, api->work);
	event->delay = argument (body, call, api->delay);
	event->delayed = api->flags & WQ_API_DELAYED;
	event->managed = api->flags & WQ_API_MANAGED;
	event->object = argument (body, call, api->object);
	event->value = argument (body, call, api->value);
	if (api->effect == WQ_EVENT_FREE &&
	    (unsigned int) api->object < gimple_call_num_args (call))
		event->type = freed_type (body, gimple_call_arg (call,
								 api->object));
	/* kfree_rcu() names the head inside what is freed. */
	if (event->type && !strcmp (event->type, "callback_head") &&
	    event->object->kind == WQ_EXPR_FIELD)
		event->type = event->object->type;
	if (api->effect == WQ_EVENT_ALLOC)
		event->type = result_type (body, call);
	if (api->flags & WQ_API_RTNL)
		event->object = wq_expr_global (body->unit, "rtnl_mutex", false);
	if (api->flags_arg >= 0 &&
	    (unsigned int) api->flags_arg < gimple_call_num_args (call)) {
		flags = gimple_call_arg (call, api->flags_arg);
		event->number = tree_fits_uhwi_p (flags)
				? (long long) tree_to_uhwi (flags) : -1;
	}
}

/*
 * devm_add_action(dev, callback, data) is a call of callback(data) that
 * happens later.
 */
static void
fill_callback (struct wq_body *body, struct wq_event *event)
{
	if (event->object && event->object->kind == WQ_EXPR_FUNC)
		event->callee = wq_unit_string (body->unit,
						event->object->name);
	wq_event_set_args (body->unit, event, &event->value, 1);
}

static void
fill_call (struct wq_body *body, struct wq_event *event, gimple *call)
{
	const char *name = wq_callee_name (call);
	const struct wq_api *api = name ? wq_api_find (name) : NULL;

	if (api) {
		fill_api_operands (body, event, call, api);
		if (api->flags & WQ_API_CALLBACK)
			fill_callback (body, event);
		return;
	}
	if (!name && gimple_call_fn (call))
		event->object = wq_value (body, gimple_call_fn (call));
	fill_arguments (body, event, call);
}

static void
fill_store (struct wq_body *body, struct wq_event *event, gimple *stmt)
{
	tree lhs = gimple_assign_lhs (stmt);

	event->value = wq_value (body, gimple_assign_rhs1 (stmt));
	if (event->kind == WQ_EVENT_INIT_WORK)
		event->work = wq_address (body, TREE_OPERAND (lhs, 0));
	else
		event->object = wq_address (body, lhs);
}

static void
fill_event (struct wq_body *body, struct wq_event *event, gimple *stmt)
{
	if (is_gimple_call (stmt))
		fill_call (body, event, stmt);
	else if (greturn *ret = dyn_cast <greturn *> (stmt))
		event->value = wq_value (body, gimple_return_retval (ret));
	else
		fill_store (body, event, stmt);
}

/*
 * Does the timer's handler do anything that matters? The one that the kernel
 * gives to each delayed work item does not.
 */
static bool
has_known_handler (struct wq_body *body, gimple *call)
{
	tree arg = gimple_call_num_args (call) > 1 ? gimple_call_arg (call, 1)
						   : NULL_TREE;

	return arg && TREE_CODE (arg) == ADDR_EXPR &&
	       TREE_CODE (TREE_OPERAND (arg, 0)) == FUNCTION_DECL &&
	       wq_is_translated (body->translation, TREE_OPERAND (arg, 0));
}

static bool
has_function_argument (gimple *call)
{
	unsigned int i;

	for (i = 0; i < gimple_call_num_args (call); i++) {
		tree arg = gimple_call_arg (call, i);

		if (TREE_CODE (arg) == ADDR_EXPR &&
		    TREE_CODE (TREE_OPERAND (arg, 0)) == FUNCTION_DECL)
			return true;
	}
	return false;
}

/* By its name: may it end something that other files of the module began? */
static bool
may_end (const char *name)
{
	static const char *const words[] = {
		"cancel", "deinit", "drain", "fini", "flush", "kill",
		"quiesce", "teardown", "uninit",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE (words); i++)
		if (wq_name_has_word (name, words[i]))
			return true;
	return wq_is_core_teardown (name);
}

/* What kind of event @call is; false when it is none. */
static bool
classify_call (struct wq_body *body, gimple *call, enum wq_event_kind *kind)
{
	const char *name = wq_callee_name (call);
	const struct wq_api *api = name ? wq_api_find (name) : NULL;
	tree fndecl = gimple_call_fndecl (call);
	unsigned int i;

	if (gimple_call_internal_p (call))
		return false;
	if (api) {
		*kind = api->effect;
		if (api->effect == WQ_EVENT_ALLOC)
			return result_type (body, call) != NULL;
		return !(api->flags & WQ_API_SAME_ITEM);
	}
	*kind = WQ_EVENT_CALL;
	if (!name)
		return true;
	if (is_noise (name))
		return false;
	if (sets_up_timer (name))
		return has_known_handler (body, call);
	if (wq_is_translated (body->translation, fndecl))
		return true;
	/*
	 * An inline that touches no work item, or a static that is not used.
	 * But request_irq() says who can call the function it gets.
	 */
	if (!TREE_PUBLIC (fndecl) && strcmp (name, "ERR_PTR") &&
	    !ends_timer (name))
		return has_function_argument (call);
	/* foo_exit (stage) of another file is a way to what that waits for. */
	if (!gimple_call_num_args (call) || may_end (name))
		return true;
	for (i = 0; i < gimple_call_num_args (call); i++)
		if (POINTER_TYPE_P (TREE_TYPE (gimple_call_arg (call, i))))
			return true;
	return gimple_call_lhs (call) &&
	       POINTER_TYPE_P (TREE_TYPE (gimple_call_lhs (call)));
}

static bool
classify (struct wq_body *body, gimple *stmt, enum wq_event_kind *kind)
{
	if (is_gimple_call (stmt))
		return classify_call (body, stmt, kind);
	if (greturn *ret = dyn_cast <greturn *> (stmt)) {
		tree value = gimple_return_retval (ret);

		*kind = WQ_EVENT_RETURN;
		return value && POINTER_TYPE_P (TREE_TYPE (value));
	}
	if (!gimple_assign_single_p (stmt) || !gimple_store_p (stmt))
		return false;
	if (is_work_handler (gimple_assign_lhs (stmt))) {
		*kind = WQ_EVENT_INIT_WORK;
		return true;
	}
	*kind = WQ_EVENT_STORE;
	return is_tracked_value (gimple_assign_lhs (stmt),
				 gimple_assign_rhs1 (stmt));
}

/* The name to show for a call: that of the API's macro, when it is one. */
static const char *
shown_name (struct wq_body *body, gimple *stmt)
{
	const char *macro = wq_macro_around (gimple_location (stmt),
					     wq_api_is_macro);
	const char *name = macro ? macro : wq_callee_name (stmt);
	size_t length = name ? strlen (name) : 0;

	/* "_kzalloc_noprof" is what kzalloc() has in its alloc_hooks(). */
	if (length > 7 && !strcmp (name + length - 7, "_noprof")) {
		size_t dashes = strspn (name, "_");
		char *word = xstrndup (name + dashes, length - 7 - dashes);

		name = wq_unit_string (body->unit, word);
		free (word);
		return name;
	}
	return name ? wq_unit_string (body->unit, name) : NULL;
}

static void
add_event (struct wq_body *body, vec<wq_placed_event> *placed, gimple *stmt,
	   basic_block bb)
{
	enum wq_event_kind kind;
	struct wq_event *event;
	const char *name = wq_callee_name (stmt);

	if (body->results.get (stmt) || !classify (body, stmt, &kind))
		return;
	event = wq_unit_add_event (body->unit, body->function, kind,
				   wq_locate (gimple_location (stmt)));
	/* Calls are joined by name: theirs must be the function's own. */
	if (kind == WQ_EVENT_CALL && name && sets_up_timer (name))
		event->callee = "timer_setup";
	else if (kind == WQ_EVENT_CALL)
		event->callee = name ? wq_unit_string (body->unit, name) : NULL;
	else
		event->callee = shown_name (body, stmt);
	if (is_gimple_call (stmt))
		body->results.put (stmt, event);
	placed->safe_push (wq_placed_event { event, stmt, bb });
}

/* One event for what alloc_hooks() makes two calls of. */
static void
add_hooked_call (struct wq_body *body, vec<wq_placed_event> *placed,
		 basic_block bb)
{
	struct wq_event **event;
	gimple *calls[2];

	if (!wq_find_hooked_calls (bb, calls))
		return;
	add_event (body, placed, calls[0], bb);
	event = body->results.get (calls[0]);
	if (event) {
		struct wq_event *result = *event;

		body->results.put (calls[1], result);
	}
}

void
wq_translate_body (struct wq_translation *translation,
		   struct wq_function *function, struct function *fn)
{
	struct wq_body body (translation, function, fn);
	auto_vec<wq_placed_event> placed;
	int *order = XNEWVEC (int, n_basic_blocks_for_fn (fn));
	int i, count = pre_and_rev_post_order_compute_fn (fn, NULL, order,
							  false);
	unsigned int j;

	for (i = 0; i < count; i++) {
		basic_block bb = BASIC_BLOCK_FOR_FN (fn, order[i]);

		for (gimple_stmt_iterator gsi = gsi_start_bb (bb);
		     !gsi_end_p (gsi); gsi_next (&gsi))
			add_event (&body, &placed, gsi_stmt (gsi), bb);
		add_hooked_call (&body, &placed, bb);
	}
	for (j = 0; j < placed.length (); j++)
		fill_event (&body, placed[j].event, placed[j].stmt);
	wq_flow_facts (&body, placed, order, count);
	free (order);
}
