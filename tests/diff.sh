#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# wqlint diff: what a change of the sample module brings, in a real repository.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

command -v git >/dev/null || skip_all "no git"

export XDG_CACHE_HOME=$tmp/cache
export TMPDIR=$tmp/temporary
export HOME=$tmp/home
export GIT_CONFIG_NOSYSTEM=1
mkdir -p "$TMPDIR" "$HOME"
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE GIT_OBJECT_DIRECTORY
git config --global user.name "A. Tester"
git config --global user.email tester@example.org
git config --global init.defaultBranch main
tree=$tmp/tree
sample=testsuite-c/sample

# entry SOURCE MODULE [DIRECTORY]: of compile_commands.json; names of sources
# begin at the top of the tree, wherever the compiler runs.
entry() {
	printf '{"directory": "%s", "file": "%s", "command": "%s"}' "${3:-$tree}" "$1" \
		"$TARGET_GCC -O2 -std=gnu11 -nostdinc -I testsuite-c/include -I drivers/common/../include -D__KERNEL__ -DMODULE -DKBUILD_BASENAME='\\\"$(basename "$1" .c)\\\"' -DKBUILD_MODNAME='\\\"$(basename "$2")\\\"' -DKBUILD_MODFILE='\\\"$2\\\"' -c -o ${1%.c}.o $1"
}

# database: of all sources that there are now
database() {
	local source module comma=

	{
		echo '['
		for source in $(cd "$tree" && find . -name '*.c' | sed 's,^\./,,' | sort); do
			module=$(dirname "$source")/$(basename "$(dirname "$source")")
			echo "$comma"
			entry "$source" "$module"
			comma=,
		done
		echo ']'
	} >"$tree/compile_commands.json"
}

# new_tree: the sample module and one that does nothing, committed
new_tree() {
	cd / && rm -rf "$tree"
	mkdir -p "$tree"/{testsuite-c,drivers/{include,common,quiet}}
	cp -r "$srcdir/testsuite-c/include" "$srcdir/$sample" "$tree/testsuite-c/"
	rm "$tree/$sample/make-compdb"
	chmod -R u+w "$tree"
	cat >"$tree/drivers/quiet/quiet.c" <<-'END'
	#include <linux/module.h>
	#include "../common/common.h"
	int quiet_value(void) { return COMMON; }
	END
	echo '#define COMMON 1' >"$tree/drivers/common/common.h"
	cd "$tree" || return
	database
	echo compile_commands.json >.gitignore
	git init -q . && git add . && git commit -q -m "The sample module"
}

# run ARG...: wqlint diff; sets "status", and $tmp/out and $tmp/err
run() {
	"$WQLINT" diff "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	expect_equal "$(find "$TMPDIR" "$XDG_CACHE_HOME" -name 'wqlint-*')" "" "what is left over"
}

# expect_diff STATUS ARG...
expect_diff() {
	run "${@:2}"
	[ "$status" -eq "$1" ] ||
		problem "exit status $status, not $1: ${*:2}" "$(cat "$tmp/out" "$tmp/err")"
}

# expect_silent ARG...: status 0, and not a word
expect_silent() {
	expect_diff 0 "$@"
	expect_equal "$(cat "$tmp/out" "$tmp/err")" "" "what is said"
}

# expect_only REGEX: one line on stdout, and nothing on stderr
expect_only() {
	expect_text "$tmp/out" "$1" 1
	expect_equal "$(wc -l <"$tmp/out")" 1 "number of lines"
	expect_equal "$(cat "$tmp/err")" "" "stderr"
}

# edit FILE EXPRESSION...: with sed; it must change something
edit() {
	local file=$1

	shift
	cp "$file" "$tmp/unedited"
	sed -i "$@" "$file"
	! cmp -s "$file" "$tmp/unedited" || problem "sed $* changes nothing in $file"
}

# commit SUBJECT
commit() {
	git commit -q -a -m "$1" || problem "no commit $1"
}

