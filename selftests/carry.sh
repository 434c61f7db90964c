#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Traffic that isn't ICMP crosses the router as if there were no module: the same
# packets, sent at full speed, with the module off and on, with and without a
# concurrent flood of pings; counted at the host and by the router's IP counters.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need nft socat
topology
keep_neighbours
crafting "$attacker" at0 "$(mac "$router" ra0)"
send "where('$attacker4', '$host4', '$attacker6', '$host6')"

# Each kind of packet has a counter of its own at the host, where nothing
# answers: an answer would be counted too.
in_ns "$host" nft -f - <<'END' || skip_all "nft can't count here"
table inet e {
	chain prerouting {
		type filter hook prerouting priority -500
		ip protocol udp ip frag-off & 0x3fff == 0 udp dport 9 counter drop comment "udp4"
		ip protocol udp ip frag-off & 0x3fff != 0 ip saddr 198.51.100.3 counter drop comment "udp4-fragments"
		ip protocol tcp ip frag-off & 0x3fff == 0 tcp dport 9 counter drop comment "tcp4"
		ip protocol tcp ip frag-off & 0x3fff != 0 counter drop comment "tcp4-fragments"
		ip protocol esp counter drop comment "esp4"
		ip6 nexthdr udp udp dport 9 counter drop comment "udp6"
		ip6 nexthdr ipv6-frag frag nexthdr udp ip6 saddr 2001:db8:a::3 counter drop comment "udp6-fragments"
		ip6 nexthdr tcp tcp dport 9 counter drop comment "tcp6"
		ip6 nexthdr ipv6-frag frag nexthdr tcp counter drop comment "tcp6-fragments"
		ip6 nexthdr esp counter drop comment "esp6"
		ip6 nexthdr 60 counter drop comment "udp6-options"
		ip6 nexthdr 44 frag nexthdr 60 counter drop comment "udp6-options-fragments"
	}
}
END

# A hundred of each kind, well mixed, and the first fragments not always first
send "[(batch := [raw(p) for i in range(100) for p in (
	[ip4(proto=17, id=1) / UDP(sport=i, dport=9) / Raw(bytes(i * 10))] +
	parts(part4, bytes(2000), i, 800, proto=17, src='$other4')[::1 - i % 2 * 2] +
	[ip4(proto=6, id=1) / TCP(sport=i, dport=9) / Raw(bytes(i * 10))] +
	parts(part4, bytes(2000), i, 800, proto=6) +
	[ip4(proto=50, id=1) / Raw(bytes(i * 10))] +
	[ip6(nh=17) / UDP(sport=i, dport=9) / Raw(bytes(i * 10))] +
	parts(part6, bytes(2000), i, 800, nh=17, src='$same64')[::1 - i % 2 * 2] +
	[ip6(nh=6) / TCP(sport=i, dport=9) / Raw(bytes(i * 10))] +
	parts(part6, bytes(2000), i, 800, nh=6) +
	[ip6(nh=50) / Raw(bytes(i * 10))] +
	[ip6(nh=60) / Raw(options(17, 1 + i % 32) + bytes(i * 10))] +
	parts(part6, options(17, 2) + bytes(1984), i, 800, nh=60))])][:0]"
kinds="udp4 udp4-fragments tcp4 tcp4-fragments esp4 udp6 udp6-fragments tcp6 tcp6-fragments esp6
	udp6-options udp6-options-fragments"
rounds=${CARRY_ROUNDS:-20}

# How many of one kind should arrive
expected() {
	case $1 in
	*-fragments) echo $((300 * rounds)) ;;
	*)	echo $((100 * rounds)) ;;
	esac
}

# at_host: how many of each kind, into at[]
at_host() {
	rule_packets "$host" inet e prerouting
}

arrived_all() {
	local kind
	at_host
	for kind in $kinds; do
		[ $((at[$kind] - had[$kind])) -ge "$(expected "$kind")" ] || return
	done
}

watched_mib="IpForwDatagrams IpReasmReqds IpReasmOKs IpReasmFails IpFragOKs IpFragCreates
	IpInDiscards IpOutDiscards
	Ip6OutForwDatagrams Ip6ReasmReqds Ip6ReasmOKs Ip6ReasmFails Ip6FragOKs Ip6FragCreates
	Ip6InDiscards Ip6OutDiscards Ip6InHdrErrors"

