#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Scope: with "set scope local" packets to this host are judged and forwarded ones
# aren't; interfaces have modes of their own; loopback has none.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
topology
keep_neighbours
crafting "$attacker" at0 "$(mac "$router" ra0)"

group4=239.192.0.77 group6=ff05::7777

# echoes4 ADDRESS... and echoes6 ADDRESS...: a request to each, to the router's MAC
echoes4() {
	local each
	for each in "$@"; do
		send "IP(src='$attacker4', dst='$each') / ICMP() / Raw(bytes(8))"
	done
}

echoes6() {
	local each
	for each in "$@"; do
		send "IPv6(src='$attacker6', dst='$each') / ICMPv6EchoRequest(data=bytes(8))"
	done
}

# judged IPV4 IPV6: how many echo requests were judged since configure(), all dropped.
# Once the last packet has arrived, so have those before it.
judged() {
	read_counters "$router"
	local last=$((counter[icmp/timestamp-request/accepted] + 1))
	send "IP(src='$attacker4', dst='$router4', proto=1) / icmp4(13, bytes(16))"
	expect "$router" policy-drop=$(($1 + $2)) icmp/timestamp-request/accepted=$last \
		icmp/echo-request/dropped="$1" icmpv6/echo-request/dropped="$2"
}

local_scope() {
	configure "$router" "type echo-request drop" "set scope local" "$@"
}

own_addresses() {
	local_scope
	echoes4 $router4 192.0.2.1
	echoes6 $router6 2001:db8:b::1 "$(link_local "$router" ra0)"
	judged 2 3
	# A new address, and deleted again
	addr "$router" rh0 203.0.113.9/32 2001:db8:c::9/128
	echoes4 203.0.113.9
	echoes6 2001:db8:c::9
	must ip -n "$router" addr del 203.0.113.9/32 dev rh0
	must ip -n "$router" addr del 2001:db8:c::9/128 dev rh0
	configure "$router" "type echo-request drop" "set scope local"
	echoes4 203.0.113.9
	echoes6 2001:db8:c::9
	judged 0 0
}

forwarded() {
	local_scope "set max-echo-size 100"
	pings "$attacker" -c 5 -i 0.01 -W 5 $host4
	is "replies" 5 "$ping_received"
	pings "$attacker" -c 5 -i 0.01 -W 5 $host6
	is "IPv6 replies" 5 "$ping_received"
	# Their fragments aren't judged either.
	pings "$attacker" -c 2 -i 0.01 -W 5 -s 4000 $host4
	is "replies in fragments" 2 "$ping_received"
	pings "$attacker" -c 2 -i 0.01 -W 5 -s 4000 $host6
	is "IPv6 replies in fragments" 2 "$ping_received"
	read_counters "$router"
	is "fragments" 0 "${counter[fragments]}"
	judged 0 0
}

all_again() {
	configure "$router" "set scope local" "set scope all" "type echo-request drop"
	echoes4 $host4 $router4
	echoes6 $host6 $router6
	judged 2 2
}

fragments_for_us() {
	local_scope
	send "cut4(IP(src='$attacker4', dst='$router4', id=9) / ICMP(id=1) / Raw(bytes(3000)), 1400)"
	send "cut6(IPv6(src='$attacker6', dst='$router6') / ICMPv6EchoRequest(id=1, data=bytes(3000)), 1400)"
	judged 1 1
	is fragments 6 "${counter[fragments]}"
	is "reassembled" 2 "${counter[reassembled]}"
}

broadcast() {
	local_scope
	echoes4 255.255.255.255 198.51.100.255
	judged 2 0
	# Another network's broadcast address is an ordinary address.
	echoes4 203.0.113.255
	judged 2 0
}

# Groups that every host joins, one that isn't joined, one that is joined and left
multicast() {
	local_scope
	echoes4 224.0.0.1
	echoes6 ff02::1 ff02::2
	judged 1 2
	local_scope
	echoes4 $group4
	echoes6 $group6
	judged 0 0
	must ip -n "$router" addr add $group4/32 dev ra0 autojoin
	must ip -n "$router" addr add $group6/128 dev ra0 autojoin
	echoes4 $group4
	echoes6 $group6
	judged 1 1
	must ip -n "$router" addr del $group4/32 dev ra0
	must ip -n "$router" addr del $group6/128 dev ra0
	local_scope
	echoes4 $group4
	echoes6 $group6
	judged 0 0
}