add_flush='/^static int sample_resume/i void sample_wait(void)\n{\n\tflush_scheduled_work();\n}\n'
drop_cancel='/cancel_work_sync(&sample->reset);/d'

clean() {
	new_tree
	expect_silent
	expect_silent HEAD
	echo >>drivers/quiet/quiet.c
	edit $sample/device.c '1a /* a comment */'
	expect_silent
	echo text >README
	git add README
	expect_silent
	# the working tree has no part in it
	expect_silent HEAD..HEAD
	expect_silent --each HEAD..HEAD
}

new_line() {
	new_tree
	edit $sample/device.c "$add_flush"
	expect_diff 1
	expect_only '^testsuite-c/sample/device\.c:59:2: warning: flush_scheduled_work\(\) .*\[flush-system-wq\]$'
	expect_diff 0 --fail-level=error
	expect_only '\[flush-system-wq\]$'
	expect_silent --ignore=flush-system-wq
	commit "sample: wait"
	expect_silent
	expect_diff 1 HEAD^
	expect_only '^testsuite-c/sample/device\.c:59:2: '
	cd drivers/quiet || return
	expect_diff 1 HEAD^
	expect_only '^testsuite-c/sample/device\.c:59:2: '
}

# An old line is wrong now: that of the call that queues.
removed_cancel() {
	new_tree
	edit $sample/device.c "$drop_cancel"
	expect_diff 1
	expect_only '^testsuite-c/sample/device\.c:62:2: warning: .*struct sample_dev\.reset.*\[[a-z]*-work\]$'
	# it goes the other way without a word
	commit "sample: no cancel"
	git revert --no-edit HEAD >/dev/null
	expect_silent HEAD^
	expect_diff 1 HEAD^^..HEAD^
}

# What moves within a file or to another one is not new, nor what is renamed.
moved() {
	new_tree
	edit $sample/device.c '1a /*\n * some\n * lines\n */'
	expect_silent
	edit $sample/device.c -e '/^static int sample_suspend/i void sample_settle(void)\n{\n\tflush_scheduled_work();\n}\n' \
		-e '/^static int sample_suspend/,/^}/s/flush_scheduled_work/sample_settle/'
	expect_silent
	git checkout -q .
	edit $sample/device.c 's/&sample->report/\&sample_of_irq->report/; s/\*sample = data/*sample_of_irq = data/; s/sample->wq, &sample->convert/sample_of_irq->wq, \&sample_of_irq->convert/'
	expect_silent
	git checkout -q .
	# the second of two equal ones is new
	edit $sample/device.c '/^\tflush_scheduled_work();/a \\tflush_scheduled_work();'
	expect_diff 1
	expect_only '^testsuite-c/sample/device\.c:54:2: '
}

# A macro of a header makes the sources wrong that use it.
header() {
	new_tree
	echo '#include <linux/workqueue.h>
#define COMMON (flush_scheduled_work(), 1)' >drivers/common/common.h
	expect_diff 1
	expect_only '^drivers/quiet/quiet\.c:3:.*\[flush-system-wq\]$'
	commit "common: wait"
	expect_diff 1 HEAD^..HEAD
	expect_only '^drivers/quiet/quiet\.c:3:.*\[flush-system-wq\]$'
	# the tree is neither of the two states
	git mv drivers/common/common.h drivers/include/
	edit drivers/quiet/quiet.c 's,"\.\./common/common\.h",<common.h>,'
	commit "common: elsewhere"
	git rm -q -r --cached drivers/quiet
	commit "quiet: go"
	expect_diff 1 HEAD~3..HEAD~2
	expect_only '^drivers/quiet/quiet\.c:3:.*\[flush-system-wq\]$'
	expect_silent HEAD~2..HEAD~1
	expect_silent HEAD~1..HEAD
}

