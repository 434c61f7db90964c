#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In a Debian that has booted with the packages installed: what the service does,
# with real systemd and real packets. KTAP.

set -u
export LC_ALL=C
conf=/etc/icmpguard/icmpguard.conf
stats=/proc/net/icmpguard/stats
cases=0
failed=0

# try NAME FUNCTION: one result; what it said is shown when it failed
try() {
	local out
	cases=$((cases + 1))
	if out=$("$2" 2>&1); then
		echo "ok $cases $1"
	else
		printf '%s\n' "$out" | sed 's/^/# /'
		echo "not ok $cases $1"
		failed=$((failed + 1))
	fi
}

# same WHAT EXPECTED ACTUAL
same() {
	[ "$2" = "$3" ] || { echo "$1: expected '$2', got '$3'"; return 1; }
}

setting() {
	icmpguardctl show | sed -n "s/^$1 //p"
}

state() {
	systemctl show -P "$1" icmpguard.service
}

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

count() {
	sed -n "s/^$1 //p" $stats
}

packets() {
	ip netns add other && ip link add v0 type veth peer name v1 netns other &&
		ip addr add 192.0.2.1/24 dev v0 && ip link set v0 up &&
		ip -n other addr add 192.0.2.2/24 dev v1 && ip -n other link set v1 up || return
	local before
	ip netns exec other ping -q -c 1 -W 5 192.0.2.1 || return
	before=$(count echo-oversize)
	ip netns exec other ping -q -c 2 -i 0.2 -W 2 -s 1400 192.0.2.1 || return
	! ip netns exec other ping -q -c 2 -i 0.2 -W 1 -s 1401 192.0.2.1 || return
	same "pings above the file's limit" $((before + 2)) "$(count echo-oversize)"
}

reload() {
	sed -i 's/^max-echo-size .*/max-echo-size 1300/' $conf && systemctl reload icmpguard || return
	same "what the file says now" 1300 "$(setting max-echo-size)"
}

# The file is wrong in one place: that is said, and nothing has changed.
broken() {
	local before line
	cp $conf /run/good.conf
	before=$(icmpguardctl show)
	sed -i 's/^max-echo-size .*/max-echo-size 1200\ntype echo-request limit lots/' $conf
	line=$(grep -n lots $conf | cut -d: -f1)
	if systemctl reload icmpguard; then
		echo "reload took a broken file"
		return 1
	fi
	same "the configuration" "$before" "$(icmpguardctl show)" &&
		same "state" active "$(state ActiveState)" || return
	journalctl --sync
	# Where a person looks next
	systemctl status --no-pager -n 20 icmpguard | grep "icmpguardctl: $conf:$line:25: .*'lots'" ||
		{ systemctl status --no-pager icmpguard; return 1; }
}

# Nothing to apply: the module protects with its defaults, and the failure shows.
broken_start() {
	if systemctl restart icmpguard; then
		echo "started with a broken file"
		return 1
	fi
	same "state" failed "$(state ActiveState)" &&
		same "mode" enforce "$(setting mode)" &&
		same "default" 8192 "$(setting max-echo-size)" || return
	cp /run/good.conf $conf
	systemctl start icmpguard && same "what the file says" 1300 "$(setting max-echo-size)"
}

stop() {
	systemctl stop icmpguard && same "state" inactive "$(state ActiveState)" || return
	[ ! -d /sys/module/icmpguard ] || { echo "the module is still there"; return 1; }
	systemctl start icmpguard && [ -d /sys/module/icmpguard ] &&
		same "what the file says" 1300 "$(setting max-echo-size)"
}

options() {
	sed -i 's/^#options icmpguard /options icmpguard /' /etc/modprobe.d/icmpguard.conf &&
		systemctl restart icmpguard || return
	same "parameter" enforce "$(cat /sys/module/icmpguard/parameters/new_netns)" || return
	ip netns add fresh && same "a new namespace" "mode enforce" "$(icmpguardctl -n fresh show | head -n 1)"
}

# The same program that systemd runs early at boot
modules_load() {
	systemctl stop icmpguard && sed -i 's/^#icmpguard$/icmpguard/' /etc/modules-load.d/icmpguard.conf &&
		systemctl restart systemd-modules-load || return
	[ -d /sys/module/icmpguard ] && same "default" 8192 "$(setting max-echo-size)" &&
		systemctl start icmpguard && same "what the file says" 1300 "$(setting max-echo-size)"
}

# The upgrade of the tool leaves the module and what it knows alone; its removal
# unloads it, and its configuration comes back with it.
package() {
	local deb=/opt/icmpguard.deb
	icmpguardctl set max-echo-size 1234 && dpkg -i --no-triggers $deb || return
	same "the running configuration" 1234 "$(setting max-echo-size)" &&
		dpkg --remove --no-triggers icmpguard || return
	[ ! -d /sys/module/icmpguard ] || { echo "the module is still there"; return 1; }
	dpkg -i --no-triggers $deb && same "what the file says" 1300 "$(setting max-echo-size)"
}

echo "KTAP version 1"
try "at boot the service applies the file" booted
try "before any network is configured" early
try "packets are judged by it" packets
try "reload applies the file again" reload
try "reload of a broken file keeps the configuration and reports line and column" broken
try "start with a broken file fails, and leaves the defaults in force" broken_start
try "stop unloads the module, start loads it" stop
try "options in modprobe.d are the module's parameters" options
try "modules-load.d loads it without the service" modules_load
try "upgrading the tool keeps what runs, removing it unloads the module" package
echo "1..$cases"
[ "$failed" -eq 0 ]
