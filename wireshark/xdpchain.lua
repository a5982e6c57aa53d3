-- SPDX-License-Identifier: GPL-2.0
-- xdpchain.lua - for Wireshark and tshark: the trail that xdpdump writes as a comment of each packet
-- (docs/TRAIL.md), as fields to filter by: xdpchain.reason == "prefix", xdpchain.ns > 1000.
--
-- A comment that is none of xdpdump's is left alone. One that begins as a trail and then breaks the
-- grammar is shown as damaged, and nothing of it is taken.

set_plugin_info({
	version = "1",
	description = "The trail of a packet through a chain of XDP programs, as xdpdump wrote it",
})

local proto = Proto("xdpchain", "XDP chain")

local field = {
	verdict = ProtoField.string("xdpchain.verdict", "Verdict",
		base.ASCII, "What became of the packet"),
	decider = ProtoField.string("xdpchain.decider", "Decided by",
		base.ASCII, "The stage whose verdict it was, or: end of chain"),
	entry = ProtoField.bool("xdpchain.entry", "As it came in",
		base.NONE, nil, 0, "The bytes are those that came in, not those that left"),
	step = ProtoField.none("xdpchain.step", "Step"),
	stage = ProtoField.string("xdpchain.stage", "Stage"),
	slot = ProtoField.uint8("xdpchain.slot", "Slot"),
	said = ProtoField.string("xdpchain.said", "Said",
		base.ASCII, "The verdict of this stage; NEXT: it handed on"),
	shadow = ProtoField.bool("xdpchain.shadow", "Shadow",
		base.NONE, nil, 0, "It would have done so, were it not in shadow mode"),
	reason = ProtoField.string("xdpchain.reason", "Reason",
		base.ASCII, "Its name, or its number if the name is not known"),
	reason_id = ProtoField.uint32("xdpchain.reason_id", "Number of the reason"),
	rule = ProtoField.uint32("xdpchain.rule", "Rule"),
	rule_text = ProtoField.string("xdpchain.rule_text", "Text of the rule"),
	ns = ProtoField.uint32("xdpchain.ns", "Time (ns)",
		base.DEC, nil, 0, "From the packet's arrival in the chain to the end of this stage"),
}

local expert_of = {
	DROP = ProtoExpert.new("xdpchain.drop", "Dropped",
		expert.group.SECURITY, expert.severity.WARN),
	ABORTED = ProtoExpert.new("xdpchain.aborted", "Aborted: a program failed",
		expert.group.SECURITY, expert.severity.ERROR),
}
local expert_would = ProtoExpert.new("xdpchain.would", "A stage in shadow mode would not have let it on",
	expert.group.SECURITY, expert.severity.NOTE)
local expert_damaged = ProtoExpert.new("xdpchain.damaged", "A damaged trail",
	expert.group.MALFORMED, expert.severity.WARN)
local expert_version = ProtoExpert.new("xdpchain.version", "A trail of another version",
	expert.group.UNDECODED, expert.severity.NOTE)

proto.fields = {}
for _, f in pairs(field) do
	table.insert(proto.fields, f)
end
proto.experts = { expert_of.DROP, expert_of.ABORTED, expert_would, expert_damaged, expert_version }

local comments = Field.new("frame.comment")

local VERDICTS = { ABORTED = true, DROP = true, PASS = true, TX = true, REDIRECT = true, NEXT = true }
local U32 = 4294967295

-- --- the grammar ------------------------------------------------------------------------------------
-- A parser takes the text and where to begin; it returns what it found, and where that ends, or nil.

-- A number without leading zeros, at most max.
local function number(s, at, max)
	local digits, e = s:match("^(%d+)()", at)

	if not digits or #digits > 10 or (#digits > 1 and digits:sub(1, 1) == "0") then
		return nil
	end
	local n = tonumber(digits)
	if n > max then
		return nil
	end
	return n, e
end

-- What is valid UTF-8 can be shown as it was; of anything else the escapes are kept.
local function utf8_valid(s)
	local rest = s:gsub("[\194-\223][\128-\191]", ".")
		:gsub("[\225-\236\238\239][\128-\191][\128-\191]", ".")
		:gsub("\224[\160-\191][\128-\191]", ".")
		:gsub("\237[\128-\159][\128-\191]", ".")
		:gsub("[\241-\243][\128-\191][\128-\191][\128-\191]", ".")
		:gsub("\240[\144-\191][\128-\191][\128-\191]", ".")
		:gsub("\244[\128-\143][\128-\191][\128-\191]", ".")

	return not rest:find("[\128-\255]")
end

-- Between the quotes, with escapes: " and \ behind a backslash, and \xNN but for \x00.
local function unescape(inner)
	local bad = false
	local text = inner:gsub("\\(.)(%x?%x?)", function(c, hex)
		if c == "x" and #hex == 2 and hex == hex:lower() and hex ~= "00" then
			return string.char(tonumber(hex, 16))
		elseif c == '"' or c == "\\" then
			return c .. hex
		end
		bad = true
	end)

	if bad then
		return nil
	end
	return utf8_valid(text) and text or inner
end

-- A word, bare or in quotes.
local function word(s, at)
	local e, bare

	if s:sub(at, at) ~= '"' then
		bare, e = s:match('^([^\1-\32"\\;\127-\255]+)()', at)
		return bare, e
	end
	e = at + 1
	while true do
		local c = s:sub(e, e)

		if c == '"' then
			break
		elseif c == "\\" then
			e = e + 2
		elseif c:match("^[ -~]$") then
			e = e + 1
		else
			return nil
		end
	end
	if e == at + 1 then
		return nil
	end
	local text = unescape(s:sub(at + 1, e - 1))
	if text then
		return text, e + 1
	end
end

