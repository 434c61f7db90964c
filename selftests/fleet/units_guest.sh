#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In a Debian that has booted with all of icmpguard's units: each is started by its
# systemd, as the user and with the restrictions it is shipped with. KTAP.
#
# usage: units_guest.sh [TEST...]	the functions of these tests alone

set -u
export LC_ALL=C
# systemctl gives up on a systemd that doesn't answer within 25 s, which an emulated
# machine on a busy host may need longer for.
export SYSTEMD_BUS_TIMEOUT=15min
conf=/etc/icmpguard/icmpguard.conf
release=$(uname -r)
chosen=" $* "
textfile=/var/lib/prometheus/node-exporter
modules=/lib/modules/$release
cases=0
failed=0

### What the tests share #######################################################

# try NAME FUNCTION: one result; what it said is shown when it failed
try() {
	local out
	[[ $chosen == "  " || $chosen == *" $2 "* ]] || return
	cases=$((cases + 1))
	if out=$("$2" 2>&1); then
		echo "ok $cases $1"
	else
		printf '%s\n' "$out" | tail -n 30 | sed 's/^/# /'
		echo "not ok $cases $1"
		failed=$((failed + 1))
	fi
}

# same WHAT EXPECTED ACTUAL
same() {
	[ "$2" = "$3" ] || { echo "$1: expected '$2', got '$3'"; return 1; }
}

# until_it COMMAND...: until it succeeds, or four minutes are over
until_it() {
	local end=$((SECONDS + 240))
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "timed out: $*"; return 1; }
		sleep 0.2
	done
}

fails() {
	! "$@" || { echo "succeeds: $*"; return 1; }
}

setting() {
	icmpguardctl show | sed -n "s/^$1 //p"
}

state() {
	systemctl show -P "$1" "${2:-icmpguard.service}"
}

loaded() {
	[ -d /sys/module/icmpguard ]
}

not_loaded() {
	! loaded || { echo "the module is loaded"; return 1; }
}

unprivileged() {
	setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all "$@"
}

# says UNIT TEXT: `systemctl status` shows it
status_says() {
	journalctl --sync
	systemctl status --no-pager -n 20 "$1" | grep -F -e "$2" ||
		{ echo "no '$2' in:"; systemctl status --no-pager -n 20 "$1"; return 1; }
}

started() {
	systemctl start "$1" || { systemctl status --no-pager -n 20 "$1"; return 1; }
}

### Metrics ###################################################################

metric() {
	awk -v name="$1" '$1 == name { print $2 }'
}

# The directory is the exporter's user's.
to_file() {
	useradd --system --no-create-home prometheus && mkdir -p $textfile &&
		chown -R prometheus: /var/lib/prometheus && chmod 755 $textfile || return
	started icmpguard-metrics.service || return
	same icmpguard_up 1 "$(metric icmpguard_up <$textfile/icmpguard.prom)" &&
		same icmpguard_rules 0 "$(metric icmpguard_rules <$textfile/icmpguard.prom)" &&
		same "the hash" "$(icmpguardctl metrics | metric icmpguard_config_hash)" \
			"$(metric icmpguard_config_hash <$textfile/icmpguard.prom)" &&
		same "what others may do with it" 644 "$(stat -c %a $textfile/icmpguard.prom)" &&
		same "files" icmpguard.prom "$(ls $textfile)" || return
	rm $textfile/icmpguard.prom
	started icmpguard-metrics.timer && until_it [ -s $textfile/icmpguard.prom ]
}

get() {
	exec 3<>/dev/tcp/127.0.0.1/9116 && printf 'GET /metrics HTTP/1.1\r\n\r\n' >&3 &&
		tr -d '\r' <&3
	exec 3>&-
}

by_http() {
	started icmpguard-metrics-http.socket || return
	get >/run/answer
	same "the first line" "HTTP/1.1 200 OK" "$(head -n 1 /run/answer)" &&
		same icmpguard_up 1 "$(metric icmpguard_up </run/answer)" &&
		same "the hash" "$(icmpguardctl metrics | metric icmpguard_config_hash)" \
			"$(metric icmpguard_config_hash </run/answer)" &&
		same "units that failed" "" "$(systemctl list-units --failed --no-legend --plain 'icmpguard*')"
}

# Once stopped, it stays unloaded whichever user queries it.
stays_stopped() {
	systemctl stop icmpguard && not_loaded || return
	same "version" "module not loaded" "$(unprivileged icmpguardctl version | tail -n 1)" &&
		same "metrics" 0 "$(unprivileged icmpguardctl metrics | metric icmpguard_up)" &&
		same "a scrape" 0 "$(get | metric icmpguard_up)" || return
	fails icmpguardctl show
	systemctl start icmpguard-metrics.service &&
		same "the file" 0 "$(metric icmpguard_up <$textfile/icmpguard.prom)" &&
		not_loaded
}

### Events ####################################################################

# entries EVENT [FIELD=VALUE...]: in the journal since the tests began
entries() {
	journalctl --sync
	journalctl -q -o json -t icmpguard "ICMPGUARD_EVENT=$1" "${@:2}" | wc -l
}

