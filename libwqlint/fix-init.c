/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steps 2 and 3: the queue is allocated before anything else in the init
 * function and destroyed after everything else in the exit function and on
 * the error paths, in the style that the function has.
 */
#include <string.h>

#include "fix.h"

struct init {
	struct wq_fix *fix;
	const struct wq_new_queue *queue;
	struct wq_body body;
	unsigned int first;		/* statement */
	const char *variable;		/* of error codes, or NULL */
	unsigned int shared_exit;	/* the failing return after labels */
	const char *label;		/* before it, for goto; or NULL */
};

static const char *indent_of(const struct init *init, unsigned int token)
{
	const struct wq_tokens *tokens = init->body.tokens;
	size_t offset = tokens->list[token].offset;
	size_t start = wq_line_start(tokens, offset);
	int blanks = (int)strspn(tokens->text + start, "\t ");

	return wq_arena_printf(init->fix->fixer->arena, "%.*s", blanks,
			       tokens->text + start);
}

/* Does the return at @token stand alone on its line? */
static bool is_alone(const struct init *init, unsigned int token)
{
	const struct wq_tokens *tokens = init->body.tokens;
	size_t offset = tokens->list[token].offset;
	size_t start = wq_line_start(tokens, offset);

	return strspn(tokens->text + start, "\t ") == offset - start;
}

/*
 * @lines, each already indented, take the place of the statement from @token
 * to @last; an if or else that had no braces gets them.
 */
static bool replace_statement(const struct init *init, unsigned int token,
			      unsigned int last, const char *lines)
{
	const struct wq_tokens *tokens = init->body.tokens;
	struct wq_fix *fix = init->fix;
	const struct wq_token *before = &tokens->list[token - 1];
	size_t start = wq_line_start(tokens, tokens->list[token].offset);
	size_t end = tokens->list[last].offset + 1;
	const char *outer = indent_of(init, token - 1);
	bool bare = wq_token_is(tokens, token - 1, ")") ||
		    wq_token_is(tokens, token - 1, "else");

	if (!is_alone(init, token) || tokens->text[end] != '\n')
		return wq_fix_refuse(fix, "%s:%u: the return is not alone on its line",
				     init->body.text->name,
				     tokens->list[token].line);
	if (bare)
		wq_edits_add(&fix->edits, init->body.text,
			     before->offset + before->bytes, 0, " {");
	wq_edits_add(&fix->edits, init->body.text, start, end - start,
		     bare ? wq_arena_printf(fix->fixer->arena, "%s\n%s}",
					    lines, outer) : lines);
	return true;
}

static bool destroy_before(const struct init *init, unsigned int token,
			   bool conditional)
{
	const struct wq_tokens *tokens = init->body.tokens;
	struct wq_arena *arena = init->fix->fixer->arena;
	const char *indent = indent_of(init, token), *lines;
	unsigned int last = wq_fix_statement_end(tokens, token);
	int bytes = (int)(tokens->list[last].offset + 1 -
			  tokens->list[token].offset);

	if (conditional)
		lines = wq_arena_printf(arena,
			"%sif (%s)\n%s\tdestroy_workqueue(%s);\n%s%.*s", indent,
			wq_token_text(arena, tokens, token + 1), indent,
			init->queue->variable, indent, bytes,
			tokens->text + tokens->list[token].offset);
	else
		lines = wq_arena_printf(arena, "%sdestroy_workqueue(%s);\n%s%.*s",
			indent, init->queue->variable, indent, bytes,
			tokens->text + tokens->list[token].offset);
	return replace_statement(init, token, last, lines);
}

/* "return foo();" or "return err > 0 ? 0 : err;": the result decides. */
static bool destroy_after(struct init *init, unsigned int token)
{
	const struct wq_tokens *tokens = init->body.tokens;
	struct wq_arena *arena = init->fix->fixer->arena;
	const char *indent = indent_of(init, token);
	unsigned int last = wq_fix_statement_end(tokens, token);
	size_t from = tokens->list[token + 1].offset;
	int bytes = (int)(tokens->list[last].offset - from);

	if (!init->variable) {
		size_t at = wq_line_end(tokens, tokens->list[init->first - 1].offset);

		init->variable = "ret";
		wq_edits_add(&init->fix->edits, init->body.text, at, 0,
			     "\tint ret;\n");
		if (init->first - 1 == init->body.open &&
		    tokens->text[at] != '\n')
			wq_edits_add(&init->fix->edits, init->body.text, at, 0,
				     "\n");
	}
	return replace_statement(init, token, last, wq_arena_printf(arena,
		"%s%s = %.*s;\n%sif (%s)\n%s\tdestroy_workqueue(%s);\n%sreturn %s;",
		indent, init->variable, bytes, tokens->text + from, indent,
		init->variable, indent, init->queue->variable, indent,
		init->variable));
}

