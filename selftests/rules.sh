#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Prefix rules: exempt, blocked, or with a rate of its own, by longest prefix, in each
# family separately.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
topology
# Resolve neighbours first.
for each in $other4 $same64 $other64; do
	case $each in
	*:*)	in_ns "$attacker" ping -q -c 1 -W 5 -I $each $router6 >/dev/null ;;
	*)	in_ns "$attacker" ping -q -c 1 -W 5 -I $each $router4 >/dev/null ;;
	esac
done
keep_neighbours
crafting "$attacker" at0 "$(mac "$router" ra0)"

# echoes N SOURCE...: requests to the router
echoes() {
	local n=$1 each
	shift
	for each in "$@"; do
		case $each in
		*:*)	send "[IPv6(src='$each', dst='$router6') / ICMPv6EchoRequest(data=bytes(8))] * $n" ;;
		*)	send "[IP(src='$each', dst='$router4') / ICMP() / Raw(bytes(8))] * $n" ;;
		esac
	done
}

# Replies to unreachable sources and further neighbour solicitations would be counted, so
# prevent both.
configured() {
	keep_neighbours
	configure "$router" "type echo-request limit 1/minute burst 5" "$@"
}

exempt() {
	configured "rule add 198.51.100.0/24 exempt" "rule add 2001:db8:a::/64 exempt"
	echoes 20 $attacker4 $other4 $attacker6 $same64
	expect "$router" icmp/echo-request/accepted=40 icmpv6/echo-request/accepted=40 \
		within-limit=0
	# A source outside it is limited as before.
	echoes 20 203.0.113.1 $other64
	expect "$router" icmp/echo-request/accepted=45 icmpv6/echo-request/accepted=45 \
		within-limit=10 source-limit=30
}

# Exempt from every treatment and check, without being charged to the total
exempt_from_all() {
	configure "$router" "type other drop" "type source-quench drop" \
		"type echo-request limit 1/minute burst 2 total 1/minute burst 9" \
		"type fragment limit 1/minute burst 1" "set max-echo-size 100" \
		"rule add $attacker4 exempt" "rule add $attacker6 exempt"
	send "IP(src='$attacker4', dst='$router4', proto=1) / icmp4(4, bytes(28))"
	send "[IP(src='$attacker4', dst='$router4') / ICMP() / Raw(bytes(1000))] * 5"
	send "[IPv6(src='$attacker6', dst='$router6') / ICMPv6EchoRequest(data=bytes(1000))] * 5"
	send "IPv6(src='$attacker6', dst='$router6', hlim=64) / ICMPv6ND_NS(tgt='$router6')"
	send "cut4(IP(src='$attacker4', dst='$router4', id=7) / ICMP() / Raw(bytes(3000)), 1400)"
	send "cut6(IPv6(src='$attacker6', dst='$router6') / ICMPv6EchoRequest(data=bytes(3000)), 1400, 7)"
	expect "$router" within-limit=0 icmp/source-quench/accepted=1 icmp/echo-request/accepted=6 \
		icmpv6/echo-request/accepted=6 icmpv6/nd-neighbor-solicit/accepted=1 \
		fragments=6 reassembled=0
	# Newcomers have all of their part of the total, which is two packets at least.
	echoes 1 203.0.113.1 203.0.113.2
	expect "$router" within-limit=2
}

# Malformed packets are dropped even from exempt sources.
exempt_from_nothing_impossible() {
	configured "rule add 0.0.0.0/0 exempt" "rule add ::/0 exempt"
	send "IP(src='$attacker4', dst='$router4', id=16, proto=1, flags='MF', frag=8189) / Raw(bytes(400))"
	send "IPv6(src='$attacker6', dst='$router6') / IPv6ExtHdrFragment(nh=58, id=16, offset=8189, m=1) / Raw(bytes(400))"
	send "IP(src='$attacker4', dst='$router4', proto=1) / Raw(bytes(3))"
	expect "$router" fragment-oversize=2 truncated=1 exempt=0
}

