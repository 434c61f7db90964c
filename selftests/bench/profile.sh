#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Where a packet's time is spent: samples the benchmark of one system and one
# row under User Mode Linux with perf's software clock.
#
# usage: profile.sh SYSTEM ROW [ROUNDS]
#
# Prints the functions, then the hottest instructions of the modules (a sample is
# of the one after the one that was slow).
# Needs perf (Debian: linux-perf) and permission to use it.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
checkout=$(cd "$here/../.." && pwd) || exit
[ $# -ge 2 ] || { sed -n '/^# usage/,/^#$/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
command -v perf >/dev/null || { echo "${0##*/}: there is no perf: install linux-perf" >&2; exit 4; }

out=$checkout/build/bench/profile
mkdir -p "$out" || exit
eval "$("$here/../vm/kernel.sh" uml-bench-6.1)" || exit
# Rounds as long as allowed, so that nearly all samples are the loop's
BENCH_MSEC=2000 BENCH_PACKETS=20000000 \
	perf record -q -e cpu-clock -c 100000 -o "$out/perf.data" -- \
	"$here/bench.sh" -s "$1" -r "$2" -n "${3:-3}" -o "$out" || exit
perf script -i "$out/perf.data" -F comm,ip 2>/dev/null |
	python3 "$here/profile.py" "$out/sections" "$IMAGE" \
		"icmpguard=$checkout/build/uml-bench-6.1-bench/icmpguard.ko" \
		"icmpguard_bench=$checkout/build/bench/uml-bench-6.1/icmpguard_bench.ko"
