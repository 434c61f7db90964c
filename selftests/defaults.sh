#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With the defaults, nothing that a network needs is dropped: forwarded by guarded
# routers, and to and from guarded hosts.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need_scapy
need traceroute tracepath ndisc6 rdisc6 socat clockdiff fping nmap

# attacker (at0) -- (ra0) router (rh0) -- (ir0) inner (ih0) -- (ht0) host
#
# Larger packets than 1300 bytes don't get from inner to host.
ns_add attacker client
ns_add router router
ns_add inner inner
ns_add host host
veth "$attacker" at0 "$router" ra0
veth "$router" rh0 "$inner" ir0
veth "$inner" ih0 "$host" ht0
addr "$attacker" at0 $attacker4/24 $attacker6/64
addr "$router" ra0 $router4/24 $router6/64
addr "$router" rh0 203.0.113.1/24 2001:db8:c::1/64
addr "$inner" ir0 203.0.113.2/24 2001:db8:c::2/64
addr "$inner" ih0 192.0.2.1/24 2001:db8:b::1/64
addr "$host" ht0 $host4/24 $host6/64
ip -n "$inner" link set ih0 mtu 1300
for ns in "$router" "$inner"; do
	in_ns "$ns" sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
done
# The kernel's own limits for what it sends aren't under test.
for ns in "$router" "$inner" "$host"; do
	in_ns "$ns" sysctl -q net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
done
ip -n "$attacker" route add default via $router4
ip -n "$attacker" route add default via $router6
ip -n "$router" route add 192.0.2.0/24 via 203.0.113.2
ip -n "$router" route add 2001:db8:b::/64 via 2001:db8:c::2
ip -n "$inner" route add 198.51.100.0/24 via 203.0.113.1
ip -n "$inner" route add 2001:db8:a::/64 via 2001:db8:c::1
# The host announces an MSS larger than its link's MTU allows.
ip -n "$host" route add default via 192.0.2.1 mtu 1300 advmss 1460
ip -n "$host" route add default via 2001:db8:b::1 mtu 1300 advmss 1440

guarded=("$attacker" "$router" "$inner" "$host")
for ns in "${guarded[@]}"; do
	configure "$ns"
done

no_drops() {
	local ns
	for ns in "${guarded[@]}"; do
		settled "$ns"
		is "drops of $ns" "" "$(drops)"
		# Pings to all nodes are sent here on purpose.
		is "findings of $ns" "" "$(findings | grep -v '^noted-echo-multicast=')"
		sums_hold
	done
}

ping_works() {
	pings "$attacker" -i 0.2 -c 20 -W 5 $host4
	is replies 20 "$ping_received"
	pings "$attacker" -i 0.2 -c 20 -W 5 $host6
	is "IPv6 replies" 20 "$ping_received"
	pings "$host" -i 0.2 -c 5 -W 5 $attacker4
	is "replies the other way" 5 "$ping_received"
	pings "$attacker" -s 4000 -i 0.2 -c 5 -W 5 $host4
	is "replies in fragments" 5 "$ping_received"
	pings "$attacker" -s 4000 -i 0.2 -c 5 -W 5 203.0.113.2
	is "replies in fragments from a router" 5 "$ping_received"
	pings "$attacker" -s 4000 -i 0.2 -c 5 -W 5 2001:db8:c::2
	is "IPv6 replies in fragments from a router" 5 "$ping_received"
	no_drops
}

# traced COMMAND...: three hops, the last of them the host
traced() {
	local out
	out=$(in_ns "$attacker" "$@" 2>&1)
	case $out in
	*$router4*203.0.113.2*$host4*) ;;
	*$router6*2001:db8:c::2*$host6*) ;;
	*)	fail "$*: $out" ;;
	esac
}

traceroute_works() {
	traced traceroute -n -m 5 -w 5 -I $host4
	traced traceroute -n -m 5 -w 5 $host4
	traced traceroute -n -m 5 -w 5 -T -p 9 $host4
	traced traceroute -6 -n -m 5 -w 5 -I $host6
	traced traceroute -6 -n -m 5 -w 5 $host6
	no_drops
	read_counters "$attacker"
	within "time-exceeded received" 12 100 "${counter[icmp/time-exceeded/accepted]}"
	within "ICMPv6 time-exceeded received" 8 100 "${counter[icmpv6/time-exceeded/accepted]}"
}

# lossless ADDRESS HOP...: mtr, as people type it, hears from each hop each time
lossless() {
	local out got wanted
	out=$(in_ns "$attacker" mtr -n -r -c 10 -i 0.1 "$1" 2>&1)
	got=$(awk '/^ *[0-9]+\.\|--/ { print $2, $3, $4 }' <<<"$out")
	wanted=$(printf '%s 0.0%% 10\n' "${@:2}")
	[ "$got" = "$wanted" ] || fail "mtr $1: $out"
}