# A blocked source is blocked for every type, accepted ones too, and fragments.
block() {
	configured "rule add $attacker4/32 block" "rule add 2001:db8:a::/64 block"
	echoes 3 $attacker4 $attacker6 $same64
	send "IP(src='$attacker4', dst='$router4', proto=1) / icmp4(3, bytes(64), code=4)"
	send "icmp6('$attacker6', '$router6', 2, body=bytes(64))"
	send "cut4(IP(src='$attacker4', dst='$router4', id=7) / ICMP() / Raw(bytes(3000)), 1400)"
	send "cut6(IPv6(src='$attacker6', dst='$router6') / ICMPv6EchoRequest(data=bytes(3000)), 1400, 7)"
	expect "$router" blocked=17 icmp/echo-request/dropped=3 icmpv6/echo-request/dropped=6 \
		icmp/destination-unreachable/dropped=1 icmpv6/packet-too-big/dropped=1 \
		icmp/fragment/dropped=3 icmpv6/fragment/dropped=3 fragments=6 reassembled=0
	echoes 1 $other4 $other64
	expect "$router" blocked=17 within-limit=2
	# And it is listed.
	is "the sources" "$attacker4 2001:db8:a::" \
		"$(ctl "$router" -j sources | jq -r '[.. | objects | .source? // .prefix? // .address? // empty] | unique | join(" ")')"
}

# In monitor mode, only counted
block_monitored() {
	configured "rule add 0.0.0.0/0 block" "rule add ::/0 block" "set mode monitor"
	pings "$attacker" -c 3 -i 0.01 -W 5 $router4
	is replies 3 "$ping_received"
	pings "$attacker" -c 3 -i 0.01 -W 5 $router6
	is "IPv6 replies" 3 "$ping_received"
	expect "$router" monitored-blocked=6 monitor=6
	must ctl "$router" set mode enforce
}

# Each source in the prefix has the rule's rate instead of the type's.
own_limit() {
	configured "rule add 198.51.100.0/24 limit 1/minute burst 3" \
		"rule add 2001:db8:a::/48 limit 1/minute burst 7" \
		"type source-quench drop" "type destination-unreachable accept"
	echoes 10 $attacker4 $other4 203.0.113.1
	echoes 10 $attacker6 $other64 2001:db8:c::1
	expect "$router" within-limit=30 source-limit=30 icmp/echo-request/accepted=11 \
		icmp/echo-request/limited=19 icmpv6/echo-request/accepted=19 \
		icmpv6/echo-request/limited=11
	# An IPv6 source is a /64 here too.
	echoes 10 $same64
	expect "$router" within-limit=30 source-limit=40
	# Each limited type has a bucket.
	send "[IP(src='$attacker4', dst='$router4', proto=1) / icmp4(13, bytes(16))] * 10"
	send "[IP(src='$attacker4', dst='$router4', proto=1) / icmp4(4, bytes(28))] * 10"
	send "[IP(src='$attacker4', dst='$router4', proto=1) / icmp4(3, bytes(64), code=1)] * 10"
	expect "$router" within-limit=33 source-limit=47 policy-drop=10 \
		icmp/timestamp-request/accepted=3 icmp/source-quench/dropped=10 \
		icmp/destination-unreachable/accepted=10
	# The total still applies.
	configure "$router" "rule add 198.51.100.0/24 limit 1/minute burst 50" \
		"type icmp echo-request limit 1/minute burst 5 total 1/hour burst 1"
	echoes 3 $attacker4
	expect "$router" within-limit=1 total-limit=2
}

