/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Findings built by hand: order, merging, fingerprints, the text of each
 * format; and the lines of source files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"
#include "source.h"

static const struct wq_rule rule_flush = {
	.id = "flush-system-wq", .level = WQ_WARNING, .summary = "s", .why = "w < v\n",
	.limits = "l", .wrong = "a & b;\n", .right = "c;\n",
};
static const struct wq_rule rule_destroy = {
	.id = "destroy-system-wq", .level = WQ_ERROR, .summary = "s", .why = "w < v\n",
	.limits = "l", .wrong = "a & b;\n", .right = "c;\n",
};
static const struct wq_rule rule_check = {
	.id = "a-check", .level = WQ_CHECK, .summary = "s", .why = "w < v\n",
	.limits = "l", .wrong = "a & b;\n", .right = "c;\n",
};

static const char source_text[] =
	"void f(void)\n"
	"{\n"
	"\tflush_scheduled_work();\n"
	"\t/* \xc3\xa4 */ destroy_workqueue(system_wq);\r\n"
	"\tint esc = '\033';\n"
	"}";

static char directory[] = "/tmp/wqlint-test-XXXXXX";
static char source_path[64];

static struct wq_location at(const char *file, unsigned int line,
			     unsigned int column_bytes)
{
	return (struct wq_location) {
		.file = file, .line = line, .column_bytes = column_bytes,
	};
}

/* One warning with all that a finding can have, and one error. */
static struct wq_findings *example(void)
{
	struct wq_findings *findings = wq_findings_new();
	struct wq_sources *sources;
	struct wq_finding *finding;

	finding = wq_findings_add(findings, &rule_destroy, at("a.c", 4, 11),
				  "destroys %s", "system_wq");
	finding->module = "m";
	finding = wq_findings_add(findings, &rule_flush, at("a.c", 3, 2),
				  "waits for %s", "system_wq");
	finding->function = "f";
	finding->module = "m";
	finding->queue = "system_wq";
	wq_finding_relate(findings, finding, at("a.c", 1, 6), "f",
			  "in %s()", "f");
	wq_finding_relate(findings, finding, at("a.c", 3, 2), "f", "here");
	finding->suggestion.step = 0;
	finding->suggestion.text = "flush the work item";
	wq_finding_edit(findings, finding, at("a.c", 3, 2),
			"flush_scheduled_work()", "flush_work(&w)");
	wq_findings_sort(findings);
	sources = wq_sources_new();
	wq_findings_fingerprint(findings, sources, directory);
	wq_sources_free(sources);
	return findings;
}

/* What @name prints of the example with @options; the caller frees it. */
static char *print_example(const char *name, struct wq_report_options options)
{
	struct wq_findings *findings = example();
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	options.directory = directory;
	assert_non_null(wq_report_find(name));
	assert_int_equal(wq_report_find(name)->print(out, findings, &options),
			 0);
	fclose(out);
	wq_findings_free(findings);
	return text;
}

static void expect_print(const char *name, struct wq_report_options options,
			 const char *expected)
{
	char *text = print_example(name, options);

	assert_string_equal(text, expected);
	free(text);
}

static void test_gcc(void **state)
{
	(void)state;
	expect_print("gcc", (struct wq_report_options) { .summary = true },
		"a.c: In function 'f' of module 'm':\n"
		"a.c:3:9: warning: waits for system_wq "
		"[wqlint:flush-system-wq]\n"
		"a.c:1:6: note: in f()\n"
		"a.c:3:9: note: flush the work item\n"
		"a.c: In module 'm':\n"
		"a.c:4:17: error: destroys system_wq "
		"[wqlint:destroy-system-wq]\n");
}

