#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Echoes above max-echo-size are dropped and counted once each, whole or in
# fragments; those up to it pass.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need_scapy
topology
crafting "$attacker" at0 "$(mac "$router" ra0)"
send "where('$attacker4', '$host4', '$attacker6', '$host6')"

# An echo of 20,000 bytes is 14 fragments, at 1500 bytes a packet. The first
# five end before byte 8200 of the message.
far_too_large() {
	configure "$router" "set max-echo-size 8192"
	pings "$attacker" -s 20000 -c 3 -i 0.2 -W 1 $1
	is replies 0 "$ping_received"
	# The first fragments don't show the size.
	expect "$router" echo-oversize=3 fragments=42 fragments-early=24 reassembled=0 \
		within-limit=3 "$2/echo-request/accepted=3" "$2/fragment/dropped=3"
}

far_too_large4() {
	far_too_large $host4 icmp
}

far_too_large6() {
	far_too_large $host6 icmpv6
}

# Three fragments a message; the host's reply comes in three as well.
in_fragments() {
	configure "$router" "set max-echo-size 8192"
	pings "$attacker" -s 4000 -c 3 -i 0.2 -W 1 $1
	is replies 3 "$ping_received"
	expect "$router" "$2/echo-request/accepted=3" "$2/echo-reply/accepted=3" \
		fragments=18 fragments-early=0 reassembled=0
}

in_fragments4() {
	in_fragments $host4 icmp
}

in_fragments6() {
	in_fragments $host6 icmpv6
}

# boundary DESTINATION PROTOCOL SIZE REPLIES [REQUESTS]: replies that pass the router, and
# requests that pass, of which those in fragments do partly
boundary() {
	configure "$router" "set max-echo-size $3"
	pings "$attacker" -s "$3" -c 2 -i 0.2 -W 1 "$1"
	is "replies to $3 bytes" 2 "$ping_received"
	expect "$router" "$2/echo-request/accepted=2" "$2/echo-reply/accepted=$4"
	pings "$attacker" -s $(($3 + 1)) -c 2 -i 0.2 -W 1 "$1"
	is "replies to one byte more" 0 "$ping_received"
	expect "$router" "$2/echo-request/accepted=${5-2}" echo-oversize=2
}

boundary_fragments() {
	boundary $host4 icmp 8192 2 4
	boundary $host6 icmpv6 8192 2 4
	boundary $router4 icmp 8192 0
	boundary $router6 icmpv6 8192 0
}

# The last fragment ends one byte after byte 8200, and is recognised as too large by
# itself: also where that byte is its only one.
boundary_fragment_ends() {
	# 5 * 1480 and 5 * 1448 bytes less the header, and the next fragment
	boundary $host4 icmp 7392 2 4
	boundary $host6 icmpv6 7232 2 4
}

mtu() {
	ip -n "$attacker" link set at0 mtu "$1"
	ip -n "$router" link set ra0 mtu "$1"
	ip -n "$router" link set rh0 mtu "$1"
	ip -n "$host" link set ht0 mtu "$1"
	in_ns "$attacker" ip route flush cache
	in_ns "$attacker" ip -6 route flush cache
}

boundary_whole() {
	mtu 12000
	boundary $host4 icmp 8192 2
	is "fragments" 0 "${counter[fragments]}"
	boundary $host6 icmpv6 8192 2
	is "fragments" 0 "${counter[fragments]}"
	boundary $host4 icmp 56 2
	boundary $host6 icmpv6 0 2
	mtu 1500
}

