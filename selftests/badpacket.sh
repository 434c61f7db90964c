#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Malformed packets: a counter for each, and nothing else happens.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
topology
ip -n "$router" route add blackhole 203.0.113.0/24
ip -n "$router" route add blackhole 2001:db8:dead::/48
crafting "$attacker" at0 "$(mac "$router" ra0)"

from4="src='$attacker4', dst='203.0.113.2'"
from6="src='$attacker6', dst='2001:db8:dead::2'"
# For the router itself, which reassembles fragments
here4="src='$attacker4', dst='$router4'"
here6="src='$attacker6', dst='$router6'"

# What the kernel complained about so far
complaints() {
	dmesg 2>/dev/null | grep -Ec 'WARNING|BUG:|Oops|UBSAN|KASAN|general protection'
}
complaints_before=$(complaints)

# An ICMP message shorter than its type's shortest
truncated() {
	configure "$router"
	send "[IP($from4, proto=1) / Raw(bytes([8]) + bytes(n)) for n in range(7)]"
	send "IP($from4, proto=1)"
	send "[IPv6($from6, nh=58) / Raw(bytes([128]) + bytes(n)) for n in range(7)]"
	send "IPv6($from6, nh=58)"
	# Four bytes are enough for the type.
	expect "$router" truncated=16 icmp/other/dropped=4 icmp/echo-request/dropped=4 \
		icmpv6/other/dropped=4 icmpv6/echo-request/dropped=4
	# Eight bytes are enough.
	send "IP($from4, proto=1) / icmp4(8)"
	send "icmp6('$attacker6', '2001:db8:dead::2', 128)"
	expect "$router" truncated=16 icmp/echo-request/accepted=1 icmpv6/echo-request/accepted=1
}

# After extension headers too
truncated_after() {
	configure "$router"
	send "[IPv6($from6) / IPv6ExtHdrDestOpt(nh=58) / Raw(bytes([128]) + bytes(n)) for n in range(7)]"
	expect "$router" truncated=7 icmpv6/other/dropped=3 icmpv6/echo-request/dropped=4
	# Of these, four and six bytes are enough (RFC 4286, RFC 6550).
	send "IPv6(src='fe80::1', dst='ff02::2', hlim=1) / IPv6ExtHdrHopByHop(nh=58) / Raw(bytes([152]) + bytes(3))"
	send "IPv6($from6) / IPv6ExtHdrFragment(nh=58) / Raw(bytes([155]) + bytes(5))"
	send "IPv6($from6, nh=58) / Raw(bytes([200]) + bytes(3))"
	expect "$router" truncated=7 icmpv6/multicast-router-solicitation/accepted=1 \
		icmpv6/rpl-control/accepted=1 icmpv6/experiment-200/accepted=1
}

# IP itself refuses invalid lengths in its header: none of these reaches the hook.
ip_lengths() {
	configure "$router"
	local before after
	before=$(($(snmp "$router" IpInHdrErrors) + $(snmp "$router" IpExtInTruncatedPkts)))
	send "[IP($from4, proto=1, ihl=i) / icmp4(8, bytes(12)) for i in range(5)]"
	send "[IP($from4, proto=1, ihl=15) / icmp4(8, bytes(12))]"
	send "[IP($from4, proto=1, len=n) / icmp4(8, bytes(12)) for n in (0, 19, 37, 1500, 65535)]"
	send "IP($from4, proto=1, version=7) / icmp4(8, bytes(12))"
	pings "$attacker" -c 1 -W 5 $router4
	is "replies afterwards" 1 "$ping_received"
	expect "$router" icmp/echo-request/accepted=1
	after=$(($(snmp "$router" IpInHdrErrors) + $(snmp "$router" IpExtInTruncatedPkts)))
	is "ICMP packets seen" 1 "${seen_of[icmp]}"
	# ip_rcv() counts a version it doesn't know nowhere else.
	within "refused by IP itself" 11 12 $((after - before))
}

ip_lengths6() {
	configure "$router"
	send "IPv6($from6, nh=58, plen=1000) / Raw(bytes(64))"
	send "IPv6($from6, nh=58, plen=65535) / Raw(bytes(64))"
	send "IPv6($from6, nh=58, version=5) / Raw(bytes(64))"
	pings "$attacker" -c 1 -W 5 $router6
	is "replies afterwards" 1 "$ping_received"
	expect "$router" icmpv6/other/accepted=0 icmpv6/other/dropped=0 icmpv6/echo-request/accepted=1
}

# Bytes after IP's total length aren't part of the message.
padding() {
	configure "$router" "set max-echo-size 100"
	send "IP($from4, proto=1, len=128) / icmp4(8, bytes(1000))"
	send "IPv6($from6, nh=58, plen=108) / Raw(bytes([128]) + bytes(1007))"
	expect "$router" echo-oversize=0 icmp/echo-request/accepted=1 icmpv6/echo-request/accepted=1
}

