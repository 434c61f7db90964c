#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tracing: the tracepoint of verdicts, the kernel's drop reasons, perf, dropwatch and
# bpftrace.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
# The standard place
tracing=/sys/kernel/tracing
if [ ! -e "$tracing/trace" ]; then
	mount -t tracefs tracefs "$tracing" 2>/dev/null || skip_all "this kernel has no tracefs"
	defer umount -l "$tracing"
fi
[ -d "$tracing/events/icmpguard" ] || skip_all "this kernel has no tracepoints for modules"
topology
keep_neighbours
crafting "$attacker" at0 "$(mac "$router" ra0)"

# A buffer of our own
buffer=$tracing/instances/icmpguard-$$
mkdir "$buffer" || skip_all "no buffer for tracing can be made"
defer rmdir "$buffer"
verdict=$buffer/events/icmpguard/icmpguard_verdict

# Start with an empty buffer
trace() {
	echo >"$buffer/trace"
	echo 1 >"$verdict/enable"
}

untrace() {
	echo 0 >"$verdict/enable"
}

# The trace of the attacker's packets
verdicts() {
	sed -n 's/.*icmpguard_verdict: //p' "$buffer/trace" | grep -E "v6=(::ffff:)?($attacker4|$attacker6) " |
		sed 's/ saddrv6=[^ ]*//; s/ saddr=0\.0\.0\.0//'
}

traced() {
	[ "$(verdicts | wc -l)" -ge "$1" ]
}

# packets: one for each of many reasons
packets() {
	send "[IP(src='$attacker4', dst='$host4', proto=1) / icmp4(k) for k in (8, 17, 77)]"
	send "[IP(src='$attacker4', dst='$host4', proto=1) / icmp4(13)] * 2"
	send "IP(src='$attacker4', dst='$host4', proto=1) / Raw(bytes([8, 3, 0]))"
	send "error4('$attacker4', '$host4', IP(src='$attacker4', dst='$host4') / UDP(), code=3)"
	send "IP(src='$attacker4', dst='$host4', proto=1, id=3, frag=8189) / Raw(bytes(40))"
	send "icmp6('$attacker6', '$host6', 135, body=bytes(20))"
	send "icmp6('$attacker6', '$host6', 129)"
	send "icmp6('$attacker6', '$router6', 2, body=bytes(44))"
}

wanted="family=icmp type=8 code=0 saddr=$attacker4 dev=ra0 reason=within-limit verdict=accept mode=enforce
family=icmp type=17 code=0 saddr=$attacker4 dev=ra0 reason=policy-drop verdict=drop mode=enforce
family=icmp type=77 code=0 saddr=$attacker4 dev=ra0 reason=within-limit verdict=accept mode=enforce
family=icmp type=13 code=0 saddr=$attacker4 dev=ra0 reason=within-limit verdict=accept mode=enforce
family=icmp type=13 code=0 saddr=$attacker4 dev=ra0 reason=source-limit verdict=drop mode=enforce
family=icmp type=8 code=0 saddr=$attacker4 dev=ra0 reason=truncated verdict=drop mode=enforce
family=icmp type=3 code=3 saddr=$attacker4 dev=ra0 reason=quoted-source verdict=drop mode=enforce
family=icmp type=257 code=0 saddr=$attacker4 dev=ra0 reason=fragment-oversize verdict=drop mode=enforce
family=icmpv6 type=135 code=0 dev=ra0 reason=nd-hop-limit verdict=drop mode=enforce
family=icmpv6 type=129 code=0 dev=ra0 reason=exempt verdict=accept mode=enforce
family=icmpv6 type=2 code=0 dev=ra0 reason=mtu-small verdict=drop mode=enforce"

rules=("type icmp timestamp-request limit 1/hour burst 1" "set check quoted-source drop")

# Every verdict, as it was counted
tracepoint() {
	configure "$router" "${rules[@]}"
	trace
	packets
	busywait 5000 traced 11
	is verdicts "${wanted/reason=exempt/reason=within-limit}" "$(verdicts)"
	ctl "$router" rule add $attacker6 exempt
	echo >"$buffer/trace"
	send "icmp6('$attacker6', '$host6', 129)"
	busywait 5000 traced 1
	is "an exempt source" "$(grep exempt <<<"$wanted")" "$(verdicts)"
	untrace
	must ctl "$router" rule del $attacker6
	expect "$router" policy-drop=1 source-limit=1 truncated=1 quoted-source=1 fragment-oversize=1 \
		nd-hop-limit=1 mtu-small=1 exempt=1
}

