#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Monitor mode, of a namespace and of one type: what would be dropped is
# counted under its reason, and passes.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need_scapy
topology

# rated DESTINATION PROTOCOL: a burst that mustn't lose a packet. How many exceed the
# limit is known by arithmetic, and from enforce mode.
rated() {
	pings "$attacker" -i 0.01 -c 50 -W 1 "$1"
	is replies 50 "$ping_received"
	expect "$router" "$2/echo-request/accepted=50" "$2/echo-request/monitored=40" \
		"$2/echo-request/limited=0" monitored-source-limit=40 monitor=40 dropped=0
}

rate4() {
	configure "$router" "type echo-request limit 1/minute burst 10" "set mode monitor"
	rated $host4 icmp
}

rate6() {
	configure "$router" "type echo-request limit 1/minute burst 10" "set mode monitor"
	rated $host6 icmpv6
}

# A newcomer may fill 5/16 of a total's burst, and an eighth of it is jittered.
total() {
	local over
	configure "$router" "type echo-request limit 1000/second burst 1000 total 1/minute burst 10" \
		"set mode monitor"
	pings "$attacker" -i 0.01 -c 30 -W 1 $host4
	is replies 30 "$ping_received"
	settled "$router"
	over=${counter[monitored-total-limit]}
	within "would-be drops" 27 28 "$over"
	expect "$router" "icmp/echo-request/monitored=$over" "monitored-total-limit=$over" \
		"monitor=$over" dropped=0
}

oversize() {
	configure "$router" "set max-echo-size 8192" "set mode monitor"
	pings "$attacker" -s 20000 -c 2 -i 0.2 -W 1 "$1"
	is replies 2 "$ping_received"
	# Requests and replies are both too large.
	expect "$router" monitored-echo-oversize=4 monitor=4 dropped=0 fragments=56 \
		reassembled=0 fragments-early=0 "$2/fragment/monitored=4"
}

oversize4() {
	oversize $host4 icmp
}

oversize6() {
	oversize $host6 icmpv6
}

policy() {
	configure "$router" "type echo-request drop" "set mode monitor"
	pings "$attacker" -i 0.1 -c 5 -W 1 $host4
	is replies 5 "$ping_received"
	expect "$router" icmp/echo-request/monitored=5 monitored-policy-drop=5 monitor=5 dropped=0
}

# The checks for malformed packets
sanity() {
	crafting "$attacker" at0 "$(mac "$router" ra0)"
	configure "$router" "set mode monitor"
	send "IP(src='$attacker4', dst='$host4', proto=1) / Raw(bytes(4))"
	send "IPv6(src='$attacker6', dst='$host6', hlim=64) / ICMPv6ND_NS(tgt='$host6')"
	send "icmp6('$attacker6', '$host6', 131, body=bytes(20), hop_limit=64)"
	send "IP(src='$attacker4', dst='$host4', id=1, proto=1, flags='MF') / Raw(bytes(4))"
	crafting_done
	expect "$router" monitored-truncated=1 monitored-nd-hop-limit=1 monitored-mld-hop-limit=1 \
		monitored-fragment-short=1 monitor=4 dropped=0
}

# An impossible fragment passes, and the message that it names isn't lost.
impossible_fragments() {
	crafting "$attacker" at0 "$(mac "$router" ra0)"
	send "where('$attacker4', '203.0.113.2', '$attacker6', '2001:db8:dead::2')"
	send "[(M4 := ping4(2992)), (M6 := ping6(2992))][:0]"
	ip -n "$router" route replace blackhole 203.0.113.0/24
	ip -n "$router" route replace blackhole 2001:db8:dead::/48
	configure "$router" "set mode monitor"
	send "[part4(M4, 31, 0, 1400), part4(M4, 31, 1400, 1407), part4(M4, 31, 1400, 1400, more=1), part4(M4, 31, 1400, 2800), part4(M4, 31, 2800)]"
	send "[part6(M6, 31, 0, 1400), part6(M6, 31, 1400, 1407), part6(M6, 31, 1400, 1400, more=1), part6(M6, 31, 1400, 2800), part6(M6, 31, 2800)]"
	send "part4(bytes(65536), 32, 65512, 65535, more=0)"
	expect "$router" fragments=11 reassembled=0 dropped=0 monitored-fragment-refused=4 \
		monitored-fragment-oversize=1 icmp/echo-request/accepted=1 \
		icmpv6/echo-request/accepted=1
	# Overlapping ones pass too.
	configure "$router" "set mode monitor"
	send "[part4(M4, 33, 0, 1400), part4(M4, 33, 1392, 2792), part6(M6, 33, 0, 1400), part6(M6, 33, 1392, 2792)]"
	crafting_done
	expect "$router" fragments=4 reassembled=0 dropped=0 icmp/echo-request/accepted=1 \
		icmpv6/echo-request/accepted=1
}

