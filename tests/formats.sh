#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The formats for other tools, against what those tools ask for: SARIF against
# its schema. Environment:
#	WQLINT_SARIF_SCHEMA	the schema; without it, the one that an npm
#				package ships, kept in the user's cache

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

command -v jq >/dev/null || skip_all "no jq"

schema_package=@microsoft/jest-sarif@1.0.0-beta.0
schema_name=sarif-2.1.0-rtm.5.json
schema_sum=2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8

is_schema() {
	[ -f "$1" ] && [ "$(sha256sum <"$1")" = "$schema_sum  -" ]
}

# Sets "schema", or "no_schema" to why there is none.
find_schema() {
	local cached=$kernel_cache/$schema_name

	no_schema=
	schema=${WQLINT_SARIF_SCHEMA:-$cached}
	[ -z "${WQLINT_SARIF_SCHEMA-}" ] || return
	is_schema "$cached" && return
	no_schema="no npm to get the schema with"
	command -v npm >/dev/null || return
	no_schema="npm does not get $schema_package"
	mkdir -p "$kernel_cache" "$tmp/npm" || return
	(cd "$tmp/npm" && timeout 120 npm pack "$schema_package" &&
		tar -xzf ./*.tgz) >/dev/null 2>&1 </dev/null || return
	no_schema="the schema of $schema_package is not the one that is expected"
	is_schema "$tmp/npm/package/lib/schemas/$schema_name" || return
	cp "$tmp/npm/package/lib/schemas/$schema_name" "$cached.$$" &&
		mv "$cached.$$" "$cached" && no_schema=
}

# The interpreter that has the validator: the first python3 need not.
find_validator() {
	for python in python3 /usr/bin/python3; do
		"$python" -c 'import jsonschema' 2>/dev/null && return
	done
	no_schema="no python3-jsonschema"
}

# expect_valid FILE: the schema accepts it.
expect_valid() {
	"$python" - "$schema" "$1" <<-'END' || problem "$1 is not valid"
	import json, sys, jsonschema
	schema, log = (json.load(open(name)) for name in sys.argv[1:])
	errors = list(jsonschema.Draft4Validator(schema).iter_errors(log))
	for error in errors[:10]:
	    print("/".join(map(str, error.absolute_path)), error.message[:200])
	sys.exit(bool(errors))
	END
}

# ---- what is linted: a module of two files, one below a directory ----

mkdir -p "$tmp/tree/sub dir"
cat >"$tmp/tree/main.c" <<'END'
#include "shared.h"

struct workqueue_struct *shared_queue;

void start(void)
{
	shared_queue = system_long_wq;
}

/* <script>alert("&amp;")</script> */
void stop(struct thing *thing)
{
	/* é and 𐐀: */ flush_workqueue(shared_queue);
	flush_scheduled_work();	/* wqlint: ignore flush-system-wq -- "quoted" & <b>bold</b> */
	schedule_work(&thing->work); if (thing->a < 1 && "</pre>") destroy_workqueue(system_wq);
}
END
cat >"$tmp/tree/shared.h" <<'END'
#include <linux/workqueue.h>

struct thing {
	struct work_struct work;
	int a;
};

extern struct workqueue_struct *shared_queue;
END
cat >"$tmp/tree/sub dir/100%.c" <<'END'
#include "../shared.h"

void other(void)
{
	flush_workqueue(shared_queue);
}
END

# entry FILE: how it is compiled
entry() {
	printf '%s\n' "$TARGET_GCC" -O2 "${kernel_flags[@]}" -c "$1" |
		sed 's/KBUILD_MODNAME="m"/KBUILD_MODNAME="tree"/; s/KBUILD_MODFILE="m"/KBUILD_MODFILE="drv\/tree"/' |
		jq -R -s --arg directory "$tmp/tree" --arg file "$1" \
			'{$directory, $file, arguments: split("\n")[:-1]}'
}
{ entry main.c; entry "sub dir/100%.c"; } | jq -s . >"$tmp/tree/compile_commands.json"

# report FORMAT [ARG...]: into $tmp/FORMAT
report() {
	"$WQLINT" run -p "$tmp/tree" --format="$1" "${@:2}" >"$tmp/$1" 2>"$tmp/err"
	expect_equal "$?" 1 "exit status"
	expect_equal "$(cat "$tmp/err")" "" "stderr"
}

# query FORMAT FILTER WANTED
query() {
	expect_equal "$(jq -c "$2" "$tmp/$1")" "$3" "$2"
}

# ---- SARIF ----

sarif_valid() {
	report sarif --strict
	expect_valid "$tmp/sarif"
	report sarif --types=mixed-queues,flush-system-wq,destroy-system-wq
	expect_valid "$tmp/sarif"
	"$WQLINT" run -p "$tmp/tree" --format=sarif --types=idle-queue >"$tmp/none"
	expect_equal "$(jq -c '.runs[0].results' "$tmp/none")" "[]" "results"
	expect_valid "$tmp/none"
	# the validator does not let everything pass
	jq '.runs[0].results[0].level = "fatal"' "$tmp/sarif" >"$tmp/wrong"
	(nr_problems=0; expect_valid "$tmp/wrong"; [ "$nr_problems" -eq 1 ]) >/dev/null ||
		problem "a wrong level is accepted"
}

sarif_rules() {
	report sarif
	query sarif '.runs | length' 1
	query sarif '[.runs[0] as $run | $run.results[] | $run.tool.driver.rules[.ruleIndex].id == .ruleId] | all' true
	query sarif '[.runs[0].tool.driver.rules[] | (.help.text | length) > 200 and
		(.help.markdown | contains("```c")) and (.fullDescription.text | length) <= 1024 and
		(.defaultConfiguration.level | IN("note", "warning", "error"))] | all' true
	expect_equal "$(jq '.runs[0].tool.driver.rules | length' "$tmp/sarif")" \
		"$("$WQLINT" rules | wc -l)" "number of rules"
}

# Only names below the top, so that GitHub finds them in its own checkout.
sarif_places() {
	report sarif
	query sarif '[.. | .uri? // empty] | unique' '["main.c","sub%20dir/100%25.c"]'
	query sarif '[.. | .uriBaseId? // empty] | unique' '["%SRCROOT%"]'
	expect_no_text "$tmp/sarif" "$tmp"
	# in UTF-16 units: é is one, 𐐀 is two
	query sarif '.runs[0].results[] | select(.locations[0].physicalLocation.region.startLine == 13) |
		.locations[0].physicalLocation.region | [.startColumn, .endColumn]' '[18,33]'
	query sarif '[.runs[0].results[0].locations[0].logicalLocations[] | [.kind, .name]]' \
		'[["function","stop"],["module","drv/tree"]]'
}

# A flow ends where the finding is.
sarif_flow() {
	report sarif
	query sarif '[.runs[0].results[] | select(.codeFlows) | .codeFlows[0].threadFlows[0].locations |
		[(.[0], .[-1]).location.physicalLocation | [.artifactLocation.uri, .region.startLine]]]' \
		'[[["main.c",7],["main.c",13]],[["main.c",7],["sub%20dir/100%25.c",5]]]'
	query sarif '[.runs[0].results[].codeFlows[]?.threadFlows[].locations[].location.message.text |
		length > 0] | all' true
}

