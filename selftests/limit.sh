#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A source's rate: its burst at once, then its rate, and not one packet more.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
topology

# exact PINGS REPLIES: these replies came, none was lost elsewhere, and all are counted
exact() {
	expect "$router" "icmp/echo-request/accepted=$2" \
		"icmp/echo-request/limited=$(($1 - $2))" "source-limit=$(($1 - $2))" \
		"icmp/echo-reply/accepted=$2" "within-limit=$((2 * $2))"
}

exact6() {
	expect "$router" "icmpv6/echo-request/accepted=$2" \
		"icmpv6/echo-request/limited=$(($1 - $2))" "source-limit=$(($1 - $2))" \
		"icmpv6/echo-reply/accepted=$2"
}

# fair WHAT REPLIES PACKETS LEAST_MS MOST_MS [LATE SLACK]: of PACKETS against
# 10/second burst 20, sent within LEAST_MS to MOST_MS. Stalls of the machine aren't
# known, and during one a full bucket gains nothing.
fair() {
	within "$1 in $5 ms" $(($(may_pass "$3" 20 10 "$4") - 2 - ${7:-0})) \
		$(($(may_pass "$3" 20 10 "$5") + 2 + 10 * ${6:-0} / 1000)) "$2"
}

# The case of the manual: 100 a second against 10 a second, for 10 seconds
one_source() {
	configure "$router" "type echo-request limit 10/second burst 20"
	pings "$attacker" -i 0.01 -c 1000 -W 1 $host4
	fair replies "$ping_received" 1000 9990 "$ping_ms"
	exact 1000 "$ping_received"
}

one_source6() {
	configure "$router" "type echo-request limit 10/second burst 20"
	pings "$attacker" -i 0.01 -c 1000 -W 1 $host6
	fair replies "$ping_received" 1000 9990 "$ping_ms"
	exact6 1000 "$ping_received"
}

below_rate() {
	configure "$router" "type echo-request limit 20/second burst 5"
	pings "$attacker" -i 0.1 -c 30 -W 1 $host4
	is replies 30 "$ping_received"
	exact 30 30
}

# A burst is spent at once, and available again after it has refilled.
burst() {
	configure "$router" "type echo-request limit 1/minute burst 7"
	pings "$attacker" -i 0.01 -c 30 -W 1 $host4
	is "replies to a burst" 7 "$ping_received"
	exact 30 7
	ctl "$router" flush sources
	pings "$attacker" -i 0.01 -c 30 -W 1 $host4
	is "replies after flush sources" 7 "$ping_received"
	exact 60 14
}

refills() {
	configure "$router" "type echo-request limit 2/second burst 2"
	pings "$attacker" -i 0.01 -c 20 -W 1 $host4
	within "replies to the first burst in $ping_ms ms" 2 \
		$(($(may_pass 20 2 2 "$ping_ms") + 1)) "$ping_received"
	# Twice the time the bucket needs to refill: it holds no more than the burst.
	sleep 2
	pings "$attacker" -i 0.001 -c 20 -W 1 $host4
	within "replies to the second in $ping_ms ms" 2 \
		$(($(may_pass 20 2 2 "$ping_ms") + 1)) "$ping_received"
}

# together ADDRESS ADDRESS DESTINATION: both at once, 4 s at 50/s; the results are in
# first_* and second_*
together() {
	local file=$tmp/ping first
	in_ns "$attacker" ping -q -I "$1" -i 0.02 -c 200 -W 1 "$3" >"$file.1" 2>&1 &
	first=$!	# pings() starts processes too
	pings "$attacker" -I "$2" -i 0.02 -c 200 -W 1 "$3"
	wait "$first"
	second_received=$ping_received second_ms=$ping_ms
	read_ping <"$file.1"
	first_received=$ping_received first_ms=$ping_ms
}

each_has_its_own() {
	fair "the first's replies" "$first_received" 200 3980 "$first_ms"
	fair "the second's replies" "$second_received" 200 3980 "$second_ms"
}

# both_share_one LATE [SLACK]: they began and ended at nearly the same time
both_share_one() {
	fair "both's replies" $((first_received + second_received)) 400 3980 \
		$((first_ms > second_ms ? first_ms : second_ms)) "$1" "${2:-0}"
}

two_sources() {
	configure "$router" "type echo-request limit 10/second burst 20"
	together $attacker4 $other4 $host4
	each_has_its_own
	exact 400 $((first_received + second_received))
}

# How much longer both took together than the slower one
measured_together() {
	local begin
	begin=$(now)
	together "$@"
	late=$(($(now) - begin - (first_ms > second_ms ? first_ms : second_ms)))
}

one_64() {
	configure "$router" "type echo-request limit 10/second burst 20"
	measured_together $attacker6 $same64 $host6
	both_share_one "$late"
	exact6 400 $((first_received + second_received))
}

two_64() {
	configure "$router" "type echo-request limit 10/second burst 20"
	together $attacker6 $other64 $host6
	each_has_its_own
	exact6 400 $((first_received + second_received))
}

prefix() {
	configure "$router" "type echo-request limit 10/second burst 20" "set prefix ipv4 24"
	measured_together $attacker4 $other4 $host4
	both_share_one "$late"
	exact 400 $((first_received + second_received))
	configure "$router" "type echo-request limit 10/second burst 20" "set prefix ipv6 128"
	together $attacker6 $same64 $host6
	each_has_its_own
}

