#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks that have a setting: what each finds and what it leaves alone, forwarded
# by the router and sent to it; dropped, counted and off.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
topology
keep_neighbours
crafting "$attacker" at0 "$(mac "$router" ra0)"

# Every check that has a setting, in the tool's own order
checks=$(ctl "$router" help checks | awk '{ print $1 }')

# Packets: "CHECK EXPRESSION", with S the source and D the destination; each
# expression is one packet, in which that check alone finds something.
bad4="
mtu-zero error4(S, D, IP(src=D, dst=S) / UDP(), code=4)
mtu-small error4(S, D, IP(src=D, dst=S) / UDP(), code=4, rest=bytes([0, 0, 0, 1]))
mtu-small error4(S, D, IP(src=D, dst=S) / UDP(), code=4, rest=bytes([0, 0, 0, 67]))
quoted-header error4(S, D, b'')
quoted-header error4(S, D, raw(IP(src=D, dst=S) / UDP())[:19])
quoted-header error4(S, D, raw(IP(src=D, dst=S, len=84, proto=17)))
quoted-header error4(S, D, raw(IP(src=D, dst=S, len=84) / UDP())[:27])
quoted-header error4(S, D, raw(IP(src=D, dst=S, ihl=15, len=84, proto=17) / Raw(bytes(36))), kind=11)
quoted-header error4(S, D, IP(src=D, dst=S, version=6) / UDP(), kind=12)
quoted-header error4(S, D, IP(src=D, dst=S, ihl=4) / UDP(), kind=4)
quoted-protocol error4(S, D, IP(src=D, dst=S, proto=200) / Raw(bytes(8)))
quoted-protocol error4(S, D, IP(src=D, dst=S, proto=255) / Raw(bytes(8)), code=4, rest=bytes([0, 0, 5, 0]))
quoted-source error4(S, D, IP(src='203.0.113.7', dst=S) / UDP())
quoted-source error4(S, D, IP(src=S, dst=D) / TCP(), kind=11, code=0)
quoted-error error4(S, D, IP(src=D, dst=S, proto=1) / icmp4(3, bytes(28)))
quoted-error error4(S, D, IP(src=D, dst=S, options=[IPOption_NOP()] * 8, proto=1) / icmp4(11, bytes(28)), kind=11)
quoted-error error4(S, D, IP(src=D, dst=S, proto=1) / icmp4(5, bytes(28)), kind=5)
quoted-fragment error4(S, D, IP(src=D, dst=S, frag=1, proto=17) / Raw(bytes(8)), kind=11)
quoted-multicast error4(S, D, IP(src=D, dst='224.0.0.5') / UDP())
quoted-multicast error4(S, D, IP(src=D, dst='255.255.255.255') / UDP())
quoted-multicast error4(S, D, IP(src=D, dst='198.51.100.255') / UDP())
quoted-extension error4(S, D, raw(IP(src=D, dst=S) / UDP()) + bytes(100) + bytes([0x10, 0, 0, 0]), rest=bytes([0, 32, 0, 0]))
quoted-extension error4(S, D, raw(IP(src=D, dst=S) / UDP()) + bytes(100) + bytes([0x20, 0, 0, 0, 0, 0, 1, 1]), kind=11, rest=bytes([0, 32, 0, 0]))
quoted-extension error4(S, D, raw(IP(src=D, dst=S) / UDP()) + bytes(100), kind=12, rest=bytes([0, 33, 0, 0]))
"
good4="
error4(S, D, IP(src=D, dst=S) / UDP(), code=3)
error4(S, D, IP(src=D, dst=S) / UDP(), code=4, rest=bytes([0, 0, 0, 68]))
error4(S, D, IP(src=D, dst=S) / UDP(), code=4, rest=bytes([0, 0, 5, 220]))
error4(S, D, IP(src=D, dst='203.0.113.1') / TCP(), kind=11, code=0)
error4(S, D, IP(src=D, dst=S, flags='MF') / UDP() / Raw(bytes(8)), kind=11, code=0)
error4(S, D, IP(src=D, dst=S, options=[IPOption_NOP()] * 40) / UDP())
error4(S, D, IP(src=D, dst=S, proto=1) / icmp4(8), kind=11, code=0)
error4(S, D, IP(src=D, dst=S, proto=1) / icmp4(0), kind=5)
error4(S, D, IP(src=D, dst=S, proto=17, len=20), kind=4)
error4(S, D, IP(src=D, dst=S) / TCP(), kind=12, code=0, rest=bytes([20, 0, 0, 0]))
error4(S, D, raw(IP(src=D, dst=S) / UDP()) + bytes(100) + bytes([0x20, 0, 0, 0, 0, 8, 1, 1, 0, 1, 0, 1]), kind=11, code=0, rest=bytes([0, 32, 0, 0]))
error4(S, D, IP(src=D, dst='192.0.2.191') / UDP())
"
bad6="
mtu-small error6(S, D, IPv6(src=D, dst=S) / UDP(), kind=2)
mtu-small error6(S, D, IPv6(src=D, dst=S) / UDP(), kind=2, rest=bytes([0, 0, 4, 255]))
quoted-header error6(S, D, b'')
quoted-header error6(S, D, raw(IPv6(src=D, dst=S) / UDP())[:39])
quoted-header error6(S, D, raw(IPv6(src=D, dst=S) / UDP())[:47], kind=3)
quoted-header error6(S, D, raw(IPv6(src=D, dst=S, plen=48) / IPv6ExtHdrDestOpt() / UDP())[:44], kind=4)
quoted-header error6(S, D, IPv6(src=D, dst=S, nh=60) / Raw(bytes([60, 0, 1, 4, 0, 0, 0, 0]) * 20), kind=4)
quoted-header error6(S, D, IPv6(src=D, dst=S, version=4) / UDP(), kind=2, rest=bytes([0, 0, 5, 0]))
quoted-protocol error6(S, D, IPv6(src=D, dst=S, nh=200) / Raw(bytes(8)))
quoted-protocol error6(S, D, IPv6(src=D, dst=S) / IPv6ExtHdrDestOpt(nh=252) / Raw(bytes(8)), kind=4)
quoted-source error6(S, D, IPv6(src='2001:db8:ffff::1', dst=S) / UDP())
quoted-source error6(S, D, IPv6(src=S, dst=D) / TCP(), kind=3)
quoted-error error6(S, D, IPv6(src=D, dst=S, nh=58) / Raw(bytes([1]) + bytes(7)))
quoted-error error6(S, D, IPv6(src=D, dst=S) / IPv6ExtHdrDestOpt(nh=58) / Raw(bytes([100]) + bytes(7)), kind=3)
quoted-error error6(S, D, IPv6(src=D, dst=S, nh=58) / Raw(bytes([137]) + bytes(7)), kind=4)
quoted-multicast error6(S, D, IPv6(src=D, dst='ff02::1') / UDP())
quoted-multicast error6(S, D, IPv6(src=D, dst='ff02::1') / UDP(), kind=4, code=1)
quoted-extension error6(S, D, raw(IPv6(src=D, dst=S) / UDP()) + bytes(80) + bytes([0x10, 0, 0, 0]), rest=bytes([16, 0, 0, 0]))
quoted-extension error6(S, D, raw(IPv6(src=D, dst=S) / UDP()) + bytes(80), kind=3, rest=bytes([17, 0, 0, 0]))
quoted-source error6(S, D, bytes(32) + bytes([4, 8]) + bytes(6) + raw(IPv6(src=S, dst=S) / UDP() / Raw(bytes(8))), kind=137, hop_limit=255)
quoted-header error6(S, D, bytes(32) + bytes([4, 2]) + bytes(14), kind=137, hop_limit=255)
"
good6="
error6(S, D, IPv6(src=D, dst=S) / UDP(), code=4)
error6(S, D, IPv6(src=D, dst=S) / UDP(), kind=2, rest=bytes([0, 0, 5, 0]))
error6(S, D, IPv6(src=D, dst='ff05::2') / UDP(), kind=2, rest=bytes([0, 0, 5, 220]))
error6(S, D, IPv6(src=D, dst='ff05::2') / IPv6ExtHdrDestOpt() / UDP(), kind=4, code=2)
error6(S, D, IPv6(src=D, dst=S) / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / TCP(), kind=3)
error6(S, D, IPv6(src=D, dst=S) / IPv6ExtHdrFragment(offset=100) / Raw(bytes(8)), kind=3)
error6(S, D, IPv6(src=D, dst=S) / IPv6ExtHdrFragment(m=1) / UDP() / Raw(bytes(8)), kind=3, code=1)
error6(S, D, IPv6(src=D, dst=S, nh=58) / Raw(bytes([128]) + bytes(7)), kind=3)
error6(S, D, IPv6(src=D, dst=S, nh=59), kind=4)
error6(S, D, raw(IPv6(src=D, dst=S) / UDP()) + bytes(80) + bytes([0x20, 0, 0, 0, 0, 4, 3, 1]), kind=3, rest=bytes([16, 0, 0, 0]))
error6(S, D, bytes(32), kind=137, hop_limit=255)
error6(S, D, bytes(32) + bytes([2, 1]) + bytes(6) + bytes([4, 8]) + bytes(6) + raw(IPv6(src=D, dst=S) / UDP() / Raw(bytes(8))), kind=137, hop_limit=255)
"

