#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# wqlint lsp, message by message: what a client gets, and what becomes of
# messages that are wrong, too large, too early, too late, or taken back.

# shellcheck source=tests/expect.sh
. "${srcdir:-.}/tests/expect.sh"
# shellcheck source=tests/editors-lib.sh
. "$srcdir/tests/editors-lib.sh"
# shellcheck source=tests/lsp-lib.sh
. "$srcdir/tests/lsp-lib.sh"

command -v jq >/dev/null || skip_all "no jq"
export TMPDIR=$tmp/temporary
mkdir "$TMPDIR"
trap '[ -z "$lsp_pid" ] || kill "$lsp_pid"; rm -rf "$tmp"' EXIT

queue=$tree/testsuite-c/sample/queue.c
header=$tree/testsuite-c/sample/sample.h
nothing='{"textDocument":{"uri":"file:///none.c"},"position":{"line":0,"character":0}}'
versions='{"workspace":{"workspaceEdit":{"documentChanges":true}}}'

# ---- the life of a server ----

life() {
	lsp_start
	lsp_expect_error 1 -32002 textDocument/hover "$nothing"
	lsp_expect_error '"shut"' -32002 shutdown
	lsp_tell textDocument/didOpen '{}'
	lsp_initialize
	lsp_expect '.result.capabilities | .textDocumentSync.change, .hoverProvider,
		(.codeActionProvider.codeActionKinds | index("quickfix")), .positionEncoding' \
		$'2\ntrue\n0\n"utf-16"'
	lsp_expect_error 2 -32600 initialize '{}'
	lsp_expect_error 3 -32601 textDocument/none "$nothing"
	lsp_expect_error 4 -32601 textDocument/didOpen "$nothing"
	lsp_tell textDocument/none "$nothing"
	lsp_tell '$/none' "$nothing"
	lsp_ask '"five"' textDocument/hover "$nothing"
	lsp_answer '"five"' && lsp_expect .result null
	lsp_ask 6 shutdown
	lsp_answer 6 && lsp_expect .result null
	lsp_expect_error 7 -32600 textDocument/hover "$nothing"
	lsp_expect_error 8 -32600 shutdown
	lsp_tell textDocument/didOpen '{}'
	lsp_tell exit
	lsp_end 0
}

without_shutdown() {
	lsp_start
	lsp_tell exit
	lsp_end 1
	lsp_start
	lsp_initialize
	lsp_tell exit
	lsp_end 1
	# the client is gone
	lsp_start
	lsp_initialize
	lsp_end 1
	lsp_start
	printf 'Content-Length: 100\r\n\r\n{' >&8
	lsp_end 1
}

command_line() {
	"$WQLINT" lsp here </dev/null >"$tmp/out" 2>"$tmp/err"
	expect_equal $? 2 "exit status"
	expect_text "$tmp/err" "^wqlint: lsp takes no argument 'here'$" 1
	# nobody to talk to
	"$WQLINT" lsp <&- >/dev/null 2>"$tmp/err"
	expect_equal $? 1 "exit status"
}

# ---- what is no message ----

# refused CODE: the next message says so, of no request.
refused() {
	lsp_receive && lsp_expect '.id, .error.code' "null"$'\n'"$1"
}

# still_there: and answers.
still_there() {
	lsp_ask 77 textDocument/hover "$nothing"
	lsp_answer 77 && lsp_expect .result null
}

