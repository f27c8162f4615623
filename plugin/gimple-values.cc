/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What operands are: expressions of the facts from SSA names and memory
 * references. Anything not understood is "unknown": a missing fact is
 * better than a wrong one, and much better than an internal compiler error.
 */
#include "translate.h"

#define VALUE_BUDGET	400
#define MAX_PHI_ARGS	16

const char *
wq_struct_tag (tree type)
{
	tree name, variant;

	if (!type || !RECORD_OR_UNION_TYPE_P (type))
		return NULL;
	name = TYPE_NAME (TYPE_MAIN_VARIANT (type));
	/* A struct without a tag is known by its typedef, a variant of it. */
	for (variant = TYPE_MAIN_VARIANT (type); variant && !name;
	     variant = TYPE_NEXT_VARIANT (variant))
		name = TYPE_NAME (variant);
	if (name && TREE_CODE (name) == TYPE_DECL)
		name = DECL_NAME (name);
	return name && TREE_CODE (name) == IDENTIFIER_NODE
	       ? IDENTIFIER_POINTER (name) : NULL;
}

/* The struct that @type points to, or NULL. */
static tree
pointed_record (tree type)
{
	if (!type || !POINTER_TYPE_P (type))
		return NULL_TREE;
	type = TREE_TYPE (type);
	return type && RECORD_OR_UNION_TYPE_P (type) ? TYPE_MAIN_VARIANT (type)
						     : NULL_TREE;
}

bool
wq_is_queue_pointer (tree type)
{
	const char *tag = wq_struct_tag (pointed_record (type));

	return tag && !strcmp (tag, "workqueue_struct");
}

static bool
is_work_record (tree record)
{
	const char *tag = wq_struct_tag (record);

	return tag && (!strcmp (tag, "work_struct") ||
		       !strcmp (tag, "delayed_work") ||
		       !strcmp (tag, "rcu_work"));
}

bool
wq_is_work_pointer (tree type)
{
	return is_work_record (pointed_record (type));
}

const char *
wq_decl_name (tree decl, struct wq_unit *unit)
{
	if (DECL_NAME (decl))
		return IDENTIFIER_POINTER (DECL_NAME (decl));
	return wq_arena_printf (unit->arena, "<anonymous %u>", DECL_UID (decl));
}

static void
remember_type (struct wq_body *body, tree record)
{
	const char *tag = wq_struct_tag (record);
	tree field;

	if (!tag || wq_unit_find_type (body->unit, tag))
		return;
	for (field = TYPE_FIELDS (record); field; field = DECL_CHAIN (field))
		if (TREE_CODE (field) == FIELD_DECL)
			break;
	wq_unit_add_type (body->unit, tag,
			  field ? DECL_SOURCE_FILE (field) : NULL,
			  field && wq_in_main_file
					(DECL_SOURCE_LOCATION (field)));
}

const struct wq_expr *
wq_member (struct wq_body *body, const struct wq_expr *base, tree record,
	   tree field)
{
	tree type = TREE_TYPE (field);

	/* A member of an unnamed struct or union belongs to what is around. */
	if (!DECL_NAME (field))
		return base;
	while (TREE_CODE (type) == ARRAY_TYPE)
		type = TREE_TYPE (type);
	remember_type (body, record);
	return wq_expr_field (body->unit, base, wq_struct_tag (record),
			      IDENTIFIER_POINTER (DECL_NAME (field)),
			      wq_struct_tag (type));
}

/* Byte offset of @field in its struct, or -1 when it is not constant. */
static HOST_WIDE_INT
field_offset (tree field)
{
	if (TREE_CODE (field) != FIELD_DECL || !DECL_FIELD_OFFSET (field) ||
	    !tree_fits_shwi_p (DECL_FIELD_OFFSET (field)) ||
	    !DECL_FIELD_BIT_OFFSET (field) ||
	    !tree_fits_shwi_p (DECL_FIELD_BIT_OFFSET (field)))
		return -1;
	return tree_to_shwi (DECL_FIELD_OFFSET (field)) +
	       tree_to_shwi (DECL_FIELD_BIT_OFFSET (field)) / BITS_PER_UNIT;
}

