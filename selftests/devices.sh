#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A packet is judged once each time it enters IP, whatever device it comes through: in a
# VRF, over a bridge, from a VLAN or a tunnel, into a container.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all

# outside (o0) -- (g0) guard (c0) -- (k0) container
#
# Every test sets up a device and addresses on the guard's end of the first link; the
# outside has an address in each of the same prefixes.
ns_add outside outside
ns_add guard guard
ns_add container container
outside4=198.51.100.2 outside6=2001:db8:a::2
guard4=198.51.100.1 guard6=2001:db8:a::1
inside4=192.0.2.2 inside6=2001:db8:b::2

# links: create both links afresh and remove the devices of the test before
links() {
	local each
	for each in g0 c0 br0 red tun0x; do
		ip -n "$guard" link del $each 2>/dev/null
	done
	veth "$outside" o0 "$guard" g0
	veth "$guard" c0 "$container" k0
	addr "$outside" o0 $outside4/24 $outside6/64
	addr "$container" k0 $inside4/24 $inside6/64
	ip -n "$outside" route replace default via $guard4
	ip -n "$outside" -6 route replace default via $guard6
}

# gone DEVICE...: delete these from the guard
gone() {
	local each
	for each in "$@"; do
		must ip -n "$guard" link del "$each"
	done
}

# can WORD...: add such a device to the guard, or skip the test
can() {
	can_add "$guard" "$@"
}

counting() {
	local ns
	for ns in "$@"; do
		configure "$ns" "type echo-request accept" "type echo-reply accept"
	done
}

# pinged ADDRESS...: three times each from outside, all answered. A link may need
# a moment before anything gets across.
pinged() {
	local each i
	for each in "$@"; do
		for i in 1 2 3; do
			must ctl "$guard" flush stats
			must ctl "$container" flush stats
			pings "$outside" -c 3 -i 0.01 -W 3 "$each"
			[ "$ping_received" != 3 ] || break
		done
		is "replies of $each" 3 "$ping_received"
	done
}

# once NAMESPACE PROTOCOL REQUESTS [REPLIES]: exactly these echoes of that protocol
# were judged there, and no other ICMP
once() {
	local replies=${4-0}
	busywait 5000 counters_are "$1" "$2/echo-request/accepted=$3" "$2/echo-reply/accepted=$replies"
	is "$2 requests in $1" "$3" "${counter[$2/echo-request/accepted]}"
	is "$2 replies in $1" "$replies" "${counter[$2/echo-reply/accepted]}"
	is "drops in $1" 0 "${counter[dropped]}"
	[ "$2" = icmpv6 ] || is "all of ICMP" $(($3 + replies)) "${seen_of[icmp]}"
}

vrf() {
	links
	can red type vrf table 77 || return
	ip -n "$guard" link set red up
	must ip -n "$guard" link set g0 master red
	must ip -n "$guard" link set c0 master red
	addr "$guard" g0 $guard4/24 $guard6/64
	addr "$guard" c0 192.0.2.1/24 2001:db8:b::1/64
	in_ns "$guard" sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n "$container" route replace default via 192.0.2.1
	ip -n "$container" -6 route replace default via 2001:db8:b::1
	counting "$guard" "$container"
	pinged $guard4
	once "$guard" icmp 3
	pinged $guard6
	once "$guard" icmpv6 3
	pinged $inside4
	once "$guard" icmp 3 3
	once "$container" icmp 3
	pinged $inside6
	once "$guard" icmpv6 3 3
	once "$container" icmpv6 3
	# Link-local addresses and neighbour discovery keep the member as their device.
	pinged "$(link_local "$guard" g0)%o0"
	once "$guard" icmpv6 3
	must ctl "$guard" flush stats
	pings "$outside" -c 1 -W 5 ff02::1%o0
	once "$guard" icmpv6 1
	neighbours_once
	# In fragments
	must ctl "$guard" flush stats
	pings "$outside" -c 1 -W 5 -s 4000 $guard4
	expect "$guard" icmp/echo-request/accepted=1 fragments=3 reassembled=1
	must ctl "$guard" flush stats
	pings "$outside" -c 1 -W 5 -s 4000 $guard6
	expect "$guard" icmpv6/echo-request/accepted=1 fragments=3 reassembled=1
	# Traffic within the VRF never left the machine.
	must ctl "$guard" flush stats
	pings "$guard" -c 3 -i 0.01 -W 5 -I red $guard4
	is "replies within the VRF" 3 "$ping_received"
	pings "$guard" -c 3 -i 0.01 -W 5 -I red $guard6
	is "IPv6 replies within the VRF" 3 "$ping_received"
	expect "$guard" icmp/echo-request/accepted=0 icmp/echo-reply/accepted=0 \
		icmpv6/echo-request/accepted=0 icmpv6/echo-reply/accepted=0
	# The member's mode is what counts.
	configure "$guard" "type echo-request drop" "set interface red off"
	pings "$outside" -c 2 -i 0.01 -W 0.2 $guard4
	expect "$guard" policy-drop=2 icmp/echo-request/dropped=2
	must ctl "$guard" set interface g0 off
	pings "$outside" -c 2 -i 0.01 -W 5 $guard4
	is "replies with the member off" 2 "$ping_received"
	# So are its rules.
	configure "$guard" "type echo-request accept" "rule add $outside4 block interface red"
	pings "$outside" -c 2 -i 0.01 -W 5 $guard4
	is "replies with a rule of the VRF's" 2 "$ping_received"
	must ctl "$guard" rule add $outside4 block interface g0
	pings "$outside" -c 2 -i 0.01 -W 0.2 $guard4
	expect "$guard" blocked=2
	gone red
}

