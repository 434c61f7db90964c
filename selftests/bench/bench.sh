#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a packet costs, side by side: icmpguard, xt_hashlimit, nft, an empty hook.
#
# usage: bench.sh [-s SYSTEM]... [-r ROW]... [-n ROUNDS] [-t THREADS] [-o DIR]
#   -s SYSTEM   hashlimit, nft, icmpguard, full (icmpguard with everything on)
#               or empty; the loop alone is always measured (default: all)
#   -r ROW      KIND FAMILY [-accept|-drop] : SOURCES, such as echo4:1000,
#               unreach6:2^32, udp4:1000, echo4-accept:100000 (default: all)
#   -n ROUNDS   interleaved, one a system and turn (default: 12)
#   -t THREADS  that send at once (default: 1)
#   -o DIR      where table.md, bench.json and sources.svg go (default: build/bench)
#
# Environment: QUICK=1 for fewer rows and rounds; BENCH=native to measure the
# running kernel instead of User Mode Linux; BENCH_CPU=N to keep to one of the
# machine's processors.
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

all_rows="udp4:1000 udp6:1000
	echo4:1 echo4:1000 echo4:100000 echo4:1000000 echo4:10000000 echo4:2^32
	echo6:1 echo6:1000 echo6:100000 echo6:1000000 echo6:10000000 echo6:2^32
	unreach4:1 unreach4:1000 unreach4:2^32 unreach6:1 unreach6:1000 unreach6:2^32
	echo4-accept:1000 echo4-accept:100000 echo6-accept:1000 unreach4-accept:1000
	echo4-drop:1000 echo4-drop:100000 echo6-drop:1000"
quick_rows="udp4:1000 echo4:1 echo4:1000 echo4:100000 echo4:1000000 echo4:2^32
	echo6:1000 unreach4:1000 echo4-accept:1000"

want="" rows="" rounds="" threads=1 out=$checkout/build/bench
while getopts s:r:n:t:o: option; do
	case $option in
	s)	[[ " $systems " == *" $OPTARG "* ]] || usage
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
[[ ${rounds:-1} =~ ^[1-9][0-9]*$ && $threads =~ ^[1-8]$ ]] || usage

if [ -n "${QUICK-}" ]; then
	rows=${rows:-$quick_rows}
	rounds=${rounds:-5}
fi
rows=${rows:-$all_rows}
rounds=${rounds:-12}
ordered=none
for system in $systems; do
	[ "$system" = none ] && continue
	[[ " ${want:-$systems} " == *" $system "* ]] && ordered="$ordered $system"
done

# build_module DIRECTORY KDIR MAKEARGS SOURCE...: quiet unless it fails
build_module() {
	local dir=$1 kdir=$2 args=$3
	shift 3
	mkdir -p "$dir" || return
	# By content: what has not changed isn't built again.
	rsync -rc --include='*/' --include=Kbuild --include='*.c' --include='*.h' --exclude='*' \
		"$@" "$dir/" || return
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
	MAKEARGS=""
}

case ${BENCH-} in
native)	native_ready
	"$here/../setup.sh" build tool bench || exit 4
	kernel=native ;;
'')	"$here/../setup.sh" uml build tool bench || exit 4
	kernel=uml-6.1
	description=$("$here/../vm/kernel.sh" "$kernel") || exit
	eval "$description" ;;
*)	die "BENCH is native or nothing, not '$BENCH'" 2 ;;
esac

build_module "$checkout/build/bench/$kernel" "$KDIR" "$MAKEARGS" "$here/module/"
ICMPGUARD_KO=""
ICMPGUARDCTL=""
if [[ "$ordered" =~ icmpguard|full ]]; then
	if [ "$kernel" = native ]; then
		build_module "$checkout/build/native" "$KDIR" "$MAKEARGS" \
			"$checkout/Kbuild" "$checkout/kmod"
		KO=$checkout/build/native/icmpguard.ko
	else
		log=$checkout/build/bench/icmpguard.log
		built=$("$here/../vm/build.sh" "$kernel" 2>"$log") ||
			{ cat "$log" >&2; die "icmpguard doesn't build"; }
		eval "$built"
	fi
	ICMPGUARD_KO=$KO
	make -s -C "$checkout/userspace" >&2 || die "the tool doesn't build"
	ICMPGUARDCTL=$checkout/userspace/icmpguardctl
fi

mkdir -p "$out" || exit
export RESULTS=$out ICMPGUARD_KO ICMPGUARDCTL
export BENCH_SYSTEMS=$ordered BENCH_ROWS=$rows BENCH_ROUNDS=$rounds BENCH_THREADS=$threads
export BENCH_PACKETS=${BENCH_PACKETS:-262144} BENCH_MSEC=${BENCH_MSEC:-60}
export BENCH_MODULE=$checkout/build/bench/$kernel/icmpguard_bench.ko
export VM_EXPORT="ICMPGUARD_KO ICMPGUARDCTL BENCH_SYSTEMS BENCH_ROWS BENCH_ROUNDS BENCH_THREADS
	BENCH_PACKETS BENCH_MSEC BENCH_MODULE"
pin=()
[ -z "${BENCH_CPU-}" ] || pin=(taskset -c "$BENCH_CPU")

: >"$out/rounds.tsv" || exit
status=0
load_before=$(cut -d' ' -f1 /proc/loadavg)
if [ "$kernel" = native ]; then
	release=$(uname -r)
	"${pin[@]}" "$here/measure.sh" || status=1
else
	release="$RELEASE, User Mode Linux"
	"${pin[@]}" "$here/../vm/run.sh" -k "$kernel" -m 3000 -t 1200 -l "$out/kernel.log" \
		"$here/measure.sh" || status=1
fi
python3 "$here/report.py" --kernel "$release" --threads "$threads" --load "$load_before" \
	"$out/rounds.tsv" "$out" || status=1
exit $status