malformed() {
	lsp_start
	lsp_initialize
	for text in '{' '' '{"jsonrpc":"2.0",}' '"\ud800"' $'\xff\xfe' none; do
		lsp_send "$text"
		refused -32700
	done
	for text in '[]' 1 null '"text"' '{}' '{"jsonrpc":"1.0","method":"exit"}' \
		'{"jsonrpc":"2.0"}' '{"jsonrpc":"2.0","method":1}' \
		'{"jsonrpc":"2.0","id":{},"method":"shutdown"}' \
		'{"jsonrpc":"2.0","id":null,"method":"shutdown"}' \
		'[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]'; do
		lsp_send "$text"
		refused -32600
	done
	# its name is cut in the answer, within a character
	lsp_expect_error 1 -32601 "$(printf 'x%.0s' {1..239})éééééééé"
	# responses to what nobody asked
	lsp_send '{"jsonrpc":"2.0","id":5,"result":null}'
	lsp_send '{"jsonrpc":"2.0","id":5,"error":{"code":1,"message":""}}'
	lsp_send "$(printf '%03000d' 0 | tr 0 '[')"
	refused -32700
	still_there
	lsp_leave
}

headers() {
	local body='{"jsonrpc":"2.0","id":1,"method":"none"}' bad

	lsp_start
	lsp_initialize
	for bad in 'Content-Length: many' 'Content-Length: -1' 'Content-Length:' \
		'Content-Length: 99999999999999999999999999' 'Content-Length: 1x' \
		'Content-Type: x' 'no header' "$(printf '%05000d' 0)" \
		$'Content-Length: 40\r\nContent-Type: a; charset=utf-16'; do
		printf '%s\r\n\r\n%s' "$bad" "$body" >&8
		refused -32700
		still_there
	done
	# what the specification allows, and clients do
	printf 'Content-Type: application/vscode-jsonrpc; charset=utf8\r\ncontent-length:   %d \r\n\r\n%s' \
		"${#body}" "$body" >&8
	lsp_answer 1 && lsp_expect .error.code -32601
	# byte by byte
	printf 'Content-Length: %d\r\n\r\n%s' "${#body}" "$body" |
		while IFS= read -r -N 1 byte; do printf %s "$byte"; done >&8
	lsp_answer 1 && lsp_expect .error.code -32601
	lsp_leave
}

oversized() {
	lsp_start
	lsp_initialize
	{
		printf 'Content-Length: %d\r\n\r\n' 70000000
		head -c 70000000 /dev/zero
	} >&8
	refused -32700
	still_there
	lsp_leave
	# one that ends before it is all there
	lsp_start
	lsp_initialize
	printf 'Content-Length: %d\r\n\r\n' 1000000000000 >&8
	head -c 1000000 /dev/zero >&8
	refused -32700
	lsp_end 1
}

# Each method with parameters that it does not expect.
wrong_parameters() {
	local method params

	lsp_start
	lsp_initialize
	for params in null 1 '"text"' '[]' '[1]' '{"textDocument":1}' '{"textDocument":{}}' \
		'{"textDocument":{"uri":1,"text":1}}' '{"textDocument":{"uri":"","text":1}}' \
		'{"textDocument":{"uri":"x","version":"x","text":""},"contentChanges":{}}' \
		'{"textDocument":{"uri":"file:///%zz%00.c","text":"\u0000"},"position":1,"range":1}' \
		'{"textDocument":{"uri":"x"},"contentChanges":[1]}' \
		'{"textDocument":{"uri":"x"},"contentChanges":[{"text":1}]}' \
		'{"textDocument":{"uri":"x"},"contentChanges":[{"text":"a","range":null}]}' \
		'{"textDocument":{"uri":"x"},"contentChanges":[{"text":"a","range":{"start":{"line":-1,"character":0},"end":{"line":0,"character":0}}}]}' \
		'{"textDocument":{"uri":"x"},"contentChanges":[{"text":"a","range":{"start":{"line":1,"character":0},"end":{"line":0,"character":0}}}]}' \
		'{"textDocument":{"uri":"x"},"contentChanges":[{"text":"a","range":{"start":{"line":9999999999,"character":9999999999},"end":{"line":9999999999,"character":9999999999}}}]}' \
		'{"id":[],"token":1}'; do
		for method in Open Change Save Close; do
			lsp_tell "textDocument/did$method" "$params"
		done
		lsp_tell '$/cancelRequest' "$params"
		lsp_tell window/workDoneProgress/cancel "$params"
		for method in hover codeAction; do
			lsp_ask 20 "textDocument/$method" "$params"
			lsp_answer 20
			lsp_expect '.error.code // 0 | . == 0 or . == -32602' true
		done
	done
	still_there
	lsp_leave
	# also those of the first request
	for params in null '[]' '{"capabilities":[],"rootUri":1}' \
		'{"capabilities":{"general":{"positionEncodings":[1,null]},"window":1},"rootPath":"x"}'; do
		lsp_start
		lsp_ask 1 initialize "$params"
		lsp_answer 1 && lsp_expect '.result | has("capabilities")' true
		lsp_leave
	done
}