# batch TABLE SOURCE DESTINATION: one list of all packets of a table
batch() {
	local list
	list=$(sed -n 's/^[a-z]*-[a-z]* //; /^error/p' <<<"$1" | paste -sd '~' | sed 's/~/, /g')
	send "(lambda S, D: [raw(p) for p in ($list,)])('$2', '$3')"
}

# settings ACTION: every check's, and every type that is sent accepted
settings() {
	local check
	for check in $checks; do
		echo "check $check $1"
	done
	printf 'type %s accept\n' destination-unreachable "icmp source-quench" "icmp redirect" \
		time-exceeded parameter-problem nd-redirect nd-router-advert echo-request
	echo "type icmp destination-unreachable code 4 accept"
}

set_all() {
	configure "$router"
	settings "$1" >"$tmp/settings"
	must ctl "$router" apply "$tmp/settings"
	# The host checks nothing and counts everything.
	configure "$host"
	settings off >"$tmp/settings"
	must ctl "$host" apply "$tmp/settings"
}

# How many errors have arrived at the host, whose own checks are off
arrived() {
	local type n=0
	read_counters "$host"
	for type in icmp/destination-unreachable icmp/source-quench icmp/redirect icmp/time-exceeded \
		icmp/parameter-problem icmpv6/destination-unreachable icmpv6/packet-too-big \
		icmpv6/time-exceeded icmpv6/parameter-problem icmpv6/nd-redirect icmpv6/nd-router-advert; do
		n=$((n + counter[$type/accepted] + counter[$type/dropped]))
	done
	[ "$n" = "$1" ]
}

