/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What it means for a function to return on which way: success or failure, by
 * the value that is returned and by what was tested of it before.
 */
#include "translate.h"
#include "flow.h"

#define MAX_COPIES	8
#define MAX_DOMINATORS	24	/* asked what a value is known to be */
#define MAX_JOINS	16	/* blocks between a value and its return */

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
		struct wq_tested_value test = wq_test_of_block (bb);
		edge e;
		edge_iterator ei;

		if (!test.value || test.value != value)
			continue;
		FOR_EACH_EDGE (e, ei, bb->succs)
			if (is_on_way (e, at))
				return outcome_of_test
					(e->flags & EDGE_TRUE_VALUE
					 ? test.test : wq_opposite_test (test.test),
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

	for (depth = 0; depth < MAX_COPIES; depth++) {
		enum wq_outcome tested;
		gimple *def;

		value = wq_stored_value (value);
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

	for (depth = 0; depth < MAX_COPIES; depth++) {
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

/* The value that @value is a copy of. */
static tree
copied_value (tree value)
{
	unsigned int depth;

	for (depth = 0; depth < MAX_COPIES; depth++) {
		gimple *def = TREE_CODE (value) == SSA_NAME
			      ? SSA_NAME_DEF_STMT (value) : NULL;

		if (!def || !is_copy (def) ||
		    TREE_CODE (gimple_assign_rhs1 (def)) != SSA_NAME)
			break;
		value = gimple_assign_rhs1 (def);
	}
	return value;
}

/*
 * "ret = foo_start (foo); if (ret) kfree (foo); return ret;": @value is not
 * chosen where the ways join, but a test between has told them apart. Say at
 * the edges of these joins what it is; false when no test tells.
 */
static bool
split_by_tests (edge at, tree value, wq_outcome_map *outcomes)
{
	gimple *def = TREE_CODE (value) == SSA_NAME ? SSA_NAME_DEF_STMT (value)
						    : NULL;
	auto_vec<basic_block> todo;
	auto_vec<edge> edges;
	hash_set<basic_block> seen;
	bool is_told = false;
	unsigned int i;

	if (!def || !gimple_bb (def) || gimple_bb (def) == at->src)
		return false;
	todo.safe_push (at->src);
	for (i = 0; i < todo.length (); i++) {
		edge e;
		edge_iterator ei;

		if (seen.add (todo[i]))
			continue;
		FOR_EACH_EDGE (e, ei, todo[i]->preds) {
			bool is_known = value_outcome (value, e) !=
					WQ_OUTCOME_UNKNOWN;

			is_told |= is_known;
			if (is_known || e->src == gimple_bb (def) ||
			    todo.length () >= MAX_JOINS)
				edges.safe_push (e);
			else
				todo.safe_push (e->src);
		}
	}
	for (i = 0; is_told && i < edges.length (); i++)
		outcomes->put (edges[i], value_outcome (value, edges[i]));
	return is_told;
}

/* Say what it is to return @value, which is not chosen on the way to @at. */
static void
put_outcome (edge at, tree value, enum wq_outcome outcome,
	     wq_outcome_map *outcomes)
{
	if (outcome != WQ_OUTCOME_UNKNOWN ||
	    !split_by_tests (at, copied_value (value), outcomes))
		outcomes->put (at, outcome);
}

/*
 * Say at the edges where the value to be returned is chosen what it is. The
 * last such edge of a way decides.
 */
void
wq_find_outcomes (edge out, tree value, wq_outcome_map *outcomes)
{
	auto_vec<gphi *> todo;
	hash_set<gimple *> seen;
	gphi *phi = phi_of (value);
	enum wq_outcome tested = value_outcome (value, out);

	/* "if (ret) return ret;" says it again, and for certain. */
	if (!phi || tested == WQ_OUTCOME_FAILURE) {
		put_outcome (out, value, tested, outcomes);
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
				put_outcome (e, arg, outcome, outcomes);
			else if (!seen.add (inner))
				todo.safe_push (inner);
		}
	}
}
