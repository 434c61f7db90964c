#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The units as a machine has them: a Debian boots with the module, the tool and all
# units in place, and its systemd runs them. KTAP.
#
# usage: units.sh [TEST...]	a TEST is one of units_guest.sh's

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit
vm=$top/selftests/vm
export LC_ALL=C.UTF-8

# The mounts are this process's own and end with it.
if [ -z "${UNITS_TEST-}" ]; then
	"$top/selftests/setup.sh" build tool vm package || exit
	UNITS_TEST=1 exec unshare --mount --propagation private "$0" "$@"
fi
. "$top/selftests/check/ktap.sh"
# With what the helpers are linked with
description=$("$top/selftests/package/root.sh" bookworm dkms linux-headers-amd64 libxdp1) || exit
eval "$description"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/icmpguard-units.XXXXXX") || exit
trap 'trap "" INT TERM HUP; umount "$tmp/root" 2>/dev/null; rm -rf --one-file-system "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# package.sh tests apt and DKMS; this installs the same files.
install_all() {
	local version paths modules=$tmp/root/lib/modules/$RELEASE
	version=$(sed -n 's/^.define ICMPGUARD_VERSION "\(.*\)"/\1/p' "$top/kmod/version.h")
	paths=$("$vm/build.sh" debian-6.1) || return
	eval "$paths"
	mkdir "$tmp/root" "$tmp/upper" "$tmp/work" &&
		mount -t overlay -o "lowerdir=$ROOT,upperdir=$tmp/upper,workdir=$tmp/work" overlay \
			"$tmp/root" || return
	make -s -C "$top" DESTDIR="$tmp/root" PREFIX=/usr UNITDIR=/lib/systemd/system \
		install-tool install-service install-dkms-source install-fleet || return
	[ -d "$tmp/root/usr/src/icmpguard-$version" ] || return
	mkdir -p "$modules/updates/dkms" && cp "$KO" "$modules/updates/dkms/" &&
		depmod -b "$tmp/root" "$RELEASE" &&
		systemctl --root="$tmp/root" --quiet enable icmpguard.service
}

install_all >"$tmp/log" 2>&1
rc=$?
[ $rc -eq 0 ] || tail -n 20 "$tmp/log" | sed 's/^/# /'
result $rc "everything is installed into a clean Debian"
if [ $rc -eq 0 ]; then
	"$vm/run.sh" -t 3600 -l "$tmp/klog" -r "$tmp/root" "$here/units_guest.sh" "$@" 2>&1 </dev/null |
		sed -u 's/^/    /'
	result "${PIPESTATUS[0]}" "it boots, and its units work"
fi
ktap_end