# wants PREFIX TABLE TIMES: fills expected with each check's number of packets
wants() {
	local n check
	while read -r n check; do
		expected+=("$1$check=$((n * $3))")
	done < <(sed -n 's/^\([a-z]*-[a-z]*\) .*/\1/p' <<<"$2" | sort | uniq -c)
}

# all_found ACTION BAD SOURCE HOST ROUTER: every bad packet, through and to the router
all_found() {
	local expected=() n through=0
	n=$(grep -c error <<<"$2")
	set_all "$1"
	batch "$2" "$3" "$4"
	batch "$2" "$3" "$5"
	case $1 in
	drop)	wants "" "$2" 2 ;;
	count)	wants noted- "$2" 2
		through=$n ;;
	off)	through=$n ;;
	esac
	expect "$router" "${expected[@]}"
	[ "$1" = count ] || is findings "" "$(findings)"
	is "packets that are found" $((2 * n)) $((sent * 2))
	busywait 5000 arrived "$through" || fail "not $through packets arrived at the host"
}

dropped4() {
	all_found drop "$bad4" $attacker4 $host4 $router4
}

counted4() {
	all_found count "$bad4" $attacker4 $host4 $router4
}

off4() {
	all_found off "$bad4" $attacker4 $host4 $router4
}

dropped6() {
	all_found drop "$bad6" $attacker6 $host6 $router6
}