sarif_suppressions() {
	report sarif
	query sarif '[.runs[0].results[] | has("suppressions")] | all' true
	query sarif '[.runs[0].results[] | select(.suppressions != []) |
		[.locations[0].physicalLocation.region.startLine, .suppressions]]' \
		'[[14,[{"kind":"inSource","status":"accepted","justification":"\"quoted\" & <b>bold</b>"}]]]'
}

# What the fix says gives the line that the text format shows. In a distribution
# that is unpacked in a git tree, names begin further up.
sarif_fix() {
	"$srcdir/testsuite-c/sample/make-compdb" "$TARGET_GCC" "$tmp" >"$tmp/compile_commands.json"
	"$WQLINT" run -p "$tmp" --format=sarif --types=unflushed-work >"$tmp/sarif"
	query sarif '[.runs[0].results[].fixes[].artifactChanges[] |
		[(.artifactLocation.uri | sub("^.*(?=testsuite-c/)"; "")),
		(.replacements[] | .deletedRegion.startLine, .deletedRegion.startColumn,
		 .deletedRegion.endColumn, .insertedContent.text)]]' \
		'[["testsuite-c/sample/device.c",27,2,16,"queue_work(sample->wq, "]]'
}

# ---- the others ----

rdjson() {
	report rdjson
	query rdjson '.source.name' '"wqlint"'
	query rdjson '[.diagnostics[] | keys - ["message", "location", "severity", "source", "code",
		"suggestions", "originalOutput", "relatedLocations"]] | add' '[]'
	query rdjson '[.diagnostics[] | (.severity | IN("ERROR", "WARNING", "INFO")) and
		(.message | length > 0) and .location.range.start.line > 0 and
		(.location.range | .start.line == .end.line and .start.column < .end.column)] | all' true
	query rdjson '[.diagnostics[] | [.code.value, .location.path, .location.range.start.line]]' \
		'[["flush-system-wq","main.c",13],["destroy-system-wq","main.c",15],["flush-system-wq","sub dir/100%.c",5]]'
	# bytes, and the end is exclusive
	query rdjson '.diagnostics[0].location.range | [.start.column, .end.column]' '[21,36]'
	query rdjson '.diagnostics[0].relatedLocations[0].location | [.path, .range.start.line]' '["main.c",7]'
	query rdjson '[.diagnostics[].message | contains("drv/tree")] | all' true
}