static void test_text(void **state)
{
	(void)state;
	expect_print("text", (struct wq_report_options) { .summary = true },
		"a.c: In function 'f' of module 'm':\n"
		"a.c:3:2: warning: waits for system_wq [flush-system-wq]\n"
		"    3 |         flush_scheduled_work();\n"
		"      |         ^~~~~~~~~~~~~~~~~~~~\n"
		"a.c:1:6: note: in f()\n"
		"    1 | void f(void)\n"
		"      |      ^\n"
		"a.c:3:2: note: flush the work item\n"
		"    - |         flush_scheduled_work();\n"
		"    + |         flush_work(&w);\n"
		"a.c: In module 'm':\n"
		"a.c:4:11: error: destroys system_wq [destroy-system-wq]\n"
		"    4 |         /* \xc3\xa4 */ destroy_workqueue(system_wq);\n"
		"      |                 ^~~~~~~~~~~~~~~~~\n"
		"wqlint: 1 error, 1 warning in 1 module\n");
}

static void test_text_options(void **state)
{
	(void)state;
	expect_print("text",
		(struct wq_report_options) { .terse = true,
					     .show_types = true },
		"a.c:3:2: warning: waits for system_wq [FLUSH_SYSTEM_WQ]\n"
		"a.c:4:11: error: destroys system_wq [DESTROY_SYSTEM_WQ]\n");
	expect_print("text",
		(struct wq_report_options) { .terse = true, .color = true },
		"\033[1ma.c:3:2:\033[m \033[1;35mwarning:\033[m waits for "
		"system_wq [flush-system-wq]\n"
		"\033[1ma.c:4:11:\033[m \033[1;31merror:\033[m destroys "
		"system_wq [destroy-system-wq]\n");
}

static void test_checkpatch(void **state)
{
	(void)state;
	expect_print("checkpatch",
		(struct wq_report_options) { .summary = true, .nr_files = 1 },
		"WARNING: waits for system_wq\n"
		"#3: FILE: a.c:3:\n"
		"+\tflush_scheduled_work();\n"
		"NOTE: a.c:1: in f()\n"
		"NOTE: a.c:3: flush the work item\n"
		"NOTE: in module m\n"
		"\n"
		"ERROR: destroys system_wq\n"
		"#4: FILE: a.c:4:\n"
		"+\t/* \xc3\xa4 */ destroy_workqueue(system_wq);\n"
		"NOTE: in module m\n"
		"\n"
		"total: 1 errors, 1 warnings, 0 checks, 1 files checked\n");
}

static void test_checkpatch_options(void **state)
{
	char *text;

	(void)state;
	expect_print("checkpatch",
		(struct wq_report_options) { .terse = true,
					     .show_types = true },
		"a.c:3: WARNING:FLUSH_SYSTEM_WQ: waits for system_wq\n"
		"a.c:4: ERROR:DESTROY_SYSTEM_WQ: destroys system_wq\n");
	expect_print("checkpatch",
		(struct wq_report_options) { .terse = true, .color = true },
		"\033[33ma.c:3: WARNING:\033[0m waits for system_wq\n"
		"\033[31ma.c:4: ERROR:\033[0m destroys system_wq\n");
	text = print_example("checkpatch",
		(struct wq_report_options) { .emacs = true });
	assert_non_null(strstr(text, "a.c:3: WARNING: waits for system_wq\n"
			       "#3: FILE: a.c:3:\n+\tflush_sched"));
	free(text);
}

static void test_json(void **state)
{
	char *text = print_example("json", (struct wq_report_options) { 0 });
	char *first = text, *second = strchr(text, '\n');

	(void)state;
	assert_non_null(second);
	*second++ = '\0';
	assert_string_equal(first,
		"{\"rule\":\"flush-system-wq\",\"level\":\"warning\","
		"\"file\":\"a.c\",\"line\":3,\"column\":2,"
		"\"function\":\"f\",\"module\":\"m\","
		"\"message\":\"waits for system_wq\","
		"\"queue\":\"system_wq\",\"work\":null,"
		"\"related\":[{\"file\":\"a.c\",\"line\":1,\"column\":6,"
		"\"message\":\"in f()\"},"
		"{\"file\":\"a.c\",\"line\":3,\"column\":2,"
		"\"message\":\"here\"}],"
		"\"suggestion\":{\"step\":0,\"text\":\"flush the work item\","
		"\"edits\":[{\"file\":\"a.c\",\"line\":3,\"column\":2,"
		"\"old\":\"flush_scheduled_work()\","
		"\"new\":\"flush_work(&w)\"}]},"
		"\"suppressed\":false,\"fingerprint\":\"62bf0f6f1165d6dc\"}");
	assert_non_null(strstr(second, "\"level\":\"error\""));
	assert_non_null(strstr(second, "\"suggestion\":null"));
	assert_non_null(strstr(second, "\"function\":null"));
	assert_string_equal(strchr(second, '\n'), "\n");
	free(text);
}

