/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dominating tests, locks held and names in scope. Only functions that do
 * something with queues or work items are looked at, for the cost of it.
 */
#include "translate.h"
#include "flow.h"

#define MAX_CONDITIONS	8
#define MAX_LOCKS	32
#define MAX_WAITS	16	/* whose surroundings are looked up by name */

/* Does it matter under which conditions the event happens? */
static bool
needs_conditions (const struct wq_event *event)
{
	switch (event->kind) {
	case WQ_EVENT_RETURN:
	case WQ_EVENT_LOCK:
	case WQ_EVENT_UNLOCK:
		return false;
	default:
		return true;
	}
}

static bool
is_about_work (const struct wq_event *event)
{
	return event->queue || event->work ||
	       event->kind == WQ_EVENT_ALLOC_QUEUE ||
	       (event->kind == WQ_EVENT_STORE && event->value &&
		event->value->kind != WQ_EXPR_FUNC);
}

static bool
waits (const struct wq_event *event)
{
	return event->kind == WQ_EVENT_FLUSH_QUEUE ||
	       event->kind == WQ_EVENT_DRAIN_QUEUE;
}

/* Before anything is optimised, "!foo" of a bool is "~foo". */
bool
wq_is_negation (gimple *def)
{
	enum tree_code code = gimple_assign_rhs_code (def);

	return code == TRUTH_NOT_EXPR ||
	       (code == BIT_NOT_EXPR &&
		TREE_CODE (TREE_TYPE (gimple_assign_lhs (def))) == BOOLEAN_TYPE);
}

static bool add_test (struct wq_body *body, struct wq_event *event,
		      enum tree_code code, tree left, tree right, bool holds);

/* A test of a truth value against 0: look at how the value was made. */
static bool
add_truth_test (struct wq_body *body, struct wq_event *event, tree value,
		bool holds)
{
	gimple *def = TREE_CODE (value) == SSA_NAME ? SSA_NAME_DEF_STMT (value)
						    : NULL;
	enum tree_code code;

	if (!def || !is_gimple_assign (def))
		return false;
	code = gimple_assign_rhs_code (def);
	if (code == EQ_EXPR || code == NE_EXPR)
		return add_test (body, event, code, gimple_assign_rhs1 (def),
				 gimple_assign_rhs2 (def), holds);
	if (wq_is_negation (def))
		return add_test (body, event, NE_EXPR, gimple_assign_rhs1 (def),
				 integer_zero_node, !holds);
	if (CONVERT_EXPR_CODE_P (code))
		return add_truth_test (body, event, gimple_assign_rhs1 (def),
				       holds);
	return false;
}

/* "@left @code @right" came out as @holds; false: not understood. */
static bool
add_test (struct wq_body *body, struct wq_event *event, enum tree_code code,
	  tree left, tree right, bool holds)
{
	struct wq_condition condition;

	if (code != EQ_EXPR && code != NE_EXPR)
		return false;
	if (integer_zerop (right) &&
	    add_truth_test (body, event, left, (code == NE_EXPR) == holds))
		return true;
	condition.left = wq_value (body, left);
	condition.right = wq_value (body, right);
	condition.relation = (code == EQ_EXPR) == holds ? WQ_EQUAL
							: WQ_NOT_EQUAL;
	if (condition.left->kind != WQ_EXPR_LOAD &&
	    condition.left->kind != WQ_EXPR_PARAM &&
	    condition.right->kind != WQ_EXPR_LOAD)
		return false;
	if (condition.left->kind == WQ_EXPR_UNKNOWN ||
	    condition.right->kind == WQ_EXPR_UNKNOWN)
		return false;
	wq_event_add_condition (body->unit, event, condition);
	return true;
}

/*
 * What is tested is not known, but that both ways of an if exclude each
 * other is: the test stands for itself, as a local variable.
 */
static void
add_opaque_test (struct wq_body *body, struct wq_event *event, basic_block bb,
		 bool holds)
{
	struct wq_condition condition;

	condition.left = wq_expr_local (body->unit, body->function,
					wq_arena_printf (body->unit->arena,
							 "<test %d>",
							 bb->index));
	condition.relation = holds ? WQ_NOT_EQUAL : WQ_EQUAL;
	condition.right = wq_expr_null (body->unit);
	wq_event_add_condition (body->unit, event, condition);
}

/* The way out of @from that every path to @to takes, or NULL. */
static edge
edge_taken (basic_block from, basic_block to)
{
	edge e;
	edge_iterator ei;

	FOR_EACH_EDGE (e, ei, from->succs)
		if (single_pred_p (e->dest) &&
		    dominated_by_p (CDI_DOMINATORS, to, e->dest))
			return e;
	return NULL;
}

