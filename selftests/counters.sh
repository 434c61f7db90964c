#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# seen = accepted + dropped, each the sum of its reasons and of the types'; the
# tool's text, its JSON and /proc agree.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need hping3
topology
crafting "$attacker" at0 "$(mac "$router" ra0)"

mixed() {
	configure "$router" "type echo-request limit 10/second burst 20" \
		"type icmp timestamp-request drop" "rule add $other4/32 exempt" \
		"rule add 2001:db8:a:1::/64 block" "type icmpv6 echo-reply limit 1/minute burst 1 monitor"
	in_ns "$attacker" ping -q -i 0.01 -c 100 -W 1 $host4 >/dev/null 2>&1 &
	in_ns "$attacker" ping -q -i 0.01 -c 100 -W 1 -I $other4 $host4 >/dev/null 2>&1 &
	in_ns "$attacker" ping -q -i 0.01 -c 50 -W 1 -I $attacker6 $host6 >/dev/null 2>&1 &
	in_ns "$attacker" ping -q -i 0.01 -c 20 -W 1 -I $other64 $host6 >/dev/null 2>&1 &
	in_ns "$attacker" ping -q -i 0.05 -c 10 -W 1 -s 20000 $router4 >/dev/null 2>&1 &
	in_ns "$attacker" ping -q -i 0.05 -c 10 -W 1 -s 4000 -I $other4 $host4 >/dev/null 2>&1 &
	in_ns "$attacker" hping3 -q -1 -C 13 -i u5000 -c 20 $host4 >/dev/null 2>&1 &
	send "[IP(src='$attacker4', dst='$host4', proto=1) / Raw(bytes(4))] * 3"
	send "[IPv6(src='$attacker6', dst='$host6', hlim=64) / ICMPv6ND_NS(tgt='$host6')] * 4"
	local pid
	for pid in $(jobs -p); do
		[ "$pid" = "$craft_pid" ] || wait "$pid"
	done
	settled "$router"
	sums_hold
	# What doesn't depend on time is exact.
	is "exempt" 110 $((counter[icmp/echo-request/accepted] -
		(counter[within-limit] - counter[icmp/echo-reply/accepted] -
		 counter[icmpv6/echo-request/accepted] - counter[icmpv6/echo-reply/accepted] +
		 counter[icmpv6/echo-reply/monitored])))
	is "exempt by its counter" 110 "${counter[exempt]}"
	is blocked 20 "${counter[blocked]}"
	is echo-oversize 10 "${counter[echo-oversize]}"
	is policy-drop 20 "${counter[policy-drop]}"
	is truncated 3 "${counter[truncated]}"
	is nd-hop-limit 4 "${counter[nd-hop-limit]}"
}

# Without traffic, after the test above
everywhere_the_same() {
	local name
	all_of_them() {
		tool_counters "$router" | sort >"$tmp/json"
		read_counters "$router"
		ctl "$router" stats >"$tmp/text" || fail "stats: $?"
	}
	in_one_moment "$router" all_of_them
	is "the tool's JSON and /proc" \
		"$(for name in "${!counter[@]}"; do echo "$name ${counter[$name]}"; done | sort)" \
		"$(<"$tmp/json")"
	# Every line of the text that names a counter
	for name in seen accepted dropped source-limit within-limit blocked exempt; do
		[ "$(awk -v n="$name" '$1 == n { print $2; exit }' "$tmp/text")" = "${counter[$name]}" ] ||
			fail "the tool's text: $(grep "^ *$name " "$tmp/text"), /proc: ${counter[$name]}"
	done
}

# One packet at a time: each is counted once
one_by_one() {
	local i
	configure "$router" "type echo-request limit 1/minute burst 2"
	for i in 1 2 3 4; do
		pings "$attacker" -c 1 -W 1 $host4
		expect "$router" "icmp/echo-request/accepted=$((i < 3 ? i : 2))" \
			"source-limit=$((i < 3 ? 0 : i - 2))"
		is "ICMP packets seen" $((i < 3 ? 2 * i : i + 2)) "${seen_of[icmp]}"
	done
}

reset() {
	configure "$router" "type echo-request drop"
	pings "$attacker" -i 0.01 -c 5 -W 1 $host4
	expect "$router" policy-drop=5
	# It prints the counters as they were before the reset.
	is "the counters as they were" 5 \
		"$(ctl "$router" -j stats --reset | jq '.counters[] | select(.name == "policy-drop").value')"
	expect "$router" policy-drop=0 icmp/echo-request/dropped=0
	pings "$attacker" -i 0.01 -c 3 -W 1 $host4
	expect "$router" policy-drop=3
}

# A flood from addresses at random is counted to the last packet.
flood() {
	configure "$router" "type echo-reply accept"
	ip -n "$host" route add blackhole 0.0.0.0/1
	ip -n "$host" route add blackhole 128.0.0.0/1
	ip -n "$router" route add blackhole 192.0.2.99
	in_ns "$attacker" timeout 300 hping3 -q -1 -i u200 -c 5000 --rand-source 192.0.2.99 >/dev/null 2>&1
	settled "$router"
	sums_hold
	# Some random addresses aren't valid sources; IP itself drops those.
	within "packets seen" 4000 5000 "${seen_of[icmp]}"
	ip -n "$host" route del blackhole 0.0.0.0/1
	ip -n "$host" route del blackhole 128.0.0.0/1
}

# Not ICMP: not counted anywhere
others() {
	configure "$router"
	send "[IP(src='$attacker4', dst='$host4') / UDP(dport=9)] * 10"
	send "[IP(src='$attacker4', dst='$host4') / TCP(dport=9)] * 10"
	send "[IP(src='$attacker4', dst='$host4', proto=p) / Raw(bytes(20)) for p in range(2, 255) if p not in (4, 6, 17, 41)]"
	# The host's own answers to those are not under test.
	settled "$router"
	is "from the attacker" 0 \
		$((seen_of[icmp] - counter[icmp/destination-unreachable/accepted]))
	sums_hold
}

keep_neighbours
run_tests \
	"mixed sums after mixed traffic" \
	"everywhere_the_same the tool and /proc agree on every counter" \
	"one_by_one every packet is counted once" \
	"reset stats --reset" \
	"flood a flood from random addresses" \
	"others what isn't ICMP isn't counted"