noise() {
	local i

	for i in 1 2 3; do
		head -c 300000 /dev/urandom | "$WQLINT" lsp >"$tmp/out" 2>"$tmp/err"
		expect_equal $? 1 "exit status"
		expect_equal "$(cat "$tmp/err")" "" "stderr"
	done
}

# ---- what it is for ----

marked() {
	lsp_expect "[.params.diagnostics[].code]" '["unflushed-work","flush-system-wq"]'
}

diagnostics() {
	new_tree
	lsp_start
	lsp_initialize
	lsp_open "$device"
	lsp_diagnostics "$device" 1 2
	marked
	lsp_expect '.params.diagnostics[1].range' \
		"$(lsp_span "$(lsp_position "$device" 'flush_scheduled_work();')" 52,21)"
	lsp_expect '.params.diagnostics[0].relatedInformation |
		map(.location.uri | sub(".*/"; ""))' '["queue.c","queue.c","device.c"]'
	lsp_expect '.params.diagnostics[0] | .severity, .source' $'2\n"wqlint"'
	# of a build outside the source tree nobody knows where the text is
	lsp_expect '.params.diagnostics[0].codeDescription.href // "#unflushed-work" |
		test("#unflushed-work$")' true
	# the other file of the module has none, and is known already
	lsp_open "$queue"
	lsp_diagnostics "$queue" 1 0
	lsp_leave
	expect_no_text "$tmp/received" 'failed|Sanitizer|runtime error'
}