static bool go_to_label(const struct init *init, unsigned int token)
{
	const struct wq_tokens *tokens = init->body.tokens;
	struct wq_arena *arena = init->fix->fixer->arena;
	const char *indent = indent_of(init, token);
	unsigned int last = wq_fix_statement_end(tokens, token);
	size_t from = tokens->list[token + 1].offset;
	int bytes = (int)(tokens->list[last].offset - from);
	const char *lines = wq_arena_printf(arena, "%sgoto %s;", indent,
					    init->label);

	if (!wq_token_is(tokens, token + 1, init->variable)) {
		lines = wq_arena_printf(arena, "%s%s = %.*s;\n%s", indent,
					init->variable, bytes,
					tokens->text + from, lines);
		return replace_statement(init, token, last, lines);
	}
	/* One statement for another: no braces. */
	wq_edits_add(&init->fix->edits, init->body.text,
		     tokens->list[token].offset,
		     tokens->list[last].offset + 1 - tokens->list[token].offset,
		     wq_arena_printf(arena, "goto %s;", init->label));
	return true;
}

/* Before the failing return that all labels lead to. */
static bool destroy_at_exit(const struct init *init, bool with_label)
{
	const struct wq_tokens *tokens = init->body.tokens;
	unsigned int token = init->shared_exit, i;
	struct wq_arena *arena = init->fix->fixer->arena;
	const char *blanks = "";

	if (!is_alone(init, token))
		return wq_fix_refuse(init->fix, "%s:%u: the return is not alone on its line",
				     init->body.text->name,
				     tokens->list[token].line);
	/* A label as the others: some have a blank before them. */
	for (i = token; i > init->body.open; i--)
		if (wq_token_is(tokens, i, ":") &&
		    wq_token_is_a(tokens, i - 1, WQ_TOKEN_NAME) &&
		    !wq_token_is(tokens, i - 2, "?")) {
			blanks = indent_of(init, i - 1);
			break;
		}
	wq_edits_add(&init->fix->edits, init->body.text,
		     wq_line_start(tokens, tokens->list[token].offset), 0,
		     wq_arena_printf(arena, "%s%s%s%sdestroy_workqueue(%s);\n",
				     with_label ? blanks : "",
				     with_label ? init->label : "",
				     with_label ? ":\n" : "",
				     indent_of(init, token),
				     init->queue->variable));
	return true;
}

/* The last return, if labels lead to it and it fails. */
static void find_shared_exit(struct init *init)
{
	const struct wq_tokens *tokens = init->body.tokens;
	unsigned int i, label = WQ_NO_TOKEN;
	const char *prefix = "";

	init->shared_exit = WQ_NO_TOKEN;
	for (i = init->first; i < init->body.close; i++) {
		if (wq_token_is(tokens, i, "goto"))
			label = i + 1;
		if (wq_token_is(tokens, i, "return") && init->variable &&
		    wq_token_is(tokens, i + 1, init->variable) &&
		    wq_fix_is_error_exit(&init->body, i))
			init->shared_exit = i;
	}
	if (label == WQ_NO_TOKEN)
		init->shared_exit = WQ_NO_TOKEN;
	if (init->shared_exit == WQ_NO_TOKEN)
		return;
	if (!strncmp(tokens->text + tokens->list[label].offset, "err_", 4))
		prefix = "err_";
	else if (!strncmp(tokens->text + tokens->list[label].offset, "out_", 4))
		prefix = "out_";
	init->label = wq_arena_printf(init->fix->fixer->arena, "%sdestroy_%s",
				      prefix, init->queue->variable);
}

static bool edit_return(struct init *init, unsigned int token, bool *label_used)
{
	switch (wq_fix_outcome(init->fix, &init->body, token)) {
	case WQ_FIX_SUCCEEDS:
		return true;
	case WQ_FIX_FAILS:
		if (init->label) {
			*label_used = true;
			return go_to_label(init, token);
		}
		return destroy_before(init, token, false);
	case WQ_FIX_MAY_FAIL:
		return destroy_before(init, token, true);
	case WQ_FIX_CALL:
		return destroy_after(init, token);
	default:
		return wq_fix_refuse(init->fix, "%s:%u: what %s() returns here is not understood",
				     init->body.text->name,
				     init->body.tokens->list[token].line,
				     init->body.name);
	}
}

