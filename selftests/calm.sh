#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A busy but friendly network, with the defaults everywhere: no packet is dropped
# and no reply is lost.
#
# CALM_SECONDS says for how long (default: a minute with FULL, else ten seconds).

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need nft mtr traceroute tracepath socat python3 fping nmap clockdiff
need_scapy
seconds=${CALM_SECONDS:-$([ -n "${FULL-}" ] && echo 60 || echo 10)}

# people (p0) --.
# desks (d0) ---+-- router (ri0) -- (ir0) inner (if0) -- (f0) far
# watch (w0) ---'
#
# Forty people behind one address; ten desks; a server that watches thousands of
# machines. Larger packets than 1300 bytes don't get from inner to far.
for each in people desks watch router inner far; do
	ns_add "$each" "$each"
done
# shellcheck disable=SC2154 # set by ns_add
guarded=("$people" "$desks" "$watch" "$router" "$inner" "$far")
number=0
for pair in "people p0" "desks d0" "watch w0"; do
	name=${pair% *} dev=${pair#* }
	number=$((number + 1))
	veth "${!name}" "$dev" "$router" "r$dev"
	addr "${!name}" "$dev" 10.$number.0.2/24 2001:db8:$number::2/64
	addr "$router" "r$dev" 10.$number.0.1/24 2001:db8:$number::1/64
	ip -n "${!name}" route add default via 10.$number.0.1
	ip -n "${!name}" route add default via 2001:db8:$number::1
done
veth "$router" ri0 "$inner" ir0
veth "$inner" if0 "$far" f0
addr "$router" ri0 10.8.0.1/24 2001:db8:8::1/64
addr "$inner" ir0 10.8.0.2/24 2001:db8:8::2/64
addr "$inner" if0 10.9.0.1/24 2001:db8:9::1/64
addr "$far" f0 10.9.0.2/24 2001:db8:9::2/64
far4=10.9.0.2 far6=2001:db8:9::2
ip -n "$inner" link set if0 mtu 1300
for each in "$router" "$inner"; do
	in_ns "$each" sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
done
ip -n "$router" route add default via 10.8.0.2
ip -n "$router" route add default via 2001:db8:8::2
ip -n "$inner" route add default via 10.8.0.1
ip -n "$inner" route add default via 2001:db8:8::1
ip -n "$far" route add default via 10.9.0.1 advmss 1460
ip -n "$far" route add default via 2001:db8:9::1 advmss 1440
# The machines that are watched are all at the far end.
ip -n "$inner" route add 10.128.0.0/9 via $far4
ip -n "$inner" route add 2001:db8:a000::/36 via $far6
ip -n "$far" route add local 10.128.0.0/9 dev lo
ip -n "$far" -6 route add local 2001:db8:a000::/36 dev lo
for i in $(seq 40); do
	echo "addr add 192.168.0.$i/32 dev lo"
	echo "addr add fd00::$i/128 dev lo nodad"
done | ip -n "$people" -batch - || exit "$ksft_fail"
for i in $(seq 11 20); do
	echo "addr add 10.2.0.$i/24 dev d0"
	echo "addr add 2001:db8:2::$i/64 dev d0 nodad"
done | ip -n "$desks" -batch - || exit "$ksft_fail"
in_ns "$people" nft -f - <<'END' || skip_all "no address translation here"
table inet nat {
	chain post { type nat hook postrouting priority srcnat
		oifname p0 masquerade
	}
}
END
in_ns "$desks" sysctl -q net.ipv6.conf.d0.accept_dad=1
# The kernel's own limits for what it sends aren't under test.
for each in icmp_msgs_per_sec icmp_msgs_burst; do
	defer sysctl -q "net.ipv4.$each=$(sysctl -n net.ipv4.$each 2>/dev/null)"
done
sysctl -q net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=10000 2>/dev/null
for ns in "${guarded[@]}"; do
	in_ns "$ns" sysctl -q net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	in_ns "$ns" sysctl -q net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=10000 2>/dev/null
done
# Each raw socket is given all answers of its namespace, and reads them when it can.
defer sysctl -q "net.core.rmem_default=$(sysctl -n net.core.rmem_default)"
sysctl -q net.core.rmem_default=4194304
for ns in "$people" "$desks" "$watch"; do
	busywait 20000 in_ns "$ns" ping -q -c 1 -W 1 $far4 >/dev/null 2>&1 &&
		busywait 20000 in_ns "$ns" ping -q -c 1 -W 1 $far6 >/dev/null 2>&1 ||
		skip_all "no way from end to end"
done
for ns in "${guarded[@]}"; do
	must ctl "$ns" flush all
	must ctl "$ns" set mode enforce
done

### Everything at once ########################################################

jobs=()

# job NAME COMMAND...: in parallel with the others; its output goes to NAME
job() {
	local name=$1
	shift
	start "$@" >"$tmp/$name" 2>&1
	jobs+=("$!")
}

# repeat FUNCTION: until all other jobs are done; prints how often
repeat() {
	local n=0
	while [ ! -e "$tmp/over" ] || [ $n -eq 0 ]; do
		"$1" || echo "failed: $1"
		n=$((n + 1))
	done
	echo "times $n"
}

traces() {
	local out
	out=$(in_ns "$desks" traceroute -n -m 5 -w 5 $far4 2>&1)
	[[ $out == *10.2.0.1*10.8.0.2*$far4* ]] || echo "$out"
	out=$(in_ns "$desks" traceroute -6 -n -m 5 -w 5 $far6 2>&1)
	[[ $out == *2001:db8:2::1*2001:db8:8::2*$far6* ]] || echo "$out"
	out=$(in_ns "$desks" traceroute -I -n -m 5 -w 5 $far4 2>&1)
	[[ $out == *10.2.0.1*10.8.0.2*$far4* ]] || echo "$out"
	sleep 0.5
}

paths() {
	local out dst
	for dst in $far4 $far6; do
		ip -n "$watch" route flush cache
		ip -n "$watch" -6 route flush cache
		out=$(in_ns "$watch" tracepath -n -m 5 "$dst" 2>&1)
		[[ $out == *"Resume: pmtu 1300"* ]] || echo "$out"
	done
	sleep 0.5
}

# A transfer over a path whose MTU was flushed, to a receiver that asks for large segments
transfers() {
	local pid port=$((20000 + RANDOM % 20000))
	ip -n "$people" route flush cache
	ip -n "$people" -6 route flush cache
	in_ns "$far" timeout 120 socat -u "TCP6-LISTEN:$port,ipv6only=0" "OPEN:$tmp/received,creat,trunc" &
	pid=$!
	listens() {
		[ -n "$(in_ns "$far" ss -Htln "sport = :$port")" ]
	}
	busywait 10000 listens || echo "no listener"
	in_ns "$people" socat -u "OPEN:$tmp/bytes" "$1:$port" || echo "socat can't send to $1"
	wait $pid
	cmp "$tmp/bytes" "$tmp/received"
}

large() {
	transfers "TCP4:$far4"
	transfers "TCP6:[$far6]"
	sleep 0.5
}

# All namespaces: neighbours flushed and resolved, an address added and removed, a
# group joined and left
links() {
	local ns
	for ns in "${guarded[@]}"; do
		ip -n "$ns" neigh flush all
		ip -n "$ns" -6 neigh flush all
	done
	ip -n "$desks" addr add 2001:db8:2::77/64 dev d0
	ip -n "$desks" addr add ff05::77/128 dev d0 autojoin
	sleep 1
	ip -n "$desks" addr del 2001:db8:2::77/64 dev d0
	ip -n "$desks" addr del ff05::77/128 dev d0
}

# The monitoring server: 100 machines a second, each once, which is fping's pace;
# counts the answers
cat >"$tmp/watch.py" <<'END'
import select, socket, struct, sys, time

PACE = 100

def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff

# Before its filter is set, the socket receives others' messages too.
def is_answer(message, kind):
    return message[0] == kind and message[4:6] == struct.pack("!H", 99)

def probe(out, seconds, target, request, message, kind):
    # It hears the answers to all of this namespace's pings.
    out.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
    sent, answered, due = 0, set(), time.monotonic()
    heard = due
    while True:
        now = time.monotonic()
        if sent < seconds * PACE and now >= due:
            out.sendto(request(sent), (target(sent), 0))
            # After a stall, at most half a second's worth is made up for
            sent, due, heard = sent + 1, max(due + 1 / PACE, now - 0.5), now
            continue
        # What a busy machine has yet to hear is there
        if sent == seconds * PACE and (len(answered) == sent or now > heard + 10):
            return sent, len(answered)
        if select.select([out], [], [], 0.01)[0]:
            data, who = out.recvfrom(2000)
            heard = now
            if is_answer(message(data), kind):
                answered.add(who[0])

def ip4(n):
    body = struct.pack("!BBHHH", 8, 0, 0, 99, n & 0xffff)
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]