renamed() {
	new_tree
	git mv $sample/device.c $sample/core.c
	expect_silent
	database
	expect_silent
	edit $sample/core.c "$add_flush"
	expect_diff 1
	expect_only '^testsuite-c/sample/core\.c:59:2: '
	commit "sample: rename"
	expect_diff 1 HEAD^..HEAD
	expect_only '^testsuite-c/sample/core\.c:59:2: '
}

new_file() {
	new_tree
	printf '#include <linux/workqueue.h>\nvoid quiet_wait(void)\n{\n\tflush_scheduled_work();\n}\n' \
		>drivers/quiet/wait.c
	git add drivers/quiet/wait.c
	# nobody knows how to compile it
	expect_diff 2
	expect_equal "$(cat "$tmp/out")" "" "stdout"
	expect_equal "$(cat "$tmp/err")" "wqlint: drivers/quiet/wait.c: not linted: $tree/compile_commands.json has no command that compiles it" "stderr"
	database
	expect_diff 1
	expect_only '^drivers/quiet/wait\.c:4:2: '
	commit "quiet: wait"
	git rm -q drivers/quiet/wait.c
	expect_silent
}

# One state does not compile: what is found in the rest is still shown.
not_compiled() {
	new_tree
	edit $sample/queue.c '$a this is no C'
	edit drivers/quiet/quiet.c -e '1i #include <linux/workqueue.h>' -e 's/return/flush_scheduled_work(); return/'
	expect_diff 2
	expect_text "$tmp/out" '^drivers/quiet/quiet\.c:4:.*\[flush-system-wq\]$' 1
	expect_text "$tmp/err" '^wqlint: testsuite-c/sample/queue\.c: not linted: it does not compile: ' 1
	expect_equal "$(wc -l <"$tmp/err")" 1 "number of lines"
	commit "no C"
	# what is found then may have been there before
	edit $sample/queue.c '$d'
	expect_diff 2
	expect_equal "$(cat "$tmp/out")" "" "stdout"
	expect_text "$tmp/err" '^wqlint: testsuite-c/sample/queue\.c: not linted: ' 1
	commit "C again"
	edit $sample/sample.h '1i no C'
	expect_diff 2
	expect_equal "$(wc -l <"$tmp/err")" 1 "number of lines"
	expect_text "$tmp/err" ': not linted: it does not compile: .*, and 1 more$' 1
}

# make_series: four commits; the second and the third bring a finding, and the
# fourth takes one back
make_series() {
	new_tree
	edit $sample/device.c '1a /* one */'
	commit "sample: one"
	edit $sample/device.c "$add_flush"
	commit "sample: two"
	edit $sample/device.c "$drop_cancel"
	commit "sample: three"
	edit $sample/device.c '/^void sample_wait/,/^}/d'
	commit "sample: four"
}

range() {
	make_series
	expect_diff 1 HEAD~4..HEAD
	expect_only 'struct sample_dev\.reset'
	expect_diff 1 HEAD~4..HEAD~2
	expect_only 'flush_scheduled_work'
	expect_silent HEAD~1..
	expect_silent HEAD~4..HEAD~3
	expect_diff 1 --each HEAD~4..HEAD
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	expect_equal "$(sed -E 's/^([^ ]*) .*, since ([0-9a-f]{12}) \("(.*)"\) \[(.*)\]$/\1 \3 \4/' "$tmp/out")" \
		"testsuite-c/sample/device.c:60:2: sample: two flush-system-wq
testsuite-c/sample/device.c:68:2: sample: three $(sed -nE 's/.*three.*\[(.*)\]/\1/p' "$tmp/out")" "stdout"
	expect_text "$tmp/out" ", since $(git rev-parse --short=12 HEAD~2) \\(" 1
	# what another branch has is no part of it
	git branch other HEAD~2
	git checkout -q other
	expect_silent main
	expect_diff 1 HEAD~2
	expect_only 'flush_scheduled_work'
}

