-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What a person does, in neovim: opens $LSP_FILE, sees two findings, asks for
-- what is known of one, takes the code action for each, and saves the file.
-- Says what it sees on stdout; the exit status is 1 when something else came.

local function say(format, ...)
	io.stdout:write(string.format(format, ...), '\n')
end

local function wait_for(what, condition)
	if not vim.wait(60000, condition, 20) then
		say('nothing came: %s', what)
		vim.cmd('cquit 1')
	end
end

local function wait_for_diagnostics(count)
	wait_for(count .. ' diagnostics', function()
		return #vim.diagnostic.get(0) == count
	end)
end

local function sorted_diagnostics()
	local list = vim.diagnostic.get(0)

	table.sort(list, function(a, b) return a.lnum < b.lnum end)
	return list
end

local function say_diagnostics()
	for _, diagnostic in ipairs(sorted_diagnostics()) do
		say('%d:%d %s: %s', diagnostic.lnum + 1, diagnostic.col + 1,
		    diagnostic.source, diagnostic.message:match('[^\n]*'))
	end
end

-- The first action that is offered where the cursor is.
vim.ui.select = function(items, _, on_choice)
	local action = items[1][2]

	say('%d action: %s', #items, action.title)
	on_choice(items[1], 1)
end

local function take_action(diagnostic)
	local before = vim.api.nvim_buf_get_changedtick(0)

	vim.api.nvim_win_set_cursor(0, { diagnostic.lnum + 1, diagnostic.col })
	vim.lsp.buf.code_action()
	wait_for('a change', function()
		return vim.api.nvim_buf_get_changedtick(0) ~= before
	end)
end

local function hover(diagnostic)
	local params = {
		textDocument = vim.lsp.util.make_text_document_params(),
		position = { line = diagnostic.lnum, character = diagnostic.col },
	}
	local answers = vim.lsp.buf_request_sync(0, 'textDocument/hover', params,
						 60000)

	for _, answer in pairs(answers or {}) do
		if answer.result then
			say('%s', answer.result.contents.value:match('[^\n]*'))
		end
	end
end

vim.cmd('silent edit ' .. vim.fn.fnameescape(vim.env.LSP_FILE))
wait_for_diagnostics(2)
say_diagnostics()
hover(sorted_diagnostics()[1])
take_action(sorted_diagnostics()[2])
wait_for_diagnostics(1)
take_action(sorted_diagnostics()[1])
wait_for_diagnostics(0)
vim.cmd('silent write')
say('%d diagnostics', #vim.diagnostic.get(0))

local client = vim.lsp.get_active_clients()[1].id
vim.lsp.stop_client(client)
wait_for('the end of the server', function()
	return vim.lsp.client_is_stopped(client)
end)
vim.cmd('quit')
