#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Drops by XDP: what is accepted is the same with it as without, case by case, and what is
# dropped is dropped early where it can be.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need ethtool
topology
keep_neighbours
[ -e "$(dirname "$(readlink -f "$tool")")/icmpguard-xdp" ] || skip_all "icmpguard-xdp isn't built"
mount_bpf || skip_all "no BPF file system"
out=$(ctl "$router" xdp attach ra0 2>&1) || skip_all "$out"
must ctl "$router" xdp detach ra0

# Limits that nothing refills meanwhile, so that counts are exact
slow="limit 1/hour burst 20"
default=("type echo-request $slow" "type icmpv6 echo-request $slow")

pings() {
	in_ns "$attacker" ping -q -n -i 0.002 -W 0.5 "$@" >/dev/null 2>&1
}

# 50 packets each, of both families
echoes() {
	pings -c 50 -I $attacker4 ${target4:-$host4}
	pings -c 50 -I $attacker6 ${target6:-$host6}
}

# What was accepted and dropped, by reason and by type
verdicts() {
	local name
	for name in "${!counter[@]}"; do
		case $name in
		early|fragments-early|icmpv6/nd-*|seen|accepted) ;;
		policy-accept) ;;	# neighbour discovery's
		*)	[ "${counter[$name]}" = 0 ] || echo "$name=${counter[$name]}" ;;
		esac
	done | sort
}

# same EARLY TRAFFIC STATEMENT...: the same verdicts with XDP and without it, of which
# EARLY drops are early, or "none"
same() {
	local expected=$1 traffic=$2 without with early
	shift 2
	configure "$router" "$@"
	must ctl "$router" flush stats
	"$traffic"
	settled "$router"
	without=$(verdicts)
	is "early without XDP" 0 "${counter[early]}"
	must ctl "$router" xdp attach "${device:-ra0}" mode "${mode:-auto}"
	configure "$router" "$@"
	must ctl "$router" flush stats
	"$traffic"
	settled "$router"
	with=$(verdicts)
	early=${counter[early]}
	must ctl "$router" xdp detach "${device:-ra0}"
	is "verdicts" "$without" "$with"
	sums_hold
	is "early" "${expected/none/0}" "$early"
}

source_limit() {
	same 60 echoes "${default[@]}"
}

generic() {
	local mode=generic
	same 60 echoes "${default[@]}"
}

to_itself() {
	local target4=$router4 target6=$router6
	same 60 echoes "${default[@]}"
}

# jittered REASON TYPE LEAST MOST TRAFFIC STATEMENT...: nobody can say which packet is the first
# that a jittered limit refuses. LEAST to MOST are accepted, and nearly all drops are early.
jittered() {
	local reason=$1 type=$2 least=$3 most=$4 traffic=$5
	shift 5
	configure "$router" "$@"
	must ctl "$router" flush stats
	must ctl "$router" xdp attach ra0
	"$traffic"
	settled "$router"
	within "accepted" "$least" "$most" \
		$((counter[icmp/$type/accepted] + counter[icmpv6/$type/accepted]))
	is "refused for this reason" "${counter[dropped]}" "${counter[$reason]}"
	# A tick of the clock may be between the two looks, and the limit is another then.
	within "early" $((counter[dropped] * 9 / 10)) "${counter[dropped]}" "${counter[early]}"
	sums_hold
	must ctl "$router" xdp detach ra0
}

total() {
	jittered total-limit echo-request 20 48 echoes \
		"type echo-request limit 1000/second burst 100 total 1/hour burst 64"
}

dropped_type() {
	same 100 echoes "type echo-request drop" "type icmpv6 echo-request drop"
}

accepted_type() {
	same none echoes "type echo-request accept" "type icmpv6 echo-request accept"
}

blocked() {
	same 100 echoes "rule add $attacker4 block" "rule add 2001:db8:a::/64 block"
}

exempt() {
	same 30 echoes "${default[@]}" "rule add $attacker4 exempt"
}

own_rate() {
	same 85 echoes "rule add $attacker4 limit 1/hour burst 10" \
		"rule add 2001:db8:a::/64 limit 1/hour burst 5"
}

bound_rule() {
	same 50 echoes "rule add $attacker4 block interface ra0" "rule add 2001:db8:a::/64 block interface rh0"
}

