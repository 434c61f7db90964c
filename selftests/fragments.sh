#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Only ICMP's fragments are judged, and only those for the router itself are
# reassembled; all others are forwarded unchanged. Fragments that are invalid by
# themselves are dropped.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need nft socat tcpdump hping3 conntrack
topology
crafting "$attacker" at0 "$(mac "$router" ra0)"
# aim_at IPV4 IPV6: the destination of the next messages
aim_at() {
	send "where('$attacker4', '$1', '$attacker6', '$2')"
	send "[(M4 := ping4(2992)), (M6 := ping6(2992))][:0]"
}
aim_at $host4 $host6

# The far end counts arriving packets before its stack handles them.
in_ns "$host" nft -f - <<'EOF' || skip_all "nft can't count here"
table ip c {
	chain prerouting {
		type filter hook prerouting priority -500
		ip saddr 10.9.0.0/16 drop
		ip frag-off & 0x3fff != 0 ip protocol udp counter comment "udp"
		ip frag-off & 0x3fff != 0 ip protocol tcp counter comment "tcp"
		ip frag-off & 0x3fff != 0 ip protocol esp counter comment "esp"
		ip frag-off & 0x3fff != 0 ip protocol icmp counter comment "icmp"
	}
}
table ip6 c {
	chain prerouting {
		type filter hook prerouting priority -500
		ip6 saddr 2001:db8:9::/48 drop
		frag nexthdr udp counter comment "udp"
		frag nexthdr tcp counter comment "tcp"
		frag nexthdr esp counter comment "esp"
		frag nexthdr icmpv6 counter comment "icmp"
	}
}
EOF

# arrived FAMILY PROTOCOL: how many fragments, since the last time
declare -A arrived_before=()
arrived() {
	local now
	rule_packets "$host" "$1" c prerouting
	now=${at[$2]}
	arrived=$((now - ${arrived_before[$1/$2]-0}))
	arrived_before[$1/$2]=$now
}

# no_reassembly: the router has reassembled nothing so far
no_reassembly() {
	local name
	read_mib "$router"
	for name in IpReasmReqds IpReasmOKs Ip6ReasmReqds Ip6ReasmOKs; do
		is "the router's $name" "${before[$name]}" "${mib[$name]}"
	done
}

declare -A before
remember_reassembly() {
	local name
	read_mib "$router"
	for name in IpReasmReqds IpReasmOKs Ip6ReasmReqds Ip6ReasmOKs; do
		before[$name]=${mib[$name]}
	done
}

# udp SEND-TO RECEIVE-FROM FAMILY: a datagram of 20,000 bytes
udp() {
	local receiver
	head -c 20000 /dev/urandom >"$tmp/sent"
	: >"$tmp/received"
	start in_ns "$host" socat -u -b 65536 "$2" "OPEN:$tmp/received,append"
	receiver=$!
	listening() {
		[ -n "$(in_ns "$host" ss -Huln 'sport = :7777')" ]
	}
	busywait 20000 listening || fail "no listener"
	arrived "$3" udp
	in_ns "$attacker" socat -u -b 65536 "OPEN:$tmp/sent" "$1"
	busywait 10000 cmp -s "$tmp/sent" "$tmp/received" || fail "the datagram didn't arrive"
	stop "$receiver"
	arrived "$3" udp
	is "fragments at the far end" 14 "$arrived"
	no_reassembly
	expect "$router" fragments=0
}

# The counters of IP, nothing having been pinged in fragments yet, are zero.
udp4() {
	configure "$router"
	remember_reassembly
	is "reassembly at the router before" "0 0" "${before[IpReasmReqds]} ${before[Ip6ReasmReqds]}"
	udp UDP4-SENDTO:$host4:7777 UDP4-RECV:7777 ip
	is "ICMP packets seen" 0 "${seen_of[icmp]}"
}

udp6() {
	configure "$router"
	remember_reassembly
	udp "UDP6-SENDTO:[$host6]:7777" UDP6-RECV:7777,ipv6only ip6
	expect "$router" fragments=0
}

others() {
	configure "$router"
	remember_reassembly
	arrived ip tcp
	arrived ip esp
	arrived ip6 tcp
	arrived ip6 esp
	send "cut4(IP(src='$attacker4', dst='$host4', id=1) / TCP(dport=9) / Raw(bytes(4000)), 1400)"
	send "cut4(IP(src='$attacker4', dst='$host4', id=2, proto=50) / Raw(bytes(4000)), 1400)"
	send "cut6(IPv6(src='$attacker6', dst='$host6') / TCP(dport=9) / Raw(bytes(4000)), 1400, 1)"
	send "cut6(IPv6(src='$attacker6', dst='$host6', nh=50) / Raw(bytes(4000)), 1400, 2)"
	# Last, a ping: once it is answered, all before it have arrived.
	pings "$attacker" -c 1 -W 5 $host4
	pings "$attacker" -c 1 -W 5 $host6
	arrived ip tcp
	is "TCP fragments" 3 "$arrived"
	arrived ip esp
	is "ESP fragments" 3 "$arrived"
	arrived ip6 tcp
	is "TCP fragments, IPv6" 3 "$arrived"
	arrived ip6 esp
	is "ESP fragments, IPv6" 3 "$arrived"
	no_reassembly
	expect "$router" fragments=0
}

