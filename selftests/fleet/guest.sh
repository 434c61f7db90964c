#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest: this machine is the router, with icmpguard, Prometheus and what
# Prometheus scrapes, and ExaBGP; in another namespace are its provider's router,
# GoBGP, and an attacker behind it. A flood has to become an alert and a rule in
# the provider's table, and both have to go when it ends, whichever program is killed
# meanwhile.

# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$here/.." || exit # lib.sh: the tests

need journalctl prometheus promtool exabgp gobgpd gobgp prometheus-node-exporter systemd-socket-activate curl \
	jq hping3
[ -e /run/vm/job/job ] || skip_all "it needs a machine made for it"
need_tool
tmp=$(mktemp -d) || exit 1
defer rm -rf "$tmp"

bad4=198.51.100.66 bad6=2001:db8:66::66 bad64=2001:db8:66::/64
good4=198.51.100.77
provider=

### The network ###############################################################

network() {
	ip link set lo up
	ns_add provider provider
	ip link add wan0 type veth peer name pe0 netns "$provider" || return
	ip addr add 10.0.0.2/30 dev wan0 && ip addr add 2001:db8::2/64 dev wan0 nodad || return
	ip link set wan0 up
	addr "$provider" pe0 10.0.0.1/30 2001:db8::1/64
	ip -n "$provider" link set pe0 up
	# The attacker's addresses are the provider's router's.
	addr "$provider" lo $bad4/32 $good4/32 $bad6/128
	ip route add default via 10.0.0.1
	ip -6 route add default via 2001:db8::1
}

### Prometheus ################################################################

ask() {
	curl -s --max-time 5 --get "http://127.0.0.1:9090/api/v1/$1" "${@:2}"
}

# value QUERY: of the first series
value() {
	ask query --data-urlencode "query=$1" | jq -r '.data.result[0].value[1] // empty'
}

# firing ALERT: whether it is
firing() {
	ask alerts | jq -e --arg name "$1" \
		'any(.data.alerts[]; .labels.alertname == $name and .state == "firing")' >/dev/null
}

not_firing() {
	! firing "$1"
}

equals() {
	[ "$(value "$1")" = "$2" ]
}

# The rules as shipped, but with shorter delays
quick_rules() {
	sed -e 's/\[1m\]/[16s]/' -e 's/for: .*/for: 1s/' userspace/prometheus/icmpguard.rules.yml
}

prometheus_start() {
	start prometheus --config.file="$tmp/prometheus.yml" --storage.tsdb.path="$tmp/tsdb" \
		--web.listen-address=127.0.0.1:9090 --log.level=warn >>"$tmp/prometheus.log" 2>&1
	prometheus_pid=$!
}

ready() {
	curl -s --max-time 2 http://127.0.0.1:9090/-/ready | grep -q -i ready
}

# As icmpguard-metrics.timer does
write_textfile() {
	while :; do
		"$tool" metrics --textfile "$tmp/textfile/icmpguard.prom"
		sleep 1
	done
}

http_start() {
	start systemd-socket-activate --inetd -a -l 127.0.0.1:9116 "$tool" metrics --http \
		>"$tmp/http.log" 2>&1
	http_pid=$!
}

monitoring() {
	mkdir "$tmp/textfile"
	quick_rules >"$tmp/rules.yml"
	cat >"$tmp/prometheus.yml" <<-END
		global: {scrape_interval: 2s, evaluation_interval: 1s}
		rule_files: [$tmp/rules.yml]
		scrape_configs:
		  - job_name: icmpguard
		    static_configs: [{targets: ["127.0.0.1:9116"]}]
		  - job_name: node
		    static_configs: [{targets: ["127.0.0.1:9100"]}]
	END
	http_start
	start write_textfile
	start prometheus-node-exporter --collector.disable-defaults --collector.textfile \
		--collector.textfile.directory="$tmp/textfile" --web.listen-address=127.0.0.1:9100 \
		>"$tmp/exporter.log" 2>&1
	prometheus_start
}

### BGP #######################################################################