# Changes of what is not saved, in UTF-16 units.
changes() {
	local at smile='\ud83d\ude00'

	new_tree
	at=$(lsp_position "$device" 'flush_scheduled_work();')
	lsp_start
	lsp_initialize "$versions"
	lsp_open "$device"
	lsp_diagnostics "$device" 1 2
	# a comment with characters outside the BMP before the call
	lsp_change "$device" 2 "[{\"range\":$(lsp_span "$at" "$at"),\"text\":\"/* $smile é $smile */\"}]"
	lsp_diagnostics "$device" 2 2
	lsp_expect '.params.diagnostics[1].range' "$(lsp_span 52,14 52,34)"
	# between the halves of the first: before it; and the word "é" goes
	lsp_change "$device" 3 "[{\"range\":$(lsp_span 52,5 52,5),\"text\":\"x\"},
		{\"range\":$(lsp_span 52,8 52,9),\"text\":\"\"}]"
	lsp_diagnostics "$device" 3 2
	lsp_expect '.params.diagnostics[1].range' "$(lsp_span 52,14 52,34)"
	# the call becomes another one
	lsp_change "$device" 4 "[{\"range\":$(lsp_span 52,14 52,36),\"text\":\"flush_work(&sample->reset)\"}]"
	lsp_diagnostics "$device" 4 1
	# behind the end of the line, and of the file
	lsp_change "$device" 5 "[{\"range\":$(lsp_span 52,999 52,9999),\"text\":\"\\r\\n\\tflush_scheduled_work();\"},
		{\"range\":$(lsp_span 9999,0 9999,9),\"text\":\"\\n\"}]"
	lsp_diagnostics "$device" 5 2
	lsp_expect '.params.diagnostics[1].range' "$(lsp_span 53,1 53,21)"
	# all of it
	lsp_change "$device" 6 "$(jq -n -c --rawfile text "$device" '[{$text}]')"
	lsp_diagnostics "$device" 6 2
	marked
	lsp_leave
	expect diff -r "$srcdir/testsuite-c" "$tree/testsuite-c"
}

counting_bytes() {
	new_tree
	sed -i $'s|flush_scheduled_work();|/* \xf0\x9f\x98\x80 */ &|' "$device"
	lsp_start
	lsp_initialize '{"general":{"positionEncodings":["utf-32","utf-8"]}}'
	lsp_expect '.result.capabilities.positionEncoding' '"utf-8"'
	lsp_open "$device"
	lsp_diagnostics "$device" 1 2
	lsp_expect '.params.diagnostics[1].range' "$(lsp_span 52,12 52,32)"
	lsp_change "$device" 2 "[{\"range\":$(lsp_span 52,12 52,34),\"text\":\"\"}]"
	lsp_diagnostics "$device" 2 1
	lsp_leave
}

# What does not compile leaves what was known as it is.
while_typing() {
	new_tree
	lsp_start
	lsp_initialize
	lsp_open "$device"
	lsp_diagnostics "$device" 1 2
	lsp_change "$device" 2 "[{\"range\":$(lsp_span 52,0 52,0),\"text\":\"if (\"}]"
	lsp_wait '.method == "window/logMessage" and (.params.message | test("device.c: not linted: it does not compile: "))'
	lsp_change "$device" 3 "[{\"range\":$(lsp_span 52,0 52,4),\"text\":\"\"}]"
	lsp_receive && lsp_expect '.params.version, (.params.diagnostics | length)' $'3\n2'
	# saved elsewhere, and closed
	sed -i 's/flush_scheduled_work();/flush_work(\&sample->reset);/' "$device"
	lsp_tell textDocument/didClose "{\"textDocument\":{\"uri\":\"file://$device\"}}"
	lsp_tell textDocument/didClose "{\"textDocument\":{\"uri\":\"file://$device\"}}"
	lsp_wait '.params.message == "didClose: no such document is open"'
	lsp_open "$device" 7
	lsp_diagnostics "$device" 7 1
	lsp_leave
}

# What was not saved is gone when the file is closed, and so is what was found
# when no file of the module is open.
closed() {
	new_tree
	lsp_start
	lsp_initialize
	lsp_open "$queue"
	lsp_open "$device"
	lsp_diagnostics "$device" 1 2
	lsp_change "$device" 2 "[{\"range\":$(lsp_span 52,1 52,23),\"text\":\"flush_work(&sample->reset)\"}]"
	lsp_diagnostics "$device" 2 1
	lsp_tell textDocument/didClose "{\"textDocument\":{\"uri\":\"file://$device\"}}"
	lsp_diagnostics "$device" null 2
	lsp_tell textDocument/didClose "{\"textDocument\":{\"uri\":\"file://$queue\"}}"
	lsp_diagnostics "$device" null 0
	lsp_leave
}

# A directory whose name no JSON can have.
no_text() {
	local odd=$tmp/caf$'\xe9'

	new_tree
	mv "$tree" "$odd"
	jq 'map(.directory = ".")' "$odd/compile_commands.json" >"$odd/new"
	mv "$odd/new" "$odd/compile_commands.json"
	lsp_start
	lsp_initialize
	lsp_tell textDocument/didOpen "$(jq -n -c --rawfile text "$srcdir/testsuite-c/sample/device.c" \
		--arg uri "file://$tmp/caf%e9/testsuite-c/sample/device.c" \
		'{textDocument: {$uri, version: 1, $text}}')"
	lsp_ask 1 textDocument/codeAction "{\"textDocument\":{\"uri\":\"file://$tmp/caf%e9/testsuite-c/sample/device.c\"},\"range\":$(lsp_span 0,0 99,0)}"
	lsp_answer 1 && lsp_expect .result '[]'
	still_there
	lsp_leave
	rm -r "$odd"
	expect_no_text "$tmp/received" 'has failed'
}

# The text of a header that is not saved is what its users include.
headers_of_others() {
	local at

	new_tree
	lsp_start
	lsp_initialize
	lsp_open "$header"
	lsp_diagnostics "$header" 1 0
	# sources that are not open include it, too
	at=$(lsp_position "$header" 'struct sample_dev {')
	lsp_change "$header" 2 "[{\"range\":$(lsp_span "$at" "$at"),
		\"text\":\"#define cancel_delayed_work_sync(work) flush_scheduled_work()\\n\"}]"
	lsp_diagnostics "$queue" null 1
	lsp_diagnostics "$device" null 3
	lsp_expect '[.params.diagnostics[].range.start.line]' '[45,52,62]'
	lsp_change "$header" 3 "$(jq -n -c --rawfile text "$header" '[{$text}]')"
	lsp_diagnostics "$device" null 2
	at=$(lsp_position "$header" 'int sample_queue_start')
	lsp_change "$header" 4 "[{\"range\":$(lsp_span "$at" "$at"),
		\"text\":\"static inline void sample_wait(void)\\n{\\n\\tflush_scheduled_work();\\n}\\n\"}]"
	lsp_open "$device"
	at=$(lsp_position "$device" 'flush_scheduled_work();')
	lsp_change "$device" 2 "[{\"range\":$(lsp_span "$at" 52,21),\"text\":\"sample_wait\"}]"
	lsp_diagnostics "$header" 4 1
	lsp_expect '.params.diagnostics[0].code' '"flush-system-wq"'
	lsp_leave
}

# What "wqlint fix" does, and nothing that it refuses.
code_actions() {
	new_tree
	lsp_start
	lsp_initialize "$versions"
	lsp_open "$device" 5
	lsp_diagnostics "$device" 5 2
	lsp_ask 1 textDocument/codeAction "$(lsp_range "$device" 52,3 52,3)"
	lsp_answer 1
	lsp_expect '.result | map([.kind, .diagnostics[0].code])' '[["quickfix","flush-system-wq"]]'
	lsp_expect '.result[0].edit.documentChanges | map(.textDocument.version)' '[5]'
	expect_equal "$(jq -r '.result[0].edit.documentChanges[0].edits[0].newText' <<<"$message")" \
		"$("$WQLINT" fix -p "$tree" device.c:53 2>&1 |
			sed -n 's/^+\t*\([a-z].*\)/\1/p' | sed '$s/;$//;2,$s/^/\t/')" "the change"
	lsp_ask 2 textDocument/codeAction "$(lsp_range "$device" 0,0 20,0)"
	lsp_answer 2 && lsp_expect .result '[]'
	lsp_ask 3 textDocument/codeAction "$(lsp_range "$device" 0,0 200,0 |
		jq -c '.context.only = ["refactor"]')"
	lsp_answer 3 && lsp_expect .result '[]'
	# a call that a macro makes is not changed
	lsp_change "$device" 6 "[{\"range\":$(lsp_span 52,1 52,23),\"text\":\"WAIT()\"},
		{\"range\":$(lsp_span 7,0 7,0),\"text\":\"#define WAIT() flush_scheduled_work()\\n\"}]"
	lsp_ask 4 textDocument/codeAction "$(lsp_range "$device" 53,0 53,9)"
	lsp_answer 4 && lsp_expect .result '[]'
	expect_text "$tmp/received" '"version":6' 1
	lsp_leave
	# a client that knows no versions
	lsp_start
	lsp_initialize
	lsp_open "$device"
	lsp_diagnostics "$device" 1 2
	lsp_ask 1 textDocument/codeAction "$(lsp_range "$device" 26,0 26,99)"
	lsp_answer 1
	lsp_expect '.result | map(.edit.changes | map_values(map(.newText)))' \
		"[{\"file://$device\":[\"queue_work\",\"sample->wq, \"]}]"
	lsp_leave
}

