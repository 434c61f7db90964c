#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every way a packet can enter IP: through any device, labelled, redirected or
# encapsulated, into a VRF or not, to the machine or forwarded, IPv4 and IPv6. It is
# judged exactly once, or design.rst lists the way as not judged.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need tc

# outside (o0) -- (g0) guard (c0) -- (k0) container
ns_add outside outside
ns_add guard guard
ns_add container container
outside4=198.51.100.2 outside6=2001:db8:a::2
guard4=198.51.100.1 guard6=2001:db8:a::1
inside4=192.0.2.2 inside6=2001:db8:b::2
# The guard's addresses towards the container, and on its loopback
near4=192.0.2.1 near6=2001:db8:b::1
lo4=203.0.113.9 lo6=2001:db8:c::9
sid=2001:db8:5

for ns in "$outside" "$guard"; do
	in_ns "$ns" sysctl -q net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
done
in_ns "$guard" sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
in_ns "$outside" sysctl -q net.ipv6.conf.all.forwarding=0

# links: create both links afresh, and nothing else; the guard's end has no address yet
links() {
	local each
	for each in $(ip -n "$guard" -j link | jq -r '.[].ifname | select(test("^(lo|tunl0|gre0|gretap0|erspan0|sit0|ip6tnl0|ip6gre0|ip_vti0|ip6_vti0)$") | not)'); do
		ip -n "$guard" link del "$each" 2>/dev/null
	done
	veth "$outside" o0 "$guard" g0
	veth "$guard" c0 "$container" k0
	addr "$outside" o0 $outside4/24 $outside6/64
	addr "$guard" c0 $near4/24 $near6/64
	addr "$container" k0 $inside4/24 $inside6/64
	ip -n "$outside" route replace default via $guard4
	ip -n "$outside" -6 route replace default via $guard6
	ip -n "$container" route replace default via $near4
	ip -n "$container" -6 route replace default via $near6
}

# can WORD...: add such a device to the guard, or skip the test
can() {
	can_add "$guard" "$@"
}

# try COMMAND...: skip the test if this kernel or this iproute2 doesn't support it
try() {
	local out
	out=$("$@" 2>&1) && return
	skip "not here: $* ($out)"
	return 1
}

# counted ADDRESS COLUMN REQUESTS REPLIES: exactly these echoes of its protocol were counted
counted() {
	local proto=icmp
	[[ $1 != *:* ]] || proto=icmpv6
	busywait 3000 counters_are "$guard" "$proto/echo-request/$2=$3" "$proto/echo-reply/accepted=$4"
	is "$1: requests $2" "$3" "${counter[$proto/echo-request/$2]}"
	is "$1: replies" "$4" "${counter[$proto/echo-reply/accepted]}"
	[ $proto = icmpv6 ] || is "$1: all of ICMP" $(($3 + $4)) "${seen_of[icmp]}"
}

# What the pings carry, in bytes
size=56

# answered ADDRESS: two pings, both answered. A link may need a moment before
# anything gets across.
answered() {
	for _ in 1 2 3; do
		must ctl "$guard" flush stats
		pings "$outside" -c 2 -i 0.01 -W 2 -s $size "$1"
		[ "$ping_received" != 2 ] || return
	done
	fail "$1: no answer"
}

# judged ADDRESS...: requests to each are judged exactly once, and replies of those behind
# the guard too; with requests dropped, none is answered
judged() {
	local each replies
	configure "$guard" "type echo-request accept" "type echo-reply accept"
	for each in "$@"; do
		answered "$each"
		replies=0
		case $each in
		"$inside4"|"$inside6") replies=2 ;;
		esac
		counted "$each" accepted 2 $replies
	done
	must ctl "$guard" type echo-request drop
	for each in "$@"; do
		must ctl "$guard" flush stats
		pings "$outside" -c 2 -i 0.01 -W 0.1 -s $size "$each"
		is "$each: answers when requests are dropped" 0 "$ping_received"
		counted "$each" dropped 2 0
	done
}

# not_judged ADDRESS...: the requests aren't judged; design.rst lists each of these
not_judged() {
	local each proto
	configure "$guard" "type echo-reply accept" "type echo-request drop"
	for each in "$@"; do
		answered "$each"
		proto=icmp
		[[ $each != *:* ]] || proto=icmpv6
		read_counters "$guard"
		is "$each: requests, in what isn't judged" 0 "${counter[$proto/echo-request/dropped]}"
	done
}