table() {
	in_ns "$provider" gobgp -j global rib -a "$1-flowspec" 2>/dev/null |
		jq -r '.[] | .[].nlri.value[] | select(.type == 2) | .value.prefix' 2>/dev/null | sort
}

# in_table FAMILY PREFIX, not_in_table FAMILY PREFIX
in_table() {
	table "$1" | grep -q -x -F "$2"
}

not_in_table() {
	! in_table "$@"
}

tables_are_empty() {
	[ -z "$(table ipv4)$(table ipv6)" ]
}

exabgp_start() {
	(
		exec env exabgp.daemon.user=root exabgp.daemon.drop=false exabgp.api.cli=false \
			exabgp.tcp.attempts=0 exabgp "$tmp/exabgp.conf"
	) >>"$tmp/exabgp.log" 2>&1 &
	exabgp_pid=$!
	started+=("$exabgp_pid")
}

# configure_flowspec HOLD
configure_flowspec() {
	cat >"$tmp/flowspec.options" <<-END
		--tool=$tool
		--state=$tmp/run/flowspec
		--after=3
		--hold=$1
		--max-hold=$1
		--interval=0.5
		--min-rate=20
		--allow=$good4/32
		--destination=10.0.0.0/30
		--destination=2001:db8::/64
	END
}

routing() {
	cat >"$tmp/gobgpd.toml" <<-END
		[global.config]
		as = 65001
		router-id = "10.0.0.1"
		[[neighbors]]
		[neighbors.config]
		neighbor-address = "10.0.0.2"
		peer-as = 65002
		[neighbors.transport.config]
		passive-mode = true
		[[neighbors.afi-safis]]
		[neighbors.afi-safis.config]
		afi-safi-name = "ipv4-flowspec"
		[[neighbors.afi-safis]]
		[neighbors.afi-safis.config]
		afi-safi-name = "ipv6-flowspec"
	END
	cat >"$tmp/exabgp.conf" <<-END
		process icmpguard {
			run $PWD/userspace/flowspec/icmpguard-flowspec @$tmp/flowspec.options;
			encoder text;
		}
		neighbor 10.0.0.1 {
			router-id 10.0.0.2;
			local-address 10.0.0.2;
			local-as 65002;
			peer-as 65001;
			family {
				ipv4 flow;
				ipv6 flow;
			}
			api {
				processes [ icmpguard ];
			}
		}
	END
	configure_flowspec 4
	start in_ns "$provider" gobgpd -f "$tmp/gobgpd.toml" --api-hosts 127.0.0.1:50051 \
		>"$tmp/gobgpd.log" 2>&1
	exabgp_start
}

session_is_up() {
	in_ns "$provider" gobgp -j neighbor 2>/dev/null |
		jq -e '.[0].state.session_state | . == 6 or . == "established"' >/dev/null
}

flowspec_pid() {
	pgrep -f "icmpguard-flowspec @$tmp/flowspec.options" | head -n 1
}

### The journal ##############################################################

journald=/lib/systemd/systemd-journald

journal_start() {
	start $journald >>"$tmp/journald.log" 2>&1
	journald_pid=$!
	busywait 60000 test -S /run/systemd/journal/socket
}

# As icmpguard-events.service does
events_start() {
	start "$tool" monitor --journal >"$tmp/events.log" 2>&1
	events_pid=$!
}

# entries FIELD=VALUE...: how many there are
entries() {
	journalctl -q -o json -t icmpguard "$@" 2>/dev/null | wc -l
}

has_entry() {
	[ "$(entries "$@")" -gt 0 ]
}

### The flood #################################################################

