#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# wqlint audit on a tree of our own, whose make works as Kbuild does as far as
# audit can see: one make per directory, compile commands with KCFLAGS, names
# of modules. And its cache.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

export XDG_CACHE_HOME=$tmp/cache
export TMPDIR=$tmp/temporary
mkdir -p "$TMPDIR"
tree=$tmp/tree
mapfile -t many < <(seq 10 35)
nr_many=${#many[@]}
# sample 2, parted 4 of 5
nr_units=$((nr_many + 6))

# make_tree DIRECTORY: a configured and prepared one, with modules
#	sample	the sample of the testsuite: two findings
#	parted	an item that nothing cancels; that its object goes is in a file
#		that does not name the API; of others that do not, some show
#		who allocates it, and one cannot matter
#	many	so many units that they share a compiler
#	other	nothing about the API, and it does not compile
make_tree() {
	local i

	mkdir -p "$1"/{scripts,include/{config,generated},drivers/{sample,parted,many,other}}
	cp -r "$srcdir"/testsuite-c/include/linux "$1/include/"
	cp "$srcdir"/testsuite-c/sample/*.[ch] "$1/drivers/sample/"
	echo 'mod := sample
objs := queue.o device.o' >"$1/drivers/sample/Makefile"
	echo 'mod := parted
objs := work.o main.o make.o made.o count.o' >"$1/drivers/parted/Makefile"
	echo 'struct parted { struct work_struct work; int count; };
struct parted *parted_new(void);
struct parted *parted_make(void);
int parted_count(struct parted *parted);' >"$1/drivers/parted/parted.h"
	echo '#include "parted.h"
struct parted *parted_make(void) { return parted_new(); }' >"$1/drivers/parted/make.c"
	echo '#include "parted.h"
struct parted *parted_made(void) { return parted_make(); }' >"$1/drivers/parted/made.c"
	echo '#include "parted.h"
int parted_count(struct parted *parted) { return parted->count; }' >"$1/drivers/parted/count.c"
	cat >"$1/drivers/parted/work.c" <<-'END'
	#include <linux/workqueue.h>
	#include <linux/slab.h>
	#include "parted.h"
	static void parted_run(struct work_struct *work)
	{
		container_of(work, struct parted, work)->count++;
	}
	struct parted *parted_new(void)
	{
		struct parted *parted = kzalloc(sizeof(*parted), GFP_KERNEL);

		if (!parted)
			return NULL;
		INIT_WORK(&parted->work, parted_run);
		schedule_work(&parted->work);
		return parted;
	}
	END
	cat >"$1/drivers/parted/main.c" <<-'END'
	#include <linux/module.h>
	#include <linux/platform_device.h>
	#include <linux/slab.h>
	#include "parted.h"
	static int parted_probe(struct platform_device *pdev)
	{
		platform_set_drvdata(pdev, parted_new());
		return 0;
	}
	static int parted_remove(struct platform_device *pdev)
	{
		struct parted *parted = platform_get_drvdata(pdev);

		kfree(parted);
		return 0;
	}
	static struct platform_driver parted_driver = {
		.probe = parted_probe,
		.remove = parted_remove,
	};
	module_platform_driver(parted_driver);
	END
	sed -i '1i #include <linux/workqueue.h>' "$1/drivers/parted/parted.h"
	echo "mod := many
objs := $(printf 'm%d.o ' "${many[@]}")" >"$1/drivers/many/Makefile"
	for i in "${many[@]}"; do
		cat >"$1/drivers/many/m$i.c" <<-END
		#define pr_fmt(fmt) KBUILD_MODNAME fmt
		#include <linux/workqueue.h>
		#include "many.h"
		const char *many_name_$i(void) { return KBUILD_BASENAME; }
		void many_flush_$i(void)
		{
			flush_workqueue(system_wq);
		}
		END
	done
	echo '/* nothing */' >"$1/drivers/many/many.h"
	echo 'mod := other
objs := other.o' >"$1/drivers/other/Makefile"
	echo 'this is no C' >"$1/drivers/other/other.c"
	cat >"$1/Makefile" <<-'END'
	VERSION = 6
	.RECIPEPREFIX = >
	CC = $(CROSS_COMPILE)gcc
	srctree ?= .
	export CC KCFLAGS EXTRA srctree
	dirs := drivers/sample/ drivers/parted/ drivers/many/ drivers/other/
	vmlinux: $(dirs)
	>ld -o $@ vmlinux.a
	modules: $(dirs)
	drivers/: $(dirs)
	$(dirs): FORCE
	>$(MAKE) -f $(srctree)/scripts/Makefile.build obj=$(patsubst %/,%,$@)
	olddefconfig prepare modules_prepare:
	>mkdir -p include/config include/generated
	>touch include/config/auto.conf include/generated/autoconf.h include/generated/utsrelease.h
	>printf 'deps_config := \\\n\tdrivers/Kconfig \\\n\tKconfig\n\ninclude/config/auto.conf: \\\n\t$$(deps_config)\n' >include/config/auto.conf.cmd
	FORCE:
	.PHONY: FORCE vmlinux modules $(dirs)
	END
	cat >"$1/scripts/Makefile.build" <<-'END'
	.RECIPEPREFIX = >
	include $(srctree)/$(obj)/Makefile
	all: $(addprefix $(obj)/,$(objs))
	name = '"$(patsubst %.o,%,$(notdir $@))"'
	c_flags = -Wp,-MMD,$(obj)/.$(notdir $@).d -nostdinc -I$(srctree)/include \
		-include $(srctree)/include/linux/compiler.h \
		-D__KERNEL__ -DMODULE -O2 -std=gnu11 $(KCFLAGS) $(EXTRA) \
		-DKBUILD_BASENAME=$(name) -DKBUILD_MODNAME='"$(mod)"' \
		-DKBUILD_MODFILE='"$(obj)/$(mod)"'
	$(obj)/%.o: $(srctree)/$(obj)/%.c FORCE
	>set -e; echo '  CC [M]  $@'; mkdir -p $(obj); $(CC) $(c_flags) -c -o $@ $<; printf '%s' "done; $@" >/dev/null
	FORCE:
	.PHONY: FORCE all
	END
	touch -d '1 hour ago' "$1/Kconfig" "$1/drivers/Kconfig"
	configure "$1"
}

configure() {
	{
		echo "#"
		echo "# Linux/x86 6.1.0 Kernel Configuration"
		echo "#"
		# shellcheck disable=SC2086 # the compiler may have arguments
		echo "CONFIG_CC_VERSION_TEXT=\"$($TARGET_GCC --version | head -n 1)\""
	} >"$1/.config"
	mkdir -p "$1"/include/{config,generated}
	touch "$1/include/config/auto.conf" "$1"/include/generated/{autoconf,utsrelease}.h
	printf 'deps_config := \\\n\tdrivers/Kconfig \\\n\tKconfig\n\ninclude/config/auto.conf: \\\n\t$(deps_config)\n' \
		>"$1/include/config/auto.conf.cmd"
}

# audit STATUS ARG...: $tmp/out and $tmp/err
audit() {
	local expected=$1

	shift
	"$WQLINT" audit "$@" >"$tmp/out" 2>"$tmp/err"
	expect_equal $? "$expected" "exit status of audit $*"
}

# How many units were compiled, and taken from the cache, in both steps.
nr_compiled() {
	sed -nE 's/.* units: ([0-9]+) compiled, .*/\1/p' "$tmp/err" | awk '{ n += $1 } END { print n + 0 }'
}

nr_cached() {
	sed -nE 's/.* compiled, ([0-9]+) from the cache$/\1/p' "$tmp/err" | awk '{ n += $1 } END { print n + 0 }'
}

# What is left of a run that has ended: no directory of it.
expect_no_leftovers() {
	expect_equal "$(find "$TMPDIR" "$XDG_CACHE_HOME/wqlint/run" -mindepth 1 2>&1)" "" "left over"
}

list_tree() {
	(cd "$1" && find . -printf '%p %s %T@ %y\n' | sort)
}

findings() {
	sed -nE 's,^([a-z/0-9]+\.c):([0-9]+):[0-9]+: (warning|error): .*\[([a-z-]+)\]$,\1 \4,p' "$tmp/out" | sort | uniq -c | sed 's/^ *//'
}

all_findings="$(printf '1 drivers/many/m%d.c flush-system-wq\n' "${many[@]}" | sort)
1 drivers/parted/work.c uncancelled-work
1 drivers/sample/device.c flush-system-wq
1 drivers/sample/device.c unflushed-work"

whole_tree() {
	make_tree "$tree"
	list_tree "$tree" >"$tmp/before"
	audit 1 -v "$tree"
	expect_equal "$(findings)" "$all_findings" "findings"
	expect_text "$tmp/err" '^wqlint: compile commands: a dry run of make vmlinux modules$' 1
	expect_equal "$(nr_compiled)" $nr_units "units compiled"
	# main.c and make.c name a function of work.c; made.c one of make.c
	expect_text "$tmp/err" '^wqlint: .* further units: 2 compiled, 0 from the cache$' 1
	expect_text "$tmp/err" '^wqlint: .* further units: 1 compiled, 0 from the cache$' 1
	expect_text "$tmp/err" "^flush-system-wq +0 +$((nr_many + 1)) +0\$" 1
	expect_text "$tmp/err" "^drivers/many +0 +$nr_many +0\$" 1
	list_tree "$tree" | diff "$tmp/before" - >"$tmp/diff"
	expect_equal "$(cat "$tmp/diff")" "" "changes in the tree"
	expect_equal "$(grep -c $'\r' "$tmp/err")" 0 "lines with progress"
	expect_no_leftovers
	cp "$tmp/out" "$tmp/first"
}

same_as_run() {
	audit 1 --no-cache --format=json --all-units "$tree"
	cp "$tmp/out" "$tmp/all-units"
	audit 1 --no-cache --format=json "$tree"
	expect cmp "$tmp/out" "$tmp/all-units"
	make_database >"$tmp/compile_commands.json"
	"$WQLINT" run -p "$tmp/compile_commands.json" --format=json >"$tmp/run" 2>/dev/null
	# the fields that say where a finding is and what it is about
	for file in "$tmp/out" "$tmp/run"; do
		jq -S 'del(.file, .related, .suggestion, .fingerprint)' "$file" >"$file.bare"
	done
	expect cmp "$tmp/out.bare" "$tmp/run.bare"
}

# The commands of the modules that compile, from make itself.
make_database() {
	make -n -C "$tree" CC="$TARGET_GCC" drivers/sample/ drivers/parted/ drivers/many/ 2>/dev/null |
	sed -nE 's/^set -e;.*; ([^;]* -c -o [^ ]* ([^ ;]*));.*/\2\t\1/p' |
	jq -R --arg tree "$tree" 'split("\t") | { file: .[0], command: .[1], directory: $tree }' | jq -s .
}

from_database() {
	make_database >"$tmp/compile_commands.json"
	audit 1 -p "$tmp/compile_commands.json" "$tree"
	expect_equal "$(findings)" "$all_findings" "findings"
	expect_text "$tmp/err" '^wqlint: compile commands: .*/compile_commands.json$' 1
}

from_cache() {
	audit 1 -v "$tree"
	expect cmp "$tmp/out" "$tmp/first"
	expect_text "$tmp/err" '^wqlint: compile commands: an earlier dry run ' 1
	expect_equal "$(nr_compiled) $(nr_cached)" "0 $nr_units" "compiled, cached"
}

changes() {
	echo '/* a change */' >>"$tree/drivers/many/m13.c"
	audit 1 -v "$tree"
	expect_equal "$(nr_compiled) $(nr_cached)" "1 $((nr_units - 1))" "after a change of a source"
	echo '#define MANY 1' >>"$tree/drivers/many/many.h"
	audit 1 -v "$tree"
	expect_equal "$(nr_compiled) $(nr_cached)" "$nr_many 6" "after a change of a header"
	echo '#define TYPES 1' >>"$tree/include/linux/compiler.h"
	audit 1 -v "$tree"
	expect_equal "$(nr_compiled)" $nr_units "units compiled after a change of a header of all"
	sed -i 's/-O2/-O2 -DCHANGED/' "$tree/scripts/Makefile.build"
	audit 1 -v "$tree"
	expect_text "$tmp/err" '^wqlint: compile commands: a dry run ' 1
	expect_equal "$(nr_compiled)" $nr_units "units compiled after a change of a flag"
	cp "$WQLINT_PLUGIN" "$tmp/wqlint.so"
	echo >>"$tmp/wqlint.so"
	WQLINT_PLUGIN=$tmp/wqlint.so audit 1 -v "$tree"
	expect_equal "$(nr_compiled)" $nr_units "units compiled by another plugin"
	audit 1 -v "$tree"
	expect_equal "$(nr_compiled)" 0 "units compiled by the first plugin again"
	expect_equal "$(findings)" "$all_findings" "findings"
	expect_no_leftovers
}

broken_entries() {
	local file

	find "$XDG_CACHE_HOME" -name '*.facts' >"$tmp/entries"
	expect_equal "$([ -s "$tmp/entries" ]; echo $?)" 0 "there are entries"
	while read -r file; do
		printf 'x' | dd of="$file" bs=1 seek=200 conv=notrunc 2>/dev/null
	done <"$tmp/entries"
	find "$XDG_CACHE_HOME" -name '*.commands' -exec truncate -s 100 {} +
	audit 1 -v "$tree"
	expect_equal "$(findings)" "$all_findings" "findings"
	expect_equal "$(nr_compiled)" $nr_units "units compiled"
	find "$XDG_CACHE_HOME" -name '*.files' -exec truncate -s 0 {} +
	audit 1 -v "$tree"
	expect_equal "$(nr_compiled)" $nr_units "units compiled without lists of files"
	audit 1 -v "$tree"
	expect_equal "$(nr_compiled)" 0 "units compiled afterwards"
}

two_at_once() {
	local one two

	rm -rf "$XDG_CACHE_HOME"
	"$WQLINT" audit "$tree" >"$tmp/one" 2>/dev/null &
	one=$!
	"$WQLINT" audit "$tree" >"$tmp/two" 2>/dev/null &
	two=$!
	wait $one
	expect_equal $? 1 "exit status of the first"
	wait $two
	expect_equal $? 1 "exit status of the second"
	expect cmp "$tmp/one" "$tmp/two"
	audit 1 -v "$tree"
	expect cmp "$tmp/out" "$tmp/one"
	expect_equal "$(nr_compiled)" 0 "units compiled afterwards"
	expect_no_leftovers
}

# wait_for_facts: until the cache has some facts; fails after a while.
wait_for_facts() {
	local i

	for ((i = 0; i < 600; i++)); do
		[ -n "$(find "$XDG_CACHE_HOME" -name '*.facts' 2>/dev/null | head -n 1)" ] && return
		sleep 0.05
	done
	expect_equal no yes "facts in the cache while it runs"
}

killed() {
	rm -rf "$XDG_CACHE_HOME"
	setsid "$WQLINT" audit -j1 "$tree" >/dev/null 2>&1 &
	wait_for_facts
	kill -KILL $!
	wait $! 2>/dev/null
	# half of an entry, as a crash leaves it, is not in the way
	mkdir -p "$XDG_CACHE_HOME/wqlint/run/dead"
	echo half >"$XDG_CACHE_HOME/wqlint/run/dead/new"
	: >"$XDG_CACHE_HOME/wqlint/run/dead/lock"
	audit 1 "$tree"
	expect_equal "$(findings)" "$all_findings" "findings"
	expect_equal "$(ls -A "$XDG_CACHE_HOME/wqlint/run")" "" "directories of runs"
	rm -rf "${TMPDIR:?}"/*
}

interrupted() {
	local signal=$1 expected=$2

	rm -rf "$XDG_CACHE_HOME"
	# a shell ignores SIGINT for what it starts in the background
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$WQLINT" audit -j1 "$tree" >"$tmp/out" 2>"$tmp/err" &
	wait_for_facts
	kill "-$signal" $!
	wait $! 2>/dev/null
	expect_equal $? "$expected" "exit status"
	expect_equal "$(cat "$tmp/out")" "" "stdout"
	expect_no_leftovers
	audit 1 -v "$tree"
	expect_equal "$([ "$(nr_cached)" -gt 0 ]; echo $?)" 0 "facts that were kept: $(nr_cached)"
	expect_equal "$(findings)" "$all_findings" "findings"
}

by_ctrl_c() {
	interrupted INT 130
}

by_term() {
	interrupted TERM 143
}

size() {
	local bytes

	WQLINT_CACHE_SIZE=160K audit 1 --no-cache "$tree"
	rm -rf "$XDG_CACHE_HOME"
	WQLINT_CACHE_SIZE=160K audit 1 "$tree"
	expect_equal "$(findings)" "$all_findings" "findings"
	bytes=$(find "$XDG_CACHE_HOME" -type f -printf '%b\n' | awk '{ n += $1 * 512 } END { print n + 0 }')
	expect_equal "$([ "$bytes" -gt 0 ] && [ "$bytes" -le 163840 ]; echo $?)" 0 "size of the cache: $bytes"
	# what was used last is what stays
	rm -rf "$XDG_CACHE_HOME"
	audit 1 "$tree"
	find "$XDG_CACHE_HOME" -type f -exec touch -d '2 days ago' {} +
	audit 1 "$tree" drivers/parted
	echo '/* once more */' >>"$tree/drivers/parted/main.c"
	WQLINT_CACHE_SIZE=80K audit 1 -v "$tree" drivers/parted
	expect_equal "$(nr_compiled) $(nr_cached)" "1 3" "compiled, cached"
	audit 1 -v "$tree" drivers/parted
	expect_equal "$(nr_compiled) $(nr_cached)" "0 4" "compiled, cached afterwards"
}

no_cache() {
	rm -rf "$XDG_CACHE_HOME"
	audit 1 --no-cache "$tree"
	expect_equal "$(findings)" "$all_findings" "findings"
	expect_equal "$([ -e "$XDG_CACHE_HOME" ]; echo $?)" 1 "there is no cache"
	expect_equal "$(ls -A "$TMPDIR")" "" "temporary files"
}

parts() {
	audit 1 "$tree" drivers/sample
	expect_equal "$(findings)" "$(grep sample <<<"$all_findings")" "findings"
	expect_text "$tmp/err" 'a dry run of make drivers/sample/$' 1
	audit 1 "$tree" parted
	expect_equal "$(findings)" "$(grep parted <<<"$all_findings")" "findings"
	audit 1 "$tree" drivers/parted/parted.ko
	expect_equal "$(findings)" "$(grep parted <<<"$all_findings")" "findings"
	audit 2 "$tree" nowhere
	expect_text "$tmp/err" '^wqlint: nowhere: no compile command is of such a module$' 1
	expect_no_leftovers
}

not_compiled() {
	cp "$tree/drivers/sample/queue.c" "$tmp/queue.c"
	echo 'int queue_flags = UNDECLARED;' >>"$tree/drivers/sample/queue.c"
	audit 2 "$tree"
	expect_text "$tmp/err" "^wqlint: drivers/sample/queue.c: not linted: it does not compile: .UNDECLARED. undeclared" 1
	expect_text "$tmp/err" '^wqlint: incomplete: 1 unit was not linted$' 1
	# what needs the whole module is not said; what one file proves is
	expect_equal "$(findings)" "$(grep -v unflushed <<<"$all_findings")" "findings"
	cp "$tmp/queue.c" "$tree/drivers/sample/queue.c"
	audit 1 "$tree"
	expect_equal "$(findings)" "$all_findings" "findings"
}

not_ready() {
	audit 2 "$tmp"
	expect_text "$tmp/err" 'is not a configured kernel' 1
	rm "$tree/include/config/auto.conf"
	audit 2 "$tree"
	expect_text "$tmp/err" 'is not ready: it has no include/config/auto.conf; run make prepare there, or give --prepare$' 1
	audit 1 --prepare "$tree"
	expect_text "$tmp/err" ': running make prepare$' 1
	expect_equal "$(findings)" "$all_findings" "findings"
	touch -d '1 hour' "$tree/.config"
	audit 2 "$tree"
	expect_text "$tmp/err" 'auto.conf is older than .config' 1
	configure "$tree"
	# Make would configure anew, even when it only says what it would do.
	touch "$tree/drivers/Kconfig"
	touch -d '1 minute ago' "$tree/include/config/auto.conf.cmd" "$tree/.config"
	audit 2 "$tree"
	expect_text "$tmp/err" 'is not ready: drivers/Kconfig is newer than its configuration; run' 1
	rm "$tree/drivers/Kconfig"
	audit 2 "$tree"
	expect_text "$tmp/err" 'is not ready: drivers/Kconfig is gone; run' 1
	touch -d '1 hour ago' "$tree/drivers/Kconfig"
	rm "$tree/include/config/auto.conf.cmd"
	audit 2 "$tree"
	expect_text "$tmp/err" 'is not ready: it has no include/config/auto.conf.cmd; run' 1
	# What distributions install to build modules.
	mv "$tree/Kconfig" "$tmp/Kconfig"
	audit 2 --prepare "$tree"
	expect_text "$tmp/err" 'has no sources of a kernel .*: headers for modules are not enough$' 1
	mv "$tmp/Kconfig" "$tree/"
	configure "$tree"
	sed -i 's/^CONFIG_CC_VERSION_TEXT=.*/CONFIG_CC_VERSION_TEXT="gcc (Other) 4.2.1"/' "$tree/.config"
	touch "$tree"/include/config/auto.conf{,.cmd}
	audit 2 "$tree"
	expect_text "$tmp/err" 'configured with "gcc \(Other\) 4.2.1", and the compiler is now' 1
	echo 'CONFIG_CC_IS_CLANG=y' >>"$tree/.config"
	audit 2 "$tree"
	expect_text "$tmp/err" 'is configured for clang' 1
	configure "$tree"
	audit 2
	expect_text "$tmp/err" 'directory of a configured kernel is missing' 1
	expect_no_leftovers
}

elsewhere() {
	local build=$tmp/build

	mkdir -p "$build"
	printf 'export srctree := %s\ninclude %s/Makefile\n' "$tree" "$tree" >"$build/Makefile"
	configure "$build"
	audit 1 "$build"
	expect_equal "$(findings)" "$all_findings" "findings"
	audit 1 "$build" drivers/parted
	expect_equal "$(findings)" "$(grep parted <<<"$all_findings")" "findings"
	expect_equal "$(find "$build" -name '*.o')" "" "objects"
}

formats() {
	local format

	for format in checkpatch gcc json; do
		audit 1 --format=$format "$tree"
		expect_text "$tmp/out" 'waits only for its own queue' 1
	done
	audit 0 --fail-level=never -q "$tree"
	expect_text "$tmp/err" '^rule ' 0
}

test_that "a whole tree, and nothing is written to it" whole_tree
test_that "all units, selected units and wqlint run find the same" same_as_run
test_that "a compile database instead of a dry run" from_database
test_that "a second run takes all from the cache" from_cache
test_that "what changed is compiled again" changes
test_that "an entry that is broken is made again" broken_entries
test_that "two runs at once" two_at_once
test_that "kill -9 leaves nothing that is in the way" killed
test_that "Ctrl-C: 130, no temporary files, what was found out is kept" by_ctrl_c
test_that "SIGTERM" by_term
test_that "the cache has a largest size" size
test_that "--no-cache" no_cache
test_that "a directory, a module" parts
test_that "a unit that does not compile" not_compiled
test_that "a tree that is not configured or prepared" not_ready
test_that "another directory for what is built" elsewhere
test_that "formats" formats
tap_end
