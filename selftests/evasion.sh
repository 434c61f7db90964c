#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Evasion by fragments and extension headers: for each attempt, everything that the
# router counted, how many packets arrived, and how many pings were understood. Each is
# made twice: to the host, so that the router judges fragment by fragment, and to the
# router itself, which reassembles.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need nft
topology
keep_neighbours
crafting "$attacker" at0 "$(mac "$router" ra0)"
# Both count pings and send neither replies nor errors, which would be counted too.
# A packet of protocol 253 marks the end: all before it have arrived. The host counts
# fragments, the router whole packets.
counting() {
	in_ns "$1" sysctl -q net.ipv4.icmp_echo_ignore_all=1 net.ipv6.icmp.echo_ignore_all=1
	in_ns "$1" nft -f - <<END || skip_all "nft can't count here"
table inet e {
	chain arriving {
		type filter hook $2
		ip protocol 253 counter drop comment "end"
		ip saddr 198.51.100.0/24 counter comment "arrived"
		ip6 saddr 2001:db8:a::/48 counter comment "arrived"
	}
	chain output {
		type filter hook output priority 0
		icmp type { destination-unreachable, time-exceeded, parameter-problem } drop
		icmpv6 type { destination-unreachable, time-exceeded, parameter-problem } drop
	}
}
END
}
counting "$host" "prerouting priority -500"
counting "$router" "input priority 0"
configure "$router" "set max-echo-size 8192" "type echo-request accept" "type fragment accept"

# aim_at NAMESPACE IPV4 IPV6: the target of the next attempts
aim_at() {
	target=$1
	send "where('$attacker4', '$2', '$attacker6', '$3')"
	send "[(M4 := ping4(2992)), (M6 := ping6(2992))][:0]"
}
aim_at "$host" $host4 $host6

