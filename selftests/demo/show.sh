#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The demo, inside its machine: live pings and floods before and after icmpguard is
# loaded, and then checks of what was shown.
#
# usage: show.sh MODULE TOOL	exit status: 0 when all checks pass
#
# DEMO_SECONDS (32) is how long the floods last, all together.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
# shellcheck source=screen.sh
. "$here/screen.sh"
# shellcheck source=net.sh
. "$here/net.sh"

# It loads a module and slows down a line: only in a machine made for it.
[ -e /run/vm/job/job ] || { echo "show.sh: run demo.sh, which makes a machine for it" >&2; exit 2; }
[ $# -eq 2 ] || { echo "usage: show.sh MODULE TOOL" >&2; exit 2; }
module=$1
tool=$2
icmpguardctl() {
	"$tool" "$@"
}

seconds=${DEMO_SECONDS:-32}
case $seconds in
''|*[!0-9]*) echo "show.sh: DEMO_SECONDS is a number, not '$seconds'" >&2; exit 2 ;;
esac
# Four floods
phase=$((seconds / 4))
[ "$phase" -ge 5 ] || phase=5
[ "$phase" -le 60 ] || phase=60

tmp=$(mktemp -d) || exit
trap 'network_end; rm -rf "$tmp"' EXIT

declare -A got

# Packets are large, to fill the slow line; how many a second depends on the
# machine, a thousand at most.
attack() {
	ip netns exec attacker timeout -s INT "$((phase + 2))" \
		hping3 --icmp -q -n -d 1400 -i u1000 -c $((1000 * (phase + 2))) "$@" "$router" \
		>"$tmp/attack" 2>&1
}

calm() {
	ip netns exec host ping -n -q -i 1 -W 3 -c "$phase" "$router" >"$tmp/calm" 2>&1
}

# remember KEY COMMAND...: store a counter; COMMAND puts it in REPLY
declare -A from
remember() {
	"${@:2}"
	from[$1]=$REPLY
}

# since KEY COMMAND...: how much it has risen since then, in REPLY
since() {
	"${@:2}"
	REPLY=$((REPLY - from[$1]))
}

# Store all counters of a flood
begin() {
	remember calm snmp host Icmp OutEchos
	remember back snmp host Icmp InEchoReps
	remember arrived snmp router Ip InReceives
	remember answered snmp router Icmp OutEchoReps
	remember dropped counter dropped
	remember passed echoes accepted
	remember judged echoes all
}

# Results are read before the packets they result from, so that they are never more.
sample() {
	since answered snmp router Icmp OutEchoReps
	got[$1.answered]=$REPLY
	since dropped counter dropped
	got[$1.dropped]=$REPLY
	since arrived snmp router Ip InReceives
	got[$1.arrived]=$REPLY
	since back snmp host Icmp InEchoReps
	got[$1.back]=$REPLY
	since calm snmp host Icmp OutEchos
	got[$1.calm]=$REPLY
}

show_sample() {
	local dropped=${got[$1.dropped]}
	[ -e /proc/net/icmpguard ] || dropped=-
	printf -v REPLY '%4d s  router:%6d arrived%6s dropped%6d answered  host:%3d of%3d back' \
		"$2" "${got[$1.arrived]}" "$dropped" "${got[$1.answered]}" \
		"${got[$1.back]}" "${got[$1.calm]}"
}

# flood KEY ARGUMENT...: a calm host and hping3 with these arguments, together
flood() {
	local key=$1 attacking calming start first
	shift
	begin
	clock
	start=$REPLY
	first=$SECONDS
	attack "$@" &
	attacking=$!
	# The host's first ping comes when the line is full.
	while since arrived snmp router Ip InReceives && [ "$REPLY" -lt 200 ] &&
	      kill -0 "$attacking" 2>/dev/null; do
		sleep 0.1
	done
	calm &
	calming=$!
	last_line=$SECONDS
	while kill -0 "$attacking" 2>/dev/null || kill -0 "$calming" 2>/dev/null; do
		sample "$key"
		show_sample "$key" $((SECONDS - first))
		line "$REPLY"
		sleep 0.4
	done
	wait "$attacking" "$calming"
	clock
	got[$key.centiseconds]=$((REPLY - start))
	sample "$key"
	since passed echoes accepted
	got[$key.passed]=$REPLY
	since judged echoes all
	got[$key.judged]=$REPLY
	show_sample "$key" $((SECONDS - first))
	line_end "$REPLY"
}

# ping_size KEY NAMESPACE BYTES: three pings of that size
ping_size() {
	remember back snmp "$2" Icmp InEchoReps
	typed "ping -c 3 -s $3 $router"
	ip netns exec "$2" ping -n -q -c 3 -i 0.5 -W 2 -s "$3" "$router" >"$tmp/ping"
	grep transmitted "$tmp/ping"
	since back snmp "$2" Icmp InEchoReps
	got[$1]=$REPLY
}

heading "The network"
network || { echo "show.sh: the network could not be made" >&2; exit 1; }
say "This machine is a router at the end of a slow line. A host pings it once a" \
    "second, as monitoring does. There is an attacker out there, too." "" \
    "  router $router  --- 1 Mbit/s ---  provider  --- host $host" \
    "                                              \`-- attacker $attacker"

heading "Before: nothing is loaded"
say "The attacker floods from its own address. The router answers all it can; its" \
    "answers fill the line, and those to the host get lost among them."
flood before-one
say "" "The same from random addresses, which no list in a firewall can hold."
flood before-random --rand-source
say "" "A ping of 20000 bytes comes in 14 fragments and is answered."
ping_size before-large attacker 20000

