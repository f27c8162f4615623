/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control flow graph of a function, with what it returns on which way:
 * which ways out are a failure, and which call's failure leads there.
 */
#include "translate.h"
#include "flow.h"

#define MAX_BLOCKS	2000	/* of a function worth following */
#define MAX_TEST_DEPTH	8
#define MAX_STATEMENTS	16	/* between a store and the load after it */
#define MAX_DOMINATORS	24	/* asked what a value is known to be */

typedef hash_map<edge, enum wq_outcome> outcome_map;

/* A test of a value against 0 that came out true. */
struct tested_value {
	tree value;
	enum wq_test test;	/* what then holds */
};

static enum wq_test
opposite (enum wq_test test)
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
static tree
stored_value (tree value)
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

static struct tested_value understand (enum tree_code code, tree left,
				       tree right, unsigned int depth);

/* "@value != 0" holds: how was it made? */
static struct tested_value
understand_truth (tree value, unsigned int depth)
{
	struct tested_value found = { value, WQ_TEST_NONZERO };
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
		found.test = opposite (found.test);
	} else if (CONVERT_EXPR_CODE_P (code) || code == SSA_NAME) {
		found = understand_truth (gimple_assign_rhs1 (def), depth - 1);
	}
	return found;
}

/* "@left @code @right" holds: what of which value is then known? */
static struct tested_value
understand (enum tree_code code, tree left, tree right, unsigned int depth)
{
	struct tested_value found = { left, WQ_TEST_NONE };

	if (!integer_zerop (right))
		return found;
	switch (code) {
	case NE_EXPR:
	case EQ_EXPR:
		found = understand_truth (left, depth);
		if (code == EQ_EXPR)
			found.test = opposite (found.test);
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
static struct tested_value
test_of_block (basic_block bb)
{
	struct tested_value test = { NULL_TREE, WQ_TEST_NONE };
	gimple_stmt_iterator gsi = gsi_last_bb (bb);
	gcond *cond = gsi_end_p (gsi) ? NULL : dyn_cast <gcond *> (gsi_stmt (gsi));

	if (!cond)
		return test;
	test = understand (gimple_cond_code (cond), gimple_cond_lhs (cond),
			   gimple_cond_rhs (cond), MAX_TEST_DEPTH);
	test.value = stored_value (test.value);
	/* "if (is_ready (foo))": nothing failed when it is. */
	if (TREE_CODE (TREE_TYPE (test.value)) == BOOLEAN_TYPE &&
	    TREE_CODE (test.value) == SSA_NAME &&
	    is_gimple_call (SSA_NAME_DEF_STMT (test.value)))
		test.test = WQ_TEST_NONE;
	return test;
}

/* What @test of a value means when a function returns that value. */
static enum wq_outcome
outcome_of_test (enum wq_test test, bool is_pointer)
{
	switch (test) {
	case WQ_TEST_ZERO:
		return is_pointer ? WQ_OUTCOME_FAILURE : WQ_OUTCOME_SUCCESS;
	case WQ_TEST_NONZERO:
		return is_pointer ? WQ_OUTCOME_SUCCESS : WQ_OUTCOME_FAILURE;
	case WQ_TEST_NEGATIVE:
		return WQ_OUTCOME_FAILURE;
	case WQ_TEST_NOT_NEGATIVE:
		return WQ_OUTCOME_SUCCESS;
	default:
		return WQ_OUTCOME_UNKNOWN;
	}
}

/* Does edge @e, the way out of a test, lie on every way to @at? */
static bool
is_on_way (edge e, edge at)
{
	return e == at || (single_pred_p (e->dest) &&
			   dominated_by_p (CDI_DOMINATORS, at->src, e->dest));
}

/* What tests of @value say about it where @at is taken. */
static enum wq_outcome
tested_outcome (tree value, edge at)
{
	basic_block bb = at->src;
	unsigned int i;

	for (i = 0; bb && bb->index >= NUM_FIXED_BLOCKS && i < MAX_DOMINATORS;
	     i++, bb = get_immediate_dominator (CDI_DOMINATORS, bb)) {
		struct tested_value test = test_of_block (bb);
		edge e;
		edge_iterator ei;

		if (!test.value || test.value != value)
			continue;
		FOR_EACH_EDGE (e, ei, bb->succs)
			if (is_on_way (e, at))
				return outcome_of_test
					(e->flags & EDGE_TRUE_VALUE
					 ? test.test : opposite (test.test),
					 POINTER_TYPE_P (TREE_TYPE (value)));
	}
	return WQ_OUTCOME_UNKNOWN;
}

/* Functions that give back an error, whatever they are given. */
static bool
makes_error (gimple *def)
{
	static const char *const names[] = {
		"ERR_PTR", "PTR_ERR", "ERR_CAST", "dev_err_probe",
	};
	const char *name = wq_callee_name (def);
	size_t i;

	for (i = 0; name && i < ARRAY_SIZE (names); i++)
		if (!strcmp (name, names[i]))
			return true;
	return false;
}

static enum wq_outcome
constant_outcome (tree value)
{
	if (POINTER_TYPE_P (TREE_TYPE (value)))
		return integer_zerop (value) ? WQ_OUTCOME_FAILURE
					     : WQ_OUTCOME_UNKNOWN;
	if (TREE_CODE (TREE_TYPE (value)) == BOOLEAN_TYPE ||
	    TYPE_UNSIGNED (TREE_TYPE (value)))
		return WQ_OUTCOME_UNKNOWN;
	return tree_int_cst_sgn (value) < 0 ? WQ_OUTCOME_FAILURE
					    : WQ_OUTCOME_SUCCESS;
}

/* Nothing is propagated yet: constants come through assignments, too. */
static bool
is_copy (gimple *def)
{
	return is_gimple_assign (def) &&
	       (gimple_assign_single_p (def) ||
		CONVERT_EXPR_CODE_P (gimple_assign_rhs_code (def)));
}

/* What it is to return @value after edge @at. */
static enum wq_outcome
value_outcome (tree value, edge at)
{
	unsigned int depth;

	for (depth = 0; depth < MAX_TEST_DEPTH; depth++) {
		enum wq_outcome tested;
		gimple *def;

		value = stored_value (value);
		if (TREE_CODE (value) == INTEGER_CST)
			return constant_outcome (value);
		if (TREE_CODE (value) == ADDR_EXPR)
			return WQ_OUTCOME_SUCCESS;
		if (TREE_CODE (value) != SSA_NAME)
			return WQ_OUTCOME_UNKNOWN;
		tested = tested_outcome (value, at);
		if (tested != WQ_OUTCOME_UNKNOWN)
			return tested;
		def = SSA_NAME_DEF_STMT (value);
		if (def && is_gimple_call (def) && makes_error (def))
			return WQ_OUTCOME_FAILURE;
		if (!def || !is_copy (def))
			return WQ_OUTCOME_UNKNOWN;
		value = gimple_assign_rhs1 (def);
	}
	return WQ_OUTCOME_UNKNOWN;
}

/* The phi that @value is a copy of, or NULL. */
static gphi *
phi_of (tree value)
{
	unsigned int depth;

	for (depth = 0; depth < MAX_TEST_DEPTH; depth++) {
		gimple *def = TREE_CODE (value) == SSA_NAME
			      ? SSA_NAME_DEF_STMT (value) : NULL;

		if (!def || !gimple_bb (def))
			return NULL;
		if (gphi *phi = dyn_cast <gphi *> (def))
			return phi;
		if (!is_copy (def))
			return NULL;
		value = gimple_assign_rhs1 (def);
	}
	return NULL;
}

/*
 * Say at the edges where the value to be returned is chosen what it is. The
 * last such edge of a way decides.
 */
static void
find_outcomes (edge out, tree value, outcome_map *outcomes)
{
	auto_vec<gphi *> todo;
	hash_set<gimple *> seen;
	gphi *phi = phi_of (value);
	enum wq_outcome tested = value_outcome (value, out);

	/* "if (ret) return ret;" says it again, and for certain. */
	if (!phi || tested == WQ_OUTCOME_FAILURE) {
		outcomes->put (out, tested);
		return;
	}
	seen.add (phi);
	todo.safe_push (phi);
	while (!todo.is_empty ()) {
		unsigned int i;

		phi = todo.pop ();
		for (i = 0; i < gimple_phi_num_args (phi); i++) {
			tree arg = gimple_phi_arg_def (phi, i);
			edge e = gimple_phi_arg_edge (phi, i);
			gphi *inner = phi_of (arg);
			enum wq_outcome outcome = value_outcome (arg, e);

			if (!inner || outcome != WQ_OUTCOME_UNKNOWN)
				outcomes->put (e, outcome);
			else if (!seen.add (inner))
				todo.safe_push (inner);
		}
	}
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
	   int nr_blocks, outcome_map *outcomes)
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
	struct tested_value test = test_of_block (bb);
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
	    const int *order, int nr_blocks, outcome_map *outcomes,
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
		       gimple_bb (placed[next].stmt) == bb)
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
	outcome_map outcomes;
	edge e;
	edge_iterator ei;

	if (nr_blocks > MAX_BLOCKS)
		return;
	if (returns_error (body))
		FOR_EACH_EDGE (e, ei, EXIT_BLOCK_PTR_FOR_FN (body->fn)->preds) {
			tree value = returned_value (e->src);

			if (value)
				find_outcomes (e, value, &outcomes);
		}
	add_blocks (body, placed, order, nr_blocks, &outcomes, about_work);
}
