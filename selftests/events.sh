#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Events: listeners with CAP_NET_ADMIN get a bounded number of them, and a count of
# those that were left out.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need setpriv unshare
topology
can_listen || skip_all "$skipped"

events=$tmp/events
monitor_pid=

# listen NAMESPACE: write its events to the file from now on
listen() {
	deaf
	: >"$events"
	start in_ns "$1" "$tool" -j monitor >"$events" 2>"$tmp/monitor.err"
	monitor_pid=$!
	# Once a change is reported, it has joined the group.
	busywait 10000 hears "$1" || fail "no event: $(cat "$tmp/monitor.err")"
}

hears() {
	ctl "$1" set max-echo-size 65507
	busywait 1000 grep -q config-changed "$events"
}

deaf() {
	[ -z "$monitor_pid" ] || stop "$monitor_pid"
	monitor_pid=
}

# reported FILTER: one line for each event that fits
reported() {
	jq -c "select($1)" "$events"
}

# number FILTER
number() {
	reported "$1" | wc -l
}

has_reported() {
	[ -n "$(reported "$1")" ]
}

limited_and_released() {
	local event begun
	configure "$router" "type echo-request limit 1/minute burst 5"
	listen "$router"
	begun=$(date +%s)
	pings "$attacker" -I $other4 -i 0.01 -c 45 -W 1 $host4
	busywait 10000 has_reported '.event == "source-limited"' || fail "no source-limited"
	event=$(reported '.event == "source-limited"')
	is "sources limited" 1 "$(wc -l <<<"$event")"
	is "source and type" "$other4/32 icmp echo-request" \
		"$(jq -r '"\(.address)/\(."prefix-len") \(.proto) \(.name)"' <<<"$event")"
	is "the namespace" "$router $(in_ns "$router" stat -Lc %i /proc/self/ns/net)" \
		"$(jq -r '"\(."netns-name") \(."netns-inode")"' <<<"$event")"
	within "the time" "$begun" $(($(date +%s) + 1)) \
		"$(date -d "$(jq -r .time <<<"$event")" +%s)"
	within "packets a second above the limit" 1 200 "$(jq .rate <<<"$event")"
	busywait 20000 has_reported '.event == "source-released"' || fail "no source-released"
	is "drops until it was released" 40 "$(reported '.event == "source-released"' | jq .drops)"
	is "whose drops" $other4 "$(reported '.event == "source-released"' | jq -r .address)"
	# Limited again, it is reported again.
	pings "$attacker" -I $other4 -i 0.01 -c 5 -W 1 $host4
	reported_twice() {
		[ "$(number '.event == "source-limited"')" -eq 2 ]
	}
	busywait 10000 reported_twice || fail "the second time isn't reported"
	is "what was left out" "" "$(reported '.event == "left-out"')"
}

ipv6_source() {
	configure "$router" "type echo-request drop"
	listen "$router"
	pings "$attacker" -I $attacker6 -i 0.01 -c 5 -W 1 $host6
	busywait 10000 has_reported '.event == "source-limited"' || fail "no source-limited"
	is "source and type" "2001:db8:a::/64 icmpv6 echo-request" \
		"$(reported '.event == "source-limited"' |
		   jq -r '"\(.address)/\(."prefix-len") \(.proto) \(.name)"')"
}

changes() {
	local before after
	configure "$router"
	listen "$router"
	before=$(ctl "$router" -j show | jq .generation)
	: >"$events.seen"
	must ctl "$router" set max-echo-size 1000
	must ctl "$router" flush rules
	ctl "$router" set max-echo-size 70000 2>/dev/null && fail "a wrong size was taken"
	after=$(ctl "$router" -j show | jq .generation)
	reported_last() {
		has_reported ".generation == $after"
	}
	busywait 5000 reported_last || fail "the last change isn't reported"
	is "changes" "$((before + 1)) $((before + 2))" \
		"$(reported ".event == \"config-changed\" and .generation > $before" |
		   jq .generation | xargs)"
}

totals() {
	configure "$router" "type icmp echo-request limit unlimited total 10/second burst 5"
	listen "$router"
	pings "$attacker" -i 0.002 -c 500 -W 1 $host4
	busywait 10000 has_reported '.event == "total-limited"' || fail "no total-limited"
	is "which type" "icmp echo-request" \
		"$(reported '.event == "total-limited"' | jq -r '"\(.proto) \(.name)"' | sort -u)"
	within "times it was reported" 1 2 "$(number '.event == "total-limited"')"
}

# More sources than the table has room for
table_full() {
	configure "$router" "set table-size 64" "type echo-request limit 1/minute burst 2"
	listen "$router"
	crafting "$attacker" at0 "$(mac "$router" ra0)"
	send "[IP(src='198.18.%d.%d' % (i // 250, i % 250 + 1), dst='$host4') / ICMP() for i in range(1000)]"
	crafting_done
	busywait 40000 has_reported '.event == "table-full"' || fail "no table-full"
	is "its size" 64 "$(reported '.event == "table-full"' | jq '."table-size"' | sort -u)"
}