patches() {
	make_series
	git format-patch -q --stdout HEAD~4..HEAD >"$tmp/series.mbox"
	git format-patch -q --stdout HEAD~4..HEAD~2 --cover-letter >"$tmp/two.mbox"
	git diff HEAD~4..HEAD~2 >"$tmp/plain.diff"
	git reset -q --hard HEAD~4
	git status --porcelain >"$tmp/before"
	expect_diff 1 - <"$tmp/series.mbox"
	expect_only 'struct sample_dev\.reset'
	expect_diff 1 - <"$tmp/two.mbox"
	expect_only '^testsuite-c/sample/device\.c:60:2: .*flush_scheduled_work'
	expect_diff 1 - <"$tmp/plain.diff"
	expect_only '^testsuite-c/sample/device\.c:60:2: .*flush_scheduled_work'
	expect_diff 1 --each - <"$tmp/series.mbox"
	expect_text "$tmp/out" ', since patch 2 \("sample: two"\) \[flush-system-wq\]$' 1
	expect_text "$tmp/out" ', since patch 3 \("sample: three"\) \[' 1
	expect_equal "$(wc -l <"$tmp/out")" 2 "number of lines"
	# a mail in base64, as some senders have it
	{
		sed -n '1,/^$/p' "$tmp/two.mbox" | sed '/^Content/d; /^$/d'
		printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n'
		base64 "$tmp/plain.diff"
	} >"$tmp/base64.mbox"
	expect_diff 1 - <"$tmp/base64.mbox"
	expect_only 'flush_scheduled_work'
	expect_equal "$(git status --porcelain)" "" "the tree"
}

bad_input() {
	make_series
	git diff HEAD~4..HEAD~2 >"$tmp/plain.diff"
	expect_diff 2 - <"$tmp/plain.diff"
	expect_text "$tmp/err" '^wqlint: the patch does not apply: patch failed: testsuite-c/sample/device\.c:[0-9]+$' 1
	expect_equal "$(wc -l <"$tmp/err")" 1 "number of lines"
	git format-patch -q --stdout HEAD~4..HEAD >"$tmp/series.mbox"
	expect_diff 2 - <"$tmp/series.mbox"
	expect_text "$tmp/err" '^wqlint: patch 1 \("sample: one"\) does not apply: patch failed: ' 1
	for text in "" "no patch" "From nobody" "$(printf 'Subject: none\n\nno patch')"; do
		expect_diff 2 - <<<"$text"
		expect_text "$tmp/err" '^wqlint: standard input: ' 1
		expect_equal "$(wc -l <"$tmp/err")" 1 "number of lines"
	done
	head -c 100000 /dev/urandom >"$tmp/noise"
	expect_diff 2 - <"$tmp/noise"
	for revision in nonsense HEAD~99 nonsense..HEAD HEAD..nonsense HEAD:README; do
		expect_diff 2 "$revision"
		expect_text "$tmp/err" '^wqlint: .*: is no commit that git knows$' 1
		expect_equal "$(wc -l <"$tmp/err")" 1 "number of lines"
	done
	expect_diff 2 HEAD HEAD^
	expect_diff 2 --each --format=sarif HEAD^..HEAD
	expect_text "$tmp/err" '^wqlint: --each .* not sarif$' 1
	edit $sample/device.c '1i /* */'
	expect_diff 2 -p /nonexistent
	expect_text "$tmp/err" '^wqlint: /nonexistent' 1
	mv compile_commands.json "$tmp/moved.json"
	expect_diff 2
	expect_text "$tmp/err" 'has no compile_commands\.json, and is no configured kernel' 1
	expect_silent -p "$tmp/moved.json"
	cd "$HOME" || return
	expect_diff 2
	expect_text "$tmp/err" '^wqlint: diff: not a git repository' 1
	(export PATH=/nonexistent && "$WQLINT" diff >"$tmp/out" 2>"$tmp/err")
	expect_equal "$?" 2 "exit status without git"
	expect_equal "$(wc -l <"$tmp/err")" 1 "number of lines"
}

# Git makes objects younger when it would have to write the same ones.
what_is_there() {
	find . -path ./.git/objects -prune -o -printf '%p %T@ %s %l\n' | sort
	find .git/objects | sort
	sha1sum .git/index
}

