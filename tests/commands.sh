#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Where the compile commands of a kernel come from: the .cmd files of a build,
# or a dry run of make; and the compile database that is made of them. The tree
# is our own: its make builds, and leaves behind what Kbuild leaves.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

command -v jq >/dev/null || skip_all "no jq: install the package jq"
export XDG_CACHE_HOME=$tmp/cache
unset KCFLAGS MAKEFLAGS MAKELEVEL MFLAGS
tree=$tmp/tree

# A make that says in $tmp/made what it was asked for.
mkdir "$tmp/bin"
printf '#!/bin/sh\necho "$*" >>"%s"\nexec "%s" "$@"\n' "$tmp/made" "$(command -v make)" >"$tmp/bin/make"
chmod +x "$tmp/bin/make"

# make_tree DIRECTORY: a configured and prepared one, of which each file has a
# finding:
#	drivers/core	is built in
#	drivers/two	is a module of two files, one of them of drivers/shared
#	drivers/mixed	is both: a file that is built in, and a module
make_tree() {
	local file

	mkdir -p "$1"/{scripts,drivers/{core,two,shared,mixed}}
	cp -r "$srcdir/testsuite-c/include" "$1/"
	chmod -R u+w "$1/include"
	for file in core/core two/first shared/second mixed/inside mixed/mod-ule; do
		cp "$one_finding" "$1/drivers/$file.c"
	done
	echo 'obj-y := core.o' >"$1/drivers/core/Makefile"
	printf 'obj-m := two.o\ntwo-objs := first.o ../shared/second.o\n' >"$1/drivers/two/Makefile"
	printf 'obj-y := inside.o\nobj-m := mod-ule.o\n' >"$1/drivers/mixed/Makefile"
	touch "$1/Kconfig"
	cat >"$1/Makefile" <<-'END'
	VERSION = 6
	.RECIPEPREFIX = >
	CC = $(CROSS_COMPILE)gcc
	srctree ?= .
	export CC ARCH KCFLAGS srctree saved
	dirs := drivers/core/ drivers/two/ drivers/mixed/
	all: vmlinux modules
	vmlinux: $(dirs)
	>touch $@
	modules: $(dirs)
	>cat $(wildcard $(addsuffix modules.order,$(dirs))) >modules.order
	$(dirs): FORCE
	>$(MAKE) -f $(srctree)/scripts/Makefile.build obj=$(patsubst %/,%,$@)
	olddefconfig prepare modules_prepare:
	>mkdir -p include/config include/generated
	>echo CONFIG_MODULES=y >include/config/auto.conf
	>touch include/config/auto.conf.cmd include/generated/autoconf.h include/generated/utsrelease.h
	FORCE:
	.PHONY: FORCE modules $(dirs)
	END
	# "saved" is what Linux 6.2 and later have before cmd_
	cat >"$1/scripts/Makefile.build" <<-'END'
	.RECIPEPREFIX = >
	include $(srctree)/$(obj)/Makefile
	parts = $(or $($(1:.o=-objs)),$(1))
	module = $(patsubst %.o,%,$(foreach m,$(obj-m),$(if $(filter $(@:$(obj)/%=%),$(call parts,$(m))),$(m))))
	objects := $(addprefix $(obj)/,$(obj-y) $(foreach m,$(obj-m),$(call parts,$(m))))
	made := $(if $(obj-y),$(obj)/built-in.a) $(if $(obj-m),$(obj)/modules.order)
	pound := \#
	name = '"$(subst -,_,$(1))"'
	command = $(CC) -Wp,-MMD,$(@D)/.$(@F).d -nostdinc -I$(srctree)/include \
		-D__KERNEL__ '-DTEXT="$$a$(pound)b; c"' -DARCH_IS_$(ARCH) -O2 \
		-std=gnu11 -fconserve-stack -Werror $(KCFLAGS) $(if $(module),-DMODULE) \
		-DKBUILD_BASENAME=$(call name,$(basename $(@F))) \
		-DKBUILD_MODNAME=$(call name,$(or $(module),$(basename $(@F)))) \
		-DKBUILD_MODFILE='"$(obj)/$(or $(module),$(basename $(@F)))"' \
		-c -o $@ $<
	written = $(subst ','\'',$(subst $(pound),$$(pound),$(subst $$,$$$$,$(command))))
	all: $(made)
	$(made): $(objects)
	$(obj)/built-in.a:
	>touch $@
	$(obj)/modules.order:
	>$(foreach m,$(obj-m),printf '$(obj)/%s\n' $(call parts,$(m)) >$(obj)/$(m:.o=.mod);)
	>printf '$(obj)/%s\n' $(obj-m:.o=.ko) >$@
	$(obj)/%.o: $(srctree)/$(obj)/%.c FORCE
	>mkdir -p $(obj) $(@D); $(command); printf '%s\n\n' '$(saved)cmd_$@ := $(written) ; :' 'source_$@ := $<' >$(@D)/.$(@F).cmd
	FORCE:
	.PHONY: FORCE all
	END
	configure "$1" x86 "$TARGET_GCC"
}

