#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Metrics: the same values as the counters, in every format; a hash that changes with
# the configuration and with nothing else; how full the table is.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need setpriv
topology

# metrics NAMESPACE: samples alone, into $tmp/samples
metrics() {
	ctl "$1" metrics >"$tmp/metrics" || fail "metrics: $?"
	grep -v '^#' "$tmp/metrics" >"$tmp/samples"
}

# sample NAMESPACE NAME-AND-LABELS
sample() {
	ctl "$1" metrics | awk -v name="$2" '$1 == name { print $2 }'
}

# The samples, named as read_counters names counters
samples_as_counters() {
	sed -nE -e 's/^icmpguard_packets_total\{reason="([^"]*)",action="(accept|drop)"\} /\1 /p' \
		-e 's/^icmpguard_noted_packets_total\{reason="([^"]*)"\} /\1 /p' \
		-e 's/^icmpguard_monitored_packets_total\{reason="([^"]*)"\} /monitored-\1 /p' \
		-e 's,^icmpguard_type_packets_total\{family="([^"]*)"\,type="([^"]*)"\,action="accept"\} ,\1/\2/accepted ,p' \
		-e 's,^icmpguard_type_packets_total\{family="([^"]*)"\,type="([^"]*)"\,action="limit"\} ,\1/\2/limited ,p' \
		-e 's,^icmpguard_type_packets_total\{family="([^"]*)"\,type="([^"]*)"\,action="drop"\} ,\1/\2/dropped ,p' \
		-e 's,^icmpguard_type_monitored_packets_total\{family="([^"]*)"\,type="([^"]*)"\} ,\1/\2/monitored ,p' \
		"$tmp/samples" | sort
}

counts() {
	configure "$router" "type echo-request limit 10/second burst 20" \
		"type icmp timestamp-request drop" "rule add $other4/32 exempt" \
		"type icmpv6 echo-reply limit 1/minute burst 1 monitor"
	in_ns "$attacker" ping -q -f -c 60 -W 1 $host4 >/dev/null 2>&1
	in_ns "$attacker" ping -q -f -c 20 -W 1 -I $other4 $host4 >/dev/null 2>&1
	in_ns "$attacker" ping -q -f -c 10 -W 1 $host6 >/dev/null 2>&1
	in_ns "$attacker" ping -q -c 2 -i 0.2 -W 1 -s 20000 $host4 >/dev/null 2>&1
	metrics_and_proc() {
		metrics "$router"
		read_counters "$router"
	}
	in_one_moment "$router" metrics_and_proc
	[ "${counter[source-limit]}" -gt 0 ] || fail "nothing was limited"
	[ "${counter[monitored-source-limit]}" -gt 0 ] || fail "nothing was monitored"
	is "metrics and /proc" "$(for name in "${!counter[@]}"; do
		case $name in
		seen|accepted|dropped) ;;
		*) echo "$name ${counter[$name]}" ;;
		esac
	done | sort)" "$(samples_as_counters)"
	is "icmpguard_up" 1 "$(sample "$router" icmpguard_up)"
	is "the version" "$(ctl "$router" -j version | jq -r .version)" \
		"$(sed -n 's/^icmpguard_module_info{version="\(.*\)"} 1$/\1/p' "$tmp/samples")"
	is "rules" 1 "$(sample "$router" icmpguard_rules)"
	is "the table" "$(ctl "$router" -j show | jq -r '"\(."table-size") \(."table-bytes")"')" \
		"$(sample "$router" icmpguard_table_sources) $(sample "$router" icmpguard_table_bytes)"
}

both_forms() {
	ctl "$router" metrics >"$tmp/text"
	ctl "$router" metrics --openmetrics >"$tmp/open"
}

