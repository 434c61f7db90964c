#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Devices are renamed while the configuration changes slowly: what changes a device
# holds RTNL, which all of the machine waits for, and waits for no change. What is
# renamed or gets an address meanwhile the new policy knows. How long the longest
# rename takes, idle and meanwhile, is printed and not judged: machines differ.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need nice taskset
topology
ip -n "$router" link add sp0 type veth peer name sp-peer || skip_all "no veth pairs here"
veth "$attacker" at1 "$router" ra1
addr "$attacker" at1 203.0.113.2/24
addr "$router" ra1 203.0.113.1/24

cpu=$(awk '/^Cpus_allowed_list/ { sub(/[-,].*/, "", $2); print $2 }' /proc/self/status)

# The largest table, or as large a one as a quarter of the memory holds
slots=33554432
available=$(awk '/^MemAvailable/ { print $2 * 1024 }' /proc/meminfo)
while [ $((slots * 8 * 4)) -gt "$available" ]; do
	slots=$((slots / 2))
done

# In an order that isn't theirs
many=100000
{
	printf '%s\n' "mode enforce" "interface ra1x off" "check echo-multicast drop"
	awk -v n=$many 'BEGIN {
		for (i = 0; i < n; i++) {
			j = i * 40503 % 131072
			printf "rule add 11.%d.%d.%d exempt\n", j / 65536, j / 256 % 256, j % 256
		}
	}'
} >"$tmp/many"

spare=sp0
# rename: a device that is of no use, and note in $worst how long the longest took
rename() {
	local next=sp1 us
	[ $spare = sp0 ] || next=sp0
	us=${EPOCHREALTIME/./}
	must ip -n "$router" link set $spare name $next
	us=$((${EPOCHREALTIME/./} - us))
	spare=$next
	[ $us -le "$worst" ] || worst=$us
}

# Without the flush the tables that were replaced stay for a while.
resize() {
	"$tool" -n "$router" set table-size $slots && "$tool" -n "$router" flush sources &&
		"$tool" -n "$router" set table-size 8 && "$tool" -n "$router" flush sources
}

apply() {
	"$tool" -n "$router" apply "$tmp/many"
}

# over_and_over COMMAND...: until $tmp/enough is there
over_and_over() {
	while [ ! -e "$tmp/enough" ]; do
		"$@" >/dev/null || return
	done
}

# scene WHAT COMMAND...: 50 renames, and as many more as one change takes
scene() {
	local worst=0 what=$1 i pid
	shift
	rm -f "$tmp/enough"
	start over_and_over "$@"
	pid=$!
	for ((i = 0; i < 50; i++)); do
		rename
	done
	: >"$tmp/enough"
	while kill -0 $pid 2>/dev/null; do
		rename
		i=$((i + 1))
	done
	wait $pid || fail "the configuration couldn't be changed"
	diag "the longest of $i renames, $what: $((worst / 1000)) ms"
}

figures() {
	configure "$router"
	scene idle sleep 0.05
	scene "while a table of $slots sources is made" resize
	scene "while $many rules are applied" apply
}

# A reader of the configuration waits for what changes it.
reader() {
	while :; do
		read -r _ <"/proc/${holder[$router]}/net/icmpguard/stats"
	done
}

# Whether it does
waits() {
	local line
	read -r line 2>/dev/null <"/proc/$1/stat" && [[ ${line##*) } == D* ]]
}

# begin_change COMMAND...: on a processor that something else needs most of
begin_change() {
	start taskset -c "$cpu" bash -c 'while :; do :; done'
	hog=$!
	start nice -n 10 taskset -c "$cpu" "$tool" -n "$router" "$@" >/dev/null
	change=$!
}

end_change() {
	stop "$hog"
	wait "$change" || fail "the configuration couldn't be changed"
}

# caught: until a reader waits for the change that goes on
caught() {
	local looking
	start reader
	looking=$!
	reads() {
		waits "$looking" || ! kill -0 "$change" 2>/dev/null
	}
	busywait 120000 reads
	waiting=$looking
	waits "$looking"
}

# Three renames end one after another, and what waited before them still waits.
overtaken() {
	local change hog waiting i worst=0 rc=1
	must ctl "$router" set table-size 8
	must ctl "$router" flush sources
	begin_change "$@"
	if caught; then
		for ((i = 0; i < 3; i++)); do
			rename
		done
		! waits "$waiting" || rc=0
	fi
	end_change
	stop "$waiting"
	return $rc
}

# overtake COMMAND...: a change may be over too soon to show it, again and again where
# the guest's own clock ticks seldom.
overtake() {
	local try
	for ((try = 0; try < 25; try++)); do
		! overtaken "$@" || return
	done
	fail "no rename ended before the change: $*"
}

table() {
	configure "$router"
	overtake set table-size $slots
}

rules() {
	configure "$router"
	overtake apply "$tmp/many"
}

# What the new policy names is resolved when it comes into force, not when it is made.
meanwhile() {
	local change hog waiting
	configure "$router"
	pings "$attacker" -c 3 -i 0.05 203.0.113.1
	begin_change apply "$tmp/many"
	caught || skip "the change was over too soon"
	must ip -n "$router" link set ra1 down
	must ip -n "$router" link set ra1 name ra1x
	must ip -n "$router" link set ra1x up
	must ip -n "$router" addr add 198.51.100.129/26 brd 198.51.100.149 dev ra0
	waits "$waiting" || skip "the change was over too soon"
	end_change
	stop "$waiting"
	expect "$router" icmp/echo-request/accepted=3
	pings "$attacker" -c 3 -i 0.05 203.0.113.1
	is "replies by an interface that is off" 3 "$ping_received"
	must ip -n "$attacker" neigh replace 198.51.100.149 lladdr "$(mac "$router" ra0)" dev at0
	pings "$attacker" -c 2 -i 0.05 -W 1 198.51.100.149
	expect "$router" icmp/echo-request/accepted=3 echo-multicast=2
	must ip -n "$router" addr del 198.51.100.129/26 dev ra0
	must ip -n "$router" link set ra1x down
	must ip -n "$router" link set ra1x name ra1
	must ip -n "$router" link set ra1 up
}

run_tests \
	"table a rename doesn't wait while a table is made" \
	"rules a rename doesn't wait while $many rules are applied" \
	"meanwhile what is renamed or added meanwhile is resolved" \
	"figures how long a rename takes"