# at_least NUMBER EVENT...: entries
at_least() {
	[ "$(entries "${@:2}")" -ge "$1" ]
}

listens() {
	local before
	before=$(entries config-changed)
	icmpguardctl set max-echo-size 8192 && at_least $((before + 1)) config-changed
}

# Started without the module; then the module is loaded, and replaced.
events() {
	local pid
	systemctl stop icmpguard
	not_loaded && started icmpguard-events.service || return
	same "the unit" active "$(state ActiveState icmpguard-events.service)" || return
	pid=$(state MainPID icmpguard-events.service)
	started icmpguard.service && until_it at_least 1 module-loaded && until_it listens || return
	systemctl restart icmpguard && until_it at_least 1 module-unloaded &&
		until_it at_least 2 module-loaded && until_it listens || return
	same "events of the module" "1 2" "$(entries module-unloaded) $(entries module-loaded)" &&
		same "the process" "$pid" "$(state MainPID icmpguard-events.service)" &&
		same "restarts" 0 "$(state NRestarts icmpguard-events.service)" || return
	# And source events
	ip netns add other && ip link add v0 type veth peer name v1 netns other &&
		ip addr add 192.0.2.1/24 dev v0 && ip link set v0 up &&
		ip -n other addr add 192.0.2.2/24 dev v1 && ip -n other link set v1 up &&
		icmpguardctl type echo-request drop || return
	fails ip netns exec other ping -q -c 3 -i 0.2 -W 1 192.0.2.1 &&
		until_it at_least 1 source-limited ICMPGUARD_ADDRESS=192.0.2.2
}

### The service ###############################################################

# start_fails: it does, the defaults are in force, and a stop ends that
start_fails() {
	# Clear the start limit
	systemctl reset-failed icmpguard
	fails systemctl start icmpguard && same "state" failed "$(state ActiveState)" &&
		same "mode" enforce "$(setting mode)" &&
		same "default" 9216 "$(setting max-echo-size)" || return
	systemctl stop icmpguard && not_loaded
}

failed_starts() {
	echo "type echo-request limit lots" >>$conf
	# From a running service, and from a stopped one
	fails systemctl restart icmpguard && same "mode" enforce "$(setting mode)" || return
	systemctl stop icmpguard && not_loaded && start_fails && start_fails || return
	rm $conf
	start_fails || return
	# A failed one, after its file was fixed
	systemctl reset-failed icmpguard
	fails systemctl start icmpguard
	sed 's/^max-echo-size .*/max-echo-size 1300/' /run/good.conf >$conf
	systemctl start icmpguard && same "what the file says" 1300 "$(setting max-echo-size)" &&
		systemctl restart icmpguard && same "and again" 1300 "$(setting max-echo-size)" &&
		systemctl stop icmpguard && not_loaded && systemctl start icmpguard && loaded
}

# agrees SIZE: a file that root can check, the service can apply, with that size in it
agrees() {
	icmpguardctl check $conf || return
	sed -i --follow-symlinks "s/^max-echo-size .*/max-echo-size $1/" $conf || return
	systemctl reload icmpguard || { systemctl status --no-pager icmpguard; return 1; }
	same "what the file says" "$1" "$(setting max-echo-size)" &&
		systemctl restart icmpguard && same "after a restart" "$1" "$(setting max-echo-size)"
}

others_file() {
	chown nobody: $conf && chmod 600 $conf && agrees 1301 || return
	# In a directory that only its owner may enter
	chown nobody: /etc/icmpguard && chmod 700 /etc/icmpguard && agrees 1302
	local rc=$?
	chown root: /etc/icmpguard $conf
	chmod 755 /etc/icmpguard
	chmod 644 $conf
	return $rc
}