# In monitor mode the reason is the one to drop, and the packet passes.
monitored() {
	configure "$router" "set mode monitor"
	trace
	send "IP(src='$attacker4', dst='$host4', proto=1) / icmp4(17)"
	busywait 5000 traced 1
	is verdicts "family=icmp type=17 code=0 saddr=$attacker4 dev=ra0 reason=policy-drop verdict=accept mode=monitor" \
		"$(verdicts)"
	untrace
	expect "$router" monitor=1 monitored-policy-drop=1
}

# A filter on a field, by its text
filtered() {
	configure "$router" "${rules[@]}"
	echo 'reason == "source-limit" && verdict == 0' >"$verdict/filter" ||
		fail "the filter is refused"
	trace
	packets
	busywait 5000 traced 1
	settled "$router"
	is verdicts "$(grep source-limit <<<"$wanted")" "$(verdicts)"
	untrace
	echo 0 >"$verdict/filter"
}

# freed: what icmpguard freed, by function and the kernel's reason
freed() {
	local number
	number=$(sed -n 's/.*__print_symbolic(REC->reason, //p' "$buffer/events/skb/kfree_skb/format")
	awk -v names="$number" 'BEGIN {
		while (match(names, /[{] [0-9]+, "[A-Z0-9_]+" [}]/)) {
			split(substr(names, RSTART + 2), part, /[, "]+/)
			name[part[1]] = part[2]
			names = substr(names, RSTART + RLENGTH)
		}
	}
	match($0, /icmpguard_drop_[A-Z_]+/) {
		at = substr($0, RSTART, RLENGTH)
		reason = $0
		sub(/.*reason: */, "", reason)
		sub(/ .*/, "", reason)
		count = $0
		sub(/.*hitcount: */, "", count)
		print at, (reason in name ? name[reason] : reason), count + 0
	}' "$buffer/events/skb/kfree_skb/hist" | sort
}

kernel_reasons() {
	local nd=NETFILTER_DROP counting="hist:keys=location.sym,reason"
	freed_all() {
		[ "$(freed | wc -l)" -ge 7 ]
	}
	# Kernels that have reasons of IPv6's have this one.
	grep -q IPV6_NDISC_HOP_LIMIT "$buffer/events/skb/kfree_skb/format" && nd=IPV6_NDISC_HOP_LIMIT
	configure "$router" "${rules[@]}"
	if ! echo "$counting" 2>/dev/null >"$buffer/events/skb/kfree_skb/trigger"; then
		skip "this kernel counts no events"
		return
	fi
	packets
	busywait 5000 freed_all
	is "freed by icmpguard" "icmpguard_drop_FRAGMENT_OVERSIZE PKT_TOO_BIG 1
icmpguard_drop_MTU_SMALL NETFILTER_DROP 1
icmpguard_drop_ND_HOP_LIMIT $nd 1
icmpguard_drop_POLICY_DROP NETFILTER_DROP 1
icmpguard_drop_QUOTED_SOURCE NETFILTER_DROP 1
icmpguard_drop_SOURCE_LIMIT NETFILTER_DROP 1
icmpguard_drop_TRUNCATED PKT_TOO_SMALL 1" "$(freed)"
	echo "!$counting" >"$buffer/events/skb/kfree_skb/trigger"
	expect "$router" policy-drop=1 source-limit=1 truncated=1 quoted-source=1 fragment-oversize=1 \
		nd-hop-limit=1 mtu-small=1
	# Without a listener netfilter frees, and everything is counted as before.
	packets
	expect "$router" policy-drop=2 source-limit=3 truncated=2 quoted-source=2 fragment-oversize=2 \
		nd-hop-limit=2 mtu-small=2
}

# Error messages for a system call that the kernel was built without
not_implemented() {
	grep -q "Function not implemented" "$1"
}

with_perf() {
	local perf
	perf=$(command -v perf || ls /usr/bin/perf_[0-9]* 2>/dev/null | tail -n 1)
	[ -n "$perf" ] || { skip "perf isn't installed"; return; }
	configure "$router" "${rules[@]}"
	start "$perf" record -q -a -e icmpguard:icmpguard_verdict -o "$tmp/perf.data" \
		sh -c "echo >$tmp/perf.begun; exec sleep 1000" 2>"$tmp/perf.err"
	local pid=$!
	perf_answers() {
		[ -e "$tmp/perf.begun" ] || not_implemented "$tmp/perf.err"
	}
	busywait 180000 perf_answers || fail "perf doesn't begin: $(cat "$tmp/perf.err")"
	if [ ! -e "$tmp/perf.begun" ]; then
		stop "$pid"
		skip "this kernel has no perf_event_open()"
		return
	fi
	packets
	settled "$router"
	kill -INT "$pid"
	wait "$pid" 2>/dev/null
	"$perf" script -i "$tmp/perf.data" 2>/dev/null >"$tmp/perf.txt"
	is "verdicts by perf" "$(sed 's/reason=exempt/reason=within-limit/' <<<"$wanted")" \
		"$(sed -n 's/.*icmpguard_verdict: //p' "$tmp/perf.txt" |
		   grep -E "v6=(::ffff:)?($attacker4|$attacker6) " |
		   sed 's/ saddrv6=[^ ]*//; s/ saddr=0\.0\.0\.0//')"
}