# Both formats have the same samples; every metric is described once, and before its
# samples; no label is an address.
forms() {
	in_one_moment "$router" both_forms
	is "samples in both forms" "$(grep -v '^#' "$tmp/text")" "$(grep -v '^#' "$tmp/open")"
	is "the last line" "# EOF" "$(tail -n 1 "$tmp/open")"
	is "metrics not described once, before their samples" "" "$(awk '
		$2 == "TYPE" { name = $3; total = $4 == "counter" ? "_total" : ""; type[name]++ }
		$2 == "HELP" { if ($3 != name) print "HELP of", $3, "in", name; help[name]++ }
		!/^#/ { sub(/[{ ].*/, ""); if ($0 != name total) print $0, "in", name; n[name]++ }
		END { for (name in type)
			if (type[name] != 1 || help[name] != 1 || !n[name])
				print name, type[name], help[name], n[name] + 0 }' "$tmp/open")"
	is "types in the older format" "$(awk '$2 == "TYPE" {
		print $3 ($4 == "counter" ? "_total" : ""), $4 }' "$tmp/open")" \
		"$(sed -n 's/^# TYPE //p' "$tmp/text")"
	is "labels" "action family mode reason type version " \
		"$(grep -o '[a-z]*="' "$tmp/open" | sort -u | sed 's/="//' | tr '\n' ' ')"
	! grep -E '[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|[0-9a-f]*:[0-9a-f]*:' "$tmp/open" ||
		fail "there is an address"
	[ "$(wc -l <"$tmp/open")" -lt 1000 ] || fail "$(wc -l <"$tmp/open") lines"
}

hash_of() {
	sample "$1" icmpguard_config_hash
}

drift() {
	local first changed
	configure "$router" "rule add 192.0.2.0/24 exempt" "set interface ra0 monitor"
	configure "$host" "set interface ra0 monitor" "rule add 192.0.2.0/24 exempt"
	first=$(hash_of "$router")
	[ -n "$first" ] || fail "no hash"
	is "the hash of the same configuration elsewhere" "$first" "$(hash_of "$host")"
	in_ns "$attacker" ping -q -c 1 -W 1 $host4 >/dev/null 2>&1
	is "the hash after traffic" "$first" "$(hash_of "$router")"
	for changed in "max-echo-size 1000" "interface ra0 off"; do
		# shellcheck disable=SC2086 # words, on purpose
		must ctl "$router" set $changed
		[ "$(hash_of "$router")" != "$first" ] || fail "the hash is the same after 'set $changed'"
		ctl "$host" show | must ctl "$router" apply -
		is "the hash after going back" "$first" "$(hash_of "$router")"
	done
	must ctl "$router" rule add 192.0.2.0/25 block
	[ "$(hash_of "$router")" != "$first" ] || fail "the hash is the same with another rule"
	must ctl "$router" rule del 192.0.2.0/25
	is "the hash without that rule" "$first" "$(hash_of "$router")"
	must ctl "$router" rule add 192.0.2.0/24 exempt comment "why"
	[ "$(hash_of "$router")" != "$first" ] || fail "the hash is the same with a comment"
	# Neither the order of rules nor the former configuration makes a difference.
	configure "$router" "rule add 192.0.2.0/24 exempt" "rule add 2001:db8::/32 block" \
		"type icmp destination-unreachable code 1 drop" "type icmp destination-unreachable code 2 drop"
	configure "$host" "type icmp destination-unreachable code 3 drop" \
		"type icmp destination-unreachable code 2 drop" "rule add 2001:db8::/32 block" \
		"type icmp destination-unreachable code 1 drop" "rule add 192.0.2.0/24 exempt" \
		"type icmp destination-unreachable code 3 default"
	is "the hash in another order" "$(hash_of "$router")" "$(hash_of "$host")"
}

# Without privileges the metrics are the same as for root.
unprivileged() {
	local user=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all
		--inh-caps=-all --no-new-privs)
	configure "$router" "rule add 192.0.2.0/24 exempt comment secret"
	both_users() {
		ctl "$router" metrics >"$tmp/root"
		in_ns "$router" "${user[@]}" "$tool" metrics >"$tmp/user" 2>"$tmp/error" ||
			fail "without privileges: $(cat "$tmp/error")"
	}
	in_one_moment "$router" both_users
	is "what an ordinary user sees" "$(cat "$tmp/root")" "$(cat "$tmp/user")"
	is icmpguard_up 1 "$(awk '$1 == "icmpguard_up" { print $2 }' "$tmp/user")"
	is "an answer over HTTP" "HTTP/1.1 200 OK" "$(printf 'GET /metrics HTTP/1.1\r\n\r\n' |
		in_ns "$router" "${user[@]}" "$tool" metrics --http | head -n 1 | tr -d '\r')"
}

