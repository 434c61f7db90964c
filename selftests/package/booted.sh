#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In a Debian that has booted with the packages installed: README.md's claims about the
# service and its examples, with real systemd, real packets, and a Prometheus that
# scrapes it, up to its removal. KTAP.

set -u
export LC_ALL=C
here=/opt/package-test
conf=/etc/icmpguard/icmpguard.conf
stats=/proc/net/icmpguard/stats
read -r version later <$here/versions
ran=$RESULTS/ran
: >"$ran"
cases=0
failed=0

# try NAME FUNCTION [ARG...]: one result; what it said is shown when it failed
try() {
	local out name=$1
	shift
	cases=$((cases + 1))
	if out=$("$@" 2>&1); then
		echo "ok $cases $name"
	else
		printf '%s\n' "$out" | tail -n 40 | sed 's/^/# /'
		echo "not ok $cases $name"
		failed=$((failed + 1))
	fi
	echo "# $SECONDS s"
}

# same WHAT EXPECTED ACTUAL
same() {
	[ "$2" = "$3" ] || { echo "$1: expected '$2', got '$3'"; return 1; }
}

# soon COMMAND...: repeat until it succeeds
soon() {
	local i
	for ((i = 0; i < 600; i++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.5
	done
	echo "timed out: $*"
	"$@"
	return 1
}

setting() {
	icmpguardctl show | sed -n "s/^$1 //p"
}

# state PROPERTY [UNIT]
state() {
	systemctl show -P "$1" "${2-icmpguard.service}"
}

loaded() {
	[ -d /sys/module/icmpguard ] || { echo "the module isn't there"; return 1; }
}

away() {
	! loaded >/dev/null || { echo "the module is still there"; return 1; }
}

count() {
	sed -n "s/^$1 //p" $stats
}

### After booting #############################################################

booted() {
	same "state" "active exited" "$(state ActiveState) $(state SubState)" &&
		same "mode" enforce "$(setting mode)" &&
		same "what the file says" 1400 "$(setting max-echo-size)" &&
		same "the rest of the file" "$(grep -v -e '^#' -e '^$' $conf)" \
			"$(icmpguardctl show | grep -v ^table-size)"
}

# Before any network is configured
early() {
	[ -z "$(systemctl list-jobs --no-legend --plain)" ] || systemctl list-jobs
	systemctl show -P After network-pre.target | grep -qw icmpguard.service ||
		{ echo "network-pre.target doesn't wait for it"; return 1; }
	! journalctl -b | grep -i 'ordering cycle'
}

# printed BEGINNING: the line of a document that begins so
printed() {
	grep -m 1 "^$1" $here/printed | tee -a "$ran"
}

announced() {
	local line
	line=$(printed 'icmpguard: ') && dmesg | grep -F "$line"
}

### Many machines #############################################################

units="icmpguard-events.service icmpguard-metrics-http.socket icmpguard-metrics.timer"
unasked() {
	local unit
	for unit in $units; do
		same "$unit" inactive "$(state ActiveState "$unit")" || return
	done
}

enabled() {
	local unit
	for unit in $units; do
		systemctl enable --now "$unit" && same "$unit" active "$(state ActiveState "$unit")" || return
	done
	same "its user" prometheus "$(stat -c %U "/proc/$(state MainPID prometheus)")"
}

# value QUERY VALUE: that Prometheus has that value for it
value() {
	promtool query instant http://127.0.0.1:9090 "$1" | grep -q "=> $2 @"
}

why() {
	"$@" && return
	systemctl --no-pager status icmpguard-metrics.service prometheus prometheus-node-exporter
	journalctl --no-pager -n 30 -u 'icmpguard-*'
	return 1
}

# scraped VALUE: Prometheus has this icmpguard_up from both exporters
scraped() {
	why soon value 'up{job="icmpguard"}' 1 && why soon value 'icmpguard_up{job="icmpguard"}' "$1" &&
		why soon value 'icmpguard_up{job="node"}' "$1"
}

figures() {
	scraped 1 && soon value 'icmpguard_packets_total{job="icmpguard",action="drop",reason="echo-oversize"}' \
		"$(count echo-oversize)" || return
	same "user" yes "$(state DynamicUser icmpguard-metrics-http@0.service)" &&
		same "failed units" "" "$(systemctl list-units --failed --plain --no-legend 'icmpguard*')"
}

# event NAME [FIELD=VALUE...]: the journal has such an event since $since
event() {
	journalctl -q --since "@$since" -t icmpguard "ICMPGUARD_EVENT=$1" "${@:2}" | grep .
}

# A source above its limit becomes an event.
heard() {
	icmpguardctl type echo-request limit 1/second burst 1 || return
	from 198.51.100.2 -c 50 -i 0.02 198.51.100.1
	soon event source-limited ICMPGUARD_ADDRESS=198.51.100.2
}

# The listener goes on.
deaf() {
	local pid
	since=$(date +%s)
	heard || return
	pid=$(state MainPID icmpguard-events.service)
	systemctl restart icmpguard && sleep 1 && since=$(date +%s) || return
	heard && same "the listener" "$pid" "$(state MainPID icmpguard-events.service)"
}

### README's examples #########################################################

network() {
	ip netns add other && ip link add v0 type veth peer name v1 netns other &&
		ip addr add 198.51.100.1/24 dev v0 && ip addr add 192.0.2.1/24 dev v0 && ip link set v0 up &&
		ip -n other addr add 198.51.100.2/24 dev v1 && ip -n other addr add 198.51.100.3/24 dev v1 &&
		ip -n other addr add 192.0.2.2/24 dev v1 && ip -n other link set v1 up &&
		soon from 198.51.100.2 -c 1 198.51.100.1
}

# from ADDRESS PING'S-ARGUMENTS...: sets replies
from() {
	replies=$(ip netns exec other ping -n -q -W 2 -I "$@" | sed -n 's/.* transmitted, \([0-9]*\) .*/\1/p')
	[ "${replies:-0}" -gt 0 ]
}

# none_lost COUNT ADDRESS ARGUMENTS...
none_lost() {
	from "${@:2}" -c "$1"
	same "replies to $2" "$1" "$replies"
}

# Check the claims of the text around the command, and record which were checked.
promise() {
	local before end begin
	case $1 in
	"icmpguardctl set mode monitor")
		before=$(count monitored-source-limit)
		# An emulated machine doesn't ping as fast as the defaults allow.
		icmpguardctl type echo-request limit 10/second burst 20 || return
		none_lost 500 198.51.100.2 -f 198.51.100.1 &&
			[ "$(count monitored-source-limit)" -gt "$before" ] || { count monitored-source-limit; return 1; } ;;
	"icmpguardctl stats")
		"${shell[@]}" "$1" | sed -n '/^monitored /,$p' | grep '^  source-limit ' ;;
	"icmpguardctl type echo-request limit 10/second burst 20")
		before=$(count source-limit)
		begin=$SECONDS
		from 198.51.100.2 -i 0.01 -c 200 198.51.100.1
		end=$SECONDS
		same "pings answered and counted" 200 $((replies + $(count source-limit) - before)) || return
		[ "$replies" -ge 20 ] && [ "$replies" -le $((20 + 10 * (end - begin + 2))) ] ||
			{ echo "$replies in $((end - begin)) s"; return 1; }
		none_lost 3 198.51.100.3 -i 0.5 198.51.100.1 &&
			icmpguardctl sources | grep 198.51.100.2 && ! icmpguardctl sources | grep 198.51.100.3 ;;
	'icmpguardctl rule add 192.0.2.0/24 exempt comment "monitoring"')
		before=$(count exempt)
		none_lost 200 192.0.2.2 -f 192.0.2.1 && none_lost 2 192.0.2.2 -i 0.5 -s 9000 192.0.2.1 &&
			same "counted as exempt" $((before + 202)) "$(count exempt)" ;;
	"icmpguardctl set max-echo-size 1472")
		local mtu
		before=$(count echo-oversize)
		for mtu in 1500 9000; do
			ip link set v0 mtu $mtu && ip -n other link set v1 mtu $mtu || return
			none_lost 2 198.51.100.3 -i 0.5 -s 1472 198.51.100.1 || return
			! from 198.51.100.3 -i 0.5 -c 2 -s 1473 198.51.100.1 || { echo "1473 passes"; return 1; }
		done
		same "counted once each" $((before + 4)) "$(count echo-oversize)" ;;
	*)	return ;;
	esac || return
	echo "$1" >>$here/promises
}