gitlab() {
	report gitlab
	query gitlab 'type' '"array"'
	query gitlab '[.[] | [.check_name, .severity, .location.path, .location.lines.begin]]' \
		'[["flush-system-wq","major","main.c",13],["destroy-system-wq","critical","main.c",15],["flush-system-wq","major","sub dir/100%.c",5]]'
	query gitlab '[.[] | (.description | length > 0) and (.location.path | startswith("/") | not) and
		(.severity | IN("info", "minor", "major", "critical", "blocker"))] | all' true
	query gitlab '[.[].fingerprint] | (unique | length) == length' true
	query gitlab '.[0].content.body | contains("main.c:7") and contains("drv/tree")' true
	"$WQLINT" run -p "$tmp/tree" --format=gitlab --types=idle-queue >"$tmp/gitlab"
	query gitlab . '[]'
}

# Elements that are closed, no script, and what is in the source is text.
html() {
	report html
	python3 - "$tmp/html" <<-'END' || problem "the page is not well formed"
	import html.parser, sys
	void = {"meta"}
	implied = {"tr", "td", "th"}
	class Page(html.parser.HTMLParser):
	    open, ids, links, text = [], set(), set(), ""
	    def handle_starttag(self, tag, attributes):
	        attributes = dict(attributes)
	        assert tag not in ("script", "link", "img", "iframe", "b"), tag
	        assert not any(name.startswith("on") for name in attributes), attributes
	        if "id" in attributes:
	            self.ids.add(attributes["id"])
	        if "href" in attributes:
	            self.links.add(attributes["href"])
	        if tag not in void | implied:
	            self.open.append(tag)
	    def handle_endtag(self, tag):
	        if tag == "li" or tag in implied:
	            return
	        while self.open[-1] == "li" and tag == "ol":
	            self.open.pop()
	        assert self.open.pop() == tag, (tag, self.getpos())
	    def handle_data(self, data):
	        self.text += data
	page = Page()
	page.feed(open(sys.argv[1], encoding="utf-8").read())
	page.close()
	assert page.open == [], page.open
	assert page.links and all(link[1:] in page.ids for link in page.links), page.links - page.ids
	for words in ('"quoted" & <b>bold</b>', '"</pre>"', "drv/tree", "sub dir/100%.c:5:2", "1 that is silenced"):
	    assert words in page.text, words
	END
}

# The same bytes whoever asks from wherever.
stable() {
	local format

	for format in sarif rdjson gitlab html json text checkpatch gcc; do
		report "$format"
		cp "$tmp/$format" "$tmp/first"
		cd "$tmp/tree/sub dir" || return
		report "$format" -j 2
		expect cmp "$tmp/first" "$tmp/$format"
		cd "$tmp" || return
	done
}

# kernel DIR: what looks like the top of a kernel, with the module in drv/.
kernel() {
	mkdir -p "$1/drv/obj"
	touch "$1/MAINTAINERS" "$1/Kbuild"
	cp "$tmp/tree/main.c" "$tmp/tree/shared.h" "$1/drv"
}