# A group is joined on one link and means nothing on another.
multicast_elsewhere() {
	must in_ns "$router" ip addr add $group4/32 dev rh0 autojoin
	must in_ns "$router" ip addr add $group6/128 dev rh0 autojoin
	local_scope
	echoes4 $group4
	echoes6 $group6
	judged 0 0
	must ip -n "$router" addr del $group4/32 dev rh0
	must ip -n "$router" addr del $group6/128 dev rh0
}

# A list of groups too long to look through holds any group.
many_groups() {
	local i
	in_ns "$router" sysctl -q net.ipv4.igmp_max_memberships=1000
	for i in $(seq 70); do
		echo "addr add 239.193.0.$i/32 dev ra0 autojoin"
		echo "addr add ff05::1:$i/128 dev ra0 autojoin"
	done >"$tmp/groups"
	must ip -n "$router" -batch "$tmp/groups"
	local_scope
	echoes4 $group4 239.193.0.1 239.193.0.70
	echoes6 $group6 ff05::1:1 ff05::1:70
	judged 3 3
	sed -i 's/ add / del /; s/ autojoin//' "$tmp/groups"
	must ip -n "$router" -batch "$tmp/groups"
	local_scope
	echoes4 $group4
	echoes6 $group6
	judged 0 0
}

# IPv6's subnet-router anycast address, and prefixes that are local as a whole
anycast() {
	local_scope
	echoes6 2001:db8:a:: 2001:db8:b::
	judged 0 2
	must ip -n "$router" route add local 203.0.113.0/28 dev lo
	must ip -n "$router" -6 route add local 2001:db8:c::/64 dev lo
	echoes4 203.0.113.5
	echoes6 2001:db8:c::5
	judged 1 3
	must ip -n "$router" route del local 203.0.113.0/28 dev lo
	must ip -n "$router" -6 route del local 2001:db8:c::/64 dev lo
}

# Listener reports to any group are for a multicast router.
listener_reports() {
	local report
	report="IPv6(src='$(link_local "$attacker" at0)', dst='$group6', hlim=1) / IPv6ExtHdrHopByHop(options=[PadN(optdata=b'')]) / ICMPv6MLReport(mladdr='$group6')"
	configure "$router" "type mld-listener-report drop" "set scope local"
	send "$report"
	pings "$attacker" -c 1 -W 5 $router6
	is "replies behind it" 1 "$ping_received"
	expect "$router" icmpv6/mld-listener-report/dropped=0
	start in_ns "$router" python3 -c '
import socket, time
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, 200, 1)  # MRT6_INIT
print("ready", flush=True)
time.sleep(1000)' >"$tmp/mrt"
	local mrt=$!
	busywait 20000 grep -q ready "$tmp/mrt" || fail "no multicast routing here"
	send "$report"
	expect "$router" icmpv6/mld-listener-report/dropped=1 policy-drop=1
	# Only reports: forwarded multicast isn't for it.
	must ctl "$router" type echo-request drop
	echoes6 $group6
	expect "$router" icmpv6/mld-listener-report/dropped=1 policy-drop=1
	stop "$mrt"
}

# An address in another VRF isn't this one's.
vrf() {
	must ip -n "$router" link add red type vrf table 77
	must ip -n "$router" link set red up
	must ip -n "$router" link add dummy0 type dummy
	must ip -n "$router" link set dummy0 master red up
	addr "$router" dummy0 203.0.113.33/24 2001:db8:c::33/64
	local_scope
	echoes4 203.0.113.33 $router4
	echoes6 2001:db8:c::33 $router6
	judged 1 1
	must ip -n "$router" link del dummy0
	must ip -n "$router" link del red
}

loopback() {
	local address
	local_scope "set scope all"
	for address in 127.0.0.1 ::1 $router4 $router6 "$(link_local "$router" ra0)%ra0"; do
		pings "$router" -c 2 -i 0.01 -W 5 "$address"
		is "replies of $address" 2 "$ping_received"
	done
	must ctl "$router" set interface lo on
	pings "$router" -c 2 -i 0.01 -W 5 127.0.0.1
	is "replies with the loopback switched on" 2 "$ping_received"
	judged 0 0
}

