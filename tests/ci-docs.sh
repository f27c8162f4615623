#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs what doc/ci.md shows, in a small tree that is made and configured as a
# kernel is. Of a service's jobs each "run" step is run by bash; of its actions
# it is done here what they would do to the files. All has to be run: a
# block that no test here knows is a failure.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

for program in git jq python3 make; do
	command -v $program >/dev/null || skip_all "no $program"
done
python3 -c 'import yaml' 2>/dev/null || skip_all "no python3-yaml"

export HOME=$tmp/home TMPDIR=$tmp/temporary GIT_CONFIG_NOSYSTEM=1
unset XDG_CACHE_HOME GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
mkdir -p "$HOME" "$TMPDIR" "$tmp/bin" "$tmp/blocks"
ln -s "$WQLINT" "$tmp/bin/wqlint"
PATH=$tmp/bin:$PATH
git config --global user.name "A. Tester"
git config --global user.email tester@example.org
git config --global init.defaultBranch main

# ---- the blocks of the document ----

# Each becomes a file that is named after its number; its first line says what
# it is, "# NAME".
awk -v directory="$tmp/blocks" '
	/^```(yaml|sh)$/ { file = directory "/" ++count; next }
	/^```$/ { if (file) close(file); file = ""; next }
	file { print >file }' "$srcdir/doc/ci.md"

