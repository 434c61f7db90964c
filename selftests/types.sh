#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every type: its name, its own counters, its default and configured treatment.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
topology
# The far end sends neither replies nor errors.
ip -n "$router" route add blackhole 203.0.113.0/24
ip -n "$router" route add blackhole 2001:db8:dead::/48
crafting "$attacker" at0 "$(mac "$router" ra0)"

read_types

# One packet of each number there is, with the hop limit and the source it needs
every4="[IP(src='$attacker4', dst='203.0.113.2', proto=1) / icmp4(t, bytes(60)) for t in range(256)]"
hops="255 if 133 <= t <= 137 or t in (141, 142, 148, 149) else 1 if t in (130, 131, 132, 143, 151, 152, 153) else 64"
# A router wouldn't forward such a source.
sources="'fe80::1' if t in (130, 131, 132, 143, 151, 152, 153) else '$attacker6'"
every6="[icmp6($sources, '2001:db8:dead::2', t, body={2: bytes([0, 0, 5, 0]) + bytes(56), 134: bytes(12)}.get(t, bytes(60)), hop_limit=$hops) for t in range(256)]"

# counts PROTOCOL [ACTION COLUMN]: the counters expected after one packet of each type, by
# default or with ACTION for all, into the array expected; COLUMN is for unnamed types
counts() {
	local type others=256
	for type in "${types[@]}"; do
		[ "${type%/*}" = "$1" ] || continue
		others=$((others - 1))
		case ${2:-${default_of[$type]}} in
		drop)	expected+=("$type/accepted=0" "$type/dropped=1") ;;
		*)	expected+=("$type/accepted=1" "$type/dropped=0") ;;
		esac
	done
	expected+=("$1/other/${3:-accepted}=$others")
}