/* A file name need not be UTF-8, JSON must be. */
static void test_json_not_utf8(void **state)
{
	struct wq_findings *findings = wq_findings_new();
	struct wq_report_options options = { 0 };
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	(void)state;
	wq_findings_add(findings, &rule_flush, at("\xe4.c", 1, 1), "x");
	assert_int_equal(wq_report_json.print(out, findings, &options), 0);
	fclose(out);
	assert_non_null(strstr(text, "\"file\":\"?.c\""));
	free(text);
	wq_findings_free(findings);
}

static void test_unknown_place(void **state)
{
	struct wq_findings *findings = wq_findings_new();
	struct wq_report_options options = { .directory = directory };
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	(void)state;
	wq_findings_add(findings, &rule_check, at(NULL, 0, 0), "nowhere");
	wq_findings_add(findings, &rule_check, at("gone.c", 7, 3), "gone");
	wq_findings_add(findings, &rule_check, at("a.c", 2, 99), "outside");
	assert_int_equal(wq_report_text.print(out, findings, &options), 0);
	fclose(out);
	assert_string_equal(text,
		"<unknown>: check: nowhere [a-check]\n"
		"gone.c:7:3: check: gone [a-check]\n"
		"a.c:2:99: check: outside [a-check]\n"
		"    2 | {\n");
	free(text);
	wq_findings_free(findings);
}

static void test_nothing_found(void **state)
{
	static const struct {
		const char *name, *text;
	} expected[] = {
		{ "text", "wqlint: no findings\n" },
		{ "checkpatch", "total: 0 errors, 0 warnings, 0 checks\n" },
		{ "gcc", "" }, { "json", "" },
	};
	const struct wq_report_options options = { .summary = true };
	struct wq_findings *findings = wq_findings_new();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		char *text = NULL;
		size_t bytes;
		FILE *out = open_memstream(&text, &bytes);

		wq_report_find(expected[i].name)->print(out, findings,
							&options);
		fclose(out);
		assert_string_equal(text, expected[i].text);
		free(text);
	}
	wq_findings_free(findings);
}

/* Source text must not reach the terminal's controls. */
static void test_control_characters(void **state)
{
	struct wq_findings *findings = wq_findings_new();
	struct wq_report_options options = { .directory = directory };
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	(void)state;
	wq_findings_add(findings, &rule_check, at("a.c", 5, 2), "x");
	wq_report_text.print(out, findings, &options);
	fclose(out);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "int esc = '?';\n"));
	free(text);
	wq_findings_free(findings);
}

static void test_output_error(void **state)
{
	const struct wq_report *const *report;
	struct wq_report_options options = { .summary = true };

	(void)state;
	for (report = wq_reports; *report; report++) {
		struct wq_findings *findings = example();
		FILE *full = fopen("/dev/full", "w");

		assert_non_null(full);
		assert_int_equal((*report)->print(full, findings, &options),
				 -ENOSPC);
		fclose(full);
		wq_findings_free(findings);
	}
}

/* GitHub refuses a log with more results, and shows fewer places. */
static void test_sarif_limits(void **state)
{
	struct wq_findings *findings = wq_findings_new();
	struct wq_report_options options = { .directory = directory };
	struct wq_finding *finding = NULL;
	char *text = NULL, *found;
	unsigned int i, nr_results = 0;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	(void)state;
	for (i = 0; i < 25003; i++)
		finding = wq_findings_add(findings, &rule_check,
					  at("b.c", i + 1, 1), "x {0}");
	for (i = 0, finding = findings->list[0]; i < 101; i++)
		wq_finding_relate(findings, finding, at("b.c", i + 1, 2), NULL,
				  "r");
	assert_int_equal(wq_report_sarif.print(out, findings, &options), 0);
	fclose(out);
	for (found = text; (found = strstr(found, "\"ruleId\"")); found++)
		nr_results++;
	assert_int_equal(nr_results, 25000);
	assert_non_null(strstr(text, "\"3 findings were left out"));
	assert_non_null(strstr(text, "\"id\": 99"));
	assert_null(strstr(text, "\"id\": 100"));
	/* Braces would be a placeholder. */
	assert_non_null(strstr(text, "\"x {{0}}\""));
	free(text);
	wq_findings_free(findings);
}