if sys.argv[1] == "4":
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    s.setsockopt(255, 1, struct.pack("I", ~(1 << 0) & 0xffffffff))  # SOL_RAW, ICMP_FILTER
    print(*probe(s, int(sys.argv[2]), lambda n: "10.200.%d.%d" % (n >> 8, n & 255), ip4,
                 lambda data: data[(data[0] & 15) * 4:], 0))
else:
    s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    s.setsockopt(58, 1, struct.pack("8I", *(0xffffffff if i != 4 else 0xfffffffd for i in range(8))))
    print(*probe(s, int(sys.argv[2]), lambda n: "2001:db8:a000::%x" % n,
                 lambda n: struct.pack("!BBHHH", 128, 0, 0, 99, n & 0xffff),
                 lambda data: data, 129))
END

# Late answers to a resolver whose port is closed by then: 100 a second in each
# family, each from another server, each answered by port unreachable
cat >"$tmp/late.py" <<'END'
import socket, sys, time
v6 = sys.argv[1] == "6"
s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
sent, begin, seconds = 0, time.monotonic(), int(sys.argv[3])
while sent < seconds * 100:
    if sent > (time.monotonic() - begin) * 100:
        time.sleep(0.005)
        continue
    s.sendto(b"late", (sys.argv[2], 10000 + sent % 10000))
    sent += 1
