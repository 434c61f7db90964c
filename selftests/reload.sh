#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# insmod and rmmod again and again while packets of every kind come in: nothing
# is left, nothing grows. RELOADS: how often (default: 60)

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all "needs root"
need ip ping hping3
tmp=$(mktemp -d) || exit 1
defer rm -rf "$tmp"
need_module_file
need_tool
topology

# KiB of kernel memory that can't be reclaimed
memory() {
	awk '/^(SUnreclaim|Percpu|VmallocUsed):/ { sum += $2 } END { print sum }' /proc/meminfo
}

# Floods with a time limit longer than any kernel needs
floods() {
	local most=$((60 + 30 * wanted))
	start in_ns "$attacker" ping -q -f -w $most $host4
	start in_ns "$attacker" ping -q -f -w $most $host6
	# Fragments that wait for reassembly when the module is unloaded
	start in_ns "$attacker" ping -q -f -w $most -s 9000 $router4
	start in_ns "$attacker" ping -q -f -w $most -s 9000 $router6
	start in_ns "$attacker" hping3 -q -1 -i u300 -c $((most * 3000)) --rand-source $host4
}

once() {
	local mode=$1
	insmod "$module" "new_netns=$mode" || { fail "insmod: cycle $cycle"; return 1; }
	[ $((cycle % 8)) -ne 1 ] || judges || fail "nothing judged: cycle $cycle"
	# Replaced while it is used, so that callbacks wait when it goes
	[ $((cycle % 2)) -ne 1 ] || must ctl "$router" set table-size $((1024 << cycle % 3))
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
	local cycle before after wanted=${RELOADS:-60} modes=(off enforce monitor enforce)
	must unload
	floods >/dev/null 2>&1
	for ((cycle = 1; cycle <= wanted; cycle++)); do
		# By now, everything is allocated that is allocated only once.
		[ "$cycle" -ne 21 ] || before=$(memory)
		once "${modes[cycle % 4]}" || return
	done
	stop_all
	is "/proc/net/icmpguard" "" "$(ls -d /proc/net/icmpguard 2>/dev/null)"
	is "/sys/module" "" "$(ls -d /sys/module/icmpguard 2>/dev/null)"
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
