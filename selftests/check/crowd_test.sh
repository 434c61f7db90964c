#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# crowd.sh: which machines count as crowded, from known figures, and that it measures
# what it reports.

set -u
cd "$(dirname "$0")" || exit
# shellcheck source=ktap.sh
. ./ktap.sh
# shellcheck source=crowd.sh
. ./crowd.sh

tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT

# judged STATUS NAME SECONDS PROCESSORS OWN WORKED STOLEN COST: 0 is crowded
judged() {
	local wanted=$1 name=$2
	shift 2
	crowd_says "$@" "1.00 2.00 3.00" >"$tmp/said"
	local rc=$?
	[ $rc -eq "$wanted" ] || sed 's/^/# /' "$tmp/said"
	[ $rc -eq "$wanted" ]
	result $? "$name"
}

# says LINE: the report has this line
says() {
	grep -q -x -F -- "$1" "$tmp/said"
	local rc=$?
	[ $rc -eq 0 ] || sed 's/^/# /' "$tmp/said"
	result $rc "the report has: $1"
}

expected=$crowd_work_ms slow=$((crowd_work_ms * crowd_slow / 100))
judged 1 "a run that used both processors wasn't crowded" 3000 2 5900 5950 0 "$expected"
says "It took 3000 s; the machine gave this run 5900 of 6000 processor seconds, and others 50 (0 of them another machine), load 1.00 2.00 3.00."
says "A fixed piece of work cost 0.6 s of a processor, where 0.6 s is expected."
judged 1 "nor was a run that waited" 3000 2 2000 2010 0 "$expected"
judged 1 "others may have a little" 3000 2 4000 5400 99 "$expected"
judged 0 "a quarter of the processors is too much" 3000 2 4000 5500 0 "$expected"
says "That is a crowded machine: others had 25 %."
judged 0 "the host's other machines count too" 3000 2 4000 4000 1500 "$expected"
says "It took 3000 s; the machine gave this run 4000 of 6000 processor seconds, and others 1500 (1500 of them another machine), load 1.00 2.00 3.00."
judged 0 "and both together do" 3000 2 4000 5000 500 "$expected"
judged 1 "a machine may be a little slow" 3000 2 5900 5950 0 $((slow - 1))
judged 0 "a much slower machine counts as crowded" 3000 2 5900 5950 0 $slow
says "That is a slow machine, or one whose host is crowded."
judged 1 "more own time than was worked leaves none to others" 3000 2 6100 5950 0 "$expected"
judged 1 "a run of no time at all" 0 2 0 0 0 "$expected"

cat >"$tmp/stat" <<'END'
cpu  100 20 30 4000 500 6 7 80 9 10
cpu0 50 10 15 2000 250 3 3 40 4 5
END
[ "$(crowd_stat "$tmp/stat")" = "163 80" ]
result $? "working, stolen and idle time are kept apart"
echo "cpu  100 20 30 4000 500 6 7" >"$tmp/stat"
[ "$(crowd_stat "$tmp/stat")" = "163 0" ]
result $? "an old kernel reports no steal time"
[ "$(crowd_work)" -gt 0 ]
result $? "the piece of work costs something"

printf '0m1.500s 0m2.250s\n61m0.000s 0m0.300s\n' >"$tmp/times"
[ "$(crowd_own "$tmp/times")" = 3664 ]
result $? "minutes and parts of seconds are summed"

crowd_begin
crowd_end "$tmp/times" >"$tmp/said"
grep -q "^It took [0-9]* s; the machine gave this run [0-9]* of [0-9]* processor seconds, and others" "$tmp/said"
rc=$?
[ $rc -eq 0 ] || sed 's/^/# /' "$tmp/said"
result $rc "what a run got is measured"
ktap_end
