# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What icmpguard's self-tests share: results, waiting, counters, namespaces,
# traffic. Sourced by each of them.
#
#   ICMPGUARD_KO	the module's file, where it isn't loaded yet
#   ICMPGUARDCTL	the tool; else the checkout's, else the one in PATH
#   PYTHON		a python3 that has scapy

set -u
export LC_ALL=C

ksft_fail=1
ksft_skip=4

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
module=${ICMPGUARD_KO:-$here/../icmpguard.ko}
tool=${ICMPGUARDCTL:-}

### Results ###################################################################

# Set by fail() and skip(), for one test
bad=
skipped=

diag() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

fail() {
	bad=1
	diag "$*"
}

skip() {
	skipped=$*
}

# is WHAT EXPECTED ACTUAL
is() {
	[ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# within WHAT LEAST MOST ACTUAL
within() {
	[ "$4" -ge "$2" ] && [ "$4" -le "$3" ] || fail "$1: expected $2 to $3, got $4"
}

# must COMMAND...: it has to succeed
must() {
	# Not by $(...): that would be one process more.
	local out=${tmp-/tmp}/must.$BASHPID
	"$@" >"$out" 2>&1 || fail "failed: $* ($?)
$(cat "$out")"
}

# run_tests "FUNCTION what it shows"...: the plan, then one result each
run_tests() {
	local each name n=0 failed=0 passed=0
	echo "KTAP version 1"
	echo "1..$#"
	for each in "$@"; do
		name=${each#* }
		n=$((n + 1))
		bad=
		skipped=
		"${each%% *}"
		if [ -n "$bad" ]; then
			echo "not ok $n $name"
			failed=$((failed + 1))
		elif [ -n "$skipped" ]; then
			echo "ok $n $name # SKIP $skipped"
		else
			echo "ok $n $name"
			passed=$((passed + 1))
		fi
	done
	[ "$failed" -eq 0 ] || exit "$ksft_fail"
	[ "$passed" -gt 0 ] || exit "$ksft_skip"
	exit 0
}

skip_all() {
	echo "KTAP version 1"
	echo "1..0 # SKIP $*"
	exit "$ksft_skip"
}

### Cleaning up ###############################################################

deferred=()

# defer COMMAND...: to be run when the test ends, the last one first
defer() {
	deferred=("$(printf '%q ' "$@")" "${deferred[@]}")
}

cleanup() {
	local each
	trap '' INT TERM HUP
	# What still sends goes first.
	stop_all
	for each in "${deferred[@]}"; do
		eval "$each" >/dev/null 2>&1
	done
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

### Waiting and processes #####################################################

# Nothing ever comes from there: waiting for it is a pause without a process.
exec {never}<> <(:)

# pause SECONDS
pause() {
	read -r -t "$1" -u "$never"
}

# busywait MILLISECONDS COMMAND...: until it succeeds, or for that long. Two seconds or
# more mean at least half a minute, which a crowded machine may need; only a failing
# test waits that long.
busywait() {
	local until=$((${EPOCHREALTIME/./} / 1000 + ($1 < 2000 || $1 > 30000 ? $1 : 30000))) looked
	shift
	while :; do
		# The clock is read first: a try that begins in time counts, even if it is
		# only the second one because the machine stalled during the first.
		looked=$((${EPOCHREALTIME/./} / 1000))
		"$@" && return
		[ "$looked" -lt "$until" ] || return 1
		pause 0.05
	done
}

# In milliseconds
now() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

started=()

# start COMMAND...: in the background; its pid is in $!, also of a command that is
# started in a namespace
start() {
	if [ "$1" = in_ns ]; then
		local ns=$2
		shift 2
		nsenter --net="/run/netns/$ns" -- "$@" &
	else
		"$@" &
	fi
	started+=("$!")
}

# stop PID: end what start() began and wait for it
stop() {
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

stop_all() {
	local pid
	for pid in "${started[@]}"; do
		stop "$pid"
	done
	started=()
}

### What a test needs #########################################################

# need PROGRAM...
need() {
	local each
	for each in "$@"; do
		command -v "$each" >/dev/null || skip_all "$each isn't installed"
	done
}

is_loaded() {
	[ -d /sys/module/icmpguard ]
}

need_module() {
	is_loaded && return
	if [ -e "$module" ]; then
		insmod "$module" || skip_all "$module can't be loaded"
	else
		modprobe icmpguard 2>/dev/null || skip_all "icmpguard isn't loaded and ICMPGUARD_KO isn't set"
	fi
	defer rmmod icmpguard
}

# insmod, after what the module depends on: that is nothing, except in a kernel's own tree
insmod() {
	local each
	for each in $(modinfo -F depends "$1" | tr , ' '); do
		modprobe "$each" || return
	done
	command insmod "$@"
}

# For tests that load and unload the module themselves: $module is built for this kernel.
# Afterwards the module is loaded only if it was before.
need_module_file() {
	need modinfo
	if [ ! -e "$module" ]; then
		module=$(modinfo -n icmpguard 2>/dev/null) ||
			skip_all "set ICMPGUARD_KO to the module's file"
	fi
	[[ $(modinfo -F vermagic "$module") == "$(uname -r) "* ]] ||
		skip_all "$module is another kernel's"
	! is_loaded || defer insmod "$module"
	defer unload
}

unload() {
	! is_loaded || rmmod icmpguard
}

need_tool() {
	[ -n "$tool" ] && return
	tool=$here/../userspace/icmpguardctl
	[ -x "$tool" ] || tool=$(command -v icmpguardctl) || skip_all "icmpguardctl isn't built"
}

need_scapy() {
	local each
	for each in ${PYTHON:+"$PYTHON"} /usr/bin/python3 python3; do
		"$each" -c 'import scapy' 2>/dev/null && python=$each && return
	done
	skip_all "python3-scapy isn't installed"
}

# What every test needs
need_all() {
	[ "$(id -u)" -eq 0 ] || skip_all "needs root"
	need ip jq ping
	tmp=$(mktemp -d) || exit "$ksft_fail"
	defer rm -rf "$tmp"
	need_module
	need_tool
}

# sends_events: whether the module, which is loaded, does so on this kernel
sends_events() {
	genl ctrl get name icmpguard 2>/dev/null | grep -q 'multicast groups'
}

# can_listen: the same; otherwise skip the test
can_listen() {
	sends_events && return
	skip "this kernel can't restrict who listens to events, so none are sent"
	return 1
}

# mount_bpf: have the BPF file system where everyone looks for it
mount_bpf() {
	mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf 2>/dev/null
}

### Namespaces ################################################################

# in_ns NAMESPACE COMMAND...
in_ns() {
	local ns=$1
	shift
	nsenter --net="/run/netns/$ns" -- "$@"
}

# A process in each namespace: its /proc/PID/net can be read without a new process
declare -A holder=()

# ns_add VARIABLE ROLE: a namespace of a random name
ns_add() {
	local name
	printf -v name 'ig-%08x-%s' "$SRANDOM" "$2"
	ip netns add "$name" || exit "$ksft_fail"
	defer ip netns del "$name"
	nsenter --net="/run/netns/$name" -- sleep 100000 &
	holder[$name]=$!
	disown
	defer kill $!
	# Addresses are usable at once, and no unsolicited packets are sent.
	in_ns "$name" sysctl -q net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.router_solicitations=0 || exit "$ksft_fail"
	ip -n "$name" link set lo up
	printf -v "$1" %s "$name"
}

# ns_del NAMESPACE: also ends the processes in it
ns_del() {
	kill "${holder[$1]}" 2>/dev/null
	ip netns del "$1"
}

# can_add NAMESPACE WORD...: add such a device, or skip the test
can_add() {
	local out
	out=$(ip -n "$1" link add "${@:2}" 2>&1) && return
	skip "no such device here: ${*:2} ($out)"
	return 1
}

# veth NAMESPACE DEVICE NAMESPACE DEVICE
veth() {
	ip link add name "$2" netns "$1" type veth peer name "$4" netns "$3" &&
		ip -n "$1" link set "$2" up && ip -n "$3" link set "$4" up || exit "$ksft_fail"
}

# addr NAMESPACE DEVICE ADDRESS...
addr() {
	local ns=$1 dev=$2 each
	shift 2
	for each in "$@"; do
		case $each in
		*:*)	ip -n "$ns" addr add "$each" dev "$dev" nodad ;;
		*)	ip -n "$ns" addr add "$each" dev "$dev" ;;
		esac || exit "$ksft_fail"
	done
}

host4=192.0.2.2 host6=2001:db8:b::2
router4=198.51.100.1 router6=2001:db8:a::1
attacker4=198.51.100.2 attacker6=2001:db8:a::2
other4=198.51.100.3
same64=2001:db8:a::3
other64=2001:db8:a:1::2

# keep_neighbours [NAMESPACE...]: make known neighbours permanent; without namespaces,
# in those of topology
keep_neighbours() {
	local ns known
	[ $# -gt 0 ] || set -- "$host" "$router" "$attacker"
	for ns in "$@"; do
		known=$(ip -n "$ns" neigh show | awk '$4 == "lladdr" && $NF != "PERMANENT" {
			print "neigh replace", $1, $2, $3, $4, $5, "nud permanent" }')
		[ -z "$known" ] || must ip -n "$ns" -batch - <<<"$known"
	done
}

# attacker (at0) -- (ra0) router (rh0) -- (ht0) host
#
# The attacker has two IPv4 addresses, two in one /64 and one in another.
topology() {
	ns_add host host
	ns_add router router
	ns_add attacker attacker
	veth "$attacker" at0 "$router" ra0
	veth "$host" ht0 "$router" rh0
	addr "$attacker" at0 $attacker4/24 $other4/24 $attacker6/48 $same64/48 $other64/48
	addr "$router" ra0 $router4/24 $router6/48
	addr "$router" rh0 192.0.2.1/24 2001:db8:b::1/64
	addr "$host" ht0 $host4/24 $host6/64
	in_ns "$router" sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n "$attacker" route add default via $router4
	ip -n "$attacker" route add default via $router6
	ip -n "$host" route add default via 192.0.2.1
	ip -n "$host" route add default via 2001:db8:b::1
	# Resolve neighbours now, not while packets are counted.
	busywait 20000 in_ns "$attacker" ping -q -c 1 -W 1 $host4 >/dev/null 2>&1 &&
		busywait 20000 in_ns "$attacker" ping -q -c 1 -W 1 $host6 >/dev/null 2>&1 ||
		skip_all "veth pairs don't connect namespaces here"
}

# link_local NAMESPACE DEVICE: its address
link_local() {
	ip -n "$1" -j addr show dev "$2" | jq -r '.[].addr_info[] | select(.scope == "link") | .local'
}

mac() {
	ip -n "$1" -j link show dev "$2" | jq -r '.[0].address'
}

### The tool ##################################################################

# ctl NAMESPACE WORD...
ctl() {
	local ns=$1
	shift
	"$tool" -n "$ns" "$@"
}

# configure NAMESPACE "WORDS"...: the defaults, then one command from each argument
configure() {
	local ns=$1 each
	shift
	must ctl "$ns" flush all
	for each in "set mode enforce" "$@"; do
		# shellcheck disable=SC2086 # words, on purpose
		must ctl "$ns" $each
	done
}

### Counters ##################################################################

declare -A counter=() seen_of=()

# read_counters NAMESPACE: into counter[NAME] and counter[PROTOCOL/TYPE/COLUMN]; the
# packets seen of each protocol into seen_of, as neighbour discovery adds to ICMPv6's
read_counters() {
	local dir=/proc/${holder[$1]}/net/icmpguard stats types again tries=10 line
	counter=()
	seen_of=([icmp]=0 [icmpv6]=0)
	[ -r "$dir/stats" ] || return
	# In one go: `read` seeks back in a file that may change meanwhile.
	mapfile -t again <"$dir/stats"
	# Both files in a consistent state: no packet is counted between them.
	while stats=("${again[@]}") && [ $((tries--)) -gt 0 ]; do
		mapfile -t types <"$dir/types"
		mapfile -t again <"$dir/stats"
		[ "${stats[*]}" != "${again[*]}" ] || break
	done
	for line in "${stats[@]}"; do
		[ -n "$line" ] || continue
		counter[${line% *}]=${line#* }
	done
	for line in "${types[@]:1}"; do
		# shellcheck disable=SC2086 # words, on purpose
		set -- $line
		counter[$1/$2/accepted]=$3
		counter[$1/$2/limited]=$4
		counter[$1/$2/dropped]=$5
		counter[$1/$2/monitored]=$6
		seen_of[$1]=$((seen_of[$1] + $3 + $4 + $5))
	done
}

# The same names from the tool's JSON
tool_counters() {
	ctl "$1" -j stats | jq -r '
		["seen", .seen], ["accepted", .accepted], ["dropped", .dropped],
		(.counters[] | [.name, .value]),
		(.counters[] | select(.class == "drop") | ["monitored-" + .name, .monitored]),
		(.types[] | (.proto + "/" + .name) as $t |
		 ("accepted", "limited", "dropped", "monitored") as $c | [$t + "/" + $c, .[$c]])
		| join(" ")'
}

counters_are() {
	local ns=$1 each
	shift
	read_counters "$ns"
	for each in "$@"; do
		[ "${counter[${each%=*}]-none}" = "${each#*=}" ] || return 1
	done
}

# is_note NAME: whether it counts beside the verdicts
is_note() {
	case $1 in
	fragments|fragments-early|reassembled|early|noted-*) ;;
	*)	return 1 ;;
	esac
}

# is_drop NAME: whether it counts drops, done or only monitored, and isn't zero
is_drop() {
	[ "${counter[$1]}" != 0 ] || return
	case $1 in
	*/*|seen|accepted|dropped|policy-accept|within-limit|exempt|monitor) return 1 ;;
	esac
	! is_note "$1"
}

# All of them
drops() {
	local name
	for name in "${!counter[@]}"; do
		! is_drop "$name" || echo "$name=${counter[$name]}"
	done | sort
}

# Counters of checks that found something and let it pass
findings() {
	local name
	for name in "${!counter[@]}"; do
		case $name in
		noted-*) [ "${counter[$name]}" = 0 ] || echo "$name=${counter[$name]}" ;;
		esac
	done | sort
}

# Check the sums of what read_counters found
sums_hold() {
	local name accept=0 drop=0 monitored=0 a=0 l=0 d=0 m=0
	for name in "${!counter[@]}"; do
		local value=${counter[$name]}
		case $name in
		*/accepted)	a=$((a + value)) ;;
		*/limited)	l=$((l + value)) ;;
		*/dropped)	d=$((d + value)) ;;
		*/monitored)	m=$((m + value)) ;;
		seen|accepted|dropped) ;;
		policy-accept|within-limit|exempt|monitor) accept=$((accept + value)) ;;
		monitored-*)	monitored=$((monitored + value)) ;;
		*)		is_note "$name" || drop=$((drop + value)) ;;
		esac
	done
	is "seen = accepted + dropped" "${counter[seen]}" \
		$((counter[accepted] + counter[dropped]))
	is "accepted is the sum of its reasons" "${counter[accepted]}" "$accept"
	is "dropped is the sum of its reasons" "${counter[dropped]}" "$drop"
	is "monitor is the sum of monitored reasons" "${counter[monitor]}" "$monitored"
	is "accepted is the sum of the types'" "${counter[accepted]}" "$a"
	is "dropped is the sum of the types'" "${counter[dropped]}" $((l + d))
	is "monitor is the sum of the types'" "${counter[monitor]}" "$m"
}

