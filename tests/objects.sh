#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# wqlint check on what a build leaves: objects, what ld and ar make of them,
# facts files, directories. Whatever holds the facts, the report is the same;
# what holds none, or broken ones, is named.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

for tool in ld ar objcopy readelf mkfifo; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done

# check ARG...: sets "status", and $tmp/out and $tmp/err.
check() {
	"${as_user[@]}" timeout 60 "$WQLINT" check "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# expect_report: what wqlint run says of the sample, and nothing else.
expect_report() {
	expect_equal "$status" 1 "exit status"
	expect_equal "$(cat "$tmp/err")" "" "stderr"
	expect diff "$tmp/expected" "$tmp/out"
}

# expect_line TEXT: only this, on stderr, and status 2.
expect_line() {
	expect_equal "$status" 2 "exit status"
	expect_equal "$(cat "$tmp/err")" "wqlint: $1" "stderr"
	expect_equal "$(cat "$tmp/out")" "" "stdout"
}

# expect_rest REGEX: the sample's one-file finding, a line of REGEX, status 2;
# and nothing about the whole module, as a part of it was not read.
expect_rest() {
	expect_equal "$status" 2 "exit status"
	expect_text "$tmp/err" "$1" 1
	expect_text "$tmp/err" '^' 1
	expect_text "$tmp/out" '\[flush-system-wq\]$' 1
	expect_no_text "$tmp/out" '\[unflushed-work\]$'
}

# compile_sample NAME [FLAG...]: as Kbuild does, from the top of the tree.
compile_sample() {
	local name=$1

	shift
	# shellcheck disable=SC2086 # the compiler may be "ccache gcc"
	(cd "$srcdir" && $TARGET_GCC -O2 -std=gnu11 -nostdinc -w \
		-I testsuite-c/include -D__KERNEL__ -DMODULE \
		"-DKBUILD_BASENAME=\"$name\"" '-DKBUILD_MODNAME="sample"' \
		'-DKBUILD_MODFILE="sample/sample"' "-fplugin=$WQLINT_PLUGIN" \
		-fplugin-arg-wqlint-facts=object "$@" \
		-c "testsuite-c/sample/$name.c")
}

# ---- forms ----

objects() {
	check "$objects/device.o" "$objects/queue.o"
	expect_report
	check "$objects/queue.o" "$objects/device.o" "$objects/../objects/queue.o"
	expect_report
	cd "$objects" || return
	check device.o queue.o
	expect_report
}

composite() {
	expect ld -r -o "$tmp/sample.o" "$objects/device.o" "$objects/queue.o"
	check "$tmp/sample.o"
	expect_report
	check "$objects/queue.o" "$tmp/sample.o"
	expect_report
}

archives() {
	cd "$objects" || return
	expect ar rc "$tmp/normal.a" queue.o device.o
	check "$tmp/normal.a"
	expect_report
	cd "$tmp" || return
	expect ar rcT thin.a objects/device.o objects/queue.o
	expect_equal "$(head -c 7 thin.a)" "!<thin>" "magic"
	expect ar cDPrST plain.a objects/device.o objects/queue.o
	expect ar rc lib.a objects/queue.o
	expect ar cDPrST nested.a objects/device.o lib.a
	mkdir -p deep
	expect ar rcT deep/thin.a thin.a
	for archive in thin.a plain.a nested.a deep/thin.a; do
		check "$archive"
		expect_report
		cd / || return
		check "$tmp/$archive"
		expect_report
		cd "$tmp" || return
	done
	check thin.a sample.o normal.a objects/device.o
	expect_report
}

facts_files() {
	local name

	mkdir -p "$tmp/facts"
	for name in device queue; do
		expect compile_sample "$name" -o /dev/null \
			"-fplugin-arg-wqlint-facts=$tmp/facts"
	done
	check "$tmp/facts"
	expect_report
	check "$tmp"/facts/*
	expect_report
	cat "$tmp"/facts/* >"$tmp/all"
	check "$tmp/all"
	expect_report
}

# Everything at once: each unit comes once.
directory() {
	mkdir -p "$tmp/tree/sub"
	cp "$objects"/*.o "$tmp/tree/sub"
	cp "$tmp/sample.o" "$tmp/normal.a" "$tmp/tree"
	(cd "$tmp/tree" && ar rcT built-in.a sub/device.o sub/queue.o)
	ln -s .. "$tmp/tree/sub/loop"
	ln -s sub "$tmp/tree/link"
	ln -s no-such "$tmp/tree/dangling.o"
	mkfifo "$tmp/tree/fifo.o"
	mkdir "$tmp/tree/directory.o"
	echo "int nothing;" | gcc -x c -c -o "$tmp/tree/nothing.o" -
	ln -s tree "$tmp/to-tree"
	for path in tree tree/ to-tree tree/../tree; do
		check "$tmp/$path"
		expect_report
	done
	cd "$tmp/tree" || return
	check .
	expect_report
	check --format=checkpatch "$tmp/tree/sub" "$tmp/tree"
	expect_text "$tmp/out" ', 2 files checked$' 1
}

# One source compiled for two modules is two units.
two_modules() {
	mkdir -p "$tmp/two"
	for module in one two; do
		expect compile_sample device "-DKBUILD_MODFILE=\"$module\"" \
			-o "$tmp/two/$module.o"
	done
	check --format=checkpatch "$tmp/two"
	expect_text "$tmp/out" ', 2 files checked$' 1
}

ccache_hit() {
	local name

	export CCACHE_DIR=$tmp/ccache
	TARGET_GCC="ccache $TARGET_GCC"
	mkdir -p "$tmp/hit"
	for round in 1 2; do
		rm -f "$tmp"/hit/*.o
		for name in device queue; do
			expect compile_sample "$name" -o "$tmp/hit/$name.o"
		done
		expect_equal "$(ccache --print-stats |
			awk '/^(direct|preprocessed)_cache_hit/ { n += $2 } END { print n }')" \
			$((2 * round - 2)) "hits"
	done
	check "$tmp/hit"
	expect_report
}

# ---- no facts ----

# As the kernel's module.lds and vmlinux.lds do.
linked() {
	echo '__attribute__((section(".gnu.linkonce.this_module"))) int this_module = 1;' |
		gcc -x c -c -o "$tmp/this.o" -
	printf 'SECTIONS {\n/DISCARD/ : { *(.discard) *(.discard.*) }\n}\n' \
		>"$tmp/discard.lds"
	expect ld -r -T "$tmp/discard.lds" -o "$tmp/sample.ko" \
		"$objects/device.o" "$objects/queue.o" "$tmp/this.o"
	expect ld -T "$tmp/discard.lds" -e 0 --unresolved-symbols=ignore-all \
		-o "$tmp/vmlinux" "$objects/device.o" "$objects/queue.o"
	check "$tmp/sample.ko"
	expect_line "$tmp/sample.ko: has no facts: the kernel's linker script drops them when it makes a .ko; name the .o files or the facts instead"
	check "$tmp/vmlinux"
	expect_line "$tmp/vmlinux: has no facts: the linker drops them from vmlinux and from programs; name the .o files or the facts instead"
}

without_facts() {
	local no="has no facts (compile it with -fplugin-arg-wqlint-facts=object)"

	mkdir -p "$tmp/bare/sub"
	echo "int nothing;" | gcc -x c -c -o "$tmp/bare/sub/nothing.o" -
	check "$tmp/bare/sub/nothing.o"
	expect_line "$tmp/bare/sub/nothing.o: $no"
	check "$tmp/bare"
	expect_line "$tmp/bare: nothing in it has facts; those are made by make KCFLAGS=\"\$(wqlint kcflags) -fplugin-arg-wqlint-facts=object\""
	(cd "$tmp/bare" && ar rcT built-in.a sub/nothing.o && ar rc empty.a)
	for archive in built-in.a empty.a; do
		check "$tmp/bare/$archive"
		expect_line "$tmp/bare/$archive: no member of the archive has facts (compile them with -fplugin-arg-wqlint-facts=object)"
	done
	check "$tmp/bare" "$tmp/bare/sub/nothing.o"
	expect_line "$tmp/bare/sub/nothing.o: $no"
	# part of an archive may have none, as assembly does
	cd "$tmp" && ar rcT some.a bare/sub/nothing.o objects/device.o \
		objects/queue.o
	check some.a
	expect_report
}

odd_files() {
	mkdir -p "$tmp/odd"
	cd "$tmp/odd" || return
	check gone.o
	expect_line "gone.o: No such file or directory"
	mkfifo fifo
	check fifo
	expect_line "fifo: is not a regular file"
	check /dev/null
	expect_line "/dev/null: is not a regular file"
	ln -s loop loop
	check loop
	expect_line "loop: Too many levels of symbolic links"
	: >empty.o
	check empty.o
	expect_line "empty.o: is neither an object, an archive nor a facts file"
	truncate -s 1T huge.o
	check huge.o
	expect_line "huge.o: is neither an object, an archive nor a facts file"
	{ echo "wqlint-facts 3"; } >huge.wqfacts
	truncate -s 1T huge.wqfacts
	check huge.wqfacts
	expect_line "huge.wqfacts: is too large"
}

unreadable() {
	local command=$WQLINT

	chmod 755 "$tmp"
	mkdir -p "$tmp/locked/sub"
	cp "$objects"/*.o "$tmp/locked"
	chmod 0 "$tmp/locked/sub"
	if [ "$(id -u)" -eq 0 ]; then
		as_user=("${nobody[@]}")
		# who may not get to where it was built
		cp "$WQLINT" "$tmp/wqlint"
		WQLINT=$tmp/wqlint
	fi
	check "$tmp/locked"
	as_user=()
	WQLINT=$command
	chmod 700 "$tmp/locked/sub"
	expect_rest "locked/sub: Permission denied$"
}

# ---- broken ----

# with_note FILE: $tmp/broken.o, an object of queue.c with that note.
with_note() {
	expect objcopy --update-section ".discard.wqlint=$1" \
		"$objects/queue.o" "$tmp/broken.o"
}

# each_form REGEX: of $tmp/broken.o beside a good object.
each_form() {
	cd "$tmp" || return
	check objects/device.o broken.o
	expect_rest "wqlint: broken\.o: $1"
	rm -f broken.a thin-broken.a
	ar rc broken.a broken.o objects/device.o
	check broken.a
	expect_rest "wqlint: broken\.a: member broken\.o: $1"
	ar rcT thin-broken.a broken.o objects/device.o
	check thin-broken.a
	expect_rest "wqlint: thin-broken\.a: member broken\.o: $1"
}

broken_notes() {
	objcopy -O binary --only-section=.discard.wqlint --set-section-flags \
		.discard.wqlint=alloc "$objects/queue.o" "$tmp/note"
	expect_text "$tmp/note" '^wqlint-facts 4$' 1
	head -n 20 "$tmp/note" >"$tmp/cut"
	with_note "$tmp/cut"
	each_form 'line [0-9]+ of the facts: (truncated: no end|bad record|unknown kind of [a-z]+)$'
	sed 's/^wqlint-facts 4$/wqlint-facts 99/' "$tmp/note" >"$tmp/newer"
	with_note "$tmp/newer"
	each_form 'line 1 of the facts: written by a newer wqlint$'
	sed '5s/.*/bang/' "$tmp/note" >"$tmp/corrupt"
	with_note "$tmp/corrupt"
	each_form 'line 5 of the facts: unknown record$'
	# both notes in one, as ld -r puts them
	expect ld -r -o "$tmp/mixed.o" "$tmp/broken.o" "$objects/device.o"
	check "$tmp/mixed.o"
	expect_rest 'mixed\.o: line 5 of the facts: unknown record$'
}

# The header is good, so it is found late: the module is not complete, and
# other modules are.
broken_body() {
	sed '0,/^e /s/^e [A-Za-z]/e */' "$tmp/note" >"$tmp/body"
	with_note "$tmp/body"
	each_form 'line [0-9]+ of the facts: unknown kind of event$'
	objcopy -O binary --only-section=.discard.wqlint --set-section-flags \
		.discard.wqlint=alloc "$objects/device.o" "$tmp/device-note"
	cat "$tmp/device-note" "$tmp/note" |
		sed 's,/sample/,/other/,g; s,=sample,=other,g' >"$tmp/other"
	check broken.o objects/device.o other
	expect_equal "$status" 2 "exit status"
	expect_text "$tmp/err" 'broken\.o: line [0-9]+ of the facts: unknown kind' 1
	expect_text "$tmp/out" '\[unflushed-work\]$' 1
	"$WQLINT" facts --work sample_device.work broken.o other >"$tmp/out" 2>"$tmp/err"
	expect_equal $? 2 "exit status of facts --work"
	expect_text "$tmp/err" 'broken\.o: line [0-9]+ of the facts: unknown kind' 1
}

broken_objects() {
	head -c 3000 "$objects/queue.o" >"$tmp/broken.o"
	each_form 'the object is cut short$'
	head -c 40 "$objects/queue.o" >"$tmp/broken.o"
	each_form 'is a broken object$'
	echo "this is no object at all" >"$tmp/broken.o"
	each_form 'is neither an object, an archive nor a facts file$'
}

broken_archives() {
	cd "$tmp" || return
	ar rc two.a objects/device.o objects/queue.o
	head -c 12000 two.a >cut.a
	check cut.a
	expect_rest 'cut\.a: member queue\.o: is cut short$'
	{ cat two.a; echo "more"; } >more.a
	check more.a
	expect_rest 'more\.a: the archive is cut short$'
	cp objects/queue.o gone.o
	rm -f thin-gone.a
	ar rcT thin-gone.a objects/device.o gone.o
	rm gone.o
	check thin-gone.a
	expect_rest 'thin-gone\.a: member gone\.o: No such file or directory$'
	sed 's,^gone\.o/,g\x1bne.\x07/,' thin-gone.a >escapes.a
	check escapes.a
	expect_rest 'escapes\.a: member g\?ne\.\?: No such file or directory$'
	# what contains itself has an end
	sed 's,^objects/device\.o/,./././././self.a/,' thin-gone.a >self.a
	check self.a
	expect_line 'self.a: member gone.o: No such file or directory'
}

# Facts may name a file that nobody wants to read, here as the source.
odd_sources() {
	cp "$tmp/all" "$tmp/huge-source.wqfacts"
	truncate -s 1T "$tmp/huge.c"
	mkfifo "$tmp/fifo.c"
	for file in "$tmp/huge.c" "$tmp/fifo.c" /dev/zero ../../nothing; do
		sed "s,=testsuite-c/sample/device\.c,=$file,
		     s,directory=[^ ]*,directory=here," "$tmp/all" >"$tmp/odd.wqfacts"
		check "$tmp/odd.wqfacts"
		expect_equal "$status" 1 "exit status"
		expect_equal "$(cat "$tmp/err")" "" "stderr"
		expect_text "$tmp/out" ':53:2: warning: .*\[flush-system-wq\]$' 1
	done
}

# A file with much that is wrong does not fill the screen.
many_lines() {
	for number in $(seq 1000); do
		echo "wqlint-facts 99"
		echo "unit source=$number.c"
		echo "end 1"
	done >"$tmp/many.wqfacts"
	check "$tmp/many.wqfacts"
	expect_equal "$status" 2 "exit status"
	expect_text "$tmp/err" 'written by a newer wqlint$' 10
	expect_text "$tmp/err" ': and 990 more of that kind$' 1
}

# A module that would take forever; the rest is judged all the same.
too_large() {
	awk 'BEGIN {
		n = 20000
		print "wqlint-facts 3\nunit source=a.c modname=absurd"
		print "function name=f defined=1"
		for (i = 0; i < n; i++) print "event kind=flush-queue function=0"
		print "expr kind=global name=wq\nexpr kind=load base=0"
		for (i = 0; i < n; i++) print "operands event=" i " queue=1"
		print "end " 4 + 2 * n
	}' >"$tmp/absurd.wqfacts"
	check "$tmp/absurd.wqfacts" "$objects/device.o" "$objects/queue.o"
	expect_equal "$status" 2 "exit status"
	expect_equal "$(cat "$tmp/err")" "wqlint: absurd: not judged: its facts are larger than those of any module" "stderr"
	expect_text "$tmp/out" '\[unflushed-work\]$' 1
}