# How long a source is, the rule says: two hosts after a network's own NAT64 are two.
source_length() {
	local a=2001:db8:a:64::c633:6401 b=2001:db8:a:64::c633:6402
	configured
	echoes 10 $a $b
	expect "$router" icmpv6/echo-request/accepted=5 icmpv6/echo-request/limited=15 \
		within-limit=5 source-limit=15
	configured "rule add 2001:db8:a:64::/96 source-length 128"
	echoes 10 $a $b
	expect "$router" icmpv6/echo-request/accepted=10 icmpv6/echo-request/limited=10 \
		within-limit=10 source-limit=10
	is "bits of a source" 128 "$(ctl "$router" -j source $a | jq '."prefix-len"')"
	is "what is left" "0 5" "$(for each in $a 2001:db8:a:64::9; do
		ctl "$router" -j source $each | jq '.buckets[] | select(.name == "echo-request") | .left'
	done | xargs)"
	is "the sources" "$a/128 $b/128" "$(ctl "$router" -j sources |
		jq -r '[.sources[] | "\(.address)/\(."prefix-len")"] | sort | join(" ")')"
	# Also at the steps of a ladder, and at its interface, where a packet is charged once
	configured "set prefix ipv6 64 48:1" "rule add 2001:db8:a:64::/96 source-length 128"
	echoes 10 $a $b
	expect "$router" icmpv6/echo-request/accepted=10 icmpv6/echo-request/limited=10 \
		within-limit=10 source-limit=10
	configured "set prefix ipv6 64 48:1" \
		"rule add 2001:db8:a:64::/96 source-length 128 interface ra0"
	echoes 10 $a $b
	expect "$router" icmpv6/echo-request/accepted=10 icmpv6/echo-request/limited=10 \
		within-limit=10 source-limit=10
	# With a rate, and errors, whose limit may be an eighth less
	configured "rule add 2001:db8:a:64::/96 limit 1/hour burst 3 source-length 128" \
		"type time-exceeded limit 1/hour burst 5"
	echoes 10 $a $b
	expect "$router" icmpv6/echo-request/accepted=6 icmpv6/echo-request/limited=14 \
		within-limit=6 source-limit=14
	send "[error6(s, '$router6', IPv6(src='$router6', dst='2001:db8:c::1') / UDP(), 3) for s in ('$a', '$b') for i in range(9)]"
	expect "$router" icmpv6/time-exceeded/accepted=6 icmpv6/time-exceeded/limited=12 \
		within-limit=12 source-limit=26
	# Fewer bits than are configured put together.
	configured "rule add 198.51.100.0/24 source-length 24"
	echoes 10 $attacker4 $other4 203.0.113.1
	expect "$router" icmp/echo-request/accepted=10 icmp/echo-request/limited=20 \
		within-limit=10 source-limit=20
	is "the rules" "rule add 198.51.100.0/24 source-length 24" "$(ctl "$router" rule list)"
	is "/proc" "$(ctl "$router" rule list)" \
		"$(in_ns "$router" sed -n '/^rule /p' /proc/net/icmpguard/config)"
	# What is shown is taken again, as text and as JSON.
	must ctl "$router" rule add 2001:db8::/32 limit 3/second burst 9 source-length 56 comment x
	ctl "$router" show >"$tmp/shown"
	ctl "$router" -j show >"$tmp/shown.json"
	for each in shown shown.json; do
		must ctl "$router" flush rules
		must ctl "$router" apply "$tmp/$each"
		is "applied from $each" "$(<"$tmp/shown")" "$(ctl "$router" show)"
	done
}

# The counters that an echo request can change, of both families
verdict_counters() {
	read_counters "$router"
	accepted=$((counter[icmp/echo-request/accepted] + counter[icmpv6/echo-request/accepted]))
	dropped=$((counter[icmp/echo-request/dropped] + counter[icmpv6/echo-request/dropped]))
	limits=$((counter[within-limit]))
}

judged_one() {
	verdict_counters
	[ $((accepted + dropped)) -gt "$1" ]
}

