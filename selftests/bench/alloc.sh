#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whether judging a packet allocates anything: counts the kernel's tracepoints of
# slabs and pages while the benchmark's loop hands packets to the hooks. What
# xt_hashlimit allocates for each source shows that they do count.
#
# usage: alloc.sh [KERNEL]	one that has tracepoints (default: debian-6.1)

set -u
export LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd) || exit
checkout=$(cd "$here/../.." && pwd) || exit
# shellcheck source=systems.sh
. "$here/systems.sh"

packets=16384
events="kmalloc kmalloc_node kmem_cache_alloc kmem_cache_alloc_node mm_page_alloc"
rows="echo:4::1 echo:4::4294967296 echo:4:accept:100000 echo:4:drop:1000 unreach:4::4294967296
	mtu:4::1000 echo:6::4294967296 echo:6:accept:100000 unreach:6::4294967296 mtu:6::1000"

bail() {
	echo "Bail out! $*"
	exit 1
}

# count PID: the allocations of the loop's thread for that many packets, each from a
# new source
count() {
	local line
	line="family=$family type=$kind sources=$sources packets=$packets order=random msec=0 threads=1 seed=$try"
	echo >"$buffer/trace"
	echo "$line" >"/proc/$1/net/icmpguard_bench" || bail "the loop refuses: $line"
	grep -c '^ *icmpguard_bench-' "$buffer/trace" || :
}

# An interrupt during the run may allocate too, so the least of three counts is
# taken; a packet's own allocations would be in each.
least() {
	local try n least=
	for try in 1 2 3; do
		n=$(count "$1")
		[ -n "$least" ] && [ "$n" -ge "$least" ] || least=$n
		[ "$least" -gt 0 ] || break
	done
	echo "$least"
}

# allocations SYSTEM: prints their number, in a namespace of its own
allocations() {
	local pid result try
	unshare -n sleep 100000 &
	pid=$!
	for ((try = 0; try < 100; try++)); do
		[ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ] && break
		sleep 0.05
	done
	inside "$pid" ip link add bench0 type dummy && "setup_$1" "$pid" && result=$(least "$pid")
	kill "$pid"
	wait "$pid" 2>/dev/null
	echo "${result-}"
}

guest() {
	local tracing=/sys/kernel/tracing event system row n name
	mount -t tracefs tracefs "$tracing" 2>/dev/null
	[ -d "$tracing/events/kmem" ] || bail "this kernel has no tracepoints of allocations"
	buffer=$tracing/instances/allocations
	mkdir "$buffer" && echo 16384 >"$buffer/buffer_size_kb" || bail "no buffer for what is traced"
	for event in $events; do
		[ -d "$buffer/events/kmem/$event" ] || continue
		echo 'comm ~ "icmpguard_bench*"' >"$buffer/events/kmem/$event/filter" &&
			echo 1 >"$buffer/events/kmem/$event/enable" || bail "$event can't be traced"
	done
	insmod "$BENCH_MODULE" && insmod "$ICMPGUARD_KO" || bail "a module doesn't load"
	tool=$ICMPGUARDCTL
	"$tool" set mode off
	kind=echo family=4 variant="" sources=4294967296
	n=$(allocations hashlimit)
	[ "${n:-0}" -gt $((packets / 4)) ]
	result $? "xt_hashlimit, as it should: ${n:-nothing} counted for $packets packets"
	for system in icmpguard full; do
		for row in $rows; do
			IFS=: read -r kind family variant sources <<<"$row"
			n=$(allocations "$system")
			name="$system: $kind, IPv$family${variant:+, $variant}, $sources sources"
			[ "${n:-1}" -eq 0 ]
			result $? "$name: ${n:-nothing} counted"
		done
	done
}

if [ "${1-}" = --guest ]; then
	# shellcheck source=../check/ktap.sh
	. "$here/../check/ktap.sh"
	guest
	ktap_end
fi

kernel=${1:-debian-6.1}
"$here/../setup.sh" build tool bench vm >&2 || exit
make -s -C "$checkout/userspace" >&2 || bail "the tool doesn't build"
paths=$("$here/../vm/kernel.sh" "$kernel") || bail "no kernel"
eval "$paths"
module=$checkout/build/bench/$kernel
mkdir -p "$module"
rsync -rc --include=Kbuild --include='*.c' --include='*.h' --exclude='*' "$here/module/" "$module/" &&
	make -s -C "$KDIR" $MAKEARGS M="$module" modules >"$module/build.log" 2>&1 ||
	{ cat "$module/build.log"; bail "the benchmark's module doesn't build"; }
paths=$("$here/../vm/build.sh" "$kernel" 2>&1) || bail "icmpguard doesn't build: $paths"
eval "$(grep '^KO=' <<<"$paths")"
export ICMPGUARD_KO=$KO BENCH_MODULE=$module/icmpguard_bench.ko
export ICMPGUARDCTL=$checkout/userspace/icmpguardctl
export VM_EXPORT="ICMPGUARD_KO BENCH_MODULE ICMPGUARDCTL"
"$here/../vm/run.sh" -k "$kernel" -t 1500 -l "$checkout/build/bench/alloc.log" "$here/alloc.sh" --guest
