/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page of the HTML report. It needs nothing but itself: no script, no
 * font, no picture.
 */
#include "html-parts.h"

static const char style[] =
":root { color-scheme: light dark; --line: #8884; --soft: #8881; --dim: #777;\n"
"  --error: #c0262d; --warning: #9a5b00; --check: #22649e; --good: #2a7d3a; }\n"
"@media (prefers-color-scheme: dark) {\n"
"  :root { --error: #ff7b80; --warning: #e5a84b; --check: #79b8f3; --good: #74c985; } }\n"
"body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto;\n"
"  padding: 0 1rem; }\n"
"h1 { font-size: 1.6rem; margin-bottom: .2rem; }\n"
"h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); }\n"
"h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }\n"
"table { border-collapse: collapse; }\n"
"th, td { text-align: left; padding: .2rem 1.2rem .2rem 0; border-bottom: 1px solid var(--line); }\n"
"td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }\n"
"pre { background: var(--soft); margin: .3rem 0; padding: .4rem .6rem; overflow-x: auto;\n"
"  font-size: .85rem; line-height: 1.45; tab-size: 8; }\n"
"code, pre { font-family: ui-monospace, monospace; }\n"
"article { border: 1px solid var(--line); border-left: .3rem solid var(--dim);\n"
"  padding: .5rem .9rem; margin: .7rem 0; }\n"
"article.error { border-left-color: var(--error); }\n"
"article.warning { border-left-color: var(--warning); }\n"
"article.check { border-left-color: var(--check); }\n"
"article.silenced { opacity: .65; }\n"
"article > p { margin: .3rem 0; }\n"
".error > .level { color: var(--error); } .warning > .level { color: var(--warning); }\n"
".check > .level { color: var(--check); } .level { font-weight: 600; }\n"
".dim, .where { color: var(--dim); } .where { font-family: ui-monospace, monospace; font-size: .85rem; }\n"
"ol.places { margin: .4rem 0; padding-left: 1.6rem; }\n"
"mark { background: none; color: inherit; text-decoration: underline wavy var(--error);\n"
"  text-underline-offset: 3px; }\n"
".old { color: var(--error); } .new { color: var(--good); }\n"
"details > summary { cursor: pointer; }\n";

/* Browsers show a control character as nothing or as a box: here it is '?'. */
void wq_html_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			fputs("&amp;", out);
		else if (c == '<')
			fputs("&lt;", out);
		else if (c == '>')
			fputs("&gt;", out);
		else if (c == '"')
			fputs("&quot;", out);
		else if (c == '\'')
			fputs("&#39;", out);
		else if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
			fputc('?', out);
		else
			fputc(c, out);
	}
}

void wq_html_begin(FILE *out, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n"
	      "<title>", out);
	wq_html_text(out, title);
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>",
		style);
	wq_html_text(out, title);
	fputs("</h1>\n", out);
}

void wq_html_end(FILE *out)
{
	fprintf(out, "<p class=\"dim\">Made by wqlint %s.</p>\n"
		"</body>\n</html>\n", WQLINT_VERSION);
}

static void print_code(FILE *out, const char *title, const char *code)
{
	fprintf(out, "<p>%s:</p>\n<pre>", title);
	wq_html_text(out, code);
	fputs("</pre>\n", out);
}

void wq_html_rule(FILE *out, const struct wq_rule *rule)
{
	fprintf(out, "<h3 id=\"rule-%s\">%s</h3>\n<p>", rule->id, rule->id);
	wq_html_text(out, rule->why);
	fputs("</p>\n<details><summary>What it does not see, and an example"
	      "</summary>\n<p>", out);
	wq_html_text(out, rule->limits);
	fputs("</p>\n", out);
	print_code(out, "Wrong", rule->wrong);
	print_code(out, "Right", rule->right);
	fputs("</details>\n", out);
}
