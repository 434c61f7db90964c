#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Output that can't be written, closed descriptors, and JSON: the exit message says
# whether the command took effect although its output was lost, and the output of
# 'show -j' can be applied.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need_scapy
topology
full="No space left on device"

# run STATUS MESSAGE COMMAND: it exits with this status, and this message on stderr
run() {
	local err rc
	err=$(bash -c "$3" 2>&1 >/dev/null)
	rc=$?
	is "status of: $3" "$1" "$rc"
	is "message of: $3" "${2:+icmpguardctl: $2}" "$err"
}

# Commands that change nothing, with all of their output lost
nothing_changed() {
	local each
	configure "$router" "rule add 192.0.2.0/24 exempt"
	for each in show stats "rule list" "source 192.0.2.7" version help metrics "top --count 1" \
		"-j show"; do
		run 1 "the output could not be written: $full" "$tool -n $router $each >/dev/full"
	done
	# No output, nothing lost
	run 0 "" "$tool -n $router set max-echo-size 1000 >/dev/full"
	is "what was set" "max-echo-size 1000" "$(ctl "$router" show | grep max-echo)"
}

changed() {
	local before
	configure "$router" "type echo-request drop"
	run 1 "done, but the output could not be written: $full" \
		"$tool -n $router set table-size 1024 >/dev/full"
	is "the table's size" "table-size 1024" "$(ctl "$router" show | grep table-size)"
	echo "add 192.0.2.0/24 block" >"$tmp/rules"
	run 1 "done, but the output could not be written: $full" \
		"$tool -n $router rule load $tmp/rules >/dev/full"
	is "the rule" "rule add 192.0.2.0/24 block" "$(ctl "$router" rule list)"
	must ctl "$router" flush rules
	pings "$attacker" -i 0.01 -c 3 -W 1 $host4
	expect "$router" policy-drop=3
	run 1 "done, but the output could not be written: $full" \
		"$tool -n $router stats --reset >/dev/full"
	expect "$router" policy-drop=0
	# A refused command reports only the refusal.
	before=$(ctl "$router" show)
	"$tool" -n "$router" set table-size 7 >/dev/full 2>"$tmp/err"
	is "status of a refusal" 2 $?
	[[ "$(<"$tmp/err")" == "icmpguardctl: invalid table-size '7'"* ]] || fail "a refusal: $(<"$tmp/err")"
	is "after a refusal" "$before" "$(ctl "$router" show)"
}

# No socket gets the number of a closed standard descriptor.
closed() {
	local each
	configure "$router" "rule add 192.0.2.0/24 block"
	ctl "$router" show >"$tmp/before"
	for each in show stats "-j show" version; do
		run 1 "the output could not be written: Bad file descriptor" \
			"$tool -n $router $each >&-"
	done
	run 1 "done, but the output could not be written: Bad file descriptor" \
		"$tool -n $router set table-size 1024 >&-"
	run 0 "" "$tool -n $router set mode monitor >&-"
	is "the mode" "mode monitor" "$(ctl "$router" show | grep ^mode)"
	must ctl "$router" apply "$tmp/before"
	# A closed stdin isn't an empty file, which would mean the defaults.
	run 1 "standard input: it can't be read: Bad file descriptor" "$tool -n $router apply - <&-"
	run 1 "standard input: it can't be read: Bad file descriptor" \
		"$tool -n $router apply - <&- >&-"
	is "the configuration" "$(cat "$tmp/before")" "$(ctl "$router" show)"
	is "without an input" "$(cat "$tmp/before")" "$("$tool" -n "$router" show <&-)"
	is "without a place for errors" "$(cat "$tmp/before")" "$("$tool" -n "$router" show 2>&-)"
	"$tool" -n "$router" type nonsense drop 2>&-
	is "an error without a place" 2 $?
	"$tool" -n "$router" show <&- >&- 2>&-
	is "with none of them" 1 $?
	is "nothing of it was taken" "$(cat "$tmp/before")" "$(ctl "$router" show)"
}