counted6() {
	all_found count "$bad6" $attacker6 $host6 $router6
}

off6() {
	all_found off "$bad6" $attacker6 $host6 $router6
}

# nothing_found GOOD SOURCE HOST ROUTER
nothing_found() {
	local n
	n=$(grep -c error <<<"$1")
	set_all drop
	batch "$1" "$2" "$3"
	batch "$1" "$2" "$4"
	settled "$router"
	expect "$router"
	busywait 5000 arrived "$n" || fail "not $n packets arrived at the host"
	set_all count
	batch "$1" "$2" "$3"
	batch "$1" "$2" "$4"
	settled "$router"
	is findings "" "$(findings)"
	busywait 5000 arrived "$n" || fail "not $n packets arrived at the host"
}

good_errors4() {
	nothing_found "$good4" $attacker4 $host4 $router4
}

good_errors6() {
	nothing_found "$good6" $attacker6 $host6 $router6
}

# Only these are dropped, and each of the others is counted.
defaults() {
	is "checks that drop" "mtu-small ra-option" \
		"$(ctl "$router" show | sed -n 's/^check \(.*\) drop$/\1/p' | paste -sd ' ')"
	is "checks that count" 10 "$(ctl "$router" show | grep -c '^check .* count$')"
	is "checks that are off" reverse-path \
		"$(ctl "$router" show | sed -n 's/^check \(.*\) off$/\1/p' | paste -sd ' ')"
	is "checks in /proc" "$(ctl "$router" show | grep ^check)" \
		"$(in_ns "$router" grep ^check /proc/net/icmpguard/config)"
	# The router's limits for the types come after the checks.
	configure "$router"
	send "(lambda S, D: [error4(S, D, IP(src=D, dst=S) / UDP(), code=4, rest=bytes([0, 0, 0, 67])), error4(S, D, IP(src=D, dst=S) / UDP(), code=4), error4(S, D, IP(src=S, dst=S) / UDP())])('$attacker4', '$host4')"
	send "(lambda S, D: [error6(S, D, IPv6(src=D, dst=S) / UDP(), kind=2, rest=bytes([0, 0, 4, 255])), error6(S, D, IPv6(src=S, dst=S) / UDP())])('$attacker6', '$host6')"
	expect "$router" mtu-small=2 noted-mtu-zero=1 noted-quoted-source=2 \
		icmp/destination-unreachable/accepted=2 icmp/destination-unreachable/dropped=1 \
		icmpv6/packet-too-big/dropped=1 icmpv6/destination-unreachable/accepted=1
}

# A protocol that exists, but that this kernel doesn't handle: that matters only for
# an error sent to this host.
protocol_here() {
	configure "$router" "set check quoted-protocol drop"
	send "(lambda S, D: error4(S, D, IP(src=D, dst=S, proto=46) / Raw(bytes(8))))('$attacker4', '$host4')"
	send "(lambda S, D: error6(S, D, IPv6(src=D, dst=S, nh=46) / Raw(bytes(8))))('$attacker6', '$host6')"
	settled "$router"
	expect "$router"
	send "(lambda S, D: error4(S, D, IP(src=D, dst=S, proto=46) / Raw(bytes(8))))('$attacker4', '$router4')"
	send "(lambda S, D: error6(S, D, IPv6(src=D, dst=S, nh=46) / Raw(bytes(8))))('$attacker6', '$router6')"
	expect "$router" quoted-protocol=2
}

