#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With the rest of netfilter: nft and iptables rules, connection tracking and its
# reassembly, NAT, a flow table, IPVS. A packet that icmpguard drops never reaches
# them; packets of their connections pass.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need nft conntrack socat tracepath
topology

# attacker (at0) -- (ra0) router (rh0) -- (ht0) host (hf0) -- (f0) far
#
# Larger packets than 1300 bytes don't get from host to far.
ns_add far far
far4=203.0.113.2 far6=2001:db8:f::2
veth "$host" hf0 "$far" f0
addr "$host" hf0 203.0.113.1/24 2001:db8:f::1/64
addr "$far" f0 $far4/24 $far6/64
ip -n "$host" link set hf0 mtu 1300
in_ns "$host" sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n "$router" route add 203.0.113.0/24 via $host4
ip -n "$router" -6 route add 2001:db8:f::/64 via $host6
ip -n "$far" route add default via 203.0.113.1
ip -n "$far" -6 route add default via 2001:db8:f::1
for ns in "$router" "$host" "$far" "$attacker"; do
	in_ns "$ns" sysctl -q net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
done
outer4=192.0.2.1 outer6=2001:db8:b::1
busywait 20000 in_ns "$attacker" ping -q -c 1 -W 1 $far4 >/dev/null 2>&1 &&
	busywait 20000 in_ns "$attacker" ping -q -c 1 -W 1 $far6 >/dev/null 2>&1 ||
	skip_all "no way from end to end"
keep_neighbours
crafting "$attacker" at0 "$(mac "$router" ra0)"

# ruleset NAMESPACE: replaced by the one on stdin, with connections flushed
ruleset() {
	local out
	out=$( (echo "flush ruleset"; cat) | in_ns "$1" nft -f - 2>&1) || {
		fail "nft: $out"
		return 1
	}
	in_ns "$1" conntrack -F >/dev/null 2>&1
	return 0
}

no_ruleset() {
	must in_ns "$router" nft flush ruleset
	in_ns "$router" conntrack -F >/dev/null 2>&1
	ip -n "$attacker" route flush cache
	ip -n "$attacker" -6 route flush cache
	ip -n "$far" route flush cache
	ip -n "$far" -6 route flush cache
}

# entries FAMILY PROTOCOL: of the router's connection tracking
entries() {
	in_ns "$router" conntrack -L -f "$1" -p "$2" 2>/dev/null | wc -l
}

# counted FAMILY TABLE CHAIN: by its first rule
counted() {
	in_ns "$router" nft -j list chain "$1" "$2" "$3" |
		jq '[.nftables[].rule? | select(.).expr[].counter? // empty | .packets][0]'
}

# Twenty echo requests, each a connection of its own to connection tracking
flows4="[IP(src='$attacker4', dst='$host4') / ICMP(id=i) / Raw(bytes(8)) for i in range(1, 21)]"
flows6="[IPv6(src='$attacker6', dst='$host6') / ICMPv6EchoRequest(id=i, data=bytes(8)) for i in range(1, 21)]"

# Rules before icmpguard see all packets, those after it the accepted ones.
nft_rules() {
	configure "$router" "type echo-request limit 1/minute burst 5" "type echo-reply accept"
	ruleset "$router" <<-'END' || return
	table inet t {
		chain before { type filter hook prerouting priority -500
			icmp type echo-request counter
		}
		chain before6 { type filter hook prerouting priority -500
			icmpv6 type echo-request counter
		}
		chain raw { type filter hook prerouting priority raw
			icmp type echo-request counter
		}
		chain later6 { type filter hook forward priority filter
			icmpv6 type echo-request counter
		}
		chain later { type filter hook forward priority filter
			icmp type echo-request counter
		}
	}
	END
	send "$flows4"
	send "$flows6"
	expect "$router" source-limit=30 icmp/echo-request/accepted=5 icmpv6/echo-request/accepted=5
	is "before" 20 "$(counted inet t before)"
	is "before, IPv6" 20 "$(counted inet t before6)"
	is "in the raw table" 5 "$(counted inet t raw)"
	is "after" 5 "$(counted inet t later)"
	is "after, IPv6" 5 "$(counted inet t later6)"
	# icmpguard never sees what a rule before it drops; it counts what a later one drops.
	configure "$router" "type echo-request limit 1/minute burst 5"
	ruleset "$router" <<-'END' || return
	table inet t {
		chain before { type filter hook prerouting priority -500
			icmp type echo-request drop
		}
		chain later { type filter hook forward priority filter
			icmpv6 type echo-request drop
		}
	}
	END
	send "$flows4"
	send "$flows6"
	expect "$router" source-limit=15 icmp/echo-request/accepted=0 icmpv6/echo-request/accepted=5
	no_ruleset
}

