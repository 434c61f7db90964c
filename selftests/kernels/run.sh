#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The self-tests under kernels with sanitizers. KTAP.
#
# usage: run.sh KERNEL [PROGRAM...]	uml-kasan-6.1, debug-6.1, kcsan-6.1; for some
#					programs also uml-kasan-short-6.1, smp-6.1
#
# A PROGRAM may also be "loading", for insmod with allocations that fail, and "fuzz".
#
# Without PROGRAMs: all of them. In User Mode Linux, which is fast, also the KUnit
# suites, failing allocations and the fuzzers, and the lines they reach are counted
# (coverage.sh). QEMU is slow and takes hours. SOAK=hours goes on again and again
# for so long, with more of everything (check/soak.sh).

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit
cd "$top" || exit

kernel=${1:?}
shift
SOAK=${SOAK-}
# shellcheck source=../check/soak.sh
. "$top/selftests/check/soak.sh"
# Separate directories for named programs, by the first, and for a whole run
logs=$top/build/kernels/$kernel${1:+-$1}
rm -rf "$logs"
mkdir -p "$logs" || exit

"$top/selftests/setup.sh" build tool vm uml tests || exit
selftests/vm/kernel.sh source-6.1 >/dev/null || exit # has the kselftest headers
make -s -C userspace >/dev/null && make -s -C selftests >/dev/null || exit

programs=$*
# These kernels are too slow for the test that a busy network loses nothing.
[ -n "$programs" ] ||
	programs=$(make -s --no-print-directory -C selftests print-tests | grep -v -x calm.sh)

# Under its five floods a load takes a minute there, and so do two rounds of carry.sh.
[ "$kernel" != debug-6.1 ] || export RELOADS="${RELOADS:-20}" CARRY_ROUNDS="${CARRY_ROUNDS:-2}"

variant=()
[[ $kernel != uml-kasan-* ]] || variant=(GCOV_PROFILE=y)
paths=$(VARIANT=${variant:+-coverage} selftests/vm/build.sh "$kernel" "${variant[@]}" 2>"$logs/build.txt") ||
	{ tail -n 30 "$logs/build.txt" | sed 's/^/# /'; echo "Bail out! the module for $kernel was not built"; exit 1; }
eval "$paths"

# Seconds for a guest, and for a program in it, which is slower here than elsewhere
limit=14400
[ $# -eq 0 ] || [ $# -gt 20 ] || limit=$((2400 + 600 * $#))
patience=3000
[ -z "$SOAK" ] || limit=100000 patience=50000

# guest NAME SCRIPT ARGUMENT...: one boot
guest() {
	local name=$1
	shift
	RESULTS=$logs/$name ICMPGUARD_KO=$KO SELFTEST_TIMEOUT=$patience \
		VM_EXPORT="ICMPGUARD_KO SELFTEST_TIMEOUT FAULTS_ALL RELOADS CARRY_ROUNDS CHURN_SECONDS CHURN_NAMESPACES" \
		selftests/vm/run.sh -k "$kernel" -m 1536 -t "$limit" \
		-l "$logs/$name.klog" "$@"
}

# The programs, shared out to two guests of one processor each
both() {
	local one="" two="" program rc
	for program in $programs; do
		[ ${#one} -gt ${#two} ] && two="$two $program" || one="$one $program"
	done
	# shellcheck disable=SC2086 # words, on purpose
	guest "$1-2" "$here/guest.sh" $two >"$logs/second" 2>&1 &
	# shellcheck disable=SC2086 # the same
	guest "$1-1" "$here/guest.sh" $one
	rc=$?
	wait $! || rc=$?
	cat "$logs/second"
	return $rc
}

failed=0
round() {
	case $kernel in
	uml*)	both "$1" || failed=$?
		guest "$1-kunit" "$here/guest.sh" -k "$KO_TEST" || failed=$?
		guest "$1-faults" "$here/guest-faults.sh" new_netns=enforce || failed=$?
		guest "$1-loading" "$here/guest-faults.sh" || failed=$?
		fuzz || failed=$? ;;
	*)	# shellcheck disable=SC2086 # words, on purpose
		guest "$1" "$here/guest.sh" $programs || failed=$? ;;
	esac
	[ "$kernel${SOAK:+-soak}" != debug-6.1-soak ] || guest "$1-loading" "$here/guest-faults.sh" || failed=$?
}

# Less than elsewhere: it is slow here.
fuzz() {
	FUZZ_COVERAGE=1 FUZZ_KERNEL=$kernel FUZZ_PACKETS=${FUZZ_PACKETS:-20000} FUZZ_MESSAGES=${FUZZ_MESSAGES:-3000} \
		"$top/selftests/fuzz/kernel.sh"
}

# Named programs only, each kind in guests of its own
named() {
	local program list="" loading="" fuzz=""
	for program in $programs; do
		case $program in
		loading) loading=1 ;;
		fuzz)	fuzz=1 ;;
		*)	list="$list $program" ;;
		esac
	done
	programs=$list
	case $kernel in
	uml*)	[ -z "$list" ] || both named || failed=$? ;;
	*)	# shellcheck disable=SC2086 # words, on purpose
		[ -z "$list" ] || guest named "$here/guest.sh" $list || failed=$? ;;
	esac
	[ -z "$loading" ] || guest loading "$here/guest-faults.sh" || failed=$?
	[ -z "$fuzz" ] || fuzz || failed=$?
	exit $failed
}

[ $# -eq 0 ] || named
round 1
rounds=1
while [ -n "$SOAK" ] && [ $failed -eq 0 ] && [ $SECONDS -lt "$(soak_seconds)" ]; do
	rounds=$((rounds + 1))
	round $rounds
done
echo "# $kernel: $rounds rounds, $SECONDS s"
case $kernel in
uml*)	"$here/coverage.sh" || failed=$? ;;
esac
exit $failed