# A reader that closes the pipe: SIGPIPE, and no message
pipe() {
	configure "$router"
	awk 'BEGIN { for (i = 0; i < 20000; i++) printf "add 10.%d.%d.0/24 block\n", i / 256, i % 256 }' \
		>"$tmp/rules"
	must ctl "$router" rule load "$tmp/rules"
	{ "$tool" -n "$router" show 2>"$tmp/err"; echo $? >"$tmp/status"; } | head -n 1 >"$tmp/line"
	is "what was read" 1 "$(wc -l <"$tmp/line")"
	is "its status" 141 "$(cat "$tmp/status")"
	is "on stderr" "" "$(cat "$tmp/err")"
	# Where the signal is ignored, as for a service, it is an error like any other.
	(trap '' PIPE; "$tool" -n "$router" show 2>"$tmp/err"; echo $? >"$tmp/status") |
		head -n 1 >"$tmp/line"
	is "its status without the signal" 1 "$(cat "$tmp/status")"
	is "on stderr" "icmpguardctl: the output could not be written: Broken pipe" "$(cat "$tmp/err")"
	must ctl "$router" flush rules
}

# The old file stays until a complete new one replaces it.
textfile() {
	configure "$router"
	mkdir "$tmp/small"
	if ! mount -t tmpfs -o size=16k none "$tmp/small"; then
		skip "no file system of 16 KiB"
		return
	fi
	defer umount "$tmp/small"
	echo old >"$tmp/small/icmpguard.prom"
	must dd if=/dev/zero of="$tmp/small/filler" bs=4k count=2 status=none
	"$tool" -n "$router" metrics --textfile "$tmp/small/icmpguard.prom" 2>"$tmp/err"
	is "its status" 1 $?
	grep -q "can't write '.*': $full$" "$tmp/err" || fail "$(cat "$tmp/err")"
	is "the file" old "$(cat "$tmp/small/icmpguard.prom")"
	is "files" "filler icmpguard.prom" "$(cd "$tmp/small" && echo *)"
	rm "$tmp/small/filler"
	must mount -o remount,size=1m "$tmp/small"
	must ctl "$router" metrics --textfile "$tmp/small/icmpguard.prom"
	grep -q "^icmpguard_up 1$" "$tmp/small/icmpguard.prom" || fail "no new file"
}

everything() {
	configure "$router" "set mode monitor" "set max-echo-size 1472" "set scope local" \
		"set table-size 4096" "set prefix ipv6 64 56:4 48:16" "set prefix ipv4 32 24:8" \
		"set interface eth0 off" "set interface ra0 monitor" "set interface rh0 monitor" \
		"set check quoted-source drop" "set check echo-multicast off" \
		"type echo-request limit 10/second burst 7 total 300/minute block 90s monitor" \
		"type icmp redirect accept monitor" "type other drop" \
		"type fragment limit unlimited total 5/minute" \
		"type icmp destination-unreachable code 4 limit 1/minute burst 1" \
		"type icmpv6 destination-unreachable code 4 drop monitor" \
		"rule add 2001:db8::/32 limit 7/hour burst 9"
	must ctl "$router" rule add 192.0.2.0/24 exempt comment "two words # and more, \\ ä"
	must ctl "$router" rule add 198.51.100.7 block
}

round_trip() {
	local shown
	everything
	shown=$(ctl "$router" show)
	ctl "$router" -j show >"$tmp/shown.json"
	must "$tool" check "$tmp/shown.json"
	must ctl "$router" flush all
	ctl "$router" set mode enforce
	must ctl "$router" apply "$tmp/shown.json"
	is "what is shown" "$shown" "$(ctl "$router" show)"
	is "and in JSON, but for the changes" \
		"$(jq 'del(.generation)' "$tmp/shown.json")" "$(ctl "$router" -j show | jq 'del(.generation)')"
	# From a pipe, and as jq prints it
	must ctl "$router" flush all
	ctl "$router" set mode enforce
	jq . "$tmp/shown.json" | must ctl "$router" apply -
	is "what is shown" "$shown" "$(ctl "$router" show)"
	# The defaults, too
	configure "$router"
	shown=$(ctl "$router" show)
	ctl "$router" -j show | must ctl "$router" apply -
	is "the defaults" "$shown" "$(ctl "$router" show)"
	# And rules by themselves
	must ctl "$router" rule add 192.0.2.0/24 exempt
	ctl "$router" -j rule list >"$tmp/rules.json"
	must ctl "$router" flush rules
	must ctl "$router" rule load "$tmp/rules.json"
	is "the rules" "rule add 192.0.2.0/24 exempt" "$(ctl "$router" rule list)"
	is "what has no number on the wire" "null null" \
		"$(jq -r '[.types[] | select(.name == "other").number | tostring] | join(" ")' "$tmp/shown.json")"
	is "numbers beyond those on the wire" "" \
		"$(jq '.types[].number | select(. != null and . > 255)' "$tmp/shown.json")"
}

