#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Each recipe of Documentation/recipes.rst does what it claims, with real packets and
# exact counters.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

recipes=$here/../Documentation/recipes
[ -d "$recipes" ] || skip_all "this isn't a whole checkout"
need_all
need_scapy
need socat

outer=

# lines OUTER INNER: outside (o0) -- (OUTER) router (INNER) -- (i0) inside, with the
# router's devices named as in the recipe; the outside has many addresses
lines() {
	[ "$outer" != "$1" ] || return
	outer=$1
	ns_add outside out
	ns_add router router
	ns_add inside in
	veth "$outside" o0 "$router" "$1"
	veth "$inside" i0 "$router" "$2"
	addr "$outside" o0 $attacker4/24 $other4/24 198.51.100.77/24 $attacker6/48
	addr "$router" "$1" $router4/24 $router6/48
	addr "$router" "$2" 192.0.2.1/24 2001:db8:b::1/64
	addr "$inside" i0 $host4/24 $host6/64
	in_ns "$router" sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.conf.all.rp_filter=0 "net.ipv4.conf.$1.rp_filter=0"
	ip -n "$outside" route add default via $router4
	ip -n "$outside" route add default via $router6
	ip -n "$inside" route add default via 192.0.2.1
	ip -n "$inside" route add default via 2001:db8:b::1
	# Replies to forged addresses end here
	ip -n "$router" route add default via $attacker4
	ip -n "$router" route add default via $attacker6
	busywait 20000 in_ns "$outside" ping -q -c 1 -W 1 $host4 >/dev/null 2>&1 &&
		busywait 20000 in_ns "$outside" ping -q -c 1 -W 1 $host6 >/dev/null 2>&1 ||
		skip_all "veth pairs don't connect namespaces here"
	host=$inside attacker=$outside
	keep_neighbours
	crafting "$outside" o0 "$(mac "$router" "$1")"
}

# recipe NAME: apply it, as in the documentation
recipe() {
	must ctl "$router" flush all
	must ctl "$router" apply "$recipes/$1.conf"
}

# again: flush sources and reset the counters
again() {
	must ctl "$router" flush sources
	must ctl "$router" flush stats
}

# sends BURST RATE PROTO/TYPE EXPRESSION [LEAST]: send it, to one bucket; sets passed,
# which is at least the burst or LEAST, and at most the burst plus the rate
sends() {
	local begin
	begin=$(now)
	send "$4"
	settled "$router"
	read_counters "$router"
	passed=${counter[$3/accepted]}
	within "$3 accepted of $sent" "${5:-$1}" $(($1 + $2 * ($(now) - begin) / 1000 + 1)) "$passed"
}

echo4() {
	echo "[raw(IP(src='$1', dst='$2')/ICMP(id=7)/Raw(b'x' * 8))] * $3"
}

echo6() {
	echo "[raw(IPv6(src='$1', dst='$2')/ICMPv6EchoRequest(id=7, data=b'x' * 8))] * $3"
}

# An error that quotes a packet of the destination's
error4() {
	echo "[raw(IP(src='$1', dst='$2', proto=1)/icmp4($3, bytes(2) + (1400).to_bytes(2, 'big') +" \
		"bytes(IP(src='$2', dst='$1')/UDP(sport=9, dport=9)), code=$4))] * $5"
}

too_big6() {
	echo "[raw(icmp6('$1', '$2', 2, body=(1400).to_bytes(4, 'big') +" \
		"bytes(IPv6(src='$2', dst='$1')/UDP(sport=9, dport=9))))] * $3"
}

### A home router #############################################################

home_flood() {
	lines wan0 lan0
	recipe home-router
	# To an unused address: replies would be counted too.
	sends 20 10 icmp/echo-request "$(echo4 $attacker4 192.0.2.9 300)"
	expect "$router" "icmp/echo-request/accepted=$passed" \
		"icmp/echo-request/limited=$((300 - passed))" "source-limit=$((300 - passed))"
	again
	pings "$outside" -i 0.005 -c 100 -W 1 $router6
	within replies 20 $((21 + ping_ms / 100)) "$ping_received"
	expect "$router" "icmpv6/echo-request/accepted=$ping_received" \
		"icmpv6/echo-request/limited=$((100 - ping_received))" \
		"source-limit=$((100 - ping_received))"
}

# The house's own pings aren't judged; the replies are, as they come in at wan0.
home_house() {
	lines wan0 lan0
	recipe home-router
	pings "$inside" -i 0.005 -c 300 -W 1 192.0.2.1
	is "answers from the router" 300 "$ping_received"
	expect "$router" icmp/echo-request/accepted=0 icmp/echo-reply/accepted=0
	pings "$inside" -i 0.005 -c 150 -W 1 $attacker4
	is "answers from outside" 150 "$ping_received"
	expect "$router" icmp/echo-request/accepted=0 icmp/echo-reply/accepted=150
}

