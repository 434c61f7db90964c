#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A flood from random sources with a total: the total holds, and a source that
# has been pinging regularly keeps its replies.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
[ -x "$here/flood" ] || skip_all "flood isn't built"
topology
in_ns "$router" sysctl -q net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.ra0.rp_filter=0

total=100 burst=100

# flood PACKETS RATE ADDRESS: sets flood_ms
flood() {
	read -r _ flood_ms < <(in_ns "$attacker" "$here/flood" -n "$1" -r "$2" "$3")
	[ -n "${flood_ms-}" ] || fail "flood did not end well"
}

# passed PROTOCOL: how many echo requests passed; all of both senders were seen
passed() {
	settled "$router"
	within_limit=${counter[$1/echo-request/accepted]}
	is "echo requests seen" "$2" \
		$((within_limit + counter[$1/echo-request/limited] + counter[$1/echo-request/dropped]))
}

# reserve PROTOCOL HOST HOST'S-GATEWAY FLOODED-ADDRESS
reserve() {
	local file=$tmp/ping
	configure "$router" "type echo-request limit 50/second burst 100 total $total/second burst $burst"
	become_known "$router" echo-request "$2" "$host" "$3"
	must ctl "$router" flush stats
	in_ns "$host" ping -q -c 50 -i 0.1 -W 1 "$3" >"$file" 2>&1 &
	local pid=$!
	flood 50000 10000 "$4"
	wait "$pid"
	read_ping <"$file"
	is "replies of the known host" 50 "$ping_received"
	passed "$1" 50050
	# What the elapsed time allows, and one packet in progress
	within "passed in $flood_ms ms" $((total * flood_ms * 95 / 100000)) \
		$((burst + total * (flood_ms + 3000) / 1000 * 105 / 100)) "$within_limit"
	is "drops named" "$((50050 - within_limit))" \
		"$((counter[total-limit] + counter[source-limit]))"
	sums_hold
}

reserve4() {
	reserve icmp $host4 192.0.2.1 $router4
}

reserve6() {
	reserve icmpv6 $host6 2001:db8:b::1 $router6
}

run_tests \
	"reserve4 a known host keeps its replies and the total holds, IPv4" \
	"reserve6 a known host keeps its replies and the total holds, IPv6"