# ---- complete modules ----

# kbuild_tree MOD...: a tree whose sample.mod lists these objects.
kbuild_tree() {
	tree=$tmp/kbuild
	rm -rf "$tree"
	mkdir -p "$tree/sample"
	cp "$objects"/*.o "$tree/sample"
	printf 'sample/%s\n' "$@" >"$tree/sample/sample.mod"
}

modules() {
	kbuild_tree device.o queue.o
	check "$tree"
	expect_report
	# by the name that Kbuild gives to objects under CONFIG_MODVERSIONS,
	# and as older kernels write the file
	echo "sample/device.o sample/queue.o" >"$tree/sample/sample.mod"
	echo "printk kfree" >>"$tree/sample/sample.mod"
	check "$tree"
	expect_report
	kbuild_tree device.o queue.o more.o other.o
	check "$tree"
	expect_equal "$status" 1 "exit status"
	expect_no_text "$tmp/out" '\[unflushed-work\]$'
	expect_text "$tmp/out" '\[flush-system-wq\]$' 1
	expect_equal "$(cat "$tmp/err")" "wqlint: sample/sample: not complete, so only what its parts show is reported: there are no facts of sample/more.o and 1 more object" "stderr"
	rm "$tree/sample/sample.mod"
	mkfifo "$tree/sample/sample.mod"
	check "$tree"
	expect_report
	kbuild_tree device.o queue.o more.o other.o
	rm "$tree/sample/queue.o"
	check "$tree"
	expect_text "$tmp/err" 'there are no facts of sample/queue\.o and 2 more objects$' 1
}

assembly() {
	kbuild_tree device.o queue.o start.o
	echo 'cmd_sample/start.o := gcc -c -o sample/start.o sample/start.S' \
		>"$tree/sample/.start.o.cmd"
	echo 'source_sample/start.o := sample/start.S' \
		>>"$tree/sample/.start.o.cmd"
	check "$tree"
	expect_report
	sed -i 's/start\.S/start.c/' "$tree/sample/.start.o.cmd"
	check "$tree"
	expect_text "$tmp/err" 'there are no facts of sample/start\.o$' 1
}

as_user=()
nobody=(setpriv --reuid=65534 --clear-groups)	# root reads everything
objects=$tmp/objects
mkdir "$objects"
for name in device queue; do
	compile_sample "$name" -o "$objects/$name.o" || exit 1
done
"$srcdir/testsuite-c/sample/make-compdb" "$TARGET_GCC" "$tmp" \
	>"$tmp/compile_commands.json"
"$WQLINT" run -p "$tmp" >"$tmp/expected"

test_that "objects" objects
test_that "a composite object" composite
test_that "archives, normal, thin and nested" archives
test_that "facts files" facts_files
test_that "a directory with all of them" directory
test_that "a source of two modules" two_modules
if command -v ccache >/dev/null; then
	test_that "objects from ccache" ccache_hit
else
	skip_test "objects from ccache" "no ccache"
fi
test_that "a .ko and a vmlinux" linked
test_that "without facts" without_facts
test_that "odd files" odd_files
if [ "$(id -u)" -ne 0 ] ||
   "${nobody[@]}" "$WQLINT" --version >"$tmp/out" 2>&1; then
	test_that "an unreadable directory" unreadable
else
	skip_test "an unreadable directory" "root reads all, and nobody cannot run wqlint"
fi
test_that "broken notes" broken_notes
test_that "a broken note with a good header" broken_body
test_that "broken objects" broken_objects
test_that "broken archives" broken_archives
test_that "odd sources and directories" odd_sources
test_that "many broken units" many_lines
test_that "a module that is too large" too_large
test_that "modules of which objects are missing" modules
test_that "modules with assembly" assembly
tap_end
