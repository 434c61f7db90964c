#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The patches of series.sh, as a reviewer would try them. KTAP. Each passes checkpatch
# --strict, but for what its file here waives, and builds; with all of them the netlink
# header is what the tree's generator makes, the code builds without a warning for User
# Mode Linux, as a module and built in, and with x86_64's allmodconfig, and KUnit and the
# self-tests that were installed from the tree run in User Mode Linux 7.3.
#
# usage: check.sh [PROGRAM...]	self-tests (default: load.sh limit.sh rules.sh netlink_test)
#
# The source and the build of uml-short-7.3 aren't changed: what is patched and built lies over
# them, in build/series.

set -u
here=$(cd "$(dirname "$0")/../vm" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit
out=$top/build/series

# The mounts are this process's own and end with it.
if [ -z "${SERIES_MOUNTED-}" ]; then
	SERIES_MOUNTED=1 exec unshare --mount --propagation private "$0" "$@"
fi
unset SERIES_MOUNTED
# shellcheck source=../vm/lib.sh
. "$here/lib.sh"
# shellcheck source=../check/ktap.sh
. "$here/../check/ktap.sh"
[ $# -gt 0 ] || set -- load.sh limit.sh rules.sh netlink_test

setup build series uml tests tool
description=$("$here/kernel.sh" source-7.3) && eval "$description" || exit
source=$SOURCE
description=$("$here/kernel.sh" uml-short-7.3) && eval "$description" || exit
make -s -C "$top/userspace" >&2 || exit

rm -rf "$out"
mkdir -p "$out"
# over DIRECTORY NAME: from here on it is written to in build/series/NAME
over() {
	mkdir -p "$out/$2" "$out/work-$2"
	mount -t overlay -o "lowerdir=$1,upperdir=$out/$2,workdir=$out/work-$2" overlay "$1" ||
		die "nothing can be laid over $1"
}
over "$source" source
over "$KDIR" uml
cd "$source" || exit

# passes NAME COMMAND...: its output is shown if it fails
passes() {
	local name=$1 rc
	shift
	"$@" >"$out/log" 2>&1 </dev/null
	rc=$?
	[ $rc -eq 0 ] || tail -n 40 "$out/log" | sed 's/^/# /'
	result $rc "$name"
}

# quiet COMMAND...: it succeeds without a warning
quiet() {
	"$@" 2>&1 | tee "$out/quiet"
	[ "${PIPESTATUS[0]}" -eq 0 ] && ! grep -q -i -E 'warning:|error:|undefined!' "$out/quiet"
}

checkpatch() {
	local name waived
	name=${1##*/000}
	name=$(printf '%s\n' "$top/selftests/series/${name%%-*}"-*)
	waived=$(sed -n 's/^# waive \([A-Z_,]*\): .*/\1/p' "$name" | paste -s -d ,)
	scripts/checkpatch.pl --strict --show-types --no-summary ${waived:+--ignore "$waived"} "$1"
}

um() {
	make -s -j2 ARCH=um "O=$KDIR" "$@"
}

x86() {
	make -s -j2 ARCH=x86_64 "O=$out/x86" "$@"
}

configure() {
	scripts/config --file "$KDIR/.config" "$@" && um olddefconfig
}

# Before the first patch there is no such option, and with -e the tests remain a module.
step() {
	patch -s -p1 <"$1" && configure -m NETFILTER_ICMPGUARD -m NETFILTER_ICMPGUARD_KUNIT_TEST &&
		quiet um W=1 net/netfilter/icmpguard/icmpguard.ko
}

header() {
	tools/net/ynl/pyynl/ynl_gen_c.py --mode uapi --header \
		--spec Documentation/netlink/specs/icmpguard.yaml -o "$out/header" &&
		diff include/uapi/linux/icmpguard.h "$out/header"
}

# describe DIRECTORY: what was built is a kernel for vm/run.sh
describe() {
	mkdir -p "$out/$1"
	um modules_install "INSTALL_MOD_PATH=$out/$1" && cp "$KDIR/linux" "$out/$1/" &&
		printf 'KIND=uml\nRELEASE=%s\nIMAGE=%s\nMODULES=%s\nKDIR=%s\nMAKEARGS=ARCH=um\nTOOLS=\n' "$RELEASE" \
			"$(word "$out/$1/linux")" "$(word "$out/$1/lib/modules")" "$(word "$out/uml")" >"$out/$1/READY"
}

as_module() {
	quiet um all && describe module
}

built_in() {
	configure -e NETFILTER_ICMPGUARD && quiet um all && describe builtin
}

allmodconfig() {
	mkdir -p "$out/x86"
	x86 allmodconfig && x86 prepare && quiet x86 W=1 net/netfilter/icmpguard/
}

installed() {
	PYTHON=/usr/bin/python3 quiet x86 kselftest-install TARGETS=net/icmpguard "INSTALL_PATH=$out/kselftest"
}

# guest DIRECTORY ARGUMENT...
guest() {
	local kernel=$1
	shift
	ICMPGUARDCTL=$top/userspace/icmpguardctl VM_EXPORT=ICMPGUARDCTL \
		"$here/run.sh" -k "$out/$kernel" -t 2400 -l "$out/$kernel.klog" "$top/selftests/series/guest.sh" "$@" |
		sed 's/^/# /'
	result "${PIPESTATUS[0]}" "$kernel: $*"
}

passes "the patches can be made" "$top/selftests/series/series.sh" "$out/patches"
for patch in "$out"/patches/000[1-9]-*; do
	name=${patch##*/}
	name=${name%.patch}
	passes "checkpatch: $name" checkpatch "$patch"
	passes "builds: $name" step "$patch"
done
passes "the netlink header is what the tree's generator makes" header
passes "builds as a module" as_module
passes "the self-tests can be installed" installed
guest module "$@"
passes "builds built in" built_in
guest builtin netlink_test
passes "builds with x86_64's allmodconfig" allmodconfig
ktap_end
