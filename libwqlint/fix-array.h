/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arrays whose elements have a work item each. A wait for all of them is a
 * loop, and its bounds are those of the loop that binds the items: nothing
 * else says how many of them there are.
 */
#ifndef WQ_FIX_ARRAY_H
#define WQ_FIX_ARRAY_H

#include "fix.h"

struct wq_array {
	const struct wq_function *function;	/* that has the loop */
	struct wq_body body;
	unsigned int loop, item;	/* its "for", and the call that binds */
	unsigned int end;		/* the last token of the loop */
	const char *root;	/* the variable that the array is reached by */
	const char *owner;	/* the struct it points to; NULL: at file scope */
	const char *path;	/* from there to the "[": "->ports", or "" */
	const char *rest;	/* from the "]" to the item: ".work", or "" */
	bool is_pointer;	/* to memory of its own */
	const char *index;	/* variable of the loop */
	const char *type;	/* "int" or "unsigned int" */
	const char *bound;	/* its text, or what follows the root: "->nr" */
	enum wq_bound {
		WQ_BOUND_NUMBER,
		WQ_BOUND_CONSTANT,	/* has a name */
		WQ_BOUND_SIZE,		/* ARRAY_SIZE() of the array */
		WQ_BOUND_MEMBER,	/* of the owner */
	} bound_kind;
};

/*
 * The loop that binds @work for each element of its array, in bounds that
 * hold for good; false: a refusal.
 */
bool wq_array_find(struct wq_fix *fix, const struct wq_work *work,
		   struct wq_array *array);

/*
 * fix-array-ways.c: does the bound of @array not change, and does every
 * function that comes from where it begins run the loop to its end? False: a
 * refusal.
 */
bool wq_array_is_complete(struct wq_fix *fix, const struct wq_array *array);

/* Can @place only run after that? False: a refusal. */
bool wq_array_is_set_up_at(struct wq_fix *fix, const struct wq_array *array,
			   const struct wq_function *place);

/* The functions from the loop up to the one that a core calls first. */
#define WQ_MAX_CHAIN	4

/* The part of a function that has run when the loop begins. */
struct wq_array_part {
	struct wq_body body;
	const struct wq_function *function;
	unsigned int end;	/* the loop, or the call that leads to it */
};

struct wq_array_chain {
	struct wq_fix *fix;
	const struct wq_array *array;
	struct wq_array_part parts[WQ_MAX_CHAIN];
	unsigned int nr_parts;
};

/*
 * fix-array-writes.c: is each member of @path, "->conf.nr", written before the
 * loop, and only there? False: a refusal.
 */
bool wq_array_keeps(struct wq_array_chain *chain, const char *path);

/* Does what stands around the variable or member @token write it? */
bool wq_array_is_written(const struct wq_tokens *tokens, unsigned int token);

/* fix-array-loop.c: a loop over an array, as it is written at some place. */
struct wq_loop {
	const char *head;	/* "for (i = 0; i < foo->nr; i++)" */
	const char *item;	/* "&foo->ports[i].work" */
};

/*
 * The loop at token @token of @function, where @root is the variable. Adds the
 * edit that declares the index; false: a refusal.
 */
bool wq_array_name(struct wq_fix *fix, const struct wq_array *array,
		   const struct wq_function *function, unsigned int token,
		   const char *root, struct wq_loop *loop);

/* Its two lines, with a call of @call; no newline after the second. */
const char *wq_loop_text(struct wq_arena *arena, const struct wq_loop *loop,
			 const char *call, const char *indent);

/*
 * The loop over the array of @work that can stand in place of the call that
 * @event is, a statement of its own. False: a refusal.
 */
bool wq_array_name_at(struct wq_fix *fix, const struct wq_work *work,
		      const struct wq_event *event, struct wq_loop *loop);

/* The tokens @from to @to, not included, one after the other. */
const char *wq_array_text(struct wq_arena *arena, const struct wq_tokens *tokens,
			  unsigned int from, unsigned int to);

/* The last token of the statement that follows the ")" @close. */
unsigned int wq_array_body_end(const struct wq_tokens *tokens,
			       unsigned int close);

/* The tag of "struct tag *@name" of @body or its parameters, or NULL. */
const char *wq_array_tag_of(struct wq_fix *fix, const struct wq_body *body,
			    const char *name);

#endif
