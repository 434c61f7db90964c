#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The tests, as called by "make check" and "make check-all". Installs what it needs,
# ends with the line "N passed, N failed, N skipped", and fails when one failed or
# none ran. Logs are kept in build/check/.
#
# usage: run.sh [LEVEL]
#   check    (default) the main job
#   all      every test, the longest in a bounded form
#   full     everything: all programs under all kernels, and the longest steps;
#            FULL=1 is the same
#
# Environment:
#   STEPS    some of: build unit machines kunit selftests, and the table "steps"
#   KERNELS  kernels for the self-tests (default: debian-6.1 uml-short-6.1; for all
#            uml-6.1 debian-6.12 debian-5.10, for full debian-6.1 and debian-7.3 as well)
#   TESTS    programs of selftests/Makefile; with it, and without STEPS, only the
#            build and these are run
#   JOBS     how much is done at a time (default: 4; a guest waits more than it works)
#   MINUTES  after which what still runs is ended; no step of the table begins in the
#            last ten of them. What is left out or ended is listed and counted as
#            skipped; unless the machine was crowded (check/crowd.sh), or if it was a
#            kernel's main job, that is a failure
#   BUSY     how many processes keep the machine busy meanwhile

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
top=$(cd "$here/.." && pwd) || exit
cd "$top" || exit
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

# For a stock kernel: the module loads there unmodified, and works with Debian's own
# configuration. An emulated processor is slow; check-all has Debian's 6.1 with packages
# (package/booted.sh), and all programs come with FULL.
stock="load.sh"
# For any kernel: the main job and what an operator meets first. Guests take programs
# in turn, and in this order finish at about the same time.
core="limit.sh oversize.sh rules.sh defaults.sh netlink_test counters.sh netns.sh types.sh
	known.sh modes.sh sources.sh badinput.sh badpacket.sh"

level=${1:-check}
[ -z "${FULL-}" ] || level=full
case $level in
check)	levels="check main" kernels="debian-6.1 uml-short-6.1" ;;
all)	levels="check all short" kernels="uml-6.1 debian-6.12 debian-5.10" ;;
full)	levels="check all full" kernels="debian-6.1 uml-6.1 debian-6.12 debian-5.10 debian-7.3" ;;
*)	sed -n '/^# usage/,/^#$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
export FULL=
[ "$level" != full ] || FULL=1
TESTS=${TESTS-}
all_programs=$FULL
[ -z "${KERNELS-}" ] || all_programs=1
KERNELS=${KERNELS:-$kernels}
JOBS=${JOBS:-4}
if [ -n "$TESTS" ]; then
	STEPS=${STEPS:-build selftests}
fi

# The names in the table that are run at this level
table() {
	awk -v levels=" $levels " '!/^#/ && NF && index(levels, " " $2 " ") { print $1 }' "$here/steps"
}

