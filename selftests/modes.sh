#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Modes: off has no hook and counts nothing; they change under traffic.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need nft
topology

off() {
	configure "$router" "type echo-request drop" "set mode off"
	ctl "$router" flush stats
	pings "$attacker" -i 0.05 -c 5 -W 1 $host4
	is replies 5 "$ping_received"
	pings "$attacker" -i 0.05 -c 5 -W 1 $host6
	is "IPv6 replies" 5 "$ping_received"
	pings "$attacker" -s 20000 -c 1 -W 1 $host4
	is "replies to 20,000 bytes" 1 "$ping_received"
	expect "$router" seen=0 fragments=0
	is "mode" "mode off" "$(ctl "$router" show | grep ^mode)"
}

hooks_follow() {
	if ! can_list_hooks; then
		skip "this kernel can't list hooks"
		return
	fi
	must ctl "$router" set mode enforce
	is "hooks in enforce mode" 2 "$(hooks "$router")"
	must ctl "$router" set mode monitor
	is "hooks in monitor mode" 2 "$(hooks "$router")"
	must ctl "$router" set mode off
	is "hooks in mode off" 0 "$(hooks "$router")"
	is "hooks of a namespace without a configuration" 0 "$(hooks "$attacker")"
	must ctl "$router" set mode off
	is "hooks when off twice" 0 "$(hooks "$router")"
}

# Off keeps the configuration and the counters.
kept() {
	configure "$router" "type echo-request limit 1/minute burst 5" "set max-echo-size 1234"
	pings "$attacker" -i 0.01 -c 10 -W 1 $host4
	is "replies" 5 "$ping_received"
	local before
	before=$(ctl "$router" show | grep -v ^mode)
	must ctl "$router" set mode off
	is "the configuration" "$before" "$(ctl "$router" show | grep -v ^mode)"
	expect "$router" source-limit=5
	must ctl "$router" set mode enforce
	is "the configuration afterwards" "$before" "$(ctl "$router" show | grep -v ^mode)"
}

# Around a change a packet is judged or not; none is lost.
under_traffic() {
	local i pid
	configure "$router" "type echo-request accept" "type echo-reply accept"
	in_ns "$attacker" ping -q -i 0.01 -c 400 -W 1 $host4 >"$tmp/4" 2>&1 &
	pid=$!
	in_ns "$attacker" ping -q -i 0.01 -c 400 -W 1 -s 3000 $host6 >"$tmp/6" 2>&1 &
	for i in 1 2 3 4 5; do
		must ctl "$router" set mode off
		must ctl "$router" set mode monitor
		must ctl "$router" set mode enforce
	done
	wait $pid
	wait $!
	read_ping <"$tmp/4"
	is "replies" 400 "$ping_received"
	read_ping <"$tmp/6"
	is "replies in fragments" 400 "$ping_received"
	settled "$router"
	sums_hold
	is "drops" "" "$(drops)"
}

run_tests \
	"off a namespace that is off counts and drops nothing" \
	"hooks_follow hooks come and go with the mode" \
	"kept configuration and counters outlast it" \
	"under_traffic changes under traffic lose no packet"