homes_file() {
	local rc=0 home
	useradd --create-home keeper || return
	for home in /home/keeper /root /run/user/1234; do
		mkdir -p $home && chmod 700 $home && cp $conf $home/mine.conf &&
			ln -sf $home/mine.conf $conf && agrees $((1310 + ${#home})) || rc=1
	done
	rm $conf
	cp /run/good.conf $conf
	systemctl reload icmpguard
	return $rc
}

### Drops in the driver ########################################################

attached() {
	icmpguardctl show | sed -n 's/^xdp //p' | sort | paste -s -d ,
}

is_attached() {
	[ "$(attached)" = "$1" ]
}

driver() {
	cp /run/good.conf $conf
	printf 'xdp x0 mode native\nxdp later* mode generic\n' >>$conf
	ip link add x0 type veth peer name x1 && started icmpguard && systemctl reload icmpguard || return
	same "after a reload" "x0 mode native" "$(attached)" || return
	# udev starts what attaches it.
	ip link add later0 type veth peer name other0 &&
		until_it is_attached "later0 mode generic,x0 mode native" || return
	ip link set other0 down && ip link set other0 name later1 &&
		until_it is_attached "later0 mode generic,later1 mode generic,x0 mode native" || return
	systemctl restart icmpguard &&
		same "after a restart" "later0 mode generic,later1 mode generic,x0 mode native" "$(attached)" &&
		systemctl stop icmpguard && not_loaded || return
	# Stopped, it stays so.
	ip link add later2 type veth peer name later3 && udevadm settle &&
		until_it test -z "$(systemctl list-jobs --no-legend 'icmpguard*')" && not_loaded || return
	[ ! -e /sys/fs/bpf/icmpguard ] || { ls /sys/fs/bpf/icmpguard; return 1; }
	# An interface that isn't there fails no start.
	ip link del x0 && ip link del later0 && ip link del later2 && started icmpguard &&
		status_says icmpguard "note: $conf:$(grep -n '^xdp x0' $conf | cut -d: -f1):5: 'x0': no interface has this name yet" &&
		same "units that failed" "" "$(systemctl list-units --failed --no-legend --plain 'icmpguard*')"
	local rc=$?
	cp /run/good.conf $conf
	systemctl restart icmpguard && return $rc
}

### Advice ####################################################################

# cause TEXT: a start fails, and its status gives TEXT as the cause
cause() {
	systemctl stop icmpguard && systemctl reset-failed icmpguard && not_loaded &&
		fails systemctl start icmpguard && not_loaded &&
		status_says icmpguard "$1"
	local rc=$?
	systemctl stop icmpguard || rc=1
	return $rc
}

# depmod reads every module, which takes the emulated machine many minutes: leave it
# those that icmpguard needs.
few_modules() {
	local files=/run/modules verb file rest
	! mountpoint -q "$modules" || return 0
	mkdir -p $files && cp -d "$modules"/build "$modules"/modules.* $files/ || return
	for file in icmpguard nf_defrag_ipv6; do
		modprobe --show-depends $file
	done | while read -r verb file rest; do
		[ "$verb" = insmod ] || continue
		file=${file#"$modules/"}
		mkdir -p "$files/${file%/*}" && cp "$modules/$file" "$files/$file" || return
	done && mount --bind $files "$modules" && depmod
}

no_headers() {
	local rc=0
	few_modules || return
	systemctl stop icmpguard
	mv "$modules/updates/dkms/icmpguard.ko" /run/ && mv "$modules/build" /run/build && depmod || return
	cause "without the headers of kernel $release: run 'apt install linux-headers-$release'" || rc=1
	icmpguardctl show 2>&1 | grep -F "isn't loaded: DKMS can't build it" || rc=1
	mv /run/build "$modules/build"
	cause "'dkms autoinstall -k $release'" || rc=1
	mv /usr/src/icmpguard-* /run/
	cause "run 'apt install icmpguard-dkms'" || rc=1
	mv /run/icmpguard-* /usr/src/
	mv /run/icmpguard.ko "$modules/updates/dkms/" && depmod || rc=1
	same "the message then" "icmpguardctl: icmpguard isn't loaded: run 'systemctl start icmpguard'" \
		"$(icmpguardctl show 2>&1)" || rc=1
	return $rc
}

no_defrag() {
	local file rc=0
	few_modules || return
	systemctl stop icmpguard
	modprobe -r nf_defrag_ipv6 2>/dev/null
	file=$(modinfo -n nf_defrag_ipv6) || return
	mv "$file" /run/ && depmod || return
	cause "it needs the module nf_defrag_ipv6, which this kernel doesn't have" || rc=1
	mv "/run/${file##*/}" "$file" && depmod || rc=1
	return $rc
}

barred() {
	local rc=0
	echo "install icmpguard /bin/false" >/etc/modprobe.d/local.conf
	cause "a line 'install icmpguard ...' in /etc/modprobe.d blocks it: remove that line" || rc=1
	echo "options icmpguard new_netns=sometimes" >/etc/modprobe.d/local.conf
	cause "a module parameter has an invalid value" || rc=1
	rm /etc/modprobe.d/local.conf
	systemctl start icmpguard && loaded || rc=1
	return $rc
}

# These can't be undone, so they come last.
locked() {
	systemctl stop icmpguard
	echo integrity >/sys/kernel/security/lockdown || return
	cause "the kernel is locked down (Secure Boot) and accepts only modules signed with a trusted key"
}

rejected() {
	mkdir -p /var/lib/dkms && : >/var/lib/dkms/mok.pub
	echo Y >/sys/module/module/parameters/sig_enforce || return
	cause "enroll DKMS's key with 'mokutil --import /var/lib/dkms/mok.pub' and reboot"
}

cp $conf /run/good.conf
echo "KTAP version 1"
try "the metrics unit writes its file in a directory of another user" to_file
try "the metrics socket answers" by_http
try "a query doesn't load a stopped module" stays_stopped
try "the events unit waits for the module, and goes on after a restart" events
try "stop cleans up after a failed start" failed_starts
try "the service reads another user's file, as check does" others_file
try "and a file in a home directory" homes_file
try "xdp statements are applied and taken back, also for later devices" driver
try "the service reports missing headers" no_headers
try "a missing module that it needs" no_defrag
try "a modprobe.d line that overrides loading" barred
try "a kernel that is locked down" locked
try "and a rejected key" rejected
echo "1..$cases"
[ "$failed" -eq 0 ]