local function verdict(s, at)
	local name, e = s:match("^(%u+)()", at)

	if name and VERDICTS[name] then
		return name, e
	end
	e = s:match("^verdict()", at)
	if e then
		local n, after = number(s, e, 255)
		if n and n > 5 then
			return "verdict" .. n, after
		end
	end
end

-- " reason=7/word": the number, the word if there is one, the end. No such part: nil, nil, at.
-- Something is wrong with it: nil.
local function part(s, at, name, max)
	local begin = s:match("^ " .. name .. "=()", at)

	if not begin then
		return nil, nil, at
	end
	local n, e = number(s, begin, max)
	if not n or n == 0 then
		return nil
	end
	if s:sub(e, e) ~= "/" then
		return n, nil, e
	end
	local text, after = word(s, e + 1)
	if not text then
		return nil
	end
	return n, text, after
end

-- "droplet/blocklist". Version 1 has it so, version 2 without the group, which the slot gives;
-- slot 0, where a program of no chain stands, gives none.
local function stage(s, at, slot, version)
	if s:sub(at, at) ~= ":" then
		return "slot" .. slot, at
	end
	local name, e = word(s, at + 1)
	if name and version == 1 and slot == 0 then
		return (name:gsub("^xdpdump/", "")), e
	end
	if not name or version == 1 or (slot == 15 and name == "lb") then
		return name, e
	end
	return (slot == 0 and "" or slot == 15 and "lb/" or "droplet/") .. name, e
end

-- What the stage said, behind its name; in version 2, of one that just handed on, nothing.
local function said(s, at, st, version)
	if version > 1 and not s:match("^ [%uvw]", at) then
		st.verdict, st.shadow = "NEXT", false
		return at
	end
	local after, e = s:match("^ would%-()", at), nil
	st.shadow = after ~= nil
	st.verdict, e = verdict(s, after or s:match("^ ()", at) or #s + 1)
	if not e then
		return nil
	end
	st.reason_id, st.reason, e = part(s, e, "reason", 65535)
	if not e then
		return nil
	end
	st.rule, st.rule_text, e = part(s, e, "rule", U32)
	return e
end

-- One step, behind its "; ".
local function step(s, at, version)
	local st, e, after = {}, nil, nil

	st.slot, e = number(s, at, 15)
	if not e then
		return nil
	end
	st.stage, e = stage(s, e, st.slot, version)
	if not st.stage then
		return nil
	end
	e = said(s, e, st, version)
	if not e then
		return nil
	end
	after = s:match("^ ()%d", e)
	if after then
		st.ns, e = number(s, after, U32)
		if not e or s:sub(e, e + 1) ~= "ns" then
			return nil
		end
		e = e + 2
	end
	return st, e
end

-- What stands behind "xdpchain/1 " or "xdpchain/2 ". nil: it is damaged.
local function trail(s, version)
	local t, e = { steps = {} }, nil

	t.verdict, e = verdict(s, 1)
	if not t.verdict then
		return nil
	end
	local after = s:match("^ entry()", e)
	t.entry = after ~= nil
	e = after or e
	while e <= #s do
		if s:sub(e, e + 1) ~= "; " or #t.steps == 16 then
			return nil
		end
		local st
		st, e = step(s, e + 2, version)
		if not st then
			return nil
		end
		table.insert(t.steps, st)
	end
	return t
end

-- --- the tree ---------------------------------------------------------------------------------------

local function decider(t)
	for i = #t.steps, 1, -1 do
		local st = t.steps[i]
		if st.verdict ~= "NEXT" and not st.shadow then
			return st.stage
		end
	end
	return "end of chain"
end

local function show_step(tree, st)
	local text = (st.shadow and "would-" or "") .. st.verdict
	local at = tree:add(field.step)

	if st.reason_id then
		text = text .. ": " .. (st.reason or "reason " .. st.reason_id)
	end
	if st.rule then
		text = text .. " rule " .. st.rule .. (st.rule_text and " (" .. st.rule_text .. ")" or "")
	end
	if st.ns then
		text = text .. ", " .. st.ns .. " ns"
	end
	at:set_text(st.stage .. " " .. text)
	at:add(field.stage, st.stage)
	at:add(field.slot, st.slot)
	at:add(field.said, st.verdict)
	at:add(field.shadow, st.shadow)
	if st.reason_id then
		at:add(field.reason, st.reason or tostring(st.reason_id))
		at:add(field.reason_id, st.reason_id)
	end
	if st.rule then
		at:add(field.rule, st.rule)
	end
	if st.rule_text then
		at:add(field.rule_text, st.rule_text)
	end
	if st.ns then
		at:add(field.ns, st.ns)
	end
	if st.shadow and st.verdict ~= "NEXT" then
		at:add_proto_expert_info(expert_would)
	end
end

local function show(tree, t)
	local top = tree:add(proto)
	local item = top:add(field.verdict, t.verdict)

	top:append_text(": " .. t.verdict .. ", " .. decider(t))
	if expert_of[t.verdict] then
		item:add_proto_expert_info(expert_of[t.verdict])
	end
	top:add(field.decider, decider(t))
	top:add(field.entry, t.entry)
	for _, st in ipairs(t.steps) do
		show_step(top, st)
	end
end

function proto.dissector(_, _, tree)
	for _, info in ipairs({ comments() }) do
		local version, rest = tostring(info.value):match("^xdpchain/(%d+) (.*)$")

		if version == "1" or version == "2" then
			local t = trail(rest, tonumber(version))
			if t then
				show(tree, t)
			else
				tree:add(proto):add_proto_expert_info(expert_damaged)
			end
		elseif version then
			tree:add(proto):add_proto_expert_info(expert_version)
		end
	end
end

register_postdissector(proto)