# configure DIRECTORY ARCH COMPILER
configure() {
	{
		echo "#"
		echo "# Linux/$2 6.1.0 Kernel Configuration"
		echo "#"
		# shellcheck disable=SC2086 # the compiler may have arguments
		echo "CONFIG_CC_VERSION_TEXT=\"$($3 --version | head -n 1)\""
	} >"$1/.config"
	make -s -C "$1" prepare
}

# build DIRECTORY [ARGUMENT...]: it was configured a while ago, and is built
# now; what a build needs longer for is not known to the clock.
build() {
	find "$1" -type f ! -name '*.cmd' -exec touch -d '1 hour ago' {} +
	# shellcheck disable=SC2086
	expect make -s -C "$1" CC="$TARGET_GCC" ARCH=x86 "${@:2}"
}

# fresh_tree: built, and nothing else known of it.
fresh_tree() {
	rm -rf "$tree" "$XDG_CACHE_HOME"
	make_tree "$tree"
	build "$tree"
}

# run_wqlint STATUS ARG...: $tmp/out, $tmp/err, and $tmp/made if make was run
run_wqlint() {
	local expected=$1

	shift
	rm -f "$tmp/made"
	PATH=$tmp/bin:$PATH timeout 120 "$WQLINT" "$@" >"$tmp/out" 2>"$tmp/err"
	expect_equal $? "$expected" "exit status of $*"
}

from_build() {
	expect_text "$tmp/err" '^wqlint: compile commands: the \.cmd files of a build$' 1
	expect [ ! -e "$tmp/made" ]
}

# from_dry_run TARGETS [CAUSE]: of now, or one that nothing has changed since.
from_dry_run() {
	expect_text "$tmp/err" "^wqlint: compile commands: an? (earlier )?dry run of make $1${2:+ \(not of the build: $2\)}\$" 1
	grep -q ' an earlier ' "$tmp/err" ||
		expect_text "$tmp/made" "^-C [^ ]* .*-n .* ${1%/ ...}" 1
}

# The database that was printed last: one command per line, in order.
entries() {
	jq -S -c '.[]' "$tmp/out" | sort
}

all='vmlinux modules'

# ---- a build ----

without_build() {
	rm -rf "$tree"
	make_tree "$tree"
	run_wqlint 1 audit --format=gcc "$tree"
	from_dry_run "$all"
	cp "$tmp/out" "$tmp/dry"
	expect_equal "$(grep -c '\[wqlint:flush-system-wq\]' "$tmp/dry")" 5 "findings"
	run_wqlint 0 compdb --no-cache "$tree"
	entries >"$tmp/dry-entries"
	expect_equal "$(wc -l <"$tmp/dry-entries")" 5 "entries"
}