textfile() {
	local file=$tmp/dir/icmpguard.prom
	mkdir "$tmp/dir"
	echo old >"$file"
	must ctl "$router" metrics --textfile "$file"
	is "the file" "$(ctl "$router" metrics | grep -v '^icmpguard_.*packets')" \
		"$(grep -v '^icmpguard_.*packets' "$file")"
	is "the file's mode" 644 "$(stat -c %a "$file")"
	is "files" icmpguard.prom "$(ls "$tmp/dir")"
	! ctl "$router" metrics --textfile "$tmp/nowhere/x.prom" 2>"$tmp/error" || fail "no error"
	grep -q nowhere "$tmp/error" || fail "the error is: $(cat "$tmp/error")"
	# A full disk leaves the old file.
	mkdir "$tmp/small"
	must mount -t tmpfs -o size=4k tmpfs "$tmp/small"
	defer umount "$tmp/small"
	echo old >"$tmp/small/x.prom"
	! ctl "$router" metrics --textfile "$tmp/small/x.prom" 2>/dev/null || fail "no error on a full disk"
	is "the file on a full disk" old "$(cat "$tmp/small/x.prom")"
	is "files on a full disk" x.prom "$(ls "$tmp/small")"
}

table() {
	local i busy pids=
	configure "$router" "set table-size 1024" "type echo-request limit 1/hour burst 5"
	is "sources in a table that is new" 0 "$(sample "$router" icmpguard_table_busy_sources)"
	for i in $(seq 10 29); do
		ip -n "$attacker" addr add "198.51.100.$i/24" dev at0
		in_ns "$attacker" ping -q -c 1 -W 1 -I "198.51.100.$i" $host4 >/dev/null 2>&1 &
		pids="$pids $!"
	done
	# shellcheck disable=SC2086 # words, on purpose
	wait $pids
	busy=$(sample "$router" icmpguard_table_busy_sources)
	# Sources that share a set and a tag are one, and replies are limited too.
	within "busy sources" 18 40 "$busy"
	[ "$(sample "$router" icmpguard_table_fullest_ratio)" != 0.000000 ] || fail "the table is idle"
	must ctl "$router" flush sources
	is "sources after flush sources" 0 "$(sample "$router" icmpguard_table_busy_sources)"
	must ctl "$router" set mode off
	is "sources without a table" "" "$(sample "$router" icmpguard_table_busy_sources)"
	is icmpguard_up 1 "$(sample "$router" icmpguard_up)"
}

http() {
	local answer
	answer=$(printf 'GET /metrics HTTP/1.1\r\n\r\n' | ctl "$router" metrics --http)
	is "the first line" "HTTP/1.1 200 OK" "$(head -n 1 <<<"$answer" | tr -d '\r')"
	is "the length" "$(sed -n 's/^Content-Length: \([0-9]*\)\r$/\1/p' <<<"$answer")" \
		"$(($(sed '1,/^\r$/d' <<<"$answer" | wc -c)))"
	answer=$(printf 'GET / HTTP/1.1\r\n\r\n' | ctl "$router" metrics --http)
	is "another path" "HTTP/1.1 404 Not Found" "$(head -n 1 <<<"$answer" | tr -d '\r')"
	answer=$(head -c 9000 /dev/zero | tr '\0' a | ctl "$router" metrics --http)
	is "a long request" "HTTP/1.1 431 Request Header Fields Too Large" \
		"$(head -n 1 <<<"$answer" | tr -d '\r')"
	answer=$(ctl "$router" metrics --http </dev/null)
	is "no request" "HTTP/1.1 400 Bad Request" "$(head -n 1 <<<"$answer" | tr -d '\r')"
}

run_tests \
	"counts Every counter is a metric, with the same value" \
	"forms Both formats have the same samples, and no addresses" \
	"drift The hash changes with the configuration and with nothing else" \
	"unprivileged They need no privileges" \
	"textfile A file is replaced whole or not at all" \
	"table How full the table is" \
	"http A request is answered"
