/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Step 1: where the own queue is declared: static in the one file that uses
 * it, or in a header of the module's own that all of them include.
 */
#include <string.h>

#include "fix.h"
#include "source.h"

/* The end of the last extern declaration that no #if decides about, or 0. */
static size_t after_externs(const struct wq_tokens *tokens, bool of_queue)
{
	unsigned int i, j;
	size_t end = 0;

	for (i = 0; i < tokens->count; i++) {
		const struct wq_token *token = &tokens->list[i];

		if (token->depth || token->branch ||
		    !wq_token_is(tokens, i, "extern") ||
		    (of_queue && !wq_token_is(tokens, i + 2, "workqueue_struct")))
			continue;
		for (j = i; j < tokens->count && !wq_token_is(tokens, j, ";") &&
		     !wq_token_is(tokens, j, "{"); j++)
			;
		if (j < tokens->count && wq_token_is(tokens, j, ";"))
			end = wq_line_end(tokens, tokens->list[j].offset);
	}
	return end;
}

/* Before the #endif of the guard, or at the end. */
static size_t end_of_header(const struct wq_tokens *tokens)
{
	unsigned int last = tokens->count - 1;

	if (tokens->count && wq_token_is_directive(tokens, last, "endif") &&
	    !tokens->list[last].branch)
		return wq_line_start(tokens, tokens->list[last].offset);
	return tokens->bytes;
}

static bool declare_extern(struct wq_fix *fix, const struct wq_new_queue *queue,
			   const struct wq_text *header)
{
	const struct wq_tokens *tokens = header->tokens;
	const char *line = wq_arena_printf(fix->fixer->arena,
		"extern struct workqueue_struct *%s;\n", queue->variable);
	size_t end = after_externs(tokens, true);

	if (!end)
		end = after_externs(tokens, false);
	if (!end) {
		end = end_of_header(tokens);
		line = wq_arena_printf(fix->fixer->arena, "%s%s\n",
				       end >= 2 && tokens->text[end - 2] == '\n'
				       ? "" : "\n", line);
	}
	wq_edits_add(&fix->edits, header, end, 0, line);
	return true;
}

/* After the last #include at the top that no #if decides about. */
static size_t after_includes(const struct wq_tokens *tokens)
{
	size_t end = 0;
	unsigned int i;

	for (i = 0; i < tokens->count && !wq_token_is(tokens, i, "{"); i++)
		if (wq_token_is_directive(tokens, i, "include") &&
		    !tokens->list[i].branch)
			end = wq_line_end(tokens, tokens->list[i].offset);
	return end;
}

/* The end of a declaration of a queue above the first function, or 0. */
static size_t after_peer(const struct wq_tokens *tokens)
{
	size_t end = 0;
	unsigned int i;

	for (i = 0; i + 4 < tokens->count; i++) {
		if (tokens->list[i].depth || tokens->list[i].branch)
			continue;
		/* The body of a function: what follows is too late. */
		if (wq_token_is(tokens, i, "{") && i &&
		    wq_token_is(tokens, i - 1, ")"))
			break;
		if (wq_token_is(tokens, i, "struct") &&
		    wq_token_is(tokens, i + 1, "workqueue_struct") &&
		    wq_token_is(tokens, i + 2, "*") &&
		    wq_token_is(tokens, i + 4, ";"))
			end = wq_line_end(tokens, tokens->list[i + 4].offset);
	}
	return end;
}

static bool declare_here(struct wq_fix *fix, const struct wq_new_queue *queue,
			 bool is_static, bool exported)
{
	const struct wq_tokens *tokens = queue->text->tokens;
	size_t peer = exported ? 0 : after_peer(tokens);
	size_t end = peer ? peer : after_includes(tokens);

	if (!end)
		return wq_fix_refuse(fix, "%s: there is no #include after which the queue could be declared",
				     queue->text->name);
	wq_edits_add(&fix->edits, queue->text, end, 0,
		     wq_arena_printf(fix->fixer->arena,
				"%s%sstruct workqueue_struct *%s;\n%s%s%s",
				peer ? "" : "\n", is_static ? "static " : "",
				queue->variable,
				exported ? "EXPORT_SYMBOL_GPL(" : "",
				exported ? queue->variable : "",
				exported ? ");\n" : ""));
	return true;
}

static bool has(const struct wq_headers *headers, const struct wq_text *text)
{
	unsigned int i;

	for (i = 0; i < headers->count; i++)
		if (headers->list[i] == text)
			return true;
	return false;
}