same_as_dry_run() {
	local saved

	for saved in '' saved; do
		fresh_tree
		build "$tree" saved="$saved"
		expect_text "$tree/drivers/core/.core.o.cmd" "^${saved}cmd_drivers/core/core\.o := .*\\\$\\\$a\\\$\(pound\)b" 1
		run_wqlint 1 audit --format=gcc "$tree"
		from_build
		expect cmp "$tmp/out" "$tmp/dry"
		run_wqlint 0 compdb "$tree"
		from_build
		entries | expect diff "$tmp/dry-entries" -
	done
	expect_text "$tmp/out" '"-DTEXT=\\"\$a#b; c\\""' 5
}

# without FILE CAUSE [ARG...]: what is not there any more.
without() {
	mv "$tree/$1" "$tmp/kept"
	run_wqlint 0 compdb "$tree" "${@:3}"
	from_dry_run "$([ $# -gt 2 ] && echo "${*:3}/" || echo "$all")" "$2"
	mv "$tmp/kept" "$tree/$1"
}

partial() {
	fresh_tree
	without vmlinux 'it has no vmlinux'
	without modules.order 'it has no modules\.order'
	without drivers/shared/.second.o.cmd 'it has no command of drivers/two/\.\./shared/second\.o'
	without drivers/two/two.mod 'it has no drivers/two/two\.mod'
	entries | expect diff "$tmp/dry-entries" -
	# the form of Linux before 5.19, and of modules.order before 5.3
	echo "drivers/two/first.o drivers/two/../shared/second.o
schedule_work some_function" >"$tree/drivers/two/two.mod"
	sed -i 's,^,kernel/,' "$tree/modules.order"
	run_wqlint 0 compdb "$tree"
	from_build
	without drivers/shared/.second.o.cmd 'it has no command of drivers/two/\.\./shared/second\.o'
	# without modules there is no list of them
	echo 'CONFIG_MODULES is not set' >"$tree/include/config/auto.conf"
	touch -d '1 hour ago' "$tree/include/config/auto.conf"
	rm "$tree/modules.order"
	run_wqlint 0 compdb "$tree"
	from_build
}

# outdated FILE CAUSE: a file that was changed after the build.
outdated() {
	touch "$tree/$1"
	run_wqlint 0 compdb "$tree"
	from_dry_run "$all" "$2"
	touch -d '1 hour ago' "$tree/$1"
	run_wqlint 0 compdb "$tree"
	from_build
}

stale() {
	fresh_tree
	find "$tree" -name '*.cmd' -exec touch -d '1 minute ago' {} +
	outdated include/config/auto.conf '.*\.o\.cmd is older than include/config/auto\.conf'
	outdated drivers/two/Makefile 'drivers/(two/\.first|shared/\.second)\.o\.cmd is older than drivers/two/Makefile'
	outdated scripts/Makefile.build '.* is older than scripts/Makefile\.build'
	outdated Makefile '.* is older than Makefile'
	# a source that was only changed is compiled by the same command
	echo >>"$tree/drivers/two/first.c"
	run_wqlint 0 compdb "$tree"
	from_build
	mv "$tree/drivers/two/first.c" "$tmp/first.c"
	run_wqlint 0 compdb "$tree"
	from_dry_run "$all" 'drivers/two/first\.c is gone'
	mv "$tmp/first.c" "$tree/drivers/two/first.c"
	KCFLAGS=-DMINE run_wqlint 0 compdb "$tree"
	from_dry_run "$all" 'KCFLAGS is set'
	expect_text "$tmp/out" '"-DMINE"' 5
}

parts() {
	rm -rf "$tree" "$XDG_CACHE_HOME"
	make_tree "$tree"
	build "$tree" drivers/mixed/
	run_wqlint 1 audit "$tree" drivers/mixed
	from_build
	expect_text "$tmp/out" '^drivers/mixed/.*\[flush-system-wq\]$' 2
	run_wqlint 1 audit "$tree"
	from_dry_run "$all" 'it has no vmlinux'
	run_wqlint 1 audit "$tree" drivers/mixed drivers/two
	from_dry_run 'drivers/mixed/ ...' 'it has no drivers/two/built-in\.a'
	run_wqlint 1 audit "$tree" drivers/core
	from_dry_run drivers/core/
	without drivers/mixed/built-in.a 'it has no drivers/mixed/built-in\.a' drivers/mixed
	without drivers/mixed/modules.order 'it has no drivers/mixed/modules\.order' drivers/mixed
	# a directory of modules only has no built-in.a
	build "$tree"
	run_wqlint 1 audit "$tree" drivers/two
	from_build
	expect_text "$tmp/out" '^drivers/(two/first|shared/second)\.c:.*\[flush-system-wq\]$' 2
}

