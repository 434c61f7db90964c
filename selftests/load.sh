#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# insmod alone protects at once; rmmod, also under traffic, leaves nothing. The module
# is loaded afterwards if it was before, with the defaults.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all "needs root"
need ip jq ping nft
need_scapy
tmp=$(mktemp -d) || exit 1
defer rm -rf "$tmp"
need_tool
need_module_file
topology

logged() {
	dmesg | grep -c "$1"
}

nothing_left() {
	local ns
	is "/proc/net/icmpguard" "" "$(ls -d /proc/net/icmpguard 2>/dev/null)"
	for ns in "$host" "$router" "$attacker"; do
		in_ns "$ns" ls /proc/net/icmpguard >/dev/null 2>&1 && fail "files left in $ns"
	done
	is "/sys/module" "" "$(ls -d /sys/module/icmpguard 2>/dev/null)"
	if can_list_hooks; then
		is hooks 0 "$(hooks)"
		is "hooks of the router" 0 "$(hooks "$router")"
	fi
	# The generic netlink family is gone.
	[[ $("$tool" stats 2>&1) == *icmpguard* ]] || fail "the tool still finds it"
}

# None of the modules that it could use is loaded first.
insmod_alone() {
	local before
	must unload
	nothing_left
	rmmod nf_conntrack nf_defrag_ipv6 nf_defrag_ipv4 2>/dev/null
	before=$(logged 'icmpguard: ')
	must insmod "$module"
	is "lines in the kernel's log" 1 $(($(logged 'icmpguard: ') - before))
	[[ $(dmesg | grep 'icmpguard: ' | tail -n 1) == *loaded* ]] ||
		fail "the log says: $(dmesg | grep 'icmpguard: ' | tail -n 1)"
	is mode "mode enforce" "$("$tool" show | grep ^mode)"
	is "mode in /proc" "mode enforce" "$(grep ^mode /proc/net/icmpguard/config)"
	is "the file it shows" "$(cat /proc/net/icmpguard/config)" "$("$tool" show)"
	is "mode of another namespace" "mode off" "$(ctl "$router" show | grep ^mode)"
	! can_list_hooks || is hooks 2 "$(hooks)"
}

