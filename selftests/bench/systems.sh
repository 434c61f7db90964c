# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The systems that are compared: how each is set up in a network namespace for a row.
# Sourced by measure.sh, which sets $family, $kind and $variant of the row, and $frames
# where it is one of frames that are received.
#
# The peers' rules are the simple ones from their manuals: one rule, one table of
# sources, large enough for the row where they allow it.

systems="none empty hashlimit nft icmpguard full"

# Of rows in which frames are received. "nofilter" has no hook but the one in which frames
# end; "ingress" and "early" have icmpguard at PRE_ROUTING too, and its judge asked before,
# by a hook at the device's ingress or by the driver.
frame_systems="none nofilter hashlimit nft nftingress icmpguard ingress early"

# Only when named: the cost of prefix rules, and of the reverse path
rule_systems="rules1000 rules100000 bound reverse"

# inside PID COMMAND...: in that process's namespace
inside() {
	local pid=$1
	shift
	nsenter -t "$pid" -n "$@"
}

# The type that a row limits. UDP and path MTU messages are sent with a limit for
# another type in place.
icmp_type() {
	case $kind in
	unreach) echo destination-unreachable ;;
	*)	echo echo-request ;;
	esac
}

# The limit of a row: rate and burst, as nft has them
row_limit() {
	case $variant:$kind in
	accept:*)	echo 1000000/second 1000000 ;;
	drop:*)		echo 1/hour 1 ;;
	:unreach)	echo 500/second 1000 ;;
	*)		echo 10/second 20 ;;
	esac
}

setup_none() {
	:
}

setup_nofilter() {
	:
}

setup_ingress() {
	setup_icmpguard "$1" && echo ask=ingress >"/proc/$1/net/icmpguard_bench"
}

setup_early() {
	setup_icmpguard "$1"
}

setup_empty() {
	echo hook=empty >"/proc/$1/net/icmpguard_bench"
}

setup_hashlimit() {
	local command rate burst match
	read -r rate burst < <(row_limit)
	if [ "$family" = 4 ]; then
		command=iptables-legacy
		match="-p icmp --icmp-type $(icmp_type)"
	else
		command=ip6tables-legacy
		match="-p icmpv6 --icmpv6-type $(icmp_type)"
	fi
	# shellcheck disable=SC2086 # words, on purpose
	inside "$1" "$command" -t raw -A PREROUTING $match \
		-m hashlimit --hashlimit-name bench --hashlimit-mode srcip \
		--hashlimit-above "${rate/second/sec}" --hashlimit-burst "$burst" \
		--hashlimit-srcmask "$([ "$family" = 4 ] && echo 32 || echo 64)" \
		--hashlimit-htable-size 262144 --hashlimit-htable-max 1000000 \
		--hashlimit-htable-expire 60000 -j DROP
}

# setup_nft PID [HOOK]: where
setup_nft() {
	local hook=${2:-hook prerouting priority -399}
	local rate burst table protocol type key
	read -r rate burst < <(row_limit)
	if [ "$family" = 4 ]; then
		table=ip protocol=icmp type=ipv4_addr key="ip saddr"
	else
		table=ip6 protocol=icmpv6 type=ipv6_addr key="ip6 saddr & ffff:ffff:ffff:ffff::"
	fi
	[ $# -eq 1 ] || table=netdev
	inside "$1" nft -f - <<-EOF
		table $table bench {
			set sources {
				type $type
				size 2000000
				flags dynamic,timeout
				timeout 60s
			}
			chain before {
				type filter $hook
				$protocol type $(icmp_type) update @sources { $key limit rate over $rate burst $burst packets } drop
			}
		}
	EOF
}

setup_nftingress() {
	setup_nft "$1" "hook ingress device bench0 priority 0"
}

# The defaults, with the row's own limit if it has one
setup_icmpguard() {
	local rate burst
	read -r rate burst < <(row_limit)
	{
		echo "mode enforce"
		[ -z "$variant" ] || echo "type $(icmp_type) limit $rate burst $burst"
	} | inside "$1" "$tool" apply -
}

# Everything on: totals, penalties, a prefix ladder, 1,000 rules a family
setup_full() {
	local rate burst total="total 20000/second burst 2000"
	read -r rate burst < <(row_limit)
	if [ -z "$variant" ]; then
		case $kind in
		unreach) rate=500/second burst=1000 total="total 50000/second burst 5000" ;;
		*)	rate=50/second burst=100 ;;
		esac
	fi
	[ "$variant" = accept ] && total="total 1000000/second burst 1000000000"
	{
		echo "mode enforce"
		echo "prefix ipv4 32 24:16"
		echo "prefix ipv6 64 48:16"
		echo "type $(icmp_type) limit $rate burst $burst $total block 60s"
		full_rules
	} | inside "$1" "$tool" apply -
}

# icmpguard with so many rules, spread over the space the sources are in; one in
# twelve lies next to another. That they exempt lets a source in one pass, too.
setup_rules() {
	local rate burst
	read -r rate burst < <(row_limit)
	{
		echo "mode enforce"
		[ -z "$variant" ] || echo "type $(icmp_type) limit $rate burst $burst"
		awk -v n="$2" 'BEGIN {
			for (i = 0; i < n / 2; i++) {
				at = int((i % 12 == 1 ? i - 1 : i) * 8589934592 / n) + 2 * (i % 12 == 1)
				printf "rule add %d.%d.%d.%d/32 exempt\n", at / 16777216,
					at / 65536 % 256, at / 256 % 256, at % 256
				printf "rule add 2001:db8:%x:%x::/64 exempt\n", at / 65536, at % 65536
			}
		}'
	} | inside "$1" "$tool" apply -
}

setup_rules1000() {
	setup_rules "$1" 1000
}

setup_rules100000() {
	setup_rules "$1" 100000
}

# All sources are in a rule for the interface where packets come in; 31 interfaces
# have others.
setup_bound() {
	local rate burst i device
	read -r rate burst < <(row_limit)
	{
		echo "mode enforce"
		[ -z "$variant" ] || echo "type $(icmp_type) limit $rate burst $burst"
		for ((i = 0; i < 32; i++)); do
			device=other$i
			[ "$i" -lt 31 ] || device=bench0
			echo "rule add 0.0.0.0/0 limit $rate burst $burst interface $device"
			echo "rule add ::/0 limit $rate burst $burst interface $device"
		done
	} | inside "$1" "$tool" apply -
}

# As setup_icmpguard; every packet's source has a route back where it came in.
setup_reverse() {
	local rate burst
	read -r rate burst < <(row_limit)
	inside "$1" ip link set bench0 up
	inside "$1" ip route replace default dev bench0
	inside "$1" ip -6 route replace default dev bench0
	{
		echo "mode enforce"
		[ -z "$variant" ] || echo "type $(icmp_type) limit $rate burst $burst"
		echo "check reverse-path drop"
	} | inside "$1" "$tool" apply -
}

# Spread over the space the sources are in, so that a look-up has to search
full_rules() {
	awk 'BEGIN {
		split("exempt|block|limit 10/second burst 20", action, "|")
		for (i = 0; i < 1000; i++) {
			at = int(i * 4294967.296)
			a = int(at / 16777216); b = int(at / 65536) % 256; c = int(at / 256) % 256
			printf "rule add %d.%d.%d.0/24 %s\n", a, b, c, action[i % 3 + 1]
			printf "rule add 2001:db8:%x:%x00::/56 %s\n", a * 256 + b, c, action[i % 3 + 1]
		}
	}'
}