declare -A had=() mib_had=()
# carry: send all, compare with what arrives
carry() {
	local kind i name
	at_host
	for kind in $kinds; do
		had[$kind]=${at[$kind]}
	done
	read_mib "$router"
	for name in $watched_mib; do
		mib_had[$name]=${mib[$name]}
	done
	for ((i = 0; i < rounds; i++)); do
		send batch
		is "sent" 2200 "$sent"
	done
	busywait 20000 arrived_all
	for kind in $kinds; do
		is "$kind arrived" "$(expected "$kind")" $((at[$kind] - had[$kind]))
	done
	read_mib "$router"
	for name in $watched_mib; do
		mib_had[$name]=$((mib[$name] - mib_had[$name]))
	done
}

# The router's IP counters: 900 IPv4 packets and 1,300 IPv6 packets a round were
# forwarded, and no fragment was reassembled or fragmented again.
ip_counted() {
	local name
	for name in $watched_mib; do
		case $name in
		IpForwDatagrams) is "$name" $((900 * rounds)) "${mib_had[$name]}" ;;
		Ip6OutForwDatagrams) is "$name" $((1300 * rounds)) "${mib_had[$name]}" ;;
		*)	is "$name" 0 "${mib_had[$name]}" ;;
		esac
	done
}

without() {
	must ctl "$router" set mode off
	carry
	ip_counted
}

with() {
	configure "$router"
	carry
	ip_counted
	expect "$router" fragments=0 fragments-early=0 reassembled=0
	is "of ICMP" 0 "${seen_of[icmp]}"
}

# With pings above their rate, large ones and fragments that are never complete
beside_flood() {
	local flood
	# The one that passes waits for the rest of its packet: not beyond this test
	in_ns "$router" sysctl -q -w net.ipv4.ipfrag_time=1
	configure "$router" "type echo-request limit 1/hour burst 1" \
		"type fragment limit 1/hour burst 1"
	start in_ns "$attacker" hping3 -q -1 -i u500 -c 240000 -d 100 --spoof 198.51.100.66 $host4 >/dev/null 2>&1
	flood=$!
	start in_ns "$attacker" hping3 -q -1 -i u1000 -c 120000 -x -d 104 --spoof 198.51.100.67 $router4 >/dev/null 2>&1
	local flood2=$!
	flooding() {
		read_counters "$router"
		[ "${counter[source-limit]}" -gt 100 ] && [ "${counter[fragment-limit]}" -gt 100 ]
	}
	busywait 20000 flooding || fail "no flood"
	carry
	stop "$flood"
	stop "$flood2"
	# Each flood's one packet may pass.
	within "IPv4 packets forwarded" $((900 * rounds)) $((900 * rounds + 1)) \
		"${mib_had[IpForwDatagrams]}"
	is "IPv6 packets forwarded" $((1300 * rounds)) "${mib_had[Ip6OutForwDatagrams]}"
	is "reassembled" "0 0" "${mib_had[IpReasmOKs]} ${mib_had[Ip6ReasmOKs]}"
	none_waits() {
		in_ns "$router" grep -q '^FRAG: inuse 0 ' /proc/net/sockstat
	}
	busywait 20000 none_waits || fail "fragments wait for more"
}

# stream FAMILY: 20 MB by TCP and 200 datagrams of 20,000 bytes
stream() {
	local each to receiver
	head -c 20000000 /dev/urandom >"$tmp/sent"
	for each in 4 6; do
		to=$host4
		[ $each = 4 ] || to="[$host6]"
		: >"$tmp/received"
		start in_ns "$host" socat -u TCP$each-LISTEN:7777 "OPEN:$tmp/received,append"
		receiver=$!
		listening() {
			[ -n "$(in_ns "$host" ss -Hltn 'sport = :7777')" ]
		}
		busywait 20000 listening || fail "no listener"
		in_ns "$attacker" socat -u "OPEN:$tmp/sent" TCP$each:"$to":7777
		busywait 20000 cmp -s "$tmp/sent" "$tmp/received" || fail "TCP over IPv$each is not what was sent"
		stop "$receiver"
	done
}

streams() {
	local name
	configure "$router"
	read_mib "$router"
	for name in $watched_mib; do
		mib_had[$name]=${mib[$name]}
	done
	stream
	read_mib "$router"
	for name in $watched_mib; do
		case $name in
		*Forw*) ;;
		*)	is "$name" "${mib_had[$name]}" "${mib[$name]}" ;;
		esac
	done
	expect "$router" fragments=0 dropped=0
}

run_tests \
	"without with the module off" \
	"with with the module on" \
	"beside_flood with the module on, during a flood" \
	"streams 20 MB by TCP over both protocols"
