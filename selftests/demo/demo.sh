#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The demo: real pings and floods through icmpguard, live, in a virtual machine
# with a stock Debian kernel. Installs and builds what it needs.
#
# usage: demo.sh	exit status: 0 when everything it showed was as expected
#
# Environment: DEMO_SECONDS (32), how long the floods last, all together;
# KERNEL (debian-6.1), one of selftests/vm/kernel.sh's for QEMU; ACCEL, see
# selftests/vm/run.sh.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
checkout=$(cd "$here/../.." && pwd) || exit
vm=$checkout/selftests/vm
kernel=${KERNEL:-debian-6.1}
# A service or a bare chroot may have none.
[ -n "${HOME-}" ] || { HOME=$(getent passwd "$(id -u)" | cut -d: -f6); export HOME; }
cache=${ICMPGUARD_CACHE:-$HOME/.cache/icmpguard}
export DEMO_SECONDS=${DEMO_SECONDS:-32}

case $DEMO_SECONDS in
''|*[!0-9]*) echo "demo.sh: DEMO_SECONDS is a number, not '$DEMO_SECONDS'" >&2; exit 2 ;;
esac

fail() {
	echo "demo.sh: $*" >&2
	exit 1
}

"$checkout/selftests/setup.sh" build tool vm demo || exit
description=$("$vm/kernel.sh" "$kernel") || exit
eval "$description"

build=$cache/build/$kernel
log=$(mktemp) || exit
trap 'rm -f "$log"' EXIT
echo "Building icmpguard for $RELEASE, and icmpguardctl"
mkdir -p "$build" || fail "cannot make $build"
# Another build for this kernel may be under way.
exec 9>"$build.lock" && flock 9
rsync -a "$checkout/Kbuild" "$checkout/kmod" "$build/" || fail "cannot copy the source to $build"
# shellcheck disable=SC2086 # words, on purpose
make -s -j2 -C "$KDIR" $MAKEARGS "M=$build" modules >"$log" 2>&1 ||
	{ cat "$log" >&2; fail "the module did not build"; }
module=$build/icmpguard.ko
make -s -C "$checkout/userspace" icmpguardctl >"$log" 2>&1 ||
	{ cat "$log" >&2; fail "the tool did not build"; }
exec 9>&-

echo "Starting $RELEASE in a virtual machine"
tty=
[ -t 0 ] && [ -t 1 ] && tty=--tty
# Without KVM every instruction is translated: time enough for that, too
limit=$((2 * DEMO_SECONDS + 240))
VM_EXPORT="DEMO_SECONDS NO_COLOR" "$vm/run.sh" -k "$kernel" -t "$limit" $tty \
	"$here/show.sh" "$module" "$checkout/userspace/icmpguardctl"