# Nothing waits in monitor mode, so the rate of fragments applies only to those whose
# first one wasn't seen.
never_held() {
	configure "$router" "set max-echo-size 65507" "type fragment limit 1/minute burst 10" \
		"set mode monitor"
	pings "$attacker" -s 28000 -c 2 -i 0.2 -W 1 "$1"
	is replies 2 "$ping_received"
	expect "$router" fragments=$((4 * $2)) reassembled=0 dropped=0 monitor=0
	configure "$router" "set max-echo-size 65507" "type fragment limit 1/minute burst 10" \
		"set mode monitor"
	pings "$attacker" -s 28000 -c 2 -i 0.2 -W 1 "$3"
	is "replies from the router" 2 "$ping_received"
	expect "$router" fragments=$((2 * $2)) reassembled=0 dropped=0 monitor=0
}

never_held4() {
	never_held $host4 19 $router4
}

never_held6() {
	never_held $host6 20 $router6
}

# A large echo with a monitored code passes in fragments too; where only fragments are
# monitored, it is dropped.
large_in_fragments() {
	configure "$router" "set max-echo-size 2000" \
		"type icmp echo-request code 0 limit unlimited monitor" \
		"type icmp echo-reply code 0 limit unlimited monitor"
	pings "$attacker" -c 2 -i 0.2 -W 2 -s 4000 $host4
	is "replies of a code in monitor mode" 2 "$ping_received"
	expect "$router" monitored-echo-oversize=4 dropped=0 fragments-early=0
	configure "$router" "set max-echo-size 2000" "type icmp fragment accept monitor"
	pings "$attacker" -c 2 -i 0.2 -W 0.2 -s 4000 $host4
	expect "$router" echo-oversize=2 icmp/fragment/dropped=2 fragments-early=2
	# To the router itself they are reassembled, and the echo is dropped.
	ctl "$router" flush stats
	pings "$attacker" -c 2 -i 0.2 -W 0.2 -s 4000 $router4
	expect "$router" echo-oversize=2 icmp/echo-request/dropped=2 fragments-early=0
}

# Enforcing again uses the same buckets.
enforce_again() {
	configure "$router" "type echo-request limit 1/minute burst 10" "set mode monitor"
	pings "$attacker" -i 0.01 -c 20 -W 1 $host4
	is "replies in monitor mode" 20 "$ping_received"
	must ctl "$router" set mode enforce
	pings "$attacker" -i 0.01 -c 20 -W 1 $host4
	is "replies in enforce mode" 0 "$ping_received"
	expect "$router" monitored-source-limit=10 source-limit=20 monitor=10 dropped=20 \
		icmp/echo-request/accepted=20 icmp/echo-request/limited=20
}

one_type() {
	configure "$router" "type icmp echo-request limit 1/minute burst 10 monitor" \
		"type icmpv6 echo-request limit 1/minute burst 10"
	pings "$attacker" -i 0.01 -c 20 -W 1 $host4
	is "replies to the type in monitor mode" 20 "$ping_received"
	pings "$attacker" -i 0.01 -c 20 -W 1 $host6
	is "replies to the other" 10 "$ping_received"
	expect "$router" monitored-source-limit=10 monitor=10 source-limit=10 \
		icmp/echo-request/monitored=10 icmpv6/echo-request/limited=10
}

# `monitor` alone keeps a type's treatment, and a treatment without it ends monitoring.
one_type_later() {
	configure "$router" "type icmp echo-request limit 1/minute burst 10" \
		"type icmp echo-request monitor"
	pings "$attacker" -i 0.01 -c 20 -W 1 $host4
	is "replies in monitor mode" 20 "$ping_received"
	must ctl "$router" type icmp echo-request limit 1/minute burst 10
	pings "$attacker" -i 0.01 -c 20 -W 1 $host4
	is "replies after it" 0 "$ping_received"
	expect "$router" monitored-source-limit=10 monitor=10 source-limit=20
}

run_tests \
	"rate4 packets above a rate pass and are counted" \
	"rate6 the same for IPv6" \
	"total packets above a total" \
	"oversize4 oversize echoes" \
	"oversize6 the same for IPv6" \
	"policy a type that would be dropped" \
	"sanity malformed packets" \
	"impossible_fragments impossible fragments" \
	"never_held4 fragments are never held or limited, IPv4" \
	"never_held6 fragments are never held or limited, IPv6" \
	"large_in_fragments large echoes in fragments, with a monitored code or monitored fragments" \
	"enforce_again enforcing goes on with the same buckets" \
	"one_type one type alone" \
	"one_type_later one type, switched on and off"
