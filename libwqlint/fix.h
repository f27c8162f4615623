/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From findings to changes of source files. What cannot be done safely is
 * refused with the reason; a change is whole or not there.
 */
#ifndef WQ_FIX_H
#define WQ_FIX_H

#include "edit.h"
#include "finding.h"
#include "judge.h"

/* What the user chose; WQ_FIX_BEST takes the smallest change that fits. */
enum wq_fix_choice {
	WQ_FIX_BEST,
	WQ_FIX_STEP0,		/* remove the flush, or wait for items by name */
	WQ_FIX_CANCEL,		/* the same with cancel_*_sync() */
	WQ_FIX_OWN_QUEUE,	/* Steps 1 to 5 */
};

struct wq_fixer {
	struct wq_arena *arena;		/* of all that it makes */
	const struct wq_program *program;
	struct wq_texts *texts;
	enum wq_fix_choice choice;
};

/* One change on its way. */
struct wq_fix {
	struct wq_fixer *fixer;
	const struct wq_finding *finding;
	struct wq_edits edits;
	const struct wq_function *place;	/* of a wait that it writes */
	bool is_wide;			/* also fixes other findings */
	const char *refusal;		/* why there is none, or NULL */
	const char *subject;		/* of a commit, without its area */
	const char *text;		/* what it does: whole sentences */
};

/* Is there a way to fix findings of @rule at all? */
bool wq_fix_is_known(const struct wq_rule *rule);

/* Make the change for @finding of @fixer's program. */
struct wq_fix *wq_fix_make(struct wq_fixer *fixer,
			   const struct wq_finding *finding);