flood_pids="" flood=""
flood_start() {
	flood_pids=
	start in_ns "$provider" hping3 -q -1 -i u4000 -c 75000 -a $bad4 10.0.0.2 >/dev/null 2>&1
	flood_pids="$flood_pids $!"
	start in_ns "$provider" hping3 -q -1 -i u4000 -c 75000 -a $good4 10.0.0.2 >/dev/null 2>&1
	flood_pids="$flood_pids $!"
	# Only monitored
	start in_ns "$provider" hping3 -q -1 -C 13 -i u100000 -c 3000 10.0.0.2 >/dev/null 2>&1
	flood_pids="$flood_pids $!"
	start in_ns "$provider" ping -q -n -i 0.004 -I $bad6 2001:db8::2 >/dev/null 2>&1
	flood_pids="$flood_pids $!"
}

flood_stop() {
	local pid
	for pid in $flood_pids; do
		kill -INT "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
}

### The tests #################################################################

missing() {
	busywait 240000 ready || fail "Prometheus doesn't start: $(tail -n 5 "$tmp/prometheus.log")"
	busywait 240000 equals 'icmpguard_up{job="icmpguard"}' 0 || fail "icmpguard_up isn't 0"
	busywait 60000 firing IcmpguardMissing || fail "the alert doesn't fire: $(ask alerts)"
	insmod "$module" || fail "insmod failed"
	events_start
	must "$tool" type echo-request limit 10/second burst 20
	must "$tool" type icmp timestamp-request limit 1/second burst 1 monitor
	busywait 60000 not_firing IcmpguardMissing || fail "the alert goes on: $(ask alerts)"
	busywait 60000 equals 'icmpguard_up{job="icmpguard"}' 1 || fail "icmpguard_up isn't 1"
	busywait 60000 equals 'icmpguard_up{job="node"}' 1 || fail "node_exporter has no icmpguard_up"
}

formats() {
	local forms
	"$tool" metrics >"$tmp/metrics"
	promtool check metrics <"$tmp/metrics" >"$tmp/said" 2>&1 || fail "promtool: $(cat "$tmp/said")"
	[ ! -s "$tmp/said" ] || fail "promtool: $(cat "$tmp/said")"
	"$tool" metrics --openmetrics >"$tmp/openmetrics"
	/usr/bin/python3 -c 'if True:
		import sys
		from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
		families = list(parse(sys.stdin.read()))
		assert len(families) >= 12, families
		assert all(f.documentation for f in families)
		assert all(s.name.endswith("_total") for f in families if f.type == "counter"
			   for s in f.samples)' <"$tmp/openmetrics" >"$tmp/said" 2>&1 ||
		fail "OpenMetrics' own parser: $(tail -n 3 "$tmp/said")"
	# Prometheus asked for OpenMetrics, and node_exporter handed on the older form.
	forms=$(ask metadata --data-urlencode metric=icmpguard_packets | jq -r '.data[][].type' | sort -u)
	is "the type that Prometheus has for the counter" counter "$forms"
	forms=$(ask metadata --data-urlencode metric=icmpguard_packets_total | jq -r '.data[][].type' |
		sort -u)
	is "the type that it has for node_exporter's" counter "$forms"
}

begins() {
	busywait 60000 session_is_up || fail "BGP: $(tail -n 5 "$tmp/exabgp.log")"
	not_firing IcmpguardFlood || fail "an alert before the flood"
	tables_are_empty || fail "rules before the flood: $(table ipv4) $(table ipv6)"
	flood_start
	busywait 90000 firing IcmpguardFlood || fail "no alert: $(ask alerts)"
	busywait 90000 in_table ipv4 $bad4/32 || fail "no rule: $(tail -n 8 "$tmp/exabgp.log")"
	busywait 90000 in_table ipv6 $bad64 || fail "no IPv6 rule: $(tail -n 8 "$tmp/exabgp.log")"
	not_in_table ipv4 $good4/32 || fail "an allowed source is announced"
	"$tool" -j sources | jq -e --arg a $good4 'any(.sources[]; .address == $a)' >/dev/null ||
		fail "the allowed source isn't limited"
	in_ns "$provider" gobgp global rib -a ipv4-flowspec | grep -F $bad4/32 >"$tmp/rule"
	for word in '[protocol: ==icmp]' '[destination: 10.0.0.0/30]' '[discard]'; do
		grep -q -F "$word" "$tmp/rule" || fail "the rule is: $(cat "$tmp/rule")"
	done
	[ -n "$bad" ] || flood=1
}