static bool edit_returns(struct init *init)
{
	const struct wq_tokens *tokens = init->body.tokens;
	bool label_used = false;
	unsigned int i;

	for (i = init->first; i < init->body.close; i++) {
		if (wq_token_is_directive(tokens, i, "define"))
			return wq_fix_refuse(init->fix, "%s() defines a macro",
					     init->body.name);
		if (!wq_token_is(tokens, i, "return") || i == init->shared_exit)
			continue;
		if (tokens->list[i].branch != tokens->list[init->body.open].branch)
			return wq_fix_refuse(init->fix, "%s:%u: %s() returns in conditional compilation",
					     init->body.text->name,
					     tokens->list[i].line,
					     init->body.name);
		if (!edit_return(init, i, &label_used))
			return false;
	}
	return init->shared_exit == WQ_NO_TOKEN ||
	       destroy_at_exit(init, label_used);
}

static const char *allocation(struct wq_fix *fix,
			      const struct wq_new_queue *queue)
{
	return wq_arena_printf(fix->fixer->arena,
		"\t%s = alloc_workqueue(\"%s\", %s, 0);\n"
		"\tif (!%s)\n"
		"\t\treturn -ENOMEM;\n", queue->variable, queue->label,
		queue->flags, queue->variable);
}

static bool edit_init(struct wq_fix *fix, const struct wq_new_queue *queue)
{
	struct init init = { .fix = fix, .queue = queue };
	const struct wq_tokens *tokens;
	bool plain, blank;
	size_t at;

	if (!wq_fix_body(fix, queue->init, &init.body))
		return false;
	tokens = init.body.tokens;
	init.first = wq_fix_first_statement(fix, &init.body);
	if (init.first == WQ_NO_TOKEN)
		return false;
	init.variable = wq_fix_error_variable(fix, &init.body, init.first);
	find_shared_exit(&init);
	if (!edit_returns(&init))
		return false;
	plain = init.first - 1 == init.body.open;
	at = wq_line_end(tokens, tokens->list[init.first - 1].offset);
	blank = tokens->text[at] == '\n';
	wq_edits_add(&fix->edits, init.body.text, at, 0,
		     wq_arena_printf(fix->fixer->arena, "%s%s%s",
				     plain ? "" : "\n", allocation(fix, queue),
				     blank ? "" : "\n"));
	return true;
}

static bool edit_exit(struct wq_fix *fix, const struct wq_new_queue *queue)
{
	struct init exit = { .fix = fix, .queue = queue };
	const struct wq_body *body = &exit.body;
	const struct wq_tokens *tokens;
	unsigned int i;
	size_t at;

	if (!wq_fix_body(fix, queue->exit, &exit.body))
		return false;
	tokens = body->tokens;
	for (i = body->open + 1; i < body->close; i++) {
		if (!wq_token_is(tokens, i, "return"))
			continue;
		if (tokens->list[i].branch != tokens->list[body->open].branch ||
		    !wq_token_is(tokens, i + 1, ";"))
			return wq_fix_refuse(fix, "%s:%u: %s() returns early",
					     body->text->name,
					     tokens->list[i].line, body->name);
		if (!destroy_before(&exit, i, false))
			return false;
	}
	at = tokens->list[body->close].offset;
	if (tokens->text[at - 1] != '\n' ||
	    tokens->list[body->close].line == tokens->list[body->open].line)
		return wq_fix_refuse(fix, "%s() is on one line", body->name);
	wq_edits_add(&fix->edits, body->text, at, 0,
		     wq_arena_printf(fix->fixer->arena,
				     "\tdestroy_workqueue(%s);\n",
				     queue->variable));
	return true;
}

/* What module_foo_driver() calls; include/linux of Linux 5.10 to 7.2. */
static const struct {
	const char *macro, *add, *remove;
} registrations[] = {
	{ "module_auxiliary_driver", "auxiliary_driver_register",
	  "auxiliary_driver_unregister" },
	{ "module_hid_driver", "hid_register_driver", "hid_unregister_driver" },
	{ "module_i2c_driver", "i2c_add_driver", "i2c_del_driver" },
	{ "module_pci_driver", "pci_register_driver", "pci_unregister_driver" },
	{ "module_platform_driver", "platform_driver_register",
	  "platform_driver_unregister" },
	{ "module_sdio_driver", "sdio_register_driver",
	  "sdio_unregister_driver" },
	{ "module_serdev_device_driver", "serdev_device_driver_register",
	  "serdev_device_driver_unregister" },
	{ "module_serio_driver", "serio_register_driver",
	  "serio_unregister_driver" },
	{ "module_spi_driver", "spi_register_driver", "spi_unregister_driver" },
	{ "module_usb_driver", "usb_register", "usb_deregister" },
	{ "module_virtio_driver", "register_virtio_driver",
	  "unregister_virtio_driver" },
};