# understood: echo requests that the target recognised
understood() {
	local -a lines names=() values
	local dir=/proc/${holder[$target]}/net line i
	understood=0
	mapfile -t lines <"$dir/snmp"
	for line in "${lines[@]}"; do
		[[ $line == Icmp:* ]] || continue
		# shellcheck disable=SC2206 # words, on purpose
		values=($line)
		for i in "${!names[@]}"; do
			[ "${names[i]}" != InEchos ] || understood=${values[i]}
		done
		names=("${values[@]}")
	done
	mapfile -t lines <"$dir/snmp6"
	for line in "${lines[@]}"; do
		[[ $line != Icmp6InEchos* ]] || understood=$((understood + ${line##*[[:space:]]}))
	done
}

# at_target: sets arrived and ends
at_target() {
	rule_packets "$target" inet e arriving
	arrived=${at[arrived]} ends=${at[end]}
}

ended() {
	at_target
	[ "$ends" -ge "$1" ]
}

# changed: the counters that read_counters found changed since they were saved
changed() {
	local name
	for name in "${!counter[@]}"; do
		case $name in
		seen|accepted|dropped|policy-accept|within-limit) continue ;;
		# Neighbours ask for each other when they like.
		icmpv6/nd-neighbor-*) continue ;;
		esac
		[ "${counter[$name]}" = "${saved[$name]-0}" ] ||
			changes+=("$name=$((counter[$name] - ${saved[$name]-0}))")
	done
}

names=() expectations=() expressions=()
# attempt NAME "COUNTER=VALUE... arrived=N understood=N" PACKETS: to the host
attempt() {
	names+=("$1")
	expectations+=("$2")
	expressions+=("$3")
}

local_names=() local_expectations=() local_expressions=()
# attempts NAME HOST ROUTER PACKETS: with what is expected of each
attempts() {
	attempt "$1" "$2" "$4"
	local_names+=("the router itself, $1")
	local_expectations+=("$3")
	local_expressions+=("$4")
}

# A packet has been counted when the next one has arrived, unless another processor
# handled it.
counted() {
	local each changes=("arrived=$((arrived - arrived_before))"
		"understood=$((understood - understood_before))")
	read_counters "$router"
	changed
	got="${changes[*]}"
	[ ${#changes[@]} -eq $# ] || return
	for each; do
		[[ " $got " == *" $each "* ]] || return
	done
}

at_router() {
	aim_at "$router" $router4 $router6
	expectations=("${local_expectations[@]}") expressions=("${local_expressions[@]}")
	turn=0
}

turn=0
declare -A saved=()
next() {
	local expected=${expectations[turn]} expression=${expressions[turn]}
	local name arrived_before understood_before got
	turn=$((turn + 1))
	read_counters "$router"
	for name in "${!counter[@]}"; do
		saved[$name]=${counter[$name]}
	done
	at_target
	arrived_before=$arrived
	understood
	understood_before=$understood
	send "list($expression) + [ip4(proto=253) / Raw(bytes(8))]"
	busywait 20000 ended $((ends + 1)) || fail "not all arrived"
	understood
	# shellcheck disable=SC2086 # words, on purpose
	busywait 3000 counted $expected || fail "counted: expected '$expected', got '$got'"
	sums_hold
}

# both NAME HOST ROUTER PACKETS: in both families. The differences are in the
# expression: M, part, and the numbers of fragments' identifications
both() {
	local family type
	for family in 4 6; do
		type=icmp
		[ $family = 4 ] || type=icmpv6
		attempts "IPv$family: $1" "${2//PROTO/$type}" "${3//PROTO/$type}" \
			"(lambda M, part, I: $4)(M$family, part$family, $((${#names[@]} + 1000)))"
	done
}

ping=PROTO/echo-request/accepted
frag=PROTO/fragment/dropped

### Order, sizes, repetition ##################################################

# passed FRAGMENTS: a ping whose fragments all arrive and are understood
passed() {
	echo "fragments=$1 $ping=1 arrived=$1 understood=1"
}

# whole FRAGMENTS: the same, reassembled
whole() {
	echo "fragments=$1 reassembled=1 $ping=1 arrived=1 understood=1"
}

both "in order" "$(passed 3)" "$(whole 3)" "parts(part, M, I, 1400)"
both "in each of the six orders" "fragments=18 $ping=6 arrived=18 understood=6" \
	"fragments=18 reassembled=6 $ping=6 arrived=6 understood=6" \
	"[f for i, p in enumerate(itertools.permutations(range(3))) for f in [parts(part, M, I + 10000 + i, 1400)[k] for k in p]]"
both "pieces of eight bytes" "$(passed 375)" "$(whole 375)" "parts(part, M, I, 8)"
both "pieces of eight bytes, backwards" "$(passed 375)" "$(whole 375)" "parts(part, M, I, 8)[::-1]"
both "nothing but the ICMP header in the first" "$(passed 4)" "$(whole 4)" \
	"[part(M, I, 0, 8), part(M, I, 8, 1400), part(M, I, 1400, 2800), part(M, I, 2800)]"
both "one byte in the last" "$(passed 3)" "$(whole 3)" \
	"(lambda m: parts(part, m, I, 1400))(ping4(2793) if part is part4 else ping6(2793))"
both "the largest ping allowed" "$(passed 6)" "$(whole 6)" \
	"(lambda m: parts(part, m, I, 1400))(ping4(8192) if part is part4 else ping6(8192))"
# Its first fragments don't show it, and pass; the last never reaches the host.
both "one byte more" "fragments=6 $ping=1 $frag=1 echo-oversize=1 arrived=5 understood=0" \
	"fragments=6 $frag=1 echo-oversize=1 arrived=0 understood=0" \
	"(lambda m: parts(part, m, I, 1400))(ping4(8193) if part is part4 else ping6(8193))"
both "one byte more, backwards" "fragments=6 $ping=1 $frag=1 echo-oversize=1 arrived=5 understood=0" \
	"fragments=6 $frag=1 echo-oversize=1 arrived=0 understood=0" \
	"(lambda m: parts(part, m, I, 1400)[::-1])(ping4(8193) if part is part4 else ping6(8193))"
far="fragments=15 fragments-early=9 $frag=1 echo-oversize=1"
both "a ping of 20,000 bytes" "$far $ping=1 arrived=5 understood=0" "$far arrived=0 understood=0" \
	"(lambda m: parts(part, m, I, 1400))(ping4(20000) if part is part4 else ping6(20000))"
both "the middle is missing" "fragments=2 $ping=1 arrived=2 understood=0" \
	"fragments=2 arrived=0 understood=0" "[part(M, I, 0, 1400), part(M, I, 2800)]"
both "the first is missing" "fragments=2 arrived=2 understood=0" \
	"fragments=2 arrived=0 understood=0" "[part(M, I, 1400, 2800), part(M, I, 2800)]"
both "the last is missing" "fragments=2 $ping=1 arrived=2 understood=0" \
	"fragments=2 arrived=0 understood=0" "[part(M, I, 0, 1400), part(M, I, 1400, 2800)]"
repeated="fragments=4 reassembled=1 $ping=1 $frag=1 fragment-refused=1 arrived=1"
both "a repetition when all is over" "fragments=4 $ping=1 arrived=4 understood=1" \
	"$repeated understood=1" "parts(part, M, I, 1400) + [part(M, I, 2800)]"
both "the first twice" "fragments=4 $ping=2 arrived=4 understood=1" "$repeated understood=1" \
	"(lambda f: [f[0], f[0], f[1], f[2]])(parts(part, M, I, 1400))"
both "the middle twice" "fragments=4 $ping=1 arrived=4 understood=1" "$repeated understood=1" \
	"(lambda f: [f[1], f[1], f[2], f[0]])(parts(part, M, I, 1400))"
both "the last twice" "fragments=4 $ping=1 arrived=4 understood=1" "$repeated understood=1" \
	"(lambda f: [f[2], f[2], f[0], f[1]])(parts(part, M, I, 1400))"
# The first fragment with a given offset counts, and the checksum is that of its bytes.
both "a repetition with another type" \
	"fragments=4 $ping=1 PROTO/other/accepted=1 arrived=4 understood=1" "$repeated understood=1" \
	"[part(M, I, 0, 1400), part(b'\x55' * 1400 + M[1400:], I, 0, 1400), part(M, I, 1400, 2800), part(M, I, 2800)]"
both "contents replaced before the true ones come" "fragments=4 $ping=1 arrived=4 understood=0" \
	"$repeated understood=0" \
	"[part(M, I, 0, 1400), part(M[:1400] + b'\x55' * 1600, I, 1400, 2800), part(M, I, 1400, 2800), part(M, I, 2800)]"
# IPv6's reassembly ignores it, IPv4's drops the message.
for family in 4 6; do
	refused="icmp/fragment/dropped=1 fragment-refused=1 " proto=icmp
	[ $family = 4 ] || refused="" proto=icmpv6
	attempts "IPv$family: a smaller piece of what is there" \
		"$proto/echo-request/accepted=1 fragments=4 arrived=4 understood=1" \
		"$refused$proto/echo-request/accepted=1 fragments=4 reassembled=1 arrived=1 understood=1" \
		"[part$family(M$family, 2012, 0, 1400), part$family(M$family, 2012, 400, 800), part$family(M$family, 2012, 1400, 2800), part$family(M$family, 2012, 2800)]"
done

### Overlaps ##################################################################

# An overlap makes reassembly drop the packet. Later fragments begin another one, which
# is never complete. Forwarded ones pass, and no reassembly of them yields a type that
# wasn't judged; the host drops them.
# overlapping NAME FRAGMENTS "COUNTER=VALUE..." PACKETS
overlapping() {
	both "$1" "fragments=$2 ${3:+$3 }arrived=$2 understood=0" \
		"fragments=$2 $frag=1 fragment-refused=1 arrived=0 understood=0" "$4"
}

overlapping "the second begins eight bytes early" 3 $ping=1 \
	"[part(M, I, 0, 1400), part(M, I, 1392, 2800), part(M, I, 2800)]"
overlapping "the first ends eight bytes late" 3 $ping=1 \
	"[part(M, I, 1400, 2800), part(M, I, 0, 1408), part(M, I, 2800)]"
overlapping "half of one and more" 4 $ping=1 \
	"[part(M, I, 0, 1400), part(M, I, 696, 1408), part(M, I, 1400, 2800), part(M, I, 2800)]"
overlapping "a piece around another" 3 "" \
	"[part(M, I, 800, 1200), part(M, I, 696, 1400), part(M, I, 2800)]"
overlapping "a header for the second time, longer" 3 $ping=2 \
	"[part(M, I, 0, 8), part(M, I, 0, 16), part(M, I, 16, 1400)]"
overlapping "the gap filled too well" 3 $ping=1 \
	"[part(M, I, 0, 1400), part(M, I, 2800), part(M, I, 1392, 2808)]"
overlapping "a last one within what is there (teardrop)" 2 $ping=1 \
	"[part(M, I, 0, 1400), part(M, I, 24, 48, more=False)]"
overlapping "two ends, the second shorter" 2 "" \
	"[part(M, I, 2800), part(M, I, 2800, 2904, more=False)]"
overlapping "two ends, the second longer" 2 "" \
	"[part(M, I, 2800, 2904, more=False), part(M, I, 2800)]"
overlapping "something after the end" 2 "" \
	"[part(M, I, 1400, 2800, more=False), part(M, I, 2800, more=True)]"

### Impossible fragments ######################################################

# None of these may affect the packet it claims to belong to.
# impossible NAME "FRAGMENTS COUNTER=VALUE..." PACKETS
impossible() {
	both "$1" "fragments=$2 $ping=1 arrived=3 understood=1" \
		"fragments=$2 reassembled=1 $ping=1 arrived=1 understood=1" "$3"
}

impossible "an empty one among good ones" "4 $frag=1 fragment-refused=1" \
	"[part(M, I, 0, 1400), part(M, I, 1400, 1400, more=True), part(M, I, 1400, 2800), part(M, I, 2800)]"
impossible "an empty last one among good ones" "4 $frag=1 fragment-refused=1" \
	"[part(M, I, 0, 1400), part(M, I, 1400, 1400, more=False), part(M, I, 1400, 2800), part(M, I, 2800)]"
impossible "one that ends between multiples of eight" "4 $frag=1 fragment-refused=1" \
	"[part(M, I, 0, 1400), part(M, I, 1400, 2797), part(M, I, 1400, 2800), part(M, I, 2800)]"
impossible "a first one that does" "4 $frag=1 fragment-refused=1" \
	"[part(M, I, 1400, 2800), part(M, I, 0, 1399), part(M, I, 0, 1400), part(M, I, 2800)]"
impossible "one past 65,535 bytes" "4 $frag=1 fragment-oversize=1" \
	"[part(M, I, 0, 1400), part(bytes(70000), I, 65512, 65912), part(M, I, 1400, 2800), part(M, I, 2800)]"
impossible "a first one of four bytes" "3 PROTO/other/dropped=1 fragment-short=1" \
	"[part(M, I, 1400, 2800), part(M, I, 0, 4), part(M, I, 0, 1400), part(M, I, 2800)]"
impossible "an empty first one" "3 PROTO/other/dropped=1 fragment-short=1" \
	"[part(M, I, 1400, 2800), part(M, I, 0, 0, more=True), part(M, I, 0, 1400), part(M, I, 2800)]"

### Whose fragments are these? ################################################

both "two messages in turn" "fragments=6 $ping=2 arrived=6 understood=2" \
	"fragments=6 reassembled=2 $ping=2 arrived=2 understood=2" \
	"[f for pair in zip(parts(part, M, I, 1400), parts(part, M, I + 20000, 1400)) for f in pair]"
halves="fragments=2 $ping=1 arrived=2 understood=0"
both "halves of different identifications" "$halves" "fragments=2 arrived=0 understood=0" \
	"[part(M, I, 0, 1400), part(M, I + 20000, 1608)]"
attempts "IPv4: halves of different sources" "${halves/PROTO/icmp}" "fragments=2 arrived=0 understood=0" \
	"[part4(M4, 3000, 0, 1400), part4(M4, 3000, 1608, src='$other4')]"
attempts "IPv6: halves of different sources" "${halves/PROTO/icmpv6}" "fragments=2 arrived=0 understood=0" \
	"[part6(M6, 3000, 0, 1400), part6(M6, 3000, 1608, src='$same64')]"
# The UDP half isn't judged and passes.
halves="fragments=1 $ping=1 arrived=2 understood=0"
attempts "IPv4: halves of different protocols" "${halves/PROTO/icmp}" "fragments=1 arrived=0 understood=0" \
	"[part4(M4, 3001, 0, 1400), part4(M4, 3001, 1608, proto=17)]"
attempt "IPv6: a first one of ICMPv6, the rest of UDP" "${halves/PROTO/icmpv6}" \
	"[part6(M6, 3001, 0, 1400), part6(M6, 3001, 1608, nh=17)]"
attempt "IPv6: a first one of UDP, the rest of ICMPv6" "fragments=1 arrived=2 understood=0" \
	"[part6(M6, 3002, 0, 1400, nh=17), part6(M6, 3002, 1608)]"

### IPv4's header #############################################################

one="fragments=3 icmp/echo-request/accepted=1 arrived=3 understood=1"
one_here="fragments=3 reassembled=1 icmp/echo-request/accepted=1 arrived=1 understood=1"
attempts "IPv4: not to be fragmented, in fragments" "$one" "$one_here" \
	"[part4(M4, 3100, 0, 1400, flags='MF+DF'), part4(M4, 3100, 1400, 2800, flags='MF+DF'), part4(M4, 3100, 2800, flags='DF')]"
attempts "IPv4: the reserved flag" "$one" "$one_here" \
	"[part4(M4, 3101, 0, 1400, flags='MF+evil'), part4(M4, 3101, 1400, 2800, flags='MF+evil'), part4(M4, 3101, 2800, flags='evil')]"
attempts "IPv4: options in the first alone" "$one" "$one_here" \
	"[part4(M4, 3102, 0, 1400, options=[IPOption(b'\x01\x01\x01\x00')]), part4(M4, 3102, 1400, 2800), part4(M4, 3102, 2800)]"
attempts "IPv4: different TTLs" "$one" "$one_here" \
	"[part4(M4, 3103, 0, 1400, ttl=64), part4(M4, 3103, 1400, 2800, ttl=255), part4(M4, 3103, 2800, ttl=9)]"
attempts "IPv4: congestion marks that don't go together (RFC 3168 5.3)" \
	"fragments=3 icmp/echo-request/accepted=1 arrived=3 understood=0" \
	"fragments=3 icmp/fragment/dropped=1 fragment-refused=1 arrived=0 understood=0" \
	"[part4(M4, 3104, 0, 1400, tos=2), part4(M4, 3104, 1400, 2800, tos=0), part4(M4, 3104, 2800, tos=2)]"

### IPv6's headers ############################################################

one=${one/icmp/icmpv6} one_here=${one_here/icmp/icmpv6}
chain="icmpv6/other/dropped=1 header-chain=1"
attempts "IPv6: an atomic fragment (RFC 6946)" \
	"icmpv6/echo-request/accepted=1 arrived=1 understood=1" \
	"icmpv6/echo-request/accepted=1 arrived=1 understood=1" "[part6(ping6(100), 3200)]"
attempts "IPv6: an atomic fragment beside real ones of its identification" \
	"fragments=3 icmpv6/echo-request/accepted=2 arrived=4 understood=2" \
	"fragments=3 reassembled=1 icmpv6/echo-request/accepted=2 arrived=2 understood=2" \
	"[part6(M6, 3201, 0, 1400), part6(ping6(100), 3201), part6(M6, 3201, 1400, 2800), part6(M6, 3201, 2800)]"
attempt "IPv6: two atomic fragment headers" "$chain arrived=0 understood=0" \
	"[ip6(IPv6ExtHdrFragment(nh=44, id=1), IPv6ExtHdrFragment(nh=58, id=2)) / Raw(ping6(100))]"
# Later fragments of the outer header may be of any protocol and pass. Without the first
# one the packet is never complete.
attempt "IPv6: a fragmented fragment" "$chain arrived=1 understood=0" \
	"parts(part6, raw(IPv6ExtHdrFragment(nh=58, id=1)) + M6[:1392], 3202, 800, nh=44)"
attempt "IPv6: a first fragment in an atomic one" "$chain arrived=0 understood=0" \
	"[part6(raw(IPv6ExtHdrFragment(nh=58, id=3203, m=1)) + M6[:1392], 1, nh=44)]"
attempt "IPv6: a later fragment in an atomic one" "$chain arrived=0 understood=0" \
	"[part6(raw(IPv6ExtHdrFragment(nh=58, id=3203, offset=174)) + M6[1392:2000], 1, nh=44)]"
attempt "IPv6: an oversized ping in fragmented fragments" \
	"icmpv6/other/dropped=7 header-chain=7 arrived=6 understood=0" \
	"[f for i, at in enumerate(range(0, 9008, 1392)) for f in parts(part6, raw(IPv6ExtHdrFragment(nh=58, id=3204, offset=at // 8, m=int(at < 8352))) + ping6(9000)[at:at + 1392], 3300 + i, 800, nh=44)]"
attempts "IPv6: hop-by-hop options before the fragment header" "$one" "$one_here" \
	"parts(part6, M6, 3205, 1400, before=[IPv6ExtHdrHopByHop()])"
attempts "IPv6: destination options before the fragment header" "$one" "$one_here" \
	"parts(part6, M6, 3206, 1400, before=[IPv6ExtHdrDestOpt()])"
attempts "IPv6: different headers before the fragment header" "$one" "$one_here" \
	"[part6(M6, 3207, 0, 1400, before=[IPv6ExtHdrDestOpt()]), part6(M6, 3207, 1400, 2800, before=[IPv6ExtHdrHopByHop()]), part6(M6, 3207, 2800)]"
attempts "IPv6: destination options after the fragment header" "$one" "$one_here" \
	"parts(part6, options(58) + M6, 3208, 1400, nh=60)"
attempts "IPv6: three headers after the fragment header" "$one" "$one_here" \
	"parts(part6, options(58, 3) + M6, 3209, 1400, nh=60)"
attempt "IPv6: hop-by-hop options after the fragment header" "$chain arrived=2 understood=0" \
	"parts(part6, options(58, 1, IPv6ExtHdrHopByHop) + M6, 3218, 1400, nh=0)"
# The others passed without a size check, so the first one is dropped.
attempts "IPv6: the headers' first fragment last" "fragments=1 $chain arrived=2 understood=0" \
	"fragments=1 $chain arrived=2 understood=0" \
	"parts(part6, options(58) + M6, 3210, 1400, nh=60)[::-1]"
attempts "IPv6: the headers' first fragment last, of a ping of 20,000 bytes" \
	"fragments=1 $chain arrived=14 understood=0" "fragments=1 $chain arrived=14 understood=0" \
	"parts(part6, options(58) + ping6(20000), 3219, 1400, nh=60)[::-1]"
attempts "IPv6: the message's header for the second time, in a later fragment" \
	"fragments=3 icmpv6/echo-request/accepted=1 icmpv6/fragment/dropped=1 fragment-refused=1 arrived=2 understood=0" \
	"fragments=3 icmpv6/fragment/dropped=1 fragment-refused=1 arrived=0 understood=0" \
	"[part6(options(58, 2) + M6, 3220, 0, 1400, nh=60), part6(options(58) + M6, 3220, 8, 1400, nh=60), part6(options(58, 2) + M6, 3220, 1408, 2808, nh=60)]"
attempts "IPv6: the largest ping allowed, after headers" \
	"fragments=6 icmpv6/echo-request/accepted=1 arrived=6 understood=1" \
	"fragments=6 reassembled=1 icmpv6/echo-request/accepted=1 arrived=1 understood=1" \
	"parts(part6, options(58, 3) + ping6(8192), 3211, 1400, nh=60)"
attempts "IPv6: one byte more, after headers" \
	"fragments=6 icmpv6/echo-request/accepted=1 icmpv6/fragment/dropped=1 echo-oversize=1 arrived=5 understood=0" \
	"fragments=6 icmpv6/fragment/dropped=1 echo-oversize=1 arrived=0 understood=0" \
	"parts(part6, options(58, 3) + ping6(8193), 3212, 1400, nh=60)"
attempt "IPv6: headers in the first fragment, the message in the second" \
	"icmpv6/other/dropped=1 fragment-short=1 arrived=1 understood=0" \
	"parts(part6, options(58, 10) + ping6(72), 3213, 80, nh=60)"
attempt "IPv6: headers that go on in the second fragment" "$chain arrived=2 understood=0" \
	"parts(part6, options(58, 10) + ping6(72), 3214, 72, nh=60)"
attempt "IPv6: UDP after the same headers isn't judged" "arrived=3 understood=0" \
	"parts(part6, options(17) + bytes(3000), 3215, 1400, nh=60)"
attempt "IPv6: ICMPv6 after the first fragment's headers, UDP named by the second" \
	"fragments=1 icmpv6/echo-request/accepted=1 arrived=2 understood=0" \
	"[part6(options(58) + M6, 3216, 0, 1400, nh=60), part6(options(58) + M6, 3216, 1608, nh=17)]"
attempts "IPv6: ICMPv6 after the first fragment's headers, and named by the second" \
	"fragments=2 icmpv6/echo-request/accepted=1 arrived=2 understood=1" \
	"fragments=2 reassembled=1 icmpv6/echo-request/accepted=1 arrived=1 understood=1" \
	"(lambda m: [part6(options(58) + m, 3217, 0, 1000, nh=60), part6(options(58) + m, 3217, 1000)])(ping6(1800))"

### Chains without fragments ##################################################

# How the host itself treats 32 of them: Linux 7.3 accepts no more than twelve.
must ctl "$router" set mode off
understood
at_target
takes_32=$understood
send "[ip6(nh=60) / Raw(options(58, 32) + ping6(100)), ip4(proto=253) / Raw(bytes(8))]"
busywait 20000 ended $((ends + 1)) || fail "not all arrived"
understood
takes_32=$((understood - takes_32))
must ctl "$router" set mode enforce

for n in 1 8 9 32; do
	[ "$n" -lt 32 ] && takes=1 || takes=$takes_32
	attempt "IPv6: a ping after $n headers" \
		"icmpv6/echo-request/accepted=1 arrived=1 understood=$takes" \
		"[ip6(nh=60) / Raw(options(58, $n) + ping6(100))]"
	attempt "IPv6: UDP after $n headers" "arrived=1 understood=0" \
		"[ip6(nh=60) / Raw(options(17, $n) + bytes(100))]"
done
attempt "IPv6: a ping after 33 headers" "$chain arrived=0 understood=0" \
	"[ip6(nh=60) / Raw(options(58, 33) + ping6(100))]"
attempt "IPv6: a ping after 150 headers" "$chain arrived=0 understood=0" \
	"[ip6(nh=60) / Raw(options(58, 150) + ping6(100))]"
attempt "IPv6: headers past the end" "$chain arrived=0 understood=0" \
	"[ip6(nh=60) / Raw(bytes([58, 50, 1, 4, 0, 0, 0, 0]) + ping6(100))]"
attempt "IPv6: a payload length of 0 that isn't a jumbogram's" \
	"icmpv6/echo-request/accepted=1 arrived=1 understood=1" \
	"[ip6(nh=0, plen=0) / Raw(options(58, 1, IPv6ExtHdrHopByHop) + ping6(100))]"
# A jumbogram is longer than any of these links carries: RFC 2675 3.
attempt "IPv6: a jumbogram that isn't one" "arrived=0 understood=0" \
	"[ip6(nh=0, plen=0) / Raw(bytes([58, 0, 0xc2, 4, 0, 0, 0, 108]) + ping6(100))]"
attempt "IPv6: a jumbogram that is cut off" "arrived=0 understood=0" \
	"[ip6(nh=0, plen=0) / Raw(bytes([58, 0, 0xc2, 4, 0, 1, 0, 0]) + ping6(100))]"
attempts "IPv6: a fragment in a payload length of 0" \
	"fragments=1 icmpv6/echo-request/accepted=1 arrived=1 understood=0" \
	"fragments=1 icmpv6/fragment/dropped=1 fragment-refused=1 arrived=0 understood=0" \
	"[ip6(nh=0, plen=0) / Raw(options(44, 1, IPv6ExtHdrHopByHop) + raw(IPv6ExtHdrFragment(nh=58, id=1, m=1)) + M6[:800])]"

tests=()
for name in "${names[@]}"; do
	tests+=("next $name")
done
tests+=("at_router the same for the router itself")
for name in "${local_names[@]}"; do
	tests+=("next $name")
done
run_tests "${tests[@]}"