# The initial namespace enforces without any configuration.
protects() {
	local began ms accepted rate burst
	veth_up() {
		ip link add ig0 type veth peer name ig1 netns "$attacker" &&
			ip link set ig0 up && ip -n "$attacker" link set ig1 up &&
			ip addr add 10.200.200.1/30 dev ig0 &&
			ip -n "$attacker" addr add 10.200.200.2/30 dev ig1
	}
	must veth_up
	defer ip link del ig0
	busywait 10000 in_ns "$attacker" ping -q -c 1 -W 1 10.200.200.1 >/dev/null 2>&1 ||
		fail "no reply"
	must "$tool" flush stats
	must "$tool" flush sources
	pings "$attacker" -s 20000 -c 2 -i 0.2 -W 1 10.200.200.1
	is "replies to 20,000 bytes" 0 "$ping_received"
	# The default's burst at once, then its rate
	default_limit_of "" icmp/echo-request
	crafting "$attacker" ig1 "$(ip -j link show dev ig0 | jq -r '.[0].address')"
	began=$(now)
	send "[raw(IP(src='10.200.200.2', dst='10.200.200.1') / ICMP())] * $((2 * burst))"
	all_counted() {
		"$tool" -j stats | jq -e '.types[] |
			select(.proto == "icmp" and .name == "echo-request") |
			.accepted + .limited == '$((2 * burst)) >"$tmp/null"
	}
	busywait 20000 all_counted || fail "not all were counted"
	ms=$(($(now) - began))
	crafting_done
	accepted=$("$tool" -j stats | jq '.types[] |
		select(.proto == "icmp" and .name == "echo-request") | .accepted')
	within "accepted in at most $ms ms" "$burst" \
		$(($(may_pass $((2 * burst)) "$burst" "$rate" "$ms") + 2)) "$accepted"
	is "drops for their rate" $((2 * burst - accepted)) \
		"$(awk '$1 == "source-limit" { print $2 }' /proc/net/icmpguard/stats)"
	is "drops for their size" 2 \
		"$(awk '$1 == "echo-oversize" { print $2 }' /proc/net/icmpguard/stats)"
}

twice() {
	local out
	is_loaded || insmod "$module"
	out=$(insmod "$module" 2>&1) && fail "loaded twice"
	[[ $out == *exists* ]] || fail "insmod said: $out"
	is mode "mode enforce" "$("$tool" show | grep ^mode)"
}

# Without the module the tool prints one error message.
not_loaded() {
	local each
	must unload
	for each in show stats sources "set mode off" "type echo-request drop" "flush all"; do
		# shellcheck disable=SC2086 # words, on purpose
		if "$tool" $each >"$tmp/out" 2>"$tmp/err"; then
			fail "'$each' succeeds without the module"
		fi
		is "lines said to '$each'" 1 "$(wc -l <"$tmp/err")"
		is "said on stdout to '$each'" "" "$(cat "$tmp/out")"
		grep -q "icmpguard.*load" "$tmp/err" || fail "'$each': $(cat "$tmp/err")"
	done
	nothing_left
	must insmod "$module"
}

parameter() {
	local mode ns
	must unload
	for mode in monitor enforce off; do
		must insmod "$module" new_netns=$mode
		ns_add ns "p$mode"
		is "mode of a new namespace" "mode $mode" "$(ctl "$ns" show | grep ^mode)"
		is "mode of this one" "mode enforce" "$("$tool" show | grep ^mode)"
		is "mode of one from before" "mode $mode" "$(ctl "$router" show | grep ^mode)"
		must rmmod icmpguard
	done
	if insmod "$module" new_netns=sometimes 2>/dev/null; then
		fail "loaded with a mode that is none"
		rmmod icmpguard
	fi
	nothing_left
	must insmod "$module"
}

# While pings, fragments, floods and readers of all files go on; reload.sh does it more often.
under_traffic() {
	local i j cycles=${FULL:+3}
	is_loaded || must insmod "$module"
	busy_reading() {
		local until=$((SECONDS + 120))
		while [ $SECONDS -lt $until ]; do
			cat /proc/net/icmpguard/* >/dev/null 2>&1
			"$tool" -j stats >/dev/null 2>&1
			"$tool" -n "$router" sources >/dev/null 2>&1
			sleep 0.02
		done
	}
	floods() {
		start in_ns "$attacker" ping -q -i 0.002 -c 20000 -w 100 $host4
		start in_ns "$attacker" ping -q -i 0.002 -c 20000 -w 100 -s 3000 $host4
		start in_ns "$attacker" ping -q -i 0.002 -c 20000 -w 100 -s 3000 $host6
		start in_ns "$attacker" ping -q -i 0.01 -c 5000 -w 100 -s 20000 $host6
		start busy_reading
	}
	some_dropped() {
		read_counters "$router"
		[ "${counter[dropped]-0}" -gt 50 ]
	}
	# A reader of a file, or the tool, may hold a reference for a moment.
	unloaded() {
		rmmod icmpguard 2>"$tmp/rmmod"
	}
	for ((i = 1; i <= ${cycles:-1}; i++)); do
		floods >/dev/null 2>&1
		must ctl "$router" set mode enforce
		must ctl "$router" type echo-request limit 10/second burst 20
		must ctl "$router" set table-size $((4096 << (i % 2)))
		busywait 20000 some_dropped || fail "nothing is dropped"
		busywait 10000 unloaded || fail "rmmod: $(cat "$tmp/rmmod")"
		for j in 1 2; do
			must insmod "$module"
			busywait 10000 unloaded || fail "rmmod: $(cat "$tmp/rmmod")"
		done
		must insmod "$module"
		stop_all
	done
	busywait 10000 unloaded || fail "rmmod: $(cat "$tmp/rmmod")"
	nothing_left
	# Without the module everything passes again.
	pings "$attacker" -i 0.002 -c 200 -W 1 $host4
	is "replies without the module" 200 "$ping_received"
	must insmod "$module"
}

# Fragments that wait for reassembly when the module is unloaded
with_fragments_waiting() {
	crafting "$attacker" at0 "$(mac "$router" ra0)"
	configure "$router" "type fragment accept"
	send "[IP(src='$attacker4', dst='$router4', id=i, proto=1, flags='MF') / Raw(bytes(64)) for i in range(100)]"
	send "[IPv6(src='$attacker6', dst='$router6') / IPv6ExtHdrFragment(nh=58, id=i, m=1) / Raw(bytes(64)) for i in range(100)]"
	expect "$router" fragments=200
	must rmmod icmpguard
	# Their second halves
	send "[IP(src='$attacker4', dst='$router4', id=i, proto=1, frag=8) / Raw(bytes(64)) for i in range(100)]"
	send "[IPv6(src='$attacker6', dst='$router6') / IPv6ExtHdrFragment(nh=58, id=i, offset=8) / Raw(bytes(64)) for i in range(100)]"
	crafting_done
	nothing_left
	must insmod "$module"
}

quiet() {
	is "complaints of the kernel" "$complaints" \
		"$(dmesg | grep -Ec 'WARNING|BUG:|Oops|UBSAN|KASAN|general protection')"
}
complaints=$(dmesg | grep -Ec 'WARNING|BUG:|Oops|UBSAN|KASAN|general protection')

run_tests \
	"insmod_alone insmod with nothing loaded first enforces, and the log says so" \
	"protects the initial namespace limits at once" \
	"twice a second insmod is refused" \
	"not_loaded the tool without the module" \
	"parameter new_netns" \
	"under_traffic rmmod and insmod under traffic" \
	"with_fragments_waiting rmmod while fragments wait" \
	"quiet the kernel logs no complaint"