# heard COMMAND...: of its echo requests the guard hears one, which isn't judged
heard() {
	local before
	configure "$guard" "type echo-request drop"
	before=$(snmp "$guard" IcmpInEchos)
	"$@"
	came() { [ "$(snmp "$guard" IcmpInEchos)" -gt "$before" ]; }
	busywait 3000 came || fail "no echo request by: $*"
	read_counters "$guard"
	is "echo requests in what isn't judged" 0 "${counter[icmp/echo-request/dropped]}"
}

### Devices ###################################################################

# enters DEVICE: the outside's packets come in there, without and with a VRF, to the
# guard and forwarded by it
enters() {
	addr "$guard" "$1" $guard4/24 $guard6/64
	judged $guard4 $guard6 $inside4 $inside6
	into_vrf "$1"
	judged $guard4 $guard6 $inside4 $inside6
}

# into_vrf DEVICE...: move them and the link to the container into a VRF
into_vrf() {
	local each
	must ip -n "$guard" link add red type vrf table 77
	must ip -n "$guard" link set red up
	must ip -n "$guard" link set c0 master red
	addr "$guard" c0 $near6/64
	for each in "$@"; do
		must ip -n "$guard" link set "$each" master red
		addr "$guard" "$each" $guard6/64
	done
}

# outside_on DEVICE: it has the outside's addresses from now on
outside_on() {
	must ip -n "$outside" link set "$1" up
	ip -n "$outside" addr flush dev o0
	addr "$outside" "$1" $outside4/24 $outside6/64
	ip -n "$outside" route replace default via $guard4
	ip -n "$outside" -6 route replace default via $guard6
}

device_veth() {
	links
	enters g0
}

device_vlan() {
	links
	can link g0 name v0 type vlan id 10 || return
	must ip -n "$guard" link set v0 up
	must ip -n "$outside" link add link o0 name v0 type vlan id 10
	outside_on v0
	enters v0
}

device_bridge() {
	local netfilter
	for netfilter in 0 1; do
		links
		can br0 type bridge || return
		must ip -n "$guard" link set br0 up
		must ip -n "$guard" link set g0 master br0
		modprobe br_netfilter 2>/dev/null
		in_ns "$guard" sysctl -q "net.bridge.bridge-nf-call-iptables=$netfilter" \
			"net.bridge.bridge-nf-call-ip6tables=$netfilter" 2>/dev/null
		enters br0
	done
	in_ns "$guard" sysctl -q net.bridge.bridge-nf-call-iptables=0 \
		net.bridge.bridge-nf-call-ip6tables=0 2>/dev/null
}

# A VLAN on a bridge whose br_netfilter looks inside VLAN tags
device_vlan_on_bridge() {
	links
	can br0 type bridge || return
	can link br0 name v0 type vlan id 10 || return
	must ip -n "$guard" link set br0 up
	must ip -n "$guard" link set g0 master br0
	must ip -n "$guard" link set v0 up
	must ip -n "$outside" link add link o0 name v0 type vlan id 10
	outside_on v0
	modprobe br_netfilter 2>/dev/null
	try in_ns "$guard" sysctl -q net.bridge.bridge-nf-call-iptables=1 \
		net.bridge.bridge-nf-call-ip6tables=1 net.bridge.bridge-nf-filter-vlan-tagged=1 || return
	enters v0
	in_ns "$guard" sysctl -q net.bridge.bridge-nf-call-iptables=0 \
		net.bridge.bridge-nf-call-ip6tables=0 net.bridge.bridge-nf-filter-vlan-tagged=0
}

device_macvlan() {
	links
	can link g0 name m0 type macvlan mode bridge || return
	must ip -n "$guard" link set m0 up
	enters m0
}

# enters_through DEVICE: with g0 as its only member
enters_through() {
	must ip -n "$guard" link set g0 down
	must ip -n "$guard" link set g0 master "$1"
	must ip -n "$guard" link set "$1" up
	enters "$1"
}

device_bond() {
	links
	can b0 type bond mode active-backup || return
	enters_through b0
}

# It has no mode, and passes nothing, until a program gives it one.
device_team() {
	links
	can t0 type team || return
	command -v teamnl >/dev/null || { skip "teamnl isn't there"; return; }
	must in_ns "$guard" teamnl t0 setoption mode roundrobin
	enters_through t0
}

# Packets are redirected to an ifb device first, and come in there.
device_ifb() {
	links
	can i0 type ifb || return
	must ip -n "$guard" link set i0 up
	redirect "$guard" g0 egress i0 || return
	enters g0
}