# A fragment that isn't ICMP's passes, however malformed it is.
others_odd() {
	configure "$router"
	remember_reassembly
	arrived ip udp
	send "IP(src='$attacker4', dst='$host4', id=3, proto=17, frag=8189) / Raw(bytes(400))"
	send "IP(src='$attacker4', dst='$host4', id=4, proto=17, flags='MF') / Raw(bytes(8))"
	pings "$attacker" -c 1 -W 5 $host4
	arrived ip udp
	is "UDP fragments" 2 "$arrived"
	no_reassembly
	expect "$router" fragments=0
}

# both EXPRESSION HOST ROUTER: packets for the host, then for the router itself, with
# the counters expected of each
both() {
	configure "$router"
	send "$1"
	# shellcheck disable=SC2086 # words, on purpose
	expect "$router" $2
	aim_at $router4 $router6
	configure "$router"
	send "$1"
	# shellcheck disable=SC2086
	expect "$router" $3
	aim_at $host4 $host6
}

# The host's replies are counted too: three fragments each.
request="icmp/echo-request/accepted=1 icmpv6/echo-request/accepted=1"
requests=${request//=1/=2}
reply="icmp/echo-reply/accepted=1 icmpv6/echo-reply/accepted=1"

out_of_order() {
	both "parts(part4, M4, 11, 1400)[::-1] + parts(part6, M6, 11, 1400)[::-1]" \
		"fragments=12 reassembled=0 $request $reply" "fragments=6 reassembled=2 $request"
}

interleaved() {
	both "[f for p, M in ((part4, M4), (part6, M6)) for pair in zip(parts(p, M, 12, 1400), parts(p, M, 13, 1400)) for f in pair]" \
		"fragments=24 reassembled=0 $requests ${reply//=1/=2}" \
		"fragments=12 reassembled=4 $requests"
}

# A fragment that comes twice costs itself, not its message. A first one that passes
# twice is another message.
duplicates() {
	both "[f for p, M in ((part4, M4), (part6, M6)) for f in (lambda f: [f[0], f[0], f[1], f[2]])(parts(p, M, 14, 1400))]" \
		"fragments=14 reassembled=0 $requests $reply" \
		"fragments=8 reassembled=2 $request fragment-refused=2 icmp/fragment/dropped=1 icmpv6/fragment/dropped=1"
}

# On a link that duplicates every packet, a message is charged once. Copies that arrive
# after it is complete don't begin another one, which would wait for its timeout.
repeated() {
	local waiting
	configure "$router"
	ctl "$router" flush sources
	aim_at $router4 $router6
	waiting=$(queues)
	send "[f for i in range(100) for p, M in ((part4, M4), (part6, M6)) for f in parts(p, M, 1000 + i, 1400) for _ in (1, 2)]"
	expect "$router" fragments=1200 reassembled=200 fragment-refused=600 \
		icmp/echo-request/accepted=100 icmpv6/echo-request/accepted=100
	within "messages that wait" 0 "$waiting" "$(queues)"
	is "charges that are left" 0 "$(fragments_owed)"
	# The whole message once more, in other fragments
	configure "$router"
	ctl "$router" flush sources
	send "[f for i in range(100) for p, M in ((part4, M4), (part6, M6)) for f in parts(p, M, 1200 + i, 1400) * 2]"
	expect "$router" fragments=1200 reassembled=200 fragment-refused=600 \
		icmp/echo-request/accepted=100 icmpv6/echo-request/accepted=100
	aim_at $host4 $host6
}

# queues: how many messages are incomplete, of IPv4
queues() {
	in_ns "$router" awk '/^FRAG/ { print $3 }' /proc/net/sockstat
}

# fragments_owed: the attacker's debt, of a burst of 50
fragments_owed() {
	ctl "$router" -j source $attacker4 |
		jq '[.buckets[] | select(.name == "fragment") | 50 - .left] | add // 0'
}

# The same with the kernel's own tool, where it is there
netem() {
	local to
	in_ns "$attacker" tc qdisc add dev at0 root netem duplicate 100% 2>/dev/null ||
		{ skip "no netem here"; return; }
	configure "$router"
	for to in $router4 $router6 $host4 $host6; do
		pings "$attacker" -s 4000 -i 0.1 -c 50 -W 5 "$to"
		is "replies from $to" 50 "$ping_received"
	done
	must in_ns "$attacker" tc qdisc del dev at0 root
}

# Overlapping fragments never become a message: neither here nor, as RFCs require, at a host.
overlap() {
	both "[p(M, 15, at, end) for p, M in ((part4, M4), (part6, M6)) for at, end in ((0, 1400), (1392, 2800), (2800, 3000))]" \
		"fragments=6 reassembled=0 $request" \
		"fragments=6 reassembled=0 fragment-refused=2 icmp/fragment/dropped=1 icmpv6/fragment/dropped=1"
}

# A fragment whose end lies past 65,535 bytes
ping_of_death() {
	configure "$router"
	send "[IP(src='$attacker4', dst='$host4', id=16, proto=1, flags=flags, frag=8189) / Raw(bytes(400)) for flags in (0, 'MF')]"
	send "[IPv6(src='$attacker6', dst='$host6') / IPv6ExtHdrFragment(nh=58, id=16, offset=8189, m=m) / Raw(bytes(400)) for m in (0, 1)]"
	expect "$router" fragments=4 fragment-oversize=4 icmp/fragment/dropped=2 \
		icmpv6/fragment/dropped=2
	# hping3's own
	ctl "$router" flush stats
	in_ns "$attacker" hping3 -q -1 -c 1 -x -g 65528 -d 100 $host4 >/dev/null 2>&1
	expect "$router" fragments=1 fragment-oversize=1
}

# IPv4: 65,535 bytes with the header; the message ends at 65,515.
last_byte() {
	configure "$router" "set max-echo-size 65507"
	send "IP(src='$attacker4', dst='$host4', id=17, proto=1, flags=0, frag=8189) / Raw(bytes(3))"
	expect "$router" fragments=1 fragment-oversize=0
	send "IP(src='$attacker4', dst='$host4', id=18, proto=1, flags=0, frag=8189) / Raw(bytes(4))"
	expect "$router" fragments=2 fragment-oversize=1
}

# Fragments of a message that is already too large take no memory.
early() {
	configure "$router"
	send "[IP(src='$attacker4', dst='$host4', id=100 + i, proto=1, flags='MF', frag=1200) / Raw(bytes(400)) for i in range(50)]"
	send "[IPv6(src='$attacker6', dst='$host6') / IPv6ExtHdrFragment(nh=58, id=100 + i, offset=1200, m=1) / Raw(bytes(400)) for i in range(50)]"
	expect "$router" fragments=100 fragments-early=100 echo-oversize=0
	# The host may just now report a timeout for an incomplete datagram of a test before.
	is "other ICMP packets seen" "${counter[icmp/time-exceeded/accepted]}" "${seen_of[icmp]}"
	# Bytes; incomplete messages of the tests before may time out meanwhile.
	waiting() {
		in_ns "$router" cat /proc/net/sockstat /proc/net/sockstat6 |
			awk '/^FRAG/ { n += $5 } END { print n + 0 }'
	}
	local waiting_before
	waiting_before=$(waiting)
	send "[IP(src='$attacker4', dst='$host4', id=200 + i, proto=1, flags='MF', frag=1200) / Raw(bytes(400)) for i in range(50)]"
	expect "$router" fragments=150 fragments-early=150
	within "memory in reassembly" 0 "$waiting_before" "$(waiting)"
}

# Only the fragment that shows the size counts for the message.
early_once() {
	configure "$router"
	send "[IP(src='$attacker4', dst='$host4', id=300, proto=1, flags=0, frag=1200) / Raw(bytes(400))]"
	send "[IPv6(src='$attacker6', dst='$host6') / IPv6ExtHdrFragment(nh=58, id=300, offset=1200) / Raw(bytes(400))]"
	expect "$router" fragments=2 fragments-early=0 echo-oversize=2
}

too_short() {
	configure "$router"
	send "IP(src='$attacker4', dst='$host4', id=18, proto=1, flags='MF') / Raw(bytes(4))"
	send "IP(src='$attacker4', dst='$host4', id=19, proto=1, flags='MF')"
	send "IPv6(src='$attacker6', dst='$host6') / IPv6ExtHdrFragment(nh=58, id=18, m=1) / Raw(bytes(4))"
	send "IPv6(src='$attacker6', dst='$host6') / IPv6ExtHdrFragment(nh=58, id=19, m=1)"
	expect "$router" fragment-short=4
}

# Fragments have a rate and a treatment of their own.
rate() {
	local to
	configure "$router" "type fragment limit 1/minute burst 5"
	# To the router itself, every waiting fragment; to others, those without a first one
	for to in "$router4 $router6 0" "$host4 $host6 64"; do
		# shellcheck disable=SC2086 # words, on purpose
		set -- $to
		aim_at "$1" "$2"
		ctl "$router" flush stats
		ctl "$router" flush sources
		send "[p(M, 400 + i, $3, $3 + 64) for p, M in ((part4, M4), (part6, M6)) for i in range(20)]"
		expect "$router" fragments=40 fragment-limit=30 icmp/fragment/limited=15 \
			icmpv6/fragment/limited=15
	done
	configure "$router" "type fragment drop"
	pings "$attacker" -s 4000 -c 1 -W 1 $host4
	is "replies where fragments are dropped" 0 "$ping_received"
	expect "$router" fragments=3 policy-drop=3
}

# RFC 6980: neighbour discovery is never fragmented, not even into one.
neighbour_discovery() {
	configure "$router"
	send "cut6(IPv6(src='$attacker6', dst='$host6', hlim=255) / ICMPv6ND_NS(tgt='$host6'), 16, 20)"
	send "cut6(IPv6(src='$attacker6', dst='$host6', hlim=255) / ICMPv6ND_NA(tgt='$host6'), 64, 21)"
	expect "$router" nd-fragment=2 fragments=2 fragments-early=1 reassembled=0 \
		icmpv6/nd-neighbor-solicit/dropped=1 icmpv6/nd-neighbor-advert/dropped=1
}

# Hundreds of fragments, the first of them nothing but the ICMP header
many() {
	configure "$router" "type fragment accept"
	send "parts(part4, M4, 22, 8) + parts(part6, M6, 22, 8)"
	# 375 there, 3 back, in both protocols
	expect "$router" fragments=756 reassembled=0 $request $reply
	aim_at $router4 $router6
	configure "$router" "type fragment accept"
	send "parts(part4, M4, 22, 8) + parts(part6, M6, 22, 8)"
	expect "$router" fragments=750 reassembled=2 $request
	aim_at $host4 $host6
}

# Forwarded in fragments, no larger than they came, and free to be cut
sizes_kept() {
	configure "$router"
	watch came "$host" ht0 "src $attacker4 and icmp"
	watch came6 "$host" ht0 "src $attacker6"
	arrived ip icmp
	arrived ip6 icmp
	send "cut4(IP(src='$attacker4', dst='$host4', id=23) / ICMP(id=4) / Raw(bytes(1592)), 600)"
	send "cut6(IPv6(src='$attacker6', dst='$host6') / ICMPv6EchoRequest(id=4, data=bytes(1592)), 600, 23)"
	expect "$router" fragments=10 reassembled=0 $request $reply
	arrived ip icmp
	is "fragments at the far end" 3 "$arrived"
	arrived ip6 icmp
	is "IPv6 fragments at the far end" 3 "$arrived"
	busywait 5000 has_watched came 3
	busywait 5000 has_watched came6 3
	stop "$came"
	stop "$came6"
	is "packets at the far end" 3 "$(watched came)"
	is "IPv6 packets at the far end" 3 "$(watched came6)"
	is "packets of other sizes, or with DF, at the far end" 0 \
		"$(watched came "ip[2:2] != 620 and ip[2:2] != 420 or ip[6] & 0x40 != 0")"
	is "IPv6 packets of other sizes at the far end" 0 \
		"$(watched came6 "ip6[4:2] != 608 and ip6[4:2] != 408")"
}

# Fragments with DF keep their size, and their sender is notified of a link that is too
# small, just as without icmpguard.
dont_fragment() {
	configure "$router"
	watch kept "$host" ht0 "src $attacker4 and icmp"
	send "[part4(M4, 24, 0, 1400, flags='MF+DF'), part4(M4, 24, 1400, 2800, flags='MF+DF'), part4(M4, 24, 2800, flags='DF')]"
	expect "$router" fragments=6 reassembled=0 icmp/echo-request/accepted=1 \
		icmp/echo-reply/accepted=1
	busywait 5000 has_watched kept 3
	stop "$kept"
	is "packets at the far end" 3 "$(watched kept)"
	is "fragments as they were" 3 \
		"$(watched kept "(ip[2:2] = 1420 or ip[2:2] = 220) and ip[6] & 0x40 != 0")"
}

small_link() {
	configure "$router"
	must ip -n "$router" link set rh0 mtu 1300
	must ip -n "$host" link set ht0 mtu 1300
	watch notified "$attacker" at0 "icmp[icmptype] == 3 and icmp[icmpcode] == 4"
	watch notified6 "$attacker" at0 "icmp6[icmp6type] == 2"
	# Without DF, it is fragmented to fit.
	arrived ip icmp
	send "parts(part4, M4, 25, 1400)"
	expect "$router" fragments=6 reassembled=0 icmp/echo-request/accepted=1 \
		icmp/echo-reply/accepted=1
	arrived ip icmp
	within "fragments at the far end" 3 5 "$arrived"
	configure "$router"
	send "[part4(M4, 26, 0, 1400, flags='MF+DF'), part4(M4, 26, 1400, 2800, flags='MF+DF'), part4(M4, 26, 2800, flags='DF')]"
	send "parts(part6, M6, 26, 1400)"
	expect "$router" fragments=6 reassembled=0 $request
	# IPv6 reports each of the two that are too large.
	notified() {
		[ "$(watched notified)$(watched notified6)" = 12 ]
	}
	busywait 5000 notified || fail "the sender wasn't notified: $(watched notified), $(watched notified6)"
	stop "$notified"
	stop "$notified6"
	must ip -n "$router" link set rh0 mtu 1500
	must ip -n "$host" link set ht0 mtu 1500
}

# Headers before the fragment header, of a packet for the router itself
local_headers() {
	local i=26
	configure "$router"
	watch answers "$attacker" at0 "icmp6[icmp6type] == 129"
	local before
	for before in "" "IPv6ExtHdrHopByHop()" "IPv6ExtHdrDestOpt()" \
		"IPv6ExtHdrHopByHop(), IPv6ExtHdrDestOpt()" "IPv6ExtHdrDestOpt(), IPv6ExtHdrDestOpt()"; do
		send "(lambda m: parts(part6, m, $((++i)), 80, before=[$before], dst='$router6'))(raw(icmp6('$attacker6', '$router6', 128, body=bytes(100)).payload))"
	done
	expect "$router" fragments=10 reassembled=5 icmpv6/echo-request/accepted=5
	answered() {
		[ "$(watched answers)" = 5 ]
	}
	busywait 5000 answered || fail "answers: $(watched answers) of 5"
	stop "$answers"
}

# memory in reassembly, IPv4's
memory() {
	in_ns "$router" awk '/^FRAG/ { print $5 }' /proc/net/sockstat
}

# One source fills its share and no more; large pings of another come through.
flood() {
	configure "$router" "type fragment limit 1/minute burst 50" \
		"type echo-request accept"
	aim_at $router4 $router6
	send "[part4(bytes(8000), 30000 + i, 1400, 2800) for i in range(400)]"
	send "[part6(bytes(8000), 30000 + i, 1400, 2800) for i in range(400)]"
	aim_at $host4 $host6
	expect "$router" fragments=800 fragment-limit=700 icmp/fragment/limited=350 \
		icmpv6/fragment/limited=350
	# 20 pings of 3 fragments are more than a burst, and each is given back.
	pings "$attacker" -I $other4 -s 4000 -c 20 -i 0.05 -W 5 $router4
	is "another's large pings" 20 "$ping_received"
	pings "$attacker" -I $other64 -s 4000 -c 20 -i 0.05 -W 5 $router6
	is "another's large pings, IPv6" 20 "$ping_received"
	pings "$attacker" -I $attacker4 -s 4000 -c 1 -W 1 $router4
	is "the flooder's own" 0 "$ping_received"
	expect "$router" fragments=923 fragment-limit=703 icmp/fragment/limited=353 \
		icmpv6/fragment/limited=350 reassembled=40 icmp/echo-request/accepted=20 \
		icmpv6/echo-request/accepted=20
}

# With the defaults, each source has only its own rate while there is plenty of memory; but
# all sources together never use up the kernel's 4 MiB for fragments, so there is room for
# those of other protocols.
flood_of_all() {
	configure "$router"
	ctl "$router" flush sources
	become_known "$router" fragment "$other4" "$attacker" -I $other4 -s 4000 $router4
	must ctl "$router" flush stats
	aim_at $router4 $router6
	send "from_many(part4(bytes(8000), 1, 1400, 2800), 600)"
	expect "$router" fragments=600 total-limit=0 fragment-limit=0
	send "from_many(part4(bytes(8000), 2, 1400, 2800), 4000)"
	aim_at $host4 $host6
	within "memory taken" 2500000 3800000 "$(memory)"
	# Of three fragments each: more than the total has room for, were they not given back
	pings "$attacker" -I $other4 -s 4000 -c 60 -i 0.05 -W 5 $router4
	is "large pings of a known host" 60 "$ping_received"
	head -c 20000 /dev/urandom >"$tmp/sent"
	: >"$tmp/received"
	start in_ns "$router" socat -u -b 65536 UDP4-RECV:7778 "OPEN:$tmp/received,append"
	local receiver=$!
	listening_there() {
		[ -n "$(in_ns "$router" ss -Huln 'sport = :7778')" ]
	}
	busywait 20000 listening_there || fail "no listener"
	in_ns "$attacker" socat -u -b 65536 "OPEN:$tmp/sent" UDP4-SENDTO:$router4:7778
	busywait 10000 cmp -s "$tmp/sent" "$tmp/received" || fail "UDP found no memory"
	stop "$receiver"
	settled "$router"
	sums_hold
	is "fragments of the flood" 4600 $((counter[fragments] - 60 * 3))
	# A fragment takes more than 2 KiB of 3 MiB; then there are the 50 of 160 that
	# newcomers have, and what comes back in the time it takes.
	within "of these, refused" 2800 4000 "${counter[total-limit]}"
	is "refused for lack of memory" 0 "${counter[fragment-refused]}"
}

# The refund: everything if the message passes, all but one if it is dropped, and for
# one that waited for its rest no more than its recent charges.
given_back() {
	aim_at $router4 $router6
	configure "$router" "type fragment limit 1/minute burst 5"
	send "[f for i in range(30) for f in parts(part4, M4, 500 + i, 1400) + parts(part6, M6, 500 + i, 1400)]"
	expect "$router" fragments=180 reassembled=60 icmp/echo-request/accepted=30 \
		icmpv6/echo-request/accepted=30
	configure "$router" "type fragment limit 1/minute burst 5" "type echo-request drop"
	ctl "$router" flush sources
	# Three fragments of a burst of five are free for the first three messages.
	send "[f for i in range(3) for f in parts(part4, M4, 600 + i, 1400) + parts(part6, M6, 600 + i, 1400)]"
	expect "$router" fragments=18 reassembled=6 policy-drop=6 icmp/echo-request/dropped=3 \
		icmpv6/echo-request/dropped=3
	send "parts(part4, M4, 603, 1400) + parts(part6, M6, 603, 1400)"
	expect "$router" fragments=24 reassembled=6 policy-drop=6 icmp/echo-request/dropped=3 \
		icmpv6/echo-request/dropped=3 fragment-limit=2 icmp/fragment/limited=1 \
		icmpv6/fragment/limited=1
	configure "$router" "type fragment limit 1/minute burst 5"
	ctl "$router" flush sources
	send "parts(part4, M4, 700, 1400)[:2] + parts(part6, M6, 700, 1400)[:2]"
	sleep 4
	send "parts(part4, M4, 700, 1400)[2:] + parts(part6, M6, 700, 1400)[2:]"
	expect "$router" fragments=6 reassembled=2 $request
	# Two of five are still charged: a message of four doesn't fit.
	send "parts(part4, M4, 701, 800) + parts(part6, M6, 701, 800)"
	expect "$router" fragments=14 reassembled=2 $request fragment-limit=2 \
		icmp/fragment/limited=1 icmpv6/fragment/limited=1
	aim_at $host4 $host6
}

# Forty of a message's 41 fragments; when their charges have run out, messages of another
# source that take all records; then as many stray fragments as there is room for, the
# message's last one, and stray fragments again. Those pass at the configured rate: the
# message is refunded what it was charged, which was one.
stretched() {
	local begun waits
	configure "$router" "type echo-request accept"
	ctl "$router" flush sources
	aim_at $router4 $router6
	send "[(last := parts(part4, ping4(320), 950, 8)), (nothing := lambda n, of: [part4(bytes(400), n + i, 8, 16) for i in range(of)])][:0]"
	send "last[:40]"
	sleep 5
	send "(f for pair in zip(numbered(part4(ping4(120), 0, 0, 64, src='$other4'), 5000), numbered(part4(ping4(120), 0, 64, src='$other4'), 5000)) for f in pair)"
	settled "$router"
	is "messages of the other" 5000 "${counter[reassembled]}"
	ctl "$router" flush stats
	begun=$(now)
	send "nothing(20000, 70)"
	pause 0.3
	send "last[40:]"
	send "nothing(30000, 60)"
	settled "$router"
	is "the message" 1 "${counter[reassembled]}"
	waits=$((counter[fragments] - counter[fragment-limit] - 1))
	within "stray fragments that wait" 50 $((52 + 12 * ($(now) - begun) / 1000)) $waits
	sums_hold
	aim_at $host4 $host6
}

# To a source with a rate of its own, by that rate
given_back_to_own() {
	configure "$router" "type fragment limit 1/minute burst 5" "type echo-request accept" \
		"rule add $attacker4 limit 1/minute burst 3" "rule add $attacker6 limit 1/minute burst 3"
	ctl "$router" flush sources
	aim_at $router4 $router6
	send "[f for i in range(10) for f in parts(part4, M4, 800 + i, 1400) + parts(part6, M6, 800 + i, 1400)]"
	expect "$router" fragments=60 reassembled=20 icmp/echo-request/accepted=10 \
		icmpv6/echo-request/accepted=10
	send "[f for i in range(2) for f in parts(part4, M4, 820 + i, 1400)[:2] + parts(part6, M6, 820 + i, 1400)[:2]]"
	expect "$router" fragments=68 reassembled=20 icmp/echo-request/accepted=10 \
		icmpv6/echo-request/accepted=10 fragment-limit=2 icmp/fragment/limited=1 \
		icmpv6/fragment/limited=1
	aim_at $host4 $host6
}

# A fragment that takes much memory is charged as several.
fragments_left() {
	ctl "$router" -j source $attacker4 | jq '.buckets[] | select(.name == "fragment") | .left'
}

heavy() {
	local weight left
	must ip -n "$attacker" link set at0 mtu 9000
	must ip -n "$router" link set ra0 mtu 9000
	configure "$router" "type fragment limit 1/minute burst 20"
	ctl "$router" flush sources
	aim_at $router4 $router6
	send "[part4(bytes(30000), 800 + i, 0, 8000) for i in range(20)]"
	settled "$router"
	within "refused of 20" 10 19 "${counter[fragment-limit]}"
	# One for which there isn't enough room takes nothing.
	configure "$router" "type fragment limit 1/hour burst 20"
	send "part4(bytes(30000), 830, 0, 8000)"
	settled "$router"
	weight=$((20 - $(fragments_left)))
	left=$((weight - 1))
	must ctl "$router" type fragment limit 1/hour burst $((weight + left))
	ctl "$router" flush sources
	send "part4(bytes(30000), 831, 0, 8000)"
	settled "$router"
	is "left after one of weight $weight" $left "$(fragments_left)"
	send "part4(bytes(30000), 832, 0, 8000)"
	settled "$router"
	is "left after the next" $left "$(fragments_left)"
	within "weight" 2 16 $weight
	is "refused" 1 "${counter[fragment-limit]}"
	aim_at $host4 $host6
	must ip -n "$attacker" link set at0 mtu 1500
	must ip -n "$router" link set ra0 mtu 1500
}

# Connection tracking also reassembles forwarded packets, after icmpguard, in whichever
# order the modules were loaded. It holds what it would hold without icmpguard.
beside_conntrack() {
	local order
	in_ns "$router" nft -c "add table inet t; add chain inet t f { type filter hook forward priority 0; }; add rule inet t f ct state invalid counter drop" ||
		{ skip "no connection tracking here"; return; }
	for order in before after; do
		if [ $order = before ]; then
			must ctl "$router" set mode off
			track
		fi
		configure "$router"
		[ $order = before ] || track
		remember_reassembly
		send "parts(part4, M4, 900, 1400)[::-1] + parts(part6, M6, 900, 1400)[::-1]"
		send "[part4(M4, 901, 0, 1400), part4(M4, 901, 1392, 2792), part6(M6, 901, 0, 1400), part6(M6, 901, 1392, 2792)]"
		expect "$router" fragments=16 reassembled=0 $requests $reply
		is "connections" "1 1" "$(in_ns "$router" conntrack -L -f ipv4 2>/dev/null |
			grep -c ^icmp) $(in_ns "$router" conntrack -L -f ipv6 2>/dev/null |
			grep -c ^icmpv6)"
		# UDP is gathered there, and only there.
		head -c 20000 /dev/urandom >"$tmp/sent"
		: >"$tmp/received"
		start in_ns "$host" socat -u -b 65536 UDP4-RECV:7777 "OPEN:$tmp/received,append"
		local receiver=$!
		listening_here() {
			[ -n "$(in_ns "$host" ss -Huln 'sport = :7777')" ]
		}
		busywait 20000 listening_here || fail "no listener"
		in_ns "$attacker" socat -u -b 65536 "OPEN:$tmp/sent" UDP4-SENDTO:$host4:7777
		busywait 10000 cmp -s "$tmp/sent" "$tmp/received" || fail "the datagram didn't arrive"
		stop "$receiver"
		is "packets reassembled, $order" $((before[IpReasmOKs] + 3)) \
			"$(snmp "$router" IpReasmOKs)"
		must in_ns "$router" nft delete table inet t
		in_ns "$router" conntrack -F >/dev/null 2>&1
	done
}