/* Say why not, in printf form; the first reason stays. Returns false. */
bool wq_fix_refuse(struct wq_fix *fix, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The file that @where is in and the token there, which must be the name
 * @callee and followed by its arguments; NULL after a refusal.
 */
struct wq_text *wq_fix_call(struct wq_fix *fix, struct wq_location where,
			    const char *callee, unsigned int *token);

/* The file @name, if it may be changed; NULL after a refusal. */
struct wq_text *wq_fix_text(struct wq_fix *fix, const char *name);

/* A function as it is written. */
struct wq_body {
	struct wq_text *text;
	const struct wq_tokens *tokens;
	const char *name;
	unsigned int open, close;	/* its braces */
};

/* Find @function, which no macro makes, in its file; false: a refusal. */
bool wq_fix_body(struct wq_fix *fix, const struct wq_function *function,
		 struct wq_body *body);

/* The first token after the declarations that @body begins with. */
unsigned int wq_fix_after_declarations(const struct wq_body *body);

/*
 * The same, when nothing is called before it; WQ_NO_TOKEN after a refusal.
 */
unsigned int wq_fix_first_statement(struct wq_fix *fix,
				    const struct wq_body *body);

/* The ; that ends the statement at @token, brackets skipped. */
unsigned int wq_fix_statement_end(const struct wq_tokens *tokens,
				  unsigned int token);

/* fix-headers.c: headers beside a file, or above it. */
#define WQ_MAX_HEADERS	1024
#define WQ_MAX_NESTING	8

struct wq_headers {
	struct wq_text *list[WQ_MAX_HEADERS];
	unsigned int count;
};

/* Add those to @headers that @text includes, @nesting files deep. */
void wq_fix_headers(struct wq_fix *fix, const struct wq_text *text,
		    struct wq_headers *headers, unsigned int nesting);

/* Would the name @name be new in @text and these headers? */
bool wq_fix_name_is_new(struct wq_fix *fix, struct wq_text *text,
			const char *name);

/* How a return ends its function. */
enum wq_fix_outcome {
	WQ_FIX_SUCCEEDS,
	WQ_FIX_FAILS,
	WQ_FIX_MAY_FAIL,	/* a variable decides */
	WQ_FIX_CALL,		/* the result of a call or of operators decides */
	WQ_FIX_ODD,
};

/* How the return @token of @body does. */
enum wq_fix_outcome wq_fix_outcome(struct wq_fix *fix,
				   const struct wq_body *body,
				   unsigned int token);

/* Is @token directly below an if of @value that can only mean failure? */
bool wq_fix_is_after_test(const struct wq_tokens *tokens, unsigned int token,
			  const char *value);

/* Does a label stand at the top level before @token, after a return? */
bool wq_fix_is_error_exit(const struct wq_body *body, unsigned int token);

/* The local int that @body's error codes go through, declared before @first. */
const char *wq_fix_error_variable(struct wq_fix *fix,
				  const struct wq_body *body,
				  unsigned int first);

/* The event where the finding is that @is_it; or NULL. */
const struct wq_event *wq_fix_event(const struct wq_fix *fix,
				    bool (*is_it)(const struct wq_event *event));

/* The work item of the finding; NULL after a refusal. */
const struct wq_work *wq_fix_work(struct wq_fix *fix);

/*
 * fix-remove.c: the call of @event goes, a statement of its own, and the
 * braces that only it needed.
 */
bool wq_fix_remove_call(struct wq_fix *fix, const struct wq_event *event);

/* Fixes of one rule each, for the table of fix.c. */
bool wq_fix_delayed_item(struct wq_fix *fix);		/* fix-delayed.c */
bool wq_fix_deprecated_queue(struct wq_fix *fix);	/* fix-deprecated.c */
bool wq_fix_idle_queue(struct wq_fix *fix);		/* fix-idle.c */
bool wq_fix_missing_destroy(struct wq_fix *fix);	/* fix-destroy.c */
bool wq_fix_redundant_flush(struct wq_fix *fix);	/* fix-remove.c */
bool wq_fix_unchecked_alloc(struct wq_fix *fix);	/* fix-unchecked.c */

/* fix-own-queue.c: Steps 1 to 5 for the flush @use of shared queue @name. */
bool wq_fix_own_queue(struct wq_fix *fix, const struct wq_use *use,
		      const char *name);

/* fix-init.c: Steps 2 and 3. */
struct wq_new_queue {
	const char *variable;	/* "foo_wq" */
	const char *label;	/* what the kernel calls it: "foo" */
	const char *flags;
	const char *module;	/* for the names of new functions: "foo" */
	const struct wq_function *init, *exit;	/* or NULL */
	struct wq_text *text;	/* where it is declared and allocated */
};
bool wq_fix_init_and_exit(struct wq_fix *fix, const struct wq_new_queue *queue);

/* fix-declare.c: Step 1, in @queue's file or for all of @texts. */
bool wq_fix_declare(struct wq_fix *fix, const struct wq_new_queue *queue,
		    const struct wq_text **texts, unsigned int nr_texts,
		    bool exported);

/*
 * fix-ends.c: the function that the core calls when the object of @work goes;
 * NULL after a refusal. Is there any such function in its module?
 */
const struct wq_function *wq_fix_remove_function(struct wq_fix *fix,
						 const struct wq_work *work);
bool wq_fix_has_remove(struct wq_fix *fix, const struct wq_work *work);

/* fix-cancel.c: wait for @work before its object goes. */
bool wq_fix_cancel(struct wq_fix *fix, const struct wq_work *work);

/* fix-beside.c: may a wait for @work stand where @event is, at @token of @text? */
bool wq_fix_can_wait_at(struct wq_fix *fix, const struct wq_work *work,
			const struct wq_event *event,
			const struct wq_text *text, unsigned int token);

/*
 * fix-devm.c: bind @work, in memory that @alloc made, so that devres cancels
 * it.
 */
bool wq_fix_devm(struct wq_fix *fix, const struct wq_work *work,
		 const struct wq_event *alloc);

/* fix-queue.c: every queueing of @work on @own's queue instead. */
bool wq_fix_queue(struct wq_fix *fix, const struct wq_work *work,
		  const struct wq_use *own);

#endif