# hover FILE POSITION: its text is in "said".
hover() {
	lsp_ask 30 textDocument/hover "$(lsp_at "$1" "$2")"
	lsp_answer 30
	said=$tmp/said
	jq -r '.result.contents.value // "nothing"' <<<"$message" >"$said"
}

hovers() {
	new_tree
	lsp_start
	lsp_initialize
	lsp_open "$device"
	lsp_open "$header"
	lsp_diagnostics "$device" 1 2
	hover "$device" "$(lsp_position "$device" 'sample->report')"
	expect_text "$said" '^- queue on system_wq by schedule_work\(\), in sample_irq: \[device.c:27\]' 1
	expect_text "$said" '^- free kfree, in sample_remove: \[device.c:109\]' 1
	cp "$said" "$tmp/first"
	# a member where it is declared
	hover "$header" "$(lsp_position "$header" 'report;')"
	expect diff "$tmp/first" "$said"
	hover "$device" "$(lsp_position "$device" 'flush_scheduled_work')"
	expect_text "$said" '^\*\*workqueue system_wq\*\*$' 1
	expect_text "$said" '^- flush-queue, in sample_suspend: ' 1
	hover "$header" "$(lsp_position "$header" 'wq;')"
	expect_text "$said" '^\*\*workqueue struct sample_dev.wq\*\*$' 1
	expect_text "$said" '^- destroy-queue, in sample_queue_stop: \[queue.c:67\]' 1
	hover "$device" 0,0
	expect_equal "$(cat "$said")" nothing "what is said"
	hover "$device" 9999,9999
	expect_equal "$(cat "$said")" nothing "what is said"
	lsp_leave
}

