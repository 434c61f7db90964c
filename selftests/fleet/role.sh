#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Run the Ansible role on this machine, in a mount namespace of its own, with a
# tool that checks as icmpguardctl does and only pretends to apply: starting
# Python for each task takes too long in a guest, where a module could be loaded.
#
# usage: role.sh TOOL DIRECTORY

set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit
tool=$1
tmp=$2/role
failed=0

fail() {
	echo "$*"
	failed=1
}

mkdir -p "$tmp/bin" "$tmp/etc" || exit
mount -t tmpfs tmpfs /etc/modules-load.d || exit
cat >"$tmp/bin/icmpguardctl" <<-END
	#!/bin/sh
	case \$1 in
	check)	exec "$tool" "\$@" ;;
	apply)	"$tool" check "\$2" && cp "\$2" "$tmp/running" ;;
	metrics) echo "icmpguard_up 1"
		echo "icmpguard_config_hash \$(cksum <"$tmp/running" | cut -d' ' -f1)" ;;
	esac
END
printf '#!/bin/sh\necho "$@" >>"%s"\n' "$tmp/modprobed" >"$tmp/bin/modprobe"
chmod +x "$tmp"/bin/*
PATH=$tmp/bin:$PATH
export LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1 ANSIBLE_ROLES_PATH=$top/userspace/ansible/roles
echo "mode off" >"$tmp/running"
cat >"$tmp/play.yml" <<-END
	- hosts: localhost
	  gather_facts: false
	  roles:
	    - role: icmpguard
	      vars:
	        icmpguard_config_file: $tmp/etc/icmpguard.conf
	        icmpguard_applied_file: $tmp/lib/applied
END

play() {
	timeout 120 ansible-playbook -i localhost, -c local \
		-e ansible_python_interpreter=/usr/bin/python3 "$@" "$tmp/play.yml" >"$tmp/log" 2>&1
}

# What the last play changed
changed() {
	sed -n -e '/^TASK/{s/.* : \(.*\)\] \**$/\1/;h}' -e '/^changed:/{x;p;x}' "$tmp/log" | uniq
}

play -e '{"icmpguard_config": "mode enforce\ntype nonsense drop\n"}' && fail "nonsense is taken"
grep -q 'failed to validate' "$tmp/log" || fail "nonsense: $(cat "$tmp/log")"
[ ! -e "$tmp/etc/icmpguard.conf" ] || fail "nonsense is in the file"
[ "$(cat "$tmp/running")" = "mode off" ] || fail "nonsense is running"

set -- -e '{"icmpguard_config": "mode enforce\nmax-echo-size 1000\n"}'
play --check "$@" || fail "a dry play: $(cat "$tmp/log")"
changed | grep -q '^Report a different' || fail "a dry play would change: $(changed)"
[ "$(cat "$tmp/running")" = "mode off" ] || fail "a dry play applies"
play "$@" || fail "the play: $(cat "$tmp/log")"
changed | grep -q '^Apply' || fail "the play changed: $(changed)"
cmp -s "$tmp/running" "$tmp/etc/icmpguard.conf" || fail "running: $(cat "$tmp/running")"
[ -d /sys/module/icmpguard ] || [ "$(cat "$tmp/modprobed")" = icmpguard ] || fail "nothing was loaded"
[ "$(cat /etc/modules-load.d/icmpguard.conf)" = icmpguard ] || fail "it isn't loaded at boot"

# Without the module in /sys, each play loads it.
play "$@" || fail "a second play: $(cat "$tmp/log")"
[ -z "$(changed | grep -v '^Load the module$')" ] || fail "a second play changed: $(changed)"

# A manual change
echo "mode monitor" >"$tmp/running"
play "$@" || fail "a third play: $(cat "$tmp/log")"
cmp -s "$tmp/running" "$tmp/etc/icmpguard.conf" || fail "drift stays: $(cat "$tmp/running")"
exit $failed
