/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The headers of a module's own that a file includes, and the names in them.
 */
#include <string.h>

#include "fix.h"
#include "source.h"

/* The name between the quotes of #include "x.h" that @number is, or NULL. */
static const char *included_name(struct wq_arena *arena,
				 const struct wq_tokens *tokens,
				 unsigned int number)
{
	const char *line, *start, *end;

	if (!wq_token_is_directive(tokens, number, "include"))
		return NULL;
	line = wq_token_text(arena, tokens, number);
	start = strchr(line, '"');
	end = start ? strchr(start + 1, '"') : NULL;
	return end ? wq_arena_printf(arena, "%.*s", (int)(end - start - 1),
				     start + 1) : NULL;
}

/* As the compiler finds it: beside the file, or with -I one of those above. */
static struct wq_text *find_header(struct wq_fix *fix, const char *from,
				   const char *name)
{
	struct wq_arena *arena = fix->fixer->arena;
	const char *directory = wq_source_directory(arena, from);
	struct wq_text *text;
	unsigned int i;

	for (i = 0; i < 4 && *directory; i++) {
		const char *path = wq_arena_printf(arena, "%s/%s", directory,
						   name);

		/* Without "..", so that one file has one name. */
		path = wq_arena_printf(arena, "%s/%s",
				       wq_source_directory(arena, path),
				       strrchr(path, '/') + 1);
		text = wq_text_open(fix->fixer->texts, path);
		if (text)
			return text;
		directory = wq_source_directory(arena, directory);
	}
	return NULL;
}

void wq_fix_headers(struct wq_fix *fix, const struct wq_text *text,
		    struct wq_headers *headers, unsigned int nesting)
{
	unsigned int i, j;

	for (i = 0; nesting && i < text->tokens->count; i++) {
		const char *name = included_name(fix->fixer->arena,
						 text->tokens, i);
		struct wq_text *header = name ? find_header(fix, text->name,
							    name) : NULL;

		if (!header || text->tokens->list[i].branch)
			continue;
		for (j = 0; j < headers->count; j++)
			if (headers->list[j] == header)
				break;
		if (j < headers->count || headers->count == WQ_MAX_HEADERS)
			continue;
		headers->list[headers->count++] = header;
		wq_fix_headers(fix, header, headers, nesting - 1);
	}
}

bool wq_fix_name_is_new(struct wq_fix *fix, struct wq_text *text,
			const char *name)
{
	struct wq_headers headers = { .count = 0 };
	unsigned int i;

	if (wq_tokens_have(text->tokens, name))
		return false;
	wq_fix_headers(fix, text, &headers, WQ_MAX_NESTING);
	for (i = 0; i < headers.count; i++)
		if (wq_tokens_have(headers.list[i]->tokens, name))
			return false;
	return true;
}