static void test_find(void **state)
{
	(void)state;
	assert_ptr_equal(wq_report_find("json"), &wq_report_json);
	assert_null(wq_report_find("JSON"));
	assert_null(wq_report_find(""));
}

static void test_sort(void **state)
{
	struct wq_findings *findings = wq_findings_new();

	(void)state;
	wq_findings_add(findings, &rule_flush, at("b.c", 1, 1), "5");
	wq_findings_add(findings, &rule_flush, at("a.c", 10, 1), "4");
	wq_findings_add(findings, &rule_flush, at("a.c", 9, 2), "3");
	wq_findings_add(findings, &rule_destroy, at("a.c", 9, 2), "2");
	wq_findings_add(findings, &rule_flush, at("a.c", 9, 1), "1");
	wq_findings_add(findings, &rule_flush, at("a.c", 9, 1), "again");
	wq_findings_add(findings, &rule_flush, at(NULL, 0, 0), "0");
	wq_findings_sort(findings);
	assert_int_equal(findings->count, 6);
	for (unsigned int i = 0; i < findings->count; i++)
		assert_int_equal(findings->list[i]->message[0], '0' + (int)i);
	wq_findings_free(findings);
	findings = wq_findings_new();
	wq_findings_sort(findings);
	assert_int_equal(findings->count, 0);
	wq_findings_free(findings);
}

/* What is moved does not need where it came from. */
static void test_merge(void **state)
{
	struct wq_findings *into = wq_findings_new(), *from = example();
	struct wq_finding *moved;

	(void)state;
	wq_findings_add(into, &rule_flush, at("a.c", 3, 2), "first");
	wq_findings_merge(into, from);
	assert_int_equal(from->count, 0);
	wq_findings_free(from);
	assert_int_equal(into->count, 3);
	moved = into->list[1];
	assert_string_equal(moved->message, "waits for system_wq");
	assert_int_equal(moved->nr_related, 2);
	assert_string_equal(moved->related[0].message, "in f()");
	assert_int_equal(moved->suggestion.nr_edits, 1);
	assert_string_equal(moved->suggestion.edits[0].new_text,
			    "flush_work(&w)");
	wq_findings_sort(into);
	assert_int_equal(into->count, 2);
	assert_string_equal(into->list[0]->message, "first");
	wq_findings_free(into);
}