# every ACTION name|number: a file with that treatment for all types, by name or number
every() {
	local type name
	echo "type other $1"
	for type in "${types[@]}"; do
		name=${type#*/}
		[ "$2" = name ] || name=${number_of[$type]}
		echo "type ${type%/*} $name $1"
	done
}

defaults4() {
	local expected=()
	# There are more numbers without a name than one source may send.
	configure "$router" "type other accept"
	send "$every4"
	counts icmp
	expect "$router" "${expected[@]}" policy-drop="$(grep -c '^icmp	.*	drop	' "$here/types.tsv")"
}

defaults6() {
	local expected=()
	configure "$router" "type other accept"
	send "$every6"
	counts icmpv6
	expect "$router" "${expected[@]}" policy-drop=1
}

# Both tables have exactly the same names
names() {
	local proto
	for proto in icmp icmpv6; do
		is "names of $proto" \
			"$( (printf '%s\n' "${types[@]}" | sed -n "s|^$proto/||p"; echo other; echo fragment) | sort)" \
			"$(in_ns "$router" awk -v p=$proto '$1 == p { print $2 }' \
				/proc/net/icmpguard/types | sort)"
	done
	is "numbers and names by the tool" \
		"$(grep -v '^#' "$here/types.tsv" | cut -f 1-3 | tr '\t' ' ' | sort)" \
		"$(ctl "$router" -j stats | jq -r '.types[] | select(.number != null) |
			"\(.proto) \(.number) \(.name)"' | sort)"
}

# Every type can be dropped by its name and accepted by its number.
drop_all() {
	local expected=()
	configure "$router"
	every drop name >"$tmp/file"
	must ctl "$router" apply "$tmp/file"
	send "$every4"
	send "$every6"
	counts icmp drop dropped
	counts icmpv6 drop dropped
	expect "$router" "${expected[@]}" policy-drop=512
}

accept_all() {
	local expected=()
	configure "$router"
	every accept number >"$tmp/file"
	must ctl "$router" apply "$tmp/file"
	send "$every4"
	send "$every6"
	counts icmp accept
	counts icmpv6 accept
	expect "$router" "${expected[@]}" dropped=0 within-limit=0
}

# The shortest message of each type, and one that is a byte shorter
shortest() {
	local type expected=() sizes4="(77, 4)" sizes6="(77, 4)" others4=1 others6=1
	configure "$router"
	{ echo "check mtu-small off"; every accept name; } >"$tmp/file"
	must ctl "$router" apply "$tmp/file"
	for type in "${types[@]}"; do
		case $type in
		icmp/*)	sizes4+=", (${number_of[$type]}, ${least_of[$type]})" ;;
		*)	sizes6+=", (${number_of[$type]}, ${least_of[$type]})" ;;
		esac
		expected+=("$type/accepted=1")
		# Three bytes aren't enough for the type.
		case $type/${least_of[$type]} in
		icmp/*/4) others4=$((others4 + 1)) ;;
		*/4)	others6=$((others6 + 1)) ;;
		*)	expected+=("$type/dropped=1") ;;
		esac
	done
	send "[IP(src='$attacker4', dst='203.0.113.2', proto=1) / Raw((bytes([t]) + bytes(60))[:n]) for t, least in [$sizes4] for n in (least - 1, least)]"
	send "[IPv6(src=$sources, dst='2001:db8:dead::2', nh=58, hlim=$hops) / Raw((bytes([t]) + bytes(60))[:n]) for t, least in [$sizes6] for n in (least - 1, least)]"
	expect "$router" truncated=$((${#types[@]} + 2)) "${expected[@]}" \
		icmp/other/accepted=1 icmp/other/dropped=$others4 \
		icmpv6/other/accepted=1 icmpv6/other/dropped=$others6
}

# default_limit TYPE FLOOD [EIGHTHS]: twice a type's burst, from one source; an error's
# limit is jittered by an eighth of it
default_limit() {
	local begun rate burst
	default_limit_of "$router" "$1"
	ctl "$router" flush stats
	ctl "$router" flush sources
	begun=$(now)
	send "$($2 "${number_of[$1]-77}" $((2 * burst)))"
	settled "$router"
	within "$1 accepted at once" $((burst * ${3-8} / 8)) \
		$(($(may_pass "$sent" "$burst" "$rate" $(($(now) - begun))) + 1)) "${counter[$1/accepted]}"
	is "$1, accepted and limited" "$sent" $((counter[$1/accepted] + counter[$1/limited]))
}

flood4() {
	echo "[raw(IP(src='$attacker4', dst='203.0.113.2', proto=1) / icmp4($1, bytes(60)))] * $2"
}

flood6() {
	echo "[raw(icmp6('$attacker6', '2001:db8:dead::2', $1, body=bytes([0, 0, 5, 0]) + bytes(56)))] * $2"
}

default_limits() {
	configure "$router"
	default_limit icmp/echo-request flood4
	default_limit icmp/redirect flood4 7
	default_limit icmp/timestamp-request flood4
	default_limit icmp/other flood4
	default_limit icmpv6/echo-request flood6
	default_limit icmpv6/node-information-query flood6
	default_limit icmpv6/other flood6
	# From off link, more aren't needed.
	default_limit icmpv6/rpl-control flood6
	default_limit icmpv6/duplicate-address-request flood6
	default_limit icmpv6/duplicate-address-confirmation flood6
	default_limit icmpv6/mpl-control flood6
}

# Replies to "ping -f -c 15000" all pass, errors at least by seven eighths of that; path
# MTU messages for ten thousand flows at once, and these have a limit too.
default_errors() {
	configure "$router"
	send "$(flood4 0 15000)"
	send "$(flood4 3 870)"
	send "$(flood4 11 870)"
	send "$(flood6 1 870)"
	send "$(flood6 3 870)"
	send "$(flood6 2 10000)"
	send "[raw(IP(src='$attacker4', dst='203.0.113.2', proto=1) / icmp4(3, bytes([0, 0, 5, 0]) + bytes(56), code=4))] * 10000"
	expect "$router" icmp/echo-reply/accepted=15000 \
		icmp/destination-unreachable/accepted=10870 icmp/time-exceeded/accepted=870 \
		icmpv6/destination-unreachable/accepted=870 icmpv6/time-exceeded/accepted=870 \
		icmpv6/packet-too-big/accepted=10000 policy-accept=0
}

# Many sources together: newcomers have 5/16 of a total's burst, an eighth of which is
# jittered, and its rate.
default_totals() {
	local type begun rate burst pattern=" total ([0-9]+)/second burst ([0-9]+)"
	configure "$router"
	for type in "${!default_of[@]}"; do
		[ "${default_of[$type]}" != limit ] ||
			[[ $(in_ns "$router" awk -v t="$type" '$1 "/" $2 == t' /proc/net/icmpguard/types) =~ $pattern ]] ||
			fail "$type has no total"
	done
	for type in icmp/experiment-254 icmp/redirect icmp/other; do
		[[ $(in_ns "$router" awk -v t="$type" '$1 "/" $2 == t' /proc/net/icmpguard/types) =~ $pattern ]]
		rate=${BASH_REMATCH[1]} burst=${BASH_REMATCH[2]}
		ctl "$router" flush stats
		begun=$(now)
		send "from_many(IP(src='$attacker4', dst='203.0.113.2', proto=1) / icmp4(${number_of[$type]-77}, bytes(60)), 6000)"
		settled "$router"
		within "$type of 6,000 sources" $((burst * 3 / 16)) \
			$((burst * 5 / 16 + 2 + rate * ($(now) - begun) / 1000)) "${counter[$type/accepted]}"
		is "$type refused" $((6000 - counter[$type/accepted])) "${counter[total-limit]}"
	done
}

# A flood of errors never passes more than the burst and the rate, and the number
# differs between sources and times.
jittered_errors() {
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
		fail "the limit is the same for all: $passed"
	# A type that isn't an error has an exact limit.
	configure "$router" "type icmp timestamp-request limit 1/minute burst 400"
	send "[raw(IP(src='$attacker4', dst='203.0.113.2', proto=1) / icmp4(13, bytes(60)))] * 500"
	expect "$router" source-limit=100 icmp/timestamp-request/accepted=400
}

# A code's exception survives changes of its type.
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
	local one_hop="(130, 131, 132, 143, 151, 152, 153)"
	configure "$router"
	send "[icmp6('$attacker6', '2001:db8:dead::2', t, body=bytes(60), hop_limit=h) for t in range(133, 138) for h in (1, 64, 254)]"
	send "[icmp6('$attacker6', '2001:db8:dead::2', t, body=bytes(60), hop_limit=h) for t in $one_hop for h in (2, 64, 255)]"
	expect "$router" nd-hop-limit=15 mld-hop-limit=21 icmpv6/nd-redirect/dropped=3 \
		icmpv6/mld2-listener-report/dropped=3 icmpv6/multicast-router-advertisement/dropped=3
	# A remote sender can make them arrive with hop limit 1, but not with a link-local source.
	send "[icmp6('$attacker6', '$router6', t, body=bytes(60), hop_limit=1) for t in $one_hop]"
	expect "$router" nd-hop-limit=15 mld-hop-limit=28 icmpv6/mld-listener-query/dropped=4 \
		icmpv6/mld2-listener-report/dropped=4 icmpv6/multicast-router-solicitation/dropped=4
	# RFC 3590: a report from a host without an address
	send "[icmp6(s, 'ff02::16', t, body=bytes(60), hop_limit=1) for t in $one_hop for s in ('fe80::1', 'febf::1', '::')]"
	expect "$router" nd-hop-limit=15 mld-hop-limit=28 icmpv6/mld-listener-query/accepted=3 \
		icmpv6/mld2-listener-report/accepted=3 icmpv6/multicast-router-termination/accepted=3
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

# Rules about a source: exempt and blocked
rules() {
	configure "$router" "type echo-request limit 1/minute burst 5" \
		"rule add 198.51.100.3/32 exempt" "rule add 2001:db8:a:1::/64 block"
	pings "$attacker" -i 0.01 -c 20 -I $other4 -W 1 $host4
	is "replies to an exempt source" 20 "$ping_received"
	pings "$attacker" -i 0.01 -c 20 -I $attacker4 -W 1 $host4
	is "replies to an ordinary source" 5 "$ping_received"
	pings "$attacker" -i 0.01 -c 5 -I $other64 -W 1 $host6
	is "replies to a blocked source" 0 "$ping_received"
	expect "$router" exempt=20 blocked=5 source-limit=15
}

keep_neighbours
run_tests \
	"names the names of all types" \
	"defaults4 one packet of every ICMP type" \
	"defaults6 one packet of every ICMPv6 type" \
	"drop_all every type dropped" \
	"accept_all every type accepted" \
	"shortest the shortest message of every type" \
	"default_limits bursts of the defaults" \
	"default_totals totals of the defaults" \
	"default_errors replies and errors pass by the hundred" \
	"jittered_errors the jittered limit of errors" \
	"codes exceptions for codes" \
	"hop_limits neighbour and listener discovery from elsewhere" \
	"both_or_one a type of both protocols, or of one" \
	"rules exempt and blocked sources"
