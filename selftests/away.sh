#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module goes and comes back: listeners notice and go on, and nothing but
# loading it loads it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all "needs root"
need jq setpriv socat unshare modinfo
tmp=$(mktemp -d) || exit 1
defer rm -rf "$tmp"
need_tool
need_module_file

events=$tmp/events
listener=

# listen COMMAND...: what it prints goes to the file
listen() {
	deaf
	: >"$events"
	start "$@" >"$events" 2>"$tmp/monitor.err"
	listener=$!
}

deaf() {
	[ -z "$listener" ] || stop "$listener"
	listener=
}

# Repeats a change until it is reported: the listener may have only just started.
told_since() {
	[ "$(grep -a -c config-changed "$events")" -gt "$told_before" ]
}

is_reported() {
	"$tool" set max-echo-size 1000 && busywait 1000 told_since
}

hears() {
	told_before=$(grep -a -c config-changed "$events")
	busywait 20000 is_reported || fail "$1: no event: $(tail -n 3 "$events" "$tmp/monitor.err")"
}

# number KIND: of its events, in any form
number() {
	grep -a -c -E "(\"event\":\"|  |ICMPGUARD_EVENT=)$1" "$events"
}

has() {
	[ "$(number "$1")" -eq "$2" ]
}

# once_more FORM: unload and load the module while FORM listens
once_more() {
	local slept
	must rmmod icmpguard
	busywait 10000 has module-unloaded 1 || fail "$1: the unload wasn't reported: $(cat "$events")"
	# It sleeps while there is no module.
	busywait 10000 grep -q '^State:.S' "/proc/$listener/status"
	slept=$(grep -h ctxt_switches "/proc/$listener/status")
	"$tool" version >/dev/null
	"$tool" metrics >/dev/null
	is "$1: how often it woke without the module" "$slept" \
		"$(grep -h ctxt_switches "/proc/$listener/status")"
	must insmod "$module"
	busywait 10000 has module-loaded 1 || fail "$1: the load wasn't reported: $(cat "$events")"
	hears "$1, the module loaded again"
	is "$1: events of the module" "1 1" "$(number module-unloaded) $(number module-loaded)"
	kill -0 "$listener" || fail "$1: the listener has ended: $(cat "$tmp/monitor.err")"
}

in_json() {
	is_loaded || must insmod "$module"
	can_listen || return
	listen "$tool" -j monitor
	hears "JSON"
	once_more "JSON"
	is "the events" \
		'{"event":"module-unloaded","netns-name":null} {"event":"module-loaded","netns-name":null}' \
		"$(jq -c 'select(.event | startswith("module")) | {event, "netns-name"}' "$events" | xargs -d'\n')"
	is "whether all is in one namespace" "1 $(stat -Lc %i /proc/self/ns/net)" \
		"$(jq -r '"\(.netns) \(."netns-inode")"' "$events" | sort -u |
		   awk '{ n++; inode = $2 } END { print n, inode }')"
	is "events out of order" "" "$(jq -r .time "$events" | sort -c 2>&1)"
}

in_text() {
	can_listen || return
	listen "$tool" monitor
	hears "text"
	once_more "text"
}

# As the unit runs it: started before the module is loaded
in_the_journal() {
	can_listen || return
	deaf
	must unload
	listen unshare -m sh -c 'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal &&
		{ socat -u UNIX-RECV:/run/systemd/journal/socket OPEN:"$2",append & } &&
		while [ ! -S /run/systemd/journal/socket ]; do sleep 0.1; done &&
		exec "$1" monitor --journal' sh "$tool" "$events"
	joined() {
		awk -v pid="$listener" '$2 == 16 && $3 == pid && $4 !~ /^0+$/ { found = 1 }
			END { exit !found }' /proc/net/netlink
	}
	busywait 10000 joined || fail "it doesn't wait: $(cat "$tmp/monitor.err")"
	must insmod "$module"
	busywait 10000 has module-loaded 1 || fail "the load wasn't reported: $(cat "$events" "$tmp/monitor.err")"
	hears "journal"
	must rmmod icmpguard
	busywait 10000 has module-unloaded 1 || fail "the unload wasn't reported: $(cat "$events")"
	must insmod "$module"
	busywait 10000 has module-loaded 2 || fail "the second load wasn't reported: $(cat "$events")"
	hears "journal, the module loaded again"
	grep -a -q '^MESSAGE=module-unloaded ' "$events" || fail "the entries are: $(cat "$events")"
}

