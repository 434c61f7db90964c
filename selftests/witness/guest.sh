#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest: run some of the kernel's network self-tests, with the module on in
# every namespace or without it, and keep their output in $RESULTS.
#
# usage: guest.sh TEST...	"NAME" or "NAME:ARGUMENT ARGUMENT..."
#
# WITNESS_MODE is "with" or "without", WITNESS_KO the module, WITNESS_NET where
# the tests are.

set -u
cd "$WITNESS_NET" || exit
PATH=$PWD:$PATH

# The highest number of packets that each namespace has judged, summed up periodically,
# as the tests delete their namespaces.
watch_namespaces() {
	local -A most=()
	local ns seen sum inode
	while sleep 2; do
		for ns in /run/netns/*; do
			[ -e "$ns" ] || continue
			# It may be gone by now.
			inode=$(stat -L -c %i "$ns") || continue
			seen=$(nsenter --net="$ns" awk '$1 == "seen" { print $2 }' /proc/net/icmpguard/stats)
			[ "${seen:-0}" -le "${most[$inode]:-0}" ] || most[$inode]=$seen
		done
		sum=0
		for seen in ${most[@]+"${most[@]}"}; do
			sum=$((sum + seen))
		done
		echo "judged $sum" >"$RESULTS/judged"
	done
}

if [ "$WITNESS_MODE" = with ]; then
	insmod "$WITNESS_KO" new_netns=enforce || exit 99
	ip netns add probe || exit 99
	ip netns exec probe grep -qx 'mode enforce' /proc/net/icmpguard/config || exit 99
	ip netns del probe
fi
# Without the module too, so that both machines are equally slow
watch_namespaces 2>/dev/null &
watcher=$!
for each in "$@"; do
	test=${each%%:*}
	arguments=
	[ "$test" = "$each" ] || arguments=${each#*:}
	echo "$arguments" >"$RESULTS/$test.arguments"
	begin=$SECONDS
	# Some tests give up too early on a slow machine.
	for _ in 1 2 3; do
		# shellcheck disable=SC2086 # words, on purpose
		"./$test" $arguments >"$RESULTS/$test.txt" 2>&1 </dev/null
		rc=$?
		[ $rc -eq 124 ] || break
		ip -all netns delete
	done
	echo "status $rc" >"$RESULTS/$test.rc"
	echo "$test: $((SECONDS - begin)) s"
done
kill "$watcher"
exit 0
