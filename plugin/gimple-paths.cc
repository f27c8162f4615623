/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control flow graph of a function: its blocks, what they test, and what
 * is returned on which way out.
 */
#include "translate.h"
#include "flow.h"

#define MAX_BLOCKS	2000	/* of a function worth following */
#define MAX_TEST_DEPTH	8
#define MAX_STATEMENTS	16	/* between a store and the load after it */

enum wq_test
wq_opposite_test (enum wq_test test)
{
	switch (test) {
	case WQ_TEST_ZERO:
		return WQ_TEST_NONZERO;
	case WQ_TEST_NONZERO:
		return WQ_TEST_ZERO;
	case WQ_TEST_NEGATIVE:
		return WQ_TEST_NOT_NEGATIVE;
	case WQ_TEST_NOT_NEGATIVE:
		return WQ_TEST_NEGATIVE;
	default:
		return WQ_TEST_NONE;
	}
}

/*
 * The statement before @gsi, also in the one block before; false at the
 * begin of a block that is reached in several ways.
 */
static bool
step_back (gimple_stmt_iterator *gsi)
{
	basic_block bb = gsi_bb (*gsi);

	gsi_prev (gsi);
	while (gsi_end_p (*gsi)) {
		if (!single_pred_p (bb))
			return false;
		bb = single_pred (bb);
		if (bb->index < NUM_FIXED_BLOCKS)
			return false;
		*gsi = gsi_last_bb (bb);
	}
	return true;
}

/*
 * "p->clk = get (); if (IS_ERR (p->clk))": nothing is optimised yet, and the
 * test loads what was just stored. The value that was stored, or @value.
 */
tree
wq_stored_value (tree value)
{
	gimple *def = TREE_CODE (value) == SSA_NAME ? SSA_NAME_DEF_STMT (value)
						    : NULL;
	gimple_stmt_iterator gsi;
	unsigned int i;

	if (!def || !gimple_bb (def) || !gimple_assign_load_p (def))
		return value;
	gsi = gsi_for_stmt (def);
	for (i = 0; i < MAX_STATEMENTS && step_back (&gsi); i++) {
		gimple *stmt = gsi_stmt (gsi);

		if (!gimple_vdef (stmt))
			continue;
		if (gimple_assign_single_p (stmt) &&
		    operand_equal_p (gimple_assign_lhs (stmt),
				     gimple_assign_rhs1 (def), 0))
			return gimple_assign_rhs1 (stmt);
		break;
	}
	return value;
}

/* Is @stmt IS_ERR (x)? x is stored in @value. */
static bool
tests_error_pointer (gimple *stmt, tree *value)
{
	const char *name = wq_callee_name (stmt);

	if (!name || gimple_call_num_args (stmt) != 1 ||
	    (strcmp (name, "IS_ERR") && strcmp (name, "IS_ERR_OR_NULL")))
		return false;
	*value = gimple_call_arg (stmt, 0);
	return true;
}

static struct wq_tested_value understand (enum tree_code code, tree left,
					  tree right, unsigned int depth);

/* "@value != 0" holds: how was it made? */
static struct wq_tested_value
understand_truth (tree value, unsigned int depth)
{
	struct wq_tested_value found = { value, WQ_TEST_NONZERO };
	gimple *def = TREE_CODE (value) == SSA_NAME ? SSA_NAME_DEF_STMT (value)
						    : NULL;
	enum tree_code code;

	if (!def || !depth)
		return found;
	if (is_gimple_call (def) && tests_error_pointer (def, &found.value)) {
		found.test = WQ_TEST_NEGATIVE;
		return found;
	}
	if (is_gimple_call (def) &&
	    gimple_call_builtin_p (def, BUILT_IN_EXPECT))
		return understand_truth (gimple_call_arg (def, 0), depth - 1);
	if (!is_gimple_assign (def))
		return found;
	code = gimple_assign_rhs_code (def);
	if (TREE_CODE_CLASS (code) == tcc_comparison)
		return understand (code, gimple_assign_rhs1 (def),
				   gimple_assign_rhs2 (def), depth - 1);
	if (wq_is_negation (def)) {
		found = understand_truth (gimple_assign_rhs1 (def), depth - 1);
		found.test = wq_opposite_test (found.test);
	} else if (CONVERT_EXPR_CODE_P (code) || code == SSA_NAME) {
		found = understand_truth (gimple_assign_rhs1 (def), depth - 1);
	}
	return found;
}

/* "@left @code @right" holds: what of which value is then known? */
static struct wq_tested_value
understand (enum tree_code code, tree left, tree right, unsigned int depth)
{
	struct wq_tested_value found = { left, WQ_TEST_NONE };

	if (!integer_zerop (right))
		return found;
	switch (code) {
	case NE_EXPR:
	case EQ_EXPR:
		found = understand_truth (left, depth);
		if (code == EQ_EXPR)
			found.test = wq_opposite_test (found.test);
		break;
	case LT_EXPR:
		found.test = WQ_TEST_NEGATIVE;
		break;
	case GE_EXPR:
		found.test = WQ_TEST_NOT_NEGATIVE;
		break;
	default:
		break;
	}
	return found;
}