# Loaded again before the listener has noticed: it goes on listening either way.
fast() {
	local i rounds=15
	is_loaded || must insmod "$module"
	can_listen || return
	listen "$tool" -j monitor
	hears "before"
	for ((i = 0; i < rounds; i++)); do
		kill -STOP "$listener"
		must rmmod icmpguard
		must insmod "$module"
		[ $((i % 3)) -ne 0 ] || { must rmmod icmpguard; must insmod "$module"; }
		kill -CONT "$listener"
	done
	hears "after $rounds times"
	is "loads and unloads reported" "$(number module-unloaded)" "$(number module-loaded)"
	within "unloads reported" 1 $((rounds + rounds / 3)) "$(number module-unloaded)"
}

# The unload is among the events that are lost.
lost() {
	can_listen || return
	listen "$tool" -j monitor
	hears "before"
	kill -STOP "$listener"
	overrun() {
		local i
		for ((i = 0; i < 50; i++)); do
			"$tool" set max-echo-size $((2000 + i))
		done
		awk -v pid="$listener" '$2 == 16 && $3 == pid && $9 > 0 { found = 1 } END { exit !found }' \
			/proc/net/netlink
	}
	busywait 120000 overrun || fail "nothing is lost: $(cat /proc/net/netlink)"
	must rmmod icmpguard
	must insmod "$module"
	kill -CONT "$listener"
	hears "after"
	is "events of the module" "1 1" "$(number module-unloaded) $(number module-loaded)"
	is "reports of the loss" 1 "$(grep -c 'some are lost' "$tmp/monitor.err")"
}

# In a terminal, monitor fails at once without the module.
without() {
	deaf
	must unload
	"$tool" monitor >"$tmp/out" 2>"$tmp/err"
	is "status of monitor without the module" 1 $?
	grep -q "icmpguard isn't loaded" "$tmp/err" || fail "it says: $(cat "$tmp/err")"
}

# The kernel calls modprobe for a family that is looked up. This modprobe finds the
# module by its name and aliases, as the real one does.
stays_away() {
	local user=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all
		--inh-caps=-all)
	must unload
	cat >"$tmp/modprobe" <<-END
		#!/bin/sh
		for alias; do :; done
		echo "\$alias" >>"$tmp/asked"
		{ echo icmpguard; modinfo -F alias "$module"; } | grep -qxF "\$alias" && insmod "$module"
	END
	chmod 755 "$tmp" "$tmp/modprobe"
	: >"$tmp/asked"
	local before
	before=$(cat /proc/sys/kernel/modprobe)
	defer "echo '$before' >/proc/sys/kernel/modprobe"
	echo "$tmp/modprobe" >/proc/sys/kernel/modprobe
	is "version" "module not loaded" "$("${user[@]}" "$tool" version | tail -n 1)"
	is "metrics" "icmpguard_up 0" "$("${user[@]}" "$tool" metrics | grep -v '^#')"
	is "a scrape" "icmpguard_up 0" "$(printf 'GET /metrics HTTP/1.1\r\n\r\n' |
		"${user[@]}" "$tool" metrics --http | grep '^icmpguard')"
	"$tool" show >/dev/null 2>&1 && fail "'show' finds a module"
	"$tool" set mode enforce 2>/dev/null && fail "'set' finds a module"
	echo "$before" >/proc/sys/kernel/modprobe
	grep -q family-icmpguard "$tmp/asked" || fail "modprobe was asked for: $(cat "$tmp/asked")"
	! is_loaded || fail "a lookup has loaded the module"
}

run_tests \
	"in_json monitor in JSON survives unloading and loading the module" \
	"in_text the same in text" \
	"in_the_journal the journal's listener waits for the module" \
	"fast the module is loaded again before the listener has noticed" \
	"lost the unload is among the messages that are lost" \
	"without monitor fails at once without the module" \
	"stays_away no lookup loads the module"