# Nothing of the user's changes: files, dates, index, objects, references.
untouched() {
	make_series
	edit $sample/device.c '1a /* not staged */'
	edit $sample/queue.c '1a /* staged */'
	git add $sample/queue.c
	echo "not known to git" >$sample/notes
	rm drivers/common/common.h
	git status >/dev/null
	what_is_there >"$tmp/before"
	chmod -R a-w .
	expect_diff 1 HEAD~4
	git -c core.fileMode=false diff HEAD~4..HEAD~2 >"$tmp/plain.diff"
	expect_diff 1 HEAD~4..HEAD~2
	chmod -R u+w .
	expect_equal "$(what_is_there | diff "$tmp/before" -)" "" "what differs"
}

# The other working tree of one repository, without a database of its own.
worktree() {
	make_series
	git worktree add -q "$tmp/other" HEAD~3
	sed "s,\"$tree\",\"$tmp/other\",g" compile_commands.json >"$tmp/other/compile_commands.json"
	cd "$tmp/other" || return
	expect_silent HEAD^
	edit $sample/device.c "$add_flush"
	expect_diff 1
	expect_only '^testsuite-c/sample/device\.c:60:2: '
	cd "$tree" && git worktree remove --force "$tmp/other"
}

# build_directory DIRECTORY TREE: as make O= has them; TREE is the sources' from
# there, with an absolute name for some.
build_directory() {
	make_series
	mkdir -p "$1/include"
	echo '#define GENERATED 1' >"$1/include/generated.h"
	sed "s,\"directory\": \"$tree\",\"directory\": \"$1\",
		s, testsuite-c, $tree/testsuite-c,g; s, drivers, $2/drivers,g
		s,-I $tree,-include include/generated.h &,
		s,\"file\": \"testsuite,\"file\": \"$tree/testsuite,
		s,\"file\": \"drivers,\"file\": \"$2/drivers," \
		compile_commands.json >"$1/compile_commands.json"
	rm compile_commands.json
	expect_diff 1 -p "$1" HEAD~4..HEAD
	expect_only '^testsuite-c/sample/device\.c:64:2: .*struct sample_dev\.reset'
	expect_diff 1 -p "$1" HEAD~3..HEAD~2
	expect_only '^testsuite-c/sample/device\.c:60:2: '
	printf '#include <linux/workqueue.h>\n#define COMMON (flush_scheduled_work(), 1)\n' \
		>drivers/common/common.h
	expect_diff 1 -p "$1/compile_commands.json"
	expect_only '^drivers/quiet/quiet\.c:3:.*\[flush-system-wq\]$'
	commit "common: wait"
	git revert --no-edit HEAD >/dev/null
	expect_diff 1 -p "$1" HEAD~2..HEAD~1
	expect_only '^drivers/quiet/quiet\.c:3:.*\[flush-system-wq\]$'
	rm -rf "$1"
}

# The second time everything comes from the cache.
cached() {
	local compiler=$tmp/bin/counting-gcc

	make_series
	mkdir -p "$tmp/bin"
	printf '#!/bin/sh\ncase "$*" in *wqlint-facts*) echo >>"%s" ;; esac\nexec %s "$@"\n' \
		"$tmp/count" "$TARGET_GCC" >"$compiler"
	chmod +x "$compiler"
	sed -i "s,\"$TARGET_GCC ,\"$compiler ," compile_commands.json
	: >"$tmp/count"
	expect_diff 1 --each HEAD~4..HEAD
	# device.c five times, and queue.c once for all
	expect_equal "$(wc -l <"$tmp/count")" 6 "units compiled"
	expect_diff 1 --each HEAD~4..HEAD
	expect_equal "$(wc -l <"$tmp/count")" 6 "units compiled"
	expect_diff 1 --no-cache HEAD~4..HEAD~2
	expect_equal "$(wc -l <"$tmp/count")" 9 "units compiled"
	# where the sources are makes no difference
	git checkout -q HEAD~2
	expect_diff 1 HEAD~2
	expect_equal "$(wc -l <"$tmp/count")" 9 "units compiled"
}