# sources NUMBER ADDRESS...: how many buckets these have together
sources() {
	local number=$1
	shift
	ctl "$router" flush sources
	ctl "$router" flush stats
	send "[icmp6(s, '2001:db8:dead::2', 128) for s in '$*'.split() for i in range(8)]"
	expect "$router" icmpv6/echo-request/accepted=$((number * 5)) \
		source-limit=$(($# * 8 - number * 5))
}

# An IPv6 address that embeds an IPv4 host counts as that host, whatever its first 64 bits.
embedded() {
	crafting "$attacker" at0 "$(mac "$router" ra0)"
	ip -n "$router" route add blackhole 2001:db8:dead::/48
	configure "$router" "type icmpv6 echo-request limit 1/hour burst 5"
	# NAT64
	sources 2 64:ff9b::198.51.100.1 64:ff9b::198.51.100.2
	sources 2 64:ff9b:1::198.51.100.1 64:ff9b:1:7::198.51.100.1
	sources 1 64:ff9b:2::1 64:ff9b:2::2
	sources 1 64:ff9b::1:198.51.100.1 64:ff9b::1:198.51.100.2
	# Teredo: the client, whichever server, flags and port
	sources 2 2001:0:cb00:7101:8000:63bf:3fff:fdd2 2001:0:cb00:7101:8000:63bf:3fff:fdd3
	sources 1 2001:0:cb00:7101:8000:63bf:3fff:fdd2 2001:0:cb00:7102:1234:63c0:3fff:fdd2
	sources 1 2001:1::1 2001:1::2
	# 6to4: a site
	sources 1 2002:c633:6401:1::1 2002:c633:6401:2::2
	sources 2 2002:c633:6401:1::1 2002:c633:6402:1::1
	sources 1 2003::1 2003::2
	sources 2 2003::1 2003:0:0:1::1
	# Link-local
	sources 2 fe80::1 febf::1
	sources 1 fec0::1 fec0::2
	is "bits of a 6to4 source" 48 "$(ctl "$router" -j source 2002:c633:6401:1::1 | jq '."prefix-len"')"
	crafting_done
}

# An eighth of a total's burst is jittered, so that the limit can't be probed as a clock.
# Newcomers may fill 5/16 of it, here 20 packets.
total() {
	configure "$router" \
		"type echo-request limit 1000/second burst 1000 total 10/second burst 64"
	measured_together $attacker4 $other4 $host4
	both_share_one "$late" 8
	local all=$((first_received + second_received))
	expect "$router" "icmp/echo-request/accepted=$all" \
		"icmp/echo-request/limited=$((400 - all))" "total-limit=$((400 - all))" \
		"source-limit=0"
}

# The source's own bucket comes first: packets that it refuses aren't charged to the
# total. Two newcomers' 20 packets fit into the total, the 80 refused ones wouldn't.
total_after_source() {
	configure "$router" \
		"type echo-request limit 1/minute burst 10 total 1/minute burst 160"
	pings "$attacker" -I $attacker4 -i 0.01 -c 50 -W 1 $host4
	is "the first source's replies" 10 "$ping_received"
	pings "$attacker" -I $other4 -i 0.01 -c 50 -W 1 $host4
	is "the second source's replies" 10 "$ping_received"
	expect "$router" source-limit=80 total-limit=0 icmp/echo-request/accepted=20
}

# Each type of each protocol has a bucket of its own.
types_apart() {
	configure "$router" "type echo-request limit 1/minute burst 5"
	pings "$attacker" -i 0.01 -c 20 -W 1 $host4
	is "echo replies" 5 "$ping_received"
	pings "$attacker" -i 0.01 -c 20 -W 1 $host6
	is "ICMPv6 echo replies" 5 "$ping_received"
	# Its answers to the host's pings pass.
	pings "$host" -i 0.01 -c 5 -W 1 $attacker4
	is "replies to the host" 5 "$ping_received"
	expect "$router" source-limit=30 icmp/echo-reply/accepted=10 icmp/echo-request/accepted=10
}

# Buckets and debts survive a change of the rate.
change() {
	configure "$router" "type echo-request limit 1/minute burst 5"
	pings "$attacker" -i 0.01 -c 20 -W 1 $host4
	is "replies before" 5 "$ping_received"
	must ctl "$router" type echo-request limit 1/minute burst 6
	pings "$attacker" -i 0.01 -c 20 -W 1 $host4
	is "replies after one more was allowed" 1 "$ping_received"
	exact 40 6
}

# The guarded machine itself, not a host behind it
on_host() {
	configure "$router" "type echo-request accept" "type echo-reply accept"
	configure "$host" "type echo-request limit 10/second burst 20"
	pings "$attacker" -i 0.02 -c 200 -W 1 $host4
	fair replies "$ping_received" 200 3980 "$ping_ms"
	expect "$host" "icmp/echo-request/accepted=$ping_received" \
		"source-limit=$((200 - ping_received))"
	must ctl "$host" set mode off
}

run_tests \
	"one_source 100/s against limit 10/second burst 20 for 10 s" \
	"one_source6 the same for IPv6" \
	"below_rate a source below its rate loses nothing" \
	"burst a burst and not one more" \
	"refills an idle source has its burst again, and no more" \
	"two_sources two sources at once have a rate each" \
	"one_64 two addresses of one /64 share a rate" \
	"two_64 two /64 have a rate each" \
	"prefix sources within the configured prefix length share a rate" \
	"embedded an address that embeds an IPv4 host counts as that host" \
	"total all sources share the total" \
	"total_after_source packets over a source's own limit aren't charged to the total" \
	"types_apart types and protocols have separate rates" \
	"change a change of rate keeps the buckets" \
	"on_host the guarded machine itself"
