#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Limited sources: listed with exact counts, heaviest first.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
topology

# listed: "PREFIX DROPS" a line, by the tool
listed() {
	ctl "$router" -j sources "$@" | jq -r '.sources[] | "\(.address)/\(."prefix-len") \(.drops)"'
}

# "PREFIX DROPS MONITORED"
both_listed() {
	ctl "$router" -j sources |
		jq -r '.sources[] | "\(.address)/\(."prefix-len") \(.drops) \(.monitored)"'
}

# The same from /proc
proc_listed() {
	in_ns "$router" awk 'NR > 1 { print $1, $4 }' /proc/net/icmpguard/sources
}

none() {
	configure "$router"
	pings "$attacker" -i 0.05 -c 5 -W 1 $host4
	is sources "" "$(listed)"
	is "sources in /proc" "" "$(proc_listed)"
}

heaviest_first() {
	local want
	configure "$router" "type echo-request limit 1/minute burst 5"
	pings "$attacker" -I $other4 -i 0.01 -c 15 -W 1 $host4
	pings "$attacker" -I $attacker4 -i 0.01 -c 45 -W 1 $host4
	pings "$attacker" -I $same64 -i 0.01 -c 20 -W 1 $host6
	pings "$attacker" -I $attacker6 -i 0.01 -c 10 -W 1 $host6
	expect "$router" source-limit=75
	want="$attacker4/32 40
2001:db8:a::/64 25
$other4/32 10"
	is sources "$want" "$(listed)"
	is "sources in /proc" "$want" "$(proc_listed)"
	is "the two heaviest" "$(head -n 2 <<<"$want")" "$(listed --top 2)"
}

# Drops for other reasons are listed with their source, too.
other_reasons() {
	configure "$router" "type echo-request drop" "set max-echo-size 100"
	pings "$attacker" -I $other4 -i 0.01 -c 4 -W 1 $host4
	pings "$attacker" -I $attacker6 -i 0.01 -c 6 -s 200 -W 1 $host6
	expect "$router" policy-drop=4 echo-oversize=6
	is sources "2001:db8:a::/64 6
$other4/32 4" "$(listed)"
}

forgotten() {
	configure "$router" "type echo-request drop"
	pings "$attacker" -i 0.01 -c 4 -W 1 $host4
	is sources "$attacker4/32 4" "$(listed)"
	must ctl "$router" flush sources
	is "sources when flushed" "" "$(listed)"
	is "sources in /proc when flushed" "" "$(proc_listed)"
	expect "$router" policy-drop=4
}

# bucket ADDRESS TYPE FIELD
bucket() {
	ctl "$router" -j source "$1" |
		jq -r --arg type "$2" --arg field "$3" '.buckets[] | select(.name == $type) | .[$field]'
}

one_source() {
	configure "$router" "type echo-request limit 1/minute burst 10"
	is "left before" 10 "$(bucket $attacker4 echo-request left)"
	is "burst" 10 "$(bucket $attacker4 echo-request burst)"
	pings "$attacker" -i 0.01 -c 4 -W 1 $host4
	is "left after 4" 6 "$(bucket $attacker4 echo-request left)"
	is "left of another source" 10 "$(bucket $other4 echo-request left)"
	is "left of another type" "$(bucket $attacker4 echo-reply burst)" "$(bucket $attacker4 echo-reply left)"
	pings "$attacker" -i 0.01 -c 10 -W 1 $host4
	is "left when empty" 0 "$(bucket $attacker4 echo-request left)"
	# A query changes nothing.
	is "left when asked again" 0 "$(bucket $attacker4 echo-request left)"
	is "left of the host" "$(bucket 192.0.2.77 echo-reply burst)" "$(bucket 192.0.2.77 echo-reply left)"
}

one_source6() {
	configure "$router" "type echo-request limit 1/minute burst 10"
	pings "$attacker" -I $attacker6 -i 0.01 -c 4 -W 1 $host6
	is "left" 6 "$(bucket $attacker6 echo-request left)"
	is "left of an address of the same /64" 6 "$(bucket 2001:db8:a::ffff echo-request left)"
	is "left of another /64" 10 "$(bucket $other64 echo-request left)"
}

