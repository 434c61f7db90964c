#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Network namespaces: each has its own configuration, buckets and counters, has none
# until it is configured, and frees them when it is deleted.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need hping3
topology

off_when_new() {
	local fresh
	ns_add fresh fresh
	is "mode of a new namespace" "mode off" \
		"$(in_ns "$fresh" grep ^mode /proc/net/icmpguard/config)"
	expect "$fresh" seen=0 fragments=0
	is "the files" "config sources stats types" \
		"$(in_ns "$fresh" ls /proc/net/icmpguard | sort | xargs)"
}

counters_apart() {
	configure "$router" "type echo-request limit 1/minute burst 5"
	configure "$host" "type echo-request limit 1/minute burst 3"
	pings "$attacker" -i 0.01 -c 10 -W 1 $host4
	is replies 3 "$ping_received"
	expect "$router" icmp/echo-request/accepted=5 source-limit=5
	expect "$host" icmp/echo-request/accepted=3 source-limit=2
	expect "$attacker" seen=0
	must ctl "$host" flush stats
	expect "$host" source-limit=0
	expect "$router" source-limit=5
}

config_apart() {
	local before
	before=$(ctl "$host" show)
	configure "$router" "set max-echo-size 77" "type redirect drop" \
		"rule add 192.0.2.0/24 exempt" "set prefix ipv6 48"
	is "the host's configuration" "$before" "$(ctl "$host" show)"
	is "the attacker's mode" "mode off" "$(ctl "$attacker" show | grep ^mode)"
	[ "$(ctl "$router" show)" != "$before" ] || fail "nothing was changed"
}

# With nothing configured anywhere but on the router
apart_for_good() {
	must ctl "$host" set mode off
	configure "$router" "type echo-request drop"
	pings "$host" -c 2 -i 0.1 -W 5 $host4
	is "replies of the host to itself" 2 "$ping_received"
	pings "$attacker" -c 2 -i 0.1 -W 1 $host4
	is "replies through the router" 0 "$ping_received"
}

# Loopback is exempt, also in a namespace that drops all.
loopback() {
	configure "$router" "type echo-request drop"
	pings "$router" -c 3 -i 0.1 -W 5 127.0.0.1
	is replies 3 "$ping_received"
	pings "$router" -c 3 -i 0.1 -W 5 ::1
	is "IPv6 replies" 3 "$ping_received"
	pings "$router" -c 3 -i 0.1 -W 5 $router4
	is "replies to itself" 3 "$ping_received"
	expect "$router" icmp/echo-request/accepted=0 icmp/echo-request/dropped=0
}

# Namespaces that are deleted while packets, fragments among them, are in flight
deleted_under_traffic() {
	local i guarded sender4 sender6
	for i in 1 2 3 4; do
		ns_add guarded "guarded$i"
		veth "$attacker" "x$i" "$guarded" x
		addr "$attacker" "x$i" "10.9.$i.1/24" "2001:db8:9:$i::1/64"
		addr "$guarded" x "10.9.$i.2/24" "2001:db8:9:$i::2/64"
		configure "$guarded" "type echo-request limit 10/second burst 20"
		busywait 20000 in_ns "$attacker" ping -q -c 1 -W 1 "10.9.$i.2" >/dev/null 2>&1 ||
			fail "no reply before"
		start in_ns "$attacker" hping3 -q -1 -i u2000 -c 2000 -d 4000 -f "10.9.$i.2" >/dev/null 2>&1
		sender4=$!
		start in_ns "$attacker" ping -q -i 0.002 -c 2000 -s 4000 -w 10 \
			"2001:db8:9:$i::2" >/dev/null 2>&1
		sender6=$!
		some_seen() {
			read_counters "$guarded"
			[ "${counter[fragments]}" -gt 20 ]
		}
		busywait 20000 some_seen || fail "no traffic"
		must ns_del "$guarded"
		gone() {
			! ip -n "$attacker" link show dev "x$i" >/dev/null 2>&1
		}
		busywait 30000 gone || fail "the namespace isn't gone"
		stop "$sender4"
		stop "$sender6"
	done
}

# Configured, limited and deleted many times over
come_and_go() {
	local i passing
	for i in $(seq 20); do
		ns_add passing "n$i"
		must ctl "$passing" set mode enforce
		must ctl "$passing" set table-size 8
		must ns_del "$passing"
	done
}

run_tests \
	"off_when_new a new namespace is off" \
	"counters_apart counters and buckets apart" \
	"config_apart configurations apart" \
	"apart_for_good one namespace's treatment doesn't affect another's" \
	"loopback loopback is exempt" \
	"deleted_under_traffic namespaces deleted with packets in flight" \
	"come_and_go namespaces come and go"