oversize() {
	large() {
		pings -c 20 -s 1200 $host4
		pings -c 20 -s 1200 $host6
	}
	same 40 large "set max-echo-size 1000"
}

# A penalty begins and grows at PRE_ROUTING; one that can't grow any more refuses early.
penalty() {
	same 78 echoes "type echo-request limit 1/hour burst 10 block 1h" \
		"type icmpv6 echo-request limit 1/hour burst 10 block 1h"
}

monitored() {
	must ctl "$router" set mode enforce
	same none echoes "${default[@]}" "set mode monitor"
	same none echoes "${default[@]}" "set mode off"
	same none echoes "${default[@]}" "set interface ra0 monitor"
	same none echoes "${default[@]}" "set interface ra0 off"
	same 60 echoes "${default[@]}" "set interface rh0 off"
	must ctl "$router" set mode enforce
}

local_scope() {
	same none echoes "${default[@]}" "set scope local"
	local target4=$router4 target6=$router6
	same none echoes "${default[@]}" "set scope local"
}

fragments() {
	large() {
		pings -c 30 -s 3000 $host4
		pings -c 30 -s 3000 $host6
	}
	same none large "${default[@]}"
}

options() {
	recorded() {
		pings -c 40 -R $host4
	}
	same none recorded "${default[@]}"
}

many() {
	broadcast() {
		pings -b -c 40 198.51.100.255
		pings -c 40 -I at0 ff02::1
	}
	same none broadcast "${default[@]}"
}

# Errors are judged early too where what they quote is right; where a check may find
# something, it is PRE_ROUTING's.
errors() {
	right() {
		send "[sample4(3)] * 40 + [sample6(1)] * 40"
	}
	wrong() {
		send "[ip4() / icmp4(3, bytes(28))] * 40"
	}
	crafting "$attacker" at0 "$(mac "$router" ra0)"
	send "where('$attacker4', '$host4', '$attacker6', '$host6')"
	jittered source-limit destination-unreachable 34 40 right "type destination-unreachable $slow"
	same none wrong "type destination-unreachable $slow"
	crafting_done
}

