#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What THC's implementation6 and fragmentation6 achieve through a router, with
# icmpguard off and on. All differences are listed here, each with its reason;
# there must be no other, and none of these may be missing.
#
# usage: compare.sh		run and compare
#        compare.sh TOOL MODE	run one: a line for each of its tests

# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
tool_dir=/usr/bin

# implementation6 says what came back for each test.
implementation() {
	in_ns "$attacker" timeout 400 $tool_dir/atk6-implementation6 at0 $host6 2>&1 |
		sed -nE 's/^Test +([0-9]+): ([^\t]+)\t+[A-Z]+ - (.*)/\1 \2: \3/p'
}

# fragmentation6 prints no results: count the pings that the host accepted, and its
# replies.
fragmentation() {
	local n before after
	for ((n = 1; n <= 33; n++)); do
		before=$(snmp "$host" Icmp6InEchos)
		in_ns "$attacker" timeout 60 $tool_dir/atk6-fragmentation6 -p at0 $host6 $n \
			>"$tmp/fragmentation" 2>&1
		# Once a ping is counted, everything sent before has arrived.
		in_ns "$attacker" ping -q -c 1 -W 5 $host6 >/dev/null
		after=$(snmp "$host" Icmp6InEchos)
		echo "$n $(sed -n "s/^ATTACK [A-Za-z]* $n - //p" "$tmp/fragmentation"): $((after - before - 1))"
	done
}

need_all
need $tool_dir/atk6-implementation6 $tool_dir/atk6-fragmentation6
if [ $# -eq 2 ]; then
	topology >/dev/null
	must ctl "$router" set mode "$2"
	"$1"
	exit
fi

for which in implementation fragmentation; do
	for mode in off enforce; do
		start "$0" $which $mode >"$tmp/$which-$mode"
	done
done
wait "${started[@]}"

# differences TOOL: from without to with
differences() {
	diff "$tmp/$1-off" "$tmp/$1-enforce" | sed -n 's/^[<>] /&/p'
}

complete() {
	local mode
	for mode in off enforce; do
		is "implementation6's results, $mode" 59 "$(wc -l <"$tmp/implementation-$mode")"
		is "fragmentation6's results, $mode" 33 "$(wc -l <"$tmp/fragmentation-$mode")"
	done
}

# Chains of more than 32 extension headers, which no one needs, are dropped. Packets
# that the host would have refused with an error (4, 14, 15, 26) are dropped without
# one. Everything else that got a reply still gets it.
implementation6() {
	is "differences" "$(cat <<'END'
< 4 128 hop-by-hop headers: error reply [4:1]
> 4 128 hop-by-hop headers: no reply
< 8 128 destination headers: we got a reply
< 9 2000 destination headers: we got a reply
< 10 8172 destination headers: we got a reply
> 8 128 destination headers: no reply
> 9 2000 destination headers: no reply
> 10 8172 destination headers: no reply
< 14 overlap-first-zero fragmentation: error reply [4:1]
< 15 overlap-last-zero fragmentation: error reply [4:1]
> 14 overlap-first-zero fragmentation: no reply
> 15 overlap-last-zero fragmentation: no reply
< 26 fragmentation hop-by-hop source-route: error reply [4:1]
> 26 fragmentation hop-by-hop source-route: no reply
END
)" "$(differences implementation)"
}

# Echoes larger than max-echo-size
fragmentation6() {
	is "differences" "$(cat <<'END'
< 13 sending 65486 bytes in 54 fragments: 1
< 14 sending 65495 bytes in 54 fragments: 1
> 13 sending 65486 bytes in 54 fragments: 0
> 14 sending 65495 bytes in 54 fragments: 0
END
)" "$(differences fragmentation)"
}

run_tests \
	"complete both tools ran to their end, with and without" \
	"implementation6 what implementation6 achieves" \
	"fragmentation6 what fragmentation6 achieves"