# verdicts "ADDRESS WANTED"...: of one echo request from each
verdicts() {
	local each address wanted accepted dropped limits before got
	verdict_counters
	for each in "$@"; do
		address=${each% *} wanted=${each#* }
		before=("$accepted" "$dropped" "$limits")
		echoes 1 "$address"
		busywait 5000 judged_one $((accepted + dropped)) || fail "$address wasn't seen"
		case $((accepted - before[0])),$((dropped - before[1])),$((limits - before[2])) in
		1,0,0)	got=exempt ;;
		1,0,1)	got=none ;;
		0,1,0)	got=blocked ;;
		*)	got=unclear ;;
		esac
		is "$address" "$wanted" "$got"
	done
	expect "$router" icmp/echo-request/limited=0 icmpv6/echo-request/limited=0 \
		blocked="${counter[blocked]}"
}

# Three nested prefixes; at, before and after the edges of each
nested4() {
	configured "rule add 10.0.0.0/8 block" "rule add 10.16.0.0/12 exempt" \
		"rule add 10.17.0.0/16 block" "rule add 10.17.5.0/24 exempt" \
		"rule add 10.17.5.8/31 block" "rule add 10.17.5.9/32 exempt"
	verdicts "9.255.255.255 none" "10.0.0.0 blocked" "10.15.255.255 blocked" \
		"10.16.0.0 exempt" "10.16.255.255 exempt" "10.17.0.0 blocked" \
		"10.17.4.255 blocked" "10.17.5.0 exempt" "10.17.5.7 exempt" "10.17.5.8 blocked" \
		"10.17.5.9 exempt" "10.17.5.10 exempt" "10.17.5.255 exempt" "10.17.6.0 blocked" \
		"10.17.255.255 blocked" "10.18.0.0 exempt" "10.31.255.255 exempt" \
		"10.32.0.0 blocked" "10.255.255.255 blocked" "11.0.0.0 none"
}

nested6() {
	configured "rule add 2001:db8:a::/47 block" "rule add 2001:db8:a:10::/60 exempt" \
		"rule add 2001:db8:a:12::/63 block" "rule add 2001:db8:a:13::/64 exempt" \
		"rule add 2001:db8:a:13:8000::/65 block" "rule add 2001:db8:a:13:8000::6/127 exempt" \
		"rule add 2001:db8:a:13:8000::7/128 block"
	verdicts "2001:db8:9:ffff:ffff:ffff:ffff:ffff none" "2001:db8:a:: blocked" \
		"2001:db8:a:f:ffff:ffff:ffff:ffff blocked" "2001:db8:a:10:: exempt" \
		"2001:db8:a:11:ffff:ffff:ffff:ffff exempt" "2001:db8:a:12::1 blocked" \
		"2001:db8:a:13::1 exempt" "2001:db8:a:13:7fff:ffff:ffff:ffff exempt" \
		"2001:db8:a:13:8000::1 blocked" "2001:db8:a:13:8000::5 blocked" \
		"2001:db8:a:13:8000::6 exempt" "2001:db8:a:13:8000::7 blocked" \
		"2001:db8:a:13:8000::8 blocked" "2001:db8:a:13:ffff:ffff:ffff:ffff blocked" \
		"2001:db8:a:14:: exempt" "2001:db8:a:1f:ffff:ffff:ffff:ffff exempt" \
		"2001:db8:a:20:: blocked" "2001:db8:b:ffff:ffff:ffff:ffff:ffff blocked" \
		"2001:db8:c:: none"
}

# A rule for all sources, and exceptions
all_sources() {
	configured "rule add 0.0.0.0/0 block" "rule add $attacker4 exempt" \
		"rule add ::/0 block" "rule add 2001:db8:a::/64 exempt"
	verdicts "$attacker4 exempt" "$other4 blocked" "1.0.0.0 blocked" \
		"223.255.255.255 blocked" "$attacker6 exempt" "$other64 blocked" ":: blocked" \
		"::2 blocked" "fe80::77 blocked" "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff blocked"
	# Each family separately
	configured "rule add 0.0.0.0/0 block"
	verdicts "$attacker4 blocked" "$attacker6 none"
	configured "rule add ::/0 block"
	verdicts "$attacker4 none" "$attacker6 blocked"
}

