#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# wqlint lsp in a real editor: neovim's own client, without a window, set up as
# doc/editors.md says.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"

command -v nvim >/dev/null || skip_all "no neovim"
# shellcheck source=tests/editors-lib.sh
. "$srcdir/tests/editors-lib.sh"

new_tree
documented lua 1 >"$tmp/init.lua"

opens_fixes_saves() {
	LSP_FILE=$device timeout 200 nvim --headless -u "$tmp/init.lua" \
		-i NONE -n -c "luafile $srcdir/tests/lsp-neovim.lua" \
		>"$tmp/out" 2>"$tmp/err" </dev/null
	expect_equal $? 0 "neovim's exit status"
	expect_equal "$(cat "$tmp/err")" "" "what neovim says"
	cat >"$tmp/wanted" <<-'END'
	27:2 wqlint: struct sample_dev.report is queued on system_wq, and nothing waits for it: the module waits only for its own queue
	53:2 wqlint: flush_scheduled_work() waits for all work that the kernel has on system_wq, and can deadlock
	**work item struct sample_dev.report**
	1 action: Do not flush system_wq
	1 action: Queue struct sample_dev.report on struct sample_dev.wq
	0 diagnostics
	END
	expect diff "$tmp/wanted" "$tmp/out"
	# what is shown to the reader is what there is to see
	sed -n '/^27:2 wqlint: /,/^```/{/^```/d;p}' "$srcdir/doc/editors.md" >"$tmp/shown"
	expect diff "$tmp/shown" "$tmp/out"
}

# What is in the file now.
is_clean() {
	expect_text "$device" '^	queue_work\(sample->wq, &sample->report\);$' 1
	expect_text "$device" '^	flush_work\(&sample->reset\);$' 1
	expect_text "$device" 'flush_scheduled_work\(\);' 0
	"$WQLINT" run -p "$tree" >"$tmp/out" 2>&1
	expect_equal $? 0 "exit status"
	expect_equal "$(cat "$tmp/out")" "wqlint: no findings" "what is said"
}

# No server, and no file of one.
is_gone() {
	expect_equal "$(find "$tmp/cache/wqlint/run" -mindepth 1)" "" "what was left"
}

test_that "neovim shows findings, fixes them, and saves" opens_fixes_saves
test_that "the file is clean" is_clean
test_that "nothing is left behind" is_gone
tap_end
