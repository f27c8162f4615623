#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completion for bash and zsh, as the shells do it.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

mkdir "$tmp/bin" "$tmp/work"
ln -s "$WQLINT" "$tmp/bin/wqlint"
PATH=$tmp/bin:$PATH
git init -q "$tmp/repository" &&
	git -C "$tmp/repository" -c user.name=t -c user.email=t commit -q --allow-empty -m t &&
	git -C "$tmp/repository" tag topic || exit 1
export GIT_DIR=$tmp/repository/.git
cd "$tmp/work" && touch file.o other.c || exit 1

# ---- bash ----

# completed WORD...: what bash makes of the last word, in order, on one line.
# As readline does, words are split at "=".
completed() {
	bash --norc -c '
		compopt() { :; }
		. "$1"
		COMP_WORDS=()
		for word in "${@:2}"; do
			case $word in
			-*=*) COMP_WORDS+=("${word%%=*}" =)
			      [ -z "${word#*=}" ] || COMP_WORDS+=("${word#*=}") ;;
			*) COMP_WORDS+=("$word") ;;
			esac
		done
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_wqlint "$2"
		printf "%s\n" "${COMPREPLY[@]}"' \
		bash "$srcdir/cli/completions/wqlint" wqlint "$@" | sort | paste -sd" "
}

# expect_completed WANTED WORD...
expect_completed() {
	expect_equal "$(completed "${@:2}")" "$1" "completion of '${*:2}'"
}

in_bash() {
	expect_completed "rules run" r
	expect_completed "baseline" base
	expect_completed "--terse --types=" run --t
	expect_completed "--baseline=" baseline write run --base
	expect_completed "--version" --ver
	expect_completed "check write" baseline ""
	expect_completed "check" baseline write chec
	expect_completed "flush-system-wq" explain flush
	expect_completed "flush-system-wq" run --types=flush
	expect_completed "mixed-queues,idle-queue" check --ignore=mixed-queues,idle
	expect_completed "sarif" run --format=s
	expect_completed "warning" cc --fail-level=w
	expect_completed "file.o" run -p f
	expect_completed "file.o other.c" run --baseline=
	expect_completed "" cc -- gc
	expect_completed "topic" diff to
	expect_completed "--each" diff --ea
}

# Every command, option, format and rule that there is.
all_of_it() {
	expect_equal "$(completed "" | wc -w)" \
		"$("$WQLINT" --help | sed -n '/^Commands:$/,/^$/p' | grep -c '^  ')" "commands"
	expect_equal "$(completed run - | wc -w)" \
		"$("$WQLINT" run --help | sed -n '/^Options:$/,$p' | grep -c '^  -')" "options"
	expect_equal "$(completed explain "" | wc -w)" "$("$WQLINT" rules | wc -l)" "rules"
	for format in $(completed run --format=); do
		"$WQLINT" run --format="$format" --help >/dev/null || problem "no format $format"
	done
	expect_equal "$(completed run --format= | wc -w)" 8 "formats"
}

# ---- zsh ----

# typed TEXT: the command line that TEXT and a tab make of zsh's, after "got: ".
typed() {
	mkdir -p "$tmp/zsh"
	cat >"$tmp/zsh/.zshrc" <<-END
	PS1='ready> '
	fpath=("$srcdir/cli/completions" \$fpath)
	autoload -Uz compinit
	compinit -u -D
	show() { print -r -- "got: \${BUFFER}<end>"; }
	zle -N show
	bindkey '^I' complete-word '^X^X' show
	END
	ZDOTDIR=$tmp/zsh timeout 60 zsh -f -c '
		zmodload zsh/zpty
		zpty shell env TERM=dumb zsh -d -i
		zpty -r -m shell text "*ready> *"
		zpty -w -n shell "$1"
		zpty -w -n shell $'"'\\t\\x18\\x18'"'
		zpty -r -m shell text "*<end>*" && print -r -- "$text"
		zpty -d shell' zsh "$1" 2>&1
}

# expect_typed TEXT WANTED
expect_typed() {
	typed "$1" >"$tmp/typed"
	tr -d '\r' <"$tmp/typed" | grep -qE "$2" || { problem "'$1' does not become '$2':"; cat -v "$tmp/typed"; }
}

in_zsh() {
	expect_typed "wqlint expl" 'got: wqlint explain'
	expect_typed "wqlint run --fail-l" 'got: wqlint run --fail-level='
	expect_typed "wqlint run --format=sar" 'got: wqlint run --format=sarif'
	expect_typed "wqlint run --types=mixed-queues,idle" 'got: wqlint run --types=mixed-queues,idle-queue'
	expect_typed "wqlint explain destroy-sys" 'got: wqlint explain destroy-system-wq'
	expect_typed "wqlint baseline wr" 'got: wqlint baseline write'
	expect_typed "wqlint check file" 'got: wqlint check file\.o'
	expect_typed "wqlint diff top" 'got: wqlint diff topic'
}

# ---- help ----

# Under a screen of 40 lines, and no line too long for one.
help() {
	local command

	for command in $("$WQLINT" --help | sed -n '/^Commands:$/,/^$/s/^  \([a-z]*\) .*/\1/p') ""; do
		"$WQLINT" ${command:+"$command"} --help >"$tmp/help"
		[ "$(wc -l <"$tmp/help")" -lt 40 ] || problem "$command --help is too long"
		! grep -E '.{101}' "$tmp/help" || problem "a line of $command --help is too wide"
		expect_text "$tmp/help" '^Usage: wqlint' 1
	done
}

test_that "bash" in_bash
test_that "bash: all that there is" all_of_it
if command -v zsh >/dev/null; then
	test_that "zsh" in_zsh
else
	skip_test "zsh" "no zsh"
fi
test_that "help" help
tap_end