print(sent)
END

# Programs that scan for neighbours and losses
scans() {
	local out
	out=$(in_ns "$desks" nmap -n -sn -PE 10.129.0.0/22 2>&1)
	[[ $out == *"(1024 hosts up)"* ]] || echo "$out" | tail -n 1
	out=$(in_ns "$desks" nmap -n -sn 10.130.0.0/22 2>&1)
	[[ $out == *"(1024 hosts up)"* ]] || echo "$out" | tail -n 1
	out=$(in_ns "$people" clockdiff $far4 2>&1)
	[[ $out =~ ^[0-9]+\ -?[0-9]+\ -?[0-9]+$ ]] || echo "clockdiff: $out"
}

head -c 100000 /dev/urandom >"$tmp/bytes"
for ns in "${guarded[@]}"; do
	must ctl "$ns" flush stats
done
for each in traces paths large links; do
	job $each repeat $each
done
loops=("${jobs[@]}")
jobs=()
for i in $(seq 20); do
	job "people4.$i" in_ns "$people" ping -q -i 1 -c "$seconds" -W 5 -I "192.168.0.$i" $far4
	job "people6.$i" in_ns "$people" ping -q -i 1 -c "$seconds" -W 5 -I "fd00::$i" $far6
done
for i in $(seq 21 40); do
	job "people4.$i" in_ns "$people" ping -q -i 1 -c "$seconds" -W 5 -I "192.168.0.$i" 10.8.0.2
	job "people6.$i" in_ns "$people" ping -q -i 1 -c "$seconds" -W 5 -I "fd00::$i" 2001:db8:8::2
done
for i in $(seq 11 20); do
	job "mtr4.$i" in_ns "$desks" mtr -4 -n -l -G 5 -c "$seconds" -a "10.2.0.$i" $far4
	job "mtr6.$i" in_ns "$desks" mtr -6 -n -l -G 5 -c "$seconds" -a "2001:db8:2::$i" $far6
done
for i in 4 6; do
	job "watch$i" in_ns "$watch" python3 "$tmp/watch.py" $i "$seconds"
done
job scans scans
# Smokeping's command line with a hundred machines; and fping's scan of a /22
# shellcheck disable=SC2046 # words, on purpose
job smoke in_ns "$watch" fping -C "$seconds" -q -B1 -r1 -4 -i10 $(printf '10.131.0.%s ' $(seq 100))
job alive in_ns "$watch" fping -a -g 10.132.0.0/22
job late4 in_ns "$far" python3 "$tmp/late.py" 4 10.3.0.2 "$seconds"
job late6 in_ns "$far" python3 "$tmp/late.py" 6 2001:db8:3::2 "$seconds"
for pid in "${jobs[@]}"; do
	wait "$pid"