formats() {
	make_series
	expect_diff 1 --format=gcc HEAD~4..HEAD~2
	expect_text "$tmp/out" '^testsuite-c/sample/device\.c:60:9: warning: .*\[wqlint:flush-system-wq\]$' 1
	expect_diff 1 --format=text HEAD~4..HEAD~2
	expect_text "$tmp/out" '^   60 \|' 1
	expect_diff 1 --format=checkpatch --terse HEAD~4..HEAD~2
	expect_text "$tmp/out" 'WARNING' 1
	command -v jq >/dev/null || return
	expect_diff 1 --format=json HEAD~4..HEAD~2
	expect_equal "$(jq -c '[.file, .line]' "$tmp/out")" '["testsuite-c/sample/device.c",60]' "json"
	expect_diff 1 --format=sarif HEAD~4..HEAD~2
	expect_equal "$(jq -c '.runs[0].results | length' "$tmp/out")" 1 "number of results"
	# a file to upload is there also when nothing is found or looked at
	for range in HEAD~1..HEAD HEAD..HEAD; do
		expect_diff 0 --format=sarif $range
		expect_equal "$(jq -c '.runs[0].results | length' "$tmp/out")" 0 "number of results"
	done
	expect_diff 1 --format=gitlab HEAD~4..HEAD~2
	expect_equal "$(jq -c '.[].location.path' "$tmp/out")" '"testsuite-c/sample/device.c"' "gitlab"
}

# A comment that silences is part of the change.
comment() {
	new_tree
	edit $sample/device.c 's,^\tflush_scheduled_work();,& /* wqlint: ignore flush-system-wq -- known */,'
	expect_silent
	commit "sample: silence"
	git revert --no-edit HEAD >/dev/null
	expect_diff 1 HEAD^
	expect_only '^testsuite-c/sample/device\.c:53:2: '
}

interrupted() {
	new_tree
	edit $sample/device.c "$add_flush"
	printf '#!/bin/sh\necho >"%s"\nexec sleep 60\n' "$tmp/begun" >"$tmp/slow-gcc"
	chmod +x "$tmp/slow-gcc"
	sed -i "s,\"$TARGET_GCC ,\"$tmp/slow-gcc ," compile_commands.json
	rm -f "$tmp/begun"
	bash -c 'trap - INT; exec "$@"' - "$WQLINT" diff >"$tmp/out" 2>"$tmp/err" &
	for _ in $(seq 100); do
		[ ! -e "$tmp/begun" ] || break
		sleep 0.1
	done
	expect [ -e "$tmp/begun" ]
	kill -TERM $!
	wait $!
	expect_equal "$?" 143 "exit status"
	expect_equal "$(find "$TMPDIR" "$XDG_CACHE_HOME" -name 'wqlint-*')" "" "what is left over"
	expect_equal "$(git status --porcelain)" " M $sample/device.c" "the tree"
}

test_that "a change without findings is met with silence" clean
test_that "a new line with a finding" new_line
test_that "a removed cancel makes an old line wrong" removed_cancel
test_that "moved lines are not new" moved
test_that "a header" header
test_that "a renamed file" renamed
test_that "a new file and a deleted one" new_file
test_that "a state that does not compile is incomplete" not_compiled
test_that "ranges, by commit and as a whole" range
test_that "patches on standard input" patches
test_that "bad patches, unknown revisions" bad_input
test_that "the tree and the repository stay as they are" untouched
test_that "another working tree of the repository" worktree
test_that "a build directory beside the tree" build_directory "$tmp/build" ../tree
test_that "a build directory in the tree" build_directory "$tree/build" ..
test_that "facts come from the cache" cached
test_that "all formats" formats
test_that "comments that silence" comment
test_that "a signal leaves nothing behind" interrupted
tap_end