# netkit MODE NAMESPACE DEVICE NAMESPACE DEVICE: the first one is the primary. iproute2
# knows it from 6.8 on only.
netkit() {
	in_ns "$2" python3 -c '
import os, socket, struct, sys
def attribute(kind, *values):
    value = b"".join(values)
    return struct.pack("HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)
def name(word):
    return attribute(3, word.encode(), b"\0")    # IFLA_IFNAME
mode, primary, namespace, peer = sys.argv[1:]
place = os.open("/run/netns/" + namespace, os.O_RDONLY)
peer = bytes(16) + name(peer) + attribute(28, struct.pack("i", place))    # IFLA_NET_NS_FD
link = bytes(16) + name(primary) + attribute(18,    # IFLA_LINKINFO
    attribute(1, b"netkit"), attribute(2,    # IFLA_INFO_KIND, IFLA_INFO_DATA
        attribute(1, peer),    # IFLA_NETKIT_PEER_INFO
        attribute(5, struct.pack("i", ["l2", "l3"].index(mode)))))    # IFLA_NETKIT_MODE
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
# RTM_NEWLINK: NLM_F_REQUEST, _ACK, _EXCL, _CREATE
netlink.send(struct.pack("IHHII", 16 + len(link), 16, 0x605, 0, 0) + link)
error = struct.unpack_from("i", netlink.recv(4096), 16)[0]
sys.exit(error and os.strerror(-error))' "$1" "$3" "$4" "$5"
}

device_netkit() {
	local mode
	for mode in l2 l3; do
		links
		ip -n "$guard" link del g0
		# The guard has the primary end once, and the other one once.
		set -- "$guard" g0 "$outside" o0
		[ $mode = l2 ] || set -- "$outside" o0 "$guard" g0
		try netkit $mode "$@" || return
		must ip -n "$guard" link set g0 up
		outside_on o0
		enters g0
	done
}

# tunnel_up TYPE WORD...: between both ends, which have another pair of addresses
tunnel_up() {
	links
	ip -n "$outside" addr flush dev o0
	addr "$outside" o0 10.8.0.2/24 2001:db8:8::2/64
	addr "$guard" g0 10.8.0.1/24 2001:db8:8::1/64
	can x0 type "$@" || return
	# The words are for the guard's end; the outside's has the addresses swapped.
	local word words=()
	for word in "$@"; do
		case $word in
		*8.0.1|*8::1)	word=${word%1}2 ;;
		*8.0.2|*8::2)	word=${word%2}1 ;;
		g0)	word=o0 ;;
		esac
		words+=("$word")
	done
	must ip -n "$outside" link add x0 type "${words[@]}"
	must ip -n "$guard" link set x0 up
	outside_tunnel
}

tunnel() {
	tunnel_up "$@" || return
	enters x0
	must ip -n "$outside" link del x0
}

outside_tunnel() {
	must ip -n "$outside" link set x0 up
	addr "$outside" x0 $outside4/24 $outside6/64
	ip -n "$outside" route replace default via $guard4 dev x0
	ip -n "$outside" -6 route replace default via $guard6 dev x0
}

device_gre() { tunnel gre local 10.8.0.1 remote 10.8.0.2; }
device_ip6tnl() { tunnel ip6tnl local 2001:db8:8::1 remote 2001:db8:8::2 mode any; }
device_vxlan() { tunnel vxlan id 42 dstport 4789 local 10.8.0.1 remote 10.8.0.2; }
device_geneve() { tunnel geneve id 42 remote 10.8.0.2; }

# carry NAMESPACE LOCAL REMOTE: between its tun device and the other's
carry() {
	start in_ns "$1" socat "UDP4-DATAGRAM:$3:7778,bind=$2:7778" TUN,tun-name=x0,tun-type=tun,iff-no-pi
}

# A program that writes packets, as a VPN's
device_tun() {
	local near far
	command -v socat >/dev/null || { skip "socat isn't there"; return; }
	links
	ip -n "$outside" addr flush dev o0
	addr "$outside" o0 10.8.0.2/24
	addr "$guard" g0 10.8.0.1/24
	modprobe tun 2>/dev/null
	try ip -n "$guard" tuntap add x0 mode tun || return
	must ip -n "$outside" tuntap add x0 mode tun
	carry "$guard" 10.8.0.1 10.8.0.2
	near=$!
	carry "$outside" 10.8.0.2 10.8.0.1
	far=$!
	must ip -n "$guard" link set x0 up
	outside_tunnel
	enters x0
	stop "$near"
	stop "$far"
	must ip -n "$outside" link del x0
}