elsewhere() {
	local built=$tmp/built

	rm -rf "$tree"
	make_tree "$tree"
	mkdir "$built"
	printf 'export srctree := %s\ninclude %s/Makefile\n' "$tree" "$tree" >"$built/Makefile"
	configure "$built" x86 "$TARGET_GCC"
	find "$tree" -type f -exec touch -d '1 hour ago' {} +
	build "$built"
	run_wqlint 1 audit --format=gcc "$built"
	from_build
	expect cmp "$tmp/out" "$tmp/dry"
	run_wqlint 0 compdb "$built" drivers/two
	expect_equal "$(jq -r '.[] | .directory, .file' "$tmp/out" | sort -u)" \
		"$(printf '%s\n' "$built" "$tree/drivers/two/first.c" "$tree/drivers/shared/second.c" | sort)" "names"
	touch "$tree/drivers/core/Makefile"
	run_wqlint 0 compdb "$built"
	from_dry_run "$all" '.* is older than drivers/core/Makefile'
}

# What is in a .cmd file is read, and not run; what is no command of Kbuild's is
# no reason to leave its object out.
hostile() {
	local two=drivers/two/first.o file text run

	fresh_tree
	file=$tree/drivers/two/.first.o.cmd
	run="touch $tmp/ran"
	sed -i "1s,-O2,-O2 '-DA=\$\$($run)' \"-DB=\`$run\`\" -DC=\$(id>$tmp/ran),; 1s,\$, ; $run; \$\$($run) \& \`$run\` | $run," "$file"
	expect_text "$file" "-DC=.\(id>.*; $run; " 1
	run_wqlint 1 audit "$tree"
	from_build
	expect_equal "$(grep -c '\[flush-system-wq\]' "$tmp/out")" 5 "findings"
	for text in '' "cmd_$two" "cmd_$two := " "cmd_drivers/other.o := gcc -D__KERNEL__ -c -o x.o x.c" \
		    "cmd_$two := $run; \"gcc -D__KERNEL__ -c -o $two" "$(head -c 300000 /dev/zero | tr '\0' 'x')"; do
		printf '%s\n' "$text" >"$file"
		run_wqlint 0 compdb "$tree"
		from_dry_run "$all" "it has no command of $two"
	done
	rm "$file"
	mkfifo "$file"
	run_wqlint 0 compdb "$tree"
	from_dry_run "$all" "it has no command of $two"
	expect [ ! -e "$tmp/ran" ]
}

# Other builds and programs for the build are in the tree, too.
others() {
	fresh_tree
	mkdir -p "$tree"/{nested/drivers,tools,scripts/mod,.git}
	echo >"$tree/nested/.config"
	for file in nested/drivers/x nested/drivers/y tools/z scripts/mod/empty .git/a; do
		echo "cmd_$file.o := gcc -D__KERNEL__ -c -o $file.o $file.c" \
			>"$tree/${file%/*}/.${file##*/}.o.cmd"
	done
	echo 'cmd_drivers/two/host.o := gcc -c -o drivers/two/host.o drivers/two/host.c' >"$tree/drivers/two/.host.o.cmd"
	echo 'cmd_drivers/two/two.mod.o := gcc -D__KERNEL__ -c -o drivers/two/two.mod.o drivers/two/two.mod.c' >"$tree/drivers/two/.two.mod.o.cmd"
	run_wqlint 0 compdb "$tree"
	from_build
	entries | expect diff "$tmp/dry-entries" -
}

# ---- what it is configured for ----