# The flood goes on.
began() {
	[ -n "$flood" ] || fail "there was no flood"
}

# answered QUERY: whether it has a series; $answer is all of it
answered() {
	answer=$(ask query --data-urlencode "query=$1")
	jq -e '.status == "success" and (.data.result | length) > 0' <<<"$answer" >/dev/null
}

# Each of the dashboard's queries has an answer.
dashboard() {
	began || return
	local query n=0
	while IFS= read -r query; do
		n=$((n + 1))
		query=${query//'$__rate_interval'/20s}
		query=${query//'$job'/icmpguard}
		query=${query//'$instance'/.*}
		busywait 45000 answered "$query" || fail "$query: $answer"
	done < <(jq -r '.panels[].targets[].expr' userspace/grafana/icmpguard.json)
	[ $n -ge 15 ] || fail "the dashboard has $n queries"
	while IFS= read -r query; do
		query=${query//'$job'/icmpguard}
		case $query in
		'label_values('*) query=${query#label_values(} query=${query%,*} ;;
		*) fail "a variable's query is: $query" ;;
		esac
		answered "$query" || fail "$query: $answer"
	done < <(jq -r '.templating.list[] | select(.type == "query") | .definition' \
		userspace/grafana/icmpguard.json)
}

# Events are in the journal, with a field for each value; journald may be restarted.
journal() {
	local entry
	began || return
	busywait 60000 has_entry ICMPGUARD_EVENT=source-limited ICMPGUARD_ADDRESS=$bad4 ||
		fail "no entry: $(cat "$tmp/events.log") $(journalctl -q -t icmpguard 2>&1 | tail -n 5)"
	entry=$(journalctl -q -o json -t icmpguard ICMPGUARD_EVENT=source-limited ICMPGUARD_ADDRESS=$bad4 |
		head -n 1)
	is "fields" "icmp echo-request 32 4" "$(jq -r '[.ICMPGUARD_PROTO, .ICMPGUARD_NAME,
		.ICMPGUARD_PREFIX_LEN, .PRIORITY] | join(" ")' <<<"$entry")"
	jq -r .MESSAGE <<<"$entry" | grep -q -E "^source-limited $bad4/32 icmp echo-request [0-9]+/second$" ||
		fail "the message is: $(jq -r .MESSAGE <<<"$entry")"
	has_entry ICMPGUARD_EVENT=source-limited ICMPGUARD_ADDRESS=2001:db8:66:: ICMPGUARD_PROTO=icmpv6 ||
		fail "no entry of the IPv6 source"
	kill -KILL "$journald_pid"
	wait "$journald_pid" 2>/dev/null
	rm -f /run/systemd/journal/socket
	journal_start
	must "$tool" set max-echo-size 8191
	busywait 60000 has_entry ICMPGUARD_EVENT=config-changed PRIORITY=5 ||
		fail "no entry after a restart: $(cat "$tmp/events.log")"
	must "$tool" set max-echo-size 9216
}

# Killed in the middle of a flood: nothing stale, nothing lost.
killed() {
	local before
	began || return
	counted() {
		before=$(value 'icmpguard_packets_total{job="icmpguard",reason="source-limit"}')
		[ -n "$before" ]
	}
	busywait 30000 counted || fail "Prometheus has no counter"
	kill -KILL "$(flowspec_pid)"
	busywait 60000 grep -q -F "withdraw flow route { match { source $bad4/32" "$tmp/exabgp.log" ||
		fail "its successor withdraws nothing: $(tail -n 5 "$tmp/exabgp.log")"
	kill -KILL "$prometheus_pid"
	wait "$prometheus_pid" 2>/dev/null
	kill -KILL "$http_pid"
	wait "$http_pid" 2>/dev/null
	http_start
	prometheus_start
	busywait 90000 in_table ipv4 $bad4/32 || fail "no rule again: $(tail -n 8 "$tmp/exabgp.log")"
	kill -KILL "$exabgp_pid"
	wait "$exabgp_pid" 2>/dev/null
	busywait 60000 tables_are_empty || fail "rules of a dead ExaBGP: $(table ipv4) $(table ipv6)"
	exabgp_start
	busywait 120000 in_table ipv4 $bad4/32 || fail "no rule after a restart: $(tail -n 8 "$tmp/exabgp.log")"
	busywait 90000 ready || fail "Prometheus doesn't start again"
	busywait 90000 firing IcmpguardFlood || fail "no alert after a restart"
	goes_on() {
		local now
		now=$(value 'icmpguard_packets_total{job="icmpguard",reason="source-limit"}')
		[ "${now:-0}" -gt "$before" ]
	}
	busywait 30000 goes_on || fail "the counter doesn't go on"
	is "counter resets" 0 \
		"$(value 'sum(resets(icmpguard_packets_total[10m])) + sum(resets(icmpguard_type_packets_total[10m]))')"
}

ends() {
	began || return
	flood_stop
	busywait 120000 not_firing IcmpguardFlood || fail "the alert goes on: $(ask alerts)"
	busywait 120000 tables_are_empty || fail "rules that stay: $(table ipv4) $(table ipv6)"
	read_own_counters
	busywait 90000 has_entry ICMPGUARD_EVENT=source-released ICMPGUARD_ADDRESS=$bad4 ||
		fail "no entry of the source's release"
	# Prometheus has the module's counts, from both exporters.
	busywait 60000 equals 'icmpguard_packets_total{job="icmpguard",reason="source-limit"}' "$limited" ||
		fail "Prometheus has $(value 'icmpguard_packets_total{job="icmpguard",reason="source-limit"}'), the module $limited"
	busywait 60000 equals 'icmpguard_packets_total{job="node",reason="source-limit"}' "$limited" ||
		fail "by node_exporter $(value 'icmpguard_packets_total{job="node",reason="source-limit"}'), the module $limited"
}

read_own_counters() {
	limited=$(awk '$1 == "source-limit" { print $2 }' /proc/net/icmpguard/stats)
	[ "${limited:-0}" -gt 0 ] || fail "nothing was limited"
}

# A long hold time; the announcing program is killed just when the flood ends.
stale() {
	began || return
	configure_flowspec 1000
	kill -TERM "$(flowspec_pid)"
	flood_start
	busywait 120000 in_table ipv4 $bad4/32 || fail "no rule: $(tail -n 8 "$tmp/exabgp.log")"
	busywait 120000 in_table ipv6 $bad64 || fail "no IPv6 rule: $(tail -n 8 "$tmp/exabgp.log")"
	flood_stop
	in_table ipv4 $bad4/32 || fail "the rule didn't stay"
	kill -KILL "$(flowspec_pid)"
	busywait 60000 tables_are_empty || fail "stale rules: $(table ipv4) $(table ipv6)"
}

drift() {
	local hash
	hash=$(value 'icmpguard_config_hash{job="icmpguard"}')
	must "$tool" set max-echo-size 1000
	changed() {
		[ "$(value 'icmpguard_config_hash{job="icmpguard"}')" != "$hash" ]
	}
	busywait 60000 changed || fail "the hash is the same"
	must "$tool" set max-echo-size 9216
}

network || skip_all "veth pairs can't be made here"
monitoring
routing
mkdir -p /run/systemd/journal
# It keeps its files under the machine's number, which a container may lack.
[ -s /etc/machine-id ] || tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
journal_start
run_tests \
	"missing A missing module is an alert, until it is loaded" \
	"formats promtool, OpenMetrics' parser and Prometheus read the metrics" \
	"begins A flood becomes an alert, and rules in the provider's table" \
	"dashboard Every query of the dashboard has an answer" \
	"journal What happens is in the journal, field by field" \
	"killed A killed program leaves no rule and loses no counter" \
	"ends Alert and rules go when the flood has ended" \
	"stale A restarted program withdraws old rules" \
	"drift Another configuration is another hash"
