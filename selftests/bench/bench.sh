#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a packet costs, side by side: icmpguard, xt_hashlimit, nft, an empty hook; in the
# hook alone, and from the driver on.
#
# usage: bench.sh [-s SYSTEM]... [-r ROW]... [-n ROUNDS] [-t THREADS] [-o DIR]
#   -s SYSTEM   hashlimit, nft, icmpguard, full (icmpguard with everything on)
#               or empty; the loop alone is always measured (default: all).
#               Rows of frames have hashlimit, nft, icmpguard, and nftingress (nft at the
#               device's ingress), early (icmpguard's judge asked by the driver),
#               ingress (asked at the device's ingress), nofilter.
#               Only when named: rules1000, rules100000 (icmpguard with so many),
#               bound (rules for interfaces), reverse (check reverse-path)
#   -r ROW      [frame-] KIND FAMILY [-accept|-drop] : SOURCES, such as echo4:1000,
#               unreach6:2^32, mtu6:1, udp4:1000, echo4-accept:100000; frame-echo4:1,
#               where frames are received by a driver (default: all)
#   -n ROUNDS   interleaved, one a system and turn (default: 12)
#   -t THREADS  only compare that many sending at once with one
#               (default: both the costs and, on User Mode Linux 7.3, which has
#               two processors, two against one; with -r or QUICK only the costs)
#   -o DIR      where table.md, bench.json, sources.svg, frames.svg go (default: build/bench)
#
# Environment: QUICK=1 for fewer rows and rounds; BENCH=native to measure the
# running kernel instead of User Mode Linux, BENCH=uml-6.1 for one that the tests
# have built, which is compiled for size; BENCH_CPU=N to keep to one of the machine's
# processors.
#
# Exit status: 0; 1 when something could not be measured; 4 when this machine
# can't do what was asked for.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
checkout=$(cd "$here/../.." && pwd) || exit
# shellcheck source=systems.sh
. "$here/systems.sh"

die() {
	echo "${0##*/}: $1" >&2
	exit "${2:-1}"
}

usage() {
	sed -n '/^# usage/,/^#$/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

all_rows="udp4:1000 udp6:1000 mtu4:1000 mtu6:1000
	echo4:1 echo4:1000 echo4:100000 echo4:1000000 echo4:10000000 echo4:2^32
	echo6:1 echo6:1000 echo6:100000 echo6:1000000 echo6:10000000 echo6:2^32
	unreach4:1 unreach4:1000 unreach4:2^32 unreach6:1 unreach6:1000 unreach6:2^32
	echo4-accept:1000 echo4-accept:100000 echo6-accept:1000 unreach4-accept:1000
	echo4-drop:1000 echo4-drop:100000 echo6-drop:1000
	frame-echo4:1 frame-echo4:1000000 frame-echo4:2^32
	frame-echo6:1 frame-echo6:1000000 frame-echo6:2^32
	frame-unreach4:1 frame-unreach4:1000000 frame-unreach4:2^32
	frame-unreach6:1 frame-unreach6:1000000 frame-unreach6:2^32
	frame-echo4-accept:1000 frame-echo6-accept:1000
	frame-unreach4-accept:1000 frame-unreach6-accept:1000
	frame-udp4:1000 frame-udp6:1000"
quick_rows="udp4:1000 echo4:1 echo4:1000 echo4:100000 echo4:1000000 echo4:2^32
	echo6:1000 unreach4:1000 echo4-accept:1000
	frame-echo4:1 frame-echo4:2^32 frame-echo4-accept:1000 frame-udp4:1000"

threads_rows="echo4:1 echo4:1000 echo4:100000 echo4:2^32 echo6:100000"

want="" rows="" rounds="" threads="" out=$checkout/build/bench
while getopts s:r:n:t:o: option; do
	case $option in
	s)	[[ " $systems $frame_systems $rule_systems " == *" $OPTARG "* ]] || usage
		want="$want $OPTARG" ;;
	r)	rows="$rows $OPTARG" ;;
	n)	rounds=$OPTARG ;;
	t)	threads=$OPTARG ;;
	o)	out=$OPTARG ;;
	*)	usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 0 ] || usage
[[ ${rounds:-1} =~ ^[1-9][0-9]*$ && ${threads:-2} =~ ^[2-8]$ ]] || usage

ordered=none
for system in $systems $frame_systems $rule_systems; do
	[[ " $ordered " == *" $system "* ]] && continue
	[[ " ${want:-$systems $frame_systems} " == *" $system "* ]] && ordered="$ordered $system"
done

# build_module DIRECTORY KDIR MAKEARGS SOURCE...: quiet unless it fails
build_module() {
	local dir=$1 kdir=$2 args=$3
	shift 3
	mkdir -p "$dir" || return
	# By content: nothing is built again without a change.
	rsync -rc --include='*/' --include=Kbuild --include='*.c' --include='*.h' --include=btf.sh \
		--exclude='*' "$@" "$dir/" || return
	# shellcheck disable=SC2086 # words, on purpose
	make -s -C "$kdir" $args M="$dir" -j2 modules >"$dir/build.log" 2>&1 && return
	cat "$dir/build.log" >&2
	die "$dir doesn't build"
}

