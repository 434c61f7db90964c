#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's own self-tests of path MTU discovery, redirects, traceroute and
# neighbour discovery, without the module and with it on in every namespace:
# the results have to be the same, one by one.
#
# usage: witness.sh [-s] [KERNEL]	default: uml-6.1
#   -s		short: some of each kind, in a few minutes
#
# Environment: PMTU="NAME..." only these of pmtu.sh's tests; SETS=N guests of each
# kind share them (default: 6); PAIRS=N of guests at a time (default: 3).
#
# The tests are from the kernel's source. Each set of them runs in two guests at the
# same time. Where results differ, both run once more.
# Logs are in build/witness/, or build/witness-short/.

set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit
short=
if [ "${1-}" = -s ]; then
	short=1
	shift
fi
kernel=${1:-uml-6.1}
work=$top/build/witness${short:+-short}
limit=1800

# shellcheck source=../check/ktap.sh
. "$here/../check/ktap.sh"

bail() {
	echo "Bail out! $*"
	exit 1
}

description=$("$here/../vm/kernel.sh" "source-${kernel#*-}") || bail "no source for $kernel"
eval "$description"
paths=$("$here/../vm/build.sh" "$kernel" 2>&1) || bail "the module doesn't build: $paths"
eval "$(grep '^KO=' <<<"$paths")"
rm -rf "$work"
mkdir -p "$work" || bail "cannot make $work"
cp -r "$SOURCE/tools/testing/selftests/net" "$work/net" || bail "no self-tests in $SOURCE"
for program in nettest ip_defrag; do
	gcc -O2 -w -o "$work/net/$program" "$work/net/$program.c" ||
		bail "$program doesn't build"
done
ln -s "$SOURCE/tools/testing/selftests/kselftest" "$work/kselftest"

# The longest of them takes its tests by name: these are distributed over the sets.
mapfile -t pmtu < <(sed -n '/^tests="/,/^"/s/^\t\([a-z0-9_]*\)\t.*[01]$/\1/p' "$work/net/pmtu.sh" |
		    grep -v _ovs_)
[ "${#pmtu[@]}" -gt 40 ] || bail "pmtu.sh names ${#pmtu[@]} tests"
least=150 sets=${SETS:-6} pairs=${PAIRS:-3}
rest=("icmp_redirect.sh icmp.sh" "vrf_route_leaking.sh ip_defrag.sh"
      "traceroute.sh arp_ndisc_untracked_subnets.sh"
      "ndisc_unsolicited_na_test.sh arp_ndisc_evict_nocarrier.sh")
if [ -n "$short" ]; then
	least=20 sets=${SETS:-2}
	PMTU=${PMTU-"pmtu_ipv4_exception pmtu_ipv6_exception pmtu_vti6_exception pmtu_ipv6_ipv4_exception"}
	rest=("traceroute.sh icmp.sh" "ip_defrag.sh arp_ndisc_evict_nocarrier.sh")
fi
# shellcheck disable=SC2206 # words, on purpose
[ -z "${PMTU-}" ] || pmtu=($PMTU)
declare -a set_of=()
for i in "${!pmtu[@]}"; do
	set_of[i % sets]+=" ${pmtu[i]}"
done

# guest MODE NAME TEST...
guest() {
	local mode=$1 name=$2
	shift 2
	mkdir -p "$work/$name.$mode"
	WITNESS_KO=$KO WITNESS_MODE=$mode WITNESS_NET=$work/net RESULTS=$work/$name.$mode \
		VM_EXPORT="WITNESS_KO WITNESS_MODE WITNESS_NET" VM_KEEP_GOING=1 \
		"$here/../vm/run.sh" -k "$kernel" -t $limit -l "$work/$name.$mode/klog" \
		"$here/guest.sh" "$@" >"$work/$name.$mode/output" 2>&1 7>&-
	echo $? >"$work/$name.$mode/status"
}

