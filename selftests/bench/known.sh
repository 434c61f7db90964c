#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How many of a host's pings are answered while random sources flood at 100 times the
# aggregate limit: icmpguard, and rules with the same limits for xt_hashlimit with
# xt_limit and for an nft dynamic set with a limit. Each guards a host of its own,
# which a friend has been pinging for a minute.
#
# usage: known.sh [-b SECONDS] [-f SECONDS] [-k KERNEL] [-S SOURCES]
#   -b SECONDS  of pings, one a second, before the flood (default: 60)
#   -f SECONDS  of flood, in which the friend sends five pings a second (default: 20)
#   -k KERNEL   one of kernel.sh's names (default: uml-bench-6.1)
#   -S SOURCES  of the flood, which come back (default: ever new ones)
#
# Prints a table; build/bench/known.json has the same.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
checkout=$(cd "$here/../.." && pwd) || exit

source_rate=50 source_burst=100 total=100 burst=100
flood_rate=$((100 * total))
guards="icmpguard hashlimit nft"

guest() {
	local guard pid before=$1 seconds=$2 sources=$3
	# shellcheck source=../lib.sh
	. "$here/../lib.sh"
	need_all
	declare -A ns=() friend=() attacker=() pinging=()
	for guard in $guards; do
		ns_add "ns[$guard]" "guard"
		ns_add "friend[$guard]" "friend"
		ns_add "attacker[$guard]" "attacker"
		veth "${friend[$guard]}" fr0 "${ns[$guard]}" gf0
		veth "${attacker[$guard]}" at0 "${ns[$guard]}" ga0
		addr "${ns[$guard]}" gf0 192.0.2.1/24
		addr "${friend[$guard]}" fr0 192.0.2.2/24
		addr "${ns[$guard]}" ga0 198.51.100.1/24
		addr "${attacker[$guard]}" at0 198.51.100.2/24
		in_ns "${ns[$guard]}" sysctl -q net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.ga0.rp_filter=0 \
			net.ipv4.icmp_ratelimit=0
		"guard_$guard" "${ns[$guard]}" || exit 1
	done
	# Up to the flood, one guard at a time
	for guard in $guards; do
		start in_ns "${friend[$guard]}" ping -q -c "$before" -i 1 -W 1 192.0.2.1 >/dev/null
		pinging[$guard]=${started[-1]}
		before=$((before + seconds + 2))
	done
	for guard in $guards; do
		wait "${pinging[$guard]}" || fail "the friend's pings before the flood"
		measure "$guard" "${ns[$guard]}" "${friend[$guard]}" "${attacker[$guard]}" "$seconds"
	done >"$RESULTS/known"
}

guard_icmpguard() {
	configure "$1" "type echo-request limit $source_rate/second burst $source_burst total $total/second burst $burst"
}

guard_hashlimit() {
	local rule="-t raw -A PREROUTING -p icmp --icmp-type echo-request"
	# shellcheck disable=SC2086 # words, on purpose
	in_ns "$1" iptables-legacy $rule -m hashlimit --hashlimit-name known --hashlimit-mode srcip \
		--hashlimit-above $source_rate/sec --hashlimit-burst $source_burst \
		--hashlimit-htable-size 262144 --hashlimit-htable-max 1000000 \
		--hashlimit-htable-expire 60000 -j DROP &&
	in_ns "$1" iptables-legacy $rule -m limit --limit $total/sec --limit-burst $burst -j ACCEPT &&
	in_ns "$1" iptables-legacy $rule -j DROP
}

guard_nft() {
	in_ns "$1" nft -f - <<-END
		table ip known {
			set sources { type ipv4_addr; size 1000000; flags dynamic,timeout; timeout 60s; }
			chain prerouting {
				type filter hook prerouting priority -399
				icmp type echo-request update @sources { ip saddr limit rate over $source_rate/second burst $source_burst packets } drop
				icmp type echo-request limit rate over $total/second burst $burst packets drop
			}
		}
	END
}

# Echo requests that reached the guarded host's stack
given() {
	snmp "$1" IcmpInEchos
}

# measure NAME GUARD FRIEND ATTACKER SECONDS: one line of JSON
measure() {
	local before passed ping sent ms file=$tmp/ping
	before=$(given "$2")
	in_ns "$3" ping -q -c $((5 * $5)) -i 0.2 -W 1 192.0.2.1 >"$file" 2>&1 &
	ping=$!
	read -r sent ms < <(in_ns "$4" "$here/flood" -n $((flood_rate * $5)) -r $flood_rate -S "$sources" 198.51.100.1)
	wait "$ping"
	passed=$(($(given "$2") - before))
	read_ping <"$file"
	printf '{"guard":"%s","pings":%d,"replies":%d,"flood":%d,"ms":%d,"passed":%d,"due":%d}\n' "$1" \
		"$ping_sent" "$ping_received" "$sent" "$ms" "$passed" $((burst + total * ms / 1000))
}

if [ "${1-}" = --guest ]; then
	guest "$2" "$3" "$4"
	exit
fi

before=60 seconds=20 kernel=uml-bench-6.1 sources=0
while getopts b:f:k:S: option; do
	case $option in
	b)	before=$OPTARG ;;
	f)	seconds=$OPTARG ;;
	k)	kernel=$OPTARG ;;
	S)	sources=$OPTARG ;;
	*)	sed -n '/^# usage/,/^#$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
done
# shellcheck source=guest.sh
. "$here/guest.sh"
in_guest known "$kernel" $((before + 6 * seconds + 120)) "$before" "$seconds" "$sources" || exit
jq -r '"| guard | the known host'"'"'s replies | passed of the flood | the total allows |", "|---|---|---|---|",
	(.[] | "| \(.guard) | \(.replies) of \(.pings) | \(.passed) of \(.flood) | \(.due) |")' "$RESULTS/known.json"