native_ready() {
	[ "$(id -u)" -eq 0 ] || die "BENCH=native needs root" 4
	[ -e /proc/modules ] || die "BENCH=native: this kernel has no loadable modules" 4
	KDIR=/lib/modules/$(uname -r)/build
	[ -e "$KDIR/Makefile" ] ||
		die "BENCH=native needs the running kernel's headers: install linux-headers-$(uname -r)" 4
	MAKEARGS="" RELEASE=$(uname -r)
}

# Build for a kernel: sets ICMPGUARD_KO and BENCH_MODULE
build_for() {
	local kernel=$1 built log=$checkout/build/bench/icmpguard.log
	if [ "$kernel" = native ]; then
		native_ready
	else
		built=$("$here/../vm/kernel.sh" "$kernel") || exit
		eval "$built"
	fi
	build_module "$checkout/build/bench/$kernel" "$KDIR" "$MAKEARGS" "$here/module/"
	BENCH_MODULE=$checkout/build/bench/$kernel/icmpguard_bench.ko
	ICMPGUARD_KO=""
	[ -n "$ICMPGUARDCTL" ] || return
	if [ "$kernel" = native ]; then
		build_module "$checkout/build/native" "$KDIR" "$MAKEARGS ICMPGUARD_BENCH=1" \
			"$checkout/Kbuild" "$checkout/kmod"
		ICMPGUARD_KO=$checkout/build/native/icmpguard.ko
	else
		built=$(VARIANT=-bench "$here/../vm/build.sh" "$kernel" ICMPGUARD_BENCH=1 2>"$log") ||
			{ cat "$log" >&2; die "icmpguard doesn't build"; }
		eval "$built"
		ICMPGUARD_KO=$KO
	fi
}

# measure KERNEL FILE THREADS ROWS [LABEL]
measure() {
	local kernel=$1 pin=()
	build_for "$kernel"
	export BENCH_FILE=$2 BENCH_THREADS=$3 BENCH_ROWS=$4 BENCH_LABEL=${5-}
	[ -z "${BENCH_CPU-}" ] || pin=(taskset -c "$BENCH_CPU")
	if [ "$kernel" = native ]; then
		BENCH_UNLOAD=1 "${pin[@]}" "$here/measure.sh"
	else
		"${pin[@]}" "$here/../vm/run.sh" -k "$kernel" -c "${3##* }" -m 3000 -t 2400 \
			-l "$out/kernel-$kernel.log" "$here/measure.sh"
	fi || status=1
}

case ${BENCH-} in
native)	native_ready
	set -- build tool bench
	kernel=native kernel2=native ;;
''|uml-*)
	set -- uml build tool bench
	kernel=${BENCH:-uml-bench-6.1} kernel2=uml-7.3 ;;
*)	die "BENCH is native, one of kernel.sh's that begin with uml-, or nothing, not '$BENCH'" 2 ;;
esac
"$here/../setup.sh" "$@" || exit 4

mkdir -p "$out" || exit
rm -f "$out/rounds.tsv" "$out/threads.tsv"
ICMPGUARDCTL=""
if [[ "$ordered" =~ icmpguard|full|ingress|early ]]; then
	make -s -C "$checkout/userspace" >&2 || die "the tool doesn't build"
	ICMPGUARDCTL=$checkout/userspace/icmpguardctl
fi
[ -z "${QUICK-}" ] || rounds=${rounds:-5} all_rows=$quick_rows
export RESULTS=$out ICMPGUARD_KO ICMPGUARDCTL BENCH_MODULE
export BENCH_SYSTEMS=$ordered BENCH_ROUNDS=${rounds:-12}
export BENCH_UNLOAD="" BENCH_PACKETS=${BENCH_PACKETS:-262144} BENCH_MSEC=${BENCH_MSEC:-60}
export VM_EXPORT="ICMPGUARD_KO ICMPGUARDCTL BENCH_SYSTEMS BENCH_ROWS BENCH_ROUNDS BENCH_THREADS
	BENCH_PACKETS BENCH_MSEC BENCH_MODULE BENCH_FILE BENCH_LABEL BENCH_UNLOAD"

status=0
words=(--load "$(cut -d' ' -f1 /proc/loadavg)")
if [ -z "$threads" ]; then
	measure "$kernel" rounds.tsv 1 "${rows:-$all_rows}"
	words+=(--kernel "$RELEASE" --rounds "$out/rounds.tsv")
fi
if [ -n "$threads" ] || [ -z "$rows${QUICK-}" ]; then
	if [ "$kernel2" = native ] && [ "$(nproc)" -lt "${threads:-2}" ]; then
		echo "${0##*/}: this machine has $(nproc) processor(s): not measured with more" >&2
	else
		# Rounds as long as allowed, so that the threads really overlap
		BENCH_PACKETS=20000000 measure "$kernel2" threads.tsv "1 ${threads:-2}" "${rows:-$threads_rows}" \
			"one thread, and ${threads:-2}"
		words+=(--threads-kernel "$RELEASE" --threads "$out/threads.tsv")
	fi
fi
[ "$kernel" = native ] || words+=(--uml)
python3 "$here/report.py" "${words[@]}" "$out" || status=1
exit $status
