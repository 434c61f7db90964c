#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# insmod and rmmod again and again while packets of every kind come in, listeners wait
# for events and drivers drop early: nothing is left, nothing grows, no listener is
# lost. RELOADS: how often (default: 60)

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all "needs root"
need ip ping hping3
tmp=$(mktemp -d) || exit 1
defer rm -rf "$tmp"
need_module_file
need_tool
topology
ip -n "$router" link add sp0 type veth peer name sp-peer || skip_all "no veth pairs here"

# KiB of kernel memory that can't be reclaimed
memory() {
	awk '/^(SUnreclaim|Percpu|VmallocUsed):/ { sum += $2 } END { print sum }' /proc/meminfo
}

# A device of no use is renamed, again and again: what ends waits for RTNL, and is seen
# half ended for longer.
renames() {
	while ip -n "$router" link set sp0 name sp1 && ip -n "$router" link set sp1 name sp0; do
		:
	done
}

# Floods with a time limit longer than any kernel needs
floods() {
	local most=$((60 + 30 * wanted))
	start in_ns "$attacker" ping -q -f -w $most $host4
	start in_ns "$attacker" ping -q -f -w $most $host6
	# Fragments that wait for reassembly when the module is unloaded
	start in_ns "$attacker" ping -q -f -w $most -s 9000 $router4
	start in_ns "$attacker" ping -q -f -w $most -s 9000 $router6
	start renames
	start in_ns "$attacker" hping3 -q -1 -i u300 -c $((most * 3000)) --rand-source $host4
}

# Listeners in two namespaces, for as long as all of it takes
listen() {
	sends_events || return
	start in_ns "$router" "$tool" -j monitor >"$tmp/events" 2>"$tmp/monitor.err"
	listeners=($!)
	start "$tool" -j monitor >"$tmp/events.own" 2>>"$tmp/monitor.err"
	listeners+=($!)
	busywait 10000 hears || fail "nothing is heard: $(cat "$tmp/monitor.err")"
}

hears() {
	ctl "$router" set max-echo-size 65507
	busywait 1000 grep -q config-changed "$tmp/events"
}

# XDP asks on the device that the floods come in at, for as long as the module is there;
# native and generic in turn
early=""
can_drop_early() {
	local out
	mount_bpf
	if out=$(ctl "$router" xdp attach ra0 2>&1); then
		early=1
		must ctl "$router" xdp detach ra0
	else
		diag "without early drops: $out"
	fi
}

attach() {
	local mode=native
	[ $((cycle % 4)) -lt 2 ] || mode=generic
	must ctl "$router" xdp attach ra0 mode $mode
}

detach() {
	# It holds the module.
	! rmmod icmpguard 2>/dev/null || fail "unloaded with a program attached: cycle $cycle"
	must ctl "$router" xdp detach ra0
}

# Events are being sent: the module has found the listener, and something to report.
reports() {
	local before=$1
	more() {
		[ "$(grep -c -E 'limited|released|left-out' "$tmp/events")" -gt "$before" ]
	}
	busywait 20000 more
}

once() {
	local mode=$1 events
	events=$(grep -c -E 'limited|released|left-out' "$tmp/events")
	insmod "$module" "new_netns=$mode" || { fail "insmod: cycle $cycle"; return 1; }
	[ -z "$early" ] || attach
	if [ $((cycle % 8)) -eq 1 ]; then
		# A limit that also a slow machine's floods exceed
		must ctl "$router" type echo-request limit 5/second burst 5
		judges || fail "nothing judged: cycle $cycle"
		[ ${#listeners[@]} -eq 0 ] || reports "$events" || fail "no event: cycle $cycle"
	fi
	# Replaced while it is used, so that callbacks wait when it goes
	[ $((cycle % 2)) -ne 1 ] || must ctl "$router" set table-size $((1024 << cycle % 3))
	[ -z "$early" ] || detach
	rmmod icmpguard || { fail "rmmod: cycle $cycle"; return 1; }
}

judges() {
	something() {
		read_counters "$router"
		[ "${counter[seen]-0}" -gt 0 ]
	}
	busywait 20000 something
}

cycles() {
	local cycle before after pid wanted=${RELOADS:-60} modes=(off enforce monitor enforce)
	local listeners=()
	must unload
	: >"$tmp/events"
	must insmod "$module" new_netns=enforce
	listen
	can_drop_early
	must rmmod icmpguard
	floods >/dev/null 2>&1
	for ((cycle = 1; cycle <= wanted; cycle++)); do
		# By now, everything is allocated that is allocated only once.
		[ "$cycle" -ne 21 ] || before=$(memory)
		once "${modes[cycle % 4]}" || return
	done
	for pid in "${listeners[@]}"; do
		kill -0 "$pid" || fail "a listener has ended: $(cat "$tmp/monitor.err")"
	done
	stop_all
	is "/proc/net/icmpguard" "" "$(ls -d /proc/net/icmpguard 2>/dev/null)"
	is "/sys/module" "" "$(ls -d /sys/module/icmpguard 2>/dev/null)"
	is "programs pinned" "" "$(ls -d /sys/fs/bpf/icmpguard 2>/dev/null)"
	[ "$wanted" -gt 40 ] || return
	# A default table is 1 MiB, and there are four namespaces.
	less() {
		after=$(memory)
		[ "$after" -lt $((before + 4096)) ]
	}
	busywait 30000 less || fail "$((after - before)) KiB more after $((wanted - 20)) cycles"
	diag "$wanted cycles; $((after - before)) KiB more after the last $((wanted - 20))"
}

# Loaded once more, it works.
works() {
	must insmod "$module"
	must ctl "$router" set mode enforce
	pings "$attacker" -c 3 -i 0.2 $host4
	is replies 3 "$ping_received"
	must rmmod icmpguard
}

run_tests "cycles insmod and rmmod under floods" "works it works afterwards"