# xtables COMMAND...: with whichever iptables works here
iptables_rules() {
	local ipt=iptables ip6t=ip6tables
	if command -v iptables-legacy >/dev/null && in_ns "$router" iptables-legacy -t raw -L -n >/dev/null 2>&1; then
		ipt=iptables-legacy ip6t=ip6tables-legacy
	elif ! in_ns "$router" iptables -t raw -L -n >/dev/null 2>&1; then
		skip "no iptables here"
		return
	fi
	configure "$router" "type echo-request limit 1/minute burst 5" "type echo-reply accept"
	for table in "raw PREROUTING" "filter FORWARD"; do
		# shellcheck disable=SC2086 # words, on purpose
		set -- $table
		must in_ns "$router" $ipt -t "$1" -A "$2" -p icmp --icmp-type echo-request
		must in_ns "$router" $ip6t -t "$1" -A "$2" -p icmpv6 --icmpv6-type echo-request
	done
	send "$flows4"
	send "$flows6"
	expect "$router" source-limit=30 icmp/echo-request/accepted=5 icmpv6/echo-request/accepted=5
	for table in "raw PREROUTING" "filter FORWARD"; do
		# shellcheck disable=SC2086 # the same
		set -- $table
		is "iptables $table" 5 "$(in_ns "$router" $ipt -t "$1" -nvxL "$2" | awk '/icmptype/ { print $1 }')"
		is "ip6tables $table" 5 "$(in_ns "$router" $ip6t -t "$1" -nvxL "$2" | awk '/ipv6-icmptype/ { print $1 }')"
		must in_ns "$router" $ipt -t "$1" -F "$2"
		must in_ns "$router" $ip6t -t "$1" -F "$2"
	done
}

tracking='
table inet tracking {
	chain forward { type filter hook forward priority filter
		ct state new counter
	}
}'

# Of twenty connections, those that were let pass have an entry.
no_entry() {
	configure "$router" "type echo-request limit 1/minute burst 5" "type echo-reply accept"
	ruleset "$router" <<<"$tracking" || return
	send "$flows4"
	send "$flows6"
	expect "$router" source-limit=30
	is "entries" 5 "$(entries ipv4 icmp)"
	is "IPv6 entries" 5 "$(entries ipv6 icmpv6)"
	is "all entries" 10 "$(in_ns "$router" conntrack -C)"
	# Whatever the reason
	configure "$router" "type timestamp-request drop" "rule add $other4 block" \
		"set max-echo-size 100"
	ruleset "$router" <<<"$tracking" || return
	send "IP(src='$attacker4', dst='$host4', proto=1) / icmp4(13, bytes(16))"
	send "IP(src='$other4', dst='$host4') / ICMP(id=1) / Raw(bytes(8))"
	send "IP(src='$attacker4', dst='$host4') / ICMP(id=2) / Raw(bytes(1000))"
	send "IPv6(src='$attacker6', dst='$host6') / ICMPv6EchoRequest(id=2, data=bytes(1000))"
	send "cut4(IP(src='$attacker4', dst='$host4', id=9) / ICMP(id=3) / Raw(bytes(3000)), 1400)"
	send "cut6(IPv6(src='$attacker6', dst='$host6') / ICMPv6EchoRequest(id=3, data=bytes(3000)), 1400, 9)"
	expect "$router" policy-drop=1 blocked=1 echo-oversize=4 fragments=6
	is "all entries" 0 "$(in_ns "$router" conntrack -C)"
	# One that is let pass, so that the zeros mean something
	send "IP(src='$attacker4', dst='$host4') / ICMP(id=4) / Raw(bytes(8))"
	is "all entries" 1 "$(in_ns "$router" conntrack -C)"
	no_ruleset
}