# Every source is either reported or counted as left out, provided that each drop is
# recorded: up to 64 in a jiffy, so they are sent a few at a time. The first one is
# reported before the others are sent: from then on displaced entries are counted.
left_out() {
	local sources=600 few=20 limited out i
	configure "$router" "type echo-request drop"
	listen "$router"
	crafting "$attacker" at0 "$(mac "$router" ra0)"
	send "IP(src='198.18.0.1', dst='$host4') / ICMP()"
	busywait 10000 has_reported '.event == "source-limited"' || fail "the first isn't reported"
	for ((i = 0; i < sources; i += few)); do
		send "[IP(src='198.18.%d.%d' % (i // 250, i % 250 + 1), dst='$host4') / ICMP() for i in range($i, $((i + few)))]"
		busywait 5000 counters_are "$router" icmp/echo-request/dropped=$((1 + i + few)) ||
			fail "$((i + few)) sources: ${counter[icmp/echo-request/dropped]-} drops"
	done
	crafting_done
	all_told() {
		limited=$(number '.event == "source-limited"')
		out=$(reported '.event == "left-out"' | jq -s 'map(."left-out") | add // 0')
		[ $((limited + out)) -ge $sources ]
	}
	busywait 40000 all_told
	[ $((limited + out)) -ge $sources ] ||
		fail "of $sources sources $limited were reported and $out left out"
	# The quota of a second is spent in quarters.
	local most
	most=$(reported '.event == "source-limited" or .event == "source-released"' |
	       jq -r '.time[0:19]' | sort | uniq -c | sort -n | tail -n 1 | awk '{ print $1 }')
	within "events in a second" 1 136 "${most:-0}"
}

# A new listener first gets the sources that are limited already. A source that stops is
# released within seconds, which is less than a listener takes to start in a slow guest,
# so this one goes on.
late_listener() {
	deaf
	configure "$router" "type echo-request drop"
	start in_ns "$attacker" ping -q -I $other4 -i 0.2 -c 10000 $host4 >/dev/null
	local pid=$!
	some_dropped() {
		read_counters "$router"
		[ "${counter[icmp/echo-request/dropped]}" -ge 5 ]
	}
	busywait 10000 some_dropped || fail "nothing is dropped"
	listen "$router"
	busywait 10000 has_reported '.event == "source-limited"' || fail "the limited source isn't reported"
	stop "$pid"
	is "source" $other4 "$(reported '.event == "source-limited"' | jq -r .address)"
	within "drops until then" 5 10000 "$(reported '.event == "source-limited"' | jq .drops)"
}

# Monitored sources are reported as such, whether the namespace, an interface or a type
# monitors; drops of the same source are counted separately.
monitored() {
	local each event
	for each in "set mode monitor" "set interface ra0 monitor" \
		"type echo-request limit 1/minute burst 5 monitor"; do
		configure "$router" "type echo-request limit 1/minute burst 5" "$each"
		listen "$router"
		pings "$attacker" -I $other4 -i 0.01 -c 45 -W 1 $host4
		is "replies, $each" 45 "$ping_received"
		busywait 10000 has_reported '.event == "source-limited"' || fail "$each: no source-limited"
		event=$(reported '.event == "source-limited"')
		is "dropped until it was reported, $each" 0 "$(jq .drops <<<"$event")"
		within "monitored until it was reported, $each" 1 40 "$(jq .monitored <<<"$event")"
		busywait 20000 has_reported '.event == "source-released"' || fail "$each: no source-released"
		is "dropped and monitored, $each" "0 40" \
			"$(reported '.event == "source-released"' | jq -r '"\(.drops) \(.monitored)"')"
	done
	configure "$router" "set mode monitor" \
		"type icmp echo-request limit unlimited total 10/second burst 5"
	listen "$router"
	pings "$attacker" -i 0.002 -c 500 -W 1 $host4
	busywait 10000 has_reported '.event == "total-limited"' || fail "no total-limited"
	is "a total drops" 0 "$(reported '.event == "total-limited"' | jq .drops | sort -u)"
	within "a total monitors" 1 500 "$(reported '.event == "total-limited"' | jq -s '.[0].monitored')"
}

# Drops and monitored packets of one source
both() {
	configure "$router" "type icmp echo-request limit 1/minute burst 5 monitor" \
		"type icmp timestamp-request drop"
	listen "$router"
	# In one go: on a slow machine it would be released in between
	crafting "$attacker" at0 "$(mac "$router" ra0)"
	send "[IP(src='$other4', dst='$host4') / ICMP()] * 15 +
		[IP(src='$other4', dst='$host4') / ICMP(type=13)] * 3"
	crafting_done
	busywait 20000 has_reported '.event == "source-released"' || fail "no source-released"
	is "dropped and monitored" "3 10" \
		"$(reported '.event == "source-released"' | jq -r '"\(.drops) \(.monitored)"')"
}