# One packet, three findings; the first that drops is the reason.
several() {
	local packet="(lambda S, D: error4(S, D, IP(src=S, dst='224.0.0.5', proto=1) / icmp4(3, bytes(28))))('$attacker4', '$host4')"
	configure "$router"
	send "$packet"
	expect "$router" noted-quoted-source=1 noted-quoted-error=1 noted-quoted-multicast=1 \
		icmp/destination-unreachable/accepted=1
	configure "$router" "set check quoted-multicast drop" "set check quoted-error drop"
	send "$packet"
	expect "$router" quoted-error=1
	is findings "" "$(findings)"
}

# In fragments that are reassembled here, so that the quoted packet is in other skb
# fragments than the ICMP header
in_fragments() {
	set_all drop
	must ctl "$router" type fragment accept
	send "(lambda S, D: cut4(error4(S, D, raw(IP(src=S, dst=D, len=1400, options=[IPOption_NOP()] * 40) / UDP()) + bytes(800)), 8))('$attacker4', '$router4')"
	send "(lambda S, D: cut6(error6(S, D, raw(IPv6(src=S, dst=D, plen=1200) / IPv6ExtHdrDestOpt() / UDP()) + bytes(800)), 8))('$attacker6', '$router6')"
	expect "$router" quoted-source=2 reassembled=2
}

# solicited EXPRESSION...: router advertisements with this after the first 16 bytes
advertise() {
	send "[IPv6(src='fe80::1', dst='ff02::1', hlim=255, nh=58) / Raw(raw(icmp6('fe80::1', 'ff02::1', 134, body=bytes(12) + o, hop_limit=255))[40:]) for o in ($1,)]"
}

options() {
	local wrong
	configure "$router"
	# Length 0, first and after others; past the end; a byte left
	advertise "bytes(8), bytes([1, 1]) + bytes(6) + bytes(8), bytes([1, 2]) + bytes(6), bytes([3, 4]) + bytes(29), b'x'"
	# Shorter than an advertisement
	send "icmp6('fe80::1', 'ff02::1', 134, body=bytes(11), hop_limit=255)"
	expect "$router" ra-option=5 truncated=1 icmpv6/nd-router-advert/dropped=6
	# RDNSS of even length and without an address, DNSSL without a name, a prefix and an
	# MTU too long, a route too long: hosts ignore the option alone (RFC 8106 5.3.1).
	wrong="bytes([25, 4]) + bytes(30), bytes([25, 2]) + bytes(14), bytes([25, 1]) + bytes(6), bytes([31, 1]) + bytes(6), bytes([3, 5]) + bytes(38), bytes([5, 2]) + bytes(14), bytes([24, 4]) + bytes(30)"
	advertise "$wrong"
	expect "$router" ra-option=5 truncated=1 noted-ra-option-length=7 icmpv6/nd-router-advert/accepted=7
	# Two of them in one message, and one before an option that can't be parsed
	advertise "bytes([25, 2]) + bytes(14) + bytes([31, 1]) + bytes(6), bytes([25, 2]) + bytes(14) + bytes([1, 0])"
	expect "$router" ra-option=6 truncated=1 noted-ra-option-length=8 icmpv6/nd-router-advert/accepted=8
	configure "$router" "set check ra-option-length drop"
	advertise "$wrong"
	expect "$router" ra-option-length=7 icmpv6/nd-router-advert/dropped=7
	configure "$router"
	# None, those that routers send, unknown ones, and 180 of them
	advertise "b'', bytes([1, 1]) + bytes(6) + bytes([5, 1]) + bytes(6) + bytes([3, 4]) + bytes(30) + bytes([25, 3]) + bytes(22) + bytes([31, 2]) + bytes(14), bytes([200, 3]) + bytes(22), (bytes([1, 1]) + bytes(6)) * 180"
	expect "$router" icmpv6/nd-router-advert/accepted=4
	is findings "" "$(findings)"
	configure "$router" "set check ra-option count"
	advertise "bytes(8)"
	expect "$router" noted-ra-option=1 icmpv6/nd-router-advert/accepted=1
	# To one host behind the router, too
	configure "$router"
	send "icmp6('$attacker6', '$host6', 134, body=bytes(12) + bytes(8), hop_limit=255)"
	expect "$router" ra-option=1
}

