#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest: load the module as an operator would, run the self-tests, unload it,
# and check that nothing is left. KTAP, one result a program.
#
# usage: guest-tests.sh PROGRAM...	names in selftests/
#
# ICMPGUARD_KO is the module for this kernel. SELFTEST_TIMEOUT is how many seconds
# a program has, if not as in the file settings.

set -u
cd "$(dirname "$0")/.." || exit

# A copy: the checkout may be built again while this runs.
cp "${ICMPGUARD_KO:?}" /run/icmpguard.ko || exit
export ICMPGUARD_KO=/run/icmpguard.ko
export ICMPGUARDCTL=${ICMPGUARDCTL:-$PWD/../userspace/icmpguardctl}
PATH=$(dirname "$ICMPGUARDCTL"):$PATH

limit=${SELFTEST_TIMEOUT:-$(sed -n 's/^timeout=//p' settings)}

number=0
report() {
	local rc=$1 name=$2
	number=$((number + 1))
	case $rc in
	0)	echo "ok $number $name" ;;
	4)	echo "ok $number $name # SKIP" ;;
	124|137) echo "not ok $number $name # TIMEOUT $limit seconds" ;;
	*)	echo "not ok $number $name # exit=$rc" ;;
	esac
}

# check FUNCTION NAME: report its result, with its output as comments
check() {
	local out rc
	out=$("$1" 2>&1)
	rc=$?
	[ $rc -eq 0 ] || [ -z "$out" ] || printf '%s\n' "$out" | sed 's/^/# /'
	report $rc "$2"
}

load() {
	insmod "$ICMPGUARD_KO"
}

unload() {
	[ ! -d /sys/module/icmpguard ] || rmmod icmpguard
}

left() {
	local rc=0
	[ ! -e /sys/module/icmpguard ] || { echo "the module is still there"; rc=1; }
	[ ! -e /proc/net/icmpguard ] || { echo "/proc/net/icmpguard is still there"; rc=1; }
	! grep -H icmpguard /proc/slabinfo /proc/vmallocinfo /proc/net/ptype /proc/softirqs 2>/dev/null ||
		rc=1
	! ls -d /sys/kernel/slab/*icmpguard* 2>/dev/null || rc=1
	! genl ctrl get name icmpguard 2>/dev/null | grep . || rc=1
	! nft list hooks 2>/dev/null | grep icmpguard || rc=1
	! ip netns list | grep . || { echo "network namespaces are left"; rc=1; }
	return $rc
}

echo "KTAP version 1"
echo "1..$(($# + 3))"
dmesg -C
# After a stall more packets wait than a queue holds by default.
sysctl -q net.core.netdev_max_backlog=20000
check load "load: insmod, with nothing loaded first"
for program in "$@"; do
	[ -d /sys/module/icmpguard ] || load
	echo "# selftests: net/icmpguard: $program"
	# A line in the kernel's log, so that complaints there can be attributed
	echo "icmpguard selftests: $program" >/dev/kmsg
	begin=$SECONDS
	timeout --kill-after=10 "$limit" "./$program" </dev/null 2>&1 | stdbuf -oL sed 's/^/# /'
	rc=${PIPESTATUS[0]}
	echo "# $program: $((SECONDS - begin)) s"
	report "$rc" "selftests: net/icmpguard: $program"
done
check unload "unload: rmmod"
check left "unload: nothing is left"