# Three solicitations from outside for the guard's address; the kernel's own, which it
# sends to known neighbours, are switched off
neighbours_once() {
	need_scapy
	keep_neighbours "$outside" "$container"
	configure "$guard"
	crafting "$outside" o0 "$(mac "$guard" g0)"
	send "[IPv6(src='$outside6', dst='$guard6', hlim=255) / ICMPv6ND_NS(tgt='$guard6') for i in range(3)]"
	expect "$guard" icmpv6/nd-neighbor-solicit/accepted=3
	crafting_done
	counting "$guard"
}

# Guard's br0 holds both links; the outside and the container are on one.
bridged() {
	links
	can br0 type bridge || return 1
	must ip -n "$guard" link set br0 up
	must ip -n "$guard" link set g0 master br0
	must ip -n "$guard" link set c0 master br0
	addr "$guard" br0 $guard4/24 $guard6/64
	addr "$container" k0 198.51.100.3/24 2001:db8:a::3/64
	counting "$guard" "$container"
}

bridge_netfilter() {
	modprobe br_netfilter 2>/dev/null
	in_ns "$guard" sysctl -q "net.bridge.bridge-nf-call-iptables=$1" \
		"net.bridge.bridge-nf-call-ip6tables=$1" 2>/dev/null
}

bridge_off() {
	bridged || return
	bridge_netfilter 0
	pinged 198.51.100.3
	once "$guard" icmp 0
	once "$container" icmp 3
	pinged 2001:db8:a::3
	once "$guard" icmpv6 0
	once "$container" icmpv6 3
	pinged $guard4
	once "$guard" icmp 3
	pinged $guard6
	once "$guard" icmpv6 3
	gone br0
}

bridge_on() {
	bridged || return
	if ! bridge_netfilter 1; then
		skip "no br_netfilter here"
		return
	fi
	pinged 198.51.100.3
	once "$guard" icmp 3 3
	once "$container" icmp 3
	pinged 2001:db8:a::3
	once "$guard" icmpv6 3 3
	once "$container" icmpv6 3
	pinged $guard4
	once "$guard" icmp 3
	pinged $guard6
	once "$guard" icmpv6 3
	# In fragments across the bridge
	must ctl "$guard" flush stats
	pings "$outside" -c 2 -i 0.01 -W 5 -s 4000 198.51.100.3
	is "replies in fragments" 2 "$ping_received"
	expect "$guard" icmp/echo-request/accepted=2 icmp/echo-reply/accepted=2 fragments=12 \
		reassembled=0
	must ctl "$guard" flush stats
	pings "$outside" -c 2 -i 0.01 -W 5 -s 4000 2001:db8:a::3
	is "IPv6 replies in fragments" 2 "$ping_received"
	expect "$guard" icmpv6/echo-request/accepted=2 icmpv6/echo-reply/accepted=2 fragments=12 \
		reassembled=0
	must ctl "$guard" flush stats
	pings "$outside" -c 1 -W 5 -s 4000 $guard4
	expect "$guard" icmp/echo-request/accepted=1 fragments=3 reassembled=1
	# The bridge is the interface, not its port.
	configure "$guard" "type echo-request drop" "set interface br0 off" "set interface g0 on"
	pings "$outside" -c 2 -i 0.01 -W 5 198.51.100.3
	is "replies over the bridge when it is off" 2 "$ping_received"
	pings "$outside" -c 2 -i 0.01 -W 5 $guard4
	is "replies of the bridge when it is off" 2 "$ping_received"
	# Scope is about this host: what is bridged isn't for it.
	configure "$guard" "type echo-request drop" "set scope local"
	pings "$outside" -c 2 -i 0.01 -W 5 198.51.100.3
	is "replies over the bridge in local scope" 2 "$ping_received"
	pings "$outside" -c 2 -i 0.01 -W 0.2 $guard4
	expect "$guard" policy-drop=2 icmp/echo-request/dropped=2
	gone br0
}