echo_to_many() {
	local to4="'224.0.0.1', '239.1.2.3', '255.255.255.255', '198.51.100.255', '192.0.2.255'"
	local to6="'ff02::1', 'ff05::1:3', 'ff0e::5'"
	configure "$router"
	send "[IP(src='$attacker4', dst=d, proto=1) / icmp4(k) for d in ($to4) for k in (8, 42)]"
	send "[icmp6('$attacker6', d, k) for d in ($to6) for k in (128, 160)]"
	expect "$router" noted-echo-multicast=16 icmp/echo-request/accepted=5 \
		icmp/extended-echo-request/accepted=5 icmpv6/echo-request/accepted=3 \
		icmpv6/extended-echo-request/accepted=3
	configure "$router" "set check echo-multicast drop"
	send "[IP(src='$attacker4', dst=d, proto=1) / icmp4(8) for d in ($to4)]"
	send "[icmp6('$attacker6', d, 128) for d in ($to6)]"
	expect "$router" echo-multicast=8
	# The last address of others' networks, and those that end as a broadcast does
	send "[IP(src='$attacker4', dst=d, proto=1) / icmp4(8) for d in ('203.0.113.255', '198.51.100.191', '198.51.100.63', '$host4', '$router4')]"
	send "[IP(src='$attacker4', dst='224.0.0.1', proto=1) / icmp4(13)]"
	send "icmp6('$attacker6', '$host6', 128)"
	expect "$router" echo-multicast=8 icmp/echo-request/accepted=5 icmp/timestamp-request/accepted=1 \
		icmpv6/echo-request/accepted=1
	# A network that this host comes to be part of, and one that it leaves
	ip -n "$router" addr add 100.64.0.1/26 dev ra0
	send "[IP(src='$attacker4', dst='100.64.0.63', proto=1) / icmp4(8)]"
	expect "$router" echo-multicast=9
	ip -n "$router" addr del 100.64.0.1/26 dev ra0
	send "[IP(src='$attacker4', dst='100.64.0.63', proto=1) / icmp4(8)]"
	expect "$router" echo-multicast=9 icmp/echo-request/accepted=6
}

# Exempt sources may send anything; monitor mode drops nothing.
exempt_and_monitor() {
	configure "$router" "set check quoted-source drop" "rule add $attacker4 exempt"
	send "(lambda S, D: error4(S, D, IP(src=S, dst=D) / UDP(), code=4))('$attacker4', '$host4')"
	expect "$router" exempt=1
	is findings "" "$(findings)"
	configure "$router" "set check quoted-source drop" "set mode monitor"
	send "(lambda S, D: error4(S, D, IP(src=S, dst=D) / UDP(), code=4))('$attacker4', '$host4')"
	expect "$router" monitor=1 monitored-quoted-source=1 icmp/destination-unreachable/accepted=1
	configure "$router" "set check quoted-source drop" "type icmp destination-unreachable code 4 accept monitor"
	send "(lambda S, D: error4(S, D, IP(src=S, dst=D) / UDP(), code=4))('$attacker4', '$host4')"
	expect "$router" monitor=1 monitored-quoted-source=1 icmp/destination-unreachable/accepted=1
}