# An address is a prefix of full length, and is shown as that.
hosts() {
	configured "rule add $attacker4 block" "rule add $attacker6 block"
	is "the rules" "rule add $attacker4/32 block rule add $attacker6/128 block" \
		"$(ctl "$router" rule list | xargs)"
	verdicts "$attacker4 blocked" "$other4 none" "198.51.100.1 none" "$attacker6 blocked" \
		"$same64 none" "2001:db8:a::1 none"
}

# An IPv6 address with an embedded IPv4 address is an IPv6 source, if packets can have it.
mapped() {
	local refused
	refused=$(ctl "$router" rule add ::ffff:198.51.100.0/120 block 2>&1) && fail "a mapped prefix"
	[[ "$refused" == *"write '198.51.100.0/24'" ]] || fail "$refused"
	configured "rule add ::198.51.100.0/120 block" \
		"rule add 64:ff9b::198.51.100.0/120 block"
	verdicts "$attacker4 none" "::198.51.100.2 blocked" "64:ff9b::198.51.100.2 blocked"
	configured "rule add 198.51.100.0/24 block" "rule add 0.0.0.0/1 block"
	verdicts "$attacker4 blocked" "::198.51.100.2 none" "64:ff9b::198.51.100.2 none" "::2 none"
	configured "rule add ::/96 exempt" "rule add 198.51.100.0/24 block"
	verdicts "$attacker4 blocked" "::198.51.100.2 exempt" "203.0.113.1 none"
	# They have separate buckets.
	configure "$router" "set prefix ipv6 128" "type echo-request limit 1/minute burst 5"
	echoes 5 $attacker4 ::198.51.100.2
	expect "$router" within-limit=10
}

changes() {
	local before
	configured "rule add 198.51.100.0/24 block"
	verdicts "$attacker4 blocked"
	# The same prefix again replaces the first.
	must ctl "$router" rule add 198.51.100.0/24 exempt comment "monitoring, all of it"
	verdicts "$attacker4 exempt"
	is "rules" 1 "$(ctl "$router" -j rule list | jq '[.. | objects | select(has("action"))] | length')"
	[[ $(ctl "$router" rule list) == *monitoring*all*it* ]] || fail "the comment is gone"
	# More of it, less of it
	must ctl "$router" rule add $attacker4 block
	verdicts "$attacker4 blocked" "$other4 exempt"
	must ctl "$router" rule del 198.51.100.0/24
	verdicts "$attacker4 blocked" "$other4 none"
	must ctl "$router" rule del $attacker4
	verdicts "$attacker4 none"
	is "no rules" "" "$(ctl "$router" rule list)"
	# Deleting a rule that doesn't exist fails, and deletes nothing.
	must ctl "$router" rule add 198.51.0.0/16 exempt
	before=$(ctl "$router" show)
	ctl "$router" rule del 198.51.100.0/24 2>/dev/null && fail "a rule that isn't there was deleted"
	ctl "$router" rule del 198.51.0.0/17 2>/dev/null && fail "a shorter one was deleted"
	is "the configuration" "$before" "$(ctl "$router" show)"
	verdicts "$attacker4 exempt"
	must ctl "$router" flush rules
	is "no rules after a flush" "" "$(ctl "$router" rule list)"
	verdicts "$other4 none"
}

### Rules bound to an interface ##############################################