# A bridge that is itself a VRF's member passes packets to the hooks once more.
bridge_in_vrf() {
	bridged || return
	can red type vrf table 77 || return
	must ip -n "$guard" link set red up
	must ip -n "$guard" link set br0 master red
	addr "$guard" br0 $guard6/64
	if ! bridge_netfilter 1; then
		skip "no br_netfilter here"
		return
	fi
	pinged $guard4
	once "$guard" icmp 3
	pinged $guard6
	once "$guard" icmpv6 3
	pinged 198.51.100.3
	once "$guard" icmp 3 3
	bridge_netfilter 0
	pinged $guard4
	once "$guard" icmp 3
	pinged $guard6
	once "$guard" icmpv6 3
	gone br0 red
}

vlan() {
	links
	can link g0 name g0.10 type vlan id 10 || return
	ip -n "$guard" link set g0.10 up
	ip -n "$outside" addr flush dev o0
	must ip -n "$outside" link add link o0 name o0.10 type vlan id 10
	ip -n "$outside" link set o0.10 up
	addr "$outside" o0.10 $outside4/24 $outside6/64
	addr "$guard" g0.10 $guard4/24 $guard6/64
	counting "$guard" "$container"
	pinged $guard4
	once "$guard" icmp 3
	pinged $guard6
	once "$guard" icmpv6 3
	# The VLAN has a mode of its own.
	configure "$guard" "type echo-request drop" "set interface g0 off"
	pings "$outside" -c 2 -i 0.01 -W 0.2 $guard4
	expect "$guard" policy-drop=2 icmp/echo-request/dropped=2
	must ctl "$guard" set interface g0.10 off
	pings "$outside" -c 2 -i 0.01 -W 5 $guard4
	is "replies with the VLAN off" 2 "$ping_received"
}

# A VLAN across a bridge whose br_netfilter looks inside VLAN tags, and one that doesn't
vlan_on_bridge() {
	local tagged
	bridged || return
	if ! bridge_netfilter 1; then
		skip "no br_netfilter here"
		return
	fi
	can link br0 name br0.10 type vlan id 10 || return
	ip -n "$guard" link set br0.10 up
	ip -n "$guard" addr flush dev br0
	addr "$guard" br0.10 $guard4/24 $guard6/64
	ip -n "$outside" addr flush dev o0
	must ip -n "$outside" link add link o0 name o0.10 type vlan id 10
	ip -n "$outside" link set o0.10 up
	addr "$outside" o0.10 $outside4/24 $outside6/64
	for tagged in 0 1; do
		must in_ns "$guard" sysctl -q net.bridge.bridge-nf-filter-vlan-tagged=$tagged
		pinged $guard4
		once "$guard" icmp 3
		pinged $guard6
		once "$guard" icmpv6 3
	done
	must in_ns "$guard" sysctl -q net.bridge.bridge-nf-filter-vlan-tagged=0
	gone br0.10 br0
}

# tunnel TYPE WORD...: between both ends' IPv4 addresses, or their IPv6 addresses if the
# words have these; "inner" is what it carries: 4, 6 or both
tunnel() {
	local inner=$1 local=$guard4 remote=$outside4 proto=icmp kind=$2
	shift 2
	links
	addr "$guard" g0 $guard4/24 $guard6/64
	if [ "${1-}" = over6 ]; then
		local=$guard6 remote=$outside6 proto=icmpv6
		shift
	fi
	can tun0x type "$kind" local $local remote $remote "$@" || return
	must ip -n "$outside" link add tun0x type "$kind" local $remote remote $local "$@"
	must ip -n "$guard" link set tun0x up
	must ip -n "$outside" link set tun0x up
	addr "$guard" tun0x 10.0.0.1/24 2001:db8:d::1/64
	addr "$outside" tun0x 10.0.0.2/24 2001:db8:d::2/64
	counting "$guard" "$container"
	if [ "$inner" != 6 ]; then
		pinged 10.0.0.1
		once "$guard" icmp 3
		# The inner packet has its own source.
		must ctl "$guard" rule add 10.0.0.2/32 block
		pings "$outside" -c 2 -i 0.01 -W 0.2 10.0.0.1
		expect "$guard" blocked=2 icmp/echo-request/accepted=3
		must ctl "$guard" rule del 10.0.0.2/32
	fi
	if [ "$inner" != 4 ]; then
		pinged 2001:db8:d::1
		once "$guard" icmpv6 3
		[ "$proto$inner" != icmp6 ] || is "ICMP around ICMPv6" 0 "${seen_of[icmp]}"
	fi
	# The outer packet has its own: an error about it is ICMP from the tunnel's
	# endpoint.
	must ctl "$guard" flush stats
	ip -n "$outside" link set tun0x down
	must ip -n "$outside" link del tun0x
	pings "$guard" -c 2 -i 0.01 -W 0.2 "$([ "$inner" = 6 ] && echo 2001:db8:d::2 || echo 10.0.0.2)"
	read_counters "$guard"
	if [ "$kind" = vxlan ]; then
		# The tunnel's ARP, ND and MLD cause such errors too.
		within "errors about the tunnel" 2 40 "${counter[icmp/destination-unreachable/accepted]}"
	elif [ $proto = icmp ]; then
		expect "$guard" icmp/destination-unreachable/accepted=2 icmp/echo-reply/accepted=0
	else
		# Parameter problem or destination unreachable, by the tunnel's protocol
		is "errors about the tunnel" 2 \
			$((counter[icmpv6/parameter-problem/accepted] + counter[icmpv6/destination-unreachable/accepted]))
	fi
	gone tun0x
}