/* The member of @record that covers byte @offset, or NULL. */
static tree
field_at (tree record, HOST_WIDE_INT offset)
{
	tree field;

	for (field = TYPE_FIELDS (record); field; field = DECL_CHAIN (field)) {
		HOST_WIDE_INT start = field_offset (field);
		tree size = TREE_CODE (field) == FIELD_DECL
			    ? TYPE_SIZE_UNIT (TREE_TYPE (field)) : NULL_TREE;

		if (start >= 0 && start <= offset && size &&
		    tree_fits_shwi_p (size) &&
		    offset < start + tree_to_shwi (size))
			return field;
	}
	return NULL_TREE;
}

/*
 * The names of the members around byte @offset of @record, dots between
 * them, down to a work item or to what starts exactly there; NULL when
 * nothing does. The type of the last one is stored in *@type.
 */
static const char *
member_path (struct wq_body *body, tree record, HOST_WIDE_INT offset,
	     tree *type)
{
	const char *path = NULL;

	while (record && COMPLETE_TYPE_P (record)) {
		tree field = field_at (record, offset);

		if (!field)
			return NULL;
		offset -= field_offset (field);
		record = TREE_TYPE (field);
		while (TREE_CODE (record) == ARRAY_TYPE) {
			tree size;

			record = TREE_TYPE (record);
			size = TYPE_SIZE_UNIT (record);
			if (!size || !tree_fits_shwi_p (size) ||
			    !tree_to_shwi (size))
				return NULL;
			offset %= tree_to_shwi (size);
		}
		if (DECL_NAME (field)) {
			const char *name =
				IDENTIFIER_POINTER (DECL_NAME (field));

			path = path ? wq_arena_printf (body->unit->arena,
						       "%s.%s", path, name)
				    : name;
		}
		*type = record;
		if (is_work_record (record) && !offset)
			return path;
		if (!RECORD_OR_UNION_TYPE_P (record))
			return offset ? NULL : path;
	}
	return offset ? NULL : path;
}

static const struct wq_expr *value_of (struct wq_body *body, tree operand);
static const struct wq_expr *ssa_value (struct wq_body *body, tree name);
static const struct wq_expr *address_of (struct wq_body *body, tree reference);

/* Is @type a struct that starts with work item @inner, at any depth? */
static bool
starts_with_work (tree record)
{
	while (record && RECORD_OR_UNION_TYPE_P (record)) {
		tree field;

		if (is_work_record (record))
			return true;
		field = field_at (record, 0);
		record = field ? TYPE_MAIN_VARIANT (TREE_TYPE (field))
			       : NULL_TREE;
	}
	return false;
}

/* The SSA name that @name is a copy of, through casts to and from void *. */
static tree
skip_copies (tree name)
{
	unsigned int depth;

	for (depth = 0; depth < 8 && TREE_CODE (name) == SSA_NAME; depth++) {
		gimple *def = SSA_NAME_DEF_STMT (name);

		if (!def || !is_gimple_assign (def) ||
		    !(gimple_assign_single_p (def) ||
		      CONVERT_EXPR_CODE_P (gimple_assign_rhs_code (def))) ||
		    TREE_CODE (gimple_assign_rhs1 (def)) != SSA_NAME)
			break;
		name = gimple_assign_rhs1 (def);
	}
	return name;
}

/*
 * container_of() becomes pointer arithmetic: base minus a constant, then a
 * conversion to the struct. @to is the type of the result.
 */
static const struct wq_expr *
outer_value (struct wq_body *body, tree base, HOST_WIDE_INT offset, tree to)
{
	tree record = pointed_record (to), type;

	return wq_expr_outer (body->unit, value_of (body, base),
			      wq_struct_tag (record),
			      record ? member_path (body, record, offset, &type)
				     : NULL);
}

