#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# icmpguard with the programs that manage many machines: Prometheus, node_exporter,
# Grafana's queries, ExaBGP and GoBGP, Ansible, the journal. All from Debian. KTAP.
#
# usage: fleet.sh [PART...]	rules metrics units role flood

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit
cd "$top" || exit
export LC_ALL=C.UTF-8
. "$top/selftests/check/ktap.sh"

if ! "$top/selftests/setup.sh" tool fleet; then
	result 4 "many machines" "their programs' packages can't be installed"
	ktap_end
fi
tool=$top/userspace/icmpguardctl
make -s -C userspace icmpguardctl >&2 || { echo "Bail out! the tool doesn't build"; exit 1; }
tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT

# says NAME COMMAND...: passes if the command succeeds; its output is shown otherwise
says() {
	local name=$1 rc
	shift
	"$@" >"$tmp/said" 2>&1
	rc=$?
	[ $rc -eq 0 ] || tail -n 40 "$tmp/said" | sed 's/^/# /'
	result $rc "$name"
}

rules() {
	says "the alert rules are rules" promtool check rules userspace/prometheus/icmpguard.rules.yml
	says "the alerts begin and end when they should" \
		promtool test rules userspace/prometheus/icmpguard.test.yml
	says "the dashboard has queries" jq -e '[.panels[].targets[].expr] | length > 10' \
		userspace/grafana/icmpguard.json
}

# Without the module, the metrics must say so.
no_module() {
	unshare -n "$tool" metrics >"$tmp/metrics" && grep -x 'icmpguard_up 0' "$tmp/metrics" &&
		promtool check metrics <"$tmp/metrics"
}

metrics() {
	if [ -d /sys/module/icmpguard ]; then
		result 4 "metrics without the module" "this machine has it"
	else
		says "metrics without the module" no_module
	fi
}

# A copy that names a tool that exists
unit_files() {
	local file
	mkdir -p "$tmp/units" || return
	for file in userspace/systemd/icmpguard-*; do
		# As the service's user, with its restrictions
		case ${file##*/} in icmpguard-unload.service|icmpguard-xdp@.service) continue ;; esac
		sed "s,^ExecStart=icmpguardctl,ExecStart=$tool," "$file" >"$tmp/units/${file##*/}" || return
	done
	systemd-analyze verify --man=no "$tmp"/units/*
}

# systemd's own rating of their sandbox, of 100
exposure() {
	systemd-analyze security --offline=yes --threshold=30 "$tmp/units/$1"
}

units() {
	local file
	says "the units are units" unit_files
	for file in "$tmp"/units/*.service; do
		says "${file##*/} can do little" exposure "${file##*/}"
	done
}

role() {
	export ANSIBLE_HOME=$tmp/ansible ANSIBLE_NOCOLOR=1
	cd userspace/ansible || return
	says "the playbook is one" ansible-playbook -i routers, --syntax-check site.yml
	says "ansible-lint has no remarks" ansible-lint --offline -q --strict site.yml roles
	says "the example is a configuration" "$tool" check icmpguard.conf
	cd "$top" || return
	says "it applies what is right, refuses what isn't, and mends drift" \
		unshare -m "$here/role.sh" "$tool" "$tmp"
}

# A machine under a flood, monitored by all of them
flood() {
	local paths rc
	if ! paths=$("$top/selftests/vm/build.sh" uml-6.1 2>"$tmp/log"); then
		tail -n 20 "$tmp/log" | sed 's/^/# /'
		result 1 "a flood: the module builds"
		return
	fi
	eval "$paths"
	ICMPGUARD_KO=$KO VM_EXPORT=ICMPGUARD_KO "$top/selftests/vm/run.sh" -k uml-6.1 -t 1500 -m 1536 \
		"$here/guest.sh" 2>&1 | sed 's/^/    /'
	rc=${PIPESTATUS[0]}
	result "$rc" "a flood, from the first packet to the last"
}

[ $# -gt 0 ] || set -- rules metrics units role flood
for part; do
	case $part in
	rules|metrics|units|role|flood) "$part" ;;
	*)	echo "Bail out! no part is called '$part'"; exit 2 ;;
	esac
done
ktap_end