ipip() { tunnel 4 ipip; }
sit() { tunnel 6 sit; }
gre() { tunnel both gre; }
ip6gre() { tunnel both ip6gre over6; }
ip6tnl() { tunnel both ip6tnl over6 mode any; }
vxlan() { tunnel both vxlan id 42 dstport 4789; }

# Outer packets: fragments that aren't ICMP. Inner packets: ICMP fragments.
tunnel_fragments() {
	links
	addr "$guard" g0 $guard4/24 $guard6/64
	can tun0x type gre local $guard4 remote $outside4 nopmtudisc || return
	must ip -n "$outside" link add tun0x type gre local $outside4 remote $guard4 nopmtudisc ignore-df
	must ip -n "$guard" link set tun0x up mtu 3000
	must ip -n "$outside" link set tun0x up mtu 3000
	addr "$guard" tun0x 10.0.0.1/24 2001:db8:d::1/64
	addr "$outside" tun0x 10.0.0.2/24 2001:db8:d::2/64
	counting "$guard" "$container"
	pinged 10.0.0.1
	must ctl "$guard" flush stats
	pings "$outside" -M dont -c 2 -i 0.01 -W 5 -s 2000 10.0.0.1
	is "replies through fragments" 2 "$ping_received"
	expect "$guard" icmp/echo-request/accepted=2 fragments=0 reassembled=0
	must ctl "$guard" flush stats
	pings "$outside" -M dont -c 2 -i 0.01 -W 5 -s 5000 10.0.0.1
	is "replies of fragments through fragments" 2 "$ping_received"
	expect "$guard" icmp/echo-request/accepted=2 fragments=4 reassembled=2
	gone tun0x
	ip -n "$outside" link del tun0x
}

# ipsec MODE NAMESPACE-DIRECTION...: what both ends share
ipsec() {
	local mode=$1 family ns a b
	for ns in "$outside" "$guard"; do
		ip -n "$ns" xfrm state flush
		ip -n "$ns" xfrm policy flush
		for family in 4 6; do
			[ $family = 4 ] && a=$outside4 b=$guard4 || a=$outside6 b=$guard6
			ip -n "$ns" xfrm state add src $a dst $b proto esp spi 0x1$family mode "$mode" \
				aead 'rfc4106(gcm(aes))' 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f 128 2>&1 || return
			ip -n "$ns" xfrm state add src $b dst $a proto esp spi 0x2$family mode "$mode" \
				aead 'rfc4106(gcm(aes))' 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f 128 2>&1 || return
			ip -n "$ns" xfrm policy add src $a dst $b dir \
				"$([ "$ns" = "$guard" ] && echo in || echo out)" \
				tmpl src $a dst $b proto esp mode "$mode" 2>&1 || return
			ip -n "$ns" xfrm policy add src $b dst $a dir \
				"$([ "$ns" = "$guard" ] && echo out || echo in)" \
				tmpl src $b dst $a proto esp mode "$mode" 2>&1 || return
		done
	done
}

# unwrapped: a packet that IPsec decapsulates was ESP before.
unwrapped() {
	local mode out
	for mode in tunnel transport; do
		if ! out=$(ipsec $mode); then
			skip "no IPsec here: $out"
			return
		fi
		pinged $guard4
		once "$guard" icmp 3
		pinged $guard6
		once "$guard" icmpv6 3
	done
	for ns in "$outside" "$guard"; do
		ip -n "$ns" xfrm state flush
		ip -n "$ns" xfrm policy flush
	done
}