/* Pointer plus something; @to is the type of the result in the source. */
static const struct wq_expr *
plus_value (struct wq_body *body, gimple *def, tree to)
{
	tree base = gimple_assign_rhs1 (def), offset = gimple_assign_rhs2 (def);
	tree record, type = NULL_TREE;
	const char *path;
	HOST_WIDE_INT bytes;

	if (TREE_CODE (offset) != INTEGER_CST)
		return wq_expr_index (body->unit, value_of (body, base), -1);
	bytes = sext_hwi (TREE_INT_CST_LOW (offset), TYPE_PRECISION (sizetype));
	if (bytes < 0)
		return outer_value (body, base, -bytes, to);
	record = pointed_record (TREE_TYPE (base));
	path = record ? member_path (body, record, bytes, &type) : NULL;
	if (!path)
		return wq_expr_index (body->unit, value_of (body, base), -1);
	remember_type (body, record);
	return wq_expr_field (body->unit, value_of (body, base),
			      wq_struct_tag (record), path,
			      wq_struct_tag (type));
}

/* A conversion from @from; @to is the type of the result. */
static const struct wq_expr *
cast_value (struct wq_body *body, tree from, tree to)
{
	tree origin, record = pointed_record (to);
	gimple *def;

	if (TREE_CODE (from) != SSA_NAME || !record)
		return value_of (body, from);
	origin = skip_copies (from);
	def = TREE_CODE (origin) == SSA_NAME ? SSA_NAME_DEF_STMT (origin)
					     : NULL;
	if (def && is_gimple_assign (def) &&
	    gimple_assign_rhs_code (def) == POINTER_PLUS_EXPR &&
	    TREE_CODE (gimple_assign_rhs2 (def)) == INTEGER_CST)
		return plus_value (body, def, to);
	/* container_of() of the first member is a mere conversion. */
	if (wq_is_work_pointer (TREE_TYPE (origin)) &&
	    !is_work_record (record) && starts_with_work (record))
		return outer_value (body, origin, 0, to);
	return value_of (body, from);
}

static const struct wq_expr *
assign_value (struct wq_body *body, gimple *def)
{
	enum tree_code code = gimple_assign_rhs_code (def);
	tree lhs = gimple_assign_lhs (def), rhs = gimple_assign_rhs1 (def);

	if (CONVERT_EXPR_CODE_P (code))
		return cast_value (body, rhs, TREE_TYPE (lhs));
	if (code == POINTER_PLUS_EXPR)
		return plus_value (body, def, TREE_TYPE (lhs));
	/* per_cpu() adds the CPU's offset to an integer. */
	if (code == PLUS_EXPR)
		return wq_expr_index (body->unit, value_of (body, rhs), -1);
	if (code == SSA_NAME)
		return cast_value (body, rhs, TREE_TYPE (lhs));
	if (code == COND_EXPR) {
		const struct wq_expr *both[2] = {
			value_of (body, gimple_assign_rhs2 (def)),
			value_of (body, gimple_assign_rhs3 (def)),
		};
		return wq_expr_any (body->unit, both, 2);
	}
	if (gimple_assign_single_p (def))
		return value_of (body, rhs);
	return wq_expr_unknown (body->unit);
}

static const struct wq_expr *
phi_value (struct wq_body *body, gphi *phi)
{
	const struct wq_expr *list[MAX_PHI_ARGS];
	unsigned int i, count = 0;

	if (gimple_phi_num_args (phi) > MAX_PHI_ARGS)
		return wq_expr_unknown (body->unit);
	for (i = 0; i < gimple_phi_num_args (phi); i++) {
		tree arg = gimple_phi_arg_def (phi, i);
		const struct wq_expr *value = TREE_CODE (arg) == SSA_NAME
			? ssa_value (body, arg) : value_of (body, arg);

		if (value)
			list[count++] = value;
	}
	return count ? wq_expr_any (body->unit, list, count)
		     : wq_expr_unknown (body->unit);
}

/* RELOC_HIDE() and friends: asm ("" : "=r" (out) : "0" (in)). */
static const struct wq_expr *
asm_value (struct wq_body *body, gasm *stmt)
{
	if (gimple_asm_noutputs (stmt) == 1 && gimple_asm_ninputs (stmt) == 1)
		return value_of (body,
				 TREE_VALUE (gimple_asm_input_op (stmt, 0)));
	return wq_expr_unknown (body->unit);
}

