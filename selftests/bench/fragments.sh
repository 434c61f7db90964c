#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What becomes of the large pings that a host is sent while first fragments that
# nothing follows come to it from 300 sources in turn: with nothing but the kernel, with
# icmpguard's defaults, and with an nft dynamic set of the same rates. Each guards a host
# of its own. A friend of that host pings it for ten minutes before; a newcomer begins
# with the flood.
#
# usage: fragments.sh [-b SECONDS] [-f SECONDS] [-k KERNEL] [RATE...]
#   -b SECONDS  of pings of 2000 bytes, one a second, before the flood (default: 600)
#   -f SECONDS  of flood, in which they go on (default: 20)
#   -k KERNEL   one of kernel.sh's names (default: uml-bench-6.1)
#   RATE        of fragments a second, of each family (default: 100 1000 10000)
#
# Prints a table; build/bench/fragments.json has the same.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
checkout=$(cd "$here/../.." && pwd) || exit

guards="kernel icmpguard nft"
declare -A source=([known4]=192.0.2.2 [known6]=2001:db8:b::2 [new4]=192.0.2.3 [new6]=2001:db8:c::3)

guest() {
	local guard rate scene before=$1 seconds=$2
	shift 2
	# shellcheck source=../lib.sh
	. "$here/../lib.sh"
	need_all
	declare -A guarded=() friend=() attacker=() pinging=()
	for rate; do
		for guard in $guards; do
			prepare "$guard-$rate"
			"guard_$guard" "${guarded[$guard-$rate]}" || exit 1
		done
	done
	# Up to the flood, each one's in its turn
	for rate; do
		for guard in $guards; do
			scene=$guard-$rate
			large "$scene" known4 "$before" >/dev/null &
			pinging[$scene]=$!
			large "$scene" known6 "$before" >/dev/null &
			pinging[$scene]+=" $!"
			before=$((before + seconds + 2))
		done
	done
	for rate; do
		for guard in $guards; do
			# shellcheck disable=SC2086 # words, on purpose
			wait ${pinging[$guard-$rate]} || fail "the friend's pings before the flood"
			measure "$guard" "$rate"
		done
	done >"$RESULTS/fragments"
}

guard_kernel() {
	:
}

guard_icmpguard() {
	configure "$1"
}

# Before the kernel puts them together, as icmpguard does
guard_nft() {
	in_ns "$1" nft -f - <<-END
		table inet known {
			set sources4 { type ipv4_addr; size 65535; flags dynamic,timeout; timeout 60s; }
			set sources6 { type ipv6_addr; size 65535; flags dynamic,timeout; timeout 60s; }
			chain prerouting {
				type filter hook prerouting priority -450
				ip protocol icmp ip frag-off & 0x3fff != 0 update @sources4 { ip saddr limit rate over 12/second burst 50 packets } drop
				ip protocol icmp ip frag-off & 0x3fff != 0 limit rate over 20/second burst 300 packets drop
				frag nexthdr ipv6-icmp update @sources6 { ip6 saddr & ffff:ffff:ffff:ffff:: limit rate over 12/second burst 50 packets } drop
				frag nexthdr ipv6-icmp limit rate over 20/second burst 300 packets drop
			}
		}
	END
}

# prepare SCENE: three hosts
prepare() {
	ns_add "guarded[$1]" "guard"
	ns_add "friend[$1]" "friend"
	ns_add "attacker[$1]" "attacker"
	veth "${friend[$1]}" fr0 "${guarded[$1]}" gf0
	veth "${attacker[$1]}" at0 "${guarded[$1]}" ga0
	addr "${guarded[$1]}" gf0 192.0.2.1/24 2001:db8:b::1/48 2001:db8:c::1/48
	addr "${friend[$1]}" fr0 ${source[known4]}/24 ${source[new4]}/24 ${source[known6]}/48 \
		${source[new6]}/48
	addr "${guarded[$1]}" ga0 198.51.100.1/24 2001:db8:a::1/48
	addr "${attacker[$1]}" at0 198.51.100.2/24 2001:db8:a::2/48
	in_ns "${guarded[$1]}" sysctl -q net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.ga0.rp_filter=0 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	busywait 20000 in_ns "${attacker[$1]}" ping -q -c 1 -W 1 198.51.100.1 >/dev/null 2>&1 &&
		busywait 20000 in_ns "${attacker[$1]}" ping -q -c 1 -W 1 2001:db8:a::1 >/dev/null 2>&1 ||
		fail "the hosts aren't connected"
}

# large SCENE NAME COUNT: pings of 2000 bytes from one of the friend's addresses
large() {
	local to=192.0.2.1
	[[ $2 != *6 ]] || to=2001:db8:b::1
	in_ns "${friend[$1]}" ping -q -I "${source[$2]}" -s 2000 -c "$3" -i 1 -W 1 "$to"
}

# measure GUARD RATE: one line of JSON
measure() {
	local scene=$1-$2 name pids=()
	local -A replies=()
	in_ns "${attacker[$scene]}" "$here/flood" -F -S 300 -n $(($2 * seconds)) -r "$2" \
		198.51.100.1 >"$tmp/flood4" &
	pids+=($!)
	in_ns "${attacker[$scene]}" "$here/flood" -F -S 300 -n $(($2 * seconds)) -r "$2" \
		2001:db8:a::1 >"$tmp/flood6" &
	pids+=($!)
	for name in "${!source[@]}"; do
		large "$scene" "$name" "$seconds" >"$tmp/$name" 2>&1 &
		pids+=($!)
	done
	wait "${pids[@]}"
	for name in "${!source[@]}"; do
		read_ping <"$tmp/$name"
		replies[$name]=$ping_received
	done
	printf '{"guard":"%s","rate":%d,"pings":%d,"known4":%d,"new4":%d,"known6":%d,"new6":%d,"ms":%d}\n' \
		"$1" "$2" "$seconds" "${replies[known4]}" "${replies[new4]}" "${replies[known6]}" \
		"${replies[new6]}" "$(cut -d ' ' -f 2 "$tmp/flood4")"
}

if [ "${1-}" = --guest ]; then
	shift
	guest "$@"
	exit
fi

before=600 seconds=20 kernel=uml-bench-6.1
while getopts b:f:k: option; do
	case $option in
	b)	before=$OPTARG ;;
	f)	seconds=$OPTARG ;;
	k)	kernel=$OPTARG ;;
	*)	sed -n '/^# usage/,/^#$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- 100 1000 10000
# shellcheck source=guest.sh
. "$here/guest.sh"
in_guest fragments "$kernel" $((before + $# * 3 * (seconds + 30) + 240)) "$before" "$seconds" "$@" || exit
jq -r '"| a second | guard | IPv4: known | new | IPv6: known | new |", "|---|---|---|---|---|---|",
	(.[] | "| \(.rate) | \(.guard) | \(.known4) of \(.pings) | \(.new4) | \(.known6) | \(.new6) |")' "$RESULTS/fragments.json"