# refused MESSAGE JQ-PROGRAM: what the program makes of the configuration
refused() {
	local err
	jq -c "$2" "$tmp/shown.json" >"$tmp/wrong.json"
	err=$(ctl "$router" apply "$tmp/wrong.json" 2>&1)
	is "status of $2" 1 $?
	is "message of $2" "icmpguardctl: $tmp/wrong.json: $1" "$err"
}

wrong_json() {
	local before
	everything
	ctl "$router" -j show >"$tmp/shown.json"
	must ctl "$router" flush all
	before=$(ctl "$router" show)
	refused "mod: unknown key; did you mean 'mode'?" '.mod = "off"'
	refused "mode: a string is expected here" '.mode = 1'
	refused "table-size: a whole number is expected here" '."table-size" = 1024.5'
	refused "types: an array is expected here" '.types = {}'
	refused "types[3]: an object is expected here" '.types[3] = 8'
	refused "types[3].monitor: true or false is expected here" '.types[3].monitor = 0'
	refused "types[3].nmae: unknown key; did you mean 'name'?" '.types[3].nmae = "x"'
	refused "types[3].number: 'echo-request' has another one" \
		'.types[3] = (.types[] | select(.name == "echo-request" and .proto == "icmp") | .number = 0)'
	refused "rules[1].prefix: unknown key; did you mean 'prefix-len'?" '.rules[1].prefix = "::/0"'
	refused "an object is expected here" '[.]'
	# An error from the kernel names the key, too.
	jq -c '."table-size" = 1' "$tmp/shown.json" >"$tmp/wrong.json"
	ctl "$router" apply "$tmp/wrong.json" 2>"$tmp/err"
	is "status of a table's size" 1 $?
	grep -q "^icmpguardctl: $tmp/wrong.json: table-size: invalid table-size '1'" "$tmp/err" || fail "$(cat "$tmp/err")"
	# A syntax error has a line and a column.
	jq . "$tmp/shown.json" | sed '2s/,$//' >"$tmp/wrong.json"
	ctl "$router" apply "$tmp/wrong.json" 2>"$tmp/err"
	grep -q "^icmpguardctl: $tmp/wrong.json:3:[0-9]*: this JSON can't be read: " "$tmp/err" ||
		fail "$(cat "$tmp/err")"
	{ cat "$tmp/shown.json"; echo "mode off"; } >"$tmp/wrong.json"
	ctl "$router" apply "$tmp/wrong.json" 2>"$tmp/err"
	grep -q "^icmpguardctl: $tmp/wrong.json:2:[0-9]*: this JSON can't be read: " "$tmp/err" ||
		fail "$(cat "$tmp/err")"
	sed 's/"mode":/"mode":"off",&/' "$tmp/shown.json" >"$tmp/wrong.json"
	ctl "$router" apply "$tmp/wrong.json" 2>"$tmp/err"
	grep -q ": this JSON can't be read: duplicate object key near '\"mode\"'$" "$tmp/err" ||
		fail "$(cat "$tmp/err")"
	is "the configuration" "$before" "$(ctl "$router" show)"
}

# Commands without JSON output say so.
no_json() {
	run 2 "'metrics' prints no JSON: its text is for monitoring systems; 'stats' has the counters in JSON" \
		"$tool -n $router -j metrics"
}

