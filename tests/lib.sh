# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# For the tests and benchmarks that use a real kernel: lines of TAP, and a
# configured kernel tree in the user's cache. Sourced by bash.
#
# Environment:
#	TARGET_GCC		the compiler that loads the plugin (default: gcc)
#	WQLINT_KERNEL_TREE	a configured tree; it is copied, never written
#	XDG_CACHE_HOME		where the cache is (default: ~/.cache)

kernel_tarball=/usr/src/linux-source-6.1.tar.xz
kernel_cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/wqlint-tests
kernel_gcc=${TARGET_GCC:-gcc}
jobs=$(nproc 2>/dev/null || echo 1)
tap_count=0
tap_failed=0

# ---- TAP ----

# tap STATUS NAME [FILE]: one line; when it failed, FILE as its explanation.
tap() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
		return
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $2"
	[ -z "${3-}" ] || tail -n 40 "$3" | sed 's/^/# /'
}

# tap_empty NAME FILE: passes when FILE is empty, else shows it.
tap_empty() {
	[ ! -s "$2" ]
	tap $? "$1" "$2"
}

# The plan, last, and the exit status.
tap_end() {
	echo "1..$tap_count"
	[ "$tap_failed" -eq 0 ]
	exit
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 77
}

# ---- the kernel tree ----

# run_make DIRECTORY ARGUMENT...: with nothing of the caller's environment:
# the kernel's makefiles listen to many variables, and to an outer make.
run_make() {
	local directory=$1

	shift
	env -i PATH="$PATH" HOME="${HOME:-/}" TMPDIR="${TMPDIR:-/tmp}" LC_ALL=C \
		make -C "$directory" CC="$kernel_gcc" "$@"
}

# What a configured tree depends on.
kernel_identity() {
	# shellcheck disable=SC2086 # the compiler may be "ccache gcc"
	$kernel_gcc --version | head -n 1
	stat -L -c '%n %s %Y' "$kernel_tarball" 2>/dev/null
}

# Why there can be no kernel tree; empty when there can.
kernel_unavailable() {
	local machine

	# shellcheck disable=SC2086
	if ! machine=$($kernel_gcc -dumpmachine 2>/dev/null); then
		echo "no compiler '$kernel_gcc'"
	elif [[ $machine != x86_64-* ]]; then
		echo "the lists are for an x86_64 kernel, '$kernel_gcc' makes $machine"
	elif [ -z "${WQLINT_KERNEL_TREE-}" ] && [ ! -f "$kernel_tarball" ]; then
		echo "no $kernel_tarball: install the package linux-source-6.1"
	fi
}

# Unpacks beside the place and renames: a half unpacked tree is never used.
kernel_unpack() {
	rm -rf "$kernel_tree" "$kernel_tree.new" &&
	mkdir -p "$kernel_tree.new" &&
	tar -xJf "$kernel_tarball" -C "$kernel_tree.new" --strip-components=1 &&
	mv "$kernel_tree.new" "$kernel_tree"
}

kernel_configure() {
	run_make "$kernel_tree" -s allmodconfig &&
	run_make "$kernel_tree" -j"$jobs" prepare modules_prepare
}

# kernel_prepare: sets kernel_tree to a tree in which objects can be built,
# and locks it until the caller ends: users of one cache take turns. Says on
# stdout what it does; fails when a step fails.
kernel_prepare() {
	local ready

	mkdir -p "$kernel_cache" || return 1
	exec 9>"$kernel_cache/lock" || return 1
	flock 9 || return 1
	if [ -n "${WQLINT_KERNEL_TREE-}" ]; then
		kernel_tree=$kernel_cache/copy
		if [ ! -f "$WQLINT_KERNEL_TREE/.config" ]; then
			echo "WQLINT_KERNEL_TREE: no configured kernel in '$WQLINT_KERNEL_TREE'"
			return 1
		fi
		rm -rf "$kernel_tree" && mkdir "$kernel_tree" &&
		cp -a --reflink=auto "$WQLINT_KERNEL_TREE/." "$kernel_tree" &&
		run_make "$kernel_tree" -j"$jobs" prepare modules_prepare
		return
	fi
	kernel_tree=$kernel_cache/linux-source-6.1
	ready=$kernel_tree/.wqlint-ready
	if [ -f "$ready" ] && [ "$(kernel_identity)" = "$(cat "$ready")" ]; then
		return
	fi
	kernel_unpack && kernel_configure && kernel_identity >"$ready"
}

# kernel_units: the objects of the list, one per line.
kernel_units() {
	sed '/^#/d' "${srcdir:-.}/tests/kernel-6.1.units"
}