# file WANTED DIRECTORY SOURCE [ARG...]: how SOURCE is called that is compiled
# in DIRECTORY.
file() {
	local database=$2/compile_commands.json

	entry "$3" | jq --arg directory "$2" '.directory = $directory | [.]' >"$database"
	"$WQLINT" run -p "$database" --format=json "${@:4}" >"$tmp/json" 2>"$tmp/err"
	expect_equal "$(jq -s -r '[.[].file] | unique | join(" ")' "$tmp/json")" "$1" "file"
}

# Wherever objects are, a name begins at the top of the tree.
top() {
	kernel "$tmp/a kernel"
	mkdir -p "$tmp/objects" "$tmp/checkout/src"
	file drv/main.c "$tmp/a kernel" drv/main.c
	file drv/main.c "$tmp/a kernel/drv/obj" ../main.c
	file drv/main.c "$tmp/objects" "../a kernel/drv/main.c"
	file drv/main.c "$tmp/objects" "$tmp/a kernel/drv/main.c"
	cd "$tmp/a kernel/drv" || return
	file drv/main.c "$tmp/a kernel" drv/main.c
	# a module of its own, in a checkout
	cp "$tmp/tree/main.c" "$tmp/tree/shared.h" "$tmp/checkout/src"
	file "$tmp/checkout/src/main.c" "$tmp/objects" "$tmp/checkout/src/main.c"
	mkdir "$tmp/checkout/.git"
	file src/main.c "$tmp/objects" "$tmp/checkout/src/main.c"
	file main.c "$tmp/objects" "$tmp/checkout/src/main.c" --root="$tmp/checkout/src"
	"$WQLINT" run --root=/nonexistent >"$tmp/out" 2>"$tmp/err"
	expect_equal "$?" 2 "exit status"
	expect_text "$tmp/err" '^wqlint: --root=/nonexistent: No such file' 1
}

# Facts, too; and a build's own messages are as the compiler's.
top_of_facts() {
	kernel "$tmp/a kernel"
	mkdir -p "$tmp/facts"
	cd "$tmp/a kernel/drv" || return
	lint @facts="$tmp/facts" -S -o /dev/null main.c
	"$WQLINT" check --format=json "$tmp/facts" >"$tmp/json"
	expect_equal "$(jq -s -r '[.[].file] | unique | join(" ")' "$tmp/json")" drv/main.c "file"
	"$WQLINT" cc --format=json -- "$TARGET_GCC" "${kernel_flags[@]}" -c main.c >"$tmp/json"
	expect_equal "$(jq -s -r '[.[].file] | unique | join(" ")' "$tmp/json")" drv/main.c "file"
	"$WQLINT" cc --format=gcc -- "$TARGET_GCC" "${kernel_flags[@]}" -c main.c >"$tmp/out"
	expect_text "$tmp/out" '^main\.c:13:'
}

# Each says of what module it speaks, and which places explain it.
module_and_places() {
	local format

	for format in sarif rdjson gitlab html json text checkpatch gcc; do
		report "$format"
		expect_text "$tmp/$format" 'drv/tree'
		expect_text "$tmp/$format" 'shared_queue|system_long_wq'
	done
}

cannot_write() {
	local format

	for format in sarif rdjson gitlab html; do
		"$WQLINT" run -p "$tmp/tree" --format="$format" >/dev/full 2>"$tmp/err"
		expect_equal "$?" 2 "exit status of $format"
		expect_text "$tmp/err" 'cannot write the report: No space left' 1
	done
}

find_schema
[ -n "$no_schema" ] || find_validator
if [ -z "$no_schema" ]; then
	test_that "SARIF: the schema" sarif_valid
else
	skip_test "SARIF: the schema" "$no_schema"
fi
test_that "SARIF: rules" sarif_rules
test_that "SARIF: places" sarif_places
test_that "SARIF: flows" sarif_flow
test_that "SARIF: suppressions" sarif_suppressions
test_that "SARIF: fixes" sarif_fix
test_that "rdjson" rdjson
test_that "gitlab" gitlab
test_that "html" html
test_that "the same from everywhere" stable
test_that "names begin at the top of the tree" top
test_that "facts, and compile commands" top_of_facts
test_that "modules and places" module_and_places
test_that "a full disk" cannot_write
tap_end