STEPS=${STEPS:-build unit machines kunit selftests $(table)}
STEPS=${STEPS//$'\n'/ }
logs=$top/build/check
rm -rf "$logs"
mkdir -p "$logs" || exit
begin=$SECONDS
# shellcheck source=check/crowd.sh
. "$here/check/crowd.sh"

# step NAME COMMAND...: its KTAP output is kept, and summed up in NAME.sum
step() {
	local name=$1 rc before=$SECONDS p f s worked TIMEFORMAT='%U %S'
	shift
	echo "# ---- $name"
	{ time "$@" 2>&1 </dev/null | tee "$logs/$name.log"; } 2>"$logs/$name.time"
	rc=${PIPESTATUS[0]}
	awk -f "$here/check/ktap.awk" "$logs/$name.log" >"$logs/$name.sum"
	read -r p f s < <(tail -n 1 "$logs/$name.sum")
	# From 124 on the guest failed, regardless of the results.
	if [ "$rc" -ge 124 ] || { [ "$rc" -ne 0 ] && [ "$f" -eq 0 ]; }; then
		f=$((f + 1))
		echo "not ok the step as a whole: exit status $rc" >>"$logs/$name.sum"
	elif [ $((p + f + s)) -eq 0 ]; then
		f=1
		echo "not ok the step as a whole: no result" >>"$logs/$name.sum"
	fi
	echo "$p $f $s $name" >>"$logs/steps"
	# Processor time is the cost; elapsed time also depends on the machine's load.
	worked=$(awk '{ print int($1 + $2) }' "$logs/$name.time")
	echo "# ---- $name: $p passed, $f failed, $s skipped, $((SECONDS - before)) s (from $((before - begin)) on), $worked s of processors"
}

wants() {
	case " $STEPS " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

# A build passes when it has no warnings. It may be the first step that needs a
# compiler.
quiet_build() {
	local name=$1 log=$logs/build-$1.txt
	shift
	if ! "$@" >"$log" 2>&1; then
		tail -n 30 "$log" | sed 's/^/# /'
		result 1 "$name builds"
		return
	fi
	result 0 "$name builds"
	! grep -n -i -E 'warning:|error:|undefined!|Error ' "$log" | sed 's/^/# /' | grep .
	result $? "$name builds without a warning"
}

build() {
	. "$here/check/ktap.sh"
	"$here/vm/kernel.sh" source-6.1 >/dev/null # has the kselftest headers
	"$here/vm/kernel.sh" ynl-6.12 >/dev/null # has the netlink client that manual.sh runs
	quiet_build icmpguardctl make -C userspace
	quiet_build selftests make -C selftests
	ktap_end
}

build_module() {
	. "$here/check/ktap.sh"
	rm -rf "$top/build/$1"
	quiet_build "$1" module_for "$1"
	ktap_end
}

# KUnit's suites run in User Mode Linux.
module_for() {
	local suites=ICMPGUARD_KUNIT=
	[[ $1 != uml* ]] || suites=ICMPGUARD_KUNIT=y
	"$here/vm/build.sh" "$1" W=1 $suites
}

nested() {
	echo "# selftests: $1"
	shift
	"$@" 2>&1 | sed 's/^/# /'
	nested_rc=${PIPESTATUS[0]}
}

# Programs that need no kernel of their own
unit() {
	. "$here/check/ktap.sh"
	local program
	for program in check/ktap_test.sh check/klog_test.sh check/crowd_test.sh check/btf_test.sh; do
		nested "$program" "$here/$program"
		result "$nested_rc" "$program"
	done
	nested "userspace: unit tests" make -s --no-print-directory -C userspace check-unit
	result "$nested_rc" "userspace: unit tests"
	for program in "$top"/userspace/tests/*_test.py; do
		[ -f "$program" ] || continue
		nested "${program#"$top/"}" /usr/bin/python3 "$program"
		result "$nested_rc" "${program#"$top/"}"
	done
	ktap_end
}

# module KERNEL: sets KO and KO_TEST
module() {
	local paths log=$logs/module-$1.txt
	KO="" KO_TEST=""
	if ! paths=$(module_for "$1" 2>"$log"); then
		tail -n 30 "$log" | sed 's/^/# /'
		echo "Bail out! the module for $1 was not built"
		return 1
	fi
	eval "$paths"
}

kunit() {
	module "$1" || return
	if [ -z "$KO_TEST" ]; then
		echo "Bail out! the KUnit suites were not built"
		return 1
	fi
	"$here/vm/run.sh" -k "$1" -t 900 -l "$logs/kunit-$1.klog" "$here/vm/guest-kunit.sh" "$KO_TEST"
}

# The programs to run under a kernel
programs() {
	if [ -n "$TESTS" ]; then
		echo "$TESTS"
		return
	fi
	case $level-$all_programs-$1 in
	full-*-debian-5.10) echo "$stock $core" ;;
	*--debian-*) echo "$stock" ;;
	check--uml*) echo "$core" ;;
	*)	make -s --no-print-directory -C "$here" print-tests ;;
	esac
}

# selftests KERNEL GUEST PROGRAM...
selftests() {
	local kernel=$1 guest=$2
	shift 2
	module "$kernel" || return
	# All programs in one emulated machine take an hour, two on a busy host; a quarter
	# of them in User Mode Linux may take as long.
	[ -n "$FULL" ] || export RELOADS="${RELOADS:-20}"
	ICMPGUARD_KO=$KO VM_EXPORT="ICMPGUARD_KO FULL RELOADS" "$here/vm/run.sh" -k "$kernel" -t 7200 \
		-l "$logs/selftests-$kernel-$guest.klog" "$here/vm/guest-tests.sh" "$@"
}

# beside NAME COMMAND...: run a step in parallel with a lane; besides_done waits for all
# of them and shows their output
besides=()
beside() {
	step "$@" >"$logs/beside-$1.txt" 2>&1 &
	besides+=("$1")
}

besides_done() {
	local name
	wait
	for name in "${besides[@]}"; do
		cat "$logs/beside-$name.txt"
	done
}

# The programs under one kernel. User Mode Linux has one processor and waits more
# than half of the time, so four guests share the work.
selftests_lane() {
	local kernel=$1 list guests=1 guest count=0 program shares=()
	list=$(programs "$kernel") || return
	[[ $kernel != uml* ]] || guests=4
	for program in $list; do
		guest=$((count++ % guests + 1))
		shares[guest]="${shares[guest]-} $program"
	done
	# shellcheck disable=SC2086 # words, on purpose
	for guest in "${!shares[@]}"; do
		[ "$guest" -eq 1 ] ||
			beside "selftests-$kernel-$guest" selftests "$kernel" "$guest" ${shares[guest]}
	done
	# shellcheck disable=SC2086 # the same
	step "selftests-$kernel-1" selftests "$kernel" 1 ${shares[1]}
}

# All steps with one kernel. Those that mostly wait are done in parallel.
lane() {
	local machines=step
	wants build && step "build-$1" build_module "$1"
	case $1 in
	uml*)	machines=beside
		wants kunit && step "kunit-$1" kunit "$1" ;;
	esac
	# All of Debian's kernels boot the same way, and slowly: a short test with one of
	# them is enough.
	case ${all_programs:+whole}-$1 in
	-debian-5.10) ;;
	-debian-*) ! wants machines || $machines "machines-$1" "$here/vm/run_test.sh" "$1" clock ;;
	*)	! wants machines || $machines "machines-$1" "$here/vm/run_test.sh" "$1" ;;
	esac
	wants selftests && selftests_lane "$1"
	besides_done
}

in_table() {
	awk -v name="$1" '!/^#/ && $1 == name { found = 1 } END { exit !found }' "$here/steps"
}

# table_step NAME: as the table says
table_step() {
	local name groups command
	read -r name _ groups command < <(awk -v name="$1" '!/^#/ && $1 == name' "$here/steps")
	if [ "$groups" != - ]; then
		# shellcheck disable=SC2086 # words, on purpose
		"$here/setup.sh" ${groups//,/ } || { step "$name" false; return; }
	fi
	# shellcheck disable=SC2086 # words, on purpose
	step "$name" "$here/"$command
}

# Each job is a process group, so that all of it can be ended. The first one's output
# is shown as it comes, the others' when they are done.
declare -A running=() names=()
busy=() left_out=() ended=()
clock=""
cleanup() {
	local pid
	[ ${#busy[@]} -eq 0 ] || kill "${busy[@]}" 2>/dev/null
	[ -z "$clock" ] || kill "$clock" 2>/dev/null
	for pid in "${!running[@]}"; do
		kill -- "-$pid" 2>/dev/null
	done
	wait
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# show PID: the output of a job that is done
show() {
	[ -z "${running[$1]}" ] || cat "${running[$1]}"
	unset "running[$1]"
}

# end_all: for a machine so slow that whoever waits for the result would end the run
# without any
end_all() {
	local pid last
	crowd_sample
	for pid in "${!running[@]}"; do
		ended+=("${names[$pid]}")
		kill -- "-$pid" 2>/dev/null
	done
	{
		sleep 60
		for pid in "${!running[@]}"; do
			kill -s KILL -- "-$pid"
		done
	} >/dev/null 2>&1 &
	last=$!
	for pid in "${!running[@]}"; do
		wait "$pid" 2>/dev/null
		show "$pid"
	done
	kill "$last"
}

reap() {
	local pid
	# shellcheck disable=SC2086 # there may be none
	wait -n -p pid $clock "${!running[@]}"
	if [ "$pid" = "$clock" ]; then
		clock=""
		end_all
		return
	fi
	show "$pid"
}

# after_kernels COMMAND...: let kernel builds go first, as more jobs wait for these
after_kernels() {
	renice -n 5 -p $BASHPID >/dev/null
	"$@"
}

# fewer_than N: wait until fewer jobs than that run
fewer_than() {
	while [ ${#running[@]} -ge "$1" ]; do
		reap
	done
}

jobs=0
# job COMMAND...: as soon as there is room for it
job() {
	local output=""
	fewer_than "$JOBS"
	jobs=$((jobs + 1))
	set -m
	if [ "$jobs" -eq 1 ]; then
		"$@" </dev/null &
	else
		output=$logs/job-$jobs.txt
		"$@" </dev/null >"$output" 2>&1 &
	fi
	set +m
	running[$!]=$output
	names[$!]="${*: -1}"
}

# They end by themselves in case this script is killed.
for ((i = 0; i < ${BUSY:-0}; i++)); do
	timeout 4h sh -c 'while :; do :; done' &
	busy+=($!)
done
crowd_begin
if [ -n "${MINUTES-}" ]; then
	sleep $((MINUTES * 60)) >/dev/null 2>&1 &
	clock=$!
fi
# shellcheck disable=SC2086 # a word or none
"$here/setup.sh" build tool ${FULL:+xdp} vm uml tests static sim || exit
wants build && step build build

# The kernels first, which take longest, then the table's steps.
# shellcheck disable=SC2086 # words, on purpose
set -- $KERNELS
[ $# -eq 0 ] || job lane "$1"
[ $# -lt 2 ] || job lane "$2"
wants unit && job after_kernels step unit unit
[ $# -lt 3 ] || for kernel in "${@:3}"; do
	job lane "$kernel"
done
for name in $STEPS; do
	in_table "$name" || continue
	fewer_than "$JOBS"
	if [ -n "${MINUTES-}" ] && [ $((SECONDS - begin)) -ge $((MINUTES * 60 - 600)) ]; then
		[ ${#left_out[@]} -gt 0 ] || crowd_sample
		left_out+=("$name")
	else
		job after_kernels table_step "$name"
	fi
done
fewer_than 1

missing=$((${#left_out[@]} + ${#ended[@]}))
passed=0 failed=0 skipped=$missing
if [ -f "$logs/steps" ]; then
	while read -r p f s name; do
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
		sed -n "s/^not ok /  $name: /p" "$logs/$name.sum" >>"$logs/failed"
	done <"$logs/steps"
fi
echo
echo "Logs are in $logs."
if ! crowd_end "$logs/times" && [ $missing -gt 0 ]; then
	failed=$((failed + 1))
	echo "  the run as a whole: steps were left out, and the machine wasn't crowded" >>"$logs/failed"
fi
# What an ended step had found counts; its results are no more than that.
for name in ${ended[@]+"${ended[@]}"}; do
	found=$(grep '^not ok ' "$logs/$name.log" 2>/dev/null)
	in_table "$name" || found="not ok the main job: ended"
	[ -n "$found" ] || continue
	failed=$((failed + $(grep -c . <<<"$found")))
	sed "s/^not ok /  $name: /" <<<"$found" >>"$logs/failed"
done
if [ -s "$logs/failed" ]; then
	echo "Failed:"
	cat "$logs/failed"
fi
[ ${#left_out[@]} -eq 0 ] || echo "LEFT OUT after $((MINUTES - 10)) minutes: ${left_out[*]}"
[ ${#ended[@]} -eq 0 ] || echo "ENDED after $MINUTES minutes: ${ended[*]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
