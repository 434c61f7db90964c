#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The measuring half of the benchmark, run on the measured kernel. Writes
# $RESULTS/$BENCH_FILE: row, system, round (0: before the first), threads,
# picoseconds a packet (typical, mean, least), packets, accepted, dropped.
#
# From the environment: BENCH_SYSTEMS, BENCH_ROWS, BENCH_ROUNDS; BENCH_PACKETS
# and BENCH_MSEC, the bounds of a round; BENCH_THREADS, one number or more, each
# in every round; BENCH_MODULE; ICMPGUARD_KO and ICMPGUARDCTL, both empty where
# no system needs them; BENCH_UNLOAD, to take the modules away again; RESULTS.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
export LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# shellcheck source=systems.sh
. "$here/systems.sh"

tool=$ICMPGUARDCTL
rounds_file=$RESULTS/$BENCH_FILE
file=net/icmpguard_bench

# Enough to fill the peers' tables where a row has more sources than they hold
flood_packets=2200000
least_packets=65536

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

declare -A pid=()
loaded=

# Waits for old namespaces to go: freeing them would disturb the next measurement.
close_all() {
	local key
	for key in "${!pid[@]}"; do
		kill "${pid[$key]}" 2>/dev/null
		wait "${pid[$key]}" 2>/dev/null
	done
	pid=()
}

# A real machine gets its state back. A guest ends here anyway, and User Mode Linux
# sometimes hangs while it frees a module's memory.
cleanup() {
	trap '' INT TERM HUP
	close_all
	[ -n "$BENCH_UNLOAD" ] || return
	case $loaded in
	*bench*) rmmod icmpguard_bench ;;
	esac
	case $loaded in
	*guard*) rmmod icmpguard ;;
	esac
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

namespaces() {
	local words
	read -r -a words <"/proc/self/$file"
	echo "${words[-1]}"
}

wait_for_namespaces() {
	local try
	for ((try = 0; try < 600; try++)); do
		[ "$(namespaces)" -le "$1" ] && return
		sleep 0.05
	done
	die "a network namespace isn't going away"
}

# open_namespace SYSTEM: a process that lives in a new one
open_namespace() {
	local system=$1 mine try
	unshare -n sleep 100000 &
	pid[$system]=$!
	mine=$(readlink /proc/self/ns/net)
	for ((try = 0; try < 400; try++)); do
		if [ "$(readlink "/proc/${pid[$system]}/ns/net")" != "$mine" ] &&
		   [ "$(cat "/proc/${pid[$system]}/comm")" = sleep ]; then
			inside "${pid[$system]}" ip link add bench0 type icmpguard_bench || return
			[ -n "$frames" ] || return 0
			# Nothing but what is sent to it
			inside "${pid[$system]}" ip link set bench0 addrgenmode none up &&
				echo hook=sink >"/proc/${pid[$system]}/$file"
			return
		fi
		sleep 0.02
	done
	die "no new network namespace"
}

# parse_row ROW: sets frames, kind, family, variant, sources
parse_row() {
	[[ $1 =~ ^(frame-)?(udp|echo|unreach|mtu)([46])(-(accept|drop))?:([0-9]+|2\^32)$ ]] ||
		die "no row is called '$1': [frame-]udp|echo|unreach|mtu 4|6 [-accept|-drop] :SOURCES"
	frames=${BASH_REMATCH[1]}
	kind=${BASH_REMATCH[2]}
	family=${BASH_REMATCH[3]}
	variant=${BASH_REMATCH[5]}
	sources=${BASH_REMATCH[6]}
	[ "$sources" = '2^32' ] && sources=4294967296
}

# The way of a system's packets in the row
way() {
	case $frames$1 in
	frame-none)	echo written ;;
	frame-early)	echo asked ;;
	frame-*)	echo received ;;
	*)		echo hooks ;;
	esac
}

# send SYSTEM ROUND THREADS PACKETS ORDER MSEC
send() {
	local words line try
	line="family=$family type=$kind way=$(way "$1") sources=$sources packets=$4 order=$5 msec=$6 threads=$3 seed=$2"
	# It fails if the threads never ran at the same time: on a busy machine it may
	# take another try.
	for ((try = 0; try < 5; try++)); do
		echo "$line" 2>/dev/null >"/proc/${pid[$1]}/$file" && break
		[ "$3" -gt 1 ] || die "the benchmark module refuses: $line"
	done
	[ "$try" -lt 5 ] || return
	read -r -a words <"/proc/${pid[$1]}/$file"
	printf '%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n' "$row" "$1" "$2" "$3" "${words[9]}" \
		"${words[11]}" "${words[13]}" "${words[1]}" "${words[3]}" "${words[5]}" >>"$rounds_file"
}

# Sends from every source once and uses up its burst, where that is possible
warm_up() {
	local burst packets=$least_packets order=sequential
	read -r _ burst < <(row_limit)
	case $1:$variant in
	none:*|empty:*|nofilter:*) ;;
	*:accept)	packets=$sources ;;
	*)		packets=$((sources * burst)) ;;
	esac
	[ "$packets" -ge "$least_packets" ] || packets=$least_packets
	[ "$packets" -le "$flood_packets" ] || packets=$flood_packets
	[ "$sources" -le 1000000 ] || order=random
	send "$1" 0 1 "$packets" "$order" 0
}

# Whether the row measures a system
measures() {
	local all="$systems $rule_systems"
	[ -z "$frames" ] || all=$frame_systems
	[[ " $all " == *" $1 "* ]]
}

measure_row() {
	local system round threads i ready=() base
	base=$(namespaces)
	parse_row "$row"
	for system in $BENCH_SYSTEMS; do
		measures "$system" || continue
		open_namespace "$system"
		if "setup_$system" "${pid[$system]}"; then
			ready+=("$system")
		else
			echo "${0##*/}: $system could not be set up for $row" >&2
			failed=1
		fi
	done
	for system in "${ready[@]}"; do
		warm_up "$system"
	done
	# Each round starts with another system, so that none always follows the same one.
	for ((round = 1; round <= BENCH_ROUNDS; round++)); do
		for ((i = 0; i < ${#ready[@]}; i++)); do
			for threads in $BENCH_THREADS; do
				send "${ready[(i + round) % ${#ready[@]}]}" "$round" "$threads" \
					"$BENCH_PACKETS" random "$BENCH_MSEC"
			done
		done
	done
	# For profile.sh
	while read -r system i _; do
		echo "$system $(cat "/sys/module/$system/sections/.text") $i"
	done </proc/modules >"$RESULTS/sections"
	close_all
	wait_for_namespaces "$base"
}

insmod "$BENCH_MODULE" || die "the benchmark module doesn't load"
loaded=bench
if [ -n "$ICMPGUARD_KO" ] && [ ! -d /sys/module/icmpguard ]; then
	insmod "$ICMPGUARD_KO" || die "icmpguard doesn't load"
	loaded="$loaded guard"
	# The machine's own traffic isn't judged
	"$tool" set mode off || die "icmpguard can't be switched off"
fi

: >"$rounds_file" || exit
failed=
count=0
total=$(wc -w <<<"$BENCH_ROWS")
for row in $BENCH_ROWS; do
	parse_row "$row"
done
for row in $BENCH_ROWS; do
	count=$((count + 1))
	echo "row $count of $total: $row${BENCH_LABEL:+ ($BENCH_LABEL)}"
	measure_row
done
[ -z "$failed" ]
