#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The counters of every type of both protocols, with several codes: by default, dropped,
# limited and monitored.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
topology
# The far end sends neither replies nor errors, and neighbours are permanent.
ip -n "$router" route add blackhole 203.0.113.0/24
ip -n "$router" route add blackhole 2001:db8:dead::/48
keep_neighbours
crafting "$attacker" at0 "$(mac "$router" ra0)"
for dev in ra0 rh0; do
	must ip -n "$router" link set $dev arp off
done
send "where('$attacker4', '203.0.113.2', '$attacker6', '2001:db8:dead::2')"

# Numbers without a name, from the edges of the registry's ranges; they share one counter
icmp_others="1 2 7 19 29 44 60 128 252 255"
icmpv6_others="0 5 99 102 126 162 199 202 254"

packets=5	# of each type and code
burst=3		# of a limit that lets no more pass in a minute
own_burst=2	# of the exception's

read_types
# The shared counter's row too
for proto in icmp icmpv6; do
	types+=("$proto/other")
	others=${proto}_others
	number_of[$proto/other]=${!others}
	default_of[$proto/other]=limit
done

# Codes 1 and 0 have the type's treatment; 9 gets an exception here.
# RFC 1191: destination unreachable with code 4 has one always, which few packets don't reach.
plain_codes="0 1"
exception=9

# treatment TYPE CODE POLICY: sets action, what becomes of such a packet, and how
# many of them pass a limit
treatment() {
	action=$3 passes=$burst
	if [ "$1/$2" = icmp/destination-unreachable/4 ]; then
		action=limit passes=$packets
	elif [ "$2" = $exception ] && [ "${1#*/}" != other ]; then
		passes=$own_burst
		case $3/${default_of[$1]} in
		default/drop)	action=accept ;;
		default/*)	action=drop ;;
		drop/*|monitor/*) action=accept ;;
		esac
	elif [ "$3" = default ]; then
		action=${default_of[$1]} passes=$packets
	fi
}

# configuration POLICY CODE TYPE...: a file of it
configuration() {
	local policy=$1 code=$2 type words action passes
	shift 2
	echo "mode enforce"
	for type in "$@"; do
		words="type ${type%%/*} ${type#*/}"
		case $policy in
		drop)	echo "$words drop" ;;
		limit)	echo "$words limit 1/minute burst $burst" ;;
		monitor) echo "$words drop monitor" ;;
		esac
		[ "$code" = $exception ] && [ "${type#*/}" != other ] || continue
		treatment "$type" $exception "$policy"
		[ "$action" != limit ] || action="limit 1/minute burst $own_burst"
		echo "$words code $exception $action"
	done
}

names=() cases=()

# batch POLICY CODE TYPE...: send all, store the counters, and name the cases; only
# with "default" the reason differs between types
batch() {
	local policy=$1 code=$2 type number column expression=""
	local -A reason=()
	shift 2
	ctl "$router" flush sources >/dev/null
	ctl "$router" flush stats >/dev/null
	for type in "$@"; do
		for number in ${number_of[$type]}; do
			case $type in
			icmp/*)	expression+="sample4($number, $code), " ;;
			*)	expression+="sample6($number, $code), " ;;
			esac
		done
	done
	send "[raw(p) for p in [$expression]] * $packets"
	settled "$router"
	for type in "$@"; do
		local action passes sent=$packets n
		# shellcheck disable=SC2086 # words, on purpose
		set -- ${number_of[$type]}
		n=$#
		treatment "$type" "$code" "$policy"
		# Types without a name share one bucket.
		sent=$((n * packets))
		[ "$policy" = default ] && passes=$sent
		local -A want=([accepted]=0 [limited]=0 [dropped]=0 [monitored]=0)
		case $action in
		accept)	want[accepted]=$sent
			reason[policy-accept]=$((${reason[policy-accept]-0} + sent)) ;;
		drop)	want[dropped]=$sent
			reason[policy-drop]=$((${reason[policy-drop]-0} + sent)) ;;
		limit)	want[accepted]=$passes want[limited]=$((sent - passes))
			reason[within-limit]=$((${reason[within-limit]-0} + passes))
			[ "$sent" = "$passes" ] ||
				reason[source-limit]=$((${reason[source-limit]-0} + sent - passes)) ;;
		monitor) want[accepted]=$sent want[monitored]=$sent
			reason[monitor]=$((${reason[monitor]-0} + sent)) ;;
		esac
		names+=("${type%%/*} ${type#*/} code $code, $policy")
		local results=""
		for column in accepted limited dropped monitored; do
			results+="$column ${want[$column]} ${counter[$type/$column]-none} "
		done
		cases+=("$results")
	done
	# No other reason is counted.
	local expected="" results=""
	for column in policy-accept within-limit policy-drop source-limit monitor; do
		expected+="$column=${reason[$column]-0}, "
		results+="$column ${reason[$column]-0} ${counter[$column]-none} "
	done
	for column in "${!counter[@]}"; do
		case $column in
		*/*|seen|accepted|dropped|policy-*|within-limit|source-limit|monitor) ;;
		monitored-policy-drop) ;;
		*)	[ "${counter[$column]}" = 0 ] || results+="$column 0 ${counter[$column]} " ;;
		esac
	done
	names+=("reasons: ${expected%, }")
	cases+=("$results")
}

by_default() {
	local action type
	for action in accept drop limit; do
		local -a some=()
		for type in "${@:2}"; do
			[ "${default_of[$type]}" != $action ] || some+=("$type")
		done
		batch default "$1" "${some[@]}"
	done
}

of() {
	printf '%s\n' "${types[@]}" | grep "^$1/"
}

for code in $plain_codes; do
	for policy in default drop limit monitor; do
		must ctl "$router" flush all
		configuration $policy "$code" "${types[@]}" >"$tmp/file"
		must ctl "$router" apply "$tmp/file"
		if [ $policy = default ]; then
			by_default "$code" "${types[@]}"
		else
			batch $policy "$code" "${types[@]}"
		fi
	done
done
# There may be 64 exceptions, so one protocol's at a time.
for proto in icmp icmpv6; do
	mapfile -t some < <(of $proto | grep -v /other)
	for policy in default drop limit monitor; do
		must ctl "$router" flush all
		configuration $policy $exception "${some[@]}" >"$tmp/file"
		must ctl "$router" apply "$tmp/file"
		batch $policy $exception "${some[@]}"
		[ $proto = icmp ] && batch $policy 4 icmp/destination-unreachable
	done
done
# All of ICMPv6 is counted now, the longest names too.
ctl "$router" stats >"$tmp/stats"
grep -q certification-path-advertisement "$tmp/stats" || fail "$(cat "$tmp/stats")"
is "lines of more than 80 columns" "" "$(awk 'length > 80' "$tmp/stats")"
setup_bad=$bad

next() {
	local -a each
	local i
	read -ra each <<<"${cases[turn]}"
	for ((i = 0; i < ${#each[@]}; i += 3)); do
		is "${each[i]}" "${each[i + 1]}" "${each[i + 2]}"
	done
	[ -z "$setup_bad" ] || fail "not all could be configured and sent"
	turn=$((turn + 1))
}

turn=0
tests=()
for name in "${names[@]}"; do
	tests+=("next $name")
done
run_tests "${tests[@]}"