track() {
	must in_ns "$router" nft "add table inet t; add chain inet t f { type filter hook forward priority 0; }; add rule inet t f ct state invalid counter drop"
}

# Pings in fragments through the router keep all replies during a flood of first fragments
# without a rest from returning sources, and the router holds nothing for it.
# flooded RATE HOST4 HOST6: sets flooded4 and flooded6, of 20
flooded() {
	local pid4 pid6
	in_ns "$attacker" ping -q -I $other4 -s 2000 -c 20 -i 0.1 -W 5 "$2" >"$tmp/ping4" 2>&1 &
	pid4=$!
	in_ns "$attacker" ping -q -I $other64 -s 2000 -c 20 -i 0.1 -W 5 "$3" >"$tmp/ping6" 2>&1 &
	pid6=$!
	send "paced(incomplete($(($1 * 5 / 2)), 300), $1)"
	wait $pid4 $pid6
	read_ping <"$tmp/ping4"
	flooded4=$ping_received
	read_ping <"$tmp/ping6"
	flooded6=$ping_received
}

transit() {
	local rate
	for rate in 100 1000 10000; do
		configure "$router"
		ctl "$router" flush sources
		remember_reassembly
		send "incomplete(600, 300)"
		flooded $rate $host4 $host6
		is "replies at $rate a second" "20 20" "$flooded4 $flooded6"
		no_reassembly
		settled "$router"
		sums_hold
		is "reassembled at $rate a second" 0 "${counter[reassembled]}"
		within "fragments at $rate a second" $((rate * 2)) $((rate * 5 / 2 + 1000)) \
			"${counter[fragments]}"
	done
}