done
: >"$tmp/over"
for pid in "${loops[@]}"; do
	wait "$pid"
done
started=()

no_drops() {
	local ns
	for ns in "${guarded[@]}"; do
		settled "$ns"
		is "drops of $ns" "" "$(drops)"
		sums_hold
	done
	read_counters "$router"
	diag "the router judged ${counter[seen]} packets in $seconds seconds"
	within "packets the router judged" $((seconds * 300)) $((seconds * 5000)) "${counter[seen]}"
}

people_answered() {
	local n=0 who sent received
	while read -r who sent received; do
		n=$((n + 1))
		is "sent and received by $who" "$seconds $seconds" "$sent $received"
	done < <(awk '/packets transmitted/ { sub(/.*\//, "", FILENAME); print FILENAME, $1, $4 }' \
			"$tmp"/people[46].*)
	is "people that pinged, in both families" 80 $n
}

# mtr's raw output: x HOP SEQUENCE for a probe, p HOP ... SEQUENCE for its answer
desks_answered() {
	local n=0 who probes answers
	while read -r who probes answers; do
		n=$((n + 1))
		[ "$probes" -ge $((seconds * 3)) ] || fail "$who sent $probes probes only"
		is "answers to $who" "$probes" "$answers"
	done < <(awk '/^[xp] / { n[FILENAME, $1]++; file[FILENAME] }
		      END { for (f in file) print f, n[f, "x"] + 0, n[f, "p"] + 0 }' "$tmp"/mtr[46].*)
	is "desks, in both families" 20 $n
}

watched_answered() {
	local i sent answered
	for i in 4 6; do
		read -r sent answered <"$tmp/watch$i"
		is "machines watched by IPv$i" $((seconds * 100)) "${sent:-0}"
		is "answers by IPv$i" "$sent" "$answered"
	done
}

smoke_answered() {
	local complete
	complete=$(awk -v n="$seconds" '/^10/ && NF == n + 2 && !/ -( |$)/' "$tmp/smoke" | wc -l)
	is "machines that answered fping -C each time" 100 "$complete"
	is "machines that fping -g found" 1022 "$(grep -c '^10' "$tmp/alive")"
}

resolver_heard() {
	local sent4 sent6
	read -r sent4 <"$tmp/late4"
	read -r sent6 <"$tmp/late6"
	is "late answers" "$((seconds * 100)) $((seconds * 100))" "${sent4:-0} ${sent6:-0}"
	read_counters "$far"
	# Traceroute's own arrive at the desks.
	is "port unreachable" "$sent4" "${counter[icmp/destination-unreachable/accepted]}"
	is "ICMPv6 port unreachable" "$sent6" "${counter[icmpv6/destination-unreachable/accepted]}"
}

work_done() {
	local each
	for each in traces paths large links; do
		[[ $(tail -n 1 "$tmp/$each") == "times "[1-9]* ]] || fail "$each never ended once"
		is "complaints of $each" "" "$(sed '/^times /d' "$tmp/$each")"
	done
	is "complaints of nmap and clockdiff" "" "$(<"$tmp/scans")"
	read_counters "$people"
	[ "${counter[icmp/destination-unreachable/accepted]}" -gt 0 ] &&
		[ "${counter[icmpv6/packet-too-big/accepted]}" -gt 0 ] ||
		fail "the path's MTU was never reported"
	read_counters "$desks"
	[ "${counter[icmpv6/nd-neighbor-solicit/accepted]}" -gt 0 ] || fail "no neighbour was solicited"
	read_counters "$router"
	[ "${counter[icmpv6/mld2-listener-report/accepted]}" -gt 0 ] || fail "no listener reported"
}

run_tests \
	"no_drops no packet was dropped" \
	"people_answered forty people behind one address" \
	"desks_answered mtr from ten desks" \
	"watched_answered a server that watches thousands" \
	"smoke_answered Smokeping, and fping of a /22" \
	"resolver_heard a resolver's port-unreachables" \
	"work_done traceroute, path MTU, neighbours, groups, nmap and clockdiff"