# Headers in front of an ICMPv6 message don't hide it.
extension_headers() {
	configure "$router" "type echo-request drop"
	send "IPv6($from6) / IPv6ExtHdrDestOpt() / ICMPv6EchoRequest()"
	send "IPv6($from6) / IPv6ExtHdrHopByHop() / ICMPv6EchoRequest()"
	send "IPv6($from6) / IPv6ExtHdrRouting(addresses=['2001:db8::9']) / ICMPv6EchoRequest()"
	send "IPv6($from6) / IPv6ExtHdrFragment() / ICMPv6EchoRequest()"
	send "IPv6($from6) / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / IPv6ExtHdrDestOpt() / ICMPv6EchoRequest()"
	# An authentication header of 24 bytes, counted in fours less two
	send "IPv6($from6, nh=51) / Raw(bytes([58, 4]) + bytes(22)) / ICMPv6EchoRequest()"
	expect "$router" policy-drop=6 icmpv6/echo-request/dropped=6
}

endless="b''.join(bytes([60, 0, 1, 4, 0, 0, 0, 0]) for _ in range(150))"

chain() {
	configure "$router"
	# As long as the packet, and then a little longer
	send "IPv6($from6, nh=60) / Raw($endless)"
	# Ends in an ICMPv6 message after eight, nine, 20, 32 and 33
	send "IPv6($from6, nh=60) / Raw($endless[:56] + bytes([58, 0, 1, 4, 0, 0, 0, 0])) / ICMPv6EchoRequest()"
	send "IPv6($from6, nh=60) / Raw($endless[:64] + bytes([58, 0, 1, 4, 0, 0, 0, 0])) / ICMPv6EchoRequest()"
	send "IPv6($from6, nh=60) / Raw($endless[:152] + bytes([58, 0, 1, 4, 0, 0, 0, 0]) + bytes([128]) + bytes(7))"
	send "IPv6($from6, nh=60) / Raw($endless[:248] + bytes([58, 0, 1, 4, 0, 0, 0, 0])) / ICMPv6EchoRequest()"
	send "IPv6($from6, nh=60) / Raw($endless[:256] + bytes([58, 0, 1, 4, 0, 0, 0, 0])) / ICMPv6EchoRequest()"
	# One that is longer than the packet
	send "IPv6($from6, nh=60) / Raw(bytes([58, 255, 1, 4, 0, 0, 0, 0]))"
	# None of the headers that were announced
	send "IPv6($from6, nh=60)"
	send "IPv6($from6, nh=43) / Raw(bytes(1))"
	send "IPv6($from6, nh=44) / Raw(bytes(4))"
	send "IPv6($from6, nh=51) / Raw(bytes(1))"
	expect "$router" header-chain=7 icmpv6/other/dropped=7 icmpv6/echo-request/accepted=4
}

# After the fragment header: it is parsed there, or the chain counts as too long.
chain_in_fragments() {
	configure "$router"
	send "IPv6($from6) / IPv6ExtHdrFragment(id=1, m=1, nh=60) / Raw(bytes([58, 0, 1, 4, 0, 0, 0, 0]) + bytes([128]) + bytes(39))"
	send "IPv6($from6) / IPv6ExtHdrFragment(id=2, m=1, nh=60) / Raw(($endless)[:1000])"
	expect "$router" header-chain=1 icmpv6/other/dropped=1 fragments=1 reassembled=0
}

# Reassembly stores the offset of the header before the fragment header in one
# byte. Where that header begins later, the whole packet would be another.
chain_before_fragments() {
	local first="m=1, nh=58) / Raw(bytes([128]) + bytes(63))" second="offset=8, nh=58) / Raw(bytes(64))"
	local long="IPv6($here6) / IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(212))])"
	configure "$router"
	# It begins with byte 40, then with byte 256.
	send "$long / IPv6ExtHdrFragment(id=11, $first"
	send "$long / IPv6ExtHdrFragment(id=11, $second"
	expect "$router" fragments=2 reassembled=1 icmpv6/echo-request/accepted=1
	send "$long / IPv6ExtHdrDestOpt() / IPv6ExtHdrFragment(id=12, $first"
	send "$long / IPv6ExtHdrDestOpt() / IPv6ExtHdrFragment(id=12, $second"
	expect "$router" header-chain=1 icmpv6/other/dropped=1 fragments=3 reassembled=1 \
		icmpv6/echo-request/accepted=1
	must ctl "$router" set mode monitor
	send "$long / IPv6ExtHdrDestOpt() / IPv6ExtHdrFragment(id=13, $first"
	expect "$router" header-chain=1 monitored-header-chain=1 icmpv6/other/dropped=1 \
		icmpv6/other/accepted=1 icmpv6/other/monitored=1
}