# What a rule does with a source is said, of one that has no buckets too.
ruled() {
	says() {
		is "$1, in text" "$2" "$(ctl "$router" source "$1" | sed -n 2p | sed 's/ [0-9]* / /')"
		is "$1, in JSON" "$3" "$(ctl "$router" -j source "$1" | jq -c '[.action, (.buckets | length > 0)]')"
	}
	configure "$router" "rule add $attacker4 block" "rule add 2001:db8:a::/64 exempt" \
		"rule add $other4 limit 5/second burst 5"
	says $attacker4 "A rule blocks it: it has no buckets." '["block",false]'
	says $attacker6 "A rule exempts it: it has no buckets, and nothing of it is limited." \
		'["exempt",false]'
	says $other4 "All of its buckets are full." '["limit",true]'
	says $host4 "All of its buckets are full." '[null,true]'
}

# Link-local neighbours aren't one source, however short the prefix.
neighbours() {
	configure "$host"
	configure "$router" "type echo-request limit 1/minute burst 3"
	local address
	address=$(link_local "$router" ra0)
	ip -n "$attacker" addr add fe80::aaaa/64 dev at0 nodad
	pings "$attacker" -I fe80::aaaa%at0 -i 0.01 -c 5 -W 1 "$address%at0"
	is "replies to one neighbour" 3 "$ping_received"
	ip -n "$attacker" addr add fe80::bbbb/64 dev at0 nodad
	pings "$attacker" -I fe80::bbbb%at0 -i 0.01 -c 5 -W 1 "$address%at0"
	is "replies to another" 3 "$ping_received"
	is sources "fe80::aaaa/128 2
fe80::bbbb/128 2" "$(listed | sort)"
	must ctl "$host" set mode off
}

monitored_too() {
	configure "$router" "type echo-request limit 1/minute burst 5" "set mode monitor"
	pings "$attacker" -i 0.01 -c 12 -W 1 $host4
	is replies 12 "$ping_received"
	is sources "$attacker4/32 0 7" "$(both_listed)"
	is "sources in /proc" "$attacker4/32 0 7" \
		"$(in_ns "$router" awk 'NR > 1 { print $1, $4, $6 }' /proc/net/icmpguard/sources)"
	is "in text" "source last type dropped monitored last
$attacker4/32 icmp echo-request 0 7" \
		"$(ctl "$router" sources | sed 's/  *[0-9.]*s ago$//' | tr -s ' ')"
	# Drops afterwards are counted separately.
	must ctl "$router" set mode enforce
	pings "$attacker" -i 0.01 -c 4 -W 1 $host4
	is "replies when enforced" 0 "$ping_received"
	is "sources when enforced" "$attacker4/32 4 7" "$(both_listed)"
	must ctl "$router" set interface ra0 monitor
	pings "$attacker" -i 0.01 -c 2 -W 1 $host4
	is "sources when the interface monitors" "$attacker4/32 4 9" "$(both_listed)"
	expect "$router" source-limit=4 monitored-source-limit=9
}

# A source is one line, even with the longest address.
one_line() {
	configure "$router" "type echo-request drop" "set prefix ipv6 128"
	ip -n "$attacker" addr add 2001:db8:a:1111:2222:3333:4444:5555/48 dev at0 nodad
	pings "$attacker" -I 2001:db8:a:1111:2222:3333:4444:5555 -i 0.01 -c 3 -W 1 $host6
	pings "$attacker" -i 0.01 -c 2 -W 1 $host4
	ip -n "$attacker" addr del 2001:db8:a:1111:2222:3333:4444:5555/48 dev at0
	is "lines" "source last type dropped last
2001:db8:a:1111:2222:3333:4444:5555/128 icmpv6 echo-request 3
$attacker4/32 icmp echo-request 2" \
		"$(ctl "$router" sources | sed 's/  *[0-9.]*s ago$//' | tr -s ' ')"
}

run_tests \
	"none no source is limited" \
	"heaviest_first sources and their drops, heaviest first" \
	"other_reasons drops for other reasons" \
	"forgotten flush sources" \
	"one_source what is left in a source's buckets" \
	"one_source6 the same for an IPv6 prefix" \
	"ruled what a rule does with a source" \
	"neighbours link-local neighbours are separate sources" \
	"monitored_too monitored packets" \
	"one_line a source is one line"