heading "After: icmpguard is loaded"
say "insmod alone is enough: it limits at once, by its defaults."
run insmod "$module" || exit 1
dmesg | sed -n 's/^\[[^]]*\] \(icmpguard: version.*\)/\1/p' | tail -n 1
say "" "The defaults leave room for monitoring systems. This line is slow, so its limit" \
    "is lower."
run icmpguardctl type echo-request limit 50/second burst 100 || exit 1
say "" "The attacker floods from its own address again. It gets 50 answers a second," \
    "as any other would; the rest is dropped without an answer."
flood after-one
say "" "Limited sources:"
run icmpguardctl sources --top 5
counter source-limit
got[source-limit]=$REPLY
named=$(awk -v source="$attacker/32" '$1 == source { print $4 }' /proc/net/icmpguard/sources)

# It rises in standing when it comes in another 16 seconds than before.
for ((try = 0; try < 40; try++)); do
	! icmpguardctl source "$host" | grep -q 'echo-request.*known' || break
	ip netns exec host ping -n -q -c 1 -W 3 "$router" >/dev/null
	sleep 1
done

say "" "Random addresses send little each, so a limit on each doesn't stop them. All" \
    "together get one: 50 a second, for this line. The host has been coming at its" \
    "own pace for a while: it is known, and served first."
run icmpguardctl type echo-request limit 50/second total 50/second burst 50 || exit 1
say ""
flood after-random --rand-source
counter total-limit
got[total-limit]=$REPLY

say "" "A ping of 20000 bytes is dropped for its size. One of 4000, in 3 fragments, is" \
    "reassembled and answered."
ping_size after-large attacker 20000
counter echo-oversize
got[echo-oversize]=$REPLY
ping_size after-small host 4000
counter reassembled
got[reassembled]=$REPLY

heading "What was dropped, and why"
run icmpguardctl stats
say "" "The same in /proc, for awk and scrapers; here without the zeros:"
typed "awk '\$2' /proc/net/icmpguard/stats"
awk '$2' /proc/net/icmpguard/stats
run cat /proc/net/icmpguard/sources

heading "Before and after"
# row TEXT BEFORE AFTER
row() {
	printf '  %-44s %12s %12s\n' "$@"
}
back() {
	REPLY="${got[$1.back]} of ${got[$1.calm]}"
}
row "" before after
for kind in one random; do
	[ "$kind" = one ] && text="one address" || text="random addresses"
	row "flood from $text: pings arrived" \
		"${got[before-$kind.arrived]}" "${got[after-$kind.arrived]}"
	row "  answered by the router" "${got[before-$kind.answered]}" "${got[after-$kind.answered]}"
	back "before-$kind"
	before=$REPLY
	back "after-$kind"
	row "  the host's pings answered" "$before" "$REPLY"
done
row "pings of 20000 bytes answered" "${got[before-large]} of 3" "${got[after-large]} of 3"

heading "Was it as it should be?"
# is TEXT TEST...: a check that test(1) makes
is() {
	[ "${@:2}" ]
	check $? "$1"
}

# at_most BURST KEY: what a limit of 50 a second can have let pass, in REPLY
at_most() {
	REPLY=$(($1 + 50 * got[$2.centiseconds] / 100 + 2))
}

for kind in one random; do
	back "before-$kind"
	is "before, $kind: the host lost answers ($REPLY)" \
		"${got[before-$kind.back]}" -lt "${got[before-$kind.calm]}"
done
is "before: a ping of 20000 bytes was answered" "${got[before-large]}" -eq 3
for kind in one random; do
	back "after-$kind"
	is "after, $kind: the host lost nothing ($REPLY)" "$REPLY" = "$phase of $phase"
	dropped=${got[after-$kind.dropped]}
	arrived=${got[after-$kind.arrived]}
	is "after, $kind: most of the flood was dropped ($dropped of $arrived)" \
		$((2 * dropped)) -gt "$arrived"
	judged=${got[after-$kind.judged]}
	is "after, $kind: each packet was judged, once ($judged of $arrived)" \
		"$judged" -eq "$arrived"
done
at_most 100 after-one
# The host has a bucket of its own.
most=$((REPLY + phase))
is "after, one: the rate and the burst passed, no more (${got[after-one.passed]} of $most)" \
	"${got[after-one.passed]}" -le "$most"
at_most 50 after-random
is "after, random: likewise, of all together (${got[after-random.passed]} of $REPLY)" \
	"${got[after-random.passed]}" -le "$REPLY"
is "after: the attacker is named, with every packet it lost ($named)" \
	"$named" = "${got[source-limit]}"
is "after: three pings of 20000 bytes were dropped, each counted once (${got[echo-oversize]})" \
	"${got[after-large]} ${got[echo-oversize]}" = "0 3"
is "after: three pings of 4000 bytes were reassembled and answered (${got[reassembled]})" \
	"${got[after-small]} ${got[reassembled]}" = "3 3"
awk '{ n[$1] = $2 }
     $1 == "policy-accept" { sum = "accepted" }
     $1 == "policy-drop" { sum = "dropped" }
     $1 == "fragments" { sum = "" }
     sum { total[sum] += $2 }
     END { exit !n["seen"] || n["seen"] != n["accepted"] + n["dropped"] ||
	   n["accepted"] != total["accepted"] || n["dropped"] != total["dropped"] }
' /proc/net/icmpguard/stats
check $? "seen = accepted + dropped, and each is the sum of its reasons"
rmmod icmpguard && [ ! -e /proc/net/icmpguard ]
check $? "rmmod leaves nothing behind"

if [ "$failed" -ne 0 ]; then
	say "" "$failed of these were not as they should be."
	exit 1
fi
say "" "All as it should be."