# fragmented WHEN ENTRIES: pings in fragments across the router
fragmented() {
	ctl "$router" flush stats
	pings "$attacker" -c 2 -i 0.01 -W 5 -s 4000 $host4
	is "replies, connection tracking $1" 2 "$ping_received"
	pings "$attacker" -c 2 -i 0.01 -W 5 -s 4000 $host6
	is "IPv6 replies, connection tracking $1" 2 "$ping_received"
	# 3 there and 3 back, twice, in two families
	expect "$router" fragments=24 reassembled=0 icmp/echo-request/accepted=2 \
		icmp/echo-reply/accepted=2 icmpv6/echo-request/accepted=2 icmpv6/echo-reply/accepted=2
	is "entries, connection tracking $1" "$2" "$(in_ns "$router" conntrack -C)"
}

# conntrack's hooks before icmpguard's, after them, and none
defragmentation() {
	no_ruleset
	configure "$router"
	fragmented "not there" 0
	ruleset "$router" <<<"$tracking" || return
	fragmented "later" 2
	must ctl "$router" set mode off
	must ctl "$router" set mode enforce
	ruleset "$router" <<<"$tracking" || return
	fragmented "earlier" 2
	no_ruleset
	fragmented "gone" "$(in_ns "$router" conntrack -C)"
}

# The same with its modules loaded first: the order that insmod alone doesn't give
module_order() {
	no_ruleset
	must rmmod icmpguard
	must modprobe nf_conntrack
	ruleset "$router" <<<"$tracking" || return
	if [ -e "$module" ]; then
		must insmod "$module"
	else
		must modprobe icmpguard
	fi
	configure "$router"
	fragmented "loaded first" 2
	no_ruleset
}

### NAT #######################################################################

masquerade='
table inet nat {
	chain post { type nat hook postrouting priority srcnat
		oifname rh0 masquerade
	}
}'

# refused FAMILY NAMESPACE ADDRESS PORT: a datagram there is answered by port
# unreachable, which reaches the sender's socket
refused() {
	local out
	out=$(in_ns "$2" socat -t 5 - "UDP$1:$3:$4,pf=ip$1" <<<x 2>&1)
	[[ $out == *refused* ]] || fail "no port unreachable from $3: $out"
}

# learnt ADDRESS: the path MTU is learnt from a packet that was too large
learnt() {
	in_ns "$attacker" ping -q -c 1 -W 1 -M "do" -s 1400 "$1" >/dev/null 2>&1
	[[ $(ip -n "$attacker" route get "$1") == *"mtu 1300"* ]] ||
		fail "the path's MTU to $1 wasn't learnt: $(ip -n "$attacker" route get "$1")"
}

# Errors from outside quote the router's address, and reach the inside.
masqueraded() {
	local ns
	for ns in "$router" "$host" "$far"; do
		configure "$ns"
	done
	ruleset "$router" <<<"$masquerade" || return
	pings "$attacker" -c 2 -i 0.01 -W 5 $far4
	is replies 2 "$ping_received"
	pings "$attacker" -c 2 -i 0.01 -W 5 $far6
	is "IPv6 replies" 2 "$ping_received"
	expect "$router" icmp/echo-request/accepted=2 icmp/echo-reply/accepted=2 \
		icmpv6/echo-request/accepted=2 icmpv6/echo-reply/accepted=2
	refused 4 "$attacker" $far4 9
	refused 6 "$attacker" "[$far6]" 9
	expect "$router" icmp/destination-unreachable/accepted=1 \
		icmpv6/destination-unreachable/accepted=1
	learnt $far4
	learnt $far6
	expect "$router" icmp/destination-unreachable/accepted=2 icmpv6/packet-too-big/accepted=1
	in_ns "$attacker" ping -n -c 1 -W 5 -t 2 $far4 | grep -q "From $host4.*Time to live exceeded" ||
		fail "no time exceeded"
	in_ns "$attacker" ping -n -c 1 -W 5 -t 2 $far6 | grep -q "From $host6.*Time exceeded" ||
		fail "no ICMPv6 time exceeded"
	expect "$router" icmp/time-exceeded/accepted=1 icmpv6/time-exceeded/accepted=1
	for ns in "$host" "$far"; do
		read_counters "$ns"
		is "drops of $ns" "" "$(drops)"
	done
	# In fragments, through translation
	pings "$attacker" -c 2 -i 0.01 -W 5 -s 4000 $host4
	is "replies in fragments" 2 "$ping_received"
	pings "$attacker" -c 2 -i 0.01 -W 5 -s 4000 $host6
	is "IPv6 replies in fragments" 2 "$ping_received"
	# The source is the inner one, each with its own bucket, before translation.
	configure "$router" "type echo-request limit 1/minute burst 3" "type echo-reply accept"
	pings "$attacker" -I $attacker4 -c 5 -i 0.01 -W 1 $far4
	is "replies of the first" 3 "$ping_received"
	pings "$attacker" -I $other4 -c 5 -i 0.01 -W 1 $far4
	is "replies of the second" 3 "$ping_received"
	expect "$router" source-limit=4 icmp/echo-request/accepted=6 icmp/echo-reply/accepted=6
	no_ruleset
}