# The router's own multicast, looped back, isn't judged.
own_multicast() {
	local_scope "type echo-reply accept"
	in_ns "$router" sysctl -q net.ipv4.icmp_echo_ignore_broadcasts=0
	pings "$router" -c 1 -W 5 -I ra0 224.0.0.1
	[ "$ping_received" -gt 0 ] || fail "no reply from the group"
	pings "$router" -c 1 -W 5 ff02::1%ra0
	[ "$ping_received" -gt 0 ] || fail "no reply from the IPv6 group"
	in_ns "$router" sysctl -q net.ipv4.icmp_echo_ignore_broadcasts=1
	judged 0 0
}

### Interfaces ################################################################

off() {
	configure "$router" "type echo-request drop" "set interface ra0 off"
	echoes4 $router4 $host4
	echoes6 $router6 $host6
	# The other interface isn't affected.
	pings "$host" -c 2 -i 0.01 -W 0.2 192.0.2.1
	is "replies to the other side" 0 "$ping_received"
	pings "$host" -c 2 -i 0.01 -W 0.2 2001:db8:b::1
	is "IPv6 replies to the other side" 0 "$ping_received"
	expect "$router" policy-drop=4 icmp/echo-request/dropped=2 icmpv6/echo-request/dropped=2
	is "the configuration" "interface ra0 off" "$(ctl "$router" show | grep ^interface)"
}

monitor() {
	configure "$router" "type echo-request drop" "set interface ra0 monitor"
	pings "$attacker" -c 3 -i 0.01 -W 5 $router4
	is "replies" 3 "$ping_received"
	pings "$attacker" -c 3 -i 0.01 -W 5 $router6
	is "IPv6 replies" 3 "$ping_received"
	expect "$router" monitor=6 monitored-policy-drop=6 icmp/echo-request/monitored=3 \
		icmpv6/echo-request/monitored=3
}

# `on` means the namespace's mode, and never more than that.
on() {
	configure "$router" "type echo-request drop" "set interface ra0 off" "set interface ra0 on"
	echoes4 $router4
	echoes6 $router6
	judged 1 1
	is "the configuration" "" "$(ctl "$router" show | grep ^interface)"
	configure "$router" "type echo-request drop" "set mode monitor" "set interface ra0 on"
	echoes4 $router4
	echoes6 $router6
	expect "$router" monitored-policy-drop=2
	must ctl "$router" set mode enforce
}

# Modes follow the name: through renaming, deletion and a new interface.
names() {
	local step=0
	seen() {
		step=$((step + 1))
		ctl "$router" flush stats
		echoes4 $router4
		echoes6 $router6
		send "IP(src='$attacker4', dst='$router4', proto=1) / icmp4(13, bytes(16))"
		expect "$router" policy-drop=$((2 * $1)) icmp/echo-request/dropped="$1" \
			icmpv6/echo-request/dropped="$1" || fail "step $step"
	}
	configure "$router" "type echo-request drop" "type timestamp-request accept" \
		"set interface later off"
	seen 1
	must ip -n "$router" link set ra0 down
	must ip -n "$router" link set ra0 name later
	must ip -n "$router" link set later up
	readdress later
	seen 0
	must ip -n "$router" link set later down
	must ip -n "$router" link set later name ra0
	must ip -n "$router" link set ra0 up
	readdress ra0
	seen 1
	# Another interface takes the name, and is deleted.
	must ip -n "$router" link add later type dummy
	seen 1
	must ip -n "$router" link del later
	must ip -n "$router" link set ra0 down
	must ip -n "$router" link set ra0 name later
	must ip -n "$router" link set later up
	readdress later
	seen 0
	# To another namespace and back under another name
	must ip -n "$router" link set later netns "$host"
	must ip -n "$host" link set later netns "$router" name ra0
	must ip -n "$router" link set ra0 up
	readdress ra0
	seen 1
	# Alternative names don't count.
	must ip -n "$router" link property add dev ra0 altname later
	seen 1
	is "a note of an alternative name" "$(absent later)" \
		"$(ctl "$router" set interface later off 2>&1)"
	seen 1
	must ip -n "$router" link property del dev ra0 altname later
}

