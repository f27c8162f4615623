/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A wait where the advice of a finding has one: beside that for a sibling, or
 * in place of a cancel that does not wait. And whether a wait, which sleeps,
 * may stand at some place at all.
 */
#include <string.h>

#include "fix-place.h"
#include "rule.h"
#include "suggest.h"

/* Names that begin an atomic section, and those that end it. */
static int atomic_step(const struct wq_tokens *tokens, unsigned int token)
{
	static const char *const begins[] = {
		"spin_lock", "raw_spin_lock", "read_lock", "write_lock",
		"rcu_read_lock", "local_bh_disable", "local_irq_disable",
		"local_irq_save", "preempt_disable", "netif_tx_lock",
	};
	static const char *const ends[] = {
		"spin_unlock", "raw_spin_unlock", "read_unlock", "write_unlock",
		"rcu_read_unlock", "local_bh_enable", "local_irq_enable",
		"local_irq_restore", "preempt_enable", "netif_tx_unlock",
	};
	const struct wq_token *name = &tokens->list[token];
	const char *text = tokens->text + name->offset;
	size_t i;

	if (name->kind != WQ_TOKEN_NAME || !wq_token_is(tokens, token + 1, "("))
		return 0;
	for (i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		if (!strncmp(text, ends[i], strlen(ends[i])))
			return -1;
		if (!strncmp(text, begins[i], strlen(begins[i])) &&
		    name->bytes != strlen("spin_lock_init"))
			return 1;
	}
	return 0;
}

unsigned int wq_fix_function_start(const struct wq_tokens *tokens,
				   unsigned int token)
{
	while (token && !(wq_token_is(tokens, token, "{") &&
			  !tokens->list[token].depth))
		token--;
	return token;
}

static bool may_be_atomic(const struct wq_tokens *tokens, unsigned int token)
{
	unsigned int i;
	int level = 0;

	for (i = wq_fix_function_start(tokens, token); i < token; i++) {
		level += atomic_step(tokens, i);
		if (level < 0)
			level = 0;
	}
	return level > 0;
}

bool wq_fix_can_wait_at(struct wq_fix *fix, const struct wq_work *work,
			const struct wq_event *event,
			const struct wq_text *text, unsigned int token)
{
	const char *objection = wq_place_objection(fix->fixer->program, work,
						   event);

	if (objection)
		return wq_fix_refuse(fix, "%s", objection);
	if (text->tokens->list[token].branch)
		return wq_fix_refuse(fix, "%s:%u: the place depends on the configuration, and without it nothing would wait",
				     text->name, text->tokens->list[token].line);
	if (may_be_atomic(text->tokens, token))
		return wq_fix_refuse(fix, "%s:%u: a spinlock may be held here, and the wait sleeps",
				     text->name, text->tokens->list[token].line);
	fix->place = event->function;
	return true;
}

static bool ends_statement(const struct wq_tokens *tokens, unsigned int token)
{
	return wq_token_is(tokens, token, ";") ||
	       wq_token_is(tokens, token, "{") ||
	       wq_token_is(tokens, token, "}") ||
	       wq_token_is(tokens, token, ":");
}

bool wq_fix_begins_statement(const struct wq_text *text, unsigned int token)
{
	const struct wq_tokens *tokens = text->tokens;
	unsigned int before = token - 1;

	if (!token || !wq_token_is_directive(tokens, before, "endif"))
		return token && ends_statement(tokens, before);
	/* With and without what is between #if and #endif. */
	if (!ends_statement(tokens, before - 1))
		return false;
	while (before && (tokens->list[before].kind == WQ_TOKEN_DIRECTIVE ||
			  tokens->list[before].branch !=
			  tokens->list[token].branch))
		before--;
	return ends_statement(tokens, before);
}

static const struct wq_event *event_on_line(const struct wq_program *program,
					    const char *file, unsigned int line)
{
	const struct wq_event *found = NULL;
	unsigned int i;

	for (i = 0; i < program->nr_uses; i++) {
		const struct wq_event *event = program->uses[i].event;

		if (event->where.line == line && event->where.file &&
		    !strcmp(event->where.file, file) && event->function)
			found = event;
	}
	return found;
}