# Chains that end in another protocol are left alone, if they end.
chain_to_others() {
	configure "$router"
	send "IPv6($from6) / IPv6ExtHdrDestOpt() / UDP()"
	send "IPv6($from6, nh=59)"
	send "IPv6($from6) / IPv6ExtHdrDestOpt(nh=59)"
	send "IPv6($from6, nh=50) / Raw(bytes(40))"
	pings "$attacker" -c 1 -W 5 $router6
	expect "$router" icmpv6/echo-request/accepted=1 icmpv6/other/accepted=0
}

# Frames of more than a page come with only their Ethernet header in one
# piece; here the options alone are longer than what IP has pulled up.
non_linear() {
	local options="options=[IPOption_NOP()] * 40" more="ICMPv6EchoRequest(data=bytes(6000))"
	ip -n "$attacker" link set at0 mtu 9000
	ip -n "$router" link set ra0 mtu 9000
	configure "$router" "set max-echo-size 6000"
	send "[IP($from4, $options) / ICMP() / Raw(bytes(n)) for n in (6000, 6001)]"
	send "[IPv6($from6) / IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(120))]) / ICMPv6EchoRequest(data=bytes(n)) for n in (6000, 6001)]"
	send "[IPv6($from6) / IPv6ExtHdrFragment() / ICMPv6EchoRequest(data=bytes(n)) for n in (6000, 6001)]"
	send "IP($from4, $options, proto=1, frag=0, flags='MF', id=9) / ICMP() / Raw(bytes(5000))"
	send "IPv6($from6, nh=60) / Raw($endless * 5)"
	ip -n "$attacker" link set at0 mtu 1500
	ip -n "$router" link set ra0 mtu 1500
	expect "$router" echo-oversize=3 icmp/echo-request/accepted=2 icmp/echo-request/dropped=1 \
		icmpv6/echo-request/accepted=2 icmpv6/echo-request/dropped=2 fragments=1 \
		header-chain=1
}

# A message in a list of fragments, its header in one of eight bytes
fragment_list() {
	configure "$router" "type fragment accept"
	send "cut4(IP($here4, id=31, proto=1) / icmp4(13, bytes(1204)), 8)"
	send "cut6(IPv6($here6) / ICMPv6EchoReply(data=bytes(1200)), 8, 31)"
	expect "$router" fragments=302 reassembled=2 icmp/timestamp-request/accepted=1 \
		icmpv6/echo-reply/accepted=1
}

# Random bytes after headers that IP accepts: every packet is counted once, or
# isn't an ICMP packet. A fixed seed makes every run the same.
random_bytes() {
	configure "$router" "type fragment accept"
	send "(lambda r: [IP($from4, proto=1, id=r.randrange(65536), flags=r.choice((0, 0, 'MF')), frag=r.choice((0, 0, r.randrange(8192)))) / Raw(r.randbytes(r.randrange(64))) for _ in range(500)])(__import__('random').Random(1))"
	send "(lambda r: [IPv6($from6, nh=r.choice((0, 43, 44, 51, 58, 60)), hlim=r.choice((1, 64, 255))) / Raw(bytes([r.choice((0, 43, 44, 51, 58, 60)), r.randrange(4)]) + r.randbytes(r.randrange(80))) for _ in range(500)])(__import__('random').Random(2))"
	settled "$router"
	sums_hold
	within "packets seen" 300 1010 "${counter[seen]}"
	# A good packet is judged as before.
	configure "$router"
	pings "$attacker" -c 2 -i 0.1 -W 5 $host4
	is "replies afterwards" 2 "$ping_received"
	pings "$attacker" -c 2 -i 0.1 -W 5 $host6
	is "IPv6 replies afterwards" 2 "$ping_received"
}

quiet() {
	is "complaints of the kernel" "$complaints_before" "$(complaints)"
}

run_tests \
	"truncated a message shorter than its header" \
	"truncated_after the same after extension headers" \
	"ip_lengths wrong lengths in an IPv4 header" \
	"ip_lengths6 wrong lengths in an IPv6 header" \
	"padding bytes after the packet's end" \
	"extension_headers extension headers don't hide a message" \
	"chain a chain of extension headers that doesn't end" \
	"chain_in_fragments a chain after a fragment header" \
	"chain_before_fragments a long one before the fragment header" \
	"chain_to_others chains to other protocols" \
	"non_linear packets that aren't in one piece" \
	"fragment_list packets in hundreds of pieces" \
	"random_bytes random bytes" \
	"quiet the kernel logs no complaint"