# expect NAMESPACE NAME=VALUE...: exactly these counters, in /proc and from the tool;
# every drop that isn't named must be zero, and every sum must hold
expect() {
	local ns=$1 each name line lines named=""
	local -A reported=()
	shift
	busywait 5000 counters_are "$ns" "$@"
	# Through a file: from a pipe bash reads byte by byte.
	tool_counters "$ns" >"$tmp/reported"
	mapfile -t lines <"$tmp/reported"
	for line in "${lines[@]}"; do
		reported[${line% *}]=${line#* }
	done
	for each in "$@"; do
		name=${each%=*}
		is "$name" "${each#*=}" "${counter[$name]-none}"
		is "$name by the tool" "${counter[$name]-none}" "${reported[$name]-none}"
		case $name in
		*/*|seen|accepted|dropped|policy-accept|within-limit|exempt|monitor) ;;
		*)	[ "${each#*=}" = 0 ] || is_note "$name" || named="$named $each" ;;
		esac
	done
	# The named ones are right; are there others?
	for name in "${!counter[@]}"; do
		is_drop "$name" || continue
		case "$named " in
		*" $name=${counter[$name]} "*) ;;
		*)	fail "a drop that isn't expected: $name=${counter[$name]}" ;;
		esac
	done
	sums_hold
}

# settled NAMESPACE: wait until nothing more is counted. One pause isn't enough: a
# processor may be stalled with packets left.
settled() {
	local last="" same=0
	settles() {
		read_counters "$1"
		if [ "${counter[seen]}+${counter[fragments]}" = "$last" ]; then
			same=$((same + 1))
		else
			last="${counter[seen]}+${counter[fragments]}" same=0
		fi
		[ $same -ge 3 ]
	}
	busywait 10000 settles "$1"
}

# in_one_moment NAMESPACE COMMAND...: repeat until nothing was counted while it ran.
# Neighbour discovery may be counted at any time.
in_one_moment() {
	local moment_ns=$1
	shift
	nothing_counted() {
		local before
		before=$(ctl "$moment_ns" metrics)
		"$@"
		[ "$before" = "$(ctl "$moment_ns" metrics)" ]
	}
	busywait 20000 nothing_counted "$@" || fail "the counters keep changing"
}

# Whether this kernel can list hooks: an nft chain has one, which must be listed.
can_list_hooks() {
	if [ -z "${hooks_shown-}" ]; then
		local probe
		ns_add probe hooks
		in_ns "$probe" nft "add table ip t; add chain ip t c { type filter hook prerouting priority 0; }"
		hooks_shown=no
		in_ns "$probe" nft list hooks 2>/dev/null | grep -q chain && hooks_shown=yes
	fi
	[ $hooks_shown = yes ]
}

# hooks [NAMESPACE]: how many hooks of icmpguard's it has (default: our own)
hooks() {
	${1:+in_ns "$1"} nft list hooks 2>/dev/null | grep -c icmpguard
}

declare -A mib=()
# read_mib NAMESPACE: the counters of the IP stack into mib[NAME], named as nstat does
read_mib() {
	local dir=/proc/${holder[$1]}/net lines line names=() values i
	mib=()
	mapfile -t lines <"$dir/snmp6"
	for line in "${lines[@]}"; do
		mib[${line%%[[:space:]]*}]=${line##*[[:space:]]}
	done
	mapfile -t lines <"$dir/snmp"
	mapfile -t -O ${#lines[@]} lines <"$dir/netstat"
	# Pairs of lines, the names and the values
	for line in "${lines[@]}"; do
		# shellcheck disable=SC2206 # words, on purpose
		values=($line)
		if [ "${values[0]}" = "${names[0]-}" ]; then
			for ((i = 1; i < ${#names[@]}; i++)); do
				mib[${names[0]%:}${names[i]}]=${values[i]}
			done
			names=()
		else
			names=("${values[@]}")
		fi
	done
}

# snmp NAMESPACE NAME: one of them
snmp() {
	read_mib "$1"
	echo "${mib[$2]}"
}

declare -A at=()
# rule_packets NAMESPACE FAMILY TABLE CHAIN: what the chain's rules counted, into
# at[COMMENT]
rule_packets() {
	local line lines rule='packets ([0-9]+) .*comment "(.*)"'
	at=()
	in_ns "$1" nft list chain "$2" "$3" "$4" >"$tmp/chain"
	mapfile -t lines <"$tmp/chain"
	for line in "${lines[@]}"; do
		[[ $line =~ $rule ]] || continue
		at[${BASH_REMATCH[2]}]=$((${at[${BASH_REMATCH[2]}]-0} + BASH_REMATCH[1]))
	done
}

### Types #####################################################################

# Of types.tsv; "icmp/echo-request" is an index.
types=()
declare -A number_of=() default_of=() least_of=()

read_types() {
	local proto number name action least
	while IFS=$'\t' read -r proto number name action least; do
		types+=("$proto/$name")
		number_of[$proto/$name]=$number
		default_of[$proto/$name]=$action
		least_of[$proto/$name]=$least
	done < <(grep -v '^#' "$here/types.tsv")
}

# default_limit_of NAMESPACE TYPE: sets rate and burst, a source's, from the module; an
# empty NAMESPACE is our own
default_limit_of() {
	local words pattern=" limit ([0-9]+)/second burst ([0-9]+)"
	words=$(${1:+in_ns "$1"} awk -v t="$2" '$1 "/" $2 == t' /proc/net/icmpguard/types)
	[[ $words =~ $pattern ]] || fail "$2 has no limit: $words"
	rate=${BASH_REMATCH[1]-0} burst=${BASH_REMATCH[2]-0}
}

### Traffic ###################################################################

# may_pass PACKETS BURST RATE MILLISECONDS: the most of these packets that a bucket
# passes in that time, with RATE a second
may_pass() {
	local most=$(($2 + $3 * $4 / 1000))
	echo $((most < $1 ? most : $1))
}

# pings NAMESPACE ARGUMENT...: sets ping_sent, ping_received, ping_ms
pings() {
	local ns=$1
	shift
	in_ns "$ns" ping -q "$@" >"$tmp/pings" 2>&1
	read_ping <"$tmp/pings"
}

# become_known GUARD TYPE "ADDRESS..." FROM ARGUMENT...: FROM pings until GUARD, which
# sees it, knows the addresses by their packets of that type. A source rises in standing
# when it sends in another 16-second interval than before.
become_known() {
	local guard=$1 type=$2 addresses=$3 each
	shift 3
	all_known() {
		pings "$@" -c 1 -W 5
		pause 1
		for each in $addresses; do
			ctl "$guard" -j source "$each" | jq -e --arg type "$type" \
				'any(.buckets[]; .name == $type and .known)' >/dev/null || return
		done
	}
	busywait 30000 all_known "$@" || fail "not known: $addresses"
}

# From ping's summary
read_ping() {
	local all line summary='([0-9]+) packets transmitted, ([0-9]+) received.* time ([0-9]+)ms'
	mapfile -t all
	for line in "${all[@]}"; do
		[[ $line =~ $summary ]] || continue
		ping_sent=${BASH_REMATCH[1]} ping_received=${BASH_REMATCH[2]} ping_ms=${BASH_REMATCH[3]}
		return
	done
	fail "ping said: ${all[*]}"
	ping_sent=0 ping_received=0 ping_ms=0
}

# crafting NAMESPACE DEVICE MAC: send() sends there from now on
crafting() {
	[ -n "${python-}" ] || need_scapy
	crafting_done
	coproc CRAFT { exec nsenter --net="/run/netns/$1" -- "$python" "$here/craft.py" "$2" "$3" 2>&1; }
	craft_pid=$CRAFT_PID
	started+=("$craft_pid")
	local answer=
	read -r -t 120 answer <&"${CRAFT[0]}"
	[ "$answer" = ready ] || fail "scapy can't send here: $answer $(cat <&"${CRAFT[0]}")"
}

craft_pid=
crafting_done() {
	[ -z "$craft_pid" ] || stop "$craft_pid"
	craft_pid=
}

# send EXPRESSION: the packets of a scapy expression, see craft.py; how many
# is in $sent
send() {
	local answer=
	sent=0
	printf '%s\n' "${*//$'\n'/ }" >&"${CRAFT[1]}"
	read -r -t 120 answer <&"${CRAFT[0]}"
	case $answer in
	sent*)	sent=${answer#sent } ;;
	*)	fail "send $*: $answer" ;;
	esac
}

# watch VARIABLE NAMESPACE DEVICE FILTER: capture packets until that is stopped
watch() {
	local file=$tmp/$1
	start in_ns "$2" tcpdump -Z root --immediate-mode -U -n -i "$3" -w "$file.pcap" "$4" 2>"$file.err"
	printf -v "$1" %s "$!"
	busywait 20000 grep -q 'listening on' "$file.err" || fail "tcpdump: $(cat "$file.err")"
}

# watched VARIABLE [FILTER]: how many packets were captured, of those that fit
watched() {
	tcpdump -n -r "$tmp/$1.pcap" ${2:+"$2"} 2>/dev/null | wc -l
}

has_watched() {
	[ "$(watched "$1")" -ge "$2" ]
}