home_pmtu() {
	lines wan0 lan0
	recipe home-router
	send "$(error4 $attacker4 $host4 3 4 10000)"
	send "$(too_big6 $attacker6 $host6 10000)"
	expect "$router" icmp/destination-unreachable/accepted=10000 icmpv6/packet-too-big/accepted=10000
}

home_drops() {
	lines wan0 lan0
	recipe home-router
	send "$(error4 $router4 $host4 5 1 7)"
	pings "$outside" -i 0.01 -c 5 -W 1 -s 1472 $host4
	is "answers to 1472 bytes" 5 "$ping_received"
	pings "$outside" -i 0.01 -c 5 -W 1 -s 1473 $host4
	is "answers to 1473 bytes" 0 "$ping_received"
	# Only the second fragment of an oversize echo shows its size.
	expect "$router" policy-drop=7 icmp/redirect/dropped=7 echo-oversize=5 \
		icmp/echo-request/accepted=10
}

### A server behind a load balancer ###########################################

balancer_checks() {
	lines wan0 lan0
	recipe behind-load-balancer
	pings "$outside" -I $attacker4 -i 0.003 -c 400 -W 1 $router4
	is "answers to the balancer" 400 "$ping_received"
	pings "$outside" -I $attacker6 -i 0.003 -c 400 -W 1 $router6
	is "answers to the balancer by IPv6" 400 "$ping_received"
	expect "$router" exempt=800 icmp/echo-request/accepted=400 icmpv6/echo-request/accepted=400
}

balancer_others() {
	lines wan0 lan0
	recipe behind-load-balancer
	sends 10 2 icmp/echo-request "$(echo4 198.51.100.77 $router4 100)"
	expect "$router" "icmp/echo-request/accepted=$passed" "source-limit=$((100 - passed))"
	# Forwarded packets aren't judged there.
	again
	pings "$outside" -I 198.51.100.77 -i 0.005 -c 50 -W 1 $host4
	is "answers to what is forwarded" 50 "$ping_received"
	expect "$router" icmp/echo-request/accepted=0
}

# Every packet has its own source, so that only the total limits them.
random4() {
	echo "[IP(src='203.0.%d.%d' % (i >> 8, i & 255), dst='$1')/ICMP(id=i) for i in range($2)]"
}

balancer_flood() {
	local flood
	lines wan0 lan0
	recipe behind-load-balancer
	# The last tenth of it may be refused by the jittered limit of the total.
	local begin
	begin=$(now)
	send "$(random4 $router4 600)"
	pings "$outside" -I $attacker4 -i 0.003 -c 200 -W 1 $router4
	is "answers to the balancer" 200 "$ping_received"
	read_counters "$router"
	flood=$((${counter[icmp/echo-request/accepted]} - 200))
	within "answers to the flood" 30 $((200 + 100 * ($(now) - begin) / 1000 + 1)) "$flood"
	expect "$router" exempt=200 "total-limit=$((600 - flood))" "within-limit=$flood"
}

### A monitoring host's neighbours ############################################

monitored_answers() {
	local flood begin
	lines wan0 lan0
	recipe monitored-hosts
	# Before the flood it pings as usual.
	become_known "$router" echo-request $attacker4 "$outside" -I $attacker4 $router4
	must ctl "$router" flush stats
	begin=$(now)
	send "$(random4 $router4 900)"
	# Up to 100 a second, regardless of others
	pings "$outside" -I $attacker4 -i 0.02 -c 100 -W 1 $router4
	is "answers to the monitoring" 100 "$ping_received"
	read_counters "$router"
	flood=$((${counter[icmp/echo-request/accepted]} - 100))
	within "answers to the others" 75 $((400 + 200 * ($(now) - begin) / 1000 + 1)) "$flood"
	expect "$router" "total-limit=$((900 - flood))" "icmp/echo-request/accepted=$((flood + 100))"
}

monitored_forged() {
	lines wan0 lan0
	recipe monitored-hosts
	# They are also charged to the total, whose limit is jittered.
	sends 300 100 icmp/echo-request "$(echo4 $attacker4 192.0.2.9 1000)" 75
	local total=${counter[total-limit]}
	expect "$router" "icmp/echo-request/accepted=$passed" "total-limit=$total" \
		"source-limit=$((1000 - passed - total))"
	again
	sends 300 100 icmpv6/echo-request "$(echo6 $attacker6 $router6 1000)" 75
	total=${counter[total-limit]}
	expect "$router" "icmpv6/echo-request/accepted=$passed" "total-limit=$total" \
		"source-limit=$((1000 - passed - total))"
}

