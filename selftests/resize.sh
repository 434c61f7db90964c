#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The table's size changes while packets flow: debts stay, nothing is lost.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
[ -x "$here/flood" ] || skip_all "flood isn't built"
topology
in_ns "$router" sysctl -q net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.ra0.rp_filter=0

# A source's debt moves to the new table, and to the one after that.
debts() {
	local size
	configure "$router" "type echo-request limit 1/hour burst 5"
	pings "$attacker" -i 0.01 -c 8 -W 1 $router4
	is "replies" 5 "$ping_received"
	for size in 8 1048576 4096; do
		must ctl "$router" set table-size $size
		pings "$attacker" -i 0.01 -c 2 -W 1 $router4
		is "replies after table-size $size" 0 "$ping_received"
	done
	is "left" 0 "$(ctl "$router" -j source $attacker4 |
		jq '[.buckets[] | select(.name == "echo-request") | .left] | add')"
	expect "$router" icmp/echo-request/accepted=5 icmp/echo-request/limited=9 source-limit=9
}

# floods COUNT: from 200 sources
floods() {
	in_ns "$attacker" "$here/flood" -n "$1" -r 10000 -S 200 $router4 >/dev/null
}

# Every packet is judged, by a limit that is the same throughout.
flowing() {
	local i pid sizes=(65536 262144 131072 524288)
	configure "$router" "type echo-request limit 1/hour burst 1"
	for ((i = 0; i < 16; i++)); do
		floods 800 &
		pid=$!
		must ctl "$router" set table-size "${sizes[i % 4]}"
		wait "$pid" || fail "the flood didn't end well"
		# Each source is seen in each of them: no debt is lost with the oldest.
		floods 1600 || fail "the flood didn't end well"
	done
	settled "$router"
	is "seen" 38400 "${seen_of[icmp]}"
	within "passed" 1 200 "${counter[icmp/echo-request/accepted]}"
	sums_hold
	expect "$router" "source-limit=$((38400 - counter[within-limit]))"
}

run_tests \
	"debts a source's debt moves to the new table" \
	"flowing no packet is lost while the size changes under a flood"