# A library and its user look wrong alone: modules beside the document's own are
# judged with it when they share something.
modules_together() {
	local bus=$tree/testsuite-c/join/bus.c file module

	new_tree
	for file in bus bus-teardown driver stranger; do
		module=${file%-teardown}
		jq -n --arg top "$tree" --arg file "testsuite-c/join/$file.c" \
			--arg command "$TARGET_GCC -O2 -std=gnu11 -nostdinc -Itestsuite-c/include -fno-strict-aliasing -fno-common -D__KERNEL__ -DMODULE -DKBUILD_BASENAME='\"${file//-/_}\"' -DKBUILD_MODNAME='\"${module}_core\"' -DKBUILD_MODFILE='\"join/${module}_core\"' -c -o $tmp/$file.o testsuite-c/join/$file.c" \
			'{directory: $top, $file, $command}'
	done | jq -s . >"$tree/compile_commands.json"
	lsp_start
	lsp_initialize
	lsp_open "$bus"
	lsp_wait ".params.uri == \"file://$bus\" and
		(.params.diagnostics | map(.range.start.line + 1)) ==
		[$(sed -n '/expect: unflushed-work/=' "$bus")]"
	# what was found is the same as of all modules
	"$WQLINT" run -p "$tree" --format=json | jq -c 'select(.file | endswith("/bus.c")) | [.rule, .line]' >"$tmp/all"
	jq -c '.params.diagnostics[] | [.code, .range.start.line + 1]' <<<"$message" >"$tmp/got"
	expect diff "$tmp/all" "$tmp/got"
	# and meanwhile nothing was shown of items that others can wait for
	expect_no_text "$tmp/received" 'struct bus_dev.ok_'
	lsp_leave
}

# ---- in time ----

# A request waits for the lint that the change before it needs.
cancelled() {
	new_tree
	lsp_start
	lsp_initialize
	lsp_open "$device"
	lsp_diagnostics "$device" 1 2
	lsp_change "$device" 2 "[{\"range\":$(lsp_span 0,0 0,0),\"text\":\"\\n\"}]"
	lsp_ask 10 textDocument/codeAction "$(lsp_range "$device" 0,0 99,0)"
	lsp_ask '"ten"' textDocument/hover "$(lsp_at "$device" 0,0)"
	lsp_tell '$/cancelRequest' '{"id":"10"}'
	lsp_tell '$/cancelRequest' '{"id":10}'
	lsp_tell '$/cancelRequest' '{"id":10}'
	lsp_expect_error 10 -32800
	lsp_answer '"ten"' && lsp_expect .result null
	# those that wait when it ends
	lsp_change "$device" 3 "[{\"range\":$(lsp_span 0,0 0,0),\"text\":\"\\n\"}]"
	lsp_ask 11 textDocument/codeAction "$(lsp_range "$device" 0,0 99,0)"
	lsp_ask 12 shutdown
	lsp_expect_error 11 -32800
	lsp_answer 12
	lsp_tell exit
	lsp_end 0
	expect_text "$tmp/received" '"id":(10|11|"ten")' 3
}