# The function's name comes from the kernel: dropwatch itself assumes that modules'
# symbols are sorted.
with_dropwatch() {
	command -v dropwatch >/dev/null || { skip "dropwatch isn't installed"; return; }
	modprobe drop_monitor 2>/dev/null || { skip "this kernel has no drop_monitor"; return; }
	configure "$router" "${rules[@]}"
	mkfifo "$tmp/commands"
	stdbuf -oL dropwatch <"$tmp/commands" >"$tmp/dropwatch.txt" 2>&1 &
	local pid=$!
	started+=("$pid")
	exec 9>"$tmp/commands"
	printf 'set alertmode packet\nstart\n' >&9
	busywait 60000 grep -q "monitoring activated" "$tmp/dropwatch.txt" ||
		fail "dropwatch doesn't begin: $(cat "$tmp/dropwatch.txt")"
	packets
	dropwatch_shows() {
		[ "$(grep -c 'drop at: icmpguard_drop_' "$tmp/dropwatch.txt")" -ge 7 ]
	}
	busywait 10000 dropwatch_shows
	printf 'stop\nexit\n' >&9
	exec 9>&-
	stop "$pid"
	is "dropwatch shows" "FRAGMENT_OVERSIZE MTU_SMALL ND_HOP_LIMIT POLICY_DROP QUOTED_SOURCE SOURCE_LIMIT TRUNCATED" \
		"$(sed -n 's/.*drop at: icmpguard_drop_\([A-Z_]*\).*/\1/p' "$tmp/dropwatch.txt" | sort | tr '\n' ' ' | sed 's/ $//')"
	[ -z "$bad" ] || diag "$(cat "$tmp/dropwatch.txt")"
}

with_bpftrace() {
	command -v bpftrace >/dev/null || { skip "bpftrace isn't installed"; return; }
	configure "$router" "${rules[@]}"
	start bpftrace -e 'BEGIN { printf("begun\n"); }
		tracepoint:icmpguard:icmpguard_verdict { printf("%s %d\n", args->reason, args->type); }' \
		>"$tmp/bpftrace.txt" 2>&1
	local pid=$!
	bpftrace_begun() {
		grep -q begun "$tmp/bpftrace.txt"
	}
	bpftrace_answers() {
		bpftrace_begun || not_implemented "$tmp/bpftrace.txt"
	}
	busywait 300000 bpftrace_answers || fail "bpftrace: $(cat "$tmp/bpftrace.txt")"
	if ! bpftrace_begun; then
		stop "$pid"
		skip "this kernel has no bpf()"
		return
	fi
	packets
	bpftrace_shows() {
		grep -q '^source-limit 13$' "$tmp/bpftrace.txt" && grep -q '^mtu-small 2$' "$tmp/bpftrace.txt"
	}
	busywait 10000 bpftrace_shows || fail "bpftrace shows: $(cat "$tmp/bpftrace.txt")"
	stop "$pid"
}

run_tests \
	"tracepoint every verdict, by the tracepoint" \
	"monitored monitored packets" \
	"filtered a filter by reason" \
	"kernel_reasons the kernel's reasons, and the function that freed the packet" \
	"with_perf perf" \
	"with_dropwatch dropwatch" \
	"with_bpftrace bpftrace"