# The shell that runs the documents' commands
shell=(bash -c)

# example COMMAND: it does what the text claims, and apply accepts what show prints then
example() {
	local words
	echo "$1" >>"$ran"
	"${shell[@]}" "$1" || return
	promise "$1" || return
	case $1 in
	*" set "*) words=${1#*" set "} ;;
	*" rule add "*|*" type "*) words=${1#icmpguardctl } ;;
	*)	return 0 ;;
	esac
	# It also says what was left to the module.
	icmpguardctl show | grep -q -e "^${words// / .*}" || { icmpguardctl show; return 1; }
	icmpguardctl show | icmpguardctl check -
}

examples() {
	local line
	: >$here/promises
	while IFS= read -r line <&5; do
		try "README.md: $line" example "$line"
	done 5<$here/commands
	try "every claim of README.md about them was checked" same promises 5 "$(grep -c . $here/promises)"
}

### The service ###############################################################

reload() {
	sed -i 's/^max-echo-size .*/max-echo-size 1300/' $conf && systemctl reload icmpguard || return
	same "what the file says now" 1300 "$(setting max-echo-size)"
}

# An error in the file is reported as in install.rst, and nothing changes.
broken() {
	local before line number
	cp $conf /run/good.conf
	line=$(printed "icmpguardctl: $conf:") || return
	number=${line#*.conf:} number=${number%%:*}
	before=$(icmpguardctl show)
	sed -i -e "${number}i type echo-request limit lots" $conf
	if systemctl reload icmpguard; then
		echo "reload took a broken file"
		return 1
	fi
	same "the configuration" "$before" "$(icmpguardctl show)" &&
		same "state" active "$(state ActiveState)" || return
	journalctl --sync
	# The journal has it too
	systemctl status --no-pager -l -n 20 icmpguard | grep -F "$line" ||
		{ systemctl status --no-pager -l icmpguard; return 1; }
}

# With a broken file the module protects with its defaults, and the unit has failed;
# stop still unloads the module.
broken_start() {
	if systemctl restart icmpguard; then
		echo "started with a broken file"
		return 1
	fi
	same "state" failed "$(state ActiveState)" && loaded &&
		same "mode" enforce "$(setting mode)" &&
		same "default" 9216 "$(setting max-echo-size)" || return
	systemctl stop icmpguard && away
}

missing_start() {
	rm $conf
	! systemctl start icmpguard && loaded && systemctl stop icmpguard && away || return
	cp /run/good.conf $conf
	systemctl start icmpguard && same "what the file says" 1300 "$(setting max-echo-size)"
}

# No query loads it again until it is started.
stop() {
	systemctl stop icmpguard && same "state" inactive "$(state ActiveState)" && away || return
	runuser -u nobody -- icmpguardctl version
	runuser -u nobody -- icmpguardctl metrics | grep -x "icmpguard_up 0" || return
	away && scraped 0 && away &&
		same "events" active "$(state ActiveState icmpguard-events.service)" &&
		same "failed units" "" "$(systemctl list-units --failed --plain --no-legend 'icmpguard*')" || return
	systemctl start icmpguard && loaded && scraped 1
}

# install.rst's, after it was disabled
enabled_again() {
	local line
	systemctl disable --now icmpguard && away || return
	while IFS= read -r line <&5; do
		echo "$line" >>"$ran"
		bash -c "$line" || return
	done 5<$here/services
	loaded && same "at boot" enabled "$(systemctl is-enabled icmpguard)" &&
		same "what the file says" 1300 "$(setting max-echo-size)"
}

options() {
	sed -i 's/^#options icmpguard /options icmpguard /' /etc/modprobe.d/icmpguard.conf &&
		systemctl restart icmpguard || return
	same "parameter" enforce "$(cat /sys/module/icmpguard/parameters/new_netns)" || return
	ip netns add fresh && same "a new namespace" "mode enforce" "$(icmpguardctl -n fresh show | head -n 1)" &&
		ip netns del fresh
}

# The same program that systemd runs early at boot
modules_load() {
	systemctl stop icmpguard && sed -i 's/^#icmpguard$/icmpguard/' /etc/modules-load.d/icmpguard.conf &&
		systemctl restart systemd-modules-load || return
	loaded && same "default" 9216 "$(setting max-echo-size)" &&
		systemctl start icmpguard && same "what the file says" 1300 "$(setting max-echo-size)"
}

### Later, and never again ####################################################

# An upgrade keeps the running module and its state.
upgraded() {
	local pid
	icmpguardctl set max-echo-size 1234 || return
	pid=$(state MainPID icmpguard-events.service)
	# DKMS reuses its earlier build, and need not build it here.
	mkdir /usr/share/icmpguard-dkms && cp $here/*.dkms.tar.gz /usr/share/icmpguard-dkms/ &&
		dpkg -i $here/*.deb && rm -r /usr/share/icmpguard-dkms || return
	same "the running configuration" 1234 "$(setting max-echo-size)" &&
		same "the running module" "$version" "$(cat /sys/module/icmpguard/version)" &&
		icmpguardctl version | grep -w -F "$version" && icmpguardctl version | grep -F "$later" &&
		same "the operator's file" 1300 "$(sed -n 's/^max-echo-size //p' $conf)" &&
		same "units" "active active active " "$(systemctl is-active $units | tr '\n' ' ')" || return
	systemctl restart icmpguard &&
		same "the new module" "$later" "$(cat /sys/module/icmpguard/version)" &&
		same "what the file says" 1300 "$(setting max-echo-size)" && scraped 1
}

removed() {
	dpkg --remove icmpguard-fleet icmpguard icmpguard-dkms || return
	away && [ -s $conf ] || { echo "the configuration is gone"; return 1; }
	same "units" "" "$(systemctl list-units --plain --no-legend 'icmpguard*' | grep -w active)" || return
	dpkg --purge icmpguard-fleet icmpguard icmpguard-dkms || return
	same "files" "" "$(find / -xdev \( -path /proc -o -path /run -o -path /home -o -path /root -o -path $here \
		-o -path /var/log -o -path /var/lib/prometheus/metrics2 \) -prune -o -name '*icmpguard*' -print)" &&
		same "mentions" "" "$(grep -rl icmpguard /etc /var/lib/systemd /var/lib/dkms \
			"/lib/modules/$(uname -r)"/modules.* | grep -v ^/etc/prometheus/)" &&
		same "accounts" "" "$(getent passwd | grep icmpguard)"
}

echo "KTAP version 1"
try "at boot the service applies the file" booted
try "before any network is configured" early
try "the kernel's log has README.md's line" announced
try "the fleet's services run when they are asked to" unasked
try "they are enabled" enabled
try "another host is there" network
examples
try "Prometheus has the figures, by both ways in" figures
try "reload applies the file again" reload
try "reload of a broken file keeps the configuration and reports line and column" broken
try "a start with a broken file fails and leaves the defaults in force, until stop" broken_start
try "so does one without a file" missing_start
try "stop unloads the module, no query loads it, start does" stop
try "events arrive also after a restart" deaf
try "enabled, it is started" enabled_again
try "options in modprobe.d are the module's parameters" options
try "modules-load.d loads it without the service" modules_load
try "an upgrade keeps what runs, and a restart runs the new version" upgraded
try "removed, it is unloaded; purged, it leaves nothing" removed
echo "1..$cases"
[ "$failed" -eq 0 ]