# Many changes are one lint.
debounced() {
	local i

	new_tree
	lsp_start
	lsp_initialize
	lsp_open "$device"
	lsp_diagnostics "$device" 1 2
	for i in $(seq 2 30); do
		lsp_change "$device" "$i" "[{\"range\":$(lsp_span 0,0 0,0),\"text\":\"\\n\"}]"
	done
	lsp_diagnostics "$device" 30 2
	expect_text "$tmp/received" '"method":"textDocument/publishDiagnostics"' 2
	lsp_leave
}

progress() {
	new_tree
	rm -rf "$XDG_CACHE_HOME"
	lsp_start -j 1
	lsp_initialize '{"window":{"workDoneProgress":true}}'
	lsp_open "$device"
	lsp_wait '.method == "window/workDoneProgress/create"'
	token=$(jq -c .params.token <<<"$message")
	lsp_send "{\"jsonrpc\":\"2.0\",\"id\":$(jq -c .id <<<"$message"),\"result\":null}"
	for kind in begin report end; do
		lsp_wait ".method == \"\$/progress\" and .params.token == $token and
			.params.value.kind == \"$kind\""
	done
	lsp_leave
	# not to those who cannot show it
	rm -rf "$XDG_CACHE_HOME"
	lsp_start
	lsp_initialize
	lsp_open "$device"
	lsp_diagnostics "$device" 1 2
	lsp_leave
	expect_no_text "$tmp/received" rogress
}

# A compiler that takes its time for one of the files, and says so.
slow_compiler() {
	new_tree
	rm -rf "$XDG_CACHE_HOME"
	cat >"$tmp/slow-gcc" <<-END
	#!/bin/sh
	case \$* in
	*queue.c*-fplugin=*) echo \$\$ >>"$tmp/compilers"; sleep 300 ;;
	esac
	exec $TARGET_GCC "\$@"
	END
	chmod +x "$tmp/slow-gcc"
	lsp_start --cc="$tmp/slow-gcc"
	lsp_initialize '{"window":{"workDoneProgress":true}}'
	lsp_open "$device"
	# what its own unit shows does not wait for the other one
	lsp_diagnostics "$device" 1 1
	lsp_wait '.params.value.kind == "begin"'
	token=$(jq -c .params.token <<<"$message")
	still_there
	# a change ends that compiler, and begins again
	lsp_change "$device" 2 "[{\"range\":$(lsp_span 0,0 0,0),\"text\":\"\\n\"}]"
	lsp_diagnostics "$device" 2 1
	lsp_wait ".params.value.kind == \"begin\" and .params.token != $token"
	token=$(jq -c .params.token <<<"$message")
	# and the user does not want to wait
	lsp_tell window/workDoneProgress/cancel "{\"token\":$token}"
	lsp_wait ".params.value.kind == \"end\" and .params.token == $token"
	expect_equal "$(wc -l <"$tmp/compilers")" 2 "compilers"
	lsp_leave
	while read -r pid; do
		! kill -0 "$pid" 2>/dev/null || problem "compiler $pid still runs"
	done <"$tmp/compilers"
}

# ---- compile commands ----