static const char *new_functions(struct wq_fix *fix,
				 const struct wq_new_queue *queue,
				 const char *add, const char *remove)
{
	struct wq_arena *arena = fix->fixer->arena;

	return wq_arena_printf(arena,
		"static int __init %s_init(void)\n"
		"{\n%s%s%s%s%s%s%s"
		"}\n"
		"module_init(%s_init);\n"
		"\n"
		"static void __exit %s_exit(void)\n"
		"{\n"
		"%s"
		"\tdestroy_workqueue(%s);\n"
		"}\n"
		"module_exit(%s_exit);", queue->module,
		*add ? "\tint ret;\n\n" : "", allocation(fix, queue), "\n",
		add, *add ? "\tif (ret)\n\t\tdestroy_workqueue(" : "",
		*add ? queue->variable : "",
		*add ? ");\n\treturn ret;\n" : "\treturn 0;\n",
		queue->module, queue->module, remove, queue->variable,
		queue->module);
}

/* The names of the new functions are not taken. */
static bool has_room(struct wq_fix *fix, const struct wq_new_queue *queue)
{
	struct wq_arena *arena = fix->fixer->arena;

	if (wq_fix_name_is_new(fix, queue->text,
			       wq_arena_printf(arena, "%s_init", queue->module)) &&
	    wq_fix_name_is_new(fix, queue->text,
			       wq_arena_printf(arena, "%s_exit", queue->module)))
		return true;
	return wq_fix_refuse(fix, "%s_init or %s_exit is a name already",
			     queue->module, queue->module);
}

static bool expand_macro(struct wq_fix *fix, const struct wq_new_queue *queue)
{
	const struct wq_location *where = &queue->init->where;
	struct wq_text *text = wq_fix_text(fix, where->file);
	struct wq_arena *arena = fix->fixer->arena;
	unsigned int token;
	const char *driver;
	size_t i;

	if (!text || !has_room(fix, queue))
		return false;
	token = wq_token_at(text->tokens, where->line, where->column_bytes);
	for (i = 0; token != WQ_NO_TOKEN &&
	     i < sizeof(registrations) / sizeof(*registrations); i++) {
		if (!wq_token_is(text->tokens, token, registrations[i].macro) ||
		    !wq_token_is(text->tokens, token + 3, ")") ||
		    !wq_token_is(text->tokens, token + 4, ";"))
			continue;
		driver = wq_token_text(arena, text->tokens, token + 2);
		wq_edits_add(&fix->edits, text, text->tokens->list[token].offset,
			     text->tokens->list[token + 4].offset + 1 -
			     text->tokens->list[token].offset,
			     new_functions(fix, queue,
				wq_arena_printf(arena, "\tret = %s(&%s);\n",
						registrations[i].add, driver),
				wq_arena_printf(arena, "\t%s(&%s);\n",
						registrations[i].remove,
						driver)));
		return true;
	}
	return wq_fix_refuse(fix, "%s:%u: the macro that makes the init function is not known",
			     where->file, where->line);
}

/*
 * A library without an init function gets one: at the end of the file, above
 * the MODULE_*() lines that are there.
 */
static bool add_functions(struct wq_fix *fix, const struct wq_new_queue *queue)
{
	const struct wq_tokens *tokens = queue->text->tokens;
	unsigned int i, first = WQ_NO_TOKEN;

	if (!has_room(fix, queue))
		return false;
	for (i = 0; i < tokens->count; i++) {
		const struct wq_token *token = &tokens->list[i];

		if (wq_token_is(tokens, i, "}"))
			first = WQ_NO_TOKEN;
		if (!token->depth && !token->branch && first == WQ_NO_TOKEN &&
		    !strncmp(tokens->text + token->offset, "MODULE_", 7) &&
		    token->offset == wq_line_start(tokens, token->offset))
			first = i;
	}
	if (first != WQ_NO_TOKEN)
		wq_edits_add(&fix->edits, queue->text,
			     tokens->list[first].offset, 0,
			     wq_arena_printf(fix->fixer->arena, "%s\n\n",
					     new_functions(fix, queue, "", "")));
	else if (tokens->bytes && tokens->text[tokens->bytes - 1] == '\n' &&
		 !tokens->list[tokens->count - 1].branch)
		wq_edits_add(&fix->edits, queue->text, tokens->bytes, 0,
			     wq_arena_printf(fix->fixer->arena, "\n%s\n",
					     new_functions(fix, queue, "", "")));
	else
		return wq_fix_refuse(fix, "%s has no init function and no place for one",
				     queue->text->name);
	return true;
}

bool wq_fix_init_and_exit(struct wq_fix *fix, const struct wq_new_queue *queue)
{
	if (!queue->init)
		return add_functions(fix, queue);
	if (queue->init->where.in_macro)
		return expand_macro(fix, queue);
	return edit_init(fix, queue) &&
	       (!queue->exit || edit_exit(fix, queue));
}