mtr_works() {
	local out
	command -v mtr >/dev/null || { skip "mtr isn't there"; return; }
	lossless $host4 $router4 203.0.113.2 $host4
	lossless $host6 $router6 2001:db8:c::2 $host6
	no_drops
	# What a Linux router's own limit costs looks the same, and nothing was dropped.
	in_ns "$router" sysctl -q net.ipv4.icmp_ratelimit=1000
	out=$(in_ns "$attacker" mtr -n -r -c 20 -i 0.1 $host4 2>&1)
	in_ns "$router" sysctl -q net.ipv4.icmp_ratelimit=0
	awk -v hop=$router4 '$2 == hop && $3 + 0 > 0 { lost = 1 } END { exit !lost }' <<<"$out" ||
		fail "no loss by the kernel's own limit: $out"
	no_drops
}

# forget_mtus: flush what path MTU discovery has learnt
forget_mtus() {
	ip -n "$attacker" route flush cache
	ip -n "$attacker" -6 route flush cache
}

tracepath_works() {
	local out dst
	for dst in $host4 $host6; do
		forget_mtus
		out=$(in_ns "$attacker" tracepath -n -m 5 "$dst" 2>&1)
		[[ $out == *"pmtu 1300"*"Resume: pmtu 1300"* ]] || fail "tracepath $dst: $out"
	done
	no_drops
}

# transfer LISTEN CONNECT: a real TCP connection's 300,000 bytes
transfer() {
	local receiver
	head -c 300000 /dev/urandom >"$tmp/sent"
	: >"$tmp/received"
	start in_ns "$host" socat -u "$1" "OPEN:$tmp/received,append"
	receiver=$!
	listening() {
		[ -n "$(in_ns "$host" ss -Htln 'sport = :7777')" ]
	}
	busywait 20000 listening || fail "no listener"
	in_ns "$attacker" socat -u "OPEN:$tmp/sent" "$2" || fail "socat can't send"
	busywait 20000 cmp -s "$tmp/sent" "$tmp/received" || fail "not all arrived"
	stop "$receiver"
}

path_mtu() {
	local before before6
	forget_mtus
	read_counters "$attacker"
	before=${counter[icmp/destination-unreachable/accepted]}
	before6=${counter[icmpv6/packet-too-big/accepted]}
	transfer TCP4-LISTEN:7777 TCP4:$host4:7777
	transfer TCP6-LISTEN:7777,ipv6only TCP6:[$host6]:7777
	read_counters "$attacker"
	[ "${counter[icmp/destination-unreachable/accepted]}" -gt "$before" ] ||
		fail "no fragmentation needed was received"
	[ "${counter[icmpv6/packet-too-big/accepted]}" -gt "$before6" ] ||
		fail "no packet too big was received"
	for ns in "$host4" "$host6"; do
		[[ $(ip -n "$attacker" route get "$ns") == *"mtu 1300"* ]] ||
			fail "the path's MTU wasn't learnt: $(ip -n "$attacker" route get "$ns")"
	done
	no_drops
	read_counters "$router"
	[ "${counter[icmp/destination-unreachable/accepted]}" -gt 0 ] &&
		[ "${counter[icmpv6/packet-too-big/accepted]}" -gt 0 ] ||
		fail "the router saw none of it"
}

unreachable() {
	local out
	out=$(in_ns "$attacker" socat -t 5 - "UDP4:$host4:9" <<<x 2>&1)
	[[ $out == *refused* ]] || fail "no port unreachable: $out"
	out=$(in_ns "$attacker" socat -t 5 - "UDP6:[$host6]:9" <<<x 2>&1)
	[[ $out == *refused* ]] || fail "no ICMPv6 port unreachable: $out"
	no_drops
}

neighbours() {
	local ns dev
	ip -n "$attacker" -6 neigh flush all
	ip -n "$router" -6 neigh flush all
	must in_ns "$attacker" ndisc6 -q "$router6" at0
	must in_ns "$attacker" ndisc6 -q "$(link_local "$router" ra0)" at0
	pings "$attacker" -c 2 -i 0.2 -W 5 "$(link_local "$router" ra0)%at0"
	is "replies of a link-local address" 2 "$ping_received"
	pings "$attacker" -c 2 -i 0.2 -W 5 $host6
	is "replies of the host" 2 "$ping_received"
	# Every machine on the link answers.
	pings "$attacker" -c 2 -i 0.2 -W 5 "ff02::1%at0"
	is "replies of all nodes" 2 "$ping_received"
	no_drops
	read_counters "$router"
	[ "${counter[icmpv6/nd-neighbor-solicit/accepted]}" -gt 0 ] ||
		fail "the router saw no solicitation"
}

# Two hosts can't take the same address; a free one is usable.
duplicate_addresses() {
	settled_address() {
		! ip -n "$attacker" -6 addr show dev at0 | grep -q "$1.* tentative" ||
			ip -n "$attacker" -6 addr show dev at0 | grep -q "$1.*dadfailed"
	}
	in_ns "$attacker" sysctl -q net.ipv6.conf.at0.accept_dad=1
	ip -n "$attacker" addr add 2001:db8:a::77/64 dev at0
	busywait 20000 settled_address 2001:db8:a::77 || fail "detection never ended"
	is "a free address" "" "$(ip -n "$attacker" -6 addr show dev at0 | grep dadfailed)"
	ip -n "$attacker" addr add $router6/64 dev at0
	busywait 20000 settled_address $router6
	[[ $(ip -n "$attacker" -6 addr show dev at0) == *"$router6/64"*dadfailed* ]] ||
		fail "a duplicate address wasn't detected"
	ip -n "$attacker" addr del $router6/64 dev at0
	ip -n "$attacker" addr del 2001:db8:a::77/64 dev at0
	no_drops
}