### IPsec #####################################################################

key=(aead 'rfc4106(gcm(aes))' 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f 128)

no_ipsec() {
	local ns
	for ns in "$outside" "$guard"; do
		ip -n "$ns" xfrm state flush
		ip -n "$ns" xfrm policy flush
	done
}

# ipsec MODE FAMILY [PROTOCOL]: packets from the outside to the guard go through IPsec
ipsec() {
	local mode=$1 proto=${3-esp} how=("${key[@]}")
	local a=$outside4 b=$guard4 far=$inside4 ns
	[ "$2" != 6 ] || a=$outside6 b=$guard6 far=$inside6
	case $proto in
	ah)	how=(auth "hmac(sha256)" 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f) ;;
	comp)	how=(comp deflate) ;;
	esac
	# wrapped NAMESPACE DIRECTION TO: packets in that direction
	wrapped() {
		ip -n "$1" xfrm policy add src $a dst "$3" dir "$2" \
			tmpl src $a dst $b proto "$proto" mode "$mode"
	}
	for ns in "$outside" "$guard"; do
		ip -n "$ns" xfrm state add src $a dst $b proto "$proto" spi "0x1$2" mode "$mode" "${how[@]}" || return
	done
	wrapped "$outside" out $b && wrapped "$guard" in $b || return
	[ "$mode" = transport ] || {
		wrapped "$outside" out $far && wrapped "$guard" fwd $far
	}
}

# through PROTOCOL: in tunnel mode, also for forwarded packets, and in transport mode
through() {
	local mode vrf
	for mode in tunnel transport; do
		for vrf in "" vrf; do
			links
			addr "$guard" g0 $guard4/24 $guard6/64
			[ -z "$vrf" ] || into_vrf g0
			if ! try ipsec $mode 4 "$1" || ! try ipsec $mode 6 "$1"; then
				no_ipsec
				return 1
			fi
			judged $guard4 $guard6
			[ $mode = transport ] || judged $inside4 $inside6
			no_ipsec
		done
	done
}

ipsec_plain() {
	through esp
}

# Only the other protocols hide the message: with IPv6 it is in clear after this header.
authenticated() {
	through ah
}

# What is too small to become smaller is sent as it is.
compressed() {
	size=1000
	through comp
	size=56
}

# An IPsec packet that GRO decapsulates is seen only once, as the inner packet.
ipsec_gro() {
	modprobe esp4_offload 2>/dev/null && modprobe esp6_offload 2>/dev/null || {
		skip "no esp4_offload here"
		return
	}
	links
	must in_ns "$guard" ethtool -K g0 gro on
	addr "$guard" g0 $guard4/24 $guard6/64
	into_vrf g0
	try ipsec transport 4 || return
	try ipsec transport 6 || return
	judged $guard4 $guard6
	no_ipsec
	rmmod esp4_offload esp6_offload
}

# secured FAMILY WORD...: both families' packets in the tunnel go through the IPsec of
# states and policies that have these words, between the outer addresses of that family
secured() {
	local a=10.8.0.1 b=10.8.0.2 ns every dir from to
	[ "$1" != 6 ] || a=2001:db8:8::1 b=2001:db8:8::2
	shift
	for ns in "$outside" "$guard"; do
		must ip -n "$ns" xfrm state add src $a dst $b proto esp spi 0x21 \
			mode tunnel flag af-unspec "${key[@]}" "$@"
		must ip -n "$ns" xfrm state add src $b dst $a proto esp spi 0x22 \
			mode tunnel flag af-unspec "${key[@]}" "$@"
		for every in 0.0.0.0/0 ::/0; do
			for dir in in fwd out; do
				case $dir$ns in
				"out$guard"|"in$outside"|"fwd$outside") from=$a to=$b ;;
				*)	from=$b to=$a ;;
				esac
				must ip -n "$ns" xfrm policy add src $every dst $every dir $dir "$@" \
					tmpl src $from dst $to proto esp mode tunnel
			done
		done
	done
	enters x0
	no_ipsec
	must ip -n "$outside" link del x0
}

# An xfrm interface for each peer; outer IPv4, for both families
ipsec_interface() {
	tunnel_up xfrm dev g0 if_id 42 && secured 4 if_id 42
}

device_vti() {
	tunnel_up vti local 10.8.0.1 remote 10.8.0.2 key 42 && secured 4 mark 42
}

device_vti6() {
	tunnel_up vti6 local 2001:db8:8::1 remote 2001:db8:8::2 key 42 && secured 6 mark 42
}

### Labels ####################################################################