static const struct wq_expr *
call_value (struct wq_body *body, gimple *call)
{
	const char *name = wq_callee_name (call);
	const struct wq_api *api = name ? wq_api_find (name) : NULL;
	struct wq_event **event;

	if (api && api->flags & WQ_API_SAME_ITEM &&
	    gimple_call_num_args (call) > 0)
		return value_of (body, gimple_call_arg (call, 0));
	event = body->results.get (call);
	return event ? wq_expr_result (body->unit, *event)
		     : wq_expr_unknown (body->unit);
}

/* The number of parameter @parm of the function being read, or -1. */
static int
parameter_number (struct wq_body *body, tree parm)
{
	tree decl;
	int number = 0;

	if (!body->fn)
		return -1;
	for (decl = DECL_ARGUMENTS (body->fn->decl); decl;
	     decl = DECL_CHAIN (decl), number++)
		if (decl == parm)
			return number;
	return -1;
}

static const struct wq_expr *
parameter_value (struct wq_body *body, tree parm)
{
	int number = parameter_number (body, parm);

	return number < 0 ? wq_expr_unknown (body->unit)
			  : wq_expr_param (body->unit, body->function,
					   (unsigned int) number);
}

static const struct wq_expr *
definition_value (struct wq_body *body, tree name)
{
	gimple *def = SSA_NAME_DEF_STMT (name);
	tree var = SSA_NAME_VAR (name);

	if (SSA_NAME_IS_DEFAULT_DEF (name))
		return var && TREE_CODE (var) == PARM_DECL
		       ? parameter_value (body, var)
		       : wq_expr_unknown (body->unit);
	if (!def)
		return wq_expr_unknown (body->unit);
	if (is_gimple_assign (def))
		return assign_value (body, def);
	if (gphi *phi = dyn_cast <gphi *> (def))
		return phi_value (body, phi);
	if (gasm *stmt = dyn_cast <gasm *> (def))
		return asm_value (body, stmt);
	if (is_gimple_call (def))
		return call_value (body, def);
	return wq_expr_unknown (body->unit);
}

/*
 * The value of an SSA name. Names on the way are marked with NULL so that
 * a cycle through a phi ends; what was cut that way is not remembered.
 * Returns NULL for such a name itself.
 */
static const struct wq_expr *
ssa_value (struct wq_body *body, tree name)
{
	const struct wq_expr **known = body->values.get (name), *value;
	bool outer_cut = body->cut;

	if (known) {
		if (!*known)
			body->cut = true;
		return *known;
	}
	if (!body->budget)
		return wq_expr_unknown (body->unit);
	body->budget--;
	body->values.put (name, NULL);
	body->cut = false;
	value = definition_value (body, name);
	if (body->cut)
		body->values.remove (name);
	else
		body->values.put (name, value);
	body->cut |= outer_cut;
	return value;
}

static const struct wq_expr *
constant_value (struct wq_body *body, tree operand)
{
	if (integer_zerop (operand))
		return wq_expr_null (body->unit);
	if (tree_fits_shwi_p (operand))
		return wq_expr_const (body->unit, tree_to_shwi (operand));
	return wq_expr_unknown (body->unit);
}

static tree
string_of (tree operand)
{
	while (TREE_CODE (operand) == ADDR_EXPR ||
	       TREE_CODE (operand) == ARRAY_REF)
		operand = TREE_OPERAND (operand, 0);
	return TREE_CODE (operand) == STRING_CST ? operand : NULL_TREE;
}

/* As wq_value(), inside the search that one call of that began. */
static const struct wq_expr *
value_of (struct wq_body *body, tree operand)
{
	tree text;

	if (!operand)
		return wq_expr_unknown (body->unit);
	STRIP_NOPS (operand);
	switch (TREE_CODE (operand)) {
	case SSA_NAME: {
		const struct wq_expr *value = ssa_value (body, operand);

		return value ? value : wq_expr_unknown (body->unit);
	}
	case INTEGER_CST:
		return constant_value (body, operand);
	case ADDR_EXPR:
		text = string_of (operand);
		if (text)
			return wq_expr_string (body->unit,
					       wq_served_string
					       (TREE_STRING_POINTER (text)));
		return address_of (body, TREE_OPERAND (operand, 0));
	case PARM_DECL:
		return parameter_value (body, operand);
	case VAR_DECL:
	case COMPONENT_REF:
	case ARRAY_REF:
	case MEM_REF:
		return wq_expr_load (body->unit, address_of (body, operand));
	default:
		return wq_expr_unknown (body->unit);
	}
}

