#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The prefix ladder: one packet is charged at several prefix lengths.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
topology

rate="limit 1/hour burst 6"

# ten ADDRESS-OF-THE-SENDER TARGET: sets ping_received
ten() {
	pings "$attacker" -I "$1" -i 0.01 -c 10 -W 1 "$2"
}

# Without a second step each address has its own bucket.
alone() {
	configure "$router" "set prefix ipv4 32" "type echo-request $rate"
	ten $attacker4 $router4
	is "replies to the first" 6 "$ping_received"
	ten $other4 $router4
	is "replies to the second" 6 "$ping_received"
	expect "$router" icmp/echo-request/accepted=12 icmp/echo-request/limited=8 source-limit=8
}

shared4() {
	configure "$router" "set prefix ipv4 32 24:1" "type echo-request $rate"
	ten $attacker4 $router4
	is "replies to the first" 6 "$ping_received"
	ten $other4 $router4
	is "replies to the second" 0 "$ping_received"
	expect "$router" icmp/echo-request/accepted=6 icmp/echo-request/limited=14 source-limit=14
}

# A source refused by its own bucket isn't charged to its prefix.
factor4() {
	configure "$router" "set prefix ipv4 32 24:2" "type echo-request $rate"
	ten $attacker4 $router4
	is "replies to the first" 6 "$ping_received"
	ten $other4 $router4
	is "replies to the second" 6 "$ping_received"
	ten $other4 $router4
	is "replies to the second again" 0 "$ping_received"
	expect "$router" icmp/echo-request/accepted=12 icmp/echo-request/limited=18 source-limit=18
}

shared6() {
	configure "$router" "set prefix ipv6 64 48:1" "type echo-request $rate"
	ten $attacker6 $router6
	is "replies to the first /64" 6 "$ping_received"
	ten $other64 $router6
	is "replies to the second /64" 0 "$ping_received"
	expect "$router" icmpv6/echo-request/accepted=6 icmpv6/echo-request/limited=14 source-limit=14
}

# The source, its /64, its /56 and its /48
four6() {
	configure "$router" "set prefix ipv6 128 64:2 56:2 48:3" "type echo-request $rate"
	ten $attacker6 $router6
	is "replies to the first address" 6 "$ping_received"
	ten $same64 $router6
	is "replies to another of its /64" 6 "$ping_received"
	ten $same64 $router6
	is "replies to the same again" 0 "$ping_received"
	ten $other64 $router6
	is "replies to another /64 of the /56" 0 "$ping_received"
	expect "$router" icmpv6/echo-request/accepted=12 icmpv6/echo-request/limited=28 source-limit=28
}

run_tests \
	"alone one step: each address has its own" \
	"shared4 two addresses of a /24 share it" \
	"factor4 a /24 has its multiple, and a refused packet costs it nothing" \
	"shared6 two /64 of a /48 share it" \
	"four6 four steps"