# A message that comes over two paths, one of which isn't judged, arrives: either the
# first fragment comes over the judged path, or the others do.
two_ways() {
	local i=0 each ways=("" "type fragment accept" "set mode monitor" \
		"rule add $attacker4 exempt, rule add $attacker6 exempt")
	veth "$attacker" at1 "$router" rb0
	for each in "${ways[@]}"; do
		configure "$router" "set interface rb0 off"
		in_each_way
		send "[f for p, M in ((part4, M4), (part6, M6)) for f in parts(p, M, 2000 + $i, 1400)[:1] + parts(p, M, 2100 + $i, 1400)[1:]]"
		i=$((i + 1))
	done
	# To the router itself IPv4 alone: IPv6 reassembles in two places.
	configure "$router" "set interface rb0 off"
	aim_at $router4 $router6
	send "[f for i in range(4) for f in parts(part4, M4, 2200 + i, 1400)[:1] + parts(part4, M4, 2300 + i, 1400)[1:]]"
	settled "$router"
	must ctl "$router" flush stats
	watch ways4 "$attacker" at0 "icmp[icmptype] == 0 and src $router4"
	crafting "$attacker" at1 "$(mac "$router" rb0)"
	aim_at $host4 $host6
	send "[f for i in range(4) for p, M in ((part4, M4), (part6, M6)) for f in parts(p, M, 2000 + i, 1400)[1:] + parts(p, M, 2100 + i, 1400)[:1]]"
	# Their replies come back over one path alone.
	expect "$router" fragments=48 icmp/echo-reply/accepted=8 icmpv6/echo-reply/accepted=8 \
		icmp/echo-request/accepted=0
	aim_at $router4 $router6
	send "[f for i in range(4) for f in parts(part4, M4, 2200 + i, 1400)[1:] + parts(part4, M4, 2300 + i, 1400)[:1]]"
	busywait 5000 has_watched ways4 8 || fail "answers of the router itself: $(watched ways4)"
	stop "$ways4"
	crafting "$attacker" at0 "$(mac "$router" ra0)"
	aim_at $host4 $host6
	must ip -n "$attacker" link del at1
}

