# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The demo's network, and its counters. Sourced.
#
# This machine is the router to guard. All other hosts are behind a provider, on
# the far side of the router's only line, which is slow towards the provider.
#
#   router ---1 Mbit/s--- provider --- host      (calm)
#                                  `-- attacker

router=203.0.113.2
host=192.0.2.10
attacker=198.51.100.66
bandwidth=1mbit

# The kernel shows a namespace's counters below a process in it.
declare -A pid

namespace() {
	ip netns add "$1" || return
	# Only the demo's own packets should be counted.
	ip netns exec "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	ip netns exec "$1" sleep infinity >/dev/null 2>&1 &
	pid[$1]=$!
	ip -n "$1" link set dev lo up
}

# customer NAME PREFIX ADDRESS: a namespace behind the provider
customer() {
	namespace "$1" || return
	ip -n provider link add name "to-$1" type veth peer name eth0 netns "$1" &&
		ip -n provider address add "$2.1/24" dev "to-$1" &&
		ip -n provider link set dev "to-$1" up &&
		ip -n "$1" address add "$3/24" dev eth0 &&
		ip -n "$1" link set dev eth0 up &&
		ip -n "$1" route add default via "$2.1"
}

network() {
	sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	pid[router]=self
	namespace provider &&
		ip link add name wan0 type veth peer name to-router netns provider &&
		ip address add "$router/30" dev wan0 &&
		ip link set dev wan0 up &&
		ip -n provider address add 203.0.113.1/30 dev to-router &&
		ip -n provider link set dev to-router up &&
		ip route add default via 203.0.113.1 &&
		customer host 192.0.2 "$host" &&
		customer attacker 198.51.100 "$attacker" || return
	ip netns exec provider sysctl -qw net.ipv4.ip_forward=1
	# Replies to forged addresses are silently dropped here.
	ip -n provider route add blackhole default &&
		tc qdisc add dev wan0 root netem rate "$bandwidth" limit 120
}

network_end() {
	local name
	for name in "${!pid[@]}"; do
		[ "${pid[$name]}" = self ] || kill "${pid[$name]}"
	done
}

# Files of /proc are read in one go: `read` goes back and forth in what may change
# meanwhile.

# snmp NAMESPACE PROTOCOL COUNTER: the kernel's own counter, in REPLY
snmp() {
	local names=() lines line i
	REPLY=0
	mapfile -t lines <"/proc/${pid[$1]}/net/snmp"
	while read -ra line; do
		[ "${line[0]-}" = "$2:" ] || continue
		if [ ${#names[@]} -eq 0 ]; then
			names=("${line[@]}")
			continue
		fi
		for i in "${!names[@]}"; do
			[ "${names[i]}" != "$3" ] || REPLY=${line[i]}
		done
	done < <(printf '%s\n' "${lines[@]}")
}

# counter NAME: icmpguard's counter, in REPLY; 0 while it isn't loaded
counter() {
	local lines name value
	REPLY=0
	[ -e /proc/net/icmpguard/stats ] || return
	mapfile -t lines </proc/net/icmpguard/stats
	while read -r name value; do
		[ "$name" = "$1" ] && REPLY=$value
	done < <(printf '%s\n' "${lines[@]}")
}

# echoes accepted|all: icmpguard's count of IPv4 echo requests, in REPLY
echoes() {
	local lines protocol type accepted limited dropped rest
	REPLY=0
	[ -e /proc/net/icmpguard/types ] || return
	mapfile -t lines </proc/net/icmpguard/types
	while read -r protocol type accepted limited dropped rest; do
		[ "$protocol $type" = "icmp echo-request" ] || continue
		REPLY=$accepted
		[ "$1" = accepted ] || REPLY=$((accepted + limited + dropped))
	done < <(printf '%s\n' "${lines[@]}")
}

# hundredths of a second since the machine was started, in REPLY
clock() {
	local seconds rest
	read -r seconds rest </proc/uptime
	REPLY=${seconds/./}
}
