#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Make packets.cases: capture what real programs and the kernel itself send of
# ICMP and ICMPv6, and add from scapy the types that nothing here sends. Prints
# the file. Runs in a guest of its own: only its author needs to.
#
# usage: capture.sh >packets.cases

set -u
here=$(dirname "$(readlink -f "$0")")

if [ "${1-}" != guest ]; then
	results=$(mktemp -d) || exit
	trap 'rm -rf "$results"' EXIT
	RESULTS=$results "$here/../vm/run.sh" -k uml-6.1 -t 300 "$0" guest >&2 || exit
	/usr/bin/python3 "$here/capture.py" "$results"/*.pcap
	exit
fi

# client (c0) -- (r0) router (r1) -- (s0) server; the second link's MTU is small.
for ns in client router server; do
	ip netns add $ns
	ip -n $ns link set lo up
done
c="ip netns exec client" r="ip netns exec router" s="ip netns exec server"
ip link add c0 netns client type veth peer name r0 netns router
ip link add r1 netns router type veth peer name s0 netns server
$r sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 \
	net.ipv6.icmp.ratelimit=0
# From the first moment on: duplicate address detection, listener reports
for each in client:c0 router:r0 router:r1 server:s0; do
	ip -n "${each%:*}" link set "${each#*:}" up
	ip netns exec "${each%:*}" tcpdump -Z root -U -n -i "${each#*:}" -w "$RESULTS/${each#*:}.pcap" \
		'icmp or icmp6 or (ip6[6] = 0) or (ip6[6] = 44)' 2>/dev/null &
done
sleep 1
ip -n client addr add 198.51.100.2/24 dev c0
ip -n client addr add 2001:db8:a::2/64 dev c0
ip -n router addr add 198.51.100.1/24 dev r0
ip -n router addr add 2001:db8:a::1/64 dev r0
ip -n router addr add 192.0.2.1/24 dev r1
ip -n router addr add 2001:db8:b::1/64 dev r1
ip -n server addr add 192.0.2.2/24 dev s0
ip -n server addr add 2001:db8:b::2/64 dev s0
ip -n router link set r1 mtu 1280
ip -n server link set s0 mtu 1280
ip -n client route add default via 198.51.100.1
ip -n client route add default via 2001:db8:a::1
ip -n server route add default via 192.0.2.1
ip -n server route add default via 2001:db8:b::1
ip -n router route add prohibit 203.0.113.1
ip -n router route add unreachable 203.0.113.2
ip -n router route add prohibit 2001:db8:c::1
ip -n router route add unreachable 2001:db8:c::2
sleep 3
$c ping -q -c 1 -W 2 192.0.2.2
$c ping -q -c 1 -W 2 2001:db8:b::2
$c ping -q -c 1 -W 2 -R 192.0.2.2
$c ping -q -c 1 -W 2 -T tsandaddr 192.0.2.2
$c ping -q -c 1 -W 2 -s 3000 192.0.2.2
$c ping -q -c 1 -W 2 -s 3000 2001:db8:b::2
$c ping -q -c 1 -W 2 -M "do" -s 1400 192.0.2.2
$c ping -q -c 1 -W 2 -M "do" -s 1400 2001:db8:b::2
$c ping -q -c 1 -W 2 -t 1 192.0.2.2
$c ping -q -c 1 -W 2 -t 1 2001:db8:b::2
for each in 203.0.113.1 203.0.113.2 203.0.113.9 2001:db8:c::1 2001:db8:c::2 2001:db8:c::9; do
	$c ping -q -c 1 -W 1 $each
done
$c traceroute -n -q 1 -m 3 -w 1 192.0.2.2
$c traceroute -n -q 1 -m 3 -w 1 2001:db8:b::2
$c traceroute -I -n -q 1 -m 3 -w 1 192.0.2.2
$c tracepath -n -m 3 192.0.2.2
$c hping3 -q -c 1 --icmptype 13 192.0.2.2
$c hping3 -q -c 1 --icmptype 17 192.0.2.2
$c hping3 -q -c 1 --icmptype 8 --data 100 --ttl 255 192.0.2.2
$c hping3 -q -c 1 -2 -p 9 192.0.2.2
$c ndisc6 -1 -q 2001:db8:a::1 c0
$c rdisc6 -1 -q -w 500 c0
$c sh -c 'echo x | socat -T 1 - UDP6-DATAGRAM:[ff02::77]:9,bind=:9,ipv6-join-group=[ff02::77]:c0 2>/dev/null'
sleep 2
# Removed, so that nothing answers for the address
ip -n server addr del 192.0.2.2/24 dev s0
$c ping -q -c 1 -W 4 192.0.2.2
sleep 1
# shellcheck disable=SC2046 # words, on purpose
kill $(jobs -p)
wait
ls -l "$RESULTS"