# labels: the guard takes labelled packets; its other address is on the loopback
labels() {
	links
	modprobe -a mpls_router mpls_iptunnel 2>/dev/null
	addr "$guard" g0 $guard4/24 $guard6/64
	try in_ns "$guard" sysctl -q net.mpls.platform_labels=1000 net.mpls.conf.g0.input=1
	ip -n "$guard" addr flush dev lo scope global
	addr "$guard" lo $lo4/32 $lo6/128
}

# label NUMBER ADDRESS...: the outside sends there with that label
label() {
	local number=$1 each
	shift
	for each in "$@"; do
		case $each in
		*:*)	try ip -n "$outside" -6 route replace "$each/128" encap mpls "$number" \
				via inet6 $guard6 dev o0 || return ;;
		*)	try ip -n "$outside" route replace "$each/32" encap mpls "$number" \
				via inet $guard4 dev o0 || return ;;
		esac
	done
}

explicit_null() {
	labels || return
	label 0 $lo4 $near4 $inside4 || return
	label 2 $lo6 $near6 $inside6 || return
	judged $lo4 $lo6 $near4 $near6 $inside4 $inside6
	# From a forged address of the machine itself: nothing returns, but it is judged.
	addr "$outside" o0 $near4/32 $near6/128
	configure "$guard" "type echo-request drop"
	pings "$outside" -c 2 -i 0.01 -W 0.1 -I $near4 $lo4
	counted $lo4 dropped 2 0
	pings "$outside" -c 2 -i 0.01 -W 0.1 -I $near6 $lo6
	counted $lo6 dropped 2 0
	ip -n "$outside" addr del $near4/32 dev o0
	ip -n "$outside" addr del $near6/128 dev o0
	# Limits apply here too.
	configure "$guard" "set max-echo-size 100" "rule add $outside4/32 block" "rule add $outside6/128 block"
	pings "$outside" -c 2 -i 0.01 -W 0.1 $inside4
	pings "$outside" -c 2 -i 0.01 -W 0.1 $inside6
	expect "$guard" blocked=4
	must ctl "$guard" rule del $outside4/32
	must ctl "$guard" rule del $outside6/128
	pings "$outside" -c 2 -i 0.01 -W 0.1 -s 200 $lo4
	pings "$outside" -c 2 -i 0.01 -W 0.1 -s 200 $lo6
	expect "$guard" blocked=4 echo-oversize=4
}

# leaks: leaked routes from the VRF back to the outside, which isn't in it
leaks() {
	must ip -n "$guard" route add ${outside4%.*}.0/24 dev g0 table 77
	must ip -n "$guard" -6 route add ${outside6%:2}:/64 dev g0 table 77
}

label_to_vrf() {
	labels || return
	into_vrf
	leaks
	try ip -n "$guard" -f mpls route add 100 dev red || return
	# An address of the VRF, and one outside it
	label 100 $near4 $near6 $lo4 $lo6 $inside4 $inside6 || return
	judged $near4 $near6 $lo4 $lo6
	not_judged $inside4 $inside6
}

# A popped label that forwards without IP
label_popped() {
	labels || return
	try ip -n "$guard" -f mpls route add 200 via inet $inside4 dev c0 || return
	must ip -n "$guard" -f mpls route add 201 via inet6 $inside6 dev c0
	label 200 $inside4 || return
	label 201 $inside6 || return
	not_judged $inside4 $inside6
}

label_to_loopback() {
	labels || return
	try ip -n "$guard" -f mpls route add 300 dev lo || return
	label 300 $lo4 $lo6 $inside4 $inside6 || return
	judged $lo4 $lo6 $inside4 $inside6
}

### Segments ##################################################################

# segments: the guard's segments end in a VRF that has only the link to the container
segments() {
	links
	addr "$guard" g0 $guard4/24 $guard6/64
	into_vrf
	leaks
	try in_ns "$guard" sysctl -q net.vrf.strict_mode=1 net.ipv6.conf.all.seg6_enabled=1 \
		net.ipv6.conf.g0.seg6_enabled=1 || return
	must ip -n "$outside" -6 route replace $sid::/64 via $guard6
}

# segment SID ADDRESS...: the outside sends there through that segment
segment() {
	local each to=$1
	shift
	for each in "$@"; do
		case $each in
		*:*)	try ip -n "$outside" -6 route replace "$each/128" encap seg6 mode encap \
				segs "$to" dev o0 || return ;;
		*)	try ip -n "$outside" route replace "$each/32" encap seg6 mode encap \
				segs "$to" dev o0 || return ;;
		esac
	done
}