# A solicitation reaches the router, an advertisement configures the host.
routers() {
	local got before
	read_counters "$inner"
	before=${counter[icmpv6/nd-router-solicit/accepted]}
	in_ns "$host" rdisc6 -1 -r 1 -w 200 ht0 >/dev/null 2>&1
	busywait 5000 counters_are "$inner" "icmpv6/nd-router-solicit/accepted=$((before + 1))" ||
		fail "the solicitation wasn't counted once"
	in_ns "$host" sysctl -q net.ipv6.conf.ht0.accept_ra=1 net.ipv6.conf.ht0.autoconf=1
	crafting "$inner" ih0 33:33:00:00:00:01
	send "IPv6(src='$(link_local "$inner" ih0)', dst='ff02::1', hlim=255) / ICMPv6ND_RA(routerlifetime=0) / Raw(bytes([3, 4, 64, 0xc0, 0, 0, 14, 16, 0, 0, 14, 16, 0, 0, 0, 0]) + bytes.fromhex('20010db8000d0000') + bytes(8))"
	crafting_done
	configured() {
		ip -n "$host" -6 addr show dev ht0 | grep -q 2001:db8:d:
	}
	busywait 10000 configured || fail "no address from an advertisement"
	got=$(read_counters "$host"; echo "${counter[icmpv6/nd-router-advert/accepted]}")
	is "advertisements at the host" 1 "$got"
	no_drops
}

# Common programs, with many targets: 1024 machines behind the host
programs() {
	local out
	ip -n "$host" route add local 10.129.0.0/22 dev lo
	ip -n "$router" route add 10.129.0.0/22 via 203.0.113.2
	ip -n "$inner" route add 10.129.0.0/22 via $host4
	out=$(in_ns "$attacker" clockdiff $host4 2>&1)
	# The time, and two differences
	[[ $out =~ ^[0-9]+\ -?[0-9]+\ -?[0-9]+$ ]] || fail "clockdiff: $out"
	out=$(in_ns "$attacker" nmap -n -sn -PE 10.129.0.0/22 2>&1)
	[[ $out == *"(1024 hosts up)"* ]] || fail "nmap: $out"
	out=$(in_ns "$attacker" nmap -n -sn 10.129.0.0/22 2>&1)
	[[ $out == *"(1024 hosts up)"* ]] || fail "nmap without -PE: $out"
	# One monitoring host, at fping's own pace of 100 a second
	out=$(in_ns "$attacker" fping -q -c 6 -g 10.129.0.1 10.129.0.100 2>&1)
	is "machines that answered fping six times" 100 "$(grep -c '= 6/6/0%' <<<"$out")"
	no_drops
}

# A flood from the guarded machine itself, to a host without limits
own_flood() {
	must ctl "$router" set mode off
	pings "$attacker" -f -c 15000 $router4
	is "replies to ping -f" 15000 "$ping_received"
	must ctl "$router" set mode enforce
	no_drops
}

# jumbo MTU: the usual ping test for whether frames of that size pass
jumbo() {
	ip -n "$attacker" link set at0 mtu "$1"
	ip -n "$router" link set ra0 mtu "$1"
	pings "$attacker" -M "do" -s $(($1 - 28)) -c 3 -i 0.2 -W 5 $router4
	is "replies of $(($1 - 28)) bytes" 3 "$ping_received"
	pings "$attacker" -M "do" -s $(($1 - 48)) -c 3 -i 0.2 -W 5 $router6
	is "IPv6 replies of $(($1 - 48)) bytes" 3 "$ping_received"
}

jumbo_frames() {
	jumbo 9000
	jumbo 9216
	ip -n "$attacker" link set at0 mtu 1500
	ip -n "$router" link set ra0 mtu 1500
	# The same in fragments
	pings "$attacker" -s 9188 -c 3 -i 0.2 -W 5 $router4
	is "replies in fragments" 3 "$ping_received"
	no_drops
}

multicast() {
	read_counters "$router"
	[ "${counter[icmpv6/mld2-listener-report/accepted]}" -gt 0 ] ||
		fail "the router saw no listener report"
	no_drops
}

run_tests \
	"ping_works ping, to and through" \
	"traceroute_works traceroute with ICMP, UDP and TCP" \
	"mtr_works mtr, and the kernel's own limit" \
	"tracepath_works tracepath finds the path's MTU" \
	"path_mtu TCP through a link of a smaller MTU" \
	"unreachable a closed port is reported" \
	"neighbours neighbour discovery" \
	"duplicate_addresses duplicate address detection" \
	"routers router discovery" \
	"multicast multicast listener reports" \
	"programs clockdiff, nmap and fping" \
	"own_flood the flood of a guarded machine's own" \
	"jumbo_frames ping through frames of 9000 and 9216 bytes"