# The driver of a card: a guest has two of them, on one wire (vm/run.sh).
virtio() {
	local nics=() each device=vt1 mode
	modprobe -q virtio_net
	for each in /sys/class/net/*; do
		[[ $(readlink "$each/device/driver") != */virtio_net ]] || nics+=("${each##*/}")
	done
	[ ${#nics[@]} -eq 2 ] || { skip "no two virtio devices here"; return; }
	must ip link set "${nics[0]}" name vt0 netns "$attacker"
	must ip link set "${nics[1]}" name vt1 netns "$router"
	ip -n "$attacker" link set vt0 up
	ip -n "$router" link set vt1 up
	addr "$attacker" vt0 10.9.0.2/24 fd00:9::2/64
	addr "$router" vt1 10.9.0.1/24 fd00:9::1/64
	busywait 20000 in_ns "$attacker" ping -q -c 1 -W 1 10.9.0.1 >/dev/null 2>&1
	busywait 20000 in_ns "$attacker" ping -q -c 1 -W 1 fd00:9::1 >/dev/null 2>&1
	wired() {
		pings -c 50 10.9.0.1
		pings -c 50 fd00:9::1
	}
	for mode in native generic; do
		same 60 wired "${default[@]}"
	done
}

vlan() {
	local target4=10.7.0.1 target6=fd00:7::1 device=ra0
	ip -n "$attacker" link add link at0 name at0.7 type vlan id 7 &&
		ip -n "$router" link add link ra0 name ra0.7 type vlan id 7 ||
		{ skip "no VLANs here"; return; }
	ip -n "$attacker" link set at0.7 up
	ip -n "$router" link set ra0.7 up
	addr "$attacker" at0.7 10.7.0.2/24 fd00:7::2/64
	addr "$router" ra0.7 10.7.0.1/24 fd00:7::1/64
	tagged() {
		pings -c 50 10.7.0.1
		pings -c 50 fd00:7::1
	}
	# veth takes a tag off unless it is told otherwise, and then it is hidden.
	same none tagged "${default[@]}"
	must in_ns "$attacker" ethtool -K at0 txvlan off tx-vlan-stag-hw-insert off
	must in_ns "$router" ethtool -K ra0 rxvlan off rx-vlan-stag-hw-parse off
	same 60 tagged "${default[@]}"
	same none tagged "${default[@]}" "set interface ra0.7 off"
	same 60 tagged "${default[@]}" "set interface ra0 off"
	ip -n "$attacker" link del at0.7
	ip -n "$router" link del ra0.7
}

bridge() {
	local target4=$router4 target6=$router6
	can_add "$router" br0 type bridge || return
	ip -n "$router" addr flush dev ra0
	ip -n "$router" link set ra0 master br0
	ip -n "$router" link set br0 address "$(mac "$router" ra0)" up
	addr "$router" br0 $router4/24 $router6/48
	busywait 20000 in_ns "$attacker" ping -q -c 1 -W 1 $router4 >/dev/null 2>&1
	same none echoes "${default[@]}"
	ip -n "$router" link del br0
	addr "$router" ra0 $router4/24 $router6/48
}

macvlan() {
	local target4=10.8.0.1 target6=fd00:8::1
	can_add "$router" link ra0 name mv0 type macvlan mode bridge || return
	ip -n "$router" link set mv0 up
	addr "$router" mv0 10.8.0.1/24 fd00:8::1/64
	addr "$attacker" at0 10.8.0.2/24 fd00:8::2/64
	other_mac() {
		pings -c 50 10.8.0.1
		pings -c 50 fd00:8::1
	}
	same none other_mac "${default[@]}"
	ip -n "$router" link del mv0
	ip -n "$attacker" addr del 10.8.0.2/24 dev at0
	ip -n "$attacker" addr del fd00:8::2/64 dev at0
}

vrf() {
	can_add "$router" red type vrf table 77 || return
	ip -n "$router" link set red up
	ip -n "$router" link set ra0 master red
	ip -n "$router" link set rh0 master red
	addr "$router" ra0 $router6/48
	addr "$router" rh0 2001:db8:b::1/64
	busywait 20000 in_ns "$attacker" ping -q -c 1 -W 1 $host6 >/dev/null 2>&1
	same 60 echoes "${default[@]}"
	ip -n "$router" link set ra0 nomaster
	ip -n "$router" link set rh0 nomaster
	ip -n "$router" link del red
	addr "$router" ra0 $router6/48
	addr "$router" rh0 2001:db8:b::1/64
}

# in_use NAMESPACE: the devices that it is attached to
in_use() {
	ctl "$1" -j xdp show | jq -r '.devices[] | select(.mode) | .device'
}

# of DEVICE KEY: what 'xdp show' says of the router's device
of() {
	ctl "$router" -j xdp show | jq -r --arg device "$1" ".devices[] | select(.device == \$device) | .$2"
}

# statements NAMESPACE: those that 'show' has
statements() {
	ctl "$1" show | sed -n 's/^xdp //p' | sort | paste -s -d ,
}

# applied LINE...: the router has this configuration, and nothing is noted
applied() {
	printf '%s\n' "mode enforce" "$@" >"$tmp/conf"
	notes=$(ctl "$router" apply "$tmp/conf" 2>&1) || fail "apply failed: $notes"
	is "notes" "" "$notes"
}

# noted TEXT LINE...: the router has this configuration, and this is noted
noted() {
	printf '%s\n' "mode enforce" "${@:2}" >"$tmp/conf"
	notes=$(ctl "$router" apply "$tmp/conf" 2>&1) || fail "apply failed: $notes"
	is "notes" "icmpguardctl: note: $tmp/conf:$1" "$notes"
}

statement() {
	local program out
	applied "xdp ra0 mode native"
	is "attached" "ra0 mode native" "$(statements "$router")"
	is "elsewhere" "" "$(statements "$host")"
	program=$(of ra0 program)
	# What is as it should be is left alone.
	ctl "$router" show >"$tmp/shown"
	must ctl "$router" apply "$tmp/shown"
	is "shown, applied, shown" "$(<"$tmp/shown")" "$(ctl "$router" show)"
	ctl "$router" -j show >"$tmp/shown"
	is "in JSON" '[{"name":"ra0","mode":"native"}]' "$(jq -c .xdp "$tmp/shown")"
	must ctl "$router" apply "$tmp/shown"
	applied "xdp ra0"
	is "the program" "$program" "$(of ra0 program)"
	applied "xdp ra0 mode generic" "xdp rh0 mode native"
	is "another mode, another device" "ra0 mode generic,rh0 mode native" "$(statements "$router")"
	applied "xdp * mode native" "xdp rh0 mode generic"
	is "later lines win" "ra0 mode native,rh0 mode generic" "$(statements "$router")"
	is "as nobody" "" "$(in_ns "$router" setpriv --reuid 65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all "$tool" show 2>&1 | grep -i xdp)"
	# An error changes nothing.
	out=$(ctl "$router" apply - <<<$'xdp ra0\nxdp rh+' 2>&1) && fail "took a wrong file"
	[[ $out == *":2:5: invalid pattern 'rh+'"* ]] || fail "$out"
	is "after an error" "ra0 mode native,rh0 mode generic" "$(statements "$router")"
	applied
	is "taken back" "" "$(statements "$router")"
	[ ! -e /sys/fs/bpf/icmpguard ] || fail "pins are left: $(ls /sys/fs/bpf/icmpguard)"
}

pattern() {
	applied "xdp ra*"
	is "one" "ra0 mode native" "$(statements "$router")"
	applied "xdp r* mode generic"
	is "two" "ra0 mode generic,rh0 mode generic" "$(statements "$router")"
	applied "xdp nothing*"
	is "none" "" "$(statements "$router")"
}

# Nothing that can't be attached keeps a configuration from being applied.
later() {
	local out
	noted "2:5: 'late0': no interface has this name yet" "xdp late0 mode generic" "max-echo-size 1000"
	is "the rest of the file" "max-echo-size 1000" "$(ctl "$router" show | grep ^max-echo-size)"
	is "before" "" "$(statements "$router")"
	ip -n "$router" link add late0 type veth peer name late1
	must ctl "$router" set max-echo-size 1001
	must ctl "$router" xdp sync "$tmp/conf"
	is "after" "late0 mode generic" "$(statements "$router")"
	is "nothing but XDP" "max-echo-size 1001" "$(ctl "$router" show | grep ^max-echo-size)"
	must ctl "$router" xdp sync - <<<"xdp late1"
	is "another" "late1 mode native" "$(statements "$router")"
	out=$(ctl "$router" xdp sync - <<<"xdp late1 mod" 2>&1) && fail "took a wrong file"
	[[ $out == *"standard input:1:11: unexpected argument 'mod'"* ]] || fail "$out"
	is "after an error" "late1 mode native" "$(statements "$router")"
	ip -n "$router" link del late0
	applied
	[ ! -e /sys/fs/bpf/icmpguard ] || fail "pins are left: $(ls /sys/fs/bpf/icmpguard)"
}

refused() {
	# The tool alone
	mkdir "$tmp/alone" && cp "$tool" "$tmp/alone/icmpguardctl"
	printf 'xdp ra0\nmax-echo-size 1002\n' >"$tmp/conf"
	notes=$(in_ns "$router" "$tmp/alone/icmpguardctl" apply "$tmp/conf" 2>&1) || fail "apply failed: $notes"
	[[ $notes == "icmpguardctl: note: $tmp/conf:1:5: 'ra0': 'xdp' needs the program icmpguard-xdp,"* ]] ||
		fail "$notes"
	is "the rest of the file" "max-echo-size 1002" "$(ctl "$router" show | grep ^max-echo-size)"
	must in_ns "$router" "$tmp/alone/icmpguardctl" check "$tmp/conf"
	if can_add "$router" dull0 type dummy; then
		noted "2:5: 'dull*': dull0's driver has no XDP, so 'native' isn't to be had; 'generic' is" \
			"xdp dull* mode native"
		ip -n "$router" link del dull0
	fi
	applied
}

counted() {
	local early passed
	configure "$router" "${default[@]}"
	must ctl "$router" flush stats
	must ctl "$router" xdp attach ra0
	must ctl "$router" xdp attach rh0
	is "passed, uncounted" null "$(of ra0 passed)"
	sysctl -q kernel.bpf_stats_enabled=1
	echoes
	settled "$router"
	sysctl -q kernel.bpf_stats_enabled=0
	is "dropped at its device" "${counter[early]}" "$(of ra0 dropped)"
	is "dropped" 60 "$(of ra0 dropped)"
	is "dropped at the other" 0 "$(of rh0 dropped)"
	sysctl -q kernel.bpf_stats_enabled=1
	early=$(of ra0 passed)
	# Pings that pass, and what else there is between the two
	shares || within "passed" 40 80 "$early"
	sysctl -q kernel.bpf_stats_enabled=0
	passed=$(ctl "$router" xdp show | awk '$1 == "ra0" { print $2, $4, $5 }')
	is "as text" "native 60 -" "$passed"
	must ctl "$router" xdp detach all
}

reasons() {
	local other
	applied
	is "none" "null null" "$(of ra0 reason) $(of rh0 reason)"
	if can_add "$router" br0 type bridge; then
		ip -n "$router" link set rh0 master br0
		is "a bridge's port" "bridge member of br0" "$(of rh0 reason)"
		ip -n "$router" link del br0
	fi
	if can_add "$router" red type vrf table 78; then
		ip -n "$router" link set rh0 master red
		is "a VRF's member" null "$(of rh0 reason)"
		ip -n "$router" link del red
	fi
	if can_add "$router" link rh0 name mv0 type macvlan mode bridge; then
		is "below a macvlan" "mv0 takes its frames (macvlan)" "$(of rh0 reason)"
		ip -n "$router" link del mv0
	fi
	if can_add "$router" link rh0 name rh0.7 type vlan id 7; then
		[[ $(of rh0 reason) == "takes VLAN tags off: "* ]] || fail "tags: $(of rh0 reason)"
		must in_ns "$router" ethtool -K rh0 rxvlan off rx-vlan-stag-hw-parse off
		is "tags are left on" null "$(of rh0 reason)"
		must in_ns "$router" ethtool -K rh0 rxvlan on rx-vlan-stag-hw-parse on
		ip -n "$router" link del rh0.7
	fi
	ip -n "$router" link add down0 type veth peer name down1
	is "down" down "$(of down0 reason)"
	must ctl "$router" set interface down0 off
	is "off" "mode off" "$(of down0 reason)"
	ip -n "$router" link del down0
	must ctl "$router" set mode monitor
	is "monitored" "mode monitor" "$(of rh0 reason)"
	must ctl "$router" set mode enforce
	must ctl "$router" set scope local
	is "local" "scope local" "$(of rh0 reason)"
	must ctl "$router" set scope all
	is "lo" "" "$(of lo device)"
	skipped=
}

# Whether the helper shares devices
shares() {
	ldd "$(dirname "$(readlink -f "$tool")")/icmpguard-xdp" | grep -q libxdp
}

# both EARLY: xdp-filter drops what $other4 sends, and icmpguard what it has to
both() {
	configure "$router" "${default[@]}"
	must ctl "$router" flush stats
	echoes
	settled "$router"
	is "early" "$1" "${counter[early]}"
	in_ns "$attacker" ping -q -n -c 3 -i 0.2 -W 0.5 -I $other4 $host4 >/dev/null 2>&1 &&
		fail "xdp-filter lets pass what it is to drop"
}

filter_on() {
	must in_ns "$router" xdp-filter load -m native ra0
	must in_ns "$router" xdp-filter ip -m src $other4
}

filters() {
	in_ns "$router" xdp-loader status ra0 2>/dev/null | grep -c xdpfilt
}

beside() {
	shares || { skip "icmpguard-xdp was built without libxdp"; return; }
	command -v xdp-filter >/dev/null || { skip "xdp-filter isn't installed"; return; }
	# icmpguard first, and out first
	must ctl "$router" xdp attach ra0
	filter_on
	both 60
	is "shown" ra0 "$(in_use "$router")"
	must ctl "$router" xdp detach ra0
	is "xdp-filter stays" 1 "$(filters)"
	is "is in the way of nothing" null "$(of ra0 reason)"
	both 0
	# The other one first, and out first
	must ctl "$router" xdp attach ra0
	both 60
	must in_ns "$router" xdp-filter unload ra0
	is "xdp-filter is out" 0 "$(filters)"
	is "icmpguard stays" "ra0 mode native" "$(statements "$router")"
	# A configuration that doesn't say it takes it out, and nothing else
	filter_on
	applied
	is "taken out" "" "$(in_use "$router")"
	is "xdp-filter stays" 1 "$(filters)"
	noted "2:5: 'ra0': ra0 has an XDP program already: xdp_dispatcher, program $(
		in_ns "$router" ip -j link show ra0 | jq -r '.[].xdp.prog.id')" "xdp ra0 mode generic"
	applied "xdp ra0"
	is "joined" "ra0 mode native" "$(statements "$router")"
	must in_ns "$router" xdp-filter unload ra0
	applied
	[[ $(ip -n "$router" link show ra0) != *xdp* ]] || fail "left: $(ip -n "$router" link show ra0)"
}