# block NAME: the file with that block, which counts as run
block() {
	local file

	file=$(grep -lxF "# $1" "$tmp"/blocks/* | head -n 1)
	[ -n "$file" ] || problem "doc/ci.md has no block '# $1'"
	touch "$file.run"
	echo "$file"
}

# json FILE: a YAML file; what stands there is text, whatever it looks like
json() {
	python3 -c 'import json, sys, yaml
json.dump(yaml.load(open(sys.argv[1]), yaml.BaseLoader), sys.stdout)' "$1"
}

# ---- the tree ----

makefile() {
	cat <<-'END'
	VERSION = 6
	.RECIPEPREFIX = >
	CC = gcc
	objects := $(patsubst %.c,%.o,$(wildcard drivers/*/*/*.c))
	parts := $(sort $(foreach object,$(objects),$(word 2,$(subst /, ,$(object)))))
	module = $(lastword $(subst /, ,$(@D)))
	all vmlinux modules: $(objects)
	allmodconfig:
	>echo '# Linux/x86 6.1.0 Kernel Configuration' >.config
	>echo "CONFIG_CC_VERSION_TEXT=\"$$($(CC) --version | head -n 1)\"" >>.config
	olddefconfig prepare modules_prepare:
	>mkdir -p include/config include/generated
	>touch include/config/auto.conf include/config/auto.conf.cmd include/generated/autoconf.h include/generated/utsrelease.h
	define part_rule
	drivers/$(1)/: $(filter drivers/$(1)/%,$(objects))
	.PHONY: drivers/$(1)/
	endef
	$(foreach part,$(parts),$(eval $(call part_rule,$(part))))
	%.o: %.c FORCE
	>$(CC) -O2 -std=gnu11 -nostdinc -Iinclude -D__KERNEL__ -DMODULE -DKBUILD_BASENAME='"$(basename $(notdir $@))"' -DKBUILD_MODNAME='"$(module)"' -DKBUILD_MODFILE='"$(@D)/$(module)"' $(KCFLAGS) -c -o $@ $<
	FORCE:
	.PHONY: FORCE
	END
}

# The branch main has the two findings of the sample and one of a disk; topic
# has three commits more, of which the second brings one.
make_origin() {
	local tree=$tmp/origin

	mkdir -p "$tree"/drivers/{net/sample,scsi/disk} "$tree/scripts"
	cd "$tree" || return
	cp -r "$srcdir/testsuite-c/include" .
	cp "$srcdir"/testsuite-c/sample/*.[ch] drivers/net/sample/
	chmod -R u+w .
	makefile | sed "s/^CC = gcc/CC = $TARGET_GCC/" >Makefile
	: >Kconfig
	printf '#include <linux/workqueue.h>\nvoid disk_sync(void)\n{\n\tflush_scheduled_work();\n}\n' \
		>drivers/scsi/disk/disk.c
	touch MAINTAINERS Kbuild
	printf '%s\n' '*.o' .config include/config include/generated facts .cache >.gitignore
	git init -q . && git add . && git commit -q -m "base" || return
	git checkout -q -b topic
	echo '/* one */' >>drivers/scsi/disk/disk.c
	git commit -q -a -m "disk: one"
	sed -i '/cancel_work_sync(&sample->reset);/d' drivers/net/sample/device.c
	git commit -q -a -m "sample: two"
	echo '/* three */' >>drivers/scsi/disk/disk.c
	git commit -q -a -m "disk: three"
	git checkout -q main
}
# The line that is wrong then.
brought='drivers/net/sample/device.c:62'

# checkout DIRECTORY [BRANCH]
checkout() {
	rm -rf "$1" && git clone -q "$tmp/origin" "$1" &&
		git -C "$1" checkout -q --detach "origin/${2:-topic}" || problem "no checkout"
}

# in_shell DIRECTORY VARIABLE=VALUE... FILE: a script; sets "status". Services
# end it with the first command that fails: shell_options.
shell_options=
in_shell() {
	local directory=$1 variables=("${@:2:$#-2}") file=${*: -1}

	# shellcheck disable=SC2086 # several words
	(cd "$directory" && env -i PATH="$PATH" HOME="$HOME" TMPDIR="$TMPDIR" \
		WQLINT_PLUGIN="$WQLINT_PLUGIN" "${variables[@]}" \
		bash $shell_options "$file") >"$tmp/out" 2>"$tmp/err"
	status=$?
}

expect_shell() {
	[ "$status" -eq "$1" ] ||
		problem "exit status $status, not $1:" "$(cat "$tmp/out" "$tmp/err")"
}

# ---- GitHub ----

# expanded TEXT PART INDEX: with the values of expressions
expanded() {
	sed 's,\${{ matrix\.part }},'"$2"',g; s,\${{ strategy\.job-index }},'"$3"',g
		s,\${{ github\.base_ref }},main,g; s,\${{ github\.run_id }},7,g' <<<"$1"
}

# action USES WITH DIRECTORY: what it does to the files
action() {
	local path name

	path=$(jq -r '.path // empty' <<<"$2")
	name=$(jq -r '.name // .pattern // empty' <<<"$2")
	case $1 in
	actions/checkout@v4) checkout "$3" "$branch" ;;
	actions/cache@v4)
		# shellcheck disable=SC2088 # the service expands it
		expect [ "$path" = "~/.cache/wqlint" ] ;;
	actions/upload-artifact@v4)
		mkdir -p "$tmp/artifacts/$name" && cp "$3/$path"/* "$tmp/artifacts/$name/" ||
			problem "no artifact $name"
		nr_artifacts=$((nr_artifacts + 1)) ;;
	actions/download-artifact@v4)
		expect [ "$(jq -r '."merge-multiple"' <<<"$2")" = true ]
		# shellcheck disable=SC2086 # a pattern
		mkdir -p "$3/$path" && (cd "$tmp/artifacts" && cp $name/* "$3/$path/") ||
			problem "no artifacts $name" ;;
	github/codeql-action/upload-sarif@v3)
		expect cp "$3/$(jq -r .sarif_file <<<"$2")" "$tmp/uploaded.sarif" ;;
	*) problem "nobody knows what $1 does" ;;
	esac
}

# run_steps WORKFLOW JOB PART INDEX: until one fails; sets "status", and
# "failed" to the command that did
run_steps() {
	local directory=$tmp/job step text shell_options="-e -o pipefail"

	failed=
	while read -r step; do
		text=$(expanded "$step" "$3" "$4")
		! grep -F '${{' <<<"$text" || problem "an expression that nobody knows"
		if [ "$(jq 'has("uses")' <<<"$text")" = true ]; then
			action "$(jq -r .uses <<<"$text")" "$(jq -c .with <<<"$text")" "$directory"
			continue
		fi
		failed=$(jq -r .run <<<"$text")
		echo "$failed" >"$tmp/step"
		in_shell "$directory" "GITHUB_WORKSPACE=$directory" "$tmp/step"
		[ "$status" -eq 0 ] || return
		failed=
	done < <(jq -c ".jobs.\"$2\".steps[]" "$1")
}

# The paths and lines of what was uploaded.
uploaded() {
	jq -r '.runs[0].results[].locations[0].physicalLocation |
		.artifactLocation.uri + ":" + (.region.startLine | tostring)' "$tmp/uploaded.sarif"
}

pull_request() {
	json "$(block .github/workflows/wqlint.yml)" >"$tmp/workflow"
	expect_equal "$(jq -c .on "$tmp/workflow")" '["pull_request"]' "when it runs"
	branch=topic
	run_steps "$tmp/workflow" change "" 0
	expect_equal "$(uploaded)" "$brought" "what was uploaded"
	expect_shell 1
	expect_equal "$failed" "wqlint diff \"origin/main\"" "the step that fails"
	expect_text "$tmp/out" "^$brought:2: warning: .*-work\\]\$" 1
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	branch=topic~2
	run_steps "$tmp/workflow" change "" 0
	expect_shell 0
	expect_equal "$(uploaded)" "" "what was uploaded"
}

matrix() {
	local part index=0

	json "$(block .github/workflows/wqlint-tree.yml)" >"$tmp/workflow"
	branch=main nr_artifacts=0
	while read -r part; do
		run_steps "$tmp/workflow" facts "$part" $((index++))
		expect_shell 0
	done < <(jq -r '.jobs.facts.strategy.matrix.part[]' "$tmp/workflow")
	expect_equal "$nr_artifacts" "$index" "number of artifacts"
	expect_equal "$(jq -r .jobs.report.needs "$tmp/workflow")" facts "what the report needs"
	run_steps "$tmp/workflow" report "" 0
	expect_shell 0
	expect_equal "$(uploaded | sort | paste -sd ' ')" \
		"drivers/net/sample/device.c:27 drivers/net/sample/device.c:53 drivers/scsi/disk/disk.c:4" \
		"what was uploaded"
}

# ---- GitLab ----

gitlab() {
	local directory=$tmp/gitlab report shell_options="-e -o pipefail"

	json "$(block .gitlab-ci.yml)" >"$tmp/pipeline"
	report=$directory/$(jq -r .wqlint.artifacts.reports.codequality "$tmp/pipeline")
	checkout "$directory"
	jq -r '.wqlint.script[]' "$tmp/pipeline" >"$tmp/step"
	in_shell "$directory" "CI_MERGE_REQUEST_DIFF_BASE_SHA=$(git -C "$directory" rev-parse origin/main)" \
		"XDG_CACHE_HOME=$directory/$(jq -r '.wqlint.cache.paths[0]' "$tmp/pipeline" | sed 's,/.*,,')" "$tmp/step"
	expect_shell 1
	expect_equal "$(jq -r '.[].location | .path + ":" + (.lines.begin | tostring)' "$report")" \
		"$brought" "the report"
	expect [ -d "$directory/$(jq -r '.wqlint.cache.paths[0]' "$tmp/pipeline")" ]
	expect_equal "$(jq -r .wqlint.variables.XDG_CACHE_HOME "$tmp/pipeline")" \
		'$CI_PROJECT_DIR/.cache' "where the cache is"
}

# ---- shells ----

gate() {
	local directory=$tmp/gate

	checkout "$directory" main
	run_make "$directory" -s allmodconfig prepare modules_prepare
	in_shell "$directory" "$(block ci/wqlint-accept)"
	expect_shell 0
	git -C "$directory" commit -q -m "baseline" || problem "nothing to commit"
	in_shell "$directory" "$(block ci/wqlint-gate)"
	expect_shell 0
	git -C "$directory" merge -q -m merge origin/topic || problem "no merge"
	in_shell "$directory" "$(block ci/wqlint-gate)"
	expect_shell 1
	expect_text "$tmp/out" "$brought" 1
	git -C "$directory" checkout -q HEAD^ && rm "$directory/drivers/scsi/disk/disk.c"
	in_shell "$directory" "$(block ci/wqlint-gate)"
	expect_shell 1
	expect_text "$tmp/err" 'stale: drivers/scsi/disk/disk\.c: ' 1
	in_shell "$directory" "$(block ci/wqlint-page)"
	expect_shell 0
	expect_text "$directory/wqlint.html" '</html>' 1
}

# b4 without its network: the thread is in a file.
offline_b4() {
	printf '#!/bin/sh\ncommand=$1; shift\nexec %s --offline-mode "$command" %s "$@"\n' \
		"$(command -v b4)" "-m $tmp/thread.mbox" >"$tmp/offline/b4"
	chmod +x "$tmp/offline/b4"
}

b4_series() {
	local directory=$tmp/b4 id

	checkout "$directory" main
	run_make "$directory" -s allmodconfig prepare modules_prepare
	git -C "$directory" format-patch -q --thread=shallow --cover-letter --stdout \
		origin/main..origin/topic >"$tmp/thread.mbox"
	id=$(sed -n 's/^Message-Id: <\(.*\)>/\1/ip' "$tmp/thread.mbox" | head -n 1)
	mkdir -p "$tmp/offline" && offline_b4
	PATH=$tmp/offline:$PATH in_shell "$directory" "message_id=$id" \
		"$(block "b4: a series that somebody sent")"
	expect_shell 1
	expect_text "$tmp/out" "^$brought:.*, since patch 2 \\(\"sample: two\"\\) " 1
	expect_equal "$(wc -l <"$tmp/out")" 1 "number of lines"
	# the own one
	git -C "$directory" checkout -q -b work
	(cd "$directory" && b4 prep -n own && git cherry-pick origin/main..origin/topic) >/dev/null 2>&1
	in_shell "$directory" "$(block "b4: the own series, before it is sent")"
	expect_shell 1
	expect_text "$tmp/out" "^$brought:.*, since [0-9a-f]{12} \\(\"sample: two\"\\) " 1
	expect_equal "$(wc -l <"$tmp/out")" 1 "number of lines"
}

nipa() {
	local directory=$tmp/nipa

	checkout "$directory" topic~1
	run_make "$directory" -s allmodconfig prepare modules_prepare
	in_shell "$directory" DESC_FD=1 "$(block tests/patch/wqlint/wqlint.sh)"
	expect_shell 1
	expect_text "$tmp/out" '^New workqueue findings: 1$' 1
	expect_text "$tmp/out" "^$brought:" 1
	git -C "$directory" checkout -q origin/topic
	in_shell "$directory" DESC_FD=1 "$(block tests/patch/wqlint/wqlint.sh)"
	expect_shell 0
	expect_equal "$(cat "$tmp/out")" "No new workqueue findings" "stdout"
	printf 'no C\n' >>"$directory/drivers/scsi/disk/disk.c"
	in_shell "$directory" DESC_FD=1 "$(block tests/patch/wqlint/wqlint.sh)"
	expect_shell 250
}

robot() {
	local directory=$tmp/robot

	checkout "$directory"
	run_make "$directory" -s allmodconfig prepare modules_prepare
	in_shell "$directory" upstream=origin/main branch=origin/topic "$(block robot)"
	expect_equal "$(cd "$directory" && echo report-*)" \
		"report-$(git -C "$directory" rev-parse --short=12 origin/topic~1)" "the reports"
	expect_text "$directory"/report-* '^Subject: \[wqlint\] sample: two$' 1
	expect_text "$directory"/report-* "^$brought:" 1
}

# Without a scheduler icecc compiles here; tests/builds.sh has one.
icecream() {
	local directory=$tmp/icecream

	checkout "$directory"
	in_shell "$directory" "$(block ci/wqlint-icecream)"
	expect_shell 1
	expect_text "$tmp/out" "^$brought:2: warning: " 1
	expect_text "$tmp/out" '^drivers/scsi/disk/disk\.c:4:2: warning: ' 1
}

all_run() {
	local file

	for file in "$tmp"/blocks/*; do
		case $file in
		*.run) ;;
		*) [ -e "$file.run" ] || problem "not run: $(head -n 1 "$file")" ;;
		esac
	done
	expect [ -e "$tmp/blocks/1" ]
}

test_that "a tree to run it in" make_origin
test_that "GitHub: a pull request" pull_request
test_that "GitHub: parts of the tree, joined" matrix
test_that "GitLab: a code quality report" gitlab
test_that "a shell: the gate of the baseline" gate
if command -v b4 >/dev/null; then
	test_that "b4: series of others and one's own" b4_series
else
	block "b4: a series that somebody sent" >/dev/null
	block "b4: the own series, before it is sent" >/dev/null
	skip_test "b4: series of others and one's own" "no b4"
fi
test_that "NIPA: a test of a patch" nipa
test_that "the kernel test robot: a report for each commit" robot
if command -v icecc >/dev/null; then
	test_that "icecream: facts in the objects of a build" icecream
else
	block ci/wqlint-icecream >/dev/null
	skip_test "icecream: facts in the objects of a build" "no icecc"
fi
test_that "every block of doc/ci.md was run" all_run
tap_end