static void
add_conditions (struct wq_body *body, struct wq_event *event, basic_block bb)
{
	basic_block test = bb;

	while ((test = get_immediate_dominator (CDI_DOMINATORS, test)) &&
	       event->nr_conditions < MAX_CONDITIONS) {
		gimple_stmt_iterator gsi = gsi_last_bb (test);
		gcond *cond = gsi_end_p (gsi) ? NULL
			      : dyn_cast <gcond *> (gsi_stmt (gsi));
		edge e = cond ? edge_taken (test, bb) : NULL;

		if (e && !add_test (body, event, gimple_cond_code (cond),
				    gimple_cond_lhs (cond),
				    gimple_cond_rhs (cond),
				    e->flags & EDGE_TRUE_VALUE))
			add_opaque_test (body, event, test,
					 e->flags & EDGE_TRUE_VALUE);
	}
}

/* Locks held for certain where a block begins and ends, as bits. */
struct lock_state {
	const struct wq_expr *locks[MAX_LOCKS];
	unsigned int count;
	uint32_t *at_end;
	unsigned int *first;	/* event of each block, in order of blocks */
};

static int
lock_number (struct lock_state *state, const struct wq_expr *lock)
{
	unsigned int i;

	for (i = 0; i < state->count; i++)
		if (state->locks[i] == lock)
			return (int) i;
	if (state->count == MAX_LOCKS || !lock ||
	    lock->kind == WQ_EXPR_UNKNOWN)
		return -1;
	state->locks[state->count] = lock;
	return (int) state->count++;
}

static uint32_t
held_at_start (const struct lock_state *state, basic_block bb)
{
	uint32_t held = ~(uint32_t) 0;
	edge e;
	edge_iterator ei;

	FOR_EACH_EDGE (e, ei, bb->preds)
		held &= state->at_end[e->src->index];
	return EDGE_COUNT (bb->preds) ? held : 0;
}

/* Apply the events of one block; remember what waits hold when @record. */
static uint32_t
apply_block (struct wq_body *body, struct lock_state *state,
	     vec<wq_placed_event> &placed, basic_block bb, bool record)
{
	uint32_t held = held_at_start (state, bb);
	unsigned int i, j;

	for (i = state->first[bb->index]; i < placed.length () &&
	     placed[i].bb == bb; i++) {
		struct wq_event *event = placed[i].event;
		const struct wq_expr *list[MAX_LOCKS];
		unsigned int count = 0;
		int number;

		if (event->kind == WQ_EVENT_LOCK ||
		    event->kind == WQ_EVENT_UNLOCK) {
			number = lock_number (state, event->object);
			if (number >= 0 && event->kind == WQ_EVENT_LOCK)
				held |= (uint32_t) 1 << number;
			else if (number >= 0)
				held &= ~((uint32_t) 1 << number);
		} else if (record && (event->queue || event->work)) {
			for (j = 0; j < state->count; j++)
				if (held >> j & 1)
					list[count++] = state->locks[j];
			wq_event_set_held (body->unit, event, list, count);
		}
	}
	return held;
}

static void
add_locks (struct wq_body *body, vec<wq_placed_event> &placed,
	   const int *order, int nr_blocks)
{
	struct lock_state state = {};
	bool changed = true;
	int i, round;

	state.at_end = XNEWVEC (uint32_t, last_basic_block_for_fn (body->fn));
	state.first = XNEWVEC (unsigned int,
			       last_basic_block_for_fn (body->fn));
	for (i = 0; i < last_basic_block_for_fn (body->fn); i++) {
		state.at_end[i] = ~(uint32_t) 0;
		state.first[i] = placed.length ();
	}
	for (i = (int) placed.length () - 1; i >= 0; i--)
		state.first[placed[i].bb->index] = i;
	state.at_end[ENTRY_BLOCK] = 0;
	for (round = 0; changed && round < 16; round++) {
		changed = false;
		for (i = 0; i < nr_blocks; i++) {
			uint32_t held = apply_block
				(body, &state, placed,
				 BASIC_BLOCK_FOR_FN (body->fn, order[i]),
				 false);

			changed |= held != state.at_end[order[i]];
			state.at_end[order[i]] = held;
		}
	}
	for (i = 0; !changed && i < nr_blocks; i++)
		apply_block (body, &state, placed,
			     BASIC_BLOCK_FOR_FN (body->fn, order[i]), true);
	free (state.at_end);
	free (state.first);
}

/* Is SSA name @name set where @stmt is, on every way to it? */
static bool
is_name_set_before (tree var, tree name, gimple *stmt)
{
	gimple *def = SSA_NAME_DEF_STMT (name);

	if (SSA_NAME_IS_DEFAULT_DEF (name))
		return TREE_CODE (var) == PARM_DECL;
	if (!def || !gimple_bb (def))
		return false;
	if (gimple_bb (def) != gimple_bb (stmt))
		return dominated_by_p (CDI_DOMINATORS, gimple_bb (stmt),
				       gimple_bb (def));
	if (gimple_code (def) == GIMPLE_PHI)
		return true;
	for (gimple_stmt_iterator gsi = gsi_for_stmt (def); !gsi_end_p (gsi);
	     gsi_next (&gsi))
		if (gsi_stmt (gsi) == stmt)
			return true;
	return false;
}