cleanup() {
	local running
	running=$(jobs -r -p)
	# shellcheck disable=SC2086 # words, on purpose
	[ -z "$running" ] || kill $running 2>/dev/null
	wait
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# both NAME TEST...: at the same time, when there is room
both() {
	local mode
	while [ "$(jobs -r -p | wc -l)" -ge $((2 * pairs)) ]; do
		wait -n
	done
	for mode in without with; do
		guest $mode "$@" &
	done
}

# found NAME.MODE TEST: "what: result", sorted, and how the program ended
found() {
	{
		sed -n -e 's/^ *TEST: *\(.*[^ ]\) *\[ *\([A-Z]*\) *\] *$/\1: \2/p' \
			-e 's/^\(ipv[46].*defrag.*\)$/\1: started/p' -e 's/^\(OK\)$/\1/p' \
			-e 's/^\(PASS\|FAIL\|SKIP\)\(.*\)$/\1\2/p' -e 's/^\(ok\)$/\1/p' \
			"$work/$1/$2.txt" 2>/dev/null
		cat "$work/$1/$2.rc" 2>/dev/null || echo "status never"
	} | tr -s ' ' | sort
}

# report TEST RESULTS WORDS: each of the results, as one of this program
report() {
	local line rc
	while read -r line; do
		[ -n "$line" ] || continue
		rc=0
		case $line in
		*SKIP*|*"status 4"|*"status 124") rc=4 ;;
		esac
		[ -z "${4-}" ] || rc=$4
		result $rc "$1: $line, $3"
		[ $rc -eq 4 ] || reported=$((reported + 1))
	done <<<"$2"
}

# The names of results that only one of both has
names() {
	sed -n 's/: [A-Za-z]*$//p' <<<"$1" | sort -u
}

# compare NAME TEST: prints what is the same in both as results; sets differs. A
# test that gave up waiting for itself (timeout's 124) says nothing of the rest.
compare() {
	local a b only_a only_b
	a=$(found "$1.without" "$2") b=$(found "$1.with" "$2")
	differs=
	if [ "$a" = "$b" ]; then
		report "$2" "$a" "with and without"
		return
	fi
	only_a=$(comm -23 <(echo "$a") <(echo "$b")) only_b=$(comm -13 <(echo "$a") <(echo "$b"))
	if [[ $a$b != *"status 124"* ]] ||
	   [ -n "$(comm -12 <(names "$only_a") <(names "$only_b"))" ]; then
		differs=1
		return
	fi
	report "$2" "$(comm -12 <(echo "$a") <(echo "$b"))" "with and without"
	report "$2" "$only_a" "without; with it the test's own wait ran out" 4
	report "$2" "$only_b" "with; without it the test's own wait ran out" 4
}

reported=0
begin=$SECONDS
for i in "${!rest[@]}"; do
	# shellcheck disable=SC2086 # words, on purpose
	both "rest$i" ${rest[i]}
done
for i in "${!set_of[@]}"; do
	both "pmtu$i" "pmtu.sh:${set_of[i]# }"
done
wait
again=()
for each in "$work"/*.with; do
	name=$(basename "$each" .with)
	for mode in without with; do
		# A guest may fail when its tests do; it may not be cut off.
		status=$(cat "$work/$name.$mode/status")
		[ "$status" -lt 124 ]
		result $? "$name $mode the module: the guest ended by itself ($status)"
	done
	grep -q '^judged [1-9]' "$each/judged"
	result $? "$name: the module judged packets ($(cat "$each/judged" 2>/dev/null))"
	for log in "$work/$name.without"/*.txt; do
		test=$(basename "$log" .txt)
		compare "$name" "$test"
		[ -z "$differs" ] || again+=("$name $test")
	done
done
# Tests that depend on timing sometimes fail; a failure caused by the module is
# repeatable.
for each in ${again[@]+"${again[@]}"}; do
	name=${each% *} test=${each#* }
	diff <(found "$name.without" "$test") <(found "$name.with" "$test") | sed "s/^/# $test at first: /"
	case $test in
	pmtu.sh) both "again-$name" "pmtu.sh:$(cat "$work/$name.with/$test.arguments")" ;;
	*)	both "again-$name" "$test" ;;
	esac
	wait
	compare "again-$name" "$test"
	# Each side has failed once, by itself, and otherwise they are the same.
	if [ -n "$differs" ] && [ "$(found "$name.without" "$test")" = "$(found "again-$name.with" "$test")" ] &&
	   [ "$(found "$name.with" "$test")" = "$(found "again-$name.without" "$test")" ]; then
		report "$test" "$(found "$name.without" "$test")" "with and without, in two runs"
		differs=
	fi
	if [ -n "$differs" ]; then
		diff <(found "again-$name.without" "$test") <(found "again-$name.with" "$test") | sed 's/^/# /'
		result 1 "$test: the same with and without"
	fi
done
[ "$reported" -ge $least ]
result $? "the kernel's tests had $reported results to compare"
echo "# $((SECONDS - begin)) s"
ktap_end