/* What is known at the true edge of the test that @bb ends with. */
struct wq_tested_value
wq_test_of_block (basic_block bb)
{
	struct wq_tested_value test = { NULL_TREE, WQ_TEST_NONE };
	gimple_stmt_iterator gsi = gsi_last_bb (bb);
	gcond *cond = gsi_end_p (gsi) ? NULL : dyn_cast <gcond *> (gsi_stmt (gsi));

	if (!cond)
		return test;
	test = understand (gimple_cond_code (cond), gimple_cond_lhs (cond),
			   gimple_cond_rhs (cond), MAX_TEST_DEPTH);
	test.value = wq_stored_value (test.value);
	/* "if (is_ready (foo))": nothing failed when it is. */
	if (TREE_CODE (TREE_TYPE (test.value)) == BOOLEAN_TYPE &&
	    TREE_CODE (test.value) == SSA_NAME &&
	    is_gimple_call (SSA_NAME_DEF_STMT (test.value)))
		test.test = WQ_TEST_NONE;
	return test;
}

/* The value that @bb returns, or NULL. */
static tree
returned_value (basic_block bb)
{
	gimple_stmt_iterator gsi = gsi_last_bb (bb);
	greturn *ret = gsi_end_p (gsi) ? NULL
		       : dyn_cast <greturn *> (gsi_stmt (gsi));

	return ret ? gimple_return_retval (ret) : NULL_TREE;
}

static bool
returns_error (struct wq_body *body)
{
	tree type = TREE_TYPE (TREE_TYPE (body->fn->decl));

	return type && (POINTER_TYPE_P (type) ||
			(TREE_CODE (type) == INTEGER_TYPE &&
			 !TYPE_UNSIGNED (type)));
}

static void
add_edges (struct wq_body *body, basic_block bb, const int *places,
	   int nr_blocks, wq_outcome_map *outcomes)
{
	edge e;
	edge_iterator ei;
	int pass;

	/* The true edge first: that is what block->test is about. */
	for (pass = 0; pass < 2; pass++)
		FOR_EACH_EDGE (e, ei, bb->succs) {
			enum wq_outcome *outcome = outcomes->get (e);
			struct wq_edge added;

			if (!(e->flags & EDGE_TRUE_VALUE) == !pass)
				continue;
			added.to = e->dest->index == EXIT_BLOCK ? nr_blocks
				   : places[e->dest->index];
			added.outcome = outcome ? *outcome : WQ_OUTCOME_NONE;
			wq_function_add_edge (body->function, added);
		}
}

/*
 * Of functions that do nothing with work items themselves only what calls
 * returned, and what callers give, is worth its place; and whether a queue
 * is there.
 */
static void
add_test (struct wq_body *body, struct wq_block *block, basic_block bb,
	  bool about_work)
{
	struct wq_tested_value test = wq_test_of_block (bb);
	const struct wq_expr *left;

	if (!test.value || test.test == WQ_TEST_NONE)
		return;
	left = wq_value (body, test.value);
	if (left->kind == WQ_EXPR_UNKNOWN ||
	    (!about_work && left->kind != WQ_EXPR_RESULT &&
	     left->kind != WQ_EXPR_PARAM &&
	     !wq_is_queue_pointer (TREE_TYPE (test.value))))
		return;
	block->test = test.test;
	block->left = left;
}

static void
add_blocks (struct wq_body *body, vec<wq_placed_event> &placed,
	    const int *order, int nr_blocks, wq_outcome_map *outcomes,
	    bool about_work)
{
	int *places = XCNEWVEC (int, last_basic_block_for_fn (body->fn));
	unsigned int next = 0;
	int i;

	for (i = 0; i < nr_blocks; i++)
		places[order[i]] = i;
	for (i = 0; i < nr_blocks; i++) {
		basic_block bb = BASIC_BLOCK_FOR_FN (body->fn, order[i]);
		unsigned int first = next;

		while (next < placed.length () &&
		       placed[next].bb == bb)
			next++;
		add_test (body, wq_function_add_block (body->function,
						       next - first), bb,
			  about_work);
		add_edges (body, bb, places, nr_blocks, outcomes);
	}
	free (places);
}

/*
 * Could somebody ask on which ways out of the function something was done?
 * Of a function that does nothing with work items itself only when it can
 * fail, and calls what may.
 */
bool
wq_paths_matter (struct wq_body *body, vec<wq_placed_event> &placed,
		 bool about_work)
{
	unsigned int i;

	if (about_work)
		return true;
	if (!returns_error (body))
		return false;
	for (i = 0; i < placed.length (); i++) {
		const struct wq_event *event = placed[i].event;

		if (event->kind == WQ_EVENT_CALL && event->callee)
			return true;
	}
	return false;
}

void
wq_add_paths (struct wq_body *body, vec<wq_placed_event> &placed,
	      const int *order, int nr_blocks, bool about_work)
{
	wq_outcome_map outcomes;
	edge e;
	edge_iterator ei;

	if (nr_blocks > MAX_BLOCKS)
		return;
	if (returns_error (body))
		FOR_EACH_EDGE (e, ei, EXIT_BLOCK_PTR_FOR_FN (body->fn)->preds) {
			tree value = returned_value (e->src);

			if (value)
				wq_find_outcomes (e, value, &outcomes);
		}
	add_blocks (body, placed, order, nr_blocks, &outcomes, about_work);
}
