#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every type: its name, its own counters, its default and configured treatment.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
topology
# Nobody there answers or complains.
ip -n "$router" route add blackhole 203.0.113.0/24
ip -n "$router" route add blackhole 2001:db8:dead::/48
crafting "$attacker" at0 "$(mac "$router" ra0)"

# From IANA's registry, not from the module: number, name, default
icmp_types="
0 echo-reply limit
3 destination-unreachable limit
4 source-quench drop
5 redirect limit
6 alternate-host-address drop
8 echo-request limit
9 router-advertisement limit
10 router-solicitation limit
11 time-exceeded limit
12 parameter-problem limit
13 timestamp-request limit
14 timestamp-reply limit
15 info-request drop
16 info-reply drop
17 address-mask-request drop
18 address-mask-reply drop
30 traceroute drop
31 datagram-conversion-error drop
32 mobile-host-redirect drop
33 ipv6-where-are-you drop
34 ipv6-i-am-here drop
35 mobile-registration-request drop
36 mobile-registration-reply drop
37 domain-name-request drop
38 domain-name-reply drop
39 skip drop
40 photuris limit
41 seamoby limit
42 extended-echo-request limit
43 extended-echo-reply limit
253 experiment-253 limit
254 experiment-254 limit
"
icmpv6_types="
1 destination-unreachable limit
2 packet-too-big accept
3 time-exceeded limit
4 parameter-problem limit
100 experiment-100 limit
101 experiment-101 limit
127 reserved-127 limit
128 echo-request limit
129 echo-reply limit
130 mld-listener-query accept
131 mld-listener-report accept
132 mld-listener-done accept
133 nd-router-solicit accept
134 nd-router-advert accept
135 nd-neighbor-solicit accept
136 nd-neighbor-advert accept
137 nd-redirect limit
138 router-renumbering drop
139 node-information-query limit
140 node-information-response limit
141 ind-neighbor-solicit accept
142 ind-neighbor-advert accept
143 mld2-listener-report accept
144 home-agent-discovery-request limit
145 home-agent-discovery-reply limit
146 mobile-prefix-solicitation limit
147 mobile-prefix-advertisement limit
148 certification-path-solicitation accept
149 certification-path-advertisement accept
150 experimental-mobility limit
151 multicast-router-advertisement accept
152 multicast-router-solicitation accept
153 multicast-router-termination accept
154 fast-handover limit
155 rpl-control accept
156 ilnpv6-locator-update limit
157 duplicate-address-request accept
158 duplicate-address-confirmation accept
159 mpl-control accept
160 extended-echo-request limit
161 extended-echo-reply limit
200 experiment-200 limit
201 experiment-201 limit
255 reserved-255 limit
"

# One packet of each number there is, with the hop limit it needs
every4="[IP(src='$attacker4', dst='203.0.113.2', proto=1) / icmp4(t, bytes(60)) for t in range(256)]"
every6="[icmp6('$attacker6', '2001:db8:dead::2', t, body={2: bytes([0, 0, 5, 0]) + bytes(56), 134: bytes(12)}.get(t, bytes(60)), hop_limit=255 if 133 <= t <= 137 or t in (141, 142, 148, 149) else 1 if t in (130, 131, 132, 143) else 64) for t in range(256)]"

# counts PROTOCOL TYPES COLUMN-BY-DEFAULT: fills the array expected
counts() {
	local number name default others=256
	while read -r number name default; do
		[ -n "$number" ] || continue
		others=$((others - 1))
		case ${3:-$default} in
		drop)	expected+=("$1/$name/accepted=0" "$1/$name/dropped=1") ;;
		*)	expected+=("$1/$name/accepted=1" "$1/$name/dropped=0") ;;
		esac
	done <<<"$2"
	expected+=("$1/other/${4:-accepted}=$others")
}

defaults4() {
	local expected=()
	# There are more numbers without a name than one source may send.
	configure "$router" "type other accept"
	send "$every4"
	counts icmp "$icmp_types" ""
	expect "$router" "${expected[@]}" policy-drop="$(grep -c drop <<<"$icmp_types")"
}

defaults6() {
	local expected=()
	configure "$router" "type other accept"
	send "$every6"
	counts icmpv6 "$icmpv6_types" ""
	expect "$router" "${expected[@]}" policy-drop=1
}