# forged4 and forged6 SOURCE...: an echo request to the router from each, by ra0
forged4() {
	local each list=
	for each in "$@"; do
		list+="'$each', "
	done
	send "[IP(src=s, dst='$router4', proto=1) / icmp4(8) for s in ($list)]"
}

forged6() {
	local each list=
	for each in "$@"; do
		list+="'$each', "
	done
	send "[icmp6(s, '$router6', 128) for s in ($list)]"
}

# The route to the source: another interface, none, local; and the allowed ones
reverse_path() {
	configure "$router" "set check reverse-path drop" "type echo-request accept"
	forged4 $host4 203.0.113.9 $router4 192.0.2.1 192.0.2.255
	forged6 $host6 2001:db8:ffff::9 $router6 2001:db8:b::1
	send "(lambda S, D: error4(S, D, IP(src=D, dst=S) / UDP(), code=4, rest=bytes([0, 0, 5, 0])))('203.0.113.9', '$host4')"
	send "(lambda S, D: error6(S, D, IPv6(src=D, dst=S) / UDP(), kind=2, rest=bytes([0, 0, 5, 0])))('$host6', '$router6')"
	expect "$router" reverse-path=11 icmp/echo-request/dropped=5 icmpv6/echo-request/dropped=4 \
		icmp/destination-unreachable/dropped=1 icmpv6/packet-too-big/dropped=1
	forged4 $attacker4 $other4 0.0.0.0 224.0.0.5
	forged6 $attacker6 $other64 fe80::77 ::
	send "IPv6(src='$host6', dst='$router6', hlim=255) / ICMPv6ND_NS(tgt='$router6')"
	pings "$host" -c 3 -i 0.01 -W 5 192.0.2.1
	is replies 3 "$ping_received"
	expect "$router" reverse-path=11 icmp/echo-request/accepted=7 icmpv6/echo-request/accepted=4
	# Counted, and let pass as it came
	configure "$router" "set check reverse-path count"
	forged4 $host4 $attacker4
	forged6 $host6 $attacker6
	expect "$router" noted-reverse-path=2 icmp/echo-request/accepted=2 icmpv6/echo-request/accepted=2
	configure "$router" "set check reverse-path drop" "rule add $host4 exempt"
	forged4 $host4
	expect "$router" exempt=1
}

# Nothing is charged for what is dropped: the host whose address is forged keeps what it has.
reverse_path_charges_nothing() {
	configure "$router" "set check reverse-path drop" "type echo-request limit 1/hour burst 5" \
		"type fragment limit 1/hour burst 5"
	send "[IP(src='$host4', dst='$router4', proto=1) / icmp4(8)] * 20"
	send "[icmp6('$host6', '$router6', 128)] * 20"
	send "cut4(IP(src='$host4', dst='$router4', id=7) / ICMP() / Raw(bytes(3000)), 1400)"
	send "cut6(IPv6(src='$host6', dst='$router6') / ICMPv6EchoRequest(data=bytes(3000)), 1400, 7)"
	expect "$router" reverse-path=46 icmp/fragment/dropped=3 icmpv6/fragment/dropped=3 fragments=6
	pings "$host" -c 2 -i 0.01 -W 5 192.0.2.1
	is replies 2 "$ping_received"
	pings "$host" -c 1 -s 4000 -W 5 192.0.2.1
	is "replies in fragments" 1 "$ping_received"
	pings "$host" -c 2 -i 0.01 -W 5 2001:db8:b::1
	is "IPv6 replies" 2 "$ping_received"
	pings "$host" -c 1 -s 4000 -W 5 2001:db8:b::1
	is "IPv6 replies in fragments" 1 "$ping_received"
	expect "$router" reverse-path=46 icmp/echo-request/accepted=3 icmpv6/echo-request/accepted=3 \
		fragments=12 reassembled=2
}