/*
 * Has @var got its value on every way to @stmt? One that is NULL at times
 * may be so there.
 */
static bool
is_set_before (struct wq_body *body, tree var, gimple *stmt)
{
	bool is_set = false;
	unsigned int i;
	tree name;

	FOR_EACH_SSA_NAME (i, name, body->fn) {
		gimple *def;

		if (SSA_NAME_VAR (name) != var)
			continue;
		def = SSA_NAME_DEF_STMT (name);
		if (def && gimple_assign_single_p (def) &&
		    integer_zerop (gimple_assign_rhs1 (def)))
			return false;
		is_set |= is_name_set_before (var, name, stmt);
	}
	return is_set;
}

static void
add_variable (struct wq_body *body, struct wq_event *event, gimple *stmt,
	      tree var)
{
	const char *tag;

	if (!DECL_NAME (var) || !POINTER_TYPE_P (TREE_TYPE (var)))
		return;
	tag = wq_struct_tag (TREE_TYPE (TREE_TYPE (var)));
	if (tag && is_set_before (body, var, stmt))
		wq_event_add_variable (body->unit, event,
				       IDENTIFIER_POINTER (DECL_NAME (var)),
				       tag);
}

/* Pointers to structs that can be named at @stmt and have a value there. */
static void
add_variables (struct wq_body *body, struct wq_event *event, gimple *stmt)
{
	tree block = gimple_block (stmt), var;

	for (; block && TREE_CODE (block) == BLOCK;
	     block = BLOCK_SUPERCONTEXT (block))
		for (var = BLOCK_VARS (block); var; var = DECL_CHAIN (var))
			if (VAR_P (var))
				add_variable (body, event, stmt, var);
	for (var = DECL_ARGUMENTS (body->fn->decl); var;
	     var = DECL_CHAIN (var))
		add_variable (body, event, stmt, var);
}

/* Is @bb on every way from the entry to a return? */
static bool
is_on_all_paths (struct wq_body *body, basic_block bb)
{
	edge e;
	edge_iterator ei;

	/* GCC keeps no dominators of the exit block itself. */
	FOR_EACH_EDGE (e, ei, EXIT_BLOCK_PTR_FOR_FN (body->fn)->preds)
		if (!dominated_by_p (CDI_DOMINATORS, e->src, bb))
			return false;
	return true;
}

static void
add_dominance_facts (struct wq_body *body, vec<wq_placed_event> &placed)
{
	unsigned int i, nr_waits = 0;

	for (i = 0; i < placed.length (); i++) {
		struct wq_event *event = placed[i].event;
		basic_block bb = placed[i].bb;

		event->always = is_on_all_paths (body, bb);
		if (needs_conditions (event))
			add_conditions (body, event, bb);
		if (waits (event) && nr_waits++ < MAX_WAITS)
			add_variables (body, event, placed[i].stmt);
	}
}

void
wq_flow_facts (struct wq_body *body, vec<wq_placed_event> &placed,
	       const int *order, int nr_blocks)
{
	bool matters = false, locks = false, had_dominators;
	unsigned int i;

	for (i = 0; i < placed.length (); i++) {
		matters |= is_about_work (placed[i].event);
		locks |= placed[i].event->kind == WQ_EVENT_LOCK;
	}
	if (!wq_paths_matter (body, placed, matters))
		return;
	had_dominators = dom_info_available_p (body->fn, CDI_DOMINATORS);
	push_cfun (body->fn);
	if (!had_dominators)
		calculate_dominance_info (CDI_DOMINATORS);
	if (matters)
		add_dominance_facts (body, placed);
	wq_add_paths (body, placed, order, nr_blocks, matters);
	if (!had_dominators)
		free_dominance_info (CDI_DOMINATORS);
	pop_cfun ();
	if (matters && locks)
		add_locks (body, placed, order, nr_blocks);
}

const char *
wq_macro_around (location_t location, bool (*is_wanted) (const char *))
{
	const char *found = NULL;

	while (location >= RESERVED_LOCATION_COUNT) {
		const line_map *map;
		const char *name;

		if (IS_ADHOC_LOC (location))
			location = get_location_from_adhoc_loc (line_table,
								location);
		map = linemap_lookup (line_table, location);
		if (!map || !linemap_macro_expansion_map_p (map))
			break;
		name = linemap_map_get_macro_name (linemap_check_macro (map));
		if (name && is_wanted (name))
			found = name;
		location = linemap_unwind_toward_expansion (line_table,
							    location, &map);
	}
	return found;
}