# What isn't in one table is in the other: the names, no more and no fewer
names() {
	local proto table
	for proto in icmp icmpv6; do
		table=${proto}_types
		is "names of $proto" \
			"$( (awk 'NF { print $2 }' <<<"${!table}"; echo other; echo fragment) | sort)" \
			"$(in_ns "$router" awk -v p=$proto '$1 == p { print $2 }' \
				/proc/net/icmpguard/types | sort)"
	done
	is "numbers and names by the tool" \
		"$( (sed -n 's/^\([0-9]\+\) \([^ ]*\) .*/icmp \1 \2/p' <<<"$icmp_types"
		     sed -n 's/^\([0-9]\+\) \([^ ]*\) .*/icmpv6 \1 \2/p' <<<"$icmpv6_types") | sort)" \
		"$(ctl "$router" -j stats | jq -r '.types[] | select(.number < 256) |
			"\(.proto) \(.number) \(.name)"' | sort)"
}

# Every type can be dropped by its name and accepted by its number.
drop_all() {
	local expected=()
	configure "$router"
	{
		echo "type other drop"
		awk 'NF { print "type icmp", $2, "drop" }' <<<"$icmp_types"
		awk 'NF { print "type icmpv6", $2, "drop" }' <<<"$icmpv6_types"
	} >"$tmp/file"
	must ctl "$router" apply "$tmp/file"
	send "$every4"
	send "$every6"
	counts icmp "$icmp_types" drop dropped
	counts icmpv6 "$icmpv6_types" drop dropped
	expect "$router" "${expected[@]}" policy-drop=512
}

accept_all() {
	local expected=()
	configure "$router"
	{
		echo "type other accept"
		awk 'NF { print "type icmp", $1, "accept" }' <<<"$icmp_types"
		awk 'NF { print "type icmpv6", $1, "accept" }' <<<"$icmpv6_types"
	} >"$tmp/file"
	must ctl "$router" apply "$tmp/file"
	send "$every4"
	send "$every6"
	counts icmp "$icmp_types" accept
	counts icmpv6 "$icmpv6_types" accept
	expect "$router" "${expected[@]}" dropped=0 within-limit=0
}

# default_limit PROTOCOL TYPE BURST EXPRESSION: of one type, with t its number
default_limit() {
	ctl "$router" flush stats
	ctl "$router" flush sources
	# Faster than its rate refills it by more than a few packets
	send "$4"
	settled "$router"
	within "$1 $2 accepted at once" "$3" $(($3 + $3 / 2)) "${counter[$1/$2/accepted]}"
	is "$1 $2, accepted and limited" "$sent" \
		$((counter[$1/$2/accepted] + counter[$1/$2/limited]))
}

flood4() {
	echo "[raw(IP(src='$attacker4', dst='203.0.113.2', proto=1) / icmp4($1, bytes(60)))] * $2"
}

flood6() {
	echo "[raw(icmp6('$attacker6', '2001:db8:dead::2', $1, body=bytes([0, 0, 5, 0]) + bytes(56)))] * $2"
}

default_limits() {
	configure "$router"
	default_limit icmp echo-request 100 "$(flood4 8 200)"
	# An error's edge is uncertain by an eighth of its burst.
	default_limit icmp redirect 17 "$(flood4 5 40)"
	default_limit icmp timestamp-request 20 "$(flood4 13 40)"
	default_limit icmp other 100 "$(flood4 77 200)"
	default_limit icmpv6 echo-request 100 "$(flood6 128 200)"
	default_limit icmpv6 node-information-query 20 "$(flood6 139 40)"
	default_limit icmpv6 other 100 "$(flood6 77 200)"
}

# Replies may come by the thousand, errors by seven eighths of it at least; those
# of path MTUs by any number.
default_errors() {
	configure "$router"
	send "$(flood4 0 1000)"
	send "$(flood4 3 870)"
	send "$(flood4 11 870)"
	send "$(flood6 1 870)"
	send "$(flood6 3 870)"
	send "$(flood6 2 3000)"
	send "[raw(IP(src='$attacker4', dst='203.0.113.2', proto=1) / icmp4(3, bytes([0, 0, 5, 0]) + bytes(56), code=4))] * 3000"
	expect "$router" icmp/echo-reply/accepted=1000 \
		icmp/destination-unreachable/accepted=3870 icmp/time-exceeded/accepted=870 \
		icmpv6/destination-unreachable/accepted=870 icmpv6/time-exceeded/accepted=870 \
		icmpv6/packet-too-big/accepted=3000
}