monitored_others() {
	lines wan0 lan0
	recipe monitored-hosts
	sends 10 5 icmp/echo-request "$(echo4 $other4 192.0.2.9 100)"
	expect "$router" "icmp/echo-request/accepted=$passed" "source-limit=$((100 - passed))"
}

### An IPv6-only network ######################################################

v6_ladder() {
	lines wan0 lan0
	recipe ipv6-only
	sends 40 20 icmpv6/echo-request "$(echo6 2001:db8:a:5::1 $router6 200)"
	expect "$router" "icmpv6/echo-request/accepted=$passed" "source-limit=$((200 - passed))"
	again
	# 64 networks of 64 bits, in 64 of 56, in one of 48: each below its own rate
	sends 640 320 icmpv6/echo-request \
		"[IPv6(src='2001:db8:c:%x00::%x' % (i % 64, i), dst='$router6')/ICMPv6EchoRequest() for i in range(1100)]"
	expect "$router" "icmpv6/echo-request/accepted=$passed" "source-limit=$((1100 - passed))"
}

v6_neighbours() {
	lines wan0 lan0
	recipe ipv6-only
	local solicit="ICMPv6ND_NS(tgt='$router6')"
	send "[raw(IPv6(src='$attacker6', dst='$router6', hlim=255)/$solicit)] * 500"
	send "[IPv6(src='2001:db8:c::1', dst='$router6', hlim=254)/$solicit] * 9"
	send "$(too_big6 $attacker6 $host6 800)"
	settled "$router"
	read_counters "$router"
	# The router's own neighbour solicitations are answered meanwhile.
	within solicitations 500 510 "${counter[icmpv6/nd-neighbor-solicit/accepted]}"
	expect "$router" nd-hop-limit=9 icmpv6/nd-neighbor-solicit/dropped=9 \
		icmpv6/packet-too-big/accepted=800
}

v6_drops() {
	lines wan0 lan0
	recipe ipv6-only
	pings "$outside" -i 0.01 -c 10 -W 1 $router4
	is "answers by IPv4" 0 "$ping_received"
	send "[icmp6('$attacker6', '$router6', 139, body=bytes(28))] * 6"
	expect "$router" policy-drop=16 icmp/echo-request/dropped=10 icmpv6/node-information-query/dropped=6
}

### A provider's edge #########################################################

edge_pings() {
	lines edge0 core0
	recipe provider-edge
	sends 200 100 icmp/echo-request "$(echo4 203.0.113.1 192.0.2.9 600)"
	expect "$router" "icmp/echo-request/accepted=$passed" "source-limit=$((600 - passed))"
	again
	# 200 addresses of one /24, each below its own rate
	sends 1600 800 icmp/echo-request \
		"[IP(src='203.0.113.%d' % (i % 200), dst='192.0.2.9')/ICMP() for i in range(2400)]"
	expect "$router" "icmp/echo-request/accepted=$passed" "source-limit=$((2400 - passed))"
}

edge_errors() {
	lines edge0 core0
	recipe provider-edge
	# The limit of an error is jittered by an eighth of its burst.
	sends 1000 500 icmp/destination-unreachable "$(error4 $attacker4 192.0.2.9 3 3 3000)" 870
	expect "$router" "icmp/destination-unreachable/accepted=$passed" \
		"icmp/destination-unreachable/limited=$((3000 - passed))" \
		"source-limit=$((3000 - passed))"
}

edge_core() {
	lines edge0 core0
	recipe provider-edge
	pings "$inside" -i 0.002 -c 500 -W 1 192.0.2.1
	is "answers to the core" 500 "$ping_received"
	expect "$router" icmp/echo-request/accepted=0 icmp/echo-reply/accepted=0
}

# far_flow FAMILY ADDRESS: 300,000 bytes by TCP from inside, past the hop
far_flow() {
	local receiver sender
	: >"$tmp/received"
	start in_ns "$far" socat -u "TCP$1-LISTEN:7777,reuseaddr" "OPEN:$tmp/received,append"
	receiver=$!
	far_listens() {
		[ -n "$(in_ns "$far" ss -Htln 'sport = :7777')" ]
	}
	busywait 20000 far_listens || fail "no listener"
	start in_ns "$inside" socat -u "OPEN:$tmp/sent" "TCP$1:$2:7777"
	sender=$!
	busywait 20000 cmp -s "$tmp/sent" "$tmp/received" ||
		fail "IPv$1: $(wc -c <"$tmp/received") of 300000 bytes arrived"
	stop "$sender"
	stop "$receiver"
}