# Errors from inside quote an inner address, and reach the outside.
redirected() {
	configure "$router"
	configure "$far"
	ruleset "$router" <<-END || return
	table inet nat {
		chain pre { type nat hook prerouting priority dstnat
			iifname rh0 ip daddr $outer4 udp dport 7777 dnat ip to $attacker4
			iifname rh0 ip6 daddr $outer6 udp dport 7777 dnat ip6 to $attacker6
			iifname rh0 ip daddr $outer4 icmp type echo-request dnat ip to $attacker4
			iifname rh0 ip6 daddr $outer6 icmpv6 type echo-request dnat ip6 to $attacker6
		}
	}
	END
	refused 4 "$far" $outer4 7777
	refused 6 "$far" "[$outer6]" 7777
	expect "$router" icmp/destination-unreachable/accepted=1 \
		icmpv6/destination-unreachable/accepted=1
	read_counters "$far"
	is "at the far end" "1 1" \
		"${counter[icmp/destination-unreachable/accepted]} ${counter[icmpv6/destination-unreachable/accepted]}"
	configure "$router" "type echo-request limit 1/minute burst 3"
	in_ns "$router" conntrack -F >/dev/null 2>&1
	pings "$far" -c 5 -i 0.01 -W 1 $outer4
	is "replies" 3 "$ping_received"
	pings "$far" -c 5 -i 0.01 -W 1 $outer6
	is "IPv6 replies" 3 "$ping_received"
	expect "$router" source-limit=4 icmp/echo-request/accepted=3 icmpv6/echo-request/accepted=3 \
		icmp/echo-reply/accepted=3 icmpv6/echo-reply/accepted=3
	# Dropped requests have no entry; the entries were translated.
	send "[IP(src='203.0.113.7', dst='$outer4') / ICMP(id=i) / Raw(bytes(8)) for i in range(5)]"
	read_counters "$router"
	is "entries" $((2 + 3)) "$(in_ns "$router" conntrack -C)"
	# Scope is asked before translation: the address was the router's.
	configure "$router" "type echo-request drop" "set scope local"
	pings "$far" -c 2 -i 0.01 -W 1 $outer4
	expect "$router" policy-drop=2 icmp/echo-request/dropped=2
	no_ruleset
}

# transfer FAMILY SERVER ADDRESS CLIENT [COMMAND]: 300,000 bytes from the server to
# the client; the connection stays open until the command succeeds
transfer() {
	local server client
	head -c 300000 /dev/urandom >"$tmp/sent"
	: >"$tmp/received"
	rm -f "$tmp/seen"
	start in_ns "$2" timeout 120 bash -c "{
		cat '$tmp/sent'
		until [ -e '$tmp/seen' ]; do sleep 0.1; done
	} | socat -u - TCP$1-LISTEN:7777,reuseaddr"
	server=$!
	listening() {
		[ -n "$(in_ns "$1" ss -Htln 'sport = :7777')" ]
	}
	busywait 20000 listening "$2" || fail "no listener"
	start in_ns "$4" timeout 120 socat -u "TCP$1:$3:7777" "OPEN:$tmp/received,append"
	client=$!
	if [ -n "${5-}" ]; then
		busywait 30000 "$5" "$1" || fail "timed out: $5 $1"
	fi
	: >"$tmp/seen"
	wait "$client" || fail "the transfer broke off"
	cmp -s "$tmp/sent" "$tmp/received" || fail "not all arrived"
	stop "$server"
}

offloaded() {
	in_ns "$router" conntrack -L -f "ipv$1" -p tcp 2>/dev/null | grep -q OFFLOAD
}