cross() {
	rm -rf "$tree"
	make_tree "$tree"
	configure "$tree" arm64 aarch64-linux-gnu-gcc-12
	run_wqlint 0 compdb "$tree"
	from_dry_run "$all"
	expect_text "$tmp/made" ' ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- CC=aarch64-linux-gnu-gcc-12 -n ' 1
	expect_equal "$(jq -r '.[].arguments | .[0], (.[] | select(startswith("-DARCH")))' "$tmp/out" | sort -u)" \
		"$(printf '%s\n' -DARCH_IS_arm64 aarch64-linux-gnu-gcc-12)" "commands"
}

# ---- a database ----

database() {
	local output=$tmp/database.json

	rm -rf "$tree"
	make_tree "$tree"
	KCFLAGS="-fplugin=$WQLINT_PLUGIN -fplugin-arg-wqlint-strict -DMINE" \
		run_wqlint 0 compdb "$tree" drivers/two -o "$output"
	from_dry_run drivers/two/
	expect_equal "$(cat "$tmp/out")" "" "stdout"
	expect_equal "$(jq length "$output")" 2 "entries"
	expect_text "$output" '"-DMINE"' 2
	expect_text "$output" '"-std=gnu11"' 2
	expect_no_text "$output" '-fplugin|"-Werror"|-fconserve-stack|-Wp,-MMD|WQLINT_DRY_RUN'
	# the same commands are linted
	run_wqlint 1 run -p "$output"
	expect_equal "$(grep -c '\[flush-system-wq\]' "$tmp/out")" 2 "findings"
	KCFLAGS="-fplugin=$WQLINT_PLUGIN -fplugin-arg-wqlint-strict -DMINE" \
		run_wqlint 0 compdb "$tree" drivers/two
	expect_text "$tmp/err" 'an earlier dry run of make drivers/two/$' 1
	expect cmp "$tmp/out" "$output"
}

database_refuses() {
	run_wqlint 2 compdb -p "$tree" "$tree"
	expect_text "$tmp/err" "^wqlint: compdb takes -p $tree or a kernel, not both\$" 1
	run_wqlint 2 compdb "$tree" drivers/none
	expect_text "$tmp/err" '^wqlint: drivers/none: is no directory of the kernel$' 1
	run_wqlint 2 compdb "$tmp"
	expect_text "$tmp/err" 'is not a configured kernel' 1
	run_wqlint 2 compdb "$tree" -o "$tmp/none/out.json"
	expect_text "$tmp/err" "cannot write $tmp/none/out.json: No such file" 1
	rm "$tree/include/config/auto.conf"
	run_wqlint 2 compdb "$tree"
	expect_text "$tmp/err" 'is not ready: .*, or give --prepare$' 1
	expect_equal "$(cat "$tmp/out")" "" "stdout"
	run_wqlint 0 compdb --prepare "$tree"
	expect_equal "$(entries | wc -l)" 5 "entries"
}

with_clangd() {
	rm -rf "$tree"
	make_tree "$tree"
	run_wqlint 0 compdb "$tree" -o "$tree/compile_commands.json"
	timeout 60 clangd --check="$tree/drivers/two/first.c" >"$tmp/out" 2>&1
	expect_equal $? 0 "exit status of clangd"
	expect_text "$tmp/out" 'Loaded compilation database from' 1
	expect_text "$tmp/out" 'All checks completed, 0 errors' 1
}

test_that "nothing was built: a dry run" without_build
test_that "a build: make is not run, the commands and findings are the same" same_as_dry_run
test_that "a build that is not complete" partial
test_that "a build that is older than what it was made by" stale
test_that "a build of some directories" parts
test_that "a build in another directory" elsewhere
test_that "a .cmd file is not run" hostile
test_that "other builds in the tree" others
if command -v aarch64-linux-gnu-gcc-12 >/dev/null; then
	test_that "the architecture and compiler that it was configured for" cross
else
	skip_test "the architecture and compiler that it was configured for" "no aarch64-linux-gnu-gcc-12"
fi
test_that "a database without a build" database
test_that "a database that cannot be" database_refuses
if command -v clangd >/dev/null; then
	test_that "clangd takes the database" with_clangd
else
	skip_test "clangd takes the database" "no clangd"
fi
tap_end
