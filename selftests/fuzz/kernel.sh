#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module in a running kernel, given invalid input: packets through tun devices,
# mutated netlink messages; and frames that XDP asks about, each of which PRE_ROUTING
# then judges. KTAP; the kernel's log has to stay clean.
#
# usage: kernel.sh packets|netlink|frames...	(default: packets netlink)
#
# Environment:
#   FUZZ_KERNEL   one of vm/kernel.sh's (default uml-6.1, which has no XDP: for frames
#                 debian-6.1)
#   FUZZ_PACKETS  how many packets (default 60000)
#   FUZZ_MESSAGES how many netlink messages (default 6000)
#   FUZZ_FRAMES   how many frames (default 7000)
#   FUZZ_SEED     begins the random numbers (default 1)
#   FUZZ_COVERAGE=1  in uml-kasan-6.1, or a FUZZ_KERNEL like it, whose module counts
#                 its lines, and say how many were reached. gcov, not KCOV: that sees no packet, because
#                 packets are judged in softirqs
#   SOAK          hours for each, instead, in rounds of other seeds

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit
[ "${1-}" != frames ] || FUZZ_KERNEL=${FUZZ_KERNEL:-debian-6.1}
kernel=${FUZZ_KERNEL:-uml-6.1}
variant="" arguments=()
if [ -n "${FUZZ_COVERAGE-}" ]; then
	kernel=${FUZZ_KERNEL:-uml-kasan-6.1} variant=-coverage arguments=(GCOV_PROFILE=y)
fi
results=$top/build/kernels/$kernel/fuzz
out=$top/build/fuzz
# shellcheck source=../check/soak.sh
. "$top/selftests/check/soak.sh"

part() {
	case $1 in
	packets) modprobe -q tun
		"$out/packets" "$seed" "${FUZZ_PACKETS:-60000}" "$tool" "$here/packets.cases" ;;
	frames)	modprobe -q -a tun 8021q
		mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
		"$out/frames" "$seed" "${FUZZ_FRAMES:-7000}" "$tool" "$here/packets.cases" ;;
	netlink) /usr/bin/python3 "$here/netlink.py" "$seed" "${FUZZ_MESSAGES:-6000}" "$tool" ;;
	esac
}

# A part's results are one level down; its exit status is its own result.
guest() {
	local name until rc
	tool=$top/userspace/icmpguardctl
	. "$top/selftests/check/ktap.sh"
	if ! insmod "${ICMPGUARD_KO:?}"; then
		echo "Bail out! the module can't be loaded"
		exit 1
	fi
	for name; do
		seed=${FUZZ_SEED:-1}
		until=$((SECONDS + $(soak_seconds)))
		while :; do
			part "$name" 2>&1 | sed 's/^/    /'
			rc=${PIPESTATUS[0]}
			[ "$rc" -eq 0 ] && [ "$SECONDS" -lt "$until" ] || break
			seed=$((seed + 1))
		done
		result "$rc" "$name, $kernel"
	done
	[ -z "${FUZZ_COVERAGE-}" ] || "$top/selftests/kernels/counts.sh"
	ktap_end
}

if [ "${1-}" = guest ]; then
	shift
	guest "$@"
fi
[ $# -gt 0 ] || set -- packets netlink
"$top/selftests/setup.sh" build tool tests static || exit
mkdir -p "$out" || exit
gcc -O2 -g -Wall -Wextra -o "$out/packets" "$here/packets.c" "$here/mutate.c" >&2 || exit
gcc -O2 -g -Wall -Wextra -o "$out/frames" "$here/frames.c" "$here/mutate.c" -lbpf >&2 || exit
make -s -C "$top/userspace" >&2 || exit
built=$(VARIANT=$variant "$top/selftests/vm/build.sh" "$kernel" "${arguments[@]}" 2>"$out/module.log") || {
	tail -n 20 "$out/module.log" >&2
	exit 1
}
eval "$built"
# A copy: the checkout may be built again meanwhile.
cp "$KO" "$out/icmpguard-$kernel.ko" || exit
export ICMPGUARD_KO=$out/icmpguard-$kernel.ko FUZZ_KERNEL=$kernel
export VM_EXPORT="ICMPGUARD_KO FUZZ_COVERAGE FUZZ_KERNEL FUZZ_PACKETS FUZZ_MESSAGES FUZZ_FRAMES FUZZ_SEED SOAK"
run() {
	"$top/selftests/vm/run.sh" -k "$kernel" -m 1536 -t "$seconds" -l "$out/kernel-$kernel.klog" "$0" guest "$@"
}
seconds=$((1800 + $(soak_seconds) * $#))
if [ -z "$variant" ]; then
	run "$@"
	exit
fi
rm -rf "$results"
RESULTS=$results run "$@"
rc=$?
/usr/bin/python3 "$top/selftests/kernels/coverage.py" 0 "$top/build/$kernel$variant" "$results/gcov" |
	sed -n 's/^ok 1 /# /; /^# /p'
exit $rc