/* Is @text below the directory of @home, so that it is the module's own? */
static bool is_own(struct wq_fix *fix, const struct wq_text *text,
		   const struct wq_text *home)
{
	const char *directory = wq_source_directory(fix->fixer->arena,
						    home->name);
	size_t bytes = strlen(directory);

	return *directory && !strncmp(text->name, directory, bytes) &&
	       text->name[bytes] == '/';
}

/* Headers, and how many of the files include each. */
struct coverage {
	struct wq_headers headers;
	unsigned int counts[WQ_MAX_HEADERS];
};

static void cover(struct coverage *coverage, const struct wq_headers *one)
{
	struct wq_headers *all = &coverage->headers;
	unsigned int i, j;

	for (i = 0; i < one->count; i++) {
		for (j = 0; j < all->count; j++)
			if (all->list[j] == one->list[i])
				break;
		if (j == all->count && all->count < WQ_MAX_HEADERS)
			all->list[all->count++] = one->list[i];
		if (j < all->count)
			coverage->counts[j]++;
	}
}

/* How many of the files name @header in an #include of their own. */
static unsigned int count_direct(const struct wq_headers *direct,
				 unsigned int nr_texts,
				 const struct wq_text *header)
{
	unsigned int i, count = 0;

	for (i = 0; i < nr_texts; i++)
		count += has(&direct[i], header);
	return count;
}

/*
 * The header of the module's own that nearly all of @texts include, and most
 * by name: that is where such things are declared. NULL: there is none.
 */
static struct wq_text *best_header(struct wq_fix *fix,
				   const struct wq_new_queue *queue,
				   const struct wq_headers *of_texts,
				   const struct wq_headers *direct,
				   unsigned int nr_texts)
{
	struct coverage *all = wq_arena_alloc(fix->fixer->arena, sizeof(*all));
	struct wq_text *best = NULL;
	unsigned int most = 0, best_direct = 0, count, i;

	for (i = 0; i < nr_texts; i++)
		cover(all, &of_texts[i]);
	for (i = 0; i < all->headers.count; i++)
		if (is_own(fix, all->headers.list[i], queue->text) &&
		    all->counts[i] > most)
			most = all->counts[i];
	for (i = 0; i < all->headers.count; i++) {
		struct wq_text *text = all->headers.list[i];

		if (!is_own(fix, text, queue->text) ||
		    all->counts[i] + nr_texts / 8 < most)
			continue;
		count = count_direct(direct, nr_texts, text);
		if (best && count < best_direct)
			continue;
		if (!best || count > best_direct ||
		    (after_externs(text->tokens, false) &&
		     !after_externs(best->tokens, false)))
			best = text;
		best_direct = count;
	}
	return best;
}

/* "#include" of @header, which is in the directory of @text. */
static bool include_header(struct wq_fix *fix, const struct wq_text *text,
			   const struct wq_text *header)
{
	const char *directory = wq_source_directory(fix->fixer->arena,
						    text->name);
	size_t end = after_includes(text->tokens), bytes = strlen(directory);

	if (!end || strncmp(header->name, directory, bytes) ||
	    header->name[bytes] != '/' || strchr(header->name + bytes + 1, '/') ||
	    !wq_fix_text(fix, text->name))
		return wq_fix_refuse(fix, "%s does not include %s, which would declare the own queue",
				     text->name, header->name);
	wq_edits_add(&fix->edits, text, end, 0,
		     wq_arena_printf(fix->fixer->arena, "#include \"%s\"\n",
				     header->name + bytes + 1));
	return true;
}

bool wq_fix_declare(struct wq_fix *fix, const struct wq_new_queue *queue,
		    const struct wq_text **texts, unsigned int nr_texts,
		    bool exported)
{
	struct wq_headers *of_texts, *direct;
	struct wq_text *header;
	unsigned int i;

	if (nr_texts == 1)
		return declare_here(fix, queue, true, false);
	of_texts = wq_arena_alloc(fix->fixer->arena,
				  nr_texts * sizeof(*of_texts));
	direct = wq_arena_alloc(fix->fixer->arena, nr_texts * sizeof(*direct));
	for (i = 0; i < nr_texts; i++) {
		wq_fix_headers(fix, (struct wq_text *)texts[i], &of_texts[i],
				WQ_MAX_NESTING);
		wq_fix_headers(fix, (struct wq_text *)texts[i], &direct[i], 1);
	}
	header = best_header(fix, queue, of_texts, direct, nr_texts);
	if (!header)
		return wq_fix_refuse(fix, "the files that would use the own queue have no header of the module in common");
	for (i = 0; i < nr_texts; i++)
		if (!has(&of_texts[i], header) &&
		    !include_header(fix, texts[i], header))
			return false;
	return wq_fix_text(fix, header->name) &&
	       declare_here(fix, queue, false, exported) &&
	       declare_extern(fix, queue, header);
}