# end SID WORD...: what the guard does there
end() {
	local segment=$1
	shift
	try ip -n "$guard" -6 route add "$segment/128" encap seg6local action "$@"
}

end_dt() {
	segments || return
	end $sid::4 End.DT4 vrftable 77 dev red || return
	end $sid::6 End.DT6 vrftable 77 dev red || return
	segment $sid::4 $near4 $inside4 || return
	segment $sid::6 $near6 $inside6 || return
	judged $near4 $near6 $inside4 $inside6
}

end_dt46() {
	segments || return
	end $sid::46 End.DT46 vrftable 77 dev red || return
	segment $sid::46 $near4 $inside4 $near6 $inside6 || return
	judged $near4 $near6 $inside4 $inside6
}

# The segment came in through a member of the VRF it ends in.
end_dt_within() {
	segments || return
	must ip -n "$guard" link set g0 master red
	addr "$guard" g0 $guard6/64
	try ip -n "$guard" -6 route add $sid::46/128 table 77 encap seg6local \
		action End.DT46 vrftable 77 dev red || return
	segment $sid::46 $near4 $inside4 $near6 $inside6 || return
	judged $near4 $near6 $inside4 $inside6
}

# nf_hooks_lwtunnel would make them visible, but it is global and can't be switched off.
end_dx() {
	segments || return
	must ip -n "$guard" link del red
	addr "$guard" c0 $near6/64
	end $sid::4 End.DX4 nh4 $inside4 dev c0 || return
	end $sid::6 End.DX6 nh6 $inside6 dev c0 || return
	segment $sid::4 $inside4 || return
	segment $sid::6 $inside6 || return
	not_judged $inside4 $inside6
}

end_dt6_table() {
	segments || return
	end $sid::6 End.DT6 table 77 dev g0 || return
	segment $sid::6 $near6 $inside6 || return
	not_judged $near6 $inside6
}

# At an address of the guard, without further configuration
end_at_address() {
	links
	addr "$guard" g0 $guard4/24 $guard6/64
	try in_ns "$guard" sysctl -q net.ipv6.conf.all.seg6_enabled=1 \
		net.ipv6.conf.g0.seg6_enabled=1 || return
	segment $guard6 $near6 $inside6 $near4 $inside4 || return
	judged $near6 $inside6 $near4 $inside4
}

### Redirections ##############################################################

# program HELPER DEVICE FLAGS: $tmp/bpf/program calls that function of BPF with a device's
# number
program() {
	mkdir -p "$tmp/bpf"
	mountpoint -q "$tmp/bpf" || {
		try mount -t bpf bpf "$tmp/bpf" || return
		defer umount "$tmp/bpf"
	}
	rm -f "$tmp/bpf/program"
	try python3 -c '
import ctypes, struct, sys
helper, index, flags = map(int, sys.argv[2:])
move, call, leave = 0xb7, 0x85, 0x95
words = [(move, 1, index), (move, 2, flags), (move, 3, 0), (move, 4, 0), (call, 0, helper), (leave, 0, 0)]
program = b"".join(struct.pack("BBhi", word, register, 0, value) for word, register, value in words)
bpf = ctypes.CDLL("libbpf.so.1")
scheduler = 3    # BPF_PROG_TYPE_SCHED_CLS
loaded = bpf.bpf_prog_load(scheduler, None, b"GPL", program, len(words), None)
sys.exit(loaded < 0 or bpf.bpf_obj_pin(loaded, sys.argv[1].encode()) < 0)' \
		"$tmp/bpf/program" "$1" "$2" "$3"
}

# redirect NAMESPACE DEVICE WAY DEVICE: IP packets that come in there. By mirred: ingress,
# egress; by BPF: bpf-ingress, bpf-egress, bpf-neigh, bpf-peer
redirect() {
	local each to prio=1 by=(bpf direct-action object-pinned "$tmp/bpf/program")
	to=$(ip -n "$1" -j link show dev "$4" | jq '.[0].ifindex')
	case $3 in
	bpf-ingress)	program 23 "$to" 1 ;;
	bpf-egress)	program 23 "$to" 0 ;;
	bpf-neigh)	program 152 "$to" 0 ;;
	bpf-peer)	program 155 "$to" 0 ;;
	*)		by=(matchall action mirred "$3" redirect dev "$4") ;;
	esac || return
	try in_ns "$1" tc qdisc replace dev "$2" clsact || return
	# Not ARP, and not neighbour discovery: the outside knows its neighbours.
	for each in ip ipv6; do
		try in_ns "$1" tc filter add dev "$2" ingress protocol $each prio $((prio++)) "${by[@]}" || return
	done
}