no_database() {
	new_tree
	rm "$tree/compile_commands.json"
	lsp_start
	lsp_initialize
	lsp_open "$device"
	lsp_wait '.method == "window/showMessage"'
	lsp_expect '.params.message | test("not linted: no compile_commands.json in its directory or above")' true
	lsp_open "$queue"
	lsp_wait '.method == "window/logMessage"'
	lsp_ask 1 textDocument/codeAction "$(lsp_range "$device" 0,0 99,0)"
	lsp_answer 1 && lsp_expect .result '[]'
	# it is written meanwhile
	"$tree/testsuite-c/sample/make-compdb" "$TARGET_GCC" "$tmp/objects" \
		>"$tree/compile_commands.json"
	lsp_tell textDocument/didSave "{\"textDocument\":{\"uri\":\"file://$device\"}}"
	lsp_diagnostics "$device" 1 2
	# but not of everything
	lsp_open "$tree/testsuite-c/mixed-queues.c"
	lsp_wait '.params.message // "" | test("mixed-queues.c: not linted: no command of .* compiles it")'
	lsp_leave
}

databases() {
	new_tree
	mv "$tree/compile_commands.json" "$tree/commands.json"
	lsp_start -p "$tree/commands.json"
	lsp_initialize
	lsp_open "$device"
	lsp_diagnostics "$device" 1 2
	lsp_leave
	# in the root that the client has, which is not above
	mkdir "$tmp/root"
	mv "$tree/commands.json" "$tmp/root/compile_commands.json"
	lsp_start
	lsp_ask 0 initialize "{\"rootUri\":\"file://$tmp/%72oot\",\"capabilities\":{}}"
	lsp_answer 0
	lsp_open "$device"
	lsp_diagnostics "$device" 1 2
	lsp_leave
	# one that is none
	echo '{' >"$tree/compile_commands.json"
	lsp_start
	lsp_initialize
	lsp_open "$device"
	lsp_wait '.method == "window/logMessage"'
	lsp_expect '.params.message | test("^wqlint: .*compile_commands.json: line 2: is no valid JSON: ")' true
	lsp_wait '.method == "window/showMessage"'
	lsp_expect '.params.message | test("not linted: its compile_commands.json cannot be read")' true
	lsp_ask 1 textDocument/hover "$(lsp_at "$device" 0,0)"
	lsp_answer 1 && lsp_expect .result null
	lsp_leave
}

options() {
	new_tree
	lsp_start --types=flush-system-wq
	lsp_initialize
	lsp_open "$device"
	lsp_diagnostics "$device" 1 1
	lsp_leave
	lsp_start --cc=none-such-compiler
	lsp_initialize
	lsp_open "$device"
	lsp_wait '.params.message // "" | test("device.c: not linted: ")'
	lsp_leave
}

# The client goes while compilers run.
leaves_nothing() {
	new_tree
	rm -rf "$XDG_CACHE_HOME"
	lsp_start
	lsp_initialize
	lsp_open "$device"
	lsp_end 1
	expect_equal "$(find "$TMPDIR" "$XDG_CACHE_HOME/wqlint/run" -mindepth 1 2>/dev/null)" \
		"" "what was left"
}

test_that "a server's life" life
test_that "no shutdown before the end" without_shutdown
test_that "the command line" command_line
test_that "no JSON, no request" malformed
test_that "headers" headers
test_that "too large" oversized
test_that "parameters of other types" wrong_parameters
test_that "noise" noise
test_that "diagnostics" diagnostics
test_that "changes, in UTF-16" changes
test_that "positions in UTF-8" counting_bytes
test_that "while somebody types" while_typing
test_that "closed files" closed
test_that "a name that is no UTF-8" no_text
test_that "a header" headers_of_others
test_that "code actions" code_actions
test_that "hovers" hovers
test_that "modules that belong together" modules_together
test_that "cancelled requests" cancelled
test_that "many changes" debounced
test_that "progress" progress
test_that "a slow compiler" slow_compiler
test_that "no compile commands" no_database
test_that "compile commands elsewhere" databases
test_that "options" options
test_that "nothing is left behind" leaves_nothing
tap_end