# Multipath routes, an asymmetric route, and a route in another VRF
reverse_path_of_routes() {
	configure "$router" "set check reverse-path count" "type echo-request accept"
	ip -n "$router" route add 203.0.113.0/24 nexthop via $attacker4 nexthop via $host4 2>/dev/null ||
		must ip -n "$router" route add 203.0.113.0/24 via $attacker4
	must ip -n "$router" route add 2001:db8:c::/64 nexthop via $attacker6 nexthop via $host6
	forged4 203.0.113.9
	forged6 2001:db8:c::9
	expect "$router" icmp/echo-request/accepted=1 icmpv6/echo-request/accepted=1
	is findings "" "$(findings)"
	must ip -n "$router" route replace 203.0.113.0/24 via $host4
	must ip -n "$router" route del 2001:db8:c::/64
	must ip -n "$router" route add 2001:db8:c::/64 via $host6
	forged4 203.0.113.9
	forged6 2001:db8:c::9
	expect "$router" noted-reverse-path=2 icmp/echo-request/accepted=2 icmpv6/echo-request/accepted=2
	must ip -n "$router" route del 203.0.113.0/24
	must ip -n "$router" route del 2001:db8:c::/64
	# Policy routing: replies go back the way the packet came. Some kernels have one table.
	ip -n "$router" rule add from $router4 table 78 2>/dev/null || return
	must ip -n "$router" route add 203.0.113.0/24 via $attacker4 table 78
	forged4 203.0.113.9
	expect "$router" noted-reverse-path=2 icmp/echo-request/accepted=3
	must ip -n "$router" rule del from $router4 table 78
	must ip -n "$router" route flush table 78
}

reverse_path_in_vrf() {
	ip -n "$router" link add red type vrf table 77 2>/dev/null || { skip "no VRF here"; return; }
	must ip -n "$router" link set red up
	veth "$attacker" x1 "$router" x0
	must ip -n "$router" link set x0 master red
	addr "$router" x0 10.78.0.1/24 2001:db8:78::1/64
	addr "$attacker" x1 10.78.0.2/24 2001:db8:78::2/64
	configure "$router" "set check reverse-path count" "type echo-request accept"
	pings "$attacker" -c 2 -i 0.01 -W 5 10.78.0.1
	is replies 2 "$ping_received"
	pings "$attacker" -c 2 -i 0.01 -W 5 2001:db8:78::1
	is "IPv6 replies" 2 "$ping_received"
	expect "$router" icmp/echo-request/accepted=2 icmpv6/echo-request/accepted=2
	is findings "" "$(findings)"
	# The main table's neighbours aren't the VRF's, and vice versa.
	forged4 10.78.0.2
	forged6 2001:db8:78::2
	expect "$router" noted-reverse-path=2 icmp/echo-request/accepted=3 icmpv6/echo-request/accepted=3
	must ip -n "$router" link del x0
	must ip -n "$router" link del red
}

run_tests \
	"defaults the defaults" \
	"dropped4 malformed ICMP errors, dropped" \
	"counted4 malformed ICMP errors, counted" \
	"off4 malformed ICMP errors, checks off" \
	"good_errors4 good ICMP errors" \
	"dropped6 malformed ICMPv6 errors, dropped" \
	"counted6 malformed ICMPv6 errors, counted" \
	"off6 malformed ICMPv6 errors, checks off" \
	"good_errors6 good ICMPv6 errors" \
	"protocol_here an error about a protocol that this kernel doesn't have" \
	"several several findings in one packet" \
	"in_fragments an error that comes in fragments" \
	"options options of router advertisements" \
	"echo_to_many echo requests to many hosts" \
	"reverse_path a source that is routed elsewhere" \
	"reverse_path_charges_nothing it is dropped before it is charged" \
	"reverse_path_of_routes several routes back, another one, one by policy" \
	"reverse_path_in_vrf the route back in a VRF" \
	"exempt_and_monitor exempt sources and monitoring"