# known MAC: the outside's neighbour entry for the guard; and the guard's for the outside
known() {
	local each
	for each in $guard4 $guard6; do
		must ip -n "$outside" neigh replace $each dev o0 lladdr "$1" nud permanent
	done
	for each in $outside4 $outside6; do
		must ip -n "$guard" neigh replace $each dev g0 lladdr "$(mac "$outside" o0)" nud permanent
	done
}

# to_loopback WAY...
to_loopback() {
	local way
	for way in "$@"; do
		links
		addr "$guard" g0 $guard4/24 $guard6/64
		known "$(mac "$guard" g0)"
		# Packets sent to the loopback need its MAC address.
		must ip -n "$guard" link set lo address "$(mac "$guard" g0)"
		redirect "$guard" g0 "$way" lo || return
		judged $guard4 $guard6 $near4 $near6
		if [ "$way" = bpf-neigh ]; then
			# It attaches a route, as only a packet of the machine itself should have.
			addr "$outside" o0 $near4/32
			heard pings "$outside" -c 2 -i 0.01 -W 0.1 -I $near4 $guard4
		else
			judged $inside4 $inside6
		fi
	done
}

redirected_to_loopback() {
	to_loopback ingress egress
}

bpf_to_loopback() {
	to_loopback bpf-ingress bpf-egress bpf-neigh
}

# to_container WAY...: the guard is a container, whose host hands on what comes in
to_container() {
	local way
	for way in "$@"; do
		links
		ip -n "$outside" link del o0
		veth "$outside" o0 "$container" h0
		veth "$container" p0 "$guard" g0
		outside_on o0
		addr "$guard" g0 $guard4/24 $guard6/64
		known "$(mac "$guard" g0)"
		redirect "$container" h0 "$way" p0 || return
		redirect "$container" p0 egress h0 || return
		judged $guard4 $guard6 $inside4 $inside6
		ip -n "$outside" link del o0
	done
}

redirected_to_container() {
	to_container egress bpf-egress bpf-peer
}

# to_vrf WAY...
to_vrf() {
	local way
	for way in "$@"; do
		links
		addr "$guard" g0 $guard4/24 $guard6/64
		into_vrf
		leaks
		# Only mirred's ingress doesn't look again whose MAC address it is.
		known "$(mac "$guard" "$([ "$way" = ingress ] && echo g0 || echo red)")"
		redirect "$guard" g0 "$way" red || return
		judged $near4 $near6
		if [ "${way#bpf-}" = ingress ]; then
			judged $inside4 $inside6
		else
			not_judged $inside4 $inside6
		fi
	done
}

redirected_to_vrf() {
	to_vrf ingress egress bpf-ingress bpf-egress
}

### An ICMP message in UDP ###################################################

# GUE: a header of four bytes, whose second is the message's protocol
gue() {
	links
	addr "$guard" g0 $guard4/24 $guard6/64
	modprobe fou 2>/dev/null
	try in_ns "$guard" ip fou add port 7777 gue || return
	heard must in_ns "$outside" python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(bytes([0, 1, 0, 0]) + bytes([8, 0, 0xf7, 0xff]) + bytes(4), ('$guard4', 7777))"
	in_ns "$guard" ip fou del port 7777
}

### Containers on the guard's own device ######################################

# ipvlan MODE: from now on the outside is one of those
ipvlan() {
	links
	ip -n "$outside" link del o0
	veth "$container" p0 "$guard" g0
	can link g0 name o0 type ipvlan mode "$1" || return
	must ip -n "$guard" link set o0 netns "$outside"
	must ip -n "$outside" link set o0 up
	addr "$outside" o0 $outside4/24 $outside6/64
	addr "$guard" g0 $guard4/24 $guard6/64
	ip -n "$outside" route replace default dev o0
	ip -n "$outside" -6 route replace default dev o0
	must ip -n "$guard" route replace $outside4/32 dev g0
}

# sent_from_ipvlan ADDRESS...: its requests to the guard itself are judged. The replies
# leave through the guard's device, where no host has the address.
sent_from_ipvlan() {
	local each
	configure "$guard" "type echo-request drop"
	for each in "$@"; do
		must ctl "$guard" flush stats
		pings "$outside" -c 2 -i 0.01 -W 0.1 "$each"
		counted "$each" dropped 2 0
	done
}