# The friend is at rh0. Forged packets come in at ra0 and are charged separately.
chosen_victim() {
	local rule id=0 together
	for rule in exempt "limit 1/hour burst 10"; do
		# Exempt fragments are never held.
		[ "$rule" = exempt ] && together=0 || together=1
		configure "$router" "type echo-request limit 1/hour burst 5" \
			"type fragment limit 1/hour burst 5" \
			"rule add $host4 $rule interface rh0" "rule add $host6 $rule interface rh0"
		echoes 20 $host4 $host6
		send "[cut4(IP(src='$host4', dst='$router4', id=$id + i) / ICMP() / Raw(bytes(3000)), 1400)[0] for i in range(8)]"
		id=$((id + 8))
		expect "$router" icmp/echo-request/accepted=5 icmpv6/echo-request/accepted=5 \
			within-limit=10 source-limit=30 fragments=8 fragment-limit=3
		pings "$host" -c 9 -i 0.01 -W 5 192.0.2.1
		is "replies, $rule" 9 "$ping_received"
		pings "$host" -c 1 -s 4000 -W 5 192.0.2.1
		is "replies in fragments, $rule" 1 "$ping_received"
		pings "$host" -c 10 -i 0.01 -W 5 2001:db8:b::1
		is "IPv6 replies, $rule" 10 "$ping_received"
		expect "$router" icmp/echo-request/accepted=15 icmpv6/echo-request/accepted=15 \
			source-limit=30 fragment-limit=3 fragments=11 reassembled=$together
	done
	# It is limited by its own rate.
	pings "$host" -c 5 -i 0.01 -W 0.2 192.0.2.1
	is "replies above its rate" 0 "$ping_received"
}

# Without the interface the forged packets use up the address's rate.
chosen_victim_unbound() {
	configure "$router" "type echo-request limit 1/hour burst 5" \
		"rule add $host4 limit 1/hour burst 10"
	echoes 20 $host4
	expect "$router" within-limit=10 source-limit=10
	pings "$host" -c 3 -i 0.01 -W 0.2 192.0.2.1
	is replies 0 "$ping_received"
}

# at_rh0 WANTED: what becomes of a ping from the host
at_rh0() {
	must ctl "$router" flush stats
	pings "$host" -c 1 -W 0.5 192.0.2.1
	case $1 in
	blocked) expect "$router" blocked=1 ;;
	exempt)	expect "$router" exempt=1 ;;
	esac
}

# The longest prefix wins; for one prefix, the packet's interface; otherwise no rule
bound_precedence() {
	local before
	configured "rule add 192.0.2.0/24 block" "rule add 192.0.2.0/24 exempt interface rh0"
	verdicts "$host4 blocked"
	at_rh0 exempt
	must ctl "$router" rule add $host4/32 block
	at_rh0 blocked
	must ctl "$router" rule add $host4/32 exempt interface ra0
	verdicts "$host4 exempt"
	at_rh0 blocked
	must ctl "$router" rule del $host4
	at_rh0 exempt
	verdicts "$host4 exempt"
	before=$(ctl "$router" show)
	ctl "$router" rule del $host4 2>/dev/null && fail "a rule of another interface was deleted"
	ctl "$router" rule del $host4 interface rh0 2>/dev/null && fail "a rule that isn't there was deleted"
	is "the configuration" "$before" "$(ctl "$router" show)"
	is "/proc" "$(ctl "$router" rule list)" \
		"$(in_ns "$router" sed -n '/^rule /p' /proc/net/icmpguard/config)"
	is "the rules" "rule add 192.0.2.0/24 block
rule add $host4/32 exempt interface ra0
rule add 192.0.2.0/24 exempt interface rh0" "$(ctl "$router" rule list)"
	# The output of show can be applied, as text and as JSON.
	must ctl "$router" flush rules
	echo "$before" >"$tmp/shown"
	must ctl "$router" apply "$tmp/shown"
	is "applied again" "$before" "$(ctl "$router" show)"
	ctl "$router" -j show >"$tmp/shown.json"
	must ctl "$router" flush rules
	must ctl "$router" apply "$tmp/shown.json"
	is "applied from JSON" "$before" "$(ctl "$router" show)"
	must ctl "$router" rule del $host4 interface ra0
	must ctl "$router" rule del 192.0.2.0/24 interface rh0
	at_rh0 blocked
}