# The commands of $each, apart from each other by a comma
in_each_way() {
	local words
	while [ -n "$each" ]; do
		words=${each%%, *}
		# shellcheck disable=SC2086 # words, on purpose
		must ctl "$router" $words
		[[ $each == *", "* ]] && each=${each#*, } || each=
	done
}

run_tests \
	"udp4 a UDP datagram of 20,000 bytes stays in fragments" \
	"udp6 the same for IPv6" \
	"others TCP and ESP fragments stay fragments" \
	"others_odd odd fragments of others are left alone" \
	"out_of_order ICMP fragments in reverse order" \
	"interleaved fragments of two messages in turn" \
	"duplicates a fragment that comes twice" \
	"repeated each fragment of a hundred messages twice" \
	"netem the same of pings, by netem" \
	"overlap overlapping fragments" \
	"ping_of_death a fragment that ends past 65,535 bytes" \
	"last_byte and one that ends there" \
	"early fragments of what is too large take no memory" \
	"early_once their message is counted by the last of them" \
	"too_short first fragments without an ICMP header" \
	"rate fragments have a rate of their own" \
	"neighbour_discovery neighbour discovery in fragments" \
	"many hundreds of fragments" \
	"sizes_kept forwarded in fragments as they came" \
	"dont_fragment fragments that may not be cut" \
	"local_headers headers before the fragment header, at the router itself" \
	"flood incomplete packets from one source, large pings from another" \
	"given_back a complete message is refunded its fragments" \
	"stretched the refund is no more than the charge" \
	"given_back_to_own the refund for a source with a rate of its own" \
	"heavy large fragments count as several" \
	"beside_conntrack connection tracking before and after" \
	"small_link a link too small for fragments" \
	"transit pings in fragments keep their replies, and nothing is held for others" \
	"two_ways a message that comes over two paths" \
	"flood_of_all incomplete packets from everywhere leave memory to others"
