# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A client of the language server, in bash with jq: the server is a coprocess.
# Sourced after expect.sh.

lsp_timeout=60
lsp_pid=

# lsp_start [ARG...]: start a server. Its stderr is $tmp/server, all that it
# sends is in $tmp/received, one message per line.
lsp_start() {
	local command=("$WQLINT" lsp "$@")

	: >"$tmp/received"
	coproc lsp_server { exec "${command[@]}" 2>"$tmp/server"; }
	lsp_pid=$lsp_server_PID
	# the coprocess' descriptors are closed, and forgotten, when it ends
	exec 7<&"${lsp_server[0]}" 8>&"${lsp_server[1]}"
	eval "exec ${lsp_server[0]}<&- ${lsp_server[1]}>&-"
}

# lsp_end STATUS: nothing more is sent; the server's exit status is STATUS,
# and it has nothing to say on stderr.
lsp_end() {
	exec 8>&-
	# what the server still sends is no problem of its
	cat <&7 >>"$tmp/received"
	exec 7<&-
	wait "$lsp_pid" 2>/dev/null
	expect_equal $? "$1" "the server's exit status"
	lsp_pid=
	expect_equal "$(cat "$tmp/server")" "" "the server's stderr"
}

# lsp_send JSON: as one message.
lsp_send() {
	printf 'Content-Length: %d\r\n\r\n%s' "${#1}" "$1" >&8
}

# lsp_tell METHOD [PARAMS]: a notification.
lsp_tell() {
	lsp_send "{\"jsonrpc\":\"2.0\",\"method\":\"$1\",\"params\":${2-null}}"
}

# lsp_ask ID METHOD [PARAMS]: a request.
lsp_ask() {
	lsp_send "{\"jsonrpc\":\"2.0\",\"id\":$1,\"method\":\"$2\",\"params\":${3-null}}"
}

# lsp_receive: the next message in "message".
lsp_receive() {
	local line length=

	while IFS= read -r -t "$lsp_timeout" line <&7; do
		line=${line%$'\r'}
		[ -n "$line" ] || break
		[[ $line == Content-Length:* ]] && length=${line#*: }
	done
	[ -n "$length" ] || { problem "no message from the server"; return 1; }
	IFS= read -r -t "$lsp_timeout" -N "$length" message <&7 || return
	printf '%s\n' "$message" >>"$tmp/received"
}

# lsp_wait FILTER: receive until jq's FILTER is true of a message.
lsp_wait() {
	while lsp_receive; do
		jq -e "$1" >/dev/null 2>&1 <<<"$message" && return
	done
	problem "nothing that is: $1"
	return 1
}

# lsp_answer ID: wait for the answer to request ID, which is "message".
lsp_answer() {
	lsp_wait ".id == $1 and (has(\"result\") or has(\"error\"))"
}

# lsp_expect FILTER WANTED: what jq makes of "message".
lsp_expect() {
	expect_equal "$(jq -c "$1" <<<"$message")" "$2" "$1 of $message"
}

# lsp_expect_error ID CODE [METHOD [PARAMS]]: that request is refused.
lsp_expect_error() {
	[ $# -le 2 ] || lsp_ask "$1" "${@:3}"
	lsp_answer "$1" && lsp_expect .error.code "$2"
}

# lsp_initialize [CAPABILITIES]
lsp_initialize() {
	lsp_ask 0 initialize "{\"processId\":null,\"rootUri\":null,\"capabilities\":${1-"{}"}}"
	lsp_answer 0 || return
	lsp_tell initialized '{}'
}

# lsp_leave: as the specification has it.
lsp_leave() {
	lsp_ask 9999 shutdown
	lsp_answer 9999 && lsp_expect .result null
	lsp_tell exit
	lsp_end 0
}

# lsp_open FILE [VERSION]
lsp_open() {
	lsp_tell textDocument/didOpen "$(jq -n -c --rawfile text "$1" \
		--arg uri "file://$1" --argjson version "${2-1}" \
		'{textDocument: {uri: $uri, languageId: "c", $version, $text}}')"
}

# lsp_change FILE VERSION CHANGES: as didChange has them.
lsp_change() {
	lsp_tell textDocument/didChange \
		"{\"textDocument\":{\"uri\":\"file://$1\",\"version\":$2},\"contentChanges\":$3}"
}

# lsp_diagnostics FILE VERSION COUNT: wait until there are so many.
lsp_diagnostics() {
	lsp_wait ".method == \"textDocument/publishDiagnostics\" and
		.params.uri == \"file://$1\" and .params.version == $2 and
		(.params.diagnostics | length) == $3"
}

# lsp_position FILE TEXT [N]: "LINE,CHARACTER" (from 0) of the N'th TEXT.
lsp_position() {
	grep -nboF -- "$2" "$1" >/dev/null || problem "no $2 in $1"
	awk -v text="$2" -v number="${3-1}" '{
		from = 1
		while ((at = index(substr($0, from), text)) > 0) {
			if (!--number) {
				print NR - 1 "," from + at - 2
				exit
			}
			from += at
		}
	}' "$1"
}

# lsp_at FILE POSITION: as the parameters of a request.
lsp_at() {
	echo "{\"textDocument\":{\"uri\":\"file://$1\"},\"position\":{\"line\":${2%,*},\"character\":${2#*,}}}"
}

# lsp_range FILE FROM TO: for code actions there.
lsp_range() {
	echo "{\"textDocument\":{\"uri\":\"file://$1\"},\"context\":{\"diagnostics\":[]},\"range\":$(lsp_span "$2" "$3")}"
}

lsp_span() {
	echo "{\"start\":{\"line\":${1%,*},\"character\":${1#*,}},\"end\":{\"line\":${2%,*},\"character\":${2#*,}}}"
}