# A program is root's and stays; the module stays with it.
life() {
	local out
	must ctl "$router" xdp attach ra0
	out=$(ctl "$router" -j xdp show)
	is "shown" '["ra0","native"]' "$(jq -c '.devices[] | select(.mode) | [.device, .mode]' <<<"$out")"
	is "elsewhere" "ht0 null" "$(ctl "$host" -j xdp show | jq -r '.devices[] | "\(.device) \(.mode)"')"
	out=$(ctl "$router" xdp attach ra0 2>&1) && fail "attached twice"
	[[ $out == *"ra0 has an XDP program already: icmpguard"* ]] || fail "$out"
	rmmod icmpguard 2>/dev/null && fail "the module was unloaded under its program"
	out=$(setpriv --reuid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
		"$tool" xdp detach all 2>&1) && fail "anyone detached it: $out"
	[[ $out == *"permission denied"* ]] || fail "$out"
	# It follows its device.
	must ip -n "$router" link set ra0 down
	must ip -n "$router" link set ra0 name renamed
	is "renamed" renamed "$(in_use "$router")"
	must ip -n "$router" link set renamed name ra0
	must ip -n "$router" link set ra0 up
	must ctl "$router" xdp detach ra0
	out=$(ctl "$router" xdp detach ra0 2>&1) && fail "detached twice"
	is "detached" "icmpguardctl: ra0 has none attached" "$out"
	out=$(ctl "$router" xdp attach nowhere 2>&1) && fail "attached to nothing"
	is "no device" "icmpguardctl: no such device 'nowhere'" "$out"
	out=$(setpriv --reuid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
		"$tool" xdp attach lo 2>&1) && fail "anyone attached it"
	[[ $out == *"permission denied"* ]] || fail "$out"
	# All of them, also of a namespace that is gone
	ip -n "$router" link add gone0 type veth peer name gone1
	must ctl "$router" xdp attach rh0 mode generic
	must ctl "$router" xdp attach gone0
	ip -n "$router" link del gone0
	is "shown" rh0 "$(in_use "$router")"
	must "$tool" xdp detach all
	is "none left" "" "$(in_use "$router")"
	[ ! -e /sys/fs/bpf/icmpguard ] || fail "pins are left: $(ls /sys/fs/bpf/icmpguard)"
}

