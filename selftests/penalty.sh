#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Penalties: a source that exceeds its rate is blocked for a time, and longer if it goes on.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
topology

# One packet too many begins it, and afterwards the source is served again.
begins_and_ends() {
	configure "$router" "type echo-request limit 20/second burst 4 block 2s"
	pings "$attacker" -i 0.002 -c 20 -W 1 $router4
	within "replies in $ping_ms ms" 4 $(($(may_pass 20 4 20 "$ping_ms") + 1)) "$ping_received"
	expect "$router" "icmp/echo-request/accepted=$ping_received" source-limit=1 \
		"penalty=$((19 - ping_received))" "icmp/echo-request/limited=$((20 - ping_received))"
	busywait 10000 answered $attacker4 || fail "the penalty didn't end"
}

answered() {
	in_ns "$attacker" ping -q -c 1 -W 1 -I "$1" $router4 >/dev/null 2>&1
}

# Another address isn't punished with it.
others() {
	configure "$router" "type echo-request limit 1/minute burst 3 block 600s"
	pings "$attacker" -I $attacker4 -i 0.01 -c 10 -W 1 $router4
	is "replies to the flooder" 3 "$ping_received"
	pings "$attacker" -I $other4 -i 0.01 -c 3 -W 1 $router4
	is "replies to another" 3 "$ping_received"
	expect "$router" icmp/echo-request/accepted=6 source-limit=1 penalty=6 \
		icmp/echo-request/limited=7
}

# It lasts while the source goes on, on a busy machine with pauses.
stays() {
	configure "$router" "type echo-request limit 2/second burst 5 block 3s"
	pings "$attacker" -i 0.01 -c 400 -W 1 $router4
	within "replies in $ping_ms ms" 5 7 "$ping_received"
	expect "$router" "icmp/echo-request/accepted=$ping_received" source-limit=1 \
		"penalty=$((399 - ping_received))" "icmp/echo-request/limited=$((400 - ping_received))"
	busywait 20000 answered $attacker4 || fail "the penalty didn't end"
}

# A rule's own rate has none.
rule() {
	configure "$router" "type echo-request limit 1/hour burst 3 block 60s" \
		"rule add $attacker4/32 limit 1/hour burst 5"
	pings "$attacker" -I $attacker4 -i 0.01 -c 10 -W 1 $router4
	is "replies" 5 "$ping_received"
	expect "$router" icmp/echo-request/accepted=5 source-limit=5 icmp/echo-request/limited=5
}

# What a source owes when a penalty is configured is a debt, whatever number it is.
configured() {
	local rate
	for rate in 7 9 11 13 17 19; do
		configure "$router" "type echo-request limit $rate/hour burst 5"
		pings "$attacker" -i 0.01 -c 5 -W 1 $router4
		is "replies" 5 "$ping_received"
		must ctl "$router" type echo-request limit $rate/hour burst 5 block 1h
		pings "$attacker" -i 0.01 -c 3 -W 1 $router4
		expect "$router" icmp/echo-request/accepted=5 source-limit=1 penalty=2 \
			icmp/echo-request/limited=3
	done
}

run_tests \
	"begins_and_ends a penalty begins with one packet too many, and ends" \
	"others another source isn't punished" \
	"stays a source that goes on stays blocked" \
	"rule a rule's own rate has no penalty" \
	"configured a debt isn't taken for a penalty that is configured later"