text() {
	local moment="[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{4}"
	deaf
	configure "$router" "type echo-request drop" "set prefix ipv6 128"
	start in_ns "$router" env TZ=Asia/Kathmandu "$tool" monitor >"$tmp/text" 2>&1
	local pid=$!
	heard() {
		ctl "$router" set max-echo-size 65507
		busywait 1000 grep -q config-changed "$tmp/text"
	}
	busywait 10000 heard
	pings "$attacker" -I $other4 -i 0.01 -c 5 -W 1 $host4
	busywait 10000 grep -q source-limited "$tmp/text"
	ip -n "$attacker" addr add 2001:db8:a:1111:2222:3333:4444:5555/48 dev at0 nodad
	pings "$attacker" -I 2001:db8:a:1111:2222:3333:4444:5555 -i 0.01 -c 5 -W 1 $host6
	busywait 20000 grep -q "source-released .*:5555/128" "$tmp/text"
	grep -qE "^$moment  source-limited   $other4/32 +icmp echo-request [0-9]+/second\$" "$tmp/text" ||
		fail "$(cat "$tmp/text")"
	# An event is one line, even with the longest address.
	grep -qE "^$moment  source-released  2001:db8:a:1111:2222:3333:4444:5555/128  icmpv6 echo-request 5 dropped in [0-9.]+s\$" \
		"$tmp/text" || fail "$(cat "$tmp/text")"
	is "lines that aren't whole" "" "$(grep -vE "^$moment  [a-z]|^# " "$tmp/text")"
	within "the time" "$(($(date +%s) - 60))" "$(date +%s)" \
		"$(date -d "$(sed -n 's/  source-limited .*//p' "$tmp/text" | head -n 1)" +%s)"
	grep -q "^# network namespace $router (" "$tmp/text" || fail "the namespace isn't named"
	must ctl "$router" set mode monitor
	busywait 20000 grep -q "source-released  $other4" "$tmp/text"
	pings "$attacker" -I $other4 -i 0.01 -c 5 -W 1 $host4
	busywait 20000 grep -q "monitored in" "$tmp/text"
	stop "$pid"
	ip -n "$attacker" addr del 2001:db8:a:1111:2222:3333:4444:5555/48 dev at0
	grep -qE "^$moment  source-limited   $other4/32 +icmp echo-request [0-9]+/second monitored, nothing dropped\$" \
		"$tmp/text" || fail "$(cat "$tmp/text")"
	grep -qE "^$moment  source-released  $other4/32 +icmp echo-request 5 monitored in [0-9.]+s\$" \
		"$tmp/text" || fail "$(cat "$tmp/text")"
}

# Events need CAP_NET_ADMIN.
privileged() {
	local err
	deaf
	err=$(in_ns "$router" timeout 2 setpriv --bounding-set -net_admin "$tool" monitor 2>&1)
	[[ "$err" == *CAP_NET_ADMIN* ]] || fail "without the capability: '$err'"
	if ! unshare -Urn true 2>/dev/null; then
		return
	fi
	err=$(in_ns "$router" timeout 2 unshare -Ur "$tool" monitor 2>&1)
	[[ "$err" == *CAP_NET_ADMIN* ]] || fail "root of another user namespace: '$err'"
}

# No events go to a namespace that belongs to another user namespace.
foreign_namespace() {
	local pid
	if ! unshare -Urn true 2>/dev/null; then
		skip "no user namespaces here"
		return
	fi
	start unshare -Urn sh -c "echo \$\$ >'$tmp/foreign'; exec sleep 100000"
	busywait 5000 test -s "$tmp/foreign"
	pid=$(<"$tmp/foreign")
	start nsenter -U -n --preserve-credentials -t "$pid" "$tool" -j monitor >"$tmp/foreign.events" 2>&1
	local listener=$!
	connected() {
		awk '$2 == 16 { found = 1 } END { exit !found }' "/proc/$pid/net/netlink"
	}
	busywait 10000 connected || fail "no listener: $(cat "$tmp/foreign.events")"
	must nsenter -n -t "$pid" "$tool" set mode enforce
	must nsenter -n -t "$pid" "$tool" set max-echo-size 1000
	# Changes are reported before the command ends, everything else within a second.
	must nsenter -n -t "$pid" ip link set lo up
	must nsenter -n -t "$pid" "$tool" set interface lo on
	must nsenter -n -t "$pid" "$tool" type echo-request drop
	nsenter -n -t "$pid" ping -q -c 1 -W 1 127.0.0.1 >/dev/null
	sleep 2
	kill -0 "$listener" || fail "the listener is gone: $(cat "$tmp/foreign.events")"
	is "reported in a foreign namespace" "" "$(cat "$tmp/foreign.events")"
}

run_tests \
	"limited_and_released a source is limited, and released" \
	"ipv6_source an IPv6 source is a prefix" \
	"changes every change of the configuration, and no refused one" \
	"totals a total at its limit" \
	"table_full a table without room" \
	"left_out events that are left out are counted" \
	"late_listener a new listener gets the sources that are already limited" \
	"monitored monitored sources are reported as monitored" \
	"both drops and monitored packets of one source" \
	"text in text, an event is a line" \
	"privileged only with CAP_NET_ADMIN" \
	"foreign_namespace and only in namespaces of the initial user namespace"