# Every object that the tool prints, one a line
all_json() {
	local pid
	everything >/dev/null
	must ctl "$router" set mode enforce
	must ctl "$router" set scope all
	must ctl "$router" set table-size 64 >/dev/null
	must ctl "$router" type icmp echo-request limit 1/minute burst 2
	must ctl "$router" flush rules
	must ctl "$router" rule add 203.0.113.0/24 limit 1/second burst 1 source-length 32 comment x
	must ctl "$router" rule add 203.0.113.128/25 block interface eth9
	can_listen || return
	start in_ns "$router" "$tool" -j monitor >"$tmp/events"
	pid=$!
	heard() {
		ctl "$router" set max-echo-size 65507
		busywait 1000 grep -q config-changed "$tmp/events"
	}
	busywait 30000 heard || fail "no event"
	crafting "$attacker" at0 "$(mac "$router" ra0)"
	send "[IP(src='198.18.%d.%d' % (i // 250, i % 250 + 1), dst='$host4') / ICMP() for i in range(1000)] * 3"
	crafting_done
	busywait 40000 grep -q '"table-full"' "$tmp/events" || fail "no table-full"
	must ctl "$router" type icmp echo-request limit unlimited total 3/second burst 3
	# It is reported while it lasts.
	exceeded() {
		pings "$attacker" -i 0.01 -c 50 -W 1 $host4
		grep -q '"total-limited"' "$tmp/events"
	}
	busywait 40000 exceeded || fail "no total-limited"
	for each in source-limited source-released; do
		busywait 40000 grep -q "\"$each\"" "$tmp/events" || fail "no $each"
	done
	stop "$pid"
	cat "$tmp/events"
	echo "add 192.0.2.0/24 block" >"$tmp/rules"
	ctl "$router" -j show
	ctl "$router" -j stats
	ctl "$router" -j sources
	ctl "$router" -j source $attacker4
	ctl "$router" -j top --count 1
	ctl "$router" -j version
	ctl "$router" -j rule list
	ctl "$router" -j rule load "$tmp/rules"
	ctl "$router" -j set table-size 64
	# One device with a reason to drop nothing, and one without
	must ctl "$router" set interface ra0 on
	ctl "$router" -j xdp show
}

# KEY TYPE of every key, as jq has it
keys_of() {
	jq -r '[.. | objects | to_entries[] | {k: .key, t: (.value | type)}] |
		.[] | "\(.k) \(.t)"' | sort -u
}

# The table of icmpguardctl(8) has every key, with its type, and no other.
documented() {
	local page=$here/../userspace/man/icmpguardctl.8
	[ -e "$page" ] || { skip "this isn't a whole checkout"; return; }
	all_json >"$tmp/all.json" || return
	# Earlier failures are reported here.
	sed -n '/^{/!p' "$tmp/all.json"
	sed -n '/^{/p' "$tmp/all.json" | keys_of >"$tmp/printed"
	sed -n '/^\.Ss JSON/,/^\.Sh/s/^\.It Cm \([a-z-]*\) Ta \([a-z ]*\) Ta .*/\1 \2/p' "$page" |
		awk '{ key = $1; $1 = ""; n = split($0, type, " or "); for (i = 1; i <= n; i++) {
			gsub(/ /, "", type[i]); print key, type[i] } }' | sort -u >"$tmp/documented"
	# What may not occur here: events left out, namespaces without a name, XDP
	local seldom='^(left-out|netns-name null|version null|passed number|program number)'
	is "keys and their types" "$(grep -v -E "$seldom" "$tmp/documented")" \
		"$(grep -v -E "$seldom" "$tmp/printed")"
}

run_tests \
	"nothing_changed output is lost" \
	"changed a change took effect although its output was lost" \
	"closed standard descriptors that are closed" \
	"pipe a reader that closes the pipe" \
	"textfile a full disk leaves the old metrics" \
	"round_trip the output of show -j can be applied" \
	"wrong_json JSON that is wrong changes nothing" \
	"no_json commands without JSON output" \
	"documented every key is in icmpguardctl(8), and no other"