const struct wq_suggestion *wq_fix_suggestion(struct wq_fix *fix,
					      const struct wq_work *work)
{
	const struct wq_program *program = fix->fixer->program;
	struct wq_findings findings = { .arena = fix->fixer->arena };
	struct wq_finding *finding;
	const struct wq_use *sibling;

	/* uncancelled-work has found out already. */
	if (!strcmp(fix->finding->rule->id, "uncancelled-work"))
		return &fix->finding->suggestion;
	finding = wq_arena_alloc(findings.arena, sizeof(*finding));
	*finding = (struct wq_finding){ .work = fix->finding->work };
	sibling = wq_work_waited_sibling(program, work);
	wq_suggest_cancel(program, &findings, finding, work, sibling, NULL);
	return &finding->suggestion;
}

/* Does one function queue both @work and what @wait waits for? */
static bool share_queuer(const struct wq_program *program,
			 const struct wq_work *work,
			 const struct wq_event *wait)
{
	const struct wq_work *sibling = wq_work_beside(program, work, wait);
	unsigned int i, j;

	for (i = 0; sibling && i < sibling->nr_uses; i++)
		for (j = 0; j < work->nr_uses; j++)
			if (sibling->uses[i]->event->kind == WQ_EVENT_QUEUE &&
			    work->uses[j]->event->kind == WQ_EVENT_QUEUE &&
			    sibling->uses[i]->event->function ==
			    work->uses[j]->event->function)
				return true;
	return false;
}

/*
 * Is the place of the sibling's wait, which is @wait at @token, late enough
 * for @work? What stops the one need not stop the other.
 */
static bool is_late_enough(struct wq_fix *fix, const struct wq_work *work,
			   const struct wq_event *wait,
			   const struct wq_text *text, unsigned int token)
{
	unsigned int later;

	if (share_queuer(fix->fixer->program, work, wait))
		return true;
	later = wq_fix_called_back_after(fix, wait->function, text, token);
	return later == WQ_NO_TOKEN ||
	       wq_fix_refuse(fix, "%s:%u: %s() may stop who queues the item only after the wait for its sibling",
			     text->name, text->tokens->list[later].line,
			     wq_token_text(fix->fixer->arena, text->tokens,
					   later));
}

bool wq_fix_take(struct wq_fix *fix, const struct wq_work *work,
		 const struct wq_suggestion *suggestion)
{
	const struct wq_program *program = fix->fixer->program;
	const struct wq_event *place = NULL;
	struct wq_text *text;
	unsigned int i, token;
	size_t offset = 0, bytes;
	unsigned int line;

	/* Another edit may be for another kind of fix. */
	if (suggestion->nr_edits != 1 ||
	    !strstr(suggestion->edits->new_text, wq_cancel_call(work)))
		return wq_fix_refuse(fix, "no wait for a sibling shows the place");
	/* After the sibling's line, where its handler queues this one. */
	line = suggestion->edits->where.line;
	for (i = 0; !place && i < 2; i++)
		place = event_on_line(program, suggestion->edits->where.file,
				      line - i);
	if (!place || !place->callee)
		return wq_fix_refuse(fix, "the place is not certain");
	text = wq_fix_call(fix, place->where, place->callee, &token);
	if (!text || !wq_fix_can_wait_at(fix, work, place, text, token) ||
	    !wq_fix_wait_is_sound(fix, work, place->function, text, token,
				  *suggestion->edits->old_text))
		return false;
	for (i = 1; i < suggestion->edits->where.line; i++)
		offset = wq_line_end(text->tokens, offset);
	offset += suggestion->edits->where.column_bytes - 1;
	bytes = strlen(suggestion->edits->old_text);
	if (!bytes && !is_late_enough(fix, work, place, text, token))
		return false;
	if (offset + bytes > text->nr_bytes ||
	    memcmp(text->bytes + offset, suggestion->edits->old_text, bytes) ||
	    (!bytes && !wq_fix_begins_statement(text, token)))
		return wq_fix_refuse(fix, "the sibling's wait depends on a condition");
	wq_edits_add(&fix->edits, text, offset, bytes,
		     suggestion->edits->new_text);
	return true;
}