const struct wq_expr *
wq_value (struct wq_body *body, tree operand)
{
	body->budget = VALUE_BUDGET;
	body->cut = false;
	return value_of (body, operand);
}

static const struct wq_expr *
variable_address (struct wq_body *body, tree var)
{
	const char *name = wq_decl_name (var, body->unit);

	if (!is_global_var (var))
		return body->function
		       ? wq_expr_local (body->unit, body->function, name)
		       : wq_expr_unknown (body->unit);
	/* A static of a function is known by both names. */
	if (DECL_CONTEXT (var) && TREE_CODE (DECL_CONTEXT (var)) == FUNCTION_DECL
	    && DECL_NAME (DECL_CONTEXT (var)))
		name = wq_arena_printf (body->unit->arena, "%s.%s",
					IDENTIFIER_POINTER
					(DECL_NAME (DECL_CONTEXT (var))), name);
	return wq_expr_global (body->unit, name, !TREE_PUBLIC (var));
}

static const struct wq_expr *
component_address (struct wq_body *body, tree reference)
{
	tree object = TREE_OPERAND (reference, 0);
	tree field = TREE_OPERAND (reference, 1);
	tree record;

	while (TREE_CODE (object) == COMPONENT_REF &&
	       !DECL_NAME (TREE_OPERAND (object, 1)))
		object = TREE_OPERAND (object, 0);
	record = TYPE_MAIN_VARIANT (TREE_TYPE (object));
	return wq_member (body, address_of (body, object), record, field);
}

static const struct wq_expr *
memory_address (struct wq_body *body, tree reference)
{
	tree base = TREE_OPERAND (reference, 0);
	tree offset = TREE_OPERAND (reference, 1), record, type = NULL_TREE;
	const char *path;

	if (integer_zerop (offset))
		return value_of (body, base);
	record = pointed_record (TREE_TYPE (base));
	path = record && tree_fits_shwi_p (offset)
	       ? member_path (body, record, tree_to_shwi (offset), &type)
	       : NULL;
	if (path)
		remember_type (body, record);
	return path ? wq_expr_field (body->unit, value_of (body, base),
				     wq_struct_tag (record), path,
				     wq_struct_tag (type))
		    : wq_expr_unknown (body->unit);
}

/* As wq_address(), inside the search that one call of that began. */
static const struct wq_expr *
address_of (struct wq_body *body, tree reference)
{
	switch (TREE_CODE (reference)) {
	case VAR_DECL:
		return variable_address (body, reference);
	case PARM_DECL:
		return body->function
		       ? wq_expr_local (body->unit, body->function,
					wq_decl_name (reference, body->unit))
		       : wq_expr_unknown (body->unit);
	case FUNCTION_DECL:
		return wq_expr_func (body->unit,
				     wq_decl_name (reference, body->unit),
				     !TREE_PUBLIC (reference));
	case COMPONENT_REF:
		return component_address (body, reference);
	case ARRAY_REF: {
		tree index = TREE_OPERAND (reference, 1);

		return wq_expr_index (body->unit,
				      address_of (body,
						  TREE_OPERAND (reference, 0)),
				      tree_fits_shwi_p (index)
				      ? tree_to_shwi (index) : -1);
	}
	case MEM_REF:
		return memory_address (body, reference);
	case VIEW_CONVERT_EXPR:
	case BIT_FIELD_REF:
		return address_of (body, TREE_OPERAND (reference, 0));
	default:
		return wq_expr_unknown (body->unit);
	}
}

/*
 * The budget is one for all that a search leads to: a search that began anew
 * for each address on its way would never end in a large state machine.
 */
const struct wq_expr *
wq_address (struct wq_body *body, tree reference)
{
	body->budget = VALUE_BUDGET;
	body->cut = false;
	return address_of (body, reference);
}