esp() {
	links
	addr "$guard" g0 $guard4/24 $guard6/64
	counting "$guard" "$container"
	unwrapped
}

esp_over_bridge() {
	bridged || return
	if ! bridge_netfilter 1; then
		skip "no br_netfilter here"
		return
	fi
	unwrapped
	bridge_netfilter 0
	gone br0
}

esp_in_vrf() {
	links
	can red type vrf table 77 || return
	ip -n "$guard" link set red up
	must ip -n "$guard" link set g0 master red
	addr "$guard" g0 $guard4/24 $guard6/64
	counting "$guard" "$container"
	unwrapped
	gone red
}

# Each namespace judges for itself.
routed() {
	links
	addr "$guard" g0 $guard4/24 $guard6/64
	addr "$guard" c0 192.0.2.1/24 2001:db8:b::1/64
	ip -n "$container" route replace default via 192.0.2.1
	ip -n "$container" -6 route replace default via 2001:db8:b::1
	in_ns "$guard" sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	counting "$guard" "$container"
	pinged $inside4
	once "$guard" icmp 3 3
	once "$container" icmp 3
	pinged $inside6
	once "$guard" icmpv6 3 3
	once "$container" icmpv6 3
}

# sub WORD...: the container's own device on the guard's, of that kind
sub() {
	links
	can link g0 name sub0 "$@" || return
	must ip -n "$guard" link set sub0 netns "$container"
	ip -n "$container" addr flush dev k0
	addr "$guard" g0 $guard4/24 $guard6/64
	addr "$container" sub0 198.51.100.3/24 2001:db8:a::3/64
	must ip -n "$container" link set sub0 up
	# In layer 3 mode nothing answers ARP and ND for the container.
	must ip -n "$outside" neigh replace 198.51.100.3 dev o0 lladdr "$(mac "$container" sub0)"
	must ip -n "$outside" neigh replace 2001:db8:a::3 dev o0 lladdr "$(mac "$container" sub0)"
	ip -n "$container" route replace default dev sub0
	ip -n "$container" -6 route replace default dev sub0
	counting "$guard" "$container"
}

# judges GUARD CONTAINER: requests for the container's address
judges() {
	pinged 198.51.100.3
	once "$guard" icmp "$1"
	once "$container" icmp "$2"
	pinged 2001:db8:a::3
	once "$guard" icmpv6 "$1"
	once "$container" icmpv6 "$2"
}

macvlan() {
	sub type macvlan mode bridge || return
	judges 0 3
	pinged $guard4
	once "$guard" icmp 3
	once "$container" icmp 0
	# A multicast packet enters IP in both.
	must ctl "$guard" flush stats
	must ctl "$container" flush stats
	pings "$outside" -c 1 -W 5 ff02::1%o0
	once "$guard" icmpv6 1
	once "$container" icmpv6 1
	ip -n "$container" link del sub0
}

ipvlan_l2() {
	sub type ipvlan mode l2 || return
	judges 0 3
	ip -n "$container" link del sub0
}

ipvlan_l3() {
	sub type ipvlan mode l3 || return
	judges 0 3
	ip -n "$container" link del sub0
}

# Here the packet enters IP on the lower device and is only delivered elsewhere.
ipvlan_l3s() {
	sub type ipvlan mode l3s || return
	judges 3 0
	ip -n "$container" link del sub0
}

run_tests \
	"vrf a VRF's members" \
	"bridge_off a bridge" \
	"bridge_on a bridge with br_netfilter" \
	"bridge_in_vrf a bridge in a VRF, with br_netfilter and without" \
	"vlan a VLAN" \
	"vlan_on_bridge a VLAN on a bridge with br_netfilter" \
	"ipip IPv4 in IPv4" \
	"sit IPv6 in IPv4" \
	"gre GRE" \
	"ip6gre GRE over IPv6" \
	"ip6tnl a tunnel over IPv6" \
	"vxlan VXLAN" \
	"tunnel_fragments fragments of the tunnel and in the tunnel" \
	"esp IPsec, both modes" \
	"esp_over_bridge IPsec over a bridge with br_netfilter" \
	"esp_in_vrf IPsec in a VRF" \
	"routed a container behind a veth pair" \
	"macvlan macvlan" \
	"ipvlan_l2 ipvlan, layer 2" \
	"ipvlan_l3 ipvlan, layer 3" \
	"ipvlan_l3s ipvlan, layer 3 by the host's stack"