# An interface that doesn't exist yet, is deleted and created again; a VLAN on it is
# another interface.
bound_later() {
	local i
	configured "rule add 10.77.0.0/24 block interface x0" "rule add 10.77.0.0/16 block interface x0.7"
	for i in 1 2; do
		veth "$attacker" x1 "$router" x0
		addr "$attacker" x1 10.77.0.2/24
		addr "$router" x0 10.77.0.1/24
		pings "$attacker" -c 1 -W 0.5 10.77.0.1
		expect "$router" blocked=$i
		[ $i = 1 ] || break
		must ip -n "$router" link del x0
	done
	if ip -n "$router" link add link x0 name x0.7 type vlan id 7 2>/dev/null; then
		must ip -n "$attacker" link add link x1 name x1.7 type vlan id 7
		must ip -n "$router" link set x0.7 up
		must ip -n "$attacker" link set x1.7 up
		addr "$attacker" x1.7 10.77.7.2/24
		addr "$router" x0.7 10.77.7.1/24
		must ctl "$router" rule del 10.77.0.0/24 interface x0
		pings "$attacker" -c 1 -W 0.5 10.77.7.1
		expect "$router" blocked=3
		must ctl "$router" rule add 10.77.0.0/16 block interface x0
		must ctl "$router" rule del 10.77.0.0/16 interface x0.7
		pings "$attacker" -c 1 -W 5 10.77.7.1
		is "replies over the VLAN" 1 "$ping_received"
		expect "$router" blocked=3
	fi
	must ip -n "$router" link del x0
}

bound_many() {
	local i refused
	for ((i = 0; i < 32; i++)); do
		echo "add 10.0.$i.0/24 block interface if$i"
	done >"$tmp/bound"
	configured "rule load $tmp/bound" "rule add 192.0.2.0/24 exempt"
	refused=$(ctl "$router" rule add 10.0.0.0/8 block interface ra0 2>&1) && fail "one too many"
	[[ "$refused" == *"rules can be bound to at most 32 interfaces" ]] || fail "$refused"
	must ctl "$router" rule del 10.0.5.0/24 interface if5
	must ctl "$router" rule add 192.0.2.0/24 block interface ra0
	verdicts "$host4 blocked" "10.0.4.1 none"
	at_rh0 exempt
}

# A thousand adjacent prefixes
many() {
	local i rules=
	configured
	{
		ctl "$router" show
		echo "type echo-request limit 1/minute burst 5"
		for ((i = 0; i < 256; i++)); do
			printf 'rule add 10.%d.0.0/16 block\n' $i
			printf 'rule add 10.%d.%d.0/24 exempt\n' $i $i
			printf 'rule add 2001:db8:%x::/48 block\n' $((4096 + i))
			printf 'rule add 2001:db8:%x:%x::/64 exempt\n' $((4096 + i)) $i
		done | sort -R
	} >"$tmp/many"
	must ctl "$router" apply "$tmp/many"
	rules=$(ctl "$router" rule list | wc -l)
	is "rules" 1024 "$rules"
	verdicts "10.0.0.1 exempt" "10.0.1.1 blocked" "10.255.254.1 blocked" "10.255.255.1 exempt" \
		"10.128.128.128 exempt" "10.128.129.1 blocked" "11.0.0.1 none" \
		"2001:db8:1000::1 exempt" "2001:db8:1000:1::1 blocked" "2001:db8:10ff:ff::1 exempt" \
		"2001:db8:10ff:fe::1 blocked" "2001:db8:1100::1 none"
}

run_tests \
	"exempt exempt" \
	"exempt_from_all from every treatment and check" \
	"exempt_from_nothing_impossible but not from malformed packets" \
	"block blocked" \
	"block_monitored blocked in monitor mode" \
	"own_limit a rate of its own" \
	"source_length sources as long as a rule has it" \
	"nested4 nested prefixes, the longest counts" \
	"nested6 the same for IPv6" \
	"all_sources 0.0.0.0/0 and ::/0" \
	"hosts single addresses" \
	"mapped IPv4 addresses in IPv6 ones" \
	"changes added, replaced, deleted" \
	"chosen_victim a forged friend's address, with a rule for the friend's interface" \
	"chosen_victim_unbound the same without the interface" \
	"bound_precedence which rule counts, by prefix and interface" \
	"bound_later an interface that comes later, and a VLAN" \
	"bound_many as many interfaces as may have rules" \
	"many a thousand rules"