/* Findings at the flush of a source whose text is @text, and their prints. */
static struct wq_findings *printed(const char *text, unsigned int line,
				   unsigned int count, const char *message)
{
	struct wq_findings *findings = wq_findings_new();
	struct wq_sources *sources = wq_sources_new();
	char path[64];
	FILE *file;
	unsigned int i;

	snprintf(path, sizeof(path), "%s/p.c", directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	for (i = 0; i < count; i++)
		wq_findings_add(findings, &rule_flush, at("p.c", line, i + 1),
				"%s", message)->function = "f";
	wq_findings_fingerprint(findings, sources, directory);
	wq_sources_free(sources);
	unlink(path);
	return findings;
}

static void test_fingerprint(void **state)
{
	struct wq_findings *first = printed("x\n\tflush(wq);\n", 2, 2, "a");
	/* Lines move, indentation and words change. */
	struct wq_findings *moved = printed("x\n\n\n  flush( wq );", 4, 2, "b");
	struct wq_findings *other = printed("x\n\tflush(wr);\n", 2, 1, "a");
	struct wq_findings *gone = printed("", 9, 1, "a");

	(void)state;
	assert_int_equal(strlen(first->list[0]->fingerprint), 16);
	assert_string_not_equal(first->list[0]->fingerprint,
				first->list[1]->fingerprint);
	assert_string_equal(first->list[0]->fingerprint,
			    moved->list[0]->fingerprint);
	assert_string_equal(first->list[1]->fingerprint,
			    moved->list[1]->fingerprint);
	assert_string_not_equal(first->list[0]->fingerprint,
				other->list[0]->fingerprint);
	assert_string_not_equal(first->list[0]->fingerprint,
				gone->list[0]->fingerprint);
	wq_findings_free(first);
	wq_findings_free(moved);
	wq_findings_free(other);
	wq_findings_free(gone);
}

static void test_drop_silenced(void **state)
{
	struct wq_findings *findings = example();

	(void)state;
	findings->list[0]->silence = WQ_SILENCED_BY_COMMENT;
	assert_int_equal(wq_findings_drop_silenced(findings), 1);
	assert_int_equal(findings->count, 1);
	assert_ptr_equal(findings->list[0]->rule, &rule_destroy);
	assert_int_equal(wq_findings_drop_silenced(findings), 0);
	wq_findings_free(findings);
}

static void test_source_line(void **state)
{
	struct wq_sources *sources = wq_sources_new();

	(void)state;
	assert_string_equal(wq_source_line(sources, directory, "a.c", 1),
			    "void f(void)");
	assert_string_equal(wq_source_line(sources, NULL, source_path, 6),
			    "}");
	assert_string_equal(wq_source_line(sources, "/nonexistent",
					   source_path, 2), "{");
	/* The carriage return is part of the line's end. */
	assert_null(strchr(wq_source_line(sources, directory, "a.c", 4),
			   '\r'));
	assert_null(wq_source_line(sources, directory, "a.c", 0));
	assert_null(wq_source_line(sources, directory, "a.c", 7));
	assert_null(wq_source_line(sources, directory, "b.c", 1));
	assert_null(wq_source_line(sources, directory, "fifo", 1));
	assert_null(wq_source_line(sources, directory, ".", 1));
	assert_null(wq_source_line(sources, directory, NULL, 1));
	wq_sources_free(sources);
	wq_sources_free(NULL);
}

static void test_source_is(void **state)
{
	struct wq_sources *sources = wq_sources_new();

	(void)state;
	assert_true(wq_source_is(sources, directory, at("a.c", 3, 2),
				 "flush_scheduled_work"));
	assert_true(wq_source_is(sources, directory, at("a.c", 3, 2),
				 "flush_scheduled_work();"));
	/* Part of a name is another name. */
	assert_false(wq_source_is(sources, directory, at("a.c", 3, 2),
				  "flush_scheduled"));
	assert_false(wq_source_is(sources, directory, at("a.c", 3, 8),
				  "scheduled_work"));
	assert_false(wq_source_is(sources, directory, at("a.c", 3, 0),
				  "flush_scheduled_work"));
	assert_false(wq_source_is(sources, directory, at("a.c", 3, 99),
				  "x"));
	assert_false(wq_source_is(sources, directory, at("b.c", 3, 2),
				  "flush_scheduled_work"));
	wq_sources_free(sources);
}

static int make_source(void **state)
{
	char path[64];
	FILE *file;

	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(source_path, sizeof(source_path), "%s/a.c", directory);
	snprintf(path, sizeof(path), "%s/fifo", directory);
	file = fopen(source_path, "w");
	if (!file || mkfifo(path, 0600))
		return -1;
	fputs(source_text, file);
	return fclose(file);
}

static int remove_source(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/fifo", directory);
	unlink(path);
	unlink(source_path);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gcc),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_options),
		cmocka_unit_test(test_checkpatch),
		cmocka_unit_test(test_checkpatch_options),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_not_utf8),
		cmocka_unit_test(test_unknown_place),
		cmocka_unit_test(test_nothing_found),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_output_error),
		cmocka_unit_test(test_sarif_limits),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_fingerprint),
		cmocka_unit_test(test_drop_silenced),
		cmocka_unit_test(test_source_line),
		cmocka_unit_test(test_source_is),
	};

	return cmocka_run_group_tests(tests, make_source, remove_source);
}
