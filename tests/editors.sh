#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The other editors of doc/editors.md, set up as it says, on the sample module.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"
# shellcheck source=tests/editors-lib.sh
. "$srcdir/tests/editors-lib.sh"

# in_emacs SETUP SCRIPT: without a window. What it prints is in $tmp/out.
in_emacs() {
	documented elisp "$1" >"$tmp/setup.el"
	cat >"$tmp/script.el" <<-END
	(package-initialize)
	(load "$tmp/setup.el")
	(defun wait-for (condition)
	  (let ((end (+ (float-time) 60)))
	    (while (and (< (float-time) end) (not (funcall condition)))
	      (accept-process-output nil 0.1))))
	$2
	END
	timeout 200 emacs --batch -l "$tmp/script.el" >"$tmp/out" 2>"$tmp/err" </dev/null
	expect_equal $? 0 "emacs' exit status"
	[ "$nr_problems" -eq 0 ] || cat "$tmp/err"
}

eglot() {
	new_tree
	in_emacs 1 "
	(setq eglot-sync-connect t)
	(find-file \"$device\")
	(apply #'eglot (eglot--guess-contact))
	(defun wait-for-diagnostics (count)
	  (wait-for (lambda ()
	              (flymake-start)
	              (= count (length (flymake-diagnostics)))))
	  (princ (format \"%d diagnostics\n\" (length (flymake-diagnostics)))))
	(defun take-action (text)
	  (goto-char (point-min))
	  (search-forward text)
	  (let ((actions (eglot-code-actions (line-beginning-position)
	                                     (line-end-position) nil nil)))
	    (princ (format \"%s\n\" (plist-get (elt actions 0) :title)))
	    (eglot--apply-workspace-edit (plist-get (elt actions 0) :edit))
	    (eglot--signal-textDocument/didChange)))
	(wait-for-diagnostics 2)
	(take-action \"\\tflush_scheduled_work\")
	(wait-for-diagnostics 1)
	(take-action \"\\tschedule_work(&sample->report\")
	(wait-for-diagnostics 0)
	(save-buffer)
	(eglot-shutdown (eglot-current-server))"
	expect_equal "$(cat "$tmp/out")" "2 diagnostics
Do not flush system_wq
1 diagnostics
Queue struct sample_dev.report on struct sample_dev.wq
0 diagnostics" "what Emacs shows"
	"$WQLINT" run -p "$tree" >"$tmp/out" 2>&1
	expect_equal "$(cat "$tmp/out")" "wqlint: no findings" "what is left"
}

flycheck() {
	new_tree
	in_emacs 2 "
	(find-file \"$device\")
	(flycheck-mode 1)
	(flycheck-buffer)
	(wait-for (lambda () (and flycheck-current-errors
	                          (not (flycheck-running-p)))))
	(dolist (err flycheck-current-errors)
	  (princ (format \"%s %d:%d %s\n\" (flycheck-error-level err)
	                 (flycheck-error-line err) (flycheck-error-column err)
	                 (flycheck-error-message err))))"
	expect_text "$tmp/out" '^warning 53:9 flush_scheduled_work\(\) waits .*\[wqlint:flush-system-wq\]$' 1
	expect_text "$tmp/out" '^info 53:9 Step 0: ' 1
	expect_text "$tmp/out" . 2
}

# ale SETUP: the findings that vim shows, on a terminal of its own.
ale() {
	new_tree
	documented vim "$1" >"$tmp/vimrc"
	cat >"$tmp/script.vim" <<-END
	edit $device
	ALELint
	let rounds = 0
	while len(getloclist(0)) < $2 && rounds < 600
	  sleep 100m
	  let rounds += 1
	endwhile
	call writefile(map(getloclist(0), {_, item -> item.lnum . ':' . item.col . ' ' . item.text}), '$tmp/out')
	qa!
	END
	rm -f "$tmp/out"
	timeout 200 script -qec "vim -N -u '$tmp/vimrc' -S '$tmp/script.vim'" \
		/dev/null >"$tmp/screen" 2>&1 </dev/null
	expect [ -f "$tmp/out" ]
}

ale_server() {
	ale 1 2
	expect_text "$tmp/out" '^27:2 unflushed-work: struct sample_dev.report is queued on system_wq' 1
	expect_text "$tmp/out" '^53:2 flush-system-wq: flush_scheduled_work\(\) waits' 1
}

ale_gcc() {
	ale 2 1
	expect_text "$tmp/out" '^53:9 flush_scheduled_work\(\) waits .*\[wqlint:flush-system-wq\]$' 1
}

# has_emacs LIBRARY
has_emacs() {
	command -v emacs >/dev/null &&
		emacs --batch --eval "(progn (package-initialize) (require '$1))" \
			>/dev/null 2>&1 </dev/null
}

has_ale() {
	[ -d /usr/share/vim-ale ] && vim --version 2>/dev/null | grep -q +job
}

for library in eglot flycheck; do
	if has_emacs $library; then
		test_that "Emacs with $library" $library
	else
		skip_test "Emacs with $library" "no $library here"
	fi
done
if has_ale; then
	test_that "vim with ALE, and a language server" ale_server
	test_that "vim with ALE, and GCC's messages" ale_gcc
else
	skip_test "vim with ALE" "no ALE here"
fi
tap_end