# Who watches drops sees each.
watched() {
	configure "$router" "${default[@]}"
	must ctl "$router" flush stats
	must ctl "$router" xdp attach ra0
	local trace=/sys/kernel/tracing/events/icmpguard/icmpguard_verdict/enable
	[ -e "$trace" ] || mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
	if [ -e "$trace" ]; then
		echo 1 >"$trace"
		echoes
		settled "$router"
		echo 0 >"$trace"
		is "early while traced" 0 "${counter[early]}"
		is "dropped" 60 "${counter[dropped]}"
	else
		skip "no tracefs"
	fi
	must ctl "$router" xdp detach ra0
}

run_tests \
	"source_limit a source's limit, to the driver of a forwarding router" \
	"generic the same, in generic mode" \
	"to_itself the same, to the machine itself" \
	"total a total" \
	"dropped_type a type that is dropped" \
	"accepted_type a type that is accepted" \
	"blocked a 'block' rule" \
	"exempt an 'exempt' rule" \
	"own_rate a rule's own rate" \
	"bound_rule a rule bound to an interface" \
	"oversize a ping that is too large" \
	"penalty a penalty" \
	"monitored modes: everything passes" \
	"local_scope scope local: everything passes" \
	"fragments fragments pass" \
	"options IPv4 options pass" \
	"many broadcast and multicast pass" \
	"errors errors" \
	"virtio the driver of a virtual card" \
	"vlan VLANs, taken off and in the frame" \
	"bridge a bridge's port passes everything" \
	"macvlan another MAC address passes" \
	"vrf a member of a VRF" \
	"watched who watches verdicts sees every one" \
	"statement statements are attached, shown and taken back" \
	"pattern patterns" \
	"later a device that comes later, and 'xdp sync'" \
	"refused what can't be attached is noted" \
	"counted each device counts" \
	"reasons why a device drops nothing" \
	"beside xdp-filter on the same device" \
	"life attached, shown, renamed, detached"