ipvlan_l3() {
	local mode
	for mode in l3 l3s; do
		ipvlan $mode || return
		sent_from_ipvlan $guard4 $guard6
		ip -n "$outside" link del o0
	done
}

### The machine's own #########################################################

# own_answered WORD...: the guard's own ping is answered and not judged
own_answered() {
	pings "$guard" -c 2 -i 0.01 -W 2 "$@"
	[ "$ping_received" -ge 2 ] || fail "own $*: $ping_received answers"
}

own() {
	links
	addr "$guard" g0 $guard4/24 $guard6/64
	ip -n "$guard" addr replace $lo4/32 dev lo
	ip -n "$guard" addr replace $lo6/128 dev lo nodad
	must ip -n "$guard" route replace local 203.0.113.64/28 dev lo
	must ip -n "$guard" -6 route replace local 2001:db8:c:1::/64 dev lo
	into_vrf
	in_ns "$guard" sysctl -q net.ipv4.icmp_echo_ignore_broadcasts=0
	configure "$guard" "type echo-request drop" "type echo-reply drop"
	own_answered 127.0.0.1
	own_answered -I 127.0.0.5 127.0.0.9
	own_answered ::1
	own_answered $lo4
	own_answered $lo6
	own_answered -I $lo4 $guard4
	own_answered -I $lo6 $guard6
	own_answered -I 203.0.113.65 203.0.113.66
	own_answered 2001:db8:c:1::6
	own_answered "$(link_local "$guard" g0)%g0"
	own_answered -I red $near4
	own_answered -I red $near6
	own_answered -s 4000 $lo4
	own_answered -s 4000 $lo6
	own_answered -s 4000 -I red $near4
	own_answered -s 4000 -I red $near6
	# Of a group's replies, the machine's own aren't judged, and others' are.
	must ip -n "$outside" link set o0 down
	pings "$guard" -c 2 -i 0.2 -W 1 -I g0 224.0.0.1
	is "own answers of a group" 2 "$ping_received"
	read_counters "$guard"
	is "echo requests judged" 0 "${counter[icmp/echo-request/dropped]}"
	is "IPv6 echo requests judged" 0 "${counter[icmpv6/echo-request/dropped]}"
	is "drops" 0 "${counter[dropped]}"
	in_ns "$guard" sysctl -q net.ipv4.icmp_echo_ignore_broadcasts=1
	must ip -n "$guard" route del local 203.0.113.64/28 dev lo
	must ip -n "$guard" -6 route del local 2001:db8:c:1::/64 dev lo
}

# Packets that look like the machine's own; with FULL also every device and encapsulation
rows=()
[ -z "${FULL-}" ] || rows=(
	"device_veth a device"
	"device_vlan a VLAN"
	"device_bridge a bridge, without br_netfilter and with it"
	"device_vlan_on_bridge a VLAN on a bridge whose br_netfilter looks inside tags"
	"device_macvlan macvlan"
	"device_bond a bond"
	"device_team a team"
	"device_ifb ifb"
	"device_gre GRE"
	"device_ip6tnl a tunnel over IPv6"
	"device_vxlan VXLAN"
	"device_geneve Geneve"
	"device_tun tun"
	"device_netkit netkit, of Ethernet and of IP"
	"ipsec_plain IPsec, tunnel and transport mode"
	"ipsec_gro IPsec decapsulated by GRO"
	"ipsec_interface an xfrm interface"
	"device_vti VTI over IPv4"
	"device_vti6 VTI over IPv6"
	"authenticated AH, tunnel and transport mode"
	"compressed IPComp, tunnel and transport mode"
	"label_popped a popped label"
	"end_dt46 segments that end in a VRF, for both families"
	"end_dt_within segments that came in through the VRF itself"
	"end_dx segments that end in a neighbour"
	"end_dt6_table segments that end in a table"
	"end_at_address segments that end at an address"
	"gue an ICMP message in UDP"
)
rows+=(
	"explicit_null labels of no meaning: explicit null"
	"label_to_vrf a label that leads to a VRF"
	"label_to_loopback a label that leads to the loopback"
	"end_dt segments that end in a VRF"
	"ipvlan_l3 what an ipvlan container sends its host"
	"own what the machine sends itself isn't judged"
	"redirected_to_loopback what tc redirects to the loopback"
)
[ -z "${FULL-}" ] || rows+=(
	"redirected_to_vrf what tc or BPF redirects to a VRF"
	"bpf_to_loopback what BPF redirects to the loopback"
	"redirected_to_container what tc or BPF hands a container"
)
run_tests "${rows[@]}"