# Too large for an echo, but not for other messages
small_limit() {
	local each
	configure "$router" "set max-echo-size 1000"
	send "cut4(IP(src='$attacker4', dst='$host4', id=1) / ICMP(id=1) / Raw(bytes(1000)), 576)"
	send "cut6(IPv6(src='$attacker6', dst='$host6') / ICMPv6EchoRequest(id=1, data=bytes(1000)), 576)"
	expect "$router" fragments=4 reassembled=0 icmp/echo-request/accepted=1 \
		icmp/echo-reply/accepted=1 icmpv6/echo-request/accepted=1 \
		icmpv6/echo-reply/accepted=1
	# The fragment that shows the size comes last, or first.
	for each in 1 -1; do
		ctl "$router" flush stats
		send "cut4(IP(src='$attacker4', dst='$host4', id=3 + $each) / ICMP(id=1) / Raw(bytes(1001)), 576)[::$each]"
		send "cut6(IPv6(src='$attacker6', dst='$host6') / ICMPv6EchoRequest(id=1, data=bytes(1001)), 576, 3 + $each)[::$each]"
		expect "$router" fragments=4 reassembled=0 fragments-early=0 \
			icmp/fragment/dropped=1 icmpv6/fragment/dropped=1 echo-oversize=2 \
			icmp/echo-request/accepted=1 icmpv6/echo-request/accepted=1
	done
	ctl "$router" flush stats
	send "cut4(IP(src='$attacker4', dst='$router4', id=5) / ICMP(id=1) / Raw(bytes(1001)), 576)"
	send "cut6(IPv6(src='$attacker6', dst='$router6') / ICMPv6EchoRequest(id=1, data=bytes(1001)), 576, 5)"
	expect "$router" fragments=4 reassembled=2 fragments-early=0 \
		icmp/echo-request/dropped=1 icmpv6/echo-request/dropped=1 echo-oversize=2
	# An error of that length passes.
	ctl "$router" flush stats
	send "cut4(ip4(id=6) / icmp4(3, quoted4() + bytes(1100), 1), 576)"
	expect "$router" fragments=2 icmp/destination-unreachable/accepted=1
}

largest() {
	configure "$router" "set max-echo-size 65507"
	pings "$attacker" -s 65507 -c 1 -W 1 $host4
	is "replies to 65,507 bytes" 1 "$ping_received"
	expect "$router" icmp/echo-request/accepted=1 icmp/echo-reply/accepted=1 \
		fragments=90 reassembled=0
}

replies_too() {
	configure "$router" "set max-echo-size 100"
	send "[IP(src='$attacker4', dst='$host4') / ICMP(type=0) / Raw(bytes(n)) for n in (100, 101)]"
	send "[IPv6(src='$attacker6', dst='$host6') / ICMPv6EchoReply(data=bytes(n)) for n in (100, 101)]"
	expect "$router" echo-oversize=2 icmp/echo-reply/accepted=1 icmp/echo-reply/dropped=1 \
		icmpv6/echo-reply/accepted=1 icmpv6/echo-reply/dropped=1
}

# Messages other than echoes may be larger.
echoes_only() {
	configure "$router" "set max-echo-size 100"
	# Not type 11, which hosts send of the fragments above that were never whole.
	send "IP(src='$attacker4', dst='$host4') / ICMP(type=12) / Raw(bytes(1000))"
	send "icmp6('$attacker6', '$host6', 4, body=bytes(1000))"
	expect "$router" echo-oversize=0 icmp/parameter-problem/accepted=1 \
		icmpv6/parameter-problem/accepted=1
}

on_host() {
	configure "$router" "set max-echo-size 65507"
	configure "$host" "set max-echo-size 8192"
	pings "$attacker" -s 20000 -c 2 -i 0.2 -W 1 $host4
	is "replies to 20,000 bytes" 0 "$ping_received"
	pings "$attacker" -s 20000 -c 2 -i 0.2 -W 1 $host6
	is "replies to 20,000 bytes, IPv6" 0 "$ping_received"
	pings "$attacker" -s 4000 -c 2 -i 0.2 -W 1 $host4
	is "replies to 4,000 bytes" 2 "$ping_received"
	pings "$attacker" -s 4000 -c 2 -i 0.2 -W 1 $host6
	is "replies to 4,000 bytes, IPv6" 2 "$ping_received"
	expect "$host" echo-oversize=4 icmp/echo-request/accepted=2 icmpv6/echo-request/accepted=2 \
		reassembled=4
	must ctl "$host" set mode off
}

run_tests \
	"far_too_large4 ping -s 20000 is dropped and counted once" \
	"far_too_large6 the same for IPv6" \
	"in_fragments4 ping -s 4000 passes, fragment by fragment" \
	"in_fragments6 the same for IPv6" \
	"boundary_fragments max-echo-size passes and one byte more doesn't" \
	"boundary_fragment_ends the same where that byte has a fragment of its own" \
	"boundary_whole the same without fragments" \
	"small_limit echoes in fragments that are too large and yet short" \
	"largest the largest packet there is passes where it may" \
	"replies_too echo replies have the same limit" \
	"echoes_only other messages are not" \
	"on_host the guarded machine itself"