# Connections in a flow table bypass the hooks; errors about them don't.
flowtable() {
	configure "$router"
	ruleset "$router" <<-END || return
	table inet fast {
		flowtable f { hook ingress priority filter; devices = { ra0, rh0 }; }
		chain forward { type filter hook forward priority filter
			meta l4proto { tcp, udp } flow add @f
		}
		chain pre { type nat hook prerouting priority dstnat
			iifname rh0 ip daddr $outer4 tcp dport 7777 dnat ip to $attacker4
			iifname rh0 ip6 daddr $outer6 tcp dport 7777 dnat ip6 to $attacker6
		}
	}
	END
	# The inside sends large segments into a path of 1300 bytes.
	ip -n "$far" route replace default via 203.0.113.1 advmss 1460
	ip -n "$far" -6 route replace default via 2001:db8:f::1 advmss 1440
	transfer 4 "$attacker" $outer4 "$far" offloaded
	transfer 6 "$attacker" "[$outer6]" "$far" offloaded
	read_counters "$router"
	[ "${counter[icmp/destination-unreachable/accepted]}" -gt 0 ] ||
		fail "no fragmentation needed came by"
	[ "${counter[icmpv6/packet-too-big/accepted]}" -gt 0 ] || fail "no packet too big came by"
	is drops "" "$(drops)"
	# ICMP isn't offloaded.
	configure "$router" "type echo-request limit 1/minute burst 3"
	pings "$attacker" -c 5 -i 0.01 -W 1 $far4
	is replies 3 "$ping_received"
	pings "$attacker" -c 5 -i 0.01 -W 1 $far6
	is "IPv6 replies" 3 "$ping_received"
	expect "$router" source-limit=4
	no_ruleset
}

# An IPVS director in front of a real server inside, with NAT
ipvs() {
	if ! command -v ipvsadm >/dev/null || ! in_ns "$router" ipvsadm -L >/dev/null 2>&1; then
		skip "no IPVS here"
		return
	fi
	configure "$router"
	configure "$far"
	for service in "-t $outer4:7777 $attacker4:7777" "-u $outer4:7778 $attacker4:7778" \
		       "-t [$outer6]:7777 [$attacker6]:7777" "-u [$outer6]:7778 [$attacker6]:7778"; do
		# shellcheck disable=SC2086 # words, on purpose
		set -- $service
		must in_ns "$router" ipvsadm -A "$1" "$2" -s rr
		must in_ns "$router" ipvsadm -a "$1" "$2" -r "$3" -m
	done
	# An error from the server, and one about a packet that the server sent
	refused 4 "$far" $outer4 7778
	refused 6 "$far" "[$outer6]" 7778
	expect "$router" icmp/destination-unreachable/accepted=1 \
		icmpv6/destination-unreachable/accepted=1
	ip -n "$far" route replace default via 203.0.113.1 advmss 1460
	ip -n "$far" -6 route replace default via 2001:db8:f::1 advmss 1440
	transfer 4 "$attacker" $outer4 "$far"
	transfer 6 "$attacker" "[$outer6]" "$far"
	read_counters "$router"
	[ "${counter[icmp/destination-unreachable/accepted]}" -gt 1 ] ||
		fail "no fragmentation needed came by"
	[ "${counter[icmpv6/packet-too-big/accepted]}" -gt 0 ] || fail "no packet too big came by"
	is drops "" "$(drops)"
	# The service's address has the same limit as any other.
	configure "$router" "type echo-request limit 1/minute burst 3" "set scope local"
	pings "$far" -c 5 -i 0.01 -W 1 $outer4
	is replies 3 "$ping_received"
	pings "$far" -c 5 -i 0.01 -W 1 $outer6
	is "IPv6 replies" 3 "$ping_received"
	expect "$router" source-limit=4 icmp/echo-request/accepted=3 icmpv6/echo-request/accepted=3
	must in_ns "$router" ipvsadm -C
	no_ruleset
}

run_tests \
	"nft_rules nft rules before and after icmpguard" \
	"iptables_rules iptables rules" \
	"no_entry what is dropped has no connection tracking entry" \
	"defragmentation fragments with connection tracking before, after and not at all" \
	"module_order connection tracking's modules loaded first" \
	"masqueraded errors to a masqueraded host" \
	"redirected errors of a redirected one" \
	"flowtable errors about connections in a flow table" \
	"ipvs errors through IPVS"