absent() {
	echo "icmpguardctl: note: no interface has the name '$1' yet (alternative names don't count)"
}

# What is typed and isn't there yet is noted; what is in a file may be another machine's.
notes() {
	local statement
	configure "$router"
	for statement in "set interface ra0 off" "set interface nosuch on" "set interface ra0 on" \
		"rule add 10.0.0.0/8 block interface ra0" \
		"rule del 10.0.0.0/8 interface ra0" "rule add 10.0.0.0/8 block" "flush rules"; do
		# shellcheck disable=SC2086
		is "$statement" "" "$(ctl "$router" $statement 2>&1)"
	done
	for statement in "set interface nosuch off" "set interface nosuch monitor" \
		"rule add 10.0.0.0/8 block interface nosuch"; do
		# shellcheck disable=SC2086
		is "$statement" "$(absent nosuch)" "$(ctl "$router" $statement 2>&1)"
		# shellcheck disable=SC2086
		must ctl "$router" $statement 2>/dev/null
	done
	is "the note is no output" "" "$(ctl "$router" set interface nosuch off 2>/dev/null)"
	ctl "$router" show >"$tmp/named"
	is "a file is taken as it is" "" "$(ctl "$router" apply "$tmp/named" 2>&1)"
	is "a file is checked as it is" "" "$("$tool" check "$tmp/named" 2>&1)"
	echo "add 10.1.0.0/16 block interface nosuch" >"$tmp/bound"
	is "so are rules" "1 rules added" "$(ctl "$router" rule load "$tmp/bound" 2>&1)"
}

# Restore the IPv6 address, which was lost when the interface went down
readdress() {
	ip -n "$router" addr flush dev "$1" scope global
	addr "$router" "$1" $router4/24 $router6/48
	must ip -n "$router" neigh replace $attacker4 dev "$1" lladdr "$(mac "$attacker" at0)" nud permanent
	must ip -n "$router" neigh replace $attacker6 dev "$1" lladdr "$(mac "$attacker" at0)" nud permanent
}

# Deleted and made again, it is off from its first packet.
made_again() {
	configure "$router" "type echo-request drop" "set interface x0 off"
	for _ in 1 2 3; do
		veth "$attacker" x1 "$router" x0
		addr "$attacker" x1 10.77.0.2/24 2001:db8:77::2/64
		addr "$router" x0 10.77.0.1/24 2001:db8:77::1/64
		pings "$attacker" -c 2 -i 0.01 -W 5 10.77.0.1
		is "replies" 2 "$ping_received"
		pings "$attacker" -c 2 -i 0.01 -W 5 2001:db8:77::1
		is "IPv6 replies" 2 "$ping_received"
		must ip -n "$router" link del x0
	done
	# With another name it isn't off.
	veth "$attacker" x1 "$router" y0
	addr "$attacker" x1 10.77.0.2/24
	addr "$router" y0 10.77.0.1/24
	pings "$attacker" -c 2 -i 0.01 -W 0.2 10.77.0.1
	is "replies through an interface of another name" 0 "$ping_received"
	expect "$router" policy-drop=2 icmp/echo-request/dropped=2 icmpv6/echo-request/dropped=0
}

run_tests \
	"own_addresses addresses of the host, on whichever interface" \
	"forwarded forwarded packets are left alone, fragments too" \
	"all_again scope all" \
	"fragments_for_us fragments for the host" \
	"broadcast broadcast" \
	"multicast joined groups, and others" \
	"multicast_elsewhere a group joined on another link" \
	"many_groups more groups than are searched" \
	"anycast anycast addresses and local prefixes" \
	"listener_reports listener reports to a multicast router" \
	"vrf an address in another VRF" \
	"loopback loopback is never judged" \
	"own_multicast the host's own multicast isn't judged" \
	"off an interface that is off" \
	"monitor an interface that only monitors" \
	"on an interface switched on again" \
	"names modes follow the interface's name" \
	"made_again an interface deleted and made again" \
	"notes names that no interface has"