# What passes of a flood of errors is never more than the burst and the rate, and
# isn't the same for every source and at every time.
uncertain_errors() {
	local i passed="" address
	configure "$router" "type icmp time-exceeded limit 1/minute burst 400"
	for ((i = 0; i < 6; i++)); do
		ctl "$router" flush stats
		address=192.0.2.$((100 + i))
		send "[raw(IP(src='$address', dst='203.0.113.2', proto=1) / icmp4(11, bytes(60)))] * 400"
		settled "$router"
		within "errors accepted at once" 350 400 "${counter[icmp/time-exceeded/accepted]}"
		passed="$passed${counter[icmp/time-exceeded/accepted]} "
	done
	[ "$(tr ' ' '\n' <<<"$passed" | sed '/^$/d' | sort -u | wc -l)" -ge 2 ] ||
		fail "the edge is the same for all: $passed"
	# A type that is no error's has an exact one.
	configure "$router" "type icmp timestamp-request limit 1/minute burst 400"
	send "[raw(IP(src='$attacker4', dst='203.0.113.2', proto=1) / icmp4(13, bytes(60)))] * 500"
	expect "$router" source-limit=100 icmp/timestamp-request/accepted=400
}

# A code's exception outlives changes of its type.
codes() {
	configure "$router" "type icmp destination-unreachable drop"
	send "[IP(src='$attacker4', dst='203.0.113.2', proto=1) / icmp4(3, bytes(60), code=c) for c in range(16)]"
	expect "$router" policy-drop=15 icmp/destination-unreachable/accepted=1 \
		icmp/destination-unreachable/dropped=15
	configure "$router" "type icmp time-exceeded code 1 drop" \
		"type icmpv6 echo-request code 7 limit 1/minute burst 3"
	send "[IP(src='$attacker4', dst='203.0.113.2', proto=1) / icmp4(11, bytes(60), code=c) for c in range(4)]"
	send "[icmp6('$attacker6', '2001:db8:dead::2', 128, code=7, body=bytes(60))] * 5"
	send "[icmp6('$attacker6', '2001:db8:dead::2', 128, code=0, body=bytes(60))] * 5"
	expect "$router" policy-drop=1 icmp/time-exceeded/dropped=1 icmp/time-exceeded/accepted=3 \
		source-limit=2 icmpv6/echo-request/limited=2 icmpv6/echo-request/accepted=8
	must ctl "$router" type icmp time-exceeded code 1 default
	send "[IP(src='$attacker4', dst='203.0.113.2', proto=1) / icmp4(11, bytes(60), code=1)]"
	expect "$router" policy-drop=1 source-limit=2 icmp/time-exceeded/accepted=4
}

hop_limits() {
	configure "$router"
	send "[icmp6('$attacker6', '2001:db8:dead::2', t, body=bytes(60), hop_limit=h) for t in range(133, 138) for h in (1, 64, 254)]"
	send "[icmp6('$attacker6', '2001:db8:dead::2', t, body=bytes(60), hop_limit=h) for t in (130, 131, 132, 143) for h in (2, 64, 255)]"
	expect "$router" nd-hop-limit=15 mld-hop-limit=12 icmpv6/nd-redirect/dropped=3 \
		icmpv6/mld2-listener-report/dropped=3
}

# One name, both protocols; or one alone
both_or_one() {
	configure "$router" "type echo-request drop"
	pings "$attacker" -c 1 -W 1 $host4
	pings "$attacker" -c 1 -W 1 $host6
	expect "$router" icmp/echo-request/dropped=1 icmpv6/echo-request/dropped=1 policy-drop=2
	configure "$router" "type icmpv6 echo-request drop"
	pings "$attacker" -c 1 -W 5 $host4
	pings "$attacker" -c 1 -W 1 $host6
	expect "$router" icmp/echo-request/accepted=1 icmpv6/echo-request/dropped=1 policy-drop=1
}

# Whatever is written about a source: exempt, blocked, of a rate of its own
rules() {
	configure "$router" "type echo-request limit 1/minute burst 5" \
		"rule add 198.51.100.3/32 exempt" "rule add 2001:db8:a:1::/64 block"
	pings "$attacker" -i 0.01 -c 20 -I $other4 -W 1 $host4
	is "replies to who is exempt" 20 "$ping_received"
	pings "$attacker" -i 0.01 -c 20 -I $attacker4 -W 1 $host4
	is "replies to who isn't" 5 "$ping_received"
	pings "$attacker" -i 0.01 -c 5 -I $other64 -W 1 $host6
	is "replies to who is blocked" 0 "$ping_received"
	expect "$router" exempt=20 blocked=5 source-limit=15
}

keep_neighbours
run_tests \
	"names the names of all types" \
	"defaults4 one packet of every ICMP type" \
	"defaults6 one packet of every ICMPv6 type" \
	"drop_all every type dropped" \
	"accept_all every type accepted" \
	"default_limits bursts of the defaults" \
	"default_errors errors pass by the hundred" \
	"uncertain_errors the edge of errors" \
	"codes exceptions for codes" \
	"hop_limits neighbour and listener discovery from elsewhere" \
	"both_or_one a type of both protocols, or of one" \
	"rules exempt and blocked sources"