# The next router outside has private addresses, and the link after it a small MTU.
edge_hops() {
	local out
	lines edge0 core0
	recipe provider-edge
	ns_add far far
	veth "$outside" f0 "$far" c0
	ip -n "$outside" link set f0 mtu 1280
	addr "$outside" f0 198.18.0.1/24 2001:db8:f::1/64
	addr "$outside" o0 10.1.2.3/32 fd00::1/128
	addr "$far" c0 198.18.0.2/24 2001:db8:f::2/64
	ip -n "$far" route add default via 198.18.0.1
	ip -n "$far" route add default via 2001:db8:f::1
	ip -n "$outside" route add 192.0.2.0/24 via $router4 src 10.1.2.3
	ip -n "$outside" route add 2001:db8:b::/64 via $router6 src fd00::1
	# Its own rate limit for errors isn't under test.
	in_ns "$outside" sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	head -c 300000 /dev/urandom >"$tmp/sent"
	far_flow 4 198.18.0.2
	far_flow 6 "[2001:db8:f::2]"
	out=$(ip -n "$inside" route get 198.18.0.2; ip -n "$inside" route get 2001:db8:f::2)
	is "paths of 1280 bytes" 2 "$(grep -c 'mtu 1280' <<<"$out")"
	out=$(in_ns "$inside" ping -n -c 1 -W 5 -t 2 198.18.0.2
		in_ns "$inside" ping -n -c 1 -W 5 -t 2 2001:db8:f::2)
	[[ $out == *"From 10.1.2.3"*"From fd00::1"* ]] || fail "traceroute doesn't see the hop: $out"
	settled "$router"
	read_counters "$router"
	is dropped 0 "${counter[dropped]}"
	is "time exceeded" "1 1" \
		"${counter[icmp/time-exceeded/accepted]} ${counter[icmpv6/time-exceeded/accepted]}"
	[ "${counter[icmp/destination-unreachable/accepted]}" -gt 0 ] &&
		[ "${counter[icmpv6/packet-too-big/accepted]}" -gt 0 ] ||
		fail "nothing was too big"
}

### The page ##################################################################

# No recipe drops errors from routers with private addresses.
private_hops() {
	local file src
	lines wan0 lan0
	for file in "$recipes"/*.conf; do
		recipe "$(basename "$file" .conf)"
		for src in 10.1.2.3 100.64.1.1 172.16.1.1 192.168.1.1; do
			send "$(error4 $src $router4 3 4 1) + $(error4 $src $router4 3 3 1) + $(error4 $src $router4 11 0 1)"
		done
		send "$(too_big6 fd00::1 $router6 1)"
		settled "$router"
		read_counters "$router"
		is "$file: accepted, dropped" "13 0" "${counter[accepted]} ${counter[dropped]}"
	done
}

# The page has exactly the existing files, and applying show's output again changes
# nothing.
page() {
	local file
	lines wan0 lan0
	is "files in the page" "$(cd "$recipes" && printf '%s\n' *.conf)" \
		"$(sed -n 's,^\.\. literalinclude:: recipes/,,p' "$recipes/../recipes.rst" | sort)"
	for file in "$recipes"/*.conf; do
		must "$tool" check "$file"
		must ctl "$router" apply "$file"
		ctl "$router" show >"$tmp/once"
		must ctl "$router" apply "$tmp/once"
		ctl "$router" show >"$tmp/twice"
		cmp "$tmp/once" "$tmp/twice" >/dev/null || fail "$file isn't the same twice"
	done
}

run_tests \
	"page every file is in the page, and can be applied" \
	"private_hops no recipe drops errors of routers with private addresses" \
	"home_flood home router: a flood from outside has its rate, to the router and through it" \
	"home_house home router: the house isn't limited" \
	"home_pmtu home router: path MTU discovery of ten thousand flows" \
	"home_drops home router: redirects and large pings are dropped" \
	"balancer_checks load balancer: all of its health checks are answered" \
	"balancer_others load balancer: any other address has its rate" \
	"balancer_flood load balancer: a flood from random addresses doesn't affect it" \
	"monitored_answers monitoring: its pings are answered through a flood" \
	"monitored_forged monitoring: forging its address gains little" \
	"monitored_others monitoring: others have their rate" \
	"v6_ladder IPv6: a /64 has its rate, and a /48 sixteen times that" \
	"v6_neighbours IPv6: neighbours and path MTU always, but not through a router" \
	"v6_drops IPv6: no pings by IPv4, no node information" \
	"edge_pings provider: an address has its rate, and a /24 eight times that" \
	"edge_errors provider: a flood of port-unreachable has its rate" \
	"edge_core provider: the core's pings aren't judged" \
	"edge_hops provider: TCP and traceroute work past a router with private addresses"
